#include "core/network/effective_wiring.h"

#include "core/network/operation_algebra.h"

#include <algorithm>
#include <cassert>

namespace archscope::network {

EffectiveWiring::EffectiveWiring(const Network& network)
    : m_network(network)
    , m_work(network.layers.size())
{
    assert(!network.layers.empty());
    resolve();
    countReaders();
    mergeNested();
    collect();
}

/// Contracts identities and finds zeros; inputs come before their readers.
void EffectiveWiring::resolve()
{
    for (std::size_t i = 0; i < m_work.size(); ++i) {
        Item& item = m_work[i];
        for (const int input : m_network.layers[i].inputs)
            item.inputs.push_back(m_work[static_cast<std::size_t>(input)].value);
        item.value = resolvedLayer(i);
    }
}

/// The layer whose output is the same as this one's: often itself.
int EffectiveWiring::resolvedLayer(std::size_t index)
{
    const Layer& layer = m_network.layers[index];
    std::vector<int>& inputs = m_work[index].inputs;
    if (isZero(layer))
        return zeroOf(index);
    if (inputs.empty())
        return static_cast<int>(index);
    const Shape& first = m_network.layers[static_cast<std::size_t>(inputs.front())].output;
    if (isIdentity(layer, first))
        return inputs.front();
    const auto constantInputs = std::ranges::count_if(inputs, [this](int input) { return isConstantAt(input); });
    if (constantInputs == 0)
        return static_cast<int>(index);
    const auto zeroInputs = std::ranges::count_if(inputs, [this](int input) { return isZeroAt(input); });
    if (zeroInputs == std::ssize(inputs) ? mapsZeroToZero(layer, first) : zeroInputs > 0 && isProduct(layer))
        return zeroOf(index);
    m_work[index].constant = constantInputs == std::ssize(inputs) && onlyShiftsZero(layer, first);
    const auto hasShape = [&](int input) { return m_network.layers[static_cast<std::size_t>(input)].output == layer.output; };
    if (isSum(layer) && std::ranges::all_of(inputs, hasShape)) {
        // Of constants only, those that norms have shifted stay.
        const bool allConstant = m_work[index].constant;
        std::erase_if(inputs, [&](int input) { return allConstant ? isZeroAt(input) : isConstantAt(input); });
        if (inputs.size() == 1)
            return inputs.front();
    }
    return static_cast<int>(index);
}

int EffectiveWiring::zeroOf(std::size_t index)
{
    const Shape& shape = m_network.layers[index].output;
    for (const int zero : m_zeros) {
        if (m_network.layers[static_cast<std::size_t>(zero)].output == shape)
            return zero;
    }
    m_zeros.push_back(static_cast<int>(index));
    m_work[index].zero = true;
    m_work[index].constant = true;
    m_work[index].inputs.clear();
    return static_cast<int>(index);
}

void EffectiveWiring::countReaders()
{
    const int output = m_work.back().value;
    m_work[static_cast<std::size_t>(output)].needed = true;
    for (auto item = m_work.rbegin(); item != m_work.rend(); ++item) {
        if (!item->needed)
            continue;
        for (const int input : item->inputs) {
            Item& read = m_work[static_cast<std::size_t>(input)];
            read.needed = true;
            ++read.readers;
        }
    }
}

void EffectiveWiring::mergeNested()
{
    for (std::size_t i = 0; i < m_work.size(); ++i) {
        const Layer& layer = m_network.layers[i];
        if (!m_work[i].needed || !isAssociative(layer))
            continue;
        const auto isNested = [&](int input) {
            const Layer& inner = m_network.layers[static_cast<std::size_t>(input)];
            const Item& item = m_work[static_cast<std::size_t>(input)];
            return item.readers == 1 && !item.zero && inner.operation == layer.operation && inner.parameters == layer.parameters;
        };
        if (std::ranges::none_of(m_work[i].inputs, isNested))
            continue;
        std::vector<int> merged;
        for (const int input : m_work[i].inputs) {
            if (isNested(input)) {
                Item& inner = m_work[static_cast<std::size_t>(input)];
                inner.needed = false;
                merged.insert(merged.end(), inner.inputs.begin(), inner.inputs.end());
            } else {
                merged.push_back(input);
            }
        }
        m_work[i].inputs = std::move(merged);
    }
}

void EffectiveWiring::collect()
{
    std::vector<int> place(m_work.size(), -1);
    for (std::size_t i = 0; i < m_work.size(); ++i) {
        Item& item = m_work[i];
        if (!item.needed && m_network.layers[i].operation != "input")
            continue;
        place[i] = static_cast<int>(m_vertices.size());
        for (int& input : item.inputs)
            input = place[static_cast<std::size_t>(input)];
        m_vertices.push_back({&m_network.layers[i], item.zero ? "zero" : "", std::move(item.inputs)});
    }
    // A cell may give out its first input; its second one stands behind it.
    if (const int output = place[static_cast<std::size_t>(m_work.back().value)]; output + 1 != std::ssize(m_vertices))
        m_vertices.push_back({&m_network.layers.back(), "identity", {output}});
}

} // namespace archscope::network
