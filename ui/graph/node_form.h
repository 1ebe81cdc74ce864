// The inspector's form for one node: name, presence, and what it is (node_section.h).
#pragma once

#include <QWidget>

#include "ui/graph/space_document.h"

#include <functional>

class QLabel;
class QVBoxLayout;

namespace archscope::ui {

class NodeForm : public QWidget {
    Q_OBJECT
public:
    /// Shows the node as it is now; make a new form when it has changed. `unfolded`: the alternative whose parameters show.
    NodeForm(SpaceDocument* document, space::NodeId node, space::NodeId unfolded, QWidget* parent = nullptr);

Q_SIGNALS:
    void openWished(archscope::space::NodeId block);
    void unfoldWished(archscope::space::NodeId alternative); ///< invalid: fold

private:
    void addHeading(const space::Node& node);
    void addNameAndPresence(const space::Node& node);
    void addOpenButton(const space::Node& node);
    void addOutputShapes();

    SpaceDocument* m_document;
    space::NodeId m_node;
    space::NodeId m_unfolded;
    QVBoxLayout* m_layout = nullptr;
};

/// Replaces a node or alternative, and makes room where its box grows; the sentence says why not, and is empty when done.
QString replaceNode(SpaceDocument& document, space::Node node, const QString& title);
/// The same with a copy of the node or part as it is now, changed; nothing is done where nothing changes.
QString changeNode(
    SpaceDocument& document, space::NodeId id, const QString& title, const std::function<void(space::Node&)>& change);
/// Another name for a node, an alternative or a step; what names it follows (commands/rename_edits.h).
QString renameNode(SpaceDocument& document, space::NodeId id, const std::string& name);
/// What is wrong with a node, kept up to date.
class IssueNotes : public QWidget {
    Q_OBJECT
public:
    IssueNotes(SpaceDocument* document, space::NodeId node, QWidget* parent);

private:
    void showIssues();

    SpaceDocument* m_document;
    space::NodeId m_node;
};

/// The bold line that begins a form.
QLabel* headingLabel(const QString& text, QWidget* parent);
/// A muted or coloured, wrapped label.
QLabel* noteLabel(const QString& text, const QColor& colour, QWidget* parent);

} // namespace archscope::ui
