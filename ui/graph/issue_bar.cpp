#include "ui/graph/issue_bar.h"

#include "ui/graph/canvas_colours.h"
#include "ui/graph/flow_layout.h"
#include "ui/graph/space_text.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QMenu>
#include <QPushButton>
#include <QToolButton>
#include <algorithm>

namespace archscope::ui {

namespace {
bool isError(const space::Issue& issue)
{
    return issue.severity == space::Issue::Severity::Error;
}
} // namespace

IssueBar::IssueBar(SpaceDocument* document, QWidget* parent)
    : QWidget(parent)
    , m_document(document)
{
    setObjectName(QStringLiteral("issueBar"));
    m_toggle = new QToolButton(this);
    m_toggle->setObjectName(QStringLiteral("issueToggle"));
    m_toggle->setAutoRaise(true);
    m_toggle->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_toggle->setToolTip(tr("Show or hide the list of issues"));
    m_status = new QLabel(this);
    m_status->setObjectName(QStringLiteral("spaceStatus"));
    m_status->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_list = new QListWidget(this);
    m_list->setObjectName(QStringLiteral("issueList"));
    m_list->setAccessibleName(tr("Issues of the space"));
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setWordWrap(true);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);

    auto* line = new QHBoxLayout;
    line->setContentsMargins(6, 2, 10, 2);
    line->addWidget(m_toggle);
    line->addStretch();
    line->addWidget(m_status);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(line);
    layout->addWidget(m_list);
    m_repairs = new QWidget(this);
    m_repairs->setObjectName(QStringLiteral("repairs"));
    auto* buttons = new FlowLayout(m_repairs);
    buttons->setContentsMargins(8, 2, 8, 4);
    buttons->setSpacing(6);
    layout->addWidget(m_repairs);

    connect(m_toggle, &QToolButton::clicked, this, [this] {
        m_unfolded = !m_unfolded;
        showIssues();
    });
    const auto go
        = [this](const QListWidgetItem* item) { Q_EMIT issueClicked(space::NodeId(item->data(Qt::UserRole).toLongLong())); };
    connect(m_list, &QListWidget::itemClicked, this, go);
    connect(m_list, &QListWidget::itemActivated, this, go);
    connect(m_list, &QListWidget::currentRowChanged, this, &IssueBar::showRepairs);
    connect(document, &SpaceDocument::issuesChanged, this, &IssueBar::showIssues);
    connect(document, &SpaceDocument::surveyChanged, this, &IssueBar::showStatus);
    connect(document, &SpaceDocument::changed, this, &IssueBar::showStatus);
    if (Theme::instance())
        connect(Theme::instance(), &Theme::changed, this, &IssueBar::showIssues);
    showIssues();
    showStatus();
}

void IssueBar::showIssues()
{
    const std::vector<space::Issue>& issues = m_document->issues();
    m_list->clear();
    for (const space::Issue& issue : issues) {
        const QString path = QString::fromStdString(issue.path);
        const QString message = QString::fromStdString(issue.message);
        auto* item = new QListWidgetItem(canvasIcon(isError(issue) ? QStringLiteral("error") : QStringLiteral("warning")),
            path.isEmpty() ? message : tr("%1: %2").arg(path, message), m_list);
        item->setForeground(isError(issue) ? canvasColours().error : canvasColours().text);
        item->setData(Qt::UserRole, static_cast<qlonglong>(issue.node.value()));
        item->setToolTip(tr("Click to show the node"));
    }
    const auto errors = static_cast<int>(std::ranges::count_if(issues, isError));
    const auto warnings = static_cast<int>(issues.size()) - errors;
    QStringList parts;
    if (errors > 0)
        parts << (errors == 1 ? tr("1 error") : tr("%1 errors").arg(errors));
    if (warnings > 0)
        parts << (warnings == 1 ? tr("1 warning") : tr("%1 warnings").arg(warnings));
    m_toggle->setText(parts.isEmpty() ? tr("No issues") : parts.join(QStringLiteral(", ")));
    m_toggle->setIcon(canvasIcon(errors > 0 ? QStringLiteral("error")
            : warnings > 0                  ? QStringLiteral("warning")
                                            : QStringLiteral("check")));
    m_toggle->setEnabled(!issues.empty());
    m_list->setVisible(!issues.empty() && m_unfolded);
    fitList();
    showRepairs();
}

void IssueBar::fitList()
{
    constexpr int mostRows = 4;
    int height = 4;
    for (int row = 0; row < std::min(m_list->count(), mostRows); ++row)
        height += std::max(m_list->sizeHintForRow(row), m_list->fontMetrics().height() + 6);
    m_list->setFixedHeight(height);
}

void IssueBar::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    fitList(); // long issues take another number of lines
}

void IssueBar::setRepairsOffered(bool offered)
{
    m_offered = offered;
    showRepairs();
}

void IssueBar::showRepairs()
{
    while (QLayoutItem* item = m_repairs->layout()->takeAt(0)) {
        if (item->widget()) {
            item->widget()->hide();
            item->widget()->setObjectName({}); // the name is the next one's
            item->widget()->deleteLater(); // it may be the button that was just clicked
        }
        delete item;
    }
    const std::vector<space::Issue>& issues = m_document->issues();
    const auto row = static_cast<std::size_t>(std::max(m_list->currentRow(), 0));
    std::vector<Repair> repairs;
    if (m_offered && m_unfolded && row < issues.size())
        repairs = m_document->repairs(issues[row]);
    m_repairs->setVisible(!repairs.empty());
    constexpr std::size_t shown = 3;
    QLayout* buttons = m_repairs->layout();
    for (std::size_t i = 0; i < std::min(repairs.size(), shown); ++i) {
        auto* button = new QPushButton(repairs[i].title, m_repairs);
        button->setObjectName(QStringLiteral("repair%1").arg(i));
        button->setToolTip(tr("%1, to mend this issue").arg(repairs[i].title));
        connect(button, &QPushButton::clicked, this, [this, edit = repairs[i].edit] { Q_EMIT repairWished(edit); });
        buttons->addWidget(button);
        button->show(); // at once; the layout would do it later
    }
    if (repairs.size() > shown) {
        auto* more = new QToolButton(m_repairs);
        more->setObjectName(QStringLiteral("moreRepairs"));
        more->setText(tr("More"));
        more->setToolTip(tr("Further ways to mend this issue"));
        more->setPopupMode(QToolButton::InstantPopup);
        auto* menu = new QMenu(more);
        for (std::size_t i = shown; i < repairs.size(); ++i)
            connect(menu->addAction(repairs[i].title), &QAction::triggered, this,
                [this, edit = repairs[i].edit] { Q_EMIT repairWished(edit); });
        more->setMenu(menu);
        buttons->addWidget(more);
        more->show();
    }
}

void IssueBar::showStatus()
{
    const network::ShapeSurvey& survey = m_document->survey();
    QStringList parts;
    if (const QString size = m_document->sizeText(); !size.isEmpty())
        parts << size;
    if (survey.fitting > 0) {
        parts << tr("%1 parameters").arg(rangeText(survey.parameters));
        parts << tr("%1 FLOPs").arg(rangeText(survey.flops));
    }
    if (parts.isEmpty() && m_document->isSurveying())
        parts << tr("Measuring the space…");
    m_status->setText(parts.join(QStringLiteral("   ·   ")));
    const std::optional<std::string>& count = m_document->count();
    m_status->setToolTip(count && survey.sampled > 0
            ? tr("%1 architectures. Parameters and FLOPs over %2 of %3 sampled ones that fit the task.")
                  .arg(QString::fromStdString(*count))
                  .arg(survey.fitting)
                  .arg(survey.sampled)
            : QString());
}

} // namespace archscope::ui
