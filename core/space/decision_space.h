// All decisions of a space, flat and in order: what strategies see.
//
// Repeats with independent decisions are unrolled to their largest count. Each decision may hang under one other (the
// nearest choice, presence or count around it) and is active only where that one is active and answered accordingly; parents
// come before children. A genotype answers each active decision with one number (domain.h).
//
// Keys: node names joined by '/', rounds of a repeat by number, then what is asked:
//   layers#count   layers/0/op (choice)   layers/0/op/conv.kernel (parameter)   skip#present   $width, stage/$width (variable)
#pragma once

#include "core/space/search_space.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace archscope::space {

struct Decision {
    enum class Kind { Parameter, Variable, Choice, Presence, Count };

    std::string key; ///< unique, stable under moving and re-ordering nodes
    Kind kind = Kind::Parameter;
    Domain domain;
    NodeId node; ///< where it is drawn (all rounds of a repeat name the same node); invalid for root variables
    std::string parameter; ///< parameter or variable name; empty for other kinds
    int parent = -1; ///< index of the decision it hangs under, or -1
    /// Active when the parent's answer is in [activeFrom, activeTo] (indices).
    int activeFrom = 0;
    int activeTo = 0;
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

    DecisionSpace() = default;
    /// Fails when a domain is empty, a key repeats, a repeat is not a whole-number domain, or there are too many decisions.
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
        const double answer = genotype[static_cast<std::size_t>(d.parent)];
        return answer >= d.activeFrom && answer <= d.activeTo;
    }

    /// Each active decision uniform over its domain.
    Genotype sample(Rng& rng) const;
    /// Makes activity right after a change: inactive ones are cleared, newly active ones sampled.
    void repair(Genotype& genotype, Rng& rng) const;
    /// One active decision with more than one value, chosen uniformly, gets another value, chosen uniformly; then repaired.
    /// Returns the changed decision; nothing if no decision can change.
    std::optional<std::size_t> mutate(Genotype& genotype, Rng& rng) const;
    bool isValid(const Genotype& genotype) const;

    /// Exact number of genotypes, decimal; nothing when a real domain makes them uncountable.
    std::optional<std::string> count() const;

    /// {"layers#count": 3, "layers/0/op": "conv", …}: active decisions only.
    Json toJson(const Genotype& genotype) const;
    /// The error names the key that is missing, unknown, inactive, or whose value is not in its domain.
    Result<Genotype> fromJson(const Json& answers) const;

private:
    std::vector<Decision> m_decisions;
    std::vector<std::int64_t> m_sizes; ///< values of each decision's domain; 0: real
    std::map<std::string, std::size_t, std::less<>> m_byKey;
};

} // namespace archscope::space
