// Warm start: what earlier studies found, translated into this study's decisions, also from other data and from another
// space.
//
// A decision is the same where its key is (decision_space.h) and both are of one kind; an answer is the same where its text
// is: options by name, numbers by value. A number that the new domain lacks becomes the nearest it has. What cannot be
// translated is drawn at random; an architecture of which less than half of the active decisions can be is left out. So are
// those that break a constraint of the new space however the rest is drawn, and all but the best of those that become the
// same.
#pragma once

#include "core/search/strategy.h"
#include "core/search/study_store.h"

#include <memory>
#include <optional>
#include <span>

namespace archscope::search {

/// From one space's genotypes to another's. Both outlive it.
class GenotypeTranslation {
public:
    GenotypeTranslation(const space::DecisionSpace& from, const space::DecisionSpace& to);

    /// Decisions of the new space that the old one answers too, with at least one value in common.
    std::int64_t sharedDecisions() const;
    /// Nothing when too little can be translated, or when the constraints of the new space refuse what came of it.
    std::optional<space::Genotype> translate(const space::Genotype& genotype, Rng& rng) const;

private:
    struct Source {
        std::size_t decision = 0;
        std::vector<double>
            answers; ///< of the new decision by those of the old one; negative: none. Empty: both real, the same
    };
    std::optional<double> answered(const space::Genotype& genotype, std::size_t decision) const;

    const space::DecisionSpace& m_from;
    const space::DecisionSpace& m_to;
    std::vector<std::optional<Source>> m_sources; ///< by decision of the new space
};

/// Fills in what the study takes over from these sources, which are in the order of `spec.warmStart`: its prior, best first,
/// and the sources' counts. Of an architecture that was evaluated more than once, its longest training counts. Values become
/// z-scores within their source, larger is better. At most 500 architectures are kept: the best 100, and of the rest evenly by
/// rank. Fails where a source and the study have no decision in common, or a source has no completed trial that can be
/// translated.
Result<void> takeOver(StudySpec& spec, std::span<const StoredStudy> sources);

/// How many of the prior are proposed first: the study's own number, else 10, but at most a quarter of the first budget's
/// trials.
std::int64_t warmTrialsOf(const StudySpec& spec);

/// "took over 87 of 100 trials of the study 'first' (sqlite:a.archscope), which answers 12 of 14 decisions": a sentence a
/// source.
std::vector<std::string> takenOverTexts(const StudySpec& spec);

/// Proposes the best of `context.prior`, `context.warmTrials` of them, and then what the inner strategy does, which is told
/// of all.
std::unique_ptr<Strategy> warmStarted(const StrategyContext& context, std::unique_ptr<Strategy> inner);

/// A study against one without a warm start.
struct ColdComparison {
    std::string study; ///< the cold one
    std::int64_t coldTrials = 0; ///< ended
    std::int64_t coldReachedIt = 0; ///< after so many of them it had its best
    double coldBest = 0;
    std::optional<std::int64_t> reachedAfter; ///< so many trials of the warm study; nothing: it has not got there
};
/// Whether a study can be compared with: the same in all but its strategy, settings, seed, budget and its warm start, which
/// it lacks.
bool isColdCounterpart(const StudySpec& warm, const StudySpec& other);
/// Nothing when the cold one has no best.
std::optional<ColdComparison> compareWithCold(const StoredStudy& warm, const StoredStudy& cold);
std::string comparisonText(const ColdComparison& comparison, const std::string& metric);

} // namespace archscope::search
