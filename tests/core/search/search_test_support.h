// What tests of searches and stores share: a small space, an evaluator that computes instead of training, and an event log.
#pragma once

#include "core/search/study_engine.h"
#include "core/train/weight_bank.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace archscope::search::testing {

/// A chain of `decisions` operations, each with one open parameter of `values` values: values^decisions architectures.
inline space::SearchSpace chainSpace(int decisions = 6, int values = 5)
{
    space::SearchSpace space;
    space.name = "test-chain";
    std::int64_t id = 0;
    const auto add = [&](std::string name, space::NodeBody body) {
        space::Node node;
        node.id = space::NodeId(id++);
        node.name = std::move(name);
        node.body = std::move(body);
        if (!space.root.nodes.empty())
            space.root.edges.push_back({ space.root.nodes.back().id, node.id, 0 });
        space.root.nodes.push_back(std::move(node));
    };
    add("input", space::Input{});
    for (int i = 0; i < decisions; ++i) {
        space::Operation operation;
        operation.type = "linear";
        operation.parameters["features"] = space::Domain::integers(1, values);
        add("layer" + std::to_string(i), std::move(operation));
    }
    add("output", space::Output{});
    return space;
}

inline StudySpec testSpec(std::string name = "first", std::int64_t trials = 20, std::uint64_t seed = 1)
{
    StudySpec spec;
    spec.name = std::move(name);
    spec.space = chainSpace();
    spec.task.name = "digits";
    spec.task.source.kind = "digits";
    spec.budget.trials = trials;
    spec.seed = seed;
    spec.jobs = 1;
    return spec;
}

/// Additive in the answers, between 0 and 1; the best genotype has the highest answer everywhere.
inline double additiveScore(const space::Genotype& genotype, int values = 5)
{
    double sum = 0;
    for (std::size_t i = 0; i < genotype.size(); ++i)
        sum += genotype[i] / (values - 1);
    return sum / static_cast<double>(genotype.size());
}

/// Computes its metrics from the genotype and the trial's seed. Epochs take no time, unless the test holds them.
class ComputedEvaluator : public train::Evaluator {
public:
    int epochs = 3;
    std::chrono::microseconds epochTime{ 0 }; ///< for tests that must catch it at work
    std::function<bool(const space::Genotype&)> fails = {};
    std::function<bool(const space::Genotype&)> refuses = {};
    /// What decides which network a genotype is; by itself, each is one of its own.
    std::function<std::string(const space::Genotype&)> network
        = [](const space::Genotype& genotype) { return "hash" + std::to_string(genotype.hash()); };
    /// While true, trials wait at each epoch (and heed pause and stop).
    std::atomic<bool> hold = false;
    std::atomic<int> evaluations = 0;
    std::atomic<int> atOnce = 0;
    std::atomic<int> mostAtOnce = 0;

    train::EvaluationResult evaluate(const train::EvaluationRequest& request, const train::ProgressSink& progress,
        train::PauseGate& pause, const std::stop_token& stop) override
    {
        ++evaluations;
        const int now = ++atOnce;
        for (int most = mostAtOnce; now > most && !mostAtOnce.compare_exchange_weak(most, now);) { }
        train::EvaluationResult result = compute(request, progress, pause, stop);
        --atOnce;
        return result;
    }

    Result<train::Foreknowledge> precheck(const space::Genotype& genotype) const override
    {
        if (refuses && refuses(genotype))
            return fail(ErrorCode::InvalidInput, "refused by the test");
        return train::Foreknowledge{ { { "parameters", parameters(genotype) } }, network(genotype) };
    }

    static double parameters(const space::Genotype& genotype)
    {
        double sum = 0;
        for (std::size_t i = 0; i < genotype.size(); ++i)
            sum += 100 * (genotype[i] + 1);
        return sum;
    }

    /// A zero-cost proxy that knows the truth.
    Result<double> proxy(const std::string&, const space::Genotype& genotype, std::uint64_t) const override
    {
        ++proxies;
        return additiveScore(genotype);
    }
    void useWeights(std::shared_ptr<train::WeightBank> bank) override { weights = std::move(bank); }

    mutable std::atomic<int> proxies = 0;
    std::shared_ptr<train::WeightBank> weights;
    /// What was asked of it, where a test looks at that.
    std::function<void(const train::EvaluationRequest&)> onRequest = {};

private:
    train::EvaluationResult compute(const train::EvaluationRequest& request, const train::ProgressSink& progress,
        train::PauseGate& pause, const std::stop_token& stop)
    {
        if (onRequest)
            onRequest(request);
        Rng rng(request.seed);
        train::EvaluationResult result;
        const double score = additiveScore(request.genotype);
        const auto epochsOf = [this](const train::Fidelity& fidelity) { return fidelity.epochs > 0 ? fidelity.epochs : epochs; };
        const int last = epochsOf(request.fidelity);
        const int before = request.continues.isValid() ? epochsOf(request.continuedFrom) : 0;
        for (int epoch = before + 1; epoch <= last; ++epoch) {
            do {
                pause.waitWhilePaused(stop);
                if (stop.stop_requested()) {
                    result.state = train::TrialState::Cancelled;
                    return result;
                }
                if (hold)
                    std::this_thread::yield();
            } while (hold);
            if (epochTime.count() > 0)
                std::this_thread::sleep_for(epochTime);
            const double accuracy = score * epoch / epochs + 1e-3 * rng.uniform();
            result.curve.push_back({ epoch, 1 - accuracy, accuracy, 1.1 - accuracy, accuracy, 1e-3, 0.1 * epoch });
            progress({ request.id, epoch, last, static_cast<double>(epoch) / last, result.curve.back() });
            if (epoch < last && request.goesOn && !request.goesOn(result.curve)) {
                result.state = train::TrialState::Pruned;
                break;
            }
        }
        if (fails && fails(request.genotype)) {
            result.state = train::TrialState::Failed;
            result.message = "the loss is not a number";
            return result;
        }
        result.metrics = { { "parameters", parameters(request.genotype) }, { "epochs", static_cast<double>(result.curve.size()) } };
        if (weights && request.keepsWeights && result.state == train::TrialState::Completed)
            (void)weights->save(request.id, { { "epochs", { { 1 }, { static_cast<float>(last) } } } });
        if (!result.curve.empty())
            result.metrics["val_accuracy"] = result.curve.back().validationAccuracy;
        else
            result.metrics["val_accuracy"] = score;
        return result;
    }
};

/// Lets several engines share an evaluator that the test holds on to.
class SharedEvaluator : public train::Evaluator {
public:
    explicit SharedEvaluator(std::shared_ptr<train::Evaluator> evaluator)
        : m_evaluator(std::move(evaluator))
    {
    }
    train::EvaluationResult evaluate(const train::EvaluationRequest& request, const train::ProgressSink& progress,
        train::PauseGate& pause, const std::stop_token& stop) override
    {
        return m_evaluator->evaluate(request, progress, pause, stop);
    }
    Result<train::Foreknowledge> precheck(const space::Genotype& genotype) const override
    {
        return m_evaluator->precheck(genotype);
    }
    std::optional<std::string> newMeasurements() override { return m_evaluator->newMeasurements(); }
    Result<void> restoreMeasurements(const std::string& text) override { return m_evaluator->restoreMeasurements(text); }
    Result<double> proxy(const std::string& name, const space::Genotype& genotype, std::uint64_t seed) const override
    {
        return m_evaluator->proxy(name, genotype, seed);
    }
    void useWeights(std::shared_ptr<train::WeightBank> bank) override { m_evaluator->useWeights(std::move(bank)); }

private:
    std::shared_ptr<train::Evaluator> m_evaluator;
};

inline EvaluatorFactory factoryFor(std::shared_ptr<train::Evaluator> evaluator)
{
    return [evaluator](const StudySpec&) -> Result<std::unique_ptr<train::Evaluator>> {
        return std::make_unique<SharedEvaluator>(evaluator);
    };
}

/// Every event of an engine, in the order of arrival, and a way to wait for one.
class EventLog {
public:
    std::function<void(const StudyEvent&)> onEvent = {}; ///< called after an event is logged

    EventSink sink()
    {
        return [this](const StudyEvent& event) {
            {
                const std::lock_guard lock(m_mutex);
                m_events.push_back(event);
            }
            m_grown.notify_all();
            if (onEvent)
                onEvent(event);
        };
    }
    std::vector<StudyEvent> events() const
    {
        const std::lock_guard lock(m_mutex);
        return m_events;
    }
    template <class Event> std::vector<Event> all() const
    {
        std::vector<Event> found;
        for (const StudyEvent& event : events()) {
            if (const auto* wanted = std::get_if<Event>(&event))
                found.push_back(*wanted);
        }
        return found;
    }
    /// Waits until `enough` holds, looking again at each event; false after half a minute.
    bool waitUntil(const std::function<bool()>& enough)
    {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        while (!enough()) {
            std::unique_lock lock(m_mutex);
            const std::size_t seen = m_events.size();
            if (std::chrono::steady_clock::now() > end)
                return false;
            m_grown.wait_for(lock, std::chrono::milliseconds(20), [&] { return m_events.size() > seen; });
        }
        return true;
    }
    bool waitForState(StudyState state)
    {
        return waitUntil([this, state] {
            const auto changes = all<StateChanged>();
            return !changes.empty() && changes.back().state == state;
        });
    }
    bool waitForEnded(std::size_t trials)
    {
        return waitUntil([this, trials] { return all<TrialEnded>().size() >= trials; });
    }

private:
    mutable std::mutex m_mutex;
    std::condition_variable m_grown;
    std::vector<StudyEvent> m_events;
};

/// All of a trial that must be the same when a study is killed and resumed: not the times.
inline std::string essence(const train::Trial& trial)
{
    Json curve = Json::array();
    for (const train::CurvePoint& point : trial.curve)
        curve.push_back({ point.epoch, point.trainLoss, point.validationAccuracy, point.learningRate });
    Json parents = Json::array();
    for (const train::TrialId parent : trial.parents)
        parents.push_back(parent.value());
    return Json{
        { "id", trial.id.value() }, { "answers", trial.genotype.answers() }, { "parents", parents },
        { "state", train::stateName(trial.state) }, { "metrics", trial.metrics }, { "curve", curve },
        { "message", trial.message }, { "hash", trial.networkHash }, { "duplicate_of", trial.duplicateOf.value() },
        { "fidelity", train::fidelityToJson(trial.fidelity) }, { "continues", trial.continues.value() },
        { "asked_after", trial.askedAfter }, { "told_as", trial.toldAs }
    }.dump();
}

inline std::vector<std::string> essences(const std::vector<train::Trial>& trials)
{
    std::vector<std::string> all;
    for (const train::Trial& trial : trials)
        all.push_back(essence(trial));
    return all;
}

} // namespace archscope::search::testing
