// Networks this small are trained faster by plain loops than by LibTorch, whose calls cost more than their arithmetic. The
// build compiles this file with optimisation, also where the rest is not.
#include "core/search/predictor.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

namespace archscope::search {

namespace {
/// What is not zero of a vector of features: most are, and the first layer is the widest.
struct Sparse {
    std::vector<std::uint32_t> columns;
    std::vector<float> values;
};

void sparse(std::span<const float> features, Sparse& result)
{
    result.columns.clear();
    result.values.clear();
    for (std::size_t i = 0; i < features.size(); ++i) {
        if (features[i] != 0) {
            result.columns.push_back(static_cast<std::uint32_t>(i));
            result.values.push_back(features[i]);
        }
    }
}

void addScaled(float* __restrict to, const float* __restrict from, float factor, std::size_t count)
{
    for (std::size_t i = 0; i < count; ++i)
        to[i] += factor * from[i];
}

float dot(const float* __restrict a, const float* __restrict b, std::size_t count)
{
    float sum = 0;
    for (std::size_t i = 0; i < count; ++i)
        sum += a[i] * b[i];
    return sum;
}

class Adam {
public:
    Adam(std::size_t count, double rate)
        : m_first(count)
        , m_second(count)
        , m_rate(rate)
    {
    }

    void step(std::vector<float>& weights, std::vector<float>& gradient)
    {
        ++m_steps;
        const auto correction
            = static_cast<float>(m_rate * std::sqrt(1 - std::pow(0.999, m_steps)) / (1 - std::pow(0.9, m_steps)));
        float* __restrict w = weights.data();
        float* __restrict g = gradient.data();
        float* __restrict first = m_first.data();
        float* __restrict second = m_second.data();
        for (std::size_t i = 0; i < m_first.size(); ++i) {
            first[i] = 0.9F * first[i] + 0.1F * g[i];
            second[i] = 0.999F * second[i] + 0.001F * g[i] * g[i];
            w[i] -= correction * first[i] / (std::sqrt(second[i]) + 1e-7F);
            g[i] = 0;
        }
    }

private:
    std::vector<float> m_first;
    std::vector<float> m_second;
    double m_rate;
    int m_steps = 0;
};
} // namespace

std::vector<std::size_t> thompsonSample(std::span<const Prediction> predictions, std::size_t count, Rng& rng)
{
    std::vector<double> draws;
    for (const Prediction& prediction : predictions)
        draws.push_back(prediction.mean + prediction.deviation * rng.normal());
    std::vector<std::size_t> order(predictions.size());
    std::iota(order.begin(), order.end(), std::size_t{ 0 });
    std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return draws[a] > draws[b]; });
    order.resize(std::min(order.size(), count));
    return order;
}

EnsemblePredictor::EnsemblePredictor(std::size_t features, PredictorSettings settings, std::uint64_t seed)
    : m_features(features)
    , m_settings(settings)
    , m_seed(seed)
{
    std::size_t begin = 0;
    std::size_t inputs = features;
    for (int i = 0; i <= settings.layers; ++i) {
        const std::size_t outputs = i < settings.layers ? static_cast<std::size_t>(settings.width) : 1;
        m_layers.push_back({ inputs, outputs, begin });
        begin += (inputs + 1) * outputs;
        inputs = outputs;
    }
    for (int member = 0; member < settings.members; ++member) {
        Rng rng = Rng::derived({ seed, static_cast<std::uint64_t>(member), 0 });
        std::vector<float> weights(begin, 0.0F);
        for (const Layer& layer : m_layers) { // Glorot, Bengio 2010: uniform; no biases
            const double bound = std::sqrt(6.0 / static_cast<double>(layer.inputs + layer.outputs));
            for (std::size_t i = 0; i < layer.inputs * layer.outputs; ++i)
                weights[layer.begin + i] = static_cast<float>(bound * (2 * rng.uniform() - 1));
        }
        m_members.push_back(std::move(weights));
    }
}

namespace {
/// One layer: outputs = biases + inputs · weights, rectified unless it is the last.
template <class Layer> void forward(const Layer& layer, const float* weights, const float* inputs, float* outputs, bool last)
{
    std::copy_n(weights + layer.begin + layer.inputs * layer.outputs, layer.outputs, outputs);
    if (last) { // one output
        outputs[0] += dot(inputs, weights + layer.begin, layer.inputs);
        return;
    }
    for (std::size_t i = 0; i < layer.inputs; ++i) {
        if (inputs[i] != 0)
            addScaled(outputs, weights + layer.begin + i * layer.outputs, inputs[i], layer.outputs);
    }
    for (std::size_t o = 0; o < layer.outputs; ++o)
        outputs[o] = std::max(outputs[o], 0.0F);
}

template <class Layer> void forwardFirst(const Layer& layer, const float* weights, const Sparse& inputs, float* outputs)
{
    std::copy_n(weights + layer.begin + layer.inputs * layer.outputs, layer.outputs, outputs);
    for (std::size_t i = 0; i < inputs.columns.size(); ++i)
        addScaled(outputs, weights + layer.begin + inputs.columns[i] * layer.outputs, inputs.values[i], layer.outputs);
    for (std::size_t o = 0; o < layer.outputs; ++o)
        outputs[o] = std::max(outputs[o], 0.0F);
}
} // namespace

void EnsemblePredictor::train(std::span<const PredictorSample> samples)
{
    if (samples.empty())
        return;
    ++m_trainings;
    std::vector<Sparse> inputs(samples.size());
    for (std::size_t i = 0; i < samples.size(); ++i) {
        assert(samples[i].features.size() == m_features);
        sparse(samples[i].features, inputs[i]);
    }
    const auto batch = static_cast<std::size_t>(m_settings.batch);
    const std::size_t stepsAnEpoch = (samples.size() + batch - 1) / batch;
    const auto epochs = std::min<std::size_t>(static_cast<std::size_t>(m_settings.epochs),
        std::max<std::size_t>(1, static_cast<std::size_t>(m_settings.maxSteps) / stepsAnEpoch));
    const std::size_t count = m_layers.size();
    const auto width = static_cast<std::size_t>(m_settings.width);
    std::vector<float> activations(count * width);
    std::vector<float> delta(width);
    std::vector<float> deltaBelow(width);

    for (std::size_t m = 0; m < m_members.size(); ++m) {
        std::vector<float>& weights = m_members[m];
        std::vector<float> gradient(weights.size(), 0.0F);
        Adam adam(weights.size(), m_settings.learningRate);
        Rng rng = Rng::derived({ m_seed, m, m_trainings });
        std::vector<std::size_t> order(samples.size());
        std::iota(order.begin(), order.end(), std::size_t{ 0 });
        for (std::size_t epoch = 0; epoch < epochs; ++epoch) {
            rng.shuffle(std::span(order));
            for (std::size_t begin = 0; begin < order.size(); begin += batch) {
                const std::size_t end = std::min(begin + batch, order.size());
                for (std::size_t at = begin; at < end; ++at) {
                    const Sparse& input = inputs[order[at]];
                    const PredictorSample& sample = samples[order[at]];
                    forwardFirst(m_layers[0], weights.data(), input, activations.data());
                    for (std::size_t l = 1; l < count; ++l)
                        forward(m_layers[l], weights.data(), &activations[(l - 1) * width], &activations[l * width],
                            l + 1 == count);
                    const float error = activations[(count - 1) * width] - sample.target;
                    if (error == 0)
                        continue;
                    delta[0] = (error > 0 ? sample.weight : -sample.weight) / static_cast<float>(end - begin);
                    for (std::size_t l = count; l-- > 1;) {
                        const Layer& layer = m_layers[l];
                        const float* below = &activations[(l - 1) * width];
                        float* layerGradient = gradient.data() + layer.begin;
                        for (std::size_t i = 0; i < layer.inputs; ++i) {
                            if (below[i] > 0) {
                                addScaled(layerGradient + i * layer.outputs, delta.data(), below[i], layer.outputs);
                                deltaBelow[i]
                                    = dot(weights.data() + layer.begin + i * layer.outputs, delta.data(), layer.outputs);
                            } else {
                                deltaBelow[i] = 0;
                            }
                        }
                        addScaled(layerGradient + layer.inputs * layer.outputs, delta.data(), 1, layer.outputs);
                        delta.swap(deltaBelow);
                    }
                    const Layer& first = m_layers[0];
                    float* firstGradient = gradient.data() + first.begin;
                    for (std::size_t i = 0; i < input.columns.size(); ++i)
                        addScaled(
                            firstGradient + input.columns[i] * first.outputs, delta.data(), input.values[i], first.outputs);
                    addScaled(firstGradient + first.inputs * first.outputs, delta.data(), 1, first.outputs);
                }
                adam.step(weights, gradient);
            }
        }
    }
}

Prediction EnsemblePredictor::predict(std::span<const float> features) const
{
    assert(features.size() == m_features);
    Sparse input;
    sparse(features, input);
    const auto width = static_cast<std::size_t>(m_settings.width);
    std::vector<float> here(width);
    std::vector<float> next(width);
    double sum = 0;
    double squares = 0;
    for (const std::vector<float>& weights : m_members) {
        forwardFirst(m_layers[0], weights.data(), input, here.data());
        for (std::size_t l = 1; l < m_layers.size(); ++l) {
            forward(m_layers[l], weights.data(), here.data(), next.data(), l + 1 == m_layers.size());
            here.swap(next);
        }
        sum += here[0];
        squares += static_cast<double>(here[0]) * here[0];
    }
    const auto members = static_cast<double>(m_members.size());
    const double mean = sum / members;
    return { mean, std::sqrt(std::max(0.0, squares / members - mean * mean)) };
}

} // namespace archscope::search
