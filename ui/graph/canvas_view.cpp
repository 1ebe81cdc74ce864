#include "ui/graph/canvas_view.h"

#include "ui/graph/canvas_colours.h"

#include <QKeyEvent>
#include <QNativeGestureEvent>
#include <QScrollBar>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

namespace archscope::ui {

CanvasView::CanvasView(QWidget* parent)
    : QGraphicsView(parent)
{
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setTransformationAnchor(NoAnchor);
    setResizeAnchor(AnchorViewCenter);
    setRenderHints(QPainter::Antialiasing | QPainter::TextAntialiasing);
    setViewportUpdateMode(SmartViewportUpdate);
    setFocusPolicy(Qt::StrongFocus);
    if (Theme::instance())
        connect(Theme::instance(), &Theme::changed, viewport(), qOverload<>(&QWidget::update));
}

void CanvasView::setZoom(double zoom)
{
    zoomBy(zoom / this->zoom());
}

void CanvasView::zoomBy(double factor)
{
    zoomAround(factor, QRectF(viewport()->rect()).center());
}

void CanvasView::zoomAround(double factor, QPointF viewPosition)
{
    factor = std::clamp(zoom() * factor, minZoom, maxZoom) / zoom();
    if (factor == 1.0)
        return;
    const QPoint at = viewPosition.toPoint();
    const QPointF before = mapToScene(at);
    scale(factor, factor);
    const QPointF moved = mapToScene(at) - before;
    translate(moved.x(), moved.y());
    Q_EMIT zoomChanged(zoom());
}

void CanvasView::showRect(const QRectF& rect)
{
    if (rect.isEmpty() || viewport()->width() <= 0)
        return;
    constexpr double margin = 28;
    const QRectF room = QRectF(viewport()->rect()).adjusted(margin, margin, -margin, -margin);
    const double fitting = std::min({ room.width() / rect.width(), room.height() / rect.height(), 1.0 });
    const double zoom = std::clamp(fitting, minZoom, maxZoom);
    setTransform(QTransform::fromScale(zoom, zoom));
    centerOn(rect.center());
    Q_EMIT zoomChanged(zoom);
}

void CanvasView::setEmptyText(const QString& text)
{
    m_emptyText = text;
    viewport()->update();
}

bool CanvasView::viewportEvent(QEvent* event)
{
    if (event->type() == QEvent::NativeGesture) {
        const auto* gesture = static_cast<QNativeGestureEvent*>(event);
        if (gesture->gestureType() == Qt::ZoomNativeGesture) {
            zoomAround(1 + gesture->value(), gesture->position());
            return true;
        }
    }
    return QGraphicsView::viewportEvent(event);
}

void CanvasView::wheelEvent(QWheelEvent* event)
{
    if (event->modifiers() & Qt::ShiftModifier) {
        const QPoint delta = event->angleDelta();
        horizontalScrollBar()->setValue(horizontalScrollBar()->value() - (delta.x() != 0 ? delta.x() : delta.y()));
    } else {
        zoomAround(std::pow(1.0015, event->angleDelta().y()), event->position());
    }
    event->accept();
}

void CanvasView::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Space) {
        if (!event->isAutoRepeat()) {
            m_spaceHeld = true;
            viewport()->setCursor(Qt::OpenHandCursor);
        }
        event->accept();
        return;
    }
    QGraphicsView::keyPressEvent(event);
}

void CanvasView::keyReleaseEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Space) {
        if (!event->isAutoRepeat()) {
            m_spaceHeld = false;
            if (!m_panning)
                viewport()->unsetCursor();
        }
        event->accept();
        return;
    }
    QGraphicsView::keyReleaseEvent(event);
}

void CanvasView::focusOutEvent(QFocusEvent* event)
{
    m_spaceHeld = false;
    endPan();
    QGraphicsView::focusOutEvent(event);
}

void CanvasView::mousePressEvent(QMouseEvent* event)
{
    if (event->button() == Qt::MiddleButton || (event->button() == Qt::LeftButton && m_spaceHeld)) {
        beginPan(event);
        return;
    }
    QGraphicsView::mousePressEvent(event);
}

void CanvasView::beginPan(QMouseEvent* event)
{
    m_panning = true;
    m_panStart = event->pos();
    viewport()->setCursor(Qt::ClosedHandCursor);
    event->accept();
}

void CanvasView::mouseMoveEvent(QMouseEvent* event)
{
    if (m_panning) {
        const QPoint delta = event->pos() - m_panStart;
        m_panStart = event->pos();
        horizontalScrollBar()->setValue(horizontalScrollBar()->value() - delta.x());
        verticalScrollBar()->setValue(verticalScrollBar()->value() - delta.y());
        event->accept();
        return;
    }
    QGraphicsView::mouseMoveEvent(event);
}

void CanvasView::mouseReleaseEvent(QMouseEvent* event)
{
    if (m_panning) {
        endPan();
        event->accept();
        return;
    }
    QGraphicsView::mouseReleaseEvent(event);
}

void CanvasView::endPan()
{
    m_panning = false;
    if (m_spaceHeld)
        viewport()->setCursor(Qt::OpenHandCursor);
    else
        viewport()->unsetCursor();
}

void CanvasView::drawBackground(QPainter* painter, const QRectF& rect)
{
    const ThemeColours& colours = canvasColours();
    painter->fillRect(rect, colours.surface);
    if (zoom() < 0.2)
        return;
    const double step = zoom() < 0.5 ? 100 : 20;
    QList<QPointF> dots;
    for (double y = std::floor(rect.top() / step) * step; y <= rect.bottom(); y += step)
        for (double x = std::floor(rect.left() / step) * step; x <= rect.right(); x += step)
            dots << QPointF(x, y);
    QPen pen(colours.grid, 1.6);
    pen.setCosmetic(true);
    painter->setPen(pen);
    painter->drawPoints(dots.constData(), static_cast<int>(dots.size()));
}

void CanvasView::drawForeground(QPainter* painter, const QRectF&)
{
    if (m_emptyText.isEmpty())
        return;
    painter->save();
    painter->resetTransform();
    painter->setPen(canvasColours().textMuted);
    const QRect room = viewport()->rect().adjusted(24, 24, -24, -24);
    painter->drawText(room, Qt::AlignCenter | Qt::TextWordWrap, m_emptyText);
    painter->restore();
}

} // namespace archscope::ui
