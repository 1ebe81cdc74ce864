// A sliding window over the steps of a sequence: the same arithmetic for convolutions and for pooling.
//
// `Same` pads as windows over images are padded (window.h). `Causal` pads before the first step only, so that no output sees a
// later step; both make the output ⌈length / stride⌉.
#pragma once

#include "core/ops/window.h"

namespace archscope::ops {

enum class TimePadding { Same, Causal, Valid };

struct TimeWindow {
    std::int64_t kernel = 1;
    std::int64_t stride = 1;
    std::int64_t dilation = 1;
    TimePadding padding = TimePadding::Same;

    /// From the parameters `kernel`, `stride`, `padding` and where it exists `dilation`.
    static TimeWindow from(const Parameters& parameters);
    std::int64_t extent() const { return dilation * (kernel - 1) + 1; } ///< steps from the first to the last
};

WindowAxis timeAxis(const TimeWindow& window, std::int64_t length);
/// The sequence that comes out, with that many features.
Result<Shape> timeWindowOutput(const TimeWindow& window, const Shape& sequence, std::int64_t features, std::string_view operation);

std::vector<ParameterDescriptor> timeWindowParameters(std::int64_t kernel, std::int64_t stride);
ParameterDescriptor timeDilationParameter();

/// kernel_shape, strides, dilations and pads.
std::vector<OnnxAttribute> timeWindowAttributes(const TimeWindow& window, std::int64_t length);

/// ONNX has channels before time: the other order of the last two dimensions.
std::string emitTurned(OnnxEmitter& emitter, const std::string& value);

} // namespace archscope::ops
