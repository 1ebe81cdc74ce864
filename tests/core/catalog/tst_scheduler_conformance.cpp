// Every scheduler around every strategy: same seed same run, state saved and restored anywhere, any order of tells, failed and pruned
// trials.
#include "core/catalog/catalog.h"
#include "tests/core/search/search_test_support.h"

#include <QtTest>
#include <limits>
#include <map>
#include <set>

using namespace archscope;
using namespace archscope::search;

namespace {

const catalog::Catalog& builtIn()
{
    static const catalog::Catalog catalog;
    return catalog;
}

struct Asked {
    train::TrialId id;
    Proposal proposal;

    std::string text() const
    {
        std::string text = Json(proposal.genotype.answers()).dump() + "@" + std::to_string(proposal.fidelity ? proposal.fidelity->epochs : 0);
        return text + "<" + std::to_string(proposal.continues.value());
    }
};

/// A search without an engine: up to `width` trials run, and end in an order that `order` draws.
struct Drive {
    Rng order{ 3 };
    std::vector<Asked> running = {};
    std::int64_t nextId = 1;
    std::size_t width = 3;
    std::vector<std::string> proposals = {};
    bool isOver = false;

    void run(Strategy& strategy, int steps)
    {
        for (int i = 0; i < steps && !isOver; ++i) {
            if (running.size() < width) {
                if (auto proposal = strategy.ask()) {
                    running.push_back({ train::TrialId(nextId++), std::move(*proposal) });
                    proposals.push_back(running.back().text());
                    continue;
                }
                isOver = running.empty();
                if (isOver)
                    break;
                if (!strategy.awaitsTell())
                    proposals.emplace_back("no more");
            }
            end(strategy, order.below(running.size()));
        }
    }

    void end(Strategy& strategy, std::size_t which)
    {
        const Asked asked = running[which];
        running.erase(running.begin() + static_cast<std::ptrdiff_t>(which));
        const int epochs = asked.proposal.fidelity ? asked.proposal.fidelity->epochs : 9;
        const double score = search::testing::additiveScore(asked.proposal.genotype);
        Observation observation;
        observation.id = asked.id;
        observation.genotype = &asked.proposal.genotype;
        observation.fidelity.epochs = epochs;
        std::vector<train::CurvePoint> curve;
        for (int epoch = 1; epoch <= epochs; ++epoch) {
            const double accuracy = score * epoch / 9;
            curve.push_back({ epoch, 1 - accuracy, accuracy, 1 - accuracy, accuracy, 0.01, 1 });
            if (epoch < epochs && !strategy.goesOn(asked.id, curve)) {
                observation.state = train::TrialState::Pruned;
                break;
            }
        }
        observation.curve = curve;
        if (order.below(8) == 0)
            observation.state = train::TrialState::Failed;
        if (observation.state == train::TrialState::Completed || observation.state == train::TrialState::Pruned)
            observation.values = { curve.back().validationAccuracy };
        if (observation.state != train::TrialState::Completed)
            observation.violation = std::numeric_limits<double>::infinity();
        observation.feasible = observation.violation == 0;
        strategy.tell(observation);
    }
};

} // namespace

class TestSchedulerConformance : public QObject {
    Q_OBJECT

    space::SearchSpace m_space = search::testing::chainSpace(5, 3);
    space::DecisionSpace m_decisions;

    std::unique_ptr<Strategy> make(const std::string& strategy, const std::string& scheduler, std::uint64_t seed, std::int64_t budget = 60) const
    {
        StrategyContext context;
        context.decisions = &m_decisions;
        context.space = &m_space;
        context.seed = seed;
        context.budgetTrials = budget;
        context.fullEpochs = 9;
        const StrategyDescriptor& inner = *builtIn().strategies().find(strategy);
        const SchedulerDescriptor& outer = *builtIn().strategies().findScheduler(scheduler);
        auto made = inner.make(context, *space::completed(inner.settings, {}, strategy));
        if (!made)
            qFatal("%s", made.error().text().c_str());
        auto scheduled = outer.make(context, std::move(*made), *space::completed(outer.settings, {}, scheduler));
        if (!scheduled)
            qFatal("%s", scheduled.error().text().c_str());
        return std::move(*scheduled);
    }

    void pairs() const
    {
        QTest::addColumn<QString>("strategy");
        QTest::addColumn<QString>("scheduler");
        for (const SchedulerDescriptor& scheduler : builtIn().strategies().schedulers()) {
            for (const StrategyDescriptor& strategy : builtIn().strategies().all()) {
                if (!strategy.obstacle(m_decisions))
                    QTest::addRow("%s, %s", scheduler.name.c_str(), strategy.name.c_str())
                        << QString::fromStdString(strategy.name) << QString::fromStdString(scheduler.name);
            }
        }
    }

private Q_SLOTS:
    void initTestCase() { m_decisions = *space::DecisionSpace::compile(m_space); }

    void descriptorsAreWhole()
    {
        const std::vector<std::string> expected{ "successive-halving", "hyperband", "asha", "curve" };
        QVERIFY(builtIn().strategies().schedulerNames() == expected);
        for (const SchedulerDescriptor& scheduler : builtIn().strategies().schedulers()) {
            QVERIFY(!scheduler.title.empty() && !scheduler.help.empty() && !scheduler.source.empty());
            for (const auto& setting : scheduler.settings)
                QVERIFY(!setting.help.empty() && !setting.problem(setting.fallback));
        }
    }

    void sameSeedSameRun_data() { pairs(); }
    void sameSeedSameRun()
    {
        QFETCH(QString, strategy);
        QFETCH(QString, scheduler);
        const auto run = [&] {
            const auto made = make(strategy.toStdString(), scheduler.toStdString(), 1);
            Drive drive;
            drive.run(*made, 150);
            return drive.proposals;
        };
        const auto first = run();
        QVERIFY(first.size() > 40);
        QVERIFY(first == run());
    }

    void stateContinuesExactly_data() { pairs(); }
    void stateContinuesExactly()
    {
        QFETCH(QString, strategy);
        QFETCH(QString, scheduler);
        for (const int before : { 0, 7, 31, 60 }) {
            auto one = make(strategy.toStdString(), scheduler.toStdString(), 4);
            Drive drive;
            drive.width = before % 2 ? 1 : 4;
            drive.run(*one, before);
            // Through text, and into one of another seed: the state is all there is.
            auto two = make(strategy.toStdString(), scheduler.toStdString(), 5);
            const auto restored = two->restore(*parseJson(one->state().dump()));
            QVERIFY2(restored, restored ? "" : restored.error().text().c_str());
            QVERIFY(two->state() == one->state());
            Drive other = drive;
            drive.run(*one, 60);
            other.run(*two, 60);
            QVERIFY(drive.proposals == other.proposals);
            QVERIFY(one->state() == two->state());
        }
    }

    void promotionsGoOnWithWhatEnded_data() { pairs(); }
    void promotionsGoOnWithWhatEnded()
    {
        QFETCH(QString, strategy);
        QFETCH(QString, scheduler);
        const auto made = make(strategy.toStdString(), scheduler.toStdString(), 2);
        std::map<std::int64_t, Asked> all;
        Drive drive;
        for (int i = 0; i < 200 && !drive.isOver; ++i) {
            drive.run(*made, 1);
            for (const Asked& asked : drive.running)
                all.emplace(asked.id.value(), asked);
        }
        std::set<std::int64_t> continued;
        for (const auto& [id, asked] : all) {
            if (!asked.proposal.continues.isValid())
                continue;
            const Asked& former = all.at(asked.proposal.continues.value());
            QVERIFY(former.id < asked.id);
            QVERIFY(former.proposal.genotype == asked.proposal.genotype);
            QVERIFY(former.proposal.fidelity->epochs < asked.proposal.fidelity->epochs);
            QVERIFY(continued.insert(former.id.value()).second); // once each
        }
        QCOMPARE(!continued.empty(), scheduler != QStringLiteral("curve"));
    }

    void badStateIsRefused_data()
    {
        QTest::addColumn<QString>("scheduler");
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("value");
        QTest::newRow("no inner") << "asha" << "inner" << "{}";
        QTest::newRow("other rungs") << "asha" << "rungs" << "[[]]";
        QTest::newRow("no such rung") << "asha" << "running" << R"([{"answers":[0,0,0,0,0],"parents":[],"rung":7}])";
        QTest::newRow("another space") << "asha" << "running" << R"([{"answers":[0],"parents":[],"rung":0}])";
        QTest::newRow("no values") << "asha" << "rungs"
                                   << R"([[{"id":1,"answers":[0,0,0,0,0],"parents":[],"values":[],"violation":0,"sound":true,"promoted":false}],[]])";
        QTest::newRow("no such bracket") << "hyperband" << "bracket" << "9";
        QTest::newRow("more begun than there are") << "hyperband" << "step" << "1";
        QTest::newRow("no list") << "curve" << "averages" << "7";
        QTest::newRow("no numbers") << "curve" << "averages" << R"([["x"]])";
    }
    void badStateIsRefused()
    {
        QFETCH(QString, scheduler);
        QFETCH(QString, key);
        QFETCH(QString, value);
        auto made = make("random", scheduler.toStdString(), 1);
        QVERIFY(made->ask());
        Json state = made->state();
        state[key.toStdString()] = *parseJson(value.toStdString());
        QVERIFY(!make("random", scheduler.toStdString(), 1)->restore(state));
    }
};

QTEST_GUILESS_MAIN(TestSchedulerConformance)
#include "tst_scheduler_conformance.moc"
