// One parameter in the inspector: its name, how it is given (fixed, range, list, formula), and the value, checked in place.
#pragma once

#include "ui/graph/parameter_text.h"

#include <QComboBox>
#include <QString>
#include <QWidget>
#include <functional>
#include <optional>
#include <vector>

class QHBoxLayout;
class QLabel;
class QLineEdit;
class QToolButton;
class QVBoxLayout;

namespace archscope::ui {

/// A combo box that leaves the wheel to the panel it scrolls in, and makes no panel wider.
class QuietComboBox : public QComboBox {
public:
    explicit QuietComboBox(QWidget* parent = nullptr);

protected:
    void wheelEvent(QWheelEvent* event) override;
};

class ParameterEditor : public QWidget {
    Q_OBJECT
public:
    struct Options {
        space::ParameterDescriptor descriptor;
        QString label;
        std::optional<space::ParameterValue> value; ///< nothing: the operation's default
        std::vector<ValueMode> modes;
        std::vector<std::string> variables; ///< that formulas may use
        bool canReset = false; ///< there is a default to go back to
        QString prefix; ///< object names are prefix.value, prefix.low, prefix.high, prefix.step, prefix.list,
                        ///< prefix.formula, prefix.option.NAME, prefix.mode, prefix.reset, prefix.prior,
                        ///< prefix.weights, prefix.problem
    };
    explicit ParameterEditor(Options options, QWidget* parent = nullptr);

    void showProblem(const QString& sentence); ///< empty: none

Q_SIGNALS:
    void changed(const archscope::space::ParameterValue& value); ///< a sound value that differs from the one shown
    void resetWished();

private:
    QToolButton* makeModeButton();
    /// The prior of a finite domain: shown where there is one, or when its button is pressed.
    void addPrior(QHBoxLayout* heading, QVBoxLayout* layout);
    QWidget* makeFields();
    QWidget* makeFixed();
    QWidget* makeRange(const space::Domain& domain);
    QWidget* makeList(const space::Domain& domain);
    QWidget* makeOptions(const space::Domain& domain);
    QWidget* makeFormula(const space::Expression& expression);
    QLineEdit* makeLine(const QString& name, const QString& accessibleName, const QString& text, QWidget* parent);
    void commitOn(QLineEdit* line, std::function<Result<space::ParameterValue>()> read);
    void offer(Result<space::ParameterValue> value);
    QStringList optionTexts() const;
    space::ParameterValue current() const;

    Options m_options;
    QLabel* m_problem = nullptr;
};

} // namespace archscope::ui
