#include "core/catalog/notation.h"

#include "core/base/text.h"
#include "core/catalog/notation_reading.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <fmt/format.h>

namespace archscope::catalog {

const std::vector<const Notation*>& notations()
{
    static const std::vector<const Notation*> all = {&nasBench201Notation(), &nasBench101Notation(), &nasBenchMacroNotation(),
                                                     &dartsNotation(), &dartsRnnNotation(), &enasRnnNotation()};
    return all;
}

const Notation* findNotation(std::string_view name)
{
    const auto it = std::find_if(notations().begin(), notations().end(), [&](const Notation* notation) { return notation->name() == name; });
    return it == notations().end() ? nullptr : *it;
}

std::string architectureText(const space::SearchSpace& space, const space::DecisionSpace& decisions, const space::Genotype& genotype)
{
    if (const Notation* notation = findNotation(space.notation)) {
        if (const auto text = notation->write(decisions, genotype))
            return *text;
    }
    return decisions.toJson(genotype).dump();
}

Result<space::Genotype> architectureFromText(const space::SearchSpace& space, const space::DecisionSpace& decisions, std::string_view text)
{
    const Notation* notation = findNotation(space.notation);
    const bool looksLikeJson = trimmed(text).starts_with('{');
    if (notation && !looksLikeJson)
        return notation->read(decisions, text);
    const auto json = parseJson(text);
    const bool speaksOfKeys = json && json->is_object()
        && std::all_of(json->items().begin(), json->items().end(), [&](const auto& answer) { return decisions.indexOf(answer.key()).has_value(); });
    if (notation && !speaksOfKeys)
        return notation->read(decisions, text);
    if (!json)
        return fail(json.error());
    return decisions.fromJson(*json);
}

train::ArchitectureCodec architectureCodec(space::SearchSpace space, space::DecisionSpace decisions)
{
    struct Shared {
        space::SearchSpace space;
        space::DecisionSpace decisions;
    };
    const auto shared = std::make_shared<const Shared>(Shared{std::move(space), std::move(decisions)});
    return {[shared](std::string_view text) { return architectureFromText(shared->space, shared->decisions, text); },
            [shared](const space::Genotype& genotype) { return architectureText(shared->space, shared->decisions, genotype); }};
}

void Scanner::skipSpaces()
{
    while (m_at < m_text.size() && std::isspace(static_cast<unsigned char>(m_text[m_at])))
        ++m_at;
}

bool Scanner::atEnd()
{
    skipSpaces();
    return m_at == m_text.size();
}

bool Scanner::take(std::string_view expected)
{
    skipSpaces();
    if (!m_text.substr(m_at).starts_with(expected))
        return false;
    m_at += expected.size();
    return true;
}

Result<void> Scanner::expect(std::string_view expected)
{
    if (take(expected))
        return {};
    return fail(fmt::format("expected '{}'", expected));
}

Result<std::string> Scanner::word(std::string_view expected)
{
    skipSpaces();
    std::size_t end = m_at;
    while (end < m_text.size() && (std::isalnum(static_cast<unsigned char>(m_text[end])) || m_text[end] == '_'))
        ++end;
    if (end == m_at)
        return fail(fmt::format("expected {}", expected));
    std::string word(m_text.substr(m_at, end - m_at));
    m_at = end;
    return word;
}

Result<std::int64_t> Scanner::number(std::string_view expected)
{
    skipSpaces();
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(m_text.data() + m_at, m_text.data() + m_text.size(), value);
    if (error != std::errc())
        return fail(fmt::format("expected {}", expected));
    m_at = static_cast<std::size_t>(end - m_text.data());
    return value;
}

Result<std::string> Scanner::quoted(std::string_view expected)
{
    skipSpaces();
    const char mark = m_at < m_text.size() ? m_text[m_at] : '\0';
    const std::size_t end = mark == '\'' || mark == '"' ? m_text.find(mark, m_at + 1) : std::string_view::npos;
    if (end == std::string_view::npos)
        return fail(fmt::format("expected {} in quotes", expected));
    std::string word(m_text.substr(m_at + 1, end - m_at - 1));
    m_at = end + 1;
    return word;
}

Result<void> Scanner::expectEnd()
{
    if (atEnd())
        return {};
    return fail("expected the end");
}

tl::unexpected<Error> Scanner::fail(std::string reason)
{
    const std::string there = m_at < m_text.size() ? fmt::format(", found '{}'", m_text.substr(m_at, 20)) : std::string(", the text ends here");
    return archscope::fail(ErrorCode::InvalidInput, reason + there, fmt::format("position {}", m_at + 1));
}

namespace {
tl::unexpected<Error> missing(const std::string& key)
{
    return fail(ErrorCode::InvalidInput, fmt::format("the space has no decision '{}', which its notation speaks of: write the genotype as JSON", key));
}
} // namespace

Result<space::Literal> answerOf(const space::DecisionSpace& decisions, const space::Genotype& genotype, const std::string& key)
{
    const auto index = decisions.indexOf(key);
    if (!index || !genotype.isActive(*index))
        return missing(key);
    return decisions.decisions()[*index].domain.at(genotype[*index]);
}

Result<std::string> wordOf(const space::DecisionSpace& decisions, const space::Genotype& genotype, const std::string& key)
{
    ARCHSCOPE_ASSIGN(const space::Literal value, answerOf(decisions, genotype, key));
    const auto* text = std::get_if<std::string>(&value);
    return text ? *text : space::literalText(value);
}

Result<void> setAnswer(Answers& answers, const space::DecisionSpace& decisions, const std::string& key, space::Literal value, Scanner& place)
{
    const auto index = decisions.indexOf(key);
    if (!index)
        return missing(key);
    if (const auto fits = decisions.decisions()[*index].domain.answerFor(value); !fits)
        return place.fail(fmt::format("{} ('{}')", fits.error().message, key));
    answers[key] = std::move(value);
    return {};
}

Result<space::Genotype> genotypeFrom(const space::DecisionSpace& decisions, const Answers& answers)
{
    space::Genotype genotype(decisions.size());
    for (std::size_t i = 0; i < decisions.size(); ++i) {
        if (!decisions.activeUnder(genotype, i))
            continue;
        const space::Decision& decision = decisions.decisions()[i];
        genotype[i] = 0;
        if (const auto it = answers.find(decision.key); it != answers.end()) {
            ARCHSCOPE_ASSIGN(genotype[i], decision.domain.answerFor(it->second));
        }
    }
    if (!decisions.isAllowed(genotype))
        return decisions.fromJson(decisions.toJson(genotype)); // says which constraint
    return genotype;
}

} // namespace archscope::catalog
