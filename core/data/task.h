// A task: data, splits, augmentation, loss and metric. TaskSpec is what is stored and edited; Task is it, loaded.
#pragma once

#include "core/base/json.h"
#include "core/data/dataset.h"
#include "core/data/format.h"

#include <memory>
#include <string>

namespace archscope::data {

/// How a candidate is trained. Data, part of the task; defaults suit small image classifiers.
struct Recipe {
    int epochs = 8;            ///< at full fidelity
    int batchSize = 64;
    double learningRate = 3e-3; ///< peak
    double weightDecay = 1e-2; ///< decoupled (AdamW); not on norms and biases
    double labelSmoothing = 0.0;
    double warmupFraction = 0.2; ///< of the steps; then cosine to zero
    double gradientClip = 5.0;  ///< global norm; 0: off
    int shiftPixels = 0;       ///< random crop after zero padding by this many pixels; images only
    bool horizontalFlip = false; ///< images only
    bool operator==(const Recipe&) const = default;
    /// All problems, with field and bound.
    std::vector<std::string> validate() const;
};

struct TaskSpec {
    std::string name; ///< "digits", or the file's stem
    SourceSpec source;
    SplitOptions split;
    Recipe recipe;
    bool operator==(const TaskSpec&) const = default;
};

inline constexpr int taskFormatVersion = 1;
Json taskToJson(const TaskSpec& spec);
Result<TaskSpec> taskFromJson(const Json& document);

/// Immutable once loaded; shared by all trials and the explorer's panels.
struct Task {
    TaskSpec spec;
    Dataset dataset;
    Splits splits;
    Normalisation normalisation; ///< from the training split only
    std::int64_t classCount() const { return static_cast<std::int64_t>(dataset.classes.size()); }
};

/// A built-in name, a `.task.json` or `kind:path#options`, as a spec with the defaults for that kind of data.
/// Does not read the data itself; relative paths in a task file are relative to it.
Result<TaskSpec> resolveTask(const std::string& text, const FormatSet& formats);
/// A path that a user opened or dropped: detected, with defaults.
Result<TaskSpec> taskForPath(const std::filesystem::path& path, const FormatSet& formats);
/// Reads, splits, normalises. Slow: not on the GUI thread.
Result<std::shared_ptr<const Task>> loadTask(const TaskSpec& spec, const FormatSet& formats);

/// Default recipe for the data: shifts and flips for natural-looking images where they make sense (digits: shifts by one
/// pixel, no flip; larger images: two pixels and flip), none for vectors.
Recipe defaultRecipe(const Dataset& dataset, const std::string& kind);

} // namespace archscope::data
