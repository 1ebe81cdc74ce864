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
    std::int64_t total = 0;
    at::TensorOptions options(at::kFloat);
    for (const ops::NamedTensor& tensor : tensors) {
        if (tensor.trainable) {
            total += paddedSize(tensor.tensor);
            options = tensor.tensor.options().requires_grad(false);
        }
    }
    if (total == 0)
        return;

    const at::Tensor weights = at::zeros({ total }, options);
    m_gradients = at::zeros({ total }, options);
    std::int64_t offset = 0;
    for (const bool decayed : { true, false }) {
        const std::int64_t begin = offset;
        for (const ops::NamedTensor& tensor : tensors) {
            if (!tensor.trainable || tensor.decayed != decayed)
                continue;
            const at::Tensor& original = tensor.tensor;
            TORCH_CHECK(original.is_non_overlapping_and_dense(), "weights must be dense: ", tensor.name);
            const at::Tensor view = weights.as_strided(original.sizes(), original.strides(), offset);
            view.copy_(original.detach());
            original.set_data(view);
            original.mutable_grad() = m_gradients.as_strided(original.sizes(), original.strides(), offset);
            offset += paddedSize(original);
        }
        if (offset > begin) {
            const at::Tensor part = weights.slice(0, begin, offset);
            m_groups.push_back({ part, m_gradients.slice(0, begin, offset), at::zeros_like(part), at::zeros_like(part),
                at::zeros({}, options), decayed ? settings.weightDecay : 0.0 });
        }
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

} // namespace archscope::train
