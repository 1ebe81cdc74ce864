#include "core/space/space_check.h"

#include "core/base/text.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace archscope::space {

namespace {
/// Collects issues while it walks the blocks with the variables that are in scope.
class Checker {
public:
    explicit Checker(const OperationSet& operations) : m_operations(operations) {}

    void block(const Block& block, NodeId owner, const std::string& path, std::vector<std::string> scope)
    {
        for (const Variable& variable : block.variables) {
            if (std::find(scope.begin(), scope.end(), variable.name) != scope.end())
                error(owner, path, fmt::format("the variable '{}' stands twice or hides an outer one: rename it", variable.name));
            value(variable.value, owner, path, variable.name, nullptr, scope);
            scope.push_back(variable.name);
        }
        ends(block, owner, path);
        std::set<std::string> names;
        for (const Node& node : block.nodes) {
            const std::string here = path.empty() ? node.name : path + "/" + node.name;
            if (!names.insert(node.name).second)
                error(node.id, here, fmt::format("the name '{}' stands twice in this block: rename one", node.name));
            this->node(node, here, scope);
            connections(block, node, here);
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
        if (inputs != 1)
            error(owner, path, fmt::format("a block needs exactly one input, this one has {}", inputs));
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
        } else if (const auto* repeat = std::get_if<Repeat>(&node.body)) {
            static const ParameterDescriptor count = ParameterDescriptor::integer("count", 1, 0, 1000, "rounds");
            value(repeat->count, node.id, path, "count", &count, scope);
            if (const auto* domain = std::get_if<Domain>(&repeat->count); domain && domain->kind != Domain::Kind::Integer)
                error(node.id, path, "a repeat's count must be a range of whole numbers", "count");
            if (std::holds_alternative<Expression>(repeat->count))
                error(node.id, path, "a repeat's count must be a number or a range, not an expression", "count");
            block(repeat->body, node.id, path, scope);
        } else if (const auto* nested = std::get_if<Nested>(&node.body)) {
            block(nested->body, node.id, path, scope);
        }
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
                if (variable != "classes" && std::find(scope.begin(), scope.end(), variable) == scope.end())
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
        return {1, 1};
    }

    void connections(const Block& block, const Node& node, const std::string& path)
    {
        std::set<int> ports;
        int connected = 0;
        for (const Edge& edge : block.edges) {
            if (edge.to != node.id)
                continue;
            ++connected;
            if (!ports.insert(edge.toPort).second)
                error(node.id, path, fmt::format("input port {} is connected twice", edge.toPort));
        }
        const auto [low, high] = arity(node.body);
        if (connected < low)
            error(node.id, path, connected == 0 ? "nothing is connected to its input"
                                                : fmt::format("it needs {} inputs, {} are connected", low, connected));
        else if (connected > high)
            error(node.id, path, fmt::format("it takes at most {} input{}, {} are connected", high, high == 1 ? "" : "s", connected));
        else if (!ports.empty() && *ports.rbegin() != connected - 1)
            error(node.id, path, fmt::format("its input ports have a gap: {} are connected, the last is port {}", connected, *ports.rbegin()));
    }

    void reachability(const Block& block, const std::vector<NodeId>& order, const std::string& path)
    {
        std::set<NodeId> useful;
        for (const Node& node : block.nodes) {
            if (std::holds_alternative<Output>(node.body))
                useful.insert(node.id);
        }
        for (auto it = order.rbegin(); it != order.rend(); ++it) {
            for (const Edge& edge : block.edges) {
                if (edge.from == *it && useful.contains(edge.to))
                    useful.insert(*it);
            }
        }
        for (const Node& node : block.nodes) {
            if (!useful.contains(node.id) && !std::holds_alternative<Input>(node.body))
                warning(node.id, path.empty() ? node.name : path + "/" + node.name,
                        "its output leads nowhere: connect it, or delete it");
        }
    }

    const OperationSet& m_operations;
    std::vector<Issue> m_issues;
};
} // namespace

std::vector<Issue> check(const SearchSpace& space, const OperationSet& operations)
{
    Checker checker(operations);
    checker.block(space.root, NodeId{}, {}, {});
    return checker.take();
}

Result<void> requireSound(const SearchSpace& space, const OperationSet& operations)
{
    for (const Issue& issue : check(space, operations)) {
        if (issue.severity == Issue::Severity::Error)
            return fail(ErrorCode::InvalidInput, issue.message, issue.path.empty() ? space.name : fmt::format("node '{}'", issue.path));
    }
    return {};
}

Result<std::vector<NodeId>> topologicalOrder(const Block& block)
{
    std::map<NodeId, std::size_t> index;
    for (std::size_t i = 0; i < block.nodes.size(); ++i)
        index[block.nodes[i].id] = i;
    std::vector<std::vector<std::size_t>> successors(block.nodes.size());
    std::vector<int> waiting(block.nodes.size(), 0);
    for (const Edge& edge : block.edges) {
        const auto from = index.find(edge.from);
        const auto to = index.find(edge.to);
        if (from == index.end() || to == index.end())
            return fail(ErrorCode::InvalidInput, "an edge dangles: one of its nodes is not in this block");
        successors[from->second].push_back(to->second);
        ++waiting[to->second];
    }
    // Among the nodes that are ready, the one drawn first comes first: the order is stable under edits elsewhere.
    std::set<std::size_t> ready;
    for (std::size_t i = 0; i < block.nodes.size(); ++i) {
        if (waiting[i] == 0)
            ready.insert(i);
    }
    std::vector<NodeId> order;
    while (!ready.empty()) {
        const std::size_t next = *ready.begin();
        ready.erase(ready.begin());
        order.push_back(block.nodes[next].id);
        for (const std::size_t successor : successors[next]) {
            if (--waiting[successor] == 0)
                ready.insert(successor);
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
