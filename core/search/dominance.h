// Which points are better when there are several objectives: domination, fronts, crowding. In all values larger is better, and
// none is NaN.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace archscope::search {

/// A point of the space of objectives. All points of one call have as many values.
using Point = std::vector<double>;

/// At least as good in every objective and better in one.
bool dominates(std::span<const double> a, std::span<const double> b);

/// Constrained domination (Deb, Pratap, Agarwal, Meyarivan: A Fast and Elitist Multiobjective Genetic Algorithm: NSGA-II, IEEE
/// TEC 2002, definition 1): the feasible one, of two infeasible ones the one that breaks its constraints less, of two feasible
/// ones the dominating one. A violation is 0 where all constraints hold.
bool dominates(std::span<const double> a, double violationOfA, std::span<const double> b, double violationOfB);

/// Indices of the points that no other dominates, sorted by the first objective (then the second, …), best first. Of equal points
/// the first stays. Kung, Luccio, Preparata: On Finding the Maxima of a Set of Vectors, JACM 1975: O(n log n) for two objectives,
/// O(n log^(d-1) n) for d.
std::vector<std::size_t> nonDominated(std::span<const Point> points);

/// Fast non-dominated sort by constrained domination (NSGA-II, section III-A), O(d n²): the fronts, best first, indices ascending.
std::vector<std::vector<std::size_t>> nonDominatedFronts(std::span<const Point> points, std::span<const double> violations);

/// Crowding distances of the members of one front (NSGA-II, section III-B): the outermost of each objective have infinity.
std::vector<double> crowdingDistances(std::span<const Point> front);

} // namespace archscope::search
