// What a space must know of an operation to validate it: parameters, shape rule, cost. `core/ops` implements it, the catalog
// hands it in.
#pragma once

#include "core/base/result.h"
#include "core/space/domain.h"

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace archscope::space {

/// Without the batch: {channels, height, width} for images, {features} for vectors.
using Shape = std::vector<std::int64_t>;

/// "64×8×8"
std::string shapeText(const Shape& shape);

/// Describes one setting of an operation, strategy, data format or exporter: forms, validation, CLI and docs come from it.
struct ParameterDescriptor {
    enum class Type { Integer, Real, Boolean, Enumeration, Text };

    std::string name; ///< snake_case, as in files and on the command line
    Type type = Type::Integer;
    Literal fallback; ///< the default
    double low = 0;   ///< Integer, Real: inclusive
    double high = 0;  ///< Integer, Real: inclusive
    std::vector<std::string> options; ///< Enumeration
    std::string unit; ///< may be empty
    std::string help; ///< one sentence

    static ParameterDescriptor integer(std::string name, std::int64_t fallback, std::int64_t low, std::int64_t high, std::string help, std::string unit = {});
    static ParameterDescriptor real(std::string name, double fallback, double low, double high, std::string help, std::string unit = {});
    static ParameterDescriptor boolean(std::string name, bool fallback, std::string help);
    static ParameterDescriptor enumeration(std::string name, std::string fallback, std::vector<std::string> options, std::string help);
    static ParameterDescriptor text(std::string name, std::string fallback, std::string help);

    /// Nothing when the value fits; else a sentence with the range. A whole number is taken where a real is wanted.
    std::optional<std::string> problem(const Literal& value) const;
    /// Reads a value written on a command line or in a form.
    Result<Literal> parse(std::string_view text) const;
};

/// Concrete values of all parameters of an operation, defaults filled in.
class Parameters {
public:
    Parameters() = default;
    explicit Parameters(std::map<std::string, Literal> values) : m_values(std::move(values)) {}

    /// The parameter must exist with that type (a developer's error otherwise); a whole number reads as a real.
    std::int64_t integer(const std::string& name) const;
    double real(const std::string& name) const;
    bool boolean(const std::string& name) const;
    const std::string& text(const std::string& name) const;

    void set(const std::string& name, Literal value) { m_values[name] = std::move(value); }
    const std::map<std::string, Literal>& values() const { return m_values; }
    bool operator==(const Parameters&) const = default;

private:
    std::map<std::string, Literal> m_values;
};

/// Fills in defaults and checks names and ranges; the error says which parameter and what range.
Result<Parameters> completed(std::span<const ParameterDescriptor> descriptors, const std::map<std::string, Literal>& given,
                             std::string_view owner);

/// What an expression computed, as the parameter of that name takes it: a flag is a number there, and 0 is no.
Literal asComputed(Literal value, std::span<const ParameterDescriptor> descriptors, std::string_view name);

struct Cost {
    std::int64_t parameters = 0; ///< trainable numbers
    std::int64_t flops = 0;      ///< multiply-adds for one sample, one counted as one (the NAS papers' convention)
    bool operator==(const Cost&) const = default;
    Cost& operator+=(const Cost& other)
    {
        parameters += other.parameters;
        flops += other.flops;
        return *this;
    }
};

struct OperationDescriptor {
    std::string name;     ///< as in files: "conv"
    std::string title;    ///< for people: "Convolution"
    std::string category; ///< palette group: "Convolution", "Pooling", …
    std::string help;     ///< one or two sentences
    int minInputs = 1;
    int maxInputs = 1; ///< anyInputs: as many as are connected
    std::vector<ParameterDescriptor> parameters;

    static constexpr int anyInputs = 1 << 20;
};

/// Immutable after construction; used from any thread.
class OperationTraits {
public:
    virtual ~OperationTraits() = default;
    virtual const OperationDescriptor& descriptor() const = 0;
    /// The number of inputs lies within the descriptor's bounds. An error names the shapes that do not fit.
    virtual Result<Shape> outputShape(std::span<const Shape> inputs, const Parameters& parameters) const = 0;
    /// Called with shapes that `outputShape` accepted.
    virtual Cost cost(std::span<const Shape> inputs, const Shape& output, const Parameters& parameters) const = 0;
};

/// The operations a space may use, by name. Does not own them.
class OperationSet {
public:
    OperationSet() = default;
    explicit OperationSet(std::vector<const OperationTraits*> operations);
    const OperationTraits* find(std::string_view name) const; ///< null when unknown
    std::span<const OperationTraits* const> all() const { return m_operations; } ///< in the catalog's order
    std::vector<std::string> names() const;

private:
    std::vector<const OperationTraits*> m_operations;
    std::map<std::string, const OperationTraits*, std::less<>> m_byName;
};

} // namespace archscope::space
