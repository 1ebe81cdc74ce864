// The fully connected layer, and dropout.
#include "core/ops/builtin.h"
#include "core/ops/parts_torch.h"

namespace archscope::ops {

namespace {

class LinearModule final : public Module {
public:
    LinearModule(std::int64_t in, std::int64_t out, bool bias, const at::Generator& generator)
    {
        add({"weight", kaimingUniform({out, in}, in, generator).set_requires_grad(true)});
        if (bias)
            add({"bias", kaimingUniform({out}, in, generator).set_requires_grad(true), true, false});
    }
    at::Tensor forward(std::span<const at::Tensor> inputs, const ForwardContext&) override
    {
        return at::linear(inputs.front(), at(0), tensors().size() > 1 ? at(1) : at::Tensor());
    }
};

class Linear final : public DescribedOperation {
public:
    Linear()
        : DescribedOperation({"linear", "Linear", "Linear", "A fully connected layer on a vector.", 1, 1,
                              {ParameterDescriptor::integer("features", 64, 1, 1'000'000, "Output features."),
                               ParameterDescriptor::boolean("bias", true, "Whether each feature has a bias.")}})
    {
    }

    Result<Shape> outputShape(std::span<const Shape> inputs, const Parameters& parameters) const override
    {
        ARCHSCOPE_TRY(expectVector(inputs.front(), descriptor().name));
        ARCHSCOPE_TRY(bounded({inputs.front()[0], parameters.integer("features")}, descriptor().name));
        return Shape{parameters.integer("features")};
    }

    Cost cost(std::span<const Shape> inputs, const Shape& output, const Parameters& parameters) const override
    {
        const std::int64_t weights = inputs.front()[0] * output[0];
        return {weights + (parameters.boolean("bias") ? output[0] : 0), weights};
    }

    std::unique_ptr<Module> module(std::span<const Shape> inputs, const Parameters& parameters, const at::Generator& generator) const override
    {
        return std::make_unique<LinearModule>(inputs.front()[0], parameters.integer("features"), parameters.boolean("bias"), generator);
    }

    std::string emitOnnx(OnnxEmitter& emitter, const std::vector<std::string>& inputs, std::span<const Shape>,
                         const Parameters& parameters) const override
    {
        std::vector<std::string> arguments{inputs.front(), emitter.weight("weight")};
        if (parameters.boolean("bias"))
            arguments.push_back(emitter.weight("bias"));
        return emitter.node("Gemm", std::move(arguments), {{"transB", std::int64_t{1}}});
    }
};

class Dropout final : public DescribedOperation {
public:
    Dropout()
        : DescribedOperation({"dropout", "Dropout", "Regularisation", "Drops numbers at random while training (Srivastava 2014).", 1, 1,
                              {ParameterDescriptor::real("rate", 0.2, 0, 0.9, "Share of the numbers that are dropped.")}})
    {
    }

    Result<Shape> outputShape(std::span<const Shape> inputs, const Parameters&) const override { return inputs.front(); }

    std::unique_ptr<Module> module(std::span<const Shape>, const Parameters& parameters, const at::Generator&) const override
    {
        return functionModule([keep = 1 - parameters.real("rate")](std::span<const at::Tensor> values, const ForwardContext& context) {
            const at::Tensor& x = values.front();
            if (!context.training || keep == 1)
                return x;
            return x * at::empty_like(x).bernoulli_(keep, context.generator).div_(keep);
        });
    }

    std::string emitOnnx(OnnxEmitter&, const std::vector<std::string>& inputs, std::span<const Shape>, const Parameters&) const override
    {
        return inputs.front();
    }
};

} // namespace

std::unique_ptr<Operation> linear()
{
    return std::make_unique<Linear>();
}

std::unique_ptr<Operation> dropout()
{
    return std::make_unique<Dropout>();
}

} // namespace archscope::ops
