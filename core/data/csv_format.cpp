#include "core/base/files.h"
#include "core/base/text.h"
#include "core/data/csv_table.h"
#include "core/data/format.h"

#include <fmt/format.h>

namespace archscope::data {

namespace fs = std::filesystem;

namespace {
constexpr std::uint64_t maxCsvBytes = std::uint64_t{4} << 30; // held in memory whole

Result<CsvHeader> parseHeader(const std::string& text)
{
    const std::map<std::string, CsvHeader> known
        = {{"auto", CsvHeader::Auto}, {"none", CsvHeader::None}, {"names", CsvHeader::Names}, {"counts", CsvHeader::Counts}};
    if (const auto it = known.find(text); it != known.end())
        return it->second;
    std::vector<std::string> names;
    for (const auto& entry : known)
        names.push_back(entry.first);
    return fail(ErrorCode::InvalidArgument, unknownName("header", text, names), "csv");
}

class CsvFormat final : public DataFormat {
public:
    std::string name() const override { return "csv"; }
    std::string title() const override { return "CSV table"; }
    std::string help() const override
    {
        return "A table for classification, gzip or not: one row a sample, one column the label, the others numbers. The "
               "delimiter (',', ';' or tab) is detected; quotes as in RFC 4180.";
    }
    std::vector<FormatOption> options() const override
    {
        return {{"label", "the column with the classes: its name, its number from 1, 'first' or 'last'; without it a column "
                          "named label, class or target, else the last"},
                {"header", "what the first line is: 'none' (data), 'names' (of the columns), 'counts' (rows, features, class "
                           "names) or 'auto' (detected)"},
                {"ignore", "columns to leave out, by name or number, separated by commas"}};
    }

    bool recognises(const fs::path& path) const override
    {
        std::error_code ignored;
        fs::path name = path.filename();
        if (name.extension() == ".gz")
            name = name.stem();
        return (name.extension() == ".csv" || name.extension() == ".tsv") && fs::is_regular_file(path, ignored);
    }

    Result<Dataset> read(const SourceSpec& source) const override
    {
        const std::vector<fs::path> paths = sourcePaths(source.path);
        if (paths.size() != 1)
            return fail(ErrorCode::InvalidArgument, fmt::format("{} paths are given, a table is one file", paths.size()), source.path);
        const auto option = [&](const char* name) {
            const auto it = source.options.find(name);
            return it == source.options.end() ? std::string() : it->second;
        };
        CsvOptions options{option("label"), CsvHeader::Auto, option("ignore")};
        if (source.options.contains("header")) {
            ARCHSCOPE_ASSIGN(options.header, parseHeader(option("header")));
        }
        ARCHSCOPE_ASSIGN(const std::string bytes, readFileGunzipped(paths[0], maxCsvBytes));
        auto dataset = readCsvTable(bytes, options);
        if (!dataset)
            return fail(dataset.error().within(paths[0].string()));
        dataset->format = "csv";
        return dataset;
    }
};
} // namespace

std::unique_ptr<DataFormat> csvFormat()
{
    return std::make_unique<CsvFormat>();
}

} // namespace archscope::data
