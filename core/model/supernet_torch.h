// A supernet: the weights of all architectures of a space, shared where layers are the same. Internal: includes ATen.
//
// Weights live in a pool, one module for each (layer name, operation, parameters, input shapes): uses of a definition have weights
// of their own, as the cells of DARTS have, and the same layer in two architectures has the same weights. A network of any
// architecture, and the mixture of all, are `NetworkModule`s over that pool.
#pragma once

#include "core/model/network_module_torch.h"
#include "core/network/supernet.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace archscope::model {

/// One tensor a decision, {network::mixtureWidth}. Undefined: each input of its mixtures counts whole.
using MixtureWeights = std::vector<at::Tensor>;

/// Used by one thread at a time.
class Supernet {
public:
    struct Settings {
        std::uint64_t seed = 0; ///< of the initial weights: a layer's depend on this and on what it is, not on when it is first met
        at::Device device = at::kCPU;
        int partialChannels = 1; ///< network::SupernetOptions
        bool affineNorms = true; ///< false: normalisations do not scale and shift, as DARTS searches
    };

    /// Nothing is allocated before it is needed. Space, decisions and operations outlive it.
    Supernet(const space::SearchSpace& space, const space::DecisionSpace& decisions, const space::OperationSet& operations,
             const network::TaskShape& task, const Settings& settings);

    /// Makes the network that mixes all answers, and with it all weights; an error says why the space has none.
    Result<void> prepareMixture();
    /// The network of `prepareMixture`, for costs. Its parameters count once however many layers share them.
    const network::Network& mixture() const { return m_mixture->network(); }
    /// All alternatives, weighted. After `prepareMixture`.
    at::Tensor forward(const at::Tensor& input, const MixtureWeights& weights, const ops::ForwardContext& context);
    /// Only the layers of one architecture, each result of a decision times its weight, so that gradients reach the weights.
    Result<at::Tensor> forwardGated(const space::Genotype& path, const at::Tensor& input, const MixtureWeights& weights,
                                    const ops::ForwardContext& context);
    /// The architecture's network (`network::lower`; with partial channels the gated one, all weights 1) over the shared weights.
    /// Its `weights()` are those of a `NetworkModule` of that network.
    Result<std::shared_ptr<NetworkModule>> path(const space::Genotype& genotype);

    /// Weights in the pool so far, called "LAYER~VARIANT.TENSOR", in the order of their names.
    std::vector<ops::NamedTensor> tensors() const;
    std::size_t variants() const { return m_pool.size(); } ///< modules in the pool: grows when a path meets new ones
    Weights weights() const;
    /// All of `weights()`; what is not in the pool yet is taken when it is first met.
    Result<void> load(Weights weights);

    /// Running statistics of normalisations as new: those of a mixture say nothing of one path. Forward passes in training mode
    /// then gather a path's own.
    void resetStatistics();
    /// All running statistics, to put back after a path has been scored.
    std::map<std::string, at::Tensor> statistics() const;
    void putBack(const std::map<std::string, at::Tensor>& statistics);

private:
    Result<std::shared_ptr<NetworkModule>> pathModule(const space::Genotype& genotype, bool gated);
    Result<std::shared_ptr<NetworkModule>> moduleOf(const network::Network& network);
    Result<std::shared_ptr<ops::Module>> pooled(const network::Layer& layer, std::span<const space::Shape> shapes);

    struct Gates; ///< where mixtures read the weights of the pass under way

    const space::SearchSpace& m_space;
    const space::DecisionSpace& m_decisions;
    const space::OperationSet& m_operations;
    network::TaskShape m_task;
    Settings m_settings;
    std::shared_ptr<Gates> m_gates;
    std::map<std::string, std::shared_ptr<ops::Module>> m_pool;
    Weights m_pending; ///< loaded, their modules not met yet
    std::shared_ptr<NetworkModule> m_mixture;
    struct Path {
        space::Genotype genotype;
        bool gated = false;
        std::shared_ptr<NetworkModule> module;
    };
    std::vector<Path> m_paths; ///< the latest ones
};

} // namespace archscope::model
