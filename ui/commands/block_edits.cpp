#include "ui/commands/block_edits.h"

#include "ui/commands/space_edits.h"

#include <QCoreApplication>
#include <algorithm>
#include <map>

namespace archscope::ui {

using namespace space;

namespace {

struct Text {
    Q_DECLARE_TR_FUNCTIONS(BlockEdits)
};

tl::unexpected<Error> refuse(const QString& sentence)
{
    return fail(ErrorCode::InvalidArgument, sentence.toStdString());
}

QString nameOf(const Block& block, NodeId id)
{
    const Node* node = nodeIn(block, id);
    return node ? QString::fromStdString(node->name) : QString();
}

/// A way from the nodes to outside and back: the first node outside on it.
std::optional<NodeId> detourOf(const Block& block, const std::set<NodeId>& inside)
{
    std::set<NodeId> before;
    std::set<NodeId> after;
    for (const NodeId id : inside) {
        before.merge(reachable(block, id, Stream::Up));
        after.merge(reachable(block, id, Stream::Down));
    }
    for (const Node& node : block.nodes)
        if (!inside.contains(node.id) && before.contains(node.id) && after.contains(node.id))
            return node.id;
    return std::nullopt;
}

/// Names of variables that are defined anywhere in a block.
void variableNames(const SearchSpace& space, const Block& block, NodeId except, std::set<std::string>& names)
{
    for (const Variable& variable : block.variables)
        names.insert(variable.name);
    for (const Node& node : block.nodes)
        if (const Block* inner = node.id == except ? nullptr : space.findBlock(node.id))
            variableNames(space, *inner, except, names);
}

void removeWithEdges(const Block& block, NodeId owner, const std::set<NodeId>& nodes, std::vector<SpaceEdit>& edits)
{
    for (const Edge& edge : block.edges)
        if (nodes.contains(edge.from) || nodes.contains(edge.to))
            edits.push_back({ RemoveEdge{ owner, edge }, {} });
    for (const NodeId id : nodes)
        edits.push_back({ RemoveNode{ id }, {} });
}

} // namespace

Result<SpaceEdit> promoteEdit(
    const SearchSpace& space, NodeId owner, const std::vector<NodeId>& nodes, const std::optional<Point>& at, NodeId& made)
{
    const Block* block = space.findBlock(owner);
    if (!block)
        return refuse(Text::tr("The block does not exist any more."));
    Block body = fragmentOf(*block, nodes);
    std::set<NodeId> inside;
    for (const Node& node : body.nodes)
        inside.insert(node.id);
    if (inside.empty())
        return refuse(Text::tr("Select the nodes that shall become a block; a block's own input and output cannot."));
    if (const auto outside = detourOf(*block, inside))
        return refuse(Text::tr("%1 lies between the selected nodes: select it, too.").arg(nameOf(*block, *outside)));

    std::vector<NodeId> sources; // each becomes an input of the block
    std::optional<NodeId> exit;
    for (const Edge& edge : block->edges) {
        if (inside.contains(edge.to) && !inside.contains(edge.from)
            && std::ranges::find(sources, edge.from) == sources.end())
            sources.push_back(edge.from);
        if (inside.contains(edge.from) && !inside.contains(edge.to)) {
            if (exit && *exit != edge.from)
                return refuse(Text::tr(
                    "%1 and %2 both lead out of the selection: a block has one output. Select what joins them, too.")
                                  .arg(nameOf(*block, *exit), nameOf(*block, edge.from)));
            exit = edge.from;
        }
    }
    if (!exit) {
        // Nothing follows yet: the last node gives the output, if there is but one.
        for (const NodeId id : inside)
            if (std::ranges::none_of(body.edges, [id](const Edge& edge) { return edge.from == id; })) {
                if (exit)
                    return refuse(Text::tr("%1 and %2 both end here: a block has one output. Connect them first.")
                                      .arg(nameOf(*block, *exit), nameOf(*block, id)));
                exit = id;
            }
    }

    std::int64_t next = space.freshId().value();
    Node nested = makeNode(NodeId(next++), freeName(*block, "block"), Nested{});
    std::vector<Node> inputs;
    for (std::size_t i = 0; i < std::max<std::size_t>(sources.size(), 1); ++i) {
        Block taken = body;
        taken.nodes.insert(taken.nodes.end(), inputs.begin(), inputs.end());
        inputs.push_back(makeNode(NodeId(next++), freeName(taken, "input"), Input{}));
    }
    Node output = makeNode(NodeId(next++), freeName(body, "output"), Output{});
    made = nested.id;
    if (at) {
        nested.position = *at;
        nested.placed = true;
    }
    if (std::ranges::all_of(body.nodes, &Node::placed)) {
        constexpr double down = 90; // a box and the gap to the next
        constexpr double aside = 140;
        const auto [first, last] = std::ranges::minmax(body.nodes, {}, [](const Node& node) { return node.position.y; });
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            inputs[i].position = { first.position.x + aside * static_cast<double>(i), first.position.y - down };
            inputs[i].placed = true;
        }
        output.position = { last.position.x, last.position.y + 2 * down };
        output.placed = true;
    }
    AddNode add;
    add.owner = owner;
    for (std::size_t i = 0; i < sources.size(); ++i)
        add.edges.push_back({ sources[i], nested.id, static_cast<int>(i) });
    for (const Edge& edge : block->edges) {
        if (inside.contains(edge.to) && !inside.contains(edge.from)) {
            const auto source = static_cast<std::size_t>(std::ranges::find(sources, edge.from) - sources.begin());
            body.edges.push_back({ inputs[source].id, edge.to, edge.toPort, edge.optional, edge.loose });
        }
        if (inside.contains(edge.from) && !inside.contains(edge.to))
            add.edges.push_back({ nested.id, edge.to, edge.toPort, edge.optional, edge.loose });
    }
    body.edges.push_back({ *exit, output.id, 0 });
    body.nodes.insert(body.nodes.begin(), inputs.begin(), inputs.end());
    body.nodes.push_back(std::move(output));
    // The place of the first node in the block's order, so that decisions keep theirs as far as they can.
    const auto first = std::ranges::find_if(block->nodes, [&inside](const Node& node) { return inside.contains(node.id); });
    add.position = static_cast<std::size_t>(first - block->nodes.begin());
    nested.body = Nested{ std::move(body) };
    add.node = std::move(nested);
    Compound compound;
    removeWithEdges(*block, owner, inside, compound.edits);
    compound.edits.push_back({ std::move(add), {} });
    return SpaceEdit{ std::move(compound), Text::tr("Group into a block").toStdString() };
}

Result<SpaceEdit> inlineEdit(const SearchSpace& space, NodeId id, Point shift, std::vector<NodeId>& released)
{
    const Node* node = space.find(id);
    const NodeId owner = space.ownerOf(id);
    const Block* outer = space.findBlock(owner);
    if (!node || !outer || !nodeIn(*outer, id))
        return refuse(Text::tr("An alternative of a choice stays a block: only one node can stand there."));
    const QString name = QString::fromStdString(node->name);
    const Block* inner = nullptr;
    if (const auto* nested = std::get_if<Nested>(&node->body)) {
        inner = &nested->body;
    } else if (const auto* repeat = std::get_if<Repeat>(&node->body)) {
        if (repeat->count != ParameterValue{ Literal{ std::int64_t{ 1 } } })
            return refuse(Text::tr("%1 is a repeat: only one of a single round can be taken apart.").arg(name));
        inner = &repeat->body;
    }
    if (!inner)
        return refuse(Text::tr("%1 has no inside of its own that could stand here.").arg(name));
    if (node->optional)
        return refuse(Text::tr("%1 is optional as a whole: make it required first.").arg(name));
    std::set<std::string> taken;
    variableNames(space, *outer, id, taken);
    for (const Variable& variable : inner->variables)
        if (taken.contains(variable.name))
            return refuse(Text::tr("The variable %1 exists inside and outside of %2: rename one first.")
                              .arg(QString::fromStdString(variable.name), name));

    const auto entering = edgesInto(*outer, id);
    const auto leaving = edgesOutOf(*outer, id);
    if (std::ranges::any_of(entering, &Edge::optional))
        return refuse(Text::tr("A connection to %1 is optional: make it required first.").arg(name));
    std::map<NodeId, std::optional<NodeId>> inputs; // what comes to each input of the block
    std::optional<NodeId> output;
    for (const Node& each : inner->nodes) {
        if (std::holds_alternative<Input>(each.body)) {
            const auto port = static_cast<int>(inputs.size());
            const auto edge = std::ranges::find(entering, port, &Edge::toPort);
            inputs[each.id] = edge == entering.end() ? std::nullopt : std::optional(edge->from);
        }
        if (std::holds_alternative<Output>(each.body))
            output = each.id;
    }

    Compound compound;
    removeWithEdges(*outer, owner, { id }, compound.edits);
    if (!inner->variables.empty()) {
        std::vector<Variable> variables = outer->variables;
        variables.insert(variables.end(), inner->variables.begin(), inner->variables.end());
        compound.edits.push_back({ SetVariables{ owner, std::move(variables) }, {} });
    }
    Block names; // those that are taken
    for (const Node& other : outer->nodes)
        if (other.id != id)
            names.nodes.push_back(makeNode(other.id, other.name, Input{}));
    auto position = static_cast<std::size_t>(std::ranges::find(outer->nodes, id, &Node::id) - outer->nodes.begin());
    for (Node each : inner->nodes) {
        if (inputs.contains(each.id) || each.id == output)
            continue;
        each.name = freeName(names, each.name);
        names.nodes.push_back(makeNode(each.id, each.name, Input{}));
        if (each.placed)
            each.position = { each.position.x + shift.x, each.position.y + shift.y };
        released.push_back(each.id);
        AddNode add;
        add.owner = owner;
        add.node = std::move(each);
        add.position = position++;
        compound.edits.push_back({ std::move(add), {} });
    }
    for (const Edge& edge : inner->edges) {
        const auto passed = inputs.find(edge.from);
        const std::optional<NodeId> from = passed == inputs.end() ? std::optional(edge.from) : passed->second;
        if (!from)
            continue;
        if (edge.to != output)
            compound.edits.push_back({ AddEdge{ owner, { *from, edge.to, edge.toPort, edge.optional, edge.loose } }, {} });
        else
            for (const Edge& out : leaving)
                compound.edits.push_back({ AddEdge{ owner, { *from, out.to, out.toPort, out.optional, out.loose } }, {} });
    }
    return SpaceEdit{ std::move(compound), Text::tr("Take %1 apart").arg(name).toStdString() };
}

} // namespace archscope::ui
