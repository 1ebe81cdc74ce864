// What the space editor does to a selection: clipboard, arranging, grouping, mending, values.
#include "ui/graph/space_editor.h"

#include "ui/commands/block_edits.h"
#include "ui/graph/primitive_tools.h"
#include "ui/graph/space_scene.h"
#include "ui/graph/space_view.h"
#include "ui/graph/value_popup.h"

#include <QApplication>
#include <QClipboard>
#include <QMimeData>
#include <algorithm>

namespace archscope::ui {

namespace {
const QString jsonMimeType = QStringLiteral("application/json");
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
    const QByteArray json = QByteArray::fromStdString(space::blockToJson(fragment).dump(2));
    auto* mime = new QMimeData;
    mime->setData(jsonMimeType, json);
    mime->setText(QString::fromUtf8(json)); // so that it can be mailed, kept and edited
    QApplication::clipboard()->setMimeData(mime);
}

void SpaceEditor::paste()
{
    const QMimeData* mime = QApplication::clipboard()->mimeData();
    if (!mime)
        return;
    const std::string text
        = mime->hasFormat(jsonMimeType) ? mime->data(jsonMimeType).toStdString() : mime->text().toStdString();
    const auto read = [&text]() -> Result<space::Block> {
        ARCHSCOPE_ASSIGN(const Json json, parseJson(text));
        if (json.is_object() && json.contains("format")) { // a whole space: what it holds
            ARCHSCOPE_ASSIGN(space::SearchSpace space, space::spaceFromJson(json));
            return std::move(space.root);
        }
        std::int64_t next = 0;
        return space::blockFromJson(JsonReader(json), next);
    };
    Result<space::Block> fragment = read();
    if (!fragment || fragment->nodes.empty()) {
        const bool isJson = QString::fromStdString(text).trimmed().startsWith(QLatin1Char('{'));
        m_view->showMessage(fragment || !isJson
                ? tr("The clipboard holds no nodes: copy some first.")
                : tr("The clipboard holds no nodes: %1").arg(QString::fromStdString(fragment.error().text())));
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
    if (nodes.empty()) {
        m_primitives->togglePresence(Presence::Optional);
        return;
    }
    const bool optional = !std::ranges::all_of(nodes, &space::Node::optional);
    space::Compound compound;
    for (space::Node& node : nodes) {
        node.optional = optional;
        const space::NodeId id = node.id;
        compound.edits.push_back({ space::ReplaceNode{ id, std::move(node) }, {} });
    }
    push({ std::move(compound), (optional ? tr("Make optional") : tr("Make required")).toStdString() });
}

void SpaceEditor::selectAll()
{
    std::vector<space::NodeId> all;
    for (const auto& [id, item] : m_scene->nodes())
        all.push_back(id);
    m_scene->select(all);
}

void SpaceEditor::invertSelection()
{
    std::vector<space::NodeId> others;
    for (const auto& [id, item] : m_scene->nodes())
        if (!item->isSelected())
            others.push_back(id);
    m_scene->select(others);
}

Boxes SpaceEditor::selectedBoxes() const
{
    Boxes boxes = m_scene->boxes();
    std::erase_if(boxes, [this](const auto& entry) { return !m_scene->node(entry.first)->isSelected(); });
    return boxes;
}

void SpaceEditor::align(Alignment alignment, const QString& title)
{
    moveNodes(aligned(selectedBoxes(), alignment), title);
}

void SpaceEditor::distribute(Axis axis, const QString& title)
{
    moveNodes(distributed(selectedBoxes(), axis), title);
}

void SpaceEditor::promoteSelected()
{
    QRectF around;
    for (const auto& [id, box] : selectedBoxes())
        around |= box;
    std::optional<space::Point> at;
    if (!m_scene->isAutomatic())
        at = space::Point{ around.center().x(), around.center().y() - node_metrics::headerHeight };
    space::NodeId made;
    const auto edit = promoteEdit(m_document->space(), m_block, m_scene->selectedNodes(), at, made);
    if (!edit) {
        m_view->showMessage(QString::fromStdString(edit.error().message));
        return;
    }
    if (!at)
        m_scene->setProvisionalPosition(made, { around.center().x(), around.top() });
    if (!push(*edit))
        return;
    m_scene->select({ made });
    if (!at)
        placeUnplaced();
}

void SpaceEditor::inlineSelected()
{
    const auto selected = m_scene->selectedNodes();
    if (selected.size() != 1)
        return;
    const space::Block* body = m_document->space().findBlock(selected.front());
    space::Point shift;
    if (body && !body->nodes.empty()) {
        const space::Node& first = body->nodes.front();
        const QRectF box = m_scene->boxes().at(selected.front());
        shift = { box.center().x() - first.position.x, box.top() - first.position.y };
    }
    std::vector<space::NodeId> released;
    auto edit = inlineEdit(m_document->space(), selected.front(), shift, released);
    if (!edit) {
        m_view->showMessage(QString::fromStdString(edit.error().message));
        return;
    }
    const bool automatic = m_scene->isAutomatic();
    if (automatic) // what comes out goes where the others go
        for (space::SpaceEdit& part : std::get<space::Compound>(edit->what).edits)
            if (auto* add = std::get_if<space::AddNode>(&part.what))
                add->node.placed = false;
    if (!push(*edit))
        return;
    m_scene->select(released);
    if (automatic)
        placeUnplaced();
}

void SpaceEditor::toggleExpanded()
{
    const auto expanded = m_scene->expandedNodes();
    std::vector<space::NodeId> wanted;
    for (const space::NodeId id : m_scene->selectedNodes()) {
        const space::Node* node = m_document->space().find(id);
        if (std::ranges::find(expanded, id) != expanded.end())
            m_scene->setExpanded(id, nullptr);
        else if (node && space::bodyOf(*node))
            wanted.push_back(id);
    }
    if (!wanted.empty()) {
        wanted.insert(wanted.end(), expanded.begin(), expanded.end());
        previewBlocks(wanted);
    }
}

void SpaceEditor::previewBlocks(const std::vector<space::NodeId>& blocks)
{
    std::vector<std::pair<space::NodeId, space::Block>> bodies;
    for (const space::NodeId id : blocks) {
        const space::Block* body = m_document->space().findBlock(id);
        if (body)
            bodies.emplace_back(id, *body);
        else
            m_scene->setExpanded(id, nullptr); // it is gone
    }
    m_latestPreview.run(
        this,
        [bodies = std::move(bodies), operations = m_document->sharedOperations()] {
            std::vector<std::pair<space::NodeId, std::shared_ptr<const BlockPreview>>> previews;
            for (const auto& [id, body] : bodies)
                previews.emplace_back(id, std::make_shared<const BlockPreview>(previewOf(body, *operations)));
            return previews;
        },
        [this](const auto& previews) {
            for (const auto& [id, preview] : previews)
                if (m_document->space().findBlock(id))
                    m_scene->setExpanded(id, preview);
        });
}

void SpaceEditor::mend(const space::SpaceEdit& repair)
{
    if (m_access == Access::Edit)
        push(repair);
}

void SpaceEditor::editValue(space::NodeId node, const QString& parameter)
{
    if (m_access != Access::Edit || !ValuePopup::canEdit(m_document->space(), m_document->operations(), node))
        return;
    const NodeItem* item = m_scene->node(node);
    if (!item) // an alternative: its row, in its choice
        for (const auto& [id, each] : m_scene->nodes())
            for (const NodeLook::Row& row : each->look().rows)
                if (row.alternative == node)
                    item = each;
    if (!item)
        return;
    auto* popup = new ValuePopup(m_document, node, parameter, this);
    const QPointF below = item->rowRect(parameter).bottomLeft();
    popup->popUp(m_view->viewport()->mapToGlobal(m_view->mapFromScene(below)));
}

} // namespace archscope::ui
