#include "ui/mainwindow/main_window.h"

#include "core/base/text.h"
#include "core/store/stores.h"
#include "core/train/training_evaluator.h"
#include "ui/bridge/background.h"
#include "ui/dialogs/export_dialog.h"
#include "ui/graph/node_inspector.h"
#include "ui/graph/operation_palette.h"
#include "ui/graph/space_document.h"
#include "ui/graph/space_editor.h"
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
#include <QFileDialog>
#include <QFileInfo>
#include <QInputDialog>
#include <QLabel>
#include <QMenuBar>
#include <QMessageBox>
#include <QPlainTextEdit>
#include <QProgressBar>
#include <QSettings>
#include <QStackedWidget>
#include <QStatusBar>
#include <QTime>
#include <QTimer>
#include <QToolBar>
#include <cmath>

namespace archscope::ui {

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
    setDockOptions(AnimatedDocks | AllowNestedDocks | AllowTabbedDocks);
    setCorner(Qt::BottomLeftCorner, Qt::LeftDockWidgetArea);
    setCorner(Qt::BottomRightCorner, Qt::RightDockWidgetArea);
    makePanels();
    makeMenus();
    // Studies whose file is gone are not offered.
    QStringList recent = QSettings().value("recent").toStringList();
    recent.removeIf([](const QString& entry) { return !QFileInfo::exists(entry.section('#', 0, 0)); });
    m_welcome->setRecent(recent);
    for (const auto& [name, dock] : m_docks)
        dock->hide();
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
    auto* candidateDock = addDock("candidateDock", tr("Candidate"), m_candidate, Qt::RightDockWidgetArea);
    tabifyDockWidget(inspectorDock, candidateDock);
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
    statusBar()->addWidget(m_status, 1);
    m_progress = new QProgressBar(this);
    m_progress->setMaximumWidth(220);
    m_progress->setTextVisible(false);
    m_progress->hide();
    statusBar()->addPermanentWidget(m_progress);

    connect(m_welcome, &WelcomePage::sampleRequested, this, &MainWindow::startWithSample);
    connect(m_welcome, &WelcomePage::newSpaceRequested, this, [this] {
        m_document->setSpace(SpaceDocument::emptySpace());
        showWorkspace(Workspace::Design);
    });
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
    connect(m_document, &SpaceDocument::fileFailed, this, &MainWindow::note);
    connect(m_document, &SpaceDocument::fileChanged, this, [this] { setWindowTitle(tr("%1[*] – Archscope").arg(m_document->title())); });
    connect(m_document, &SpaceDocument::modifiedChanged, this, &MainWindow::setWindowModified);
    connect(m_search, &SearchPanel::startRequested, this, &MainWindow::startSearch);
    connect(m_search, &SearchPanel::edited, this, &MainWindow::updateObstacle);
    connect(m_selection, &TrialSelection::changed, this, [this] { m_export->setEnabled(m_selection->current().isValid()); });
}

void MainWindow::makeMenus()
{
    const auto action = [&](const QString& text, const char* name, const char* icon, const QKeySequence& shortcut, auto slot) {
        auto* made = new QAction(icon ? m_theme->icon(icon) : QIcon(), text, this);
        made->setObjectName(name);
        made->setShortcut(shortcut);
        connect(made, &QAction::triggered, this, slot);
        if (icon)
            connect(m_theme, &Theme::changed, made, [this, made, icon] { made->setIcon(m_theme->icon(icon)); });
        return made;
    };
    auto* file = menuBar()->addMenu(tr("&File"));
    auto* presets = file->addMenu(tr("New space from &preset"));
    for (const auto& preset : m_catalog->presets()) {
        auto* made = presets->addAction(QString::fromStdString(preset.title));
        made->setObjectName(QStringLiteral("preset.%1").arg(QString::fromStdString(preset.name)));
        made->setToolTip(QString::fromStdString(preset.description));
        connect(made, &QAction::triggered, this, [this, name = preset.name] {
            if (auto space = m_catalog->preset(name)) {
                m_document->setSpace(std::move(*space));
                showWorkspace(Workspace::Design);
            }
        });
    }
    file->addAction(action(tr("New &empty space"), "newSpaceAction", nullptr, QKeySequence::New, [this] {
        m_document->setSpace(SpaceDocument::emptySpace());
        showWorkspace(Workspace::Design);
    }));
    file->addAction(action(tr("&Open…"), "openAction", "open", QKeySequence::Open, [this] { openFile({}); }));
    file->addAction(action(tr("&Save space"), "saveAction", "save", QKeySequence::Save, [this] { saveSpace(false); }));
    file->addAction(action(tr("Save space &as…"), "saveAsAction", nullptr, QKeySequence::SaveAs, [this] { saveSpace(true); }));
    file->addSeparator();
    m_export = action(tr("&Export candidate…"), "exportAction", "export", QKeySequence(tr("Ctrl+E")), [this] { exportCurrent(); });
    m_export->setEnabled(false);
    file->addAction(m_export);
    file->addSeparator();
    file->addAction(action(tr("&Quit"), "quitAction", nullptr, QKeySequence::Quit, [this] { close(); }));

    auto* edit = menuBar()->addMenu(tr("&Edit"));
    for (QAction* editorAction : m_editor->editorActions()) {
        if (editorAction)
            edit->addAction(editorAction);
        else
            edit->addSeparator();
    }

    auto* searchMenu = menuBar()->addMenu(tr("&Search"));
    m_start = action(tr("Start or &resume"), "startAction", "play", QKeySequence(tr("F5")), [this] {
        if (m_session && m_session->state() == search::StudyState::Paused)
            m_session->resume();
        else if (m_session && m_session->state() == search::StudyState::Stopped)
            m_session->start();
        else
            startSearch();
    });
    m_pause = action(tr("&Pause"), "pauseAction", "pause", QKeySequence(tr("F6")), [this] { m_session->pause(); });
    m_step = action(tr("S&tep one trial"), "stepAction", "step", QKeySequence(tr("F7")), [this] { m_session->step(); });
    m_stop = action(tr("S&top"), "stopAction", "stop", QKeySequence(tr("Shift+F5")), [this] { m_session->stopNow(); });
    searchMenu->addActions({m_start, m_pause, m_step, m_stop});

    auto* view = menuBar()->addMenu(tr("&View"));
    auto* bar = addToolBar(tr("Main"));
    bar->setObjectName("mainToolBar");
    bar->setMovable(false);
    m_workspaces = new QActionGroup(this);
    const std::pair<Workspace, QString> workspaces[] = {{Workspace::Design, tr("Design")}, {Workspace::Search, tr("Search")},
                                                        {Workspace::Explore, tr("Explore")}, {Workspace::Compare, tr("Compare")}};
    int number = 1;
    for (const auto& [workspace, title] : workspaces) {
        auto* made = action(title, "", nullptr, QKeySequence(QStringLiteral("Ctrl+%1").arg(number++)), [this, workspace] { showWorkspace(workspace); });
        made->setObjectName(QStringLiteral("workspace%1").arg(number - 1));
        made->setCheckable(true);
        m_workspaces->addAction(made);
        view->addAction(made);
        bar->addAction(made);
    }
    bar->addSeparator();
    bar->addActions({m_start, m_pause, m_step, m_stop});
    bar->addSeparator();
    bar->addAction(m_export);
    view->addSeparator();
    auto* panels = view->addMenu(tr("&Panels"));
    for (const auto& [name, dock] : m_docks)
        panels->addAction(dock->toggleViewAction());
    auto* themes = view->addMenu(tr("&Theme"));
    auto* themeGroup = new QActionGroup(this);
    const std::pair<ThemeMode, QString> modes[] = {{ThemeMode::System, tr("As the system")}, {ThemeMode::Light, tr("Light")}, {ThemeMode::Dark, tr("Dark")}};
    for (const auto& [mode, title] : modes) {
        auto* made = themes->addAction(title);
        made->setCheckable(true);
        made->setChecked(m_theme->mode() == mode);
        themeGroup->addAction(made);
        connect(made, &QAction::triggered, this, [this, mode = mode] {
            m_theme->setMode(mode);
            QSettings().setValue("theme", static_cast<int>(mode));
        });
    }
}

void MainWindow::showWorkspace(Workspace workspace)
{
    m_centre->setCurrentWidget(workspace == Workspace::Compare ? static_cast<QWidget*>(m_compare) : m_editor);
    m_workspaces->actions().at(static_cast<int>(workspace))->setChecked(true);
    const std::map<QString, std::vector<Workspace>> shown = {
        {"paletteDock", {Workspace::Design}},
        {"taskDock", {Workspace::Design, Workspace::Search}},
        {"searchDock", {Workspace::Design, Workspace::Search}},
        {"inspectorDock", {Workspace::Design, Workspace::Search}},
        {"candidateDock", {Workspace::Search, Workspace::Explore}},
        {"accuracyDock", {Workspace::Search, Workspace::Explore}},
        {"paretoDock", {Workspace::Search, Workspace::Explore}},
        {"curvesDock", {Workspace::Explore}},
        {"tableDock", {Workspace::Search, Workspace::Explore, Workspace::Compare}},
        {"eventsDock", {Workspace::Search}}};
    for (const auto& [name, dock] : m_docks) {
        const auto& in = shown.at(name);
        dock->setVisible(std::find(in.begin(), in.end(), workspace) != in.end());
    }
    m_docks["tableDock"]->raise();
    m_docks[workspace == Workspace::Design ? "paletteDock" : "searchDock"]->raise();
    m_docks[workspace == Workspace::Design ? "inspectorDock" : "candidateDock"]->raise();
    // Sizes take effect once the layout has seen which docks are there.
    QMetaObject::invokeMethod(this, [this, workspace] { arrange(workspace); }, Qt::QueuedConnection);
}

void MainWindow::arrange(Workspace workspace)
{
    const bool wide = width() > 1800;
    resizeDocks({m_docks["paletteDock"], m_docks["inspectorDock"], m_docks["candidateDock"]}, {wide ? 340 : 290, wide ? 420 : 330, wide ? 560 : 380},
                Qt::Horizontal);
    const int plots = height() * (workspace == Workspace::Explore ? 36 : 30) / 100;
    const int table = height() * (workspace == Workspace::Compare ? 20 : 24) / 100;
    resizeDocks({m_docks["accuracyDock"], m_docks["tableDock"]}, {plots, table}, Qt::Vertical);
    if (workspace == Workspace::Explore)
        resizeDocks({m_docks["accuracyDock"], m_docks["paretoDock"], m_docks["curvesDock"]}, {1, 1, 1}, Qt::Horizontal);
    else
        resizeDocks({m_docks["accuracyDock"], m_docks["paretoDock"]}, {1, 1}, Qt::Horizontal);
    // The canvas has its new size only after the docks have theirs.
    QTimer::singleShot(0, m_editor, &SpaceEditor::fitToView);
}

void MainWindow::startWithSample()
{
    if (auto space = m_catalog->preset("chain-cnn"))
        m_document->setSpace(std::move(*space));
    m_task->openSample();
    showWorkspace(Workspace::Search);
}

void MainWindow::updateObstacle()
{
    QString reason;
    if (!m_task->task())
        reason = tr("Choose a task first.");
    else if (m_document->hasErrors())
        reason = tr("The space has errors: %1").arg(QString::fromStdString(m_document->issues().front().message));
    else if (m_session && (m_session->state() == search::StudyState::Running || m_session->state() == search::StudyState::Paused
                           || m_session->state() == search::StudyState::Preparing || m_session->state() == search::StudyState::Stopping))
        reason = tr("A search is under way: stop it to start another.");
    else
        reason = m_search->problem();
    m_search->setObstacle(reason);
}

void MainWindow::startSearch()
{
    updateObstacle();
    if (!m_task->task() || m_document->hasErrors() || !m_search->problem().isEmpty())
        return;
    search::StudySpec spec = m_search->spec();
    spec.space = m_document->space();
    spec.task = m_task->task()->spec;
    const QString url = "sqlite:" + m_search->storeFile();
    const QString name = QString::fromStdString(spec.name);
    setSession(new StudySession(m_catalog, this));
    m_session->createAndStart(url, std::move(spec), m_task->task());
    remember(m_search->storeFile() + "#" + name);
    m_search->offerNewName();
    showWorkspace(Workspace::Search);
}

void MainWindow::setSession(StudySession* session)
{
    StudySession* old = m_session;
    m_session = session;
    m_selection->clear();
    m_accuracy->setSession(session);
    m_pareto->setSession(session);
    m_curves->setSession(session);
    m_table->setSession(session);
    m_candidate->setSession(session);
    m_compare->setSession(session);
    if (old)
        old->deleteLater();
    if (!session)
        return;
    connect(session, &StudySession::stateChanged, this, &MainWindow::onSessionState);
    connect(session, &StudySession::progressed, this, &MainWindow::onSessionState);
    connect(session, &StudySession::notice, this, &MainWindow::note);
    connect(session, &StudySession::openFailed, this, [this](const QString& message) {
        note(message);
        m_search->setObstacle(message);
    });
    connect(session, &StudySession::opened, this, &MainWindow::onSessionState);
}

void MainWindow::onSessionState()
{
    using search::StudyState;
    const StudyState state = m_session ? m_session->state() : StudyState::Idle;
    const bool running = state == StudyState::Running || state == StudyState::Preparing;
    m_start->setEnabled(!running && state != StudyState::Stopping);
    m_pause->setEnabled(state == StudyState::Running);
    m_step->setEnabled(state == StudyState::Paused);
    m_stop->setEnabled(running || state == StudyState::Paused);
    m_progress->setVisible(running || state == StudyState::Paused);
    if (!m_session) {
        m_status->setText(tr("No study is open"));
        return;
    }
    const auto& progress = m_session->progress();
    QStringList parts = {QString::fromStdString(search::stateTitle(state)), tr("%1 trials").arg(m_session->trials().size())};
    if (running && progress.trialsPerMinute > 0)
        parts << tr("%1 trials/min").arg(progress.trialsPerMinute, 0, 'f', 1);
    if (running && std::isfinite(progress.remainingSeconds) && progress.remainingSeconds > 0)
        parts << tr("%1 left").arg(QString::fromStdString(durationText(progress.remainingSeconds)));
    if (const int best = m_session->bestIndex(); best >= 0) {
        const train::Trial& trial = m_session->trials()[static_cast<std::size_t>(best)];
        const auto* metric = train::findMetric(m_session->spec().objectives.front().metric);
        parts << tr("best %1 (trial %2)").arg(QString::fromStdString(train::metricText(*metric, trial.metric(metric->name)))).arg(trial.id.value());
    }
    parts << m_session->storeUrl();
    if (state == StudyState::Failed)
        parts << m_session->failure();
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
    if (chosen.endsWith(".json")) {
        m_document->load(chosen);
        showWorkspace(Workspace::Design);
    } else {
        chooseStudy("sqlite:" + chosen);
    }
}

void MainWindow::chooseStudy(const QString& storeUrl)
{
    const auto work = [url = storeUrl.toStdString()]() -> Result<std::vector<search::StudySummary>> {
        ARCHSCOPE_ASSIGN(const auto store, store::openStore(url, store::OpenMode::ReadOnly));
        return store->list();
    };
    runInBackground(this, work, [this, storeUrl](Result<std::vector<search::StudySummary>> studies) {
        if (!studies || studies->empty()) {
            note(studies ? tr("%1 holds no study").arg(storeUrl) : QString::fromStdString(studies.error().text()));
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

void MainWindow::openStudy(const QString& storeUrl, const QString& study)
{
    setSession(new StudySession(m_catalog, this));
    connect(m_session, &StudySession::opened, this, [this, storeUrl, study] {
        m_document->setSpace(m_session->spec().space);
        remember(storeUrl.mid(storeUrl.indexOf(':') + 1) + "#" + study);
        showWorkspace(Workspace::Explore);
    });
    m_session->open(storeUrl, study);
}

void MainWindow::exportCurrent()
{
    if (!m_session || !m_session->trial(m_selection->current()))
        return;
    auto* dialog = new ExportDialog(m_session, m_selection->current(), this);
    dialog->show();
}

void MainWindow::saveSpace(bool askForFile)
{
    QString path = m_document->filePath();
    if (askForFile || path.isEmpty())
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

void MainWindow::closeEvent(QCloseEvent* event)
{
    const auto state = m_session ? m_session->state() : search::StudyState::Idle;
    if (state == search::StudyState::Running || state == search::StudyState::Paused) {
        const auto answer = QMessageBox::question(this, tr("A search is running"),
                                                  tr("Stop it and quit? Completed trials are stored; the study goes on from there when it is opened and resumed."));
        if (answer != QMessageBox::Yes) {
            event->ignore();
            return;
        }
    }
    QMainWindow::closeEvent(event);
}

} // namespace archscope::ui
