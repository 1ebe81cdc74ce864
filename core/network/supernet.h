// All architectures of a space in one network: what weight sharing and gradient strategies train.
//
// Derived by the same walk over the space as `lower`: wherever a decision is open, each of its answers is walked in turn, and what
// they give is joined by a layer `mixture`. Layers that are the same under several answers are there once. So a supernet under one
// architecture is that architecture's network, by construction.
#pragma once

#include "core/network/network.h"

#include <string_view>

namespace archscope::network {

/// The name of the layers that mix; no operation of a catalog is called so.
inline constexpr std::string_view mixtureOperation = "mixture";

/// What a layer `mixture` computes: the sum of its inputs, each times its entry of the decision's weights.
struct Mixture {
    std::size_t decision = 0;
    std::vector<std::size_t> entries; ///< one an input
    bool mean = false; ///< divided by the sum of these weights: of a subset that is merged by its mean
};
Mixture mixtureOf(const Layer& layer);

/// How many weights a decision has: one a value, and of a decision that picks a subset one a member (1 for each picked one).
std::size_t mixtureWidth(const space::Decision& decision);

struct SupernetOptions {
    /// Only the layers of this architecture, and no others; mixtures keep what it takes, so that their weights still count. Null: all.
    const space::Genotype* path = nullptr;
    /// K of PC-DARTS: alternatives of a choice with one input, an image whose channels K divides, compute on a K-th of the channels;
    /// the others pass by, and all are shuffled. Their parameters `channels` are a K-th of what is drawn. 1: off.
    int partialChannels = 1;
};

/// Layer names are as `lower` gives them, but not unique: variants of one layer differ in parameters or inputs. The error is the
/// reason, in words, why the space has no such network for this task: alternatives of different shapes, real domains, and so on.
Result<Network> lowerSupernet(const space::SearchSpace& space, const space::DecisionSpace& decisions, const space::OperationSet& operations,
                              const TaskShape& task, const SupernetOptions& options = {});

/// Why no mixture of all answers can be made of the decisions, whatever the task; nothing when only shapes may forbid it.
std::optional<std::string> mixtureObstacle(const space::DecisionSpace& decisions);

} // namespace archscope::network
