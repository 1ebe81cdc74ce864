#include "core/search/gradient_search_torch.h"

#include "core/base/rng.h"
#include "core/train/device_torch.h"
#include "core/train/torch_guard.h"

#include <c10/core/GradMode.h>

#include <chrono>
#include <cmath>
#include <fmt/format.h>
#include <numbers>

namespace archscope::search {

namespace {

using Clock = std::chrono::steady_clock;

constexpr double weightsPortion = 0.5; ///< of the training split; the rest is α's
constexpr double initialAlpha = 1e-3; ///< deviation, as in DARTS's code
constexpr double beta1 = 0.5;
constexpr double beta2 = 0.999;
constexpr double epsilon = 1e-8;
constexpr std::size_t seriesLength = 200;
constexpr int powerIterations = 6;
constexpr double differenceStep = 1e-2; ///< of α, along a unit vector

double secondsSince(Clock::time_point start)
{
    return std::chrono::duration<double>(Clock::now() - start).count();
}

std::int64_t batchesOf(std::int64_t samples, std::int64_t batchSize)
{
    // A last batch of one is left out: batch normalisation has no variance there.
    return samples / batchSize + (samples % batchSize > 1 || batchSize > samples ? 1 : 0);
}

/// Nodes that layers with weights come from.
void collectOrigins(const network::Network& network, std::vector<space::NodeId>& origins)
{
    for (const network::Layer& layer : network.layers) {
        for (const network::Network& cell : layer.cell)
            collectOrigins(cell, origins);
        if (layer.cost.parameters > 0 && layer.cell.empty())
            origins.push_back(layer.origin);
    }
}

} // namespace

std::vector<ParameterDescriptor> gradientParameters(const GradientSettings& defaults)
{
    return {
        ParameterDescriptor::integer("epochs", defaults.epochs, 1, 10'000, "Epochs that the supernet is trained."),
        ParameterDescriptor::integer("batch_size", 0, 0, 100'000, "Samples a step, of each half of the training data; 0: the task's."),
        ParameterDescriptor::real("learning_rate", defaults.learningRate, 1e-6, 10, "Of the weights, at first; falls by a cosine."),
        ParameterDescriptor::real("learning_rate_min", defaults.learningRateMin, 0, 10, "Of the weights, at last."),
        ParameterDescriptor::real("momentum", defaults.momentum, 0, 0.9999, "Of the weights' SGD."),
        ParameterDescriptor::real("weight_decay", defaults.weightDecay, 0, 1, "Of the weights."),
        ParameterDescriptor::real("gradient_clip", defaults.gradientClip, 0, 1e6, "Bound of the norm of the weights' gradient; 0: off."),
        ParameterDescriptor::real("architecture_learning_rate", defaults.architectureLearningRate, 1e-7, 10, "Of α (Adam)."),
        ParameterDescriptor::real("architecture_weight_decay", defaults.architectureWeightDecay, 0, 1, "Of α."),
        ParameterDescriptor::integer("warmup_epochs", defaults.warmupEpochs, 0, 10'000, "First epochs, in which only weights are trained."),
        ParameterDescriptor::integer("sharpness_every", defaults.sharpnessEvery, 0, 10'000,
            "Epochs between measurements of the Hessian's largest eigenvalue; 0: never."),
    };
}

GradientSettings gradientSettings(const Parameters& parameters, const SupernetContext& context)
{
    GradientSettings settings;
    settings.epochs = static_cast<int>(parameters.integer("epochs"));
    const std::int64_t batchSize = parameters.integer("batch_size");
    settings.batchSize = batchSize > 0 ? batchSize : context.task->spec.recipe.batchSize;
    settings.learningRate = parameters.real("learning_rate");
    settings.learningRateMin = std::min(parameters.real("learning_rate_min"), settings.learningRate);
    settings.momentum = parameters.real("momentum");
    settings.weightDecay = parameters.real("weight_decay");
    settings.gradientClip = parameters.real("gradient_clip");
    settings.architectureLearningRate = parameters.real("architecture_learning_rate");
    settings.architectureWeightDecay = parameters.real("architecture_weight_decay");
    settings.warmupEpochs = static_cast<int>(parameters.integer("warmup_epochs"));
    if (parameters.values().contains("sharpness_every"))
        settings.sharpnessEvery = static_cast<int>(parameters.integer("sharpness_every"));
    return settings;
}

GradientSearch::GradientSearch(SupernetContext context, const GradientSettings& settings)
    : m_context(std::move(context))
    , m_settings(settings)
    , m_recipe(m_context.task->spec.recipe)
{
    m_recipe.batchSize = static_cast<int>(m_settings.batchSize);
}

std::uint64_t GradientSearch::seedFor(Purpose purpose, std::uint64_t number) const
{
    return Rng::mixed({ m_context.seed, static_cast<std::uint64_t>(purpose), number });
}

Result<void> GradientSearch::prepare()
{
    return train::guarded([&]() -> Result<void> {
        train::prepareThread(m_context.threads);
        ARCHSCOPE_ASSIGN(const at::Device device, train::torchDevice(m_context.device));
        if (m_context.task->splits.train.size() < 4 || m_context.task->splits.validation.empty())
            return fail(ErrorCode::InvalidInput, "the task needs at least four training samples and one validation sample");
        m_data = std::make_unique<SupernetData>(*m_context.task, device, weightsPortion, seedFor(Purpose::Halves));
        ARCHSCOPE_ASSIGN(m_supernet, mixedSupernet(m_context, { seedFor(Purpose::Weights), device, m_settings.partialChannels, false }, m_settings.batchSize));
        m_optimizer = std::make_unique<train::Sgd>(m_supernet->tensors(),
            train::SgdSettings{ m_settings.momentum, m_settings.weightDecay, m_settings.gradientClip });
        std::vector<space::NodeId> origins;
        collectOrigins(m_supernet->mixture(), origins);
        m_beliefs = std::make_unique<ArchitectureBeliefs>(*m_context.space, *m_context.decisions, m_settings.edges, origins);
        if (m_beliefs->size() == 0)
            return fail(ErrorCode::Unsupported, "the space has no decision with more than one answer", m_context.space->name);
        const auto size = static_cast<std::int64_t>(m_beliefs->size());
        const at::Tensor initial = at::empty({ size }).normal_(0, initialAlpha, train::seededGenerator(at::kCPU, seedFor(Purpose::Alpha)));
        m_alpha = initial.to(device).set_requires_grad(true);
        m_alphaMean = at::zeros({ size }, initial.options().device(device));
        m_alphaVariance = at::zeros_like(m_alphaMean);
        return {};
    });
}

at::Tensor GradientSearch::lossOf(const at::Tensor& logits, const at::Tensor& target) const
{
    return at::cross_entropy_loss(logits, target, {}, at::Reduction::Mean, -100, m_recipe.labelSmoothing);
}

model::MixtureWeights GradientSearch::mixtureWeights(const at::Tensor& alpha) const
{
    model::MixtureWeights weights;
    for (const ArchitectureBeliefs::Slot& slot : m_beliefs->slots()) {
        if (slot.numbers == 0) {
            weights.emplace_back();
            continue;
        }
        const auto offset = static_cast<std::int64_t>(slot.offset);
        const at::Tensor own = alpha.slice(0, offset, offset + static_cast<std::int64_t>(slot.numbers));
        if (slot.rule == ArchitectureBeliefs::Rule::Included)
            weights.push_back(own.sigmoid());
        else if (slot.rule == ArchitectureBeliefs::Rule::Members)
            weights.push_back(own.softmax(0) * slot.pickHigh);
        else
            weights.push_back(own.softmax(0));
    }
    return weights;
}

GradientSearch::Pass GradientSearch::pass(const train::Batch& batch, const at::Tensor& alpha)
{
    Pass pass;
    pass.logits = m_supernet->forward(batch.input, mixtureWeights(alpha), m_forward);
    pass.loss = lossOf(pass.logits, batch.target);
    return pass;
}

at::Tensor GradientSearch::alphaGradient(const train::Batch& batch, Pass& passed)
{
    m_alpha.mutable_grad().reset();
    passed = pass(batch, m_alpha);
    if (passed.loss.requires_grad())
        passed.loss.backward({}, std::nullopt, false, at::TensorList(&m_alpha, 1));
    return m_alpha.grad().defined() ? m_alpha.grad().clone() : at::zeros_like(m_alpha);
}

at::Tensor GradientSearch::architectureGradient(const train::Batch&, const train::Batch& architecture, double, Pass& passed)
{
    return alphaGradient(architecture, passed);
}

/// Adam with its weight decay in the gradient, as PyTorch's.
void GradientSearch::stepArchitecture(const at::Tensor& gradient)
{
    const c10::NoGradGuard noGradients;
    ++m_alphaSteps;
    const at::Tensor whole = gradient + m_alpha * m_settings.architectureWeightDecay;
    m_alphaMean.mul_(beta1).add_(whole, 1 - beta1);
    m_alphaVariance.mul_(beta2).addcmul_(whole, whole, 1 - beta2);
    const double steps = static_cast<double>(m_alphaSteps);
    const at::Tensor scale = (m_alphaVariance / (1 - std::pow(beta2, steps))).sqrt_().add_(epsilon);
    m_alpha.addcdiv_(m_alphaMean, scale, -m_settings.architectureLearningRate / (1 - std::pow(beta1, steps)));
}

std::vector<float> GradientSearch::alphaValues() const
{
    return storedTensor(m_alpha).values;
}

/// By power iteration on differences of gradients, on the first batch of α's half, as it is in training.
double GradientSearch::sharpness()
{
    const std::int64_t size = std::min(m_settings.batchSize, m_data->architecture.size(0));
    const train::Batch batch = m_data->tensors.batch(m_data->architecture.slice(0, 0, size));
    const auto statistics = m_supernet->statistics();
    const at::Tensor center = m_alpha.detach().clone();
    const ops::ForwardContext training = m_forward;
    const auto gradientAt = [&](const at::Tensor& alpha) {
        m_forward.generator = train::seededGenerator(m_data->tensors.device(), seedFor(Purpose::Dropout)); // the same noise each time
        {
            const c10::NoGradGuard noGradients;
            m_alpha.copy_(alpha);
        }
        Pass passed;
        return alphaGradient(batch, passed);
    };
    at::Tensor direction = at::ones_like(center);
    direction.slice(0, 0, direction.size(0), 2).fill_(-0.5);
    direction = direction / direction.norm();
    double eigenvalue = 0;
    for (int i = 0; i < powerIterations; ++i) {
        const at::Tensor product = (gradientAt(center + direction * differenceStep) - gradientAt(center - direction * differenceStep)) / (2 * differenceStep);
        eigenvalue = (product * direction).sum().item<double>();
        const double norm = product.norm().item<double>();
        if (!(norm > 0))
            break;
        direction = product / norm;
    }
    {
        const c10::NoGradGuard noGradients;
        m_alpha.copy_(center);
    }
    m_supernet->putBack(statistics);
    m_forward = training;
    return eigenvalue;
}

Result<SupernetReport> GradientSearch::step(const SupernetControl& control)
{
    return train::guarded([&] { return runEpoch(control); });
}

Result<SupernetReport> GradientSearch::runEpoch(const SupernetControl& control)
{
    const auto started = Clock::now();
    train::prepareThread(m_context.threads);
    const c10::AutoGradMode gradients(true);
    const train::TrainingControl hold = trainingControl(control, m_context.lane.get());
    // All randomness of an epoch begins with it: what is stored between epochs needs no generator.
    const auto number = static_cast<std::uint64_t>(m_epoch);
    const train::EpochPlan weightsPlan = m_data->tensors.plan(m_data->weights, m_recipe, train::seededGenerator(at::kCPU, seedFor(Purpose::WeightsOrder, number)));
    const train::EpochPlan architecturePlan
        = m_data->tensors.plan(m_data->architecture, m_recipe, train::seededGenerator(at::kCPU, seedFor(Purpose::ArchitectureOrder, number)));
    m_forward = { true, train::seededGenerator(m_data->tensors.device(), seedFor(Purpose::Dropout, number)) };
    m_noise = train::seededGenerator(at::kCPU, seedFor(Purpose::Noise, number));
    const double turned = std::numbers::pi * static_cast<double>(m_epoch) / static_cast<double>(m_settings.epochs);
    const double learningRate = m_settings.learningRateMin + 0.5 * (m_settings.learningRate - m_settings.learningRateMin) * (1 + std::cos(turned));
    const std::int64_t size = m_settings.batchSize;
    const std::int64_t batches = batchesOf(weightsPlan.size(), size);
    const std::int64_t architectureBatches = batchesOf(architecturePlan.size(), size);
    const std::size_t stride = static_cast<std::size_t>(batches) / seriesLength + 1;

    RunningAccuracy trained;
    RunningAccuracy validated;
    std::vector<double> entropies;
    auto told = Clock::now();
    const auto batchOf = [&](const train::EpochPlan& plan, std::int64_t index) {
        return m_data->tensors.trainingBatch(plan, index * size, std::min((index + 1) * size, plan.size()));
    };
    for (std::int64_t i = 0; i < batches; ++i) {
        if (!hold.goOn())
            return fail(ErrorCode::Cancelled, fmt::format("stopped in epoch {} of {}", m_epoch + 1, m_settings.epochs));
        const train::BatchPermit permit(hold.lane);
        const train::Batch weightsBatch = batchOf(weightsPlan, i);
        if (m_epoch >= m_settings.warmupEpochs) {
            const train::Batch architectureBatch = batchOf(architecturePlan, i % architectureBatches);
            Pass passed;
            stepArchitecture(architectureGradient(weightsBatch, architectureBatch, learningRate, passed));
            validated.add(passed.loss, passed.logits, architectureBatch.target);
            if (static_cast<std::size_t>(i) % stride == 0)
                entropies.push_back(m_beliefs->entropy(alphaValues()));
        }
        m_optimizer->zeroGradients();
        const Pass passed = pass(weightsBatch, m_alpha.detach());
        trained.add(passed.loss, passed.logits, weightsBatch.target);
        if (passed.loss.requires_grad())
            passed.loss.backward();
        m_optimizer->step(learningRate);
        if (Clock::now() - told < std::chrono::milliseconds(50))
            continue;
        told = Clock::now();
        if (!std::isfinite(trained.loss()))
            break;
        if (control.progress) {
            const double done = static_cast<double>(m_epoch) + static_cast<double>(i + 1) / static_cast<double>(batches);
            control.progress({ m_epoch, m_settings.epochs, done / static_cast<double>(m_settings.epochs) });
        }
    }
    const std::vector<float> alpha = alphaValues();
    if (!std::isfinite(trained.loss()) || std::ranges::any_of(alpha, [](float value) { return !std::isfinite(value); }))
        return fail(ErrorCode::NumericalFailure,
            fmt::format("the supernet's loss became NaN or infinite in epoch {}; a lower learning_rate than {} may help", m_epoch + 1, m_settings.learningRate));
    ++m_epoch;

    SupernetReport report;
    report.epoch = m_epoch;
    report.epochs = m_settings.epochs;
    report.trainLoss = trained.loss();
    report.trainAccuracy = trained.accuracy();
    if (validated.samples() > 0) {
        report.architectureLoss = validated.loss();
        report.architectureAccuracy = validated.accuracy();
    }
    report.beliefs = m_beliefs->beliefs(alpha);
    report.entropy = m_beliefs->entropy(alpha);
    report.entropySeries = std::move(entropies);
    report.derived = m_beliefs->derived(alpha);
    if (m_context.decisions->isAllowed(report.derived)) {
        ARCHSCOPE_ASSIGN(report.sharedAccuracy, sharedAccuracy(*m_supernet, report.derived, *m_data, size, hold));
    }
    if (m_settings.sharpnessEvery > 0 && m_epoch % m_settings.sharpnessEvery == 0 && m_epoch > m_settings.warmupEpochs) {
        const train::BatchPermit permit(hold.lane);
        report.sharpness = sharpness();
        m_sharpness.push_back(*report.sharpness);
    }
    if (auto alarm = m_beliefs->parameterFreeAlarm(report.derived))
        report.alarms.push_back(std::move(*alarm));
    if (auto alarm = sharpnessAlarm(m_sharpness))
        report.alarms.push_back(std::move(*alarm));
    report.seconds = secondsSince(started);
    return report;
}

Result<std::vector<SupernetCandidate>> GradientSearch::derive(std::size_t count, const SupernetControl& control)
{
    return train::guarded([&]() -> Result<std::vector<SupernetCandidate>> {
        train::prepareThread(m_context.threads);
        const std::vector<float> alpha = alphaValues();
        Rng rng(seedFor(Purpose::Derivation, static_cast<std::uint64_t>(m_epoch)));
        const train::TrainingControl hold = trainingControl(control, m_context.lane.get());
        std::vector<SupernetCandidate> candidates;
        const space::Genotype best = m_beliefs->derived(alpha);
        const std::size_t tries = 200 * count;
        for (std::size_t i = 0; i < tries && candidates.size() < count; ++i) {
            SupernetCandidate candidate{ i == 0 ? best : m_beliefs->sampled(alpha, rng), {} };
            const bool known = std::ranges::any_of(candidates, [&](const SupernetCandidate& other) { return other.genotype == candidate.genotype; });
            if (known || !m_context.decisions->isAllowed(candidate.genotype) || !m_context.isAdmissible(candidate.genotype))
                continue;
            ARCHSCOPE_ASSIGN(candidate.sharedAccuracy, sharedAccuracy(*m_supernet, candidate.genotype, *m_data, m_settings.batchSize, hold));
            candidates.push_back(std::move(candidate));
        }
        const bool paperFirst = !candidates.empty() && candidates.front().genotype == best;
        std::stable_sort(candidates.begin() + (paperFirst ? 1 : 0), candidates.end(),
            [](const SupernetCandidate& a, const SupernetCandidate& b) { return *a.sharedAccuracy > *b.sharedAccuracy; });
        return candidates;
    });
}

SupernetState GradientSearch::state() const
{
    SupernetState state;
    Json sharpness = Json::array();
    for (const double value : m_sharpness)
        sharpness.push_back(numberToJson(value));
    state.state = { { "epoch", m_epoch }, { "alpha_steps", m_alphaSteps }, { "sharpness", std::move(sharpness) } };
    state.weights = m_supernet->weights();
    state.weights["alpha"] = storedTensor(m_alpha);
    state.weights["alpha.mean"] = storedTensor(m_alphaMean);
    state.weights["alpha.variance"] = storedTensor(m_alphaVariance);
    if (m_optimizer->momentum().defined())
        state.weights["momentum"] = storedTensor(m_optimizer->momentum());
    return state;
}

Result<void> GradientSearch::restore(const SupernetState& state)
{
    return train::guarded([&]() -> Result<void> {
        const JsonReader reader(state.state);
        ARCHSCOPE_TRY(reader.expectObject());
        ARCHSCOPE_ASSIGN(const std::int64_t epoch, reader.integer("epoch"));
        ARCHSCOPE_ASSIGN(const std::int64_t steps, reader.integer("alpha_steps"));
        if (epoch < 0 || epoch > 1'000'000 || steps < 0)
            return reader.fail("no such epoch");
        ARCHSCOPE_ASSIGN(const JsonReader list, reader.member("sharpness"));
        ARCHSCOPE_TRY(list.expectArray());
        std::vector<double> sharpness;
        for (const Json& value : list.value()) {
            ARCHSCOPE_ASSIGN(const double number, numberFromJson(value));
            sharpness.push_back(number);
        }
        model::Weights weights = state.weights;
        ARCHSCOPE_TRY(restoreTensor(weights, "alpha", m_alpha));
        ARCHSCOPE_TRY(restoreTensor(weights, "alpha.mean", m_alphaMean));
        ARCHSCOPE_TRY(restoreTensor(weights, "alpha.variance", m_alphaVariance));
        if (m_optimizer->momentum().defined())
            ARCHSCOPE_TRY(restoreTensor(weights, "momentum", m_optimizer->momentum()));
        for (const char* own : { "alpha", "alpha.mean", "alpha.variance", "momentum" })
            weights.erase(own);
        ARCHSCOPE_TRY(m_supernet->load(std::move(weights)));
        m_sharpness = std::move(sharpness);
        m_alphaSteps = steps;
        m_epoch = static_cast<int>(epoch);
        return {};
    });
}

} // namespace archscope::search
