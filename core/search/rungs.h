// What schedulers with rungs share: which lengths of training there are, who is being trained, who was, and who of them is best.
#pragma once

#include "core/search/strategy.h"

namespace archscope::search {

/// Epochs of each rung, ascending: `fullEpochs` / eta^k rounded, as far down as `fewestEpochs` allows. The last one is `fullEpochs`.
std::vector<int> rungEpochs(int fullEpochs, int fewestEpochs, int eta);

/// A trial of a rung that has ended.
struct RungMember {
    train::TrialId id;
    space::Genotype genotype;
    std::vector<train::TrialId> parents;
    std::vector<double> values; ///< of the observation
    double violation = 0;
    bool isSound = true; ///< it completed and has all values: only such go on
};

/// Indices of the sound ones, best first: by constrained domination, within a front the less crowded; with one objective by its value.
/// Of equals the earlier.
std::vector<std::size_t> ranked(std::span<const RungMember> members);
Json memberToJson(const RungMember& member);
Result<RungMember> memberFromJson(const JsonReader& reader, const StrategyContext& context);

/// The trials that a scheduler has asked for and was not told of.
class RungTrials {
public:
    struct Trial {
        space::Genotype genotype;
        std::vector<train::TrialId> parents;
        std::size_t rung = 0;
    };

    RungTrials(const StrategyContext& context, std::vector<int> epochs) : m_context(&context), m_epochs(std::move(epochs)) {}

    const std::vector<int>& epochs() const { return m_epochs; }
    bool isEmpty() const { return m_running.empty(); }
    std::size_t count(std::size_t rung) const;

    /// Puts the proposal on a rung: it is trained as long as that says.
    void begin(Proposal& proposal, std::size_t rung);
    struct Ended {
        std::size_t rung = 0;
        RungMember member;
    };
    /// Nothing when nobody of this length was asked for. A resumed study counts what it recorded: another genotype than the one asked
    /// for takes the place of the oldest on its rung.
    std::optional<Ended> end(const Observation& observation);

    Json toJson() const;
    Result<void> restore(const JsonReader& reader);

private:
    int epochsOf(const Observation& observation) const
    {
        return observation.fidelity.epochs > 0 ? observation.fidelity.epochs : m_context->fullEpochs;
    }

    const StrategyContext* m_context;
    std::vector<int> m_epochs;
    std::vector<Trial> m_running; ///< in the order of asking
};

/// Settings that all of them have.
ParameterDescriptor etaSetting(std::int64_t fallback);
ParameterDescriptor fewestEpochsSetting();

/// A round of successive halving: how many begin on a rung, how many are left on each further one.
struct Bracket {
    std::size_t firstRung = 0;
    std::vector<std::int64_t> sizes;
    bool operator==(const Bracket&) const = default;
};
/// Brackets one after the other, again from the first after the last; the next rung begins when the one before is complete.
std::unique_ptr<Strategy> synchronousHalving(const StrategyContext& context, std::unique_ptr<Strategy> inner, std::vector<int> epochs,
    std::vector<Bracket> brackets);
/// Algorithm 1 of Li 2017/2018, most exploring first.
std::vector<Bracket> hyperbandBrackets(int rungs, int eta);

} // namespace archscope::search
