// What a node of a space shows, measured: the text, rows and ports of its box. Pure; the item paints it.
#pragma once

#include "core/space/operation_traits.h"
#include "core/space/search_space.h"
#include "ui/graph/block_preview.h"
#include "ui/graph/structure_glyph.h"

#include <QFont>
#include <QSizeF>
#include <QString>
#include <memory>
#include <vector>

namespace archscope::ui {

struct NodeLook {
    enum class Shape { Terminal, Box, Stack, Label }; ///< pill, box, box with copies behind it (a repeat), label on an edge

    struct Row {
        QString label;
        QString value;
        bool isDecision = false;
        QString category; ///< of an alternative: its colour chip
        space::NodeId alternative; ///< invalid for parameters
        bool opens = false; ///< the alternative has an inside
        QString parameter; ///< that a double click edits; empty: none
        bool operator==(const Row&) const = default;
    };

    /// Words of the note that stand for a parameter.
    struct NotePart {
        QString text;
        QString parameter;
        bool operator==(const NotePart&) const = default;
    };

    Shape shape = Shape::Box;
    Glyph glyph = Glyph::None; ///< before the title
    QString title;
    QString name; ///< empty where it says nothing new
    QString category;
    QString note; ///< one muted line: fixed values, or what is inside
    std::vector<NotePart> noteParts; ///< in the note, with commas between them
    std::vector<Row> rows;
    bool optional = false;
    bool opens = false; ///< has an inside: double click
    int inputs = 1; ///< ports to draw; labels on edges show only those that lack a connection
    bool openInput = false; ///< the last of them stands for "one more"
    bool output = true;
    QString tooltip;
    QSizeF size;
    std::shared_ptr<const BlockPreview> inside; ///< expanded in place; null: collapsed
    QPointF insideAt; ///< its top left corner, from that of the box

    bool operator==(const NodeLook&) const = default;
};

namespace node_metrics {
inline constexpr double headerHeight = 28;
inline constexpr double rowHeight = 20;
inline constexpr double padding = 10;
inline constexpr double radius = 7;
inline constexpr double portRadius = 4.5;
inline constexpr double stackOffset = 4;
inline constexpr double labelHeight = 24;
inline constexpr int labelChips = 6; ///< alternatives that a label shows
} // namespace node_metrics

/// `connected`: ports in use, for nodes that take any number of inputs. `space`: knows how many a use of a definition takes.
NodeLook lookOf(const space::Node& node, int connected, const space::OperationSet& operations, const QFont& font,
    const space::SearchSpace* space = nullptr);
/// The same box with its inside showing below its lines.
NodeLook expanded(NodeLook look, std::shared_ptr<const BlockPreview> inside);
/// The font of titles on nodes.
QFont titleFont(const QFont& font);
/// The font of notes and labels.
QFont smallFont(const QFont& font);

} // namespace archscope::ui
