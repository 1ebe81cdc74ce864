#include "core/train/measurement_lane.h"

namespace archscope::train {

void MeasurementLane::beginBatch()
{
    std::unique_lock lock(m_mutex);
    m_changed.wait(lock, [this] { return m_measurements == 0; });
    ++m_batches;
}

void MeasurementLane::endBatch()
{
    bool wake = false;
    {
        const std::lock_guard lock(m_mutex);
        wake = --m_batches == 0 && m_measurements > 0;
    }
    if (wake)
        m_changed.notify_all();
}

void MeasurementLane::beginMeasurement()
{
    std::unique_lock lock(m_mutex);
    ++m_measurements;
    m_changed.wait(lock, [this] { return m_batches == 0 && !m_measuring; });
    m_measuring = true;
}

void MeasurementLane::endMeasurement()
{
    {
        const std::lock_guard lock(m_mutex);
        m_measuring = false;
        --m_measurements;
    }
    m_changed.notify_all();
}

} // namespace archscope::train
