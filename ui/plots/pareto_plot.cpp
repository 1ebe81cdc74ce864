#include "ui/plots/pareto_plot.h"

#include "core/base/text.h"
#include "ui/models/trial_values.h"
#include "ui/plots/legend_strip.h"
#include "ui/plots/metric_axis.h"
#include "ui/plots/trial_scatter.h"
#include "ui/theme/palettes.h"
#include "ui/theme/theme.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QSignalBlocker>
#include <algorithm>
#include <cmath>
#include <numeric>

namespace archscope::ui {

namespace {
constexpr int colourSteps = 64;

unsigned char colourStep(int index, int count)
{
    return static_cast<unsigned char>(std::min<std::int64_t>(colourSteps - 1, std::int64_t(index) * colourSteps / std::max(1, count)));
}

/// Viridis, its ends kept off the background.
std::vector<QColor> orderColours(const Theme& theme)
{
    constexpr double contrast = 1.6;
    std::vector<QColor> colours;
    for (int step = 0; step < colourSteps; ++step)
        colours.push_back(readableOn(theme.viridis(static_cast<double>(step) / (colourSteps - 1)), theme.colours().surface, contrast));
    return colours;
}
} // namespace

ParetoPlot::ParetoPlot(Theme* theme, TrialSelection* selection, QWidget* parent)
    : ScatterPanel(theme, selection, tr("First objective against cost, with the Pareto front"), parent)
    , m_metric(new QComboBox)
    , m_logarithmic(new QCheckBox(tr("Log")))
    , m_line(plot()->addGraph())
{
    setObjectName(QStringLiteral("paretoPlot"));
    m_metric->setObjectName(QStringLiteral("costMetric"));
    m_metric->setAccessibleName(tr("Cost on the horizontal axis"));
    m_metric->setToolTip(tr("What is on the horizontal axis"));
    for (const char* metric : {"latency_ms", "parameters", "flops"})
        m_metric->addItem(metricTitle(metric), QString::fromLatin1(metric));
    m_logarithmic->setObjectName(QStringLiteral("logarithmic"));
    m_logarithmic->setAccessibleName(tr("Logarithmic cost axis"));
    m_logarithmic->setToolTip(tr("Show the cost on a logarithmic axis"));
    tools()->insertWidget(0, m_metric);
    tools()->insertWidget(1, m_logarithmic);
    m_line->setLineStyle(QCPGraph::lsStepLeft);
    const auto anew = [this] {
        reload();
        resetZoom();
        scheduleReplot();
    };
    connect(m_metric, &QComboBox::currentIndexChanged, this, anew);
    connect(m_logarithmic, &QCheckBox::toggled, this, anew);
}

void ParetoPlot::setCostMetric(const QString& metric)
{
    if (const int index = m_metric->findData(metric); index >= 0)
        m_metric->setCurrentIndex(index);
}

QString ParetoPlot::costMetric() const
{
    return m_metric->currentData().toString();
}

void ParetoPlot::setScale(Scale scale)
{
    m_logarithmic->setChecked(scale == Scale::Logarithmic);
}

ParetoPlot::Scale ParetoPlot::scale() const
{
    return m_logarithmic->isChecked() ? Scale::Logarithmic : Scale::Linear;
}

void ParetoPlot::reload()
{
    const std::string cost = costMetric().toStdString();
    m_points->setColours(orderColours(*theme()));
    m_line->setPen(QPen(theme()->colours().text, 1.3));
    setMetricAxis(plot()->xAxis, cost, scale() == Scale::Logarithmic ? AxisScale::Logarithmic : AxisScale::Linear);
    setMetricAxis(plot()->yAxis, objective().metric);
    m_points->clear();
    m_coloured = 0;
    m_front = {};
    if (session() && session()->isOpen()) {
        m_front = ParetoTracker({objective(), {cost, false}}, session()->spec().constraints);
        takeIn(0, static_cast<int>(session()->trials().size()) - 1);
    }
    updateLegend();
}

void ParetoPlot::updateLegend()
{
    std::vector<LegendItem> items = {
        {LegendItem::Symbol::Gradient,
         tr("trial 1 to %1").arg(QString::fromStdString(groupDigits(static_cast<std::int64_t>(std::max(1, m_coloured))))),
         orderColours(*theme())},
        {LegendItem::Symbol::Line, tr("Pareto front"), {theme()->colours().text}}};
    if (session() && !session()->spec().constraints.empty())
        items.push_back({LegendItem::Symbol::Hollow, tr("breaks a constraint"), {theme()->colours().textMuted}});
    appendMarksTo(items);
    legend()->setItems(std::move(items));
}

void ParetoPlot::takeIn(int first, int last)
{
    const int count = static_cast<int>(session()->trials().size());
    m_points->resize(static_cast<std::size_t>(count));
    std::vector<int> indices(static_cast<std::size_t>(std::max(0, last - first + 1)));
    std::iota(indices.begin(), indices.end(), first);
    if (count > m_coloured) {
        // Few trials: colours always span all of them. Many: they are spread over a little more than there are, so that not
        // every new trial recolours all.
        constexpr int few = 2'000;
        m_coloured = count <= few ? count : count + count / 10;
        for (int index = 0; index < first; ++index)
            (*m_points)[static_cast<std::size_t>(index)].colour = colourStep(index, m_coloured);
        updateLegend();
    }
    refresh(indices);
}

void ParetoPlot::refresh(const std::vector<int>& indices)
{
    for (const int index : indices)
        place(index);
    if (!m_front.add(session()->trials(), indices))
        return;
    QVector<double> keys;
    QVector<double> values;
    for (const int index : m_front.front()) {
        const auto& point = m_points->points()[static_cast<std::size_t>(index)];
        keys << point.x;
        values << point.y;
    }
    m_line->setData(keys, values);
}

void ParetoPlot::place(int index)
{
    const train::Trial& trial = session()->trials()[static_cast<std::size_t>(index)];
    TrialScatter::Point point;
    if (trial.state == train::TrialState::Completed || trial.state == train::TrialState::Pruned) {
        point.x = trial.metric(costMetric().toStdString());
        point.y = trial.metric(objective().metric);
        const bool isDrawn = std::isfinite(point.x) && std::isfinite(point.y) && (scale() == Scale::Linear || point.x > 0);
        const auto& constraints = session()->spec().constraints;
        const bool isFeasible = std::all_of(constraints.begin(), constraints.end(), [&trial](const search::Constraint& constraint) {
            return constraint.holds(trial.metric(constraint.metric));
        });
        if (isDrawn)
            point.shape = isFeasible ? TrialScatter::Shape::Disc : TrialScatter::Shape::Hollow;
        point.colour = colourStep(index, m_coloured);
    }
    (*m_points)[static_cast<std::size_t>(index)] = point;
}

void ParetoPlot::fitAxes()
{
    const auto bounds = m_points->bounds();
    if (!bounds)
        return;
    fit(plot()->xAxis, bounds->left, bounds->right);
    fit(plot()->yAxis, bounds->bottom, bounds->top);
}

QString ParetoPlot::emptyText() const
{
    if (session()->progress().ended == 0)
        return tr("No trial has ended yet. Start the search: each completed trial appears here with what it costs.");
    return tr("No trial has both %1 and %2. Choose another cost above.")
        .arg(metricTitle(objective().metric).toLower(), m_metric->currentText().toLower());
}

QString ParetoPlot::csv() const
{
    QString text = QStringLiteral("trial,%1,%2,on_front\n").arg(QString::fromStdString(objective().metric), costMetric());
    const auto& points = m_points->points();
    for (std::size_t i = 0; i < points.size(); ++i) {
        if (points[i].shape == TrialScatter::Shape::None)
            continue;
        text += QStringLiteral("%1,%2,%3,%4\n")
                    .arg(session()->trials()[i].id.value())
                    .arg(csvNumber(points[i].y), csvNumber(points[i].x))
                    .arg(m_front.contains(static_cast<int>(i)) ? 1 : 0);
    }
    return text;
}

} // namespace archscope::ui
