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
    std::vector<train::TrialId> parents;
};

/// What a strategy learns of a trial that ended.
struct Observation {
    train::TrialId id;
    const space::Genotype* genotype = nullptr; ///< not owned, valid during the call
    train::TrialState state = train::TrialState::Completed;
    /// Objectives in the study's order, each signed so that larger is better; NaN where absent. Empty when failed.
    std::vector<double> values;
    bool feasible = true;
};

/// What a strategy works in. The decision space outlives it.
struct StrategyContext {
    const space::DecisionSpace* decisions = nullptr;
    std::size_t objectives = 1;
    std::uint64_t seed = 0;
    /// Of the study as it was created, for settings that choose themselves; 0: no bound. Extending a study does not change it.
    std::int64_t budgetTrials = 0;
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
    /// What became of a proposal; in any order.
    virtual void tell(const Observation& observation) = 0;
    virtual Json state() const = 0;
    virtual Result<void> restore(const Json& state) = 0;
};

struct StrategyDescriptor {
    std::string name;   ///< "regularized-evolution"
    std::string title;  ///< "Regularised evolution"
    std::string help;   ///< when to use it, two sentences
    std::string source; ///< paper, section
    bool multiObjective = false; ///< false: searches by the first objective
    std::vector<ParameterDescriptor> settings;
    std::function<Result<std::unique_ptr<Strategy>>(const StrategyContext&, const Parameters&)> make;
    /// Why this space cannot be searched; nothing when it can.
    std::function<std::optional<std::string>(const space::DecisionSpace&)> obstacle;
};

/// Strategies by name.
class StrategySet {
public:
    StrategySet() = default;
    explicit StrategySet(std::vector<StrategyDescriptor> strategies) : m_strategies(std::move(strategies)) {}
    const StrategyDescriptor* find(std::string_view name) const;
    std::span<const StrategyDescriptor> all() const { return m_strategies; }
    std::vector<std::string> names() const;

private:
    std::vector<StrategyDescriptor> m_strategies;
};

StrategyDescriptor randomSearch();
StrategyDescriptor regularizedEvolution();

/// An admissible sample, or nothing after `tries`.
std::optional<space::Genotype> sampleAdmissible(const StrategyContext& context, Rng& rng, int tries = 1000);

/// Parts of most strategies' states.
Json rngToJson(const Rng& rng);
Result<Rng> rngFromJson(const JsonReader& reader);
/// A list of answers; refused when they do not fit the decisions.
Result<space::Genotype> genotypeFromJson(const JsonReader& reader, const space::DecisionSpace& decisions);

} // namespace archscope::search
