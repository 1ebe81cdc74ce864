#include "ui/panels/compare_panel.h"

#include "ui/graph/network_view.h"
#include "ui/models/trial_values.h"
#include "ui/panels/layer_comparison.h"
#include "ui/panels/number_item.h"
#include "ui/plots/curves_plot.h"
#include "ui/theme/theme.h"

#include <QHeaderView>
#include <QLabel>
#include <QSplitter>
#include <QTableWidget>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

namespace archscope::ui {

namespace {
QString trialTitle(const train::Trial& trial)
{
    return ComparePanel::tr("Trial %1").arg(trial.id.value());
}

/// With its sign; shares differ by points, not by percents.
QString differenceText(const train::MetricDescriptor& metric, double from, double to)
{
    const double difference = to - from;
    if (std::isnan(difference))
        return {};
    // Tables may hold per cent instead of shares (MetricDescriptor::percent).
    const bool isPerCent = metric.percent && std::max(std::abs(from), std::abs(to)) > 1;
    QString text = QString::fromStdString(train::metricText(metric, std::abs(difference) / (isPerCent ? 100 : 1)));
    if (metric.percent)
        text.replace(QStringLiteral(" %"), ComparePanel::tr(" points"));
    // What rounds to nothing has no sign.
    const bool isNothing = text == QString::fromStdString(train::metricText(metric, 0));
    return difference == 0 || isNothing ? text : (difference > 0 ? QStringLiteral("+") : QStringLiteral("−")) + text;
}
} // namespace

ComparePanel::ComparePanel(std::shared_ptr<const catalog::Catalog> catalog, Theme* theme, TrialSelection* selection, QWidget* parent)
    : QWidget(parent), m_theme(theme), m_selection(selection)
{
    setObjectName("comparePanel");
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(4, 4, 4, 4);
    auto* whole = new QSplitter(Qt::Horizontal, this);
    // Networks are tall: they get the full height.
    auto* pair = new QSplitter(Qt::Horizontal, whole);
    const auto operations = std::shared_ptr<const space::OperationSet>(catalog, &catalog->operations());
    for (std::size_t i = 0; i < m_sides.size(); ++i) {
        auto* side = new QWidget(pair);
        auto* column = new QVBoxLayout(side);
        column->setContentsMargins(0, 0, 0, 0);
        m_sides[i].title = new QLabel(side);
        m_sides[i].title->setObjectName(i == 0 ? "compareLeftTitle" : "compareRightTitle");
        m_sides[i].title->setContentsMargins(8, 6, 8, 4);
        column->addWidget(m_sides[i].title);
        m_sides[i].view = new NetworkView(operations, side);
        m_sides[i].view->setObjectName(i == 0 ? "compareLeft" : "compareRight");
        column->addWidget(m_sides[i].view, 1);
        pair->addWidget(side);
        connect(m_sides[i].view, &NetworkView::layerSelected, this, [this, i](int layer) {
            m_layers->selectPair(i == 0 ? layer : -1, i == 0 ? -1 : layer);
            revealPartner(i, layer);
        });
    }
    whole->addWidget(pair);
    m_beside = new QSplitter(Qt::Vertical, whole);
    m_table = new QTableWidget(0, 4, m_beside);
    m_table->setObjectName("compareTable");
    m_table->setAccessibleName(tr("Metrics of both candidates"));
    styleFactTable(*m_table);
    m_table->setSelectionMode(QAbstractItemView::NoSelection);
    m_table->setFocusPolicy(Qt::NoFocus);
    m_beside->addWidget(m_table);
    m_layers = new LayerComparison(theme, m_beside);
    m_beside->addWidget(m_layers);
    m_curves = new CurvesPlot(theme, selection, m_beside);
    m_beside->addWidget(m_curves);
    m_beside->setStretchFactor(0, 0);
    m_beside->setStretchFactor(1, 1);
    m_beside->setStretchFactor(2, 1);
    m_beside->setSizes({200, 200, 200});
    whole->addWidget(m_beside);
    whole->setSizes({560, 440});
    connect(m_layers, &LayerComparison::pairSelected, this, [this](int left, int right) {
        m_sides[0].view->revealLayer(left);
        m_sides[1].view->revealLayer(right);
    });
    layout->addWidget(whole);
    connect(m_selection, &TrialSelection::changed, this, &ComparePanel::refresh);
    refresh();
}

void ComparePanel::setSession(StudySession* session)
{
    if (m_session)
        m_session->disconnect(this);
    m_session = session;
    if (session)
        connect(session, &StudySession::trialsChanged, this, [this](const std::vector<int>& indices) {
            const bool isShown = std::any_of(m_sides.begin(), m_sides.end(), [&](const Side& side) {
                return std::binary_search(indices.begin(), indices.end(), m_session->indexOf(side.shown));
            });
            if (isShown)
                refresh();
        });
    m_curves->setSession(session);
    for (Side& side : m_sides)
        side.shown = {};
    refresh();
}

void ComparePanel::refresh()
{
    const auto& selected = m_selection->selected();
    for (std::size_t i = 0; i < m_sides.size(); ++i) {
        Side& side = m_sides[i];
        const train::Trial* trial = m_session && i < selected.size() ? m_session->trial(selected[i]) : nullptr;
        if (!trial) {
            side.network.drop();
            side.shown = {};
            side.title->clear();
            side.view->clear(i == 0 ? tr("Select two candidates in the table to compare them.") : tr("Select a second candidate with Ctrl."));
            continue;
        }
        side.title->setText(summaryOf(*trial));
        if (side.shown == trial->id)
            continue;
        side.shown = trial->id;
        side.network.request(this, m_session, trial->id, [this, i](Result<network::Network> network) {
            if (network)
                m_sides[i].view->setNetwork(*network);
            else
                m_sides[i].view->clear(QString::fromStdString(network.error().text()));
            compareLayers();
        });
    }
    fillTable();
}

QString ComparePanel::summaryOf(const train::Trial& trial) const
{
    const std::string& objective = m_session->spec().objectives.front().metric;
    QString text = tr("<b>Trial %1</b>").arg(trial.id.value());
    if (const double value = trial.metric(objective); !std::isnan(value))
        text += QStringLiteral(" · %1 %2").arg(metricTitle(objective).toLower(), metricText(objective, value));
    return text;
}

void ComparePanel::fillTable()
{
    const train::Trial* left = m_session ? m_session->trial(m_sides[0].shown) : nullptr;
    const train::Trial* right = m_session ? m_session->trial(m_sides[1].shown) : nullptr;
    m_table->setRowCount(0);
    m_beside->setVisible(left && right);
    if (!left || !right) {
        compareLayers(); // nothing to compare with: nothing differs
        return;
    }
    m_table->setHorizontalHeaderLabels({tr("Metric"), trialTitle(*left), trialTitle(*right), tr("Difference")});
    for (const auto& metric : train::metricDescriptors()) {
        const double a = left->metric(metric.name);
        const double b = right->metric(metric.name);
        if (std::isnan(a) && std::isnan(b))
            continue;
        const int row = m_table->rowCount();
        m_table->insertRow(row);
        auto* title = new QTableWidgetItem(QString::fromStdString(metric.title));
        title->setToolTip(QString::fromStdString(metric.help));
        m_table->setItem(row, 0, title);
        const auto number = [&](double value) { return new NumberItem(QString::fromStdString(train::metricText(metric, value)), value); };
        auto* first = number(a);
        auto* second = number(b);
        // The better one stands out; equal ones do not.
        if (a != b && !std::isnan(a) && !std::isnan(b)) {
            auto* better = (a > b) == metric.maximise ? first : second;
            QFont bold = m_table->font();
            bold.setBold(true);
            better->setFont(bold);
            better->setToolTip(tr("The better of the two"));
        }
        m_table->setItem(row, 1, first);
        m_table->setItem(row, 2, second);
        m_table->setItem(row, 3, new NumberItem(differenceText(metric, a, b), b - a));
    }
    // All metrics in sight, and no more than that.
    m_table->setFixedHeight(m_table->horizontalHeader()->sizeHint().height()
                            + m_table->rowCount() * m_table->verticalHeader()->defaultSectionSize() + 2 * m_table->frameWidth());
}

void ComparePanel::compareLayers()
{
    const auto& left = m_sides[0].view->network();
    const auto& right = m_sides[1].view->network();
    m_pairs.clear();
    if (left && right)
        m_pairs = alignLayers(*left, *right);
    std::vector<int> different[2];
    for (const LayerPair& pair : m_pairs) {
        if (pair.differs && pair.left >= 0)
            different[0].push_back(pair.left);
        if (pair.differs && pair.right >= 0)
            different[1].push_back(pair.right);
    }
    for (std::size_t i = 0; i < m_sides.size(); ++i)
        m_sides[i].view->setHighlights(std::move(different[i]), m_theme->colours().warning);
    const train::Trial* leftTrial = m_session ? m_session->trial(m_sides[0].shown) : nullptr;
    const train::Trial* rightTrial = m_session ? m_session->trial(m_sides[1].shown) : nullptr;
    if (left && right && leftTrial && rightTrial)
        m_layers->setNetworks(*left, *right, m_pairs, trialTitle(*leftTrial), trialTitle(*rightTrial));
    else
        m_layers->clear();
}

void ComparePanel::revealPartner(std::size_t side, int layer)
{
    for (const LayerPair& pair : m_pairs) {
        if (layer >= 0 && (side == 0 ? pair.left : pair.right) == layer)
            m_sides[1 - side].view->revealLayer(side == 0 ? pair.right : pair.left);
    }
}

} // namespace archscope::ui
