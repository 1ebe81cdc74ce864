#include "core/search/objective.h"

#include <QtTest>
#include <limits>
#include <rapidcheck.h>

using namespace archscope;
using namespace archscope::search;

namespace {

train::Trial trial(std::int64_t id, train::Metrics metrics, train::TrialState state = train::TrialState::Completed)
{
    train::Trial made;
    made.id = train::TrialId(id);
    made.metrics = std::move(metrics);
    made.state = state;
    return made;
}

} // namespace

class TestObjective : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void objectives_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("expected"); // canonical, or what the error says
        QTest::addColumn<bool>("good");
        QTest::newRow("one") << "val_accuracy:max"
                             << "val_accuracy:max" << true;
        QTest::newRow("usual direction") << "val_accuracy, latency_ms"
                                         << "val_accuracy:max,latency_ms:min" << true;
        QTest::newRow("against custom") << "val_accuracy:min"
                                        << "val_accuracy:min" << true;
        QTest::newRow("alias") << "params"
                               << "parameters:min" << true;
        QTest::newRow("unknown") << "val_acuracy"
                                 << "did you mean 'val_accuracy'" << false;
        QTest::newRow("direction") << "val_accuracy:up"
                                   << "'max' or 'min', not 'up'" << false;
        QTest::newRow("twice") << "val_loss,val_loss:max"
                               << "named twice" << false;
        QTest::newRow("empty") << ""
                               << "empty" << false;
        QTest::newRow("trailing comma") << "val_loss,"
                                        << "empty" << false;
        QTest::newRow("test split") << "test_accuracy"
                                    << "a search must not aim at it" << false;
    }
    void objectives()
    {
        QFETCH(QString, text);
        QFETCH(QString, expected);
        QFETCH(bool, good);
        const auto parsed = parseObjectives(text.toStdString());
        QCOMPARE(parsed.has_value(), good);
        const QString found = QString::fromStdString(good ? objectivesText(*parsed) : parsed.error().text());
        QVERIFY2(good ? found == expected : found.contains(expected), qPrintable(found));
    }

    void constraints_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("expected");
        QTest::addColumn<bool>("good");
        QTest::newRow("alias") << "params<=1e6"
                               << "parameters<=1000000" << true;
        QTest::newRow("blanks") << " latency_ms <= 2.5 "
                                << "latency_ms<=2.5" << true;
        QTest::newRow("at least") << "val_accuracy>=0.9"
                                  << "val_accuracy>=0.9" << true;
        QTest::newRow("strict") << "params<1"
                                << "'<=' or '>='" << false;
        QTest::newRow("no number") << "params<=many"
                                   << "a number" << false;
        QTest::newRow("no relation") << "params"
                                     << "'<=' or '>='" << false;
        QTest::newRow("no metric") << "<=3"
                                   << "a metric" << false;
        QTest::newRow("unknown") << "paramz<=3"
                                 << "unknown metric" << false;
        QTest::newRow("not finite") << "params<=nan"
                                    << "a number" << false;
    }
    void constraints()
    {
        QFETCH(QString, text);
        QFETCH(QString, expected);
        QFETCH(bool, good);
        const auto parsed = parseConstraint(text.toStdString());
        QCOMPARE(parsed.has_value(), good);
        const QString found = QString::fromStdString(good ? constraintText(*parsed) : parsed.error().text());
        QVERIFY2(good ? found == expected : found.contains(expected), qPrintable(found));
        if (good)
            QVERIFY(*parseConstraint(constraintText(*parsed)) == *parsed);
    }

    void bestIsFeasibleCompletedAndEarliest()
    {
        const std::vector<Objective> objectives = { { "val_accuracy", true } };
        const std::vector<Constraint> limits = { *parseConstraint("params<=100") };
        const std::vector<train::Trial> trials = {
            trial(1, { { "val_accuracy", 0.8 }, { "parameters", 50 } }),
            trial(2, { { "val_accuracy", 0.99 }, { "parameters", 500 } }),
            trial(3, { { "val_accuracy", 0.98 }, { "parameters", 50 } }, train::TrialState::Failed),
            trial(4, { { "val_accuracy", 0.9 }, { "parameters", 100 } }),
            trial(5, { { "val_accuracy", 0.9 }, { "parameters", 10 } }),
            trial(6, { { "val_accuracy", std::numeric_limits<double>::quiet_NaN() }, { "parameters", 10 } }),
            trial(7, { { "val_accuracy", 0.95 } }), // a constrained metric that is absent
        };
        QCOMPARE(bestTrial(trials, objectives, limits), 3);
        QCOMPARE(bestTrial(trials, objectives, {}), 1);
        QCOMPARE(bestTrial(std::span(trials).subspan(1, 2), objectives, limits), -1);
        const std::vector<Objective> smallest = { { "parameters", false } };
        QCOMPARE(bestTrial(trials, smallest, {}), 4);
    }

    void paretoFrontIsThatOfTheDefinition()
    {
        const bool holds = rc::check("front", [] {
            const auto dimensions = *rc::gen::inRange(1, 4);
            const std::vector<std::string> names = { "val_accuracy", "latency_ms", "parameters" };
            std::vector<Objective> objectives;
            for (int i = 0; i < dimensions; ++i)
                objectives.push_back({ names[static_cast<std::size_t>(i)], i == 0 });
            std::vector<train::Trial> trials;
            const auto count = *rc::gen::inRange(0, 40);
            for (int i = 0; i < count; ++i) {
                train::Metrics metrics;
                for (const Objective& objective : objectives)
                    metrics[objective.metric] = *rc::gen::inRange(0, 6);
                trials.push_back(trial(i + 1, std::move(metrics)));
            }
            const auto value
                = [&](std::size_t t, const Objective& o) { return trials[t].metrics.at(o.metric) * (o.maximise ? 1 : -1); };
            const auto dominates = [&](std::size_t a, std::size_t b) {
                bool better = false;
                bool equal = true;
                for (const Objective& o : objectives) {
                    if (value(a, o) < value(b, o))
                        return false;
                    better |= value(a, o) > value(b, o);
                    equal &= value(a, o) == value(b, o);
                }
                return better || (equal && a < b);
            };
            std::set<std::size_t> expected;
            for (std::size_t a = 0; a < trials.size(); ++a) {
                bool beaten = false;
                for (std::size_t b = 0; b < trials.size(); ++b)
                    beaten |= b != a && dominates(b, a);
                if (!beaten)
                    expected.insert(a);
            }
            const auto front = paretoFront(trials, objectives, {});
            RC_ASSERT(std::set<std::size_t>(front.begin(), front.end()) == expected);
            RC_ASSERT(front.size() == expected.size());
            for (std::size_t i = 1; i < front.size(); ++i)
                RC_ASSERT(value(front[i - 1], objectives[0]) >= value(front[i], objectives[0]));
        });
        QVERIFY(holds);
    }
};

QTEST_GUILESS_MAIN(TestObjective)
#include "tst_objective.moc"
