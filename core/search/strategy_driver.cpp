#include "core/search/strategy_driver.h"

#include "core/base/text.h"
#include "core/search/warm_start.h"

#include <algorithm>
#include <fmt/format.h>

namespace archscope::search {

namespace {

/// What a trial's first objective is after an epoch, as far as a curve tells it; larger is better.
double curveValue(const Objective& objective, const train::CurvePoint& point)
{
    return objective.metric.ends_with("loss") ? -point.validationLoss : point.validationAccuracy;
}

/// What a budget bounds the number of trials to, as far as it is known beforehand; 0: not known.
std::int64_t expectedTrials(const Budget& budget, double meanSimulatedSeconds)
{
    if (budget.simulatedSeconds <= 0 || meanSimulatedSeconds <= 0)
        return budget.trials;
    const auto simulated = static_cast<std::int64_t>(std::min(1e9, std::max(1.0, budget.simulatedSeconds / meanSimulatedSeconds)));
    return budget.trials > 0 ? std::min(budget.trials, simulated) : simulated;
}

/// Epochs, weights and proxies are of trainings: a table has none.
Result<void> checkTable(const StudySpec& spec)
{
    if (!spec.table || (!spec.scheduler && !spec.proxy && !spec.inheritWeights))
        return {};
    return fail(ErrorCode::Unsupported,
        fmt::format("a table knows whole trainings only: leave out {}",
            spec.scheduler ? "the scheduler" : spec.proxy ? "the proxy" : "the inheritance of weights"));
}

} // namespace

int fullEpochs(const StudySpec& spec)
{
    return spec.fidelity.epochs > 0 ? spec.fidelity.epochs : spec.task.recipe.epochs;
}

StrategyDriver::StrategyDriver(Parts parts, const StudySpec& spec, StrategyContext context, std::unique_ptr<ProxyFilter> filter)
    : m_parts(std::move(parts))
    , m_spec(spec)
    , m_context(std::move(context))
    , m_filter(std::move(filter))
{
    if (!m_filter)
        return;
    m_context.admissible = [filter = m_filter.get(), admissible = std::move(m_context.admissible)](const space::Genotype& genotype) {
        return (!admissible || admissible(genotype)) && filter->admits(genotype);
    };
}

Result<std::unique_ptr<StrategyDriver>> StrategyDriver::create(
    const StrategySet& strategies, const StudySpec& spec, const space::DecisionSpace& decisions, World world)
{
    Parts parts;
    parts.strategy = strategies.find(spec.strategy);
    if (!parts.strategy)
        return fail(ErrorCode::InvalidArgument, unknownName("strategy", spec.strategy, strategies.names()));
    if (const auto obstacle = parts.strategy->obstacle(decisions))
        return fail(ErrorCode::Unsupported, *obstacle, spec.strategy);
    ARCHSCOPE_ASSIGN(parts.settings, space::completed(parts.strategy->settings, spec.settings, spec.strategy));
    ARCHSCOPE_TRY(checkTable(spec));
    if (spec.scheduler) {
        const Component& scheduler = *spec.scheduler;
        parts.scheduler = strategies.findScheduler(scheduler.name);
        if (!parts.scheduler)
            return fail(ErrorCode::InvalidArgument, unknownName("scheduler", scheduler.name, strategies.schedulerNames()));
        ARCHSCOPE_ASSIGN(parts.schedulerSettings, space::completed(parts.scheduler->settings, scheduler.settings, scheduler.name));
    }
    StrategyContext context;
    context.decisions = &decisions;
    context.space = &spec.space;
    context.objectives = parts.strategy->multiObjective ? spec.objectives.size() : 1;
    context.seed = Rng::mixed({ spec.seed, 0 }); // trials take (seed, id), and ids begin at 1
    context.budgetTrials = expectedTrials(spec.firstBudget.value_or(spec.budget), world.meanSimulatedSeconds);
    context.fullEpochs = fullEpochs(spec);
    context.curveValue = [objective = spec.objectives.front()](const train::CurvePoint& point) { return curveValue(objective, point); };
    context.prior = spec.prior;
    if (!parts.strategy->multiObjective) {
        for (PriorTrial& trial : context.prior)
            trial.values = { trial.product };
    }
    context.policy = spec.policy;
    context.warmTrials = spec.prior.empty() ? 0 : std::min(warmTrialsOf(spec), static_cast<std::int64_t>(spec.prior.size()));
    context.admissible = std::move(world.admissible);
    std::unique_ptr<ProxyFilter> filter;
    if (spec.proxy) {
        ARCHSCOPE_ASSIGN(filter, ProxyFilter::create(*spec.proxy, std::move(world.proxy), Rng::mixed({ spec.seed, 0, 2 })));
    }
    std::unique_ptr<StrategyDriver> driver(new StrategyDriver(std::move(parts), spec, std::move(context), std::move(filter)));
    ARCHSCOPE_TRY(driver->makeStrategy());
    return driver;
}

Result<void> StrategyDriver::makeStrategy()
{
    ARCHSCOPE_ASSIGN(m_strategy, m_parts.strategy->make(m_context, m_parts.settings));
    if (!m_context.prior.empty())
        m_strategy = warmStarted(m_context, std::move(m_strategy));
    if (m_parts.scheduler) {
        ARCHSCOPE_ASSIGN(m_strategy, m_parts.scheduler->make(m_context, std::move(m_strategy), m_parts.schedulerSettings));
    }
    if (m_filter)
        m_filter->reset();
    m_asks = 0;
    m_tells = 0;
    return {};
}

Json StrategyDriver::state() const
{
    if (!m_filter)
        return m_strategy->state();
    return Json{ { "strategy", m_strategy->state() }, { "filter", m_filter->state() } };
}

std::optional<train::Trial> StrategyDriver::ask()
{
    std::optional<Proposal> proposal = m_strategy->ask();
    if (!proposal)
        return {};
    train::Trial trial;
    trial.id = train::TrialId(++m_asks);
    trial.genotype = std::move(proposal->genotype);
    trial.parents = std::move(proposal->parents);
    trial.fidelity = proposal->fidelity.value_or(m_spec.fidelity);
    if (trial.fidelity.epochs == m_context.fullEpochs)
        trial.fidelity = m_spec.fidelity; // one name for one thing
    trial.continues = proposal->continues;
    trial.state = train::TrialState::Running;
    trial.askedAfter = m_tells;
    return trial;
}

void StrategyDriver::tell(train::Trial& trial)
{
    trial.toldAs = m_tells;
    teach(trial);
}

void StrategyDriver::teach(const train::Trial& trial)
{
    Observation observation;
    observation.id = trial.id;
    observation.genotype = &trial.genotype;
    observation.state = trial.state;
    observation.violation = violation(trial, m_spec.objectives, m_spec.constraints);
    observation.feasible = observation.violation == 0;
    observation.fidelity = trial.fidelity;
    observation.curve = trial.curve;
    if (trial.state == train::TrialState::Completed || trial.state == train::TrialState::Pruned) {
        observation.values = signedValues(trial, m_spec.objectives);
        if (!m_parts.strategy->multiObjective)
            observation.values = { weightedProduct(observation.values, m_spec.objectives) };
    }
    m_strategy->tell(observation);
    ++m_tells;
}

Result<void> StrategyDriver::restoreCheckpoint(const StoredStudy& stored)
{
    if (!stored.strategyState)
        return {};
    if (stored.statedAsks > static_cast<std::int64_t>(stored.trials.size()))
        return fail(ErrorCode::InvalidInput, "it knows of more trials than there are");
    ARCHSCOPE_ASSIGN(const Json state, parseJson(*stored.strategyState));
    if (m_filter) {
        const JsonReader reader(state);
        ARCHSCOPE_ASSIGN(const JsonReader filter, reader.member("filter"));
        ARCHSCOPE_TRY(m_filter->restore(filter));
        ARCHSCOPE_ASSIGN(const JsonReader strategy, reader.member("strategy"));
        ARCHSCOPE_TRY(m_strategy->restore(strategy.value()));
    } else {
        ARCHSCOPE_TRY(m_strategy->restore(state));
    }
    m_asks = stored.statedAsks;
    m_tells = stored.statedAfter;
    return {};
}

Result<std::vector<std::string>> StrategyDriver::resume(const StoredStudy& stored)
{
    std::vector<std::string> notices;
    if (const auto restored = restoreCheckpoint(stored); !restored) {
        // All asks and tells are recorded, so the checkpoint is only a shortcut.
        notices.push_back(fmt::format(
            "the strategy's stored state cannot be read ({}); it is rebuilt from the trials", restored.error().text()));
        ARCHSCOPE_TRY(makeStrategy());
    }

    std::vector<const train::Trial*> told; // by their place in the order of tells
    std::int64_t expectedId = 0;
    for (const train::Trial& trial : stored.trials) {
        if (trial.id.value() != ++expectedId)
            return fail(ErrorCode::InvalidInput, fmt::format("trial {} is missing in the study", expectedId));
        if (!trial.hasEnded())
            continue;
        if (trial.toldAs < 0)
            return fail(ErrorCode::InvalidInput, "the trial has ended, but its place among the ended ones is missing",
                fmt::format("trial {}", trial.id.value()));
        const auto place = static_cast<std::size_t>(trial.toldAs);
        if (place >= stored.trials.size())
            return fail(ErrorCode::InvalidInput, fmt::format("its place among the ended ones, {}, is too large", place),
                fmt::format("trial {}", trial.id.value()));
        if (told.size() <= place)
            told.resize(place + 1);
        told[place] = &trial;
    }

    bool differs = false;
    const auto asksStored = static_cast<std::int64_t>(stored.trials.size());
    const auto tellsStored = static_cast<std::int64_t>(told.size());
    while (m_asks < asksStored || m_tells < tellsStored) {
        if (m_asks < asksStored && stored.trials[static_cast<std::size_t>(m_asks)].askedAfter <= m_tells) {
            const train::Trial& recorded = stored.trials[static_cast<std::size_t>(m_asks)];
            const std::optional<Proposal> proposal = m_strategy->ask();
            if (!differs && (!proposal || proposal->genotype != recorded.genotype || proposal->continues != recorded.continues)) {
                differs = true;
                notices.push_back(
                    fmt::format("the strategy now proposes another architecture than the recorded one for trial "
                                "{}; the recorded one counts, and the search goes on from there",
                        recorded.id.value()));
            }
            ++m_asks;
        } else if (m_tells < tellsStored && told[static_cast<std::size_t>(m_tells)]) {
            teach(*told[static_cast<std::size_t>(m_tells)]);
        } else {
            return fail(ErrorCode::InvalidInput,
                fmt::format("the recorded order of trials has a gap after {} asked and {} ended ones", m_asks, m_tells));
        }
    }
    return notices;
}

} // namespace archscope::search
