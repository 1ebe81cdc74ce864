// How much of the space of objectives the trials dominate: one number for a front, and how it grows over the trials.
//
// In all values larger is better. The volume is measured from a reference point; points that are not better than it in every
// objective add nothing.
#pragma once

#include "core/search/dominance.h"
#include "core/search/objective.h"

namespace archscope::search {

/// Exact, of any points (dominated ones add nothing). One objective: the distance; two: a sweep, O(n log n); more: the WFG
/// algorithm with slicing (While, Bradstreet, Barone: A Fast Way of Calculating Exact Hypervolumes, IEEE TEC 2012).
double hypervolume(std::span<const Point> points, std::span<const double> reference);

/// Where a volume is measured from when nobody says: in each objective the worst of the points, and a tenth of their range
/// beyond it, so that the extremes of a front count too. Where all are equal, a tenth of the value's size, or 0.1 for zero.
/// Points that are not finite are left out; empty when none is left.
Point referencePoint(std::span<const Point> points);

/// The same volume, point by point.
class GrowingHypervolume {
public:
    explicit GrowingHypervolume(Point reference)
        : m_reference(std::move(reference))
    {
    }
    /// The volume with this point too. Dominated points cost a comparison with the front.
    double add(const Point& point);
    double volume() const { return m_volume; }

private:
    Point m_reference;
    std::vector<Point> m_front; ///< relative to the reference
    double m_volume = 0;
};

struct HypervolumeHistory {
    Point reference; ///< `referencePoint` of all completed, feasible trials; empty when there is none
    double box = 0;  ///< volume between the reference and the best of each objective: no front has more
    std::vector<double> volumes; ///< after each trial, in the order given; 0 before the first that counts: completed, feasible, finite
};
/// The reference depends on all trials, so a history is computed again when the worst of an objective changes.
HypervolumeHistory hypervolumeHistory(
    std::span<const train::Trial> trials, std::span<const Objective> objectives, std::span<const Constraint> constraints);

} // namespace archscope::search
