// A trial's genotype lowered to its network, off the GUI thread, for the panels that show candidates.
#pragma once

#include "core/network/network.h"
#include "core/train/trial.h"
#include "ui/bridge/background.h"
#include "ui/bridge/study_session.h"

#include <functional>

namespace archscope::ui {

class CandidateNetwork {
public:
    /// Calls `done` on the GUI thread with the network of that trial; of several requests only the last one's.
    void request(QObject* receiver, StudySession* session, train::TrialId id, std::function<void(Result<network::Network>)> done);
    void drop() { m_latest.drop(); }

private:
    LatestOnly m_latest;
};

} // namespace archscope::ui
