// {"adjacency": [[0,1,…],…], "operations": ["input","conv3x3-bn-relu",…,"output"]}: an upper triangular matrix. Vertices that lie on
// no path from input to output do not count, as in the benchmark.
#include "core/catalog/notation_reading.h"

#include <algorithm>
#include <fmt/format.h>

namespace archscope::catalog {

namespace {
constexpr int maxVertices = 7;
constexpr int innerVertices = maxVertices - 2;

struct Cell {
    std::vector<std::vector<int>> matrix;
    std::vector<std::string> operations; ///< of all vertices

    int size() const { return static_cast<int>(operations.size()); }
    bool edge(int from, int to) const { return matrix[static_cast<std::size_t>(from)][static_cast<std::size_t>(to)] != 0; }

    /// Without what lies on no path from the first vertex to the last; empty where there is none.
    Cell pruned() const
    {
        std::vector<bool> from(operations.size()), to(operations.size());
        from.front() = true;
        to.back() = true;
        for (int v = 0; v < size(); ++v) {
            for (int u = 0; u < v; ++u) {
                if (edge(u, v) && from[static_cast<std::size_t>(u)])
                    from[static_cast<std::size_t>(v)] = true;
            }
        }
        for (int u = size() - 1; u >= 0; --u) {
            for (int v = u + 1; v < size(); ++v) {
                if (edge(u, v) && to[static_cast<std::size_t>(v)])
                    to[static_cast<std::size_t>(u)] = true;
            }
        }
        Cell cell;
        if (!from.back())
            return cell;
        for (std::size_t u = 0; u < operations.size(); ++u) {
            if (!from[u] || !to[u])
                continue;
            cell.operations.push_back(operations[u]);
            cell.matrix.emplace_back();
            for (std::size_t v = 0; v < operations.size(); ++v) {
                if (from[v] && to[v])
                    cell.matrix.back().push_back(matrix[u][v]);
            }
        }
        return cell;
    }
};

/// Vertices 0 (input), 1 to 5, 6 (output), as the preset draws them.
std::string edgeKey(int from, int to)
{
    constexpr int output = maxVertices - 1;
    if (from == 0)
        return fmt::format("@cell/input>{}:0#present", to == output ? "skip" : fmt::format("in{}", to));
    if (to == output)
        return fmt::format("@cell/vertex{}>concat:{}#present", from, from - 1);
    return fmt::format("@cell/vertex{}>cut{}-{}:0#present", from, from, to);
}

std::string operationKey(int vertex)
{
    return fmt::format("@cell/vertex{}", vertex);
}

class NasBench101 final : public Notation {
public:
    std::string_view name() const override { return "nas-bench-101"; }
    std::string_view example() const override
    {
        return R"({"adjacency":[[0,1,0,0,1,1,0],[0,0,1,0,0,0,0],[0,0,0,1,0,0,1],[0,0,0,0,0,1,0],[0,0,0,0,0,1,0],[0,0,0,0,0,0,1],[0,0,0,0,0,0,0]],)"
               R"("operations":["input","conv3x3-bn-relu","maxpool3x3","conv3x3-bn-relu","conv3x3-bn-relu","conv1x1-bn-relu","output"]})";
    }

    Result<std::string> write(const space::DecisionSpace& decisions, const space::Genotype& genotype) const override
    {
        Cell cell;
        cell.matrix.assign(maxVertices, std::vector<int>(maxVertices, 0));
        for (int to = 1; to < maxVertices; ++to) {
            for (int from = 0; from < to; ++from) {
                const auto index = decisions.indexOf(edgeKey(from, to));
                if (!index)
                    return fail(ErrorCode::InvalidInput, fmt::format("the space has no decision '{}'", edgeKey(from, to)));
                cell.matrix[static_cast<std::size_t>(from)][static_cast<std::size_t>(to)] = genotype[*index] == 1;
            }
        }
        cell.operations.emplace_back("input");
        for (int vertex = 1; vertex <= innerVertices; ++vertex) {
            const auto operation = wordOf(decisions, genotype, operationKey(vertex));
            cell.operations.push_back(operation.value_or(std::string())); // of a vertex that leads nowhere
        }
        cell.operations.emplace_back("output");
        const Cell pruned = cell.pruned();
        return Json({{"adjacency", pruned.matrix}, {"operations", pruned.operations}}).dump();
    }

    Result<space::Genotype> read(const space::DecisionSpace& decisions, std::string_view text) const override
    {
        ARCHSCOPE_ASSIGN(const Json json, parseJson(text));
        ARCHSCOPE_ASSIGN(const Cell written, cellFrom(json));
        const Cell cell = written.pruned();
        if (cell.size() == 0)
            return fail(ErrorCode::InvalidInput, "no path leads from the input to the output");
        Answers answers;
        Scanner place(text);
        const auto placed = [&](int vertex) { return vertex == cell.size() - 1 ? maxVertices - 1 : vertex; };
        for (int from = 0; from < cell.size(); ++from) {
            for (int to = from + 1; to < cell.size(); ++to) {
                if (cell.edge(from, to))
                    ARCHSCOPE_TRY(setAnswer(answers, decisions, edgeKey(placed(from), placed(to)), true, place));
            }
            if (from > 0 && from + 1 < cell.size())
                ARCHSCOPE_TRY(setAnswer(answers, decisions, operationKey(from), cell.operations[static_cast<std::size_t>(from)], place));
        }
        return genotypeFrom(decisions, answers);
    }

private:
    static Result<JsonReader> memberOf(const JsonReader& reader, std::initializer_list<const char*> names)
    {
        const auto it = std::find_if(names.begin(), names.end(), [&](const char* name) { return reader.has(name); });
        return reader.member(it == names.end() ? *names.begin() : *it);
    }

    static Result<Cell> cellFrom(const Json& json)
    {
        const JsonReader reader(json);
        ARCHSCOPE_TRY(reader.expectObject());
        ARCHSCOPE_ASSIGN(const JsonReader rows, memberOf(reader, {"adjacency", "matrix", "module_adjacency"}));
        ARCHSCOPE_ASSIGN(const JsonReader operations, memberOf(reader, {"operations", "ops", "module_operations"}));
        ARCHSCOPE_TRY(rows.expectArray());
        ARCHSCOPE_TRY(operations.expectArray());
        Cell cell;
        const std::size_t size = operations.size();
        if (size < 2 || size > maxVertices)
            return operations.fail(fmt::format("a cell has 2 to {} vertices, here are {}", maxVertices, size));
        if (rows.size() != size)
            return rows.fail(fmt::format("the matrix has {} rows for {} vertices", rows.size(), size));
        for (std::size_t i = 0; i < size; ++i) {
            ARCHSCOPE_ASSIGN(const JsonReader operation, operations.element(i));
            ARCHSCOPE_ASSIGN(std::string name, operation.string());
            const char* const end = i == 0 ? "input" : i + 1 == size ? "output" : nullptr;
            if (end && name != end)
                return operation.fail(fmt::format("vertex {} is the {}", i, end));
            cell.operations.push_back(std::move(name));
            ARCHSCOPE_ASSIGN(const JsonReader row, rows.element(i));
            ARCHSCOPE_TRY(row.expectArray());
            if (row.size() != size)
                return row.fail(fmt::format("row {} of the matrix has {} columns for {} vertices", i, row.size(), size));
            cell.matrix.emplace_back();
            for (std::size_t j = 0; j < size; ++j) {
                ARCHSCOPE_ASSIGN(const JsonReader entry, row.element(j));
                ARCHSCOPE_ASSIGN(const std::int64_t value, entry.integer());
                if (value != 0 && value != 1)
                    return entry.fail("an entry of the matrix is 0 or 1");
                if (value == 1 && j <= i)
                    return entry.fail("the matrix must be upper triangular: edges lead from lower to higher vertices");
                cell.matrix.back().push_back(static_cast<int>(value));
            }
        }
        return cell;
    }
};
} // namespace

const Notation& nasBench101Notation()
{
    static const NasBench101 notation;
    return notation;
}

} // namespace archscope::catalog
