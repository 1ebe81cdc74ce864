#include "ui/mainwindow/main_window.h"

#include "core/base/text.h"
#include "core/export/onnx_import.h"
#include "core/store/stores.h"
#include "core/train/training_evaluator.h"
#include "ui/bridge/background.h"
#include "ui/dialogs/export_dialog.h"
#include "ui/graph/node_inspector.h"
#include "ui/graph/operation_palette.h"
#include "ui/graph/space_document.h"
#include "ui/graph/space_editor.h"
#include "ui/graph/space_panel.h"
#include "ui/mainwindow/message_bar.h"
#include "ui/mainwindow/workspace_layouts.h"
#include "ui/panels/candidate_panel.h"
#include "ui/panels/candidate_table.h"
#include "ui/panels/compare_panel.h"
#include "ui/panels/search_panel.h"
#include "ui/panels/task_panel.h"
#include "ui/panels/welcome_page.h"
#include "ui/plots/accuracy_plot.h"
#include "ui/plots/curves_plot.h"
#include "ui/plots/pareto_plot.h"
#include "ui/theme/theme.h"

#include <QActionGroup>
#include <QCloseEvent>
#include <QDockWidget>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QInputDialog>
#include <QLabel>
#include <QLayout>
#include <QMessageBox>
#include <QMimeData>
#include <QPlainTextEdit>
#include <QProgressBar>
#include <QSettings>
#include <QStackedWidget>
#include <QStatusBar>
#include <QTime>
#include <QTimer>
#include <cmath>
#include <initializer_list>

namespace archscope::ui {

namespace {
bool isModel(const QString& file)
{
    return file.endsWith(".onnx", Qt::CaseInsensitive);
}
} // namespace

MainWindow::MainWindow(std::shared_ptr<const catalog::Catalog> catalog, Theme* theme, QWidget* parent)
    : QMainWindow(parent)
    , m_catalog(std::move(catalog))
    , m_theme(theme)
    , m_document(new SpaceDocument(std::shared_ptr<const space::OperationSet>(m_catalog, &m_catalog->operations()), this))
    , m_selection(new TrialSelection(this))
{
    setObjectName("mainWindow");
    setWindowTitle(tr("Archscope"));
    resize(1440, 900);
    setAcceptDrops(true);
    setDockOptions(AnimatedDocks | AllowNestedDocks | AllowTabbedDocks);
    setCorner(Qt::BottomLeftCorner, Qt::LeftDockWidgetArea);
    setCorner(Qt::BottomRightCorner, Qt::RightDockWidgetArea);
    m_document->setLatencyPredictor(
        [known = m_catalog](const network::Network& network) { return known->timings().predict(network); });
    makePanels();
    makeMenus();
    // Studies whose file is gone are not offered.
    QStringList recent = QSettings().value("recent").toStringList();
    recent.removeIf([](const QString& entry) { return !QFileInfo::exists(entry.section('#', 0, 0)); });
    m_welcome->setRecent(recent);
    for (const auto& [name, dock] : m_docks)
        dock->hide();
    m_layouts = new WorkspaceLayouts(this); // hidden docks keep their places; shown all at once, they would not fit
    restoreGeometry(QSettings().value("geometry").toByteArray());
    updateObstacle();
    onSessionState();
}

MainWindow::~MainWindow() = default;

QDockWidget* MainWindow::addDock(const char* name, const QString& title, QWidget* widget, Qt::DockWidgetArea area)
{
    auto* dock = new QDockWidget(title, this);
    dock->setObjectName(name);
    dock->setWidget(widget);
    addDockWidget(area, dock);
    m_docks[name] = dock;
    return dock;
}

void MainWindow::makePanels()
{
    m_centre = new QStackedWidget(this);
    m_welcome = new WelcomePage(m_centre);
    m_editor = new SpaceEditor(m_document, m_centre);
    m_centre->addWidget(m_welcome);
    m_centre->addWidget(m_editor);
    setCentralWidget(m_centre);

    auto* palette = new OperationPalette(m_document->sharedOperations(), this);
    palette->follow(m_document);
    connect(palette, &OperationPalette::activated, m_editor, &SpaceEditor::addEntry);
    m_task = new TaskPanel(m_catalog, this);
    m_search = new SearchPanel(m_catalog, this);
    auto* inspector = new NodeInspector(m_document, this);
    inspector->follow(m_editor);
    m_candidate = new CandidatePanel(m_catalog, m_selection, this);
    m_accuracy = new AccuracyPlot(m_theme, m_selection, this);
    m_pareto = new ParetoPlot(m_theme, m_selection, this);
    m_curves = new CurvesPlot(m_theme, m_selection, this);
    m_table = new CandidateTable(m_theme, m_selection, this);
    m_compare = new ComparePanel(m_catalog, m_theme, m_selection, this);
    // Pages that are not shown would ask for their width in the other workspaces too.
    m_compare->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Ignored);
    m_centre->addWidget(m_compare);
    m_events = new QPlainTextEdit(this);
    m_events->setObjectName("events");
    m_events->setReadOnly(true);
    m_events->setMaximumBlockCount(5000);
    m_events->setPlaceholderText(tr("What the search reports stands here."));

    auto* left = addDock("paletteDock", tr("Palette"), palette, Qt::LeftDockWidgetArea);
    auto* taskDock = addDock("taskDock", tr("Task"), m_task, Qt::LeftDockWidgetArea);
    auto* searchDock = addDock("searchDock", tr("Search"), m_search, Qt::LeftDockWidgetArea);
    tabifyDockWidget(left, taskDock);
    tabifyDockWidget(taskDock, searchDock);
    auto* inspectorDock = addDock("inspectorDock", tr("Inspector"), inspector, Qt::RightDockWidgetArea);
    connect(inspector, &NodeInspector::attentionWished, inspectorDock, [inspectorDock] {
        inspectorDock->show();
        inspectorDock->raise();
    });
    auto* candidateDock = addDock("candidateDock", tr("Candidate"), m_candidate, Qt::RightDockWidgetArea);
    tabifyDockWidget(inspectorDock, candidateDock);
    auto* spaceDock = addDock("spaceDock", tr("Space"), new SpacePanel(m_catalog, m_document, this), Qt::RightDockWidgetArea);
    tabifyDockWidget(inspectorDock, spaceDock);
    auto* accuracyDock = addDock("accuracyDock", tr("Accuracy over trials"), m_accuracy, Qt::BottomDockWidgetArea);
    // The table is split off first, so that it lies below all three plots.
    auto* tableDock = addDock("tableDock", tr("Candidates"), m_table, Qt::BottomDockWidgetArea);
    splitDockWidget(accuracyDock, tableDock, Qt::Vertical);
    auto* paretoDock = addDock("paretoDock", tr("Accuracy against cost"), m_pareto, Qt::BottomDockWidgetArea);
    splitDockWidget(accuracyDock, paretoDock, Qt::Horizontal);
    auto* curvesDock = addDock("curvesDock", tr("Learning curves"), m_curves, Qt::BottomDockWidgetArea);
    splitDockWidget(paretoDock, curvesDock, Qt::Horizontal);
    auto* eventsDock = addDock("eventsDock", tr("Events"), m_events, Qt::BottomDockWidgetArea);
    tabifyDockWidget(tableDock, eventsDock);
    tableDock->raise();

    m_status = new QLabel(this);
    m_status->setObjectName("statusText");
    m_status->setMinimumWidth(0);
    m_status->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    statusBar()->addWidget(m_status, 1);
    m_progress = new QProgressBar(this);
    m_progress->setObjectName("searchProgress");
    m_progress->setAccessibleName(tr("Share of the budget that is used"));
    m_progress->setMaximumWidth(220);
    m_progress->setFixedHeight(16); // the status bar does not grow when it comes
    m_progress->setTextVisible(false);
    m_progress->hide();
    statusBar()->addPermanentWidget(m_progress);

    connect(m_welcome, &WelcomePage::sampleRequested, this, &MainWindow::startWithSample);
    connect(m_welcome, &WelcomePage::newSpaceRequested, this, &MainWindow::newSpace);
    connect(m_welcome, &WelcomePage::openRequested, this, [this] { openFile({}); });
    connect(m_welcome, &WelcomePage::recentRequested, this, [this](const QString& entry) {
        openStudy("sqlite:" + entry.section('#', 0, 0), entry.section('#', 1));
    });
    connect(m_task, &TaskPanel::taskChanged, this, [this] {
        if (const auto task = m_task->task())
            m_document->setTaskShape(train::taskShape(*task));
        updateObstacle();
    });
    connect(m_document, &SpaceDocument::issuesChanged, this, &MainWindow::updateObstacle);
    connect(m_document, &SpaceDocument::surveyChanged, this, &MainWindow::updateObstacle);
    connect(m_document, &SpaceDocument::replaced, this, [this] { m_editor->fitToView(); });
    connect(m_document, &SpaceDocument::fileFailed, this, &MainWindow::tell);
    connect(m_document, &SpaceDocument::fileChanged, this, [this] { setWindowTitle(tr("%1[*] – Archscope").arg(m_document->title())); });
    connect(m_document, &SpaceDocument::modifiedChanged, this, &MainWindow::setWindowModified);
    connect(m_search, &SearchPanel::startRequested, this, &MainWindow::startSearch);
    connect(m_search, &SearchPanel::edited, this, &MainWindow::updateObstacle);
    connect(m_selection, &TrialSelection::changed, this, [this] { m_export->setEnabled(m_selection->current().isValid()); });
}

void MainWindow::showWorkspace(Workspace workspace)
{
    m_centre->setCurrentWidget(workspace == Workspace::Compare ? static_cast<QWidget*>(m_compare) : m_editor);
    // What was found is looked at in plots and the table: the drawing leaves them its height.
    m_centre->setMinimumHeight(0);
    m_centre->setMaximumHeight(workspace == Workspace::Explore ? 0 : QWIDGETSIZE_MAX);
    QAction* chosen = m_workspaces->actions().at(static_cast<int>(workspace));
    chosen->setChecked(true);
    m_layouts->enter(chosen->objectName(), [this, workspace] { arrange(workspace); });
    m_messages->setVisible(!m_messages->message().isEmpty());
    // The canvas has its size only after the docks have theirs.
    QTimer::singleShot(0, m_editor, &SpaceEditor::fitToView);
}

void MainWindow::arrange(Workspace workspace)
{
    const std::map<QString, std::vector<Workspace>> shown = {
        {"paletteDock", {Workspace::Design}},
        {"taskDock", {Workspace::Design, Workspace::Search}},
        {"searchDock", {Workspace::Design, Workspace::Search}},
        {"inspectorDock", {Workspace::Design, Workspace::Search}},
        {"spaceDock", {Workspace::Design}},
        {"candidateDock", {Workspace::Search, Workspace::Explore}},
        {"accuracyDock", {Workspace::Search, Workspace::Explore}},
        {"paretoDock", {Workspace::Search, Workspace::Explore}},
        {"curvesDock", {Workspace::Explore}},
        {"tableDock", {Workspace::Search, Workspace::Explore, Workspace::Compare}},
        {"eventsDock", {Workspace::Search, Workspace::Explore}}};
    for (const auto& [name, dock] : m_docks) {
        const auto& in = shown.at(name);
        dock->setVisible(std::find(in.begin(), in.end(), workspace) != in.end());
    }
    m_docks["tableDock"]->raise();
    m_docks[workspace == Workspace::Design ? "paletteDock" : "searchDock"]->raise();
    m_docks[workspace == Workspace::Design ? "inspectorDock" : "candidateDock"]->raise();
    // Sizes take effect once the layout has seen which docks are there.
    QTimer::singleShot(0, this, [this, workspace] {
        layout()->activate();
        resizeDocksFor(workspace);
    });
}

void MainWindow::resizeDocksFor(Workspace workspace)
{
    const auto resizeShown = [this](std::initializer_list<std::pair<const char*, int>> sizes, Qt::Orientation orientation) {
        QList<QDockWidget*> docks;
        QList<int> pixels;
        for (const auto& [name, size] : sizes) {
            if (QDockWidget* dock = m_docks[name]; !dock->isHidden()) {
                docks << dock;
                pixels << size;
            }
        }
        resizeDocks(docks, pixels, orientation);
    };
    const bool wide = width() > 1800;
    resizeShown({{workspace == Workspace::Design ? "paletteDock" : "searchDock", wide ? 340 : 290},
                 {workspace == Workspace::Design ? "inspectorDock" : "candidateDock", workspace == Workspace::Design ? (wide ? 420 : 330) : wide ? 560 : 380}},
                Qt::Horizontal);
    const int plots = height() * (workspace == Workspace::Explore ? 58 : 30) / 100;
    const int table = height() * (workspace == Workspace::Compare ? 20 : workspace == Workspace::Explore ? 40 : 24) / 100;
    resizeShown({{"accuracyDock", plots}, {"tableDock", table}}, Qt::Vertical);
    resizeShown({{"accuracyDock", 1000}, {"paretoDock", 1000}, {"curvesDock", 1000}}, Qt::Horizontal);
    QTimer::singleShot(0, m_editor, &SpaceEditor::fitToView);
}

void MainWindow::newSpace()
{
    if (!mayReplaceSpace())
        return;
    m_document->setSpace(SpaceDocument::emptySpace());
    showWorkspace(Workspace::Design);
}

void MainWindow::startWithSample()
{
    if (auto space = m_catalog->preset("chain-cnn"))
        m_document->setSpace(std::move(*space));
    m_task->openSample();
    showWorkspace(Workspace::Search);
}

QString MainWindow::obstacle() const
{
    QString reason;
    if (m_opening)
        reason = tr("The study is being opened…");
    else if (!m_task->isLoaded() && !m_search->usesTable())
        reason = tr("Choose a task first.");
    else if (m_document->hasErrors())
        reason = tr("The space has errors: %1").arg(QString::fromStdString(m_document->issues().front().message));
    else if (isSearching())
        reason = tr("A search is under way: stop it to start another.");
    else
        reason = m_search->problem();
    return reason;
}

void MainWindow::updateObstacle()
{
    m_search->setObstacle(obstacle());
}

void MainWindow::startOrResume()
{
    using search::StudyState;
    const StudyState state = m_session ? m_session->state() : StudyState::Finished;
    if (state == StudyState::Paused)
        m_session->resume();
    else if (state == StudyState::Finished)
        startSearch();
    else
        m_session->start(); // stopped, failed or never begun: it goes on from what is stored
}

bool MainWindow::isSearching() const
{
    using search::StudyState;
    const StudyState state = m_session ? m_session->state() : StudyState::Idle;
    return state == StudyState::Preparing || state == StudyState::Running || state == StudyState::Paused || state == StudyState::Stopping;
}

void MainWindow::startSearch()
{
    if (const QString reason = obstacle(); !reason.isEmpty()) {
        m_messages->tell(reason);
        return;
    }
    search::StudySpec spec = m_search->spec();
    spec.space = m_document->space();
    const std::shared_ptr<const data::Task> task = spec.table ? nullptr : m_task->task();
    spec.task = task ? task->spec : search::tableTask(*spec.table);
    const QString file = m_search->storeFile();
    const QString name = QString::fromStdString(spec.name);
    StudySession* session = newSession([this, entry = file + "#" + name] {
        remember(entry);
        m_search->offerNewName();
        showWorkspace(Workspace::Search);
    });
    session->createAndStart("sqlite:" + file, std::move(spec), task);
}

void MainWindow::openStudy(const QString& storeUrl, const QString& study)
{
    if (isSearching()
        && QMessageBox::question(this, tr("A search is running"),
                                 tr("Stop it and open another study? Completed trials are stored; the search goes on from there when "
                                    "its study is opened and resumed."))
            != QMessageBox::Yes)
        return;
    StudySession* session = newSession([this, entry = storeUrl.section(':', 1) + "#" + study] {
        m_document->setSpace(m_session->spec().space);
        m_session->loadTask();
        remember(entry);
        showWorkspace(Workspace::Explore);
    });
    session->open(storeUrl, study);
}

StudySession* MainWindow::newSession(std::function<void()> opened)
{
    // The former study stays on screen until this one is there, and if it cannot be opened.
    delete m_opening;
    auto* session = new StudySession(m_catalog, this);
    m_opening = session;
    connect(session, &StudySession::opened, this, [this, session, opened = std::move(opened)] {
        m_opening = nullptr;
        setSession(session);
        opened();
    });
    connect(session, &StudySession::openFailed, this, [this, session](const QString& message) {
        m_opening = nullptr;
        session->deleteLater();
        tell(message);
        updateObstacle();
    });
    updateObstacle();
    return session;
}

void MainWindow::setSession(StudySession* session)
{
    StudySession* old = m_session;
    m_session = session;
    m_failed = false;
    m_messages->tell({});
    m_selection->clear();
    m_accuracy->setSession(session);
    m_pareto->setSession(session);
    m_curves->setSession(session);
    m_table->setSession(session);
    m_candidate->setSession(session);
    m_compare->setSession(session);
    if (old) {
        old->disconnect(this);
        old->deleteLater();
    }
    connect(session, &StudySession::stateChanged, this, &MainWindow::onSessionState);
    connect(session, &StudySession::progressed, this, &MainWindow::onSessionState);
    connect(session, &StudySession::notice, this, &MainWindow::note);
    connect(session, &StudySession::taskLoaded, m_task, [this] {
        if (m_task->task() != m_session->task())
            m_task->show(m_session->task());
    });
    onSessionState();
}

void MainWindow::onSessionState()
{
    using search::StudyState;
    const StudyState state = m_session ? m_session->state() : StudyState::Idle;
    const bool running = state == StudyState::Running || state == StudyState::Preparing;
    m_start->setEnabled(!running && state != StudyState::Stopping);
    m_pause->setEnabled(state == StudyState::Running);
    m_step->setEnabled(state == StudyState::Paused);
    m_stopAfter->setEnabled(running || state == StudyState::Paused);
    m_stop->setEnabled(isSearching()); // also those that were to end by themselves
    m_extend->setEnabled(state == StudyState::Finished || state == StudyState::Stopped);
    m_progress->setVisible(isSearching());
    m_remaining->clear();
    if (const bool failed = state == StudyState::Failed; failed != m_failed) {
        m_failed = failed;
        if (failed)
            tell(m_session->failure());
    }
    if (!m_session) {
        m_status->setText(tr("No study is open"));
        return;
    }
    const auto& progress = m_session->progress();
    QStringList parts = {QString::fromStdString(m_session->spec().name), QString::fromStdString(search::stateTitle(state)),
                         m_session->trials().size() == 1 ? tr("1 trial") : tr("%1 trials").arg(m_session->trials().size())};
    if (running && progress.trialsPerMinute > 0)
        parts << tr("%1 trials/min").arg(progress.trialsPerMinute, 0, 'f', 1);
    if (running && std::isfinite(progress.remainingSeconds) && progress.remainingSeconds > 0)
        m_remaining->setText(tr("%1 left").arg(QString::fromStdString(durationText(progress.remainingSeconds))));
    if (const int best = m_session->bestIndex(); best >= 0) {
        const train::Trial& trial = m_session->trials()[static_cast<std::size_t>(best)];
        const auto* metric = train::findMetric(m_session->spec().objectives.front().metric);
        parts << tr("best %1 (trial %2)").arg(QString::fromStdString(train::metricText(*metric, trial.metric(metric->name)))).arg(trial.id.value());
    }
    parts << QFileInfo(m_session->storeUrl().section(':', 1)).fileName();
    m_status->setToolTip(m_session->storeUrl());
    m_status->setText(parts.join(" · "));
    const auto& budget = m_session->spec().budget;
    const double fraction = budget.trials > 0 ? static_cast<double>(progress.ended) / static_cast<double>(budget.trials)
        : budget.seconds > 0                 ? progress.searchedSeconds / budget.seconds
                                             : 0;
    m_progress->setRange(0, 1000);
    m_progress->setValue(static_cast<int>(1000 * fraction));
    updateObstacle();
}

void MainWindow::openFile(const QString& path)
{
    QString chosen = path;
    if (chosen.isEmpty())
        chosen = QFileDialog::getOpenFileName(this, tr("Open"), {}, tr("Studies and spaces (*.archscope *.space.json);;All files (*)"));
    if (chosen.isEmpty())
        return;
    chosen = QFileInfo(chosen).absoluteFilePath(); // remembered for later, wherever that is
    if (chosen.endsWith(".json")) {
        if (!mayReplaceSpace())
            return;
        m_document->load(chosen);
        showWorkspace(Workspace::Design);
    } else if (isModel(chosen)) {
        importModel(chosen);
    } else {
        chooseStudy("sqlite:" + chosen);
    }
}

void MainWindow::importModel(const QString& path)
{
    const QString chosen
        = path.isEmpty() ? QFileDialog::getOpenFileName(this, tr("Import ONNX model"), {}, tr("ONNX models (*.onnx);;All files (*)")) : path;
    if (chosen.isEmpty())
        return;
    const auto work = [catalog = m_catalog, file = chosen.toStdString()] { return exporting::spaceFromOnnxFile(file, catalog->operations()); };
    runInBackground(this, work, [this](Result<exporting::ImportedSpace> imported) {
        if (!imported) {
            tell(QString::fromStdString(imported.error().text()));
            return;
        }
        if (!mayReplaceSpace())
            return;
        if (!m_task->task())
            m_document->setTaskShape(imported->task);
        m_document->setSpace(std::move(imported->space));
        showWorkspace(Workspace::Design);
        for (const std::string& sentence : imported->notes)
            note(QString::fromStdString(sentence));
        note(tr("The model is for %1 and %2 classes.")
                 .arg(QString::fromStdString(space::shapeText(imported->task.input)))
                 .arg(imported->task.outputs));
    });
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event)
{
    const QList<QUrl> urls = event->mimeData()->urls();
    if (urls.size() == 1 && isModel(urls.front().toLocalFile()))
        event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event)
{
    const QList<QUrl> urls = event->mimeData()->urls();
    if (urls.size() != 1)
        return;
    event->acceptProposedAction();
    importModel(urls.front().toLocalFile());
}

void MainWindow::chooseStudy(const QString& storeUrl)
{
    const auto work = [url = storeUrl.toStdString()]() -> Result<std::vector<search::StudySummary>> {
        ARCHSCOPE_ASSIGN(const auto store, store::openStore(url, store::OpenMode::ReadOnly));
        return store->list();
    };
    runInBackground(this, work, [this, storeUrl](Result<std::vector<search::StudySummary>> studies) {
        if (!studies || studies->empty()) {
            tell(studies ? tr("%1: there is no study in this store yet. Choose it in the Search panel to make the first one.")
                               .arg(storeUrl.section(':', 1))
                         : QString::fromStdString(studies.error().text()));
            return;
        }
        QStringList names;
        for (const search::StudySummary& study : *studies)
            names << QString::fromStdString(study.name);
        if (names.size() == 1) {
            openStudy(storeUrl, names.front());
            return;
        }
        auto* dialog = new QInputDialog(this);
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        dialog->setWindowTitle(tr("Open a study"));
        dialog->setLabelText(tr("Study"));
        dialog->setComboBoxItems(names);
        connect(dialog, &QInputDialog::textValueSelected, this, [this, storeUrl](const QString& name) { openStudy(storeUrl, name); });
        dialog->open();
    });
}

void MainWindow::exportCurrent()
{
    if (!m_session || !m_session->trial(m_selection->current()))
        return;
    auto* dialog = new ExportDialog(m_session, m_selection->current(), this);
    dialog->show();
}

void MainWindow::saveSpace(SaveTo target)
{
    QString path = m_document->filePath();
    if (target == SaveTo::AnotherFile || path.isEmpty())
        path = QFileDialog::getSaveFileName(this, tr("Save space"), path.isEmpty() ? m_document->title() + ".space.json" : path, tr("Spaces (*.space.json)"));
    if (!path.isEmpty())
        m_document->save(path);
}

void MainWindow::remember(const QString& entry)
{
    QSettings settings;
    QStringList recent = settings.value("recent").toStringList();
    recent.removeAll(entry);
    recent.prepend(entry);
    settings.setValue("recent", QStringList(recent.mid(0, 10)));
    m_welcome->setRecent(recent.mid(0, 10));
}

void MainWindow::note(const QString& message)
{
    m_events->appendPlainText(QTime::currentTime().toString("hh:mm:ss  ") + message);
    statusBar()->showMessage(message, 10'000);
}

void MainWindow::tell(const QString& message)
{
    m_events->appendPlainText(QTime::currentTime().toString("hh:mm:ss  ") + message);
    m_messages->tell(message);
}

bool MainWindow::mayReplaceSpace()
{
    if (!m_document->isModified())
        return true;
    const auto answer = QMessageBox::question(this, tr("The space has unsaved changes"),
                                              tr("Go on without saving %1? Its changes are lost.").arg(m_document->title()),
                                              QMessageBox::Discard | QMessageBox::Cancel);
    return answer == QMessageBox::Discard;
}

void MainWindow::extendBudget()
{
    auto* dialog = new QInputDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setObjectName("extendDialog");
    dialog->setWindowTitle(tr("Search on"));
    dialog->setLabelText(tr("Trials in all, with the %1 there are").arg(m_session->trials().size()));
    dialog->setInputMode(QInputDialog::IntInput);
    const int trials = static_cast<int>(m_session->trials().size());
    dialog->setIntRange(trials + 1, 100'000'000);
    dialog->setIntValue(trials + std::max(10, static_cast<int>(m_session->spec().budget.trials) / 2));
    connect(dialog, &QInputDialog::intValueSelected, m_session, [session = m_session](int value) {
        search::Budget budget;
        budget.trials = value;
        session->extendAndStart(budget);
    });
    dialog->open();
}

void MainWindow::closeEvent(QCloseEvent* event)
{
    const bool staysOpen = (isSearching()
                            && QMessageBox::question(this, tr("A search is running"),
                                                     tr("Stop it and quit? Completed trials are stored; the study goes on from there when it is "
                                                        "opened and resumed."))
                                != QMessageBox::Yes)
        || !mayReplaceSpace();
    if (staysOpen) {
        event->ignore();
        return;
    }
    m_layouts->keep();
    QSettings().setValue("geometry", saveGeometry());
    QMainWindow::closeEvent(event);
}

} // namespace archscope::ui
