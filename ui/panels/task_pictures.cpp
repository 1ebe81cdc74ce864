#include "ui/panels/task_pictures.h"

#include "ui/theme/theme.h"

#include <QLocale>
#include <QPainter>
#include <algorithm>
#include <cmath>

namespace archscope::ui {

namespace {
constexpr int cell = 56;
constexpr int captionHeight = 16;
constexpr int rowHeight = 18;
constexpr std::size_t mostClasses = 20; ///< more would not be read

QColor textColour()
{
    const Theme* theme = Theme::instance();
    return theme ? theme->colours().textMuted : QColor(Qt::gray);
}

/// One sample as a picture, stretched to the range of its values.
QImage pictureOf(const data::Samples& samples, std::int64_t sample)
{
    const auto channels = samples.shape[0];
    const int height = static_cast<int>(samples.shape[1]);
    const int width = static_cast<int>(samples.shape[2]);
    const std::int64_t pixels = std::int64_t{height} * width;
    float low = samples.at(sample, 0);
    float high = low;
    for (std::int64_t i = 0; i < samples.sampleSize(); ++i) {
        low = std::min(low, samples.at(sample, i));
        high = std::max(high, samples.at(sample, i));
    }
    const float scale = high > low ? 255.0F / (high - low) : 0.0F;
    QImage image(width, height, QImage::Format_RGB32);
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            const auto level = [&](std::int64_t channel) {
                const std::int64_t source = std::min(channel, channels - 1);
                return static_cast<int>((samples.at(sample, source * pixels + std::int64_t{y} * width + x) - low) * scale);
            };
            image.setPixel(x, y, channels >= 3 ? qRgb(level(0), level(1), level(2)) : qRgb(level(0), level(0), level(0)));
        }
    }
    return image;
}
} // namespace

SampleGrid::SampleGrid(QWidget* parent) : QWidget(parent)
{
    setObjectName("sampleGrid");
    setAccessibleName(tr("One sample of each class"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void SampleGrid::setTask(std::shared_ptr<const data::Task> task)
{
    m_images.clear();
    m_labels.clear();
    if (task && task->dataset.isImage()) {
        for (std::size_t c = 0; c < std::min(task->dataset.classes.size(), mostClasses); ++c) {
            const auto& train = task->splits.train;
            const auto it = std::find_if(train.begin(), train.end(), [&](std::int64_t i) {
                return task->dataset.labels[static_cast<std::size_t>(i)] == static_cast<std::int64_t>(c);
            });
            if (it == train.end())
                continue;
            m_images.push_back(pictureOf(task->dataset.samples, *it));
            m_labels.push_back(QString::fromStdString(task->dataset.classes[c]));
        }
    }
    setVisible(!m_images.empty());
    updateGeometry();
    update();
}

QSize SampleGrid::sizeHint() const
{
    const int rows = static_cast<int>((m_images.size() + 4) / 5);
    return {5 * cell, rows * (cell + captionHeight)};
}

void SampleGrid::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setPen(textColour());
    const int step = std::min(cell, width() / 5);
    for (std::size_t i = 0; i < m_images.size(); ++i) {
        const QRect place(static_cast<int>(i % 5) * step, static_cast<int>(i / 5) * (cell + captionHeight), step - 4, step - 4);
        painter.drawImage(place, m_images[i]);
        painter.drawText(QRect(place.left(), place.bottom() + 1, step - 4, captionHeight), Qt::AlignCenter,
                         painter.fontMetrics().elidedText(m_labels[i], Qt::ElideRight, step - 4));
    }
}

ClassBalance::ClassBalance(QWidget* parent) : QWidget(parent)
{
    setObjectName("classBalance");
    setAccessibleName(tr("Training samples of each class"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void ClassBalance::setTask(std::shared_ptr<const data::Task> task)
{
    m_counts.clear();
    m_labels.clear();
    if (task) {
        m_counts.assign(std::min(task->dataset.classes.size(), mostClasses), 0);
        for (const std::int64_t i : task->splits.train) {
            const auto label = static_cast<std::size_t>(task->dataset.labels[static_cast<std::size_t>(i)]);
            if (label < m_counts.size())
                ++m_counts[label];
        }
        for (std::size_t c = 0; c < m_counts.size(); ++c)
            m_labels.push_back(QString::fromStdString(task->dataset.classes[c]));
    }
    setVisible(!m_counts.empty());
    updateGeometry();
    update();
}

QSize ClassBalance::sizeHint() const
{
    return {200, static_cast<int>(m_counts.size()) * rowHeight};
}

void ClassBalance::paintEvent(QPaintEvent*)
{
    if (m_counts.empty())
        return;
    QPainter painter(this);
    const Theme* theme = Theme::instance();
    const double largest = static_cast<double>(std::max<std::int64_t>(1, *std::max_element(m_counts.begin(), m_counts.end())));
    const int labelWidth = std::min(90, width() / 3);
    const int numberWidth = painter.fontMetrics().horizontalAdvance("00,000") + 8;
    for (std::size_t i = 0; i < m_counts.size(); ++i) {
        const int top = static_cast<int>(i) * rowHeight;
        painter.setPen(textColour());
        painter.drawText(QRect(0, top, labelWidth - 6, rowHeight), Qt::AlignRight | Qt::AlignVCenter,
                         painter.fontMetrics().elidedText(m_labels[i], Qt::ElideRight, labelWidth - 6));
        const int length = static_cast<int>((width() - labelWidth - numberWidth) * static_cast<double>(m_counts[i]) / largest);
        painter.fillRect(labelWidth, top + 4, length, rowHeight - 8, theme ? theme->colours().accent : QColor(Qt::blue));
        painter.drawText(QRect(labelWidth + length + 4, top, numberWidth, rowHeight), Qt::AlignLeft | Qt::AlignVCenter,
                         QLocale::c().toString(qlonglong(m_counts[i])));
    }
}

} // namespace archscope::ui
