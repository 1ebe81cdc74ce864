// Drawing an edge: from a port to wherever the mouse goes. Says at each moment what would be connected, or why not.
#pragma once

#include "ui/graph/space_scene.h"

#include <QGraphicsPathItem>
#include <QString>
#include <map>
#include <memory>
#include <optional>

namespace archscope::ui {

class ConnectionDrag {
public:
    /// Starts at a port. `lifted`: an edge whose other end is being taken elsewhere; it is hidden meanwhile.
    ConnectionDrag(SpaceScene& scene, const Port& fixed, const std::optional<space::Edge>& lifted);
    ~ConnectionDrag();
    ConnectionDrag(const ConnectionDrag&) = delete;
    ConnectionDrag& operator=(const ConnectionDrag&) = delete;

    enum class Shapes { Respect, Ignore };
    /// `reach`: how near a port must be to snap, in scene units; the nearest that can be connected is taken. Ignore: what
    /// does not fit in shape is connected all the same.
    void moveTo(QPointF position, double reach, Shapes shapes = Shapes::Respect);

    const Port& fixed() const { return m_fixed; }
    const std::optional<space::Edge>& lifted() const { return m_lifted; }
    /// The edge that releasing now would make.
    std::optional<space::Edge> edge() const;
    /// Why the node under the mouse cannot be connected; empty when it can or when there is none.
    const QString& refusal() const { return m_refusal; }
    /// What connecting here would do besides: take another edge's place. May be empty.
    const QString& remark() const { return m_remark; }
    bool isOverNode() const { return m_overNode; }

private:
    QString refusalOf(const space::Node& node) const;
    std::optional<Port> targetPort(const space::Node& node, const NodeItem& item, QPointF position, double reach) const;
    void mark(const std::optional<Port>& target);
    NodeItem* nodeNear(QPointF position, double reach) const;
    space::Edge edgeTo(const Port& target) const;
    /// Why the shapes of that edge cannot fit, whatever is decided; empty when they may.
    QString shapeProblem(const space::Edge& edge) const;
    QString remarkOn(const space::Edge& edge) const;

    SpaceScene& m_scene;
    Port m_fixed;
    std::optional<space::Edge> m_lifted;
    std::map<space::NodeId, QString> m_refusals; ///< empty: possible
    std::optional<Port> m_target;
    QString m_refusal;
    QString m_remark;
    bool m_overNode = false;
    std::unique_ptr<QGraphicsPathItem> m_curve;
};

} // namespace archscope::ui
