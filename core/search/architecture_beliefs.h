// What a strategy that learns by gradients believes, as one flat vector of numbers, α: which of them belong to which decision, what
// probabilities they stand for, and which architectures follow from them. Plain numbers; the tensors are in gradient_search_torch.h.
#pragma once

#include "core/base/rng.h"
#include "core/search/supernet_report.h"
#include "core/space/search_space.h"

#include <span>
#include <vector>

namespace archscope::search {

class ArchitectureBeliefs {
public:
    enum class Rule {
        Softmax, ///< one of its answers
        Edges,   ///< a selection each of whose inputs has its own choice, as in the cells of DARTS: all inputs count whole, and the
                 ///< strongest are derived; it has no numbers of its own unless they are normalised (PC-DARTS)
        Members, ///< a subset of a fixed number k: k times a softmax over the members
        Included ///< a subset of open size: a sigmoid for each member
    };
    struct Slot {
        std::size_t decision = 0;
        Rule rule = Rule::Softmax;
        std::size_t offset = 0; ///< into α
        std::size_t numbers = 0; ///< of α; 0: none
        std::size_t width = 0;  ///< answers or members
        bool hasNone = false;   ///< the last number stands for "no input from here", as DARTS' `none`
        int pickLow = 1;
        int pickHigh = 1;
        std::vector<std::size_t> choices; ///< Edges: the slot of each member's choice
        std::vector<bool> isZero;     ///< Softmax of a choice: the alternative gives nothing but zeros
        std::vector<bool> isWeightless; ///< Softmax of a choice: the alternative has no weights
    };

    /// How selections whose inputs have choices are taken.
    enum class EdgeSelections {
        Whole,      ///< DARTS: by the strongest operation
        Normalised, ///< PC-DARTS: numbers of their own, which weight the edges
        Sampled     ///< GDAS: like any other subset
    };

    /// `origins`: nodes that layers with weights come from.
    ArchitectureBeliefs(const space::SearchSpace& space, const space::DecisionSpace& decisions, EdgeSelections edges,
        const std::vector<space::NodeId>& origins);

    const std::vector<Slot>& slots() const { return m_slots; } ///< one a decision, in their order
    std::size_t size() const { return m_size; } ///< numbers in α

    /// Of one slot's answers (without "none", so that they may sum to less than 1) or members.
    std::vector<double> probabilities(const Slot& slot, std::span<const float> alpha) const;
    double entropy(const Slot& slot, std::span<const float> alpha) const; ///< nats, of all its numbers, "none" too
    double entropy(std::span<const float> alpha) const; ///< mean over the decisions that have numbers
    std::vector<DecisionBelief> beliefs(std::span<const float> alpha) const;

    /// The paper's rule: the most probable answer; of `Edges` the strongest inputs, with their strongest operation that is not zero.
    space::Genotype derived(std::span<const float> alpha) const;
    /// Of what is picked for each slot, an answer or members, taken where it is active.
    space::Genotype genotypeOf(std::span<const std::vector<std::size_t>> picks) const;
    /// Each answer by its probability.
    space::Genotype sampled(std::span<const float> alpha, Rng& rng) const;

    /// More than half of the active choices that could have weights take none, and more than one.
    std::optional<CollapseAlarm> parameterFreeAlarm(const space::Genotype& genotype) const;

private:
    template <class Pick> space::Genotype answered(const Pick& pick) const;
    std::vector<double> strengths(const Slot& slot, std::span<const float> alpha) const;
    std::vector<double> answerWeights(const Slot& slot, std::span<const float> alpha) const;
    double subsetAnswer(const Slot& slot, std::vector<std::size_t> members) const;

    const space::DecisionSpace& m_decisions;
    std::vector<Slot> m_slots;
    std::size_t m_size = 0;
};

/// Zela 2020's rule for stopping early, on the sharpness measured so far, oldest first: the running mean (of five) has grown to more
/// than 4/3 of what it was five measurements before. With fewer than ten, halves of what there is; from four on.
std::optional<CollapseAlarm> sharpnessAlarm(std::span<const double> sharpness);

} // namespace archscope::search
