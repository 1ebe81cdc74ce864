// What can be put on the canvas: the catalog's operations and the elements that structure a space. One list for the palette
// and the quick-add popup.
#pragma once

#include "core/space/operation_traits.h"
#include "core/space/search_space.h"

#include <QString>
#include <optional>
#include <vector>

namespace archscope::ui {

struct PaletteEntry {
    enum class Kind { Operation, Choice, Repeat, NestedBlock };
    Kind kind = Kind::Operation;
    QString operation; ///< name in the catalog; empty for the structural ones
    QString title;
    QString category;
    QString help;

    /// "operation:conv", "structure:repeat": what is dragged.
    QString key() const;
    bool operator==(const PaletteEntry& other) const { return key() == other.key(); }
};

inline constexpr char paletteMimeType[] = "application/x-archscope-palette-entry";

/// Structural ones first, then the operations in the catalog's order; `input` and `output` are not among them.
std::vector<PaletteEntry> paletteEntries(const space::OperationSet& operations);
/// The entry with that key; nothing when there is none.
std::optional<PaletteEntry> paletteEntry(const space::OperationSet& operations, const QString& key);

/// A new node for that entry, with ids of its own from 0 on; nothing when there is no such entry.
std::optional<space::Node> nodeFor(const space::OperationSet& operations, const QString& key);

/// 0: no match; larger is better. Matches the beginnings of words and of the name first, then anywhere, help last.
int matchScore(const PaletteEntry& entry, const QString& words);

} // namespace archscope::ui
