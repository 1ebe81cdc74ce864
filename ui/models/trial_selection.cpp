#include "ui/models/trial_selection.h"

#include <algorithm>

namespace archscope::ui {

using train::TrialId;

bool TrialSelection::isSelected(TrialId id) const
{
    return std::binary_search(m_selected.begin(), m_selected.end(), id);
}

void TrialSelection::select(TrialId id)
{
    selectMany({id}, id);
}

void TrialSelection::selectMany(std::vector<TrialId> ids, TrialId current)
{
    std::erase_if(ids, [](TrialId id) { return !id.isValid(); });
    // "The first" is the caller's first, before sorting.
    if (std::find(ids.begin(), ids.end(), current) == ids.end())
        current = ids.empty() ? TrialId() : ids.front();
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    if (ids == m_selected && current == m_current)
        return;
    m_selected = std::move(ids);
    m_current = current;
    Q_EMIT changed();
}

void TrialSelection::toggle(TrialId id)
{
    std::vector<TrialId> ids = m_selected;
    if (const auto place = std::lower_bound(ids.begin(), ids.end(), id); place != ids.end() && *place == id) {
        ids.erase(place);
        selectMany(std::move(ids), m_current);
    } else {
        ids.insert(place, id);
        selectMany(std::move(ids), id);
    }
}

void TrialSelection::clear()
{
    selectMany({});
}

} // namespace archscope::ui
