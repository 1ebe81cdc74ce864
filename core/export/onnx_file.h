// ONNX files as bytes, by ONNX's own library. Its headers stay in the two .cpp files: they cannot meet LibTorch's.
#pragma once

#include "core/base/result.h"
#include "core/export/onnx_graph.h"
#include "core/model/weights.h"
#include "core/network/network.h"

#include <map>
#include <string>
#include <string_view>

namespace archscope::exporting {

/// The network in evaluation mode: opset 17, input "input" {N, …} of normalised values, output "logits" {N, outputs}.
/// An error names the layer that cannot be written, or the weight that is missing, malformed or not finite.
Result<std::string> writeOnnx(const network::Network& network, const space::OperationSet& operations,
    const model::Weights& weights, const std::map<std::string, std::string>& metadata);

/// Parses a file that `writeOnnx` wrote, after ONNX's own checker and strict shape inference have passed it.
Result<OnnxGraph> readOnnx(std::string_view bytes);

} // namespace archscope::exporting
