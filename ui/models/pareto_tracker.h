// The Pareto front of a growing list of trials, without looking at the old ones again.
#pragma once

#include "core/search/objective.h"

#include <span>
#include <vector>

namespace archscope::ui {

/// The front of all trials seen equals search::paretoFront of them: a front is decided by the former front and what is new.
class ParetoTracker {
public:
    ParetoTracker() = default;
    ParetoTracker(std::vector<search::Objective> objectives, std::vector<search::Constraint> constraints);

    /// Takes in the trials at these indices of `trials`, which must be the same list, grown, in every call. Trials that have
    /// not ended are passed over.
    /// True when the front changed.
    bool add(std::span<const train::Trial> trials, std::span<const int> indices);
    /// Indices, best first objective first.
    const std::vector<int>& front() const { return m_front; }
    bool contains(int index) const;

private:
    std::vector<search::Objective> m_objectives;
    std::vector<search::Constraint> m_constraints;
    std::vector<int> m_front;
    std::vector<int> m_sorted; ///< the front, ascending
};

} // namespace archscope::ui
