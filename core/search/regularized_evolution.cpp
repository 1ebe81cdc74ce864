#include "core/search/strategy.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace archscope::search {

namespace {

constexpr std::int64_t paperPopulation = 100;
constexpr std::int64_t paperShare = 4; ///< the paper's tournaments are a quarter of its population
constexpr std::int64_t smallestPopulation = 10;

std::int64_t automaticPopulation(std::int64_t budgetTrials)
{
    if (budgetTrials <= 0)
        return paperPopulation;
    return std::clamp(budgetTrials / paperShare, smallestPopulation, paperPopulation);
}

/// Algorithm 1 of the paper, asynchronous: what counts for the random beginning are the trials asked for.
class RegularizedEvolution : public Strategy {
public:
    RegularizedEvolution(const StrategyContext& context, std::int64_t population, std::int64_t sample)
        : m_context(context)
        , m_rng(context.seed)
        , m_populationSize(population)
        , m_sampleSize(sample)
        , m_asked(context.warmTrials) // the beginning, which a warm start has proposed
    {
    }

    std::optional<Proposal> ask() override
    {
        std::optional<Proposal> proposal;
        if (m_asked >= m_populationSize && !m_population.empty())
            proposal = askChild();
        if (!proposal) {
            if (auto genotype = sampleAdmissible(m_context, m_rng))
                proposal = Proposal{ std::move(*genotype), {} };
        }
        m_asked += proposal.has_value();
        return proposal;
    }

    void tell(const Observation& observation) override
    {
        // What failed, broke a constraint or has no score is not born: it can neither be a parent nor push out the oldest.
        if (observation.state != train::TrialState::Completed || !observation.feasible || observation.values.empty()
            || std::isnan(observation.values.front()))
            return;
        if (static_cast<std::int64_t>(m_population.size()) < m_populationSize) {
            m_population.push_back({ observation.id, observation.values.front(), *observation.genotype });
            return;
        }
        // Into the place, and the memory, of the oldest.
        Member& oldest = m_population[m_oldest];
        oldest.id = observation.id;
        oldest.fitness = observation.values.front();
        oldest.genotype = *observation.genotype;
        m_oldest = m_oldest + 1 == m_population.size() ? 0 : m_oldest + 1;
    }

    Json state() const override
    {
        Json members = Json::array();
        for (std::size_t age = 0; age < m_population.size(); ++age) {
            const Member& member = byAge(age);
            members.push_back({ { "id", member.id.value() }, { "fitness", numberToJson(member.fitness) },
                { "answers", member.genotype.answers() } });
        }
        return Json{ { "rng", rngToJson(m_rng) }, { "asked", m_asked }, { "population", m_populationSize },
            { "sample", m_sampleSize }, { "members", std::move(members) } };
    }

    Result<void> restore(const Json& state) override
    {
        const JsonReader reader(state);
        ARCHSCOPE_ASSIGN(const JsonReader rng, reader.member("rng"));
        ARCHSCOPE_ASSIGN(m_rng, rngFromJson(rng));
        ARCHSCOPE_ASSIGN(m_asked, reader.integer("asked"));
        ARCHSCOPE_ASSIGN(m_populationSize, reader.integer("population"));
        ARCHSCOPE_ASSIGN(m_sampleSize, reader.integer("sample"));
        if (m_populationSize < 1 || m_sampleSize < 1)
            return reader.fail("population and sample are at least 1");
        ARCHSCOPE_ASSIGN(const JsonReader members, reader.member("members"));
        ARCHSCOPE_TRY(members.expectArray());
        if (static_cast<std::int64_t>(members.size()) > m_populationSize)
            return members.fail("there are more members than the population has");
        m_population.clear();
        m_oldest = 0;
        for (std::size_t i = 0; i < members.size(); ++i) {
            ARCHSCOPE_ASSIGN(const JsonReader entry, members.element(i));
            Member member;
            ARCHSCOPE_ASSIGN(const std::int64_t id, entry.integer("id"));
            member.id = train::TrialId(id);
            ARCHSCOPE_ASSIGN(const JsonReader fitness, entry.member("fitness"));
            ARCHSCOPE_ASSIGN(member.fitness, numberFromJson(fitness.value()));
            ARCHSCOPE_ASSIGN(const JsonReader answers, entry.member("answers"));
            ARCHSCOPE_ASSIGN(member.genotype, genotypeFromJson(answers, *m_context.decisions));
            m_population.push_back(std::move(member));
        }
        return {};
    }

private:
    struct Member {
        train::TrialId id;
        double fitness = 0; ///< larger is better
        space::Genotype genotype;
    };

    /// From 0, the oldest.
    const Member& byAge(std::size_t age) const
    {
        const std::size_t place = m_oldest + age;
        return m_population[place < m_population.size() ? place : place - m_population.size()];
    }

    /// The best of a sample drawn with replacement, as the paper draws it.
    const Member& tournament()
    {
        const Member* best = nullptr;
        for (std::int64_t i = 0; i < m_sampleSize; ++i) {
            const Member& candidate = byAge(m_rng.below(m_population.size()));
            if (!best || candidate.fitness > best->fitness)
                best = &candidate;
        }
        return *best;
    }

    std::optional<Proposal> askChild()
    {
        constexpr int parents = 10;
        constexpr int mutations = 100;
        for (int p = 0; p < parents; ++p) {
            const Member& parent = tournament();
            for (int m = 0; m < mutations; ++m) {
                space::Genotype child = parent.genotype;
                m_context.decisions->mutate(child, m_rng);
                if (m_context.isAdmissible(child))
                    return Proposal{ std::move(child), { parent.id } };
            }
        }
        return {};
    }

    StrategyContext m_context;
    Rng m_rng;
    std::int64_t m_populationSize;
    std::int64_t m_sampleSize;
    std::int64_t m_asked = 0;
    std::vector<Member> m_population; ///< in order of age, around the end and on from the start
    std::size_t m_oldest = 0; ///< where the oldest is
};

} // namespace

StrategyDescriptor regularizedEvolution()
{
    StrategyDescriptor descriptor;
    descriptor.name = "regularized-evolution";
    descriptor.title = "Regularised evolution";
    descriptor.help = "Keeps a population, changes one decision of the best of a random sample, and lets the oldest die, "
                      "however good it was. A strong, robust choice for any space from about 40 trials on.";
    descriptor.source
        = "Real, Aggarwal, Huang, Le: Regularized Evolution for Image Classifier Architecture Search, AAAI 2019, "
          "Algorithm 1";
    descriptor.settings = {
        space::ParameterDescriptor::integer("population", 0, 0, 1'000'000,
            "How many candidates live at once; the first ones are random. 0: a quarter of the budget's trials, at least 10 "
            "and "
            "at most the paper's 100, which is also taken when the budget has no bound on trials.",
            "candidates"),
        space::ParameterDescriptor::integer("sample", 0, 0, 1'000'000,
            "How many candidates compete to be the next parent, at most the population. 0: a quarter of the population, "
            "which "
            "is the paper's 25 of 100.",
            "candidates"),
    };
    descriptor.make = [](const StrategyContext& context, const Parameters& settings) -> Result<std::unique_ptr<Strategy>> {
        std::int64_t population = settings.integer("population");
        if (population == 0)
            population = automaticPopulation(context.budgetTrials);
        std::int64_t sample = settings.integer("sample");
        if (sample == 0)
            sample = std::max<std::int64_t>(1, (population + paperShare / 2) / paperShare);
        if (sample > population)
            return fail(ErrorCode::InvalidArgument,
                fmt::format("sample is {}, but must be at most the population of {}", sample, population),
                "regularized-evolution");
        return std::make_unique<RegularizedEvolution>(context, population, sample);
    };
    descriptor.obstacle = [](const space::DecisionSpace&) { return std::optional<std::string>(); };
    return descriptor;
}

} // namespace archscope::search
