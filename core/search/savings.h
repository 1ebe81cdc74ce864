// What a study did not have to train, and thanks to what.
#pragma once

#include "core/search/proxy_filter.h"
#include "core/search/study_store.h"

namespace archscope::search {

struct Savings {
    std::int64_t proposals = 0;     ///< ended trials but those that went on with an earlier one
    std::int64_t fullEpochs = 0;    ///< that the proposals would have taken, each trained in full
    std::int64_t trainedEpochs = 0; ///< that were trained; less than this for trials of a release that did not count them
    std::int64_t duplicates = 0;    ///< trials that got the result of one with the same network
    std::int64_t pruned = 0;        ///< ended early by their curves
    std::int64_t continued = 0;     ///< went on with an earlier one instead of from the start
    std::optional<FilterCounts> filter; ///< by the proxy, as of the last checkpoint; nothing: no proxy

    double savedShare() const { return fullEpochs > 0 ? 1 - static_cast<double>(trainedEpochs) / static_cast<double>(fullEpochs) : 0; }
};
/// Nothing where nothing is trained (a table), or nothing has been yet.
std::optional<Savings> savingsOf(const StoredStudy& study);
Json savingsToJson(const Savings& savings);
/// "trained 41 of 96 epochs (57 % saved): 12 trials went on, 3 were pruned, 2 were duplicates; the proxy refused 20 of 52".
std::string savingsText(const Savings& savings);

} // namespace archscope::search
