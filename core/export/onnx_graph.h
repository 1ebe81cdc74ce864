// An ONNX graph without ONNX's headers: what the reader makes of a file, and what the interpreter evaluates.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace archscope::exporting {

/// An initializer.
struct OnnxTensor {
    std::vector<std::int64_t> shape; ///< empty: a scalar
    std::variant<std::vector<float>, std::vector<std::int64_t>> values; ///< row-major
};

struct OnnxNode {
    std::string name;
    std::string type;
    std::vector<std::string> inputs; ///< an empty name: an optional input that is left out
    std::string output;
    std::map<std::string, std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>, std::vector<std::string>>>
        attributes;
};

struct OnnxGraph {
    std::string input;
    std::vector<std::int64_t> inputShape; ///< without the batch
    std::string output;
    std::vector<OnnxNode> nodes; ///< each after those it reads
    std::map<std::string, OnnxTensor> initializers;
    std::map<std::string, std::string> metadata;
};

} // namespace archscope::exporting
