// archscope-cli study list | show | trials | pareto | resume | delete
#include "app/cli/command.h"

#include "core/base/text.h"
#include "core/search/savings.h"
#include "core/store/warm_start_loading.h"

#include <algorithm>
#include <fmt/format.h>
#include <iostream>

namespace archscope::cli {

namespace {
enum class Which { All, Pareto };

Result<search::StoredStudy> load(const StudyOptions& options)
{
    ARCHSCOPE_ASSIGN(const auto store, openStore(options, store::OpenMode::ReadOnly));
    return store->load(options.study);
}

std::string csvCell(const std::string& text)
{
    if (text.find_first_of(",\"\n\r") == std::string::npos)
        return text;
    std::string quoted = "\"";
    for (const char c : text)
        quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    return quoted + "\"";
}

int list(const Context& context, const StudyOptions& options, bool csv)
{
    const auto store = openStore(options, store::OpenMode::ReadOnly);
    if (!store)
        return report(store.error());
    const auto studies = (*store)->list();
    if (!studies)
        return report(studies.error());
    std::vector<std::vector<std::string>> rows = {{"STUDY", "SPACE", "TASK", "STRATEGY", "TRIALS", "BEST", "STATE"}};
    if (csv)
        std::cout << "study,space,task,strategy,trials,completed,metric,best_value,finished,searched_s\n";
    for (const search::StudySummary& study : *studies) {
        if (context.json) {
            printLine({{"study", study.name}, {"space", study.space}, {"task", study.task}, {"strategy", study.strategy},
                       {"trials", study.trials}, {"completed", study.completed}, {"best_value", study.best ? Json(*study.best) : Json(nullptr)},
                       {"metric", study.bestMetric}, {"finished", study.finished}, {"searched_s", study.searchedSeconds}});
        } else if (csv) {
            std::cout << fmt::format("{},{},{},{},{},{},{},{},{},{}\n", csvCell(study.name), csvCell(study.space), csvCell(study.task),
                                     study.strategy, study.trials, study.completed, study.bestMetric,
                                     study.best ? fmt::format("{}", *study.best) : "", study.finished, study.searchedSeconds);
        }
        const auto* metric = train::findMetric(study.bestMetric);
        rows.push_back({study.name, study.space, study.task, study.strategy, groupDigits(study.trials),
                        study.best && metric ? train::metricText(*metric, *study.best) : "", study.finished ? "finished" : "open"});
    }
    if (!context.json && !csv)
        printTable(rows);
    std::cout.flush();
    return Done;
}

int show(const Context& context, const StudyOptions& options)
{
    const auto store = openStore(options, store::OpenMode::ReadOnly);
    if (!store)
        return report(store.error());
    const auto study = (*store)->load(options.study);
    if (!study)
        return report(study.error());
    Json json = search::studyToJson(study->spec);
    if (!study->spec.warmStart.empty()) {
        const auto sentences = store::warmStartReport(**store, *study);
        if (!sentences)
            return report(sentences.error());
        json["warm_start_report"] = *sentences;
        json["prior"] = study->spec.prior.size(); // the list itself is for the program, and so are the weights of a policy
        if (!study->spec.policy.is_null())
            json["policy"] = true;
    }
    json["trials"] = study->trials.size();
    json["duplicates"] = std::ranges::count_if(study->trials, [](const train::Trial& trial) { return trial.duplicateOf.isValid(); });
    if (const auto savings = search::savingsOf(*study))
        json["savings"] = search::savingsToJson(*savings);
    json["searched_s"] = study->searchedSeconds;
    json["finished"] = study->finished;
    if (context.json)
        printLine(json);
    else
        std::cout << json.dump(2) << std::endl;
    return Done;
}

int trials(const Context& context, const StudyOptions& options, bool csv, Which which)
{
    const auto study = load(options);
    if (!study)
        return report(study.error());
    const auto decisions = space::DecisionSpace::compile(study->spec.space);
    if (!decisions)
        return report(decisions.error());
    std::vector<const train::Trial*> chosen;
    if (which == Which::All) {
        for (const train::Trial& trial : study->trials)
            chosen.push_back(&trial);
    } else {
        // A front needs two objectives: latency is the usual other one.
        std::vector<search::Objective> objectives = study->spec.objectives;
        if (objectives.size() == 1)
            objectives.push_back({"latency_ms", false});
        for (const std::size_t index : search::paretoFront(study->trials, objectives, study->spec.constraints))
            chosen.push_back(&study->trials[index]);
    }
    std::vector<std::string> metrics;
    for (const auto& descriptor : train::metricDescriptors())
        metrics.push_back(descriptor.name);
    std::vector<std::string> header = {"trial", "state", "parent", "continues", "duplicate_of"};
    header.insert(header.end(), metrics.begin(), metrics.end());
    if (csv) {
        header.emplace_back("arch");
        std::cout << joined(header, ",") << "\n";
    }
    std::vector<std::vector<std::string>> rows = {header};
    for (const train::Trial* trial : chosen) {
        const Json line = trialJson(study->spec.space, *decisions, *trial);
        if (context.json) {
            printLine(line);
            continue;
        }
        std::vector<std::string> row = {std::to_string(trial->id.value()), train::stateName(trial->state),
                                        trial->parents.empty() ? "" : std::to_string(trial->parents.front().value()),
                                        trial->continues.isValid() ? std::to_string(trial->continues.value()) : "",
                                        trial->duplicateOf.isValid() ? std::to_string(trial->duplicateOf.value()) : ""};
        for (const std::string& metric : metrics) {
            const double value = trial->metric(metric);
            row.push_back(value != value ? "" : csv ? fmt::format("{}", value) : train::metricText(*train::findMetric(metric), value));
        }
        if (csv) {
            row.push_back(csvCell(line["arch"].get<std::string>()));
            std::cout << joined(row, ",") << "\n";
        }
        rows.push_back(std::move(row));
    }
    if (!csv && !context.json)
        printTable(rows);
    std::cout.flush();
    return Done;
}

int resume(const Context& context, const StudyOptions& options, const search::EngineOptions& engine)
{
    auto store = openStore(options, store::OpenMode::ReadWrite);
    if (!store)
        return report(store.error());
    return runStudy(context, *store, options.study, engine, nullptr);
}

int remove(const Context& context, const StudyOptions& options)
{
    auto store = openStore(options, store::OpenMode::ReadWrite);
    if (!store)
        return report(store.error());
    if (const auto removed = (*store)->remove(options.study); !removed)
        return report(removed.error());
    if (context.json)
        printLine({{"deleted", options.study}});
    else
        std::cout << fmt::format("the study '{}' is deleted", options.study) << std::endl;
    return Done;
}
} // namespace

void addStudyCommands(CLI::App& app, Context& context)
{
    auto* study = app.add_subcommand("study", "Stored studies")->require_subcommand(1)->fallthrough();
    struct Options {
        StudyOptions study;
        bool csv = false;
        search::EngineOptions engine;
        std::string time;
        std::string costBudget;
    };
    const auto options = std::make_shared<Options>();
    const auto addCsvFlag = [&](CLI::App& command) {
        command.add_flag("--csv", options->csv, "Comma-separated values")->excludes(app.get_option("--json"));
    };
    auto* listCommand = study->add_subcommand("list", "All studies of a store")->fallthrough();
    addStoreOption(*listCommand, options->study);
    addCsvFlag(*listCommand);
    listCommand->callback([&, options] { context.command = [&, options] { return list(context, options->study, options->csv); }; });

    auto* showCommand = study->add_subcommand("show", "What a study searches, as JSON")->fallthrough();
    addStudyOptions(*showCommand, options->study);
    showCommand->callback([&, options] { context.command = [&, options] { return show(context, options->study); }; });

    auto* trialsCommand = study->add_subcommand("trials", "All trials with their metrics")->fallthrough();
    addStudyOptions(*trialsCommand, options->study);
    addCsvFlag(*trialsCommand);
    trialsCommand->callback([&, options] { context.command = [&, options] { return trials(context, options->study, options->csv, Which::All); }; });

    auto* paretoCommand = study->add_subcommand("pareto", "The trials that no other beats in all objectives (where there is one: and in latency)")->fallthrough();
    addStudyOptions(*paretoCommand, options->study);
    addCsvFlag(*paretoCommand);
    paretoCommand->callback([&, options] { context.command = [&, options] { return trials(context, options->study, options->csv, Which::Pareto); }; });

    auto* resumeCommand = study->add_subcommand("resume", "Go on where the study stopped")->fallthrough();
    addStudyOptions(*resumeCommand, options->study);
    resumeCommand->add_option("--trials", options->engine.budget.trials, "New budget in trials, those that the study has included; kept with the study")
        ->type_name("N")->check(wholeNumber(1, 100'000'000));
    resumeCommand->add_option("--time", options->time, "New budget in time, what was searched included: 90s, 10m, 1h30m")->type_name("TIME");
    resumeCommand->add_option("--cost-budget", options->costBudget, "New budget in what a table says that trials cost, those that were charged included")
        ->type_name("TIME");
    resumeCommand->add_option("--jobs", options->engine.jobs, "Trials side by side in this run; the study's when left out")->type_name("J")
        ->check(wholeNumber(1, 1024));
    resumeCommand->callback([&, options] {
        context.command = [&, options] {
            if (!options->time.empty()) {
                const auto seconds = search::parseDuration(options->time);
                if (!seconds)
                    return reportUsage("--time", seconds.error());
                options->engine.budget.seconds = *seconds;
            }
            if (!options->costBudget.empty()) {
                const auto seconds = search::parseDuration(options->costBudget);
                if (!seconds)
                    return reportUsage("--cost-budget", seconds.error());
                options->engine.budget.simulatedSeconds = *seconds;
            }
            options->engine.continueFinished = options->engine.budget != search::Budget();
            return resume(context, options->study, options->engine);
        };
    });

    auto* deleteCommand = study->add_subcommand("delete", "Remove a study and its trials from the store")->fallthrough();
    addStudyOptions(*deleteCommand, options->study);
    deleteCommand->callback([&, options] { context.command = [&, options] { return remove(context, options->study); }; });
}

} // namespace archscope::cli
