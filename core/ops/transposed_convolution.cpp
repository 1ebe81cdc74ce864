// Convolution that enlarges: transposed-conv.
#include "core/ops/builtin.h"
#include "core/ops/parts_torch.h"

#include <algorithm>

namespace archscope::ops {

namespace {

/// Each pixel is spread over a window, `stride` apart. `Same` cuts or adds at the edges so that a side is `stride` times the
/// input's; `Valid` keeps all that the windows reach.
struct Spread {
    std::int64_t output = 0;
    std::int64_t cutBefore = 0;
    std::int64_t cutAfter = 0;
    std::int64_t added = 0; ///< behind the last window
};

Spread spreadOf(const Window& window, std::int64_t size)
{
    const std::int64_t reached = (size - 1) * window.stride + window.extent();
    if (window.padding == Padding::Valid)
        return {reached, 0, 0, 0};
    const std::int64_t output = size * window.stride;
    const std::int64_t surplus = std::max<std::int64_t>(reached - output, 0);
    return {output, surplus - surplus / 2, surplus / 2, std::max<std::int64_t>(output - reached, 0)};
}

class TransposedConvolutionPart final : public Part {
public:
    explicit TransposedConvolutionPart(const ConvolutionSettings& settings) : m_settings(settings) {}

    Result<Shape> outputShape(const Shape& input, std::string_view operation) const override
    {
        ARCHSCOPE_TRY(expectImage(input, operation));
        ARCHSCOPE_TRY(expectDivisible(input[0], m_settings.groups, "input", operation));
        ARCHSCOPE_TRY(expectDivisible(m_settings.channels, m_settings.groups, "output", operation));
        return bounded({m_settings.channels, spreadOf(window(), input[1]).output, spreadOf(window(), input[2]).output}, operation);
    }

    Cost cost(const Shape& input, const Shape&) const override
    {
        const std::int64_t weights = elementCount(weightShape(input));
        return {weights + (m_settings.bias ? m_settings.channels : 0), weights * input[1] * input[2]};
    }

    Run build(Tensors& tensors, const std::string& prefix, const Shape& input, InputUse, const at::Generator& generator) const override
    {
        const std::size_t first = tensors.size();
        const std::int64_t fanOut = m_settings.channels / m_settings.groups * window().kernel * window().kernel;
        tensors.push_back({prefix + "weight", kaimingNormalFanOut(weightShape(input), fanOut, generator).set_requires_grad(true)});
        if (m_settings.bias)
            tensors.push_back({prefix + "bias", at::zeros({m_settings.channels}).set_requires_grad(true), true, false});

        // LibTorch cuts both ends alike and may add behind them less than a stride. Where that does not do, the first line is
        // cut off here.
        const Spread spread = spreadOf(window(), 1);
        const std::int64_t odd = spread.cutBefore - spread.cutAfter;
        const bool addable = odd < std::max(window().stride, window().dilation);
        const std::int64_t cut = addable ? spread.cutBefore : spread.cutAfter;
        const std::int64_t added = addable ? spread.added + odd : 0;
        return [first, cut, added, drops = addable ? 0 : odd, settings = m_settings](const Tensors& all, const at::Tensor& image, const ForwardContext&) {
            const Window& window = settings.windows.height;
            const at::Tensor spreadOut = at::conv_transpose2d(image, all[first].tensor, settings.bias ? all[first + 1].tensor : at::Tensor(),
                                                              window.stride, cut, added, settings.groups, window.dilation);
            return drops > 0 ? spreadOut.slice(2, drops).slice(3, drops) : spreadOut;
        };
    }

    std::string emitOnnx(OnnxEmitter& emitter, const std::string& input, const std::string& prefix, const Shape&) const override
    {
        using Integers = std::vector<std::int64_t>;
        const auto twice = [](std::int64_t value) { return Integers{value, value}; };
        std::vector<std::string> inputs{input, emitter.weight(prefix + "weight")};
        if (m_settings.bias)
            inputs.push_back(emitter.weight(prefix + "bias"));
        const Spread spread = spreadOf(window(), 1);
        return emitter.node("ConvTranspose", std::move(inputs),
                            {{"kernel_shape", twice(window().kernel)},
                             {"strides", twice(window().stride)},
                             {"dilations", twice(window().dilation)},
                             {"pads", Integers{spread.cutBefore, spread.cutBefore, spread.cutAfter, spread.cutAfter}},
                             {"output_padding", twice(spread.added)},
                             {"group", m_settings.groups}});
    }

private:
    const Window& window() const { return m_settings.windows.height; } ///< square

    Shape weightShape(const Shape& input) const
    {
        return {input[0], m_settings.channels / m_settings.groups, window().kernel, window().kernel};
    }

    ConvolutionSettings m_settings;
};

class TransposedConvolution final : public ChainOperation {
public:
    TransposedConvolution()
        : ChainOperation({"transposed-conv", "Transposed convolution", "Convolution",
                          "A convolution that enlarges: each pixel is spread over a window. One multiply-add for each weight and input pixel.", 1, 1,
                          {ParameterDescriptor::integer("channels", 16, 1, 4096, "Output channels."),
                           ParameterDescriptor::integer("kernel", 4, 1, 15, "Height and width of the window.", "px"),
                           ParameterDescriptor::integer("stride", 2, 1, 4, "Steps between windows: 2 doubles height and width.", "px"),
                           dilationParameter(),
                           ParameterDescriptor::integer("groups", 1, 1, 4096, "Groups of channels that do not mix; must divide input and output channels."),
                           ParameterDescriptor::boolean("bias", true, "Whether each output channel has a bias."),
                           ParameterDescriptor::enumeration("padding", "same", {"same", "valid"},
                                                            "'same' makes the size a multiple of the input's, 'valid' keeps all that the windows reach.")}})
    {
    }

protected:
    Chain parts(const Shape&, const Parameters& parameters) const override
    {
        const ConvolutionSettings settings{parameters.integer("channels"), Window::from(parameters), parameters.integer("groups"),
                                           parameters.boolean("bias")};
        Chain chain;
        chain.push_back({"", std::make_unique<TransposedConvolutionPart>(settings)});
        return chain;
    }
};

} // namespace

std::unique_ptr<Operation> transposedConvolution()
{
    return std::make_unique<TransposedConvolution>();
}

} // namespace archscope::ops
