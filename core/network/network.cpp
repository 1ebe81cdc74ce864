#include "core/network/network.h"

#include "core/base/hash.h"

#include <algorithm>
#include <fmt/format.h>

namespace archscope::network {

Cost Network::cost() const
{
    Cost total;
    for (const Layer& layer : layers)
        total += layer.cost;
    return total;
}

std::string structuralHash(const Network& network)
{
    std::vector<std::string> hashes;
    for (const Layer& layer : network.layers) {
        std::vector<std::string> inputs;
        for (const int input : layer.inputs)
            inputs.push_back(hashes[static_cast<std::size_t>(input)]);
        if (layer.operation == "add" || layer.operation == "multiply")
            std::sort(inputs.begin(), inputs.end());
        Json content = {{"op", layer.operation}, {"inputs", inputs}};
        for (const auto& [name, value] : layer.parameters.values())
            content["parameters"][name] = space::literalToJson(value);
        if (layer.inputs.empty())
            content["shape"] = layer.output;
        hashes.push_back(hashHex(content.dump()));
    }
    return hashes.back();
}

Json networkToJson(const Network& network)
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
    }
    const Cost total = network.cost();
    return {{"format", "archscope.network"},
            {"version", networkFormatVersion},
            {"input", network.task.input},
            {"outputs", network.task.outputs},
            {"parameters", total.parameters},
            {"flops", total.flops},
            {"layers", std::move(layers)}};
}

namespace {
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
} // namespace

Result<Network> networkFromJson(const Json& document, const space::OperationSet& operations)
{
    ARCHSCOPE_TRY(checkFormat(document, "archscope.network", networkFormatVersion));
    const JsonReader reader(document);
    Network network;
    ARCHSCOPE_ASSIGN(const JsonReader input, reader.member("input"));
    ARCHSCOPE_ASSIGN(network.task.input, shapeFromJson(input));
    ARCHSCOPE_ASSIGN(network.task.outputs, reader.integer("outputs"));
    ARCHSCOPE_ASSIGN(const JsonReader layers, reader.member("layers"));
    ARCHSCOPE_TRY(layers.expectArray());
    if (layers.size() == 0)
        return layers.fail("a network needs at least its input layer");
    for (std::size_t i = 0; i < layers.size(); ++i) {
        ARCHSCOPE_ASSIGN(const JsonReader element, layers.element(i));
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
            shapes.push_back(network.layers[static_cast<std::size_t>(from)].output);
        }
        if ((i == 0) != (layer.operation == "input"))
            return element.fail("the first layer, and only the first, is 'input'");
        if (i == 0) {
            layer.output = network.task.input;
        } else {
            const space::OperationTraits* traits = operations.find(layer.operation);
            if (!traits)
                return element.fail(fmt::format("there is no operation '{}'", layer.operation));
            const auto& descriptor = traits->descriptor();
            if (static_cast<int>(shapes.size()) < descriptor.minInputs || static_cast<int>(shapes.size()) > descriptor.maxInputs)
                return element.fail(fmt::format("'{}' cannot have {} inputs", layer.operation, shapes.size()));
            std::map<std::string, space::Literal> given;
            if (element.has("parameters")) {
                ARCHSCOPE_ASSIGN(const JsonReader parameters, element.member("parameters"));
                ARCHSCOPE_TRY(parameters.expectObject());
                for (const auto& [name, value] : parameters.value().items()) {
                    ARCHSCOPE_ASSIGN(const JsonReader member, parameters.member(name));
                    ARCHSCOPE_ASSIGN(given[name], space::literalFromJson(member));
                }
            }
            auto parameters = space::completed(descriptor.parameters, given, layer.name);
            if (!parameters)
                return fail(parameters.error().within(element.place()));
            layer.parameters = std::move(*parameters);
            auto shape = traits->outputShape(shapes, layer.parameters);
            if (!shape)
                return fail(shape.error().within(element.place()));
            layer.output = std::move(*shape);
            layer.cost = traits->cost(shapes, layer.output, layer.parameters);
        }
        network.layers.push_back(std::move(layer));
    }
    return network;
}

} // namespace archscope::network
