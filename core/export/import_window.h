// Windows of ONNX's convolutions and pooling as those of the catalog's operations.
#pragma once

#include "core/export/import_graph.h"
#include "core/ops/window.h"

#include <array>
#include <optional>

namespace archscope::exporting {

/// Zeros around an image: top, left, bottom, right.
using Edges = std::array<std::int64_t, 4>;

/// The way of padding here that gives what the file's does.
struct WindowFit {
    const char* padding = "same";
    bool ceil = false;    ///< a last window may reach beyond the edge
    bool pads = false;    ///< the file pads at all
    bool shifted = false; ///< the size is the same, but the file pads at other edges
};

/// Kernel, stride and dilation, or why they are none of the catalog's.
Result<ops::Window> windowOf(const ImportNode& node, const std::vector<std::int64_t>& kernel);
/// `image` is the shape before the zeros `around` it; where it is unknown, only what fits any size does.
Result<WindowFit> fitted(const ImportNode& node, const ops::Window& window, const std::optional<space::Shape>& image,
    const std::optional<Edges>& around);

} // namespace archscope::exporting
