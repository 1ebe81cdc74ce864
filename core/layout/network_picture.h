// How a network looks: boxes by category with title, parameters and output shape; the same data for the explorer's view and
// for SVG files.
#pragma once

#include "core/layout/graph_layout.h"
#include "core/network/network.h"

#include <string>
#include <vector>

namespace archscope::layout {

/// Sizes in scene units that the boxes were measured with: whoever paints them uses the same.
struct PictureStyle {
    static constexpr double titleSize = 12; ///< font size in pixels, bold
    static constexpr double subtitleSize = 10.5;
    static constexpr double labelSize = 10;
    static constexpr double padding = 10; ///< left and right of the text in a box
    static constexpr double cornerRadius = 5;
};

struct PictureNode {
    std::string title; ///< "Convolution"
    std::string subtitle; ///< "3×3, 64 channels": the parameters that matter, not the defaults
    std::string category; ///< of the operation: colour
    std::string tooltip; ///< path, all parameters, cost
    Point centre;
    double width = 0;
    double height = 0;
    int layer = -1; ///< index in the network
};
struct PictureEdge {
    int from = 0;
    int to = 0;
    std::string label; ///< shape that flows
    Point labelCentre; ///< beside the curve, where nothing else is
    std::vector<Point> spline; ///< as in GraphLayout
};
struct NetworkPicture {
    std::vector<PictureNode> nodes;
    std::vector<PictureEdge> edges;
    double width = 0;
    double height = 0;
};

/// A node a layer. Operations that the set does not know are drawn under their own name in category "Unknown".
Result<NetworkPicture> pictureOf(
    const network::Network& network, const space::OperationSet& operations, const LayoutOptions& options = {});

/// "#4477aa"-style fill of an operation category: one palette (after Okabe and Ito) for explorer and SVG. `dark`: for dark
/// backgrounds. `pictureTextColour` reads on all of them with a contrast of at least 4.5. Unknown categories are grey.
std::string categoryColour(const std::string& category, bool dark);
std::string pictureTextColour(bool dark);

/// A complete SVG document with a legend of the categories; text as text, nothing external.
std::string toSvg(const NetworkPicture& picture, const std::string& title, bool dark = false);

} // namespace archscope::layout
