#include "core/train/training_evaluator.h"

#include "core/base/text.h"
#include "core/network/canonical.h"
#include "core/space/decision_space.h"
#include "core/train/device_torch.h"
#include "core/train/latency_torch.h"
#include "core/train/operation_timings.h"
#include "core/train/proxies_torch.h"
#include "core/train/torch_guard.h"
#include "core/train/trainer_torch.h"
#include "core/train/weight_bank.h"
#include "core/train/weight_inheritance.h"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>

namespace archscope::train {

namespace {

/// Trials wait for a measurement, so it is short.
constexpr std::int64_t proxyBatch = 64; ///< samples, as in Abdelfattah 2021
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

    void useWeights(std::shared_ptr<WeightBank> weights) override { m_weights = std::move(weights); }

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
        result.metrics["epochs"] = static_cast<double>(result.curve.size());
        result.metrics["seconds"] = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
        return result;
    }

    /// On one batch of training samples, drawn by the seed: the same for all genotypes.
    Result<double> proxy(const std::string& name, const space::Genotype& genotype, std::uint64_t seed) const override
    {
        return guarded([&]() -> Result<double> {
            prepareThread(m_options.threadsPerTrial);
            ARCHSCOPE_ASSIGN(const network::Network network, lowered(genotype));
            const at::Tensor order = at::randperm(m_train.size(0), seededGenerator(at::kCPU, seed), at::TensorOptions(at::kLong));
            const at::Tensor chosen = m_train.index_select(0, order.slice(0, 0, proxyBatch).to(m_tensors.device()));
            return proxyScore(name, network, m_operations, m_tensors.batch(chosen), seed, m_tensors.device());
        });
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
        const int epochs = epochsOf(request.fidelity);
        result.message.clear();
        const int epochsBefore = beginWithKept(*module, request, epochs, result.message);
        TrainingControl control{ .progress = {}, .pause = &pause, .lane = m_lane.get(), .stop = stop, .goesOn = request.goesOn };
        if (progress) {
            control.progress = [&](const TrainingStatus& status) {
                progress({ request.id, status.epoch, epochs, status.fraction, status.point });
            };
        }
        TrainingOutcome outcome
            = train(*module, m_tensors, m_train, m_validation, { recipe, epochs, request.seed, parts, epochsBefore }, control);
        result.curve = std::move(outcome.curve);
        if (outcome.error)
            return fail(std::move(*outcome.error));
        result.state = outcome.pruned ? TrialState::Pruned : TrialState::Completed;

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
        if (m_weights && request.keepsWeights && !outcome.pruned) {
            if (const auto saved = m_weights->save(request.id, module->weights()); !saved)
                addNote(result.message, "its weights could not be kept: " + saved.error().text());
        }
        return {};
    }

    int epochsOf(const Fidelity& fidelity) const { return fidelity.epochs > 0 ? fidelity.epochs : m_task->spec.recipe.epochs; }

    static void addNote(std::string& message, const std::string& note) { message += (message.empty() ? "" : "; ") + note; }

    /// Puts kept weights into the module: those of the trial that goes on, or what a parent's leave for this network. Where there are
    /// none, the fresh ones stay and the note says so. Returns how many epochs they have been trained.
    int beginWithKept(model::NetworkModule& module, const EvaluationRequest& request, int epochs, std::string& note) const
    {
        if (request.continues.isValid()) {
            const int before = epochsOf(request.continuedFrom);
            if (const auto weights = keptWeights(request.continues, note); weights && before < epochs) {
                const auto loaded = module.load(*weights);
                if (loaded)
                    return before;
                addNote(note, loaded.error().text());
            }
            addNote(note, "trained from the start");
        }
        for (const Ancestor& parent : request.parents) {
            const auto weights = keptWeights(parent.id, note);
            const auto network = lowered(parent.genotype);
            if (!weights || !network)
                continue;
            // Of the module's own names and shapes, so it can be loaded.
            const auto inherited = inheritedWeights(*network, *weights, module.network(), module.weights(), { .seed = request.seed });
            if (const auto loaded = module.load(inherited.weights); !loaded)
                addNote(note, loaded.error().text());
            break;
        }
        return 0;
    }

    std::optional<model::Weights> keptWeights(TrialId trial, std::string& note) const
    {
        auto loaded = m_weights ? m_weights->load(trial) : Result<std::optional<model::Weights>>(std::nullopt);
        if (!loaded)
            addNote(note, loaded.error().text());
        else if (!*loaded)
            addNote(note, fmt::format("the weights of trial {} are missing", trial.value()));
        return loaded ? std::move(*loaded) : std::nullopt;
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
    std::shared_ptr<WeightBank> m_weights; ///< null: none are kept
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
