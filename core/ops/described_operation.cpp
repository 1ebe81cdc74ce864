#include "core/ops/described_operation.h"

#include <fmt/format.h>

namespace archscope::ops {

namespace {
constexpr std::int64_t maxElements = std::int64_t{1} << 28; // a gigabyte of floats
}

std::int64_t elementCount(const Shape& shape)
{
    std::int64_t count = 1;
    for (const std::int64_t size : shape)
        count *= size;
    return count;
}

tl::unexpected<Error> misfit(std::string sentence)
{
    return fail(ErrorCode::InvalidInput, std::move(sentence));
}

Result<void> expectImage(const Shape& shape, std::string_view operation)
{
    if (isImage(shape))
        return {};
    return misfit(fmt::format("'{}' needs an image of channels×height×width, but gets {}; put it before 'flatten' or 'global-pool'",
                              operation, space::shapeText(shape)));
}

Result<void> expectSequence(const Shape& shape, std::string_view operation)
{
    if (isSequence(shape))
        return {};
    return misfit(fmt::format("'{}' needs a sequence of length×features, but gets {}; put 'embedding' or 'reshape' before it", operation,
                              space::shapeText(shape)));
}

Result<void> expectFeatures(const Shape& shape, std::string_view operation)
{
    if (isVector(shape) || isSequence(shape))
        return {};
    return misfit(fmt::format("'{}' needs a vector of features or a sequence of length×features, but gets {}; put 'flatten', "
                              "'global-pool' or 'reshape' before it",
                              operation, space::shapeText(shape)));
}

Result<void> expectChannels(const Shape& shape, std::string_view operation)
{
    if (isImage(shape) || isSequence(shape) || isVector(shape))
        return {};
    return misfit(fmt::format("'{}' needs an image of channels×height×width, a sequence of length×features or a vector of features, but gets {}",
                              operation, space::shapeText(shape)));
}

Result<void> expectOneShape(std::span<const Shape> shapes, std::string_view operation)
{
    for (const Shape& shape : shapes) {
        if (shape != shapes.front())
            return misfit(fmt::format("'{}' needs inputs of one shape, not {} and {}", operation, space::shapeText(shapes.front()),
                                      space::shapeText(shape)));
    }
    return {};
}

Result<void> expectDivisible(std::int64_t channels, std::int64_t groups, std::string_view which, std::string_view operation)
{
    if (channels % groups == 0)
        return {};
    return misfit(fmt::format("'{}' cannot split {} {} channels into {} groups; choose a number of groups that divides {}",
                              operation, channels, which, groups, channels));
}

Result<Shape> bounded(Shape shape, std::string_view operation)
{
    std::int64_t room = maxElements;
    for (const std::int64_t size : shape) {
        if (size > room)
            return misfit(fmt::format("'{}' would make {}, more than a gigabyte for one sample; use fewer channels or a stride",
                                      operation, space::shapeText(shape)));
        room /= size;
    }
    return shape;
}

} // namespace archscope::ops
