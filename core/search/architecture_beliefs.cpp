#include "core/search/architecture_beliefs.h"

#include "core/base/text.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <numeric>
#include <set>

namespace archscope::search {

namespace {

using space::Decision;
using space::Genotype;
using Slot = ArchitectureBeliefs::Slot;
using Rule = ArchitectureBeliefs::Rule;

std::vector<double> softmax(std::span<const float> numbers)
{
    std::vector<double> result(numbers.begin(), numbers.end());
    const double largest = *std::ranges::max_element(result);
    double sum = 0;
    for (double& value : result)
        sum += value = std::exp(value - largest);
    for (double& value : result)
        value /= sum;
    return result;
}

double entropyOf(std::vector<double> probabilities)
{
    const double sum = std::accumulate(probabilities.begin(), probabilities.end(), 0.0);
    double entropy = 0;
    for (const double probability : probabilities) {
        if (probability > 0)
            entropy -= probability / sum * std::log(probability / sum);
    }
    return entropy;
}

bool isWeighted(const space::Node& node, const space::SearchSpace& space, const std::set<space::NodeId>& origins);

bool isWeighted(const space::Block& block, const space::SearchSpace& space, const std::set<space::NodeId>& origins)
{
    return std::ranges::any_of(block.nodes, [&](const space::Node& node) { return isWeighted(node, space, origins); });
}

/// Whether a layer with weights comes from the node or from what is inside it.
bool isWeighted(const space::Node& node, const space::SearchSpace& space, const std::set<space::NodeId>& origins)
{
    if (origins.contains(node.id))
        return true;
    if (const auto* parts = space::partsOf(node))
        return std::ranges::any_of(*parts, [&](const space::Node& part) { return isWeighted(part, space, origins); });
    if (const auto* use = std::get_if<space::Use>(&node.body)) {
        const space::Definition* definition = space.findDefinition(use->definition);
        return definition && isWeighted(definition->body, space, origins);
    }
    const space::Block* body = space::bodyOf(node);
    return body && isWeighted(*body, space, origins);
}

bool isZero(const space::Node& node)
{
    const auto* operation = std::get_if<space::Operation>(&node.body);
    return operation && operation->type == "zero";
}

std::size_t drawn(const std::vector<double>& weights, Rng& rng)
{
    const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
    double left = rng.uniform() * sum;
    std::size_t last = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        if (weights[i] <= 0)
            continue;
        last = i;
        left -= weights[i];
        if (left < 0)
            break;
    }
    return last;
}

/// Indices, largest weight first; of equal ones the first.
std::vector<std::size_t> ranked(const std::vector<double>& weights)
{
    std::vector<std::size_t> order(weights.size());
    std::iota(order.begin(), order.end(), std::size_t{ 0 });
    std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return weights[a] > weights[b]; });
    return order;
}

} // namespace

ArchitectureBeliefs::ArchitectureBeliefs(const space::SearchSpace& space, const space::DecisionSpace& decisions,
    EdgeSelections edges, const std::vector<space::NodeId>& origins)
    : m_decisions(decisions)
    , m_slots(decisions.size())
{
    const std::set<space::NodeId> weighted(origins.begin(), origins.end());
    const std::vector<Decision>& all = decisions.decisions();
    for (std::size_t i = 0; i < all.size(); ++i) {
        Slot& slot = m_slots[i];
        slot.decision = i;
        if (all[i].domain.kind == space::Domain::Kind::Subset) {
            slot.width = all[i].domain.values.size();
            slot.pickLow = all[i].domain.pickLow;
            slot.pickHigh = all[i].domain.pickHigh;
            slot.rule = slot.pickLow == slot.pickHigh ? Rule::Members : Rule::Included;
        } else {
            slot.width = static_cast<std::size_t>(all[i].domain.size().value_or(0));
        }
        const space::Node* node = space.find(all[i].node);
        const auto* choice = node ? std::get_if<space::Choice>(&node->body) : nullptr;
        if (all[i].kind != Decision::Kind::Choice || slot.rule != Rule::Softmax || !choice)
            continue;
        for (const space::Node& alternative : choice->alternatives) {
            slot.isZero.push_back(isZero(alternative));
            slot.isWeightless.push_back(!isWeighted(alternative, space, weighted));
        }
    }
    if (edges != EdgeSelections::Sampled) {
        for (Slot& slot : m_slots) {
            if (all[slot.decision].kind != Decision::Kind::Selection || slot.rule != Rule::Members)
                continue;
            // The one choice that hangs directly under each member.
            std::vector<std::vector<std::size_t>> choices(slot.width);
            for (std::size_t i = 0; i < all.size(); ++i) {
                if (all[i].parent == static_cast<int>(slot.decision) && all[i].activeMember >= 0)
                    choices[static_cast<std::size_t>(all[i].activeMember)].push_back(i);
            }
            const bool each = std::ranges::all_of(choices, [&](const auto& member) {
                return member.size() == 1 && all[member.front()].kind == Decision::Kind::Choice && m_slots[member.front()].rule == Rule::Softmax;
            });
            if (!each)
                continue;
            slot.rule = Rule::Edges;
            for (const auto& member : choices) {
                slot.choices.push_back(member.front());
                Slot& own = m_slots[member.front()];
                own.hasNone = std::ranges::none_of(own.isZero, [](bool zero) { return zero; });
            }
        }
    }
    for (Slot& slot : m_slots) {
        slot.offset = m_size;
        slot.numbers = slot.rule == Rule::Edges && edges == EdgeSelections::Whole ? 0 : slot.width + (slot.hasNone ? 1 : 0);
        m_size += slot.numbers;
    }
}

std::vector<double> ArchitectureBeliefs::probabilities(const Slot& slot, std::span<const float> alpha) const
{
    if (slot.numbers == 0)
        return strengths(slot, alpha);
    const std::span<const float> own = alpha.subspan(slot.offset, slot.numbers);
    std::vector<double> result;
    if (slot.rule == Rule::Included) {
        for (const float number : own)
            result.push_back(1 / (1 + std::exp(-static_cast<double>(number))));
        return result;
    }
    result = softmax(own);
    result.resize(slot.width);
    return result;
}

/// How strongly each input of a selection is wanted.
std::vector<double> ArchitectureBeliefs::strengths(const Slot& slot, std::span<const float> alpha) const
{
    if (slot.rule != Rule::Edges)
        return probabilities(slot, alpha);
    std::vector<double> result;
    for (std::size_t member = 0; member < slot.width; ++member) {
        const Slot& choice = m_slots[slot.choices[member]];
        const std::vector<double> operations = answerWeights(choice, alpha);
        result.push_back(*std::ranges::max_element(operations));
    }
    if (slot.numbers > 0) {
        const std::vector<double> edges = softmax(alpha.subspan(slot.offset, slot.numbers));
        for (std::size_t member = 0; member < slot.width; ++member)
            result[member] *= edges[member];
    }
    return result;
}

/// Probabilities of a choice, that of zero taken out where a selection already says which inputs count.
std::vector<double> ArchitectureBeliefs::answerWeights(const Slot& slot, std::span<const float> alpha) const
{
    std::vector<double> weights = probabilities(slot, alpha);
    const bool onEdge = std::ranges::any_of(m_slots, [&](const Slot& other) {
        return other.rule == Rule::Edges && std::ranges::find(other.choices, slot.decision) != other.choices.end();
    });
    const bool otherThanZero = std::ranges::find(slot.isZero, false) != slot.isZero.end();
    for (std::size_t i = 0; onEdge && otherThanZero && i < slot.isZero.size(); ++i) {
        if (slot.isZero[i])
            weights[i] = 0;
    }
    return weights;
}

double ArchitectureBeliefs::entropy(const Slot& slot, std::span<const float> alpha) const
{
    if (slot.numbers > 0 && slot.rule != Rule::Included)
        return entropyOf(softmax(alpha.subspan(slot.offset, slot.numbers)));
    return entropyOf(probabilities(slot, alpha));
}

double ArchitectureBeliefs::entropy(std::span<const float> alpha) const
{
    double sum = 0;
    int count = 0;
    for (const Slot& slot : m_slots) {
        if (slot.numbers > 1) {
            sum += entropy(slot, alpha);
            ++count;
        }
    }
    return count > 0 ? sum / count : 0;
}

std::vector<DecisionBelief> ArchitectureBeliefs::beliefs(std::span<const float> alpha) const
{
    std::vector<DecisionBelief> all;
    for (const Slot& slot : m_slots) {
        const Decision& decision = m_decisions.decisions()[slot.decision];
        DecisionBelief belief;
        belief.decision = decision.key;
        for (std::size_t i = 0; i < slot.width; ++i) {
            const bool member = decision.domain.kind == space::Domain::Kind::Subset;
            belief.answers.push_back(space::literalText(member ? decision.domain.values[i] : decision.domain.at(static_cast<double>(i))));
        }
        belief.probabilities = slot.rule == Rule::Edges ? strengths(slot, alpha) : probabilities(slot, alpha);
        belief.entropy = entropy(slot, alpha);
        all.push_back(std::move(belief));
    }
    return all;
}

double ArchitectureBeliefs::subsetAnswer(const Slot& slot, std::vector<std::size_t> members) const
{
    std::ranges::sort(members);
    const space::Domain& domain = m_decisions.decisions()[slot.decision].domain;
    std::vector<std::string> names;
    for (const std::size_t member : members)
        names.push_back(space::literalText(domain.values[member]));
    return domain.answerFor(space::Literal(joined(names, ","))).value_or(0);
}

/// Decisions come after those they hang under, so that whether one is active is known when it is met.
template <class Pick> Genotype ArchitectureBeliefs::answered(const Pick& pick) const
{
    Genotype genotype(m_slots.size());
    for (const Slot& slot : m_slots) {
        if (m_decisions.activeUnder(genotype, slot.decision))
            genotype[slot.decision] = pick(slot);
    }
    return genotype;
}

Genotype ArchitectureBeliefs::genotypeOf(std::span<const std::vector<std::size_t>> picks) const
{
    return answered([&](const Slot& slot) -> double {
        const std::vector<std::size_t>& picked = picks[slot.decision];
        return slot.rule == Rule::Softmax ? static_cast<double>(picked.front()) : subsetAnswer(slot, picked);
    });
}

Genotype ArchitectureBeliefs::derived(std::span<const float> alpha) const
{
    return answered([&](const Slot& slot) -> double {
        if (slot.rule == Rule::Softmax)
            return static_cast<double>(ranked(answerWeights(slot, alpha)).front());
        const std::vector<double> wanted = strengths(slot, alpha);
        std::vector<std::size_t> members = ranked(wanted);
        auto count = static_cast<std::size_t>(slot.pickHigh);
        if (slot.rule == Rule::Included) {
            const auto above = static_cast<int>(std::ranges::count_if(wanted, [](double value) { return value > 0.5; }));
            count = static_cast<std::size_t>(std::clamp(above, slot.pickLow, slot.pickHigh));
        }
        members.resize(count);
        return subsetAnswer(slot, std::move(members));
    });
}

Genotype ArchitectureBeliefs::sampled(std::span<const float> alpha, Rng& rng) const
{
    return answered([&](const Slot& slot) -> double {
        if (slot.rule == Rule::Softmax)
            return static_cast<double>(drawn(answerWeights(slot, alpha), rng));
        std::vector<double> wanted = strengths(slot, alpha);
        auto count = static_cast<std::size_t>(slot.pickHigh);
        if (slot.rule == Rule::Included) {
            int included = 0;
            for (const double value : wanted)
                included += rng.uniform() < value ? 1 : 0;
            count = static_cast<std::size_t>(std::clamp(included, slot.pickLow, slot.pickHigh));
        }
        std::vector<std::size_t> members;
        while (members.size() < count) {
            members.push_back(drawn(wanted, rng));
            wanted[members.back()] = 0;
            if (std::ranges::all_of(wanted, [](double value) { return value <= 0; })) {
                for (std::size_t i = 0; i < wanted.size() && members.size() < count; ++i) {
                    if (std::ranges::find(members, i) == members.end())
                        members.push_back(i);
                }
            }
        }
        return subsetAnswer(slot, std::move(members));
    });
}

std::optional<CollapseAlarm> ArchitectureBeliefs::parameterFreeAlarm(const Genotype& genotype) const
{
    int choices = 0;
    int weightless = 0;
    std::map<std::string, int> taken;
    for (const Slot& slot : m_slots) {
        const bool mixed = std::ranges::find(slot.isWeightless, true) != slot.isWeightless.end()
            && std::ranges::find(slot.isWeightless, false) != slot.isWeightless.end();
        if (!mixed || !genotype.isActive(slot.decision))
            continue;
        ++choices;
        const std::size_t answer = genotype.index(slot.decision);
        if (!slot.isWeightless[answer])
            continue;
        ++weightless;
        ++taken[space::literalText(m_decisions.decisions()[slot.decision].domain.at(static_cast<double>(answer)))];
    }
    if (weightless < 2 || 2 * weightless <= choices)
        return {};
    std::vector<std::string> names;
    for (const auto& [name, count] : taken)
        names.push_back(fmt::format("{} {}", count, name));
    return CollapseAlarm{ CollapseAlarm::Kind::ParameterFree,
        fmt::format("{} of {} choices take an operation without weights ({}): the collapse that DARTS is known for. Train fewer epochs, "
                    "or search with pc-darts or gdas; more weight decay helps too (Zela 2020).",
            weightless, choices, joined(names, ", ")) };
}

std::optional<CollapseAlarm> sharpnessAlarm(std::span<const double> sharpness)
{
    constexpr std::size_t window = 5;
    constexpr double most = 4.0 / 3; // Zela 2020: stopped where the ratio of before to now falls below 0.75
    const std::size_t half = std::min(window, sharpness.size() / 2);
    if (half < 2)
        return {};
    const auto mean = [&](std::span<const double> values) {
        return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
    };
    const double now = mean(sharpness.last(half));
    const double before = mean(sharpness.last(2 * half).first(half));
    if (before <= 0 || now <= most * before)
        return {};
    return CollapseAlarm{ CollapseAlarm::Kind::Sharpness,
        fmt::format("the largest eigenvalue of the validation loss's Hessian has risen from {:.3g} to {:.3g} (mean of {} measurements each): "
                    "what is derived from here tends to do worse by itself (Zela 2020). Take the architecture of an earlier epoch: "
                    "search with fewer epochs, or with more weight decay.",
            before, now, half) };
}

} // namespace archscope::search
