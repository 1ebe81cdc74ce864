// The study's first objective against what it costs, with the Pareto front.
#pragma once

#include "ui/models/pareto_tracker.h"
#include "ui/plots/scatter_panel.h"

class QCheckBox;
class QComboBox;

namespace archscope::ui {

class ParetoPlot : public ScatterPanel {
    Q_OBJECT
public:
    ParetoPlot(Theme* theme, TrialSelection* selection, QWidget* parent = nullptr);

    /// "latency_ms", "parameters" or "flops"; others are ignored.
    void setCostMetric(const QString& metric);
    QString costMetric() const;
    enum class Scale { Linear, Logarithmic };
    void setScale(Scale scale);
    Scale scale() const;

    QString csv() const override;
    /// Indices of the trials on the front line, best objective first.
    const std::vector<int>& front() const { return m_front.front(); }

protected:
    void reload() override;
    void takeIn(int first, int last) override;
    void refresh(const std::vector<int>& indices) override;
    void fitAxes() override;
    QString emptyText() const override;

private:
    void place(int index);
    void updateLegend();

    QComboBox* m_metric;
    QCheckBox* m_logarithmic;
    QCPGraph* m_line;
    ParetoTracker m_front;
    int m_coloured = 0; ///< number of trials that the colours are spread over
};

} // namespace archscope::ui
