// How fast trials end, and how long the rest of the budget takes at that pace.
#pragma once

#include "core/search/study.h"

#include <deque>
#include <utility>

namespace archscope::search {

class SearchPace {
public:
    /// The clock is that of searching: it stands still in pauses.
    SearchPace(std::int64_t ended, double seconds) { m_samples.emplace_back(seconds, ended); }

    /// To be called when more trials have ended.
    void add(std::int64_t ended, double seconds);
    /// Of the last minute or the last 20 trials, whichever is longer; 0 before the first trial has ended.
    double trialsPerMinute() const;
    /// Until the first bound of the budget is reached; NaN when nothing is known about it.
    double remainingSeconds(const Budget& budget, double nowSeconds) const;

private:
    std::deque<std::pair<double, std::int64_t>> m_samples; ///< seconds, trials ended until then; the newest last
};

} // namespace archscope::search
