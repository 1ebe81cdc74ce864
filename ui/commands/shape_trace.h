// What shapes flow where in a space that is being drawn, errors and all. The survey (network/shape_survey.h) knows only what
// whole networks show; the trace walks as far as it gets, so that edges have labels and errors have repairs meanwhile.
#pragma once

#include "core/network/network.h"
#include "core/space/operation_traits.h"
#include "core/space/search_space.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace archscope::ui {

struct ShapeTrace {
    /// One try of a node: what came to its ports, and what it gave.
    struct Visit {
        std::vector<std::optional<space::Shape>> inputs; ///< by connected port, in order; nothing: unknown
        std::optional<space::Shape> output; ///< nothing: unknown
        std::string problem; ///< why the operation refused its inputs; empty otherwise
        bool operator==(const Visit&) const = default;
    };
    std::map<space::NodeId, std::vector<Visit>> visits; ///< distinct ones

    /// Distinct shapes at a node's output, sorted.
    std::vector<space::Shape> outputsOf(space::NodeId node) const;
};

/// Walks through the space with the first and the last answer to each decision, then with `walks` - 2 random ones of a fixed
/// seed. Pure: any thread.
ShapeTrace traceShapes(
    const space::SearchSpace& space, const space::OperationSet& operations, const network::TaskShape& task, int walks = 6);

/// Why none of the operation's fixed settings takes these inputs; empty when some do, or when it cannot be told: unknown
/// operation, settings that hang on variables.
std::string inputProblem(
    const space::NodeBody& body, const std::vector<space::Shape>& inputs, const space::OperationSet& operations);

} // namespace archscope::ui
