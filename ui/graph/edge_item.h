// An edge of a space on the canvas: a smooth curve with the shape that flows along it.
#pragma once

#include "core/space/search_space.h"

#include <QGraphicsPathItem>
#include <QRectF>
#include <QString>
#include <vector>

namespace archscope::ui {

/// A curve from an output port down to an input port, around the boxes that stand in between.
/// `lane`: a small number that keeps detours beside the same boxes apart.
QPainterPath routeEdge(QPointF from, QPointF to, const std::vector<QRectF>& obstacles, int lane);

/// Where half of such a curve is behind one.
QPointF middleOf(const QPainterPath& route);

class EdgeItem : public QGraphicsPathItem {
public:
    enum { Type = QGraphicsItem::UserType + 2 };

    explicit EdgeItem(const space::Edge& edge);
    int type() const override { return Type; }

    const space::Edge& edge() const { return m_edge; }
    void setRoute(const QPainterPath& route);
    void setLabel(const QString& label);
    const QString& label() const { return m_label; }
    /// A node dragged over it would go into its middle.
    void setSplitTarget(bool target);

    QRectF boundingRect() const override;
    QPainterPath shape() const override;
    void paint(QPainter* painter, const QStyleOptionGraphicsItem* option, QWidget* widget) override;

protected:
    void hoverEnterEvent(QGraphicsSceneHoverEvent* event) override;
    void hoverLeaveEvent(QGraphicsSceneHoverEvent* event) override;

private:
    void placeLabel();
    void updateToolTip();

    space::Edge m_edge;
    QString m_label;
    QRectF m_labelRect;
    bool m_splitTarget = false;
    bool m_hovered = false;
};

} // namespace archscope::ui
