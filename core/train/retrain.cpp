// The final training of a chosen network: on train + validation, once a seed; only then the test split, once a seed.
#include "core/train/device_torch.h"
#include "core/train/torch_guard.h"
#include "core/train/trainer_torch.h"
#include "core/train/training_evaluator.h"

#include "core/base/text.h"

#include <cmath>
#include <numeric>

namespace archscope::train {

namespace {
constexpr int epochsOverRecipe = 4; ///< the winner may train longer than a trial

struct Trained {
    Score test;
    model::Weights weights;
};

/// Sample standard deviation; 0 for one value.
double deviationOf(const std::vector<double>& values, double mean)
{
    if (values.size() < 2)
        return 0;
    const double squares = std::accumulate(values.begin(), values.end(), 0.0,
        [mean](double sum, double value) { return sum + (value - mean) * (value - mean); });
    return std::sqrt(squares / static_cast<double>(values.size() - 1));
}
} // namespace

Result<RetrainResult> retrain(const network::Network& network, const space::OperationSet& operations, const data::Task& task,
    const RetrainOptions& options, const std::function<void(const RetrainProgress&)>& progress, const std::stop_token& stop)
{
    if (options.seeds.empty())
        return fail(ErrorCode::InvalidArgument, "retraining needs at least one seed");
    if (options.epochs < 0)
        return fail(ErrorCode::InvalidArgument, "retraining needs at least one epoch");
    if (network.task != taskShape(task))
        return fail(ErrorCode::InvalidInput, "the network was made for another task: shapes or classes differ");
    if (const auto problems = task.spec.recipe.validate(); !problems.empty())
        return fail(ErrorCode::InvalidInput, joined(problems, "; "), "recipe");
    std::vector<std::int64_t> samples = task.splits.train;
    samples.insert(samples.end(), task.splits.validation.begin(), task.splits.validation.end());
    if (samples.size() < 2 || task.splits.test.empty())
        return fail(ErrorCode::InvalidInput, "the task needs at least two samples to train on and one to test with");

    const int epochs = options.epochs > 0 ? options.epochs : epochsOverRecipe * task.spec.recipe.epochs;
    const auto seedCount = static_cast<double>(options.seeds.size());
    return guarded([&]() -> Result<RetrainResult> {
        const ThreadScope threads(options.threads > 0 ? options.threads : threadsFor(network, task.spec.recipe.batchSize));
        ARCHSCOPE_ASSIGN(const at::Device device, torchDevice(options.device));
        const TaskTensors tensors(task, device);
        const at::Tensor trainSamples = tensors.indices(samples);
        const at::Tensor testSamples = tensors.indices(task.splits.test);

        RetrainResult result;
        RetrainProgress status{ .epochs = epochs };
        TrainingControl control;
        control.stop = stop;
        control.progress = [&](const TrainingStatus& training) {
            status.epoch = training.epoch;
            status.fraction = (status.seedIndex + training.fraction) / seedCount;
            if (training.point) {
                status.trainLoss = training.point->trainLoss;
                status.trainAccuracy = training.point->trainAccuracy;
            }
            if (progress)
                progress(status);
        };
        for (const std::uint64_t seed : options.seeds) {
            auto trained = retriedSmaller([&](int parts) -> Result<Trained> {
                ARCHSCOPE_ASSIGN(const auto module, builtModule(network, operations, seed, device));
                TrainingOutcome outcome
                    = train(*module, tensors, trainSamples, {}, { task.spec.recipe, epochs, seed, parts }, control);
                if (outcome.error)
                    return fail(std::move(*outcome.error));
                const std::optional<Score> test
                    = score(*module, tensors, testSamples, scoringBatchSize(task.spec.recipe, parts), control);
                if (!test)
                    return fail(ErrorCode::Cancelled, "stopped during the test");
                return Trained{ *test, status.seedIndex == 0 ? module->weights() : model::Weights() };
            });
            if (!trained)
                return fail(std::move(trained.error()));
            if (status.seedIndex == 0)
                result.weights = std::move(trained->weights);
            result.seeds.push_back(seed);
            result.testAccuracies.push_back(trained->test.accuracy);
            result.testLosses.push_back(trained->test.loss);
            ++status.seedIndex;
        }
        result.mean = std::accumulate(result.testAccuracies.begin(), result.testAccuracies.end(), 0.0) / seedCount;
        result.deviation = deviationOf(result.testAccuracies, result.mean);
        return result;
    });
}

} // namespace archscope::train
