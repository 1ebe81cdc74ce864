// "22212220": for each layer the number of its alternative.
#include "core/catalog/notation_reading.h"

#include <fmt/format.h>

namespace archscope::catalog {

namespace {
class NasBenchMacro final : public Notation {
public:
    std::string_view name() const override { return "nas-bench-macro"; }
    std::string_view example() const override { return "22212220"; }

    Result<std::string> write(const space::DecisionSpace& decisions, const space::Genotype& genotype) const override
    {
        ARCHSCOPE_TRY(requireDigits(decisions));
        std::string digits;
        for (std::size_t i = 0; i < decisions.size(); ++i)
            digits += static_cast<char>('0' + genotype.index(i));
        return digits;
    }

    Result<space::Genotype> read(const space::DecisionSpace& decisions, std::string_view text) const override
    {
        ARCHSCOPE_TRY(requireDigits(decisions));
        if (text.size() != decisions.size())
            return fail(ErrorCode::InvalidInput, fmt::format("the architecture has {} digits, the space {} layers", text.size(), decisions.size()));
        space::Genotype genotype(decisions.size());
        for (std::size_t i = 0; i < decisions.size(); ++i) {
            const auto alternatives = *decisions.decisions()[i].domain.size();
            const int digit = text[i] - '0';
            if (digit < 0 || digit >= alternatives)
                return fail(ErrorCode::InvalidInput, fmt::format("'{}' is no alternative of a layer: they are 0 to {}", text[i], alternatives - 1),
                            fmt::format("position {}", i + 1));
            genotype[i] = digit;
        }
        return genotype;
    }

private:
    /// Each decision must be a choice of at most ten, and always there.
    static Result<void> requireDigits(const space::DecisionSpace& decisions)
    {
        for (const space::Decision& decision : decisions.decisions()) {
            if (decision.kind != space::Decision::Kind::Choice || decision.parent >= 0 || decision.domain.kind != space::Domain::Kind::Categorical
                || decision.domain.size().value_or(0) > 10)
                return fail(ErrorCode::InvalidInput, fmt::format("a digit a layer cannot tell the decision '{}': write the genotype as JSON", decision.key));
        }
        return {};
    }
};
} // namespace

const Notation& nasBenchMacroNotation()
{
    static const NasBenchMacro notation;
    return notation;
}

} // namespace archscope::catalog
