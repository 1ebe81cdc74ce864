// A parameter as a person writes it: a fixed value, a range, a list or a formula, and back. Errors are sentences for the
// form.
#pragma once

#include "core/space/operation_traits.h"
#include "core/space/search_space.h"

#include <QString>
#include <string>
#include <vector>

namespace archscope::ui {

enum class ValueMode { Fixed, Range, List, Formula };

ValueMode modeOf(const space::ParameterValue& value);
/// Those that make sense for the type: no range of words. A formula that is a variable's name alone ties values of any type.
std::vector<ValueMode> modesFor(const space::ParameterDescriptor& descriptor);

/// The value said in another way, as near as possible: 3 becomes the list 3, a range becomes the list of its values.
/// `variables`: names that formulas may use.
space::ParameterValue converted(const space::ParameterValue& value, ValueMode mode,
    const space::ParameterDescriptor& descriptor, const std::vector<std::string>& variables);

Result<space::ParameterValue> parseFixed(const QString& text, const space::ParameterDescriptor& descriptor);
/// `step`: "4", "×2" for doubling, "log" for real ranges; empty: one by one.
Result<space::ParameterValue> parseRange(
    const QString& low, const QString& high, const QString& step, const space::ParameterDescriptor& descriptor);
/// Values between commas, semicolons, dots in the middle or, for numbers, spaces.
Result<space::ParameterValue> parseList(const QString& text, const space::ParameterDescriptor& descriptor);
Result<space::ParameterValue> parseFormula(const QString& text, const std::vector<std::string>& variables);

QString listText(const space::Domain& domain); ///< "3, 5, 7"
QString stepText(const space::Domain& domain); ///< what parseRange reads

/// What a variable's value may be: of the type that it has now.
space::ParameterDescriptor descriptorOf(const space::Variable& variable);
/// The variables that formulas in this block may use, inner ones first, and `classes`, `vocabulary` and, in a repeat,
/// `round`.
std::vector<std::string> variablesInScope(const space::SearchSpace& space, space::NodeId block);

} // namespace archscope::ui
