// Edits what is selected in a space editor: a node with its parameters, domains and alternatives, or the block and the space
// when nothing is selected. Every edit goes through SpaceDocument::push.
#pragma once

#include <QPointer>
#include <QWidget>

#include "ui/graph/space_document.h"

#include <optional>
#include <string>
#include <vector>

class QScrollArea;

namespace archscope::ui {

class SpaceEditor;

class NodeInspector : public QWidget {
    Q_OBJECT
public:
    explicit NodeInspector(SpaceDocument* document, QWidget* parent = nullptr);

    /// Shows what is selected in the editor from now on; the editor shows the same document and outlives the inspector or
    /// dies with it.
    void follow(SpaceEditor* editor);
    /// Shows these nodes of the block that `block` owns, else these connections, else the block and the space.
    void show(space::NodeId block, std::vector<space::NodeId> nodes, std::vector<space::Edge> edges = {});
    using QWidget::show;

Q_SIGNALS:
    void attentionWished(); ///< what a person looks for is here

protected:
    void changeEvent(QEvent* event) override;

private:
    /// What the form shows, to see whether it must be made anew.
    struct Shown {
        space::NodeId block;
        std::vector<space::Node> nodes;
        std::vector<space::Edge> edges;
        std::vector<space::Definition> definitions; ///< without their insides, but for what a form shows of them
        std::vector<int> uses; ///< of each definition
        std::vector<space::Constraint> constraints;
        int connections = 0; ///< to the node: its numbers of picks depend on it
        std::vector<space::Variable> variables;
        std::string name, description;
        space::NodeId unfolded;
        bool operator==(const Shown&) const = default;
    };
    Shown wanted() const;
    void scheduleRebuild();
    void rebuild();
    QWidget* makeForm();
    void unfold(space::NodeId alternative);
    /// Goes to the node's or alternative's fields, as soon as they are there.
    void inspect(space::NodeId node);
    void seek();

    SpaceDocument* m_document;
    QPointer<SpaceEditor> m_editor;
    space::NodeId m_block;
    std::vector<space::NodeId> m_nodes;
    std::vector<space::Edge> m_edges;
    space::NodeId m_unfolded; ///< the alternative whose parameters show
    space::NodeId m_sought; ///< to be shown and focused once the form is there
    QScrollArea* m_scroll = nullptr;
    std::optional<Shown> m_shown;
    bool m_rebuildScheduled = false;
};

} // namespace archscope::ui
