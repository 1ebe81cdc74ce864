// IDX, the format of MNIST and its relatives (Y. LeCun, "The MNIST database"): two zero bytes, a type, the number of
// dimensions, the dimensions as big-endian 32-bit numbers, the values.
#include "core/base/files.h"
#include "core/base/text.h"
#include "core/data/format.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <fstream>
#include <optional>

namespace archscope::data {

namespace fs = std::filesystem;

namespace {
constexpr std::uint64_t maxIdxBytes = std::uint64_t{4} << 30; // held in memory whole
constexpr unsigned char ubyteType = 0x08;
constexpr std::size_t maxDimensions = 4;

// -- File names ---------------------------------------------------------------------------------------------------------

enum class Role { Images, Labels };
enum class Part { Train, Test };

struct FileName {
    std::string set; ///< what stands before the part's name: "emnist-letters-"
    Part part = Part::Train;
    Role role = Role::Images;
};

/// "train-images-idx3-ubyte.gz", "t10k-labels.idx1-ubyte", "emnist-letters-test-images-idx3-ubyte"; empty for other names.
std::optional<FileName> parseName(std::string name)
{
    std::transform(name.begin(), name.end(), name.begin(), [](char c) {
        return c == '.' || c == '_' ? '-' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    const auto cut = [&](std::string_view ending) {
        const bool found = name.ends_with(ending);
        if (found)
            name.resize(name.size() - ending.size());
        return found;
    };
    cut("-gz");
    if (!cut("-ubyte") || name.empty())
        return {};
    name.pop_back(); // the number of dimensions: the file itself says it
    if (!cut("-idx"))
        return {};
    FileName parsed;
    if (cut("labels"))
        parsed.role = Role::Labels;
    else if (!cut("images"))
        return {};
    if (cut("t10k-") || cut("test-"))
        parsed.part = Part::Test;
    else
        cut("train-");
    parsed.set = name;
    return parsed;
}

struct FilePair {
    fs::path images;
    fs::path labels;
    bool isComplete() const { return !images.empty() && !labels.empty(); }
};

struct Files {
    FilePair train;
    FilePair test; ///< empty paths where there is none
};

/// The IDX files of a folder, by set.
Result<std::map<std::string, Files>> scanFolder(const fs::path& folder)
{
    std::error_code error;
    std::vector<fs::path> entries;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
        std::error_code ignored;
        if (it->is_regular_file(ignored))
            entries.push_back(it->path());
    }
    if (error)
        return fail(ErrorCode::Io, "cannot be listed: " + error.message(), folder.string());
    std::sort(entries.begin(), entries.end()); // "x" comes before "x.gz", and is taken
    std::map<std::string, Files> sets;
    for (const fs::path& path : entries) {
        if (const auto name = parseName(path.filename().string())) {
            Files& files = sets[name->set];
            FilePair& pair = name->part == Part::Train ? files.train : files.test;
            fs::path& slot = name->role == Role::Images ? pair.images : pair.labels;
            if (slot.empty())
                slot = path;
        }
    }
    return sets;
}

Result<Files> filesOfFolder(const fs::path& folder)
{
    ARCHSCOPE_ASSIGN(auto sets, scanFolder(folder));
    if (sets.empty())
        return fail(ErrorCode::InvalidInput,
                    "holds no IDX files: names like train-images-idx3-ubyte and train-labels-idx1-ubyte (.gz or not) are "
                    "expected, or write idx:IMAGES,LABELS",
                    folder.string());
    if (sets.size() > 1)
        return fail(ErrorCode::InvalidInput,
                    fmt::format("holds {} sets of IDX files; choose one by idx:IMAGES,LABELS", sets.size()), folder.string());
    Files files = std::move(sets.begin()->second);
    if (!files.train.isComplete())
        return fail(ErrorCode::InvalidInput,
                    fmt::format("the training {} are missing (train-{}-ubyte, .gz or not)",
                                files.train.images.empty() ? "images" : "labels",
                                files.train.images.empty() ? "images-idx3" : "labels-idx1"),
                    folder.string());
    if (files.test.images.empty() != files.test.labels.empty())
        return fail(ErrorCode::InvalidInput,
                    fmt::format("the test {} are missing beside the test {}", files.test.images.empty() ? "images" : "labels",
                                files.test.images.empty() ? "labels" : "images"),
                    folder.string());
    return files;
}

Result<FilePair> withLabelsBeside(const fs::path& images)
{
    std::error_code ignored;
    if (!fs::exists(images, ignored))
        return fail(ErrorCode::NotFound, "there is no such file or folder", images.string());
    const auto name = parseName(images.filename().string());
    if (name && name->role == Role::Images) {
        ARCHSCOPE_ASSIGN(auto sets, scanFolder(images.parent_path()));
        const Files& files = sets[name->set];
        const fs::path& labels = (name->part == Part::Train ? files.train : files.test).labels;
        if (!labels.empty())
            return FilePair{images, labels};
    }
    return fail(ErrorCode::InvalidInput, "one file is not enough: write idx:IMAGES,LABELS or idx:FOLDER", images.string());
}

// -- Content ------------------------------------------------------------------------------------------------------------

struct IdxArray {
    std::vector<std::int64_t> dimensions;
    std::string bytes; ///< the whole file
    std::size_t valuesBegin = 0;

    std::span<const std::uint8_t> values() const
    {
        return {reinterpret_cast<const std::uint8_t*>(bytes.data()) + valuesBegin, bytes.size() - valuesBegin};
    }
};

std::string typeName(unsigned type)
{
    static constexpr std::array<std::pair<unsigned, const char*>, 5> names = {
        {{0x09, "8-bit signed"}, {0x0b, "16-bit"}, {0x0c, "32-bit"}, {0x0d, "32-bit floating-point"}, {0x0e, "64-bit floating-point"}}};
    const auto it = std::find_if(names.begin(), names.end(), [&](const auto& entry) { return entry.first == type; });
    return it == names.end() ? std::string() : it->second;
}

Result<IdxArray> readIdx(const fs::path& path)
{
    IdxArray array;
    ARCHSCOPE_ASSIGN(array.bytes, readFileGunzipped(path, maxIdxBytes));
    const std::string& bytes = array.bytes;
    const auto byteAt = [&](std::size_t index) { return static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[index])); };
    const auto bad = [&](std::string message) { return fail(ErrorCode::InvalidInput, std::move(message), path.string()); };
    if (bytes.empty())
        return bad("the file is empty");
    if (bytes.size() < 4)
        return bad(fmt::format("the file ends after {} bytes, within the IDX header", bytes.size()));
    const auto type = static_cast<unsigned>(byteAt(2));
    const auto dimensions = static_cast<std::size_t>(byteAt(3));
    if (byteAt(0) != 0 || byteAt(1) != 0 || (type != ubyteType && typeName(type).empty()) || dimensions == 0)
        return bad(fmt::format("this is no IDX file: it begins with {:02x} {:02x} {:02x} {:02x} instead of 00 00 08 and the "
                               "number of dimensions",
                               byteAt(0), byteAt(1), byteAt(2), byteAt(3)));
    if (type != ubyteType)
        return fail(ErrorCode::Unsupported,
                    fmt::format("the file holds {} numbers; IDX is read as unsigned bytes (type 08) only", typeName(type)),
                    path.string());
    if (dimensions > maxDimensions)
        return fail(ErrorCode::Unsupported, fmt::format("the file has {} dimensions; IDX is read up to {}", dimensions, maxDimensions),
                    path.string());
    array.valuesBegin = 4 + 4 * dimensions;
    if (bytes.size() < array.valuesBegin)
        return bad(fmt::format("the file ends after {} bytes, within the IDX header", bytes.size()));
    std::uint64_t claimed = 1;
    for (std::size_t dimension = 0; dimension < dimensions; ++dimension) {
        std::uint64_t size = 0;
        for (std::size_t i = 0; i < 4; ++i)
            size = size << 8 | byteAt(4 + 4 * dimension + i);
        if (size == 0)
            return bad(fmt::format("dimension {} is 0: there is nothing in the file", dimension + 1));
        array.dimensions.push_back(static_cast<std::int64_t>(size));
        claimed = std::min(claimed * size, maxIdxBytes); // 2³² × 2³² at most: no overflow, and no file is that large
    }
    const std::uint64_t present = bytes.size() - array.valuesBegin;
    if (claimed != present) {
        std::vector<std::string> sizes;
        for (const std::int64_t size : array.dimensions)
            sizes.push_back(std::to_string(size));
        return bad(fmt::format("the header announces {} values, {} follow: the file is {}", joined(sizes, "×"),
                               groupDigits(static_cast<std::int64_t>(present)), present < claimed ? "truncated" : "too long"));
    }
    return array;
}

struct Labelled {
    std::vector<std::int64_t> shape;
    std::vector<std::uint8_t> values;
    std::vector<std::uint8_t> labels;
    std::string layout; ///< a note; empty where there is nothing to decide
};

std::vector<std::uint8_t> channelsFirst(std::span<const std::uint8_t> values, std::size_t pixels, std::size_t channels)
{
    std::vector<std::uint8_t> out(values.size());
    for (std::size_t image = 0; image < values.size(); image += pixels * channels) {
        for (std::size_t pixel = 0; pixel < pixels; ++pixel) {
            for (std::size_t channel = 0; channel < channels; ++channel)
                out[image + channel * pixels + pixel] = values[image + pixel * channels + channel];
        }
    }
    return out;
}

Result<Labelled> readPair(const FilePair& files)
{
    ARCHSCOPE_ASSIGN(const IdxArray images, readIdx(files.images));
    ARCHSCOPE_ASSIGN(const IdxArray labels, readIdx(files.labels));
    const std::vector<std::int64_t>& sizes = images.dimensions;
    if (sizes.size() == 1)
        return fail(ErrorCode::InvalidInput, "images are expected here (2 to 4 dimensions), the file holds labels (1 dimension)",
                    files.images.string());
    if (labels.dimensions.size() != 1)
        return fail(ErrorCode::InvalidInput,
                    fmt::format("labels are expected here (1 dimension), the file has {} dimensions", labels.dimensions.size()),
                    files.labels.string());
    if (sizes[0] != labels.dimensions[0])
        return fail(ErrorCode::InvalidInput,
                    fmt::format("there are {} labels for the {} images of {}", labels.dimensions[0], sizes[0],
                                files.images.filename().string()),
                    files.labels.string());
    Labelled read;
    const auto values = images.values();
    const auto isColour = [](std::int64_t channels) { return channels == 1 || channels == 3 || channels == 4; };
    if (sizes.size() == 2) {
        read.shape = {sizes[1]};
    } else if (sizes.size() == 3) {
        read.shape = {1, sizes[1], sizes[2]};
    } else if (isColour(sizes[3])) {
        read.shape = {sizes[3], sizes[1], sizes[2]};
        read.layout = fmt::format("{} channels, in the last dimension", sizes[3]);
        read.values = channelsFirst(values, static_cast<std::size_t>(sizes[1] * sizes[2]), static_cast<std::size_t>(sizes[3]));
    } else if (isColour(sizes[1])) {
        read.shape = {sizes[1], sizes[2], sizes[3]};
        read.layout = fmt::format("{} channels, in the second dimension", sizes[1]);
    } else {
        return fail(ErrorCode::Unsupported,
                    fmt::format("neither the last dimension ({}) nor the second ({}) is a number of colour channels: 1, 3 or 4",
                                sizes[3], sizes[1]),
                    files.images.string());
    }
    if (read.values.empty())
        read.values.assign(values.begin(), values.end());
    read.labels.assign(labels.values().begin(), labels.values().end());
    return read;
}

/// Classes are the labels that occur, in numerical order; `names` (option "classes") calls them otherwise.
Result<void> nameClasses(Dataset& dataset, std::span<const std::uint8_t> labels, const std::string& names)
{
    std::array<bool, 256> occurs{};
    for (const std::uint8_t label : labels)
        occurs[label] = true;
    std::array<std::int64_t, 256> index{};
    for (std::size_t label = 0; label < occurs.size(); ++label) {
        if (occurs[label]) {
            index[label] = static_cast<std::int64_t>(dataset.classes.size());
            dataset.classes.push_back(std::to_string(label));
        }
    }
    dataset.labels.reserve(labels.size());
    for (const std::uint8_t label : labels)
        dataset.labels.push_back(index[label]);
    if (names.empty())
        return {};
    std::vector<std::string> given = split(names, ',');
    if (given.size() != dataset.classes.size())
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("option 'classes' names {} classes, the data has {}", given.size(), dataset.classes.size()));
    std::vector<std::string> sorted = given;
    std::sort(sorted.begin(), sorted.end());
    if (const auto twice = std::adjacent_find(sorted.begin(), sorted.end()); twice != sorted.end())
        return fail(ErrorCode::InvalidArgument, fmt::format("option 'classes' has '{}' twice", *twice));
    dataset.classes = std::move(given);
    return {};
}

class IdxFormat final : public DataFormat {
public:
    std::string name() const override { return "idx"; }
    std::string title() const override { return "IDX images"; }
    std::string help() const override
    {
        return "MNIST's format, gzip or not: a folder with train-images-idx3-ubyte, train-labels-idx1-ubyte and, as the test "
               "set, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte; or IMAGES,LABELS. Grey images (3 dimensions), colour "
               "images (4) and vectors (2) of unsigned bytes.";
    }
    std::vector<FormatOption> options() const override
    {
        return {{"classes", "the classes' names, separated by commas, in the order of their labels; without it the labels"}};
    }

    bool recognises(const fs::path& path) const override
    {
        std::error_code ignored;
        if (fs::is_directory(path, ignored)) {
            for (fs::directory_iterator it(path, ignored), end; !ignored && it != end; it.increment(ignored)) {
                if (parseName(it->path().filename().string()))
                    return true;
            }
            return false;
        }
        if (!fs::is_regular_file(path, ignored))
            return false;
        if (const auto parsed = parseName(path.filename().string()))
            return parsed->role == Role::Images;
        std::ifstream file(path, std::ios::binary);
        std::array<char, 4> magic{};
        return file.read(magic.data(), magic.size()) && magic[0] == 0 && magic[1] == 0 && magic[2] == ubyteType && magic[3] >= 2
            && magic[3] <= static_cast<char>(maxDimensions);
    }

    Result<Dataset> read(const SourceSpec& source) const override
    {
        const std::vector<fs::path> paths = sourcePaths(source.path);
        Files files;
        std::error_code ignored;
        if (paths.size() == 1 && fs::is_directory(paths[0], ignored)) {
            ARCHSCOPE_ASSIGN(files, filesOfFolder(paths[0]));
        } else if (paths.size() == 1) {
            ARCHSCOPE_ASSIGN(files.train, withLabelsBeside(paths[0]));
        } else if (paths.size() == 2) {
            files.train = {paths[0], paths[1]};
        } else {
            return fail(ErrorCode::InvalidArgument,
                        fmt::format("{} paths are given; write idx:FOLDER or idx:IMAGES,LABELS", paths.size()), source.path);
        }
        return readFiles(files, source);
    }

private:
    static Result<Dataset> readFiles(const Files& files, const SourceSpec& source)
    {
        ARCHSCOPE_ASSIGN(Labelled train, readPair(files.train));
        Dataset dataset;
        dataset.format = "idx";
        dataset.testBegin = static_cast<std::int64_t>(train.labels.size());
        dataset.notes.push_back(fmt::format("images: {}, labels: {}", files.train.images.filename().string(),
                                            files.train.labels.filename().string()));
        if (!train.layout.empty())
            dataset.notes.push_back(train.layout);
        if (files.test.isComplete()) {
            ARCHSCOPE_ASSIGN(const Labelled test, readPair(files.test));
            if (test.shape != train.shape)
                return fail(ErrorCode::InvalidInput,
                            fmt::format("the test images are {}, the training images {}", fmt::join(test.shape, "×"),
                                        fmt::join(train.shape, "×")),
                            files.test.images.string());
            train.values.insert(train.values.end(), test.values.begin(), test.values.end());
            train.labels.insert(train.labels.end(), test.labels.begin(), test.labels.end());
            dataset.notes.push_back("test set: " + files.test.images.filename().string());
        }
        const auto classes = source.options.find("classes");
        auto named = nameClasses(dataset, train.labels, classes == source.options.end() ? std::string() : classes->second);
        if (!named)
            return fail(named.error().within(source.path));
        dataset.samples.shape = std::move(train.shape);
        dataset.samples.values = std::move(train.values);
        return dataset;
    }
};
} // namespace

std::unique_ptr<DataFormat> idxFormat()
{
    return std::make_unique<IdxFormat>();
}

} // namespace archscope::data
