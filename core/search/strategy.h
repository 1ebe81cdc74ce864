// A strategy proposes genotypes and learns from trials: an ask/tell state machine without threads or clocks.
//
// Same seed and same order of calls, same proposals. Its whole state is data: `state` and `restore` continue exactly.
#pragma once

#include "core/search/objective.h"
#include "core/space/decision_space.h"
#include "core/space/operation_traits.h"
#include "core/train/trial.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace archscope::search {

using space::ParameterDescriptor;
using space::Parameters;

struct Proposal {
    space::Genotype genotype;
    std::vector<train::TrialId> parents = {};
    std::optional<train::Fidelity> fidelity = {}; ///< nothing: the study's
    /// An ended trial of the same genotype at a lower fidelity, whose training goes on; invalid: from the start.
    train::TrialId continues = {};
};

/// What a strategy learns of a trial that ended.
struct Observation {
    train::TrialId id;
    const space::Genotype* genotype = nullptr; ///< not owned, valid during the call
    train::TrialState state = train::TrialState::Completed;
    /// Objectives in the study's order, each signed so that larger is better; NaN where absent. Strategies that follow a single
    /// objective get one value: the objectives' `weightedProduct`. Empty when failed.
    std::vector<double> values;
    bool feasible = true;
    /// Sum over the broken constraints of how far they are broken, relative to their bounds; 0 when feasible. Infinite when a
    /// constrained metric is absent.
    double violation = 0;
    train::Fidelity fidelity; ///< at which it was evaluated
    std::span<const train::CurvePoint> curve; ///< not owned, valid during the call
};

/// A trial of an earlier study, translated into this one's decisions: see warm_start.h.
struct PriorTrial {
    space::Genotype genotype;
    /// As an observation's, but of mean 0 and deviation 1 within the study it comes from: tasks differ in scale.
    std::vector<double> values;
    double product = 0; ///< of the weighted product, likewise: where a strategy follows a single objective, this is `values`
    bool operator==(const PriorTrial&) const = default;
};

/// What a strategy works in. The decision space outlives it.
struct StrategyContext {
    const space::DecisionSpace* decisions = nullptr;
    const space::SearchSpace* space = nullptr; ///< what the decisions were compiled from; null: not known
    std::size_t objectives = 1; ///< values of an observation
    std::uint64_t seed = 0;
    /// Of the study as it was created, for settings that choose themselves; 0: no bound. Extending a study does not change it.
    std::int64_t budgetTrials = 0;
    int fullEpochs = 1; ///< of a trial at the study's fidelity
    /// What a trial's value is after an epoch, larger is better: for strategies that end trials by their curves. Empty: the validation
    /// accuracy.
    std::function<double(const train::CurvePoint&)> curveValue = {};
    std::vector<PriorTrial> prior; ///< of a warm start, best first; empty: a cold one
    Json policy = {}; ///< a controller carried over from an earlier study (`carriedOver` in controller.h); null: none
    /// How many of the prior are proposed before the strategy is first asked. It is told of them like of its own proposals; a random
    /// beginning may be shorter by as many.
    std::int64_t warmTrials = 0;
    /// Whether a genotype can be evaluated at all. May be empty: everything can.
    std::function<bool(const space::Genotype&)> admissible;

    bool isAdmissible(const space::Genotype& genotype) const { return !admissible || admissible(genotype); }
};

class Strategy {
public:
    virtual ~Strategy() = default;
    /// The next proposal. Nothing when the strategy has no more (a grid at its end) or no admissible genotype was found in
    /// many tries.
    virtual std::optional<Proposal> ask() = 0;
    /// Whether, after an `ask` that gave nothing, the next `tell` may change that (a generation or rung is not complete). Such an
    /// `ask` has changed nothing. False when no trial is running.
    virtual bool awaitsTell() const { return false; }
    /// What became of a proposal; in any order.
    virtual void tell(const Observation& observation) = 0;
    /// Whether it can be told of one genotype several times, each time trained longer, and goes by the observations' fidelities.
    /// A scheduler tells such a strategy of every evaluation, and all others of each of their proposals once (SchedulerDescriptor).
    virtual bool learnsFidelities() const { return false; }
    /// Whether a running trial with this curve so far is worth more epochs; false prunes it.
    virtual bool goesOn(train::TrialId, std::span<const train::CurvePoint>) const { return true; }
    virtual Json state() const = 0;
    virtual Result<void> restore(const Json& state) = 0;
};

struct SupernetContext;
class SupernetStrategy;

/// Either a black-box strategy, which has `make`, or one that trains a supernet first, which has `makeSupernet`.
struct StrategyDescriptor {
    std::string name;   ///< "regularized-evolution"
    std::string title;  ///< "Regularised evolution"
    std::string help;   ///< when to use it, two sentences
    std::string source; ///< paper, section
    bool multiObjective = false; ///< false: searches by the weighted product of the objectives
    std::vector<ParameterDescriptor> settings;
    std::function<Result<std::unique_ptr<Strategy>>(const StrategyContext&, const Parameters&)> make;
    /// Why this space cannot be searched; nothing when it can.
    std::function<std::optional<std::string>(const space::DecisionSpace&)> obstacle;
    /// Ready to be stepped or restored (supernet_strategy.h). Fails with the reason where the space's alternatives cannot be mixed for
    /// the task, which `obstacle` cannot know.
    std::function<Result<std::unique_ptr<SupernetStrategy>>(const SupernetContext&, const Parameters&)> makeSupernet = {};

    bool trainsSupernet() const { return static_cast<bool>(makeSupernet); }
};

/// A fidelity scheduler: a strategy around another one, which decides how long each proposal is trained, which trials go on and
/// which end early. The inner one is told of each of its proposals once: of its first evaluation, as soon as that has ended. Nobody
/// knows then whether it will be trained on, and a strategy that waits for its results must not wait for that. One that
/// `learnsFidelities` is told of the later evaluations too.
struct SchedulerDescriptor {
    std::string name;   ///< "asha"
    std::string title;  ///< "ASHA"
    std::string help;   ///< when to use it, two sentences
    std::string source; ///< paper, section
    std::vector<ParameterDescriptor> settings;
    std::function<Result<std::unique_ptr<Strategy>>(const StrategyContext&, std::unique_ptr<Strategy> inner, const Parameters&)> make;
};

/// Strategies and schedulers by name.
class StrategySet {
public:
    StrategySet() = default;
    explicit StrategySet(std::vector<StrategyDescriptor> strategies, std::vector<SchedulerDescriptor> schedulers = {})
        : m_strategies(std::move(strategies))
        , m_schedulers(std::move(schedulers))
    {
    }
    const StrategyDescriptor* find(std::string_view name) const;
    std::span<const StrategyDescriptor> all() const { return m_strategies; }
    std::vector<std::string> names() const;
    const SchedulerDescriptor* findScheduler(std::string_view name) const;
    std::span<const SchedulerDescriptor> schedulers() const { return m_schedulers; }
    std::vector<std::string> schedulerNames() const;

private:
    std::vector<StrategyDescriptor> m_strategies;
    std::vector<SchedulerDescriptor> m_schedulers;
};

StrategyDescriptor darts(); ///< these four train a supernet
StrategyDescriptor dartsSecondOrder();
StrategyDescriptor pcDarts();
StrategyDescriptor gdas();
StrategyDescriptor randomSearch();
StrategyDescriptor gridSearch();
StrategyDescriptor localSearch();
StrategyDescriptor regularizedEvolution();
StrategyDescriptor nsga2();
StrategyDescriptor reinforce();
StrategyDescriptor ppo();
StrategyDescriptor tpe();
StrategyDescriptor bananas();

SchedulerDescriptor successiveHalving();
SchedulerDescriptor hyperband();
SchedulerDescriptor asha();
SchedulerDescriptor curveStopping();

/// An admissible sample, or nothing after `tries`.
std::optional<space::Genotype> sampleAdmissible(const StrategyContext& context, Rng& rng, int tries = 1000);

/// Parts of most strategies' states.
Json rngToJson(const Rng& rng);
Result<Rng> rngFromJson(const JsonReader& reader);
/// A list of answers; refused when they do not fit the decisions.
Result<space::Genotype> genotypeFromJson(const JsonReader& reader, const space::DecisionSpace& decisions);

} // namespace archscope::search
