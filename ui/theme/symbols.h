// Shapes that mean the same in every view.
#pragma once

#include <QPainterPath>

namespace archscope::ui {

/// A five-pointed star around the origin: the best trial.
QPainterPath starPath(double radius);

} // namespace archscope::ui
