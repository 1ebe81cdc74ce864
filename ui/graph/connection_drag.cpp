#include "ui/graph/connection_drag.h"

#include "ui/graph/canvas_colours.h"

#include <QCoreApplication>
#include <QPen>

namespace archscope::ui {

namespace {
struct Text {
    Q_DECLARE_TR_FUNCTIONS(ConnectionDrag)
};

QString nameOf(const space::Block& block, space::NodeId id)
{
    const space::Node* node = nodeIn(block, id);
    return node ? QString::fromStdString(node->name) : QString();
}
} // namespace

ConnectionDrag::ConnectionDrag(SpaceScene& scene, const Port& fixed, const std::optional<space::Edge>& lifted)
    : m_scene(scene)
    , m_fixed(fixed)
    , m_lifted(lifted)
    , m_curve(std::make_unique<QGraphicsPathItem>())
{
    space::Block block = scene.block();
    if (m_lifted)
        std::erase(block.edges, *m_lifted);
    const bool fromOutput = fixed.side == Port::Side::Output;
    const std::set<space::NodeId> cyclic = reachable(block, fixed.node, fromOutput ? Stream::Up : Stream::Down);
    for (const space::Node& node : block.nodes) {
        QString refusal = refusalOf(node);
        if (refusal.isEmpty() && cyclic.contains(node.id)) {
            const QString first = nameOf(block, fromOutput ? node.id : fixed.node);
            const QString second = nameOf(block, fromOutput ? fixed.node : node.id);
            refusal = Text::tr("%1 already feeds %2: this connection would close a cycle.").arg(first, second);
        }
        if (NodeItem* item = scene.node(node.id))
            item->setOffer(node.id == fixed.node ? NodeItem::Offer::None
                    : refusal.isEmpty()          ? NodeItem::Offer::Possible
                                                 : NodeItem::Offer::Impossible);
        m_refusals[node.id] = std::move(refusal);
    }
    if (m_lifted)
        if (EdgeItem* item = scene.edge(*m_lifted))
            item->hide();
    m_curve->setZValue(2);
    scene.addItem(m_curve.get());
}

ConnectionDrag::~ConnectionDrag()
{
    mark(std::nullopt);
    for (const auto& [id, item] : m_scene.nodes())
        item->setOffer(NodeItem::Offer::None);
    if (m_lifted)
        if (EdgeItem* item = m_scene.edge(*m_lifted))
            item->show();
}

QString ConnectionDrag::refusalOf(const space::Node& node) const
{
    if (node.id == m_fixed.node)
        return Text::tr("A node cannot feed itself.");
    const QString name = QString::fromStdString(node.name);
    if (m_fixed.side == Port::Side::Input && !hasOutput(node))
        return Text::tr("%1 has no output: nothing comes after it.").arg(name);
    if (m_fixed.side == Port::Side::Output && inputBounds(node, m_scene.document()->operations()).most == 0)
        return Text::tr("%1 takes no input.").arg(name);
    return {};
}

std::optional<Port> ConnectionDrag::targetPort(
    const space::Node& node, const NodeItem& item, QPointF position, double reach) const
{
    if (m_fixed.side == Port::Side::Input)
        return Port{ node.id, Port::Side::Output, 0 };
    if (const auto near = item.portAt(position, reach); near && near->side == Port::Side::Input)
        return near;
    // Anywhere on the box will do: the first free port, or the first one.
    return Port{ node.id, Port::Side::Input, freePort(m_scene.block(), node, m_scene.document()->operations()).value_or(0) };
}

void ConnectionDrag::moveTo(QPointF position, double reach)
{
    NodeItem* item = nullptr;
    const auto near = m_scene.portAt(position, reach);
    if (near && near->node != m_fixed.node && near->side != m_fixed.side)
        item = m_scene.node(near->node);
    if (!item)
        item = m_scene.nodeAt(position);
    const bool isOwn = item && item->id() == m_fixed.node;
    m_overNode = item != nullptr;
    m_refusal = item && !isOwn ? m_refusals[item->id()] : QString();
    std::optional<Port> target;
    const space::Node* node = item && !isOwn ? nodeIn(m_scene.block(), item->id()) : nullptr;
    if (node && m_refusal.isEmpty())
        target = targetPort(*node, *item, position, reach);
    mark(target);

    const QPointF start = m_scene.node(m_fixed.node)->portPosition(m_fixed);
    const QPointF end = target ? m_scene.node(target->node)->portPosition(*target) : position;
    const bool fromOutput = m_fixed.side == Port::Side::Output;
    m_curve->setPath(routeEdge(fromOutput ? start : end, fromOutput ? end : start, {}, 0));
    const ThemeColours& colours = canvasColours();
    m_curve->setPen(QPen(
        m_refusal.isEmpty() ? colours.accent : colours.error, 2.5, target ? Qt::SolidLine : Qt::DashLine, Qt::RoundCap));
}

void ConnectionDrag::mark(const std::optional<Port>& target)
{
    if (m_target && m_scene.node(m_target->node))
        m_scene.node(m_target->node)->setMarkedPort(std::nullopt);
    m_target = target;
    if (m_target)
        m_scene.node(m_target->node)->setMarkedPort(m_target);
}

std::optional<space::Edge> ConnectionDrag::edge() const
{
    if (!m_target)
        return std::nullopt;
    if (m_fixed.side == Port::Side::Output)
        return space::Edge{ m_fixed.node, m_target->node, m_target->index };
    return space::Edge{ m_target->node, m_fixed.node, m_fixed.index };
}

} // namespace archscope::ui
