#include "core/search/dominance.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace archscope::search {

bool dominates(std::span<const double> a, std::span<const double> b)
{
    bool better = false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i] < b[i])
            return false;
        better |= a[i] > b[i];
    }
    return better;
}

bool dominates(std::span<const double> a, double violationOfA, std::span<const double> b, double violationOfB)
{
    if (violationOfA > 0 || violationOfB > 0)
        return violationOfA < violationOfB;
    return dominates(a, b);
}

namespace {

using Indices = std::vector<std::size_t>;

/// Works on distinct points, so that to equal or exceed another in all objectives is to dominate it.
class Maxima {
public:
    explicit Maxima(std::span<const Point> points)
        : m_points(points)
        , m_isBeaten(points.size(), 0)
    {
    }

    /// Of points in lexicographic order, best first: none is dominated by a later one.
    Indices of(std::span<const std::size_t> sorted)
    {
        if (sorted.size() <= 1)
            return Indices(sorted.begin(), sorted.end());
        const std::size_t half = sorted.size() / 2;
        Indices earlier = of(sorted.first(half));
        const Indices later = of(sorted.subspan(half));
        markBeaten(earlier, later, 1);
        std::ranges::copy_if(later, std::back_inserter(earlier), [this](std::size_t i) { return !m_isBeaten[i]; });
        return earlier;
    }

private:
    /// Marks those of `later` that a member of `earlier` equals or exceeds in all objectives from `first` on.
    void markBeaten(const Indices& earlier, const Indices& later, std::size_t first)
    {
        constexpr std::size_t fewPairs = 128;
        if (earlier.empty() || later.empty())
            return;
        const std::size_t left = m_points[earlier.front()].size() - first;
        if (left == 0)
            std::ranges::for_each(later, [this](std::size_t i) { m_isBeaten[i] = 1; });
        else if (earlier.size() * later.size() <= fewPairs)
            compareAll(earlier, later, first);
        else if (left <= 2)
            sweep(earlier, later, first);
        else
            divide(earlier, later, first);
    }

    void compareAll(const Indices& earlier, const Indices& later, std::size_t first)
    {
        for (const std::size_t i : later) {
            m_isBeaten[i] |= std::ranges::any_of(earlier, [&](std::size_t e) {
                for (std::size_t o = first; o < m_points[e].size(); ++o) {
                    if (m_points[e][o] < m_points[i][o])
                        return false;
                }
                return true;
            });
        }
    }

    /// One or two objectives are left.
    void sweep(Indices earlier, Indices later, std::size_t first)
    {
        const auto better = [&](std::size_t a, std::size_t b) { return m_points[a][first] > m_points[b][first]; };
        std::ranges::sort(earlier, better);
        std::ranges::sort(later, better);
        double best = -std::numeric_limits<double>::infinity(); // last objective of those of `earlier` passed
        auto passed = earlier.begin();
        for (const std::size_t i : later) {
            for (; passed != earlier.end() && m_points[*passed][first] >= m_points[i][first]; ++passed)
                best = std::max(best, m_points[*passed].back());
            m_isBeaten[i] |= passed != earlier.begin() && best >= m_points[i].back();
        }
    }

    /// By the median of the first objective that is left: whoever is below it cannot beat who is not.
    void divide(const Indices& earlier, const Indices& later, std::size_t first)
    {
        std::vector<double> values;
        for (const Indices* all : { &earlier, &later })
            std::ranges::transform(*all, std::back_inserter(values), [&](std::size_t i) { return m_points[i][first]; });
        const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
        std::ranges::nth_element(values, middle);
        double bound = *middle;
        const auto isBelow = [&](double value) { return value < bound; };
        if (std::none_of(values.begin(), middle, isBelow)) {
            // The median is the lowest value of all: the next one divides them, if there is one.
            double next = std::numeric_limits<double>::infinity();
            for (const double value : values)
                next = value > bound ? std::min(next, value) : next;
            if (std::ranges::none_of(values, [&](double value) { return value > bound; }))
                return markBeaten(earlier, later, first + 1);
            bound = next;
        }
        const auto parted = [&](const Indices& all) {
            std::pair<Indices, Indices> parts;
            for (const std::size_t i : all)
                (m_points[i][first] < bound ? parts.second : parts.first).push_back(i);
            return parts;
        };
        const auto [highEarlier, lowEarlier] = parted(earlier);
        const auto [highLater, lowLater] = parted(later);
        markBeaten(highEarlier, highLater, first);
        markBeaten(lowEarlier, lowLater, first);
        markBeaten(highEarlier, lowLater, first + 1);
    }

    std::span<const Point> m_points;
    std::vector<char> m_isBeaten;
};

} // namespace

std::vector<std::size_t> nonDominated(std::span<const Point> points)
{
    Indices sorted(points.size());
    std::iota(sorted.begin(), sorted.end(), std::size_t{ 0 });
    std::ranges::sort(
        sorted, [&](std::size_t a, std::size_t b) { return points[a] != points[b] ? points[a] > points[b] : a < b; });
    const auto repeated = std::ranges::unique(sorted, [&](std::size_t a, std::size_t b) { return points[a] == points[b]; });
    sorted.erase(repeated.begin(), repeated.end());
    return Maxima(points).of(sorted);
}

std::vector<std::vector<std::size_t>> nonDominatedFronts(std::span<const Point> points, std::span<const double> violations)
{
    std::vector<Indices> dominated(points.size());
    std::vector<std::size_t> dominators(points.size(), 0);
    for (std::size_t a = 0; a < points.size(); ++a) {
        for (std::size_t b = 0; b < points.size(); ++b) {
            if (dominates(points[a], violations[a], points[b], violations[b])) {
                dominated[a].push_back(b);
                ++dominators[b];
            }
        }
    }
    std::vector<Indices> fronts;
    Indices front;
    for (std::size_t i = 0; i < points.size(); ++i) {
        if (dominators[i] == 0)
            front.push_back(i);
    }
    while (!front.empty()) {
        Indices next;
        for (const std::size_t a : front) {
            for (const std::size_t b : dominated[a]) {
                if (--dominators[b] == 0)
                    next.push_back(b);
            }
        }
        std::ranges::sort(next);
        fronts.push_back(std::move(front));
        front = std::move(next);
    }
    return fronts;
}

std::vector<double> crowdingDistances(std::span<const Point> front)
{
    constexpr double infinity = std::numeric_limits<double>::infinity();
    std::vector<double> distances(front.size(), 0);
    if (front.empty())
        return distances;
    Indices order(front.size());
    std::iota(order.begin(), order.end(), std::size_t{ 0 });
    for (std::size_t o = 0; o < front.front().size(); ++o) {
        std::ranges::stable_sort(order, {}, [&](std::size_t i) { return front[i][o]; });
        distances[order.front()] = infinity;
        distances[order.back()] = infinity;
        const double range = front[order.back()][o] - front[order.front()][o];
        if (!(range > 0) || !std::isfinite(range))
            continue;
        for (std::size_t i = 1; i + 1 < order.size(); ++i)
            distances[order[i]] += (front[order[i + 1]][o] - front[order[i - 1]][o]) / range;
    }
    return distances;
}

} // namespace archscope::search
