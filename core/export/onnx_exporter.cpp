#include "core/base/files.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/export/graph_interpreter.h"
#include "core/export/onnx_file.h"
#include "core/export/pending_file.h"
#include "core/export/runtime_check.h"
#include "core/export/verification.h"

#include <algorithm>
#include <fmt/format.h>

namespace archscope::exporting {

namespace {

std::string numbersText(const std::vector<float>& numbers)
{
    std::vector<std::string> texts;
    for (const float number : numbers)
        texts.push_back(plainNumber(static_cast<double>(number), 9)); // nine digits give the same float back
    return joined(texts, ",");
}

/// The request's, and what a user of the file must know to feed it and to read its answers.
std::map<std::string, std::string> metadataOf(const ExportRequest& request)
{
    std::map<std::string, std::string> metadata = request.metadata;
    if (!request.task)
        return metadata;
    metadata["task"] = request.task->spec.name;
    metadata["classes"] = Json(request.task->dataset.classes).dump();
    metadata["normalisation_mean"] = numbersText(request.task->normalisation.mean);
    metadata["normalisation_deviation"] = numbersText(request.task->normalisation.deviation);
    return metadata;
}

class OnnxExporter final : public Exporter {
public:
    std::string name() const override { return "onnx"; }
    std::string title() const override { return "ONNX (opset 17)"; }
    std::string extension() const override { return ".onnx"; }
    std::string help() const override
    {
        return "The trained network for other runtimes. Checked by ONNX's own checker, and its outputs compared with "
               "LibTorch's.";
    }
    bool needsWeights() const override { return true; }

    Result<ExportReport> write(const ExportRequest& request, const std::stop_token& stop) const override
    {
        ARCHSCOPE_TRY(checkTarget(request.file));
        ARCHSCOPE_TRY(checkRequest(request));
        ARCHSCOPE_ASSIGN(
            const std::string model, writeOnnx(request.network, *request.operations, request.weights, metadataOf(request)));
        ARCHSCOPE_ASSIGN(const Reference reference, referenceFor(request));
        PendingFile file(request.file);
        ARCHSCOPE_TRY(file.write(model));

        // From here on only what really stands on disk counts.
        ARCHSCOPE_ASSIGN(const std::string written, readFile(file.path()));
        ARCHSCOPE_ASSIGN(const OnnxGraph graph, readOnnx(written));
        ARCHSCOPE_ASSIGN(const std::vector<float> outputs, evaluateGraph(graph, reference.inputs, stop));
        ExportReport report{ request.file, true, 0, {}, { request.file.string() } };
        ARCHSCOPE_ASSIGN(report.maxDifference, agreement(reference, outputs, "the exported ONNX graph"));
        ARCHSCOPE_TRY(checkInRuntime(file.path(), graph, reference, report, stop));

        if (stop.stop_requested())
            return fail(ErrorCode::Cancelled, "the export was stopped");
        ARCHSCOPE_TRY(file.commit());
        return report;
    }

private:
    /// Completes the report: its words, and the difference where onnxruntime's is larger.
    static Result<void> checkInRuntime(const std::filesystem::path& file, const OnnxGraph& graph, const Reference& reference,
        ExportReport& report, const std::stop_token& stop)
    {
        const std::filesystem::path python = runtimePython();
        if (python.empty()) {
            report.verification
                = fmt::format("ONNX checker and own evaluation on {} (onnxruntime not found)", reference.samples);
            return {};
        }
        ARCHSCOPE_ASSIGN(const std::optional<RuntimeOutputs> run,
            runInOnnxRuntime(python, file, graph.inputShape, reference.inputs, stop));
        if (!run) {
            report.verification = fmt::format(
                "ONNX checker and own evaluation on {} (no onnxruntime in '{}')", reference.samples, python.string());
            return {};
        }
        ARCHSCOPE_ASSIGN(const double difference, agreement(reference, run->values, "onnxruntime"));
        report.maxDifference = std::max(report.maxDifference, difference);
        report.verification
            = fmt::format("ONNX checker, own evaluation and onnxruntime {} on {}", run->version, reference.samples);
        return {};
    }
};

} // namespace

std::unique_ptr<Exporter> onnxExporter()
{
    return std::make_unique<OnnxExporter>();
}

} // namespace archscope::exporting
