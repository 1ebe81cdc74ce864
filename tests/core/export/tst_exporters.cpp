#include "core/base/files.h"
#include "core/base/json.h"
#include "core/base/rng.h"
#include "core/catalog/catalog.h"
#include "core/export/exporter.h"
#include "core/export/graph_interpreter.h"
#include "core/export/onnx_file.h"
#include "core/export/runtime_check.h"
#include "core/model/network_module_torch.h"
#include "core/network/canonical.h"

#include <ATen/CPUGeneratorImpl.h>
#include <QDir>
#include <QTemporaryDir>
#include <QXmlStreamReader>
#include <QtTest>
#include <c10/core/GradMode.h>
#include <cmath>
#include <limits>
#include <thread>

using namespace archscope;
using namespace archscope::exporting;
using network::Network;
using space::Shape;

namespace {

const catalog::Catalog& builtins()
{
    static const catalog::Catalog catalog;
    return catalog;
}

using Given = std::map<std::string, space::Literal>;
using Int = std::int64_t;

/// Adds layers by hand, with shapes from the operations' own rules.
class Builder {
public:
    explicit Builder(Shape input)
    {
        network::Layer layer;
        layer.name = "input";
        layer.operation = "input";
        layer.output = input;
        m_network.task.input = std::move(input);
        m_network.layers.push_back(std::move(layer));
    }
    /// Index of the new layer.
    Result<int> add(const std::string& operation, Given given, std::vector<int> inputs)
    {
        const space::OperationTraits* const traits = builtins().operations().find(operation);
        if (!traits)
            return fail(ErrorCode::NotFound, "no operation " + operation);
        network::Layer layer;
        layer.name = "layers/" + std::to_string(m_network.layers.size());
        layer.operation = operation;
        ARCHSCOPE_ASSIGN(layer.parameters, space::completed(traits->descriptor().parameters, given, operation));
        std::vector<Shape> shapes;
        for (const int from : inputs)
            shapes.push_back(m_network.layers[static_cast<std::size_t>(from)].output);
        layer.inputs = std::move(inputs);
        ARCHSCOPE_ASSIGN(layer.output, traits->outputShape(shapes, layer.parameters));
        layer.cost = traits->cost(shapes, layer.output, layer.parameters);
        m_network.layers.push_back(std::move(layer));
        return static_cast<int>(m_network.layers.size()) - 1;
    }
    Network finished()
    {
        m_network.task.outputs = m_network.outputShape().front();
        return m_network;
    }

private:
    Network m_network;
};

/// Weights that hide no mistake: no zero biases, no unit scales, no running statistics of 0 and 1.
model::Weights randomWeights(const Network& network)
{
    const at::Generator generator = at::detail::createCPUGenerator(1);
    auto module = model::NetworkModule::build(network, builtins().operations(), generator);
    if (!module)
        qFatal("%s", module.error().text().c_str());
    model::Weights weights = (*module)->weights();
    Rng rng(7);
    for (auto& [name, tensor] : weights)
        for (float& value : tensor.values) {
            value += static_cast<float>(0.3 * rng.normal());
            if (name.ends_with("running_var"))
                value = std::abs(value) + 0.2F;
        }
    return weights;
}

/// Convolutions, a residual edge, norms, pooling and a head for `outputs` classes on 1×8×8 images.
Network residualNetwork(Int outputs)
{
    Builder builder({ 1, 8, 8 });
    const int stem = builder.add("conv", { { "channels", Int{ 6 } } }, { 0 }).value();
    const int norm = builder.add("batch-norm", {}, { stem }).value();
    const int activated = builder.add("activation", {}, { norm }).value();
    const int branch = builder.add("conv", { { "channels", Int{ 6 } }, { "bias", true } }, { activated }).value();
    const int merged = builder.add("add", {}, { branch, activated }).value();
    const int pooled = builder.add("global-pool", {}, { merged }).value();
    const int dropped = builder.add("dropout", {}, { pooled }).value();
    builder.add("linear", { { "features", outputs } }, { dropped }).value();
    return builder.finished();
}

/// Eight bytes images of three classes with a normalisation that matters.
std::shared_ptr<const data::Task> smallTask()
{
    auto task = std::make_shared<data::Task>();
    task->spec.name = "small";
    std::vector<std::uint8_t> pixels(12 * 64);
    Rng rng(3);
    for (auto& pixel : pixels)
        pixel = static_cast<std::uint8_t>(rng.below(256));
    task->dataset.samples = { { 1, 8, 8 }, std::move(pixels) };
    for (Int i = 0; i < 12; ++i)
        task->dataset.labels.push_back(i % 3);
    task->dataset.classes = { "a", "b \"quoted\"", "ü" };
    task->dataset.testBegin = 12;
    task->splits = { { 0, 1, 2 }, { 3, 4, 5 }, { 6, 7, 8, 9, 10, 11 } };
    task->normalisation = { { 120.5F }, { 73.25F } };
    return task;
}

ExportRequest requestFor(const Network& network, const QTemporaryDir& folder, const char* name)
{
    ExportRequest request;
    request.network = network;
    request.operations = &builtins().operations();
    request.weights = randomWeights(network);
    request.metadata = { { "study", "first" }, { "trial", "12" } };
    request.file = folder.filePath(name).toStdString();
    return request;
}

QStringList filesIn(const QTemporaryDir& folder)
{
    return QDir(folder.path()).entryList(QDir::Files | QDir::Hidden);
}

/// One variation of an operation's parameters.
struct Variation {
    std::string name;
    Given given;
};

/// The defaults, then each parameter by itself at values that small inputs bear, then a few together.
std::vector<Variation> variationsOf(const space::OperationDescriptor& descriptor)
{
    using Type = space::ParameterDescriptor::Type;
    Given base;
    for (const auto& parameter : descriptor.parameters)
        if (parameter.name == "channels" || parameter.name == "features" || parameter.name == "vocabulary" || parameter.name == "hidden")
            base[parameter.name] = Int{ 8 };
    std::vector<Variation> variations{ { "defaults", base } };
    const auto vary = [&](const std::string& name, const space::Literal& value) {
        Given given = base;
        given[name] = value;
        variations.push_back({ name + "=" + space::literalText(value), given });
    };
    for (const auto& parameter : descriptor.parameters) {
        if (parameter.name == "channels" && parameter.low == 0)
            vary(parameter.name, Int{ 0 });
        if (parameter.name == "ceil_mode")
            for (const Int kernel : { 2, 3 })
                variations.push_back({ "rounded up, kernel=" + std::to_string(kernel),
                    { { "ceil_mode", true }, { "padding", std::string("valid") }, { "kernel", kernel } } });
        if (parameter.type == Type::Boolean) {
            vary(parameter.name, true);
            vary(parameter.name, false);
        } else if (parameter.type == Type::Enumeration) {
            for (const std::string& option : parameter.options)
                vary(parameter.name, option);
        } else if (parameter.type == Type::Integer && !base.contains(parameter.name)) {
            for (const Int value : { 1, 2, 3, 4, 5 })
                if (static_cast<double>(value) >= parameter.low && static_cast<double>(value) <= parameter.high)
                    vary(parameter.name, value);
        } else if (parameter.type == Type::Text) {
            for (const char* text : { "2,-1", "1,2,0", "0,1" }) // shapes and orders, for those whom they fit
                vary(parameter.name, std::string(text));
        } else if (parameter.type == Type::Real) {
            vary(parameter.name, parameter.low + 0.25 * (parameter.high - parameter.low));
        }
    }
    if (std::ranges::any_of(descriptor.parameters, [](const auto& parameter) { return parameter.name == "stride"; })) {
        for (const Int kernel : { 2, 3, 4 })
            for (const Int stride : { 2, 3 }) {
                Given given = base;
                given["kernel"] = kernel;
                given["stride"] = stride;
                variations.push_back({ QStringLiteral("kernel=%1 stride=%2").arg(kernel).arg(stride).toStdString(), given });
            }
    }
    return variations;
}

/// The operation on an input and, where it takes two, something computed from it. Nothing where its shape rule refuses.
std::optional<Network> networkWith(const space::OperationDescriptor& descriptor, const Given& given, const Shape& input)
{
    Builder builder(input);
    std::vector<int> inputs{ 0 };
    if (descriptor.maxInputs > 1) {
        inputs.push_back(builder.add("activation", { { "kind", std::string("tanh") } }, { 0 }).value());
        if (descriptor.maxInputs > 2)
            inputs.push_back(0);
    }
    return builder.add(descriptor.name, given, inputs) ? std::optional(builder.finished()) : std::nullopt;
}

/// An executable shell script; its path.
QByteArray standIn(const QTemporaryDir& folder, const QByteArray& program)
{
    QFile file(folder.filePath("python3"));
    if (!file.open(QIODevice::WriteOnly) || file.write("#!/bin/sh\n" + program + "\n") < 0
        || !file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner))
        qFatal("cannot write the stand-in");
    return file.fileName().toUtf8();
}

} // namespace

class TestExporters : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { qputenv("ARCHSCOPE_PYTHON", m_python); }
    void cleanupTestCase() { qputenv("ARCHSCOPE_PYTHON", m_python); }

    /// Every operation of the catalog, in many settings: ONNX's checker passes it, and evaluating the file gives what the
    /// LibTorch module gives.
    void everyOperationSurvives_data()
    {
        QTest::addColumn<Network>("network");
        const std::pair<const char*, Shape> inputs[] = { { "image", { 4, 7, 6 } }, { "sequence", { 6, 8 } }, { "vector", { 12 } } };
        for (const space::OperationTraits* operation : builtins().operations().all()) {
            const auto& descriptor = operation->descriptor();
            bool fits = false;
            for (const auto& [kind, shape] : inputs)
                for (const Variation& variation : variationsOf(descriptor))
                    if (const auto network = networkWith(descriptor, variation.given, shape)) {
                        fits = true;
                        QTest::newRow((descriptor.name + " " + kind + " " + variation.name).c_str()) << *network;
                    }
            QVERIFY2(fits, descriptor.name.c_str());
        }
    }
    void everyOperationSurvives()
    {
        QFETCH(Network, network);
        const model::Weights weights = randomWeights(network);
        const auto bytes = writeOnnx(network, builtins().operations(), weights, {});
        QVERIFY2(bytes, bytes ? "" : bytes.error().text().c_str());
        const auto graph = readOnnx(*bytes);
        QVERIFY2(graph, graph ? "" : graph.error().text().c_str());

        Shape shape = network.task.input;
        shape.insert(shape.begin(), 5);
        const at::Tensor input = at::randn(shape, at::detail::createCPUGenerator(2));
        auto module = model::NetworkModule::build(network, builtins().operations(), at::detail::createCPUGenerator(1));
        QVERIFY(module && (*module)->load(weights));
        const c10::NoGradGuard noGradients;
        const at::Tensor expected = (*module)->forward(input.clone(), {}).contiguous();
        const auto outputs
            = evaluateGraph(*graph, { input.const_data_ptr<float>(), static_cast<std::size_t>(input.numel()) }, {});
        QVERIFY2(outputs, outputs ? "" : outputs.error().text().c_str());
        QCOMPARE(static_cast<std::int64_t>(outputs->size()), expected.numel());
        double difference = 0;
        for (std::size_t i = 0; i < outputs->size(); ++i)
            difference
                = std::max(difference, static_cast<double>(std::abs(outputs->at(i) - expected.const_data_ptr<float>()[i])));
        QVERIFY2(difference <= 1e-4, qPrintable(QString::number(difference)));
    }

    void onnxFileIsSelfDescribing()
    {
        QTemporaryDir folder;
        ExportRequest request = requestFor(residualNetwork(3), folder, "net.onnx");
        request.task = smallTask();
        const auto report = onnxExporter()->write(request, {});
        QVERIFY2(report, report ? "" : report.error().text().c_str());
        QVERIFY(report->verified);
        QVERIFY(report->maxDifference <= 1e-4);
        QVERIFY2(report->verification.find("on 6 test samples") != std::string::npos, report->verification.c_str());
        QCOMPARE(report->files, std::vector<std::string>{ request.file.string() });
        QCOMPARE(filesIn(folder), QStringList{ "net.onnx" });

        const auto graph = readOnnx(readFile(request.file).value());
        QVERIFY(graph);
        QCOMPARE(graph->input, std::string("input"));
        QCOMPARE(graph->output, std::string("logits"));
        QCOMPARE(graph->inputShape, (Shape{ 1, 8, 8 }));
        QCOMPARE(graph->metadata.at("study"), std::string("first"));
        QCOMPARE(graph->metadata.at("trial"), std::string("12"));
        QCOMPARE(graph->metadata.at("task"), std::string("small"));
        QCOMPARE(graph->metadata.at("normalisation_mean"), std::string("120.5"));
        QCOMPARE(graph->metadata.at("normalisation_deviation"), std::string("73.25"));
        QCOMPARE(Json::parse(graph->metadata.at("classes")), (Json{ "a", "b \"quoted\"", "ü" }));
    }

    void onnxWithoutTaskUsesRandomInputs()
    {
        QTemporaryDir folder;
        const auto report = onnxExporter()->write(requestFor(residualNetwork(10), folder, "net.onnx"), {});
        QVERIFY2(report, report ? "" : report.error().text().c_str());
        QVERIFY(report->verified);
        QVERIFY2(report->verification.find("on 64 random inputs") != std::string::npos, report->verification.c_str());
    }

    void onnxRuntimeAgrees()
    {
        if (runtimePython().empty())
            QSKIP("no Python with onnxruntime: set ARCHSCOPE_PYTHON to one");
        QTemporaryDir folder;
        QTemporaryDir temporary;
        qputenv("TMPDIR", temporary.path().toUtf8());
        ExportRequest request = requestFor(residualNetwork(3), folder, "net.onnx");
        request.task = smallTask();
        const auto report = onnxExporter()->write(request, {});
        qunsetenv("TMPDIR");
        QVERIFY2(report, report ? "" : report.error().text().c_str());
        if (report->verification.find("no onnxruntime") != std::string::npos)
            QSKIP(report->verification.c_str());
        QVERIFY2(report->verification.find("onnxruntime 1.") != std::string::npos, report->verification.c_str());
        QVERIFY(report->maxDifference <= 1e-4);
        QVERIFY(QDir(temporary.path()).isEmpty());
    }

    /// All operations in one file, so that onnxruntime is started once.
    void onnxRuntimeRunsEveryOperation()
    {
        if (runtimePython().empty())
            QSKIP("no Python with onnxruntime: set ARCHSCOPE_PYTHON to one");
        Builder builder({ 4, 8, 8 });
        const int sequence = builder.add("reshape", { { "shape", std::string("16,16") } }, { 0 }).value();
        const int vector = builder.add("flatten", {}, { 0 }).value();
        std::vector<int> ends;
        for (const space::OperationTraits* operation : builtins().operations().all()) {
            const auto& descriptor = operation->descriptor();
            for (const Variation& variation : variationsOf(descriptor)) {
                bool fits = false;
                for (const int input : { 0, sequence, vector }) {
                    if (input == vector && fits)
                        continue;
                    const std::vector<int> inputs
                        = descriptor.maxInputs > 1 ? std::vector{ input, input } : std::vector{ input };
                    const auto layer = builder.add(descriptor.name, variation.given, inputs);
                    if (!layer)
                        continue;
                    fits = true;
                    ends.push_back(builder.add("flatten", {}, { *layer }).value());
                }
            }
        }
        const int all = builder.add("concat", {}, ends).value();
        builder.add("linear", { { "features", Int{ 5 } } }, { all }).value();
        QTemporaryDir folder;
        ExportRequest request = requestFor(builder.finished(), folder, "all.onnx");
        for (float& value : request.weights.at(request.network.layers.back().name + ".weight").values)
            value *= 0.01F; // thousands of features are summed up
        const auto report = onnxExporter()->write(request, {});
        QVERIFY2(report, report ? "" : report.error().text().c_str());
        if (report->verification.find("no onnxruntime") != std::string::npos)
            QSKIP(report->verification.c_str());
        QVERIFY(report->verification.find("own evaluation and onnxruntime") != std::string::npos);
        qInfo("%zu branches: %s, difference %g", ends.size(), report->verification.c_str(), report->maxDifference);
    }

    /// Programs that stand in for a Python: what they answer is not believed blindly. Their arguments: -I -c SCRIPT MODEL
    /// INPUTS OUTPUTS SHAPE.
    void runtimesThatMisbehave_data()
    {
        QTest::addColumn<QByteArray>("program");
        QTest::addColumn<QString>("said");
        QTest::newRow("has no onnxruntime") << QByteArray("exit 3") << "";
        QTest::newRow("other outputs") << QByteArray("head -c 72 /dev/zero | tr '\\0' 'A' > $6; echo 9.9")
                                       << "onnxruntime differs from LibTorch by";
        QTest::newRow("outputs that are NaN")
            << QByteArray("head -c 72 /dev/zero | tr '\\0' '\\377' > $6; echo 9.9") << "differs from LibTorch by n/a";
        QTest::newRow("too few outputs") << QByteArray("head -c 8 /dev/zero > $6; echo 9.9")
                                         << "gives 2 outputs where LibTorch gives 18";
        QTest::newRow("refuses the model") << QByteArray("echo 'one line' >&2; echo 'InvalidGraph: bad node' >&2; exit 1")
                                           << "cannot run the exported model: InvalidGraph: bad node";
        QTest::newRow("writes nothing") << QByteArray("exit 0") << "outputs";
        QTest::newRow("crashes") << QByteArray("kill -SEGV $$") << "ended by signal 11";
    }
    void runtimesThatMisbehave()
    {
        QFETCH(QByteArray, program);
        QFETCH(QString, said);
        QTemporaryDir folder;
        QTemporaryDir programs;
        qputenv("ARCHSCOPE_PYTHON", standIn(programs, program));
        ExportRequest request = requestFor(residualNetwork(3), folder, "net.onnx");
        request.task = smallTask();
        const auto report = onnxExporter()->write(request, {});
        if (said.isEmpty()) {
            QVERIFY2(report, report ? "" : report.error().text().c_str());
            QVERIFY(report->verification.find("no onnxruntime in") != std::string::npos);
            return;
        }
        QVERIFY(!report);
        QVERIFY2(QString::fromStdString(report.error().text()).contains(said), report.error().text().c_str());
        QVERIFY(filesIn(folder).isEmpty());
    }

    void aRunningCheckIsStopped()
    {
        QTemporaryDir folder;
        QTemporaryDir programs;
        const QString started = programs.filePath("started");
        qputenv("ARCHSCOPE_PYTHON", standIn(programs, "touch '" + started.toUtf8() + "'; exec sleep 300"));
        std::stop_source stop;
        std::jthread stopper([&](const std::stop_token& enough) {
            while (!QFile::exists(started) && !enough.stop_requested())
                std::this_thread::yield();
            stop.request_stop();
        });
        const auto report = onnxExporter()->write(requestFor(residualNetwork(3), folder, "net.onnx"), stop.get_token());
        QVERIFY(!report);
        QCOMPARE(report.error().code, ErrorCode::Cancelled);
        QVERIFY(filesIn(folder).isEmpty());
    }

    void onnxRefuses_data()
    {
        QTest::addColumn<QString>("fault");
        QTest::addColumn<QString>("said");
        QTest::newRow("no weights") << "no weights"
                                    << "no trained weights";
        QTest::newRow("a weight is missing") << "missing"
                                             << "layers/1.weight";
        QTest::newRow("a weight has another shape") << "shape"
                                                    << "layers/1.weight";
        QTest::newRow("a weight has too few values") << "short"
                                                     << "layers/1.weight";
        QTest::newRow("a weight is NaN") << "nan"
                                         << "finite";
        QTest::newRow("another task") << "task"
                                      << "task's samples are 1×8×8";
        QTest::newRow("unknown operation") << "operation"
                                           << "nonsense";
        QTest::newRow("no folder") << "folder"
                                   << "there is no folder";
        QTest::newRow("a folder") << "directory"
                                  << "this is a folder";
        QTest::newRow("a file as folder") << "file as folder"
                                          << "there is no folder";
        QTest::newRow("a folder that takes no files") << "unwritable"
                                                      << "cannot be written";
        QTest::newRow("no name") << "nameless"
                                 << "a file name is needed";
        QTest::newRow("no such Python") << "python"
                                        << "cannot be started";
        QTest::newRow("stopped") << "stopped"
                                 << "stopped";
    }
    void onnxRefuses()
    {
        QFETCH(QString, fault);
        QFETCH(QString, said);
        QTemporaryDir folder;
        ExportRequest request = requestFor(residualNetwork(3), folder, "net.onnx");
        model::WeightTensor& weight = request.weights.at("layers/1.weight");
        std::stop_source stop;
        QStringList left;
        if (fault == "no weights")
            request.weights.clear();
        else if (fault == "missing")
            request.weights.erase("layers/1.weight");
        else if (fault == "shape")
            weight = { { 1, 2 }, { 1, 2 } };
        else if (fault == "short")
            weight.values.pop_back();
        else if (fault == "nan")
            weight.values.front() = std::numeric_limits<float>::quiet_NaN();
        else if (fault == "task") {
            Builder builder({ 3, 5, 5 });
            builder.add("flatten", {}, { 0 }).value();
            request.network = builder.finished();
            request.task = smallTask();
        } else if (fault == "operation")
            request.network.layers[2].operation = "nonsense";
        else if (fault == "folder")
            request.file = folder.filePath("absent/net.onnx").toStdString();
        else if (fault == "directory")
            request.file = folder.path().toStdString();
        else if (fault == "file as folder") {
            QVERIFY(writeFileAtomically(folder.filePath("plain").toStdString(), "x"));
            request.file = folder.filePath("plain/net.onnx").toStdString();
            left = { "plain" };
        } else if (fault == "unwritable")
            request.file = "/proc/net.onnx"; // whoever one is
        else if (fault == "nameless")
            request.file = "";
        else if (fault == "python")
            qputenv("ARCHSCOPE_PYTHON", "/nonexistent/python3");
        else if (fault == "stopped")
            stop.request_stop();
        const auto report = onnxExporter()->write(request, stop.get_token());
        QVERIFY(!report);
        QVERIFY2(QString::fromStdString(report.error().text()).contains(said), report.error().text().c_str());
        QVERIFY(!report.error().message.ends_with('.') && report.error().message.find('\n') == std::string::npos);
        QCOMPARE(filesIn(folder), left);
    }

    void olderFileOutlivesAFailure()
    {
        QTemporaryDir folder;
        ExportRequest request = requestFor(residualNetwork(3), folder, "net.onnx");
        QVERIFY(writeFileAtomically(request.file, "older"));
        request.weights.clear();
        QVERIFY(!onnxExporter()->write(request, {}));
        QCOMPARE(readFile(request.file).value(), std::string("older"));
    }

    /// A file that was damaged is refused by the checks, whichever byte it was.
    void readerRefuses_data()
    {
        QTest::addColumn<QString>("damage");
        for (const char* damage :
            { "empty", "truncated", "noise", "unknown operator", "dangling input", "wrong output shape" })
            QTest::newRow(damage) << damage;
    }
    void readerRefuses()
    {
        QFETCH(QString, damage);
        const Network network = residualNetwork(3);
        Network described = network;
        if (damage == "wrong output shape")
            described.layers.back().output = { 4 };
        std::string bytes = writeOnnx(described, builtins().operations(), randomWeights(network), {}).value();
        const auto replaceAll = [&](const std::string& from, const std::string& to) {
            for (std::size_t at = bytes.find(from); at != std::string::npos; at = bytes.find(from, at + to.size()))
                bytes.replace(at, from.size(), to);
        };
        if (damage == "empty")
            bytes.clear();
        else if (damage == "truncated")
            bytes.resize(bytes.size() / 2);
        else if (damage == "noise")
            bytes = std::string(200, '\xff');
        else if (damage == "unknown operator")
            replaceAll("Gemm", "Gemn");
        else if (damage == "dangling input")
            bytes.replace(bytes.find("\n\x05input"), 7, "\n\x05inpux");
        const auto graph = readOnnx(bytes);
        QVERIFY(!graph);
        QVERIFY(!graph.error().message.empty());
    }

    void jsonReadsBack()
    {
        QTemporaryDir folder;
        const ExportRequest request = requestFor(residualNetwork(3), folder, "net.network.json");
        const auto report = jsonExporter()->write(request, {});
        QVERIFY2(report, report ? "" : report.error().text().c_str());
        QVERIFY(report->verified);
        const Json document = parseJson(readFile(request.file).value()).value();
        QCOMPARE(document["metadata"]["trial"].get<std::string>(), std::string("12"));
        const auto again = network::networkFromJson(document, builtins().operations());
        QVERIFY(again);
        QCOMPARE(network::canonicalHash(*again), network::canonicalHash(request.network));
        QCOMPARE(again->cost().parameters, request.network.cost().parameters);
        QCOMPARE(filesIn(folder), QStringList{ "net.network.json" });
    }

    void jsonRefusesWhatItCannotReadBack()
    {
        QTemporaryDir folder;
        ExportRequest request = requestFor(residualNetwork(3), folder, "net.network.json");
        request.network.layers.back().output = { 99 };
        QVERIFY(!jsonExporter()->write(request, {}));
        QVERIFY(filesIn(folder).isEmpty());
    }

    void svgIsWellFormed()
    {
        QTemporaryDir folder;
        const ExportRequest request = requestFor(residualNetwork(3), folder, "net.svg");
        const auto report = svgExporter()->write(request, {});
        QVERIFY2(report, report ? "" : report.error().text().c_str());
        QVERIFY(!report->verified);
        QXmlStreamReader reader(QByteArray::fromStdString(readFile(request.file).value()));
        QVERIFY(reader.readNextStartElement());
        QCOMPARE(reader.name().toString(), QStringLiteral("svg"));
        QVERIFY(reader.readNextStartElement());
        QCOMPARE(reader.readElementText(), QStringLiteral("first, trial 12"));
        while (!reader.atEnd())
            reader.readNext();
        QCOMPARE(reader.errorString(), QString());
    }

    void everyExporterRefusesAMissingFolder_data()
    {
        QTest::addColumn<int>("index");
        const auto exporters = builtins().exporters();
        for (std::size_t i = 0; i < exporters.size(); ++i)
            QTest::newRow(exporters[i]->name().c_str()) << static_cast<int>(i);
    }
    void everyExporterRefusesAMissingFolder()
    {
        QFETCH(int, index);
        QTemporaryDir folder;
        const auto report = builtins()
                                .exporters()
                                .at(static_cast<std::size_t>(index))
                                ->write(requestFor(residualNetwork(3), folder, "absent/net"), {});
        QVERIFY(!report);
        QCOMPARE(report.error().code, ErrorCode::InvalidArgument);
        QVERIFY(filesIn(folder).isEmpty());
    }

    void describeThemselves_data() { everyExporterRefusesAMissingFolder_data(); }
    void describeThemselves()
    {
        QFETCH(int, index);
        const Exporter& exporter = *builtins().exporters().at(static_cast<std::size_t>(index));
        QVERIFY(!exporter.title().empty());
        QVERIFY(exporter.help().ends_with('.'));
        QVERIFY(exporter.extension().starts_with('.'));
        QCOMPARE(builtins().exporter(exporter.name()), &exporter);
    }

private:
    const QByteArray m_python = qgetenv("ARCHSCOPE_PYTHON");
};

QTEST_GUILESS_MAIN(TestExporters)
#include "tst_exporters.moc"
