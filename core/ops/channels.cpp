// Operations on the order and number of channels: channel-shuffle, truncate.
#include "core/ops/builtin.h"
#include "core/ops/parts_torch.h"

#include <fmt/format.h>

namespace archscope::ops {

namespace {

class ChannelShuffle final : public DescribedOperation {
public:
    ChannelShuffle()
        : DescribedOperation({"channel-shuffle", "Channel shuffle", "Shape",
                              "Deals the channels of each group out to all groups, so that grouped convolutions mix (Zhang 2018, ShuffleNet).", 1, 1,
                              {ParameterDescriptor::integer("groups", 2, 1, 4096, "Number of groups; must divide the channels.")}})
    {
    }

    Result<Shape> outputShape(std::span<const Shape> inputs, const Parameters& parameters) const override
    {
        ARCHSCOPE_TRY(expectImage(inputs.front(), descriptor().name));
        ARCHSCOPE_TRY(expectDivisible(inputs.front()[0], parameters.integer("groups"), "input", descriptor().name));
        return inputs.front();
    }

    std::unique_ptr<Module> module(std::span<const Shape>, const Parameters& parameters, const at::Generator&) const override
    {
        return functionModule([groups = parameters.integer("groups")](std::span<const at::Tensor> values, const ForwardContext&) {
            // Along the last axis if that is where the channels lie in memory: the layout stays.
            const at::Tensor& image = values.front();
            const bool channelsLast = image.suggest_memory_format() == at::MemoryFormat::ChannelsLast;
            const at::Tensor x = channelsLast ? image.permute({0, 2, 3, 1}) : image;
            const std::int64_t axis = channelsLast ? 3 : 1;
            const std::int64_t channels = image.size(1);
            const std::array<std::int64_t, 2> grouped{groups, channels / groups};
            const at::Tensor shuffled = x.unflatten(axis, grouped).transpose(axis, axis + 1).flatten(axis, axis + 1);
            return channelsLast ? shuffled.permute({0, 3, 1, 2}) : shuffled;
        });
    }

    std::string emitOnnx(OnnxEmitter& emitter, const std::vector<std::string>& inputs, std::span<const Shape> inputShapes,
                         const Parameters& parameters) const override
    {
        const Shape& image = inputShapes.front();
        const std::int64_t groups = parameters.integer("groups");
        const std::string grouped =
            emitter.node("Reshape", {inputs.front(), emitter.integers({0, groups, image[0] / groups, image[1], image[2]})});
        const std::string turned = emitter.node("Transpose", {grouped}, {{"perm", std::vector<std::int64_t>{0, 2, 1, 3, 4}}});
        return emitter.node("Reshape", {turned, emitter.integers({0, image[0], image[1], image[2]})});
    }
};

class Truncate final : public DescribedOperation {
public:
    Truncate()
        : DescribedOperation({"truncate", "Truncate channels", "Shape",
                              "Keeps the first channels of an image or the first features of a vector, as NAS-Bench-101 does where vertices of "
                              "different width meet.", 1, 1,
                              {ParameterDescriptor::integer("channels", 16, 1, 4096, "How many are kept; the input has as many at least.")}})
    {
    }

    Result<Shape> outputShape(std::span<const Shape> inputs, const Parameters& parameters) const override
    {
        const Shape& input = inputs.front();
        const std::int64_t channels = parameters.integer("channels");
        if (!isImage(input) && !isVector(input))
            return misfit(fmt::format("'{}' needs an image of channels×height×width or a vector of features, but gets {}", descriptor().name,
                                      space::shapeText(input)));
        if (input[0] < channels)
            return misfit(fmt::format("'{}' cannot keep {} channels of {}; keep fewer, or put a 1×1 convolution before it", descriptor().name,
                                      channels, space::shapeText(input)));
        Shape output = input;
        output[0] = channels;
        return output;
    }

    std::unique_ptr<Module> module(std::span<const Shape>, const Parameters& parameters, const at::Generator&) const override
    {
        return functionModule([channels = parameters.integer("channels")](std::span<const at::Tensor> values, const ForwardContext&) {
            return values.front().narrow(1, 0, channels);
        });
    }

    std::string emitOnnx(OnnxEmitter& emitter, const std::vector<std::string>& inputs, std::span<const Shape>,
                         const Parameters& parameters) const override
    {
        return emitter.node("Slice", {inputs.front(), emitter.integers({0}), emitter.integers({parameters.integer("channels")}),
                                      emitter.integers({1})});
    }
};

} // namespace

std::unique_ptr<Operation> channelShuffle()
{
    return std::make_unique<ChannelShuffle>();
}

std::unique_ptr<Operation> truncate()
{
    return std::make_unique<Truncate>();
}

} // namespace archscope::ops
