#include "ui/models/layer_alignment.h"

#include <algorithm>
#include <string_view>

namespace archscope::ui {

namespace {

using network::Layer;

std::string_view blockOf(std::string_view name)
{
    const auto slash = name.rfind('/');
    return slash == std::string_view::npos ? std::string_view() : name.substr(0, slash);
}

/// 0: these two do not stand for each other.
int likeness(const Layer& left, const Layer& right)
{
    int points = 0;
    if (left.name == right.name)
        points += 8;
    else if (!blockOf(left.name).empty() && blockOf(left.name) == blockOf(right.name))
        points += 3;
    if (left.operation == right.operation)
        points += left.parameters == right.parameters ? 3 : 2;
    return points;
}

bool differs(const Layer& left, const Layer& right)
{
    return left.operation != right.operation || left.parameters != right.parameters;
}

} // namespace

std::vector<LayerPair> alignLayers(const network::Network& left, const network::Network& right)
{
    const std::size_t rows = left.layers.size();
    const std::size_t columns = right.layers.size();
    // best[i][j]: the most points for what comes from layer i on the left and j on the right.
    std::vector<std::vector<int>> best(rows + 1, std::vector<int>(columns + 1, 0));
    for (std::size_t i = rows; i-- > 0;) {
        for (std::size_t j = columns; j-- > 0;) {
            const int points = likeness(left.layers[i], right.layers[j]);
            best[i][j] = std::max(best[i + 1][j], best[i][j + 1]);
            if (points > 0)
                best[i][j] = std::max(best[i][j], points + best[i + 1][j + 1]);
        }
    }
    std::vector<LayerPair> pairs;
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < rows || j < columns) {
        const bool both = i < rows && j < columns;
        const int points = both ? likeness(left.layers[i], right.layers[j]) : 0;
        if (points > 0 && best[i][j] == points + best[i + 1][j + 1]) {
            pairs.push_back({static_cast<int>(i), static_cast<int>(j), differs(left.layers[i], right.layers[j])});
            ++i;
            ++j;
        } else if (j == columns || (both && best[i][j] == best[i + 1][j])) {
            pairs.push_back({static_cast<int>(i++), -1, true});
        } else {
            pairs.push_back({-1, static_cast<int>(j++), true});
        }
    }
    return pairs;
}

QString pairTitle(const LayerPair& pair, const network::Network& left, const network::Network& right)
{
    const auto nameOf = [](const network::Network& network, int layer) { return network.layers[static_cast<std::size_t>(layer)].name; };
    if (pair.right < 0)
        return QString::fromStdString(nameOf(left, pair.left));
    const std::string to = nameOf(right, pair.right);
    if (pair.left < 0 || nameOf(left, pair.left) == to)
        return QString::fromStdString(to);
    const std::string from = nameOf(left, pair.left);
    const std::string_view block = blockOf(from);
    if (block.empty() || block != blockOf(to))
        return QStringLiteral("%1 → %2").arg(QString::fromStdString(from), QString::fromStdString(to));
    const std::size_t leaf = block.size() + 1;
    return QStringLiteral("%1: %2 → %3")
        .arg(QString::fromUtf8(block.data(), static_cast<qsizetype>(block.size())), QString::fromStdString(from.substr(leaf)),
             QString::fromStdString(to.substr(leaf)));
}

} // namespace archscope::ui
