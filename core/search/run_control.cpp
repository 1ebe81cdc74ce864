#include "core/search/run_control.h"

#include <algorithm>

namespace archscope::search {

void RunControl::pause()
{
    const std::lock_guard lock(m_mutex);
    if (m_stop != Stop::No)
        return; // what still runs is to end
    clockTurned();
    m_paused = true;
    m_permits = 0;
    for (Slot& slot : m_slots) {
        slot.stepping = false;
        slot.gate.pause();
    }
    wake();
}

void RunControl::resume()
{
    const std::lock_guard lock(m_mutex);
    clockTurned();
    m_paused = false;
    m_permits = 0;
    for (Slot& slot : m_slots) {
        slot.stepping = false;
        slot.gate.resume();
    }
    wake();
}

void RunControl::step()
{
    const std::lock_guard lock(m_mutex);
    if (!m_paused || m_stop != Stop::No)
        return;
    clockTurned();
    // A halted trial comes first, the oldest of them; a new one is begun only when none is halted.
    Slot* oldest = nullptr;
    for (Slot& slot : m_slots) {
        if (slot.trial.isValid() && !slot.stepping && (!oldest || slot.trial < oldest->trial))
            oldest = &slot;
    }
    if (oldest) {
        oldest->stepping = true;
        oldest->gate.resume();
    } else {
        ++m_permits;
    }
    wake();
}

void RunControl::stopAfterRunning()
{
    const std::lock_guard lock(m_mutex);
    if (m_stop != Stop::No)
        return;
    clockTurned();
    m_stop = Stop::AfterRunning;
    for (Slot& slot : m_slots)
        slot.gate.resume();
    wake();
}

void RunControl::stopNow()
{
    {
        const std::lock_guard lock(m_mutex);
        clockTurned();
        m_stop = Stop::Now;
        wake();
    }
    // Outside the lock: whoever registered a callback is called here.
    m_stopSource.request_stop();
}

RunControl::Slot& RunControl::addWorker()
{
    const std::lock_guard lock(m_mutex);
    ++m_workers;
    Slot& slot = m_slots.emplace_back();
    if (m_paused)
        slot.gate.pause();
    return slot;
}

bool RunControl::awaitTurn(Slot& slot)
{
    std::unique_lock lock(m_mutex);
    m_turn.wait(lock, [this] { return m_stop != Stop::No || !m_paused || m_permits > 0; });
    if (m_stop != Stop::No)
        return false;
    if (m_paused) {
        --m_permits;
        slot.stepping = true;
        slot.gate.resume();
    }
    return true;
}

void RunControl::trialBegins(Slot& slot, train::TrialId trial)
{
    const std::lock_guard lock(m_mutex);
    slot.trial = trial;
}

void RunControl::trialEnds(Slot& slot)
{
    const std::lock_guard lock(m_mutex);
    slot.trial = {};
    if (!slot.stepping)
        return;
    clockTurned();
    slot.stepping = false;
    if (m_paused)
        slot.gate.pause();
    wake();
}

std::uint64_t RunControl::news() const
{
    const std::lock_guard lock(m_mutex);
    return m_news;
}

void RunControl::tellNews()
{
    const std::lock_guard lock(m_mutex);
    ++m_news;
    if (m_awaitingNews > 0)
        m_newsCame.notify_all();
}

void RunControl::awaitNews(Slot& slot, std::uint64_t seen)
{
    std::unique_lock lock(m_mutex);
    if (slot.stepping) {
        slot.stepping = false;
        slot.gate.pause();
        ++m_permits;
    }
    ++m_awaitingNews;
    m_newsCame.wait(lock, [&] { return m_news != seen || m_stop != Stop::No; });
    --m_awaitingNews;
}

void RunControl::workerLeaves(Slot& slot)
{
    const std::lock_guard lock(m_mutex);
    clockTurned();
    slot.stepping = false;
    --m_workers;
    wake();
}

bool RunControl::awaitChange(std::chrono::milliseconds most)
{
    std::unique_lock lock(m_mutex);
    m_change.wait_for(lock, most, [this] { return m_changed || m_workers == 0; });
    m_changed = false;
    return m_workers > 0;
}

void RunControl::notifyChange()
{
    const std::lock_guard lock(m_mutex);
    wake();
}

RunControl::Phase RunControl::phase() const
{
    const std::lock_guard lock(m_mutex);
    if (m_stop != Stop::No)
        return Phase::Stopping;
    return isActive() ? Phase::Running : Phase::Paused;
}

RunControl::Stop RunControl::stop() const
{
    const std::lock_guard lock(m_mutex);
    return m_stop;
}

int RunControl::running() const
{
    const std::lock_guard lock(m_mutex);
    return static_cast<int>(std::ranges::count_if(m_slots, [](const Slot& slot) { return slot.trial.isValid(); }));
}

double RunControl::activeSeconds() const
{
    const std::lock_guard lock(m_mutex);
    return m_activeSeconds + (isActive() ? std::chrono::duration<double>(Clock::now() - m_bookedUntil).count() : 0);
}

bool RunControl::isActive() const
{
    return !m_paused || m_stop != Stop::No || m_permits > 0 || std::ranges::any_of(m_slots, &Slot::stepping);
}

void RunControl::clockTurned()
{
    const Clock::time_point now = Clock::now();
    if (isActive())
        m_activeSeconds += std::chrono::duration<double>(now - m_bookedUntil).count();
    m_bookedUntil = now;
}

void RunControl::wake()
{
    m_changed = true;
    m_turn.notify_all();
    m_newsCame.notify_all();
    m_change.notify_all();
}

} // namespace archscope::search
