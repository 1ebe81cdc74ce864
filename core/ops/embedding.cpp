// Tokens to vectors, and where in the sequence they stand.
#include "core/ops/builtin.h"
#include "core/ops/parts_torch.h"

#include <cmath>
#include <fmt/format.h>

namespace archscope::ops {

namespace {

class EmbeddingPart final : public Part {
public:
    EmbeddingPart(std::int64_t vocabulary, std::int64_t dimension) : m_vocabulary(vocabulary), m_dimension(dimension) {}

    Result<Shape> outputShape(const Shape& input, std::string_view operation) const override
    {
        if (m_vocabulary == 0)
            return misfit(fmt::format("'{}' does not know how many tokens there are; set 'vocabulary' to the expression vocabulary, or to a number",
                                      operation));
        if (!isVector(input))
            return misfit(fmt::format("'{}' needs a sequence of tokens, which has one dimension, but gets {}; put it first", operation,
                                      space::shapeText(input)));
        ARCHSCOPE_TRY(bounded({m_vocabulary, m_dimension}, operation));
        return bounded({input[0], m_dimension}, operation);
    }

    /// A look-up multiplies nothing.
    Cost cost(const Shape&, const Shape&) const override { return {m_vocabulary * m_dimension, 0}; }

    Run build(Tensors& tensors, const std::string& prefix, const Shape&, InputUse, const at::Generator& generator) const override
    {
        const std::size_t first = tensors.size();
        tensors.push_back({prefix + "weight", at::empty({m_vocabulary, m_dimension}).normal_(0, 1, generator).set_requires_grad(true)});
        // An index out of range would end the process on a GPU, not the trial.
        return [first, last = m_vocabulary - 1](const Tensors& all, const at::Tensor& tokens, const ForwardContext&) {
            return at::embedding(all[first].tensor, tokens.detach().to(at::kLong).clamp(0, last));
        };
    }

    std::string emitOnnx(OnnxEmitter& emitter, const std::string& input, const std::string& prefix, const Shape&) const override
    {
        constexpr std::int64_t int64Type = 7; // TensorProto.DataType
        const std::string whole = emitter.node("Cast", {input}, {{"to", int64Type}});
        const std::string notBelow = emitter.node("Max", {whole, emitter.integers({0})});
        const std::string inside = emitter.node("Min", {notBelow, emitter.integers({m_vocabulary - 1})});
        return emitter.node("Gather", {emitter.weight(prefix + "weight"), inside}, {{"axis", std::int64_t{0}}});
    }

private:
    std::int64_t m_vocabulary;
    std::int64_t m_dimension;
};

class Embedding final : public ChainOperation {
public:
    Embedding()
        : ChainOperation({"embedding", "Embedding", "Sequence", "Each token of a text to a vector that is learned; tokens outside the vocabulary read as its ends.", 1, 1,
                          {ParameterDescriptor::integer("vocabulary", 0, 0, 10'000'000, "Number of tokens: the expression vocabulary takes it from the task.", "tokens"),
                           ParameterDescriptor::integer("dimension", 128, 1, 65536, "Features of each token."),
                           dropoutParameter("dropout", 0, "Share of the numbers that are dropped while training.")}})
    {
    }

protected:
    Chain parts(const Shape&, const Parameters& parameters) const override
    {
        Chain chain;
        chain.push_back({"", std::make_unique<EmbeddingPart>(parameters.integer("vocabulary"), parameters.integer("dimension"))});
        chain.push_back({"dropout.", dropoutPart(parameters.real("dropout"))});
        return chain;
    }
};

/// sin(t / 10000^(2i / features)) at feature 2i and its cosine at 2i + 1 (Vaswani 2017); {length, features}.
at::Tensor sinusoids(const Shape& sequence)
{
    const std::int64_t features = sequence[1];
    const at::Tensor even = at::arange(0, features, 2, at::kDouble);
    const at::Tensor rates = (even * (-std::log(10000.0) / static_cast<double>(features))).exp();
    const at::Tensor angles = at::arange(sequence[0], at::kDouble).unsqueeze(1) * rates;
    return at::stack({angles.sin(), angles.cos()}, 2).flatten(1).slice(1, 0, features).to(at::kFloat).contiguous();
}

class PositionPart final : public Part {
public:
    explicit PositionPart(bool learned) : m_learned(learned) {}

    Result<Shape> outputShape(const Shape& input, std::string_view operation) const override
    {
        ARCHSCOPE_TRY(expectSequence(input, operation));
        return input;
    }
    Cost cost(const Shape& input, const Shape&) const override { return {m_learned ? elementCount(input) : 0, 0}; }

    Run build(Tensors& tensors, const std::string& prefix, const Shape& input, InputUse, const at::Generator& generator) const override
    {
        const std::size_t first = tensors.size();
        if (m_learned) // small, as in BERT and GPT: what is said counts more than where
            tensors.push_back({prefix + "weight", at::empty(input).normal_(0, 0.02, generator).set_requires_grad(true)});
        else
            tensors.push_back({prefix + "table", sinusoids(input), false, false});
        return [first](const Tensors& all, const at::Tensor& x, const ForwardContext&) { return x + all[first].tensor; };
    }

    std::string emitOnnx(OnnxEmitter& emitter, const std::string& input, const std::string& prefix, const Shape&) const override
    {
        return emitter.node("Add", {input, emitter.weight(prefix + (m_learned ? "weight" : "table"))});
    }

private:
    bool m_learned;
};

class PositionalEncoding final : public ChainOperation {
public:
    PositionalEncoding()
        : ChainOperation({"positional-encoding", "Positional encoding", "Sequence", "Adds to each step of a sequence where it stands, which attention cannot see.", 1, 1,
                          {ParameterDescriptor::enumeration("kind", "sinusoidal", {"sinusoidal", "learned"},
                                                            "Sines and cosines of many wavelengths (Vaswani 2017), or a vector for each position."),
                           dropoutParameter("dropout", 0, "Share of the numbers that are dropped while training.")}})
    {
    }

protected:
    Chain parts(const Shape&, const Parameters& parameters) const override
    {
        Chain chain;
        chain.push_back({"", std::make_unique<PositionPart>(parameters.text("kind") == "learned")});
        chain.push_back({"dropout.", dropoutPart(parameters.real("dropout"))});
        return chain;
    }
};

} // namespace

std::unique_ptr<Operation> embedding()
{
    return std::make_unique<Embedding>();
}

std::unique_ptr<Operation> positionalEncoding()
{
    return std::make_unique<PositionalEncoding>();
}

} // namespace archscope::ops
