// upsample: larger images without weights.
#include "core/ops/builtin.h"
#include "core/ops/parts_torch.h"

namespace archscope::ops {

namespace {

class Upsample final : public DescribedOperation {
public:
    Upsample()
        : DescribedOperation({"upsample", "Upsample", "Shape", "Enlarges an image by a whole factor.", 1, 1,
                              {ParameterDescriptor::integer("factor", 2, 1, 8, "What height and width are multiplied with."),
                               ParameterDescriptor::enumeration("mode", "nearest", {"nearest", "bilinear"},
                                                                "Whether pixels are repeated or blended with their neighbours.")}})
    {
    }

    Result<Shape> outputShape(std::span<const Shape> inputs, const Parameters& parameters) const override
    {
        const Shape& input = inputs.front();
        ARCHSCOPE_TRY(expectImage(input, descriptor().name));
        const std::int64_t factor = parameters.integer("factor");
        return bounded({input[0], factor * input[1], factor * input[2]}, descriptor().name);
    }

    std::unique_ptr<Module> module(std::span<const Shape> inputs, const Parameters& parameters, const at::Generator&) const override
    {
        const std::int64_t factor = parameters.integer("factor");
        const std::array<std::int64_t, 2> size{factor * inputs.front()[1], factor * inputs.front()[2]};
        return functionModule([size, nearest = parameters.text("mode") == "nearest"](std::span<const at::Tensor> values, const ForwardContext&) {
            return nearest ? at::upsample_nearest2d(values.front(), size) : at::upsample_bilinear2d(values.front(), size, /*align_corners=*/false);
        });
    }

    std::string emitOnnx(OnnxEmitter& emitter, const std::vector<std::string>& inputs, std::span<const Shape>,
                         const Parameters& parameters) const override
    {
        const double factor = static_cast<double>(parameters.integer("factor"));
        std::vector<OnnxAttribute> attributes;
        if (parameters.text("mode") == "nearest")
            attributes = {{"mode", std::string("nearest")},
                          {"coordinate_transformation_mode", std::string("asymmetric")},
                          {"nearest_mode", std::string("floor")}};
        else
            attributes = {{"mode", std::string("linear")}, {"coordinate_transformation_mode", std::string("half_pixel")}};
        return emitter.node("Resize", {inputs.front(), "", emitter.reals({1, 1, factor, factor})}, std::move(attributes));
    }
};

} // namespace

std::unique_ptr<Operation> upsample()
{
    return std::make_unique<Upsample>();
}

} // namespace archscope::ops
