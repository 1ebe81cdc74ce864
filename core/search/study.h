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
    bool operator==(const Budget&) const = default;
};
/// "10m", "90s", "1h30m", "45" (seconds).
Result<double> parseDuration(std::string_view text);

struct StudySpec {
    std::string name;
    space::SearchSpace space;
    data::TaskSpec task;
    std::string strategy = "regularized-evolution";
    std::map<std::string, space::Literal> settings; ///< what differs from the strategy's defaults
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

/// Nothing when a study can be called that; else a sentence.
std::optional<std::string> studyNameProblem(std::string_view name);

inline constexpr int studyFormatVersion = 1;
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
