// Learning-curve stopping by the median rule.
#include "core/search/strategy.h"

#include <algorithm>
#include <cmath>

namespace archscope::search {

namespace {

class CurveStopping : public Strategy {
public:
    CurveStopping(const StrategyContext& context, std::unique_ptr<Strategy> inner, int fewestEpochs, std::int64_t fewestTrials)
        : m_context(context)
        , m_inner(std::move(inner))
        , m_fewestEpochs(fewestEpochs)
        , m_fewestTrials(fewestTrials)
    {
    }

    std::optional<Proposal> ask() override { return m_inner->ask(); }
    bool awaitsTell() const override { return m_inner->awaitsTell(); }
    bool learnsFidelities() const override { return m_inner->learnsFidelities(); }

    void tell(const Observation& observation) override
    {
        m_inner->tell(observation);
        if (observation.state != train::TrialState::Completed || observation.curve.empty())
            return;
        double sum = 0;
        for (std::size_t i = 0; i < observation.curve.size(); ++i) {
            sum += valueOf(observation.curve[i]);
            const double average = sum / static_cast<double>(i + 1);
            if (std::isnan(average))
                return;
            if (m_averages.size() <= i)
                m_averages.emplace_back();
            m_averages[i].insert(std::ranges::upper_bound(m_averages[i], average), average);
        }
    }

    bool goesOn(train::TrialId trial, std::span<const train::CurvePoint> curve) const override
    {
        if (!m_inner->goesOn(trial, curve))
            return false;
        const std::size_t epochs = curve.size();
        if (epochs == 0 || static_cast<int>(epochs) < m_fewestEpochs || m_averages.size() < epochs)
            return true;
        const std::vector<double>& averages = m_averages[epochs - 1];
        if (static_cast<std::int64_t>(averages.size()) < m_fewestTrials)
            return true;
        double best = valueOf(curve.front());
        for (const train::CurvePoint& point : curve)
            best = std::max(best, valueOf(point));
        const std::size_t middle = averages.size() / 2;
        const double median = averages.size() % 2 == 1 ? averages[middle] : (averages[middle - 1] + averages[middle]) / 2;
        return !(best < median);
    }

    Json state() const override
    {
        Json averages = Json::array();
        for (const std::vector<double>& epoch : m_averages)
            averages.push_back(epoch);
        return Json{ { "inner", m_inner->state() }, { "averages", std::move(averages) } };
    }

    Result<void> restore(const Json& state) override
    {
        const JsonReader reader(state);
        ARCHSCOPE_ASSIGN(const JsonReader inner, reader.member("inner"));
        ARCHSCOPE_TRY(m_inner->restore(inner.value()));
        ARCHSCOPE_ASSIGN(const JsonReader averages, reader.member("averages"));
        ARCHSCOPE_TRY(averages.expectArray());
        m_averages.clear();
        for (std::size_t epoch = 0; epoch < averages.size(); ++epoch) {
            ARCHSCOPE_ASSIGN(const JsonReader list, averages.element(epoch));
            ARCHSCOPE_TRY(list.expectArray());
            std::vector<double>& values = m_averages.emplace_back();
            for (std::size_t i = 0; i < list.size(); ++i) {
                ARCHSCOPE_ASSIGN(const JsonReader element, list.element(i));
                ARCHSCOPE_ASSIGN(const double value, element.number());
                values.push_back(value);
            }
            std::ranges::sort(values);
        }
        return {};
    }

private:
    double valueOf(const train::CurvePoint& point) const
    {
        return m_context.curveValue ? m_context.curveValue(point) : point.validationAccuracy;
    }

    StrategyContext m_context;
    std::unique_ptr<Strategy> m_inner;
    int m_fewestEpochs;
    std::int64_t m_fewestTrials;
    std::vector<std::vector<double>> m_averages; ///< after each epoch, of the completed trials' values up to it: ascending
};

} // namespace

SchedulerDescriptor curveStopping()
{
    SchedulerDescriptor descriptor;
    descriptor.name = "curve";
    descriptor.title = "Learning-curve stopping";
    descriptor.help = "Ends a training whose best value so far is worse than the median of what completed trials had on average by then. Leaves "
                      "the good ones as they are: saves less than rungs, and risks less.";
    descriptor.source = "Golovin, Solnik, Moitra, Kochanski, Karro, Sculley: Google Vizier: A Service for Black-Box Optimization, KDD 2017, "
                        "section 3.2.2, the median stopping rule";
    descriptor.settings = {
        ParameterDescriptor::integer("min_epochs", 1, 1, 100'000, "No training ends before.", "epochs"),
        ParameterDescriptor::integer("min_trials", 5, 1, 1'000'000, "How many must have been completed before any is ended.", "trials"),
    };
    descriptor.make = [](const StrategyContext& context, std::unique_ptr<Strategy> inner, const Parameters& settings) -> Result<std::unique_ptr<Strategy>> {
        return std::make_unique<CurveStopping>(
            context, std::move(inner), static_cast<int>(settings.integer("min_epochs")), settings.integer("min_trials"));
    };
    return descriptor;
}

} // namespace archscope::search
