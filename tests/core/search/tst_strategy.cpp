#include "tests/core/search/search_test_support.h"

#include <QtTest>
#include <limits>
#include <rapidcheck.h>
#include <set>

using namespace archscope;
using namespace archscope::search;
using search::testing::additiveScore;

namespace {

const StrategySet& strategies()
{
    static const StrategySet set({ randomSearch(), regularizedEvolution() });
    return set;
}

std::unique_ptr<Strategy> make(
    const std::string& name, StrategyContext context, const std::map<std::string, space::Literal>& settings = {})
{
    const StrategyDescriptor* descriptor = strategies().find(name);
    auto made = descriptor->make(context, *space::completed(descriptor->settings, settings, name));
    return made ? std::move(*made) : nullptr;
}

std::map<std::string, space::Literal> evolution(std::int64_t population, std::int64_t sample)
{
    return { { "population", population }, { "sample", sample } };
}

void tell(Strategy& strategy, std::int64_t id, const space::Genotype& genotype, double value,
    train::TrialState state = train::TrialState::Completed, bool feasible = true)
{
    Observation observation;
    observation.id = train::TrialId(id);
    observation.genotype = &genotype;
    observation.state = state;
    if (state == train::TrialState::Completed)
        observation.values = { value };
    observation.feasible = feasible && state == train::TrialState::Completed;
    strategy.tell(observation);
}

int differences(const space::Genotype& a, const space::Genotype& b)
{
    int count = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        count += a[i] != b[i];
    return count;
}

/// Asks and tells with up to `width` trials running, ending in an order that `order` draws; returns what was proposed.
std::vector<space::Genotype> drive(Strategy& strategy, Rng& order, int steps, std::size_t width,
    std::vector<std::pair<std::int64_t, space::Genotype>>& running, std::int64_t& nextId)
{
    std::vector<space::Genotype> proposals;
    for (int i = 0; i < steps; ++i) {
        if (running.size() < width) {
            const auto proposal = strategy.ask();
            running.emplace_back(nextId++, proposal->genotype);
            proposals.push_back(proposal->genotype);
        } else {
            const std::size_t which = order.below(running.size());
            const auto state = order.below(8) == 0 ? train::TrialState::Failed : train::TrialState::Completed;
            tell(strategy, running[which].first, running[which].second, additiveScore(running[which].second), state);
            running.erase(running.begin() + static_cast<std::ptrdiff_t>(which));
        }
    }
    return proposals;
}

} // namespace

class TestStrategy : public QObject {
    Q_OBJECT

    space::DecisionSpace m_decisions;

    StrategyContext context(std::uint64_t seed = 1) const
    {
        StrategyContext made;
        made.decisions = &m_decisions;
        made.seed = seed;
        return made;
    }

private Q_SLOTS:
    void initTestCase() { m_decisions = *space::DecisionSpace::compile(search::testing::chainSpace(8, 5)); }

    void all_data()
    {
        QTest::addColumn<QString>("name");
        for (const StrategyDescriptor& descriptor : strategies().all())
            QTest::newRow(descriptor.name.c_str()) << QString::fromStdString(descriptor.name);
    }

    void sameSeedSameRun_data() { all_data(); }
    void sameSeedSameRun()
    {
        QFETCH(QString, name);
        const auto run = [&](std::uint64_t seed) {
            auto strategy = make(name.toStdString(), context(seed));
            Rng order(7);
            std::vector<std::pair<std::int64_t, space::Genotype>> running;
            std::int64_t id = 1;
            return drive(*strategy, order, 600, 3, running, id);
        };
        QVERIFY(run(1) == run(1));
        QVERIFY(run(1) != run(2));
    }

    void stateContinuesExactly_data() { all_data(); }
    void stateContinuesExactly()
    {
        QFETCH(QString, name);
        const bool holds = rc::check("saved and restored anywhere", [&] {
            const auto before = *rc::gen::inRange(0, 150);
            const auto width = static_cast<std::size_t>(*rc::gen::inRange(1, 6));
            StrategyContext where = context(*rc::gen::inRange<std::uint64_t>(0, 1000));
            where.budgetTrials = 60;
            auto one = make(name.toStdString(), where);
            Rng order(3);
            std::vector<std::pair<std::int64_t, space::Genotype>> running;
            std::int64_t id = 1;
            drive(*one, order, before, width, running, id);
            // Through text, and into a strategy of another seed and budget: the state is all there is.
            where.seed += 1;
            where.budgetTrials = 4000;
            auto two = make(name.toStdString(), where);
            RC_ASSERT(two->restore(*parseJson(one->state().dump())).has_value());
            auto runningTwo = running;
            auto idTwo = id;
            Rng orderTwo = order;
            RC_ASSERT(drive(*one, order, 80, width, running, id) == drive(*two, orderTwo, 80, width, runningTwo, idTwo));
            RC_ASSERT(one->state() == two->state());
        });
        QVERIFY(holds);
    }

    void badStateIsRefused_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("state");
        QTest::newRow("random, nothing") << "random"
                                         << "{}";
        QTest::newRow("random, short") << "random"
                                       << R"({"rng":[1,2,3]})";
        QTest::newRow("random, negative") << "random"
                                          << R"({"rng":[1,2,3,-4]})";
        QTest::newRow("evolution, no members") << "regularized-evolution"
                                               << R"({"rng":[1,2,3,4],"asked":1,"population":5,"sample":2})";
        QTest::newRow("evolution, other space")
            << "regularized-evolution"
            << R"({"rng":[1,2,3,4],"asked":1,"population":5,"sample":2,"members":[{"id":1,"fitness":0.5,"answers":[1,2]}]})";
        QTest::newRow("evolution, no population") << "regularized-evolution"
                                                  << R"({"rng":[1,2,3,4],"asked":1,"population":0,"sample":2,"members":[]})";
    }
    void badStateIsRefused()
    {
        QFETCH(QString, name);
        QFETCH(QString, state);
        QVERIFY(!make(name.toStdString(), context())->restore(*parseJson(state.toStdString())));
    }

    void onlyAdmissibleIsProposed_data() { all_data(); }
    void onlyAdmissibleIsProposed()
    {
        QFETCH(QString, name);
        StrategyContext where = context();
        where.admissible = [](const space::Genotype& g) { return g[0] == 2 && g[1] >= 1; };
        auto strategy
            = make(name.toStdString(), where, name == "random" ? std::map<std::string, space::Literal>{} : evolution(10, 3));
        for (int i = 1; i <= 100; ++i) {
            const auto proposal = strategy->ask();
            QVERIFY(proposal.has_value());
            QVERIFY(where.admissible(proposal->genotype));
            QVERIFY(m_decisions.isValid(proposal->genotype));
            tell(*strategy, i, proposal->genotype, additiveScore(proposal->genotype));
        }
        where.admissible = [](const space::Genotype&) { return false; };
        QVERIFY(!make(name.toStdString(), where)->ask());
    }

    void evolutionBeginsAtRandomByTrialsAsked()
    {
        auto strategy = make("regularized-evolution", context(), evolution(10, 10));
        std::vector<space::Genotype> asked;
        for (int i = 0; i < 10; ++i) { // nothing told in between
            const auto proposal = strategy->ask();
            QVERIFY(proposal->parents.empty());
            asked.push_back(proposal->genotype);
        }
        QVERIFY(strategy->ask()->parents.empty()); // nobody lives yet
        for (int i = 0; i < 3; ++i)
            tell(*strategy, i + 1, asked[static_cast<std::size_t>(i)], i);
        const auto child = strategy->ask();
        QCOMPARE(child->parents.size(), std::size_t{ 1 });
        const auto parent = asked[static_cast<std::size_t>(child->parents[0].value() - 1)];
        QCOMPARE(differences(child->genotype, parent), 1);
    }

    void theOldestDiesHoweverGood()
    {
        auto strategy = make("regularized-evolution", context(), evolution(5, 5));
        std::vector<space::Genotype> born;
        for (int i = 0; i < 5; ++i) {
            born.push_back(strategy->ask()->genotype);
            tell(*strategy, i + 1, born.back(), i == 0 ? 1000 : i); // the first is the best by far
        }
        std::set<std::int64_t> parents;
        for (int i = 0; i < 100; ++i)
            parents.insert(strategy->ask()->parents[0].value());
        QVERIFY(parents.contains(1));
        tell(*strategy, 6, born[0], 0.5); // a sixth is born: the first dies
        parents.clear();
        for (int i = 0; i < 300; ++i)
            parents.insert(strategy->ask()->parents[0].value());
        QVERIFY(!parents.contains(1));
        QVERIFY(parents.contains(5));
    }

    void theFitterWinsTheTournament()
    {
        // With samples as large as the population, the best is nearly always drawn; with samples of one, all are alike.
        const auto shareOfBest = [this](std::int64_t sample) {
            auto strategy = make("regularized-evolution", context(), evolution(20, sample));
            for (int i = 0; i < 20; ++i) {
                const auto proposal = strategy->ask();
                tell(*strategy, i + 1, proposal->genotype, i);
            }
            int best = 0;
            for (int i = 0; i < 1000; ++i)
                best += strategy->ask()->parents[0].value() == 20;
            return best / 1000.0;
        };
        QVERIFY(shareOfBest(1) < 0.15); // expected 0.05
        QVERIFY(shareOfBest(20) > 0.5); // expected 1 - (19/20)^20 = 0.64
    }

    void failedAndInfeasibleAreNoParents()
    {
        auto strategy = make("regularized-evolution", context(), evolution(6, 3));
        for (int i = 1; i <= 6; ++i) {
            const auto proposal = strategy->ask();
            if (i == 2)
                tell(*strategy, i, proposal->genotype, 0, train::TrialState::Failed);
            else if (i == 3)
                tell(*strategy, i, proposal->genotype, 100, train::TrialState::Completed, false);
            else if (i == 4)
                tell(*strategy, i, proposal->genotype, std::numeric_limits<double>::quiet_NaN());
            else
                tell(*strategy, i, proposal->genotype, i);
        }
        std::set<std::int64_t> parents;
        for (int i = 0; i < 300; ++i)
            parents.insert(strategy->ask()->parents[0].value());
        QCOMPARE(parents, (std::set<std::int64_t>{ 1, 5, 6 }));
    }

    void allFailedGoesOnAtRandom()
    {
        auto strategy = make("regularized-evolution", context(), evolution(3, 2));
        for (int i = 1; i <= 50; ++i) {
            const auto proposal = strategy->ask();
            QVERIFY(proposal && proposal->parents.empty());
            tell(*strategy, i, proposal->genotype, 0, train::TrialState::Failed);
        }
    }

    void populationChoosesItself_data()
    {
        QTest::addColumn<int>("budget");
        QTest::addColumn<int>("population");
        QTest::addColumn<int>("sample");
        QTest::newRow("no bound: the paper's") << 0 << 100 << 25;
        QTest::newRow("large: the paper's") << 5000 << 100 << 25;
        QTest::newRow("small") << 40 << 10 << 3;
        QTest::newRow("tiny") << 5 << 10 << 3;
        QTest::newRow("middle") << 200 << 50 << 13;
    }
    void populationChoosesItself()
    {
        QFETCH(int, budget);
        QFETCH(int, population);
        QFETCH(int, sample);
        StrategyContext where = context();
        where.budgetTrials = budget;
        const Json state = make("regularized-evolution", where)->state();
        QCOMPARE(state.at("population").get<int>(), population);
        QCOMPARE(state.at("sample").get<int>(), sample);
    }

    void badSettingsAreNamed()
    {
        const StrategyDescriptor descriptor = regularizedEvolution();
        const auto tooLarge
            = descriptor.make(context(), *space::completed(descriptor.settings, evolution(10, 11), descriptor.name));
        QVERIFY(!tooLarge);
        QVERIFY(tooLarge.error().text().find("at most the population of 10") != std::string::npos);
        const auto unknown = space::completed(descriptor.settings, { { "popluation", std::int64_t{ 3 } } }, descriptor.name);
        QVERIFY(!unknown);
        QVERIFY(unknown.error().text().find("population") != std::string::npos);
    }

    void evolutionBeatsRandom()
    {
        const auto meanBest = [this](const std::string& name) {
            double sum = 0;
            for (std::uint64_t seed = 0; seed < 20; ++seed) {
                StrategyContext where = context(seed);
                where.budgetTrials = 200;
                auto strategy = make(name, where);
                double best = 0;
                for (int i = 1; i <= 200; ++i) {
                    const auto proposal = strategy->ask();
                    const double value = additiveScore(proposal->genotype);
                    best = std::max(best, value);
                    tell(*strategy, i, proposal->genotype, value);
                }
                sum += best;
            }
            return sum / 20;
        };
        const double random = meanBest("random");
        const double evolved = meanBest("regularized-evolution");
        QVERIFY2(evolved > 0.97 && random < 0.92, qPrintable(QString("%1 %2").arg(evolved).arg(random)));
    }
};

QTEST_GUILESS_MAIN(TestStrategy)
#include "tst_strategy.moc"
