// What numeric exporters check themselves against: LibTorch's answers on real samples.
#pragma once

#include "core/export/exporter.h"

#include <span>
#include <string>
#include <vector>

namespace archscope::exporting {

/// Largest difference that passes, as a share of the largest output (of 1 where all are smaller).
inline constexpr double toleratedDifference = 1e-4;

struct Reference {
    std::string samples; ///< in words: "360 test samples"
    std::vector<float> inputs; ///< normalised, row-major
    std::vector<float> outputs; ///< LibTorch's logits
};

/// An error when the request lacks layers or weights, or when its task's samples are not what the network takes.
Result<void> checkRequest(const ExportRequest& request);

/// All test samples of the request's task; without a task, random inputs (the same each time). The request must have passed
/// `checkRequest`. An error when the weights do not fit the network, or when outputs are not finite.
Result<Reference> referenceFor(const ExportRequest& request);

/// The largest absolute difference, when it is tolerable; else an error that says who differs by how much.
Result<double> agreement(const Reference& reference, std::span<const float> outputs, const std::string& who);

} // namespace archscope::exporting
