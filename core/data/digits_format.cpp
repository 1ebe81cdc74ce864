#include "core/base/files.h"
#include "core/data/csv_table.h"
#include "core/data/format.h"

#include <fmt/format.h>

namespace archscope::data {

namespace {
constexpr std::int64_t edge = 8;
constexpr float brightest = 16;

/// "Optical recognition of handwritten digits" (E. Alpaydin, C. Kaynak, UCI), the part that scikit-learn ships.
class DigitsFormat final : public DataFormat {
public:
    explicit DigitsFormat(std::string_view gzipCsv) : m_gzipCsv(gzipCsv) {}

    std::string name() const override { return "digits"; }
    std::string title() const override { return "Handwritten digits (built in)"; }
    std::string help() const override
    {
        return "1,797 grey images of 8×8 pixels with values from 0 to 16, ten classes: the sample that comes with the program.";
    }
    std::vector<FormatOption> options() const override { return {}; }
    bool isEmbedded() const override { return true; }
    bool recognises(const std::filesystem::path&) const override { return false; }

    Result<Dataset> read(const SourceSpec&) const override
    {
        auto dataset = readBytes();
        if (!dataset)
            return fail(dataset.error().within("built-in digits"));
        return dataset;
    }

private:
    Result<Dataset> readBytes() const
    {
        ARCHSCOPE_ASSIGN(const std::string csv, gunzipped(std::string(m_gzipCsv)));
        ARCHSCOPE_ASSIGN(Dataset dataset, readCsvTable(csv, {"last", CsvHeader::None, {}}));
        if (dataset.samples.sampleSize() != edge * edge)
            return fail(ErrorCode::InvalidInput, fmt::format("{} columns instead of {}", dataset.samples.sampleSize(), edge * edge));
        std::vector<std::uint8_t> pixels;
        for (const float value : std::get<std::vector<float>>(dataset.samples.values)) {
            if (!(value >= 0 && value <= brightest && value == static_cast<float>(static_cast<int>(value))))
                return fail(ErrorCode::InvalidInput, fmt::format("the value {} is no whole number from 0 to {}", value, brightest));
            pixels.push_back(static_cast<std::uint8_t>(value));
        }
        dataset.format = "digits";
        dataset.samples.shape = {1, edge, edge};
        dataset.samples.values = std::move(pixels);
        dataset.notes = {"built in: UCI optical digits, values 0 to 16"};
        return dataset;
    }

    std::string_view m_gzipCsv; ///< lives as long as the program
};
} // namespace

std::unique_ptr<DataFormat> digitsFormat(std::string_view gzipCsv)
{
    return std::make_unique<DigitsFormat>(gzipCsv);
}

} // namespace archscope::data
