// How many architectures there are, exactly, and all of them one by one.
#include "core/space/decision_space.h"

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>

namespace archscope::space {

namespace {
using Integer = boost::multiprecision::cpp_int;

/// Bounds the work of counting under constraints.
constexpr std::int64_t maxSteps = 20'000'000;

/// Number of answers to each decision and all that hangs under it.
std::vector<Integer> countBelow(const std::vector<Decision>& decisions, const std::vector<std::int64_t>& sizes)
{
    std::vector<std::vector<std::size_t>> children(decisions.size());
    for (std::size_t i = 0; i < decisions.size(); ++i) {
        if (decisions[i].parent >= 0)
            children[static_cast<std::size_t>(decisions[i].parent)].push_back(i);
    }
    // Children come after their parents, so the totals below a decision are known when it is reached from the end.
    std::vector<Integer> below(decisions.size());
    for (std::size_t i = decisions.size(); i-- > 0;) {
        const Domain& domain = decisions[i].domain;
        if (domain.kind == Domain::Kind::Subset) {
            // Sum over the subsets of the products of their members' totals: elementary symmetric polynomials.
            std::vector<Integer> members(domain.values.size(), 1);
            for (const std::size_t child : children[i])
                members[static_cast<std::size_t>(decisions[child].activeMember)] *= below[child];
            std::vector<Integer> symmetric(domain.values.size() + 1, 0);
            symmetric[0] = 1;
            for (std::size_t m = 0; m < members.size(); ++m) {
                for (std::size_t k = m + 1; k > 0; --k)
                    symmetric[k] += symmetric[k - 1] * members[m];
            }
            for (int k = domain.pickLow; k <= domain.pickHigh; ++k)
                below[i] += symmetric[static_cast<std::size_t>(k)];
            continue;
        }
        // The product changes only where a child begins or ends to be active: between those answers it is constant.
        std::vector<std::int64_t> breaks = {0, sizes[i]};
        for (const std::size_t child : children[i]) {
            breaks.push_back(decisions[child].activeFrom);
            breaks.push_back(decisions[child].activeTo + 1);
        }
        std::sort(breaks.begin(), breaks.end());
        breaks.erase(std::unique(breaks.begin(), breaks.end()), breaks.end());
        for (std::size_t b = 0; b + 1 < breaks.size(); ++b) {
            Integer product = breaks[b + 1] - breaks[b];
            for (const std::size_t child : children[i]) {
                if (decisions[child].activeFrom <= breaks[b] && breaks[b] <= decisions[child].activeTo)
                    product *= below[child];
            }
            below[i] += product;
        }
    }
    return below;
}
} // namespace

std::optional<std::string> DecisionSpace::countUnconstrained() const
{
    if (std::find(m_sizes.begin(), m_sizes.end(), 0) != m_sizes.end())
        return {};
    const std::vector<Integer> below = countBelow(m_decisions, m_sizes);
    Integer total = 1;
    for (std::size_t i = 0; i < m_decisions.size(); ++i) {
        if (m_decisions[i].parent < 0)
            total *= below[i];
    }
    return total.str();
}

std::optional<std::string> DecisionSpace::count() const
{
    if (m_forbidden.empty() && m_counted.empty())
        return countUnconstrained();
    if (std::find(m_sizes.begin(), m_sizes.end(), 0) != m_sizes.end())
        return {};
    const std::vector<Integer> below = countBelow(m_decisions, m_sizes);

    // Only decisions that a constraint looks at, and what they hang under, are gone through; the rest are products.
    std::vector<bool> relevant(m_decisions.size(), false);
    const auto mark = [&](std::size_t i) {
        for (int at = static_cast<int>(i); at >= 0 && !relevant[static_cast<std::size_t>(at)]; at = m_decisions[static_cast<std::size_t>(at)].parent)
            relevant[static_cast<std::size_t>(at)] = true;
    };
    for (const Forbidden& forbidden : m_forbidden) {
        for (const auto& condition : forbidden.all)
            mark(condition.first);
    }
    for (const Counted& counted : m_counted) {
        for (const auto& answer : counted.answers)
            mark(answer.first);
    }
    Integer always = 1;
    std::vector<std::size_t> steps;
    for (std::size_t i = 0; i < m_decisions.size(); ++i) {
        const int parent = m_decisions[i].parent;
        if (!relevant[i] && parent < 0)
            always *= below[i];
        else if (relevant[i] || relevant[static_cast<std::size_t>(parent)])
            steps.push_back(i);
    }

    // Depth first, with the forbidden combinations checked at their last decision and the counts as they grow.
    std::vector<std::vector<const Forbidden*>> endingAt(m_decisions.size());
    for (const Forbidden& forbidden : m_forbidden) {
        std::size_t last = 0;
        for (const auto& condition : forbidden.all)
            last = std::max(last, condition.first);
        endingAt[last].push_back(&forbidden);
    }
    std::vector<std::vector<std::pair<std::size_t, double>>> countedAt(m_decisions.size());
    for (std::size_t c = 0; c < m_counted.size(); ++c) {
        for (const auto& [decision, answer] : m_counted[c].answers)
            countedAt[decision].emplace_back(c, answer);
    }
    std::vector<std::int64_t> having(m_counted.size(), 0);
    Genotype genotype(m_decisions.size());
    std::int64_t taken = 0;
    Integer total = 0;
    const auto walk = [&](auto&& self, std::size_t step, const Integer& product) -> bool {
        if (++taken > maxSteps)
            return false;
        if (step == steps.size()) {
            for (std::size_t c = 0; c < m_counted.size(); ++c) {
                if (having[c] < m_counted[c].min)
                    return true;
            }
            total += product;
            return true;
        }
        const std::size_t i = steps[step];
        if (!activeUnder(genotype, i))
            return self(self, step + 1, product);
        if (!relevant[i])
            return self(self, step + 1, product * below[i]);
        for (std::int64_t answer = 0; answer < m_sizes[i]; ++answer) {
            genotype[i] = static_cast<double>(answer);
            const bool forbidden = std::any_of(endingAt[i].begin(), endingAt[i].end(), [&](const Forbidden* f) {
                return std::all_of(f->all.begin(), f->all.end(), [&](const auto& condition) {
                    return std::binary_search(condition.second.begin(), condition.second.end(), genotype[condition.first]);
                });
            });
            if (forbidden)
                continue;
            bool tooMany = false;
            for (const auto& [c, wanted] : countedAt[i]) {
                if (genotype[i] == wanted && ++having[c] > m_counted[c].max)
                    tooMany = true;
            }
            const bool finished = tooMany || self(self, step + 1, product);
            for (const auto& [c, wanted] : countedAt[i]) {
                if (genotype[i] == wanted)
                    --having[c];
            }
            if (!finished)
                return false;
        }
        genotype[i] = Genotype::inactive;
        return true;
    };
    if (steps.size() > 1000 || !walk(walk, 0, always))
        return {};
    return total.str();
}

void DecisionSpace::forEach(const std::function<bool(const Genotype&)>& visit) const
{
    Genotype genotype(m_decisions.size());
    const auto fillFrom = [&](std::size_t begin) {
        for (std::size_t i = begin; i < m_decisions.size(); ++i)
            genotype[i] = activeUnder(genotype, i) ? 0 : Genotype::inactive;
    };
    fillFrom(0);
    while (true) {
        if (isAllowed(genotype) && !visit(genotype))
            return;
        std::size_t i = m_decisions.size();
        while (i > 0 && !(genotype.isActive(i - 1) && genotype[i - 1] + 1 < static_cast<double>(m_sizes[i - 1])))
            --i;
        if (i == 0)
            return;
        ++genotype[i - 1];
        fillFrom(i);
    }
}

} // namespace archscope::space
