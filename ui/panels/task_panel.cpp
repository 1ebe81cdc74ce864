#include "ui/panels/task_panel.h"

#include "core/base/text.h"
#include "core/space/operation_traits.h"
#include "ui/panels/recipe_form.h"
#include "ui/panels/scrolled_column.h"
#include "ui/panels/task_pictures.h"
#include "ui/theme/theme.h"

#include <QDragEnterEvent>
#include <QFileDialog>
#include <QLabel>
#include <QMimeData>
#include <QPushButton>
#include <QUrl>
#include <QVBoxLayout>

namespace archscope::ui {

TaskPanel::TaskPanel(std::shared_ptr<const catalog::Catalog> catalog, QWidget* parent)
    : QWidget(parent), m_catalog(std::move(catalog))
{
    setObjectName("taskPanel");
    setAcceptDrops(true);
    auto* layout = scrolledColumn(this);
    QWidget* content = layout->parentWidget();

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
    m_details = new QWidget(content);
    auto* details = new QVBoxLayout(m_details);
    details->setContentsMargins(0, 0, 0, 0);
    m_summary = new QLabel(m_details);
    m_summary->setObjectName("taskSummary");
    m_summary->setWordWrap(true);
    m_summary->setTextFormat(Qt::RichText);
    m_summary->setTextInteractionFlags(Qt::TextSelectableByMouse);
    details->addWidget(m_summary);
    const auto addHeading = [&](const QString& text) {
        details->addSpacing(6);
        details->addWidget(new QLabel(QStringLiteral("<b>%1</b>").arg(text), m_details));
    };
    addHeading(tr("One sample of each class"));
    m_samples = new SampleGrid(m_details);
    details->addWidget(m_samples);
    addHeading(tr("Samples of each class"));
    m_balance = new ClassBalance(m_details);
    details->addWidget(m_balance);
    addHeading(tr("Training recipe"));
    m_recipe = new RecipeForm(m_details);
    details->addWidget(m_recipe);
    m_details->hide();
    layout->addWidget(m_details);
    layout->addStretch(1);
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
    say(tr("Looking at %1…").arg(path));
    m_latest.run(this, [catalog = m_catalog, text] { return data::taskForPath(text, catalog->formats()); },
                 [this](Result<data::TaskSpec> spec) { load(std::move(spec)); });
}

void TaskPanel::load(Result<data::TaskSpec> spec)
{
    if (!spec) {
        showError(QString::fromStdString(spec.error().text()));
        return;
    }
    say(tr("Reading %1…").arg(QString::fromStdString(spec->name)));
    m_latest.run(this, [catalog = m_catalog, spec = *spec] { return data::loadTask(spec, catalog->formats()); },
                 [this](Result<std::shared_ptr<const data::Task>> task) {
                     if (task)
                         show(*task);
                     else
                         showError(QString::fromStdString(task.error().text()));
                 });
}

void TaskPanel::say(const QString& message)
{
    setMark(m_message, Mark::None);
    m_message->setText(message);
}

void TaskPanel::showError(const QString& message)
{
    setMark(m_message, Mark::Problem);
    m_message->setText(m_task ? tr("%1\n%2 stays open.").arg(message, QString::fromStdString(m_task->spec.name)) : message);
}

void TaskPanel::show(std::shared_ptr<const data::Task> task)
{
    m_task = std::move(task);
    const data::Dataset& dataset = m_task->dataset;
    const auto count = [](std::size_t n) { return QString::fromStdString(groupDigits(static_cast<std::int64_t>(n))); };
    say(tr("Drop a file or folder here to open other data."));
    QString notes;
    for (const std::string& note : dataset.notes)
        notes += "<br>" + QString::fromStdString(note).toHtmlEscaped();
    const QString name = QString::fromStdString(m_task->spec.name).toHtmlEscaped();
    const QString format = QString::fromStdString(dataset.format);
    m_summary->setText(tr("<b>%1</b>%2<br>%3 samples of %4, %5 classes<br>%6 training · %7 validation · %8 test%9")
                           .arg(name, name == format ? QString() : tr(" · read as %1").arg(format),
                                count(static_cast<std::size_t>(dataset.samples.count())),
                                QString::fromStdString(space::shapeText(dataset.samples.shape)), count(dataset.classes.size()),
                                count(m_task->splits.train.size()), count(m_task->splits.validation.size()),
                                count(m_task->splits.test.size()), notes));
    m_samples->setTask(m_task);
    m_balance->setTask(m_task);
    m_recipe->setTask(*m_task);
    m_details->show();
    Q_EMIT taskChanged();
}

std::shared_ptr<const data::Task> TaskPanel::task() const
{
    // The edited recipe gets a task of its own only when somebody wants it: the copy has all samples.
    if (m_task && m_recipe->recipe() != m_task->spec.recipe) {
        auto changed = std::make_shared<data::Task>(*m_task);
        changed->spec.recipe = m_recipe->recipe();
        changed->spec.recipeOrigin = data::RecipeOrigin::Chosen;
        m_task = std::move(changed);
    }
    return m_task;
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
