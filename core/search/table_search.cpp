#include "core/search/table_search.h"

#include "core/search/strategy_driver.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace archscope::search {

namespace {

constexpr std::int64_t trialsBetweenLooks = 1024;
constexpr std::int64_t mostRepeats
    = 10'000; ///< as the engine has it: without a bound on trials, so many known ones in a row end it

class TableSearch {
public:
    TableSearch(const StudySpec& spec, const train::TableEvaluator& evaluator, const TableSearchHooks& hooks)
        : m_spec(spec)
        , m_table(evaluator.table())
        , m_evaluator(evaluator)
        , m_hooks(hooks)
        , m_cost(m_table.metricIndex("simulated_s"))
        , m_objective(m_table.metricIndex(spec.objectives.front().metric))
        , m_seen(m_table.size())
    {
        const auto add = [this](const std::string& metric) {
            if (!std::ranges::count(m_told, m_table.metricIndex(metric)))
                m_told.push_back(m_table.metricIndex(metric));
        };
        for (const Objective& objective : spec.objectives)
            add(objective.metric);
        for (const Constraint& constraint : spec.constraints)
            add(constraint.metric);
    }

    bool isAdmissible(const space::Genotype& genotype) const
    {
        const auto known = m_evaluator.precheck(genotype);
        return known && std::ranges::all_of(m_spec.constraints, [&](const Constraint& constraint) {
            const auto metric = known->metrics.find(constraint.metric);
            return metric == known->metrics.end() || constraint.holds(metric->second);
        });
    }

    TableSearchResult run(StrategyDriver& driver)
    {
        const auto begin = std::chrono::steady_clock::now();
        while (m_spec.budget.trials <= 0 || m_result.trials < m_spec.budget.trials) {
            if (m_result.trials % trialsBetweenLooks == 0 && isOver(begin))
                break;
            std::optional<train::Trial> trial;
            if (m_spec.budget.trials > 0 || m_repeats < mostRepeats)
                trial = driver.ask();
            if (!trial) {
                m_result.exhausted = true;
                break;
            }
            const std::size_t row = m_table.rowOf(trial->genotype);
            if (!charge(row))
                break;
            end(*trial, row);
            driver.tell(*trial);
            ++m_result.trials;
            considerBest(*trial, row);
            if (m_hooks.ended)
                m_hooks.ended(*trial);
        }
        if (m_result.best)
            fill(*m_result.best, m_table.rowOf(m_result.best->genotype));
        return std::move(m_result);
    }

private:
    bool isOver(std::chrono::steady_clock::time_point begin)
    {
        const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        if (m_spec.budget.seconds > 0 && seconds >= m_spec.budget.seconds)
            return true;
        m_result.stopped = m_hooks.goesOn && !m_hooks.goesOn(m_result);
        return m_result.stopped;
    }

    /// False when the simulated budget does not hold the trial.
    bool charge(std::size_t row)
    {
        if (m_cost == train::ArchitectureTable::missing || row == train::ArchitectureTable::missing)
            return true;
        const double after = m_result.simulatedSeconds + m_table.value(row, m_cost);
        if (m_spec.budget.simulatedSeconds > 0 && after > m_spec.budget.simulatedSeconds)
            return false;
        m_result.simulatedSeconds = after;
        return true;
    }

    void end(train::Trial& trial, std::size_t row)
    {
        if (row == train::ArchitectureTable::missing) {
            trial.state = train::TrialState::Failed;
            trial.message = m_evaluator.missingText(trial.genotype);
            m_result.failure = trial.message;
            ++m_result.failed;
            ++m_repeats;
            return;
        }
        trial.state = train::TrialState::Completed;
        m_repeats = m_seen[row] ? m_repeats + 1 : 0;
        m_seen[row] = true;
        if (m_hooks.ended) {
            fill(trial, row);
            return;
        }
        for (const std::size_t metric : m_told)
            trial.metrics[m_table.metrics()[metric]] = m_table.value(row, metric);
    }

    void fill(train::Trial& trial, std::size_t row) const
    {
        for (std::size_t i = 0; i < m_table.metrics().size(); ++i)
            trial.metrics[m_table.metrics()[i]] = m_table.value(row, i);
    }

    void considerBest(const train::Trial& trial, std::size_t row)
    {
        if (row == train::ArchitectureTable::missing)
            return;
        const double value = m_table.value(row, m_objective) * (m_spec.objectives.front().maximise ? 1 : -1);
        if (m_result.best && !(value > m_best))
            return;
        if (!isFeasible(trial, m_spec.objectives, m_spec.constraints))
            return;
        m_best = value;
        m_result.best = trial;
    }

    const StudySpec& m_spec;
    const train::ArchitectureTable& m_table;
    const train::TableEvaluator& m_evaluator;
    const TableSearchHooks& m_hooks;
    std::size_t m_cost;
    std::size_t m_objective;
    std::vector<std::size_t> m_told; ///< metrics that the strategy learns of
    std::vector<bool> m_seen; ///< rows
    std::int64_t m_repeats = 0;
    double m_best = 0;
    TableSearchResult m_result;
};

} // namespace

Result<TableSearchResult> searchTable(const StrategySet& strategies, const StudySpec& spec,
    const space::DecisionSpace& decisions, const train::TableEvaluator& evaluator, const TableSearchHooks& hooks)
{
    ARCHSCOPE_TRY(decisions.requireSatisfiable());
    TableSearch search(spec, evaluator, hooks);
    StrategyDriver::World world;
    world.meanSimulatedSeconds = evaluator.meanSimulatedSeconds();
    if (!spec.constraints.empty()) // a table refuses nothing by itself
        world.admissible = [&search](const space::Genotype& genotype) { return search.isAdmissible(genotype); };
    ARCHSCOPE_ASSIGN(const auto driver, StrategyDriver::create(strategies, spec, decisions, std::move(world)));
    return search.run(*driver);
}

} // namespace archscope::search
