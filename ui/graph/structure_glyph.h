// The small signs of what structures a space: a choice, a selection of inputs, an order, a repeat, … Painted, so that they
// are crisp at any scale and have the colour of the text beside them.
#pragma once

#include "core/space/search_space.h"

#include <QColor>
#include <QIcon>
#include <QPainter>

namespace archscope::ui {

enum class Glyph { None, Choice, Selection, Order, Repeat, Block, Link, Recurrent, Input, EdgeChoice };

Glyph glyphOf(const space::Node& node); ///< None: operations and the output
void paintGlyph(QPainter& painter, Glyph glyph, const QRectF& rect, const QColor& colour);
QIcon glyphIcon(Glyph glyph);

} // namespace archscope::ui
