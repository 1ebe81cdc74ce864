// The trainable part of one layer. Internal to ops, model, train and export: includes ATen.
//
// Only ATen is used, not torch::nn: an operation owns its tensors by name, runs forward, and autograd does the rest. That
// compiles three times as fast and leaves nothing between a network and its kernels.
#pragma once

#include <ATen/ATen.h>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace archscope::ops {

struct NamedTensor {
    std::string name; ///< "weight", "bias", "running_mean": PyTorch's names
    at::Tensor tensor;
    bool trainable = true;  ///< false: a buffer (running statistics)
    bool decayed = true;    ///< false: norms and biases, which weight decay leaves alone
};

/// What a forward pass depends on besides its inputs.
struct ForwardContext {
    bool training = false;
    at::Generator generator; ///< the trial's own: dropout draws from it. Defined whenever `training`.
    /// Told what each activation function gives out, in the order of computing; null: nobody listens. Not owned.
    const std::function<void(const at::Tensor&)>* activations = nullptr;
};

/// Inputs carry the batch in front: {N, C, H, W} or {N, features}. Used by one thread at a time.
class Module {
public:
    virtual ~Module() = default;
    virtual at::Tensor forward(std::span<const at::Tensor> inputs, const ForwardContext& context) = 0;

    /// All tensors, in a fixed order. Replacing a tensor in place (device, weights) takes effect in `forward`.
    std::vector<NamedTensor>& tensors() { return m_tensors; }
    const std::vector<NamedTensor>& tensors() const { return m_tensors; }

protected:
    /// Returns the index to hold on to: tensors may be replaced, references would dangle.
    std::size_t add(NamedTensor tensor)
    {
        m_tensors.push_back(std::move(tensor));
        return m_tensors.size() - 1;
    }
    const at::Tensor& at(std::size_t i) const { return m_tensors[i].tensor; }

private:
    std::vector<NamedTensor> m_tensors;
};

/// Initial values, as PyTorch's layers have them, drawn from the given generator.
at::Tensor kaimingUniform(at::IntArrayRef sizes, std::int64_t fanIn, at::Generator generator); ///< U(±1/√fanIn): PyTorch's default
/// N(0, √(2/fanOut)) (He 2015), as the ResNet and NAS-Bench codes use for convolutions before ReLU.
at::Tensor kaimingNormalFanOut(at::IntArrayRef sizes, std::int64_t fanOut, at::Generator generator);

} // namespace archscope::ops
