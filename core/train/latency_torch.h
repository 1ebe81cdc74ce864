// Times a network's inference. Internal: includes ATen.
#pragma once

#include "core/model/network_module_torch.h"
#include "core/train/training_evaluator.h"

#include <functional>
#include <span>

namespace archscope::train {

struct LatencyBounds {
    int minRuns = 30;
    double maxSeconds = 2; ///< of measuring, warm-up not counted; goes before minRuns once there are five runs
};

/// `input` is on the module's device, in the layout it prefers. The calling thread uses one thread meanwhile; the caller
/// sees to it that nothing else runs. Lets LibTorch's exceptions through.
LatencyResult timedInference(model::NetworkModule& module, const at::Tensor& input, const LatencyBounds& bounds);

/// The same of anything that is run again and again, with the threads and the mode of the caller; `batch` is left at 1.
/// `between` comes before each run and is not timed; it may be empty.
LatencyResult timedRuns(
    const std::function<void()>& run, const LatencyBounds& bounds, const std::function<void()>& between = {});

/// Of at least one number.
double medianOf(std::span<const double> numbers);

/// Something of the shape that the network takes, on the device.
at::Tensor latencyInput(const network::Network& network, int batch, at::Device device);

} // namespace archscope::train
