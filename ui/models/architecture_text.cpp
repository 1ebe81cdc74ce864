#include "ui/models/architecture_text.h"

#include <QStringList>
#include <algorithm>

namespace archscope::ui {

namespace {

using space::Decision;

std::string_view lastPart(std::string_view path)
{
    return path.substr(path.rfind('/') + 1); // npos + 1 is 0
}

/// "layers/0" of "layers/0/op/conv.kernel": the innermost round of a repeat, or nothing.
std::string_view roundOf(std::string_view key)
{
    std::size_t end = 0;
    for (std::size_t begin = 0; begin <= key.size();) {
        const std::size_t slash = std::min(key.find('/', begin), key.size());
        const std::string_view part = key.substr(begin, slash - begin);
        if (!part.empty() && std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; }))
            end = slash;
        begin = slash + 1;
    }
    return key.substr(0, end);
}

/// What is told of one decision: "×3", "conv", "kernel 5", "no dropout".
std::string token(const Decision& decision, double answer)
{
    const std::string value = space::literalText(decision.domain.at(answer));
    const std::string_view key = decision.key;
    switch (decision.kind) {
    case Decision::Kind::Choice:
        return value;
    case Decision::Kind::Parameter:
    case Decision::Kind::Variable:
        return decision.parameter + ' ' + value;
    case Decision::Kind::Count:
        return std::string(lastPart(key.substr(0, key.rfind('#')))) + " ×" + value;
    case Decision::Kind::Presence:
        return (answer > 0 ? "" : "no ") + std::string(lastPart(key.substr(0, key.rfind('#'))));
    case Decision::Kind::Selection:
    case Decision::Kind::Order:
        return std::string(lastPart(key)) + ' ' + value;
    }
    return {};
}

template <class Visit>
void forEachActive(const space::DecisionSpace& decisions, const space::Genotype& genotype, Visit visit)
{
    if (genotype.size() != decisions.size())
        return;
    for (std::size_t i = 0; i < decisions.size(); ++i) {
        if (genotype.isActive(i) && decisions.decisions()[i].domain.contains(genotype[i]))
            visit(decisions.decisions()[i], genotype[i]);
    }
}

} // namespace

QString architectureText(const space::DecisionSpace& decisions, const space::Genotype& genotype)
{
    std::string text;
    std::string_view round;
    bool counted = false;
    forEachActive(decisions, genotype, [&](const Decision& decision, double answer) {
        if (decision.domain.size() == 1)
            return;
        const std::string_view own = roundOf(decision.key);
        const bool isOptional = decision.kind == Decision::Kind::Presence;
        const bool isCount = decision.kind == Decision::Kind::Count;
        if (!text.empty()) {
            if (own == round)
                text += isOptional || isCount || own.empty() ? " · " : " ";
            else if (counted && own.size() > round.size())
                text += ": ";
            else
                text += own.empty() ? " · " : " | ";
        }
        text += token(decision, answer);
        round = own;
        counted = isCount;
    });
    return QString::fromStdString(text);
}

QString architectureDetails(const space::DecisionSpace& decisions, const space::Genotype& genotype)
{
    QStringList lines;
    forEachActive(decisions, genotype, [&](const Decision& decision, double answer) {
        lines << QString::fromStdString(decision.key + " = " + space::literalText(decision.domain.at(answer)));
    });
    return lines.join('\n');
}

} // namespace archscope::ui
