#include "ui/plots/accuracy_plot.h"

#include "ui/models/trial_values.h"
#include "ui/plots/legend_strip.h"
#include "ui/plots/metric_axis.h"
#include "ui/plots/trial_scatter.h"
#include "ui/theme/theme.h"

#include <algorithm>
#include <cmath>

namespace archscope::ui {

namespace {
/// Colours of the scatter by index.
enum Colour : unsigned char { EndedColour, RunningColour, FailedColour };
} // namespace

AccuracyPlot::AccuracyPlot(Theme* theme, TrialSelection* selection, QWidget* parent)
    : ScatterPanel(theme, selection, tr("First objective over trials"), parent)
    , m_best(plot()->addGraph())
{
    setObjectName(QStringLiteral("accuracyPlot"));
    m_best->setLineStyle(QCPGraph::lsStepLeft);
    setCountAxis(plot()->xAxis, tr("Trial"));
}

void AccuracyPlot::reload()
{
    const ThemeColours& colours = theme()->colours();
    m_points->setColours({colours.textMuted, theme()->series(2), colours.error});
    m_best->setPen(QPen(colours.best, 1.8));
    setMetricAxis(plot()->yAxis, objective().metric);
    m_points->clear();
    if (session())
        takeIn(0, static_cast<int>(session()->trials().size()) - 1);
    m_lineIsOld = true;
    updateLegend();
}

void AccuracyPlot::updateLegend()
{
    const ThemeColours& colours = theme()->colours();
    std::vector<LegendItem> items = {{LegendItem::Symbol::Disc, tr("trial"), {colours.textMuted}},
                                     {LegendItem::Symbol::Line, tr("best so far"), {colours.best}},
                                     {LegendItem::Symbol::Hollow, tr("running"), {theme()->series(2)}},
                                     {LegendItem::Symbol::Cross, tr("failed"), {colours.error}}};
    appendMarksTo(items);
    legend()->setItems(std::move(items));
}

void AccuracyPlot::takeIn(int first, int last)
{
    m_points->resize(session()->trials().size());
    for (int index = first; index <= last; ++index)
        place(index);
}

void AccuracyPlot::refresh(const std::vector<int>& indices)
{
    for (const int index : indices)
        place(index);
}

void AccuracyPlot::place(int index)
{
    const train::Trial& trial = session()->trials()[static_cast<std::size_t>(index)];
    TrialScatter::Point point;
    point.x = static_cast<double>(trial.id.value());
    point.y = currentValue(trial, objective().metric);
    const bool hasValue = std::isfinite(point.y);
    if (trial.state == train::TrialState::Running) {
        point.shape = hasValue ? TrialScatter::Shape::Hollow : TrialScatter::Shape::None;
        point.colour = RunningColour;
    } else if (trial.hasEnded()) {
        // A failed trial is censored: whatever it measured is no score.
        const bool counts = hasValue && trial.state != train::TrialState::Failed && trial.state != train::TrialState::Cancelled;
        point.shape = counts ? TrialScatter::Shape::Disc : TrialScatter::Shape::BottomCross;
        point.colour = counts ? EndedColour : FailedColour;
    }
    (*m_points)[static_cast<std::size_t>(index)] = point;
    m_lineIsOld = true;
}

std::vector<QPointF> AccuracyPlot::bestSoFar() const
{
    std::vector<QPointF> steps;
    if (!session())
        return steps;
    const search::Objective goal = objective();
    const auto& constraints = session()->spec().constraints;
    const auto& trials = session()->trials();
    const auto& points = m_points->points();
    // Trials become known nearly in the order of their ids; the line is by id.
    std::vector<std::size_t> order;
    order.reserve(points.size());
    for (std::size_t i = 0; i < points.size(); ++i) {
        const bool holds = std::all_of(constraints.begin(), constraints.end(), [&trials, i](const search::Constraint& constraint) {
            return constraint.holds(trials[i].metric(constraint.metric));
        });
        if (points[i].shape == TrialScatter::Shape::Disc && holds)
            order.push_back(i);
    }
    if (!std::is_sorted(order.begin(), order.end(), [&](auto a, auto b) { return points[a].x < points[b].x; }))
        std::sort(order.begin(), order.end(), [&](auto a, auto b) { return points[a].x < points[b].x; });
    for (const std::size_t i : order) {
        const double value = points[i].y;
        if (steps.empty() || (goal.maximise ? value > steps.back().y() : value < steps.back().y()))
            steps.emplace_back(points[i].x, value);
    }
    return steps;
}

void AccuracyPlot::prepare()
{
    if (!std::exchange(m_lineIsOld, false))
        return;
    QVector<double> keys;
    QVector<double> values;
    for (const QPointF& step : bestSoFar()) {
        keys << step.x();
        values << step.y();
    }
    const auto bounds = m_points->bounds();
    if (!keys.isEmpty() && bounds && bounds->right > keys.back()) {
        keys << bounds->right;
        values << values.back();
    }
    m_best->setData(keys, values, true);
}

void AccuracyPlot::fitAxes()
{
    const auto bounds = m_points->bounds();
    if (!bounds)
        return;
    constexpr double fewestTrials = 10; // the first points do not fill the whole width
    fit(plot()->xAxis, bounds->left, std::max(bounds->right, bounds->left + fewestTrials));
    if (bounds->hasHeight)
        fit(plot()->yAxis, bounds->bottom, bounds->top);
}

QString AccuracyPlot::emptyText() const
{
    return tr("No trial has a value yet. Start the search: each trial appears here as a point, with the best so far as a line.");
}

QString AccuracyPlot::csv() const
{
    QString text = QStringLiteral("trial,state,%1,best_so_far\n").arg(QString::fromStdString(objective().metric));
    if (!session())
        return text;
    const auto steps = bestSoFar();
    auto step = steps.begin();
    QString best;
    for (const train::Trial& trial : session()->trials()) {
        // Trials are nearly in order; the line says what was best at this id.
        while (step != steps.end() && step->x() <= static_cast<double>(trial.id.value()))
            best = csvNumber((step++)->y());
        text += QStringLiteral("%1,%2,%3,%4\n")
                    .arg(trial.id.value())
                    .arg(QString::fromStdString(train::stateName(trial.state)), csvNumber(currentValue(trial, objective().metric)), best);
    }
    return text;
}

} // namespace archscope::ui
