// The editor's gestures for a space's primitives: choices and operations on edges, edges that are not always there, reusable
// blocks. Beside the editor's general ones, which are in space_editor.h.
#pragma once

#include <QAction>
#include <QList>
#include <QObject>

#include "ui/commands/primitive_edits.h"
#include "ui/graph/space_editor.h"

#include <vector>

class QMenu;

namespace archscope::ui {

class PrimitiveTools : public QObject {
    Q_OBJECT
public:
    /// All three belong to the editor.
    PrimitiveTools(SpaceEditor* editor, SpaceScene* scene, SpaceView* view);

    /// "spaceEdgeChoice", "spaceEdgeOperation", "spaceOnEdge", "spaceEdgeLoose", "spaceMakeReusable", "spaceDetach".
    const QList<QAction*>& actions() const { return m_actions; }
    void updateActions();
    /// What can be done with what is selected.
    void extendMenu(QMenu& menu);
    /// The selected edges become so; or required, when all of them are.
    void togglePresence(Presence presence);

private:
    QAction* addAction(
        const char* name, const QString& icon, const QString& text, const QString& tip, const QKeySequence& key);
    const space::Node* selectedNode() const; ///< null unless one is selected
    const space::Edge* selectedEdge();
    bool push(const space::SpaceEdit& edit);
    void push(const Result<space::SpaceEdit>& edit);
    void drawTypedEdge(const space::Edge& edge);
    void insertOnEdge(space::Edge edge, const QString& entryKey);
    space::Node edgeNode(const QString& entryKey) const;
    void place(space::Node& node, QPointF middle) const;
    void showAdded(space::NodeId node);
    void chooseOperation();
    void toggleOnEdge();
    void makeReusable();

    SpaceEditor* m_editor;
    SpaceDocument* m_document;
    SpaceScene* m_scene;
    SpaceView* m_view;
    QList<QAction*> m_actions;
    std::optional<space::Edge> m_edge;
};

} // namespace archscope::ui
