// Network pictures as SVG. Only what SVG Tiny 1.2 has: no markers, no dominant-baseline, so that every viewer shows the
// same.
#include "core/layout/network_picture.h"
#include "core/layout/text_width.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace archscope::layout {

namespace {

constexpr double margin = 16;
constexpr double headingSize = 14;
constexpr double headingHeight = 30;
constexpr double legendSize = 10.5;
constexpr double legendRowHeight = 18;
constexpr double legendSwatch = 11;
constexpr double arrowLength = 6;
constexpr double arrowHalfWidth = 3;
constexpr double smallestWidth = 200;
constexpr double lineHeight = 15;
constexpr double baselineShift = 0.36; ///< from a line's middle to its baseline, in font sizes

struct Theme {
    const char* background;
    const char* edge;
    const char* mutedText;
    const char* border;
};
constexpr Theme lightTheme = { "#ffffff", "#6b7280", "#4b5563", "#000000" };
constexpr Theme darkTheme = { "#14171c", "#9aa3b2", "#b8c0cc", "#ffffff" };

/// Characters that XML cannot hold at all become '?'.
std::string escaped(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        case '\n':
        case '\t':
            out += c;
            break;
        default:
            out += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
        }
    }
    return out;
}

/// One decimal, without trailing zeros, always with a point.
std::string number(double value)
{
    const double rounded = std::round(value * 10) / 10;
    return fmt::format("{}", rounded == 0 ? 0.0 : rounded);
}

std::string point(Point p)
{
    return number(p.x) + "," + number(p.y);
}

std::string text(Point middle, double size, std::string_view attributes, std::string_view content)
{
    return fmt::format("<text x=\"{}\" y=\"{}\" font-size=\"{}\" {}>{}</text>\n", number(middle.x),
        number(middle.y + size * baselineShift), number(size), attributes, escaped(content));
}

std::string edgeSvg(const PictureEdge& edge, const Theme& theme)
{
    if (edge.spline.size() < 4)
        return {};
    std::string path = "M" + point(edge.spline.front());
    for (std::size_t i = 1; i + 2 < edge.spline.size(); i += 3)
        path += " C" + point(edge.spline[i]) + " " + point(edge.spline[i + 1]) + " " + point(edge.spline[i + 2]);
    std::string svg = fmt::format("<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"1.2\"/>\n", path, theme.edge);

    const Point tip = edge.spline.back();
    const auto apart = std::find_if(edge.spline.rbegin(), edge.spline.rend(),
        [&](const Point& p) { return std::hypot(p.x - tip.x, p.y - tip.y) > 1e-3; });
    if (apart == edge.spline.rend())
        return svg;
    const double length = std::hypot(tip.x - apart->x, tip.y - apart->y);
    const Point direction{ (tip.x - apart->x) / length, (tip.y - apart->y) / length };
    const Point base{ tip.x - arrowLength * direction.x, tip.y - arrowLength * direction.y };
    const Point side{ -arrowHalfWidth * direction.y, arrowHalfWidth * direction.x };
    return svg
        + fmt::format("<polygon points=\"{} {} {}\" fill=\"{}\"/>\n", point(tip),
            point({ base.x + side.x, base.y + side.y }), point({ base.x - side.x, base.y - side.y }), theme.edge);
}

std::string nodeSvg(const PictureNode& node, const Theme& theme, bool dark)
{
    std::string svg
        = fmt::format("<g><title>{}</title>\n<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"{}\" fill=\"{}\" "
                      "stroke=\"{}\" stroke-opacity=\"0.25\"/>\n",
            escaped(node.tooltip), number(node.centre.x - node.width / 2), number(node.centre.y - node.height / 2),
            number(node.width), number(node.height), number(PictureStyle::cornerRadius), categoryColour(node.category, dark),
            theme.border);
    const std::string style = fmt::format("text-anchor=\"middle\" fill=\"{}\"", pictureTextColour(dark));
    const double shift = node.subtitle.empty() ? 0 : lineHeight / 2;
    svg += text(
        { node.centre.x, node.centre.y - shift }, PictureStyle::titleSize, style + " font-weight=\"bold\"", node.title);
    if (!node.subtitle.empty())
        svg += text({ node.centre.x, node.centre.y + shift }, PictureStyle::subtitleSize, style, node.subtitle);
    return svg + "</g>\n";
}

struct LegendEntry {
    std::string category;
    Point corner; ///< left and middle of the row
};
struct Legend {
    std::vector<LegendEntry> entries;
    double height = 0;
};

/// The categories that occur, in order of their first node, in rows of the given width.
Legend legendOf(const NetworkPicture& picture, double width)
{
    Legend legend;
    double x = 0;
    double row = 0;
    for (const PictureNode& node : picture.nodes) {
        if (std::ranges::any_of(legend.entries, [&](const LegendEntry& entry) { return entry.category == node.category; }))
            continue;
        const double needed = legendSwatch + 5 + textWidth(node.category, legendSize) + 14;
        if (x > 0 && x + needed > width) {
            x = 0;
            ++row;
        }
        legend.entries.push_back({ node.category, { x, (row + 0.5) * legendRowHeight } });
        x += needed;
    }
    legend.height = legend.entries.empty() ? 0 : (row + 1) * legendRowHeight;
    return legend;
}

} // namespace

std::string toSvg(const NetworkPicture& picture, const std::string& title, bool dark)
{
    const Theme& theme = dark ? darkTheme : lightTheme;
    const double inner
        = std::max({ picture.width, smallestWidth, std::ceil(textWidth(title, headingSize, TextWeight::Bold)) });
    const Legend legend = legendOf(picture, inner);
    const double top = margin + (title.empty() ? 0 : headingHeight);
    const double legendTop = top + picture.height + margin;
    const double width = inner + 2 * margin;
    const double height = legendTop + legend.height + (legend.entries.empty() ? 0 : margin);

    std::string svg = fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                                  "<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.1\" width=\"{0}\" height=\"{1}\" "
                                  "viewBox=\"0 0 {0} {1}\" font-family=\"sans-serif\">\n"
                                  "<title>{2}</title>\n<rect width=\"{0}\" height=\"{1}\" fill=\"{3}\"/>\n",
        number(std::ceil(width)), number(std::ceil(height)), escaped(title), theme.background);
    if (!title.empty())
        svg += text({ margin, margin + headingSize / 2 }, headingSize,
            fmt::format("font-weight=\"bold\" fill=\"{}\"", pictureTextColour(dark)), title);

    svg += fmt::format("<g transform=\"translate({})\">\n", point({ margin + (inner - picture.width) / 2, top }));
    for (const PictureEdge& edge : picture.edges)
        svg += edgeSvg(edge, theme);
    for (const PictureEdge& edge : picture.edges)
        svg += text(edge.labelCentre, PictureStyle::labelSize,
            fmt::format("text-anchor=\"middle\" fill=\"{}\"", theme.mutedText), edge.label);
    for (const PictureNode& node : picture.nodes)
        svg += nodeSvg(node, theme, dark);
    svg += "</g>\n";

    for (const LegendEntry& entry : legend.entries) {
        const Point corner{ margin + entry.corner.x, legendTop + entry.corner.y };
        svg += fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"2\" fill=\"{}\"/>\n", number(corner.x),
            number(corner.y - legendSwatch / 2), number(legendSwatch), number(legendSwatch),
            categoryColour(entry.category, dark));
        svg += text({ corner.x + legendSwatch + 5, corner.y }, legendSize, fmt::format("fill=\"{}\"", theme.mutedText),
            entry.category);
    }
    return svg + "</svg>\n";
}

} // namespace archscope::layout
