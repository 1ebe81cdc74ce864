#include "core/space/search_space.h"

#include <algorithm>
#include <fmt/format.h>

namespace archscope::space {

namespace {
template <class BlockType, class NodeType>
BlockType* blockInside(NodeType& node)
{
    return std::visit(
        [](auto& body) -> BlockType* {
            if constexpr (requires { body.body; })
                return &body.body;
            else
                return nullptr;
        },
        node.body);
}

template <class PartsType, class NodeType>
PartsType* partsInside(NodeType& node)
{
    if (auto* choice = std::get_if<Choice>(&node.body))
        return &choice->alternatives;
    if (auto* order = std::get_if<Order>(&node.body))
        return &order->steps;
    return nullptr;
}

template <class NodeType, class Nodes>
NodeType* findAmong(Nodes& nodes, NodeId id)
{
    for (auto& node : nodes) {
        if (node.id == id)
            return &node;
        if (auto* parts = partsOf(node)) {
            if (NodeType* found = findAmong<NodeType>(*parts, id))
                return found;
        }
        if (auto* body = bodyOf(node)) {
            if (NodeType* found = findAmong<NodeType>(body->nodes, id))
                return found;
        }
    }
    return nullptr;
}

template <class NodeType, class SpaceType>
NodeType* findInSpace(SpaceType& space, NodeId id)
{
    if (!id.isValid())
        return nullptr;
    if (NodeType* found = findAmong<NodeType>(space.root.nodes, id))
        return found;
    for (auto& definition : space.definitions) {
        if (NodeType* found = findAmong<NodeType>(definition.body.nodes, id))
            return found;
    }
    return nullptr;
}

template <class BlockType, class SpaceType>
BlockType* blockInSpace(SpaceType& space, NodeId owner)
{
    if (!owner.isValid())
        return &space.root;
    for (auto& definition : space.definitions) {
        if (definition.id == owner)
            return &definition.body;
    }
    auto* node = space.find(owner);
    return node ? bodyOf(*node) : nullptr;
}

void largestId(const std::vector<Node>& nodes, std::int64_t& largest)
{
    for (const Node& node : nodes) {
        largest = std::max(largest, node.id.value());
        if (const auto* parts = partsOf(node))
            largestId(*parts, largest);
        if (const Block* body = bodyOf(node))
            largestId(body->nodes, largest);
    }
}

struct Place {
    NodeId owner;
    std::string path;
};

std::optional<Place> placeAmong(const std::vector<Node>& nodes, NodeId id, NodeId owner, const std::string& prefix)
{
    for (const Node& node : nodes) {
        const std::string here = prefix + node.name;
        if (node.id == id)
            return Place{owner, here};
        if (const auto* parts = partsOf(node)) {
            if (auto place = placeAmong(*parts, id, owner, here + "/"))
                return place;
        }
        if (const Block* body = bodyOf(node)) {
            if (auto place = placeAmong(body->nodes, id, node.id, here + "/"))
                return place;
        }
    }
    return {};
}

Place placeOf(const SearchSpace& space, NodeId id)
{
    if (auto place = placeAmong(space.root.nodes, id, NodeId{}, {}))
        return *place;
    for (const Definition& definition : space.definitions) {
        if (definition.id == id)
            return {NodeId{}, "@" + definition.name};
        if (auto place = placeAmong(definition.body.nodes, id, definition.id, "@" + definition.name + "/"))
            return *place;
    }
    return {};
}
} // namespace

const Block* bodyOf(const Node& node)
{
    return blockInside<const Block>(node);
}

Block* bodyOf(Node& node)
{
    return blockInside<Block>(node);
}

const std::vector<Node>* partsOf(const Node& node)
{
    return partsInside<const std::vector<Node>>(node);
}

std::vector<Node>* partsOf(Node& node)
{
    return partsInside<std::vector<Node>>(node);
}

NodeId SearchSpace::freshId() const
{
    std::int64_t largest = -1;
    largestId(root.nodes, largest);
    for (const Definition& definition : definitions) {
        largest = std::max(largest, definition.id.value());
        largestId(definition.body.nodes, largest);
    }
    return NodeId(largest + 1);
}

const Node* SearchSpace::find(NodeId id) const
{
    return findInSpace<const Node>(*this, id);
}

Node* SearchSpace::find(NodeId id)
{
    return findInSpace<Node>(*this, id);
}

const Block* SearchSpace::findBlock(NodeId owner) const
{
    return blockInSpace<const Block>(*this, owner);
}

Block* SearchSpace::findBlock(NodeId owner)
{
    return blockInSpace<Block>(*this, owner);
}

const Definition* SearchSpace::findDefinition(std::string_view wanted) const
{
    const auto it = std::find_if(definitions.begin(), definitions.end(), [&](const Definition& d) { return d.name == wanted; });
    return it == definitions.end() ? nullptr : &*it;
}

NodeId SearchSpace::ownerOf(NodeId id) const
{
    return placeOf(*this, id).owner;
}

std::string SearchSpace::pathOf(NodeId id) const
{
    return placeOf(*this, id).path;
}

std::optional<std::string> problemOfNodeName(std::string_view name)
{
    static constexpr std::string_view kept = "/.#$,>:*@";
    if (name.empty() || name.size() > 200 || name.find_first_of(kept) != std::string_view::npos)
        return fmt::format("'{}' cannot be a node's name: it must not be empty, longer than 200 letters or contain one of / . # $ , > : * @", name);
    return {};
}

std::optional<std::string> problemOfVariableName(std::string_view name)
{
    const bool good = !name.empty() && name.size() <= 100
        && name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == std::string_view::npos
        && !(name.front() >= '0' && name.front() <= '9');
    if (!good)
        return fmt::format("'{}' cannot be a variable's name: use letters, digits and _", name);
    for (const std::string_view given : {"classes", "vocabulary", "each_step", "round", "part", "parts", "min", "max"}) {
        if (name == given)
            return fmt::format("the name '{}' has a meaning of its own in expressions: choose another", name);
    }
    return {};
}

} // namespace archscope::space
