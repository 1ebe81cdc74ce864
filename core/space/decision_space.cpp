#include "core/space/decision_space.h"

#include "core/base/hash.h"
#include "core/base/text.h"

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>
#include <fmt/format.h>

namespace archscope::space {

namespace {
/// Under which decision, and which of its answers, a part of the space is there.
struct Condition {
    int parent = -1;
    int from = 0;
    int to = 0;
};

/// Walks the space in drawing order and lists its decisions.
class Compiler {
public:
    explicit Compiler(std::vector<Decision>& decisions) : m_decisions(decisions) {}

    Result<void> block(const Block& block, NodeId owner, const std::string& prefix, const Condition& condition)
    {
        for (const Variable& variable : block.variables) {
            if (const auto* domain = std::get_if<Domain>(&variable.value))
                ARCHSCOPE_TRY(add({prefix + "$" + variable.name, Decision::Kind::Variable, *domain, owner, variable.name}, condition));
        }
        for (const Node& node : block.nodes)
            ARCHSCOPE_TRY(this->node(node, prefix + node.name, condition));
        return {};
    }

private:
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
        m_decisions.push_back(std::move(decision));
        return static_cast<int>(m_decisions.size()) - 1;
    }

    Result<void> node(const Node& node, const std::string& path, Condition condition)
    {
        if (node.optional) {
            const Domain presence = Domain::categories({false, true});
            ARCHSCOPE_ASSIGN(const int index, add({path + "#present", Decision::Kind::Presence, presence, node.id, {}}, condition));
            condition = {index, 1, 1};
        }
        if (const auto* operation = std::get_if<Operation>(&node.body)) {
            for (const auto& [name, value] : operation->parameters) {
                if (const auto* domain = std::get_if<Domain>(&value))
                    ARCHSCOPE_TRY(add({path + "." + name, Decision::Kind::Parameter, *domain, node.id, name}, condition));
            }
            return {};
        }
        if (const auto* choice = std::get_if<Choice>(&node.body)) {
            Domain alternatives;
            for (const Node& alternative : choice->alternatives)
                alternatives.values.emplace_back(alternative.name);
            ARCHSCOPE_ASSIGN(const int index, add({path, Decision::Kind::Choice, std::move(alternatives), node.id, {}}, condition));
            for (std::size_t i = 0; i < choice->alternatives.size(); ++i) {
                const Node& alternative = choice->alternatives[i];
                const int answer = static_cast<int>(i);
                ARCHSCOPE_TRY(this->node(alternative, path + "/" + alternative.name, {index, answer, answer}));
            }
            return {};
        }
        if (const auto* repeat = std::get_if<Repeat>(&node.body))
            return this->repeat(*repeat, node.id, path, condition);
        if (const auto* nested = std::get_if<Nested>(&node.body))
            return block(nested->body, node.id, path + "/", condition);
        return {};
    }

    Result<void> repeat(const Repeat& repeat, NodeId id, const std::string& path, const Condition& condition)
    {
        std::int64_t rounds = 0;
        int countDecision = -1;
        if (const auto* domain = std::get_if<Domain>(&repeat.count)) {
            if (const auto problem = domain->problem())
                return fail(ErrorCode::InvalidInput, *problem, path + "#count");
            if (domain->kind != Domain::Kind::Integer || domain->low < 0)
                return fail(ErrorCode::InvalidInput, "a repeat's count must be a range of whole numbers from 0 up", path + "#count");
            ARCHSCOPE_ASSIGN(countDecision, add({path + "#count", Decision::Kind::Count, *domain, id, {}}, condition));
            rounds = std::get<std::int64_t>(domain->at(static_cast<double>(*domain->size() - 1)));
        } else if (const auto* literal = std::get_if<Literal>(&repeat.count)) {
            const auto* whole = std::get_if<std::int64_t>(literal);
            if (!whole || *whole < 0)
                return fail(ErrorCode::InvalidInput, "a repeat's count must be a whole number from 0 up", path + "#count");
            rounds = *whole;
        } else {
            return fail(ErrorCode::Unsupported, "a repeat's count must be a number or a range, not an expression", path + "#count");
        }
        if (rounds > static_cast<std::int64_t>(DecisionSpace::maxDecisions))
            return fail(ErrorCode::Unsupported, fmt::format("{} rounds are too many", groupDigits(rounds)), path + "#count");
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
                    inner = {countDecision, static_cast<int>(first), static_cast<int>(size - 1)};
            }
            const std::string prefix = repeat.shared ? path + "/" : fmt::format("{}/{}/", path, round);
            ARCHSCOPE_TRY(block(repeat.body, id, prefix, inner));
        }
        return {};
    }

    std::vector<Decision>& m_decisions;
};
} // namespace

std::uint64_t Genotype::hash() const
{
    return hash64({reinterpret_cast<const char*>(m_answers.data()), m_answers.size() * sizeof(double)});
}

Result<DecisionSpace> DecisionSpace::compile(const SearchSpace& space)
{
    DecisionSpace compiled;
    ARCHSCOPE_TRY(Compiler(compiled.m_decisions).block(space.root, NodeId{}, {}, {}));
    for (std::size_t i = 0; i < compiled.m_decisions.size(); ++i) {
        const Decision& decision = compiled.m_decisions[i];
        if (!compiled.m_byKey.emplace(decision.key, i).second)
            return fail(ErrorCode::InvalidInput, "two decisions have this key: rename a node", decision.key);
        compiled.m_sizes.push_back(decision.domain.size().value_or(0));
    }
    return compiled;
}

std::optional<std::size_t> DecisionSpace::indexOf(std::string_view key) const
{
    const auto it = m_byKey.find(key);
    if (it == m_byKey.end())
        return {};
    return it->second;
}

namespace {
double drawn(std::int64_t size, Rng& rng)
{
    return size > 0 ? static_cast<double>(rng.below(static_cast<std::uint64_t>(size))) : rng.uniform();
}
} // namespace

Genotype DecisionSpace::sample(Rng& rng) const
{
    Genotype genotype(m_decisions.size());
    repair(genotype, rng);
    return genotype;
}

void DecisionSpace::repair(Genotype& genotype, Rng& rng) const
{
    for (std::size_t i = 0; i < m_decisions.size(); ++i) {
        if (!activeUnder(genotype, i))
            genotype[i] = Genotype::inactive;
        else if (!genotype.isActive(i))
            genotype[i] = drawn(m_sizes[i], rng);
    }
}

std::optional<std::size_t> DecisionSpace::mutate(Genotype& genotype, Rng& rng) const
{
    const auto changeable = [&](std::size_t i) { return genotype.isActive(i) && m_sizes[i] != 1; };
    std::uint64_t candidates = 0;
    for (std::size_t i = 0; i < m_decisions.size(); ++i)
        candidates += changeable(i);
    if (candidates == 0)
        return {};
    std::uint64_t skip = rng.below(candidates);
    std::size_t chosen = 0;
    while (!changeable(chosen) || skip-- > 0)
        ++chosen;
    if (m_sizes[chosen] == 0) {
        genotype[chosen] = rng.uniform();
    } else {
        const double other = drawn(m_sizes[chosen] - 1, rng);
        genotype[chosen] = other + (other >= genotype[chosen] ? 1 : 0);
    }
    repair(genotype, rng);
    return chosen;
}

bool DecisionSpace::isValid(const Genotype& genotype) const
{
    if (genotype.size() != m_decisions.size())
        return false;
    for (std::size_t i = 0; i < m_decisions.size(); ++i) {
        if (activeUnder(genotype, i) ? !m_decisions[i].domain.contains(genotype[i]) : genotype[i] != Genotype::inactive)
            return false;
    }
    return true;
}

std::optional<std::string> DecisionSpace::count() const
{
    using Integer = boost::multiprecision::cpp_int;
    std::vector<std::vector<std::size_t>> children(m_decisions.size());
    for (std::size_t i = 0; i < m_decisions.size(); ++i) {
        if (m_sizes[i] == 0)
            return {};
        if (m_decisions[i].parent >= 0)
            children[static_cast<std::size_t>(m_decisions[i].parent)].push_back(i);
    }
    // Children come after their parents, so the totals below a decision are known when it is reached from the end.
    std::vector<Integer> below(m_decisions.size());
    Integer total = 1;
    for (std::size_t i = m_decisions.size(); i-- > 0;) {
        // The product changes only where a child begins or ends to be active: between those answers it is constant.
        std::vector<std::int64_t> breaks = {0, m_sizes[i]};
        for (const std::size_t child : children[i]) {
            breaks.push_back(m_decisions[child].activeFrom);
            breaks.push_back(m_decisions[child].activeTo + 1);
        }
        std::sort(breaks.begin(), breaks.end());
        breaks.erase(std::unique(breaks.begin(), breaks.end()), breaks.end());
        Integer sum = 0;
        for (std::size_t b = 0; b + 1 < breaks.size(); ++b) {
            Integer product = breaks[b + 1] - breaks[b];
            for (const std::size_t child : children[i]) {
                if (m_decisions[child].activeFrom <= breaks[b] && breaks[b] <= m_decisions[child].activeTo)
                    product *= below[child];
            }
            sum += product;
        }
        below[i] = sum;
        if (m_decisions[i].parent < 0)
            total *= sum;
    }
    return total.str();
}

Json DecisionSpace::toJson(const Genotype& genotype) const
{
    Json answers = Json::object();
    for (std::size_t i = 0; i < m_decisions.size(); ++i) {
        if (genotype.isActive(i))
            answers[m_decisions[i].key] = literalToJson(m_decisions[i].domain.at(genotype[i]));
    }
    return answers;
}

Result<Genotype> DecisionSpace::fromJson(const Json& answers) const
{
    const JsonReader reader(answers);
    ARCHSCOPE_TRY(reader.expectObject());
    Genotype genotype(m_decisions.size());
    std::size_t used = 0;
    for (std::size_t i = 0; i < m_decisions.size(); ++i) {
        if (!activeUnder(genotype, i))
            continue;
        const Decision& decision = m_decisions[i];
        ARCHSCOPE_ASSIGN(const JsonReader member, reader.member(decision.key));
        ARCHSCOPE_ASSIGN(const Literal value, literalFromJson(member));
        const auto answer = decision.domain.answerFor(value);
        if (!answer)
            return member.fail(answer.error().message);
        genotype[i] = *answer;
        ++used;
    }
    if (used != answers.size()) {
        std::vector<std::string> keys;
        for (const Decision& decision : m_decisions)
            keys.push_back(decision.key);
        for (const auto& [key, value] : answers.items()) {
            const auto index = indexOf(key);
            if (!index)
                return reader.fail(fmt::format("there is no decision '{}' in this space", key)
                                   + (nearestName(key, keys).empty() ? "" : fmt::format("; did you mean '{}'?", nearestName(key, keys))));
            if (!genotype.isActive(*index))
                return reader.fail(fmt::format("the decision '{}' is not active under the other answers", key));
        }
    }
    return genotype;
}

} // namespace archscope::space
