#include "core/network/network.h"

#include <fmt/format.h>
#include <functional>
#include <numeric>

namespace archscope::network {

bool Layer::operator==(const Layer& other) const
{
    return name == other.name && operation == other.operation && parameters == other.parameters && inputs == other.inputs
        && output == other.output && cost == other.cost && origin == other.origin && cell == other.cell;
}

Cost Network::cost() const
{
    Cost total;
    for (const Layer& layer : layers)
        total += layer.cost;
    return total;
}

Cost costOf(const space::OperationTraits& traits, std::span<const Shape> inputs, const Layer& layer, bool countsBiases)
{
    Cost cost = traits.cost(inputs, layer.output, layer.parameters);
    if (countsBiases && layer.parameters.values().contains("bias") && layer.parameters.boolean("bias"))
        cost.flops += std::accumulate(layer.output.begin(), layer.output.end(), std::int64_t{1}, std::multiplies<>());
    return cost;
}

namespace {
Json layersToJson(const Network& network)
{
    Json layers = Json::array();
    for (const Layer& layer : network.layers) {
        Json parameters = Json::object();
        for (const auto& [name, value] : layer.parameters.values())
            parameters[name] = space::literalToJson(value);
        layers.push_back({{"name", layer.name},
                          {"op", layer.operation},
                          {"parameters", std::move(parameters)},
                          {"inputs", layer.inputs},
                          {"output", layer.output},
                          {"cost", {{"parameters", layer.cost.parameters}, {"flops", layer.cost.flops}}}});
        for (const Network& cell : layer.cell)
            layers.back()["cell"] = layersToJson(cell);
    }
    return layers;
}

Result<Shape> shapeFromJson(const JsonReader& reader)
{
    ARCHSCOPE_TRY(reader.expectArray());
    Shape shape;
    for (std::size_t i = 0; i < reader.size(); ++i) {
        ARCHSCOPE_ASSIGN(const JsonReader element, reader.element(i));
        ARCHSCOPE_ASSIGN(const std::int64_t size, element.integer());
        if (size < 1 || size > (std::int64_t{1} << 31))
            return element.fail("a dimension must be at least 1");
        shape.push_back(size);
    }
    if (shape.size() > 8)
        return reader.fail("a shape has at most 8 dimensions");
    return shape;
}

Result<std::map<std::string, space::Literal>> givenFromJson(const JsonReader& element)
{
    std::map<std::string, space::Literal> given;
    if (!element.has("parameters"))
        return given;
    ARCHSCOPE_ASSIGN(const JsonReader parameters, element.member("parameters"));
    ARCHSCOPE_TRY(parameters.expectObject());
    for (const auto& [name, value] : parameters.value().items()) {
        ARCHSCOPE_ASSIGN(const JsonReader member, parameters.member(name));
        ARCHSCOPE_ASSIGN(given[name], space::literalFromJson(member));
    }
    return given;
}

/// Reads the layers of a network or of a cell whose inputs have the given shapes.
class LayerReader {
public:
    LayerReader(const space::OperationSet& operations, std::vector<Shape> inputs, bool countsBiases)
        : m_operations(operations), m_inputs(std::move(inputs)), m_countsBiases(countsBiases)
    {
    }

    Result<std::vector<Layer>> read(const JsonReader& layers)
    {
        ARCHSCOPE_TRY(layers.expectArray());
        if (layers.size() < m_inputs.size())
            return layers.fail(fmt::format("a network needs at least its input layer{}", m_inputs.size() > 1 ? "s" : ""));
        for (std::size_t i = 0; i < layers.size(); ++i) {
            ARCHSCOPE_ASSIGN(const JsonReader element, layers.element(i));
            ARCHSCOPE_ASSIGN(Layer layer, this->layer(element, i));
            m_layers.push_back(std::move(layer));
        }
        return std::move(m_layers);
    }

private:
    Result<Layer> layer(const JsonReader& element, std::size_t i)
    {
        Layer layer;
        ARCHSCOPE_ASSIGN(layer.name, element.string("name"));
        ARCHSCOPE_ASSIGN(layer.operation, element.string("op"));
        ARCHSCOPE_ASSIGN(const JsonReader inputs, element.member("inputs"));
        ARCHSCOPE_TRY(inputs.expectArray());
        std::vector<Shape> shapes;
        for (std::size_t k = 0; k < inputs.size(); ++k) {
            ARCHSCOPE_ASSIGN(const JsonReader index, inputs.element(k));
            ARCHSCOPE_ASSIGN(const std::int64_t from, index.integer());
            if (from < 0 || from >= static_cast<std::int64_t>(i))
                return index.fail("a layer's input must be an earlier layer");
            layer.inputs.push_back(static_cast<int>(from));
            shapes.push_back(m_layers[static_cast<std::size_t>(from)].output);
        }
        if ((i < m_inputs.size()) != (layer.operation == "input"))
            return element.fail(m_inputs.size() == 1 ? "the first layer, and only the first, is 'input'" : "the first two layers of a cell, and only these, are 'input'");
        if (i < m_inputs.size()) {
            layer.output = m_inputs[i];
            return layer;
        }
        ARCHSCOPE_ASSIGN(const auto given, givenFromJson(element));
        if (layer.operation == "recurrent") {
            ARCHSCOPE_TRY(recurrent(layer, element, given, shapes));
            return layer;
        }
        const space::OperationTraits* traits = m_operations.find(layer.operation);
        if (!traits)
            return element.fail(fmt::format("there is no operation '{}'", layer.operation));
        const auto& descriptor = traits->descriptor();
        if (static_cast<int>(shapes.size()) < descriptor.minInputs || static_cast<int>(shapes.size()) > descriptor.maxInputs)
            return element.fail(fmt::format("'{}' cannot have {} inputs", layer.operation, shapes.size()));
        auto parameters = space::completed(descriptor.parameters, given, layer.name);
        if (!parameters)
            return fail(parameters.error().within(element.place()));
        layer.parameters = std::move(*parameters);
        auto shape = traits->outputShape(shapes, layer.parameters);
        if (!shape)
            return fail(shape.error().within(element.place()));
        layer.output = std::move(*shape);
        layer.cost = costOf(*traits, shapes, layer, m_countsBiases);
        return layer;
    }

    Result<void> recurrent(Layer& layer, const JsonReader& element, const std::map<std::string, space::Literal>& given, const std::vector<Shape>& shapes)
    {
        using space::ParameterDescriptor;
        static const std::vector<ParameterDescriptor> descriptors = {
            ParameterDescriptor::integer("hidden", 64, 1, 65536, "Features of the state."),
            ParameterDescriptor::boolean("last", false, "Only the last state."),
        };
        auto parameters = space::completed(descriptors, given, layer.name);
        if (!parameters)
            return fail(parameters.error().within(element.place()));
        layer.parameters = std::move(*parameters);
        if (shapes.size() != 1 || shapes.front().size() != 2)
            return element.fail("a recurrent layer takes one sequence");
        const std::int64_t length = shapes.front()[0];
        const std::int64_t hidden = layer.parameters.integer("hidden");
        ARCHSCOPE_ASSIGN(const JsonReader cellReader, element.member("cell"));
        Network cell;
        cell.task.input = {shapes.front()[1]};
        cell.task.outputs = hidden;
        cell.countsBiases = m_countsBiases;
        ARCHSCOPE_ASSIGN(cell.layers, LayerReader(m_operations, {cell.task.input, Shape{hidden}}, m_countsBiases).read(cellReader));
        if (cell.outputShape() != Shape{hidden})
            return cellReader.fail(fmt::format("the cell gives {}, its state has {}", space::shapeText(cell.outputShape()), hidden));
        layer.output = layer.parameters.boolean("last") ? Shape{hidden} : Shape{length, hidden};
        const Cost cost = cell.cost();
        layer.cost = {cost.parameters, cost.flops * length};
        layer.cell.push_back(std::move(cell));
        return {};
    }

    const space::OperationSet& m_operations;
    std::vector<Shape> m_inputs;
    bool m_countsBiases;
    std::vector<Layer> m_layers;
};
} // namespace

Json networkToJson(const Network& network)
{
    const Cost total = network.cost();
    Json json = {{"format", "archscope.network"},
                 {"version", networkFormatVersion},
                 {"input", network.task.input},
                 {"outputs", network.task.outputs},
                 {"parameters", total.parameters},
                 {"flops", total.flops},
                 {"layers", layersToJson(network)}};
    if (network.task.vocabulary != 0)
        json["vocabulary"] = network.task.vocabulary;
    if (network.task.eachStep)
        json["each_step"] = true;
    if (network.countsBiases)
        json["count_biases"] = true;
    return json;
}

Result<Network> networkFromJson(const Json& document, const space::OperationSet& operations)
{
    ARCHSCOPE_TRY(checkFormat(document, "archscope.network", networkFormatVersion));
    const JsonReader reader(document);
    Network network;
    ARCHSCOPE_ASSIGN(const JsonReader input, reader.member("input"));
    ARCHSCOPE_ASSIGN(network.task.input, shapeFromJson(input));
    ARCHSCOPE_ASSIGN(network.task.outputs, reader.integer("outputs"));
    ARCHSCOPE_ASSIGN(network.task.vocabulary, reader.integerOr("vocabulary", 0));
    ARCHSCOPE_ASSIGN(network.task.eachStep, reader.booleanOr("each_step", false));
    ARCHSCOPE_ASSIGN(network.countsBiases, reader.booleanOr("count_biases", false));
    ARCHSCOPE_ASSIGN(const JsonReader layers, reader.member("layers"));
    ARCHSCOPE_ASSIGN(network.layers, LayerReader(operations, {network.task.input}, network.countsBiases).read(layers));
    return network;
}

} // namespace archscope::network
