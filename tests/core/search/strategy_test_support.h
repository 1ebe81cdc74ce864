// What tests of single strategies share: making one, telling it.
#pragma once

#include "tests/core/search/search_test_support.h"

#include <limits>

namespace archscope::search::testing {

using Settings = std::map<std::string, space::Literal>;

inline std::unique_ptr<Strategy> made(
    const StrategyDescriptor& descriptor, const StrategyContext& context, const Settings& settings = {})
{
    auto strategy = descriptor.make(context, *space::completed(descriptor.settings, settings, descriptor.name));
    return strategy ? std::move(*strategy) : nullptr;
}

inline void tellCompleted(
    Strategy& strategy, std::int64_t id, const space::Genotype& genotype, std::vector<double> values, double violation = 0)
{
    Observation observation;
    observation.id = train::TrialId(id);
    observation.genotype = &genotype;
    observation.values = std::move(values);
    observation.violation = violation;
    observation.feasible = violation == 0;
    strategy.tell(observation);
}

inline void tellFailed(Strategy& strategy, std::int64_t id, const space::Genotype& genotype)
{
    Observation observation;
    observation.id = train::TrialId(id);
    observation.genotype = &genotype;
    observation.state = train::TrialState::Failed;
    observation.feasible = false;
    observation.violation = std::numeric_limits<double>::infinity();
    strategy.tell(observation);
}

} // namespace archscope::search::testing
