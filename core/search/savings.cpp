#include "core/search/savings.h"

#include "core/base/text.h"
#include "core/search/strategy_driver.h"

#include <fmt/format.h>

namespace archscope::search {

std::optional<Savings> savingsOf(const StoredStudy& study)
{
    Savings savings;
    const int full = fullEpochs(study.spec);
    for (const train::Trial& trial : study.trials) {
        if (!trial.hasEnded())
            continue;
        if (trial.continues.isValid()) {
            ++savings.continued;
        } else {
            ++savings.proposals;
            savings.fullEpochs += full;
        }
        savings.duplicates += trial.duplicateOf.isValid();
        savings.pruned += trial.state == train::TrialState::Pruned;
        if (const auto epochs = trial.metrics.find("epochs"); epochs != trial.metrics.end())
            savings.trainedEpochs += static_cast<std::int64_t>(epochs->second);
    }
    savings.filter = filterCounts(study.strategyState);
    if (study.spec.table || savings.trainedEpochs == 0)
        return {};
    return savings;
}

Json savingsToJson(const Savings& savings)
{
    Json json = { { "proposals", savings.proposals }, { "full_epochs", savings.fullEpochs }, { "trained_epochs", savings.trainedEpochs },
        { "saved", savings.savedShare() }, { "continued", savings.continued }, { "pruned", savings.pruned },
        { "duplicates", savings.duplicates } };
    if (savings.filter) {
        json["proxy_scored"] = savings.filter->scored;
        json["proxy_refused"] = savings.filter->refused;
    }
    return json;
}

std::string savingsText(const Savings& savings)
{
    std::string text = fmt::format("trained {} of {} epochs ({:.0f} % saved): {} trials went on with an earlier one, {} were pruned, {} were "
                                   "duplicates",
        groupDigits(savings.trainedEpochs), groupDigits(savings.fullEpochs), 100 * savings.savedShare(), groupDigits(savings.continued),
        groupDigits(savings.pruned), groupDigits(savings.duplicates));
    if (savings.filter)
        text += fmt::format(
            "; the proxy refused {} of {} architectures", groupDigits(savings.filter->refused), groupDigits(savings.filter->scored));
    return text;
}

} // namespace archscope::search
