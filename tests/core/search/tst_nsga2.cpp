#include "core/search/dominance.h"
#include "core/search/hypervolume.h"
#include "tests/core/search/strategy_test_support.h"

#include <QtTest>
#include <cmath>
#include <set>

using namespace archscope;
using namespace archscope::search;
using search::testing::tellCompleted;
using search::testing::tellFailed;

namespace {

constexpr int values = 11;

/// ZDT1 (Zitzler, Deb, Thiele 2000) on a grid: both objectives signed, larger is better. The true front has all answers but
/// the first at 0.
Point zdt1(const space::Genotype& genotype)
{
    const double f1 = genotype[0] / (values - 1);
    double sum = 0;
    for (std::size_t i = 1; i < genotype.size(); ++i)
        sum += genotype[i] / (values - 1);
    const double g = 1 + 9 * sum / static_cast<double>(genotype.size() - 1);
    return { -f1, -g * (1 - std::sqrt(f1 / g)) };
}

bool isOnTrueFront(const space::Genotype& genotype)
{
    for (std::size_t i = 1; i < genotype.size(); ++i) {
        if (genotype[i] != 0)
            return false;
    }
    return true;
}

} // namespace

class TestNsga2 : public QObject {
    Q_OBJECT

    space::DecisionSpace m_decisions;

    StrategyContext context(std::size_t objectives = 2, std::uint64_t seed = 1) const
    {
        StrategyContext made;
        made.decisions = &m_decisions;
        made.objectives = objectives;
        made.seed = seed;
        return made;
    }

    static std::unique_ptr<Strategy> make(const StrategyContext& context, std::int64_t population)
    {
        return search::testing::made(nsga2(), context, { { "population", population } });
    }

private Q_SLOTS:
    void initTestCase() { m_decisions = *space::DecisionSpace::compile(search::testing::chainSpace(6, values)); }

    void findsTheFrontOfZdt1()
    {
        const auto found = [this](const StrategyDescriptor& descriptor, const search::testing::Settings& settings) {
            const auto strategy = search::testing::made(descriptor, context(), settings);
            std::set<double> onFront;
            for (std::int64_t id = 1; id <= 2000; ++id) {
                const auto proposal = strategy->ask();
                if (isOnTrueFront(proposal->genotype))
                    onFront.insert(proposal->genotype[0]);
                tellCompleted(*strategy, id, proposal->genotype, zdt1(proposal->genotype));
            }
            return onFront.size();
        };
        const std::size_t evolved = found(nsga2(), { { "population", std::int64_t{ 40 } } });
        const std::size_t random = found(randomSearch(), {});
        QVERIFY2(evolved >= 9 && random <= 1, qPrintable(QString("%1 of 11, at random %2").arg(evolved).arg(random)));
    }

    void keepsToTheConstraint()
    {
        // Left of 0.5 is forbidden: the front begins there.
        const auto strategy = make(context(), 30);
        for (std::int64_t id = 1; id <= 1500; ++id) {
            const auto proposal = strategy->ask();
            tellCompleted(*strategy, id, proposal->genotype, zdt1(proposal->genotype),
                std::max(0.0, 0.5 - proposal->genotype[0] / 10));
        }
        std::set<double> firsts;
        const Json state = strategy->state();
        for (const Json& member : state.at("members")) {
            QCOMPARE(member.at("violation").get<double>(), 0.0);
            firsts.insert(member.at("answers")[0].get<double>());
        }
        QVERIFY(*firsts.begin() == 5 && firsts.size() >= 4);
    }

    void climbsOutOfTheInfeasible()
    {
        // One random genotype in 8,000 fulfils the constraint; the others break it the less, the smaller their answers are.
        const auto strategy = make(context(1), 20);
        int feasible = 0;
        for (std::int64_t id = 1; id <= 800; ++id) {
            const auto proposal = strategy->ask();
            double sum = 0;
            for (const double answer : proposal->genotype.answers())
                sum += answer;
            const double violation = std::max(0.0, sum - 4);
            feasible += violation == 0;
            tellCompleted(*strategy, id, proposal->genotype, { sum }, violation);
        }
        QVERIFY2(feasible > 20, qPrintable(QString::number(feasible)));
    }

    void waitsForTheGeneration()
    {
        const auto strategy = make(context(), 8);
        std::vector<space::Genotype> generation;
        QVERIFY(!strategy->awaitsTell());
        while (const auto proposal = strategy->ask()) {
            QVERIFY(proposal->parents.empty());
            generation.push_back(proposal->genotype);
        }
        QCOMPARE(generation.size(), std::size_t{ 8 });
        for (std::size_t i = 8; i-- > 0;) {
            QVERIFY(strategy->awaitsTell());
            QVERIFY(!strategy->ask());
            if (i % 3 == 1)
                tellFailed(*strategy, static_cast<std::int64_t>(i) + 1, generation[i]);
            else
                tellCompleted(*strategy, static_cast<std::int64_t>(i) + 1, generation[i], zdt1(generation[i]));
        }
        QVERIFY(!strategy->awaitsTell());
        QCOMPARE(strategy->state().at("members").size(), std::size_t{ 5 }); // 2, 5 and 8 failed
        for (int i = 0; i < 8; ++i) {
            const auto child = strategy->ask();
            QVERIFY(child && !child->parents.empty());
            QVERIFY(std::ranges::find(generation, child->genotype) == generation.end());
            for (const train::TrialId parent : child->parents)
                QVERIFY(parent.value() % 3 != 2);
        }
        QVERIFY(!strategy->ask());
    }

    void allFailedBeginsAgainAtRandom()
    {
        const auto strategy = make(context(), 4);
        for (std::int64_t id = 1; id <= 40; ++id) {
            const auto proposal = strategy->ask();
            QVERIFY(proposal && proposal->parents.empty());
            tellFailed(*strategy, id, proposal->genotype);
        }
    }

    void theBestSurvives_data()
    {
        QTest::addColumn<int>("objectives");
        for (int objectives = 1; objectives <= 4; ++objectives)
            QTest::addRow("%d", objectives) << objectives;
    }
    void theBestSurvives()
    {
        // Parents and children compete together, and the outermost of a front are not crowded: the best of each objective
        // stays.
        QFETCH(int, objectives);
        const auto strategy = make(context(static_cast<std::size_t>(objectives)), 24);
        std::vector<Point> all;
        const auto pointOf = [&](const space::Genotype& genotype) {
            Point point;
            for (int o = 0; o < objectives; ++o)
                point.push_back(genotype[static_cast<std::size_t>(o)] - genotype[static_cast<std::size_t>((o + 1) % 6)] / 3
                    - genotype[5]);
            return point;
        };
        for (std::int64_t id = 1; id <= 24 * 10; ++id) {
            const auto proposal = strategy->ask();
            all.push_back(pointOf(proposal->genotype));
            tellCompleted(*strategy, id, proposal->genotype, all.back());
        }
        std::vector<Point> population;
        const Json state = strategy->state();
        for (const Json& member : state.at("members"))
            population.push_back(member.at("values").get<Point>());
        QCOMPARE(population.size(), std::size_t{ 24 });
        for (std::size_t o = 0; o < static_cast<std::size_t>(objectives); ++o) {
            const auto bestOf = [o](const std::vector<Point>& points) {
                return (*std::ranges::max_element(points, {}, [o](const Point& point) { return point[o]; }))[o];
            };
            QCOMPARE(bestOf(population), bestOf(all));
        }
    }

    void warmTrialsBelongToTheFirstGeneration()
    {
        StrategyContext where = context();
        where.warmTrials = 3;
        const auto strategy = make(where, 8);
        Rng rng(2);
        for (std::int64_t id = 1; id <= 3; ++id) {
            const space::Genotype genotype = m_decisions.sample(rng);
            tellCompleted(*strategy, id, genotype, zdt1(genotype));
        }
        std::vector<space::Genotype> asked;
        while (const auto proposal = strategy->ask())
            asked.push_back(proposal->genotype);
        QCOMPARE(asked.size(), std::size_t{ 5 });
        for (const space::Genotype& genotype : asked)
            tellCompleted(*strategy, 10, genotype, zdt1(genotype));
        QCOMPARE(strategy->state().at("members").size(), std::size_t{ 8 });
    }

    void goesOnWhenTheRecordedDiffers()
    {
        // A resumed study tells what it recorded, whatever this release proposes.
        const auto strategy = make(context(), 6);
        Rng rng(3);
        for (std::int64_t id = 1; id <= 60; ++id) {
            QVERIFY(strategy->ask().has_value());
            const space::Genotype recorded = m_decisions.sample(rng);
            tellCompleted(*strategy, id, recorded, zdt1(recorded));
        }
    }

    void populationChoosesItself_data()
    {
        QTest::addColumn<int>("budget");
        QTest::addColumn<int>("population");
        QTest::newRow("no bound: the paper's") << 0 << 100;
        QTest::newRow("large: the paper's") << 5000 << 100;
        QTest::newRow("small") << 20 << 10;
        QTest::newRow("middle") << 200 << 20;
    }
    void populationChoosesItself()
    {
        QFETCH(int, budget);
        QFETCH(int, population);
        StrategyContext where = context();
        where.budgetTrials = budget;
        QCOMPARE(search::testing::made(nsga2(), where)->state().at("population").get<int>(), population);
    }

    void aPopulationOfOneIsRefused()
    {
        const StrategyDescriptor descriptor = nsga2();
        const auto made = descriptor.make(
            context(), *space::completed(descriptor.settings, { { "population", std::int64_t{ 1 } } }, descriptor.name));
        QVERIFY(!made);
        QVERIFY(made.error().text().find("at least 2") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestNsga2)
#include "tst_nsga2.moc"
