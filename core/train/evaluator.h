// Turns a genotype into metrics. The one interface behind training and (later) tables and remote workers.
#pragma once

#include "core/train/trial.h"

#include <functional>
#include <memory>
#include <span>
#include <stop_token>

namespace archscope::train {

class WeightBank;

/// A trial whose weights are in the bank.
struct Ancestor {
    TrialId id;
    space::Genotype genotype;
};

struct EvaluationRequest {
    TrialId id;
    space::Genotype genotype;
    Fidelity fidelity;
    std::uint64_t seed = 0; ///< of the trial: all its randomness comes from this
    std::vector<Ancestor> parents = {}; ///< whose weights are inherited; empty: none
    /// An ended trial of the same genotype whose training goes on, for the epochs that it lacks; invalid: from the start.
    TrialId continues = {};
    Fidelity continuedFrom = {}; ///< what `continues` was trained at
    bool keepsWeights = false; ///< its final weights go to the bank before `evaluate` returns
    /// Asked after each epoch but the last; false ends the trial as pruned. May be empty.
    std::function<bool(std::span<const CurvePoint>)> goesOn = {};
};

struct EvaluationResult {
    TrialState state = TrialState::Completed; ///< Completed, Pruned, Failed or Cancelled
    Metrics metrics;
    std::vector<CurvePoint> curve;
    std::string message;
};

/// What is known of a genotype before it is evaluated.
struct Foreknowledge {
    Metrics metrics; ///< parameters, flops, …: constraints on these are checked before anything is trained
    /// What the result depends on besides fidelity and seed: the canonical hash of the network, the key of a table's row. What
    /// has been found for one genotype holds for all with the same. Empty: not known, and each is evaluated for itself.
    std::string networkHash;
};

struct EvaluationProgress {
    TrialId id;
    int epoch = 0;       ///< finished epochs
    int epochs = 0;      ///< of the trial
    double fraction = 0; ///< 0 to 1
    std::optional<CurvePoint> point; ///< when an epoch has just ended
};
using ProgressSink = std::function<void(const EvaluationProgress&)>; ///< called on the worker thread; must be quick

/// Cooperative pause: evaluators call `waitWhilePaused` at batch boundaries.
class PauseGate {
public:
    void pause();
    void resume();
    bool isPaused() const;
    /// Blocks while paused; returns at once when stop is requested.
    void waitWhilePaused(const std::stop_token& stop);

private:
    struct State;
    std::shared_ptr<State> m_state = makeState();
    static std::shared_ptr<State> makeState();
};

/// `evaluate` is called from several worker threads at once.
class Evaluator {
public:
    virtual ~Evaluator() = default;
    /// Does not throw. Stops at the next batch boundary when asked: state Cancelled.
    virtual EvaluationResult evaluate(const EvaluationRequest& request, const ProgressSink& progress, PauseGate& pause,
                                      const std::stop_token& stop) = 0;
    /// An error when a genotype cannot be evaluated at all (it does not lower). Cheap; called from several threads.
    virtual Result<Foreknowledge> precheck(const space::Genotype& genotype) const = 0;
    /// All that `precheck` has measured of the machine and goes by, as text for the store; nothing when it is the same as at the
    /// last call. A resumed study hands it back before the first precheck, so that it admits the same.
    virtual std::optional<std::string> newMeasurements() { return std::nullopt; }
    virtual Result<void> restoreMeasurements(const std::string&) { return {}; }
    /// Where trained weights are kept for later trials. Called once, before the first trial; an evaluator that trains nothing has no use
    /// for it.
    virtual void useWeights(std::shared_ptr<WeightBank>) {}
    /// What a trial costs on average in simulated time, as `precheck` tells it (metric `simulated_s`); 0: nothing is simulated.
    virtual double meanSimulatedSeconds() const { return 0; }
    /// A zero-cost proxy (proxies.h): larger is better. The same for the same genotype and seed.
    virtual Result<double> proxy(const std::string& name, const space::Genotype& genotype, std::uint64_t seed) const;
};

} // namespace archscope::train
