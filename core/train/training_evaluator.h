// The evaluator that really trains: lowers, builds, trains, validates, measures latency.
#pragma once

#include "core/data/task.h"
#include "core/model/weights.h"
#include "core/network/network.h"
#include "core/train/evaluator.h"
#include "core/train/measurement_lane.h"

#include <memory>
#include <string>
#include <vector>

namespace archscope::train {

/// What machine there is to train on.
struct DeviceInfo {
    std::string name;  ///< "cpu", "cuda:0"
    std::string title; ///< "CPU, 2 cores", "NVIDIA H100"
};
std::vector<DeviceInfo> availableDevices(); ///< CPU last
/// "auto" becomes the first CUDA device where there is one, else "cpu"; an unknown or absent device is an error that lists
/// what there is.
Result<std::string> resolveDevice(const std::string& name);

struct EvaluatorOptions {
    std::string device = "auto";
    int threadsPerTrial = 1; ///< LibTorch threads inside one trial
    bool measureLatency = true;
    std::uint64_t memoryLimitBytes = 0; ///< what training one network may take; 0: what is free when the trial begins
    /// Where measurements and the batches of trials take turns; null: a lane of the evaluator's own.
    std::shared_ptr<MeasurementLane> lane = nullptr;
};

/// Threads: LibTorch's thread count is set in each worker thread that calls `evaluate`. Where the space has a budget on latency,
/// `precheck` predicts it by operations that it measures when it first meets them (operation_timings.h).
Result<std::unique_ptr<Evaluator>> trainingEvaluator(space::SearchSpace space, const space::OperationSet& operations,
                                                     std::shared_ptr<const data::Task> task, EvaluatorOptions options);

/// The task's shape as networks see it.
network::TaskShape taskShape(const data::Task& task);

struct LatencyResult {
    int batch = 1;
    double medianMs = 0;
    double iqrMs = 0;
    double p95Ms = 0;
    int runs = 0;
};
/// A freshly built network's inference time on the device, one thread: warm-up, then repeated until the median is steady.
Result<LatencyResult> measureLatency(const network::Network& network, const space::OperationSet& operations, int batch,
                                     const std::string& device);

/// Final training of a chosen network on train + validation, once a seed, then the test split once a seed.
struct RetrainOptions {
    int epochs = 0; ///< 0: four times the recipe's
    std::vector<std::uint64_t> seeds = {0};
    std::string device = "auto";
    int threads = 0; ///< 0: all cores, or one where the network is too small to share
};
struct RetrainProgress {
    int seedIndex = 0;
    int epoch = 0;
    int epochs = 0;
    double trainLoss = 0;
    double trainAccuracy = 0;
    double fraction = 0; ///< of all seeds
};
struct RetrainResult {
    std::vector<std::uint64_t> seeds;
    std::vector<double> testAccuracies; ///< one a seed
    std::vector<double> testLosses;
    double mean = 0;
    double deviation = 0; ///< sample standard deviation; 0 for one seed
    model::Weights weights; ///< of the first seed
};
Result<RetrainResult> retrain(const network::Network& network, const space::OperationSet& operations, const data::Task& task,
                              const RetrainOptions& options, const std::function<void(const RetrainProgress&)>& progress,
                              const std::stop_token& stop);

/// Logits of a network with given weights on samples of a task, normalised as in training: {samples × outputs}, row-major.
Result<std::vector<float>> logits(const network::Network& network, const space::OperationSet& operations,
                                  const model::Weights& weights, const data::Task& task, std::span<const std::int64_t> samples);
/// Samples normalised as networks see them: {samples × sample size}, row-major.
std::vector<float> normalisedSamples(const data::Task& task, std::span<const std::int64_t> samples);

} // namespace archscope::train
