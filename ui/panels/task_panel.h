// The task: which data, what is in it, how it is split and trained on. Data is read off the GUI thread.
#pragma once

#include "core/catalog/catalog.h"
#include "ui/bridge/background.h"

#include <QWidget>
#include <memory>

class QFormLayout;
class QLabel;
class QPushButton;
class QSpinBox;
class QDoubleSpinBox;

namespace archscope::ui {

class ClassBalance;
class SampleGrid;

class TaskPanel : public QWidget {
    Q_OBJECT
public:
    explicit TaskPanel(std::shared_ptr<const catalog::Catalog> catalog, QWidget* parent = nullptr);

    /// The loaded task with the recipe as edited; null while there is none.
    std::shared_ptr<const data::Task> task() const { return m_task; }

public Q_SLOTS:
    void openSample();
    void chooseFile();
    void chooseFolder();
    /// A file or folder of data: its format is detected.
    void openPath(const QString& path);
    void show(std::shared_ptr<const archscope::data::Task> task);

Q_SIGNALS:
    void taskChanged();

protected:
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    void load(Result<data::TaskSpec> spec);
    void applyRecipe();
    void showError(const QString& message);

    std::shared_ptr<const catalog::Catalog> m_catalog;
    std::shared_ptr<const data::Task> m_task;
    QLabel* m_summary = nullptr;
    QLabel* m_message = nullptr;
    SampleGrid* m_samples = nullptr;
    ClassBalance* m_balance = nullptr;
    QSpinBox* m_epochs = nullptr;
    QSpinBox* m_batch = nullptr;
    QDoubleSpinBox* m_rate = nullptr;
    QWidget* m_recipe = nullptr;
    LatestOnly m_latest;
    bool m_filling = false;
};

} // namespace archscope::ui
