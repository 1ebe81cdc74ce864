// What most operations share: a descriptor that never changes, and sentences for shapes that do not fit.
#pragma once

#include "core/ops/operation.h"

#include <string_view>

namespace archscope::ops {

/// An operation that costs nothing unless it says so.
class DescribedOperation : public Operation {
public:
    explicit DescribedOperation(OperationDescriptor descriptor) : m_descriptor(std::move(descriptor)) {}
    const OperationDescriptor& descriptor() const override { return m_descriptor; }
    Cost cost(std::span<const Shape>, const Shape&, const Parameters&) const override { return {}; }

private:
    OperationDescriptor m_descriptor;
};

inline bool isImage(const Shape& shape) { return shape.size() == 3; }
inline bool isVector(const Shape& shape) { return shape.size() == 1; }
inline bool isSequence(const Shape& shape) { return shape.size() == 2; }
/// Where a shape has its channels or features: last in sequences, else first.
inline std::size_t featureAxis(const Shape& shape) { return isSequence(shape) ? 1 : 0; }
/// The same with the batch in front.
inline std::int64_t batchedFeatureAxis(const Shape& shape) { return isSequence(shape) ? 2 : 1; }
std::int64_t elementCount(const Shape& shape);

tl::unexpected<Error> misfit(std::string sentence);
Result<void> expectImage(const Shape& shape, std::string_view operation);
Result<void> expectSequence(const Shape& shape, std::string_view operation);
/// A vector or a sequence.
Result<void> expectFeatures(const Shape& shape, std::string_view operation);
/// An image, a sequence or a vector.
Result<void> expectChannels(const Shape& shape, std::string_view operation);
Result<void> expectOneShape(std::span<const Shape> shapes, std::string_view operation);
Result<void> expectDivisible(std::int64_t channels, std::int64_t groups, std::string_view which, std::string_view operation);
/// Passes the shape on, unless one sample of it would take more than a gigabyte: this keeps every cost within 64 bits.
Result<Shape> bounded(Shape shape, std::string_view operation);

} // namespace archscope::ops
