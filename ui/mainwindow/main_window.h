// The window: assembles the panels, holds the open study, and nothing else.
#pragma once

#include "ui/bridge/study_session.h"
#include "ui/models/trial_selection.h"

#include <QMainWindow>
#include <functional>
#include <map>
#include <memory>

class QActionGroup;
class QLabel;
class QPlainTextEdit;
class QProgressBar;
class QStackedWidget;

namespace archscope::ui {

class AccuracyPlot;
class CandidatePanel;
class CandidateTable;
class ComparePanel;
class CurvesPlot;
class MessageBar;
class NodeInspector;
class OperationPalette;
class ParetoPlot;
class SearchPanel;
class SpaceDocument;
class SpaceEditor;
class TaskPanel;
class Theme;
class WelcomePage;
class WorkspaceLayouts;

class MainWindow : public QMainWindow {
    Q_OBJECT
public:
    MainWindow(std::shared_ptr<const catalog::Catalog> catalog, Theme* theme, QWidget* parent = nullptr);
    ~MainWindow() override;

    /// A store of studies, a space or an ONNX model, by its ending.
    void openFile(const QString& path);
    void openStudy(const QString& storeUrl, const QString& study);
    StudySession* session() const { return m_session; }
    SpaceDocument* document() const { return m_document; }

public Q_SLOTS:
    void startWithSample();
    void startSearch();

protected:
    void closeEvent(QCloseEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    enum class Workspace { Design, Search, Explore, Compare };
    void makePanels();
    struct ActionText {
        const char* name;
        QString title;
        QString tip;
        const char* icon = nullptr;
    };
    template <class Slot>
    QAction* makeAction(const ActionText& text, const QKeySequence& shortcut, Slot slot);
    void makeMenus();
    void makeFileMenu();
    void makeSearchMenu();
    void makeViewMenu();
    void showWorkspace(Workspace workspace);
    void arrange(Workspace workspace); ///< the window's own arrangement
    void resizeDocksFor(Workspace workspace);
    /// A session that takes the open one's place once it is open itself, then `opened` is called; until then nothing changes.
    StudySession* newSession(std::function<void()> opened);
    void setSession(StudySession* session);
    bool isSearching() const;
    void onSessionState();
    QString obstacle() const; ///< why no search can start; empty when one can
    void updateObstacle();
    void chooseStudy(const QString& storeUrl);
    void startOrResume();
    void extendBudget();
    void exportCurrent();
    void newSpace();
    void importModel(const QString& path); ///< empty: asks for the file
    bool mayReplaceSpace(); ///< asks when it has unsaved changes
    enum class SaveTo { ItsFile, AnotherFile };
    void saveSpace(SaveTo target);
    void remember(const QString& entry);
    void note(const QString& message); ///< among the events, and for some seconds in the status bar
    void tell(const QString& message); ///< what the user asked for went wrong: stays in sight
    QDockWidget* addDock(const char* name, const QString& title, QWidget* widget, Qt::DockWidgetArea area);

    std::shared_ptr<const catalog::Catalog> m_catalog;
    Theme* m_theme;
    SpaceDocument* m_document;
    TrialSelection* m_selection;
    WorkspaceLayouts* m_layouts = nullptr;
    MessageBar* m_messages = nullptr;
    StudySession* m_session = nullptr;
    StudySession* m_opening = nullptr; ///< on its way to be the session
    bool m_failed = false; ///< the session's failure was told
    QStackedWidget* m_centre = nullptr;
    WelcomePage* m_welcome = nullptr;
    SpaceEditor* m_editor = nullptr;
    TaskPanel* m_task = nullptr;
    SearchPanel* m_search = nullptr;
    AccuracyPlot* m_accuracy = nullptr;
    ParetoPlot* m_pareto = nullptr;
    CurvesPlot* m_curves = nullptr;
    CandidateTable* m_table = nullptr;
    CandidatePanel* m_candidate = nullptr;
    ComparePanel* m_compare = nullptr;
    QPlainTextEdit* m_events = nullptr;
    QLabel* m_status = nullptr;
    QLabel* m_remaining = nullptr;
    QProgressBar* m_progress = nullptr;
    std::map<QString, QDockWidget*> m_docks;
    QActionGroup* m_workspaces = nullptr;
    QAction* m_start = nullptr;
    QAction* m_pause = nullptr;
    QAction* m_step = nullptr;
    QAction* m_stopAfter = nullptr;
    QAction* m_stop = nullptr;
    QAction* m_extend = nullptr;
    QAction* m_export = nullptr;
};

} // namespace archscope::ui
