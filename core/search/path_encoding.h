// Architectures as flat vectors of features, for predictors: their answers, or the path encoding of BANANAS (White,
// Neiswanger, Savani 2021), which says which sequences of operations lead from a cell's input to its output, wherever in it
// they stand.
#pragma once

#include "core/space/decision_space.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace archscope::search {

/// Finds the paths of architectures. Space and decisions, compiled from it, outlive it.
class PathFinder {
public:
    PathFinder(const space::SearchSpace& space, const space::DecisionSpace& decisions);
    /// In each block, every way from its inputs to its output, as the answers met on it: "@cell/: nor_conv_3x3 >
    /// skip_connect". Nodes without decisions are not named, and a block where none is met has no paths. A block inside a
    /// block has paths of its own; one with shared decisions counts once. At most 1000 a block, the shortest. Sorted,
    /// without repetition.
    std::vector<std::string> paths(const space::Genotype& genotype) const;

    const space::DecisionSpace& decisions() const { return *m_decisions; }

private:
    const space::SearchSpace* m_space;
    const space::DecisionSpace* m_decisions;
    std::map<std::string, std::int64_t, std::less<>> m_rounds; ///< of repeats with decisions a round, by key: the most
};

class Encoding {
public:
    enum class Kind { Answers, Paths };

    /// A column for each value of a decision that has up to 16, for each member of a subset, for each place in an order; for
    /// others one that says whether it is active and one for where in its domain the answer lies. Beyond `maxColumns` they
    /// share columns.
    static Encoding ofAnswers(const space::DecisionSpace& decisions);
    /// The truncated path encoding: a column for each path that random architectures often have, at most `maxPaths`.
    static Encoding ofPaths(const space::SearchSpace& space, const space::DecisionSpace& decisions);
    /// Paths where the columns tell most of what random architectures have, as in cells; else answers: in a chain every
    /// architecture is one path of its own. Answers, too, where the space is not known.
    static Encoding automatic(const space::SearchSpace* space, const space::DecisionSpace& decisions);

    Kind kind() const { return m_kind; }
    std::size_t size() const { return m_size; }
    std::vector<float> features(const space::Genotype& genotype) const;
    /// Of the paths of random architectures that not all have: how many are columns, 0 to 1. 0 for answers.
    double coverage() const { return m_coverage; }

    static constexpr std::size_t maxColumns = 1024;
    static constexpr std::size_t maxPaths = 256;

private:
    explicit Encoding(const space::DecisionSpace& decisions)
        : m_decisions(&decisions)
    {
    }
    void setAnswers(const space::Genotype& genotype, std::vector<float>& features) const;

    const space::DecisionSpace* m_decisions;
    Kind m_kind = Kind::Answers;
    std::size_t m_size = 0;
    double m_coverage = 0;
    std::optional<PathFinder> m_finder; ///< Paths
    std::map<std::string, std::size_t, std::less<>> m_columns; ///< Paths
};

} // namespace archscope::search
