// The pieces that operations with weights are chains of: convolution, normalisation, activation. Internal: includes ATen.
//
// An operation that is a chain only says which pieces it has (ChainOperation::parts); shapes, costs, module and ONNX follow.
#pragma once

#include "core/ops/described_operation.h"
#include "core/ops/module_torch.h"
#include "core/ops/window.h"

#include <functional>

namespace archscope::ops {

using Tensors = std::vector<NamedTensor>;

/// Whether anyone else may still read a piece's input. Nobody does inside a chain, so it may be overwritten there.
enum class InputUse { Shared, Own };

/// A piece of a chain, with its settings. Its output is always a new tensor, or the overwritten `Own` input.
class Part {
public:
    using Run = std::function<at::Tensor(const Tensors&, const at::Tensor& input, const ForwardContext&)>;

    virtual ~Part() = default;
    virtual Result<Shape> outputShape(const Shape& input, std::string_view operation) const = 0;
    virtual Cost cost(const Shape& input, const Shape& output) const = 0;
    /// Appends freshly drawn tensors, each name with the prefix; the result finds them by index.
    virtual Run build(Tensors& tensors, const std::string& prefix, const Shape& input, InputUse use,
                      const at::Generator& generator) const = 0;
    virtual std::string emitOnnx(OnnxEmitter& emitter, const std::string& input, const std::string& prefix, const Shape& shape) const = 0;
};

struct ConvolutionSettings {
    std::int64_t channels = 1; ///< out
    Window window;
    std::int64_t groups = 1;
    bool bias = false;
};
/// He-normal weights (fan-out), zero bias.
std::unique_ptr<Part> convolutionPart(const ConvolutionSettings& settings);
/// Each channel by itself, `multiplier` outputs from each.
std::unique_ptr<Part> depthwisePart(std::int64_t channels, std::int64_t multiplier, const Window& window, bool bias);
std::unique_ptr<Part> pointwisePart(std::int64_t channels, bool bias);

enum class NormKind { Batch, Group, Layer };
struct NormSettings {
    NormKind kind = NormKind::Batch;
    double epsilon = 1e-5;
    double momentum = 0.1;   ///< Batch
    std::int64_t groups = 1; ///< Group
};
/// Images: over the channels (Layer: at each pixel, as ConvNeXt does). Vectors: over the features.
std::unique_ptr<Part> normPart(const NormSettings& settings);

enum class ActivationKind { Relu, LeakyRelu, Elu, Gelu, Silu, Tanh, Sigmoid, HardSwish };
std::unique_ptr<Part> activationPart(ActivationKind kind);
/// In the order of ActivationKind.
const std::vector<std::string>& activationNames();
ActivationKind activationKind(const std::string& name);

struct NamedPart {
    std::string prefix; ///< of its tensors: "conv.", or empty where the chain has one piece
    std::unique_ptr<Part> part;
};
using Chain = std::vector<NamedPart>;

/// Appends what the parameters `norm` and `activation` of a block ask for, after a convolution with that many channels.
void appendNormAndActivation(Chain& chain, const Parameters& parameters, std::int64_t channels);
std::vector<ParameterDescriptor> normAndActivationParameters();

/// An operation with one input that is a chain of pieces.
class ChainOperation : public DescribedOperation {
public:
    using DescribedOperation::DescribedOperation;
    Result<Shape> outputShape(std::span<const Shape> inputs, const Parameters& parameters) const override;
    Cost cost(std::span<const Shape> inputs, const Shape& output, const Parameters& parameters) const override;
    std::unique_ptr<Module> module(std::span<const Shape> inputs, const Parameters& parameters, const at::Generator& generator) const override;
    std::string emitOnnx(OnnxEmitter& emitter, const std::vector<std::string>& inputs, std::span<const Shape> inputShapes,
                         const Parameters& parameters) const override;

protected:
    /// Called for any input shape, before it is known to fit.
    virtual Chain parts(const Shape& input, const Parameters& parameters) const = 0;
};

/// A module without tensors: just a function.
std::unique_ptr<Module> functionModule(std::function<at::Tensor(std::span<const at::Tensor>, const ForwardContext&)> function);

} // namespace archscope::ops
