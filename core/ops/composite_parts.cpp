// Pieces made of pieces: one after the other, beside each other, around a shortcut.
#include "core/ops/parts_torch.h"

#include <cassert>

namespace archscope::ops {

namespace {

Shape fitted(const Part& part, const Shape& input)
{
    Result<Shape> output = part.outputShape(input, {});
    assert(output); // the caller has been told before that the shapes fit
    return *std::move(output);
}

class ChainPart final : public Part {
public:
    explicit ChainPart(Chain chain) : m_chain(std::move(chain)) {}

    Result<Shape> outputShape(const Shape& input, std::string_view operation) const override
    {
        Shape shape = input;
        for (const NamedPart& piece : m_chain) {
            ARCHSCOPE_ASSIGN(shape, piece.part->outputShape(shape, operation));
        }
        return shape;
    }

    Cost cost(const Shape& input, const Shape&) const override
    {
        Cost cost;
        Shape shape = input;
        for (const NamedPart& piece : m_chain) {
            Shape output = fitted(*piece.part, shape);
            cost += piece.part->cost(shape, output);
            shape = std::move(output);
        }
        return cost;
    }

    Run build(Tensors& tensors, const std::string& prefix, const Shape& input, InputUse use, const at::Generator& generator) const override
    {
        std::vector<Run> steps;
        Shape shape = input;
        for (const NamedPart& piece : m_chain) {
            steps.push_back(piece.part->build(tensors, prefix + piece.prefix, shape, steps.empty() ? use : InputUse::Own, generator));
            shape = fitted(*piece.part, shape);
        }
        if (steps.size() == 1)
            return std::move(steps.front());
        return [steps = std::move(steps)](const Tensors& all, const at::Tensor& x, const ForwardContext& context) {
            at::Tensor value = x;
            for (const Run& step : steps)
                value = step(all, value, context);
            return value;
        };
    }

    std::string emitOnnx(OnnxEmitter& emitter, const std::string& input, const std::string& prefix, const Shape& inputShape) const override
    {
        std::string value = input;
        Shape shape = inputShape;
        for (const NamedPart& piece : m_chain) {
            value = piece.part->emitOnnx(emitter, value, prefix + piece.prefix, shape);
            shape = fitted(*piece.part, shape);
        }
        return value;
    }

private:
    Chain m_chain;
};

class ResidualPart final : public Part {
public:
    explicit ResidualPart(Chain chain) : m_inner(std::move(chain)) {}

    Result<Shape> outputShape(const Shape& input, std::string_view operation) const override
    {
        return m_inner.outputShape(input, operation);
    }

    Cost cost(const Shape& input, const Shape& output) const override { return m_inner.cost(input, output); }

    Run build(Tensors& tensors, const std::string& prefix, const Shape& input, InputUse, const at::Generator& generator) const override
    {
        return [inner = m_inner.build(tensors, prefix, input, InputUse::Shared, generator)](
                   const Tensors& all, const at::Tensor& x, const ForwardContext& context) { return inner(all, x, context) + x; };
    }

    std::string emitOnnx(OnnxEmitter& emitter, const std::string& input, const std::string& prefix, const Shape& shape) const override
    {
        return emitter.node("Add", {m_inner.emitOnnx(emitter, input, prefix, shape), input});
    }

private:
    ChainPart m_inner;
};

class BesidePart final : public Part {
public:
    explicit BesidePart(std::vector<Chain> chains)
    {
        for (Chain& chain : chains)
            m_branches.emplace_back(std::move(chain));
    }

    Result<Shape> outputShape(const Shape& input, std::string_view operation) const override
    {
        ARCHSCOPE_ASSIGN(Shape shape, m_branches.front().outputShape(input, operation));
        for (std::size_t i = 1; i < m_branches.size(); ++i) {
            ARCHSCOPE_ASSIGN(const Shape other, m_branches[i].outputShape(input, operation));
            assert(std::equal(shape.begin() + 1, shape.end(), other.begin() + 1, other.end()));
            shape[0] += other[0];
        }
        return bounded(std::move(shape), operation);
    }

    Cost cost(const Shape& input, const Shape&) const override
    {
        Cost cost;
        for (const ChainPart& branch : m_branches)
            cost += branch.cost(input, fitted(branch, input));
        return cost;
    }

    Run build(Tensors& tensors, const std::string& prefix, const Shape& input, InputUse, const at::Generator& generator) const override
    {
        std::vector<Run> branches;
        for (const ChainPart& branch : m_branches)
            branches.push_back(branch.build(tensors, prefix, input, InputUse::Shared, generator));
        return [branches = std::move(branches)](const Tensors& all, const at::Tensor& x, const ForwardContext& context) {
            std::vector<at::Tensor> results;
            for (const Run& branch : branches)
                results.push_back(branch(all, x, context));
            return at::cat(results, 1);
        };
    }

    std::string emitOnnx(OnnxEmitter& emitter, const std::string& input, const std::string& prefix, const Shape& shape) const override
    {
        std::vector<std::string> results;
        for (const ChainPart& branch : m_branches)
            results.push_back(branch.emitOnnx(emitter, input, prefix, shape));
        return emitter.node("Concat", std::move(results), {{"axis", std::int64_t{1}}});
    }

private:
    std::vector<ChainPart> m_branches;
};

} // namespace

std::unique_ptr<Part> chainPart(Chain chain)
{
    return std::make_unique<ChainPart>(std::move(chain));
}

std::unique_ptr<Part> residualPart(Chain chain)
{
    return std::make_unique<ResidualPart>(std::move(chain));
}

std::unique_ptr<Part> besidePart(std::vector<Chain> chains)
{
    return std::make_unique<BesidePart>(std::move(chains));
}

} // namespace archscope::ops
