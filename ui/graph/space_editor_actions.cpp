// The actions of the space editor: menus, shortcuts, when they make sense.
#include "ui/graph/space_editor.h"

#include "core/base/files.h"
#include "ui/graph/canvas_colours.h"
#include "ui/graph/canvas_export.h"
#include "ui/graph/find_bar.h"
#include "ui/graph/mini_map.h"
#include "ui/graph/primitive_tools.h"
#include "ui/graph/space_scene.h"
#include "ui/graph/space_text_view.h"
#include "ui/graph/space_view.h"

#include <QFile>
#include <QFileDialog>
#include <QMenu>
#include <QPrintDialog>
#include <QPrinter>

namespace archscope::ui {

namespace {
QList<QKeySequence> standard(QKeySequence::StandardKey key)
{
    return QKeySequence::keyBindings(key);
}
} // namespace

QAction* SpaceEditor::addEditorAction(const char* name, const char* icon, const QString& text, const QString& tip,
    const QList<QKeySequence>& shortcuts, int needs)
{
    auto* action = new QAction(text, this);
    action->setObjectName(QString::fromLatin1(name));
    action->setShortcuts(shortcuts);
    action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    const QString keys = shortcuts.isEmpty() ? QString() : shortcuts.front().toString(QKeySequence::NativeText);
    action->setToolTip(keys.isEmpty() ? tip : tr("%1 (%2)").arg(tip, keys));
    action->setStatusTip(tip);
    if (*icon != '\0')
        action->setIcon(canvasIcon(QString::fromLatin1(icon)));
    m_view->addAction(action);
    m_actions << action;
    m_needs.emplace_back(action, needs);
    return action;
}

void SpaceEditor::separateActions()
{
    auto* action = new QAction(this);
    action->setSeparator(true);
    m_actions << action;
}

void SpaceEditor::makeActions()
{
    makeHistoryActions();
    makeClipboardActions();
    makeFindActions();
    makeStructureActions();
    m_primitives = new PrimitiveTools(this, m_scene, m_view);
    m_actions << m_primitives->actions();
    separateActions();
    makeArrangeActions();
    makeViewActions();
    makeFileActions();
}

void SpaceEditor::makeHistoryActions()
{
    QUndoStack* history = m_document->undoStack();
    QAction* undo = addEditorAction(
        "spaceUndo", "undo", tr("Undo"), tr("Take back the last edit"), standard(QKeySequence::Undo), Editable);
    QAction* redo = addEditorAction(
        "spaceRedo", "redo", tr("Redo"), tr("Do again what was taken back"), standard(QKeySequence::Redo), Editable);
    for (QAction* action : { undo, redo })
        action->setShortcutContext(Qt::WindowShortcut); // also while the inspector has the focus
    connect(undo, &QAction::triggered, history, &QUndoStack::undo);
    connect(redo, &QAction::triggered, history, &QUndoStack::redo);
    const auto retitle = [undo, redo, history] {
        undo->setText(history->canUndo() ? tr("Undo %1").arg(history->undoText()) : tr("Undo"));
        redo->setText(history->canRedo() ? tr("Redo %1").arg(history->redoText()) : tr("Redo"));
    };
    connect(history, &QUndoStack::indexChanged, this, [this, retitle] {
        retitle();
        updateActions();
    });
    retitle();
    separateActions();
}

void SpaceEditor::makeClipboardActions()
{
    connect(addEditorAction(
                "spaceCut", "cut", tr("Cut"), tr("Cut the selected nodes"), standard(QKeySequence::Cut), Editable | AnyNode),
        &QAction::triggered, this, [this] {
            copySelected();
            removeSelected(Heal::No);
        });
    connect(addEditorAction("spaceCopy", "copy", tr("Copy"), tr("Copy the selected nodes as JSON text"),
                standard(QKeySequence::Copy), AnyNode),
        &QAction::triggered, this, &SpaceEditor::copySelected);
    connect(addEditorAction("spacePaste", "paste", tr("Paste"), tr("Paste nodes, of this or another space, or JSON text"),
                standard(QKeySequence::Paste), Editable),
        &QAction::triggered, this, &SpaceEditor::paste);
    connect(addEditorAction("spaceDuplicate", "duplicate", tr("Duplicate"), tr("Copy the selected nodes beside themselves"),
                { QKeySequence(Qt::CTRL | Qt::Key_D) }, Editable | AnyNode),
        &QAction::triggered, this, &SpaceEditor::duplicate);
    connect(addEditorAction("spaceDelete", "remove", tr("Delete"), tr("Delete the selected nodes and connections"),
                { QKeySequence(Qt::Key_Delete), QKeySequence(Qt::Key_Backspace) }, Editable | AnyItem),
        &QAction::triggered, this, [this] { removeSelected(Heal::No); });
    connect(addEditorAction("spaceDissolve", "", tr("Delete and Reconnect"),
                tr("Delete the selected nodes and join what stood before them to what stood after"),
                { QKeySequence(Qt::CTRL | Qt::Key_Delete), QKeySequence(Qt::CTRL | Qt::Key_Backspace) }, Editable | AnyNode),
        &QAction::triggered, this, [this] { removeSelected(Heal::Yes); });
    separateActions();
}

void SpaceEditor::makeFindActions()
{
    connect(addEditorAction("spaceSelectAll", "", tr("Select All"), tr("Select all nodes of this block"),
                standard(QKeySequence::SelectAll), Nothing),
        &QAction::triggered, this, &SpaceEditor::selectAll);
    connect(addEditorAction("spaceInvertSelection", "", tr("Invert Selection"), tr("Select what is not selected"),
                { QKeySequence(Qt::CTRL | Qt::Key_I) }, Nothing),
        &QAction::triggered, this, &SpaceEditor::invertSelection);
    QAction* find = addEditorAction("spaceFind", "search", tr("Find…"),
        tr("Find nodes of all blocks by name, operation or parameter"), standard(QKeySequence::Find), Nothing);
    connect(find, &QAction::triggered, m_findBar, &FindBar::open);
    connect(addEditorAction(
                "spaceFindNext", "", tr("Find Next"), tr("Show the next match"), { QKeySequence(Qt::Key_F3) }, Nothing),
        &QAction::triggered, m_findBar, &FindBar::next);
    connect(addEditorAction("spaceFindPrevious", "", tr("Find Previous"), tr("Show the match before"),
                { QKeySequence(Qt::SHIFT | Qt::Key_F3) }, Nothing),
        &QAction::triggered, m_findBar, &FindBar::previous);
    separateActions();
}

void SpaceEditor::makeStructureActions()
{
    connect(addEditorAction("spaceAdd", "add", tr("Add Node…"), tr("Add a node by name at the cursor; Tab does the same"),
                { QKeySequence(Qt::Key_A) }, Editable),
        &QAction::triggered, this, [this] { quickAdd(m_view->cursorPosition(), std::nullopt); });
    connect(addEditorAction("spaceEditValue", "settings", tr("Edit Values…"),
                tr("Edit the node's values on the canvas; a double click on one of them does the same"),
                { QKeySequence(Qt::Key_F2) }, Editable | OneNode),
        &QAction::triggered, this, [this] {
            if (const auto selected = m_scene->selectedNodes(); selected.size() == 1)
                editValue(selected.front(), {});
        });
    connect(addEditorAction("spaceToggleOptional", "", tr("Optional"),
                tr("The search may leave the selected nodes or connections out"), { QKeySequence(Qt::Key_O) },
                Editable | AnyItem),
        &QAction::triggered, this, &SpaceEditor::toggleOptional);
    connect(
        addEditorAction("spacePromote", "", tr("Group into Block"), tr("Put the selected nodes into a block of their own"),
            { QKeySequence(Qt::CTRL | Qt::Key_G) }, Editable | AnyNode),
        &QAction::triggered, this, &SpaceEditor::promoteSelected);
    connect(
        addEditorAction("spaceInline", "", tr("Take Block Apart"), tr("Put the inside of the selected block in its place"),
            { QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_G) }, Editable | OneBlock),
        &QAction::triggered, this, &SpaceEditor::inlineSelected);
    connect(addEditorAction("spaceExpand", "", tr("Expand in Place"),
                tr("Show the inside of the selected blocks within them, or hide it again"), { QKeySequence(Qt::Key_X) },
                AnyNode),
        &QAction::triggered, this, &SpaceEditor::toggleExpanded);
    connect(addEditorAction("spaceOpenBlock", "open", tr("Open Block"), tr("Show the inside of the selected block"),
                { QKeySequence(Qt::Key_Return), QKeySequence(Qt::Key_Enter) }, OneBlock),
        &QAction::triggered, this, [this] {
            if (const auto selected = m_scene->selectedNodes(); selected.size() == 1)
                openNode(selected.front());
        });
    connect(addEditorAction("spaceLeaveBlock", "arrow-left", tr("Leave Block"), tr("Show the block around this one"),
                { QKeySequence(Qt::Key_Escape) }, Nothing),
        &QAction::triggered, this, &SpaceEditor::leaveBlock);
    separateActions();
}

void SpaceEditor::makeArrangeActions()
{
    auto* menu = new QMenu(tr("Align"), this);
    menu->setObjectName(QStringLiteral("spaceAlignMenu"));
    m_actions << menu->menuAction();
    struct Entry {
        const char* name;
        QString text;
        QString tip;
        Alignment alignment;
        QKeyCombination keys;
    };
    const auto shift = Qt::CTRL | Qt::SHIFT;
    const Entry entries[] = {
        { "spaceAlignLeft", tr("Align Left"), tr("Left edges in line"), Alignment::Left, shift | Qt::Key_Left },
        { "spaceAlignCentre", tr("Align Centres"), tr("One below the other"), Alignment::Centre, shift | Qt::Key_H },
        { "spaceAlignRight", tr("Align Right"), tr("Right edges in line"), Alignment::Right, shift | Qt::Key_Right },
        { "spaceAlignTop", tr("Align Top"), tr("Top edges in line"), Alignment::Top, shift | Qt::Key_Up },
        { "spaceAlignMiddle", tr("Align Middles"), tr("One beside the other"), Alignment::Middle, shift | Qt::Key_M },
        { "spaceAlignBottom", tr("Align Bottom"), tr("Bottom edges in line"), Alignment::Bottom, shift | Qt::Key_Down },
    };
    const auto top = m_actions.size();
    for (const Entry& entry : entries) {
        QAction* action
            = addEditorAction(entry.name, "", entry.text, entry.tip, { QKeySequence(entry.keys) }, Editable | TwoNodes);
        menu->addAction(action);
        connect(action, &QAction::triggered, this,
            [this, alignment = entry.alignment, title = entry.text] { align(alignment, title); });
    }
    menu->addSeparator();
    const auto addDistribute = [&](const char* name, const QString& text, Axis axis, Qt::Key key) {
        QAction* action = addEditorAction(name, "", text, tr("Equal gaps; the outer ones stay"),
            { QKeySequence(Qt::CTRL | Qt::ALT | key) }, Editable | ThreeNodes);
        menu->addAction(action);
        connect(action, &QAction::triggered, this, [this, axis, text] { distribute(axis, text); });
    };
    addDistribute("spaceDistributeHorizontally", tr("Distribute Horizontally"), Axis::Horizontal, Qt::Key_H);
    addDistribute("spaceDistributeVertically", tr("Distribute Vertically"), Axis::Vertical, Qt::Key_V);
    m_actions.resize(top); // they are in the submenu
    connect(addEditorAction("spaceLayout", "layout", tr("Arrange"), tr("Lay the nodes of this block out automatically"),
                { QKeySequence(Qt::Key_L) }, Editable),
        &QAction::triggered, this, &SpaceEditor::arrangeAll);
    m_alignMenu = menu;
    separateActions();
}

void SpaceEditor::makeViewActions()
{
    connect(addEditorAction(
                "spaceFit", "zoom-fit", tr("Fit to View"), tr("Show the whole block"), { QKeySequence(Qt::Key_F) }, Nothing),
        &QAction::triggered, this, &SpaceEditor::fitToView);
    connect(addEditorAction("spaceZoomSelection", "", tr("Zoom to Selection"), tr("Show the selected nodes large"),
                { QKeySequence(Qt::Key_Z) }, AnyNode),
        &QAction::triggered, this, &SpaceEditor::zoomToSelection);
    connect(addEditorAction("spaceZoomIn", "zoom-in", tr("Zoom In"), tr("Show larger"),
                { QKeySequence(Qt::CTRL | Qt::Key_Plus), QKeySequence(Qt::CTRL | Qt::Key_Equal) }, Nothing),
        &QAction::triggered, this, [this] { m_view->zoomBy(1.25); });
    connect(addEditorAction("spaceZoomOut", "zoom-out", tr("Zoom Out"), tr("Show smaller"),
                { QKeySequence(Qt::CTRL | Qt::Key_Minus) }, Nothing),
        &QAction::triggered, this, [this] { m_view->zoomBy(0.8); });
    connect(addEditorAction("spaceActualSize", "", tr("Actual Size"), tr("Show at 100 %"),
                { QKeySequence(Qt::CTRL | Qt::Key_0) }, Nothing),
        &QAction::triggered, this, [this] { m_view->setZoom(1); });
    QAction* map = addEditorAction("spaceMiniMap", "", tr("Overview Map"), tr("Show or hide the map in the corner"),
        { QKeySequence(Qt::Key_M) }, Nothing);
    map->setCheckable(true);
    map->setChecked(true);
    connect(map, &QAction::toggled, m_miniMap, &QWidget::setVisible);
    QAction* text = addEditorAction("spaceTextView", "file", tr("JSON Text"),
        tr("Show the space as JSON beside the canvas, to read and to edit"), { QKeySequence(Qt::CTRL | Qt::Key_J) },
        Nothing);
    text->setCheckable(true);
    connect(text, &QAction::toggled, m_text, &QWidget::setVisible);
    separateActions();
}

void SpaceEditor::makeFileActions()
{
    connect(addEditorAction("spaceExportPicture", "image", tr("Export Picture…"),
                tr("Save the shown block as SVG, PNG or PDF"), { QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_E) }, Nothing),
        &QAction::triggered, this, &SpaceEditor::chooseExportFile);
    connect(addEditorAction("spacePrint", "", tr("Print…"), tr("Print the shown block on one page"),
                standard(QKeySequence::Print), Nothing),
        &QAction::triggered, this, &SpaceEditor::print);
}

void SpaceEditor::updateActions()
{
    const std::vector<space::NodeId> selected = m_scene->selectedNodes();
    const bool anyItem = !selected.empty() || !m_scene->selectedEdges().empty();
    const space::Node* one = selected.size() == 1 ? m_document->space().find(selected.front()) : nullptr;
    int given = Nothing;
    const auto give = [&given](Need need, bool holds) { given |= holds ? need : Nothing; };
    give(Editable, m_access == Access::Edit);
    give(AnyNode, !selected.empty());
    give(AnyItem, anyItem);
    give(OneNode, one != nullptr);
    give(TwoNodes, selected.size() >= 2);
    give(ThreeNodes, selected.size() >= 3);
    give(OneBlock, one && (space::bodyOf(*one) || std::holds_alternative<space::Use>(one->body)));
    for (const auto& [action, needs] : m_needs) {
        const QString name = action->objectName();
        bool enabled = (needs & given) == needs;
        if (name == QLatin1String("spaceUndo"))
            enabled = enabled && m_document->undoStack()->canUndo();
        else if (name == QLatin1String("spaceRedo"))
            enabled = enabled && m_document->undoStack()->canRedo();
        else if (name == QLatin1String("spaceLeaveBlock"))
            enabled = m_block.isValid() || anyItem;
        action->setEnabled(enabled);
    }
    m_primitives->updateActions();
    m_alignMenu->menuAction()->setEnabled((given & (Editable | TwoNodes)) == (Editable | TwoNodes));
}

void SpaceEditor::addRepairs(QMenu& menu)
{
    const auto selected = m_scene->selectedNodes();
    if (selected.size() != 1 || m_access != Access::Edit)
        return;
    for (const space::Issue& issue : m_document->issuesOf(selected.front()))
        for (const Repair& repair : m_document->repairs(issue)) {
            QAction* action = menu.addAction(canvasIcon(QStringLiteral("check")), repair.title);
            action->setToolTip(QString::fromStdString(issue.message));
            connect(action, &QAction::triggered, this, [this, edit = repair.edit] { mend(edit); });
        }
    if (!menu.isEmpty())
        menu.addSeparator();
}

void SpaceEditor::showMenu(QPointF at, QPoint globalPosition)
{
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->setObjectName(QStringLiteral("spaceMenu"));
    const auto add = [this, menu](std::initializer_list<const char*> names) {
        for (const char* name : names)
            menu->addAction(findChild<QAction*>(QString::fromLatin1(name), Qt::FindDirectChildrenOnly));
    };
    const bool anyNode = !m_scene->selectedNodes().empty();
    if (anyNode) {
        addRepairs(*menu);
        add({ "spaceOpenBlock", "spaceExpand", "spaceEditValue", "spaceToggleOptional" });
        menu->addSeparator();
        add({ "spaceCut", "spaceCopy", "spaceDuplicate", "spaceDelete", "spaceDissolve" });
        menu->addSeparator();
        add({ "spacePromote", "spaceInline" });
        m_primitives->extendMenu(*menu);
        menu->addMenu(m_alignMenu);
    } else {
        const bool onEdge = !m_scene->selectedEdges().empty();
        QAction* insert
            = menu->addAction(canvasIcon(QStringLiteral("add")), onEdge ? tr("Insert Node Here…") : tr("Add Node Here…"));
        insert->setEnabled(m_access == Access::Edit);
        connect(insert, &QAction::triggered, this, [this, at] { quickAdd(at, std::nullopt); });
        if (onEdge) {
            m_primitives->extendMenu(*menu);
            add({ "spaceDelete" });
        } else
            add({ "spacePaste", "spaceSelectAll", "spaceFind" });
    }
    menu->addSeparator();
    add({ "spaceLayout", "spaceFit", "spaceZoomSelection" });
    if (m_block.isValid())
        add({ "spaceLeaveBlock" });
    if (!anyNode)
        add({ "spaceMiniMap", "spaceTextView", "spaceExportPicture", "spacePrint" });
    menu->popup(globalPosition);
}

void SpaceEditor::chooseExportFile()
{
    auto* dialog = new QFileDialog(this, tr("Export Picture"));
    dialog->setObjectName(QStringLiteral("exportPictureDialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setNameFilters({ tr("SVG (*.svg)"), tr("PNG (*.png)"), tr("PDF (*.pdf)") });
    dialog->setDefaultSuffix(QStringLiteral("svg"));
    connect(dialog, &QFileDialog::filterSelected, dialog,
        [dialog](const QString& filter) { dialog->setDefaultSuffix(filter.section(QLatin1Char('.'), -1).chopped(1)); });
    dialog->selectFile(m_document->title());
    connect(dialog, &QFileDialog::fileSelected, this, &SpaceEditor::exportPicture);
    dialog->open();
}

void SpaceEditor::exportPicture(const QString& fileName)
{
    auto content = renderedCanvas(*m_scene, pictureFormatOf(fileName), m_document->title());
    if (!content) {
        m_view->showMessage(QString::fromStdString(content.error().message));
        Q_EMIT pictureWritten(fileName, QString::fromStdString(content.error().message));
        return;
    }
    runInBackground(
        this,
        [file = std::filesystem::path(QFile::encodeName(fileName).toStdString()), text = content->toStdString()] {
            return writeFileAtomically(file, text);
        },
        [this, fileName](const Result<void>& written) {
            const QString problem = written ? QString() : QString::fromStdString(written.error().text());
            m_view->showMessage(
                problem.isEmpty() ? tr("Saved %1").arg(fileName) : tr("Cannot save %1: %2").arg(fileName, problem));
            Q_EMIT pictureWritten(fileName, problem);
        });
}

void SpaceEditor::print()
{
    auto printer = std::make_shared<QPrinter>(QPrinter::HighResolution);
    printer->setDocName(m_document->title());
    auto* dialog = new QPrintDialog(printer.get(), this);
    dialog->setObjectName(QStringLiteral("printDialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, qOverload<QPrinter*>(&QPrintDialog::accepted), this,
        [this, printer](QPrinter*) { printCanvas(*m_scene, *printer); });
    dialog->open();
}

} // namespace archscope::ui
