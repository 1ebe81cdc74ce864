// Arrangements of the docks, one a workspace: as the window arranges them, until the user moves, closes, floats or resizes one.
// From then on the user's, in every session, until it is reset.
#pragma once

#include <QByteArray>
#include <QObject>
#include <QString>
#include <functional>
#include <set>

class QMainWindow;

namespace archscope::ui {

class WorkspaceLayouts : public QObject {
    Q_OBJECT
public:
    /// Takes the places of the docks as they are now as what every arrangement starts from. Hidden ones stay hidden.
    explicit WorkspaceLayouts(QMainWindow* window);

    /// Arranges the docks for that workspace: as the user left them, else by `arrange`, which finds them in their first places.
    void enter(const QString& workspace, const std::function<void()>& arrange);
    /// Stores what the user changed in the current workspace. To be called before the window closes.
    void keep();
    /// Forgets what the user made of the current workspace; enter it again to see the window's own arrangement.
    void reset();
    bool isCustomised() const { return m_customised.contains(m_current); }

    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void userChanged();

    QMainWindow* m_window;
    QByteArray m_initial;
    QByteArray m_pressed; ///< the arrangement when a mouse button went down on the window's own ground: its separators
    QString m_current;
    std::set<QString> m_customised; ///< changed by the user in this session
    bool m_arranging = false;
};

} // namespace archscope::ui
