// How candidates are trained: every field of the recipe, with its range and what it does.
#pragma once

#include "core/data/task.h"

#include <QSet>
#include <QWidget>
#include <functional>
#include <vector>

class QFormLayout;
class QLabel;
class QPushButton;
class QSpinBox;

namespace archscope::ui {

class RecipeForm : public QWidget {
    Q_OBJECT
public:
    explicit RecipeForm(QWidget* parent = nullptr);

    /// Shows the task's recipe; augmentation only where the data are images.
    void setTask(const data::Task& task);
    const data::Recipe& recipe() const { return m_recipe; } ///< as edited

private:
    struct Row {
        QWidget* field;
        std::function<void()> show; ///< what the recipe says
    };
    QSpinBox* addWhole(int data::Recipe::* member, const char* name, const QString& title, const QString& help, std::pair<int, int> range,
                  const QString& suffix, const QString& zero = {});
    void addReal(double data::Recipe::* member, const char* name, const QString& title, const QString& help,
                 std::pair<double, double> range, const QString& suffix = {}, const QString& zero = {});
    void addRow(QWidget* field, const char* name, const QString& title, const QString& help, std::function<void()> show);
    void describe();

    data::Recipe m_recipe;
    data::Recipe m_fitting; ///< what suits the data
    std::int64_t m_trainingSamples = 0;
    QFormLayout* m_form = nullptr;
    std::vector<Row> m_rows;
    QSpinBox* m_shift = nullptr;
    QSet<QWidget*> m_onlyImages; ///< fields
    QLabel* m_note = nullptr;
    QPushButton* m_fit = nullptr;
    bool m_filling = false;
};

} // namespace archscope::ui
