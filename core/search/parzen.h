// A density over the architectures of a space, estimated from some of them: the model of tree-structured Parzen estimators
// (Bergstra, Bardenet, Bengio, Kégl 2011), multivariate as in BOHB (Falkner, Klein, Hutter 2018).
#pragma once

#include "core/space/decision_space.h"

#include <span>
#include <vector>

namespace archscope::search {

/// A mixture of one kernel for each centre and of the space's prior. A kernel keeps to its centre's answers: a finite
/// domain's answer stays with some probability and else follows the prior; whole numbers and reals scatter normally, within
/// their domain. What its centre does not answer follows the prior. More centres, narrower kernels.
class ParzenEstimator {
public:
    enum class Dependence {
        Joint, ///< a kernel is over all decisions at once, so what goes together is kept together
        Independent, ///< each decision has a mixture of its own, over the centres that answer it: the paper of 2011
    };
    struct Centre {
        const space::Genotype* genotype = nullptr; ///< outlives the estimator
        double weight = 1; ///< the prior's is 1
    };

    ParzenEstimator(const space::DecisionSpace& decisions, std::vector<Centre> centres, Dependence dependence);

    /// Constraints are not looked at.
    space::Genotype sample(Rng& rng) const;
    /// Up to rounding, the exponentials over all architectures of a finite space sum to 1.
    double logDensity(const space::Genotype& genotype) const;

private:
    /// One decision's kernels: they differ in the centre only.
    struct Kernel {
        enum class Kind { Fixed, Category, Whole, Real } kind = Kind::Category;
        std::int64_t size = 0; ///< of a finite domain
        std::vector<double> prior; ///< of each value; empty: uniform
        double moved = 0; ///< Category: probability of following the prior
        double deviation = 0; ///< Whole, Real: relative to the domain's width
        std::vector<double> byDistance; ///< Whole: unnormalised, of values so many apart
        std::vector<double> totals; ///< Whole: their sum around each centre

        double priorOf(double answer) const;
        double density(double answer, double centre) const;
        double draw(double centre, Rng& rng) const;
    };

    Kernel kernelFor(std::size_t decision) const;
    double drawPrior(std::size_t decision, Rng& rng) const { return m_decisions->decisions()[decision].domain.sample(rng); }
    /// By weight; nothing: the prior. Of those that answer the decision, where one is named.
    const space::Genotype* drawCentre(Rng& rng, std::ptrdiff_t decision) const;

    const space::DecisionSpace* m_decisions;
    std::vector<Centre> m_centres;
    Dependence m_dependence;
    std::vector<double> m_weightOf; ///< of all centres that answer a decision
    std::vector<Kernel> m_kernels;
    double m_weight = 0; ///< of all centres
};

} // namespace archscope::search
