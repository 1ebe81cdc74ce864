// What can be put on the canvas: the catalog's operations and the elements that structure a space. One list for the palette
// and the quick-add popup.
#pragma once

#include "core/space/operation_traits.h"
#include "core/space/search_space.h"

#include <QIcon>
#include <QString>
#include <optional>
#include <vector>

namespace archscope::ui {

struct PaletteEntry {
    enum class Kind { Operation, Choice, EdgeChoice, Selection, Order, Repeat, NestedBlock, Recurrent, Input, Use };
    Kind kind = Kind::Operation;
    QString operation; ///< name in the catalog, or of the definition that is used; empty for the structural ones
    QString title;
    QString category;
    QString help;

    /// "operation:conv", "structure:repeat", "use:cell": what is dragged.
    QString key() const;
    /// Its colour chip, or the sign of a structural one.
    QIcon icon() const;
    bool operator==(const PaletteEntry& other) const { return key() == other.key(); }
};

inline constexpr char paletteMimeType[] = "application/x-archscope-palette-entry";

/// The space's definitions first (where one is given), then the structural ones, then the operations in the catalog's order.
std::vector<PaletteEntry> paletteEntries(const space::OperationSet& operations, const space::SearchSpace* space = nullptr);
/// What can be an alternative of a choice, or a step of an order: single nodes, with one input for an order.
enum class PartOf { Choice, Order };
std::vector<PaletteEntry> partEntries(const space::OperationSet& operations, const space::SearchSpace& space, PartOf part);
/// The entry with that key; nothing when there is none. Any definition's use has one.
std::optional<PaletteEntry> paletteEntry(const space::OperationSet& operations, const QString& key);

/// A new node for that entry, with ids of its own from 0 on; nothing when there is no such entry.
std::optional<space::Node> nodeFor(const space::OperationSet& operations, const QString& key);

/// 0: no match; larger is better. Matches the beginnings of words and of the name first, then anywhere, help last.
int matchScore(const PaletteEntry& entry, const QString& words);

} // namespace archscope::ui
