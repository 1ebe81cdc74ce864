#include "ui/plots/legend_strip.h"

#include "ui/theme/symbols.h"

#include <QPainter>
#include <algorithm>

namespace archscope::ui {

namespace {
constexpr int symbolWidth = 14;
constexpr int gradientWidth = 60;
constexpr int dashesWidth = 22;
constexpr int symbolGap = 5;
constexpr int itemGap = 14;

int widthOf(const LegendItem& item)
{
    if (item.symbol == LegendItem::Symbol::Gradient)
        return gradientWidth;
    return item.pen == Qt::SolidLine ? symbolWidth : dashesWidth;
}

void paintSymbol(QPainter& painter, const LegendItem& item, const QRectF& rect)
{
    const QColor colour = item.colours.empty() ? QColor(Qt::gray) : item.colours.front();
    const QPointF centre = rect.center();
    painter.setBrush(Qt::NoBrush);
    switch (item.symbol) {
    case LegendItem::Symbol::Disc:
        painter.setPen(Qt::NoPen);
        painter.setBrush(colour);
        painter.drawEllipse(centre, 3.5, 3.5);
        break;
    case LegendItem::Symbol::Hollow:
        painter.setPen(QPen(colour, 1.5));
        painter.drawEllipse(centre, 3.5, 3.5);
        break;
    case LegendItem::Symbol::Ring:
        painter.setPen(QPen(colour, 2));
        painter.drawEllipse(centre, 5, 5);
        break;
    case LegendItem::Symbol::Cross:
        painter.setPen(QPen(colour, 1.5));
        painter.drawLine(centre + QPointF(-3, -3), centre + QPointF(3, 3));
        painter.drawLine(centre + QPointF(-3, 3), centre + QPointF(3, -3));
        break;
    case LegendItem::Symbol::Line:
    case LegendItem::Symbol::FaintLine:
        painter.setPen(QPen(colour, item.symbol == LegendItem::Symbol::Line ? 2 : 1, item.pen));
        painter.drawLine(QPointF(rect.left(), centre.y()), QPointF(rect.right(), centre.y()));
        break;
    case LegendItem::Symbol::Star:
        painter.setPen(Qt::NoPen);
        painter.setBrush(colour);
        painter.drawPath(starPath(6).translated(centre));
        break;
    case LegendItem::Symbol::Gradient: {
        QLinearGradient gradient(rect.left(), 0, rect.right(), 0);
        for (std::size_t i = 0; i < item.colours.size(); ++i)
            gradient.setColorAt(static_cast<double>(i) / static_cast<double>(std::max<std::size_t>(1, item.colours.size() - 1)),
                                item.colours[i]);
        painter.fillRect(QRectF(rect.left(), centre.y() - 4, rect.width(), 8), gradient);
        break;
    }
    }
}
} // namespace

LegendStrip::LegendStrip(QWidget* parent)
    : QWidget(parent)
{
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

void LegendStrip::setItems(std::vector<LegendItem> items)
{
    m_items = std::move(items);
    QStringList texts;
    for (const LegendItem& item : m_items)
        texts << item.text;
    setAccessibleName(tr("Legend: %1").arg(texts.join(QStringLiteral(", "))));
    updateGeometry();
    update();
}

int LegendStrip::itemWidth(const LegendItem& item) const
{
    return widthOf(item) + symbolGap + fontMetrics().horizontalAdvance(item.text);
}

int LegendStrip::rowHeight() const
{
    return fontMetrics().height() + 4;
}

std::vector<QRect> LegendStrip::places(int width) const
{
    std::vector<QRect> result;
    int x = 0;
    int y = 0;
    for (const LegendItem& item : m_items) {
        const int own = itemWidth(item);
        if (x > 0 && x + own > width) {
            x = 0;
            y += rowHeight();
        }
        result.emplace_back(x, y, own, rowHeight());
        x += own + itemGap;
    }
    return result;
}

QSize LegendStrip::sizeHint() const
{
    int width = 0;
    for (const LegendItem& item : m_items)
        width += itemWidth(item) + itemGap;
    return {width, rowHeight()};
}

QSize LegendStrip::minimumSizeHint() const
{
    int width = 0;
    for (const LegendItem& item : m_items)
        width = std::max(width, itemWidth(item));
    return {width, rowHeight()};
}

int LegendStrip::heightForWidth(int width) const
{
    const auto rects = places(width);
    return rects.empty() ? rowHeight() : rects.back().bottom() + 1;
}

void LegendStrip::paint(QPainter& painter, int width) const
{
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(font());
    const auto rects = places(width);
    for (std::size_t i = 0; i < m_items.size(); ++i) {
        const int symbol = widthOf(m_items[i]);
        paintSymbol(painter, m_items[i], QRectF(rects[i].left(), rects[i].top(), symbol, rects[i].height()));
        painter.setPen(palette().color(QPalette::Text));
        painter.drawText(rects[i].adjusted(symbol + symbolGap, 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft, m_items[i].text);
    }
}

void LegendStrip::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    paint(painter, width());
}

} // namespace archscope::ui
