#include "ui/graph/canvas_export.h"

#include "ui/graph/canvas_colours.h"
#include "ui/graph/space_scene.h"

#include <QBuffer>
#include <QCoreApplication>
#include <QImage>
#include <QPainter>
#include <QPdfWriter>
#include <QPrinter>
#include <QSvgGenerator>
#include <cmath>

namespace archscope::ui {

namespace {

struct Text {
    Q_DECLARE_TR_FUNCTIONS(CanvasExport)
};

QRectF sourceOf(const SpaceScene& scene)
{
    constexpr double margin = 24;
    return scene.contentRect().adjusted(-margin, -margin, margin, margin);
}

/// Takes the marks of editing off while it lives, without telling anybody.
class WithoutMarks {
public:
    explicit WithoutMarks(SpaceScene& scene)
        : m_scene(scene)
        , m_selected(scene.selectedItems())
    {
        const QSignalBlocker silent(&m_scene);
        for (QGraphicsItem* item : m_selected)
            item->setSelected(false);
        for (const auto& [id, item] : m_scene.nodes())
            if (item->isFound()) {
                item->setFound(false);
                m_found.push_back(id);
            }
    }
    ~WithoutMarks()
    {
        const QSignalBlocker silent(&m_scene);
        for (QGraphicsItem* item : m_selected)
            item->setSelected(true);
        for (const space::NodeId id : m_found)
            m_scene.node(id)->setFound(true);
    }
    WithoutMarks(const WithoutMarks&) = delete;
    WithoutMarks& operator=(const WithoutMarks&) = delete;

private:
    SpaceScene& m_scene;
    QList<QGraphicsItem*> m_selected;
    std::vector<space::NodeId> m_found;
};

} // namespace

PictureFormat pictureFormatOf(const QString& fileName)
{
    if (fileName.endsWith(QLatin1String(".png"), Qt::CaseInsensitive))
        return PictureFormat::Png;
    return fileName.endsWith(QLatin1String(".pdf"), Qt::CaseInsensitive) ? PictureFormat::Pdf : PictureFormat::Svg;
}

Result<QByteArray> renderedCanvas(SpaceScene& scene, PictureFormat format, const QString& title)
{
    const QRectF source = sourceOf(scene);
    const WithoutMarks clean(scene);
    QByteArray content;
    QBuffer buffer(&content);
    buffer.open(QIODevice::WriteOnly);
    if (format == PictureFormat::Png) {
        constexpr double crisp = 2;
        constexpr double mostPixels = 16'000; // a side; what image viewers open
        const double scale = std::min(crisp, mostPixels / std::max(source.width(), source.height()));
        QImage image((source.size() * scale).toSize(), QImage::Format_ARGB32_Premultiplied);
        if (image.isNull())
            return fail(ErrorCode::OutOfMemory, Text::tr("There is no memory for a picture this large.").toStdString());
        image.fill(canvasColours().surface);
        QPainter painter(&image);
        painter.setRenderHints(QPainter::Antialiasing | QPainter::TextAntialiasing);
        scene.render(&painter, image.rect(), source);
        painter.end();
        image.setText(QStringLiteral("Title"), title);
        if (!image.save(&buffer, "PNG"))
            return fail(ErrorCode::Internal, Text::tr("The picture could not be written as PNG.").toStdString());
        return content;
    }
    if (format == PictureFormat::Pdf) {
        const LightCanvasColours onPaper;
        QPdfWriter writer(&buffer);
        writer.setTitle(title);
        writer.setCreator(QStringLiteral("Archscope"));
        constexpr int dotsPerInch = 96; // a scene unit is a CSS pixel
        writer.setResolution(dotsPerInch);
        writer.setPageSize(QPageSize(source.size() * 72 / dotsPerInch, QPageSize::Point, title));
        writer.setPageMargins({});
        QPainter painter(&writer);
        scene.render(&painter, { QPointF(), source.size() }, source);
        painter.end();
        return content;
    }
    QSvgGenerator generator;
    generator.setOutputDevice(&buffer);
    generator.setTitle(title);
    generator.setDescription(Text::tr("A search space, drawn with Archscope"));
    generator.setSize(source.size().toSize());
    generator.setViewBox(QRectF(QPointF(), source.size()));
    QPainter painter(&generator);
    painter.fillRect(QRectF(QPointF(), source.size()), canvasColours().surface);
    scene.render(&painter, { QPointF(), source.size() }, source);
    painter.end();
    return content;
}

void printCanvas(SpaceScene& scene, QPrinter& printer)
{
    const QRectF source = sourceOf(scene);
    const WithoutMarks clean(scene);
    const LightCanvasColours onPaper;
    QPainter painter(&printer);
    painter.setRenderHints(QPainter::Antialiasing | QPainter::TextAntialiasing);
    const QRectF page(QPointF(), printer.pageRect(QPrinter::DevicePixel).size());
    // A small space is not blown up beyond what 150 % on a screen would be.
    const double largest = 1.5 * printer.resolution() / 96.0;
    const double scale = std::min({ page.width() / source.width(), page.height() / source.height(), largest });
    QRectF target(QPointF(), source.size() * scale);
    target.moveCenter({ page.center().x(), target.height() / 2 });
    scene.render(&painter, target, source);
}

} // namespace archscope::ui
