#include "core/base/text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <numeric>

namespace archscope {

std::string groupDigits(std::string_view digits)
{
    std::string out;
    const bool negative = !digits.empty() && digits.front() == '-';
    const std::string_view body = negative ? digits.substr(1) : digits;
    for (std::size_t i = 0; i < body.size(); ++i) {
        if (i > 0 && (body.size() - i) % 3 == 0)
            out += ',';
        out += body[i];
    }
    return negative ? "-" + out : out;
}

std::string groupDigits(std::int64_t number)
{
    return groupDigits(std::to_string(number));
}

std::string siNumber(double number, std::string_view unit)
{
    static constexpr struct { double scale; const char* prefix; } prefixes[] = {
        {1e15, "P"}, {1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}};
    std::string text;
    std::string prefix;
    const double magnitude = std::abs(number);
    for (const auto& p : prefixes) {
        if (magnitude >= p.scale * 0.9995) {
            number /= p.scale;
            prefix = p.prefix;
            break;
        }
    }
    const double scaled = std::abs(number);
    if (prefix.empty() && number == std::floor(number))
        text = fmt::format("{:.0f}", number);
    else
        text = scaled >= 99.95 ? fmt::format("{:.0f}", number)
             : scaled >= 9.995 ? fmt::format("{:.1f}", number)
                               : fmt::format("{:.2f}", number);
    const std::string suffix = prefix + std::string(unit);
    return suffix.empty() ? text : text + " " + suffix;
}

std::string plainNumber(double number, int digits)
{
    return std::isfinite(number) ? fmt::format("{:.{}g}", number, digits) : "n/a";
}

std::string durationText(double seconds)
{
    if (!std::isfinite(seconds) || seconds < 0)
        return "n/a";
    if (seconds < 1)
        return fmt::format("{:.0f} ms", seconds * 1e3);
    if (seconds < 10)
        return fmt::format("{:.1f} s", seconds);
    if (seconds < 60)
        return fmt::format("{:.0f} s", seconds);
    const auto whole = static_cast<std::int64_t>(std::llround(seconds));
    if (whole < 600)
        return whole % 60 == 0 ? fmt::format("{} min", whole / 60) : fmt::format("{} min {} s", whole / 60, whole % 60);
    const std::int64_t minutes = (whole + 30) / 60;
    if (minutes < 60)
        return fmt::format("{} min", minutes);
    if (minutes < 48 * 60)
        return minutes % 60 == 0 ? fmt::format("{} h", minutes / 60)
                                 : fmt::format("{} h {} min", minutes / 60, minutes % 60);
    return fmt::format("{} days", (minutes + 12 * 60) / (24 * 60));
}

std::string byteText(double bytes)
{
    static constexpr const char* units[] = {"B", "kB", "MB", "GB", "TB"};
    std::size_t unit = 0;
    while (bytes >= 999.5 && unit + 1 < std::size(units)) {
        bytes /= 1000;
        ++unit;
    }
    return unit == 0 ? fmt::format("{:.0f} B", bytes) : fmt::format("{:.3g} {}", bytes, units[unit]);
}

namespace {
std::size_t editDistance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
        }
    }
    return row[b.size()];
}
} // namespace

std::string nearestName(std::string_view name, std::span<const std::string> candidates)
{
    std::string best;
    std::size_t bestDistance = std::max<std::size_t>(2, name.size() / 3) + 1;
    for (const std::string& candidate : candidates) {
        const std::size_t distance = editDistance(name, candidate);
        if (distance < bestDistance) {
            bestDistance = distance;
            best = candidate;
        }
    }
    return best;
}

std::string unknownName(std::string_view kind, std::string_view name, std::span<const std::string> candidates)
{
    const std::string nearest = nearestName(name, candidates);
    std::string text = fmt::format("unknown {} '{}'", kind, name);
    if (!nearest.empty())
        text += fmt::format("; did you mean '{}'?", nearest);
    if (!candidates.empty())
        text += fmt::format("{} known: {}", nearest.empty() ? ";" : "", joined(candidates, ", "));
    return text;
}

std::vector<std::string> split(std::string_view text, char separator)
{
    std::vector<std::string> parts;
    std::size_t start = 0;
    for (;;) {
        const std::size_t end = text.find(separator, start);
        parts.emplace_back(text.substr(start, end - start));
        if (end == std::string_view::npos)
            return parts;
        start = end + 1;
    }
}

std::string_view trimmed(std::string_view text)
{
    const std::size_t first = text.find_first_not_of(" \t\r\n\f\v");
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n\f\v") - first + 1);
}

std::string joined(std::span<const std::string> parts, std::string_view separator)
{
    std::string out;
    for (const std::string& part : parts) {
        if (!out.empty())
            out += separator;
        out += part;
    }
    return out;
}

bool parseNumber(std::string_view text, double& number)
{
    if (!text.empty() && text.front() == '+')
        text.remove_prefix(1);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() && std::isfinite(number);
}

bool parseInteger(std::string_view text, std::int64_t& number)
{
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size();
}

} // namespace archscope
