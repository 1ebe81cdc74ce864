#include "ui/panels/task_panel.h"

#include "core/base/text.h"
#include "core/space/operation_traits.h"
#include "ui/panels/task_pictures.h"

#include <QDoubleSpinBox>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFormLayout>
#include <QLabel>
#include <QMimeData>
#include <QPushButton>
#include <QScrollArea>
#include <QSpinBox>
#include <QUrl>
#include <QVBoxLayout>

namespace archscope::ui {

TaskPanel::TaskPanel(std::shared_ptr<const catalog::Catalog> catalog, QWidget* parent)
    : QWidget(parent), m_catalog(std::move(catalog))
{
    setObjectName("taskPanel");
    setAcceptDrops(true);
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    auto* scroll = new QScrollArea(this);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    outer->addWidget(scroll);
    auto* content = new QWidget(scroll);
    scroll->setWidget(content);
    auto* layout = new QVBoxLayout(content);

    auto* buttons = new QHBoxLayout;
    const auto addButton = [&](const QString& text, const char* name, const QString& tip, auto slot) {
        auto* button = new QPushButton(text, content);
        button->setObjectName(name);
        button->setToolTip(tip);
        connect(button, &QPushButton::clicked, this, slot);
        buttons->addWidget(button);
    };
    addButton(tr("Sample"), "taskSample", tr("The embedded digits: 1,797 images of 8×8 pixels"), &TaskPanel::openSample);
    addButton(tr("File…"), "taskFile", tr("Open a CSV or IDX file, or a saved task"), &TaskPanel::chooseFile);
    addButton(tr("Folder…"), "taskFolder", tr("Open a folder of IDX files"), &TaskPanel::chooseFolder);
    layout->addLayout(buttons);

    m_message = new QLabel(tr("Choose the sample, open a file or folder, or drop one here."), content);
    m_message->setObjectName("taskMessage");
    m_message->setWordWrap(true);
    m_message->setTextInteractionFlags(Qt::TextSelectableByMouse);
    layout->addWidget(m_message);
    m_summary = new QLabel(content);
    m_summary->setObjectName("taskSummary");
    m_summary->setWordWrap(true);
    m_summary->setTextFormat(Qt::RichText);
    layout->addWidget(m_summary);
    m_samples = new SampleGrid(content);
    m_samples->hide();
    layout->addWidget(m_samples);
    m_balance = new ClassBalance(content);
    m_balance->hide();
    layout->addWidget(m_balance);

    m_recipe = new QWidget(content);
    auto* form = new QFormLayout(m_recipe);
    form->setContentsMargins(0, 8, 0, 0);
    m_epochs = new QSpinBox(m_recipe);
    m_epochs->setObjectName("recipeEpochs");
    m_epochs->setRange(1, 100'000);
    form->addRow(tr("Epochs"), m_epochs);
    m_batch = new QSpinBox(m_recipe);
    m_batch->setObjectName("recipeBatch");
    m_batch->setRange(1, 65'536);
    form->addRow(tr("Batch size"), m_batch);
    m_rate = new QDoubleSpinBox(m_recipe);
    m_rate->setObjectName("recipeRate");
    m_rate->setDecimals(5);
    m_rate->setRange(1e-5, 10);
    m_rate->setSingleStep(1e-3);
    form->addRow(tr("Learning rate"), m_rate);
    m_recipe->hide();
    layout->addWidget(m_recipe);
    layout->addStretch(1);
    connect(m_epochs, &QSpinBox::valueChanged, this, &TaskPanel::applyRecipe);
    connect(m_batch, &QSpinBox::valueChanged, this, &TaskPanel::applyRecipe);
    connect(m_rate, &QDoubleSpinBox::valueChanged, this, &TaskPanel::applyRecipe);
}

void TaskPanel::openSample()
{
    load(data::resolveTask("digits", m_catalog->formats()));
}

void TaskPanel::chooseFile()
{
    const QString path = QFileDialog::getOpenFileName(this, tr("Open data"), {}, tr("Data (*.csv *.csv.gz *.gz *ubyte *.task.json);;All files (*)"));
    if (!path.isEmpty())
        openPath(path);
}

void TaskPanel::chooseFolder()
{
    const QString path = QFileDialog::getExistingDirectory(this, tr("Open a folder of data"));
    if (!path.isEmpty())
        openPath(path);
}

void TaskPanel::openPath(const QString& path)
{
    const std::string text = path.toStdString();
    if (path.endsWith(".task.json")) {
        load(data::resolveTask(text, m_catalog->formats()));
        return;
    }
    // Detection looks into the file: off the GUI thread, like the reading that follows.
    m_message->setText(tr("Looking at %1…").arg(path));
    m_latest.run(this, [catalog = m_catalog, text] { return data::taskForPath(text, catalog->formats()); },
                 [this](Result<data::TaskSpec> spec) { load(std::move(spec)); });
}

void TaskPanel::load(Result<data::TaskSpec> spec)
{
    if (!spec) {
        showError(QString::fromStdString(spec.error().text()));
        return;
    }
    m_message->setText(tr("Reading %1…").arg(QString::fromStdString(spec->name)));
    m_latest.run(this, [catalog = m_catalog, spec = *spec] { return data::loadTask(spec, catalog->formats()); },
                 [this](Result<std::shared_ptr<const data::Task>> task) {
                     if (task)
                         show(*task);
                     else
                         showError(QString::fromStdString(task.error().text()));
                 });
}

void TaskPanel::showError(const QString& message)
{
    m_message->setText(message);
}

void TaskPanel::show(std::shared_ptr<const data::Task> task)
{
    m_task = std::move(task);
    const data::Dataset& dataset = m_task->dataset;
    const auto count = [](std::size_t n) { return QString::fromStdString(groupDigits(static_cast<std::int64_t>(n))); };
    m_message->setText(tr("Drop a file or folder here to open other data."));
    QString notes;
    for (const std::string& note : dataset.notes)
        notes += "<br>" + QString::fromStdString(note).toHtmlEscaped();
    m_summary->setText(tr("<b>%1</b> · %2<br>%3 samples of %4, %5 classes<br>%6 training · %7 validation · %8 test%9")
                           .arg(QString::fromStdString(m_task->spec.name).toHtmlEscaped(), QString::fromStdString(dataset.format),
                                count(static_cast<std::size_t>(dataset.samples.count())),
                                QString::fromStdString(space::shapeText(dataset.samples.shape)), count(dataset.classes.size()),
                                count(m_task->splits.train.size()), count(m_task->splits.validation.size()),
                                count(m_task->splits.test.size()), notes));
    m_samples->setTask(m_task);
    m_balance->setTask(m_task);
    m_filling = true;
    m_epochs->setValue(m_task->spec.recipe.epochs);
    m_batch->setValue(m_task->spec.recipe.batchSize);
    m_rate->setValue(m_task->spec.recipe.learningRate);
    m_filling = false;
    m_recipe->show();
    Q_EMIT taskChanged();
}

void TaskPanel::applyRecipe()
{
    if (m_filling || !m_task)
        return;
    auto changed = std::make_shared<data::Task>(*m_task);
    changed->spec.recipe.epochs = m_epochs->value();
    changed->spec.recipe.batchSize = m_batch->value();
    changed->spec.recipe.learningRate = m_rate->value();
    changed->spec.recipeOrigin = data::RecipeOrigin::Chosen;
    m_task = std::move(changed);
    Q_EMIT taskChanged();
}

void TaskPanel::dragEnterEvent(QDragEnterEvent* event)
{
    if (event->mimeData()->hasUrls() && event->mimeData()->urls().first().isLocalFile())
        event->acceptProposedAction();
}

void TaskPanel::dropEvent(QDropEvent* event)
{
    openPath(event->mimeData()->urls().first().toLocalFile());
}

} // namespace archscope::ui
