// DARTS (Liu, Simonyan, Yang: DARTS: Differentiable Architecture Search, ICLR 2019), of first and of second order.
#include "core/search/gradient_search_torch.h"

#include <c10/core/GradMode.h>

namespace archscope::search {

namespace {

constexpr double relativeStep = 0.01; ///< of the finite differences, by the gradient's norm (section 2.3)

/// α by the loss after a step of the weights: equations 6 to 8.
class SecondOrderDarts final : public GradientSearch {
public:
    using GradientSearch::GradientSearch;

    at::Tensor architectureGradient(const train::Batch& weightsBatch, const train::Batch& architectureBatch, double learningRate, Pass& passed) override
    {
        train::Sgd& sgd = optimizer();
        const at::Tensor& weights = sgd.weights();
        if (!weights.defined())
            return alphaGradient(architectureBatch, passed);
        const at::Tensor before = weights.clone();
        const auto place = [&](const at::Tensor& values) {
            const c10::NoGradGuard noGradients;
            weights.copy_(values);
        };
        sgd.zeroGradients();
        backward(pass(weightsBatch, alpha().detach()).loss);
        place(before - learningRate * (sgd.gradients() + sgd.momentum() * sgd.settings().momentum + before * sgd.settings().weightDecay));

        sgd.zeroGradients();
        at::Tensor leaf = alpha();
        leaf.mutable_grad().reset();
        passed = pass(architectureBatch, leaf);
        backward(passed.loss);
        const at::Tensor direct = leaf.grad().defined() ? leaf.grad().clone() : at::zeros_like(leaf);
        const at::Tensor vector = sgd.gradients().clone();

        const double norm = vector.norm().item<double>();
        at::Tensor gradient = direct;
        if (norm > 0) {
            const double step = relativeStep / norm;
            Pass ignored;
            place(before + vector * step);
            const at::Tensor above = alphaGradient(weightsBatch, ignored);
            place(before - vector * step);
            const at::Tensor below = alphaGradient(weightsBatch, ignored);
            gradient = direct - (above - below) * (learningRate / (2 * step));
        }
        place(before);
        return gradient;
    }

private:
    static void backward(const at::Tensor& loss)
    {
        if (loss.requires_grad())
            loss.backward();
    }
};

template <class Search> StrategyDescriptor describe(std::string name, std::string title, std::string help, std::string source)
{
    GradientSettings defaults;
    defaults.sharpnessEvery = 1;
    StrategyDescriptor descriptor;
    descriptor.name = std::move(name);
    descriptor.title = std::move(title);
    descriptor.help = std::move(help);
    descriptor.source = std::move(source);
    descriptor.settings = gradientParameters(defaults);
    descriptor.obstacle = [](const space::DecisionSpace& decisions) { return network::mixtureObstacle(decisions); };
    descriptor.makeSupernet = [](const SupernetContext& context, const Parameters& settings) -> Result<std::unique_ptr<SupernetStrategy>> {
        auto search = std::make_unique<Search>(context, gradientSettings(settings, context));
        ARCHSCOPE_TRY(search->prepare());
        return search;
    };
    return descriptor;
}

} // namespace

StrategyDescriptor darts()
{
    return describe<GradientSearch>("darts", "DARTS",
        "Trains all alternatives at once, mixed by weights α that are learned by gradient descent on one half of the training data. "
        "Quick, and known to collapse to operations without weights: mind the alarms.",
        "Liu, Simonyan, Yang: DARTS: Differentiable Architecture Search, ICLR 2019, algorithm 1 with ξ = 0");
}

StrategyDescriptor dartsSecondOrder()
{
    return describe<SecondOrderDarts>("darts-2nd", "DARTS, second order",
        "As DARTS, but each step of α looks at the loss after the weights' next step. About three times the work of first order; "
        "better cells in the paper.",
        "Liu, Simonyan, Yang: DARTS: Differentiable Architecture Search, ICLR 2019, algorithm 1 with ξ = the weights' learning rate");
}

} // namespace archscope::search
