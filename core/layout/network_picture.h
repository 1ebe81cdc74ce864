// How a network looks: boxes by category with title, parameters and output shape; the same data for the explorer's view and
// for SVG files.
#pragma once

#include "core/layout/graph_layout.h"
#include "core/network/network.h"

#include <string>
#include <vector>

namespace archscope::layout {

struct PictureNode {
    std::string title;    ///< "Convolution"
    std::string subtitle; ///< "3×3, 64 channels": the parameters that matter, not the defaults
    std::string category; ///< of the operation: colour
    std::string tooltip;  ///< path, all parameters, cost
    Point centre;
    double width = 0;
    double height = 0;
    int layer = -1;       ///< index in the network
};
struct PictureEdge {
    int from = 0;
    int to = 0;
    std::string label;    ///< shape that flows
    std::vector<Point> spline;
};
struct NetworkPicture {
    std::vector<PictureNode> nodes;
    std::vector<PictureEdge> edges;
    double width = 0;
    double height = 0;
};

Result<NetworkPicture> pictureOf(const network::Network& network, const space::OperationSet& operations, const LayoutOptions& options = {});

/// "#4477aa"-style fill of an operation category: one palette for explorer and SVG. `dark`: for dark backgrounds.
std::string categoryColour(const std::string& category, bool dark);

/// A complete SVG document; text as text, nothing external.
std::string toSvg(const NetworkPicture& picture, const std::string& title, bool dark = false);

} // namespace archscope::layout
