// Recurrent layers: simple, LSTM, GRU; stacked and bidirectional.
#include "core/ops/builtin.h"
#include "core/ops/parts_torch.h"

#include <algorithm>
#include <fmt/format.h>

namespace archscope::ops {

namespace {

enum class Cell { Rnn, Lstm, Gru };

struct CellTraits {
    std::int64_t gates;              ///< matrices of hidden rows, one below the other, in each weight
    const char* onnxType;
    std::vector<std::int64_t> order; ///< which of LibTorch's gates is ONNX's first, second, …
};

CellTraits traitsOf(Cell cell)
{
    switch (cell) {
    case Cell::Lstm:
        return {4, "LSTM", {0, 3, 1, 2}}; // input, forget, cell, output → input, output, forget, cell
    case Cell::Gru:
        return {3, "GRU", {1, 0, 2}}; // reset, update, new → update, reset, new
    case Cell::Rnn:
        break;
    }
    return {1, "RNN", {0}};
}

struct Settings {
    Cell cell = Cell::Lstm;
    std::int64_t hidden = 1;
    std::int64_t layers = 1;
    std::int64_t directions = 1;
    double dropout = 0;
    bool onlyLast = false;
    bool relu = false; ///< Rnn

    Settings(Cell kind, const Parameters& parameters)
        : cell(kind)
        , hidden(parameters.integer("hidden"))
        , layers(parameters.integer("layers"))
        , directions(parameters.boolean("bidirectional") ? 2 : 1)
        , dropout(parameters.real("dropout"))
        , onlyLast(parameters.text("output") == "last")
        , relu(kind == Cell::Rnn && parameters.text("activation") == "relu")
    {
    }
    std::int64_t rows() const { return traitsOf(cell).gates * hidden; }
    std::int64_t features() const { return directions * hidden; } ///< that come out
    std::int64_t featuresInto(std::int64_t layer, const Shape& input) const { return layer == 0 ? input[1] : features(); }
};

/// PyTorch's names: "weight_ih_l0_reverse".
std::string tensorName(const char* kind, std::int64_t layer, std::int64_t direction)
{
    return fmt::format("{}_l{}{}", kind, layer, direction == 1 ? "_reverse" : "");
}

class RecurrentModule final : public Module {
public:
    RecurrentModule(const Settings& settings, const Shape& input, const at::Generator& generator) : m_settings(settings)
    {
        const auto uniform = [&](at::IntArrayRef sizes) { return kaimingUniform(sizes, settings.hidden, generator).set_requires_grad(true); };
        for (std::int64_t layer = 0; layer < settings.layers; ++layer) {
            for (std::int64_t direction = 0; direction < settings.directions; ++direction) {
                add({tensorName("weight_ih", layer, direction), uniform({settings.rows(), settings.featuresInto(layer, input)})});
                add({tensorName("weight_hh", layer, direction), uniform({settings.rows(), settings.hidden})});
                add({tensorName("bias_ih", layer, direction), uniform({settings.rows()}), true, false});
                add({tensorName("bias_hh", layer, direction), uniform({settings.rows()}), true, false});
            }
        }
    }

    at::Tensor forward(std::span<const at::Tensor> inputs, const ForwardContext& context) override
    {
        at::Tensor states = inputs.front();
        at::Tensor last;
        // One layer at a time: LibTorch's dropout between layers would draw from a generator of its own.
        for (std::int64_t layer = 0; layer < m_settings.layers; ++layer) {
            if (layer > 0)
                states = dropped(states, m_settings.dropout, context);
            std::tie(states, last) = run(states, layer, context.training);
        }
        return m_settings.onlyLast ? last.transpose(0, 1).flatten(1) : states;
    }

private:
    /// All states {N, length, features}, and the last of each direction {directions, N, hidden}.
    std::tuple<at::Tensor, at::Tensor> run(const at::Tensor& x, std::int64_t layer, bool training) const
    {
        const auto count = static_cast<std::size_t>(4 * m_settings.directions);
        std::vector<at::Tensor> weights;
        for (std::size_t i = 0; i < count; ++i)
            weights.push_back(at(static_cast<std::size_t>(layer) * count + i));
        const at::Tensor start = at::zeros({m_settings.directions, x.size(0), m_settings.hidden}, x.options());
        const bool both = m_settings.directions == 2;
        switch (m_settings.cell) {
        case Cell::Lstm: {
            auto [states, last, cells] = at::lstm(x, {start, start}, weights, true, 1, 0, training, both, true);
            return {states, last};
        }
        case Cell::Gru:
            return at::gru(x, start, weights, true, 1, 0, training, both, true);
        case Cell::Rnn:
            break;
        }
        return m_settings.relu ? at::rnn_relu(x, start, weights, true, 1, 0, training, both, true)
                               : at::rnn_tanh(x, start, weights, true, 1, 0, training, both, true);
    }

    Settings m_settings;
};

class Recurrent final : public DescribedOperation {
public:
    Recurrent(Cell cell, OperationDescriptor descriptor) : DescribedOperation(std::move(descriptor)), m_cell(cell) {}

    Result<Shape> outputShape(std::span<const Shape> inputs, const Parameters& parameters) const override
    {
        const std::string& name = descriptor().name;
        const Shape& input = inputs.front();
        ARCHSCOPE_TRY(expectSequence(input, name));
        const Settings settings(m_cell, parameters);
        ARCHSCOPE_TRY(bounded({settings.directions * settings.rows(), std::max(input[1], settings.features()) + settings.hidden}, name));
        ARCHSCOPE_TRY(bounded({input[0], settings.directions * settings.rows()}, name));
        return settings.onlyLast ? Shape{settings.features()} : Shape{input[0], settings.features()};
    }

    /// Both products, of the input and of the state, at every step.
    Cost cost(std::span<const Shape> inputs, const Shape&, const Parameters& parameters) const override
    {
        const Settings settings(m_cell, parameters);
        Cost cost;
        for (std::int64_t layer = 0; layer < settings.layers; ++layer) {
            const std::int64_t weights =
                settings.directions * settings.rows() * (settings.featuresInto(layer, inputs.front()) + settings.hidden);
            cost += {weights + 2 * settings.directions * settings.rows(), weights * inputs.front()[0]};
        }
        return cost;
    }

    std::unique_ptr<Module> module(std::span<const Shape> inputs, const Parameters& parameters, const at::Generator& generator) const override
    {
        return std::make_unique<RecurrentModule>(Settings(m_cell, parameters), inputs.front(), generator);
    }

    std::string emitOnnx(OnnxEmitter& emitter, const std::vector<std::string>& inputs, std::span<const Shape> inputShapes,
                         const Parameters& parameters) const override
    {
        const Settings settings(m_cell, parameters);
        // ONNX's recurrent operators have time first.
        std::string value = emitter.node("Transpose", inputs, {{"perm", Integers{1, 0, 2}}});
        for (std::int64_t layer = 0; layer < settings.layers; ++layer) {
            const std::string states = emitLayer(emitter, value, settings, layer);
            const bool end = layer + 1 == settings.layers;
            if (end && settings.onlyLast)
                return emitLast(emitter, states, settings, inputShapes.front()[0]);
            // {length, directions, N, hidden}, directions beside each other
            const std::string turned = emitter.node("Transpose", {states}, {{"perm", end ? Integers{2, 0, 1, 3} : Integers{0, 2, 1, 3}}});
            value = emitter.node("Reshape", {turned, emitter.integers({0, 0, settings.features()})});
        }
        return value;
    }

private:
    using Integers = std::vector<std::int64_t>;

    static std::string emitLayer(OnnxEmitter& emitter, const std::string& value, const Settings& settings, std::int64_t layer)
    {
        const CellTraits traits = traitsOf(settings.cell);
        const auto beside = [&](const std::vector<std::string>& directions) {
            return directions.size() == 1 ? directions.front() : emitter.node("Concat", directions, {{"axis", std::int64_t{0}}});
        };
        // {rows, n} as {1, rows, n}, gates in ONNX's order
        const auto weights = [&](const char* kind) {
            std::vector<std::string> directions;
            for (std::int64_t direction = 0; direction < settings.directions; ++direction) {
                const std::string gates = emitter.node("Reshape", {emitter.weight(tensorName(kind, layer, direction)),
                                                                   emitter.integers({traits.gates, settings.hidden, -1})});
                const std::string ordered = emitter.node("Gather", {gates, emitter.integers(traits.order)}, {{"axis", std::int64_t{0}}});
                directions.push_back(emitter.node("Reshape", {ordered, emitter.integers({1, settings.rows(), -1})}));
            }
            return beside(directions);
        };
        const auto biases = [&](const char* kind) {
            return emitter.node("Reshape", {weights(kind), emitter.integers({settings.directions, settings.rows()})});
        };
        const std::string bias = emitter.node("Concat", {biases("bias_ih"), biases("bias_hh")}, {{"axis", std::int64_t{1}}});
        std::vector<OnnxAttribute> attributes{{"hidden_size", settings.hidden},
                                              {"direction", std::string(settings.directions == 2 ? "bidirectional" : "forward")}};
        if (settings.cell == Cell::Gru)
            attributes.push_back({"linear_before_reset", std::int64_t{1}});
        if (settings.relu)
            attributes.push_back({"activations", std::vector<std::string>(static_cast<std::size_t>(settings.directions), "Relu")});
        const std::string input = weights("weight_ih");
        const std::string state = weights("weight_hh");
        return emitter.node(traits.onnxType, {value, input, state, bias}, std::move(attributes));
    }

    /// The last state of each direction, which is the first in time of the backward one; {N, directions · hidden}.
    static std::string emitLast(OnnxEmitter& emitter, const std::string& states, const Settings& settings, std::int64_t length)
    {
        std::vector<std::string> ends;
        for (std::int64_t direction = 0; direction < settings.directions; ++direction) {
            const std::string step = emitter.node("Gather", {states, emitter.integers({direction == 0 ? length - 1 : 0})}, {{"axis", std::int64_t{0}}});
            const std::string one = emitter.node("Gather", {step, emitter.integers({direction})}, {{"axis", std::int64_t{1}}});
            ends.push_back(emitter.node("Reshape", {one, emitter.integers({-1, settings.hidden})}));
        }
        return ends.size() == 1 ? ends.front() : emitter.node("Concat", ends, {{"axis", std::int64_t{1}}});
    }

    Cell m_cell;
};

std::unique_ptr<Operation> recurrent(Cell cell, std::string name, std::string title, std::string help)
{
    std::vector<ParameterDescriptor> parameters{
        ParameterDescriptor::integer("hidden", 64, 1, 16384, "Features of the state, in each direction."),
        ParameterDescriptor::integer("layers", 1, 1, 16, "Layers on top of each other."),
        ParameterDescriptor::boolean("bidirectional", false, "Whether a second one reads from the end; both states stand beside each other."),
        dropoutParameter("dropout", 0, "Share of the numbers between layers that are dropped while training."),
        ParameterDescriptor::enumeration("output", "sequence", {"sequence", "last"}, "All states, or the one after the last step."),
    };
    if (cell == Cell::Rnn)
        parameters.push_back(ParameterDescriptor::enumeration("activation", "tanh", {"tanh", "relu"}, "Function of the state."));
    return std::make_unique<Recurrent>(cell, OperationDescriptor{std::move(name), std::move(title), "Sequence", std::move(help), 1, 1, std::move(parameters)});
}

} // namespace

std::unique_ptr<Operation> simpleRecurrent()
{
    return recurrent(Cell::Rnn, "rnn", "RNN", "A recurrent layer: its state sees the step and the state before (Elman 1990).");
}

std::unique_ptr<Operation> lstm()
{
    return recurrent(Cell::Lstm, "lstm", "LSTM", "A recurrent layer with a memory behind gates (Hochreiter, Schmidhuber 1997).");
}

std::unique_ptr<Operation> gru()
{
    return recurrent(Cell::Gru, "gru", "GRU", "A recurrent layer with two gates (Cho 2014).");
}

} // namespace archscope::ops
