#include "core/search/supernet_report.h"

#include "core/search/strategy.h"

namespace archscope::search {

namespace {

Json optionalToJson(const std::optional<double>& value)
{
    return value ? numberToJson(*value) : Json();
}

Result<std::optional<double>> optionalFromJson(const JsonReader& reader, std::string_view key)
{
    ARCHSCOPE_ASSIGN(const JsonReader member, reader.member(key));
    if (member.value().is_null())
        return std::optional<double>();
    ARCHSCOPE_ASSIGN(const double value, numberFromJson(member.value()));
    return std::optional<double>(value);
}

/// `read` makes a T of each element's reader.
template <class T, class Read> Result<std::vector<T>> listOf(const JsonReader& reader, std::string_view key, const Read& read)
{
    ARCHSCOPE_ASSIGN(const JsonReader list, reader.member(key));
    ARCHSCOPE_TRY(list.expectArray());
    std::vector<T> values;
    for (std::size_t i = 0; i < list.size(); ++i) {
        ARCHSCOPE_ASSIGN(const JsonReader element, list.element(i));
        ARCHSCOPE_ASSIGN(T value, read(element));
        values.push_back(std::move(value));
    }
    return values;
}

Result<double> number(const JsonReader& reader)
{
    return numberFromJson(reader.value());
}

} // namespace

std::string alarmKindName(CollapseAlarm::Kind kind)
{
    return kind == CollapseAlarm::Kind::ParameterFree ? "parameter_free" : "sharpness";
}

Json reportToJson(const SupernetReport& report)
{
    Json beliefs = Json::array();
    for (const DecisionBelief& belief : report.beliefs) {
        beliefs.push_back({ { "decision", belief.decision }, { "answers", belief.answers },
            { "probabilities", belief.probabilities }, { "entropy", belief.entropy } });
    }
    Json alarms = Json::array();
    for (const CollapseAlarm& alarm : report.alarms)
        alarms.push_back({ { "kind", alarmKindName(alarm.kind) }, { "message", alarm.message } });
    return { { "epoch", report.epoch }, { "epochs", report.epochs }, { "train_loss", numberToJson(report.trainLoss) },
        { "train_accuracy", numberToJson(report.trainAccuracy) }, { "architecture_loss", optionalToJson(report.architectureLoss) },
        { "architecture_accuracy", optionalToJson(report.architectureAccuracy) },
        { "shared_accuracy", optionalToJson(report.sharedAccuracy) }, { "beliefs", std::move(beliefs) },
        { "entropy", numberToJson(report.entropy) }, { "entropy_series", report.entropySeries },
        { "sharpness", optionalToJson(report.sharpness) }, { "derived", report.derived.answers() }, { "alarms", std::move(alarms) },
        { "seconds", report.seconds } };
}

Result<SupernetReport> reportFromJson(const JsonReader& reader, const space::DecisionSpace& decisions)
{
    SupernetReport report;
    ARCHSCOPE_ASSIGN(const std::int64_t epoch, reader.integer("epoch"));
    ARCHSCOPE_ASSIGN(const std::int64_t epochs, reader.integer("epochs"));
    report.epoch = static_cast<int>(epoch);
    report.epochs = static_cast<int>(epochs);
    for (const auto& [key, value] : { std::pair("train_loss", &report.trainLoss), { "train_accuracy", &report.trainAccuracy }, { "entropy", &report.entropy } }) {
        ARCHSCOPE_ASSIGN(const JsonReader member, reader.member(key));
        ARCHSCOPE_ASSIGN(*value, number(member));
    }
    ARCHSCOPE_ASSIGN(report.architectureLoss, optionalFromJson(reader, "architecture_loss"));
    ARCHSCOPE_ASSIGN(report.architectureAccuracy, optionalFromJson(reader, "architecture_accuracy"));
    ARCHSCOPE_ASSIGN(report.sharedAccuracy, optionalFromJson(reader, "shared_accuracy"));
    ARCHSCOPE_ASSIGN(report.sharpness, optionalFromJson(reader, "sharpness"));
    ARCHSCOPE_ASSIGN(report.beliefs, listOf<DecisionBelief>(reader, "beliefs", [](const JsonReader& element) -> Result<DecisionBelief> {
        DecisionBelief belief;
        ARCHSCOPE_ASSIGN(belief.decision, element.string("decision"));
        ARCHSCOPE_ASSIGN(belief.answers, listOf<std::string>(element, "answers", [](const JsonReader& text) { return text.string(); }));
        ARCHSCOPE_ASSIGN(belief.probabilities, listOf<double>(element, "probabilities", number));
        ARCHSCOPE_ASSIGN(belief.entropy, element.number("entropy"));
        return belief;
    }));
    ARCHSCOPE_ASSIGN(report.entropySeries, listOf<double>(reader, "entropy_series", number));
    ARCHSCOPE_ASSIGN(const JsonReader derived, reader.member("derived"));
    ARCHSCOPE_ASSIGN(report.derived, genotypeFromJson(derived, decisions));
    ARCHSCOPE_ASSIGN(report.alarms, listOf<CollapseAlarm>(reader, "alarms", [](const JsonReader& element) -> Result<CollapseAlarm> {
        CollapseAlarm alarm;
        ARCHSCOPE_ASSIGN(const std::string kind, element.string("kind"));
        alarm.kind = kind == alarmKindName(CollapseAlarm::Kind::Sharpness) ? CollapseAlarm::Kind::Sharpness : CollapseAlarm::Kind::ParameterFree;
        ARCHSCOPE_ASSIGN(alarm.message, element.string("message"));
        return alarm;
    }));
    ARCHSCOPE_ASSIGN(report.seconds, reader.number("seconds"));
    return report;
}

Json candidateToJson(const SupernetCandidate& candidate)
{
    return { { "answers", candidate.genotype.answers() }, { "shared_accuracy", optionalToJson(candidate.sharedAccuracy) } };
}

Result<SupernetCandidate> candidateFromJson(const JsonReader& reader, const space::DecisionSpace& decisions)
{
    SupernetCandidate candidate;
    ARCHSCOPE_ASSIGN(const JsonReader answers, reader.member("answers"));
    ARCHSCOPE_ASSIGN(candidate.genotype, genotypeFromJson(answers, decisions));
    ARCHSCOPE_ASSIGN(candidate.sharedAccuracy, optionalFromJson(reader, "shared_accuracy"));
    return candidate;
}

} // namespace archscope::search
