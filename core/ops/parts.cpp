#include "core/ops/parts_torch.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace archscope::ops {

namespace {

class PartModule final : public Module {
public:
    PartModule(const Part& part, const Shape& input, const at::Generator& generator)
        : m_run(part.build(tensors(), {}, input, InputUse::Shared, generator))
    {
    }
    at::Tensor forward(std::span<const at::Tensor> inputs, const ForwardContext& context) override
    {
        return m_run(tensors(), inputs.front(), context);
    }

private:
    Part::Run m_run;
};

class FunctionModule final : public Module {
public:
    using Function = std::function<at::Tensor(std::span<const at::Tensor>, const ForwardContext&)>;
    explicit FunctionModule(Function function) : m_function(std::move(function)) {}
    at::Tensor forward(std::span<const at::Tensor> inputs, const ForwardContext& context) override { return m_function(inputs, context); }

private:
    Function m_function;
};

} // namespace

at::Tensor kaimingUniform(at::IntArrayRef sizes, std::int64_t fanIn, at::Generator generator)
{
    const double bound = 1 / std::sqrt(static_cast<double>(fanIn));
    return at::empty(sizes).uniform_(-bound, bound, std::move(generator));
}

at::Tensor kaimingNormalFanOut(at::IntArrayRef sizes, std::int64_t fanOut, at::Generator generator)
{
    return at::empty(sizes).normal_(0, std::sqrt(2 / static_cast<double>(fanOut)), std::move(generator));
}

std::unique_ptr<Module> functionModule(FunctionModule::Function function)
{
    return std::make_unique<FunctionModule>(std::move(function));
}

std::unique_ptr<Module> partModule(const Part& part, const Shape& input, const at::Generator& generator)
{
    return std::make_unique<PartModule>(part, input, generator);
}

std::int64_t channelsOf(const Shape& input)
{
    return input.empty() ? 1 : input[featureAxis(input)];
}

ParameterDescriptor optionalChannelsParameter()
{
    return ParameterDescriptor::integer("channels", 0, 0, 4096, "Output channels; 0: as many as the input has.");
}

std::int64_t outputChannels(const Parameters& parameters, const Shape& input)
{
    const std::int64_t channels = parameters.integer("channels");
    return channels > 0 ? channels : channelsOf(input);
}

ParameterDescriptor affineParameter()
{
    return ParameterDescriptor::boolean("affine", true, "Whether the normalisation has a trained scale and shift of each channel.");
}

std::vector<ParameterDescriptor> joined(std::vector<std::vector<ParameterDescriptor>> lists)
{
    std::vector<ParameterDescriptor> all;
    for (std::vector<ParameterDescriptor>& list : lists)
        all.insert(all.end(), list.begin(), list.end());
    return all;
}

std::vector<ParameterDescriptor> blockParameters()
{
    std::vector<std::string> activations = activationNames();
    activations.push_back("none");
    return {ParameterDescriptor::enumeration("norm", "batch", {"batch", "group", "layer", "none"},
                                             "Normalisation beside the convolution; 'group' makes gcd(channels, 8) groups."),
            ParameterDescriptor::enumeration("activation", "relu", std::move(activations), "Activation of the block."), affineParameter(),
            ParameterDescriptor::enumeration("order", "conv-norm-act", {"conv-norm-act", "act-conv-norm", "norm-act-conv"},
                                             "Order of the pieces; DARTS and NAS-Bench-201 activate first.")};
}

namespace {

void appendNorm(Chain& chain, const Parameters& parameters, std::int64_t channels)
{
    const bool affine = parameters.boolean("affine");
    const std::string& norm = parameters.text("norm");
    if (norm == "batch")
        chain.push_back({"norm.", normPart({.kind = NormKind::Batch, .affine = affine})});
    else if (norm == "group")
        chain.push_back({"norm.", normPart({.kind = NormKind::Group, .groups = std::gcd(channels, std::int64_t{8}), .affine = affine})});
    else if (norm == "layer")
        chain.push_back({"norm.", normPart({.kind = NormKind::Layer, .affine = affine})});
}

void appendActivation(Chain& chain, const Parameters& parameters)
{
    if (const std::string& activation = parameters.text("activation"); activation != "none")
        chain.push_back({"activation.", activationPart(activationKind(activation))});
}

} // namespace

Chain blockOf(Chain convolutions, const Parameters& parameters, std::int64_t inputChannels, std::int64_t channels)
{
    const std::string& order = parameters.text("order");
    Chain chain;
    if (order == "norm-act-conv")
        appendNorm(chain, parameters, inputChannels);
    if (order != "conv-norm-act")
        appendActivation(chain, parameters);
    std::ranges::move(convolutions, std::back_inserter(chain));
    if (order != "norm-act-conv")
        appendNorm(chain, parameters, channels);
    if (order == "conv-norm-act")
        appendActivation(chain, parameters);
    return chain;
}

Result<Shape> ChainOperation::outputShape(std::span<const Shape> inputs, const Parameters& parameters) const
{
    return chainPart(parts(inputs.front(), parameters))->outputShape(inputs.front(), descriptor().name);
}

Cost ChainOperation::cost(std::span<const Shape> inputs, const Shape& output, const Parameters& parameters) const
{
    return chainPart(parts(inputs.front(), parameters))->cost(inputs.front(), output);
}

std::unique_ptr<Module> ChainOperation::module(std::span<const Shape> inputs, const Parameters& parameters,
                                               const at::Generator& generator) const
{
    return partModule(*chainPart(parts(inputs.front(), parameters)), inputs.front(), generator);
}

std::string ChainOperation::emitOnnx(OnnxEmitter& emitter, const std::vector<std::string>& inputs, std::span<const Shape> inputShapes,
                                     const Parameters& parameters) const
{
    return chainPart(parts(inputShapes.front(), parameters))->emitOnnx(emitter, inputs.front(), {}, inputShapes.front());
}

} // namespace archscope::ops
