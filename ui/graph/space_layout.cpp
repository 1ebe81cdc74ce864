#include "ui/graph/space_layout.h"

#include <algorithm>
#include <cmath>

namespace archscope::ui {

namespace {
space::Point topOf(const QRectF& box, double down)
{
    return { box.center().x(), box.top() + down };
}
} // namespace

LayoutJob layoutJob(const space::Block& block, const Boxes& boxes)
{
    LayoutJob job;
    std::map<space::NodeId, int> index;
    for (const space::Node& node : block.nodes) {
        const auto box = boxes.find(node.id);
        if (box == boxes.end())
            continue;
        index[node.id] = static_cast<int>(job.ids.size());
        job.ids.push_back(node.id);
        job.nodes.push_back({ box->second.width(), box->second.height() });
        if (std::holds_alternative<space::Input>(node.body) && !job.anchor)
            job.anchor.emplace(node.id, QPointF(box->second.center().x(), box->second.top()));
    }
    for (const space::Edge& edge : block.edges)
        if (index.contains(edge.from) && index.contains(edge.to) && edge.from != edge.to)
            job.edges.push_back({ index[edge.from], index[edge.to] });
    return job;
}

Positions arranged(const LayoutJob& job)
{
    layout::LayoutOptions options;
    options.nodeSpacing = 40;
    options.layerSpacing = nodeGap;
    Positions positions;
    if (const auto layout = layout::layoutGraph(job.nodes, job.edges, options)) {
        for (std::size_t i = 0; i < job.ids.size(); ++i)
            positions[job.ids[i]]
                = { std::round(layout->centres[i].x), std::round(layout->centres[i].y - job.nodes[i].height / 2) };
    } else {
        double y = 0;
        for (std::size_t i = 0; i < job.ids.size(); ++i) {
            positions[job.ids[i]] = { 0, y };
            y += job.nodes[i].height + nodeGap;
        }
    }
    if (job.anchor) {
        const QPointF shift = job.anchor->second - positions[job.anchor->first];
        for (auto& [id, position] : positions)
            position += shift;
    }
    return positions;
}

QPointF snapped(QPointF position)
{
    return { std::round(position.x() / canvasGrid) * canvasGrid, std::round(position.y() / canvasGrid) * canvasGrid };
}

Positions aligned(const Boxes& boxes, Alignment alignment)
{
    QRectF all;
    for (const auto& [id, box] : boxes)
        all |= box;
    Positions positions;
    for (const auto& [id, box] : boxes) {
        QRectF moved = box;
        switch (alignment) {
        case Alignment::Left:
            moved.moveLeft(all.left());
            break;
        case Alignment::Centre:
            moved.moveCenter({ std::round(all.center().x()), box.center().y() });
            break;
        case Alignment::Right:
            moved.moveRight(all.right());
            break;
        case Alignment::Top:
            moved.moveTop(all.top());
            break;
        case Alignment::Middle:
            moved.moveTop(std::round(all.center().y() - box.height() / 2));
            break;
        case Alignment::Bottom:
            moved.moveBottom(all.bottom());
            break;
        }
        positions[id] = { moved.center().x(), moved.top() };
    }
    return positions;
}

Positions distributed(const Boxes& boxes, Axis axis)
{
    const bool across = axis == Axis::Horizontal;
    std::vector<std::pair<space::NodeId, QRectF>> sorted(boxes.begin(), boxes.end());
    std::ranges::sort(
        sorted, {}, [across](const auto& entry) { return across ? entry.second.center().x() : entry.second.center().y(); });
    Positions positions;
    if (sorted.empty())
        return positions;
    double filled = 0;
    for (const auto& [id, box] : sorted)
        filled += across ? box.width() : box.height();
    const QRectF& first = sorted.front().second;
    const QRectF& last = sorted.back().second;
    const double extent = across ? last.right() - first.left() : last.bottom() - first.top();
    const double gap = sorted.size() > 1 ? (extent - filled) / static_cast<double>(sorted.size() - 1) : 0;
    double at = across ? first.left() : first.top();
    for (const auto& [id, box] : sorted) {
        positions[id]
            = across ? QPointF(std::round(at + box.width() / 2), box.top()) : QPointF(box.center().x(), std::round(at));
        at += (across ? box.width() : box.height()) + gap;
    }
    return positions;
}

double missingRoom(double top, double y, double height)
{
    const double missing = top + height + 2 * nodeGap - y;
    return missing <= 0 ? 0 : std::ceil(missing / canvasGrid) * canvasGrid;
}

Moves shiftedDown(const Boxes& boxes, double y, double distance, space::NodeId excluded)
{
    Moves moves;
    if (distance <= 0)
        return moves;
    for (const auto& [id, box] : boxes)
        if (id != excluded && box.top() >= y - 0.5)
            moves.push_back({ id, topOf(box, distance), true });
    return moves;
}

Moves roomToGrow(const Boxes& boxes, space::NodeId grown, double newHeight)
{
    const auto self = boxes.find(grown);
    if (self == boxes.end() || newHeight <= self->second.height())
        return {};
    constexpr double leastGap = 36;
    const QRectF& old = self->second;
    double shift = 0;
    for (const auto& [id, box] : boxes) {
        const bool isBelow = id != grown && box.top() >= old.bottom() - 0.5;
        if (isBelow && box.left() < old.right() && box.right() > old.left())
            shift = std::max(shift, old.top() + newHeight + leastGap - box.top());
    }
    return shiftedDown(boxes, old.bottom(), std::ceil(shift / canvasGrid) * canvasGrid, grown);
}

} // namespace archscope::ui
