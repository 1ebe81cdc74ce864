// What a running study tells the world: values with ids, numbers and strings, never tensors.
#pragma once

#include "core/train/evaluator.h"
#include "core/train/trial.h"

#include <string>
#include <variant>

namespace archscope::search {

enum class StudyState { Idle, Preparing, Running, Paused, Stopping, Finished, Stopped, Failed };
std::string stateTitle(StudyState state); ///< "Running"

struct StateChanged {
    StudyState state = StudyState::Idle;
    std::string message; ///< the reason when Failed
};
struct TrialStarted {
    train::Trial trial; ///< state Running
};
struct TrialProgressed { ///< only the latest of a trial counts
    train::EvaluationProgress progress;
};
struct TrialEnded { ///< emitted after the trial is durable
    train::Trial trial;
};
struct StudyNotice { ///< something the user should know; the search goes on
    std::string message;
};
struct StudyProgressed { ///< only the latest counts
    std::int64_t ended = 0;
    double searchedSeconds = 0;
    double remainingSeconds = 0; ///< estimate; NaN when unknown
    double trialsPerMinute = 0;
    int running = 0;
};

using StudyEvent = std::variant<StateChanged, TrialStarted, TrialProgressed, TrialEnded, StudyNotice, StudyProgressed>;
using EventSink = std::function<void(const StudyEvent&)>; ///< called on engine and worker threads; must be quick, thread-safe

} // namespace archscope::search
