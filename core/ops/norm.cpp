// batch-norm, group-norm, layer-norm.
#include "core/ops/builtin.h"
#include "core/ops/parts_torch.h"

namespace archscope::ops {

namespace {

class NormPart final : public Part {
public:
    explicit NormPart(const NormSettings& settings) : m_settings(settings) {}

    Result<Shape> outputShape(const Shape& input, std::string_view operation) const override
    {
        ARCHSCOPE_TRY(expectChannels(input, operation));
        if (m_settings.kind == NormKind::Group)
            ARCHSCOPE_TRY(expectDivisible(input[featureAxis(input)], m_settings.groups, "input", operation));
        return input;
    }

    Cost cost(const Shape& input, const Shape&) const override { return {m_settings.affine ? 2 * input[featureAxis(input)] : 0, 0}; }

    Run build(Tensors& tensors, const std::string& prefix, const Shape& input, InputUse, const at::Generator&) const override
    {
        const std::size_t first = tensors.size();
        const std::int64_t channels = input[featureAxis(input)];
        const bool sequence = isSequence(input);
        if (m_settings.affine) {
            tensors.push_back({prefix + "weight", at::ones({channels}).set_requires_grad(true), true, false});
            tensors.push_back({prefix + "bias", at::zeros({channels}).set_requires_grad(true), true, false});
        }
        const auto scale = [first, affine = m_settings.affine](const Tensors& all) { return affine ? all[first].tensor : at::Tensor(); };
        const auto shift = [first, affine = m_settings.affine](const Tensors& all) { return affine ? all[first + 1].tensor : at::Tensor(); };
        switch (m_settings.kind) {
        case NormKind::Batch:
            tensors.push_back({prefix + "running_mean", at::zeros({channels}), false, false});
            tensors.push_back({prefix + "running_var", at::ones({channels}), false, false});
            return [scale, shift, channels, sequence, running = tensors.size() - 2, settings = m_settings](
                       const Tensors& all, const at::Tensor& x, const ForwardContext& context) {
                // A batch with one value a channel has no variance: it would turn the running one into NaN.
                const bool batchStatistics = context.training && x.numel() > channels;
                // The steps of sequences are samples like those of the batch.
                const at::Tensor samples = sequence ? x.flatten(0, 1) : x;
                const at::Tensor y = at::batch_norm(samples, scale(all), shift(all), all[running].tensor, all[running + 1].tensor, batchStatistics,
                                                    settings.momentum, settings.epsilon, true);
                return sequence ? y.view_as(x) : y;
            };
        case NormKind::Group:
            return [scale, shift, sequence, settings = m_settings](const Tensors& all, const at::Tensor& x, const ForwardContext&) {
                const at::Tensor y = at::group_norm(sequence ? x.transpose(1, 2) : x, settings.groups, scale(all), shift(all), settings.epsilon);
                return sequence ? y.transpose(1, 2) : y;
            };
        case NormKind::Layer:
            break;
        }
        return [scale, shift, channels, image = isImage(input), settings = m_settings](const Tensors& all, const at::Tensor& x, const ForwardContext&) {
            // Channels-last images, which the trainer uses, are turned without being copied.
            const at::Tensor y = at::layer_norm(image ? x.permute({0, 2, 3, 1}) : x, {channels}, scale(all), shift(all),
                                                settings.epsilon);
            return image ? y.permute({0, 3, 1, 2}) : y;
        };
    }

    std::string emitOnnx(OnnxEmitter& emitter, const std::string& input, const std::string& prefix, const Shape& shape) const override
    {
        // ONNX has channels first.
        if (isSequence(shape) && m_settings.kind != NormKind::Layer) {
            const std::string turned = emitter.node("Transpose", {input}, {{"perm", Axes{0, 2, 1}}});
            return emitter.node("Transpose", {emitChannelsFirst(emitter, turned, prefix, {shape[1], shape[0]}, shape[1])}, {{"perm", Axes{0, 2, 1}}});
        }
        return emitChannelsFirst(emitter, input, prefix, shape, shape[featureAxis(shape)]);
    }

private:
    using Axes = std::vector<std::int64_t>;

    /// Layer normalisation has the features of vectors and sequences last all the same.
    std::string emitChannelsFirst(OnnxEmitter& emitter, const std::string& input, const std::string& prefix, const Shape& shape,
                                  std::int64_t channels) const
    {
        // ONNX's operators take a scale and a shift in any case.
        const std::string weight = m_settings.affine ? emitter.weight(prefix + "weight") : filled(emitter, 1, channels);
        const std::string bias = m_settings.affine ? emitter.weight(prefix + "bias") : filled(emitter, 0, channels);
        const OnnxAttribute epsilon{"epsilon", m_settings.epsilon};
        switch (m_settings.kind) {
        case NormKind::Batch:
            return emitter.node("BatchNormalization",
                                {input, weight, bias, emitter.weight(prefix + "running_mean"), emitter.weight(prefix + "running_var")},
                                {epsilon});
        case NormKind::Group:
            return emitGroupNorm(emitter, input, weight, bias, shape);
        case NormKind::Layer:
            break;
        }
        const std::vector<OnnxAttribute> attributes{{"axis", std::int64_t{-1}}, epsilon};
        if (!isImage(shape))
            return emitter.node("LayerNormalization", {input, weight, bias}, attributes);
        const std::string turned = emitter.node("Transpose", {input}, {{"perm", Axes{0, 2, 3, 1}}});
        return emitter.node("Transpose", {emitter.node("LayerNormalization", {turned, weight, bias}, attributes)},
                            {{"perm", Axes{0, 3, 1, 2}}});
    }

    static std::string filled(OnnxEmitter& emitter, double value, std::int64_t count)
    {
        return emitter.node("Expand", {emitter.scalar(value), emitter.integers({count})});
    }

    /// Opset 17 has no group normalisation: instances of one group each, then scale and shift of each channel.
    std::string emitGroupNorm(OnnxEmitter& emitter, const std::string& input, const std::string& weight, const std::string& bias,
                              const Shape& shape) const
    {
        const std::int64_t groups = m_settings.groups;
        const std::string grouped = emitter.node("Reshape", {input, emitter.integers({0, groups, -1})});
        const std::string normed =
            emitter.node("InstanceNormalization", {grouped, filled(emitter, 1, groups), filled(emitter, 0, groups)}, {{"epsilon", m_settings.epsilon}});

        std::vector<std::int64_t> whole{0};
        whole.insert(whole.end(), shape.begin(), shape.end());
        std::vector<std::int64_t> perChannel(shape.size(), 1);
        perChannel.front() = shape.front();
        const std::string axes = emitter.integers(perChannel);
        const std::string back = emitter.node("Reshape", {normed, emitter.integers(whole)});
        const std::string scaled = emitter.node("Mul", {back, emitter.node("Reshape", {weight, axes})});
        return emitter.node("Add", {scaled, emitter.node("Reshape", {bias, axes})});
    }

    NormSettings m_settings;
};

class Norm final : public ChainOperation {
public:
    Norm(NormKind kind, OperationDescriptor descriptor) : ChainOperation(std::move(descriptor)), m_kind(kind) {}

protected:
    Chain parts(const Shape&, const Parameters& parameters) const override
    {
        NormSettings settings{.kind = m_kind, .epsilon = parameters.real("epsilon"), .affine = parameters.boolean("affine")};
        if (m_kind == NormKind::Batch)
            settings.momentum = parameters.real("momentum");
        if (m_kind == NormKind::Group)
            settings.groups = parameters.integer("groups");
        Chain chain;
        chain.push_back({"", normPart(settings)});
        return chain;
    }

private:
    NormKind m_kind;
};

ParameterDescriptor epsilonParameter()
{
    return ParameterDescriptor::real("epsilon", 1e-5, 1e-8, 0.1, "Added to the variance, so that nothing is divided by zero.");
}

} // namespace

std::unique_ptr<Part> normPart(const NormSettings& settings)
{
    return std::make_unique<NormPart>(settings);
}

std::unique_ptr<Operation> batchNorm()
{
    return std::make_unique<Norm>(
        NormKind::Batch,
        OperationDescriptor{"batch-norm", "Batch normalisation", "Normalisation",
                            "Normalises each channel over the batch, in sequences each feature over batch and steps (Ioffe, Szegedy 2015).", 1, 1,
                            {ParameterDescriptor::real("momentum", 0.1, 0, 1, "How fast the running statistics follow the batches."),
                             epsilonParameter(), affineParameter()}});
}

std::unique_ptr<Operation> groupNorm()
{
    return std::make_unique<Norm>(
        NormKind::Group,
        OperationDescriptor{"group-norm", "Group normalisation", "Normalisation",
                            "Normalises groups of channels of each sample, in sequences over all steps (Wu, He 2018).", 1, 1,
                            {ParameterDescriptor::integer("groups", 1, 1, 4096, "Number of groups; must divide the channels."),
                             epsilonParameter(), affineParameter()}});
}

std::unique_ptr<Operation> layerNorm()
{
    return std::make_unique<Norm>(
        NormKind::Layer,
        OperationDescriptor{"layer-norm", "Layer normalisation", "Normalisation",
                            "Normalises the features of each sample, in sequences at each step, in images the channels of each pixel (Ba 2016).", 1, 1,
                            {epsilonParameter(), affineParameter()}});
}

} // namespace archscope::ops
