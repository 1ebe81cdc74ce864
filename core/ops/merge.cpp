// Several inputs into one: sum, mean, product, concatenation.
#include "core/ops/builtin.h"
#include "core/ops/parts_torch.h"

#include <fmt/format.h>

namespace archscope::ops {

namespace {

enum class MergeKind { Add, Mean, Multiply };

class Merge final : public DescribedOperation {
public:
    Merge(MergeKind kind, OperationDescriptor descriptor) : DescribedOperation(std::move(descriptor)), m_kind(kind) {}

    Result<Shape> outputShape(std::span<const Shape> inputs, const Parameters&) const override
    {
        ARCHSCOPE_TRY(expectOneShape(inputs, descriptor().name));
        return inputs.front();
    }

    std::unique_ptr<Module> module(std::span<const Shape>, const Parameters&, const at::Generator&) const override
    {
        return functionModule([kind = m_kind](std::span<const at::Tensor> values, const ForwardContext&) {
            if (values.size() == 1)
                return values.front();
            at::Tensor result = kind == MergeKind::Multiply ? values[0] * values[1] : values[0] + values[1];
            for (const at::Tensor& value : values.subspan(2)) {
                if (kind == MergeKind::Multiply)
                    result = result * value;
                else
                    result += value; // in place: the gradient of a sum needs no partial sum
            }
            return kind == MergeKind::Mean ? result.div_(static_cast<double>(values.size())) : result;
        });
    }

    std::string emitOnnx(OnnxEmitter& emitter, const std::vector<std::string>& inputs, std::span<const Shape>, const Parameters&) const override
    {
        std::string result = inputs.front();
        for (std::size_t i = 1; i < inputs.size(); ++i)
            result = emitter.node(m_kind == MergeKind::Multiply ? "Mul" : "Add", {result, inputs[i]});
        if (m_kind == MergeKind::Mean && inputs.size() > 1)
            result = emitter.node("Mul", {result, emitter.scalar(1.0 / static_cast<double>(inputs.size()))});
        return result;
    }

private:
    MergeKind m_kind;
};

class Concat final : public DescribedOperation {
public:
    Concat()
        : DescribedOperation({"concat", "Concatenate", "Merge", "Channels (or features, in sequences those of each step) of all inputs, one after the other.", 1,
                              OperationDescriptor::anyInputs, {}})
    {
    }

    Result<Shape> outputShape(std::span<const Shape> inputs, const Parameters&) const override
    {
        Shape output = inputs.front();
        const std::size_t axis = featureAxis(output);
        for (const Shape& shape : inputs.subspan(1)) {
            bool fits = shape.size() == output.size();
            for (std::size_t i = 0; fits && i < shape.size(); ++i)
                fits = i == axis || shape[i] == output[i];
            if (!fits)
                return misfit(fmt::format("concat needs inputs that differ in their {} only, not {} and {}", axis == 0 ? "channels" : "features",
                                          space::shapeText(inputs.front()), space::shapeText(shape)));
            output[axis] += shape[axis];
        }
        return bounded(std::move(output), descriptor().name);
    }

    std::unique_ptr<Module> module(std::span<const Shape> inputs, const Parameters&, const at::Generator&) const override
    {
        return functionModule([dimension = batchedFeatureAxis(inputs.front())](std::span<const at::Tensor> values, const ForwardContext&) {
            return at::cat(at::TensorList(values.data(), values.size()), dimension);
        });
    }

    std::string emitOnnx(OnnxEmitter& emitter, const std::vector<std::string>& inputs, std::span<const Shape> inputShapes,
                         const Parameters&) const override
    {
        return emitter.node("Concat", inputs, {{"axis", batchedFeatureAxis(inputShapes.front())}});
    }
};

} // namespace

std::unique_ptr<Operation> add()
{
    return std::make_unique<Merge>(MergeKind::Add, OperationDescriptor{"add", "Add", "Merge", "The sum of inputs of one shape.", 1, OperationDescriptor::anyInputs, {}});
}

std::unique_ptr<Operation> mean()
{
    return std::make_unique<Merge>(MergeKind::Mean, OperationDescriptor{"mean", "Mean", "Merge", "The mean of inputs of one shape.", 1, OperationDescriptor::anyInputs, {}});
}

std::unique_ptr<Operation> multiply()
{
    return std::make_unique<Merge>(MergeKind::Multiply, OperationDescriptor{"multiply", "Multiply", "Merge", "The product of inputs of one shape, number by number.", 1, OperationDescriptor::anyInputs, {}});
}

std::unique_ptr<Operation> concat()
{
    return std::make_unique<Concat>();
}

} // namespace archscope::ops
