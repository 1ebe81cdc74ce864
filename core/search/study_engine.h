// Runs a study: one coordinating thread, worker threads for trials, one writer thread for the store.
//
// Control methods return at once and may be called from any thread; what they bring about is told by events.
#pragma once

#include "core/search/study.h"
#include "core/search/study_event.h"
#include "core/search/study_store.h"
#include "core/train/evaluator.h"

#include <memory>

namespace archscope::search {

/// Makes the evaluator for a study; called on the coordinating thread (loading data is slow).
using EvaluatorFactory = std::function<Result<std::unique_ptr<train::Evaluator>>(const StudySpec&)>;

struct EngineOptions {
    int jobs = 0;               ///< for this run, instead of the study's, when > 0
    bool continueFinished = false; ///< with a larger budget
    Budget budget = {};         ///< the study's from now on, where > 0
};

class StudyEngine {
public:
    /// The store must already hold the study (`StudyStore::create`). Nothing runs until `start`.
    /// The strategies outlive the engine.
    StudyEngine(std::shared_ptr<StudyStore> store, std::string study, const StrategySet& strategies, EvaluatorFactory evaluators,
                EventSink sink);
    /// Stops now and waits.
    ~StudyEngine();
    StudyEngine(const StudyEngine&) = delete;
    StudyEngine& operator=(const StudyEngine&) = delete;

    /// Starts or resumes where the store says it stopped. Ignored while a run is on. When a run is over, this may be called
    /// again, from any thread but the sink's.
    void start(const EngineOptions& options = {});
    void pause();      ///< trials halt at a batch boundary
    void resume();
    void step();       ///< while paused: lets one more trial run to its end, then pauses again
    void stopAfterRunning(); ///< no new trials; running ones end normally
    void stopNow();    ///< running trials are given up; a resume repeats them identically
    /// Blocks until the run is over (finished, stopped or failed). For the command line and tests; never on a GUI thread.
    StudyState wait();
    StudyState state() const;
    std::string failure() const; ///< why, when Failed

private:
    class Run;
    std::unique_ptr<Run> m_run;
};

} // namespace archscope::search
