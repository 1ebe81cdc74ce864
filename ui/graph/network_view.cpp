#include "ui/graph/network_view.h"

#include "ui/graph/canvas_colours.h"
#include "ui/graph/picture_items.h"

#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QGraphicsScene>
#include <QKeyEvent>
#include <QMenu>
#include <algorithm>

namespace archscope::ui {

NetworkView::NetworkView(std::shared_ptr<const space::OperationSet> operations, QWidget* parent)
    : CanvasView(parent)
    , m_operations(std::move(operations))
{
    setObjectName(QStringLiteral("networkView"));
    setAccessibleName(tr("Network graph"));
    auto* scene = new QGraphicsScene(this);
    constexpr double reach = 1e5; // panning is never stopped by an edge
    scene->setSceneRect(-reach, -reach, 2 * reach, 2 * reach);
    setScene(scene);
}

void NetworkView::setNetwork(const network::Network& network)
{
    if (m_network == network)
        return;
    m_network = network;
    m_selected = -1;
    m_latestPicture.run(
        this, [network, operations = m_operations] { return layout::pictureOf(network, *operations); },
        [this](Result<layout::NetworkPicture> picture) {
            if (!picture) {
                showPicture({});
                setEmptyText(tr("This network cannot be drawn: %1").arg(QString::fromStdString(picture.error().text())));
                return;
            }
            setEmptyText({});
            showPicture(std::move(*picture));
        });
}

void NetworkView::clear(const QString& emptyText)
{
    m_latestPicture.drop();
    m_network.reset();
    m_selected = -1;
    showPicture({});
    setEmptyText(emptyText);
}

void NetworkView::showPicture(layout::NetworkPicture picture)
{
    m_picture = std::move(picture);
    rebuild();
    m_fitted = true;
    fitToView();
    Q_EMIT pictureChanged();
}

void NetworkView::rebuild()
{
    m_items.clear();
    scene()->clear();
    for (const layout::PictureEdge& edge : m_picture.edges)
        scene()->addItem(new PictureEdgeItem(edge));
    for (const layout::PictureNode& node : m_picture.nodes) {
        auto* item = new PictureNodeItem(node);
        scene()->addItem(item);
        m_items.push_back(item);
    }
    applyMarks();
}

void NetworkView::applyMarks()
{
    for (PictureNodeItem* item : m_items) {
        item->setChosen(item->layer() == m_selected);
        const bool highlighted = std::ranges::find(m_highlights, item->layer()) != m_highlights.end();
        item->setRing(highlighted ? m_highlightColour : QColor());
    }
}

void NetworkView::selectLayer(int layer)
{
    m_selected = layer;
    applyMarks();
}

void NetworkView::revealLayer(int layer)
{
    selectLayer(layer);
    for (PictureNodeItem* item : m_items) {
        if (item->layer() == layer) {
            m_fitted = false;
            ensureVisible(item, 40, 40);
        }
    }
}

void NetworkView::choose(int layer)
{
    if (layer == m_selected)
        return;
    selectLayer(layer);
    Q_EMIT layerSelected(layer);
}

void NetworkView::setHighlights(std::vector<int> layers, QColor colour)
{
    m_highlights = std::move(layers);
    m_highlightColour = colour;
    applyMarks();
}

void NetworkView::fitToView()
{
    if (m_picture.nodes.empty())
        return;
    m_fitted = true;
    showRect({ 0, 0, m_picture.width, m_picture.height });
}

void NetworkView::resizeEvent(QResizeEvent* event)
{
    CanvasView::resizeEvent(event);
    if (m_fitted)
        fitToView();
}

void NetworkView::wheelEvent(QWheelEvent* event)
{
    m_fitted = false;
    CanvasView::wheelEvent(event);
}

int NetworkView::layerAt(QPoint viewPosition) const
{
    for (QGraphicsItem* item : items(viewPosition))
        if (const auto* node = qgraphicsitem_cast<PictureNodeItem*>(item))
            return node->layer();
    return -1;
}

void NetworkView::mousePressEvent(QMouseEvent* event)
{
    m_pressed = event->pos();
    // A picture has nothing to drag: the left button pans, too.
    beginPan(event);
}

void NetworkView::mouseReleaseEvent(QMouseEvent* event)
{
    CanvasView::mouseReleaseEvent(event);
    const bool isClick = (event->pos() - m_pressed).manhattanLength() < QApplication::startDragDistance();
    if (!isClick)
        m_fitted = false;
    else if (event->button() == Qt::LeftButton)
        choose(layerAt(event->pos()));
}

void NetworkView::keyPressEvent(QKeyEvent* event)
{
    const int last = static_cast<int>(m_items.size()) - 1;
    switch (event->key()) {
    case Qt::Key_F:
        fitToView();
        return;
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        m_fitted = false;
        zoomBy(1.25);
        return;
    case Qt::Key_Minus:
        m_fitted = false;
        zoomBy(0.8);
        return;
    case Qt::Key_Up:
    case Qt::Key_Down:
        if (last >= 0) {
            choose(std::clamp(m_selected + (event->key() == Qt::Key_Down ? 1 : -1), 0, last));
            revealLayer(m_selected);
        }
        return;
    default:
        CanvasView::keyPressEvent(event);
    }
}

void NetworkView::contextMenuEvent(QContextMenuEvent* event)
{
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    QAction* fit
        = menu->addAction(canvasIcon(QStringLiteral("zoom-fit")), tr("Fit to View (F)"), this, &NetworkView::fitToView);
    QAction* copy = menu->addAction(canvasIcon(QStringLiteral("copy")), tr("Copy Image"), this, [this] {
        constexpr double scale = 2; // crisp in documents
        QApplication::clipboard()->setImage(renderImage(scale));
    });
    fit->setEnabled(!m_picture.nodes.empty());
    copy->setEnabled(!m_picture.nodes.empty());
    menu->popup(event->globalPos());
}

QImage NetworkView::renderImage(double scale) const
{
    if (m_picture.nodes.empty())
        return {};
    constexpr double margin = 16;
    const QRectF source = QRectF(0, 0, m_picture.width, m_picture.height).adjusted(-margin, -margin, margin, margin);
    QImage image((source.size() * scale).toSize(), QImage::Format_ARGB32_Premultiplied);
    if (image.isNull())
        return {};
    image.fill(canvasColours().surface);
    QPainter painter(&image);
    painter.setRenderHints(QPainter::Antialiasing | QPainter::TextAntialiasing);
    scene()->render(&painter, image.rect(), source);
    return image;
}

QByteArray NetworkView::renderSvg(const QString& title) const
{
    if (m_picture.nodes.empty())
        return {};
    return QByteArray::fromStdString(layout::toSvg(m_picture, title.toStdString(), canvasIsDark()));
}

} // namespace archscope::ui
