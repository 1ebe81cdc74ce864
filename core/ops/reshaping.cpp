// Operations without arithmetic: flatten, identity, zero.
#include "core/ops/builtin.h"
#include "core/ops/parts_torch.h"

namespace archscope::ops {

namespace {

class Flatten final : public DescribedOperation {
public:
    Flatten() : DescribedOperation({"flatten", "Flatten", "Shape", "All numbers of a sample as one vector.", 1, 1, {}}) {}

    Result<Shape> outputShape(std::span<const Shape> inputs, const Parameters&) const override { return Shape{elementCount(inputs.front())}; }

    std::unique_ptr<Module> module(std::span<const Shape>, const Parameters&, const at::Generator&) const override
    {
        return functionModule([](std::span<const at::Tensor> values, const ForwardContext&) { return values.front().flatten(1); });
    }

    std::string emitOnnx(OnnxEmitter& emitter, const std::vector<std::string>& inputs, std::span<const Shape>, const Parameters&) const override
    {
        return emitter.node("Flatten", inputs, {{"axis", std::int64_t{1}}});
    }
};

class Identity final : public DescribedOperation {
public:
    Identity() : DescribedOperation({"identity", "Identity", "Structure", "Passes its input on.", 1, 1, {}}) {}

    Result<Shape> outputShape(std::span<const Shape> inputs, const Parameters&) const override { return inputs.front(); }

    std::unique_ptr<Module> module(std::span<const Shape>, const Parameters&, const at::Generator&) const override
    {
        return functionModule([](std::span<const at::Tensor> values, const ForwardContext&) { return values.front(); });
    }

    std::string emitOnnx(OnnxEmitter&, const std::vector<std::string>& inputs, std::span<const Shape>, const Parameters&) const override
    {
        return inputs.front();
    }
};

class Zero final : public DescribedOperation {
public:
    Zero()
        : DescribedOperation({"zero", "Zero", "Structure", "Cuts a connection: zeros of its input's shape, or of a smaller image.", 1, 1,
                              {ParameterDescriptor::integer("stride", 1, 1, 4, "2 halves height and width, as the other operations on that edge do.", "px")}})
    {
    }

    Result<Shape> outputShape(std::span<const Shape> inputs, const Parameters& parameters) const override
    {
        const Shape& input = inputs.front();
        if (parameters.integer("stride") == 1)
            return input;
        ARCHSCOPE_TRY(expectImage(input, descriptor().name));
        return windowOutput(window(parameters), input, input[0], descriptor().name);
    }

    std::unique_ptr<Module> module(std::span<const Shape>, const Parameters& parameters, const at::Generator&) const override
    {
        // A product keeps the graph connected, so that what lies before it has (zero) gradients.
        return functionModule([stride = parameters.integer("stride")](std::span<const at::Tensor> values, const ForwardContext&) {
            const at::Tensor& x = values.front();
            return stride == 1 ? x * 0 : x.slice(2, 0, x.size(2), stride).slice(3, 0, x.size(3), stride) * 0;
        });
    }

    std::string emitOnnx(OnnxEmitter& emitter, const std::vector<std::string>& inputs, std::span<const Shape> inputShapes,
                         const Parameters& parameters) const override
    {
        const std::string pixels = parameters.integer("stride") == 1
            ? inputs.front()
            : emitter.node("MaxPool", inputs, windowAttributes(window(parameters), inputShapes.front()));
        return emitter.node("Mul", {pixels, emitter.scalar(0)});
    }

private:
    static Window window(const Parameters& parameters) { return {1, parameters.integer("stride"), 1, Padding::Same}; }
};

} // namespace

std::unique_ptr<Operation> flatten()
{
    return std::make_unique<Flatten>();
}

std::unique_ptr<Operation> identity()
{
    return std::make_unique<Identity>();
}

std::unique_ptr<Operation> zero()
{
    return std::make_unique<Zero>();
}

} // namespace archscope::ops
