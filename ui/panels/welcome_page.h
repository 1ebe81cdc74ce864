// What the program opens with: the sample, one's own, and what was open before.
#pragma once

#include <QStringList>
#include <QWidget>

class QVBoxLayout;

namespace archscope::ui {

class WelcomePage : public QWidget {
    Q_OBJECT
public:
    explicit WelcomePage(QWidget* parent = nullptr);
    /// "FILE#STUDY" entries, newest first.
    void setRecent(const QStringList& recent);

Q_SIGNALS:
    void sampleRequested();
    void newSpaceRequested();
    void openRequested();
    void recentRequested(const QString& entry);

private:
    QVBoxLayout* m_recent = nullptr;
};

} // namespace archscope::ui
