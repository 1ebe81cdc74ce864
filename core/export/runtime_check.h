// Runs an ONNX file in onnxruntime, where a Python that has it is found: the runtime that most users will load the file
// with.
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace archscope::exporting {

/// The Python to ask: the environment variable ARCHSCOPE_PYTHON, else the one beside LibTorch in the cache that the set-up
/// made. Empty: there is none.
std::filesystem::path runtimePython();

struct RuntimeOutputs {
    std::string version; ///< of onnxruntime
    std::vector<float> values; ///< of all samples, row-major
};

/// Runs the model in a process of its own, on the CPU, without a shell; files go through a private folder that is removed.
/// Nothing: this Python has no onnxruntime. An error: onnxruntime could not load or run the model.
Result<std::optional<RuntimeOutputs>> runInOnnxRuntime(const std::filesystem::path& python,
    const std::filesystem::path& model, std::span<const std::int64_t> sampleShape, std::span<const float> inputs,
    const std::stop_token& stop);

} // namespace archscope::exporting
