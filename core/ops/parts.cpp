#include "core/ops/parts_torch.h"

#include <cassert>
#include <cmath>
#include <numeric>

namespace archscope::ops {

namespace {

class ChainModule final : public Module {
public:
    void append(const Part& part, const std::string& prefix, const Shape& input, const at::Generator& generator)
    {
        m_steps.push_back(part.build(tensors(), prefix, input, m_steps.empty() ? InputUse::Shared : InputUse::Own, generator));
    }

    at::Tensor forward(std::span<const at::Tensor> inputs, const ForwardContext& context) override
    {
        at::Tensor value = m_steps.front()(tensors(), inputs.front(), context);
        for (std::size_t i = 1; i < m_steps.size(); ++i)
            value = m_steps[i](tensors(), value, context);
        return value;
    }

private:
    std::vector<Part::Run> m_steps;
};

class FunctionModule final : public Module {
public:
    using Function = std::function<at::Tensor(std::span<const at::Tensor>, const ForwardContext&)>;
    explicit FunctionModule(Function function) : m_function(std::move(function)) {}
    at::Tensor forward(std::span<const at::Tensor> inputs, const ForwardContext& context) override { return m_function(inputs, context); }

private:
    Function m_function;
};

Shape fitted(const Part& part, const Shape& input)
{
    Result<Shape> output = part.outputShape(input, {});
    assert(output); // the caller has been told before that the shapes fit
    return *std::move(output);
}

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

std::vector<ParameterDescriptor> normAndActivationParameters()
{
    std::vector<std::string> activations = activationNames();
    activations.push_back("none");
    return {ParameterDescriptor::enumeration("norm", "batch", {"batch", "group", "layer", "none"},
                                             "Normalisation after the convolution; 'group' makes gcd(channels, 8) groups."),
            ParameterDescriptor::enumeration("activation", "relu", std::move(activations), "Activation at the end.")};
}

void appendNormAndActivation(Chain& chain, const Parameters& parameters, std::int64_t channels)
{
    const std::string& norm = parameters.text("norm");
    if (norm == "batch")
        chain.push_back({"norm.", normPart({.kind = NormKind::Batch})});
    else if (norm == "group")
        chain.push_back({"norm.", normPart({.kind = NormKind::Group, .groups = std::gcd(channels, std::int64_t{8})})});
    else if (norm == "layer")
        chain.push_back({"norm.", normPart({.kind = NormKind::Layer})});
    if (const std::string& activation = parameters.text("activation"); activation != "none")
        chain.push_back({"activation.", activationPart(activationKind(activation))});
}

Result<Shape> ChainOperation::outputShape(std::span<const Shape> inputs, const Parameters& parameters) const
{
    Shape shape = inputs.front();
    for (const NamedPart& piece : parts(inputs.front(), parameters)) {
        ARCHSCOPE_ASSIGN(shape, piece.part->outputShape(shape, descriptor().name));
    }
    return shape;
}

Cost ChainOperation::cost(std::span<const Shape> inputs, const Shape&, const Parameters& parameters) const
{
    Cost cost;
    Shape shape = inputs.front();
    for (const NamedPart& piece : parts(inputs.front(), parameters)) {
        Shape output = fitted(*piece.part, shape);
        cost += piece.part->cost(shape, output);
        shape = std::move(output);
    }
    return cost;
}

std::unique_ptr<Module> ChainOperation::module(std::span<const Shape> inputs, const Parameters& parameters,
                                               const at::Generator& generator) const
{
    auto module = std::make_unique<ChainModule>();
    Shape shape = inputs.front();
    for (const NamedPart& piece : parts(inputs.front(), parameters)) {
        module->append(*piece.part, piece.prefix, shape, generator);
        shape = fitted(*piece.part, shape);
    }
    return module;
}

std::string ChainOperation::emitOnnx(OnnxEmitter& emitter, const std::vector<std::string>& inputs, std::span<const Shape> inputShapes,
                                     const Parameters& parameters) const
{
    std::string value = inputs.front();
    Shape shape = inputShapes.front();
    for (const NamedPart& piece : parts(inputShapes.front(), parameters)) {
        value = piece.part->emitOnnx(emitter, value, piece.prefix, shape);
        shape = fitted(*piece.part, shape);
    }
    return value;
}

} // namespace archscope::ops
