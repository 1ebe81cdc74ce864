// The one training loop: trials of a search and the final retrain both run it. Internal: includes ATen.
#pragma once

#include "core/model/network_module_torch.h"
#include "core/train/evaluator.h"
#include "core/train/measurement_lane.h"
#include "core/train/task_tensors_torch.h"

#include <functional>
#include <optional>

namespace archscope::train {

struct TrainingSettings {
    data::Recipe recipe;
    int epochs = 1;
    std::uint64_t seed = 0; ///< all randomness of initialisation, order, augmentation and dropout
    int partsPerBatch = 1; ///< gradient accumulation: a batch is trained on in that many parts
    /// Of the epochs, so many have been trained before, and the module has their weights: only the rest is trained. The optimiser and
    /// its schedule begin anew, with a warm-up and a cosine of their own.
    int epochsBefore = 0;
};

struct TrainingStatus {
    int epoch = 0; ///< finished epochs
    double fraction = 0; ///< 0 to 1
    std::optional<CurvePoint> point; ///< when an epoch has just ended
};

/// How a training is watched and held up from outside. Everything is asked at batch boundaries.
struct TrainingControl {
    std::function<void(const TrainingStatus&)> progress; ///< about every 50 ms and at the end of each epoch; may be empty
    PauseGate* pause = nullptr; ///< not owned; may be null
    MeasurementLane* lane = nullptr; ///< not owned; may be null
    std::stop_token stop;
    /// Asked after each epoch but the last; false ends the training. May be empty.
    std::function<bool(std::span<const CurvePoint>)> goesOn = {};

    /// Waits while paused; false when it is time to stop.
    bool goOn() const
    {
        if (pause)
            pause->waitWhilePaused(stop);
        return !stop.stop_requested();
    }
};

struct TrainingOutcome {
    std::vector<CurvePoint> curve; ///< of the epochs that ended well
    std::optional<Error> error; ///< Cancelled or NumericalFailure; nothing when it ran to its end
    bool pruned = false; ///< `goesOn` ended it
};

/// A freshly initialised network on the device, in the layout its kernels prefer.
Result<std::unique_ptr<model::NetworkModule>> builtModule(
    const network::Network& network, const space::OperationSet& operations, std::uint64_t seed, at::Device device);

/// Trains on the samples, and after each epoch scores the network on `validation` (undefined: not at all). Both are indices
/// from TaskTensors::indices. At least two training samples; a last batch of one is left out, since batch normalisation has
/// no variance there. Lets LibTorch's exceptions through.
TrainingOutcome train(model::NetworkModule& module, const TaskTensors& data, const at::Tensor& samples,
    const at::Tensor& validation, const TrainingSettings& settings, const TrainingControl& control);

struct Score {
    double loss = 0; ///< mean cross entropy, without label smoothing
    double accuracy = 0;
};
/// In evaluation mode. Nothing when stopped. Lets LibTorch's exceptions through.
std::optional<Score> score(model::NetworkModule& module, const TaskTensors& data, const at::Tensor& samples,
    std::int64_t batchSize, const TrainingControl& control);
/// Samples a batch where nothing has to be kept for a backward pass.
std::int64_t scoringBatchSize(const data::Recipe& recipe, int partsPerBatch);

/// What training takes at least, in bytes: weights, gradients, two moments, and the outputs of all layers for one part of a
/// batch.
std::uint64_t trainingBytes(const network::Network& network, std::int64_t batchSize);

/// LibTorch threads for one network that has the machine to itself: one where a batch is so little work that threads would
/// mostly wait for each other, else all cores (0).
int threadsFor(const network::Network& network, std::int64_t batchSize);

} // namespace archscope::train
