#include "core/store/stores.h"
#include "tests/support/sample_study.h"
#include "ui/bridge/study_session.h"

#include <QElapsedTimer>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <thread>

using namespace archscope;
using namespace archscope::ui;
using search::StudyState;
using train::TrialId;
using train::TrialState;

class TestStudySession : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void opensWhatIsStored();
    void tellsWhyItCannotOpen_data();
    void tellsWhyItCannotOpen();
    void failedOpeningKeepsWhatIsOpen();
    void onlyTheNewestOpeningCounts();
    void appendsAndUpdatesTrials();
    void curveHasNoGaps();
    void bestIsThatOfTheWholeList();
    void deliversAtMostEvery33Milliseconds();
    void floodFromThreadsArrivesWhole();
    void whatWasGivenUpIsQueued();
    void formerStudysEventsGoNowhere();
    void sessionMayDieBeforeItsEvents();
    void memoryOnlyStudyIsNotStarted();
    void taskThatCannotBeLoadedIsToldOf();
    void runsStopsResumesAndExtends();
    void createdTwiceIsRefused();

private:
    std::shared_ptr<const catalog::Catalog> m_catalog;
    space::DecisionSpace m_decisions;

    std::unique_ptr<StudySession> opened(search::StoredStudy study)
    {
        auto session = std::make_unique<StudySession>(m_catalog);
        QSignalSpy spy(session.get(), &StudySession::opened);
        session->openLoaded(std::move(study));
        if (!spy.wait())
            qFatal("the sample study does not open");
        return session;
    }
};

void TestStudySession::initTestCase()
{
    m_catalog = std::make_shared<catalog::Catalog>();
    m_decisions = space::DecisionSpace::compile(test::sampleSpace()).value();
}

void TestStudySession::opensWhatIsStored()
{
    QTemporaryDir folder;
    const QString url = "sqlite:" + folder.filePath("a.archscope");
    const auto study = test::sampleStudy(30);
    {
        const auto store = store::openStore(url.toStdString(), store::OpenMode::CreateIfAbsent).value();
        QVERIFY(store->create(study.spec));
        search::StudyChanges changes;
        changes.trials = study.trials;
        QVERIFY(store->acquire(study.spec.name));
        const auto committed = store->commit(study.spec.name, changes);
        QVERIFY2(committed, committed ? "" : committed.error().text().c_str());
        store->release(study.spec.name);
    }
    StudySession session(m_catalog);
    QVERIFY(!session.isOpen());
    QSignalSpy spy(&session, &StudySession::opened);
    session.open(url, "sample");
    QVERIFY(!session.isOpen()); // it never blocks: nothing is there yet
    QVERIFY(spy.wait());
    QCOMPARE(session.storeUrl(), url);
    QCOMPARE(session.trials().size(), study.trials.size());
    QCOMPARE(session.trials()[6].genotype, study.trials[6].genotype);
    QCOMPARE(session.indexOf(TrialId(7)), 6);
    QCOMPARE(session.indexOf(TrialId(31)), -1);
    QCOMPARE(session.trial(TrialId(7)), &session.trials()[6]);
    QCOMPARE(session.state(), StudyState::Stopped); // nothing was launched
    QCOMPARE(session.decisions().size(), m_decisions.size());
    QCOMPARE(session.progress().ended, 30);
    QVERIFY(session.bestIndex() >= 0);
}

void TestStudySession::tellsWhyItCannotOpen_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<QByteArray>("content");
    QTest::newRow("no such file") << "missing.archscope" << QByteArray();
    QTest::newRow("not a store") << "other.archscope" << QByteArray("this is not a store, whatever its name says\n").repeated(40);
}

void TestStudySession::tellsWhyItCannotOpen()
{
    QFETCH(QString, file);
    QFETCH(QByteArray, content);
    QTemporaryDir folder;
    const QString path = folder.filePath(file);
    if (!content.isEmpty()) {
        QFile out(path);
        QVERIFY(out.open(QIODevice::WriteOnly));
        out.write(content);
    }
    StudySession session(m_catalog);
    QSignalSpy failed(&session, &StudySession::openFailed);
    session.open("sqlite:" + path, "sample");
    QVERIFY(failed.wait());
    QVERIFY2(failed.first().first().toString().contains(file), qPrintable(failed.first().first().toString()));
    QVERIFY(!session.isOpen());
}

void TestStudySession::failedOpeningKeepsWhatIsOpen()
{
    const auto session = opened(test::sampleStudy(5));
    QSignalSpy failed(session.get(), &StudySession::openFailed);
    session->open("sqlite:/nonexistent/folder/x.archscope", "sample");
    QVERIFY(failed.wait());
    QVERIFY(session->isOpen());
    QCOMPARE(session->trials().size(), std::size_t(5));
}

void TestStudySession::onlyTheNewestOpeningCounts()
{
    StudySession session(m_catalog);
    QSignalSpy spy(&session, &StudySession::opened);
    for (int trials = 1; trials <= 5; ++trials)
        session.openLoaded(test::sampleStudy(trials));
    QVERIFY(spy.wait());
    QCOMPARE(session.trials().size(), std::size_t(5));
    QTest::qWait(50);
    QCOMPARE(spy.count(), 1);
}

void TestStudySession::appendsAndUpdatesTrials()
{
    const auto session = opened(test::sampleStudy(3));
    std::vector<std::pair<int, int>> appended;
    std::vector<std::vector<int>> changed;
    connect(session.get(), &StudySession::trialsAppended, this, [&](int first, int last) { appended.emplace_back(first, last); });
    connect(session.get(), &StudySession::trialsChanged, this, [&](const std::vector<int>& indices) { changed.push_back(indices); });
    const auto sink = session->sink();
    const auto fourth = test::sampleTrial(m_decisions, 4);
    const auto fifth = test::sampleTrial(m_decisions, 5);
    sink(search::TrialStarted{test::runningTrial(fourth, 0)});
    sink(search::TrialStarted{test::runningTrial(fifth, 0)});
    QTRY_COMPARE(appended.size(), std::size_t(1));
    QCOMPARE(appended[0], std::make_pair(3, 4));
    QVERIFY(changed.empty());
    QCOMPARE(session->running().size(), std::size_t(2));
    QVERIFY(session->trials()[3].state == TrialState::Running);

    sink(search::TrialEnded{fifth});
    QTRY_COMPARE(changed.size(), std::size_t(1));
    QCOMPARE(changed[0], std::vector<int>{4});
    QCOMPARE(session->running().size(), std::size_t(1));
    QVERIFY(session->trials()[4].state == TrialState::Completed);
    QCOMPARE(session->trials()[4].curve.size(), fifth.curve.size());
    QCOMPARE(appended.size(), std::size_t(1));
}

void TestStudySession::curveHasNoGaps()
{
    const auto session = opened(test::sampleStudy(0));
    const auto whole = test::sampleTrial(m_decisions, 1);
    const auto sink = session->sink();
    sink(search::TrialStarted{test::runningTrial(whole, 0)});
    for (const auto& point : whole.curve) {
        search::TrialProgressed event;
        event.progress.id = whole.id;
        event.progress.epoch = point.epoch;
        event.progress.epochs = 8;
        event.progress.point = point;
        sink(event);
        if (point.epoch % 3 == 0) // some within one delivery, some across
            QTRY_COMPARE(session->trials().size() && session->trials()[0].curve.size() == std::size_t(point.epoch), true);
    }
    QTRY_COMPARE(session->trials()[0].curve.size(), whole.curve.size());
    QCOMPARE(session->trials()[0].curve, whole.curve);
    QCOMPARE(session->running().at(whole.id).epoch, 8);
}

void TestStudySession::bestIsThatOfTheWholeList()
{
    auto study = test::sampleStudy(0);
    study.spec.constraints = {{"parameters", search::Constraint::Relation::AtMost, 60'000}};
    const auto session = opened(study);
    const auto sink = session->sink();
    for (std::int64_t id = 1; id <= 120; ++id) {
        sink(search::TrialEnded{test::sampleTrial(m_decisions, id)});
        if (id % 20 == 0) {
            QTRY_COMPARE(session->trials().size(), std::size_t(id));
            QCOMPARE(std::ptrdiff_t(session->bestIndex()),
                     search::bestTrial(session->trials(), study.spec.objectives, study.spec.constraints));
        }
    }
    QVERIFY(session->bestIndex() >= 0);
    QVERIFY(session->trials()[std::size_t(session->bestIndex())].metric("parameters") <= 60'000);
}

void TestStudySession::deliversAtMostEvery33Milliseconds()
{
    const auto session = opened(test::sampleStudy(0));
    int deliveries = 0;
    connect(session.get(), &StudySession::progressed, this, [&] { ++deliveries; });
    const auto sink = session->sink();
    QElapsedTimer time;
    time.start();
    while (time.elapsed() < 330) {
        sink(search::StudyProgressed{});
        QCoreApplication::processEvents();
    }
    QVERIFY2(deliveries <= time.elapsed() / StudySession::deliveryIntervalMs + 1, qPrintable(QString::number(deliveries)));
    QVERIFY(deliveries >= 2);
}

void TestStudySession::floodFromThreadsArrivesWhole()
{
    constexpr int threads = 4;
    constexpr int perThread = 25'000;
    const auto session = opened(test::sampleStudy(0));
    int told = 0;
    connect(session.get(), &StudySession::trialsAppended, this, [&](int first, int last) {
        QCOMPARE(first, told);
        told = last + 1;
    });
    const auto ended = test::sampleTrial(m_decisions, 1, 1, 1);
    std::vector<std::jthread> posters;
    for (int t = 0; t < threads; ++t)
        posters.emplace_back([sink = session->sink(), ended, t] {
            for (int i = 1; i <= perThread; ++i) {
                auto trial = ended;
                trial.id = TrialId(std::int64_t(t) * perThread + i);
                sink(search::TrialEnded{trial});
            }
        });
    QTRY_COMPARE_WITH_TIMEOUT(told, threads * perThread, 30'000);
    QCOMPARE(session->trials().size(), std::size_t(threads * perThread));
    QCOMPARE(session->indexOf(session->trials()[77'777].id), 77'777);
}

void TestStudySession::whatWasGivenUpIsQueued()
{
    const auto session = opened(test::sampleStudy(2));
    const auto sink = session->sink();
    sink(search::StateChanged{StudyState::Running, {}});
    sink(search::TrialStarted{test::runningTrial(test::sampleTrial(m_decisions, 3), 2)});
    QTRY_COMPARE(session->running().size(), std::size_t(1));
    QCOMPARE(session->state(), StudyState::Running);
    QSignalSpy changed(session.get(), &StudySession::trialsChanged);
    sink(search::StateChanged{StudyState::Stopped, {}});
    QTRY_COMPARE(session->state(), StudyState::Stopped);
    QVERIFY(session->running().empty());
    QVERIFY(session->trials()[2].state == TrialState::Queued);
    QCOMPARE(changed.count(), 1);
}

void TestStudySession::formerStudysEventsGoNowhere()
{
    const auto session = opened(test::sampleStudy(2));
    const auto former = session->sink();
    QSignalSpy spy(session.get(), &StudySession::opened);
    session->openLoaded(test::sampleStudy(1));
    QVERIFY(spy.wait());
    former(search::TrialEnded{test::sampleTrial(m_decisions, 9)});
    session->sink()(search::StudyNotice{"marker"});
    QSignalSpy notices(session.get(), &StudySession::notice);
    QVERIFY(notices.wait());
    QCOMPARE(session->trials().size(), std::size_t(1));
}

void TestStudySession::sessionMayDieBeforeItsEvents()
{
    auto session = opened(test::sampleStudy(2));
    const auto sink = session->sink();
    sink(search::StudyNotice{"under way"});
    session.reset();
    sink(search::StudyNotice{"too late"});
    QCoreApplication::processEvents();
}

void TestStudySession::memoryOnlyStudyIsNotStarted()
{
    const auto session = opened(test::sampleStudy(2));
    QSignalSpy notices(session.get(), &StudySession::notice);
    session->start();
    QCOMPARE(notices.count(), 1);
    QCOMPARE(session->state(), StudyState::Stopped);
}

void TestStudySession::taskThatCannotBeLoadedIsToldOf()
{
    auto study = test::sampleStudy(2);
    study.spec.task.name = "gone";
    study.spec.task.source.kind = "csv";
    study.spec.task.source.path = "/nonexistent/gone.csv";
    const auto session = opened(study);
    QSignalSpy notices(session.get(), &StudySession::notice);
    QSignalSpy loaded(session.get(), &StudySession::taskLoaded);
    session->loadTask();
    session->loadTask(); // asked twice, told once
    QVERIFY(notices.wait());
    QVERIFY(notices.first().first().toString().contains("gone.csv"));
    QCOMPARE(notices.count(), 1);
    QVERIFY(loaded.isEmpty());
    QVERIFY(!session->task());
}

static search::StudySpec tinyStudy(const catalog::Catalog& catalog)
{
    search::StudySpec spec;
    spec.name = "tiny";
    spec.space = catalog.preset("mlp").value();
    spec.task.name = "digits";
    spec.task.source.kind = "digits";
    spec.task.recipe.epochs = 1;
    spec.strategy = "random";
    spec.fidelity.epochs = 1;
    spec.budget.trials = 3;
    spec.device = "cpu";
    spec.jobs = 1;
    spec.seed = 3;
    return spec;
}

void TestStudySession::runsStopsResumesAndExtends()
{
    QTemporaryDir folder;
    const QString url = "sqlite:" + folder.filePath("run.archscope");
    constexpr int patience = 60'000;
    StudySession session(m_catalog);
    QStringList said;
    connect(&session, &StudySession::openFailed, this, [&said](const QString& message) { said << message; });
    session.createAndStart(url, tinyStudy(*m_catalog), nullptr);
    QTRY_VERIFY2_WITH_TIMEOUT(session.isOpen() || !said.isEmpty(), qPrintable(said.join('\n')), patience);
    QVERIFY2(session.isOpen(), qPrintable(said.join('\n')));
    QVERIFY(session.state() == StudyState::Preparing || session.state() == StudyState::Running);
    session.stopNow(); // at once, whether there is an engine yet or not
    QTRY_COMPARE_WITH_TIMEOUT(session.state(), StudyState::Stopped, patience);

    session.start();
    session.start(); // twice is once
    QTRY_VERIFY2_WITH_TIMEOUT(session.state() == StudyState::Finished, qPrintable(session.failure()), patience);
    QCOMPARE(session.trials().size(), std::size_t(3));
    QVERIFY(session.running().empty());
    for (const auto& trial : session.trials())
        QVERIFY2(trial.state == TrialState::Completed, trial.message.c_str());
    QVERIFY(session.bestIndex() >= 0);

    search::Budget more;
    more.trials = 4;
    session.extendAndStart(more);
    QTRY_COMPARE_WITH_TIMEOUT(session.trials().size(), std::size_t(4), patience);
    QTRY_COMPARE_WITH_TIMEOUT(session.state(), StudyState::Finished, patience);

    // A second session sees the same.
    StudySession other(m_catalog);
    other.open(url, "tiny");
    QTRY_VERIFY_WITH_TIMEOUT(other.isOpen(), patience);
    QCOMPARE(other.state(), StudyState::Finished);
    QCOMPARE(other.trials().size(), std::size_t(4));
    QCOMPARE(other.bestIndex(), session.bestIndex());
}

void TestStudySession::createdTwiceIsRefused()
{
    QTemporaryDir folder;
    const QString url = "sqlite:" + folder.filePath("twice.archscope");
    const auto spec = tinyStudy(*m_catalog);
    {
        const auto store = store::openStore(url.toStdString(), store::OpenMode::CreateIfAbsent).value();
        QVERIFY(store->create(spec));
    }
    StudySession session(m_catalog);
    QSignalSpy failed(&session, &StudySession::openFailed);
    session.createAndStart(url, spec, nullptr);
    QVERIFY(failed.wait());
    QVERIFY2(failed.first().first().toString().contains("tiny"), qPrintable(failed.first().first().toString()));
    QVERIFY(!session.isOpen());
}

QTEST_GUILESS_MAIN(TestStudySession)
#include "tst_study_session.moc"
