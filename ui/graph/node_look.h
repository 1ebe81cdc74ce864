// What a node of a space shows, measured: the text, rows and ports of its box. Pure; the item paints it.
#pragma once

#include "core/space/operation_traits.h"
#include "core/space/search_space.h"

#include <QFont>
#include <QSizeF>
#include <QString>
#include <vector>

namespace archscope::ui {

struct NodeLook {
    enum class Shape { Terminal, Box, Stack }; ///< pill, box, box with copies behind it (a repeat)

    struct Row {
        QString label;
        QString value;
        bool isDecision = false;
        QString category; ///< of an alternative: its colour chip
        space::NodeId alternative; ///< invalid for parameters
        bool opens = false; ///< the alternative has an inside
        bool operator==(const Row&) const = default;
    };

    Shape shape = Shape::Box;
    QString title;
    QString name; ///< empty where it says nothing new
    QString category;
    QString note; ///< one muted line: fixed values, or what is inside
    std::vector<Row> rows;
    bool optional = false;
    bool opens = false; ///< has an inside: double click
    int inputs = 1; ///< ports to draw
    bool openInput = false; ///< the last of them stands for "one more"
    bool output = true;
    QString tooltip;
    QSizeF size;

    bool operator==(const NodeLook&) const = default;
};

namespace node_metrics {
inline constexpr double headerHeight = 28;
inline constexpr double rowHeight = 20;
inline constexpr double padding = 10;
inline constexpr double radius = 7;
inline constexpr double portRadius = 4.5;
inline constexpr double stackOffset = 4;
} // namespace node_metrics

/// `connected`: ports in use, for nodes that take any number of inputs.
NodeLook lookOf(const space::Node& node, int connected, const space::OperationSet& operations, const QFont& font);
/// The font of titles on nodes.
QFont titleFont(const QFont& font);
/// The font of notes and labels.
QFont smallFont(const QFont& font);

} // namespace archscope::ui
