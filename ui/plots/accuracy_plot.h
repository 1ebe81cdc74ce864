// The study's first objective over trials, with the best so far.
#pragma once

#include "ui/plots/scatter_panel.h"

namespace archscope::ui {

/// Ended trials are points, failed and pruned ones without a value crosses at the bottom, running ones hollow at their
/// current value.
class AccuracyPlot : public ScatterPanel {
    Q_OBJECT
public:
    AccuracyPlot(Theme* theme, TrialSelection* selection, QWidget* parent = nullptr);

    QString csv() const override;
    /// The best-so-far line: (trial id, value) where it steps.
    std::vector<QPointF> bestSoFar() const;

protected:
    void reload() override;
    void takeIn(int first, int last) override;
    void refresh(const std::vector<int>& indices) override;
    void prepare() override;
    void fitAxes() override;
    QString emptyText() const override;

private:
    void place(int index);
    void updateLegend();

    QCPGraph* m_best;
    bool m_lineIsOld = true;
};

} // namespace archscope::ui
