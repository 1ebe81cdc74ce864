// Blocks made from a selection and taken apart again, each as one edit that keeps the networks of the space the same.
#pragma once

#include "core/space/space_edit.h"

#include <optional>
#include <vector>

namespace archscope::ui {

/// Puts the nodes into a nested block, in their place; they keep their ids, names and positions. `made`: the block's id.
/// `at`: where the block stands; nothing: nobody has placed it. Each source of the selection becomes an input of the block;
/// it has one way out. The error says what stands against it, and how to mend it.
Result<space::SpaceEdit> promoteEdit(const space::SearchSpace& space, space::NodeId owner,
    const std::vector<space::NodeId>& nodes, const std::optional<space::Point>& at, space::NodeId& made);

/// Puts the inside of a nested block (or of a repeat of one round) in its place. `released`: the nodes that come out, with
/// their ids; names that are taken get a number. `shift`: added to the positions of the nodes that have one.
Result<space::SpaceEdit> inlineEdit(
    const space::SearchSpace& space, space::NodeId block, space::Point shift, std::vector<space::NodeId>& released);

} // namespace archscope::ui
