#include "app/cli/table_search.h"

#include "core/base/text.h"
#include "core/catalog/notation.h"
#include "core/catalog/study_table.h"
#include "core/search/table_search.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <fmt/format.h>
#include <iostream>
#include <thread>

namespace archscope::cli {

namespace {
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds progressInterval{ 100 };

double secondsSince(Clock::time_point begin)
{
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

Json orNull(std::optional<double> number)
{
    return number ? numberToJson(*number) : Json(nullptr);
}

std::optional<double> metricOf(const train::Trial* trial, const std::string& metric)
{
    const double value = trial ? trial->metric(metric) : std::nan("");
    return std::isnan(value) ? std::nullopt : std::optional(value);
}

std::string textOf(const std::string& metric, std::optional<double> value)
{
    // A test metric reads like the searched one.
    const train::MetricDescriptor* descriptor = train::findMetric(metric);
    return !value ? "n/a" : descriptor ? train::metricText(*descriptor, *value) : plainNumber(*value, 6);
}

/// What a search by the first objective can reach at most, and what that would be on the test split.
struct Oracle {
    std::string architecture;
    std::optional<double> value;
    std::optional<double> test;
};

Oracle oracleOf(const train::ArchitectureTable& table, const search::StudySpec& spec)
{
    const std::size_t row = catalog::bestRow(table, spec);
    if (row == train::ArchitectureTable::missing)
        return {};
    const std::string& metric = spec.objectives.front().metric;
    Oracle oracle{ table.key(row), table.value(row, table.metricIndex(metric)), {} };
    if (const std::size_t test = table.metricIndex(search::testMetricOf(metric)); test != train::ArchitectureTable::missing)
        oracle.test = table.value(row, test);
    return oracle;
}

void printOracle(const Context& context, const search::StudySpec& spec, const Oracle& oracle)
{
    const std::string& metric = spec.objectives.front().metric;
    if (context.json)
        printLine({ { "event", "oracle" }, { "arch", oracle.architecture }, { "value", orNull(oracle.value) },
            { "test", orNull(oracle.test) } });
    else
        std::cout << fmt::format("oracle: the table's best is {}, test {}: {}", textOf(metric, oracle.value),
            textOf(metric, oracle.test), oracle.architecture)
                  << std::endl;
}

/// One number a run.
class Sample {
public:
    void add(std::optional<double> value)
    {
        if (!value)
            return;
        m_values.push_back(*value);
    }
    std::optional<double> mean() const
    {
        if (m_values.empty())
            return {};
        double sum = 0;
        for (const double value : m_values)
            sum += value;
        return sum / static_cast<double>(m_values.size());
    }
    /// Of the runs, not of the mean; of one run nothing.
    std::optional<double> deviation() const
    {
        if (m_values.size() < 2)
            return {};
        const double middle = *mean();
        double squares = 0;
        for (const double value : m_values)
            squares += (value - middle) * (value - middle);
        return std::sqrt(squares / static_cast<double>(m_values.size() - 1));
    }

private:
    std::vector<double> m_values;
};

struct Run {
    std::uint64_t seed = 0;
    Result<search::TableSearchResult> result = fail(ErrorCode::Cancelled, "not run");
};

/// Runs in order of their seeds; those that an interrupt kept from running or from ending are left out.
std::vector<Run> runAll(const Context& context, const search::StudySpec& spec, const space::DecisionSpace& decisions,
    const train::TableEvaluator& evaluator, const TableRuns& runs)
{
    std::vector<Run> all(static_cast<std::size_t>(runs.repeat));
    std::atomic<std::size_t> next = 0;
    const search::TableSearchHooks hooks{ [](const search::TableSearchResult&) { return !InterruptWatch::isInterrupted(); },
        {} };
    {
        const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
        std::vector<std::jthread> workers;
        for (unsigned i = 0; i < (runs.jobs > 0 ? static_cast<unsigned>(runs.jobs) : cores); ++i) {
            workers.emplace_back([&] {
                for (std::size_t index = next++; index < all.size() && !InterruptWatch::isInterrupted(); index = next++) {
                    search::StudySpec own = spec;
                    own.seed = all[index].seed = spec.seed + index;
                    all[index].result = search::searchTable(context.catalog->strategies(), own, decisions, evaluator, hooks);
                }
            });
        }
    }
    std::erase_if(all,
        [](const Run& run) { return run.result ? run.result->stopped : run.result.error().code == ErrorCode::Cancelled; });
    return all;
}

int repeatSearch(const Context& context, const search::StudySpec& spec, const space::DecisionSpace& decisions,
    const train::TableEvaluator& evaluator, const TableRuns& runs)
{
    const auto begun = Clock::now();
    const std::vector<Run> all = runAll(context, spec, decisions, evaluator, runs);
    const std::string& metric = spec.objectives.front().metric;
    const std::string testMetric = search::testMetricOf(metric);
    Sample best;
    Sample test;
    Sample simulated;
    Sample trials;
    std::int64_t allTrials = 0;
    for (const Run& run : all) {
        if (!run.result)
            return report(run.result.error());
        const train::Trial* found = run.result->best ? &*run.result->best : nullptr;
        best.add(metricOf(found, metric));
        test.add(metricOf(found, testMetric));
        trials.add(static_cast<double>(run.result->trials));
        if (!spec.table->cost.empty())
            simulated.add(run.result->simulatedSeconds);
        allTrials += run.result->trials;
        if (context.json)
            printLine({ { "event", "run" }, { "seed", run.seed }, { "trials", run.result->trials },
                { "best_value", orNull(metricOf(found, metric)) }, { "best_test", orNull(metricOf(found, testMetric)) },
                { "simulated_s", spec.table->cost.empty() ? Json(nullptr) : Json(run.result->simulatedSeconds) } });
    }
    printOracle(context, spec, oracleOf(evaluator.table(), spec));
    const double elapsed = secondsSince(begun);
    const bool isComplete = all.size() == static_cast<std::size_t>(runs.repeat);
    if (context.json) {
        printLine({ { "event", isComplete ? "finished" : "stopped" }, { "runs", all.size() }, { "trials", allTrials },
            { "best_trial", nullptr }, { "best_value", orNull(best.mean()) }, { "best_value_std", orNull(best.deviation()) },
            { "best_test", orNull(test.mean()) }, { "best_test_std", orNull(test.deviation()) },
            { "simulated_s", orNull(simulated.mean()) }, { "elapsed_s", elapsed } });
        return Done;
    }
    std::cout << fmt::format("{}: {} runs of {} trials{} in {}; mean and standard deviation over the runs:\n",
        isComplete ? "finished" : "stopped", groupDigits(static_cast<std::int64_t>(all.size())),
        plainNumber(trials.mean().value_or(0)),
        simulated.mean() ? " (" + durationText(*simulated.mean()) + " simulated)" : "", durationText(elapsed));
    const auto spread = [](const Sample& sample) {
        return fmt::format(
            "{} ± {}", plainNumber(sample.mean().value_or(std::nan("")), 6), plainNumber(sample.deviation().value_or(0), 3));
    };
    std::cout << fmt::format("  best {}: {}\n", metric, spread(best));
    if (test.mean())
        std::cout << fmt::format("  its {}: {}\n", testMetric, spread(test));
    std::cout.flush();
    return Done;
}

int searchOnce(const Context& context, const search::StudySpec& spec, const space::DecisionSpace& decisions,
    const train::TableEvaluator& evaluator)
{
    const auto begun = Clock::now();
    auto shownAt = begun;
    ProgressBar bar;
    const std::string& metric = spec.objectives.front().metric;
    search::TableSearchHooks hooks;
    hooks.goesOn = [&](const search::TableSearchResult& soFar) {
        if (Clock::now() - shownAt >= progressInterval) {
            shownAt = Clock::now();
            const auto best = metricOf(soFar.best ? &*soFar.best : nullptr, metric);
            if (context.json)
                printLine({ { "event", "progress" }, { "trials", soFar.trials }, { "best_value", orNull(best) },
                    { "simulated_s", spec.table->cost.empty() ? Json(nullptr) : Json(soFar.simulatedSeconds) } });
            else if (spec.budget.trials > 0)
                bar.show(static_cast<double>(soFar.trials) / static_cast<double>(spec.budget.trials),
                    fmt::format("{} trials, best {}", groupDigits(soFar.trials), textOf(metric, best)));
        }
        return !InterruptWatch::isInterrupted();
    };
    const auto result = search::searchTable(context.catalog->strategies(), spec, decisions, evaluator, hooks);
    const double elapsed = secondsSince(begun);
    bar.clear();
    if (!result)
        return report(result.error());
    if (result->exhausted)
        std::cerr << "archscope-cli: the strategy has no further proposal: the search ends here" << std::endl;
    if (result->failed > 0)
        std::cerr << fmt::format(
            "archscope-cli: {} trials failed; the last: {}", groupDigits(result->failed), result->failure)
                  << std::endl;
    const auto simulated = spec.table->cost.empty() ? std::nullopt : std::optional(result->simulatedSeconds);
    printOutcome(context, spec, decisions, evaluator.table(),
        { !result->stopped, result->trials, result->best ? &*result->best : nullptr, simulated, elapsed });
    return Done;
}
} // namespace

void printOutcome(const Context& context, const search::StudySpec& spec, const space::DecisionSpace& decisions,
    const train::ArchitectureTable& table, const TableOutcome& outcome)
{
    const std::string& metric = spec.objectives.front().metric;
    const auto value = metricOf(outcome.best, metric);
    const auto test = metricOf(outcome.best, search::testMetricOf(metric));
    if (context.json) {
        printOracle(context, spec, oracleOf(table, spec));
        printLine({ { "event", outcome.finished ? "finished" : "stopped" }, { "trials", outcome.trials },
            { "best_trial", outcome.best ? Json(outcome.best->id.value()) : Json(nullptr) }, { "best_value", orNull(value) },
            { "best_test", orNull(test) }, { "simulated_s", orNull(outcome.simulatedSeconds) },
            { "elapsed_s", outcome.elapsedSeconds } });
        return;
    }
    std::cout << fmt::format("{}: {} trials in {}{}\n", outcome.finished ? "finished" : "stopped",
        groupDigits(outcome.trials), durationText(outcome.elapsedSeconds),
        outcome.simulatedSeconds ? ", " + durationText(*outcome.simulatedSeconds) + " simulated" : "");
    if (outcome.best)
        std::cout << fmt::format("best (trial {}): {}, test {}: {}\n", outcome.best->id.value(), textOf(metric, value),
            textOf(metric, test), catalog::architectureText(spec.space, decisions, outcome.best->genotype));
    else
        std::cout << "no trial completed\n";
    printOracle(context, spec, oracleOf(table, spec));
}

int searchTable(const Context& context, const search::StudySpec& spec, const space::DecisionSpace& decisions,
    std::shared_ptr<const train::ArchitectureTable> table, const TableRuns& runs)
{
    const train::TableEvaluator evaluator(std::move(table));
    const InterruptWatch interrupts;
    return runs.repeat > 0 ? repeatSearch(context, spec, decisions, evaluator, runs)
                           : searchOnce(context, spec, decisions, evaluator);
}

} // namespace archscope::cli
