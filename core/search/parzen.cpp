#include "core/search/parzen.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace archscope::search {

using space::Domain;

namespace {
constexpr double referenceDeviation = 0.2; ///< of one centre, relative to the domain: Optuna's multivariate estimator
constexpr std::int64_t mostWholeValues = 1024; ///< of a whole-number domain whose kernels are tabulated

double normalCdf(double x)
{
    return 0.5 * std::erfc(-x / std::numbers::sqrt2);
}
} // namespace

ParzenEstimator::ParzenEstimator(const space::DecisionSpace& decisions, std::vector<Centre> centres, Dependence dependence)
    : m_decisions(&decisions)
    , m_centres(std::move(centres))
    , m_dependence(dependence)
    , m_weightOf(decisions.size(), 0.0)
{
    for (const Centre& centre : m_centres) {
        m_weight += centre.weight;
        for (std::size_t i = 0; i < decisions.size(); ++i)
            m_weightOf[i] += centre.genotype->isActive(i) ? centre.weight : 0;
    }
    m_kernels.reserve(decisions.size());
    for (std::size_t i = 0; i < decisions.size(); ++i)
        m_kernels.push_back(kernelFor(i));
}

ParzenEstimator::Kernel ParzenEstimator::kernelFor(std::size_t decision) const
{
    const Domain& domain = m_decisions->decisions()[decision].domain;
    Kernel kernel;
    kernel.size = domain.size().value_or(0);
    const double weight = std::max(1.0, m_weightOf[decision]);
    // Scott's rule: of as many dimensions as a kernel has.
    const double dimensions = m_dependence == Dependence::Joint ? static_cast<double>(m_decisions->size()) : 1;
    kernel.deviation
        = std::max(referenceDeviation * std::pow(weight, -1 / (4 + dimensions)), 1 / std::min(100.0, 1 + weight));
    if (!domain.weights.empty()) {
        const double sum = std::accumulate(domain.weights.begin(), domain.weights.end(), 0.0);
        for (const double value : domain.weights)
            kernel.prior.push_back(value / sum);
    }
    if (kernel.size == 1) {
        kernel.kind = Kernel::Kind::Fixed;
    } else if (domain.kind == Domain::Kind::Real) {
        kernel.kind = Kernel::Kind::Real;
    } else if (domain.kind == Domain::Kind::Integer && kernel.size > 2 && kernel.size <= mostWholeValues) {
        kernel.kind = Kernel::Kind::Whole;
        const double deviation = std::max(kernel.deviation * static_cast<double>(kernel.size), 0.5);
        for (std::int64_t distance = 0; distance < kernel.size; ++distance) {
            const auto at = static_cast<double>(distance);
            kernel.byDistance.push_back(normalCdf((at + 0.5) / deviation) - normalCdf((at - 0.5) / deviation));
        }
        for (std::int64_t centre = 0; centre < kernel.size; ++centre) {
            double total = 0;
            for (std::int64_t value = 0; value < kernel.size; ++value)
                total += kernel.byDistance[static_cast<std::size_t>(std::abs(value - centre))];
            kernel.totals.push_back(total);
        }
    } else {
        // A pseudo-count of one observation a value, shared out over the centres, as Optuna smooths. Of a large domain no
        // more than of a small one: else nothing would be learned of it.
        const auto pseudo = static_cast<double>(std::min<std::int64_t>(kernel.size, 8));
        kernel.moved = pseudo / (pseudo + weight);
    }
    return kernel;
}

double ParzenEstimator::Kernel::priorOf(double answer) const
{
    if (kind == Kind::Real || kind == Kind::Fixed)
        return 1;
    return prior.empty() ? 1 / static_cast<double>(size) : prior[static_cast<std::size_t>(answer)];
}

double ParzenEstimator::Kernel::density(double answer, double centre) const
{
    switch (kind) {
    case Kind::Fixed:
        return 1;
    case Kind::Category:
        return moved * priorOf(answer) + (answer == centre ? 1 - moved : 0);
    case Kind::Whole:
        return byDistance[static_cast<std::size_t>(std::abs(answer - centre))] / totals[static_cast<std::size_t>(centre)];
    case Kind::Real: {
        const double z = (answer - centre) / deviation;
        const double mass = normalCdf((1 - centre) / deviation) - normalCdf(-centre / deviation);
        return std::exp(-0.5 * z * z) / (deviation * std::sqrt(2 * std::numbers::pi) * mass);
    }
    }
    return 1;
}

double ParzenEstimator::Kernel::draw(double centre, Rng& rng) const
{
    if (kind == Kind::Real) {
        for (;;) { // at least about half of the normal distribution lies within, or it is wide
            const double answer = centre + deviation * rng.normal();
            if (answer >= 0 && answer <= 1)
                return answer;
        }
    }
    if (kind == Kind::Whole) {
        double rest = rng.uniform() * totals[static_cast<std::size_t>(centre)];
        for (std::int64_t value = 0; value < size; ++value) {
            rest -= byDistance[static_cast<std::size_t>(std::abs(value - static_cast<std::int64_t>(centre)))];
            if (rest < 0)
                return static_cast<double>(value);
        }
    }
    return centre;
}

const space::Genotype* ParzenEstimator::drawCentre(Rng& rng, std::ptrdiff_t decision) const
{
    const double weight = decision < 0 ? m_weight : m_weightOf[static_cast<std::size_t>(decision)];
    double rest = rng.uniform() * (weight + 1) - 1; // the prior first, of weight 1
    if (rest < 0)
        return nullptr;
    const Centre* last = nullptr;
    for (const Centre& centre : m_centres) {
        if (decision >= 0 && !centre.genotype->isActive(static_cast<std::size_t>(decision)))
            continue;
        last = &centre;
        rest -= centre.weight;
        if (rest < 0)
            break;
    }
    return last ? last->genotype : nullptr;
}

space::Genotype ParzenEstimator::sample(Rng& rng) const
{
    const bool joint = m_dependence == Dependence::Joint;
    const space::Genotype* centre = joint ? drawCentre(rng, -1) : nullptr;
    space::Genotype genotype(m_decisions->size());
    for (std::size_t i = 0; i < genotype.size(); ++i) {
        if (!m_decisions->activeUnder(genotype, i))
            continue;
        if (!joint)
            centre = drawCentre(rng, static_cast<std::ptrdiff_t>(i));
        const Kernel& kernel = m_kernels[i];
        const bool follows
            = centre && centre->isActive(i) && !(kernel.kind == Kernel::Kind::Category && rng.uniform() < kernel.moved);
        genotype[i] = follows ? kernel.draw((*centre)[i], rng) : drawPrior(i, rng);
    }
    return genotype;
}

double ParzenEstimator::logDensity(const space::Genotype& genotype) const
{
    if (m_dependence == Dependence::Independent) {
        double sum = 0;
        for (std::size_t i = 0; i < genotype.size(); ++i) {
            if (!genotype.isActive(i))
                continue;
            double density = m_kernels[i].priorOf(genotype[i]);
            for (const Centre& centre : m_centres) {
                if (centre.genotype->isActive(i))
                    density += centre.weight * m_kernels[i].density(genotype[i], (*centre.genotype)[i]);
            }
            sum += std::log(density / (m_weightOf[i] + 1));
        }
        return sum;
    }
    // Sums of logarithms, with the largest taken out: products over many decisions would vanish.
    std::vector<double> logs;
    logs.reserve(m_centres.size() + 1);
    std::vector<std::size_t> active;
    std::vector<double> priors;
    double prior = 0;
    for (std::size_t i = 0; i < genotype.size(); ++i) {
        if (!genotype.isActive(i) || m_kernels[i].kind == Kernel::Kind::Fixed)
            continue;
        active.push_back(i);
        priors.push_back(std::log(m_kernels[i].priorOf(genotype[i])));
        prior += priors.back();
    }
    logs.push_back(prior);
    for (const Centre& centre : m_centres) {
        double sum = std::log(centre.weight);
        double product = 1;
        for (std::size_t a = 0; a < active.size(); ++a) {
            const std::size_t i = active[a];
            if (!centre.genotype->isActive(i)) {
                sum += priors[a];
                continue;
            }
            product *= m_kernels[i].density(genotype[i], (*centre.genotype)[i]);
            if (product < 1e-200 || product > 1e200) {
                sum += std::log(product);
                product = 1;
            }
        }
        logs.push_back(sum + std::log(product));
    }
    const double largest = *std::ranges::max_element(logs);
    if (!std::isfinite(largest))
        return largest;
    double total = 0;
    for (const double value : logs)
        total += std::exp(value - largest);
    return largest + std::log(total / (m_weight + 1));
}

} // namespace archscope::search
