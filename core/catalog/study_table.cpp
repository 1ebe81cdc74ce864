#include "core/catalog/study_table.h"

#include "core/catalog/notation.h"

#include <algorithm>
#include <fmt/format.h>

namespace archscope::catalog {

namespace {
Result<train::TableColumns> columnsOf(const search::StudySpec& spec)
{
    const search::TableSpec& table = *spec.table;
    train::TableColumns columns{ table.key, table.columns };
    const auto add = [&columns](const std::string& metric, const std::string& column) -> Result<void> {
        if (!column.empty() && !columns.metrics.emplace(metric, column).second)
            return fail(ErrorCode::InvalidArgument,
                fmt::format("two columns are named for '{}': '{}' and '{}'", metric, columns.metrics[metric], column));
        return {};
    };
    const std::string& searched = spec.objectives.front().metric;
    ARCHSCOPE_TRY(add(searched, table.metric));
    ARCHSCOPE_TRY(add(search::testMetricOf(searched), table.test));
    ARCHSCOPE_TRY(add("simulated_s", table.cost));
    const auto require = [&columns](const std::string& metric, std::string_view what) -> Result<void> {
        if (columns.metrics.contains(metric))
            return {};
        return fail(ErrorCode::InvalidArgument,
            fmt::format("no column of the table is named for the {} '{}' (on the command line: --column {}=COL)", what,
                metric, metric));
    };
    for (const search::Objective& objective : spec.objectives)
        ARCHSCOPE_TRY(require(objective.metric, "objective"));
    for (const search::Constraint& constraint : spec.constraints)
        ARCHSCOPE_TRY(require(constraint.metric, "constraint on"));
    return columns;
}
} // namespace

Result<std::shared_ptr<const train::ArchitectureTable>> loadStudyTable(const search::StudySpec& spec)
{
    if (!spec.table)
        return fail(ErrorCode::InvalidArgument, fmt::format("the study '{}' trains its trials: it has no table", spec.name));
    for (const space::Constraint& constraint : spec.space.constraints) {
        if (std::holds_alternative<space::Budget>(constraint) || std::holds_alternative<space::ShapeBound>(constraint))
            return fail(ErrorCode::Unsupported,
                "a table builds no networks, so it cannot keep the space's bound: take it out of the space, or bound a "
                "column of the "
                "table (--constraint, --column)",
                space::constraintText(constraint));
    }
    ARCHSCOPE_ASSIGN(const train::TableColumns columns, columnsOf(spec));
    ARCHSCOPE_ASSIGN(space::DecisionSpace decisions, space::DecisionSpace::compile(spec.space));
    return train::ArchitectureTable::load(spec.table->file, columns, architectureCodec(spec.space, std::move(decisions)));
}

std::size_t bestRow(const train::ArchitectureTable& table, const search::StudySpec& spec)
{
    const search::Objective& objective = spec.objectives.front();
    const std::size_t metric = table.metricIndex(objective.metric);
    std::size_t best = train::ArchitectureTable::missing;
    for (std::size_t row = 0; row < table.size(); ++row) {
        const bool fulfils = std::ranges::all_of(spec.constraints, [&](const search::Constraint& constraint) {
            return constraint.holds(table.value(row, table.metricIndex(constraint.metric)));
        });
        const auto isBetter = [&] {
            const double value = table.value(row, metric);
            const double former = table.value(best, metric);
            return objective.maximise ? value > former : value < former;
        };
        if (fulfils && (best == train::ArchitectureTable::missing || isBetter()))
            best = row;
    }
    return best;
}

} // namespace archscope::catalog
