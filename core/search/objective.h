// Objectives, constraints and what follows from them: comparison, the weighted product, the best trial, the Pareto front.
#pragma once

#include "core/train/trial.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace archscope::search {

/// How a second or further objective enters the weighted product (see `weightedProduct`): as (value / target)^exponent. Exponents
/// are at most 0 for a metric to minimise and at least 0 for one to maximise; 0: it does not count there.
struct ProductTerm {
    double target = 1; ///< above 0, in the metric's unit; only matters where the exponents differ
    double exponentMet = 0; ///< where the target is met: MnasNet's alpha
    double exponentMissed = 0; ///< where it is not: MnasNet's beta
    bool operator==(const ProductTerm&) const = default;
};

struct Objective {
    std::string metric;
    bool maximise = true;
    std::optional<ProductTerm> productTerm = {}; ///< nothing: target 1, MnasNet's exponents -0.07 (to maximise: 0.07)
    bool operator==(const Objective&) const = default;
};
/// Metrics with commas between them: "val_accuracy:max,latency_ms:min"; without a direction, the metric's usual one. The second
/// and further ones may say how they enter the weighted product: "latency_ms:min@2^-0.07" (target 2, exponent -0.07),
/// "latency_ms@2^0/-1" (0 where the target is met, -1 where it is not), "parameters^-0.1" (target 1), "latency_ms@2" (the usual
/// exponent). Unknown metrics are refused by name.
Result<std::vector<Objective>> parseObjectives(std::string_view text);
std::string objectivesText(std::span<const Objective> objectives);
/// What is wrong with a term of this objective, in words; nothing when it is sound.
std::optional<std::string> productTermProblem(const Objective& objective);

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

/// The trial's objectives in order, each signed so that larger is better; NaN where absent.
std::vector<double> signedValues(const train::Trial& trial, std::span<const Objective> objectives);

/// One number for several objectives, by which strategies search that follow a single one: the weighted product of MnasNet (Tan et
/// al., CVPR 2019, equations 2 and 3), first × (second / target)^exponent × …; larger is better. `values` are signed, in the
/// objectives' order. Where the first is below 0 (a metric to minimise, a negative R²) it is divided by the others' product
/// instead, so that better is larger in every objective whatever the sign: for a loss that is loss × (latency / target)^0.07,
/// minimised. With one objective it is that objective. Ratios below `leastRatio` (values of 0 and below, too) count as that. NaN
/// where an objective is NaN.
double weightedProduct(std::span<const double> values, std::span<const Objective> objectives);
inline constexpr double leastRatio = 1e-6;
inline constexpr double usualExponent = 0.07; ///< MnasNet's: twice the latency is worth 5 % of the accuracy

/// Sum over the broken constraints of how far they are broken, relative to their bounds (a bound of 0: absolutely). 0 exactly
/// when the trial is feasible; infinite when it did not complete, or lacks an objective or a constrained metric.
double violation(const train::Trial& trial, std::span<const Objective> objectives, std::span<const Constraint> constraints);
/// All constraints hold and all objectives are there.
bool isFeasible(const train::Trial& trial, std::span<const Objective> objectives, std::span<const Constraint> constraints);
/// Better first objective; ties go to the earlier trial. Infeasible or unfinished trials are never best. -1 when none.
std::ptrdiff_t bestTrial(std::span<const train::Trial> trials, std::span<const Objective> objectives,
                         std::span<const Constraint> constraints);
/// Indices of the completed, feasible trials that no other dominates, sorted by the first objective, best first. Of equal
/// points the earliest stays. Any number of objectives (`nonDominated` in dominance.h says at which cost).
std::vector<std::size_t> paretoFront(std::span<const train::Trial> trials, std::span<const Objective> objectives,
                                     std::span<const Constraint> constraints);

} // namespace archscope::search
