// Where engine threads leave events for the GUI thread. Two lanes: ordered (nothing lost) and latest (one slot a trial).
#pragma once

#include "core/search/study_event.h"

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

namespace archscope::ui {

/// Everything since the last delivery, once; immutable for the receiver.
struct StudyUpdate {
    std::vector<search::StudyEvent> ordered; ///< StateChanged, TrialStarted, TrialEnded, StudyNotice, in order
    std::vector<train::EvaluationProgress> progress; ///< the latest of each running trial
    /// Curve points that came between two deliveries, in order: a curve has no gaps.
    std::vector<std::pair<train::TrialId, train::CurvePoint>> points;
    std::optional<search::StudyProgressed> study;
};

/// Thread-safe.
class StudyMailbox {
public:
    /// `wake` is called (on the posting thread) when the box turns from empty to non-empty.
    explicit StudyMailbox(std::function<void()> wake) : m_wake(std::move(wake)) {}
    void post(const search::StudyEvent& event);
    /// Takes all; empty update when there is nothing.
    StudyUpdate take();

private:
    std::function<void()> m_wake;
    std::mutex m_mutex;
    StudyUpdate m_pending;
    std::map<train::TrialId, train::EvaluationProgress> m_latest;
    bool m_empty = true;
};

} // namespace archscope::ui
