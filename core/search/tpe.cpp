#include "core/search/parzen.h"
#include "core/search/trial_history.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <unordered_map>
#include <unordered_set>

namespace archscope::search {

namespace {

using Standing = ToldTrial::Standing;

struct TpeSettings {
    std::int64_t startup;
    double goodShare;
    std::int64_t candidates;
    double randomShare;
    ParzenEstimator::Dependence dependence;
};

/// What counts of a trial of an earlier study, relative to one of this.
constexpr double priorTrialWeight = 0.25;
/// More bad ones than these say little more about where not to look, but take time.
constexpr std::size_t mostBadCentres = 1000;

/// The two densities of the paper: of the good trials, and of the rest.
struct Densities {
    ParzenEstimator good;
    ParzenEstimator bad;
};

class TreeParzen : public Strategy {
public:
    TreeParzen(const StrategyContext& context, const TpeSettings& settings)
        : m_context(context)
        , m_settings(settings)
        , m_rng(context.seed)
        , m_history(*context.decisions, context.fullEpochs)
    {
        for (const PriorTrial& trial : m_context.prior) {
            if (!trial.values.empty() && std::isfinite(trial.values.front()))
                m_prior.push_back(&trial);
        }
        std::ranges::stable_sort(m_prior, std::greater{}, [](const PriorTrial* trial) { return trial->values.front(); });
    }

    std::optional<Proposal> ask() override
    {
        std::optional<space::Genotype> genotype;
        if (isModelled() && (m_settings.randomShare == 0 || m_rng.uniform() >= m_settings.randomShare))
            genotype = askModel();
        if (!genotype)
            genotype = sampleAdmissible(m_context, m_rng);
        if (!genotype)
            return {};
        ++m_asked;
        m_history.asked(*genotype);
        m_densities.reset();
        return Proposal{ std::move(*genotype) };
    }

    void tell(const Observation& observation) override
    {
        m_history.tell(observation);
        m_densities.reset();
    }

    bool learnsFidelities() const override { return true; }

    Json state() const override
    {
        return Json{ { "rng", rngToJson(m_rng) }, { "asked", m_asked }, { "trials", m_history.toJson() } };
    }

    Result<void> restore(const Json& state) override
    {
        const JsonReader reader(state);
        ARCHSCOPE_ASSIGN(const JsonReader rng, reader.member("rng"));
        ARCHSCOPE_ASSIGN(m_rng, rngFromJson(rng));
        ARCHSCOPE_ASSIGN(m_asked, reader.integer("asked"));
        if (m_asked < 0)
            return reader.fail("the number of proposals is at least 0");
        ARCHSCOPE_ASSIGN(const JsonReader trials, reader.member("trials"));
        m_densities.reset();
        return m_history.restore(trials);
    }

private:
    using Centres = std::vector<ParzenEstimator::Centre>;

    /// Whether the random beginning is over and there is something to model.
    bool isModelled() const
    {
        const auto prior = static_cast<std::int64_t>(m_prior.size());
        if (m_asked < m_settings.startup - m_context.warmTrials - prior)
            return false;
        return prior > 0 || std::ranges::any_of(m_history.told(), [](const ToldTrial& trial) {
            return trial.standing != Standing::Failed;
        });
    }

    /// Of each completed genotype, the longest training, the longest first.
    std::vector<int> longestTrainings() const
    {
        std::unordered_map<std::uint64_t, int> longest;
        for (const ToldTrial& trial : m_history.told()) {
            if (trial.standing == Standing::Scored)
                longest[trial.genotype.hash()] = std::max(longest[trial.genotype.hash()], trial.epochs);
        }
        std::vector<int> epochs;
        for (const auto& [genotype, most] : longest)
            epochs.push_back(most);
        std::ranges::sort(epochs, std::greater{});
        return epochs;
    }

    /// The fidelity that is modelled, as in BOHB: the highest at which there are enough, one and two more than there are
    /// decisions; but no more than are asked for at random.
    int modelledEpochs() const
    {
        const std::vector<int> epochs = longestTrainings();
        const auto wanted = std::min(static_cast<std::int64_t>(m_context.decisions->size()) + 3, m_settings.startup);
        const auto enough = static_cast<std::size_t>(std::max<std::int64_t>(4, wanted));
        return epochs.empty() ? 0 : epochs[std::min(epochs.size(), enough) - 1];
    }

    /// What is modelled, better before worse: what was trained as long at least, pruned trials, of which those that got
    /// further are better, and what cannot be used.
    std::vector<const ToldTrial*> ranked() const
    {
        const int epochs = modelledEpochs();
        std::vector<const ToldTrial*> trials;
        std::unordered_map<std::uint64_t, std::size_t> places; ///< of completed ones in `trials`, by genotype
        for (const ToldTrial& trial : m_history.told()) {
            if (trial.standing != Standing::Scored) {
                trials.push_back(&trial);
                continue;
            }
            if (trial.epochs < epochs)
                continue;
            const auto [place, isNew] = places.emplace(trial.genotype.hash(), trials.size());
            if (isNew)
                trials.push_back(&trial);
            else if (trial.epochs < trials[place->second]->epochs)
                trials[place->second] = &trial; // nearer to the others' fidelity
        }
        std::ranges::stable_sort(trials, [](const ToldTrial* a, const ToldTrial* b) {
            if (a->standing != b->standing)
                return a->standing < b->standing;
            switch (a->standing) {
            case Standing::Scored:
                return a->value > b->value;
            case Standing::Pruned:
                if (a->epochs != b->epochs || a->hasValue() != b->hasValue())
                    return a->epochs != b->epochs ? a->epochs > b->epochs : a->hasValue();
                return a->hasValue() && a->value > b->value;
            case Standing::Infeasible:
                return a->violation < b->violation;
            case Standing::Failed:
                break;
            }
            return false;
        });
        return trials;
    }

    std::size_t goodOf(std::size_t count) const
    {
        return static_cast<std::size_t>(std::ceil(m_settings.goodShare * static_cast<double>(count)));
    }

    const Densities& densities()
    {
        if (m_densities)
            return *m_densities;
        Centres good;
        Centres bad;
        const std::vector<const ToldTrial*> trials = ranked();
        const std::size_t wanted = goodOf(trials.size());
        // While nothing is feasible, what breaks the constraints least is good.
        const Standing worstGood
            = !trials.empty() && trials.front()->standing < Standing::Infeasible ? Standing::Pruned : Standing::Infeasible;
        for (const ToldTrial* trial : trials)
            (good.size() < wanted && trial->standing <= worstGood ? good : bad).push_back({ &trial->genotype, 1 });
        // What is still running counts as bad, so that the next is sought elsewhere.
        for (const space::Genotype& genotype : m_history.running())
            bad.push_back({ &genotype, 1 });
        if (bad.size() > mostBadCentres) { // evenly, over all ranks
            Centres some;
            for (std::size_t i = 0; i < mostBadCentres; ++i)
                some.push_back(bad[i * bad.size() / mostBadCentres]);
            bad = std::move(some);
        }
        const std::size_t wantedOfPrior = goodOf(m_prior.size());
        for (std::size_t i = 0; i < m_prior.size(); ++i)
            (i < wantedOfPrior ? good : bad).push_back({ &m_prior[i]->genotype, priorTrialWeight });
        m_densities.emplace(ParzenEstimator(*m_context.decisions, std::move(good), m_settings.dependence),
            ParzenEstimator(*m_context.decisions, std::move(bad), m_settings.dependence));
        return *m_densities;
    }

    /// Of a sample of the good density, what has the largest ratio of the two and is new; nothing when none is found.
    std::optional<space::Genotype> askModel()
    {
        constexpr int rounds = 5;
        struct Candidate {
            space::Genotype genotype;
            double score;
        };
        const Densities& model = densities();
        for (int round = 0; round < rounds; ++round) {
            std::vector<Candidate> candidates;
            std::unordered_set<std::uint64_t> drawn;
            for (std::int64_t i = 0; i < m_settings.candidates; ++i) {
                space::Genotype genotype = model.good.sample(m_rng);
                if (!drawn.insert(genotype.hash()).second || m_history.knows(genotype))
                    continue;
                const double score = model.good.logDensity(genotype) - model.bad.logDensity(genotype);
                candidates.push_back(
                    { std::move(genotype), std::isnan(score) ? -std::numeric_limits<double>::infinity() : score });
            }
            std::ranges::stable_sort(candidates, std::greater{}, &Candidate::score);
            for (Candidate& candidate : candidates) {
                if (m_context.decisions->isAllowed(candidate.genotype) && m_context.isAdmissible(candidate.genotype))
                    return std::move(candidate.genotype);
            }
        }
        return {};
    }

    StrategyContext m_context;
    TpeSettings m_settings;
    Rng m_rng;
    std::int64_t m_asked = 0;
    TrialHistory m_history;
    std::vector<const PriorTrial*> m_prior; ///< best first
    std::optional<Densities> m_densities; ///< of the history; made when needed
};

} // namespace

StrategyDescriptor tpe()
{
    StrategyDescriptor descriptor;
    descriptor.name = "tpe";
    descriptor.title = "TPE";
    descriptor.help
        = "Estimates where the good trials lie and where the others do, and proposes what is likelier among the good ones. "
          "For spaces with many conditional decisions or real numbers; with the scheduler Hyperband it is BOHB.";
    descriptor.source
        = "Bergstra, Bardenet, Bengio, Kégl: Algorithms for Hyper-Parameter Optimization, NeurIPS 2011, section 4; "
          "multivariate and over fidelities as in Falkner, Klein, Hutter: BOHB, ICML 2018";
    descriptor.settings = {
        ParameterDescriptor::integer("startup", 20, 1, 1'000'000,
            "How many random candidates come first. With a warm start, fewer by as many trials as are taken over.",
            "candidates"),
        ParameterDescriptor::real("good", 0.15, 0.01, 0.5, "Which share of the trials counts as good: the papers' gamma."),
        ParameterDescriptor::integer(
            "candidates", 64, 1, 10'000, "How many samples of the good density are compared for a proposal.", "candidates"),
        ParameterDescriptor::real(
            "random", 0, 0, 1, "Which share of the proposals is random: a third in BOHB, none in TPE."),
        ParameterDescriptor::boolean("multivariate", true,
            "Estimate all decisions jointly, so that answers that only go together are found; else each by itself, as in "
            "2011."),
    };
    descriptor.make = [](const StrategyContext& context, const Parameters& settings) -> Result<std::unique_ptr<Strategy>> {
        using enum ParzenEstimator::Dependence;
        const TpeSettings made{ settings.integer("startup"), settings.real("good"), settings.integer("candidates"),
            settings.real("random"), settings.boolean("multivariate") ? Joint : Independent };
        return std::make_unique<TreeParzen>(context, made);
    };
    descriptor.obstacle = [](const space::DecisionSpace&) { return std::optional<std::string>(); };
    return descriptor;
}

} // namespace archscope::search
