#include "ui/bridge/study_mailbox.h"

namespace archscope::ui {

void StudyMailbox::post(const search::StudyEvent& event)
{
    bool wakes = false;
    {
        std::lock_guard lock(m_mutex);
        if (const auto* progressed = std::get_if<search::TrialProgressed>(&event)) {
            m_latest[progressed->progress.id] = progressed->progress;
            if (progressed->progress.point)
                m_pending.points.emplace_back(progressed->progress.id, *progressed->progress.point);
        } else if (const auto* study = std::get_if<search::StudyProgressed>(&event)) {
            m_pending.study = *study;
        } else {
            if (const auto* ended = std::get_if<search::TrialEnded>(&event))
                m_latest.erase(ended->trial.id);
            m_pending.ordered.push_back(event);
        }
        wakes = std::exchange(m_empty, false);
    }
    if (wakes && m_wake)
        m_wake();
}

StudyUpdate StudyMailbox::take()
{
    std::lock_guard lock(m_mutex);
    for (auto& [id, progress] : m_latest)
        m_pending.progress.push_back(std::move(progress));
    m_latest.clear();
    m_empty = true;
    return std::exchange(m_pending, {});
}

} // namespace archscope::ui
