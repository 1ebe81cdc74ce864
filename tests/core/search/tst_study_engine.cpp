#include "core/store/stores.h"
#include "tests/core/search/child_process.h"
#include "tests/core/search/search_test_support.h"

#include <QCoreApplication>
#include <QTemporaryDir>
#include <QtTest>
#include <csignal>
#include <cstdio>
#include <fmt/format.h>
#include <set>
#include <sys/resource.h>

using namespace archscope;
using namespace archscope::search;
using namespace archscope::search::testing;

namespace {

const StrategySet& strategies()
{
    static const StrategySet set({ randomSearch(), regularizedEvolution() });
    return set;
}

std::shared_ptr<StudyStore> openOrDie(const std::string& url)
{
    auto store = store::openStore(url, store::OpenMode::CreateIfAbsent);
    if (!store)
        qFatal("%s", store.error().text().c_str());
    return *store;
}

/// Passes everything on to a real store, until told to fail.
class FailingStore : public StudyStore {
public:
    explicit FailingStore(std::shared_ptr<StudyStore> store)
        : m_store(std::move(store))
    {
    }
    std::atomic<int> commitsLeft = 1 << 30;

    std::string url() const override { return m_store->url(); }
    Result<std::vector<StudySummary>> list() override { return m_store->list(); }
    Result<void> create(const StudySpec& spec) override { return m_store->create(spec); }
    Result<StoredStudy> load(const std::string& study) override { return m_store->load(study); }
    Result<void> commit(const std::string& study, const StudyChanges& changes) override
    {
        if (commitsLeft-- <= 0)
            return fail(ErrorCode::Io, "the disk is full: free some space, then go on", url());
        return m_store->commit(study, changes);
    }
    Result<void> remove(const std::string& study) override { return m_store->remove(study); }
    Result<void> acquire(const std::string& study) override { return m_store->acquire(study); }
    void release(const std::string& study) override { m_store->release(study); }
    Result<void> saveRetrain(const std::string& study, train::TrialId trial, const Json& result) override
    {
        return m_store->saveRetrain(study, trial, result);
    }
    Result<std::map<train::TrialId, Json>> retrains(const std::string& study) override { return m_store->retrains(study); }

private:
    std::shared_ptr<StudyStore> m_store;
};

std::vector<train::Trial> trialsOf(StudyStore& store, const std::string& study = "first")
{
    auto stored = store.load(study);
    if (!stored)
        qFatal("%s", stored.error().text().c_str());
    return std::move(stored->trials);
}

/// One study in a store, the engine on it, and all that a test looks at.
struct Search {
    explicit Search(std::shared_ptr<StudyStore> inStore)
        : store(std::move(inStore))
        , engine(store, "first", strategies(), factoryFor(evaluator), log.sink())
    {
    }

    std::shared_ptr<StudyStore> store;
    std::shared_ptr<ComputedEvaluator> evaluator = std::make_shared<ComputedEvaluator>();
    EventLog log;
    StudyEngine engine;
};

/// Admits by numbers that it measures when it first meets an answer: another machine measures others.
class MeasuringEvaluator : public ComputedEvaluator {
public:
    explicit MeasuringEvaluator(std::uint64_t machine)
        : m_machine(machine)
    {
    }
    Result<train::Foreknowledge> precheck(const space::Genotype& genotype) const override
    {
        double sum = 0;
        for (std::size_t i = 0; i < genotype.size(); ++i) {
            const std::string key = fmt::format("{}={}", i, genotype.index(i));
            if (!m_measured.contains(key))
                m_measured[key] = m_machine.uniform();
            sum += m_measured[key].get<double>();
        }
        if (sum > 0.5 * static_cast<double>(genotype.size()))
            return fail(ErrorCode::InvalidInput, "too slow");
        return ComputedEvaluator::precheck(genotype);
    }
    std::optional<std::string> newMeasurements() override
    {
        if (m_measured.size() == m_stored)
            return std::nullopt;
        m_stored = m_measured.size();
        return m_measured.dump();
    }
    Result<void> restoreMeasurements(const std::string& text) override
    {
        ARCHSCOPE_ASSIGN(m_measured, parseJson(text));
        m_stored = m_measured.size();
        return {};
    }
    const Json& all() const { return m_measured; }

private:
    mutable Rng m_machine;
    mutable Json m_measured = Json::object();
    std::size_t m_stored = 0;
};

/// A study that another process runs and that is killed: prints a line for each durable trial.
int runStudyAsChild(const char* url, const char* study)
{
    auto evaluator = std::make_shared<ComputedEvaluator>();
    evaluator->epochs = 10;
    evaluator->epochTime = std::chrono::microseconds(100);
    const auto sink = [](const StudyEvent& event) {
        if (const auto* ended = std::get_if<TrialEnded>(&event)) {
            std::printf("%lld\n", static_cast<long long>(ended->trial.id.value()));
            std::fflush(stdout);
        }
    };
    StudyEngine engine(openOrDie(url), study, strategies(), factoryFor(evaluator), sink);
    engine.start();
    return engine.wait() == StudyState::Finished ? 0 : 1;
}

} // namespace

class TestStudyEngine : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    int m_files = 0;

    std::string freshUrl() { return "sqlite:" + m_folder.filePath(QString("%1.archscope").arg(++m_files)).toStdString(); }

    std::shared_ptr<StudyStore> storeWith(const StudySpec& spec)
    {
        auto store = openOrDie(freshUrl());
        if (const auto created = store->create(spec); !created)
            qFatal("%s", created.error().text().c_str());
        return store;
    }

    /// All trials of a study that ran without interruption.
    std::vector<std::string> uninterrupted(const StudySpec& spec, std::shared_ptr<ComputedEvaluator> evaluator)
    {
        auto store = storeWith(spec);
        StudyEngine engine(store, spec.name, strategies(), factoryFor(evaluator), {});
        engine.start();
        engine.wait();
        return essences(trialsOf(*store, spec.name));
    }

private Q_SLOTS:
    void runsItsBudget_data()
    {
        QTest::addColumn<QString>("strategy");
        QTest::addColumn<int>("jobs");
        QTest::newRow("random, one worker") << "random" << 1;
        QTest::newRow("random, four") << "random" << 4;
        QTest::newRow("evolution, one worker") << "regularized-evolution" << 1;
        QTest::newRow("evolution, four") << "regularized-evolution" << 4;
    }
    void runsItsBudget()
    {
        QFETCH(QString, strategy);
        QFETCH(int, jobs);
        StudySpec spec = testSpec("first", 300);
        spec.strategy = strategy.toStdString();
        spec.jobs = jobs;
        auto store = storeWith(spec);
        EventLog log;
        StudyEngine engine(store, "first", strategies(), factoryFor(std::make_shared<ComputedEvaluator>()), log.sink());
        QCOMPARE(engine.state(), StudyState::Idle);
        QCOMPARE(engine.wait(), StudyState::Idle);
        engine.start();
        QCOMPARE(engine.wait(), StudyState::Finished);

        const StoredStudy stored = *store->load("first");
        QCOMPARE(stored.trials.size(), std::size_t{ 300 });
        QVERIFY(stored.finished);
        QVERIFY(stored.searchedSeconds > 0);
        QCOMPARE(stored.statedAfter, 300);
        QCOMPARE(stored.statedAsks, 300);
        std::set<std::int64_t> told;
        for (std::size_t i = 0; i < stored.trials.size(); ++i) {
            const train::Trial& trial = stored.trials[i];
            QCOMPARE(trial.id.value(), static_cast<std::int64_t>(i + 1));
            QCOMPARE(trial.state, train::TrialState::Completed);
            QVERIFY(trial.startedAt > 0 && trial.endedAt >= trial.startedAt);
            QCOMPARE(trial.curve.size(), std::size_t{ 3 });
            told.insert(trial.toldAs);
            if (jobs == 1)
                QCOMPARE(trial.askedAfter, static_cast<std::int64_t>(i));
        }
        QCOMPARE(told.size(), std::size_t{ 300 });
        QCOMPARE(*told.rbegin(), 299);

        // Each trial started once, ended once, in this order, and told the same as is stored.
        std::map<train::TrialId, int> seen;
        for (const StudyEvent& event : log.events()) {
            if (const auto* started = std::get_if<TrialStarted>(&event))
                QCOMPARE(seen[started->trial.id]++, 0);
            if (const auto* ended = std::get_if<TrialEnded>(&event)) {
                QCOMPARE(seen[ended->trial.id]++, 1);
                QCOMPARE(
                    essence(ended->trial), essence(stored.trials[static_cast<std::size_t>(ended->trial.id.value() - 1)]));
            }
        }
        QCOMPARE(seen.size(), std::size_t{ 300 });
        const auto states = log.all<StateChanged>();
        QCOMPARE(states.front().state, StudyState::Preparing);
        QCOMPARE(states[1].state, StudyState::Running);
        QCOMPARE(states.back().state, StudyState::Finished);
        const StudyProgressed last = log.all<StudyProgressed>().back();
        QCOMPARE(last.ended, 300);
        QCOMPARE(last.running, 0);
        QCOMPARE(last.remainingSeconds, 0.0);
        QVERIFY(last.trialsPerMinute > 0);
    }

    void endedIsToldOnlyAfterTheCommit()
    {
        const StudySpec spec = testSpec("first", 50);
        const std::string url = freshUrl();
        auto store = openOrDie(url);
        QVERIFY(store->create(spec));
        auto reader = *store::openStore(url, store::OpenMode::ReadOnly);
        std::atomic<int> missing = 0;
        EventLog log;
        log.onEvent = [&](const StudyEvent& event) {
            if (const auto* ended = std::get_if<TrialEnded>(&event)) {
                const auto stored = reader->load("first");
                const auto at = static_cast<std::size_t>(ended->trial.id.value() - 1);
                if (!stored || stored->trials.size() <= at || essence(stored->trials[at]) != essence(ended->trial))
                    ++missing;
            }
        };
        StudyEngine engine(store, "first", strategies(), factoryFor(std::make_shared<ComputedEvaluator>()), log.sink());
        engine.start();
        QCOMPARE(engine.wait(), StudyState::Finished);
        QCOMPARE(log.all<TrialEnded>().size(), std::size_t{ 50 });
        QCOMPARE(missing.load(), 0);
    }

    void jobsRunSideBySide()
    {
        StudySpec spec = testSpec("first", 3);
        spec.jobs = 3;
        Search search(storeWith(spec));
        search.evaluator->hold = true;
        auto& [store, evaluator, log, engine] = search;
        engine.start();
        QTRY_COMPARE(evaluator->atOnce.load(), 3);
        evaluator->hold = false;
        QCOMPARE(engine.wait(), StudyState::Finished);
        QCOMPARE(evaluator->mostAtOnce.load(), 3);
    }

    void optionsOverrideJobsAndBudget()
    {
        Search search(storeWith(testSpec("first", 1000)));
        search.evaluator->hold = true;
        auto& [store, evaluator, log, engine] = search;
        engine.start({ .jobs = 2, .budget = { 7, 0 } });
        QTRY_COMPARE(evaluator->atOnce.load(), 2);
        evaluator->hold = false;
        QCOMPARE(engine.wait(), StudyState::Finished);
        QCOMPARE(trialsOf(*store).size(), std::size_t{ 7 });
    }

    void timeBudgetEnds()
    {
        StudySpec spec = testSpec("first", 0);
        spec.budget.seconds = 0.3;
        auto store = storeWith(spec);
        StudyEngine engine(store, "first", strategies(), factoryFor(std::make_shared<ComputedEvaluator>()), {});
        engine.start();
        QCOMPARE(engine.wait(), StudyState::Finished);
        const StoredStudy stored = *store->load("first");
        QVERIFY(stored.finished);
        QVERIFY(stored.searchedSeconds >= 0.3);
        QVERIFY(!stored.trials.empty());
    }

    void finishedStaysFinishedUntilExtended()
    {
        Search search(storeWith(testSpec("first", 10)));
        auto& [store, evaluator, log, engine] = search;
        evaluator->network = [](const space::Genotype&) { return std::string(); }; // each is evaluated
        engine.start();
        QCOMPARE(engine.wait(), StudyState::Finished);
        engine.start();
        QCOMPARE(engine.wait(), StudyState::Finished);
        QCOMPARE(evaluator->evaluations.load(), 10);
        engine.start({ .continueFinished = true, .budget = { 25, 0 } });
        QCOMPARE(engine.wait(), StudyState::Finished);
        QCOMPARE(evaluator->evaluations.load(), 25);
        QCOMPARE(trialsOf(*store).size(), std::size_t{ 25 });
        QVERIFY(store->load("first")->finished);
    }

    void newBudgetStaysWhenInterrupted()
    {
        // By itself the population is a quarter of the budget's trials: it stays that of the first one.
        StudySpec spec = testSpec("first", 60);
        spec.strategy = "regularized-evolution";
        StudySpec whole = spec;
        whole.budget.trials = 400;
        whole.settings["population"] = std::int64_t{ 15 };
        const auto expected = uninterrupted(whole, std::make_shared<ComputedEvaluator>());

        auto store = storeWith(spec);
        {
            Search search(store);
            search.engine.start();
            QCOMPARE(search.engine.wait(), StudyState::Finished);
            search.evaluator->hold = true;
            search.engine.start({ .continueFinished = true, .budget = { 400, 0 } });
            QVERIFY(search.log.waitUntil([&] { return search.log.all<TrialStarted>().size() == 61; }));
            search.engine.stopNow();
            QCOMPARE(search.engine.wait(), StudyState::Stopped);
        }
        const StudySpec extended = store->load("first")->spec;
        QCOMPARE(extended.budget.trials, 400);
        QCOMPARE(extended.firstBudget.value().trials, 60);
        Search search(store);
        search.engine.start();
        QCOMPARE(search.engine.wait(), StudyState::Finished);
        QVERIFY(essences(trialsOf(*store)) == expected);
    }

    void theMachinesChoiceOfJobsIsStored()
    {
        StudySpec spec = testSpec("first", 3);
        spec.jobs = 0;
        Search search(storeWith(spec));
        search.engine.start();
        QCOMPARE(search.engine.wait(), StudyState::Finished);
        QVERIFY(search.store->load("first")->spec.jobs > 0);
    }

    void pauseHaltsAndStepRunsOne()
    {
        StudySpec spec = testSpec("first", 6);
        spec.jobs = 2;
        Search search(storeWith(spec));
        search.evaluator->hold = true;
        auto& [store, evaluator, log, engine] = search;
        engine.start();
        QVERIFY(log.waitUntil([&] { return log.all<TrialStarted>().size() == 2; }));
        engine.step(); // running: no effect
        engine.pause();
        QVERIFY(log.waitForState(StudyState::Paused));
        evaluator->hold = false; // halted at the gate now, or at the next epoch
        engine.step(); // the older of the two halted trials
        QVERIFY(log.waitForEnded(1));
        QCOMPARE(log.all<TrialEnded>()[0].trial.id.value(), 1);
        QVERIFY(log.waitForState(StudyState::Paused));
        engine.step();
        QVERIFY(log.waitForEnded(2));
        QCOMPARE(log.all<TrialEnded>()[1].trial.id.value(), 2);
        QCOMPARE(log.all<TrialStarted>().size(), std::size_t{ 2 }); // no new one was begun
        engine.step(); // nothing is halted: a new one
        QVERIFY(log.waitForEnded(3));
        QCOMPARE(log.all<TrialStarted>().size(), std::size_t{ 3 });
        QCOMPARE(engine.state() == StudyState::Paused || log.waitForState(StudyState::Paused), true);
        engine.resume();
        QCOMPARE(engine.wait(), StudyState::Finished);
        QCOMPARE(log.all<TrialEnded>().size(), std::size_t{ 6 });
    }

    void pausesDoNotCountAsSearching()
    {
        StudySpec spec = testSpec("first", 2);
        Search search(storeWith(spec));
        search.evaluator->hold = true;
        auto& [store, evaluator, log, engine] = search;
        engine.start();
        QVERIFY(log.waitForState(StudyState::Running));
        engine.pause();
        QVERIFY(log.waitForState(StudyState::Paused));
        const auto progressed = log.all<StudyProgressed>().size();
        QVERIFY(log.waitUntil([&] { return log.all<StudyProgressed>().size() >= progressed + 5; }));
        const auto progress = log.all<StudyProgressed>();
        QCOMPARE(progress.back().searchedSeconds, progress[progress.size() - 2].searchedSeconds);
        evaluator->hold = false;
        engine.resume();
        QCOMPARE(engine.wait(), StudyState::Finished);
    }

    void stopAfterRunningLetsThemEnd()
    {
        StudySpec spec = testSpec("first", 100);
        spec.jobs = 2;
        Search search(storeWith(spec));
        search.evaluator->hold = true;
        auto& [store, evaluator, log, engine] = search;
        engine.start();
        QVERIFY(log.waitUntil([&] { return log.all<TrialStarted>().size() == 2; }));
        engine.pause(); // also out of a pause
        engine.stopAfterRunning();
        QVERIFY(log.waitForState(StudyState::Stopping));
        evaluator->hold = false;
        QCOMPARE(engine.wait(), StudyState::Stopped);
        QCOMPARE(log.all<TrialEnded>().size(), std::size_t{ 2 });
        const StoredStudy stored = *store->load("first");
        QCOMPARE(stored.trials.size(), std::size_t{ 2 });
        QVERIFY(!stored.finished);
    }

    void stopNowGivesUpAndResumeRepeats_data()
    {
        QTest::addColumn<QString>("strategy");
        QTest::addColumn<int>("decisions");
        QTest::newRow("random") << "random" << 6;
        QTest::newRow("evolution") << "regularized-evolution" << 6;
        QTest::newRow("random, many duplicates") << "random" << 2;
        QTest::newRow("evolution, many duplicates") << "regularized-evolution" << 2;
    }
    void stopNowGivesUpAndResumeRepeats()
    {
        QFETCH(QString, strategy);
        QFETCH(int, decisions);
        StudySpec spec = testSpec("first", 120);
        spec.space = chainSpace(decisions);
        spec.strategy = strategy.toStdString();
        spec.settings = strategy == "random" ? decltype(spec.settings){}
                                             : decltype(spec.settings){ { "population", std::int64_t{ 12 } } };
        auto evaluator = std::make_shared<ComputedEvaluator>();
        evaluator->fails = [](const space::Genotype& g) { return g[0] == 0; };
        const auto expected = uninterrupted(spec, evaluator);
        QCOMPARE(expected.size(), std::size_t{ 120 });

        auto store = storeWith(spec);
        Rng rng(5);
        int runs = 0;
        for (StudyState state = StudyState::Idle; state != StudyState::Finished; ++runs) {
            QVERIFY(runs < 200);
            const std::size_t most = 1 + rng.below(25);
            const bool byDestructor = rng.below(2) == 0;
            std::atomic<std::size_t> progressed = 0;
            std::mutex mutex;
            std::condition_variable reached;
            EventLog log;
            StudyEngine engine(store, "first", strategies(), factoryFor(evaluator), [&](const StudyEvent& event) {
                if (std::holds_alternative<TrialProgressed>(event) && ++progressed == most) {
                    if (!byDestructor)
                        engine.stopNow(); // from the sink, in the middle of a trial
                }
                if (std::holds_alternative<StateChanged>(event) || progressed >= most) {
                    const std::lock_guard lock(mutex);
                    reached.notify_all();
                }
            });
            engine.start();
            if (byDestructor) {
                std::unique_lock lock(mutex);
                reached.wait_for(lock, std::chrono::seconds(10),
                    [&] { return progressed >= most || engine.state() == StudyState::Finished; });
                state = engine.state();
            } else {
                state = engine.wait();
                QVERIFY(state == StudyState::Stopped || state == StudyState::Finished);
                for (const train::Trial& trial : trialsOf(*store))
                    QVERIFY(trial.hasEnded() || trial.state == train::TrialState::Queued);
            }
        }
        QVERIFY(runs > 3);
        QCOMPARE(essences(trialsOf(*store)), expected);
    }

    void killedAndResumedIsTheSame_data()
    {
        QTest::addColumn<int>("decisions");
        QTest::addColumn<int>("trials");
        QTest::newRow("few duplicates") << 6 << 800;
        QTest::newRow("many") << 4 << 4000;
    }
    void killedAndResumedIsTheSame()
    {
        QFETCH(int, decisions);
        QFETCH(int, trials);
        StudySpec spec = testSpec("first", trials);
        spec.space = chainSpace(decisions);
        auto evaluator = std::make_shared<ComputedEvaluator>();
        evaluator->epochs = 10;
        const auto expected = uninterrupted(spec, evaluator);
        const std::string url = freshUrl();
        QVERIFY(openOrDie(url)->create(spec));
        Rng rng(11);
        for (int kill = 0; kill < 4; ++kill) {
            const std::int64_t told = lastNumberBeforeKill(
                { "--child", QString::fromStdString(url), "first" }, 1 + static_cast<int>(rng.below(100)));
            QVERIFY(told > 0);
            // What was told is on disk.
            const StoredStudy stored = *(*store::openStore(url, store::OpenMode::ReadOnly))->load("first");
            QVERIFY(static_cast<std::int64_t>(stored.trials.size()) >= told);
            QVERIFY(!stored.finished);
            for (std::int64_t i = 0; i < told; ++i)
                QCOMPARE(essence(stored.trials[static_cast<std::size_t>(i)]), expected[static_cast<std::size_t>(i)]);
        }
        auto store = openOrDie(url);
        EventLog log;
        StudyEngine engine(store, "first", strategies(), factoryFor(evaluator), log.sink());
        engine.start();
        QCOMPARE(engine.wait(), StudyState::Finished);
        QVERIFY(log.all<StudyNotice>().empty());
        QCOMPARE(essences(trialsOf(*store)), expected);
    }

    /// What is admitted depends on what was measured: a resumed study goes by the numbers of its earlier runs.
    void measurementsOutliveARun_data()
    {
        QTest::addColumn<bool>("replayed");
        QTest::newRow("from the checkpoint") << false;
        QTest::newRow("from the first trial") << true;
    }
    void measurementsOutliveARun()
    {
        QFETCH(bool, replayed);
        const StudySpec spec = testSpec("first", 120);
        auto store = storeWith(spec);
        std::string measured;
        for (std::uint64_t machine = 1;; ++machine) {
            EventLog log;
            auto evaluator = std::make_shared<MeasuringEvaluator>(machine);
            StudyEngine engine(store, "first", strategies(), factoryFor(evaluator), log.sink());
            engine.start();
            log.waitUntil([&] { return log.all<TrialEnded>().size() >= 30 || engine.state() == StudyState::Finished; });
            engine.stopNow();
            const StudyState state = engine.wait();
            QCOMPARE(log.all<StudyNotice>().size(), std::size_t{ replayed && machine > 1 }); // the checkpoint, if any
            const StoredStudy stored = *store->load("first");
            QVERIFY(stored.measurements.has_value());
            QCOMPARE(*stored.measurements, evaluator->all().dump());
            const Json now = *parseJson(*stored.measurements);
            for (const auto& [key, value] : (measured.empty() ? Json::object() : *parseJson(measured)).items())
                QCOMPARE(now.at(key).get<double>(), value.get<double>());
            measured = *stored.measurements;
            if (state == StudyState::Finished)
                break;
            if (replayed) {
                StudyChanges damage;
                damage.strategyState = "{}";
                damage.statedAfter = 0;
                damage.statedAsks = 0;
                QVERIFY(store->commit("first", damage));
            }
        }
        // As one run that had measured the same from the start.
        auto whole = std::make_shared<MeasuringEvaluator>(99);
        QVERIFY(whole->restoreMeasurements(measured));
        QCOMPARE(essences(trialsOf(*store)), uninterrupted(spec, whole));
    }

    void unusableMeasurementsAreNoticed()
    {
        auto store = storeWith(testSpec("first", 10));
        StudyChanges changes;
        changes.measurements = "of another machine";
        QVERIFY(store->commit("first", changes));
        EventLog log;
        StudyEngine engine(store, "first", strategies(), factoryFor(std::make_shared<MeasuringEvaluator>(1)), log.sink());
        engine.start();
        QCOMPARE(engine.wait(), StudyState::Finished);
        const auto notices = log.all<StudyNotice>();
        QCOMPARE(notices.size(), std::size_t{ 1 });
        QVERIFY2(notices.front().message.find("measured anew") != std::string::npos, notices.front().message.c_str());
    }

    void sideBySideResumeKeepsEveryTrial()
    {
        StudySpec spec = testSpec("first", 200);
        spec.jobs = 4;
        auto store = storeWith(spec);
        auto evaluator = std::make_shared<ComputedEvaluator>();
        std::map<std::int64_t, std::string> told;
        for (int run = 0; run < 100; ++run) {
            EventLog log;
            StudyEngine engine(store, "first", strategies(), factoryFor(evaluator), log.sink());
            engine.start();
            log.waitUntil([&] { return log.all<TrialEnded>().size() >= 20 || engine.state() == StudyState::Finished; });
            engine.stopNow();
            const StudyState state = engine.wait();
            QVERIFY(log.all<StudyNotice>().empty());
            for (const TrialEnded& ended : log.all<TrialEnded>())
                QVERIFY(told.emplace(ended.trial.id.value(), essence(ended.trial)).second);
            if (state == StudyState::Finished)
                break;
        }
        const StoredStudy stored = *store->load("first");
        QCOMPARE(stored.trials.size(), std::size_t{ 200 });
        for (const train::Trial& trial : stored.trials)
            QCOMPARE(essence(trial), told[trial.id.value()]);
    }

    void unreadableCheckpointIsRebuilt()
    {
        const StudySpec spec = testSpec("first", 80);
        auto evaluator = std::make_shared<ComputedEvaluator>();
        const auto expected = uninterrupted(spec, evaluator);
        auto store = storeWith(spec);
        EventLog log;
        StudyEngine engine(store, "first", strategies(), factoryFor(evaluator), log.sink());
        engine.start({ .budget = { 40, 0 } });
        engine.wait();
        StudyChanges damage;
        damage.strategyState = "{\"rng\":[]}";
        damage.statedAfter = 40;
        damage.statedAsks = 40;
        QVERIFY(store->commit("first", damage));
        engine.start({ .continueFinished = true, .budget = { 80, 0 } });
        QCOMPARE(engine.wait(), StudyState::Finished);
        QCOMPARE(log.all<StudyNotice>().size(), std::size_t{ 1 });
        QCOMPARE(essences(trialsOf(*store)), expected);
    }

    void anotherGenotypeThanRecordedIsNoticed()
    {
        Search search(storeWith(testSpec("first", 20)));
        auto& [store, evaluator, log, engine] = search;
        engine.start({ .budget = { 10, 0 } });
        engine.wait();
        // As after an update that draws differently: the checkpoint is old, and a later trial is another one.
        StudyChanges change;
        train::Trial trial = trialsOf(*store)[4];
        trial.genotype[0] = trial.genotype[0] == 0 ? 1 : 0;
        change.trials = { trial };
        change.strategyState = "{}";
        QVERIFY(store->commit("first", change));
        engine.start({ .continueFinished = true, .budget = { 20, 0 } });
        QCOMPARE(engine.wait(), StudyState::Finished);
        bool noticed = false;
        for (const StudyNotice& notice : log.all<StudyNotice>())
            noticed |= notice.message.find("for trial 5") != std::string::npos;
        QVERIFY(noticed);
        const auto trials = trialsOf(*store);
        QCOMPARE(trials.size(), std::size_t{ 20 });
        QCOMPARE(essence(trials[4]), essence(trial));
    }

    void contradictingRecordsAreRefused()
    {
        auto store = storeWith(testSpec("first", 20));
        StudyChanges change;
        const space::DecisionSpace decisions = *space::DecisionSpace::compile(chainSpace());
        Rng rng(1);
        train::Trial trial;
        trial.id = train::TrialId(2); // there is no trial 1
        trial.genotype = decisions.sample(rng);
        trial.state = train::TrialState::Completed;
        trial.toldAs = 0;
        change.trials = { trial };
        QVERIFY(store->commit("first", change));
        StudyEngine engine(store, "first", strategies(), factoryFor(std::make_shared<ComputedEvaluator>()), {});
        engine.start();
        QCOMPARE(engine.wait(), StudyState::Failed);
        QVERIFY2(engine.failure().find("trial 1 is missing") != std::string::npos, engine.failure().c_str());
    }

    void everyNetworkIsEvaluatedOnce_data() { runsItsBudget_data(); }
    void everyNetworkIsEvaluatedOnce()
    {
        QFETCH(QString, strategy);
        QFETCH(int, jobs);
        StudySpec spec = testSpec("first", 400);
        spec.strategy = strategy.toStdString();
        spec.jobs = jobs;
        spec.space = chainSpace(2, 4);
        Search search(storeWith(spec));
        auto& [store, evaluator, log, engine] = search;
        // Four networks, each drawn in four ways.
        evaluator->network = [](const space::Genotype& genotype) { return std::to_string(genotype[0]); };
        engine.start();
        QCOMPARE(engine.wait(), StudyState::Finished);

        const StoredStudy stored = *store->load("first");
        QCOMPARE(stored.trials.size(), std::size_t{ 400 });
        QCOMPARE(store->list()->front().completed, 400);
        std::map<std::string, const train::Trial*> originals;
        std::set<std::int64_t> told;
        for (const train::Trial& trial : stored.trials) {
            QCOMPARE(trial.state, train::TrialState::Completed);
            QVERIFY(trial.startedAt > 0 && trial.endedAt >= trial.startedAt);
            told.insert(trial.toldAs);
            // What is known of a genotype beforehand is its own; the rest is the network's.
            QCOMPARE(trial.metric("parameters"), ComputedEvaluator::parameters(trial.genotype));
            const auto [original, isNew] = originals.try_emplace(trial.networkHash, &trial);
            QCOMPARE(trial.duplicateOf.isValid(), !isNew);
            if (isNew)
                continue;
            QCOMPARE(trial.duplicateOf, original->second->id);
            QCOMPARE(trial.metric("val_accuracy"), original->second->metric("val_accuracy"));
            QVERIFY(trial.curve == original->second->curve);
        }
        QCOMPARE(originals.size(), std::size_t{ 4 });
        QCOMPARE(evaluator->evaluations.load(), 4);
        QCOMPARE(told.size(), std::size_t{ 400 });
        QCOMPARE(*told.rbegin(), 399);
        QCOMPARE(log.all<TrialStarted>().size(), std::size_t{ 400 });
        QCOMPARE(log.all<TrialEnded>().size(), std::size_t{ 400 });
        for (const TrialEnded& ended : log.all<TrialEnded>())
            QCOMPARE(essence(ended.trial), essence(stored.trials[static_cast<std::size_t>(ended.trial.id.value() - 1)]));
    }

    void networksNobodyKnowsAreAllEvaluated()
    {
        StudySpec spec = testSpec("first", 20);
        spec.space = chainSpace(1, 2);
        Search search(storeWith(spec));
        search.evaluator->network = [](const space::Genotype&) { return std::string(); };
        search.engine.start();
        QCOMPARE(search.engine.wait(), StudyState::Finished);
        QCOMPARE(search.evaluator->evaluations.load(), 20);
    }

    void duplicatesWaitForTheRunningOne()
    {
        StudySpec spec = testSpec("first", 5);
        spec.space = chainSpace(1, 1);
        const auto expected = uninterrupted(spec, std::make_shared<ComputedEvaluator>());
        spec.jobs = 3;
        Search search(storeWith(spec));
        auto& [store, evaluator, log, engine] = search;
        evaluator->hold = true;
        engine.start();
        QTRY_COMPARE(evaluator->atOnce.load(), 1);
        QVERIFY(log.waitUntil([&] { return log.all<StudyProgressed>().size() > 2; }));
        QCOMPARE(log.all<TrialStarted>().size(), std::size_t{ 1 });
        engine.stopNow(); // gives all of them up
        QCOMPARE(engine.wait(), StudyState::Stopped);
        QCOMPARE(trialsOf(*store).size(), std::size_t{ 5 });
        for (const train::Trial& trial : trialsOf(*store)) {
            QCOMPARE(trial.state, train::TrialState::Queued);
            QVERIFY(trial.metrics.empty());
        }
        evaluator->evaluations = 0;
        engine.start();
        QTRY_COMPARE(evaluator->atOnce.load(), 1);
        evaluator->hold = false;
        QCOMPARE(engine.wait(), StudyState::Finished);
        QCOMPARE(evaluator->evaluations.load(), 1);
        const auto trials = trialsOf(*store);
        for (std::size_t i = 0; i < 5; ++i) {
            QCOMPARE(trials[i].state, train::TrialState::Completed);
            QCOMPARE(trials[i].duplicateOf, i == 0 ? train::TrialId() : train::TrialId(1));
        }
        QCOMPARE(essence(trials[0]), expected[0]);
    }

    void pausedDuplicatesWaitToo()
    {
        StudySpec spec = testSpec("first", 4);
        spec.space = chainSpace(1, 1);
        spec.jobs = 2;
        Search search(storeWith(spec));
        auto& [store, evaluator, log, engine] = search;
        evaluator->hold = true;
        engine.start();
        QTRY_COMPARE(evaluator->atOnce.load(), 1);
        engine.pause();
        QVERIFY(log.waitForState(StudyState::Paused));
        evaluator->hold = false;
        engine.step(); // the halted trial; what waited for it ends with it
        QVERIFY(log.waitForEnded(1));
        QVERIFY(log.waitForState(StudyState::Paused));
        QCOMPARE(log.all<TrialEnded>().front().trial.id.value(), 1);
        engine.resume();
        QCOMPARE(engine.wait(), StudyState::Finished);
        QCOMPARE(log.all<TrialEnded>().size(), std::size_t{ 4 });
        QCOMPARE(evaluator->evaluations.load(), 1);
    }

    void aFailureIsTriedOnceMore_data()
    {
        QTest::addColumn<int>("failures");
        QTest::addColumn<int>("jobs");
        QTest::newRow("bad luck") << 1 << 1;
        QTest::newRow("bad luck, side by side") << 1 << 3;
        QTest::newRow("it always fails") << 100 << 1;
        QTest::newRow("it always fails, side by side") << 100 << 3;
    }
    void aFailureIsTriedOnceMore()
    {
        QFETCH(int, failures);
        QFETCH(int, jobs);
        StudySpec spec = testSpec("first", 10);
        spec.space = chainSpace(1, 1);
        spec.jobs = jobs;
        Search search(storeWith(spec));
        auto& [store, evaluator, log, engine] = search;
        evaluator->fails = [&, left = failures](const space::Genotype&) mutable { return left-- > 0; };
        engine.start();
        QCOMPARE(engine.wait(), StudyState::Finished);
        QCOMPARE(evaluator->evaluations.load(), 2);
        const auto trials = trialsOf(*store);
        QCOMPARE(trials.size(), std::size_t{ 10 });
        const train::TrialState later = failures > 1 ? train::TrialState::Failed : train::TrialState::Completed;
        int copies = 0;
        for (const train::Trial& trial : trials) {
            if (!trial.duplicateOf.isValid())
                continue;
            ++copies;
            QCOMPARE(trial.state, later);
            QCOMPARE(trial.message, failures > 1 ? std::string("the loss is not a number") : std::string());
            QCOMPARE(trial.curve.size(), std::size_t{ 3 });
            QCOMPARE(trials[static_cast<std::size_t>(trial.duplicateOf.value() - 1)].state, later);
        }
        QCOMPARE(copies, 8);
        QCOMPARE(trials[0].state, train::TrialState::Failed);
    }

    void nothingButDuplicatesEndsASearchByTime()
    {
        StudySpec spec = testSpec("first", 0);
        spec.budget.seconds = 3600;
        spec.space = chainSpace(1, 3);
        Search search(storeWith(spec));
        auto& [store, evaluator, log, engine] = search;
        engine.start();
        QCOMPARE(engine.wait(), StudyState::Finished);
        QCOMPARE(evaluator->evaluations.load(), 3);
        const StoredStudy stored = *store->load("first");
        QVERIFY(stored.finished && stored.trials.size() >= 10'003 && stored.trials.size() < 10'100);
        QCOMPARE(log.all<StudyNotice>().size(), std::size_t{ 1 });
        QVERIFY(log.all<StudyNotice>().front().message.find("have been evaluated") != std::string::npos);
    }

    void trialsWithoutAHashAreRecognised()
    {
        StudySpec spec = testSpec("first", 20);
        spec.space = chainSpace(1, 4);
        Search search(storeWith(spec));
        auto& [store, evaluator, log, engine] = search;
        engine.start();
        engine.wait();
        QCOMPARE(evaluator->evaluations.load(), 4);
        StudyChanges older; // as a migrated store has them
        older.trials = trialsOf(*store);
        for (train::Trial& trial : older.trials)
            trial.networkHash.clear();
        QVERIFY(store->commit("first", older));
        engine.start({ .continueFinished = true, .budget = { 40, 0 } });
        QCOMPARE(engine.wait(), StudyState::Finished);
        QCOMPARE(evaluator->evaluations.load(), 4);
        QCOMPARE(trialsOf(*store).size(), std::size_t{ 40 });
    }

    void failedTrialsCountAndTheSearchGoesOn()
    {
        Search search(storeWith(testSpec("first", 60)));
        search.evaluator->fails = [](const space::Genotype& g) { return g[1] < 2; };
        auto& [store, evaluator, log, engine] = search;
        engine.start();
        QCOMPARE(engine.wait(), StudyState::Finished);
        int failed = 0;
        for (const train::Trial& trial : trialsOf(*store)) {
            if (trial.state == train::TrialState::Failed) {
                ++failed;
                QCOMPARE(trial.message, std::string("the loss is not a number"));
                QCOMPARE(trial.curve.size(), std::size_t{ 3 }); // kept
            }
        }
        QVERIFY(failed > 5 && failed < 55);
        QCOMPARE(store->list()->front().trials, 60);
        QCOMPARE(store->list()->front().completed, 60 - failed);
    }

    void inadmissibleIsNeverEvaluated()
    {
        StudySpec spec = testSpec("first", 60);
        spec.constraints = { *parseConstraint("params<=1500") }; // of 600 to 3000
        auto store = storeWith(spec);
        auto evaluator = std::make_shared<ComputedEvaluator>();
        evaluator->refuses = [](const space::Genotype& g) { return g[2] == 4; };
        StudyEngine engine(store, "first", strategies(), factoryFor(evaluator), {});
        engine.start();
        QCOMPARE(engine.wait(), StudyState::Finished);
        for (const train::Trial& trial : trialsOf(*store)) {
            QVERIFY(trial.genotype[2] != 4);
            QVERIFY(trial.metric("parameters") <= 1500);
        }
    }

    void cannotStart_data()
    {
        QTest::addColumn<QString>("what");
        QTest::addColumn<QString>("says");
        QTest::newRow("nothing admissible") << "refuse"
                                            << "loosen the constraints";
        QTest::newRow("unknown strategy") << "strategy"
                                          << "did you mean 'random'";
        QTest::newRow("unknown setting") << "setting"
                                         << "unknown setting 'popsize'";
        QTest::newRow("evaluator") << "evaluator"
                                   << "the data is gone";
        QTest::newRow("unknown study") << "study"
                                       << "unknown study";
    }
    void cannotStart()
    {
        QFETCH(QString, what);
        QFETCH(QString, says);
        StudySpec spec = testSpec("first", 10);
        if (what == "strategy")
            spec.strategy = "randon";
        if (what == "setting")
            spec.settings["popsize"] = std::int64_t{ 3 };
        auto store = storeWith(spec);
        auto evaluator = std::make_shared<ComputedEvaluator>();
        evaluator->refuses = [what](const space::Genotype&) { return what == "refuse"; };
        EvaluatorFactory factory = factoryFor(evaluator);
        if (what == "evaluator")
            factory = [](const StudySpec&) -> Result<std::unique_ptr<train::Evaluator>> {
                return fail(ErrorCode::NotFound, "the data is gone", "digits.csv");
            };
        EventLog log;
        StudyEngine engine(store, what == "study" ? "second" : "first", strategies(), factory, log.sink());
        engine.start();
        QCOMPARE(engine.wait(), StudyState::Failed);
        QVERIFY2(QString::fromStdString(engine.failure()).contains(says), engine.failure().c_str());
        QCOMPARE(log.all<StateChanged>().back().message, engine.failure());
        QVERIFY(log.all<TrialStarted>().empty());
        QVERIFY(what == "study" || !store->load("first")->finished);
        QVERIFY(what == "study" || store->acquire("first").has_value()); // given back
    }

    void twoEnginesExcludeEachOther()
    {
        const std::string url = freshUrl();
        auto store = openOrDie(url);
        QVERIFY(store->create(testSpec("first", 10)));
        auto evaluator = std::make_shared<ComputedEvaluator>();
        evaluator->hold = true;
        EventLog log;
        StudyEngine engine(store, "first", strategies(), factoryFor(evaluator), log.sink());
        engine.start();
        QVERIFY(log.waitForState(StudyState::Running));
        StudyEngine other(openOrDie(url), "first", strategies(), factoryFor(evaluator), {});
        other.start();
        QCOMPARE(other.wait(), StudyState::Failed);
        QVERIFY2(other.failure().find("is being run by process") != std::string::npos, other.failure().c_str());
        evaluator->hold = false;
        QCOMPARE(engine.wait(), StudyState::Finished);
    }

    void failingStoreFailsTheRunAndLosesNothing()
    {
        const StudySpec spec = testSpec("first", 400);
        auto evaluator = std::make_shared<ComputedEvaluator>();
        const auto expected = uninterrupted(spec, evaluator);
        auto store = std::make_shared<FailingStore>(storeWith(spec));
        EventLog log;
        // The second commit fails: let the first be told before there is a second.
        store->commitsLeft = 1;
        std::atomic<bool> first = false;
        log.onEvent = [&](const StudyEvent& event) {
            if (const auto* started = std::get_if<TrialStarted>(&event); started && started->trial.id.value() == 6)
                evaluator->hold = true;
            if (std::holds_alternative<TrialEnded>(event))
                first = true;
            if (first)
                evaluator->hold = false;
        };
        StudyEngine engine(store, "first", strategies(), factoryFor(evaluator), log.sink());
        engine.start();
        QCOMPARE(engine.wait(), StudyState::Failed);
        QVERIFY(engine.failure().find("the disk is full") != std::string::npos);
        QVERIFY(engine.failure().find("sqlite:") != std::string::npos);
        const StoredStudy stored = *store->load("first");
        std::set<std::int64_t> durable;
        for (const train::Trial& trial : stored.trials) {
            if (trial.hasEnded())
                durable.insert(trial.id.value());
        }
        const auto told = log.all<TrialEnded>();
        QVERIFY(!told.empty());
        for (const TrialEnded& ended : told)
            QVERIFY(durable.contains(ended.trial.id.value()));
        QCOMPARE(told.size(), durable.size());
        store->commitsLeft = 1 << 30;
        evaluator->hold = false;
        engine.start();
        QCOMPARE(engine.wait(), StudyState::Finished);
        QCOMPARE(essences(trialsOf(*store)), expected);
    }

    void fullDiskFailsTheRunAndLosesNothing()
    {
        const StudySpec spec = testSpec("first", 3000);
        auto evaluator = std::make_shared<ComputedEvaluator>();
        evaluator->epochs = 30;
        const auto expected = uninterrupted(spec, evaluator);
        auto store = storeWith(spec);
        EventLog log;
        StudyEngine engine(store, "first", strategies(), factoryFor(evaluator), log.sink());
        // No file may grow beyond this: as a full disk, the writing in the middle of the study fails.
        std::signal(SIGXFSZ, SIG_IGN);
        rlimit before{};
        getrlimit(RLIMIT_FSIZE, &before);
        rlimit small = before;
        small.rlim_cur = 1 << 20;
        setrlimit(RLIMIT_FSIZE, &small);
        engine.start();
        const StudyState state = engine.wait();
        setrlimit(RLIMIT_FSIZE, &before);
        QCOMPARE(state, StudyState::Failed);
        QVERIFY2(engine.failure().find("free") != std::string::npos, engine.failure().c_str());
        const auto told = log.all<TrialEnded>();
        const StoredStudy stored = *store->load("first");
        QVERIFY(stored.trials.size() < 3000);
        for (const TrialEnded& ended : told)
            QCOMPARE(essence(stored.trials[static_cast<std::size_t>(ended.trial.id.value() - 1)]), essence(ended.trial));
        engine.start();
        QCOMPARE(engine.wait(), StudyState::Finished);
        QCOMPARE(essences(trialsOf(*store)), expected);
    }
};

int main(int argc, char** argv)
{
    if (argc == 4 && std::string_view(argv[1]) == "--child")
        return runStudyAsChild(argv[2], argv[3]);
    QCoreApplication application(argc, argv);
    TestStudyEngine test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_study_engine.moc"
