#include "ui/theme/symbols.h"

#include <cmath>
#include <numbers>

namespace archscope::ui {

QPainterPath starPath(double radius)
{
    QPainterPath path;
    for (int corner = 0; corner < 10; ++corner) {
        const double angle = corner * std::numbers::pi / 5 - std::numbers::pi / 2;
        const QPointF point = (corner % 2 ? 0.45 : 1.0) * radius * QPointF(std::cos(angle), std::sin(angle));
        if (corner == 0)
            path.moveTo(point);
        else
            path.lineTo(point);
    }
    path.closeSubpath();
    return path;
}

} // namespace archscope::ui
