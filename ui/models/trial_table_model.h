// The trials of a session as a table. A row is a trial, at the session's index: rows are appended and updated, and reset only
// when another study is opened.
#pragma once

#include "ui/bridge/study_session.h"
#include "ui/models/pareto_tracker.h"
#include "ui/models/trial_selection.h"

#include <QAbstractTableModel>
#include <QIcon>
#include <QPointer>
#include <array>

namespace archscope::ui {

class Theme;

class TrialTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column {
        IdColumn,
        StateColumn,
        ValidationColumn,
        TrainingColumn,
        GapColumn,
        LatencyColumn,
        ParametersColumn,
        FlopsColumn,
        SecondsColumn,
        ParentsColumn,
        ArchitectureColumn,
        MessageColumn,
        ColumnCount
    };
    enum Role {
        SortRole = Qt::UserRole + 1, ///< a number or a text to sort by; an invalid variant where there is no value
        TrialIdRole,                 ///< qlonglong
        BestRole,                    ///< bool
        ParetoRole,                  ///< bool: on the Pareto front (of the study's objectives; with one, against latency)
        SelectedRole                 ///< bool
    };

    /// Both outlive the model; `selection` may be null.
    TrialTableModel(const Theme* theme, TrialSelection* selection, QObject* parent = nullptr);
    /// Null: an empty table. The session may die before the model.
    void setSession(StudySession* session);
    StudySession* session() const { return m_session; }

    train::TrialId idAt(int row) const;
    int rowOf(train::TrialId id) const; ///< -1 when unknown
    const train::Trial* trialAt(int row) const;
    QString architectureAt(int row) const;
    /// What a number column sorts by; NaN where there is no value. Text columns: NaN.
    double sortNumber(int row, int column) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    void reload();
    void append(int first, int last);
    void update(const std::vector<int>& indices);
    void updateBest();
    void updateFront(std::span<const int> indices);
    void updateSelection();
    void repaintRow(int row);
    QString display(const train::Trial& trial, int row, int column) const;
    QString toolTip(const train::Trial& trial, int row, int column) const;
    QIcon chip(int row) const;
    void makeChips();
    void readNumbers(int row);

    const Theme* m_theme;
    QPointer<TrialSelection> m_selection;
    QPointer<StudySession> m_session;
    ParetoTracker m_pareto;
    std::vector<train::TrialId> m_selected; ///< as last painted
    std::vector<std::array<double, ColumnCount>> m_numbers; ///< by row: sorting 100,000 rows reads them 3 million times
    mutable std::vector<QString> m_architectures; ///< by row, made when first asked for; null: not yet
    QIcon m_bestChip, m_selectedChip, m_paretoChip, m_noChip;
    int m_best = -1;
    int m_rows = 0; ///< what views have been told
};

} // namespace archscope::ui
