#include "core/space/expression.h"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <limits>

namespace archscope::space {

namespace {
/// Recursive descent over the grammar in the header; looks names up as it goes.
class Parser {
public:
    /// NamesOnly: values do not matter, so arithmetic that has no result is none of its business.
    enum class Purpose { Value, NamesOnly };
    Parser(const std::string& text, const VariableLookup& lookup, Purpose purpose) : m_text(text), m_lookup(lookup), m_purpose(purpose) {}

    Result<std::int64_t> run()
    {
        if (m_text.size() > 1000)
            return error("the expression is too long");
        ARCHSCOPE_ASSIGN(const std::int64_t value, comparison(0));
        if (peek() != '\0')
            return error(fmt::format("unexpected '{}' at position {}", m_text[m_at], m_at + 1));
        return value;
    }

private:
    tl::unexpected<Error> error(std::string reason) const
    {
        return fail(ErrorCode::InvalidInput, fmt::format("in the expression '{}': {}", m_text, reason));
    }

    /// What arithmetic comes to that has no result.
    Result<std::int64_t> undefined(const char* reason) const
    {
        if (m_purpose == Purpose::NamesOnly)
            return 1;
        return error(reason);
    }

    char peek()
    {
        while (m_at < m_text.size() && std::isspace(static_cast<unsigned char>(m_text[m_at])))
            ++m_at;
        return m_at < m_text.size() ? m_text[m_at] : '\0';
    }

    Result<std::int64_t> comparison(int depth)
    {
        ARCHSCOPE_ASSIGN(const std::int64_t left, sum(depth));
        const char first = peek();
        if (first != '=' && first != '!' && first != '<' && first != '>')
            return left;
        const bool equals = m_at + 1 < m_text.size() && m_text[m_at + 1] == '=';
        if (!equals && (first == '=' || first == '!'))
            return error(fmt::format("'{}' at position {} should be '{}='", first, m_at + 1, first));
        m_at += equals ? 2 : 1;
        ARCHSCOPE_ASSIGN(const std::int64_t right, sum(depth));
        switch (first) {
        case '=':
            return left == right;
        case '!':
            return left != right;
        case '<':
            return equals ? left <= right : left < right;
        default:
            return equals ? left >= right : left > right;
        }
    }

    Result<std::int64_t> sum(int depth)
    {
        ARCHSCOPE_ASSIGN(std::int64_t left, product(depth));
        while (peek() == '+' || peek() == '-') {
            const char sign = m_text[m_at++];
            ARCHSCOPE_ASSIGN(const std::int64_t right, product(depth));
            if (sign == '+' ? __builtin_add_overflow(left, right, &left) : __builtin_sub_overflow(left, right, &left)) {
                ARCHSCOPE_ASSIGN(left, undefined("the result is too large"));
            }
        }
        return left;
    }

    Result<std::int64_t> product(int depth)
    {
        ARCHSCOPE_ASSIGN(std::int64_t left, power(depth));
        while (peek() == '*' || peek() == '/' || peek() == '%') {
            const char sign = m_text[m_at++];
            ARCHSCOPE_ASSIGN(const std::int64_t right, power(depth));
            if (sign == '*') {
                if (__builtin_mul_overflow(left, right, &left)) {
                    ARCHSCOPE_ASSIGN(left, undefined("the result is too large"));
                }
            } else if (right == 0) {
                ARCHSCOPE_ASSIGN(left, undefined("division by zero"));
            } else if (left == std::numeric_limits<std::int64_t>::min() && right == -1) {
                ARCHSCOPE_ASSIGN(left, undefined("the result is too large"));
            } else {
                left = sign == '/' ? left / right : left % right;
            }
        }
        return left;
    }

    Result<std::int64_t> power(int depth)
    {
        if (depth > 50)
            return error("it is nested too deeply");
        ARCHSCOPE_ASSIGN(const std::int64_t base, factor(depth));
        if (peek() != '^')
            return base;
        ++m_at;
        ARCHSCOPE_ASSIGN(const std::int64_t exponent, power(depth + 1));
        if (exponent < 0)
            return undefined("an exponent is below 0");
        std::int64_t result = 1;
        for (std::int64_t i = 0; i < exponent && (result != 0 && (base < -1 || base > 1 || i < 2)); ++i) {
            if (__builtin_mul_overflow(result, base, &result))
                return undefined("the result is too large");
        }
        // Powers of -1, 0 and 1 do not grow: two steps tell them, by parity.
        if (base == -1)
            return exponent % 2 == 0 ? 1 : -1;
        return result;
    }

    /// The rest of `min(a, b)` or `max(a, b)` after its name.
    Result<std::int64_t> extreme(bool smallest, int depth)
    {
        ++m_at;
        ARCHSCOPE_ASSIGN(const std::int64_t first, comparison(depth + 1));
        if (peek() != ',')
            return error("min and max take two values with a comma between them");
        ++m_at;
        ARCHSCOPE_ASSIGN(const std::int64_t second, comparison(depth + 1));
        if (peek() != ')')
            return error("a closing parenthesis is missing");
        ++m_at;
        return smallest ? std::min(first, second) : std::max(first, second);
    }

    Result<std::int64_t> factor(int depth)
    {
        if (depth > 50)
            return error("it is nested too deeply");
        const char c = peek();
        if (c == '(') {
            ++m_at;
            ARCHSCOPE_ASSIGN(const std::int64_t value, comparison(depth + 1));
            if (peek() != ')')
                return error("a closing parenthesis is missing");
            ++m_at;
            return value;
        }
        if (std::isdigit(static_cast<unsigned char>(c))) {
            std::int64_t value = 0;
            for (; m_at < m_text.size() && std::isdigit(static_cast<unsigned char>(m_text[m_at])); ++m_at) {
                if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, m_text[m_at] - '0', &value))
                    return error("a number is too large");
            }
            return value;
        }
        if (std::isalpha(static_cast<unsigned char>(c)) || c == '_') {
            std::string name;
            for (; m_at < m_text.size() && (std::isalnum(static_cast<unsigned char>(m_text[m_at])) || m_text[m_at] == '_'); ++m_at)
                name += m_text[m_at];
            if ((name == "min" || name == "max") && peek() == '(')
                return extreme(name == "min", depth);
            if (const auto value = m_lookup(name))
                return *value;
            return error(fmt::format("there is no variable '{}' here", name));
        }
        if (c == '\0')
            return error("a value is missing at the end");
        return error(fmt::format("unexpected '{}' at position {}", c, m_at + 1));
    }

    const std::string& m_text;
    const VariableLookup& m_lookup;
    Purpose m_purpose;
    std::size_t m_at = 0;
};
} // namespace

Result<std::int64_t> evaluate(const Expression& expression, const VariableLookup& lookup)
{
    return Parser(expression.text, lookup, Parser::Purpose::Value).run();
}

Result<Literal> evaluateLiteral(const Expression& expression, const LiteralLookup& lookup)
{
    const std::size_t first = expression.text.find_first_not_of(" \t");
    const std::size_t last = expression.text.find_last_not_of(" \t");
    if (first != std::string::npos && !std::isdigit(static_cast<unsigned char>(expression.text[first]))) {
        if (auto value = lookup(expression.text.substr(first, last - first + 1)))
            return std::move(*value);
    }
    std::string unsuitable;
    const auto number = evaluate(expression, [&](const std::string& name) -> std::optional<std::int64_t> {
        const auto value = lookup(name);
        if (!value)
            return {};
        if (const auto* whole = std::get_if<std::int64_t>(&*value))
            return *whole;
        if (const auto* flag = std::get_if<bool>(&*value))
            return *flag;
        unsuitable = name;
        return {};
    });
    if (!number && !unsuitable.empty())
        return fail(ErrorCode::InvalidInput, fmt::format("in the expression '{}': '{}' is not a whole number, it can only stand alone", expression.text, unsuitable));
    if (!number)
        return fail(number.error());
    return Literal{*number};
}

Result<Literal> evaluateLiteral(const Expression& expression, const Scope& scope)
{
    return evaluateLiteral(expression, [&scope](const std::string& name) -> std::optional<Literal> {
        const auto it = std::find_if(scope.rbegin(), scope.rend(), [&](const auto& variable) { return variable.first == name; });
        return it == scope.rend() ? std::nullopt : std::optional<Literal>(it->second);
    });
}

Result<std::vector<std::string>> variablesOf(const Expression& expression)
{
    std::vector<std::string> names;
    const VariableLookup lookup = [&](const std::string& name) -> std::optional<std::int64_t> {
        if (std::find(names.begin(), names.end(), name) == names.end())
            names.push_back(name);
        return 1;
    };
    ARCHSCOPE_ASSIGN([[maybe_unused]] const std::int64_t value, Parser(expression.text, lookup, Parser::Purpose::NamesOnly).run());
    return names;
}

} // namespace archscope::space
