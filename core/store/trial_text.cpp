#include "core/store/trial_text.h"

#include <charconv>
#include <cmath>
#include <limits>

namespace archscope::store {

namespace {

void append(std::string& out, double number)
{
    if (!std::isfinite(number)) {
        out += numberToJson(number).dump();
        return;
    }
    char buffer[32];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, number);
    out.append(buffer, end.ptr);
}

/// "[a,b,c]" with `item` writing each.
template <class Items, class Write> std::string listText(const Items& items, Write write)
{
    std::string out = "[";
    for (const auto& item : items) {
        if (out.size() > 1)
            out += ',';
        write(out, item);
    }
    out += ']';
    return out;
}

/// Reads what this file writes, blanks between tokens allowed.
class Scanner {
public:
    explicit Scanner(std::string_view text)
        : m_rest(text)
    {
    }

    bool eat(char c)
    {
        skipBlanks();
        if (m_rest.empty() || m_rest.front() != c)
            return false;
        m_rest.remove_prefix(1);
        return true;
    }

    bool eat(std::string_view word)
    {
        skipBlanks();
        if (!m_rest.starts_with(word))
            return false;
        m_rest.remove_prefix(word.size());
        return true;
    }

    bool number(double& value)
    {
        skipBlanks();
        if (!m_rest.empty() && m_rest.front() == '"') {
            std::string word;
            if (!string(word))
                return false;
            const auto special = numberFromJson(Json(word));
            value = special.value_or(0);
            return special.has_value();
        }
        const auto read = std::from_chars(m_rest.data(), m_rest.data() + m_rest.size(), value);
        if (read.ec != std::errc() || !std::isfinite(value))
            return false;
        m_rest.remove_prefix(static_cast<std::size_t>(read.ptr - m_rest.data()));
        return true;
    }

    bool string(std::string& value)
    {
        skipBlanks();
        if (m_rest.empty() || m_rest.front() != '"')
            return false;
        std::size_t end = 1;
        bool escaped = false;
        for (; end < m_rest.size() && m_rest[end] != '"'; ++end) {
            if (m_rest[end] == '\\') {
                escaped = true;
                ++end;
            }
        }
        if (end >= m_rest.size())
            return false;
        if (escaped) {
            const Json parsed = Json::parse(m_rest.substr(0, end + 1), nullptr, false);
            if (!parsed.is_string())
                return false;
            value = parsed.get<std::string>();
        } else {
            value.assign(m_rest.substr(1, end - 1));
        }
        m_rest.remove_prefix(end + 1);
        return true;
    }

    /// "open item,item,… close", `item` reading each.
    template <class Item> bool sequence(char open, char close, Item item)
    {
        if (!eat(open))
            return false;
        if (eat(close))
            return true;
        do {
            if (!item())
                return false;
        } while (eat(','));
        return eat(close);
    }

    bool atEnd()
    {
        skipBlanks();
        return m_rest.empty();
    }

private:
    void skipBlanks()
    {
        while (!m_rest.empty() && (m_rest.front() == ' ' || m_rest.front() == '\n' || m_rest.front() == '\t'))
            m_rest.remove_prefix(1);
    }

    std::string_view m_rest;
};

tl::unexpected<Error> malformed(const char* what)
{
    return fail(ErrorCode::InvalidInput, std::string("the ") + what + " cannot be read");
}

} // namespace

std::string answersText(const space::Genotype& genotype)
{
    return listText(genotype.answers(), [](std::string& out, double answer) {
        if (answer < 0)
            out += "null";
        else
            append(out, answer);
    });
}

Result<space::Genotype> answersFromText(std::string_view text)
{
    Scanner scanner(text);
    std::vector<double> answers;
    const bool read = scanner.sequence('[', ']', [&] {
        double answer = space::Genotype::inactive;
        if (!scanner.eat("null") && !scanner.number(answer))
            return false;
        answers.push_back(answer);
        return true;
    });
    if (!read || !scanner.atEnd())
        return malformed("genotype");
    return space::Genotype(std::move(answers));
}

std::string parentsText(const std::vector<train::TrialId>& parents)
{
    return listText(parents, [](std::string& out, train::TrialId id) { out += std::to_string(id.value()); });
}

Result<std::vector<train::TrialId>> parentsFromText(std::string_view text)
{
    Scanner scanner(text);
    std::vector<train::TrialId> parents;
    const bool read = scanner.sequence('[', ']', [&] {
        double id = 0;
        if (!scanner.number(id) || id < 0 || id > 9e15 || id != std::floor(id))
            return false;
        parents.emplace_back(static_cast<std::int64_t>(id));
        return true;
    });
    if (!read || !scanner.atEnd())
        return malformed("list of parents");
    return parents;
}

std::string metricsText(const train::Metrics& metrics)
{
    std::string out = "{";
    for (const auto& [name, value] : metrics) {
        if (out.size() > 1)
            out += ',';
        out += Json(name).dump();
        out += ':';
        append(out, value);
    }
    out += '}';
    return out;
}

Result<train::Metrics> metricsFromText(std::string_view text)
{
    Scanner scanner(text);
    train::Metrics metrics;
    const bool read = scanner.sequence('{', '}', [&] {
        std::string name;
        double value = 0;
        if (!scanner.string(name) || !scanner.eat(':') || !scanner.number(value))
            return false;
        metrics.emplace_hint(metrics.end(), std::move(name), value); // they come sorted
        return true;
    });
    if (!read || !scanner.atEnd())
        return malformed("metrics");
    return metrics;
}

std::string curveText(const std::vector<train::CurvePoint>& curve)
{
    return listText(curve, [](std::string& out, const train::CurvePoint& point) {
        out += '[';
        out += std::to_string(point.epoch);
        for (const double value : { point.trainLoss, point.trainAccuracy, point.validationLoss, point.validationAccuracy,
                 point.learningRate, point.seconds }) {
            out += ',';
            append(out, value);
        }
        out += ']';
    });
}

Result<std::vector<train::CurvePoint>> curveFromText(std::string_view text)
{
    constexpr std::size_t columns = 7;
    Scanner scanner(text);
    std::vector<train::CurvePoint> curve;
    const bool read = scanner.sequence('[', ']', [&] {
        double values[columns] = {};
        std::size_t count = 0;
        const bool row = scanner.sequence('[', ']', [&] { return count < columns && scanner.number(values[count++]); });
        if (!row || count != columns || !(std::abs(values[0]) < 1e9))
            return false;
        curve.push_back({ static_cast<int>(values[0]), values[1], values[2], values[3], values[4], values[5], values[6] });
        return true;
    });
    if (!read || !scanner.atEnd())
        return malformed("learning curve");
    return curve;
}

} // namespace archscope::store
