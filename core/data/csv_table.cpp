#include "core/data/csv_table.h"

#include "core/base/text.h"
#include "core/data/csv_reader.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <optional>
#include <unordered_map>

namespace archscope::data {

namespace {
using Cells = std::vector<std::string_view>;

// -- Text ---------------------------------------------------------------------------------------------------------------

bool isUtf8(std::string_view text)
{
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const std::size_t length = lead < 0x80 ? 1 : lead >= 0xc2 && lead < 0xe0 ? 2 : (lead & 0xf0) == 0xe0 ? 3
                                 : lead >= 0xf0 && lead < 0xf5                                               ? 4
                                                                                                             : 0;
        if (length == 0 || i + length > text.size())
            return false;
        std::uint32_t code = length == 1 ? lead : lead & (0xffU >> (length + 1));
        for (std::size_t k = 1; k < length; ++k) {
            const auto byte = static_cast<unsigned char>(text[i + k]);
            if ((byte & 0xc0) != 0x80)
                return false;
            code = code << 6 | (byte & 0x3fU);
        }
        if ((length == 3 && code < 0x800) || (code >= 0xd800 && code < 0xe000) || (length == 4 && (code < 0x10000 || code > 0x10ffff)))
            return false;
        i += length;
    }
    return true;
}

/// A cell as a message can show it: short, one line, printable.
std::string shown(std::string_view cell)
{
    constexpr std::size_t longest = 40;
    std::string text(cell.substr(0, longest));
    if (cell.size() > longest && isUtf8(cell)) {
        while (!isUtf8(text)) // cut through a character
            text.pop_back();
    }
    const bool keepsHighBytes = isUtf8(text);
    for (char& c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f || (!keepsHighBytes && static_cast<unsigned char>(c) >= 0x80))
            c = '?';
    }
    return "'" + text + (cell.size() > longest ? "…'" : "'");
}

bool isNumber(std::string_view cell)
{
    double number = 0;
    return parseNumber(trimmed(cell), number);
}

std::string lowered(std::string_view text)
{
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

/// How tables write that a value is missing; an empty cell, NaN or one of these.
bool isMissing(std::string_view cell)
{
    const std::string text = lowered(trimmed(cell));
    static constexpr std::array<std::string_view, 7> marks = {"", "?", "na", "n/a", "nan", "null", "none"};
    return std::find(marks.begin(), marks.end(), text) != marks.end();
}

// -- Layout of the table ------------------------------------------------------------------------------------------------

std::string delimiterName(char delimiter)
{
    return delimiter == '\t' ? "tab" : fmt::format("'{}'", delimiter);
}

/// The first of tab, ';' and ',' that parts all of the first records into equally many cells; where none does, the one that
/// parts most. ',' comes last: it may be a decimal sign.
char detectDelimiter(std::string_view bytes)
{
    constexpr std::size_t looksAt = 16;
    char widestDelimiter = ',';
    std::size_t widest = 1;
    for (const char delimiter : {'\t', ';', ','}) {
        CsvReader reader(bytes, delimiter);
        Cells cells;
        std::vector<std::size_t> widths;
        while (widths.size() < looksAt) {
            const auto found = reader.next(cells);
            if (!found || !*found)
                break;
            widths.push_back(cells.size());
        }
        if (widths.size() > 1)
            widths.erase(widths.begin()); // a header of counts has a width of its own
        if (widths.empty())
            continue;
        const auto [narrow, wide] = std::minmax_element(widths.begin(), widths.end());
        if (*narrow == *wide && *narrow > 1)
            return delimiter;
        if (*wide > widest) {
            widest = *wide;
            widestDelimiter = delimiter;
        }
    }
    return widestDelimiter;
}

struct Counts {
    std::int64_t rows = 0;
    std::int64_t features = 0;
    std::vector<std::string> classes;
};

/// "150,4,setosa,versicolor,virginica"
std::optional<Counts> parseCounts(const Cells& cells)
{
    Counts counts;
    if (cells.size() < 2 || !parseInteger(trimmed(cells[0]), counts.rows) || !parseInteger(trimmed(cells[1]), counts.features)
        || counts.rows < 1 || counts.features < 1)
        return {};
    for (std::size_t i = 2; i < cells.size(); ++i) {
        if (isMissing(cells[i]) || isNumber(cells[i]))
            return {};
        counts.classes.emplace_back(trimmed(cells[i]));
    }
    return counts;
}

CsvHeader detectHeader(const Cells& first, const Cells& second)
{
    if (second.empty())
        return CsvHeader::None;
    // Class names above numbers alone, or a first line of another width: a row with words in it is no such header.
    const auto counts = parseCounts(first);
    if (counts && counts->features == static_cast<std::int64_t>(second.size()) - 1
        && (counts->classes.empty() ? first.size() != second.size() : counts->classes.size() >= 2)
        && std::all_of(second.begin(), second.end(), [](std::string_view cell) { return isNumber(cell) || isMissing(cell); }))
        return CsvHeader::Counts;
    // A word above a number is a name; a mark for a missing value above a number is not.
    for (std::size_t column = 0; column < std::min(first.size(), second.size()); ++column) {
        if (!isMissing(first[column]) && !isNumber(first[column]) && isNumber(second[column]))
            return CsvHeader::Names;
    }
    return CsvHeader::None;
}

enum class ColumnRole { Feature, Label, Ignored };

struct Layout {
    char delimiter = ',';
    CsvHeader header = CsvHeader::None;
    std::size_t width = 0;
    std::int64_t widthLine = 1;     ///< the line that settled the width
    std::vector<std::string> names; ///< of the columns; empty without a header of names
    Counts counts;                  ///< for CsvHeader::Counts
    std::vector<ColumnRole> roles;
    std::size_t label = 0;
    std::vector<std::string> notes;

    std::string columnName(std::size_t column) const
    {
        return column < names.size() && !names[column].empty() ? fmt::format("'{}'", names[column]) : fmt::format("{}", column + 1);
    }
};

std::optional<std::size_t> findColumn(const Layout& layout, std::string_view text)
{
    text = trimmed(text);
    if (const auto it = std::find(layout.names.begin(), layout.names.end(), text); it != layout.names.end())
        return static_cast<std::size_t>(it - layout.names.begin());
    std::int64_t number = 0;
    if (parseInteger(text, number) && number >= 1 && number <= static_cast<std::int64_t>(layout.width))
        return static_cast<std::size_t>(number - 1);
    return {};
}

tl::unexpected<Error> noSuchColumn(const Layout& layout, std::string_view option, const std::string& text)
{
    const std::string known = layout.names.empty()
        ? fmt::format("there is no column '{}'; the columns have the numbers 1 to {}", text, layout.width)
        : unknownName("column", text, layout.names);
    return fail(ErrorCode::InvalidInput, fmt::format("{} (option {})", known, option), "line 1");
}

Result<void> nameColumns(Layout& layout, const Cells& header, std::int64_t line)
{
    std::unordered_map<std::string, std::size_t> seen;
    for (std::size_t column = 0; column < header.size(); ++column) {
        std::string name(trimmed(header[column]));
        if (!isUtf8(name))
            return fail(ErrorCode::InvalidInput, "the column's name is not UTF-8 text", csvPlace(line, column + 1));
        if (!name.empty()) {
            const auto [it, isNew] = seen.emplace(name, column);
            if (!isNew)
                return fail(ErrorCode::InvalidInput,
                            fmt::format("the name {} stands in column {} too; rename one", shown(name), it->second + 1),
                            csvPlace(line, column + 1));
        }
        layout.names.push_back(std::move(name));
    }
    return {};
}

Result<void> chooseIgnored(Layout& layout, const std::string& ignore)
{
    layout.roles.assign(layout.width, ColumnRole::Feature);
    if (ignore.empty())
        return {};
    std::vector<std::string> parts = {ignore}; // a name may hold a comma
    if (!findColumn(layout, ignore))
        parts = split(ignore, ',');
    std::vector<std::string> ignored;
    for (const std::string& part : parts) {
        const auto column = findColumn(layout, part);
        if (!column)
            return noSuchColumn(layout, "ignore", part);
        layout.roles[*column] = ColumnRole::Ignored;
        ignored.push_back(layout.columnName(*column));
    }
    layout.notes.push_back("ignored: " + joined(ignored, ", "));
    return {};
}

Result<void> chooseLabel(Layout& layout, const std::string& label)
{
    const auto isUsed = [](ColumnRole role) { return role != ColumnRole::Ignored; };
    const auto first = std::find_if(layout.roles.begin(), layout.roles.end(), isUsed);
    const auto last = std::find_if(layout.roles.rbegin(), layout.roles.rend(), isUsed);
    if (first == layout.roles.end())
        return fail(ErrorCode::InvalidInput, "all columns are ignored");
    const auto lastColumn = static_cast<std::size_t>(layout.roles.rend() - last) - 1;
    layout.label = lastColumn;
    std::string why = "last column";
    if (label == "first") {
        layout.label = static_cast<std::size_t>(first - layout.roles.begin());
        why = "first column";
    } else if (label.empty()) {
        std::vector<std::size_t> likely;
        for (std::size_t column = 0; column < layout.names.size(); ++column) {
            const std::string name = lowered(layout.names[column]);
            if (isUsed(layout.roles[column]) && (name == "label" || name == "class" || name == "target"))
                likely.push_back(column);
        }
        if (likely.size() == 1) {
            layout.label = likely.front();
            why = "by its name";
        }
    } else if (label != "last") {
        const auto column = findColumn(layout, label);
        if (!column)
            return noSuchColumn(layout, "label", label);
        if (!isUsed(layout.roles[*column]))
            return fail(ErrorCode::InvalidInput, fmt::format("the label column {} is also ignored", layout.columnName(*column)));
        layout.label = *column;
        why = "as asked";
    }
    layout.roles[layout.label] = ColumnRole::Label;
    if (std::count(layout.roles.begin(), layout.roles.end(), ColumnRole::Feature) == 0)
        return fail(ErrorCode::InvalidInput, "there is no column besides the label: a table needs features, separated by ',', "
                                             "';' or tab",
                    csvPlace(layout.widthLine, 1));
    layout.notes.push_back(fmt::format("label: column {} ({})", layout.columnName(layout.label), why));
    return {};
}

/// Everything but the rows.
Result<Layout> readLayout(std::string_view bytes, const CsvOptions& options)
{
    Layout layout;
    layout.delimiter = detectDelimiter(bytes);
    layout.notes.push_back("delimiter: " + delimiterName(layout.delimiter));
    // Two readers, since a reader's cells live until its next call.
    CsvReader reader(bytes, layout.delimiter);
    CsvReader ahead(bytes, layout.delimiter);
    Cells first;
    Cells second;
    ARCHSCOPE_ASSIGN(const bool hasFirst, reader.next(first));
    if (!hasFirst)
        return fail(ErrorCode::InvalidInput, "the file is empty");
    ARCHSCOPE_TRY(ahead.next(second));
    ARCHSCOPE_ASSIGN(const bool hasSecond, ahead.next(second));
    if (!hasSecond)
        second.clear();

    const bool isDetected = options.header == CsvHeader::Auto;
    layout.header = isDetected ? detectHeader(first, second) : options.header;
    if (layout.header != CsvHeader::None && !hasSecond)
        return fail(ErrorCode::InvalidInput, "no rows follow the header", fmt::format("line {}", reader.line()));
    layout.width = first.size();
    layout.widthLine = reader.line();
    std::string found = "none";
    if (layout.header == CsvHeader::Names) {
        ARCHSCOPE_TRY(nameColumns(layout, first, reader.line()));
        found = "column names";
    } else if (layout.header == CsvHeader::Counts) {
        auto counts = parseCounts(first);
        if (!counts)
            return fail(ErrorCode::InvalidInput, "a header of counts is expected here: rows, features, then the classes' names",
                        csvPlace(reader.line(), 1));
        layout.counts = std::move(*counts);
        layout.width = second.size();
        layout.widthLine = ahead.line();
        if (layout.counts.features != static_cast<std::int64_t>(layout.width) - 1)
            return fail(ErrorCode::InvalidInput,
                        fmt::format("the header announces {} features, the rows have {} and the label", layout.counts.features,
                                    layout.width - 1),
                        csvPlace(reader.line(), 2));
        for (std::size_t i = 0; i < layout.counts.classes.size(); ++i) {
            if (!isUtf8(layout.counts.classes[i]))
                return fail(ErrorCode::InvalidInput, "the class's name is not UTF-8 text", csvPlace(reader.line(), i + 3));
        }
        found = "counts and class names";
    }
    layout.notes.push_back("header: " + found + (isDetected ? " (detected)" : ""));
    ARCHSCOPE_TRY(chooseIgnored(layout, options.ignore));
    ARCHSCOPE_TRY(chooseLabel(layout, options.label));
    return layout;
}

// -- Labels -------------------------------------------------------------------------------------------------------------

/// Collects the labels of the rows by their text; makes classes of them in the end.
class LabelColumn {
public:
    struct Distinct {
        std::string text;
        std::int64_t line = 0; ///< where it stood first
    };

    void add(std::string_view text, std::int64_t line)
    {
        auto it = m_ids.find(text);
        if (it == m_ids.end()) {
            it = m_ids.emplace(std::string(text), static_cast<std::int64_t>(m_distinct.size())).first;
            m_distinct.push_back({std::string(text), line});
        }
        m_rows.push_back(it->second);
    }

    /// Classes into `dataset`. With `names`, the labels are whole numbers from 0 into them.
    Result<void> finish(const Layout& layout, Dataset& dataset) const
    {
        const std::vector<std::string>& names = layout.counts.classes;
        std::vector<std::int64_t> classOf(m_distinct.size());
        std::vector<double> numbers(m_distinct.size());
        bool allNumbers = true;
        for (std::size_t id = 0; id < m_distinct.size(); ++id)
            allNumbers = parseNumber(m_distinct[id].text, numbers[id]) && allNumbers;
        if (!names.empty()) {
            for (std::size_t id = 0; id < m_distinct.size(); ++id) {
                const auto& [text, line] = m_distinct[id];
                if (!parseInteger(text, classOf[id]) || classOf[id] < 0 || classOf[id] >= static_cast<std::int64_t>(names.size()))
                    return fail(ErrorCode::InvalidInput,
                                fmt::format("the label {} is none of 0 to {}, the classes that the header names", shown(text),
                                            names.size() - 1),
                                csvPlace(line, layout.label + 1));
            }
            dataset.classes = names;
        } else {
            if (allNumbers)
                ARCHSCOPE_TRY(refuseRegression(layout, numbers));
            sortClasses(allNumbers, numbers, classOf, dataset);
        }
        if (dataset.classes.size() < 2)
            return fail(ErrorCode::InvalidInput,
                        fmt::format("all rows have the label {}: classification needs two classes", shown(m_distinct.front().text)),
                        csvPlace(m_distinct.front().line, layout.label + 1));
        dataset.labels.reserve(m_rows.size());
        for (const std::int64_t id : m_rows)
            dataset.labels.push_back(classOf[static_cast<std::size_t>(id)]);
        return {};
    }

private:
    struct TextHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };

    /// Many distinct numbers are measurements, not classes.
    Result<void> refuseRegression(const Layout& layout, const std::vector<double>& numbers) const
    {
        constexpr std::size_t surelyClasses = 20;
        const bool allWhole = std::all_of(numbers.begin(), numbers.end(), [](double number) { return number == std::floor(number); });
        const std::size_t distinct = numbers.size();
        const bool isMeasured = allWhole ? distinct > surelyClasses && distinct * 5 > m_rows.size()
                                         : distinct > surelyClasses || distinct * 2 > m_rows.size();
        if (!isMeasured)
            return {};
        return fail(ErrorCode::Unsupported,
                    fmt::format("the label column {} has {} distinct numbers in {} rows, so this looks like regression, which a "
                                "later release brings; choose a column of classes with label=COL",
                                layout.columnName(layout.label), distinct, m_rows.size()),
                    csvPlace(m_distinct.front().line, layout.label + 1));
    }

    void sortClasses(bool allNumbers, const std::vector<double>& numbers, std::vector<std::int64_t>& classOf, Dataset& dataset) const
    {
        std::vector<std::size_t> order(m_distinct.size());
        for (std::size_t id = 0; id < order.size(); ++id)
            order[id] = id;
        std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
            return allNumbers ? numbers[a] < numbers[b] : m_distinct[a].text < m_distinct[b].text;
        });
        for (std::size_t i = 0; i < order.size(); ++i) {
            // "1" and "1.0" are one class.
            if (i == 0 || !allNumbers || numbers[order[i]] != numbers[order[i - 1]])
                dataset.classes.push_back(m_distinct[order[i]].text);
            classOf[order[i]] = static_cast<std::int64_t>(dataset.classes.size()) - 1;
        }
    }

    std::unordered_map<std::string, std::int64_t, TextHash, std::equal_to<>> m_ids;
    std::vector<Distinct> m_distinct;
    std::vector<std::int64_t> m_rows; ///< ids
};

// -- Rows ---------------------------------------------------------------------------------------------------------------

Result<float> parseFeature(const Layout& layout, std::string_view cell, std::int64_t line, std::size_t column)
{
    double number = 0;
    const std::string_view text = trimmed(cell);
    if (parseNumber(text, number) && std::isfinite(static_cast<float>(number)))
        return static_cast<float>(number);
    std::string what = fmt::format("{} is not a number", shown(text));
    if (isMissing(text))
        what = text.empty() ? "a value is missing" : fmt::format("a value is missing ({})", shown(text));
    else if (isNumber(text) || lowered(text).find("inf") != std::string::npos)
        what = fmt::format("{} is too large for a 32-bit float", shown(text));
    return fail(ErrorCode::InvalidInput,
                fmt::format("{}; correct it, or leave the column out with ignore={}", what,
                            column < layout.names.size() && !layout.names[column].empty() ? layout.names[column]
                                                                                          : std::to_string(column + 1)),
                csvPlace(line, column + 1));
}
} // namespace

Result<Dataset> readCsvTable(std::string_view bytes, const CsvOptions& options)
{
    if (bytes.starts_with("\xff\xfe") || bytes.starts_with("\xfe\xff"))
        return fail(ErrorCode::Unsupported, "the text is UTF-16; save it as UTF-8", "line 1");
    if (bytes.starts_with("\xef\xbb\xbf"))
        bytes.remove_prefix(3);
    ARCHSCOPE_ASSIGN(Layout layout, readLayout(bytes, options));

    CsvReader reader(bytes, layout.delimiter);
    Cells cells;
    if (layout.header != CsvHeader::None)
        ARCHSCOPE_TRY(reader.next(cells));
    std::vector<float> features;
    LabelColumn labels;
    std::int64_t rows = 0;
    for (;; ++rows) {
        ARCHSCOPE_ASSIGN(const bool found, reader.next(cells));
        if (!found)
            break;
        if (cells.size() != layout.width)
            return fail(ErrorCode::InvalidInput,
                        fmt::format("the row has {} cell{}, {} were expected as in line {}", cells.size(),
                                    cells.size() == 1 ? "" : "s", layout.width, layout.widthLine),
                        csvPlace(reader.line(), std::min(cells.size(), layout.width) + (cells.size() > layout.width ? 1 : 0)));
        for (std::size_t column = 0; column < cells.size(); ++column) {
            if (layout.roles[column] == ColumnRole::Feature) {
                ARCHSCOPE_ASSIGN(const float value, parseFeature(layout, cells[column], reader.line(), column));
                features.push_back(value);
            } else if (layout.roles[column] == ColumnRole::Label) {
                const std::string_view label = trimmed(cells[column]);
                if (isMissing(label) && lowered(label) != "none")
                    return fail(ErrorCode::InvalidInput, "the label is missing", csvPlace(reader.line(), column + 1));
                if (!isUtf8(label))
                    return fail(ErrorCode::InvalidInput, "the label is not UTF-8 text", csvPlace(reader.line(), column + 1));
                labels.add(label, reader.line());
            }
        }
    }
    if (layout.header == CsvHeader::Counts && rows != layout.counts.rows)
        return fail(ErrorCode::InvalidInput,
                    fmt::format("the header announces {} rows, {} follow (header=none if it is data)", layout.counts.rows, rows),
                    "line 1, column 1");

    Dataset dataset;
    ARCHSCOPE_TRY(labels.finish(layout, dataset));
    dataset.testBegin = rows;
    dataset.samples.shape = {static_cast<std::int64_t>(features.size()) / rows};
    dataset.samples.values = std::move(features);
    dataset.notes = std::move(layout.notes);
    return dataset;
}

} // namespace archscope::data
