// Sorts and filters a TrialTableModel. Set it between the table model and the view.
#pragma once

#include "ui/models/trial_filter.h"
#include "ui/models/trial_table_model.h"

#include <QSortFilterProxyModel>

namespace archscope::ui {

class TrialFilterModel : public QSortFilterProxyModel {
    Q_OBJECT
public:
    explicit TrialFilterModel(QObject* parent = nullptr);
    void setTrials(TrialTableModel* model); ///< not owned; use this instead of setSourceModel

    /// Words or an expression (trial_filter.h). A wrong one is told by `problemChanged` and the last right one stays.
    void setFilterText(const QString& text);
    QString problem() const { return m_problem; } ///< empty when the text is right

    train::TrialId idAt(int row) const;
    int rowOf(train::TrialId id) const; ///< -1 when unknown or filtered out

Q_SIGNALS:
    void problemChanged(const QString& problem);

protected:
    bool filterAcceptsRow(int row, const QModelIndex& parent) const override;
    /// Trials without a value come last, whatever the order.
    bool lessThan(const QModelIndex& left, const QModelIndex& right) const override;

private:
    TrialTableModel* m_trials = nullptr;
    TrialFilter m_filter;
    QString m_problem;
};

} // namespace archscope::ui
