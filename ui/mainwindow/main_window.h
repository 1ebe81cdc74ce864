// The window: assembles the panels, holds the open study, and nothing else.
#pragma once

#include "ui/bridge/study_session.h"
#include "ui/models/trial_selection.h"

#include <QMainWindow>
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
class NodeInspector;
class OperationPalette;
class ParetoPlot;
class SearchPanel;
class SpaceDocument;
class SpaceEditor;
class TaskPanel;
class Theme;
class WelcomePage;

class MainWindow : public QMainWindow {
    Q_OBJECT
public:
    MainWindow(std::shared_ptr<const catalog::Catalog> catalog, Theme* theme, QWidget* parent = nullptr);
    ~MainWindow() override;

    /// A store of studies or a space, by its ending.
    void openFile(const QString& path);
    void openStudy(const QString& storeUrl, const QString& study);
    StudySession* session() const { return m_session; }
    SpaceDocument* document() const { return m_document; }

public Q_SLOTS:
    void startWithSample();
    void startSearch();

protected:
    void closeEvent(QCloseEvent* event) override;

private:
    enum class Workspace { Design, Search, Explore, Compare };
    void makePanels();
    void makeMenus();
    void showWorkspace(Workspace workspace);
    void arrange(Workspace workspace);
    void setSession(StudySession* session);
    void onSessionState();
    void updateObstacle();
    void chooseStudy(const QString& storeUrl);
    void exportCurrent();
    void saveSpace(bool askForFile);
    void remember(const QString& entry);
    void note(const QString& message);
    QDockWidget* addDock(const char* name, const QString& title, QWidget* widget, Qt::DockWidgetArea area);

    std::shared_ptr<const catalog::Catalog> m_catalog;
    Theme* m_theme;
    SpaceDocument* m_document;
    TrialSelection* m_selection;
    StudySession* m_session = nullptr;
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
    QProgressBar* m_progress = nullptr;
    std::map<QString, QDockWidget*> m_docks;
    QActionGroup* m_workspaces = nullptr;
    QAction* m_start = nullptr;
    QAction* m_pause = nullptr;
    QAction* m_step = nullptr;
    QAction* m_stop = nullptr;
    QAction* m_export = nullptr;
};

} // namespace archscope::ui
