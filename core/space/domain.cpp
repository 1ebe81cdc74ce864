#include "core/space/domain.h"

#include "core/base/text.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <fmt/format.h>
#include <functional>

namespace archscope::space {

namespace {
constexpr std::int64_t maxValues = 1'000'000;
constexpr std::int64_t maxSubsets = 100'000;
constexpr std::size_t maxMembers = 60;
constexpr std::size_t maxPermuted = 9;

/// n over k; nothing above `maxSubsets`.
std::optional<std::int64_t> combinations(std::int64_t n, std::int64_t k)
{
    std::int64_t result = 1;
    for (std::int64_t i = 1; i <= std::min(k, n - k); ++i) {
        result = result * (n - i + 1) / i;
        if (result > maxSubsets)
            return {};
    }
    return k > n ? 0 : result;
}

/// Number of subsets; nothing above `maxSubsets`.
std::optional<std::int64_t> subsets(std::int64_t n, int low, int high)
{
    std::int64_t total = 0;
    for (int k = low; k <= high; ++k) {
        const auto some = combinations(n, k);
        if (!some || (total += *some) > maxSubsets)
            return {};
    }
    return total;
}

std::string memberText(const std::vector<Literal>& values, const std::vector<int>& chosen, char separator)
{
    std::string text;
    for (const int member : chosen)
        text += (text.empty() ? std::string() : std::string(1, separator)) + std::get<std::string>(values[static_cast<std::size_t>(member)]);
    return text;
}

/// Exponents of an integer domain low·2ⁱ ≤ high.
std::int64_t doublings(std::int64_t low, std::int64_t high)
{
    std::int64_t count = 0;
    for (std::int64_t value = low; value <= high; ++count) {
        if (value > high / 2)
            return count + 1;
        value *= 2;
    }
    return count;
}
} // namespace

std::string literalText(const Literal& value)
{
    if (const auto* flag = std::get_if<bool>(&value))
        return *flag ? "true" : "false";
    if (const auto* whole = std::get_if<std::int64_t>(&value))
        return std::to_string(*whole);
    if (const auto* real = std::get_if<double>(&value))
        return fmt::format("{:.4g}", *real);
    return std::get<std::string>(value);
}

Json literalToJson(const Literal& value)
{
    return std::visit([](const auto& v) { return Json(v); }, value);
}

Result<Literal> literalFromJson(const JsonReader& reader)
{
    const Json& value = reader.value();
    if (value.is_boolean())
        return Literal{value.get<bool>()};
    if (value.is_number_integer()) {
        ARCHSCOPE_ASSIGN(const std::int64_t whole, reader.integer());
        return Literal{whole};
    }
    if (value.is_number()) {
        ARCHSCOPE_ASSIGN(const double number, reader.number());
        return Literal{number};
    }
    if (value.is_string())
        return Literal{value.get<std::string>()};
    return reader.fail(fmt::format("expected a number, text, true or false, found {}", value.type_name()));
}

Domain Domain::integers(std::int64_t low, std::int64_t high, std::int64_t step)
{
    Domain d;
    d.kind = Kind::Integer;
    d.low = low;
    d.high = high;
    d.step = step;
    return d;
}

Domain Domain::powersOfTwo(std::int64_t low, std::int64_t high)
{
    Domain d = integers(low, high);
    d.log = true;
    return d;
}

Domain Domain::reals(double low, double high, bool log)
{
    Domain d;
    d.kind = Kind::Real;
    d.realLow = low;
    d.realHigh = high;
    d.log = log;
    return d;
}

Domain Domain::categories(std::vector<Literal> values)
{
    Domain d;
    d.kind = Kind::Categorical;
    d.values = std::move(values);
    return d;
}

Domain Domain::subset(std::vector<std::string> members, int pickLow, int pickHigh)
{
    Domain d;
    d.kind = Kind::Subset;
    d.values.assign(members.begin(), members.end());
    d.pickLow = pickLow;
    d.pickHigh = pickHigh;
    return d;
}

Domain Domain::permutation(std::vector<std::string> members)
{
    Domain d;
    d.kind = Kind::Permutation;
    d.values.assign(members.begin(), members.end());
    return d;
}

std::optional<std::string> Domain::problem() const
{
    if (!weights.empty()) {
        const auto count = kind == Kind::Subset || kind == Kind::Permutation ? std::nullopt : size();
        if (!count || static_cast<std::int64_t>(weights.size()) != *count)
            return fmt::format("the prior has {} weights, the domain has {} values", weights.size(), count ? groupDigits(*count) : "no countable");
        double sum = 0;
        for (const double weight : weights) {
            if (!(weight >= 0) || !std::isfinite(weight))
                return fmt::format("a weight of a prior must be a number from 0 up, one is {}", weight);
            sum += weight;
        }
        if (!(sum > 0) || !std::isfinite(sum))
            return "a prior needs at least one weight above 0";
    }
    switch (kind) {
    case Kind::Integer:
        if (low > high)
            return fmt::format("the domain is empty: its lower bound {} is above its upper bound {}", low, high);
        if (step < 1)
            return fmt::format("the step of a whole-number domain must be at least 1, it is {}", step);
        if (log && low < 1)
            return fmt::format("a doubling domain must start at 1 or above, it starts at {}", low);
        if (low < -(std::int64_t{1} << 53) || high > (std::int64_t{1} << 53))
            return "the bounds of the domain are too large";
        if (!log && (high - low) / step + 1 > maxValues)
            return fmt::format("the domain has {} values, at most {} are allowed: use a larger step or a real domain",
                               groupDigits((high - low) / step + 1), groupDigits(maxValues));
        return {};
    case Kind::Real:
        if (!std::isfinite(realLow) || !std::isfinite(realHigh) || realLow > realHigh)
            return fmt::format("the domain is empty: its lower bound {} is above its upper bound {}", realLow, realHigh);
        if (log && realLow <= 0)
            return fmt::format("a logarithmic domain must lie above 0, it starts at {}", realLow);
        return {};
    case Kind::Categorical: {
        if (values.empty())
            return "the domain is empty: give it at least one value";
        if (static_cast<std::int64_t>(values.size()) > maxValues)
            return fmt::format("the domain has more than {} values", groupDigits(maxValues));
        std::vector<Literal> sorted = values;
        std::sort(sorted.begin(), sorted.end());
        if (const auto twin = std::adjacent_find(sorted.begin(), sorted.end()); twin != sorted.end())
            return fmt::format("the value {} stands twice in the domain", literalText(*twin));
        return {};
    }
    case Kind::Subset:
        if (pickLow < 0 || pickLow > pickHigh || pickHigh > static_cast<int>(values.size()))
            return fmt::format("{} to {} of {} cannot be picked", pickLow, pickHigh, values.size());
        if (values.size() > maxMembers || !subsets(static_cast<std::int64_t>(values.size()), pickLow, pickHigh))
            return fmt::format("picking {} to {} of {} has too many outcomes: at most {} are allowed", pickLow, pickHigh, values.size(),
                               groupDigits(maxSubsets));
        return {};
    case Kind::Permutation:
        if (values.empty())
            return "there is nothing to put in order: add at least one step";
        if (values.size() > maxPermuted)
            return fmt::format("{} steps have too many orders: at most {} steps can be permuted", values.size(), maxPermuted);
        return {};
    }
    return {};
}

std::optional<std::int64_t> Domain::size() const
{
    switch (kind) {
    case Kind::Integer:
        return log ? doublings(low, high) : (high - low) / step + 1;
    case Kind::Categorical:
        return static_cast<std::int64_t>(values.size());
    case Kind::Subset:
        return subsets(static_cast<std::int64_t>(values.size()), pickLow, pickHigh).value_or(0);
    case Kind::Permutation: {
        std::int64_t orders = 1;
        for (std::size_t i = 2; i <= std::min(values.size(), maxPermuted); ++i)
            orders *= static_cast<std::int64_t>(i);
        return orders;
    }
    case Kind::Real:
        break;
    }
    if (realLow == realHigh)
        return 1;
    return {};
}

Literal Domain::at(double answer) const
{
    assert(contains(answer));
    switch (kind) {
    case Kind::Integer:
        return log ? low << static_cast<int>(answer) : low + static_cast<std::int64_t>(answer) * step;
    case Kind::Categorical:
        return values[static_cast<std::size_t>(answer)];
    case Kind::Subset: {
        const std::uint64_t mask = members(answer);
        std::vector<int> chosen;
        for (int i = 0; i < static_cast<int>(values.size()); ++i) {
            if (mask >> i & 1)
                chosen.push_back(i);
        }
        return memberText(values, chosen, ',');
    }
    case Kind::Permutation:
        return memberText(values, order(answer), '>');
    case Kind::Real:
        break;
    }
    if (log)
        return std::clamp(realLow * std::exp(answer * std::log(realHigh / realLow)), realLow, realHigh);
    return realLow + answer * (realHigh - realLow);
}

namespace {
/// The members that a text names, by index; nothing when one is unknown.
std::optional<std::vector<int>> namedMembers(const Domain& domain, const std::string& text, char separator)
{
    std::vector<int> members;
    for (const std::string& name : text.empty() ? std::vector<std::string>{} : split(text, separator)) {
        const auto it = std::find(domain.values.begin(), domain.values.end(), Literal{name});
        if (it == domain.values.end())
            return {};
        members.push_back(static_cast<int>(it - domain.values.begin()));
    }
    return members;
}

/// The answer of a subset or a permutation whose members are written in that order; nothing when there is none.
std::optional<std::int64_t> rankOf(const Domain& domain, const std::string& text)
{
    const bool isSubset = domain.kind == Domain::Kind::Subset;
    const auto members = namedMembers(domain, text, isSubset ? ',' : '>');
    if (!members)
        return {};
    const auto n = static_cast<std::int64_t>(domain.values.size());
    std::int64_t rank = 0;
    if (isSubset) {
        // `members` of the header backwards: all smaller subsets, then those of the same size that come first.
        auto left = static_cast<std::int64_t>(members->size());
        if (left < domain.pickLow || left > domain.pickHigh || std::adjacent_find(members->begin(), members->end(), std::greater_equal{}) != members->end())
            return {};
        rank = domain.pickLow < left ? subsets(n, domain.pickLow, static_cast<int>(left) - 1).value_or(0) : 0;
        std::int64_t next = 0;
        for (const std::int64_t member : *members) {
            for (; next < member; ++next)
                rank += combinations(n - next - 1, left - 1).value_or(0);
            ++next;
            --left;
        }
        return rank;
    }
    if (static_cast<std::int64_t>(members->size()) != n)
        return {};
    for (auto it = members->begin(); it != members->end(); ++it) {
        if (std::find(members->begin(), it, *it) != it)
            return {};
        const auto smaller = std::count_if(it + 1, members->end(), [&](int other) { return other < *it; });
        rank = rank * (members->end() - it) + smaller;
    }
    return rank;
}
} // namespace

Result<double> Domain::answerFor(const Literal& value) const
{
    const auto outside = [&] {
        return fail(ErrorCode::InvalidInput, fmt::format("{} is not one of {}", literalText(value), text()));
    };
    if (kind == Kind::Categorical) {
        const auto it = std::find(values.begin(), values.end(), value);
        if (it == values.end())
            return outside();
        return static_cast<double>(it - values.begin());
    }
    if (kind == Kind::Subset || kind == Kind::Permutation) {
        const auto* names = std::get_if<std::string>(&value);
        const auto answer = names ? rankOf(*this, *names) : std::nullopt;
        return answer ? Result<double>(static_cast<double>(*answer)) : outside();
    }
    if (kind == Kind::Integer) {
        const auto* whole = std::get_if<std::int64_t>(&value);
        if (!whole || *whole < low || *whole > high)
            return outside();
        if (!log)
            return (*whole - low) % step == 0 ? Result<double>(static_cast<double>((*whole - low) / step)) : outside();
        std::int64_t index = 0;
        for (std::int64_t v = low; v <= *whole; v *= 2, ++index) {
            if (v == *whole)
                return static_cast<double>(index);
        }
        return outside();
    }
    double number = 0;
    if (const auto* whole = std::get_if<std::int64_t>(&value))
        number = static_cast<double>(*whole);
    else if (const auto* real = std::get_if<double>(&value))
        number = *real;
    else
        return outside();
    if (!(number >= realLow && number <= realHigh))
        return outside();
    if (realLow == realHigh)
        return 0.0;
    const double position = log ? std::log(number / realLow) / std::log(realHigh / realLow)
                                : (number - realLow) / (realHigh - realLow);
    return std::clamp(position, 0.0, 1.0);
}

bool Domain::contains(double answer) const
{
    if (const auto count = size())
        return answer >= 0 && answer < static_cast<double>(*count) && answer == std::floor(answer);
    return answer >= 0 && answer <= 1;
}

double Domain::sample(Rng& rng) const
{
    if (!weights.empty()) {
        double sum = 0;
        for (const double weight : weights)
            sum += weight;
        double left = rng.uniform() * sum;
        std::size_t last = 0;
        for (std::size_t i = 0; i < weights.size(); ++i) {
            if (weights[i] <= 0)
                continue;
            last = i;
            left -= weights[i];
            if (left < 0)
                break;
        }
        return static_cast<double>(last);
    }
    if (const auto count = size())
        return static_cast<double>(rng.below(static_cast<std::uint64_t>(*count)));
    return rng.uniform();
}

std::uint64_t Domain::members(double answer) const
{
    assert(kind == Kind::Subset);
    auto rank = static_cast<std::int64_t>(answer);
    const auto n = static_cast<std::int64_t>(values.size());
    std::int64_t k = pickLow;
    for (; k < pickHigh; ++k) {
        const std::int64_t some = combinations(n, k).value_or(0);
        if (rank < some)
            break;
        rank -= some;
    }
    // The rank-th combination of k members in lexicographic order.
    std::uint64_t mask = 0;
    for (std::int64_t member = 0; member < n && k > 0; ++member) {
        const std::int64_t with = combinations(n - member - 1, k - 1).value_or(0);
        if (rank < with) {
            mask |= std::uint64_t{1} << member;
            --k;
        } else {
            rank -= with;
        }
    }
    return mask;
}

std::vector<int> Domain::order(double answer) const
{
    assert(kind == Kind::Permutation);
    auto rank = static_cast<std::int64_t>(answer);
    std::vector<int> left(values.size());
    for (std::size_t i = 0; i < left.size(); ++i)
        left[i] = static_cast<int>(i);
    std::int64_t orders = *size();
    std::vector<int> result;
    while (!left.empty()) {
        orders /= static_cast<std::int64_t>(left.size());
        const auto next = left.begin() + static_cast<std::ptrdiff_t>(rank / orders);
        rank %= orders;
        result.push_back(*next);
        left.erase(next);
    }
    return result;
}

std::string Domain::text() const
{
    switch (kind) {
    case Kind::Integer:
        if (log)
            return fmt::format("{} to {} doubling", low, high);
        return step == 1 ? fmt::format("{} to {}", low, high) : fmt::format("{} to {} step {}", low, high, step);
    case Kind::Real:
        return fmt::format("{} to {}{}", realLow, realHigh, log ? " (log)" : "");
    case Kind::Subset:
    case Kind::Permutation:
    case Kind::Categorical:
        break;
    }
    std::string out;
    if (kind == Kind::Permutation)
        out = "an order of ";
    if (kind == Kind::Subset)
        out = pickLow == pickHigh ? fmt::format("{} of ", pickLow) : fmt::format("{} to {} of ", pickLow, pickHigh);
    const std::size_t head = out.size();
    for (const Literal& value : values) {
        if (out.size() > head)
            out += ", ";
        out += literalText(value);
    }
    return out;
}

Json domainToJson(const Domain& domain)
{
    Json json;
    switch (domain.kind) {
    case Domain::Kind::Integer:
        json["int"] = {domain.low, domain.high};
        if (domain.step != 1)
            json["step"] = domain.step;
        if (domain.log)
            json["log"] = true;
        break;
    case Domain::Kind::Real:
        json["real"] = {domain.realLow, domain.realHigh};
        if (domain.log)
            json["log"] = true;
        break;
    case Domain::Kind::Categorical:
        json["values"] = Json::array();
        for (const Literal& value : domain.values)
            json["values"].push_back(literalToJson(value));
        break;
    case Domain::Kind::Subset:
    case Domain::Kind::Permutation:
        assert(false && "subsets and permutations have no JSON form");
        break;
    }
    if (!domain.weights.empty())
        json["weights"] = domain.weights;
    return json;
}

namespace {
Result<std::vector<double>> weightsFromJson(const JsonReader& reader)
{
    std::vector<double> weights;
    if (!reader.has("weights"))
        return weights;
    ARCHSCOPE_ASSIGN(const JsonReader list, reader.member("weights"));
    ARCHSCOPE_TRY(list.expectArray());
    for (std::size_t i = 0; i < list.size(); ++i) {
        ARCHSCOPE_ASSIGN(const JsonReader element, list.element(i));
        ARCHSCOPE_ASSIGN(const double weight, element.number());
        weights.push_back(weight);
    }
    return weights;
}
} // namespace

Result<Domain> domainFromJson(const JsonReader& reader)
{
    ARCHSCOPE_TRY(reader.expectObject());
    Domain domain;
    if (reader.has("int") || reader.has("real")) {
        const bool whole = reader.has("int");
        ARCHSCOPE_TRY(whole ? reader.expectOnly({"int", "step", "log", "weights"}) : reader.expectOnly({"real", "log"}));
        ARCHSCOPE_ASSIGN(const JsonReader bounds, reader.member(whole ? "int" : "real"));
        ARCHSCOPE_TRY(bounds.expectArray());
        if (bounds.size() != 2)
            return bounds.fail("expected [lowest, highest]");
        ARCHSCOPE_ASSIGN(const JsonReader lowReader, bounds.element(0));
        ARCHSCOPE_ASSIGN(const JsonReader highReader, bounds.element(1));
        ARCHSCOPE_ASSIGN(domain.log, reader.booleanOr("log", false));
        if (whole) {
            domain.kind = Domain::Kind::Integer;
            ARCHSCOPE_ASSIGN(domain.low, lowReader.integer());
            ARCHSCOPE_ASSIGN(domain.high, highReader.integer());
            ARCHSCOPE_ASSIGN(domain.step, reader.integerOr("step", 1));
            ARCHSCOPE_ASSIGN(domain.weights, weightsFromJson(reader));
        } else {
            domain.kind = Domain::Kind::Real;
            ARCHSCOPE_ASSIGN(domain.realLow, lowReader.number());
            ARCHSCOPE_ASSIGN(domain.realHigh, highReader.number());
        }
        return domain;
    }
    ARCHSCOPE_TRY(reader.expectOnly({"values", "weights"}));
    ARCHSCOPE_ASSIGN(domain.weights, weightsFromJson(reader));
    ARCHSCOPE_ASSIGN(const JsonReader values, reader.member("values"));
    ARCHSCOPE_TRY(values.expectArray());
    domain.kind = Domain::Kind::Categorical;
    for (std::size_t i = 0; i < values.size(); ++i) {
        ARCHSCOPE_ASSIGN(const JsonReader element, values.element(i));
        ARCHSCOPE_ASSIGN(Literal value, literalFromJson(element));
        domain.values.push_back(std::move(value));
    }
    return domain;
}

} // namespace archscope::space
