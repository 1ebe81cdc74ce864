#include "core/search/objective.h"

#include "core/search/strategy_driver.h"
#include "tests/core/search/search_test_support.h"

#include <QtTest>
#include <cmath>
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

class Spy : public Strategy {
public:
    Spy(const StrategyContext& context, std::vector<Observation>& seen)
        : m_context(context)
        , m_seen(seen)
    {
    }
    std::optional<Proposal> ask() override
    {
        Rng rng(1);
        return Proposal{ m_context.decisions->sample(rng) };
    }
    void tell(const Observation& observation) override { m_seen.push_back(observation); }
    Json state() const override { return Json::object(); }
    Result<void> restore(const Json&) override { return {}; }

private:
    StrategyContext m_context;
    std::vector<Observation>& m_seen;
};

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
        QTest::newRow("target and exponent") << "val_accuracy,latency_ms:min@2^-0.07"
                                             << "val_accuracy:max,latency_ms:min@2^-0.07" << true;
        QTest::newRow("exponents where met and missed") << "val_accuracy, latency_ms @ 2.5 ^ 0 / -1"
                                                        << "val_accuracy:max,latency_ms:min@2.5^0/-1" << true;
        QTest::newRow("exponent alone") << "val_accuracy,params^-0.1"
                                        << "val_accuracy:max,parameters:min^-0.1" << true;
        QTest::newRow("target alone") << "val_loss,latency_ms@2,train_accuracy:max@0.5"
                                      << "val_loss:min,latency_ms:min@2^-0.07,train_accuracy:max@0.5^0.07" << true;
        QTest::newRow("large target") << "val_accuracy,params@1e6^-0.07"
                                      << "val_accuracy:max,parameters:min@1000000^-0.07" << true;
        QTest::newRow("term on the first") << "val_accuracy@0.9,latency_ms"
                                           << "'val_accuracy' is the first objective" << false;
        QTest::newRow("target of zero") << "val_accuracy,latency_ms@0"
                                        << "the target of 'latency_ms' is 0, but must be above 0" << false;
        QTest::newRow("no target") << "val_accuracy,latency_ms@^-1"
                                   << "the target of 'latency_ms' is a number" << false;
        QTest::newRow("exponent in words") << "val_accuracy,latency_ms@2^small"
                                           << "the exponent of 'latency_ms' is a number, not 'small'" << false;
        QTest::newRow("exponent's sign") << "val_accuracy,latency_ms@2^0.07"
                                         << "must be 0 or below, because the metric is to be small" << false;
        QTest::newRow("second exponent's sign") << "val_accuracy,train_accuracy:max@0.5^1/-1"
                                                << "must be 0 or above, because the metric is to be large" << false;
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
        if (!good)
            return;
        QVERIFY(*parseObjectives(objectivesText(*parsed)) == *parsed);
        StudySpec spec = testing::testSpec();
        spec.objectives = *parsed;
        QVERIFY(studyFromJson(studyToJson(spec))->objectives == *parsed);
    }

    void unsoundTermsInAStudyAreRefused_data()
    {
        QTest::addColumn<QString>("term");
        QTest::addColumn<QString>("reason");
        QTest::newRow("target") << R"({"target":-1,"exponent_met":0,"exponent_missed":0})"
                                << "must be above 0";
        QTest::newRow("sign") << R"({"target":1,"exponent_met":0,"exponent_missed":1})"
                              << "0 or below";
        QTest::newRow("half") << R"({"target":1})"
                              << "exponent_met";
    }
    void unsoundTermsInAStudyAreRefused()
    {
        QFETCH(QString, term);
        QFETCH(QString, reason);
        StudySpec spec = testing::testSpec();
        spec.objectives = *parseObjectives("val_accuracy,latency_ms");
        Json json = studyToJson(spec);
        QVERIFY(!json["objectives"][1].contains("target")); // as it was before there were terms
        json["objectives"][1].update(*parseJson(term.toStdString()));
        const auto read = studyFromJson(json);
        QVERIFY(!read);
        QVERIFY2(QString::fromStdString(read.error().text()).contains(reason), read.error().text().c_str());
    }

    void productIsMnasNets()
    {
        const auto product = [](const char* text, std::vector<double> signedValues) {
            return weightedProduct(signedValues, *parseObjectives(text));
        };
        const auto near = [](double a, double b) { return std::abs(a - b) < 1e-12 * std::abs(b); };
        // Accuracy 0.75 at 80 ms for a target of 80 ms is 0.75; at 160 ms it needs 5 % more accuracy to be as good.
        QVERIFY(near(product("val_accuracy,latency_ms@80^-0.07", { 0.75, -80 }), 0.75));
        const double twice = product("val_accuracy,latency_ms@80^-0.07", { 0.75 * 1.05, -160 });
        QVERIFY(std::abs(twice / 0.75 - 1) < 1e-3);
        // alpha = 0, beta = -1: a hard limit.
        QVERIFY(near(product("val_accuracy,latency_ms@80^0/-1", { 0.75, -20 }), 0.75));
        QVERIFY(near(product("val_accuracy,latency_ms@80^0/-1", { 0.75, -160 }), 0.375));
        // Three objectives, one of them to maximise.
        QVERIFY(near(product("val_accuracy,params@1e6^-0.5,train_accuracy:max@0.5^1/2", { 0.8, -4e6, 0.25 }), 0.8 * 0.5 * 0.25));
        // A loss: minimised as loss × (latency / target)^0.07.
        QVERIFY(near(product("val_loss,latency_ms@80", { -0.3, -160 }), -0.3 * std::pow(2, 0.07)));
        // One objective is itself.
        QCOMPARE(product("val_loss", { -0.3 }), -0.3);
        QCOMPARE(product("gap:max", { -2 }), -2.0);
        QVERIFY(std::isnan(product("val_accuracy,latency_ms^0", { 0.8, std::nan("") })));
        // At and below zero the ratio is the least.
        QCOMPARE(product("val_accuracy,gap^-1", { 0.8, 0.5 }), 0.8 / leastRatio);
        QCOMPARE(product("val_accuracy,gap^-1", { 0.8, -0.0 }), 0.8 / leastRatio);
    }

    void productRespectsDomination()
    {
        const bool holds = rc::check("better in every objective is not worse in the product", [] {
            const auto text = *rc::gen::element<std::string>("val_accuracy,latency_ms@2^0/-1",
                "val_loss,latency_ms@2,params@3^-0.5", "gap:max,train_accuracy:max@2^0.1/3", "latency_ms,val_accuracy@2");
            const std::vector<Objective> objectives = *parseObjectives(text);
            std::vector<double> worse;
            std::vector<double> better;
            for (std::size_t i = 0; i < objectives.size(); ++i) {
                worse.push_back(*rc::gen::inRange(-50, 50) / 10.0);
                better.push_back(worse.back() + *rc::gen::inRange(0, 20) / 10.0);
            }
            const double a = weightedProduct(better, objectives);
            const double b = weightedProduct(worse, objectives);
            RC_ASSERT(a >= b - 1e-12 * std::abs(b));
        });
        QVERIFY(holds);
    }

    void violations()
    {
        const std::vector<Objective> objectives = *parseObjectives("val_accuracy");
        const std::vector<Constraint> constraints
            = { *parseConstraint("params<=100"), *parseConstraint("val_accuracy>=0.8"), *parseConstraint("gap<=0") };
        const auto of = [&](train::Metrics metrics, train::TrialState state = train::TrialState::Completed) {
            const train::Trial made = trial(1, std::move(metrics), state);
            const double sum = violation(made, objectives, constraints);
            const bool completed = state == train::TrialState::Completed;
            // Nothing is broken exactly where the trial is feasible.
            return (sum == 0) == (completed && isFeasible(made, objectives, constraints)) ? sum : -1;
        };
        constexpr double infinity = std::numeric_limits<double>::infinity();
        QCOMPARE(of({ { "parameters", 100 }, { "val_accuracy", 0.8 }, { "gap", 0 } }), 0.0);
        QCOMPARE(of({ { "parameters", 150 }, { "val_accuracy", 0.9 }, { "gap", 0 } }), 0.5);
        QCOMPARE(of({ { "parameters", 150 }, { "val_accuracy", 0.4 }, { "gap", 0.25 } }), 0.5 + 0.5 + 0.25);
        QCOMPARE(of({ { "parameters", 150 }, { "val_accuracy", 0.9 } }), infinity);
        QCOMPARE(of({ { "parameters", 50 }, { "gap", 0 } }), infinity);
        QCOMPARE(of({ { "parameters", 50 }, { "val_accuracy", 0.9 }, { "gap", 0 } }, train::TrialState::Failed), infinity);
    }

    void aSingleObjectiveStrategySearchesTheProduct()
    {
        // Larger answers are more accurate and have more parameters: the product at its best lies in between.
        StudySpec spec = testing::testSpec();
        spec.objectives = *parseObjectives("val_accuracy,params@1000^-0.5");
        spec.strategy = "spy";
        std::vector<Observation> seen;
        std::vector<std::size_t> objectiveCounts;
        const auto spy = [&](bool multiObjective) {
            StrategyDescriptor descriptor = randomSearch();
            descriptor.name = "spy";
            descriptor.multiObjective = multiObjective;
            descriptor.make = [&](const StrategyContext& context, const Parameters&) -> Result<std::unique_ptr<Strategy>> {
                objectiveCounts.push_back(context.objectives);
                return std::make_unique<Spy>(context, seen);
            };
            return StrategySet({ descriptor });
        };
        const space::DecisionSpace decisions = *space::DecisionSpace::compile(spec.space);
        for (const bool multiObjective : { false, true }) {
            const StrategySet set = spy(multiObjective);
            const auto driver = *StrategyDriver::create(set, spec, decisions, {});
            auto asked = driver->ask();
            asked->state = train::TrialState::Completed;
            asked->metrics = { { "val_accuracy", 0.8 }, { "parameters", 4000 } };
            driver->tell(*asked);
        }
        QCOMPARE(objectiveCounts, (std::vector<std::size_t>{ 1, 2 }));
        QCOMPARE(seen[0].values, std::vector<double>{ 0.4 });
        QCOMPARE(seen[1].values, (std::vector<double>{ 0.8, -4000 }));
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
