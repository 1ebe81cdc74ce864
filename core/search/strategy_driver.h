// A strategy at work in a study: gives out trials with ids, numbers the tells, and brings a fresh strategy to where a stored
// study stands. Not thread-safe: the engine holds a lock.
#pragma once

#include "core/search/study_store.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace archscope::search {

class StrategyDriver {
public:
    /// `decisions` and `spec` outlive the driver.
    static Result<std::unique_ptr<StrategyDriver>> create(const StrategySet& strategies, const StudySpec& spec,
        const space::DecisionSpace& decisions, std::function<bool(const space::Genotype&)> admissible);

    /// Restores the last checkpoint and repeats the asks and tells since. Returns what the user should know, in words.
    /// Fails when the trials contradict each other.
    Result<std::vector<std::string>> resume(const StoredStudy& stored);

    /// The next trial, with id, genotype and parents, in state Running; nothing when the strategy has no more.
    std::optional<train::Trial> ask();
    /// Teaches a trial that ended and numbers it (`toldAs`).
    void tell(train::Trial& trial);

    std::int64_t asks() const { return m_asks; }
    std::int64_t tells() const { return m_tells; }
    Json state() const { return m_strategy->state(); }

private:
    StrategyDriver(
        const StrategyDescriptor& descriptor, const StudySpec& spec, StrategyContext context, Parameters settings);

    Result<void> makeStrategy();
    void teach(const train::Trial& trial);
    Result<void> restoreCheckpoint(const StoredStudy& stored);

    const StrategyDescriptor& m_descriptor;
    const StudySpec& m_spec;
    StrategyContext m_context;
    Parameters m_settings;
    std::unique_ptr<Strategy> m_strategy;
    std::int64_t m_asks = 0;
    std::int64_t m_tells = 0;
};

} // namespace archscope::search
