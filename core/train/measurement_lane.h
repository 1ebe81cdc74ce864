// Keeps measurements undisturbed: trials train batch by batch, each under a permit; a measurement waits for the batches
// under way, and no new one begins until it is over. Measurements go before batches, and one goes after the other.
#pragma once

#include <condition_variable>
#include <mutex>

namespace archscope::train {

class MeasurementLane {
public:
    void beginBatch();
    void endBatch();
    void beginMeasurement();
    void endMeasurement();

private:
    std::mutex m_mutex;
    std::condition_variable m_changed;
    int m_batches = 0; ///< under way
    int m_measurements = 0; ///< waiting or under way
    bool m_measuring = false;
};

/// For the length of a batch. The calling thread must not measure meanwhile. Without a lane (null) it does nothing.
class BatchPermit {
public:
    explicit BatchPermit(MeasurementLane* lane)
        : m_lane(lane)
    {
        if (m_lane)
            m_lane->beginBatch();
    }
    ~BatchPermit()
    {
        if (m_lane)
            m_lane->endBatch();
    }
    BatchPermit(const BatchPermit&) = delete;
    BatchPermit& operator=(const BatchPermit&) = delete;

private:
    MeasurementLane* m_lane; ///< not owned
};

/// For the length of a measurement. The calling thread must hold no BatchPermit.
class MeasurementPermit {
public:
    explicit MeasurementPermit(MeasurementLane& lane)
        : m_lane(lane)
    {
        m_lane.beginMeasurement();
    }
    ~MeasurementPermit() { m_lane.endMeasurement(); }
    MeasurementPermit(const MeasurementPermit&) = delete;
    MeasurementPermit& operator=(const MeasurementPermit&) = delete;

private:
    MeasurementLane& m_lane;
};

} // namespace archscope::train
