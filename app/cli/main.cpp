// archscope-cli: everything but the drawing, for scripts and servers.
#include "app/cli/command.h"

#include <iostream>

int main(int argc, char** argv)
{
    using namespace archscope;
    const catalog::Catalog catalog;
    cli::Context context;
    context.catalog = &catalog;

    CLI::App app("Archscope: neural architecture search on your own data. Exit codes: 0 done, 2 usage, 3 bad input, 4 failed.",
                 "archscope-cli");
    app.set_version_flag("--version", std::string("archscope-cli ") + ARCHSCOPE_VERSION);
    app.require_subcommand(1);
    app.fallthrough();
    app.failure_message(cli::usageMessage);
    app.add_flag("--json", context.json, "One JSON object a line on stdout");
    cli::addSpaceCommands(app, context);
    cli::addTaskCommands(app, context);
    cli::addSearchCommand(app, context);
    cli::addStudyCommands(app, context);
    cli::addTrialCommands(app, context);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error, std::cout, std::cerr) == 0 ? cli::Done : cli::UsageError;
    }
    return context.command ? context.command() : cli::UsageError;
}
