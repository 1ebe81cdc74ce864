#include "ui/graph/node_look.h"

#include "ui/commands/space_edits.h"
#include "ui/graph/space_text.h"

#include <QCoreApplication>
#include <QFontMetricsF>
#include <QStringList>
#include <algorithm>
#include <cmath>

namespace archscope::ui {

using namespace space;

namespace {

struct Text {
    Q_DECLARE_TR_FUNCTIONS(NodeLook)
};

void describeOperation(NodeLook& look, const Operation& operation, const OperationSet& operations)
{
    QStringList fixed;
    const auto add = [&](const std::string& name, const ParameterValue& value) {
        const QString label = QString::fromStdString(name);
        if (isOpen(value))
            look.rows.push_back({ label, valueText(value), true, {}, {}, false });
        else
            fixed << QStringLiteral("%1 %2").arg(label, valueText(value));
    };
    const OperationTraits* traits = operations.find(operation.type);
    if (traits) {
        for (const ParameterDescriptor& descriptor : traits->descriptor().parameters)
            if (const auto found = operation.parameters.find(descriptor.name); found != operation.parameters.end())
                add(found->first, found->second);
        look.tooltip = QString::fromStdString(traits->descriptor().help);
    } else {
        for (const auto& [name, value] : operation.parameters)
            add(name, value);
        look.tooltip = Text::tr("An operation that this version does not know.");
    }
    look.note = fixed.join(QStringLiteral(", "));
}

void describe(NodeLook& look, const Node& node, const OperationSet& operations)
{
    if (const auto* operation = std::get_if<Operation>(&node.body)) {
        describeOperation(look, *operation, operations);
    } else if (const auto* choice = std::get_if<Choice>(&node.body)) {
        look.tooltip = Text::tr("The search picks one of these.");
        for (const Node& alternative : choice->alternatives) {
            NodeLook::Row row;
            row.label = nodeTitle(alternative, operations);
            if (const auto* inner = std::get_if<Operation>(&alternative.body))
                row.value = parameterSummary(*inner, operations);
            row.category = nodeCategory(alternative, operations);
            row.alternative = alternative.id;
            row.opens = std::holds_alternative<Repeat>(alternative.body) || std::holds_alternative<Nested>(alternative.body);
            if (row.opens)
                row.label = QString::fromStdString(alternative.name);
            look.rows.push_back(std::move(row));
        }
        if (choice->alternatives.empty())
            look.note = Text::tr("no alternatives yet");
    } else if (const auto* repeat = std::get_if<Repeat>(&node.body)) {
        look.shape = NodeLook::Shape::Stack;
        look.opens = true;
        look.note = blockSummary(repeat->body);
        look.rows.push_back(
            { Text::tr("rounds"), repeat->shared ? Text::tr("all alike") : Text::tr("each its own"), false, {}, {}, false });
        look.tooltip = Text::tr("Its body, several times in a row. Double-click to open it.");
    } else if (const auto* nested = std::get_if<Nested>(&node.body)) {
        look.opens = true;
        look.note = blockSummary(nested->body);
        look.tooltip = Text::tr("Double-click to open it.");
    } else {
        look.shape = NodeLook::Shape::Terminal;
        look.tooltip = std::holds_alternative<Input>(node.body) ? Text::tr("What comes into this block.")
                                                                : Text::tr("What this block gives.");
    }
}

void measure(NodeLook& look, const QFont& font)
{
    using namespace node_metrics;
    const QFontMetricsF title(titleFont(font));
    const QFontMetricsF body(font);
    const QFontMetricsF small(smallFont(font));
    double width = title.horizontalAdvance(look.title) + 2 * padding;
    if (look.shape == NodeLook::Shape::Terminal) {
        width = std::max(width + 16, 92.0);
    } else {
        if (!look.name.isEmpty())
            width += small.horizontalAdvance(look.name) + 16;
        if (look.optional)
            width += small.horizontalAdvance(Text::tr("optional")) + 18;
        if (look.opens)
            width += 16;
        width = std::max({ width, 140.0, small.horizontalAdvance(look.note) + 2 * padding });
        for (const NodeLook::Row& row : look.rows) {
            const double chip = row.category.isEmpty() ? 14.0 : 18.0;
            width = std::max(
                width, body.horizontalAdvance(row.label) + body.horizontalAdvance(row.value) + chip + 14 + 2 * padding);
        }
        width = std::min(width, 300.0);
    }
    constexpr double grid = 20; // so that ports of an even number of nodes stand on the grid
    width = std::ceil(width / grid) * grid;
    const bool hasBody = !look.note.isEmpty() || !look.rows.empty();
    const double lines = static_cast<double>(look.rows.size()) + (look.note.isEmpty() ? 0 : 1);
    look.size = { width, headerHeight + (hasBody ? lines * rowHeight + 8 : 0) };
}

} // namespace

QFont titleFont(const QFont& font)
{
    QFont bold = font;
    bold.setWeight(QFont::DemiBold);
    return bold;
}

QFont smallFont(const QFont& font)
{
    QFont small = font;
    small.setPointSizeF(font.pointSizeF() * 0.9);
    return small;
}

NodeLook lookOf(const Node& node, int connected, const OperationSet& operations, const QFont& font)
{
    NodeLook look;
    look.title = nodeTitle(node, operations);
    look.category = nodeCategory(node, operations);
    look.optional = node.optional;
    describe(look, node, operations);
    const auto* operation = std::get_if<Operation>(&node.body);
    if (look.shape != NodeLook::Shape::Terminal && !(operation && operation->type == node.name))
        look.name = QString::fromStdString(node.name);
    const InputBounds bounds = inputBounds(node, operations);
    look.openInput = bounds.isOpen();
    look.inputs = bounds.isOpen() ? connected + 1 : bounds.most;
    look.output = hasOutput(node);
    measure(look, font);
    return look;
}

} // namespace archscope::ui
