#include "ui/dialogs/export_dialog.h"

#include "core/base/text.h"
#include "core/train/training_evaluator.h"
#include "ui/bridge/background.h"
#include "ui/bridge/documents_folder.h"
#include "ui/theme/theme.h"

#include <QComboBox>
#include <QDialogButtonBox>
#include <QDir>
#include <QFileDialog>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QSpinBox>
#include <initializer_list>

namespace archscope::ui {

namespace {
struct Exported {
    exporting::ExportReport report;
    double testAccuracy = -1; ///< below 0: not retrained
};
} // namespace

ExportDialog::ExportDialog(StudySession* session, train::TrialId trial, QWidget* parent)
    : QDialog(parent)
    , m_catalog(session->catalog())
    , m_spec(session->spec())
    , m_decisions(session->decisions())
    , m_task(session->task())
    , m_trial(*session->trial(trial))
{
    setObjectName("exportDialog");
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Export trial %1").arg(trial.value()));
    auto* form = new QFormLayout(this);
    m_format = new QComboBox(this);
    m_format->setObjectName("exportFormat");
    for (const exporting::Exporter* exporter : m_catalog->exporters())
        m_format->addItem(QString::fromStdString(exporter->title()), QString::fromStdString(exporter->name()));
    form->addRow(tr("Format"), m_format);
    auto* row = new QHBoxLayout;
    m_file = new QLineEdit(this);
    m_file->setObjectName("exportFile");
    m_file->setMinimumWidth(380);
    row->addWidget(m_file, 1);
    auto* browse = new QPushButton(tr("…"), this);
    browse->setAccessibleName(tr("Choose a file"));
    browse->setToolTip(tr("Choose a file"));
    browse->setAutoDefault(false);
    connect(browse, &QPushButton::clicked, this, &ExportDialog::chooseFile);
    row->addWidget(browse);
    form->addRow(tr("File"), row);
    m_epochs = new QSpinBox(this);
    m_epochs->setObjectName("exportEpochs");
    m_epochs->setRange(1, 100'000);
    m_epochs->setValue(4 * (m_task ? m_task->spec.recipe.epochs : m_spec.task.recipe.epochs));
    form->addRow(tr("Retrain for epochs"), m_epochs);
    m_message = new QLabel(this);
    m_message->setObjectName("exportMessage");
    m_message->setWordWrap(true);
    m_message->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_message->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    constexpr int lines = 6; // the outcome of the longest check, so that the dialog does not jump
    m_message->setMinimumHeight(lines * m_message->fontMetrics().lineSpacing());
    form->addRow(m_message);
    m_bar = new QProgressBar(this);
    m_bar->hide();
    form->addRow(m_bar);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    m_close = buttons->button(QDialogButtonBox::Close);
    m_close->setObjectName("exportClose");
    m_close->setIcon({});
    m_close->setAutoDefault(false);
    m_run = buttons->addButton(tr("Export"), QDialogButtonBox::ActionRole);
    m_run->setObjectName("exportRun");
    m_run->setDefault(true);
    form->addRow(buttons);
    connect(buttons, &QDialogButtonBox::rejected, this, &ExportDialog::close);
    connect(m_run, &QPushButton::clicked, this, &ExportDialog::run);
    connect(m_format, &QComboBox::currentIndexChanged, this, &ExportDialog::formatChanged);
    connect(m_file, &QLineEdit::textChanged, this, [this] {
        m_run->setText(QFileInfo::exists(m_file->text()) ? tr("Replace") : tr("Export"));
        m_run->setEnabled(!m_poll.isActive() && !m_file->text().isEmpty());
    });
    connect(&m_poll, &QTimer::timeout, this, &ExportDialog::showProgress);
    m_bar->setRange(0, 1000);
    formatChanged();
}

ExportDialog::~ExportDialog()
{
    m_stop.request_stop();
}

void ExportDialog::formatChanged()
{
    const auto* exporter = m_catalog->exporter(m_format->currentData().toString().toStdString());
    m_epochs->setEnabled(exporter->needsWeights());
    setMark(m_message, Mark::None);
    m_message->setText(QString::fromStdString(exporter->help())
                       + (exporter->needsWeights() ? tr(" The network is trained anew on training + validation data and tested once.") : QString()));
    const QString folder = m_file->text().isEmpty() ? documentsFolder()
                                                    : QFileInfo(m_file->text()).absolutePath();
    m_file->setText(QDir(folder).filePath(QStringLiteral("trial-%1%2").arg(m_trial.id.value()).arg(QString::fromStdString(exporter->extension()))));
}

void ExportDialog::chooseFile()
{
    const QString path = QFileDialog::getSaveFileName(this, tr("Export to"), m_file->text());
    if (!path.isEmpty())
        m_file->setText(path);
}

void ExportDialog::setBusy(bool busy)
{
    for (QWidget* widget : std::initializer_list<QWidget*>{m_run, m_format, m_file, m_epochs})
        widget->setEnabled(!busy);
    m_close->setText(busy ? tr("Cancel") : tr("Close"));
    m_bar->setVisible(busy);
    if (busy)
        m_poll.start(100);
    else
        m_poll.stop();
}

void ExportDialog::showProgress()
{
    const double done = m_fraction->load();
    m_bar->setValue(static_cast<int>(1000 * done));
    constexpr double enoughToTell = 0.02;
    if (done >= 1)
        m_message->setText(tr("Writing and checking the file…"));
    else if (done > enoughToTell)
        m_message->setText(tr("Retraining: %1 left").arg(QString::fromStdString(durationText(m_since.elapsed() / 1000.0 * (1 - done) / done))));
}

void ExportDialog::run()
{
    setBusy(true);
    m_fraction->store(0);
    m_since.start();
    setMark(m_message, Mark::None);
    m_message->setText(tr("Working…"));
    const auto work = [catalog = m_catalog, spec = m_spec, decisions = m_decisions, task = m_task, trial = m_trial,
                       format = m_format->currentData().toString().toStdString(), file = m_file->text().toStdString(),
                       epochs = m_epochs->value(), fraction = m_fraction, stop = m_stop.get_token()]() -> Result<Exported> {
        const auto* exporter = catalog->exporter(format);
        exporting::ExportRequest request;
        request.task = task;
        if (!request.task) {
            ARCHSCOPE_ASSIGN(request.task, data::loadTask(spec.task, catalog->formats()));
        }
        ARCHSCOPE_ASSIGN(request.network, network::lower(spec.space, decisions, trial.genotype, catalog->operations(), train::taskShape(*request.task)));
        request.operations = &catalog->operations();
        request.file = file;
        request.metadata = {{"study", spec.name}, {"trial", std::to_string(trial.id.value())}};
        Exported exported;
        if (exporter->needsWeights()) {
            train::RetrainOptions options;
            options.epochs = epochs;
            ARCHSCOPE_ASSIGN(options.device, train::resolveDevice(spec.device));
            ARCHSCOPE_ASSIGN(train::RetrainResult retrained,
                             train::retrain(request.network, catalog->operations(), *request.task, options,
                                            [&](const train::RetrainProgress& p) { fraction->store(p.fraction); }, stop));
            request.weights = std::move(retrained.weights);
            exported.testAccuracy = retrained.mean;
            request.metadata["test_accuracy"] = std::to_string(retrained.mean);
        }
        ARCHSCOPE_ASSIGN(exported.report, exporter->write(request, stop));
        return exported;
    };
    runInBackground(this, work, [this](Result<Exported> exported) {
        setBusy(false);
        m_epochs->setEnabled(m_catalog->exporter(m_format->currentData().toString().toStdString())->needsWeights());
        m_run->setText(QFileInfo::exists(m_file->text()) ? tr("Replace") : tr("Export"));
        if (!exported) {
            setMark(m_message, Mark::Problem);
            m_message->setText(QString::fromStdString(exported.error().text()));
            return;
        }
        QString text = tr("Written: %1").arg(QString::fromStdString(exported->report.file.string()));
        if (exported->testAccuracy >= 0)
            text += tr("\nTest accuracy %1 %").arg(100 * exported->testAccuracy, 0, 'f', 2);
        if (exported->report.verified)
            text += tr("\nVerified: %1; largest difference %2").arg(QString::fromStdString(exported->report.verification)).arg(exported->report.maxDifference, 0, 'g', 3);
        m_message->setText(text);
    });
}

} // namespace archscope::ui
