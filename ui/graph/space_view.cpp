#include "ui/graph/space_view.h"

#include "ui/graph/canvas_colours.h"
#include "ui/graph/palette_entries.h"

#include <QApplication>
#include <QContextMenuEvent>
#include <QDragMoveEvent>
#include <QKeyEvent>
#include <QLabel>
#include <QMimeData>
#include <QTimer>
#include <algorithm>
#include <cmath>
#include <utility>

namespace archscope::ui {

SpaceView::SpaceView(SpaceScene* scene, QWidget* parent)
    : CanvasView(parent)
    , m_scene(scene)
{
    setObjectName(QStringLiteral("spaceCanvas"));
    setAccessibleName(tr("Search space canvas"));
    setAccessibleDescription(tr("Arrow keys walk between nodes, Enter opens a block, A adds a node."));
    setScene(scene);
    setSceneRect(scene->sceneRect());
    setDragMode(RubberBandDrag);
    setRubberBandSelectionMode(Qt::IntersectsItemShape);
    setMouseTracking(true);
    setAcceptDrops(true);

    m_message = new QLabel(this);
    m_message->setObjectName(QStringLiteral("canvasMessage"));
    m_message->setWordWrap(true);
    m_message->setMargin(8);
    m_message->setAttribute(Qt::WA_TransparentForMouseEvents);
    m_message->setAutoFillBackground(true);
    m_message->hide();
    m_messageTimer = new QTimer(this);
    m_messageTimer->setSingleShot(true);
    connect(scene, &SpaceScene::aboutToChange, this, &SpaceView::cancelGesture);
    connect(m_messageTimer, &QTimer::timeout, m_message, &QWidget::hide);
}

SpaceView::~SpaceView() = default;

double SpaceView::portReach() const
{
    constexpr double pixels = 9;
    return std::clamp(pixels / zoom(), 6.0, 14.0);
}

double SpaceView::snapReach() const
{
    constexpr double pixels = 26;
    return std::clamp(pixels / zoom(), 12.0, 60.0);
}

QPointF SpaceView::cursorPosition() const
{
    const QPoint inView = viewport()->mapFromGlobal(QCursor::pos());
    return mapToScene(
        viewport()->rect().contains(inView) && viewport()->underMouse() ? inView : viewport()->rect().center());
}

void SpaceView::showMessage(const QString& text)
{
    const ThemeColours& colours = canvasColours();
    m_message->setStyleSheet(
        QStringLiteral("QLabel { background: %1; color: %2; border: 1px solid %3; border-radius: 4px; }")
            .arg(colours.surfaceRaised.name(), colours.text.name(), colours.error.name()));
    m_message->setText(text);
    constexpr int widest = 320;
    const int natural = m_message->fontMetrics().horizontalAdvance(text) + 24;
    m_message->setFixedWidth(std::min({ natural, widest, std::max(120, width() - 16) }));
    m_message->setFixedHeight(m_message->heightForWidth(m_message->width()));
    const QPoint cursor = viewport()->underMouse() ? viewport()->mapFromGlobal(QCursor::pos()) : viewport()->rect().center();
    QPoint at = cursor + QPoint(16, 16);
    at.setX(std::clamp(at.x(), 8, std::max(8, width() - m_message->width() - 8)));
    at.setY(std::clamp(at.y(), 8, std::max(8, height() - m_message->height() - 8)));
    m_message->move(at);
    m_message->show();
    m_message->raise();
    constexpr int shownMs = 4000;
    m_messageTimer->start(shownMs);
}

bool SpaceView::event(QEvent* event)
{
    // While something is dragged, Escape cancels that and nothing else.
    if (event->type() == QEvent::ShortcutOverride && (m_connection || m_move)
        && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape) {
        event->accept();
        return true;
    }
    // Tab adds, as in other node editors; Shift+Tab leaves the canvas.
    if (event->type() == QEvent::KeyPress && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Tab
        && static_cast<QKeyEvent*>(event)->modifiers() == Qt::NoModifier && m_editable) {
        Q_EMIT quickAddWished(cursorPosition(), std::nullopt);
        return true;
    }
    return CanvasView::event(event);
}

void SpaceView::keyPressEvent(QKeyEvent* event)
{
    switch (event->key()) {
    case Qt::Key_Escape:
        if (m_connection || m_move) {
            cancelGesture();
            return;
        }
        break;
    case Qt::Key_Left:
    case Qt::Key_Right:
    case Qt::Key_Up:
    case Qt::Key_Down:
        if (event->modifiers() & Qt::ControlModifier) {
            const double dx = event->key() == Qt::Key_Left ? -canvasGrid : event->key() == Qt::Key_Right ? canvasGrid : 0;
            const double dy = event->key() == Qt::Key_Up ? -canvasGrid : event->key() == Qt::Key_Down ? canvasGrid : 0;
            if (m_editable)
                Q_EMIT nudgeWished({ dx, dy });
        } else {
            walk(event->key());
        }
        event->accept();
        return;
    default:
        break;
    }
    CanvasView::keyPressEvent(event);
}

void SpaceView::walk(int key)
{
    const std::vector<space::NodeId> selected = m_scene->selectedNodes();
    const Boxes boxes = m_scene->boxes();
    if (selected.empty()) {
        if (!m_scene->block().nodes.empty())
            m_scene->select({ m_scene->block().nodes.front().id });
        return;
    }
    const QPointF from = boxes.at(selected.front()).center();
    space::NodeId best;
    double bestCost = 0;
    for (const auto& [id, box] : boxes) {
        if (id == selected.front())
            continue;
        const QPointF delta = box.center() - from;
        const bool vertical = key == Qt::Key_Up || key == Qt::Key_Down;
        const bool forward = key == Qt::Key_Down || key == Qt::Key_Right;
        const double along = (vertical ? delta.y() : delta.x()) * (forward ? 1 : -1);
        const double across = std::abs(vertical ? delta.x() : delta.y());
        if (along <= 1)
            continue;
        const double cost = along + 2 * across; // straight ahead before aside
        if (!best.isValid() || cost < bestCost) {
            best = id;
            bestCost = cost;
        }
    }
    if (!best.isValid())
        return;
    m_scene->select({ best });
    ensureVisible(m_scene->node(best), 40, 40);
}

void SpaceView::mousePressEvent(QMouseEvent* event)
{
    m_message->hide();
    if (event->button() == Qt::LeftButton && !isSpaceHeld()) {
        const QPointF position = mapToScene(event->pos());
        if (m_editable && pressPort(position)) {
            event->accept();
            return;
        }
        if (NodeItem* item = m_scene->nodeAt(position)) {
            pressNode(item, event);
            event->accept();
            return;
        }
    }
    if (event->button() == Qt::RightButton) {
        event->accept(); // the menu comes with the context menu event; the selection must not be lost on the way
        return;
    }
    CanvasView::mousePressEvent(event);
}

bool SpaceView::pressPort(QPointF position)
{
    const auto port = m_scene->portAt(position, portReach());
    if (!port)
        return false;
    if (port->side == Port::Side::Input) {
        for (const space::Edge& edge : edgesInto(m_scene->block(), port->node)) {
            if (edge.toPort == port->index) {
                // Taking hold of a connected input lifts that end of the edge.
                m_connection = std::make_unique<ConnectionDrag>(*m_scene, Port{ edge.from, Port::Side::Output, 0 }, edge);
                m_connection->moveTo(position, snapReach());
                return true;
            }
        }
    }
    m_connection = std::make_unique<ConnectionDrag>(*m_scene, *port, std::nullopt);
    m_connection->moveTo(position, snapReach());
    return true;
}

void SpaceView::pressNode(NodeItem* item, QMouseEvent* event)
{
    const bool toggles = event->modifiers() & (Qt::ControlModifier | Qt::ShiftModifier);
    if (toggles)
        item->setSelected(!item->isSelected());
    else if (!item->isSelected())
        m_scene->select({ item->id() });
    if (const space::NodeId alternative = item->alternativeAt(mapToScene(event->pos())); alternative.isValid())
        Q_EMIT alternativeClicked(alternative);
    if (!item->isSelected() || !m_editable)
        return;
    Move move;
    move.grabbed = item->id();
    move.pressed = mapToScene(event->pos());
    move.pressedInView = event->pos();
    for (const space::NodeId id : m_scene->selectedNodes())
        move.start[id] = m_scene->node(id)->pos();
    for (const auto& [id, part] : m_scene->followers(m_scene->selectedNodes()))
        move.followers[id] = { m_scene->node(id)->pos(), part };
    m_move = std::move(move);
}

void SpaceView::mouseMoveEvent(QMouseEvent* event)
{
    if (m_connection) {
        moveConnection(event);
        if (!m_connection->refusal().isEmpty())
            showMessage(m_connection->refusal());
        else if (!m_connection->remark().isEmpty())
            showMessage(m_connection->remark());
        else
            m_message->hide();
        event->accept();
        return;
    }
    if (m_move) {
        moveSelection(event);
        event->accept();
        return;
    }
    if (!isPanning() && event->buttons() == Qt::NoButton)
        updateHover(mapToScene(event->pos()));
    CanvasView::mouseMoveEvent(event);
}

void SpaceView::moveConnection(const QMouseEvent* event)
{
    // Shift: one means it. Alt and Ctrl put a choice on the edge, which may change the shape.
    const bool forced = event->modifiers() & (Qt::ShiftModifier | Qt::AltModifier | Qt::ControlModifier);
    m_connection->moveTo(mapToScene(event->pos()), snapReach(),
        forced ? ConnectionDrag::Shapes::Ignore : ConnectionDrag::Shapes::Respect);
}

void SpaceView::updateHover(QPointF position)
{
    const auto port = m_editable ? m_scene->portAt(position, portReach()) : std::nullopt;
    if (NodeItem* item = m_scene->node(m_hovered))
        item->setMarkedPort(std::nullopt);
    m_hovered = port ? port->node : space::NodeId();
    if (NodeItem* item = m_scene->node(m_hovered))
        item->setMarkedPort(port);
    if (!isSpaceHeld()) {
        if (port)
            viewport()->setCursor(Qt::CrossCursor);
        else
            viewport()->unsetCursor();
    }
}

void SpaceView::moveSelection(QMouseEvent* event)
{
    if (!m_move->started) {
        if ((event->pos() - m_move->pressedInView).manhattanLength() < QApplication::startDragDistance())
            return;
        m_move->started = true;
    }
    const QPointF wished = m_move->start.at(m_move->grabbed) + mapToScene(event->pos()) - m_move->pressed;
    QPointF target = snapped(wished);
    // Straight chains read best: the centre line of a neighbour in the graph attracts more than the grid.
    m_move->guideX.reset();
    const auto attract = [&](space::NodeId neighbour) {
        const NodeItem* item = m_scene->node(neighbour);
        if (!item || m_move->start.contains(neighbour) || std::abs(item->x() - wished.x()) > canvasGrid)
            return;
        target.setX(item->x());
        m_move->guideX = item->x();
    };
    for (const space::Edge& edge : m_scene->block().edges) {
        if (edge.to == m_move->grabbed)
            attract(edge.from);
        if (edge.from == m_move->grabbed)
            attract(edge.to);
    }
    const QPointF delta = target - m_move->start.at(m_move->grabbed);
    std::vector<space::NodeId> moved;
    for (const auto& [id, start] : m_move->start) {
        m_scene->dragNode(id, start + delta);
        moved.push_back(id);
    }
    for (const auto& [id, follower] : m_move->followers) {
        m_scene->dragNode(id, follower.first + delta * follower.second);
        moved.push_back(id);
    }
    m_scene->routeEdgesOf(moved);
    EdgeItem* splitTarget = m_move->start.size() == 1 && canSplit(m_move->grabbed)
        ? m_scene->edgeUnder(m_scene->node(m_move->grabbed)->sceneBox(), m_move->grabbed)
        : nullptr;
    markSplitTarget(splitTarget);
    viewport()->update();
}

bool SpaceView::canSplit(space::NodeId id) const
{
    const space::Block& block = m_scene->block();
    const space::Node* node = nodeIn(block, id);
    return node && hasOutput(*node) && inputBounds(*node, m_scene->document()->operations()).most > 0
        && edgesInto(block, id).empty() && edgesOutOf(block, id).empty();
}

void SpaceView::markSplitTarget(EdgeItem* edge)
{
    if (m_splitTarget)
        if (EdgeItem* old = m_scene->edge(*m_splitTarget))
            old->setSplitTarget(false);
    m_splitTarget.reset();
    if (edge) {
        m_splitTarget = edge->edge();
        edge->setSplitTarget(true);
    }
}

void SpaceView::mouseReleaseEvent(QMouseEvent* event)
{
    if (m_connection && event->button() == Qt::LeftButton) {
        moveConnection(event);
        m_message->hide();
        const auto edge = m_connection->edge();
        const auto lifted = m_connection->lifted();
        const Port fixed = m_connection->fixed();
        const QString refusal = m_connection->refusal();
        const bool overNode = m_connection->isOverNode();
        m_connection.reset(); // its marks go before the document changes, and the items with it
        if (edge) {
            if (event->modifiers() & (Qt::AltModifier | Qt::ControlModifier) && !lifted)
                Q_EMIT typedEdgeWished(*edge);
            else if (edge != lifted)
                Q_EMIT connectWished(*edge, lifted);
        } else if (!refusal.isEmpty()) {
            showMessage(refusal);
        } else if (lifted) {
            Q_EMIT disconnectWished(*lifted);
        } else if (!overNode) {
            Q_EMIT quickAddWished(mapToScene(event->pos()), fixed);
        }
        event->accept();
        return;
    }
    if (m_move && event->button() == Qt::LeftButton) {
        finishMove();
        event->accept();
        return;
    }
    CanvasView::mouseReleaseEvent(event);
}

void SpaceView::finishMove()
{
    const Move move = *std::exchange(m_move, std::nullopt);
    const auto split = m_splitTarget;
    markSplitTarget(nullptr);
    viewport()->update();
    if (!move.started)
        return;
    if (split) {
        Q_EMIT splitWished(move.grabbed, *split, m_scene->node(move.grabbed)->pos());
        return;
    }
    Positions positions;
    for (const auto& [id, start] : move.start)
        positions[id] = m_scene->node(id)->pos();
    const bool moved = positions != move.start;
    for (const auto& [id, follower] : move.followers)
        positions[id] = m_scene->node(id)->pos();
    if (moved)
        Q_EMIT nodesMoved(positions);
}

void SpaceView::cancelGesture()
{
    m_connection.reset();
    markSplitTarget(nullptr);
    if (const auto move = std::exchange(m_move, std::nullopt)) {
        std::vector<space::NodeId> moved;
        for (const auto& [id, start] : move->start) {
            m_scene->dragNode(id, start);
            moved.push_back(id);
        }
        for (const auto& [id, follower] : move->followers) {
            m_scene->dragNode(id, follower.first);
            moved.push_back(id);
        }
        m_scene->routeEdgesOf(moved);
    }
    viewport()->update();
}

void SpaceView::mouseDoubleClickEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton) {
        CanvasView::mouseDoubleClickEvent(event);
        return;
    }
    const QPointF position = mapToScene(event->pos());
    m_move.reset();
    if (const NodeItem* item = m_scene->nodeAt(position)) {
        const space::NodeId alternative = item->alternativeAt(position);
        const QString parameter = item->parameterAt(position);
        if (const space::NodeId inner = item->insideNodeAt(position); inner.isValid())
            Q_EMIT revealWished(inner);
        else if (!parameter.isEmpty() && m_editable)
            Q_EMIT valueWished(item->id(), parameter);
        else
            Q_EMIT openWished(alternative.isValid() ? alternative : item->id());
    } else if (m_editable) {
        Q_EMIT quickAddWished(position, std::nullopt);
    }
    event->accept();
}

void SpaceView::contextMenuEvent(QContextMenuEvent* event)
{
    const bool byMouse = event->reason() == QContextMenuEvent::Mouse;
    const QPointF position = byMouse ? mapToScene(event->pos()) : cursorPosition();
    if (byMouse) {
        NodeItem* item = m_scene->nodeAt(position);
        EdgeItem* edge = m_scene->edgeAt(position);
        if (item && !item->isSelected())
            m_scene->select({ item->id() });
        else if (!item && edge && !edge->isSelected()) {
            m_scene->select({});
            edge->setSelected(true);
        } else if (!item && !edge)
            m_scene->clearSelection();
    }
    Q_EMIT menuWished(position, event->globalPos());
    event->accept();
}

void SpaceView::dragEnterEvent(QDragEnterEvent* event)
{
    event->setAccepted(m_editable && event->mimeData()->hasFormat(QString::fromLatin1(paletteMimeType)));
}

void SpaceView::dragMoveEvent(QDragMoveEvent* event)
{
    const bool ours = m_editable && event->mimeData()->hasFormat(QString::fromLatin1(paletteMimeType));
    if (ours) {
        // As large as a plain node would be: what it covers is what it splits.
        const QPointF at = mapToScene(event->position().toPoint());
        markSplitTarget(m_scene->edgeUnder(QRectF(at.x() - 50, at.y() - 14, 100, 28), {}));
    }
    event->setAccepted(ours);
}

void SpaceView::dragLeaveEvent(QDragLeaveEvent* event)
{
    markSplitTarget(nullptr);
    event->accept();
}

void SpaceView::dropEvent(QDropEvent* event)
{
    const QByteArray key = event->mimeData()->data(QString::fromLatin1(paletteMimeType));
    if (!m_editable || key.isEmpty()) {
        event->ignore();
        return;
    }
    const auto split = m_splitTarget;
    markSplitTarget(nullptr);
    event->acceptProposedAction();
    setFocus();
    Q_EMIT entryDropped(QString::fromUtf8(key), mapToScene(event->position().toPoint()), split);
}

void SpaceView::drawForeground(QPainter* painter, const QRectF& rect)
{
    CanvasView::drawForeground(painter, rect);
    if (!m_move || !m_move->guideX)
        return;
    QPen pen(canvasColours().accent, 1, Qt::DashLine);
    pen.setCosmetic(true);
    painter->setPen(pen);
    painter->drawLine(QPointF(*m_move->guideX, rect.top()), QPointF(*m_move->guideX, rect.bottom()));
}

} // namespace archscope::ui
