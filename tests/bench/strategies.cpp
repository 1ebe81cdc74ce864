// What each black-box strategy finds in a table of architectures. One JSON line a strategy: mean and deviation over the runs
// of the best by the searched metric, and of its test metric.
//
//     archscope-bench-strategies nas_bench_macro.csv                          200 evaluations, 200 runs
//     archscope-bench-strategies nb201.csv --space nas-bench-201 --key arch --metric valid --test test --cost seconds
//     --cost-budget 12000 --runs 500
//
// With --curves FOLDER also FOLDER/STRATEGY.csv: the mean and deviation of the best so far after each evaluation, which
// plot_curves.py draws.
#include "core/base/files.h"
#include "core/base/text.h"
#include "core/catalog/catalog.h"
#include "core/catalog/study_table.h"
#include "core/search/strategy_driver.h"
#include "core/search/table_search.h"

#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fmt/format.h>
#include <limits>
#include <thread>

using namespace archscope;

namespace {

struct Options {
    std::string space = "nas-bench-macro";
    search::TableSpec table{ "", "arch", "mean_acc", "", "", {} };
    std::vector<std::string> strategies;
    std::vector<std::string> settings; ///< STRATEGY:KEY=VALUE
    std::int64_t trials = 200;
    double costBudget = 0;
    int runs = 200;
    std::string curves;
};

[[noreturn]] void die(const Error& error)
{
    std::fprintf(stderr, "%s\n", error.text().c_str());
    std::exit(3);
}

struct Moments {
    double mean = 0;
    double deviation = 0;
};

Moments momentsOf(const std::vector<double>& values)
{
    Moments moments;
    for (const double value : values)
        moments.mean += value / static_cast<double>(values.size());
    for (const double value : values)
        moments.deviation += (value - moments.mean) * (value - moments.mean);
    moments.deviation = values.size() > 1 ? std::sqrt(moments.deviation / static_cast<double>(values.size() - 1)) : 0;
    return moments;
}

struct Run {
    std::string problem;
    double best = std::numeric_limits<double>::quiet_NaN();
    double test = std::numeric_limits<double>::quiet_NaN();
    std::int64_t trials = 0;
    std::vector<double> curve; ///< best so far, after each trial
};

class Bench {
public:
    explicit Bench(Options options)
        : m_options(std::move(options))
    {
        auto space = m_catalog.resolveSpace(m_options.space);
        if (!space)
            die(space.error());
        m_spec.space = std::move(*space);
        m_spec.table = m_options.table;
        m_spec.budget.trials = m_options.costBudget > 0 ? 0 : m_options.trials;
        m_spec.budget.simulatedSeconds = m_options.costBudget;
        m_decisions = *space::DecisionSpace::compile(m_spec.space);
        auto table = catalog::loadStudyTable(m_spec);
        if (!table)
            die(table.error());
        m_table = std::move(*table);
        const std::size_t best = catalog::bestRow(*m_table, m_spec);
        Json line = { { "figure", "oracle" }, { "arch", m_table->key(best) },
            { "best", m_table->value(best, m_table->metricIndex(metric)) } };
        if (!m_options.table.test.empty())
            line["test"] = m_table->value(best, m_table->metricIndex(testMetric));
        print(line);
    }

    void measure(const search::StrategyDescriptor& strategy)
    {
        search::StudySpec spec = m_spec;
        spec.strategy = strategy.name;
        Json settings = Json::object();
        for (const search::ParameterDescriptor& setting : strategy.settings)
            settings[setting.name] = space::literalToJson(setting.fallback);
        for (const auto& [name, value] : chosen(strategy)) {
            spec.settings[name] = value;
            settings[name] = space::literalToJson(value);
        }
        nameChosen(spec, settings);
        const auto begin = std::chrono::steady_clock::now();
        const std::vector<Run> runs = runAll(spec);
        const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        std::vector<double> best;
        std::vector<double> test;
        double trials = 0;
        for (const Run& run : runs) {
            if (!run.problem.empty()) {
                std::fprintf(stderr, "%s\n", run.problem.c_str());
                return;
            }
            best.push_back(run.best);
            test.push_back(run.test);
            trials += static_cast<double>(run.trials) / static_cast<double>(runs.size());
        }
        Json line = { { "figure", "best" }, { "strategy", strategy.name }, { "settings", settings }, { "runs", runs.size() },
            { "trials", trials }, { "best_mean", momentsOf(best).mean }, { "best_std", momentsOf(best).deviation },
            { "seconds", seconds } };
        if (!m_options.table.test.empty()) {
            line["test_mean"] = momentsOf(test).mean;
            line["test_std"] = momentsOf(test).deviation;
        }
        print(line);
        if (!m_options.curves.empty())
            writeCurve(strategy.name, runs);
    }

    void measureAll()
    {
        const search::StrategySet& strategies = m_catalog.strategies();
        for (const std::string& name : m_options.strategies) {
            if (!strategies.find(name))
                die({ ErrorCode::InvalidArgument, unknownName("strategy", name, strategies.names()), {} });
        }
        for (const search::StrategyDescriptor& strategy : strategies.all()) {
            if (m_options.strategies.empty() || std::ranges::count(m_options.strategies, strategy.name))
                measure(strategy);
        }
    }

private:
    static constexpr const char* metric = "val_accuracy";
    static constexpr const char* testMetric = "test_accuracy";

    static void print(const Json& line)
    {
        std::printf("%s\n", line.dump().c_str());
        std::fflush(stdout);
    }

    std::map<std::string, space::Literal> chosen(const search::StrategyDescriptor& strategy) const
    {
        std::map<std::string, space::Literal> values;
        for (const std::string& text : m_options.settings) {
            const std::size_t colon = text.find(':');
            const std::size_t equals = text.find('=');
            if (colon == std::string::npos || equals == std::string::npos || equals < colon)
                die({ ErrorCode::InvalidArgument, "a setting is written STRATEGY:KEY=VALUE", text });
            if (text.substr(0, colon) != strategy.name)
                continue;
            const std::string key = text.substr(colon + 1, equals - colon - 1);
            const auto setting = std::ranges::find(strategy.settings, key, &search::ParameterDescriptor::name);
            if (setting == strategy.settings.end())
                die({ ErrorCode::InvalidArgument, "the strategy has no such setting", text });
            const auto value = setting->parse(text.substr(equals + 1));
            if (!value)
                die(value.error());
            values[key] = *value;
        }
        return values;
    }

    /// Settings that chose themselves, such as a population, stand in a strategy's state by their names.
    void nameChosen(const search::StudySpec& spec, Json& settings) const
    {
        search::StrategyDriver::World world;
        world.meanSimulatedSeconds = train::TableEvaluator(m_table).meanSimulatedSeconds();
        const auto driver = search::StrategyDriver::create(m_catalog.strategies(), spec, m_decisions, std::move(world));
        if (!driver)
            return; // running it says why
        const Json state = (*driver)->state();
        for (auto& [name, value] : settings.items()) {
            if (state.contains(name) && state[name].is_number())
                value = state[name];
        }
    }

    std::vector<Run> runAll(const search::StudySpec& spec) const
    {
        std::vector<Run> runs(static_cast<std::size_t>(m_options.runs));
        std::atomic<std::size_t> next = 0;
        std::vector<std::jthread> workers;
        for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i) {
            workers.emplace_back([&] {
                for (std::size_t index = next++; index < runs.size(); index = next++)
                    runs[index] = runOnce(spec, index);
            });
        }
        workers.clear();
        return runs;
    }

    Run runOnce(search::StudySpec spec, std::size_t seed) const
    {
        spec.seed = seed;
        Run run;
        const train::TableEvaluator evaluator(m_table);
        search::TableSearchHooks hooks;
        if (!m_options.curves.empty()) {
            hooks.ended = [&run](const train::Trial& trial) {
                const double value = trial.metric(metric);
                const double before = run.curve.empty() ? std::numeric_limits<double>::quiet_NaN() : run.curve.back();
                run.curve.push_back(std::fmax(before, value)); // which ignores what is not a number
            };
        }
        const auto result = search::searchTable(m_catalog.strategies(), spec, m_decisions, evaluator, hooks);
        if (!result) {
            run.problem = spec.strategy + ": " + result.error().text();
            return run;
        }
        run.trials = result->trials;
        if (result->best) {
            run.best = result->best->metric(metric);
            run.test = result->best->metric(testMetric);
        }
        return run;
    }

    void writeCurve(const std::string& strategy, const std::vector<Run>& runs) const
    {
        std::size_t longest = 0;
        for (const Run& run : runs)
            longest = std::max(longest, run.curve.size());
        std::string text = "evaluations,mean,std\n";
        for (std::size_t i = 0; i < longest; ++i) {
            std::vector<double> values;
            for (const Run& run : runs) {
                if (!run.curve.empty())
                    values.push_back(run.curve[std::min(i, run.curve.size() - 1)]);
            }
            text += fmt::format("{},{:.5g},{:.4g}\n", i + 1, momentsOf(values).mean, momentsOf(values).deviation);
        }
        const auto file = std::filesystem::path(m_options.curves) / (strategy + ".csv");
        if (const auto written = writeFileAtomically(file, text); !written)
            die(written.error());
    }

    Options m_options;
    catalog::Catalog m_catalog;
    search::StudySpec m_spec;
    space::DecisionSpace m_decisions;
    std::shared_ptr<const train::ArchitectureTable> m_table;
};

} // namespace

int main(int argc, char** argv)
{
    Options options;
    CLI::App app("What each black-box strategy finds in a table of architectures", "archscope-bench-strategies");
    app.add_option("table", options.table.file, "CSV file")->required();
    app.add_option("--space", options.space, "A preset's name or a .space.json file")->capture_default_str();
    app.add_option("--key", options.table.key, "Column with the architectures")->capture_default_str();
    app.add_option("--metric", options.table.metric, "Column to search by")->capture_default_str();
    app.add_option("--test", options.table.test, "Column of the same on the test split");
    app.add_option("--cost", options.table.cost, "Column with seconds");
    app.add_option("--cost-budget", options.costBudget, "Budget in these, instead of trials");
    app.add_option("--trials", options.trials, "Evaluations of a run")->capture_default_str();
    app.add_option("--runs", options.runs, "Runs of a strategy, with seeds 0, 1, …")->capture_default_str();
    app.add_option("--strategy", options.strategies, "Only these")->take_all();
    app.add_option("--set", options.settings, "STRATEGY:KEY=VALUE")->take_all();
    app.add_option("--curves", options.curves, "Folder for the best so far after each evaluation");
    CLI11_PARSE(app, argc, argv);
    Bench(options).measureAll();
}
