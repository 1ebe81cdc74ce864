#include "core/base/files.h"
#include "core/export/exporter.h"
#include "core/export/pending_file.h"
#include "core/layout/network_picture.h"

namespace archscope::exporting {

namespace {

std::string titleOf(const ExportRequest& request)
{
    const auto study = request.metadata.find("study");
    const auto trial = request.metadata.find("trial");
    if (study == request.metadata.end() || trial == request.metadata.end())
        return request.file.stem().string();
    return study->second + ", trial " + trial->second;
}

class SvgExporter final : public Exporter {
public:
    std::string name() const override { return "svg"; }
    std::string title() const override { return "SVG picture"; }
    std::string extension() const override { return ".svg"; }
    std::string help() const override { return "The network's graph with shapes and a legend, for papers and slides."; }
    bool needsWeights() const override { return false; }

    Result<ExportReport> write(const ExportRequest& request, const std::stop_token&) const override
    {
        ARCHSCOPE_TRY(checkTarget(request.file));
        ARCHSCOPE_ASSIGN(const layout::NetworkPicture picture, layout::pictureOf(request.network, *request.operations));
        ARCHSCOPE_TRY(writeFileAtomically(request.file, layout::toSvg(picture, titleOf(request))));
        return ExportReport{ request.file, false, 0, "a picture has no outputs to check", { request.file.string() } };
    }
};

} // namespace

std::unique_ptr<Exporter> svgExporter()
{
    return std::make_unique<SvgExporter>();
}

} // namespace archscope::exporting
