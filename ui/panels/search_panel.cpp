#include "ui/panels/search_panel.h"

#include "core/search/proxy_filter.h"
#include "core/train/proxies.h"
#include "core/train/training_evaluator.h"
#include "ui/bridge/documents_folder.h"
#include "ui/graph/parameter_editor.h"
#include "ui/panels/folded_section.h"
#include "ui/panels/goal_lists.h"
#include "ui/panels/scrolled_column.h"
#include "ui/panels/settings_form.h"
#include "ui/panels/table_form.h"
#include "ui/panels/warm_start_list.h"

#include <QCheckBox>
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

QLabel* mutedLabel(QWidget* parent)
{
    auto* label = new QLabel(parent);
    label->setWordWrap(true);
    label->setProperty("muted", true);
    return label;
}

QString chosen(const QComboBox* box)
{
    return box->currentData().toString();
}

QFormLayout* formIn(QVBoxLayout* layout)
{
    auto* form = new QFormLayout;
    layout->addLayout(form);
    return form;
}
} // namespace

SearchPanel::SearchPanel(std::shared_ptr<const catalog::Catalog> catalog, QWidget* parent)
    : QWidget(parent), m_catalog(std::move(catalog))
{
    setObjectName("searchPanel");
    auto* layout = scrolledColumn(this);
    QWidget* content = layout->parentWidget();
    m_strategy = addChoice(layout, "strategy", tr("Strategy"), {});
    for (const auto& strategy : m_catalog->strategies().all())
        m_strategy.name->addItem(QString::fromStdString(strategy.title), QString::fromStdString(strategy.name));
    m_strategy.name->setCurrentIndex(m_strategy.name->findData("regularized-evolution"));
    addBudget(layout);
    addGoals(layout);
    addSavings(layout);
    addStudy(layout);

    m_start = new QPushButton(tr("Start the search"), content);
    m_start->setObjectName("startSearch");
    m_start->setDefault(true);
    layout->addWidget(m_start);
    m_obstacle = new QLabel(content);
    m_obstacle->setObjectName("searchObstacle");
    m_obstacle->setWordWrap(true);
    layout->addWidget(m_obstacle);
    layout->addStretch(1);
    connect(m_start, &QPushButton::clicked, this, &SearchPanel::startRequested);
    connect(m_strategy.name, &QComboBox::currentIndexChanged, this, &SearchPanel::showStrategy);
    connect(m_scheduler.name, &QComboBox::currentIndexChanged, this, &SearchPanel::showScheduler);
    connect(m_proxy.name, &QComboBox::currentIndexChanged, this, &SearchPanel::showProxy);
    showStrategy();
    showScheduler();
    showProxy();
    connect(this, &SearchPanel::edited, this, &SearchPanel::summarise);
    summarise();
    offerNewName();
}

SearchPanel::Choice SearchPanel::addChoice(QVBoxLayout* layout, const QString& objectName, const QString& title, const QString& none)
{
    Choice choice;
    QWidget* content = layout->parentWidget();
    choice.name = new QuietComboBox(content);
    choice.name->setObjectName(objectName);
    choice.name->setAccessibleName(title);
    if (!none.isEmpty())
        choice.name->addItem(none, QString());
    formIn(layout)->addRow(title, choice.name);
    choice.help = mutedLabel(content);
    layout->addWidget(choice.help);
    choice.settings = new SettingsForm(objectName == "strategy" ? QStringLiteral("setting") : objectName, content);
    layout->addWidget(choice.settings);
    connect(choice.settings, &SettingsForm::edited, this, &SearchPanel::edited);
    return choice;
}

void SearchPanel::addBudget(QVBoxLayout* layout)
{
    QWidget* content = layout->parentWidget();
    QFormLayout* form = formIn(layout);
    m_trials = spinBox("budgetTrials", 0, 100'000'000, 40, tr("no bound"), content);
    form->addRow(tr("Trials"), m_trials);
    m_minutes = spinBox("budgetMinutes", 0, 100'000, 0, tr("no bound"), content);
    m_minutes->setSuffix(tr(" min"));
    form->addRow(tr("Time"), m_minutes);
    m_epochs = spinBox("fidelityEpochs", 0, 100'000, 0, tr("as the task's recipe"), content);
    form->addRow(tr("Epochs a trial"), m_epochs);
    for (QSpinBox* box : {m_trials, m_minutes, m_epochs})
        connect(box, &QSpinBox::valueChanged, this, &SearchPanel::edited);
}

void SearchPanel::addGoals(QVBoxLayout* layout)
{
    QWidget* content = layout->parentWidget();
    m_goals = new FoldedSection("goals", tr("Goals"), content);
    layout->addWidget(m_goals);
    m_goals->content()->addWidget(new QLabel(tr("Aim at"), m_goals));
    m_objectives = new ObjectiveList(m_goals);
    m_goals->content()->addWidget(m_objectives);
    m_goals->content()->addWidget(new QLabel(tr("Keep"), m_goals));
    m_constraints = new ConstraintList(m_goals);
    m_goals->content()->addWidget(m_constraints);
    connect(m_objectives, &RowList::edited, this, &SearchPanel::edited);
    connect(m_constraints, &RowList::edited, this, &SearchPanel::edited);
}

void SearchPanel::addSavings(QVBoxLayout* layout)
{
    QWidget* content = layout->parentWidget();
    m_savings = new FoldedSection("savings", tr("Cheaper trials"), content);
    layout->addWidget(m_savings);
    m_scheduler = addChoice(m_savings->content(), "scheduler", tr("Scheduler"), tr("none: all epochs"));
    for (const auto& scheduler : m_catalog->strategies().schedulers())
        m_scheduler.name->addItem(QString::fromStdString(scheduler.title), QString::fromStdString(scheduler.name));
    m_proxy = addChoice(m_savings->content(), "proxy", tr("Pre-filter"), tr("none: every proposal"));
    for (const train::ProxyDescriptor& proxy : train::proxyDescriptors())
        m_proxy.name->addItem(QString::fromStdString(proxy.title), QString::fromStdString(proxy.name));
    m_inherit = new QCheckBox(tr("Start from the parent's weights"), m_savings);
    m_inherit->setObjectName("inheritWeights");
    m_inherit->setToolTip(tr("Children of a trial take over its weights: so that they compute the same where the change allows it "
                             "(Net2Net, Chen 2016), else layer by layer where name and shape agree."));
    m_savings->content()->addWidget(m_inherit);
    connect(m_inherit, &QCheckBox::toggled, this, &SearchPanel::edited);

    m_transfer = new FoldedSection("transfer", tr("Learn from earlier studies"), content);
    layout->addWidget(m_transfer);
    QLabel* help = mutedLabel(m_transfer);
    help->setText(tr("Their best architectures are tried first, translated where the space is another, and the strategy learns from their trials."));
    m_transfer->content()->addWidget(help);
    m_warmStart = new WarmStartList(m_transfer);
    m_transfer->content()->addWidget(m_warmStart);
    connect(m_warmStart, &RowList::edited, this, &SearchPanel::edited);

    m_evaluation = new FoldedSection("evaluation", tr("Evaluation"), content);
    layout->addWidget(m_evaluation);
    m_table = new TableForm(m_evaluation);
    m_evaluation->content()->addWidget(m_table);
    connect(m_table, &TableForm::edited, this, &SearchPanel::edited);
}

void SearchPanel::addStudy(QVBoxLayout* layout)
{
    QWidget* content = layout->parentWidget();
    m_machine = new FoldedSection("machine", tr("Machine and seed"), content);
    layout->addWidget(m_machine);
    QFormLayout* machine = formIn(m_machine->content());
    m_jobs = spinBox("jobs", 0, 1024, 0, tr("as many as cores"), m_machine);
    machine->addRow(tr("Side by side"), m_jobs);
    m_device = new QuietComboBox(m_machine);
    m_device->setObjectName("device");
    m_device->addItem(tr("Automatic"), "auto");
    for (const auto& device : train::availableDevices())
        m_device->addItem(QString::fromStdString(device.title), QString::fromStdString(device.name));
    machine->addRow(tr("Device"), m_device);
    m_seed = spinBox("seed", 0, 1'000'000'000, 1, {}, m_machine);
    machine->addRow(tr("Seed"), m_seed);
    connect(m_jobs, &QSpinBox::valueChanged, this, &SearchPanel::edited);
    connect(m_seed, &QSpinBox::valueChanged, this, &SearchPanel::edited);
    connect(m_device, &QComboBox::currentIndexChanged, this, &SearchPanel::edited);

    QFormLayout* form = formIn(layout);
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
    connect(m_name, &QLineEdit::textChanged, this, &SearchPanel::edited);
    connect(m_store, &QLineEdit::textChanged, this, [this](const QString& path) {
        m_store->setToolTip(path); // the line cuts it
        m_warmStart->setStoreFile(path.trimmed());
        Q_EMIT edited();
    });
    m_store->setToolTip(m_store->text());
    m_warmStart->setStoreFile(m_store->text());
}

void SearchPanel::offerNewName()
{
    m_name->setText(tr("study %1").arg(QDateTime::currentDateTime().toString("yyyy-MM-dd hh:mm:ss")));
}

const search::StrategyDescriptor& SearchPanel::strategy() const
{
    return *m_catalog->strategies().find(chosen(m_strategy.name).toStdString());
}

void SearchPanel::showStrategy()
{
    m_strategy.help->setText(QString::fromStdString(strategy().help + " " + strategy().source));
    m_strategy.settings->setDescriptors(strategy().settings);
    Q_EMIT edited();
}

void SearchPanel::showScheduler()
{
    const auto* scheduler = m_catalog->strategies().findScheduler(chosen(m_scheduler.name).toStdString());
    m_scheduler.help->setText(scheduler ? QString::fromStdString(scheduler->help + " " + scheduler->source)
                                        : tr("A scheduler trains most candidates for a few epochs and only the promising ones for all."));
    m_scheduler.settings->setDescriptors(scheduler ? std::span(scheduler->settings) : std::span<const space::ParameterDescriptor>());
    Q_EMIT edited();
}

void SearchPanel::showProxy()
{
    const train::ProxyDescriptor* proxy = train::findProxy(chosen(m_proxy.name).toStdString());
    m_proxy.help->setText(proxy ? QString::fromStdString(proxy->help + " " + proxy->source)
                                : tr("A zero-cost proxy scores proposals without training; the worse part is not trained."));
    m_proxy.settings->setDescriptors(proxy ? std::span(search::ProxyFilter::settings()) : std::span<const space::ParameterDescriptor>());
    Q_EMIT edited();
}

void SearchPanel::summarise()
{
    const QString kept = m_constraints->summary();
    m_goals->setSummary(kept.isEmpty() ? m_objectives->summary() : tr("%1; %2").arg(m_objectives->summary(), kept));
    QStringList savings;
    for (const Choice* choice : {&m_scheduler, &m_proxy}) {
        if (!chosen(choice->name).isEmpty())
            savings << choice->name->currentText();
    }
    if (m_inherit->isChecked())
        savings << tr("inherited weights");
    m_savings->setSummary(savings.isEmpty() ? tr("each trial in full") : savings.join(QStringLiteral(", ")));
    m_transfer->setSummary(m_warmStart->summary().isEmpty() ? tr("a cold start") : m_warmStart->summary());
    m_evaluation->setSummary(m_table->summary());
    const QString jobs = m_jobs->value() == 0 ? m_jobs->specialValueText() : QString::number(m_jobs->value());
    m_machine->setSummary(tr("%1, %2 side by side, seed %3").arg(m_device->currentText().toLower(), jobs, QString::number(m_seed->value())));
}

QString SearchPanel::problem() const
{
    for (const Choice* choice : {&m_strategy, &m_scheduler, &m_proxy}) {
        if (const QString what = choice->settings->problem(); !what.isEmpty())
            return what;
    }
    for (const QString& what : {m_objectives->problem(), m_constraints->problem(), m_table->problem()}) {
        if (!what.isEmpty())
            return what;
    }
    if (const auto what = search::studyNameProblem(m_name->text().trimmed().toStdString()))
        return QString::fromStdString(*what);
    if (storeFile().isEmpty())
        return tr("Choose a file to store the study in.");
    if (m_trials->value() == 0 && m_minutes->value() == 0 && m_table->simulatedSeconds() <= 0)
        return tr("Give a budget: a number of trials, or a time.");
    return {};
}

search::StudySpec SearchPanel::spec() const
{
    search::StudySpec spec;
    spec.name = m_name->text().trimmed().toStdString();
    spec.strategy = strategy().name;
    spec.settings = m_strategy.settings->values();
    spec.objectives = m_objectives->objectives();
    spec.constraints = m_constraints->constraints();
    const auto component = [](const Choice& choice) -> std::optional<search::Component> {
        if (chosen(choice.name).isEmpty())
            return {};
        return search::Component{chosen(choice.name).toStdString(), choice.settings->values()};
    };
    spec.scheduler = component(m_scheduler);
    spec.proxy = component(m_proxy);
    spec.inheritWeights = m_inherit->isChecked();
    spec.warmStart = m_warmStart->sources();
    spec.table = m_table->table();
    spec.budget.trials = m_trials->value();
    spec.budget.seconds = m_minutes->value() * 60.0;
    spec.budget.simulatedSeconds = spec.table ? m_table->simulatedSeconds() : 0;
    spec.fidelity.epochs = m_epochs->value();
    spec.jobs = m_jobs->value();
    spec.device = chosen(m_device).toStdString();
    spec.seed = static_cast<std::uint64_t>(m_seed->value());
    return spec;
}

QString SearchPanel::storeFile() const
{
    return m_store->text().trimmed();
}

bool SearchPanel::usesTable() const
{
    return m_table->table().has_value();
}

void SearchPanel::addWarmStart(const search::WarmStartSource& source)
{
    m_warmStart->add(source);
    m_transfer->setOpen(true);
    Q_EMIT edited();
}

void SearchPanel::setObstacle(const QString& reason)
{
    m_obstacle->setText(reason);
    m_start->setEnabled(reason.isEmpty());
}

} // namespace archscope::ui
