// What notations are read and written with: a scanner that knows its position, and answers by key.
#pragma once

#include "core/catalog/notation.h"

#include <map>

namespace archscope::catalog {

class Scanner {
public:
    explicit Scanner(std::string_view text) : m_text(text) {}

    bool atEnd(); ///< behind spaces
    /// Skips spaces, then takes the text if it stands there.
    bool take(std::string_view expected);
    Result<void> expect(std::string_view expected);
    /// Letters, digits and _; an error says what was expected.
    Result<std::string> word(std::string_view expected);
    Result<std::int64_t> number(std::string_view expected);
    /// In single or double quotes.
    Result<std::string> quoted(std::string_view expected);
    Result<void> expectEnd();
    tl::unexpected<Error> fail(std::string reason);

private:
    void skipSpaces();
    std::string_view m_text;
    std::size_t m_at = 0;
};

/// The answer to an active decision; an error says that the space has no such one.
Result<space::Literal> answerOf(const space::DecisionSpace& decisions, const space::Genotype& genotype, const std::string& key);
/// The same, as text.
Result<std::string> wordOf(const space::DecisionSpace& decisions, const space::Genotype& genotype, const std::string& key);

using Answers = std::map<std::string, space::Literal>;
/// Fails as `place` when the decision is not there or the value is not in its domain.
Result<void> setAnswer(Answers& answers, const space::DecisionSpace& decisions, const std::string& key, space::Literal value, Scanner& place);
/// Active decisions that are not answered get the first value of their domain. Answers to inactive ones are left out.
Result<space::Genotype> genotypeFrom(const space::DecisionSpace& decisions, const Answers& answers);

/// Each in a file of its own; `notations()` lists them.
const Notation& nasBench201Notation();
const Notation& nasBench101Notation();
const Notation& nasBenchMacroNotation();
const Notation& dartsNotation();
const Notation& dartsRnnNotation();
const Notation& enasRnnNotation();

/// "[('sigmoid', 0), …]", as the genotypes of DARTS have it.
struct NamedIndex {
    std::string name;
    std::int64_t index = 0;
};
Result<std::vector<NamedIndex>> readNamedIndices(Scanner& scanner);
std::string namedIndicesText(const std::vector<NamedIndex>& list);
/// "range(2, 6)" or "[2, 3, 4, 5]": refuses anything but all numbers from `first` to before `end`.
Result<void> readRange(Scanner& scanner, std::int64_t first, std::int64_t end);

} // namespace archscope::catalog
