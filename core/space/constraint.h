// Which architectures of a space do not count: forbidden combinations, bounded counts of answers, budgets, shapes.
//
// The first two kinds speak of decisions by key (decision_space.h). A star in a key stands for any characters but a slash, such
// as the round of a repeat: "layers/*/op". Inside one forbidden combination all stars are filled alike.
#pragma once

#include "core/base/json.h"
#include "core/space/domain.h"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace archscope::space {

/// Not all of these at once. A decision that is not active has no value, so nothing is forbidden with it.
struct Forbid {
    struct Condition {
        std::string key;
        std::vector<Literal> values; ///< any of these
        bool operator==(const Condition&) const = default;
    };
    std::vector<Condition> all;
    bool operator==(const Forbid&) const = default;
};

/// How many of the matching decisions may have that value: at most nine edges present.
struct CountAnswers {
    std::string key; ///< with stars
    Literal value;
    std::optional<std::int64_t> min;
    std::optional<std::int64_t> max;
    bool operator==(const CountAnswers&) const = default;
};

/// Bounds of a cost of the whole network, as drawn. Latency is in milliseconds and predicted from measured operations: only
/// who has such a predictor can keep it (network/network.h).
struct Budget {
    enum class Metric { Parameters, Flops, Layers, Latency };
    Metric metric = Metric::Parameters;
    std::optional<double> min;
    std::optional<double> max;
    bool operator==(const Budget&) const = default;
};

/// Bounds of one dimension of a node's output, wherever the node occurs.
struct ShapeBound {
    std::string path; ///< of the node, as `SearchSpace::pathOf` tells it
    int dimension = 0;
    std::optional<std::int64_t> min;
    std::optional<std::int64_t> max;
    bool operator==(const ShapeBound&) const = default;
};

using Constraint = std::variant<Forbid, CountAnswers, Budget, ShapeBound>;

/// "parameters", "flops", "layers", "latency_ms"
std::string_view metricName(Budget::Metric metric);
/// "not op = pool and width = 64", "at most 9 of e*#present = true", "parameters ≤ 1,000,000", "latency ≤ 2 ms"
std::string constraintText(const Constraint& constraint);

/// {"forbid":{"KEY":[VALUES],…}} | {"count":"KEY","value":V,"min":1,"max":9} | {"budget":"parameters","max":1e6}
/// | {"budget":"latency_ms","max":2.0} | {"shape":"PATH","dimension":1,"min":4}
Json constraintToJson(const Constraint& constraint);
Result<Constraint> constraintFromJson(const JsonReader& reader);

/// Whether the key fits the pattern; `stars` receives what the stars stand for, in order.
bool matchesKey(std::string_view pattern, std::string_view key, std::vector<std::string>* stars = nullptr);
/// The pattern with its stars filled in order.
std::string filledKey(std::string_view pattern, const std::vector<std::string>& stars);

} // namespace archscope::space
