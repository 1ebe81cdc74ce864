// The boxes and curves of a network's picture, painted as its SVG is written (core/layout/network_picture.h).
#pragma once

#include "core/layout/network_picture.h"

#include <QColor>
#include <QGraphicsItem>
#include <QPainterPath>

namespace archscope::ui {

class PictureNodeItem : public QGraphicsItem {
public:
    enum { Type = QGraphicsItem::UserType + 3 };

    explicit PictureNodeItem(const layout::PictureNode& node);
    int type() const override { return Type; }
    int layer() const { return m_node.layer; }
    void setChosen(bool chosen);
    /// A ring of that colour; an invalid colour for none.
    void setRing(const QColor& colour);

    QRectF box() const;
    QRectF boundingRect() const override;
    void paint(QPainter* painter, const QStyleOptionGraphicsItem* option, QWidget* widget) override;

protected:
    void hoverEnterEvent(QGraphicsSceneHoverEvent* event) override;
    void hoverLeaveEvent(QGraphicsSceneHoverEvent* event) override;

private:
    layout::PictureNode m_node;
    QColor m_ring;
    bool m_chosen = false;
    bool m_hovered = false;
};

class PictureEdgeItem : public QGraphicsItem {
public:
    explicit PictureEdgeItem(const layout::PictureEdge& edge);

    QRectF boundingRect() const override;
    void paint(QPainter* painter, const QStyleOptionGraphicsItem* option, QWidget* widget) override;

private:
    QRectF labelRect() const;

    QString m_label;
    QPointF m_labelCentre;
    QPainterPath m_path;
    QPolygonF m_arrow;
};

} // namespace archscope::ui
