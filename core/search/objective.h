// Objectives, constraints and what follows from them: comparison, the best trial, the Pareto front.
#pragma once

#include "core/train/trial.h"

#include <span>
#include <string>
#include <vector>

namespace archscope::search {

struct Objective {
    std::string metric;
    bool maximise = true;
    bool operator==(const Objective&) const = default;
};
/// "val_accuracy:max,latency_ms:min"; without a direction, the metric's usual one. Unknown metrics are refused by name.
Result<std::vector<Objective>> parseObjectives(std::string_view text);
std::string objectivesText(std::span<const Objective> objectives);

struct Constraint {
    std::string metric;
    enum class Relation { AtMost, AtLeast } relation = Relation::AtMost;
    double bound = 0;
    bool holds(double value) const;
    bool operator==(const Constraint&) const = default;
};
/// "params<=1e6", "latency_ms <= 2.5", "val_accuracy>=0.9"; `params` is short for `parameters`.
Result<Constraint> parseConstraint(std::string_view text);
std::string constraintText(const Constraint& constraint);

/// All constraints hold and all objectives are there.
bool isFeasible(const train::Trial& trial, std::span<const Objective> objectives, std::span<const Constraint> constraints);
/// Better first objective; ties go to the earlier trial. Infeasible or unfinished trials are never best. -1 when none.
std::ptrdiff_t bestTrial(std::span<const train::Trial> trials, std::span<const Objective> objectives,
                         std::span<const Constraint> constraints);
/// Indices of the completed, feasible trials that no other dominates, sorted by the first objective, best first. Of equal
/// points the earliest stays. O(n log n) for two objectives.
std::vector<std::size_t> paretoFront(std::span<const train::Trial> trials, std::span<const Objective> objectives,
                                     std::span<const Constraint> constraints);

} // namespace archscope::search
