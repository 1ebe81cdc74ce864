// The walk over a space that lowering is: resolves parameters by the answers, infers shapes, adds layers. Internal to this folder.
#pragma once

#include "core/network/network.h"
#include "core/space/space_check.h"

#include <algorithm>
#include <fmt/format.h>
#include <functional>

namespace archscope::network {

using namespace archscope::space;

inline constexpr std::size_t maxLayers = 20'000;
inline constexpr int maxVisits = 1'000'000; ///< nodes, with and without layers: blocks within blocks can be many
inline constexpr int absent = -1;           ///< in place of a layer's index: nothing comes from there

/// One walk. What concerns open decisions is virtual: a supernet takes all answers where this takes one (supernet.cpp).
class Lowering {
public:
    Lowering(const SearchSpace& space, const DecisionSpace& decisions, const Genotype& genotype, const OperationSet& operations, const TaskShape& task)
        : m_space(space), m_decisions(decisions), m_genotype(genotype), m_operations(operations)
    {
        m_network.task = task;
        m_network.countsBiases = space.countsBiases;
    }

    Result<Network> run()
    {
        addInput(m_space.root, 0, "input", m_network.task.input);
        ARCHSCOPE_ASSIGN(const int output, root());
        if (output == absent)
            return fail(ErrorCode::InvalidInput, "no path leads from the input to the output in this architecture", m_space.name);
        prune(output);
        return std::move(m_network);
    }

    virtual ~Lowering() = default;

protected:
    virtual Result<int> root()
    {
        m_rootScope = givenVariables(m_network.task);
        for (const Variable& variable : m_space.root.variables) {
            ARCHSCOPE_ASSIGN(Literal value, resolve(variable.value, "$" + variable.name, m_rootScope));
            m_rootScope.emplace_back(variable.name, std::move(value));
        }
        return graph(m_space.root, "", "", m_rootScope, {0});
    }

    /// The layer for the number-th input of a block.
    void addInput(const Block& block, int number, std::string name, Shape shape)
    {
        Layer layer;
        layer.name = std::move(name);
        layer.operation = "input";
        layer.output = std::move(shape);
        for (const Node& node : block.nodes) {
            if (std::holds_alternative<Input>(node.body) && number-- == 0) {
                layer.origin = node.id;
                layer.name = node.name;
            }
        }
        m_network.layers.push_back(std::move(layer));
    }

    /// `keys` is the prefix of decision keys, `names` of layer names; they differ inside repeats and definitions with shared
    /// decisions. `given` stands in for the values of the block's variables.
    Result<int> block(const Block& block, const std::string& keys, const std::string& names, Scope scope, const std::vector<int>& inputs,
                      const std::map<std::string, Literal>& given = {})
    {
        for (const Variable& variable : block.variables) {
            if (const auto it = given.find(variable.name); it != given.end()) {
                scope.emplace_back(variable.name, it->second);
                continue;
            }
            ARCHSCOPE_ASSIGN(Literal value, resolve(variable.value, keys + "$" + variable.name, scope));
            scope.emplace_back(variable.name, std::move(value));
        }
        return graph(block, keys, names, scope, inputs);
    }

    /// How a node that the output needs takes part.
    struct Part {
        const Node* node = nullptr;
        std::vector<const Edge*> edges; ///< into it, by port: those that are there
        std::vector<const Edge*> leaving;
        std::size_t ports = 0; ///< edges into it, there or not
        std::uint64_t picked = 0; ///< of a selection: which of them it takes, lowest bit the first
        bool needed = false;
        bool leftOut = false;
    };

    Result<int> graph(const Block& block, const std::string& keys, const std::string& names, const Scope& scope, const std::vector<int>& inputs)
    {
        ARCHSCOPE_ASSIGN(const std::vector<NodeId> order, topologicalOrder(block));
        std::map<NodeId, Part> parts;
        for (const Node& node : block.nodes)
            parts[node.id].node = &node;
        for (const Edge& edge : block.edges) {
            parts[edge.to].edges.push_back(&edge);
            parts[edge.from].leaving.push_back(&edge);
        }
        for (auto& [id, part] : parts) {
            std::sort(part.edges.begin(), part.edges.end(), [](const Edge* a, const Edge* b) { return a->toPort < b->toPort; });
            part.ports = part.edges.size();
        }
        const auto output = std::find_if(block.nodes.begin(), block.nodes.end(), [](const Node& n) { return std::holds_alternative<Output>(n.body); });
        if (output == block.nodes.end())
            return fail(ErrorCode::InvalidInput, "the block has no output", names);
        if (parts[output->id].edges.empty())
            return fail(ErrorCode::InvalidInput, "nothing is connected to the block's output", names + output->name);

        // Backwards first: only what the output needs has answers to all its decisions.
        parts[output->id].needed = true;
        for (auto it = order.rbegin(); it != order.rend(); ++it) {
            Part& part = parts[*it];
            if (!part.needed)
                continue;
            ARCHSCOPE_TRY(takePart(part, keys, parts));
            for (const Edge* edge : part.edges)
                parts[edge->from].needed = true;
        }
        ARCHSCOPE_ASSIGN(const auto shareOf, shares(block, order, parts));
        std::map<NodeId, int> layerOf;
        int nextInput = 0;
        std::map<NodeId, int> inputNumber;
        for (const Node& node : block.nodes) {
            if (std::holds_alternative<Input>(node.body))
                inputNumber[node.id] = nextInput++;
        }
        for (const NodeId id : order) {
            const Part& part = parts[id];
            if (!part.needed)
                continue;
            const Node& node = *part.node;
            // A block tells its inputs apart; to others, an input that is not there is none.
            const bool byPort = !part.leftOut && (bodyOf(node) || std::holds_alternative<Use>(node.body));
            std::vector<int> sources(byPort ? part.ports : 0, absent);
            for (const Edge* edge : part.edges) {
                int source = layerOf.at(edge->from);
                if (edge->optional) {
                    ARCHSCOPE_ASSIGN(source, through(part, *edge, presenceKey(*edge, keys, parts), source, names));
                }
                if (!byPort)
                    sources.push_back(source);
                else if (static_cast<std::size_t>(edge->toPort) < sources.size())
                    sources[static_cast<std::size_t>(edge->toPort)] = source;
            }
            const int first = sources.empty() ? absent : sources.front();
            if (std::holds_alternative<Input>(node.body)) {
                const auto number = static_cast<std::size_t>(inputNumber[id]);
                if (number >= inputs.size())
                    return fail(ErrorCode::InvalidInput, "nothing is connected to this input of the block", names + node.name);
                layerOf[id] = inputs[number];
            } else if (part.ports > 0 && std::count(sources.begin(), sources.end(), absent) == static_cast<std::ptrdiff_t>(sources.size())) {
                layerOf[id] = absent; // left out with the last of its edges
            } else if (std::holds_alternative<Output>(node.body) || part.leftOut) {
                layerOf[id] = first;
            } else if (std::holds_alternative<Select>(node.body)) {
                ARCHSCOPE_ASSIGN(layerOf[id], selected(part, keys, names, std::move(sources)));
            } else {
                Scope inner;
                const auto share = shareOf.find(id);
                if (share != shareOf.end()) {
                    inner = scope;
                    inner.emplace_back("part", share->second.part);
                    inner.emplace_back("parts", share->second.parts);
                }
                ARCHSCOPE_ASSIGN(layerOf[id], inside(node, keys + node.name, names + node.name, share == shareOf.end() ? scope : inner,
                                                     std::move(sources)));
            }
            if (node.optional) {
                ARCHSCOPE_ASSIGN(layerOf[id], optional(part, keys + node.name, names + node.name, first, layerOf[id]));
            }
        }
        return layerOf.at(output->id);
    }

    /// What an optional edge that is there passes on.
    virtual Result<int> through(const Part&, const Edge&, const std::string& /*key*/, int source, const std::string& /*names*/) { return source; }
    /// What an optional node gives; `output` where it is there, its first input where it is left out.
    virtual Result<int> optional(const Part&, const std::string& /*key*/, const std::string& /*name*/, int /*first*/, int output) { return output; }
    /// What a selection makes of the inputs that it takes.
    virtual Result<int> selected(const Part& part, const std::string& /*keys*/, const std::string& names, std::vector<int> sources)
    {
        return merged(std::get<Select>(part.node->body).merge, std::move(sources), *part.node, names + part.node->name);
    }

    /// Which input of the block's concatenation a node leads to first, and how many that has.
    struct Share {
        std::int64_t part = 0;
        std::int64_t parts = 1;
    };

    virtual Result<std::map<NodeId, Share>> shares(const Block&, const std::vector<NodeId>& order, const std::map<NodeId, Part>& parts) const
    {
        const auto concatenates = [](const Node& node) {
            const auto* operation = std::get_if<Operation>(&node.body);
            return operation && operation->type == "concat";
        };
        if (std::none_of(parts.begin(), parts.end(), [&](const auto& part) { return concatenates(*part.second.node); }))
            return std::map<NodeId, Share>();
        std::map<NodeId, bool> reached; ///< from the input, by edges that are there
        for (const NodeId id : order) {
            const Part& part = parts.at(id);
            reached[id] = part.needed && (std::holds_alternative<Input>(part.node->body) || std::any_of(part.edges.begin(), part.edges.end(), [&](const Edge* edge) { return reached[edge->from]; }));
        }
        std::map<NodeId, Share> shares;
        for (auto it = order.rbegin(); it != order.rend(); ++it) {
            const Part& part = parts.at(*it);
            if (!reached[*it])
                continue;
            std::vector<const Edge*> edges = part.edges;
            std::erase_if(edges, [&](const Edge* edge) { return !reached[edge->from]; });
            for (std::size_t i = 0; i < edges.size(); ++i) {
                Share share{static_cast<std::int64_t>(i), static_cast<std::int64_t>(edges.size())};
                if (!concatenates(*part.node)) {
                    const auto own = shares.find(*it);
                    if (own == shares.end())
                        break;
                    share = own->second;
                }
                const auto [known, isNew] = shares.emplace(edges[i]->from, share);
                if (!isNew && share.part < known->second.part)
                    known->second = share;
            }
        }
        return shares;
    }

    /// Which inputs a selection takes, lowest bit the first port; nothing where it has no answer.
    std::optional<std::uint64_t> picked(const Node& node, const std::string& keys, std::size_t ports) const
    {
        if (std::get<Select>(node.body).pickLow == static_cast<int>(ports))
            return ~std::uint64_t{0};
        const auto index = m_decisions.indexOf(keys + node.name);
        if (!index || !m_genotype.isActive(*index))
            return {};
        return m_decisions.decisions()[*index].domain.members(m_genotype[*index]);
    }

    /// Whether another edge takes what the start of a loose edge gives.
    bool isReadElsewhere(const Edge& loose, const std::string& keys, const std::map<NodeId, Part>& parts)
    {
        const auto& leaving = parts.at(loose.from).leaving;
        return std::any_of(leaving.begin(), leaving.end(), [&](const Edge* edge) {
            if (edge->loose)
                return false;
            const Part& target = parts.at(edge->to);
            if (std::holds_alternative<Select>(target.node->body)) {
                const auto mask = picked(*target.node, keys, target.ports);
                return mask && (*mask >> edge->toPort & 1) != 0;
            }
            if (!edge->optional)
                return true;
            const auto present = answer(presenceKey(*edge, keys, parts));
            return present && std::get<bool>(*present);
        });
    }

    static std::string presenceKey(const Edge& edge, const std::string& keys, const std::map<NodeId, Part>& parts)
    {
        return fmt::format("{}{}>{}:{}#present", keys, parts.at(edge.from).node->name, parts.at(edge.to).node->name, edge.toPort);
    }

    /// Leaves the edges that the answers take.
    virtual Result<void> takePart(Part& part, const std::string& keys, const std::map<NodeId, Part>& parts)
    {
        const Node& node = *part.node;
        if (node.optional) {
            ARCHSCOPE_ASSIGN(const Literal present, answer(keys + node.name + "#present"));
            part.leftOut = !std::get<bool>(present);
            if (part.leftOut) {
                part.edges.resize(std::min<std::size_t>(part.edges.size(), 1));
                return {};
            }
        }
        if (std::holds_alternative<Select>(node.body)) {
            const auto mask = picked(node, keys, part.ports);
            if (!mask)
                return fail(ErrorCode::InvalidInput, "the genotype does not answer this decision", keys + node.name);
            part.picked = *mask;
            std::vector<const Edge*> taken;
            for (std::size_t i = 0; i < part.edges.size(); ++i) {
                if (*mask >> i & 1)
                    taken.push_back(part.edges[i]);
            }
            part.edges = std::move(taken);
        }
        std::vector<const Edge*> there;
        for (const Edge* edge : part.edges) {
            if (edge->optional) {
                ARCHSCOPE_ASSIGN(const Literal present, answer(presenceKey(*edge, keys, parts)));
                if (!std::get<bool>(present))
                    continue;
            }
            if (edge->loose && isReadElsewhere(*edge, keys, parts))
                continue;
            there.push_back(edge);
        }
        part.edges = std::move(there);
        return {};
    }

    /// Several layers made one by an operation that takes any number; one alone passes.
    Result<int> merged(const std::string& merge, std::vector<int> layers, const Node& node, const std::string& name)
    {
        std::erase(layers, absent);
        if (layers.size() < 2)
            return layers.empty() ? absent : layers.front();
        return operation(Operation{merge, {}}, node.id, {}, name + "/" + merge, {}, std::move(layers));
    }

    virtual Result<int> inside(const Node& node, const std::string& key, const std::string& name, const Scope& scope, std::vector<int> inputs)
    {
        if (++m_visits > maxVisits)
            return fail(ErrorCode::Unsupported, "unfolded, the space has too many nodes: repeat or use blocks fewer times", name);
        if (!std::holds_alternative<Operation>(node.body) && std::count(inputs.begin(), inputs.end(), absent) == static_cast<std::ptrdiff_t>(inputs.size()))
            return absent;
        if (const auto* operation = std::get_if<Operation>(&node.body))
            return this->operation(*operation, node.id, key, name, scope, std::move(inputs));
        if (const auto* choice = std::get_if<Choice>(&node.body))
            return this->choice(*choice, node, key, name, scope, inputs);
        if (const auto* order = std::get_if<Order>(&node.body)) {
            std::vector<int> sequence(order->steps.size());
            for (std::size_t i = 0; i < sequence.size(); ++i)
                sequence[i] = static_cast<int>(i);
            if (const auto index = m_decisions.indexOf(key); index && sequence.size() > 1) {
                ARCHSCOPE_ASSIGN(const double rank, answered(*index));
                sequence = m_decisions.decisions()[*index].domain.order(rank);
            }
            int current = inputs.front();
            for (const int step : sequence) {
                ARCHSCOPE_ASSIGN(current, this->part(order->steps[static_cast<std::size_t>(step)], key, name, scope, {current}));
            }
            return current;
        }
        if (const auto* repeat = std::get_if<Repeat>(&node.body))
            return this->repeat(*repeat, key, name, scope, std::move(inputs));
        if (const auto* nested = std::get_if<Nested>(&node.body))
            return block(nested->body, key + "/", name + "/", scope, inputs);
        if (const auto* use = std::get_if<Use>(&node.body))
            return this->use(*use, key, name, scope, inputs);
        if (const auto* recurrent = std::get_if<Recurrent>(&node.body))
            return this->recurrent(*recurrent, node, key, name, scope, inputs.front());
        return fail(ErrorCode::InvalidInput, "an input or output cannot stand here", name);
    }

    /// An alternative of a choice or a step of an order.
    Result<int> part(const Node& part, const std::string& key, const std::string& name, const Scope& scope, std::vector<int> inputs)
    {
        const std::string inner = key + "/" + part.name;
        if (part.optional) {
            ARCHSCOPE_ASSIGN(const Literal present, answer(inner + "#present"));
            if (!std::get<bool>(present))
                return inputs.front();
        }
        return inside(part, inner, name + "/" + part.name, scope, std::move(inputs));
    }

    Result<int> choice(const Choice& choice, const Node& node, const std::string& key, const std::string& name, const Scope& scope,
                       const std::vector<int>& inputs)
    {
        if (choice.pickLow == 1 && choice.pickHigh == 1) {
            ARCHSCOPE_ASSIGN(const Literal chosen, answer(key));
            const auto it = std::find_if(choice.alternatives.begin(), choice.alternatives.end(),
                                         [&](const Node& n) { return n.name == std::get<std::string>(chosen); });
            return part(*it, key, name, scope, inputs);
        }
        return subset(choice, node, key, name, scope, inputs);
    }

    virtual Result<int> subset(const Choice& choice, const Node& node, const std::string& key, const std::string& name, const Scope& scope,
                               const std::vector<int>& inputs)
    {
        std::uint64_t mask = ~std::uint64_t{0};
        if (const auto index = m_decisions.indexOf(key); index && m_genotype.isActive(*index))
            mask = m_decisions.decisions()[*index].domain.members(m_genotype[*index]);
        std::vector<int> outputs;
        for (std::size_t i = 0; i < choice.alternatives.size(); ++i) {
            if (mask >> i & 1) {
                ARCHSCOPE_ASSIGN(const int output, part(choice.alternatives[i], key, name, scope, inputs));
                outputs.push_back(output);
            }
        }
        return merged(choice.merge, std::move(outputs), node, name);
    }

    Result<int> repeat(const Repeat& repeat, const std::string& key, const std::string& name, const Scope& scope, std::vector<int> inputs)
    {
        ARCHSCOPE_ASSIGN(const Literal value, resolve(repeat.count, key + "#count", scope));
        const auto* rounds = std::get_if<std::int64_t>(&value);
        if (!rounds || *rounds < 0)
            return fail(ErrorCode::InvalidInput, "a repeat's count must be a whole number from 0 up", name);
        for (std::int64_t round = 0; round < *rounds; ++round) {
            const std::string keys = repeat.shared ? key + "/" : fmt::format("{}/{}/", key, round);
            Scope inner = scope;
            inner.emplace_back("round", Literal{round});
            ARCHSCOPE_ASSIGN(const int output, block(repeat.body, keys, fmt::format("{}/{}/", name, round), std::move(inner), inputs));
            inputs.erase(inputs.begin());
            inputs.push_back(output);
        }
        return inputs.back();
    }

    Result<int> use(const Use& use, const std::string& key, const std::string& name, const Scope& scope, const std::vector<int>& inputs)
    {
        const Definition* definition = m_space.findDefinition(use.definition);
        if (!definition)
            return fail(ErrorCode::InvalidInput, fmt::format("there is no definition '{}'", use.definition), name);
        std::map<std::string, Literal> given;
        for (const auto& [argument, value] : use.arguments) {
            ARCHSCOPE_ASSIGN(given[argument], resolve(value, key + ".$" + argument, scope));
        }
        const std::string keys = definition->shared ? "@" + definition->name + "/" : key + "/";
        return block(definition->body, keys, name + "/", m_rootScope, inputs, given);
    }

    Result<int> recurrent(const Recurrent& recurrent, const Node& node, const std::string& key, const std::string& name, const Scope& scope, int input)
    {
        if (input == absent)
            return absent;
        const Shape sequence = m_network.layers[static_cast<std::size_t>(input)].output;
        if (sequence.size() != 2)
            return fail(ErrorCode::InvalidInput, fmt::format("a recurrent block takes a sequence {{length, features}}, this is {}: put 'embedding' before it for tokens, 'reshape' for others", shapeText(sequence)), name);
        ARCHSCOPE_ASSIGN(const Literal hidden, resolve(recurrent.hidden, key + ".hidden", scope));
        const auto* features = std::get_if<std::int64_t>(&hidden);
        if (!features || *features < 1)
            return fail(ErrorCode::InvalidInput, "the state needs a whole number of features from 1 up", name);

        Network outer = std::move(m_network);
        m_network = Network{{{sequence[1]}, *features, outer.task.vocabulary, false}, {}, outer.countsBiases};
        addInput(recurrent.body, 0, "step", {sequence[1]});
        addInput(recurrent.body, 1, "state", {*features});
        const auto output = block(recurrent.body, key + "/", name + "/", scope, {0, 1});
        if (output && *output != absent)
            prune(*output);
        Network cell = std::move(m_network);
        m_network = std::move(outer);
        if (!output)
            return fail(output.error());
        if (*output == absent)
            return fail(ErrorCode::InvalidInput, "no path leads to the cell's output in this architecture", name);
        if (*output == 0) // the output stands last, behind the state
            return fail(ErrorCode::InvalidInput, "the cell gives out its step itself, so its state would never count: put an operation between", name);
        if (cell.outputShape() != Shape{*features})
            return fail(ErrorCode::InvalidInput, fmt::format("the cell gives {}, its state has {}: they must be the same", shapeText(cell.outputShape()), *features), name);
        const Cost cost = cell.cost();
        Layer layer;
        layer.name = name;
        layer.operation = "recurrent";
        layer.parameters = Parameters({{"hidden", hidden}, {"last", recurrent.lastOnly}});
        layer.inputs = {input};
        layer.output = recurrent.lastOnly ? Shape{*features} : Shape{sequence[0], *features};
        layer.cost = {cost.parameters, cost.flops * sequence[0]};
        layer.origin = node.id;
        layer.cell.push_back(std::move(cell));
        return push(std::move(layer));
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
            ARCHSCOPE_ASSIGN(Literal literal, resolve(value, key + "." + parameter, scope));
            given[parameter] = std::holds_alternative<Expression>(value) ? asComputed(std::move(literal), traits->descriptor().parameters, parameter) : std::move(literal);
        }
        ARCHSCOPE_ASSIGN(layer.parameters, completed(traits->descriptor().parameters, given, name));
        ARCHSCOPE_TRY(adjust(layer));
        const auto& descriptor = traits->descriptor();
        const auto connected = static_cast<int>(inputs.size());
        std::erase(inputs, absent);
        const auto count = static_cast<int>(inputs.size());
        if (connected < descriptor.minInputs || count > descriptor.maxInputs)
            return fail(ErrorCode::InvalidInput, fmt::format("'{}' cannot take {} inputs", operation.type, connected), name);
        if (count < descriptor.minInputs)
            return absent;
        std::vector<Shape> shapes;
        for (const int input : inputs)
            shapes.push_back(m_network.layers[static_cast<std::size_t>(input)].output);
        auto shape = traits->outputShape(shapes, layer.parameters);
        if (!shape)
            return fail(shape.error().within(name));
        layer.output = std::move(*shape);
        layer.cost = costOf(*traits, shapes, layer, m_space.countsBiases);
        layer.inputs = std::move(inputs);
        return push(std::move(layer));
    }

    /// The layer's place.
    virtual int push(Layer layer)
    {
        m_network.layers.push_back(std::move(layer));
        return static_cast<int>(m_network.layers.size()) - 1;
    }

    /// Last changes to a layer's parameters, before its shape is inferred.
    virtual Result<void> adjust(Layer&) { return {}; }

    virtual Result<double> answered(std::size_t decision)
    {
        if (!m_genotype.isActive(decision))
            return fail(ErrorCode::InvalidInput, "the genotype does not answer this decision", m_decisions.decisions()[decision].key);
        return m_genotype[decision];
    }

    Result<Literal> answer(const std::string& key)
    {
        const auto index = m_decisions.indexOf(key);
        if (!index)
            return fail(ErrorCode::InvalidInput, "the genotype does not answer this decision", key);
        ARCHSCOPE_ASSIGN(const double answer, answered(*index));
        return m_decisions.decisions()[*index].domain.at(answer);
    }

    Result<Literal> resolve(const ParameterValue& value, const std::string& key, const Scope& scope)
    {
        if (const auto* literal = std::get_if<Literal>(&value))
            return *literal;
        if (std::holds_alternative<Domain>(value))
            return answer(key);
        auto result = evaluateLiteral(std::get<Expression>(value), scope);
        if (!result)
            return fail(result.error().within(key));
        return std::move(*result);
    }

    /// Keeps the inputs and what `output` depends on, the output last.
    void prune(int output)
    {
        std::vector<Layer>& layers = m_network.layers;
        std::vector<bool> needed(layers.size(), false);
        for (std::size_t i = 0; i < layers.size() && layers[i].operation == "input"; ++i)
            needed[i] = true;
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

    const SearchSpace& m_space;
    const DecisionSpace& m_decisions;
    Genotype m_genotype;
    const OperationSet& m_operations;
    Scope m_rootScope;
    Network m_network;
    int m_visits = 0;
};

} // namespace archscope::network
