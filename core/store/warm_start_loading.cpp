#include "core/store/warm_start_loading.h"

#include "core/search/warm_start.h"
#include "core/store/stores.h"

#include <algorithm>
#include <fmt/format.h>

namespace archscope::store {

Result<search::WarmStartSource> parseWarmStart(const std::string& text)
{
    const std::size_t mark = text.rfind('#');
    if (mark == std::string::npos || mark == 0 || mark + 1 == text.size())
        return fail(ErrorCode::InvalidArgument,
            "a warm start names a store and a study, as in 'sqlite:first.archscope#digits'", fmt::format("'{}'", text));
    search::WarmStartSource source;
    source.store = text.substr(0, mark);
    source.study = text.substr(mark + 1);
    return source;
}

Result<void> loadWarmStart(search::StudySpec& spec)
{
    if (spec.warmStart.empty() || !spec.prior.empty())
        return {};
    std::vector<search::StoredStudy> sources;
    for (const search::WarmStartSource& source : spec.warmStart) {
        ARCHSCOPE_ASSIGN(const auto store, openStore(source.store, OpenMode::ReadOnly));
        ARCHSCOPE_ASSIGN(sources.emplace_back(), store->load(source.study));
    }
    return search::takeOver(spec, sources);
}

namespace {
/// Of several cold studies the one that is most like the warm one: the same strategy, the same seed, then the most trials.
Result<std::optional<search::StoredStudy>> coldCounterpart(search::StudyStore& store, const search::StudySpec& warm)
{
    ARCHSCOPE_ASSIGN(const std::vector<search::StudySummary> studies, store.list());
    std::optional<search::StoredStudy> nearest;
    const auto likeness = [&warm](const search::StoredStudy& study) {
        return std::tuple(study.spec.strategy == warm.strategy, study.spec.seed == warm.seed, study.trials.size());
    };
    for (const search::StudySummary& summary : studies) {
        if (summary.name == warm.name || summary.completed == 0 || summary.space != warm.space.name
            || summary.task != warm.task.name)
            continue;
        ARCHSCOPE_ASSIGN(search::StoredStudy study, store.load(summary.name));
        if (search::isColdCounterpart(warm, study.spec) && (!nearest || likeness(study) > likeness(*nearest)))
            nearest = std::move(study);
    }
    return nearest;
}
} // namespace

Result<std::vector<std::string>> warmStartReport(search::StudyStore& store, const search::StoredStudy& study)
{
    if (study.spec.warmStart.empty())
        return std::vector<std::string>();
    std::vector<std::string> sentences = search::takenOverTexts(study.spec);
    ARCHSCOPE_ASSIGN(const std::optional<search::StoredStudy> cold, coldCounterpart(store, study.spec));
    const auto comparison = cold ? search::compareWithCold(study, *cold) : std::nullopt;
    sentences.push_back(comparison
            ? search::comparisonText(*comparison, study.spec.objectives.front().metric)
            : "there is no cold study of the same space, task and objectives in this store to compare with");
    return sentences;
}

} // namespace archscope::store
