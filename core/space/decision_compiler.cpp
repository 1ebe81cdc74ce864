#include "core/space/decision_compiler.h"

#include "core/base/text.h"
#include "core/space/space_check.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace archscope::space {

namespace {
/// Bounds the work on spaces that are small as files and astronomical when unfolded.
constexpr int maxVisits = 1'000'000;

/// Under which decision, and which of its answers, a part of the space is there.
struct Condition {
    int parent = -1;
    int from = 0;
    int to = 0;
    int member = -1;
    bool operator==(const Condition&) const = default;
};

/// Values of the variables in scope that no decision touches, innermost last; nothing where a decision does.
using Scope = std::vector<std::pair<std::string, std::optional<Literal>>>;

class Compiler {
public:
    explicit Compiler(const SearchSpace& space) : m_space(space) {}

    Result<std::vector<Decision>> run()
    {
        collectUses(m_space.root.nodes);
        for (const Definition& definition : m_space.definitions)
            collectUses(definition.body.nodes);
        ARCHSCOPE_TRY(block(m_space.root, NodeId{}, {}, {}, {}, {}));
        return std::move(m_decisions);
    }

private:
    /// One block on the way: its nodes may be asked for before their turn, because a selection comes before what leads to it.
    struct Walk {
        const Block& block;
        std::string prefix;
        Condition condition;
        Scope scope;
        std::map<NodeId, const Node*> nodes;
        std::map<NodeId, std::vector<const Edge*>> leaving;
        std::map<NodeId, std::vector<const Edge*>> entering; ///< by port
        std::map<NodeId, Condition> alive;
        std::map<const Edge*, int> presence;
        std::map<NodeId, int> selection; ///< index of the decision, -1: all inputs are taken
    };

    void collectUses(const std::vector<Node>& nodes)
    {
        for (const Node& node : nodes) {
            if (const auto* use = std::get_if<Use>(&node.body))
                m_uses[use->definition].push_back(use);
            if (const auto* parts = partsOf(node))
                collectUses(*parts);
            if (const Block* body = bodyOf(node))
                collectUses(body->nodes);
        }
    }

    Result<int> add(Decision decision, const Condition& condition)
    {
        if (const auto problem = decision.domain.problem())
            return fail(ErrorCode::InvalidInput, *problem, decision.key);
        if (m_decisions.size() >= DecisionSpace::maxDecisions)
            return fail(ErrorCode::Unsupported,
                        fmt::format("the space has more than {} decisions: repeat fewer times or share the rounds' decisions",
                                    groupDigits(static_cast<std::int64_t>(DecisionSpace::maxDecisions))),
                        decision.key);
        decision.parent = condition.parent;
        decision.activeFrom = condition.from;
        decision.activeTo = condition.to;
        decision.activeMember = condition.member;
        m_decisions.push_back(std::move(decision));
        return static_cast<int>(m_decisions.size()) - 1;
    }

    Result<void> visit(const std::string& path)
    {
        if (++m_visits > maxVisits)
            return fail(ErrorCode::Unsupported, fmt::format("unfolded, the space has more than {} nodes: repeat or use blocks fewer times", groupDigits(maxVisits)), path);
        return {};
    }

    static std::optional<Literal> known(const ParameterValue& value, const Scope& scope)
    {
        if (const auto* literal = std::get_if<Literal>(&value))
            return *literal;
        if (std::holds_alternative<Domain>(value))
            return {};
        const auto result = evaluateLiteral(std::get<Expression>(value), [&](const std::string& name) -> std::optional<Literal> {
            const auto it = std::find_if(scope.rbegin(), scope.rend(), [&](const auto& v) { return v.first == name; });
            return it == scope.rend() ? std::nullopt : it->second;
        });
        return result ? std::optional<Literal>(*result) : std::nullopt;
    }

    /// `given`: values that stand in for those of the block's variables.
    Result<void> block(const Block& block, NodeId owner, const std::string& prefix, const Condition& condition, Scope scope,
                       const std::map<std::string, std::optional<Literal>>& given)
    {
        ARCHSCOPE_TRY(visit(prefix));
        for (const Variable& variable : block.variables) {
            if (const auto it = given.find(variable.name); it != given.end()) {
                scope.emplace_back(variable.name, it->second);
                continue;
            }
            if (const auto* domain = std::get_if<Domain>(&variable.value))
                ARCHSCOPE_TRY(add({prefix + "$" + variable.name, Decision::Kind::Variable, *domain, owner, variable.name}, condition));
            scope.emplace_back(variable.name, known(variable.value, scope));
        }
        if (const auto order = topologicalOrder(block); !order)
            return fail(order.error().within(prefix));
        Walk walk{block, prefix, condition, std::move(scope), {}, {}, {}, {}, {}, {}};
        for (const Node& node : block.nodes)
            walk.nodes[node.id] = &node;
        for (const Edge& edge : block.edges) {
            walk.leaving[edge.from].push_back(&edge);
            walk.entering[edge.to].push_back(&edge);
        }
        for (auto& [id, edges] : walk.entering)
            std::sort(edges.begin(), edges.end(), [](const Edge* a, const Edge* b) { return a->toPort < b->toPort; });
        for (const Node& node : block.nodes)
            ARCHSCOPE_TRY(this->node(walk, node));
        return {};
    }

    /// When what the node gives can reach the output of its block.
    Result<Condition> alive(Walk& walk, NodeId id)
    {
        if (const auto it = walk.alive.find(id); it != walk.alive.end())
            return it->second;
        Condition condition = walk.condition;
        // Bounded: in a longer chain, what is far from its end counts as always there.
        const bool near = m_depth < 1000;
        if (const auto& leaving = walk.leaving[id]; leaving.size() == 1 && near) {
            const Edge& edge = *leaving.front();
            ++m_depth;
            ARCHSCOPE_ASSIGN(condition, alive(walk, edge.to));
            if (std::holds_alternative<Select>(walk.nodes.at(edge.to)->body)) {
                ARCHSCOPE_ASSIGN(const int selection, this->selection(walk, *walk.nodes.at(edge.to)));
                if (selection >= 0) {
                    condition = {selection, 0, 0, memberOf(walk, edge)};
                } else {
                    ARCHSCOPE_ASSIGN(condition, presenceOf(walk, *walk.nodes.at(edge.to)));
                }
            }
            if (edge.optional) {
                ARCHSCOPE_ASSIGN(const int present, presence(walk, edge, condition));
                condition = {present, 1, 1, -1};
            }
            --m_depth;
        }
        walk.alive[id] = condition;
        return condition;
    }

    static int memberOf(const Walk& walk, const Edge& edge)
    {
        const auto& edges = walk.entering.at(edge.to);
        return static_cast<int>(std::find(edges.begin(), edges.end(), &edge) - edges.begin());
    }

    Result<int> presence(Walk& walk, const Edge& edge, const Condition& condition)
    {
        if (const auto it = walk.presence.find(&edge); it != walk.presence.end())
            return it->second;
        const Node& target = *walk.nodes.at(edge.to);
        const std::string key = fmt::format("{}{}>{}:{}#present", walk.prefix, walk.nodes.at(edge.from)->name, target.name, edge.toPort);
        ARCHSCOPE_ASSIGN(const int index, add({key, Decision::Kind::Presence, Domain::categories({false, true}), edge.to, {}}, condition));
        walk.presence[&edge] = index;
        return index;
    }

    /// When the node is there: its output counts, and it is not left out.
    Result<Condition> presenceOf(Walk& walk, const Node& node)
    {
        ARCHSCOPE_ASSIGN(Condition condition, alive(walk, node.id));
        if (!node.optional)
            return condition;
        if (const auto it = m_present.find({walk.prefix, node.id}); it != m_present.end())
            return Condition{it->second, 1, 1, -1};
        const Domain presence = Domain::categories({false, true});
        ARCHSCOPE_ASSIGN(const int index, add({walk.prefix + node.name + "#present", Decision::Kind::Presence, presence, node.id, {}}, condition));
        m_present[{walk.prefix, node.id}] = index;
        return Condition{index, 1, 1, -1};
    }

    Result<int> selection(Walk& walk, const Node& node)
    {
        if (const auto it = walk.selection.find(node.id); it != walk.selection.end())
            return it->second;
        ARCHSCOPE_ASSIGN(const Condition condition, presenceOf(walk, node));
        const auto& select = std::get<Select>(node.body);
        const auto& edges = walk.entering[node.id];
        int index = -1;
        if (select.pickLow != static_cast<int>(edges.size())) {
            std::vector<std::string> ports;
            for (const Edge* edge : edges)
                ports.push_back(std::to_string(edge->toPort));
            const Domain domain = Domain::subset(std::move(ports), select.pickLow, select.pickHigh);
            ARCHSCOPE_ASSIGN(index, add({walk.prefix + node.name, Decision::Kind::Selection, domain, node.id, {}}, condition));
        }
        walk.selection[node.id] = index;
        return index;
    }

    Result<void> node(Walk& walk, const Node& node)
    {
        for (const Edge* edge : walk.entering[node.id]) {
            if (edge->optional) {
                ARCHSCOPE_ASSIGN(const Condition target, presenceOf(walk, node));
                ARCHSCOPE_TRY(presence(walk, *edge, target));
            }
        }
        ARCHSCOPE_ASSIGN(const Condition condition, presenceOf(walk, node));
        if (std::holds_alternative<Select>(node.body)) {
            ARCHSCOPE_TRY(selection(walk, node));
            return {};
        }
        return inside(node, walk.prefix + node.name, condition, walk.scope);
    }

    /// The decisions inside a node that is there under `condition`.
    Result<void> inside(const Node& node, const std::string& path, const Condition& condition, const Scope& scope)
    {
        ARCHSCOPE_TRY(visit(path));
        if (const auto* operation = std::get_if<Operation>(&node.body)) {
            for (const auto& [name, value] : operation->parameters) {
                if (const auto* domain = std::get_if<Domain>(&value))
                    ARCHSCOPE_TRY(add({path + "." + name, Decision::Kind::Parameter, *domain, node.id, name}, condition));
            }
            return {};
        }
        if (const auto* choice = std::get_if<Choice>(&node.body))
            return this->choice(*choice, node.id, path, condition, scope);
        if (const auto* order = std::get_if<Order>(&node.body)) {
            std::vector<std::string> names;
            for (const Node& step : order->steps)
                names.push_back(step.name);
            if (names.size() != 1)
                ARCHSCOPE_TRY(add({path, Decision::Kind::Order, Domain::permutation(std::move(names)), node.id, {}}, condition));
            for (const Node& step : order->steps)
                ARCHSCOPE_TRY(part(step, path, condition, scope));
            return {};
        }
        if (const auto* repeat = std::get_if<Repeat>(&node.body))
            return this->repeat(*repeat, node.id, path, condition, scope);
        if (const auto* nested = std::get_if<Nested>(&node.body))
            return block(nested->body, node.id, path + "/", condition, scope, {});
        if (const auto* recurrent = std::get_if<Recurrent>(&node.body)) {
            if (const auto* domain = std::get_if<Domain>(&recurrent->hidden))
                ARCHSCOPE_TRY(add({path + ".hidden", Decision::Kind::Parameter, *domain, node.id, "hidden"}, condition));
            return block(recurrent->body, node.id, path + "/", condition, scope, {});
        }
        if (const auto* use = std::get_if<Use>(&node.body))
            return this->use(*use, node.id, path, condition, scope);
        return {};
    }

    /// An alternative or a step: may be optional too.
    Result<void> part(const Node& part, const std::string& path, Condition condition, const Scope& scope)
    {
        const std::string here = path + "/" + part.name;
        if (part.optional) {
            const Domain presence = Domain::categories({false, true});
            ARCHSCOPE_ASSIGN(const int index, add({here + "#present", Decision::Kind::Presence, presence, part.id, {}}, condition));
            condition = {index, 1, 1, -1};
        }
        return inside(part, here, condition, scope);
    }

    Result<void> choice(const Choice& choice, NodeId id, const std::string& path, const Condition& condition, const Scope& scope)
    {
        const auto count = static_cast<int>(choice.alternatives.size());
        const bool single = choice.pickLow == 1 && choice.pickHigh == 1;
        std::vector<std::string> names;
        for (const Node& alternative : choice.alternatives)
            names.push_back(alternative.name);
        int index = -1;
        if (single || choice.pickLow != count) {
            Domain domain = single ? Domain::categories({names.begin(), names.end()}) : Domain::subset(names, choice.pickLow, choice.pickHigh);
            ARCHSCOPE_ASSIGN(index, add({path, Decision::Kind::Choice, std::move(domain), id, {}}, condition));
        }
        for (int i = 0; i < count; ++i) {
            const Condition chosen = index < 0 ? condition : single ? Condition{index, i, i, -1} : Condition{index, 0, 0, i};
            ARCHSCOPE_TRY(part(choice.alternatives[static_cast<std::size_t>(i)], path, chosen, scope));
        }
        return {};
    }

    Result<void> repeat(const Repeat& repeat, NodeId id, const std::string& path, const Condition& condition, const Scope& scope)
    {
        const std::string key = path + "#count";
        std::int64_t rounds = 0;
        int countDecision = -1;
        if (const auto* domain = std::get_if<Domain>(&repeat.count)) {
            if (const auto problem = domain->problem())
                return fail(ErrorCode::InvalidInput, *problem, key);
            if (domain->kind != Domain::Kind::Integer || domain->low < 0)
                return fail(ErrorCode::InvalidInput, "a repeat's count must be a range of whole numbers from 0 up", key);
            ARCHSCOPE_ASSIGN(countDecision, add({key, Decision::Kind::Count, *domain, id, {}}, condition));
            rounds = std::get<std::int64_t>(domain->at(static_cast<double>(*domain->size() - 1)));
        } else if (const auto value = known(repeat.count, scope)) {
            const auto* whole = std::get_if<std::int64_t>(&*value);
            if (!whole || *whole < 0)
                return fail(ErrorCode::InvalidInput, "a repeat's count must be a whole number from 0 up", key);
            rounds = *whole;
        } else if (repeat.shared) {
            rounds = 1; // one set of decisions, however many rounds
        } else {
            return fail(ErrorCode::Unsupported, "a repeat's count that depends on a decision needs rounds with shared decisions: share them, or give the count as a range", key);
        }
        if (rounds > static_cast<std::int64_t>(DecisionSpace::maxDecisions))
            return fail(ErrorCode::Unsupported, fmt::format("{} rounds are too many", groupDigits(rounds)), key);
        const std::int64_t bodies = repeat.shared ? std::min<std::int64_t>(rounds, 1) : rounds;
        for (std::int64_t round = 0; round < bodies; ++round) {
            Condition inner = condition;
            if (countDecision >= 0) {
                // Only while there are enough rounds. A round that every count has hangs under what the repeat hangs under.
                const Domain& counts = m_decisions[static_cast<std::size_t>(countDecision)].domain;
                const std::int64_t size = *counts.size();
                std::int64_t first = 0;
                while (std::get<std::int64_t>(counts.at(static_cast<double>(first))) <= round)
                    ++first;
                if (first > 0)
                    inner = {countDecision, static_cast<int>(first), static_cast<int>(size - 1), -1};
            }
            Scope withRound = scope;
            withRound.emplace_back("round", repeat.shared ? std::nullopt : std::optional<Literal>(round));
            const std::string prefix = repeat.shared ? path + "/" : fmt::format("{}/{}/", path, round);
            ARCHSCOPE_TRY(block(repeat.body, id, prefix, inner, std::move(withRound), {}));
        }
        return {};
    }

    Result<void> use(const Use& use, NodeId id, const std::string& path, const Condition& condition, const Scope& scope)
    {
        const Definition* definition = m_space.findDefinition(use.definition);
        if (!definition)
            return fail(ErrorCode::InvalidInput, fmt::format("there is no definition '{}'", use.definition), path);
        std::map<std::string, std::optional<Literal>> given;
        for (const auto& [name, value] : use.arguments) {
            if (const auto* domain = std::get_if<Domain>(&value))
                ARCHSCOPE_TRY(add({path + ".$" + name, Decision::Kind::Parameter, *domain, id, name}, condition));
            given[name] = known(value, scope);
        }
        if (std::find(m_open.begin(), m_open.end(), definition) != m_open.end())
            return fail(ErrorCode::InvalidInput, fmt::format("the definition '{}' uses itself: take out that use", use.definition), path);
        m_open.push_back(definition);
        // A definition sees the root's variables and its own.
        Scope outer(scope.begin(), scope.begin() + static_cast<std::ptrdiff_t>(std::min(scope.size(), m_space.root.variables.size())));
        if (definition->shared)
            ARCHSCOPE_TRY(shared(*definition, condition, std::move(outer), given));
        else
            ARCHSCOPE_TRY(block(definition->body, definition->id, path + "/", condition, std::move(outer), given));
        m_open.pop_back();
        return {};
    }

    /// The decisions of a definition that all its uses share, listed at its first use.
    Result<void> shared(const Definition& definition, const Condition& condition, Scope outer, std::map<std::string, std::optional<Literal>> given)
    {
        if (const auto it = m_shared.find(&definition); it != m_shared.end()) {
            // Used under different conditions: its decisions count whenever one of them holds, which one parent cannot say.
            auto& [begin, end, first] = it->second;
            if (first != condition) {
                for (int i = begin; i < end; ++i) {
                    Decision& decision = m_decisions[static_cast<std::size_t>(i)];
                    if (Condition{decision.parent, decision.activeFrom, decision.activeTo, decision.activeMember} == first) {
                        decision.parent = -1;
                        decision.activeFrom = decision.activeTo = 0;
                        decision.activeMember = -1;
                    }
                }
                first = {};
            }
            return {};
        }
        // A variable counts as given only where every use gives it, and as known where all give the same.
        for (const Use* other : m_uses[definition.name]) {
            std::erase_if(given, [&](const auto& argument) { return !other->arguments.contains(argument.first); });
            for (auto& [name, value] : given) {
                const auto* literal = other->arguments.contains(name) ? std::get_if<Literal>(&other->arguments.at(name)) : nullptr;
                if (!literal || value != std::optional<Literal>(*literal))
                    value.reset();
            }
        }
        const auto begin = static_cast<int>(m_decisions.size());
        ARCHSCOPE_TRY(block(definition.body, definition.id, "@" + definition.name + "/", condition, std::move(outer), given));
        m_shared[&definition] = {begin, static_cast<int>(m_decisions.size()), condition};
        return {};
    }

    struct SharedPart {
        int begin;
        int end;
        Condition condition;
    };

    const SearchSpace& m_space;
    std::vector<Decision> m_decisions;
    std::map<std::string, std::vector<const Use*>> m_uses;
    std::map<std::pair<std::string, NodeId>, int> m_present;
    std::map<const Definition*, SharedPart> m_shared;
    std::vector<const Definition*> m_open;
    int m_visits = 0;
    int m_depth = 0;
};
} // namespace

Result<std::vector<Decision>> compileDecisions(const SearchSpace& space)
{
    return Compiler(space).run();
}

} // namespace archscope::space
