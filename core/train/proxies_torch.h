// Computes zero-cost proxies. Internal: includes ATen.
#pragma once

#include "core/network/network.h"
#include "core/space/operation_traits.h"
#include "core/train/task_tensors_torch.h"

namespace archscope::train {

/// Of a freshly initialised network. `batch` is on the device. Lets LibTorch's exceptions through. An error names an unknown
/// proxy, or says why the network has no such score (naswot without activations, no weights).
Result<double> proxyScore(std::string_view proxy, const network::Network& network, const space::OperationSet& operations, const Batch& batch,
    std::uint64_t seed, at::Device device);

} // namespace archscope::train
