// A merge that learns how much each input counts.
#include "core/ops/builtin.h"
#include "core/ops/parts_torch.h"

#include <algorithm>

namespace archscope::ops {

namespace {

/// What the shares of the inputs depend on: the sum of the inputs, of images its mean over the pixels. Sequences are looked
/// at step by step, so that no step sees a later one.
Shape summaryShape(const Shape& input)
{
    return isImage(input) ? Shape{input[0]} : input;
}

/// A number for each input and channel.
std::unique_ptr<Part> scorePart(std::span<const Shape> inputs, const Parameters& parameters)
{
    constexpr std::int64_t fewest = 32; // the paper's L
    const std::int64_t channels = channelsOf(inputs.front());
    Chain chain;
    chain.push_back({"reduce.", linearPart(std::max(channels / parameters.integer("reduction"), fewest), true)});
    chain.push_back({"activation.", activationPart(ActivationKind::Relu)});
    chain.push_back({"expand.", linearPart(static_cast<std::int64_t>(inputs.size()) * channels, true)});
    return chainPart(std::move(chain));
}

class AttentionMergeModule final : public Module {
public:
    AttentionMergeModule(const Part& scores, const Shape& input, const at::Generator& generator)
        : m_scores(scores.build(tensors(), {}, summaryShape(input), InputUse::Shared, generator)), m_image(isImage(input))
    {
    }

    at::Tensor forward(std::span<const at::Tensor> inputs, const ForwardContext& context) override
    {
        at::Tensor sum = inputs[0] + inputs[1];
        for (const at::Tensor& input : inputs.subspan(2))
            sum += input;
        const at::Tensor scores = m_scores(tensors(), m_image ? sum.mean({2, 3}) : sum, context);
        const at::Tensor shares = scores.unflatten(-1, {static_cast<std::int64_t>(inputs.size()), -1}).softmax(-2);
        at::Tensor result;
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            at::Tensor share = shares.select(-2, static_cast<std::int64_t>(i));
            if (m_image)
                share = share.unsqueeze(2).unsqueeze(3);
            result = i == 0 ? share * inputs[i] : at::addcmul(result, share, inputs[i]);
        }
        return result;
    }

private:
    Part::Run m_scores;
    bool m_image;
};

class AttentionMerge final : public DescribedOperation {
public:
    AttentionMerge()
        : DescribedOperation({"attention-merge", "Attention merge", "Merge",
                              "A weighted sum of inputs of one shape: what they hold decides the share of each, channel by channel "
                              "(Selective Kernel networks, Li 2019, without their batch normalisation).",
                              1, OperationDescriptor::anyInputs,
                              {ParameterDescriptor::integer("reduction", 16, 1, 1024,
                                                            "Channels for each one between the two layers that decide; those are 32 at least.")}})
    {
    }

    Result<Shape> outputShape(std::span<const Shape> inputs, const Parameters& parameters) const override
    {
        ARCHSCOPE_TRY(expectOneShape(inputs, descriptor().name));
        ARCHSCOPE_TRY(expectChannels(inputs.front(), descriptor().name));
        if (inputs.size() > 1)
            ARCHSCOPE_TRY(scorePart(inputs, parameters)->outputShape(summaryShape(inputs.front()), descriptor().name));
        return inputs.front();
    }

    Cost cost(std::span<const Shape> inputs, const Shape&, const Parameters& parameters) const override
    {
        if (inputs.size() == 1)
            return {};
        const std::unique_ptr<Part> scores = scorePart(inputs, parameters);
        const Shape summary = summaryShape(inputs.front());
        return scores->cost(summary, *scores->outputShape(summary, descriptor().name));
    }

    std::unique_ptr<Module> module(std::span<const Shape> inputs, const Parameters& parameters, const at::Generator& generator) const override
    {
        if (inputs.size() == 1)
            return functionModule([](std::span<const at::Tensor> values, const ForwardContext&) { return values.front(); });
        return std::make_unique<AttentionMergeModule>(*scorePart(inputs, parameters), inputs.front(), generator);
    }

    std::string emitOnnx(OnnxEmitter& emitter, const std::vector<std::string>& inputs, std::span<const Shape> inputShapes,
                         const Parameters& parameters) const override
    {
        if (inputs.size() == 1)
            return inputs.front();
        const Shape& shape = inputShapes.front();
        const bool sequence = isSequence(shape);
        const std::int64_t channels = channelsOf(shape);
        const auto count = static_cast<std::int64_t>(inputs.size());
        std::string summary = inputs.front();
        for (std::size_t i = 1; i < inputs.size(); ++i)
            summary = emitter.node("Add", {summary, inputs[i]});
        if (isImage(shape))
            summary = emitter.node("Flatten", {emitter.node("GlobalAveragePool", {summary})}, {{"axis", std::int64_t{1}}});
        const std::string scores = scorePart(inputShapes, parameters)->emitOnnx(emitter, summary, {}, summaryShape(shape));
        const std::string grouped = emitter.node(
            "Reshape", {scores, emitter.integers(sequence ? std::vector<std::int64_t>{0, 0, count, channels} : std::vector<std::int64_t>{0, count, channels})});
        const std::string shares = emitter.node("Softmax", {grouped}, {{"axis", std::int64_t{-2}}});

        std::vector<std::int64_t> sizes{0, channels}; // of one input's share: as its input, or broadcast along it
        if (sequence)
            sizes = {0, shape[0], channels};
        else if (isImage(shape))
            sizes = {0, channels, 1, 1};
        std::string result;
        for (std::int64_t i = 0; i < count; ++i) {
            const std::string one = emitter.node("Slice", {shares, emitter.integers({i}), emitter.integers({i + 1}), emitter.integers({-2})});
            const std::string share = emitter.node("Reshape", {one, emitter.integers(sizes)});
            const std::string term = emitter.node("Mul", {inputs[static_cast<std::size_t>(i)], share});
            result = i == 0 ? term : emitter.node("Add", {result, term});
        }
        return result;
    }
};

} // namespace

std::unique_ptr<Operation> attentionMerge()
{
    return std::make_unique<AttentionMerge>();
}

} // namespace archscope::ops
