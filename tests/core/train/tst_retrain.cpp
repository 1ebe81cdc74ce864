// The final retrain, and what is done with its result: answers on samples, latency.
#include "core/train/trainer_torch.h"
#include "core/train/training_evaluator.h"
#include "tiny_task.h"

#include <QTest>
#include <cmath>
#include <set>

using namespace archscope;
using namespace archscope::train;
using namespace archscope::train::test;

namespace {

constexpr const char* spaceText
    = R"({"format": "archscope.space", "version": 1, "name": "tiny", "description": "", "graph": {
    "nodes": [{"name": "input", "input": {}},
              {"name": "conv", "op": "conv-block", "parameters": {"channels": 8, "kernel": 3}},
              {"name": "flatten", "op": "flatten"},
              {"name": "classifier", "op": "linear", "parameters": {"features": {"expr": "classes"}}},
              {"name": "output", "output": {}}],
    "edges": [["input", "conv"], ["conv", "flatten"], ["flatten", "classifier"], ["classifier", "output"]]}})";

data::Task quickBars()
{
    data::Task task = barsTask();
    task.spec.recipe.batchSize = 16;
    task.spec.recipe.learningRate = 1e-2;
    task.spec.recipe.epochs = 3;
    return task;
}

network::Network networkFor(const data::Task& task, const space::OperationSet& operations)
{
    const space::SearchSpace space = valueOf(space::spaceFromText(spaceText));
    const space::DecisionSpace decisions = valueOf(space::DecisionSpace::compile(space));
    Rng rng(1);
    return valueOf(network::lower(space, decisions, decisions.sample(rng), operations, taskShape(task)));
}

/// Labels of these samples replaced by the next class.
void mislabel(data::Task& task, const std::vector<std::int64_t>& samples)
{
    for (const std::int64_t sample : samples) {
        auto& label = task.dataset.labels[static_cast<std::size_t>(sample)];
        label = (label + 1) % task.classCount();
    }
}

} // namespace

class TestRetrain : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void testsOncePerSeed();
    void sameSeedSameWeights();
    void testSplitIsNotTrainedOn();
    void validationIsTrainedOn();
    void progressEndsAtOne();
    void stopCancels();
    void badRequestsAreRefused_data();
    void badRequestsAreRefused();
    void logitsReproduceTheTestAccuracy();
    void foreignWeightsAreRefused();
    void latencyIsSane_data();
    void latencyIsSane();
    void latencyOfWideInputsIsLonger();
    void badLatencyRequestsAreRefused();
    void cpuIsAlwaysThere();
    void littleWorkIsNotShared();

private:
    Operations m_operations;
    data::Task m_task = quickBars();
    network::Network m_network;

    Result<RetrainResult> retrained(const data::Task& task, const RetrainOptions& options) const
    {
        return retrain(m_network, m_operations.set, task, options, {}, {});
    }
};

void TestRetrain::initTestCase()
{
    m_network = networkFor(m_task, m_operations.set);
}

void TestRetrain::testsOncePerSeed()
{
    const RetrainResult result
        = valueOf(retrained(m_task, { .epochs = 4, .seeds = { 3, 4, 5 }, .device = "cpu", .threads = 1 }));
    QVERIFY(result.seeds == std::vector<std::uint64_t>({ 3, 4, 5 }));
    QCOMPARE(result.testAccuracies.size(), std::size_t{ 3 });
    QCOMPARE(result.testLosses.size(), std::size_t{ 3 });
    double sum = 0;
    double squares = 0;
    for (const double accuracy : result.testAccuracies)
        sum += accuracy;
    QVERIFY(std::abs(result.mean - sum / 3) < 1e-12);
    for (const double accuracy : result.testAccuracies)
        squares += (accuracy - result.mean) * (accuracy - result.mean);
    QVERIFY(std::abs(result.deviation - std::sqrt(squares / 2)) < 1e-12);
    QVERIFY(result.mean > 0.8);
    QCOMPARE(valueOf(retrained(m_task, { .epochs = 1, .device = "cpu", .threads = 1 })).deviation, 0.0);
}

void TestRetrain::sameSeedSameWeights()
{
    const RetrainOptions options{ .epochs = 2, .seeds = { 7 }, .device = "cpu", .threads = 1 };
    const RetrainResult first = valueOf(retrained(m_task, options));
    QVERIFY(!first.weights.empty());
    QVERIFY(valueOf(retrained(m_task, options)).weights == first.weights);
    QVERIFY(
        valueOf(retrained(m_task, { .epochs = 2, .seeds = { 8 }, .device = "cpu", .threads = 1 })).weights != first.weights);
}

void TestRetrain::testSplitIsNotTrainedOn()
{
    data::Task wrong = m_task;
    mislabel(wrong, wrong.splits.test);
    const RetrainOptions options{ .epochs = 6, .seeds = { 1 }, .device = "cpu", .threads = 1 };
    const RetrainResult right = valueOf(retrained(m_task, options));
    const RetrainResult result = valueOf(retrained(wrong, options));
    QVERIFY(result.weights == right.weights);
    QVERIFY(result.mean < 0.2 && right.mean > 0.8);
}

void TestRetrain::validationIsTrainedOn()
{
    data::Task wrong = m_task;
    mislabel(wrong, wrong.splits.validation);
    const RetrainOptions options{ .epochs = 1, .seeds = { 1 }, .device = "cpu", .threads = 1 };
    QVERIFY(valueOf(retrained(wrong, options)).weights != valueOf(retrained(m_task, options)).weights);
}

void TestRetrain::progressEndsAtOne()
{
    double fraction = 0;
    std::set<std::pair<int, int>> epochs;
    bool inOrder = true;
    const auto result = retrain(m_network, m_operations.set, m_task, { .seeds = { 0, 1 }, .device = "cpu", .threads = 1 },
        [&](const RetrainProgress& progress) {
            inOrder = inOrder && progress.fraction >= fraction;
            fraction = progress.fraction;
            epochs.emplace(progress.seedIndex, progress.epoch);
            inOrder = inOrder && progress.epochs == 12; // four times the recipe's
        },
        {});
    QVERIFY(result.has_value());
    QVERIFY(inOrder);
    QCOMPARE(fraction, 1.0);
    QVERIFY(epochs.contains({ 0, 12 }) && epochs.contains({ 1, 12 }));
}

void TestRetrain::stopCancels()
{
    std::stop_source stop;
    const auto result = retrain(
        m_network, m_operations.set, m_task, { .epochs = 1000, .device = "cpu", .threads = 1 },
        [&](const RetrainProgress& progress) {
            if (progress.epoch == 2)
                stop.request_stop();
        },
        stop.get_token());
    QVERIFY(!result);
    QVERIFY(result.error().code == ErrorCode::Cancelled);
}

void TestRetrain::badRequestsAreRefused_data()
{
    QTest::addColumn<int>("what");
    QTest::addColumn<QString>("reason");
    QTest::newRow("no seeds") << 0 << "seed";
    QTest::newRow("negative epochs") << 1 << "epoch";
    QTest::newRow("unknown device") << 2 << "tpu";
    QTest::newRow("another task") << 3 << "another task";
    QTest::newRow("no test split") << 4 << "test";
}

void TestRetrain::badRequestsAreRefused()
{
    QFETCH(int, what);
    QFETCH(QString, reason);
    RetrainOptions options{ .epochs = 1, .device = "cpu", .threads = 1 };
    data::Task task = what == 3 ? separableTask() : m_task;
    if (what == 0)
        options.seeds.clear();
    if (what == 1)
        options.epochs = -1;
    if (what == 2)
        options.device = "tpu";
    if (what == 4)
        task.splits.test.clear();
    const auto result = retrained(task, options);
    QVERIFY(!result);
    QVERIFY2(QString::fromStdString(result.error().text()).contains(reason), result.error().text().c_str());
}

void TestRetrain::logitsReproduceTheTestAccuracy()
{
    const RetrainResult result = valueOf(retrained(m_task, { .epochs = 4, .seeds = { 2 }, .device = "cpu", .threads = 1 }));
    const std::vector<float> values
        = valueOf(logits(m_network, m_operations.set, result.weights, m_task, m_task.splits.test));
    const auto classes = static_cast<std::size_t>(m_task.classCount());
    QCOMPARE(values.size(), classes * m_task.splits.test.size());
    int hits = 0;
    for (std::size_t i = 0; i < m_task.splits.test.size(); ++i) {
        const auto row = values.begin() + static_cast<std::ptrdiff_t>(i * classes);
        const auto best = std::max_element(row, row + static_cast<std::ptrdiff_t>(classes)) - row;
        hits += best == m_task.dataset.labels[static_cast<std::size_t>(m_task.splits.test[i])] ? 1 : 0;
    }
    QVERIFY(std::abs(result.mean - hits / static_cast<double>(m_task.splits.test.size())) < 1e-9);
}

void TestRetrain::foreignWeightsAreRefused()
{
    QVERIFY(!logits(m_network, m_operations.set, {}, m_task, m_task.splits.test));
}

void TestRetrain::latencyIsSane_data()
{
    QTest::addColumn<int>("batch");
    QTest::newRow("one") << 1;
    QTest::newRow("thirty-two") << 32;
}

void TestRetrain::latencyIsSane()
{
    QFETCH(int, batch);
    const LatencyResult latency = valueOf(measureLatency(m_network, m_operations.set, batch, "cpu"));
    QCOMPARE(latency.batch, batch);
    QVERIFY(latency.runs >= 30);
    QVERIFY(latency.medianMs > 0 && latency.medianMs < 1000);
    QVERIFY(latency.p95Ms >= latency.medianMs);
    QVERIFY(latency.iqrMs >= 0);
}

void TestRetrain::latencyOfWideInputsIsLonger()
{
    const double one = valueOf(measureLatency(m_network, m_operations.set, 1, "cpu")).medianMs;
    QVERIFY(valueOf(measureLatency(m_network, m_operations.set, 1024, "cpu")).medianMs > 2 * one);
}

void TestRetrain::badLatencyRequestsAreRefused()
{
    QVERIFY(!measureLatency(m_network, m_operations.set, 0, "cpu"));
    QVERIFY(!measureLatency(m_network, m_operations.set, 1, "abacus"));
}

void TestRetrain::cpuIsAlwaysThere()
{
    const std::vector<DeviceInfo> devices = availableDevices();
    QVERIFY(!devices.empty());
    QCOMPARE(devices.back().name, std::string("cpu"));
    QVERIFY(devices.back().title.find("CPU") == 0);
    QCOMPARE(valueOf(resolveDevice("auto")), devices.front().name);
    QCOMPARE(valueOf(resolveDevice("cpu")), std::string("cpu"));
    const auto absent = resolveDevice("cuda:64");
    QVERIFY(!absent);
    QVERIFY(absent.error().message.find("cpu") != std::string::npos);
}

void TestRetrain::littleWorkIsNotShared()
{
    QCOMPARE(threadsFor(m_network, 16), 1);
    QCOMPARE(threadsFor(m_network, 1'000'000), 0);
    QVERIFY(trainingBytes(m_network, 32) > trainingBytes(m_network, 16));
    QVERIFY(trainingBytes(m_network, 1) >= 16 * static_cast<std::uint64_t>(m_network.cost().parameters));
}

QTEST_GUILESS_MAIN(TestRetrain)
#include "tst_retrain.moc"
