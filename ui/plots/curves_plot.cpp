#include "ui/plots/curves_plot.h"

#include "ui/models/trial_values.h"
#include "ui/plots/legend_strip.h"
#include "ui/plots/metric_axis.h"
#include "ui/theme/theme.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace archscope::ui {

namespace {

double valueOf(const train::CurvePoint& point, CurvesPlot::Quantity quantity)
{
    switch (quantity) {
    case CurvesPlot::Quantity::ValidationAccuracy:
        return point.validationAccuracy;
    case CurvesPlot::Quantity::TrainingAccuracy:
        return point.trainAccuracy;
    case CurvesPlot::Quantity::ValidationLoss:
        return point.validationLoss;
    case CurvesPlot::Quantity::TrainingLoss:
        return point.trainLoss;
    }
    return 0;
}

/// Okabe-Ito without the blue and the vermilion, which are near to those of selected and best.
QColor runningColour(const Theme& theme, std::int64_t trial)
{
    static constexpr std::array<int, 5> series = {2, 3, 1, 4, 6};
    return theme.series(series[static_cast<std::size_t>(trial) % series.size()]);
}

/// A few selected trials are told apart by their strokes: the colour says that they are selected.
constexpr std::array<Qt::PenStyle, 4> selectedStrokes = {Qt::SolidLine, Qt::DashLine, Qt::DotLine, Qt::DashDotLine};

} // namespace

CurvesPlot::CurvesPlot(Theme* theme, TrialSelection* selection, QWidget* parent)
    : PlotPanel(theme, selection, tr("Learning curves"), parent)
    , m_quantity(new QComboBox)
{
    setObjectName(QStringLiteral("curvesPlot"));
    m_quantity->setObjectName(QStringLiteral("quantity"));
    m_quantity->setAccessibleName(tr("Quantity on the vertical axis"));
    m_quantity->setToolTip(tr("What is on the vertical axis"));
    m_quantity->addItems({tr("Validation accuracy"), tr("Training accuracy"), tr("Validation loss"), tr("Training loss")});
    tools()->insertWidget(0, m_quantity);
    setCountAxis(plot()->xAxis, tr("Epoch"));
    connect(m_quantity, &QComboBox::currentIndexChanged, this, [this] {
        reload();
        resetZoom();
        scheduleReplot();
    });
}

void CurvesPlot::setQuantity(Quantity quantity)
{
    m_quantity->setCurrentIndex(static_cast<int>(quantity));
}

CurvesPlot::Quantity CurvesPlot::quantity() const
{
    return static_cast<Quantity>(m_quantity->currentIndex());
}

void CurvesPlot::reload()
{
    m_shown.clear(); // indices of a study that may be gone
    const bool isLoss = quantity() == Quantity::ValidationLoss || quantity() == Quantity::TrainingLoss;
    setMetricAxis(plot()->yAxis, isLoss ? "val_loss" : "val_accuracy");
    plot()->yAxis->setLabel(isLoss ? tr("%1 (nats)").arg(m_quantity->currentText()) : m_quantity->currentText());
}

void CurvesPlot::takeIn(int, int)
{
}

void CurvesPlot::refresh(const std::vector<int>&)
{
}

std::vector<CurvesPlot::Shown> CurvesPlot::shown() const
{
    if (!session() || !session()->isOpen())
        return {};
    const auto& trials = session()->trials();
    std::map<int, Part> parts;
    // The last completed ones; studies full of failures are not walked to their beginning at each frame.
    constexpr int furthestBack = 40 * completedShown;
    int completed = 0;
    const int end = static_cast<int>(trials.size());
    for (int index = end - 1; index >= std::max(0, end - furthestBack) && completed < completedShown; --index) {
        const train::Trial& trial = trials[static_cast<std::size_t>(index)];
        if (trial.hasEnded() && !trial.curve.empty()) {
            parts[index] = Part::Completed;
            ++completed;
        }
    }
    for (const auto& [id, progress] : session()->running())
        parts[session()->indexOf(id)] = Part::Running;
    if (session()->bestIndex() >= 0)
        parts[session()->bestIndex()] = Part::Best;
    if (selection()) {
        for (const train::TrialId id : selection()->selected()) {
            constexpr std::size_t mostLines = 200;
            if (const int index = session()->indexOf(id); index >= 0 && parts.size() < mostLines)
                parts[index] = Part::Selected;
        }
    }
    std::vector<Shown> result;
    for (const auto& [index, part] : parts) {
        if (index >= 0 && !trials[static_cast<std::size_t>(index)].curve.empty())
            result.push_back({index, part});
    }
    std::stable_sort(result.begin(), result.end(), [](const Shown& a, const Shown& b) { return a.part < b.part; });
    return result;
}

void CurvesPlot::prepare()
{
    m_shown = shown();
    while (m_graphs.size() < m_shown.size())
        m_graphs.push_back(plot()->addGraph());
    const ThemeColours& colours = theme()->colours();
    QColor faint = colours.textMuted;
    faint.setAlphaF(0.35F);
    const bool fewSelected = static_cast<std::size_t>(std::count_if(m_shown.begin(), m_shown.end(), [](const Shown& line) {
        return line.part == Part::Selected;
    })) <= selectedStrokes.size();
    std::size_t selectedSoFar = 0;
    for (std::size_t i = 0; i < m_graphs.size(); ++i) {
        QCPGraph* graph = m_graphs[i];
        graph->setVisible(i < m_shown.size());
        if (i >= m_shown.size())
            continue;
        const train::Trial& trial = session()->trials()[static_cast<std::size_t>(m_shown[i].index)];
        QVector<double> keys;
        QVector<double> values;
        for (const train::CurvePoint& point : trial.curve) {
            keys << point.epoch;
            values << valueOf(point, quantity()); // a NaN leaves a gap
        }
        QPen pen(faint, 1);
        if (m_shown[i].part == Part::Running)
            pen = QPen(runningColour(*theme(), trial.id.value()), 2);
        else if (m_shown[i].part == Part::Best)
            pen = QPen(colours.best, 2);
        else if (m_shown[i].part == Part::Selected)
            pen = QPen(colours.selected, 2.5, fewSelected ? selectedStrokes[selectedSoFar++] : Qt::SolidLine);
        graph->setPen(pen);
        // Points on the lines that matter, and where one epoch makes no line.
        constexpr qsizetype fewPoints = 25;
        const bool hasPoints = keys.size() == 1 || (m_shown[i].part != Part::Completed && keys.size() <= fewPoints);
        graph->setScatterStyle(hasPoints ? QCPScatterStyle(QCPScatterStyle::ssDisc, pen.color(), pen.color(), 5) : QCPScatterStyle());
        graph->setData(keys, values, true);
    }
    updateLegend();
}

void CurvesPlot::updateLegend()
{
    const ThemeColours& colours = theme()->colours();
    std::vector<LegendItem> items;
    int completed = 0;
    int running = 0;
    bool hasBest = false;
    std::vector<std::int64_t> selected;
    constexpr int namedRunning = 4;
    for (const Shown& line : m_shown) {
        const std::int64_t id = session()->trials()[static_cast<std::size_t>(line.index)].id.value();
        if (line.part == Part::Running && ++running <= namedRunning)
            items.push_back({LegendItem::Symbol::Line, tr("trial %1, running").arg(id), {runningColour(*theme(), id)}});
        completed += line.part == Part::Completed;
        hasBest |= line.part == Part::Best;
        if (line.part == Part::Selected)
            selected.push_back(id);
    }
    if (completed > 0)
        items.push_back({LegendItem::Symbol::FaintLine, tr("last %n ended", nullptr, completed), {colours.textMuted}});
    if (hasBest)
        items.push_back({LegendItem::Symbol::Line, tr("best"), {colours.best}});
    if (selected.size() == 1 || selected.size() > selectedStrokes.size()) {
        items.push_back({LegendItem::Symbol::Line, tr("selected"), {colours.selected}});
    } else {
        for (std::size_t i = 0; i < selected.size(); ++i)
            items.push_back({LegendItem::Symbol::Line, tr("trial %1").arg(selected[i]), {colours.selected}, selectedStrokes[i]});
    }
    legend()->setItems(std::move(items));
}

std::optional<QPointF> CurvesPlot::coordinatesOf(int index) const
{
    const auto isShown = [index](const Shown& line) { return line.index == index; };
    // Completed curves are many and end close together: only what stands out is marked.
    const auto line = std::find_if(m_shown.begin(), m_shown.end(), isShown);
    if (line == m_shown.end())
        return std::nullopt;
    const train::CurvePoint& last = session()->trials()[static_cast<std::size_t>(index)].curve.back();
    return QPointF(last.epoch, valueOf(last, quantity()));
}

std::optional<QPointF> CurvesPlot::positionOf(train::TrialId id) const
{
    const auto place = session() ? coordinatesOf(session()->indexOf(id)) : std::nullopt;
    if (!place)
        return std::nullopt;
    return QPointF(plot()->xAxis->coordToPixel(place->x()), plot()->yAxis->coordToPixel(place->y()));
}

std::optional<PlotPanel::Hit> CurvesPlot::nearest(const QPointF& position) const
{
    double best = clickReach * clickReach;
    std::optional<Hit> hit;
    for (const Shown& line : m_shown) {
        const train::Trial& trial = session()->trials()[static_cast<std::size_t>(line.index)];
        QPointF before;
        for (std::size_t i = 0; i < trial.curve.size(); ++i) {
            const train::CurvePoint& point = trial.curve[i];
            const double value = valueOf(point, quantity());
            const QPointF pixel(plot()->xAxis->coordToPixel(point.epoch), plot()->yAxis->coordToPixel(value));
            // The nearest place on the segment from the point before.
            QPointF place = pixel;
            if (i > 0) {
                const QPointF along = pixel - before;
                const double length = QPointF::dotProduct(along, along);
                const double share = length > 0 ? std::clamp(QPointF::dotProduct(position - before, along) / length, 0.0, 1.0) : 1;
                place = before + share * along;
            }
            before = pixel;
            const QPointF away = place - position;
            if (const double distance = QPointF::dotProduct(away, away); distance <= best) { // later lines lie above
                best = distance;
                const QString text = tr("<b>Trial %1</b>, %2<br>Epoch %3: %4 %5")
                                         .arg(trial.id.value())
                                         .arg(stateText(trial.state).toLower())
                                         .arg(point.epoch)
                                         .arg(m_quantity->currentText().toLower(),
                                              metricText(quantity() < Quantity::ValidationLoss ? "val_accuracy" : "val_loss", value));
                hit = Hit{trial.id, pixel, text};
            }
        }
    }
    return hit;
}

bool CurvesPlot::hasData() const
{
    return !shown().empty();
}

void CurvesPlot::fitAxes()
{
    double low = std::numeric_limits<double>::infinity();
    double high = -low;
    int epochs = 1;
    for (const Shown& line : m_shown) {
        const train::Trial& trial = session()->trials()[static_cast<std::size_t>(line.index)];
        // A running trial leaves room for what it will become.
        epochs = std::max({epochs, trial.curve.back().epoch, trial.fidelity.epochs});
        for (const train::CurvePoint& point : trial.curve) {
            const double value = valueOf(point, quantity());
            if (!std::isfinite(value))
                continue;
            low = std::min(low, value);
            high = std::max(high, value);
        }
    }
    if (low > high)
        return;
    fit(plot()->xAxis, 1, std::max(2, epochs));
    fit(plot()->yAxis, low, high);
}

QString CurvesPlot::emptyText() const
{
    return tr("No trial has finished an epoch yet. Start the search: curves of running trials are drawn live, with the last "
              "ended ones behind them.");
}

QString CurvesPlot::csv() const
{
    QString text = QStringLiteral("trial,epoch,train_loss,train_accuracy,val_loss,val_accuracy\n");
    for (const Shown& line : m_shown) {
        const train::Trial& trial = session()->trials()[static_cast<std::size_t>(line.index)];
        for (const train::CurvePoint& point : trial.curve)
            text += QStringLiteral("%1,%2,%3,%4,%5,%6\n")
                        .arg(trial.id.value())
                        .arg(point.epoch)
                        .arg(csvNumber(point.trainLoss), csvNumber(point.trainAccuracy), csvNumber(point.validationLoss),
                             csvNumber(point.validationAccuracy));
    }
    return text;
}

} // namespace archscope::ui
