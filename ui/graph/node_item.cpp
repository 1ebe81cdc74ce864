#include "ui/graph/node_item.h"

#include "ui/graph/canvas_colours.h"

#include <QApplication>
#include <QFontMetricsF>
#include <QPainter>
#include <QStyleOptionGraphicsItem>
#include <algorithm>
#include <cmath>

namespace archscope::ui {

using namespace node_metrics;

namespace {

bool isError(const space::Issue& issue)
{
    return issue.severity == space::Issue::Severity::Error;
}

/// Draws text into a rectangle, cut at the end where it does not fit.
void drawElided(QPainter& painter, const QRectF& rect, Qt::Alignment alignment, const QString& text)
{
    const QFontMetricsF metrics(painter.font());
    painter.drawText(
        rect, static_cast<int>(alignment | Qt::AlignVCenter), metrics.elidedText(text, Qt::ElideRight, rect.width()));
}

} // namespace

NodeItem::NodeItem(space::NodeId id)
    : m_id(id)
{
    setFlag(ItemIsSelectable);
    setAcceptHoverEvents(true);
    setZValue(1);
}

void NodeItem::setLook(NodeLook look)
{
    if (look == m_look)
        return;
    prepareGeometryChange();
    m_look = std::move(look);
    setToolTip(fullTooltip());
    update();
}

void NodeItem::setIssues(const std::vector<space::Issue>& issues)
{
    const auto same
        = [](const space::Issue& a, const space::Issue& b) { return a.severity == b.severity && a.message == b.message; };
    if (std::ranges::equal(issues, m_issues, same))
        return;
    m_issues = issues;
    setToolTip(fullTooltip());
    update();
}

void NodeItem::setOffer(Offer offer)
{
    m_offer = offer;
    setOpacity(offer == Offer::Impossible ? 0.35 : 1.0);
    update();
}

void NodeItem::setMarkedPort(std::optional<Port> port)
{
    if (m_markedPort == port)
        return;
    m_markedPort = port;
    update();
}

QString NodeItem::fullTooltip() const
{
    QString text = QStringLiteral("<p style='white-space:pre-wrap'><b>%1</b>").arg(m_look.title.toHtmlEscaped());
    if (!m_look.name.isEmpty())
        text += QStringLiteral("  ") + m_look.name.toHtmlEscaped();
    for (const space::Issue& issue : m_issues)
        text += QStringLiteral("<br>%1 %2")
                    .arg(isError(issue) ? tr("Error:") : tr("Warning:"),
                        QString::fromStdString(issue.message).toHtmlEscaped());
    if (!m_look.tooltip.isEmpty())
        text += QStringLiteral("<br>") + m_look.tooltip.toHtmlEscaped();
    if (!m_look.note.isEmpty())
        text += QStringLiteral("<br>") + m_look.note.toHtmlEscaped();
    for (const NodeLook::Row& row : m_look.rows)
        text += QStringLiteral("<br>%1  %2").arg(row.label.toHtmlEscaped(), row.value.toHtmlEscaped());
    return text + QStringLiteral("</p>");
}

QRectF NodeItem::box() const
{
    return { -m_look.size.width() / 2, 0, m_look.size.width(), m_look.size.height() };
}

QPointF NodeItem::localPort(const Port& port) const
{
    const QRectF rect = box();
    if (port.side == Port::Side::Output) {
        const double stack = m_look.shape == NodeLook::Shape::Stack ? 2 * stackOffset : 0;
        return { 0, rect.bottom() + stack };
    }
    constexpr double spacing = 20;
    const int ports = std::max(m_look.inputs, 1);
    const double step = std::min(spacing, (rect.width() - 2 * radius) / ports);
    return { (port.index - (ports - 1) / 2.0) * step, rect.top() };
}

QPointF NodeItem::portPosition(const Port& port) const
{
    return mapToScene(localPort(port));
}

std::optional<Port> NodeItem::portAt(QPointF scenePosition, double reach) const
{
    std::optional<Port> nearest;
    double best = reach;
    const auto consider = [&](const Port& port) {
        const double distance = QLineF(portPosition(port), scenePosition).length();
        if (distance <= best) {
            best = distance;
            nearest = port;
        }
    };
    for (int i = 0; i < m_look.inputs; ++i)
        consider({ m_id, Port::Side::Input, i });
    if (m_look.output)
        consider({ m_id, Port::Side::Output, 0 });
    return nearest;
}

double NodeItem::rowsTop() const
{
    return headerHeight + 4 + (m_look.note.isEmpty() ? 0 : rowHeight);
}

int NodeItem::rowAt(QPointF local) const
{
    const int row = static_cast<int>(std::floor((local.y() - rowsTop()) / rowHeight));
    return box().contains(local) && row >= 0 && row < static_cast<int>(m_look.rows.size()) ? row : -1;
}

space::NodeId NodeItem::alternativeAt(QPointF scenePosition) const
{
    const int row = rowAt(mapFromScene(scenePosition));
    return row < 0 ? space::NodeId() : m_look.rows[static_cast<std::size_t>(row)].alternative;
}

QString NodeItem::parameterAt(QPointF scenePosition) const
{
    const QPointF local = mapFromScene(scenePosition);
    if (const int row = rowAt(local); row >= 0)
        return m_look.rows[static_cast<std::size_t>(row)].parameter;
    if (!box().contains(local) || local.y() < headerHeight || local.y() > rowsTop() || m_look.noteParts.empty())
        return {};
    // The words of the note, as they are painted.
    const QFontMetricsF metrics(smallFont(QApplication::font()));
    double x = box().left() + padding;
    for (const NodeLook::NotePart& part : m_look.noteParts) {
        x += metrics.horizontalAdvance(part.text + QStringLiteral(", "));
        if (local.x() < x)
            return part.parameter;
    }
    return m_look.noteParts.back().parameter;
}

space::NodeId NodeItem::insideNodeAt(QPointF scenePosition) const
{
    if (!m_look.inside)
        return {};
    const QPointF local = mapFromScene(scenePosition) - box().topLeft() - m_look.insideAt;
    for (const BlockPreview::Box& inner : m_look.inside->boxes)
        if (inner.rect.contains(local))
            return inner.node;
    return {};
}

QRectF NodeItem::rowRect(const QString& parameter) const
{
    QRectF line(box().left(), 0, box().width(), headerHeight);
    for (std::size_t i = 0; i < m_look.rows.size(); ++i)
        if (!parameter.isEmpty() && m_look.rows[i].parameter == parameter)
            line = { box().left(), rowsTop() + static_cast<double>(i) * rowHeight, box().width(), rowHeight };
    for (const NodeLook::NotePart& part : m_look.noteParts)
        if (!parameter.isEmpty() && part.parameter == parameter)
            line = { box().left(), headerHeight + 4, box().width(), rowHeight };
    return mapRectToScene(line);
}

void NodeItem::setFound(bool found)
{
    if (m_found == found)
        return;
    m_found = found;
    update();
}

QRectF NodeItem::boundingRect() const
{
    constexpr double margin = 12; // ports, selection ring, issue marker, stacked copies
    return box().adjusted(-margin, -margin, margin, margin);
}

QPainterPath NodeItem::shape() const
{
    QPainterPath path;
    const double corner = m_look.shape == NodeLook::Shape::Label ? box().height() / 2 : radius;
    path.addRoundedRect(box(), corner, corner);
    return path;
}

QPen NodeItem::borderPen() const
{
    const ThemeColours& colours = canvasColours();
    QPen pen(isSelected()     ? colours.selected
            : m_look.optional ? colours.textMuted
                              : colours.border,
        isSelected() ? 2.5 : 1.25);
    if (m_look.optional)
        pen.setDashPattern({ 4, 3 });
    return pen;
}

void NodeItem::paint(QPainter* painter, const QStyleOptionGraphicsItem*, QWidget*)
{
    const double detail = QStyleOptionGraphicsItem::levelOfDetailFromTransform(painter->worldTransform());
    painter->setRenderHint(QPainter::Antialiasing, detail >= 0.15);
    painter->setFont(QApplication::font());
    if (m_look.shape == NodeLook::Shape::Terminal)
        paintTerminal(*painter);
    else if (m_look.shape == NodeLook::Shape::Label)
        paintLabel(*painter, detail);
    else
        paintBox(*painter, detail);
    if (m_found) {
        painter->setBrush(Qt::NoBrush);
        painter->setPen(QPen(canvasColours().accent, std::max(3.0, 2 / detail)));
        painter->drawRoundedRect(box().adjusted(-5, -5, 5, 5), radius + 4, radius + 4);
    }
    if (detail >= 0.3)
        paintPorts(*painter);
    if (!m_issues.empty())
        paintIssueMarker(*painter);
}

void NodeItem::paintTerminal(QPainter& painter) const
{
    const ThemeColours& colours = canvasColours();
    const QRectF rect = box();
    painter.setPen(QPen(isSelected() ? colours.selected : colours.textMuted, isSelected() ? 2.5 : 1.25));
    painter.setBrush(canvasCategory(m_look.category));
    painter.drawRoundedRect(rect, rect.height() / 2, rect.height() / 2);
    painter.setPen(categoryInk());
    painter.setFont(titleFont(painter.font()));
    painter.drawText(rect, Qt::AlignCenter, m_look.title);
}

void NodeItem::paintLabel(QPainter& painter, double detail) const
{
    const ThemeColours& colours = canvasColours();
    const QRectF rect = box();
    painter.setPen(borderPen());
    painter.setBrush(colours.surfaceRaised);
    painter.drawRoundedRect(rect, rect.height() / 2, rect.height() / 2);
    if (detail < 0.4)
        return;
    // A square for each alternative, or for the operation itself, in the colour of its category.
    constexpr double side = 9;
    constexpr double step = 12;
    double x = rect.left() + padding;
    painter.setPen(Qt::NoPen);
    const auto chip = [&](const QString& category) {
        painter.setBrush(canvasCategory(category));
        painter.drawRoundedRect(QRectF(x, rect.center().y() - side / 2, side, side), 2, 2);
        x += step;
    };
    int shown = 0;
    for (const NodeLook::Row& row : m_look.rows)
        if (!row.category.isEmpty() && shown++ < labelChips)
            chip(row.category);
    if (shown == 0)
        chip(m_look.category);
    painter.setPen(colours.text);
    painter.setFont(smallFont(painter.font()));
    drawElided(painter, QRectF(x + 4, rect.top(), rect.right() - padding + 4 - x, rect.height()), Qt::AlignLeft, m_look.title);
}

void NodeItem::paintBox(QPainter& painter, double detail) const
{
    const ThemeColours& colours = canvasColours();
    const QRectF rect = box();
    constexpr double plain = 0.25; // smaller, corners and headers are not seen, and thousands of nodes are
    if (detail < plain) {
        painter.fillRect(rect, isSelected() ? colours.selected : canvasCategory(m_look.category));
        return;
    }
    if (m_look.shape == NodeLook::Shape::Stack) {
        painter.setPen(QPen(colours.border, 1.25));
        painter.setBrush(colours.surface);
        for (const int copy : { 2, 1 })
            painter.drawRoundedRect(rect.translated(copy * stackOffset, copy * stackOffset), radius, radius);
    }
    painter.setPen(Qt::NoPen);
    painter.setBrush(colours.surfaceRaised);
    painter.drawRoundedRect(rect, radius, radius);
    painter.save();
    QPainterPath outline;
    outline.addRoundedRect(rect, radius, radius);
    painter.setClipPath(outline, Qt::IntersectClip);
    painter.fillRect(QRectF(rect.left(), rect.top(), rect.width(), headerHeight), canvasCategory(m_look.category));
    painter.restore();
    painter.setBrush(Qt::NoBrush);
    painter.setPen(borderPen());
    painter.drawRoundedRect(rect, radius, radius);
    paintHeader(painter);
    if (detail >= 0.4)
        paintRows(painter);
    if (m_look.inside && detail >= 0.25) {
        painter.save();
        painter.translate(box().topLeft() + m_look.insideAt);
        painter.setFont(smallFont(painter.font()));
        paintPreview(painter, *m_look.inside);
        painter.restore();
    }
}

void NodeItem::paintHeader(QPainter& painter) const
{
    const QColor ink = categoryInk();
    const QFont base = painter.font();
    QRectF rest(box().left() + padding, 0, box().width() - 2 * padding, headerHeight);
    painter.setPen(ink);
    if (m_look.opens) {
        // A small arrow into the box: there is an inside.
        const QPointF tip(rest.right(), headerHeight / 2);
        painter.setPen(QPen(ink, 1.6, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        painter.drawPolyline(QPolygonF{ { tip.x() - 5, tip.y() - 5 }, tip, { tip.x() - 5, tip.y() + 5 } });
        painter.setPen(ink);
        rest.setRight(rest.right() - 14);
    }
    if (m_look.glyph != Glyph::None) {
        constexpr double glyphSide = 15;
        paintGlyph(painter, m_look.glyph, QRectF(rest.left(), (headerHeight - glyphSide) / 2, glyphSide, glyphSide), ink);
        rest.setLeft(rest.left() + 20);
    }
    painter.setFont(titleFont(base));
    const double titleWidth = std::min(QFontMetricsF(painter.font()).horizontalAdvance(m_look.title) + 2, rest.width());
    drawElided(painter, rest, Qt::AlignLeft, m_look.title);
    painter.setFont(smallFont(base));
    QRectF right = rest.adjusted(titleWidth + 8, 0, 0, 0);
    if (m_look.optional) {
        const QString badge = tr("optional");
        const double badgeWidth = QFontMetricsF(painter.font()).horizontalAdvance(badge) + 10;
        const QRectF pill(right.right() - badgeWidth, headerHeight / 2 - 9, badgeWidth, 18);
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(ink, 1));
        painter.drawRoundedRect(pill, 9, 9);
        painter.drawText(pill, Qt::AlignCenter, badge);
        right.setRight(pill.left() - 6);
    }
    if (right.width() > 16)
        drawElided(painter, right, Qt::AlignRight, m_look.name);
    painter.setFont(base);
}

void NodeItem::paintRows(QPainter& painter) const
{
    const ThemeColours& colours = canvasColours();
    const QFont base = painter.font();
    const QFontMetricsF metrics(base);
    QRectF line(box().left() + padding, headerHeight + 4, box().width() - 2 * padding, rowHeight);
    if (!m_look.note.isEmpty()) {
        painter.setPen(colours.textMuted);
        painter.setFont(smallFont(base));
        drawElided(painter, line, Qt::AlignLeft, m_look.note);
        painter.setFont(base);
        line.translate(0, rowHeight);
    }
    for (const NodeLook::Row& row : m_look.rows) {
        QRectF text = line;
        if (!row.category.isEmpty()) {
            painter.setPen(Qt::NoPen);
            painter.setBrush(canvasCategory(row.category));
            painter.drawRoundedRect(QRectF(line.left(), line.center().y() - 5, 10, 10), 2.5, 2.5);
            text.setLeft(line.left() + 16);
        } else if (row.isDecision) {
            // A diamond, the flow chart's sign of a decision.
            const QPointF c(line.left() + 4, line.center().y());
            painter.setPen(Qt::NoPen);
            painter.setBrush(colours.accent);
            painter.drawPolygon(
                QPolygonF{ { c.x(), c.y() - 4 }, { c.x() + 4, c.y() }, { c.x(), c.y() + 4 }, { c.x() - 4, c.y() } });
            text.setLeft(line.left() + 13);
        }
        const bool isAlternative = !row.category.isEmpty();
        const double labelWidth = std::min(metrics.horizontalAdvance(row.label) + 2, text.width());
        painter.setPen(isAlternative ? colours.text : colours.textMuted);
        drawElided(painter, text, Qt::AlignLeft, row.label);
        painter.setPen(isAlternative ? colours.textMuted : colours.text);
        const QRectF value = text.adjusted(labelWidth + 10, 0, 0, 0);
        if (value.width() > 12)
            drawElided(painter, value, isAlternative ? Qt::AlignLeft : Qt::AlignRight, row.value);
        line.translate(0, rowHeight);
    }
}

void NodeItem::paintPorts(QPainter& painter) const
{
    const ThemeColours& colours = canvasColours();
    const auto draw = [&](const Port& port, bool hollow) {
        const bool marked = m_markedPort == port;
        const double r = marked ? portRadius + 2.5 : portRadius;
        painter.setPen(QPen(marked ? colours.accent : colours.textMuted, 1.5));
        painter.setBrush(marked ? colours.accent : hollow ? colours.surface : colours.textMuted);
        const QPointF centre = localPort(port);
        painter.drawEllipse(centre, r, r);
        if (hollow && !marked) {
            painter.drawLine(QPointF(centre.x() - 2, centre.y()), QPointF(centre.x() + 2, centre.y()));
            painter.drawLine(QPointF(centre.x(), centre.y() - 2), QPointF(centre.x(), centre.y() + 2));
        }
    };
    for (int i = 0; i < m_look.inputs; ++i)
        draw({ m_id, Port::Side::Input, i }, m_look.openInput && i == m_look.inputs - 1);
    if (m_look.output)
        draw({ m_id, Port::Side::Output, 0 }, false);
}

void NodeItem::paintIssueMarker(QPainter& painter) const
{
    const bool error = std::ranges::any_of(m_issues, isError);
    const QColor colour = error ? canvasColours().error : canvasColours().warning;
    const QPointF centre(box().right() - 1, box().top() + 1);
    painter.setPen(QPen(canvasColours().surface, 1.5));
    painter.setBrush(colour);
    painter.drawEllipse(centre, 9, 9);
    painter.setPen(inkOn(colour));
    painter.setFont(titleFont(painter.font()));
    painter.drawText(QRectF(centre.x() - 9, centre.y() - 9, 18, 18), Qt::AlignCenter, QStringLiteral("!"));
}

} // namespace archscope::ui
