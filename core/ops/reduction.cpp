// What brings images to a cell's size and channels: factorized-reduce, skip-connect, cell-input.
#include "core/ops/builtin.h"
#include "core/ops/parts_torch.h"

#include <fmt/format.h>

namespace archscope::ops {

namespace {

/// The image moved up and left by one pixel, zeros behind it: so that stride 2 sees the other pixels.
class ShiftPart final : public Part {
public:
    Result<Shape> outputShape(const Shape& input, std::string_view operation) const override
    {
        ARCHSCOPE_TRY(expectImage(input, operation));
        return input;
    }

    Cost cost(const Shape&, const Shape&) const override { return {}; }

    Run build(Tensors&, const std::string&, const Shape&, InputUse, const at::Generator&) const override
    {
        return [](const Tensors&, const at::Tensor& image, const ForwardContext&) {
            static constexpr std::array<std::int64_t, 4> edges{-1, 1, -1, 1};
            return at::constant_pad_nd(image, edges);
        };
    }

    std::string emitOnnx(OnnxEmitter& emitter, const std::string& input, const std::string&, const Shape&) const override
    {
        return emitter.node("Pad", {input, emitter.integers({0, 0, -1, -1, 0, 0, 1, 1})});
    }
};

Chain halvingConvolution(std::int64_t channels)
{
    Chain chain;
    chain.push_back({"", convolutionPart({channels, Window{1, 2, 1, Padding::Same}, 1, false})});
    return chain;
}

class FactorizedReduce final : public ChainOperation {
public:
    FactorizedReduce()
        : ChainOperation({"factorized-reduce", "Factorised reduction", "Convolution",
                          "Halves height and width: two 1×1 convolutions with stride 2 on images shifted by one pixel, after ReLU, side by "
                          "side and normalised (Liu 2019, DARTS).", 1, 1,
                          {optionalChannelsParameter(), affineParameter()}})
    {
    }

protected:
    Chain parts(const Shape& input, const Parameters& parameters) const override
    {
        Chain chain;
        chain.push_back({"", factorizedReducePart(outputChannels(parameters, input), parameters.boolean("affine"))});
        return chain;
    }
};

class SkipConnect final : public ChainOperation {
public:
    SkipConnect()
        : ChainOperation({"skip-connect", "Skip connection", "Structure",
                          "Passes its input on where size and channels stay; stride 2 is a factorised reduction, other channels a normalised "
                          "1×1 convolution (DARTS, NAS-Bench-201).", 1, 1,
                          {ParameterDescriptor::integer("stride", 1, 1, 2, "2 halves height and width.", "px"), optionalChannelsParameter(),
                           affineParameter()}})
    {
    }

protected:
    Chain parts(const Shape& input, const Parameters& parameters) const override
    {
        const std::int64_t channels = outputChannels(parameters, input);
        const bool affine = parameters.boolean("affine");
        Chain chain;
        if (parameters.integer("stride") == 2) {
            chain.push_back({"", factorizedReducePart(channels, affine)});
        } else if (channels != channelsOf(input)) {
            chain.push_back({"conv.", pointwisePart(channels, false)});
            chain.push_back({"norm.", normPart({.affine = affine})});
        }
        return chain;
    }
};

class CellInput final : public DescribedOperation {
public:
    CellInput()
        : DescribedOperation({"cell-input", "Cell input", "Structure",
                              "Brings its first input to the height and width of the second and to a cell's channels: a factorised reduction "
                              "where it is twice as large, else ReLU, 1×1 convolution and normalisation (NASNet, DARTS).", 2, 2,
                              {ParameterDescriptor::integer("channels", 16, 1, 4096, "Channels of the cell."), affineParameter()}})
    {
    }

    Result<Shape> outputShape(std::span<const Shape> inputs, const Parameters& parameters) const override
    {
        ARCHSCOPE_TRY(expectImage(inputs[0], descriptor().name));
        ARCHSCOPE_TRY(expectImage(inputs[1], descriptor().name));
        ARCHSCOPE_ASSIGN(Shape output, part(inputs, parameters)->outputShape(inputs[0], descriptor().name));
        if (!sameSize(output, inputs[1]))
            return misfit(fmt::format("'{}' cannot bring {} to the size of {}: the first input must be as large as the second, or twice as "
                                      "large; put a pooling before it",
                                      descriptor().name, space::shapeText(inputs[0]), space::shapeText(inputs[1])));
        return output;
    }

    Cost cost(std::span<const Shape> inputs, const Shape& output, const Parameters& parameters) const override
    {
        return part(inputs, parameters)->cost(inputs[0], output);
    }

    std::unique_ptr<Module> module(std::span<const Shape> inputs, const Parameters& parameters, const at::Generator& generator) const override
    {
        return partModule(*part(inputs, parameters), inputs[0], generator);
    }

    std::string emitOnnx(OnnxEmitter& emitter, const std::vector<std::string>& inputs, std::span<const Shape> inputShapes,
                         const Parameters& parameters) const override
    {
        return part(inputShapes, parameters)->emitOnnx(emitter, inputs[0], {}, inputShapes[0]);
    }

private:
    static bool sameSize(const Shape& one, const Shape& other) { return one[1] == other[1] && one[2] == other[2]; }

    static std::unique_ptr<Part> part(std::span<const Shape> inputs, const Parameters& parameters)
    {
        const std::int64_t channels = parameters.integer("channels");
        const bool affine = parameters.boolean("affine");
        return sameSize(inputs[0], inputs[1]) ? projectionPart(channels, affine) : factorizedReducePart(channels, affine);
    }
};

} // namespace

std::unique_ptr<Part> factorizedReducePart(std::int64_t channels, bool affine)
{
    std::vector<Chain> halves;
    if (channels > 1) {
        Chain straight;
        straight.push_back({"conv_1.", chainPart(halvingConvolution(channels / 2))});
        halves.push_back(std::move(straight));
    }
    Chain shifted;
    if (channels > 1)
        shifted.push_back({"", std::make_unique<ShiftPart>()});
    shifted.push_back({"conv_2.", chainPart(halvingConvolution(channels - channels / 2))});
    halves.push_back(std::move(shifted));

    Chain chain;
    chain.push_back({"", activationPart(ActivationKind::Relu)});
    chain.push_back({"", besidePart(std::move(halves))});
    chain.push_back({"norm.", normPart({.affine = affine})});
    return chainPart(std::move(chain));
}

std::unique_ptr<Part> projectionPart(std::int64_t channels, bool affine)
{
    Chain chain;
    chain.push_back({"", activationPart(ActivationKind::Relu)});
    chain.push_back({"conv.", pointwisePart(channels, false)});
    chain.push_back({"norm.", normPart({.affine = affine})});
    return chainPart(std::move(chain));
}

std::unique_ptr<Operation> factorizedReduce()
{
    return std::make_unique<FactorizedReduce>();
}

std::unique_ptr<Operation> skipConnect()
{
    return std::make_unique<SkipConnect>();
}

std::unique_ptr<Operation> cellInput()
{
    return std::make_unique<CellInput>();
}

} // namespace archscope::ops
