// The thread that makes trials durable. What becomes ready within 20 ms shares one transaction.
#pragma once

#include "core/search/study_store.h"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace archscope::search {

class StudyWriter {
public:
    enum class Occasion { Regular, Last };
    struct Callbacks {
        /// All changes since the last call, in order. Called on the writer's thread, at last once with Occasion::Last.
        std::function<StudyChanges(Occasion)> take;
        std::function<void(StudyChanges&&)> durable; ///< they are on disk
        std::function<void(const Error&)> failed; ///< they are not, and nothing will be written any more
    };

    StudyWriter(StudyStore& store, std::string study, Callbacks callbacks);
    /// Finishes if nobody did.
    ~StudyWriter();
    StudyWriter(const StudyWriter&) = delete;
    StudyWriter& operator=(const StudyWriter&) = delete;

    /// There is something to take.
    void notify();
    /// Writes all that is left and ends. Returns when it is done.
    void finish();

private:
    void write();
    bool commit(Occasion occasion);

    StudyStore& m_store;
    std::string m_study;
    Callbacks m_callbacks;
    std::mutex m_mutex;
    std::condition_variable m_ready;
    std::condition_variable m_end;
    bool m_pending = false;
    bool m_finishing = false;
    std::jthread m_thread; ///< last: begins when all else is there
};

} // namespace archscope::search
