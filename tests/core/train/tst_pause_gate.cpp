// Waiting and being let through: the pause gate, and the lane in which measurements are undisturbed.
#include "core/train/evaluator.h"
#include "core/train/measurement_lane.h"

#include <QTest>
#include <atomic>
#include <thread>
#include <vector>

using namespace archscope::train;

class TestPauseGate : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void openGateLetsThrough();
    void resumeWakesWaiters();
    void stopWakesWaiters();
    void copiesShareTheGate();
    void measurementRunsAlone();
    void measurementGoesBeforeNewBatches();
    void noLaneIsNoHindrance();
};

void TestPauseGate::openGateLetsThrough()
{
    PauseGate gate;
    QVERIFY(!gate.isPaused());
    gate.waitWhilePaused({});
    gate.pause();
    QVERIFY(gate.isPaused());
    gate.resume();
    QVERIFY(!gate.isPaused());
    gate.waitWhilePaused({});
}

void TestPauseGate::resumeWakesWaiters()
{
    PauseGate gate;
    gate.pause();
    std::atomic<int> arrived = 0;
    std::atomic<int> passed = 0;
    std::vector<std::jthread> threads;
    for (int i = 0; i < 3; ++i) {
        threads.emplace_back([&](const std::stop_token& stop) {
            ++arrived;
            gate.waitWhilePaused(stop);
            ++passed;
        });
    }
    QTRY_COMPARE(arrived.load(), 3);
    QCOMPARE(passed.load(), 0);
    gate.resume();
    QTRY_COMPARE(passed.load(), 3);
}

void TestPauseGate::stopWakesWaiters()
{
    PauseGate gate;
    gate.pause();
    std::atomic<bool> passed = false;
    std::jthread thread([&](const std::stop_token& stop) {
        gate.waitWhilePaused(stop);
        passed = true;
    });
    thread.request_stop();
    QTRY_VERIFY(passed.load());
    QVERIFY(gate.isPaused());
}

void TestPauseGate::copiesShareTheGate()
{
    PauseGate gate;
    const PauseGate copy = gate;
    gate.pause();
    QVERIFY(copy.isPaused());
}

void TestPauseGate::measurementRunsAlone()
{
    MeasurementLane lane;
    std::atomic<int> batches = 0;
    std::atomic<int> measuring = 0;
    std::atomic<bool> disturbed = false;
    std::vector<std::jthread> threads;
    for (int i = 0; i < 3; ++i) {
        threads.emplace_back([&] {
            for (int round = 0; round < 200; ++round) {
                {
                    const BatchPermit permit(&lane);
                    ++batches;
                    if (measuring > 0)
                        disturbed = true;
                    --batches;
                }
                if (round % 20 == 0) {
                    const MeasurementPermit permit(lane);
                    if (++measuring != 1 || batches > 0)
                        disturbed = true;
                    --measuring;
                }
            }
        });
    }
    threads.clear();
    QVERIFY(!disturbed);
}

void TestPauseGate::measurementGoesBeforeNewBatches()
{
    MeasurementLane lane;
    lane.beginBatch();
    std::atomic<bool> measuring = false;
    std::atomic<bool> release = false;
    std::jthread measurer([&] {
        const MeasurementPermit permit(lane);
        measuring = true;
        release.wait(false);
    });
    lane.endBatch();
    QTRY_VERIFY(measuring.load());

    std::atomic<bool> arrived = false;
    std::atomic<bool> trained = false;
    std::jthread trainer([&] {
        arrived = true;
        const BatchPermit permit(&lane);
        trained = true;
    });
    QTRY_VERIFY(arrived.load());
    QVERIFY(!trained);
    release = true;
    release.notify_all();
    QTRY_VERIFY(trained.load());
}

void TestPauseGate::noLaneIsNoHindrance()
{
    const BatchPermit permit(nullptr);
}

QTEST_GUILESS_MAIN(TestPauseGate)
#include "tst_pause_gate.moc"
