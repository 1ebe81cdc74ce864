// The prior of a finite domain: a bar for each value, as high as its weight. Drag a bar, or choose one by the arrow keys and
// raise or lower it; digits set it.
#pragma once

#include <QStringList>
#include <QWidget>
#include <vector>

namespace archscope::ui {

class PriorBars : public QWidget {
    Q_OBJECT
public:
    static constexpr double tallest = 10; ///< weight of a full bar, unless a greater one was given
    static constexpr std::size_t most = 24; ///< bars that can be told apart

    /// As many weights as labels; none: all 1.
    PriorBars(QStringList labels, std::vector<double> weights, QWidget* parent);

    const std::vector<double>& weights() const { return m_weights; }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return { 60, sizeHint().height() }; }

Q_SIGNALS:
    void edited(const std::vector<double>& weights); ///< when the mouse is released, or by a key; never all 0

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool event(QEvent* event) override;

private:
    QRectF barArea(std::size_t index) const;
    std::size_t barAt(double x) const;
    void drag(QPointF position);
    void set(std::size_t index, double weight);
    void commit();

    QStringList m_labels;
    std::vector<double> m_weights;
    std::vector<double> m_committed;
    double m_full = tallest;
    std::size_t m_current = 0;
};

} // namespace archscope::ui
