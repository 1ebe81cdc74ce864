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
    m_facts->setTextInteractionFlags(Qt::TextSelectableByMouse);
    layout->addWidget(m_facts);
    auto* splitter = new QSplitter(Qt::Vertical, this);
    m_view = new NetworkView(std::shared_ptr<const space::OperationSet>(catalog, &catalog->operations()), splitter);
    m_view->setObjectName("candidateNetwork");
    splitter->addWidget(m_view);
    m_costs = new CostTable(splitter);
    splitter->addWidget(m_costs);
    splitter->setStretchFactor(0, 3);
    splitter->setStretchFactor(1, 1);
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
    if (!trial) {
        m_facts->clear();
        return;
    }
    QString text = tr("<b>Trial %1</b> · %2").arg(trial->id.value()).arg(QString::fromStdString(train::stateName(trial->state)));
    if (!trial->parents.empty())
        text += tr(" · child of %1").arg(trial->parents.front().value());
    QStringList facts;
    for (const auto& metric : train::metricDescriptors()) {
        if (const double value = trial->metric(metric.name); !std::isnan(value))
            facts << QStringLiteral("%1 <b>%2</b>").arg(QString::fromStdString(metric.title), QString::fromStdString(train::metricText(metric, value)));
    }
    text += "<br>" + facts.join(" · ");
    if (!trial->message.empty())
        text += "<br>" + QString::fromStdString(trial->message).toHtmlEscaped();
    m_facts->setText(text);
}

void CandidatePanel::refresh()
{
    showFacts();
    const train::TrialId id = m_selection->current();
    if (!m_session || !m_session->trial(id)) {
        m_network.drop();
        m_shown = {};
        m_costs->setRowCount(0);
        m_view->clear(tr("Select a candidate in the table or in a plot to see its network."));
        return;
    }
    if (id == m_shown)
        return;
    m_shown = id;
    m_network.request(this, m_session, id, [this](Result<network::Network> network) {
        if (!network) {
            m_costs->setRowCount(0);
            m_view->clear(QString::fromStdString(network.error().text()));
            return;
        }
        m_view->setNetwork(*network);
        m_costs->setNetwork(*network);
    });
}

} // namespace archscope::ui
