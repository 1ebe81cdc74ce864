#include "ui/panels/search_panel.h"

#include "core/train/training_evaluator.h"
#include "ui/bridge/documents_folder.h"
#include "ui/panels/scrolled_column.h"
#include "ui/theme/theme.h"

#include <QComboBox>
#include <QDateTime>
#include <QDir>
#include <QFileDialog>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>

namespace archscope::ui {

namespace {
QSpinBox* spinBox(const char* name, int low, int high, int value, const QString& special, QWidget* parent)
{
    auto* box = new QSpinBox(parent);
    box->setObjectName(name);
    box->setRange(low, high);
    box->setValue(value);
    if (!special.isEmpty())
        box->setSpecialValueText(special);
    return box;
}
} // namespace

SearchPanel::SearchPanel(std::shared_ptr<const catalog::Catalog> catalog, QWidget* parent)
    : QWidget(parent), m_catalog(std::move(catalog))
{
    setObjectName("searchPanel");
    auto* layout = scrolledColumn(this);
    QWidget* content = layout->parentWidget();

    auto* form = new QFormLayout;
    layout->addLayout(form);
    m_strategy = new QComboBox(content);
    m_strategy->setObjectName("strategy");
    for (const auto& strategy : m_catalog->strategies().all())
        m_strategy->addItem(QString::fromStdString(strategy.title), QString::fromStdString(strategy.name));
    m_strategy->setCurrentIndex(m_strategy->findData("regularized-evolution"));
    form->addRow(tr("Strategy"), m_strategy);
    m_help = new QLabel(content);
    m_help->setWordWrap(true);
    m_help->setProperty("muted", true);
    form->addRow(m_help);
    m_form = form;
    m_firstSetting = form->rowCount();
    m_trials = spinBox("budgetTrials", 0, 100'000'000, 40, tr("no bound"), content);
    form->addRow(tr("Trials"), m_trials);
    m_minutes = spinBox("budgetMinutes", 0, 100'000, 0, tr("no bound"), content);
    m_minutes->setSuffix(tr(" min"));
    form->addRow(tr("Time"), m_minutes);
    m_epochs = spinBox("fidelityEpochs", 0, 100'000, 0, tr("as the task's recipe"), content);
    form->addRow(tr("Epochs a trial"), m_epochs);
    m_jobs = spinBox("jobs", 0, 1024, 0, tr("as many as cores"), content);
    form->addRow(tr("Side by side"), m_jobs);
    m_device = new QComboBox(content);
    m_device->setObjectName("device");
    m_device->addItem(tr("Automatic"), "auto");
    for (const auto& device : train::availableDevices())
        m_device->addItem(QString::fromStdString(device.title), QString::fromStdString(device.name));
    form->addRow(tr("Device"), m_device);
    m_seed = spinBox("seed", 0, 1'000'000'000, 1, {}, content);
    form->addRow(tr("Seed"), m_seed);
    m_name = new QLineEdit(content);
    m_name->setObjectName("studyName");
    form->addRow(tr("Study"), m_name);
    auto* storeRow = new QHBoxLayout;
    m_store = new QLineEdit(QDir(documentsFolder()).filePath("searches.archscope"), content);
    m_store->setObjectName("storeFile");
    storeRow->addWidget(m_store, 1);
    auto* browse = new QPushButton(tr("…"), content);
    browse->setAccessibleName(tr("Choose the store's file"));
    connect(browse, &QPushButton::clicked, this, [this] {
        const QString path = QFileDialog::getSaveFileName(this, tr("Store studies in"), m_store->text(), tr("Archscope stores (*.archscope)"),
                                                          nullptr, QFileDialog::DontConfirmOverwrite);
        if (!path.isEmpty())
            m_store->setText(path);
    });
    storeRow->addWidget(browse);
    form->addRow(tr("Store"), storeRow);

    m_start = new QPushButton(tr("Start the search"), content);
    m_start->setObjectName("startSearch");
    m_start->setDefault(true);
    layout->addWidget(m_start);
    m_obstacle = new QLabel(content);
    m_obstacle->setObjectName("searchObstacle");
    m_obstacle->setWordWrap(true);
    layout->addWidget(m_obstacle);
    layout->addStretch(1);
    connect(m_strategy, &QComboBox::currentIndexChanged, this, &SearchPanel::showStrategy);
    connect(m_start, &QPushButton::clicked, this, &SearchPanel::startRequested);
    connect(m_strategy, &QComboBox::currentIndexChanged, this, &SearchPanel::edited);
    connect(m_name, &QLineEdit::textChanged, this, &SearchPanel::edited);
    connect(m_store, &QLineEdit::textChanged, this, &SearchPanel::edited);
    connect(m_store, &QLineEdit::textChanged, m_store, [this](const QString& path) { m_store->setToolTip(path); }); // the line cuts it
    m_store->setToolTip(m_store->text());
    connect(m_trials, &QSpinBox::valueChanged, this, &SearchPanel::edited);
    connect(m_minutes, &QSpinBox::valueChanged, this, &SearchPanel::edited);
    showStrategy();
    offerNewName();
}

void SearchPanel::offerNewName()
{
    m_name->setText(tr("study %1").arg(QDateTime::currentDateTime().toString("yyyy-MM-dd hh:mm:ss")));
}

void SearchPanel::showStrategy()
{
    const auto* strategy = m_catalog->strategies().find(m_strategy->currentData().toString().toStdString());
    m_help->setText(QString::fromStdString(strategy->help + " " + strategy->source));
    for (std::size_t i = 0; i < m_fields.size(); ++i)
        m_form->removeRow(m_firstSetting);
    m_fields.clear();
    for (const auto& setting : strategy->settings) {
        auto* field = new QLineEdit(this);
        field->setObjectName(QStringLiteral("setting.%1").arg(QString::fromStdString(setting.name)));
        // 0 stands for a number that follows from the others, as the help says.
        const bool automatic = setting.fallback == space::Literal(std::int64_t(0));
        field->setPlaceholderText(automatic ? tr("automatic")
                                            : tr("default: %1").arg(QString::fromStdString(space::literalText(setting.fallback))));
        field->setAccessibleName(QString::fromStdString(setting.name));
        field->setToolTip(QString::fromStdString(setting.help));
        connect(field, &QLineEdit::textChanged, this, [field, setting] {
            const auto value = setting.parse(field->text().toStdString());
            const bool good = field->text().isEmpty() || value;
            setMark(field, good ? Mark::None : Mark::Problem);
            field->setToolTip(QString::fromStdString(good ? setting.help : value.error().message));
        });
        connect(field, &QLineEdit::textChanged, this, &SearchPanel::edited);
        QString title = QString::fromStdString(setting.name).replace(QLatin1Char('_'), QLatin1Char(' '));
        title.replace(0, 1, title.left(1).toUpper());
        m_form->insertRow(m_firstSetting + static_cast<int>(m_fields.size()), title, field);
        m_fields[setting.name] = field;
    }
}

QString SearchPanel::problem() const
{
    const auto* strategy = m_catalog->strategies().find(m_strategy->currentData().toString().toStdString());
    for (const auto& setting : strategy->settings) {
        const QString text = m_fields.at(setting.name)->text();
        if (const auto value = setting.parse(text.toStdString()); !text.isEmpty() && !value)
            return QString::fromStdString(value.error().message);
    }
    if (const auto what = search::studyNameProblem(m_name->text().trimmed().toStdString()))
        return QString::fromStdString(*what);
    if (storeFile().isEmpty())
        return tr("Choose a file to store the study in.");
    if (m_trials->value() == 0 && m_minutes->value() == 0)
        return tr("Give a budget: a number of trials, or a time.");
    return {};
}

search::StudySpec SearchPanel::spec() const
{
    search::StudySpec spec;
    spec.name = m_name->text().trimmed().toStdString();
    spec.strategy = m_strategy->currentData().toString().toStdString();
    const auto* strategy = m_catalog->strategies().find(spec.strategy);
    for (const auto& setting : strategy->settings) {
        const QString text = m_fields.at(setting.name)->text();
        if (const auto value = setting.parse(text.toStdString()); !text.isEmpty() && value)
            spec.settings[setting.name] = *value;
    }
    spec.budget.trials = m_trials->value();
    spec.budget.seconds = m_minutes->value() * 60.0;
    spec.fidelity.epochs = m_epochs->value();
    spec.jobs = m_jobs->value();
    spec.device = m_device->currentData().toString().toStdString();
    spec.seed = static_cast<std::uint64_t>(m_seed->value());
    return spec;
}

QString SearchPanel::storeFile() const
{
    return m_store->text().trimmed();
}

void SearchPanel::setObstacle(const QString& reason)
{
    m_obstacle->setText(reason);
    m_start->setEnabled(reason.isEmpty());
}

} // namespace archscope::ui
