// JSON as this project writes and reads it: sorted keys, C locale, a format name and an integer version at the top, and
// errors that name the JSON pointer at which they stand.
#pragma once

#include "core/base/result.h"

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace archscope {

using Json = nlohmann::json; ///< std::map inside: keys are sorted

/// Parses text; the error names line and column. Nesting deeper than 200 levels is refused.
Result<Json> parseJson(std::string_view text);

/// Checks {"format": format, "version": n}: a wrong format, or a version newer than `newest`, is refused with a sentence.
/// Returns the file's version.
Result<int> checkFormat(const Json& document, std::string_view format, int newest);

/// One value of a document together with where it stands. Reads typed members with errors that name the place.
class JsonReader {
public:
    explicit JsonReader(const Json& value, std::string pointer = {}) : m_value(&value), m_pointer(std::move(pointer)) {}

    const Json& value() const { return *m_value; }
    const std::string& pointer() const { return m_pointer; }
    std::string place() const { return m_pointer.empty() ? "/" : m_pointer; }

    bool has(std::string_view key) const;
    Result<JsonReader> member(std::string_view key) const; ///< required
    Result<JsonReader> element(std::size_t index) const;
    std::size_t size() const { return m_value->size(); }

    Result<std::string> string() const;
    Result<std::int64_t> integer() const;
    Result<double> number() const; ///< finite
    Result<bool> boolean() const;
    Result<void> expectObject() const;
    Result<void> expectArray() const;
    /// Refuses members that are not in `known`, with the nearest known name.
    Result<void> expectOnly(std::initializer_list<std::string_view> known) const;

    Result<std::string> string(std::string_view key) const;
    Result<std::int64_t> integer(std::string_view key) const;
    Result<double> number(std::string_view key) const;
    Result<bool> boolean(std::string_view key) const;
    Result<std::string> stringOr(std::string_view key, std::string fallback) const;
    Result<std::int64_t> integerOr(std::string_view key, std::int64_t fallback) const;
    Result<double> numberOr(std::string_view key, double fallback) const;
    Result<bool> booleanOr(std::string_view key, bool fallback) const;

    tl::unexpected<Error> fail(std::string message) const
    {
        return archscope::fail(ErrorCode::InvalidInput, std::move(message), place());
    }

private:
    const Json* m_value; ///< not owned: outlives the reader
    std::string m_pointer;
};

/// Doubles that JSON cannot hold (NaN, infinities) as strings, so that nothing is lost; and back.
Json numberToJson(double number);
Result<double> numberFromJson(const Json& value);

} // namespace archscope
