// A strategy that trains a supernet: steps through epochs, then derives architectures, which are trained by themselves as trials.
//
// Same context, same reports, weights and candidates (CPU, same number of threads). `state` is all there is of it.
#pragma once

#include "core/data/task.h"
#include "core/model/weights.h"
#include "core/search/supernet_report.h"
#include "core/space/operation_traits.h"
#include "core/train/evaluator.h"

#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <vector>

namespace archscope::train {
class MeasurementLane;
}

namespace archscope::search {

/// What a supernet is made of and trained with. What is pointed to outlives the strategy.
struct SupernetContext {
    const space::SearchSpace* space = nullptr;
    const space::DecisionSpace* decisions = nullptr; ///< compiled from it
    space::OperationSet operations;
    std::shared_ptr<const data::Task> task; ///< recipe: batch size, augmentation, label smoothing; epochs are the strategy's setting
    std::uint64_t seed = 0;
    std::string device = "cpu";
    int threads = 1;
    std::shared_ptr<train::MeasurementLane> lane; ///< may be null
    /// Whether a genotype may be proposed (constraints of the study). May be empty: all may.
    std::function<bool(const space::Genotype&)> admissible;

    bool isAdmissible(const space::Genotype& genotype) const { return !admissible || admissible(genotype); }
};

struct SupernetProgress {
    int epoch = 0; ///< finished
    int epochs = 0;
    double fraction = 0; ///< of all epochs
};

/// How a supernet's training is watched and held up from outside; all of it at batch boundaries.
struct SupernetControl {
    train::PauseGate* pause = nullptr; ///< not owned; may be null
    std::stop_token stop = {};
    std::function<void(const SupernetProgress&)> progress = {}; ///< about every 50 ms; may be empty
};

struct SupernetState {
    Json state;
    model::Weights weights; ///< shared weights, α and moments of the optimisers
};

class SupernetStrategy {
public:
    virtual ~SupernetStrategy() = default;
    virtual int epochs() const = 0; ///< as set
    virtual int epoch() const = 0;  ///< finished ones
    bool isTrained() const { return epoch() >= epochs(); }
    /// One epoch: trains weights and, where it learns them, beliefs. An error (stopped: Cancelled; a loss that is not finite; no
    /// memory) leaves it unusable: make it anew and restore. Does not throw.
    virtual Result<SupernetReport> step(const SupernetControl& control) = 0;
    /// What has been found, best first, at most `count`, all admissible and different. The first is what the paper's rule
    /// derives, where that is admissible. May be called after any epoch; changes nothing.
    virtual Result<std::vector<SupernetCandidate>> derive(std::size_t count, const SupernetControl& control) = 0;
    /// After a finished epoch.
    virtual SupernetState state() const = 0;
    virtual Result<void> restore(const SupernetState& state) = 0;
};

} // namespace archscope::search
