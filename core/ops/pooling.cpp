// Pooling: over windows and over whole images.
#include "core/ops/builtin.h"
#include "core/ops/parts_torch.h"

#include <limits>

namespace archscope::ops {

namespace {

enum class PoolKind { Max, Average };

/// How the pooling kernels of LibTorch reach the padding that the window asks for.
struct PoolPlan {
    std::array<std::int64_t, 2> kernel, stride, padding;
    std::array<std::int64_t, 4> edges; ///< for constant_pad_nd, where `padding` cannot say it
    bool symmetric = true;
};

PoolPlan planFor(const Window& window, const Shape& image)
{
    const auto [height, width] = windowAxes(window, image);
    const auto symmetric = [&window](const WindowAxis& axis, std::int64_t size) {
        return 2 * axis.before <= window.kernel && (size + 2 * axis.before - window.kernel) / window.stride + 1 == axis.output;
    };
    PoolPlan plan;
    plan.kernel = {window.kernel, window.kernel};
    plan.stride = {window.stride, window.stride};
    plan.symmetric = symmetric(height, image[1]) && symmetric(width, image[2]);
    plan.padding = {plan.symmetric ? height.before : 0, plan.symmetric ? width.before : 0};
    plan.edges = {width.before, width.after, height.before, height.after};
    return plan;
}

at::Tensor maxPooled(const at::Tensor& image, const PoolPlan& plan)
{
    if (plan.symmetric)
        return at::max_pool2d(image, plan.kernel, plan.stride, plan.padding);
    return at::max_pool2d(at::constant_pad_nd(image, plan.edges, -std::numeric_limits<float>::infinity()), plan.kernel, plan.stride);
}

/// The mean over the pixels of the image alone: padding does not count.
at::Tensor averagePooled(const at::Tensor& image, const PoolPlan& plan)
{
    if (plan.symmetric)
        return at::avg_pool2d(image, plan.kernel, plan.stride, plan.padding, false, false);
    const at::Tensor sums = at::avg_pool2d(at::constant_pad_nd(image, plan.edges), plan.kernel, plan.stride);
    const at::Tensor ones = at::ones({1, 1, image.size(2), image.size(3)}, image.options());
    return sums / at::avg_pool2d(at::constant_pad_nd(ones, plan.edges), plan.kernel, plan.stride);
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
            return kind == PoolKind::Max ? maxPooled(values.front(), plan) : averagePooled(values.front(), plan);
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
        const std::string pooled = emitter.node(parameters.text("kind") == "avg" ? "GlobalAveragePool" : "GlobalMaxPool", inputs);
        return emitter.node("Flatten", {pooled}, {{"axis", std::int64_t{1}}});
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
