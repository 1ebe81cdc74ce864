#include "core/search/supernet_training_torch.h"

#include "core/base/rng.h"
#include "core/base/text.h"
#include "core/train/device_torch.h"
#include "core/train/training_evaluator.h"

#include <c10/core/GradMode.h>
#include <fmt/format.h>

namespace archscope::search {

namespace {
constexpr std::int64_t calibrationBatches = 40; ///< with the usual momentum of 0.1, 1.5 % of the initial statistics is left
} // namespace

SupernetData::SupernetData(const data::Task& task, at::Device device, double weightsPortion, std::uint64_t seed)
    : tensors(task, device)
{
    std::vector<std::int64_t> samples = task.splits.train;
    Rng(seed).shuffle(std::span(samples));
    const auto count = static_cast<std::int64_t>(samples.size());
    const auto cut = std::clamp<std::int64_t>(std::llround(weightsPortion * static_cast<double>(count)), std::min<std::int64_t>(2, count), std::max<std::int64_t>(2, count - 2));
    const std::span<const std::int64_t> all(samples);
    weights = tensors.indices(all.first(static_cast<std::size_t>(cut)));
    architecture = tensors.indices(all.subspan(static_cast<std::size_t>(cut)));
    validation = tensors.indices(task.splits.validation);
}

void RunningAccuracy::add(const at::Tensor& meanLoss, const at::Tensor& logits, const at::Tensor& target)
{
    const c10::NoGradGuard noGradients;
    const at::Tensor loss = meanLoss.detach().to(at::kDouble) * static_cast<double>(target.size(0));
    const at::Tensor hits = logits.detach().argmax(1).eq(target).sum().to(at::kDouble);
    m_loss = m_loss.defined() ? m_loss + loss : loss;
    m_hits = m_hits.defined() ? m_hits + hits : hits;
    m_samples += target.size(0);
}

train::TrainingControl trainingControl(const SupernetControl& control, train::MeasurementLane* lane)
{
    return { .progress = {}, .pause = control.pause, .lane = lane, .stop = control.stop };
}

Result<double> sharedAccuracy(model::Supernet& supernet, const space::Genotype& genotype, const SupernetData& data, std::int64_t batchSize,
    const train::TrainingControl& control)
{
    ARCHSCOPE_ASSIGN(const auto module, supernet.path(genotype));
    const auto statistics = supernet.statistics();
    if (!statistics.empty()) {
        const c10::NoGradGuard noGradients;
        supernet.resetStatistics();
        const ops::ForwardContext context{ true, train::seededGenerator(data.tensors.device(), 0) };
        const std::int64_t size = data.weights.size(0);
        for (std::int64_t i = 0, begin = 0; i < calibrationBatches; ++i) {
            if (!control.goOn())
                break;
            const train::BatchPermit permit(control.lane);
            const std::int64_t end = std::min(begin + batchSize, size);
            if (end - begin > 1)
                module->forward(data.tensors.batch(data.weights.slice(0, begin, end)).input, context);
            begin = end >= size ? 0 : end;
        }
    }
    const auto score = train::score(*module, data.tensors, data.validation, 2 * batchSize, control);
    supernet.putBack(statistics);
    if (!score)
        return fail(ErrorCode::Cancelled, "stopped");
    return score->accuracy;
}

model::WeightTensor storedTensor(const at::Tensor& tensor)
{
    const at::Tensor values = tensor.detach().to(at::kCPU, at::kFloat).contiguous();
    model::WeightTensor stored;
    stored.shape = values.sizes().vec();
    stored.values.assign(values.data_ptr<float>(), values.data_ptr<float>() + values.numel());
    return stored;
}

Result<void> restoreTensor(const model::Weights& weights, const std::string& name, const at::Tensor& into)
{
    const auto it = weights.find(name);
    if (it == weights.end())
        return fail(ErrorCode::InvalidInput, "the stored state lacks this tensor", name);
    if (it->second.shape != into.sizes().vec() || it->second.values.size() != static_cast<std::size_t>(into.numel()))
        return fail(ErrorCode::InvalidInput, "the stored state has another shape", name);
    const c10::NoGradGuard noGradients;
    into.copy_(at::from_blob(const_cast<float*>(it->second.values.data()), it->second.shape, at::kFloat));
    return {};
}

Result<std::unique_ptr<model::Supernet>> mixedSupernet(const SupernetContext& context, const model::Supernet::Settings& settings, std::int64_t batchSize)
{
    auto supernet = std::make_unique<model::Supernet>(*context.space, *context.decisions, context.operations, train::taskShape(*context.task), settings);
    ARCHSCOPE_TRY(supernet->prepareMixture());
    const std::uint64_t available = train::freeMemoryBytes(settings.device);
    const std::uint64_t needed = train::trainingBytes(supernet->mixture(), batchSize);
    if (available > 0 && needed > available)
        return fail(ErrorCode::OutOfMemory,
            fmt::format("training all alternatives at once takes at least {}, but only {} are available: use a smaller batch_size or fewer channels",
                byteText(static_cast<double>(needed)), byteText(static_cast<double>(available))));
    return supernet;
}

} // namespace archscope::search
