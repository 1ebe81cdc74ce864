// A task's data on a device, once for all trials. Internal: includes ATen.
#pragma once

#include "core/data/task.h"

#include <ATen/ATen.h>
#include <span>

namespace archscope::train {

/// Input {n, …sample shape}, normalised, images channels-last; target {n}, class indices.
struct Batch {
    at::Tensor input;
    at::Tensor target;
    std::int64_t size() const { return target.size(0); }
};

/// What one epoch does with which sample: everything random of it, drawn at once, on the device.
struct EpochPlan {
    at::Tensor order; ///< {n}: samples of the dataset
    at::Tensor shiftY; ///< {n}, each in [0, 2·shift]: the crop's origin in the padded image; undefined without shifts
    at::Tensor shiftX;
    at::Tensor flip; ///< {n} bool; undefined without flips
    std::int64_t shiftPixels = 0;
    std::int64_t size() const { return order.size(0); }
};

/// Immutable after construction; used from several threads at once.
class TaskTensors {
public:
    /// On the CPU the samples are not copied: the task must outlive this.
    TaskTensors(const data::Task& task, at::Device device);

    at::Device device() const { return m_device; }
    bool isImage() const { return m_isImage; }
    /// Indices into the dataset as a tensor on the device.
    at::Tensor indices(std::span<const std::int64_t> samples) const;

    /// Shuffles and draws the augmentation. `generator` is of the CPU, so a plan is the same for every device.
    EpochPlan plan(const at::Tensor& samples, const data::Recipe& recipe, at::Generator generator) const;
    /// Samples [begin, end) of the plan, augmented.
    Batch trainingBatch(const EpochPlan& plan, std::int64_t begin, std::int64_t end) const;
    /// Samples as they are.
    Batch batch(const at::Tensor& samples) const;

private:
    at::Tensor normalised(const at::Tensor& raw) const;

    at::Device m_device;
    bool m_isImage;
    at::Tensor m_samples; ///< {count, …shape}, bytes or floats as the dataset has them
    at::Tensor m_labels;
    at::Tensor m_mean; ///< broadcasts over a batch
    at::Tensor m_inverseDeviation;
};

/// Images in the layout that convolutions prefer, copied only where they have another. One channel is both layouts at once
/// to LibTorch, which then takes the slower one for the whole network: the strides are made to say which it is.
at::Tensor channelsLast(const at::Tensor& images);
/// Images {n, C, H, W} zero-padded by `shiftPixels` and cut back to H × W at an origin of each image's own.
at::Tensor shifted(const at::Tensor& images, std::int64_t shiftPixels, const at::Tensor& originY, const at::Tensor& originX);
/// Images mirrored left to right where `flip` says so.
at::Tensor flipped(const at::Tensor& images, const at::Tensor& flip);

} // namespace archscope::train
