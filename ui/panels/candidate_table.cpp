#include "ui/panels/candidate_table.h"

#include "ui/theme/theme.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QTableView>
#include <QVBoxLayout>
#include <algorithm>

namespace archscope::ui {

CandidateTable::CandidateTable(Theme* theme, TrialSelection* selection, QWidget* parent) : QWidget(parent), m_selection(selection)
{
    setObjectName("candidateTablePanel");
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(4, 4, 4, 4);
    auto* row = new QHBoxLayout;
    m_filter = new QLineEdit(this);
    m_filter->setObjectName("candidateFilter");
    m_filter->setClearButtonEnabled(true);
    m_filter->setPlaceholderText(tr("Filter: words, or val_accuracy > 0.9 and params < 1e6"));
    row->addWidget(m_filter, 1);
    m_count = new QLabel(this);
    row->addWidget(m_count);
    layout->addLayout(row);
    m_trials = new TrialTableModel(theme, selection, this);
    m_filtered = new TrialFilterModel(this);
    m_filtered->setTrials(m_trials);
    m_view = new QTableView(this);
    m_view->setObjectName("candidateTable");
    m_view->setAccessibleName(tr("Candidates"));
    m_view->setModel(m_filtered);
    m_view->setSortingEnabled(true);
    m_view->sortByColumn(TrialTableModel::IdColumn, Qt::AscendingOrder);
    m_view->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_view->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_view->setWordWrap(false);
    m_view->setIconSize({12, 12});
    m_view->verticalHeader()->hide();
    m_view->verticalHeader()->setDefaultSectionSize(m_view->fontMetrics().height() + 8);
    m_view->horizontalHeader()->setStretchLastSection(true);
    // Wide enough for each title with its sort arrow; what varies in length has room of its own.
    for (int column = 0; column < TrialTableModel::ColumnCount; ++column) {
        const QString title = m_filtered->headerData(column, Qt::Horizontal).toString();
        m_view->setColumnWidth(column, std::max(80, m_view->horizontalHeader()->fontMetrics().horizontalAdvance(title) + 44));
    }
    m_view->setColumnWidth(TrialTableModel::StateColumn, 170);
    m_view->setColumnWidth(TrialTableModel::ArchitectureColumn, 420);
    layout->addWidget(m_view, 1);
    connect(m_filter, &QLineEdit::textChanged, m_filtered, &TrialFilterModel::setFilterText);
    connect(m_filtered, &TrialFilterModel::problemChanged, this, &CandidateTable::showCount);
    connect(m_filtered, &QAbstractItemModel::rowsInserted, this, &CandidateTable::showCount);
    connect(m_filtered, &QAbstractItemModel::rowsRemoved, this, &CandidateTable::showCount);
    connect(m_filtered, &QAbstractItemModel::modelReset, this, &CandidateTable::showCount);
    connect(m_view->selectionModel(), &QItemSelectionModel::selectionChanged, this, &CandidateTable::toSelection);
    connect(m_selection, &TrialSelection::changed, this, &CandidateTable::fromSelection);
}

void CandidateTable::setSession(StudySession* session)
{
    m_trials->setSession(session);
    showCount();
}

void CandidateTable::showCount()
{
    const QString problem = m_filtered->problem();
    m_count->setText(!problem.isEmpty() ? problem : tr("%1 of %2").arg(m_filtered->rowCount()).arg(m_trials->rowCount()));
}

void CandidateTable::toSelection()
{
    if (m_syncing)
        return;
    std::vector<train::TrialId> ids;
    const QModelIndexList rows = m_view->selectionModel()->selectedRows();
    for (const QModelIndex& index : rows)
        ids.push_back(m_filtered->idAt(index.row()));
    m_syncing = true;
    m_selection->selectMany(std::move(ids), m_filtered->idAt(m_view->currentIndex().row()));
    m_syncing = false;
}

void CandidateTable::fromSelection()
{
    if (m_syncing)
        return;
    m_syncing = true;
    QItemSelection selection;
    for (const train::TrialId id : m_selection->selected()) {
        if (const int row = m_filtered->rowOf(id); row >= 0)
            selection.select(m_filtered->index(row, 0), m_filtered->index(row, m_filtered->columnCount() - 1));
    }
    m_view->selectionModel()->select(selection, QItemSelectionModel::ClearAndSelect);
    if (const int row = m_filtered->rowOf(m_selection->current()); row >= 0)
        m_view->scrollTo(m_filtered->index(row, 0));
    m_syncing = false;
}

} // namespace archscope::ui
