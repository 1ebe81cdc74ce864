// Edits are values: applied to a space they validate, apply wholly or not at all, and return their inverse.
//
// Only structure is validated here (ids exist and are fresh, names are free, edges stay in one block and make no cycle, the
// port is free); what an edit means for shapes is shown by the checks afterwards, so that one can draw through invalid states.
#pragma once

#include "core/space/search_space.h"

#include <string>
#include <variant>
#include <vector>

namespace archscope::space {

struct SpaceEdit;

struct AddNode {
    NodeId owner; ///< block to add to; invalid: the root
    Node node;    ///< with fresh ids
    std::size_t position = static_cast<std::size_t>(-1); ///< place in the list of nodes; past the end: last
    std::vector<Edge> edges; ///< edges to add with it
};
/// Removes the node, and the edges at it. The block's output and its only input cannot be removed.
struct RemoveNode {
    NodeId id;
};
/// Puts another body, name and flags in place of a node or alternative, keeping its id, position and edges.
struct ReplaceNode {
    NodeId id;
    Node node; ///< its id must be `id`
};
struct AddEdge {
    NodeId owner;
    Edge edge;
    std::size_t position = static_cast<std::size_t>(-1);
};
struct RemoveEdge {
    NodeId owner;
    Edge edge;
};
struct MoveNodes {
    struct Move {
        NodeId id;
        Point to;
        bool placed = true;
    };
    std::vector<Move> moves;
};
struct SetVariables {
    NodeId owner;
    std::vector<Variable> variables;
};
struct SetTitle {
    std::string name;
    std::string description;
};
/// How its literature writes and counts.
struct SetConventions {
    std::string notation;
    bool countsBiases = false;
};
/// The reusable blocks, all of them. What uses a block that is gone is an issue of the check, not of the edit.
struct SetDefinitions {
    std::vector<Definition> definitions;
};
struct SetConstraints {
    std::vector<Constraint> constraints;
};
/// All or nothing, in order.
struct Compound {
    std::vector<SpaceEdit> edits;
};

struct SpaceEdit {
    std::variant<AddNode, RemoveNode, ReplaceNode, AddEdge, RemoveEdge, MoveNodes, SetVariables, SetTitle, SetConventions, SetDefinitions, SetConstraints, Compound> what;
    std::string title; ///< for the undo menu: "Connect conv1 to pool"
};

/// Applies the edit and returns its inverse, or leaves the space as it was and says why not.
Result<SpaceEdit> apply(SearchSpace& space, const SpaceEdit& edit);

/// A name that is free in the block: `wanted`, else wanted2, wanted3, …
std::string freeName(const Block& block, const std::string& wanted);

} // namespace archscope::space
