#include "ui/graph/primitive_tools.h"

#include "ui/commands/primitive_edits.h"
#include "ui/graph/canvas_colours.h"
#include "ui/graph/palette_entries.h"
#include "ui/graph/quick_add_popup.h"
#include "ui/graph/space_scene.h"
#include "ui/graph/space_view.h"

#include <QMenu>
#include <algorithm>

namespace archscope::ui {

using namespace space;

namespace {

bool canLieOnEdge(const Node& node, const OperationSet& operations)
{
    const bool kind = std::holds_alternative<Operation>(node.body) || std::holds_alternative<Choice>(node.body);
    const InputBounds bounds = inputBounds(node, operations);
    return kind && bounds.least <= 1 && bounds.most >= 1;
}

} // namespace

PrimitiveTools::PrimitiveTools(SpaceEditor* editor, SpaceScene* scene, SpaceView* view)
    : QObject(editor)
    , m_editor(editor)
    , m_document(editor->document())
    , m_scene(scene)
    , m_view(view)
{
    connect(view, &SpaceView::typedEdgeWished, this, &PrimitiveTools::drawTypedEdge);
    connect(addAction("spaceEdgeChoice", QStringLiteral("add"), tr("Insert Choice on Edge"),
                tr("Put a choice of operations on the selected connection; dragging from port to port with Alt held draws a "
                   "connection with one"),
                QKeySequence(Qt::Key_C)),
        &QAction::triggered, this, [this] {
            if (const Edge* edge = selectedEdge())
                insertOnEdge(*edge, QStringLiteral("structure:edge-choice"));
        });
    connect(addAction("spaceEdgeOperation", {}, tr("Insert Operation on Edge…"),
                tr("Put an operation on the selected connection, drawn as a label on it"), QKeySequence(Qt::Key_E)),
        &QAction::triggered, this, &PrimitiveTools::chooseOperation);
    QAction* onEdge = addAction("spaceOnEdge", {}, tr("Draw on the Edge"),
        tr("Draw the selected operation or choice as a label on the connection it lies on"),
        QKeySequence(Qt::SHIFT | Qt::Key_E));
    onEdge->setCheckable(true);
    connect(onEdge, &QAction::triggered, this, &PrimitiveTools::toggleOnEdge);
    QAction* loose = addAction("spaceEdgeLoose", {}, tr("Loose Connection"),
        tr("The selected connections are there only where no other one takes what the node above gives"),
        QKeySequence(Qt::SHIFT | Qt::Key_O));
    loose->setCheckable(true);
    connect(loose, &QAction::triggered, this, [this] { togglePresence(Presence::Loose); });
    connect(addAction("spaceMakeReusable", QStringLiteral("duplicate"), tr("Make Reusable"),
                tr("Keep the inside of the selected block as a definition that can be used many times"),
                QKeySequence(Qt::Key_R)),
        &QAction::triggered, this, &PrimitiveTools::makeReusable);
    connect(addAction("spaceDetach", {}, tr("Detach"), tr("Give the selected use of a reusable block an inside of its own"),
                QKeySequence(Qt::SHIFT | Qt::Key_R)),
        &QAction::triggered, this, [this] {
            if (const Node* node = selectedNode())
                push(detachEdit(m_document->space(), node->id));
        });
}

QAction* PrimitiveTools::addAction(
    const char* name, const QString& icon, const QString& text, const QString& tip, const QKeySequence& key)
{
    auto* action = new QAction(text, m_editor);
    action->setObjectName(QString::fromLatin1(name));
    action->setShortcut(key);
    action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    action->setToolTip(tr("%1 (%2)").arg(tip, key.toString(QKeySequence::NativeText)));
    action->setStatusTip(tip);
    if (!icon.isEmpty())
        action->setIcon(canvasIcon(icon));
    m_view->addAction(action);
    m_actions << action;
    return action;
}

const Node* PrimitiveTools::selectedNode() const
{
    const std::vector<NodeId> selected = m_scene->selectedNodes();
    return selected.size() == 1 ? nodeIn(m_scene->block(), selected.front()) : nullptr;
}

const Edge* PrimitiveTools::selectedEdge()
{
    m_edge.reset();
    if (const std::vector<Edge> edges = m_scene->selectedEdges(); edges.size() == 1)
        m_edge = edges.front();
    return m_edge ? &*m_edge : nullptr;
}

void PrimitiveTools::updateActions()
{
    const bool editable = m_editor->access() == SpaceEditor::Access::Edit;
    const Node* node = selectedNode();
    const std::vector<Edge> edges = m_scene->selectedEdges();
    const bool oneEdge = edges.size() == 1;
    enum class Checked { No, Yes };
    const auto enable = [&](const char* name, bool enabled, Checked checked = Checked::No) {
        for (QAction* action : m_actions)
            if (action->objectName() == QLatin1String(name)) {
                action->setEnabled(editable && enabled);
                action->setChecked(checked == Checked::Yes);
            }
    };
    enable("spaceEdgeChoice", oneEdge);
    enable("spaceEdgeOperation", oneEdge);
    enable("spaceEdgeLoose", !edges.empty() && m_scene->selectedNodes().empty(),
        !edges.empty() && std::ranges::all_of(edges, &Edge::loose) ? Checked::Yes : Checked::No);
    enable("spaceOnEdge", node && canLieOnEdge(*node, m_document->operations()),
        node && node->onEdge ? Checked::Yes : Checked::No);
    enable("spaceMakeReusable", node && bodyOf(*node));
    enable("spaceDetach", node && std::holds_alternative<Use>(node->body));
}

void PrimitiveTools::extendMenu(QMenu& menu)
{
    for (QAction* action : m_actions)
        if (action->isEnabled())
            menu.addAction(action);
    const std::vector<Edge> edges = m_scene->selectedEdges();
    if (edges.empty() || !m_scene->selectedNodes().empty())
        return;
    QAction* optional
        = menu.addAction(std::ranges::all_of(edges, &Edge::optional) ? tr("Make Required") : tr("Make Optional"));
    optional->setObjectName(QStringLiteral("edgeOptional"));
    optional->setEnabled(m_editor->access() == SpaceEditor::Access::Edit);
    connect(optional, &QAction::triggered, this, [this] { togglePresence(Presence::Optional); });
}

bool PrimitiveTools::push(const SpaceEdit& edit)
{
    const auto done = m_document->push(edit);
    if (!done)
        m_view->showMessage(QString::fromStdString(done.error().message));
    return done.has_value();
}

void PrimitiveTools::push(const Result<SpaceEdit>& edit)
{
    if (edit)
        push(*edit);
    else
        m_view->showMessage(QString::fromStdString(edit.error().message));
}

Node PrimitiveTools::edgeNode(const QString& entryKey) const
{
    Node node = *nodeFor(m_document->operations(), entryKey);
    node.onEdge = true;
    std::int64_t next = m_document->space().freshId().value();
    renumber(node, next);
    adoptAlternatives(node, m_scene->block(), next);
    node.name = freeName(m_scene->block(), node.name);
    return node;
}

void PrimitiveTools::place(Node& node, QPointF middle) const
{
    if (m_scene->isAutomatic()) {
        // The automatic layout finds its place; what stands nowhere could not be selected meanwhile.
        m_scene->setProvisionalPosition(node.id, middle - QPointF(0, node_metrics::labelHeight / 2));
        return;
    }
    const QSizeF size = lookOf(node, 1, m_document->operations(), m_editor->font()).size;
    const Boxes boxes = m_scene->boxes();
    QRectF box({}, size);
    box.moveCenter(middle);
    const auto isTaken = [&boxes, &box](double x) {
        const QRectF wanted = box.translated(x, 0).adjusted(-6, -6, 6, 6);
        return std::ranges::any_of(boxes, [&wanted](const auto& entry) { return entry.second.intersects(wanted); });
    };
    // To the right, else to the left of what stands there.
    double aside = 0;
    constexpr double step = 2 * canvasGrid;
    while (isTaken(aside))
        aside = aside > 0 ? -aside : -aside + step;
    node.position = { middle.x() + aside, box.top() };
    node.placed = true;
}

void PrimitiveTools::drawTypedEdge(const Edge& edge)
{
    Node node = edgeNode(QStringLiteral("structure:edge-choice"));
    const NodeId id = node.id;
    const QPointF from = m_scene->node(edge.from)->portPosition({ edge.from, Port::Side::Output, 0 });
    const QPointF to = m_scene->node(edge.to)->portPosition({ edge.to, Port::Side::Input, edge.toPort });
    place(node, (from + to) / 2);
    if (push(typedEdgeEdit(m_document->space(), m_editor->block(), edge, std::move(node),
            m_scene->isAutomatic() ? Moves() : m_scene->pinned())))
        showAdded(id);
}

void PrimitiveTools::insertOnEdge(Edge edge, const QString& entryKey)
{
    const EdgeItem* item = m_scene->edge(edge);
    if (!item)
        return;
    Node node = edgeNode(entryKey);
    const NodeId id = node.id;
    place(node, middleOf(item->path()));
    if (push(
            addNodeEdit(m_editor->block(), std::move(node), edge, {}, m_scene->isAutomatic() ? Moves() : m_scene->pinned())))
        showAdded(id);
}

void PrimitiveTools::showAdded(NodeId node)
{
    m_editor->select({ node });
    if (m_scene->isAutomatic())
        m_editor->placeUnplaced();
}

void PrimitiveTools::chooseOperation()
{
    const Edge* edge = selectedEdge();
    const EdgeItem* item = edge ? m_scene->edge(*edge) : nullptr;
    if (!item)
        return;
    std::vector<PaletteEntry> entries = partEntries(m_document->operations(), m_document->space(), PartOf::Order);
    std::erase_if(entries, [](const PaletteEntry& entry) { return entry.kind != PaletteEntry::Kind::Operation; });
    auto* popup = new QuickAddPopup(std::move(entries), m_editor);
    connect(popup, &QuickAddPopup::chosen, this, [this, at = *edge](const QString& key) {
        insertOnEdge(at, key);
        m_view->setFocus();
    });
    popup->popUp(m_view->viewport()->mapToGlobal(m_view->mapFromScene(middleOf(item->path()))));
}

void PrimitiveTools::toggleOnEdge()
{
    const Node* node = selectedNode();
    if (!node)
        return;
    Node changed = *node;
    changed.onEdge = !changed.onEdge;
    const QString title = changed.onEdge ? tr("Draw %1 on the edge") : tr("Draw %1 as a box");
    push(replaceEdit(std::move(changed), title.arg(QString::fromStdString(node->name))));
}

void PrimitiveTools::makeReusable()
{
    const Node* node = selectedNode();
    if (!node)
        return;
    push(makeReusableEdit(m_document->space(), node->id, freeDefinitionName(m_document->space(), node->name)));
}

void PrimitiveTools::togglePresence(Presence presence)
{
    const std::vector<Edge> edges = m_scene->selectedEdges();
    if (edges.empty())
        return;
    const bool all = std::ranges::all_of(edges, [presence](const Edge& edge) { return presenceOf(edge) == presence; });
    push(edgePresenceEdit(m_document->space(), m_editor->block(), edges, all ? Presence::Required : presence));
}

} // namespace archscope::ui
