// Exporters: a trained network to a file. Numeric ones verify what they wrote before they call it done.
#pragma once

#include "core/data/task.h"
#include "core/model/weights.h"
#include "core/network/network.h"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace archscope::exporting {

struct ExportRequest {
    network::Network network;
    const space::OperationSet* operations = nullptr; ///< not owned
    model::Weights weights; ///< empty where the format needs none
    std::shared_ptr<const data::Task> task; ///< for verification samples and metadata; null: random inputs
    std::map<std::string, std::string> metadata; ///< study, trial, test accuracy … as the format can hold them
    std::filesystem::path file;
};

struct ExportReport {
    std::filesystem::path file;
    bool verified = false; ///< true only when a check really ran and passed
    double maxDifference = 0; ///< largest absolute difference of outputs to LibTorch's
    std::string verification; ///< how: "ONNX checker and onnxruntime 1.27 on 360 test samples"
    std::vector<std::string> files; ///< everything written
};

class Exporter {
public:
    virtual ~Exporter() = default;
    virtual std::string name() const = 0; ///< "onnx"
    virtual std::string title() const = 0; ///< "ONNX (opset 17)"
    virtual std::string extension() const = 0; ///< ".onnx"
    virtual std::string help() const = 0;
    virtual bool needsWeights() const = 0;
    /// When this fails, `request.file` is as it was before: not there, or the older file.
    virtual Result<ExportReport> write(const ExportRequest& request, const std::stop_token& stop) const = 0;
};

std::unique_ptr<Exporter> onnxExporter();
std::unique_ptr<Exporter> jsonExporter(); ///< networkToJson
std::unique_ptr<Exporter> svgExporter();

} // namespace archscope::exporting
