#include "core/search/search_pace.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace archscope::search {

namespace {
constexpr double windowSeconds = 60;
constexpr std::int64_t windowTrials = 20;
} // namespace

void SearchPace::add(std::int64_t ended, double seconds)
{
    m_samples.emplace_back(seconds, ended);
    while (
        m_samples.size() > 2 && seconds - m_samples[1].first >= windowSeconds && ended - m_samples[1].second >= windowTrials)
        m_samples.pop_front();
}

double SearchPace::trialsPerMinute() const
{
    const auto& [begin, endedAtBegin] = m_samples.front();
    const auto& [now, ended] = m_samples.back();
    return now > begin ? 60 * static_cast<double>(ended - endedAtBegin) / (now - begin) : 0;
}

double SearchPace::remainingSeconds(const Budget& budget, double nowSeconds) const
{
    double remaining = std::numeric_limits<double>::infinity();
    if (budget.seconds > 0)
        remaining = budget.seconds - nowSeconds;
    if (const double pace = trialsPerMinute(); budget.trials > 0 && pace > 0) {
        const auto& [then, ended] = m_samples.back();
        const double fromThen = 60 * static_cast<double>(budget.trials - ended) / pace;
        remaining = std::min(remaining, fromThen - (nowSeconds - then));
    }
    return std::isinf(remaining) ? std::numeric_limits<double>::quiet_NaN() : std::max(0.0, remaining);
}

} // namespace archscope::search
