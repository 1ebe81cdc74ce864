// The points of all trials, one for each by index: drawn fast enough for 100,000 of them at 30 frames a second.
//
// QCustomPlot's own scatters draw each point through QPainter: 150 ms for 100,000 discs. Here discs are stamped into an image:
// some milliseconds. Few points are discs, many are small, very many are dots. Vector exports get real circles.
#pragma once

#include "ui/plots/qcustomplot_header.h"

#include <limits>
#include <optional>
#include <vector>

namespace archscope::ui {

class TrialScatter : public QCPAbstractPlottable {
public:
    enum class Shape : unsigned char {
        None,
        Disc,
        Hollow,
        BottomCross, ///< at the lower border, whatever y and the range are
    };
    struct Point {
        double x = std::numeric_limits<double>::quiet_NaN();
        double y = std::numeric_limits<double>::quiet_NaN();
        unsigned char colour = 0; ///< index into the colours
        Shape shape = Shape::None;
    };
    struct Bounds {
        double left = 0, right = 0;
        double bottom = 0, top = 0; ///< of points other than crosses
        bool hasHeight = false;     ///< whether there are such points
    };

    TrialScatter(QCPAxis* keyAxis, QCPAxis* valueAxis);
    void setColours(std::vector<QColor> colours);

    const std::vector<Point>& points() const { return m_points; }
    void resize(std::size_t size) { m_points.resize(size); }
    void clear() { m_points.clear(); }
    Point& operator[](std::size_t index) { return m_points[index]; }

    /// Nothing when no point is drawn.
    std::optional<Bounds> bounds() const;
    /// Index of the nearest drawn point within reach (pixels), or nothing.
    std::optional<int> nearest(const QPointF& pixel, double reach) const;
    /// Where a point is; nothing when it is not drawn or out of the axes.
    std::optional<QPointF> pixelOf(int index) const;
    /// The radius of discs, in pixels, for so many points.
    static double radiusFor(std::size_t points);

    double selectTest(const QPointF& pos, bool onlySelectable, QVariant* details = nullptr) const override;
    QCPRange getKeyRange(bool& foundRange, QCP::SignDomain inSignDomain = QCP::sdBoth) const override;
    QCPRange getValueRange(bool& foundRange, QCP::SignDomain inSignDomain = QCP::sdBoth,
                           const QCPRange& inKeyRange = QCPRange()) const override;

protected:
    void draw(QCPPainter* painter) override;
    void drawLegendIcon(QCPPainter* painter, const QRectF& rect) const override;

private:
    QPointF toPixel(const Point& point) const;
    void drawVector(QCPPainter* painter, const QRectF& area) const;
    void drawStamped(QCPPainter* painter, const QRectF& area) const;

    std::vector<Point> m_points;
    std::vector<QColor> m_colours;
};

} // namespace archscope::ui
