// A node's values edited where they stand, on the canvas: one parameter, or all of them.
#pragma once

#include <QFrame>

#include "ui/graph/space_document.h"

class QVBoxLayout;

namespace archscope::ui {

class ValuePopup : public QFrame {
    Q_OBJECT
public:
    /// Deletes itself when it closes. `parameter`: "count" for a repeat's rounds; empty: all of an operation's.
    ValuePopup(SpaceDocument* document, space::NodeId node, const QString& parameter, QWidget* parent);

    /// False where the node has nothing to edit.
    static bool canEdit(const space::SearchSpace& space, const space::OperationSet& operations, space::NodeId node);
    void popUp(QPoint globalPosition);

private:
    void rebuild();
    void addEditor(const space::ParameterDescriptor& descriptor, const std::optional<space::ParameterValue>& value);
    /// Nothing: back to the default. The sentence says why not.
    QString set(const std::string& name, const std::optional<space::ParameterValue>& value);

    SpaceDocument* m_document;
    space::NodeId m_node;
    std::string m_parameter;
    QVBoxLayout* m_layout = nullptr;
};

} // namespace archscope::ui
