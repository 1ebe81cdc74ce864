// What the gestures for a space's primitives mean as edits: typed edges, edges that are not always there, reusable blocks.
// Pure functions.
#pragma once

#include "ui/commands/space_edits.h"

#include <string>

namespace archscope::ui {

/// Puts a node between both ends of a new edge; an edge that has the port already makes room.
space::SpaceEdit typedEdgeEdit(
    const space::SearchSpace& space, space::NodeId owner, const space::Edge& edge, space::Node node, Moves moves);
/// A choice on an edge starts with the alternatives of the latest such choice in the block: edges of a cell are mostly
/// alike. Fresh ids from `next` upwards.
void adoptAlternatives(space::Node& choice, const space::Block& block, std::int64_t& next);
/// When an edge is there: always, where the search takes it, or where no other edge takes what its node gives.
enum class Presence { Required, Optional, Loose };
Presence presenceOf(const space::Edge& edge);
space::SpaceEdit edgePresenceEdit(
    const space::SearchSpace& space, space::NodeId owner, const std::vector<space::Edge>& edges, Presence presence);

/// How often a definition is used, in all the space.
int usesOf(const space::SearchSpace& space, const std::string& definition);
/// A name that no definition has: `wanted`, else wanted2, …
std::string freeDefinitionName(const space::SearchSpace& space, const std::string& wanted);
/// The inside of a block becomes a definition of that name, and the node uses it; a repeat or a recurrent cell keeps its
/// frame and uses it inside. The nodes keep their ids. Error: the node has no inside.
Result<space::SpaceEdit> makeReusableEdit(const space::SearchSpace& space, space::NodeId node, const std::string& name);
/// The node gets a copy of its own of the definition it uses; its arguments become the values of the variables.
Result<space::SpaceEdit> detachEdit(const space::SearchSpace& space, space::NodeId use);
/// Error: it is used.
Result<space::SpaceEdit> removeDefinitionEdit(const space::SearchSpace& space, const std::string& definition);
enum class Sharing { Independent, Shared };
space::SpaceEdit shareDefinitionEdit(const space::SearchSpace& space, const std::string& definition, Sharing sharing);

} // namespace archscope::ui
