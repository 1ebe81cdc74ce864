// The part of the inspector's form that edits what a node is: an operation's parameters, a choice's alternatives, what a use
// gives to its definition. One class for each kind of node; alternatives and steps show theirs inside the form of their
// node.
#pragma once

#include <QWidget>

#include "ui/graph/space_document.h"

#include <functional>

class QVBoxLayout;

namespace archscope::ui {

/// The id of the alternative or step whose fields a widget holds, as a property of the widget.
inline constexpr const char* partProperty = "archscopePart";

class NodeSection : public QWidget {
    Q_OBJECT
public:
    /// `prefix` begins the object names of all fields.
    NodeSection(SpaceDocument* document, space::NodeId node, const QString& prefix, QWidget* parent);

Q_SIGNALS:
    void openWished(archscope::space::NodeId block);
    void unfoldWished(archscope::space::NodeId part); ///< invalid: fold

protected:
    /// The sentence says why not, and is empty when done.
    QString change(const QString& title, const std::function<void(space::Node&)>& change);
    QString named(const char* field) const { return m_prefix + QString::fromLatin1(field); }
    QString named(const QString& field) const { return m_prefix + field; }
    void forward(NodeSection* inner);

    SpaceDocument* m_document;
    space::NodeId m_node;
    QString m_prefix;
    QVBoxLayout* m_layout = nullptr;
};

/// The section for the node as it is now; null for what has nothing to edit. `unfolded`: the part whose own section shows.
NodeSection* makeNodeSection(
    SpaceDocument* document, space::NodeId node, space::NodeId unfolded, const QString& prefix, QWidget* parent);

/// An operation and its parameters.
class OperationSection : public NodeSection {
    Q_OBJECT
public:
    OperationSection(SpaceDocument* document, const space::Node& node, const QString& prefix, QWidget* parent);

private:
    void addType(const space::Operation& operation);
    void addParameters(const space::Operation& operation, const space::OperationTraits& traits);
    QString setParameter(const std::string& name, const std::optional<space::ParameterValue>& value);
};

/// How many are picked, and how they are merged: of a choice's alternatives or a selection's inputs.
class PickSection : public NodeSection {
    Q_OBJECT
public:
    PickSection(SpaceDocument* document, const space::Node& node, const QString& prefix, QWidget* parent);

private:
    void setPick(int low, int high);
};

/// A choice's alternatives or an order's steps.
class PartsSection : public NodeSection {
    Q_OBJECT
public:
    PartsSection(
        SpaceDocument* document, const space::Node& node, space::NodeId unfolded, const QString& prefix, QWidget* parent);

private:
    QWidget* row(const space::Node& part);
    void addPartFields(QVBoxLayout* layout, const space::Node& part, QWidget* frame);
    QWidget* moreButton(const space::Node& part, QWidget* parent);
    void pickOne(QWidget* below);
    void pickSeveral(QWidget* below);
    void add(const QStringList& entryKeys);
    void move(space::NodeId part, int by);
    void duplicate(space::NodeId part);
    bool isUnfolded(const space::Node& part) const;

    bool m_ordered;
    space::NodeId m_unfolded;
};

class RepeatSection : public NodeSection {
    Q_OBJECT
public:
    RepeatSection(SpaceDocument* document, const space::Node& node, const QString& prefix, QWidget* parent);
};

class RecurrentSection : public NodeSection {
    Q_OBJECT
public:
    RecurrentSection(SpaceDocument* document, const space::Node& node, const QString& prefix, QWidget* parent);
};

/// Which definition is used, whether its uses decide alike, and what its variables are given here.
class UseSection : public NodeSection {
    Q_OBJECT
public:
    UseSection(SpaceDocument* document, const space::Node& node, const QString& prefix, QWidget* parent);

private:
    void addDefinition(const space::Use& use);
    void addArguments(const space::Use& use, const space::Definition& definition);
};

} // namespace archscope::ui
