#include "core/search/dominance.h"
#include "core/search/strategy.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace archscope::search {

namespace {

constexpr std::int64_t paperPopulation = 100;
constexpr std::int64_t smallestPopulation = 10;
constexpr std::int64_t usualGenerations = 10; ///< within the budget, the first one included
constexpr double paperCrossover = 0.9;
constexpr int differentTries = 100; ///< for a child that is not in the population or its generation already

std::int64_t automaticPopulation(std::int64_t budgetTrials)
{
    if (budgetTrials <= 0)
        return paperPopulation;
    return std::clamp(budgetTrials / usualGenerations, smallestPopulation, paperPopulation);
}

struct Member {
    train::TrialId id;
    space::Genotype genotype;
    Point values;
    double violation = 0;
    std::size_t rank = 0; ///< of its front in the population
    double crowding = 0;
};

class Nsga2 : public Strategy {
public:
    struct Settings {
        std::int64_t population = paperPopulation;
        double crossover = paperCrossover;
        double changes = 1;
    };

    Nsga2(const StrategyContext& context, const Settings& settings)
        : m_context(context)
        , m_rng(context.seed)
        , m_settings(settings)
    {
    }

    std::optional<Proposal> ask() override
    {
        if (awaitsTell())
            return {};
        std::optional<Proposal> proposal = m_population.empty() ? askFirst() : askChild();
        if (proposal) {
            m_generation.push_back(proposal->genotype);
            m_running.push_back(proposal->genotype);
        }
        return proposal;
    }

    bool awaitsTell() const override { return isFull() && !m_running.empty(); }

    void tell(const Observation& observation) override
    {
        takeNote(observation);
        const auto isNumber = [](double value) { return !std::isnan(value); };
        // What failed or lacks a value has no place among the others; it takes its place in the generation only.
        if (observation.state == train::TrialState::Completed && observation.values.size() == m_context.objectives
            && std::ranges::all_of(observation.values, isNumber))
            m_children.push_back({ observation.id, *observation.genotype, observation.values, observation.violation });
        if (isFull() && m_running.empty())
            succeed();
    }

    Json state() const override
    {
        return Json{ { "rng", rngToJson(m_rng) }, { "population", m_settings.population },
            { "crossover", m_settings.crossover }, { "changes", m_settings.changes },
            { "members", membersToJson(m_population) }, { "children", membersToJson(m_children) },
            { "generation", genotypesToJson(m_generation) }, { "running", genotypesToJson(m_running) } };
    }

    Result<void> restore(const Json& state) override
    {
        const JsonReader reader(state);
        ARCHSCOPE_ASSIGN(const JsonReader rng, reader.member("rng"));
        ARCHSCOPE_ASSIGN(m_rng, rngFromJson(rng));
        ARCHSCOPE_ASSIGN(m_settings.population, reader.integer("population"));
        ARCHSCOPE_ASSIGN(m_settings.crossover, reader.number("crossover"));
        ARCHSCOPE_ASSIGN(m_settings.changes, reader.number("changes"));
        if (m_settings.population < 2)
            return reader.fail("the population is at least 2");
        ARCHSCOPE_ASSIGN(m_population, membersFromJson(reader, "members"));
        ARCHSCOPE_ASSIGN(m_children, membersFromJson(reader, "children"));
        ARCHSCOPE_ASSIGN(m_generation, genotypesFromJson(reader, "generation"));
        ARCHSCOPE_ASSIGN(m_running, genotypesFromJson(reader, "running"));
        rate(m_population);
        return {};
    }

private:
    bool isFull() const { return static_cast<std::int64_t>(m_generation.size()) >= m_settings.population; }

    void takeNote(const Observation& observation)
    {
        if (const auto it = std::ranges::find(m_running, *observation.genotype); it != m_running.end())
            m_running.erase(it);
        else if (!m_running.empty() && observation.id.value() > m_context.warmTrials)
            m_running.erase(m_running.begin()); // a resumed study counts what it recorded, whatever is proposed now
        else
            m_generation.push_back(*observation.genotype); // of a warm start, or a person's: one more of this generation
    }

    static Json genotypesToJson(const std::vector<space::Genotype>& genotypes)
    {
        Json list = Json::array();
        for (const space::Genotype& genotype : genotypes)
            list.push_back(genotype.answers());
        return list;
    }

    Result<std::vector<space::Genotype>> genotypesFromJson(const JsonReader& reader, std::string_view key) const
    {
        ARCHSCOPE_ASSIGN(const JsonReader list, reader.member(key));
        ARCHSCOPE_TRY(list.expectArray());
        std::vector<space::Genotype> genotypes;
        for (std::size_t i = 0; i < list.size(); ++i) {
            ARCHSCOPE_ASSIGN(const JsonReader answers, list.element(i));
            ARCHSCOPE_ASSIGN(space::Genotype genotype, genotypeFromJson(answers, *m_context.decisions));
            genotypes.push_back(std::move(genotype));
        }
        return genotypes;
    }

    static Json membersToJson(const std::vector<Member>& members)
    {
        Json list = Json::array();
        for (const Member& member : members) {
            Json values = Json::array();
            for (const double value : member.values)
                values.push_back(numberToJson(value));
            list.push_back({ { "id", member.id.value() }, { "answers", member.genotype.answers() },
                { "values", std::move(values) }, { "violation", numberToJson(member.violation) } });
        }
        return list;
    }

    Result<std::vector<Member>> membersFromJson(const JsonReader& reader, std::string_view key) const
    {
        ARCHSCOPE_ASSIGN(const JsonReader list, reader.member(key));
        ARCHSCOPE_TRY(list.expectArray());
        std::vector<Member> members;
        for (std::size_t i = 0; i < list.size(); ++i) {
            ARCHSCOPE_ASSIGN(const JsonReader entry, list.element(i));
            Member member;
            ARCHSCOPE_ASSIGN(const std::int64_t id, entry.integer("id"));
            member.id = train::TrialId(id);
            ARCHSCOPE_ASSIGN(const JsonReader answers, entry.member("answers"));
            ARCHSCOPE_ASSIGN(member.genotype, genotypeFromJson(answers, *m_context.decisions));
            ARCHSCOPE_ASSIGN(const JsonReader values, entry.member("values"));
            ARCHSCOPE_TRY(values.expectArray());
            if (values.size() != m_context.objectives)
                return values.fail("there is one value an objective");
            for (const Json& value : values.value()) {
                ARCHSCOPE_ASSIGN(const double number, numberFromJson(value));
                member.values.push_back(number);
            }
            ARCHSCOPE_ASSIGN(const JsonReader violation, entry.member("violation"));
            ARCHSCOPE_ASSIGN(member.violation, numberFromJson(violation.value()));
            members.push_back(std::move(member));
        }
        return members;
    }

    /// Fills in rank and crowding. Returns the fronts.
    static std::vector<std::vector<std::size_t>> rate(std::vector<Member>& members)
    {
        std::vector<Point> points;
        std::vector<double> violations;
        for (const Member& member : members) {
            points.push_back(member.values);
            violations.push_back(member.violation);
        }
        const std::vector<std::vector<std::size_t>> fronts = nonDominatedFronts(points, violations);
        for (std::size_t rank = 0; rank < fronts.size(); ++rank) {
            std::vector<Point> front;
            for (const std::size_t i : fronts[rank])
                front.push_back(points[i]);
            const std::vector<double> distances = crowdingDistances(front);
            for (std::size_t k = 0; k < front.size(); ++k) {
                members[fronts[rank][k]].rank = rank;
                members[fronts[rank][k]].crowding = distances[k];
            }
        }
        return fronts;
    }

    /// Parents and children together; the best fronts survive, of the last one that fits in part the least crowded.
    void succeed()
    {
        std::vector<Member> all = std::move(m_population);
        std::ranges::move(m_children, std::back_inserter(all));
        m_children.clear();
        m_generation.clear();
        m_population.clear();
        const auto room = static_cast<std::size_t>(m_settings.population);
        for (std::vector<std::size_t>& front : rate(all)) {
            if (m_population.size() + front.size() > room)
                std::ranges::stable_sort(front, std::greater<>(), [&](std::size_t i) { return all[i].crowding; });
            for (const std::size_t i : front) {
                if (m_population.size() < room)
                    m_population.push_back(std::move(all[i]));
            }
        }
        rate(m_population);
    }

    std::optional<Proposal> askFirst()
    {
        std::optional<space::Genotype> genotype;
        for (int i = 0; i < differentTries && !(genotype && isDifferent(*genotype)); ++i) {
            genotype = sampleAdmissible(m_context, m_rng);
            if (!genotype)
                return {};
        }
        return Proposal{ std::move(*genotype) };
    }

    /// The better of two drawn at random: by rank, then by crowding.
    const Member& tournament()
    {
        const Member& a = m_population[m_rng.below(m_population.size())];
        const Member& b = m_population[m_rng.below(m_population.size())];
        if (a.rank != b.rank)
            return a.rank < b.rank ? a : b;
        return a.crowding >= b.crowding ? a : b;
    }

    std::optional<Proposal> askChild()
    {
        std::optional<Proposal> child;
        constexpr int admissibleTries = 1000;
        int admissible = 0;
        for (int i = 0; i < admissibleTries && admissible < differentTries; ++i) {
            const Member& first = tournament();
            const Member& second = tournament();
            Proposal bred = breed(first, second);
            if (!m_context.isAdmissible(bred.genotype))
                continue;
            ++admissible;
            const bool different = isDifferent(bred.genotype);
            if (different || !child)
                child = std::move(bred);
            if (different)
                return child;
        }
        return child ? std::move(child) : askFirst();
    }

    Proposal breed(const Member& first, const Member& second)
    {
        Proposal child{ first.genotype, { first.id } };
        if (first.id != second.id && m_rng.uniform() < m_settings.crossover) {
            child.genotype = m_context.decisions->crossover(first.genotype, second.genotype, m_rng);
            child.parents.push_back(second.id);
        }
        // As many as there are changes when each active decision changes with probability `changes` / number of them.
        std::size_t active = 0;
        for (std::size_t i = 0; i < child.genotype.size(); ++i)
            active += child.genotype.isActive(i);
        int changes = 0;
        for (std::size_t i = 0; i < active; ++i)
            changes += m_rng.uniform() * static_cast<double>(active) < m_settings.changes;
        for (int i = 0; i < changes; ++i)
            m_context.decisions->mutate(child.genotype, m_rng);
        return child;
    }

    bool isDifferent(const space::Genotype& genotype) const
    {
        return std::ranges::find(m_generation, genotype) == m_generation.end()
            && std::ranges::find(m_population, genotype, &Member::genotype) == m_population.end();
    }

    StrategyContext m_context;
    Rng m_rng;
    Settings m_settings;
    std::vector<Member> m_population; ///< the parents; empty while the first generation is evaluated
    std::vector<Member> m_children; ///< of this generation, as they were told
    std::vector<space::Genotype> m_generation; ///< asked for, or told of unasked
    std::vector<space::Genotype> m_running; ///< of them those not told yet
};

} // namespace

StrategyDescriptor nsga2()
{
    StrategyDescriptor descriptor;
    descriptor.name = "nsga2";
    descriptor.title = "NSGA-II";
    descriptor.help
        = "Keeps a population spread over the Pareto front of all objectives, generation by generation, under constraints. "
          "The choice for two or three objectives, such as accuracy against latency.";
    descriptor.source
        = "Deb, Pratap, Agarwal, Meyarivan: A Fast and Elitist Multiobjective Genetic Algorithm: NSGA-II, IEEE "
          "Transactions on Evolutionary Computation 6(2), 2002";
    descriptor.multiObjective = true;
    descriptor.settings = {
        space::ParameterDescriptor::integer("population", 0, 0, 10'000,
            "How many candidates a generation has; the first one is random. At least 2. 0: a tenth of the budget's "
            "trials, at least "
            "10 and at most the paper's 100, which is also taken when the budget has no bound on trials.",
            "candidates"),
        space::ParameterDescriptor::real("crossover", paperCrossover, 0, 1,
            "Probability that a child takes each decision from one of two parents, chosen evenly, instead of all from one."),
        space::ParameterDescriptor::real("changes", 1, 0, 100,
            "How many decisions of a child change on average, after crossover. 1 is the paper's probability of 1 / number "
            "of "
            "decisions for each.",
            "decisions"),
    };
    descriptor.make = [](const StrategyContext& context, const Parameters& settings) -> Result<std::unique_ptr<Strategy>> {
        Nsga2::Settings chosen{ settings.integer("population"), settings.real("crossover"), settings.real("changes") };
        if (chosen.population == 0)
            chosen.population = automaticPopulation(context.budgetTrials);
        if (chosen.population < 2)
            return fail(ErrorCode::InvalidArgument,
                fmt::format("population is {}, but must be at least 2, or 0 to follow the budget", chosen.population),
                "nsga2");
        return std::make_unique<Nsga2>(context, chosen);
    };
    descriptor.obstacle = [](const space::DecisionSpace&) { return std::optional<std::string>(); };
    return descriptor;
}

} // namespace archscope::search
