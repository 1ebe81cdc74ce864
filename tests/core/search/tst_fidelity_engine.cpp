// The engine with schedulers, kept weights and a proxy filter: waiting for tells, pruning, continuing, and stopping anywhere.
#include "core/search/savings.h"
#include "core/search/strategy_driver.h"
#include "core/search/study_run.h"
#include "core/store/stores.h"
#include "tests/core/search/search_test_support.h"

#include <QTemporaryDir>
#include <QtTest>
#include <set>

using namespace archscope;
using namespace archscope::search;
using namespace archscope::search::testing;

namespace {

const StrategySet& strategies()
{
    static const StrategySet set({ randomSearch(), gridSearch(), localSearch(), regularizedEvolution(), nsga2() },
        { successiveHalving(), hyperband(), asha(), curveStopping() });
    return set;
}

StudySpec specWith(const std::string& strategy, const std::string& scheduler, std::int64_t trials = 60)
{
    StudySpec spec = testSpec("first", trials);
    spec.strategy = strategy;
    spec.fidelity.epochs = 9;
    if (strategy == "regularized-evolution" || strategy == "nsga2")
        spec.settings = { { "population", std::int64_t{ 6 } } };
    if (!scheduler.empty())
        spec.scheduler = Component{ scheduler, {} };
    if (scheduler == "asha")
        spec.scheduler->settings = { { "eta", std::int64_t{ 3 } } };
    return spec;
}

} // namespace

class TestFidelityEngine : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    int m_files = 0;

    std::string freshUrl() { return "sqlite:" + m_folder.filePath(QString::number(++m_files) + ".archscope").toStdString(); }
    QString weightsOf(const std::string& url) const { return QString::fromStdString(url.substr(7)) + ".weights"; }

    static std::shared_ptr<StudyStore> opened(const std::string& url)
    {
        auto store = store::openStore(url, store::OpenMode::CreateIfAbsent);
        if (!store)
            qFatal("%s", store.error().text().c_str());
        return *store;
    }

    std::shared_ptr<StudyStore> storeWith(const StudySpec& spec)
    {
        auto store = opened(freshUrl());
        const auto created = store->create(spec);
        if (!created)
            qFatal("%s", created.error().text().c_str());
        return store;
    }

    static std::vector<train::Trial> finish(const std::shared_ptr<StudyStore>& store, const std::shared_ptr<ComputedEvaluator>& evaluator,
        int jobs = 1, EventLog* log = nullptr)
    {
        EventLog own;
        StudyEngine engine(store, "first", strategies(), factoryFor(evaluator), (log ? log : &own)->sink());
        EngineOptions options;
        options.jobs = jobs;
        engine.start(options);
        const StudyState state = engine.wait();
        if (state != StudyState::Finished)
            qFatal("%s", engine.failure().c_str());
        return store->load("first")->trials;
    }

    static void combinations()
    {
        QTest::addColumn<QString>("strategy");
        QTest::addColumn<QString>("scheduler");
        for (const char* scheduler : { "successive-halving", "hyperband", "asha", "curve" }) {
            for (const char* strategy : { "random", "local-search", "regularized-evolution", "nsga2" })
                QTest::addRow("%s, %s", scheduler, strategy) << strategy << scheduler;
        }
    }

private Q_SLOTS:
    void trialsGoOnWithTheirFormerOnes()
    {
        const StudySpec spec = specWith("random", "asha", 80);
        auto store = storeWith(spec);
        auto evaluator = std::make_shared<ComputedEvaluator>();
        std::map<train::TrialId, train::EvaluationRequest> requests;
        evaluator->onRequest = [&](const train::EvaluationRequest& request) { requests[request.id] = request; };
        const auto trials = finish(store, evaluator);
        QCOMPARE(trials.size(), std::size_t{ 80 });
        int continued = 0;
        std::int64_t trained = 0;
        for (const train::Trial& trial : trials) {
            trained += static_cast<std::int64_t>(trial.metric("epochs"));
            if (!trial.continues.isValid())
                continue;
            ++continued;
            const train::Trial& former = trials[static_cast<std::size_t>(trial.continues.value() - 1)];
            QVERIFY(former.genotype == trial.genotype);
            QCOMPARE(requests[trial.id].continues, former.id);
            QCOMPARE(requests[trial.id].continuedFrom, former.fidelity);
            QCOMPARE(static_cast<int>(trial.metric("epochs")), trial.fidelity.epochs - former.fidelity.epochs);
            QCOMPARE(trial.curve.front().epoch, former.fidelity.epochs + 1);
        }
        QVERIFY(continued > 15);
        const auto savings = *savingsOf(*store->load("first"));
        QCOMPARE(savings.continued, continued);
        QCOMPARE(savings.proposals, 80 - continued);
        QCOMPARE(savings.fullEpochs, 9 * (80 - continued));
        QCOMPARE(savings.trainedEpochs, trained);
        QVERIFY(savings.savedShare() > 0.5);
    }

    void fullTrainingsBearTheStudysFidelity()
    {
        StudySpec spec = specWith("random", "successive-halving", 30);
        spec.fidelity = {}; // the recipe's
        spec.task.recipe.epochs = 4;
        std::set<int> seen;
        auto evaluator = std::make_shared<ComputedEvaluator>();
        evaluator->epochs = 4;
        for (const train::Trial& trial : finish(storeWith(spec), evaluator))
            seen.insert(trial.fidelity.epochs);
        QVERIFY((seen == std::set<int>{ 0, 1, 2 }));
    }

    void waitersNeitherSpinNorHang_data() { combinations(); }
    void waitersNeitherSpinNorHang()
    {
        QFETCH(QString, strategy);
        QFETCH(QString, scheduler);
        const StudySpec spec = specWith(strategy.toStdString(), scheduler.toStdString(), 70);
        auto evaluator = std::make_shared<ComputedEvaluator>();
        evaluator->epochTime = std::chrono::microseconds(200);
        evaluator->fails = [](const space::Genotype& genotype) { return genotype[0] == 0; };
        const auto trials = finish(storeWith(spec), evaluator, 5);
        QCOMPARE(trials.size(), std::size_t{ 70 });
        for (const train::Trial& trial : trials)
            QVERIFY(trial.hasEnded());
    }

    /// Nine grid points, and the scheduler waits for the last of each rung.
    void anExhaustedStrategyEndsTheSearch_data()
    {
        QTest::addColumn<QString>("scheduler");
        for (const char* scheduler : { "successive-halving", "hyperband", "asha", "curve" })
            QTest::addRow("%s", scheduler) << scheduler;
    }
    void anExhaustedStrategyEndsTheSearch()
    {
        QFETCH(QString, scheduler);
        for (const int jobs : { 1, 4 }) {
            StudySpec spec = specWith("grid", scheduler.toStdString(), 1000);
            spec.space = chainSpace(2, 3);
            auto evaluator = std::make_shared<ComputedEvaluator>();
            evaluator->epochTime = std::chrono::microseconds(100);
            std::set<std::vector<double>> seen;
            for (const train::Trial& trial : finish(storeWith(spec), evaluator, jobs))
                seen.insert(trial.genotype.answers());
            QCOMPARE(seen.size(), std::size_t{ 9 });
        }
    }

    /// All but one worker wait for the trial that is held.
    void waitingHeedsPauseStepAndStop()
    {
        const StudySpec spec = specWith("random", "successive-halving", 200);
        auto store = storeWith(spec);
        auto evaluator = std::make_shared<ComputedEvaluator>();
        evaluator->hold = true;
        EventLog log;
        StudyEngine engine(store, "first", strategies(), factoryFor(evaluator), log.sink());
        EngineOptions options;
        options.jobs = 12; // the first rung has 8
        engine.start(options);
        QVERIFY(log.waitUntil([&] { return evaluator->atOnce == 8; }));
        engine.pause();
        QVERIFY(log.waitForState(StudyState::Paused));
        evaluator->hold = false;
        engine.step();
        QVERIFY(log.waitForEnded(1));
        QVERIFY(log.waitForState(StudyState::Paused));
        engine.resume();
        QVERIFY(log.waitForEnded(40));
        evaluator->hold = true;
        QVERIFY(log.waitUntil([&] { return evaluator->atOnce > 0; }));
        engine.stopNow();
        QCOMPARE(engine.wait(), StudyState::Stopped);
        evaluator->hold = false;
        QCOMPARE(finish(store, evaluator).size(), std::size_t{ 200 });
    }

    void stopAfterRunningWakesTheWaiting()
    {
        auto store = storeWith(specWith("random", "successive-halving", 200));
        auto evaluator = std::make_shared<ComputedEvaluator>();
        evaluator->hold = true;
        EventLog log;
        StudyEngine engine(store, "first", strategies(), factoryFor(evaluator), log.sink());
        EngineOptions options;
        options.jobs = 12;
        engine.start(options);
        QVERIFY(log.waitUntil([&] { return evaluator->atOnce == 8; }));
        engine.stopAfterRunning();
        evaluator->hold = false;
        QCOMPARE(engine.wait(), StudyState::Stopped);
        QCOMPARE(log.all<TrialEnded>().size(), std::size_t{ 8 });
    }

    void stoppedAnywhereAndResumedIsTheSame_data() { combinations(); }
    void stoppedAnywhereAndResumedIsTheSame()
    {
        QFETCH(QString, strategy);
        QFETCH(QString, scheduler);
        StudySpec spec = specWith(strategy.toStdString(), scheduler.toStdString(), 60);
        spec.space = chainSpace(4, 4);
        spec.proxy = Component{ "synflow", { { "share", 0.7 } } };
        spec.inheritWeights = strategy == QStringLiteral("regularized-evolution");
        auto evaluator = std::make_shared<ComputedEvaluator>();
        evaluator->fails = [](const space::Genotype& genotype) { return genotype[0] == 0; };
        const std::string urlOfWhole = freshUrl();
        auto whole = opened(urlOfWhole);
        QVERIFY(whole->create(spec));
        std::mutex mutex;
        std::map<std::int64_t, std::string> beginnings;
        bool differs = false;
        evaluator->onRequest = [&](const train::EvaluationRequest& request) {
            std::string text = std::to_string(request.continues.value());
            for (const train::Ancestor& parent : request.parents)
                text += "<" + std::to_string(parent.id.value()) + (*evaluator->weights->load(parent.id) ? " kept" : " missing");
            if (request.continues.isValid())
                text += *evaluator->weights->load(request.continues) ? " kept" : " missing";
            const std::lock_guard lock(mutex);
            const auto [known, isNew] = beginnings.emplace(request.id.value(), text);
            differs = differs || known->second != text || text.find("missing") != std::string::npos;
        };
        const auto expected = essences(finish(whole, evaluator));
        QCOMPARE(expected.size(), std::size_t{ 60 });
        QVERIFY(!differs);

        auto store = storeWith(spec);
        Rng rng(9);
        int runs = 0;
        for (StudyState state = StudyState::Idle; state != StudyState::Finished; ++runs) {
            QVERIFY(runs < 400);
            std::atomic<std::size_t> progressed = 0;
            const std::size_t most = 1 + rng.below(40);
            StudyEngine engine(store, "first", strategies(), factoryFor(evaluator), [&](const StudyEvent& event) {
                if (std::holds_alternative<TrialProgressed>(event) && ++progressed == most)
                    engine.stopNow();
            });
            engine.start();
            state = engine.wait();
            QVERIFY(state == StudyState::Stopped || state == StudyState::Finished);
        }
        QVERIFY(runs > 3);
        QVERIFY(essences(store->load("first")->trials) == expected);
        QVERIFY(!differs); // each began with the same weights
    }

    void curvePrunesWithMetricsAndCurve()
    {
        StudySpec spec = specWith("random", "curve", 60);
        const auto trials = finish(storeWith(spec), std::make_shared<ComputedEvaluator>());
        int pruned = 0;
        for (const train::Trial& trial : trials) {
            if (trial.state != train::TrialState::Pruned)
                continue;
            ++pruned;
            QVERIFY(trial.curve.size() < 9);
            QCOMPARE(trial.metric("val_accuracy"), trial.curve.back().validationAccuracy);
            QCOMPARE(static_cast<std::size_t>(trial.metric("epochs")), trial.curve.size());
        }
        QVERIFY(pruned > 10);
        const std::ptrdiff_t best = bestTrial(trials, spec.objectives, spec.constraints);
        QCOMPARE(trials[static_cast<std::size_t>(best)].state, train::TrialState::Completed);
    }

    void prunedNetworksAreNotTrainedAgain()
    {
        StudySpec spec = specWith("random", "curve", 80);
        spec.space = chainSpace(2, 4);
        auto evaluator = std::make_shared<ComputedEvaluator>();
        const auto trials = finish(storeWith(spec), evaluator);
        QVERIFY(evaluator->evaluations <= 16);
        std::set<train::TrialState> copied;
        for (const train::Trial& trial : trials) {
            if (!trial.duplicateOf.isValid())
                continue;
            copied.insert(trial.state);
            QCOMPARE(trial.metric("epochs"), 0.0);
        }
        QVERIFY((copied == std::set<train::TrialState>{ train::TrialState::Completed, train::TrialState::Pruned }));
    }

    /// At one fidelity each network is trained once, whether from the start or not.
    void duplicatesAreCountedByFidelity()
    {
        StudySpec spec = specWith("random", "hyperband", 200);
        spec.space = chainSpace(2, 4);
        auto evaluator = std::make_shared<ComputedEvaluator>();
        std::set<std::pair<std::vector<double>, int>> evaluated;
        for (const train::Trial& trial : finish(storeWith(spec), evaluator)) {
            if (!trial.duplicateOf.isValid())
                QVERIFY(evaluated.emplace(trial.genotype.answers(), trial.fidelity.epochs).second);
        }
    }

    /// A promoted duplicate goes on with the weights of the trial whose result it has.
    void duplicatesContinueWithTheOriginalsWeights()
    {
        StudySpec spec = specWith("random", "successive-halving", 120);
        spec.space = chainSpace(1, 3);
        auto evaluator = std::make_shared<ComputedEvaluator>();
        evaluator->network = [](const space::Genotype& genotype) { return std::to_string(genotype.index(0)); };
        std::set<train::TrialId> begun;
        evaluator->onRequest = [&](const train::EvaluationRequest& request) {
            begun.insert(request.id);
            if (request.continues.isValid())
                QVERIFY(begun.contains(request.continues)); // evaluated itself
        };
        const auto trials = finish(storeWith(spec), evaluator);
        QVERIFY(std::ranges::any_of(trials, [&](const train::Trial& trial) { return trial.continues.isValid(); }));
    }

    void weightsAreDroppedWhenNobodyNeedsThem()
    {
        const std::string url = freshUrl();
        StudySpec spec = specWith("random", "successive-halving", 150);
        auto store = opened(url);
        QVERIFY(store->create(spec));
        const auto trials = finish(store, std::make_shared<ComputedEvaluator>());
        std::set<train::TrialId> needed;
        for (const train::Trial& trial : trials) {
            if (trial.state == train::TrialState::Completed && trial.fidelity != spec.fidelity)
                needed.insert(trial.id);
        }
        for (const train::Trial& trial : trials) {
            if (trial.state == train::TrialState::Completed)
                needed.erase(trial.continues);
        }
        const auto kept = (*store->weights("first"))->kept();
        QVERIFY((std::set<train::TrialId>(kept.begin(), kept.end()) == needed));
        QVERIFY(QDir(weightsOf(url)).exists());
        QVERIFY(store->remove("first"));
        QVERIFY(!QDir(weightsOf(url)).exists());
    }

    void nothingIsKeptWhereNobodyAsks()
    {
        const std::string url = freshUrl();
        auto store = opened(url);
        QVERIFY(store->create(specWith("random", "", 10)));
        auto evaluator = std::make_shared<ComputedEvaluator>();
        evaluator->onRequest = [](const train::EvaluationRequest& request) { QVERIFY(!request.keepsWeights && request.parents.empty()); };
        finish(store, evaluator);
        QVERIFY(!evaluator->weights);
        QVERIFY(!QDir(weightsOf(url)).exists());
    }

    /// Somebody has removed them: the evaluator is told to go on and finds out.
    void removedWeightsEndNothing()
    {
        auto store = storeWith(specWith("random", "successive-halving", 8));
        auto evaluator = std::make_shared<ComputedEvaluator>();
        QCOMPARE(finish(store, evaluator).size(), std::size_t{ 8 });
        const auto bank = *store->weights("first");
        QCOMPARE(bank->kept().size(), std::size_t{ 8 });
        for (const train::TrialId trial : bank->kept())
            bank->remove(trial);
        EngineOptions more;
        more.continueFinished = true;
        more.budget.trials = 12;
        std::atomic<int> asked = 0;
        evaluator->onRequest = [&](const train::EvaluationRequest& request) { asked += request.continues.isValid(); };
        EventLog log;
        StudyEngine engine(store, "first", strategies(), factoryFor(evaluator), log.sink());
        engine.start(more);
        QCOMPARE(engine.wait(), StudyState::Finished);
        QCOMPARE(asked.load(), 4);
    }

    void parentsAreHandedOver()
    {
        StudySpec spec = specWith("regularized-evolution", "", 60);
        spec.inheritWeights = true;
        auto evaluator = std::make_shared<ComputedEvaluator>();
        std::map<train::TrialId, train::EvaluationRequest> requests;
        evaluator->onRequest = [&](const train::EvaluationRequest& request) { requests[request.id] = request; };
        const auto trials = finish(storeWith(spec), evaluator);
        int children = 0;
        for (const auto& [id, request] : requests) {
            QVERIFY(request.keepsWeights);
            const train::Trial& trial = trials[static_cast<std::size_t>(id.value() - 1)];
            QCOMPARE(request.parents.size(), trial.parents.size());
            for (const train::Ancestor& parent : request.parents) {
                ++children;
                QVERIFY(parent.genotype == trials[static_cast<std::size_t>(parent.id.value() - 1)].genotype);
            }
        }
        QVERIFY(children > 30);
    }

    void theProxyFiltersProposals()
    {
        StudySpec spec = specWith("random", "", 60);
        spec.proxy = Component{ "naswot", { { "share", 0.25 }, { "warmup", std::int64_t{ 5 } } } };
        auto store = storeWith(spec);
        const auto evaluator = std::make_shared<ComputedEvaluator>();
        const auto trials = finish(store, evaluator);
        double filtered = 0;
        for (std::size_t i = 5; i < trials.size(); ++i)
            filtered += additiveScore(trials[i].genotype) / static_cast<double>(trials.size() - 5);
        QVERIFY(filtered > 0.58); // at random 0.5
        const auto savings = *savingsOf(*store->load("first"));
        QVERIFY(savings.filter);
        QCOMPARE(savings.filter->scored, evaluator->proxies.load());
        QCOMPARE(savings.filter->scored - savings.filter->refused, 60);
    }

    void aProxyThatFailsRefusesNothing()
    {
        ProxyFilter::Score score = [](const std::string&, const space::Genotype&, std::uint64_t) { return fail(ErrorCode::Unsupported, "no"); };
        const auto filter = *ProxyFilter::create({ "synflow", {} }, score, 1);
        Rng rng(1);
        const auto decisions = *space::DecisionSpace::compile(chainSpace());
        for (int i = 0; i < 50; ++i)
            QVERIFY(filter->admits(decisions.sample(rng)));
    }

    void theFilterKeepsItsShare()
    {
        const auto decisions = *space::DecisionSpace::compile(chainSpace());
        ProxyFilter::Score score
            = [](const std::string&, const space::Genotype& genotype, std::uint64_t) { return Result<double>(additiveScore(genotype)); };
        const auto filter = *ProxyFilter::create({ "synflow", { { "share", 0.3 } } }, score, 1);
        Rng rng(4);
        int admitted = 0;
        for (int i = 0; i < 1000; ++i) {
            const space::Genotype genotype = decisions.sample(rng);
            const bool first = filter->admits(genotype);
            admitted += first;
            QCOMPARE(filter->admits(genotype), first);
        }
        QVERIFY(admitted > 230 && admitted < 470); // ties count as good enough
        const auto other = *ProxyFilter::create({ "synflow", { { "share", 0.3 } } }, score, 1);
        const Json state = *parseJson(filter->state().dump());
        QVERIFY(other->restore(JsonReader(state)));
        QVERIFY(other->state() == filter->state());
        for (int i = 0; i < 100; ++i) {
            const space::Genotype genotype = decisions.sample(rng);
            QCOMPARE(other->admits(genotype), filter->admits(genotype));
        }
        for (const char* bad : { "{}", R"({"seen":[[1,2]]})", R"({"seen":[[1,"nan",true]]})", R"({"seen":[[-1,2,true]]})" }) {
            const Json document = *parseJson(bad);
            QVERIFY(!other->restore(JsonReader(document)));
        }
    }

    void cannotBeComposed_data()
    {
        QTest::addColumn<QString>("what");
        QTest::addColumn<QString>("fragment");
        QTest::newRow("unknown scheduler") << R"({"scheduler":{"name":"ahsa","settings":{}}})" << "did you mean 'asha'?";
        QTest::newRow("unknown setting") << R"({"scheduler":{"name":"asha","settings":{"etta":3}}})" << "eta";
        QTest::newRow("out of range") << R"({"scheduler":{"name":"asha","settings":{"eta":1}}})" << "2";
        QTest::newRow("unknown proxy") << R"({"proxy":{"name":"synflo","settings":{}}})" << "did you mean 'synflow'?";
        QTest::newRow("share of nothing") << R"({"proxy":{"name":"synflow","settings":{"share":0}}})" << "share";
        const QString table = R"("table":{"file":"t.csv","key":"a","metric":"b","test":"","cost":""})";
        QTest::newRow("scheduler of a table") << QString(R"({"scheduler":{"name":"asha","settings":{}},%1})").arg(table) << "the scheduler";
        QTest::newRow("proxy of a table") << QString(R"({"proxy":{"name":"synflow","settings":{}},%1})").arg(table) << "the proxy";
        QTest::newRow("weights of a table") << QString(R"({"inherit_weights":true,%1})").arg(table) << "weights";
    }
    void cannotBeComposed()
    {
        QFETCH(QString, what);
        QFETCH(QString, fragment);
        Json document = studyToJson(testSpec());
        document.update(*parseJson(what.toStdString()));
        const auto spec = studyFromJson(document);
        QVERIFY2(spec, spec ? "" : spec.error().text().c_str());
        const auto decisions = *space::DecisionSpace::compile(spec->space);
        const auto driver = StrategyDriver::create(strategies(), *spec, decisions, {});
        QVERIFY(!driver);
        QVERIFY2(QString::fromStdString(driver.error().text()).contains(fragment), driver.error().text().c_str());
    }

    void componentsAreWrittenAndRead()
    {
        StudySpec spec = testSpec();
        QVERIFY(!studyToJson(spec).contains("scheduler") && !studyToJson(spec).contains("proxy") && !studyToJson(spec).contains("inherit_weights"));
        spec.scheduler = Component{ "asha", { { "eta", std::int64_t{ 3 } } } };
        spec.proxy = Component{ "synflow", { { "share", 0.25 } } };
        spec.inheritWeights = true;
        const StudySpec read = *studyFromJson(*parseJson(studyToJson(spec).dump()));
        QVERIFY(read.scheduler == spec.scheduler && read.proxy == spec.proxy && read.inheritWeights);
    }
};

QTEST_GUILESS_MAIN(TestFidelityEngine)
#include "tst_fidelity_engine.moc"
