#include "tests/core/search/strategy_test_support.h"
#include "tests/support/primitive_spaces.h"

#include <QtTest>
#include <set>

using namespace archscope;
using namespace archscope::search;
using search::testing::additiveScore;
using search::testing::tellCompleted;
using search::testing::tellFailed;

namespace {

/// The decisions in which two genotypes differ.
std::vector<std::size_t> differences(const space::Genotype& a, const space::Genotype& b)
{
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i] != b[i])
            all.push_back(i);
    }
    return all;
}

} // namespace

class TestLocalSearch : public QObject {
    Q_OBJECT

    space::DecisionSpace m_decisions; ///< 5 decisions of 4 values: 15 neighbours each

    StrategyContext context(std::uint64_t seed = 1) const
    {
        StrategyContext made;
        made.decisions = &m_decisions;
        made.seed = seed;
        return made;
    }

    static std::unique_ptr<Strategy> make(const StrategyContext& context, const std::string& moveTo = "best")
    {
        return search::testing::made(localSearch(), context, { { "move_to", moveTo } });
    }

private Q_SLOTS:
    void initTestCase() { m_decisions = *space::DecisionSpace::compile(search::testing::chainSpace(5, 4)); }

    void evaluatesTheWholeNeighbourhoodAndMovesToTheBest()
    {
        const auto strategy = make(context());
        const space::Genotype start = strategy->ask()->genotype;
        tellCompleted(*strategy, 1, start, { additiveScore(start, 4) });
        std::set<std::vector<double>> neighbours;
        space::Genotype best = start;
        std::int64_t bestId = 1;
        for (std::int64_t id = 2; id <= 16; ++id) {
            const auto proposal = strategy->ask();
            QCOMPARE(differences(start, proposal->genotype).size(), std::size_t{ 1 });
            QCOMPARE(proposal->parents, std::vector{ train::TrialId(1) });
            neighbours.insert(proposal->genotype.answers());
            // The best is told early: what comes later is asked nevertheless.
            const double value = additiveScore(proposal->genotype, 4);
            if (value > additiveScore(best, 4)) {
                best = proposal->genotype;
                bestId = id;
            }
            tellCompleted(*strategy, id, proposal->genotype, { value });
        }
        QCOMPARE(neighbours.size(), std::size_t{ 15 });
        QVERIFY(bestId > 1);
        const auto next = strategy->ask();
        QCOMPARE(differences(best, next->genotype).size(), std::size_t{ 1 });
        QCOMPARE(next->parents, std::vector{ train::TrialId(bestId) });
    }

    void movesToTheFirstBetterOne()
    {
        const auto strategy = make(context(), "first");
        space::Genotype centre = strategy->ask()->genotype;
        double best = additiveScore(centre, 4);
        tellCompleted(*strategy, 1, centre, { best });
        for (std::int64_t id = 2; id <= 6; ++id) {
            const auto proposal = strategy->ask();
            QCOMPARE(differences(centre, proposal->genotype).size(), std::size_t{ 1 });
            const double value = additiveScore(proposal->genotype, 4);
            tellCompleted(*strategy, id, proposal->genotype, { value });
            if (value > best) {
                best = value;
                centre = proposal->genotype;
            }
        }
    }

    void reachesTheOptimumAndBeginsAnewWithoutRepeating_data()
    {
        QTest::addColumn<QString>("moveTo");
        QTest::addColumn<int>("width");
        QTest::newRow("best, one at a time") << "best" << 1;
        QTest::newRow("best, seven at a time") << "best" << 7;
        QTest::newRow("first, one at a time") << "first" << 1;
        QTest::newRow("first, seven at a time") << "first" << 7;
    }
    void reachesTheOptimumAndBeginsAnewWithoutRepeating()
    {
        QFETCH(QString, moveTo);
        QFETCH(int, width);
        const auto strategy = make(context(3), moveTo.toStdString());
        Rng order(5);
        std::vector<std::pair<std::int64_t, space::Genotype>> running;
        std::set<std::vector<double>> seen;
        std::int64_t id = 0;
        std::int64_t optimumAt = 0;
        int starts = 0;
        bool atItsEnd = false;
        while (!atItsEnd || !running.empty()) {
            if (!atItsEnd && running.size() < static_cast<std::size_t>(width)) {
                if (const auto proposal = strategy->ask()) {
                    QVERIFY(seen.insert(proposal->genotype.answers()).second);
                    running.emplace_back(++id, proposal->genotype);
                    if (optimumAt == 0 && additiveScore(proposal->genotype, 4) == 1)
                        optimumAt = id;
                    starts += proposal->parents.empty();
                } else {
                    QVERIFY(!strategy->awaitsTell());
                    atItsEnd = true;
                }
                continue;
            }
            const std::size_t which = order.below(running.size());
            tellCompleted(
                *strategy, running[which].first, running[which].second, { additiveScore(running[which].second, 4) });
            running.erase(running.begin() + static_cast<std::ptrdiff_t>(which));
        }
        // At most five steps with fewer than 15 new neighbours each; some are spent on climbs begun meanwhile.
        QVERIFY2(optimumAt > 0 && optimumAt <= 120, qPrintable(QString::number(optimumAt)));
        QCOMPARE(seen.size(), std::size_t{ 1024 }); // everything, once
        QVERIFY(starts > 1);
    }

    void severalTrialsAreNeverIdle()
    {
        const auto strategy = make(context());
        for (int i = 0; i < 200; ++i)
            QVERIFY(strategy->ask().has_value());
    }

    void newlyActiveDecisionsGetTheFirstAnswers()
    {
        const space::DecisionSpace decisions = *space::DecisionSpace::compile(*space::spaceFromText(test::allPrimitives));
        StrategyContext where;
        where.decisions = &decisions;
        const auto strategy = make(where);
        const auto start = strategy->ask();
        tellCompleted(*strategy, 1, start->genotype, { 1 });
        std::set<std::size_t> changed;
        for (std::int64_t id = 2;; ++id) {
            const auto proposal = strategy->ask();
            if (proposal->parents.empty())
                break; // a local optimum, since all others are worse
            const auto different = differences(start->genotype, proposal->genotype);
            changed.insert(different.front());
            for (const std::size_t i : different) {
                if (i == different.front() || !proposal->genotype.isActive(i))
                    continue;
                QVERIFY(!start->genotype.isActive(i));
                const std::vector<double>& weights = decisions.decisions()[i].domain.weights;
                const double first = weights.empty() ? 0 : 1; // the dropout's rate prefers its second value
                QCOMPARE(proposal->genotype[i], first);
            }
            tellCompleted(*strategy, id, proposal->genotype, { 0 });
        }
        QVERIFY(changed.size() > 3);
    }

    void realDomainsAreSteppedThrough()
    {
        const space::DecisionSpace decisions = *space::DecisionSpace::compile(*space::spaceFromText(test::realDomains));
        StrategyContext where;
        where.decisions = &decisions;
        const auto strategy = make(where, "first");
        const auto target = [&](const space::Genotype& genotype) {
            double badness = 0;
            for (std::size_t i = 0; i < genotype.size(); ++i)
                badness += genotype.isActive(i) && !decisions.decisions()[i].domain.size() ? std::abs(genotype[i] - 1) : 0;
            return -badness;
        };
        double best = -10;
        for (std::int64_t id = 1; id <= 60; ++id) {
            const auto proposal = strategy->ask();
            best = std::max(best, target(proposal->genotype));
            tellCompleted(*strategy, id, proposal->genotype, { target(proposal->genotype) });
        }
        QCOMPARE(best, 0.0); // at the bounds themselves
    }

    void failuresAndViolationsAreWorse()
    {
        // All fail but what has a 3 in front, and that breaks a constraint the less, the larger the second answer is.
        const auto strategy = make(context(2));
        double least = 10;
        for (std::int64_t id = 1; id <= 400; ++id) {
            const auto proposal = strategy->ask();
            const space::Genotype& genotype = proposal->genotype;
            if (genotype[0] != 3) {
                tellFailed(*strategy, id, genotype);
                continue;
            }
            const double violation = 3 - genotype[1];
            least = std::min(least, violation);
            tellCompleted(*strategy, id, genotype, { 100 - genotype[1] }, violation);
        }
        QCOMPARE(least, 0.0);
    }

    void climbsFromWhatOthersFound()
    {
        const auto strategy = make(context());
        const space::Genotype poor(std::vector<double>{ 0, 1, 0, 0, 0 });
        const space::Genotype good(std::vector<double>{ 3, 3, 3, 2, 3 });
        tellCompleted(*strategy, 1, poor, { additiveScore(poor, 4) });
        tellCompleted(*strategy, 2, good, { additiveScore(good, 4) });
        const auto proposal = strategy->ask();
        QCOMPARE(differences(good, proposal->genotype).size(), std::size_t{ 1 });
        QCOMPARE(proposal->parents, std::vector{ train::TrialId(2) });
    }
};

QTEST_GUILESS_MAIN(TestLocalSearch)
#include "tst_local_search.moc"
