// Convolutions: plain, in a block with norm and activation, depthwise, separable.
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

std::vector<ParameterDescriptor> joined(std::vector<std::vector<ParameterDescriptor>> lists)
{
    std::vector<ParameterDescriptor> all;
    for (std::vector<ParameterDescriptor>& list : lists)
        all.insert(all.end(), list.begin(), list.end());
    return all;
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
                                  normAndActivationParameters()})})
    {
    }

protected:
    Chain parts(const Shape&, const Parameters& parameters) const override
    {
        // A bias before a normalisation does nothing; without one it is needed.
        const std::int64_t channels = parameters.integer("channels");
        Chain chain;
        chain.push_back({"conv.", convolutionPart({channels, Window::from(parameters), parameters.integer("groups"), parameters.text("norm") == "none"})});
        appendNormAndActivation(chain, parameters, channels);
        return chain;
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
        const std::int64_t channels = isImage(input) ? input[0] : 1;
        chain.push_back({"", depthwisePart(channels, parameters.integer("multiplier"), Window::from(parameters), parameters.boolean("bias"))});
        return chain;
    }
};

class SeparableConvolution final : public ChainOperation {
public:
    SeparableConvolution()
        : ChainOperation({"separable-conv", "Separable convolution", "Convolution",
                          "A depthwise convolution and a 1×1 convolution, normalised and activated (Chollet 2017).", 1, 1,
                          joined({{channelsParameter()}, windowParameters(3, 1), {dilationParameter()}, normAndActivationParameters()})})
    {
    }

protected:
    Chain parts(const Shape& input, const Parameters& parameters) const override
    {
        const std::int64_t channels = parameters.integer("channels");
        Chain chain;
        chain.push_back({"depthwise.", depthwisePart(isImage(input) ? input[0] : 1, 1, Window::from(parameters), false)});
        chain.push_back({"pointwise.", pointwisePart(channels, parameters.text("norm") == "none")});
        appendNormAndActivation(chain, parameters, channels);
        return chain;
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

} // namespace archscope::ops
