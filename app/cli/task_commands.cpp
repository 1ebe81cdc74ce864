// archscope-cli task list | show | check
#include "app/cli/command.h"

#include "core/base/text.h"
#include "core/space/operation_traits.h"

#include <fmt/format.h>
#include <iostream>

namespace archscope::cli {

namespace {
int list(const Context& context)
{
    for (const std::string& name : context.catalog->builtinTasks()) {
        if (context.json)
            printLine({{"task", name}});
        else
            std::cout << name << "\n";
    }
    if (context.json)
        return Done;
    std::cout << "\nYour own data, as kind:path#option=value:\n";
    std::vector<std::vector<std::string>> rows;
    for (const data::DataFormat* format : context.catalog->formats().all()) {
        if (format->isEmbedded())
            continue;
        rows.push_back({"  " + format->name(), format->help()});
        for (const data::FormatOption& option : format->options())
            rows.push_back({"    #" + option.name + "=", option.help});
    }
    printTable(rows);
    return Done;
}

Result<std::shared_ptr<const data::Task>> load(const Context& context, const std::string& text)
{
    ARCHSCOPE_ASSIGN(const data::TaskSpec spec, data::resolveTask(text, context.catalog->formats()));
    return data::loadTask(spec, context.catalog->formats());
}

std::string recipeText(const data::Recipe& recipe)
{
    std::string text = fmt::format("{} epochs, batches of {}, learning rate {}", recipe.epochs, recipe.batchSize, recipe.learningRate);
    if (recipe.shiftPixels > 0)
        text += fmt::format(", shifted by up to {} pixels", recipe.shiftPixels);
    if (recipe.horizontalFlip)
        text += ", mirrored at random";
    return text;
}

int show(const Context& context, const std::string& text)
{
    const auto task = load(context, text);
    if (!task)
        return report(task.error());
    const data::Task& t = **task;
    if (context.json) {
        printLine({{"task", t.spec.name}, {"kind", t.dataset.format}, {"classes", t.dataset.classes}, {"shape", t.dataset.samples.shape},
                   {"train", t.splits.train.size()}, {"validation", t.splits.validation.size()}, {"test", t.splits.test.size()}, {"detected", t.dataset.notes}, {"recipe", data::taskToJson(t.spec)["recipe"]}});
        return Done;
    }
    std::vector<std::vector<std::string>> rows = {
        {"task", t.spec.name},
        {"kind", t.dataset.format},
        {"shape", space::shapeText(t.dataset.samples.shape)},
        {"train", groupDigits(static_cast<std::int64_t>(t.splits.train.size()))},
        {"validation", groupDigits(static_cast<std::int64_t>(t.splits.validation.size()))},
        {"test", groupDigits(static_cast<std::int64_t>(t.splits.test.size()))}};
    for (const std::string& note : t.dataset.notes)
        rows.push_back({"detected", note});
    rows.push_back({"recipe", recipeText(t.spec.recipe)});
    std::vector<std::int64_t> counts(t.dataset.classes.size(), 0);
    for (const std::int64_t label : t.dataset.labels)
        ++counts[static_cast<std::size_t>(label)];
    for (std::size_t i = 0; i < counts.size(); ++i)
        rows.push_back({i == 0 ? "classes" : "", fmt::format("{}: {}", t.dataset.classes[i], groupDigits(counts[i]))});
    printTable(rows);
    return Done;
}

int check(const Context& context, const std::string& text)
{
    const auto task = load(context, text);
    if (!task)
        return report(task.error());
    if (context.json)
        printLine({{"valid", true}, {"task", (*task)->spec.name}});
    else
        std::cout << text << ": the data can be read and split" << std::endl;
    return Done;
}
} // namespace

void addTaskCommands(CLI::App& app, Context& context)
{
    auto* task = app.add_subcommand("task", "Tasks: built-in ones and your own data")->require_subcommand(1)->fallthrough();
    const auto text = std::make_shared<std::string>();
    task->add_subcommand("list", "Built-in tasks and the kinds of data that can be opened")->fallthrough()->callback([&] {
        context.command = [&] { return list(context); };
    });
    auto* showCommand = task->add_subcommand("show", "Classes, shapes, splits, what was detected, and the recipe of training")->fallthrough();
    showCommand->add_option("task", *text, "digits, a .task.json, or kind:path#options")->required()->type_name("T");
    showCommand->callback([&, text] { context.command = [&, text] { return show(context, *text); }; });
    auto* checkCommand = task->add_subcommand("check", "Whether the data can be read and split")->fallthrough();
    checkCommand->add_option("task", *text, "digits, a .task.json, or kind:path#options")->required()->type_name("T");
    checkCommand->callback([&, text] { context.command = [&, text] { return check(context, *text); }; });
}

} // namespace archscope::cli
