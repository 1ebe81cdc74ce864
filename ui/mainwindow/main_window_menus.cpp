// The window's menus and tool bar: every action with its shortcut and what it does.
#include "ui/graph/space_document.h"
#include "ui/graph/space_editor.h"
#include "ui/mainwindow/main_window.h"
#include "ui/mainwindow/message_bar.h"
#include "ui/mainwindow/workspace_layouts.h"
#include "ui/theme/theme.h"

#include <QActionGroup>
#include <QApplication>
#include <QDockWidget>
#include <QLabel>
#include <QMenuBar>
#include <QMessageBox>
#include <QSettings>
#include <QToolButton>

namespace archscope::ui {

template <class Slot>
QAction* MainWindow::makeAction(const ActionText& text, const QKeySequence& shortcut, Slot slot)
{
    auto* made = new QAction(text.icon ? m_theme->icon(text.icon) : QIcon(), text.title, this);
    made->setObjectName(text.name);
    made->setShortcut(shortcut);
    made->setToolTip(shortcut.isEmpty() ? text.tip : QStringLiteral("%1 (%2)").arg(text.tip, shortcut.toString(QKeySequence::NativeText)));
    made->setStatusTip(text.tip);
    connect(made, &QAction::triggered, this, slot);
    if (text.icon)
        connect(m_theme, &Theme::changed, made, [this, made, icon = text.icon] { made->setIcon(m_theme->icon(icon)); });
    return made;
}

void MainWindow::makeMenus()
{
    makeFileMenu();
    auto* edit = menuBar()->addMenu(tr("&Edit"));
    for (QAction* editorAction : m_editor->editorActions()) {
        if (editorAction)
            edit->addAction(editorAction);
        else
            edit->addSeparator();
    }
    makeSearchMenu();
    makeViewMenu();
    auto* help = menuBar()->addMenu(tr("&Help"));
    help->addAction(makeAction({"aboutAction", tr("&About Archscope"), tr("Version and licence")}, {}, [this] {
        QMessageBox::about(this, tr("About Archscope"),
                           tr("<b>Archscope %1</b><p>An explorer for neural architecture search.<p>GPL-3.0-or-later.")
                               .arg(QApplication::applicationVersion()));
    }));

    auto* bar = addToolBar(tr("Main"));
    bar->setObjectName("mainToolBar");
    bar->setMovable(false);
    bar->addActions(m_workspaces->actions());
    bar->addSeparator();
    bar->addActions({m_start, m_pause, m_step, m_stop});
    if (auto* button = qobject_cast<QToolButton*>(bar->widgetForAction(m_stop))) {
        auto* ways = new QMenu(button);
        ways->addActions({m_stopAfter, m_stop});
        button->setMenu(ways);
        button->setPopupMode(QToolButton::MenuButtonPopup);
    }
    bar->addSeparator();
    bar->addAction(m_export);
    auto* room = new QWidget(bar);
    room->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    bar->addWidget(room);
    m_remaining = new QLabel(bar);
    m_remaining->setObjectName("remainingTime");
    m_remaining->setAccessibleName(tr("Remaining time"));
    m_remaining->setContentsMargins(8, 0, 8, 0);
    bar->addWidget(m_remaining);
    addToolBarBreak();
    m_messages = new MessageBar(m_theme, this);
    addToolBar(m_messages);
}

void MainWindow::makeFileMenu()
{
    auto* file = menuBar()->addMenu(tr("&File"));
    file->setToolTipsVisible(true);
    auto* presets = file->addMenu(tr("New space from &preset"));
    presets->setToolTipsVisible(true);
    for (const auto& preset : m_catalog->presets()) {
        auto* made = presets->addAction(QString::fromStdString(preset.title));
        made->setObjectName(QStringLiteral("preset.%1").arg(QString::fromStdString(preset.name)));
        made->setToolTip(QString::fromStdString(preset.description));
        connect(made, &QAction::triggered, this, [this, name = preset.name] {
            if (auto space = m_catalog->preset(name); space && mayReplaceSpace()) {
                m_document->setSpace(std::move(*space));
                showWorkspace(Workspace::Design);
            }
        });
    }
    m_export = makeAction({"exportAction", tr("&Export candidate…"), tr("Retrain the selected candidate and write it to a file"), "export"},
                          QKeySequence(tr("Ctrl+E")), [this] { exportCurrent(); });
    m_export->setEnabled(false);
    file->addAction(makeAction({"newSpaceAction", tr("New &empty space"), tr("An input joined to an output, to draw between")},
                               QKeySequence::New, [this] { newSpace(); }));
    file->addAction(makeAction({"openAction", tr("&Open…"), tr("Open a store of studies or a space"), "open"}, QKeySequence::Open,
                               [this] { openFile({}); }));
    file->addAction(makeAction({"importOnnxAction", tr("&Import ONNX model…"), tr("Draw a trained model as a space to vary")}, QKeySequence(),
                               [this] { importModel({}); }));
    file->addAction(makeAction({"saveAction", tr("&Save space"), tr("Save the drawn space to its file"), "save"}, QKeySequence::Save,
                               [this] { saveSpace(SaveTo::ItsFile); }));
    file->addAction(makeAction({"saveAsAction", tr("Save space &as…"), tr("Save the drawn space to another file")},
                               QKeySequence(tr("Ctrl+Shift+S")), [this] { saveSpace(SaveTo::AnotherFile); }));
    file->addSeparator();
    file->addAction(m_export);
    file->addSeparator();
    file->addAction(makeAction({"quitAction", tr("&Quit"), tr("Close the window; completed trials are stored")}, QKeySequence(tr("Ctrl+Q")),
                               [this] { close(); }));
}

void MainWindow::makeSearchMenu()
{
    m_start = makeAction({"startAction", tr("Start or &resume"), tr("Start the search, or go on where it halted"), "play"},
                         QKeySequence(tr("F5")), [this] { startOrResume(); });
    m_pause = makeAction({"pauseAction", tr("&Pause"), tr("Halt the running trials after their batch; they go on when resumed"), "pause"},
                         QKeySequence(tr("F6")), [this] { m_session->pause(); });
    m_step = makeAction({"stepAction", tr("S&tep one trial"), tr("While paused: run one more trial to its end"), "step"},
                        QKeySequence(tr("F7")), [this] { m_session->step(); });
    m_stopAfter = makeAction({"stopAfterAction", tr("Stop &after the running trials"),
                              tr("Begin no new trial and stop when the running ones have ended")},
                             QKeySequence(tr("F8")), [this] { m_session->stopAfterRunning(); });
    m_stop = makeAction({"stopAction", tr("&Stop now"), tr("Give the running trials up; a resume repeats them identically"), "stop"},
                        QKeySequence(tr("Shift+F5")), [this] { m_session->stopNow(); });
    m_extend = makeAction({"extendAction", tr("Search &on with more trials…"), tr("Raise the open study's budget and go on")},
                          QKeySequence(tr("Ctrl+F5")), [this] { extendBudget(); });
    auto* menu = menuBar()->addMenu(tr("&Search"));
    menu->setToolTipsVisible(true);
    menu->addActions({m_start, m_pause, m_step});
    menu->addSeparator();
    menu->addActions({m_stopAfter, m_stop});
    menu->addSeparator();
    menu->addAction(m_extend);
}

void MainWindow::makeViewMenu()
{
    auto* view = menuBar()->addMenu(tr("&View"));
    view->setToolTipsVisible(true);
    m_workspaces = new QActionGroup(this);
    struct Entry {
        Workspace workspace;
        QString title;
        QString tip;
    };
    const Entry entries[] = {{Workspace::Design, tr("Design"), tr("Draw the space, with the canvas large")},
                             {Workspace::Search, tr("Search"), tr("Set up a search and watch it")},
                             {Workspace::Explore, tr("Explore"), tr("Plots, the table and the selected candidate")},
                             {Workspace::Compare, tr("Compare"), tr("Two candidates side by side")}};
    for (const Entry& entry : entries) {
        const QString number = QString::number(static_cast<int>(entry.workspace) + 1);
        auto* made = makeAction({"", entry.title, entry.tip}, QKeySequence("Ctrl+" + number), [this, entry] { showWorkspace(entry.workspace); });
        made->setObjectName("workspace" + number);
        made->setCheckable(true);
        m_workspaces->addAction(made);
        view->addAction(made);
    }
    view->addSeparator();
    auto* panels = view->addMenu(tr("&Panels"));
    for (const auto& [name, dock] : m_docks)
        panels->addAction(dock->toggleViewAction());
    view->addAction(makeAction({"resetLayoutAction", tr("&Reset this workspace's layout"), tr("Put the panels back where they were made")},
                               QKeySequence(tr("Ctrl+Shift+0")), [this] {
                                   if (QAction* current = m_workspaces->checkedAction()) {
                                       m_layouts->reset();
                                       current->trigger();
                                   }
                               }));
    auto* themes = view->addMenu(tr("&Theme"));
    auto* group = new QActionGroup(this);
    const std::pair<ThemeMode, QString> modes[] = {
        {ThemeMode::System, tr("As the system")}, {ThemeMode::Light, tr("Light")}, {ThemeMode::Dark, tr("Dark")}};
    for (const auto& [mode, title] : modes) {
        auto* made = themes->addAction(title);
        made->setObjectName(QStringLiteral("theme%1").arg(static_cast<int>(mode)));
        made->setCheckable(true);
        made->setChecked(m_theme->mode() == mode);
        group->addAction(made);
        connect(made, &QAction::triggered, this, [this, mode = mode] {
            m_theme->setMode(mode);
            QSettings().setValue("theme", static_cast<int>(mode));
        });
    }
}

} // namespace archscope::ui
