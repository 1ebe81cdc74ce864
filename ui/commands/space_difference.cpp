#include "ui/commands/space_difference.h"

#include "ui/commands/space_edits.h"

#include <algorithm>
#include <map>
#include <set>

namespace archscope::ui {

using namespace space;

namespace {

bool isEnd(const Node& node)
{
    return std::holds_alternative<Input>(node.body) || std::holds_alternative<Output>(node.body);
}

const Node* named(const std::vector<Node>& nodes, const std::string& name)
{
    const auto found = std::ranges::find(nodes, name, &Node::name);
    return found == nodes.end() ? nullptr : &*found;
}

class Difference {
public:
    explicit Difference(const SearchSpace& from)
        : m_next(from.freshId().value())
    {
    }

    Compound take() { return std::move(m_compound); }

    void block(NodeId owner, const Block& from, const Block& to)
    {
        if (from.variables != to.variables)
            add(SetVariables{ owner, to.variables });
        std::map<NodeId, NodeId> ids; // of `to` in `from`, new ones with the ids they get
        std::set<NodeId> staying;
        for (const Node* node : inOrder(from, to)) {
            const Node* old = counterpart(from, to, *node);
            ids[node->id] = old->id;
            staying.insert(old->id);
        }
        const auto kept = [&staying](const Edge& edge) { return staying.contains(edge.from) && staying.contains(edge.to); };
        for (const Edge& edge : from.edges)
            if (!kept(edge))
                add(RemoveEdge{ owner, edge });
        for (const Node& node : from.nodes)
            if (!staying.contains(node.id))
                add(RemoveNode{ node.id });
        for (std::size_t i = 0; i < to.nodes.size(); ++i) {
            const Node& node = to.nodes[i];
            if (ids.contains(node.id)) {
                change(*nodeIn(from, ids[node.id]), node);
                continue;
            }
            AddNode entry;
            entry.owner = owner;
            entry.node = node;
            entry.position = i;
            renumber(entry.node, m_next);
            ids[node.id] = entry.node.id;
            add(std::move(entry));
        }
        std::vector<Edge> wanted;
        for (const Edge& edge : to.edges)
            wanted.push_back({ ids[edge.from], ids[edge.to], edge.toPort, edge.optional, edge.loose });
        for (const Edge& edge : from.edges)
            if (kept(edge) && std::ranges::find(wanted, edge) == wanted.end())
                add(RemoveEdge{ owner, edge });
        for (const Edge& edge : wanted)
            if (!(kept(edge) && std::ranges::find(from.edges, edge) != from.edges.end()))
                add(AddEdge{ owner, edge });
    }

    /// Definitions change as a whole; those that stay the same keep their ids.
    void definitions(const std::vector<Definition>& from, const std::vector<Definition>& to)
    {
        std::vector<Definition> wanted;
        for (const Definition& definition : to) {
            const auto old = std::ranges::find(from, definition.name, &Definition::name);
            Node asNode = makeNode(definition.id, definition.name, Nested{ definition.body });
            if (old != from.end()) {
                adopt(asNode, makeNode(old->id, old->name, Nested{ old->body }));
            } else {
                renumber(asNode, m_next);
            }
            wanted.push_back(
                { asNode.id, definition.name, definition.shared, std::move(std::get<Nested>(asNode.body).body) });
        }
        if (wanted != from)
            add(SetDefinitions{ std::move(wanted) });
    }

private:
    template <class What> void add(What what) { m_compound.edits.push_back({ std::move(what), {} }); }

    /// The same node in the old block: the n-th end of a kind is the same, else what has the name and is no end.
    static const Node* counterpart(const Block& from, const Block& to, const Node& node)
    {
        if (!isEnd(node)) {
            const Node* old = named(from.nodes, node.name);
            return old && !isEnd(*old) ? old : nullptr;
        }
        const auto isKind = [&node](const Node& each) { return each.body.index() == node.body.index(); };
        auto before = std::count_if(to.nodes.data(), &node, isKind);
        for (const Node& old : from.nodes)
            if (isKind(old) && before-- == 0)
                return &old;
        return nullptr;
    }

    /// The nodes of `to` that were there before and stand in the same order as before; others go out and come in again, for
    /// the order of nodes is the order of decisions.
    static std::vector<const Node*> inOrder(const Block& from, const Block& to)
    {
        std::vector<const Node*> staying;
        std::ptrdiff_t last = -1;
        for (const Node& node : to.nodes) {
            const Node* old = counterpart(from, to, node);
            if (!old)
                continue;
            const std::ptrdiff_t place = old - from.nodes.data();
            if (isEnd(node)) {
                staying.push_back(&node); // a block's only input and output cannot go
            } else if (place > last) {
                staying.push_back(&node);
                last = place;
            }
        }
        return staying;
    }

    void change(const Node& from, const Node& to)
    {
        const bool moved = from.placed != to.placed || (to.placed && from.position != to.position);
        if (moved)
            add(MoveNodes{ { { from.id, to.placed ? to.position : from.position, to.placed } } });
        const Block* old = bodyOf(from);
        const Block* wanted = bodyOf(to);
        if (old && wanted && from.body.index() == to.body.index()) {
            Node shell = to; // with the old inside: that changes piece by piece
            *bodyOf(shell) = *old;
            shell.id = from.id;
            shell.position = from.position;
            shell.placed = from.placed;
            if (shell != from)
                add(ReplaceNode{ from.id, std::move(shell) });
            block(from.id, *old, *wanted);
            return;
        }
        Node changed = to;
        adopt(changed, from);
        Node before = from;
        before.position = changed.position;
        before.placed = changed.placed;
        if (before != changed)
            add(ReplaceNode{ from.id, std::move(changed) });
    }

    /// Gives a node and its parts the ids of their counterparts, and fresh ones to what is new inside.
    void adopt(Node& node, const Node& old)
    {
        Node fresh = node;
        renumber(fresh, m_next);
        fresh.id = old.id;
        const std::vector<Node>* before = partsOf(old);
        if (auto* parts = partsOf(fresh); parts && before)
            for (Node& part : *parts)
                if (const Node* same = named(*before, part.name))
                    adopt(part, *same);
        node = equalButIds(fresh, old) ? old : std::move(fresh);
    }

    static bool equalButIds(const Node& first, const Node& second)
    {
        if (first.position != second.position || first.placed != second.placed)
            return false;
        Node a = first;
        Node b = second;
        std::int64_t next = 0;
        renumber(a, next);
        next = 0;
        renumber(b, next);
        return a == b;
    }

    std::int64_t m_next;
    Compound m_compound;
};

} // namespace

SpaceEdit differenceEdit(const SearchSpace& from, const SearchSpace& to, const std::string& title)
{
    Difference difference(from);
    difference.definitions(from.definitions, to.definitions);
    difference.block({}, from.root, to.root);
    Compound compound = difference.take();
    if (from.constraints != to.constraints)
        compound.edits.push_back({ SetConstraints{ to.constraints }, {} });
    if (from.name != to.name || from.description != to.description)
        compound.edits.push_back({ SetTitle{ to.name, to.description }, {} });
    if (from.notation != to.notation || from.countsBiases != to.countsBiases)
        compound.edits.push_back({ SetConventions{ to.notation, to.countsBiases }, {} });
    return { std::move(compound), title };
}

} // namespace archscope::ui
