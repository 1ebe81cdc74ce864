#include "ui/panels/candidate_panel.h"

#include "ui/graph/network_view.h"
#include "ui/panels/cost_table.h"

#include <QLabel>
#include <QSplitter>
#include <QVBoxLayout>
#include <cmath>

namespace archscope::ui {

CandidatePanel::CandidatePanel(std::shared_ptr<const catalog::Catalog> catalog, TrialSelection* selection, QWidget* parent)
    : QWidget(parent), m_selection(selection)
{
    setObjectName("candidatePanel");
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(4, 4, 4, 4);
    m_facts = new QLabel(this);
    m_facts->setObjectName("candidateFacts");
    m_facts->setWordWrap(true);
    m_facts->setContentsMargins(6, 4, 6, 4);
    m_facts->setTextInteractionFlags(Qt::TextSelectableByMouse);
    layout->addWidget(m_facts);
    auto* splitter = new QSplitter(Qt::Vertical, this);
    m_view = new NetworkView(std::shared_ptr<const space::OperationSet>(catalog, &catalog->operations()), splitter);
    m_view->setObjectName("candidateNetwork");
    splitter->addWidget(m_view);
    m_costs = new CostTable(splitter);
    splitter->addWidget(m_costs);
    splitter->setStretchFactor(0, 7);
    splitter->setStretchFactor(1, 3);
    splitter->setSizes({700, 300});
    layout->addWidget(splitter, 1);
    connect(m_view, &NetworkView::layerSelected, m_costs, &CostTable::selectLayer);
    connect(m_costs, &CostTable::layerSelected, m_view, &NetworkView::revealLayer);
    connect(m_selection, &TrialSelection::changed, this, &CandidatePanel::refresh);
    refresh();
}

void CandidatePanel::setSession(StudySession* session)
{
    if (m_session)
        m_session->disconnect(this);
    m_session = session;
    m_shown = {};
    if (session) {
        connect(session, &StudySession::trialsChanged, this, &CandidatePanel::showFacts);
        connect(session, &StudySession::opened, this, &CandidatePanel::refresh);
    }
    refresh();
}

void CandidatePanel::showFacts()
{
    const train::Trial* trial = m_session ? m_session->trial(m_selection->current()) : nullptr;
    m_facts->setVisible(trial != nullptr);
    if (!trial) {
        m_facts->clear();
        return;
    }
    QString text = tr("<b>Trial %1</b> · %2").arg(trial->id.value()).arg(QString::fromStdString(train::stateName(trial->state)));
    if (!trial->parents.empty())
        text += tr(" · child of %1").arg(trial->parents.front().value());
    // Two facts a row: name muted, value bold.
    const QString muted = m_facts->palette().color(QPalette::PlaceholderText).name();
    QString cells;
    int column = 0;
    for (const auto& metric : train::metricDescriptors()) {
        const double value = trial->metric(metric.name);
        if (std::isnan(value))
            continue;
        cells += QStringLiteral("%1<td style=\"color:%2;white-space:nowrap\">%3&nbsp;</td><td align=\"right\" style=\"white-space:nowrap\"><b>%4</b></td><td width=\"16\"></td>%5")
                     .arg(column == 0 ? "<tr>" : "", muted, QString::fromStdString(metric.title),
                          QString::fromStdString(train::metricText(metric, value)), column == 1 ? "</tr>" : "");
        column = 1 - column;
    }
    text += QStringLiteral("<table cellspacing=\"0\">%1%2</table>").arg(cells, column == 1 ? "</tr>" : "");
    if (!trial->message.empty())
        text += QString::fromStdString(trial->message).toHtmlEscaped();
    m_facts->setText(text);
}

void CandidatePanel::refresh()
{
    showFacts();
    const train::TrialId id = m_selection->current();
    if (!m_session || !m_session->trial(id)) {
        m_network.drop();
        m_shown = {};
        m_costs->hide();
        m_view->clear(tr("Select a candidate in the table or in a plot to see its network."));
        return;
    }
    if (id == m_shown)
        return;
    m_shown = id;
    m_network.request(this, m_session, id, [this](Result<network::Network> network) {
        if (!network) {
            m_costs->hide();
            m_view->clear(QString::fromStdString(network.error().text()));
            return;
        }
        m_view->setNetwork(*network);
        m_costs->setNetwork(*network);
        m_costs->show();
    });
}

} // namespace archscope::ui
