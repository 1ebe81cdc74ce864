#include "tests/core/search/search_test_support.h"

#include <QtTest>
#include <cmath>
#include <limits>
#include <set>

using namespace archscope;
using namespace archscope::search;
using search::testing::additiveScore;

namespace {

/// A smaller ensemble than the paper's: these searches are many.
std::map<std::string, space::Literal> quick(std::map<std::string, space::Literal> settings = {})
{
    settings.emplace("layers", std::int64_t{ 3 });
    settings.emplace("epochs", std::int64_t{ 60 });
    return settings;
}

std::unique_ptr<Strategy> make(const StrategyDescriptor& descriptor, const StrategyContext& context,
    const std::map<std::string, space::Literal>& settings)
{
    auto made = descriptor.make(context, *space::completed(descriptor.settings, settings, descriptor.name));
    return made ? std::move(*made) : nullptr;
}

Observation observation(std::int64_t id, const space::Genotype& genotype, double value)
{
    Observation made;
    made.id = train::TrialId(id);
    made.genotype = &genotype;
    made.values = { value };
    return made;
}

} // namespace

class TestBananas : public QObject {
    Q_OBJECT

    space::SearchSpace m_space;
    space::DecisionSpace m_decisions;

    StrategyContext context(std::uint64_t seed = 1) const
    {
        StrategyContext made;
        made.decisions = &m_decisions;
        made.space = &m_space;
        made.seed = seed;
        return made;
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_space = search::testing::chainSpace(8, 5);
        m_decisions = *space::DecisionSpace::compile(m_space);
    }

    void variesTheBestInBatches()
    {
        auto strategy = make(bananas(), context(), quick());
        std::vector<std::pair<double, std::int64_t>> ranked;
        for (std::int64_t id = 1; id <= 10; ++id) {
            const auto proposal = strategy->ask();
            QVERIFY(proposal && proposal->parents.empty());
            ranked.emplace_back(additiveScore(proposal->genotype), id);
            strategy->tell(observation(id, proposal->genotype, ranked.back().first));
        }
        for (int i = 0; i < 10; ++i) { // nothing told meanwhile: one batch
            const auto proposal = strategy->ask();
            QVERIFY(proposal.has_value());
            QCOMPARE(proposal->parents.size(), std::size_t{ 1 });
        }
        QVERIFY(strategy->ask().has_value()); // and the next, though nothing is known of the first
    }

    void proposesNothingTwice()
    {
        auto strategy = make(bananas(), context(), quick());
        std::set<std::vector<double>> seen;
        for (std::int64_t id = 1; id <= 80; ++id) {
            const auto proposal = strategy->ask();
            QVERIFY(seen.insert(proposal->genotype.answers()).second);
            if (id > 5) // five are still running
                strategy->tell(observation(id, proposal->genotype, additiveScore(proposal->genotype)));
        }
    }

    void goesOnInAnExhaustedSpace()
    {
        const auto tiny = *space::DecisionSpace::compile(search::testing::chainSpace(2, 3));
        StrategyContext where;
        where.decisions = &tiny;
        auto strategy = make(bananas(), where, quick({ { "startup", std::int64_t{ 3 } }, { "batch", std::int64_t{ 2 } } }));
        std::set<std::vector<double>> seen;
        for (std::int64_t id = 1; id <= 30; ++id) {
            const auto proposal = strategy->ask();
            QVERIFY(proposal.has_value());
            seen.insert(proposal->genotype.answers());
            strategy->tell(observation(id, proposal->genotype, additiveScore(proposal->genotype, 3)));
        }
        QCOMPARE(seen.size(), std::size_t{ 9 });
    }

    void beatsRandom()
    {
        const auto meanBest
            = [this](const StrategyDescriptor& descriptor, const std::map<std::string, space::Literal>& settings) {
                  double sum = 0;
                  for (std::uint64_t seed = 0; seed < 6; ++seed) {
                      auto strategy = make(descriptor, context(seed), settings);
                      double best = 0;
                      for (std::int64_t id = 1; id <= 80; ++id) {
                          const auto proposal = strategy->ask();
                          const double value = additiveScore(proposal->genotype);
                          best = std::max(best, value);
                          strategy->tell(observation(id, proposal->genotype, value));
                      }
                      sum += best;
                  }
                  return sum / 6;
              };
        const double random = meanBest(randomSearch(), {});
        const double found = meanBest(bananas(), quick());
        QVERIFY2(found > 0.95 && random < 0.88, qPrintable(QString("%1 %2").arg(found).arg(random)));
    }

    void failedAndInfeasibleAreAvoided()
    {
        // The high answers of the first decision fail or are infeasible, though infeasible ones look best.
        auto strategy = make(bananas(), context(), quick());
        int wrong = 0;
        for (std::int64_t id = 1; id <= 120; ++id) {
            const auto proposal = strategy->ask();
            const space::Genotype& genotype = proposal->genotype;
            Observation told = observation(id, genotype, additiveScore(genotype));
            if (genotype[0] >= 3) {
                if (genotype[0] == 3) {
                    told.state = train::TrialState::Failed;
                    told.values.clear();
                } else {
                    told.values = { 5 };
                }
                told.feasible = false;
                wrong += id > 60;
            }
            strategy->tell(told);
        }
        QVERIFY2(wrong < 15, qPrintable(QString::number(wrong))); // of 60; at random 24
    }

    void goesOnWhenAllFail()
    {
        auto strategy = make(bananas(), context(), quick());
        for (std::int64_t id = 1; id <= 40; ++id) {
            const auto proposal = strategy->ask();
            QVERIFY(proposal && proposal->parents.empty());
            Observation told = observation(id, proposal->genotype, std::numeric_limits<double>::quiet_NaN());
            told.feasible = false;
            strategy->tell(told);
        }
    }

    void learnsFidelitiesApart()
    {
        // Short trainings are worth less whatever was trained; what is told twice is known once.
        auto strategy = make(
            bananas(),
            [&] {
                StrategyContext where = context();
                where.fullEpochs = 9;
                return where;
            }(),
            quick());
        QVERIFY(strategy->learnsFidelities());
        double last = 0;
        for (std::int64_t id = 1; id <= 60; ++id) {
            const auto proposal = strategy->ask();
            const double value = additiveScore(proposal->genotype);
            Observation told = observation(id, proposal->genotype, value - 0.5);
            told.fidelity.epochs = 3;
            strategy->tell(told);
            if (id % 3 == 0) {
                told.fidelity.epochs = 9;
                told.values = { value };
                strategy->tell(told);
            }
            last += id > 40 ? value / 20 : 0;
        }
        QVERIFY2(last > 0.75, qPrintable(QString::number(last))); // at random 0.5
    }

    void earlierStudiesTeach()
    {
        StrategyContext where = context();
        Rng rng(5);
        for (int i = 0; i < 150; ++i) {
            const space::Genotype genotype = m_decisions.sample(rng);
            where.prior.push_back({ genotype, { (additiveScore(genotype) - 0.5) / 0.125 } });
        }
        std::ranges::stable_sort(
            where.prior, [](const PriorTrial& a, const PriorTrial& b) { return a.values[0] > b.values[0]; });
        where.prior.push_back({ m_decisions.sample(rng), { std::numeric_limits<double>::quiet_NaN() } });
        auto strategy = make(bananas(), where, quick());
        double sum = 0;
        for (std::int64_t id = 1; id <= 10; ++id) {
            const auto proposal = strategy->ask();
            sum += additiveScore(proposal->genotype);
            strategy->tell(observation(id, proposal->genotype, 100 * additiveScore(proposal->genotype)));
        }
        QVERIFY2(sum / 10 > 0.75, qPrintable(QString::number(sum / 10))); // at random 0.5
    }

    void encodingIsNamed()
    {
        const StrategyDescriptor descriptor = bananas();
        const auto refusal = [&](const StrategyContext& where) {
            const auto made = descriptor.make(
                where, *space::completed(descriptor.settings, { { "encoding", std::string("paths") } }, descriptor.name));
            return made ? std::string() : made.error().text();
        };
        QVERIFY(refusal(context()).find("share a path") != std::string::npos);
        StrategyContext unknown = context();
        unknown.space = nullptr;
        QVERIFY(refusal(unknown).find("drawn space") != std::string::npos);
        const auto bad = space::completed(descriptor.settings, { { "encoding", std::string("graph") } }, descriptor.name);
        QVERIFY(!bad);
        QVERIFY(bad.error().text().find("automatic") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestBananas)
#include "tst_bananas.moc"
