#include "core/base/json.h"

#include "core/base/text.h"

#include <cmath>
#include <fmt/format.h>
#include <limits>

namespace archscope {

namespace {
constexpr int maxDepth = 200;

Error parseError(std::string_view text, std::size_t byte, const std::string& reason)
{
    std::size_t line = 1;
    std::size_t column = 1;
    for (std::size_t i = 0; i + 1 < byte && i < text.size(); ++i) {
        if (text[i] == '\n') {
            ++line;
            column = 1;
        } else {
            ++column;
        }
    }
    return {ErrorCode::InvalidInput, "this is not valid JSON: " + reason, fmt::format("line {}, column {}", line, column)};
}

std::string escapedKey(std::string_view key)
{
    std::string out;
    for (const char c : key) {
        if (c == '~')
            out += "~0";
        else if (c == '/')
            out += "~1";
        else
            out += c;
    }
    return out;
}
} // namespace

Result<Json> parseJson(std::string_view text)
{
    // Depth is checked before parsing: the parser recurses when it destroys deep values.
    int depth = 0;
    bool inString = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (inString) {
            if (c == '\\')
                ++i;
            else if (c == '"')
                inString = false;
        } else if (c == '"') {
            inString = true;
        } else if (c == '{' || c == '[') {
            if (++depth > maxDepth)
                return fail(parseError(text, i + 1, fmt::format("it is nested deeper than {} levels", maxDepth)));
        } else if (c == '}' || c == ']') {
            --depth;
        }
    }
    try {
        return Json::parse(text);
    } catch (const Json::parse_error& error) {
        std::string reason = error.what();
        if (const auto colon = reason.rfind("syntax error"); colon != std::string::npos)
            reason = reason.substr(colon);
        return fail(parseError(text, error.byte, reason));
    } catch (const Json::exception& error) {
        return fail(ErrorCode::InvalidInput, std::string("this is not valid JSON: ") + error.what());
    }
}

Result<int> checkFormat(const Json& document, std::string_view format, int newest)
{
    const JsonReader reader(document);
    ARCHSCOPE_TRY(reader.expectObject());
    ARCHSCOPE_ASSIGN(const std::string found, reader.string("format"));
    if (found != format)
        return reader.fail(fmt::format("the format is '{}', expected '{}'", found, format));
    ARCHSCOPE_ASSIGN(const std::int64_t version, reader.integer("version"));
    if (version < 1)
        return reader.fail(fmt::format("version {} does not exist", version));
    if (version > newest)
        return fail(ErrorCode::Unsupported,
                    fmt::format("the file has version {} of '{}', this program reads up to {}: a newer Archscope is needed",
                                version, format, newest),
                    "/version");
    return static_cast<int>(version);
}

bool JsonReader::has(std::string_view key) const
{
    return m_value->is_object() && m_value->find(std::string(key)) != m_value->end();
}

Result<JsonReader> JsonReader::member(std::string_view key) const
{
    ARCHSCOPE_TRY(expectObject());
    const auto it = m_value->find(std::string(key));
    if (it == m_value->end())
        return fail(fmt::format("'{}' is missing", key));
    return JsonReader(*it, m_pointer + "/" + escapedKey(key));
}

Result<JsonReader> JsonReader::element(std::size_t index) const
{
    ARCHSCOPE_TRY(expectArray());
    if (index >= m_value->size())
        return fail(fmt::format("element {} is missing", index));
    return JsonReader((*m_value)[index], m_pointer + "/" + std::to_string(index));
}

Result<std::string> JsonReader::string() const
{
    if (!m_value->is_string())
        return fail(fmt::format("expected text, found {}", m_value->type_name()));
    return m_value->get<std::string>();
}

Result<std::int64_t> JsonReader::integer() const
{
    if (m_value->is_number_unsigned()
        && m_value->get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
        return fail("the number is too large");
    if (m_value->is_number_integer())
        return m_value->get<std::int64_t>();
    if (m_value->is_number_float()) {
        const double number = m_value->get<double>();
        if (std::floor(number) == number && std::abs(number) < 9e15)
            return static_cast<std::int64_t>(number);
    }
    return fail(fmt::format("expected a whole number, found {}", m_value->is_number() ? m_value->dump() : m_value->type_name()));
}

Result<double> JsonReader::number() const
{
    if (!m_value->is_number())
        return fail(fmt::format("expected a number, found {}", m_value->type_name()));
    const double number = m_value->get<double>();
    if (!std::isfinite(number))
        return fail("expected a finite number");
    return number;
}

Result<bool> JsonReader::boolean() const
{
    if (!m_value->is_boolean())
        return fail(fmt::format("expected true or false, found {}", m_value->type_name()));
    return m_value->get<bool>();
}

Result<void> JsonReader::expectObject() const
{
    if (!m_value->is_object())
        return fail(fmt::format("expected an object, found {}", m_value->type_name()));
    return {};
}

Result<void> JsonReader::expectArray() const
{
    if (!m_value->is_array())
        return fail(fmt::format("expected a list, found {}", m_value->type_name()));
    return {};
}

Result<void> JsonReader::expectOnly(std::initializer_list<std::string_view> known) const
{
    ARCHSCOPE_TRY(expectObject());
    for (const auto& [key, value] : m_value->items()) {
        if (std::find(known.begin(), known.end(), key) == known.end()) {
            const std::vector<std::string> names(known.begin(), known.end());
            return fail(unknownName("member", key, names));
        }
    }
    return {};
}

Result<std::string> JsonReader::string(std::string_view key) const
{
    ARCHSCOPE_ASSIGN(const JsonReader reader, member(key));
    return reader.string();
}

Result<std::int64_t> JsonReader::integer(std::string_view key) const
{
    ARCHSCOPE_ASSIGN(const JsonReader reader, member(key));
    return reader.integer();
}

Result<double> JsonReader::number(std::string_view key) const
{
    ARCHSCOPE_ASSIGN(const JsonReader reader, member(key));
    return reader.number();
}

Result<bool> JsonReader::boolean(std::string_view key) const
{
    ARCHSCOPE_ASSIGN(const JsonReader reader, member(key));
    return reader.boolean();
}

Result<std::string> JsonReader::stringOr(std::string_view key, std::string fallback) const
{
    return has(key) ? string(key) : Result<std::string>(std::move(fallback));
}

Result<std::int64_t> JsonReader::integerOr(std::string_view key, std::int64_t fallback) const
{
    return has(key) ? integer(key) : Result<std::int64_t>(fallback);
}

Result<double> JsonReader::numberOr(std::string_view key, double fallback) const
{
    return has(key) ? number(key) : Result<double>(fallback);
}

Result<bool> JsonReader::booleanOr(std::string_view key, bool fallback) const
{
    return has(key) ? boolean(key) : Result<bool>(fallback);
}

Json numberToJson(double number)
{
    if (std::isnan(number))
        return "nan";
    if (std::isinf(number))
        return number > 0 ? "inf" : "-inf";
    return number;
}

Result<double> numberFromJson(const Json& value)
{
    if (value.is_number())
        return value.get<double>();
    if (value == "nan")
        return std::numeric_limits<double>::quiet_NaN();
    if (value == "inf")
        return std::numeric_limits<double>::infinity();
    if (value == "-inf")
        return -std::numeric_limits<double>::infinity();
    return fail(ErrorCode::InvalidInput, "expected a number");
}

} // namespace archscope
