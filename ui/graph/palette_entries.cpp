#include "ui/graph/palette_entries.h"

#include "ui/commands/space_edits.h"
#include "ui/graph/canvas_colours.h"
#include "ui/graph/structure_glyph.h"

#include <QCoreApplication>
#include <QStringList>
#include <algorithm>

namespace archscope::ui {

namespace {
struct Text {
    Q_DECLARE_TR_FUNCTIONS(PaletteEntries)
};
} // namespace

QString PaletteEntry::key() const
{
    switch (kind) {
    case Kind::Operation:
        return QStringLiteral("operation:") + operation;
    case Kind::Choice:
        return QStringLiteral("structure:choice");
    case Kind::EdgeChoice:
        return QStringLiteral("structure:edge-choice");
    case Kind::Selection:
        return QStringLiteral("structure:selection");
    case Kind::Order:
        return QStringLiteral("structure:order");
    case Kind::Repeat:
        return QStringLiteral("structure:repeat");
    case Kind::NestedBlock:
        return QStringLiteral("structure:block");
    case Kind::Recurrent:
        return QStringLiteral("structure:recurrent");
    case Kind::Input:
        return QStringLiteral("structure:input");
    case Kind::Use:
        return QStringLiteral("use:") + operation;
    }
    Q_UNREACHABLE();
}

QIcon PaletteEntry::icon() const
{
    switch (kind) {
    case Kind::Operation:
        return categoryChip(category);
    case Kind::Choice:
        return glyphIcon(Glyph::Choice);
    case Kind::EdgeChoice:
        return glyphIcon(Glyph::EdgeChoice);
    case Kind::Selection:
        return glyphIcon(Glyph::Selection);
    case Kind::Order:
        return glyphIcon(Glyph::Order);
    case Kind::Repeat:
        return glyphIcon(Glyph::Repeat);
    case Kind::NestedBlock:
        return glyphIcon(Glyph::Block);
    case Kind::Recurrent:
        return glyphIcon(Glyph::Recurrent);
    case Kind::Input:
        return glyphIcon(Glyph::Input);
    case Kind::Use:
        return glyphIcon(Glyph::Link);
    }
    Q_UNREACHABLE();
}

namespace {

PaletteEntry useEntry(const QString& definition)
{
    return { PaletteEntry::Kind::Use, definition, Text::tr("Use of %1").arg(definition), Text::tr("Reusable blocks"),
        Text::tr("Stands for the block that is drawn once as @%1.").arg(definition) };
}

} // namespace

std::vector<PaletteEntry> paletteEntries(const space::OperationSet& operations, const space::SearchSpace* space)
{
    const QString structure = QStringLiteral("Structure");
    std::vector<PaletteEntry> entries;
    if (space)
        for (const space::Definition& definition : space->definitions)
            entries.push_back(useEntry(QString::fromStdString(definition.name)));
    using Kind = PaletteEntry::Kind;
    for (PaletteEntry& entry : std::vector<PaletteEntry>{
             { Kind::Choice, {}, Text::tr("Choice"), structure,
                 Text::tr("One of several alternatives, or some of them: a decision that the search answers.") },
             { Kind::EdgeChoice, {}, Text::tr("Choice on an edge"), structure,
                 Text::tr(
                     "A choice drawn as a label on the edge it lies on, as in cells whose edges are operations. Dragging "
                     "from port to port with Alt held makes one, too.") },
             { Kind::Selection, {}, Text::tr("Selection of inputs"), structure,
                 Text::tr("The search picks some of the connected inputs and merges them.") },
             { Kind::Order, {}, Text::tr("Order"), structure,
                 Text::tr("Several steps one after the other; the search finds their order.") },
             { Kind::Repeat, {}, Text::tr("Repeat"), structure,
                 Text::tr("A block several times in a row; the search may decide how many times.") },
             { Kind::NestedBlock, {}, Text::tr("Nested block"), structure,
                 Text::tr("A part of the network with an inside of its own: double-click to open it.") },
             { Kind::Recurrent, {}, Text::tr("Recurrent cell"), structure,
                 Text::tr(
                     "A cell that is unrolled over time: its inside has a step's features and the state before, and gives "
                     "the next state.") },
             { Kind::Input, {}, Text::tr("Further input"), structure,
                 Text::tr("One more input of the block that is open: outside, the block gets one more port.") },
         })
        entries.push_back(std::move(entry));
    for (const space::OperationTraits* operation : operations.all()) {
        const space::OperationDescriptor& descriptor = operation->descriptor();
        if (descriptor.name == "input" || descriptor.name == "output")
            continue;
        entries.push_back({ PaletteEntry::Kind::Operation, QString::fromStdString(descriptor.name),
            QString::fromStdString(descriptor.title), QString::fromStdString(descriptor.category),
            QString::fromStdString(descriptor.help) });
    }
    return entries;
}

std::vector<PaletteEntry> partEntries(const space::OperationSet& operations, const space::SearchSpace& space, PartOf part)
{
    std::vector<PaletteEntry> entries = paletteEntries(operations, &space);
    std::erase_if(entries, [&](const PaletteEntry& entry) {
        if (entry.kind == PaletteEntry::Kind::Input || entry.kind == PaletteEntry::Kind::EdgeChoice
            || entry.kind == PaletteEntry::Kind::Selection)
            return true;
        if (part == PartOf::Choice || entry.kind != PaletteEntry::Kind::Operation)
            return false;
        const space::OperationDescriptor& descriptor = operations.find(entry.operation.toStdString())->descriptor();
        return descriptor.minInputs > 1 || descriptor.maxInputs < 1;
    });
    return entries;
}

std::optional<PaletteEntry> paletteEntry(const space::OperationSet& operations, const QString& key)
{
    if (const QString use = QStringLiteral("use:"); key.startsWith(use))
        return useEntry(key.mid(use.size()));
    for (PaletteEntry& entry : paletteEntries(operations))
        if (entry.key() == key)
            return std::move(entry);
    return std::nullopt;
}

namespace {

/// The operations among these that the catalog has, as nodes named after themselves.
std::vector<space::Node> parts(
    const space::OperationSet& operations, std::initializer_list<const char*> names, std::int64_t& next)
{
    std::vector<space::Node> nodes;
    for (const char* name : names)
        if (operations.find(name))
            nodes.push_back(makeNode(space::NodeId(next++), name, space::Operation{ name, {} }));
    return nodes;
}

/// The plainest cell: the next state is tanh(W [features, state]).
space::Recurrent plainCell(std::int64_t& next)
{
    space::Recurrent recurrent;
    const std::int64_t hidden = std::get<std::int64_t>(std::get<space::Literal>(recurrent.hidden));
    space::Block& body = recurrent.body;
    const auto add = [&](const char* name, space::NodeBody node) {
        body.nodes.push_back(makeNode(space::NodeId(next++), name, std::move(node)));
        return body.nodes.back().id;
    };
    const auto features = add("features", space::Input{});
    const auto state = add("state", space::Input{});
    const auto concat = add("concat", space::Operation{ "concat", {} });
    const auto linear = add("linear", space::Operation{ "linear", { { "features", space::Literal{ hidden } } } });
    const auto activation
        = add("activation", space::Operation{ "activation", { { "kind", space::Literal{ std::string("tanh") } } } });
    const auto output = add("output", space::Output{});
    body.edges = { { features, concat, 0 }, { state, concat, 1 }, { concat, linear, 0 }, { linear, activation, 0 },
        { activation, output, 0 } };
    return recurrent;
}

} // namespace

std::optional<space::Node> nodeFor(const space::OperationSet& operations, const QString& key)
{
    const std::optional<PaletteEntry> entry = paletteEntry(operations, key);
    if (!entry)
        return std::nullopt;
    space::Node node;
    node.id = space::NodeId(0);
    std::int64_t next = 1;
    switch (entry->kind) {
    case PaletteEntry::Kind::Operation:
        node.name = entry->operation.toStdString();
        node.body = space::Operation{ node.name, {} };
        break;
    case PaletteEntry::Kind::EdgeChoice:
        node.onEdge = true;
        [[fallthrough]];
    case PaletteEntry::Kind::Choice: {
        space::Choice choice;
        choice.alternatives = parts(operations, { "identity" }, next);
        node.name = node.onEdge ? "edge" : "choice";
        node.body = std::move(choice);
        break;
    }
    case PaletteEntry::Kind::Selection:
        node.name = "selection";
        node.body = space::Select{};
        break;
    case PaletteEntry::Kind::Order:
        node.name = "order";
        node.body = space::Order{ parts(operations, { "activation", "dropout" }, next) };
        break;
    case PaletteEntry::Kind::Repeat:
        node.name = "repeat";
        node.body = space::Repeat{ space::Domain::integers(1, 3), false, wireBlock(next) };
        break;
    case PaletteEntry::Kind::NestedBlock:
        node.name = "block";
        node.body = space::Nested{ wireBlock(next) };
        break;
    case PaletteEntry::Kind::Recurrent:
        node.name = "recurrent";
        node.body = plainCell(next);
        break;
    case PaletteEntry::Kind::Input:
        node.name = "input";
        node.body = space::Input{};
        break;
    case PaletteEntry::Kind::Use:
        node.name = entry->operation.toStdString();
        node.body = space::Use{ node.name, {} };
        break;
    }
    return node;
}

int matchScore(const PaletteEntry& entry, const QString& words)
{
    int score = 1;
    const QStringList titleWords = entry.title.split(QLatin1Char(' '));
    for (const QString& word : words.split(QLatin1Char(' '), Qt::SkipEmptyParts)) {
        const auto begins = [&word](const QString& text) { return text.startsWith(word, Qt::CaseInsensitive); };
        const auto contains = [&word](const QString& text) { return text.contains(word, Qt::CaseInsensitive); };
        if (begins(entry.title) || begins(entry.operation))
            score += entry.title.size() == word.size() || entry.operation.size() == word.size() ? 64 : 32;
        else if (std::ranges::any_of(titleWords, begins))
            score += 16;
        else if (contains(entry.title) || contains(entry.operation))
            score += 8;
        else if (contains(entry.category))
            score += 4;
        else if (contains(entry.help))
            score += 2;
        else
            return 0;
    }
    return score;
}

} // namespace archscope::ui
