// drop-path: whole samples of a branch are left out while training.
#include "core/ops/builtin.h"
#include "core/ops/parts_torch.h"

namespace archscope::ops {

namespace {

class DropPath final : public DescribedOperation {
public:
    DropPath()
        : DescribedOperation({"drop-path", "Drop path", "Regularisation",
                              "Leaves a branch out for some samples while training, before it is added to others (Larsson 2017, NASNet).", 1, 1,
                              {ParameterDescriptor::real("probability", 0.2, 0, 0.9, "Share of the samples that are left out.")}})
    {
    }

    Result<Shape> outputShape(std::span<const Shape> inputs, const Parameters&) const override { return inputs.front(); }

    std::unique_ptr<Module> module(std::span<const Shape>, const Parameters& parameters, const at::Generator&) const override
    {
        return functionModule([keep = 1 - parameters.real("probability")](std::span<const at::Tensor> values, const ForwardContext& context) {
            const at::Tensor& x = values.front();
            if (!context.training || keep == 1)
                return x;
            std::vector<std::int64_t> onePerSample(static_cast<std::size_t>(x.dim()), 1);
            onePerSample.front() = x.size(0);
            return x * at::empty(onePerSample, x.options()).bernoulli_(keep, context.generator).div_(keep);
        });
    }

    std::string emitOnnx(OnnxEmitter&, const std::vector<std::string>& inputs, std::span<const Shape>, const Parameters&) const override
    {
        return inputs.front();
    }
};

} // namespace

std::unique_ptr<Operation> dropPath()
{
    return std::make_unique<DropPath>();
}

} // namespace archscope::ops
