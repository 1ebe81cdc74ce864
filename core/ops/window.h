// A sliding window over an image or over time (time_window.h): the same arithmetic for convolutions and for pooling.
//
// `Same` padding makes the output ⌈size / stride⌉ and so never less than 1. Windows with a middle that overlap are padded as
// PyTorch's networks do, by half the window on each side; the others as little as is needed, the odd one at the end. So a
// 2×2 pooling with stride 2 is aligned to the image, whatever its size.
#pragma once

#include "core/ops/operation.h"

#include <array>
#include <string_view>

namespace archscope::ops {

/// `ValidCeil` pads nothing either, but adds a last window that begins inside the image and reaches beyond its edge. `Causal`
/// pads before the first step of a sequence only, so that no output sees a later step; its output is as long as that of `Same`.
enum class Padding { Same, Valid, ValidCeil, Causal };

struct Window {
    std::int64_t kernel = 1;
    std::int64_t stride = 1;
    std::int64_t dilation = 1;
    Padding padding = Padding::Same;

    /// From the parameters `kernel`, `stride`, and where they exist `dilation`, `padding` and `ceil_mode`.
    static Window from(const Parameters& parameters);
    std::int64_t extent() const { return dilation * (kernel - 1) + 1; } ///< pixels from the first to the last
};

/// What a window is along each axis: the same, but for factorised convolutions.
struct Windows {
    Window height;
    Window width;

    Windows() = default;
    Windows(const Window& both) : height(both), width(both) {} // a Window is what is usually meant
    Windows(const Window& alongHeight, const Window& alongWidth) : height(alongHeight), width(alongWidth) {}
};

/// One axis of an image, or the steps of a sequence, under a window.
struct WindowAxis {
    std::int64_t output = 0; ///< below 1 where a `Valid` window does not fit
    std::int64_t before = 0; ///< padding
    std::int64_t after = 0;  ///< padding: what the last window needs
};

WindowAxis windowAxis(const Window& window, std::int64_t size);
/// Height and width of an image.
std::array<WindowAxis, 2> windowAxes(const Windows& windows, const Shape& image);
/// The image that comes out, with that many channels.
Result<Shape> windowOutput(const Windows& windows, const Shape& image, std::int64_t channels, std::string_view operation);

std::vector<ParameterDescriptor> windowParameters(std::int64_t kernel, std::int64_t stride);
ParameterDescriptor dilationParameter();
ParameterDescriptor paddingParameter();

/// kernel_shape, strides, dilations and pads.
std::vector<OnnxAttribute> windowAttributes(const Windows& windows, const Shape& image);

} // namespace archscope::ops
