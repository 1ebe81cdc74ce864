#include "core/train/proxies.h"

#include "core/base/text.h"
#include "core/train/device_torch.h"
#include "core/train/proxies_torch.h"
#include "core/train/trainer_torch.h"

#include <c10/core/GradMode.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

namespace archscope::train {

namespace {

const std::array<ProxyDescriptor, 6>& descriptors()
{
    static const std::array<ProxyDescriptor, 6> all{ {
        { "synflow", "SynFlow", "Product of weights along all paths from input to output, without data: the logarithm of its sum.",
            "Tanaka et al. 2020, Pruning neural networks without any data by iteratively conserving synaptic flow, section 5", false },
        { "naswot", "NASWOT", "How differently the activations of a batch's samples fire: the logarithm of the determinant of their kernel.",
            "Mellor et al. 2021, Neural architecture search without training, section 3", true },
        { "snip", "SNIP", "How much the loss of one batch would change if weights were cut: the sum of |weight · gradient|.",
            "Lee et al. 2019, SNIP: single-shot network pruning based on connection sensitivity, section 4", true },
        { "grad-norm", "Gradient norm", "Sum over the weight tensors of the Euclidean norm of their gradient on one batch.",
            "Abdelfattah et al. 2021, Zero-cost proxies for lightweight NAS, section 3.1", true },
        { "parameters", "Parameters", "The number of trainable numbers: larger networks first.", "Abdelfattah et al. 2021", false },
        { "flops", "FLOPs", "The number of multiply-adds: slower networks first.", "White et al. 2022, A deeper look at zero-cost proxies for lightweight NAS", false },
    } };
    return all;
}

/// The weights as they are now, those that are trained.
std::vector<at::Tensor> weightsOf(const model::NetworkModule& module)
{
    return module.trainable();
}

tl::unexpected<Error> noWeights(std::string_view proxy)
{
    return fail(ErrorCode::Unsupported, "the network has no weights that could be scored", std::string(proxy));
}

/// |weight · gradient| summed over everything, of a network of absolute weights that is shown ones: R_SF in the paper.
Result<double> synflow(model::NetworkModule& module, const network::Network& network, at::Device device)
{
    // Products of many layers leave the range of floats. Running means are 0 and variances 1: in evaluation mode norms pass on.
    for (ops::NamedTensor& named : module.tensors()) {
        const c10::NoGradGuard noGradients;
        named.tensor.set_data(named.trainable ? named.tensor.to(at::kDouble).abs() : named.tensor.is_floating_point() ? named.tensor.to(at::kDouble) : named.tensor);
    }
    std::vector<std::int64_t> sizes{ 1 };
    sizes.insert(sizes.end(), network.task.input.begin(), network.task.input.end());
    const bool tokens = network.task.vocabulary > 0;
    const at::Tensor ones = at::ones(sizes, at::TensorOptions(tokens ? at::kLong : at::kDouble).device(device));
    const at::Tensor flow = module.forward(ones, {}).sum();
    if (!flow.requires_grad())
        return noWeights("synflow");
    flow.backward();
    double sum = 0;
    for (const at::Tensor& weight : weightsOf(module)) {
        if (weight.grad().defined())
            sum += (weight.grad() * weight).sum().item<double>();
    }
    return std::log(std::max(sum, 1e-300));
}

/// log |det K|, K(i, j) = number of activations that agree between samples i and j.
Result<double> naswot(model::NetworkModule& module, const Batch& batch)
{
    const c10::NoGradGuard noGradients;
    const std::int64_t samples = batch.size();
    at::Tensor kernel = at::zeros({ samples, samples }, at::TensorOptions(at::kDouble).device(batch.target.device()));
    bool fired = false;
    const std::function<void(const at::Tensor&)> listen = [&](const at::Tensor& activations) {
        if (activations.size(0) != samples)
            return;
        fired = true;
        const at::Tensor code = activations.reshape({ samples, -1 }).gt(0).to(at::kFloat);
        const at::Tensor off = 1 - code;
        kernel += at::matmul(code, code.t()).to(at::kDouble) + at::matmul(off, off.t()).to(at::kDouble);
    };
    ops::ForwardContext context;
    context.activations = &listen;
    module.forward(batch.input, context);
    if (!fired)
        return fail(ErrorCode::Unsupported, "the network has no activation functions, which this proxy looks at", "naswot");
    const auto [sign, logarithm] = at::slogdet(kernel);
    const double score = logarithm.item<double>();
    // Samples that no activation tells apart make the kernel singular: the worst there is.
    return std::isfinite(score) ? score : -1e6;
}

/// The sum of `share` over the weights, after the backward pass of one batch's loss.
Result<double> ofGradients(std::string_view proxy, model::NetworkModule& module, const Batch& batch, const at::Generator& generator,
    const std::function<at::Tensor(const at::Tensor& weight, const at::Tensor& gradient)>& share)
{
    const c10::AutoGradMode gradients(true);
    const at::Tensor loss = at::cross_entropy_loss(module.forward(batch.input, { true, generator }), batch.target);
    if (!loss.requires_grad())
        return noWeights(proxy);
    loss.backward();
    const c10::NoGradGuard noGradients;
    double sum = 0;
    for (const at::Tensor& weight : weightsOf(module)) {
        if (weight.grad().defined())
            sum += share(weight, weight.grad()).item<double>();
    }
    if (!std::isfinite(sum))
        return fail(ErrorCode::NumericalFailure, "the gradients of one batch are infinite or NaN", std::string(proxy));
    return sum;
}

} // namespace

std::span<const ProxyDescriptor> proxyDescriptors()
{
    return descriptors();
}

const ProxyDescriptor* findProxy(std::string_view name)
{
    const auto found = std::ranges::find(descriptors(), name, &ProxyDescriptor::name);
    return found == descriptors().end() ? nullptr : &*found;
}

std::vector<std::string> proxyNames()
{
    std::vector<std::string> names;
    for (const ProxyDescriptor& proxy : descriptors())
        names.push_back(proxy.name);
    return names;
}

Result<double> proxyScore(std::string_view proxy, const network::Network& network, const space::OperationSet& operations, const Batch& batch,
    std::uint64_t seed, at::Device device)
{
    if (!findProxy(proxy))
        return fail(ErrorCode::InvalidArgument, unknownName("proxy", std::string(proxy), proxyNames()));
    if (proxy == "parameters")
        return static_cast<double>(network.cost().parameters);
    if (proxy == "flops")
        return static_cast<double>(network.cost().flops);
    ARCHSCOPE_ASSIGN(const auto module, builtModule(network, operations, seed, device));
    if (proxy == "synflow")
        return synflow(*module, network, device);
    if (proxy == "naswot")
        return naswot(*module, batch);
    const at::Generator generator = seededGenerator(device, seed);
    if (proxy == "snip")
        return ofGradients(proxy, *module, batch, generator, [](const at::Tensor& weight, const at::Tensor& gradient) { return (weight * gradient).abs().sum(); });
    return ofGradients(proxy, *module, batch, generator, [](const at::Tensor&, const at::Tensor& gradient) { return gradient.norm(); });
}

} // namespace archscope::train
