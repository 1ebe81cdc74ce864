// An ONNX model, by whomever it was written, as a space to vary: its operators become operations of the catalog.
//
// What has no counterpart stays in the drawing as an operation "onnx:TYPE" with its settings, which the space's check reports as
// unknown: a fixed box that one can replace. Weights are not taken over, only their shapes.
#pragma once

#include "core/base/result.h"
#include "core/network/network.h"
#include "core/space/search_space.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace archscope::exporting {

struct ImportedSpace {
    space::SearchSpace space; ///< without open decisions
    network::TaskShape task;  ///< what the model is for
    std::vector<std::string> notes; ///< sentences: what was folded, left out, is unknown
};

/// `openSizes`, without the batch, stands for sizes of the input that the file leaves open; where it does and this is empty, an
/// error says so. Other errors: no ONNX, several inputs, damaged graphs, more nodes than can be drawn.
Result<ImportedSpace> spaceFromOnnx(std::string_view bytes, const space::OperationSet& operations, const space::Shape& openSizes = {});
/// The same; the space is called as the file.
Result<ImportedSpace> spaceFromOnnxFile(const std::filesystem::path& file, const space::OperationSet& operations,
    const space::Shape& openSizes = {});

} // namespace archscope::exporting
