// The items of one block of a space. Follows the document: after each change only what differs is touched, so selection and
// positions stay. Nodes that nobody has placed stand where the automatic layout put them.
#pragma once

#include <QGraphicsScene>
#include <QPointer>
#include <QVariantAnimation>

#include "ui/graph/edge_item.h"
#include "ui/graph/node_item.h"
#include "ui/graph/space_document.h"
#include "ui/graph/space_layout.h"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

namespace archscope::ui {

class SpaceScene : public QGraphicsScene {
    Q_OBJECT
public:
    /// The document is not owned and outlives the scene.
    explicit SpaceScene(SpaceDocument* document, QObject* parent = nullptr);
    ~SpaceScene() override;

    SpaceDocument* document() const { return m_document; }
    space::NodeId owner() const { return m_owner; }
    const space::Block& block() const;

    /// Another block, or the same one of a replaced document: all items anew.
    void showBlock(space::NodeId owner);
    /// Brings the items up to date with the document; nodes that moved glide to their place.
    void sync();
    void syncLabels(); ///< shapes on edges
    void syncIssues();
    /// Shows a block's inside within its node; null: collapsed again.
    void setExpanded(space::NodeId node, std::shared_ptr<const BlockPreview> inside);
    std::vector<space::NodeId> expandedNodes() const;
    /// These have a ring; alternatives mark their choice.
    void setFound(const std::vector<space::NodeId>& nodes);

    NodeItem* node(space::NodeId id) const; ///< null when the block has none
    EdgeItem* edge(const space::Edge& edge) const;
    const std::map<space::NodeId, NodeItem*>& nodes() const { return m_nodes; }

    /// The topmost node there; null when none.
    NodeItem* nodeAt(QPointF position) const;
    EdgeItem* edgeAt(QPointF position) const;
    std::optional<Port> portAt(QPointF position, double reach) const;
    /// The edge that a box there would split: one that it covers and that is not its own.
    EdgeItem* edgeUnder(const QRectF& box, space::NodeId self) const;

    Boxes boxes() const; ///< where the nodes stand, or will stand when they have come to rest
    QRectF contentRect() const;

    /// True while some node has no place yet.
    bool needsPlacing() const;
    /// True where nobody has placed a node: the whole block is laid out again when a box grows.
    bool isAutomatic() const;
    void setAutomaticPositions(const Positions& positions);
    /// Where a node that is about to be added stands until it is laid out.
    void setProvisionalPosition(space::NodeId id, QPointF position) { m_automatic[id] = position; }
    void forgetAutomaticPositions();
    /// Moves that write down where the nodes that nobody has placed stand now.
    Moves pinned() const;

    /// While dragging: the node and its edges follow; the document does not know yet.
    void dragNode(space::NodeId id, QPointF position);
    void routeEdgesOf(const std::vector<space::NodeId>& nodes);

    /// Labels on edges go along with the nodes at their ends: by which part of the way.
    std::map<space::NodeId, double> followers(const std::vector<space::NodeId>& moved) const;

    std::vector<space::NodeId> selectedNodes() const; ///< in the block's order
    std::vector<space::Edge> selectedEdges() const;
    void select(const std::vector<space::NodeId>& nodes);

Q_SIGNALS:
    void aboutToChange(); ///< items may go: whoever drags one lets go
    void sizesChanged(); ///< of automatic nodes: their layout is out of date

private:
    QPointF targetOf(const space::Node& node) const;
    void syncNodes();
    void syncFound();
    void syncEdges();
    void addAndRemoveEdges();
    bool isTouched(const space::Edge& edge) const; ///< an end of it was
    void showLabels();
    const QString& shapeTextOf(space::NodeId node);
    enum class Scope { Changed, All };
    void routeEdges(Scope scope = Scope::Changed);
    /// Boxes that edges go around, ready to be looked up by height.
    struct Obstacles {
        explicit Obstacles(const Boxes& boxes);
        static double topOf(const std::pair<space::NodeId, QRectF>& each) { return each.second.top(); }
        std::vector<std::pair<space::NodeId, QRectF>> byTop;
        double tallest = 0;
    };
    void route(EdgeItem* edge, const Obstacles& obstacles);
    bool isRouted(const EdgeItem& item) const; ///< its ends are at their ports
    Boxes visibleBoxes() const; ///< where the items are now
    void glide(Positions from, Positions to);

    SpaceDocument* m_document;
    space::NodeId m_owner;
    std::map<space::NodeId, NodeItem*> m_nodes; ///< owned by the scene
    std::map<space::Edge, EdgeItem*> m_edges; ///< owned by the scene
    Positions m_automatic;
    /// What the items were made from: what has not changed is not measured again.
    struct Shown {
        space::Node node;
        int connected = 0;
        bool feeds = false;
        int mostInputs = 0; ///< that of a use is its definition's
    };
    std::map<space::NodeId, Shown> m_shown;
    std::vector<space::Edge> m_drawnEdges; ///< those that have items, as they stand in the block
    std::set<space::NodeId> m_touched; ///< nodes that look, stand or are connected otherwise since edges were last routed
    std::map<space::NodeId, QString> m_shapeTexts; ///< of what leaves a node, until the document knows more
    Boxes m_routedBoxes; ///< where the boxes were when edges were last routed around them
    std::vector<space::NodeId> m_found;
    std::map<space::NodeId, std::shared_ptr<const BlockPreview>> m_expanded;
    QPointer<QVariantAnimation> m_glide;
    Positions m_resting; ///< where gliding nodes will come to rest
};

} // namespace archscope::ui
