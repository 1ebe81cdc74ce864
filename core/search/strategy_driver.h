// A strategy at work in a study: gives out trials with ids, numbers the tells, and brings a fresh strategy to where a stored
// study stands. Not thread-safe: the engine holds a lock.
//
// What is asked is composed: the study's strategy, a warm start in front of it, its scheduler around both. All of them propose only
// what can be evaluated and what the study's proxy filter lets through.
#pragma once

#include "core/search/proxy_filter.h"
#include "core/search/study_store.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace archscope::search {

class StrategyDriver {
public:
    /// What the driver asks of the evaluator.
    struct World {
        std::function<bool(const space::Genotype&)> admissible = {}; ///< empty: everything is
        ProxyFilter::Score proxy = {}; ///< needed where the study has a proxy
        double meanSimulatedSeconds = 0; ///< of a trial: so many fit into a simulated budget; 0: not known
    };
    /// `decisions` and `spec` outlive the driver. Fails where a name or setting is unknown and where parts do not go together, such as a
    /// scheduler and a table. Asks the world nothing yet: can be called before there is one, to see whether a study can run.
    static Result<std::unique_ptr<StrategyDriver>> create(
        const StrategySet& strategies, const StudySpec& spec, const space::DecisionSpace& decisions, World world);

    /// Restores the last checkpoint and repeats the asks and tells since. Returns what the user should know, in words.
    /// Fails when the trials contradict each other.
    Result<std::vector<std::string>> resume(const StoredStudy& stored);

    /// The next trial, with id, genotype, parents, fidelity and what it continues, in state Running; nothing when the strategy has no
    /// more, or none until the next tell (`awaitsTell`).
    std::optional<train::Trial> ask();
    bool awaitsTell() const { return m_strategy->awaitsTell(); }
    bool goesOn(train::TrialId trial, std::span<const train::CurvePoint> curve) const { return m_strategy->goesOn(trial, curve); }
    /// Teaches a trial that ended and numbers it (`toldAs`).
    void tell(train::Trial& trial);

    std::int64_t asks() const { return m_asks; }
    std::int64_t tells() const { return m_tells; }
    Json state() const;

private:
    struct Parts {
        const StrategyDescriptor* strategy = nullptr;
        Parameters settings;
        const SchedulerDescriptor* scheduler = nullptr; ///< null: none
        Parameters schedulerSettings;
    };
    StrategyDriver(Parts parts, const StudySpec& spec, StrategyContext context, std::unique_ptr<ProxyFilter> filter);

    Result<void> makeStrategy();
    void teach(const train::Trial& trial);
    Result<void> restoreCheckpoint(const StoredStudy& stored);

    Parts m_parts;
    const StudySpec& m_spec;
    StrategyContext m_context;
    std::unique_ptr<ProxyFilter> m_filter; ///< null: none
    std::unique_ptr<Strategy> m_strategy;
    std::int64_t m_asks = 0;
    std::int64_t m_tells = 0;
};

/// How many epochs a trial at the study's fidelity has.
int fullEpochs(const StudySpec& spec);

} // namespace archscope::search
