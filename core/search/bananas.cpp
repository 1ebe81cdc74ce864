#include "core/search/path_encoding.h"
#include "core/search/predictor.h"
#include "core/search/trial_history.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <map>
#include <unordered_set>

namespace archscope::search {

namespace {

struct BananasSettings {
    std::int64_t startup;
    std::int64_t batch;
    std::int64_t candidates;
    PredictorSettings predictor;
};

constexpr std::size_t mutatedParents = 10;

/// Algorithm 1 of the paper, asynchronous: the most promising candidates are proposed one after the other, whatever ends
/// meanwhile; when all are, the ensemble learns all trials anew and finds the next ones. So the history is all that it
/// remembers.
class Bananas : public Strategy {
public:
    Bananas(const StrategyContext& context, const BananasSettings& settings, Encoding encoding)
        : m_context(context)
        , m_settings(settings)
        , m_encoding(std::move(encoding))
        , m_rng(context.seed)
        , m_predictorSeed(context.seed)
        , m_history(*context.decisions, context.fullEpochs)
    {
        for (const PriorTrial& trial : m_context.prior) {
            if (!trial.values.empty() && std::isfinite(trial.values.front()))
                m_prior.push_back(&trial);
        }
    }

    std::optional<Proposal> ask() override
    {
        std::optional<Proposal> proposal;
        if (m_queue.empty() && m_randoms == 0 && knowsEnough()) {
            fillQueue();
            if (m_queue.empty()) // nothing new is near the best: look elsewhere for a while
                m_randoms = m_settings.batch;
        }
        if (!m_queue.empty()) {
            proposal = std::move(m_queue.front());
            m_queue.pop_front();
        } else if (auto genotype = sampleNew()) {
            proposal = Proposal{ std::move(*genotype) };
            m_randoms -= m_randoms > 0;
        }
        if (proposal) {
            ++m_asked;
            m_history.asked(proposal->genotype);
        }
        return proposal;
    }

    void tell(const Observation& observation) override { m_history.tell(observation); }

    bool learnsFidelities() const override { return true; }

    Json state() const override
    {
        Json queue = Json::array();
        for (const Proposal& proposal : m_queue) {
            queue.push_back({ { "answers", proposal.genotype.answers() },
                { "parent", proposal.parents.empty() ? train::TrialId().value() : proposal.parents.front().value() } });
        }
        return Json{ { "rng", rngToJson(m_rng) }, { "predictor_seed", m_predictorSeed }, { "asked", m_asked },
            { "randoms", m_randoms }, { "trials", m_history.toJson() }, { "queue", std::move(queue) } };
    }

    Result<void> restore(const Json& state) override
    {
        const JsonReader reader(state);
        ARCHSCOPE_ASSIGN(const JsonReader rng, reader.member("rng"));
        ARCHSCOPE_ASSIGN(m_rng, rngFromJson(rng));
        ARCHSCOPE_ASSIGN(const JsonReader seed, reader.member("predictor_seed"));
        if (!seed.value().is_number_unsigned())
            return seed.fail("a seed is a whole number from 0 up");
        m_predictorSeed = seed.value().get<std::uint64_t>();
        ARCHSCOPE_ASSIGN(m_asked, reader.integer("asked"));
        ARCHSCOPE_ASSIGN(m_randoms, reader.integer("randoms"));
        if (m_asked < 0 || m_randoms < 0)
            return reader.fail("numbers of trials are at least 0");
        ARCHSCOPE_ASSIGN(const JsonReader trials, reader.member("trials"));
        ARCHSCOPE_TRY(m_history.restore(trials));
        ARCHSCOPE_ASSIGN(const JsonReader queue, reader.member("queue"));
        ARCHSCOPE_TRY(queue.expectArray());
        m_queue.clear();
        for (std::size_t i = 0; i < queue.size(); ++i) {
            ARCHSCOPE_ASSIGN(const JsonReader entry, queue.element(i));
            ARCHSCOPE_ASSIGN(const JsonReader answers, entry.member("answers"));
            Proposal proposal;
            ARCHSCOPE_ASSIGN(proposal.genotype, genotypeFromJson(answers, *m_context.decisions));
            ARCHSCOPE_ASSIGN(const std::int64_t parent, entry.integer("parent"));
            if (const train::TrialId id(parent); id.isValid())
                proposal.parents.push_back(id);
            m_queue.push_back(std::move(proposal));
        }
        return {};
    }

private:
    /// Whether the random beginning is over and there is something to learn from.
    bool knowsEnough() const
    {
        const auto scored = std::ranges::count_if(m_history.told(), &ToldTrial::hasValue);
        const auto prior = static_cast<std::int64_t>(m_prior.size());
        return m_asked >= m_settings.startup - m_context.warmTrials - prior && scored + prior >= 2;
    }

    /// A random genotype, where possible one that is not known.
    std::optional<space::Genotype> sampleNew()
    {
        constexpr int tries = 20;
        std::optional<space::Genotype> genotype;
        for (int i = 0; i < tries; ++i) {
            genotype = sampleAdmissible(m_context, m_rng);
            if (!genotype || !m_history.knows(*genotype))
                break;
        }
        return genotype;
    }

    /// The genotype's features, and how long it is trained relative to a full trial, in the logarithm.
    std::vector<float> features(const space::Genotype& genotype, int epochs) const
    {
        std::vector<float> features = m_encoding.features(genotype);
        features.push_back(static_cast<float>(std::log2((1.0 + epochs) / (1.0 + m_context.fullEpochs))));
        return features;
    }

    /// Targets are distances to the best, negative, in units of their median. The paper's loss is relative to the distance
    /// to a bound that no trial passes: what is near the best counts more. Here the bound lies a tenth of a unit above the
    /// best.
    class Scale {
    public:
        explicit Scale(std::vector<double> values)
        {
            std::ranges::sort(values, std::greater{});
            m_best = values.front();
            m_worst = values.back();
            const double median = m_best - values[values.size() / 2];
            m_unit = median > 0 ? median : m_best > m_worst ? m_best - m_worst : 1;
        }
        double worst() const { return m_worst; }
        PredictorSample sample(std::vector<float> features, double value) const
        {
            constexpr double margin = 0.1;
            const double distance = (m_best - value) / m_unit;
            return { std::move(features), static_cast<float>(-distance), static_cast<float>(margin / (margin + distance)) };
        }

    private:
        double m_best;
        double m_worst;
        double m_unit;
    };

    std::vector<PredictorSample> priorSamples() const
    {
        std::vector<double> values;
        for (const PriorTrial* trial : m_prior)
            values.push_back(trial->values.front());
        std::vector<PredictorSample> samples;
        if (values.empty())
            return samples;
        const Scale scale(values);
        for (const PriorTrial* trial : m_prior)
            samples.push_back(scale.sample(features(trial->genotype, m_context.fullEpochs), trial->values.front()));
        return samples;
    }

    std::vector<PredictorSample> samples() const
    {
        std::vector<double> values;
        for (const ToldTrial& trial : m_history.told()) {
            if (trial.hasValue())
                values.push_back(trial.value);
        }
        std::vector<PredictorSample> samples;
        if (values.empty())
            return samples;
        const Scale scale(std::move(values));
        for (const ToldTrial& trial : m_history.told()) {
            const double value = trial.hasValue() ? trial.value : scale.worst(); // failed, or breaks a constraint
            samples.push_back(scale.sample(features(trial.genotype, trial.epochs), value));
        }
        return samples;
    }

    /// On the earlier studies' trials first: where this one has few of its own, it goes on from what holds there.
    EnsemblePredictor trained() const
    {
        EnsemblePredictor predictor(m_encoding.size() + 1, m_settings.predictor, m_predictorSeed);
        predictor.train(priorSamples());
        predictor.train(samples());
        return predictor;
    }

    void fillQueue()
    {
        const EnsemblePredictor predictor = trained();
        std::vector<Proposal> candidates = this->candidates();
        std::vector<Prediction> predictions;
        for (const Proposal& candidate : candidates)
            predictions.push_back(predictor.predict(features(candidate.genotype, m_context.fullEpochs)));
        for (const std::size_t chosen : thompsonSample(predictions, static_cast<std::size_t>(m_settings.batch), m_rng))
            m_queue.push_back(std::move(candidates[chosen]));
    }

    /// What is mutated: the best trials; while there are few, the best of earlier studies, too.
    std::vector<Proposal> parents() const
    {
        std::map<std::vector<double>, const ToldTrial*> longest; // each genotype's longest training
        for (const ToldTrial& trial : m_history.told()) {
            if (!trial.hasValue())
                continue;
            const ToldTrial*& known = longest[trial.genotype.answers()];
            if (!known || trial.epochs >= known->epochs)
                known = &trial;
        }
        std::vector<const ToldTrial*> scored;
        for (const auto& [answers, trial] : longest)
            scored.push_back(trial);
        std::ranges::sort(scored, [](const ToldTrial* a, const ToldTrial* b) {
            return a->value != b->value ? a->value > b->value : a->id.value() < b->id.value();
        });
        std::vector<Proposal> parents;
        for (const ToldTrial* trial : scored) {
            if (parents.size() < mutatedParents)
                parents.push_back({ trial->genotype, { trial->id } });
        }
        for (const PriorTrial* trial : m_prior) {
            if (parents.size() < mutatedParents)
                parents.push_back({ trial->genotype });
        }
        return parents;
    }

    /// Mutations of the best that are new and admissible.
    std::vector<Proposal> candidates()
    {
        constexpr std::int64_t patience = 5; ///< tries for each candidate that is wanted
        const std::vector<Proposal> parents = this->parents();
        std::vector<Proposal> candidates;
        std::unordered_set<std::uint64_t> drawn;
        for (std::int64_t i = 0; i < patience * m_settings.candidates && std::ssize(candidates) < m_settings.candidates;
             ++i) {
            Proposal child = parents[m_rng.below(parents.size())];
            if (m_context.decisions->mutate(child.genotype, m_rng) && drawn.insert(child.genotype.hash()).second
                && !m_history.knows(child.genotype) && m_context.isAdmissible(child.genotype))
                candidates.push_back(std::move(child));
        }
        return candidates;
    }

    StrategyContext m_context;
    BananasSettings m_settings;
    Encoding m_encoding;
    Rng m_rng;
    std::uint64_t m_predictorSeed;
    std::int64_t m_asked = 0;
    std::int64_t m_randoms = 0; ///< still to be proposed before candidates are looked for again
    TrialHistory m_history;
    std::deque<Proposal> m_queue;
    std::vector<const PriorTrial*> m_prior;
};

Result<Encoding> encodingFor(const StrategyContext& context, const std::string& kind)
{
    if (kind == "answers")
        return Encoding::ofAnswers(*context.decisions);
    if (kind == "automatic")
        return Encoding::automatic(context.space, *context.decisions);
    if (!context.space)
        return fail(ErrorCode::Unsupported,
            "encoding 'paths' needs the drawn space, which is not known here: take 'answers'", "bananas");
    Encoding paths = Encoding::ofPaths(*context.space, *context.decisions);
    if (paths.size() == 0)
        return fail(ErrorCode::Unsupported,
            "encoding 'paths' tells nothing here, since hardly two architectures of this space share a path: take 'answers'",
            "bananas");
    return paths;
}

} // namespace

StrategyDescriptor bananas()
{
    const PredictorSettings paper;
    StrategyDescriptor descriptor;
    descriptor.name = "bananas";
    descriptor.title = "BANANAS";
    descriptor.help
        = "Trains an ensemble of small networks on all trials so far, and proposes those variations of the best that it "
          "holds for the most promising or is least sure of. The choice where trials are dear: the strongest from about 30 "
          "trials on, though each batch of proposals takes part of a second.";
    descriptor.source
        = "White, Neiswanger, Savani: BANANAS: Bayesian Optimization with Neural Architectures for Neural Architecture "
          "Search, AAAI 2021, Algorithm 1";
    descriptor.settings = {
        ParameterDescriptor::integer("startup", 10, 1, 1'000'000,
            "How many random candidates come first. With a warm start, fewer by as many trials as are taken over.",
            "candidates"),
        ParameterDescriptor::integer(
            "batch", 10, 1, 10'000, "How many candidates are proposed before the ensemble is trained anew.", "candidates"),
        ParameterDescriptor::integer("candidates", 100, 1, 10'000,
            "How many variations of the best trials the ensemble compares for a batch.", "candidates"),
        ParameterDescriptor::enumeration("encoding", "automatic", { "automatic", "paths", "answers" },
            "What the ensemble sees of an architecture: the paths from a cell's input to its output, as in the paper, or "
            "the answers "
            "to the decisions. Automatic: paths where architectures share most of theirs, answers in chains, where they "
            "share none."),
        ParameterDescriptor::integer("members", paper.members, 2, 100, "How many networks the ensemble has.", "networks"),
        ParameterDescriptor::integer("layers", paper.layers, 1, 50, "Hidden layers of each network.", "layers"),
        ParameterDescriptor::integer("width", paper.width, 1, 512, "Width of a hidden layer.", "units"),
        ParameterDescriptor::integer("epochs", paper.epochs, 1, 10'000,
            "How long a network is trained; with more than 640 trials shorter, so that it always takes about as long.",
            "epochs"),
        ParameterDescriptor::real("learning_rate", paper.learningRate, 1e-6, 1, "Of Adam, which trains the networks."),
    };
    descriptor.make = [](const StrategyContext& context, const Parameters& settings) -> Result<std::unique_ptr<Strategy>> {
        ARCHSCOPE_ASSIGN(Encoding encoding, encodingFor(context, settings.text("encoding")));
        BananasSettings made{ settings.integer("startup"), settings.integer("batch"), settings.integer("candidates"), {} };
        made.predictor.members = static_cast<int>(settings.integer("members"));
        made.predictor.layers = static_cast<int>(settings.integer("layers"));
        made.predictor.width = static_cast<int>(settings.integer("width"));
        made.predictor.epochs = static_cast<int>(settings.integer("epochs"));
        made.predictor.learningRate = settings.real("learning_rate");
        return std::make_unique<Bananas>(context, made, std::move(encoding));
    };
    descriptor.obstacle = [](const space::DecisionSpace&) { return std::optional<std::string>(); };
    return descriptor;
}

} // namespace archscope::search
