// The table of a study that looks its trials up (StudySpec::table).
#pragma once

#include "core/search/study.h"
#include "core/train/architecture_table.h"

namespace archscope::catalog {

/// Reads the table in the notation of the study's space. Fails where the study has none, where an objective or a constraint
/// speaks of a metric that no column is named for, where a metric has two columns, and as ArchitectureTable::load. Slow: not
/// on a GUI thread.
Result<std::shared_ptr<const train::ArchitectureTable>> loadStudyTable(const search::StudySpec& spec);

/// The row that has the best first objective of all that fulfil the constraints: what a search can reach at most; `missing`
/// when none.
std::size_t bestRow(const train::ArchitectureTable& table, const search::StudySpec& spec);

} // namespace archscope::catalog
