// Pooling over the steps of a sequence: over all of them, and over windows.
#include "core/ops/builtin.h"
#include "core/ops/parts_torch.h"
#include "core/ops/time_window.h"

#include <algorithm>
#include <limits>

namespace archscope::ops {

namespace {

enum class PoolKind { Max, Average };

class TimePool final : public DescribedOperation {
public:
    TimePool()
        : DescribedOperation({"time-pool", "Pooling over time", "Pooling", "A sequence to one vector of its features.", 1, 1,
                              {ParameterDescriptor::enumeration("kind", "mean", {"mean", "max", "last"},
                                                                "Mean or maximum of each feature over all steps, or the last step.")}})
    {
    }

    Result<Shape> outputShape(std::span<const Shape> inputs, const Parameters&) const override
    {
        ARCHSCOPE_TRY(expectSequence(inputs.front(), descriptor().name));
        return Shape{inputs.front()[1]};
    }

    std::unique_ptr<Module> module(std::span<const Shape>, const Parameters& parameters, const at::Generator&) const override
    {
        return functionModule([kind = parameters.text("kind")](std::span<const at::Tensor> values, const ForwardContext&) {
            const at::Tensor& x = values.front();
            return kind == "mean" ? x.mean(1) : kind == "max" ? x.amax(1) : x.select(1, -1);
        });
    }

    std::string emitOnnx(OnnxEmitter& emitter, const std::vector<std::string>& inputs, std::span<const Shape> inputShapes,
                         const Parameters& parameters) const override
    {
        const std::string& kind = parameters.text("kind");
        if (kind == "last")
            return emitter.node("Flatten", {emitter.node("Gather", {inputs.front(), emitter.integers({inputShapes.front()[0] - 1})}, {{"axis", std::int64_t{1}}})});
        return emitter.node(kind == "mean" ? "ReduceMean" : "ReduceMax", inputs,
                            {{"axes", std::vector<std::int64_t>{1}}, {"keepdims", std::int64_t{0}}});
    }
};

/// How many steps of the sequence each window sees; {windows, 1}.
at::Tensor windowSizes(const Window& window, std::int64_t length)
{
    const WindowAxis axis = windowAxis(window, length);
    std::vector<float> sizes;
    for (std::int64_t i = 0; i < axis.output; ++i) {
        const std::int64_t first = i * window.stride - axis.before;
        sizes.push_back(static_cast<float>(std::min(first + window.kernel, length) - std::max<std::int64_t>(first, 0)));
    }
    return at::tensor(sizes).unsqueeze(1);
}

class TimeWindowPool final : public DescribedOperation {
public:
    TimeWindowPool(PoolKind kind, OperationDescriptor descriptor) : DescribedOperation(std::move(descriptor)), m_kind(kind) {}

    Result<Shape> outputShape(std::span<const Shape> inputs, const Parameters& parameters) const override
    {
        ARCHSCOPE_TRY(expectSequence(inputs.front(), descriptor().name));
        return timeWindowOutput(Window::from(parameters), inputs.front(), inputs.front()[1], descriptor().name);
    }

    std::unique_ptr<Module> module(std::span<const Shape> inputs, const Parameters& parameters, const at::Generator&) const override
    {
        const Window window = Window::from(parameters);
        const std::int64_t length = inputs.front()[0];
        return functionModule([kind = m_kind, window, length, axis = windowAxis(window, length),
                               sizes = windowSizes(window, length)](std::span<const at::Tensor> values, const ForwardContext&) {
            // What the last window needs, but no more: kernels would make windows of the rest.
            const std::int64_t used = (axis.output - 1) * window.stride + window.kernel - axis.before;
            const at::Tensor& x = values.front();
            const double filling = kind == PoolKind::Max ? -std::numeric_limits<double>::infinity() : 0;
            // A negative padding cuts.
            const at::Tensor padded = at::constant_pad_nd(x, {0, 0, axis.before, used - length}, filling);
            const at::Tensor image = padded.unsqueeze(1).permute({0, 3, 1, 2});
            const std::array<std::int64_t, 2> kernel{1, window.kernel};
            const std::array<std::int64_t, 2> stride{1, window.stride};
            if (kind == PoolKind::Max)
                return at::max_pool2d(image, kernel, stride).permute({0, 2, 3, 1}).squeeze(1);
            const at::Tensor sums = at::avg_pool2d(image, kernel, stride, {0, 0}, false, true, /*divisor_override=*/1);
            return sums.permute({0, 2, 3, 1}).squeeze(1) / sizes.to(x.options());
        });
    }

    std::string emitOnnx(OnnxEmitter& emitter, const std::vector<std::string>& inputs, std::span<const Shape> inputShapes,
                         const Parameters& parameters) const override
    {
        return emitTurned(emitter, emitter.node(m_kind == PoolKind::Max ? "MaxPool" : "AveragePool", {emitTurned(emitter, inputs.front())},
                                                timeWindowAttributes(Window::from(parameters), inputShapes.front()[0])));
    }

private:
    PoolKind m_kind;
};

} // namespace

std::unique_ptr<Operation> timePool()
{
    return std::make_unique<TimePool>();
}

std::unique_ptr<Operation> maxTimePool()
{
    return std::make_unique<TimeWindowPool>(PoolKind::Max, OperationDescriptor{"max-pool1d", "Max pooling over time", "Pooling",
                                                                               "The largest number of each feature in each window of steps.", 1, 1,
                                                                               timeWindowParameters(2, 2)});
}

std::unique_ptr<Operation> averageTimePool()
{
    return std::make_unique<TimeWindowPool>(PoolKind::Average, OperationDescriptor{"avg-pool1d", "Average pooling over time", "Pooling",
                                                                                   "The mean of each feature in each window of steps; padding does not count.", 1, 1,
                                                                                   timeWindowParameters(2, 2)});
}

} // namespace archscope::ops
