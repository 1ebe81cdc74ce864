// Where the nodes of a block stand: automatic layout, and room for what is put in between. Positions are the middles of top
// edges (node_item.h).
#pragma once

#include "core/layout/graph_layout.h"
#include "ui/commands/space_edits.h"

#include <QPointF>
#include <QRectF>
#include <map>
#include <optional>
#include <vector>

namespace archscope::ui {

using Positions = std::map<space::NodeId, QPointF>;
using Boxes = std::map<space::NodeId, QRectF>; ///< in scene coordinates

inline constexpr double canvasGrid = 10;
inline constexpr double nodeGap = 48; ///< between a box and the next below it

/// A block to lay out, as values: made on the GUI thread, worked on anywhere.
struct LayoutJob {
    std::vector<space::NodeId> ids;
    std::vector<layout::LayoutNode> nodes;
    std::vector<layout::LayoutEdge> edges;
    std::optional<std::pair<space::NodeId, QPointF>> anchor; ///< this node stays where it is
};

LayoutJob layoutJob(const space::Block& block, const Boxes& boxes);
/// Never fails: what cannot be laid out stands in a column.
Positions arranged(const LayoutJob& job);

QPointF snapped(QPointF position);

enum class Alignment { Left, Centre, Right, Top, Middle, Bottom };
/// The boxes at the outermost edge among them, or at the middle of all.
Positions aligned(const Boxes& boxes, Alignment alignment);
enum class Axis { Horizontal, Vertical };
/// The same gap between each two; the first and the last stay.
Positions distributed(const Boxes& boxes, Axis axis);

/// How far everything from `y` downwards must move so that a box of `height` fits between `top` and `y`; 0 when it fits.
double missingRoom(double top, double y, double height);
/// Moves everything that starts at or below `y`, except `excluded`, down by `distance`.
Moves shiftedDown(const Boxes& boxes, double y, double distance, space::NodeId excluded = {});
/// Moves so that a box that grows does not cover what stands below it; empty when there is room.
Moves roomToGrow(const Boxes& boxes, space::NodeId grown, double newHeight);

} // namespace archscope::ui
