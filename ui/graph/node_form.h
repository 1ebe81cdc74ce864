// The inspector's form for one node: name, presence, operation and parameters, alternatives, repeat.
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
    using Change = std::function<void(space::Node&)>;

    void addHeading(const space::Node& node);
    void addNameAndPresence(const space::Node& node);
    void addOperation(QVBoxLayout* layout, const space::Node& node, const QString& prefix);
    void addAlternatives(const space::Node& node);
    QWidget* alternativeRow(const space::Node& choice, const space::Node& alternative);
    void addRepeat(const space::Node& node);
    void addOpenButton(const space::Node& node);
    void pickAlternative(QWidget* below);
    void addAlternative(const QString& entryKey);
    void addOutputShapes();
    /// Changes the node or one of its alternatives; the sentence says why not, and is empty when done.
    QString change(space::NodeId id, const QString& title, const Change& change);
    QString setParameter(space::NodeId id, const std::string& name, const std::optional<space::ParameterValue>& value);

    SpaceDocument* m_document;
    space::NodeId m_node;
    space::NodeId m_unfolded;
    QVBoxLayout* m_layout = nullptr;
};

/// Replaces a node or alternative, and makes room where its box grows; the sentence says why not, and is empty when done.
QString replaceNode(SpaceDocument& document, space::Node node, const QString& title);
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

/// A muted or coloured, wrapped label.
QLabel* noteLabel(const QString& text, const QColor& colour, QWidget* parent);

} // namespace archscope::ui
