// Searches of tables: in memory, once or many times, and what is printed at the end of any.
#pragma once

#include "app/cli/command.h"
#include "core/train/architecture_table.h"

#include <optional>

namespace archscope::cli {

struct TableOutcome {
    bool finished = false; ///< its budget is used up, or the strategy had no more
    std::int64_t trials = 0;
    const train::Trial* best = nullptr; ///< null when none
    std::optional<double> simulatedSeconds; ///< nothing without a cost column
    double elapsedSeconds = 0;
};

/// The table's oracle, and the last line or lines of a search.
void printOutcome(const Context& context, const search::StudySpec& spec, const space::DecisionSpace& decisions,
    const train::ArchitectureTable& table, const TableOutcome& outcome);

struct TableRuns {
    std::int64_t repeat = 0; ///< 0: one run, with its progress and outcome; else so many, with mean and deviation
    int jobs = 0; ///< runs side by side; 0: as many as the machine has cores
};

/// Searches in memory and prints. Runs take the seeds spec.seed, spec.seed + 1, …
int searchTable(const Context& context, const search::StudySpec& spec, const space::DecisionSpace& decisions,
    std::shared_ptr<const train::ArchitectureTable> table, const TableRuns& runs);

} // namespace archscope::cli
