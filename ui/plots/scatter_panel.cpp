#include "ui/plots/scatter_panel.h"

#include "ui/plots/trial_scatter.h"

namespace archscope::ui {

ScatterPanel::ScatterPanel(Theme* theme, TrialSelection* selection, const QString& title, QWidget* parent)
    : PlotPanel(theme, selection, title, parent)
    , m_points(new TrialScatter(plot()->xAxis, plot()->yAxis))
{
}

std::optional<QPointF> ScatterPanel::positionOf(train::TrialId id) const
{
    return session() ? m_points->pixelOf(session()->indexOf(id)) : std::nullopt;
}

std::optional<QPointF> ScatterPanel::coordinatesOf(int index) const
{
    if (static_cast<std::size_t>(index) >= m_points->points().size())
        return std::nullopt;
    const auto& point = m_points->points()[static_cast<std::size_t>(index)];
    if (point.shape == TrialScatter::Shape::None || point.shape == TrialScatter::Shape::BottomCross)
        return std::nullopt;
    return QPointF(point.x, point.y);
}

std::optional<PlotPanel::Hit> ScatterPanel::nearest(const QPointF& position) const
{
    const auto index = m_points->nearest(position, clickReach);
    if (!index || !session())
        return std::nullopt;
    return Hit{session()->trials()[static_cast<std::size_t>(*index)].id, position, describe(*index)};
}

bool ScatterPanel::hasData() const
{
    return m_points->bounds().has_value();
}

} // namespace archscope::ui
