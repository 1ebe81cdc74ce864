#include "core/export/onnx_file.h"

#include <cstring>
#include <exception>
#include <fmt/format.h>
#include <onnx/checker.h>
#include <onnx/onnx_pb.h>
#include <onnx/shape_inference/implementation.h>

namespace archscope::exporting {

namespace {

tl::unexpected<Error> malformed(std::string message, std::string place = {})
{
    return fail(ErrorCode::InvalidInput, std::move(message), std::move(place));
}

template <class Value> Result<OnnxTensor> tensorOf(const onnx::TensorProto& proto)
{
    OnnxTensor tensor;
    std::size_t count = 1;
    for (const std::int64_t size : proto.dims()) {
        tensor.shape.push_back(size);
        count *= static_cast<std::size_t>(size);
    }
    if (proto.raw_data().size() != count * sizeof(Value))
        return malformed("the initializer's data does not have the length of its shape", proto.name());
    std::vector<Value> values(count);
    std::memcpy(values.data(), proto.raw_data().data(), proto.raw_data().size());
    tensor.values = std::move(values);
    return tensor;
}

Result<OnnxNode> nodeOf(const onnx::NodeProto& proto)
{
    if (proto.output_size() != 1 || !proto.domain().empty())
        return malformed(
            fmt::format("the node '{}' is not of ONNX's own operators with one output", proto.op_type()), proto.name());
    OnnxNode node{ proto.name(), proto.op_type(), { proto.input().begin(), proto.input().end() }, proto.output(0), {} };
    for (const onnx::AttributeProto& attribute : proto.attribute()) {
        auto& value = node.attributes[attribute.name()];
        switch (attribute.type()) {
        case onnx::AttributeProto::INT:
            value = attribute.i();
            break;
        case onnx::AttributeProto::FLOAT:
            value = attribute.f();
            break;
        case onnx::AttributeProto::STRING:
            value = attribute.s();
            break;
        case onnx::AttributeProto::INTS:
            value = std::vector<std::int64_t>(attribute.ints().begin(), attribute.ints().end());
            break;
        case onnx::AttributeProto::STRINGS:
            value = std::vector<std::string>(attribute.strings().begin(), attribute.strings().end());
            break;
        default:
            return malformed(
                fmt::format("the attribute '{}' has a type that is not read here", attribute.name()), proto.name());
        }
    }
    return node;
}

Result<OnnxGraph> graphOf(const onnx::ModelProto& model)
{
    OnnxGraph graph;
    const onnx::GraphProto& proto = model.graph();
    if (proto.input_size() != 1 || proto.output_size() != 1)
        return malformed("the graph does not have one input and one output");
    graph.input = proto.input(0).name();
    graph.output = proto.output(0).name();
    const auto& shape = proto.input(0).type().tensor_type().shape();
    for (int i = 1; i < shape.dim_size(); ++i)
        graph.inputShape.push_back(shape.dim(i).dim_value());
    for (const onnx::TensorProto& initializer : proto.initializer()) {
        OnnxTensor& tensor = graph.initializers[initializer.name()];
        if (initializer.data_type() == onnx::TensorProto::FLOAT) {
            ARCHSCOPE_ASSIGN(tensor, tensorOf<float>(initializer));
        } else if (initializer.data_type() == onnx::TensorProto::INT64) {
            ARCHSCOPE_ASSIGN(tensor, tensorOf<std::int64_t>(initializer));
        } else {
            return malformed("the initializer is neither of floats nor of 64-bit integers", initializer.name());
        }
    }
    for (const onnx::NodeProto& node : proto.node()) {
        ARCHSCOPE_ASSIGN(OnnxNode read, nodeOf(node));
        graph.nodes.push_back(std::move(read));
    }
    for (const auto& property : model.metadata_props())
        graph.metadata[property.key()] = property.value();
    return graph;
}

} // namespace

Result<OnnxGraph> readOnnx(std::string_view bytes)
{
    try {
        onnx::ModelProto model;
        if (!model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
            return malformed("the bytes are no ONNX model");
        onnx::checker::check_model(model);
        onnx::shape_inference::InferShapes(model, onnx::OpSchemaRegistry::Instance(), { true, 1, true });
        return graphOf(model);
    } catch (const std::exception& exception) {
        return malformed(fmt::format("ONNX's checker refuses the model: {}", exception.what()));
    }
}

} // namespace archscope::exporting
