#include "core/export/onnx_import.h"

#include "core/base/files.h"
#include "core/base/text.h"
#include "core/export/import_window.h"
#include "core/ops/described_operation.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <set>
#include <string_view>

namespace archscope::exporting {

namespace {

using space::Literal;
using space::NodeId;
using space::Shape;
using Settings = std::map<std::string, Literal>;
using Int = std::int64_t;

constexpr std::size_t longestName = 80;

/// Why an operator becomes a box.
tl::unexpected<Error> unfit(std::string reason)
{
    return fail(ErrorCode::Unsupported, std::move(reason));
}

/// Letters, digits and what keeps them apart: legal as a node's name and in any file.
std::string legal(std::string_view text, std::string_view alsoKept = {})
{
    std::string result;
    for (const char c : text) {
        const bool kept = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-'
            || alsoKept.find(c) != std::string_view::npos;
        if (kept)
            result += c;
        else if (!result.empty() && result.back() != '-')
            result += '-';
    }
    while (!result.empty() && result.back() == '-')
        result.pop_back();
    return result.size() > longestName ? result.substr(result.size() - longestName) : result;
}

/// What an operator's output is in the drawing.
struct Value {
    /// `Pooled`: {channels} there, {channels, 1, 1} in the file. `Padded`: without zeros around it that the file puts there.
    enum class View { Plain, Pooled, Padded };
    NodeId node;
    std::optional<Shape> shape; ///< in the drawing
    View view = View::Plain;
    Edges edges{}; ///< of `Padded`
    const ImportNode* pad = nullptr; ///< of `Padded`
};

class Importer {
public:
    Importer(const ImportGraph& graph, const space::OperationSet& operations)
        : m_graph(graph)
        , m_operations(operations)
    {
        for (const ImportNode& node : graph.nodes)
            for (const std::string& input : node.inputs)
                m_readers[input].push_back(&node);
    }

    Result<ImportedSpace> run()
    {
        m_result.notes = m_graph.notes;
        m_names = { "input", "output" };
        m_values[m_graph.input] = { addNode("input", space::Input{}), m_graph.inputShape };
        for (const ImportNode& node : m_graph.nodes)
            read(node);
        const auto last = m_values.find(m_graph.output);
        if (last == m_values.end())
            return fail(ErrorCode::InvalidInput, "the output does not depend on the input, so there is no network in this model", m_graph.output);
        const Value output = plain(m_graph.output);
        const NodeId end = addNode("output", space::Output{});
        connect({ output.node }, end);
        describeTask(output);
        prune(end);
        tellBoxes();
        return std::move(m_result);
    }

private:
    using Rule = Result<Value> (Importer::*)(const ImportNode&);

    // --- the drawing -----------------------------------------------------------------------------------------------

    space::Block& root() { return m_result.space.root; }

    NodeId addNode(std::string name, space::NodeBody body)
    {
        const NodeId id(++m_lastId);
        space::Node node;
        node.id = id;
        node.name = std::move(name);
        node.body = std::move(body);
        root().nodes.push_back(std::move(node));
        return id;
    }

    void connect(const std::vector<NodeId>& inputs, NodeId to)
    {
        for (std::size_t i = 0; i < inputs.size(); ++i)
            root().edges.push_back({ inputs[i], to, static_cast<int>(i) });
    }

    std::string nameFor(const ImportNode& node)
    {
        std::string source = node.name.empty() && !node.outputs.empty() ? node.outputs.front() : node.name;
        // Exporters write the path of a module and behind it the operator: the path says more.
        if (const auto slash = source.rfind('/'); slash != std::string::npos && slash > 0 && source.substr(slash + 1).starts_with(node.type))
            source.resize(slash);
        std::string wanted = legal(source);
        if (wanted.empty())
            wanted = legal(node.type);
        if (wanted.empty())
            wanted = "node";
        std::string name = wanted;
        for (int& i = m_nameCounts.try_emplace(wanted, 1).first->second; !m_names.insert(name).second;)
            name = fmt::format("{}-{}", wanted, ++i);
        return name;
    }

    std::optional<Shape> inferred(const ImportNode& node) const
    {
        const auto found = node.outputs.empty() ? m_graph.shapes.end() : m_graph.shapes.find(node.outputs.front());
        return found == m_graph.shapes.end() ? std::nullopt : std::optional(found->second);
    }

    /// A node of the catalog, if the settings and the shapes are such that it can be one.
    Result<Value> operation(const ImportNode& node, const std::string& type, const Settings& settings, const std::vector<Value>& inputs)
    {
        const space::OperationTraits* traits = m_operations.find(type);
        if (!traits)
            return unfit(fmt::format("there is no operation '{}' here", type));
        const auto& descriptor = traits->descriptor();
        ARCHSCOPE_ASSIGN(const space::Parameters parameters, space::completed(descriptor.parameters, settings, type));
        const auto count = static_cast<int>(inputs.size());
        if (count < descriptor.minInputs || count > descriptor.maxInputs)
            return unfit(fmt::format("'{}' does not take {} inputs", type, count));
        std::vector<Shape> shapes;
        std::vector<NodeId> from;
        for (const Value& input : inputs) {
            from.push_back(input.node);
            if (input.shape)
                shapes.push_back(*input.shape);
        }
        Value value;
        value.shape = inferred(node);
        if (shapes.size() == inputs.size()) {
            ARCHSCOPE_ASSIGN(value.shape, traits->outputShape(shapes, parameters));
        }
        space::Operation body{ type, {} };
        for (const auto& [name, literal] : settings)
            body.parameters[name] = literal;
        value.node = addNode(nameFor(node), std::move(body));
        connect(from, value.node);
        return value;
    }

    /// The value as the file has it.
    Value plain(const std::string& name)
    {
        const Value value = m_values.at(name);
        if (value.view == Value::View::Plain)
            return value;
        Value whole;
        if (value.view == Value::View::Padded) {
            whole = box(*value.pad, 0, { value.node }, "only zeros around an image that a convolution or a pooling reads are taken over");
        } else {
            whole = value;
            whole.view = Value::View::Plain;
            const ImportNode naming{ "as-image", {}, {}, {}, {}, {}, {} };
            const std::string sizes = value.shape ? fmt::format("{},1,1", value.shape->front()) : std::string("-1,1,1");
            if (auto image = operation(naming, "reshape", { { "shape", sizes } }, { value }))
                whole = *image;
        }
        m_values[name] = whole;
        return whole;
    }

    Value box(const ImportNode& node, std::size_t output, const std::vector<NodeId>& inputs, const std::string& reason)
    {
        space::Operation body{ "onnx:" + legal(node.type, "."), {} };
        for (const auto& [name, attribute] : node.attributes) {
            if (legal(name) != name)
                continue;
            if (const auto* integer = std::get_if<Int>(&attribute))
                body.parameters[name] = Literal{ *integer };
            else if (const auto* real = std::get_if<double>(&attribute); real && std::isfinite(*real))
                body.parameters[name] = Literal{ *real };
            else if (const auto* text = std::get_if<std::string>(&attribute); text && legal(*text, " .,") == *text)
                body.parameters[name] = Literal{ *text };
            else if (const auto* integers = std::get_if<std::vector<Int>>(&attribute); integers && integers->size() <= 16)
                body.parameters[name] = Literal{ listText(*integers) };
        }
        if (output > 0)
            body.parameters["output"] = Literal{ static_cast<Int>(output) };
        Value value;
        if (output < node.outputs.size()) {
            if (const auto shape = m_graph.shapes.find(node.outputs[output]); shape != m_graph.shapes.end())
                value.shape = shape->second;
        }
        value.node = addNode(nameFor(node), std::move(body));
        connect(inputs, value.node);
        m_boxes[value.node] = { node.type, reason };
        return value;
    }

    static std::string listText(const std::vector<Int>& numbers)
    {
        std::vector<std::string> texts;
        for (const Int number : numbers)
            texts.push_back(std::to_string(number));
        return joined(texts, ",");
    }

    // --- operators -------------------------------------------------------------------------------------------------

    void read(const ImportNode& node)
    {
        static const std::map<std::string_view, Rule> rules{ { "Conv", &Importer::convolution }, { "MaxPool", &Importer::pooling },
            { "AveragePool", &Importer::pooling }, { "GlobalAveragePool", &Importer::globalPooling }, { "GlobalMaxPool", &Importer::globalPooling },
            { "ReduceMean", &Importer::reduction }, { "ReduceMax", &Importer::reduction }, { "BatchNormalization", &Importer::batchNorm },
            { "BatchNormalization turned", &Importer::batchNorm }, { "LayerNormalization", &Importer::layerNorm },
            { "LayerNormalization turned", &Importer::layerNorm }, { "Gemm", &Importer::gemm }, { "Flatten", &Importer::flatten },
            { "Reshape", &Importer::reshape }, { "Squeeze", &Importer::reshape }, { "Unsqueeze", &Importer::reshape },
            { "Transpose", &Importer::transpose }, { "Slice", &Importer::slice }, { "Add", &Importer::merge }, { "Sum", &Importer::merge },
            { "Mul", &Importer::merge }, { "Mean", &Importer::merge }, { "Concat", &Importer::concat }, { "Identity", &Importer::passed },
            { "Cast", &Importer::passed }, { "Dropout", &Importer::dropout }, { "Softmax", &Importer::softmax },
            { "LogSoftmax", &Importer::softmax }, { "Pad", &Importer::padding }, { "Resize", &Importer::resize }, { "Gather", &Importer::gather },
            { "Max", &Importer::clamped }, { "Min", &Importer::clamped },
            { "Relu", &Importer::activation }, { "LeakyRelu", &Importer::activation }, { "Elu", &Importer::activation },
            { "Gelu", &Importer::activation }, { "Tanh", &Importer::activation }, { "Sigmoid", &Importer::activation },
            { "HardSwish", &Importer::activation }, { "Clip", &Importer::activation } };
        if (node.outputs.empty() || std::ranges::none_of(node.inputs, [this](const std::string& input) { return m_values.contains(input); }))
            return; // what needs it has nothing to show
        Result<Value> value = unfit("the operator is unknown here");
        if (!node.operation.empty())
            value = recognised(node);
        else if (const auto rule = rules.find(node.type); rule != rules.end())
            value = isInput(node, 0) || node.type == "Gather" || node.type == "Add" || node.type == "Mul"
                ? (this->*rule->second)(node)
                : unfit("its first input is a constant");
        if (value) {
            m_values[node.outputs.front()] = *value;
            return;
        }
        std::vector<NodeId> inputs;
        for (const std::string& input : node.inputs)
            if (m_values.contains(input))
                inputs.push_back(plain(input).node);
        for (std::size_t i = 0; i < node.outputs.size(); ++i)
            if (!node.outputs[i].empty())
                m_values[node.outputs[i]] = box(node, i, inputs, value.error().message);
    }

    bool isInput(const ImportNode& node, std::size_t i) const { return node.has(i) && m_values.contains(node.inputs[i]); }
    const ImportConstant* constant(const ImportNode& node, std::size_t i) const { return node.has(i) ? m_graph.constant(node.inputs[i]) : nullptr; }

    /// The constant there, or why there is none of that many dimensions.
    Result<const ImportConstant*> weight(const ImportNode& node, std::size_t i, std::size_t rank) const
    {
        const ImportConstant* found = constant(node, i);
        if (!found || !found->known || found->shape.size() != rank)
            return unfit(fmt::format("its weight is no constant of {} dimensions", rank));
        return found;
    }

    Result<Value> recognised(const ImportNode& node)
    {
        std::vector<Value> inputs;
        for (const std::string& input : node.inputs) {
            if (!m_values.contains(input))
                return unfit("an input is a constant");
            inputs.push_back(node.operation == "activation" ? kept(input) : plain(input));
        }
        return withView(operation(node, node.operation, node.parameters, inputs), inputs.front().view);
    }

    /// As it is in the drawing, without zeros that are still to be put around.
    Value kept(const std::string& name) { return m_values.at(name).view == Value::View::Padded ? plain(name) : m_values.at(name); }

    static Result<Value> withView(Result<Value> value, Value::View view)
    {
        if (value)
            value->view = view;
        return value;
    }

    Result<Value> activation(const ImportNode& node)
    {
        const std::optional<std::string> kind = activationKindOf(node, m_graph);
        if (!kind)
            return unfit("it has a setting that no activation here has");
        const Value input = kept(node.inputs[0]);
        return withView(operation(node, "activation", { { "kind", *kind } }, { input }), input.view);
    }

    // --- windows ---------------------------------------------------------------------------------------------------

    /// An image, with zeros around it that are still to come.
    Value image(const std::string& name) { return m_values.at(name).view == Value::View::Pooled ? plain(name) : m_values.at(name); }
    static Value without(Value value)
    {
        value.view = Value::View::Plain;
        return value;
    }

    Result<WindowFit> fittedTo(const ImportNode& node, const ops::Window& window, const Value& input)
    {
        auto fit = fitted(node, window, input.shape, input.view == Value::View::Padded ? std::optional(input.edges) : std::nullopt);
        m_shifted += fit && fit->shifted ? 1 : 0;
        return fit;
    }

    Result<Value> convolution(const ImportNode& node)
    {
        ARCHSCOPE_ASSIGN(const ImportConstant* kernel, weight(node, 1, 4));
        ARCHSCOPE_ASSIGN(const ops::Window window, windowOf(node, { kernel->shape[2], kernel->shape[3] }));
        const Value input = image(node.inputs[0]);
        ARCHSCOPE_ASSIGN(const WindowFit fit, fittedTo(node, window, input));
        const Int groups = node.integer("group", 1);
        const Int channels = input.shape ? input.shape->front() : std::clamp<Int>(kernel->shape[1], 1, 1 << 20) * std::clamp<Int>(groups, 1, 1 << 20);
        if (groups < 1 || groups > channels || kernel->shape[1] != channels / groups)
            return unfit(fmt::format("its weight does not fit {} channels", channels));
        Settings settings{ { "kernel", window.kernel }, { "stride", window.stride }, { "dilation", window.dilation }, { "bias", node.has(2) },
            { "padding", std::string(fit.padding) } };
        const Int multiplier = kernel->shape[0] / channels;
        const bool isDepthwise = groups == channels && groups > 1 && multiplier >= 1 && multiplier * channels == kernel->shape[0];
        if (isDepthwise && multiplier <= 16) {
            settings["multiplier"] = multiplier;
            return operation(node, "depthwise-conv", settings, { without(input) });
        }
        settings["channels"] = kernel->shape[0];
        settings["groups"] = groups;
        return operation(node, "conv", settings, { without(input) });
    }

    Result<Value> pooling(const ImportNode& node)
    {
        ARCHSCOPE_ASSIGN(const ops::Window window, windowOf(node, node.integers("kernel_shape")));
        if (window.dilation != 1 || node.outputs.size() > 1)
            return unfit("pooling here has no dilation and no indices");
        const Value input = image(node.inputs[0]);
        ARCHSCOPE_ASSIGN(const WindowFit fit, fittedTo(node, window, input));
        Settings settings{ { "kernel", window.kernel }, { "stride", window.stride }, { "padding", std::string(fit.padding) } };
        if (fit.ceil)
            settings["ceil_mode"] = true;
        if (node.type == "MaxPool")
            return operation(node, "max-pool", settings, { without(input) });
        const bool counts = node.integer("count_include_pad", 0) != 0 || input.view == Value::View::Padded;
        if (counts && fit.ceil)
            return unfit("it counts padding in a last window that reaches beyond the edge");
        if (counts && fit.pads)
            settings["count_include_pad"] = true;
        return operation(node, "avg-pool", settings, { without(input) });
    }

    Result<Value> pooledImage(const ImportNode& node, const char* kind, bool keepsImage)
    {
        const Value input = plain(node.inputs[0]);
        if (!mayBeImage(input))
            return unfit("its input is no image");
        return withView(operation(node, "global-pool", { { "kind", std::string(kind) } }, { input }),
            keepsImage ? Value::View::Pooled : Value::View::Plain);
    }

    /// What is unknown counts as one where the network is for images.
    bool mayBeImage(const Value& value) const { return (value.shape ? *value.shape : m_graph.inputShape).size() == 3; }

    Result<Value> globalPooling(const ImportNode& node) { return pooledImage(node, node.type == "GlobalMaxPool" ? "max" : "avg", true); }

    Result<Value> reduction(const ImportNode& node)
    {
        std::vector<Int> axes = node.integers("axes");
        if (const ImportConstant* given = constant(node, 1))
            axes = given->integers;
        for (Int& axis : axes)
            axis = axis < 0 ? axis + 4 : axis;
        std::ranges::sort(axes);
        if (axes != std::vector<Int>{ 2, 3 })
            return unfit("it does not reduce height and width");
        return pooledImage(node, node.type == "ReduceMax" ? "max" : "avg", node.integer("keepdims", 1) != 0);
    }

    /// Zeros around an image, if only windows read it: then they may be the windows' own.
    Result<Value> padding(const ImportNode& node)
    {
        std::vector<Int> pads = node.integers("pads");
        if (const ImportConstant* given = constant(node, 1))
            pads = given->integers;
        const double value = constant(node, 2) ? constant(node, 2)->scalar().value_or(1) : node.real("value", 0);
        Value padded = plain(node.inputs[0]);
        const bool isImage = padded.shape && padded.shape->size() == 3 && pads.size() == 8 && !node.has(3);
        if (!isImage || node.text("mode", "constant") != "constant" || value != 0 || pads[0] + pads[1] + pads[4] + pads[5] != 0
            || std::ranges::any_of(pads, [](Int size) { return size < 0 || size > 1000; }))
            return unfit("it does more than to put a few zeros around an image");
        const auto& readers = m_readers[node.outputs.front()];
        if (readers.empty() || std::ranges::any_of(readers, [](const ImportNode* reader) {
                return reader->type != "Conv" && reader->type != "MaxPool" && reader->type != "AveragePool";
            }))
            return unfit("something else than a convolution or a pooling reads it");
        padded.view = Value::View::Padded;
        padded.edges = { pads[2], pads[3], pads[6], pads[7] };
        padded.pad = &node;
        return padded;
    }

    // --- norms and matrices ----------------------------------------------------------------------------------------

    /// Whether scale and shift were trained: they are no ones and zeros that were made where none are.
    bool isAffine(const ImportNode& node) const
    {
        const auto filled = [&](std::size_t i, double with) { return constant(node, i) && constant(node, i)->fill == with; };
        return !(filled(1, 1) && (filled(2, 0) || !node.has(2)));
    }

    Result<Value> batchNorm(const ImportNode& node)
    {
        const Value input = kept(node.inputs[0]);
        const bool isTurned = node.type.ends_with(turnedSuffix);
        if (node.integer("training_mode", 0) != 0 || !(input.shape || mayBeImage(input)) || (input.shape && input.shape->size() == 2) != isTurned)
            return unfit("it does not normalise what has its channels first, or is made for training");
        const Settings settings{ { "epsilon", node.real("epsilon", 1e-5) }, { "momentum", 1 - node.real("momentum", 0.9) },
            { "affine", isAffine(node) } };
        return withView(operation(node, "batch-norm", settings, { input }), input.view);
    }

    Result<Value> layerNorm(const ImportNode& node)
    {
        const Value input = plain(node.inputs[0]);
        const bool isTurned = node.type.ends_with(turnedSuffix);
        const auto rank = input.shape ? static_cast<Int>(input.shape->size()) : 0;
        const Int axis = node.integer("axis", -1);
        if (rank < 1 || (rank == 3) != isTurned || (axis != -1 && axis != rank) || node.outputs.size() > 1)
            return unfit("it does not normalise the features of each step");
        const Settings settings{ { "epsilon", node.real("epsilon", 1e-5) }, { "affine", isAffine(node) } };
        return operation(node, "layer-norm", settings, { input });
    }

    Result<Value> gemm(const ImportNode& node)
    {
        ARCHSCOPE_ASSIGN(const ImportConstant* matrix, weight(node, 1, 2));
        if (node.integer("transA", 0) != 0 || node.real("alpha", 1) != 1 || node.real("beta", 1) != 1 || (node.has(2) && !constant(node, 2)))
            return unfit("it is no plain product of a vector and a matrix");
        const Int features = matrix->shape[node.integer("transB", 0) != 0 ? 0 : 1];
        return operation(node, "linear", { { "features", features }, { "bias", node.has(2) } }, { plain(node.inputs[0]) });
    }

    // --- shapes ----------------------------------------------------------------------------------------------------

    Result<Value> flatten(const ImportNode& node)
    {
        if (const Int axis = node.integer("axis", 1); axis != 1)
            return unfit("it does not keep the batch");
        const Value input = kept(node.inputs[0]);
        if (input.view == Value::View::Pooled || (input.shape && input.shape->size() == 1))
            return without(input);
        return operation(node, "flatten", {}, { input });
    }

    /// Also what adds or takes away dimensions of one.
    Result<Value> reshape(const ImportNode& node)
    {
        const Value input = kept(node.inputs[0]);
        std::optional<Shape> target = inferred(node);
        if (const ImportConstant* given = constant(node, 1); !target && given && node.type == "Reshape" && given->integers.size() > 1)
            target = Shape(given->integers.begin() + 1, given->integers.end());
        if (!target || target->empty() || std::ranges::any_of(*target, [](Int size) { return size < 1 && size != -1; }))
            return unfit("the shape that it makes is not known beforehand");
        const bool isSame = input.shape && (*input.shape == *target || (input.shape->size() == 1 && *target == Shape{ -1 }));
        if (isSame)
            return without(input);
        if (input.view == Value::View::Pooled && input.shape && *target == Shape{ input.shape->front(), 1, 1 })
            return input;
        const Value whole = without(input); // the same numbers in the same order
        if (target->size() == 1 && (!whole.shape || target->front() == -1 || ops::elementCount(*whole.shape) == target->front()))
            return operation(node, "flatten", {}, { whole });
        return operation(node, "reshape", { { "shape", listText(*target) } }, { whole });
    }

    Result<Value> transpose(const ImportNode& node)
    {
        const std::vector<Int> order = node.integers("perm");
        if (order.size() < 2 || order.front() != 0 || std::ranges::any_of(order, [](Int axis) { return axis < 0; }))
            return unfit("it moves the batch");
        std::vector<Int> rest;
        for (std::size_t i = 1; i < order.size(); ++i)
            rest.push_back(order[i] - 1);
        return operation(node, "transpose", { { "order", listText(rest) } }, { plain(node.inputs[0]) });
    }

    Result<Value> slice(const ImportNode& node)
    {
        const auto one = [&](std::size_t i, const char* attribute) -> std::optional<Int> {
            const std::vector<Int> numbers = constant(node, i) ? constant(node, i)->integers : node.integers(attribute);
            return numbers.size() == 1 ? std::optional(numbers.front()) : std::nullopt;
        };
        const Value input = plain(node.inputs[0]);
        const auto start = one(1, "starts");
        const auto end = one(2, "ends");
        auto axis = one(3, "axes");
        if (!start || !end || !axis || !input.shape || (node.has(4) && one(4, "steps") != 1))
            return unfit("it does not take a part of one dimension");
        const auto rank = static_cast<Int>(input.shape->size());
        if (*axis < 0)
            *axis += rank + 1;
        if (*axis < 1 || *axis > rank)
            return unfit("it takes a part of the batch");
        const Int size = (*input.shape)[static_cast<std::size_t>(*axis - 1)];
        const auto within = [size](Int index) { return std::clamp<Int>(index < 0 ? std::max(index, -size) + size : index, 0, size); };
        const Int length = within(*end) - within(*start);
        if (length < 1)
            return unfit("it takes nothing");
        return operation(node, "slice", { { "dimension", *axis - 1 }, { "start", within(*start) }, { "length", length } }, { input });
    }

    Result<Value> resize(const ImportNode& node)
    {
        const ImportConstant* scales = constant(node, 2);
        const std::string mode = node.text("mode", "nearest");
        if (!scales || scales->reals.size() != 4 || scales->reals[0] != 1 || scales->reals[1] != 1 || scales->reals[2] != scales->reals[3]
            || scales->reals[2] != std::floor(scales->reals[2]) || !(scales->reals[2] <= 8) || (mode != "nearest" && mode != "linear"))
            return unfit("it does not enlarge an image by a whole factor");
        const Settings settings{ { "factor", static_cast<Int>(scales->reals[2]) },
            { "mode", std::string(mode == "nearest" ? "nearest" : "bilinear") } };
        return operation(node, "upsample", settings, { plain(node.inputs[0]) });
    }

    // --- the rest --------------------------------------------------------------------------------------------------

    /// Of two: which one is a constant of one number, and that.
    std::optional<double> scalarOf(const ImportNode& node, std::size_t& other) const
    {
        for (std::size_t i = 0; i < node.inputs.size() && node.inputs.size() == 2; ++i) {
            other = 1 - i;
            if (const ImportConstant* given = constant(node, i); given && isInput(node, other))
                return given->scalar();
        }
        return std::nullopt;
    }

    Result<Value> merge(const ImportNode& node)
    {
        const std::string type = node.type == "Mul" ? "multiply" : node.type == "Mean" ? "mean" : "add";
        std::size_t other = 0;
        if (const auto value = scalarOf(node, other)) {
            if (*value == (type == "multiply" ? 1 : 0))
                return m_values.at(node.inputs[other]);
            if (type == "multiply" && *value == 0)
                return operation(node, "zero", {}, { plain(node.inputs[other]) });
        }
        std::vector<Value> inputs;
        bool isSpread = false;
        const bool allPooled = std::ranges::all_of(node.inputs,
            [&](const std::string& input) { return m_values.contains(input) && m_values.at(input).view == Value::View::Pooled; });
        for (const std::string& input : node.inputs) {
            if (!m_values.contains(input))
                return unfit("an input is a constant");
            isSpread = isSpread || (!allPooled && m_values.at(input).view == Value::View::Pooled);
            inputs.push_back(allPooled ? m_values.at(input) : plain(input));
        }
        if (isSpread && std::ranges::any_of(inputs, [](const Value& input) { return !input.shape; }))
            return unfit("one number for each channel meets what is not known to be that too");
        return withView(operation(node, type, {}, inputs), allPooled ? Value::View::Pooled : Value::View::Plain);
    }

    Result<Value> concat(const ImportNode& node)
    {
        std::vector<Value> inputs;
        for (const std::string& input : node.inputs) {
            if (!m_values.contains(input))
                return unfit("an input is a constant");
            inputs.push_back(plain(input));
        }
        std::optional<Shape> shape;
        for (const Value& input : inputs)
            shape = shape ? shape : input.shape;
        shape = shape ? shape : m_graph.inputShape;
        const Int axis = node.integer("axis", 0);
        if ((axis < 0 ? axis + static_cast<Int>(shape->size()) + 1 : axis) != ops::batchedFeatureAxis(*shape))
            return unfit("it does not put channels or features behind each other");
        return operation(node, "concat", {}, inputs);
    }

    Result<Value> passed(const ImportNode& node) { return m_values.at(node.inputs[0]); }

    Result<Value> dropout(const ImportNode& node)
    {
        if (node.outputs.size() > 1 && m_readers.contains(node.outputs[1]))
            return unfit("something reads what it dropped");
        const double rate = constant(node, 1) ? constant(node, 1)->scalar().value_or(0.5) : node.real("ratio", 0.5);
        const Value input = kept(node.inputs[0]);
        return withView(operation(node, "dropout", { { "rate", rate } }, { input }), input.view);
    }

    Result<Value> softmax(const ImportNode& node)
    {
        std::string value = node.outputs.front();
        while (value != m_graph.output) {
            const auto readers = m_readers.find(value);
            if (readers == m_readers.end() || readers->second.size() != 1 || readers->second.front()->type != "Identity")
                return unfit("it is not at the end");
            value = readers->second.front()->outputs.front();
        }
        m_result.notes.push_back(fmt::format("{} at the end was left out: the loss takes the numbers before it.", node.type));
        return m_values.at(node.inputs[0]);
    }

    Result<Value> gather(const ImportNode& node)
    {
        const ImportConstant* table = constant(node, 0);
        if (!table || !table->known || table->shape.size() != 2 || node.integer("axis", 0) != 0 || !isInput(node, 1)
            || m_values.at(node.inputs[1]).node != m_values.at(m_graph.input).node)
            return unfit("it does not look up the tokens of the input");
        m_result.task.vocabulary = table->shape[0];
        return operation(node, "embedding", { { "vocabulary", table->shape[0] }, { "dimension", table->shape[1] } }, { plain(node.inputs[1]) });
    }

    /// Tokens that are kept within a vocabulary, as the embedding does by itself.
    Result<Value> clamped(const ImportNode& node)
    {
        const Value input = m_values.at(node.inputs[0]);
        const bool isLookUp = node.inputs.size() == 2 && constant(node, 1) && constant(node, 1)->integers.size() == 1;
        if (!isLookUp || input.node != m_values.at(m_graph.input).node)
            return unfit("the operator is unknown here");
        return input;
    }

    // --- the end ---------------------------------------------------------------------------------------------------

    void describeTask(const Value& output)
    {
        network::TaskShape& task = m_result.task;
        task.input = m_graph.inputShape;
        std::optional<Shape> shape = output.shape;
        if (!shape) {
            if (const auto found = m_graph.shapes.find(m_graph.output); found != m_graph.shapes.end())
                shape = found->second;
        }
        if (!shape || shape->empty()) {
            m_result.notes.emplace_back("How many numbers the model answers with is not known; replace the unknown operations to see it.");
            return;
        }
        task.eachStep = shape->size() == 2 && task.input.front() == shape->front();
        task.outputs = shape->back();
        if (shape->size() != 1 && !task.eachStep)
            m_result.notes.push_back(fmt::format("The model answers with {}, which is no vector of classes: put a head behind it.", space::shapeText(*shape)));
        if (auto* node = m_result.space.find(output.node)) {
            auto* last = std::get_if<space::Operation>(&node->body);
            if (last && last->type == "linear") {
                last->parameters["features"] = space::Expression{ "classes" };
                m_result.notes.push_back(fmt::format("The last layer, '{}', has as many features as the task has classes.", node->name));
            }
        }
    }

    /// Takes out what the output does not depend on; the input stays.
    void prune(NodeId end)
    {
        std::map<NodeId, std::vector<NodeId>> sources;
        for (const space::Edge& edge : root().edges)
            sources[edge.to].push_back(edge.from);
        std::set<NodeId> needed{ root().nodes.front().id };
        std::vector<NodeId> open{ end };
        while (!open.empty()) {
            const NodeId node = open.back();
            open.pop_back();
            if (!needed.insert(node).second)
                continue;
            const auto& from = sources[node];
            open.insert(open.end(), from.begin(), from.end());
        }
        std::erase_if(root().nodes, [&](const space::Node& node) { return !needed.contains(node.id); });
        std::erase_if(root().edges, [&](const space::Edge& edge) { return !needed.contains(edge.from) || !needed.contains(edge.to); });
        std::erase_if(m_boxes, [&](const auto& box) { return !needed.contains(box.first); });
    }

    void tellBoxes()
    {
        if (m_shifted > 0)
            m_result.notes.push_back(fmt::format("{} {} at other edges in the file than here; the sizes are the same.", m_shifted,
                m_shifted == 1 ? "window is padded" : "windows are padded"));
        std::map<std::pair<std::string, std::string>, std::vector<std::string>> byReason;
        for (const auto& [node, box] : m_boxes)
            byReason[box].push_back(m_result.space.find(node)->name);
        for (const auto& [box, names] : byReason)
            m_result.notes.push_back(fmt::format("{} ('{}'{}) stays as a box, unknown here: {}.", legal(box.first, "."), names.front(),
                names.size() > 1 ? fmt::format(" and {} more", names.size() - 1) : "", box.second));
        m_result.notes.emplace_back("Weights were not taken over, only the shapes that they give the operations.");
    }

    const ImportGraph& m_graph;
    const space::OperationSet& m_operations;
    ImportedSpace m_result;
    std::map<std::string, Value> m_values;
    std::map<std::string, std::vector<const ImportNode*>> m_readers;
    std::map<NodeId, std::pair<std::string, std::string>> m_boxes; ///< type and reason
    std::set<std::string> m_names;
    std::map<std::string, int> m_nameCounts;
    std::int64_t m_lastId = 0;
    int m_shifted = 0;
};

} // namespace

Result<ImportedSpace> spaceFromOnnx(std::string_view bytes, const space::OperationSet& operations, const Shape& openSizes)
{
    ARCHSCOPE_ASSIGN(ImportGraph graph, readForImport(bytes, openSizes));
    recognisePatterns(graph);
    ARCHSCOPE_ASSIGN(ImportedSpace imported, Importer(graph, operations).run());
    imported.space.name = legal(graph.name).empty() ? "imported" : legal(graph.name);
    imported.space.description = "Imported from an ONNX model; nothing in it is open yet.";
    return imported;
}

Result<ImportedSpace> spaceFromOnnxFile(const std::filesystem::path& file, const space::OperationSet& operations, const Shape& openSizes)
{
    ARCHSCOPE_ASSIGN(const std::string bytes, readFile(file, std::uint64_t{ 2 } << 30));
    auto imported = spaceFromOnnx(bytes, operations, openSizes);
    if (!imported)
        return fail(imported.error().within(file.string()));
    if (const std::string name = legal(file.stem().string()); !name.empty())
        imported->space.name = name;
    return imported;
}

} // namespace archscope::exporting
