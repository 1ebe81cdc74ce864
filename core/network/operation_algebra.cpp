#include "core/network/operation_algebra.h"

#include <algorithm>
#include <string_view>

namespace archscope::network {

namespace {

using Names = std::initializer_list<std::string_view>;

bool isOneOf(std::string_view name, Names names)
{
    return std::ranges::find(names, name) != names.end();
}

const space::Literal* parameterOf(const Layer& layer, const char* name)
{
    const auto found = layer.parameters.values().find(name);
    return found == layer.parameters.values().end() ? nullptr : &found->second;
}

bool isParameter(const Layer& layer, const char* name, const space::Literal& value)
{
    const space::Literal* found = parameterOf(layer, name);
    return found && *found == value;
}

bool isNumber(const Layer& layer, const char* name, std::int64_t value)
{
    return isParameter(layer, name, value) || isParameter(layer, name, static_cast<double>(value));
}

/// Where there is an activation: one with f(0) = 0.
bool isZeroActivation(const Layer& layer, const char* parameter)
{
    const space::Literal* kind = parameterOf(layer, parameter);
    const auto* name = kind ? std::get_if<std::string>(kind) : nullptr;
    return name && isOneOf(*name, {"none", "relu", "relu6", "leaky-relu", "elu", "gelu", "silu", "tanh", "hard-swish"});
}

} // namespace

bool isIdentity(const Layer& layer, const Shape& input)
{
    if (layer.inputs.size() != 1)
        return false;
    const std::string_view name = layer.operation;
    if (name == "identity" || name == "mean" || isAssociative(layer))
        return true;
    if (name == "dropout")
        return isNumber(layer, "rate", 0);
    if (name == "drop-path")
        return isNumber(layer, "probability", 0);
    if (layer.output != input)
        return false;
    return isOneOf(name, {"flatten", "reshape", "truncate"}) || (name == "skip-connect" && isNumber(layer, "stride", 1));
}

bool isZero(const Layer& layer)
{
    return layer.operation == "zero";
}

bool isSum(const Layer& layer)
{
    return layer.operation == "add";
}

bool isProduct(const Layer& layer)
{
    return layer.operation == "multiply";
}

bool isCommutative(const Layer& layer)
{
    return isSum(layer) || isProduct(layer) || layer.operation == "mean";
}

bool isAssociative(const Layer& layer)
{
    return isSum(layer) || isProduct(layer) || layer.operation == "concat";
}

namespace {

enum class NormShift { Counts, Ignored };

bool mapsZero(const Layer& layer, const Shape& input, NormShift shift)
{
    const std::string_view name = layer.operation;
    const bool shiftless = shift == NormShift::Ignored || isParameter(layer, "affine", false);
    if (isAssociative(layer)
        || isOneOf(name,
            {"identity", "mean", "dropout", "drop-path", "global-pool", "max-pool1d", "avg-pool1d", "time-pool",
                "flatten", "reshape", "transpose", "slice", "truncate", "upsample", "channel-shuffle", "glu", "gate"}))
        return true;
    if (isOneOf(name, {"conv", "depthwise-conv", "transposed-conv", "linear"}))
        return isParameter(layer, "bias", false);
    if (isOneOf(name, {"batch-norm", "group-norm", "layer-norm", "factorized-reduce", "skip-connect"}))
        return shiftless;
    // With a norm after it, and before it a convolution with one where channels change.
    if (isOneOf(name, {"max-pool", "avg-pool"}))
        return isParameter(layer, "norm", std::string("none")) ? layer.output.front() == input.front() || isParameter(layer, "affine", false) : shiftless;
    // Without a norm, these have a bias.
    if (isOneOf(name, {"conv-block", "separable-conv", "factorized-conv", "conv1d", "depthwise-conv1d", "separable-conv1d"}))
        return !isParameter(layer, "norm", std::string("none")) && shiftless && isZeroActivation(layer, "activation");
    return name == "activation" && isZeroActivation(layer, "kind");
}

} // namespace

bool mapsZeroToZero(const Layer& layer, const Shape& input)
{
    return mapsZero(layer, input, NormShift::Counts);
}

bool onlyShiftsZero(const Layer& layer, const Shape& input)
{
    return mapsZero(layer, input, NormShift::Ignored);
}

} // namespace archscope::network
