// Pooling: over windows and over whole images.
#include "core/ops/builtin.h"
#include "core/ops/parts_torch.h"

#include <algorithm>

namespace archscope::ops {

namespace {

enum class PoolKind { Max, Average };

/// How the pooling kernels of LibTorch, which pad both ends alike, get to the windows that are asked for. One pixel more at
/// the end they make by rounding the size up, except at stride 1: there both ends get the larger padding, and the first window
/// is dropped. Where padding counts in the mean, it is put there beforehand.
struct PoolPlan {
    std::array<std::int64_t, 2> kernel, stride, padding;
    std::array<std::int64_t, 4> edges; ///< Zeros put around the image: left, right, top, bottom
    bool pads = false;
    bool roundsUp = false;
    bool dropsFirst = false;
};

PoolPlan planFor(const Window& window, const Shape& image, bool paddingCounts)
{
    const auto [height, width] = windowAxes(window, image);
    PoolPlan plan;
    plan.kernel = {window.kernel, window.kernel};
    plan.stride = {window.stride, window.stride};
    plan.edges = {width.before, width.after, height.before, height.after};
    plan.padding = {0, 0};
    if (paddingCounts && window.padding == Padding::Same) {
        plan.pads = std::ranges::any_of(plan.edges, [](std::int64_t size) { return size > 0; });
        return plan;
    }
    const bool moreAtTheEnd = height.after > height.before || width.after > width.before;
    plan.dropsFirst = moreAtTheEnd && window.stride == 1;
    plan.roundsUp = moreAtTheEnd && window.stride > 1;
    plan.padding = {plan.dropsFirst ? height.after : height.before, plan.dropsFirst ? width.after : width.before};
    return plan;
}

at::Tensor pooled(PoolKind kind, const at::Tensor& image, const PoolPlan& plan)
{
    static constexpr std::array<std::int64_t, 2> dilation{1, 1};
    const at::Tensor edged = plan.pads ? at::constant_pad_nd(image, plan.edges) : image;
    const at::Tensor windows = kind == PoolKind::Max
        ? at::max_pool2d(edged, plan.kernel, plan.stride, plan.padding, dilation, plan.roundsUp)
        : at::avg_pool2d(edged, plan.kernel, plan.stride, plan.padding, plan.roundsUp, /*count_include_pad=*/false);
    return plan.dropsFirst ? windows.slice(2, 1).slice(3, 1) : windows;
}

class PoolPart final : public Part {
public:
    PoolPart(PoolKind kind, const Window& window, bool paddingCounts) : m_kind(kind), m_window(window), m_paddingCounts(paddingCounts) {}

    Result<Shape> outputShape(const Shape& input, std::string_view operation) const override
    {
        ARCHSCOPE_TRY(expectImage(input, operation));
        return windowOutput(m_window, input, input[0], operation);
    }

    Cost cost(const Shape&, const Shape&) const override { return {}; }

    Run build(Tensors&, const std::string&, const Shape& input, InputUse, const at::Generator&) const override
    {
        return [plan = planFor(m_window, input, m_paddingCounts), kind = m_kind](const Tensors&, const at::Tensor& image, const ForwardContext&) {
            return pooled(kind, image, plan);
        };
    }

    std::string emitOnnx(OnnxEmitter& emitter, const std::string& input, const std::string&, const Shape& shape) const override
    {
        std::vector<OnnxAttribute> attributes = windowAttributes(m_window, shape);
        if (m_paddingCounts && m_window.padding == Padding::Same)
            attributes.push_back({"count_include_pad", std::int64_t{1}});
        return emitter.node(m_kind == PoolKind::Max ? "MaxPool" : "AveragePool", {input}, std::move(attributes));
    }

private:
    PoolKind m_kind;
    Window m_window;
    bool m_paddingCounts;
};

class Pool final : public ChainOperation {
public:
    Pool(PoolKind kind, OperationDescriptor descriptor) : ChainOperation(std::move(descriptor)), m_kind(kind) {}

protected:
    Chain parts(const Shape& input, const Parameters& parameters) const override
    {
        const std::int64_t channels = outputChannels(parameters, input);
        const bool affine = parameters.boolean("affine");
        const bool paddingCounts = m_kind == PoolKind::Average && parameters.boolean("count_include_pad");
        Chain chain;
        if (isImage(input) && channels != input[0])
            chain.push_back({"projection.", projectionPart(channels, affine)});
        chain.push_back({"", std::make_unique<PoolPart>(m_kind, Window::from(parameters), paddingCounts)});
        if (parameters.text("norm") == "batch")
            chain.push_back({"norm.", normPart({.affine = affine})});
        return chain;
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

OperationDescriptor poolDescriptor(std::string name, std::string title, std::string help, std::vector<ParameterDescriptor> own)
{
    ParameterDescriptor channels = optionalChannelsParameter();
    channels.help = "Output channels; where the input has others, ReLU, a 1×1 convolution and a normalisation come first "
                    "(NAS-Bench-201). 0: as many as the input has.";
    return {std::move(name), std::move(title), "Pooling", std::move(help), 1, 1,
            joined({windowParameters(2, 2),
                    {paddingParameter(),
                     ParameterDescriptor::boolean("ceil_mode", false, "With 'valid': whether a last window may reach beyond the edge.")},
                    std::move(own),
                    {ParameterDescriptor::enumeration("norm", "none", {"none", "batch"}, "Normalisation after pooling, as in DARTS's search."),
                     affineParameter(), std::move(channels)}})};
}

} // namespace

std::unique_ptr<Operation> maxPool()
{
    return std::make_unique<Pool>(PoolKind::Max, poolDescriptor("max-pool", "Max pooling", "The largest number in each window.", {}));
}

std::unique_ptr<Operation> averagePool()
{
    return std::make_unique<Pool>(PoolKind::Average,
                                  poolDescriptor("avg-pool", "Average pooling", "The mean of each window.",
                                                 {ParameterDescriptor::boolean("count_include_pad", false,
                                                                               "With 'same': whether padding counts as zeros in the mean.")}));
}

std::unique_ptr<Operation> globalPool()
{
    return std::make_unique<GlobalPool>();
}

} // namespace archscope::ops
