#include "core/space/space_check.h"

#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>
#include <queue>
#include <set>
#include <unordered_map>

namespace archscope::space {

namespace {
/// Collects issues while it walks the blocks with the variables that are in scope.
class Checker {
public:
    explicit Checker(const OperationSet& operations) : m_operations(operations) {}

    void space(const SearchSpace& space)
    {
        m_space = &space;
        block(space.root, NodeId{}, {}, {});
        std::vector<std::string> outer;
        for (const Variable& variable : space.root.variables)
            outer.push_back(variable.name);
        std::set<std::string> names;
        for (const Definition& definition : space.definitions) {
            const std::string path = "@" + definition.name;
            if (!names.insert(definition.name).second)
                error(definition.id, path, fmt::format("the definition '{}' stands twice: rename one", definition.name));
            block(definition.body, definition.id, path, outer);
        }
        recursion(space);
        for (std::size_t i = 0; i < space.constraints.size(); ++i) {
            const auto* bound = std::get_if<ShapeBound>(&space.constraints[i]);
            if (bound && !isPath(bound->path))
                error({}, fmt::format("/constraints/{}", i),
                      fmt::format("the constraint '{}' speaks of '{}', which is no node of this space", constraintText(space.constraints[i]), bound->path));
        }
    }

    void block(const Block& block, NodeId owner, const std::string& path, std::vector<std::string> scope)
    {
        for (const Variable& variable : block.variables) {
            if (const auto problem = problemOfVariableName(variable.name))
                error(owner, path, *problem);
            if (std::find(scope.begin(), scope.end(), variable.name) != scope.end())
                error(owner, path, fmt::format("the variable '{}' stands twice or hides an outer one: rename it", variable.name));
            value(variable.value, owner, path, variable.name, nullptr, scope);
            scope.push_back(variable.name);
        }
        ends(block, owner, path);
        std::set<std::string> names;
        std::map<NodeId, std::vector<const Edge*>> into; // a search for each node would be quadratic
        for (const Edge& edge : block.edges)
            into[edge.to].push_back(&edge);
        for (const Node& node : block.nodes) {
            const std::string here = path.empty() ? node.name : path + "/" + node.name;
            if (!names.insert(node.name).second)
                error(node.id, here, fmt::format("the name '{}' stands twice in this block: rename one", node.name));
            this->node(node, here, scope);
            connections(into[node.id], node, here);
        }
        if (const auto order = topologicalOrder(block); !order)
            error(owner, path, order.error().message);
        else
            reachability(block, *order, path);
    }

    std::vector<Issue> take() { return std::move(m_issues); }

private:
    void error(NodeId node, const std::string& path, std::string message, const std::string& parameter = {})
    {
        m_issues.push_back({Issue::Severity::Error, node, path, std::move(message), parameter});
    }
    void warning(NodeId node, const std::string& path, std::string message)
    {
        m_issues.push_back({Issue::Severity::Warning, node, path, std::move(message), {}});
    }

    void ends(const Block& block, NodeId owner, const std::string& path)
    {
        const auto inputs = std::count_if(block.nodes.begin(), block.nodes.end(),
                                          [](const Node& n) { return std::holds_alternative<Input>(n.body); });
        const auto outputs = std::count_if(block.nodes.begin(), block.nodes.end(),
                                           [](const Node& n) { return std::holds_alternative<Output>(n.body); });
        if (inputs == 0)
            error(owner, path, "a block needs an input, this one has none");
        else if (inputs > 1 && !owner.isValid())
            error(owner, path, fmt::format("the space takes one input, this one has {}", inputs));
        if (outputs != 1)
            error(owner, path, fmt::format("a block needs exactly one output, this one has {}", outputs));
    }

    void node(const Node& node, const std::string& path, const std::vector<std::string>& scope)
    {
        if (node.optional && (std::holds_alternative<Input>(node.body) || std::holds_alternative<Output>(node.body)))
            error(node.id, path, "a block's input or output cannot be optional");
        if (const auto* operation = std::get_if<Operation>(&node.body)) {
            this->operation(*operation, node.id, path, scope);
        } else if (const auto* choice = std::get_if<Choice>(&node.body)) {
            if (choice->alternatives.empty())
                error(node.id, path, "the choice is empty: give it at least one alternative");
            std::set<std::string> names;
            for (const Node& alternative : choice->alternatives) {
                const std::string inner = path + "/" + alternative.name;
                if (!names.insert(alternative.name).second)
                    error(alternative.id, inner, fmt::format("the alternative '{}' stands twice: rename one", alternative.name));
                if (std::holds_alternative<Input>(alternative.body) || std::holds_alternative<Output>(alternative.body))
                    error(alternative.id, inner, "an alternative cannot be a block's input or output");
                if (alternative.optional)
                    error(alternative.id, inner, "an alternative cannot be optional: add 'identity' as another alternative");
                this->node(alternative, inner, scope);
            }
            pick(node.id, path, choice->pickLow, choice->pickHigh, static_cast<int>(choice->alternatives.size()), choice->merge);
        } else if (const auto* order = std::get_if<Order>(&node.body)) {
            this->order(*order, node.id, path, scope);
        } else if (const auto* repeat = std::get_if<Repeat>(&node.body)) {
            static const ParameterDescriptor count = ParameterDescriptor::integer("count", 1, 0, 1000, "rounds");
            value(repeat->count, node.id, path, "count", &count, scope);
            if (const auto* domain = std::get_if<Domain>(&repeat->count); domain && domain->kind != Domain::Kind::Integer)
                error(node.id, path, "a repeat's count must be a range of whole numbers", "count");
            std::vector<std::string> inner = scope;
            inner.emplace_back("round");
            block(repeat->body, node.id, path, std::move(inner));
        } else if (const auto* nested = std::get_if<Nested>(&node.body)) {
            block(nested->body, node.id, path, scope);
        } else if (const auto* recurrent = std::get_if<Recurrent>(&node.body)) {
            static const ParameterDescriptor hidden = ParameterDescriptor::integer("hidden", 64, 1, 65536, "features of the state");
            value(recurrent->hidden, node.id, path, "hidden", &hidden, scope);
            if (inputsOf(recurrent->body) != 2)
                error(node.id, path, fmt::format("a recurrent block has two inputs, a step's features and the state; this one has {}", inputsOf(recurrent->body)));
            block(recurrent->body, node.id, path, scope);
        } else if (const auto* use = std::get_if<Use>(&node.body)) {
            this->use(*use, node.id, path, scope);
        }
    }

    void order(const Order& order, NodeId id, const std::string& path, const std::vector<std::string>& scope)
    {
        if (order.steps.empty())
            error(id, path, "there is nothing to put in order: add at least one step");
        std::set<std::string> names;
        for (const Node& step : order.steps) {
            const std::string inner = path + "/" + step.name;
            if (!names.insert(step.name).second)
                error(step.id, inner, fmt::format("the step '{}' stands twice: rename one", step.name));
            if (std::holds_alternative<Input>(step.body) || std::holds_alternative<Output>(step.body) || std::holds_alternative<Select>(step.body))
                error(step.id, inner, "a step cannot be a block's input or output or a selection");
            else if (const auto [low, high] = arity(step.body); low > 1 || high < 1)
                error(step.id, inner, "a step takes one input");
            node(step, inner, scope);
        }
        if (order.steps.size() > 9)
            error(id, path, fmt::format("{} steps have too many orders: at most 9 steps can be permuted", order.steps.size()));
    }

    void use(const Use& use, NodeId id, const std::string& path, const std::vector<std::string>& scope)
    {
        const Definition* definition = m_space->findDefinition(use.definition);
        if (!definition) {
            std::vector<std::string> names;
            for (const Definition& known : m_space->definitions)
                names.push_back(known.name);
            const std::string nearest = nearestName(use.definition, names);
            error(id, path, fmt::format("there is no definition '{}'{}", use.definition, nearest.empty() ? "" : fmt::format("; did you mean '{}'?", nearest)));
            return;
        }
        for (const auto& [name, given] : use.arguments) {
            const auto& variables = definition->body.variables;
            if (std::none_of(variables.begin(), variables.end(), [&, &wanted = name](const Variable& v) { return v.name == wanted; })) {
                std::vector<std::string> names;
                for (const Variable& variable : variables)
                    names.push_back(variable.name);
                error(id, path, fmt::format("'{}' has no variable '{}'; it has {}", use.definition, name, names.empty() ? "none" : joined(names, ", ")), name);
            }
            value(given, id, path, name, nullptr, scope);
        }
    }

    void pick(NodeId id, const std::string& path, int low, int high, int count, const std::string& merge)
    {
        if (low == 1 && high == 1)
            return;
        if (low < 0 || low > high || high > count)
            error(id, path, fmt::format("{} to {} of {} cannot be picked: change the numbers", low, high, count));
        else if (const auto problem = Domain::subset(std::vector<std::string>(static_cast<std::size_t>(count), "x"), low, high).problem())
            error(id, path, *problem);
        merging(id, path, merge);
    }

    void merging(NodeId id, const std::string& path, const std::string& merge)
    {
        const OperationTraits* traits = m_operations.find(merge);
        if (!traits)
            error(id, path, fmt::format("there is no operation '{}' to merge with", merge));
        else if (traits->descriptor().maxInputs != OperationDescriptor::anyInputs)
            error(id, path, fmt::format("'{}' cannot merge: it takes at most {} input{}", merge, traits->descriptor().maxInputs, traits->descriptor().maxInputs == 1 ? "" : "s"));
    }

    /// A definition must not use itself, however many others stand between.
    void recursion(const SearchSpace& space)
    {
        std::map<std::string, std::vector<std::pair<std::string, NodeId>>> uses;
        const auto collect = [&](auto&& self, const std::vector<Node>& nodes, const std::string& owner) -> void {
            for (const Node& node : nodes) {
                if (const auto* use = std::get_if<Use>(&node.body))
                    uses[owner].emplace_back(use->definition, node.id);
                if (const auto* parts = partsOf(node))
                    self(self, *parts, owner);
                if (const Block* body = bodyOf(node))
                    self(self, body->nodes, owner);
            }
        };
        for (const Definition& definition : space.definitions)
            collect(collect, definition.body.nodes, definition.name);
        enum class Mark { Open, Done };
        std::map<std::string, Mark> marks;
        const auto walk = [&](auto&& self, const std::string& name) -> void {
            marks[name] = Mark::Open;
            for (const auto& [used, node] : uses[name]) {
                const auto mark = marks.find(used);
                if (mark == marks.end())
                    self(self, used);
                else if (mark->second == Mark::Open)
                    error(node, space.pathOf(node), fmt::format("the definition '{}' uses itself: take out this use", used));
            }
            marks[name] = Mark::Done;
        };
        for (const Definition& definition : space.definitions) {
            if (!marks.contains(definition.name))
                walk(walk, definition.name);
        }
    }

    /// Whether a node is called so by `SearchSpace::pathOf`.
    bool isPath(const std::string& path) const
    {
        std::vector<std::string> names = split(path, '/');
        const std::vector<Node>* nodes = &m_space->root.nodes;
        if (!path.empty() && path.front() == '@') {
            const Definition* definition = m_space->findDefinition(names.front().substr(1));
            if (!definition)
                return false;
            nodes = &definition->body.nodes;
            names.erase(names.begin());
        }
        for (const std::string& name : names) {
            const auto it = nodes ? std::find_if(nodes->begin(), nodes->end(), [&](const Node& n) { return n.name == name; }) : std::vector<Node>::const_iterator();
            if (!nodes || it == nodes->end())
                return false;
            const Block* body = bodyOf(*it);
            nodes = body ? &body->nodes : partsOf(*it);
        }
        return !names.empty();
    }

    static int inputsOf(const Block& block)
    {
        return static_cast<int>(std::count_if(block.nodes.begin(), block.nodes.end(), [](const Node& n) { return std::holds_alternative<Input>(n.body); }));
    }

    void operation(const Operation& operation, NodeId id, const std::string& path, const std::vector<std::string>& scope)
    {
        const OperationTraits* traits = m_operations.find(operation.type);
        if (!traits) {
            const std::vector<std::string> names = m_operations.names();
            const std::string nearest = nearestName(operation.type, names);
            error(id, path, fmt::format("there is no operation '{}'{}", operation.type,
                                        nearest.empty() ? "" : fmt::format("; did you mean '{}'?", nearest)));
            return;
        }
        const auto& descriptors = traits->descriptor().parameters;
        for (const auto& [name, given] : operation.parameters) {
            const auto it = std::find_if(descriptors.begin(), descriptors.end(), [&, &key = name](const auto& d) { return d.name == key; });
            if (it == descriptors.end()) {
                std::vector<std::string> names;
                for (const ParameterDescriptor& d : descriptors)
                    names.push_back(d.name);
                error(id, path, fmt::format("'{}' has no parameter '{}'; it has {}", operation.type, name,
                                            names.empty() ? "none" : joined(names, ", ")), name);
                continue;
            }
            value(given, id, path, name, &*it, scope);
        }
    }

    void value(const ParameterValue& given, NodeId id, const std::string& path, const std::string& name,
               const ParameterDescriptor* descriptor, const std::vector<std::string>& scope)
    {
        if (const auto* literal = std::get_if<Literal>(&given)) {
            if (descriptor) {
                if (const auto what = descriptor->problem(*literal))
                    error(id, path, *what, name);
            }
        } else if (const auto* domain = std::get_if<Domain>(&given)) {
            if (const auto what = domain->problem()) {
                error(id, path, fmt::format("'{}': {}", name, *what), name);
            } else if (descriptor) {
                for (const Literal& extreme : extremes(*domain)) {
                    if (const auto bad = descriptor->problem(extreme)) {
                        error(id, path, *bad, name);
                        break;
                    }
                }
            }
        } else {
            const auto variables = variablesOf(std::get<Expression>(given));
            if (!variables) {
                error(id, path, fmt::format("'{}': {}", name, variables.error().message), name);
                return;
            }
            for (const std::string& variable : *variables) {
                static constexpr std::array<std::string_view, 5> builtIn = {"classes", "vocabulary", "each_step", "part", "parts"};
                if (std::find(builtIn.begin(), builtIn.end(), variable) == builtIn.end() && std::find(scope.begin(), scope.end(), variable) == scope.end())
                    error(id, path, fmt::format("'{}' uses the variable '{}', which is not defined here", name, variable), name);
            }
        }
    }

    /// The values of a domain that can be out of range.
    static std::vector<Literal> extremes(const Domain& domain)
    {
        switch (domain.kind) {
        case Domain::Kind::Integer:
            return {domain.at(0), domain.at(static_cast<double>(*domain.size() - 1))};
        case Domain::Kind::Real:
            return {domain.realLow, domain.realHigh};
        case Domain::Kind::Categorical:
        case Domain::Kind::Subset:
        case Domain::Kind::Permutation:
            break;
        }
        return domain.values;
    }

    std::pair<int, int> arity(const NodeBody& body) const
    {
        if (std::holds_alternative<Input>(body))
            return {0, 0};
        if (const auto* operation = std::get_if<Operation>(&body)) {
            if (const OperationTraits* traits = m_operations.find(operation->type))
                return {traits->descriptor().minInputs, traits->descriptor().maxInputs};
            return {0, OperationDescriptor::anyInputs};
        }
        if (const auto* choice = std::get_if<Choice>(&body)) {
            std::pair<int, int> both = {0, OperationDescriptor::anyInputs};
            for (const Node& alternative : choice->alternatives) {
                const auto [low, high] = arity(alternative.body);
                both = {std::max(both.first, low), std::min(both.second, high)};
            }
            return both;
        }
        if (std::holds_alternative<Select>(body))
            return {1, OperationDescriptor::anyInputs};
        if (const auto* use = std::get_if<Use>(&body)) {
            const Definition* definition = m_space->findDefinition(use->definition);
            return definition ? std::pair(inputsOf(definition->body), inputsOf(definition->body)) : std::pair(0, OperationDescriptor::anyInputs);
        }
        if (const auto* repeat = std::get_if<Repeat>(&body))
            return {inputsOf(repeat->body), inputsOf(repeat->body)};
        if (const auto* nested = std::get_if<Nested>(&body))
            return {inputsOf(nested->body), inputsOf(nested->body)};
        return {1, 1};
    }

    void connections(const std::vector<const Edge*>& into, const Node& node, const std::string& path)
    {
        std::set<int> ports;
        int connected = 0;
        for (const Edge* edge : into) {
            ++connected;
            if (!ports.insert(edge->toPort).second)
                error(node.id, path, fmt::format("input port {} is connected twice", edge->toPort));
        }
        const auto [low, high] = arity(node.body);
        if (connected < low)
            error(node.id, path, connected == 0 ? "nothing is connected to its input"
                                                : fmt::format("it needs {} inputs, {} are connected", low, connected));
        else if (connected > high)
            error(node.id, path, fmt::format("it takes at most {} input{}, {} are connected", high, high == 1 ? "" : "s", connected));
        else if (!ports.empty() && *ports.rbegin() != connected - 1)
            error(node.id, path, fmt::format("its input ports have a gap: {} are connected, the last is port {}", connected, *ports.rbegin()));
        if (const auto* select = std::get_if<Select>(&node.body)) {
            pick(node.id, path, select->pickLow, select->pickHigh, connected, select->merge);
            for (const Edge* edge : into) {
                if (edge->optional || edge->loose)
                    error(node.id, path, "an input of a selection is optional anyway: let the edge be a plain one");
            }
        }
    }

    void reachability(const Block& block, const std::vector<NodeId>& order, const std::string& path)
    {
        std::set<NodeId> useful;
        for (const Node& node : block.nodes) {
            if (std::holds_alternative<Output>(node.body))
                useful.insert(node.id);
        }
        std::multimap<NodeId, NodeId> next;
        for (const Edge& edge : block.edges)
            next.emplace(edge.from, edge.to);
        for (auto it = order.rbegin(); it != order.rend(); ++it) {
            const auto [begin, end] = next.equal_range(*it);
            if (std::any_of(begin, end, [&](const auto& step) { return useful.contains(step.second); }))
                useful.insert(*it);
        }
        for (const Node& node : block.nodes) {
            if (!useful.contains(node.id) && !std::holds_alternative<Input>(node.body))
                warning(node.id, path.empty() ? node.name : path + "/" + node.name,
                        "its output leads nowhere: connect it, or delete it");
        }
    }

    const OperationSet& m_operations;
    const SearchSpace* m_space = nullptr;
    std::vector<Issue> m_issues;
};
} // namespace

std::vector<Issue> check(const SearchSpace& space, const OperationSet& operations)
{
    Checker checker(operations);
    checker.space(space);
    return checker.take();
}

namespace {
/// The pointer of the node below that of its list, or nothing when it is not there.
std::optional<std::string> pointerAmong(const std::vector<Node>& nodes, NodeId id, const std::string& list, const Node*& found)
{
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const Node& node = nodes[i];
        const std::string here = fmt::format("{}/{}", list, i);
        if (node.id == id) {
            found = &node;
            return here;
        }
        std::optional<std::string> inner;
        if (const auto* parts = partsOf(node))
            inner = pointerAmong(*parts, id, here + (std::holds_alternative<Choice>(node.body) ? "/choice" : "/order"), found);
        if (const Block* body = bodyOf(node)) {
            const char* frame = std::holds_alternative<Repeat>(node.body) ? "/repeat/graph"
                : std::holds_alternative<Recurrent>(node.body)            ? "/recurrent/graph"
                                                                          : "/block";
            inner = pointerAmong(body->nodes, id, here + frame + "/nodes", found);
        }
        if (inner)
            return inner;
    }
    return {};
}
} // namespace

std::string pointerOf(const SearchSpace& space, const Issue& issue)
{
    if (issue.path.starts_with('/'))
        return issue.path;
    std::optional<std::string> pointer;
    const Node* node = nullptr;
    if (!issue.node.isValid())
        pointer = "/graph";
    else
        pointer = pointerAmong(space.root.nodes, issue.node, "/graph/nodes", node);
    for (std::size_t i = 0; i < space.definitions.size() && !pointer; ++i) {
        const std::string here = fmt::format("/definitions/{}", i);
        pointer = space.definitions[i].id == issue.node ? here : pointerAmong(space.definitions[i].body.nodes, issue.node, here + "/graph/nodes", node);
    }
    if (!pointer)
        return {};
    if (issue.parameter.empty() || !node)
        return *pointer;
    if (std::holds_alternative<Operation>(node->body))
        return *pointer + "/parameters/" + issue.parameter;
    if (std::holds_alternative<Use>(node->body))
        return *pointer + "/arguments/" + issue.parameter;
    if (std::holds_alternative<Repeat>(node->body) && issue.parameter == "count")
        return *pointer + "/repeat/count";
    if (std::holds_alternative<Recurrent>(node->body) && issue.parameter == "hidden")
        return *pointer + "/recurrent/hidden";
    return *pointer;
}

Result<void> requireSound(const SearchSpace& space, const OperationSet& operations)
{
    for (const Issue& issue : check(space, operations)) {
        if (issue.severity == Issue::Severity::Error)
            return fail(ErrorCode::InvalidInput, issue.message,
                        issue.node.isValid() ? fmt::format("{}: node '{}'", pointerOf(space, issue), issue.path) : pointerOf(space, issue));
    }
    return {};
}

Result<std::vector<NodeId>> topologicalOrder(const Block& block)
{
    // Asked for after every edit: without an allocation for each node.
    std::unordered_map<NodeId, std::size_t> index;
    index.reserve(block.nodes.size());
    for (std::size_t i = 0; i < block.nodes.size(); ++i)
        index[block.nodes[i].id] = i;
    std::vector<std::pair<std::size_t, std::size_t>> steps; // from, to
    steps.reserve(block.edges.size());
    std::vector<int> waiting(block.nodes.size(), 0);
    for (const Edge& edge : block.edges) {
        const auto from = index.find(edge.from);
        const auto to = index.find(edge.to);
        if (from == index.end() || to == index.end())
            return fail(ErrorCode::InvalidInput, "an edge dangles: one of its nodes is not in this block");
        steps.emplace_back(from->second, to->second);
        ++waiting[to->second];
    }
    std::sort(steps.begin(), steps.end());
    // Among the nodes that are ready, the one drawn first comes first: the order is stable under edits elsewhere.
    std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
    for (std::size_t i = 0; i < block.nodes.size(); ++i) {
        if (waiting[i] == 0)
            ready.push(i);
    }
    std::vector<NodeId> order;
    order.reserve(block.nodes.size());
    while (!ready.empty()) {
        const std::size_t next = ready.top();
        ready.pop();
        order.push_back(block.nodes[next].id);
        for (auto step = std::lower_bound(steps.begin(), steps.end(), std::pair(next, std::size_t{0})); step != steps.end() && step->first == next; ++step) {
            if (--waiting[step->second] == 0)
                ready.push(step->second);
        }
    }
    if (order.size() == block.nodes.size())
        return order;
    // Walk backwards from a waiting node through waiting nodes until one repeats: that is a cycle.
    std::size_t at = 0;
    while (waiting[at] == 0)
        ++at;
    std::vector<std::size_t> walk;
    while (std::find(walk.begin(), walk.end(), at) == walk.end()) {
        walk.push_back(at);
        for (const Edge& edge : block.edges) {
            const std::size_t from = index[edge.from];
            if (index[edge.to] == at && waiting[from] > 0) {
                at = from;
                break;
            }
        }
    }
    // Told from the node that was drawn first, in the direction of the edges.
    std::vector<std::size_t> cycle(std::find(walk.begin(), walk.end(), at), walk.end());
    std::reverse(cycle.begin(), cycle.end());
    std::rotate(cycle.begin(), std::min_element(cycle.begin(), cycle.end()), cycle.end());
    cycle.push_back(cycle.front());
    std::vector<std::string> names;
    for (const std::size_t node : cycle)
        names.push_back(block.nodes[node].name);
    return fail(ErrorCode::InvalidInput, fmt::format("these nodes form a cycle: {}; remove one of the edges", joined(names, " → ")));
}

} // namespace archscope::space
