#include "core/space/constraint.h"

#include "core/base/text.h"

#include <algorithm>
#include <fmt/format.h>

namespace archscope::space {

std::string_view metricName(Budget::Metric metric)
{
    switch (metric) {
    case Budget::Metric::Parameters:
        return "parameters";
    case Budget::Metric::Flops:
        return "flops";
    case Budget::Metric::Layers:
        return "layers";
    case Budget::Metric::Latency:
        return "latency_ms";
    }
    return {};
}

namespace {
/// `number` makes a bound's text.
template <class T, class Number>
std::string boundsText(const std::string& what, const std::optional<T>& min, const std::optional<T>& max, Number number)
{
    if (min && max)
        return fmt::format("{} ≤ {} ≤ {}", number(*min), what, number(*max));
    return min ? fmt::format("{} ≥ {}", what, number(*min)) : max ? fmt::format("{} ≤ {}", what, number(*max)) : what;
}

template <class T>
std::string boundsText(const std::string& what, const std::optional<T>& min, const std::optional<T>& max)
{
    return boundsText(what, min, max, [](T bound) { return groupDigits(static_cast<std::int64_t>(bound)); });
}

struct Texts {
    std::string operator()(const Forbid& forbid) const
    {
        std::vector<std::string> parts;
        for (const Forbid::Condition& condition : forbid.all) {
            std::vector<std::string> values;
            for (const Literal& value : condition.values)
                values.push_back(literalText(value));
            parts.push_back(fmt::format("{} = {}", condition.key, joined(values, " or ")));
        }
        return "not " + joined(parts, " and ");
    }
    std::string operator()(const CountAnswers& count) const
    {
        return boundsText(fmt::format("count of {} = {}", count.key, literalText(count.value)), count.min, count.max);
    }
    std::string operator()(const Budget& budget) const
    {
        if (budget.metric == Budget::Metric::Latency)
            return boundsText("latency", budget.min, budget.max, [](double ms) { return fmt::format("{:g} ms", ms); });
        return boundsText(std::string(metricName(budget.metric)), budget.min, budget.max);
    }
    std::string operator()(const ShapeBound& bound) const
    {
        return boundsText(fmt::format("dimension {} of {}", bound.dimension, bound.path), bound.min, bound.max);
    }
};

template <class T>
void writeBounds(Json& json, const std::optional<T>& min, const std::optional<T>& max)
{
    if (min)
        json["min"] = *min;
    if (max)
        json["max"] = *max;
}

struct Writer {
    Json operator()(const Forbid& forbid) const
    {
        Json conditions = Json::object();
        for (const Forbid::Condition& condition : forbid.all) {
            conditions[condition.key] = Json::array();
            for (const Literal& value : condition.values)
                conditions[condition.key].push_back(literalToJson(value));
        }
        return {{"forbid", std::move(conditions)}};
    }
    Json operator()(const CountAnswers& count) const
    {
        Json json = {{"count", count.key}, {"value", literalToJson(count.value)}};
        writeBounds(json, count.min, count.max);
        return json;
    }
    Json operator()(const Budget& budget) const
    {
        Json json = {{"budget", metricName(budget.metric)}};
        writeBounds(json, budget.min, budget.max);
        return json;
    }
    Json operator()(const ShapeBound& bound) const
    {
        Json json = {{"shape", bound.path}, {"dimension", bound.dimension}};
        writeBounds(json, bound.min, bound.max);
        return json;
    }
};

Result<void> readBounds(const JsonReader& reader, std::optional<std::int64_t>& min, std::optional<std::int64_t>& max)
{
    if (reader.has("min")) {
        ARCHSCOPE_ASSIGN(min, reader.integer("min"));
    }
    if (reader.has("max")) {
        ARCHSCOPE_ASSIGN(max, reader.integer("max"));
    }
    if (!min && !max)
        return reader.fail("a constraint needs 'min' or 'max'");
    if (min && max && *min > *max)
        return reader.fail(fmt::format("the constraint cannot be fulfilled: its min {} is above its max {}", *min, *max));
    return {};
}
} // namespace

std::string constraintText(const Constraint& constraint)
{
    return std::visit(Texts{}, constraint);
}

Json constraintToJson(const Constraint& constraint)
{
    return std::visit(Writer{}, constraint);
}

Result<Constraint> constraintFromJson(const JsonReader& reader)
{
    ARCHSCOPE_TRY(reader.expectObject());
    if (reader.has("forbid")) {
        ARCHSCOPE_TRY(reader.expectOnly({"forbid"}));
        ARCHSCOPE_ASSIGN(const JsonReader conditions, reader.member("forbid"));
        ARCHSCOPE_TRY(conditions.expectObject());
        Forbid forbid;
        for (const auto& [key, values] : conditions.value().items()) {
            ARCHSCOPE_ASSIGN(const JsonReader list, conditions.member(key));
            ARCHSCOPE_TRY(list.expectArray());
            Forbid::Condition condition{key, {}};
            for (std::size_t i = 0; i < list.size(); ++i) {
                ARCHSCOPE_ASSIGN(const JsonReader element, list.element(i));
                ARCHSCOPE_ASSIGN(Literal value, literalFromJson(element));
                condition.values.push_back(std::move(value));
            }
            if (condition.values.empty())
                return list.fail("name at least one value that is forbidden here");
            forbid.all.push_back(std::move(condition));
        }
        if (forbid.all.empty())
            return conditions.fail("name at least one decision whose values are forbidden together");
        return Constraint{std::move(forbid)};
    }
    if (reader.has("count")) {
        ARCHSCOPE_TRY(reader.expectOnly({"count", "value", "min", "max"}));
        CountAnswers count;
        ARCHSCOPE_ASSIGN(count.key, reader.string("count"));
        ARCHSCOPE_ASSIGN(const JsonReader value, reader.member("value"));
        ARCHSCOPE_ASSIGN(count.value, literalFromJson(value));
        ARCHSCOPE_TRY(readBounds(reader, count.min, count.max));
        return Constraint{std::move(count)};
    }
    if (reader.has("budget")) {
        ARCHSCOPE_TRY(reader.expectOnly({"budget", "min", "max"}));
        Budget budget;
        ARCHSCOPE_ASSIGN(const std::string metric, reader.string("budget"));
        bool known = false;
        for (const auto candidate : {Budget::Metric::Parameters, Budget::Metric::Flops, Budget::Metric::Layers, Budget::Metric::Latency}) {
            if (metric == metricName(candidate)) {
                budget.metric = candidate;
                known = true;
            }
        }
        if (!known)
            return reader.fail(fmt::format("'{}' is no budget: use parameters, flops, layers or latency_ms", metric));
        if (reader.has("min")) {
            ARCHSCOPE_ASSIGN(budget.min, reader.number("min"));
        }
        if (reader.has("max")) {
            ARCHSCOPE_ASSIGN(budget.max, reader.number("max"));
        }
        if (!budget.min && !budget.max)
            return reader.fail("a constraint needs 'min' or 'max'");
        if (budget.min && budget.max && *budget.min > *budget.max)
            return reader.fail("the constraint cannot be fulfilled: its min is above its max");
        return Constraint{budget};
    }
    if (reader.has("shape")) {
        ARCHSCOPE_TRY(reader.expectOnly({"shape", "dimension", "min", "max"}));
        ShapeBound bound;
        ARCHSCOPE_ASSIGN(bound.path, reader.string("shape"));
        ARCHSCOPE_ASSIGN(const std::int64_t dimension, reader.integerOr("dimension", 0));
        if (dimension < 0 || dimension > 7)
            return reader.fail("a shape's dimension is a number from 0 to 7");
        bound.dimension = static_cast<int>(dimension);
        ARCHSCOPE_TRY(readBounds(reader, bound.min, bound.max));
        return Constraint{std::move(bound)};
    }
    return reader.fail("a constraint has one of forbid, count, budget, shape");
}

bool matchesKey(std::string_view pattern, std::string_view key, std::vector<std::string>* stars)
{
    // A star stands for one or more characters other than '/': the pattern is walked component by component.
    std::vector<std::string> found;
    const auto match = [&](auto&& self, std::string_view p, std::string_view k) -> bool {
        while (!p.empty() && p.front() != '*') {
            if (k.empty() || p.front() != k.front())
                return false;
            p.remove_prefix(1);
            k.remove_prefix(1);
        }
        if (p.empty())
            return k.empty();
        for (std::size_t length = 1; length <= k.size() && k[length - 1] != '/'; ++length) {
            found.emplace_back(k.substr(0, length));
            if (self(self, p.substr(1), k.substr(length)))
                return true;
            found.pop_back();
        }
        return false;
    };
    if (std::count(pattern.begin(), pattern.end(), '*') > 4 || !match(match, pattern, key))
        return false;
    if (stars)
        *stars = std::move(found);
    return true;
}

std::string filledKey(std::string_view pattern, const std::vector<std::string>& stars)
{
    std::string key;
    std::size_t next = 0;
    for (const char c : pattern) {
        if (c == '*' && next < stars.size())
            key += stars[next++];
        else
            key += c;
    }
    return key;
}

} // namespace archscope::space
