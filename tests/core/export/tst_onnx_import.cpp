#include "core/catalog/catalog.h"
#include "core/export/onnx_file.h"
#include "core/export/onnx_import.h"
#include "core/model/network_module_torch.h"
#include "core/network/canonical.h"
#include "core/space/space_check.h"

#include <ATen/CPUGeneratorImpl.h>
#include <QtTest>
#include <algorithm>

using namespace archscope;
using namespace archscope::exporting;
using network::Network;
using space::Shape;

namespace {

using Int = std::int64_t;

const catalog::Catalog& builtins()
{
    static const catalog::Catalog catalog;
    return catalog;
}

Network sampled(const space::SearchSpace& space, const network::TaskShape& task, std::uint64_t seed)
{
    auto decisions = space::DecisionSpace::compile(space);
    if (!decisions)
        qFatal("%s", decisions.error().text().c_str());
    Rng rng(seed);
    for (int attempt = 0; attempt < 100; ++attempt) {
        if (auto network = network::lower(space, *decisions, decisions->sample(rng), builtins().operations(), task))
            return std::move(*network);
    }
    qFatal("nothing fits");
}

std::string exported(const Network& network)
{
    const at::Generator generator = at::detail::createCPUGenerator(1);
    auto module = model::NetworkModule::build(network, builtins().operations(), generator);
    if (!module)
        qFatal("%s", module.error().text().c_str());
    auto bytes = writeOnnx(network, builtins().operations(), (*module)->weights(), {});
    if (!bytes)
        qFatal("%s", bytes.error().text().c_str());
    return std::move(*bytes);
}

/// The one network of an imported space.
Result<Network> onlyNetwork(const ImportedSpace& imported)
{
    ARCHSCOPE_TRY(space::requireSound(imported.space, builtins().operations()));
    ARCHSCOPE_ASSIGN(const auto decisions, space::DecisionSpace::compile(imported.space));
    if (decisions.count().value_or("infinite") != "1")
        return fail(ErrorCode::Internal, "the space has open decisions");
    Rng rng(1);
    return network::lower(imported.space, decisions, decisions.sample(rng), builtins().operations(), imported.task);
}

// --- protocol buffers by hand, as ONNX's headers cannot be had beside LibTorch's ---

std::string varint(std::uint64_t value)
{
    std::string bytes;
    for (; value >= 0x80; value >>= 7)
        bytes += static_cast<char>((value & 0x7f) | 0x80);
    return bytes + static_cast<char>(value);
}
std::string number(int field, std::uint64_t value)
{
    return varint(static_cast<std::uint64_t>(field) << 3) + varint(value);
}
std::string field(int field, const std::string& bytes)
{
    return varint((static_cast<std::uint64_t>(field) << 3) | 2) + varint(bytes.size()) + bytes;
}
/// A value's name with its type; 0 is an open size.
std::string value(const std::string& name, const std::vector<Int>& sizes, int type = 1)
{
    std::string shape;
    for (const Int size : sizes)
        shape += field(1, size > 0 ? number(1, static_cast<std::uint64_t>(size)) : field(2, "open"));
    return field(1, name) + field(2, field(1, number(1, static_cast<std::uint64_t>(type)) + field(2, shape)));
}
std::string ints(const std::string& name, const std::vector<Int>& values)
{
    std::string bytes = field(1, name) + number(20, 7);
    for (const Int number_ : values)
        bytes += number(8, static_cast<std::uint64_t>(number_));
    return field(5, bytes);
}
std::string node(const std::string& type, const std::vector<std::string>& inputs, const std::string& output, const std::string& more = {})
{
    std::string bytes;
    for (const std::string& input : inputs)
        bytes += field(1, input);
    return field(1, bytes + field(2, output) + field(3, "/" + output + "/" + type) + field(4, type) + more);
}
/// Zeros of float.
std::string tensor(const std::string& name, const std::vector<Int>& sizes)
{
    std::string bytes;
    Int count = 1;
    for (const Int size : sizes) {
        bytes += number(1, static_cast<std::uint64_t>(size));
        count *= size;
    }
    return field(5, bytes + number(2, 1) + field(8, name) + field(9, std::string(static_cast<std::size_t>(4 * count), '\0')));
}
std::string fileOf(const std::string& graph)
{
    return number(1, 8) + field(7, graph + field(2, "main")) + field(8, number(2, 17));
}
std::string input(const std::vector<Int>& sizes, const std::string& name = "x")
{
    return field(11, value(name, sizes));
}
std::string output(const std::vector<Int>& sizes, const std::string& name = "y")
{
    return field(12, value(name, sizes));
}

const space::Node* named(const space::SearchSpace& space, const std::string& name)
{
    const auto found = std::ranges::find(space.root.nodes, name, &space::Node::name);
    return found == space.root.nodes.end() ? nullptr : &*found;
}

std::string typeOf(const space::Node* node)
{
    const auto* operation = node ? std::get_if<space::Operation>(&node->body) : nullptr;
    return operation ? operation->type : std::string();
}

std::vector<std::string> types(const space::SearchSpace& space)
{
    std::vector<std::string> all;
    for (const space::Node& node : space.root.nodes)
        if (std::holds_alternative<space::Operation>(node.body))
            all.push_back(typeOf(&node));
    return all;
}

bool contains(const std::vector<std::string>& notes, const std::string& text)
{
    return std::ranges::any_of(notes, [&](const std::string& note) { return note.find(text) != std::string::npos; });
}

} // namespace

class TestOnnxImport : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void whatWasExportedComesBack_data()
    {
        QTest::addColumn<QString>("preset");
        QTest::addColumn<QList<int>>("sizes");
        QTest::addColumn<int>("classes");
        QTest::newRow("chain-cnn") << "chain-cnn" << QList<int>{ 1, 8, 8 } << 10;
        QTest::newRow("resnet-like") << "resnet-like" << QList<int>{ 3, 9, 9 } << 4;
        QTest::newRow("mlp, images") << "mlp" << QList<int>{ 1, 8, 8 } << 10;
        QTest::newRow("mlp, vectors") << "mlp" << QList<int>{ 7 } << 3;
        QTest::newRow("nas-bench-201") << "nas-bench-201" << QList<int>{ 3, 12, 12 } << 10;
        QTest::newRow("mobilenet-like") << "mobilenet-like" << QList<int>{ 3, 32, 32 } << 10;
    }
    void whatWasExportedComesBack()
    {
        QFETCH(QString, preset);
        QFETCH(QList<int>, sizes);
        QFETCH(int, classes);
        auto space = builtins().preset(preset.toStdString());
        QVERIFY(space);
        for (space::Variable& variable : space->root.variables) {
            if (variable.name == "C")
                variable.value = space::Literal{ Int{ 4 } };
            if (variable.name == "N")
                variable.value = space::Literal{ Int{ 1 } };
        }
        const network::TaskShape task{ Shape(sizes.begin(), sizes.end()), classes, 0, false };
        for (std::uint64_t seed = 1; seed <= 4; ++seed) {
            const Network original = sampled(*space, task, seed);
            auto imported = spaceFromOnnx(exported(original), builtins().operations());
            QVERIFY2(imported, imported ? "" : imported.error().text().c_str());
            QVERIFY(imported->task == task);
            imported->space.countsBiases = space->countsBiases;
            const auto again = onlyNetwork(*imported);
            QVERIFY2(again, again ? "" : again.error().text().c_str());
            QCOMPARE(again->cost().parameters, original.cost().parameters);
            QCOMPARE(again->cost().flops, original.cost().flops);
            QVERIFY(again->outputShape() == original.outputShape());

            // Blocks come back as their pieces. From then on, nothing changes any more.
            auto twice = spaceFromOnnx(exported(*again), builtins().operations());
            QVERIFY(twice);
            twice->space.countsBiases = space->countsBiases;
            QCOMPARE(network::canonicalHash(onlyNetwork(*twice).value()), network::canonicalHash(*again));

            // Networks without blocks are the same ones, but for dropout, which files for inference do not have.
            const bool drops = std::ranges::any_of(original.layers,
                [](const network::Layer& layer) { return layer.operation == "dropout" && layer.parameters.real("rate") > 0; });
            if (preset == "mlp" && !drops)
                QCOMPARE(network::canonicalHash(*again), network::canonicalHash(original));
        }
    }

    void unknownOperatorsStayAsBoxes()
    {
        const std::string graph = node("Conv", { "x", "w" }, "c", ints("pads", { 1, 1, 1, 1 }))
            + node("Magic", { "c" }, "m", ints("sizes", { 1, 7 }) + field(7, "com.acme")) + node("Relu", { "m" }, "r")
            + node("GlobalAveragePool", { "r" }, "p") + node("Flatten", { "p" }, "f") + node("Gemm", { "f", "v" }, "g")
            + node("Softmax", { "g" }, "y") + tensor("w", { 6, 3, 3, 3 }) + tensor("v", { 6, 5 }) + input({ 0, 3, 8, 8 }) + output({ 0, 5 });
        const auto imported = spaceFromOnnx(fileOf(graph), builtins().operations());
        QVERIFY2(imported, imported ? "" : imported.error().text().c_str());
        const space::Node* magic = named(imported->space, "m-com-acme-Magic");
        if (!magic)
            magic = named(imported->space, "m-Magic");
        QVERIFY(magic);
        QCOMPARE(typeOf(magic), std::string("onnx:com.acme.Magic"));
        QVERIFY(std::get<space::Operation>(magic->body).parameters.at("sizes") == space::ParameterValue(space::Literal(std::string("1,7"))));
        QCOMPARE(typeOf(named(imported->space, "c")), std::string("conv"));
        QVERIFY(contains(imported->notes, "com.acme.Magic"));
        QVERIFY(contains(imported->notes, "Softmax"));
        QVERIFY(imported->task.input == (Shape{ 3, 8, 8 }));

        const auto issues = space::check(imported->space, builtins().operations());
        QCOMPARE(std::ranges::count(issues, space::Issue::Severity::Error, &space::Issue::severity), 1);
        QCOMPARE(issues.front().node, magic->id);
        for (const char* operation : { "activation", "global-pool", "linear" }) // what lies behind the box is known all the same
            QVERIFY2(std::ranges::count(types(imported->space), operation) == 1, operation);
        // The box is kept by files, and the space is sound once it is replaced.
        auto read = space::spaceFromJson(space::spaceToJson(imported->space));
        QVERIFY(read);
        QCOMPARE(space::semanticHash(*read), space::semanticHash(imported->space));
        std::ranges::find_if(read->root.nodes, [](const space::Node& node) { return typeOf(&node).starts_with("onnx:"); })->body
            = space::Operation{ "identity", {} };
        QVERIFY(space::requireSound(*read, builtins().operations()));
    }

    void operators_data()
    {
        QTest::addColumn<QByteArray>("graph");
        QTest::addColumn<QStringList>("expected");
        const auto row = [](const char* name, const std::string& graph, const QStringList& expected) {
            QTest::newRow(name) << QByteArray::fromStdString(graph + input({ 1, 4, 8, 8 }) + output({})) << expected;
        };
        row("padding of its own", node("Pad", { "x", "p" }, "q") + node("Conv", { "q", "w" }, "y", ints("strides", { 2, 2 }))
                + tensor("w", { 4, 4, 3, 3 }) + field(5, number(1, 8) + number(2, 7) + field(8, "p") + [] {
                      std::string numbers;
                      for (const Int size : { 0, 0, 1, 1, 0, 0, 0, 0 })
                          numbers += number(7, static_cast<std::uint64_t>(size));
                      return numbers;
                  }()),
            { "conv" });
        row("depthwise", node("Conv", { "x", "w" }, "y", ints("pads", { 1, 1, 1, 1 }) + field(5, field(1, "group") + number(3, 4) + number(20, 2)))
                + tensor("w", { 8, 1, 3, 3 }),
            { "depthwise-conv" });
        row("wide window", node("Conv", { "x", "w" }, "y", ints("pads", { 0, 3, 0, 3 })) + tensor("w", { 4, 4, 1, 7 }), { "onnx:Conv" });
        row("more padding than same", node("Conv", { "x", "w" }, "y", ints("pads", { 2, 2, 2, 2 })) + tensor("w", { 4, 4, 3, 3 }), { "onnx:Conv" });
        row("silu", node("Sigmoid", { "x" }, "s") + node("Mul", { "x", "s" }, "y"), { "activation" });
        row("a gate is no silu", node("Sigmoid", { "x" }, "s") + node("Relu", { "x" }, "r") + node("Mul", { "r", "s" }, "y"),
            { "activation", "activation", "multiply" });
        row("bias behind a product", node("Flatten", { "x" }, "f") + node("MatMul", { "f", "w" }, "m") + node("Add", { "m", "b" }, "y")
                + tensor("w", { 256, 5 }) + tensor("b", { 5 }),
            { "flatten", "linear" });
        row("what leads nowhere", node("Relu", { "x" }, "r") + node("Tanh", { "x" }, "y"), { "activation" });
        row("passed on", node("Identity", { "x" }, "y"), {});
        row("channels behind each other", node("Relu", { "x" }, "r") + node("Concat", { "x", "r" }, "y", field(5, field(1, "axis") + number(3, 1) + number(20, 2))),
            { "activation", "concat" });
        row("scale for each channel", node("GlobalAveragePool", { "x" }, "g") + node("Mul", { "x", "g" }, "y"),
            { "global-pool", "reshape", "onnx:Mul" });
        row("one input where two belong", node("Mul", { "x" }, "m") + node("Add", { "m" }, "y"), { "multiply", "add" });
    }
    void operators()
    {
        QFETCH(QByteArray, graph);
        QFETCH(QStringList, expected);
        const auto imported = spaceFromOnnx(fileOf(graph.toStdString()), builtins().operations());
        QVERIFY2(imported, imported ? "" : imported.error().text().c_str());
        QStringList found;
        for (const std::string& type : types(imported->space))
            found << QString::fromStdString(type);
        QCOMPARE(found, expected);
    }

    void namesAreLegalAndUnique()
    {
        const std::string graph = node("Relu", { "x" }, "a/b.c:0", field(3, "a/b.c:0")) + node("Relu", { "a/b.c:0" }, "d", field(3, "a.b/c-0"))
            + node("Relu", { "d" }, "y", field(3, "input")) + input({ 1, 4 }) + output({ 1, 4 });
        const auto imported = spaceFromOnnx(fileOf(graph), builtins().operations());
        QVERIFY(imported);
        QCOMPARE(imported->space.root.nodes.size(), std::size_t{ 5 });
        for (const space::Node& node : imported->space.root.nodes)
            QVERIFY2(!space::problemOfNodeName(node.name), node.name.c_str());
        QVERIFY(space::requireSound(imported->space, builtins().operations()));
    }

    void openSizesCanBeGiven()
    {
        const std::string bytes = fileOf(node("Relu", { "x" }, "y") + input({ 0, 3, 0, 0 }) + output({ 0, 3, 0, 0 }));
        const auto imported = spaceFromOnnx(bytes, builtins().operations(), { 3, 16, 24 });
        QVERIFY2(imported, imported ? "" : imported.error().text().c_str());
        QVERIFY(imported->task.input == (Shape{ 3, 16, 24 }));
        QVERIFY(!spaceFromOnnx(bytes, builtins().operations(), { 4, 16, 24 }));
        QVERIFY(!spaceFromOnnx(bytes, builtins().operations(), { 16 }));
    }

    void refusesWhatIsNoModel_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("says");
        const auto row = [](const char* name, const std::string& bytes, const char* says) {
            QTest::newRow(name) << QByteArray::fromStdString(bytes) << QString(says);
        };
        const std::string good = node("Relu", { "x" }, "y") + output({ 1, 4 });
        row("nothing", {}, "no graph");
        row("text", "this is no model, but a line of text", "no ONNX model");
        row("no nodes", fileOf(input({ 1, 4 }) + output({ 1, 4 }, "x")), "no graph");
        row("no input", fileOf(node("Constant", {}, "y") + output({ 1, 4 })), "no input");
        row("two inputs", fileOf(good + input({ 1, 4 }) + input({ 1, 4 }, "z")), "2 inputs (x, z)");
        row("open size", fileOf(good + input({ 0, 3, 0, 0 })), "dimension 2 ('open')");
        row("scalar", fileOf(good + input({ 1 })), "1 dimensions");
        row("five dimensions", fileOf(good + input({ 1, 2, 3, 4, 5 })), "5 dimensions");
        row("reads what nothing writes", fileOf(node("Relu", { "q" }, "y") + input({ 1, 4 }) + output({ 1, 4 })), "'q'");
        row("written twice", fileOf(good + node("Tanh", { "x" }, "y") + input({ 1, 4 })), "written twice");
        row("output that nothing writes", fileOf(node("Relu", { "x" }, "r") + input({ 1, 4 }) + output({ 1, 4 })), "output");
        row("output that is constant", fileOf(node("Relu", { "x" }, "r") + tensor("y", { 1, 4 }) + input({ 1, 4 }) + output({ 1, 4 })), "does not depend");
        row("size beyond memory", fileOf(good + input({ 1, Int{ 1 } << 40, Int{ 1 } << 40, 4 })), "beyond all memory");
        std::string many;
        for (int i = 0; i <= 20'000; ++i)
            many += node("Relu", { "x" }, "r" + std::to_string(i));
        row("too many nodes", fileOf(many + good + input({ 1, 4 })), "can be drawn");
    }
    void refusesWhatIsNoModel()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, says);
        const auto imported = spaceFromOnnx(bytes.toStdString(), builtins().operations());
        QVERIFY(!imported);
        QVERIFY2(QString::fromStdString(imported.error().text()).contains(says), imported.error().text().c_str());
    }

    void cutFilesNeverCrash()
    {
        const std::string whole = exported(sampled(builtins().preset("mlp").value(), { { 7 }, 3, 0, false }, 1));
        for (std::size_t length = 0; length < whole.size(); length += 1 + whole.size() / 200)
            if (const auto imported = spaceFromOnnx(std::string_view(whole).substr(0, length), builtins().operations()))
                QVERIFY(!imported->space.root.nodes.empty());
    }

    void filesAreNamedInErrors()
    {
        const auto imported = spaceFromOnnxFile("absent.onnx", builtins().operations());
        QVERIFY(!imported);
        QVERIFY(QString::fromStdString(imported.error().text()).contains("absent.onnx"));
    }
};

QTEST_GUILESS_MAIN(TestOnnxImport)
#include "tst_onnx_import.moc"
