// The inspector's form when nothing is selected: the space's name and size, the block's variables, the issues.
#pragma once

#include <QWidget>

#include "ui/graph/space_document.h"

#include <vector>

class QVBoxLayout;

namespace archscope::ui {

class SpaceForm : public QWidget {
    Q_OBJECT
public:
    /// `block`: the owner of the block whose variables are shown.
    SpaceForm(SpaceDocument* document, space::NodeId block, QWidget* parent = nullptr);

Q_SIGNALS:
    void revealWished(archscope::space::NodeId node);
    void openWished(archscope::space::NodeId block);

private:
    void addTitle();
    void addFacts();
    void addDefinitions();
    void addConstraints();
    void addVariables();
    QWidget* variableRow(std::size_t index);
    QWidget* typeBox(std::size_t index, const space::Variable& variable, QWidget* parent);
    QString renameVariable(std::size_t index, const QString& wanted);
    void addIssues();
    QString setVariables(std::vector<space::Variable> variables, const QString& title);
    std::vector<space::Variable> variables() const;

    SpaceDocument* m_document;
    space::NodeId m_block;
    QVBoxLayout* m_layout = nullptr;
};

} // namespace archscope::ui
