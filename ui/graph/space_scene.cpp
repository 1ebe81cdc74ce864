#include "ui/graph/space_scene.h"

#include <QApplication>
#include <algorithm>
#include <set>
#include <unordered_map>

namespace archscope::ui {

namespace {
constexpr int glideMs = 180;
}

SpaceScene::SpaceScene(SpaceDocument* document, QObject* parent)
    : QGraphicsScene(parent)
    , m_document(document)
{
    constexpr double reach = 1e5; // panning is never stopped by an edge
    setSceneRect(-reach, -reach, 2 * reach, 2 * reach);
}

SpaceScene::~SpaceScene() = default;

const space::Block& SpaceScene::block() const
{
    const space::Block* block = m_document->space().findBlock(m_owner);
    return block ? *block : m_document->space().root;
}

void SpaceScene::showBlock(space::NodeId owner)
{
    Q_EMIT aboutToChange();
    delete m_glide;
    m_resting.clear();
    m_nodes.clear();
    m_edges.clear();
    m_shown.clear();
    m_routedBoxes.clear();
    m_drawnEdges.clear();
    m_touched.clear();
    clear();
    m_owner = owner;
    sync();
}

void SpaceScene::sync()
{
    Q_EMIT aboutToChange();
    syncNodes();
    syncEdges();
    syncIssues();
    showLabels();
    syncFound();
}

QPointF SpaceScene::targetOf(const space::Node& node) const
{
    if (node.placed)
        return { node.position.x, node.position.y };
    const auto found = m_automatic.find(node.id);
    return found == m_automatic.end() ? QPointF() : found->second;
}

void SpaceScene::syncNodes()
{
    const space::Block& block = this->block();
    struct Ends {
        int ports = 0; ///< up to the last that is connected
        bool feeds = false;
        bool isPresent = false;
    };
    std::unordered_map<space::NodeId, Ends> ends;
    ends.reserve(block.nodes.size());
    for (const space::Edge& edge : block.edges) {
        int& ports = ends[edge.to].ports;
        ports = std::max(ports, edge.toPort + 1);
        ends[edge.from].feeds = true;
    }

    Positions from;
    Positions to;
    bool resized = false;
    for (const space::Node& node : block.nodes) {
        Ends& end = ends[node.id];
        end.isPresent = true;
        NodeItem*& item = m_nodes[node.id];
        const bool isNew = !item;
        if (isNew) {
            item = new NodeItem(node.id);
            addItem(item);
        }
        const QSizeF before = item->look().size;
        const int mostInputs = inputBounds(node, m_document->operations(), &m_document->space()).most;
        Shown& shown = m_shown[node.id];
        const bool isSame = !isNew && shown.connected == end.ports && shown.feeds == end.feeds
            && shown.mostInputs == mostInputs && shown.node == node; // thousands are, and none of them is copied
        if (!isSame) {
            NodeLook look = lookOf(node, end.ports, m_document->operations(), QApplication::font(), &m_document->space());
            if (look.shape == NodeLook::Shape::Label && end.feeds)
                look.output = false; // its port is shown where it still leads nowhere
            const auto inside = m_expanded.find(node.id);
            if (inside != m_expanded.end())
                look = expanded(std::move(look), inside->second);
            item->setZValue(inside != m_expanded.end() ? 1.5 : 1); // it may lie over others
            item->setLook(std::move(look));
            shown = { node, end.ports, end.feeds, mostInputs };
            m_touched.insert(node.id);
        }
        resized = resized || (!isNew && !node.placed && before != item->look().size);
        const bool hasPlace = node.placed || m_automatic.contains(node.id);
        const QPointF target = targetOf(node);
        if (isNew || !item->isVisible())
            item->setPos(target);
        else if (item->pos() != target) {
            from[node.id] = item->pos();
            to[node.id] = target;
        }
        if (item->isVisible() != hasPlace) {
            item->setVisible(hasPlace);
            m_touched.insert(node.id);
        }
    }
    for (auto it = m_nodes.begin(); it != m_nodes.end();) {
        if (ends[it->first].isPresent) {
            ++it;
        } else {
            delete it->second;
            m_shown.erase(it->first);
            it = m_nodes.erase(it);
        }
    }
    glide(std::move(from), std::move(to));
    if (resized)
        Q_EMIT sizesChanged();
}

void SpaceScene::glide(Positions from, Positions to)
{
    delete m_glide;
    constexpr std::size_t most = 300; // with more, a frame would take too long
    if (to.size() > most) {
        for (const auto& [id, target] : to)
            m_nodes.at(id)->setPos(target);
        to.clear();
    }
    m_resting = std::move(to);
    if (m_resting.empty())
        return;
    m_glide = new QVariantAnimation(this);
    m_glide->setDuration(glideMs);
    m_glide->setStartValue(0.0);
    m_glide->setEndValue(1.0);
    m_glide->setEasingCurve(QEasingCurve::OutCubic);
    connect(m_glide, &QVariantAnimation::valueChanged, this, [this, from = std::move(from)](const QVariant& value) {
        const double done = value.toDouble();
        std::vector<space::NodeId> moved;
        for (const auto& [id, target] : m_resting) {
            if (NodeItem* item = node(id))
                item->setPos(from.at(id) + (target - from.at(id)) * done);
            moved.push_back(id);
        }
        routeEdgesOf(moved);
    });
    connect(m_glide, &QVariantAnimation::finished, this, [this] {
        m_resting.clear();
        routeEdges(Scope::All); // on the way they went around where others were then
    });
    m_glide->start(QAbstractAnimation::DeleteWhenStopped);
}

void SpaceScene::syncEdges()
{
    if (block().edges != m_drawnEdges) {
        m_drawnEdges = block().edges;
        addAndRemoveEdges();
    }
    for (const auto& [edge, item] : m_edges) {
        if (!isTouched(edge))
            continue;
        NodeItem* from = node(edge.from);
        NodeItem* to = node(edge.to);
        item->setVisible(from && to && from->isVisible() && to->isVisible());
    }
    routeEdges();
}

void SpaceScene::addAndRemoveEdges()
{
    // Both are walked along together, in their order.
    std::vector<space::Edge> present = m_drawnEdges;
    std::ranges::sort(present);
    std::vector<space::Edge> selected; ///< of those that go
    auto wanted = present.begin();
    for (auto it = m_edges.begin(); it != m_edges.end();) {
        wanted = std::find_if(wanted, present.end(), [&it](const space::Edge& edge) { return !(edge < it->first); });
        if (wanted != present.end() && *wanted == it->first) {
            ++it;
        } else {
            if (it->second->isSelected())
                selected.push_back(it->first);
            delete it->second;
            it = m_edges.erase(it);
        }
    }
    auto it = m_edges.begin();
    for (const space::Edge& edge : present) {
        if (it != m_edges.end() && it->first == edge) {
            ++it;
            continue;
        }
        auto* item = new EdgeItem(edge);
        addItem(item);
        m_edges.emplace_hint(it, edge, item);
        m_touched.insert(edge.from);
        // The same connection that became optional, loose or required stays selected.
        item->setSelected(std::ranges::any_of(selected, [&edge](const space::Edge& before) {
            return before.from == edge.from && before.to == edge.to && before.toPort == edge.toPort;
        }));
    }
}

bool SpaceScene::isTouched(const space::Edge& edge) const
{
    return m_touched.contains(edge.from) || m_touched.contains(edge.to);
}

Boxes SpaceScene::visibleBoxes() const
{
    Boxes visible;
    for (const auto& [id, item] : m_nodes)
        if (item->isVisible())
            visible.emplace_hint(visible.end(), id, item->sceneBox());
    return visible;
}

SpaceScene::Obstacles::Obstacles(const Boxes& boxes)
    : byTop(boxes.begin(), boxes.end())
{
    std::ranges::sort(byTop, {}, topOf);
    for (const auto& [id, box] : byTop)
        tallest = std::max(tallest, box.height());
}

void SpaceScene::route(EdgeItem* item, const Obstacles& all)
{
    const space::Edge& edge = item->edge();
    const NodeItem* from = node(edge.from);
    const NodeItem* to = node(edge.to);
    if (!from || !to || !item->isVisible())
        return;
    const QPointF start = from->portPosition({ edge.from, Port::Side::Output, 0 });
    const QPointF end = to->portPosition({ edge.to, Port::Side::Input, edge.toPort });
    std::vector<QRectF> obstacles;
    auto next = std::ranges::lower_bound(all.byTop, start.y() - all.tallest, {}, &Obstacles::topOf);
    for (; next != all.byTop.end() && next->second.top() < end.y(); ++next) {
        const auto& [id, box] = *next;
        if (id != edge.from && id != edge.to && box.bottom() > start.y())
            obstacles.push_back(box.adjusted(-6, -4, 6, 4));
    }
    item->setRoute(routeEdge(start, end, obstacles, static_cast<int>(edge.from.value() % 3)));
}

void SpaceScene::routeEdges(Scope scope)
{
    Boxes all = visibleBoxes();
    std::vector<QRectF> changed; // where a box came or went
    for (const auto& [id, box] : all) {
        const auto before = m_routedBoxes.find(id);
        if (before != m_routedBoxes.end() && before->second == box)
            continue;
        m_touched.insert(id);
        changed.push_back(box);
        if (before != m_routedBoxes.end())
            changed.push_back(before->second);
    }
    for (const auto& [id, box] : m_routedBoxes)
        if (!all.contains(id))
            changed.push_back(box);
    std::optional<Obstacles> obstacles; // made when they are needed
    constexpr double detour = 60; // how far around a box an edge may go
    constexpr std::size_t many = 64;
    for (const auto& [edge, item] : m_edges) {
        const QRectF near
            = changed.empty() ? QRectF() : item->path().boundingRect().adjusted(-detour, -detour, detour, detour);
        const bool isNear = std::ranges::any_of(changed, [&near](const QRectF& box) { return near.intersects(box); });
        if (scope == Scope::All || changed.size() > many || isNear || (isTouched(edge) && !isRouted(*item))) {
            if (!obstacles)
                obstacles.emplace(all);
            route(item, *obstacles);
        }
    }
    m_routedBoxes = std::move(all);
    m_touched.clear();
}

bool SpaceScene::isRouted(const EdgeItem& item) const
{
    const space::Edge& edge = item.edge();
    const NodeItem* from = node(edge.from);
    const NodeItem* to = node(edge.to);
    return from && to && item.path().elementCount() > 0
        && QPointF(item.path().elementAt(0)) == from->portPosition({ edge.from, Port::Side::Output, 0 })
        && item.path().currentPosition() == to->portPosition({ edge.to, Port::Side::Input, edge.toPort });
}

void SpaceScene::routeEdgesOf(const std::vector<space::NodeId>& nodes)
{
    const std::set<space::NodeId> moved(nodes.begin(), nodes.end());
    const Obstacles all(visibleBoxes());
    for (const auto& [edge, item] : m_edges)
        if (moved.contains(edge.from) || moved.contains(edge.to))
            route(item, all);
}

void SpaceScene::syncLabels()
{
    m_shapeTexts.clear();
    showLabels();
}

const QString& SpaceScene::shapeTextOf(space::NodeId node)
{
    const auto [text, isNew] = m_shapeTexts.try_emplace(node);
    if (isNew)
        if (const network::ShapeRange* shapes = m_document->shapesAt(node))
            text->second = QString::fromStdString(shapes->text());
    return text->second;
}

void SpaceScene::showLabels()
{
    for (const auto& [edge, item] : m_edges) {
        const NodeItem* to = node(edge.to);
        const bool endsAtLabel = to && to->look().shape == NodeLook::Shape::Label; // what leaves it says enough
        item->setLabel(endsAtLabel ? QString() : shapeTextOf(edge.from));
    }
}

void SpaceScene::syncIssues()
{
    // What is wrong inside a node shows at the node: one must see from outside where to look.
    std::map<space::NodeId, std::vector<space::Issue>> byNode;
    for (const space::Issue& issue : m_document->issues()) {
        space::NodeId at = issue.node;
        if (!at.isValid() || at == m_owner)
            continue;
        while (at.isValid() && !m_nodes.contains(at)) {
            // An alternative's owner is the block that holds its choice: then the choice is the one to mark.
            const space::NodeId owner = m_document->space().ownerOf(at);
            if (owner == m_owner) {
                const auto holds = [at](const space::Node& node) {
                    const auto* parts = space::partsOf(node);
                    return parts && std::ranges::find(*parts, at, &space::Node::id) != parts->end();
                };
                const auto choice = std::ranges::find_if(block().nodes, holds);
                at = choice == block().nodes.end() ? space::NodeId() : choice->id;
                break;
            }
            at = owner;
        }
        if (!at.isValid())
            continue;
        space::Issue shown = issue;
        if (at != issue.node && !issue.path.empty())
            shown.message = issue.path + ": " + issue.message;
        byNode[at].push_back(std::move(shown));
    }
    static const std::vector<space::Issue> none;
    for (const auto& [id, item] : m_nodes) {
        const auto found = byNode.find(id);
        item->setIssues(found == byNode.end() ? none : found->second);
    }
}

void SpaceScene::setExpanded(space::NodeId node, std::shared_ptr<const BlockPreview> inside)
{
    const auto before = m_expanded.find(node);
    if (inside ? before != m_expanded.end() && *before->second == *inside : before == m_expanded.end())
        return;
    if (inside)
        m_expanded[node] = std::move(inside);
    else
        m_expanded.erase(before);
    m_shown.erase(node);
    sync();
}

std::vector<space::NodeId> SpaceScene::expandedNodes() const
{
    std::vector<space::NodeId> nodes;
    for (const auto& [id, inside] : m_expanded)
        nodes.push_back(id);
    return nodes;
}

void SpaceScene::setFound(const std::vector<space::NodeId>& nodes)
{
    m_found = nodes;
    syncFound();
}

void SpaceScene::syncFound()
{
    const std::set<space::NodeId> found(m_found.begin(), m_found.end());
    for (const auto& [id, item] : m_nodes)
        item->setFound(found.contains(id) || std::ranges::any_of(item->look().rows, [&found](const NodeLook::Row& row) {
            return row.alternative.isValid() && found.contains(row.alternative);
        }));
}

NodeItem* SpaceScene::node(space::NodeId id) const
{
    const auto found = m_nodes.find(id);
    return found == m_nodes.end() ? nullptr : found->second;
}

EdgeItem* SpaceScene::edge(const space::Edge& edge) const
{
    const auto found = m_edges.find(edge);
    return found == m_edges.end() ? nullptr : found->second;
}

NodeItem* SpaceScene::nodeAt(QPointF position) const
{
    for (QGraphicsItem* item : items(position))
        if (auto* found = qgraphicsitem_cast<NodeItem*>(item))
            return found;
    return nullptr;
}

EdgeItem* SpaceScene::edgeAt(QPointF position) const
{
    for (QGraphicsItem* item : items(position))
        if (auto* found = qgraphicsitem_cast<EdgeItem*>(item))
            return found;
    return nullptr;
}

std::optional<Port> SpaceScene::portAt(QPointF position, double reach) const
{
    std::optional<Port> nearest;
    double best = reach;
    for (QGraphicsItem* item : items(QRectF(position, QSizeF()).adjusted(-reach, -reach, reach, reach))) {
        const auto* candidate = qgraphicsitem_cast<NodeItem*>(item);
        const auto port = candidate ? candidate->portAt(position, best) : std::nullopt;
        if (port) {
            nearest = port;
            best = QLineF(candidate->portPosition(*port), position).length();
        }
    }
    return nearest;
}

EdgeItem* SpaceScene::edgeUnder(const QRectF& box, space::NodeId self) const
{
    EdgeItem* nearest = nullptr;
    double best = 0;
    const QRectF core = box.adjusted(box.width() * 0.2, 0, -box.width() * 0.2, 0);
    for (QGraphicsItem* item : items(core)) {
        auto* candidate = qgraphicsitem_cast<EdgeItem*>(item);
        if (!candidate || candidate->edge().from == self || candidate->edge().to == self
            || !candidate->path().intersects(core))
            continue;
        const double distance = QLineF(middleOf(candidate->path()), core.center()).length();
        if (!nearest || distance < best) {
            nearest = candidate;
            best = distance;
        }
    }
    return nearest;
}

Boxes SpaceScene::boxes() const
{
    Boxes boxes;
    for (const auto& [id, item] : m_nodes) {
        const auto resting = m_resting.find(id);
        boxes[id] = item->box().translated(resting == m_resting.end() ? item->pos() : resting->second);
    }
    return boxes;
}

QRectF SpaceScene::contentRect() const
{
    QRectF rect;
    for (const auto& [id, box] : boxes())
        if (m_nodes.at(id)->isVisible())
            rect |= box;
    for (const auto& [edge, item] : m_edges)
        if (item->isVisible())
            rect |= item->sceneBoundingRect();
    return rect;
}

bool SpaceScene::needsPlacing() const
{
    return std::ranges::any_of(
        block().nodes, [this](const space::Node& node) { return !node.placed && !m_automatic.contains(node.id); });
}

bool SpaceScene::isAutomatic() const
{
    return std::ranges::none_of(block().nodes, &space::Node::placed);
}

void SpaceScene::setAutomaticPositions(const Positions& positions)
{
    for (const auto& [id, position] : positions)
        m_automatic[id] = position;
    sync();
}

void SpaceScene::forgetAutomaticPositions()
{
    m_automatic.clear();
}

Moves SpaceScene::pinned() const
{
    Moves moves;
    for (const space::Node& node : block().nodes) {
        const auto found = m_automatic.find(node.id);
        if (!node.placed && found != m_automatic.end())
            moves.push_back({ node.id, { found->second.x(), found->second.y() }, true });
    }
    return moves;
}

void SpaceScene::dragNode(space::NodeId id, QPointF position)
{
    if (NodeItem* item = node(id))
        item->setPos(position);
}

std::map<space::NodeId, double> SpaceScene::followers(const std::vector<space::NodeId>& moved) const
{
    std::map<space::NodeId, std::pair<int, int>> ends; // moved ones, all
    const auto count = [&](space::NodeId label, space::NodeId end) {
        const NodeItem* item = node(label);
        if (!item || item->look().shape != NodeLook::Shape::Label || std::ranges::find(moved, label) != moved.end())
            return;
        ends[label].first += std::ranges::find(moved, end) != moved.end() ? 1 : 0;
        ++ends[label].second;
    };
    for (const space::Edge& edge : block().edges) {
        count(edge.from, edge.to);
        count(edge.to, edge.from);
    }
    std::map<space::NodeId, double> parts;
    for (const auto& [label, each] : ends)
        if (each.first > 0)
            parts[label] = each.first / static_cast<double>(each.second);
    return parts;
}

std::vector<space::NodeId> SpaceScene::selectedNodes() const
{
    std::set<space::NodeId> selected;
    for (QGraphicsItem* each : selectedItems())
        if (const auto* item = qgraphicsitem_cast<NodeItem*>(each); item && node(item->id()) == item)
            selected.insert(item->id());
    if (selected.size() <= 1)
        return { selected.begin(), selected.end() };
    std::vector<space::NodeId> inOrder;
    for (const space::Node& node : block().nodes)
        if (selected.contains(node.id))
            inOrder.push_back(node.id);
    return inOrder;
}

std::vector<space::Edge> SpaceScene::selectedEdges() const
{
    std::vector<space::Edge> selected;
    for (QGraphicsItem* each : selectedItems())
        if (const auto* item = qgraphicsitem_cast<EdgeItem*>(each); item && edge(item->edge()) == item)
            selected.push_back(item->edge());
    std::ranges::sort(selected);
    return selected;
}

void SpaceScene::select(const std::vector<space::NodeId>& nodes)
{
    for (const auto& [id, item] : m_nodes)
        item->setSelected(std::ranges::find(nodes, id) != nodes.end());
    for (const auto& [edge, item] : m_edges)
        item->setSelected(false);
}

} // namespace archscope::ui
