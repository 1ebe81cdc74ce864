// A data format: how a source ("csv:iris.csv#label=last") becomes a Dataset. One file each; listed in core/catalog.
#pragma once

#include "core/data/dataset.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace archscope::data {

/// "kind:path#key=value,key=value" (also '&' between options), or the name of an embedded format alone.
/// The options begin at the last '#': a path with a '#' of its own is written with one more at its end. A piece after ','
/// without '=' goes on with the value before it: "ignore=a,b,label=c". In values %XX stands for a byte.
struct SourceSpec {
    std::string kind; ///< "idx", "csv", "digits" (embedded)
    std::string path; ///< empty for embedded data; several files are separated by ','
    std::map<std::string, std::string> options;

    static Result<SourceSpec> parse(std::string_view text);
    std::string text() const;
    bool operator==(const SourceSpec&) const = default;
};

/// The files or folders of a source's path. What exists under the whole path is one; otherwise ',' separates them. Relative
/// ones are taken from `base`, or from the current folder where it is empty; all come back absolute.
std::vector<std::filesystem::path> sourcePaths(const std::string& path, const std::filesystem::path& base = {});

struct FormatOption {
    std::string name;
    std::string help; ///< with the allowed values
};

class DataFormat {
public:
    virtual ~DataFormat() = default;
    virtual std::string name() const = 0;  ///< the kind: "csv"
    virtual std::string title() const = 0; ///< "CSV table"
    virtual std::string help() const = 0;
    virtual std::vector<FormatOption> options() const = 0;
    /// Whether the data is in the program: the format's name alone is a source, and a built-in task.
    virtual bool isEmbedded() const { return false; }
    /// Whether a file or folder that a user dropped looks like this format (by content where cheap).
    virtual bool recognises(const std::filesystem::path& path) const = 0;
    /// Errors name file, place and reason. Options that are not among options() are the caller's error. Never allocates more than the files' content justifies.
    virtual Result<Dataset> read(const SourceSpec& source) const = 0;
};

/// Formats by name; does not own them.
class FormatSet {
public:
    FormatSet() = default;
    explicit FormatSet(std::vector<const DataFormat*> formats) : m_formats(std::move(formats)) {}
    const DataFormat* find(std::string_view name) const;
    /// The first format that recognises the path; null if none.
    const DataFormat* detect(const std::filesystem::path& path) const;
    std::span<const DataFormat* const> all() const { return m_formats; }
    std::vector<std::string> names() const;
    /// The format that a source names, checked: the kind is known (else the nearest name is told), a path is there exactly
    /// where it is needed, the options are the format's.
    Result<const DataFormat*> formatOf(const SourceSpec& source) const;
    /// Checks as formatOf, and reads.
    Result<Dataset> read(const SourceSpec& source) const;

private:
    std::vector<const DataFormat*> m_formats;
};

std::unique_ptr<DataFormat> idxFormat();    ///< IDX files or a folder of them, gzip or not
std::unique_ptr<DataFormat> csvFormat();    ///< classification tables, gzip or not
/// The embedded digits: gzip CSV bytes, 64 columns of 0…16 reshaped to 1×8×8, label last.
std::unique_ptr<DataFormat> digitsFormat(std::string_view gzipCsv);

} // namespace archscope::data
