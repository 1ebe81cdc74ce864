// What shapes flow through a drawn space: found by lowering samples, so it is true for choices, repeats and ties alike.
#pragma once

#include "core/network/network.h"
#include "core/space/space_check.h"

#include <map>
#include <optional>
#include <vector>

namespace archscope::network {

struct ShapeRange {
    std::vector<Shape> seen; ///< distinct shapes at the node's output, sorted
    /// "64×8×8", "16…64×8×8" where only a dimension varies, else "3 shapes".
    std::string text() const;
};

template <class T> struct Range {
    T low = 0;
    T median = 0;
    T high = 0;
};
using CostRange = Range<std::int64_t>;
using LatencyRange = Range<double>; ///< milliseconds

struct ShapeSurvey {
    std::map<space::NodeId, ShapeRange> outputs; ///< by node of the space, over all rounds of repeats
    std::vector<space::Issue> issues; ///< Error when no sampled architecture fits, Warning when some do not
    int sampled = 0;
    int fitting = 0;
    CostRange parameters; ///< over the fitting samples
    CostRange flops;
    CostRange layers; ///< inputs not counted
    std::optional<LatencyRange> latency; ///< with a predictor, over those that it can predict
    std::vector<Network> examples; ///< the first fitting ones, at most `keep`
};

struct SurveyOptions {
    int samples = 64;
    int keep = 20; ///< examples
    std::uint64_t seed = 20190201;
    LatencyPredictor latency = {}; ///< without one latency is unknown, and budgets on it are not looked at
};

/// Samples, the smallest and the largest architecture first. The space must be sound. Any thread; pure but for the predictor.
ShapeSurvey surveyShapes(const space::SearchSpace& space, const space::OperationSet& operations, const TaskShape& task,
                         const SurveyOptions& options = {});

} // namespace archscope::network
