#include "ui/graph/prior_bars.h"

#include "ui/graph/canvas_colours.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>
#include <numeric>

namespace archscope::ui {

namespace {
constexpr double barHeight = 44;
}

PriorBars::PriorBars(QStringList labels, std::vector<double> weights, QWidget* parent)
    : QWidget(parent)
    , m_labels(std::move(labels))
    , m_weights(std::move(weights))
{
    m_weights.resize(static_cast<std::size_t>(m_labels.size()), 1);
    m_committed = m_weights;
    m_full = std::max(tallest, *std::ranges::max_element(m_weights));
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(tr("Prior weights"));
    setAccessibleDescription(tr("Left and right choose a value, up and down change its weight, digits set it."));
}

QSize PriorBars::sizeHint() const
{
    return { 200, static_cast<int>(barHeight) + fontMetrics().height() + 6 };
}

QRectF PriorBars::barArea(std::size_t index) const
{
    const double step = width() / static_cast<double>(m_weights.size());
    return { static_cast<double>(index) * step + 2, 2, std::max(2.0, step - 4), barHeight };
}

std::size_t PriorBars::barAt(double x) const
{
    const double step = width() / static_cast<double>(m_weights.size());
    return static_cast<std::size_t>(std::clamp(std::floor(x / step), 0.0, static_cast<double>(m_weights.size() - 1)));
}

void PriorBars::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const ThemeColours& colours = canvasColours();
    for (std::size_t i = 0; i < m_weights.size(); ++i) {
        const QRectF area = barArea(i);
        painter.setPen(Qt::NoPen);
        painter.setBrush(colours.grid);
        painter.drawRoundedRect(area, 2, 2);
        QRectF bar = area;
        bar.setTop(area.bottom() - std::max(1.0, area.height() * m_weights[i] / m_full));
        painter.setBrush(isEnabled() ? colours.accent : colours.textDisabled);
        painter.drawRoundedRect(bar, 2, 2);
        if (hasFocus() && i == m_current) {
            painter.setBrush(Qt::NoBrush);
            painter.setPen(QPen(colours.selected, 2));
            painter.drawRoundedRect(area, 2, 2);
        }
        painter.setPen(m_weights[i] > 0 ? colours.text : colours.textMuted);
        const QRectF under(area.left() - 2, area.bottom() + 2, area.width() + 4, fontMetrics().height());
        const QString& label = m_labels[static_cast<qsizetype>(i)];
        painter.drawText(under, Qt::AlignHCenter | Qt::AlignTop,
            fontMetrics().elidedText(label, Qt::ElideRight, static_cast<int>(under.width())));
    }
}

void PriorBars::set(std::size_t index, double weight)
{
    m_weights[index] = std::clamp(std::round(weight * 2) / 2, 0.0, m_full);
    if (std::ranges::all_of(m_weights, [](double w) { return w <= 0; }))
        m_weights[index] = 0.5; // something must be possible
    update();
}

void PriorBars::commit()
{
    if (m_weights == m_committed)
        return;
    m_committed = m_weights;
    Q_EMIT edited(m_weights);
}

void PriorBars::drag(QPointF position)
{
    const QRectF area = barArea(m_current);
    set(m_current, m_full * (area.bottom() - position.y()) / area.height());
}

void PriorBars::mousePressEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton)
        return;
    m_current = barAt(event->position().x());
    drag(event->position());
}

void PriorBars::mouseMoveEvent(QMouseEvent* event)
{
    if (event->buttons() & Qt::LeftButton)
        drag(event->position());
}

void PriorBars::mouseReleaseEvent(QMouseEvent*)
{
    commit();
}

void PriorBars::keyPressEvent(QKeyEvent* event)
{
    const auto last = m_weights.size() - 1;
    switch (event->key()) {
    case Qt::Key_Left:
        m_current = m_current > 0 ? m_current - 1 : last;
        break;
    case Qt::Key_Right:
        m_current = m_current < last ? m_current + 1 : 0;
        break;
    case Qt::Key_Up:
        set(m_current, m_weights[m_current] + 1);
        break;
    case Qt::Key_Down:
        set(m_current, m_weights[m_current] - 1);
        break;
    default:
        if (event->key() < Qt::Key_0 || event->key() > Qt::Key_9) {
            QWidget::keyPressEvent(event);
            return;
        }
        set(m_current, event->key() - Qt::Key_0);
    }
    update();
    commit();
}

bool PriorBars::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const std::size_t index = barAt(help->pos().x());
        const double sum = std::accumulate(m_weights.begin(), m_weights.end(), 0.0);
        QToolTip::showText(help->globalPos(),
            tr("%1: weight %2, drawn in %3 % of samples")
                .arg(m_labels[static_cast<qsizetype>(index)])
                .arg(m_weights[index])
                .arg(qRound(100 * m_weights[index] / sum)),
            this);
        return true;
    }
    return QWidget::event(event);
}

} // namespace archscope::ui
