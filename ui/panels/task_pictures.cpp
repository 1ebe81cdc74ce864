#include "ui/panels/task_pictures.h"

#include "ui/theme/theme.h"

#include <QLocale>
#include <QPainter>
#include <algorithm>
#include <cmath>
#include <iterator>

namespace archscope::ui {

namespace {
constexpr int cell = 56;
constexpr int across = 5; ///< samples in a row
constexpr int captionHeight = 16;
constexpr int rowHeight = 18;
constexpr std::size_t mostClasses = 20; ///< more would not be read

QColor textColour()
{
    const Theme* theme = Theme::instance();
    return theme ? theme->colours().textMuted : QColor(Qt::gray);
}

/// Training, validation and test.
std::array<QColor, 3> splitColours()
{
    const Theme* theme = Theme::instance();
    if (!theme)
        return {QColor(Qt::blue), QColor(Qt::gray), QColor(Qt::lightGray)};
    return {theme->colours().accent, theme->series(1), theme->colours().textMuted};
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

/// A vector's features as bars around the middle, in standard deviations from the mean of the training split.
void paintBars(QPainter& painter, const data::Task& task, std::int64_t sample, const QRect& place)
{
    constexpr double reach = 3; // deviations at the edges
    const auto& samples = task.dataset.samples;
    const auto features = samples.sampleSize();
    const double middle = place.top() + place.height() / 2.0;
    const double step = static_cast<double>(place.width()) / static_cast<double>(features);
    const QColor colour = splitColours()[0];
    for (std::int64_t f = 0; f < features; ++f) {
        const auto feature = static_cast<std::size_t>(f);
        const double deviations = (samples.at(sample, f) - task.normalisation.mean[feature]) / task.normalisation.deviation[feature];
        const double height = std::clamp(deviations / reach, -1.0, 1.0) * place.height() / 2.0;
        painter.fillRect(QRectF(place.left() + static_cast<double>(f) * step, std::min(middle, middle - height), std::max(1.0, step - 1), std::abs(height)),
                         colour);
    }
    painter.setPen(textColour());
    painter.drawLine(QPointF(place.left(), middle), QPointF(place.right(), middle));
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
    m_task = std::move(task);
    m_samples.clear();
    m_images.clear();
    const auto& labels = m_task->dataset.labels;
    std::vector<std::int64_t> first(std::min(m_task->dataset.classes.size(), mostClasses), -1);
    for (const std::int64_t i : m_task->splits.train) {
        const auto label = static_cast<std::size_t>(labels[static_cast<std::size_t>(i)]);
        if (label < first.size() && first[label] < 0)
            first[label] = i;
    }
    std::copy_if(first.begin(), first.end(), std::back_inserter(m_samples), [](std::int64_t sample) { return sample >= 0; });
    if (m_task->dataset.isImage()) {
        for (const std::int64_t sample : m_samples)
            m_images.push_back(pictureOf(m_task->dataset.samples, sample));
    }
    setToolTip(m_task->dataset.isImage() ? QString()
                                         : tr("Each bar is a feature: up to three standard deviations above or below its mean"));
    updateGeometry();
    update();
}

QSize SampleGrid::sizeHint() const
{
    const int rows = (static_cast<int>(m_samples.size()) + across - 1) / across;
    return {across * cell, rows * (cell + captionHeight)};
}

void SampleGrid::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const int step = std::min(cell, width() / across);
    for (std::size_t i = 0; i < m_samples.size(); ++i) {
        const int column = static_cast<int>(i) % across;
        const int row = static_cast<int>(i) / across;
        const QRect place(column * step, row * (cell + captionHeight), step - 4, step - 4);
        if (m_images.empty())
            paintBars(painter, *m_task, m_samples[i], place);
        else
            painter.drawImage(place, m_images[i]);
        const auto label = static_cast<std::size_t>(m_task->dataset.labels[static_cast<std::size_t>(m_samples[i])]);
        painter.setPen(textColour());
        painter.drawText(QRect(place.left(), place.bottom() + 1, place.width(), captionHeight), Qt::AlignCenter,
                         painter.fontMetrics().elidedText(QString::fromStdString(m_task->dataset.classes[label]), Qt::ElideRight, place.width()));
    }
}

ClassBalance::ClassBalance(QWidget* parent) : QWidget(parent)
{
    setObjectName("classBalance");
    setAccessibleName(tr("Samples of each class in training, validation and test"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void ClassBalance::setTask(std::shared_ptr<const data::Task> task)
{
    const auto& classes = task->dataset.classes;
    const std::size_t shown = std::min(classes.size(), mostClasses);
    m_more = classes.size() - shown;
    m_counts.assign(shown, {});
    m_labels.clear();
    const std::vector<std::int64_t>* splits[] = {&task->splits.train, &task->splits.validation, &task->splits.test};
    for (std::size_t split = 0; split < 3; ++split) {
        for (const std::int64_t i : *splits[split]) {
            const auto label = static_cast<std::size_t>(task->dataset.labels[static_cast<std::size_t>(i)]);
            if (label < shown)
                ++m_counts[label][split];
        }
    }
    for (std::size_t c = 0; c < shown; ++c)
        m_labels.push_back(QString::fromStdString(classes[c]));
    updateGeometry();
    update();
}

QSize ClassBalance::sizeHint() const
{
    const auto rows = m_counts.size() + 1 + (m_more > 0 ? 1 : 0);
    return {200, static_cast<int>(rows) * rowHeight};
}

void ClassBalance::paintEvent(QPaintEvent*)
{
    if (m_counts.empty())
        return;
    QPainter painter(this);
    const QFontMetrics metrics = painter.fontMetrics();
    const std::array<QColor, 3> colours = splitColours();
    // The legend above, in the order of the parts.
    const QString names[] = {tr("training"), tr("validation"), tr("test")};
    int x = 0;
    for (std::size_t split = 0; split < 3; ++split) {
        painter.fillRect(x, 4, 10, 10, colours[split]);
        painter.setPen(textColour());
        painter.drawText(QRect(x + 14, 0, width(), rowHeight), Qt::AlignLeft | Qt::AlignVCenter, names[split]);
        x += 14 + metrics.horizontalAdvance(names[split]) + 12;
    }
    const auto total = [](const std::array<std::int64_t, 3>& parts) { return parts[0] + parts[1] + parts[2]; };
    std::int64_t largest = 1;
    int labelWidth = 0;
    for (std::size_t i = 0; i < m_counts.size(); ++i) {
        largest = std::max(largest, total(m_counts[i]));
        labelWidth = std::max(labelWidth, metrics.horizontalAdvance(m_labels[i]));
    }
    labelWidth = std::min(labelWidth, width() / 3) + 6;
    const int numberWidth = metrics.horizontalAdvance(QLocale::c().toString(qlonglong(largest))) + 8;
    for (std::size_t i = 0; i < m_counts.size(); ++i) {
        const int top = static_cast<int>(i + 1) * rowHeight;
        painter.setPen(textColour());
        painter.drawText(QRect(0, top, labelWidth - 6, rowHeight), Qt::AlignRight | Qt::AlignVCenter,
                         metrics.elidedText(m_labels[i], Qt::ElideRight, labelWidth - 6));
        double left = labelWidth;
        for (std::size_t split = 0; split < 3; ++split) {
            const double length = (width() - labelWidth - numberWidth) * static_cast<double>(m_counts[i][split]) / static_cast<double>(largest);
            painter.fillRect(QRectF(left, top + 4, length, rowHeight - 8), colours[split]);
            left += length;
        }
        painter.drawText(QRectF(left + 4, top, numberWidth, rowHeight), Qt::AlignLeft | Qt::AlignVCenter,
                         QLocale::c().toString(qlonglong(total(m_counts[i]))));
    }
    if (m_more > 0)
        painter.drawText(QRect(labelWidth, static_cast<int>(m_counts.size() + 1) * rowHeight, width(), rowHeight), Qt::AlignLeft | Qt::AlignVCenter,
                         m_more == 1 ? tr("and 1 more class") : tr("and %1 more classes").arg(m_more));
}

} // namespace archscope::ui
