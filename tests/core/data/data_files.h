// Small data files, written where a test asks.
#pragma once

#include "core/base/files.h"
#include "core/data/dataset.h"

#include <QTemporaryDir>
#include <cstdlib>
#include <numeric>
#include <string>
#include <vector>
#include <zlib.h>

namespace archscope::data::testing {

inline std::string idxBytes(const std::vector<std::uint32_t>& sizes, const std::vector<std::uint8_t>& values, unsigned char type = 8)
{
    std::string bytes{'\0', '\0', static_cast<char>(type), static_cast<char>(sizes.size())};
    for (const std::uint32_t size : sizes) {
        for (int shift = 24; shift >= 0; shift -= 8)
            bytes += static_cast<char>(size >> shift & 0xff);
    }
    return bytes.append(values.begin(), values.end());
}

/// 0, 1, 2, …
inline std::vector<std::uint8_t> counted(std::size_t count)
{
    std::vector<std::uint8_t> values(count);
    std::iota(values.begin(), values.end(), std::uint8_t{0});
    return values;
}

/// A folder that vanishes with the test.
class Folder {
public:
    std::string path(const std::string& name = {}) const
    {
        const std::string root = m_folder.path().toStdString();
        return name.empty() ? root : root + "/" + name;
    }
    std::string write(const std::string& name, const std::string& bytes) const
    {
        if (!writeFileAtomically(path(name), bytes))
            std::abort();
        return path(name);
    }
    std::string writeGzip(const std::string& name, const std::string& bytes) const
    {
        gzFile file = gzopen(path(name).c_str(), "wb");
        if (!file || gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size())) != static_cast<int>(bytes.size()))
            std::abort();
        gzclose(file);
        return path(name);
    }

private:
    QTemporaryDir m_folder;
};

/// The data beside the checkout, which not every machine has: tests skip without it.
inline std::string sharedData(const std::string& name)
{
    return std::string(ARCHSCOPE_SOURCE_DIR) + "/../shared/data/" + name;
}

/// The built-in digits, as the program carries them.
inline const std::string& digitsBytes()
{
    static const std::string bytes = readFile(std::string(ARCHSCOPE_SOURCE_DIR) + "/resources/data/digits.csv.gz").value();
    return bytes;
}

inline std::vector<std::int64_t> classCounts(const Dataset& dataset, std::int64_t begin, std::int64_t end)
{
    std::vector<std::int64_t> counts(dataset.classes.size(), 0);
    for (std::int64_t sample = begin; sample < end; ++sample)
        ++counts[static_cast<std::size_t>(dataset.labels[static_cast<std::size_t>(sample)])];
    return counts;
}

/// What every reader promises of what it returns.
inline bool isConsistent(const Dataset& dataset)
{
    const std::int64_t count = dataset.samples.count();
    if (count <= 0 || static_cast<std::int64_t>(dataset.labels.size()) != count || dataset.testBegin < 1 || dataset.testBegin > count)
        return false;
    for (const std::int64_t label : dataset.labels) {
        if (label < 0 || label >= static_cast<std::int64_t>(dataset.classes.size()))
            return false;
    }
    return std::visit([&](const auto& all) { return static_cast<std::int64_t>(all.size()) == count * dataset.samples.sampleSize(); },
                      dataset.samples.values);
}

} // namespace archscope::data::testing

/// Compares an error's text and code; shows what it was.
#define COMPARE_ERROR(result, expectedCode, part)                                                                       \
    do {                                                                                                                \
        QVERIFY2(!(result), "an error was expected");                                                                   \
        QVERIFY2((result).error().text().find(part) != std::string::npos, (result).error().text().c_str());             \
        QCOMPARE((result).error().code, expectedCode);                                                                  \
    } while (false)
#define VERIFY_OK(result) QVERIFY2((result), (result) ? "" : (result).error().text().c_str())
