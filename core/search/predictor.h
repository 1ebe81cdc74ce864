// Predicts a trial's value from features of its architecture: an ensemble of small feed-forward networks, whose spread says
// how sure it is. As in BANANAS (White, Neiswanger, Savani 2021); for warm starts it can be trained on earlier trials first.
#pragma once

#include "core/base/rng.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace archscope::search {

struct PredictorSettings {
    int members = 5;
    int layers = 10; ///< hidden ones
    int width = 20; ///< of a hidden layer
    int epochs = 150;
    int batch = 32;
    double learningRate = 0.01;
    /// Bounds the time of a training: with many samples there are fewer epochs, so that a member makes about as many steps.
    int maxSteps = 3000;
};

struct PredictorSample {
    std::vector<float> features;
    float target = 0;
    float weight = 1; ///< of its error in the loss
};

struct Prediction {
    double mean = 0;
    double deviation = 0; ///< between the members
};

/// Independent Thompson sampling: each is drawn from the normal distribution of its prediction, on its own; the indices of
/// the `count` largest, the largest first.
std::vector<std::size_t> thompsonSample(std::span<const Prediction> predictions, std::size_t count, Rng& rng);

/// Rectified linear layers, trained by Adam on the mean weighted absolute error. The members differ in their first weights
/// and in the order of the samples. The same seed and samples give the same ensemble.
class EnsemblePredictor {
public:
    /// `features`: length of every vector that it is given.
    EnsemblePredictor(std::size_t features, PredictorSettings settings, std::uint64_t seed);
    /// Goes on from the weights that it has. Does nothing without samples.
    void train(std::span<const PredictorSample> samples);
    Prediction predict(std::span<const float> features) const;

private:
    struct Layer {
        std::size_t inputs = 0;
        std::size_t outputs = 0;
        std::size_t begin = 0; ///< in a member's weights: inputs × outputs, then the biases
    };

    std::size_t m_features;
    PredictorSettings m_settings;
    std::uint64_t m_seed;
    std::uint64_t m_trainings = 0;
    std::vector<Layer> m_layers;
    std::vector<std::vector<float>> m_members; ///< weights
};

} // namespace archscope::search
