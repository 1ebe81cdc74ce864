#include "core/search/proxy_filter.h"

#include "core/base/text.h"
#include "core/train/proxies.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace archscope::search {

const std::vector<ParameterDescriptor>& ProxyFilter::settings()
{
    static const std::vector<ParameterDescriptor> descriptors{
        ParameterDescriptor::real("share", 0.5, 0.01, 1, "Share of the architectures scored so far that are good enough to be evaluated."),
        ParameterDescriptor::integer("warmup", 10, 1, 1'000'000, "So many are admitted first, whatever their score.", "architectures"),
    };
    return descriptors;
}

ProxyFilter::ProxyFilter(std::string proxy, double share, std::int64_t warmup, Score score, std::uint64_t seed)
    : m_proxy(std::move(proxy))
    , m_share(share)
    , m_warmup(warmup)
    , m_score(std::move(score))
    , m_seed(seed)
{
}

Result<std::unique_ptr<ProxyFilter>> ProxyFilter::create(const Component& proxy, Score score, std::uint64_t seed)
{
    if (!train::findProxy(proxy.name))
        return fail(ErrorCode::InvalidArgument, unknownName("proxy", proxy.name, train::proxyNames()));
    ARCHSCOPE_ASSIGN(const Parameters chosen, space::completed(settings(), proxy.settings, proxy.name));
    return std::unique_ptr<ProxyFilter>(
        new ProxyFilter(proxy.name, chosen.real("share"), chosen.integer("warmup"), std::move(score), seed));
}

bool ProxyFilter::admits(const space::Genotype& genotype)
{
    const std::uint64_t hash = genotype.hash();
    if (const auto known = m_verdicts.find(hash); known != m_verdicts.end())
        return known->second;
    assert(m_score);
    const Result<double> scored = m_score(m_proxy, genotype, m_seed);
    if (!scored)
        return true;
    const double score = std::isnan(*scored) ? -std::numeric_limits<double>::infinity() : *scored;
    m_sorted.insert(std::ranges::upper_bound(m_sorted, score), score);
    m_seen.emplace_back(hash, score);
    const auto count = static_cast<std::int64_t>(m_sorted.size());
    // So many of all are good enough; at least the best one.
    const auto kept = std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(m_share * static_cast<double>(count))));
    const bool admitted = count <= m_warmup || score >= m_sorted[static_cast<std::size_t>(count - kept)];
    m_refused += !admitted;
    m_verdicts.emplace(hash, admitted);
    return admitted;
}

void ProxyFilter::reset()
{
    m_seen.clear();
    m_verdicts.clear();
    m_sorted.clear();
    m_refused = 0;
}

Json ProxyFilter::state() const
{
    Json seen = Json::array();
    for (const auto& [hash, score] : m_seen)
        seen.push_back({ hash, numberToJson(score), m_verdicts.at(hash) });
    return Json{ { "seen", std::move(seen) }, { "refused", m_refused } };
}

Result<void> ProxyFilter::restore(const JsonReader& reader)
{
    ARCHSCOPE_ASSIGN(const JsonReader seen, reader.member("seen"));
    ARCHSCOPE_TRY(seen.expectArray());
    reset();
    for (std::size_t i = 0; i < seen.size(); ++i) {
        ARCHSCOPE_ASSIGN(const JsonReader entry, seen.element(i));
        ARCHSCOPE_TRY(entry.expectArray());
        if (entry.size() != 3 || !entry.value()[0].is_number_unsigned() || !entry.value()[2].is_boolean())
            return entry.fail("a filter's architecture is a hash, a score and whether it was admitted");
        ARCHSCOPE_ASSIGN(const double score, numberFromJson(entry.value()[1]));
        if (std::isnan(score))
            return entry.fail("a score is a number");
        const auto hash = entry.value()[0].get<std::uint64_t>();
        const bool admitted = entry.value()[2].get<bool>();
        m_seen.emplace_back(hash, score);
        m_verdicts.emplace(hash, admitted);
        m_sorted.push_back(score);
        m_refused += !admitted;
    }
    std::ranges::sort(m_sorted);
    return {};
}

std::optional<FilterCounts> filterCounts(const std::optional<std::string>& strategyState)
{
    if (!strategyState)
        return {};
    const auto state = parseJson(*strategyState);
    if (!state || !state->is_object() || !state->contains("filter"))
        return {};
    const Json& filter = (*state)["filter"];
    if (!filter.is_object() || !filter.contains("seen") || !filter.contains("refused") || !filter["refused"].is_number_integer())
        return {};
    return FilterCounts{ static_cast<std::int64_t>(filter["seen"].size()), filter["refused"].get<std::int64_t>() };
}

} // namespace archscope::search
