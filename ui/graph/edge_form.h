// The inspector's form for connections: where one leads, what flows there, when it is there, and what can be put on
// it.
#pragma once

#include <QWidget>

#include "ui/graph/space_document.h"

#include <vector>

class QVBoxLayout;

namespace archscope::ui {

class EdgeForm : public QWidget {
    Q_OBJECT
public:
    /// Connections of one block, at least one.
    EdgeForm(SpaceDocument* document, space::NodeId block, std::vector<space::Edge> edges, QWidget* parent = nullptr);

Q_SIGNALS:
    void actionWished(const QString& actionName); ///< of the editor: "spaceEdgeChoice", "spaceEdgeOperation"
    void revealWished(archscope::space::NodeId node);

private:
    void addEnds();
    void addPresence();
    void addActions();

    SpaceDocument* m_document;
    space::NodeId m_block;
    std::vector<space::Edge> m_edges;
    QVBoxLayout* m_layout = nullptr;
};

} // namespace archscope::ui
