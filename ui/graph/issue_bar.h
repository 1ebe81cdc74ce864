// Below the canvas: how large the space is, and what is wrong with it; a click goes there, and a button mends it.
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

    /// False where the space is only looked at.
    void setRepairsOffered(bool offered);

Q_SIGNALS:
    void issueClicked(archscope::space::NodeId node);
    void repairWished(const archscope::space::SpaceEdit& repair);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void showIssues();
    void fitList(); ///< as high as its first rows
    void showStatus();
    void showRepairs();

    SpaceDocument* m_document;
    QToolButton* m_toggle = nullptr;
    QLabel* m_status = nullptr;
    QListWidget* m_list = nullptr;
    QWidget* m_repairs = nullptr; ///< of the current issue, else of the first
    bool m_unfolded = true;
    bool m_offered = true;
};

} // namespace archscope::ui
