// The whole block, small, in a corner of the canvas, with the part that is seen; dragging there moves the view.
#pragma once

#include <QWidget>

#include "ui/graph/space_scene.h"

#include <QPixmap>

class QTimer;

namespace archscope::ui {

class SpaceView;

class MiniMap : public QWidget {
    Q_OBJECT
public:
    /// Lies over the view's lower right corner. Neither is owned.
    MiniMap(SpaceScene* scene, SpaceView* view);

    /// Where a point of the scene is on the map.
    QPointF onMap(QPointF scenePosition) const;

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;

private:
    void settle();
    void draw();
    void centreOn(QPointF onMapPosition);
    double scale() const;

    SpaceScene* m_scene;
    SpaceView* m_view;
    QRectF m_shown; ///< of the scene
    QPixmap m_picture; ///< the nodes; the frame is painted over it
    QTimer* m_redraw = nullptr;
};

} // namespace archscope::ui
