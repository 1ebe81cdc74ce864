// An ONNX graph as the import sees it: operators by any author, shapes as far as they are known, constants by their shapes.
#pragma once

#include "core/base/result.h"
#include "core/space/operation_traits.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace archscope::exporting {

/// What does not depend on the network's input.
struct ImportConstant {
    space::Shape shape;
    bool known = true;   ///< false: computed from constants in a way that is not followed; the shape is then unknown too
    bool trained = true; ///< an initializer, not computed from others
    std::vector<std::int64_t> integers; ///< of whole numbers, where they are few
    std::vector<double> reals;          ///< of floats, where they are few
    std::optional<double> fill; ///< what all numbers are, where they were made so

    /// Of one number.
    std::optional<double> scalar() const;
};

struct ImportNode {
    using Attribute = std::variant<std::int64_t, double, std::string, std::vector<std::int64_t>>;

    std::string name; ///< may be empty
    std::string type; ///< with its domain where that is not ONNX's own
    std::vector<std::string> inputs; ///< an empty name: an optional input that is left out
    std::vector<std::string> outputs;
    std::map<std::string, Attribute> attributes; ///< of types that are read here

    /// Where several operators are one operation of the catalog: its name and settings, with `inputs` as that takes them.
    std::string operation;
    std::map<std::string, space::Literal> parameters;

    bool has(std::size_t input) const { return input < inputs.size() && !inputs[input].empty(); }
    std::int64_t integer(const std::string& attribute, std::int64_t fallback) const;
    double real(const std::string& attribute, double fallback) const;
    std::string text(const std::string& attribute, const std::string& fallback) const;
    std::vector<std::int64_t> integers(const std::string& attribute) const;
};

struct ImportGraph {
    std::string name;
    std::string input;
    space::Shape inputShape; ///< without the batch
    bool tokens = false;     ///< the input is of whole numbers
    std::string output;
    std::vector<ImportNode> nodes; ///< each after those it reads
    std::map<std::string, ImportConstant> constants;
    std::map<std::string, space::Shape> shapes; ///< of values, without the batch, as far as ONNX's library infers them
    std::vector<std::string> notes;

    const ImportConstant* constant(const std::string& value) const;
};

/// Parses, checks the structure, infers shapes, folds what depends on constants alone.
Result<ImportGraph> readForImport(std::string_view bytes, const space::Shape& openSizes);

/// Marks operators that together are one operation: SiLU, hard swish, GELU, means, biases, squeeze and excite. What they were
/// made of stays, though the marked ones no longer read it.
void recognisePatterns(ImportGraph& graph);

/// The kind of activation (of the catalog's operation) that one operator is; nothing where it is none, or has other settings.
std::optional<std::string> activationKindOf(const ImportNode& node, const ImportGraph& graph);

/// Behind the type of a norm that `recognisePatterns` found between two transposes, which it stands for too.
inline constexpr const char* turnedSuffix = " turned";

/// A float as the number that was meant: 1e-5, not 9.99999974e-06.
double asWritten(float number);

} // namespace archscope::exporting
