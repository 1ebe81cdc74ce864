// A Network as a LibTorch module. Internal: includes ATen.
#pragma once

#include "core/base/result.h"
#include "core/model/weights.h"
#include "core/network/network.h"
#include "core/ops/module_torch.h"
#include "core/ops/operation.h"

#include <ATen/ATen.h>
#include <memory>
#include <vector>

namespace archscope::model {

/// Used by one thread at a time.
class NetworkModule {
public:
    /// Draws the initial weights from `generator`, in the order of the layers. Every operation of the network must be an
    /// ops::Operation of `operations`. LibTorch's exceptions (no memory for the weights) pass through, as they do from
    /// `forward`: the trainer catches them in one place.
    static Result<std::unique_ptr<NetworkModule>> build(const network::Network& network, const space::OperationSet& operations,
                                                        const at::Generator& generator);

    const network::Network& network() const { return m_network; }

    /// {N, …input shape} to {N, outputs} (logits). Frees each intermediate after its last use.
    at::Tensor forward(const at::Tensor& input, const ops::ForwardContext& context);

    /// "<layer>.<tensor>" in the order of the layers.
    std::vector<ops::NamedTensor> tensors() const;
    std::vector<at::Tensor> trainable() const;
    void to(at::Device device);
    /// Convolution weights to channels-last, which CPU and CUDA kernels prefer; inputs are converted by the caller.
    void toChannelsLast();

    Weights weights() const;
    Result<void> load(const Weights& weights); ///< all names and shapes must match

private:
    struct Step {
        std::unique_ptr<ops::Module> module; ///< null for the input layer
        std::vector<int> inputs;
        std::vector<int> lastUses; ///< layers whose output is not needed after this one
        std::string name;
    };

    network::Network m_network;
    std::vector<Step> m_steps;
};

} // namespace archscope::model
