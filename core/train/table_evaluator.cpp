#include "core/train/table_evaluator.h"

#include <array>
#include <fmt/format.h>

namespace archscope::train {

TableEvaluator::TableEvaluator(std::shared_ptr<const ArchitectureTable> table)
    : m_table(std::move(table))
{
    for (const std::string_view metric : { "flops", "memory_mb", "parameters", "simulated_s" }) {
        if (const std::size_t index = m_table->metricIndex(metric); index != ArchitectureTable::missing)
            m_known.push_back(index);
    }
}

EvaluationResult TableEvaluator::evaluate(
    const EvaluationRequest& request, const ProgressSink&, PauseGate& pause, const std::stop_token& stop)
{
    EvaluationResult result;
    pause.waitWhilePaused(stop);
    if (stop.stop_requested()) {
        result.state = TrialState::Cancelled;
        return result;
    }
    const std::size_t row = m_table->rowOf(request.genotype);
    if (row == ArchitectureTable::missing) {
        result.state = TrialState::Failed;
        result.message = missingText(request.genotype);
        return result;
    }
    for (std::size_t i = 0; i < m_table->metrics().size(); ++i)
        result.metrics.emplace_hint(result.metrics.end(), m_table->metrics()[i], m_table->value(row, i));
    return result;
}

Result<Foreknowledge> TableEvaluator::precheck(const space::Genotype& genotype) const
{
    Foreknowledge known;
    const std::size_t row = m_table->rowOf(genotype);
    if (row == ArchitectureTable::missing) {
        known.networkHash = m_table->keyOf(genotype);
        return known;
    }
    known.networkHash = m_table->key(row);
    for (const std::size_t metric : m_known)
        known.metrics.emplace_hint(known.metrics.end(), m_table->metrics()[metric], m_table->value(row, metric));
    return known;
}

double TableEvaluator::meanSimulatedSeconds() const
{
    const std::size_t cost = m_table->metricIndex("simulated_s");
    if (cost == ArchitectureTable::missing)
        return 0;
    double sum = 0;
    for (std::size_t row = 0; row < m_table->size(); ++row)
        sum += m_table->value(row, cost);
    return sum / static_cast<double>(m_table->size());
}

std::string TableEvaluator::missingText(const space::Genotype& genotype) const
{
    return fmt::format("the table has no architecture '{}'", m_table->keyOf(genotype));
}

} // namespace archscope::train
