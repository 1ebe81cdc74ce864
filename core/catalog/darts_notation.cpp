// "Genotype(normal=[('sep_conv_3x3', 0), …], normal_concat=range(2, 6), reduce=[…], reduce_concat=range(2, 6))": for each node its
// two inputs with their operations.
#include "core/catalog/notation_reading.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>

namespace archscope::catalog {

Result<std::vector<NamedIndex>> readNamedIndices(Scanner& scanner)
{
    std::vector<NamedIndex> list;
    ARCHSCOPE_TRY(scanner.expect("["));
    while (!scanner.take("]")) {
        if (!list.empty())
            ARCHSCOPE_TRY(scanner.expect(","));
        NamedIndex pair;
        ARCHSCOPE_TRY(scanner.expect("("));
        ARCHSCOPE_ASSIGN(pair.name, scanner.quoted("an operation"));
        ARCHSCOPE_TRY(scanner.expect(","));
        ARCHSCOPE_ASSIGN(pair.index, scanner.number("the number of a node"));
        ARCHSCOPE_TRY(scanner.expect(")"));
        list.push_back(std::move(pair));
    }
    return list;
}

std::string namedIndicesText(const std::vector<NamedIndex>& list)
{
    std::vector<std::string> pairs;
    for (const NamedIndex& pair : list)
        pairs.push_back(fmt::format("('{}', {})", pair.name, pair.index));
    return fmt::format("[{}]", fmt::join(pairs, ", "));
}

Result<void> readRange(Scanner& scanner, std::int64_t first, std::int64_t end)
{
    Scanner before = scanner;
    bool fits = true;
    if (scanner.take("range(")) {
        ARCHSCOPE_ASSIGN(const std::int64_t low, scanner.number("a number"));
        ARCHSCOPE_TRY(scanner.expect(","));
        ARCHSCOPE_ASSIGN(const std::int64_t high, scanner.number("a number"));
        ARCHSCOPE_TRY(scanner.expect(")"));
        fits = low == first && high == end;
    } else {
        ARCHSCOPE_TRY(scanner.expect("["));
        std::set<std::int64_t> nodes;
        while (!scanner.take("]")) {
            if (!nodes.empty())
                ARCHSCOPE_TRY(scanner.expect(","));
            ARCHSCOPE_ASSIGN(const std::int64_t node, scanner.number("the number of a node"));
            fits = fits && node >= first && node < end && nodes.insert(node).second;
        }
        fits = fits && static_cast<std::int64_t>(nodes.size()) == end - first;
    }
    if (!fits)
        return before.fail(fmt::format("this space gathers the nodes {} to {}", first, end - 1));
    return {};
}

namespace {
constexpr int firstNode = 2; // 0 and 1 are the cell's inputs
constexpr int endNode = 6;

class Darts final : public Notation {
public:
    std::string_view name() const override { return "darts"; }
    std::string_view example() const override
    {
        return "Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 1), "
               "('skip_connect', 0), ('skip_connect', 0), ('dil_conv_3x3', 2)], normal_concat=range(2, 6), reduce=[('max_pool_3x3', 0), "
               "('max_pool_3x3', 1), ('skip_connect', 2), ('max_pool_3x3', 1), ('max_pool_3x3', 0), ('skip_connect', 2), ('skip_connect', 2), "
               "('max_pool_3x3', 1)], reduce_concat=range(2, 6))";
    }

    Result<std::string> write(const space::DecisionSpace& decisions, const space::Genotype& genotype) const override
    {
        ARCHSCOPE_ASSIGN(const auto normal, edges(decisions, genotype, "@normal/"));
        ARCHSCOPE_ASSIGN(const auto reduce, edges(decisions, genotype, "@reduction/"));
        return fmt::format("Genotype(normal={}, normal_concat=range({}, {}), reduce={}, reduce_concat=range({}, {}))", namedIndicesText(normal),
                           firstNode, endNode, namedIndicesText(reduce), firstNode, endNode);
    }

    Result<space::Genotype> read(const space::DecisionSpace& decisions, std::string_view text) const override
    {
        Scanner scanner(text);
        Answers answers;
        std::set<std::string> members;
        ARCHSCOPE_TRY(scanner.expect("Genotype("));
        while (!scanner.take(")")) {
            if (!members.empty())
                ARCHSCOPE_TRY(scanner.expect(","));
            Scanner before = scanner;
            ARCHSCOPE_ASSIGN(const std::string member, scanner.word("normal, normal_concat, reduce or reduce_concat"));
            if (!members.insert(member).second)
                return before.fail(fmt::format("'{}' stands twice", member));
            ARCHSCOPE_TRY(scanner.expect("="));
            if (member == "normal_concat" || member == "reduce_concat") {
                ARCHSCOPE_TRY(readRange(scanner, firstNode, endNode));
            } else if (member == "normal" || member == "reduce") {
                ARCHSCOPE_TRY(readCell(scanner, decisions, member == "normal" ? "@normal/" : "@reduction/", answers));
            } else {
                return before.fail("expected normal, normal_concat, reduce or reduce_concat");
            }
        }
        ARCHSCOPE_TRY(scanner.expectEnd());
        for (const char* cell : {"normal", "reduce"}) {
            if (!members.contains(cell))
                return fail(ErrorCode::InvalidInput, fmt::format("the genotype has no '{}' cell", cell));
        }
        return genotypeFrom(decisions, answers);
    }

private:
    static Result<std::vector<NamedIndex>> edges(const space::DecisionSpace& decisions, const space::Genotype& genotype, const std::string& cell)
    {
        std::vector<NamedIndex> edges;
        for (int node = firstNode; node < endNode; ++node) {
            std::string inputs = "0,1";
            if (node > firstNode) {
                ARCHSCOPE_ASSIGN(inputs, wordOf(decisions, genotype, cell + std::to_string(node)));
            }
            Scanner scanner(inputs);
            do {
                ARCHSCOPE_ASSIGN(const std::int64_t from, scanner.number("the number of a node"));
                ARCHSCOPE_ASSIGN(std::string operation, wordOf(decisions, genotype, fmt::format("{}{}-{}", cell, from, node)));
                edges.push_back({std::move(operation), from});
            } while (scanner.take(","));
        }
        return edges;
    }

    static Result<void> readCell(Scanner& scanner, const space::DecisionSpace& decisions, const std::string& cell, Answers& answers)
    {
        Scanner before = scanner;
        ARCHSCOPE_ASSIGN(std::vector<NamedIndex> edges, readNamedIndices(scanner));
        if (edges.size() != 2 * (endNode - firstNode))
            return before.fail(fmt::format("a cell has {} edges, two a node; here are {}", 2 * (endNode - firstNode), edges.size()));
        for (int node = firstNode; node < endNode; ++node) {
            const NamedIndex* pair = &edges[2 * static_cast<std::size_t>(node - firstNode)];
            for (int i = 0; i < 2; ++i) {
                if (pair[i].index < 0 || pair[i].index >= node)
                    return before.fail(fmt::format("node {} cannot take node {}: only 0 to {} come before it", node, pair[i].index, node - 1));
                ARCHSCOPE_TRY(setAnswer(answers, decisions, fmt::format("{}{}-{}", cell, pair[i].index, node), pair[i].name, before));
            }
            const auto [low, high] = std::minmax(pair[0].index, pair[1].index);
            if (low == high)
                return before.fail(fmt::format("node {} takes node {} twice; in this space its inputs differ", node, low));
            if (node > firstNode)
                ARCHSCOPE_TRY(setAnswer(answers, decisions, cell + std::to_string(node), fmt::format("{},{}", low, high), before));
        }
        return {};
    }
};
} // namespace

const Notation& dartsNotation()
{
    static const Darts notation;
    return notation;
}

} // namespace archscope::catalog
