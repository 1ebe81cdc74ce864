// From a genotype to a network, and which constraints that keeps.
#include "core/network/lowering_walk.h"

namespace archscope::network {

namespace {
bool isLatencyBudget(const Constraint& constraint)
{
    const auto* budget = std::get_if<Budget>(&constraint);
    return budget && budget->metric == Budget::Metric::Latency;
}

bool lies(double number, const Budget& budget)
{
    return (!budget.min || number >= *budget.min) && (!budget.max || number <= *budget.max);
}

Result<void> keepsConstraints(const SearchSpace& space, const Network& network, const LatencyPredictor& latency)
{
    const auto broken = [](const Constraint& constraint, const std::string& found, const std::string& where) {
        return fail(ErrorCode::InvalidInput, fmt::format("the architecture breaks the constraint '{}': {}", constraintText(constraint), found), where);
    };
    for (const Constraint& constraint : space.constraints) {
        if (const auto* budget = std::get_if<Budget>(&constraint); budget && !isLatencyBudget(constraint)) {
            const Cost cost = network.cost();
            const std::int64_t value = budget->metric == Budget::Metric::Parameters ? cost.parameters
                : budget->metric == Budget::Metric::Flops                           ? cost.flops
                                                                                    : static_cast<std::int64_t>(network.layers.size()) - 1;
            if (!lies(static_cast<double>(value), *budget))
                return broken(constraint, fmt::format("it has {}", value), space.name);
        } else if (const auto* bound = std::get_if<ShapeBound>(&constraint)) {
            for (const Layer& layer : network.layers) {
                if (space.pathOf(layer.origin) != bound->path)
                    continue;
                const auto dimension = static_cast<std::size_t>(bound->dimension);
                if (dimension >= layer.output.size())
                    return broken(constraint, fmt::format("its shape is {}", shapeText(layer.output)), layer.name);
                const std::int64_t size = layer.output[dimension];
                if ((bound->min && size < *bound->min) || (bound->max && size > *bound->max))
                    return broken(constraint, fmt::format("its shape is {}", shapeText(layer.output)), layer.name);
            }
        }
    }
    if (!latency || !boundsLatency(space))
        return {};
    // Last: nothing is measured for what does not count anyway.
    ARCHSCOPE_ASSIGN(const double milliseconds, latency(network));
    for (const Constraint& constraint : space.constraints) {
        if (isLatencyBudget(constraint) && !lies(milliseconds, std::get<Budget>(constraint)))
            return broken(constraint, fmt::format("{:.3g} ms are predicted", milliseconds), space.name);
    }
    return {};
}
} // namespace

bool boundsLatency(const SearchSpace& space)
{
    return std::any_of(space.constraints.begin(), space.constraints.end(), isLatencyBudget);
}

Scope givenVariables(const TaskShape& task)
{
    return {{"classes", task.outputs}, {"vocabulary", task.vocabulary}, {"each_step", std::int64_t{task.eachStep}}};
}

Result<Network> lower(const SearchSpace& space, const DecisionSpace& decisions, const Genotype& genotype,
                      const OperationSet& operations, const TaskShape& task, const LatencyPredictor& latency)
{
    if (!decisions.isValid(genotype))
        return fail(ErrorCode::InvalidArgument, "the genotype does not belong to this space", space.name);
    ARCHSCOPE_ASSIGN(Network network, Lowering(space, decisions, genotype, operations, task).run());
    const Shape expected = task.output();
    if (network.outputShape() != expected)
        return fail(ErrorCode::InvalidInput,
                    fmt::format("the network ends in {}, the task needs {}: end with flatten or global-pool and a linear layer of "
                                "'classes' features",
                                shapeText(network.outputShape()), shapeText(expected)),
                    network.layers.back().name);
    ARCHSCOPE_TRY(keepsConstraints(space, network, latency));
    return network;
}

void bindBudgets(DecisionSpace& decisions, const SearchSpace& space, const OperationSet& operations, const TaskShape& task,
                 LatencyPredictor latency)
{
    const bool needed = std::any_of(space.constraints.begin(), space.constraints.end(), [&](const Constraint& constraint) {
        return isLatencyBudget(constraint) ? static_cast<bool>(latency)
                                           : std::holds_alternative<Budget>(constraint) || std::holds_alternative<ShapeBound>(constraint);
    });
    if (!needed)
        return;
    decisions.setFurtherConstraint([space, plain = decisions, &operations, task, latency = std::move(latency)](const Genotype& genotype) {
        return lower(space, plain, genotype, operations, task, latency).has_value();
    });
}

} // namespace archscope::network
