// A study: space + task + strategy + objectives + all trials. StudySpec is what is stored when it is created; all but
// budget and jobs is fixed from then on.
#pragma once

#include "core/data/task.h"
#include "core/search/objective.h"
#include "core/search/strategy.h"
#include "core/space/search_space.h"
#include "core/train/trial.h"

#include <optional>
#include <string>
#include <vector>

namespace archscope::search {

struct Budget {
    std::int64_t trials = 0; ///< 0: no bound
    double seconds = 0;      ///< wall clock of searching, over all runs of the study; 0: no bound
    /// Of the trials' costs that are known before they run (metric `simulated_s`: tables); 0: no bound. A trial that would exceed it
    /// is not run, and the search ends there, as the protocol of NAS-Bench-201 has it.
    double simulatedSeconds = 0;
    bool operator==(const Budget&) const = default;
};
/// "10m", "90s", "1h30m", "45" (seconds).
Result<double> parseDuration(std::string_view text);

/// A scheduler or filter by name, with what differs from its defaults.
struct Component {
    std::string name;
    std::map<std::string, space::Literal> settings;
    bool operator==(const Component&) const = default;
};

/// Instead of training, metrics are looked up in a CSV file. Columns by name.
struct TableSpec {
    std::string file;
    std::string key;    ///< column with architectures in the notation of the space
    std::string metric; ///< column of the first objective's metric
    std::string test;   ///< column of the same, on the test split (`testMetricOf`); may be empty
    std::string cost;   ///< column of `simulated_s`, seconds; may be empty
    std::map<std::string, std::string> columns; ///< further metrics (parameters, flops, …) and their columns
    bool operator==(const TableSpec&) const = default;
};
/// "test_accuracy" of "val_accuracy", "test_loss" of "val_loss": where a table's test column goes.
std::string testMetricOf(const std::string& metric);

/// An earlier study to learn from, and what was taken over from it (warm_start.h).
struct WarmStartSource {
    std::string store; ///< URL
    std::string study;
    std::int64_t trials = 0;    ///< completed ones that it had
    std::int64_t taken = 0;     ///< of these, translated into this study's space
    std::int64_t decisions = 0; ///< of this study's, which the source answers too
    bool operator==(const WarmStartSource&) const = default;
};

struct StudySpec {
    std::string name;
    space::SearchSpace space;
    data::TaskSpec task; ///< of a table without data: `tableTask`
    std::string strategy = "regularized-evolution";
    std::map<std::string, space::Literal> settings; ///< what differs from the strategy's defaults
    std::optional<Component> scheduler; ///< nothing: each trial at the study's fidelity
    std::optional<Component> proxy;     ///< zero-cost pre-filter; nothing: every proposal is evaluated
    bool inheritWeights = false;        ///< trials start from their parent's weights
    std::vector<WarmStartSource> warmStart;
    std::int64_t warmTrials = 0; ///< how many of the prior are proposed first; 0: chosen by the budget (warm_start.h)
    Json policy = {}; ///< of the first source that has a controller, for this space (`StrategyContext::policy`); null: none
    std::vector<PriorTrial> prior; ///< taken over from `warmStart` when the study was created: a resume needs no source
    std::optional<TableSpec> table;
    std::vector<Objective> objectives = {{"val_accuracy", true}};
    std::vector<Constraint> constraints;
    train::Fidelity fidelity;
    Budget budget;
    /// What `budget` was at first, where it was changed since: a strategy's settings that choose themselves go by this one.
    std::optional<Budget> firstBudget;
    std::uint64_t seed = 0;
    std::string device = "auto";
    int jobs = 0; ///< trials side by side; 0: as many as the machine has cores, settled when the study first runs
};

/// What stands for the task where a table says all: the table's name, no source.
data::TaskSpec tableTask(const TableSpec& table);
/// Whether the study has data that can be loaded.
bool hasData(const StudySpec& spec);

/// Nothing when a study can be called that; else a sentence.
std::optional<std::string> studyNameProblem(std::string_view name);

inline constexpr int studyFormatVersion = 2; ///< 2 added scheduler, proxy, weights, warm start, table, simulated budget
Json studyToJson(const StudySpec& spec);
Result<StudySpec> studyFromJson(const Json& document);

/// How a study stands, for lists.
struct StudySummary {
    std::string name;
    std::string strategy;
    std::string space;
    std::string task;
    std::int64_t trials = 0; ///< ended ones
    std::int64_t completed = 0;
    std::optional<double> best; ///< of the first objective
    std::string bestMetric;
    double createdAt = 0; ///< seconds since the epoch
    double searchedSeconds = 0;
    bool finished = false; ///< its budget is used up
};

} // namespace archscope::search
