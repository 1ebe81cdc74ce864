#include "core/model/supernet_torch.h"

#include "core/base/hash.h"
#include "core/base/rng.h"

#include <ATen/CPUGeneratorImpl.h>
#include <c10/core/GradMode.h>
#include <algorithm>
#include <fmt/format.h>

namespace archscope::model {

/// What the pass under way weights mixtures by; null: everything counts whole.
struct Supernet::Gates {
    const MixtureWeights* weights = nullptr;
};

namespace {
constexpr std::size_t pathsKept = 4;

/// Sets the weights for one pass.
class GateScope {
public:
    GateScope(const MixtureWeights*& place, const MixtureWeights& weights) : m_place(place) { m_place = &weights; }
    ~GateScope() { m_place = nullptr; }
    GateScope(const GateScope&) = delete;
    GateScope& operator=(const GateScope&) = delete;

private:
    const MixtureWeights*& m_place;
};

class MixtureModule final : public ops::Module {
public:
    MixtureModule(network::Mixture mixture, std::function<const MixtureWeights*()> weights)
        : m_mixture(std::move(mixture)), m_weights(std::move(weights))
    {
    }

    at::Tensor forward(std::span<const at::Tensor> inputs, const ops::ForwardContext&) override
    {
        const MixtureWeights* weights = m_weights();
        if (!weights || !(*weights)[m_mixture.decision].defined()) {
            at::Tensor sum = inputs.front();
            for (const at::Tensor& input : inputs.subspan(1))
                sum = sum + input;
            return m_mixture.mean ? sum / static_cast<double>(inputs.size()) : sum;
        }
        const at::Tensor& all = (*weights)[m_mixture.decision];
        at::Tensor sum;
        at::Tensor total;
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            const at::Tensor weight = all.select(0, static_cast<std::int64_t>(m_mixture.entries[i]));
            sum = sum.defined() ? sum + inputs[i] * weight : inputs[i] * weight;
            if (m_mixture.mean)
                total = total.defined() ? total + weight : weight;
        }
        return m_mixture.mean ? sum / total : sum;
    }

private:
    network::Mixture m_mixture;
    std::function<const MixtureWeights*()> m_weights;
};

/// The same for the same layer of the same shape, wherever it is met: "layers/0/op/conv~3f2a91c0".
std::string poolKey(const network::Layer& layer, std::span<const space::Shape> shapes)
{
    std::string text = layer.operation;
    for (const auto& [name, value] : layer.parameters.values())
        text += fmt::format("|{}={}", name, space::literalText(value));
    for (const space::Shape& shape : shapes)
        text += "|" + space::shapeText(shape);
    return fmt::format("{}~{:016x}", layer.name, hash64(text));
}

bool endsIn(std::string_view text, std::string_view ending, std::string_view& stem)
{
    if (!text.ends_with(ending))
        return false;
    stem = text.substr(0, text.size() - ending.size());
    return true;
}

/// Scale and shift of normalisations by batch stay as they are: one and zero.
void fixNorms(std::vector<ops::NamedTensor>& tensors)
{
    for (const ops::NamedTensor& statistics : tensors) {
        std::string_view norm;
        if (!endsIn(statistics.name, "running_mean", norm))
            continue;
        for (ops::NamedTensor& other : tensors) {
            std::string_view owner;
            if ((endsIn(other.name, "weight", owner) || endsIn(other.name, "bias", owner)) && owner == norm)
                other.trainable = false;
        }
    }
}

bool isStatistic(const ops::NamedTensor& named)
{
    return named.name.ends_with("running_mean") || named.name.ends_with("running_var");
}

void fill(const std::string& name, const at::Tensor& tensor, const WeightTensor& from)
{
    TORCH_CHECK(from.shape == tensor.sizes().vec() && from.values.size() == static_cast<std::size_t>(tensor.numel()),
                "the stored weights do not fit ", name);
    tensor.copy_(at::from_blob(const_cast<float*>(from.values.data()), from.shape, at::kFloat));
}
} // namespace

Supernet::Supernet(const space::SearchSpace& space, const space::DecisionSpace& decisions, const space::OperationSet& operations,
                   const network::TaskShape& task, const Settings& settings)
    : m_space(space), m_decisions(decisions), m_operations(operations), m_task(task), m_settings(settings), m_gates(std::make_shared<Gates>())
{
}

Result<void> Supernet::prepareMixture()
{
    network::SupernetOptions options;
    options.partialChannels = m_settings.partialChannels;
    ARCHSCOPE_ASSIGN(const network::Network network, network::lowerSupernet(m_space, m_decisions, m_operations, m_task, options));
    ARCHSCOPE_ASSIGN(m_mixture, moduleOf(network));
    return {};
}

at::Tensor Supernet::forward(const at::Tensor& input, const MixtureWeights& weights, const ops::ForwardContext& context)
{
    const GateScope scope(m_gates->weights, weights);
    return m_mixture->forward(input, context);
}

Result<at::Tensor> Supernet::forwardGated(const space::Genotype& path, const at::Tensor& input, const MixtureWeights& weights,
                                          const ops::ForwardContext& context)
{
    ARCHSCOPE_ASSIGN(const auto module, pathModule(path, true));
    const GateScope scope(m_gates->weights, weights);
    return module->forward(input, context);
}

Result<std::shared_ptr<NetworkModule>> Supernet::path(const space::Genotype& genotype)
{
    return pathModule(genotype, m_settings.partialChannels > 1);
}

Result<std::shared_ptr<NetworkModule>> Supernet::pathModule(const space::Genotype& genotype, bool gated)
{
    const auto known = std::find_if(m_paths.begin(), m_paths.end(), [&](const Path& path) { return path.gated == gated && path.genotype == genotype; });
    if (known != m_paths.end())
        return known->module;
    network::SupernetOptions options;
    options.path = &genotype;
    options.partialChannels = m_settings.partialChannels;
    ARCHSCOPE_ASSIGN(const network::Network network, gated ? network::lowerSupernet(m_space, m_decisions, m_operations, m_task, options)
                                                           : network::lower(m_space, m_decisions, genotype, m_operations, m_task));
    ARCHSCOPE_ASSIGN(auto module, moduleOf(network));
    if (m_paths.size() == pathsKept)
        m_paths.erase(m_paths.begin());
    m_paths.push_back({genotype, gated, module});
    return module;
}

Result<std::shared_ptr<NetworkModule>> Supernet::moduleOf(const network::Network& network)
{
    return NetworkModule::build(network, [this](const network::Layer& layer, std::span<const space::Shape> shapes) -> Result<std::shared_ptr<ops::Module>> {
        if (layer.operation == network::mixtureOperation)
            return std::make_shared<MixtureModule>(network::mixtureOf(layer), [gates = m_gates] { return gates->weights; });
        return pooled(layer, shapes);
    });
}

Result<std::shared_ptr<ops::Module>> Supernet::pooled(const network::Layer& layer, std::span<const space::Shape> shapes)
{
    const std::string key = poolKey(layer, shapes);
    if (const auto it = m_pool.find(key); it != m_pool.end())
        return it->second;
    const auto* operation = dynamic_cast<const ops::Operation*>(m_operations.find(layer.operation));
    if (!operation)
        return fail(ErrorCode::Unsupported, fmt::format("the operation '{}' cannot be trained", layer.operation), layer.name);
    const c10::NoGradGuard noGradients;
    const at::Generator generator = at::detail::createCPUGenerator(Rng::mixed({m_settings.seed, hash64(key)}));
    std::shared_ptr<ops::Module> module = operation->module(shapes, layer.parameters, generator);
    if (!m_settings.affineNorms)
        fixNorms(module->tensors());
    for (ops::NamedTensor& named : module->tensors()) {
        at::Tensor tensor = named.tensor.to(m_settings.device);
        if (tensor.dim() == 4)
            tensor = tensor.contiguous(at::MemoryFormat::ChannelsLast);
        named.tensor = tensor.detach().set_requires_grad(named.trainable);
        const std::string name = key + "." + named.name;
        if (const auto stored = m_pending.find(name); stored != m_pending.end()) {
            fill(name, named.tensor, stored->second);
            m_pending.erase(stored);
        }
    }
    m_pool.emplace(key, module);
    return module;
}

std::vector<ops::NamedTensor> Supernet::tensors() const
{
    std::vector<ops::NamedTensor> all;
    for (const auto& [key, module] : m_pool) {
        for (const ops::NamedTensor& named : module->tensors()) {
            all.push_back(named);
            all.back().name = key + "." + named.name;
        }
    }
    return all;
}

Weights Supernet::weights() const
{
    Weights weights = m_pending;
    for (const ops::NamedTensor& named : tensors()) {
        const at::Tensor values = named.tensor.detach().to(at::kCPU, at::kFloat).contiguous(at::MemoryFormat::Contiguous);
        WeightTensor tensor;
        tensor.shape = values.sizes().vec();
        tensor.values.assign(values.data_ptr<float>(), values.data_ptr<float>() + values.numel());
        weights.insert_or_assign(named.name, std::move(tensor));
    }
    return weights;
}

Result<void> Supernet::load(Weights weights)
{
    const c10::NoGradGuard noGradients;
    for (const ops::NamedTensor& named : tensors()) {
        const auto stored = weights.find(named.name);
        if (stored == weights.end())
            return fail(ErrorCode::InvalidInput, "the stored weights lack this tensor", named.name);
        if (stored->second.shape != named.tensor.sizes().vec() || stored->second.values.size() != static_cast<std::size_t>(named.tensor.numel()))
            return fail(ErrorCode::InvalidInput, "the stored weights have another shape", named.name);
    }
    for (const ops::NamedTensor& named : tensors()) {
        const auto stored = weights.find(named.name);
        fill(named.name, named.tensor, stored->second);
        weights.erase(stored);
    }
    m_pending = std::move(weights);
    return {};
}

void Supernet::resetStatistics()
{
    const c10::NoGradGuard noGradients;
    for (const ops::NamedTensor& named : tensors()) {
        if (isStatistic(named))
            named.tensor.fill_(named.name.ends_with("running_var") ? 1 : 0);
    }
}

std::map<std::string, at::Tensor> Supernet::statistics() const
{
    std::map<std::string, at::Tensor> copies;
    for (const ops::NamedTensor& named : tensors()) {
        if (isStatistic(named))
            copies.emplace(named.name, named.tensor.detach().clone());
    }
    return copies;
}

void Supernet::putBack(const std::map<std::string, at::Tensor>& statistics)
{
    const c10::NoGradGuard noGradients;
    for (const ops::NamedTensor& named : tensors()) {
        if (const auto it = statistics.find(named.name); it != statistics.end())
            named.tensor.copy_(it->second);
    }
}

} // namespace archscope::model
