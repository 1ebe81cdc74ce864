// archscope-cli space list | show | check | count | envelope | sample | cost | import
#include "app/cli/command.h"

#include "core/base/files.h"
#include "core/base/text.h"
#include "core/catalog/notation.h"
#include "core/export/onnx_import.h"
#include "core/network/canonical.h"
#include "core/network/network.h"
#include "core/network/shape_survey.h"
#include "core/space/space_check.h"
#include "core/train/training_evaluator.h"

#include <algorithm>
#include <fmt/format.h>
#include <iostream>
#include <set>
#include <thread>

namespace archscope::cli {

namespace {
/// What is given stands in for the preset's own example of a task; files have the embedded digits.
struct ShapeOptions {
    std::vector<std::int64_t> input;
    std::optional<std::int64_t> classes;
    std::optional<std::int64_t> vocabulary;
    bool eachStep = false;
};

void addShapeOptions(CLI::App& app, ShapeOptions& options)
{
    app.add_option("--input", options.input, "Shape of a sample: C,H,W, features, LENGTH,FEATURES, or the length of a text; each preset has its own default")
        ->delimiter(',')->type_name("C,H,W")->check(wholeNumber(1, 1'000'000));
    app.add_option("--classes", options.classes, "Number of classes")->type_name("N")->check(wholeNumber(1, 1'000'000));
    app.add_option("--vocabulary", options.vocabulary, "Number of tokens, if the input is a text")->type_name("N")->check(wholeNumber(0, 1'000'000'000));
    app.add_flag("--each-step", options.eachStep, "An answer for each step of a sequence, as language models give");
}

network::TaskShape taskShape(const Context& context, const std::string& name, const ShapeOptions& options)
{
    network::TaskShape task{{1, 8, 8}, 10, 0, false};
    for (const auto& preset : context.catalog->presets()) {
        if (preset.name == name)
            task = preset.example;
    }
    if (!options.input.empty()) {
        task.input = options.input;
        if (options.input.size() > 1) // no text, whatever the preset is meant for
            task.vocabulary = 0;
        task.eachStep = false;
    }
    task.outputs = options.classes.value_or(task.outputs);
    task.vocabulary = options.vocabulary.value_or(task.vocabulary);
    task.eachStep = task.eachStep || options.eachStep;
    return task;
}

std::string taskText(const network::TaskShape& task)
{
    return fmt::format("{} and {} {}{}", space::shapeText(task.input), groupDigits(task.outputs), task.outputs == 1 ? "output" : "classes",
                       task.eachStep ? " at each step" : "");
}

template <class T> Json rangeJson(const network::Range<T>& range)
{
    return {{"low", range.low}, {"median", range.median}, {"high", range.high}};
}

/// Measures operations as they are met: for whatever has to keep budgets.
network::LatencyPredictor latencyPredictor(const Context& context)
{
    return [catalog = context.catalog](const network::Network& network) { return catalog->timings().predict(network); };
}

/// Measuring takes a while: only where the space cannot be looked at without it.
network::SurveyOptions surveyOptions(const Context& context, const space::SearchSpace& space)
{
    network::SurveyOptions options;
    if (network::boundsLatency(space))
        options.latency = latencyPredictor(context);
    return options;
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
        // One line each: `space show` says the rest.
        const std::size_t end = std::min(preset.description.find(": "), preset.description.find(". "));
        rows.push_back({preset.name, groupDigits(count), preset.description.substr(0, end)});
    }
    if (!context.json)
        printTable(rows);
    return Done;
}

int show(const Context& context, const std::string& name, const ShapeOptions& options)
{
    const auto space = context.catalog->resolveSpace(name);
    if (!space)
        return report(space.error());
    const Json json = space::spaceToJson(*space);
    if (context.json)
        printLine(json);
    else
        std::cout << json.dump(2) << std::endl;
    // Beside the space, not in it: what stands on stdout can be saved as a .space.json.
    const network::TaskShape task = taskShape(context, name, options);
    const auto survey = network::surveyShapes(*space, context.catalog->operations(), task, surveyOptions(context, *space));
    if (survey.fitting == 0) {
        std::cerr << fmt::format("{}: no sampled architecture fits {}", name, taskText(task)) << std::endl;
        return Done;
    }
    const auto line = [](const char* what, const network::CostRange& range) {
        return fmt::format("{}: {} to {}, median {}\n", what, groupDigits(range.low), groupDigits(range.high), groupDigits(range.median));
    };
    std::cerr << fmt::format("{}, {} sampled architectures for {}\n", name, survey.fitting, taskText(task)) << line("parameters", survey.parameters)
              << line("FLOPs", survey.flops) << std::flush;
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
    if (!space->notation.empty() && !catalog::findNotation(space->notation))
        issues.push_back({space::Issue::Severity::Warning, {}, {}, fmt::format("the notation '{}' is unknown here: architectures are written as JSON", space->notation), {}});
    Json sound = {{"valid", true}};
    const auto isError = [](const space::Issue& issue) { return issue.severity == space::Issue::Severity::Error; };
    if (std::none_of(issues.begin(), issues.end(), isError)) {
        const auto survey = network::surveyShapes(*space, context.catalog->operations(), taskShape(context, name, shape), surveyOptions(context, *space));
        issues.insert(issues.end(), survey.issues.begin(), survey.issues.end());
        sound.update({{"samples", survey.fitting}, {"parameters", rangeJson(survey.parameters)}, {"flops", rangeJson(survey.flops)}});
    }
    for (const space::Issue& issue : issues) {
        const std::string pointer = space::pointerOf(*space, issue);
        const std::string node = issue.node.isValid() ? issue.path : std::string();
        std::string place = pointer.empty() ? name : fmt::format("{}: {}", name, pointer);
        if (!node.empty())
            place += fmt::format(": node '{}'", node);
        if (context.json)
            printLine({{"severity", isError(issue) ? "error" : "warning"}, {"pointer", pointer}, {"node", node}, {"message", issue.message}});
        else
            std::cerr << "archscope-cli: " << place << ": " << (isError(issue) ? "" : "warning: ") << issue.message << std::endl;
    }
    if (std::any_of(issues.begin(), issues.end(), isError))
        return BadInput;
    if (context.json)
        printLine(sound);
    else
        std::cout << name << ": the space is sound" << std::endl;
    return Done;
}

/// Numbers of different networks among all architectures that fit the task, on all cores.
std::size_t distinctNetworks(const Context& context, const space::SearchSpace& space, const space::DecisionSpace& decisions, const network::TaskShape& task)
{
    std::vector<space::Genotype> genotypes;
    decisions.forEach([&](const space::Genotype& genotype) {
        genotypes.push_back(genotype);
        return true;
    });
    const std::size_t workers = std::max(1U, std::thread::hardware_concurrency());
    std::vector<std::set<std::string>> found(workers);
    {
        std::vector<std::jthread> threads;
        for (std::size_t worker = 0; worker < workers; ++worker) {
            threads.emplace_back([&, worker] {
                for (std::size_t i = worker; i < genotypes.size(); i += workers) {
                    if (const auto network = network::lower(space, decisions, genotypes[i], context.catalog->operations(), task))
                        found[worker].insert(network::canonicalHash(*network));
                }
            });
        }
    }
    for (std::size_t worker = 1; worker < workers; ++worker)
        found.front().merge(found[worker]);
    return found.front().size();
}

enum class Counting { Genotypes, DistinctNetworks };

int count(const Context& context, const std::string& name, Counting counting, const ShapeOptions& shape)
{
    static constexpr std::size_t mostDigits = 6; // what can be enumerated while one waits
    const auto space = context.catalog->resolveSpace(name);
    if (!space)
        return report(space.error());
    const auto decisions = space::DecisionSpace::compile(*space);
    if (!decisions)
        return report(decisions.error());
    const auto exact = decisions->count();
    const std::string number = exact.value_or("infinite");
    Json line = {{"count", number}};
    std::string text = groupDigits(number);
    if (counting == Counting::DistinctNetworks) {
        if (network::boundsLatency(*space))
            std::cerr << "archscope-cli: networks are compared whatever their latency: the budget on it is not taken into account" << std::endl;
        if (exact && exact->size() <= mostDigits) {
            const auto distinct = std::to_string(distinctNetworks(context, *space, *decisions, taskShape(context, name, shape)));
            line["distinct"] = distinct;
            text += fmt::format("\n{} distinct networks", groupDigits(distinct));
        } else {
            line["distinct"] = nullptr;
            std::cerr << "archscope-cli: the space is too large to go through its networks: up to 999,999 architectures can be compared" << std::endl;
        }
    }
    if (context.json)
        printLine(line);
    else
        std::cout << text << std::endl;
    return Done;
}

/// Of the table of operations, against networks that are measured as a whole.
Result<double> predictionError(const Context& context, std::span<const network::Network> networks)
{
    train::OperationTimings& timings = context.catalog->timings();
    std::vector<train::OperationTimings::Measured> measured;
    for (const network::Network& network : networks) {
        ARCHSCOPE_ASSIGN(const auto latency, train::measureLatency(network, context.catalog->operations(), 1, timings.device()));
        measured.push_back({network, latency.medianMs});
    }
    return timings.errorAgainst(measured);
}

int envelope(const Context& context, const std::string& name, int samples, std::uint64_t seed, const ShapeOptions& shape)
{
    static constexpr int mostMeasured = 5;
    const auto space = context.catalog->resolveSpace(name);
    if (!space)
        return report(space.error());
    const network::TaskShape task = taskShape(context, name, shape);
    const auto survey = network::surveyShapes(*space, context.catalog->operations(), task,
                                              {.samples = samples, .keep = mostMeasured, .seed = seed, .latency = latencyPredictor(context)});
    for (const space::Issue& issue : survey.issues)
        std::cerr << fmt::format("archscope-cli: {}: {}", issue.path.empty() ? name : fmt::format("{}: node '{}'", name, issue.path), issue.message) << std::endl;
    if (survey.fitting == 0)
        return BadInput;
    Json line = {{"samples", survey.sampled}, {"fitting", survey.fitting}, {"parameters", rangeJson(survey.parameters)},
                 {"flops", rangeJson(survey.flops)}, {"layers", rangeJson(survey.layers)}, {"latency_ms", nullptr}};
    const auto row = [](const char* what, const network::CostRange& range) {
        return std::vector<std::string>{what, groupDigits(range.low), groupDigits(range.median), groupDigits(range.high)};
    };
    std::vector<std::vector<std::string>> rows = {{"", "MIN", "MEDIAN", "MAX"}, row("parameters", survey.parameters),
                                                  row("FLOPs", survey.flops), row("layers", survey.layers)};
    std::string note;
    if (survey.latency) {
        const train::OperationTimings& timings = context.catalog->timings();
        const auto error = predictionError(context, survey.examples);
        if (!error)
            return report(error.error());
        line["latency_ms"] = rangeJson(*survey.latency);
        line["latency_ms"].update({{"device", timings.device()}, {"operations", timings.size()}, {"error", *error}});
        const auto number = [](double ms) { return fmt::format("{:.3g}", ms); };
        rows.push_back({"latency, ms", number(survey.latency->low), number(survey.latency->median), number(survey.latency->high)});
        note = fmt::format("latency: predicted on {} from {} measured operations; median error {:.0f} % against {} networks measured whole",
                           timings.device(), groupDigits(static_cast<std::int64_t>(timings.size())), 100 * *error, survey.examples.size());
    }
    if (context.json) {
        printLine(line);
        return Done;
    }
    std::cout << fmt::format("{}: {} of {} sampled architectures fit {}", name, survey.fitting, survey.sampled, taskText(task)) << std::endl;
    printTable(rows);
    if (!note.empty())
        std::cout << note << std::endl;
    return Done;
}

int sample(const Context& context, const std::string& name, int samples, std::uint64_t seed, const ShapeOptions& shape)
{
    const auto space = context.catalog->resolveSpace(name);
    if (!space)
        return report(space.error());
    auto decisions = space::DecisionSpace::compile(*space);
    if (!decisions)
        return report(decisions.error());
    network::bindBudgets(*decisions, *space, context.catalog->operations(), taskShape(context, name, shape), latencyPredictor(context));
    Rng rng(seed);
    for (int i = 0; i < samples; ++i)
        printLine(decisions->toJson(decisions->sample(rng)));
    return Done;
}

enum class Extent { AsDrawn, Effective };

int cost(const Context& context, const std::string& name, const std::string& architecture, Extent extent, const ShapeOptions& shape)
{
    const auto space = context.catalog->resolveSpace(name);
    if (!space)
        return report(space.error());
    const auto decisions = space::DecisionSpace::compile(*space);
    if (!decisions)
        return report(decisions.error());
    const auto genotype = catalog::architectureFromText(*space, *decisions, architecture);
    if (!genotype && !catalog::findNotation(space->notation) && !parseJson(architecture))
        return reportUsage("--arch", genotype.error());
    if (!genotype)
        return report(genotype.error().within("--arch"));
    auto network = network::lower(*space, *decisions, *genotype, context.catalog->operations(), taskShape(context, name, shape));
    if (!network)
        return report(network.error());
    if (extent == Extent::Effective)
        network = network::simplified(*network);
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

int importModel(const Context& context, const std::string& file, const std::string& out, const ShapeOptions& shape)
{
    const auto imported = exporting::spaceFromOnnxFile(file, context.catalog->operations(), shape.input);
    if (!imported)
        return report(imported.error());
    if (const auto written = writeFileAtomically(out, space::spaceToJson(imported->space).dump(2) + "\n"); !written)
        return report(written.error());
    const std::string summary = fmt::format("{}: {} nodes, for {}", out, imported->space.root.nodes.size(), taskText(imported->task));
    if (context.json) {
        printLine({{"space", out}, {"nodes", imported->space.root.nodes.size()}, {"shape", imported->task.input},
                   {"classes", imported->task.outputs}, {"notes", imported->notes}});
        return Done;
    }
    std::cout << summary << std::endl;
    for (const std::string& note : imported->notes)
        std::cerr << note << std::endl;
    return Done;
}
} // namespace

void addSpaceCommands(CLI::App& app, Context& context)
{
    auto* space = app.add_subcommand("space", "Search spaces: presets and .space.json files")->require_subcommand(1)->fallthrough();
    struct Options {
        std::string name;
        std::string architecture;
        std::string out;
        ShapeOptions shape;
        bool distinct = false;
        bool effective = false;
        int samples = 1;
        int surveyed = 200;
        std::uint64_t seed = 0;
    };
    const auto options = std::make_shared<Options>();
    const auto named = [&](const char* command, const char* help) {
        auto* sub = space->add_subcommand(command, help)->fallthrough();
        sub->add_option("space", options->name, "A preset's name or a .space.json file")->required()->type_name("S");
        return sub;
    };
    space->add_subcommand("list", "The presets with their sizes")->fallthrough()->callback([&] { context.command = [&] { return list(context); }; });
    auto* showCommand = named("show", "The space as JSON; beside it, on stderr, ranges of parameters and FLOPs from samples");
    addShapeOptions(*showCommand, options->shape);
    showCommand->callback([&, options] { context.command = [&, options] { return show(context, options->name, options->shape); }; });
    auto* checkCommand = named("check", "Everything that is wrong with a space");
    addShapeOptions(*checkCommand, options->shape);
    checkCommand->callback([&, options] { context.command = [&, options] { return check(context, options->name, options->shape); }; });
    auto* countCommand = named("count", "Exact number of architectures");
    countCommand->add_flag("--distinct", options->distinct, "Also how many different networks they are: isomorphic ones and dead branches count once");
    addShapeOptions(*countCommand, options->shape);
    countCommand->callback([&, options] {
        context.command = [&, options] {
            return count(context, options->name, options->distinct ? Counting::DistinctNetworks : Counting::Genotypes, options->shape);
        };
    });
    auto* envelopeCommand = named("envelope", "Least, median and largest parameters, FLOPs, layers and predicted latency, from samples");
    envelopeCommand->add_option("--samples", options->surveyed, "How many")->type_name("N")->check(wholeNumber(1, 1'000'000))->capture_default_str();
    envelopeCommand->add_option("--seed", options->seed, "Seed")->type_name("K")->check(seedNumber())->capture_default_str();
    addShapeOptions(*envelopeCommand, options->shape);
    envelopeCommand->callback([&, options] {
        context.command = [&, options] { return envelope(context, options->name, options->surveyed, options->seed, options->shape); };
    });
    auto* sampleCommand = named("sample", "Random architectures, one JSON object a line");
    sampleCommand->add_option("-n", options->samples, "How many")->type_name("N")->check(wholeNumber(1, 10'000'000))->capture_default_str();
    sampleCommand->add_option("--seed", options->seed, "Seed")->type_name("K")->check(seedNumber())->capture_default_str();
    addShapeOptions(*sampleCommand, options->shape);
    sampleCommand->callback([&, options] {
        context.command = [&, options] { return sample(context, options->name, options->samples, options->seed, options->shape); };
    });
    auto* costCommand = named("cost", "Parameters and FLOPs (one multiply-add counts one) of an architecture, layer by layer");
    costCommand->add_option("--arch", options->architecture, "The architecture, as `space sample` prints it or in the space's own notation")->required()->type_name("A");
    costCommand->add_flag("--effective", options->effective, "Only what counts: without dead branches, identities and zeros");
    addShapeOptions(*costCommand, options->shape);
    costCommand->callback([&, options] {
        context.command = [&, options] { return cost(context, options->name, options->architecture, options->effective ? Extent::Effective : Extent::AsDrawn, options->shape); };
    });
    auto* importCommand = space->add_subcommand("import", "An ONNX model as a space to vary; what is unknown stays as a box")->fallthrough();
    importCommand->add_option("file", options->name, "An ONNX model")->required()->type_name("FILE");
    importCommand->add_option("--out", options->out, "The .space.json file to write")->required()->type_name("FILE");
    importCommand->add_option("--input", options->shape.input, "The input's sizes, if the model leaves them open")->delimiter(',')->type_name("C,H,W")
        ->check(wholeNumber(1, 1'000'000));
    importCommand->callback([&, options] { context.command = [&, options] { return importModel(context, options->name, options->out, options->shape); }; });
}

} // namespace archscope::cli
