// One run of a study, from taking the right to run it until it is given back. The engine makes one for each start.
//
// Workers take turns at the strategy under one lock (ask, evaluate without the lock, tell): no hand-over between threads
// stands in a trial's way. The coordinating thread prepares, watches and closes; the writer makes durable. Whatever the
// writer takes in one go is a consistent cut: every trial asked or told before is in it or on disk already.
#pragma once

#include "core/search/network_ledger.h"
#include "core/search/run_control.h"
#include "core/search/search_pace.h"
#include "core/search/strategy_driver.h"
#include "core/search/study_engine.h"
#include "core/search/study_writer.h"

#include <atomic>
#include <deque>
#include <map>
#include <mutex>

namespace archscope::search {

/// Weights are kept of so many trials: a later one does not begin with them.
inline constexpr std::int64_t weightWindow = 500;

class StudyRun {
public:
    struct Inputs {
        std::shared_ptr<StudyStore> store;
        std::string study;
        const StrategySet* strategies = nullptr;
        EvaluatorFactory evaluators;
        EventSink sink;
        EngineOptions options;
    };

    explicit StudyRun(Inputs inputs)
        : m_inputs(std::move(inputs))
    {
    }

    /// Blocks until the run is over; returns its last state, which is for the caller to tell.
    StateChanged run();
    RunControl& control() { return m_control; }

private:
    Result<void> prepare();
    StateChanged runPrepared();
    StateChanged outcome();
    void remember(const std::vector<train::Trial>& trials);
    bool isAdmissible(const space::Genotype& genotype);
    train::Foreknowledge foreknowledge(const space::Genotype& genotype);

    struct Turn {
        train::Trial trial;
        NetworkLedger::Advice advice = NetworkLedger::Advice::Evaluate;
        train::EvaluationRequest request = {}; ///< where it is to be evaluated
        std::string note = {}; ///< what became of the weights that it should have begun with
    };
    /// What a worker is to do next.
    struct Next {
        std::optional<Turn> turn; ///< nothing: leave, or `waits`
        bool waits = false; ///< the strategy has no proposal until another trial ends
        std::uint64_t news = 0; ///< of RunControl, before the strategy was asked
    };
    void work(RunControl::Slot& slot);
    Next nextTurn();
    std::optional<train::Trial> nextTrial(std::string& notice, bool& waits);
    void makeRequest(Turn& turn) const;
    train::EvaluationResult evaluate(const Turn& turn, RunControl::Slot& slot);
    void endTrial(Turn turn, train::EvaluationResult result);
    void endDuplicate(train::Trial trial);
    void tell(train::Trial trial);

    bool charge(const train::Trial& trial, const train::Metrics& known);
    bool isBudgetUsed() const;
    StudyChanges takeChanges(StudyWriter::Occasion occasion);
    bool isCheckpointDue(StudyWriter::Occasion occasion) const;
    void madeDurable(StudyChanges&& changes);
    void storeFailed(const Error& error);
    double searchedSeconds() const { return m_secondsBefore + m_control.activeSeconds(); }

    Result<void> openWeights(const std::vector<train::Trial>& trials);
    void noteWeights(const train::Trial& trial);
    void dropWeights(const std::vector<train::Trial>& durable);

    void publish(const StudyEvent& event) const;
    void publishPhase();
    void publishProgress();

    Inputs m_inputs;
    RunControl m_control;
    StudyState m_published = StudyState::Idle;

    // Fixed once prepared.
    StudySpec m_spec;
    bool m_alreadyFinished = false;
    double m_secondsBefore = 0; ///< searched in earlier runs
    space::DecisionSpace m_decisions;
    std::unique_ptr<train::Evaluator> m_evaluator;
    std::shared_ptr<train::WeightBank> m_weights; ///< null: no trial needs those of another
    std::unique_ptr<StudyWriter> m_writer;

    // What ask and tell touch, under one lock.
    mutable std::mutex m_searchMutex;
    std::condition_variable m_room; ///< the writer has taken what was ready
    std::unique_ptr<StrategyDriver> m_driver;
    NetworkLedger m_ledger;
    std::int64_t m_underWay = 0; ///< trials that a worker has, from being asked for until they are told or given up
    /// Whose weights a trial's are, and what it was trained at: the last `weightWindow` completed ones, where weights are kept.
    struct Kept {
        train::Ancestor holder;
        train::Fidelity fidelity;
    };
    std::map<train::TrialId, Kept> m_kept;
    std::int64_t m_repeats = 0; ///< trials asked for last, one after the other, that were duplicates
    std::optional<std::pair<space::Genotype, train::Foreknowledge>> m_lastAdmitted; ///< nearly always what is asked for next
    std::deque<train::Trial> m_requeued; ///< begun in an earlier run, or after one with the same network that failed
    std::vector<train::Trial> m_ended; ///< not taken by the writer yet
    std::vector<train::Trial> m_begun; ///< running, or waiting for their network, and not recorded yet
    std::vector<train::Trial> m_givenUp;
    double m_simulatedSeconds = 0; ///< of all trials begun
    std::vector<train::Trial> m_unaffordable; ///< beyond the simulated budget: stored as queued, for a larger one
    std::string m_failure;
    bool m_exhausted = false;
    bool m_finished = false; ///< as the last commit says
    std::int64_t m_statedTells = 0; ///< of the last checkpoint
    std::int64_t m_statedAsks = 0;
    std::chrono::steady_clock::time_point m_statedAt;

    std::atomic<std::int64_t> m_durable = 0; ///< trials that ended and are on disk
    std::optional<SearchPace> m_pace;
    std::int64_t m_paceEnded = 0;
    std::chrono::steady_clock::time_point m_progressAt;
};

} // namespace archscope::search
