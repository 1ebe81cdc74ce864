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
    Parser(const std::string& text, const VariableLookup& lookup) : m_text(text), m_lookup(lookup) {}

    Result<std::int64_t> run()
    {
        if (m_text.size() > 1000)
            return error("the expression is too long");
        ARCHSCOPE_ASSIGN(const std::int64_t value, sum(0));
        if (peek() != '\0')
            return error(fmt::format("unexpected '{}' at position {}", m_text[m_at], m_at + 1));
        return value;
    }

private:
    tl::unexpected<Error> error(std::string reason) const
    {
        return fail(ErrorCode::InvalidInput, fmt::format("in the expression '{}': {}", m_text, reason));
    }

    char peek()
    {
        while (m_at < m_text.size() && std::isspace(static_cast<unsigned char>(m_text[m_at])))
            ++m_at;
        return m_at < m_text.size() ? m_text[m_at] : '\0';
    }

    Result<std::int64_t> sum(int depth)
    {
        ARCHSCOPE_ASSIGN(std::int64_t left, product(depth));
        while (peek() == '+' || peek() == '-') {
            const char sign = m_text[m_at++];
            ARCHSCOPE_ASSIGN(const std::int64_t right, product(depth));
            if (sign == '+' ? __builtin_add_overflow(left, right, &left) : __builtin_sub_overflow(left, right, &left))
                return error("the result is too large");
        }
        return left;
    }

    Result<std::int64_t> product(int depth)
    {
        ARCHSCOPE_ASSIGN(std::int64_t left, factor(depth));
        while (peek() == '*' || peek() == '/') {
            const char sign = m_text[m_at++];
            ARCHSCOPE_ASSIGN(const std::int64_t right, factor(depth));
            if (sign == '*') {
                if (__builtin_mul_overflow(left, right, &left))
                    return error("the result is too large");
            } else {
                if (right == 0)
                    return error("division by zero");
                if (left == std::numeric_limits<std::int64_t>::min() && right == -1)
                    return error("the result is too large");
                left /= right;
            }
        }
        return left;
    }

    Result<std::int64_t> factor(int depth)
    {
        if (depth > 50)
            return error("it is nested too deeply");
        const char c = peek();
        if (c == '(') {
            ++m_at;
            ARCHSCOPE_ASSIGN(const std::int64_t value, sum(depth + 1));
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
    std::size_t m_at = 0;
};
} // namespace

Result<std::int64_t> evaluate(const Expression& expression, const VariableLookup& lookup)
{
    return Parser(expression.text, lookup).run();
}

Result<std::vector<std::string>> variablesOf(const Expression& expression)
{
    // Values do not matter here; distinct primes keep a division such as (a-b) from being by zero by accident.
    std::vector<std::string> names;
    static constexpr std::int64_t primes[] = {1009, 1013, 1019, 1021, 1031, 1033, 1039, 1049};
    const VariableLookup lookup = [&](const std::string& name) -> std::optional<std::int64_t> {
        auto it = std::find(names.begin(), names.end(), name);
        if (it == names.end()) {
            names.push_back(name);
            it = names.end() - 1;
        }
        return primes[static_cast<std::size_t>(it - names.begin()) % std::size(primes)];
    };
    ARCHSCOPE_ASSIGN([[maybe_unused]] const std::int64_t value, Parser(expression.text, lookup).run());
    return names;
}

} // namespace archscope::space
