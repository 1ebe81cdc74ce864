// The wiring of a network's effective part, without copying layers: what `simplified` and `canonicalHash` share.
#pragma once

#include "core/network/network.h"

#include <string_view>
#include <vector>

namespace archscope::network {

class EffectiveWiring {
public:
    /// The network outlives the wiring.
    explicit EffectiveWiring(const Network& network);

    struct Vertex {
        const Layer* layer = nullptr;
        std::string_view replacement; ///< "zero", "identity": nothing of the layer counts but its shape; empty: all of it does
        std::vector<int> inputs; ///< earlier vertices, in port order
        std::string_view operation() const { return replacement.empty() ? layer->operation : replacement; }
    };
    /// In topological order; first the input (a recurrent cell has two), last the output.
    const std::vector<Vertex>& vertices() const { return m_vertices; }

private:
    void resolve();
    int resolvedLayer(std::size_t index);
    int zeroOf(std::size_t index);
    bool isZeroAt(int index) const { return m_work[static_cast<std::size_t>(index)].zero; }
    bool isConstantAt(int index) const { return m_work[static_cast<std::size_t>(index)].constant; }
    void countReaders();
    void mergeNested();
    void collect();

    struct Item {
        int value = 0; ///< the layer that gives the same
        int readers = 0; ///< in the effective network
        bool zero = false;
        bool constant = false; ///< zero, or what norms have shifted it to: it carries no data
        bool needed = false;
        std::vector<int> inputs;
    };

    const Network& m_network;
    std::vector<Item> m_work; ///< by layer
    std::vector<int> m_zeros; ///< one a shape
    std::vector<Vertex> m_vertices;
};

} // namespace archscope::network
