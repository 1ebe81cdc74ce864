// Gates: one value decides how much of another passes.
#include "core/ops/builtin.h"
#include "core/ops/parts_torch.h"

#include <fmt/format.h>

namespace archscope::ops {

namespace {

class Glu final : public DescribedOperation {
public:
    Glu()
        : DescribedOperation({"glu", "Gated linear unit", "Activation",
                              "The first half of the channels or features, times the sigmoid of the second (Dauphin 2017).", 1, 1, {}})
    {
    }

    Result<Shape> outputShape(std::span<const Shape> inputs, const Parameters&) const override
    {
        ARCHSCOPE_TRY(expectChannels(inputs.front(), descriptor().name));
        Shape output = inputs.front();
        std::int64_t& features = output[featureAxis(output)];
        if (features % 2 != 0)
            return misfit(fmt::format("'{}' halves the channels or features, but gets {}; make their number even", descriptor().name,
                                      space::shapeText(inputs.front())));
        features /= 2;
        return output;
    }

    std::unique_ptr<Module> module(std::span<const Shape> inputs, const Parameters&, const at::Generator&) const override
    {
        return functionModule([axis = batchedFeatureAxis(inputs.front())](std::span<const at::Tensor> values, const ForwardContext&) {
            return at::glu(values.front(), axis);
        });
    }

    std::string emitOnnx(OnnxEmitter& emitter, const std::vector<std::string>& inputs, std::span<const Shape> inputShapes,
                         const Parameters&) const override
    {
        const Shape& shape = inputShapes.front();
        const std::int64_t features = shape[featureAxis(shape)];
        const std::string axis = emitter.integers({batchedFeatureAxis(shape)});
        const auto part = [&](std::int64_t from, std::int64_t to) {
            return emitter.node("Slice", {inputs.front(), emitter.integers({from}), emitter.integers({to}), axis});
        };
        const std::string value = part(0, features / 2);
        return emitter.node("Mul", {value, emitter.node("Sigmoid", {part(features / 2, features)})});
    }
};

class GateOperation final : public DescribedOperation {
public:
    GateOperation()
        : DescribedOperation({"gate", "Gate", "Merge",
                              "The first input g decides how much of the second, h, passes: g·h. With a third, x, the rest comes from it: "
                              "g·h + (1-g)·x, as in highway networks (Srivastava 2015) and ENAS cells.",
                              2, 3,
                              {ParameterDescriptor::boolean("sigmoid", true, "Whether g is the first input's sigmoid, not the input itself.")}})
    {
    }

    Result<Shape> outputShape(std::span<const Shape> inputs, const Parameters&) const override
    {
        ARCHSCOPE_TRY(expectOneShape(inputs, descriptor().name));
        return inputs.front();
    }

    std::unique_ptr<Module> module(std::span<const Shape>, const Parameters& parameters, const at::Generator&) const override
    {
        return functionModule([squashed = parameters.boolean("sigmoid")](std::span<const at::Tensor> values, const ForwardContext&) {
            const at::Tensor gate = squashed ? values[0].sigmoid() : values[0];
            return values.size() == 2 ? gate * values[1] : at::lerp(values[2], values[1], gate);
        });
    }

    std::string emitOnnx(OnnxEmitter& emitter, const std::vector<std::string>& inputs, std::span<const Shape>,
                         const Parameters& parameters) const override
    {
        const std::string gate = parameters.boolean("sigmoid") ? emitter.node("Sigmoid", {inputs[0]}) : inputs[0];
        if (inputs.size() == 2)
            return emitter.node("Mul", {gate, inputs[1]});
        const std::string change = emitter.node("Sub", {inputs[1], inputs[2]});
        return emitter.node("Add", {inputs[2], emitter.node("Mul", {gate, change})});
    }
};

} // namespace

std::unique_ptr<Operation> glu()
{
    return std::make_unique<Glu>();
}

std::unique_ptr<Operation> gate()
{
    return std::make_unique<GateOperation>();
}

} // namespace archscope::ops
