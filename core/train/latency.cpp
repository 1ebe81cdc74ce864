#include "core/train/device_torch.h"
#include "core/train/latency_torch.h"
#include "core/train/torch_guard.h"
#include "core/train/trainer_torch.h"

#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <span>

namespace archscope::train {

namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point start)
{
    return std::chrono::duration<double>(Clock::now() - start).count();
}

/// The quantile q of sorted numbers, interpolated.
double quantile(std::span<const double> sorted, double q)
{
    const double place = q * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const std::size_t above = std::min(below + 1, sorted.size() - 1);
    return sorted[below] + (place - std::floor(place)) * (sorted[above] - sorted[below]);
}

/// Whether the last three blocks of runs have the same median, to one percent.
bool isSteady(std::span<const double> runs, std::size_t block)
{
    if (runs.size() < 3 * block)
        return false;
    const auto last = runs.last(3 * block);
    const auto [low, high]
        = std::minmax({ medianOf(last.first(block)), medianOf(last.subspan(block, block)), medianOf(last.last(block)) });
    return high <= 1.01 * low;
}

} // namespace

double medianOf(std::span<const double> numbers)
{
    std::vector<double> sorted(numbers.begin(), numbers.end());
    std::sort(sorted.begin(), sorted.end());
    return quantile(sorted, 0.5);
}

LatencyResult timedInference(model::NetworkModule& module, const at::Tensor& input, const LatencyBounds& bounds)
{
    const ThreadScope oneThread(1);
    const c10::InferenceMode inference;
    const at::Device device = input.device();
    LatencyResult result = timedRuns(
        [&] {
            module.forward(input, {});
            synchronise(device);
        },
        bounds);
    result.batch = static_cast<int>(input.size(0));
    return result;
}

LatencyResult timedRuns(
    const std::function<void()>& run, const LatencyBounds& bounds, const std::function<void()>& between)
{
    const auto timed = [&] {
        if (between)
            between();
        const Clock::time_point start = Clock::now();
        run();
        return secondsSince(start);
    };

    constexpr int warmUpRuns = 10;
    const Clock::time_point warmUp = Clock::now();
    for (int i = 0; i < warmUpRuns && (i < 2 || secondsSince(warmUp) < 0.3 * bounds.maxSeconds); ++i)
        timed();

    constexpr std::size_t block = 20;
    constexpr std::size_t fewestRuns = 5;
    std::vector<double> seconds;
    const Clock::time_point start = Clock::now();
    for (;;) {
        seconds.push_back(timed());
        const bool outOfTime = secondsSince(start) >= bounds.maxSeconds;
        if (outOfTime && seconds.size() >= fewestRuns)
            break;
        if (seconds.size() >= static_cast<std::size_t>(bounds.minRuns) && seconds.size() % block == 0
            && isSteady(seconds, block))
            break;
    }

    std::sort(seconds.begin(), seconds.end());
    LatencyResult result;
    result.medianMs = 1e3 * quantile(seconds, 0.5);
    result.iqrMs = 1e3 * (quantile(seconds, 0.75) - quantile(seconds, 0.25));
    result.p95Ms = 1e3 * quantile(seconds, 0.95);
    result.runs = static_cast<int>(seconds.size());
    return result;
}

at::Tensor latencyInput(const network::Network& network, int batch, at::Device device)
{
    std::vector<std::int64_t> sizes = network.task.input;
    sizes.insert(sizes.begin(), batch);
    const at::Tensor input = at::ones(sizes, at::TensorOptions(at::kFloat).device(device));
    return sizes.size() == 4 ? channelsLast(input) : input;
}

Result<LatencyResult> measureLatency(
    const network::Network& network, const space::OperationSet& operations, int batch, const std::string& device)
{
    if (batch < 1 || batch > 65536)
        return fail(ErrorCode::InvalidArgument, "the batch must lie between 1 and 65536");
    return guarded([&]() -> Result<LatencyResult> {
        ARCHSCOPE_ASSIGN(const at::Device place, torchDevice(device));
        ARCHSCOPE_ASSIGN(const auto module, builtModule(network, operations, 0, place));
        return timedInference(*module, latencyInput(network, batch, place), LatencyBounds{});
    });
}

} // namespace archscope::train
