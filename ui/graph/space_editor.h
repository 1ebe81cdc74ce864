// The drawn space: canvas, breadcrumb of nested blocks, issue bar. All changes go through SpaceDocument::push.
//
// Manners: wheel zooms around the cursor, middle drag or space + drag pans; drag from port to port connects; a node dropped on
// an edge splits it; A or Tab adds by name at the cursor; double click or Enter opens a block, Escape leaves it.
#pragma once

#include "ui/graph/space_document.h"

#include <QAction>
#include <QList>
#include <QWidget>
#include <vector>

namespace archscope::ui {

class Breadcrumb;
class IssueBar;
class SpaceScene;
class SpaceView;

class SpaceEditor : public QWidget {
    Q_OBJECT
public:
    enum class Access { Edit, ReadOnly };

    /// The document is not owned and outlives the editor.
    explicit SpaceEditor(SpaceDocument* document, QWidget* parent = nullptr);
    ~SpaceEditor() override;

    SpaceDocument* document() const { return m_document; }
    Access access() const { return m_access; }
    void setAccess(Access access);

    /// The owner of the block that is shown; invalid: the root block.
    space::NodeId block() const { return m_block; }
    /// Shows another block. An id without a body is ignored.
    void openBlock(space::NodeId owner);

    /// Selected nodes of the shown block, in the block's order.
    std::vector<space::NodeId> selectedNodes() const;
    void select(const std::vector<space::NodeId>& nodes);
    /// Opens the node's block, selects the node and centres it. An alternative selects its choice.
    void reveal(space::NodeId node);

    /// For menus and toolbars, in the order of a menu; null separators are left out. They have object names
    /// ("spaceUndo", "spaceRedo", "spaceCut", "spaceCopy", "spacePaste", "spaceDuplicate", "spaceDelete", "spaceSelectAll",
    /// "spaceAdd", "spaceOpenBlock", "spaceLeaveBlock", "spaceToggleOptional", "spaceLayout", "spaceFit",
    /// "spaceZoomSelection", "spaceZoomIn", "spaceZoomOut", "spaceActualSize"), shortcuts and tooltips.
    QList<QAction*> editorActions() const { return m_actions; }

public Q_SLOTS:
    /// Adds a palette entry to the shown block: after the selected node, else at the centre of what is visible.
    void addEntry(const QString& entryKey);
    void fitToView();

Q_SIGNALS:
    void selectionChanged();
    void blockChanged();
    /// An alternative's row in a choice was clicked.
    void alternativeClicked(archscope::space::NodeId alternative);

protected:
    void changeEvent(QEvent* event) override;

private:
    QAction* addEditorAction(const char* name, const QString& text, const QString& tip, const QList<QKeySequence>& shortcuts);
    void makeActions();
    void updateActions();
    void onDocumentChanged();
    void onReplaced();
    void push(const space::SpaceEdit& edit);
    void insertEntry(const QString& entryKey, QPointF at, const std::optional<space::Edge>& onEdge, space::NodeId after);
    void quickAdd();
    void cut();
    void copy();
    void paste();
    void duplicate();
    void removeSelected();
    void toggleOptional();
    void leaveBlock();
    void openSelected();
    void autoLayout();
    void placeUnplaced();
    void showContextMenu(QPointF scenePosition, QPoint globalPosition);
    void showMessage(const QString& text);

    SpaceDocument* m_document;
    Access m_access = Access::Edit;
    space::NodeId m_block;
    Breadcrumb* m_breadcrumb = nullptr;
    SpaceScene* m_scene = nullptr;
    SpaceView* m_view = nullptr;
    IssueBar* m_issueBar = nullptr;
    QList<QAction*> m_actions;
    LatestOnly m_latestLayout;
    bool m_fitWhenPlaced = true;
};

} // namespace archscope::ui
