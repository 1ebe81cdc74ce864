// One constraint being made or changed: what is forbidden together, how often an answer may occur, a budget, a shape. Says
// at once what is wrong with it; the checks run off the GUI thread.
#pragma once

#include <QWidget>

#include "ui/graph/decision_list.h"
#include "ui/graph/space_document.h"

#include <cstddef>
#include <functional>
#include <optional>

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QSpinBox;
class QVBoxLayout;

namespace archscope::ui {

enum class ConstraintKind { Forbid, Count, Budget, Shape };
ConstraintKind kindOf(const space::Constraint& constraint);
/// "Forbidden combination", "Count of answers", …
QString kindTitle(ConstraintKind kind);

class ConstraintForm : public QWidget {
    Q_OBJECT
public:
    /// `index`: the constraint of the space that is changed; nothing: a new one of that kind.
    ConstraintForm(SpaceDocument* document, ConstraintKind kind, std::optional<std::size_t> index, QWidget* parent);

Q_SIGNALS:
    void closed(); ///< saved or given up

private:
    void makeForbid(const space::Forbid* shown);
    void makeCount(const space::CountAnswers* shown);
    void makeBudget(const space::Budget* shown);
    void makeShape(const space::ShapeBound* shown);
    void addDecisions(DecisionList::Mode mode);
    QLineEdit* addLine(const char* objectName, const QString& title, const QString& text, const QString& placeholder);
    void addBounds(const QString& min, const QString& max);
    /// As the fields have it now; the error says what is missing.
    Result<space::Constraint> read() const;
    Result<std::optional<double>> bound(const QLineEdit* line) const;
    std::vector<space::Constraint> withThis(space::Constraint constraint) const;
    void validate();
    void save();

    SpaceDocument* m_document;
    ConstraintKind m_kind;
    std::optional<std::size_t> m_index;
    QVBoxLayout* m_layout = nullptr;
    DecisionList* m_decisions = nullptr;
    QLineEdit* m_key = nullptr;
    QLineEdit* m_value = nullptr;
    QComboBox* m_choice = nullptr; ///< the budget's metric or the shape's node
    QSpinBox* m_dimension = nullptr;
    QLineEdit* m_min = nullptr;
    QLineEdit* m_max = nullptr;
    QLabel* m_problem = nullptr;
    QPushButton* m_save = nullptr;
    LatestOnly m_latest;
};

} // namespace archscope::ui
