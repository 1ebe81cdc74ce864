// A zero-cost proxy as a filter in front of a strategy: what scores too low among the architectures scored so far is not proposed.
//
// The first `warmup` architectures are admitted whatever their score. After that one is admitted when its score is at least the
// (1 - share)-quantile of all scores so far, its own and those of the refused ones included (Abdelfattah et al., Zero-Cost Proxies
// for Lightweight NAS, ICLR 2021, section 4.2, use proxies to choose what is trained).
#pragma once

#include "core/search/study.h"

#include <functional>
#include <memory>
#include <unordered_map>

namespace archscope::search {

/// Not thread-safe: the engine holds a lock.
class ProxyFilter {
public:
    using Score = std::function<Result<double>(const std::string& proxy, const space::Genotype&, std::uint64_t seed)>;

    static const std::vector<ParameterDescriptor>& settings();
    /// Fails where the proxy or a setting is unknown.
    static Result<std::unique_ptr<ProxyFilter>> create(const Component& proxy, Score score, std::uint64_t seed);

    /// Scores a genotype that it has not seen, with the same seed each. One that cannot be scored is admitted: its evaluation will say why.
    bool admits(const space::Genotype& genotype);

    /// As created.
    void reset();
    Json state() const;
    Result<void> restore(const JsonReader& reader);

private:
    ProxyFilter(std::string proxy, double share, std::int64_t warmup, Score score, std::uint64_t seed);

    std::string m_proxy;
    double m_share;
    std::int64_t m_warmup;
    Score m_score;
    std::uint64_t m_seed;
    std::vector<std::pair<std::uint64_t, double>> m_seen; ///< hash of the genotype and its score, in the order of scoring
    std::unordered_map<std::uint64_t, bool> m_verdicts; ///< by hash: a genotype that is asked about again gets the same answer
    std::vector<double> m_sorted; ///< all scores, ascending
    std::int64_t m_refused = 0;
};

/// How many architectures a filter has scored and how many of them it refused, from the state of a study's strategy; nothing where
/// the study has no filter, or no state yet.
struct FilterCounts {
    std::int64_t scored = 0;
    std::int64_t refused = 0;
};
std::optional<FilterCounts> filterCounts(const std::optional<std::string>& strategyState);

} // namespace archscope::search
