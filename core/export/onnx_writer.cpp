#include "core/export/onnx_file.h"
#include "core/ops/operation.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <limits>
#include <onnx/onnx_pb.h>
#include <optional>
#include <set>

namespace archscope::exporting {

namespace {

static_assert(std::endian::native == std::endian::little, "raw tensor data is little-endian");

constexpr std::int64_t opset = 17;
constexpr std::int64_t irVersion = 8; ///< of ONNX 1.10 to 1.13: the first with opset 17 is 1.12
constexpr const char* inputName = "input";
constexpr const char* outputName = "logits";

/// Writes the nodes of one layer after another into a graph. An operation cannot be told that something is wrong: the first
/// error is kept, and the graph is then of no use.
class GraphEmitter final : public ops::OnnxEmitter {
public:
    GraphEmitter(onnx::GraphProto& graph, const model::Weights& weights)
        : m_graph(graph)
        , m_weights(weights)
    {
    }

    void beginLayer(const std::string& name) { m_layer = name; }
    const std::optional<Error>& error() const { return m_error; }

    std::string node(
        const std::string& type, std::vector<std::string> inputs, std::vector<ops::OnnxAttribute> attributes) override
    {
        onnx::NodeProto& node = *m_graph.add_node();
        const std::string name = fresh(m_layer + "/" + type);
        node.set_name(name);
        node.set_op_type(type);
        for (const std::string& input : inputs)
            node.add_input(input);
        node.add_output(name);
        for (const ops::OnnxAttribute& attribute : attributes)
            add(*node.add_attribute(), attribute);
        return name;
    }

    std::string weight(const std::string& tensorName) override
    {
        const std::string name = m_layer + "." + tensorName;
        if (!m_names.insert(name).second)
            return name;
        const auto found = m_weights.find(name);
        if (found == m_weights.end()) {
            refuse("the trained weights have no tensor of this name; retrain the network and export it again", name);
            return name;
        }
        const model::WeightTensor& tensor = found->second;
        std::int64_t count = 1;
        for (const std::int64_t size : tensor.shape)
            count *= size;
        if (count != static_cast<std::int64_t>(tensor.values.size()))
            refuse(fmt::format("its shape {} needs {} values, but it has {}", space::shapeText(tensor.shape), count,
                       tensor.values.size()),
                name);
        else if (!std::ranges::all_of(tensor.values, [](float value) { return std::isfinite(value); }))
            refuse("the weight holds a value that is not a finite number; retrain the network", name);
        else
            addInitializer(name, onnx::TensorProto::FLOAT, tensor.shape, tensor.values);
        return name;
    }

    std::string integers(const std::vector<std::int64_t>& values) override
    {
        const std::string name = fmt::format("integers_{}", fmt::join(values, "_"));
        if (m_names.insert(name).second)
            addInitializer(name, onnx::TensorProto::INT64, { static_cast<std::int64_t>(values.size()) }, values);
        return name;
    }

    std::string reals(const std::vector<double>& values) override
    {
        const std::string name = fmt::format("reals_{}", fmt::join(values, "_"));
        if (m_names.insert(name).second)
            addInitializer(name, onnx::TensorProto::FLOAT, { static_cast<std::int64_t>(values.size()) },
                std::vector<float>(values.begin(), values.end()));
        return name;
    }

    std::string scalar(double value) override
    {
        const std::string name = fmt::format("scalar_{}", value);
        if (m_names.insert(name).second)
            addInitializer(name, onnx::TensorProto::FLOAT, {}, std::vector{ static_cast<float>(value) });
        return name;
    }

    /// Gives `value` the name of the graph's output.
    void makeOutput(const std::string& value)
    {
        const bool isNode
            = std::ranges::any_of(m_graph.node(), [&](const onnx::NodeProto& node) { return node.output(0) == value; });
        const std::string source = isNode ? value : node("Identity", { value }, {});
        for (onnx::NodeProto& node : *m_graph.mutable_node()) {
            std::ranges::replace(*node.mutable_input(), source, std::string(outputName));
            std::ranges::replace(*node.mutable_output(), source, std::string(outputName));
        }
    }

private:
    std::string fresh(const std::string& wanted)
    {
        std::string name = wanted;
        for (int i = 2; !m_names.insert(name).second; ++i)
            name = fmt::format("{}_{}", wanted, i);
        return name;
    }

    void refuse(std::string message, std::string place)
    {
        if (!m_error)
            m_error = Error{ ErrorCode::InvalidInput, std::move(message), std::move(place) };
    }

    template <class Value>
    void addInitializer(const std::string& name, onnx::TensorProto::DataType type, const std::vector<std::int64_t>& shape,
        const std::vector<Value>& values)
    {
        onnx::TensorProto& tensor = *m_graph.add_initializer();
        tensor.set_name(name);
        tensor.set_data_type(type);
        for (const std::int64_t size : shape)
            tensor.add_dims(size);
        tensor.set_raw_data(values.data(), values.size() * sizeof(Value));
    }

    static void add(onnx::AttributeProto& proto, const ops::OnnxAttribute& attribute)
    {
        proto.set_name(attribute.name);
        if (const auto* integer = std::get_if<std::int64_t>(&attribute.value)) {
            proto.set_type(onnx::AttributeProto::INT);
            proto.set_i(*integer);
        } else if (const auto* real = std::get_if<double>(&attribute.value)) {
            proto.set_type(onnx::AttributeProto::FLOAT);
            proto.set_f(static_cast<float>(*real));
        } else if (const auto* text = std::get_if<std::string>(&attribute.value)) {
            proto.set_type(onnx::AttributeProto::STRING);
            proto.set_s(*text);
        } else if (const auto* texts = std::get_if<std::vector<std::string>>(&attribute.value)) {
            proto.set_type(onnx::AttributeProto::STRINGS);
            for (const std::string& value : *texts)
                proto.add_strings(value);
        } else {
            proto.set_type(onnx::AttributeProto::INTS);
            for (const std::int64_t value : std::get<std::vector<std::int64_t>>(attribute.value))
                proto.add_ints(value);
        }
    }

    onnx::GraphProto& m_graph;
    const model::Weights& m_weights;
    std::string m_layer;
    std::set<std::string> m_names{ inputName, outputName };
    std::optional<Error> m_error;
};

void describe(onnx::ValueInfoProto& value, const char* name, const space::Shape& shape)
{
    value.set_name(name);
    auto& tensor = *value.mutable_type()->mutable_tensor_type();
    tensor.set_elem_type(onnx::TensorProto::FLOAT);
    tensor.mutable_shape()->add_dim()->set_dim_param("N");
    for (const std::int64_t size : shape)
        tensor.mutable_shape()->add_dim()->set_dim_value(size);
}

Result<std::string> emitLayers(GraphEmitter& emitter, const network::Network& network, const space::OperationSet& operations,
    const std::vector<std::string>& inputs);

/// A cell unrolled over time: its nodes once a step, its weights once in all. The state starts from zeros for as many samples as
/// there are.
Result<std::string> emitRecurrent(GraphEmitter& emitter, const network::Layer& layer, const std::string& sequence,
    const space::Shape& shape, const space::OperationSet& operations)
{
    const network::Network& cell = layer.cell.front();
    const std::int64_t hidden = layer.parameters.integer("hidden");
    std::string state;
    std::vector<std::string> states;
    for (std::int64_t step = 0; step < shape[0]; ++step) {
        emitter.beginLayer(layer.name);
        const std::string slice = emitter.node("Slice",
            { sequence, emitter.integers({ step }), emitter.integers({ step + 1 }), emitter.integers({ 1 }) }, {});
        const std::string now = emitter.node("Reshape", { slice, emitter.integers({ -1, shape[1] }) }, {});
        if (state.empty()) {
            const std::vector<double> none(static_cast<std::size_t>(shape[1]), 0.0);
            const std::string zero = emitter.node("MatMul", { now, emitter.reals(none) }, {});
            const std::string column = emitter.node("Reshape", { zero, emitter.integers({ -1, 1 }) }, {});
            state = emitter.node("Add", { column, emitter.reals(std::vector<double>(static_cast<std::size_t>(hidden), 0.0)) }, {});
        }
        ARCHSCOPE_ASSIGN(state, emitLayers(emitter, cell, operations, { now, state }));
        emitter.beginLayer(layer.name);
        if (!layer.parameters.boolean("last"))
            states.push_back(emitter.node("Reshape", { state, emitter.integers({ -1, 1, hidden }) }, {}));
    }
    return states.empty() ? state : emitter.node("Concat", states, { { "axis", std::int64_t{ 1 } } });
}

/// Emits all layers; returns the name of the last one's output.
Result<std::string> emitLayers(GraphEmitter& emitter, const network::Network& network, const space::OperationSet& operations,
    const std::vector<std::string>& networkInputs)
{
    std::vector<std::string> values;
    for (const network::Layer& layer : network.layers) {
        if (values.size() < networkInputs.size()) {
            values.push_back(networkInputs[values.size()]);
            continue;
        }
        std::vector<std::string> inputs;
        std::vector<space::Shape> shapes;
        for (const int from : layer.inputs) {
            if (from < 0 || from >= static_cast<int>(values.size()))
                return fail(ErrorCode::InvalidInput, fmt::format("its input {} is no earlier layer", from), layer.name);
            inputs.push_back(values[static_cast<std::size_t>(from)]);
            shapes.push_back(network.layers[static_cast<std::size_t>(from)].output);
        }
        if (!layer.cell.empty()) {
            ARCHSCOPE_ASSIGN(std::string output, emitRecurrent(emitter, layer, inputs.front(), shapes.front(), operations));
            values.push_back(std::move(output));
            continue;
        }
        const auto* operation = dynamic_cast<const ops::Operation*>(operations.find(layer.operation));
        if (!operation)
            return fail(ErrorCode::Unsupported,
                fmt::format("there is no operation '{}' that could be written to ONNX", layer.operation), layer.name);
        emitter.beginLayer(layer.name);
        values.push_back(operation->emitOnnx(emitter, inputs, shapes, layer.parameters));
        if (emitter.error())
            return fail(*emitter.error());
    }
    return values.back();
}

} // namespace

Result<std::string> writeOnnx(const network::Network& network, const space::OperationSet& operations,
    const model::Weights& weights, const std::map<std::string, std::string>& metadata)
{
    if (network.layers.empty())
        return fail(ErrorCode::InvalidInput, "the network has no layers, so there is nothing to export");
    onnx::ModelProto model;
    model.set_ir_version(irVersion);
    model.set_producer_name("archscope");
    model.add_opset_import()->set_version(opset);
    for (const auto& [key, value] : metadata) {
        auto& property = *model.add_metadata_props();
        property.set_key(key);
        property.set_value(value);
    }

    onnx::GraphProto& graph = *model.mutable_graph();
    graph.set_name("network");
    GraphEmitter emitter(graph, weights);
    ARCHSCOPE_ASSIGN(const std::string last, emitLayers(emitter, network, operations, { inputName }));
    emitter.makeOutput(last);
    describe(*graph.add_input(), inputName, network.task.input);
    graph.mutable_input(0)->set_doc_string(
        "(value - normalisation_mean) / normalisation_deviation, as the metadata say; batch first");
    describe(*graph.add_output(), outputName, network.outputShape());
    graph.mutable_output(0)->set_doc_string("one number a class, before softmax");

    const std::size_t size = model.ByteSizeLong();
    if (size > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()))
        return fail(ErrorCode::Unsupported, "the network takes more than 2 GB, the most that one ONNX file holds");
    return model.SerializeAsString();
}

} // namespace archscope::exporting
