// Search by gradients: weights and α trained in turn on two halves of the training split (Liu 2019, algorithm 1). What DARTS,
// PC-DARTS and GDAS have in common; each says how a batch passes through the supernet. Internal: includes ATen.
#pragma once

#include "core/search/architecture_beliefs.h"
#include "core/search/strategy.h"
#include "core/search/supernet_training_torch.h"
#include "core/train/optimizer_torch.h"

namespace archscope::search {

struct GradientSettings {
    int epochs = 50;
    std::int64_t batchSize = 64;
    double learningRate = 0.025; ///< of the weights: cosine from here …
    double learningRateMin = 0.001; ///< … to here
    double momentum = 0.9;
    double weightDecay = 3e-4;
    double gradientClip = 5;
    double architectureLearningRate = 3e-4; ///< of α: Adam, β 0.5 and 0.999
    double architectureWeightDecay = 1e-3;
    int warmupEpochs = 0; ///< first ones in which α rests
    int sharpnessEvery = 0; ///< epochs; 0: never
    int partialChannels = 1;
    ArchitectureBeliefs::EdgeSelections edges = ArchitectureBeliefs::EdgeSelections::Whole;
};
/// Those that all of these strategies have, with a paper's defaults.
std::vector<ParameterDescriptor> gradientParameters(const GradientSettings& defaults);
GradientSettings gradientSettings(const Parameters& parameters, const SupernetContext& context);

class GradientSearch : public SupernetStrategy {
public:
    GradientSearch(SupernetContext context, const GradientSettings& settings);
    /// Builds the supernet. To be called once, before all else.
    Result<void> prepare();

    int epochs() const override { return m_settings.epochs; }
    int epoch() const override { return m_epoch; }
    Result<SupernetReport> step(const SupernetControl& control) override;
    Result<std::vector<SupernetCandidate>> derive(std::size_t count, const SupernetControl& control) override;
    SupernetState state() const override;
    Result<void> restore(const SupernetState& state) override;

    // For tests, and for the strategies.
    const at::Tensor& alpha() const { return m_alpha; }
    const ArchitectureBeliefs& beliefs() const { return *m_beliefs; }
    model::Supernet& supernet() { return *m_supernet; }
    train::Sgd& optimizer() { return *m_optimizer; }
    const SupernetData& data() const { return *m_data; }
    struct Pass {
        at::Tensor logits;
        at::Tensor loss;
    };
    /// Through the supernet, weighted by α. Throws LibTorch's exceptions, and c10::Error where a path cannot be lowered.
    virtual Pass pass(const train::Batch& batch, const at::Tensor& alpha);
    /// The gradient of α, from one batch of each half.
    virtual at::Tensor architectureGradient(const train::Batch& weights, const train::Batch& architecture, double learningRate, Pass& passed);

protected:
    model::MixtureWeights mixtureWeights(const at::Tensor& alpha) const;
    at::Tensor lossOf(const at::Tensor& logits, const at::Tensor& target) const;
    /// Of the loss on a batch, by α alone.
    at::Tensor alphaGradient(const train::Batch& batch, Pass& passed);
    const GradientSettings& settings() const { return m_settings; }
    const ops::ForwardContext& forwardContext() const { return m_forward; }
    const at::Generator& noise() const { return m_noise; } ///< of the CPU, of this epoch

private:
    enum class Purpose : std::uint64_t { Alpha = 1, Halves, Weights, WeightsOrder, ArchitectureOrder, Dropout, Noise, Derivation };
    std::uint64_t seedFor(Purpose purpose, std::uint64_t number = 0) const;
    std::vector<float> alphaValues() const;
    void stepArchitecture(const at::Tensor& gradient);
    double sharpness();
    Result<SupernetReport> runEpoch(const SupernetControl& control);

    SupernetContext m_context;
    GradientSettings m_settings;
    data::Recipe m_recipe;
    std::unique_ptr<SupernetData> m_data;
    std::unique_ptr<model::Supernet> m_supernet;
    std::unique_ptr<train::Sgd> m_optimizer;
    std::unique_ptr<ArchitectureBeliefs> m_beliefs;
    at::Tensor m_alpha;
    at::Tensor m_alphaMean; ///< Adam's
    at::Tensor m_alphaVariance;
    std::int64_t m_alphaSteps = 0;
    std::vector<double> m_sharpness; ///< measured so far
    int m_epoch = 0;
    ops::ForwardContext m_forward;
    at::Generator m_noise;
};

} // namespace archscope::search
