#include "ui/panels/compare_panel.h"

#include "ui/graph/network_view.h"
#include "ui/plots/curves_plot.h"
#include "ui/theme/theme.h"

#include <QHeaderView>
#include <QLabel>
#include <QSplitter>
#include <QTableWidget>
#include <QVBoxLayout>
#include <cmath>
#include <set>

namespace archscope::ui {

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
        column->addWidget(m_sides[i].title);
        m_sides[i].view = new NetworkView(operations, side);
        m_sides[i].view->setObjectName(i == 0 ? "compareLeft" : "compareRight");
        column->addWidget(m_sides[i].view, 1);
        pair->addWidget(side);
    }
    whole->addWidget(pair);
    auto* beside = new QSplitter(Qt::Vertical, whole);
    m_table = new QTableWidget(beside);
    m_table->setObjectName("compareTable");
    m_table->setColumnCount(4);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->verticalHeader()->hide();
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
    beside->addWidget(m_table);
    m_curves = new CurvesPlot(theme, selection, beside);
    beside->addWidget(m_curves);
    whole->addWidget(beside);
    whole->setSizes({600, 400});
    layout->addWidget(whole);
    connect(m_selection, &TrialSelection::changed, this, &ComparePanel::refresh);
    refresh();
}

void ComparePanel::setSession(StudySession* session)
{
    m_session = session;
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
        side.title->setText(tr("<b>Trial %1</b>").arg(trial->id.value()));
        if (side.shown == trial->id)
            continue;
        side.shown = trial->id;
        side.network.request(this, m_session, trial->id, [this, i](Result<network::Network> network) {
            if (network)
                m_sides[i].view->setNetwork(*network);
            else
                m_sides[i].view->clear(QString::fromStdString(network.error().text()));
            markDifferences();
        });
    }
    fillTable();
}

void ComparePanel::fillTable()
{
    const train::Trial* left = m_session ? m_session->trial(m_sides[0].shown) : nullptr;
    const train::Trial* right = m_session ? m_session->trial(m_sides[1].shown) : nullptr;
    m_table->setRowCount(0);
    m_table->setVisible(left && right);
    if (!left || !right)
        return;
    m_table->setHorizontalHeaderLabels({tr("Metric"), tr("Trial %1").arg(left->id.value()), tr("Trial %1").arg(right->id.value()), tr("Difference")});
    for (const auto& metric : train::metricDescriptors()) {
        const double a = left->metric(metric.name);
        const double b = right->metric(metric.name);
        if (std::isnan(a) && std::isnan(b))
            continue;
        const int row = m_table->rowCount();
        m_table->insertRow(row);
        const auto number = [&](double value) { return std::isnan(value) ? QString() : QString::fromStdString(train::metricText(metric, value)); };
        const QString cells[] = {QString::fromStdString(metric.title), number(a), number(b), number(b - a)};
        for (int column = 0; column < 4; ++column) {
            auto* item = new QTableWidgetItem(cells[column]);
            item->setTextAlignment((column == 0 ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
            m_table->setItem(row, column, item);
        }
    }
}

void ComparePanel::markDifferences()
{
    // A layer differs when the other network has none of its name with the same operation, parameters and output.
    for (std::size_t i = 0; i < m_sides.size(); ++i) {
        const auto& mine = m_sides[i].view->network();
        const auto& other = m_sides[1 - i].view->network();
        std::vector<int> different;
        if (mine && other) {
            for (std::size_t k = 0; k < mine->layers.size(); ++k) {
                const network::Layer& layer = mine->layers[k];
                const bool same = std::any_of(other->layers.begin(), other->layers.end(), [&](const network::Layer& l) {
                    return l.name == layer.name && l.operation == layer.operation && l.parameters == layer.parameters && l.output == layer.output;
                });
                if (!same)
                    different.push_back(static_cast<int>(k));
            }
        }
        m_sides[i].view->setHighlights(std::move(different), m_theme->colours().warning);
    }
}

} // namespace archscope::ui
