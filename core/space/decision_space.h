// All decisions of a space, flat and in order: what strategies see.
//
// Repeats with independent decisions are unrolled to their largest count. Each decision may hang under one other (the nearest
// choice, selection, presence or count around it) and is active only where that one is active and answered accordingly; parents
// come before children. A genotype answers each active decision with one number (domain.h).
//
// Keys: node names joined by '/', rounds of a repeat by number, then what is asked:
//   layers#count   layers/0/op (choice)   layers/0/op/conv.kernel (parameter)   skip#present   $width, stage/$width (variable)
//   sum (selection, order)   a>b:0#present (optional edge to port 0)   @cell/op (in a definition with shared decisions)
//   stage.$width (argument of a use)
#pragma once

#include "core/space/search_space.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace archscope::space {

struct Decision {
    enum class Kind { Parameter, Variable, Choice, Presence, Count, Selection, Order };

    std::string key; ///< unique, stable under moving and re-ordering nodes
    Kind kind = Kind::Parameter;
    Domain domain;
    NodeId node; ///< where it is drawn (all rounds of a repeat name the same node); invalid for root variables
    std::string parameter; ///< parameter or variable name; empty for other kinds
    int parent = -1; ///< index of the decision it hangs under, or -1
    /// Active when the parent's answer is in [activeFrom, activeTo] (indices).
    int activeFrom = 0;
    int activeTo = 0;
    /// Of a parent that picks a subset: active when that member is in it. -1: the range above counts.
    int activeMember = -1;
};

/// Answers, one a decision, in the order of the decisions. -1 where inactive.
class Genotype {
public:
    static constexpr double inactive = -1;

    Genotype() = default;
    explicit Genotype(std::size_t size) : m_answers(size, inactive) {}
    explicit Genotype(std::vector<double> answers) : m_answers(std::move(answers)) {}

    std::size_t size() const { return m_answers.size(); }
    bool isActive(std::size_t i) const { return m_answers[i] >= 0; }
    double operator[](std::size_t i) const { return m_answers[i]; }
    double& operator[](std::size_t i) { return m_answers[i]; }
    std::size_t index(std::size_t i) const { return static_cast<std::size_t>(m_answers[i]); }
    const std::vector<double>& answers() const { return m_answers; }
    std::uint64_t hash() const;
    bool operator==(const Genotype&) const = default;

private:
    std::vector<double> m_answers;
};

class DecisionSpace {
public:
    static constexpr std::size_t maxDecisions = 100'000;
    /// How often sampling and varying try again for an architecture that fulfils the constraints.
    static constexpr int maxAttempts = 10'000;

    DecisionSpace() = default;
    /// Fails when a domain is empty, a key repeats, a repeat is not a whole-number domain, a definition is missing or uses itself,
    /// a constraint names no decision, or there are too many decisions.
    static Result<DecisionSpace> compile(const SearchSpace& space);

    const std::vector<Decision>& decisions() const { return m_decisions; }
    std::size_t size() const { return m_decisions.size(); }
    std::optional<std::size_t> indexOf(std::string_view key) const;

    /// Whether decision i is active, given the answers of the decisions before it.
    bool activeUnder(const Genotype& genotype, std::size_t i) const
    {
        const Decision& d = m_decisions[i];
        if (d.parent < 0)
            return true;
        const auto parent = static_cast<std::size_t>(d.parent);
        const double answer = genotype[parent];
        if (d.activeMember < 0)
            return answer >= d.activeFrom && answer <= d.activeTo;
        return answer >= 0 && (m_subsets[parent][static_cast<std::size_t>(answer)] >> d.activeMember & 1) != 0;
    }

    /// Each active decision by its domain's prior, constraints fulfilled (by trying again). Where no attempt succeeds the last one
    /// is returned: `requireSatisfiable` tells beforehand.
    Genotype sample(Rng& rng) const;
    /// Makes activity right after a change: inactive ones are cleared, newly active ones sampled. Does not look at constraints.
    void repair(Genotype& genotype, Rng& rng) const;
    /// One active decision with more than one value, chosen uniformly, gets another value, chosen uniformly; then repaired, so
    /// that the constraints hold (by trying again). Returns the changed decision; nothing if no decision can change.
    std::optional<std::size_t> mutate(Genotype& genotype, Rng& rng) const;
    /// Each decision from one of the two, chosen evenly; what neither answers is sampled. The first one itself where no attempt
    /// fulfils the constraints.
    Genotype crossover(const Genotype& first, const Genotype& second, Rng& rng) const;

    /// Every active decision is answered from its domain, no other is. Does not look at constraints.
    bool isValid(const Genotype& genotype) const;
    /// Whether the genotype fulfils the constraints: forbidden combinations, counts and what `setFurtherConstraint` added.
    bool isAllowed(const Genotype& genotype) const;
    bool hasConstraints() const { return !m_forbidden.empty() || !m_counted.empty() || m_further; }
    /// Constraints that need the network (budgets, shapes): `network/budget.h` brings them. Called from any thread.
    void setFurtherConstraint(std::function<bool(const Genotype&)> isAllowed) { m_further = std::move(isAllowed); }
    /// An error says that no architecture was found that fulfils the constraints.
    Result<void> requireSatisfiable() const;

    /// Exact number of genotypes, decimal, forbidden combinations and counts taken into account, budgets not. Nothing when a real
    /// domain makes them uncountable, or when the constraints entangle too many decisions to count in bounded time.
    std::optional<std::string> count() const;
    /// The same without any constraint.
    std::optional<std::string> countUnconstrained() const;
    /// Calls with each allowed genotype until `visit` returns false or there are no more. Only for spaces without real domains.
    void forEach(const std::function<bool(const Genotype&)>& visit) const;

    /// {"layers#count": 3, "layers/0/op": "conv", …}: active decisions only.
    Json toJson(const Genotype& genotype) const;
    /// The error names the key that is missing, unknown, inactive, or whose value is not in its domain, or the broken constraint.
    Result<Genotype> fromJson(const Json& answers) const;

private:
    /// All of these answers at once are forbidden: per decision the answers, sorted.
    struct Forbidden {
        std::vector<std::pair<std::size_t, std::vector<double>>> all;
        std::size_t constraint; ///< index into m_constraints
    };
    /// At least `min`, at most `max` of the decisions have their answer.
    struct Counted {
        std::vector<std::pair<std::size_t, double>> answers;
        std::int64_t min;
        std::int64_t max;
        std::size_t constraint;
    };

    Result<void> bind(const std::vector<Constraint>& constraints);
    Result<void> bindForbid(const Forbid& forbid, std::size_t constraint);
    Result<void> bindCount(const CountAnswers& count, std::size_t constraint);
    /// The broken one of m_constraints, the number of constraints for a further one, or nothing.
    std::optional<std::size_t> brokenBy(const Genotype& genotype) const;
    void sampleOnce(Genotype& genotype, Rng& rng) const;

    std::vector<Decision> m_decisions;
    std::vector<std::int64_t> m_sizes; ///< values of each decision's domain; 0: real
    std::vector<std::vector<std::uint64_t>> m_subsets; ///< of decisions that pick subsets: members of each answer
    std::map<std::string, std::size_t, std::less<>> m_byKey;
    std::vector<std::string> m_constraints; ///< their texts
    std::vector<Forbidden> m_forbidden;
    std::vector<Counted> m_counted;
    std::function<bool(const Genotype&)> m_further;
};

} // namespace archscope::space
