#include "ui/graph/edge_item.h"

#include "ui/graph/canvas_colours.h"
#include "ui/graph/node_look.h"

#include <QApplication>
#include <QFontMetricsF>
#include <QPainter>
#include <QPainterPathStroker>
#include <QStyleOptionGraphicsItem>
#include <algorithm>
#include <cmath>

namespace archscope::ui {

namespace {

QPainterPath directCurve(QPointF from, QPointF to)
{
    const double reach = std::clamp(std::abs(to.y() - from.y()) * 0.5, 18.0, 110.0);
    QPainterPath path(from);
    path.cubicTo(from + QPointF(0, reach), to - QPointF(0, reach), to);
    return path;
}

/// On the curve that begins at the path's element `first`, at 0 to 1.
QPointF pointOn(const QPainterPath& path, int first, double at)
{
    const double rest = 1 - at;
    return rest * rest * rest * QPointF(path.elementAt(first)) + 3 * rest * rest * at * QPointF(path.elementAt(first + 1))
        + 3 * rest * at * at * QPointF(path.elementAt(first + 2)) + at * at * at * QPointF(path.elementAt(first + 3));
}

/// Points along a path of curves and lines. `pointAtPercent` would measure the path anew for each: too slow for thousands.
std::vector<QPointF> pointsAlong(const QPainterPath& path)
{
    constexpr int samples = 16; // of each part
    std::vector<QPointF> points;
    for (int i = 1; i < path.elementCount(); ++i) {
        const QPainterPath::Element& element = path.elementAt(i);
        const QPointF start(path.elementAt(i - 1));
        for (int k = 1; k <= samples; ++k) {
            const double at = k / static_cast<double>(samples);
            if (element.isCurveTo())
                points.push_back(pointOn(path, i - 1, at));
            else
                points.push_back(start + (QPointF(element) - start) * at);
        }
        if (element.isCurveTo())
            i += 2; // its other two points
    }
    points.pop_back(); // where it ends
    return points;
}

std::vector<QRectF> hitBy(const QPainterPath& path, const std::vector<QRectF>& obstacles)
{
    if (obstacles.empty())
        return {};
    const std::vector<QPointF> points = pointsAlong(path);
    std::vector<QRectF> hit;
    for (const QRectF& obstacle : obstacles)
        if (std::ranges::any_of(points, [&obstacle](QPointF point) { return obstacle.contains(point); }))
            hit.push_back(obstacle);
    return hit;
}

/// Down beside `x`: out of the source, straight along, and into the target.
QPainterPath detour(QPointF from, QPointF to, double x)
{
    const double bend = std::min(48.0, (to.y() - from.y()) / 3);
    const QPointF top(x, from.y() + bend);
    const QPointF bottom(x, to.y() - bend);
    QPainterPath path(from);
    path.cubicTo(from + QPointF(0, bend * 0.8), top - QPointF(0, bend * 0.8), top);
    path.lineTo(bottom);
    path.cubicTo(bottom + QPointF(0, bend * 0.8), to - QPointF(0, bend * 0.8), to);
    return path;
}

} // namespace

QPainterPath routeEdge(QPointF from, QPointF to, const std::vector<QRectF>& obstacles, int lane)
{
    const QPainterPath direct = directCurve(from, to);
    constexpr double shortestDetour = 60;
    if (to.y() - from.y() < shortestDetour)
        return direct;
    std::vector<QRectF> hit = hitBy(direct, obstacles);
    if (hit.empty())
        return direct;
    // On each side, step out past what is in the way until nothing is; then take the nearer side.
    const double gap = 20 + 9.0 * lane;
    const auto stepOut = [&](int direction) {
        double x = 0;
        std::vector<QRectF> known = hit;
        QPainterPath path;
        for (int attempt = 0; attempt < 8; ++attempt) {
            x = direction < 0 ? std::ranges::min(known, {}, &QRectF::left).left() - gap
                              : std::ranges::max(known, {}, [](const QRectF& r) { return r.right(); }).right() + gap;
            path = detour(from, to, x);
            const std::vector<QRectF> more = hitBy(path, obstacles);
            if (more.empty())
                break;
            known.insert(known.end(), more.begin(), more.end());
        }
        return std::pair(std::abs(x - (from.x() + to.x()) / 2), path);
    };
    const auto left = stepOut(-1);
    const auto right = stepOut(1);
    return right.first <= left.first ? right.second : left.second;
}

QPointF middleOf(const QPainterPath& route)
{
    // Both kinds of routes are alike from either end.
    const int last = route.elementCount() - 1;
    constexpr int curve = 3;
    if (last == curve)
        return pointOn(route, 0, 0.5);
    return (QPointF(route.elementAt(last / 2)) + QPointF(route.elementAt(last / 2 + 1))) / 2;
}

EdgeItem::EdgeItem(const space::Edge& edge)
    : m_edge(edge)
{
    setFlag(ItemIsSelectable);
    setAcceptHoverEvents(true);
    setZValue(0);
    updateToolTip();
}

void EdgeItem::setRoute(const QPainterPath& route)
{
    prepareGeometryChange();
    setPath(route);
    placeLabel();
}

void EdgeItem::setLabel(const QString& label)
{
    if (m_label == label)
        return;
    prepareGeometryChange();
    m_label = label;
    placeLabel();
    updateToolTip();
    update();
}

void EdgeItem::updateToolTip()
{
    QStringList lines;
    if (!m_label.isEmpty())
        lines << QApplication::translate("EdgeItem", "Shape: %1").arg(m_label);
    if (m_edge.optional)
        lines << QApplication::translate("EdgeItem", "Optional: the search may leave this connection out.");
    if (m_edge.loose)
        lines << QApplication::translate(
            "EdgeItem", "Loose: there only where no other connection takes what the node above gives.");
    setToolTip(lines.join(QLatin1Char('\n')));
}

void EdgeItem::setSplitTarget(bool target)
{
    m_splitTarget = target;
    update();
}

void EdgeItem::placeLabel()
{
    constexpr double shortest = 24; // no room for a label on a shorter edge
    const QPainterPath route = path();
    const QRectF span = route.controlPointRect();
    if (m_label.isEmpty() || route.isEmpty() || std::hypot(span.width(), span.height()) < shortest) {
        m_labelRect = {};
        return;
    }
    const QFontMetricsF metrics(smallFont(QApplication::font()));
    QRectF rect(0, 0, metrics.horizontalAdvance(m_label) + 8, metrics.height());
    rect.moveCenter(middleOf(route));
    m_labelRect = rect;
}

QRectF EdgeItem::boundingRect() const
{
    return QGraphicsPathItem::boundingRect().adjusted(-4, -4, 4, 4).united(m_labelRect);
}

QPainterPath EdgeItem::shape() const
{
    QPainterPathStroker stroker;
    stroker.setWidth(12);
    QPainterPath area = stroker.createStroke(path());
    area.addRect(m_labelRect);
    return area;
}

void EdgeItem::paint(QPainter* painter, const QStyleOptionGraphicsItem*, QWidget*)
{
    if (path().isEmpty())
        return;
    const ThemeColours& colours = canvasColours();
    const double detail = QStyleOptionGraphicsItem::levelOfDetailFromTransform(painter->worldTransform());
    painter->setRenderHint(QPainter::Antialiasing);
    QColor colour = colours.textMuted;
    double width = 1.5;
    if (m_splitTarget || isSelected()) {
        colour = m_splitTarget ? colours.accent : colours.selected;
        width = 3;
    } else if (m_hovered) {
        colour = colours.text;
        width = 2;
    }
    constexpr double plain = 0.2; // smaller, a bend is not seen, and thousands of edges are
    if (detail < plain) {
        QPen pen(colour, width > 2 ? 2 : 1);
        pen.setCosmetic(true);
        painter->setRenderHint(QPainter::Antialiasing, false);
        painter->setPen(pen);
        painter->drawLine(QPointF(path().elementAt(0)), path().currentPosition());
        return;
    }
    painter->setBrush(Qt::NoBrush);
    QPen pen(colour, width, m_edge.optional ? Qt::DashLine : Qt::SolidLine, Qt::RoundCap);
    if (m_edge.loose) {
        pen.setWidthF(width + 0.5);
        pen.setDashPattern({ 0.1, 2.6 }); // round dots: told from dashes at a glance
    }
    painter->setPen(pen);
    painter->drawPath(path());
    if (m_labelRect.isNull() || detail < 0.45)
        return;
    painter->setPen(Qt::NoPen);
    painter->setBrush(colours.surface);
    painter->drawRoundedRect(m_labelRect, 3, 3);
    painter->setPen(isSelected() || m_hovered ? colours.text : colours.textMuted);
    painter->setFont(smallFont(QApplication::font()));
    painter->drawText(m_labelRect, Qt::AlignCenter, m_label);
}

void EdgeItem::hoverEnterEvent(QGraphicsSceneHoverEvent* event)
{
    m_hovered = true;
    update();
    QGraphicsPathItem::hoverEnterEvent(event);
}

void EdgeItem::hoverLeaveEvent(QGraphicsSceneHoverEvent* event)
{
    m_hovered = false;
    update();
    QGraphicsPathItem::hoverLeaveEvent(event);
}

} // namespace archscope::ui
