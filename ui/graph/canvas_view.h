// A canvas that zooms and pans as people know it from Netron and Blender: the wheel zooms around the cursor, middle drag or
// space + drag pans, trackpads pinch. Draws a dotted grid.
#pragma once

#include <QGraphicsView>

namespace archscope::ui {

class CanvasView : public QGraphicsView {
    Q_OBJECT
public:
    static constexpr double minZoom = 0.05;
    static constexpr double maxZoom = 4.0;

    explicit CanvasView(QWidget* parent = nullptr);

    double zoom() const { return transform().m11(); }
    void setZoom(double zoom);
    void zoomBy(double factor);
    /// Shows the whole rectangle, not larger than 100 %.
    void showRect(const QRectF& rect);
    /// Shown in the middle while the scene has nothing to show; empty: nothing.
    void setEmptyText(const QString& text);

Q_SIGNALS:
    void zoomChanged(double zoom);

protected:
    bool viewportEvent(QEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void keyReleaseEvent(QKeyEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void drawBackground(QPainter* painter, const QRectF& rect) override;
    void drawForeground(QPainter* painter, const QRectF& rect) override;

    /// From here on the mouse pans until the button is released.
    void beginPan(QMouseEvent* event);
    bool isPanning() const { return m_panning; }
    bool isSpaceHeld() const { return m_spaceHeld; }

private:
    void zoomAround(double factor, QPointF viewPosition);
    void endPan();

    QString m_emptyText;
    QPoint m_panStart;
    bool m_panning = false;
    bool m_spaceHeld = false;
};

} // namespace archscope::ui
