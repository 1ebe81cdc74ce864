// What is known of operations as functions: on this rests which networks are one and the same.
//
// Whatever is not known here counts as different: nothing is lost but a chance to recognise a network.
#pragma once

#include "core/network/network.h"

namespace archscope::network {

/// Gives out its only input, which has shape `input`, as it is: `identity`, dropout that drops nothing, a merge of one input,
/// `skip-connect` and `truncate` where they change nothing, `flatten` and `reshape` to the shape that is there.
bool isIdentity(const Layer& layer, const Shape& input);
/// Zeros of its output's shape, whatever comes in.
bool isZero(const Layer& layer);
/// The order of its inputs does not count.
bool isCommutative(const Layer& layer);
/// A merge of which op(a, op(b, c)) is op(a, b, c): sums, products, concatenations.
bool isAssociative(const Layer& layer);
/// A sum: inputs that are zero may be left out.
bool isSum(const Layer& layer);
/// A product: zero as soon as one input is.
bool isProduct(const Layer& layer);
/// Zero for inputs that are all zero, the first of shape `input`, whatever its weights have learned: no bias, no norm with a
/// shift, f(0) = 0.
bool mapsZeroToZero(const Layer& layer, const Shape& input);
/// The same but for the shift that a norm learns: behind a zero it gives out a constant, which starts as zero, for any data.
bool onlyShiftsZero(const Layer& layer, const Shape& input);

} // namespace archscope::network
