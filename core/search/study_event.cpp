#include "core/search/study_event.h"

namespace archscope::search {

std::string stateTitle(StudyState state)
{
    switch (state) {
    case StudyState::Idle:
        return "Idle";
    case StudyState::Preparing:
        return "Preparing";
    case StudyState::Running:
        return "Running";
    case StudyState::Paused:
        return "Paused";
    case StudyState::Stopping:
        return "Stopping";
    case StudyState::Finished:
        return "Finished";
    case StudyState::Stopped:
        return "Stopped";
    case StudyState::Failed:
        return "Failed";
    }
    return {};
}

} // namespace archscope::search
