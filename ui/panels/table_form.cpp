#include "ui/panels/table_form.h"

#include "core/base/text.h"
#include "core/data/csv_reader.h"
#include "ui/graph/parameter_editor.h"
#include "ui/theme/theme.h"

#include <QFile>
#include <QFileDialog>
#include <QFileInfo>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QToolButton>

namespace archscope::ui {

namespace {
constexpr qint64 headerBytes = 1 << 16;

Result<QStringList> columnsOf(const QString& path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return fail(ErrorCode::InvalidInput, file.errorString().toStdString(), path.toStdString());
    const QByteArray bytes = file.read(headerBytes);
    data::CsvReader reader(std::string_view(bytes.constData(), static_cast<std::size_t>(bytes.size())), ',');
    std::vector<std::string_view> cells;
    auto read = reader.next(cells);
    if (!read)
        return fail(read.error().within(path.toStdString()));
    QStringList columns;
    if (*read) {
        for (const std::string_view cell : cells)
            columns << QString::fromUtf8(cell.data(), static_cast<qsizetype>(cell.size())).trimmed();
    }
    if (columns.size() < 2)
        return fail(ErrorCode::InvalidInput, "the first line must name at least two columns", path.toStdString());
    return columns;
}
} // namespace

TableForm::TableForm(QWidget* parent) : QWidget(parent)
{
    setObjectName(QStringLiteral("tableForm"));
    auto* form = new QFormLayout(this);
    form->setContentsMargins(0, 0, 0, 0);
    m_note = new QLabel(tr("Instead of training, look metrics up in a file of architectures, such as a benchmark's."), this);
    m_note->setWordWrap(true);
    m_note->setProperty("muted", true);
    form->addRow(m_note);
    auto* row = new QHBoxLayout;
    m_file = new QLineEdit(this);
    m_file->setObjectName(QStringLiteral("table.file"));
    m_file->setPlaceholderText(tr("none: candidates are trained"));
    m_file->setAccessibleName(tr("Table file"));
    row->addWidget(m_file, 1);
    auto* browse = new QToolButton(this);
    browse->setText(QStringLiteral("…"));
    browse->setAccessibleName(tr("Choose the table's file"));
    row->addWidget(browse);
    form->addRow(tr("File"), row);
    connect(browse, &QToolButton::clicked, this, [this] {
        const QString path = QFileDialog::getOpenFileName(this, tr("Look metrics up in"), m_file->text(), tr("Tables (*.csv);;All files (*)"));
        if (!path.isEmpty())
            setFile(path);
    });
    connect(m_file, &QLineEdit::editingFinished, this, [this] { setFile(m_file->text().trimmed()); });
    m_key = addColumn("table.key", tr("Architecture"), tr("The column that names the architecture in the notation of the space."), false);
    m_metric = addColumn("table.metric", tr("Validation"), tr("The column that the search sees as validation accuracy."), false);
    m_test = addColumn("table.test", tr("Test"), tr("The column of the test accuracy: shown for the best, never searched by."), true);
    m_cost = addColumn("table.cost", tr("Seconds"), tr("The column of the seconds that evaluating would have taken."), true);
    m_budget = new QLineEdit(this);
    m_budget->setObjectName(QStringLiteral("table.budget"));
    m_budget->setPlaceholderText(tr("no bound"));
    m_budget->setToolTip(tr("Simulated seconds, summed over the trials, after which the search ends."));
    m_budget->setAccessibleName(tr("Simulated time budget"));
    form->addRow(tr("Simulated time"), m_budget);
    connect(m_budget, &QLineEdit::textChanged, this, [this] {
        setMark(m_budget, simulatedSeconds() < 0 ? Mark::Problem : Mark::None);
        Q_EMIT edited();
    });
    showColumns({});
}

QComboBox* TableForm::addColumn(const char* name, const QString& title, const QString& help, bool optional)
{
    auto* box = new QuietComboBox(this);
    box->setObjectName(QString::fromLatin1(name));
    box->setAccessibleName(title);
    box->setToolTip(help);
    box->setProperty("optional", optional);
    static_cast<QFormLayout*>(layout())->addRow(title, box);
    connect(box, &QComboBox::currentIndexChanged, this, &TableForm::edited);
    return box;
}

void TableForm::setFile(const QString& file)
{
    if (m_file->text() != file)
        m_file->setText(file);
    m_file->setToolTip(file);
    if (file.isEmpty()) {
        m_reading.drop();
        m_unreadable.clear();
        showColumns({});
        return;
    }
    m_reading.run(
        this, [file] { return columnsOf(file); },
        [this](const Result<QStringList>& columns) {
            m_unreadable = columns ? QString() : QString::fromStdString(columns.error().text());
            setMark(m_file, columns ? Mark::None : Mark::Problem);
            showColumns(columns.value_or(QStringList()));
        });
}

void TableForm::showColumns(const QStringList& columns)
{
    const auto choose = [&](QComboBox* box, std::initializer_list<const char*> hints) {
        box->clear();
        if (box->property("optional").toBool())
            box->addItem(tr("none"), QString());
        for (const QString& column : columns)
            box->addItem(column, column);
        box->setEnabled(!columns.isEmpty());
        for (const char* hint : hints) {
            for (int i = 0; i < box->count(); ++i) {
                if (box->itemData(i).toString().contains(QLatin1String(hint), Qt::CaseInsensitive)) {
                    box->setCurrentIndex(i);
                    return;
                }
            }
        }
    };
    choose(m_key, {"arch", "key", "genotype"});
    choose(m_metric, {"val", "mean_acc", "acc"});
    choose(m_test, {"test"});
    choose(m_cost, {"cost", "second", "time"});
    m_budget->setEnabled(!columns.isEmpty());
    Q_EMIT edited();
}

std::optional<search::TableSpec> TableForm::table() const
{
    if (m_file->text().trimmed().isEmpty())
        return {};
    const auto column = [](const QComboBox* box) { return box->currentData().toString().toStdString(); };
    search::TableSpec table;
    table.file = QFileInfo(m_file->text().trimmed()).absoluteFilePath().toStdString();
    table.key = column(m_key);
    table.metric = column(m_metric);
    table.test = column(m_test);
    table.cost = column(m_cost);
    return table;
}

double TableForm::simulatedSeconds() const
{
    const QString text = m_budget->text().trimmed();
    if (text.isEmpty())
        return 0;
    const auto seconds = search::parseDuration(text.toStdString());
    return seconds ? *seconds : -1;
}

QString TableForm::problem() const
{
    const auto chosen = table();
    if (!chosen)
        return {};
    if (!m_unreadable.isEmpty())
        return m_unreadable;
    if (chosen->key.empty())
        return tr("The table is being read…");
    if (chosen->key == chosen->metric)
        return tr("The table's columns of architectures and of validation accuracy must be different ones.");
    if (simulatedSeconds() < 0)
        return tr("Write the simulated time as a number of seconds, or as in 10m or 3h.");
    if (simulatedSeconds() > 0 && chosen->cost.empty())
        return tr("A bound on simulated time needs the column of seconds.");
    return {};
}

QString TableForm::summary() const
{
    const auto chosen = table();
    return chosen ? tr("%1 of %2").arg(QString::fromStdString(chosen->metric), QFileInfo(m_file->text()).fileName()) : tr("by training");
}

} // namespace archscope::ui
