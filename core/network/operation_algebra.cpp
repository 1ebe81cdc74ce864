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

bool dropsNothing(const Layer& dropout)
{
    return isParameter(dropout, "rate", 0.0) || isParameter(dropout, "rate", std::int64_t{0});
}

} // namespace

bool isIdentity(const Layer& layer)
{
    if (layer.inputs.size() != 1)
        return false;
    return layer.operation == "identity" || isAssociative(layer) || (layer.operation == "dropout" && dropsNothing(layer));
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
    return isSum(layer) || isProduct(layer);
}

bool isAssociative(const Layer& layer)
{
    return isCommutative(layer) || layer.operation == "concat";
}

bool mapsZeroToZero(const Layer& layer)
{
    const std::string_view name = layer.operation;
    if (isAssociative(layer) || isOneOf(name, {"identity", "dropout", "max-pool", "avg-pool", "global-pool", "flatten"}))
        return true;
    if (isOneOf(name, {"conv", "depthwise-conv", "linear"}))
        return isParameter(layer, "bias", false);
    if (name == "activation") {
        const space::Literal* kind = parameterOf(layer, "kind");
        const auto* function = kind ? std::get_if<std::string>(kind) : nullptr;
        return function && isOneOf(*function, {"relu", "relu6", "leaky-relu", "elu", "gelu", "silu", "tanh", "hard-swish"});
    }
    return false;
}

} // namespace archscope::network
