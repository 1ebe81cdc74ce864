// What would mend an issue: offers for the issue bar and a node's menu.
#pragma once

#include "core/space/space_check.h"
#include "core/space/space_edit.h"
#include "ui/commands/shape_trace.h"

#include <QString>
#include <vector>

namespace archscope::ui {

struct Repair {
    QString title; ///< "Insert a 1×1 convolution to 64 channels after stem"
    space::SpaceEdit edit; ///< fits the space it was computed from
};

/// The likeliest first; empty when only a person can know. Every offer was tried: it applies, and where it is about shapes,
/// the node takes what it is then given. Pure; `trace` is of the same space.
std::vector<Repair> repairsOf(const space::Issue& issue, const space::SearchSpace& space,
    const space::OperationSet& operations, const ShapeTrace& trace, const network::TaskShape& task);

} // namespace archscope::ui
