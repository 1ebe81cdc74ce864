// Evaluates an ONNX graph by the text of ONNX's operator specification, apart from the operations that wrote it: so that a
// mistake in how an operation is exported shows.
#pragma once

#include "core/base/result.h"
#include "core/export/onnx_graph.h"

#include <span>
#include <stop_token>
#include <vector>

namespace archscope::exporting {

/// Outputs of all samples, row-major. `inputs` holds whole samples of the graph's input shape, one after the other. An
/// operator or attribute that is not known here is an error: it is never passed over.
Result<std::vector<float>> evaluateGraph(const OnnxGraph& graph, std::span<const float> inputs, const std::stop_token& stop);

} // namespace archscope::exporting
