#include "core/export/import_window.h"

#include <algorithm>
#include <fmt/format.h>

namespace archscope::exporting {

namespace {

using space::Shape;
using Int = std::int64_t;

constexpr Int mostPadding = Int{ 1 } << 40; ///< no sum of it overflows

tl::unexpected<Error> unfit(std::string reason)
{
    return fail(ErrorCode::Unsupported, std::move(reason));
}

/// Behind a box the size may be unknown: then only what is one of the ways at any size.
Result<WindowFit> usualFit(const ops::Window& window, const std::vector<Int>& pads, const std::string& automatic, bool ceil)
{
    const Int half = (window.extent() - 1) / 2;
    const auto all = [&pads](Int size) { return std::ranges::all_of(pads, [size](Int pad) { return pad == size; }); };
    const bool centred = window.extent() % 2 == 1 && window.stride < window.extent() && all(half) && !ceil;
    WindowFit fit;
    if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER") {
        fit.shifted = true;
        fit.pads = true;
    } else if (all(0) && window.extent() > 1) {
        fit.padding = "valid";
        fit.ceil = ceil;
    } else if (centred) {
        fit.pads = true;
    } else if (!all(0)) {
        return unfit("the size of its input is unknown, and its padding is unusual");
    }
    return fit;
}

/// One number for height and width.
Result<Int> square(const std::vector<Int>& sizes, Int fallback, const char* what)
{
    if (sizes.empty())
        return fallback;
    if (sizes.size() != 2 || sizes[0] != sizes[1] || sizes[0] < 1 || sizes[0] > 1000)
        return unfit(fmt::format("its {} differs between height and width, or is none of an image", what));
    return sizes[0];
}

} // namespace

Result<ops::Window> windowOf(const ImportNode& node, const std::vector<Int>& kernel)
{
    ops::Window window;
    ARCHSCOPE_ASSIGN(window.kernel, square(kernel, 1, "window"));
    ARCHSCOPE_ASSIGN(window.stride, square(node.integers("strides"), 1, "stride"));
    ARCHSCOPE_ASSIGN(window.dilation, square(node.integers("dilations"), 1, "dilation"));
    return window;
}

Result<WindowFit> fitted(const ImportNode& node, const ops::Window& window, const std::optional<Shape>& image, const std::optional<Edges>& around)
{
    std::vector<Int> pads = node.integers("pads");
    pads.resize(4, 0);
    for (Int& pad : pads)
        pad = std::clamp(pad, -mostPadding, mostPadding);
    const std::string automatic = node.text("auto_pad", "NOTSET");
    if (around) {
        if (automatic != "NOTSET" && automatic != "VALID")
            return unfit("it pads twice");
        for (std::size_t i = 0; i < 4; ++i)
            pads[i] += (*around)[i];
    }
    const bool ceil = node.integer("ceil_mode", 0) != 0;
    if (!image)
        return usualFit(window, pads, automatic, ceil);
    if (image->size() != 3)
        return unfit("its input is no image");
    std::array<ops::WindowAxis, 2> wanted;
    for (std::size_t axis = 0; axis < 2; ++axis) {
        const Int size = (*image)[axis + 1];
        ops::WindowAxis& there = wanted[axis];
        if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER") {
            there.output = (size + window.stride - 1) / window.stride;
            const Int needed = std::max<Int>((there.output - 1) * window.stride + window.extent() - size, 0);
            there.before = automatic == "SAME_UPPER" ? needed / 2 : needed - needed / 2;
            there.after = needed - there.before;
            continue;
        }
        there.before = pads[axis];
        there.after = pads[axis + 2];
        if (there.before < 0 || there.after < 0 || there.before > size + window.extent() || there.after > size + window.extent())
            return unfit("it pads by less than nothing or more than the image");
        const Int room = size + there.before + there.after - window.extent();
        if (room < 0)
            return unfit("its window does not fit into the image");
        there.output = (room + (ceil ? window.stride - 1 : 0)) / window.stride + 1;
        if (ceil && (there.output - 1) * window.stride >= size + there.before)
            --there.output;
    }
    WindowFit fit;
    fit.pads = wanted[0].before + wanted[0].after + wanted[1].before + wanted[1].after > 0;
    const bool pools = node.type != "Conv";
    bool sameSize = false;
    for (const ops::Padding padding : { ops::Padding::Same, ops::Padding::Valid, ops::Padding::ValidCeil }) {
        if (padding == ops::Padding::ValidCeil && !pools)
            break;
        ops::Window tried = window;
        tried.padding = padding;
        const auto axes = ops::windowAxes(tried, *image);
        const auto same = [&](std::size_t i) { return axes[i].output == wanted[i].output; };
        const auto exact = [&](std::size_t i) { return same(i) && axes[i].before == wanted[i].before; };
        if (padding == ops::Padding::Same)
            sameSize = same(0) && same(1);
        if (exact(0) && exact(1)) {
            fit.padding = padding == ops::Padding::Same ? "same" : "valid";
            fit.ceil = padding == ops::Padding::ValidCeil;
            return fit;
        }
    }
    if (!sameSize)
        return unfit(fmt::format("its padding makes {}×{} of {}×{}, which neither 'same' nor 'valid' does", wanted[0].output, wanted[1].output,
            (*image)[1], (*image)[2]));
    fit.shifted = true;
    return fit;
}

} // namespace archscope::exporting
