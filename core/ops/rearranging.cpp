// Operations that move numbers about: slice, reshape, transpose. They see shapes without the batch.
#include "core/base/text.h"
#include "core/ops/builtin.h"
#include "core/ops/parts_torch.h"

#include <algorithm>
#include <fmt/format.h>
#include <optional>

namespace archscope::ops {

namespace {

using Integers = std::vector<std::int64_t>;

constexpr std::size_t maxRank = 6;

/// Images go on in the layout that the kernels like.
at::Tensor inFastLayout(const at::Tensor& value)
{
    return value.dim() == 4 ? value.contiguous(at::MemoryFormat::ChannelsLast) : value;
}

/// "8,4,-1"; nothing when anything else stands there.
std::optional<Integers> integersIn(const std::string& text)
{
    Integers numbers;
    for (const std::string& word : split(text, ','))
        if (!parseInteger(trimmed(word), numbers.emplace_back()))
            return std::nullopt;
    return numbers;
}

/// The shape that `wanted` names for as many numbers as `input` has, or a sentence.
Result<Shape> reshaped(const Shape& input, const std::string& wanted)
{
    std::optional<Integers> sizes = integersIn(wanted);
    if (!sizes || sizes->empty() || sizes->size() > maxRank || std::ranges::count(*sizes, -1) > 1
        || std::ranges::any_of(*sizes, [](std::int64_t size) { return size < 1 && size != -1; }))
        return misfit(fmt::format("'reshape' cannot read the shape '{}'; write sizes with commas, such as 8,4,-1, where one -1 stands for what is left",
                                  wanted));
    const std::int64_t count = elementCount(input);
    std::int64_t rest = count;
    for (const std::int64_t size : *sizes) {
        if (size == -1)
            continue;
        if (rest % size != 0)
            rest = 0;
        rest /= size;
    }
    const auto open = std::ranges::find(*sizes, -1);
    if (rest == 0 || (open == sizes->end() && rest != 1))
        return misfit(fmt::format("'reshape' cannot make {} of {}, which has {} numbers; write -1 for the size that follows from the others", wanted,
                                  space::shapeText(input), count));
    if (open != sizes->end())
        *open = rest;
    return *sizes;
}

class Reshape final : public DescribedOperation {
public:
    Reshape()
        : DescribedOperation({"reshape", "Reshape", "Shape", "The same numbers in the same order in another shape.", 1, 1,
                              {ParameterDescriptor::text("shape", "-1", "Sizes with commas, such as 8,4,-1; one -1 stands for what is left.")}})
    {
    }

    Result<Shape> outputShape(std::span<const Shape> inputs, const Parameters& parameters) const override
    {
        return reshaped(inputs.front(), parameters.text("shape"));
    }

    std::unique_ptr<Module> module(std::span<const Shape> inputs, const Parameters& parameters, const at::Generator&) const override
    {
        return functionModule([sizes = batchedSizes(inputs, parameters, -1)](std::span<const at::Tensor> values, const ForwardContext&) {
            return inFastLayout(values.front().reshape(sizes));
        });
    }

    std::string emitOnnx(OnnxEmitter& emitter, const std::vector<std::string>& inputs, std::span<const Shape> inputShapes,
                         const Parameters& parameters) const override
    {
        return emitter.node("Reshape", {inputs.front(), emitter.integers(batchedSizes(inputShapes, parameters, 0))});
    }

private:
    static Integers batchedSizes(std::span<const Shape> inputs, const Parameters& parameters, std::int64_t batch)
    {
        Integers sizes = reshaped(inputs.front(), parameters.text("shape")).value();
        sizes.insert(sizes.begin(), batch);
        return sizes;
    }
};

class Transpose final : public DescribedOperation {
public:
    Transpose()
        : DescribedOperation({"transpose", "Transpose", "Shape", "The same numbers with the dimensions in another order.", 1, 1,
                              {ParameterDescriptor::text("order", "1,0",
                                                         "Which dimension comes first, second, …, counted from 0: 1,2,0 puts an image's channels last.")}})
    {
    }

    Result<Shape> outputShape(std::span<const Shape> inputs, const Parameters& parameters) const override
    {
        const Shape& input = inputs.front();
        const std::string& text = parameters.text("order");
        const std::optional<Integers> order = integersIn(text);
        Integers sorted = order.value_or(Integers());
        std::ranges::sort(sorted);
        bool fits = sorted.size() == input.size();
        for (std::size_t i = 0; fits && i < sorted.size(); ++i)
            fits = sorted[i] == static_cast<std::int64_t>(i);
        if (!fits)
            return misfit(fmt::format("'{}' cannot put the {} dimensions of {} in the order '{}'; write each number from 0 to {} once, with commas",
                                      descriptor().name, input.size(), space::shapeText(input), text, input.size() - 1));
        Shape output;
        for (const std::int64_t axis : *order)
            output.push_back(input[static_cast<std::size_t>(axis)]);
        return output;
    }

    std::unique_ptr<Module> module(std::span<const Shape>, const Parameters& parameters, const at::Generator&) const override
    {
        return functionModule([order = batchedOrder(parameters)](std::span<const at::Tensor> values, const ForwardContext&) {
            return inFastLayout(values.front().permute(order));
        });
    }

    std::string emitOnnx(OnnxEmitter& emitter, const std::vector<std::string>& inputs, std::span<const Shape>,
                         const Parameters& parameters) const override
    {
        return emitter.node("Transpose", inputs, {{"perm", batchedOrder(parameters)}});
    }

private:
    static Integers batchedOrder(const Parameters& parameters)
    {
        Integers order{0};
        const auto axes = integersIn(parameters.text("order"));
        for (const std::int64_t axis : *axes)
            order.push_back(axis + 1);
        return order;
    }
};

class Slice final : public DescribedOperation {
public:
    Slice()
        : DescribedOperation({"slice", "Slice", "Shape", "A part of the input along one dimension.", 1, 1,
                              {ParameterDescriptor::integer("dimension", 0, 0, static_cast<std::int64_t>(maxRank) - 1,
                                                            "Which dimension, counted from 0: a sequence has its length at 0 and its features at 1."),
                               ParameterDescriptor::integer("start", 0, -1'000'000'000, 1'000'000'000, "First index; negative ones count from the end."),
                               ParameterDescriptor::integer("length", 1, 0, 1'000'000'000, "How many; 0: all that follow.")}})
    {
    }

    Result<Shape> outputShape(std::span<const Shape> inputs, const Parameters& parameters) const override
    {
        const Shape& input = inputs.front();
        const auto axis = static_cast<std::size_t>(parameters.integer("dimension"));
        if (axis >= input.size())
            return misfit(fmt::format("'{}' has no dimension {} in {}; the last one is {}", descriptor().name, axis, space::shapeText(input),
                                      input.size() - 1));
        const Range range = rangeOf(input, parameters);
        if (range.start < 0 || range.length < 1 || range.length > input[axis] - range.start)
            return misfit(fmt::format("'{}' reaches outside dimension {} of {}: it starts at {} and takes {}; start and length must stay within {}",
                                      descriptor().name, axis, space::shapeText(input), parameters.integer("start"), parameters.integer("length"),
                                      input[axis]));
        Shape output = input;
        output[axis] = range.length;
        return output;
    }

    std::unique_ptr<Module> module(std::span<const Shape> inputs, const Parameters& parameters, const at::Generator&) const override
    {
        return functionModule([axis = parameters.integer("dimension") + 1, range = rangeOf(inputs.front(), parameters)](
                                  std::span<const at::Tensor> values, const ForwardContext&) {
            return inFastLayout(values.front().narrow(axis, range.start, range.length));
        });
    }

    std::string emitOnnx(OnnxEmitter& emitter, const std::vector<std::string>& inputs, std::span<const Shape> inputShapes,
                         const Parameters& parameters) const override
    {
        const Range range = rangeOf(inputShapes.front(), parameters);
        return emitter.node("Slice", {inputs.front(), emitter.integers({range.start}), emitter.integers({range.start + range.length}),
                                      emitter.integers({parameters.integer("dimension") + 1})});
    }

private:
    struct Range {
        std::int64_t start = 0;
        std::int64_t length = 0;
    };

    static Range rangeOf(const Shape& input, const Parameters& parameters)
    {
        const std::int64_t size = input[static_cast<std::size_t>(parameters.integer("dimension"))];
        Range range{parameters.integer("start"), parameters.integer("length")};
        if (range.start < 0)
            range.start += size;
        if (range.length == 0)
            range.length = size - range.start;
        return range;
    }
};

} // namespace

std::unique_ptr<Operation> reshape()
{
    return std::make_unique<Reshape>();
}

std::unique_ptr<Operation> transpose()
{
    return std::make_unique<Transpose>();
}

std::unique_ptr<Operation> slice()
{
    return std::make_unique<Slice>();
}

} // namespace archscope::ops
