// A search of a table in the calling thread, without engine, store and events: hundreds of thousands of trials a second, and
// hundreds of runs for a mean. Trial for trial the same search as the engine makes of the same study with one worker.
#pragma once

#include "core/search/study.h"
#include "core/train/table_evaluator.h"

#include <functional>
#include <optional>

namespace archscope::search {

/// What one run found.
struct TableSearchResult {
    std::int64_t trials = 0; ///< ended ones
    std::int64_t failed = 0; ///< of these: not in the table
    std::string failure; ///< why the last failed one did
    std::optional<train::Trial> best; ///< with all metrics of its row; nothing when none completed and is feasible
    double simulatedSeconds = 0;
    bool exhausted = false; ///< the strategy had no more proposal
    bool stopped = false; ///< `goesOn` said so, before the budget was used up
};

struct TableSearchHooks {
    /// Called about every thousandth trial; false stops. May be empty.
    std::function<bool(const TableSearchResult&)> goesOn = {};
    /// Called with each trial that ended. May be empty: trials then hold only what the strategy is told.
    std::function<void(const train::Trial&)> ended = {};
};

/// Runs the study to the end of its budget. `decisions` are those of its space.
Result<TableSearchResult> searchTable(const StrategySet& strategies, const StudySpec& spec,
    const space::DecisionSpace& decisions, const train::TableEvaluator& evaluator, const TableSearchHooks& hooks = {});

} // namespace archscope::search
