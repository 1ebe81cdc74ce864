// A network as a picture: read only, laid out in the background, to look at, hover, select layers in, and compare.
#pragma once

#include "core/layout/network_picture.h"
#include "ui/bridge/background.h"
#include "ui/graph/canvas_view.h"

#include <QColor>
#include <QImage>
#include <memory>
#include <optional>
#include <vector>

namespace archscope::ui {

class PictureNodeItem;

class NetworkView : public CanvasView {
    Q_OBJECT
public:
    explicit NetworkView(std::shared_ptr<const space::OperationSet> operations, QWidget* parent = nullptr);

    /// The picture follows in the background (`pictureChanged`). An equal network keeps picture, zoom and selection.
    void setNetwork(const network::Network& network);
    /// Shows nothing but a sentence: what to do, or what went wrong.
    void clear(const QString& emptyText);
    const std::optional<network::Network>& network() const { return m_network; }
    const layout::NetworkPicture& picture() const { return m_picture; }

    /// Index in the network, -1 for none. `reveal` also scrolls to it.
    int selectedLayer() const { return m_selected; }
    void selectLayer(int layer);
    void revealLayer(int layer);
    /// A coloured ring around these layers: what differs in a comparison. Replaces earlier highlights.
    void setHighlights(std::vector<int> layers, QColor colour);

    /// The whole picture at that scale (1: 100 %), on the theme's surface; null while there is none.
    QImage renderImage(double scale) const;
    /// A complete SVG document of what is shown; empty while there is none.
    QByteArray renderSvg(const QString& title) const;

public Q_SLOTS:
    void fitToView();

Q_SIGNALS:
    void layerSelected(int layer); ///< by the user
    void pictureChanged();

protected:
    void mousePressEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;

private:
    void showPicture(layout::NetworkPicture picture);
    void rebuild();
    void applyMarks();
    int layerAt(QPoint viewPosition) const;
    void choose(int layer);

    std::shared_ptr<const space::OperationSet> m_operations;
    std::optional<network::Network> m_network;
    layout::NetworkPicture m_picture;
    std::vector<PictureNodeItem*> m_items; ///< owned by the scene
    std::vector<int> m_highlights;
    QColor m_highlightColour;
    int m_selected = -1;
    QPoint m_pressed;
    bool m_fitted = true; ///< keep the whole picture in view until the user zooms or pans
    LatestOnly m_latestPicture;
};

} // namespace archscope::ui
