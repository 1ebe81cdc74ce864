#include "core/base/files.h"
#include "core/base/json.h"
#include "core/export/exporter.h"
#include "core/export/pending_file.h"

namespace archscope::exporting {

namespace {

class JsonExporter final : public Exporter {
public:
    std::string name() const override { return "json"; }
    std::string title() const override { return "JSON of the network"; }
    std::string extension() const override { return ".network.json"; }
    std::string help() const override
    {
        return "Layers, parameters, wiring, shapes and costs, for other programs. Without weights.";
    }
    bool needsWeights() const override { return false; }

    Result<ExportReport> write(const ExportRequest& request, const std::stop_token&) const override
    {
        ARCHSCOPE_TRY(checkTarget(request.file));
        const Json network = network::networkToJson(request.network);
        Json document = network;
        if (!request.metadata.empty())
            document["metadata"] = request.metadata;
        PendingFile file(request.file);
        ARCHSCOPE_TRY(file.write(document.dump(2) + "\n"));

        ARCHSCOPE_ASSIGN(const std::string text, readFile(file.path()));
        ARCHSCOPE_ASSIGN(const Json parsed, parseJson(text));
        ARCHSCOPE_ASSIGN(const network::Network again, network::networkFromJson(parsed, *request.operations));
        if (network::networkToJson(again) != network)
            return fail(ErrorCode::Internal,
                "the network that was read back is not the one that was written; nothing was exported",
                request.file.string());
        ARCHSCOPE_TRY(file.commit());
        return ExportReport{ request.file, true, 0, "read back: the same network, shapes and costs",
            { request.file.string() } };
    }
};

} // namespace

std::unique_ptr<Exporter> jsonExporter()
{
    return std::make_unique<JsonExporter>();
}

} // namespace archscope::exporting
