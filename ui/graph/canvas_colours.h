// The colours that the canvases draw with, from the theme, or the light ones where a program has no theme.
#pragma once

#include "ui/theme/theme.h"

#include <QColor>
#include <QIcon>
#include <QPixmap>
#include <QRectF>
#include <QString>
#include <functional>

class QPainter;

namespace archscope::ui {

const ThemeColours& canvasColours();
bool canvasIsDark();
/// While one lives the canvases draw with the light colours, whatever the theme: for paper. On the GUI thread only.
class LightCanvasColours {
public:
    LightCanvasColours();
    ~LightCanvasColours();
    LightCanvasColours(const LightCanvasColours&) = delete;
    LightCanvasColours& operator=(const LightCanvasColours&) = delete;
};
QColor canvasCategory(const QString& category);
/// The text on every category's colour.
QColor categoryInk();
/// Black or white, whichever reads better on the colour.
QColor inkOn(const QColor& colour);
/// A theme icon, or none where a program has no theme.
QIcon canvasIcon(const QString& name);
/// A small icon for lists, drawn by `paint` into the given rectangle, crisp up to 300 %.
QIcon paintedIcon(const std::function<void(QPainter&, const QRectF&)>& paint);
/// The coloured square that stands for a category in lists.
QIcon categoryChip(const QString& category);

} // namespace archscope::ui
