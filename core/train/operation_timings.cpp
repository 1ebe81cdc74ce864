#include "core/train/operation_timings.h"

#include "core/base/text.h"
#include "core/train/device_torch.h"
#include "core/train/latency_torch.h"
#include "core/train/torch_guard.h"
#include "core/train/trainer_torch.h"

#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace archscope::train {

namespace {

constexpr const char* format = "archscope.timings";
constexpr int formatVersion = 1;

constexpr LatencyBounds operationBounds{ .minRuns = 30, .maxSeconds = 0.005 };
/// A GPU works behind the program's back: only several calls together take as long there as they do within a network.
constexpr int callsPerRunOnGpu = 16;
/// What the rest of a network uses between two runs of one of its operations. Alone, with weights and code in the caches, an
/// operation is a tenth faster than within a network.
constexpr std::int64_t otherMemoryBytes = 512 * 1024;

/// Operation, parameters and cell: all of a layer but where its inputs come from.
std::string textOf(const network::Layer& layer)
{
    std::vector<std::string> parameters;
    for (const auto& [name, value] : layer.parameters.values())
        parameters.push_back(fmt::format("{}={}", name, space::literalText(value)));
    std::string text = fmt::format("{}({})", layer.operation, joined(parameters, ","));
    for (const network::Network& cell : layer.cell) {
        std::vector<std::string> steps;
        for (const network::Layer& step : cell.layers)
            steps.push_back(fmt::format("{}<{}>", textOf(step), fmt::join(step.inputs, ",")));
        text += "{" + joined(steps, ";") + "}";
    }
    return text;
}

/// The layer as a network of its own, with an input for each of its inputs.
network::Network alone(const network::Network& network, const network::Layer& layer)
{
    network::Network single;
    network::Layer copy = layer;
    copy.inputs.clear();
    for (const int from : layer.inputs) {
        network::Layer input;
        input.name = fmt::format("input{}", single.layers.size());
        input.operation = "input";
        input.output = network.layers[static_cast<std::size_t>(from)].output;
        copy.inputs.push_back(static_cast<int>(single.layers.size()));
        single.layers.push_back(std::move(input));
    }
    single.layers.push_back(std::move(copy));
    return single;
}

/// Random samples, one for each input of the network, as the layers before would hand them over.
std::vector<at::Tensor> samplesFor(const network::Network& network, at::Device device)
{
    at::Generator generator = seededGenerator(at::kCPU, 0);
    std::vector<at::Tensor> samples;
    for (const network::Layer& layer : network.layers) {
        if (layer.operation != "input")
            continue;
        std::vector<std::int64_t> sizes = layer.output;
        sizes.insert(sizes.begin(), 1);
        const at::Tensor sample = at::empty(sizes, at::kFloat).normal_(0, 1, generator).to(device);
        samples.push_back(sizes.size() == 4 ? channelsLast(sample) : sample);
    }
    return samples;
}

} // namespace

OperationTimings::OperationTimings(
    const space::OperationSet& operations, std::string device, std::shared_ptr<MeasurementLane> lane)
    : m_operations(operations)
    , m_device(std::move(device))
    , m_lane(std::move(lane))
{
}

Result<double> OperationTimings::predict(const network::Network& network)
{
    double sum = 0;
    for (const network::Layer& layer : network.layers) {
        if (layer.operation == "input")
            continue;
        const auto time = timeOf(network, layer);
        if (!time)
            return fail({ time.error().code, time.error().message, layer.name });
        sum += *time;
    }
    return sum;
}

network::LatencyPredictor OperationTimings::predictor()
{
    return [this](const network::Network& network) { return predict(network); };
}

std::size_t OperationTimings::size() const
{
    const std::lock_guard lock(m_mutex);
    return m_milliseconds.size();
}

std::map<std::string, double> OperationTimings::entries() const
{
    const std::lock_guard lock(m_mutex);
    return m_milliseconds;
}

Result<double> OperationTimings::errorAgainst(std::span<const Measured> networks)
{
    std::vector<double> errors;
    for (const Measured& measured : networks) {
        ARCHSCOPE_ASSIGN(const double predicted, predict(measured.network));
        errors.push_back(std::abs(predicted - measured.milliseconds) / measured.milliseconds);
    }
    if (errors.empty())
        return fail(ErrorCode::InvalidArgument, "no network has been measured");
    return medianOf(errors);
}

std::string OperationTimings::keyOf(const network::Network& network, const network::Layer& layer)
{
    std::vector<std::string> shapes;
    for (const int input : layer.inputs)
        shapes.push_back(space::shapeText(network.layers[static_cast<std::size_t>(input)].output));
    return fmt::format("{}[{}]", textOf(layer), joined(shapes, ","));
}

std::optional<double> OperationTimings::known(const std::string& key) const
{
    const std::lock_guard lock(m_mutex);
    const auto found = m_milliseconds.find(key);
    return found == m_milliseconds.end() ? std::nullopt : std::optional(found->second);
}

Result<double> OperationTimings::timeOf(const network::Network& network, const network::Layer& layer)
{
    const std::string key = keyOf(network, layer);
    if (const auto time = known(key))
        return *time;
    const std::lock_guard measuring(m_measuring);
    if (const auto time = known(key)) // measured while this one waited
        return *time;
    ARCHSCOPE_ASSIGN(const double time, measured(network, layer));
    const std::lock_guard lock(m_mutex);
    m_milliseconds.emplace(key, time);
    return time;
}

Result<double> OperationTimings::measured(const network::Network& network, const network::Layer& layer) const
{
    if (layer.inputs.empty())
        return fail(ErrorCode::Unsupported, fmt::format("'{}' without inputs is no operation that runs", layer.operation));
    return guarded([&]() -> Result<double> {
        const network::Network single = alone(network, layer);
        ARCHSCOPE_ASSIGN(const at::Device device, torchDevice(m_device));
        ARCHSCOPE_ASSIGN(const auto module, builtModule(single, m_operations, 0, device));
        const std::vector<at::Tensor> samples = samplesFor(single, device);
        const int calls = device.is_cpu() ? 1 : callsPerRunOnGpu;
        const c10::InferenceMode inference;
        const at::Tensor other = at::zeros(otherMemoryBytes / static_cast<std::int64_t>(sizeof(float)), at::kFloat);
        // Not for the length of the measurement alone: what is given back might reach into trials beside it.
        prepareThread(1);
        std::optional<MeasurementPermit> permit;
        if (m_lane)
            permit.emplace(*m_lane);
        const LatencyResult result = timedRuns(
            [&] {
                for (int i = 0; i < calls; ++i)
                    module->forward(samples, {});
                synchronise(device);
            },
            operationBounds, [&] { other.add_(1); });
        return result.medianMs / calls;
    });
}

Json OperationTimings::toJson() const
{
    return { { "format", format }, { "version", formatVersion }, { "device", m_device }, { "milliseconds", entries() } };
}

Result<void> OperationTimings::restore(const Json& document)
{
    ARCHSCOPE_TRY(checkFormat(document, format, formatVersion));
    const JsonReader reader(document);
    ARCHSCOPE_TRY(reader.expectOnly({ "format", "version", "device", "milliseconds" }));
    ARCHSCOPE_ASSIGN(const std::string device, reader.string("device"));
    if (device != m_device)
        return reader.fail(fmt::format("these times were measured on '{}', and '{}' is used here", device, m_device));
    ARCHSCOPE_ASSIGN(const JsonReader times, reader.member("milliseconds"));
    ARCHSCOPE_TRY(times.expectObject());
    std::map<std::string, double> read;
    for (const auto& [key, value] : times.value().items()) {
        ARCHSCOPE_ASSIGN(const double time, times.number(key.c_str()));
        if (!std::isfinite(time) || time < 0)
            return times.fail(fmt::format("'{}' cannot take {} ms", key, time));
        read.emplace(key, time);
    }
    const std::lock_guard lock(m_mutex);
    for (const auto& [key, time] : read)
        m_milliseconds.insert_or_assign(key, time);
    return {};
}

} // namespace archscope::train
