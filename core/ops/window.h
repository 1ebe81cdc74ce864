// A sliding window over an image: the same arithmetic for convolutions and for pooling.
//
// `Same` padding makes the output ⌈size / stride⌉ and so never less than 1. Windows with a middle that overlap are padded as
// PyTorch's networks do, by half the window on each side; the others as little as is needed, the odd one at the end. So a
// 2×2 pooling with stride 2 is aligned to the image, whatever its size.
#pragma once

#include "core/ops/operation.h"

#include <array>
#include <string_view>

namespace archscope::ops {

enum class Padding { Same, Valid };

struct Window {
    std::int64_t kernel = 1;
    std::int64_t stride = 1;
    std::int64_t dilation = 1;
    Padding padding = Padding::Same;

    /// From the parameters `kernel`, `stride`, and where they exist `dilation` and `padding`.
    static Window from(const Parameters& parameters);
    std::int64_t extent() const { return dilation * (kernel - 1) + 1; } ///< pixels from the first to the last
};

/// One axis of an image under a window.
struct WindowAxis {
    std::int64_t output = 0; ///< below 1 where a `Valid` window does not fit
    std::int64_t before = 0; ///< padding
    std::int64_t after = 0;  ///< padding: what the last window needs
};

WindowAxis windowAxis(const Window& window, std::int64_t size);
/// Height and width of an image.
std::array<WindowAxis, 2> windowAxes(const Window& window, const Shape& image);
/// The image that comes out, with that many channels.
Result<Shape> windowOutput(const Window& window, const Shape& image, std::int64_t channels, std::string_view operation);

std::vector<ParameterDescriptor> windowParameters(std::int64_t kernel, std::int64_t stride);
ParameterDescriptor dilationParameter();
ParameterDescriptor paddingParameter();

/// kernel_shape, strides, dilations and pads.
std::vector<OnnxAttribute> windowAttributes(const Window& window, const Shape& image);

} // namespace archscope::ops
