// What a strategy that models all trials remembers of them: those it was told of, in that order, and those still running.
#pragma once

#include "core/search/strategy.h"

#include <cmath>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace archscope::search {

struct ToldTrial {
    /// How it counts, better before worse.
    enum class Standing { Scored, Pruned, Infeasible, Failed };

    train::TrialId id;
    space::Genotype genotype;
    Standing standing = Standing::Scored;
    double value = 0; ///< the first one; larger is better; of a pruned trial what it had reached. NaN where there is none
    double violation = 0; ///< Infeasible
    int epochs = 1; ///< that it was trained

    bool hasValue() const { return standing <= Standing::Pruned && std::isfinite(value); }
};

/// A genotype may have been told of several times, each time trained longer.
class TrialHistory {
public:
    /// `fullEpochs`: of a trial at the study's fidelity.
    TrialHistory(const space::DecisionSpace& decisions, int fullEpochs)
        : m_decisions(&decisions)
        , m_fullEpochs(fullEpochs)
    {
    }

    void asked(const space::Genotype& genotype);
    void tell(const Observation& observation); ///< cancelled ones are forgotten

    std::span<const ToldTrial> told() const { return m_told; }
    std::span<const space::Genotype> running() const { return m_running; }
    /// Whether it was asked for or told of.
    bool knows(const space::Genotype& genotype) const;

    Json toJson() const;
    Result<void> restore(const JsonReader& reader);

private:
    const space::DecisionSpace* m_decisions;
    int m_fullEpochs;
    std::vector<ToldTrial> m_told;
    std::vector<space::Genotype> m_running; ///< in the order of asking
    std::unordered_multimap<std::uint64_t, std::size_t> m_toldByHash;
};

} // namespace archscope::search
