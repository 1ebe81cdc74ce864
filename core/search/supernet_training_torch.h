// What strategies that train a supernet have in common: the data in halves, and scoring an architecture with shared weights.
// Internal: includes ATen.
#pragma once

#include "core/model/supernet_torch.h"
#include "core/search/supernet_strategy.h"
#include "core/train/trainer_torch.h"

namespace archscope::search {

/// The training split of a task in two parts, as DARTS has it: shuffled once by the seed, then cut. The validation split is for
/// scoring only, the test split is not touched.
struct SupernetData {
    SupernetData(const data::Task& task, at::Device device, double weightsPortion, std::uint64_t seed);

    train::TaskTensors tensors;
    at::Tensor weights; ///< samples that weights are trained on
    at::Tensor architecture; ///< samples that α is trained on
    at::Tensor validation;
};

/// Loss and accuracy over batches; reading them waits for the device.
class RunningAccuracy {
public:
    void add(const at::Tensor& meanLoss, const at::Tensor& logits, const at::Tensor& target);
    std::int64_t samples() const { return m_samples; }
    double loss() const { return m_loss.item<double>() / static_cast<double>(m_samples); }
    double accuracy() const { return m_hits.item<double>() / static_cast<double>(m_samples); }

private:
    at::Tensor m_loss;
    at::Tensor m_hits;
    std::int64_t m_samples = 0;
};

train::TrainingControl trainingControl(const SupernetControl& control, train::MeasurementLane* lane);

/// Accuracy of an architecture with the shared weights on the validation split. Its normalisations take their statistics from
/// some batches of `data.weights` first (Guo 2020, section 3.4); the supernet's own are put back. Lets LibTorch's exceptions through.
Result<double> sharedAccuracy(model::Supernet& supernet, const space::Genotype& genotype, const SupernetData& data, std::int64_t batchSize,
    const train::TrainingControl& control);

/// A tensor among `Weights`, and back into one of the same shape.
model::WeightTensor storedTensor(const at::Tensor& tensor);
Result<void> restoreTensor(const model::Weights& weights, const std::string& name, const at::Tensor& into);

/// The supernet of a context on its device, all weights there; fails where alternatives cannot be mixed or memory does not suffice.
Result<std::unique_ptr<model::Supernet>> mixedSupernet(const SupernetContext& context, const model::Supernet::Settings& settings, std::int64_t batchSize);

} // namespace archscope::search
