// What the editor's gestures mean as edits: pure functions from a space and a wish to a SpaceEdit. Nothing is applied here.
#pragma once

#include "core/space/operation_traits.h"
#include "core/space/space_edit.h"

#include <QString>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace archscope::ui {

/// How many inputs a node takes. A choice takes what all its alternatives can take; unknown operations any number. How many a
/// use of a definition takes is known where the space is given.
struct InputBounds {
    int least = 0;
    int most = 0;
    bool isOpen() const { return most >= space::OperationDescriptor::anyInputs; } ///< as many as are connected
};
InputBounds inputBounds(
    const space::Node& node, const space::OperationSet& operations, const space::SearchSpace* space = nullptr);
/// Every node but the block's output has one output.
bool hasOutput(const space::Node& node);

const space::Node* nodeIn(const space::Block& block, space::NodeId id); ///< null when the block does not hold it
/// The block's own nodes only: edges that end at the node, by port.
std::vector<space::Edge> edgesInto(const space::Block& block, space::NodeId id);
std::vector<space::Edge> edgesOutOf(const space::Block& block, space::NodeId id);
/// The first port without an edge; for open nodes the next one. Nothing when all are taken.
std::optional<int> freePort(const space::Block& block, const space::Node& node, const space::OperationSet& operations,
    const space::SearchSpace* space = nullptr);
enum class Stream { Up, Down };
/// The node and all that feeds it (Up) or that it feeds (Down).
std::set<space::NodeId> reachable(const space::Block& block, space::NodeId id, Stream stream);

/// A node that nobody has placed.
space::Node makeNode(space::NodeId id, std::string name, space::NodeBody body);
/// An input joined to an output: what every block starts as. Ids from `next` upwards.
space::Block wireBlock(std::int64_t& next);

/// Fresh ids for a node and all inside it, from `next` upwards.
void renumber(space::Node& node, std::int64_t& next);

using Moves = std::vector<space::MoveNodes::Move>;

/// Adds a node with fresh ids and a free name to the block, with edges, and moves others to make room. `onEdge`: it goes
/// into the middle of that edge.
space::SpaceEdit addNodeEdit(space::NodeId owner, space::Node node, const std::optional<space::Edge>& onEdge,
    std::vector<space::Edge> edges, Moves moves);
/// An unconnected node of the block goes into the middle of an edge.
space::SpaceEdit splitEdgeEdit(
    const space::SearchSpace& space, space::NodeId owner, space::NodeId node, const space::Edge& edge, Moves moves);
/// Connects; an edge that has the port already makes room. `replaced`: an edge that is moved to the new place.
space::SpaceEdit connectEdit(const space::SearchSpace& space, const space::OperationSet& operations, space::NodeId owner,
    const space::Edge& edge, const std::optional<space::Edge>& replaced = {});
enum class Heal { No, Yes }; ///< Yes: what came in is joined to what went out
/// Removes nodes and edges of one block; the ports of open nodes close up. The block's input and output stay.
space::SpaceEdit removeEdit(const space::SearchSpace& space, const space::OperationSet& operations, space::NodeId owner,
    const std::vector<space::NodeId>& nodes, const std::vector<space::Edge>& edges, Heal heal);

/// The nodes with the edges among them, for the clipboard; without the block's input and output.
space::Block fragmentOf(const space::Block& block, const std::vector<space::NodeId>& nodes);
/// Adds a fragment with fresh ids and free names, moved by `offset`; `added` receives the new ids.
space::SpaceEdit pasteEdit(const space::SearchSpace& space, space::NodeId owner, space::Block fragment, space::Point offset,
    std::vector<space::NodeId>& added);

/// Puts `node` in the place of the node with its id, and moves others to make room.
space::SpaceEdit replaceEdit(space::Node node, const QString& title, Moves moves = {});

} // namespace archscope::ui
