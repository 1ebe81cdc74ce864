// What a person types to narrow a list of trials: words, or conditions on metrics.
//
//   conv 5                                             all words occur in id, state, architecture or message
//   val_accuracy > 0.9 and parameters < 1e6 and state = completed
//   (gap < 2% or train_accuracy < 0.9) and not arch ~ dropout
//
// A text with a comparison is an expression. Relations: < <= > >= = != and ~ (contains, for text). Fields: id, epochs, every
// metric's name (params is short for parameters), state, arch, message. Numbers may end in %, k, M or G. A comparison with a
// metric that the trial does not have is false.
#pragma once

#include "core/base/result.h"
#include "core/train/trial.h"

#include <functional>
#include <string>

namespace archscope::ui {

class TrialFilter {
public:
    /// Everything passes.
    TrialFilter() = default;
    /// The error says what is wrong, where, and which fields there are.
    static Result<TrialFilter> parse(const std::string& text);

    bool isEmpty() const { return !m_matches; }
    /// `architecture` is called only when the filter looks at it.
    bool matches(const train::Trial& trial, const std::function<std::string()>& architecture) const;

    using Predicate = std::function<bool(const train::Trial&, const std::function<std::string()>&)>;

private:
    explicit TrialFilter(Predicate matches) : m_matches(std::move(matches)) {}
    Predicate m_matches;
};

} // namespace archscope::ui
