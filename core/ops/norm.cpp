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
            ARCHSCOPE_TRY(expectDivisible(input[0], m_settings.groups, "input", operation));
        return input;
    }

    Cost cost(const Shape& input, const Shape&) const override { return {2 * input[0], 0}; }

    Run build(Tensors& tensors, const std::string& prefix, const Shape& input, InputUse, const at::Generator&) const override
    {
        const std::size_t first = tensors.size();
        const std::int64_t channels = input[0];
        tensors.push_back({prefix + "weight", at::ones({channels}).set_requires_grad(true), true, false});
        tensors.push_back({prefix + "bias", at::zeros({channels}).set_requires_grad(true), true, false});
        switch (m_settings.kind) {
        case NormKind::Batch:
            tensors.push_back({prefix + "running_mean", at::zeros({channels}), false, false});
            tensors.push_back({prefix + "running_var", at::ones({channels}), false, false});
            return [first, settings = m_settings](const Tensors& all, const at::Tensor& x, const ForwardContext& context) {
                // A batch with one value a channel has no variance: it would turn the running one into NaN.
                const bool batchStatistics = context.training && x.numel() > x.size(1);
                return at::batch_norm(x, all[first].tensor, all[first + 1].tensor, all[first + 2].tensor, all[first + 3].tensor,
                                      batchStatistics, settings.momentum, settings.epsilon, true);
            };
        case NormKind::Group:
            return [first, settings = m_settings](const Tensors& all, const at::Tensor& x, const ForwardContext&) {
                return at::group_norm(x, settings.groups, all[first].tensor, all[first + 1].tensor, settings.epsilon);
            };
        case NormKind::Layer:
            break;
        }
        return [first, channels, image = isImage(input), settings = m_settings](const Tensors& all, const at::Tensor& x, const ForwardContext&) {
            // Channels-last images, which the trainer uses, are turned without being copied.
            const at::Tensor y = at::layer_norm(image ? x.permute({0, 2, 3, 1}) : x, {channels}, all[first].tensor,
                                                all[first + 1].tensor, settings.epsilon);
            return image ? y.permute({0, 3, 1, 2}) : y;
        };
    }

    std::string emitOnnx(OnnxEmitter& emitter, const std::string& input, const std::string& prefix, const Shape& shape) const override
    {
        const std::string weight = emitter.weight(prefix + "weight");
        const std::string bias = emitter.weight(prefix + "bias");
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
        using Axes = std::vector<std::int64_t>;
        const std::string turned = emitter.node("Transpose", {input}, {{"perm", Axes{0, 2, 3, 1}}});
        return emitter.node("Transpose", {emitter.node("LayerNormalization", {turned, weight, bias}, attributes)},
                            {{"perm", Axes{0, 3, 1, 2}}});
    }

private:
    /// Opset 17 has no group normalisation: instances of one group each, then scale and shift of each channel.
    std::string emitGroupNorm(OnnxEmitter& emitter, const std::string& input, const std::string& weight, const std::string& bias,
                              const Shape& shape) const
    {
        const std::int64_t groups = m_settings.groups;
        const auto filled = [&](double value) { return emitter.node("Expand", {emitter.scalar(value), emitter.integers({groups})}); };
        const std::string grouped = emitter.node("Reshape", {input, emitter.integers({0, groups, -1})});
        const std::string normed =
            emitter.node("InstanceNormalization", {grouped, filled(1), filled(0)}, {{"epsilon", m_settings.epsilon}});

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
        NormSettings settings{.kind = m_kind, .epsilon = parameters.real("epsilon")};
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
                            "Normalises each channel over the batch (Ioffe, Szegedy 2015).", 1, 1,
                            {ParameterDescriptor::real("momentum", 0.1, 0, 1, "How fast the running statistics follow the batches."),
                             epsilonParameter()}});
}

std::unique_ptr<Operation> groupNorm()
{
    return std::make_unique<Norm>(
        NormKind::Group,
        OperationDescriptor{"group-norm", "Group normalisation", "Normalisation",
                            "Normalises groups of channels of each sample (Wu, He 2018).", 1, 1,
                            {ParameterDescriptor::integer("groups", 1, 1, 4096, "Number of groups; must divide the channels."),
                             epsilonParameter()}});
}

std::unique_ptr<Operation> layerNorm()
{
    return std::make_unique<Norm>(
        NormKind::Layer,
        OperationDescriptor{"layer-norm", "Layer normalisation", "Normalisation",
                            "Normalises the features of each sample, in images the channels of each pixel (Ba 2016).", 1, 1,
                            {epsilonParameter()}});
}

} // namespace archscope::ops
