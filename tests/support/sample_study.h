// A study as a search leaves it, made in memory from a seed: for tests of views. The numbers follow plausible laws (wider
// and deeper networks cost more and do better, with noise and failures); nothing is trained.
#pragma once

#include "core/base/rng.h"
#include "core/search/study_store.h"

#include <algorithm>
#include <cmath>

namespace archscope::test {

inline space::SearchSpace sampleSpace()
{
    using namespace space;
    std::int64_t next = 1;
    const auto node = [&next](std::string name, NodeBody body) {
        Node made;
        made.id = NodeId(next++);
        made.name = std::move(name);
        made.body = std::move(body);
        return made;
    };
    const auto chain = [](const Node& from, const Node& to) { return Edge{from.id, to.id, 0}; };

    Choice choice;
    choice.alternatives.push_back(node("conv", Operation{"conv", {{"kernel", Domain::categories({std::int64_t{3}, std::int64_t{5}})}, {"channels", Domain::powersOfTwo(16, 64)}}}));
    choice.alternatives.push_back(node("separable", Operation{"separable_conv", {{"channels", Domain::powersOfTwo(16, 64)}}}));
    choice.alternatives.push_back(node("pool", Operation{"max_pool", {}}));
    Repeat repeat;
    repeat.count = Domain::integers(1, 4);
    const Node in = node("input", Input{});
    const Node op = node("op", choice);
    const Node out = node("output", Output{});
    repeat.body.edges = {chain(in, op), chain(op, out)};
    repeat.body.nodes = {in, op, out};

    SearchSpace space;
    space.name = "sample";
    const Node rootIn = node("input", Input{});
    const Node layers = node("layers", repeat);
    Node drop = node("dropout", Operation{"dropout", {}});
    drop.optional = true;
    const Node rootOut = node("output", Output{});
    space.root.edges = {chain(rootIn, layers), chain(layers, drop), chain(drop, rootOut)};
    space.root.nodes = {rootIn, layers, drop, rootOut};
    return space;
}

inline search::StudySpec sampleSpec()
{
    search::StudySpec spec;
    spec.name = "sample";
    spec.space = sampleSpace();
    spec.task.name = "digits";
    spec.task.source.kind = "digits";
    spec.budget.trials = 200;
    spec.fidelity.epochs = 8;
    return spec;
}

/// Trial `id` of the study with this seed, ended: the same whenever it is made.
inline train::Trial sampleTrial(const space::DecisionSpace& decisions, std::int64_t id, std::uint64_t seed = 1, int epochs = 8)
{
    Rng rng(seed * 1'000'003 + static_cast<std::uint64_t>(id));
    train::Trial trial;
    trial.id = train::TrialId(id);
    trial.genotype = decisions.sample(rng);
    if (id > 10)
        trial.parents = {train::TrialId(1 + static_cast<std::int64_t>(rng.uniform() * static_cast<double>(id - 1)))};
    trial.fidelity.epochs = epochs;
    trial.startedAt = 1.7e9 + 3 * static_cast<double>(id);
    trial.endedAt = trial.startedAt + 2.5;
    if (id % 23 == 0) {
        trial.state = train::TrialState::Failed;
        trial.message = "the training loss became NaN in epoch 2; a lower learning rate may help";
        trial.metrics = {{"seconds", 0.6}};
        return trial;
    }
    double size = 0; // 0 to about 1.5: how much network there is
    for (std::size_t i = 0; i < trial.genotype.size(); ++i)
        size += trial.genotype.isActive(i) ? 0.1 * (1 + trial.genotype[i]) : 0;
    const double learnt = 1 - std::exp(-static_cast<double>(id) / 60); // the search gets better
    const double validation = std::min(0.996, 0.80 + 0.12 * std::min(size, 1.2) / 1.2 + 0.06 * learnt + 0.03 * (rng.uniform() - 0.5));
    const double training = std::min(0.9995, validation + 0.004 + 0.02 * rng.uniform());
    trial.state = train::TrialState::Completed;
    trial.metrics = {{"val_accuracy", validation},
                     {"train_accuracy", training},
                     {"gap", training - validation},
                     {"val_loss", 0.9 * (1 - validation) * 4},
                     {"parameters", std::floor(4000 * std::exp(3.2 * size))},
                     {"flops", std::floor(250'000 * std::exp(2.6 * size))},
                     {"latency_ms", 0.08 * std::exp(1.6 * size) * (0.9 + 0.2 * rng.uniform())},
                     {"seconds", 1.2 + size + rng.uniform()}};
    for (int epoch = 1; epoch <= epochs; ++epoch) {
        const double share = 1 - std::exp(-3.0 * epoch / epochs);
        train::CurvePoint point;
        point.epoch = epoch;
        point.validationAccuracy = epoch == epochs ? validation : 0.1 + (validation - 0.1) * share + 0.01 * (rng.uniform() - 0.5);
        point.trainAccuracy = epoch == epochs ? training : 0.1 + (training - 0.1) * share;
        point.validationLoss = 2.3 * (1 - point.validationAccuracy);
        point.trainLoss = 2.3 * (1 - point.trainAccuracy);
        point.learningRate = 3e-3 * (1 - share);
        point.seconds = 0.3 * epoch;
        trial.curve.push_back(point);
    }
    return trial;
}

/// The same trial while it still runs, after so many epochs.
inline train::Trial runningTrial(const train::Trial& ended, int epochs)
{
    train::Trial trial = ended;
    trial.state = train::TrialState::Running;
    trial.metrics.clear();
    trial.message.clear();
    trial.endedAt = 0;
    trial.curve.resize(std::min(trial.curve.size(), static_cast<std::size_t>(epochs)));
    return trial;
}

inline search::StoredStudy sampleStudy(std::int64_t trials, int epochs = 8)
{
    search::StoredStudy study;
    study.spec = sampleSpec();
    const auto decisions = space::DecisionSpace::compile(study.spec.space).value();
    study.trials.reserve(static_cast<std::size_t>(trials));
    for (std::int64_t id = 1; id <= trials; ++id)
        study.trials.push_back(sampleTrial(decisions, id, 1, epochs));
    study.searchedSeconds = 3.0 * static_cast<double>(trials);
    return study;
}

} // namespace archscope::test
