// "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|…|": for each node its incoming edges, by the node they come from.
#include "core/catalog/notation_reading.h"

#include <fmt/format.h>

namespace archscope::catalog {

namespace {
constexpr int lastNode = 3;

std::string keyOf(int from, int to)
{
    return fmt::format("@cell/{}-{}", from, to);
}

class NasBench201 final : public Notation {
public:
    std::string_view name() const override { return "nas-bench-201"; }
    std::string_view example() const override { return "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|avg_pool_3x3~0|nor_conv_1x1~1|nor_conv_3x3~2|"; }

    Result<std::string> write(const space::DecisionSpace& decisions, const space::Genotype& genotype) const override
    {
        std::string text;
        for (int to = 1; to <= lastNode; ++to) {
            text += to == 1 ? "|" : "+|";
            for (int from = 0; from < to; ++from) {
                ARCHSCOPE_ASSIGN(const std::string operation, wordOf(decisions, genotype, keyOf(from, to)));
                text += fmt::format("{}~{}|", operation, from);
            }
        }
        return text;
    }

    Result<space::Genotype> read(const space::DecisionSpace& decisions, std::string_view text) const override
    {
        Scanner scanner(text);
        Answers answers;
        for (int to = 1; to <= lastNode; ++to) {
            ARCHSCOPE_TRY(scanner.expect(to == 1 ? "|" : "+|"));
            for (int from = 0; from < to; ++from) {
                Scanner before = scanner;
                ARCHSCOPE_ASSIGN(std::string operation, scanner.word("an operation"));
                ARCHSCOPE_TRY(setAnswer(answers, decisions, keyOf(from, to), std::move(operation), before));
                ARCHSCOPE_TRY(scanner.expect(fmt::format("~{}|", from)));
            }
        }
        ARCHSCOPE_TRY(scanner.expectEnd());
        return genotypeFrom(decisions, answers);
    }
};
} // namespace

const Notation& nasBench201Notation()
{
    static const NasBench201 notation;
    return notation;
}

} // namespace archscope::catalog
