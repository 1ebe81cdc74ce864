// Two small pictures of a data set: samples, and how many there are of each class.
#pragma once

#include "core/data/task.h"

#include <QImage>
#include <QWidget>
#include <memory>
#include <vector>

namespace archscope::ui {

/// One training sample of each class (images only), as large as fits.
class SampleGrid : public QWidget {
    Q_OBJECT
public:
    explicit SampleGrid(QWidget* parent = nullptr);
    void setTask(std::shared_ptr<const data::Task> task);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    std::vector<QImage> m_images;
    std::vector<QString> m_labels;
};

/// Bars of the classes' counts in the training split.
class ClassBalance : public QWidget {
    Q_OBJECT
public:
    explicit ClassBalance(QWidget* parent = nullptr);
    void setTask(std::shared_ptr<const data::Task> task);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    std::vector<std::int64_t> m_counts;
    std::vector<QString> m_labels;
};

} // namespace archscope::ui
