#include "ui/graph/block_preview.h"

#include "core/layout/graph_layout.h"
#include "core/layout/text_width.h"
#include "ui/graph/canvas_colours.h"
#include "ui/graph/node_look.h"
#include "ui/graph/space_text.h"

#include <QFontMetricsF>
#include <QPainter>
#include <map>

namespace archscope::ui {

BlockPreview previewOf(const space::Block& block, const space::OperationSet& operations)
{
    constexpr double height = 24;
    constexpr double fontSize = 13; // an upper estimate of the application's; what does not fit is elided
    BlockPreview preview;
    std::vector<layout::LayoutNode> nodes;
    std::vector<layout::LayoutEdge> edges;
    std::map<space::NodeId, int> index;
    for (const space::Node& node : block.nodes) {
        const QString title = nodeTitle(node, operations);
        index[node.id] = static_cast<int>(nodes.size());
        nodes.push_back({ layout::textWidth(title.toStdString(), fontSize) + 20, height });
        preview.boxes.push_back({ node.id, {}, title, nodeCategory(node, operations) });
    }
    for (const space::Edge& edge : block.edges)
        if (index.contains(edge.from) && index.contains(edge.to))
            edges.push_back({ index[edge.from], index[edge.to] });
    layout::LayoutOptions options;
    options.layerSpacing = 22;
    const auto layout = layout::layoutGraph(nodes, edges, options);
    if (!layout)
        return {};
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        QRectF rect(0, 0, nodes[i].width, nodes[i].height);
        rect.moveCenter({ layout->centres[i].x, layout->centres[i].y });
        preview.boxes[i].rect = rect;
    }
    for (const layout::LayoutEdge& edge : edges) {
        const QRectF& from = preview.boxes[static_cast<std::size_t>(edge.from)].rect;
        const QRectF& to = preview.boxes[static_cast<std::size_t>(edge.to)].rect;
        preview.edges.emplace_back(QPointF(from.center().x(), from.bottom()), QPointF(to.center().x(), to.top()));
    }
    preview.size = { layout->width, layout->height };
    return preview;
}

void paintPreview(QPainter& painter, const BlockPreview& preview)
{
    const ThemeColours& colours = canvasColours();
    painter.setPen(QPen(colours.textMuted, 1.2));
    painter.drawLines(QList<QLineF>(preview.edges.begin(), preview.edges.end()));
    const QFontMetricsF metrics(painter.font());
    for (const BlockPreview::Box& box : preview.boxes) {
        painter.setPen(QPen(colours.border, 1));
        painter.setBrush(canvasCategory(box.category));
        painter.drawRoundedRect(box.rect, 5, 5);
        painter.setPen(categoryInk());
        painter.drawText(box.rect, Qt::AlignCenter, metrics.elidedText(box.title, Qt::ElideRight, box.rect.width() - 8));
    }
}

} // namespace archscope::ui
