#include "core/search/study_writer.h"

#include <chrono>

namespace archscope::search {

namespace {
constexpr std::chrono::milliseconds groupingTime{ 20 };
}

StudyWriter::StudyWriter(StudyStore& store, std::string study, Callbacks callbacks)
    : m_store(store)
    , m_study(std::move(study))
    , m_callbacks(std::move(callbacks))
    , m_thread([this] { write(); })
{
}

StudyWriter::~StudyWriter()
{
    finish();
}

void StudyWriter::notify()
{
    {
        const std::lock_guard lock(m_mutex);
        if (m_pending)
            return;
        m_pending = true;
    }
    m_ready.notify_one();
}

void StudyWriter::finish()
{
    {
        const std::lock_guard lock(m_mutex);
        m_finishing = true;
    }
    m_ready.notify_one();
    m_end.notify_one();
    if (m_thread.joinable())
        m_thread.join();
}

void StudyWriter::write()
{
    for (bool finishing = false; !finishing;) {
        {
            std::unique_lock lock(m_mutex);
            m_ready.wait(lock, [this] { return m_pending || m_finishing; });
            m_end.wait_for(lock, groupingTime, [this] { return m_finishing; });
            m_pending = false;
            finishing = m_finishing;
        }
        if (!commit(finishing ? Occasion::Last : Occasion::Regular))
            return;
    }
}

bool StudyWriter::commit(Occasion occasion)
{
    StudyChanges changes = m_callbacks.take(occasion);
    if (const auto committed = m_store.commit(m_study, changes); !committed) {
        m_callbacks.failed(committed.error());
        return false;
    }
    m_callbacks.durable(std::move(changes));
    return true;
}

} // namespace archscope::search
