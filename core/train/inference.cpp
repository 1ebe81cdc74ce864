// A network's answers on samples of a task, and the samples as networks see them.
#include "core/train/device_torch.h"
#include "core/train/torch_guard.h"
#include "core/train/trainer_torch.h"
#include "core/train/training_evaluator.h"

#include <c10/core/InferenceMode.h>

#include <algorithm>

namespace archscope::train {

namespace {
constexpr std::size_t batchSize = 128;

void append(std::vector<float>& values, const at::Tensor& tensor)
{
    const at::Tensor rows = tensor.contiguous(at::MemoryFormat::Contiguous);
    values.insert(values.end(), rows.const_data_ptr<float>(), rows.const_data_ptr<float>() + rows.numel());
}

/// Calls `use` with the normalised inputs of the samples, batch by batch, on the CPU.
template <class Use> void forEachBatch(const data::Task& task, std::span<const std::int64_t> samples, Use&& use)
{
    const c10::InferenceMode inference;
    const TaskTensors tensors(task, at::kCPU);
    for (std::size_t begin = 0; begin < samples.size(); begin += batchSize)
        use(tensors.batch(tensors.indices(samples.subspan(begin, std::min(batchSize, samples.size() - begin)))).input);
}
} // namespace

network::TaskShape taskShape(const data::Task& task)
{
    return { task.dataset.samples.shape, task.classCount() };
}

Result<std::vector<float>> logits(const network::Network& network, const space::OperationSet& operations,
    const model::Weights& weights, const data::Task& task, std::span<const std::int64_t> samples)
{
    return guarded([&]() -> Result<std::vector<float>> {
        const ThreadScope threads(threadsFor(network, static_cast<std::int64_t>(batchSize)));
        ARCHSCOPE_ASSIGN(const auto module, builtModule(network, operations, 0, at::kCPU));
        ARCHSCOPE_TRY(module->load(weights));
        std::vector<float> values;
        values.reserve(samples.size() * static_cast<std::size_t>(network.task.outputs));
        forEachBatch(task, samples, [&](const at::Tensor& input) { append(values, module->forward(input, {})); });
        return values;
    });
}

std::vector<float> normalisedSamples(const data::Task& task, std::span<const std::int64_t> samples)
{
    std::vector<float> values;
    values.reserve(samples.size() * static_cast<std::size_t>(task.dataset.samples.sampleSize()));
    forEachBatch(task, samples, [&](const at::Tensor& input) { append(values, input); });
    return values;
}

} // namespace archscope::train
