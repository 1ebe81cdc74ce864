#include "core/search/study.h"

#include "core/base/text.h"

#include <cmath>
#include <filesystem>
#include <fmt/format.h>

namespace archscope::search {

namespace {

constexpr const char* format = "archscope.study";
constexpr int maxJobs = 4096;
constexpr std::size_t maxNameLength = 200;

double unitSeconds(char unit)
{
    switch (unit) {
    case 's':
        return 1;
    case 'm':
        return 60;
    case 'h':
        return 3600;
    case 'd':
        return 86400;
    default:
        return 0;
    }
}

Json objectiveToJson(const Objective& objective)
{
    Json json = { { "metric", objective.metric }, { "direction", objective.maximise ? "max" : "min" } };
    if (objective.productTerm) {
        json["target"] = objective.productTerm->target;
        json["exponent_met"] = objective.productTerm->exponentMet;
        json["exponent_missed"] = objective.productTerm->exponentMissed;
    }
    return json;
}

Result<Objective> objectiveFromJson(const JsonReader& reader)
{
    ARCHSCOPE_TRY(reader.expectOnly({ "metric", "direction", "target", "exponent_met", "exponent_missed" }));
    ARCHSCOPE_ASSIGN(const std::string metric, reader.string("metric"));
    ARCHSCOPE_ASSIGN(const std::string direction, reader.string("direction"));
    const auto parsed = parseObjectives(metric + ":" + direction);
    if (!parsed)
        return reader.fail(parsed.error().text());
    Objective objective = parsed->front();
    if (reader.has("target")) {
        ProductTerm term;
        ARCHSCOPE_ASSIGN(term.target, reader.number("target"));
        ARCHSCOPE_ASSIGN(term.exponentMet, reader.number("exponent_met"));
        ARCHSCOPE_ASSIGN(term.exponentMissed, reader.number("exponent_missed"));
        objective.productTerm = term;
        if (const auto problem = productTermProblem(objective))
            return reader.fail(*problem);
    }
    return objective;
}

Json constraintToJson(const Constraint& constraint)
{
    return { { "metric", constraint.metric },
        { "relation", constraint.relation == Constraint::Relation::AtMost ? "<=" : ">=" },
        { "bound", numberToJson(constraint.bound) } };
}

Result<Constraint> constraintFromJson(const JsonReader& reader)
{
    ARCHSCOPE_TRY(reader.expectOnly({ "metric", "relation", "bound" }));
    ARCHSCOPE_ASSIGN(const std::string metric, reader.string("metric"));
    ARCHSCOPE_ASSIGN(const std::string relation, reader.string("relation"));
    ARCHSCOPE_ASSIGN(const double bound, reader.number("bound"));
    auto parsed = parseConstraint(metric + relation + "0");
    if (!parsed)
        return reader.fail(parsed.error().text());
    parsed->bound = bound;
    return *parsed;
}

template <class T, class Read> Result<std::vector<T>> listFromJson(const JsonReader& reader, const char* key, Read read)
{
    ARCHSCOPE_ASSIGN(const JsonReader list, reader.member(key));
    ARCHSCOPE_TRY(list.expectArray());
    std::vector<T> items;
    for (std::size_t i = 0; i < list.size(); ++i) {
        ARCHSCOPE_ASSIGN(const JsonReader element, list.element(i));
        ARCHSCOPE_ASSIGN(T item, read(element));
        items.push_back(std::move(item));
    }
    return items;
}

Json budgetToJson(const Budget& budget)
{
    Json json = { { "trials", budget.trials }, { "seconds", budget.seconds } };
    if (budget.simulatedSeconds > 0)
        json["simulated_seconds"] = budget.simulatedSeconds;
    return json;
}

Result<Budget> budgetFromJson(const JsonReader& reader)
{
    ARCHSCOPE_TRY(reader.expectOnly({ "trials", "seconds", "simulated_seconds" }));
    Budget budget;
    ARCHSCOPE_ASSIGN(budget.trials, reader.integerOr("trials", 0));
    ARCHSCOPE_ASSIGN(budget.seconds, reader.numberOr("seconds", 0));
    ARCHSCOPE_ASSIGN(budget.simulatedSeconds, reader.numberOr("simulated_seconds", 0));
    if (budget.trials < 0 || budget.seconds < 0 || budget.simulatedSeconds < 0)
        return reader.fail("a budget is not negative; 0 means no bound");
    return budget;
}

Json settingsToJson(const std::map<std::string, space::Literal>& settings)
{
    Json json = Json::object();
    for (const auto& [name, value] : settings)
        json[name] = space::literalToJson(value);
    return json;
}

Result<std::map<std::string, space::Literal>> settingsFromJson(const JsonReader& reader)
{
    ARCHSCOPE_ASSIGN(const JsonReader object, reader.member("settings"));
    ARCHSCOPE_TRY(object.expectObject());
    std::map<std::string, space::Literal> settings;
    for (const auto& [key, value] : object.value().items()) {
        ARCHSCOPE_ASSIGN(const JsonReader setting, object.member(key));
        ARCHSCOPE_ASSIGN(settings[key], space::literalFromJson(setting));
    }
    return settings;
}

Json componentToJson(const Component& component)
{
    return { { "name", component.name }, { "settings", settingsToJson(component.settings) } };
}

/// Nothing where the key is missing.
Result<std::optional<Component>> componentFromJson(const JsonReader& reader, const char* key)
{
    if (!reader.has(key))
        return std::nullopt;
    ARCHSCOPE_ASSIGN(const JsonReader object, reader.member(key));
    ARCHSCOPE_TRY(object.expectOnly({ "name", "settings" }));
    Component component;
    ARCHSCOPE_ASSIGN(component.name, object.string("name"));
    ARCHSCOPE_ASSIGN(component.settings, settingsFromJson(object));
    return component;
}

Json sourceToJson(const WarmStartSource& source)
{
    return { { "store", source.store }, { "study", source.study }, { "trials", source.trials }, { "taken", source.taken },
        { "decisions", source.decisions } };
}

Result<WarmStartSource> sourceFromJson(const JsonReader& reader)
{
    ARCHSCOPE_TRY(reader.expectOnly({ "store", "study", "trials", "taken", "decisions" }));
    WarmStartSource source;
    ARCHSCOPE_ASSIGN(source.store, reader.string("store"));
    ARCHSCOPE_ASSIGN(source.study, reader.string("study"));
    ARCHSCOPE_ASSIGN(source.trials, reader.integerOr("trials", 0));
    ARCHSCOPE_ASSIGN(source.taken, reader.integerOr("taken", 0));
    ARCHSCOPE_ASSIGN(source.decisions, reader.integerOr("decisions", 0));
    return source;
}

Json tableToJson(const TableSpec& table)
{
    Json json = { { "file", table.file }, { "key", table.key }, { "metric", table.metric }, { "test", table.test },
        { "cost", table.cost } };
    if (!table.columns.empty())
        json["columns"] = table.columns;
    return json;
}

Result<TableSpec> tableFromJson(const JsonReader& reader)
{
    ARCHSCOPE_TRY(reader.expectOnly({ "file", "key", "metric", "test", "cost", "columns" }));
    TableSpec table;
    ARCHSCOPE_ASSIGN(table.file, reader.string("file"));
    ARCHSCOPE_ASSIGN(table.key, reader.string("key"));
    ARCHSCOPE_ASSIGN(table.metric, reader.string("metric"));
    ARCHSCOPE_ASSIGN(table.test, reader.string("test"));
    ARCHSCOPE_ASSIGN(table.cost, reader.string("cost"));
    if (reader.has("columns")) {
        ARCHSCOPE_ASSIGN(const JsonReader columns, reader.member("columns"));
        ARCHSCOPE_TRY(columns.expectObject());
        for (const auto& [metric, column] : columns.value().items()) {
            ARCHSCOPE_ASSIGN(table.columns[metric], columns.string(metric));
        }
    }
    return table;
}

Json priorToJson(const PriorTrial& trial)
{
    Json values = Json::array();
    for (const double value : trial.values)
        values.push_back(numberToJson(value));
    return { { "answers", trial.genotype.answers() }, { "values", std::move(values) }, { "product", numberToJson(trial.product) } };
}

Result<std::vector<PriorTrial>> priorFromJson(const JsonReader& reader, const StudySpec& spec)
{
    ARCHSCOPE_ASSIGN(const space::DecisionSpace decisions, space::DecisionSpace::compile(spec.space));
    return listFromJson<PriorTrial>(reader, "prior", [&](const JsonReader& element) -> Result<PriorTrial> {
        ARCHSCOPE_TRY(element.expectOnly({ "answers", "values", "product" }));
        PriorTrial trial;
        ARCHSCOPE_ASSIGN(const JsonReader answers, element.member("answers"));
        ARCHSCOPE_ASSIGN(trial.genotype, genotypeFromJson(answers, decisions));
        ARCHSCOPE_ASSIGN(trial.values, listFromJson<double>(element, "values", [](const JsonReader& value) { return numberFromJson(value.value()); }));
        ARCHSCOPE_ASSIGN(trial.product, element.number("product"));
        if (trial.values.size() != spec.objectives.size())
            return element.fail(fmt::format("{} values do not fit {} objectives", trial.values.size(), spec.objectives.size()));
        return trial;
    });
}

Result<std::string> nameFromJson(const JsonReader& reader)
{
    ARCHSCOPE_ASSIGN(const std::string name, reader.string());
    if (const auto problem = studyNameProblem(name))
        return reader.fail(*problem);
    return name;
}

} // namespace

Result<double> parseDuration(std::string_view text)
{
    const auto malformed = [&](std::string_view reason) {
        return fail(ErrorCode::InvalidArgument,
            fmt::format("{}: write a duration as '10m', '90s', '1h30m' or a number of seconds", reason),
            fmt::format("'{}'", text));
    };
    const std::string_view whole = trimmed(text);
    double seconds = 0;
    if (parseNumber(whole, seconds))
        return seconds > 0 ? Result<double>(seconds) : malformed("the duration is not positive");
    seconds = 0;
    double previousUnit = unitSeconds('d') + 1;
    for (std::string_view rest = whole; !rest.empty();) {
        const std::size_t at = rest.find_first_not_of("0123456789.");
        double amount = 0;
        if (at == std::string_view::npos || !parseNumber(rest.substr(0, at), amount))
            return malformed("this is no duration");
        const double unit = unitSeconds(rest[at]);
        if (unit == 0)
            return malformed(fmt::format("the unit '{}' is not known (d, h, m, s)", rest[at]));
        if (unit >= previousUnit)
            return malformed("the units do not go from large to small");
        previousUnit = unit;
        seconds += amount * unit;
        rest = rest.substr(at + 1);
    }
    if (!(seconds > 0))
        return malformed(whole.empty() ? "the duration is empty" : "the duration is not positive");
    return seconds;
}

std::string testMetricOf(const std::string& metric)
{
    constexpr std::string_view validation = "val_";
    return "test_" + (metric.starts_with(validation) ? metric.substr(validation.size()) : metric);
}

data::TaskSpec tableTask(const TableSpec& table)
{
    data::TaskSpec task;
    task.name = std::filesystem::path(table.file).filename().string();
    return task;
}

bool hasData(const StudySpec& spec)
{
    return !spec.task.source.kind.empty();
}

std::optional<std::string> studyNameProblem(std::string_view name)
{
    if (trimmed(name).empty())
        return "a study needs a name";
    if (trimmed(name).size() != name.size())
        return fmt::format("the study's name '{}' begins or ends with a space", name);
    if (name.size() > maxNameLength)
        return fmt::format("the study's name has {} bytes; at most {} are allowed", name.size(), maxNameLength);
    for (const char c : name) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            return "the study's name has a control character in it";
    }
    return {};
}

Json studyToJson(const StudySpec& spec)
{
    Json objectives = Json::array();
    for (const Objective& objective : spec.objectives)
        objectives.push_back(objectiveToJson(objective));
    Json constraints = Json::array();
    for (const Constraint& constraint : spec.constraints)
        constraints.push_back(constraintToJson(constraint));
    Json json = { { "format", format }, { "version", studyFormatVersion }, { "name", spec.name },
        { "space", space::spaceToJson(spec.space) }, { "strategy", spec.strategy },
        { "settings", settingsToJson(spec.settings) }, { "objectives", std::move(objectives) },
        { "constraints", std::move(constraints) }, { "fidelity", train::fidelityToJson(spec.fidelity) },
        { "budget", budgetToJson(spec.budget) }, { "seed", spec.seed }, { "device", spec.device }, { "jobs", spec.jobs } };
    if (hasData(spec))
        json["task"] = data::taskToJson(spec.task);
    if (spec.firstBudget)
        json["first_budget"] = budgetToJson(*spec.firstBudget);
    if (spec.scheduler)
        json["scheduler"] = componentToJson(*spec.scheduler);
    if (spec.proxy)
        json["proxy"] = componentToJson(*spec.proxy);
    if (spec.inheritWeights)
        json["inherit_weights"] = true;
    for (const WarmStartSource& source : spec.warmStart)
        json["warm_start"].push_back(sourceToJson(source));
    if (spec.warmTrials > 0)
        json["warm_trials"] = spec.warmTrials;
    if (!spec.policy.is_null())
        json["policy"] = spec.policy;
    for (const PriorTrial& trial : spec.prior)
        json["prior"].push_back(priorToJson(trial));
    if (spec.table)
        json["table"] = tableToJson(*spec.table);
    return json;
}

Result<StudySpec> studyFromJson(const Json& document)
{
    ARCHSCOPE_TRY(checkFormat(document, format, studyFormatVersion));
    const JsonReader reader(document);
    ARCHSCOPE_TRY(reader.expectOnly({ "format", "version", "name", "space", "task", "strategy", "settings", "objectives",
        "constraints", "fidelity", "budget", "first_budget", "seed", "device", "jobs", "scheduler", "proxy", "inherit_weights",
        "warm_start", "warm_trials", "policy", "prior", "table" }));
    StudySpec spec;
    ARCHSCOPE_ASSIGN(const JsonReader name, reader.member("name"));
    ARCHSCOPE_ASSIGN(spec.name, nameFromJson(name));

    ARCHSCOPE_ASSIGN(const JsonReader space, reader.member("space"));
    auto readSpace = space::spaceFromJson(space.value());
    if (!readSpace)
        return fail(readSpace.error().within(space.place()));
    spec.space = std::move(*readSpace);
    if (reader.has("table")) {
        ARCHSCOPE_ASSIGN(const JsonReader table, reader.member("table"));
        ARCHSCOPE_ASSIGN(spec.table, tableFromJson(table));
    }
    if (spec.table && !reader.has("task")) {
        spec.task = tableTask(*spec.table);
    } else {
        ARCHSCOPE_ASSIGN(const JsonReader task, reader.member("task"));
        auto readTask = data::taskFromJson(task.value());
        if (!readTask)
            return fail(readTask.error().within(task.place()));
        spec.task = std::move(*readTask);
    }

    ARCHSCOPE_ASSIGN(spec.strategy, reader.string("strategy"));
    ARCHSCOPE_ASSIGN(spec.settings, settingsFromJson(reader));
    ARCHSCOPE_ASSIGN(spec.scheduler, componentFromJson(reader, "scheduler"));
    ARCHSCOPE_ASSIGN(spec.proxy, componentFromJson(reader, "proxy"));
    ARCHSCOPE_ASSIGN(spec.inheritWeights, reader.booleanOr("inherit_weights", false));
    if (reader.has("warm_start")) {
        ARCHSCOPE_ASSIGN(spec.warmStart, listFromJson<WarmStartSource>(reader, "warm_start", sourceFromJson));
    }
    ARCHSCOPE_ASSIGN(spec.warmTrials, reader.integerOr("warm_trials", 0));
    if (spec.warmTrials < 0)
        return reader.fail("warm_trials is not negative; 0 means chosen by the budget");
    ARCHSCOPE_ASSIGN(spec.objectives, listFromJson<Objective>(reader, "objectives", objectiveFromJson));
    if (spec.objectives.empty())
        return reader.fail("a study needs an objective, such as val_accuracy");
    if (reader.has("policy"))
        spec.policy = document["policy"];
    if (reader.has("prior")) {
        ARCHSCOPE_ASSIGN(spec.prior, priorFromJson(reader, spec));
    }
    ARCHSCOPE_ASSIGN(spec.constraints, listFromJson<Constraint>(reader, "constraints", constraintFromJson));
    ARCHSCOPE_ASSIGN(const JsonReader fidelity, reader.member("fidelity"));
    ARCHSCOPE_ASSIGN(spec.fidelity, train::fidelityFromJson(fidelity));
    ARCHSCOPE_ASSIGN(const JsonReader budget, reader.member("budget"));
    ARCHSCOPE_ASSIGN(spec.budget, budgetFromJson(budget));
    if (reader.has("first_budget")) {
        ARCHSCOPE_ASSIGN(const JsonReader first, reader.member("first_budget"));
        ARCHSCOPE_ASSIGN(spec.firstBudget, budgetFromJson(first));
    }
    ARCHSCOPE_ASSIGN(const JsonReader seed, reader.member("seed"));
    // Not `integer`: seeds use all 64 bits.
    if (!seed.value().is_number_unsigned() && !(seed.value().is_number_integer() && seed.value().get<std::int64_t>() >= 0))
        return seed.fail("a seed is a whole number from 0 up");
    spec.seed = seed.value().get<std::uint64_t>();
    ARCHSCOPE_ASSIGN(spec.device, reader.string("device"));
    ARCHSCOPE_ASSIGN(const JsonReader jobs, reader.member("jobs"));
    ARCHSCOPE_ASSIGN(const std::int64_t jobCount, jobs.integer());
    if (jobCount < 0 || jobCount > maxJobs)
        return jobs.fail(fmt::format("jobs are 0 (chosen by the machine) to {}, not {}", maxJobs, jobCount));
    spec.jobs = static_cast<int>(jobCount);
    return spec;
}

} // namespace archscope::search
