// The fully connected layer, dropout, and the two linear layers of a Transformer's block.
#include "core/ops/builtin.h"
#include "core/ops/parts_torch.h"

namespace archscope::ops {

namespace {

class LinearPart final : public Part {
public:
    LinearPart(std::int64_t features, bool bias) : m_features(features), m_bias(bias) {}

    Result<Shape> outputShape(const Shape& input, std::string_view operation) const override
    {
        ARCHSCOPE_TRY(expectFeatures(input, operation));
        ARCHSCOPE_TRY(bounded({input.back(), m_features}, operation));
        Shape output = input;
        output.back() = m_features;
        return bounded(std::move(output), operation);
    }

    Cost cost(const Shape& input, const Shape& output) const override
    {
        return {input.back() * m_features + (m_bias ? m_features : 0), input.back() * elementCount(output)};
    }

    Run build(Tensors& tensors, const std::string& prefix, const Shape& input, InputUse, const at::Generator& generator) const override
    {
        const std::size_t first = tensors.size();
        const std::int64_t fanIn = input.back();
        tensors.push_back({prefix + "weight", kaimingUniform({m_features, fanIn}, fanIn, generator).set_requires_grad(true)});
        if (m_bias)
            tensors.push_back({prefix + "bias", kaimingUniform({m_features}, fanIn, generator).set_requires_grad(true), true, false});
        return [first, bias = m_bias](const Tensors& all, const at::Tensor& x, const ForwardContext&) {
            return at::linear(x, all[first].tensor, bias ? all[first + 1].tensor : at::Tensor());
        };
    }

    std::string emitOnnx(OnnxEmitter& emitter, const std::string& input, const std::string& prefix, const Shape& shape) const override
    {
        return emitLinear(emitter, input, emitter.weight(prefix + "weight"), m_bias ? emitter.weight(prefix + "bias") : std::string(), shape);
    }

private:
    std::int64_t m_features;
    bool m_bias;
};

class DropoutPart final : public Part {
public:
    explicit DropoutPart(double rate) : m_rate(rate) {}

    Result<Shape> outputShape(const Shape& input, std::string_view) const override { return input; }
    Cost cost(const Shape&, const Shape&) const override { return {}; }

    Run build(Tensors&, const std::string&, const Shape&, InputUse, const at::Generator&) const override
    {
        return [rate = m_rate](const Tensors&, const at::Tensor& x, const ForwardContext& context) { return dropped(x, rate, context); };
    }

    std::string emitOnnx(OnnxEmitter&, const std::string& input, const std::string&, const Shape&) const override { return input; }

private:
    double m_rate;
};

class Linear final : public ChainOperation {
public:
    Linear()
        : ChainOperation({"linear", "Linear", "Linear", "A fully connected layer on a vector, or on each step of a sequence.", 1, 1,
                          {ParameterDescriptor::integer("features", 64, 1, 1'000'000, "Output features."),
                           ParameterDescriptor::boolean("bias", true, "Whether each feature has a bias.")}})
    {
    }

protected:
    Chain parts(const Shape&, const Parameters& parameters) const override
    {
        Chain chain;
        chain.push_back({"", linearPart(parameters.integer("features"), parameters.boolean("bias"))});
        return chain;
    }
};

class FeedForward final : public ChainOperation {
public:
    FeedForward()
        : ChainOperation({"feed-forward", "Feed-forward block", "Linear",
                          "Two linear layers with an activation between them, on a vector or on each step of a sequence (Vaswani 2017).", 1, 1,
                          {ParameterDescriptor::integer("expansion", 4, 1, 64, "Width between the layers, in multiples of the input's features.", "×"),
                           ParameterDescriptor::enumeration("activation", "relu", activationNames(), "Function between the layers."),
                           dropoutParameter("dropout", 0, "Share of the numbers between the layers that are dropped while training.")}})
    {
    }

protected:
    Chain parts(const Shape& input, const Parameters& parameters) const override
    {
        Chain chain;
        chain.push_back({"linear1.", linearPart(input.back() * parameters.integer("expansion"), true)});
        chain.push_back({"activation.", activationPart(activationKind(parameters.text("activation")))});
        chain.push_back({"dropout.", dropoutPart(parameters.real("dropout"))});
        chain.push_back({"linear2.", linearPart(input.back(), true)});
        return chain;
    }
};

class Dropout final : public ChainOperation {
public:
    Dropout()
        : ChainOperation({"dropout", "Dropout", "Regularisation", "Drops numbers at random while training (Srivastava 2014).", 1, 1,
                          {dropoutParameter("rate", 0.2, "Share of the numbers that are dropped.")}})
    {
    }

protected:
    Chain parts(const Shape&, const Parameters& parameters) const override
    {
        Chain chain;
        chain.push_back({"", dropoutPart(parameters.real("rate"))});
        return chain;
    }
};

} // namespace

std::unique_ptr<Part> linearPart(std::int64_t features, bool bias)
{
    return std::make_unique<LinearPart>(features, bias);
}

std::unique_ptr<Part> dropoutPart(double rate)
{
    return std::make_unique<DropoutPart>(rate);
}

at::Tensor dropped(const at::Tensor& values, double rate, const ForwardContext& context)
{
    if (!context.training || rate == 0)
        return values;
    const double keep = 1 - rate;
    return values * at::empty_like(values).bernoulli_(keep, context.generator).div_(keep);
}

ParameterDescriptor dropoutParameter(std::string name, double fallback, std::string help)
{
    return ParameterDescriptor::real(std::move(name), fallback, 0, 0.9, std::move(help));
}

std::string emitLinear(OnnxEmitter& emitter, const std::string& input, const std::string& weight, const std::string& bias, const Shape& shape)
{
    if (isVector(shape)) {
        std::vector<std::string> arguments{input, weight};
        if (!bias.empty())
            arguments.push_back(bias);
        return emitter.node("Gemm", std::move(arguments), {{"transB", std::int64_t{1}}});
    }
    const std::string turned = emitter.node("Transpose", {weight}, {{"perm", std::vector<std::int64_t>{1, 0}}});
    const std::string product = emitter.node("MatMul", {input, turned});
    return bias.empty() ? product : emitter.node("Add", {product, bias});
}

std::unique_ptr<Operation> linear()
{
    return std::make_unique<Linear>();
}

std::unique_ptr<Operation> feedForward()
{
    return std::make_unique<FeedForward>();
}

std::unique_ptr<Operation> dropout()
{
    return std::make_unique<Dropout>();
}

} // namespace archscope::ops
