// The one list of what is built in: operations, preset spaces, strategies, data formats, exporters. The composition roots
// (app/cli, app/explorer, tests) make one and hand it on; there is no global.
#pragma once

#include "core/data/format.h"
#include "core/export/exporter.h"
#include "core/network/network.h"
#include "core/ops/operation.h"
#include "core/search/strategy.h"
#include "core/search/study_engine.h"
#include "core/space/search_space.h"
#include "core/train/operation_timings.h"

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace archscope::catalog {

struct PresetInfo {
    std::string name; ///< "chain-cnn"
    std::string title;
    std::string description;
    network::TaskShape example; ///< of a task it is meant for: what its costs and shapes are shown with where no task is chosen
};

/// Immutable after construction (but for what `timings` measures), used from any thread. Not copyable: others hold pointers into it.
class Catalog {
public:
    Catalog();
    Catalog(const Catalog&) = delete;
    Catalog& operator=(const Catalog&) = delete;

    const space::OperationSet& operations() const { return m_operationSet; }
    const search::StrategySet& strategies() const { return m_strategies; }
    const data::FormatSet& formats() const { return m_formatSet; }
    std::vector<const exporting::Exporter*> exporters() const;
    const exporting::Exporter* exporter(std::string_view name) const;

    const std::vector<PresetInfo>& presets() const { return m_presets; }
    Result<space::SearchSpace> preset(const std::string& name) const;
    /// A preset's name or a `.space.json` file.
    Result<space::SearchSpace> resolveSpace(const std::string& text) const;
    /// Names of the built-in tasks: "digits".
    std::vector<std::string> builtinTasks() const { return {"digits"}; }

    /// The training evaluator for a study, with this catalog's operations and formats. `task` may be handed in when it is
    /// already loaded.
    search::EvaluatorFactory evaluatorFactory(std::shared_ptr<const data::Task> task = nullptr) const;

    /// Latency on the device that studies take when none is named, by operations measured when they are first met: one table for
    /// all that do not belong to a study. Any thread but the GUI's; trials that train meanwhile halt for a measurement.
    train::OperationTimings& timings() const;

private:
    std::vector<std::unique_ptr<ops::Operation>> m_operations;
    std::vector<std::unique_ptr<data::DataFormat>> m_formats;
    std::vector<std::unique_ptr<exporting::Exporter>> m_exporters;
    std::vector<PresetInfo> m_presets;
    space::OperationSet m_operationSet;
    data::FormatSet m_formatSet;
    search::StrategySet m_strategies;
    /// All measurements of the process take turns, with each other and with the batches of trials.
    std::shared_ptr<train::MeasurementLane> m_lane = std::make_shared<train::MeasurementLane>();
    mutable std::once_flag m_timingsMade; ///< looking for a GPU takes a while
    mutable std::unique_ptr<train::OperationTimings> m_timings;
};

} // namespace archscope::catalog
