#include "ui/commands/repairs.h"

#include "core/base/text.h"
#include "ui/commands/space_edits.h"

#include <QCoreApplication>
#include <algorithm>
#include <set>

namespace archscope::ui {

using namespace space;

namespace {

struct Text {
    Q_DECLARE_TR_FUNCTIONS(Repairs)
};

QString words(const std::string& text)
{
    return QString::fromStdString(text);
}

/// An operation that may be put into an edge, and how it is called in an offer.
struct Insert {
    QString title; ///< "a flatten"
    Operation operation;
};

class Mender {
public:
    Mender(const Issue& issue, const SearchSpace& space, const OperationSet& operations, const ShapeTrace& trace,
        const network::TaskShape& task)
        : m_issue(issue)
        , m_space(space)
        , m_operations(operations)
        , m_trace(trace)
        , m_task(task)
    {
    }

    std::vector<Repair> run()
    {
        const Node* node = m_space.find(m_issue.node);
        m_owner = node ? m_space.ownerOf(node->id) : NodeId();
        m_block = node ? m_space.findBlock(m_owner) : nullptr;
        if (!m_block)
            return {};
        m_shown = nodeIn(*m_block, node->id);
        if (!m_shown) // an alternative: its choice has the edges
            for (const Node& each : m_block->nodes)
                if (const auto* parts = partsOf(each))
                    if (std::ranges::find(*parts, node->id, &Node::id) != parts->end())
                        m_shown = &each;
        if (!m_shown)
            return {};
        mendOperation(*node);
        mendName(*node);
        mendChoice(*node);
        if (m_shown == node) {
            mendConnections(*node);
            mendDangling(*node);
        }
        mendShapes(*node);
        if (m_repairs.empty())
            mendEnd();
        keepThoseThatApply();
        return std::move(m_repairs);
    }

private:
    void offer(const QString& title, SpaceEdit edit)
    {
        edit.title = title.toStdString();
        m_repairs.push_back({ title, std::move(edit) });
    }
    void offerReplacing(const QString& title, Node node)
    {
        const NodeId id = node.id;
        offer(title, { ReplaceNode{ id, std::move(node) }, {} });
    }
    void offerRemoval(const Edge& edge)
    {
        const Node* from = nodeIn(*m_block, edge.from);
        offer(Text::tr("Remove the connection from %1").arg(from ? words(from->name) : QString()),
            removeEdit(m_space, m_operations, m_owner, {}, { edge }, Heal::No));
    }
    void offerDeletion(const Node& node, Heal heal)
    {
        offer(heal == Heal::Yes ? Text::tr("Delete %1 and reconnect").arg(words(node.name))
                                : Text::tr("Delete %1").arg(words(node.name)),
            removeEdit(m_space, m_operations, m_owner, { node.id }, {}, heal));
    }

    /// Types and parameters that the catalog does not know, and values that it does not allow.
    void mendOperation(const Node& node)
    {
        const auto* operation = std::get_if<Operation>(&node.body);
        if (!operation)
            return;
        const OperationTraits* traits = m_operations.find(operation->type);
        if (!traits) {
            const std::vector<std::string> names = m_operations.names();
            if (const std::string nearest = nearestName(operation->type, names); !nearest.empty()) {
                Node mended = node;
                std::get<Operation>(mended.body).type = nearest;
                offerReplacing(Text::tr("Change to %1").arg(words(nearest)), std::move(mended));
            }
            if (m_shown == &node)
                offerDeletion(node, Heal::Yes);
            return;
        }
        const auto& descriptors = traits->descriptor().parameters;
        for (const auto& [name, value] : operation->parameters) {
            if (!m_issue.parameter.empty() && m_issue.parameter != name)
                continue;
            const auto descriptor = std::ranges::find(descriptors, name, &ParameterDescriptor::name);
            if (descriptor == descriptors.end())
                mendUnknownParameter(node, name, traits->descriptor());
            else
                mendValue(node, name, value, *descriptor);
        }
    }

    void mendUnknownParameter(const Node& node, const std::string& name, const OperationDescriptor& descriptor)
    {
        std::vector<std::string> names;
        for (const ParameterDescriptor& each : descriptor.parameters)
            if (!std::get<Operation>(node.body).parameters.contains(each.name))
                names.push_back(each.name);
        if (const std::string nearest = nearestName(name, names); !nearest.empty()) {
            Node mended = node;
            auto& parameters = std::get<Operation>(mended.body).parameters;
            parameters[nearest] = parameters.at(name);
            parameters.erase(name);
            offerReplacing(Text::tr("Rename %1 to %2").arg(words(name), words(nearest)), std::move(mended));
        }
        offerReplacing(Text::tr("Remove %1").arg(words(name)), without(node, name));
    }

    static Node without(Node node, const std::string& parameter)
    {
        std::get<Operation>(node.body).parameters.erase(parameter);
        return node;
    }

    void mendValue(
        const Node& node, const std::string& name, const ParameterValue& value, const ParameterDescriptor& descriptor)
    {
        const auto offerValue = [&](const ParameterValue& sound, const QString& text) {
            Node mended = node;
            std::get<Operation>(mended.body).parameters[name] = sound;
            offerReplacing(Text::tr("Set %1 to %2").arg(words(name), text), std::move(mended));
        };
        const auto offerDefault = [&] {
            offerReplacing(Text::tr("Set %1 back to %2").arg(words(name), words(literalText(descriptor.fallback))),
                without(node, name));
        };
        if (const auto* literal = std::get_if<Literal>(&value)) {
            if (!descriptor.problem(*literal))
                return;
            if (const auto nearest = clamped(*literal, descriptor))
                offerValue(*nearest, words(literalText(*nearest)));
            offerDefault();
        } else if (const auto* domain = std::get_if<Domain>(&value)) {
            if (const auto sound = clamped(*domain, descriptor); sound && *sound != *domain)
                offerValue(*sound, words(sound->text()));
            else if (!sound || domain->problem())
                offerDefault();
        } else if (const auto used = variablesOf(std::get<Expression>(value))) {
            bool missing = false;
            for (const std::string& variable : *used)
                missing = mendVariable(variable, descriptor) || missing;
            if (missing)
                offerDefault();
        } else {
            offerDefault();
        }
    }

    static std::optional<Literal> clamped(const Literal& literal, const ParameterDescriptor& descriptor)
    {
        double number = 0;
        if (const auto* whole = std::get_if<std::int64_t>(&literal))
            number = static_cast<double>(*whole);
        else if (const auto* real = std::get_if<double>(&literal))
            number = *real;
        else
            return std::nullopt;
        if (descriptor.type == ParameterDescriptor::Type::Integer)
            return Literal{ static_cast<std::int64_t>(std::clamp(number, descriptor.low, descriptor.high)) };
        if (descriptor.type == ParameterDescriptor::Type::Real)
            return Literal{ std::clamp(number, descriptor.low, descriptor.high) };
        return std::nullopt;
    }

    /// The domain without what is not allowed; nothing when nothing is left.
    static std::optional<Domain> clamped(Domain domain, const ParameterDescriptor& descriptor)
    {
        const auto allowed = [&descriptor](const Literal& value) { return !descriptor.problem(value); };
        switch (domain.kind) {
        case Domain::Kind::Integer: {
            const auto low = static_cast<std::int64_t>(descriptor.low);
            const auto high = static_cast<std::int64_t>(descriptor.high);
            if (domain.low > domain.high)
                std::swap(domain.low, domain.high);
            if (domain.low < low && domain.step > 0)
                domain.low += (low - domain.low + domain.step - 1) / domain.step * domain.step;
            domain.high = std::min(domain.high, high);
            break;
        }
        case Domain::Kind::Real:
            if (domain.realLow > domain.realHigh)
                std::swap(domain.realLow, domain.realHigh);
            domain.realLow = std::max(domain.realLow, descriptor.low);
            domain.realHigh = std::min(domain.realHigh, descriptor.high);
            break;
        case Domain::Kind::Categorical: {
            std::vector<Literal> kept;
            for (const Literal& value : domain.values)
                if (allowed(value) && std::ranges::find(kept, value) == kept.end())
                    kept.push_back(value);
            domain.values = std::move(kept);
            domain.weights.clear(); // they no longer fit
            break;
        }
        case Domain::Kind::Subset:
        case Domain::Kind::Permutation:
            return std::nullopt; // not of parameters
        }
        return domain.problem() ? std::nullopt : std::optional(domain);
    }

    /// True when the variable is not in scope.
    bool mendVariable(const std::string& variable, const ParameterDescriptor& descriptor)
    {
        if (variable == "classes" || variable == "vocabulary" || variable == "round")
            return false;
        std::vector<std::string> known;
        for (NodeId at = m_owner;; at = m_space.ownerOf(at)) {
            if (const Block* block = m_space.findBlock(at))
                for (const Variable& each : block->variables)
                    known.push_back(each.name);
            if (!at.isValid())
                break;
        }
        if (std::ranges::find(known, variable) != known.end())
            return false;
        std::vector<Variable> variables = m_block->variables;
        variables.push_back({ variable, descriptor.fallback });
        offer(Text::tr("Define the variable %1 as %2").arg(words(variable), words(literalText(descriptor.fallback))),
            { SetVariables{ m_owner, std::move(variables) }, {} });
        return true;
    }

    void mendName(const Node& node)
    {
        const auto same = [&node](const Node& other) { return other.name == node.name; };
        if (m_shown == &node && std::ranges::count_if(m_block->nodes, same) > 1) {
            Node mended = node;
            mended.name = freeName(*m_block, node.name);
            offerReplacing(Text::tr("Rename to %1").arg(words(mended.name)), mended);
        }
        if (m_shown != &node) {
            Block siblings;
            siblings.nodes = *partsOf(*m_shown);
            if (std::ranges::count_if(siblings.nodes, same) > 1) {
                Node mended = node;
                mended.name = freeName(siblings, node.name);
                offerReplacing(Text::tr("Rename to %1").arg(words(mended.name)), mended);
            }
        }
        const bool isEnd = std::holds_alternative<Input>(node.body) || std::holds_alternative<Output>(node.body);
        if (node.optional && (isEnd || m_shown != &node)) {
            Node mended = node;
            mended.optional = false;
            offerReplacing(Text::tr("Make %1 required").arg(words(node.name)), mended);
        }
    }

    void mendChoice(const Node& node)
    {
        const auto* choice = std::get_if<Choice>(&node.body);
        if (!choice || !choice->alternatives.empty() || !m_operations.find("identity"))
            return;
        Node mended = node;
        std::get<Choice>(mended.body)
            .alternatives.push_back(makeNode(m_space.freshId(), "identity", Operation{ "identity", {} }));
        offerReplacing(Text::tr("Add an identity as its first alternative"), std::move(mended));
        offerDeletion(node, Heal::Yes);
    }

    void mendConnections(const Node& node)
    {
        const std::vector<Edge> into = edgesInto(*m_block, node.id);
        const InputBounds bounds = inputBounds(node, m_operations);
        const auto connected = static_cast<int>(into.size());
        if (connected > bounds.most) {
            for (auto edge = into.rbegin(); edge != into.rend(); ++edge)
                offerRemoval(*edge);
        } else if (connected < bounds.least) {
            mendMissingInput(node);
        } else if (!into.empty() && into.back().toPort != connected - 1) {
            std::vector<Edge> closed = into;
            Compound compound;
            for (int port = 0; port < connected; ++port) {
                Edge& edge = closed[static_cast<std::size_t>(port)];
                if (edge.toPort == port)
                    continue;
                compound.edits.push_back({ RemoveEdge{ m_owner, edge }, {} });
                edge.toPort = port;
                compound.edits.push_back({ AddEdge{ m_owner, edge }, {} });
            }
            offer(Text::tr("Close the gap between its inputs"), { std::move(compound), {} });
        }
    }

    /// Sources: what leads nowhere first, then the block's input; those whose shape fits.
    void mendMissingInput(const Node& node)
    {
        const auto port = freePort(*m_block, node, m_operations);
        const std::set<NodeId> downstream = reachable(*m_block, node.id, Stream::Down);
        std::vector<const Node*> sources;
        for (const bool loose : { true, false })
            for (const Node& each : m_block->nodes) {
                const bool leadsNowhere = edgesOutOf(*m_block, each.id).empty();
                const bool isInput = std::holds_alternative<Input>(each.body);
                if (hasOutput(each) && !downstream.contains(each.id) && leadsNowhere == loose && (loose || isInput))
                    sources.push_back(&each);
            }
        constexpr std::size_t most = 3;
        for (const Node* source : sources) {
            if (!port || m_repairs.size() >= most)
                break;
            const std::vector<Shape> shapes = m_trace.outputsOf(source->id);
            if (edgesInto(*m_block, node.id).empty() && !shapes.empty()
                && !inputProblem(node.body, { shapes.front() }, m_operations).empty())
                continue;
            offer(Text::tr("Connect %1 to %2").arg(words(source->name), words(node.name)),
                connectEdit(m_space, m_operations, m_owner, { source->id, node.id, *port }));
        }
        if (!std::holds_alternative<Output>(node.body))
            offerDeletion(node, Heal::No);
    }

    void mendDangling(const Node& node)
    {
        if (!hasOutput(node) || std::holds_alternative<Input>(node.body) || !edgesOutOf(*m_block, node.id).empty())
            return;
        const auto output = std::ranges::find_if(
            m_block->nodes, [](const Node& each) { return std::holds_alternative<Output>(each.body); });
        if (output != m_block->nodes.end()) {
            const auto into = edgesInto(*m_block, output->id);
            const QString name = words(node.name);
            if (into.empty()) {
                offer(Text::tr("Connect %1 to %2").arg(name, words(output->name)),
                    connectEdit(m_space, m_operations, m_owner, { node.id, output->id, 0 }));
            } else if (const auto mine = m_trace.outputsOf(node.id);
                       !mine.empty() && mine == m_trace.outputsOf(into.front().from) && m_operations.find("add")) {
                Node add = makeNode(m_space.freshId(), freeName(*m_block, "add"), Operation{ "add", {} });
                SpaceEdit edit = insertEdit(into.front(), { std::move(add) });
                std::get<Compound>(edit.what).edits.push_back({ AddEdge{ m_owner, { node.id, m_space.freshId(), 1 } }, {} });
                offer(Text::tr("Add %1 to what %2 gives").arg(name, words(nodeIn(*m_block, into.front().from)->name)),
                    std::move(edit));
            }
        }
        offerDeletion(node, Heal::No);
    }

    /// A chain of unplaced nodes, each with a fresh id, goes into the edge; where the ends have places, so have they.
    SpaceEdit insertEdit(const Edge& edge, std::vector<Node> chain) const
    {
        Compound compound;
        compound.edits.push_back({ RemoveEdge{ m_owner, edge }, {} });
        const Node* from = nodeIn(*m_block, edge.from);
        const Node* to = nodeIn(*m_block, edge.to);
        if (from->placed && to->placed) {
            constexpr double step = 96; // a box and the gap to the next
            const double room = to->position.y - from->position.y;
            const double missing = step * static_cast<double>(chain.size() + 1) - room;
            MoveNodes moves;
            for (const Node& node : m_block->nodes)
                if (missing > 0 && node.placed && node.position.y >= to->position.y)
                    moves.moves.push_back({ node.id, { node.position.x, node.position.y + missing }, true });
            if (!moves.moves.empty())
                compound.edits.push_back({ std::move(moves), {} });
            const double reach = std::max(room, room + missing) / static_cast<double>(chain.size() + 1);
            for (std::size_t i = 0; i < chain.size(); ++i) {
                chain[i].position = { from->position.x, from->position.y + reach * static_cast<double>(i + 1) };
                chain[i].placed = true;
            }
        }
        NodeId last = edge.from;
        for (Node& node : chain) {
            AddNode add;
            add.owner = m_owner;
            add.edges = { { last, node.id, 0 } };
            last = node.id;
            add.node = std::move(node);
            compound.edits.push_back({ std::move(add), {} });
        }
        compound.edits.push_back({ AddEdge{ m_owner, { last, edge.to, edge.toPort } }, {} });
        return { std::move(compound), {} };
    }

    std::vector<Node> chainOf(const std::vector<Operation>& operations) const
    {
        std::vector<Node> chain;
        std::int64_t next = m_space.freshId().value();
        Block names = *m_block;
        for (const Operation& operation : operations) {
            Node node = makeNode(NodeId(next++), freeName(names, operation.type), operation);
            names.nodes.push_back(node);
            chain.push_back(std::move(node));
        }
        return chain;
    }

    std::optional<Shape> outputOf(const Operation& operation, const Shape& input) const
    {
        const OperationTraits* traits = m_operations.find(operation.type);
        if (!traits)
            return std::nullopt;
        std::map<std::string, Literal> given;
        for (const auto& [name, value] : operation.parameters)
            given[name] = std::get<Literal>(value);
        const auto parameters = completed(traits->descriptor().parameters, given, operation.type);
        if (!parameters)
            return std::nullopt;
        const auto shape = traits->outputShape(std::vector<Shape>{ input }, *parameters);
        return shape ? std::optional(*shape) : std::nullopt;
    }

    /// Operations that turn one kind of data into another, for an input of this shape among others.
    static std::vector<Insert> converters(const Shape& input, const std::vector<Shape>& others)
    {
        std::vector<Insert> converters;
        std::set<Shape> wanted(others.begin(), others.end());
        wanted.erase(input);
        for (const Shape& shape : wanted) {
            if (shape.size() == 3 && input.size() == 3) {
                std::map<std::string, ParameterValue> parameters{ { "channels", Literal{ shape[0] } },
                    { "kernel", Literal{ std::int64_t{ 1 } } } };
                if (shape[1] == input[1] && shape[2] == input[2]) {
                    converters.push_back(
                        { Text::tr("a 1×1 convolution to %1 channels").arg(shape[0]), { "conv", parameters } });
                } else if (shape[1] > 0 && input[1] > shape[1]) {
                    const std::int64_t stride = (input[1] + shape[1] - 1) / shape[1];
                    parameters["stride"] = Literal{ stride };
                    converters.push_back({ Text::tr("a 1×1 convolution to %1 channels, stride %2").arg(shape[0]).arg(stride),
                        { "conv", std::move(parameters) } });
                }
            }
            if (shape.size() == 1 && input.size() == 1)
                converters.push_back({ Text::tr("a linear layer to %1 features").arg(shape[0]),
                    { "linear", { { "features", Literal{ shape[0] } } } } });
        }
        if (input.size() > 1)
            converters.push_back({ Text::tr("a flatten"), { "flatten", {} } });
        if (input.size() == 3)
            converters.push_back({ Text::tr("a global pooling"), { "global-pool", {} } });
        return converters;
    }

    void mendShapes(const Node& node)
    {
        const auto found = m_trace.visits.find(node.id);
        if (found == m_trace.visits.end())
            return;
        const auto failed
            = std::ranges::find_if(found->second, [](const ShapeTrace::Visit& visit) { return !visit.problem.empty(); });
        if (failed == found->second.end())
            return;
        const std::vector<Edge> into = edgesInto(*m_block, m_shown->id);
        std::vector<Shape> inputs;
        for (const auto& input : failed->inputs)
            inputs.push_back(input.value_or(Shape()));
        if (inputs.size() != into.size())
            return;
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            std::vector<Shape> others = inputs;
            others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
            for (const Insert& insert : converters(inputs[i], others)) {
                const auto converted = outputOf(insert.operation, inputs[i]);
                if (!converted)
                    continue;
                std::vector<Shape> then = inputs;
                then[i] = *converted;
                if (!inputProblem(node.body, then, m_operations).empty())
                    continue;
                offer(Text::tr("Insert %1 after %2").arg(insert.title, words(nodeIn(*m_block, into[i].from)->name)),
                    insertEdit(into[i], chainOf({ insert.operation })));
            }
        }
        if (m_shown != &node) {
            Node mended = *m_shown;
            std::vector<Node>& parts = *partsOf(mended);
            std::erase_if(parts, [&node](const Node& each) { return each.id == node.id; });
            if (!parts.empty())
                offerReplacing(Text::tr("Remove the alternative %1").arg(words(node.name)), std::move(mended));
            return;
        }
        for (const Edge& edge : into)
            if (static_cast<int>(into.size()) > inputBounds(node, m_operations).least)
                offerRemoval(edge);
        offerDeletion(node, Heal::Yes);
    }

    /// The network ends in another shape than the task needs.
    void mendEnd()
    {
        const auto output = std::ranges::find_if(
            m_space.root.nodes, [](const Node& each) { return std::holds_alternative<Output>(each.body); });
        if (output == m_space.root.nodes.end())
            return;
        const auto into = edgesInto(m_space.root, output->id);
        const std::vector<Shape> ends = m_trace.outputsOf(output->id);
        const Shape wanted = m_task.output();
        const auto wrong = std::ranges::find_if(ends, [&wanted](const Shape& shape) { return shape != wanted; });
        if (into.size() != 1 || wrong == ends.end())
            return;
        m_owner = {};
        m_block = &m_space.root;
        const Expression classes{ "classes" };
        const Operation linear{ "linear", { { "features", classes } } };
        const Node* last = nodeIn(m_space.root, into.front().from);
        if (const auto* operation = std::get_if<Operation>(&last->body); operation && operation->type == linear.type) {
            Node mended = *last;
            std::get<Operation>(mended.body).parameters["features"] = classes;
            offerReplacing(Text::tr("Let %1 give as many features as there are classes").arg(words(last->name)), mended);
            return;
        }
        if (wrong->size() == 1) {
            offer(Text::tr("End with a linear layer of as many features as there are classes"),
                insertEdit(into.front(), chainOf({ linear })));
            return;
        }
        for (const Insert& insert : converters(*wrong, {}))
            if (const auto vector = outputOf(insert.operation, *wrong); vector && vector->size() == 1)
                offer(Text::tr("End with %1 and a linear layer to the classes").arg(insert.title),
                    insertEdit(into.front(), chainOf({ insert.operation, linear })));
    }

    void keepThoseThatApply()
    {
        std::erase_if(m_repairs, [this](const Repair& repair) {
            SearchSpace tried = m_space;
            return !apply(tried, repair.edit);
        });
    }

    const Issue& m_issue;
    const SearchSpace& m_space;
    const OperationSet& m_operations;
    const ShapeTrace& m_trace;
    const network::TaskShape& m_task;
    NodeId m_owner;
    const Block* m_block = nullptr;
    const Node* m_shown = nullptr; ///< the node of the block: the issue's, or the choice it is an alternative of
    std::vector<Repair> m_repairs;
};

} // namespace

std::vector<Repair> repairsOf(const Issue& issue, const SearchSpace& space, const OperationSet& operations,
    const ShapeTrace& trace, const network::TaskShape& task)
{
    return Mender(issue, space, operations, trace, task).run();
}

} // namespace archscope::ui
