// Below the canvas: how large the space is, and what is wrong with it; a click goes there.
#pragma once

#include <QWidget>

#include "ui/graph/space_document.h"

class QLabel;
class QListWidget;
class QToolButton;

namespace archscope::ui {

class IssueBar : public QWidget {
    Q_OBJECT
public:
    explicit IssueBar(SpaceDocument* document, QWidget* parent = nullptr);

Q_SIGNALS:
    void issueClicked(archscope::space::NodeId node);

private:
    void showIssues();
    void showStatus();

    SpaceDocument* m_document;
    QToolButton* m_toggle = nullptr;
    QLabel* m_status = nullptr;
    QListWidget* m_list = nullptr;
    bool m_unfolded = true;
};

} // namespace archscope::ui
