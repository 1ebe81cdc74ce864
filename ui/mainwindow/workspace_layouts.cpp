#include "ui/mainwindow/workspace_layouts.h"

#include <QAction>
#include <QDockWidget>
#include <QEvent>
#include <QMainWindow>
#include <QSettings>
#include <utility>

namespace archscope::ui {

namespace {
/// Of the docks: an arrangement of other docks does not fit and is not restored.
constexpr int layoutVersion = 1;

QString keyOf(const QString& workspace)
{
    return QStringLiteral("layout/%1").arg(workspace);
}
} // namespace

WorkspaceLayouts::WorkspaceLayouts(QMainWindow* window)
    : QObject(window)
    , m_window(window)
    , m_initial(window->saveState(layoutVersion))
{
    window->installEventFilter(this);
    for (QDockWidget* dock : window->findChildren<QDockWidget*>(QString(), Qt::FindDirectChildrenOnly)) {
        dock->installEventFilter(this);
        connect(dock, &QDockWidget::topLevelChanged, this, &WorkspaceLayouts::userChanged);
        connect(dock, &QDockWidget::dockLocationChanged, this, &WorkspaceLayouts::userChanged);
        connect(dock->toggleViewAction(), &QAction::triggered, this, &WorkspaceLayouts::userChanged);
    }
}

void WorkspaceLayouts::enter(const QString& workspace, const std::function<void()>& arrange)
{
    keep();
    m_current = workspace;
    m_arranging = true;
    m_window->setUpdatesEnabled(false);
    if (!m_window->restoreState(QSettings().value(keyOf(workspace)).toByteArray(), layoutVersion)) {
        m_window->restoreState(m_initial, layoutVersion);
        arrange();
    }
    m_window->setUpdatesEnabled(true);
    m_arranging = false;
}

void WorkspaceLayouts::keep()
{
    if (isCustomised())
        QSettings().setValue(keyOf(m_current), m_window->saveState(layoutVersion));
}

void WorkspaceLayouts::reset()
{
    QSettings().remove(keyOf(m_current));
    m_customised.erase(m_current);
}

void WorkspaceLayouts::userChanged()
{
    if (!m_arranging && !m_current.isEmpty())
        m_customised.insert(m_current);
}

bool WorkspaceLayouts::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_window) {
        // Separators are the window's own ground: it moves them itself and tells nobody.
        if (event->type() == QEvent::MouseButtonPress)
            m_pressed = m_window->saveState(layoutVersion);
        else if (event->type() == QEvent::MouseButtonRelease && !m_pressed.isEmpty()
                 && std::exchange(m_pressed, {}) != m_window->saveState(layoutVersion))
            userChanged();
    } else if (event->type() == QEvent::Close) {
        userChanged();
    }
    return QObject::eventFilter(watched, event);
}

} // namespace archscope::ui
