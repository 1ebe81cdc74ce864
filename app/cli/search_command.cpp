// archscope-cli search, and the foreground run that `study resume` shares with it.
#include "app/cli/command.h"
#include "app/cli/table_search.h"

#include "core/base/text.h"
#include "core/catalog/notation.h"
#include "core/catalog/study_table.h"
#include "core/network/network.h"
#include "core/search/proxy_filter.h"
#include "core/search/savings.h"
#include "core/space/space_check.h"
#include "core/store/warm_start_loading.h"
#include "core/train/table_evaluator.h"
#include "core/train/proxies.h"
#include "core/train/training_evaluator.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fmt/format.h>
#include <iostream>
#include <mutex>
#include <thread>

namespace archscope::cli {

namespace {
struct Spread {
    double median = 0;
    double low = 0;
    double high = 0;
};

Spread spreadOf(std::vector<double> values)
{
    if (values.empty())
        return {};
    std::sort(values.begin(), values.end());
    return {values[values.size() / 2], values.front(), values.back()};
}

/// Prints events as they come; called on the engine's threads, one at a time.
class EventPrinter {
public:
    EventPrinter(const space::DecisionSpace& decisions, const search::StudySpec& spec, bool json)
        : m_decisions(decisions), m_spec(spec), m_json(json)
    {
    }

    void operator()(const search::StudyEvent& event)
    {
        const std::lock_guard lock(m_mutex);
        if (const auto* started = std::get_if<search::TrialStarted>(&event)) {
            if (m_json)
                printLine({{"event", "trial_started"}, {"trial", started->trial.id.value()}});
        } else if (const auto* ended = std::get_if<search::TrialEnded>(&event)) {
            trialEnded(ended->trial);
        } else if (const auto* notice = std::get_if<search::StudyNotice>(&event)) {
            m_bar.clear();
            std::cerr << "archscope-cli: " << notice->message << std::endl;
        } else if (const auto* progress = std::get_if<search::StudyProgressed>(&event)) {
            studyProgressed(*progress);
        }
    }

    void finish()
    {
        const std::lock_guard lock(m_mutex);
        m_bar.clear();
    }

private:
    void trialEnded(const train::Trial& trial)
    {
        m_bar.clear();
        if (m_json) {
            Json line = trialJson(m_spec.space, m_decisions, trial);
            line["event"] = "trial_ended";
            printLine(line);
            return;
        }
        if (m_spec.table)
            return; // thousands a second: `study trials` lists them
        std::string line = fmt::format("trial {:>4}  {}", trial.id.value(), train::stateName(trial.state));
        for (const char* name : {"val_accuracy", "latency_ms", "parameters", "seconds"}) {
            const double value = trial.metric(name);
            if (const auto* metric = train::findMetric(name); metric && value == value)
                line += fmt::format("  {} {}", metric->title, train::metricText(*metric, value));
        }
        if (trial.continues.isValid())
            line += fmt::format("  went on with trial {}", trial.continues.value());
        if (trial.duplicateOf.isValid())
            line += fmt::format("  the same network as trial {}", trial.duplicateOf.value());
        if (!trial.message.empty())
            line += "  " + trial.message;
        std::cout << line << std::endl;
    }

    void studyProgressed(const search::StudyProgressed& progress)
    {
        if (m_json)
            return;
        const double fraction = m_spec.budget.trials > 0
            ? static_cast<double>(progress.ended) / static_cast<double>(m_spec.budget.trials)
            : m_spec.budget.seconds > 0 ? progress.searchedSeconds / m_spec.budget.seconds : 0;
        std::string text = fmt::format("{} trials, {} running", progress.ended, progress.running);
        if (progress.remainingSeconds == progress.remainingSeconds)
            text += ", " + durationText(progress.remainingSeconds) + " left";
        m_bar.show(fraction, text);
    }

    const space::DecisionSpace& m_decisions;
    const search::StudySpec& m_spec;
    bool m_json;
    std::mutex m_mutex;
    ProgressBar m_bar;
};

struct SearchOptions {
    std::string space;
    std::string task;
    std::string strategy;
    std::vector<std::string> settings;
    std::int64_t trials = 0;
    std::string time;
    std::string objectives = "val_accuracy:max";
    std::vector<std::string> constraints;
    std::string fidelity;
    std::string device = "auto";
    int jobs = 0;
    std::uint64_t seed = 0;
    std::vector<std::string> warmStart;
    std::int64_t warmTrials = 0;
    std::string scheduler;
    std::vector<std::string> schedulerSettings;
    std::string proxy;
    std::vector<std::string> proxySettings;
    bool inheritWeights = false;
    search::TableSpec table;
    std::vector<std::string> columns;
    std::string costBudget;
    std::int64_t repeat = 0;
    StudyOptions study;
};

/// key=value, split at the first '='.
Result<std::pair<std::string, std::string>> keyValue(const std::string& text)
{
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
        return fail(ErrorCode::InvalidArgument, fmt::format("'{}' is not of the form key=value", text));
    return std::pair(text.substr(0, equals), text.substr(equals + 1));
}

Result<train::Fidelity> parseFidelity(const std::string& text)
{
    train::Fidelity fidelity;
    if (text.empty())
        return fidelity;
    ARCHSCOPE_ASSIGN(const auto pair, keyValue(text));
    std::int64_t epochs = 0;
    if (pair.first != "epochs")
        return fail(ErrorCode::InvalidArgument, fmt::format("unknown fidelity '{}'; known: epochs", pair.first));
    if (!parseInteger(pair.second, epochs) || epochs < 1 || epochs > 100'000)
        return fail(ErrorCode::InvalidArgument, fmt::format("epochs must be a whole number from 1 to 100000, not '{}'", pair.second));
    fidelity.epochs = static_cast<int>(epochs);
    return fidelity;
}

/// What --set, --scheduler-set and --proxy-set give, checked against what there is to set.
Result<std::map<std::string, space::Literal>> settingsOf(const std::vector<std::string>& texts, std::span<const space::ParameterDescriptor> known)
{
    std::map<std::string, space::Literal> settings;
    for (const std::string& text : texts) {
        ARCHSCOPE_ASSIGN(const auto pair, keyValue(text));
        const auto it = std::ranges::find(known, pair.first, &space::ParameterDescriptor::name);
        if (it == known.end()) {
            std::vector<std::string> names;
            for (const auto& descriptor : known)
                names.push_back(descriptor.name);
            return fail(ErrorCode::InvalidArgument, unknownName("setting", pair.first, names));
        }
        ARCHSCOPE_ASSIGN(settings[pair.first], it->parse(pair.second));
    }
    return settings;
}

/// What goes together with --table and what does not; an error says what to write.
Result<void> checkTableOptions(const SearchOptions& options)
{
    const auto usage = [](const char* sentence) { return fail(ErrorCode::InvalidArgument, sentence); };
    const bool hasTable = !options.table.file.empty();
    const search::TableSpec& table = options.table;
    if (!hasTable
        && (!table.key.empty() || !table.metric.empty() || !table.test.empty() || !table.cost.empty() || !options.columns.empty()
            || !options.costBudget.empty() || options.repeat > 0))
        return usage("--key, --metric, --test, --cost, --cost-budget, --column and --repeat are about a table: name it with --table F");
    if (hasTable && (table.key.empty() || table.metric.empty()))
        return usage("a table needs --key COL, the column with the architectures, and --metric COL, the column to search by");
    if (!options.costBudget.empty() && table.cost.empty())
        return usage("--cost-budget needs --cost COL, the column with what a trial costs in seconds");
    if (!hasTable && options.task.empty())
        return usage("--task is required: only the search of a table does without data");
    if (options.study.store.empty() != options.study.study.empty())
        return usage("--store and --study belong together");
    if (!hasTable && options.study.store.empty())
        return usage("--store and --study are required: only the search of a table may leave them out, and then keeps nothing");
    if (hasTable && (!options.scheduler.empty() || !options.proxy.empty() || options.inheritWeights))
        return usage("--scheduler, --proxy and --inherit-weights are about training: a table knows whole trainings only");
    if (options.scheduler.empty() && !options.schedulerSettings.empty())
        return usage("--scheduler-set needs --scheduler NAME");
    if (options.proxy.empty() && !options.proxySettings.empty())
        return usage("--proxy-set needs --proxy NAME");
    if (options.repeat > 0 && !options.study.store.empty())
        return usage("--repeat makes many runs in memory: leave out --store and --study");
    return {};
}

Result<search::TableSpec> tableSpec(const SearchOptions& options)
{
    search::TableSpec table = options.table;
    table.file = std::filesystem::absolute(table.file).lexically_normal().string(); // found from anywhere when the study is resumed
    for (const std::string& text : options.columns) {
        ARCHSCOPE_ASSIGN(const auto pair, keyValue(text));
        std::vector<std::string> names;
        for (const train::MetricDescriptor& metric : train::metricDescriptors())
            names.push_back(metric.name);
        if (!train::findMetric(pair.first))
            return fail(ErrorCode::InvalidArgument, unknownName("metric", pair.first, names));
        if (!table.columns.emplace(pair.first, pair.second).second)
            return fail(ErrorCode::InvalidArgument, fmt::format("the metric '{}' is named twice", pair.first));
    }
    return table;
}

int searchStudy(const Context& context, const SearchOptions& options)
{
    if (const auto sound = checkTableOptions(options); !sound)
        return reportUsage("search", sound.error());
    search::StudySpec spec;
    spec.name = options.study.study.empty() ? "in memory" : options.study.study;
    spec.strategy = options.strategy;
    spec.device = options.device;
    spec.jobs = options.jobs;
    spec.seed = options.seed;
    spec.budget.trials = options.trials;
    if (!options.time.empty()) {
        const auto seconds = search::parseDuration(options.time);
        if (!seconds)
            return reportUsage("--time", seconds.error());
        spec.budget.seconds = *seconds;
    }
    if (!options.costBudget.empty()) {
        const auto seconds = search::parseDuration(options.costBudget);
        if (!seconds)
            return reportUsage("--cost-budget", seconds.error());
        spec.budget.simulatedSeconds = *seconds;
    }
    if (spec.budget == search::Budget())
        return reportUsage("search", {ErrorCode::InvalidArgument, "give a budget: --trials N or --time 10m (of a table also --cost-budget S)", {}});
    if (!options.table.file.empty()) {
        auto table = tableSpec(options);
        if (!table)
            return reportUsage("--column", table.error());
        spec.table = std::move(*table);
    }
    for (const std::string& text : options.warmStart) {
        const auto source = store::parseWarmStart(text);
        if (!source)
            return reportUsage("--warm-start", source.error());
        spec.warmStart.push_back(*source);
    }
    spec.warmTrials = options.warmTrials;
    const auto objectives = search::parseObjectives(options.objectives);
    if (!objectives)
        return reportUsage("--objective", objectives.error());
    spec.objectives = *objectives;
    for (const std::string& text : options.constraints) {
        const auto constraint = search::parseConstraint(text);
        if (!constraint)
            return reportUsage("--constraint", constraint.error());
        spec.constraints.push_back(*constraint);
    }
    const auto fidelity = parseFidelity(options.fidelity);
    if (!fidelity)
        return reportUsage("--fidelity", fidelity.error());
    spec.fidelity = *fidelity;

    const auto& strategies = context.catalog->strategies();
    const search::StrategyDescriptor* strategy = strategies.find(options.strategy);
    if (!strategy)
        return report({ErrorCode::InvalidArgument, unknownName("strategy", options.strategy, strategies.names()), {}});
    const auto settings = settingsOf(options.settings, strategy->settings);
    if (!settings)
        return reportUsage("--set", settings.error());
    spec.settings = *settings;
    if (!options.scheduler.empty()) {
        const search::SchedulerDescriptor* scheduler = strategies.findScheduler(options.scheduler);
        if (!scheduler)
            return report({ErrorCode::InvalidArgument, unknownName("scheduler", options.scheduler, strategies.schedulerNames()), {}});
        const auto chosen = settingsOf(options.schedulerSettings, scheduler->settings);
        if (!chosen)
            return reportUsage("--scheduler-set", chosen.error());
        spec.scheduler = search::Component{options.scheduler, *chosen};
    }
    if (!options.proxy.empty()) {
        if (!train::findProxy(options.proxy))
            return report({ErrorCode::InvalidArgument, unknownName("proxy", options.proxy, train::proxyNames()), {}});
        const auto chosen = settingsOf(options.proxySettings, search::ProxyFilter::settings());
        if (!chosen)
            return reportUsage("--proxy-set", chosen.error());
        spec.proxy = search::Component{options.proxy, *chosen};
    }
    spec.inheritWeights = options.inheritWeights;
    const auto device = spec.table ? Result<std::string>(options.device) : train::resolveDevice(options.device);
    if (!device)
        return reportUsage("--device", device.error());

    auto space = context.catalog->resolveSpace(options.space);
    if (!space)
        return report(space.error());
    spec.space = std::move(*space);
    std::shared_ptr<const data::Task> task;
    if (options.task.empty()) {
        spec.task = search::tableTask(*spec.table);
    } else {
        const auto taskSpec = data::resolveTask(options.task, context.catalog->formats());
        if (!taskSpec)
            return report(taskSpec.error());
        auto loaded = data::loadTask(*taskSpec, context.catalog->formats());
        if (!loaded)
            return report(loaded.error());
        task = std::move(*loaded);
        spec.task = task->spec;
    }
    // Before anything is written: whether there is an architecture to try at all.
    auto decisions = space::DecisionSpace::compile(spec.space);
    if (!decisions)
        return report(decisions.error());
    std::shared_ptr<const train::ArchitectureTable> table;
    if (spec.table) {
        auto loaded = catalog::loadStudyTable(spec);
        if (!loaded)
            return report(asBadInput(loaded.error()));
        table = std::move(*loaded);
    } else {
        train::OperationTimings timings(context.catalog->operations(), *device);
        network::bindBudgets(*decisions, spec.space, context.catalog->operations(), train::taskShape(*task), timings.predictor());
    }
    if (const auto satisfiable = decisions->requireSatisfiable(); !satisfiable)
        return report(satisfiable.error().within(options.space));
    if (const auto warm = store::loadWarmStart(spec); !warm)
        return report(asBadInput(warm.error()));
    if (options.study.store.empty())
        return searchTable(context, spec, *decisions, std::move(table), {options.repeat, options.jobs});
    auto store = openStore(options.study, store::OpenMode::CreateIfAbsent);
    if (!store)
        return report(store.error());
    if (const auto created = (*store)->create(spec); !created)
        return report(created.error());
    return runStudy(context, *store, spec.name, {}, std::move(task), std::move(table));
}

/// The end of `search --help`, from the descriptors.
std::string strategiesAndMetrics(const catalog::Catalog& catalog)
{
    std::vector<std::vector<std::string>> rows;
    const auto addSettings = [&rows](std::span<const space::ParameterDescriptor> settings) {
        for (const auto& setting : settings)
            rows.push_back({"    " + setting.name + "=" + space::literalToJson(setting.fallback).dump(), setting.help});
    };
    for (const search::StrategyDescriptor& strategy : catalog.strategies().all()) {
        rows.push_back({"  " + strategy.name, strategy.help});
        addSettings(strategy.settings);
    }
    std::string text = "Strategies, with their settings and the defaults:\n" + tableText(rows);
    rows.clear();
    for (const search::SchedulerDescriptor& scheduler : catalog.strategies().schedulers()) {
        rows.push_back({"  " + scheduler.name, scheduler.help});
        addSettings(scheduler.settings);
    }
    text += "\nSchedulers (--scheduler), with their settings (--scheduler-set) and the defaults:\n" + tableText(rows);
    rows.clear();
    for (const train::ProxyDescriptor& proxy : train::proxyDescriptors())
        rows.push_back({"  " + proxy.name, proxy.help});
    addSettings(search::ProxyFilter::settings());
    text += "\nProxies (--proxy), and what all of them take (--proxy-set):\n" + tableText(rows);
    rows.clear();
    for (const train::MetricDescriptor& metric : train::metricDescriptors()) {
        if (metric.ofTrials)
            rows.push_back({"  " + metric.name, metric.help});
    }
    return text + "\nMetrics:\n" + tableText(rows);
}
} // namespace

Json trialJson(const space::SearchSpace& space, const space::DecisionSpace& decisions, const train::Trial& trial)
{
    Json metrics = Json::object();
    for (const auto& [name, value] : trial.metrics)
        metrics[name] = numberToJson(value);
    const Json genotype = decisions.toJson(trial.genotype);
    Json json = {{"trial", trial.id.value()},
                 {"state", train::stateName(trial.state)},
                 {"genotype", genotype},
                 {"arch", catalog::architectureText(space, decisions, trial.genotype)},
                 {"parent", trial.parents.empty() ? Json(nullptr) : Json(trial.parents.front().value())},
                 {"continues", trial.continues.isValid() ? Json(trial.continues.value()) : Json(nullptr)},
                 {"duplicate_of", trial.duplicateOf.isValid() ? Json(trial.duplicateOf.value()) : Json(nullptr)},
                 {"fidelity", train::fidelityToJson(trial.fidelity)},
                 {"metrics", std::move(metrics)}};
    if (!trial.message.empty())
        json["message"] = trial.message;
    return json;
}

int runStudy(const Context& context, std::shared_ptr<search::StudyStore> store, const std::string& study,
             const search::EngineOptions& options, std::shared_ptr<const data::Task> task,
             std::shared_ptr<const train::ArchitectureTable> table)
{
    auto stored = store->load(study);
    if (!stored)
        return report(stored.error());
    // Asked beforehand, because a study that another program runs is bad input and no failure of this run.
    if (const auto acquired = store->acquire(study); !acquired)
        return report({ErrorCode::InvalidInput, acquired.error().message, acquired.error().context});
    store->release(study);
    if (stored->finished && !options.continueFinished)
        std::cerr << "archscope-cli: the study is finished; a larger budget, --trials N or --time T, goes on" << std::endl;
    if (options.budget.trials > 0)
        stored->spec.budget.trials = options.budget.trials;
    if (options.budget.seconds > 0)
        stored->spec.budget.seconds = options.budget.seconds;
    if (options.budget.simulatedSeconds > 0)
        stored->spec.budget.simulatedSeconds = options.budget.simulatedSeconds;
    if (stored->spec.table && !table) {
        auto loaded = catalog::loadStudyTable(stored->spec);
        if (!loaded)
            return report(asBadInput(loaded.error()));
        table = std::move(*loaded);
    }
    const auto decisions = space::DecisionSpace::compile(stored->spec.space);
    if (!decisions)
        return report(decisions.error());
    search::EvaluatorFactory evaluators = context.catalog->evaluatorFactory(std::move(task));
    if (table)
        evaluators = [table](const search::StudySpec&) { return std::make_unique<train::TableEvaluator>(table); };
    EventPrinter printer(*decisions, stored->spec, context.json);
    const auto begun = std::chrono::steady_clock::now();
    search::StudyState state = search::StudyState::Idle;
    std::string failure;
    {
        search::StudyEngine engine(store, study, context.catalog->strategies(), std::move(evaluators),
                                   [&](const search::StudyEvent& event) { printer(event); });
        // An interrupt lets running trials be given up cleanly; what was completed stays, a resume goes on from it.
        const InterruptWatch interrupts;
        std::jthread watcher([&](const std::stop_token& stop) {
            while (!stop.stop_requested() && !InterruptWatch::isInterrupted())
                std::this_thread::sleep_for(std::chrono::milliseconds(50));
            if (InterruptWatch::isInterrupted())
                engine.stopNow();
        });
        engine.start(options);
        state = engine.wait();
        failure = engine.failure();
        watcher.request_stop();
    }
    printer.finish();
    const double elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    if (state == search::StudyState::Failed)
        return report({ErrorCode::Io, failure, {}});
    const auto result = store->load(study);
    if (!result)
        return report(result.error());
    const auto& spec = result->spec;
    const std::string& metric = spec.objectives.front().metric;
    std::vector<double> values;
    std::int64_t ended = 0;
    for (const train::Trial& trial : result->trials) {
        ended += trial.hasEnded();
        if (trial.state == train::TrialState::Completed && trial.metric(metric) == trial.metric(metric))
            values.push_back(trial.metric(metric));
    }
    const std::ptrdiff_t best = search::bestTrial(result->trials, spec.objectives, spec.constraints);
    const train::Trial* bestTrial = best < 0 ? nullptr : &result->trials[static_cast<std::size_t>(best)];
    if (table) {
        TableOutcome outcome{state == search::StudyState::Finished, ended, bestTrial, {}, elapsed};
        for (const train::Trial& trial : result->trials) {
            if (const double cost = trial.metric("simulated_s"); trial.hasEnded() && cost == cost)
                outcome.simulatedSeconds = outcome.simulatedSeconds.value_or(0) + cost;
        }
        printOutcome(context, spec, *decisions, *table, outcome);
        return Done;
    }
    const Spread spread = spreadOf(values);
    const auto savings = search::savingsOf(*result);
    if (context.json) {
        Json line = {{"event", state == search::StudyState::Finished ? "finished" : "stopped"},
                     {"trials", ended},
                     {"best_trial", bestTrial ? Json(bestTrial->id.value()) : Json(nullptr)},
                     {"best_value", bestTrial ? Json(bestTrial->metric(metric)) : Json(nullptr)},
                     {"elapsed_s", elapsed}};
        if (!values.empty()) {
            line["median_value"] = spread.median;
            line["lowest_value"] = spread.low;
            line["highest_value"] = spread.high;
        }
        if (savings)
            line["savings"] = search::savingsToJson(*savings);
        printLine(line);
    } else if (const auto* descriptor = train::findMetric(metric); bestTrial && descriptor) {
        std::cout << fmt::format("{}: {} trials in {}; best {} {} (trial {}), median {}, from {} to {}",
                                 state == search::StudyState::Finished ? "finished" : "stopped", ended, durationText(elapsed),
                                 descriptor->title, train::metricText(*descriptor, bestTrial->metric(metric)), bestTrial->id.value(),
                                 train::metricText(*descriptor, spread.median), train::metricText(*descriptor, spread.low),
                                 train::metricText(*descriptor, spread.high))
                  << std::endl;
    } else {
        std::cout << ended << " trials ended, none completed" << std::endl;
    }
    if (!context.json && savings && (savings->trainedEpochs < savings->fullEpochs || savings->filter))
        std::cout << search::savingsText(*savings) << std::endl;
    return Done;
}

void addSearchCommand(CLI::App& app, Context& context)
{
    const auto options = std::make_shared<SearchOptions>();
    auto* search = app.add_subcommand("search", "Search a space for a task and store every trial")->fallthrough();
    search->add_option("--space", options->space, "A preset's name or a .space.json file")->required()->type_name("S");
    search->add_option("--task", options->task, "digits, a .task.json, or kind:path#options; a table needs none")->type_name("T");
    search->add_option("--strategy", options->strategy, "Name of the strategy, see below")->required()->type_name("X");
    search->add_option("--set", options->settings, "Setting of the strategy, see below; may be repeated")->type_name("KEY=VALUE")->take_all();
    search->add_option("--trials", options->trials, "Budget in trials")->type_name("N")->check(wholeNumber(1, 100'000'000));
    search->add_option("--time", options->time, "Budget in time: 90s, 10m, 1h30m")->type_name("TIME");
    search->add_option("--objective", options->objectives, "metric:max or metric:min, several separated by ','")
        ->type_name("M:DIR,…")->capture_default_str();
    search->add_option("--constraint", options->constraints, "Such as 'params<=1e6'; may be repeated")->type_name("M<=V")->take_all();
    search->add_option("--fidelity", options->fidelity, "epochs=N of each trial; the task's recipe when left out")->type_name("epochs=N");
    search->add_option("--device", options->device, "auto, cpu or cuda:0")->type_name("D")->capture_default_str();
    search->add_option("--jobs", options->jobs, "Trials side by side; as many as cores when left out")->type_name("J")
        ->check(wholeNumber(1, 1024));
    search->add_option("--seed", options->seed, "Seed of the study")->type_name("K")->check(seedNumber())->capture_default_str();
    search->add_option("--scheduler", options->scheduler, "Fidelity scheduler around the strategy, see below")->type_name("NAME");
    search->add_option("--scheduler-set", options->schedulerSettings, "Setting of the scheduler, see below; may be repeated")
        ->type_name("KEY=VALUE")->take_all();
    search->add_option("--proxy", options->proxy, "Zero-cost proxy that filters what is trained, see below")->type_name("NAME");
    search->add_option("--proxy-set", options->proxySettings, "Setting of the filter, see below; may be repeated")->type_name("KEY=VALUE")->take_all();
    search->add_flag("--inherit-weights", options->inheritWeights, "Trials begin with their parent's weights");
    search->add_option("--warm-start", options->warmStart, "An earlier study to learn from, such as sqlite:a.archscope#first; may be repeated")
        ->type_name("URL#STUDY")->take_all();
    search->add_option("--warm-trials", options->warmTrials, "How many of its best are tried first; when left out: 10, at most a quarter of the trials")
        ->type_name("N")->check(wholeNumber(1, 1'000'000));
    search->add_option("--table", options->table.file, "CSV file in which trials are looked up instead of trained")->type_name("F");
    search->add_option("--key", options->table.key, "Column with the architectures, in the notation of the space")->type_name("COL");
    search->add_option("--metric", options->table.metric, "Column of the first objective")->type_name("COL");
    search->add_option("--test", options->table.test, "Column of the same on the test split: shown, never searched by")->type_name("COL");
    search->add_option("--cost", options->table.cost, "Column with what a trial costs, in seconds")->type_name("COL");
    search->add_option("--cost-budget", options->costBudget, "Budget in these: 12000, 3h20m")->type_name("TIME");
    search->add_option("--column", options->columns, "A further metric and its column, such as parameters=params; may be repeated")
        ->type_name("METRIC=COL")->take_all();
    search->add_option("--repeat", options->repeat, "So many runs of a table search with seeds K, K+1, …: mean and deviation")
        ->type_name("N")->check(wholeNumber(1, 1'000'000));
    search->add_option("--store", options->study.store, "Store: sqlite:FILE; a table search without one keeps nothing")->type_name("URL");
    search->add_option("--study", options->study.study, "Name of the study")->type_name("NAME");
    search->footer([&context] { return strategiesAndMetrics(*context.catalog); });
    search->callback([&, options] { context.command = [&, options] { return searchStudy(context, *options); }; });
}

} // namespace archscope::cli
