#include "core/train/task_tensors_torch.h"

#include <variant>

namespace archscope::train {

namespace {

at::Tensor samplesTensor(const data::Samples& samples)
{
    std::vector<std::int64_t> sizes = samples.shape;
    sizes.insert(sizes.begin(), samples.count());
    return std::visit(
        [&](const auto& values) {
            using Value = typename std::decay_t<decltype(values)>::value_type;
            // LibTorch has no tensors of constants; nothing writes to this one.
            return at::from_blob(const_cast<Value*>(values.data()), sizes,
                at::TensorOptions(std::is_same_v<Value, float> ? at::kFloat : at::kByte));
        },
        samples.values);
}

template <class Value> at::Tensor copied(std::span<const Value> values, at::ScalarType type, at::Device device)
{
    return at::from_blob(const_cast<Value*>(values.data()), { static_cast<std::int64_t>(values.size()) }, type)
        .to(device, type, /*non_blocking=*/false, /*copy=*/true);
}

} // namespace

TaskTensors::TaskTensors(const data::Task& task, at::Device device)
    : m_device(device)
    , m_isImage(task.dataset.isImage())
    , m_samples(samplesTensor(task.dataset.samples).to(device))
    , m_labels(copied(std::span<const std::int64_t>(task.dataset.labels), at::kLong, device))
{
    m_mean = copied(std::span<const float>(task.normalisation.mean), at::kFloat, device);
    m_inverseDeviation = copied(std::span<const float>(task.normalisation.deviation), at::kFloat, device).reciprocal();
    if (m_isImage) {
        m_mean = m_mean.view({ -1, 1, 1 });
        m_inverseDeviation = m_inverseDeviation.view({ -1, 1, 1 });
    }
}

at::Tensor TaskTensors::indices(std::span<const std::int64_t> samples) const
{
    return copied(samples, at::kLong, m_device);
}

EpochPlan TaskTensors::plan(const at::Tensor& samples, const data::Recipe& recipe, at::Generator generator) const
{
    const std::int64_t count = samples.size(0);
    EpochPlan plan;
    plan.order = samples.index_select(0, at::randperm(count, generator, at::TensorOptions(at::kLong)).to(m_device));
    if (m_isImage && recipe.shiftPixels > 0) {
        plan.shiftPixels = recipe.shiftPixels;
        const at::Tensor origins
            = at::randint(2 * plan.shiftPixels + 1, { 2, count }, generator, at::TensorOptions(at::kLong)).to(m_device);
        plan.shiftY = origins[0];
        plan.shiftX = origins[1];
    }
    if (m_isImage && recipe.horizontalFlip)
        plan.flip = at::randint(2, { count }, generator, at::TensorOptions(at::kLong)).to(m_device, at::kBool);
    return plan;
}

Batch TaskTensors::trainingBatch(const EpochPlan& plan, std::int64_t begin, std::int64_t end) const
{
    const at::Tensor samples = plan.order.slice(0, begin, end);
    at::Tensor raw = m_samples.index_select(0, samples);
    if (plan.shiftY.defined())
        raw = shifted(raw, plan.shiftPixels, plan.shiftY.slice(0, begin, end), plan.shiftX.slice(0, begin, end));
    if (plan.flip.defined())
        raw = flipped(raw, plan.flip.slice(0, begin, end));
    return { normalised(raw), m_labels.index_select(0, samples) };
}

Batch TaskTensors::batch(const at::Tensor& samples) const
{
    return { normalised(m_samples.index_select(0, samples)), m_labels.index_select(0, samples) };
}

at::Tensor TaskTensors::normalised(const at::Tensor& raw) const
{
    const at::Tensor values = raw.to(at::kFloat).sub_(m_mean).mul_(m_inverseDeviation);
    return m_isImage ? channelsLast(values) : values;
}

at::Tensor channelsLast(const at::Tensor& images)
{
    const at::Tensor dense = images.contiguous(at::MemoryFormat::ChannelsLast);
    return images.size(1) == 1 ? dense.as_strided(dense.sizes(), { dense.stride(0), 1, dense.stride(2), 1 }) : dense;
}

at::Tensor shifted(const at::Tensor& images, std::int64_t shiftPixels, const at::Tensor& originY, const at::Tensor& originX)
{
    const std::int64_t height = images.size(2);
    const std::int64_t width = images.size(3);
    // A view of every crop there is, {n, originY, originX, C, H, W}; one indexing takes each image's own.
    const at::Tensor crops = at::constant_pad_nd(images, { shiftPixels, shiftPixels, shiftPixels, shiftPixels }, 0)
                                 .unfold(2, height, 1)
                                 .unfold(3, width, 1)
                                 .permute({ 0, 2, 3, 1, 4, 5 });
    return crops.index({ at::arange(images.size(0), originY.options()), originY, originX });
}

at::Tensor flipped(const at::Tensor& images, const at::Tensor& flip)
{
    return at::where(flip.view({ -1, 1, 1, 1 }), images.flip(3), images);
}

} // namespace archscope::train
