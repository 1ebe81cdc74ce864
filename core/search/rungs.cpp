#include "core/search/rungs.h"

#include "core/search/dominance.h"

#include <algorithm>
#include <cmath>

namespace archscope::search {

namespace {
Result<std::vector<train::TrialId>> parentsFromJson(const JsonReader& reader)
{
    ARCHSCOPE_ASSIGN(const JsonReader list, reader.member("parents"));
    ARCHSCOPE_TRY(list.expectArray());
    std::vector<train::TrialId> parents;
    for (std::size_t i = 0; i < list.size(); ++i) {
        ARCHSCOPE_ASSIGN(const JsonReader element, list.element(i));
        ARCHSCOPE_ASSIGN(const std::int64_t parent, element.integer());
        parents.emplace_back(parent);
    }
    return parents;
}

Json parentsToJson(const std::vector<train::TrialId>& parents)
{
    Json list = Json::array();
    for (const train::TrialId parent : parents)
        list.push_back(parent.value());
    return list;
}
} // namespace

std::vector<int> rungEpochs(int fullEpochs, int fewestEpochs, int eta)
{
    std::vector<int> epochs{ fullEpochs };
    for (double fewer = static_cast<double>(fullEpochs) / eta; fewer >= fewestEpochs; fewer /= eta) {
        const int rounded = static_cast<int>(std::lround(fewer));
        if (rounded >= epochs.front())
            break;
        epochs.insert(epochs.begin(), rounded);
    }
    return epochs;
}

std::vector<std::size_t> ranked(std::span<const RungMember> members)
{
    std::vector<std::size_t> sound;
    std::vector<Point> points;
    std::vector<double> violations;
    for (std::size_t i = 0; i < members.size(); ++i) {
        if (!members[i].isSound)
            continue;
        sound.push_back(i);
        points.push_back(members[i].values);
        violations.push_back(members[i].violation);
    }
    if (points.empty())
        return sound;
    if (points.front().size() == 1) {
        std::ranges::stable_sort(sound, [&](std::size_t a, std::size_t b) {
            if (members[a].violation != members[b].violation)
                return members[a].violation < members[b].violation;
            return members[a].values.front() > members[b].values.front();
        });
        return sound;
    }
    std::vector<std::size_t> order;
    for (const std::vector<std::size_t>& front : nonDominatedFronts(points, violations)) {
        std::vector<Point> inFront;
        for (const std::size_t i : front)
            inFront.push_back(points[i]);
        const std::vector<double> distances = crowdingDistances(inFront);
        std::vector<std::size_t> byDistance(front.size());
        for (std::size_t i = 0; i < byDistance.size(); ++i)
            byDistance[i] = i;
        std::ranges::stable_sort(byDistance, std::greater(), [&](std::size_t i) { return distances[i]; });
        for (const std::size_t i : byDistance)
            order.push_back(sound[front[i]]);
    }
    return order;
}

Json memberToJson(const RungMember& member)
{
    Json values = Json::array();
    for (const double value : member.values)
        values.push_back(numberToJson(value));
    return Json{ { "id", member.id.value() }, { "answers", member.genotype.answers() }, { "parents", parentsToJson(member.parents) },
        { "values", std::move(values) }, { "violation", numberToJson(member.violation) }, { "sound", member.isSound } };
}

Result<RungMember> memberFromJson(const JsonReader& reader, const StrategyContext& context)
{
    RungMember member;
    ARCHSCOPE_ASSIGN(const std::int64_t id, reader.integer("id"));
    member.id = train::TrialId(id);
    ARCHSCOPE_ASSIGN(const JsonReader answers, reader.member("answers"));
    ARCHSCOPE_ASSIGN(member.genotype, genotypeFromJson(answers, *context.decisions));
    ARCHSCOPE_ASSIGN(member.parents, parentsFromJson(reader));
    ARCHSCOPE_ASSIGN(const JsonReader values, reader.member("values"));
    ARCHSCOPE_TRY(values.expectArray());
    for (const Json& value : values.value()) {
        ARCHSCOPE_ASSIGN(const double number, numberFromJson(value));
        member.values.push_back(number);
    }
    ARCHSCOPE_ASSIGN(const JsonReader violation, reader.member("violation"));
    ARCHSCOPE_ASSIGN(member.violation, numberFromJson(violation.value()));
    ARCHSCOPE_ASSIGN(member.isSound, reader.boolean("sound"));
    const bool hasNumbers = !std::isnan(member.violation)
        && std::ranges::none_of(member.values, [](double value) { return std::isnan(value); });
    if (member.isSound && (member.values.size() != context.objectives || !hasNumbers))
        return reader.fail("there is one value an objective, and none is NaN");
    return member;
}

std::size_t RungTrials::count(std::size_t rung) const
{
    return static_cast<std::size_t>(std::ranges::count(m_running, rung, &Trial::rung));
}

void RungTrials::begin(Proposal& proposal, std::size_t rung)
{
    proposal.fidelity = train::Fidelity{ m_epochs[rung] };
    m_running.push_back({ proposal.genotype, proposal.parents, rung });
}

std::optional<RungTrials::Ended> RungTrials::end(const Observation& observation)
{
    const auto isOfRung = [&](const Trial& trial) { return m_epochs[trial.rung] == epochsOf(observation); };
    auto found = std::ranges::find_if(m_running, [&](const Trial& trial) { return isOfRung(trial) && trial.genotype == *observation.genotype; });
    if (found == m_running.end())
        found = std::ranges::find_if(m_running, isOfRung);
    if (found == m_running.end())
        return {};
    Ended ended;
    ended.rung = found->rung;
    ended.member.id = observation.id;
    ended.member.genotype = *observation.genotype;
    ended.member.parents = std::move(found->parents);
    ended.member.values = observation.values;
    ended.member.violation = observation.violation;
    ended.member.isSound = observation.state == train::TrialState::Completed && observation.values.size() == m_context->objectives
        && !std::isnan(observation.violation) && std::ranges::none_of(observation.values, [](double value) { return std::isnan(value); });
    m_running.erase(found);
    return ended;
}

Json RungTrials::toJson() const
{
    Json list = Json::array();
    for (const Trial& trial : m_running)
        list.push_back({ { "answers", trial.genotype.answers() }, { "parents", parentsToJson(trial.parents) }, { "rung", trial.rung } });
    return list;
}

Result<void> RungTrials::restore(const JsonReader& reader)
{
    ARCHSCOPE_TRY(reader.expectArray());
    std::vector<Trial> running;
    for (std::size_t i = 0; i < reader.size(); ++i) {
        ARCHSCOPE_ASSIGN(const JsonReader entry, reader.element(i));
        Trial trial;
        ARCHSCOPE_ASSIGN(const JsonReader answers, entry.member("answers"));
        ARCHSCOPE_ASSIGN(trial.genotype, genotypeFromJson(answers, *m_context->decisions));
        ARCHSCOPE_ASSIGN(trial.parents, parentsFromJson(entry));
        ARCHSCOPE_ASSIGN(const std::int64_t rung, entry.integer("rung"));
        if (rung < 0 || rung >= static_cast<std::int64_t>(m_epochs.size()))
            return entry.fail("there is no such rung");
        trial.rung = static_cast<std::size_t>(rung);
        running.push_back(std::move(trial));
    }
    m_running = std::move(running);
    return {};
}

ParameterDescriptor etaSetting(std::int64_t fallback)
{
    return ParameterDescriptor::integer("eta", fallback, 2, 100,
        "One in so many of a rung goes on to the next one, which trains so many times as long.");
}

ParameterDescriptor fewestEpochsSetting()
{
    return ParameterDescriptor::integer("min_epochs", 1, 1, 100'000, "What the shortest training takes at least.", "epochs");
}

} // namespace archscope::search
