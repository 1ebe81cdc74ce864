// Multi-head self-attention.
#include "core/ops/builtin.h"
#include "core/ops/parts_torch.h"

#include <cmath>
#include <fmt/format.h>
#include <limits>

namespace archscope::ops {

namespace {

struct Settings {
    std::int64_t heads = 1;
    std::int64_t dimension = 1; ///< of the queries, keys and values of all heads together
    bool causal = false;
    double dropout = 0;

    Settings(const Parameters& parameters, const Shape& input)
        : heads(parameters.integer("heads"))
        , dimension(parameters.integer("dimension"))
        , causal(parameters.boolean("causal"))
        , dropout(parameters.real("dropout"))
    {
        if (dimension == 0)
            dimension = input[1];
    }
    std::int64_t perHead() const { return dimension / heads; }
    double scale() const { return 1 / std::sqrt(static_cast<double>(perHead())); }
};

class AttentionModule final : public Module {
public:
    AttentionModule(const Settings& settings, std::int64_t features, const at::Generator& generator) : m_settings(settings)
    {
        // As PyTorch's MultiheadAttention: Glorot's for the three projections as one matrix.
        const double bound = std::sqrt(6 / static_cast<double>(3 * settings.dimension + features));
        add({"in_proj_weight", at::empty({3 * settings.dimension, features}).uniform_(-bound, bound, generator).set_requires_grad(true)});
        add({"in_proj_bias", at::zeros({3 * settings.dimension}).set_requires_grad(true), true, false});
        add({"out_proj.weight", kaimingUniform({features, settings.dimension}, settings.dimension, generator).set_requires_grad(true)});
        add({"out_proj.bias", at::zeros({features}).set_requires_grad(true), true, false});
    }

    at::Tensor forward(std::span<const at::Tensor> inputs, const ForwardContext& context) override
    {
        const at::Tensor& x = inputs.front();
        const std::vector<at::Tensor> projections =
            at::linear(x, at(0), at(1)).view({x.size(0), x.size(1), 3, m_settings.heads, m_settings.perHead()}).permute({2, 0, 3, 1, 4}).unbind(0);
        const at::Tensor attended = attend(projections[0], projections[1], projections[2], context);
        return at::linear(attended.transpose(1, 2).flatten(2), at(2), at(3));
    }

private:
    /// {N, heads, length, perHead} each.
    at::Tensor attend(const at::Tensor& queries, const at::Tensor& keys, const at::Tensor& values, const ForwardContext& context) const
    {
        if (!context.training || m_settings.dropout == 0)
            return at::scaled_dot_product_attention(queries, keys, values, {}, 0, m_settings.causal);
        // The fused kernels' dropout draws from a generator of its own.
        at::Tensor scores = queries.matmul(keys.transpose(2, 3)) * m_settings.scale();
        if (m_settings.causal) {
            const std::int64_t length = queries.size(2);
            const at::Tensor later = at::ones({length, length}, scores.options().dtype(at::kBool)).triu(1);
            scores = scores.masked_fill(later, -std::numeric_limits<double>::infinity());
        }
        return dropped(scores.softmax(3), m_settings.dropout, context).matmul(values);
    }

    Settings m_settings;
};

class Attention final : public DescribedOperation {
public:
    Attention()
        : DescribedOperation({"attention", "Self-attention", "Sequence",
                              "Each step of a sequence looks at the others, in several heads (Vaswani 2017); length and features stay.", 1, 1,
                              {ParameterDescriptor::integer("heads", 4, 1, 256, "Heads that look at different things; must divide the dimension."),
                               ParameterDescriptor::integer("dimension", 0, 0, 65536, "Features of queries, keys and values, all heads together; 0: as many as come in."),
                               ParameterDescriptor::boolean("causal", false, "Whether no step sees a later one, as language models need."),
                               dropoutParameter("dropout", 0, "Share of the attention that is dropped while training.")}})
    {
    }

    Result<Shape> outputShape(std::span<const Shape> inputs, const Parameters& parameters) const override
    {
        const Shape& input = inputs.front();
        const std::string& name = descriptor().name;
        ARCHSCOPE_TRY(expectSequence(input, name));
        const Settings settings(parameters, input);
        if (settings.dimension % settings.heads != 0)
            return misfit(fmt::format("'{}' cannot split a dimension of {} into {} heads; choose a number of heads that divides it", name,
                                      settings.dimension, settings.heads));
        ARCHSCOPE_TRY(bounded({3 * settings.dimension, input[1]}, name));
        ARCHSCOPE_TRY(bounded({input[0], 3 * settings.dimension}, name));
        ARCHSCOPE_TRY(bounded({settings.heads, input[0], input[0]}, name));
        return input;
    }

    /// The four projections at each step; the products of queries with keys and of the attention with the values, in full
    /// where they are causal, too.
    Cost cost(std::span<const Shape> inputs, const Shape&, const Parameters& parameters) const override
    {
        const Settings settings(parameters, inputs.front());
        const std::int64_t length = inputs.front()[0];
        const std::int64_t features = inputs.front()[1];
        const std::int64_t weights = 4 * settings.dimension * features;
        return {weights + 3 * settings.dimension + features, length * weights + 2 * length * length * settings.dimension};
    }

    std::unique_ptr<Module> module(std::span<const Shape> inputs, const Parameters& parameters, const at::Generator& generator) const override
    {
        return std::make_unique<AttentionModule>(Settings(parameters, inputs.front()), inputs.front()[1], generator);
    }

    std::string emitOnnx(OnnxEmitter& emitter, const std::vector<std::string>& inputs, std::span<const Shape> inputShapes,
                         const Parameters& parameters) const override
    {
        using Integers = std::vector<std::int64_t>;
        const Shape& shape = inputShapes.front();
        const Settings settings(parameters, shape);
        const std::int64_t heads = settings.heads;
        const auto turned = [&](const std::string& value, Integers order) { return emitter.node("Transpose", {value}, {{"perm", std::move(order)}}); };
        const std::string projected = emitLinear(emitter, inputs.front(), emitter.weight("in_proj_weight"), emitter.weight("in_proj_bias"), shape);
        const std::string split = emitter.node("Reshape", {projected, emitter.integers({0, 0, 3 * heads, settings.perHead()})});
        const std::string headsFirst = turned(split, {0, 2, 1, 3});
        const auto headsFrom = [&](std::int64_t first) {
            return emitter.node("Slice", {headsFirst, emitter.integers({first}), emitter.integers({first + heads}), emitter.integers({1})});
        };
        const std::string queries = headsFrom(0);
        const std::string keys = turned(headsFrom(heads), {0, 1, 3, 2});
        const std::string values = headsFrom(2 * heads);
        std::string scores = emitter.node("Mul", {emitter.node("MatMul", {queries, keys}), emitter.scalar(settings.scale())});
        if (settings.causal) {
            // 0 up to the step itself, so far below zero after it that its share is exactly 0.
            const std::string ones = emitter.node("Expand", {emitter.scalar(1), emitter.integers({shape[0], shape[0]})});
            const std::string seen = emitter.node("Trilu", {ones}, {{"upper", std::int64_t{0}}});
            const std::string hidden = emitter.node("Sub", {seen, emitter.scalar(1)});
            scores = emitter.node("Add", {scores, emitter.node("Mul", {hidden, emitter.scalar(1e9)})});
        }
        const std::string shares = emitter.node("Softmax", {scores}, {{"axis", std::int64_t{-1}}});
        const std::string attended = turned(emitter.node("MatMul", {shares, values}), {0, 2, 1, 3});
        const std::string together = emitter.node("Reshape", {attended, emitter.integers({0, 0, settings.dimension})});
        return emitLinear(emitter, together, emitter.weight("out_proj.weight"), emitter.weight("out_proj.bias"), shape);
    }
};

} // namespace

std::unique_ptr<Operation> attention()
{
    return std::make_unique<Attention>();
}

} // namespace archscope::ops
