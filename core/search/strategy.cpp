#include "core/search/strategy.h"

#include <algorithm>

namespace archscope::search {

const StrategyDescriptor* StrategySet::find(std::string_view name) const
{
    const auto it = std::ranges::find(m_strategies, name, &StrategyDescriptor::name);
    return it == m_strategies.end() ? nullptr : &*it;
}

std::vector<std::string> StrategySet::names() const
{
    std::vector<std::string> names;
    for (const StrategyDescriptor& strategy : m_strategies)
        names.push_back(strategy.name);
    return names;
}

const SchedulerDescriptor* StrategySet::findScheduler(std::string_view name) const
{
    const auto it = std::ranges::find(m_schedulers, name, &SchedulerDescriptor::name);
    return it == m_schedulers.end() ? nullptr : &*it;
}

std::vector<std::string> StrategySet::schedulerNames() const
{
    std::vector<std::string> names;
    for (const SchedulerDescriptor& scheduler : m_schedulers)
        names.push_back(scheduler.name);
    return names;
}

std::optional<space::Genotype> sampleAdmissible(const StrategyContext& context, Rng& rng, int tries)
{
    for (int i = 0; i < tries; ++i) {
        space::Genotype genotype = context.decisions->sample(rng);
        if (context.isAdmissible(genotype))
            return genotype;
    }
    return {};
}

Json rngToJson(const Rng& rng)
{
    return rng.state();
}

Result<Rng> rngFromJson(const JsonReader& reader)
{
    Rng::State state;
    ARCHSCOPE_TRY(reader.expectArray());
    if (reader.size() != state.size())
        return reader.fail("a generator's state is four whole numbers");
    for (std::size_t i = 0; i < state.size(); ++i) {
        const Json& word = reader.value()[i];
        if (!word.is_number_unsigned())
            return reader.fail("a generator's state is four whole numbers");
        state[i] = word.get<std::uint64_t>();
    }
    return Rng::fromState(state);
}

Result<space::Genotype> genotypeFromJson(const JsonReader& reader, const space::DecisionSpace& decisions)
{
    ARCHSCOPE_TRY(reader.expectArray());
    std::vector<double> answers;
    for (std::size_t i = 0; i < reader.size(); ++i) {
        ARCHSCOPE_ASSIGN(const JsonReader element, reader.element(i));
        ARCHSCOPE_ASSIGN(const double answer, element.number());
        answers.push_back(answer);
    }
    space::Genotype genotype(std::move(answers));
    if (!decisions.isValid(genotype))
        return reader.fail("these are no answers to the decisions of the space");
    return genotype;
}

} // namespace archscope::search
