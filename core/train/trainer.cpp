#include "core/train/trainer_torch.h"

#include "core/base/rng.h"
#include "core/base/text.h"
#include "core/train/device_torch.h"
#include "core/train/optimizer_torch.h"

#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>

#include <chrono>
#include <cmath>
#include <fmt/format.h>

namespace archscope::train {

namespace {

using Clock = std::chrono::steady_clock;

/// Each purpose has a generator of its own: a network with one dropout more still sees its samples in the same order.
enum class Purpose : std::uint64_t { InitialWeights = 1, Order = 2, Dropout = 3 };

at::Generator generatorFor(std::uint64_t seed, Purpose purpose, at::Device device)
{
    return seededGenerator(device, Rng::mixed({ seed, static_cast<std::uint64_t>(purpose) }));
}

double secondsSince(Clock::time_point start)
{
    return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Sums of loss and hits that stay on the device until they are asked for.
class RunningScore {
public:
    explicit RunningScore(at::Device device)
        : m_loss(at::zeros({}, at::TensorOptions(at::kFloat).device(device)))
        , m_hits(at::zeros({}, at::TensorOptions(at::kLong).device(device)))
    {
    }

    void reset()
    {
        m_loss.zero_();
        m_hits.zero_();
        m_samples = 0;
    }
    void add(const at::Tensor& meanLoss, const at::Tensor& logits, const at::Tensor& target)
    {
        m_loss.add_(meanLoss.detach(), static_cast<double>(target.size(0)));
        m_hits.add_(logits.detach().argmax(1).eq(target).sum());
        m_samples += target.size(0);
    }
    /// These wait for the device.
    double loss() const { return m_loss.item<float>() / static_cast<double>(m_samples); }
    double accuracy() const { return static_cast<double>(m_hits.item<std::int64_t>()) / static_cast<double>(m_samples); }

private:
    at::Tensor m_loss;
    at::Tensor m_hits;
    std::int64_t m_samples = 0;
};

class Training {
public:
    Training(model::NetworkModule& module, const TaskTensors& data, const at::Tensor& samples, const at::Tensor& validation,
        const TrainingSettings& settings, const TrainingControl& control)
        : m_module(module)
        , m_data(data)
        , m_samples(samples)
        , m_validation(validation)
        , m_settings(settings)
        , m_control(control)
        , m_optimizer(module.tensors(),
              AdamWSettings{ .weightDecay = settings.recipe.weightDecay, .gradientClip = settings.recipe.gradientClip })
        , m_order(generatorFor(settings.seed, Purpose::Order, at::kCPU))
        , m_context{ true, generatorFor(settings.seed, Purpose::Dropout, data.device()) }
        , m_running(data.device())
    {
        const std::int64_t count = samples.size(0);
        const std::int64_t batchSize = settings.recipe.batchSize;
        m_batches = count / batchSize + (count % batchSize > 1 || batchSize > count ? 1 : 0);
    }

    TrainingOutcome run()
    {
        const c10::AutoGradMode gradients(true);
        TrainingOutcome outcome;
        for (int epoch = m_settings.epochsBefore + 1; epoch <= m_settings.epochs; ++epoch) {
            Result<CurvePoint> point = runEpoch(epoch);
            if (!point) {
                outcome.error = std::move(point.error());
                return outcome;
            }
            outcome.curve.push_back(*point);
            if (m_control.progress)
                m_control.progress({ epoch, fraction(), *point });
            if (epoch < m_settings.epochs && m_control.goesOn && !m_control.goesOn(outcome.curve)) {
                outcome.pruned = true;
                return outcome;
            }
        }
        return outcome;
    }

private:
    Result<CurvePoint> runEpoch(int epoch)
    {
        const EpochPlan plan = m_data.plan(m_samples, m_settings.recipe, m_order);
        const std::int64_t batchSize = m_settings.recipe.batchSize;
        m_running.reset();
        for (std::int64_t batch = 0; batch < m_batches; ++batch) {
            if (!m_control.goOn())
                return cancelled(epoch);
            {
                const BatchPermit permit(m_control.lane);
                trainOn(plan, batch * batchSize, std::min((batch + 1) * batchSize, plan.size()));
            }
            ++m_step;
            if (Clock::now() - m_reported < std::chrono::milliseconds(50))
                continue;
            m_reported = Clock::now();
            if (!std::isfinite(m_running.loss()))
                return diverged(epoch);
            if (m_control.progress)
                m_control.progress({ epoch - 1, fraction(), std::nullopt });
        }

        CurvePoint point;
        point.epoch = epoch;
        point.trainLoss = m_running.loss();
        point.trainAccuracy = m_running.accuracy();
        point.learningRate = m_learningRate;
        if (!std::isfinite(point.trainLoss))
            return diverged(epoch);
        if (m_validation.defined()) {
            const std::optional<Score> validation = score(
                m_module, m_data, m_validation, scoringBatchSize(m_settings.recipe, m_settings.partsPerBatch), m_control);
            if (!validation)
                return cancelled(epoch);
            if (!std::isfinite(validation->loss))
                return diverged(epoch);
            point.validationLoss = validation->loss;
            point.validationAccuracy = validation->accuracy;
        }
        point.seconds = secondsSince(m_started);
        m_reported = Clock::now();
        return point;
    }

    /// One optimiser step on samples [begin, end) of the plan.
    void trainOn(const EpochPlan& plan, std::int64_t begin, std::int64_t end)
    {
        m_optimizer.zeroGradients();
        const std::int64_t size = end - begin;
        // No part may be a single sample, for the reason given with `train`.
        const std::int64_t parts = std::clamp<std::int64_t>(size / 2, 1, m_settings.partsPerBatch);
        for (std::int64_t part = 0; part < parts; ++part) {
            const Batch batch = m_data.trainingBatch(plan, begin + size * part / parts, begin + size * (part + 1) / parts);
            const at::Tensor logits = m_module.forward(batch.input, m_context);
            at::Tensor loss = at::cross_entropy_loss(
                logits, batch.target, {}, at::Reduction::Mean, -100, m_settings.recipe.labelSmoothing);
            m_running.add(loss, logits, batch.target);
            if (parts > 1)
                loss = loss * (static_cast<double>(batch.size()) / static_cast<double>(size));
            if (loss.requires_grad()) // a drawn network may have no weights at all
                loss.backward();
        }
        m_learningRate = learningRateAt(m_step, steps(), m_settings.recipe.learningRate, m_settings.recipe.warmupFraction);
        m_optimizer.step(m_learningRate);
    }

    double fraction() const { return static_cast<double>(m_step) / static_cast<double>(steps()); }
    std::int64_t steps() const { return m_batches * (m_settings.epochs - m_settings.epochsBefore); }

    tl::unexpected<Error> cancelled(int epoch) const
    {
        return fail(ErrorCode::Cancelled, fmt::format("stopped in epoch {} of {}", epoch, m_settings.epochs));
    }
    tl::unexpected<Error> diverged(int epoch) const
    {
        return fail(ErrorCode::NumericalFailure,
            fmt::format("the loss became NaN or infinite in epoch {}; a lower learning rate than {} may help", epoch,
                plainNumber(m_settings.recipe.learningRate)));
    }

    model::NetworkModule& m_module;
    const TaskTensors& m_data;
    const at::Tensor& m_samples;
    const at::Tensor& m_validation;
    const TrainingSettings& m_settings;
    const TrainingControl& m_control;
    AdamW m_optimizer;
    at::Generator m_order;
    ops::ForwardContext m_context;
    RunningScore m_running;
    std::int64_t m_batches = 0; ///< an epoch
    std::int64_t m_step = 0; ///< over all epochs
    double m_learningRate = 0;
    Clock::time_point m_started = Clock::now();
    Clock::time_point m_reported = m_started;
};

} // namespace

Result<std::unique_ptr<model::NetworkModule>> builtModule(
    const network::Network& network, const space::OperationSet& operations, std::uint64_t seed, at::Device device)
{
    auto module = model::NetworkModule::build(network, operations, generatorFor(seed, Purpose::InitialWeights, at::kCPU));
    if (module) {
        (*module)->to(device);
        (*module)->toChannelsLast();
    }
    return module;
}

TrainingOutcome train(model::NetworkModule& module, const TaskTensors& data, const at::Tensor& samples,
    const at::Tensor& validation, const TrainingSettings& settings, const TrainingControl& control)
{
    return Training(module, data, samples, validation, settings, control).run();
}

std::optional<Score> score(model::NetworkModule& module, const TaskTensors& data, const at::Tensor& samples,
    std::int64_t batchSize, const TrainingControl& control)
{
    const c10::InferenceMode inference;
    RunningScore running(data.device());
    for (std::int64_t begin = 0; begin < samples.size(0); begin += batchSize) {
        if (!control.goOn())
            return std::nullopt;
        const BatchPermit permit(control.lane);
        const Batch batch = data.batch(samples.slice(0, begin, std::min(begin + batchSize, samples.size(0))));
        const at::Tensor logits = module.forward(batch.input, {});
        running.add(at::cross_entropy_loss(logits, batch.target), logits, batch.target);
    }
    return Score{ running.loss(), running.accuracy() };
}

std::int64_t scoringBatchSize(const data::Recipe& recipe, int partsPerBatch)
{
    return std::max<std::int64_t>(1, 2 * std::int64_t{ recipe.batchSize } / partsPerBatch);
}

std::uint64_t trainingBytes(const network::Network& network, std::int64_t batchSize)
{
    double numbers = 4.0 * static_cast<double>(network.cost().parameters);
    for (const network::Layer& layer : network.layers) {
        double outputs = static_cast<double>(batchSize);
        for (const std::int64_t size : layer.output)
            outputs *= static_cast<double>(size);
        numbers += outputs;
    }
    return static_cast<std::uint64_t>(std::min(4 * numbers, 1e18));
}

int threadsFor(const network::Network& network, std::int64_t batchSize)
{
    constexpr double worthSharing = 1e8; // multiply-adds of one forward pass
    return static_cast<double>(network.cost().flops) * static_cast<double>(batchSize) < worthSharing ? 1 : 0;
}

} // namespace archscope::train
