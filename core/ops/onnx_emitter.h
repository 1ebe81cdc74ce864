// How an operation writes itself as ONNX nodes, without ONNX's headers: core/export implements this over the real thing.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace archscope::ops {

struct OnnxAttribute {
    std::string name;
    std::variant<std::int64_t, double, std::string, std::vector<std::int64_t>, std::vector<std::string>> value;
};

class OnnxEmitter {
public:
    virtual ~OnnxEmitter() = default;
    /// Adds a node with one output and returns the output's name.
    virtual std::string node(const std::string& type, std::vector<std::string> inputs, std::vector<OnnxAttribute> attributes = {}) = 0;
    /// Initializer from the layer's trained tensor of that name ("weight"), and its name in the graph.
    virtual std::string weight(const std::string& tensorName) = 0;
    /// Whole-number constant initializer (shapes, axes).
    virtual std::string integers(const std::vector<std::int64_t>& values) = 0;
    /// Float constant initializer with one axis (scales).
    virtual std::string reals(const std::vector<double>& values) = 0;
    /// Float scalar initializer.
    virtual std::string scalar(double value) = 0;
};

} // namespace archscope::ops
