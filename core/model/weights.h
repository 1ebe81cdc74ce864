// Trained weights as values, without LibTorch types: what exporters and stores handle.
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace archscope::model {

struct WeightTensor {
    std::vector<std::int64_t> shape;
    std::vector<float> values; ///< row-major
    bool operator==(const WeightTensor&) const = default;
};

/// "<layer name>.<tensor name>": "layers/0/conv.weight".
using Weights = std::map<std::string, WeightTensor>;

/// The safetensors format (8-byte header length, JSON header, raw little-endian data): opening it can run no code.
std::string toSafetensors(const Weights& weights);
/// Bounds, overlaps, types and sizes are checked; anything off is an error with the tensor's name.
Result<Weights> fromSafetensors(std::string_view bytes);

} // namespace archscope::model
