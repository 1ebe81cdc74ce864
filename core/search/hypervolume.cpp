#include "core/search/hypervolume.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>

namespace archscope::search {

namespace {

bool isFinite(const Point& point)
{
    return std::ranges::all_of(point, [](double value) { return std::isfinite(value); });
}

/// How far the point is beyond the reference; nothing where it is not so in every objective.
std::optional<Point> relative(std::span<const double> point, std::span<const double> reference)
{
    Point difference;
    for (std::size_t i = 0; i < reference.size(); ++i) {
        if (!(point[i] > reference[i]))
            return {};
        difference.push_back(point[i] - reference[i]);
    }
    return difference;
}

double boxVolume(std::span<const double> sides)
{
    double volume = 1;
    for (const double side : sides)
        volume *= side;
    return volume;
}

/// The parts of the points' boxes that lie in the first `sides` sides of `bound`'s box; only those that no other contains.
std::vector<Point> limited(std::span<const Point> points, const Point& bound, std::size_t sides)
{
    std::vector<Point> parts;
    for (const Point& point : points) {
        Point part(sides);
        for (std::size_t i = 0; i < sides; ++i)
            part[i] = std::min(point[i], bound[i]);
        parts.push_back(std::move(part));
    }
    std::vector<Point> outer;
    for (const std::size_t i : nonDominated(parts))
        outer.push_back(std::move(parts[i]));
    return outer;
}

/// Volume of the union of boxes that have one corner in the origin.
double unionVolume(std::vector<Point> boxes)
{
    if (boxes.empty())
        return 0;
    const std::size_t last = boxes.front().size() - 1;
    double volume = 0;
    if (last == 0)
        return (*std::ranges::max_element(boxes))[0];
    if (last == 1) {
        std::ranges::sort(boxes, std::greater<>());
        double height = 0;
        for (const Point& box : boxes) {
            volume += box[0] * std::max(0.0, box[1] - height);
            height = std::max(height, box[1]);
        }
        return volume;
    }
    // What a box has alone, apart from those that are at least as long in the last direction, is a prism of its length.
    std::ranges::sort(boxes, {}, [last](const Point& box) { return box[last]; });
    for (std::size_t i = 0; i < boxes.size(); ++i) {
        const double shared = unionVolume(limited(std::span(boxes).subspan(i + 1), boxes[i], last));
        volume += boxes[i][last] * (boxVolume(std::span(boxes[i]).first(last)) - shared);
    }
    return volume;
}

} // namespace

double hypervolume(std::span<const Point> points, std::span<const double> reference)
{
    std::vector<Point> boxes;
    for (const Point& point : points) {
        if (auto box = relative(point, reference))
            boxes.push_back(std::move(*box));
    }
    std::vector<Point> front;
    for (const std::size_t i : nonDominated(boxes))
        front.push_back(std::move(boxes[i]));
    return unionVolume(std::move(front));
}

Point referencePoint(std::span<const Point> points)
{
    constexpr double margin = 0.1;
    Point worst;
    Point best;
    for (const Point& point : points) {
        if (!isFinite(point))
            continue;
        if (worst.empty())
            worst = best = point;
        for (std::size_t i = 0; i < point.size(); ++i) {
            worst[i] = std::min(worst[i], point[i]);
            best[i] = std::max(best[i], point[i]);
        }
    }
    for (std::size_t i = 0; i < worst.size(); ++i) {
        double size = best[i] - worst[i];
        if (size == 0)
            size = worst[i] == 0 ? 1 : std::abs(worst[i]);
        worst[i] -= margin * size;
    }
    return worst;
}

double GrowingHypervolume::add(const Point& point)
{
    const std::optional<Point> box = relative(point, m_reference);
    const auto covers = [&](const Point& other) { return std::ranges::equal(other, *box, std::greater_equal<>()); };
    if (!box || std::ranges::any_of(m_front, covers))
        return m_volume;
    m_volume += std::max(0.0, boxVolume(*box) - unionVolume(limited(m_front, *box, box->size())));
    std::erase_if(m_front, [&](const Point& other) { return dominates(*box, other); });
    m_front.push_back(*box);
    return m_volume;
}

HypervolumeHistory hypervolumeHistory(
    std::span<const train::Trial> trials, std::span<const Objective> objectives, std::span<const Constraint> constraints)
{
    HypervolumeHistory history;
    std::vector<Point> points;
    std::vector<std::ptrdiff_t> pointOf; // of each trial, or -1
    for (const train::Trial& trial : trials) {
        pointOf.push_back(-1);
        if (trial.state != train::TrialState::Completed || !isFeasible(trial, objectives, constraints))
            continue;
        if (Point point = signedValues(trial, objectives); isFinite(point)) {
            pointOf.back() = static_cast<std::ptrdiff_t>(points.size());
            points.push_back(std::move(point));
        }
    }
    history.reference = referencePoint(points);
    history.volumes.assign(trials.size(), 0);
    if (history.reference.empty())
        return history;
    GrowingHypervolume growing(history.reference);
    Point best = history.reference;
    for (std::size_t i = 0; i < trials.size(); ++i) {
        if (pointOf[i] >= 0) {
            const Point& point = points[static_cast<std::size_t>(pointOf[i])];
            for (std::size_t o = 0; o < best.size(); ++o)
                best[o] = std::max(best[o], point[o]);
            growing.add(point);
        }
        history.volumes[i] = growing.volume();
    }
    history.box = boxVolume(*relative(best, history.reference));
    return history;
}

} // namespace archscope::search
