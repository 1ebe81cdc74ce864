#include "core/export/verification.h"

#include "core/base/rng.h"
#include "core/base/text.h"
#include "core/train/training_evaluator.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace archscope::exporting {

namespace {

constexpr std::int64_t randomSampleCount = 64;

std::int64_t product(const space::Shape& shape)
{
    std::int64_t count = 1;
    for (const std::int64_t size : shape)
        count *= size;
    return count;
}

/// Standard normal samples that are their own normalisation: what a network sees without a task.
data::Task randomTask(const network::TaskShape& shape)
{
    Rng rng;
    std::vector<float> values(static_cast<std::size_t>(randomSampleCount * product(shape.input)));
    std::ranges::generate(values, [&] { return static_cast<float>(rng.normal()); });
    data::Task task;
    task.dataset.samples = { shape.input, std::move(values) };
    task.dataset.labels.assign(randomSampleCount, 0);
    task.dataset.classes.assign(static_cast<std::size_t>(shape.outputs), {});
    task.dataset.testBegin = randomSampleCount;
    for (std::int64_t i = 0; i < randomSampleCount; ++i)
        task.splits.test.push_back(i);
    task.normalisation.mean.assign(static_cast<std::size_t>(shape.input.front()), 0);
    task.normalisation.deviation.assign(static_cast<std::size_t>(shape.input.front()), 1);
    return task;
}

Result<Reference> answers(const ExportRequest& request, const data::Task& task, std::string words)
{
    Reference reference{ std::move(words), train::normalisedSamples(task, task.splits.test), {} };
    ARCHSCOPE_ASSIGN(
        reference.outputs, train::logits(request.network, *request.operations, request.weights, task, task.splits.test));
    if (!std::ranges::all_of(reference.outputs, [](float value) { return std::isfinite(value); }))
        return fail(
            ErrorCode::NumericalFailure, "the network's outputs are not all finite numbers; retrain it before exporting");
    return reference;
}

} // namespace

Result<void> checkRequest(const ExportRequest& request)
{
    const network::Network& network = request.network;
    if (network.layers.empty() || network.task.input.empty())
        return fail(ErrorCode::InvalidInput, "the network has no layers, so there is nothing to export");
    if (request.weights.empty() && network.cost().parameters > 0)
        return fail(ErrorCode::InvalidInput, "the network has no trained weights; retrain it before exporting");
    if (request.task && request.task->dataset.samples.shape != network.task.input)
        return fail(ErrorCode::InvalidInput,
            fmt::format("the task's samples are {}, but the network takes {}; choose the task it was trained on",
                space::shapeText(request.task->dataset.samples.shape), space::shapeText(network.task.input)));
    return {};
}

Result<Reference> referenceFor(const ExportRequest& request)
{
    if (!request.task || request.task->splits.test.empty())
        return answers(request, randomTask(request.network.task), fmt::format("{} random inputs", randomSampleCount));
    const auto count = static_cast<std::int64_t>(request.task->splits.test.size());
    return answers(request, *request.task, fmt::format("{} test samples", groupDigits(count)));
}

Result<double> agreement(const Reference& reference, std::span<const float> outputs, const std::string& who)
{
    if (outputs.size() != reference.outputs.size())
        return fail(ErrorCode::NumericalFailure,
            fmt::format("{} gives {} outputs where LibTorch gives {}; nothing was exported", who, outputs.size(),
                reference.outputs.size()));
    double scale = 1;
    double difference = 0;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        scale = std::max(scale, std::abs(static_cast<double>(reference.outputs[i])));
        const double here = std::abs(static_cast<double>(outputs[i]) - static_cast<double>(reference.outputs[i]));
        difference = std::isnan(here) ? here : std::isnan(difference) ? difference : std::max(difference, here);
    }
    if (!(difference <= toleratedDifference * scale))
        return fail(ErrorCode::NumericalFailure,
            fmt::format("{} differs from LibTorch by {} on {}, more than the tolerated {}; nothing was exported", who,
                plainNumber(difference, 3), reference.samples, plainNumber(toleratedDifference * scale, 3)));
    return difference;
}

} // namespace archscope::exporting
