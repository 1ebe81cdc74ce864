// How to search: strategy with its settings, budget, fidelity, device. The forms come from the descriptors.
#pragma once

#include "core/catalog/catalog.h"
#include "core/search/study.h"

#include <QWidget>
#include <map>
#include <memory>

class QComboBox;
class QFormLayout;
class QLabel;
class QLineEdit;
class QPushButton;
class QSpinBox;

namespace archscope::ui {

class SearchPanel : public QWidget {
    Q_OBJECT
public:
    explicit SearchPanel(std::shared_ptr<const catalog::Catalog> catalog, QWidget* parent = nullptr);

    /// Everything but space and task, which stand elsewhere. Needs `problem()` to be empty.
    search::StudySpec spec() const;
    /// What is wrong in the form itself: a setting out of range, no name, no budget. Empty when all is well.
    QString problem() const;
    QString storeFile() const;
    /// Why one cannot start; empty when one can. Shown beside the start button, which follows.
    void setObstacle(const QString& reason);
    /// A name that no study has yet: the time of day.
    void offerNewName();

Q_SIGNALS:
    void startRequested();
    void edited(); ///< `problem` may be another

private:
    void showStrategy();

    std::shared_ptr<const catalog::Catalog> m_catalog;
    QComboBox* m_strategy = nullptr;
    QLabel* m_help = nullptr;
    QFormLayout* m_form = nullptr;
    int m_firstSetting = 0; ///< row of the strategy's first setting
    std::map<std::string, QLineEdit*> m_fields;
    QSpinBox* m_trials = nullptr;
    QSpinBox* m_minutes = nullptr;
    QSpinBox* m_epochs = nullptr;
    QSpinBox* m_jobs = nullptr;
    QSpinBox* m_seed = nullptr;
    QComboBox* m_device = nullptr;
    QLineEdit* m_name = nullptr;
    QLineEdit* m_store = nullptr;
    QLabel* m_obstacle = nullptr;
    QPushButton* m_start = nullptr;
};

} // namespace archscope::ui
