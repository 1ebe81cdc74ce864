#include "ui/graph/picture_items.h"

#include "ui/graph/canvas_colours.h"

#include <QApplication>
#include <QFontMetricsF>
#include <QPainter>
#include <QStyleOptionGraphicsItem>
#include <algorithm>

namespace archscope::ui {

using layout::PictureStyle;

namespace {

QFont pictureFont(double size, QFont::Weight weight = QFont::Normal)
{
    QFont font = QApplication::font();
    font.setPixelSize(qRound(size));
    font.setWeight(weight);
    return font;
}

QPointF toQt(const layout::Point& point)
{
    return { point.x, point.y };
}

double detailOf(const QPainter& painter)
{
    return QStyleOptionGraphicsItem::levelOfDetailFromTransform(painter.worldTransform());
}

} // namespace

PictureNodeItem::PictureNodeItem(const layout::PictureNode& node)
    : m_node(node)
{
    setPos(toQt(node.centre));
    setAcceptHoverEvents(true);
    setToolTip(QString::fromStdString(node.tooltip));
    setZValue(1);
}

void PictureNodeItem::setChosen(bool chosen)
{
    m_chosen = chosen;
    update();
}

void PictureNodeItem::setRing(const QColor& colour)
{
    m_ring = colour;
    update();
}

QRectF PictureNodeItem::box() const
{
    return { -m_node.width / 2, -m_node.height / 2, m_node.width, m_node.height };
}

QRectF PictureNodeItem::boundingRect() const
{
    return box().adjusted(-7, -7, 7, 7);
}

void PictureNodeItem::paint(QPainter* painter, const QStyleOptionGraphicsItem*, QWidget*)
{
    const ThemeColours& colours = canvasColours();
    const QRectF rect = box();
    painter->setRenderHint(QPainter::Antialiasing);
    if (m_ring.isValid()) {
        painter->setBrush(Qt::NoBrush);
        painter->setPen(QPen(m_ring, 3));
        painter->drawRoundedRect(
            rect.adjusted(-4, -4, 4, 4), PictureStyle::cornerRadius + 4, PictureStyle::cornerRadius + 4);
    }
    QColor border = colours.text;
    border.setAlphaF(m_hovered ? 0.7F : 0.25F);
    painter->setPen(m_chosen ? QPen(colours.selected, 2.5) : QPen(border, 1));
    painter->setBrush(canvasCategory(QString::fromStdString(m_node.category)));
    painter->drawRoundedRect(rect, PictureStyle::cornerRadius, PictureStyle::cornerRadius);
    if (detailOf(*painter) < 0.3)
        return;
    painter->setPen(categoryInk());
    painter->setFont(pictureFont(PictureStyle::titleSize, QFont::Bold));
    const QString subtitle = QString::fromStdString(m_node.subtitle);
    const QRectF upper
        = subtitle.isEmpty() ? rect : QRectF(rect.left(), rect.top() + 4, rect.width(), rect.height() / 2 - 4);
    painter->drawText(upper, Qt::AlignCenter, QString::fromStdString(m_node.title));
    if (subtitle.isEmpty())
        return;
    painter->setFont(pictureFont(PictureStyle::subtitleSize));
    const QRectF lower(rect.left() + 2, rect.center().y(), rect.width() - 4, rect.height() / 2 - 4);
    painter->drawText(
        lower, Qt::AlignCenter, QFontMetricsF(painter->font()).elidedText(subtitle, Qt::ElideRight, lower.width()));
}

void PictureNodeItem::hoverEnterEvent(QGraphicsSceneHoverEvent*)
{
    m_hovered = true;
    update();
}

void PictureNodeItem::hoverLeaveEvent(QGraphicsSceneHoverEvent*)
{
    m_hovered = false;
    update();
}

PictureEdgeItem::PictureEdgeItem(const layout::PictureEdge& edge)
    : m_label(QString::fromStdString(edge.label))
    , m_labelCentre(toQt(edge.labelCentre))
{
    if (edge.spline.size() < 4)
        return;
    m_path.moveTo(toQt(edge.spline.front()));
    for (std::size_t i = 1; i + 2 < edge.spline.size(); i += 3)
        m_path.cubicTo(toQt(edge.spline[i]), toQt(edge.spline[i + 1]), toQt(edge.spline[i + 2]));
    constexpr double arrowLength = 7;
    constexpr double arrowHalfWidth = 3.5;
    const QPointF tip = m_path.currentPosition();
    QLineF along(tip, m_path.pointAtPercent(m_path.percentAtLength(std::max(0.0, m_path.length() - arrowLength))));
    if (along.length() <= 0)
        return;
    along.setLength(arrowLength);
    const QPointF side = QPointF(along.dy(), -along.dx()) / arrowLength * arrowHalfWidth;
    m_arrow = { { tip, along.p2() + side, along.p2() - side } };
}

QRectF PictureEdgeItem::labelRect() const
{
    const QFontMetricsF metrics(pictureFont(PictureStyle::labelSize));
    QRectF rect(0, 0, metrics.horizontalAdvance(m_label) + 4, metrics.height());
    rect.moveCenter(m_labelCentre);
    return rect;
}

QRectF PictureEdgeItem::boundingRect() const
{
    return m_path.boundingRect().adjusted(-5, -5, 5, 5).united(labelRect());
}

void PictureEdgeItem::paint(QPainter* painter, const QStyleOptionGraphicsItem*, QWidget*)
{
    const ThemeColours& colours = canvasColours();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setBrush(Qt::NoBrush);
    painter->setPen(QPen(colours.textMuted, 1.2));
    painter->drawPath(m_path);
    painter->setPen(Qt::NoPen);
    painter->setBrush(colours.textMuted);
    painter->drawPolygon(m_arrow);
    if (m_label.isEmpty() || detailOf(*painter) < 0.5)
        return;
    painter->setPen(colours.textMuted);
    painter->setFont(pictureFont(PictureStyle::labelSize));
    painter->drawText(labelRect(), Qt::AlignCenter, m_label);
}

} // namespace archscope::ui
