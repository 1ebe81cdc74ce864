#include "ui/commands/rename_edits.h"

#include "ui/commands/each_node.h"

#include <QCoreApplication>
#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <string_view>
#include <utility>

namespace archscope::ui {

using namespace space;

namespace {

struct Text {
    Q_DECLARE_TR_FUNCTIONS(RenameEdits)
};

QString quoted(const std::string& name)
{
    return QString::fromStdString(name);
}

tl::unexpected<Error> refuse(const QString& sentence)
{
    return fail(ErrorCode::InvalidArgument, sentence.toStdString());
}

/// What a name in a key stands for: a node or definition, or the variables of that block of which one has this name.
struct Meaning {
    enum class What { Node, Variable };
    What what;
    NodeId id;
    auto operator<=>(const Meaning&) const = default;
};

/// Reads the key of a decision, or the path of a node, against a space that may have errors.
class KeyReader {
public:
    enum class Kind { Key, Path }; ///< only keys tell the rounds of repeats
    KeyReader(const SearchSpace& space, std::string_view text, Kind kind)
        : m_space(space)
        , m_kind(kind)
    {
        std::size_t at = 0;
        for (std::size_t end = 0; end != std::string_view::npos; at = end + 1) {
            end = text.find('/', at);
            m_components.push_back({ at, text.substr(at, end == std::string_view::npos ? end : end - at) });
        }
        if (!text.starts_with('@')) {
            among(space.root, NodeId(), 0);
            return;
        }
        const Definition* definition = space.findDefinition(m_components.front().text.substr(1));
        if (!definition)
            return;
        mark(1, definition->name, { Meaning::What::Node, definition->id });
        if (m_components.size() > 1)
            among(definition->body, definition->id, 1);
    }

    /// The places in the text, as offset and length, that can mean this and nothing else.
    std::vector<std::pair<std::size_t, std::size_t>> placesOf(const Meaning& meaning) const
    {
        std::vector<std::pair<std::size_t, std::size_t>> places;
        for (const auto& [place, meanings] : m_meanings)
            if (meanings == std::set{ meaning })
                places.push_back(place);
        return places;
    }
    /// Whether the key asks for what this node decides, and nothing else: choices, orders, selections.
    bool asksOnly(NodeId node) const { return m_asked == std::set{ node }; }

private:
    struct Component {
        std::size_t at;
        std::string_view text;
    };

    void mark(std::size_t at, std::string_view name, Meaning meaning) { m_meanings[{ at, name.size() }].insert(meaning); }

    bool among(const Block& block, NodeId owner, std::size_t index)
    {
        const auto& [at, text] = m_components[index];
        const bool isLast = index + 1 == m_components.size();
        if (isLast && text.starts_with('$')) {
            const std::string_view name = text.substr(1);
            const bool known = std::ranges::find(block.variables, name, &Variable::name) != block.variables.end();
            if (known)
                mark(at + 1, name, { Meaning::What::Variable, owner });
            return known;
        }
        const std::size_t arrow = text.find('>');
        const std::size_t colon = text.find(':');
        if (isLast && arrow < colon && colon != std::string_view::npos)
            return edge(block, at, text.substr(0, arrow), text.substr(arrow + 1, colon - arrow - 1));
        return among(block.nodes, index);
    }

    bool edge(const Block& block, std::size_t at, std::string_view from, std::string_view to)
    {
        std::map<NodeId, std::string_view> names;
        for (const Node& node : block.nodes)
            names[node.id] = node.name;
        bool any = false;
        for (const Edge& edge : block.edges) {
            if (!edge.optional || !matchesKey(from, names[edge.from]) || !matchesKey(to, names[edge.to]))
                continue;
            mark(at, from, { Meaning::What::Node, edge.from });
            mark(at + from.size() + 1, to, { Meaning::What::Node, edge.to });
            any = true;
        }
        return any;
    }

    bool among(const std::vector<Node>& nodes, std::size_t index)
    {
        const auto& [at, text] = m_components[index];
        const bool isLast = index + 1 == m_components.size();
        const std::string_view name = text.substr(0, text.find_first_of(".#"));
        const std::string_view asked = text.substr(name.size());
        bool any = false;
        for (const Node& node : nodes) {
            if (!matchesKey(name, node.name) || !(isLast || inside(node, index + 1)))
                continue;
            any = true;
            mark(at, name, { Meaning::What::Node, node.id });
            if (!isLast)
                continue;
            if (asked.empty())
                m_asked.insert(node.id);
            const auto* use = std::get_if<Use>(&node.body);
            const Definition* definition
                = use && asked.starts_with(".$") ? m_space.findDefinition(use->definition) : nullptr;
            if (definition)
                mark(at + name.size() + 2, asked.substr(2), { Meaning::What::Variable, definition->id });
        }
        return any;
    }

    bool inside(const Node& node, std::size_t index)
    {
        if (const auto* parts = partsOf(node))
            return among(*parts, index);
        const auto* repeat = std::get_if<Repeat>(&node.body);
        if (repeat && !repeat->shared && m_kind == Kind::Key)
            return index + 1 < m_components.size() && among(repeat->body, node.id, index + 1);
        if (const Block* body = bodyOf(node))
            return among(*body, node.id, index);
        const auto* use = std::get_if<Use>(&node.body);
        const Definition* definition = use ? m_space.findDefinition(use->definition) : nullptr;
        return definition && !definition->shared && among(definition->body, definition->id, index);
    }

    const SearchSpace& m_space;
    Kind m_kind;
    std::vector<Component> m_components;
    std::map<std::pair<std::size_t, std::size_t>, std::set<Meaning>> m_meanings;
    std::set<NodeId> m_asked;
};

struct Renaming {
    Meaning meaning;
    std::string before;
    std::string after;
};

void renameIn(std::string& text, const KeyReader& reader, const Renaming& renaming)
{
    auto places = reader.placesOf(renaming.meaning);
    for (auto place = places.rbegin(); place != places.rend(); ++place)
        if (text.compare(place->first, place->second, renaming.before) == 0)
            text.replace(place->first, place->second, renaming.after);
}

/// An answer of a choice or an order: "conv", "conv,pool", "b>a>c".
void renameIn(Literal& answer, const Renaming& renaming)
{
    auto* names = std::get_if<std::string>(&answer);
    if (!names)
        return;
    std::string changed;
    for (std::size_t at = 0; at <= names->size();) {
        const std::size_t end = std::min(names->find_first_of(",>", at), names->size());
        const std::string name = names->substr(at, end - at);
        changed += name == renaming.before ? renaming.after : name;
        if (end < names->size())
            changed += (*names)[end];
        at = end + 1;
    }
    *names = std::move(changed);
}

/// `holder`: the choice or order whose alternative or step is renamed, else invalid.
std::vector<Constraint> renamedConstraints(const SearchSpace& space, const Renaming& renaming, NodeId holder = {})
{
    std::vector<Constraint> constraints = space.constraints;
    const auto follow = [&](std::string& key, const auto& eachAnswer) {
        const KeyReader reader(space, key, KeyReader::Kind::Key);
        if (holder.isValid() && reader.asksOnly(holder))
            eachAnswer();
        std::string changed = key; // the reader reads the old one
        renameIn(changed, reader, renaming);
        key = std::move(changed);
    };
    for (Constraint& constraint : constraints) {
        if (auto* forbid = std::get_if<Forbid>(&constraint)) {
            for (Forbid::Condition& condition : forbid->all)
                follow(condition.key, [&] {
                    for (Literal& value : condition.values)
                        renameIn(value, renaming);
                });
        } else if (auto* count = std::get_if<CountAnswers>(&constraint)) {
            follow(count->key, [&] { renameIn(count->value, renaming); });
        } else if (auto* shape = std::get_if<ShapeBound>(&constraint)) {
            const std::string path = shape->path;
            renameIn(shape->path, KeyReader(space, path, KeyReader::Kind::Path), renaming);
        }
    }
    return constraints;
}

/// From a space to the same one with other names and values: no node or edge comes or goes.
SpaceEdit editBetween(const SearchSpace& before, SearchSpace after, const QString& title)
{
    Compound compound;
    if (after.definitions != before.definitions)
        compound.edits.push_back({ SetDefinitions{ std::move(after.definitions) }, {} });
    for (std::size_t i = 0; i < before.root.nodes.size(); ++i)
        if (after.root.nodes[i] != before.root.nodes[i])
            compound.edits.push_back({ ReplaceNode{ before.root.nodes[i].id, std::move(after.root.nodes[i]) }, {} });
    if (after.root.variables != before.root.variables)
        compound.edits.push_back({ SetVariables{ NodeId(), std::move(after.root.variables) }, {} });
    if (after.constraints != before.constraints)
        compound.edits.push_back({ SetConstraints{ std::move(after.constraints) }, {} });
    return { std::move(compound), title.toStdString() };
}

/// The values of a node that may be formulas.
template <class Visit> void eachValue(Node& node, const Visit& visit)
{
    const auto all = [&visit](std::map<std::string, ParameterValue>& values) {
        for (auto& [name, value] : values)
            visit(value);
    };
    if (auto* operation = std::get_if<Operation>(&node.body))
        all(operation->parameters);
    else if (auto* use = std::get_if<Use>(&node.body))
        all(use->arguments);
    else if (auto* repeat = std::get_if<Repeat>(&node.body))
        visit(repeat->count);
    else if (auto* recurrent = std::get_if<Recurrent>(&node.body))
        visit(recurrent->hidden);
}

void renameInFormula(ParameterValue& value, const Renaming& renaming)
{
    auto* formula = std::get_if<Expression>(&value);
    if (!formula)
        return;
    const auto isWord = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
    std::string changed;
    for (std::size_t at = 0; at < formula->text.size();) {
        std::size_t end = at;
        while (end < formula->text.size() && isWord(formula->text[end]))
            ++end;
        end = std::max(end, at + 1);
        const std::string word = formula->text.substr(at, end - at);
        changed += word == renaming.before ? renaming.after : word;
        at = end;
    }
    formula->text = std::move(changed);
}

/// In all that sees the variables of the block.
void renameInFormulas(Block& block, const Renaming& renaming)
{
    for (Variable& variable : block.variables)
        renameInFormula(variable.value, renaming);
    eachNodeIn(block.nodes, [&renaming](Node& node) {
        eachValue(node, [&renaming](ParameterValue& value) { renameInFormula(value, renaming); });
        if (Block* body = bodyOf(node))
            for (Variable& variable : body->variables)
                renameInFormula(variable.value, renaming);
    });
}

} // namespace

Result<SpaceEdit> renameNodeEdit(const SearchSpace& space, NodeId id, const std::string& name)
{
    const Node* node = space.find(id);
    if (!node)
        return refuse(Text::tr("This node is no longer there."));
    if (name.empty())
        return refuse(Text::tr("A node needs a name."));
    if (const auto problem = problemOfNodeName(name))
        return refuse(quoted(*problem));
    const Node* holder = nullptr;
    eachNode(space, [&](const Node& each) {
        const auto* parts = partsOf(each);
        if (parts && std::ranges::find(*parts, id, &Node::id) != parts->end())
            holder = &each;
    });
    const std::vector<Node>& beside = holder ? *partsOf(*holder) : space.findBlock(space.ownerOf(id))->nodes;
    if (std::ranges::any_of(beside, [&](const Node& other) { return other.id != id && other.name == name; }))
        return refuse(holder ? Text::tr("There is %1 in this choice already.").arg(quoted(name))
                             : Text::tr("There is a node %1 in this block already.").arg(quoted(name)));
    Node changed = *node;
    changed.name = name;
    const QString title = Text::tr("Rename %1 to %2").arg(quoted(node->name), quoted(name));
    SpaceEdit replace{ ReplaceNode{ id, std::move(changed) }, title.toStdString() };
    auto constraints
        = renamedConstraints(space, { { Meaning::What::Node, id }, node->name, name }, holder ? holder->id : NodeId());
    if (constraints == space.constraints)
        return replace;
    return SpaceEdit{ Compound{ { std::move(replace), { SetConstraints{ std::move(constraints) }, {} } } },
        title.toStdString() };
}

Result<SpaceEdit> renameVariableEdit(
    const SearchSpace& space, NodeId owner, const std::string& variable, const std::string& name)
{
    if (const auto problem = problemOfVariableName(name))
        return refuse(quoted(*problem));
    SearchSpace changed = space;
    Block* block = changed.findBlock(owner);
    if (!block || std::ranges::find(block->variables, variable, &Variable::name) == block->variables.end())
        return refuse(Text::tr("The variable %1 is no longer there.").arg(quoted(variable)));
    const Renaming renaming{ { Meaning::What::Variable, owner }, variable, name };
    std::ranges::find(block->variables, variable, &Variable::name)->name = name;
    renameInFormulas(*block, renaming);
    const bool isRoot = !owner.isValid();
    for (Definition& definition : changed.definitions) {
        if (isRoot)
            renameInFormulas(definition.body, renaming);
        if (definition.id == owner)
            eachNode(changed, [&](Node& node) {
                auto* use = std::get_if<Use>(&node.body);
                if (!use || use->definition != definition.name)
                    return;
                if (auto argument = use->arguments.extract(variable)) {
                    argument.key() = name;
                    use->arguments.insert(std::move(argument));
                }
            });
    }
    changed.constraints = renamedConstraints(space, renaming);
    return editBetween(space, std::move(changed), Text::tr("Rename variable to %1").arg(quoted(name)));
}

Result<SpaceEdit> renameDefinitionEdit(const SearchSpace& space, const std::string& definition, const std::string& name)
{
    if (const auto problem = problemOfNodeName(name))
        return refuse(quoted(*problem));
    if (space.findDefinition(name))
        return refuse(Text::tr("There is a reusable block %1 already: choose another name.").arg(quoted(name)));
    const Definition* named = space.findDefinition(definition);
    if (!named)
        return refuse(Text::tr("The reusable block %1 is no longer there.").arg(quoted(definition)));
    SearchSpace changed = space;
    std::ranges::find(changed.definitions, definition, &Definition::name)->name = name;
    eachNode(changed, [&](Node& node) {
        if (auto* use = std::get_if<Use>(&node.body); use && use->definition == definition)
            use->definition = name;
    });
    changed.constraints = renamedConstraints(space, { { Meaning::What::Node, named->id }, definition, name });
    return editBetween(space, std::move(changed), Text::tr("Rename @%1 to @%2").arg(quoted(definition), quoted(name)));
}

} // namespace archscope::ui
