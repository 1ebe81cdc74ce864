// Net2Net: wider and deeper networks compute what the ones they come from computed. And the trial that goes on with kept weights.
#include "core/model/network_module_torch.h"
#include "core/train/training_evaluator.h"
#include "core/train/weight_bank.h"
#include "core/train/weight_inheritance.h"
#include "tiny_task.h"

#include <ATen/CPUGeneratorImpl.h>
#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <c10/core/GradMode.h>
#include <fmt/format.h>
#include <rapidcheck.h>

using namespace archscope;
using namespace archscope::train;
using namespace archscope::train::test;

namespace {

const Operations& operations()
{
    static const Operations all;
    return all;
}

/// A chain of layers on an 8×8 image or on a vector of 6, with a classifier of 3 at its end.
struct ChainSpec {
    bool isImage = true;
    std::vector<std::int64_t> widths;
    std::int64_t kernel = 3;
    std::string norm = "batch";
    std::string head = "flatten"; ///< or global-pool
};

std::string nodeText(const std::string& name, const std::string& operation, const std::string& parameters)
{
    return fmt::format(R"({{"name":"{}","op":"{}","parameters":{{{}}}}})", name, operation, parameters);
}

network::Network chainOf(const ChainSpec& spec)
{
    std::vector<std::string> names{ "input" };
    std::string nodes = R"({"name":"input","input":{}})";
    const auto add = [&](const std::string& name, const std::string& operation, const std::string& parameters) {
        nodes += "," + nodeText(name, operation, parameters);
        names.push_back(name);
    };
    for (std::size_t i = 0; i < spec.widths.size(); ++i) {
        if (spec.isImage) {
            add(fmt::format("block{}", i), "conv-block",
                fmt::format(R"("channels":{},"kernel":{},"norm":"{}","activation":"relu")", spec.widths[i], spec.kernel, spec.norm));
        } else {
            add(fmt::format("linear{}", i), "linear", fmt::format(R"("features":{})", spec.widths[i]));
            if (spec.norm == "batch")
                add(fmt::format("norm{}", i), "batch-norm", "");
            add(fmt::format("relu{}", i), "activation", R"("kind":"relu")");
        }
    }
    if (spec.isImage)
        add("head", spec.head, "");
    add("classifier", "linear", R"("features":3)");
    nodes += R"(,{"name":"output","output":{}})";
    names.emplace_back("output");
    std::string edges;
    for (std::size_t i = 1; i < names.size(); ++i)
        edges += fmt::format(R"({}["{}","{}"])", i > 1 ? "," : "", names[i - 1], names[i]);
    const auto space = valueOf(space::spaceFromText(fmt::format(
        R"({{"format":"archscope.space","version":1,"name":"chain","description":"","graph":{{"nodes":[{}],"edges":[{}]}}}})", nodes, edges)));
    const auto decisions = valueOf(space::DecisionSpace::compile(space));
    Rng rng(1);
    const network::TaskShape task{ spec.isImage ? space::Shape{ 2, 8, 8 } : space::Shape{ 6 }, 3, 0, false };
    return valueOf(network::lower(space, decisions, decisions.sample(rng), operations().set, task));
}

at::Generator generator(std::uint64_t seed)
{
    return at::detail::createCPUGenerator(seed);
}

/// As after some training: statistics and biases are not those of the beginning.
std::unique_ptr<model::NetworkModule> trainedModule(const network::Network& network, std::uint64_t seed)
{
    auto module = valueOf(model::NetworkModule::build(network, operations().set, generator(seed)));
    model::Weights weights = module->weights();
    Rng rng(seed);
    for (auto& [name, tensor] : weights) {
        for (float& value : tensor.values)
            value = name.ends_with("running_var") ? static_cast<float>(0.5 + rng.uniform()) : value + static_cast<float>(0.2 * rng.normal());
    }
    if (const auto loaded = module->load(weights); !loaded)
        qFatal("%s", loaded.error().text().c_str());
    return module;
}

struct Compared {
    double difference = 0;
    Inheritance inheritance;
};

Compared inherit(const ChainSpec& parent, const ChainSpec& child, double noise = 0)
{
    const c10::NoGradGuard noGradients;
    const network::Network before = chainOf(parent);
    const network::Network after = chainOf(child);
    const auto old = trainedModule(before, 3);
    auto now = valueOf(model::NetworkModule::build(after, operations().set, generator(4)));
    Compared compared;
    compared.inheritance = inheritedWeights(before, old->weights(), after, now->weights(), { .seed = 5, .noise = noise });
    if (const auto loaded = now->load(compared.inheritance.weights); !loaded)
        qFatal("%s", loaded.error().text().c_str());
    std::vector<std::int64_t> shape{ 16 };
    shape.insert(shape.end(), before.layers.front().output.begin(), before.layers.front().output.end());
    const at::Tensor input = at::empty(shape).normal_(0, 1, generator(6));
    const at::Tensor expected = old->forward(input, {});
    compared.difference = (now->forward(input, {}) - expected).abs().max().item<double>() / (1 + expected.abs().max().item<double>());
    return compared;
}

constexpr const char* growingSpace = R"({"format": "archscope.space", "version": 1, "name": "growing", "description": "", "graph": {
    "nodes": [{"name": "input", "input": {}},
              {"name": "hidden", "op": "linear", "parameters": {"features": {"values": [8, 32]}}},
              {"name": "relu", "op": "activation", "parameters": {"kind": "relu"}},
              {"name": "classifier", "op": "linear", "parameters": {"features": {"expr": "classes"}}},
              {"name": "output", "output": {}}],
    "edges": [["input", "hidden"], ["hidden", "relu"], ["relu", "classifier"], ["classifier", "output"]]}})";

struct Bench {
    space::SearchSpace space = valueOf(space::spaceFromText(growingSpace));
    space::DecisionSpace decisions = valueOf(space::DecisionSpace::compile(space));
    std::shared_ptr<WeightBank> bank = memoryWeightBank();
    std::unique_ptr<Evaluator> evaluator;

    Bench()
    {
        data::Task task = separableTask();
        task.spec.recipe.batchSize = 16;
        task.spec.recipe.epochs = 6;
        evaluator = valueOf(trainingEvaluator(space, operations().set, std::make_shared<const data::Task>(std::move(task)),
            { .device = "cpu", .measureLatency = false }));
        evaluator->useWeights(bank);
    }
    EvaluationRequest request(std::int64_t id, double answer, int epochs) const
    {
        EvaluationRequest made;
        made.id = TrialId(id);
        made.genotype = space::Genotype(std::vector<double>{ answer });
        made.fidelity = { epochs };
        made.seed = static_cast<std::uint64_t>(id);
        made.keepsWeights = true;
        return made;
    }
    EvaluationResult evaluate(const EvaluationRequest& request)
    {
        PauseGate gate;
        return evaluator->evaluate(request, {}, gate, {});
    }
};

} // namespace

class TestWeightInheritance : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void widerAndDeeperComputeTheSame()
    {
        const bool holds = rc::check("Net2Net keeps the function", [] {
            ChainSpec parent;
            parent.isImage = *rc::gen::arbitrary<bool>();
            parent.norm = *rc::gen::element(std::string("batch"), std::string("none"));
            parent.head = *rc::gen::element(std::string("flatten"), std::string("global-pool"));
            const int layers = *rc::gen::inRange(1, 4);
            for (int i = 0; i < layers; ++i)
                parent.widths.push_back(*rc::gen::inRange(2, 7));
            ChainSpec child = parent;
            for (std::int64_t& width : child.widths)
                width += *rc::gen::inRange(0, 8);
            // A layer more is as wide as what it gets.
            const int more = *rc::gen::inRange(0, 3);
            for (int i = 0; i < more; ++i)
                child.widths.push_back(child.widths.back());
            if (child.isImage && *rc::gen::arbitrary<bool>())
                child.kernel = 5;
            const Compared compared = inherit(parent, child);
            RC_ASSERT(compared.inheritance.isFunctionPreserving);
            RC_ASSERT(compared.difference < 1e-5);
        });
        QVERIFY(holds);
    }

    void repeatedUnitsDifferALittle()
    {
        const Compared compared = inherit({ .widths = { 4, 4 } }, { .widths = { 12, 12 } }, 0.05);
        QVERIFY(compared.inheritance.isFunctionPreserving);
        QVERIFY(compared.difference > 1e-6 && compared.difference < 0.3);
        const model::WeightTensor& weights = compared.inheritance.weights.at("block0.conv.weight");
        const std::size_t unit = weights.values.size() / 12;
        QVERIFY(!std::equal(weights.values.begin(), weights.values.begin() + static_cast<std::ptrdiff_t>(unit),
            weights.values.begin() + static_cast<std::ptrdiff_t>(4 * unit)));
    }

    /// A narrower layer is new, and so is what reads it; the rest stays.
    void elsewhereByNameAndShape()
    {
        const Compared compared = inherit({ .widths = { 6, 6, 4 } }, { .widths = { 6, 3, 4 } });
        QVERIFY(!compared.inheritance.isFunctionPreserving);
        const auto old = trainedModule(chainOf({ .widths = { 6, 6, 4 } }), 3)->weights();
        for (const char* name : { "block0.conv.weight", "block0.norm.running_mean", "block2.norm.weight", "classifier.weight" })
            QVERIFY(compared.inheritance.weights.at(name) == old.at(name));
        for (const char* name : { "block1.conv.weight", "block2.conv.weight" })
            QVERIFY(compared.inheritance.weights.at(name) != old.at(name));
    }

    void goesOnWithKeptWeights()
    {
        Bench bench;
        const EvaluationResult first = bench.evaluate(bench.request(1, 1, 2));
        QCOMPARE(first.state, TrialState::Completed);
        QCOMPARE(first.metrics.at("epochs"), 2.0);
        QCOMPARE(bench.bank->kept().size(), std::size_t{ 1 });
        EvaluationRequest more = bench.request(2, 1, 6);
        more.continues = TrialId(1);
        more.continuedFrom = { 2 };
        const EvaluationResult second = bench.evaluate(more);
        QCOMPARE(second.state, TrialState::Completed);
        QCOMPARE(second.metrics.at("epochs"), 4.0);
        QCOMPARE(second.curve.front().epoch, 3);
        QCOMPARE(second.curve.back().epoch, 6);
        QVERIFY2(second.message.empty(), second.message.c_str());
        QVERIFY(second.curve.back().learningRate < second.curve.front().learningRate); // a schedule of its own, to its end
        QVERIFY(second.curve.front().trainLoss < first.curve.front().trainLoss);
        // The same request, the same result.
        const EvaluationResult again = bench.evaluate(more);
        QCOMPARE(again.metrics.at("val_loss"), second.metrics.at("val_loss"));
    }

    void trainsFromTheStartWithoutThem()
    {
        Bench bench;
        EvaluationRequest more = bench.request(2, 1, 6);
        more.continues = TrialId(1);
        more.continuedFrom = { 2 };
        const EvaluationResult alone = bench.evaluate(more);
        QCOMPARE(alone.state, TrialState::Completed);
        QCOMPARE(alone.metrics.at("epochs"), 6.0);
        QCOMPARE(alone.message, std::string("the weights of trial 1 are missing; trained from the start"));
        QVERIFY(bench.bank->save(TrialId(1), { { "other", { { 1 }, { 1 } } } }));
        const EvaluationResult odd = bench.evaluate(more);
        QCOMPARE(odd.metrics.at("epochs"), 6.0);
        QVERIFY(odd.message.ends_with("; trained from the start"));
    }

    void endsWhenItIsNotWorthMore()
    {
        Bench bench;
        EvaluationRequest request = bench.request(1, 0, 6);
        std::vector<std::size_t> asked;
        request.goesOn = [&](std::span<const CurvePoint> curve) {
            asked.push_back(curve.size());
            return curve.size() < 3;
        };
        const EvaluationResult result = bench.evaluate(request);
        QCOMPARE(result.state, TrialState::Pruned);
        QVERIFY((asked == std::vector<std::size_t>{ 1, 2, 3 }));
        QCOMPARE(result.curve.size(), std::size_t{ 3 });
        QCOMPARE(result.metrics.at("epochs"), 3.0);
        QCOMPARE(result.metrics.at("val_accuracy"), result.curve.back().validationAccuracy);
        QVERIFY(bench.bank->kept().empty());
        request.goesOn = [&](std::span<const CurvePoint>) { return true; };
        QCOMPARE(bench.evaluate(request).state, TrialState::Completed);
    }

    void childrenBeginWhereTheirParentsEnded()
    {
        Bench bench;
        bench.evaluate(bench.request(1, 0, 6));
        EvaluationRequest child = bench.request(2, 1, 1);
        const EvaluationResult cold = bench.evaluate(child);
        child.parents = { { TrialId(1), space::Genotype(std::vector<double>{ 0.0 }) } };
        const EvaluationResult warm = bench.evaluate(child);
        QVERIFY2(warm.message.empty(), warm.message.c_str());
        QVERIFY(warm.curve.front().trainLoss < 0.7 * cold.curve.front().trainLoss);
        child.parents.front().id = TrialId(77);
        QCOMPARE(bench.evaluate(child).message, std::string("the weights of trial 77 are missing"));
    }

    void banksKeepWhatTheyAreGiven_data()
    {
        QTest::addColumn<bool>("onDisk");
        QTest::newRow("memory") << false;
        QTest::newRow("files") << true;
    }
    void banksKeepWhatTheyAreGiven()
    {
        QFETCH(bool, onDisk);
        QTemporaryDir folder;
        const auto store = std::filesystem::path(folder.filePath("a.archscope").toStdString());
        const auto at = weightFolder(store, "first study");
        const auto bank = onDisk ? valueOf(fileWeightBank(at)) : memoryWeightBank();
        const model::Weights one{ { "a.weight", { { 2, 1 }, { 1.5F, -2 } } } };
        const model::Weights two{ { "b", { { 1 }, { 7 } } } };
        QVERIFY(!QDir(QString::fromStdString(at.string())).exists());
        QVERIFY(!*bank->load(TrialId(1)));
        QVERIFY(bank->save(TrialId(2), one));
        QVERIFY(bank->save(TrialId(1), one));
        QVERIFY(bank->save(TrialId(1), two));
        QVERIFY((bank->kept() == std::vector{ TrialId(1), TrialId(2) }));
        QVERIFY(**bank->load(TrialId(1)) == two);
        QVERIFY(**bank->load(TrialId(2)) == one);
        if (onDisk) {
            const auto again = valueOf(fileWeightBank(at));
            QVERIFY(again->kept() == bank->kept());
            QVERIFY(**again->load(TrialId(1)) == two);
            QCOMPARE(QDir(QString::fromStdString(at.string())).entryList(QDir::Files).size(), 2);
        }
        bank->remove(TrialId(1));
        bank->remove(TrialId(1));
        QVERIFY(!*bank->load(TrialId(1)));
        bank->remove(TrialId(2));
        QVERIFY(bank->kept().empty());
        QVERIFY(QDir(folder.path()).isEmpty()); // no folder is left behind
    }

    void damagedWeightsAreRefused()
    {
        QTemporaryDir folder;
        const auto at = std::filesystem::path(folder.filePath("w").toStdString());
        const auto bank = valueOf(fileWeightBank(at));
        QVERIFY(bank->save(TrialId(1), { { "b", { { 1 }, { 7 } } } }));
        const QDir files(QString::fromStdString(at.string()));
        QFile file(files.filePath(files.entryList(QDir::Files).front()));
        QVERIFY(file.open(QIODevice::ReadWrite));
        QVERIFY(file.seek(file.size() - 1));
        QCOMPARE(file.write("x"), 1);
        file.close();
        const auto refused = bank->load(TrialId(1));
        QVERIFY(!refused);
        QVERIFY(QString::fromStdString(refused.error().text()).contains("damaged"));
    }
};

QTEST_GUILESS_MAIN(TestWeightInheritance)
#include "tst_weight_inheritance.moc"
