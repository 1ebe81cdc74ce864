// How wide text will be, without a font: for boxes that must hold it wherever they are drawn.
#pragma once

#include <string_view>

namespace archscope::layout {

enum class TextWeight { Regular, Bold };

/// An upper estimate for one line of UTF-8 text in a sans-serif font, in the unit of `fontSize`.
double textWidth(std::string_view utf8, double fontSize, TextWeight weight = TextWeight::Regular);

} // namespace archscope::layout
