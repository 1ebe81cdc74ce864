#include "core/base/text.h"
#include "core/data/format.h"

#include <algorithm>
#include <fmt/format.h>

namespace archscope::data {

namespace fs = std::filesystem;

namespace {
constexpr std::string_view escaped = "%&#="; // what a value cannot hold as it is

bool isWord(std::string_view text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
}

int hexDigit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

std::string encoded(std::string_view value)
{
    std::string out;
    for (const char c : value) {
        if (escaped.find(c) != std::string_view::npos)
            out += fmt::format("%{:02X}", static_cast<unsigned>(c));
        else
            out += c;
    }
    return out;
}

/// A '%' that no two hexadecimal digits follow stands for itself.
std::string decoded(std::string_view value)
{
    std::string out;
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (value[i] == '%' && i + 2 < value.size() && hexDigit(value[i + 1]) >= 0 && hexDigit(value[i + 2]) >= 0) {
            out += static_cast<char>(hexDigit(value[i + 1]) * 16 + hexDigit(value[i + 2]));
            i += 2;
        } else {
            out += value[i];
        }
    }
    return out;
}

Result<std::map<std::string, std::string>> parseOptions(std::string_view text)
{
    std::map<std::string, std::string> options;
    std::string* current = nullptr;
    char separator = '&';
    for (std::size_t start = 0; !text.empty() && start <= text.size();) {
        const std::size_t end = std::min(text.find_first_of(",&", start), text.size());
        const std::string_view piece = text.substr(start, end - start);
        const std::size_t equals = piece.find('=');
        if (equals == std::string_view::npos && separator == ',' && current) {
            *current += ',' + decoded(piece);
        } else {
            const std::string key(piece.substr(0, equals));
            if (equals == std::string_view::npos || !isWord(key))
                return fail(ErrorCode::InvalidArgument,
                            fmt::format("'{}' after '#' is no option: write key=value (where the path itself contains '#', "
                                        "add one more '#' at its end)",
                                        piece));
            const auto [it, isNew] = options.emplace(key, decoded(piece.substr(equals + 1)));
            if (!isNew)
                return fail(ErrorCode::InvalidArgument, fmt::format("option '{}' is given twice", key));
            current = &it->second;
        }
        separator = end < text.size() ? text[end] : '\0';
        start = end + 1;
    }
    return options;
}
} // namespace

Result<SourceSpec> SourceSpec::parse(std::string_view text)
{
    SourceSpec spec;
    const std::size_t hash = text.rfind('#');
    const std::string_view source = text.substr(0, hash);
    const std::size_t colon = source.find(':');
    spec.kind = source.substr(0, colon);
    if (!isWord(spec.kind))
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("'{}' does not begin with a kind of data: write kind:path, such as csv:table.csv", text));
    if (colon != std::string_view::npos)
        spec.path = source.substr(colon + 1);
    if (hash != std::string_view::npos) {
        auto options = parseOptions(text.substr(hash + 1));
        if (!options)
            return fail(options.error().within(std::string(text)));
        spec.options = std::move(*options);
    }
    return spec;
}

std::string SourceSpec::text() const
{
    std::string out = kind;
    if (!path.empty())
        out += ':' + path;
    if (!options.empty() || path.find('#') != std::string::npos)
        out += '#';
    bool isFirst = true;
    for (const auto& [key, value] : options) {
        if (!isFirst)
            out += ',';
        out += key + '=' + encoded(value);
        isFirst = false;
    }
    return out;
}

std::vector<fs::path> sourcePaths(const std::string& path, const fs::path& base)
{
    const auto located = [&](const std::string& part) {
        const fs::path full = fs::absolute(base.empty() ? fs::path(part) : base / part).lexically_normal();
        return full.has_filename() ? full : full.parent_path(); // "folder/" is the folder
    };
    std::error_code ignored;
    if (path.empty())
        return {};
    if (path.find(',') == std::string::npos || fs::exists(located(path), ignored))
        return {located(path)};
    std::vector<fs::path> paths;
    for (const std::string& part : split(path, ','))
        paths.push_back(located(part));
    return paths;
}

const DataFormat* FormatSet::find(std::string_view name) const
{
    const auto it = std::find_if(m_formats.begin(), m_formats.end(), [&](const auto* format) { return format->name() == name; });
    return it == m_formats.end() ? nullptr : *it;
}

const DataFormat* FormatSet::detect(const fs::path& path) const
{
    const auto it = std::find_if(m_formats.begin(), m_formats.end(), [&](const auto* format) { return format->recognises(path); });
    return it == m_formats.end() ? nullptr : *it;
}

std::vector<std::string> FormatSet::names() const
{
    std::vector<std::string> names;
    for (const DataFormat* format : m_formats)
        names.push_back(format->name());
    return names;
}

Result<const DataFormat*> FormatSet::formatOf(const SourceSpec& source) const
{
    const DataFormat* format = find(source.kind);
    if (!format)
        return fail(ErrorCode::InvalidArgument, unknownName("kind of data", source.kind, names()));
    if (!format->isEmbedded() && source.path.empty())
        return fail(ErrorCode::InvalidArgument, fmt::format("a path is missing: write {}:path", source.kind));
    if (format->isEmbedded() && !source.path.empty())
        return fail(ErrorCode::InvalidArgument, fmt::format("'{}' is built in and takes no path", source.kind));
    std::vector<std::string> known;
    for (const FormatOption& option : format->options())
        known.push_back(option.name);
    for (const auto& [name, value] : source.options) {
        if (std::find(known.begin(), known.end(), name) == known.end())
            return fail(ErrorCode::InvalidArgument, unknownName("option", name, known), source.kind);
    }
    return format;
}

Result<Dataset> FormatSet::read(const SourceSpec& source) const
{
    ARCHSCOPE_ASSIGN(const DataFormat* format, formatOf(source));
    return format->read(source);
}

} // namespace archscope::data
