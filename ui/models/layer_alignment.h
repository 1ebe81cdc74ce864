// Two networks layer by layer: which layer of the one stands for which of the other, and what differs.
#pragma once

#include <QString> // before the standard library: moc 6.4 stumbles over <concepts> otherwise

#include "core/network/network.h"

#include <vector>

namespace archscope::ui {

struct LayerPair {
    int left = -1;  ///< index in the left network; -1: it has no such layer
    int right = -1;
    bool differs = false; ///< in operation or parameters, not only in the shapes that come in, or because one side has none
};

/// Every layer of both networks once, in the order of both. Layers pair by name first (the place in the space), then by the
/// block that they stand in and their operation; as many and as alike ones pair as possible (Needleman and Wunsch, 1970).
std::vector<LayerPair> alignLayers(const network::Network& left, const network::Network& right);

/// "layers/0/op/conv"; "layers/0/op: conv → separable" where another alternative was chosen in the same place.
QString pairTitle(const LayerPair& pair, const network::Network& left, const network::Network& right);

} // namespace archscope::ui
