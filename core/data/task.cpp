#include "core/data/task.h"

#include "core/base/text.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>

namespace archscope::data {

namespace {
constexpr std::string_view taskFormat = "archscope.task";

Json recipeToJson(const Recipe& recipe)
{
    return {{"epochs", recipe.epochs},
            {"batch_size", recipe.batchSize},
            {"learning_rate", recipe.learningRate},
            {"weight_decay", recipe.weightDecay},
            {"label_smoothing", recipe.labelSmoothing},
            {"warmup_fraction", recipe.warmupFraction},
            {"gradient_clip", recipe.gradientClip},
            {"shift_pixels", recipe.shiftPixels},
            {"horizontal_flip", recipe.horizontalFlip}};
}

Result<int> intOr(const JsonReader& reader, std::string_view key, int fallback)
{
    ARCHSCOPE_ASSIGN(const std::int64_t number, reader.integerOr(key, fallback));
    if (number < std::numeric_limits<int>::min() || number > std::numeric_limits<int>::max())
        return reader.fail(fmt::format("'{}' is out of range", key));
    return static_cast<int>(number);
}

Result<Recipe> recipeFromJson(const JsonReader& reader)
{
    ARCHSCOPE_TRY(reader.expectOnly({"epochs", "batch_size", "learning_rate", "weight_decay", "label_smoothing", "warmup_fraction",
                                     "gradient_clip", "shift_pixels", "horizontal_flip"}));
    Recipe recipe;
    ARCHSCOPE_ASSIGN(recipe.epochs, intOr(reader, "epochs", recipe.epochs));
    ARCHSCOPE_ASSIGN(recipe.batchSize, intOr(reader, "batch_size", recipe.batchSize));
    ARCHSCOPE_ASSIGN(recipe.learningRate, reader.numberOr("learning_rate", recipe.learningRate));
    ARCHSCOPE_ASSIGN(recipe.weightDecay, reader.numberOr("weight_decay", recipe.weightDecay));
    ARCHSCOPE_ASSIGN(recipe.labelSmoothing, reader.numberOr("label_smoothing", recipe.labelSmoothing));
    ARCHSCOPE_ASSIGN(recipe.warmupFraction, reader.numberOr("warmup_fraction", recipe.warmupFraction));
    ARCHSCOPE_ASSIGN(recipe.gradientClip, reader.numberOr("gradient_clip", recipe.gradientClip));
    ARCHSCOPE_ASSIGN(recipe.shiftPixels, intOr(reader, "shift_pixels", recipe.shiftPixels));
    ARCHSCOPE_ASSIGN(recipe.horizontalFlip, reader.booleanOr("horizontal_flip", recipe.horizontalFlip));
    if (const auto problems = recipe.validate(); !problems.empty())
        return reader.fail(joined(problems, "; "));
    return recipe;
}

Result<SplitOptions> splitFromJson(const JsonReader& reader)
{
    ARCHSCOPE_TRY(reader.expectOnly({"validation_fraction", "test_fraction", "seed"}));
    SplitOptions split;
    ARCHSCOPE_ASSIGN(split.validationFraction, reader.numberOr("validation_fraction", split.validationFraction));
    ARCHSCOPE_ASSIGN(split.testFraction, reader.numberOr("test_fraction", split.testFraction));
    if (reader.has("seed")) {
        ARCHSCOPE_ASSIGN(const JsonReader seed, reader.member("seed"));
        if (!seed.value().is_number_integer() || (!seed.value().is_number_unsigned() && seed.value().get<std::int64_t>() < 0))
            return seed.fail("a whole number from 0 is expected");
        split.seed = seed.value().get<std::uint64_t>();
    }
    for (const auto& [key, fraction] : {std::pair("validation_fraction", split.validationFraction), std::pair("test_fraction", split.testFraction)}) {
        if (!(fraction > 0 && fraction < 1))
            return reader.fail(fmt::format("'{}' is {}; it must lie between 0 and 1", key, fraction));
    }
    return split;
}
} // namespace

std::vector<std::string> Recipe::validate() const
{
    std::vector<std::string> problems;
    const auto check = [&](bool isFine, std::string_view field, auto value, std::string_view bound) {
        if (!isFine)
            problems.push_back(fmt::format("{} is {}; it must be {}", field, value, bound));
    };
    check(epochs >= 1 && epochs <= 100'000, "epochs", epochs, "from 1 to 100,000");
    check(batchSize >= 2 && batchSize <= 65'536, "batch_size", batchSize, "from 2 to 65,536");
    check(learningRate > 0 && learningRate <= 10, "learning_rate", learningRate, "above 0 and at most 10");
    check(weightDecay >= 0 && weightDecay <= 10, "weight_decay", weightDecay, "from 0 to 10");
    check(labelSmoothing >= 0 && labelSmoothing < 1, "label_smoothing", labelSmoothing, "at least 0 and below 1");
    check(warmupFraction >= 0 && warmupFraction < 1, "warmup_fraction", warmupFraction, "at least 0 and below 1");
    check(gradientClip >= 0 && std::isfinite(gradientClip), "gradient_clip", gradientClip, "0 (off) or above");
    check(shiftPixels >= 0 && shiftPixels <= 256, "shift_pixels", shiftPixels, "from 0 to 256");
    return problems;
}

Json taskToJson(const TaskSpec& spec)
{
    Json json = {{"format", taskFormat},
                 {"version", taskFormatVersion},
                 {"name", spec.name},
                 {"source", spec.source.text()},
                 {"split",
                  {{"validation_fraction", spec.split.validationFraction},
                   {"test_fraction", spec.split.testFraction},
                   {"seed", spec.split.seed}}}};
    if (spec.isRecipeChosen())
        json["recipe"] = recipeToJson(spec.recipe);
    return json;
}

Result<TaskSpec> taskFromJson(const Json& document)
{
    ARCHSCOPE_TRY(checkFormat(document, taskFormat, taskFormatVersion));
    const JsonReader reader(document);
    ARCHSCOPE_TRY(reader.expectOnly({"format", "version", "name", "source", "split", "recipe"}));
    TaskSpec spec;
    ARCHSCOPE_ASSIGN(spec.name, reader.string("name"));
    ARCHSCOPE_ASSIGN(const std::string source, reader.string("source"));
    auto parsed = SourceSpec::parse(source);
    if (!parsed)
        return fail(ErrorCode::InvalidInput, parsed.error().message, "/source");
    spec.source = std::move(*parsed);
    if (reader.has("split")) {
        ARCHSCOPE_ASSIGN(const JsonReader split, reader.member("split"));
        ARCHSCOPE_ASSIGN(spec.split, splitFromJson(split));
    }
    if (reader.has("recipe")) {
        ARCHSCOPE_ASSIGN(const JsonReader recipe, reader.member("recipe"));
        ARCHSCOPE_ASSIGN(spec.recipe, recipeFromJson(recipe));
        spec.recipeOrigin = RecipeOrigin::Chosen;
    }
    return spec;
}

Recipe defaultRecipe(const Dataset& dataset)
{
    // Measured in steps: what small data needs is more of them. A batch is about a fiftieth of the data.
    constexpr double imageSteps = 250;
    constexpr double vectorSteps = 1500;
    constexpr double trainedPart = 0.6;
    const std::int64_t samples = std::max<std::int64_t>(dataset.testBegin, 1);
    Recipe recipe;
    recipe.batchSize = samples < 500 ? 16 : samples < 4'000 ? 32 : 64;
    const double stepsAnEpoch = std::ceil(trainedPart * static_cast<double>(samples) / recipe.batchSize);
    const bool isLarge = samples >= 20'000;
    if (dataset.isImage()) {
        const std::int64_t edge = std::min(dataset.samples.shape[1], dataset.samples.shape[2]);
        const bool isColour = dataset.samples.shape[0] >= 3;
        recipe.epochs = isLarge ? 5 : static_cast<int>(std::clamp(std::ceil(imageSteps / stepsAnEpoch), 8.0, 40.0));
        recipe.shiftPixels = edge >= 32 ? 2 : 0;
        recipe.horizontalFlip = isColour && edge >= 24;
    } else {
        recipe.epochs = static_cast<int>(std::clamp(std::ceil(vectorSteps / stepsAnEpoch), 8.0, 60.0));
    }
    return recipe;
}

} // namespace archscope::data
