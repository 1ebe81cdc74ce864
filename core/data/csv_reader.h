// Records of comma-separated values as RFC 4180 describes them.
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace archscope::data {

/// Goes through the bytes once, without copying: cells are views into them (or into a buffer of the reader, where doubled
/// quotes had to be undone) and live until the next call. Lines end by LF, CRLF or CR; quoted cells may hold any of them.
/// Blank lines are skipped; a quote inside an unquoted cell is a character like any other. The bytes outlive the reader.
class CsvReader {
public:
    CsvReader(std::string_view bytes, char delimiter) : m_bytes(bytes), m_delimiter(delimiter) {}

    /// The next record into `cells`, with at least one cell; false at the end. Errors have "line N, column M" as context.
    Result<bool> next(std::vector<std::string_view>& cells);
    std::int64_t line() const { return m_recordLine; } ///< where the last record began; from 1

private:
    Result<std::string_view> quotedCell();
    std::string_view plainCell();
    void skipLineEnd();
    bool atLineEnd() const { return m_at == m_bytes.size() || m_bytes[m_at] == '\n' || m_bytes[m_at] == '\r'; }

    std::string_view m_bytes;
    char m_delimiter;
    std::size_t m_at = 0;
    std::int64_t m_line = 1;
    std::int64_t m_recordLine = 0;
    std::size_t m_column = 0; ///< of the cell being read; from 1
    std::deque<std::string> m_unquoted; ///< a deque: views into it stay valid while it grows
};

/// "line 3, column 2"
std::string csvPlace(std::int64_t line, std::size_t column);

} // namespace archscope::data
