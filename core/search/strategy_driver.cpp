#include "core/search/strategy_driver.h"

#include "core/base/text.h"
#include "core/search/warm_start.h"

#include <algorithm>
#include <fmt/format.h>

namespace archscope::search {

StrategyDriver::StrategyDriver(
    const StrategyDescriptor& descriptor, const StudySpec& spec, StrategyContext context, Parameters settings)
    : m_descriptor(descriptor)
    , m_spec(spec)
    , m_context(std::move(context))
    , m_settings(std::move(settings))
{
}

Result<std::unique_ptr<StrategyDriver>> StrategyDriver::create(const StrategySet& strategies, const StudySpec& spec,
    const space::DecisionSpace& decisions, std::function<bool(const space::Genotype&)> admissible)
{
    const StrategyDescriptor* descriptor = strategies.find(spec.strategy);
    if (!descriptor)
        return fail(ErrorCode::InvalidArgument, unknownName("strategy", spec.strategy, strategies.names()));
    if (const auto obstacle = descriptor->obstacle(decisions))
        return fail(ErrorCode::Unsupported, *obstacle, spec.strategy);
    ARCHSCOPE_ASSIGN(Parameters settings, space::completed(descriptor->settings, spec.settings, spec.strategy));
    StrategyContext context;
    context.decisions = &decisions;
    context.objectives = descriptor->multiObjective ? spec.objectives.size() : 1;
    context.seed = Rng::mixed({ spec.seed, 0 }); // trials take (seed, id), and ids begin at 1
    context.budgetTrials = spec.firstBudget.value_or(spec.budget).trials;
    context.prior = spec.prior;
    context.warmTrials = spec.prior.empty() ? 0 : std::min(warmTrialsOf(spec), static_cast<std::int64_t>(spec.prior.size()));
    context.admissible = std::move(admissible);
    std::unique_ptr<StrategyDriver> driver(new StrategyDriver(*descriptor, spec, std::move(context), std::move(settings)));
    ARCHSCOPE_TRY(driver->makeStrategy());
    return driver;
}

Result<void> StrategyDriver::makeStrategy()
{
    ARCHSCOPE_ASSIGN(m_strategy, m_descriptor.make(m_context, m_settings));
    if (!m_context.prior.empty())
        m_strategy = warmStarted(m_context, std::move(m_strategy));
    m_asks = 0;
    m_tells = 0;
    return {};
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
    trial.fidelity = m_spec.fidelity;
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
    if (trial.state == train::TrialState::Completed) {
        observation.values = signedValues(trial, m_spec.objectives);
        if (!m_descriptor.multiObjective)
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
    ARCHSCOPE_TRY(m_strategy->restore(state));
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
            if (!differs && (!proposal || proposal->genotype != recorded.genotype)) {
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
