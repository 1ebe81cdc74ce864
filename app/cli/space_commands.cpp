// archscope-cli space list | show | check | count | sample | cost
#include "app/cli/command.h"

#include "core/base/files.h"
#include "core/base/text.h"
#include "core/network/network.h"
#include "core/network/shape_survey.h"
#include "core/space/space_check.h"

#include <fmt/format.h>
#include <iostream>

namespace archscope::cli {

namespace {
/// Defaults of `--input` and `--classes`: the embedded digits.
struct ShapeOptions {
    std::vector<std::int64_t> input = {1, 8, 8};
    std::int64_t classes = 10;
};

void addShapeOptions(CLI::App& app, ShapeOptions& options)
{
    app.add_option("--input", options.input, "Shape of a sample, C,H,W or features")->delimiter(',')->type_name("C,H,W")
        ->check(wholeNumber(1, 1'000'000))->capture_default_str();
    app.add_option("--classes", options.classes, "Number of classes")->type_name("N")->check(wholeNumber(1, 1'000'000))->capture_default_str();
}

int list(const Context& context)
{
    std::vector<std::vector<std::string>> rows = {{"NAME", "ARCHITECTURES", "DESCRIPTION"}};
    for (const auto& preset : context.catalog->presets()) {
        const auto space = context.catalog->preset(preset.name);
        if (!space)
            return report(space.error());
        const auto decisions = space::DecisionSpace::compile(*space);
        if (!decisions)
            return report(decisions.error());
        const std::string count = decisions->count().value_or("infinite");
        if (context.json)
            printLine({{"name", preset.name}, {"title", preset.title}, {"description", preset.description}, {"count", count}});
        rows.push_back({preset.name, groupDigits(count), preset.description});
    }
    if (!context.json)
        printTable(rows);
    return Done;
}

int show(const Context& context, const std::string& name)
{
    const auto space = context.catalog->resolveSpace(name);
    if (!space)
        return report(space.error());
    const Json json = space::spaceToJson(*space);
    if (context.json)
        printLine(json);
    else
        std::cout << json.dump(2) << std::endl;
    return Done;
}

/// Without the catalog's own check of files: `check` tells all that is wrong, not only the first.
Result<space::SearchSpace> uncheckedSpace(const Context& context, const std::string& name)
{
    if (auto preset = context.catalog->preset(name))
        return preset;
    ARCHSCOPE_ASSIGN(const std::string bytes, readFile(name, std::uint64_t{64} << 20));
    auto space = space::spaceFromText(bytes);
    if (!space)
        return fail(space.error().within(name));
    return space;
}

int check(const Context& context, const std::string& name, const ShapeOptions& shape)
{
    const auto space = uncheckedSpace(context, name);
    if (!space)
        return report(space.error());
    std::vector<space::Issue> issues = space::check(*space, context.catalog->operations());
    const auto isError = [](const space::Issue& issue) { return issue.severity == space::Issue::Severity::Error; };
    if (std::none_of(issues.begin(), issues.end(), isError)) {
        const auto survey = network::surveyShapes(*space, context.catalog->operations(), {shape.input, shape.classes});
        issues.insert(issues.end(), survey.issues.begin(), survey.issues.end());
    }
    for (const space::Issue& issue : issues) {
        const std::string place = issue.path.empty() ? name : fmt::format("{}: node '{}'", name, issue.path);
        if (context.json)
            printLine({{"severity", isError(issue) ? "error" : "warning"}, {"node", issue.path}, {"message", issue.message}});
        else
            std::cerr << "archscope-cli: " << place << ": " << (isError(issue) ? "" : "warning: ") << issue.message << std::endl;
    }
    if (std::any_of(issues.begin(), issues.end(), isError))
        return BadInput;
    if (context.json)
        printLine({{"valid", true}});
    else
        std::cout << name << ": the space is sound" << std::endl;
    return Done;
}

int count(const Context& context, const std::string& name)
{
    const auto space = context.catalog->resolveSpace(name);
    if (!space)
        return report(space.error());
    const auto decisions = space::DecisionSpace::compile(*space);
    if (!decisions)
        return report(decisions.error());
    const std::string number = decisions->count().value_or("infinite");
    if (context.json)
        printLine({{"count", number}});
    else
        std::cout << groupDigits(number) << std::endl;
    return Done;
}

int sample(const Context& context, const std::string& name, int samples, std::uint64_t seed)
{
    const auto space = context.catalog->resolveSpace(name);
    if (!space)
        return report(space.error());
    const auto decisions = space::DecisionSpace::compile(*space);
    if (!decisions)
        return report(decisions.error());
    Rng rng(seed);
    for (int i = 0; i < samples; ++i)
        printLine(decisions->toJson(decisions->sample(rng)));
    return Done;
}

int cost(const Context& context, const std::string& name, const std::string& architecture, const ShapeOptions& shape)
{
    const auto space = context.catalog->resolveSpace(name);
    if (!space)
        return report(space.error());
    const auto decisions = space::DecisionSpace::compile(*space);
    if (!decisions)
        return report(decisions.error());
    const auto answers = parseJson(architecture);
    if (!answers)
        return reportUsage("--arch", answers.error());
    const auto genotype = decisions->fromJson(*answers);
    if (!genotype)
        return report(genotype.error().within("--arch"));
    const auto network = network::lower(*space, *decisions, *genotype, context.catalog->operations(), {shape.input, shape.classes});
    if (!network)
        return report(network.error());
    Json layers = Json::array();
    std::vector<std::vector<std::string>> rows = {{"LAYER", "OPERATION", "OUTPUT", "PARAMETERS", "FLOPS"}};
    for (const network::Layer& layer : network->layers) {
        layers.push_back({{"name", layer.name}, {"op", layer.operation}, {"output", layer.output},
                          {"parameters", layer.cost.parameters}, {"flops", layer.cost.flops}});
        rows.push_back({layer.name, layer.operation, space::shapeText(layer.output), groupDigits(layer.cost.parameters),
                        groupDigits(layer.cost.flops)});
    }
    const network::Cost total = network->cost();
    if (context.json) {
        printLine({{"parameters", total.parameters}, {"flops", total.flops}, {"layers", layers}});
        return Done;
    }
    rows.push_back({"total", "", "", groupDigits(total.parameters), groupDigits(total.flops)});
    printTable(rows);
    return Done;
}
} // namespace

void addSpaceCommands(CLI::App& app, Context& context)
{
    auto* space = app.add_subcommand("space", "Search spaces: presets and .space.json files")->require_subcommand(1)->fallthrough();
    struct Options {
        std::string name;
        std::string architecture;
        ShapeOptions shape;
        int samples = 1;
        std::uint64_t seed = 0;
    };
    const auto options = std::make_shared<Options>();
    const auto named = [&](const char* command, const char* help) {
        auto* sub = space->add_subcommand(command, help)->fallthrough();
        sub->add_option("space", options->name, "A preset's name or a .space.json file")->required()->type_name("S");
        return sub;
    };
    space->add_subcommand("list", "The presets with their sizes")->fallthrough()->callback([&] { context.command = [&] { return list(context); }; });
    named("show", "The space as JSON")->callback([&, options] { context.command = [&, options] { return show(context, options->name); }; });
    auto* checkCommand = named("check", "Everything that is wrong with a space");
    addShapeOptions(*checkCommand, options->shape);
    checkCommand->callback([&, options] { context.command = [&, options] { return check(context, options->name, options->shape); }; });
    named("count", "Exact number of architectures")->callback([&, options] { context.command = [&, options] { return count(context, options->name); }; });
    auto* sampleCommand = named("sample", "Random architectures, one JSON object a line");
    sampleCommand->add_option("-n", options->samples, "How many")->type_name("N")->check(wholeNumber(1, 10'000'000))->capture_default_str();
    sampleCommand->add_option("--seed", options->seed, "Seed")->type_name("K")->check(seedNumber())->capture_default_str();
    sampleCommand->callback([&, options] {
        context.command = [&, options] { return sample(context, options->name, options->samples, options->seed); };
    });
    auto* costCommand = named("cost", "Parameters and FLOPs (one multiply-add counts one) of an architecture, layer by layer");
    costCommand->add_option("--arch", options->architecture, "The architecture, as `space sample` prints it")->required()->type_name("A");
    addShapeOptions(*costCommand, options->shape);
    costCommand->callback([&, options] {
        context.command = [&, options] { return cost(context, options->name, options->architecture, options->shape); };
    });
}

} // namespace archscope::cli
