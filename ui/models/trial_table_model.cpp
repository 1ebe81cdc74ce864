#include "ui/models/trial_table_model.h"

#include "core/base/text.h"
#include "ui/models/architecture_text.h"
#include "ui/models/trial_values.h"
#include "ui/theme/symbols.h"
#include "ui/theme/theme.h"

#include <QPainter>
#include <QPixmap>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace archscope::ui {

namespace {

/// The metric of a column, or null.
const char* metricOf(int column)
{
    switch (column) {
    case TrialTableModel::ValidationColumn:
        return "val_accuracy";
    case TrialTableModel::TrainingColumn:
        return "train_accuracy";
    case TrialTableModel::GapColumn:
        return "gap";
    case TrialTableModel::LatencyColumn:
        return "latency_ms";
    case TrialTableModel::ParametersColumn:
        return "parameters";
    case TrialTableModel::FlopsColumn:
        return "flops";
    case TrialTableModel::SecondsColumn:
        return "seconds";
    default:
        return nullptr;
    }
}

bool isNumeric(int column)
{
    return metricOf(column) || column == TrialTableModel::IdColumn || column == TrialTableModel::ParentsColumn;
}

enum class Chip { Star, Ring, Disc };

QPixmap chipPixmap(const QColor& colour, Chip chip)
{
    constexpr int side = 12;
    constexpr double resolution = 3; // sharp up to 300 %
    QPixmap pixmap(static_cast<int>(side * resolution), static_cast<int>(side * resolution));
    pixmap.setDevicePixelRatio(resolution);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    const QPointF centre(side / 2.0, side / 2.0);
    if (chip == Chip::Star) {
        painter.fillPath(starPath(5.8).translated(centre), colour);
    } else if (chip == Chip::Ring) {
        painter.setPen(QPen(colour, 2));
        painter.drawEllipse(centre, 4, 4);
    } else {
        painter.setPen(Qt::NoPen);
        painter.setBrush(colour);
        painter.drawEllipse(centre, 4, 4);
    }
    return pixmap;
}

QIcon chipIcon(const QColor& colour, const QColor& onSelection, Chip chip)
{
    QIcon icon(chipPixmap(colour, chip));
    icon.addPixmap(chipPixmap(onSelection, chip), QIcon::Selected);
    return icon;
}

} // namespace

TrialTableModel::TrialTableModel(const Theme* theme, TrialSelection* selection, QObject* parent)
    : QAbstractTableModel(parent)
    , m_theme(theme)
    , m_selection(selection)
{
    const auto repaint = [this] {
        makeChips();
        if (m_rows > 0)
            Q_EMIT dataChanged(index(0, 0), index(m_rows - 1, ColumnCount - 1), {Qt::DecorationRole, Qt::ForegroundRole});
    };
    makeChips();
    connect(theme, &Theme::changed, this, repaint);
    if (selection)
        connect(selection, &TrialSelection::changed, this, &TrialTableModel::updateSelection);
}

void TrialTableModel::makeChips()
{
    const ThemeColours& colours = m_theme->colours();
    m_bestChip = chipIcon(colours.best, colours.accentText, Chip::Star);
    m_selectedChip = chipIcon(colours.selected, colours.accentText, Chip::Disc);
    m_noChip = chipIcon(Qt::transparent, Qt::transparent, Chip::Disc);
    m_paretoChip = chipIcon(colours.text, colours.accentText, Chip::Ring); // the front's line has the text's colour
}

void TrialTableModel::setSession(StudySession* session)
{
    if (m_session == session)
        return;
    if (m_session)
        m_session->disconnect(this);
    m_session = session;
    if (session) {
        connect(session, &StudySession::opened, this, &TrialTableModel::reload);
        connect(session, &StudySession::trialsAppended, this, &TrialTableModel::append);
        connect(session, &StudySession::trialsChanged, this, &TrialTableModel::update);
        connect(session, &StudySession::bestChanged, this, &TrialTableModel::updateBest);
        connect(session, &QObject::destroyed, this, [this] {
            m_session.clear();
            reload();
        });
    }
    reload();
}

void TrialTableModel::reload()
{
    beginResetModel();
    m_rows = m_session ? static_cast<int>(m_session->trials().size()) : 0;
    m_best = m_session ? m_session->bestIndex() : -1;
    m_selected = m_selection ? m_selection->selected() : std::vector<train::TrialId>();
    m_architectures.assign(static_cast<std::size_t>(m_rows), QString());
    m_numbers.resize(static_cast<std::size_t>(m_rows));
    for (int row = 0; row < m_rows; ++row)
        readNumbers(row);
    m_pareto = {};
    if (m_session && m_session->isOpen()) {
        const search::StudySpec& spec = m_session->spec();
        auto objectives = spec.objectives;
        // One objective has no front of its own: what it costs is the usual other one.
        if (objectives.size() == 1 && objectives.front().metric != "latency_ms")
            objectives.push_back({"latency_ms", false});
        m_pareto = ParetoTracker(std::move(objectives), spec.constraints);
        std::vector<int> all(static_cast<std::size_t>(m_rows));
        std::iota(all.begin(), all.end(), 0);
        m_pareto.add(m_session->trials(), all);
    }
    endResetModel();
}

void TrialTableModel::append(int first, int last)
{
    beginInsertRows({}, first, last);
    m_rows = last + 1;
    m_architectures.resize(static_cast<std::size_t>(m_rows));
    m_numbers.resize(static_cast<std::size_t>(m_rows));
    for (int row = first; row <= last; ++row)
        readNumbers(row);
    endInsertRows();
    std::vector<int> indices(static_cast<std::size_t>(last - first + 1));
    std::iota(indices.begin(), indices.end(), first);
    updateFront(indices);
}

void TrialTableModel::update(const std::vector<int>& indices)
{
    for (const int row : indices)
        readNumbers(row);
    // Neighbours are told together.
    for (std::size_t i = 0; i < indices.size();) {
        std::size_t end = i + 1;
        while (end < indices.size() && indices[end] == indices[end - 1] + 1)
            ++end;
        Q_EMIT dataChanged(index(indices[i], 0), index(indices[end - 1], ColumnCount - 1));
        i = end;
    }
    updateFront(indices);
}

void TrialTableModel::updateBest()
{
    const int before = std::exchange(m_best, m_session->bestIndex());
    repaintRow(before);
    repaintRow(m_best);
}

void TrialTableModel::updateFront(std::span<const int> indices)
{
    const std::vector<int> before = m_pareto.front();
    if (!m_pareto.add(m_session->trials(), indices))
        return;
    for (const int row : before) {
        if (!m_pareto.contains(row))
            repaintRow(row);
    }
    for (const int row : m_pareto.front()) {
        if (std::find(before.begin(), before.end(), row) == before.end())
            repaintRow(row);
    }
}

void TrialTableModel::updateSelection()
{
    std::vector<train::TrialId> different;
    std::set_symmetric_difference(m_selected.begin(), m_selected.end(), m_selection->selected().begin(),
                                  m_selection->selected().end(), std::back_inserter(different));
    m_selected = m_selection->selected();
    for (const train::TrialId id : different)
        repaintRow(rowOf(id));
}

void TrialTableModel::repaintRow(int row)
{
    if (row >= 0 && row < m_rows)
        Q_EMIT dataChanged(index(row, 0), index(row, ColumnCount - 1), {Qt::DecorationRole, BestRole, ParetoRole, SelectedRole});
}

train::TrialId TrialTableModel::idAt(int row) const
{
    const train::Trial* trial = trialAt(row);
    return trial ? trial->id : train::TrialId();
}

int TrialTableModel::rowOf(train::TrialId id) const
{
    const int row = m_session ? m_session->indexOf(id) : -1;
    return row < m_rows ? row : -1;
}

const train::Trial* TrialTableModel::trialAt(int row) const
{
    return m_session && row >= 0 && row < m_rows ? &m_session->trials()[static_cast<std::size_t>(row)] : nullptr;
}

QString TrialTableModel::architectureAt(int row) const
{
    const train::Trial* trial = trialAt(row);
    if (!trial)
        return {};
    QString& text = m_architectures[static_cast<std::size_t>(row)];
    if (text.isNull())
        text = architectureText(m_session->decisions(), trial->genotype);
    return text;
}

double TrialTableModel::sortNumber(int row, int column) const
{
    if (row < 0 || row >= m_rows || column < 0 || column >= ColumnCount)
        return std::numeric_limits<double>::quiet_NaN();
    return m_numbers[static_cast<std::size_t>(row)][static_cast<std::size_t>(column)];
}

void TrialTableModel::readNumbers(int row)
{
    const train::Trial& trial = m_session->trials()[static_cast<std::size_t>(row)];
    auto& numbers = m_numbers[static_cast<std::size_t>(row)];
    numbers.fill(std::numeric_limits<double>::quiet_NaN());
    for (int column = 0; column < ColumnCount; ++column) {
        if (const char* metric = metricOf(column))
            numbers[static_cast<std::size_t>(column)] = currentValue(trial, metric);
    }
    numbers[IdColumn] = static_cast<double>(trial.id.value());
    if (!trial.parents.empty())
        numbers[ParentsColumn] = static_cast<double>(trial.parents.front().value());
}

int TrialTableModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : m_rows;
}

int TrialTableModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(ColumnCount);
}

QVariant TrialTableModel::data(const QModelIndex& index, int role) const
{
    const train::Trial* trial = trialAt(index.row());
    if (!trial)
        return {};
    const int row = index.row();
    const int column = index.column();
    switch (role) {
    case Qt::DisplayRole:
        return display(*trial, row, column);
    case Qt::ToolTipRole:
        return toolTip(*trial, row, column);
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(Qt::Alignment(Qt::AlignVCenter | (isNumeric(column) ? Qt::AlignRight : Qt::AlignLeft)));
    case Qt::DecorationRole:
        return column == StateColumn ? QVariant(chip(row)) : QVariant();
    case Qt::ForegroundRole:
        if (trial->state == train::TrialState::Failed && (column == StateColumn || column == MessageColumn))
            return m_theme->colours().error;
        return trial->state == train::TrialState::Completed ? QVariant() : QVariant(m_theme->colours().textMuted);
    case SortRole:
        if (isNumeric(column)) {
            const double number = sortNumber(row, column);
            return std::isnan(number) ? QVariant() : QVariant(number);
        }
        return display(*trial, row, column);
    case TrialIdRole:
        return static_cast<qlonglong>(trial->id.value());
    case BestRole:
        return row == m_best;
    case ParetoRole:
        return m_pareto.contains(row);
    case SelectedRole:
        return m_selection && m_selection->isSelected(trial->id);
    default:
        return {};
    }
}

QString TrialTableModel::display(const train::Trial& trial, int row, int column) const
{
    if (const char* metric = metricOf(column)) {
        const double value = sortNumber(row, column);
        return std::isnan(value) ? QString() : metricText(metric, value);
    }
    switch (column) {
    case IdColumn:
        return QString::number(trial.id.value());
    case StateColumn: {
        const auto running = m_session->running().find(trial.id);
        if (running != m_session->running().end() && running->second.epochs > 0)
            return tr("Running, epoch %1 of %2").arg(running->second.epoch).arg(running->second.epochs);
        if (trial.duplicateOf.isValid())
            return tr("%1, as %2").arg(stateText(trial.state)).arg(trial.duplicateOf.value());
        return stateText(trial.state);
    }
    case ParentsColumn: {
        QStringList parents;
        for (const train::TrialId parent : trial.parents)
            parents << QString::number(parent.value());
        return parents.join(QStringLiteral(", "));
    }
    case ArchitectureColumn:
        return architectureAt(row);
    case MessageColumn:
        return QString::fromStdString(trial.message);
    default:
        return {};
    }
}

QString TrialTableModel::toolTip(const train::Trial& trial, int row, int column) const
{
    switch (column) {
    case StateColumn: {
        QStringList lines = {stateText(trial.state)};
        if (trial.duplicateOf.isValid())
            lines << tr("The same network as trial %1, whose results it has").arg(trial.duplicateOf.value());
        if (row == m_best)
            lines << tr("Best trial so far");
        if (m_pareto.contains(row))
            lines << tr("On the Pareto front: no other trial is better in everything");
        if (!trial.message.empty())
            lines << QString::fromStdString(trial.message);
        return lines.join('\n');
    }
    case ArchitectureColumn:
        return architectureDetails(m_session->decisions(), trial.genotype);
    case ParametersColumn:
    case FlopsColumn: {
        // The cell rounds; here is the whole number.
        const double value = trial.metric(metricOf(column));
        return std::isnan(value) ? QString() : QString::fromStdString(groupDigits(static_cast<std::int64_t>(value)));
    }
    default:
        return display(trial, row, column);
    }
}

QIcon TrialTableModel::chip(int row) const
{
    if (row == m_best)
        return m_bestChip;
    if (m_selection && m_selection->isSelected(idAt(row)))
        return m_selectedChip;
    if (m_pareto.contains(row))
        return m_paretoChip;
    return m_noChip; // the texts stay in line
}

QVariant TrialTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(Qt::Alignment(Qt::AlignVCenter | (isNumeric(section) ? Qt::AlignRight : Qt::AlignLeft)));
    if (role != Qt::DisplayRole && role != Qt::ToolTipRole)
        return {};
    if (const char* metric = metricOf(section)) {
        const train::MetricDescriptor* descriptor = train::findMetric(metric);
        return QString::fromStdString(role == Qt::DisplayRole ? descriptor->title : descriptor->help);
    }
    struct Text {
        QString title, help;
    };
    const auto text = [section]() -> Text {
        switch (section) {
        case IdColumn:
            return {tr("Trial"), tr("Trials are numbered in the order in which the strategy asked for them.")};
        case StateColumn:
            return {tr("State"), tr("A star marks the best trial, a ring the Pareto front, a disc what is selected.")};
        case ParentsColumn:
            return {tr("Parents"), tr("The trials that this one was derived from.")};
        case ArchitectureColumn:
            return {tr("Architecture"), tr("The answers to the open decisions of the space.")};
        default:
            return {tr("Message"), tr("Why a trial failed or was cancelled.")};
        }
    }();
    return role == Qt::DisplayRole ? text.title : text.help;
}

} // namespace archscope::ui
