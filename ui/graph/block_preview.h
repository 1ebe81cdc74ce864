// The inside of a block as it shows within its node when it is expanded in place: boxes with titles and their connections,
// laid out automatically. To look at; a double click on a box opens the block there.
#pragma once

#include "core/space/operation_traits.h"
#include "core/space/search_space.h"

#include <QLineF>
#include <QRectF>
#include <QString>
#include <vector>

class QPainter;

namespace archscope::ui {

struct BlockPreview {
    struct Box {
        space::NodeId node;
        QRectF rect;
        QString title;
        QString category;
        bool operator==(const Box&) const = default;
    };
    std::vector<Box> boxes; ///< within (0, 0) to size
    std::vector<QLineF> edges;
    QSizeF size;
    bool operator==(const BlockPreview&) const = default;
};

/// Pure: any thread. Empty when the block cannot be laid out.
BlockPreview previewOf(const space::Block& block, const space::OperationSet& operations);
/// With the painter's origin at the preview's top left corner.
void paintPreview(QPainter& painter, const BlockPreview& preview);

} // namespace archscope::ui
