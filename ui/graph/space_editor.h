// The drawn space: canvas, breadcrumb of nested blocks, issue bar. All changes go through SpaceDocument::push.
//
// Manners: wheel zooms around the cursor, middle drag or space + drag pans; drag from port to port connects; a node dropped
// on an edge splits it; A or Tab adds by name at the cursor; double click or Enter opens a block, Escape leaves it.
#pragma once

#include <QAction>
#include <QList>
#include <QWidget>

#include "ui/graph/space_document.h"
#include "ui/graph/space_layout.h"

#include <optional>
#include <utility>
#include <vector>

class QMenu;

namespace archscope::ui {

class Breadcrumb;
class FindBar;
class IssueBar;
class MiniMap;
class PrimitiveTools;
struct Port;
class SpaceScene;
class SpaceTextView;
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
    /// Selected connections of the shown block.
    std::vector<space::Edge> selectedEdges() const;
    /// Opens the node's block, selects the node and centres it. An alternative selects its choice.
    void reveal(space::NodeId node);

    /// For menus and toolbars, in the order of a menu, separators and the submenu "Align" among them. They have object names
    /// ("spaceUndo", "spaceRedo", "spaceCut", "spaceCopy", "spacePaste", "spaceDuplicate", "spaceDelete", "spaceDissolve",
    /// "spaceSelectAll", "spaceInvertSelection", "spaceFind", "spaceFindNext", "spaceFindPrevious", "spaceAdd",
    /// "spaceEditValue", "spaceToggleOptional", "spacePromote", "spaceInline", "spaceExpand", "spaceOpenBlock", "spaceLeaveBlock",
    /// "spaceAlignLeft", …, "spaceDistributeHorizontally", …, "spaceLayout", "spaceFit", "spaceZoomSelection", "spaceZoomIn",
    /// "spaceZoomOut", "spaceActualSize", "spaceMiniMap", "spaceTextView", "spaceExportPicture", "spacePrint"), shortcuts and
    /// tooltips.
    QList<QAction*> editorActions() const { return m_actions; }

    /// The shown block as a file: .svg, .png or .pdf. Rendered here, written off the GUI thread; `pictureWritten` follows.
    void exportPicture(const QString& fileName);

    /// Lays out, in the background, what nobody has placed.
    void placeUnplaced();

public Q_SLOTS:
    /// Adds a palette entry to the shown block: after the selected node, else at the centre of what is visible.
    void addEntry(const QString& entryKey);
    void fitToView();

Q_SIGNALS:
    void selectionChanged(); ///< of nodes or connections
    void blockChanged();
    void accessChanged();
    void pictureWritten(const QString& fileName, const QString& problem); ///< the problem is empty when done
    /// An alternative's row in a choice was clicked.
    void alternativeClicked(archscope::space::NodeId alternative);
    /// A node or alternative was double-clicked that the canvas itself cannot edit: the inspector can.
    void inspectionWished(archscope::space::NodeId node);

protected:
    void showEvent(QShowEvent* event) override;

private:
    struct Insertion;
    /// What an action needs to make sense, added up.
    enum Need { Nothing = 0, Editable = 1, AnyNode = 2, AnyItem = 4, TwoNodes = 8, ThreeNodes = 16, OneBlock = 32, OneNode = 64 };

    QAction* addEditorAction(const char* name, const char* icon, const QString& text, const QString& tip,
        const QList<QKeySequence>& shortcuts, int needs);
    void makeActions();
    void makeHistoryActions();
    void makeClipboardActions();
    void makeFindActions();
    void makeStructureActions();
    void makeArrangeActions();
    void makeViewActions();
    void makeFileActions();
    void separateActions();
    void connectView();
    void updateActions();
    void onChanged();
    void onReplaced();
    bool push(const space::SpaceEdit& edit);
    void insertEntry(const QString& entryKey, const Insertion& insertion);
    void quickAdd(QPointF at, const std::optional<Port>& from);
    void splitEdge(space::NodeId node, const space::Edge& edge, QPointF at);
    void moveNodes(const Positions& positions, const QString& title);
    Moves placed(const Positions& positions) const;
    void copySelected();
    void paste();
    void duplicate();
    void addFragment(space::Block fragment, QPointF offset);
    void removeSelected(Heal heal);
    void toggleOptional();
    void selectAll();
    void invertSelection();
    Boxes selectedBoxes() const;
    void align(Alignment alignment, const QString& title);
    void distribute(Axis axis, const QString& title);
    void promoteSelected();
    void inlineSelected();
    void toggleExpanded();
    void previewBlocks(const std::vector<space::NodeId>& blocks);
    void mend(const space::SpaceEdit& repair);
    void editValue(space::NodeId node, const QString& parameter);
    void chooseExportFile();
    void print();
    void openNode(space::NodeId node);
    void leaveBlock();
    void arrangeAll();
    void zoomToSelection();
    void showMenu(QPointF at, QPoint globalPosition);
    void addRepairs(QMenu& menu);

    SpaceDocument* m_document;
    Access m_access = Access::Edit;
    space::NodeId m_block;
    Breadcrumb* m_breadcrumb = nullptr;
    SpaceScene* m_scene = nullptr;
    SpaceView* m_view = nullptr;
    IssueBar* m_issueBar = nullptr;
    FindBar* m_findBar = nullptr;
    MiniMap* m_miniMap = nullptr;
    SpaceTextView* m_text = nullptr;
    QMenu* m_alignMenu = nullptr;
    QList<QAction*> m_actions;
    std::vector<std::pair<QAction*, int>> m_needs;
    std::vector<space::NodeId> m_selection; ///< as last announced
    std::vector<space::Edge> m_edgeSelection;
    PrimitiveTools* m_primitives = nullptr;
    LatestOnly m_latestPlacing;
    LatestOnly m_latestPreview;
    bool m_fitWhenPlaced = true;
};

} // namespace archscope::ui
