#include "core/search/search_pace.h"
#include "core/search/study.h"
#include "tests/core/search/search_test_support.h"

#include <QtTest>
#include <cmath>

using namespace archscope;
using namespace archscope::search;

class TestStudy : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void durations_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<double>("seconds"); // negative: refused
        QTest::newRow("minutes") << "10m" << 600.0;
        QTest::newRow("seconds") << "90s" << 90.0;
        QTest::newRow("mixed") << "1h30m" << 5400.0;
        QTest::newRow("days") << "1d1s" << 86401.0;
        QTest::newRow("plain") << "45" << 45.0;
        QTest::newRow("fraction") << "1.5h" << 5400.0;
        QTest::newRow("blanks") << " 2m " << 120.0;
        QTest::newRow("empty") << "" << -1.0;
        QTest::newRow("zero") << "0" << -1.0;
        QTest::newRow("negative") << "-5m" << -1.0;
        QTest::newRow("unknown unit") << "5x" << -1.0;
        QTest::newRow("no number") << "m" << -1.0;
        QTest::newRow("wrong order") << "30m1h" << -1.0;
        QTest::newRow("twice") << "1m2m" << -1.0;
        QTest::newRow("rest") << "1h30" << -1.0;
        QTest::newRow("not finite") << "inf" << -1.0;
    }
    void durations()
    {
        QFETCH(QString, text);
        QFETCH(double, seconds);
        const auto parsed = parseDuration(text.toStdString());
        QCOMPARE(parsed.has_value(), seconds > 0);
        if (parsed)
            QCOMPARE(*parsed, seconds);
        else
            QVERIFY(parsed.error().text().find("10m") != std::string::npos);
    }

    void jsonRoundTrip()
    {
        StudySpec spec = testing::testSpec("a study", 123, 0xffff'ffff'ffff'fff0ULL);
        spec.settings = { { "population", std::int64_t{ 20 } }, { "mode", std::string("x") } };
        spec.objectives = *parseObjectives("val_accuracy:max,latency_ms:min");
        spec.constraints = { *parseConstraint("params<=1e6"), *parseConstraint("val_accuracy>=0.1") };
        spec.fidelity.epochs = 3;
        spec.budget.seconds = 12.5;
        spec.device = "cpu";
        spec.jobs = 2;
        const Json document = studyToJson(spec);
        const auto again = studyFromJson(*parseJson(document.dump()));
        QVERIFY2(again.has_value(), again ? "" : again.error().text().c_str());
        QCOMPARE(studyToJson(*again).dump(), document.dump());
        QCOMPARE(again->seed, spec.seed);
        QVERIFY(again->space == spec.space);
        QVERIFY(again->settings == spec.settings);
        QVERIFY(again->objectives == spec.objectives);
        QVERIFY(again->constraints == spec.constraints);
    }

    void malformed_data()
    {
        QTest::addColumn<QString>("pointer");
        QTest::addColumn<QString>("value"); // JSON; empty: removed
        QTest::addColumn<QString>("says");
        QTest::newRow("format") << "/format"
                                << "\"archscope.space\""
                                << "expected 'archscope.study'";
        QTest::newRow("newer") << "/version"
                               << "99"
                               << "a newer Archscope is needed";
        QTest::newRow("no name") << "/name"
                                 << ""
                                 << "'name' is missing";
        QTest::newRow("empty name") << "/name"
                                    << "\" \""
                                    << "/name: a study needs a name";
        QTest::newRow("space") << "/space/root"
                               << "3"
                               << "/space";
        QTest::newRow("strategy") << "/strategy"
                                  << "3"
                                  << "/strategy: expected text";
        QTest::newRow("objective") << "/objectives/0/metric"
                                   << "\"nonsense\""
                                   << "/objectives/0: unknown metric";
        QTest::newRow("no objective") << "/objectives"
                                      << "[]"
                                      << "needs an objective";
        QTest::newRow("relation") << "/constraints/0/relation"
                                  << "\"<\""
                                  << "/constraints/0";
        QTest::newRow("bound") << "/constraints/0/bound"
                               << "\"x\""
                               << "/constraints/0/bound: expected a number";
        QTest::newRow("budget") << "/budget/trials"
                                << "-1"
                                << "/budget: a budget is not negative";
        QTest::newRow("seed") << "/seed"
                              << "-1"
                              << "/seed: a seed is a whole number";
        QTest::newRow("jobs") << "/jobs"
                              << "5000"
                              << "/jobs";
        QTest::newRow("unknown member") << "/job"
                                        << "1"
                                        << "did you mean 'jobs'";
    }
    void malformed()
    {
        QFETCH(QString, pointer);
        QFETCH(QString, value);
        QFETCH(QString, says);
        StudySpec spec = testing::testSpec();
        spec.constraints = { *parseConstraint("params<=1e6") };
        Json document = studyToJson(spec);
        if (value.isEmpty())
            document.erase(pointer.mid(1).toStdString());
        else
            document[Json::json_pointer(pointer.toStdString())] = Json::parse(value.toStdString());
        const auto read = studyFromJson(document);
        QVERIFY(!read);
        QVERIFY2(QString::fromStdString(read.error().text()).contains(says), read.error().text().c_str());
    }

    void paceIsHonest()
    {
        SearchPace pace(10, 100);
        QVERIFY(std::isnan(pace.remainingSeconds({ 50, 0 }, 101)));
        QCOMPARE(pace.remainingSeconds({ 0, 160 }, 110), 50.0);
        pace.add(12, 120); // six a minute
        QCOMPARE(pace.trialsPerMinute(), 6.0);
        QCOMPARE(pace.remainingSeconds({ 42, 0 }, 120), 300.0);
        QCOMPARE(pace.remainingSeconds({ 42, 0 }, 125), 295.0);
        QCOMPARE(pace.remainingSeconds({ 42, 130 }, 120), 10.0);
        QCOMPARE(pace.remainingSeconds({ 12, 0 }, 500), 0.0);
        QVERIFY(std::isnan(pace.remainingSeconds({}, 120)));
        for (int i = 1; i <= 100; ++i) // then sixty a minute: the slow beginning is forgotten
            pace.add(12 + i, 120 + i);
        QCOMPARE(pace.trialsPerMinute(), 60.0);
    }
};

QTEST_GUILESS_MAIN(TestStudy)
#include "tst_study.moc"
