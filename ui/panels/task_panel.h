// The task: which data, what is in it, how it is split and trained on. Data is read off the GUI thread.
#pragma once

#include "core/catalog/catalog.h"
#include "ui/bridge/background.h"

#include <QWidget>
#include <memory>

class QLabel;

namespace archscope::ui {

class ClassBalance;
class RecipeForm;
class SampleGrid;

class TaskPanel : public QWidget {
    Q_OBJECT
public:
    explicit TaskPanel(std::shared_ptr<const catalog::Catalog> catalog, QWidget* parent = nullptr);

    /// The loaded task with the recipe as edited; null while there is none.
    std::shared_ptr<const data::Task> task() const;
    bool isLoaded() const { return m_task != nullptr; }

public Q_SLOTS:
    void openSample();
    void chooseFile();
    void chooseFolder();
    /// A file or folder of data: its format is detected.
    void openPath(const QString& path);
    void show(std::shared_ptr<const archscope::data::Task> task);

Q_SIGNALS:
    void taskChanged(); ///< other data; edits of the recipe are not told

protected:
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    void load(Result<data::TaskSpec> spec);
    void say(const QString& message);
    void showError(const QString& message);

    std::shared_ptr<const catalog::Catalog> m_catalog;
    mutable std::shared_ptr<const data::Task> m_task;
    QLabel* m_summary = nullptr;
    QLabel* m_message = nullptr;
    SampleGrid* m_samples = nullptr;
    ClassBalance* m_balance = nullptr;
    QWidget* m_details = nullptr; ///< what is shown of a task
    RecipeForm* m_recipe = nullptr;
    LatestOnly m_latest;
};

} // namespace archscope::ui
