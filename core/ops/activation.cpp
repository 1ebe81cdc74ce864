// activation: one function of each number.
#include "core/ops/builtin.h"
#include "core/ops/parts_torch.h"

#include <algorithm>
#include <cassert>
#include <numbers>

namespace archscope::ops {

namespace {

constexpr double leakySlope = 0.01;

at::Tensor activated(ActivationKind kind, const at::Tensor& x)
{
    switch (kind) {
    case ActivationKind::Relu:
        return at::relu(x);
    case ActivationKind::Relu6:
        return at::hardtanh(x, 0, 6);
    case ActivationKind::LeakyRelu:
        return at::leaky_relu(x, leakySlope);
    case ActivationKind::Elu:
        return at::elu(x);
    case ActivationKind::Gelu:
        return at::gelu(x);
    case ActivationKind::Silu:
        return at::silu(x);
    case ActivationKind::Tanh:
        return at::tanh(x);
    case ActivationKind::Sigmoid:
        return at::sigmoid(x);
    case ActivationKind::HardSwish:
        return at::hardswish(x);
    }
    return x;
}

/// Overwrites `x` where the gradient can be had from the result alone.
at::Tensor activatedInPlace(ActivationKind kind, at::Tensor x)
{
    switch (kind) {
    case ActivationKind::Relu:
        return at::relu_(x);
    case ActivationKind::Relu6:
        return at::hardtanh_(x, 0, 6);
    case ActivationKind::LeakyRelu:
        return at::leaky_relu_(x, leakySlope);
    case ActivationKind::Elu:
        return at::elu_(x);
    case ActivationKind::Tanh:
        return at::tanh_(x);
    case ActivationKind::Sigmoid:
        return at::sigmoid_(x);
    case ActivationKind::Gelu:
    case ActivationKind::Silu:
    case ActivationKind::HardSwish:
        break;
    }
    return activated(kind, x);
}

class ActivationPart final : public Part {
public:
    explicit ActivationPart(ActivationKind kind) : m_kind(kind) {}

    Result<Shape> outputShape(const Shape& input, std::string_view) const override { return input; }
    Cost cost(const Shape&, const Shape&) const override { return {}; }

    Run build(Tensors&, const std::string&, const Shape&, InputUse use, const at::Generator&) const override
    {
        return [kind = m_kind, use](const Tensors&, const at::Tensor& x, const ForwardContext& context) {
            at::Tensor result = use == InputUse::Own ? activatedInPlace(kind, x) : activated(kind, x);
            if (context.activations)
                (*context.activations)(result);
            return result;
        };
    }

    std::string emitOnnx(OnnxEmitter& emitter, const std::string& x, const std::string&, const Shape&) const override
    {
        switch (m_kind) {
        case ActivationKind::Relu:
            return emitter.node("Relu", {x});
        case ActivationKind::Relu6:
            return emitter.node("Clip", {x, emitter.scalar(0), emitter.scalar(6)});
        case ActivationKind::LeakyRelu:
            return emitter.node("LeakyRelu", {x}, {{"alpha", leakySlope}});
        case ActivationKind::Elu:
            return emitter.node("Elu", {x}, {{"alpha", 1.0}});
        case ActivationKind::Gelu: {
            const std::string erf = emitter.node("Erf", {emitter.node("Mul", {x, emitter.scalar(1 / std::numbers::sqrt2)})});
            const std::string twice = emitter.node("Mul", {x, emitter.node("Add", {erf, emitter.scalar(1)})});
            return emitter.node("Mul", {twice, emitter.scalar(0.5)});
        }
        case ActivationKind::Silu:
            return emitter.node("Mul", {x, emitter.node("Sigmoid", {x})});
        case ActivationKind::Tanh:
            return emitter.node("Tanh", {x});
        case ActivationKind::Sigmoid:
            return emitter.node("Sigmoid", {x});
        case ActivationKind::HardSwish:
            return emitter.node("HardSwish", {x});
        }
        return x;
    }

private:
    ActivationKind m_kind;
};

class ActivationOperation final : public ChainOperation {
public:
    ActivationOperation()
        : ChainOperation({"activation", "Activation", "Activation", "A function of each number by itself.", 1, 1,
                          {ParameterDescriptor::enumeration("kind", "relu", activationNames(), "Which function.")}})
    {
    }

protected:
    Chain parts(const Shape&, const Parameters& parameters) const override
    {
        Chain chain;
        chain.push_back({"", activationPart(activationKind(parameters.text("kind")))});
        return chain;
    }
};

} // namespace

const std::vector<std::string>& activationNames()
{
    static const std::vector<std::string> names{"relu", "relu6", "leaky-relu", "elu", "gelu", "silu", "tanh", "sigmoid", "hard-swish"};
    return names;
}

ActivationKind activationKind(const std::string& name)
{
    const auto& names = activationNames();
    const auto found = std::find(names.begin(), names.end(), name);
    assert(found != names.end()); // the descriptor lets nothing else through
    return static_cast<ActivationKind>(found - names.begin());
}

std::unique_ptr<Part> activationPart(ActivationKind kind)
{
    return std::make_unique<ActivationPart>(kind);
}

std::unique_ptr<Operation> activation()
{
    return std::make_unique<ActivationOperation>();
}

} // namespace archscope::ops
