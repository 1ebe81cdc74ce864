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
            look.rows.push_back({ label, valueText(value), true, {}, {}, false, label });
        else {
            fixed << QStringLiteral("%1 %2").arg(label, valueText(value));
            look.noteParts.push_back({ fixed.back(), label });
        }
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
    } else if (const auto* parts = partsOf(node)) {
        const bool ordered = std::holds_alternative<Order>(node.body);
        look.tooltip = ordered ? Text::tr("All of these, in an order that the search finds. Double-click one to edit it.")
                               : Text::tr("The search picks among these. Double-click one to edit it.");
        for (const Node& part : *parts) {
            NodeLook::Row row;
            row.label = nodeTitle(part, operations);
            if (const auto* inner = std::get_if<Operation>(&part.body); node.onEdge && inner && inner->type != part.name)
                row.label = QString::fromStdString(part.name); // edges are read by these names
            if (const auto* inner = std::get_if<Operation>(&part.body))
                row.value = parameterSummary(*inner, operations);
            row.category = nodeCategory(part, operations);
            row.alternative = part.id;
            row.opens = bodyOf(part) != nullptr;
            if (row.opens)
                row.label = QString::fromStdString(part.name);
            look.rows.push_back(std::move(row));
        }
        if (parts->empty())
            look.note = ordered ? Text::tr("no steps yet") : Text::tr("no alternatives yet");
        const auto* choice = std::get_if<Choice>(&node.body);
        if (choice && choice->pickHigh > 1)
            look.note = Text::tr("joined by %1").arg(QString::fromStdString(choice->merge));
    } else if (const auto* select = std::get_if<Select>(&node.body)) {
        look.tooltip = Text::tr("The search picks among its inputs.");
        if (select->pickHigh > 1)
            look.note = Text::tr("joined by %1").arg(QString::fromStdString(select->merge));
    } else if (const auto* use = std::get_if<Use>(&node.body)) {
        look.tooltip = Text::tr("The reusable block %1.").arg(QString::fromStdString(use->definition));
        for (const auto& [name, value] : use->arguments)
            look.rows.push_back({ QString::fromStdString(name), valueText(value), isOpen(value), {}, {}, false, {} });
    } else if (const auto* recurrent = std::get_if<Recurrent>(&node.body)) {
        look.opens = true;
        look.note = blockSummary(recurrent->body);
        look.rows.push_back({ Text::tr("gives"), recurrent->lastOnly ? Text::tr("the last state") : Text::tr("all states"),
            false, {}, {}, false, {} });
        look.tooltip = Text::tr("A cell unrolled over time. Double-click to open it.");
    } else if (const auto* repeat = std::get_if<Repeat>(&node.body)) {
        look.shape = NodeLook::Shape::Stack;
        look.opens = true;
        look.note = blockSummary(repeat->body);
        look.rows.push_back({ Text::tr("rounds"), repeat->shared ? Text::tr("all alike") : Text::tr("each its own"), false,
            {}, {}, false, QStringLiteral("count") });
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
    } else if (look.shape == NodeLook::Shape::Label) {
        constexpr double chip = 12;
        const auto chips = std::min<double>(labelChips, static_cast<double>(look.rows.size()));
        width = small.horizontalAdvance(look.title) + 2 * padding + (look.rows.empty() ? chip + 4 : chips * chip + 4);
        look.size = { std::ceil(width / 2) * 2, labelHeight };
        return;
    } else {
        if (!look.name.isEmpty())
            width += small.horizontalAdvance(look.name) + 16;
        if (look.optional)
            width += small.horizontalAdvance(Text::tr("optional")) + 18;
        if (look.opens)
            width += 16;
        if (look.glyph != Glyph::None)
            width += 20;
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

NodeLook expanded(NodeLook look, std::shared_ptr<const BlockPreview> inside)
{
    using namespace node_metrics;
    constexpr double grid = 20;
    const double width = std::max(look.size.width(), inside->size.width() + 2 * padding);
    look.size.setWidth(std::ceil(width / grid) * grid);
    look.insideAt = { (look.size.width() - inside->size.width()) / 2, look.size.height() + 4 };
    look.size.rheight() += inside->size.height() + 4 + padding;
    look.inside = std::move(inside);
    return look;
}

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

NodeLook lookOf(const Node& node, int connected, const OperationSet& operations, const QFont& font, const SearchSpace* space)
{
    NodeLook look;
    look.title = nodeTitle(node, operations);
    look.category = nodeCategory(node, operations);
    look.optional = node.optional;
    describe(look, node, operations);
    const auto* operation = std::get_if<Operation>(&node.body);
    if (look.shape != NodeLook::Shape::Terminal && !(operation && operation->type == node.name))
        look.name = QString::fromStdString(node.name);
    look.glyph = glyphOf(node);
    if (const auto* select = std::get_if<Select>(&node.body))
        look.title = Text::tr("%1 of %2 inputs").arg(pickText(select->pickLow, select->pickHigh)).arg(connected);
    if (node.onEdge && look.shape == NodeLook::Shape::Box) {
        look.shape = NodeLook::Shape::Label;
        if (const auto* choice = std::get_if<Choice>(&node.body))
            look.title
                = Text::tr("%1 of %2").arg(pickText(choice->pickLow, choice->pickHigh)).arg(choice->alternatives.size());
        look.inputs = connected > 0 ? 0 : 1;
        measure(look, font);
        return look;
    }
    const InputBounds bounds = inputBounds(node, operations, space);
    look.openInput = bounds.isOpen();
    look.inputs = bounds.isOpen() ? connected + 1 : bounds.most;
    look.output = hasOutput(node);
    measure(look, font);
    return look;
}

} // namespace archscope::ui
