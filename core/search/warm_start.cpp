#include "core/search/warm_start.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <map>

namespace archscope::search {

namespace {

constexpr std::int64_t defaultWarmTrials = 10;
constexpr std::int64_t shareOfBudget = 4;
constexpr std::size_t mostPrior = 500;
constexpr std::size_t bestPrior = 100;
constexpr int drawsOfTheRest = 100; ///< tries to fulfil the constraints with what is not translated
constexpr std::int64_t mostTabled = 4096; ///< values of a domain whose translations are worked out beforehand

std::optional<double> numberOf(const space::Literal& value)
{
    if (const auto* whole = std::get_if<std::int64_t>(&value))
        return static_cast<double>(*whole);
    if (const auto* real = std::get_if<double>(&value))
        return *real;
    return {};
}

/// The answer in a domain that stands for the value, or for the number nearest to it.
std::optional<double> nearestAnswer(const space::Domain& domain, const space::Literal& value)
{
    if (const auto same = domain.answerFor(value))
        return *same;
    const auto number = numberOf(value);
    if (!number)
        return {};
    if (domain.kind == space::Domain::Kind::Real) {
        const auto clamped = domain.answerFor(std::clamp(*number, domain.realLow, domain.realHigh));
        return clamped ? std::optional(*clamped) : std::nullopt;
    }
    std::optional<double> nearest;
    double least = std::numeric_limits<double>::infinity();
    for (std::int64_t i = 0; i < domain.size().value_or(0); ++i) {
        const auto other = numberOf(domain.at(static_cast<double>(i)));
        if (other && std::abs(*other - *number) < least) {
            least = std::abs(*other - *number);
            nearest = static_cast<double>(i);
        }
    }
    return nearest;
}

bool hasValueInCommon(const space::Domain& from, const space::Domain& to)
{
    if (from.kind == space::Domain::Kind::Real || to.kind == space::Domain::Kind::Real)
        return nearestAnswer(to, from.at(0)).has_value();
    const std::int64_t size = std::min(from.size().value_or(0), mostTabled);
    for (std::int64_t i = 0; i < size; ++i) {
        if (to.answerFor(from.at(static_cast<double>(i))))
            return true;
    }
    return false;
}

struct Candidate {
    space::Genotype genotype;
    std::vector<double> values; ///< of the objectives, and last of their weighted product

    double product() const { return values.back(); }
};

double signedMetric(const train::Trial& trial, const Objective& objective)
{
    const double value = trial.metric(objective.metric);
    return objective.maximise ? value : -value;
}

bool isUsable(const train::Trial& trial, const StudySpec& spec)
{
    return trial.state == train::TrialState::Completed
        && std::isfinite(weightedProduct(signedValues(trial, spec.objectives), spec.objectives));
}

/// One trial an architecture: the last of the longest trainings.
std::vector<const train::Trial*> usableTrials(const StoredStudy& source, const StudySpec& spec)
{
    std::map<std::vector<double>, const train::Trial*> longest;
    for (const train::Trial& trial : source.trials) {
        if (!isUsable(trial, spec))
            continue;
        const train::Trial*& known = longest[trial.genotype.answers()];
        if (!known || trial.fidelity.epochs >= known->fidelity.epochs)
            known = &trial;
    }
    std::vector<const train::Trial*> trials;
    for (const auto& [answers, trial] : longest)
        trials.push_back(trial);
    std::ranges::sort(trials, {}, &train::Trial::id);
    return trials;
}

/// In place: mean 0, deviation 1 in each value; 0 where all are the same.
void standardise(std::vector<Candidate>& candidates)
{
    const auto count = static_cast<double>(candidates.size());
    for (std::size_t i = 0; i < candidates.front().values.size(); ++i) {
        double mean = 0;
        double variance = 0;
        for (const Candidate& candidate : candidates)
            mean += candidate.values[i] / count;
        for (const Candidate& candidate : candidates)
            variance += (candidate.values[i] - mean) * (candidate.values[i] - mean) / count;
        for (Candidate& candidate : candidates)
            candidate.values[i] = variance > 0 ? (candidate.values[i] - mean) / std::sqrt(variance) : 0;
    }
}

/// The best, and of the rest evenly by rank. Sorted, best first.
std::vector<Candidate> thinned(std::vector<Candidate> candidates)
{
    if (candidates.size() <= mostPrior)
        return candidates;
    std::vector<Candidate> kept(candidates.begin(), candidates.begin() + bestPrior);
    const std::size_t rest = candidates.size() - bestPrior;
    constexpr std::size_t places = mostPrior - bestPrior;
    for (std::size_t i = 0; i < places; ++i)
        kept.push_back(std::move(candidates[bestPrior + i * rest / places]));
    return kept;
}

class WarmStarted : public Strategy {
public:
    WarmStarted(const StrategyContext& context, std::unique_ptr<Strategy> inner)
        : m_context(context)
        , m_inner(std::move(inner))
    {
    }

    std::optional<Proposal> ask() override
    {
        while (m_proposed < m_context.warmTrials && m_next < m_context.prior.size()) {
            const space::Genotype& genotype = m_context.prior[m_next++].genotype;
            if (m_context.isAdmissible(genotype)) {
                ++m_proposed;
                return Proposal{ genotype };
            }
        }
        return m_inner->ask();
    }

    bool awaitsTell() const override { return m_inner->awaitsTell(); }
    bool learnsFidelities() const override { return m_inner->learnsFidelities(); }
    void tell(const Observation& observation) override { m_inner->tell(observation); }
    bool goesOn(train::TrialId id, std::span<const train::CurvePoint> curve) const override
    {
        return m_inner->goesOn(id, curve);
    }

    Json state() const override
    {
        return Json{ { "proposed", m_proposed }, { "next", m_next }, { "inner", m_inner->state() } };
    }

    Result<void> restore(const Json& state) override
    {
        const JsonReader reader(state);
        ARCHSCOPE_ASSIGN(m_proposed, reader.integer("proposed"));
        ARCHSCOPE_ASSIGN(const std::int64_t next, reader.integer("next"));
        if (next < 0 || m_proposed < 0)
            return reader.fail("a warm start's place is not negative");
        m_next = static_cast<std::size_t>(next);
        ARCHSCOPE_ASSIGN(const JsonReader inner, reader.member("inner"));
        return m_inner->restore(inner.value());
    }

private:
    StrategyContext m_context;
    std::unique_ptr<Strategy> m_inner;
    std::int64_t m_proposed = 0;
    std::size_t m_next = 0; ///< of the prior
};

} // namespace

GenotypeTranslation::GenotypeTranslation(const space::DecisionSpace& from, const space::DecisionSpace& to)
    : m_from(from)
    , m_to(to)
{
    for (const space::Decision& decision : to.decisions()) {
        std::optional<Source>& source = m_sources.emplace_back();
        const auto index = from.indexOf(decision.key);
        if (!index)
            continue;
        const space::Decision& former = from.decisions()[*index];
        if (former.kind != decision.kind || !hasValueInCommon(former.domain, decision.domain))
            continue;
        source.emplace().decision = *index;
        const auto size = former.domain.size();
        if (!size || *size > mostTabled)
            continue;
        for (std::int64_t i = 0; i < *size; ++i)
            source->answers.push_back(nearestAnswer(decision.domain, former.domain.at(static_cast<double>(i))).value_or(-1));
    }
}

std::int64_t GenotypeTranslation::sharedDecisions() const
{
    return std::ranges::count_if(m_sources, [](const auto& source) { return source.has_value(); });
}

std::optional<double> GenotypeTranslation::answered(const space::Genotype& genotype, std::size_t decision) const
{
    const std::optional<Source>& source = m_sources[decision];
    if (!source || !genotype.isActive(source->decision))
        return {};
    if (source->answers.empty())
        return nearestAnswer(
            m_to.decisions()[decision].domain, m_from.decisions()[source->decision].domain.at(genotype[source->decision]));
    const double answer = source->answers[genotype.index(source->decision)];
    return answer < 0 ? std::nullopt : std::optional(answer);
}

std::optional<space::Genotype> GenotypeTranslation::translate(const space::Genotype& genotype, Rng& rng) const
{
    for (int draw = 0; draw < drawsOfTheRest; ++draw) {
        space::Genotype translated(m_to.size());
        std::size_t active = 0;
        std::size_t answers = 0;
        for (std::size_t i = 0; i < m_to.size(); ++i) {
            if (!m_to.activeUnder(translated, i))
                continue;
            ++active;
            const auto answer = answered(genotype, i);
            answers += answer.has_value();
            translated[i] = answer ? *answer : m_to.decisions()[i].domain.sample(rng);
        }
        if (answers == 0 || 2 * answers < active)
            return {};
        if (m_to.isAllowed(translated))
            return translated;
        if (answers == active)
            return {}; // nothing is drawn: it will not get better
    }
    return {};
}

Result<void> takeOver(StudySpec& spec, std::span<const StoredStudy> sources)
{
    ARCHSCOPE_ASSIGN(const space::DecisionSpace decisions, space::DecisionSpace::compile(spec.space));
    Rng rng = Rng::derived({ spec.seed, 0, 1 });
    std::map<std::vector<double>, Candidate> all;
    for (std::size_t i = 0; i < sources.size(); ++i) {
        WarmStartSource& source = spec.warmStart[i];
        const auto place = fmt::format("{}#{}", source.store, source.study);
        ARCHSCOPE_ASSIGN(const space::DecisionSpace former, space::DecisionSpace::compile(sources[i].spec.space));
        const GenotypeTranslation translation(former, decisions);
        source.decisions = translation.sharedDecisions();
        if (source.decisions == 0)
            return fail(ErrorCode::InvalidInput,
                fmt::format("its space '{}' has no decision in common with '{}': there is nothing to start from",
                    sources[i].spec.space.name, spec.space.name),
                place);
        const std::vector<const train::Trial*> trials = usableTrials(sources[i], spec);
        source.trials = static_cast<std::int64_t>(trials.size());
        if (trials.empty())
            return fail(ErrorCode::InvalidInput,
                fmt::format(
                    "it has no completed trial with {}: there is nothing to start from", spec.objectives.front().metric),
                place);
        std::vector<Candidate> candidates;
        for (const train::Trial* trial : trials) {
            auto genotype = translation.translate(trial->genotype, rng);
            if (!genotype)
                continue;
            Candidate& candidate
                = candidates.emplace_back(Candidate{ std::move(*genotype), signedValues(*trial, spec.objectives) });
            candidate.values.push_back(weightedProduct(candidate.values, spec.objectives));
        }
        source.taken = static_cast<std::int64_t>(candidates.size());
        if (candidates.empty())
            return fail(ErrorCode::InvalidInput,
                fmt::format(
                    "{} of {} decisions are the same, but no architecture of it can be translated: less than half of each "
                    "is known here, or the constraints forbid it",
                    source.decisions, decisions.size()),
                place);
        standardise(candidates);
        for (Candidate& candidate : candidates) {
            const auto [known, isNew] = all.try_emplace(candidate.genotype.answers(), candidate);
            if (!isNew && candidate.product() > known->second.product())
                known->second = std::move(candidate);
        }
    }
    std::vector<Candidate> best;
    for (auto& [answers, candidate] : all)
        best.push_back(std::move(candidate));
    std::ranges::stable_sort(best, std::ranges::greater(), &Candidate::product);
    spec.prior.clear();
    for (Candidate& candidate : thinned(std::move(best))) {
        const double product = candidate.product();
        candidate.values.pop_back();
        spec.prior.push_back({ std::move(candidate.genotype), std::move(candidate.values), product });
    }
    return {};
}

std::int64_t warmTrialsOf(const StudySpec& spec)
{
    if (spec.warmTrials > 0)
        return spec.warmTrials;
    const std::int64_t budget = spec.firstBudget.value_or(spec.budget).trials;
    return budget > 0 ? std::clamp<std::int64_t>(budget / shareOfBudget, 1, defaultWarmTrials) : defaultWarmTrials;
}

std::vector<std::string> takenOverTexts(const StudySpec& spec)
{
    std::vector<std::string> texts;
    const auto decisions = space::DecisionSpace::compile(spec.space);
    for (const WarmStartSource& source : spec.warmStart)
        texts.push_back(fmt::format(
            "took over {} of {} architectures of the study '{}' ({}), which answers {} of {} decisions", source.taken,
            source.trials, source.study, source.store, source.decisions, decisions ? decisions->size() : 0));
    return texts;
}

std::unique_ptr<Strategy> warmStarted(const StrategyContext& context, std::unique_ptr<Strategy> inner)
{
    return std::make_unique<WarmStarted>(context, std::move(inner));
}

bool isColdCounterpart(const StudySpec& warm, const StudySpec& other)
{
    return other.warmStart.empty() && other.name != warm.name
        && space::spaceToJson(other.space) == space::spaceToJson(warm.space) && other.task == warm.task
        && other.table == warm.table && other.objectives == warm.objectives && other.constraints == warm.constraints
        && other.fidelity == warm.fidelity;
}

std::optional<ColdComparison> compareWithCold(const StoredStudy& warm, const StoredStudy& cold)
{
    const std::vector<Objective>& objectives = warm.spec.objectives;
    const std::ptrdiff_t best = bestTrial(cold.trials, objectives, cold.spec.constraints);
    if (best < 0)
        return {};
    ColdComparison comparison;
    comparison.study = cold.spec.name;
    comparison.coldBest = cold.trials[static_cast<std::size_t>(best)].metric(objectives.front().metric);
    const double target = signedMetric(cold.trials[static_cast<std::size_t>(best)], objectives.front());
    const auto reachedAfter = [&](const StoredStudy& study) -> std::optional<std::int64_t> {
        std::int64_t ended = 0;
        for (const train::Trial& trial : study.trials) {
            ended += trial.hasEnded();
            if (trial.state == train::TrialState::Completed && isFeasible(trial, objectives, study.spec.constraints)
                && signedMetric(trial, objectives.front()) >= target)
                return ended;
        }
        return {};
    };
    comparison.coldTrials = std::ranges::count_if(cold.trials, &train::Trial::hasEnded);
    comparison.coldReachedIt = reachedAfter(cold).value_or(comparison.coldTrials);
    comparison.reachedAfter = reachedAfter(warm);
    return comparison;
}

std::string comparisonText(const ColdComparison& comparison, const std::string& metric)
{
    const train::MetricDescriptor* descriptor = train::findMetric(metric);
    const std::string best
        = descriptor ? train::metricText(*descriptor, comparison.coldBest) : fmt::format("{}", comparison.coldBest);
    const std::string cold = fmt::format("the cold study '{}' reached {} {} after {} of its {} trials", comparison.study,
        descriptor ? descriptor->title : metric, best, comparison.coldReachedIt, comparison.coldTrials);
    return comparison.reachedAfter ? fmt::format("{}; this one after {}", cold, *comparison.reachedAfter)
                                   : fmt::format("{}; this one has not reached it", cold);
}

} // namespace archscope::search
