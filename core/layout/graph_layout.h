// Layered layout of graphs by Graphviz, without GUI types. Thread-safe (Graphviz is not: calls take turns).
#pragma once

#include "core/base/result.h"

#include <string>
#include <vector>

namespace archscope::layout {

struct Point {
    double x = 0;
    double y = 0;
};

struct LayoutNode {
    double width = 0; ///< scene units (pixels at 100 %)
    double height = 0;
};
struct LayoutEdge {
    int from = 0; ///< index of a node
    int to = 0;
    double labelWidth = 0; ///< room to keep free beside the edge; 0: no label
    double labelHeight = 0;
};
struct LayoutOptions {
    enum class Direction { TopToBottom, LeftToRight } direction = Direction::TopToBottom;
    double nodeSpacing = 24;
    double layerSpacing = 36;
};

struct GraphLayout {
    std::vector<Point> centres; ///< of the nodes, y grows downwards, all within [0, width] × [0, height]
    /// Cubic Bézier control points of each edge: 1 + 3k points, from the source's border to the target's.
    std::vector<std::vector<Point>> splines;
    std::vector<Point> labelCentres; ///< one an edge; the middle of its spline where it has no label
    double width = 0;
    double height = 0;
};

/// Cycles are laid out with the edges that close them pointing back. A self-loop, an index out of range, and a size that is
/// not a number from 0 to 100,000 are errors. The same input gives the same layout.
Result<GraphLayout> layoutGraph(
    const std::vector<LayoutNode>& nodes, const std::vector<LayoutEdge>& edges, const LayoutOptions& options = {});

} // namespace archscope::layout
