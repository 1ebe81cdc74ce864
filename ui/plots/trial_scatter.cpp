#include "ui/plots/trial_scatter.h"

#include <algorithm>
#include <cmath>

namespace archscope::ui {

namespace {

constexpr double crossReach = 3;     ///< half the width of a cross, pixels
constexpr double crossInset = 6;     ///< of a cross from the lower border
constexpr std::size_t vectorLimit = 20'000; ///< more circles make a vector file that nobody opens

void paintShape(QPainter& painter, TrialScatter::Shape shape, const QColor& colour, const QPointF& centre, double radius)
{
    painter.setBrush(Qt::NoBrush);
    switch (shape) {
    case TrialScatter::Shape::None:
        break;
    case TrialScatter::Shape::Disc:
        painter.setPen(Qt::NoPen);
        painter.setBrush(colour);
        painter.drawEllipse(centre, radius, radius);
        break;
    case TrialScatter::Shape::Hollow: {
        const double hollow = std::max(radius, 2.5) + 0.5;
        painter.setPen(QPen(colour, 1.5));
        painter.drawEllipse(centre, hollow, hollow);
        break;
    }
    case TrialScatter::Shape::BottomCross: {
        painter.setPen(QPen(colour, 1.3));
        // As small among many as discs are.
        const double reach = std::min(crossReach, radius + 0.5);
        painter.drawLine(centre + QPointF(-reach, -reach), centre + QPointF(reach, reach));
        painter.drawLine(centre + QPointF(-reach, reach), centre + QPointF(reach, -reach));
        break;
    }
    }
}

/// Source over destination, premultiplied.
QRgb over(QRgb source, QRgb destination)
{
    const unsigned keep = 255 - qAlpha(source);
    if (keep == 0)
        return source;
    const auto part = [keep](unsigned value) { return (value * keep + 127) / 255; };
    return qRgba(qRed(source) + static_cast<int>(part(static_cast<unsigned>(qRed(destination)))),
                 qGreen(source) + static_cast<int>(part(static_cast<unsigned>(qGreen(destination)))),
                 qBlue(source) + static_cast<int>(part(static_cast<unsigned>(qBlue(destination)))),
                 qAlpha(source) + static_cast<int>(part(static_cast<unsigned>(qAlpha(destination)))));
}

void stamp(QImage& image, const QImage& pattern, int left, int top)
{
    const int x0 = std::max(0, -left);
    const int x1 = std::min(pattern.width(), image.width() - left);
    const int y0 = std::max(0, -top);
    const int y1 = std::min(pattern.height(), image.height() - top);
    for (int y = y0; y < y1; ++y) {
        const auto* from = reinterpret_cast<const QRgb*>(pattern.constScanLine(y));
        auto* to = reinterpret_cast<QRgb*>(image.scanLine(top + y)) + left;
        for (int x = x0; x < x1; ++x) {
            if (qAlpha(from[x]))
                to[x] = over(from[x], to[x]);
        }
    }
}

} // namespace

TrialScatter::TrialScatter(QCPAxis* keyAxis, QCPAxis* valueAxis)
    : QCPAbstractPlottable(keyAxis, valueAxis)
    , m_colours({Qt::gray})
{
    setSelectable(QCP::stNone);
}

void TrialScatter::setColours(std::vector<QColor> colours)
{
    Q_ASSERT(!colours.empty());
    m_colours = std::move(colours);
}

double TrialScatter::radiusFor(std::size_t points)
{
    if (points <= 500)
        return 3.5;
    if (points <= 3'000)
        return 2.5;
    if (points <= 10'000)
        return 1.75;
    return 1;
}

QPointF TrialScatter::toPixel(const Point& point) const
{
    if (point.shape == Shape::BottomCross)
        return {mKeyAxis->coordToPixel(point.x), mValueAxis->axisRect()->bottom() - crossInset};
    return {mKeyAxis->coordToPixel(point.x), mValueAxis->coordToPixel(point.y)};
}

std::optional<TrialScatter::Bounds> TrialScatter::bounds() const
{
    std::optional<Bounds> result;
    for (const Point& point : m_points) {
        if (point.shape == Shape::None)
            continue;
        if (!result)
            result = Bounds{point.x, point.x, 0, 0, false};
        result->left = std::min(result->left, point.x);
        result->right = std::max(result->right, point.x);
        if (point.shape == Shape::BottomCross)
            continue;
        result->bottom = result->hasHeight ? std::min(result->bottom, point.y) : point.y;
        result->top = result->hasHeight ? std::max(result->top, point.y) : point.y;
        result->hasHeight = true;
    }
    return result;
}

std::optional<int> TrialScatter::nearest(const QPointF& pixel, double reach) const
{
    std::optional<int> found;
    double best = reach * reach;
    for (std::size_t i = 0; i < m_points.size(); ++i) {
        if (m_points[i].shape == Shape::None)
            continue;
        const QPointF away = toPixel(m_points[i]) - pixel;
        const double distance = QPointF::dotProduct(away, away);
        if (distance <= best) { // of points at the same place the later one, which is drawn above
            best = distance;
            found = static_cast<int>(i);
        }
    }
    return found;
}

std::optional<QPointF> TrialScatter::pixelOf(int index) const
{
    if (index < 0 || static_cast<std::size_t>(index) >= m_points.size())
        return std::nullopt;
    const Point& point = m_points[static_cast<std::size_t>(index)];
    if (point.shape == Shape::None)
        return std::nullopt;
    const QPointF pixel = toPixel(point);
    if (!QRectF(mKeyAxis->axisRect()->rect()).adjusted(-1, -1, 1, 1).contains(pixel))
        return std::nullopt;
    return pixel;
}

double TrialScatter::selectTest(const QPointF&, bool, QVariant*) const
{
    return -1; // selection is the panel's
}

QCPRange TrialScatter::getKeyRange(bool& foundRange, QCP::SignDomain) const
{
    const auto all = bounds();
    foundRange = all.has_value();
    return all ? QCPRange(all->left, all->right) : QCPRange();
}

QCPRange TrialScatter::getValueRange(bool& foundRange, QCP::SignDomain, const QCPRange&) const
{
    const auto all = bounds();
    foundRange = all && all->hasHeight;
    return foundRange ? QCPRange(all->bottom, all->top) : QCPRange();
}

void TrialScatter::draw(QCPPainter* painter)
{
    const QRectF area = mKeyAxis->axisRect()->rect();
    if (painter->modes().testFlag(QCPPainter::pmVectorized) && m_points.size() <= vectorLimit)
        drawVector(painter, area);
    else
        drawStamped(painter, area);
}

void TrialScatter::drawVector(QCPPainter* painter, const QRectF& area) const
{
    painter->setAntialiasing(true);
    const double radius = radiusFor(m_points.size());
    for (const Point& point : m_points) {
        const QPointF pixel = toPixel(point);
        if (point.shape != Shape::None && area.contains(pixel))
            paintShape(*painter, point.shape, m_colours[point.colour], pixel, radius);
    }
}

void TrialScatter::drawStamped(QCPPainter* painter, const QRectF& area) const
{
    const double scale = painter->device()->devicePixelRatioF();
    QImage image((area.size() * scale).toSize(), QImage::Format_ARGB32_Premultiplied);
    if (image.isNull())
        return;
    image.fill(Qt::transparent);

    // One pattern a colour and shape; dots have small ones.
    const double radius = radiusFor(m_points.size());
    constexpr std::size_t shapes = 4;
    std::vector<QImage> patterns(m_colours.size() * shapes);
    for (const Point& point : m_points) {
        if (point.shape == Shape::None)
            continue;
        const double reach = point.shape == Shape::Disc ? radius : std::max(radius, crossReach) + 1;
        const int half = static_cast<int>(std::ceil((reach + 0.5) * scale));
        const QPointF pixel = (toPixel(point) - area.topLeft()) * scale;
        if (!(pixel.x() > -half && pixel.x() < image.width() + half && pixel.y() > -half && pixel.y() < image.height() + half))
            continue; // a NaN as well
        QImage& pattern = patterns[point.colour * shapes + static_cast<std::size_t>(point.shape)];
        if (pattern.isNull()) {
            pattern = QImage(2 * half, 2 * half, QImage::Format_ARGB32_Premultiplied);
            pattern.fill(Qt::transparent);
            QPainter drawer(&pattern);
            drawer.setRenderHint(QPainter::Antialiasing);
            drawer.scale(scale, scale);
            paintShape(drawer, point.shape, m_colours[point.colour], QPointF(half, half) / scale, radius);
        }
        stamp(image, pattern, static_cast<int>(std::lround(pixel.x())) - half, static_cast<int>(std::lround(pixel.y())) - half);
    }
    image.setDevicePixelRatio(scale);
    painter->drawImage(area.topLeft(), image);
}

void TrialScatter::drawLegendIcon(QCPPainter* painter, const QRectF& rect) const
{
    paintShape(*painter, Shape::Disc, m_colours.front(), rect.center(), 3.5);
}

} // namespace archscope::ui
