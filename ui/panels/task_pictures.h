// Two small pictures of a data set: samples, and how many there are of each class.
#pragma once

#include "core/data/task.h"

#include <QImage>
#include <QWidget>
#include <array>
#include <memory>
#include <vector>

namespace archscope::ui {

/// One training sample of each class: images as they are, vectors as bars of their features in deviations from the mean.
class SampleGrid : public QWidget {
    Q_OBJECT
public:
    explicit SampleGrid(QWidget* parent = nullptr);
    void setTask(std::shared_ptr<const data::Task> task);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    std::shared_ptr<const data::Task> m_task;
    std::vector<std::int64_t> m_samples; ///< one of each class shown
    std::vector<QImage> m_images; ///< of them; empty for vectors
};

/// Bars of the classes' counts, with their parts in training, validation and test.
class ClassBalance : public QWidget {
    Q_OBJECT
public:
    explicit ClassBalance(QWidget* parent = nullptr);
    void setTask(std::shared_ptr<const data::Task> task);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    std::vector<std::array<std::int64_t, 3>> m_counts;
    std::size_t m_more = 0; ///< classes that are not shown
    std::vector<QString> m_labels;
};

} // namespace archscope::ui
