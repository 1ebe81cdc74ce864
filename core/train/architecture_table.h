// Architectures and what was measured of them, from a CSV file: NAS-Bench-201, NAS-Bench-Macro and their like.
//
// The first line names the columns; the delimiter (',', ';' or tab) is detected; gzip is undone. Every other line is one
// architecture, in the notation of the space. Numbers stay as the file has them: 93.1 stays 93.1.
#pragma once

#include "core/space/decision_space.h"
#include "core/train/trial.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace archscope::train {

/// How a space writes architectures. `write` gives what `read` takes; the same text for whatever is the same architecture.
struct ArchitectureCodec {
    std::function<Result<space::Genotype>(std::string_view)> read;
    std::function<std::string(const space::Genotype&)> write;
};

struct TableColumns {
    std::string key;
    std::map<std::string, std::string> metrics; ///< metric and the column that it is read from
};

/// Immutable once loaded; any thread.
class ArchitectureTable {
public:
    /// Errors name file, line and column: a file that cannot be read or is empty, a column that is missing or named twice, a
    /// key that cannot be read or stands there twice, a cell that is no finite number (a cost: and not negative), a line
    /// with too few or too many cells.
    static Result<std::shared_ptr<const ArchitectureTable>> load(
        const std::string& file, const TableColumns& columns, ArchitectureCodec codec);
    /// The same from bytes; `file` is for messages.
    static Result<std::shared_ptr<const ArchitectureTable>> read(
        const std::string& file, std::string_view bytes, const TableColumns& columns, ArchitectureCodec codec);

    static constexpr std::size_t missing = static_cast<std::size_t>(-1);

    std::size_t size() const { return m_keys.size(); }
    /// `missing` when the table has no such architecture. Found by its answers in one probe, else by its key: several
    /// genotypes may have one key.
    std::size_t rowOf(const space::Genotype& genotype) const;
    const std::string& key(std::size_t row) const { return m_keys[row]; } ///< as the codec writes it
    std::string keyOf(const space::Genotype& genotype) const { return m_codec.write(genotype); }
    const std::vector<std::string>& metrics() const { return m_metrics; } ///< sorted
    /// Index into `metrics()`; `missing` when the table has no such metric.
    std::size_t metricIndex(std::string_view metric) const;
    double value(std::size_t row, std::size_t metric) const { return m_values[row * m_metrics.size() + metric]; }
    const std::string& file() const { return m_file; }

private:
    class Reader;
    ArchitectureTable() = default;
    void index();

    std::string m_file;
    ArchitectureCodec m_codec;
    std::vector<std::string> m_metrics;
    std::vector<std::string> m_keys;
    std::vector<double> m_values; ///< row by row
    std::map<std::string, std::size_t, std::less<>> m_rowOfKey;
    std::size_t m_decisions = 0;
    std::vector<double> m_answers; ///< row by row
    std::vector<std::uint32_t> m_slots; ///< open addressing by the genotype's hash: row + 1, or 0
};

} // namespace archscope::train
