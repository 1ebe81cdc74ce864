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
    double learningRate = 1e-2; ///< peak
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

enum class RecipeOrigin {
    FromData, ///< nobody has chosen: loadTask fits the recipe to what it reads
    Chosen    ///< by a person, a file or an earlier loadTask
};

struct TaskSpec {
    std::string name; ///< "digits", or the file's stem
    SourceSpec source;
    SplitOptions split;
    Recipe recipe;
    RecipeOrigin recipeOrigin = RecipeOrigin::FromData;
    /// A recipe that differs from Recipe{} was chosen, whoever forgot to say so.
    bool isRecipeChosen() const { return recipeOrigin == RecipeOrigin::Chosen || recipe != Recipe{}; }
    bool operator==(const TaskSpec& other) const
    {
        return name == other.name && source == other.source && split == other.split && recipe == other.recipe
            && isRecipeChosen() == other.isRecipeChosen();
    }
};

inline constexpr int taskFormatVersion = 1;
Json taskToJson(const TaskSpec& spec);
Result<TaskSpec> taskFromJson(const Json& document);

/// Immutable once loaded; shared by all trials and the explorer's panels. Its spec's recipe is the one that counts, chosen
/// or fitted: what is stored with a study is this spec.
struct Task {
    TaskSpec spec;
    Dataset dataset;
    Splits splits;
    Normalisation normalisation; ///< from the training split only
    std::int64_t classCount() const { return static_cast<std::int64_t>(dataset.classes.size()); }
};

/// A built-in name, a `.task.json` or `kind:path#options`, as a spec that leaves the recipe to loadTask unless the file has
/// one. Does not read the data itself. Paths come back absolute, so that a stored study finds its data from anywhere;
/// relative ones in a task file are relative to it.
Result<TaskSpec> resolveTask(const std::string& text, const FormatSet& formats);
/// A path that a user opened or dropped: detected, with defaults.
Result<TaskSpec> taskForPath(const std::filesystem::path& path, const FormatSet& formats);
/// Reads, fits the recipe where none was chosen, splits, normalises. Slow: not on the GUI thread.
Result<std::shared_ptr<const Task>> loadTask(const TaskSpec& spec, const FormatSet& formats);

/// Default recipe for the data: batch and epochs from the number of samples, so that small data gets enough steps. Images of
/// 32 pixels and larger shift by two (smaller ones lose accuracy by it in trials as short as a search's), and colour
/// photographs flip. Grey images do not: a mirrored digit is no digit. Nothing of the kind for vectors.
Recipe defaultRecipe(const Dataset& dataset);

} // namespace archscope::data
