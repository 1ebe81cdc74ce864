#include <QtTest> // first: moc of Qt 6.4 stumbles over <concepts> before it

#include "core/search/parzen.h"
#include "tests/core/search/search_test_support.h"

#include <cmath>
#include <limits>
#include <rapidcheck.h>
#include <set>

using namespace archscope;
using namespace archscope::search;
using search::testing::additiveScore;
using Dependence = ParzenEstimator::Dependence;

namespace {

std::unique_ptr<Strategy> make(const StrategyContext& context, const std::map<std::string, space::Literal>& settings = {})
{
    const StrategyDescriptor descriptor = tpe();
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

Observation failed(std::int64_t id, const space::Genotype& genotype)
{
    Observation made = observation(id, genotype, 0);
    made.state = train::TrialState::Failed;
    made.values.clear();
    made.feasible = false;
    made.violation = std::numeric_limits<double>::infinity();
    return made;
}

/// A choice between two layers, one of which has two open parameters and the other one; and a parameter with a prior.
space::DecisionSpace conditionalSpace()
{
    space::SearchSpace space = search::testing::chainSpace(2, 3);
    auto& weighted = std::get<space::Operation>(space.root.nodes[1].body);
    weighted.parameters["features"]
        = space::Domain::categories({ std::int64_t{ 4 }, std::int64_t{ 8 }, std::int64_t{ 16 } });
    std::get<space::Domain>(weighted.parameters["features"]).weights = { 3, 1, 0 };
    const auto alternative = [&](std::string name, std::map<std::string, space::ParameterValue> parameters) {
        space::Node node;
        node.id = space.freshId();
        node.name = std::move(name);
        node.body = space::Operation{ "linear", std::move(parameters) };
        return node;
    };
    space::Choice choice;
    choice.alternatives.push_back(alternative(
        "wide", { { "features", space::Domain::integers(1, 4) }, { "bias", space::Domain::categories({ false, true }) } }));
    choice.alternatives.push_back(alternative("narrow", { { "features", space::Domain::powersOfTwo(1, 8) } }));
    choice.alternatives.back().id = space::NodeId(choice.alternatives.front().id.value() + 1);
    space.root.nodes[2].body = std::move(choice);
    return *space::DecisionSpace::compile(space);
}

std::vector<ParzenEstimator::Centre> centresOf(const std::vector<space::Genotype>& genotypes, double weight = 1)
{
    std::vector<ParzenEstimator::Centre> centres;
    for (const space::Genotype& genotype : genotypes)
        centres.push_back({ &genotype, weight });
    return centres;
}

} // namespace

class TestTpe : public QObject {
    Q_OBJECT

    space::DecisionSpace m_decisions;

    StrategyContext context(std::uint64_t seed = 1) const
    {
        StrategyContext made;
        made.decisions = &m_decisions;
        made.seed = seed;
        return made;
    }

    void teachRandom(Strategy& strategy, int count,
        const std::function<Observation(std::int64_t, const space::Genotype&)>& evaluate, std::uint64_t seed = 7) const
    {
        Rng rng(seed);
        for (int i = 1; i <= count; ++i) {
            const space::Genotype genotype = m_decisions.sample(rng);
            strategy.tell(evaluate(i, genotype));
        }
    }

    /// Of proposals whose results are not told: the share that is so.
    static double share(Strategy& strategy, int count, const std::function<bool(const space::Genotype&)>& isSo)
    {
        int so = 0;
        for (int i = 0; i < count; ++i)
            so += isSo(strategy.ask()->genotype);
        return static_cast<double>(so) / count;
    }

    static std::map<std::string, space::Literal> modelled(bool multivariate = true)
    {
        return { { "startup", std::int64_t{ 1 } }, { "multivariate", multivariate } };
    }

    static void byDependence()
    {
        QTest::addColumn<bool>("joint");
        QTest::newRow("joint") << true;
        QTest::newRow("independent") << false;
    }

private Q_SLOTS:
    void initTestCase() { m_decisions = *space::DecisionSpace::compile(search::testing::chainSpace(8, 5)); }

    void densitiesSumToOne_data() { byDependence(); }
    void densitiesSumToOne()
    {
        QFETCH(bool, joint);
        const space::DecisionSpace decisions = conditionalSpace();
        const bool holds = rc::check("over all architectures", [&] {
            Rng rng(*rc::gen::arbitrary<std::uint64_t>());
            std::vector<space::Genotype> genotypes;
            const int count = *rc::gen::inRange(0, 30);
            for (int i = 0; i < count; ++i)
                genotypes.push_back(decisions.sample(rng));
            const ParzenEstimator estimator(decisions, centresOf(genotypes, *rc::gen::element(0.25, 1.0)),
                joint ? Dependence::Joint : Dependence::Independent);
            double sum = 0;
            decisions.forEach([&](const space::Genotype& genotype) {
                sum += std::exp(estimator.logDensity(genotype));
                return true;
            });
            RC_ASSERT(std::abs(sum - 1) < 1e-9);
        });
        QVERIFY(holds);
    }

    void samplesFollowTheDensity_data() { byDependence(); }
    void samplesFollowTheDensity()
    {
        QFETCH(bool, joint);
        const space::DecisionSpace decisions = conditionalSpace();
        Rng rng(11);
        std::vector<space::Genotype> genotypes;
        for (int i = 0; i < 6; ++i)
            genotypes.push_back(decisions.sample(rng));
        const ParzenEstimator estimator(
            decisions, centresOf(genotypes), joint ? Dependence::Joint : Dependence::Independent);
        constexpr int samples = 40'000;
        std::map<std::vector<double>, int> counts;
        for (int i = 0; i < samples; ++i) {
            const space::Genotype genotype = estimator.sample(rng);
            QVERIFY(decisions.isValid(genotype));
            ++counts[genotype.answers()];
        }
        decisions.forEach([&](const space::Genotype& genotype) {
            const double expected = samples * std::exp(estimator.logDensity(genotype));
            const double found = counts[genotype.answers()];
            const double margin = 6 * std::sqrt(expected + 1);
            if (std::abs(found - expected) > margin)
                qWarning() << expected << found;
            return std::abs(found - expected) <= margin
                || (QTest::qFail("a sample's frequency is not its density", __FILE__, __LINE__), false);
        });
    }

    void realDensityIntegratesToOne_data()
    {
        QTest::addColumn<double>("low");
        QTest::addColumn<double>("high");
        QTest::addColumn<bool>("log");
        QTest::addColumn<double>("centre");
        QTest::newRow("middle") << 0.0 << 1.0 << false << 0.5;
        QTest::newRow("at the border") << 0.0 << 0.5 << false << 0.0;
        QTest::newRow("logarithmic") << 1e-4 << 1.0 << true << 0.9;
    }
    void realDensityIntegratesToOne()
    {
        QFETCH(double, low);
        QFETCH(double, high);
        QFETCH(bool, log);
        QFETCH(double, centre);
        space::SearchSpace space = search::testing::chainSpace(1, 2);
        std::get<space::Operation>(space.root.nodes[1].body).parameters["features"] = space::Domain::reals(low, high, log);
        const auto decisions = *space::DecisionSpace::compile(space);
        const std::vector<space::Genotype> genotypes(20, space::Genotype(std::vector<double>{ centre }));
        const ParzenEstimator estimator(decisions, centresOf(genotypes), Dependence::Joint);
        double sum = 0;
        constexpr int steps = 10'000;
        for (int i = 0; i < steps; ++i)
            sum += std::exp(estimator.logDensity(space::Genotype(std::vector<double>{ (i + 0.5) / steps }))) / steps;
        QVERIFY2(std::abs(sum - 1) < 1e-3, qPrintable(QString::number(sum)));
        Rng rng(1);
        int near = 0;
        for (int i = 0; i < 1000; ++i) {
            const double answer = estimator.sample(rng)[0];
            QVERIFY(answer >= 0 && answer <= 1);
            near += std::abs(answer - centre) < 0.35;
        }
        QVERIFY2(near > 900, qPrintable(QString::number(near)));
    }

    void jointKernelsKeepWhatGoesTogether()
    {
        // Good is where the second answer follows from the first; each by itself is spread evenly.
        const auto decisions = *space::DecisionSpace::compile(search::testing::chainSpace(2, 5));
        std::vector<space::Genotype> good;
        for (int i = 0; i < 40; ++i)
            good.push_back(
                space::Genotype(std::vector<double>{ static_cast<double>(i % 5), static_cast<double>((2 * i + 1) % 5) }));
        const auto together = [&](Dependence dependence) {
            // Categories: whole numbers would scatter to their neighbours.
            space::SearchSpace space = search::testing::chainSpace(2, 5);
            for (std::size_t i : { 1, 2 })
                std::get<space::Operation>(space.root.nodes[i].body).parameters["features"] = space::Domain::categories(
                    { std::int64_t{ 1 }, std::int64_t{ 2 }, std::int64_t{ 3 }, std::int64_t{ 4 }, std::int64_t{ 5 } });
            const auto categories = *space::DecisionSpace::compile(space);
            const ParzenEstimator estimator(categories, centresOf(good), dependence);
            Rng rng(2);
            int kept = 0;
            for (int i = 0; i < 2000; ++i) {
                const space::Genotype genotype = estimator.sample(rng);
                kept += genotype.index(1) == (2 * genotype.index(0) + 1) % 5;
            }
            return kept / 2000.0;
        };
        QVERIFY2(together(Dependence::Joint) > 0.6, qPrintable(QString::number(together(Dependence::Joint))));
        QVERIFY2(std::abs(together(Dependence::Independent) - 0.2) < 0.05,
            qPrintable(QString::number(together(Dependence::Independent))));
    }

    void multivariateFindsCorrelatedPairs()
    {
        // The first two answers must be equal; six others do not matter, so that there is always something new to propose.
        const auto isPair = [](const space::Genotype& genotype) { return genotype[0] == genotype[1]; };
        const auto found = [&](bool multivariate) {
            auto strategy = make(context(), modelled(multivariate));
            teachRandom(*strategy, 150, [&](std::int64_t id, const space::Genotype& genotype) {
                return observation(id, genotype, isPair(genotype));
            });
            return share(*strategy, 60, isPair);
        };
        const double joint = found(true);
        const double independent = found(false);
        QVERIFY2(joint > independent + 0.1 && joint > 0.5, qPrintable(QString("%1 %2").arg(joint).arg(independent)));
    }

    void theRatioPrefersTheGoodRegion_data() { byDependence(); }
    void theRatioPrefersTheGoodRegion()
    {
        QFETCH(bool, joint);
        auto strategy = make(context(), modelled(joint));
        teachRandom(*strategy, 100, [](std::int64_t id, const space::Genotype& genotype) {
            return observation(id, genotype, additiveScore(genotype));
        });
        double sum = 0;
        for (int i = 0; i < 40; ++i)
            sum += additiveScore(strategy->ask()->genotype) / 40;
        QVERIFY2(sum > 0.68, qPrintable(QString::number(sum))); // at random 0.5
    }

    void infeasibleIsBadHoweverHigh()
    {
        const auto isInfeasible = [](const space::Genotype& genotype) { return genotype[0] >= 3; };
        auto strategy = make(context(), modelled());
        teachRandom(*strategy, 100, [&](std::int64_t id, const space::Genotype& genotype) {
            Observation told = observation(id, genotype, additiveScore(genotype) + (isInfeasible(genotype) ? 10 : 0));
            told.feasible = !isInfeasible(genotype);
            told.violation = isInfeasible(genotype) ? 1 : 0;
            return told;
        });
        const double infeasible = share(*strategy, 50, isInfeasible);
        QVERIFY2(infeasible < 0.25, qPrintable(QString::number(infeasible))); // at random 0.4
    }

    void whatBreaksLeastIsGoodWhileNothingIsFeasible()
    {
        auto strategy = make(context(), modelled());
        teachRandom(*strategy, 100, [](std::int64_t id, const space::Genotype& genotype) {
            Observation told = observation(id, genotype, 1);
            told.feasible = false;
            told.violation = 10 + genotype[0] + genotype[1];
            return told;
        });
        const double least
            = share(*strategy, 50, [](const space::Genotype& genotype) { return genotype[0] + genotype[1] <= 3; });
        QVERIFY2(least > 0.65, qPrintable(QString::number(least))); // at random 0.4
    }

    void prunedAreWorseThanCompleted()
    {
        // Those with a high first answer are pruned, at values that the others do not reach.
        const auto isPruned = [](const space::Genotype& genotype) { return genotype[0] >= 3; };
        StrategyContext where = context();
        where.fullEpochs = 10;
        auto strategy = make(where, modelled());
        teachRandom(*strategy, 100, [&](std::int64_t id, const space::Genotype& genotype) {
            Observation told = observation(id, genotype, additiveScore(genotype) + (isPruned(genotype) ? 10 : 0));
            if (isPruned(genotype)) {
                static const std::vector<train::CurvePoint> curve{ { 1 }, { 2 } };
                told.curve = curve;
                told.state = train::TrialState::Pruned;
                told.feasible = false;
            }
            return told;
        });
        const double pruned = share(*strategy, 50, isPruned);
        QVERIFY2(pruned < 0.25, qPrintable(QString::number(pruned)));
    }

    void goesOnWhenAllFail()
    {
        auto strategy = make(context());
        std::set<std::vector<double>> seen;
        for (int i = 1; i <= 60; ++i) {
            const auto proposal = strategy->ask();
            QVERIFY(proposal.has_value());
            seen.insert(proposal->genotype.answers());
            strategy->tell(failed(i, proposal->genotype));
        }
        QVERIFY(seen.size() > 50);
    }

    void modelsTheHighestFidelityThatHasEnough_data()
    {
        QTest::addColumn<int>("longTrials");
        QTest::addColumn<bool>("followsLong");
        QTest::newRow("enough long ones") << 40 << true;
        QTest::newRow("too few") << 3 << false;
    }
    void modelsTheHighestFidelityThatHasEnough()
    {
        // Short trainings say that low answers are best, long ones that high answers are.
        QFETCH(int, longTrials);
        QFETCH(bool, followsLong);
        StrategyContext where = context();
        where.fullEpochs = 27;
        auto strategy = make(where, { { "startup", std::int64_t{ 20 } } });
        QVERIFY(strategy->learnsFidelities());
        for (int i = 0; i < 20; ++i)
            (void)strategy->ask(); // the random beginning
        teachRandom(*strategy, 100, [&](std::int64_t id, const space::Genotype& genotype) {
            Observation told = observation(id, genotype, -additiveScore(genotype));
            told.fidelity.epochs = 3;
            if (id <= longTrials) {
                strategy->tell(told); // first short, then long
                told = observation(id, genotype, 10 + additiveScore(genotype));
                told.fidelity.epochs = 0; // the study's: full
            }
            return told;
        });
        double sum = 0;
        for (int i = 0; i < 40; ++i)
            sum += additiveScore(strategy->ask()->genotype) / 40;
        QVERIFY2(followsLong ? sum > 0.6 : sum < 0.4, qPrintable(QString::number(sum)));
    }

    void earlierStudiesCountLessThanThisOne()
    {
        StrategyContext where = context();
        Rng rng(3);
        for (int i = 0; i < 100; ++i) {
            const space::Genotype genotype = m_decisions.sample(rng);
            where.prior.push_back({ genotype, { additiveScore(genotype) } });
        }
        std::ranges::stable_sort(
            where.prior, [](const PriorTrial& a, const PriorTrial& b) { return a.values[0] > b.values[0]; });
        auto strategy = make(where);
        double sum = 0;
        for (int i = 0; i < 20; ++i) // nothing told: all that is known is of the earlier study
            sum += additiveScore(strategy->ask()->genotype) / 20;
        QVERIFY2(sum > 0.62, qPrintable(QString::number(sum)));

        auto contradicted = make(where);
        teachRandom(*contradicted, 100, [](std::int64_t id, const space::Genotype& genotype) {
            return observation(id, genotype, -additiveScore(genotype));
        });
        sum = 0;
        for (int i = 0; i < 40; ++i)
            sum += additiveScore(contradicted->ask()->genotype) / 40;
        QVERIFY2(sum < 0.45, qPrintable(QString::number(sum)));
    }

    void conditionalSpacesAreSearched()
    {
        const space::DecisionSpace decisions = conditionalSpace();
        StrategyContext where = context();
        where.decisions = &decisions;
        auto strategy = make(where, { { "startup", std::int64_t{ 5 } } });
        const auto total = std::stoul(*decisions.count());
        std::set<std::vector<double>> seen;
        for (int i = 1; i <= 80; ++i) {
            const auto proposal = strategy->ask();
            QVERIFY(proposal && decisions.isValid(proposal->genotype));
            seen.insert(proposal->genotype.answers());
            strategy->tell(observation(i, proposal->genotype, proposal->genotype[1]));
        }
        QVERIFY(seen.size() > total / 3 && seen.size() <= total);
    }

    void constraintsAreKept()
    {
        StrategyContext where = context();
        where.admissible = [](const space::Genotype& genotype) { return genotype[2] == 1 && genotype[3] <= 1; };
        auto strategy = make(where, modelled());
        teachRandom(*strategy, 50, [](std::int64_t id, const space::Genotype& genotype) {
            return observation(id, genotype, additiveScore(genotype));
        });
        for (int i = 0; i < 50; ++i)
            QVERIFY(where.admissible(strategy->ask()->genotype));
    }

    void aShareIsRandom()
    {
        const auto high = [](const space::Genotype& genotype) { return genotype[0] == 4; };
        const auto found = [&](double random) {
            auto settings = modelled();
            settings["random"] = random;
            auto strategy = make(context(), settings);
            teachRandom(*strategy, 150,
                [&](std::int64_t id, const space::Genotype& genotype) { return observation(id, genotype, high(genotype)); });
            return share(*strategy, 200, high);
        };
        const double all = found(0);
        const double half = found(0.5);
        QVERIFY2(all > 0.65 && std::abs(half - (all + 0.2) / 2) < 0.15, qPrintable(QString("%1 %2").arg(all).arg(half)));
        QVERIFY(std::abs(found(1) - 0.2) < 0.1);
    }

    void beatsRandom()
    {
        const auto meanBest = [this](const StrategyDescriptor& descriptor) {
            double sum = 0;
            for (std::uint64_t seed = 0; seed < 10; ++seed) {
                auto strategy = *descriptor.make(context(seed), *space::completed(descriptor.settings, {}, descriptor.name));
                double best = 0;
                for (int i = 1; i <= 150; ++i) {
                    const auto proposal = strategy->ask();
                    const double value = additiveScore(proposal->genotype);
                    best = std::max(best, value);
                    strategy->tell(observation(i, proposal->genotype, value));
                }
                sum += best;
            }
            return sum / 10;
        };
        const double random = meanBest(randomSearch());
        const double found = meanBest(tpe());
        QVERIFY2(found > 0.95 && random < 0.9, qPrintable(QString("%1 %2").arg(found).arg(random)));
    }
};

QTEST_GUILESS_MAIN(TestTpe)
#include "tst_tpe.moc"
