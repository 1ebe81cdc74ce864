#include "core/search/strategy_driver.h"
#include "core/search/warm_start.h"
#include "tests/core/search/search_test_support.h"

#include <QtTest>
#include <cmath>
#include <rapidcheck.h>
#include <set>

using namespace archscope;
using namespace archscope::search;
using namespace archscope::search::testing;

namespace {

StoredStudy studied(const space::SearchSpace& space, int trials, std::uint64_t seed = 1, double scale = 1)
{
    StoredStudy study;
    study.spec = testSpec("first", trials, seed);
    study.spec.space = space;
    const space::DecisionSpace decisions = *space::DecisionSpace::compile(space);
    Rng rng(seed);
    for (int i = 1; i <= trials; ++i) {
        train::Trial trial;
        trial.id = train::TrialId(i);
        trial.genotype = decisions.sample(rng);
        trial.state = train::TrialState::Completed;
        trial.metrics = { { "val_accuracy", scale * additiveScore(trial.genotype) } };
        trial.askedAfter = trial.toldAs = i - 1;
        study.trials.push_back(std::move(trial));
    }
    return study;
}

StudySpec warmSpec(const space::SearchSpace& space, std::size_t sources = 1)
{
    StudySpec spec = testSpec("second", 40, 2);
    spec.space = space;
    for (std::size_t i = 0; i < sources; ++i)
        spec.warmStart.push_back({ "sqlite:a.archscope", "first" + std::to_string(i) });
    return spec;
}

/// A strategy that counts what it is told and always proposes the same.
class Counting : public Strategy {
public:
    explicit Counting(space::Genotype genotype)
        : m_genotype(std::move(genotype))
    {
    }
    std::optional<Proposal> ask() override { return Proposal{ m_genotype }; }
    void tell(const Observation&) override { ++told; }
    Json state() const override { return told; }
    Result<void> restore(const Json& state) override
    {
        told = state.get<int>();
        return {};
    }
    int told = 0;

private:
    space::Genotype m_genotype;
};

} // namespace

class TestWarmStart : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void sameSpaceTranslatesToItself()
    {
        const space::DecisionSpace decisions = *space::DecisionSpace::compile(chainSpace());
        const GenotypeTranslation translation(decisions, decisions);
        QCOMPARE(translation.sharedDecisions(), std::int64_t(6));
        QVERIFY(rc::check([&](std::uint64_t seed) {
            Rng rng(seed);
            const space::Genotype genotype = decisions.sample(rng);
            RC_ASSERT(translation.translate(genotype, rng) == genotype);
        }));
    }

    void valuesDecideNotTheirPlaces()
    {
        // Four values instead of five: 1 to 4 keep their meaning, 5 becomes the nearest, 4.
        const space::DecisionSpace from = *space::DecisionSpace::compile(chainSpace(6, 5));
        const space::DecisionSpace to = *space::DecisionSpace::compile(chainSpace(6, 4));
        const GenotypeTranslation translation(from, to);
        Rng rng(1);
        const auto translated = translation.translate(space::Genotype(std::vector<double>{ 0, 1, 2, 3, 4, 4 }), rng);
        QVERIFY(translated.has_value());
        QCOMPARE(*translated, space::Genotype(std::vector<double>{ 0, 1, 2, 3, 3, 3 }));
    }

    void translationsAreValid()
    {
        // Whatever the two spaces have in common, what comes out can be searched, and shared decisions keep their answers.
        QVERIFY(rc::check([&](std::uint64_t seed) {
            Rng rng(seed);
            const auto draw = [&rng](int low, int high) {
                return low + static_cast<int>(rng.below(static_cast<std::uint64_t>(high - low + 1)));
            };
            const int shared = draw(1, 6);
            const space::DecisionSpace from = *space::DecisionSpace::compile(chainSpace(shared, 5));
            const space::DecisionSpace to = *space::DecisionSpace::compile(chainSpace(draw(1, 8), 5));
            const GenotypeTranslation translation(from, to);
            const space::Genotype genotype = from.sample(rng);
            const auto translated = translation.translate(genotype, rng);
            const bool enough = 2 * std::min(from.size(), to.size()) >= to.size();
            RC_ASSERT(translated.has_value() == enough);
            if (!translated)
                return;
            RC_ASSERT(to.isValid(*translated));
            for (std::size_t i = 0; i < std::min(from.size(), to.size()); ++i)
                RC_ASSERT((*translated)[i] == genotype[i]);
        }));
    }

    void takesTheBestFirstAndStandardises()
    {
        StudySpec spec = warmSpec(chainSpace());
        // On another scale: 0 to 100 instead of 0 to 1.
        const std::vector<StoredStudy> sources{ studied(chainSpace(), 60, 1, 100) };
        const auto taken = takeOver(spec, sources);
        QVERIFY2(taken.has_value(), taken ? "" : taken.error().text().c_str());
        QCOMPARE(spec.warmStart.front().trials, std::int64_t(60));
        QCOMPARE(spec.warmStart.front().taken, std::int64_t(60));
        QCOMPARE(spec.warmStart.front().decisions, std::int64_t(6));
        QCOMPARE(spec.prior.size(), std::size_t(60));
        double sum = 0;
        double squares = 0;
        for (std::size_t i = 0; i < spec.prior.size(); ++i) {
            const double value = spec.prior[i].values.front();
            sum += value;
            squares += value * value;
            if (i > 0) {
                QVERIFY(value <= spec.prior[i - 1].values.front());
                QVERIFY(additiveScore(spec.prior[i].genotype) <= additiveScore(spec.prior[i - 1].genotype) + 1e-12);
            }
        }
        QVERIFY(std::abs(sum) < 1e-9);
        QVERIFY(std::abs(squares / 60 - 1) < 1e-9);
        QVERIFY2(takenOverTexts(spec).front().find("took over 60 of 60") == 0, takenOverTexts(spec).front().c_str());
    }

    void minimisedObjectivesAreTurned()
    {
        StudySpec spec = warmSpec(chainSpace());
        spec.objectives = { { "val_loss", false } };
        StoredStudy source = studied(chainSpace(), 30);
        for (train::Trial& trial : source.trials)
            trial.metrics = { { "val_loss", 1 - additiveScore(trial.genotype) } };
        QVERIFY(takeOver(spec, std::vector{ source }).has_value());
        QVERIFY(additiveScore(spec.prior.front().genotype) > additiveScore(spec.prior.back().genotype));
    }

    void severalSourcesAreRankedTogether()
    {
        StudySpec spec = warmSpec(chainSpace(), 2);
        const std::vector<StoredStudy> sources{ studied(chainSpace(), 20, 1), studied(chainSpace(4), 20, 9, 1000) };
        QVERIFY(takeOver(spec, sources).has_value());
        QCOMPARE(spec.warmStart[1].decisions, std::int64_t(4));
        QCOMPARE(spec.prior.size(), std::size_t(40));
        // Neither scale wins by being larger: the first dozen has some of both (no two of these studies share an
        // architecture).
        std::set<std::vector<double>> ofFirst;
        for (const train::Trial& trial : sources[0].trials)
            ofFirst.insert(trial.genotype.answers());
        int fromFirst = 0;
        for (std::size_t i = 0; i < 12; ++i)
            fromFirst += static_cast<int>(ofFirst.count(spec.prior[i].genotype.answers()));
        QVERIFY2(fromFirst > 1 && fromFirst < 11, std::to_string(fromFirst).c_str());
    }

    void longestTrainingCounts()
    {
        StoredStudy source = studied(chainSpace(), 10);
        train::Trial shortly = source.trials.front();
        shortly.id = train::TrialId(11);
        source.trials.front().fidelity.epochs = 8;
        shortly.fidelity.epochs = 1;
        shortly.metrics["val_accuracy"] = 1e6;
        source.trials.push_back(shortly);
        StudySpec spec = warmSpec(chainSpace());
        QVERIFY(takeOver(spec, std::vector{ source }).has_value());
        QCOMPARE(spec.warmStart.front().trials, std::int64_t(10));
        QVERIFY(spec.prior.front().values.front() < 4); // one in a million would be far out
    }

    void manyAreThinned()
    {
        StudySpec spec = warmSpec(chainSpace(8, 5));
        QVERIFY(takeOver(spec, std::vector{ studied(chainSpace(8, 5), 3000) }).has_value());
        QCOMPARE(spec.prior.size(), std::size_t(500));
        QVERIFY(spec.prior.back().values.front() < -1.5); // the bad ones are there too
    }

    void refuses_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<QString>("fragment");
        QTest::newRow("nothing in common") << 0 << "no decision in common";
        QTest::newRow("too little of each") << 1 << "less than half";
        QTest::newRow("no trial") << 2 << "no completed trial";
        QTest::newRow("another metric") << 3 << "no completed trial with val_accuracy";
    }
    void refuses()
    {
        QFETCH(int, kind);
        QFETCH(QString, fragment);
        space::SearchSpace other = chainSpace(2);
        StoredStudy source = studied(kind == 1 ? other : chainSpace(), 10);
        if (kind == 0) {
            for (space::Node& node : source.spec.space.root.nodes)
                node.name += "x";
        }
        for (train::Trial& trial : source.trials) {
            if (kind == 2)
                trial.state = train::TrialState::Failed;
            if (kind == 3)
                trial.metrics = { { "val_loss", 1 } };
        }
        StudySpec spec = warmSpec(chainSpace());
        const auto taken = takeOver(spec, std::vector{ source });
        QVERIFY(!taken.has_value());
        const QString error = QString::fromStdString(taken.error().text());
        QVERIFY2(error.contains(fragment) && error.startsWith("sqlite:a.archscope#first0: "), qPrintable(error));
    }

    void travelsWithTheStudy()
    {
        StudySpec spec = warmSpec(chainSpace());
        spec.warmTrials = 7;
        QVERIFY(takeOver(spec, std::vector{ studied(chainSpace(), 20) }).has_value());
        const auto again = studyFromJson(*parseJson(studyToJson(spec).dump()));
        QVERIFY2(again.has_value(), again ? "" : again.error().text().c_str());
        QCOMPARE(again->prior, spec.prior);
        QCOMPARE(again->warmStart, spec.warmStart);
        QCOMPARE(again->warmTrials, std::int64_t(7));
    }

    void numberOfWarmTrials()
    {
        StudySpec spec = warmSpec(chainSpace());
        spec.budget.trials = 20;
        QCOMPARE(warmTrialsOf(spec), std::int64_t(5));
        spec.budget.trials = 2;
        QCOMPARE(warmTrialsOf(spec), std::int64_t(1));
        spec.budget.trials = 4000;
        QCOMPARE(warmTrialsOf(spec), std::int64_t(10));
        spec.firstBudget = Budget{ 20, 0, 0 };
        QCOMPARE(warmTrialsOf(spec), std::int64_t(5)); // extending the study changes nothing
        spec.warmTrials = 30;
        QCOMPARE(warmTrialsOf(spec), std::int64_t(30));
    }

    void proposesThePriorAndGoesOn()
    {
        const space::DecisionSpace decisions = *space::DecisionSpace::compile(chainSpace());
        StudySpec spec = warmSpec(chainSpace());
        QVERIFY(takeOver(spec, std::vector{ studied(chainSpace(), 20) }).has_value());
        StrategyContext context;
        context.decisions = &decisions;
        context.prior = spec.prior;
        context.warmTrials = 3;
        context.admissible = [&](const space::Genotype& genotype) { return genotype != spec.prior[1].genotype; };
        const space::Genotype own(std::vector<double>(6, 0));
        auto inner = std::make_unique<Counting>(own);
        const Counting* counting = inner.get();
        const auto warm = warmStarted(context, std::move(inner));
        for (const std::size_t expected : { 0, 2, 3 }) { // what cannot be evaluated here is passed over
            const auto proposal = warm->ask();
            QCOMPARE(proposal->genotype, spec.prior[expected].genotype);
            Observation observation;
            observation.genotype = &proposal->genotype;
            warm->tell(observation);
        }
        const Json state = warm->state();
        QCOMPARE(warm->ask()->genotype, own);
        QCOMPARE(counting->told, 3);
        const auto restored = warmStarted(context, std::make_unique<Counting>(own));
        QVERIFY(restored->restore(*parseJson(state.dump())).has_value());
        QCOMPARE(restored->state(), state);
        QCOMPARE(restored->ask()->genotype, own);
    }

    void evolutionStartsFromThem()
    {
        // With a population of ten and ten warm trials, the eleventh is a child of one of them.
        StudySpec spec = warmSpec(chainSpace());
        spec.settings = { { "population", std::int64_t{ 10 } } };
        QVERIFY(takeOver(spec, std::vector{ studied(chainSpace(), 40) }).has_value());
        const space::DecisionSpace decisions = *space::DecisionSpace::compile(spec.space);
        const StrategySet strategies({ regularizedEvolution() });
        const auto driver = *StrategyDriver::create(strategies, spec, decisions, {});
        for (int i = 0; i < 11; ++i) {
            auto trial = driver->ask();
            if (i < 10)
                QCOMPARE(trial->genotype, spec.prior[static_cast<std::size_t>(i)].genotype);
            else
                QCOMPARE(trial->parents.size(), std::size_t(1));
            trial->state = train::TrialState::Completed;
            trial->metrics["val_accuracy"] = additiveScore(trial->genotype);
            driver->tell(*trial);
        }
    }

    void comparesWithACold()
    {
        StoredStudy cold = studied(chainSpace(), 30, 3);
        cold.spec = warmSpec(chainSpace());
        cold.spec.warmStart.clear();
        cold.spec.name = "cold";
        StoredStudy warm = studied(chainSpace(), 30, 4);
        warm.spec = warmSpec(chainSpace());
        QVERIFY(isColdCounterpart(warm.spec, cold.spec));
        QVERIFY(!isColdCounterpart(warm.spec, warm.spec));
        StudySpec other = cold.spec;
        other.task.name = "elsewhere";
        QVERIFY(!isColdCounterpart(warm.spec, other));
        cold.trials[19].metrics["val_accuracy"] = 1.5;
        warm.trials[4].metrics["val_accuracy"] = 1.5;
        const auto comparison = compareWithCold(warm, cold);
        QVERIFY(comparison.has_value());
        QCOMPARE(comparison->coldTrials, std::int64_t(30));
        QCOMPARE(comparison->coldReachedIt, std::int64_t(20));
        QCOMPARE(comparison->reachedAfter.value_or(-1), std::int64_t(5));
        warm.trials[4].metrics["val_accuracy"] = 0;
        QVERIFY(!compareWithCold(warm, cold)->reachedAfter);
        cold.trials.clear();
        QVERIFY(!compareWithCold(warm, cold));
    }
};

QTEST_GUILESS_MAIN(TestWarmStart)
#include "tst_warm_start.moc"
