// What is wrong with a space, in words, at the node where it is wrong. Structure and parameters here; shapes need lowering
// (network/shape_survey.h).
#pragma once

#include "core/space/operation_traits.h"
#include "core/space/search_space.h"

#include <string>
#include <vector>

namespace archscope::space {

struct Issue {
    enum class Severity { Error, Warning };
    Severity severity = Severity::Error;
    NodeId node;          ///< invalid: the space as a whole
    std::string path;     ///< of the node, "layers/op", or a JSON pointer, "/constraints/1"; may be empty
    std::string message;  ///< what is wrong and how to mend it
    std::string parameter; ///< the parameter concerned; may be empty
};

/// Unknown operations and parameters (with the nearest name), values out of range, empty domains, expressions with unknown
/// variables, too few or too many inputs, gaps in ports, dangling nodes, cycles, missing input or output, duplicate names,
/// constraints on nodes that are not there.
std::vector<Issue> check(const SearchSpace& space, const OperationSet& operations);

/// Where in the space's file an issue stands: "/graph/nodes/3/choice/0/parameters/kernel", "/constraints/1".
std::string pointerOf(const SearchSpace& space, const Issue& issue);

/// The first error of `check` as an Error, for readers that need a sound space.
Result<void> requireSound(const SearchSpace& space, const OperationSet& operations);

/// Nodes in an order in which each comes after its inputs; an error names the nodes of a cycle.
Result<std::vector<NodeId>> topologicalOrder(const Block& block);

} // namespace archscope::space
