#include "core/model/network_module_torch.h"

#include <array>
#include <c10/core/GradMode.h>
#include <fmt/format.h>

namespace archscope::model {

Result<std::unique_ptr<NetworkModule>> NetworkModule::build(const network::Network& network, const space::OperationSet& operations,
                                                            const at::Generator& generator)
{
    return build(network, [&](const network::Layer& layer, std::span<const space::Shape> inputs) -> Result<std::shared_ptr<ops::Module>> {
        const auto* operation = dynamic_cast<const ops::Operation*>(operations.find(layer.operation));
        if (!operation)
            return fail(ErrorCode::Unsupported, fmt::format("the operation '{}' cannot be trained", layer.operation), layer.name);
        return operation->module(inputs, layer.parameters, generator);
    });
}

Result<std::unique_ptr<NetworkModule>> NetworkModule::build(const network::Network& network, const ModuleSource& source)
{
    auto module = std::make_unique<NetworkModule>();
    module->m_network = network;
    for (const network::Layer& layer : network.layers) {
        Step step;
        step.inputs = layer.inputs;
        step.name = layer.name;
        if (!layer.cell.empty()) {
            ARCHSCOPE_ASSIGN(step.cell, build(layer.cell.front(), source));
            step.hidden = layer.parameters.integer("hidden");
            step.lastOnly = layer.parameters.boolean("last");
        } else if (!layer.inputs.empty()) {
            std::vector<space::Shape> shapes;
            for (const int input : layer.inputs)
                shapes.push_back(network.layers[static_cast<std::size_t>(input)].output);
            ARCHSCOPE_ASSIGN(step.module, source(layer, shapes));
        }
        module->m_steps.push_back(std::move(step));
    }
    // The output of a layer is let go after the last layer that reads it.
    std::vector<int> lastReader(network.layers.size(), -1);
    for (std::size_t i = 0; i < network.layers.size(); ++i) {
        for (const int input : network.layers[i].inputs)
            lastReader[static_cast<std::size_t>(input)] = static_cast<int>(i);
    }
    for (std::size_t i = 0; i + 1 < network.layers.size(); ++i) {
        if (lastReader[i] >= 0)
            module->m_steps[static_cast<std::size_t>(lastReader[i])].lastUses.push_back(static_cast<int>(i));
    }
    return module;
}

at::Tensor NetworkModule::forward(const at::Tensor& input, const ops::ForwardContext& context)
{
    return forward(std::span(&input, 1), context);
}

at::Tensor NetworkModule::forward(std::span<const at::Tensor> inputs, const ops::ForwardContext& context)
{
    std::vector<at::Tensor> values(m_steps.size());
    std::vector<at::Tensor> sources;
    std::size_t nextInput = 0;
    for (std::size_t i = 0; i < m_steps.size(); ++i) {
        const Step& step = m_steps[i];
        sources.clear();
        for (const int source : step.inputs)
            sources.push_back(values[static_cast<std::size_t>(source)]);
        values[i] = step.module ? step.module->forward(sources, context)
            : step.cell         ? unrolled(step, sources.front(), context)
                                : inputs[nextInput++];
        for (const int done : step.lastUses)
            values[static_cast<std::size_t>(done)] = at::Tensor();
    }
    return values.back();
}

at::Tensor NetworkModule::unrolled(const Step& step, const at::Tensor& sequence, const ops::ForwardContext& context)
{
    std::array<at::Tensor, 2> stepAndState = {at::Tensor(), at::zeros({sequence.size(0), step.hidden}, sequence.options())};
    std::vector<at::Tensor> states;
    for (const at::Tensor& now : sequence.unbind(1)) {
        stepAndState[0] = now;
        stepAndState[1] = step.cell->forward(stepAndState, context);
        if (!step.lastOnly)
            states.push_back(stepAndState[1]);
    }
    return step.lastOnly ? stepAndState[1] : at::stack(states, 1);
}

std::vector<ops::NamedTensor> NetworkModule::tensors() const
{
    std::vector<ops::NamedTensor> all;
    for (const Step& step : m_steps) {
        if (step.cell) {
            for (ops::NamedTensor& named : step.cell->tensors())
                all.push_back(std::move(named));
        }
        if (!step.module)
            continue;
        for (const ops::NamedTensor& named : step.module->tensors()) {
            all.push_back(named);
            all.back().name = step.name + "." + named.name;
        }
    }
    return all;
}

std::vector<at::Tensor> NetworkModule::trainable() const
{
    std::vector<at::Tensor> all;
    for (const ops::NamedTensor& named : tensors()) {
        if (named.trainable)
            all.push_back(named.tensor);
    }
    return all;
}

void NetworkModule::replaceTensors(const std::function<at::Tensor(const ops::NamedTensor&)>& replaced)
{
    const c10::NoGradGuard noGradients;
    for (Step& step : m_steps) {
        if (step.cell)
            step.cell->replaceTensors(replaced);
        if (!step.module)
            continue;
        for (ops::NamedTensor& named : step.module->tensors())
            named.tensor = replaced(named).detach().set_requires_grad(named.trainable);
    }
}

void NetworkModule::to(at::Device device)
{
    replaceTensors([&](const ops::NamedTensor& named) { return named.tensor.to(device); });
}

void NetworkModule::toChannelsLast()
{
    replaceTensors([](const ops::NamedTensor& named) {
        return named.tensor.dim() == 4 ? named.tensor.contiguous(at::MemoryFormat::ChannelsLast) : named.tensor;
    });
}

Weights NetworkModule::weights() const
{
    const c10::NoGradGuard noGradients;
    Weights weights;
    for (const ops::NamedTensor& named : tensors()) {
        const at::Tensor values = named.tensor.detach().to(at::kCPU, at::kFloat).contiguous(at::MemoryFormat::Contiguous);
        WeightTensor tensor;
        tensor.shape = values.sizes().vec();
        tensor.values.assign(values.data_ptr<float>(), values.data_ptr<float>() + values.numel());
        weights.emplace(named.name, std::move(tensor));
    }
    return weights;
}

Result<void> NetworkModule::load(const Weights& weights)
{
    const c10::NoGradGuard noGradients;
    const std::vector<ops::NamedTensor> own = tensors();
    if (own.size() != weights.size())
        return fail(ErrorCode::InvalidInput, fmt::format("the weights have {} tensors, the network needs {}", weights.size(), own.size()));
    for (const ops::NamedTensor& named : own) {
        const auto it = weights.find(named.name);
        if (it == weights.end())
            return fail(ErrorCode::InvalidInput, "the weights lack this tensor", named.name);
        if (it->second.shape != named.tensor.sizes().vec())
            return fail(ErrorCode::InvalidInput,
                        fmt::format("the weights have shape {}, the network needs {}", space::shapeText(it->second.shape),
                                    space::shapeText(named.tensor.sizes().vec())),
                        named.name);
        if (it->second.values.size() != static_cast<std::size_t>(named.tensor.numel()))
            return fail(ErrorCode::InvalidInput, "the weights have more or fewer values than their shape says", named.name);
    }
    for (const ops::NamedTensor& named : own) {
        const WeightTensor& tensor = weights.at(named.name);
        named.tensor.copy_(at::from_blob(const_cast<float*>(tensor.values.data()), tensor.shape, at::kFloat));
    }
    return {};
}

} // namespace archscope::model
