// Trained weights of a study's trials, kept for the trials that train on with them or inherit them. Values, no LibTorch types.
#pragma once

#include "core/base/result.h"
#include "core/model/weights.h"
#include "core/train/trial.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

namespace archscope::train {

/// Any thread may call.
class WeightBank {
public:
    virtual ~WeightBank() = default;
    /// Durable when it returns. Replaces what was kept of the trial.
    virtual Result<void> save(TrialId trial, const model::Weights& weights) = 0;
    /// Nothing when none are kept of the trial; an error when they are damaged.
    virtual Result<std::optional<model::Weights>> load(TrialId trial) = 0;
    /// Nobody needs them any more; no error when there are none.
    virtual void remove(TrialId trial) = 0;
    /// Whose weights are kept, ascending.
    virtual std::vector<TrialId> kept() = 0;
};

std::shared_ptr<WeightBank> memoryWeightBank();

/// One safetensors file a trial, `TRIAL-HASH.safetensors` with the hash of its bytes, in a folder that is made when the first is
/// written and removed with the last. What was left half-written is never seen: files appear whole, and bytes that do not have
/// their name's hash are an error.
Result<std::shared_ptr<WeightBank>> fileWeightBank(const std::filesystem::path& folder);

/// The folder of one study's weights beside a store's file: `FILE.weights/HASH OF THE STUDY'S NAME`.
std::filesystem::path weightFolder(const std::filesystem::path& storeFile, const std::string& study);

} // namespace archscope::train
