// The canvas of the space editor: turns mouse, keys and drops into wishes. It changes nothing itself; the editor answers the
// signals with edits.
#pragma once

#include "ui/graph/canvas_view.h"
#include "ui/graph/connection_drag.h"
#include "ui/graph/space_scene.h"

#include <memory>
#include <optional>

class QLabel;
class QTimer;

namespace archscope::ui {

class SpaceView : public CanvasView {
    Q_OBJECT
public:
    explicit SpaceView(SpaceScene* scene, QWidget* parent = nullptr);
    ~SpaceView() override;

    void setEditable(bool editable)
    {
        m_editable = editable;
        setAcceptDrops(editable);
    }
    /// A small message near the cursor that goes away by itself.
    void showMessage(const QString& text);
    /// Where the mouse is over the canvas, else its middle.
    QPointF cursorPosition() const;

Q_SIGNALS:
    void nodesMoved(const archscope::ui::Positions& positions);
    void connectWished(const archscope::space::Edge& edge, const std::optional<archscope::space::Edge>& replaced);
    /// With Alt (or Ctrl, where the window system keeps Alt for itself): a choice shall lie on the new edge.
    void typedEdgeWished(const archscope::space::Edge& edge);
    void disconnectWished(const archscope::space::Edge& edge);
    void splitWished(archscope::space::NodeId node, const archscope::space::Edge& edge, QPointF at);
    void entryDropped(const QString& entryKey, QPointF at, const std::optional<archscope::space::Edge>& onEdge);
    /// `from`: a connection was dropped on nothing, the new node shall be connected there.
    void quickAddWished(QPointF at, const std::optional<archscope::ui::Port>& from);
    void openWished(archscope::space::NodeId node);
    /// A node inside an expanded one was double-clicked.
    void revealWished(archscope::space::NodeId node);
    /// `parameter`: whose value was double-clicked; empty: all of them.
    void valueWished(archscope::space::NodeId node, const QString& parameter);
    void alternativeClicked(archscope::space::NodeId alternative);
    void menuWished(QPointF at, QPoint globalPosition);
    void nudgeWished(QPointF by);

protected:
    bool event(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dragMoveEvent(QDragMoveEvent* event) override;
    void dragLeaveEvent(QDragLeaveEvent* event) override;
    void dropEvent(QDropEvent* event) override;
    void drawForeground(QPainter* painter, const QRectF& rect) override;

private:
    struct Move {
        space::NodeId grabbed;
        QPointF pressed; ///< scene
        QPoint pressedInView;
        Positions start;
        std::map<space::NodeId, std::pair<QPointF, double>> followers; ///< where they started, their part of the way
        bool started = false;
        std::optional<double> guideX; ///< the centre of a neighbour that the grabbed node is aligned with
    };

    double portReach() const;
    double snapReach() const;
    void pressNode(NodeItem* item, QMouseEvent* event);
    bool pressPort(QPointF position);
    void moveConnection(const QMouseEvent* event);
    void moveSelection(QMouseEvent* event);
    void finishMove();
    void cancelGesture();
    void updateHover(QPointF position);
    void markSplitTarget(EdgeItem* edge);
    bool canSplit(space::NodeId node) const;
    void walk(int key);

    SpaceScene* m_scene;
    bool m_editable = true;
    std::unique_ptr<ConnectionDrag> m_connection;
    std::optional<Move> m_move;
    std::optional<space::Edge> m_splitTarget;
    space::NodeId m_hovered;
    QLabel* m_message = nullptr;
    QTimer* m_messageTimer = nullptr;
};

} // namespace archscope::ui
