#include "core/export/import_graph.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <exception>
#include <fmt/format.h>
#include <limits>
#include <onnx/onnx_pb.h>
#include <onnx/shape_inference/implementation.h>
#include <set>

namespace archscope::exporting {

namespace {

using space::Shape;

constexpr int mostNodes = 20'000; ///< what still can be drawn and gone through
constexpr std::size_t mostNumbers = 4096; ///< of a constant that is looked into; weights have more and only a shape
constexpr int mostDimensions = 8;
constexpr std::int64_t mostElements = std::int64_t{ 1 } << 40;

tl::unexpected<Error> refused(std::string message, std::string place = {})
{
    return fail(ErrorCode::InvalidInput, std::move(message), std::move(place));
}

bool isOwnDomain(const std::string& domain)
{
    return domain.empty() || domain == "ai.onnx";
}

Result<std::int64_t> elementsOf(const Shape& shape, const std::string& place)
{
    std::int64_t count = 1;
    if (shape.size() > mostDimensions)
        return refused(fmt::format("the tensor has {} dimensions, more than {}", shape.size(), mostDimensions), place);
    for (const std::int64_t size : shape) {
        if (size < 0 || (size > 0 && count > mostElements / size))
            return refused("the tensor's size is negative or beyond all memory; the file is damaged", place);
        count *= size;
    }
    return count;
}

template <class Value, class Kept> void takeRaw(const std::string& bytes, std::int64_t count, std::vector<Kept>& into)
{
    if (bytes.size() != static_cast<std::size_t>(count) * sizeof(Value))
        return;
    for (std::int64_t i = 0; i < count; ++i) {
        Value value;
        std::memcpy(&value, bytes.data() + static_cast<std::size_t>(i) * sizeof(Value), sizeof(Value));
        into.push_back(static_cast<Kept>(value));
    }
}

/// Numbers that cannot be read leave the constant without them: then no rule that needs them applies.
Result<ImportConstant> constantOf(const onnx::TensorProto& proto)
{
    ImportConstant constant;
    constant.shape.assign(proto.dims().begin(), proto.dims().end());
    ARCHSCOPE_ASSIGN(const std::int64_t count, elementsOf(constant.shape, proto.name()));
    if (count > static_cast<std::int64_t>(mostNumbers))
        return constant;
    const bool isRaw = proto.has_raw_data();
    switch (proto.data_type()) {
    case onnx::TensorProto::FLOAT:
        if (isRaw)
            takeRaw<float>(proto.raw_data(), count, constant.reals);
        else
            constant.reals.assign(proto.float_data().begin(), proto.float_data().end());
        for (double& value : constant.reals)
            value = asWritten(static_cast<float>(value));
        break;
    case onnx::TensorProto::DOUBLE:
        if (isRaw)
            takeRaw<double>(proto.raw_data(), count, constant.reals);
        else
            constant.reals.assign(proto.double_data().begin(), proto.double_data().end());
        break;
    case onnx::TensorProto::INT64:
        if (isRaw)
            takeRaw<std::int64_t>(proto.raw_data(), count, constant.integers);
        else
            constant.integers.assign(proto.int64_data().begin(), proto.int64_data().end());
        break;
    case onnx::TensorProto::INT32:
        if (isRaw)
            takeRaw<std::int32_t>(proto.raw_data(), count, constant.integers);
        else
            constant.integers.assign(proto.int32_data().begin(), proto.int32_data().end());
        break;
    default:
        break;
    }
    if (constant.reals.size() + constant.integers.size() != static_cast<std::size_t>(count)) {
        constant.reals.clear();
        constant.integers.clear();
    }
    return constant;
}

void readAttributes(const onnx::NodeProto& proto, ImportNode& node)
{
    for (const onnx::AttributeProto& attribute : proto.attribute()) {
        switch (attribute.type()) {
        case onnx::AttributeProto::INT:
            node.attributes[attribute.name()] = static_cast<std::int64_t>(attribute.i());
            break;
        case onnx::AttributeProto::FLOAT:
            node.attributes[attribute.name()] = asWritten(attribute.f());
            break;
        case onnx::AttributeProto::STRING:
            node.attributes[attribute.name()] = attribute.s();
            break;
        case onnx::AttributeProto::INTS:
            node.attributes[attribute.name()] = std::vector<std::int64_t>(attribute.ints().begin(), attribute.ints().end());
            break;
        default:
            break;
        }
    }
}

/// What an operator makes of constants alone; unknown where it is none of those that exporters wrap weights in.
Result<ImportConstant> folded(const onnx::NodeProto& proto, const ImportNode& node, const ImportGraph& graph)
{
    const auto input = [&](std::size_t i) { return graph.constant(node.has(i) ? node.inputs[i] : std::string()); };
    const ImportConstant* first = input(0);
    ImportConstant unknown;
    unknown.known = false;
    unknown.trained = false;
    if (node.type == "Constant") {
        for (const onnx::AttributeProto& attribute : proto.attribute()) {
            if (attribute.name() == "value" && attribute.has_t())
                return constantOf(attribute.t());
            ImportConstant numbers;
            if (attribute.name() == "value_float" || attribute.name() == "value_int") {
                if (attribute.name() == "value_float")
                    numbers.reals = { asWritten(attribute.f()) };
                else
                    numbers.integers = { attribute.i() };
                return numbers;
            }
            if (attribute.name() == "value_ints" && attribute.ints_size() <= static_cast<int>(mostNumbers)) {
                numbers.integers.assign(attribute.ints().begin(), attribute.ints().end());
                numbers.shape = { attribute.ints_size() };
                return numbers;
            }
        }
        return unknown;
    }
    if (!first || !first->known)
        return unknown;
    ImportConstant result = *first;
    if (node.type == "Identity")
        return result;
    if (node.type == "Transpose") {
        std::vector<std::int64_t> order = node.integers("perm");
        const auto rank = static_cast<std::int64_t>(first->shape.size());
        if (order.empty())
            for (std::int64_t i = rank - 1; i >= 0; --i)
                order.push_back(i);
        std::vector<std::int64_t> sorted = order;
        std::ranges::sort(sorted);
        for (std::int64_t i = 0; i < static_cast<std::int64_t>(sorted.size()); ++i)
            if (sorted[static_cast<std::size_t>(i)] != i)
                return unknown;
        if (static_cast<std::int64_t>(order.size()) != rank)
            return unknown;
        for (std::size_t i = 0; i < order.size(); ++i)
            result.shape[i] = first->shape[static_cast<std::size_t>(order[i])];
        if (rank > 1) {
            result.reals.clear();
            result.integers.clear();
        }
        return result;
    }
    if (node.type == "Expand" || node.type == "ConstantOfShape") {
        const bool expands = node.type == "Expand";
        const ImportConstant* sizes = expands ? input(1) : first;
        const std::optional<double> value = expands ? first->scalar() : std::optional<double>(0);
        if (!sizes || sizes->integers.empty() || !value || (!expands && !proto.attribute().empty()))
            return unknown;
        ImportConstant filled;
        filled.shape.assign(sizes->integers.begin(), sizes->integers.end());
        ARCHSCOPE_TRY(elementsOf(filled.shape, node.name));
        filled.trained = false;
        filled.fill = value;
        return filled;
    }
    return unknown;
}

std::optional<Shape> shapeOf(const onnx::ValueInfoProto& value)
{
    if (!value.type().has_tensor_type() || !value.type().tensor_type().has_shape())
        return std::nullopt;
    const auto& proto = value.type().tensor_type().shape();
    Shape shape;
    for (int i = 1; i < proto.dim_size(); ++i) {
        if (!proto.dim(i).has_dim_value() || proto.dim(i).dim_value() < 1)
            return std::nullopt;
        shape.push_back(proto.dim(i).dim_value());
    }
    return proto.dim_size() > 0 && shape.size() <= mostDimensions && elementsOf(shape, {}) ? std::optional(shape) : std::nullopt;
}

/// The one input that is no initializer; its open sizes become those that are given.
Result<void> readInput(onnx::GraphProto& proto, const Shape& openSizes, ImportGraph& graph)
{
    onnx::ValueInfoProto* input = nullptr;
    std::string names;
    int inputs = 0;
    for (onnx::ValueInfoProto& value : *proto.mutable_input()) {
        if (graph.constants.contains(value.name()))
            continue; // files of old versions list their weights here
        input = &value;
        names += (inputs++ > 0 ? ", " : "") + value.name();
    }
    if (inputs != 1)
        return refused(inputs == 0 ? std::string("the model has no input, so there is nothing to classify")
                                   : fmt::format("the model has {} inputs ({}), and a space takes one; export the part that takes one", inputs,
                                         names.substr(0, 200)));
    graph.input = input->name();
    auto& tensor = *input->mutable_type()->mutable_tensor_type();
    const int dimensions = tensor.shape().dim_size();
    if (!input->type().has_tensor_type() || dimensions < 2 || dimensions > 4)
        return refused(fmt::format("the input has {} dimensions; the batch and then an image {{channels, height, width}}, a sequence {{length, "
                                   "features}} or a vector are needed",
                           dimensions),
            graph.input);
    if (!openSizes.empty() && openSizes.size() + 1 != static_cast<std::size_t>(dimensions))
        return refused(fmt::format("the input has {} dimensions behind the batch, not {}", dimensions - 1, openSizes.size()), graph.input);
    for (int i = 1; i < dimensions; ++i) {
        auto& dimension = *tensor.mutable_shape()->mutable_dim(i);
        const std::int64_t given = openSizes.empty() ? 0 : openSizes[static_cast<std::size_t>(i - 1)];
        if (!dimension.has_dim_value() || dimension.dim_value() < 1) {
            if (given < 1)
                return refused(fmt::format("the size of the input's dimension {}{} is open; say the input's sizes (--input on the command line), or "
                                           "export the model for one size",
                                   i, dimension.has_dim_param() && !dimension.dim_param().empty() ? fmt::format(" ('{}')", dimension.dim_param()) : ""),
                    graph.input);
            dimension.set_dim_value(given);
        } else if (given > 0 && given != dimension.dim_value()) {
            return refused(fmt::format("the model takes {} at dimension {}, not {}", dimension.dim_value(), i, given), graph.input);
        }
        graph.inputShape.push_back(dimension.dim_value());
    }
    ARCHSCOPE_TRY(elementsOf(graph.inputShape, graph.input));
    const auto type = tensor.elem_type();
    graph.tokens = dimensions == 2 && (type == onnx::TensorProto::INT64 || type == onnx::TensorProto::INT32);
    return {};
}

Result<void> readInitializers(onnx::GraphProto& proto, ImportGraph& graph)
{
    bool external = false;
    for (onnx::TensorProto& initializer : *proto.mutable_initializer()) {
        external = external || initializer.data_location() == onnx::TensorProto::EXTERNAL;
        ARCHSCOPE_ASSIGN(graph.constants[initializer.name()], constantOf(initializer));
        if (initializer.raw_data().size() > mostNumbers * sizeof(double))
            initializer.clear_raw_data(); // only the shape counts from here on
    }
    if (external)
        graph.notes.emplace_back("The weights lie in other files; they were not needed, as only their shapes are taken over.");
    return {};
}

Result<void> readNodes(const onnx::GraphProto& proto, ImportGraph& graph)
{
    std::set<std::string> defined{ graph.input };
    for (const auto& [name, constant] : graph.constants)
        defined.insert(name);
    int subgraphs = 0;
    for (const onnx::NodeProto& source : proto.node()) {
        ImportNode node;
        node.name = source.name();
        node.type = isOwnDomain(source.domain()) ? source.op_type() : source.domain() + "." + source.op_type();
        node.inputs.assign(source.input().begin(), source.input().end());
        node.outputs.assign(source.output().begin(), source.output().end());
        const std::string place = node.name.empty() ? node.type : node.name;
        bool constant = true;
        for (const std::string& input : node.inputs) {
            if (!input.empty() && !defined.contains(input))
                return refused(fmt::format("the node reads '{}', which nothing before it writes; the file is damaged", input), place);
            constant = constant && (input.empty() || graph.constants.contains(input));
        }
        for (const std::string& output : node.outputs) {
            if (!output.empty() && !defined.insert(output).second)
                return refused(fmt::format("'{}' is written twice; the file is damaged", output), place);
        }
        readAttributes(source, node);
        for (const onnx::AttributeProto& attribute : source.attribute())
            subgraphs += attribute.type() == onnx::AttributeProto::GRAPH ? 1 : 0;
        if (!constant) {
            graph.nodes.push_back(std::move(node));
            continue;
        }
        ARCHSCOPE_ASSIGN(const ImportConstant value, folded(source, node, graph));
        for (const std::string& output : node.outputs)
            graph.constants[output] = value;
    }
    if (subgraphs > 0)
        graph.notes.push_back(fmt::format("{} {} a graph inside (a loop or a condition), which is not drawn.", subgraphs,
            subgraphs == 1 ? "operator has" : "operators have"));
    if (!defined.contains(graph.output))
        return refused("nothing writes the model's output; the file is damaged", graph.output);
    return {};
}

/// Where the library cannot infer, shapes stay unknown: that is no reason to refuse a model.
void inferShapes(onnx::ModelProto& model, ImportGraph& graph)
{
    model.clear_functions(); // their calls can multiply without bound; calls of them are boxes
    try {
        onnx::shape_inference::InferShapes(model, onnx::OpSchemaRegistry::Instance(), { false, 0, true });
    } catch (const std::exception&) {
        graph.notes.emplace_back("ONNX's library could not infer all shapes.");
    }
    const auto take = [&graph](const onnx::ValueInfoProto& value) {
        if (const auto shape = shapeOf(value))
            graph.shapes[value.name()] = *shape;
    };
    for (const onnx::ValueInfoProto& value : model.graph().value_info())
        take(value);
    for (const onnx::ValueInfoProto& value : model.graph().output())
        take(value);
}

} // namespace

double asWritten(float number)
{
    char text[32];
    const auto [end, error] = std::to_chars(text, text + sizeof(text), number);
    double value = static_cast<double>(number);
    if (error == std::errc())
        std::from_chars(text, end, value);
    return value;
}

std::optional<double> ImportConstant::scalar() const
{
    if (fill && shape.empty())
        return fill;
    if (reals.size() == 1)
        return reals.front();
    if (integers.size() == 1)
        return static_cast<double>(integers.front());
    return std::nullopt;
}

std::int64_t ImportNode::integer(const std::string& attribute, std::int64_t fallback) const
{
    const auto found = attributes.find(attribute);
    const auto* value = found == attributes.end() ? nullptr : std::get_if<std::int64_t>(&found->second);
    return value ? *value : fallback;
}

double ImportNode::real(const std::string& attribute, double fallback) const
{
    const auto found = attributes.find(attribute);
    const auto* value = found == attributes.end() ? nullptr : std::get_if<double>(&found->second);
    return value ? *value : fallback;
}

std::string ImportNode::text(const std::string& attribute, const std::string& fallback) const
{
    const auto found = attributes.find(attribute);
    const auto* value = found == attributes.end() ? nullptr : std::get_if<std::string>(&found->second);
    return value ? *value : fallback;
}

std::vector<std::int64_t> ImportNode::integers(const std::string& attribute) const
{
    const auto found = attributes.find(attribute);
    const auto* value = found == attributes.end() ? nullptr : std::get_if<std::vector<std::int64_t>>(&found->second);
    return value ? *value : std::vector<std::int64_t>();
}

const ImportConstant* ImportGraph::constant(const std::string& value) const
{
    const auto found = constants.find(value);
    return found == constants.end() ? nullptr : &found->second;
}

Result<ImportGraph> readForImport(std::string_view bytes, const Shape& openSizes)
{
    if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()))
        return refused("the file is larger than 2 GB, the most that one ONNX file holds");
    try {
        onnx::ModelProto model;
        if (!model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
            return refused("this is no ONNX model; choose a file that a framework exported as .onnx");
        onnx::GraphProto& proto = *model.mutable_graph();
        if (proto.node_size() == 0 || proto.output_size() == 0)
            return refused("there is no graph with nodes and an output in this file; choose a file that a framework exported as .onnx");
        if (proto.node_size() > mostNodes)
            return refused(fmt::format("the model has {} nodes, and {} can be drawn; simplify it, or export a part", proto.node_size(), mostNodes));
        ImportGraph graph;
        graph.name = proto.name();
        graph.output = proto.output(0).name();
        if (proto.output_size() > 1)
            graph.notes.push_back(fmt::format("The model has {} outputs; the first, '{}', is the space's.", proto.output_size(), graph.output));
        ARCHSCOPE_TRY(readInitializers(proto, graph));
        ARCHSCOPE_TRY(readInput(proto, openSizes, graph));
        ARCHSCOPE_TRY(readNodes(proto, graph));
        inferShapes(model, graph);
        return graph;
    } catch (const std::exception& exception) {
        return refused(fmt::format("the ONNX library cannot read the model: {}", exception.what()));
    }
}

} // namespace archscope::exporting
