#include "core/layout/network_picture.h"

#include "core/base/text.h"
#include "core/layout/text_width.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

namespace archscope::layout {

namespace {

constexpr double lineHeight = 15;
constexpr double smallestWidth = 64;
/// Free room for labels doubles the layers that Graphviz has to order; beyond this nobody reads them at a glance.
constexpr std::size_t mostLayersWithLabelRoom = 400;

std::string words(std::string name)
{
    std::ranges::replace(name, '_', ' ');
    return name;
}

std::string valueText(const space::Literal& value)
{
    const double* const real = std::get_if<double>(&value);
    return real ? plainNumber(*real) : space::literalText(value);
}

bool isOneOf(const std::string& name, std::initializer_list<const char*> names)
{
    return std::ranges::find(names, name) != names.end();
}

/// "3×3", "64 ch", "stride 2"; empty when there is nothing to say.
std::string remark(const space::ParameterDescriptor& descriptor, const space::Literal& value, std::size_t dimensions)
{
    using Type = space::ParameterDescriptor::Type;
    const std::string& name = descriptor.name;
    const std::string text = valueText(value);
    if (name == "kernel")
        return dimensions == 3 ? text + "×" + text : text;
    if (name == "channels") // 0 where an operation keeps those it gets
        return value == space::Literal(std::int64_t(0)) ? std::string() : text + " ch";
    if (isOneOf(name, { "features", "units", "outputs" }))
        return text + " " + name;
    if (name == "kind")
        return text;
    if (isOneOf(name, { "rate", "probability" }))
        return name + " " + text;
    if (value == descriptor.fallback)
        return {};
    if (descriptor.type == Type::Boolean)
        return std::get<bool>(value) ? words(name) : "no " + words(name);
    if (descriptor.type == Type::Enumeration) {
        if (text == "none")
            return "no " + words(name);
        return name == "activation" ? text : text + " " + words(name);
    }
    return words(name) + " " + text;
}

std::string subtitleOf(const network::Layer& layer, const space::OperationDescriptor& descriptor)
{
    std::vector<std::string> remarks;
    for (const space::ParameterDescriptor& parameter : descriptor.parameters) {
        const auto value = layer.parameters.values().find(parameter.name);
        if (value == layer.parameters.values().end())
            continue;
        if (std::string text = remark(parameter, value->second, layer.output.size()); !text.empty())
            remarks.push_back(std::move(text));
    }
    // "3×3, 64 ch": what is slid over the image comes first, as people say it.
    std::ranges::stable_partition(remarks, [](const std::string& text) { return text.find("×") != std::string::npos; });
    return joined(remarks, ", ");
}

std::string tooltipOf(const network::Layer& layer, const std::string& title)
{
    std::string text = layer.name + "\n" + title;
    for (const auto& [name, value] : layer.parameters.values())
        text += fmt::format("\n{}: {}", words(name), valueText(value));
    text += "\noutput: " + space::shapeText(layer.output);
    if (layer.cost.parameters > 0)
        text += fmt::format("\nparameters: {}", groupDigits(layer.cost.parameters));
    if (layer.cost.flops > 0)
        text += fmt::format("\nFLOPs: {}", groupDigits(layer.cost.flops));
    return text;
}

PictureNode nodeOf(const network::Layer& layer, int index, const space::OperationSet& operations)
{
    PictureNode node;
    node.layer = index;
    if (const space::OperationTraits* const known = operations.find(layer.operation)) {
        node.title = known->descriptor().title;
        node.category = known->descriptor().category;
        node.subtitle = subtitleOf(layer, known->descriptor());
    } else if (layer.operation == "input") {
        node.title = "Input";
        node.category = "Input/Output";
        node.subtitle = space::shapeText(layer.output);
    } else {
        node.title = layer.operation;
        node.category = "Unknown";
    }
    node.tooltip = tooltipOf(layer, node.title);
    const double text = std::max(textWidth(node.title, PictureStyle::titleSize, TextWeight::Bold),
        textWidth(node.subtitle, PictureStyle::subtitleSize));
    node.width = std::max(smallestWidth, std::ceil(text + 2 * PictureStyle::padding));
    node.height = node.subtitle.empty() ? lineHeight + 11 : 2 * lineHeight + 9;
    return node;
}

struct Category {
    const char* name;
    unsigned colour;
};
// Okabe and Ito's colours, their yellow darkened to keep white text readable, and a violet; greys and a brown for what stands
// back.
constexpr std::array categories = {
    Category{ "Convolution", 0x0072b2 },
    Category{ "Pooling", 0x009e73 },
    Category{ "Normalisation", 0xcc79a7 },
    Category{ "Activation", 0xe69f00 },
    Category{ "Linear", 0x56b4e9 },
    Category{ "Sequence", 0x7a5cc0 },
    Category{ "Merge", 0xd55e00 },
    Category{ "Shape", 0xc8c81e },
    Category{ "Regularisation", 0x8c7355 },
    Category{ "Input/Output", 0x555b66 },
    Category{ "Structure", 0x9aa1ad },
};
constexpr unsigned otherColour = 0x808080;

/// Of each channel of `colour`, `share`; the rest from the background.
std::string mixed(unsigned colour, double share, unsigned background)
{
    const auto channel = [&](unsigned shift) {
        return static_cast<unsigned>(
            std::lround(share * ((colour >> shift) & 0xffU) + (1 - share) * ((background >> shift) & 0xffU)));
    };
    return fmt::format("#{:02x}{:02x}{:02x}", channel(16), channel(8), channel(0));
}

} // namespace

Result<NetworkPicture> pictureOf(
    const network::Network& network, const space::OperationSet& operations, const LayoutOptions& options)
{
    NetworkPicture picture;
    std::vector<LayoutNode> nodes;
    std::vector<LayoutEdge> edges;
    const bool roomForLabels = network.layers.size() <= mostLayersWithLabelRoom;
    for (std::size_t i = 0; i < network.layers.size(); ++i) {
        const network::Layer& layer = network.layers[i];
        const int index = static_cast<int>(i);
        picture.nodes.push_back(nodeOf(layer, index, operations));
        nodes.push_back({ picture.nodes.back().width, picture.nodes.back().height });
        for (const int from : layer.inputs) {
            if (from < 0 || from >= index)
                return fail(ErrorCode::InvalidInput, fmt::format("its input {} is no earlier layer", from), layer.name);
            PictureEdge edge{ from, index, space::shapeText(network.layers[static_cast<std::size_t>(from)].output), {}, {} };
            const double width = roomForLabels ? textWidth(edge.label, PictureStyle::labelSize) + 8 : 0;
            edges.push_back({ from, index, width, roomForLabels ? PictureStyle::labelSize + 4 : 0 });
            picture.edges.push_back(std::move(edge));
        }
    }
    LayoutOptions spaced = options;
    if (roomForLabels) // labels stand between the layers and take part of their distance
        spaced.layerSpacing = std::max(12.0, options.layerSpacing - PictureStyle::labelSize - 4);
    ARCHSCOPE_ASSIGN(GraphLayout layout, layoutGraph(nodes, edges, spaced));
    for (std::size_t i = 0; i < picture.nodes.size(); ++i)
        picture.nodes[i].centre = layout.centres[i];
    for (std::size_t i = 0; i < picture.edges.size(); ++i) {
        picture.edges[i].labelCentre = layout.labelCentres[i];
        picture.edges[i].spline = std::move(layout.splines[i]);
    }
    picture.width = layout.width;
    picture.height = layout.height;
    return picture;
}

std::string categoryColour(const std::string& category, bool dark)
{
    const auto* const found = std::ranges::find_if(categories, [&](const Category& c) { return category == c.name; });
    const unsigned colour = found == categories.end() ? otherColour : found->colour;
    return dark ? mixed(colour, 0.46, 0x14171c) : mixed(colour, 0.42, 0xffffff);
}

std::string pictureTextColour(bool dark)
{
    return dark ? "#f4f5f7" : "#16191f";
}

} // namespace archscope::layout
