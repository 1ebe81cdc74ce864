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
    void prepare() override;
    std::optional<Hit> nearest(const QPointF& position) const override;
    bool hasData() const override;
    void fitAxes() override;
    QString emptyText() const override;
    std::optional<QPointF> coordinatesOf(int index) const override;
    bool drawsSelection() const override { return true; }

private:
    enum class Part { Completed, Running, Best, Selected };
    struct Shown {
        int index = 0; ///< of the trial
        Part part = Part::Completed;
    };
    std::vector<Shown> shown() const; ///< back to front; all have a curve
    void updateLegend();

    QComboBox* m_quantity;
    std::vector<Shown> m_shown;      ///< as last drawn
    std::vector<QCPGraph*> m_graphs; ///< at least as many; those beyond are hidden
};

} // namespace archscope::ui
