// All trials of a study: sorted, filtered, selected together with every other view.
#pragma once

#include "ui/models/trial_filter_model.h"
#include "ui/models/trial_table_model.h"

#include <QWidget>

class QLabel;
class QLineEdit;
class QTableView;

namespace archscope::ui {

class CandidateTable : public QWidget {
    Q_OBJECT
public:
    CandidateTable(Theme* theme, TrialSelection* selection, QWidget* parent = nullptr);
    void setSession(StudySession* session); ///< null: none

private:
    void toSelection();
    void fromSelection();
    void showCount();

    TrialSelection* m_selection;
    TrialTableModel* m_trials;
    TrialFilterModel* m_filtered;
    QLineEdit* m_filter;
    QLabel* m_count;
    QTableView* m_view;
    bool m_syncing = false;
};

} // namespace archscope::ui
