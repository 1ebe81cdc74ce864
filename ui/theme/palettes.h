// The colours of the light and the dark theme as plain values: what the theme applies and what tests measure.
#pragma once

#include "ui/theme/theme.h"

namespace archscope::ui {

enum class Background { Light, Dark };

ThemeColours themeColours(Background background);

/// Contrast ratio after WCAG 2: 1 to 21.
double contrastRatio(const QColor& first, const QColor& second);

/// The colour, moved towards black (on light) or white (on dark) until it has this contrast against `background`.
QColor readableOn(const QColor& colour, const QColor& background, double ratio);

/// The viridis colour map of Smith and van der Walt; position is clamped to [0, 1], NaN reads as 0.
QColor viridisColour(double position);

/// Okabe and Ito's colours for categories, safe for colour-blind eyes; index wraps.
QColor okabeItoColour(int index);

} // namespace archscope::ui
