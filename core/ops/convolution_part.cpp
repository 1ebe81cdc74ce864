#include "core/ops/parts_torch.h"

#include <ATen/ATen.h>

namespace archscope::ops {

namespace {

class ConvolutionPart final : public Part {
public:
    explicit ConvolutionPart(const ConvolutionSettings& settings) : m_settings(settings) {}

    Result<Shape> outputShape(const Shape& input, std::string_view operation) const override
    {
        ARCHSCOPE_TRY(expectImage(input, operation));
        ARCHSCOPE_TRY(expectDivisible(input[0], m_settings.groups, "input", operation));
        ARCHSCOPE_TRY(expectDivisible(m_settings.channels, m_settings.groups, "output", operation));
        return windowOutput(m_settings.windows, input, m_settings.channels, operation);
    }

    Cost cost(const Shape& input, const Shape& output) const override
    {
        const std::int64_t weights = elementCount(weightShape(input));
        return {weights + (m_settings.bias ? m_settings.channels : 0), weights * output[1] * output[2]};
    }

    Run build(Tensors& tensors, const std::string& prefix, const Shape& input, InputUse, const at::Generator& generator) const override
    {
        const Windows& windows = m_settings.windows;
        const std::int64_t fanOut = m_settings.channels / m_settings.groups * windows.height.kernel * windows.width.kernel;
        const std::size_t first = tensors.size();
        tensors.push_back({prefix + "weight", kaimingNormalFanOut(weightShape(input), fanOut, generator).set_requires_grad(true)});
        if (m_settings.bias)
            tensors.push_back({prefix + "bias", at::zeros({m_settings.channels}).set_requires_grad(true), true, false});

        const auto [height, width] = windowAxes(windows, input);
        const auto symmetric = [](const WindowAxis& axis, const Window& window, std::int64_t size) {
            const std::int64_t padded = size + 2 * axis.before;
            return padded >= window.extent() && (padded - window.extent()) / window.stride + 1 == axis.output;
        };
        const bool direct = symmetric(height, windows.height, input[1]) && symmetric(width, windows.width, input[2]);
        const std::array<std::int64_t, 4> edges{width.before, width.after, height.before, height.after};
        const std::array<std::int64_t, 2> padding{direct ? height.before : 0, direct ? width.before : 0};
        return [first, direct, edges, padding, settings = m_settings](const Tensors& all, const at::Tensor& image, const ForwardContext&) {
            const std::array<std::int64_t, 2> stride{settings.windows.height.stride, settings.windows.width.stride};
            const std::array<std::int64_t, 2> dilation{settings.windows.height.dilation, settings.windows.width.dilation};
            return at::conv2d(direct ? image : at::constant_pad_nd(image, edges), all[first].tensor,
                              settings.bias ? all[first + 1].tensor : at::Tensor(), stride, padding, dilation, settings.groups);
        };
    }

    std::string emitOnnx(OnnxEmitter& emitter, const std::string& input, const std::string& prefix, const Shape& shape) const override
    {
        std::vector<std::string> inputs{input, emitter.weight(prefix + "weight")};
        if (m_settings.bias)
            inputs.push_back(emitter.weight(prefix + "bias"));
        std::vector<OnnxAttribute> attributes = windowAttributes(m_settings.windows, shape);
        attributes.push_back({"group", m_settings.groups});
        return emitter.node("Conv", std::move(inputs), std::move(attributes));
    }

private:
    Shape weightShape(const Shape& input) const
    {
        return {m_settings.channels, input[0] / m_settings.groups, m_settings.windows.height.kernel, m_settings.windows.width.kernel};
    }

    ConvolutionSettings m_settings;
};

} // namespace

std::unique_ptr<Part> convolutionPart(const ConvolutionSettings& settings)
{
    return std::make_unique<ConvolutionPart>(settings);
}

std::unique_ptr<Part> depthwisePart(std::int64_t channels, std::int64_t multiplier, const Window& window, bool bias)
{
    return convolutionPart({channels * multiplier, window, channels, bias});
}

std::unique_ptr<Part> pointwisePart(std::int64_t channels, bool bias)
{
    return convolutionPart({channels, {}, 1, bias});
}

} // namespace archscope::ops
