// From a genotype to a network: walks the space with the answers, resolves parameters, infers shapes.
#include "core/network/network.h"
#include "core/space/space_check.h"

#include <algorithm>
#include <fmt/format.h>
#include <functional>

namespace archscope::network {

using namespace archscope::space;

namespace {
constexpr std::size_t maxLayers = 20'000;

/// Variables in scope, innermost last.
using Scope = std::vector<std::pair<std::string, std::int64_t>>;

class Lowering {
public:
    Lowering(const DecisionSpace& decisions, const Genotype& genotype, const OperationSet& operations, const TaskShape& task)
        : m_decisions(decisions), m_genotype(genotype), m_operations(operations)
    {
        m_network.task = task;
    }

    Result<Network> run(const SearchSpace& space)
    {
        Layer input;
        input.name = "input";
        input.operation = "input";
        input.output = m_network.task.input;
        for (const Node& node : space.root.nodes) {
            if (std::holds_alternative<Input>(node.body)) {
                input.origin = node.id;
                input.name = node.name;
            }
        }
        m_network.layers.push_back(std::move(input));
        const Scope scope = {{"classes", m_network.task.outputs}};
        ARCHSCOPE_ASSIGN(const int output, block(space.root, "", "", scope, {0}));
        prune(output);
        return std::move(m_network);
    }

private:
    /// `keys` is the prefix of decision keys, `names` of layer names; they differ inside repeats with shared decisions.
    Result<int> block(const Block& block, const std::string& keys, const std::string& names, Scope scope, std::vector<int> inputs)
    {
        for (const Variable& variable : block.variables) {
            ARCHSCOPE_ASSIGN(const Literal value, resolve(variable.value, keys + "$" + variable.name, scope));
            const auto* whole = std::get_if<std::int64_t>(&value);
            if (!whole)
                return fail(ErrorCode::InvalidInput, fmt::format("the variable '{}' must be a whole number", variable.name), names);
            scope.emplace_back(variable.name, *whole);
        }
        ARCHSCOPE_ASSIGN(const std::vector<NodeId> order, topologicalOrder(block));
        std::map<NodeId, int> layerOf;
        int output = -1;
        for (const NodeId id : order) {
            const Node& node = *std::find_if(block.nodes.begin(), block.nodes.end(), [&](const Node& n) { return n.id == id; });
            std::vector<std::pair<int, int>> ports;
            for (const Edge& edge : block.edges) {
                if (edge.to == id)
                    ports.emplace_back(edge.toPort, layerOf.at(edge.from));
            }
            std::sort(ports.begin(), ports.end());
            std::vector<int> sources;
            for (const auto& [port, layer] : ports)
                sources.push_back(layer);
            if (std::holds_alternative<Input>(node.body)) {
                layerOf[id] = inputs.front();
            } else if (std::holds_alternative<Output>(node.body)) {
                if (sources.empty())
                    return fail(ErrorCode::InvalidInput, "nothing is connected to the block's output", names + node.name);
                output = sources.front();
                layerOf[id] = output;
            } else {
                ARCHSCOPE_ASSIGN(layerOf[id], this->node(node, keys + node.name, names + node.name, scope, std::move(sources)));
            }
        }
        if (output < 0)
            return fail(ErrorCode::InvalidInput, "the block has no output", names);
        return output;
    }

    Result<int> node(const Node& node, const std::string& key, const std::string& name, const Scope& scope, std::vector<int> inputs)
    {
        if (inputs.empty())
            return fail(ErrorCode::InvalidInput, "nothing is connected to its input", name);
        if (node.optional) {
            ARCHSCOPE_ASSIGN(const Literal present, answer(key + "#present"));
            if (!std::get<bool>(present))
                return inputs.front();
        }
        if (const auto* operation = std::get_if<Operation>(&node.body))
            return this->operation(*operation, node.id, key, name, scope, std::move(inputs));
        if (const auto* choice = std::get_if<Choice>(&node.body)) {
            ARCHSCOPE_ASSIGN(const Literal chosen, answer(key));
            const std::string& alternativeName = std::get<std::string>(chosen);
            const auto it = std::find_if(choice->alternatives.begin(), choice->alternatives.end(),
                                         [&](const Node& n) { return n.name == alternativeName; });
            return this->node(*it, key + "/" + it->name, name + "/" + it->name, scope, std::move(inputs));
        }
        if (const auto* repeat = std::get_if<Repeat>(&node.body)) {
            ARCHSCOPE_ASSIGN(const Literal value, resolve(repeat->count, key + "#count", scope));
            const auto* rounds = std::get_if<std::int64_t>(&value);
            if (!rounds || *rounds < 0)
                return fail(ErrorCode::InvalidInput, "a repeat's count must be a whole number from 0 up", name);
            int current = inputs.front();
            for (std::int64_t round = 0; round < *rounds; ++round) {
                const std::string keys = repeat->shared ? key + "/" : fmt::format("{}/{}/", key, round);
                ARCHSCOPE_ASSIGN(current, block(repeat->body, keys, fmt::format("{}/{}/", name, round), scope, {current}));
            }
            return current;
        }
        if (const auto* nested = std::get_if<Nested>(&node.body))
            return block(nested->body, key + "/", name + "/", scope, std::move(inputs));
        return fail(ErrorCode::InvalidInput, "an input or output cannot stand here", name);
    }

    Result<int> operation(const Operation& operation, NodeId origin, const std::string& key, const std::string& name,
                          const Scope& scope, std::vector<int> inputs)
    {
        const OperationTraits* traits = m_operations.find(operation.type);
        if (!traits)
            return fail(ErrorCode::InvalidInput, fmt::format("there is no operation '{}'", operation.type), name);
        if (m_network.layers.size() >= maxLayers)
            return fail(ErrorCode::Unsupported, fmt::format("the network has more than {} layers", maxLayers), name);
        Layer layer;
        layer.name = name;
        layer.operation = operation.type;
        layer.origin = origin;
        std::map<std::string, Literal> given;
        for (const auto& [parameter, value] : operation.parameters) {
            ARCHSCOPE_ASSIGN(given[parameter], resolve(value, key + "." + parameter, scope));
        }
        ARCHSCOPE_ASSIGN(layer.parameters, completed(traits->descriptor().parameters, given, name));
        std::vector<Shape> shapes;
        for (const int input : inputs)
            shapes.push_back(m_network.layers[static_cast<std::size_t>(input)].output);
        const auto& descriptor = traits->descriptor();
        if (static_cast<int>(shapes.size()) < descriptor.minInputs || static_cast<int>(shapes.size()) > descriptor.maxInputs)
            return fail(ErrorCode::InvalidInput, fmt::format("'{}' cannot take {} inputs", operation.type, shapes.size()), name);
        auto shape = traits->outputShape(shapes, layer.parameters);
        if (!shape)
            return fail(shape.error().within(name));
        layer.output = std::move(*shape);
        layer.cost = traits->cost(shapes, layer.output, layer.parameters);
        layer.inputs = std::move(inputs);
        m_network.layers.push_back(std::move(layer));
        return static_cast<int>(m_network.layers.size()) - 1;
    }

    Result<Literal> answer(const std::string& key) const
    {
        const auto index = m_decisions.indexOf(key);
        if (!index || !m_genotype.isActive(*index))
            return fail(ErrorCode::InvalidInput, "the genotype does not answer this decision", key);
        return m_decisions.decisions()[*index].domain.at(m_genotype[*index]);
    }

    Result<Literal> resolve(const ParameterValue& value, const std::string& key, const Scope& scope) const
    {
        if (const auto* literal = std::get_if<Literal>(&value))
            return *literal;
        if (std::holds_alternative<Domain>(value))
            return answer(key);
        const auto number = evaluate(std::get<Expression>(value), [&](const std::string& name) -> std::optional<std::int64_t> {
            const auto it = std::find_if(scope.rbegin(), scope.rend(), [&](const auto& v) { return v.first == name; });
            if (it == scope.rend())
                return {};
            return it->second;
        });
        if (!number)
            return fail(number.error().within(key));
        return Literal{*number};
    }

    /// Keeps the input and what `output` depends on, the output last.
    void prune(int output)
    {
        std::vector<Layer>& layers = m_network.layers;
        std::vector<bool> needed(layers.size(), false);
        needed[0] = true;
        needed[static_cast<std::size_t>(output)] = true;
        for (std::size_t i = static_cast<std::size_t>(output); i > 0; --i) {
            if (needed[i]) {
                for (const int input : layers[i].inputs)
                    needed[static_cast<std::size_t>(input)] = true;
            }
        }
        std::vector<int> place(layers.size(), -1);
        std::vector<Layer> kept;
        for (std::size_t i = 0; i < layers.size(); ++i) {
            if (!needed[i])
                continue;
            place[i] = static_cast<int>(kept.size());
            for (int& input : layers[i].inputs)
                input = place[static_cast<std::size_t>(input)];
            kept.push_back(std::move(layers[i]));
        }
        layers = std::move(kept);
    }

    const DecisionSpace& m_decisions;
    const Genotype& m_genotype;
    const OperationSet& m_operations;
    Network m_network;
};
} // namespace

Result<Network> lower(const SearchSpace& space, const DecisionSpace& decisions, const Genotype& genotype,
                      const OperationSet& operations, const TaskShape& task)
{
    if (!decisions.isValid(genotype))
        return fail(ErrorCode::InvalidArgument, "the genotype does not belong to this space", space.name);
    ARCHSCOPE_ASSIGN(Network network, Lowering(decisions, genotype, operations, task).run(space));
    const Shape expected = {task.outputs};
    if (network.outputShape() != expected)
        return fail(ErrorCode::InvalidInput,
                    fmt::format("the network ends in {}, the task needs {}: end with flatten or global-pool and a linear layer of "
                                "'classes' features",
                                shapeText(network.outputShape()), shapeText(expected)),
                    network.layers.back().name);
    return network;
}

} // namespace archscope::network
