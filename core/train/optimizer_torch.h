// Optimisers over all weights of a network at once, and their learning rate over the steps. Internal: includes ATen.
#pragma once

#include "core/ops/module_torch.h"

#include <ATen/ATen.h>
#include <span>

namespace archscope::train {

/// Linear warm-up from 0 to the peak over a fraction of the steps, then half a cosine to 0 (Loshchilov, Hutter 2017).
/// `step` counts from 0; the first step already moves, the last one still does.
double learningRateAt(std::int64_t step, std::int64_t steps, double peak, double warmupFraction);

struct AdamWSettings {
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
    double weightDecay = 1e-2; ///< decoupled; only on tensors that are `decayed`
    double gradientClip = 0; ///< bound of the global gradient norm; 0: off
};

/// AdamW (Loshchilov, Hutter 2019) with LibTorch's fused kernel.
///
/// The trainable tensors and their gradients become views into one flat buffer each, so that zeroing, clipping and updating
/// are a few operations a step, whatever the number of layers. The tensors keep their identity, shape and strides.
class AdamW {
public:
    /// The tensors must be dense, on one device, and not be replaced as long as this lives.
    AdamW(std::span<const ops::NamedTensor> tensors, const AdamWSettings& settings);

    void zeroGradients();
    /// Applies the gradients that have been accumulated.
    void step(double learningRate);

private:
    struct Group {
        at::Tensor weights; ///< views into the flat buffers
        at::Tensor gradients;
        at::Tensor mean;
        at::Tensor variance;
        at::Tensor steps;
        double weightDecay = 0;
    };

    AdamWSettings m_settings;
    at::Tensor m_gradients; ///< all, flat
    std::vector<Group> m_groups; ///< decayed, not decayed; empty ones left out
};

struct SgdSettings {
    double momentum = 0.9;
    double weightDecay = 0; ///< added to the gradient, of all tensors, as PyTorch's SGD does
    double gradientClip = 0; ///< bound of the global gradient norm; 0: off
};

/// Stochastic gradient descent with momentum, as PyTorch's. Weights, gradients and momentum are one flat buffer each, which the
/// trainable tensors are views into, as with AdamW: whoever steps aside and back (DARTS of second order) copies one tensor.
class Sgd {
public:
    Sgd(std::span<const ops::NamedTensor> tensors, const SgdSettings& settings);

    void zeroGradients();
    void step(double learningRate);

    /// Undefined where nothing can be trained.
    const at::Tensor& weights() const { return m_weights; }
    const at::Tensor& gradients() const { return m_gradients; }
    const at::Tensor& momentum() const { return m_momentum; } ///< zero before the first step
    const SgdSettings& settings() const { return m_settings; }

private:
    SgdSettings m_settings;
    at::Tensor m_weights;
    at::Tensor m_gradients;
    at::Tensor m_momentum;
};

} // namespace archscope::train
