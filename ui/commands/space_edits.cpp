#include "ui/commands/space_edits.h"

#include <QCoreApplication>
#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace archscope::ui {

using namespace space;

namespace {

/// The titles of undo steps.
struct Text {
    Q_DECLARE_TR_FUNCTIONS(SpaceEdits)
};

QString nameOf(const Block& block, NodeId id)
{
    const Node* node = nodeIn(block, id);
    return node ? QString::fromStdString(node->name) : QStringLiteral("?");
}

const Block& blockOf(const SearchSpace& space, NodeId owner)
{
    const Block* block = space.findBlock(owner);
    Q_ASSERT(block);
    return *block;
}

bool isTerminal(const Node& node)
{
    return std::holds_alternative<Input>(node.body) || std::holds_alternative<Output>(node.body);
}

/// Edits that turn the block's edges into `wanted`; only what differs is touched.
void rewire(const Block& block, NodeId owner, const std::vector<Edge>& wanted, std::vector<SpaceEdit>& edits)
{
    for (const Edge& edge : block.edges)
        if (std::ranges::find(wanted, edge) == wanted.end())
            edits.push_back({ RemoveEdge{ owner, edge }, {} });
    for (const Edge& edge : wanted)
        if (std::ranges::find(block.edges, edge) == block.edges.end())
            edits.push_back({ AddEdge{ owner, edge }, {} });
}

/// Numbers the ports of open nodes without gaps, in their order.
void closeGaps(const Block& block, const OperationSet& operations, std::vector<Edge>& edges)
{
    for (const Node& node : block.nodes) {
        if (!inputBounds(node, operations).isOpen())
            continue;
        std::vector<Edge*> into;
        for (Edge& edge : edges)
            if (edge.to == node.id)
                into.push_back(&edge);
        std::ranges::stable_sort(into, {}, [](const Edge* edge) { return edge->toPort; });
        for (std::size_t i = 0; i < into.size(); ++i)
            into[i]->toPort = static_cast<int>(i);
    }
}

} // namespace

InputBounds inputBounds(const Node& node, const OperationSet& operations, const SearchSpace* space)
{
    if (std::holds_alternative<Input>(node.body))
        return { 0, 0 };
    if (std::holds_alternative<Output>(node.body) || std::holds_alternative<Order>(node.body)
        || std::holds_alternative<Recurrent>(node.body))
        return { 1, 1 };
    if (const auto* operation = std::get_if<Operation>(&node.body)) {
        const OperationTraits* traits = operations.find(operation->type);
        return traits ? InputBounds{ traits->descriptor().minInputs, traits->descriptor().maxInputs }
                      : InputBounds{ 0, OperationDescriptor::anyInputs };
    }
    if (const auto* choice = std::get_if<Choice>(&node.body)) {
        InputBounds all{ 0, OperationDescriptor::anyInputs };
        for (const Node& alternative : choice->alternatives) {
            const InputBounds one = inputBounds(alternative, operations, space);
            all.least = std::max(all.least, one.least);
            all.most = std::min(all.most, one.most);
        }
        all.most = std::max(all.most, all.least);
        return all;
    }
    const auto* use = space ? std::get_if<Use>(&node.body) : nullptr;
    const Definition* definition = use ? space->findDefinition(use->definition) : nullptr;
    if (const Block* body = definition ? &definition->body : bodyOf(node)) {
        const auto inputs = static_cast<int>(
            std::ranges::count_if(body->nodes, [](const Node& each) { return std::holds_alternative<Input>(each.body); }));
        return { inputs, inputs };
    }
    // A selection takes what is connected.
    return { 1, OperationDescriptor::anyInputs };
}

bool hasOutput(const Node& node)
{
    return !std::holds_alternative<Output>(node.body);
}

const Node* nodeIn(const Block& block, NodeId id)
{
    const auto found = std::ranges::find(block.nodes, id, &Node::id);
    return found == block.nodes.end() ? nullptr : &*found;
}

std::vector<Edge> edgesInto(const Block& block, NodeId id)
{
    std::vector<Edge> edges;
    std::ranges::copy_if(block.edges, std::back_inserter(edges), [id](const Edge& edge) { return edge.to == id; });
    std::ranges::sort(edges, {}, &Edge::toPort);
    return edges;
}

std::vector<Edge> edgesOutOf(const Block& block, NodeId id)
{
    std::vector<Edge> edges;
    std::ranges::copy_if(block.edges, std::back_inserter(edges), [id](const Edge& edge) { return edge.from == id; });
    return edges;
}

std::optional<int> freePort(const Block& block, const Node& node, const OperationSet& operations, const SearchSpace* space)
{
    int port = 0;
    for (const Edge& edge : edgesInto(block, node.id)) {
        if (edge.toPort > port)
            break;
        port = edge.toPort + 1;
    }
    if (port >= inputBounds(node, operations, space).most)
        return std::nullopt;
    return port;
}

std::set<NodeId> reachable(const Block& block, NodeId id, Stream stream)
{
    std::multimap<NodeId, NodeId> next;
    for (const Edge& edge : block.edges) {
        if (stream == Stream::Down)
            next.emplace(edge.from, edge.to);
        else
            next.emplace(edge.to, edge.from);
    }
    std::set<NodeId> seen;
    std::vector<NodeId> open{ id };
    while (!open.empty()) {
        const NodeId node = open.back();
        open.pop_back();
        if (!seen.insert(node).second)
            continue;
        const auto [begin, end] = next.equal_range(node);
        for (auto step = begin; step != end; ++step)
            open.push_back(step->second);
    }
    return seen;
}

Node makeNode(NodeId id, std::string name, NodeBody body)
{
    Node node;
    node.id = id;
    node.name = std::move(name);
    node.body = std::move(body);
    return node;
}

Block wireBlock(std::int64_t& next)
{
    const NodeId input(next++);
    const NodeId output(next++);
    Block block;
    block.nodes.push_back(makeNode(input, "input", Input{}));
    block.nodes.push_back(makeNode(output, "output", Output{}));
    block.edges.push_back({ input, output, 0 });
    return block;
}

void renumber(Node& node, std::int64_t& next)
{
    node.id = NodeId(next++);
    const auto renumberBlock = [&next](Block& block) {
        std::map<NodeId, NodeId> ids;
        for (Node& inner : block.nodes) {
            const NodeId old = inner.id;
            renumber(inner, next);
            ids[old] = inner.id;
        }
        for (Edge& edge : block.edges) {
            edge.from = ids[edge.from];
            edge.to = ids[edge.to];
        }
    };
    if (auto* parts = partsOf(node))
        for (Node& part : *parts)
            renumber(part, next);
    if (Block* body = bodyOf(node))
        renumberBlock(*body);
}

SpaceEdit addNodeEdit(NodeId owner, Node node, const std::optional<Edge>& onEdge, std::vector<Edge> edges, Moves moves)
{
    const QString title = Text::tr("Add %1").arg(QString::fromStdString(node.name));
    Compound compound;
    if (onEdge) {
        compound.edits.push_back({ RemoveEdge{ owner, *onEdge }, {} });
        edges.push_back({ onEdge->from, node.id, 0, onEdge->optional, onEdge->loose });
        if (hasOutput(node))
            edges.push_back({ node.id, onEdge->to, onEdge->toPort });
    }
    AddNode add;
    add.owner = owner;
    add.node = std::move(node);
    add.edges = std::move(edges);
    compound.edits.push_back({ std::move(add), {} });
    if (!moves.empty())
        compound.edits.push_back({ MoveNodes{ std::move(moves) }, {} });
    return { std::move(compound), title.toStdString() };
}

SpaceEdit splitEdgeEdit(const SearchSpace& space, NodeId owner, NodeId node, const Edge& edge, Moves moves)
{
    Compound compound;
    compound.edits.push_back({ RemoveEdge{ owner, edge }, {} });
    compound.edits.push_back({ AddEdge{ owner, { edge.from, node, 0, edge.optional, edge.loose } }, {} });
    compound.edits.push_back({ AddEdge{ owner, { node, edge.to, edge.toPort } }, {} });
    if (!moves.empty())
        compound.edits.push_back({ MoveNodes{ std::move(moves) }, {} });
    return { std::move(compound), Text::tr("Insert %1").arg(nameOf(blockOf(space, owner), node)).toStdString() };
}

SpaceEdit connectEdit(const SearchSpace& space, const OperationSet& operations, NodeId owner, const Edge& edge,
    const std::optional<Edge>& replaced)
{
    const Block& block = blockOf(space, owner);
    std::vector<Edge> wanted;
    std::ranges::copy_if(block.edges, std::back_inserter(wanted),
        [&](const Edge& other) { return other != replaced && !(other.to == edge.to && other.toPort == edge.toPort); });
    wanted.push_back(edge);
    closeGaps(block, operations, wanted);
    Compound compound;
    rewire(block, owner, wanted, compound.edits);
    return { std::move(compound),
        Text::tr("Connect %1 to %2").arg(nameOf(block, edge.from), nameOf(block, edge.to)).toStdString() };
}

SpaceEdit removeEdit(const SearchSpace& space, const OperationSet& operations, NodeId owner,
    const std::vector<NodeId>& nodes, const std::vector<Edge>& edges, Heal heal)
{
    const Block& block = blockOf(space, owner);
    std::vector<NodeId> removed;
    std::ranges::copy_if(nodes, std::back_inserter(removed), [&block](NodeId id) {
        const Node* node = nodeIn(block, id);
        return node && !isTerminal(*node);
    });
    std::vector<Edge> wanted;
    std::ranges::copy_if(block.edges, std::back_inserter(wanted),
        [&edges](const Edge& edge) { return std::ranges::find(edges, edge) == edges.end(); });
    for (const NodeId id : removed) {
        std::optional<NodeId> source; // its first input passes through, as for an optional node that is left out
        int lowest = 0;
        for (const Edge& edge : wanted)
            if (edge.to == id && (!source || edge.toPort < lowest)) {
                source = edge.from;
                lowest = edge.toPort;
            }
        std::vector<Edge> rest;
        for (Edge edge : wanted) {
            if (edge.to == id)
                continue;
            if (edge.from == id) {
                if (heal == Heal::No || !source)
                    continue;
                edge.from = *source;
            }
            rest.push_back(edge);
        }
        wanted = std::move(rest);
    }
    closeGaps(block, operations, wanted);

    Compound compound;
    // Edges first: a node's removal would take them along, and then they could not be removed one by one.
    rewire(block, owner, wanted, compound.edits);
    for (const NodeId id : removed)
        compound.edits.push_back({ RemoveNode{ id }, {} });
    QString title = Text::tr("Disconnect");
    if (removed.size() == 1)
        title = Text::tr("Delete %1").arg(nameOf(block, removed.front()));
    else if (removed.size() > 1)
        title = Text::tr("Delete %n nodes", nullptr, static_cast<int>(removed.size()));
    return { std::move(compound), title.toStdString() };
}

Block fragmentOf(const Block& block, const std::vector<NodeId>& nodes)
{
    Block fragment;
    const auto isIn = [&fragment](NodeId id) { return nodeIn(fragment, id) != nullptr; };
    for (const Node& node : block.nodes)
        if (!isTerminal(node) && std::ranges::find(nodes, node.id) != nodes.end())
            fragment.nodes.push_back(node);
    std::ranges::copy_if(block.edges, std::back_inserter(fragment.edges),
        [&isIn](const Edge& edge) { return isIn(edge.from) && isIn(edge.to); });
    return fragment;
}

SpaceEdit pasteEdit(const SearchSpace& space, NodeId owner, Block fragment, Point offset, std::vector<NodeId>& added)
{
    Block names; // those of the block and of what has been added to it
    for (const Node& node : blockOf(space, owner).nodes)
        names.nodes.push_back(makeNode(node.id, node.name, Input{}));
    std::int64_t next = space.freshId().value();
    std::map<NodeId, NodeId> ids;
    Compound compound;
    for (Node& node : fragment.nodes) {
        if (isTerminal(node))
            continue;
        const NodeId old = node.id;
        renumber(node, next);
        ids[old] = node.id;
        node.name = freeName(names, node.name);
        names.nodes.push_back(makeNode(node.id, node.name, Input{}));
        node.position.x += offset.x;
        node.position.y += offset.y;
        added.push_back(node.id);
        AddNode add;
        add.owner = owner;
        add.node = std::move(node);
        compound.edits.push_back({ std::move(add), {} });
    }
    for (const Edge& edge : fragment.edges)
        if (ids.contains(edge.from) && ids.contains(edge.to))
            compound.edits.push_back(
                { AddEdge{ owner, { ids[edge.from], ids[edge.to], edge.toPort, edge.optional, edge.loose } }, {} });
    const QString title = added.size() == 1 ? Text::tr("Paste %1").arg(QString::fromStdString(names.nodes.back().name))
                                            : Text::tr("Paste %n nodes", nullptr, static_cast<int>(added.size()));
    return { std::move(compound), title.toStdString() };
}

SpaceEdit replaceEdit(Node node, const QString& title, Moves moves)
{
    const NodeId id = node.id;
    SpaceEdit replace{ ReplaceNode{ id, std::move(node) }, title.toStdString() };
    if (moves.empty())
        return replace;
    return { Compound{ { std::move(replace), { MoveNodes{ std::move(moves) }, {} } } }, title.toStdString() };
}

} // namespace archscope::ui
