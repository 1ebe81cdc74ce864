#include "core/search/objective.h"

#include "core/base/text.h"

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

struct Point {
    std::size_t index = 0;
    std::vector<double> values; ///< larger is better
};

bool dominates(const std::vector<double>& a, const std::vector<double>& b)
{
    bool better = false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i] < b[i])
            return false;
        better |= a[i] > b[i];
    }
    return better;
}

} // namespace

Result<std::vector<Objective>> parseObjectives(std::string_view text)
{
    std::vector<Objective> objectives;
    for (const std::string& part : split(text, ',')) {
        const std::string_view piece = trimmed(part);
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
        objectives.push_back(std::move(objective));
    }
    return objectives;
}

std::string objectivesText(std::span<const Objective> objectives)
{
    std::vector<std::string> parts;
    for (const Objective& objective : objectives)
        parts.push_back(objective.metric + (objective.maximise ? ":max" : ":min"));
    return joined(parts, ",");
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
    std::vector<Point> points;
    if (objectives.empty())
        return {};
    for (std::size_t i = 0; i < trials.size(); ++i) {
        if (trials[i].state != train::TrialState::Completed || !isFeasible(trials[i], objectives, constraints))
            continue;
        Point point{ i, {} };
        for (const Objective& objective : objectives)
            point.values.push_back(signedValue(trials[i], objective));
        points.push_back(std::move(point));
    }
    // In this order nothing is dominated by what comes later, and of equal points the earliest trial comes first.
    std::sort(points.begin(), points.end(), [&](const Point& a, const Point& b) {
        return a.values != b.values ? a.values > b.values : trials[a.index].id < trials[b.index].id;
    });
    std::vector<const Point*> front;
    for (const Point& point : points) {
        // With two objectives the last of the front has the best second value so far: nobody else needs to be asked.
        const std::size_t from = objectives.size() <= 2 && !front.empty() ? front.size() - 1 : 0;
        const bool beaten = std::any_of(front.begin() + static_cast<std::ptrdiff_t>(from), front.end(),
            [&](const Point* other) { return other->values == point.values || dominates(other->values, point.values); });
        if (!beaten)
            front.push_back(&point);
    }
    std::vector<std::size_t> indices;
    for (const Point* point : front)
        indices.push_back(point->index);
    return indices;
}

} // namespace archscope::search
