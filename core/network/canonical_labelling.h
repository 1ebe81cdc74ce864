// A fingerprint of a labelled acyclic graph: equal for two graphs exactly when they are isomorphic.
//
// Colour refinement (Weisfeiler and Leman 1968) tells vertices apart by label and surroundings. Where it leaves equal colours,
// the graph falls apart into what is connected among them, and each part is looked at by itself: parallel equal branches need
// no search. Only within a connected part whose vertices all have a twin in colour, one is singled out, refined and looked at
// again, and the smallest outcome counts (McKay 1981, without its pruning by automorphisms).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace archscope::network {

class CanonicalLabelling {
public:
    explicit CanonicalLabelling(std::size_t vertices);

    /// Edges come in topological order of their ends: `from` < `to`. Edges with equal ports into one vertex are exchangeable.
    void setLabel(int vertex, std::uint64_t label);
    void addEdge(int from, int to, int port);
    /// 32 hexadecimal digits. Call once, when all is said.
    std::string fingerprint();

private:
    using Colour = std::uint64_t;
    struct Edge {
        int from = 0;
        int to = 0;
        int port = 0;
        auto operator<=>(const Edge&) const = default;
    };
    /// What is adjacent to a vertex, by position in `m_edges` sorted one way or the other.
    struct Adjacency {
        std::vector<int> first; ///< by vertex; one more at the end
        std::vector<std::pair<int, int>> to; ///< neighbour and port
        std::span<const std::pair<int, int>> of(int vertex) const;
    };
    /// Vertices in topological order.
    using Part = std::vector<int>;

    static Adjacency adjacency(std::size_t vertices, const std::vector<Edge>& edges, bool backwards);
    void refine(const Part& part);
    std::size_t colourCount(const Part& part);
    std::vector<Colour> description(const Part& part);
    Colour digest(const Part& part);
    Colour leastAfterSinglingOut(const Part& part);
    std::vector<Part> connectedParts(const Part& part);

    std::vector<Colour> m_colours;
    std::vector<Edge> m_edges;
    Adjacency m_inputs;
    Adjacency m_readers;
    std::vector<int> m_partOf; ///< by vertex: the part that is being refined; edges that leave it are known by colours already
    int m_parts = 0;
    std::int64_t m_effort = 0; ///< colours made so far, in rounds over a part
    std::vector<Colour> m_scratch;
};

} // namespace archscope::network
