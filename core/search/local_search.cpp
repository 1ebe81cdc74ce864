#include "core/search/strategy.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <map>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace archscope::search {

namespace {

constexpr std::size_t mostNeighbours = 10'000; ///< of one centre; larger neighbourhoods are drawn from
constexpr double realStep = 0.1; ///< of a real domain's range
constexpr int startTries = 1000;
/// Spaces of fewer genotypes than this are looked through for a start that chance did not find.
constexpr std::string_view smallSpace = "100000";

enum class MoveTo { First, Best };

/// Of two that break their constraints the one that breaks them less, else the larger value. What has no value is worst.
struct Score {
    double violation = std::numeric_limits<double>::infinity();
    double value = -std::numeric_limits<double>::infinity();

    bool isBetterThan(const Score& other) const
    {
        return violation != other.violation ? violation < other.violation : value > other.value;
    }
};

Score scoreOf(const Observation& observation)
{
    if (observation.state != train::TrialState::Completed || observation.values.empty()
        || std::isnan(observation.values.front()))
        return {};
    return { observation.violation, observation.values.front() };
}

/// Another answer to one decision.
struct Change {
    std::size_t decision = 0;
    double answer = 0;
};

/// Several climbs may be under way: the first in the list is asked first, the others only while it waits for results. With
/// one trial at a time there is never more than one, and the search is the paper's.
class LocalSearch : public Strategy {
public:
    LocalSearch(const StrategyContext& context, MoveTo moveTo)
        : m_context(context)
        , m_rng(context.seed)
        , m_moveTo(moveTo)
        , m_orderSeed(Rng::mixed({ context.seed, 1 }))
    {
        for (const space::Decision& decision : context.decisions->decisions())
            m_sizes.push_back(decision.domain.size().value_or(0));
        const std::optional<std::string> count = context.decisions->countUnconstrained();
        m_isSmall = count && count->size() < smallSpace.size();
    }

    std::optional<Proposal> ask() override
    {
        if (m_offered)
            m_climbs.insert(m_climbs.begin(), climbFrom(*std::exchange(m_offered, std::nullopt)));
        for (std::size_t c = 0; c < m_climbs.size();) {
            if (auto proposal = askNeighbour(m_climbs[c]))
                return proposal;
            if (isBetterFound(m_climbs[c]))
                moveOn(m_climbs[c]);
            else if (isComplete(m_climbs[c]))
                m_climbs.erase(m_climbs.begin() + static_cast<std::ptrdiff_t>(c)); // a local optimum
            else
                ++c;
        }
        return askStart();
    }

    void tell(const Observation& observation) override
    {
        const std::uint64_t hash = observation.genotype->hash();
        const Score score = scoreOf(observation);
        // Somebody else's idea: of a warm start, or of a person. The best of them is worth a climb.
        if (!find(hash) && score.isBetterThan(m_bestOffer)) {
            m_bestOffer = score;
            m_offered = *observation.genotype;
        }
        Known& known = remember(hash);
        known.id = observation.id;
        known.isRunning = false;
        known.score = score;
        for (Climb& climb : m_climbs) {
            if (const auto waited = climb.waiting.find(hash); waited != climb.waiting.end()) {
                consider(climb, waited->second, known);
                climb.waiting.erase(waited);
            }
        }
    }

    Json state() const override
    {
        Json known = Json::array();
        for (const Known& one : m_known)
            known.push_back({ one.hash, one.id.value(), one.isRunning, numberToJson(one.score.violation),
                numberToJson(one.score.value) });
        Json climbs = Json::array();
        for (const Climb& climb : m_climbs)
            climbs.push_back({ { "centre", climb.centre.answers() }, { "asked", climb.asked } });
        return Json{ { "rng", rngToJson(m_rng) }, { "order_seed", m_orderSeed },
            { "move_to_first", m_moveTo == MoveTo::First }, { "offered", m_offered ? Json(m_offered->answers()) : Json() },
            { "best_offer", { numberToJson(m_bestOffer.violation), numberToJson(m_bestOffer.value) } },
            { "known", std::move(known) }, { "climbs", std::move(climbs) } };
    }

    Result<void> restore(const Json& state) override
    {
        const JsonReader reader(state);
        ARCHSCOPE_ASSIGN(const JsonReader rng, reader.member("rng"));
        ARCHSCOPE_ASSIGN(m_rng, rngFromJson(rng));
        ARCHSCOPE_ASSIGN(m_orderSeed, unsignedFromJson(reader, "order_seed"));
        ARCHSCOPE_ASSIGN(const bool movesToFirst, reader.boolean("move_to_first"));
        m_moveTo = movesToFirst ? MoveTo::First : MoveTo::Best;
        ARCHSCOPE_TRY(restoreOffer(reader));
        ARCHSCOPE_ASSIGN(const JsonReader known, reader.member("known"));
        ARCHSCOPE_TRY(restoreKnown(known));
        ARCHSCOPE_ASSIGN(const JsonReader climbs, reader.member("climbs"));
        return restoreClimbs(climbs);
    }

private:
    /// A genotype that was proposed (or told of).
    struct Known {
        std::uint64_t hash = 0;
        train::TrialId id; ///< invalid while it runs
        bool isRunning = true;
        Score score;
    };

    struct Climb {
        space::Genotype centre;
        std::vector<Change> neighbours; ///< in the order in which they are asked
        std::size_t asked = 0; ///< the neighbours before this one are known, or cannot be evaluated
        std::map<std::uint64_t, std::size_t> waiting; ///< running neighbours by hash
        Score best; ///< of the neighbours whose results are there
        std::size_t bestNeighbour = 0;
    };

    static Result<std::uint64_t> unsignedFromJson(const JsonReader& reader, std::string_view key)
    {
        ARCHSCOPE_ASSIGN(const JsonReader number, reader.member(key));
        if (!number.value().is_number_unsigned())
            return number.fail("this is no whole number from 0 up");
        return number.value().get<std::uint64_t>();
    }

    const Known* find(std::uint64_t hash) const
    {
        const auto it = m_index.find(hash);
        return it == m_index.end() ? nullptr : &m_known[it->second];
    }

    Known& remember(std::uint64_t hash)
    {
        const auto [it, isNew] = m_index.emplace(hash, m_known.size());
        if (isNew)
            m_known.emplace_back().hash = hash;
        return m_known[it->second];
    }

    /// What a decision that became active is answered with, so that a neighbour is one architecture: the answer that the
    /// prior prefers, else the first; the middle of a real domain.
    double firstAnswer(std::size_t decision) const
    {
        const std::vector<double>& weights = m_context.decisions->decisions()[decision].domain.weights;
        if (m_sizes[decision] == 0)
            return 0.5;
        return static_cast<double>(std::ranges::max_element(weights) - weights.begin());
    }

    space::Genotype neighbourOf(const space::Genotype& centre, const Change& change) const
    {
        space::Genotype neighbour = centre;
        neighbour[change.decision] = change.answer;
        for (std::size_t i = change.decision + 1; i < neighbour.size(); ++i) {
            if (!m_context.decisions->activeUnder(neighbour, i))
                neighbour[i] = space::Genotype::inactive;
            else if (!neighbour.isActive(i))
                neighbour[i] = firstAnswer(i);
        }
        return neighbour;
    }

    /// How many other answers a decision has that count as next to this one.
    std::size_t changesOf(const space::Genotype& centre, std::size_t decision) const
    {
        if (!centre.isActive(decision))
            return 0;
        if (m_sizes[decision] == 0)
            return (centre[decision] > 0) + (centre[decision] < 1);
        return static_cast<std::size_t>(m_sizes[decision] - 1);
    }

    Change changeOf(const space::Genotype& centre, std::size_t decision, std::size_t index) const
    {
        const double now = centre[decision];
        if (m_sizes[decision] == 0) {
            const bool goesDown = index == 0 && now > 0;
            return { decision, goesDown ? std::max(0.0, now - realStep) : std::min(1.0, now + realStep) };
        }
        const auto other = static_cast<double>(index);
        return { decision, other + (other >= now ? 1 : 0) };
    }

    /// In an order that belongs to the centre, so that a state need not list them.
    std::vector<Change> neighboursOf(const space::Genotype& centre) const
    {
        Rng rng = Rng::derived({ m_orderSeed, centre.hash() });
        std::vector<std::size_t> before; // changes of the earlier decisions
        std::size_t total = 0;
        for (std::size_t i = 0; i < centre.size(); ++i) {
            before.push_back(total);
            total += changesOf(centre, i);
        }
        const auto changeAt = [&](std::size_t index) {
            const auto decision = static_cast<std::size_t>(std::ranges::upper_bound(before, index) - before.begin()) - 1;
            return changeOf(centre, decision, index - before[decision]);
        };
        std::vector<Change> changes;
        if (total <= mostNeighbours) {
            for (std::size_t index = 0; index < total; ++index)
                changes.push_back(changeAt(index));
        } else {
            // Floyd's way to draw without repeating.
            std::unordered_set<std::size_t> drawn;
            for (std::size_t last = total - mostNeighbours; last < total; ++last) {
                const std::size_t index = rng.below(last + 1);
                const std::size_t taken = drawn.insert(index).second ? index : last;
                drawn.insert(taken);
                changes.push_back(changeAt(taken));
            }
        }
        rng.shuffle(std::span(changes));
        return changes;
    }

    Climb climbFrom(space::Genotype centre) const
    {
        Climb climb;
        climb.neighbours = neighboursOf(centre);
        climb.centre = std::move(centre);
        return climb;
    }

    /// Of equally good ones the earlier neighbour counts, in whatever order the results come.
    static void consider(Climb& climb, std::size_t neighbour, const Known& known)
    {
        const bool isTied = !known.score.isBetterThan(climb.best) && !climb.best.isBetterThan(known.score);
        if (known.score.isBetterThan(climb.best) || (isTied && neighbour < climb.bestNeighbour)) {
            climb.best = known.score;
            climb.bestNeighbour = neighbour;
        }
    }

    bool isComplete(const Climb& climb) const
    {
        return climb.asked == climb.neighbours.size() && climb.waiting.empty() && !find(climb.centre.hash())->isRunning;
    }

    bool isBetterFound(const Climb& climb) const
    {
        const Known* centre = find(climb.centre.hash());
        return !centre->isRunning && (m_moveTo == MoveTo::First || isComplete(climb))
            && climb.best.isBetterThan(centre->score);
    }

    void moveOn(Climb& climb) const { climb = climbFrom(neighbourOf(climb.centre, climb.neighbours[climb.bestNeighbour])); }

    std::optional<Proposal> askNeighbour(Climb& climb)
    {
        while (climb.asked < climb.neighbours.size() && !isBetterFound(climb)) {
            const std::size_t index = climb.asked++;
            space::Genotype neighbour = neighbourOf(climb.centre, climb.neighbours[index]);
            const std::uint64_t hash = neighbour.hash();
            if (const Known* known = find(hash)) {
                if (known->isRunning)
                    climb.waiting.emplace(hash, index);
                else
                    consider(climb, index, *known);
            } else if (isPossible(neighbour)) {
                climb.waiting.emplace(hash, index);
                return proposed(std::move(neighbour), find(climb.centre.hash())->id);
            }
        }
        return {};
    }

    bool isPossible(const space::Genotype& genotype) const
    {
        return m_context.decisions->isAllowed(genotype) && m_context.isAdmissible(genotype);
    }

    Proposal proposed(space::Genotype genotype, train::TrialId parent)
    {
        remember(genotype.hash());
        Proposal proposal{ std::move(genotype) };
        if (parent.isValid())
            proposal.parents.push_back(parent);
        return proposal;
    }

    /// Nothing when everything is known.
    std::optional<Proposal> askStart()
    {
        std::optional<space::Genotype> start = unknownSample();
        if (!start)
            start = unknownByOrder();
        if (!start)
            return {};
        m_climbs.push_back(climbFrom(*start));
        return proposed(std::move(*start), {});
    }

    bool isNewAndPossible(const space::Genotype& genotype) const { return !find(genotype.hash()) && isPossible(genotype); }

    std::optional<space::Genotype> unknownSample()
    {
        for (int i = 0; i < startTries; ++i) {
            space::Genotype genotype = m_context.decisions->sample(m_rng);
            if (isNewAndPossible(genotype))
                return genotype;
        }
        return {};
    }

    std::optional<space::Genotype> unknownByOrder() const
    {
        std::optional<space::Genotype> found;
        if (!m_isSmall)
            return found;
        m_context.decisions->forEach([&](const space::Genotype& genotype) {
            if (isNewAndPossible(genotype))
                found = genotype;
            return !found;
        });
        return found;
    }

    Result<void> restoreOffer(const JsonReader& reader)
    {
        ARCHSCOPE_ASSIGN(const JsonReader offered, reader.member("offered"));
        m_offered.reset();
        if (!offered.value().is_null()) {
            ARCHSCOPE_ASSIGN(m_offered, genotypeFromJson(offered, *m_context.decisions));
        }
        ARCHSCOPE_ASSIGN(const JsonReader best, reader.member("best_offer"));
        ARCHSCOPE_TRY(best.expectArray());
        if (best.size() != 2)
            return best.fail("these are no violation and value");
        ARCHSCOPE_ASSIGN(m_bestOffer.violation, numberFromJson(best.value()[0]));
        ARCHSCOPE_ASSIGN(m_bestOffer.value, numberFromJson(best.value()[1]));
        return {};
    }

    Result<void> restoreKnown(const JsonReader& list)
    {
        ARCHSCOPE_TRY(list.expectArray());
        m_known.clear();
        m_index.clear();
        for (std::size_t i = 0; i < list.size(); ++i) {
            ARCHSCOPE_ASSIGN(const JsonReader entry, list.element(i));
            const Json& parts = entry.value();
            if (!parts.is_array() || parts.size() != 5 || !parts[0].is_number_unsigned() || !parts[1].is_number_integer()
                || !parts[2].is_boolean())
                return entry.fail("this is no known architecture: its hash, trial, whether it runs, violation and value");
            Known& known = remember(parts[0].get<std::uint64_t>());
            known.id = train::TrialId(parts[1].get<std::int64_t>());
            known.isRunning = parts[2].get<bool>();
            ARCHSCOPE_ASSIGN(known.score.violation, numberFromJson(parts[3]));
            ARCHSCOPE_ASSIGN(known.score.value, numberFromJson(parts[4]));
        }
        return {};
    }

    Result<void> restoreClimbs(const JsonReader& list)
    {
        ARCHSCOPE_TRY(list.expectArray());
        m_climbs.clear();
        for (std::size_t i = 0; i < list.size(); ++i) {
            ARCHSCOPE_ASSIGN(const JsonReader entry, list.element(i));
            ARCHSCOPE_ASSIGN(const JsonReader centre, entry.member("centre"));
            ARCHSCOPE_ASSIGN(space::Genotype genotype, genotypeFromJson(centre, *m_context.decisions));
            ARCHSCOPE_ASSIGN(const std::uint64_t asked, unsignedFromJson(entry, "asked"));
            Climb climb = climbFrom(std::move(genotype));
            if (asked > climb.neighbours.size() || !find(climb.centre.hash()))
                return entry.fail("the climb's centre is unknown, or has fewer neighbours than were asked for");
            for (; climb.asked < asked; ++climb.asked) {
                const std::uint64_t hash = neighbourOf(climb.centre, climb.neighbours[climb.asked]).hash();
                const Known* known = find(hash);
                if (known && known->isRunning)
                    climb.waiting.emplace(hash, climb.asked);
                else if (known)
                    consider(climb, climb.asked, *known);
            }
            m_climbs.push_back(std::move(climb));
        }
        return {};
    }

    StrategyContext m_context;
    std::vector<std::int64_t> m_sizes; ///< of each decision's domain; 0: real
    bool m_isSmall = false;
    Rng m_rng;
    MoveTo m_moveTo;
    std::uint64_t m_orderSeed;
    std::optional<space::Genotype> m_offered; ///< where the next climb begins
    Score m_bestOffer;
    std::vector<Known> m_known; ///< in the order in which they became so
    std::unordered_map<std::uint64_t, std::size_t> m_index; ///< of them, by hash
    std::vector<Climb> m_climbs;
};

} // namespace

StrategyDescriptor localSearch()
{
    StrategyDescriptor descriptor;
    descriptor.name = "local-search";
    descriptor.title = "Local search";
    descriptor.help
        = "Climbs from a random architecture to better neighbours, which differ in one decision, until there is none, and "
          "begins anew. Hard to beat where scores have little noise and the space has up to some thousand neighbours.";
    descriptor.source
        = "White, Nolen, Savani: Exploring the Loss Landscape in Neural Architecture Search, UAI 2021, Algorithm 1";
    descriptor.settings = {
        space::ParameterDescriptor::enumeration("move_to", "first", { "first", "best" },
            "first: to the first better neighbour, as the authors' program does. best: to the best one, after all "
            "neighbours have "
            "been evaluated, as the paper's algorithm is written; takes more trials a step."),
    };
    descriptor.make = [](const StrategyContext& context, const Parameters& settings) -> Result<std::unique_ptr<Strategy>> {
        return std::make_unique<LocalSearch>(context, settings.text("move_to") == "first" ? MoveTo::First : MoveTo::Best);
    };
    descriptor.obstacle = [](const space::DecisionSpace&) { return std::optional<std::string>(); };
    return descriptor;
}

} // namespace archscope::search
