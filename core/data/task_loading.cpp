#include "core/base/files.h"
#include "core/base/text.h"
#include "core/data/task.h"

#include <fmt/format.h>

namespace archscope::data {

namespace fs = std::filesystem;

namespace {
constexpr std::string_view taskFileEnding = ".task.json";
constexpr std::uint64_t maxTaskFileBytes = std::uint64_t{16} << 20;

/// "iris" of "/data/iris.csv.gz", "fashion-mnist" of "/data/fashion-mnist".
std::string stemOf(const fs::path& path)
{
    std::error_code ignored;
    fs::path name = path.filename();
    if (fs::is_directory(path, ignored))
        return name.string();
    if (name.extension() == ".gz")
        name = name.stem();
    return name.stem().string();
}

void makePathsAbsolute(SourceSpec& source, const fs::path& base)
{
    std::vector<std::string> paths;
    for (const fs::path& path : sourcePaths(source.path, base))
        paths.push_back(path.string());
    source.path = joined(paths, ",");
}

Result<TaskSpec> readTaskFile(const fs::path& path, const FormatSet& formats)
{
    ARCHSCOPE_ASSIGN(const std::string text, readFile(path, maxTaskFileBytes));
    auto spec = parseJson(text).and_then([](const Json& document) { return taskFromJson(document); });
    if (!spec)
        return fail(spec.error().within(path.string()));
    if (auto checked = formats.formatOf(spec->source); !checked)
        return fail(ErrorCode::InvalidInput, checked.error().message, path.string() + ": /source");
    makePathsAbsolute(spec->source, fs::absolute(path).parent_path());
    return spec;
}
} // namespace

Result<TaskSpec> resolveTask(const std::string& text, const FormatSet& formats)
{
    std::error_code ignored;
    if (text.ends_with(taskFileEnding) && (fs::exists(text, ignored) || text.find(':') == std::string::npos))
        return readTaskFile(text, formats);
    if (text.find(':') == std::string::npos && !formats.find(text.substr(0, text.find('#')))) {
        if (fs::exists(text, ignored)) {
            const DataFormat* format = formats.detect(text);
            return fail(ErrorCode::InvalidArgument,
                        format ? fmt::format("'{}' is a path: write {}:{}", text, format->name(), text)
                               : fmt::format("'{}' is a path: write its kind before it ({}), as in csv:{}", text,
                                             joined(formats.names(), ", "), text));
        }
        std::vector<std::string> builtIn;
        for (const DataFormat* format : formats.all()) {
            if (format->isEmbedded())
                builtIn.push_back(format->name());
        }
        return fail(ErrorCode::InvalidArgument,
                    unknownName("task", text, builtIn) + "; or write kind:path, or the name of a .task.json file");
    }
    TaskSpec spec;
    ARCHSCOPE_ASSIGN(spec.source, SourceSpec::parse(text));
    ARCHSCOPE_TRY(formats.formatOf(spec.source));
    makePathsAbsolute(spec.source, {});
    spec.name = spec.source.path.empty() ? spec.source.kind : stemOf(sourcePaths(spec.source.path).front());
    return spec;
}

Result<TaskSpec> taskForPath(const fs::path& path, const FormatSet& formats)
{
    std::error_code ignored;
    if (!fs::exists(path, ignored))
        return fail(ErrorCode::NotFound, "there is no such file or folder", path.string());
    if (path.string().ends_with(taskFileEnding))
        return readTaskFile(path, formats);
    const DataFormat* format = formats.detect(path);
    if (!format) {
        std::vector<std::string> titles;
        for (const DataFormat* known : formats.all()) {
            if (!known->isEmbedded())
                titles.push_back(known->title());
        }
        return fail(ErrorCode::Unsupported, fmt::format("this is none of the kinds that can be opened: {}", joined(titles, ", ")),
                    path.string());
    }
    TaskSpec spec;
    spec.source.kind = format->name();
    spec.source.path = path.string();
    makePathsAbsolute(spec.source, {});
    spec.name = stemOf(spec.source.path);
    return spec;
}

Result<std::shared_ptr<const Task>> loadTask(const TaskSpec& spec, const FormatSet& formats)
{
    if (spec.source.kind.empty())
        return fail(ErrorCode::Unsupported, "there is no data: trials were looked up in this table, not trained", spec.name);
    auto task = std::make_shared<Task>();
    task->spec = spec;
    ARCHSCOPE_ASSIGN(task->dataset, formats.read(spec.source));
    if (!spec.isRecipeChosen())
        task->spec.recipe = defaultRecipe(task->dataset);
    task->spec.recipeOrigin = RecipeOrigin::Chosen;
    const std::string place = spec.source.text();
    const Recipe& recipe = task->spec.recipe;
    if (const auto problems = recipe.validate(); !problems.empty())
        return fail(ErrorCode::InvalidArgument, joined(problems, "; "), place + ": recipe");
    if (task->dataset.classes.size() < 2)
        return fail(ErrorCode::InvalidInput, "the data has one class only: classification needs two", place);
    if (task->dataset.isImage()) {
        const std::int64_t edge = std::min(task->dataset.samples.shape[1], task->dataset.samples.shape[2]);
        if (recipe.shiftPixels >= edge)
            return fail(ErrorCode::InvalidArgument,
                        fmt::format("shift_pixels is {}; images of {} pixels must be shifted by less", recipe.shiftPixels, edge),
                        place + ": recipe");
    }
    auto splits = stratifiedSplits(task->dataset, spec.split);
    if (!splits)
        return fail(splits.error().within(place));
    task->splits = std::move(*splits);
    task->normalisation = normalisationOf(task->dataset, task->splits.train);
    return task;
}

} // namespace archscope::data
