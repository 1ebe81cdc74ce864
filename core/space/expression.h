// Derived values: whole-number arithmetic over the variables in scope, as in `2*width` or `(width+groups)/groups`.
//
// Grammar: sum = product {(+|-) product}; product = factor {(*|/) factor}; factor = number | name | ( sum ).
// Division rounds towards zero; division by zero and overflow are errors.
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace archscope::space {

struct Expression {
    std::string text;
    bool operator==(const Expression&) const = default;
};

using VariableLookup = std::function<std::optional<std::int64_t>(const std::string&)>;

Result<std::int64_t> evaluate(const Expression& expression, const VariableLookup& lookup);
/// The names an expression mentions, each once, in order; an error when it does not parse.
Result<std::vector<std::string>> variablesOf(const Expression& expression);

} // namespace archscope::space
