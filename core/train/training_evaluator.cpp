#include "core/train/training_evaluator.h"

#include "core/base/text.h"
#include "core/network/canonical.h"
#include "core/space/decision_space.h"
#include "core/train/device_torch.h"
#include "core/train/latency_torch.h"
#include "core/train/operation_timings.h"
#include "core/train/torch_guard.h"
#include "core/train/trainer_torch.h"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>

namespace archscope::train {

namespace {

/// Trials wait for a measurement, so it is short.
constexpr LatencyBounds latencyBounds{ .minRuns = 30, .maxSeconds = 0.15 };

class TrainingEvaluator final : public Evaluator {
public:
    TrainingEvaluator(space::SearchSpace space, space::DecisionSpace decisions, const space::OperationSet& operations,
        std::shared_ptr<const data::Task> task, const EvaluatorOptions& options, at::Device device)
        : m_space(std::move(space))
        , m_decisions(std::move(decisions))
        , m_operations(operations)
        , m_task(std::move(task))
        , m_options(options)
        , m_taskShape(taskShape(*m_task))
        , m_tensors(*m_task, device)
        , m_train(m_tensors.indices(m_task->splits.train))
        , m_validation(m_tensors.indices(m_task->splits.validation))
        , m_lane(options.lane ? options.lane : std::make_shared<MeasurementLane>())
        , m_timings(m_operations, device.str(), m_lane)
    {
    }

    Result<Foreknowledge> precheck(const space::Genotype& genotype) const override
    {
        ARCHSCOPE_ASSIGN(const network::Network network, lowered(genotype, m_timings.predictor()));
        return Foreknowledge{ metricsOf(network), network::canonicalHash(network) };
    }

    std::optional<std::string> newMeasurements() override
    {
        const std::size_t measured = m_timings.size();
        if (measured == m_storedTimings)
            return std::nullopt;
        m_storedTimings = measured;
        return m_timings.toJson().dump();
    }

    Result<void> restoreMeasurements(const std::string& text) override
    {
        ARCHSCOPE_ASSIGN(const Json document, parseJson(text));
        ARCHSCOPE_TRY(m_timings.restore(document));
        m_storedTimings = m_timings.size();
        return {};
    }

    EvaluationResult evaluate(const EvaluationRequest& request, const ProgressSink& progress, PauseGate& pause,
        const std::stop_token& stop) override
    {
        const auto started = std::chrono::steady_clock::now();
        EvaluationResult result;
        const Result<void> evaluated = guarded([&]() -> Result<void> {
            prepareThread(m_options.threadsPerTrial);
            ARCHSCOPE_ASSIGN(const network::Network network, lowered(request.genotype));
            result.metrics = metricsOf(network);
            return retriedSmaller(
                [&](int parts) { return trained(network, request, parts, progress, pause, stop, result); });
        });
        if (!evaluated) {
            result.state = evaluated.error().code == ErrorCode::Cancelled ? TrialState::Cancelled : TrialState::Failed;
            result.message = evaluated.error().text();
        }
        result.metrics["seconds"] = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
        return result;
    }

private:
    /// Without a predictor what has been admitted is not asked again whether it keeps a budget on latency.
    Result<network::Network> lowered(const space::Genotype& genotype, const network::LatencyPredictor& latency = {}) const
    {
        if (!m_decisions.isValid(genotype))
            return fail(ErrorCode::InvalidInput, "the genotype does not belong to the space");
        return network::lower(m_space, m_decisions, genotype, m_operations, m_taskShape, latency);
    }

    Metrics metricsOf(const network::Network& network) const
    {
        const network::Cost cost = network.cost();
        return { { "parameters", static_cast<double>(cost.parameters) }, { "flops", static_cast<double>(cost.flops) },
            { "memory_mb", 1e-6 * static_cast<double>(trainingBytes(network, m_task->spec.recipe.batchSize)) } };
    }

    /// Refuses what clearly does not fit before anything is allocated.
    Result<void> checkMemory(const network::Network& network, int parts) const
    {
        const std::uint64_t available
            = m_options.memoryLimitBytes ? m_options.memoryLimitBytes : freeMemoryBytes(m_tensors.device());
        const std::uint64_t needed = trainingBytes(network, m_task->spec.recipe.batchSize / parts);
        if (available == 0 || needed <= available)
            return {};
        return fail(ErrorCode::OutOfMemory,
            fmt::format("training the network takes at least {}, but only {} are available",
                byteText(static_cast<double>(needed)), byteText(static_cast<double>(available))));
    }

    Result<void> trained(const network::Network& network, const EvaluationRequest& request, int parts,
        const ProgressSink& progress, PauseGate& pause, const std::stop_token& stop, EvaluationResult& result)
    {
        ARCHSCOPE_TRY(checkMemory(network, parts));
        ARCHSCOPE_ASSIGN(const auto module, builtModule(network, m_operations, request.seed, m_tensors.device()));
        const data::Recipe& recipe = m_task->spec.recipe;
        const int epochs = request.fidelity.epochs > 0 ? request.fidelity.epochs : recipe.epochs;
        TrainingControl control{ .progress = {}, .pause = &pause, .lane = m_lane.get(), .stop = stop };
        if (progress) {
            control.progress = [&](const TrainingStatus& status) {
                progress({ request.id, status.epoch, epochs, status.fraction, status.point });
            };
        }
        TrainingOutcome outcome
            = train(*module, m_tensors, m_train, m_validation, { recipe, epochs, request.seed, parts }, control);
        result.curve = std::move(outcome.curve);
        if (outcome.error)
            return fail(std::move(*outcome.error));

        const at::Tensor trainProbe = m_train.slice(0, 0, std::min(m_train.size(0), m_validation.size(0)));
        const std::optional<Score> trainScore
            = score(*module, m_tensors, trainProbe, scoringBatchSize(recipe, parts), control);
        if (!trainScore)
            return fail(ErrorCode::Cancelled, "stopped after the last epoch");
        const CurvePoint& last = result.curve.back();
        result.metrics["val_accuracy"] = last.validationAccuracy;
        result.metrics["val_loss"] = last.validationLoss;
        result.metrics["train_accuracy"] = trainScore->accuracy;
        result.metrics["gap"] = trainScore->accuracy - last.validationAccuracy;
        if (m_options.measureLatency) {
            const at::Tensor input = latencyInput(network, 1, m_tensors.device());
            const MeasurementPermit permit(*m_lane);
            result.metrics["latency_ms"] = timedInference(*module, input, latencyBounds).medianMs;
        }
        return {};
    }

    space::SearchSpace m_space;
    space::DecisionSpace m_decisions; ///< compiled from m_space
    space::OperationSet m_operations;
    std::shared_ptr<const data::Task> m_task;
    EvaluatorOptions m_options;
    network::TaskShape m_taskShape;
    TaskTensors m_tensors;
    at::Tensor m_train;
    at::Tensor m_validation;
    std::shared_ptr<MeasurementLane> m_lane; ///< shared by all trials of this evaluator
    mutable OperationTimings m_timings;
    std::size_t m_storedTimings = 0; ///< how many of them were handed out for the store
};

} // namespace

Result<std::unique_ptr<Evaluator>> trainingEvaluator(space::SearchSpace space, const space::OperationSet& operations,
    std::shared_ptr<const data::Task> task, EvaluatorOptions options)
{
    if (options.threadsPerTrial < 1)
        return fail(ErrorCode::InvalidArgument, "a trial needs at least one thread");
    if (const auto problems = task->spec.recipe.validate(); !problems.empty())
        return fail(ErrorCode::InvalidInput, joined(problems, "; "), "recipe");
    if (task->splits.train.size() < 2 || task->splits.validation.empty())
        return fail(ErrorCode::InvalidInput, "the task needs at least two training samples and one validation sample");
    ARCHSCOPE_ASSIGN(space::DecisionSpace decisions, space::DecisionSpace::compile(space));
    ARCHSCOPE_ASSIGN(const at::Device device, torchDevice(options.device));
    return guarded([&]() -> Result<std::unique_ptr<Evaluator>> {
        return std::make_unique<TrainingEvaluator>(
            std::move(space), std::move(decisions), operations, std::move(task), options, device);
    });
}

} // namespace archscope::train
