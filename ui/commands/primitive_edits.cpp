#include "ui/commands/primitive_edits.h"

#include "ui/commands/each_node.h"

#include <QCoreApplication>
#include <algorithm>

namespace archscope::ui {

using namespace space;

namespace {

struct Text {
    Q_DECLARE_TR_FUNCTIONS(PrimitiveEdits)
};

QString quoted(const std::string& name)
{
    return QString::fromStdString(name);
}

tl::unexpected<Error> refuse(const QString& sentence)
{
    return fail(ErrorCode::InvalidArgument, sentence.toStdString());
}

/// An input for each input of the block, a use of the definition, and an output: what stays inside a repeat.
Block frameOf(const Block& body, const std::string& definition, std::int64_t& next)
{
    Block frame;
    Node use = makeNode(NodeId(next++), definition, Use{ definition, {} });
    int port = 0;
    for (const Node& node : body.nodes) {
        if (!std::holds_alternative<Input>(node.body))
            continue;
        frame.nodes.push_back(makeNode(NodeId(next++), node.name, Input{}));
        frame.edges.push_back({ frame.nodes.back().id, use.id, port++ });
    }
    use.name = freeName(frame, definition);
    frame.nodes.push_back(std::move(use));
    frame.edges.push_back({ frame.nodes.back().id, NodeId(next), 0 });
    frame.nodes.push_back(makeNode(NodeId(next++), freeName(frame, "output"), Output{}));
    return frame;
}

} // namespace

SpaceEdit typedEdgeEdit(const SearchSpace& space, NodeId owner, const Edge& edge, Node node, Moves moves)
{
    const Block& block = *space.findBlock(owner);
    Compound compound;
    for (const Edge& other : block.edges)
        if (other.to == edge.to && other.toPort == edge.toPort)
            compound.edits.push_back({ RemoveEdge{ owner, other }, {} });
    const auto nameOf = [&block](NodeId id) { return quoted(nodeIn(block, id)->name); };
    const QString title = Text::tr("Connect %1 to %2 by a choice").arg(nameOf(edge.from), nameOf(edge.to));
    AddNode add;
    add.owner = owner;
    add.edges = { { edge.from, node.id, 0, edge.optional, edge.loose }, { node.id, edge.to, edge.toPort } };
    add.node = std::move(node);
    compound.edits.push_back({ std::move(add), {} });
    if (!moves.empty())
        compound.edits.push_back({ MoveNodes{ std::move(moves) }, {} });
    return { std::move(compound), title.toStdString() };
}

void adoptAlternatives(Node& choice, const Block& block, std::int64_t& next)
{
    auto* wanted = std::get_if<Choice>(&choice.body);
    if (!wanted || !choice.onEdge)
        return;
    for (auto model = block.nodes.rbegin(); model != block.nodes.rend(); ++model) {
        const auto* known = std::get_if<Choice>(&model->body);
        if (!known || !model->onEdge)
            continue;
        *wanted = *known;
        for (Node& alternative : wanted->alternatives)
            renumber(alternative, next);
        return;
    }
}

Presence presenceOf(const Edge& edge)
{
    return edge.optional ? Presence::Optional : edge.loose ? Presence::Loose : Presence::Required;
}

SpaceEdit edgePresenceEdit(const SearchSpace& space, NodeId owner, const std::vector<Edge>& edges, Presence presence)
{
    const Block& block = *space.findBlock(owner);
    Compound compound;
    for (const Edge& edge : edges) {
        const auto at = static_cast<std::size_t>(std::ranges::find(block.edges, edge) - block.edges.begin());
        Edge changed = edge;
        changed.optional = presence == Presence::Optional;
        changed.loose = presence == Presence::Loose;
        if (changed == edge || at == block.edges.size())
            continue;
        compound.edits.push_back({ RemoveEdge{ owner, edge }, {} });
        compound.edits.push_back({ AddEdge{ owner, changed, at }, {} });
    }
    const QString title = presence == Presence::Optional ? Text::tr("Make the connection optional")
        : presence == Presence::Loose                    ? Text::tr("Make the connection loose")
                                                         : Text::tr("Make the connection required");
    return { std::move(compound), title.toStdString() };
}

int usesOf(const SearchSpace& space, const std::string& definition)
{
    int uses = 0;
    eachNode(space, [&](const Node& node) {
        const auto* use = std::get_if<Use>(&node.body);
        uses += use && use->definition == definition ? 1 : 0;
    });
    return uses;
}

std::string freeDefinitionName(const SearchSpace& space, const std::string& wanted)
{
    Block taken;
    for (const Definition& definition : space.definitions)
        taken.nodes.push_back(makeNode(definition.id, definition.name, Input{}));
    return freeName(taken, wanted);
}

Result<SpaceEdit> makeReusableEdit(const SearchSpace& space, NodeId id, const std::string& name)
{
    const Node* node = space.find(id);
    const Block* body = node ? bodyOf(*node) : nullptr;
    if (!body)
        return refuse(
            Text::tr("Only a block, a repeat or a recurrent cell can become reusable: make a block of the nodes first."));
    if (const auto problem = problemOfNodeName(name))
        return refuse(quoted(*problem));
    if (space.findDefinition(name))
        return refuse(Text::tr("There is a reusable block %1 already: choose another name.").arg(quoted(name)));
    std::int64_t next = space.freshId().value();
    Definition definition;
    definition.id = NodeId(next++);
    definition.name = name;
    // The networks stay the same: rounds that decided by themselves go on doing so.
    const auto* repeat = std::get_if<Repeat>(&node->body);
    definition.shared = !repeat || repeat->shared;
    definition.body = *body;
    Node using_ = *node;
    if (std::holds_alternative<Nested>(node->body))
        using_.body = Use{ name, {} };
    else
        *bodyOf(using_) = frameOf(*body, name, next);
    Compound compound;
    // First the node lets go of its inside, then the definition takes it over with its ids. What is in another definition is
    // changed as a part of that one.
    compound.edits.push_back({ ReplaceNode{ id, using_ }, {} });
    std::vector<Definition> definitions = space.definitions;
    SearchSpace changed;
    changed.definitions = std::move(definitions);
    if (Node* inside = changed.find(id))
        *inside = std::move(using_);
    changed.definitions.push_back(std::move(definition));
    compound.edits.push_back({ SetDefinitions{ std::move(changed.definitions) }, {} });
    return SpaceEdit{ std::move(compound), Text::tr("Make %1 reusable").arg(quoted(node->name)).toStdString() };
}

Result<SpaceEdit> detachEdit(const SearchSpace& space, NodeId id)
{
    const Node* node = space.find(id);
    const auto* use = node ? std::get_if<Use>(&node->body) : nullptr;
    const Definition* definition = use ? space.findDefinition(use->definition) : nullptr;
    if (!definition)
        return refuse(Text::tr("Only the use of a reusable block can be detached."));
    std::int64_t next = space.freshId().value();
    Node copy = makeNode(id, node->name, Nested{ definition->body });
    renumber(copy, next);
    copy.id = id;
    copy.optional = node->optional;
    for (Variable& variable : bodyOf(copy)->variables)
        if (const auto given = use->arguments.find(variable.name); given != use->arguments.end())
            variable.value = given->second;
    return SpaceEdit{ ReplaceNode{ id, std::move(copy) }, Text::tr("Detach %1").arg(quoted(node->name)).toStdString() };
}

Result<SpaceEdit> removeDefinitionEdit(const SearchSpace& space, const std::string& definition)
{
    if (const int uses = usesOf(space, definition); uses > 0) {
        const QString sentence = uses == 1 ? Text::tr("@%1 is used once: delete or detach its use first.")
                                           : Text::tr("@%1 is used %2 times: delete or detach its uses first.");
        return refuse(uses == 1 ? sentence.arg(quoted(definition)) : sentence.arg(quoted(definition)).arg(uses));
    }
    std::vector<Definition> rest = space.definitions;
    std::erase_if(rest, [&](const Definition& each) { return each.name == definition; });
    return SpaceEdit{ SetDefinitions{ std::move(rest) }, Text::tr("Delete @%1").arg(quoted(definition)).toStdString() };
}

SpaceEdit shareDefinitionEdit(const SearchSpace& space, const std::string& definition, Sharing sharing)
{
    std::vector<Definition> changed = space.definitions;
    for (Definition& each : changed)
        if (each.name == definition)
            each.shared = sharing == Sharing::Shared;
    const QString title
        = sharing == Sharing::Shared ? Text::tr("Share the decisions of @%1") : Text::tr("Decide each use of @%1");
    return { SetDefinitions{ std::move(changed) }, title.arg(quoted(definition)).toStdString() };
}

} // namespace archscope::ui
