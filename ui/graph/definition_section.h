// The space's reusable blocks in the inspector: to open, use, rename and delete, and whether their uses decide alike.
#pragma once

#include <QWidget>

#include "ui/graph/space_document.h"

class QLabel;
class QVBoxLayout;

namespace archscope::ui {

/// "not used", "1 use", "3 uses".
QString usesText(int uses);

/// All of them, in a list.
class DefinitionList : public QWidget {
    Q_OBJECT
public:
    DefinitionList(SpaceDocument* document, QWidget* parent);

Q_SIGNALS:
    void openWished(archscope::space::NodeId definition);

private:
    QWidget* row(const space::Definition& definition);

    SpaceDocument* m_document;
    QVBoxLayout* m_layout = nullptr;
    QLabel* m_problem = nullptr;
};

/// Name and sharing of one, while it is open.
class DefinitionForm : public QWidget {
    Q_OBJECT
public:
    DefinitionForm(SpaceDocument* document, const space::Definition& definition, QWidget* parent);

private:
    SpaceDocument* m_document;
};

} // namespace archscope::ui
