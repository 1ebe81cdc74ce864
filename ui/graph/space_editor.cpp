#include "ui/graph/space_editor.h"

#include "ui/graph/breadcrumb.h"
#include "ui/graph/canvas_colours.h"
#include "ui/graph/issue_bar.h"
#include "ui/graph/palette_entries.h"
#include "ui/graph/quick_add_popup.h"
#include "ui/graph/space_scene.h"
#include "ui/graph/space_view.h"

#include <QApplication>
#include <QClipboard>
#include <QMenu>
#include <QVBoxLayout>
#include <algorithm>

namespace archscope::ui {

/// A new node's place: in an edge, at a port, or on its own.
struct SpaceEditor::Insertion {
    QPointF at; ///< middle of the header
    std::optional<space::Edge> onEdge;
    std::optional<Port> connectTo;
};

SpaceEditor::SpaceEditor(SpaceDocument* document, QWidget* parent)
    : QWidget(parent)
    , m_document(document)
{
    setObjectName(QStringLiteral("spaceEditor"));
    m_breadcrumb = new Breadcrumb(this);
    m_scene = new SpaceScene(document, this);
    m_view = new SpaceView(m_scene, this);
    m_issueBar = new IssueBar(document, this);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_breadcrumb);
    layout->addWidget(m_view, 1);
    layout->addWidget(m_issueBar);
    setFocusProxy(m_view);

    makeActions();
    connectView();
    connect(document, &SpaceDocument::changed, this, &SpaceEditor::onChanged);
    connect(document, &SpaceDocument::replaced, this, &SpaceEditor::onReplaced);
    connect(document, &SpaceDocument::issuesChanged, m_scene, &SpaceScene::syncIssues);
    connect(document, &SpaceDocument::surveyChanged, m_scene, &SpaceScene::syncLabels);
    connect(document, &SpaceDocument::fileChanged, this,
        [this] { m_breadcrumb->show(m_document->space(), m_document->title(), m_block); });
    openBlock({});
}

SpaceEditor::~SpaceEditor()
{
    // The view may be dragging items of the scene: it goes first, and nobody answers any more.
    m_scene->disconnect(this);
    delete m_view;
}

void SpaceEditor::connectView()
{
    connect(m_breadcrumb, &Breadcrumb::blockWished, this, &SpaceEditor::openBlock);
    connect(m_issueBar, &IssueBar::issueClicked, this, &SpaceEditor::reveal);
    connect(m_scene, &QGraphicsScene::selectionChanged, this, [this] {
        updateActions();
        if (auto now = m_scene->selectedNodes(); now != m_selection) {
            m_selection = std::move(now);
            Q_EMIT selectionChanged();
        }
    });
    connect(m_scene, &SpaceScene::sizesChanged, this, [this] {
        if (m_scene->isAutomatic())
            placeUnplaced();
    });
    connect(m_view, &SpaceView::alternativeClicked, this, &SpaceEditor::alternativeClicked);
    connect(m_view, &SpaceView::nodesMoved, this, [this](const Positions& positions) { moveNodes(positions, tr("Move")); });
    connect(m_view, &SpaceView::nudgeWished, this, [this](QPointF by) {
        Positions positions;
        const Boxes boxes = m_scene->boxes();
        for (const space::NodeId id : m_scene->selectedNodes())
            positions[id] = QPointF(boxes.at(id).center().x(), boxes.at(id).top()) + by;
        if (!positions.empty())
            moveNodes(positions, tr("Move"));
    });
    connect(m_view, &SpaceView::connectWished, this,
        [this](const space::Edge& edge, const std::optional<space::Edge>& replaced) {
            push(connectEdit(m_document->space(), m_document->operations(), m_block, edge, replaced));
        });
    connect(m_view, &SpaceView::disconnectWished, this, [this](const space::Edge& edge) {
        push(removeEdit(m_document->space(), m_document->operations(), m_block, {}, { edge }, Heal::No));
    });
    connect(m_view, &SpaceView::splitWished, this, &SpaceEditor::splitEdge);
    connect(m_view, &SpaceView::entryDropped, this,
        [this](const QString& key, QPointF at, const std::optional<space::Edge>& onEdge) {
            insertEntry(key, { at, onEdge, {} });
        });
    connect(m_view, &SpaceView::quickAddWished, this, &SpaceEditor::quickAdd);
    connect(m_view, &SpaceView::openWished, this, &SpaceEditor::openNode);
    connect(m_view, &SpaceView::menuWished, this, &SpaceEditor::showMenu);
}

QAction* SpaceEditor::addEditorAction(const char* name, const char* icon, const QString& text, const QString& tip,
    const QList<QKeySequence>& shortcuts, Needs needs)
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

void SpaceEditor::makeActions()
{
    const auto separator = [this] {
        auto* action = new QAction(this);
        action->setSeparator(true);
        m_actions << action;
    };
    const auto standard = [](QKeySequence::StandardKey key) { return QKeySequence::keyBindings(key); };
    QUndoStack* history = m_document->undoStack();

    QAction* undo = addEditorAction(
        "spaceUndo", "undo", tr("Undo"), tr("Take back the last edit"), standard(QKeySequence::Undo), Needs::Editable);
    QAction* redo = addEditorAction(
        "spaceRedo", "redo", tr("Redo"), tr("Do again what was taken back"), standard(QKeySequence::Redo), Needs::Editable);
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
    separator();

    connect(addEditorAction(
                "spaceCut", "cut", tr("Cut"), tr("Cut the selected nodes"), standard(QKeySequence::Cut), Needs::Editable),
        &QAction::triggered, this, [this] {
            copySelected();
            removeSelected(Heal::No);
        });
    connect(addEditorAction("spaceCopy", "copy", tr("Copy"), tr("Copy the selected nodes as JSON text"),
                standard(QKeySequence::Copy), Needs::Nothing),
        &QAction::triggered, this, &SpaceEditor::copySelected);
    connect(addEditorAction(
                "spacePaste", "paste", tr("Paste"), tr("Paste nodes"), standard(QKeySequence::Paste), Needs::Editable),
        &QAction::triggered, this, &SpaceEditor::paste);
    connect(addEditorAction("spaceDuplicate", "duplicate", tr("Duplicate"), tr("Copy the selected nodes beside themselves"),
                { QKeySequence(Qt::CTRL | Qt::Key_D) }, Needs::Editable),
        &QAction::triggered, this, &SpaceEditor::duplicate);
    connect(addEditorAction("spaceDelete", "remove", tr("Delete"), tr("Delete the selected nodes and connections"),
                { QKeySequence(Qt::Key_Delete), QKeySequence(Qt::Key_Backspace) }, Needs::Editable),
        &QAction::triggered, this, [this] { removeSelected(Heal::No); });
    connect(addEditorAction("spaceDissolve", "", tr("Delete and Reconnect"),
                tr("Delete the selected nodes and join what stood before them to what stood after"),
                { QKeySequence(Qt::CTRL | Qt::Key_Delete), QKeySequence(Qt::CTRL | Qt::Key_Backspace) }, Needs::Editable),
        &QAction::triggered, this, [this] { removeSelected(Heal::Yes); });
    connect(addEditorAction("spaceSelectAll", "", tr("Select All"), tr("Select all nodes of this block"),
                standard(QKeySequence::SelectAll), Needs::Nothing),
        &QAction::triggered, this, [this] {
            std::vector<space::NodeId> all;
            for (const auto& [id, item] : m_scene->nodes())
                all.push_back(id);
            m_scene->select(all);
        });
    separator();

    connect(addEditorAction("spaceAdd", "add", tr("Add Node…"), tr("Add a node by name at the cursor; Tab does the same"),
                { QKeySequence(Qt::Key_A) }, Needs::Editable),
        &QAction::triggered, this, [this] { quickAdd(m_view->cursorPosition(), std::nullopt); });
    connect(addEditorAction("spaceToggleOptional", "", tr("Optional"), tr("The search may leave the selected nodes out"),
                { QKeySequence(Qt::Key_O) }, Needs::Editable),
        &QAction::triggered, this, &SpaceEditor::toggleOptional);
    connect(addEditorAction("spaceOpenBlock", "open", tr("Open Block"), tr("Show the inside of the selected block"),
                { QKeySequence(Qt::Key_Return), QKeySequence(Qt::Key_Enter) }, Needs::Nothing),
        &QAction::triggered, this, [this] {
            if (const auto selected = m_scene->selectedNodes(); selected.size() == 1)
                openNode(selected.front());
        });
    connect(addEditorAction("spaceLeaveBlock", "arrow-left", tr("Leave Block"), tr("Show the block around this one"),
                { QKeySequence(Qt::Key_Escape) }, Needs::Nothing),
        &QAction::triggered, this, &SpaceEditor::leaveBlock);
    separator();

    connect(addEditorAction("spaceLayout", "layout", tr("Arrange"), tr("Lay the nodes of this block out automatically"),
                { QKeySequence(Qt::Key_L) }, Needs::Editable),
        &QAction::triggered, this, &SpaceEditor::arrangeAll);
    connect(addEditorAction("spaceFit", "zoom-fit", tr("Fit to View"), tr("Show the whole block"),
                { QKeySequence(Qt::Key_F) }, Needs::Nothing),
        &QAction::triggered, this, &SpaceEditor::fitToView);
    connect(addEditorAction("spaceZoomSelection", "", tr("Zoom to Selection"), tr("Show the selected nodes large"),
                { QKeySequence(Qt::Key_Z) }, Needs::Nothing),
        &QAction::triggered, this, &SpaceEditor::zoomToSelection);
    connect(addEditorAction("spaceZoomIn", "zoom-in", tr("Zoom In"), tr("Show larger"),
                { QKeySequence(Qt::CTRL | Qt::Key_Plus), QKeySequence(Qt::CTRL | Qt::Key_Equal) }, Needs::Nothing),
        &QAction::triggered, this, [this] { m_view->zoomBy(1.25); });
    connect(addEditorAction("spaceZoomOut", "zoom-out", tr("Zoom Out"), tr("Show smaller"),
                { QKeySequence(Qt::CTRL | Qt::Key_Minus) }, Needs::Nothing),
        &QAction::triggered, this, [this] { m_view->zoomBy(0.8); });
    connect(addEditorAction("spaceActualSize", "", tr("Actual Size"), tr("Show at 100 %"),
                { QKeySequence(Qt::CTRL | Qt::Key_0) }, Needs::Nothing),
        &QAction::triggered, this, [this] { m_view->setZoom(1); });
    retitle();
}

void SpaceEditor::setAccess(Access access)
{
    m_access = access;
    m_view->setEditable(access == Access::Edit);
    updateActions();
    Q_EMIT accessChanged();
}

void SpaceEditor::updateActions()
{
    const std::vector<space::NodeId> selected = m_scene->selectedNodes();
    const bool any = !selected.empty();
    const bool anyEdge = !m_scene->selectedEdges().empty();
    const auto isBlock = [this](space::NodeId id) { return m_document->space().findBlock(id) != nullptr; };
    for (const auto& [action, needs] : m_needs) {
        const QString name = action->objectName();
        bool enabled = needs == Needs::Nothing || m_access == Access::Edit;
        if (name == QLatin1String("spaceUndo"))
            enabled = enabled && m_document->undoStack()->canUndo();
        else if (name == QLatin1String("spaceRedo"))
            enabled = enabled && m_document->undoStack()->canRedo();
        else if (name == QLatin1String("spaceDelete"))
            enabled = enabled && (any || anyEdge);
        else if (name == QLatin1String("spaceOpenBlock"))
            enabled = selected.size() == 1 && isBlock(selected.front());
        else if (name == QLatin1String("spaceLeaveBlock"))
            enabled = m_block.isValid() || any || anyEdge;
        else if (name == QLatin1String("spaceCut") || name == QLatin1String("spaceCopy")
            || name == QLatin1String("spaceDuplicate") || name == QLatin1String("spaceDissolve")
            || name == QLatin1String("spaceToggleOptional") || name == QLatin1String("spaceZoomSelection"))
            enabled = enabled && any;
        action->setEnabled(enabled);
    }
}

void SpaceEditor::onChanged()
{
    if (!m_document->space().findBlock(m_block)) {
        openBlock({}); // an undo took the block away
        return;
    }
    m_scene->sync();
    if (m_scene->needsPlacing())
        placeUnplaced();
    m_breadcrumb->show(m_document->space(), m_document->title(), m_block);
    updateActions();
}

void SpaceEditor::onReplaced()
{
    m_scene->forgetAutomaticPositions();
    openBlock({});
}

void SpaceEditor::openBlock(space::NodeId owner)
{
    if (!m_document->space().findBlock(owner))
        return;
    m_block = owner;
    m_fitWhenPlaced = true;
    m_scene->showBlock(owner);
    m_breadcrumb->show(m_document->space(), m_document->title(), m_block);
    m_view->setEmptyText(QString());
    if (m_scene->needsPlacing()) {
        placeUnplaced();
    } else if (isVisible()) {
        fitToView();
        m_fitWhenPlaced = false;
    }
    updateActions();
    m_selection.clear();
    Q_EMIT blockChanged();
    Q_EMIT selectionChanged();
}

std::vector<space::NodeId> SpaceEditor::selectedNodes() const
{
    return m_scene->selectedNodes();
}

void SpaceEditor::select(const std::vector<space::NodeId>& nodes)
{
    m_scene->select(nodes);
}

void SpaceEditor::reveal(space::NodeId node)
{
    if (!node.isValid() || !m_document->space().find(node))
        return;
    const space::NodeId owner = m_document->space().ownerOf(node);
    if (owner != m_block)
        openBlock(owner);
    space::NodeId shown = node;
    if (!m_scene->node(shown)) {
        for (const space::Node& candidate : m_scene->block().nodes) {
            const auto* choice = std::get_if<space::Choice>(&candidate.body);
            if (choice && std::ranges::find(choice->alternatives, node, &space::Node::id) != choice->alternatives.end())
                shown = candidate.id;
        }
    }
    NodeItem* item = m_scene->node(shown);
    if (!item)
        return;
    m_scene->select({ shown });
    if (shown != node)
        Q_EMIT alternativeClicked(node);
    m_fitWhenPlaced = false;
    m_view->centerOn(m_scene->boxes().at(shown).center());
    m_view->setFocus();
}

bool SpaceEditor::push(const space::SpaceEdit& edit)
{
    const auto done = m_document->push(edit);
    if (!done)
        m_view->showMessage(QString::fromStdString(done.error().message));
    return done.has_value();
}

void SpaceEditor::addEntry(const QString& entryKey)
{
    const std::vector<space::NodeId> selected = m_scene->selectedNodes();
    const space::Block& block = m_scene->block();
    Insertion insertion;
    insertion.at = m_view->mapToScene(m_view->viewport()->rect().center());
    if (selected.size() == 1) {
        const QRectF box = m_scene->boxes().at(selected.front());
        insertion.at = { box.center().x(), box.bottom() + nodeGap + node_metrics::headerHeight / 2 };
        const auto out = edgesOutOf(block, selected.front());
        const auto in = edgesInto(block, selected.front());
        if (out.size() == 1)
            insertion.onEdge = out.front();
        else if (hasOutput(*nodeIn(block, selected.front())))
            insertion.connectTo = Port{ selected.front(), Port::Side::Output, 0 };
        else if (!in.empty())
            insertion.onEdge = in.front();
    } else if (block.nodes.size() == 2 && block.edges.size() == 1) {
        insertion.onEdge = block.edges.front(); // an empty block: between its input and output
    } else {
        // Beside what is there, not on it.
        const Boxes boxes = m_scene->boxes();
        const auto isTaken = [&boxes](QPointF at) {
            const QRectF around(at.x() - 100, at.y() - 30, 200, 80);
            return std::ranges::any_of(boxes, [&around](const auto& entry) { return entry.second.intersects(around); });
        };
        while (isTaken(insertion.at))
            insertion.at.rx() += 4 * canvasGrid;
    }
    insertEntry(entryKey, insertion);
}

void SpaceEditor::insertEntry(const QString& entryKey, const Insertion& insertion)
{
    std::optional<space::Node> node = nodeFor(m_document->operations(), entryKey);
    if (!node || m_access != Access::Edit)
        return;
    const space::Block& block = m_scene->block();
    std::int64_t next = m_document->space().freshId().value();
    renumber(*node, next);
    node->name = space::freeName(block, node->name);
    const space::NodeId id = node->id;

    const bool takesInput = inputBounds(*node, m_document->operations()).most > 0;
    std::optional<space::Edge> onEdge = takesInput ? insertion.onEdge : std::nullopt;
    std::vector<space::Edge> edges;
    if (insertion.connectTo && !onEdge) {
        const Port& port = *insertion.connectTo;
        if (port.side == Port::Side::Input)
            edges.push_back({ id, port.node, port.index });
        else if (takesInput)
            edges.push_back({ port.node, id, 0 });
    }
    Moves moves;
    const bool isConnected = onEdge || !edges.empty();
    const bool isAutomatic = isConnected && m_scene->isAutomatic();
    if (isAutomatic) {
        // The automatic layout finds its place; from here it glides there.
        m_scene->setProvisionalPosition(id, insertion.at);
    } else {
        const double height = lookOf(*node, 1, m_document->operations(), QApplication::font()).size.height();
        QPointF at = insertion.at - QPointF(0, node_metrics::headerHeight / 2);
        moves = m_scene->pinned();
        if (onEdge) {
            const Boxes boxes = m_scene->boxes();
            const QRectF source = boxes.at(onEdge->from);
            const QRectF target = boxes.at(onEdge->to);
            const Moves shifted = shiftedDown(boxes, target.top(), missingRoom(source.bottom(), target.top(), height));
            moves.insert(moves.end(), shifted.begin(), shifted.end()); // later ones win
            if (at.y() < source.bottom() + nodeGap / 2 || at.y() + height > target.top() - nodeGap / 2)
                at.setY(source.bottom() + nodeGap);
            constexpr double straight = 60;
            if (std::abs(at.x() - source.center().x()) < straight)
                at.setX(source.center().x());
        }
        const QPointF place = snapped(at);
        node->position = { onEdge ? at.x() : place.x(), place.y() };
        node->placed = true;
    }
    if (!push(addNodeEdit(m_block, std::move(*node), onEdge, std::move(edges), std::move(moves))))
        return;
    m_scene->select({ id });
    if (isAutomatic)
        placeUnplaced();
}

void SpaceEditor::quickAdd(QPointF at, const std::optional<Port>& from)
{
    if (m_access != Access::Edit)
        return;
    auto* popup = new QuickAddPopup(paletteEntries(m_document->operations()), this);
    connect(popup, &QuickAddPopup::chosen, this, [this, at, from](const QString& key) {
        Insertion insertion{ at, {}, from };
        if (!from)
            if (const EdgeItem* edge = m_scene->edgeAt(at))
                insertion.onEdge = edge->edge();
        insertEntry(key, insertion);
        m_view->setFocus();
    });
    popup->popUp(m_view->viewport()->mapToGlobal(m_view->mapFromScene(at)));
}

void SpaceEditor::splitEdge(space::NodeId node, const space::Edge& edge, QPointF at)
{
    const Boxes boxes = m_scene->boxes();
    const QRectF source = boxes.at(edge.from);
    const QRectF target = boxes.at(edge.to);
    const QRectF box = boxes.at(node);
    Moves moves = m_scene->pinned();
    const Moves shifted = shiftedDown(boxes, target.top(), missingRoom(source.bottom(), target.top(), box.height()), node);
    moves.insert(moves.end(), shifted.begin(), shifted.end());
    if (at.y() < source.bottom() + nodeGap / 2 || at.y() + box.height() > target.top() - nodeGap / 2)
        at.setY(source.bottom() + nodeGap);
    moves.push_back({ node, { at.x(), at.y() }, true });
    push(splitEdgeEdit(m_document->space(), m_block, node, edge, std::move(moves)));
}

Moves SpaceEditor::placed(const Positions& positions) const
{
    Moves moves;
    for (const space::MoveNodes::Move& pin : m_scene->pinned())
        if (!positions.contains(pin.id))
            moves.push_back(pin);
    for (const auto& [id, position] : positions)
        moves.push_back({ id, { position.x(), position.y() }, true });
    return moves;
}

void SpaceEditor::moveNodes(const Positions& positions, const QString& title)
{
    push({ space::MoveNodes{ placed(positions) }, title.toStdString() });
}

void SpaceEditor::copySelected()
{
    space::Block fragment = fragmentOf(m_scene->block(), m_scene->selectedNodes());
    if (fragment.nodes.empty())
        return;
    const Boxes boxes = m_scene->boxes();
    for (space::Node& node : fragment.nodes) {
        node.position = { boxes.at(node.id).center().x(), boxes.at(node.id).top() };
        node.placed = true;
    }
    QApplication::clipboard()->setText(QString::fromStdString(space::blockToJson(fragment).dump(2)));
}

void SpaceEditor::paste()
{
    const std::string text = QApplication::clipboard()->text().toStdString();
    const auto read = [&text]() -> Result<space::Block> {
        ARCHSCOPE_ASSIGN(const Json json, parseJson(text));
        std::int64_t next = 0;
        return space::blockFromJson(JsonReader(json), next);
    };
    Result<space::Block> fragment = read();
    if (!fragment || fragment->nodes.empty()) {
        m_view->showMessage(tr("The clipboard holds no nodes: copy some first."));
        return;
    }
    QRectF around;
    for (const space::Node& node : fragment->nodes)
        around |= QRectF(node.position.x, node.position.y, 1, 1);
    QPointF offset(3 * canvasGrid, 3 * canvasGrid);
    if (m_view->viewport()->underMouse())
        offset = snapped(m_view->cursorPosition() - around.topLeft());
    addFragment(std::move(*fragment), offset);
}

void SpaceEditor::duplicate()
{
    const std::vector<space::NodeId> selected = m_scene->selectedNodes();
    space::Block fragment = fragmentOf(m_scene->block(), selected);
    if (fragment.nodes.empty())
        return;
    const Boxes boxes = m_scene->boxes();
    QRectF around;
    for (space::Node& node : fragment.nodes) {
        const QRectF box = boxes.at(node.id);
        around |= box;
        node.position = { box.center().x(), box.top() };
        node.placed = true;
    }
    addFragment(std::move(fragment), snapped({ around.width() + 4 * canvasGrid, 0 }));
}

void SpaceEditor::addFragment(space::Block fragment, QPointF offset)
{
    std::vector<space::NodeId> added;
    space::SpaceEdit edit = pasteEdit(m_document->space(), m_block, std::move(fragment), { offset.x(), offset.y() }, added);
    if (Moves pins = m_scene->pinned(); !pins.empty())
        std::get<space::Compound>(edit.what).edits.push_back({ space::MoveNodes{ std::move(pins) }, {} });
    if (!added.empty() && push(edit))
        m_scene->select(added);
}

void SpaceEditor::removeSelected(Heal heal)
{
    space::SpaceEdit edit = removeEdit(
        m_document->space(), m_document->operations(), m_block, m_scene->selectedNodes(), m_scene->selectedEdges(), heal);
    if (std::get<space::Compound>(edit.what).edits.empty()) {
        if (!m_scene->selectedNodes().empty())
            m_view->showMessage(tr("A block keeps its input and output."));
        return;
    }
    push(edit);
}

void SpaceEditor::toggleOptional()
{
    std::vector<space::Node> nodes;
    for (const space::NodeId id : m_scene->selectedNodes())
        if (const space::Node* node = nodeIn(m_scene->block(), id);
            !std::holds_alternative<space::Input>(node->body) && !std::holds_alternative<space::Output>(node->body))
            nodes.push_back(*node);
    if (nodes.empty())
        return;
    const bool optional = !std::ranges::all_of(nodes, &space::Node::optional);
    space::Compound compound;
    for (space::Node& node : nodes) {
        node.optional = optional;
        const space::NodeId id = node.id;
        compound.edits.push_back({ space::ReplaceNode{ id, std::move(node) }, {} });
    }
    push({ std::move(compound), (optional ? tr("Make optional") : tr("Make required")).toStdString() });
}

void SpaceEditor::openNode(space::NodeId node)
{
    if (node.isValid() && m_document->space().findBlock(node))
        openBlock(node);
}

void SpaceEditor::leaveBlock()
{
    if (!m_scene->selectedItems().isEmpty()) {
        m_scene->clearSelection();
        return;
    }
    if (!m_block.isValid())
        return;
    const space::NodeId left = m_block;
    openBlock(m_document->space().ownerOf(left));
    m_scene->select({ left });
}

void SpaceEditor::arrangeAll()
{
    m_latestPlacing.run(
        this, [job = layoutJob(m_scene->block(), m_scene->boxes())] { return arranged(job); },
        [this, block = m_block](const Positions& positions) {
            const space::Block* shown = m_document->space().findBlock(block);
            if (!shown)
                return;
            Moves moves; // of nodes that are still there
            for (const auto& [id, position] : positions)
                if (nodeIn(*shown, id))
                    moves.push_back({ id, { position.x(), position.y() }, true });
            push({ space::MoveNodes{ std::move(moves) }, tr("Arrange").toStdString() });
            if (block == m_block)
                fitToView();
        });
}

void SpaceEditor::placeUnplaced()
{
    m_latestPlacing.run(
        this, [job = layoutJob(m_scene->block(), m_scene->boxes())] { return arranged(job); },
        [this](Positions positions) {
            if (!m_scene->isAutomatic()) {
                // What has a place keeps it.
                std::erase_if(positions, [this](const auto& entry) {
                    const NodeItem* item = m_scene->node(entry.first);
                    return !item || item->isVisible();
                });
            }
            m_scene->setAutomaticPositions(positions);
            if (m_fitWhenPlaced && isVisible()) {
                fitToView();
                m_fitWhenPlaced = false;
            }
        });
}

void SpaceEditor::fitToView()
{
    m_view->showRect(m_scene->contentRect());
}

void SpaceEditor::zoomToSelection()
{
    const Boxes boxes = m_scene->boxes();
    QRectF rect;
    for (const space::NodeId id : m_scene->selectedNodes())
        rect |= boxes.at(id);
    if (!rect.isEmpty())
        m_view->showRect(rect.adjusted(-60, -60, 60, 60));
}

void SpaceEditor::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    if (!m_fitWhenPlaced || m_scene->needsPlacing())
        return;
    // After the layouts around have given this widget its size.
    QMetaObject::invokeMethod(
        this,
        [this] {
            fitToView();
            m_fitWhenPlaced = false;
        },
        Qt::QueuedConnection);
}

void SpaceEditor::showMenu(QPointF at, QPoint globalPosition)
{
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->setObjectName(QStringLiteral("spaceMenu"));
    const auto add = [this, menu](const char* name) {
        QAction* action = findChild<QAction*>(QString::fromLatin1(name), Qt::FindDirectChildrenOnly);
        menu->addAction(action);
    };
    const bool anyNode = !m_scene->selectedNodes().empty();
    const std::vector<space::Edge> edges = m_scene->selectedEdges();
    if (anyNode) {
        for (const char* name : { "spaceOpenBlock", "spaceToggleOptional" })
            add(name);
        menu->addSeparator();
        for (const char* name : { "spaceCut", "spaceCopy", "spaceDuplicate", "spaceDelete", "spaceDissolve" })
            add(name);
    } else if (!edges.empty()) {
        QAction* insert = menu->addAction(canvasIcon(QStringLiteral("add")), tr("Insert Node Here…"));
        insert->setEnabled(m_access == Access::Edit);
        connect(insert, &QAction::triggered, this, [this, at] { quickAdd(at, std::nullopt); });
        add("spaceDelete");
    } else {
        QAction* here = menu->addAction(canvasIcon(QStringLiteral("add")), tr("Add Node Here…"));
        here->setEnabled(m_access == Access::Edit);
        connect(here, &QAction::triggered, this, [this, at] { quickAdd(at, std::nullopt); });
        for (const char* name : { "spacePaste", "spaceSelectAll" })
            add(name);
    }
    menu->addSeparator();
    for (const char* name : { "spaceLayout", "spaceFit", "spaceZoomSelection" })
        add(name);
    if (m_block.isValid())
        add("spaceLeaveBlock");
    menu->popup(globalPosition);
}

} // namespace archscope::ui
