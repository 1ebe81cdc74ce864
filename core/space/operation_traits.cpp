#include "core/space/operation_traits.h"

#include "core/base/text.h"

#include <cassert>
#include <cmath>
#include <fmt/format.h>

namespace archscope::space {

std::string shapeText(const Shape& shape)
{
    std::string text;
    for (const std::int64_t size : shape) {
        if (!text.empty())
            text += "×";
        text += std::to_string(size);
    }
    return text.empty() ? "scalar" : text;
}

ParameterDescriptor ParameterDescriptor::integer(std::string name, std::int64_t fallback, std::int64_t low, std::int64_t high,
                                                 std::string help, std::string unit)
{
    ParameterDescriptor d;
    d.name = std::move(name);
    d.type = Type::Integer;
    d.fallback = fallback;
    d.low = static_cast<double>(low);
    d.high = static_cast<double>(high);
    d.unit = std::move(unit);
    d.help = std::move(help);
    return d;
}

ParameterDescriptor ParameterDescriptor::real(std::string name, double fallback, double low, double high, std::string help,
                                              std::string unit)
{
    ParameterDescriptor d;
    d.name = std::move(name);
    d.type = Type::Real;
    d.fallback = fallback;
    d.low = low;
    d.high = high;
    d.unit = std::move(unit);
    d.help = std::move(help);
    return d;
}

ParameterDescriptor ParameterDescriptor::boolean(std::string name, bool fallback, std::string help)
{
    ParameterDescriptor d;
    d.name = std::move(name);
    d.type = Type::Boolean;
    d.fallback = fallback;
    d.help = std::move(help);
    return d;
}

ParameterDescriptor ParameterDescriptor::enumeration(std::string name, std::string fallback, std::vector<std::string> options,
                                                     std::string help)
{
    ParameterDescriptor d;
    d.name = std::move(name);
    d.type = Type::Enumeration;
    d.fallback = std::move(fallback);
    d.options = std::move(options);
    d.help = std::move(help);
    return d;
}

ParameterDescriptor ParameterDescriptor::text(std::string name, std::string fallback, std::string help)
{
    ParameterDescriptor d;
    d.name = std::move(name);
    d.type = Type::Text;
    d.fallback = std::move(fallback);
    d.help = std::move(help);
    return d;
}

std::optional<std::string> ParameterDescriptor::problem(const Literal& value) const
{
    switch (type) {
    case Type::Integer:
        if (const auto* number = std::get_if<std::int64_t>(&value)) {
            if (static_cast<double>(*number) < low || static_cast<double>(*number) > high)
                return fmt::format("'{}' is {}, it must be between {:.0f} and {:.0f}", name, *number, low, high);
            return {};
        }
        return fmt::format("'{}' must be a whole number between {:.0f} and {:.0f}, not {}", name, low, high, literalText(value));
    case Type::Real: {
        double number = 0;
        if (const auto* whole = std::get_if<std::int64_t>(&value))
            number = static_cast<double>(*whole);
        else if (const auto* real = std::get_if<double>(&value))
            number = *real;
        else
            return fmt::format("'{}' must be a number between {} and {}, not {}", name, low, high, literalText(value));
        if (!(number >= low && number <= high))
            return fmt::format("'{}' is {}, it must be between {} and {}", name, number, low, high);
        return {};
    }
    case Type::Boolean:
        if (!std::holds_alternative<bool>(value))
            return fmt::format("'{}' must be true or false, not {}", name, literalText(value));
        return {};
    case Type::Enumeration: {
        const auto* option = std::get_if<std::string>(&value);
        if (option && std::find(options.begin(), options.end(), *option) != options.end())
            return {};
        const std::string given = literalText(value);
        const std::string nearest = nearestName(given, options);
        return fmt::format("'{}' cannot be '{}'{}; it is one of {}", name, given,
                           nearest.empty() ? "" : fmt::format(", did you mean '{}'", nearest), joined(options, ", "));
    }
    case Type::Text:
        if (!std::holds_alternative<std::string>(value))
            return fmt::format("'{}' must be text", name);
        return {};
    }
    return {};
}

Result<Literal> ParameterDescriptor::parse(std::string_view text) const
{
    Literal value = std::string(text);
    const std::string_view body = trimmed(text);
    if (type == Type::Boolean) {
        if (body == "true" || body == "yes" || body == "1")
            value = true;
        else if (body == "false" || body == "no" || body == "0")
            value = false;
    } else if (type == Type::Integer || type == Type::Real) {
        std::int64_t whole = 0;
        double number = 0;
        if (parseInteger(body, whole))
            value = whole;
        else if (parseNumber(body, number)) {
            if (type == Type::Integer && std::floor(number) == number && std::abs(number) < 9e15)
                value = static_cast<std::int64_t>(number);
            else
                value = number;
        }
    } else if (type == Type::Enumeration) {
        value = std::string(body);
    }
    if (const auto what = problem(value))
        return fail(ErrorCode::InvalidArgument, *what);
    return value;
}

std::int64_t Parameters::integer(const std::string& name) const
{
    const auto it = m_values.find(name);
    assert(it != m_values.end());
    return std::get<std::int64_t>(it->second);
}

double Parameters::real(const std::string& name) const
{
    const auto it = m_values.find(name);
    assert(it != m_values.end());
    if (const auto* whole = std::get_if<std::int64_t>(&it->second))
        return static_cast<double>(*whole);
    return std::get<double>(it->second);
}

bool Parameters::boolean(const std::string& name) const
{
    const auto it = m_values.find(name);
    assert(it != m_values.end());
    return std::get<bool>(it->second);
}

const std::string& Parameters::text(const std::string& name) const
{
    const auto it = m_values.find(name);
    assert(it != m_values.end());
    return std::get<std::string>(it->second);
}

Result<Parameters> completed(std::span<const ParameterDescriptor> descriptors, const std::map<std::string, Literal>& given,
                             std::string_view owner)
{
    Parameters parameters;
    for (const ParameterDescriptor& d : descriptors)
        parameters.set(d.name, d.fallback);
    for (const auto& [name, value] : given) {
        const auto it = std::find_if(descriptors.begin(), descriptors.end(), [&](const auto& d) { return d.name == name; });
        if (it == descriptors.end()) {
            std::vector<std::string> names;
            for (const ParameterDescriptor& d : descriptors)
                names.push_back(d.name);
            return fail(ErrorCode::InvalidArgument, unknownName("setting", name, names), std::string(owner));
        }
        if (const auto what = it->problem(value))
            return fail(ErrorCode::InvalidArgument, *what, std::string(owner));
        parameters.set(name, value);
    }
    return parameters;
}

Literal asComputed(Literal value, std::span<const ParameterDescriptor> descriptors, std::string_view name)
{
    const auto* whole = std::get_if<std::int64_t>(&value);
    const auto it = std::find_if(descriptors.begin(), descriptors.end(), [&](const ParameterDescriptor& d) { return d.name == name; });
    if (whole && it != descriptors.end() && it->type == ParameterDescriptor::Type::Boolean)
        return *whole != 0;
    return value;
}

OperationSet::OperationSet(std::vector<const OperationTraits*> operations) : m_operations(std::move(operations))
{
    for (const OperationTraits* operation : m_operations) {
        const bool fresh = m_byName.emplace(operation->descriptor().name, operation).second;
        assert(fresh && "two operations of one name");
        static_cast<void>(fresh);
    }
}

const OperationTraits* OperationSet::find(std::string_view name) const
{
    const auto it = m_byName.find(name);
    return it == m_byName.end() ? nullptr : it->second;
}

std::vector<std::string> OperationSet::names() const
{
    std::vector<std::string> names;
    for (const OperationTraits* operation : m_operations)
        names.push_back(operation->descriptor().name);
    return names;
}

} // namespace archscope::space
