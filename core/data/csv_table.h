// A classification table: what csvFormat reads from a file, and digitsFormat from the program itself.
#pragma once

#include "core/data/dataset.h"

#include <string>
#include <string_view>

namespace archscope::data {

enum class CsvHeader {
    Auto,  ///< by the first lines
    None,  ///< the first line is data
    Names, ///< the first line names the columns
    Counts ///< rows, features, class names
};

struct CsvOptions {
    std::string label;  ///< a column's name or number (from 1), "first", "last"; empty: "label", "class" or "target", else last
    CsvHeader header = CsvHeader::Auto;
    std::string ignore; ///< columns by name or number, separated by commas
};

/// Features as floats, labels as classes in sorted order (by number, where all are numbers). Every feature is a finite
/// number. Memory grows with what is read. Errors have line and column as context.
Result<Dataset> readCsvTable(std::string_view bytes, const CsvOptions& options);

} // namespace archscope::data
