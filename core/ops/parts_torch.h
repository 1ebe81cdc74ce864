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
    Windows windows;
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
    bool affine = true;      ///< whether each channel has a scale and a shift that are trained
};
/// Images: over the channels (Layer: at each pixel, as ConvNeXt does). Sequences: over the features (Layer: at each step).
/// Vectors: over the features.
std::unique_ptr<Part> normPart(const NormSettings& settings);

enum class ActivationKind { Relu, Relu6, LeakyRelu, Elu, Gelu, Silu, Tanh, Sigmoid, HardSwish };
std::unique_ptr<Part> activationPart(ActivationKind kind);
/// In the order of ActivationKind.
const std::vector<std::string>& activationNames();
ActivationKind activationKind(const std::string& name);

/// Over the features of a vector, or of each step of a sequence. PyTorch's initial values.
std::unique_ptr<Part> linearPart(std::int64_t features, bool bias);
/// What it writes; an empty name of a bias: there is none.
std::string emitLinear(OnnxEmitter& emitter, const std::string& input, const std::string& weight, const std::string& bias, const Shape& shape);
/// Where it has nothing to drop, its output is its input.
std::unique_ptr<Part> dropoutPart(double rate);
/// Zeroes a share of the numbers and scales up the others, while training; else the same tensor.
at::Tensor dropped(const at::Tensor& values, double rate, const ForwardContext& context);
ParameterDescriptor dropoutParameter(std::string name, double fallback, std::string help);

struct NamedPart {
    std::string prefix; ///< of its tensors: "conv.", or empty where the chain has one piece
    std::unique_ptr<Part> part;
};
using Chain = std::vector<NamedPart>;

/// The pieces one after the other. An empty chain passes its input on, the one case where an output is not new.
std::unique_ptr<Part> chainPart(Chain chain);
/// What the chain makes of the input, added to the input: both have one shape.
std::unique_ptr<Part> residualPart(Chain chain);
/// Several chains on one input, their channels one after the other.
std::unique_ptr<Part> besidePart(std::vector<Chain> chains);

/// ReLU, two 1×1 convolutions with stride 2, the second of an image shifted by one pixel, concatenated and normalised: half
/// the size without losing every second pixel (DARTS).
std::unique_ptr<Part> factorizedReducePart(std::int64_t channels, bool affine);
/// ReLU, 1×1 convolution, batch normalisation: as cells bring their inputs to their own channels.
std::unique_ptr<Part> projectionPart(std::int64_t channels, bool affine);

enum class Gate { Sigmoid, HardSigmoid };
/// Each channel scaled by what two layers make of all channels' means (Hu 2018).
std::unique_ptr<Part> squeezeExcitePart(std::int64_t squeezed, ActivationKind activation, Gate gate);

/// The channels of an image, the features of a vector or sequence.
std::int64_t channelsOf(const Shape& input);
/// The parameter `channels` where 0 means as many as the input has.
ParameterDescriptor optionalChannelsParameter();
std::int64_t outputChannels(const Parameters& parameters, const Shape& input);
ParameterDescriptor affineParameter();

/// Puts around convolutions what `norm`, `affine`, `activation` and `order` ask for.
Chain blockOf(Chain convolutions, const Parameters& parameters, std::int64_t inputChannels, std::int64_t channels);
std::vector<ParameterDescriptor> blockParameters();
std::vector<ParameterDescriptor> joined(std::vector<std::vector<ParameterDescriptor>> lists);

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
/// A module that is one piece, on its first input.
std::unique_ptr<Module> partModule(const Part& part, const Shape& input, const at::Generator& generator);

} // namespace archscope::ops
