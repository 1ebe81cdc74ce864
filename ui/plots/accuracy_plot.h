// The study's first objective over trials, with the best so far.
#pragma once

#include "ui/plots/plot_panel.h"

namespace archscope::ui {

class TrialScatter;

/// Ended trials are points, failed and pruned ones without a value crosses at the bottom, running ones hollow at their
/// current value.
class AccuracyPlot : public PlotPanel {
    Q_OBJECT
public:
    AccuracyPlot(Theme* theme, TrialSelection* selection, QWidget* parent = nullptr);

    std::optional<QPointF> positionOf(train::TrialId id) const override;
    QString csv() const override;
    /// The best-so-far line: (trial id, value) where it steps.
    std::vector<QPointF> bestSoFar() const;

protected:
    void reload() override;
    void takeIn(int first, int last) override;
    void refresh(const std::vector<int>& indices) override;
    void prepare() override;
    std::optional<Hit> nearest(const QPointF& position) const override;
    bool hasData() const override;
    void fitAxes() override;
    QString emptyText() const override;
    std::optional<QPointF> coordinatesOf(int index) const override;

private:
    void place(int index);
    void updateLegend();

    TrialScatter* m_points;
    QCPGraph* m_best;
    bool m_lineIsOld = true;
};

} // namespace archscope::ui
