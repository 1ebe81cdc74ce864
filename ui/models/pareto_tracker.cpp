#include "ui/models/pareto_tracker.h"

#include <algorithm>
#include <numeric>

namespace archscope::ui {

namespace {
/// What the front needs to know of a trial: curves and genotypes are left out.
train::Trial light(const train::Trial& trial)
{
    train::Trial result;
    result.id = trial.id;
    result.state = trial.state;
    result.metrics = trial.metrics;
    return result;
}
} // namespace

ParetoTracker::ParetoTracker(std::vector<search::Objective> objectives, std::vector<search::Constraint> constraints)
    : m_objectives(std::move(objectives))
    , m_constraints(std::move(constraints))
{
}

bool ParetoTracker::add(std::span<const train::Trial> trials, std::span<const int> indices)
{
    std::vector<int> places = m_sorted;
    for (const int index : indices) {
        if (trials[static_cast<std::size_t>(index)].hasEnded())
            places.push_back(index);
    }
    // In the order of the list: of equal points the earliest stays.
    std::sort(places.begin(), places.end());
    places.erase(std::unique(places.begin(), places.end()), places.end());

    std::vector<train::Trial> candidates;
    candidates.reserve(places.size());
    for (const int place : places)
        candidates.push_back(light(trials[static_cast<std::size_t>(place)]));
    std::vector<int> front;
    for (const std::size_t member : search::paretoFront(candidates, m_objectives, m_constraints))
        front.push_back(places[member]);
    if (front == m_front)
        return false;
    m_front = std::move(front);
    m_sorted = m_front;
    std::sort(m_sorted.begin(), m_sorted.end());
    return true;
}

bool ParetoTracker::contains(int index) const
{
    return std::binary_search(m_sorted.begin(), m_sorted.end(), index);
}

} // namespace archscope::ui
