#include "core/train/architecture_table.h"

#include "core/base/files.h"
#include "core/base/text.h"
#include "core/data/csv_reader.h"

#include <algorithm>
#include <fmt/format.h>

namespace archscope::train {

namespace {
constexpr std::uint64_t mostBytes = std::uint64_t{ 4 } << 30;

/// The one of the delimiters that parts the first line into most cells.
char delimiterOf(std::string_view bytes)
{
    char best = ',';
    std::size_t widest = 0;
    for (const char delimiter : { ',', ';', '\t' }) {
        std::vector<std::string_view> cells;
        data::CsvReader reader(bytes, delimiter);
        if (reader.next(cells).value_or(false) && cells.size() > widest) {
            widest = cells.size();
            best = delimiter;
        }
    }
    return best;
}
} // namespace

/// One pass over the file.
class ArchitectureTable::Reader {
public:
    Reader(ArchitectureTable& table, std::string_view bytes, const TableColumns& columns)
        : m_table(table)
        , m_columns(columns)
        , m_reader(bytes, delimiterOf(bytes))
    {
    }

    Result<void> read()
    {
        ARCHSCOPE_ASSIGN(const bool hasHeader, m_reader.next(m_cells));
        if (!hasHeader)
            return fail(ErrorCode::InvalidInput,
                "the table is empty: its first line names the columns, every other is one architecture");
        ARCHSCOPE_TRY(readHeader());
        while (true) {
            ARCHSCOPE_ASSIGN(const bool more, m_reader.next(m_cells));
            if (!more)
                break;
            ARCHSCOPE_TRY(readRow());
        }
        if (m_table.m_keys.empty())
            return fail(ErrorCode::InvalidInput, "the table has a header and no architecture");
        return {};
    }

private:
    Result<void> readHeader()
    {
        for (const std::string_view cell : m_cells)
            m_header.emplace_back(trimmed(cell));
        ARCHSCOPE_ASSIGN(m_key, columnOf(m_columns.key));
        for (const auto& [metric, column] : m_columns.metrics) {
            ARCHSCOPE_ASSIGN(const std::size_t place, columnOf(column));
            m_table.m_metrics.push_back(metric);
            if (metric == "simulated_s")
                m_cost = column;
            m_places.push_back(place);
        }
        return {};
    }

    Result<std::size_t> columnOf(const std::string& name) const
    {
        const auto found = std::ranges::find(m_header, name);
        if (found == m_header.end())
            return fail(ErrorCode::InvalidInput, unknownName("column", name, m_header), lineText(m_reader.line()));
        if (std::ranges::count(m_header, name) > 1)
            return fail(
                ErrorCode::InvalidInput, fmt::format("two columns are called '{}'", name), lineText(m_reader.line()));
        return static_cast<std::size_t>(found - m_header.begin());
    }

    Result<void> readRow()
    {
        if (m_cells.size() != m_header.size())
            return fail(ErrorCode::InvalidInput,
                fmt::format("the line has {} cells, the header {}", m_cells.size(), m_header.size()),
                lineText(m_reader.line()));
        const auto genotype = m_table.m_codec.read(trimmed(m_cells[m_key]));
        if (!genotype)
            return fail(genotype.error()
                            .within(fmt::format("{} '{}'", m_columns.key, m_cells[m_key].substr(0, 80)))
                            .within(data::csvPlace(m_reader.line(), m_key + 1)));
        std::string key = m_table.m_codec.write(*genotype);
        const std::size_t row = m_table.m_keys.size();
        const auto [same, isNew] = m_table.m_rowOfKey.emplace(key, row);
        if (!isNew)
            return fail(ErrorCode::InvalidInput,
                fmt::format("the architecture '{}' stands on line {} already: a table has one line for each", key,
                    m_lines[same->second]),
                data::csvPlace(m_reader.line(), m_key + 1));
        m_lines.push_back(m_reader.line());
        m_table.m_keys.push_back(std::move(key));
        m_table.m_decisions = genotype->size();
        m_table.m_answers.insert(m_table.m_answers.end(), genotype->answers().begin(), genotype->answers().end());
        for (const std::size_t place : m_places) {
            double number = 0;
            if (!parseNumber(trimmed(m_cells[place]), number))
                return fail(ErrorCode::InvalidInput,
                    trimmed(m_cells[place]).empty() ? fmt::format(
                        "the cell of column '{}' is empty: every architecture needs a number there", m_header[place])
                                                    : fmt::format("'{}' in column '{}' is not a finite number",
                                                        m_cells[place].substr(0, 40), m_header[place]),
                    data::csvPlace(m_reader.line(), place + 1));
            if (number < 0 && m_header[place] == m_cost)
                return fail(ErrorCode::InvalidInput, fmt::format("the cost {} in column '{}' is negative", number, m_cost),
                    data::csvPlace(m_reader.line(), place + 1));
            m_table.m_values.push_back(number);
        }
        return {};
    }

    static std::string lineText(std::int64_t line) { return fmt::format("line {}", line); }

    ArchitectureTable& m_table;
    const TableColumns& m_columns;
    data::CsvReader m_reader;
    std::vector<std::string_view> m_cells;
    std::vector<std::string> m_header;
    std::size_t m_key = 0;
    std::vector<std::size_t> m_places; ///< of the metrics
    std::string m_cost; ///< column of `simulated_s`
    std::vector<std::int64_t> m_lines; ///< of the rows
};

Result<std::shared_ptr<const ArchitectureTable>> ArchitectureTable::load(
    const std::string& file, const TableColumns& columns, ArchitectureCodec codec)
{
    ARCHSCOPE_ASSIGN(const std::string bytes, readFileGunzipped(file, mostBytes));
    return read(file, bytes, columns, std::move(codec));
}

Result<std::shared_ptr<const ArchitectureTable>> ArchitectureTable::read(
    const std::string& file, std::string_view bytes, const TableColumns& columns, ArchitectureCodec codec)
{
    constexpr std::string_view byteOrderMark = "\xEF\xBB\xBF";
    if (bytes.starts_with(byteOrderMark))
        bytes.remove_prefix(byteOrderMark.size());
    const std::shared_ptr<ArchitectureTable> table(new ArchitectureTable);
    table->m_file = file;
    table->m_codec = std::move(codec);
    if (const auto done = Reader(*table, bytes, columns).read(); !done)
        return fail(done.error().within(file));
    table->index();
    return table;
}

void ArchitectureTable::index()
{
    std::size_t slots = 1;
    while (slots < 2 * size())
        slots *= 2;
    m_slots.assign(slots, 0);
    for (std::size_t row = 0; row < size(); ++row) {
        const auto begin = m_answers.begin() + static_cast<std::ptrdiff_t>(row * m_decisions);
        const space::Genotype genotype(std::vector<double>(begin, begin + static_cast<std::ptrdiff_t>(m_decisions)));
        std::size_t slot = genotype.hash() & (slots - 1);
        while (m_slots[slot] != 0)
            slot = (slot + 1) & (slots - 1);
        m_slots[slot] = static_cast<std::uint32_t>(row + 1);
    }
}

std::size_t ArchitectureTable::rowOf(const space::Genotype& genotype) const
{
    const std::size_t mask = m_slots.size() - 1;
    const std::vector<double>& answers = genotype.answers();
    if (answers.size() == m_decisions) {
        for (std::size_t slot = genotype.hash() & mask; m_slots[slot] != 0; slot = (slot + 1) & mask) {
            const std::size_t row = m_slots[slot] - 1;
            if (std::equal(
                    answers.begin(), answers.end(), m_answers.begin() + static_cast<std::ptrdiff_t>(row * m_decisions)))
                return row;
        }
    }
    const auto found = m_rowOfKey.find(m_codec.write(genotype));
    return found == m_rowOfKey.end() ? missing : found->second;
}

std::size_t ArchitectureTable::metricIndex(std::string_view metric) const
{
    const auto found = std::ranges::find(m_metrics, metric);
    return found == m_metrics.end() ? missing : static_cast<std::size_t>(found - m_metrics.begin());
}

} // namespace archscope::train
