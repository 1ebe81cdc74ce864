// One thread that does what it is asked, one after the other. Database connections belong to the thread that opened them, a
// store may be used from any: so the store's connection lives here.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <type_traits>

namespace archscope::store {

class StoreThread {
public:
    StoreThread()
        : m_thread([this] { serve(); })
    {
    }
    /// Does what was asked before, then ends.
    ~StoreThread()
    {
        {
            const std::lock_guard lock(m_mutex);
            m_ending = true;
        }
        m_asked.notify_one();
    }
    StoreThread(const StoreThread&) = delete;
    StoreThread& operator=(const StoreThread&) = delete;

    /// Calls `work` on the thread and returns what it returns.
    template <class Work> std::invoke_result_t<Work> call(Work work)
    {
        // Shared: the thread may still be leaving the task when its result has woken the caller.
        const auto task = std::make_shared<std::packaged_task<std::invoke_result_t<Work>()>>(std::move(work));
        {
            const std::lock_guard lock(m_mutex);
            m_orders.emplace_back([task] { (*task)(); });
        }
        m_asked.notify_one();
        return task->get_future().get();
    }

private:
    void serve()
    {
        std::unique_lock lock(m_mutex);
        while (true) {
            m_asked.wait(lock, [this] { return m_ending || !m_orders.empty(); });
            if (m_orders.empty())
                return;
            const std::function<void()> order = std::move(m_orders.front());
            m_orders.pop_front();
            lock.unlock();
            order();
            lock.lock();
        }
    }

    std::mutex m_mutex;
    std::condition_variable m_asked;
    std::deque<std::function<void()>> m_orders;
    bool m_ending = false;
    std::jthread m_thread; ///< last: begins when all else is there
};

} // namespace archscope::store
