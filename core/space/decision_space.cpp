#include "core/space/decision_space.h"

#include "core/base/hash.h"
#include "core/base/text.h"
#include "core/space/decision_compiler.h"

#include <algorithm>
#include <fmt/format.h>

namespace archscope::space {

std::uint64_t Genotype::hash() const
{
    return hash64({reinterpret_cast<const char*>(m_answers.data()), m_answers.size() * sizeof(double)});
}

Result<DecisionSpace> DecisionSpace::compile(const SearchSpace& space)
{
    DecisionSpace compiled;
    ARCHSCOPE_ASSIGN(compiled.m_decisions, compileDecisions(space));
    compiled.m_subsets.resize(compiled.m_decisions.size());
    for (std::size_t i = 0; i < compiled.m_decisions.size(); ++i) {
        const Decision& decision = compiled.m_decisions[i];
        if (!compiled.m_byKey.emplace(decision.key, i).second)
            return fail(ErrorCode::InvalidInput, "two decisions have this key: rename a node", decision.key);
        compiled.m_sizes.push_back(decision.domain.size().value_or(0));
        if (decision.domain.kind == Domain::Kind::Subset) {
            for (std::int64_t answer = 0; answer < compiled.m_sizes.back(); ++answer)
                compiled.m_subsets[i].push_back(decision.domain.members(static_cast<double>(answer)));
        }
    }
    ARCHSCOPE_TRY(compiled.bind(space.constraints));
    return compiled;
}

Result<void> DecisionSpace::bind(const std::vector<Constraint>& constraints)
{
    for (const Constraint& constraint : constraints) {
        const std::size_t index = m_constraints.size();
        m_constraints.push_back(constraintText(constraint));
        if (const auto* forbid = std::get_if<Forbid>(&constraint))
            ARCHSCOPE_TRY(bindForbid(*forbid, index));
        else if (const auto* count = std::get_if<CountAnswers>(&constraint))
            ARCHSCOPE_TRY(bindCount(*count, index));
    }
    return {};
}

namespace {
std::string placeOf(std::size_t constraint)
{
    return fmt::format("/constraints/{}", constraint);
}

/// The answers of a domain that stand for one of the values; an error when a value is in none of the asked domains.
Result<std::vector<double>> answersFor(const Decision& decision, const std::vector<Literal>& values)
{
    std::vector<double> answers;
    for (const Literal& value : values) {
        ARCHSCOPE_ASSIGN(const double answer, decision.domain.answerFor(value));
        answers.push_back(answer);
    }
    std::sort(answers.begin(), answers.end());
    return answers;
}
} // namespace

Result<void> DecisionSpace::bindForbid(const Forbid& forbid, std::size_t constraint)
{
    // The first pattern says what the stars stand for; the others are filled alike.
    bool bound = false;
    for (std::size_t first = 0; first < m_decisions.size(); ++first) {
        std::vector<std::string> stars;
        if (!matchesKey(forbid.all.front().key, m_decisions[first].key, &stars))
            continue;
        Forbidden forbidden{{}, constraint};
        bool complete = true;
        for (const Forbid::Condition& condition : forbid.all) {
            const auto index = indexOf(filledKey(condition.key, stars));
            complete = complete && index;
            if (!complete)
                break;
            const auto answers = answersFor(m_decisions[*index], condition.values);
            if (!answers)
                return fail(answers.error().code, fmt::format("the constraint '{}' cannot hold: {}", m_constraints[constraint], answers.error().message), placeOf(constraint));
            forbidden.all.emplace_back(*index, *answers);
        }
        if (complete) {
            m_forbidden.push_back(std::move(forbidden));
            bound = true;
        }
    }
    if (bound)
        return {};
    std::vector<std::string> keys;
    for (const Decision& decision : m_decisions)
        keys.push_back(decision.key);
    const std::string nearest = nearestName(forbid.all.front().key, keys);
    return fail(ErrorCode::InvalidInput,
                fmt::format("the keys of the constraint '{}' match no decisions of this space{}", m_constraints[constraint],
                            nearest.empty() ? "" : fmt::format("; did you mean '{}'?", nearest)),
                placeOf(constraint));
}

Result<void> DecisionSpace::bindCount(const CountAnswers& count, std::size_t constraint)
{
    Counted counted{{}, count.min.value_or(0), count.max.value_or(static_cast<std::int64_t>(m_decisions.size())), constraint};
    for (std::size_t i = 0; i < m_decisions.size(); ++i) {
        if (!matchesKey(count.key, m_decisions[i].key))
            continue;
        if (const auto answer = m_decisions[i].domain.answerFor(count.value))
            counted.answers.emplace_back(i, *answer);
    }
    if (counted.answers.empty())
        return fail(ErrorCode::InvalidInput,
                    fmt::format("the key of the constraint '{}' matches no decision of this space that can have this value", m_constraints[constraint]),
                    placeOf(constraint));
    m_counted.push_back(std::move(counted));
    return {};
}

std::optional<std::size_t> DecisionSpace::brokenBy(const Genotype& genotype) const
{
    for (const Forbidden& forbidden : m_forbidden) {
        const bool holds = std::all_of(forbidden.all.begin(), forbidden.all.end(), [&](const auto& condition) {
            return std::binary_search(condition.second.begin(), condition.second.end(), genotype[condition.first]);
        });
        if (holds)
            return forbidden.constraint;
    }
    for (const Counted& counted : m_counted) {
        const auto having = std::count_if(counted.answers.begin(), counted.answers.end(), [&](const auto& answer) { return genotype[answer.first] == answer.second; });
        if (having < counted.min || having > counted.max)
            return counted.constraint;
    }
    if (m_further && !m_further(genotype))
        return m_constraints.size();
    return {};
}

bool DecisionSpace::isAllowed(const Genotype& genotype) const
{
    return !brokenBy(genotype);
}

Result<void> DecisionSpace::requireSatisfiable() const
{
    if (!hasConstraints())
        return {};
    Rng rng(20190201);
    Genotype genotype(m_decisions.size());
    std::vector<int> broken(m_constraints.size() + 1);
    for (int attempt = 0; attempt < maxAttempts; ++attempt) {
        sampleOnce(genotype, rng);
        const auto by = brokenBy(genotype);
        if (!by)
            return {};
        ++broken[*by];
    }
    // Rare ones are found by looking at all, where that is possible. Budgets are costly: there, sampling has to do.
    if (!m_further) {
        if (const auto total = count(); total && *total != "0")
            return {};
    }
    const auto most = static_cast<std::size_t>(std::max_element(broken.begin(), broken.end()) - broken.begin());
    const std::string which = most < m_constraints.size() ? m_constraints[most] : "a budget or shape";
    return fail(ErrorCode::InvalidInput, fmt::format("no architecture was found that fulfils the constraints ({} tries; most broke '{}'): loosen one", groupDigits(maxAttempts), which), "/constraints");
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

void DecisionSpace::sampleOnce(Genotype& genotype, Rng& rng) const
{
    genotype = Genotype(m_decisions.size());
    repair(genotype, rng);
}

Genotype DecisionSpace::sample(Rng& rng) const
{
    Genotype genotype;
    sampleOnce(genotype, rng);
    for (int attempt = 1; attempt < maxAttempts && hasConstraints() && !isAllowed(genotype); ++attempt)
        sampleOnce(genotype, rng);
    return genotype;
}

void DecisionSpace::repair(Genotype& genotype, Rng& rng) const
{
    for (std::size_t i = 0; i < m_decisions.size(); ++i) {
        if (!activeUnder(genotype, i))
            genotype[i] = Genotype::inactive;
        else if (!genotype.isActive(i))
            genotype[i] = m_decisions[i].domain.weights.empty() ? drawn(m_sizes[i], rng) : m_decisions[i].domain.sample(rng);
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
    const auto choose = [&] {
        std::uint64_t skip = rng.below(candidates);
        std::size_t chosen = 0;
        while (!changeable(chosen) || skip-- > 0)
            ++chosen;
        return chosen;
    };
    const auto vary = [&](Genotype& changed, std::size_t chosen) {
        if (m_sizes[chosen] == 0) {
            changed[chosen] = rng.uniform();
        } else {
            const double other = drawn(m_sizes[chosen] - 1, rng);
            changed[chosen] = other + (other >= changed[chosen] ? 1 : 0);
        }
        repair(changed, rng);
    };
    if (!hasConstraints()) {
        const std::size_t chosen = choose();
        vary(genotype, chosen);
        return chosen;
    }
    for (int attempt = 0; attempt < maxAttempts; ++attempt) {
        Genotype changed = genotype;
        const std::size_t chosen = choose();
        vary(changed, chosen);
        if (isAllowed(changed)) {
            genotype = std::move(changed);
            return chosen;
        }
    }
    return {};
}

Genotype DecisionSpace::crossover(const Genotype& first, const Genotype& second, Rng& rng) const
{
    for (int attempt = 0; attempt < maxAttempts; ++attempt) {
        Genotype child(m_decisions.size());
        for (std::size_t i = 0; i < m_decisions.size(); ++i) {
            const bool fromFirst = rng.below(2) == 0;
            if (!activeUnder(child, i))
                continue;
            const Genotype& wanted = fromFirst ? first : second;
            const Genotype& other = fromFirst ? second : first;
            if (wanted.isActive(i) || other.isActive(i))
                child[i] = wanted.isActive(i) ? wanted[i] : other[i];
        }
        repair(child, rng);
        if (!hasConstraints() || isAllowed(child))
            return child;
    }
    return first;
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
    if (const auto broken = brokenBy(genotype))
        return reader.fail(fmt::format("the architecture breaks the constraint '{}'", *broken < m_constraints.size() ? m_constraints[*broken] : "budget or shape"));
    return genotype;
}

} // namespace archscope::space
