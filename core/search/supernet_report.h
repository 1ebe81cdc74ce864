// What a strategy that trains a supernet tells after each epoch: values, no tensors.
#pragma once

#include "core/base/json.h"
#include "core/space/decision_space.h"

#include <optional>
#include <string>
#include <vector>

namespace archscope::search {

/// What the strategy believes of one decision.
struct DecisionBelief {
    std::string decision; ///< its key
    std::vector<std::string> answers;  ///< values, or members of a subset
    std::vector<double> probabilities; ///< one an answer; of a subset how strongly each member is wanted. May sum to less than 1
    double entropy = 0; ///< nats, of the probabilities made to sum to 1
    bool operator==(const DecisionBelief&) const = default;
};

/// A search that goes wrong in a known way, and what to do.
struct CollapseAlarm {
    enum class Kind { ParameterFree, Sharpness };
    Kind kind = Kind::ParameterFree;
    std::string message; ///< what is wrong, measured by what, and what to do
    bool operator==(const CollapseAlarm&) const = default;
};
std::string alarmKindName(CollapseAlarm::Kind kind); ///< "parameter_free", "sharpness"

struct SupernetReport {
    int epoch = 0;  ///< finished
    int epochs = 0; ///< in all
    double trainLoss = 0; ///< running, of the weights on their half
    double trainAccuracy = 0;
    std::optional<double> architectureLoss; ///< running, on the other half; nothing where that is not used
    std::optional<double> architectureAccuracy;
    std::optional<double> sharedAccuracy; ///< of `derived`, with the shared weights, on the validation split
    std::vector<DecisionBelief> beliefs;
    double entropy = 0; ///< mean over the decisions
    std::vector<double> entropySeries; ///< the same after each step of the architecture in this epoch, at most 200 of them evenly
    std::optional<double> sharpness; ///< largest eigenvalue of the Hessian of the architecture's loss; not in each epoch
    space::Genotype derived; ///< what would be proposed now
    std::vector<CollapseAlarm> alarms; ///< all that hold now
    double seconds = 0; ///< of this epoch
    bool operator==(const SupernetReport&) const = default;
};
Json reportToJson(const SupernetReport& report);
Result<SupernetReport> reportFromJson(const JsonReader& reader, const space::DecisionSpace& decisions);

/// What is proposed to be trained by itself.
struct SupernetCandidate {
    space::Genotype genotype;
    std::optional<double> sharedAccuracy; ///< on the validation split, with the shared weights
    bool operator==(const SupernetCandidate&) const = default;
};
Json candidateToJson(const SupernetCandidate& candidate);
Result<SupernetCandidate> candidateFromJson(const JsonReader& reader, const space::DecisionSpace& decisions);

} // namespace archscope::search
