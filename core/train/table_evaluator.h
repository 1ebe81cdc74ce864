// The evaluator that looks metrics up in a table instead of training.
#pragma once

#include "core/train/architecture_table.h"
#include "core/train/evaluator.h"

namespace archscope::train {

/// A trial completes at once with all metrics of its row. One whose architecture is not in the table fails and says so: it
/// is proposed like any other, because a search cannot know. Fidelity, seed and parents make no difference. Known beforehand
/// are the key (`networkHash`), the cost `simulated_s` and what a network's drawing tells (parameters, flops), where the
/// table has them; an architecture that is proposed again is copied, and charged again, as the papers do.
class TableEvaluator : public Evaluator {
public:
    explicit TableEvaluator(std::shared_ptr<const ArchitectureTable> table);

    EvaluationResult evaluate(const EvaluationRequest& request, const ProgressSink& progress, PauseGate& pause,
        const std::stop_token& stop) override;
    Result<Foreknowledge> precheck(const space::Genotype& genotype) const override;

    double meanSimulatedSeconds() const override;

    const ArchitectureTable& table() const { return *m_table; }
    /// What a trial with this architecture fails with when it is not in the table.
    std::string missingText(const space::Genotype& genotype) const;

private:
    std::shared_ptr<const ArchitectureTable> m_table;
    std::vector<std::size_t> m_known; ///< metrics that are told beforehand
};

} // namespace archscope::train
