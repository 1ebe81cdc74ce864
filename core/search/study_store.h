// Where studies live: what the engine needs of a store. core/store implements it.
#pragma once

#include "core/search/study.h"

#include <memory>
#include <span>

namespace archscope::train {
class WeightBank;
}

namespace archscope::search {

/// One transaction's worth of changes.
struct StudyChanges {
    std::vector<train::Trial> trials; ///< inserted, or replaced by id
    std::optional<std::string> strategyState; ///< checkpoint as JSON text, taken after `statedAfter` tells
    std::int64_t statedAfter = 0;
    std::int64_t statedAsks = 0; ///< and after this many asks
    std::optional<std::string> measurements; ///< all of the evaluator's (Evaluator::newMeasurements)
    std::optional<double> searchedSeconds;
    std::optional<bool> finished;
    std::optional<StudySpec> spec; ///< with another budget or another number of jobs; the rest is as created
};

struct StoredStudy {
    StudySpec spec;
    std::vector<train::Trial> trials; ///< by id, ascending
    std::optional<std::string> strategyState;
    std::int64_t statedAfter = 0;
    std::int64_t statedAsks = 0;
    std::optional<std::string> measurements;
    double searchedSeconds = 0;
    bool finished = false;
};

/// Methods may be called from any one thread at a time (a store locks itself). All errors carry the store's URL.
class StudyStore {
public:
    virtual ~StudyStore() = default;
    virtual std::string url() const = 0;
    virtual Result<std::vector<StudySummary>> list() = 0;
    /// Fails when a study of that name exists.
    virtual Result<void> create(const StudySpec& spec) = 0;
    virtual Result<StoredStudy> load(const std::string& study) = 0;
    /// Durable when it returns: on disk, through a power cut.
    virtual Result<void> commit(const std::string& study, const StudyChanges& changes) = 0;
    virtual Result<void> remove(const std::string& study) = 0;
    /// Takes the right to run the study, until released or this process ends; fails, naming who, when another has it.
    virtual Result<void> acquire(const std::string& study) = 0;
    virtual void release(const std::string& study) = 0;
    /// What a final retrain found, kept with the study: JSON by trial id.
    virtual Result<void> saveRetrain(const std::string& study, train::TrialId trial, const Json& result) = 0;
    virtual Result<std::map<train::TrialId, Json>> retrains(const std::string& study) = 0;
    /// Where the study's trials keep their weights for each other; writes nothing by itself. Here: in memory, for this run only.
    virtual Result<std::shared_ptr<train::WeightBank>> weights(const std::string& study);
};

} // namespace archscope::search
