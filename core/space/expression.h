// Derived values: whole-number arithmetic over the variables in scope, as in `2*width`, `width*2^stage` or `1+(round==0)`.
//
// Grammar: comparison = sum [(==|!=|<|>|<=|>=) sum]; sum = product {(+|-) product}; product = power {(*|/|%) power};
// power = factor [^ power]; factor = number | name | min(a, b) | max(a, b) | ( comparison ).
// A comparison is 1 or 0. Division rounds towards zero; division by zero and overflow are errors.
// A name alone stands for its variable's value whatever its type: that ties texts, reals and flags.
#pragma once

#include "core/base/result.h"
#include "core/space/domain.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace archscope::space {

struct Expression {
    std::string text;
    bool operator==(const Expression&) const = default;
};

using VariableLookup = std::function<std::optional<std::int64_t>(const std::string&)>;

Result<std::int64_t> evaluate(const Expression& expression, const VariableLookup& lookup);
/// The value of an expression among variables of any type. Arithmetic needs whole numbers: an error names the variable that is none.
using LiteralLookup = std::function<std::optional<Literal>(const std::string&)>;
Result<Literal> evaluateLiteral(const Expression& expression, const LiteralLookup& lookup);
/// The variables in scope with their values, innermost last.
using Scope = std::vector<std::pair<std::string, Literal>>;
Result<Literal> evaluateLiteral(const Expression& expression, const Scope& scope);
/// The names an expression mentions, each once, in order; an error when it does not parse.
Result<std::vector<std::string>> variablesOf(const Expression& expression);

} // namespace archscope::space
