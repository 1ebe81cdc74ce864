// Pooling: over windows and over whole images.
#include "core/ops/builtin.h"
#include "core/ops/parts_torch.h"

namespace archscope::ops {

namespace {

enum class PoolKind { Max, Average };

/// How the pooling kernels of LibTorch, which pad both ends alike, get to the windows that are asked for. One pixel more at
/// the end they make by rounding the size up, except at stride 1: there both ends get the larger padding, and the first window
/// is dropped.
struct PoolPlan {
    std::array<std::int64_t, 2> kernel, stride, padding;
    bool roundsUp = false;
    bool dropsFirst = false;
};

PoolPlan planFor(const Window& window, const Shape& image)
{
    const auto [height, width] = windowAxes(window, image);
    PoolPlan plan;
    plan.kernel = {window.kernel, window.kernel};
    plan.stride = {window.stride, window.stride};
    const bool moreAtTheEnd = height.after > height.before || width.after > width.before;
    plan.dropsFirst = moreAtTheEnd && window.stride == 1;
    plan.roundsUp = moreAtTheEnd && window.stride > 1;
    plan.padding = {plan.dropsFirst ? height.after : height.before, plan.dropsFirst ? width.after : width.before};
    return plan;
}

at::Tensor pooled(PoolKind kind, const at::Tensor& image, const PoolPlan& plan)
{
    static constexpr std::array<std::int64_t, 2> dilation{1, 1};
    const at::Tensor windows = kind == PoolKind::Max
        ? at::max_pool2d(image, plan.kernel, plan.stride, plan.padding, dilation, plan.roundsUp)
        : at::avg_pool2d(image, plan.kernel, plan.stride, plan.padding, plan.roundsUp, /*count_include_pad=*/false);
    return plan.dropsFirst ? windows.slice(2, 1).slice(3, 1) : windows;
}

class Pool final : public DescribedOperation {
public:
    Pool(PoolKind kind, OperationDescriptor descriptor) : DescribedOperation(std::move(descriptor)), m_kind(kind) {}

    Result<Shape> outputShape(std::span<const Shape> inputs, const Parameters& parameters) const override
    {
        ARCHSCOPE_TRY(expectImage(inputs.front(), descriptor().name));
        return windowOutput(Window::from(parameters), inputs.front(), inputs.front()[0], descriptor().name);
    }

    std::unique_ptr<Module> module(std::span<const Shape> inputs, const Parameters& parameters, const at::Generator&) const override
    {
        return functionModule([plan = planFor(Window::from(parameters), inputs.front()), kind = m_kind](std::span<const at::Tensor> values, const ForwardContext&) {
            return pooled(kind, values.front(), plan);
        });
    }

    std::string emitOnnx(OnnxEmitter& emitter, const std::vector<std::string>& inputs, std::span<const Shape> inputShapes,
                         const Parameters& parameters) const override
    {
        return emitter.node(m_kind == PoolKind::Max ? "MaxPool" : "AveragePool", inputs, windowAttributes(Window::from(parameters), inputShapes.front()));
    }

private:
    PoolKind m_kind;
};

class GlobalPool final : public DescribedOperation {
public:
    GlobalPool()
        : DescribedOperation({"global-pool", "Global pooling", "Pooling", "Each channel of an image to one number.", 1, 1,
                              {ParameterDescriptor::enumeration("kind", "avg", {"avg", "max"}, "Mean or maximum over the image.")}})
    {
    }

    Result<Shape> outputShape(std::span<const Shape> inputs, const Parameters&) const override
    {
        ARCHSCOPE_TRY(expectImage(inputs.front(), descriptor().name));
        return Shape{inputs.front()[0]};
    }

    std::unique_ptr<Module> module(std::span<const Shape>, const Parameters& parameters, const at::Generator&) const override
    {
        return functionModule([average = parameters.text("kind") == "avg"](std::span<const at::Tensor> values, const ForwardContext&) {
            static constexpr std::array<std::int64_t, 2> pixels{2, 3};
            return average ? values.front().mean(pixels) : values.front().amax(pixels);
        });
    }

    std::string emitOnnx(OnnxEmitter& emitter, const std::vector<std::string>& inputs, std::span<const Shape>,
                         const Parameters& parameters) const override
    {
        const std::string vector = emitter.node(parameters.text("kind") == "avg" ? "GlobalAveragePool" : "GlobalMaxPool", inputs);
        return emitter.node("Flatten", {vector}, {{"axis", std::int64_t{1}}});
    }
};

std::vector<ParameterDescriptor> poolParameters()
{
    std::vector<ParameterDescriptor> parameters = windowParameters(2, 2);
    parameters.push_back(paddingParameter());
    return parameters;
}

} // namespace

std::unique_ptr<Operation> maxPool()
{
    return std::make_unique<Pool>(PoolKind::Max, OperationDescriptor{"max-pool", "Max pooling", "Pooling", "The largest number in each window.", 1, 1, poolParameters()});
}

std::unique_ptr<Operation> averagePool()
{
    return std::make_unique<Pool>(PoolKind::Average, OperationDescriptor{"avg-pool", "Average pooling", "Pooling", "The mean of each window; padding does not count.", 1, 1, poolParameters()});
}

std::unique_ptr<Operation> globalPool()
{
    return std::make_unique<GlobalPool>();
}

} // namespace archscope::ops
