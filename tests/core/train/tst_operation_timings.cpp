#include "core/train/training_evaluator.h"
#include "core/train/operation_timings.h"
#include "tiny_task.h"

#include <QTest>
#include <atomic>
#include <set>
#include <thread>

using namespace archscope;
using namespace archscope::train;
using namespace archscope::train::test;

namespace {

/// Two branches of one input, merged by a concatenation.
constexpr const char* branches = R"({"nodes": [{"name": "input", "input": {}},
    {"name": "conv", "op": "conv-block", "parameters": {"channels": {"values": [4, 8]}, "kernel": 3}},
    {"name": "pool", "op": "max-pool", "parameters": {"kernel": 3, "stride": 1}},
    {"name": "both", "op": "concat"}, {"name": "mean", "op": "global-pool"},
    {"name": "classifier", "op": "linear", "parameters": {"features": {"expr": "classes"}}}, {"name": "output", "output": {}}],
    "edges": [["input", "conv"], ["input", "pool"], ["conv", "both"], ["pool", "both", 1], ["both", "mean"],
              ["mean", "classifier"], ["classifier", "output"]]})";
/// Two equal layers among three.
constexpr const char* perceptron = R"({"nodes": [{"name": "input", "input": {}},
    {"name": "first", "op": "linear", "parameters": {"features": 16}},
    {"name": "second", "op": "linear", "parameters": {"features": 16}},
    {"name": "third", "op": "linear", "parameters": {"features": 16}},
    {"name": "classifier", "op": "linear", "parameters": {"features": {"expr": "classes"}}}, {"name": "output", "output": {}}],
    "edges": [["input", "first"], ["first", "second"], ["second", "third"], ["third", "classifier"],
              ["classifier", "output"]]})";
/// Tokens through a cell that is unrolled over time.
constexpr const char* recurrent = R"({"nodes": [{"name": "input", "input": {}},
    {"name": "embedding", "op": "embedding", "parameters": {"vocabulary": {"expr": "vocabulary"}, "dimension": 6}},
    {"name": "cell", "recurrent": {"hidden": 5, "last": true, "graph": {
        "nodes": [{"name": "step", "input": {}}, {"name": "state", "input": {}}, {"name": "seen", "op": "concat"},
                  {"name": "next", "op": "linear", "parameters": {"features": 5}}, {"name": "out", "output": {}}],
        "edges": [["step", "seen"], ["state", "seen", 1], ["seen", "next"], ["next", "out"]]}}},
    {"name": "classifier", "op": "linear", "parameters": {"features": {"expr": "classes"}}}, {"name": "output", "output": {}}],
    "edges": [["input", "embedding"], ["embedding", "cell"], ["cell", "classifier"], ["classifier", "output"]]})";

space::SearchSpace spaceOf(const std::string& graph, const std::string& constraints = "[]")
{
    return valueOf(space::spaceFromText(R"({"format": "archscope.space", "version": 2, "name": "tiny", "description": "", "graph": )"
        + graph + R"(, "constraints": )" + constraints + "}"));
}

/// Multiplies the times of a table; the keys stay.
Json scaled(const OperationTimings& timings, double factor)
{
    Json document = timings.toJson();
    for (auto& [key, time] : document["milliseconds"].items())
        time = time.get<double>() * factor;
    return document;
}

} // namespace

class TestOperationTimings : public QObject {
    Q_OBJECT

    Operations m_operations;

    network::Network networkOf(const char* graph, const network::TaskShape& task, std::uint64_t seed = 1) const
    {
        const space::SearchSpace space = spaceOf(graph);
        const auto decisions = valueOf(space::DecisionSpace::compile(space));
        Rng rng(seed);
        return valueOf(network::lower(space, decisions, decisions.sample(rng), m_operations.set, task));
    }
    network::Network images(std::uint64_t seed = 1) const { return networkOf(branches, { { 1, 8, 8 }, 3 }, seed); }
    network::Network vectors() const { return networkOf(perceptron, { { 16 }, 2 }); }
    network::Network tokens() const { return networkOf(recurrent, { { 7 }, 3, 11, false }); }

    void addNetworks() const
    {
        QTest::addColumn<network::Network>("network");
        QTest::addColumn<int>("operations");
        QTest::newRow("images, branches") << images() << 5;
        QTest::newRow("vectors, equal layers") << vectors() << 2;
        QTest::newRow("tokens, a cell unrolled") << tokens() << 3;
    }

private Q_SLOTS:
    void predictsTheSumOfItsParts_data() { addNetworks(); }
    void predictsTheSumOfItsParts()
    {
        QFETCH(network::Network, network);
        QFETCH(int, operations);
        OperationTimings timings(m_operations.set);
        QCOMPARE(timings.size(), std::size_t{ 0 });
        const double predicted = valueOf(timings.predict(network));
        QVERIFY(predicted > 0);
        QCOMPARE(timings.size(), static_cast<std::size_t>(operations));
        double sum = 0;
        for (std::size_t i = 1; i < network.layers.size(); ++i) {
            const double part = timings.entries().at(OperationTimings::keyOf(network, network.layers[i]));
            QVERIFY(part > 0);
            sum += part;
        }
        QCOMPARE(predicted, sum);
    }

    void measuresOnce_data() { addNetworks(); }
    void measuresOnce()
    {
        QFETCH(network::Network, network);
        OperationTimings timings(m_operations.set);
        const double first = valueOf(timings.predict(network));
        const auto entries = timings.entries();
        QVERIFY(valueOf(timings.predict(network)) == first);
        // Nor for another network of the same operations, whatever its layers are called.
        for (network::Layer& layer : network.layers)
            layer.name = "other " + layer.name;
        QVERIFY(valueOf(timings.predictor()(network)) == first);
        QVERIFY(timings.entries() == entries);
    }

    void measuresOnceForAllThreads()
    {
        OperationTimings timings(m_operations.set);
        const network::Network network = images();
        std::vector<double> predicted(6);
        {
            std::vector<std::jthread> threads;
            for (double& into : predicted)
                threads.emplace_back([&] { into = valueOf(timings.predict(network)); });
        }
        QCOMPARE(std::set<double>(predicted.begin(), predicted.end()).size(), std::size_t{ 1 });
        QCOMPARE(timings.size(), std::size_t{ 5 });
    }

    /// A measurement waits for the batches under way and goes before the next ones.
    void measuresBesideTrials()
    {
        auto lane = std::make_shared<MeasurementLane>();
        OperationTimings timings(m_operations.set, "cpu", lane);
        std::atomic<bool> over = false;
        std::atomic<int> batches = 0;
        std::vector<std::jthread> trials;
        for (int i = 0; i < 3; ++i) {
            trials.emplace_back([&] {
                while (!over) {
                    const BatchPermit permit(lane.get());
                    ++batches;
                }
            });
        }
        QTRY_VERIFY(batches > 10);
        QVERIFY(valueOf(timings.predict(tokens())) > 0);
        const int before = batches;
        QTRY_VERIFY(batches > before);
        over = true;
    }

    void keysTellApartWhatDiffers()
    {
        const auto keyOf = [](network::Network network, std::size_t layer, const auto& change) {
            change(network, network.layers[layer]);
            return OperationTimings::keyOf(network, network.layers[layer]);
        };
        const network::Network network = vectors();
        const std::string key = keyOf(network, 2, [](auto&, auto&) {});
        QCOMPARE(key, keyOf(network, 3, [](auto&, auto&) {}));
        QVERIFY2(key.starts_with("linear(") && key.find("features=16") != std::string::npos && key.ends_with("[16]"), key.c_str());
        QVERIFY(key != keyOf(network, 2, [](auto&, auto& layer) { layer.operation = "other"; }));
        QVERIFY(key != keyOf(network, 2, [](auto&, auto& layer) { layer.parameters.set("features", std::int64_t{ 17 }); }));
        QVERIFY(key != keyOf(network, 2, [](auto& whole, auto&) { whole.layers[1].output = { 15 }; }));
        const network::Network unrolled = tokens();
        const std::string cell = keyOf(unrolled, 2, [](auto&, auto&) {});
        QVERIFY(cell != keyOf(unrolled, 2, [](auto&, auto& layer) { layer.cell[0].layers[3].parameters.set("bias", false); }));
        QVERIFY(cell != keyOf(unrolled, 2, [](auto&, auto& layer) { layer.cell[0].layers[2].inputs = { 1, 0 }; }));
        QVERIFY(cell != keyOf(unrolled, 2, [](auto& whole, auto&) { whole.layers[1].output = { 9, 6 }; }));
    }

    void jsonKeepsEveryTime()
    {
        OperationTimings timings(m_operations.set);
        const double predicted = valueOf(timings.predict(images())) + valueOf(timings.predict(tokens()));
        OperationTimings other(m_operations.set);
        const auto read = parseJson(timings.toJson().dump());
        QVERIFY(other.restore(*read));
        QVERIFY(other.entries() == timings.entries());
        QVERIFY(valueOf(other.predict(images())) + valueOf(other.predict(tokens())) == predicted);
        QCOMPARE(other.size(), timings.size());
        // Times that are restored go before its own; the rest stays.
        OperationTimings third(m_operations.set);
        const double own = valueOf(third.predict(vectors()));
        QVERIFY(third.restore(scaled(timings, 3)));
        QCOMPARE(valueOf(third.predict(images())), 3 * valueOf(timings.predict(images())));
        QVERIFY(valueOf(third.predict(vectors())) == own);
    }

    void refusesWhatIsNoTable_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("reason");
        const QString begin = R"({"format":"archscope.timings","version":1,"device":"cpu",)";
        QTest::newRow("other format") << R"({"format":"archscope.space","version":1})" << "archscope.timings";
        QTest::newRow("newer") << R"({"format":"archscope.timings","version":9,"device":"cpu","milliseconds":{}})" << "9";
        QTest::newRow("other device") << R"({"format":"archscope.timings","version":1,"device":"cuda:0","milliseconds":{}})"
                                      << "'cuda:0'";
        QTest::newRow("no times") << begin + R"("unit":"ms"})" << "unit";
        QTest::newRow("a list") << begin + R"("milliseconds":[1]})" << "/milliseconds";
        QTest::newRow("no number") << begin + R"("milliseconds":{"a":0.5,"b":"fast"}})" << "/milliseconds/b";
        QTest::newRow("negative") << begin + R"("milliseconds":{"a":0.5,"b":-1}})" << "'b'";
    }
    void refusesWhatIsNoTable()
    {
        QFETCH(QString, text);
        QFETCH(QString, reason);
        OperationTimings timings(m_operations.set);
        const auto restored = timings.restore(*parseJson(text.toStdString()));
        QVERIFY(!restored);
        const QString said = QString::fromStdString(restored.error().text());
        QVERIFY2(said.contains(reason), qPrintable(said));
        QCOMPARE(timings.size(), std::size_t{ 0 });
    }

    void carriesItsError()
    {
        OperationTimings timings(m_operations.set);
        QVERIFY(!timings.errorAgainst({}));
        std::vector<OperationTimings::Measured> measured;
        // Too high by a half, too low by a fifth, right.
        for (const double factor : { 1.0 / 1.5, 1.25, 1.0 })
            measured.push_back({ images(), factor * valueOf(timings.predict(images())) });
        QVERIFY(std::abs(valueOf(timings.errorAgainst(measured)) - 0.2) < 1e-9);
        QVERIFY(std::abs(valueOf(timings.errorAgainst(std::span(measured).first(1))) - 0.5) < 1e-9);
    }

    /// Wide: only that it is the latency and no other number.
    void isNearTheMeasuredOne()
    {
        OperationTimings timings(m_operations.set);
        const double measured = valueOf(measureLatency(tokens(), m_operations.set, 1, "cpu")).medianMs;
        const double predicted = valueOf(timings.predict(tokens()));
        QVERIFY2(predicted > measured / 10 && predicted < 10 * measured, qPrintable(QString("%1 %2").arg(predicted).arg(measured)));
    }

    void whatCannotRunIsNamed_data()
    {
        QTest::addColumn<network::Network>("network");
        QTest::addColumn<QString>("reason");
        network::Network unknown = vectors();
        unknown.layers[2].operation = "warp";
        QTest::newRow("unknown operation") << unknown << "'warp'";
        network::Network constant = vectors();
        constant.layers[2].operation = "zero";
        constant.layers[2].inputs.clear();
        QTest::newRow("a constant") << constant << "'zero'";
    }
    void whatCannotRunIsNamed()
    {
        QFETCH(network::Network, network);
        QFETCH(QString, reason);
        OperationTimings timings(m_operations.set);
        const auto predicted = timings.predict(network);
        QVERIFY(!predicted);
        QCOMPARE(predicted.error().context, network.layers[2].name);
        QVERIFY2(predicted.error().message.find(reason.toStdString()) != std::string::npos, predicted.error().message.c_str());
    }

    /// An evaluator admits what keeps the budget, by times that another one goes on with.
    void budgetDecidesWhatIsAdmitted()
    {
        // Without a bound first, for the two predictions: the bound lies between them.
        const space::SearchSpace free = spaceOf(branches, R"([{"budget": "latency_ms", "max": 1e9}])");
        const auto decisions = valueOf(space::DecisionSpace::compile(free));
        const auto task = std::make_shared<const data::Task>(barsTask());
        const auto evaluatorOf = [&](const space::SearchSpace& space) {
            return valueOf(trainingEvaluator(space, m_operations.set, task, { .device = "cpu", .measureLatency = false }));
        };
        const std::vector<space::Genotype> both = { space::Genotype(std::vector<double>{ 0 }), space::Genotype(std::vector<double>{ 1 }) };
        const auto first = evaluatorOf(free);
        QVERIFY(!first->newMeasurements()); // nothing is measured before it is asked for
        for (const space::Genotype& genotype : both)
            QVERIFY(first->precheck(genotype));
        const auto measured = first->newMeasurements();
        QVERIFY(measured.has_value());
        QVERIFY(!first->newMeasurements());

        // The wider network is made ten times as slow in the table: that decides, not the machine.
        OperationTimings timings(m_operations.set);
        QVERIFY(timings.restore(*parseJson(*measured)));
        Json slow = timings.toJson();
        for (auto& [key, time] : slow["milliseconds"].items())
            time = key.find("channels=8") != std::string::npos ? 10.0 : 0.125;
        const auto bounded = evaluatorOf(spaceOf(branches, R"([{"budget": "latency_ms", "max": 5}])"));
        QVERIFY(bounded->restoreMeasurements(slow.dump()));
        QVERIFY(bounded->precheck(both[0]));
        const auto refused = bounded->precheck(both[1]);
        QVERIFY(!refused);
        const QString said = QString::fromStdString(refused.error().text());
        QVERIFY2(said.contains("latency ≤ 5 ms") && said.contains("ms are predicted"), qPrintable(said));
        QVERIFY(!bounded->newMeasurements()); // all was known
        QVERIFY(!bounded->restoreMeasurements("{}"));

        const auto unbounded = evaluatorOf(spaceOf(branches));
        QVERIFY(unbounded->precheck(both[0]));
        QVERIFY(!unbounded->newMeasurements());
    }
};

QTEST_GUILESS_MAIN(TestOperationTimings)
#include "tst_operation_timings.moc"
