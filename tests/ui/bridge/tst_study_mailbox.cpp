#include "ui/bridge/study_mailbox.h"

#include <QTest>
#include <atomic>
#include <thread>

using namespace archscope;
using namespace archscope::ui;
using train::TrialId;

class TestStudyMailbox : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void isEmptyAtFirst();
    void wakesOnceUntilTaken();
    void keepsTheOrder();
    void keepsTheNewestProgress();
    void keepsEveryCurvePoint();
    void endedTrialHasNoProgressLeft();
    void losesNothingFromManyThreads();
};

static search::TrialProgressed progressOf(std::int64_t id, int epoch, bool withPoint)
{
    search::TrialProgressed event;
    event.progress.id = TrialId(id);
    event.progress.epoch = epoch;
    if (withPoint) {
        event.progress.point.emplace();
        event.progress.point->epoch = epoch;
    }
    return event;
}

static search::TrialEnded endedTrial(std::int64_t id)
{
    search::TrialEnded event;
    event.trial.id = TrialId(id);
    event.trial.state = train::TrialState::Completed;
    return event;
}

void TestStudyMailbox::isEmptyAtFirst()
{
    StudyMailbox mailbox({});
    const StudyUpdate update = mailbox.take();
    QVERIFY(update.ordered.empty());
    QVERIFY(update.progress.empty());
    QVERIFY(update.points.empty());
    QVERIFY(!update.study);
}

void TestStudyMailbox::wakesOnceUntilTaken()
{
    int woken = 0;
    StudyMailbox mailbox([&woken] { ++woken; });
    mailbox.post(search::StudyNotice{"a"});
    mailbox.post(progressOf(1, 1, true));
    QCOMPARE(woken, 1);
    mailbox.take();
    QCOMPARE(woken, 1);
    mailbox.post(search::StudyProgressed{});
    QCOMPARE(woken, 2);
}

void TestStudyMailbox::keepsTheOrder()
{
    StudyMailbox mailbox({});
    mailbox.post(search::StateChanged{search::StudyState::Running, {}});
    mailbox.post(endedTrial(1));
    mailbox.post(search::StudyNotice{"between"});
    mailbox.post(endedTrial(2));
    const StudyUpdate update = mailbox.take();
    QCOMPARE(update.ordered.size(), std::size_t(4));
    QVERIFY(std::holds_alternative<search::StateChanged>(update.ordered[0]));
    QCOMPARE(std::get<search::TrialEnded>(update.ordered[1]).trial.id.value(), 1);
    QCOMPARE(std::get<search::StudyNotice>(update.ordered[2]).message, std::string("between"));
    QCOMPARE(std::get<search::TrialEnded>(update.ordered[3]).trial.id.value(), 2);
    QVERIFY(mailbox.take().ordered.empty());
}

void TestStudyMailbox::keepsTheNewestProgress()
{
    StudyMailbox mailbox({});
    for (int epoch = 1; epoch <= 5; ++epoch) {
        mailbox.post(progressOf(1, epoch, false));
        mailbox.post(progressOf(2, 10 * epoch, false));
        mailbox.post(search::StudyProgressed{epoch, 0, 0, 0, 2});
    }
    const StudyUpdate update = mailbox.take();
    QCOMPARE(update.progress.size(), std::size_t(2));
    QCOMPARE(update.progress[0].epoch, 5);
    QCOMPARE(update.progress[1].epoch, 50);
    QCOMPARE(update.study->ended, 5);
    QVERIFY(mailbox.take().progress.empty());
}

void TestStudyMailbox::keepsEveryCurvePoint()
{
    StudyMailbox mailbox({});
    for (int epoch = 1; epoch <= 5; ++epoch) {
        mailbox.post(progressOf(1, epoch, true));
        mailbox.post(progressOf(1, epoch, false)); // batches after it must not hide the point
    }
    const StudyUpdate update = mailbox.take();
    QCOMPARE(update.points.size(), std::size_t(5));
    for (int i = 0; i < 5; ++i)
        QCOMPARE(update.points[static_cast<std::size_t>(i)].second.epoch, i + 1);
}

void TestStudyMailbox::endedTrialHasNoProgressLeft()
{
    StudyMailbox mailbox({});
    mailbox.post(progressOf(1, 1, false));
    mailbox.post(progressOf(2, 1, false));
    mailbox.post(endedTrial(1));
    const StudyUpdate update = mailbox.take();
    QCOMPARE(update.progress.size(), std::size_t(1));
    QCOMPARE(update.progress[0].id.value(), 2);
}

void TestStudyMailbox::losesNothingFromManyThreads()
{
    constexpr int threads = 4;
    constexpr int perThread = 25'000;
    std::atomic<int> woken = 0;
    StudyMailbox mailbox([&woken] { ++woken; });
    std::atomic<int> working = threads;
    std::vector<std::jthread> posters;
    for (int t = 0; t < threads; ++t)
        posters.emplace_back([&, t] {
            for (int i = 1; i <= perThread; ++i) {
                if (i % 2)
                    mailbox.post(endedTrial(std::int64_t(t) * perThread + i));
                else
                    mailbox.post(progressOf(t + 1'000'000, i, true));
            }
            --working;
        });

    std::vector<std::int64_t> lastEnded(threads, 0);
    std::vector<int> lastPoint(threads, 0);
    std::vector<int> lastProgress(threads, 0);
    int ended = 0;
    int points = 0;
    int takes = 0;
    const auto takeAll = [&] {
        const StudyUpdate update = mailbox.take();
        takes += !update.ordered.empty() || !update.points.empty();
        for (const auto& event : update.ordered) {
            const std::int64_t id = std::get<search::TrialEnded>(event).trial.id.value();
            auto& last = lastEnded[static_cast<std::size_t>((id - 1) / perThread)];
            QVERIFY(id > last); // each thread's events in its order
            last = id;
            ++ended;
        }
        for (const auto& [id, point] : update.points) {
            auto& last = lastPoint[static_cast<std::size_t>(id.value() - 1'000'000)];
            QCOMPARE(point.epoch, last + 2); // no gap
            last = point.epoch;
            ++points;
        }
        for (const auto& progress : update.progress) {
            auto& last = lastProgress[static_cast<std::size_t>(progress.id.value() - 1'000'000)];
            QVERIFY(progress.epoch > last);
            last = progress.epoch;
        }
    };
    while (working > 0)
        takeAll();
    posters.clear();
    takeAll();
    QCOMPARE(ended, threads * perThread / 2);
    QCOMPARE(points, threads * perThread / 2);
    for (const int last : lastProgress)
        QCOMPARE(last, perThread); // the newest is what stays
    QVERIFY(woken >= takes);
}

QTEST_GUILESS_MAIN(TestStudyMailbox)
#include "tst_study_mailbox.moc"
