#include "ui/graph/parameter_text.h"

#include "core/base/text.h"

#include <QCoreApplication>
#include <QRegularExpression>
#include <QStringList>
#include <algorithm>

namespace archscope::ui {

using namespace space;
using Type = ParameterDescriptor::Type;

namespace {

struct Text {
    Q_DECLARE_TR_FUNCTIONS(ParameterText)
};

tl::unexpected<Error> problem(const QString& sentence)
{
    return fail(ErrorCode::InvalidArgument, sentence.toStdString());
}

Literal firstOf(const ParameterValue& value, const ParameterDescriptor& descriptor)
{
    if (const auto* literal = std::get_if<Literal>(&value))
        return *literal;
    if (const auto* domain = std::get_if<Domain>(&value); domain && !domain->problem())
        return domain->at(0);
    return descriptor.fallback;
}

double asNumber(const Literal& value)
{
    if (const auto* whole = std::get_if<std::int64_t>(&value))
        return static_cast<double>(*whole);
    const auto* real = std::get_if<double>(&value);
    return real ? *real : 0;
}

Result<ParameterValue> checkedDomain(Domain domain)
{
    if (const auto wrong = domain.problem())
        return fail(ErrorCode::InvalidArgument, *wrong);
    return ParameterValue{ std::move(domain) };
}

} // namespace

ValueMode modeOf(const ParameterValue& value)
{
    if (std::holds_alternative<Literal>(value))
        return ValueMode::Fixed;
    if (std::holds_alternative<Expression>(value))
        return ValueMode::Formula;
    return std::get<Domain>(value).kind == Domain::Kind::Categorical ? ValueMode::List : ValueMode::Range;
}

std::vector<ValueMode> modesFor(const ParameterDescriptor& descriptor)
{
    switch (descriptor.type) {
    case Type::Integer:
        return { ValueMode::Fixed, ValueMode::Range, ValueMode::List, ValueMode::Formula };
    case Type::Real:
        return { ValueMode::Fixed, ValueMode::Range, ValueMode::List, ValueMode::Formula };
    case Type::Boolean:
    case Type::Enumeration:
    case Type::Text:
        break;
    }
    return { ValueMode::Fixed, ValueMode::List, ValueMode::Formula };
}

ParameterValue converted(const ParameterValue& value, ValueMode mode, const ParameterDescriptor& descriptor,
    const std::vector<std::string>& variables)
{
    if (modeOf(value) == mode)
        return value;
    const Literal first = firstOf(value, descriptor);
    const auto* domain = std::get_if<Domain>(&value);
    switch (mode) {
    case ValueMode::Fixed:
        return first;
    case ValueMode::Range: {
        double low = asNumber(first);
        double high = low;
        if (domain && !domain->problem()) {
            for (std::int64_t i = 0; i < domain->size().value_or(0); ++i) {
                low = std::min(low, asNumber(domain->at(static_cast<double>(i))));
                high = std::max(high, asNumber(domain->at(static_cast<double>(i))));
            }
        } else {
            high = std::clamp(2 * low, descriptor.low, descriptor.high);
        }
        if (descriptor.type == Type::Real)
            return Domain::reals(low, high > low ? high : std::max(low, descriptor.high));
        return Domain::integers(static_cast<std::int64_t>(low), static_cast<std::int64_t>(high));
    }
    case ValueMode::List: {
        std::vector<Literal> values{ first };
        constexpr std::int64_t most = 64; // a longer list is no list that a person edits
        if (domain && !domain->problem() && domain->size() && *domain->size() <= most) {
            values.clear();
            for (std::int64_t i = 0; i < *domain->size(); ++i)
                values.push_back(domain->at(static_cast<double>(i)));
        }
        return Domain::categories(std::move(values));
    }
    case ValueMode::Formula:
        return Expression{ variables.empty() ? literalText(first) : variables.front() };
    }
    return value;
}

Result<ParameterValue> parseFixed(const QString& text, const ParameterDescriptor& descriptor)
{
    ARCHSCOPE_ASSIGN(Literal value, descriptor.parse(text.trimmed().toStdString()));
    return ParameterValue{ std::move(value) };
}

Result<ParameterValue> parseRange(
    const QString& low, const QString& high, const QString& step, const ParameterDescriptor& descriptor)
{
    ARCHSCOPE_ASSIGN(const Literal from, descriptor.parse(low.trimmed().toStdString()));
    ARCHSCOPE_ASSIGN(const Literal to, descriptor.parse(high.trimmed().toStdString()));
    if (asNumber(to) < asNumber(from))
        return problem(Text::tr("The range ends before it begins: %1 is less than %2.").arg(high.trimmed(), low.trimmed()));
    const QString stride = step.trimmed();
    if (descriptor.type == Type::Real) {
        const bool logarithmic = stride == QLatin1String("log");
        if (logarithmic && asNumber(from) <= 0)
            return problem(Text::tr("A logarithmic range begins above 0."));
        return checkedDomain(Domain::reals(asNumber(from), asNumber(to), logarithmic));
    }
    const auto lowest = std::get<std::int64_t>(from);
    const auto highest = std::get<std::int64_t>(to);
    if (stride == QStringLiteral("×2") || stride == QLatin1String("x2") || stride == QLatin1String("*2"))
        return checkedDomain(Domain::powersOfTwo(lowest, highest));
    std::int64_t by = 1;
    if (!stride.isEmpty() && (!parseInteger(stride.toStdString(), by) || by < 1))
        return problem(Text::tr("The step is a whole number from 1, or ×2 for doubling."));
    return checkedDomain(Domain::integers(lowest, highest, by));
}

Result<ParameterValue> parseList(const QString& text, const ParameterDescriptor& descriptor)
{
    const bool numbers = descriptor.type == Type::Integer || descriptor.type == Type::Real;
    static const QRegularExpression commas(QStringLiteral("[,;·]"));
    static const QRegularExpression commasOrSpaces(QStringLiteral("[,;·\\s]"));
    std::vector<Literal> values;
    for (const QString& part : text.split(numbers ? commasOrSpaces : commas, Qt::SkipEmptyParts)) {
        if (part.trimmed().isEmpty())
            continue;
        ARCHSCOPE_ASSIGN(Literal value, descriptor.parse(part.trimmed().toStdString()));
        values.push_back(std::move(value));
    }
    if (values.empty())
        return problem(Text::tr("The list is empty: write values with commas between them."));
    return checkedDomain(Domain::categories(std::move(values)));
}

Result<ParameterValue> parseFormula(const QString& text, const std::vector<std::string>& variables)
{
    const Expression expression{ text.trimmed().toStdString() };
    ARCHSCOPE_ASSIGN(const std::vector<std::string> used, variablesOf(expression));
    for (const std::string& name : used)
        if (std::ranges::find(variables, name) == variables.end())
            return problem(Text::tr("There is no variable %1 here; known: %2.")
                               .arg(QString::fromStdString(name), QString::fromStdString(joined(variables, ", "))));
    return ParameterValue{ expression };
}

QString listText(const Domain& domain)
{
    QStringList values;
    for (const Literal& value : domain.values)
        values << QString::fromStdString(literalText(value));
    return values.join(QStringLiteral(", "));
}

QString stepText(const Domain& domain)
{
    if (domain.kind == Domain::Kind::Real)
        return domain.log ? QStringLiteral("log") : QString();
    return domain.log ? QStringLiteral("×2") : QString::number(domain.step);
}

ParameterDescriptor descriptorOf(const Variable& variable)
{
    constexpr std::int64_t widest = 1'000'000'000;
    const auto* domain = std::get_if<Domain>(&variable.value);
    Literal sample = std::int64_t{ 8 };
    if (const auto* literal = std::get_if<Literal>(&variable.value))
        sample = *literal;
    else if (domain && !domain->problem())
        sample = domain->at(0);
    if (const auto* flag = std::get_if<bool>(&sample))
        return ParameterDescriptor::boolean(variable.name, *flag, {});
    if (const auto* real = std::get_if<double>(&sample))
        return ParameterDescriptor::real(variable.name, *real, -1e9, 1e9, {});
    if (const auto* text = std::get_if<std::string>(&sample))
        return ParameterDescriptor::text(variable.name, *text, {});
    return ParameterDescriptor::integer(variable.name, std::get<std::int64_t>(sample), -widest, widest, {});
}

std::vector<std::string> variablesInScope(const SearchSpace& space, NodeId block)
{
    std::vector<std::string> names;
    for (NodeId at = block;; at = space.ownerOf(at)) {
        if (const Block* scope = space.findBlock(at))
            for (const Variable& variable : scope->variables)
                names.push_back(variable.name);
        if (const Node* owner = space.find(at); owner && std::holds_alternative<Repeat>(owner->body))
            names.emplace_back("round");
        if (!at.isValid())
            break;
    }
    names.emplace_back("classes");
    names.emplace_back("vocabulary");
    return names;
}

} // namespace archscope::ui
