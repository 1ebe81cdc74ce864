// A sentence across the window, below the toolbar, until it is closed: what went wrong with something the user asked for.
#pragma once

#include <QToolBar>

class QLabel;

namespace archscope::ui {

class Theme;

/// A tool bar, so that it is there in every workspace, whatever the docks and the centre show.
class MessageBar : public QToolBar {
    Q_OBJECT
public:
    explicit MessageBar(Theme* theme, QWidget* parent = nullptr);
    /// Replaces what it said before. An empty message hides it.
    void tell(const QString& message);
    QString message() const;

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void fitHeight();

    QLabel* m_icon = nullptr;
    QLabel* m_text = nullptr;
};

} // namespace archscope::ui
