// Convolutions over time: plain, depthwise, separable; each may be normalised and activated.
#include "core/ops/builtin.h"
#include "core/ops/parts_torch.h"
#include "core/ops/time_window.h"

namespace archscope::ops {

namespace {

class TimeConvolutionPart final : public Part {
public:
    /// `groups` 0: each feature by itself, `channels` outputs from each.
    TimeConvolutionPart(std::int64_t channels, const Window& window, std::int64_t groups, bool bias)
        : m_channels(channels), m_window(window), m_groups(groups), m_bias(bias)
    {
    }

    Result<Shape> outputShape(const Shape& input, std::string_view operation) const override
    {
        ARCHSCOPE_TRY(expectSequence(input, operation));
        ARCHSCOPE_TRY(expectDivisible(input[1], groups(input), "input", operation));
        ARCHSCOPE_TRY(expectDivisible(channels(input), groups(input), "output", operation));
        ARCHSCOPE_TRY(bounded(weightShape(input), operation));
        return timeWindowOutput(m_window, input, channels(input), operation);
    }

    Cost cost(const Shape& input, const Shape& output) const override
    {
        const std::int64_t weights = elementCount(weightShape(input));
        return {weights + (m_bias ? output[1] : 0), weights * output[0]};
    }

    Run build(Tensors& tensors, const std::string& prefix, const Shape& input, InputUse, const at::Generator& generator) const override
    {
        const std::size_t first = tensors.size();
        const std::int64_t fanOut = channels(input) / groups(input) * m_window.kernel;
        tensors.push_back({prefix + "weight", kaimingNormalFanOut(weightShape(input), fanOut, generator).set_requires_grad(true)});
        if (m_bias)
            tensors.push_back({prefix + "bias", at::zeros({channels(input)}).set_requires_grad(true), true, false});
        const WindowAxis axis = windowAxis(m_window, input[0]);
        const std::int64_t padded = input[0] + 2 * axis.before;
        const bool direct = padded >= m_window.extent() && (padded - m_window.extent()) / m_window.stride + 1 == axis.output;
        return [first, axis, direct, window = m_window, bias = m_bias, groupCount = groups(input)](
                   const Tensors& all, const at::Tensor& sequence, const ForwardContext&) {
            // Features last is the layout of a channels-last image that is one pixel high: nothing is copied on the way.
            const at::Tensor image = sequence.unsqueeze(1).permute({0, 3, 1, 2});
            const at::Tensor output =
                at::conv2d(direct ? image : at::constant_pad_nd(image, {axis.before, axis.after}), all[first].tensor.unsqueeze(2),
                           bias ? all[first + 1].tensor : at::Tensor(), at::IntArrayRef{1, window.stride},
                           at::IntArrayRef{0, direct ? axis.before : 0}, at::IntArrayRef{1, window.dilation}, groupCount);
            return output.permute({0, 2, 3, 1}).squeeze(1);
        };
    }

    std::string emitOnnx(OnnxEmitter& emitter, const std::string& input, const std::string& prefix, const Shape& shape) const override
    {
        std::vector<std::string> inputs{emitTurned(emitter, input), emitter.weight(prefix + "weight")};
        if (m_bias)
            inputs.push_back(emitter.weight(prefix + "bias"));
        std::vector<OnnxAttribute> attributes = timeWindowAttributes(m_window, shape[0]);
        attributes.push_back({"group", groups(shape)});
        return emitTurned(emitter, emitter.node("Conv", std::move(inputs), std::move(attributes)));
    }

private:
    std::int64_t groups(const Shape& input) const { return m_groups > 0 ? m_groups : input[1]; }
    std::int64_t channels(const Shape& input) const { return m_groups > 0 ? m_channels : m_channels * input[1]; }
    Shape weightShape(const Shape& input) const { return {channels(input), input[1] / groups(input), m_window.kernel}; }

    std::int64_t m_channels;
    Window m_window;
    std::int64_t m_groups;
    bool m_bias;
};

std::unique_ptr<Part> convolutionOverTime(std::int64_t channels, const Window& window, std::int64_t groups, bool bias)
{
    return std::make_unique<TimeConvolutionPart>(channels, window, groups, bias);
}

std::unique_ptr<Part> depthwiseOverTime(std::int64_t multiplier, const Window& window, bool bias)
{
    return convolutionOverTime(multiplier, window, 0, bias);
}

ParameterDescriptor timeChannelsParameter()
{
    return ParameterDescriptor::integer("channels", 32, 1, 65536, "Output channels: the features of each step.");
}

/// As in blocks on images, but a plain convolution unless asked.
std::vector<ParameterDescriptor> optionalBlockParameters()
{
    std::vector<ParameterDescriptor> parameters = blockParameters();
    for (ParameterDescriptor& parameter : parameters)
        if (parameter.name == "norm" || parameter.name == "activation")
            parameter.fallback = std::string("none");
    return parameters;
}

bool hasNorm(const Parameters& parameters)
{
    return parameters.text("norm") != "none";
}

class TimeConvolution final : public ChainOperation {
public:
    TimeConvolution()
        : ChainOperation({"conv1d", "Convolution over time", "Convolution",
                          "A convolution over the steps of a sequence; causal and dilated ones make temporal CNNs (Bai 2018).", 1, 1,
                          joined({{timeChannelsParameter()}, timeWindowParameters(3, 1),
                                  {timeDilationParameter(),
                                   ParameterDescriptor::integer("groups", 1, 1, 65536, "Groups of features that do not mix; must divide input and output channels.")},
                                  optionalBlockParameters()})})
    {
    }

protected:
    Chain parts(const Shape& input, const Parameters& parameters) const override
    {
        const std::int64_t channels = parameters.integer("channels");
        Chain chain;
        chain.push_back({"conv.", convolutionOverTime(channels, Window::from(parameters), parameters.integer("groups"), !hasNorm(parameters))});
        return blockOf(std::move(chain), parameters, channelsOf(input), channels);
    }
};

class DepthwiseTimeConvolution final : public ChainOperation {
public:
    DepthwiseTimeConvolution()
        : ChainOperation({"depthwise-conv1d", "Depthwise convolution over time", "Convolution",
                          "A convolution of each feature of a sequence by itself, over its steps.", 1, 1,
                          joined({timeWindowParameters(3, 1),
                                  {timeDilationParameter(), ParameterDescriptor::integer("multiplier", 1, 1, 16, "Outputs from each feature.")},
                                  optionalBlockParameters()})})
    {
    }

protected:
    Chain parts(const Shape& input, const Parameters& parameters) const override
    {
        const std::int64_t multiplier = parameters.integer("multiplier");
        Chain chain;
        chain.push_back({"conv.", depthwiseOverTime(multiplier, Window::from(parameters), !hasNorm(parameters))});
        return blockOf(std::move(chain), parameters, channelsOf(input), channelsOf(input) * multiplier);
    }
};

class SeparableTimeConvolution final : public ChainOperation {
public:
    SeparableTimeConvolution()
        : ChainOperation({"separable-conv1d", "Separable convolution over time", "Convolution",
                          "A depthwise convolution over the steps of a sequence, then one of length 1 (Kaiser 2018).", 1, 1,
                          joined({{timeChannelsParameter()}, timeWindowParameters(3, 1), {timeDilationParameter()}, optionalBlockParameters()})})
    {
    }

protected:
    Chain parts(const Shape& input, const Parameters& parameters) const override
    {
        const std::int64_t channels = parameters.integer("channels");
        Chain chain;
        chain.push_back({"depthwise.", depthwiseOverTime(1, Window::from(parameters), false)});
        chain.push_back({"pointwise.", convolutionOverTime(channels, {}, 1, !hasNorm(parameters))});
        return blockOf(std::move(chain), parameters, channelsOf(input), channels);
    }
};

} // namespace

std::unique_ptr<Operation> timeConvolution()
{
    return std::make_unique<TimeConvolution>();
}

std::unique_ptr<Operation> depthwiseTimeConvolution()
{
    return std::make_unique<DepthwiseTimeConvolution>();
}

std::unique_ptr<Operation> separableTimeConvolution()
{
    return std::make_unique<SeparableTimeConvolution>();
}

} // namespace archscope::ops
