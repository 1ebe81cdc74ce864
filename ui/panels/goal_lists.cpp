#include "ui/panels/goal_lists.h"

#include "core/base/text.h"
#include "core/train/trial.h"
#include "ui/graph/parameter_editor.h"
#include "ui/theme/theme.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QStringList>
#include <QToolButton>
#include <algorithm>

namespace archscope::ui {

namespace {
QComboBox* metricBox(QWidget* parent)
{
    auto* box = new QuietComboBox(parent);
    box->setAccessibleName(RowList::tr("Metric"));
    for (const train::MetricDescriptor& metric : train::metricDescriptors()) {
        if (!metric.ofTrials)
            continue;
        box->addItem(QString::fromStdString(metric.title), QString::fromStdString(metric.name));
        box->setItemData(box->count() - 1, QString::fromStdString(metric.help), Qt::ToolTipRole);
    }
    return box;
}

std::string chosenMetric(const QComboBox* box)
{
    return box->currentData().toString().toStdString();
}
} // namespace

RowList::RowList(const QString& name, const QString& addText, QWidget* parent) : QWidget(parent), m_name(name)
{
    setObjectName(name);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    m_rows = new QVBoxLayout;
    m_rows->setSpacing(4);
    layout->addLayout(m_rows);
    m_add = new QToolButton(this);
    m_add->setObjectName(name + QStringLiteral(".add"));
    m_add->setText(addText);
    m_add->setAutoRaise(true);
    layout->addWidget(m_add);
    connect(m_add, &QToolButton::clicked, this, [this] {
        addRow();
        Q_EMIT edited();
    });
}

QWidget* RowList::makeRow()
{
    auto* row = new QWidget(this);
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    auto* remove = new QToolButton(row);
    remove->setObjectName(m_name + QStringLiteral(".remove"));
    remove->setText(QStringLiteral("×"));
    remove->setAutoRaise(true);
    remove->setToolTip(tr("Remove"));
    remove->setAccessibleName(tr("Remove"));
    layout->addWidget(remove);
    connect(remove, &QToolButton::clicked, this, [this, row] {
        removeRow(row);
        row->deleteLater();
        Q_EMIT edited();
    });
    m_rows->addWidget(row);
    return row;
}

void RowList::setRemovable(QWidget* row, bool removable)
{
    row->findChild<QToolButton*>(m_name + QStringLiteral(".remove"))->setEnabled(removable);
}

ObjectiveList::ObjectiveList(QWidget* parent) : RowList(QStringLiteral("objectives"), tr("+ Objective"), parent)
{
    addRow(QStringLiteral("val_accuracy"));
}

void ObjectiveList::addRow()
{
    // One that is not there yet; after accuracy people usually want speed.
    for (const char* metric : {"val_accuracy", "latency_ms", "parameters", "flops", "memory_mb", "val_loss", "gap"}) {
        if (std::ranges::none_of(m_entries, [&](const Row& row) { return chosenMetric(row.metric) == metric; }))
            return addRow(QString::fromLatin1(metric));
    }
    addRow(QStringLiteral("seconds"));
}

void ObjectiveList::addRow(const QString& metric)
{
    QWidget* widget = makeRow();
    auto* layout = static_cast<QHBoxLayout*>(widget->layout());
    Row row{widget, metricBox(widget), new QuietComboBox(widget), new QLineEdit(widget)};
    row.direction->setAccessibleName(tr("Direction"));
    row.direction->addItem(tr("high"), true);
    row.direction->addItem(tr("low"), false);
    row.direction->setMaximumWidth(72);
    row.target->setObjectName(QStringLiteral("objective.target"));
    row.target->setAccessibleName(tr("Target"));
    row.target->setPlaceholderText(tr("target"));
    row.target->setMaximumWidth(64);
    const auto suggest = [row] {
        const train::MetricDescriptor* chosen = train::findMetric(chosenMetric(row.metric));
        row.direction->setCurrentIndex(chosen && chosen->maximise ? 0 : 1);
    };
    row.metric->setObjectName(QStringLiteral("objective.metric"));
    row.direction->setObjectName(QStringLiteral("objective.direction"));
    row.metric->setCurrentIndex(std::max(0, row.metric->findData(metric)));
    suggest();
    layout->insertWidget(0, row.metric, 1);
    layout->insertWidget(1, row.direction);
    layout->insertWidget(2, row.target);
    const QString help = tr("Where a strategy follows one number, objectives count as a weighted product: first × (this / target)^exponent. "
                            "Write a target, such as 2, or a target and an exponent, such as 2^-0.07 (MnasNet's).");
    row.target->setToolTip(help);
    connect(row.target, &QLineEdit::textChanged, this, [this, row, help] {
        const auto read = search::parseObjectives("seconds," + row.text());
        const bool good = read || row.metric->currentData() == QStringLiteral("seconds");
        setMark(row.target, good ? Mark::None : Mark::Problem);
        row.target->setToolTip(good ? help : QString::fromStdString(read.error().text()));
        Q_EMIT edited();
    });
    connect(row.metric, &QComboBox::currentIndexChanged, this, suggest);
    connect(row.metric, &QComboBox::currentIndexChanged, this, &RowList::edited);
    connect(row.direction, &QComboBox::currentIndexChanged, this, &RowList::edited);
    m_entries.push_back(row);
    showTargets();
}

void ObjectiveList::removeRow(QWidget* row)
{
    std::erase_if(m_entries, [row](const Row& entry) { return entry.widget == row; });
    showTargets();
}

void ObjectiveList::showTargets()
{
    for (const Row& entry : m_entries) {
        setRemovable(entry.widget, m_entries.size() > 1);
        entry.target->setVisible(entry.widget != m_entries.front().widget);
    }
}

std::string ObjectiveList::Row::text() const
{
    const std::string goal = chosenMetric(metric) + (direction->currentData().toBool() ? ":max" : ":min");
    const std::string term = target->text().trimmed().toStdString();
    return term.empty() || target->isHidden() ? goal : goal + "@" + term;
}

Result<std::vector<search::Objective>> ObjectiveList::read() const
{
    std::vector<std::string> parts;
    for (const Row& row : m_entries)
        parts.push_back(row.text());
    return search::parseObjectives(joined(parts, ","));
}

std::vector<search::Objective> ObjectiveList::objectives() const
{
    return read().value_or(std::vector<search::Objective>());
}

QString ObjectiveList::problem() const
{
    const auto all = read();
    return all ? QString() : QString::fromStdString(all.error().text());
}

QString ObjectiveList::summary() const
{
    QStringList parts;
    for (const Row& row : m_entries)
        parts << tr("%1 %2").arg(row.direction->currentText(), row.metric->currentText().toLower());
    return parts.join(QStringLiteral(", "));
}

ConstraintList::ConstraintList(QWidget* parent) : RowList(QStringLiteral("constraints"), tr("+ Constraint"), parent)
{
}

std::string ConstraintList::Row::text() const
{
    return chosenMetric(metric) + relation->currentData().toString().toStdString() + bound->text().trimmed().toStdString();
}

void ConstraintList::addRow()
{
    QWidget* widget = makeRow();
    auto* layout = static_cast<QHBoxLayout*>(widget->layout());
    Row row{widget, metricBox(widget), new QuietComboBox(widget), new QLineEdit(widget)};
    row.metric->setObjectName(QStringLiteral("constraint.metric"));
    row.metric->setCurrentIndex(row.metric->findData(QStringLiteral("parameters")));
    row.relation->setObjectName(QStringLiteral("constraint.relation"));
    row.relation->setAccessibleName(tr("Relation"));
    row.relation->addItem(QStringLiteral("≤"), QStringLiteral("<="));
    row.relation->addItem(QStringLiteral("≥"), QStringLiteral(">="));
    row.bound->setObjectName(QStringLiteral("constraint.bound"));
    row.bound->setAccessibleName(tr("Bound"));
    row.bound->setPlaceholderText(tr("bound"));
    row.bound->setMaximumWidth(90);
    layout->insertWidget(0, row.metric, 1);
    layout->insertWidget(1, row.relation);
    layout->insertWidget(2, row.bound);
    const auto check = [this, row] {
        const auto read = search::parseConstraint(row.text());
        setMark(row.bound, read ? Mark::None : Mark::Problem);
        const train::MetricDescriptor* metric = train::findMetric(chosenMetric(row.metric));
        const QString unit = metric->percent ? tr("a share: 0.9 is 90 %") : QString::fromStdString(metric->unit);
        row.bound->setToolTip(read ? unit : QString::fromStdString(read.error().text()));
        Q_EMIT edited();
    };
    connect(row.metric, &QComboBox::currentIndexChanged, this, check);
    connect(row.relation, &QComboBox::currentIndexChanged, this, check);
    connect(row.bound, &QLineEdit::textChanged, this, check);
    m_entries.push_back(row);
    row.bound->setFocus();
}

void ConstraintList::removeRow(QWidget* row)
{
    std::erase_if(m_entries, [row](const Row& entry) { return entry.widget == row; });
}

std::vector<search::Constraint> ConstraintList::constraints() const
{
    std::vector<search::Constraint> constraints;
    for (const Row& row : m_entries) {
        if (const auto constraint = search::parseConstraint(row.text()))
            constraints.push_back(*constraint);
    }
    return constraints;
}

QString ConstraintList::problem() const
{
    for (const Row& row : m_entries) {
        if (row.bound->text().trimmed().isEmpty())
            return tr("Give the bound of the constraint on %1, or remove it.").arg(row.metric->currentText().toLower());
        if (const auto constraint = search::parseConstraint(row.text()); !constraint)
            return QString::fromStdString(constraint.error().text());
    }
    return {};
}

QString ConstraintList::summary() const
{
    QStringList parts;
    for (const Row& row : m_entries)
        parts << tr("%1 %2 %3").arg(row.metric->currentText().toLower(), row.relation->currentText(), row.bound->text());
    return parts.join(QStringLiteral(", "));
}

} // namespace archscope::ui
