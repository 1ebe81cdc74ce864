#include "core/data/csv_reader.h"

#include "core/base/text.h"

#include <algorithm>
#include <fmt/format.h>

namespace archscope::data {

std::string csvPlace(std::int64_t line, std::size_t column)
{
    return fmt::format("line {}, column {}", line, column);
}

Result<bool> CsvReader::next(std::vector<std::string_view>& cells)
{
    while (m_at < m_bytes.size()) {
        cells.clear();
        m_unquoted.clear();
        m_recordLine = m_line;
        bool isQuoted = false;
        for (m_column = 1;; ++m_column) {
            if (m_at < m_bytes.size() && m_bytes[m_at] == '"') {
                isQuoted = true;
                ARCHSCOPE_ASSIGN(const std::string_view cell, quotedCell());
                cells.push_back(cell);
            } else {
                cells.push_back(plainCell());
            }
            if (atLineEnd())
                break;
            ++m_at; // the delimiter
        }
        skipLineEnd();
        if (cells.size() > 1 || isQuoted || !trimmed(cells.front()).empty())
            return true;
    }
    return false;
}

std::string_view CsvReader::plainCell()
{
    const std::size_t begin = m_at;
    while (!atLineEnd() && m_bytes[m_at] != m_delimiter)
        ++m_at;
    return m_bytes.substr(begin, m_at - begin);
}

Result<std::string_view> CsvReader::quotedCell()
{
    const std::int64_t openedAt = m_line;
    const std::size_t begin = ++m_at;
    bool hasDoubled = false;
    for (;; ++m_at) {
        if (m_at == m_bytes.size())
            return fail(ErrorCode::InvalidInput, "the quote that opens here is never closed", csvPlace(openedAt, m_column));
        const char c = m_bytes[m_at];
        if (c == '"') {
            if (m_at + 1 == m_bytes.size() || m_bytes[m_at + 1] != '"')
                break;
            hasDoubled = true;
            ++m_at;
        } else if (c == '\n' || (c == '\r' && m_bytes.substr(m_at + 1, 1) != "\n")) {
            ++m_line;
        }
    }
    std::string_view cell = m_bytes.substr(begin, m_at - begin);
    ++m_at;
    if (!atLineEnd() && m_bytes[m_at] != m_delimiter)
        return fail(ErrorCode::InvalidInput, "text follows the closing quote; a quote inside a quoted cell is written twice",
                    csvPlace(m_line, m_column));
    if (hasDoubled) {
        std::string& text = m_unquoted.emplace_back();
        for (std::size_t i = 0; i < cell.size(); ++i) {
            text += cell[i];
            if (cell[i] == '"')
                ++i; // its double
        }
        cell = text;
    }
    return cell;
}

void CsvReader::skipLineEnd()
{
    if (m_at == m_bytes.size())
        return;
    m_at += m_bytes.substr(m_at, 2) == "\r\n" ? 2 : 1;
    ++m_line;
}

} // namespace archscope::data
