// How to search: strategy, goals, budget, what makes evaluations cheaper, machine. The forms come from the descriptors.
#pragma once

#include "core/catalog/catalog.h"
#include "core/search/study.h"

#include <QWidget>
#include <map>
#include <memory>

class QCheckBox;
class QComboBox;
class QFormLayout;
class QLabel;
class QLineEdit;
class QPushButton;
class QSpinBox;
class QVBoxLayout;

namespace archscope::ui {

class ConstraintList;
class FoldedSection;
class ObjectiveList;
class SettingsForm;
class TableForm;
class WarmStartList;

class SearchPanel : public QWidget {
    Q_OBJECT
public:
    explicit SearchPanel(std::shared_ptr<const catalog::Catalog> catalog, QWidget* parent = nullptr);

    /// Everything but space and task, which stand elsewhere. Needs `problem()` to be empty.
    search::StudySpec spec() const;
    /// What is wrong in the form itself: a setting out of range, no name, no budget. Empty when all is well.
    QString problem() const;
    QString storeFile() const;
    /// Metrics are looked up, so no data are needed.
    bool usesTable() const;
    /// Learn from that study too.
    void addWarmStart(const search::WarmStartSource& source);
    /// Why one cannot start; empty when one can. Shown beside the start button, which follows.
    void setObstacle(const QString& reason);
    /// A name that no study has yet: the time of day.
    void offerNewName();

Q_SIGNALS:
    void startRequested();
    void edited(); ///< `problem` may be another

private:
    struct Choice { ///< of a component with settings
        QComboBox* name = nullptr;
        QLabel* help = nullptr;
        SettingsForm* settings = nullptr;
    };
    /// `none`: what stands for choosing nothing; empty: something is always chosen.
    Choice addChoice(QVBoxLayout* layout, const QString& objectName, const QString& title, const QString& none);
    void addGoals(QVBoxLayout* layout);
    void addSavings(QVBoxLayout* layout);
    void addBudget(QVBoxLayout* layout);
    void addStudy(QVBoxLayout* layout);
    void showStrategy();
    void showScheduler();
    void showProxy();
    void summarise();
    const search::StrategyDescriptor& strategy() const;

    std::shared_ptr<const catalog::Catalog> m_catalog;
    Choice m_strategy;
    Choice m_scheduler;
    Choice m_proxy;
    QCheckBox* m_inherit = nullptr;
    ObjectiveList* m_objectives = nullptr;
    ConstraintList* m_constraints = nullptr;
    WarmStartList* m_warmStart = nullptr;
    TableForm* m_table = nullptr;
    FoldedSection* m_goals = nullptr;
    FoldedSection* m_savings = nullptr;
    FoldedSection* m_transfer = nullptr;
    FoldedSection* m_evaluation = nullptr;
    FoldedSection* m_machine = nullptr;
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
