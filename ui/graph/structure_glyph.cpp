#include "ui/graph/structure_glyph.h"

#include "ui/graph/canvas_colours.h"

#include <QPainterPath>
#include <QPixmap>

namespace archscope::ui {

namespace {

/// The signs are drawn on a square of 16 by 16.
constexpr double side = 16;

void diamond(QPainter& painter, QPointF c, double r)
{
    painter.drawPolygon(QPolygonF{ { c.x(), c.y() - r }, { c.x() + r, c.y() }, { c.x(), c.y() + r }, { c.x() - r, c.y() } });
}

void arrowHead(QPainter& painter, QPointF tip, QPointF back, QPointF across)
{
    painter.drawPolyline(QPolygonF{ tip + back + across, tip, tip + back - across });
}

void loop(QPainter& painter, const QRectF& round)
{
    constexpr int sixteenths = 16;
    painter.drawArc(round, 60 * sixteenths, 290 * sixteenths);
    const QPointF tip(round.center().x() + round.width() * 0.25, round.top() + round.height() * 0.07);
    arrowHead(painter, tip, { -1.2, -3.2 }, { 0, 0 });
    painter.drawLine(tip, tip + QPointF(-3, 1.6));
}

} // namespace

Glyph glyphOf(const space::Node& node)
{
    struct Visitor {
        bool onEdge;
        Glyph operator()(const space::Input&) const { return Glyph::None; }
        Glyph operator()(const space::Output&) const { return Glyph::None; }
        Glyph operator()(const space::Operation&) const { return Glyph::None; }
        Glyph operator()(const space::Choice&) const { return onEdge ? Glyph::EdgeChoice : Glyph::Choice; }
        Glyph operator()(const space::Select&) const { return Glyph::Selection; }
        Glyph operator()(const space::Order&) const { return Glyph::Order; }
        Glyph operator()(const space::Repeat&) const { return Glyph::Repeat; }
        Glyph operator()(const space::Nested&) const { return Glyph::Block; }
        Glyph operator()(const space::Use&) const { return Glyph::Link; }
        Glyph operator()(const space::Recurrent&) const { return Glyph::Recurrent; }
    };
    return std::visit(Visitor{ node.onEdge }, node.body);
}

void paintGlyph(QPainter& painter, Glyph glyph, const QRectF& rect, const QColor& colour)
{
    if (glyph == Glyph::None)
        return;
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.translate(rect.topLeft());
    painter.scale(rect.width() / side, rect.height() / side);
    painter.setPen(QPen(colour, 1.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.setBrush(Qt::NoBrush);
    switch (glyph) {
    case Glyph::None:
        break;
    case Glyph::Choice: // a decision with its ways
        diamond(painter, { 8, 8 }, 5.5);
        painter.setBrush(colour);
        painter.drawEllipse(QPointF(8, 8), 1.2, 1.2);
        break;
    case Glyph::EdgeChoice: // a decision on a line
        painter.drawLine(QPointF(8, 0.8), QPointF(8, 4));
        painter.drawLine(QPointF(8, 12), QPointF(8, 15.2));
        painter.setBrush(colour);
        diamond(painter, { 8, 8 }, 4);
        break;
    case Glyph::Selection: // lines that merge, one of them taken
        painter.drawPolyline(QPolygonF{ { 3, 2 }, { 8, 9 }, { 8, 14.5 } });
        painter.setPen(QPen(colour, 1.5, Qt::DotLine, Qt::RoundCap));
        painter.drawLine(QPointF(13, 2), QPointF(8.6, 8.4));
        painter.setPen(QPen(colour, 1.5));
        painter.setBrush(colour);
        painter.drawEllipse(QPointF(8, 9), 1.7, 1.7);
        break;
    case Glyph::Order: // two arrows past each other
        painter.drawLine(QPointF(5, 2), QPointF(5, 14));
        arrowHead(painter, { 5, 14 }, { 0, -3.2 }, { 2.6, 0 });
        painter.drawLine(QPointF(11, 14), QPointF(11, 2));
        arrowHead(painter, { 11, 2 }, { 0, 3.2 }, { 2.6, 0 });
        break;
    case Glyph::Repeat: // copies behind each other
        painter.drawRoundedRect(QRectF(1.5, 1.5, 9, 9), 2, 2);
        painter.drawPolyline(QPolygonF{ { 13, 4.5 }, { 13, 13 }, { 4.5, 13 } });
        break;
    case Glyph::Block:
        painter.drawRoundedRect(QRectF(1.5, 1.5, 13, 13), 2.5, 2.5);
        painter.drawRoundedRect(QRectF(5, 5, 6, 6), 1.5, 1.5);
        break;
    case Glyph::Link: // two links of a chain
        painter.translate(8, 8);
        painter.rotate(-45);
        painter.drawRoundedRect(QRectF(-7.2, -2.6, 8, 5.2), 2.6, 2.6);
        painter.drawRoundedRect(QRectF(-0.8, -2.6, 8, 5.2), 2.6, 2.6);
        break;
    case Glyph::Recurrent:
        loop(painter, QRectF(2, 2.6, 12, 12));
        break;
    case Glyph::Input:
        painter.drawRoundedRect(QRectF(1.5, 8.5, 13, 6), 3, 3);
        painter.drawLine(QPointF(8, 1), QPointF(8, 6.5));
        arrowHead(painter, { 8, 7 }, { 0, -3 }, { 2.6, 0 });
        break;
    }
    painter.restore();
}

QIcon glyphIcon(Glyph glyph)
{
    return paintedIcon([glyph](QPainter& painter, const QRectF& rect) { paintGlyph(painter, glyph, rect, canvasColours().text); });
}

} // namespace archscope::ui
