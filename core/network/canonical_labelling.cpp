#include "core/network/canonical_labelling.h"

#include "core/base/hash.h"

#include <algorithm>
#include <boost/pending/disjoint_sets.hpp>
#include <limits>
#include <map>
#include <utility>

namespace archscope::network {

namespace {

/// Colours that may be made before a search among equals takes the first of them: less than a second.
constexpr std::int64_t mostEffort = 10'000'000;

enum class Mark : std::uint64_t { Leaf = 1, Port, Down, Up, Chosen, Parts, Search };

std::uint64_t mixed(std::span<const std::uint64_t> words)
{
    return hash64({reinterpret_cast<const char*>(words.data()), words.size_bytes()});
}

std::uint64_t mixed(Mark mark, std::uint64_t a, std::uint64_t b = 0)
{
    const std::uint64_t words[] = {static_cast<std::uint64_t>(mark), a, b};
    return mixed(words);
}

std::size_t index(int vertex) { return static_cast<std::size_t>(vertex); }

} // namespace

CanonicalLabelling::CanonicalLabelling(std::size_t vertices)
    : m_colours(vertices)
    , m_partOf(vertices, 0)
{
}

void CanonicalLabelling::setLabel(int vertex, std::uint64_t label)
{
    m_colours[index(vertex)] = mixed(Mark::Leaf, label);
}

void CanonicalLabelling::addEdge(int from, int to, int port)
{
    m_edges.push_back({from, to, port});
}

std::span<const std::pair<int, int>> CanonicalLabelling::Adjacency::of(int vertex) const
{
    return std::span(to).subspan(index(first[index(vertex)]), index(first[index(vertex) + 1] - first[index(vertex)]));
}

CanonicalLabelling::Adjacency CanonicalLabelling::adjacency(std::size_t vertices, const std::vector<Edge>& edges, bool backwards)
{
    Adjacency result;
    result.first.assign(vertices + 1, 0);
    for (const Edge& edge : edges)
        ++result.first[index(backwards ? edge.to : edge.from) + 1];
    for (std::size_t i = 0; i < vertices; ++i)
        result.first[i + 1] += result.first[i];
    result.to.resize(edges.size());
    std::vector<int> next = result.first;
    for (const Edge& edge : edges)
        result.to[index(next[index(backwards ? edge.to : edge.from)]++)] = {backwards ? edge.from : edge.to, edge.port};
    return result;
}

std::string CanonicalLabelling::fingerprint()
{
    m_inputs = adjacency(m_colours.size(), m_edges, true);
    m_readers = adjacency(m_colours.size(), m_edges, false);
    Part all(m_colours.size());
    for (std::size_t i = 0; i < all.size(); ++i)
        all[i] = static_cast<int>(i);
    refine(all);
    const std::vector<Colour> whole = description(all);
    return hashHex({reinterpret_cast<const char*>(whole.data()), whole.size() * sizeof(Colour)});
}

/// Until no two vertices of one colour differ in the colours of their neighbours. Each round carries colours all the way down
/// to the output and back up, so few are needed. A final colour tells the colours of all readers, port by port, and so, with
/// all others, the whole quotient.
void CanonicalLabelling::refine(const Part& part)
{
    const int id = ++m_parts;
    for (const int vertex : part)
        m_partOf[index(vertex)] = id;
    const auto recolour = [&](int vertex, const Adjacency& neighbours, Mark mark) {
        m_scratch = {static_cast<std::uint64_t>(mark), m_colours[index(vertex)]};
        for (const auto& [neighbour, port] : neighbours.of(vertex)) {
            if (m_partOf[index(neighbour)] == id)
                m_scratch.push_back(mixed(Mark::Port, m_colours[index(neighbour)], static_cast<std::uint64_t>(port)));
        }
        std::sort(m_scratch.begin() + 2, m_scratch.end());
        m_colours[index(vertex)] = mixed(m_scratch);
    };
    std::size_t before = 0;
    std::size_t now = colourCount(part);
    do {
        for (const int vertex : part)
            recolour(vertex, m_inputs, Mark::Down);
        for (auto vertex = part.rbegin(); vertex != part.rend(); ++vertex)
            recolour(*vertex, m_readers, Mark::Up);
        m_effort += static_cast<std::int64_t>(part.size());
        before = std::exchange(now, colourCount(part));
    } while (now > before && now < part.size());
}

std::size_t CanonicalLabelling::colourCount(const Part& part)
{
    m_scratch.clear();
    for (const int vertex : part)
        m_scratch.push_back(m_colours[index(vertex)]);
    std::ranges::sort(m_scratch);
    return static_cast<std::size_t>(std::ranges::unique(m_scratch).begin() - m_scratch.begin());
}

/// Of a part whose colours are final. Vertices with a colour of their own within it are known by it, with all their edges; what
/// remains falls into parts.
std::vector<CanonicalLabelling::Colour> CanonicalLabelling::description(const Part& part)
{
    std::vector<Colour> colours;
    for (const int vertex : part)
        colours.push_back(m_colours[index(vertex)]);
    std::ranges::sort(colours);
    const auto isUnique = [&](int vertex) {
        const auto range = std::ranges::equal_range(colours, m_colours[index(vertex)]);
        return range.size() == 1;
    };
    Part shared;
    for (const int vertex : part) {
        if (!isUnique(vertex))
            shared.push_back(vertex);
    }
    if (shared.empty())
        return colours;
    const std::vector<Part> parts = connectedParts(shared);
    if (shared.size() == part.size() && parts.size() == 1)
        return {static_cast<Colour>(Mark::Search), leastAfterSinglingOut(part)};
    std::vector<Colour> digests;
    for (const Part& smaller : parts)
        digests.push_back(digest(smaller));
    std::ranges::sort(digests);
    colours.push_back(static_cast<Colour>(Mark::Parts));
    colours.insert(colours.end(), digests.begin(), digests.end());
    return colours;
}

CanonicalLabelling::Colour CanonicalLabelling::digest(const Part& part)
{
    return part.size() == 1 ? m_colours[index(part.front())] : mixed(description(part));
}

/// Of a connected part in which every colour occurs twice at least: singles out each vertex of the rarest colour in turn.
CanonicalLabelling::Colour CanonicalLabelling::leastAfterSinglingOut(const Part& part)
{
    std::map<Colour, Part> byColour;
    std::vector<Colour> before;
    for (const int vertex : part) {
        before.push_back(m_colours[index(vertex)]);
        byColour[before.back()].push_back(vertex);
    }
    const Part& candidates = std::ranges::min_element(byColour, {}, [](const auto& entry) { return entry.second.size(); })->second;
    Colour least = std::numeric_limits<Colour>::max();
    for (const int candidate : candidates) {
        m_colours[index(candidate)] = mixed(Mark::Chosen, m_colours[index(candidate)]);
        refine(part);
        least = std::min(least, digest(part));
        for (std::size_t i = 0; i < part.size(); ++i)
            m_colours[index(part[i])] = before[i];
        if (m_effort > mostEffort)
            break;
    }
    return least;
}

/// Two vertices belong together when colours do not tell whether they are adjacent. Between two colours with more edges than
/// gaps the gaps connect: where each vertex is joined with each, nothing is left to tell.
std::vector<CanonicalLabelling::Part> CanonicalLabelling::connectedParts(const Part& part)
{
    std::vector<int> place(m_colours.size(), -1);
    std::map<Colour, std::vector<int>> byColour; // places
    for (std::size_t i = 0; i < part.size(); ++i) {
        place[index(part[i])] = static_cast<int>(i);
        byColour[m_colours[index(part[i])]].push_back(static_cast<int>(i));
    }
    std::map<std::pair<Colour, Colour>, std::vector<Edge>> between;
    for (const int from : part) {
        for (const auto& [to, port] : m_readers.of(from)) {
            if (place[index(to)] >= 0)
                between[{m_colours[index(from)], m_colours[index(to)]}].push_back({place[index(from)], place[index(to)], port});
        }
    }
    boost::disjoint_sets_with_storage<> sets(part.size());
    for (auto& [colours, edges] : between) {
        const std::vector<int>& sources = byColour[colours.first];
        const std::vector<int>& targets = byColour[colours.second];
        std::ranges::sort(edges);
        const bool isSimple = std::ranges::all_of(edges, [&](const Edge& edge) { return edge.port == edges.front().port; })
            && std::ranges::adjacent_find(edges) == edges.end();
        if (!isSimple || 2 * edges.size() <= sources.size() * targets.size()) {
            for (const Edge& edge : edges)
                sets.union_set(index(edge.from), index(edge.to));
            continue;
        }
        auto edge = edges.begin(); // as the pairs below, sorted: places ascend within a colour
        for (const int from : sources) {
            for (const int to : targets) {
                if (edge != edges.end() && edge->from == from && edge->to == to)
                    ++edge;
                else
                    sets.union_set(index(from), index(to));
            }
        }
    }
    std::map<std::size_t, Part> bySet;
    for (std::size_t i = 0; i < part.size(); ++i)
        bySet[sets.find_set(i)].push_back(part[i]);
    std::vector<Part> parts;
    for (auto& [set, members] : bySet)
        parts.push_back(std::move(members));
    return parts;
}

} // namespace archscope::network
