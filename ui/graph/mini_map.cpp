#include "ui/graph/mini_map.h"

#include "ui/graph/canvas_colours.h"
#include "ui/graph/space_view.h"

#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>
#include <QTimer>

namespace archscope::ui {

namespace {
constexpr int mapWidth = 190;
constexpr int mapHeight = 130;
constexpr int distance = 12; ///< from the canvas's corner
constexpr double rim = 8;
} // namespace

MiniMap::MiniMap(SpaceScene* scene, SpaceView* view)
    : QWidget(view)
    , m_scene(scene)
    , m_view(view)
{
    setObjectName(QStringLiteral("miniMap"));
    setAccessibleName(tr("Overview of the block"));
    setToolTip(tr("Drag to move the view (M hides the map)"));
    setCursor(Qt::PointingHandCursor);
    resize(mapWidth, mapHeight);
    m_redraw = new QTimer(this);
    m_redraw->setSingleShot(true);
    constexpr int redrawMs = 60; // nodes that glide do not repaint it at every step
    m_redraw->setInterval(redrawMs);
    connect(m_redraw, &QTimer::timeout, this, &MiniMap::draw);
    connect(scene, &QGraphicsScene::changed, m_redraw, [this] {
        if (!m_redraw->isActive())
            m_redraw->start();
    });
    const auto frame = qOverload<>(&QWidget::update);
    connect(view, &CanvasView::zoomChanged, this, frame);
    connect(view->horizontalScrollBar(), &QScrollBar::valueChanged, this, frame);
    connect(view->verticalScrollBar(), &QScrollBar::valueChanged, this, frame);
    if (Theme::instance())
        connect(Theme::instance(), &Theme::changed, this, &MiniMap::draw);
    view->installEventFilter(this);
    settle();
}

void MiniMap::settle()
{
    move(m_view->width() - width() - distance, m_view->height() - height() - distance);
    raise();
}

bool MiniMap::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_view && event->type() == QEvent::Resize)
        settle();
    return QWidget::eventFilter(watched, event);
}

double MiniMap::scale() const
{
    const QSizeF room(width() - 2 * rim, height() - 2 * rim);
    if (m_shown.isEmpty())
        return 1;
    return std::min({ room.width() / m_shown.width(), room.height() / m_shown.height(), 0.25 });
}

QPointF MiniMap::onMap(QPointF scenePosition) const
{
    return QRectF(rect()).center() + (scenePosition - m_shown.center()) * scale();
}

void MiniMap::draw()
{
    m_shown = m_scene->contentRect();
    const double ratio = devicePixelRatioF();
    m_picture = QPixmap(size() * ratio);
    m_picture.setDevicePixelRatio(ratio);
    const ThemeColours& colours = canvasColours();
    QColor ground = colours.surfaceRaised;
    ground.setAlpha(235);
    m_picture.fill(Qt::transparent);
    QPainter painter(&m_picture);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(colours.border);
    painter.setBrush(ground);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6);
    const Boxes boxes = m_scene->boxes();
    painter.setPen(QPen(colours.textMuted, 0.7));
    for (const space::Edge& edge : m_scene->block().edges) {
        const auto from = boxes.find(edge.from);
        const auto to = boxes.find(edge.to);
        if (from != boxes.end() && to != boxes.end())
            painter.drawLine(onMap({ from->second.center().x(), from->second.bottom() }),
                onMap({ to->second.center().x(), to->second.top() }));
    }
    painter.setPen(Qt::NoPen);
    for (const auto& [id, box] : boxes) {
        const NodeItem* item = m_scene->node(id);
        if (!item || !item->isVisible())
            continue;
        painter.setBrush(item->isSelected() ? colours.selected : canvasCategory(item->look().category));
        QRectF small(onMap(box.topLeft()), onMap(box.bottomRight()));
        constexpr double least = 2; // so that a node among thousands can be seen
        small.setWidth(std::max(small.width(), least));
        small.setHeight(std::max(small.height(), least));
        painter.drawRect(small);
    }
    update();
}

void MiniMap::paintEvent(QPaintEvent*)
{
    const QRectF seen = m_view->mapToScene(m_view->viewport()->rect()).boundingRect();
    // A map of what is all in sight anyway would only be in the way: of the eye, and of the mouse.
    const bool useless = m_shown.isEmpty() || seen.contains(m_shown);
    setAttribute(Qt::WA_TransparentForMouseEvents, useless);
    if (useless)
        return;
    QPainter painter(this);
    painter.drawPixmap(0, 0, m_picture);
    const QRectF frame = QRectF(onMap(seen.topLeft()), onMap(seen.bottomRight())) & QRectF(rect()).adjusted(2, 2, -2, -2);
    painter.setRenderHint(QPainter::Antialiasing);
    QColor fill = canvasColours().accent;
    painter.setPen(QPen(fill, 1.5));
    fill.setAlpha(28);
    painter.setBrush(fill);
    painter.drawRect(frame);
}

void MiniMap::centreOn(QPointF position)
{
    m_view->centerOn(m_shown.center() + (position - QRectF(rect()).center()) / scale());
}

void MiniMap::mousePressEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton)
        centreOn(event->position());
    event->accept();
}

void MiniMap::mouseMoveEvent(QMouseEvent* event)
{
    if (event->buttons() & Qt::LeftButton)
        centreOn(event->position());
    event->accept();
}

} // namespace archscope::ui
