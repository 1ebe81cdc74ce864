// A row of "what means what" above a plot; wraps where the row is narrow.
#pragma once

#include <QColor>
#include <QWidget>
#include <vector>

namespace archscope::ui {

struct LegendItem {
    enum class Symbol { Disc, Hollow, Cross, Line, FaintLine, Ring, Star, Gradient } symbol = Symbol::Disc;
    QString text;
    std::vector<QColor> colours; ///< one; for a gradient, its stops
    Qt::PenStyle pen = Qt::SolidLine; ///< of lines
};

class LegendStrip : public QWidget {
    Q_OBJECT
public:
    explicit LegendStrip(QWidget* parent = nullptr);
    void setItems(std::vector<LegendItem> items);
    const std::vector<LegendItem>& items() const { return m_items; }
    /// Draws into a strip of this width from the painter's origin.
    void paint(QPainter& painter, int width) const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    int itemWidth(const LegendItem& item) const;
    int rowHeight() const;
    /// Where the items go, in order.
    std::vector<QRect> places(int width) const;

    std::vector<LegendItem> m_items;
};

} // namespace archscope::ui
