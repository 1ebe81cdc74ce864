// A node of a space on the canvas. Its position is the middle of its top edge, so that chains stay straight when boxes grow.
#pragma once

#include "core/space/space_check.h"
#include "ui/graph/node_look.h"

#include <QGraphicsObject>
#include <optional>
#include <vector>

namespace archscope::ui {

/// A place to connect at: an input by its number, or the output.
struct Port {
    enum class Side { Input, Output };
    space::NodeId node;
    Side side = Side::Output;
    int index = 0;
    bool operator==(const Port&) const = default;
};

class NodeItem : public QGraphicsObject {
    Q_OBJECT
public:
    enum { Type = QGraphicsItem::UserType + 1 };
    /// How a port stands while a connection is dragged.
    enum class Offer { None, Possible, Impossible };

    explicit NodeItem(space::NodeId id);
    int type() const override { return Type; }

    space::NodeId id() const { return m_id; }
    const NodeLook& look() const { return m_look; }
    void setLook(NodeLook look);
    void setIssues(const std::vector<space::Issue>& issues);
    void setOffer(Offer offer);
    void setMarkedPort(std::optional<Port> port);
    /// What a search found has a ring.
    void setFound(bool found);
    bool isFound() const { return m_found; }

    QRectF box() const; ///< in item coordinates
    QRectF sceneBox() const { return mapRectToScene(box()); }
    QPointF portPosition(const Port& port) const; ///< in scene coordinates
    /// The nearest port within the radius.
    std::optional<Port> portAt(QPointF scenePosition, double radius) const;
    /// The alternative whose row is there; invalid when none.
    space::NodeId alternativeAt(QPointF scenePosition) const;
    /// The parameter whose line is there, or whose words in the line of fixed values; empty when none.
    QString parameterAt(QPointF scenePosition) const;
    /// The node inside the expanded box that is there; invalid when none.
    space::NodeId insideNodeAt(QPointF scenePosition) const;
    /// Where a parameter's line is, in scene coordinates; the header when it has none.
    QRectF rowRect(const QString& parameter) const;

    QRectF boundingRect() const override;
    QPainterPath shape() const override;
    void paint(QPainter* painter, const QStyleOptionGraphicsItem* option, QWidget* widget) override;

private:
    QString fullTooltip() const;
    void paintTerminal(QPainter& painter) const;
    void paintBox(QPainter& painter, double detail) const;
    void paintLabel(QPainter& painter, double detail) const;
    void paintHeader(QPainter& painter) const;
    void paintRows(QPainter& painter) const;
    void paintPorts(QPainter& painter) const;
    void paintIssueMarker(QPainter& painter) const;
    QPen borderPen() const;
    QPointF localPort(const Port& port) const;
    int rowAt(QPointF local) const; ///< -1: none
    double rowsTop() const;

    space::NodeId m_id;
    NodeLook m_look;
    std::vector<space::Issue> m_issues;
    Offer m_offer = Offer::None;
    std::optional<Port> m_markedPort;
    bool m_found = false;
};

} // namespace archscope::ui
