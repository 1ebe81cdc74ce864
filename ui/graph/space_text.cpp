#include "ui/graph/space_text.h"

#include "core/base/text.h"

#include <QCoreApplication>
#include <QStringList>
#include <algorithm>

namespace archscope::ui {

using namespace space;

namespace {

struct Text {
    Q_DECLARE_TR_FUNCTIONS(SpaceText)
};

QString literal(const Literal& value)
{
    return QString::fromStdString(literalText(value));
}

QString domainText(const Domain& domain)
{
    const auto size = domain.size();
    if (!size)
        return QStringLiteral("%1…%2").arg(literal(domain.realLow), literal(domain.realHigh));
    constexpr std::int64_t listed = 5; // more values than these read better as a range
    if (domain.kind == Domain::Kind::Integer && *size > listed)
        return QStringLiteral("%1…%2").arg(domain.low).arg(literal(domain.at(static_cast<double>(*size - 1))));
    if (*size > listed) {
        const Literal first = domain.values.front();
        if (std::holds_alternative<std::string>(first))
            return Text::tr("%1 options").arg(*size);
        return QStringLiteral("%1…%2").arg(literal(first), literal(domain.values.back()));
    }
    QStringList values;
    for (std::int64_t i = 0; i < *size; ++i)
        values << literal(domain.at(static_cast<double>(i)));
    const QString text = values.join(QStringLiteral("·"));
    constexpr qsizetype longest = 24;
    return text.size() > longest ? Text::tr("%1 options").arg(*size) : text;
}

QString superscript(std::size_t number)
{
    static constexpr char16_t digits[] = u"⁰¹²³⁴⁵⁶⁷⁸⁹";
    QString text;
    for (const char digit : std::to_string(number))
        text += QChar(digits[digit - '0']);
    return text;
}

void countInside(const Block& block, int& nodes, int& decisions);

void countInside(const Node& node, int& nodes, int& decisions)
{
    decisions += node.optional ? 1 : 0;
    if (const auto* operation = std::get_if<Operation>(&node.body)) {
        decisions += static_cast<int>(
            std::ranges::count_if(operation->parameters, [](const auto& parameter) { return isOpen(parameter.second); }));
    } else if (const auto* parts = partsOf(node)) {
        decisions += parts->size() > 1 ? 1 : 0;
        int ignored = 0;
        for (const Node& part : *parts)
            countInside(part, ignored, decisions);
    } else if (std::holds_alternative<Select>(node.body)) {
        ++decisions;
    } else if (const Block* body = bodyOf(node)) {
        if (const auto* repeat = std::get_if<Repeat>(&node.body))
            decisions += isOpen(repeat->count) ? 1 : 0;
        if (const auto* recurrent = std::get_if<Recurrent>(&node.body))
            decisions += isOpen(recurrent->hidden) ? 1 : 0;
        countInside(*body, nodes, decisions);
    }
}

void countInside(const Block& block, int& nodes, int& decisions)
{
    decisions += static_cast<int>(std::ranges::count_if(block.variables, [](const Variable& v) { return isOpen(v.value); }));
    for (const Node& node : block.nodes) {
        nodes += std::holds_alternative<Input>(node.body) || std::holds_alternative<Output>(node.body) ? 0 : 1;
        countInside(node, nodes, decisions);
    }
}

} // namespace

QString pickText(int low, int high)
{
    return low == high ? QString::number(low) : QStringLiteral("%1…%2").arg(low).arg(high);
}

QString valueText(const ParameterValue& value)
{
    if (const auto* fixed = std::get_if<Literal>(&value))
        return literal(*fixed);
    if (const auto* domain = std::get_if<Domain>(&value))
        return domain->problem() ? Text::tr("empty") : domainText(*domain);
    return QString::fromStdString(std::get<Expression>(value).text);
}

bool isOpen(const ParameterValue& value)
{
    const auto* domain = std::get_if<Domain>(&value);
    return domain && (domain->problem() || domain->size().value_or(2) > 1);
}

QString nodeTitle(const Node& node, const OperationSet& operations)
{
    if (const auto* operation = std::get_if<Operation>(&node.body)) {
        const OperationTraits* traits = operations.find(operation->type);
        return QString::fromStdString(traits ? traits->descriptor().title : operation->type);
    }
    if (const auto* choice = std::get_if<Choice>(&node.body))
        return choice->pickLow == 1 && choice->pickHigh == 1
            ? Text::tr("One of %1").arg(choice->alternatives.size())
            : Text::tr("%1 of %2").arg(pickText(choice->pickLow, choice->pickHigh)).arg(choice->alternatives.size());
    if (const auto* select = std::get_if<Select>(&node.body))
        return select->pickLow == 1 && select->pickHigh == 1
            ? Text::tr("One input")
            : Text::tr("%1 inputs").arg(pickText(select->pickLow, select->pickHigh));
    if (const auto* order = std::get_if<Order>(&node.body))
        return Text::tr("Order of %1").arg(order->steps.size());
    if (const auto* repeat = std::get_if<Repeat>(&node.body))
        return Text::tr("Repeat ×%1").arg(valueText(repeat->count));
    if (const auto* use = std::get_if<Use>(&node.body))
        return Text::tr("@%1").arg(QString::fromStdString(use->definition));
    if (const auto* recurrent = std::get_if<Recurrent>(&node.body))
        return Text::tr("Recurrent %1").arg(valueText(recurrent->hidden));
    if (std::holds_alternative<Input>(node.body))
        return Text::tr("Input");
    if (std::holds_alternative<Output>(node.body))
        return Text::tr("Output");
    return Text::tr("Block");
}

QString nodeCategory(const Node& node, const OperationSet& operations)
{
    if (const auto* operation = std::get_if<Operation>(&node.body)) {
        const OperationTraits* traits = operations.find(operation->type);
        return traits ? QString::fromStdString(traits->descriptor().category) : QStringLiteral("Unknown");
    }
    if (std::holds_alternative<Input>(node.body) || std::holds_alternative<Output>(node.body))
        return QStringLiteral("Input/Output");
    return QStringLiteral("Structure");
}

QString parameterSummary(const Operation& operation, const OperationSet& operations)
{
    QStringList parts;
    const auto add = [&parts](const std::string& name, const ParameterValue& value) {
        parts << QStringLiteral("%1 %2").arg(QString::fromStdString(name), valueText(value));
    };
    const OperationTraits* traits = operations.find(operation.type);
    if (!traits) {
        for (const auto& [name, value] : operation.parameters)
            add(name, value);
        return parts.join(QStringLiteral(", "));
    }
    for (const ParameterDescriptor& descriptor : traits->descriptor().parameters)
        if (const auto found = operation.parameters.find(descriptor.name); found != operation.parameters.end())
            add(found->first, found->second);
    return parts.join(QStringLiteral(", "));
}

QString blockSummary(const Block& block)
{
    int nodes = 0;
    int decisions = 0;
    countInside(block, nodes, decisions);
    const QString nodeText = nodes == 1 ? Text::tr("1 node") : Text::tr("%1 nodes").arg(nodes);
    const QString decisionText = decisions == 1 ? Text::tr("1 decision") : Text::tr("%1 decisions").arg(decisions);
    return nodeText + QStringLiteral(", ") + decisionText;
}

QString countText(const std::string& decimal)
{
    constexpr std::size_t groupedDigits = 7;
    if (decimal.size() <= groupedDigits)
        return QString::fromStdString(groupDigits(decimal));
    // Two digits, the second rounded by the third.
    int mantissa = (decimal[0] - '0') * 10 + (decimal[1] - '0') + (decimal[2] >= '5' ? 1 : 0);
    std::size_t exponent = decimal.size() - 1;
    if (mantissa == 100) {
        mantissa = 10;
        ++exponent;
    }
    return QStringLiteral("%1.%2 × 10%3").arg(mantissa / 10).arg(mantissa % 10).arg(superscript(exponent));
}

QString rangeText(const network::CostRange& range)
{
    const QString low = QString::fromStdString(siNumber(static_cast<double>(range.low)));
    const QString high = QString::fromStdString(siNumber(static_cast<double>(range.high)));
    return low == high ? low : Text::tr("%1 to %2").arg(low, high);
}

QString rangeText(const network::LatencyRange& range)
{
    const auto number = [](double milliseconds) { return QString::number(milliseconds, 'g', 3); };
    const QString low = number(range.low);
    const QString high = number(range.high);
    return low == high ? Text::tr("%1 ms").arg(low) : Text::tr("%1 to %2 ms").arg(low, high);
}

} // namespace archscope::ui
