#include "core/space/space_edit.h"

#include "core/space/space_check.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace archscope::space {

namespace {
tl::unexpected<Error> refuse(std::string message)
{
    return fail(ErrorCode::InvalidArgument, std::move(message));
}

Node* nodeIn(Block& block, NodeId id)
{
    const auto it = std::find_if(block.nodes.begin(), block.nodes.end(), [&](const Node& n) { return n.id == id; });
    return it == block.nodes.end() ? nullptr : &*it;
}

void idsOf(const Node& node, std::vector<NodeId>& ids)
{
    ids.push_back(node.id);
    if (const auto* choice = std::get_if<Choice>(&node.body)) {
        for (const Node& alternative : choice->alternatives)
            idsOf(alternative, ids);
    } else if (const auto* repeat = std::get_if<Repeat>(&node.body)) {
        for (const Node& inner : repeat->body.nodes)
            idsOf(inner, ids);
    } else if (const auto* nested = std::get_if<Nested>(&node.body)) {
        for (const Node& inner : nested->body.nodes)
            idsOf(inner, ids);
    }
}

/// The ids of a node about to enter the space are valid, distinct and not taken by anything that stays.
Result<void> requireFreshIds(const SearchSpace& space, const Node& node, const std::set<NodeId>& leaving = {})
{
    std::vector<NodeId> ids;
    idsOf(node, ids);
    std::set<NodeId> seen;
    for (const NodeId id : ids) {
        if (!id.isValid() || !seen.insert(id).second || (space.find(id) && !leaving.contains(id)))
            return refuse(fmt::format("the id of the node '{}' is taken", node.name));
    }
    return {};
}

Result<void> requireName(const Block& block, const Node& node)
{
    if (node.name.empty() || node.name.size() > 200 || node.name.find_first_of("/.#$") != std::string::npos)
        return refuse(fmt::format("'{}' cannot be a node's name: it must not be empty or contain / . # $", node.name));
    for (const Node& other : block.nodes) {
        if (other.id != node.id && other.name == node.name)
            return refuse(fmt::format("there is a node '{}' in this block already", node.name));
    }
    return {};
}

Result<void> insertEdge(Block& block, const Edge& edge, std::size_t position)
{
    const Node* from = nodeIn(block, edge.from);
    const Node* to = nodeIn(block, edge.to);
    if (!from || !to)
        return refuse("the two ends of an edge must be in the same block");
    if (edge.from == edge.to)
        return refuse(fmt::format("'{}' cannot be connected to itself", from->name));
    if (std::holds_alternative<Output>(from->body))
        return refuse("nothing can come after the block's output");
    if (std::holds_alternative<Input>(to->body))
        return refuse("nothing can come before the block's input");
    if (edge.toPort < 0 || edge.toPort > 10'000)
        return refuse("there is no such port");
    for (const Edge& other : block.edges) {
        if (other.to == edge.to && other.toPort == edge.toPort)
            return refuse(fmt::format("input port {} of '{}' is connected already", edge.toPort, to->name));
    }
    const auto index = static_cast<std::ptrdiff_t>(std::min(position, block.edges.size()));
    block.edges.insert(block.edges.begin() + index, edge);
    if (!topologicalOrder(block)) {
        const std::string message = fmt::format("connecting '{}' to '{}' would make a cycle", from->name, to->name);
        block.edges.erase(block.edges.begin() + index);
        return refuse(message);
    }
    return {};
}

/// Applies one kind of edit each. A failing edit may leave the space half changed: `apply` works on a copy where it matters.
struct Applier {
    SearchSpace& space;
    const std::string& title;

    SpaceEdit inverse(decltype(SpaceEdit::what) what) const { return {std::move(what), title}; }

    Result<SpaceEdit> operator()(const AddNode& edit) const
    {
        Block* block = space.findBlock(edit.owner);
        if (!block)
            return refuse("the block to add to does not exist");
        ARCHSCOPE_TRY(requireFreshIds(space, edit.node));
        ARCHSCOPE_TRY(requireName(*block, edit.node));
        const bool isEnd = std::holds_alternative<Input>(edit.node.body) || std::holds_alternative<Output>(edit.node.body);
        for (const Node& other : block->nodes) {
            if (isEnd && other.body.index() == edit.node.body.index())
                return refuse("a block has only one input and one output");
        }
        const auto at = static_cast<std::ptrdiff_t>(std::min(edit.position, block->nodes.size()));
        block->nodes.insert(block->nodes.begin() + at, edit.node);
        for (const Edge& edge : edit.edges)
            ARCHSCOPE_TRY(insertEdge(*block, edge, static_cast<std::size_t>(-1)));
        return inverse(RemoveNode{edit.node.id});
    }

    Result<SpaceEdit> operator()(const RemoveNode& edit) const
    {
        Block* block = space.findBlock(space.ownerOf(edit.id));
        const auto it = std::find_if(block->nodes.begin(), block->nodes.end(), [&](const Node& n) { return n.id == edit.id; });
        if (it == block->nodes.end())
            return refuse("the node to remove does not exist, or is an alternative of a choice");
        if (std::holds_alternative<Input>(it->body) || std::holds_alternative<Output>(it->body))
            return refuse("a block's input and output cannot be removed");
        // Edges go back to where they stood, so that undo restores the very same space.
        Compound back;
        AddNode add{space.ownerOf(edit.id), *it, static_cast<std::size_t>(it - block->nodes.begin()), {}};
        back.edits.push_back({add, title});
        block->nodes.erase(it);
        for (std::size_t i = 0; i < block->edges.size(); ++i) {
            if (block->edges[i].from == edit.id || block->edges[i].to == edit.id)
                back.edits.push_back({AddEdge{add.owner, block->edges[i], i}, title});
        }
        std::erase_if(block->edges, [&](const Edge& e) { return e.from == edit.id || e.to == edit.id; });
        return inverse(std::move(back));
    }

    Result<SpaceEdit> operator()(const ReplaceNode& edit) const
    {
        Node* node = space.find(edit.id);
        if (!node)
            return refuse("the node to change does not exist");
        if (edit.node.id != edit.id)
            return refuse("a node keeps its id");
        const auto isEnd = [](const Node& n) { return std::holds_alternative<Input>(n.body) || std::holds_alternative<Output>(n.body); };
        if ((isEnd(*node) || isEnd(edit.node)) && node->body.index() != edit.node.body.index())
            return refuse("a block's input and output stay what they are");
        std::vector<NodeId> old;
        idsOf(*node, old);
        ARCHSCOPE_TRY(requireFreshIds(space, edit.node, {old.begin(), old.end()}));
        if (Block* block = space.findBlock(space.ownerOf(edit.id)); nodeIn(*block, edit.id))
            ARCHSCOPE_TRY(requireName(*block, edit.node));
        Node before = *node;
        *node = edit.node;
        node->position = before.position;
        node->placed = before.placed;
        return inverse(ReplaceNode{edit.id, std::move(before)});
    }

    Result<SpaceEdit> operator()(const AddEdge& edit) const
    {
        Block* block = space.findBlock(edit.owner);
        if (!block)
            return refuse("the block to connect in does not exist");
        ARCHSCOPE_TRY(insertEdge(*block, edit.edge, edit.position));
        return inverse(RemoveEdge{edit.owner, edit.edge});
    }

    Result<SpaceEdit> operator()(const RemoveEdge& edit) const
    {
        Block* block = space.findBlock(edit.owner);
        if (!block)
            return refuse("the block of the edge does not exist");
        const auto it = std::find(block->edges.begin(), block->edges.end(), edit.edge);
        if (it == block->edges.end())
            return refuse("the edge to remove does not exist");
        const auto position = static_cast<std::size_t>(it - block->edges.begin());
        block->edges.erase(it);
        return inverse(AddEdge{edit.owner, edit.edge, position});
    }

    Result<SpaceEdit> operator()(const MoveNodes& edit) const
    {
        MoveNodes back;
        for (const MoveNodes::Move& move : edit.moves) {
            Node* node = space.find(move.id);
            if (!node)
                return refuse("a node to move does not exist");
            back.moves.push_back({move.id, node->position, node->placed});
            node->position = move.to;
            node->placed = move.placed;
        }
        std::reverse(back.moves.begin(), back.moves.end());
        return inverse(std::move(back));
    }

    Result<SpaceEdit> operator()(const SetVariables& edit) const
    {
        Block* block = space.findBlock(edit.owner);
        if (!block)
            return refuse("the block of the variables does not exist");
        std::set<std::string> names;
        for (const Variable& variable : edit.variables) {
            const bool good = !variable.name.empty() && variable.name.size() <= 100
                && variable.name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == std::string::npos
                && !(variable.name.front() >= '0' && variable.name.front() <= '9');
            if (!good)
                return refuse(fmt::format("'{}' cannot be a variable's name: use letters, digits and _", variable.name));
            if (variable.name == "classes" || !names.insert(variable.name).second)
                return refuse(fmt::format("the variable '{}' exists already", variable.name));
        }
        SetVariables back{edit.owner, std::move(block->variables)};
        block->variables = edit.variables;
        return inverse(std::move(back));
    }

    Result<SpaceEdit> operator()(const SetTitle& edit) const
    {
        SetTitle back{std::move(space.name), std::move(space.description)};
        space.name = edit.name;
        space.description = edit.description;
        return inverse(std::move(back));
    }

    Result<SpaceEdit> operator()(const Compound& edit) const
    {
        Compound back;
        for (const SpaceEdit& part : edit.edits) {
            ARCHSCOPE_ASSIGN(SpaceEdit undone, std::visit(Applier{space, part.title}, part.what));
            back.edits.push_back(std::move(undone));
        }
        std::reverse(back.edits.begin(), back.edits.end());
        return inverse(std::move(back));
    }
};
} // namespace

Result<SpaceEdit> apply(SearchSpace& space, const SpaceEdit& edit)
{
    // Edits of several steps can fail half-way: they are tried on a copy, so that they apply wholly or not at all.
    const bool manySteps = std::holds_alternative<Compound>(edit.what) || std::holds_alternative<AddNode>(edit.what)
        || std::holds_alternative<MoveNodes>(edit.what);
    if (!manySteps)
        return std::visit(Applier{space, edit.title}, edit.what);
    SearchSpace changed = space;
    ARCHSCOPE_ASSIGN(SpaceEdit inverse, std::visit(Applier{changed, edit.title}, edit.what));
    space = std::move(changed);
    return inverse;
}

std::string freeName(const Block& block, const std::string& wanted)
{
    const auto taken = [&](const std::string& name) {
        return std::any_of(block.nodes.begin(), block.nodes.end(), [&](const Node& n) { return n.name == name; });
    };
    if (!taken(wanted))
        return wanted;
    std::string stem = wanted;
    while (!stem.empty() && stem.back() >= '0' && stem.back() <= '9')
        stem.pop_back();
    if (stem.empty())
        stem = wanted;
    for (int number = 2;; ++number) {
        if (const std::string name = stem + std::to_string(number); !taken(name))
            return name;
    }
}

} // namespace archscope::space
