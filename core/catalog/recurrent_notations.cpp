// The recurrent cells of DARTS, "Genotype(recurrent=[('sigmoid', 0), …], concat=range(1, 9))", and of ENAS, "0 0 0 1 1 2 …": for each
// node the node before it that it takes, and its activation.
#include "core/catalog/notation_reading.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace archscope::catalog {

namespace {
std::string activationKey(int node)
{
    return fmt::format("cell/{}/activation", node);
}

std::string inputKey(int node)
{
    return fmt::format("cell/from{}", node);
}

/// Nodes 1, 2, … of the cell, up to the last that has an activation.
int lastNodeOf(const space::DecisionSpace& decisions)
{
    int last = 0;
    while (decisions.indexOf(activationKey(last + 1)))
        ++last;
    return last;
}

/// The first node has but one before it, so it has no decision.
Result<std::int64_t> inputOf(const space::DecisionSpace& decisions, const space::Genotype& genotype, int node)
{
    if (node == 1)
        return 0;
    ARCHSCOPE_ASSIGN(const std::string from, wordOf(decisions, genotype, inputKey(node)));
    return Scanner(from).number("the number of a node");
}

Result<void> setInput(Answers& answers, const space::DecisionSpace& decisions, int node, std::int64_t from, Scanner& place)
{
    if (from < 0 || from >= node)
        return place.fail(fmt::format("node {} cannot take node {}: only 0 to {} come before it", node, from, node - 1));
    if (node == 1)
        return {};
    return setAnswer(answers, decisions, inputKey(node), std::to_string(from), place);
}

class DartsRnn final : public Notation {
public:
    std::string_view name() const override { return "darts-rnn"; }
    std::string_view example() const override
    {
        return "Genotype(recurrent=[('sigmoid', 0), ('relu', 1), ('relu', 1), ('identity', 1), ('tanh', 2), ('sigmoid', 5), ('tanh', 3), "
               "('relu', 5)], concat=range(1, 9))";
    }

    Result<std::string> write(const space::DecisionSpace& decisions, const space::Genotype& genotype) const override
    {
        std::vector<NamedIndex> nodes;
        const int last = lastNodeOf(decisions);
        for (int node = 1; node <= last; ++node) {
            ARCHSCOPE_ASSIGN(std::string activation, wordOf(decisions, genotype, activationKey(node)));
            ARCHSCOPE_ASSIGN(const std::int64_t from, inputOf(decisions, genotype, node));
            nodes.push_back({std::move(activation), from});
        }
        return fmt::format("Genotype(recurrent={}, concat=range(1, {}))", namedIndicesText(nodes), last + 1);
    }

    Result<space::Genotype> read(const space::DecisionSpace& decisions, std::string_view text) const override
    {
        Scanner scanner(text);
        Answers answers;
        const int last = lastNodeOf(decisions);
        ARCHSCOPE_TRY(scanner.expect("Genotype("));
        ARCHSCOPE_TRY(scanner.expect("recurrent"));
        ARCHSCOPE_TRY(scanner.expect("="));
        Scanner before = scanner;
        ARCHSCOPE_ASSIGN(const std::vector<NamedIndex> nodes, readNamedIndices(scanner));
        if (static_cast<int>(nodes.size()) != last)
            return before.fail(fmt::format("the space's cell has {} nodes; here are {}", last, nodes.size()));
        for (int node = 1; node <= last; ++node) {
            const NamedIndex& pair = nodes[static_cast<std::size_t>(node - 1)];
            ARCHSCOPE_TRY(setInput(answers, decisions, node, pair.index, before));
            ARCHSCOPE_TRY(setAnswer(answers, decisions, activationKey(node), pair.name, before));
        }
        if (scanner.take(",")) {
            ARCHSCOPE_TRY(scanner.expect("concat"));
            ARCHSCOPE_TRY(scanner.expect("="));
            ARCHSCOPE_TRY(readRange(scanner, 1, last + 1));
        }
        ARCHSCOPE_TRY(scanner.expect(")"));
        ARCHSCOPE_TRY(scanner.expectEnd());
        return genotypeFrom(decisions, answers);
    }
};

class EnasRnn final : public Notation {
public:
    std::string_view name() const override { return "enas-rnn"; }
    std::string_view example() const override { return "0 0 0 1 1 2 1 2 0 2 0 5 1 1 0 6 1 8 1 8 1 8 1"; }

    Result<std::string> write(const space::DecisionSpace& decisions, const space::Genotype& genotype) const override
    {
        std::vector<std::int64_t> numbers;
        const int last = lastNodeOf(decisions);
        for (int node = 0; node <= last; ++node) {
            if (node > 0) {
                ARCHSCOPE_ASSIGN(const std::int64_t from, inputOf(decisions, genotype, node));
                numbers.push_back(from);
            }
            const auto index = decisions.indexOf(keyOf(node));
            ARCHSCOPE_TRY(answerOf(decisions, genotype, keyOf(node)));
            numbers.push_back(static_cast<std::int64_t>(genotype[*index]));
        }
        return fmt::format("{}", fmt::join(numbers, " "));
    }

    Result<space::Genotype> read(const space::DecisionSpace& decisions, std::string_view text) const override
    {
        Scanner scanner(text);
        Answers answers;
        const int last = lastNodeOf(decisions);
        for (int node = 0; node <= last; ++node) {
            if (node > 0) {
                Scanner before = scanner;
                ARCHSCOPE_ASSIGN(const std::int64_t from, scanner.number(fmt::format("the node that node {} takes", node)));
                ARCHSCOPE_TRY(setInput(answers, decisions, node, from, before));
            }
            Scanner before = scanner;
            ARCHSCOPE_ASSIGN(const std::int64_t number, scanner.number(fmt::format("the activation of node {}", node)));
            const auto index = decisions.indexOf(keyOf(node));
            if (!index)
                return fail(ErrorCode::InvalidInput, fmt::format("the space has no decision '{}', which its notation speaks of", keyOf(node)));
            const space::Domain& domain = decisions.decisions()[*index].domain;
            if (!domain.contains(static_cast<double>(number)))
                return before.fail(fmt::format("there is no activation {}: they are {}, from 0", number, domain.text()));
            answers[keyOf(node)] = domain.at(static_cast<double>(number));
        }
        ARCHSCOPE_TRY(scanner.expectEnd());
        return genotypeFrom(decisions, answers);
    }

private:
    static std::string keyOf(int node) { return node == 0 ? "cell/activation" : activationKey(node); }
};
} // namespace

const Notation& dartsRnnNotation()
{
    static const DartsRnn notation;
    return notation;
}

const Notation& enasRnnNotation()
{
    static const EnasRnn notation;
    return notation;
}

} // namespace archscope::catalog
