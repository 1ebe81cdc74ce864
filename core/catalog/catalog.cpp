#include "core/catalog/catalog.h"

#include "core/base/files.h"
#include "core/base/text.h"
#include "core/catalog/study_table.h"
#include "core/space/space_check.h"
#include "core/train/table_evaluator.h"
#include "core/train/training_evaluator.h"
#include "resources/resources.h"

#include <algorithm>

namespace archscope::catalog {

namespace {
constexpr std::string_view presetFolder = "spaces/";
constexpr std::string_view presetEnding = ".space.json";

/// The presets in the order they are offered: what a newcomer wants first. Their descriptions are in their files.
std::vector<PresetInfo> presetList()
{
    const network::TaskShape digits{{1, 8, 8}, 10, 0, false};
    const network::TaskShape cifar{{3, 32, 32}, 10, 0, false};
    const network::TaskShape imagenet{{3, 224, 224}, 1000, 0, false};
    const network::TaskShape characters{{64}, 65, 65, true};
    const network::TaskShape series{{150, 1}, 2, 0, false};
    return {{"chain-cnn", "Chain CNN", {}, digits},
            {"resnet-like", "Residual CNN", {}, digits},
            {"mlp", "Multilayer perceptron", {}, digits},
            {"nas-bench-201", "NAS-Bench-201", {}, cifar},
            {"nas-bench-101", "NAS-Bench-101", {}, cifar},
            {"nas-bench-macro", "NAS-Bench-Macro", {}, cifar},
            {"darts", "DARTS", {}, cifar},
            {"mobilenet-like", "Mobile CNN", {}, imagenet},
            {"lstm-gru", "Recurrent stack", {}, series},
            {"temporal-cnn", "Temporal CNN", {}, series},
            {"transformer-encoder", "Transformer encoder", {}, series},
            {"enas-rnn", "ENAS recurrent cell", {}, characters},
            {"darts-rnn", "DARTS recurrent cell", {}, characters}};
}

Result<space::SearchSpace> readPreset(const std::string& name)
{
    const std::string_view text = resources::find(std::string(presetFolder) + name + std::string(presetEnding));
    if (text.empty())
        return fail(ErrorCode::NotFound, "the preset is not built in", name);
    return space::spaceFromText(text);
}
} // namespace

Catalog::Catalog()
    : m_operations(ops::builtinOperations())
    , m_strategies({search::randomSearch(), search::gridSearch(), search::localSearch(), search::regularizedEvolution(), search::nsga2()},
                   {search::successiveHalving(), search::hyperband(), search::asha(), search::curveStopping()})
{
    m_formats.push_back(data::digitsFormat(resources::find("data/digits.csv.gz")));
    m_formats.push_back(data::idxFormat());
    m_formats.push_back(data::csvFormat());

    m_exporters.push_back(exporting::onnxExporter());
    m_exporters.push_back(exporting::jsonExporter());
    m_exporters.push_back(exporting::svgExporter());

    std::vector<const space::OperationTraits*> operations;
    for (const auto& operation : m_operations)
        operations.push_back(operation.get());
    m_operationSet = space::OperationSet(std::move(operations));
    std::vector<const data::DataFormat*> formats;
    for (const auto& format : m_formats)
        formats.push_back(format.get());
    m_formatSet = data::FormatSet(std::move(formats));
    for (PresetInfo& preset : presetList()) {
        if (const auto space = readPreset(preset.name)) {
            preset.description = space->description;
            m_presets.push_back(std::move(preset));
        }
    }
}

std::vector<const exporting::Exporter*> Catalog::exporters() const
{
    std::vector<const exporting::Exporter*> exporters;
    for (const auto& exporter : m_exporters)
        exporters.push_back(exporter.get());
    return exporters;
}

const exporting::Exporter* Catalog::exporter(std::string_view name) const
{
    const auto it = std::find_if(m_exporters.begin(), m_exporters.end(), [&](const auto& e) { return e->name() == name; });
    return it == m_exporters.end() ? nullptr : it->get();
}

Result<space::SearchSpace> Catalog::preset(const std::string& name) const
{
    std::vector<std::string> names;
    for (const PresetInfo& preset : m_presets) {
        if (preset.name == name)
            return readPreset(name);
        names.push_back(preset.name);
    }
    return fail(ErrorCode::NotFound, unknownName("preset", name, names));
}

Result<space::SearchSpace> Catalog::resolveSpace(const std::string& text) const
{
    const bool isFile = text.find('/') != std::string::npos || text.ends_with(".json");
    if (!isFile)
        return preset(text);
    ARCHSCOPE_ASSIGN(const std::string bytes, readFile(text, std::uint64_t{64} << 20));
    auto space = space::spaceFromText(bytes);
    if (!space)
        return fail(space.error().within(text));
    if (auto sound = space::requireSound(*space, m_operationSet); !sound)
        return fail(sound.error().within(text));
    return space;
}

search::EvaluatorFactory Catalog::evaluatorFactory(std::shared_ptr<const data::Task> task) const
{
    return [this, task = std::move(task)](const search::StudySpec& spec) -> Result<std::unique_ptr<train::Evaluator>> {
        if (spec.table) {
            ARCHSCOPE_ASSIGN(auto table, loadStudyTable(spec));
            return std::make_unique<train::TableEvaluator>(std::move(table));
        }
        std::shared_ptr<const data::Task> loaded = task;
        if (!loaded || loaded->spec != spec.task) {
            ARCHSCOPE_ASSIGN(loaded, data::loadTask(spec.task, m_formatSet));
        }
        train::EvaluatorOptions options;
        options.device = spec.device;
        options.lane = m_lane;
        return train::trainingEvaluator(spec.space, m_operationSet, std::move(loaded), options);
    };
}

train::OperationTimings& Catalog::timings() const
{
    std::call_once(m_timingsMade, [this] {
        const auto device = train::resolveDevice("auto");
        m_timings = std::make_unique<train::OperationTimings>(m_operationSet, device.value_or("cpu"), m_lane);
    });
    return *m_timings;
}

} // namespace archscope::catalog
