#include "ui/models/trial_filter.h"

#include "core/base/text.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <fmt/format.h>
#include <vector>

namespace archscope::ui {

namespace {

using train::Trial;
using Architecture = std::function<std::string()>;
using Predicate = TrialFilter::Predicate;

std::string lowered(std::string_view text)
{
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), [](unsigned char c) { return std::tolower(c); });
    return result;
}

enum class Relation { Less, LessOrEqual, Greater, GreaterOrEqual, Equal, Unequal, Contains };

struct Token {
    enum class Kind { Word, Quoted, Relation, Open, Close, End } kind = Kind::End;
    std::string text;
    Relation relation = Relation::Equal;
    std::size_t column = 1;

    std::string shown() const { return kind == Kind::End ? "the end" : '\'' + text + '\''; }
    bool isWord(std::string_view word) const { return kind == Kind::Word && lowered(text) == word; }
};

Result<std::vector<Token>> tokens(std::string_view text)
{
    static const std::pair<std::string_view, Relation> relations[] = {
        {"<=", Relation::LessOrEqual}, {">=", Relation::GreaterOrEqual}, {"!=", Relation::Unequal}, {"==", Relation::Equal},
        {"<", Relation::Less},         {">", Relation::Greater},         {"=", Relation::Equal},    {"~", Relation::Contains}};
    std::vector<Token> result;
    for (std::size_t i = 0; i < text.size();) {
        if (std::isspace(static_cast<unsigned char>(text[i]))) {
            ++i;
            continue;
        }
        Token token;
        token.column = i + 1;
        std::size_t length = 1;
        const auto* relation = std::find_if(std::begin(relations), std::end(relations),
                                            [&](const auto& known) { return text.substr(i).starts_with(known.first); });
        if (relation != std::end(relations)) {
            token.kind = Token::Kind::Relation;
            token.relation = relation->second;
            length = relation->first.size();
            token.text = relation->first;
        } else if (text[i] == '(' || text[i] == ')') {
            token.kind = text[i] == '(' ? Token::Kind::Open : Token::Kind::Close;
            token.text = text[i];
        } else if (text[i] == '"') {
            const std::size_t end = text.find('"', i + 1);
            if (end == std::string_view::npos)
                return fail(ErrorCode::InvalidArgument, fmt::format("the quotation mark in column {} is not closed", i + 1));
            token.kind = Token::Kind::Quoted;
            token.text = text.substr(i + 1, end - i - 1);
            length = end + 1 - i;
        } else {
            token.kind = Token::Kind::Word;
            const std::size_t end = std::min(text.find_first_of(" \t\n()<>=!~\"", i), text.size());
            length = std::max<std::size_t>(1, end - i); // a lone '!' is a word that no field has
            token.text = text.substr(i, length);
        }
        i += length;
        result.push_back(std::move(token));
    }
    Token end;
    end.column = text.size() + 1;
    result.push_back(end);
    return result;
}

/// "0.9", "1e6", "98 %" written as "98%", "1.5M".
std::optional<double> number(std::string_view text)
{
    double factor = 1;
    if (!text.empty()) {
        switch (text.back()) {
        case '%':
            factor = 0.01;
            break;
        case 'k':
            factor = 1e3;
            break;
        case 'M':
            factor = 1e6;
            break;
        case 'G':
            factor = 1e9;
            break;
        default:
            break;
        }
        if (factor != 1)
            text.remove_suffix(1);
    }
    double value = 0;
    if (!parseNumber(text, value))
        return std::nullopt;
    return value * factor;
}

bool holds(double value, Relation relation, double bound)
{
    switch (relation) {
    case Relation::Less:
        return value < bound;
    case Relation::LessOrEqual:
        return value <= bound;
    case Relation::Greater:
        return value > bound;
    case Relation::GreaterOrEqual:
        return value >= bound;
    case Relation::Equal:
        return value == bound;
    case Relation::Unequal:
        return !std::isnan(value) && value != bound;
    case Relation::Contains:
        break;
    }
    return false;
}

/// What a comparison can be about; one of the two is set.
struct Field {
    std::function<double(const Trial&)> number;
    std::function<std::string(const Trial&, const Architecture&)> text; ///< lower case
    bool isState = false;
};

std::vector<std::string> fieldNames()
{
    std::vector<std::string> names = {"id", "state", "arch", "message", "epochs", "params"};
    for (const auto& metric : train::metricDescriptors())
        names.push_back(metric.name);
    return names;
}

std::optional<Field> fieldFor(std::string name)
{
    name = lowered(name);
    Field field;
    if (name == "id" || name == "trial")
        field.number = [](const Trial& trial) { return static_cast<double>(trial.id.value()); };
    else if (name == "epochs")
        field.number = [](const Trial& trial) { return static_cast<double>(trial.fidelity.epochs); };
    else if (name == "state") {
        field.isState = true;
        field.text = [](const Trial& trial, const Architecture&) { return train::stateName(trial.state); };
    } else if (name == "arch" || name == "architecture")
        field.text = [](const Trial&, const Architecture& architecture) { return lowered(architecture()); };
    else if (name == "message")
        field.text = [](const Trial& trial, const Architecture&) { return lowered(trial.message); };
    else {
        if (name == "params")
            name = "parameters";
        if (!train::findMetric(name))
            return std::nullopt;
        field.number = [name](const Trial& trial) { return trial.metric(name); };
    }
    return field;
}

/// or := and {"or" and}; and := factor {"and" factor}; factor := "not" factor | "(" or ")" | field relation value
class Parser {
public:
    explicit Parser(std::vector<Token> tokens)
        : m_tokens(std::move(tokens))
    {
    }

    Result<Predicate> whole()
    {
        ARCHSCOPE_ASSIGN(Predicate result, any());
        if (next().kind != Token::Kind::End)
            return unexpected("'and', 'or' or the end");
        return result;
    }

private:
    static constexpr int maxDepth = 100;

    const Token& next() const { return m_tokens[m_place]; }
    Token take() { return m_tokens[m_place].kind == Token::Kind::End ? m_tokens[m_place] : m_tokens[m_place++]; }
    tl::unexpected<Error> unexpected(std::string_view wanted) const
    {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("expected {} but found {} in column {}", wanted, next().shown(), next().column));
    }

    Result<Predicate> any()
    {
        ARCHSCOPE_ASSIGN(Predicate left, all());
        while (next().isWord("or")) {
            take();
            ARCHSCOPE_ASSIGN(Predicate right, all());
            left = [left, right](const Trial& trial, const Architecture& a) { return left(trial, a) || right(trial, a); };
        }
        return left;
    }

    Result<Predicate> all()
    {
        ARCHSCOPE_ASSIGN(Predicate left, factor());
        while (next().isWord("and")) {
            take();
            ARCHSCOPE_ASSIGN(Predicate right, factor());
            left = [left, right](const Trial& trial, const Architecture& a) { return left(trial, a) && right(trial, a); };
        }
        return left;
    }

    Result<Predicate> factor()
    {
        if (++m_depth > maxDepth)
            return fail(ErrorCode::InvalidArgument, fmt::format("the filter is nested more than {} deep", maxDepth));
        Result<Predicate> result = nested();
        --m_depth;
        return result;
    }

    Result<Predicate> nested()
    {
        if (next().isWord("not")) {
            take();
            ARCHSCOPE_ASSIGN(Predicate inner, factor());
            return Predicate([inner](const Trial& trial, const Architecture& a) { return !inner(trial, a); });
        }
        if (next().kind == Token::Kind::Open) {
            take();
            ARCHSCOPE_ASSIGN(Predicate inner, any());
            if (next().kind != Token::Kind::Close)
                return unexpected("')'");
            take();
            return inner;
        }
        return comparison();
    }

    Result<Predicate> comparison()
    {
        if (next().kind != Token::Kind::Word)
            return unexpected("a field");
        const Token name = take();
        const auto field = fieldFor(name.text);
        if (!field)
            return fail(ErrorCode::InvalidArgument, unknownName("field", name.text, fieldNames()));
        if (next().kind != Token::Kind::Relation)
            return unexpected(fmt::format("a comparison such as '=' after '{}'", name.text));
        const Token relation = take();
        if (next().kind != Token::Kind::Word && next().kind != Token::Kind::Quoted)
            return unexpected(fmt::format("a value after '{}'", relation.text));

        if (field->number) {
            if (relation.relation == Relation::Contains)
                return fail(ErrorCode::InvalidArgument,
                            fmt::format("'~' searches in text and '{}' is a number: use <, <=, >, >=, = or !=", name.text));
            const auto bound = number(next().text);
            if (!bound)
                return unexpected(fmt::format("a number after '{}'", relation.text));
            take();
            return Predicate([read = field->number, sign = relation.relation, bound = *bound](const Trial& trial, const Architecture&) {
                return holds(read(trial), sign, bound);
            });
        }
        const bool contains = relation.relation == Relation::Contains;
        const bool negated = relation.relation == Relation::Unequal;
        if (!contains && !negated && relation.relation != Relation::Equal)
            return fail(ErrorCode::InvalidArgument, fmt::format("'{}' is text: compare it with =, != or ~", name.text));
        const std::string wanted = lowered(take().text);
        if (field->isState && !contains && !train::stateFromName(wanted)) {
            const std::vector<std::string> states = {"queued", "running", "completed", "pruned", "failed", "cancelled"};
            return fail(ErrorCode::InvalidArgument, unknownName("state", wanted, states));
        }
        return Predicate([read = field->text, wanted, contains, negated](const Trial& trial, const Architecture& a) {
            const std::string value = read(trial, a);
            return contains ? value.find(wanted) != std::string::npos : (value == wanted) != negated;
        });
    }

    std::vector<Token> m_tokens;
    std::size_t m_place = 0;
    int m_depth = 0;
};

} // namespace

Result<TrialFilter> TrialFilter::parse(const std::string& text)
{
    if (trimmed(text).empty())
        return TrialFilter();
    if (text.find_first_of("<>=~") != std::string::npos) {
        ARCHSCOPE_ASSIGN(auto read, tokens(text));
        ARCHSCOPE_ASSIGN(Predicate matches, Parser(std::move(read)).whole());
        return TrialFilter(std::move(matches));
    }
    std::vector<std::string> words;
    for (const std::string& word : split(lowered(text), ' ')) {
        if (!trimmed(word).empty())
            words.emplace_back(trimmed(word));
    }
    return TrialFilter([words](const Trial& trial, const Architecture& architecture) {
        const std::string all = lowered(fmt::format("{} {} {} {}", trial.id.value(), train::stateName(trial.state),
                                                    architecture(), trial.message));
        return std::all_of(words.begin(), words.end(), [&all](const auto& word) { return all.find(word) != std::string::npos; });
    });
}

bool TrialFilter::matches(const Trial& trial, const Architecture& architecture) const
{
    return !m_matches || m_matches(trial, architecture);
}

} // namespace archscope::ui
