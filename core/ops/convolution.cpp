// Convolutions: plain, in a block with norm and activation, depthwise, separable, factorised.
#include "core/ops/builtin.h"
#include "core/ops/parts_torch.h"

namespace archscope::ops {

namespace {

ParameterDescriptor channelsParameter()
{
    return ParameterDescriptor::integer("channels", 16, 1, 4096, "Output channels.");
}

ParameterDescriptor groupsParameter()
{
    return ParameterDescriptor::integer("groups", 1, 1, 4096, "Groups of channels that do not mix; must divide input and output channels.");
}

ParameterDescriptor biasParameter()
{
    return ParameterDescriptor::boolean("bias", false, "Whether each output channel has a bias.");
}

/// A bias beside a normalisation does nothing; without one it is needed.
bool biasIsNeeded(const Parameters& parameters)
{
    return parameters.text("norm") == "none";
}

class Convolution final : public ChainOperation {
public:
    Convolution()
        : ChainOperation({"conv", "Convolution", "Convolution", "A plain convolution, without normalisation or activation.", 1, 1,
                          joined({{channelsParameter()}, windowParameters(3, 1),
                                  {dilationParameter(), groupsParameter(), biasParameter(), paddingParameter()}})})
    {
    }

protected:
    Chain parts(const Shape&, const Parameters& parameters) const override
    {
        Chain chain;
        chain.push_back({"", convolutionPart({parameters.integer("channels"), Window::from(parameters), parameters.integer("groups"),
                                              parameters.boolean("bias")})});
        return chain;
    }
};

class ConvolutionBlock final : public ChainOperation {
public:
    ConvolutionBlock()
        : ChainOperation({"conv-block", "Convolution block", "Convolution", "A convolution, normalised and activated: the usual unit of a CNN.", 1, 1,
                          joined({{channelsParameter()}, windowParameters(3, 1), {dilationParameter(), groupsParameter()},
                                  blockParameters()})})
    {
    }

protected:
    Chain parts(const Shape& input, const Parameters& parameters) const override
    {
        const std::int64_t channels = parameters.integer("channels");
        Chain chain;
        chain.push_back({"conv.", convolutionPart({channels, Window::from(parameters), parameters.integer("groups"), biasIsNeeded(parameters)})});
        return blockOf(std::move(chain), parameters, channelsOf(input), channels);
    }
};

class DepthwiseConvolution final : public ChainOperation {
public:
    DepthwiseConvolution()
        : ChainOperation({"depthwise-conv", "Depthwise convolution", "Convolution", "A convolution of each channel by itself.", 1, 1,
                          joined({windowParameters(3, 1),
                                  {dilationParameter(), ParameterDescriptor::integer("multiplier", 1, 1, 16, "Outputs from each channel."),
                                   biasParameter(), paddingParameter()}})})
    {
    }

protected:
    Chain parts(const Shape& input, const Parameters& parameters) const override
    {
        Chain chain;
        chain.push_back({"", depthwisePart(channelsOf(input), parameters.integer("multiplier"), Window::from(parameters), parameters.boolean("bias"))});
        return chain;
    }
};

class SeparableConvolution final : public ChainOperation {
public:
    SeparableConvolution()
        : ChainOperation({"separable-conv", "Separable convolution", "Convolution",
                          "A depthwise convolution and a 1×1 convolution, normalised and activated (Chollet 2017). DARTS's sep_conv is it twice in "
                          "the order act-conv-norm, its dil_conv once with dilation 2.", 1, 1,
                          joined({{channelsParameter()}, windowParameters(3, 1), {dilationParameter()}, blockParameters(),
                                  {ParameterDescriptor::integer("repeats", 1, 1, 4,
                                                                "How often, one after the other: the first has the stride, the last the output channels.")}})})
    {
    }

protected:
    Chain parts(const Shape& input, const Parameters& parameters) const override
    {
        const std::int64_t repeats = parameters.integer("repeats");
        if (repeats == 1)
            return once(parameters, channelsOf(input), parameters.integer("channels"), Window::from(parameters));
        Chain chain;
        Window window = Window::from(parameters);
        for (std::int64_t i = 1; i <= repeats; ++i) {
            const std::int64_t channels = i == repeats ? parameters.integer("channels") : channelsOf(input);
            chain.push_back({std::to_string(i) + ".", chainPart(once(parameters, channelsOf(input), channels, window))});
            window.stride = 1;
        }
        return chain;
    }

private:
    static Chain once(const Parameters& parameters, std::int64_t inputChannels, std::int64_t channels, const Window& window)
    {
        Chain chain;
        chain.push_back({"depthwise.", depthwisePart(inputChannels, 1, window, false)});
        chain.push_back({"pointwise.", pointwisePart(channels, biasIsNeeded(parameters))});
        return blockOf(std::move(chain), parameters, inputChannels, channels);
    }
};

/// A k×k window for the work of two lines of k.
class FactorizedConvolution final : public ChainOperation {
public:
    FactorizedConvolution()
        : ChainOperation({"factorized-conv", "Factorised convolution", "Convolution",
                          "A 1×k convolution, then a k×1 convolution, normalised and activated (Inception, NASNet's 1×7 then 7×1).", 1, 1,
                          joined({{channelsParameter()}, windowParameters(7, 1), blockParameters()})})
    {
    }

protected:
    Chain parts(const Shape& input, const Parameters& parameters) const override
    {
        const std::int64_t channels = parameters.integer("channels");
        const Window window = Window::from(parameters);
        Chain chain;
        chain.push_back({"rows.", convolutionPart({channels, {Window{}, window}, 1, false})});
        chain.push_back({"columns.", convolutionPart({channels, {window, Window{}}, 1, biasIsNeeded(parameters)})});
        return blockOf(std::move(chain), parameters, channelsOf(input), channels);
    }
};

} // namespace

std::unique_ptr<Operation> convolution()
{
    return std::make_unique<Convolution>();
}

std::unique_ptr<Operation> convolutionBlock()
{
    return std::make_unique<ConvolutionBlock>();
}

std::unique_ptr<Operation> depthwiseConvolution()
{
    return std::make_unique<DepthwiseConvolution>();
}

std::unique_ptr<Operation> separableConvolution()
{
    return std::make_unique<SeparableConvolution>();
}

std::unique_ptr<Operation> factorizedConvolution()
{
    return std::make_unique<FactorizedConvolution>();
}

} // namespace archscope::ops
