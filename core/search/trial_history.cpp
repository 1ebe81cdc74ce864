#include "core/search/trial_history.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace archscope::search {

namespace {
using Standing = ToldTrial::Standing;
constexpr std::array<std::string_view, 4> standingNames{ "scored", "pruned", "infeasible", "failed" };

Standing standingOf(const Observation& observation)
{
    if (observation.state == train::TrialState::Pruned)
        return Standing::Pruned;
    if (observation.state != train::TrialState::Completed || observation.values.empty()
        || !std::isfinite(observation.values.front()))
        return Standing::Failed;
    return observation.feasible ? Standing::Scored : Standing::Infeasible;
}
} // namespace

void TrialHistory::asked(const space::Genotype& genotype)
{
    m_running.push_back(genotype);
}

void TrialHistory::tell(const Observation& observation)
{
    if (const auto it = std::ranges::find(m_running, *observation.genotype); it != m_running.end())
        m_running.erase(it);
    if (observation.state == train::TrialState::Cancelled)
        return; // says nothing of the architecture
    ToldTrial trial;
    trial.id = observation.id;
    trial.genotype = *observation.genotype;
    trial.standing = standingOf(observation);
    trial.value = observation.values.empty() || trial.standing == Standing::Failed ? std::numeric_limits<double>::quiet_NaN()
                                                                                   : observation.values.front();
    if (trial.standing == Standing::Infeasible)
        trial.violation = observation.violation;
    trial.epochs = observation.fidelity.epochs > 0 ? observation.fidelity.epochs : m_fullEpochs;
    if (observation.state == train::TrialState::Pruned && !observation.curve.empty())
        trial.epochs = observation.curve.back().epoch;
    m_toldByHash.emplace(trial.genotype.hash(), m_told.size());
    m_told.push_back(std::move(trial));
}

bool TrialHistory::knows(const space::Genotype& genotype) const
{
    const auto [begin, end] = m_toldByHash.equal_range(genotype.hash());
    return std::any_of(begin, end, [&](const auto& entry) { return m_told[entry.second].genotype == genotype; })
        || std::ranges::find(m_running, genotype) != m_running.end();
}

Json TrialHistory::toJson() const
{
    Json told = Json::array();
    for (const ToldTrial& trial : m_told) {
        told.push_back({ { "id", trial.id.value() }, { "answers", trial.genotype.answers() },
            { "standing", standingNames[static_cast<std::size_t>(trial.standing)] }, { "value", numberToJson(trial.value) },
            { "violation", numberToJson(trial.violation) }, { "epochs", trial.epochs } });
    }
    Json running = Json::array();
    for (const space::Genotype& genotype : m_running)
        running.push_back(genotype.answers());
    return Json{ { "told", std::move(told) }, { "running", std::move(running) } };
}

Result<void> TrialHistory::restore(const JsonReader& reader)
{
    std::vector<ToldTrial> told;
    std::vector<space::Genotype> running;
    ARCHSCOPE_ASSIGN(const JsonReader toldOnes, reader.member("told"));
    ARCHSCOPE_TRY(toldOnes.expectArray());
    for (std::size_t i = 0; i < toldOnes.size(); ++i) {
        ARCHSCOPE_ASSIGN(const JsonReader entry, toldOnes.element(i));
        ToldTrial trial;
        ARCHSCOPE_ASSIGN(const std::int64_t id, entry.integer("id"));
        trial.id = train::TrialId(id);
        ARCHSCOPE_ASSIGN(const JsonReader answers, entry.member("answers"));
        ARCHSCOPE_ASSIGN(trial.genotype, genotypeFromJson(answers, *m_decisions));
        ARCHSCOPE_ASSIGN(const std::string standing, entry.string("standing"));
        const auto name = std::ranges::find(standingNames, standing);
        if (name == standingNames.end())
            return entry.fail("a trial's standing is scored, pruned, infeasible or failed");
        trial.standing = static_cast<Standing>(name - standingNames.begin());
        ARCHSCOPE_ASSIGN(const JsonReader value, entry.member("value"));
        ARCHSCOPE_ASSIGN(trial.value, numberFromJson(value.value()));
        ARCHSCOPE_ASSIGN(const JsonReader violation, entry.member("violation"));
        ARCHSCOPE_ASSIGN(trial.violation, numberFromJson(violation.value()));
        ARCHSCOPE_ASSIGN(const std::int64_t epochs, entry.integer("epochs"));
        if ((trial.standing == Standing::Scored && !std::isfinite(trial.value)) || std::isnan(trial.violation) || epochs < 0
            || epochs > std::numeric_limits<int>::max())
            return entry.fail("value, violation or epochs are no trial's");
        trial.epochs = static_cast<int>(epochs);
        told.push_back(std::move(trial));
    }
    ARCHSCOPE_ASSIGN(const JsonReader runningOnes, reader.member("running"));
    ARCHSCOPE_TRY(runningOnes.expectArray());
    for (std::size_t i = 0; i < runningOnes.size(); ++i) {
        ARCHSCOPE_ASSIGN(const JsonReader answers, runningOnes.element(i));
        ARCHSCOPE_ASSIGN(space::Genotype genotype, genotypeFromJson(answers, *m_decisions));
        running.push_back(std::move(genotype));
    }
    m_told = std::move(told);
    m_running = std::move(running);
    m_toldByHash.clear();
    for (std::size_t i = 0; i < m_told.size(); ++i)
        m_toldByHash.emplace(m_told[i].genotype.hash(), i);
    return {};
}

} // namespace archscope::search
