#include "core/search/objective.h"

#include "core/base/text.h"
#include "core/search/dominance.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>

namespace archscope::search {

namespace {

/// The metric of that name; `params` is short for `parameters`.
Result<const train::MetricDescriptor*> searchableMetric(std::string_view name)
{
    const std::string_view full = name == "params" ? "parameters" : name;
    const train::MetricDescriptor* metric = train::findMetric(full);
    if (!metric) {
        std::vector<std::string> names;
        for (const train::MetricDescriptor& known : train::metricDescriptors()) {
            if (known.ofTrials)
                names.push_back(known.name);
        }
        return fail(ErrorCode::InvalidArgument, unknownName("metric", name, names));
    }
    if (!metric->ofTrials)
        return fail(ErrorCode::InvalidArgument,
            fmt::format("'{}' is measured by the final retrain only: a search must not aim at it", metric->name));
    return metric;
}

/// Larger is better.
double signedValue(const train::Trial& trial, const Objective& objective)
{
    const double value = trial.metric(objective.metric);
    return objective.maximise ? value : -value;
}

/// An exponent's or target's number; the error quotes it.
Result<double> termNumber(std::string_view text, std::string_view what, std::string_view metric)
{
    double value = 0;
    if (!parseNumber(trimmed(text), value))
        return fail(ErrorCode::InvalidArgument,
            fmt::format(
                "the {} of '{}' is a number, not '{}': write '{}@TARGET^EXPONENT'", what, metric, trimmed(text), metric));
    return value;
}

ProductTerm usualTerm(const Objective& objective)
{
    const double exponent = objective.maximise ? usualExponent : -usualExponent;
    return { 1, exponent, exponent };
}

/// "@2^-0.07", "^-0.1", "@2^0/-1", "@2".
Result<ProductTerm> parseTerm(std::string_view text, const Objective& objective)
{
    ProductTerm term = usualTerm(objective);
    const std::size_t caret = text.find('^');
    if (text.front() == '@') {
        ARCHSCOPE_ASSIGN(term.target,
            termNumber(text.substr(1, caret == std::string_view::npos ? caret : caret - 1), "target", objective.metric));
    }
    if (caret != std::string_view::npos) {
        const std::string_view exponents = text.substr(caret + 1);
        const std::size_t slash = exponents.find('/');
        ARCHSCOPE_ASSIGN(term.exponentMet, termNumber(exponents.substr(0, slash), "exponent", objective.metric));
        term.exponentMissed = term.exponentMet;
        if (slash != std::string_view::npos) {
            ARCHSCOPE_ASSIGN(term.exponentMissed, termNumber(exponents.substr(slash + 1), "exponent", objective.metric));
        }
    }
    return term;
}

std::string termText(const ProductTerm& term)
{
    std::string text;
    if (term.target != 1)
        text = fmt::format("@{}", term.target);
    text += fmt::format("^{}", term.exponentMet);
    if (term.exponentMissed != term.exponentMet)
        text += fmt::format("/{}", term.exponentMissed);
    return text;
}

} // namespace

Result<std::vector<Objective>> parseObjectives(std::string_view text)
{
    std::vector<Objective> objectives;
    for (const std::string& part : split(text, ',')) {
        const std::string_view whole = trimmed(part);
        const std::size_t termAt = whole.find_first_of("@^");
        const std::string_view piece = trimmed(whole.substr(0, termAt));
        const std::size_t colon = piece.find(':');
        const std::string_view name = trimmed(piece.substr(0, colon));
        if (name.empty())
            return fail(ErrorCode::InvalidArgument,
                "an objective is empty: write metrics with commas between them, as in 'val_accuracy:max,latency_ms:min'",
                std::string(text));
        ARCHSCOPE_ASSIGN(const train::MetricDescriptor* metric, searchableMetric(name));
        Objective objective{ metric->name, metric->maximise };
        if (colon != std::string_view::npos) {
            const std::string_view direction = trimmed(piece.substr(colon + 1));
            if (direction != "max" && direction != "min")
                return fail(ErrorCode::InvalidArgument,
                    fmt::format("the direction of '{}' is 'max' or 'min', not '{}'", name, direction));
            objective.maximise = direction == "max";
        }
        if (std::ranges::any_of(objectives, [&](const Objective& other) { return other.metric == objective.metric; }))
            return fail(ErrorCode::InvalidArgument, fmt::format("the objective '{}' is named twice", objective.metric));
        if (termAt != std::string_view::npos) {
            if (objectives.empty())
                return fail(ErrorCode::InvalidArgument,
                    fmt::format(
                        "'{}' is the first objective, which the others are weighed against: a target or exponent belongs to "
                        "those",
                        objective.metric));
            ARCHSCOPE_ASSIGN(objective.productTerm, parseTerm(whole.substr(termAt), objective));
            if (const auto problem = productTermProblem(objective))
                return fail(ErrorCode::InvalidArgument, *problem);
        }
        objectives.push_back(std::move(objective));
    }
    return objectives;
}

std::string objectivesText(std::span<const Objective> objectives)
{
    std::vector<std::string> parts;
    for (const Objective& objective : objectives)
        parts.push_back(objective.metric + (objective.maximise ? ":max" : ":min")
            + (objective.productTerm ? termText(*objective.productTerm) : std::string()));
    return joined(parts, ",");
}

std::optional<std::string> productTermProblem(const Objective& objective)
{
    if (!objective.productTerm)
        return {};
    const ProductTerm& term = *objective.productTerm;
    if (!(term.target > 0))
        return fmt::format("the target of '{}' is {}, but must be above 0", objective.metric, term.target);
    for (const double exponent : { term.exponentMet, term.exponentMissed }) {
        if (!(objective.maximise ? exponent >= 0 : exponent <= 0))
            return fmt::format("the exponent of '{}' is {}, but must be {}, because the metric is to be {}",
                objective.metric, exponent, objective.maximise ? "0 or above" : "0 or below",
                objective.maximise ? "large" : "small");
    }
    return {};
}

bool Constraint::holds(double value) const
{
    return relation == Relation::AtMost ? value <= bound : value >= bound;
}

Result<Constraint> parseConstraint(std::string_view text)
{
    const auto malformed = [&] {
        return fail(ErrorCode::InvalidArgument, "a constraint is a metric, '<=' or '>=', and a number, as in 'params<=1e6'",
            fmt::format("'{}'", text));
    };
    const std::size_t at = text.find_first_of("<>");
    if (at == std::string_view::npos || at + 1 >= text.size() || text[at + 1] != '=')
        return malformed();
    Constraint constraint;
    constraint.relation = text[at] == '<' ? Constraint::Relation::AtMost : Constraint::Relation::AtLeast;
    const std::string_view name = trimmed(text.substr(0, at));
    if (name.empty() || !parseNumber(trimmed(text.substr(at + 2)), constraint.bound))
        return malformed();
    ARCHSCOPE_ASSIGN(const train::MetricDescriptor* metric, searchableMetric(name));
    constraint.metric = metric->name;
    return constraint;
}

std::string constraintText(const Constraint& constraint)
{
    return fmt::format(
        "{}{}{}", constraint.metric, constraint.relation == Constraint::Relation::AtMost ? "<=" : ">=", constraint.bound);
}

std::vector<double> signedValues(const train::Trial& trial, std::span<const Objective> objectives)
{
    std::vector<double> values;
    values.reserve(objectives.size());
    for (const Objective& objective : objectives)
        values.push_back(signedValue(trial, objective));
    return values;
}

double weightedProduct(std::span<const double> values, std::span<const Objective> objectives)
{
    if (std::ranges::any_of(values, [](double value) { return std::isnan(value); }))
        return std::numeric_limits<double>::quiet_NaN();
    double factor = 1;
    for (std::size_t i = 1; i < objectives.size(); ++i) {
        const Objective& objective = objectives[i];
        const ProductTerm term = objective.productTerm.value_or(usualTerm(objective));
        const double ratio = std::max(leastRatio, (objective.maximise ? values[i] : -values[i]) / term.target);
        const bool isMet = objective.maximise ? ratio >= 1 : ratio <= 1;
        factor *= std::pow(ratio, isMet ? term.exponentMet : term.exponentMissed);
    }
    return values[0] < 0 ? values[0] / factor : values[0] * factor;
}

double violation(const train::Trial& trial, std::span<const Objective> objectives, std::span<const Constraint> constraints)
{
    constexpr double infinite = std::numeric_limits<double>::infinity();
    if (trial.state != train::TrialState::Completed)
        return infinite;
    double sum = 0;
    for (const Constraint& constraint : constraints) {
        const double value = trial.metric(constraint.metric);
        if (std::isnan(value))
            return infinite;
        // Never 0 for a broken one, however little it is broken.
        if (!constraint.holds(value))
            sum += std::max(std::numeric_limits<double>::min(),
                std::abs(value - constraint.bound) / (constraint.bound == 0 ? 1 : std::abs(constraint.bound)));
    }
    const bool lacks
        = std::ranges::any_of(objectives, [&](const Objective& o) { return std::isnan(trial.metric(o.metric)); });
    return lacks ? infinite : sum;
}

bool isFeasible(const train::Trial& trial, std::span<const Objective> objectives, std::span<const Constraint> constraints)
{
    return std::ranges::none_of(objectives, [&](const Objective& o) { return std::isnan(trial.metric(o.metric)); })
        && std::ranges::all_of(constraints, [&](const Constraint& c) { return c.holds(trial.metric(c.metric)); });
}

std::ptrdiff_t bestTrial(
    std::span<const train::Trial> trials, std::span<const Objective> objectives, std::span<const Constraint> constraints)
{
    std::ptrdiff_t best = -1;
    double bestValue = -std::numeric_limits<double>::infinity();
    if (objectives.empty())
        return best;
    for (std::size_t i = 0; i < trials.size(); ++i) {
        const train::Trial& trial = trials[i];
        if (trial.state != train::TrialState::Completed || !isFeasible(trial, objectives, constraints))
            continue;
        const double value = signedValue(trial, objectives.front());
        const bool earlier = best >= 0 && value == bestValue && trial.id < trials[static_cast<std::size_t>(best)].id;
        if (best < 0 || value > bestValue || earlier) {
            best = static_cast<std::ptrdiff_t>(i);
            bestValue = value;
        }
    }
    return best;
}

std::vector<std::size_t> paretoFront(
    std::span<const train::Trial> trials, std::span<const Objective> objectives, std::span<const Constraint> constraints)
{
    if (objectives.empty())
        return {};
    std::vector<std::size_t> counted;
    for (std::size_t i = 0; i < trials.size(); ++i) {
        if (trials[i].state == train::TrialState::Completed && isFeasible(trials[i], objectives, constraints))
            counted.push_back(i);
    }
    std::ranges::sort(counted, {}, [&](std::size_t i) { return trials[i].id; }); // of equal points the first stays
    std::vector<Point> points;
    for (const std::size_t i : counted)
        points.push_back(signedValues(trials[i], objectives));
    std::vector<std::size_t> front;
    for (const std::size_t point : nonDominated(points))
        front.push_back(counted[point]);
    return front;
}

} // namespace archscope::search
