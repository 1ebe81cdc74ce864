// Finding nodes of a space by what one remembers of them. Pure.
#pragma once

#include "core/space/operation_traits.h"
#include "core/space/search_space.h"

#include <QString>
#include <vector>

namespace archscope::ui {

/// The nodes, alternatives and steps of all blocks in the order of drawing, outer before inner, in which each word is found:
/// in the name or path, the operation, or a parameter's name or values. Nothing for no words.
std::vector<space::NodeId> findNodes(
    const space::SearchSpace& space, const space::OperationSet& operations, const QString& words);

} // namespace archscope::ui
