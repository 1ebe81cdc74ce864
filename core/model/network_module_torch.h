// A Network as a LibTorch module. Internal: includes ATen.
#pragma once

#include "core/base/result.h"
#include "core/model/weights.h"
#include "core/network/network.h"
#include "core/ops/module_torch.h"
#include "core/ops/operation.h"

#include <ATen/ATen.h>
#include <functional>
#include <memory>
#include <span>
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

    /// The same with modules from elsewhere, which networks may share.
    using ModuleSource = std::function<Result<std::shared_ptr<ops::Module>>(const network::Layer& layer, std::span<const space::Shape> inputs)>;
    static Result<std::unique_ptr<NetworkModule>> build(const network::Network& network, const ModuleSource& source);

    const network::Network& network() const { return m_network; }

    /// {N, …input shape} to {N, outputs} (logits), or {N, length, outputs} for an answer a step. Frees each intermediate after
    /// its last use.
    at::Tensor forward(const at::Tensor& input, const ops::ForwardContext& context);
    /// Of a network with several inputs (a recurrent cell), in the order of its input layers.
    at::Tensor forward(std::span<const at::Tensor> inputs, const ops::ForwardContext& context);

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
        std::shared_ptr<ops::Module> module; ///< null for inputs and recurrent layers
        std::unique_ptr<NetworkModule> cell; ///< of a recurrent layer: its names are unique in the whole network
        std::int64_t hidden = 0; ///< features of the cell's state
        bool lastOnly = false; ///< only the last state
        std::vector<int> inputs;
        std::vector<int> lastUses; ///< layers whose output is not needed after this one
        std::string name;
    };

    static at::Tensor unrolled(const Step& step, const at::Tensor& sequence, const ops::ForwardContext& context);
    void replaceTensors(const std::function<at::Tensor(const ops::NamedTensor&)>& replaced);

    network::Network m_network;
    std::vector<Step> m_steps;
};

} // namespace archscope::model
