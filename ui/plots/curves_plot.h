// Learning curves: running trials live, selected ones highlighted, the last completed ones faint behind them.
#pragma once

#include "ui/plots/plot_panel.h"

class QComboBox;

namespace archscope::ui {

class CurvesPlot : public PlotPanel {
    Q_OBJECT
public:
    enum class Quantity { ValidationAccuracy, TrainingAccuracy, ValidationLoss, TrainingLoss };
    static constexpr int completedShown = 50;

    CurvesPlot(Theme* theme, TrialSelection* selection, QWidget* parent = nullptr);
    void setQuantity(Quantity quantity);
    Quantity quantity() const;

    std::optional<QPointF> positionOf(train::TrialId id) const override; ///< the last point of its curve
    QString csv() const override;

protected:
    void reload() override;
    void takeIn(int first, int last) override;
    void refresh(const std::vector<int>& indices) override;
    void progress() override;
    void mark() override;
    void prepare() override;
    std::optional<Hit> nearest(const QPointF& position) const override;
    bool hasData() const override;
    void fitAxes() override;
    QString emptyText() const override;

private:
    enum class Part { Completed, Running, Best, Selected };
    struct Line {
        int index = 0; ///< of the trial
        Part part = Part::Completed;
        QCPGraph* graph = nullptr;
    };
    std::vector<std::pair<int, Part>> shown() const; ///< back to front
    void updateLegend();

    QComboBox* m_quantity;
    std::vector<Line> m_lines;
    std::vector<QCPGraph*> m_spare; ///< hidden graphs to use again
    bool m_linesAreOld = true;
};

} // namespace archscope::ui
