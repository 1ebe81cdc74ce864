// What the commands of archscope-cli share: options, output, exit codes.
#pragma once

#include "core/catalog/catalog.h"
#include "core/train/architecture_table.h"
#include "core/store/stores.h"

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace archscope::cli {

enum ExitCode { Done = 0, UsageError = 2, BadInput = 3, RuntimeFailure = 4 };

/// The command to run after parsing; set by the chosen subcommand's callback.
using Command = std::function<int()>;

struct Context {
    const catalog::Catalog* catalog = nullptr; ///< not owned; outlives all commands
    bool json = false; ///< one JSON object a line
    Command command;
};

/// Prints the sentence to stderr and returns the exit code for it.
int report(const Error& error);
/// What the command line itself got wrong, with the nearest name: for CLI::App::failure_message.
std::string usageMessage(const CLI::App* app, const CLI::Error& error);
/// The same for a value that was written on the command line.
int reportUsage(const std::string& option, const Error& error);

void printLine(const Json& object); ///< one line to stdout, flushed
/// Columns padded to their widest cell; the first row is the header.
void printTable(const std::vector<std::vector<std::string>>& rows);

/// The same as text, for help.
std::string tableText(const std::vector<std::vector<std::string>>& rows);

/// For options that take a whole number, bounds included; both say what was written instead.
CLI::Validator wholeNumber(std::int64_t lowest, std::int64_t highest);
CLI::Validator seedNumber();

/// A progress bar on stderr, only where that is a terminal.
class ProgressBar {
public:
    void show(double fraction, const std::string& text);
    void clear();

private:
    bool m_shown = false;
};

/// While one lives, Ctrl+C and SIGTERM are noted instead of ending the program.
class InterruptWatch {
public:
    InterruptWatch();
    ~InterruptWatch();
    InterruptWatch(const InterruptWatch&) = delete;
    InterruptWatch& operator=(const InterruptWatch&) = delete;
    static bool isInterrupted();
};

/// `--store URL --study NAME [--trial ID]`.
struct StudyOptions {
    std::string store;
    std::string study;
    std::int64_t trial = -1;
};
void addStoreOption(CLI::App& app, StudyOptions& options);
void addStudyOptions(CLI::App& app, StudyOptions& options);
void addTrialOption(CLI::App& app, StudyOptions& options);

/// Whatever is wrong with a file that a user named is bad input, also what the system says (exit code 3).
Error asBadInput(Error error);

/// Opens the store that a user named. Whatever is wrong with it then is bad input, also what the system says (exit code 3).
Result<std::shared_ptr<search::StudyStore>> openStore(const StudyOptions& options, store::OpenMode mode);

/// A stored study with one of its trials lowered to its network.
struct ChosenTrial {
    std::shared_ptr<search::StudyStore> store;
    search::StoredStudy study;
    train::Trial trial;
    std::shared_ptr<const data::Task> task;
    network::Network network;
};
Result<ChosenTrial> chosenTrial(const Context& context, const StudyOptions& options);

void addSpaceCommands(CLI::App& app, Context& context);
void addTaskCommands(CLI::App& app, Context& context);
void addSearchCommand(CLI::App& app, Context& context);
void addStudyCommands(CLI::App& app, Context& context);
void addTrialCommands(CLI::App& app, Context& context);

/// Runs a study in the foreground and prints its events; used by `search` and `study resume`. Task and table: where they are loaded
/// already.
int runStudy(const Context& context, std::shared_ptr<search::StudyStore> store, const std::string& study,
             const search::EngineOptions& options, std::shared_ptr<const data::Task> task,
             std::shared_ptr<const train::ArchitectureTable> table = nullptr);
Json trialJson(const space::SearchSpace& space, const space::DecisionSpace& decisions, const train::Trial& trial);

} // namespace archscope::cli
