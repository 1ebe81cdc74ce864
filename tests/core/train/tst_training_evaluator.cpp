#include "core/train/training_evaluator.h"
#include "tiny_task.h"

#include <QTest>
#include <atomic>
#include <cmath>
#include <limits>
#include <thread>

using namespace archscope;
using namespace archscope::train;
using namespace archscope::train::test;

namespace {

/// Perceptron with dropout: width and depth are open.
constexpr const char* vectorSpace
    = R"({"format": "archscope.space", "version": 1, "name": "tiny", "description": "", "graph": {
    "nodes": [{"name": "input", "input": {}},
              {"name": "hidden", "op": "linear", "parameters": {"features": {"values": [8, 32]}}},
              {"name": "norm", "op": "batch-norm", "optional": true},
              {"name": "activation", "op": "activation", "parameters": {"kind": "relu"}},
              {"name": "dropout", "op": "dropout", "parameters": {"rate": 0.1}},
              {"name": "classifier", "op": "linear", "parameters": {"features": {"expr": "classes"}}},
              {"name": "output", "output": {}}],
    "edges": [["input", "hidden"], ["hidden", "norm"], ["norm", "activation"], ["activation", "dropout"],
              ["dropout", "classifier"], ["classifier", "output"]]}})";

constexpr const char* imageSpace
    = R"({"format": "archscope.space", "version": 1, "name": "tiny", "description": "", "graph": {
    "nodes": [{"name": "input", "input": {}},
              {"name": "conv", "op": "conv-block", "parameters": {"channels": {"values": [4, 8]}, "kernel": 3}},
              {"name": "flatten", "op": "flatten"},
              {"name": "classifier", "op": "linear", "parameters": {"features": {"expr": "classes"}}},
              {"name": "output", "output": {}}],
    "edges": [["input", "conv"], ["conv", "flatten"], ["flatten", "classifier"], ["classifier", "output"]]}})";

/// Ends with something else than one number a class.
constexpr const char* wrongOutputSpace = R"({"format": "archscope.space", "version": 1, "name": "tiny", "description": "",
    "graph": {"nodes": [{"name": "input", "input": {}}, {"name": "last", "op": "linear", "parameters": {"features": 5}},
                        {"name": "output", "output": {}}],
              "edges": [["input", "last"], ["last", "output"]]}})";

/// What must not differ between two evaluations of one request.
struct Reproducible {
    TrialState state;
    std::string message;
    Metrics metrics;
    std::vector<CurvePoint> curve;
    explicit Reproducible(EvaluationResult result)
        : state(result.state)
        , message(result.message)
        , metrics(std::move(result.metrics))
        , curve(std::move(result.curve))
    {
        metrics.erase("seconds");
        metrics.erase("latency_ms");
        for (CurvePoint& point : curve)
            point.seconds = 0;
    }
    bool operator==(const Reproducible&) const = default;
};

class Bench {
public:
    Bench(const char* spaceText, data::Task task,
        const EvaluatorOptions& options = { .device = "cpu", .measureLatency = false })
        : m_space(valueOf(space::spaceFromText(spaceText)))
        , m_decisions(valueOf(space::DecisionSpace::compile(m_space)))
        , evaluator(valueOf(
              trainingEvaluator(m_space, m_operations.set, std::make_shared<const data::Task>(std::move(task)), options)))
    {
    }

    EvaluationRequest request(std::uint64_t seed = 1, int epochs = 3) const
    {
        Rng rng(1);
        return { TrialId(1), m_decisions.sample(rng), { epochs }, seed };
    }
    EvaluationResult evaluate(const EvaluationRequest& request, const ProgressSink& progress = {})
    {
        PauseGate gate;
        return evaluator->evaluate(request, progress, gate, {});
    }

private:
    Operations m_operations;
    space::SearchSpace m_space;
    space::DecisionSpace m_decisions;

public:
    std::unique_ptr<Evaluator> evaluator;
};

data::Task quickTask(data::Task task)
{
    task.spec.recipe.batchSize = 16;
    task.spec.recipe.learningRate = 1e-2;
    return task;
}

} // namespace

class TestTrainingEvaluator : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void learnsWhatCanBeLearned_data();
    void learnsWhatCanBeLearned();
    void metricsAreCompleteAndConsistent();
    void precheckTellsCostWithoutTraining();
    void sameRequestSameResult_data();
    void sameRequestSameResult();
    void sideBySideIsTheSame();
    void seedsDiffer();
    void orderOfTrialsDoesNotMatter();
    void fidelityZeroIsTheRecipes();
    void divergenceFailsWithItsCurve();
    void lastBatchOfOneIsLeftOut();
    void progressIsToldInOrder();
    void stopCancels_data();
    void stopCancels();
    void pauseHoldsTheTrial();
    void memoryLimitRefusesBeforeTraining();
    void halfTheBatchIsTriedWhereTheWholeDoesNotFit();
    void foreignGenotypeIsRefused();
    void wrongOutputIsRefused();
    void badOptionsAreRefused_data();
    void badOptionsAreRefused();
};

void TestTrainingEvaluator::learnsWhatCanBeLearned_data()
{
    QTest::addColumn<bool>("images");
    QTest::newRow("vectors") << false;
    QTest::newRow("images, shifted") << true;
}

void TestTrainingEvaluator::learnsWhatCanBeLearned()
{
    QFETCH(bool, images);
    data::Task task = quickTask(images ? barsTask() : separableTask());
    task.spec.recipe.shiftPixels = images ? 1 : 0;
    Bench bench(images ? imageSpace : vectorSpace, std::move(task));
    const EvaluationResult result = bench.evaluate(bench.request(1, 12));
    QVERIFY2(result.state == TrialState::Completed, result.message.c_str());
    QVERIFY(result.metrics.at("val_accuracy") >= 0.9);
    QVERIFY(result.curve.back().trainLoss < 0.7 * result.curve.front().trainLoss);
}

void TestTrainingEvaluator::metricsAreCompleteAndConsistent()
{
    Bench bench(vectorSpace, quickTask(separableTask()), { .device = "cpu" });
    const EvaluationResult result = bench.evaluate(bench.request());
    QVERIFY2(result.state == TrialState::Completed, result.message.c_str());
    for (const MetricDescriptor& metric : metricDescriptors()) {
        const bool isMeasured = metric.ofTrials && metric.name != "simulated_s"; // a table's
        QCOMPARE(result.metrics.contains(metric.name), isMeasured);
        if (isMeasured)
            QVERIFY(std::isfinite(result.metrics.at(metric.name)));
    }
    QCOMPARE(static_cast<int>(result.curve.size()), 3);
    const CurvePoint& last = result.curve.back();
    QCOMPARE(last.epoch, 3);
    QCOMPARE(result.metrics.at("val_accuracy"), last.validationAccuracy);
    QCOMPARE(result.metrics.at("val_loss"), last.validationLoss);
    QCOMPARE(result.metrics.at("gap"), result.metrics.at("train_accuracy") - last.validationAccuracy);
    QVERIFY(result.metrics.at("latency_ms") > 0);
    QVERIFY(result.metrics.at("seconds") >= last.seconds);
    QVERIFY(result.curve[0].seconds > 0 && result.curve[0].seconds <= last.seconds);
    QVERIFY(last.learningRate > 0 && last.learningRate < result.curve[0].learningRate);
}

void TestTrainingEvaluator::precheckTellsCostWithoutTraining()
{
    Bench bench(vectorSpace, separableTask());
    const EvaluationRequest request = bench.request();
    const Foreknowledge known = valueOf(bench.evaluator->precheck(request.genotype));
    QCOMPARE(known.networkHash.size(), std::size_t{ 32 });
    const Metrics& metrics = known.metrics;
    const EvaluationResult result = bench.evaluate(request);
    QVERIFY(metrics.at("parameters") > 0 && metrics.at("flops") > 0 && metrics.at("memory_mb") > 0);
    for (const auto& [name, value] : metrics)
        QCOMPARE(result.metrics.at(name), value);
    QVERIFY(!metrics.contains("val_accuracy"));
}

void TestTrainingEvaluator::sameRequestSameResult_data()
{
    QTest::addColumn<bool>("images");
    QTest::newRow("vectors, dropout") << false;
    QTest::newRow("images, augmented") << true;
}

void TestTrainingEvaluator::sameRequestSameResult()
{
    QFETCH(bool, images);
    data::Task task = quickTask(images ? barsTask() : separableTask());
    task.spec.recipe.shiftPixels = 1;
    task.spec.recipe.horizontalFlip = true;
    Bench bench(images ? imageSpace : vectorSpace, std::move(task));
    const Reproducible first(bench.evaluate(bench.request(5)));
    QVERIFY(first.state == TrialState::Completed);
    QVERIFY(Reproducible(bench.evaluate(bench.request(5))) == first);
}

void TestTrainingEvaluator::sideBySideIsTheSame()
{
    data::Task task = quickTask(barsTask());
    task.spec.recipe.shiftPixels = 1;
    Bench bench(imageSpace, std::move(task), { .device = "cpu" }); // with latency, so that the lane is at work
    const Reproducible alone3(bench.evaluate(bench.request(3)));
    const Reproducible alone4(bench.evaluate(bench.request(4)));
    std::vector<std::optional<Reproducible>> together(4);
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < together.size(); ++i)
            threads.emplace_back([&, i] { together[i].emplace(bench.evaluate(bench.request(3 + i % 2))); });
    }
    for (std::size_t i = 0; i < together.size(); ++i)
        QVERIFY(*together[i] == (i % 2 == 0 ? alone3 : alone4));
}

void TestTrainingEvaluator::seedsDiffer()
{
    Bench bench(vectorSpace, quickTask(separableTask()));
    QVERIFY(bench.evaluate(bench.request(1)).curve[0].trainLoss != bench.evaluate(bench.request(2)).curve[0].trainLoss);
}

void TestTrainingEvaluator::orderOfTrialsDoesNotMatter()
{
    // A resumed study evaluates in a fresh evaluator what the old one would have evaluated after others.
    Bench one(vectorSpace, quickTask(separableTask()));
    one.evaluate(one.request(1));
    const Reproducible after(one.evaluate(one.request(2)));
    Bench other(vectorSpace, quickTask(separableTask()));
    QVERIFY(Reproducible(other.evaluate(other.request(2))) == after);
}

void TestTrainingEvaluator::fidelityZeroIsTheRecipes()
{
    data::Task task = quickTask(separableTask());
    task.spec.recipe.epochs = 2;
    Bench bench(vectorSpace, std::move(task));
    QCOMPARE(bench.evaluate(bench.request(1, 0)).curve.size(), std::size_t{ 2 });
}

void TestTrainingEvaluator::divergenceFailsWithItsCurve()
{
    data::Task task = quickTask(separableTask());
    task.spec.recipe.gradientClip = 0;
    task.spec.recipe.weightDecay = 0;
    task.spec.recipe.warmupFraction = 0;
    // One feature of one training sample is infinite: its batch has no finite loss.
    std::get<std::vector<float>>(task.dataset.samples.values)[static_cast<std::size_t>(2 * task.splits.train[0])]
        = std::numeric_limits<float>::infinity();
    Bench bench(vectorSpace, std::move(task));
    const EvaluationResult result = bench.evaluate(bench.request());
    QVERIFY(result.state == TrialState::Failed);
    QVERIFY2(result.message.find("NaN or infinite in epoch 1") != std::string::npos, result.message.c_str());
    QVERIFY(result.curve.empty());
    QVERIFY(!result.metrics.contains("val_accuracy"));
    QVERIFY(result.metrics.contains("parameters") && result.metrics.contains("seconds"));

    // A learning rate that explodes: the epochs before stay.
    data::Task hot = quickTask(separableTask());
    hot.spec.recipe.learningRate = 10;
    hot.spec.recipe.weightDecay = 10;
    hot.spec.recipe.warmupFraction = 0.5;
    Bench hotBench(vectorSpace, std::move(hot));
    const EvaluationResult hotResult = hotBench.evaluate(hotBench.request(1, 50));
    QVERIFY(hotResult.state == TrialState::Failed);
    QVERIFY2(hotResult.message.find("learning rate than 10") != std::string::npos, hotResult.message.c_str());
    QVERIFY(!hotResult.curve.empty());
    for (const CurvePoint& point : hotResult.curve)
        QVERIFY(std::isfinite(point.trainLoss) && std::isfinite(point.validationLoss));
}

void TestTrainingEvaluator::lastBatchOfOneIsLeftOut()
{
    data::Task task = quickTask(separableTask(55)); // 33 to train on: two batches of 16 and one sample
    Bench bench(vectorSpace, std::move(task));
    const EvaluationResult result = bench.evaluate(bench.request());
    QVERIFY2(result.state == TrialState::Completed, result.message.c_str());
}

void TestTrainingEvaluator::progressIsToldInOrder()
{
    Bench bench(vectorSpace, quickTask(separableTask()));
    std::vector<EvaluationProgress> told;
    const EvaluationResult result = bench.evaluate(bench.request(), [&](const EvaluationProgress& p) { told.push_back(p); });
    QVERIFY(told.size() >= 3);
    double fraction = 0;
    std::vector<CurvePoint> points;
    for (const EvaluationProgress& progress : told) {
        QCOMPARE(progress.id.value(), 1);
        QCOMPARE(progress.epochs, 3);
        QVERIFY(progress.fraction >= fraction);
        fraction = progress.fraction;
        if (progress.point) {
            points.push_back(*progress.point);
            QCOMPARE(progress.epoch, progress.point->epoch);
        }
    }
    QCOMPARE(fraction, 1.0);
    QVERIFY(points == result.curve);
}

void TestTrainingEvaluator::stopCancels_data()
{
    QTest::addColumn<int>("afterEpoch");
    QTest::newRow("at once") << 0;
    QTest::newRow("after the second epoch") << 2;
}

void TestTrainingEvaluator::stopCancels()
{
    QFETCH(int, afterEpoch);
    Bench bench(vectorSpace, quickTask(separableTask()));
    std::stop_source stop;
    if (afterEpoch == 0)
        stop.request_stop();
    PauseGate gate;
    const EvaluationResult result = bench.evaluator->evaluate(
        bench.request(1, 100),
        [&](const EvaluationProgress& progress) {
            if (progress.epoch >= afterEpoch)
                stop.request_stop();
        },
        gate, stop.get_token());
    QVERIFY(result.state == TrialState::Cancelled);
    QCOMPARE(static_cast<int>(result.curve.size()), afterEpoch);
    QVERIFY2(result.message.find("stopped in epoch") != std::string::npos, result.message.c_str());
}

void TestTrainingEvaluator::pauseHoldsTheTrial()
{
    Bench bench(vectorSpace, quickTask(separableTask()));
    PauseGate gate;
    std::atomic<int> epochs = 0;
    std::atomic<bool> done = false;
    std::jthread trial([&] {
        bench.evaluator->evaluate(bench.request(1, 5),
            [&](const EvaluationProgress& progress) {
                if (progress.point && ++epochs == 2)
                    gate.pause();
            },
            gate, {});
        done = true;
    });
    QTRY_COMPARE(epochs.load(), 2);
    for (int i = 0; i < 20; ++i) {
        std::this_thread::yield();
        QCOMPARE(epochs.load(), 2);
        QVERIFY(!done);
    }
    gate.resume();
    QTRY_VERIFY(done.load());
    QCOMPARE(epochs.load(), 5);
}

void TestTrainingEvaluator::memoryLimitRefusesBeforeTraining()
{
    Bench bench(vectorSpace, separableTask(), { .device = "cpu", .memoryLimitBytes = 100 });
    const EvaluationResult result = bench.evaluate(bench.request());
    QVERIFY(result.state == TrialState::Failed);
    QVERIFY2(result.message.find("only 100 B are available") != std::string::npos, result.message.c_str());
    QVERIFY2(result.message.find("censored") != std::string::npos, result.message.c_str());
    QVERIFY(result.curve.empty());
    QVERIFY(!result.metrics.contains("val_accuracy"));
}

void TestTrainingEvaluator::halfTheBatchIsTriedWhereTheWholeDoesNotFit()
{
    data::Task task = quickTask(barsTask());
    Bench roomy(imageSpace, task);
    const double wholeBytes = 1e6 * valueOf(roomy.evaluator->precheck(roomy.request().genotype)).metrics.at("memory_mb");
    Bench tight(imageSpace, task,
        { .device = "cpu", .measureLatency = false, .memoryLimitBytes = static_cast<std::uint64_t>(0.9 * wholeBytes) });
    const EvaluationResult result = tight.evaluate(tight.request(1, 12));
    QVERIFY2(result.state == TrialState::Completed, result.message.c_str());
    QVERIFY(result.metrics.at("val_accuracy") >= 0.9);
    // The same number of optimiser steps at the same rates.
    const EvaluationResult whole = roomy.evaluate(roomy.request(1, 12));
    QCOMPARE(result.curve.back().learningRate, whole.curve.back().learningRate);
}

void TestTrainingEvaluator::foreignGenotypeIsRefused()
{
    Bench bench(vectorSpace, separableTask());
    EvaluationRequest request = bench.request();
    request.genotype = space::Genotype(std::vector<double>{ 0 });
    const EvaluationResult result = bench.evaluate(request);
    QVERIFY(result.state == TrialState::Failed);
    QVERIFY(result.message.find("genotype") != std::string::npos);
    QVERIFY(!bench.evaluator->precheck(request.genotype));
}

void TestTrainingEvaluator::wrongOutputIsRefused()
{
    Bench bench(wrongOutputSpace, separableTask());
    const auto precheck = bench.evaluator->precheck(bench.request().genotype);
    QVERIFY(!precheck);
    QVERIFY2(precheck.error().message.find("needs 2") != std::string::npos, precheck.error().message.c_str());
    QVERIFY(bench.evaluate(bench.request()).state == TrialState::Failed);
}

void TestTrainingEvaluator::badOptionsAreRefused_data()
{
    QTest::addColumn<QString>("device");
    QTest::addColumn<int>("threads");
    QTest::addColumn<int>("batchSize");
    QTest::addColumn<QString>("reason");
    QTest::newRow("unknown device") << "gpu" << 1 << 16 << "cpu";
    QTest::newRow("absent device") << "cuda:99" << 1 << 16 << "cuda:99";
    QTest::newRow("no threads") << "cpu" << 0 << 16 << "thread";
    QTest::newRow("no batch") << "cpu" << 1 << 0 << "recipe";
}

void TestTrainingEvaluator::badOptionsAreRefused()
{
    QFETCH(QString, device);
    QFETCH(int, threads);
    QFETCH(int, batchSize);
    QFETCH(QString, reason);
    const Operations operations;
    data::Task task = separableTask();
    task.spec.recipe.batchSize = batchSize;
    const auto evaluator = trainingEvaluator(valueOf(space::spaceFromText(vectorSpace)), operations.set,
        std::make_shared<const data::Task>(task), { .device = device.toStdString(), .threadsPerTrial = threads });
    QVERIFY(!evaluator);
    QVERIFY2(QString::fromStdString(evaluator.error().text()).contains(reason), evaluator.error().text().c_str());
}

QTEST_GUILESS_MAIN(TestTrainingEvaluator)
#include "tst_training_evaluator.moc"
