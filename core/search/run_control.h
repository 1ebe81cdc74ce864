// What a person asked of a run (pause, step, stop) and which worker is where: the traffic lights between the control methods
// and the worker threads. Every method may be called from any thread.
#pragma once

#include "core/train/evaluator.h"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <stop_token>

namespace archscope::search {

class RunControl {
public:
    /// One worker's place.
    struct Slot {
        train::PauseGate gate;
        train::TrialId trial; ///< the running one; invalid between trials
        bool stepping = false; ///< goes on although the run is paused
    };
    enum class Phase { Running, Paused, Stopping };
    enum class Stop { No, AfterRunning, Now };

    void pause();
    void resume();
    void step();
    void stopAfterRunning();
    void stopNow();

    Slot& addWorker();
    /// Blocks while paused; false when the worker is to leave.
    bool awaitTurn(Slot& slot);
    void trialBegins(Slot& slot, train::TrialId trial);
    void trialEnds(Slot& slot);
    /// What a worker that finds nothing to do waits for: that a trial ends, or that there is work again. Read `news` before looking
    /// for work, so that none is missed. A step that the worker had is given back.
    std::uint64_t news() const;
    void tellNews();
    void awaitNews(Slot& slot, std::uint64_t seen);
    /// The worker found nothing to do or was told to leave.
    void workerLeaves(Slot& slot);

    /// Returns after something changed, but no later than after `most`; false once all workers have left.
    bool awaitChange(std::chrono::milliseconds most);
    void notifyChange();

    Phase phase() const;
    Stop stop() const;
    int running() const;
    std::stop_token stopToken() const { return m_stopSource.get_token(); }
    /// Seconds in which the run was not paused.
    double activeSeconds() const;

private:
    using Clock = std::chrono::steady_clock;

    bool isActive() const; ///< clock runs
    void clockTurned(); ///< books the time until now; to be called before what `isActive` looks at changes
    void wake();

    mutable std::mutex m_mutex;
    std::condition_variable m_turn; ///< workers wait here
    std::condition_variable m_newsCame; ///< and here
    std::uint64_t m_news = 0;
    int m_awaitingNews = 0; ///< workers
    std::condition_variable m_change; ///< the coordinator waits here
    std::stop_source m_stopSource;
    std::deque<Slot> m_slots; ///< a deque: references stay valid
    int m_workers = 0; ///< that have not left
    bool m_paused = false;
    bool m_changed = false;
    int m_permits = 0; ///< steps that no worker has taken yet
    Stop m_stop = Stop::No;
    double m_activeSeconds = 0;
    Clock::time_point m_bookedUntil = Clock::now();
};

} // namespace archscope::search
