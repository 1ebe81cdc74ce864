#include "ui/graph/space_editor.h"

#include "ui/commands/primitive_edits.h"
#include "ui/graph/breadcrumb.h"
#include "ui/graph/canvas_colours.h"
#include "ui/graph/find_bar.h"
#include "ui/graph/issue_bar.h"
#include "ui/graph/mini_map.h"
#include "ui/graph/palette_entries.h"
#include "ui/graph/quick_add_popup.h"
#include "ui/graph/space_scene.h"
#include "ui/graph/space_text_view.h"
#include "ui/graph/space_view.h"
#include "ui/graph/value_popup.h"

#include <QApplication>
#include <QSplitter>
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
    m_miniMap = new MiniMap(m_scene, m_view);
    m_findBar = new FindBar(document, this);
    m_text = new SpaceTextView(document, this);
    m_text->hide();
    auto* canvas = new QWidget(this);
    auto* column = new QVBoxLayout(canvas);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_breadcrumb);
    column->addWidget(m_findBar);
    column->addWidget(m_view, 1);
    column->addWidget(m_issueBar);
    auto* splitter = new QSplitter(this);
    splitter->setObjectName(QStringLiteral("spaceSplitter"));
    splitter->setChildrenCollapsible(false);
    splitter->addWidget(canvas);
    splitter->addWidget(m_text);
    splitter->setStretchFactor(0, 3);
    splitter->setStretchFactor(1, 2);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(splitter);
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
    connect(m_issueBar, &IssueBar::repairWished, this, &SpaceEditor::mend);
    connect(m_findBar, &FindBar::revealWished, this, &SpaceEditor::reveal);
    connect(m_findBar, &FindBar::foundChanged, m_scene, &SpaceScene::setFound);
    connect(m_findBar, &FindBar::dismissed, m_view, [this] { m_view->setFocus(); });
    connect(m_view, &SpaceView::revealWished, this, &SpaceEditor::reveal);
    connect(m_view, &SpaceView::valueWished, this, &SpaceEditor::editValue);
    connect(m_scene, &QGraphicsScene::selectionChanged, this, [this] {
        updateActions();
        auto nodes = m_scene->selectedNodes();
        auto edges = m_scene->selectedEdges();
        if (nodes != m_selection || edges != m_edgeSelection) {
            m_selection = std::move(nodes);
            m_edgeSelection = std::move(edges);
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

void SpaceEditor::setAccess(Access access)
{
    m_access = access;
    m_view->setEditable(access == Access::Edit);
    m_text->setReadOnly(access != Access::Edit);
    m_issueBar->setRepairsOffered(access == Access::Edit);
    updateActions();
    Q_EMIT accessChanged();
}

void SpaceEditor::onChanged()
{
    if (!m_document->space().findBlock(m_block)) {
        openBlock({}); // an undo took the block away
        return;
    }
    m_scene->sync();
    if (const auto expanded = m_scene->expandedNodes(); !expanded.empty())
        previewBlocks(expanded);
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
    // Boxes that were expanded meanwhile want more room than the last layout gave them.
    const bool outgrown = m_scene->isAutomatic() && !m_scene->expandedNodes().empty();
    if (m_scene->needsPlacing() || outgrown) {
        placeUnplaced();
    } else if (isVisible()) {
        fitToView();
        m_fitWhenPlaced = false;
    }
    updateActions();
    m_selection.clear();
    m_edgeSelection.clear();
    Q_EMIT blockChanged();
    Q_EMIT selectionChanged();
}

std::vector<space::NodeId> SpaceEditor::selectedNodes() const
{
    return m_scene->selectedNodes();
}

std::vector<space::Edge> SpaceEditor::selectedEdges() const
{
    return m_scene->selectedEdges();
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
            const auto* parts = space::partsOf(candidate);
            if (parts && std::ranges::find(*parts, node, &space::Node::id) != parts->end())
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

    adoptAlternatives(*node, block, next);
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
    auto* popup = new QuickAddPopup(paletteEntries(m_document->operations(), &m_document->space()), this);
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

void SpaceEditor::openNode(space::NodeId node)
{
    if (!node.isValid())
        return;
    const space::Node* found = m_document->space().find(node);
    const auto* use = found ? std::get_if<space::Use>(&found->body) : nullptr;
    const space::Definition* definition = use ? m_document->space().findDefinition(use->definition) : nullptr;
    if (definition)
        openBlock(definition->id);
    else if (m_document->space().findBlock(node))
        openBlock(node);
    else if (ValuePopup::canEdit(m_document->space(), m_document->operations(), node))
        editValue(node, {});
    else
        Q_EMIT inspectionWished(node);
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

} // namespace archscope::ui
