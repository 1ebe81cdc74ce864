// What a network computes, apart from how it was drawn: the effective network, and its identity.
#pragma once

#include "core/network/network.h"

#include <string>

namespace archscope::network {

/// The effective network. It computes the same for the same weights, but for terms that carry no data, after these rules (operation_algebra.h says which
/// operations they hold for):
/// - What passes its only input on is contracted: `identity`, a merge of one input, `dropout` of rate 0, and so on. Other
///   dropout stays.
/// - `zero` is a constant, and so are a sum of zeros only, a product with a zero in it, a concatenation of zeros only, and what
///   maps zero to zero (pooling, f(0) = 0, convolutions without bias; no norm whose shift is learned) behind a zero.
/// - Sums lose their zero terms, and those that only the learned shift of a norm behind a zero makes something else: a constant
///   that starts as zero and that no data reaches. So a normalised convolution of zeros is a dead branch, as in NAS-Bench-201.
/// - A zero elsewhere (in a concatenation, before a bias or a norm, at the output) stays, as a
///   layer `zero` with the shape that belongs there, no inputs and no parameters; equal ones are one layer. Such a network has
///   costs and a picture, but no module can be built from it.
/// - A sum, product or concatenation that is read once, by one of its own kind, is merged into that one.
/// - What the output does not depend on then is dropped, except for the input layer.
/// - The cells of recurrent layers are treated likewise.
/// Layers that stay keep name, origin, parameters, shape, cost and order. Simplifying twice is simplifying once.
Network simplified(const Network& network);

/// The network's identity, 32 hexadecimal digits: equal exactly when the simplified networks are isomorphic (operations,
/// parameters, wiring with the order of inputs, except for commutative operations, and the input's shape), whatever their
/// layers are called and in whichever order they stand. Stable across runs and machines; stores keep it.
///
/// Linear for all but very symmetric networks. The search among equals is bounded: where it gives up, networks that are the
/// same may get different hashes, never the other way round.
std::string canonicalHash(const Network& network);

} // namespace archscope::network
