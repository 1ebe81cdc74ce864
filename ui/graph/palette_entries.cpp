#include "ui/graph/palette_entries.h"

#include "ui/commands/space_edits.h"

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
    case Kind::Repeat:
        return QStringLiteral("structure:repeat");
    case Kind::NestedBlock:
        return QStringLiteral("structure:block");
    }
    Q_UNREACHABLE();
}

std::vector<PaletteEntry> paletteEntries(const space::OperationSet& operations)
{
    const QString structure = QStringLiteral("Structure");
    std::vector<PaletteEntry> entries{
        { PaletteEntry::Kind::Choice, {}, Text::tr("Choice"), structure,
            Text::tr("One of several alternatives: a decision that the search answers.") },
        { PaletteEntry::Kind::Repeat, {}, Text::tr("Repeat"), structure,
            Text::tr("A block several times in a row; the search may decide how many times.") },
        { PaletteEntry::Kind::NestedBlock, {}, Text::tr("Nested block"), structure,
            Text::tr("A part of the network with an inside of its own: double-click to open it.") },
    };
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

std::optional<PaletteEntry> paletteEntry(const space::OperationSet& operations, const QString& key)
{
    for (PaletteEntry& entry : paletteEntries(operations))
        if (entry.key() == key)
            return std::move(entry);
    return std::nullopt;
}

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
    case PaletteEntry::Kind::Choice: {
        space::Choice choice;
        if (operations.find("identity"))
            choice.alternatives.push_back(makeNode(space::NodeId(next++), "identity", space::Operation{ "identity", {} }));
        node.name = "choice";
        node.body = std::move(choice);
        break;
    }
    case PaletteEntry::Kind::Repeat:
        node.name = "repeat";
        node.body = space::Repeat{ space::Domain::integers(1, 3), false, wireBlock(next) };
        break;
    case PaletteEntry::Kind::NestedBlock:
        node.name = "block";
        node.body = space::Nested{ wireBlock(next) };
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
