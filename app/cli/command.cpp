#include "app/cli/command.h"

#include "core/base/text.h"
#include "core/train/training_evaluator.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <csignal>
#include <fmt/format.h>
#include <iostream>
#include <limits>
#include <unistd.h>

namespace archscope::cli {

int report(const Error& error)
{
    std::cerr << "archscope-cli: " << error.text() << std::endl;
    switch (error.code) {
    case ErrorCode::InvalidArgument:
    case ErrorCode::InvalidInput:
    case ErrorCode::NotFound:
    case ErrorCode::Unsupported:
        return BadInput;
    case ErrorCode::Io:
    case ErrorCode::Cancelled:
    case ErrorCode::OutOfMemory:
    case ErrorCode::NumericalFailure:
    case ErrorCode::Internal:
        break;
    }
    return RuntimeFailure;
}

int reportUsage(const std::string& option, const Error& error)
{
    std::cerr << "archscope-cli: " << option << ": " << error.text() << std::endl;
    return UsageError;
}

std::string usageMessage(const CLI::App* app, const CLI::Error& error)
{
    const CLI::App* command = app; // the innermost that was recognised
    std::string path = app->get_name();
    while (!command->get_subcommands().empty()) {
        command = command->get_subcommands().front();
        path += " " + command->get_name();
    }
    const std::vector<std::string> rest = app->remaining(true);
    const auto isOption = [](const std::string& word) { return word.starts_with("-"); };
    const auto option = std::find_if(rest.begin(), rest.end(), isOption);
    const auto word = std::find_if_not(rest.begin(), rest.end(), isOption);
    std::string message = error.what();
    if (command->get_require_subcommand_min() > 0) {
        std::vector<std::string> names;
        for (const CLI::App* sub : command->get_subcommands([](const CLI::App*) { return true; }))
            names.push_back(sub->get_name());
        const std::string kind = command == app ? "command" : command->get_name() + " command";
        message = word == rest.end() ? fmt::format("a {} is missing; known: {}", kind, joined(names, ", ")) : unknownName(kind, *word, names);
    } else if (option != rest.end()) {
        std::vector<std::string> names;
        for (const CLI::App* level = command; level; level = level->get_parent()) {
            for (const CLI::Option* known : level->get_options()) {
                for (const std::string& name : known->get_lnames())
                    names.push_back("--" + name);
            }
        }
        std::sort(names.begin(), names.end());
        names.erase(std::unique(names.begin(), names.end()), names.end());
        message = unknownName("option", option->substr(0, option->find('=')), names);
    } else if (word != rest.end()) {
        message = fmt::format("unexpected argument '{}'", *word);
    }
    return fmt::format("archscope-cli: {}\nFor help: {} --help\n", message, path);
}

void printLine(const Json& object)
{
    std::cout << object.dump(-1, ' ', false, Json::error_handler_t::replace) << std::endl;
}

namespace {
/// Characters, not bytes: names may hold any UTF-8.
std::size_t width(const std::string& text)
{
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}
} // namespace

std::string tableText(const std::vector<std::vector<std::string>>& rows)
{
    std::string text;
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()), 0);
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], width(row[i]));
    }
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            text += row[i];
            if (i + 1 < row.size())
                text += std::string(widths[i] - width(row[i]) + 2, ' ');
        }
        text += '\n';
    }
    return text;
}

void printTable(const std::vector<std::vector<std::string>>& rows)
{
    std::cout << tableText(rows) << std::flush;
}

CLI::Validator wholeNumber(std::int64_t lowest, std::int64_t highest)
{
    const auto problem = [lowest, highest](std::string& text) {
        std::int64_t number = 0;
        const bool fits = parseInteger(text, number) && number >= lowest && number <= highest;
        return fits ? std::string()
                    : fmt::format("'{}' is not a whole number from {} to {}", text, groupDigits(lowest), groupDigits(highest));
    };
    return CLI::Validator(problem, "");
}

CLI::Validator seedNumber()
{
    const auto problem = [](std::string& text) {
        std::uint64_t number = 0;
        const char* end = text.data() + text.size();
        const auto [read, code] = std::from_chars(text.data(), end, number);
        return code == std::errc() && read == end ? std::string()
                                                  : fmt::format("'{}' is not a whole number from 0 to 2^64 - 1", text);
    };
    return CLI::Validator(problem, "");
}

void ProgressBar::show(double fraction, const std::string& text)
{
    if (!::isatty(STDERR_FILENO))
        return;
    static constexpr int cells = 30;
    const int full = static_cast<int>(std::clamp(fraction, 0.0, 1.0) * cells);
    std::string bar;
    for (int i = 0; i < cells; ++i)
        bar += i < full ? "█" : "░";
    std::cerr << "\r\033[K" << bar << " " << text << std::flush;
    m_shown = true;
}

void ProgressBar::clear()
{
    if (m_shown)
        std::cerr << "\r\033[K" << std::flush;
    m_shown = false;
}

namespace {
std::atomic<bool> interrupted = false;

extern "C" void onInterrupt(int)
{
    interrupted = true;
}
} // namespace

InterruptWatch::InterruptWatch()
{
    std::signal(SIGINT, onInterrupt);
    std::signal(SIGTERM, onInterrupt);
}

InterruptWatch::~InterruptWatch()
{
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
}

bool InterruptWatch::isInterrupted()
{
    return interrupted;
}

void addStoreOption(CLI::App& app, StudyOptions& options)
{
    app.add_option("--store", options.store, "Store: sqlite:FILE")->required()->type_name("URL");
}

void addStudyOptions(CLI::App& app, StudyOptions& options)
{
    addStoreOption(app, options);
    app.add_option("--study", options.study, "Name of the study")->required()->type_name("NAME");
}

void addTrialOption(CLI::App& app, StudyOptions& options)
{
    addStudyOptions(app, options);
    app.add_option("--trial", options.trial, "Number of the trial; the best one when left out")->type_name("ID")
        ->check(wholeNumber(1, std::numeric_limits<std::int64_t>::max()));
}

Error asBadInput(Error error)
{
    if (error.code == ErrorCode::Io)
        error.code = ErrorCode::InvalidInput;
    return error;
}

Result<std::shared_ptr<search::StudyStore>> openStore(const StudyOptions& options, store::OpenMode mode)
{
    auto store = store::openStore(options.store, mode);
    if (!store)
        return fail(asBadInput(std::move(store.error())));
    return store;
}

Result<ChosenTrial> chosenTrial(const Context& context, const StudyOptions& options)
{
    ChosenTrial chosen;
    ARCHSCOPE_ASSIGN(chosen.store, openStore(options, store::OpenMode::ReadWrite));
    ARCHSCOPE_ASSIGN(chosen.study, chosen.store->load(options.study));
    if (!search::hasData(chosen.study.spec))
        return fail(ErrorCode::Unsupported,
                    fmt::format("the study '{}' looked its trials up in a table and has no data to build networks for: search the table "
                                "with --task T as well",
                                options.study),
                    options.store);
    const auto& trials = chosen.study.trials;
    const search::StudySpec& spec = chosen.study.spec;
    if (options.trial >= 0) {
        const auto it = std::find_if(trials.begin(), trials.end(), [&](const train::Trial& t) { return t.id.value() == options.trial; });
        if (it == trials.end())
            return fail(ErrorCode::NotFound, fmt::format("there is no trial {} in the study '{}'", options.trial, options.study), options.store);
        chosen.trial = *it;
    } else {
        const std::ptrdiff_t best = search::bestTrial(trials, spec.objectives, spec.constraints);
        if (best < 0)
            return fail(ErrorCode::NotFound, fmt::format("the study '{}' has no completed trial yet", options.study), options.store);
        chosen.trial = trials[static_cast<std::size_t>(best)];
    }
    ARCHSCOPE_ASSIGN(chosen.task, data::loadTask(spec.task, context.catalog->formats()));
    ARCHSCOPE_ASSIGN(const space::DecisionSpace decisions, space::DecisionSpace::compile(spec.space));
    ARCHSCOPE_ASSIGN(chosen.network, network::lower(spec.space, decisions, chosen.trial.genotype, context.catalog->operations(),
                                                    train::taskShape(*chosen.task)));
    return chosen;
}

} // namespace archscope::cli
