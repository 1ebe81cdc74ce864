#include "core/train/weight_inheritance.h"

#include "core/base/rng.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <optional>
#include <set>

namespace archscope::train {

namespace {

using model::Weights;
using model::WeightTensor;
using network::Layer;
using network::Network;
using space::Parameters;
using space::Shape;

constexpr double normEpsilon = 1e-5; ///< of batch normalisation

/// For each channel of the child's value the parent's channel that it repeats.
using ChannelMap = std::vector<std::int64_t>;

/// What is known of a child's layer's output.
struct Value {
    int parent = -1; ///< the parent's layer that gives the same, channel by channel; -1: none is known
    ChannelMap channels;
    bool isNonNegative = false;
};

std::int64_t channelsOf(const Shape& shape)
{
    if (shape.empty())
        return 1;
    return shape.size() == 2 ? shape.back() : shape.front(); // sequences have their features last
}

ChannelMap identityMap(std::int64_t channels)
{
    ChannelMap map(static_cast<std::size_t>(channels));
    std::iota(map.begin(), map.end(), 0);
    return map;
}

bool isIdentity(const ChannelMap& map)
{
    return map == identityMap(static_cast<std::int64_t>(map.size()));
}

/// Every unit at least once, the further ones in turn: layers of one width repeat the same, so that sums of them fit.
std::optional<ChannelMap> widened(std::int64_t from, std::int64_t to)
{
    if (to < from || from < 1)
        return {};
    ChannelMap map = identityMap(to);
    for (std::int64_t& channel : map)
        channel %= from;
    return map;
}

std::vector<double> repeats(const ChannelMap& map)
{
    std::vector<double> counts;
    for (const std::int64_t channel : map) {
        if (static_cast<std::size_t>(channel) >= counts.size())
            counts.resize(static_cast<std::size_t>(channel) + 1);
        ++counts[static_cast<std::size_t>(channel)];
    }
    return counts;
}

bool hasParameter(const Layer& layer, const std::string& name)
{
    return layer.parameters.values().contains(name);
}

std::string textOr(const Layer& layer, const std::string& name, const std::string& fallback)
{
    return hasParameter(layer, name) ? layer.parameters.text(name) : fallback;
}

std::int64_t integerOr(const Layer& layer, const std::string& name, std::int64_t fallback)
{
    return hasParameter(layer, name) ? layer.parameters.integer(name) : fallback;
}

/// Equal in all parameters but those named.
bool agree(const Layer& a, const Layer& b, std::initializer_list<std::string_view> exceptFor)
{
    auto first = a.parameters.values();
    auto second = b.parameters.values();
    for (const std::string_view name : exceptFor) {
        first.erase(std::string(name));
        second.erase(std::string(name));
    }
    return a.operation == b.operation && first == second;
}

class Inheriting {
public:
    Inheriting(const Network& parent, const Weights& parentWeights, const Network& child, Weights fresh, const InheritanceOptions& options)
        : m_parent(parent)
        , m_old(parentWeights)
        , m_child(child)
        , m_new(std::move(fresh))
        , m_rng(Rng::derived({ options.seed, 0x1e2e72 }))
        , m_noise(options.noise)
    {
        for (std::size_t i = 0; i < parent.layers.size(); ++i)
            m_parentByName.emplace(parent.layers[i].name, static_cast<int>(i));
    }

    Inheritance run()
    {
        for (const Layer& layer : m_child.layers)
            m_values.push_back(inherit(layer));
        const bool preserves = m_values.back().parent == static_cast<int>(m_parent.layers.size()) - 1 && isIdentity(m_values.back().channels);
        return { std::move(m_new), preserves, m_inherited.size() };
    }

private:
    Value inherit(const Layer& layer)
    {
        const auto named = m_parentByName.find(layer.name);
        const Layer* relative = named == m_parentByName.end() ? nullptr : &m_parent.layers[static_cast<std::size_t>(named->second)];
        if (relative && layer.inputs.size() == relative->inputs.size() && readsTheSame(layer, *relative)) {
            if (auto channels = transferred(layer, *relative))
                return { named->second, std::move(*channels), isNonNegative(layer) };
        }
        if (layer.inputs.size() == 1 && valueOf(layer, 0).parent >= 0 && inputShape(m_child, layer, 0) == layer.output && passesOn(layer)) {
            Value value = valueOf(layer, 0);
            value.isNonNegative = value.isNonNegative || isNonNegative(layer);
            return value;
        }
        copyByShape(layer);
        return { -1, {}, isNonNegative(layer) };
    }

    const Value& valueOf(const Layer& layer, std::size_t input) const { return m_values[static_cast<std::size_t>(layer.inputs[input])]; }

    static const Shape& inputShape(const Network& network, const Layer& layer, std::size_t input)
    {
        return network.layers[static_cast<std::size_t>(layer.inputs[input])].output;
    }

    bool readsTheSame(const Layer& layer, const Layer& relative) const
    {
        for (std::size_t i = 0; i < layer.inputs.size(); ++i) {
            if (valueOf(layer, i).parent != relative.inputs[i])
                return false;
        }
        return true;
    }

    bool isNonNegative(const Layer& layer) const
    {
        static const std::set<std::string, std::less<>> keeping{ "identity", "dropout", "flatten", "max-pool", "avg-pool", "global-pool", "add",
            "concat", "multiply" };
        if (layer.operation == "activation" || layer.operation == "conv-block" || layer.operation == "separable-conv") {
            const bool isLast = textOr(layer, "order", "conv-norm-act") == "conv-norm-act";
            for (const char* name : { "kind", "function", "activation" }) {
                if (hasParameter(layer, name))
                    return isLast && layer.parameters.text(name) == "relu";
            }
            return false;
        }
        if (!keeping.contains(layer.operation) || hasTensors(layer) || layer.inputs.empty())
            return false;
        for (std::size_t i = 0; i < layer.inputs.size(); ++i) {
            if (!valueOf(layer, i).isNonNegative)
                return false;
        }
        return true;
    }

    bool hasTensors(const Layer& layer) const { return !tensorsOf(layer).empty(); }

    std::vector<std::string> tensorsOf(const Layer& layer) const
    {
        std::vector<std::string> names;
        const std::string prefix = layer.name + ".";
        for (auto it = m_new.lower_bound(prefix); it != m_new.end() && it->first.starts_with(prefix); ++it)
            names.push_back(it->first.substr(prefix.size()));
        return names;
    }

    const WeightTensor* oldTensor(const Layer& relative, const std::string& name) const
    {
        const auto found = m_old.find(relative.name + "." + name);
        return found == m_old.end() ? nullptr : &found->second;
    }

    void put(const Layer& layer, const std::string& name, WeightTensor tensor)
    {
        const std::string full = layer.name + "." + name;
        m_new[full] = std::move(tensor);
        m_inherited.insert(full);
    }

    void copyByShape(const Layer& layer)
    {
        for (const std::string& name : tensorsOf(layer)) {
            const auto old = m_old.find(layer.name + "." + name);
            if (old != m_old.end() && old->second.shape == m_new[layer.name + "." + name].shape)
                put(layer, name, old->second);
        }
    }

    /// Gives the layer what makes it compute what its relative does; the channels of its output then. Nothing, and nothing changed,
    /// where that cannot be done.
    std::optional<ChannelMap> transferred(const Layer& layer, const Layer& relative)
    {
        if (layer.operation == "conv" || layer.operation == "conv-block" || layer.operation == "linear" || layer.operation == "separable-conv")
            return transferredWeights(layer, relative);
        if (!agree(layer, relative, {}) || layer.cell != relative.cell)
            return {};
        if (layer.operation == "batch-norm") {
            for (const std::string& name : tensorsOf(layer))
                putChannels(layer, name, relative, name, valueOf(layer, 0).channels);
            return valueOf(layer, 0).channels;
        }
        if (hasTensors(layer))
            return transferredUnchanged(layer, relative);
        return transferredChannels(layer, relative);
    }

    /// Only where every number stays as it is.
    std::optional<ChannelMap> transferredUnchanged(const Layer& layer, const Layer& relative)
    {
        for (std::size_t i = 0; i < layer.inputs.size(); ++i) {
            if (!isIdentity(valueOf(layer, i).channels) || inputShape(m_child, layer, i) != inputShape(m_parent, relative, i))
                return {};
        }
        const std::vector<std::string> names = tensorsOf(layer);
        for (const std::string& name : names) {
            const WeightTensor* old = oldTensor(relative, name);
            if (!old || old->shape != m_new[layer.name + "." + name].shape)
                return {};
        }
        for (const std::string& name : names)
            put(layer, name, *oldTensor(relative, name));
        return layer.output == relative.output ? std::optional(identityMap(channelsOf(layer.output))) : std::nullopt;
    }

    /// Of operations without weights.
    std::optional<ChannelMap> transferredChannels(const Layer& layer, const Layer& relative) const
    {
        static const std::set<std::string, std::less<>> channelwise{ "activation", "dropout", "identity", "max-pool", "avg-pool",
            "global-pool", "drop-path", "upsample", "max-pool1d", "avg-pool1d", "time-pool" };
        if (layer.inputs.empty())
            return layer.output == relative.output ? std::optional(identityMap(channelsOf(layer.output))) : std::nullopt;
        const ChannelMap& first = valueOf(layer, 0).channels;
        if (channelwise.contains(layer.operation))
            return first;
        if (layer.operation == "add" || layer.operation == "multiply") {
            for (std::size_t i = 1; i < layer.inputs.size(); ++i) {
                if (valueOf(layer, i).channels != first)
                    return {};
            }
            return first;
        }
        if (layer.operation == "concat") {
            ChannelMap all;
            std::int64_t offset = 0;
            for (std::size_t i = 0; i < layer.inputs.size(); ++i) {
                for (const std::int64_t channel : valueOf(layer, i).channels)
                    all.push_back(channel + offset);
                offset += channelsOf(inputShape(m_parent, relative, i));
            }
            return all;
        }
        if (layer.operation == "flatten") {
            const Shape& input = inputShape(m_child, layer, 0);
            if (input.size() == 1)
                return first;
            if (input.size() != 3)
                return isIdentity(first) ? std::optional(identityMap(channelsOf(layer.output))) : std::nullopt;
            const std::int64_t pixels = input[1] * input[2];
            ChannelMap all;
            for (const std::int64_t channel : first) {
                for (std::int64_t pixel = 0; pixel < pixels; ++pixel)
                    all.push_back(channel * pixels + pixel);
            }
            return all;
        }
        // Of what is not known here, only where nothing is repeated.
        for (std::size_t i = 0; i < layer.inputs.size(); ++i) {
            if (!isIdentity(valueOf(layer, i).channels) || inputShape(m_child, layer, i) != inputShape(m_parent, relative, i))
                return {};
        }
        return identityMap(channelsOf(layer.output));
    }

    /// Plain convolutions and linear layers, alone or with batch normalisation and activation after them.
    std::optional<ChannelMap> transferredWeights(const Layer& layer, const Layer& relative)
    {
        const bool isSeparable = layer.operation == "separable-conv";
        const std::string norm = textOr(layer, "norm", "none");
        const bool isPlain = agree(layer, relative, { "channels", "features", "kernel" }) && integerOr(layer, "groups", 1) == 1
            && (norm == "none" || norm == "batch") && textOr(layer, "order", "conv-norm-act") == "conv-norm-act"
            && integerOr(layer, "repeats", 1) == 1 && kernelFits(layer, relative);
        const auto output = widened(channelsOf(relative.output), channelsOf(layer.output));
        if (!isPlain || !output)
            return transferredUnchanged(layer, relative);
        const ChannelMap& input = valueOf(layer, 0).channels;
        for (const std::string& name : tensorsOf(layer)) {
            if (isSeparable && name.starts_with("depthwise."))
                putChannels(layer, name, relative, name, input);
            else if (name == "weight" || name == "conv.weight" || name == "pointwise.weight")
                putMatrix(layer, name, relative, input, *output);
            else
                putChannels(layer, name, relative, name, *output);
        }
        return output;
    }

    /// The same window, or a larger one around the same middle.
    static bool kernelFits(const Layer& layer, const Layer& relative)
    {
        const std::int64_t now = integerOr(layer, "kernel", 1);
        const std::int64_t before = integerOr(relative, "kernel", 1);
        return now == before || (now > before && now % 2 == 1 && before % 2 == 1 && textOr(layer, "padding", "same") == "same");
    }

    /// Numbers of a window of `before` in the middle of one of `now`, for each channel.
    static std::vector<float> grown(const std::vector<float>& window, const std::vector<std::int64_t>& before, const std::vector<std::int64_t>& now)
    {
        if (before == now)
            return window;
        std::vector<float> larger(static_cast<std::size_t>(now[0] * now[1]), 0.0F);
        const std::int64_t top = (now[0] - before[0]) / 2;
        const std::int64_t left = (now[1] - before[1]) / 2;
        for (std::int64_t y = 0; y < before[0]; ++y) {
            for (std::int64_t x = 0; x < before[1]; ++x)
                larger[static_cast<std::size_t>((y + top) * now[1] + x + left)] = window[static_cast<std::size_t>(y * before[1] + x)];
        }
        return larger;
    }

    static std::vector<std::int64_t> windowOf(const std::vector<std::int64_t>& shape)
    {
        return shape.size() == 4 ? std::vector{ shape[2], shape[3] } : std::vector<std::int64_t>{ 1, 1 };
    }

    static double deviation(const std::vector<float>& values)
    {
        double sum = 0;
        double squares = 0;
        for (const float value : values) {
            sum += value;
            squares += static_cast<double>(value) * value;
        }
        const auto count = static_cast<double>(std::max<std::size_t>(values.size(), 1));
        return std::sqrt(std::max(0.0, squares / count - sum / count * (sum / count)));
    }

    /// One entry a channel, or one window a channel: repeated as the channels are.
    void putChannels(const Layer& layer, const std::string& name, const Layer& relative, const std::string& from, const ChannelMap& map)
    {
        const WeightTensor* old = oldTensor(relative, from);
        if (!old)
            return;
        WeightTensor tensor{ m_new[layer.name + "." + name].shape, {} };
        const std::vector<std::int64_t> before = windowOf(old->shape);
        const std::vector<std::int64_t> now = windowOf(tensor.shape);
        const auto size = static_cast<std::size_t>(before[0] * before[1]);
        for (const std::int64_t channel : map) {
            const auto begin = old->values.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(channel) * size);
            const std::vector<float> window = grown({ begin, begin + static_cast<std::ptrdiff_t>(size) }, before, now);
            tensor.values.insert(tensor.values.end(), window.begin(), window.end());
        }
        put(layer, name, std::move(tensor));
    }

    /// {outputs, inputs, window…}: repeated units read what the one unit read, and what is read several times counts that much less.
    void putMatrix(const Layer& layer, const std::string& name, const Layer& relative, const ChannelMap& input, const ChannelMap& output)
    {
        const WeightTensor* old = oldTensor(relative, name);
        if (!old)
            return;
        WeightTensor tensor{ m_new[layer.name + "." + name].shape, {} };
        const std::vector<std::int64_t> before = windowOf(old->shape);
        const std::vector<std::int64_t> now = windowOf(tensor.shape);
        const auto size = static_cast<std::size_t>(before[0] * before[1]);
        const auto oldInputs = static_cast<std::size_t>(old->shape[1]);
        const std::vector<double> counts = repeats(input);
        const double spread = m_noise * deviation(old->values);
        for (std::size_t unit = 0; unit < output.size(); ++unit) {
            const bool isRepeated = output[unit] != static_cast<std::int64_t>(unit);
            for (const std::int64_t channel : input) {
                const std::size_t begin = (static_cast<std::size_t>(output[unit]) * oldInputs + static_cast<std::size_t>(channel)) * size;
                std::vector<float> window(old->values.begin() + static_cast<std::ptrdiff_t>(begin),
                    old->values.begin() + static_cast<std::ptrdiff_t>(begin + size));
                for (float& value : window) {
                    value /= static_cast<float>(counts[static_cast<std::size_t>(channel)]);
                    if (isRepeated && spread > 0)
                        value += static_cast<float>(spread / counts[static_cast<std::size_t>(channel)] * m_rng.normal());
                }
                window = grown(window, before, now);
                tensor.values.insert(tensor.values.end(), window.begin(), window.end());
            }
        }
        put(layer, name, std::move(tensor));
    }

    /// Makes a layer that the parent lacks give out what it gets; false, and nothing changed, where it cannot.
    bool passesOn(const Layer& layer)
    {
        if (layer.operation == "identity" || layer.operation == "dropout" || layer.operation == "drop-path")
            return !hasTensors(layer);
        const bool isNonNegativeInput = valueOf(layer, 0).isNonNegative;
        if (layer.operation == "activation")
            return isNonNegativeInput && isNonNegative(layer);
        const bool isBlock = layer.operation == "conv-block";
        if (isBlock) {
            const std::string activation = textOr(layer, "activation", "none");
            const std::string norm = textOr(layer, "norm", "none");
            if (textOr(layer, "order", "") != "conv-norm-act" || (norm != "none" && norm != "batch")
                || (activation != "none" && !(activation == "relu" && isNonNegativeInput)))
                return false;
        }
        if (isBlock || layer.operation == "conv") {
            if (integerOr(layer, "groups", 1) != 1 || integerOr(layer, "stride", 1) != 1 || integerOr(layer, "kernel", 1) % 2 == 0)
                return false;
        } else if (layer.operation != "linear" && layer.operation != "batch-norm") {
            return false;
        }
        for (const std::string& name : tensorsOf(layer))
            put(layer, name, passingOn(layer, name));
        return true;
    }

    WeightTensor passingOn(const Layer& layer, const std::string& name) const
    {
        WeightTensor tensor{ m_new.at(layer.name + "." + name).shape, {} };
        std::int64_t count = 1;
        for (const std::int64_t side : tensor.shape)
            count *= side;
        const bool isNorm = layer.operation == "batch-norm" || name.starts_with("norm.");
        const std::string last = name.substr(name.rfind('.') + 1);
        // What divides by √(1 + ε) multiplies by it here.
        const float filling = last == "running_var" ? 1.0F : isNorm && last == "weight" ? static_cast<float>(std::sqrt(1 + normEpsilon)) : 0.0F;
        tensor.values.assign(static_cast<std::size_t>(count), filling);
        if (!isNorm && last == "weight") {
            const std::int64_t window = count / (tensor.shape[0] * tensor.shape[1]);
            for (std::int64_t i = 0; i < tensor.shape[0]; ++i)
                tensor.values[static_cast<std::size_t>((i * tensor.shape[1] + i) * window + window / 2)] = 1;
        }
        return tensor;
    }

    const Network& m_parent;
    const Weights& m_old;
    const Network& m_child;
    Weights m_new;
    Rng m_rng;
    double m_noise;
    std::map<std::string, int, std::less<>> m_parentByName;
    std::vector<Value> m_values; ///< of the child's layers
    std::set<std::string> m_inherited;
};

} // namespace

Inheritance inheritedWeights(const network::Network& parent, const model::Weights& parentWeights, const network::Network& child,
    model::Weights fresh, const InheritanceOptions& options)
{
    return Inheriting(parent, parentWeights, child, std::move(fresh), options).run();
}

} // namespace archscope::train
