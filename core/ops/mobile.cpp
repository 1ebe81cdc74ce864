// Blocks of the MobileNet family: mbconv, squeeze-excite.
#include "core/ops/builtin.h"
#include "core/ops/parts_torch.h"

#include <algorithm>
#include <cmath>

namespace archscope::ops {

namespace {

class SqueezeExcitePart final : public Part {
public:
    SqueezeExcitePart(std::int64_t squeezed, ActivationKind activation, Gate gate) : m_squeezed(squeezed), m_activation(activation), m_gate(gate) {}

    Result<Shape> outputShape(const Shape& input, std::string_view operation) const override
    {
        ARCHSCOPE_TRY(expectImage(input, operation));
        ARCHSCOPE_TRY(bounded({input[0], m_squeezed}, operation));
        return input;
    }

    Cost cost(const Shape& input, const Shape&) const override
    {
        const std::int64_t weights = 2 * input[0] * m_squeezed;
        return {weights + m_squeezed + input[0], weights};
    }

    Run build(Tensors& tensors, const std::string& prefix, const Shape& input, InputUse, const at::Generator& generator) const override
    {
        const Shape pooled{input[0], 1, 1};
        Run squeeze = pointwisePart(m_squeezed, true)->build(tensors, prefix + "reduce.", pooled, InputUse::Own, generator);
        Run activate = activationPart(m_activation)->build(tensors, prefix, {m_squeezed, 1, 1}, InputUse::Own, generator);
        Run excite = pointwisePart(input[0], true)->build(tensors, prefix + "expand.", {m_squeezed, 1, 1}, InputUse::Own, generator);
        return [=, gate = m_gate](const Tensors& all, const at::Tensor& x, const ForwardContext& context) {
            static constexpr std::array<std::int64_t, 2> pixels{2, 3};
            const at::Tensor excited = excite(all, activate(all, squeeze(all, x.mean(pixels, true), context), context), context);
            return x * (gate == Gate::Sigmoid ? at::sigmoid(excited) : at::hardsigmoid(excited));
        };
    }

    std::string emitOnnx(OnnxEmitter& emitter, const std::string& input, const std::string& prefix, const Shape& shape) const override
    {
        const Shape squeezedShape{m_squeezed, 1, 1};
        const std::string means = emitter.node("GlobalAveragePool", {input});
        const std::string squeezed = pointwisePart(m_squeezed, true)->emitOnnx(emitter, means, prefix + "reduce.", {shape[0], 1, 1});
        const std::string active = activationPart(m_activation)->emitOnnx(emitter, squeezed, prefix, squeezedShape);
        const std::string excited = pointwisePart(shape[0], true)->emitOnnx(emitter, active, prefix + "expand.", squeezedShape);
        const std::string scale = m_gate == Gate::Sigmoid
            ? emitter.node("Sigmoid", {excited})
            : emitter.node("HardSigmoid", {excited}, {{"alpha", 1.0 / 6}, {"beta", 0.5}});
        return emitter.node("Mul", {input, scale});
    }

private:
    std::int64_t m_squeezed;
    ActivationKind m_activation;
    Gate m_gate;
};

/// The share of the channels that squeeze-excite squeezes them to, never none.
std::int64_t share(std::int64_t channels, double ratio)
{
    return std::max<std::int64_t>(1, static_cast<std::int64_t>(static_cast<double>(channels) * ratio));
}

class SqueezeExcite final : public ChainOperation {
public:
    SqueezeExcite()
        : ChainOperation({"squeeze-excite", "Squeeze and excite", "Convolution",
                          "Scales each channel by what two small layers make of the means of all channels (Hu 2018).", 1, 1,
                          {ParameterDescriptor::real("ratio", 0.25, 0.01, 1, "Size between the two layers as a share of the channels, rounded down."),
                           ParameterDescriptor::enumeration("activation", "relu", activationNames(), "Activation between the two layers."),
                           ParameterDescriptor::enumeration("gate", "sigmoid", {"sigmoid", "hard-sigmoid"},
                                                            "What makes the scale; MobileNetV3 takes the hard one.")}})
    {
    }

protected:
    Chain parts(const Shape& input, const Parameters& parameters) const override
    {
        Chain chain;
        chain.push_back({"", squeezeExcitePart(share(channelsOf(input), parameters.real("ratio")), activationKind(parameters.text("activation")),
                                               parameters.text("gate") == "sigmoid" ? Gate::Sigmoid : Gate::HardSigmoid)});
        return chain;
    }
};

class MobileConvolution final : public ChainOperation {
public:
    MobileConvolution()
        : ChainOperation({"mbconv", "Mobile inverted bottleneck", "Convolution",
                          "A 1×1 convolution to more channels, a depthwise one, and a 1×1 one without activation, around a shortcut where the "
                          "shapes allow it (MobileNetV2, MnasNet, ProxylessNAS).", 1, 1,
                          joined({{optionalChannelsParameter()}, windowParameters(3, 1),
                                  {ParameterDescriptor::real("expansion", 6, 1, 10, "Channels inside as a multiple of the input's; 1: no first convolution."),
                                   ParameterDescriptor::real("se_ratio", 0, 0, 1,
                                                             "Squeeze-excite after the depthwise convolution, as a share of the input's channels; 0: none."),
                                   ParameterDescriptor::enumeration("activation", "relu6", activationNames(), "Activation inside; 'silu' is also called swish."),
                                   ParameterDescriptor::boolean("residual", true, "Whether the input is added where size and channels stay.")}})})
    {
    }

protected:
    Chain parts(const Shape& input, const Parameters& parameters) const override
    {
        const std::int64_t inputChannels = channelsOf(input);
        const std::int64_t channels = outputChannels(parameters, input);
        const double expansion = parameters.real("expansion");
        const std::int64_t inside = std::llround(static_cast<double>(inputChannels) * expansion);
        const ActivationKind activation = activationKind(parameters.text("activation"));
        const Window window = Window::from(parameters);

        Chain block;
        const auto activated = [&](const std::string& name, std::unique_ptr<Part> convolution) {
            block.push_back({name + ".conv.", std::move(convolution)});
            block.push_back({name + ".norm.", normPart({})});
            block.push_back({"", activationPart(activation)});
        };
        if (expansion > 1)
            activated("expand", pointwisePart(inside, false));
        activated("depthwise", depthwisePart(inside, 1, window, false));
        if (const double ratio = parameters.real("se_ratio"); ratio > 0)
            block.push_back({"squeeze_excite.", squeezeExcitePart(share(inputChannels, ratio), activation, Gate::Sigmoid)});
        block.push_back({"project.conv.", pointwisePart(channels, false)});
        block.push_back({"project.norm.", normPart({})});

        if (!parameters.boolean("residual") || window.stride != 1 || channels != inputChannels)
            return block;
        Chain chain;
        chain.push_back({"", residualPart(std::move(block))});
        return chain;
    }
};

} // namespace

std::unique_ptr<Part> squeezeExcitePart(std::int64_t squeezed, ActivationKind activation, Gate gate)
{
    return std::make_unique<SqueezeExcitePart>(squeezed, activation, gate);
}

std::unique_ptr<Operation> squeezeExcite()
{
    return std::make_unique<SqueezeExcite>();
}

std::unique_ptr<Operation> mobileConvolution()
{
    return std::make_unique<MobileConvolution>();
}

} // namespace archscope::ops
