// Networks of presets as modules: run forward and backward and compared with what was predicted.
#pragma once

#include "core/model/network_module_torch.h"
#include "tests/core/catalog/preset_support.h"

#include <ATen/CPUGeneratorImpl.h>
#include <c10/core/GradMode.h>
#include <fmt/format.h>

namespace archscope::catalog {

inline at::Tensor randomInput(const space::Shape& shape, const network::TaskShape& task, std::int64_t batch, const at::Generator& generator)
{
    std::vector<std::int64_t> sizes{batch};
    sizes.insert(sizes.end(), shape.begin(), shape.end());
    if (shape.size() == 1 && task.vocabulary > 0)
        return at::empty(sizes).random_(0, task.vocabulary, generator);
    return at::empty(sizes).normal_(0, 1, generator);
}

/// Each layer by itself on random numbers of its predicted inputs' shapes: what it gives, and what can be trained in it.
inline std::string layerProblem(const network::Network& network, const at::Generator& generator)
{
    for (const network::Layer& layer : network.layers) {
        for (const network::Network& cell : layer.cell) {
            if (const std::string problem = layerProblem(cell, generator); !problem.empty())
                return layer.name + ": " + problem;
        }
        const auto* operation = dynamic_cast<const ops::Operation*>(builtins().operations().find(layer.operation));
        if (!operation)
            continue;
        std::vector<space::Shape> shapes;
        std::vector<at::Tensor> inputs;
        for (const int input : layer.inputs) {
            shapes.push_back(network.layers[static_cast<std::size_t>(input)].output);
            inputs.push_back(randomInput(shapes.back(), network.task, 2, generator));
        }
        const auto module = operation->module(shapes, layer.parameters, generator);
        std::int64_t parameters = 0;
        for (const ops::NamedTensor& tensor : module->tensors())
            parameters += tensor.trainable ? tensor.tensor.numel() : 0;
        if (parameters != layer.cost.parameters)
            return fmt::format("{}: {} parameters, {} predicted", layer.name, parameters, layer.cost.parameters);
        std::vector<std::int64_t> expected{2};
        expected.insert(expected.end(), layer.output.begin(), layer.output.end());
        if (const at::Tensor output = module->forward(inputs, {true, generator}); output.sizes() != at::IntArrayRef(expected))
            return fmt::format("{}: gives {}, {} predicted", layer.name, fmt::join(output.sizes().vec(), "×"), fmt::join(expected, "×"));
    }
    return {};
}

/// Empty when all is as predicted.
inline std::string moduleProblem(const network::Network& network, std::uint64_t seed)
{
    const at::Generator generator = at::detail::createCPUGenerator(seed);
    const auto module = model::NetworkModule::build(network, builtins().operations(), generator);
    if (!module)
        return module.error().text();
    std::int64_t parameters = 0;
    for (const at::Tensor& tensor : (*module)->trainable())
        parameters += tensor.numel();
    if (parameters != network.cost().parameters)
        return fmt::format("{} parameters, {} predicted", parameters, network.cost().parameters);
    const c10::AutoGradMode grad(true);
    const at::Tensor output = (*module)->forward(randomInput(network.task.input, network.task, 2, generator), {true, generator});
    std::vector<std::int64_t> expected{2};
    for (const std::int64_t size : network.task.output())
        expected.push_back(size);
    if (output.sizes() != at::IntArrayRef(expected))
        return fmt::format("gives {}", fmt::join(output.sizes().vec(), "×"));
    output.square().mean().backward();
    for (const at::Tensor& tensor : (*module)->trainable()) {
        if (!tensor.grad().defined() || !tensor.grad().isfinite().all().item<bool>())
            return "a tensor has no finite gradient";
    }
    return {};
}

} // namespace archscope::catalog
