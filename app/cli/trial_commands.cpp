// archscope-cli retrain | latency | export: what one does with a chosen trial.
#include "app/cli/command.h"

#include "core/base/files.h"
#include "core/base/hash.h"
#include "core/base/text.h"
#include "core/train/training_evaluator.h"

#include <fmt/format.h>
#include <iostream>

namespace archscope::cli {

namespace {
struct TrialOptions {
    StudyOptions study;
    int epochs = 0;
    std::vector<std::uint64_t> seeds = {0};
    std::string device = "auto";
    int batch = 1;
    std::string format;
    std::string file;
};

/// Where a study's trained weights lie: beside an SQLite store, by content.
std::filesystem::path weightsFolder(const std::string& storeUrl)
{
    const std::size_t colon = storeUrl.find(':');
    return storeUrl.substr(colon + 1) + ".weights";
}

Result<train::RetrainResult> retrained(const ChosenTrial& chosen, const Context& context, const TrialOptions& options,
                                       const std::string& device)
{
    train::RetrainOptions retrain;
    retrain.epochs = options.epochs;
    retrain.seeds = options.seeds;
    retrain.device = device;
    ProgressBar bar;
    const auto progress = [&](const train::RetrainProgress& p) {
        bar.show(p.fraction, fmt::format("seed {} of {}, epoch {} of {}, training accuracy {:.2f} %", p.seedIndex + 1,
                                         options.seeds.size(), p.epoch, p.epochs, 100 * p.trainAccuracy));
    };
    auto result = train::retrain(chosen.network, context.catalog->operations(), *chosen.task, retrain, progress, {});
    bar.clear();
    return result;
}

int retrain(const Context& context, const TrialOptions& options)
{
    const auto device = train::resolveDevice(options.device);
    if (!device)
        return reportUsage("--device", device.error());
    const auto chosen = chosenTrial(context, options.study);
    if (!chosen)
        return report(chosen.error());
    const auto result = retrained(*chosen, context, options, *device);
    if (!result)
        return report(result.error());
    const std::string bytes = model::toSafetensors(result->weights);
    const std::filesystem::path folder = weightsFolder(options.study.store);
    std::error_code code;
    std::filesystem::create_directories(folder, code);
    const std::string name = hashHex(bytes) + ".safetensors";
    if (const auto written = writeFileAtomically(folder / name, bytes); !written)
        return report(written.error());
    const Json stored = {{"seeds", result->seeds},
                         {"test_accuracies", result->testAccuracies},
                         {"test_accuracy_mean", result->mean},
                         {"test_accuracy_std", result->deviation},
                         {"weights", name}};
    if (const auto saved = chosen->store->saveRetrain(options.study.study, chosen->trial.id, stored); !saved)
        return report(saved.error());
    if (context.json)
        printLine({{"event", "retrained"}, {"trial", chosen->trial.id.value()}, {"test_accuracy_mean", result->mean},
                   {"test_accuracy_std", result->deviation}, {"seeds", result->seeds}});
    else
        std::cout << fmt::format("trial {}: test accuracy {:.2f} %{} on {} test samples, trained on training + validation",
                                 chosen->trial.id.value(), 100 * result->mean,
                                 result->seeds.size() > 1 ? fmt::format(" ± {:.2f} % over {} seeds", 100 * result->deviation, result->seeds.size()) : "",
                                 groupDigits(static_cast<std::int64_t>(chosen->task->splits.test.size())))
                  << std::endl;
    return Done;
}

int latency(const Context& context, const TrialOptions& options)
{
    const auto device = train::resolveDevice(options.device);
    if (!device)
        return reportUsage("--device", device.error());
    const auto chosen = chosenTrial(context, options.study);
    if (!chosen)
        return report(chosen.error());
    const auto result = train::measureLatency(chosen->network, context.catalog->operations(), options.batch, *device);
    if (!result)
        return report(result.error());
    if (context.json)
        printLine({{"batch", result->batch}, {"median_ms", result->medianMs}, {"iqr_ms", result->iqrMs}, {"p95_ms", result->p95Ms}});
    else
        std::cout << fmt::format("trial {}, batch {}: median {:.4g} ms, IQR {:.3g} ms, 95th percentile {:.4g} ms ({} runs on {})",
                                 chosen->trial.id.value(), result->batch, result->medianMs, result->iqrMs, result->p95Ms, result->runs, *device)
                  << std::endl;
    return Done;
}

/// The weights of the trial's latest retrain.
Result<model::Weights> weightsOf(const ChosenTrial& chosen, const TrialOptions& options)
{
    ARCHSCOPE_ASSIGN(const auto retrains, chosen.store->retrains(options.study.study));
    if (const auto it = retrains.find(chosen.trial.id); it != retrains.end()) {
        ARCHSCOPE_ASSIGN(const std::string name, JsonReader(it->second).string("weights"));
        const std::filesystem::path file = weightsFolder(options.study.store) / std::filesystem::path(name).filename();
        ARCHSCOPE_ASSIGN(const std::string bytes, readFile(file));
        auto weights = model::fromSafetensors(bytes);
        if (!weights)
            return fail(weights.error().within(file.string()));
        return weights;
    }
    return fail(ErrorCode::NotFound,
                fmt::format("trial {} has no trained weights yet: run `archscope-cli retrain` for it first", chosen.trial.id.value()),
                options.study.store);
}

std::vector<std::string> exportFormats(const Context& context)
{
    std::vector<std::string> names;
    for (const auto* exporter : context.catalog->exporters())
        names.push_back(exporter->name());
    return names;
}

int exportTrial(const Context& context, const TrialOptions& options)
{
    const exporting::Exporter* exporter = context.catalog->exporter(options.format);
    if (!exporter)
        return reportUsage("--format", {ErrorCode::InvalidArgument, unknownName("format", options.format, exportFormats(context)), {}});
    const auto chosen = chosenTrial(context, options.study);
    if (!chosen)
        return report(chosen.error());
    exporting::ExportRequest request;
    request.network = chosen->network;
    request.operations = &context.catalog->operations();
    request.task = chosen->task;
    request.file = options.file;
    request.metadata = {{"study", options.study.study}, {"trial", std::to_string(chosen->trial.id.value())}};
    if (exporter->needsWeights()) {
        auto weights = weightsOf(*chosen, options);
        if (!weights)
            return report(weights.error());
        request.weights = std::move(*weights);
    }
    const auto written = exporter->write(request, {});
    if (!written)
        return report(written.error());
    if (context.json)
        printLine({{"out", written->file.string()}, {"verified", written->verified}, {"max_difference", written->maxDifference}});
    else
        std::cout << fmt::format("{} written{}", written->file.string(), written->verification.empty() ? "" : "; " + written->verification) << std::endl;
    return Done;
}
} // namespace

void addTrialCommands(CLI::App& app, Context& context)
{
    const auto options = std::make_shared<TrialOptions>();
    auto* retrainCommand = app.add_subcommand("retrain", "Train a chosen trial on training + validation and test it once")->fallthrough();
    addTrialOption(*retrainCommand, options->study);
    retrainCommand->add_option("--epochs", options->epochs, "Epochs; four times the recipe's when left out")->type_name("N")->check(wholeNumber(1, 100'000));
    retrainCommand->add_option("--seeds", options->seeds, "Seeds, separated by ','; each trains once; 0 when left out")
        ->delimiter(',')->type_name("K")->check(seedNumber());
    retrainCommand->add_option("--device", options->device, "auto, cpu or cuda:0")->type_name("D")->capture_default_str();
    retrainCommand->callback([&, options] { context.command = [&, options] { return retrain(context, *options); }; });

    auto* latencyCommand = app.add_subcommand("latency", "Measure a trial's network on this machine")->fallthrough();
    addTrialOption(*latencyCommand, options->study);
    latencyCommand->add_option("--batch", options->batch, "Samples at once")->type_name("N")->check(wholeNumber(1, 65'536))->capture_default_str();
    latencyCommand->add_option("--device", options->device, "auto, cpu or cuda:0")->type_name("D")->capture_default_str();
    latencyCommand->callback([&, options] { context.command = [&, options] { return latency(context, *options); }; });

    auto* exportCommand = app.add_subcommand("export", "Write a trial's network; numeric formats are verified")->fallthrough();
    addTrialOption(*exportCommand, options->study);
    exportCommand->add_option("--format", options->format, joined(exportFormats(context), ", "))->required()->type_name("F");
    exportCommand->add_option("--out", options->file, "File to write")->required()->type_name("FILE");
    exportCommand->callback([&, options] { context.command = [&, options] { return exportTrial(context, *options); }; });
}

} // namespace archscope::cli
