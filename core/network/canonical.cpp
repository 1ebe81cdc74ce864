#include "core/network/canonical.h"

#include "core/base/hash.h"
#include "core/network/canonical_labelling.h"
#include "core/network/effective_wiring.h"
#include "core/network/operation_algebra.h"

#include <cmath>

namespace archscope::network {

namespace {

template <class Number> void appendBytes(std::string& out, Number number)
{
    out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

void appendText(std::string& out, std::string_view text)
{
    appendBytes(out, text.size());
    out += text;
}

/// A whole number is the same whether it was written as a real or not: 0 and 0.0.
void appendLiteral(std::string& out, const space::Literal& value)
{
    constexpr double exactlyWhole = 9007199254740992.0; // 2^53
    if (const auto* text = std::get_if<std::string>(&value)) {
        out += 't';
        appendText(out, *text);
    } else if (const auto* flag = std::get_if<bool>(&value)) {
        out += *flag ? 'y' : 'n';
    } else if (const auto* real = std::get_if<double>(&value);
               real && !(std::abs(*real) <= exactlyWhole && *real == std::trunc(*real))) {
        out += 'r';
        appendBytes(out, *real);
    } else {
        out += 'i';
        appendBytes(out, real ? static_cast<std::int64_t>(*real) : std::get<std::int64_t>(value));
    }
}

/// What a vertex is by itself. Shapes follow from the inputs, except where there are none; and one input of a cell is not the
/// other.
std::uint64_t labelOf(const EffectiveWiring::Vertex& vertex, std::size_t place, std::string& scratch)
{
    scratch.clear();
    appendText(scratch, vertex.operation());
    if (vertex.replacement.empty()) {
        for (const auto& [name, value] : vertex.layer->parameters.values()) {
            appendText(scratch, name);
            appendLiteral(scratch, value);
        }
        for (const Network& cell : vertex.layer->cell)
            appendText(scratch, canonicalHash(cell));
        for (const Network& cell : vertex.layer->cell)
            appendText(scratch, canonicalHash(cell));
    }
    if (vertex.inputs.empty()) {
        for (const std::int64_t size : vertex.layer->output)
            appendBytes(scratch, size);
        if (vertex.replacement.empty())
            appendBytes(scratch, place);
    }
    return hash64(scratch);
}

} // namespace

Network simplified(const Network& network)
{
    Network result;
    result.task = network.task;
    result.countsBiases = network.countsBiases;
    const EffectiveWiring wiring(network);
    for (const EffectiveWiring::Vertex& vertex : wiring.vertices()) {
        Layer layer = *vertex.layer;
        layer.operation = vertex.operation();
        if (!vertex.replacement.empty()) {
            layer.parameters = {};
            layer.cell.clear();
            layer.cost = {};
        }
        layer.inputs = vertex.inputs;
        for (Network& cell : layer.cell) {
            cell = simplified(cell);
            // Its weights are there once, its work is done at each step of the sequence that comes in.
            const std::int64_t steps = result.layers[static_cast<std::size_t>(layer.inputs.front())].output.front();
            layer.cost = {cell.cost().parameters, cell.cost().flops * steps};
        }
        result.layers.push_back(std::move(layer));
    }
    return result;
}

std::string canonicalHash(const Network& network)
{
    const EffectiveWiring wiring(network);
    const std::vector<EffectiveWiring::Vertex>& vertices = wiring.vertices();
    CanonicalLabelling labelling(vertices.size());
    std::string scratch;
    for (std::size_t i = 0; i < vertices.size(); ++i) {
        const EffectiveWiring::Vertex& vertex = vertices[i];
        const int to = static_cast<int>(i);
        labelling.setLabel(to, labelOf(vertex, i, scratch));
        const bool ordered = !isCommutative(*vertex.layer);
        for (std::size_t port = 0; port < vertex.inputs.size(); ++port)
            labelling.addEdge(vertex.inputs[port], to, ordered ? static_cast<int>(port) + 1 : 0);
    }
    return labelling.fingerprint();
}

} // namespace archscope::network
