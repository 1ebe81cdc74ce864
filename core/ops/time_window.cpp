#include "core/ops/time_window.h"

#include "core/ops/described_operation.h"

#include <fmt/format.h>

namespace archscope::ops {

Result<Shape> timeWindowOutput(const Window& window, const Shape& sequence, std::int64_t features, std::string_view operation)
{
    const WindowAxis axis = windowAxis(window, sequence[0]);
    if (axis.output < 1)
        return misfit(fmt::format("'{}' has a window of {} steps, which does not fit into {}; use 'same' or 'causal' padding or a smaller kernel",
                                  operation, window.extent(), space::shapeText(sequence)));
    return bounded({axis.output, features}, operation);
}

std::vector<ParameterDescriptor> timeWindowParameters(std::int64_t kernel, std::int64_t stride)
{
    return {ParameterDescriptor::integer("kernel", kernel, 1, 255, "Length of the window.", "steps"),
            ParameterDescriptor::integer("stride", stride, 1, 64, "Steps between windows: 2 halves the length.", "steps"),
            ParameterDescriptor::enumeration("padding", "same", {"same", "causal", "valid"},
                                             "'same' pads both ends and keeps the length at stride 1, 'causal' pads the beginning only so that "
                                             "no step sees a later one, 'valid' does not pad.")};
}

ParameterDescriptor timeDilationParameter()
{
    return ParameterDescriptor::integer("dilation", 1, 1, 4096, "Distance between the steps that a window sees.", "steps");
}

std::vector<OnnxAttribute> timeWindowAttributes(const Window& window, std::int64_t length)
{
    using Integers = std::vector<std::int64_t>;
    const WindowAxis axis = windowAxis(window, length);
    std::vector<OnnxAttribute> attributes{{"kernel_shape", Integers{window.kernel}},
                                          {"strides", Integers{window.stride}},
                                          {"pads", Integers{axis.before, axis.after}}};
    if (window.dilation > 1) // AveragePool of opset 17 knows none
        attributes.push_back({"dilations", Integers{window.dilation}});
    return attributes;
}

std::string emitTurned(OnnxEmitter& emitter, const std::string& value)
{
    return emitter.node("Transpose", {value}, {{"perm", std::vector<std::int64_t>{0, 2, 1}}});
}

} // namespace archscope::ops
