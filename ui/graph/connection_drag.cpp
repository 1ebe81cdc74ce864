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
    // Anywhere on the box will do: the first free port, or the only one.
    if (const auto free = freePort(m_scene.block(), node, m_scene.document()->operations()))
        return Port{ node.id, Port::Side::Input, *free };
    if (inputBounds(node, m_scene.document()->operations()).most == 1)
        return Port{ node.id, Port::Side::Input, 0 };
    return std::nullopt;
}

NodeItem* ConnectionDrag::nodeNear(QPointF position, double reach) const
{
    const auto wanted = m_fixed.side == Port::Side::Output ? Port::Side::Input : Port::Side::Output;
    NodeItem* nearest = nullptr;
    double best = reach;
    for (const auto& [id, item] : m_scene.nodes()) {
        const auto refusal = m_refusals.find(id);
        if (id == m_fixed.node || refusal == m_refusals.end() || !refusal->second.isEmpty())
            continue;
        const auto port = item->portAt(position, best);
        if (!port || port->side != wanted)
            continue;
        nearest = item;
        best = QLineF(item->portPosition(*port), position).length();
    }
    return nearest ? nearest : m_scene.nodeAt(position);
}

void ConnectionDrag::moveTo(QPointF position, double reach, Shapes shapes)
{
    NodeItem* item = nodeNear(position, reach);
    const bool isOwn = item && item->id() == m_fixed.node;
    m_overNode = item != nullptr;
    m_refusal = item && !isOwn ? m_refusals[item->id()] : QString();
    m_remark.clear();
    std::optional<Port> target;
    const space::Node* node = item && !isOwn ? nodeIn(m_scene.block(), item->id()) : nullptr;
    if (node && m_refusal.isEmpty()) {
        target = targetPort(*node, *item, position, reach);
        if (!target) {
            m_refusal = Text::tr("All inputs of %1 are taken: drop on the one whose connection shall go.")
                            .arg(QString::fromStdString(node->name));
        } else if (const QString problem = shapeProblem(edgeTo(*target)); !problem.isEmpty() && shapes == Shapes::Respect) {
            m_refusal = Text::tr("%1 Hold Shift to connect all the same.").arg(problem);
            target.reset();
        } else {
            m_remark = remarkOn(edgeTo(*target));
        }
    }
    mark(target);

    const QPointF start = m_scene.node(m_fixed.node)->portPosition(m_fixed);
    const QPointF end = target ? m_scene.node(target->node)->portPosition(*target) : position;
    const bool fromOutput = m_fixed.side == Port::Side::Output;
    m_curve->setPath(routeEdge(fromOutput ? start : end, fromOutput ? end : start, {}, 0));
    const ThemeColours& colours = canvasColours();
    m_curve->setPen(QPen(
        m_refusal.isEmpty() ? colours.accent : colours.error, 2.5, target ? Qt::SolidLine : Qt::DashLine, Qt::RoundCap));
}

space::Edge ConnectionDrag::edgeTo(const Port& target) const
{
    if (m_fixed.side == Port::Side::Output)
        return { m_fixed.node, target.node, target.index };
    return { target.node, m_fixed.node, m_fixed.index };
}

QString ConnectionDrag::shapeProblem(const space::Edge& edge) const
{
    const SpaceDocument& document = *m_scene.document();
    const space::Node* to = nodeIn(m_scene.block(), edge.to);
    const network::ShapeRange* given = document.shapesAt(edge.from);
    if (!to || !given || given->seen.empty())
        return {};
    std::map<int, space::Shape> others;
    for (const space::Edge& other : edgesInto(m_scene.block(), edge.to)) {
        if (other.toPort == edge.toPort || other == m_lifted)
            continue;
        const network::ShapeRange* shapes = document.shapesAt(other.from);
        if (!shapes || shapes->seen.size() != 1)
            return {}; // what fits hangs on what is decided
        others[other.toPort] = shapes->seen.front();
    }
    std::string problem;
    for (const space::Shape& shape : given->seen) {
        std::map<int, space::Shape> inputs = others;
        inputs[edge.toPort] = shape;
        std::vector<space::Shape> inOrder;
        for (const auto& [port, each] : inputs)
            inOrder.push_back(each);
        problem = inputProblem(to->body, inOrder, document.operations());
        if (problem.empty())
            return {};
    }
    const QString name = QString::fromStdString(to->name);
    return Text::tr("%1 does not fit %2: %3.")
        .arg(QString::fromStdString(given->text()), name, QString::fromStdString(problem));
}

QString ConnectionDrag::remarkOn(const space::Edge& edge) const
{
    for (const space::Edge& other : edgesInto(m_scene.block(), edge.to))
        if (other.toPort == edge.toPort && other != m_lifted && other.from != edge.from)
            return Text::tr("Takes the place of the connection from %1.").arg(nameOf(m_scene.block(), other.from));
    return {};
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
    return edgeTo(*m_target);
}

} // namespace archscope::ui
