// One evaluation of a genotype at a fidelity, with its metrics, curve and state. A value; no LibTorch here.
#pragma once

#include "core/base/json.h"
#include "core/base/strong_id.h"
#include "core/space/decision_space.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace archscope::train {

using TrialId = StrongId<struct TrialTag>; ///< 1, 2, 3, … within its study, in the order of asking

enum class TrialState { Queued, Running, Completed, Pruned, Failed, Cancelled };
std::string stateName(TrialState state); ///< "completed"
std::optional<TrialState> stateFromName(std::string_view name);

/// How much an evaluation costs.
struct Fidelity {
    int epochs = 0; ///< 0: the recipe's
    auto operator<=>(const Fidelity&) const = default;
};
Json fidelityToJson(const Fidelity& fidelity);
Result<Fidelity> fidelityFromJson(const JsonReader& reader);

struct CurvePoint {
    int epoch = 0; ///< 1-based: after this epoch
    double trainLoss = 0;
    double trainAccuracy = 0; ///< running, with augmentation, in training mode
    double validationLoss = 0;
    double validationAccuracy = 0;
    double learningRate = 0;
    double seconds = 0; ///< since the trial began
    bool operator==(const CurvePoint&) const = default;
};

/// Metric names of the design: val_accuracy train_accuracy val_loss gap parameters flops latency_ms memory_mb epochs seconds.
using Metrics = std::map<std::string, double>;

struct Trial {
    TrialId id;
    space::Genotype genotype;
    std::vector<TrialId> parents;
    Fidelity fidelity;
    TrialState state = TrialState::Queued;
    Metrics metrics;
    std::vector<CurvePoint> curve;
    std::string message;        ///< why it failed or was cancelled
    std::string networkHash;    ///< what its result depends on (Foreknowledge); empty: not known
    TrialId continues;          ///< the trial of the same genotype whose training it went on with; invalid: trained from the start
    TrialId duplicateOf;        ///< the trial with the same network whose result this one has; invalid: evaluated itself
    std::int64_t askedAfter = 0; ///< number of tells the strategy had seen when it was asked for this trial
    std::int64_t toldAs = -1;    ///< its place in the order of tells, from 0; -1: not told yet
    double startedAt = 0;        ///< seconds since the epoch (wall clock, for display only); 0: not started
    double endedAt = 0;

    /// NaN when absent.
    double metric(const std::string& name) const;
    bool hasEnded() const { return state != TrialState::Queued && state != TrialState::Running; }
};

/// What can be a metric: for validation of objectives, column titles, axis labels and number formats everywhere.
struct MetricDescriptor {
    std::string name;  ///< "latency_ms"
    std::string title; ///< "Latency"
    std::string unit;  ///< "ms"; may be empty
    bool maximise = false; ///< the direction people usually want
    bool percent = false; ///< a share, shown as a percentage. Tables may hold per cent: what is above 1 is shown as it is
    std::string help;
    bool ofTrials = true; ///< false: only a final retrain measures it, so no search may aim at it (test_accuracy)
};
const std::vector<MetricDescriptor>& metricDescriptors();
const MetricDescriptor* findMetric(std::string_view name);
/// "98.72 %", "1.53 M", "0.41 ms": the value with its unit.
std::string metricText(const MetricDescriptor& metric, double value);

} // namespace archscope::train
