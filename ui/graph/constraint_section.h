// The space's constraints in the inspector: what they say, to add, change and remove, and whether any architecture fulfils
// them.
#pragma once

#include <QWidget>

#include "ui/graph/constraint_form.h"

class QVBoxLayout;

namespace archscope::ui {

class ConstraintSection : public QWidget {
    Q_OBJECT
public:
    ConstraintSection(SpaceDocument* document, QWidget* parent);

private:
    QWidget* row(std::size_t index);
    QWidget* addButton();
    void openForm(ConstraintKind kind, std::optional<std::size_t> index);
    void closeForm();
    void remove(std::size_t index);
    void check();

    SpaceDocument* m_document;
    QVBoxLayout* m_layout = nullptr;
    QVBoxLayout* m_place = nullptr; ///< of the form
    ConstraintForm* m_form = nullptr;
    QLabel* m_problem = nullptr;
    LatestOnly m_latest;
};

} // namespace archscope::ui
