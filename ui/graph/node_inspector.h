// Edits what is selected in a space editor: a node with its parameters, domains and alternatives, or the block and the space
// when nothing is selected. Every edit goes through SpaceDocument::push.
#pragma once

#include "ui/graph/space_document.h"

#include <QWidget>
#include <vector>

class QScrollArea;

namespace archscope::ui {

class SpaceEditor;

class NodeInspector : public QWidget {
    Q_OBJECT
public:
    explicit NodeInspector(SpaceDocument* document, QWidget* parent = nullptr);

    /// Shows what is selected in the editor from now on; the editor must show the same document.
    void follow(SpaceEditor* editor);
    /// Shows these nodes of the block that `block` owns; none: the block and the space.
    void show(space::NodeId block, std::vector<space::NodeId> nodes);

private:
    void scheduleRebuild();
    void rebuild();

    SpaceDocument* m_document;
    space::NodeId m_block;
    std::vector<space::NodeId> m_nodes;
    space::NodeId m_alternative; ///< the one whose parameters are unfolded
    QScrollArea* m_scroll = nullptr;
    bool m_editable = true;
    bool m_rebuildScheduled = false;
};

} // namespace archscope::ui
