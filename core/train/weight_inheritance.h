// Weights of a network from those of a relative of it: without changing what it computes where the difference allows that, else
// layer by layer where names and shapes agree. Values, no LibTorch types.
//
// Net2Net (Chen, Goodfellow, Shlens: Net2Net: Accelerating Learning via Knowledge Transfer, ICLR 2016): a wider layer repeats units of
// the narrower one, and what reads them divides by how often they are repeated; a layer more passes on what it gets. Kernels grow by
// zeroes around them. A normalisation more passes on what it gets in evaluation mode; while training it normalises.
#pragma once

#include "core/model/weights.h"
#include "core/network/network.h"

namespace archscope::train {

struct InheritanceOptions {
    std::uint64_t seed = 0;
    /// Deviation of what is added to repeated units, relative to that of their weights: equal units would stay equal for ever.
    double noise = 0.05;
};

struct Inheritance {
    model::Weights weights; ///< of the child's names and shapes
    bool isFunctionPreserving = false; ///< but for the noise
    std::size_t inheritedTensors = 0; ///< that are not the fresh ones
};

/// `parentWeights` belong to `parent`, `fresh` to `child`: what nothing can be inherited for stays fresh.
Inheritance inheritedWeights(const network::Network& parent, const model::Weights& parentWeights, const network::Network& child,
    model::Weights fresh, const InheritanceOptions& options);

} // namespace archscope::train
