#include "core/train/optimizer_torch.h"

#include <c10/core/GradMode.h>

#include <cmath>
#include <numbers>

namespace archscope::train {

namespace {
/// Every tensor begins at a multiple of 64 bytes, as the kernels like it (and as their results are reproducible).
constexpr std::int64_t alignment = 16;

std::int64_t paddedSize(const at::Tensor& tensor)
{
    return (tensor.numel() + alignment - 1) / alignment * alignment;
}

/// Buffers that the trainable tensors and their gradients have become views into.
struct Flat {
    at::Tensor weights; ///< undefined where nothing is trained
    at::Tensor gradients;
    std::int64_t decayed = 0; ///< those that are decayed come first, up to here
    std::int64_t total = 0;
};

Flat flattened(std::span<const ops::NamedTensor> tensors)
{
    Flat flat;
    at::TensorOptions options(at::kFloat);
    for (const ops::NamedTensor& tensor : tensors) {
        if (tensor.trainable) {
            flat.total += paddedSize(tensor.tensor);
            options = tensor.tensor.options().requires_grad(false);
        }
    }
    if (flat.total == 0)
        return flat;
    flat.weights = at::zeros({ flat.total }, options);
    flat.gradients = at::zeros({ flat.total }, options);
    std::int64_t offset = 0;
    for (const bool decayed : { true, false }) {
        for (const ops::NamedTensor& tensor : tensors) {
            if (!tensor.trainable || tensor.decayed != decayed)
                continue;
            const at::Tensor& original = tensor.tensor;
            TORCH_CHECK(original.is_non_overlapping_and_dense(), "weights must be dense: ", tensor.name);
            const at::Tensor view = flat.weights.as_strided(original.sizes(), original.strides(), offset);
            view.copy_(original.detach());
            original.set_data(view);
            original.mutable_grad() = flat.gradients.as_strided(original.sizes(), original.strides(), offset);
            offset += paddedSize(original);
        }
        if (decayed)
            flat.decayed = offset;
    }
    return flat;
}
} // namespace

double learningRateAt(std::int64_t step, std::int64_t steps, double peak, double warmupFraction)
{
    const auto warmup = static_cast<std::int64_t>(std::llround(warmupFraction * static_cast<double>(steps)));
    if (step < warmup)
        return peak * static_cast<double>(step + 1) / static_cast<double>(warmup);
    const double progress
        = static_cast<double>(step - warmup) / static_cast<double>(std::max<std::int64_t>(1, steps - warmup));
    return 0.5 * peak * (1 + std::cos(std::numbers::pi * progress));
}

AdamW::AdamW(std::span<const ops::NamedTensor> tensors, const AdamWSettings& settings)
    : m_settings(settings)
{
    const c10::NoGradGuard noGradients;
    const Flat flat = flattened(tensors);
    m_gradients = flat.gradients;
    std::int64_t begin = 0;
    for (const bool decayed : { true, false }) {
        const std::int64_t end = decayed ? flat.decayed : flat.total;
        if (end > begin) {
            const at::Tensor part = flat.weights.slice(0, begin, end);
            m_groups.push_back({ part, m_gradients.slice(0, begin, end), at::zeros_like(part), at::zeros_like(part),
                at::zeros({}, part.options()), decayed ? settings.weightDecay : 0.0 });
        }
        begin = end;
    }
}

void AdamW::zeroGradients()
{
    if (m_gradients.defined())
        m_gradients.zero_();
}

void AdamW::step(double learningRate)
{
    const c10::NoGradGuard noGradients;
    // The fused kernel divides the gradients by this, which clips them without another pass, and without the host
    // waiting for the device.
    std::optional<at::Tensor> scale;
    if (m_settings.gradientClip > 0 && m_gradients.defined())
        scale = at::linalg_vector_norm(m_gradients).div_(m_settings.gradientClip).clamp_min_(1);
    for (Group& group : m_groups) {
        group.steps.add_(1);
        at::_fused_adamw_({ group.weights }, { group.gradients }, { group.mean }, { group.variance }, {}, { group.steps },
            learningRate, m_settings.beta1, m_settings.beta2, group.weightDecay, m_settings.epsilon, /*amsgrad=*/false,
            /*maximize=*/false, scale);
    }
}

Sgd::Sgd(std::span<const ops::NamedTensor> tensors, const SgdSettings& settings)
    : m_settings(settings)
{
    const c10::NoGradGuard noGradients;
    const Flat flat = flattened(tensors);
    m_weights = flat.weights;
    m_gradients = flat.gradients;
    if (m_weights.defined())
        m_momentum = at::zeros_like(m_weights);
}

void Sgd::zeroGradients()
{
    if (m_gradients.defined())
        m_gradients.zero_();
}

void Sgd::step(double learningRate)
{
    if (!m_weights.defined())
        return;
    const c10::NoGradGuard noGradients;
    if (m_settings.gradientClip > 0)
        m_gradients.div_(at::linalg_vector_norm(m_gradients).div_(m_settings.gradientClip).clamp_min_(1));
    // The first step's momentum is its gradient, as PyTorch has it: the buffer begins at zero.
    m_momentum.mul_(m_settings.momentum).add_(m_gradients).add_(m_weights, m_settings.weightDecay);
    m_weights.sub_(m_momentum, learningRate);
}

} // namespace archscope::train
