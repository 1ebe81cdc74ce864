// GDAS (Dong, Yang: Searching for a Robust Neural Architecture in Four GPU Hours, CVPR 2019).
//
// Each batch passes through one architecture, drawn by Gumbel's trick; gradients reach α as if it had been the softmax (equations 4
// to 6). Where the space has inputs to select, they are drawn too: k of them, the largest of the disturbed numbers.
#include "core/search/gradient_search_torch.h"

#include <c10/core/GradMode.h>

namespace archscope::search {

namespace {

class Gdas final : public GradientSearch {
public:
    Gdas(const SupernetContext& context, const GradientSettings& settings, double temperature, double temperatureMin)
        : GradientSearch(context, settings)
        , m_temperature(temperature)
        , m_temperatureMin(temperatureMin)
    {
    }

    Pass pass(const train::Batch& batch, const at::Tensor& alpha) override
    {
        std::vector<std::vector<std::size_t>> picks;
        model::MixtureWeights weights;
        for (const ArchitectureBeliefs::Slot& slot : beliefs().slots())
            weights.push_back(drawn(slot, alpha, picks));
        auto logits = supernet().forwardGated(beliefs().genotypeOf(picks), batch.input, weights, forwardContext());
        TORCH_CHECK(logits, logits ? std::string() : logits.error().text());
        Pass pass;
        pass.logits = std::move(*logits);
        pass.loss = lossOf(pass.logits, batch.target);
        return pass;
    }

private:
    /// Falls with the epochs, in a straight line.
    double temperature() const
    {
        const int last = settings().epochs - 1;
        const double done = last > 0 ? static_cast<double>(epoch()) / last : 0;
        return m_temperature + (m_temperatureMin - m_temperature) * done;
    }

    /// One or zero forwards, the softened draw backwards.
    at::Tensor drawn(const ArchitectureBeliefs::Slot& slot, const at::Tensor& alpha, std::vector<std::vector<std::size_t>>& picks) const
    {
        using Rule = ArchitectureBeliefs::Rule;
        const auto offset = static_cast<std::int64_t>(slot.offset);
        const at::Tensor own = alpha.slice(0, offset, offset + static_cast<std::int64_t>(slot.numbers));
        const at::Tensor uniform = at::empty({ own.size(0) }).uniform_(1e-10, 1, noise());
        at::Tensor soft;
        at::Tensor disturbed;
        if (slot.rule == Rule::Included) {
            const at::Tensor logistic = (uniform.log() - (-uniform).log1p()).clamp_max(30);
            disturbed = own + logistic.to(own.device());
            soft = (disturbed / temperature()).sigmoid();
        } else {
            const at::Tensor gumbel = -(-uniform.log()).log();
            disturbed = own.log_softmax(0) + gumbel.to(own.device());
            soft = (disturbed / temperature()).softmax(0);
            if (slot.rule != Rule::Softmax)
                soft = soft * slot.pickHigh;
        }
        const at::Tensor values = disturbed.detach().to(at::kCPU).contiguous();
        const std::span<const float> numbers(values.data_ptr<float>(), slot.numbers);
        std::vector<std::size_t> order(slot.numbers);
        for (std::size_t i = 0; i < order.size(); ++i)
            order[i] = i;
        std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return numbers[a] > numbers[b]; });
        auto count = static_cast<std::size_t>(slot.pickHigh);
        if (slot.rule == Rule::Softmax)
            count = 1;
        if (slot.rule == Rule::Included) {
            const auto above = static_cast<int>(std::ranges::count_if(numbers, [](float number) { return number > 0; }));
            count = static_cast<std::size_t>(std::clamp(above, slot.pickLow, slot.pickHigh));
        }
        order.resize(count);
        at::Tensor hard = at::zeros({ own.size(0) });
        for (const std::size_t picked : order)
            hard.data_ptr<float>()[picked] = 1;
        picks.push_back(std::move(order));
        return hard.to(own.device()) - soft.detach() + soft;
    }

    double m_temperature;
    double m_temperatureMin;
};

} // namespace

StrategyDescriptor gdas()
{
    GradientSettings defaults;
    defaults.epochs = 250;
    defaults.sharpnessEvery = 0;
    StrategyDescriptor descriptor;
    descriptor.name = "gdas";
    descriptor.title = "GDAS";
    descriptor.help = "As DARTS, but each batch trains one architecture, drawn by the beliefs: as much work as one network. "
                      "Needs more epochs than DARTS, which cost a fraction each.";
    descriptor.source = "Dong, Yang: Searching for a Robust Neural Architecture in Four GPU Hours, CVPR 2019, section 3.2; epochs as in NAS-Bench-201";
    descriptor.settings = gradientParameters(defaults);
    std::erase_if(descriptor.settings, [](const ParameterDescriptor& setting) { return setting.name == "sharpness_every"; });
    descriptor.settings.push_back(ParameterDescriptor::real("temperature", 10, 1e-3, 1000, "Of the softened draw, at first."));
    descriptor.settings.push_back(ParameterDescriptor::real("temperature_min", 0.1, 1e-3, 1000, "Of the softened draw, at last."));
    descriptor.obstacle = [](const space::DecisionSpace& decisions) { return network::mixtureObstacle(decisions); };
    descriptor.makeSupernet = [](const SupernetContext& context, const Parameters& parameters) -> Result<std::unique_ptr<SupernetStrategy>> {
        GradientSettings settings = gradientSettings(parameters, context);
        settings.edges = ArchitectureBeliefs::EdgeSelections::Sampled;
        auto search = std::make_unique<Gdas>(context, settings, parameters.real("temperature"), parameters.real("temperature_min"));
        ARCHSCOPE_TRY(search->prepare());
        return search;
    };
    return descriptor;
}

} // namespace archscope::search
