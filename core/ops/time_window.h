// Windows over the steps of a sequence: shapes, parameters and ONNX form. The arithmetic is window.h's.
#pragma once

#include "core/ops/window.h"

namespace archscope::ops {

/// The sequence that comes out, with that many features.
Result<Shape> timeWindowOutput(const Window& window, const Shape& sequence, std::int64_t features, std::string_view operation);

std::vector<ParameterDescriptor> timeWindowParameters(std::int64_t kernel, std::int64_t stride);
ParameterDescriptor timeDilationParameter();

/// kernel_shape, strides, dilations and pads.
std::vector<OnnxAttribute> timeWindowAttributes(const Window& window, std::int64_t length);

/// ONNX has channels before time: the other order of the last two dimensions.
std::string emitTurned(OnnxEmitter& emitter, const std::string& value);

} // namespace archscope::ops
