#include "core/train/trial.h"

#include <array>
#include <limits>

namespace archscope::train {

namespace {
constexpr std::array<std::pair<TrialState, std::string_view>, 6> stateNames{ {
    { TrialState::Queued, "queued" },
    { TrialState::Running, "running" },
    { TrialState::Completed, "completed" },
    { TrialState::Pruned, "pruned" },
    { TrialState::Failed, "failed" },
    { TrialState::Cancelled, "cancelled" },
} };
constexpr std::int64_t maxEpochs = 100'000;
} // namespace

std::string stateName(TrialState state)
{
    return std::string(stateNames[static_cast<std::size_t>(state)].second);
}

std::optional<TrialState> stateFromName(std::string_view name)
{
    for (const auto& [state, text] : stateNames) {
        if (text == name)
            return state;
    }
    return std::nullopt;
}

Json fidelityToJson(const Fidelity& fidelity)
{
    return Json{ { "epochs", fidelity.epochs } };
}

Result<Fidelity> fidelityFromJson(const JsonReader& reader)
{
    ARCHSCOPE_TRY(reader.expectObject());
    ARCHSCOPE_TRY(reader.expectOnly({ "epochs" }));
    ARCHSCOPE_ASSIGN(const std::int64_t epochs, reader.integerOr("epochs", 0));
    if (epochs < 0 || epochs > maxEpochs)
        return reader.fail("epochs must lie between 0 (the recipe's) and " + std::to_string(maxEpochs));
    return Fidelity{ static_cast<int>(epochs) };
}

double Trial::metric(const std::string& name) const
{
    const auto found = metrics.find(name);
    return found == metrics.end() ? std::numeric_limits<double>::quiet_NaN() : found->second;
}

} // namespace archscope::train
