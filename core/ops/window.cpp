#include "core/ops/window.h"

#include "core/ops/described_operation.h"

#include <algorithm>
#include <fmt/format.h>

namespace archscope::ops {

Window Window::from(const Parameters& parameters)
{
    Window window;
    window.kernel = parameters.integer("kernel");
    window.stride = parameters.integer("stride");
    if (parameters.values().contains("dilation"))
        window.dilation = parameters.integer("dilation");
    const std::string padding = parameters.values().contains("padding") ? parameters.text("padding") : "same";
    if (padding == "valid") {
        const bool roundsUp = parameters.values().contains("ceil_mode") && parameters.boolean("ceil_mode");
        window.padding = roundsUp ? Padding::ValidCeil : Padding::Valid;
    } else if (padding == "causal") {
        window.padding = Padding::Causal;
    }
    return window;
}

WindowAxis windowAxis(const Window& window, std::int64_t size)
{
    const std::int64_t reach = window.extent() - 1;
    if (window.padding == Padding::Valid)
        return {size <= reach ? 0 : (size - reach - 1) / window.stride + 1, 0, 0};
    WindowAxis axis;
    if (window.padding == Padding::ValidCeil) {
        const std::int64_t room = size - reach - 1 + window.stride - 1;
        axis.output = room < 0 ? 0 : room / window.stride + 1;
        if ((axis.output - 1) * window.stride >= size) // it would begin outside
            --axis.output;
        axis.after = std::max<std::int64_t>((axis.output - 1) * window.stride + reach + 1 - size, 0);
        return axis;
    }
    axis.output = (size + window.stride - 1) / window.stride;
    if (window.padding == Padding::Causal) {
        axis.before = reach;
        return axis;
    }
    const std::int64_t needed = std::max<std::int64_t>((axis.output - 1) * window.stride + reach + 1 - size, 0);
    const bool centred = reach % 2 == 0 && window.stride <= reach;
    axis.before = centred ? reach / 2 : needed / 2;
    axis.after = std::max<std::int64_t>(needed - axis.before, 0);
    return axis;
}

std::array<WindowAxis, 2> windowAxes(const Windows& windows, const Shape& image)
{
    return {windowAxis(windows.height, image[1]), windowAxis(windows.width, image[2])};
}

Result<Shape> windowOutput(const Windows& windows, const Shape& image, std::int64_t channels, std::string_view operation)
{
    const auto [height, width] = windowAxes(windows, image);
    if (height.output < 1 || width.output < 1)
        return misfit(fmt::format("'{}' has a window of {}×{} pixels, which does not fit into {}; use 'same' padding or a smaller kernel",
                                  operation, windows.height.extent(), windows.width.extent(), space::shapeText(image)));
    return bounded({channels, height.output, width.output}, operation);
}

std::vector<ParameterDescriptor> windowParameters(std::int64_t kernel, std::int64_t stride)
{
    return {ParameterDescriptor::integer("kernel", kernel, 1, 15, "Height and width of the window.", "px"),
            ParameterDescriptor::integer("stride", stride, 1, 4, "Steps between windows: 2 halves height and width.", "px")};
}

ParameterDescriptor dilationParameter()
{
    return ParameterDescriptor::integer("dilation", 1, 1, 8, "Distance between the pixels that a window sees.", "px");
}

ParameterDescriptor paddingParameter()
{
    return ParameterDescriptor::enumeration("padding", "same", {"same", "valid"},
                                            "'same' pads the edges and keeps the size at stride 1, 'valid' does not pad.");
}

std::vector<OnnxAttribute> windowAttributes(const Windows& windows, const Shape& image)
{
    const auto each = [&windows](std::int64_t Window::*member) {
        return std::vector<std::int64_t>{windows.height.*member, windows.width.*member};
    };
    const auto [height, width] = windowAxes(windows, image);
    std::vector<OnnxAttribute> attributes{{"kernel_shape", each(&Window::kernel)},
                                          {"strides", each(&Window::stride)},
                                          {"pads", std::vector<std::int64_t>{height.before, width.before, height.after, width.after}}};
    // AveragePool of opset 17 knows no dilation.
    if (windows.height.dilation > 1 || windows.width.dilation > 1)
        attributes.push_back({"dilations", each(&Window::dilation)});
    return attributes;
}

} // namespace archscope::ops
