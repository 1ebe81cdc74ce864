#include "core/export/graph_interpreter.h"
#include "core/export/recurrent_rules_torch.h"
#include "core/train/torch_guard.h"

#include <ATen/ATen.h>
#include <algorithm>
#include <c10/core/InferenceMode.h>
#include <cmath>
#include <fmt/format.h>
#include <functional>
#include <limits>

namespace archscope::exporting {

namespace {

constexpr std::int64_t batchSize = 128;

using Integers = std::vector<std::int64_t>;

/// Thrown inside an operator's rule, caught where the node is evaluated.
struct Refusal {
    std::string message;
};

/// A node with its evaluated inputs. Remembers which attributes were read: one that was not is one that is not understood.
class Call {
public:
    Call(const OnnxNode& node, std::vector<at::Tensor> inputs)
        : m_node(node)
        , m_inputs(std::move(inputs))
    {
    }

    std::size_t inputCount() const { return m_inputs.size(); }
    bool has(std::size_t i) const { return i < m_inputs.size() && m_inputs[i].defined(); }
    const at::Tensor& input(std::size_t i) const
    {
        if (!has(i))
            throw Refusal{ fmt::format("input {} is missing", i) };
        return m_inputs[i];
    }
    /// A small integer tensor: axes, shapes.
    Integers integersOfInput(std::size_t i) const
    {
        const at::Tensor values = input(i).to(at::kLong).contiguous();
        return { values.const_data_ptr<std::int64_t>(), values.const_data_ptr<std::int64_t>() + values.numel() };
    }

    std::int64_t integer(const std::string& name, std::int64_t fallback) { return attribute<std::int64_t>(name, fallback); }
    double real(const std::string& name, float fallback) { return static_cast<double>(attribute<float>(name, fallback)); }
    std::vector<std::string> texts(const std::string& name, std::vector<std::string> fallback)
    {
        return attribute<std::vector<std::string>>(name, std::move(fallback));
    }
    Integers integers(const std::string& name, Integers fallback) { return attribute<Integers>(name, std::move(fallback)); }
    std::string text(const std::string& name, std::string fallback)
    {
        return attribute<std::string>(name, std::move(fallback));
    }

    /// Refuses anything but the one value of an attribute that the rule is written for.
    void expect(const std::string& name, std::int64_t only)
    {
        if (integer(name, only) != only)
            throw Refusal{ fmt::format("the attribute '{}' must be {}", name, only) };
    }
    void refuseUnread() const
    {
        for (const auto& [name, value] : m_node.attributes)
            if (std::ranges::find(m_read, name) == m_read.end())
                throw Refusal{ fmt::format("the attribute '{}' is not known", name) };
    }

private:
    template <class Value> Value attribute(const std::string& name, Value fallback)
    {
        m_read.push_back(name);
        const auto found = m_node.attributes.find(name);
        if (found == m_node.attributes.end())
            return fallback;
        const Value* const value = std::get_if<Value>(&found->second);
        if (!value)
            throw Refusal{ fmt::format("the attribute '{}' has the wrong type", name) };
        return *value;
    }

    const OnnxNode& m_node;
    std::vector<at::Tensor> m_inputs;
    std::vector<std::string> m_read;
};

/// A vector over the channels as a tensor that broadcasts along them.
at::Tensor alongChannels(const at::Tensor& vector, const at::Tensor& like)
{
    Integers shape(static_cast<std::size_t>(like.dim()), 1);
    shape[1] = vector.numel();
    return vector.reshape(shape);
}

/// (x - mean) / √(variance + ε) over the given axes.
at::Tensor standardised(const at::Tensor& x, const Integers& axes, double epsilon)
{
    const at::Tensor centred = x - x.mean(axes, true);
    return centred / (centred.square().mean(axes, true) + epsilon).sqrt();
}

at::Tensor logistic(const at::Tensor& x)
{
    return 1 / (1 + (-x).exp());
}

struct Windows {
    Integers kernel;
    Integers strides;
    Integers dilations;
    Integers pads; ///< all begins, then all ends: {top, left, bottom, right}
};

Windows windowsOf(Call& call)
{
    if (call.text("auto_pad", "NOTSET") != "NOTSET")
        throw Refusal{ "padding must be given in numbers" };
    if (call.input(0).dim() != 3)
        return { call.integers("kernel_shape", {}), call.integers("strides", { 1, 1 }), call.integers("dilations", { 1, 1 }),
            call.integers("pads", { 0, 0, 0, 0 }) };
    const auto behind = [](std::int64_t first, Integers numbers) {
        if (!numbers.empty())
            numbers.insert(numbers.begin(), first);
        return numbers;
    };
    const Integers pads = call.integers("pads", { 0, 0 });
    if (pads.size() != 2)
        throw Refusal{ "a line has one padding at each end" };
    return { behind(1, call.integers("kernel_shape", {})), behind(1, call.integers("strides", { 1 })),
        behind(1, call.integers("dilations", { 1 })), { 0, pads[0], 0, pads[1] } };
}

/// A line as an image that is one pixel high; `windowsOf` sees it in the same way.
at::Tensor asImage(const at::Tensor& values)
{
    return values.dim() == 3 ? values.unsqueeze(2) : values;
}

at::Tensor likeInput(const Call& call, const at::Tensor& image)
{
    return call.input(0).dim() == 3 ? image.squeeze(2) : image;
}

at::Tensor padded(const at::Tensor& image, const Integers& pads, double value)
{
    if (pads.size() != 4 || image.dim() != 4)
        throw Refusal{ "only windows over images are known" };
    return at::constant_pad_nd(image, { pads[1], pads[3], pads[0], pads[2] }, value);
}

at::Tensor conv(Call& call)
{
    const Windows windows = windowsOf(call);
    const at::Tensor weight = asImage(call.input(1));
    if (!windows.kernel.empty() && weight.sizes().slice(2) != at::IntArrayRef(windows.kernel))
        throw Refusal{ "kernel_shape is not the weight's" };
    return likeInput(call,
        at::conv2d(padded(asImage(call.input(0)), windows.pads, 0), weight, call.has(2) ? call.input(2) : at::Tensor(),
            windows.strides, at::IntArrayRef{ 0, 0 }, windows.dilations, call.integer("group", 1)));
}

at::Tensor convTranspose(Call& call)
{
    const Windows windows = windowsOf(call);
    const at::Tensor& weight = call.input(1);
    if (!windows.kernel.empty() && weight.sizes().slice(2) != at::IntArrayRef(windows.kernel))
        throw Refusal{ "kernel_shape is not the weight's" };
    if (windows.pads.size() != 4 || call.input(0).dim() != 4)
        throw Refusal{ "only windows over images are known" };
    // All that the windows reach and what is added behind it, of which the padding is cut off.
    const at::Tensor result = at::conv_transpose2d(call.input(0), weight, call.has(2) ? call.input(2) : at::Tensor(),
        windows.strides, at::IntArrayRef{ 0, 0 }, call.integers("output_padding", { 0, 0 }), call.integer("group", 1),
        windows.dilations);
    const auto cut = [&](const at::Tensor& x, std::int64_t axis, std::int64_t before, std::int64_t after) {
        return x.slice(axis, before, x.size(axis) - after);
    };
    return cut(cut(result, 2, windows.pads[0], windows.pads[2]), 3, windows.pads[1], windows.pads[3]);
}

at::Tensor maxPool(Call& call)
{
    call.expect("ceil_mode", 0);
    call.expect("storage_order", 0);
    const Windows windows = windowsOf(call);
    const at::Tensor image = padded(asImage(call.input(0)), windows.pads, -std::numeric_limits<double>::infinity());
    return likeInput(
        call, at::max_pool2d(image, windows.kernel, windows.strides, at::IntArrayRef{ 0, 0 }, windows.dilations));
}

at::Tensor averagePool(Call& call)
{
    call.expect("ceil_mode", 0);
    const Windows windows = windowsOf(call);
    if (windows.dilations != Integers{ 1, 1 })
        throw Refusal{ "dilations came with a later opset" };
    const auto mean = [&](const at::Tensor& image) { return at::avg_pool2d(image, windows.kernel, windows.strides); };
    const at::Tensor image = asImage(call.input(0));
    const at::Tensor values = mean(padded(image, windows.pads, 0));
    if (call.integer("count_include_pad", 0) == 1)
        return likeInput(call, values);
    return likeInput(call, values / mean(padded(at::ones_like(image), windows.pads, 0))); // the share of each window that is image
}

at::Tensor globalPool(const Call& call, const std::function<at::Tensor(const at::Tensor&, const Integers&)>& reduce)
{
    Integers axes;
    for (std::int64_t axis = 2; axis < call.input(0).dim(); ++axis)
        axes.push_back(axis);
    return reduce(call.input(0), axes);
}

at::Tensor batchNormalization(Call& call)
{
    call.real("momentum", 0.9F); // training only
    call.expect("training_mode", 0);
    const at::Tensor& x = call.input(0);
    const at::Tensor deviation = (call.input(4) + call.real("epsilon", 1e-5F)).sqrt();
    return (x - alongChannels(call.input(3), x)) / alongChannels(deviation, x) * alongChannels(call.input(1), x)
        + alongChannels(call.input(2), x);
}

at::Tensor instanceNormalization(Call& call)
{
    const at::Tensor& x = call.input(0);
    Integers axes;
    for (std::int64_t axis = 2; axis < x.dim(); ++axis)
        axes.push_back(axis);
    return standardised(x, axes, call.real("epsilon", 1e-5F)) * alongChannels(call.input(1), x)
        + alongChannels(call.input(2), x);
}

at::Tensor layerNormalization(Call& call)
{
    call.expect("stash_type", 1);
    const at::Tensor& x = call.input(0);
    const std::int64_t axis = call.integer("axis", -1);
    Integers axes;
    for (std::int64_t i = axis < 0 ? axis + x.dim() : axis; i < x.dim(); ++i)
        axes.push_back(i);
    const at::Tensor scaled = standardised(x, axes, call.real("epsilon", 1e-5F)) * call.input(1);
    return call.has(2) ? scaled + call.input(2) : scaled;
}

at::Tensor gemm(Call& call)
{
    const at::Tensor a = call.integer("transA", 0) ? call.input(0).t() : call.input(0);
    const at::Tensor b = call.integer("transB", 0) ? call.input(1).t() : call.input(1);
    const at::Tensor product = a.matmul(b) * call.real("alpha", 1);
    const double beta = call.real("beta", 1);
    return call.has(2) ? product + call.input(2) * beta : product;
}

at::Tensor flatten(Call& call)
{
    const at::Tensor& x = call.input(0);
    const std::int64_t axis = call.integer("axis", 1);
    std::int64_t rows = 1;
    for (std::int64_t i = 0; i < (axis < 0 ? axis + x.dim() : axis); ++i)
        rows *= x.size(i);
    return x.reshape({ rows, x.numel() / rows });
}

at::Tensor reshape(Call& call)
{
    const at::Tensor& x = call.input(0);
    Integers shape = call.integersOfInput(1);
    const bool zeroIsZero = call.integer("allowzero", 0) == 1;
    for (std::size_t i = 0; i < shape.size(); ++i)
        if (shape[i] == 0 && !zeroIsZero)
            shape[i] = x.size(static_cast<std::int64_t>(i));
    return x.reshape(shape);
}

at::Tensor expand(Call& call)
{
    // Broadcasts in both directions: a 1 in the wanted shape keeps the input's size.
    return call.input(0) * at::ones(call.integersOfInput(1), call.input(0).options());
}

at::Tensor transpose(Call& call)
{
    const at::Tensor& x = call.input(0);
    Integers reversed;
    for (std::int64_t axis = x.dim(); axis > 0; --axis)
        reversed.push_back(axis - 1);
    return x.permute(call.integers("perm", reversed)).contiguous();
}

at::Tensor concat(Call& call)
{
    std::vector<at::Tensor> inputs;
    for (std::size_t i = 0; i < call.inputCount(); ++i)
        inputs.push_back(call.input(i));
    return at::cat(inputs, call.integer("axis", 0));
}

at::Tensor sum(const Call& call)
{
    at::Tensor total = call.input(0);
    for (std::size_t i = 1; i < call.inputCount(); ++i)
        total = total + call.input(i);
    return total;
}

at::Tensor softmax(Call& call)
{
    const Integers axis{ call.integer("axis", -1) };
    const at::Tensor powers = (call.input(0) - call.input(0).amax(axis, true)).exp();
    return powers / powers.sum(axis, true);
}

at::Tensor slice(Call& call)
{
    at::Tensor result = call.input(0);
    const Integers starts = call.integersOfInput(1);
    const Integers ends = call.integersOfInput(2);
    Integers axes;
    for (std::size_t i = 0; i < starts.size(); ++i)
        axes.push_back(static_cast<std::int64_t>(i));
    if (call.has(3))
        axes = call.integersOfInput(3);
    const Integers steps = call.has(4) ? call.integersOfInput(4) : Integers(starts.size(), 1);
    if (ends.size() != starts.size() || axes.size() != starts.size() || steps.size() != starts.size())
        throw Refusal{ "starts, ends, axes and steps must be as many" };
    for (std::size_t i = 0; i < starts.size(); ++i) {
        if (steps[i] < 1)
            throw Refusal{ "only forward steps are known" };
        result = result.slice(axes[i], starts[i], ends[i], steps[i]); // counts from the end, and clamps, as ONNX does
    }
    return result;
}

at::Tensor pad(Call& call)
{
    if (call.text("mode", "constant") != "constant")
        throw Refusal{ "only constant padding is known" };
    const at::Tensor& x = call.input(0);
    const Integers pads = call.integersOfInput(1); // all begins, then all ends; negative ones cut off
    const std::size_t rank = static_cast<std::size_t>(x.dim());
    if (pads.size() != 2 * rank)
        throw Refusal{ "pads must name every axis" };
    Integers fromTheLast;
    for (std::size_t axis = rank; axis-- > 0;) {
        fromTheLast.push_back(pads[axis]);
        fromTheLast.push_back(pads[axis + rank]);
    }
    return at::constant_pad_nd(x, fromTheLast, call.has(2) ? call.input(2).item() : at::Scalar(0));
}

/// Where each output of an axis comes from, as a matrix {outputs, inputs}.
at::Tensor resizingMatrix(std::int64_t inputs, double scale, const std::function<double(std::int64_t)>& origin, bool blends)
{
    const auto outputs = static_cast<std::int64_t>(std::floor(static_cast<double>(inputs) * scale));
    at::Tensor matrix = at::zeros({ outputs, inputs });
    float* const cells = matrix.mutable_data_ptr<float>();
    const auto add = [&](std::int64_t row, double column, double share) {
        const auto at = static_cast<std::int64_t>(std::clamp(column, 0.0, static_cast<double>(inputs - 1)));
        cells[row * inputs + at] += static_cast<float>(share);
    };
    for (std::int64_t row = 0; row < outputs; ++row) {
        const double place = origin(row);
        const double share = blends ? place - std::floor(place) : 0;
        add(row, std::floor(place), 1 - share);
        add(row, std::floor(place) + 1, share);
    }
    return matrix;
}

at::Tensor resize(Call& call)
{
    const std::string mode = call.text("mode", "nearest");
    const std::string coordinates = call.text("coordinate_transformation_mode", "half_pixel");
    const std::string rounding = call.text("nearest_mode", "round_prefer_floor");
    const bool nearest = mode == "nearest" && coordinates == "asymmetric" && rounding == "floor";
    if (!nearest && !(mode == "linear" && coordinates == "half_pixel"))
        throw Refusal{ "only 'nearest' at floored asymmetric and 'linear' at half-pixel coordinates are known" };
    at::Tensor result = call.input(0);
    const at::Tensor scales = call.input(2).contiguous();
    if (call.has(1) || call.has(3) || scales.numel() != result.dim())
        throw Refusal{ "there must be a scale for every axis, and nothing else" };
    for (std::int64_t axis = 0; axis < result.dim(); ++axis) {
        const double scale = static_cast<double>(scales.const_data_ptr<float>()[axis]);
        if (scale == 1)
            continue;
        const auto origin = [&](std::int64_t output) {
            const auto place = static_cast<double>(output);
            return nearest ? place / scale : (place + 0.5) / scale - 0.5;
        };
        const at::Tensor matrix = resizingMatrix(result.size(axis), scale, origin, !nearest);
        result = result.transpose(axis, -1).matmul(matrix.t()).transpose(axis, -1);
    }
    return result;
}

at::Tensor cast(Call& call)
{
    constexpr std::int64_t float32 = 1; // TensorProto.DataType
    constexpr std::int64_t int64 = 7;
    const std::int64_t type = call.integer("to", 0);
    if (type != float32 && type != int64)
        throw Refusal{ "only casts to floats and to 64-bit integers are known" };
    return call.input(0).to(type == int64 ? at::kLong : at::kFloat); // towards zero
}

/// The slices of `axis` that the indices name, in the place of that axis.
at::Tensor gather(Call& call)
{
    const at::Tensor& x = call.input(0);
    std::int64_t axis = call.integer("axis", 0);
    axis += axis < 0 ? x.dim() : 0;
    const at::Tensor& indices = call.input(1);
    const at::Tensor flat = indices.reshape({ -1 });
    Integers shape = x.sizes().vec();
    shape.erase(shape.begin() + axis);
    shape.insert(shape.begin() + axis, indices.sizes().begin(), indices.sizes().end());
    return x.index_select(axis, at::where(flat < 0, flat + x.size(axis), flat)).reshape(shape);
}

at::Tensor reduced(Call& call, const std::function<at::Tensor(const at::Tensor&, const Integers&, bool)>& reduce)
{
    Integers all;
    for (std::int64_t axis = 0; axis < call.input(0).dim(); ++axis)
        all.push_back(axis);
    return reduce(call.input(0), call.integers("axes", all), call.integer("keepdims", 1) == 1);
}

at::Tensor trilu(Call& call)
{
    const std::int64_t diagonal = call.has(1) ? call.input(1).item<std::int64_t>() : 0;
    return call.integer("upper", 1) == 1 ? call.input(0).triu(diagonal) : call.input(0).tril(diagonal);
}

RecurrentCall recurrentCall(Call& call)
{
    call.expect("layout", 0);
    for (std::size_t i = 4; i < call.inputCount(); ++i)
        if (call.has(i))
            throw Refusal{ "initial states and lengths of sequences are not known" };
    RecurrentCall recurrent{ call.input(0), call.input(1), call.input(2), call.has(3) ? call.input(3) : at::Tensor() };
    const std::int64_t directions = recurrent.weights.size(0);
    if (call.text("direction", "forward") != (directions == 2 ? "bidirectional" : "forward"))
        throw Refusal{ "the direction does not fit the weights" };
    if (call.integer("hidden_size", recurrent.recurrence.size(2)) != recurrent.recurrence.size(2))
        throw Refusal{ "hidden_size is not the weights'" };
    return recurrent;
}

at::Tensor rnn(Call& call)
{
    const RecurrentCall recurrent = recurrentCall(call);
    const std::vector<std::string> activations
        = call.texts("activations", std::vector<std::string>(static_cast<std::size_t>(recurrent.weights.size(0)), "Tanh"));
    if (activations.size() != static_cast<std::size_t>(recurrent.weights.size(0))
        || !std::ranges::all_of(activations, [](const std::string& name) { return name == "Tanh" || name == "Relu"; }))
        throw Refusal{ "only 'Tanh' and 'Relu' are known, one a direction" };
    return evaluateRnn(recurrent, activations);
}

at::Tensor lstm(Call& call)
{
    call.expect("input_forget", 0);
    return evaluateLstm(recurrentCall(call));
}

at::Tensor gru(Call& call)
{
    const bool linearBeforeReset = call.integer("linear_before_reset", 0) == 1;
    return evaluateGru(recurrentCall(call), linearBeforeReset);
}

using Rule = std::function<at::Tensor(Call&)>;

/// ONNX's operators of opset 17, as far as operations of the catalog emit them.
const std::map<std::string, Rule>& rules()
{
    static const std::map<std::string, Rule> table{
        { "Add", [](Call& c) { return c.input(0) + c.input(1); } },
        { "AveragePool", averagePool },
        { "BatchNormalization", batchNormalization },
        { "Cast", cast },
        { "Clip",
            [](Call& c) { return at::minimum(at::maximum(c.input(0), c.input(1)), c.input(2)); } },
        { "Concat", concat },
        { "Conv", conv },
        { "ConvTranspose", convTranspose },
        { "Div", [](Call& c) { return c.input(0) / c.input(1); } },
        { "Elu",
            [](Call& c) { return at::where(c.input(0) > 0, c.input(0), c.real("alpha", 1) * (c.input(0).exp() - 1)); } },
        { "Erf", [](Call& c) { return c.input(0).erf(); } },
        { "Expand", expand },
        { "Flatten", flatten },
        { "GRU", gru },
        { "Gather", gather },
        { "Gemm", gemm },
        { "GlobalAveragePool",
            [](Call& c) {
                return globalPool(c, [](const at::Tensor& x, const Integers& axes) { return x.mean(axes, true); });
            } },
        { "GlobalMaxPool",
            [](Call& c) {
                return globalPool(c, [](const at::Tensor& x, const Integers& axes) { return x.amax(axes, true); });
            } },
        { "HardSigmoid",
            [](Call& c) { return (c.input(0) * c.real("alpha", 0.2F) + c.real("beta", 0.5F)).clamp(0, 1); } },
        { "HardSwish", [](Call& c) { return c.input(0) * (c.input(0) / 6 + 0.5).clamp(0, 1); } },
        { "Identity", [](Call& c) { return c.input(0); } },
        { "InstanceNormalization", instanceNormalization },
        { "LSTM", lstm },
        { "LayerNormalization", layerNormalization },
        { "LeakyRelu", [](Call& c) { return at::where(c.input(0) < 0, c.input(0) * c.real("alpha", 0.01F), c.input(0)); } },
        { "MatMul", [](Call& c) { return c.input(0).matmul(c.input(1)); } },
        { "Max", [](Call& c) { return at::maximum(c.input(0), c.input(1)); } },
        { "MaxPool", maxPool },
        { "Min", [](Call& c) { return at::minimum(c.input(0), c.input(1)); } },
        { "Mul", [](Call& c) { return c.input(0) * c.input(1); } },
        { "Pad", pad },
        { "RNN", rnn },
        { "ReduceMax",
            [](Call& c) {
                return reduced(c, [](const at::Tensor& x, const Integers& axes, bool keep) { return x.amax(axes, keep); });
            } },
        { "ReduceMean",
            [](Call& c) {
                return reduced(c, [](const at::Tensor& x, const Integers& axes, bool keep) { return x.mean(axes, keep); });
            } },
        { "Relu", [](Call& c) { return c.input(0).clamp_min(0); } },
        { "Reshape", reshape },
        { "Resize", resize },
        { "Sigmoid", [](Call& c) { return logistic(c.input(0)); } },
        { "Slice", slice },
        { "Softmax", softmax },
        { "Sub", [](Call& c) { return c.input(0) - c.input(1); } },
        { "Sum", sum },
        { "Tanh", [](Call& c) { return 2 * logistic(2 * c.input(0)) - 1; } },
        { "Transpose", transpose },
        { "Trilu", trilu },
    };
    return table;
}

at::Tensor tensorOf(const OnnxTensor& tensor)
{
    return std::visit(
        [&](const auto& values) {
            using Value = typename std::decay_t<decltype(values)>::value_type;
            // LibTorch has no tensors of constants; no rule writes to its inputs.
            return at::from_blob(
                const_cast<Value*>(values.data()), tensor.shape, std::is_same_v<Value, float> ? at::kFloat : at::kLong);
        },
        tensor.values);
}

Result<at::Tensor> evaluateNode(const OnnxNode& node, const std::map<std::string, at::Tensor>& values)
{
    const auto rule = rules().find(node.type);
    if (rule == rules().end())
        return fail(
            ErrorCode::Unsupported, fmt::format("the ONNX operator '{}' is not known to the check", node.type), node.name);
    std::vector<at::Tensor> inputs;
    for (const std::string& name : node.inputs) {
        const auto found = values.find(name);
        if (found == values.end() && !name.empty())
            return fail(ErrorCode::InvalidInput, fmt::format("nothing before it gives '{}'", name), node.name);
        inputs.push_back(name.empty() ? at::Tensor() : found->second);
    }
    try {
        Call call(node, std::move(inputs));
        at::Tensor output = rule->second(call);
        call.refuseUnread();
        return output;
    } catch (const Refusal& refusal) {
        return fail(ErrorCode::Unsupported,
            fmt::format("the ONNX operator '{}' cannot be checked: {}", node.type, refusal.message), node.name);
    }
}

Result<at::Tensor> evaluateBatch(const OnnxGraph& graph, std::map<std::string, at::Tensor> values, const at::Tensor& input)
{
    std::map<std::string, std::size_t> lastUse;
    for (std::size_t i = 0; i < graph.nodes.size(); ++i)
        for (const std::string& name : graph.nodes[i].inputs)
            lastUse[name] = i;
    lastUse[graph.output] = graph.nodes.size();
    values[graph.input] = input;
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        const OnnxNode& node = graph.nodes[i];
        ARCHSCOPE_ASSIGN(values[node.output], evaluateNode(node, values));
        for (const std::string& name : node.inputs)
            if (lastUse[name] == i)
                values.erase(name);
    }
    const auto output = values.find(graph.output);
    if (output == values.end())
        return fail(ErrorCode::InvalidInput, fmt::format("no node gives the graph's output '{}'", graph.output));
    return output->second;
}

} // namespace

Result<std::vector<float>> evaluateGraph(const OnnxGraph& graph, std::span<const float> inputs, const std::stop_token& stop)
{
    return train::guarded([&]() -> Result<std::vector<float>> {
        const c10::InferenceMode inference;
        std::map<std::string, at::Tensor> constants;
        for (const auto& [name, tensor] : graph.initializers)
            constants[name] = tensorOf(tensor);
        Integers shape = graph.inputShape;
        shape.insert(shape.begin(), -1);
        const at::Tensor samples
            = at::from_blob(const_cast<float*>(inputs.data()), { static_cast<std::int64_t>(inputs.size()) }, at::kFloat)
                  .view(shape);

        std::vector<float> outputs;
        for (std::int64_t begin = 0; begin < samples.size(0); begin += batchSize) {
            if (stop.stop_requested())
                return fail(ErrorCode::Cancelled, "the check of the exported file was stopped");
            ARCHSCOPE_ASSIGN(const at::Tensor result,
                evaluateBatch(graph, constants, samples.slice(0, begin, std::min(begin + batchSize, samples.size(0)))));
            const at::Tensor rows = result.contiguous();
            outputs.insert(outputs.end(), rows.const_data_ptr<float>(), rows.const_data_ptr<float>() + rows.numel());
        }
        return outputs;
    });
}

} // namespace archscope::exporting
