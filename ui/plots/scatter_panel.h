// A plot with a point for each trial: what the scatters share, whatever their axes mean.
#pragma once

#include "ui/plots/plot_panel.h"

namespace archscope::ui {

class TrialScatter;

class ScatterPanel : public PlotPanel {
    Q_OBJECT
public:
    ScatterPanel(Theme* theme, TrialSelection* selection, const QString& title, QWidget* parent);

    std::optional<QPointF> positionOf(train::TrialId id) const override;

protected:
    std::optional<Hit> nearest(const QPointF& position) const override;
    bool hasData() const override;
    /// Trials without a value, crosses at the border, have none.
    std::optional<QPointF> coordinatesOf(int index) const override;

    TrialScatter* const m_points; ///< by index in the session; owned by the plot
};

} // namespace archscope::ui
