#include "ui/theme/palettes.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace archscope::ui {

ThemeColours themeColours(Background background)
{
    ThemeColours c;
    if (background == Background::Light) {
        c.window = QColor(0xf3, 0xf4, 0xf6);
        c.surface = QColor(0xff, 0xff, 0xff);
        c.surfaceRaised = QColor(0xfa, 0xfb, 0xfc);
        c.border = QColor(0xcf, 0xd4, 0xda);
        c.text = QColor(0x1d, 0x22, 0x29);
        c.textMuted = QColor(0x57, 0x60, 0x6b);
        c.textDisabled = QColor(0x8a, 0x92, 0x9c);
        c.accent = QColor(0x0b, 0x63, 0xc4);
        c.accentText = QColor(0xff, 0xff, 0xff);
        c.best = QColor(0xc7, 0x4a, 0x00);
        c.error = QColor(0xb7, 0x1c, 0x1c);
        c.warning = QColor(0x8a, 0x5a, 0x00);
        c.success = QColor(0x1b, 0x70, 0x35);
        c.grid = QColor(0xe4, 0xe7, 0xeb);
    } else {
        c.window = QColor(0x1f, 0x22, 0x27);
        c.surface = QColor(0x18, 0x1a, 0x1f);
        c.surfaceRaised = QColor(0x28, 0x2c, 0x33);
        c.border = QColor(0x40, 0x46, 0x4f);
        c.text = QColor(0xe4, 0xe7, 0xeb);
        c.textMuted = QColor(0xa3, 0xab, 0xb6);
        c.textDisabled = QColor(0x6f, 0x77, 0x82);
        c.accent = QColor(0x6c, 0xb2, 0xff);
        c.accentText = QColor(0x0b, 0x17, 0x26);
        c.best = QColor(0xff, 0x8f, 0x4a);
        c.error = QColor(0xff, 0x85, 0x7a);
        c.warning = QColor(0xf0, 0xb9, 0x4d);
        c.success = QColor(0x6f, 0xcf, 0x8a);
        c.grid = QColor(0x2d, 0x31, 0x38);
    }
    // What is selected carries the accent everywhere: rows, nodes, points.
    c.selected = c.accent;
    return c;
}

double contrastRatio(const QColor& first, const QColor& second)
{
    const auto luminance = [](const QColor& colour) {
        const auto linear = [](double part) {
            return part <= 0.04045 ? part / 12.92 : std::pow((part + 0.055) / 1.055, 2.4);
        };
        return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF());
    };
    const auto [darker, lighter] = std::minmax({luminance(first), luminance(second)});
    return (lighter + 0.05) / (darker + 0.05);
}

QColor readableOn(const QColor& colour, const QColor& background, double ratio)
{
    const QColor end = contrastRatio(Qt::black, background) > contrastRatio(Qt::white, background) ? Qt::black : Qt::white;
    constexpr int steps = 50;
    for (int step = 0; step <= steps; ++step) {
        const double share = static_cast<double>(step) / steps;
        const auto mixed = [share](double from, double to) { return static_cast<float>(from + (to - from) * share); };
        const QColor candidate = QColor::fromRgbF(mixed(colour.redF(), end.redF()), mixed(colour.greenF(), end.greenF()),
                                                  mixed(colour.blueF(), end.blueF()));
        if (contrastRatio(candidate, background) >= ratio)
            return candidate;
    }
    return end;
}

QColor viridisColour(double position)
{
    static constexpr std::array<QRgb, 32> stops = {
        0x440154, 0x470d60, 0x48186a, 0x482374, 0x472d7b, 0x453781, 0x424086, 0x3e4989, 0x3b528b, 0x375b8d, 0x33638d,
        0x2f6b8e, 0x2c728e, 0x297a8e, 0x26828e, 0x23898e, 0x21918c, 0x1f988b, 0x1fa088, 0x22a785, 0x28ae80, 0x32b67a,
        0x3fbc73, 0x4ec36b, 0x5ec962, 0x70cf57, 0x84d44b, 0x98d83e, 0xaddc30, 0xc2df23, 0xd8e219, 0xfde725,
    };
    const double clamped = position > 0 ? std::min(position, 1.0) : 0.0; // NaN fails the comparison
    const double place = clamped * (stops.size() - 1);
    const auto below = std::min(static_cast<std::size_t>(place), stops.size() - 2);
    const double share = place - static_cast<double>(below);
    const QColor from(stops[below]);
    const QColor to(stops[below + 1]);
    const auto mixed = [share](int a, int b) { return static_cast<int>(std::lround(a + (b - a) * share)); };
    return QColor(mixed(from.red(), to.red()), mixed(from.green(), to.green()), mixed(from.blue(), to.blue()));
}

QColor okabeItoColour(int index)
{
    static constexpr std::array<QRgb, 8> colours = {0x0072b2, 0xe69f00, 0x009e73, 0xcc79a7,
                                                    0x56b4e9, 0xd55e00, 0xf0e442, 0x999999};
    const int count = static_cast<int>(colours.size());
    return QColor(colours[static_cast<std::size_t>(((index % count) + count) % count)]);
}

} // namespace archscope::ui
