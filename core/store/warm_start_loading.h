// Earlier studies, read from their stores for a warm start.
#pragma once

#include "core/search/study_store.h"

namespace archscope::store {

/// "sqlite:first.archscope#digits": the study's name begins after the last '#'.
Result<search::WarmStartSource> parseWarmStart(const std::string& text);

/// Reads all studies of `spec.warmStart` and fills in what is taken over from them (search/warm_start.h). Nothing to do
/// without any, or when it is done. Slow: not on a GUI thread.
Result<void> loadWarmStart(search::StudySpec& spec);

/// What the study took over, and how it stands against a cold one of its store: sentences for people. Empty without a warm
/// start.
Result<std::vector<std::string>> warmStartReport(search::StudyStore& store, const search::StoredStudy& study);

} // namespace archscope::store
