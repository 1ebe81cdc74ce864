#include "ui/graph/canvas_colours.h"

#include "core/layout/network_picture.h"
#include "ui/theme/palettes.h"

#include <QPainter>

namespace archscope::ui {

namespace {
int lightScopes = 0;
}

LightCanvasColours::LightCanvasColours()
{
    ++lightScopes;
}

LightCanvasColours::~LightCanvasColours()
{
    --lightScopes;
}

const ThemeColours& canvasColours()
{
    static const ThemeColours light = themeColours(Background::Light);
    const Theme* theme = lightScopes > 0 ? nullptr : Theme::instance();
    return theme ? theme->colours() : light;
}

bool canvasIsDark()
{
    return lightScopes == 0 && Theme::instance() && Theme::instance()->isDark();
}

QColor canvasCategory(const QString& category)
{
    return QColor(QString::fromStdString(layout::categoryColour(category.toStdString(), canvasIsDark())));
}

QColor categoryInk()
{
    return QColor(QString::fromStdString(layout::pictureTextColour(canvasIsDark())));
}

QColor inkOn(const QColor& colour)
{
    const QColor dark(20, 22, 26);
    return contrastRatio(Qt::white, colour) >= contrastRatio(dark, colour) ? QColor(Qt::white) : dark;
}

QIcon canvasIcon(const QString& name)
{
    const Theme* theme = Theme::instance();
    return theme ? theme->icon(name) : QIcon();
}

QIcon paintedIcon(const std::function<void(QPainter&, const QRectF&)>& paint)
{
    constexpr int size = 14;
    constexpr int scale = 3; // crisp up to 300 %
    QPixmap pixmap(size * scale, size * scale);
    pixmap.setDevicePixelRatio(scale);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    paint(painter, QRectF(0, 0, size, size));
    return QIcon(pixmap);
}

QIcon categoryChip(const QString& category)
{
    return paintedIcon([&](QPainter& painter, const QRectF& rect) {
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(canvasCategory(category));
        painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), 3, 3);
    });
}

} // namespace archscope::ui
