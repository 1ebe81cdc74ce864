// What shapes flow through a drawn space: found by lowering samples, so it is true for choices, repeats and ties alike.
#pragma once

#include "core/network/network.h"
#include "core/space/space_check.h"

#include <map>
#include <vector>

namespace archscope::network {

struct ShapeRange {
    std::vector<Shape> seen; ///< distinct shapes at the node's output, sorted
    /// "64×8×8", "16…64×8×8" where only a dimension varies, else "3 shapes".
    std::string text() const;
};

struct CostRange {
    std::int64_t low = 0;
    std::int64_t median = 0;
    std::int64_t high = 0;
};

struct ShapeSurvey {
    std::map<space::NodeId, ShapeRange> outputs; ///< by node of the space, over all rounds of repeats
    std::vector<space::Issue> issues; ///< Error when no sampled architecture fits, Warning when some do not
    int sampled = 0;
    int fitting = 0;
    CostRange parameters; ///< over the fitting samples
    CostRange flops;
    std::vector<Network> examples; ///< the first fitting ones, at most `keep`
};

/// Samples with a fixed seed, the smallest and the largest architecture first. The space must be sound. Pure: any thread.
ShapeSurvey surveyShapes(const space::SearchSpace& space, const space::OperationSet& operations, const TaskShape& task,
                         int samples = 64, int keep = 20);

} // namespace archscope::network
