#include "core/train/trial.h"

#include <QTest>
#include <cmath>
#include <limits>
#include <set>

using namespace archscope;
using namespace archscope::train;

class TestTrial : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void stateNamesGoBothWays_data();
    void stateNamesGoBothWays();
    void unknownStateIsRefused();
    void fidelityGoesThroughJson();
    void badFidelityIsRefused_data();
    void badFidelityIsRefused();
    void absentMetricIsNaN();
    void metricsOfTheDesignAreKnown();
    void onlyTestAccuracyIsNotOfTrials();
    void metricText_data();
    void metricText();
};

void TestTrial::stateNamesGoBothWays_data()
{
    QTest::addColumn<TrialState>("state");
    QTest::addColumn<QString>("name");
    QTest::newRow("queued") << TrialState::Queued << "queued";
    QTest::newRow("running") << TrialState::Running << "running";
    QTest::newRow("completed") << TrialState::Completed << "completed";
    QTest::newRow("pruned") << TrialState::Pruned << "pruned";
    QTest::newRow("failed") << TrialState::Failed << "failed";
    QTest::newRow("cancelled") << TrialState::Cancelled << "cancelled";
}

void TestTrial::stateNamesGoBothWays()
{
    QFETCH(TrialState, state);
    QFETCH(QString, name);
    QCOMPARE(QString::fromStdString(stateName(state)), name);
    QVERIFY(stateFromName(name.toStdString()) == state);
}

void TestTrial::unknownStateIsRefused()
{
    QVERIFY(!stateFromName("done"));
    QVERIFY(!stateFromName(""));
}

void TestTrial::fidelityGoesThroughJson()
{
    const Json json = fidelityToJson({ .epochs = 3 });
    const auto back = fidelityFromJson(JsonReader(json));
    QVERIFY(back);
    QCOMPARE(back->epochs, 3);
    const Json empty = Json::object();
    QCOMPARE(fidelityFromJson(JsonReader(empty))->epochs, 0);
}

void TestTrial::badFidelityIsRefused_data()
{
    QTest::addColumn<QString>("json");
    QTest::addColumn<QString>("reason");
    QTest::newRow("negative") << R"({"epochs": -1})"
                              << "between 0";
    QTest::newRow("absurd") << R"({"epochs": 1000000})"
                            << "100000";
    QTest::newRow("not a whole number") << R"({"epochs": 1.5})"
                                        << "/epochs";
    QTest::newRow("unknown member") << R"({"epoch": 3})"
                                    << "epoch";
    QTest::newRow("no object") << "3"
                               << "/";
}

void TestTrial::badFidelityIsRefused()
{
    QFETCH(QString, json);
    QFETCH(QString, reason);
    const auto document = parseJson(json.toStdString());
    QVERIFY(document);
    const auto fidelity = fidelityFromJson(JsonReader(*document));
    QVERIFY(!fidelity);
    QVERIFY2(QString::fromStdString(fidelity.error().text()).contains(reason), fidelity.error().text().c_str());
}

void TestTrial::absentMetricIsNaN()
{
    Trial trial;
    trial.metrics["val_accuracy"] = 0.5;
    QCOMPARE(trial.metric("val_accuracy"), 0.5);
    QVERIFY(std::isnan(trial.metric("latency_ms")));
}

void TestTrial::metricsOfTheDesignAreKnown()
{
    std::set<std::string> names;
    for (const MetricDescriptor& metric : metricDescriptors()) {
        names.insert(metric.name);
        QVERIFY(!metric.title.empty() && !metric.help.empty());
        QVERIFY(findMetric(metric.name) == &metric);
    }
    const std::set<std::string> wanted{ "val_accuracy", "train_accuracy", "test_accuracy", "val_loss", "gap", "parameters",
        "flops", "latency_ms", "memory_mb", "epochs", "seconds", "simulated_s" };
    QVERIFY(names == wanted);
    QVERIFY(!findMetric("params"));
}

void TestTrial::onlyTestAccuracyIsNotOfTrials()
{
    for (const MetricDescriptor& metric : metricDescriptors())
        QCOMPARE(metric.ofTrials, metric.name != "test_accuracy");
}

void TestTrial::metricText_data()
{
    QTest::addColumn<QString>("metric");
    QTest::addColumn<double>("value");
    QTest::addColumn<QString>("text");
    QTest::newRow("accuracy") << "val_accuracy" << 0.98715 << "98.72 %";
    QTest::newRow("gap below zero") << "gap" << -0.0012 << "-0.12 %";
    QTest::newRow("parameters") << "parameters" << 1531546.0 << "1.53 M";
    QTest::newRow("few FLOPs") << "flops" << 640.0 << "640";
    QTest::newRow("very short latency") << "latency_ms" << 0.003626 << "0.004 ms";
    QTest::newRow("short latency") << "latency_ms" << 0.4123 << "0.41 ms";
    QTest::newRow("long latency") << "latency_ms" << 31.26 << "31.3 ms";
    QTest::newRow("memory") << "memory_mb" << 12.3 << "12.3 MB";
    QTest::newRow("time") << "seconds" << 250.0 << "4 min 10 s";
    QTest::newRow("loss") << "val_loss" << 0.12345678 << "0.1235 nats";
    QTest::newRow("absent") << "val_accuracy" << std::numeric_limits<double>::quiet_NaN() << "n/a";
    QTest::newRow("infinite") << "val_loss" << std::numeric_limits<double>::infinity() << "n/a";
}

void TestTrial::metricText()
{
    QFETCH(QString, metric);
    QFETCH(double, value);
    QFETCH(QString, text);
    const MetricDescriptor* descriptor = findMetric(metric.toStdString());
    QVERIFY(descriptor);
    QCOMPARE(QString::fromStdString(train::metricText(*descriptor, value)), text);
}

QTEST_GUILESS_MAIN(TestTrial)
#include "tst_trial.moc"
