// What makes each scheduler the one of its paper. That all of them go with all strategies: tests/core/catalog/tst_scheduler_conformance.
#include "core/search/rungs.h"
#include "tests/core/search/search_test_support.h"

#include <QtTest>
#include <deque>
#include <set>

using namespace archscope;
using namespace archscope::search;
using search::testing::additiveScore;

namespace {

/// Proposes what it is given, and remembers what it was told.
class Scripted : public Strategy {
public:
    struct Told {
        train::TrialId id;
        int epochs = 0;
        double value = 0;
    };
    explicit Scripted(std::deque<space::Genotype> script, bool learns = false)
        : m_script(std::move(script))
        , m_learns(learns)
    {
    }
    std::optional<Proposal> ask() override
    {
        if (m_script.empty())
            return {};
        Proposal proposal{ m_script.front(), { train::TrialId(900) } };
        m_script.pop_front();
        return proposal;
    }
    void tell(const Observation& observation) override
    {
        told.push_back({ observation.id, observation.fidelity.epochs, observation.values.empty() ? -1 : observation.values.front() });
    }
    bool learnsFidelities() const override { return m_learns; }
    Json state() const override { return Json::object(); }
    Result<void> restore(const Json&) override { return {}; }

    std::vector<Told> told;

private:
    std::deque<space::Genotype> m_script;
    bool m_learns;
};

/// What was trained for how long, and in continuation of what.
struct Run {
    train::TrialId id;
    int epochs = 0;
    train::TrialId continues;
    space::Genotype genotype;
};

Observation observe(const Run& run, double value, train::TrialState state = train::TrialState::Completed)
{
    Observation observation;
    observation.id = run.id;
    observation.genotype = &run.genotype;
    observation.state = state;
    observation.fidelity.epochs = run.epochs;
    if (state == train::TrialState::Completed)
        observation.values = { value };
    else
        observation.violation = std::numeric_limits<double>::infinity();
    observation.feasible = observation.violation == 0;
    return observation;
}

std::optional<Run> ask(Strategy& strategy, std::int64_t& id)
{
    auto proposal = strategy.ask();
    if (!proposal)
        return {};
    return Run{ train::TrialId(id++), proposal->fidelity ? proposal->fidelity->epochs : 0, proposal->continues, proposal->genotype };
}

/// One trial at a time, with its additive score.
std::vector<Run> runAlone(Strategy& strategy, std::size_t most)
{
    std::vector<Run> runs;
    std::int64_t id = 1;
    while (runs.size() < most) {
        const auto run = ask(strategy, id);
        if (!run)
            break;
        strategy.tell(observe(*run, additiveScore(run->genotype)));
        runs.push_back(*run);
    }
    return runs;
}

std::map<int, int> countsByEpochs(std::span<const Run> runs)
{
    std::map<int, int> counts;
    for (const Run& run : runs)
        ++counts[run.epochs];
    return counts;
}

} // namespace

class TestSchedulers : public QObject {
    Q_OBJECT

    space::DecisionSpace m_decisions;

    StrategyContext context(int fullEpochs) const
    {
        StrategyContext made;
        made.decisions = &m_decisions;
        made.seed = 1;
        made.fullEpochs = fullEpochs;
        return made;
    }

    std::deque<space::Genotype> script(int count) const
    {
        Rng rng(5);
        std::deque<space::Genotype> genotypes;
        std::set<std::vector<double>> seen;
        while (static_cast<int>(genotypes.size()) < count) {
            space::Genotype genotype = m_decisions.sample(rng);
            if (seen.insert(genotype.answers()).second)
                genotypes.push_back(std::move(genotype));
        }
        return genotypes;
    }

    std::unique_ptr<Strategy> make(const SchedulerDescriptor& descriptor, int fullEpochs, std::unique_ptr<Strategy> inner,
        const std::map<std::string, space::Literal>& settings = {}) const
    {
        auto made = descriptor.make(context(fullEpochs), std::move(inner), *space::completed(descriptor.settings, settings, descriptor.name));
        return made ? std::move(*made) : nullptr;
    }

private Q_SLOTS:
    void initTestCase() { m_decisions = *space::DecisionSpace::compile(search::testing::chainSpace(8, 5)); }

    void rungsReachDownFromTheFullTraining_data()
    {
        QTest::addColumn<int>("full");
        QTest::addColumn<int>("fewest");
        QTest::addColumn<int>("eta");
        QTest::addColumn<std::vector<int>>("epochs");
        QTest::newRow("Li 2017") << 81 << 1 << 3 << std::vector{ 1, 3, 9, 27, 81 };
        QTest::newRow("the recipe, halved") << 8 << 1 << 2 << std::vector{ 1, 2, 4, 8 };
        QTest::newRow("rounded") << 10 << 1 << 3 << std::vector{ 1, 3, 10 };
        QTest::newRow("at least two") << 8 << 2 << 2 << std::vector{ 2, 4, 8 };
        QTest::newRow("nothing to divide") << 1 << 1 << 4 << std::vector{ 1 };
        QTest::newRow("not below the least") << 8 << 100 << 2 << std::vector{ 8 };
    }
    void rungsReachDownFromTheFullTraining()
    {
        QFETCH(int, full);
        QFETCH(int, fewest);
        QFETCH(int, eta);
        QFETCH(std::vector<int>, epochs);
        QVERIFY(rungEpochs(full, fewest, eta) == epochs);
    }

    /// Li 2018, Algorithm 1 with R = 81 and eta = 3: n = ⌈B/R · eta^s/(s+1)⌉, n_i = ⌊n eta^-i⌋.
    void hyperbandBracketsAreThePapers()
    {
        const std::vector<Bracket> expected{ { 0, { 81, 27, 9, 3, 1 } }, { 1, { 34, 11, 3, 1 } }, { 2, { 15, 5, 1 } }, { 3, { 8, 2 } }, { 4, { 5 } } };
        QVERIFY(hyperbandBrackets(5, 3) == expected);
    }

    void hyperbandTrainsItsBrackets()
    {
        auto strategy = make(hyperband(), 81, std::make_unique<Scripted>(script(143)));
        const std::vector<Run> runs = runAlone(*strategy, 10'000);
        const std::map<int, int> expected{ { 1, 81 }, { 3, 27 + 34 }, { 9, 9 + 11 + 15 }, { 27, 3 + 3 + 5 + 8 }, { 81, 1 + 1 + 1 + 2 + 5 } };
        QVERIFY(countsByEpochs(runs) == expected);
    }

    void halvingPromotesTheBestOfEachRung()
    {
        auto strategy = make(successiveHalving(), 8, std::make_unique<Scripted>(script(8)));
        const std::vector<Run> runs = runAlone(*strategy, 10'000);
        QVERIFY((countsByEpochs(runs) == std::map<int, int>{ { 1, 8 }, { 2, 4 }, { 4, 2 }, { 8, 1 } }));
        std::vector<Run> rung(runs.begin(), runs.begin() + 8);
        for (std::size_t begin = 8, size = 4; size >= 1; begin += size, size /= 2) {
            std::ranges::stable_sort(rung, std::greater(), [](const Run& run) { return additiveScore(run.genotype); });
            const std::vector<Run> next(runs.begin() + static_cast<std::ptrdiff_t>(begin), runs.begin() + static_cast<std::ptrdiff_t>(begin + size));
            for (std::size_t i = 0; i < size; ++i) {
                QCOMPARE(next[i].continues, rung[i].id);
                QVERIFY(next[i].genotype == rung[i].genotype);
            }
            rung = next;
        }
    }

    void halvingWaitsForTheWholeRung()
    {
        auto strategy = make(successiveHalving(), 4, std::make_unique<Scripted>(script(100)));
        std::int64_t id = 1;
        std::vector<Run> rung;
        for (int i = 0; i < 4; ++i)
            rung.push_back(*ask(*strategy, id));
        const Json before = strategy->state();
        QVERIFY(!strategy->ask());
        QVERIFY(strategy->awaitsTell());
        QVERIFY(strategy->state() == before); // such an ask has changed nothing
        for (const int i : { 2, 0, 3 }) {
            strategy->tell(observe(rung[static_cast<std::size_t>(i)], i));
            QVERIFY(!strategy->ask());
        }
        strategy->tell(observe(rung[1], 0, train::TrialState::Failed));
        QCOMPARE(ask(*strategy, id)->continues, rung[3].id);
        QCOMPARE(ask(*strategy, id)->continues, rung[2].id);
    }

    void aRungThatFailedIsFollowedByTheNextBracket()
    {
        auto strategy = make(successiveHalving(), 2, std::make_unique<Scripted>(script(4)));
        std::int64_t id = 1;
        for (int i = 0; i < 2; ++i)
            strategy->tell(observe(*ask(*strategy, id), 0, train::TrialState::Failed));
        const auto next = ask(*strategy, id);
        QVERIFY(next && !next->continues.isValid());
        QCOMPARE(next->epochs, 1);
    }

    /// Algorithm 2: promote where possible, from the top; else grow the bottom.
    void ashaPromotesAsSoonAsItCan()
    {
        auto strategy = make(asha(), 9, std::make_unique<Scripted>(script(100)), { { "eta", std::int64_t{ 3 } } });
        std::int64_t id = 1;
        std::vector<Run> runs;
        const auto step = [&](double value) {
            runs.push_back(*ask(*strategy, id));
            strategy->tell(observe(runs.back(), value));
        };
        step(0.5);
        step(0.9);
        step(0.7); // three of the bottom: the best of them goes on
        step(0.95);
        QCOMPARE(runs[3].continues.value(), 2);
        QCOMPARE(runs[3].epochs, 3);
        step(0.8);
        QVERIFY(!runs[4].continues.isValid());
        step(0.6);
        step(0.65);
        QVERIFY(!runs[6].continues.isValid());
        step(0.85); // six: the second best of them, 0.8
        QCOMPARE(runs[7].continues.value(), 5);
        step(0.1);
        step(0.2);
        step(0.3);
        step(0.75); // nine: the third best, 0.7
        QCOMPARE(runs[11].continues.value(), 3);
        step(0.99); // three of the middle rung: its best goes to the top, before the bottom grows
        QCOMPARE(runs[12].continues, runs[3].id);
        QCOMPARE(runs[12].epochs, 9);
    }

    void ashaNeverWaitsWhileTheStrategyProposes()
    {
        auto strategy = make(asha(), 16, std::make_unique<Scripted>(script(50)));
        std::int64_t id = 1;
        for (int i = 0; i < 50; ++i)
            QVERIFY(ask(*strategy, id));
        QVERIFY(!strategy->ask());
        QVERIFY(strategy->awaitsTell());
    }

    void theInnerIsToldOnceUnlessItLearnsFidelities()
    {
        for (const bool learns : { false, true }) {
            for (const SchedulerDescriptor& descriptor : { successiveHalving(), hyperband(), asha() }) {
                auto inner = std::make_unique<Scripted>(script(20), learns);
                const Scripted& told = *inner;
                auto strategy = make(descriptor, 9, std::move(inner));
                const std::vector<Run> runs = runAlone(*strategy, 1000);
                const auto first = std::ranges::count_if(runs, [](const Run& run) { return !run.continues.isValid(); });
                QCOMPARE(first, 20);
                QVERIFY(static_cast<std::int64_t>(runs.size()) > first);
                QCOMPARE(static_cast<std::int64_t>(told.told.size()), learns ? static_cast<std::int64_t>(runs.size()) : first);
            }
        }
    }

    void rungsRankByConstrainedDomination()
    {
        const auto member = [](std::int64_t id, std::vector<double> values, double violation = 0, bool sound = true) {
            return RungMember{ train::TrialId(id), {}, {}, std::move(values), violation, sound };
        };
        const std::vector<RungMember> single{ member(1, { 0.9 }, 0.5), member(2, { 0.3 }), member(3, { 0.5 }), member(4, { 1 }, 0, false),
            member(5, { 0.5 }), member(6, { 0.1 }, 0.2) };
        QVERIFY((ranked(single) == std::vector<std::size_t>{ 2, 4, 1, 5, 0 }));
        const std::vector<RungMember> two{ member(1, { 1, 1 }), member(2, { 3, 1 }), member(3, { 2, 2 }), member(4, { 1, 3 }), member(5, { 9, 9 }, 1) };
        QVERIFY((ranked(two) == std::vector<std::size_t>{ 1, 3, 2, 0, 4 })); // the outermost first; the broken last
    }

    /// Vizier: worse than the median of the completed trials' running averages.
    void curveEndsWhatIsBelowTheMedian()
    {
        auto strategy = make(curveStopping(), 4, std::make_unique<Scripted>(script(100)), { { "min_trials", std::int64_t{ 3 } } });
        const auto curve = [](std::initializer_list<double> accuracies) {
            std::vector<train::CurvePoint> points;
            for (const double accuracy : accuracies)
                points.push_back({ static_cast<int>(points.size()) + 1, 1, accuracy, 1, accuracy, 0.1, 1 });
            return points;
        };
        std::int64_t id = 1;
        const auto complete = [&](const std::vector<train::CurvePoint>& points, train::TrialState state = train::TrialState::Completed) {
            const Run run = *ask(*strategy, id);
            QCOMPARE(run.epochs, 0); // the study's fidelity
            Observation observation = observe(run, points.back().validationAccuracy, state);
            observation.curve = points;
            strategy->tell(observation);
        };
        const auto bad = curve({ 0.1 });
        QVERIFY(strategy->goesOn(train::TrialId(50), bad));
        complete(curve({ 0.2, 0.4, 0.6, 0.8 })); // averages 0.2, 0.3, 0.4, 0.5
        complete(curve({ 0.4, 0.6, 0.8, 0.9 })); // 0.4, 0.5, 0.6
        QVERIFY(strategy->goesOn(train::TrialId(50), bad)); // too few
        complete(curve({ 0.0 }), train::TrialState::Failed); // counts for nothing
        complete(curve({ 0.3, 0.5, 0.7, 0.9 })); // 0.3, 0.4, 0.5
        QVERIFY(!strategy->goesOn(train::TrialId(50), bad));
        QVERIFY(strategy->goesOn(train::TrialId(50), curve({ 0.3 }))); // strictly worse than the median
        QVERIFY(!strategy->goesOn(train::TrialId(50), curve({ 0.35, 0.2, 0.25 }))); // 0.35, against 0.5
        QVERIFY(strategy->goesOn(train::TrialId(50), curve({ 0.1, 0.55, 0.2 }))); // its best counts
        QVERIFY(strategy->goesOn(train::TrialId(50), curve({ 0, 0, 0, 0, 0 }))); // nobody went so far
    }

    void curveGoesByTheStudysObjective()
    {
        StrategyContext where = context(4);
        where.curveValue = [](const train::CurvePoint& point) { return -point.validationLoss; };
        const SchedulerDescriptor descriptor = curveStopping();
        auto strategy = std::move(*descriptor.make(
            where, std::make_unique<Scripted>(script(9)), *space::completed(descriptor.settings, { { "min_trials", std::int64_t{ 1 } } }, "curve")));
        std::int64_t id = 1;
        const Run run = *ask(*strategy, id);
        Observation observation = observe(run, 0);
        const std::vector<train::CurvePoint> completed{ { 1, 1, 0, 0.5, 0.9, 0, 0 } };
        observation.curve = completed;
        strategy->tell(observation);
        QVERIFY(strategy->goesOn(train::TrialId(2), std::vector<train::CurvePoint>{ { 1, 1, 0, 0.4, 0.1, 0, 0 } }));
        QVERIFY(!strategy->goesOn(train::TrialId(2), std::vector<train::CurvePoint>{ { 1, 1, 0, 0.6, 0.99, 0, 0 } }));
    }
};

QTEST_GUILESS_MAIN(TestSchedulers)
#include "tst_schedulers.moc"
