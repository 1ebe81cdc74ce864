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

void idsOf(const std::vector<Node>& nodes, std::vector<NodeId>& ids)
{
    for (const Node& node : nodes) {
        ids.push_back(node.id);
        if (const auto* parts = partsOf(node))
            idsOf(*parts, ids);
        if (const Block* body = bodyOf(node))
            idsOf(body->nodes, ids);
    }
}

bool isDefinition(const SearchSpace& space, NodeId id)
{
    return std::any_of(space.definitions.begin(), space.definitions.end(), [&](const Definition& d) { return d.id == id; });
}

/// The ids of a node about to enter the space are valid, distinct and not taken by anything that stays.
Result<void> requireFreshIds(const SearchSpace& space, const Node& node, const std::set<NodeId>& leaving = {})
{
    std::vector<NodeId> ids;
    idsOf({node}, ids);
    std::set<NodeId> seen;
    for (const NodeId id : ids) {
        if (!id.isValid() || !seen.insert(id).second || ((space.find(id) || isDefinition(space, id)) && !leaving.contains(id)))
            return refuse(fmt::format("the id of the node '{}' is taken", node.name));
    }
    return {};
}

Result<void> requireName(const Block& block, const Node& node)
{
    if (auto problem = problemOfNodeName(node.name))
        return refuse(std::move(*problem));
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
        for (const Node& other : block->nodes) {
            if (std::holds_alternative<Output>(edit.node.body) && std::holds_alternative<Output>(other.body))
                return refuse("a block has only one output");
            if (std::holds_alternative<Input>(edit.node.body) && std::holds_alternative<Input>(other.body) && !edit.owner.isValid())
                return refuse("a space has only one input: blocks inside it may have several");
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
        const auto inputs = std::count_if(block->nodes.begin(), block->nodes.end(), [](const Node& n) { return std::holds_alternative<Input>(n.body); });
        if (std::holds_alternative<Output>(it->body) || (std::holds_alternative<Input>(it->body) && inputs == 1))
            return refuse("a block's output and its only input cannot be removed");
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
        idsOf({*node}, old);
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
            if (auto problem = problemOfVariableName(variable.name))
                return refuse(std::move(*problem));
            if (!names.insert(variable.name).second)
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

    Result<SpaceEdit> operator()(const SetConventions& edit) const
    {
        SetConventions back{std::move(space.notation), space.countsBiases};
        space.notation = edit.notation;
        space.countsBiases = edit.countsBiases;
        return inverse(std::move(back));
    }

    Result<SpaceEdit> operator()(const SetDefinitions& edit) const
    {
        SetDefinitions back{std::move(space.definitions)};
        space.definitions.clear(); // so that the ids of what stays count as free
        std::set<std::string> names;
        std::set<NodeId> ids;
        for (const Definition& definition : edit.definitions) {
            if (auto problem = problemOfNodeName(definition.name))
                return refuse(std::move(*problem));
            if (!names.insert(definition.name).second)
                return refuse(fmt::format("there is a definition '{}' already", definition.name));
            std::vector<NodeId> own = {definition.id};
            idsOf(definition.body.nodes, own);
            for (const NodeId id : own) {
                if (!id.isValid() || space.find(id) || !ids.insert(id).second)
                    return refuse(fmt::format("an id in the definition '{}' is taken", definition.name));
            }
        }
        space.definitions = edit.definitions;
        return inverse(std::move(back));
    }

    Result<SpaceEdit> operator()(const SetConstraints& edit) const
    {
        SetConstraints back{std::move(space.constraints)};
        space.constraints = edit.constraints;
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
        || std::holds_alternative<MoveNodes>(edit.what) || std::holds_alternative<SetDefinitions>(edit.what);
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
