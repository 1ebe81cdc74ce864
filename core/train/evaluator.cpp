#include "core/train/evaluator.h"

#include <atomic>
#include <condition_variable>
#include <mutex>

namespace archscope::train {

struct PauseGate::State {
    std::atomic<bool> paused = false; ///< read without the lock: the gate stands in every training step
    std::mutex mutex;
    std::condition_variable_any changed;
};

std::shared_ptr<PauseGate::State> PauseGate::makeState()
{
    return std::make_shared<State>();
}

void PauseGate::pause()
{
    const std::lock_guard lock(m_state->mutex);
    m_state->paused = true;
}

void PauseGate::resume()
{
    {
        const std::lock_guard lock(m_state->mutex);
        m_state->paused = false;
    }
    m_state->changed.notify_all();
}

bool PauseGate::isPaused() const
{
    return m_state->paused;
}

void PauseGate::waitWhilePaused(const std::stop_token& stop)
{
    if (!m_state->paused)
        return;
    std::unique_lock lock(m_state->mutex);
    m_state->changed.wait(lock, stop, [this] { return !m_state->paused; });
}

Result<double> Evaluator::proxy(const std::string& name, const space::Genotype&, std::uint64_t) const
{
    return fail(ErrorCode::Unsupported, "zero-cost proxies need networks that can be built, not a table", name);
}

} // namespace archscope::train
