// Whether what was learnt on one task helps on another: the first half of a task's classes, then the other half. For each
// seed a study of the first half, a cold one and a warm one of the second, all really trained. One JSON line a seed, and one
// of the means: after how many trials the warm study reaches the validation accuracy that the cold one ends with (as many as
// it has plus one where it does not).
//
//     archscope-bench-transfer                                        the digits
//     archscope-bench-transfer --task idx:FOLDER --samples 2000       any other task; so many samples of each split
#include "core/base/json.h"
#include "core/catalog/catalog.h"
#include "core/search/strategy_driver.h"
#include "core/search/warm_start.h"
#include "core/train/training_evaluator.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>

using namespace archscope;

namespace {

struct Options {
    std::string task = "digits";
    std::int64_t samples = 0;
    int seeds = 5;
    std::int64_t trials = 40;
    std::int64_t sourceTrials = 100;
    int epochs = 2;
    std::string strategy = "regularized-evolution";
    std::string space = "chain-cnn";
};

[[noreturn]] void die(const Error& error)
{
    std::fprintf(stderr, "%s\n", error.text().c_str());
    std::exit(3);
}

/// The classes from `first` to before `end`, as a task of their own, with at most `samples` samples in each split (0: all).
std::shared_ptr<const data::Task> someClasses(
    const data::Task& all, std::int64_t first, std::int64_t end, std::int64_t samples)
{
    auto task = std::make_shared<data::Task>(all);
    task->spec.name = all.spec.name + "-" + std::to_string(first) + "-to-" + std::to_string(end - 1);
    const auto isOther = [&](std::int64_t sample) {
        const std::int64_t label = all.dataset.labels[static_cast<std::size_t>(sample)];
        return label < first || label >= end;
    };
    for (std::vector<std::int64_t>* split : { &task->splits.train, &task->splits.validation, &task->splits.test }) {
        std::erase_if(*split, isOther);
        if (samples > 0 && static_cast<std::int64_t>(split->size()) > samples)
            split->resize(static_cast<std::size_t>(samples)); // they come in random order
    }
    // Labels of samples that are in no split are never looked at.
    for (std::int64_t& label : task->dataset.labels)
        label = std::clamp<std::int64_t>(label - first, 0, end - first - 1);
    task->dataset.classes.assign(all.dataset.classes.begin() + first, all.dataset.classes.begin() + end);
    task->normalisation = data::normalisationOf(task->dataset, task->splits.train);
    return task;
}

class Bench {
public:
    explicit Bench(Options options)
        : m_options(std::move(options))
    {
        auto space = m_catalog.preset(m_options.space);
        if (!space)
            die(space.error());
        m_space = std::move(*space);
        const auto spec = data::resolveTask(m_options.task, m_catalog.formats());
        if (!spec)
            die(spec.error());
        const auto task = data::loadTask(*spec, m_catalog.formats());
        if (!task)
            die(task.error());
        const std::int64_t classes = (*task)->classCount();
        m_source = someClasses(**task, 0, classes / 2, m_options.samples);
        m_target = someClasses(**task, classes / 2, classes, m_options.samples);
    }

    /// Trials that cold and warm took to the cold one's final accuracy.
    std::pair<double, double> measure(std::uint64_t seed)
    {
        const search::StoredStudy source = studied("source", m_source, seed, m_options.sourceTrials, nullptr);
        const search::StoredStudy cold = studied("cold", m_target, 100 + seed, m_options.trials, nullptr);
        const search::StoredStudy warm = studied("warm", m_target, 100 + seed, m_options.trials, &source);
        const auto comparison = search::compareWithCold(warm, cold);
        if (!comparison)
            die({ ErrorCode::Internal, "no trial of the cold study completed", {} });
        const std::int64_t reached = comparison->reachedAfter.value_or(m_options.trials + 1);
        const auto bestOf = [](const search::StoredStudy& study) {
            const auto best = search::bestTrial(study.trials, study.spec.objectives, {});
            return best < 0 ? std::nan("") : study.trials[static_cast<std::size_t>(best)].metric("val_accuracy");
        };
        print({ { "figure", "transfer" }, { "seed", seed }, { "cold_best", comparison->coldBest },
            { "cold_reached_it_after", comparison->coldReachedIt }, { "warm_reached_it_after", reached },
            { "warm_best", bestOf(warm) }, { "taken_over", warm.spec.warmStart.front().taken } });
        return { static_cast<double>(comparison->coldReachedIt), static_cast<double>(reached) };
    }

    void measureAll()
    {
        std::vector<std::jthread> workers;
        std::atomic<std::uint64_t> next = 0;
        std::mutex mutex;
        double cold = 0;
        double warm = 0;
        for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i) {
            workers.emplace_back([&] {
                for (std::uint64_t seed = next++; seed < static_cast<std::uint64_t>(m_options.seeds); seed = next++) {
                    const auto [ofCold, ofWarm] = measure(seed);
                    const std::lock_guard lock(mutex);
                    cold += ofCold / m_options.seeds;
                    warm += ofWarm / m_options.seeds;
                }
            });
        }
        workers.clear();
        const auto trials = static_cast<double>(m_options.trials);
        print({ { "figure", "transfer_mean" }, { "seeds", m_options.seeds }, { "source_trials", m_options.sourceTrials },
            { "trials", m_options.trials }, { "epochs", m_options.epochs }, { "task", m_options.task },
            { "space", m_options.space }, { "strategy", m_options.strategy }, { "cold_reached_it_after", cold },
            { "warm_reached_it_after", warm }, { "warm_share_of_cold_trials", warm / trials } });
    }

private:
    void print(const Json& line)
    {
        const std::lock_guard lock(m_printing);
        std::printf("%s\n", line.dump().c_str());
        std::fflush(stdout);
    }

    /// One search, in this thread; `source`: what it starts from, or null.
    search::StoredStudy studied(const std::string& name, const std::shared_ptr<const data::Task>& task, std::uint64_t seed,
        std::int64_t trials, const search::StoredStudy* source) const
    {
        search::StoredStudy study;
        study.spec.name = name;
        study.spec.space = m_space;
        study.spec.task = task->spec;
        study.spec.strategy = m_options.strategy;
        study.spec.seed = seed;
        study.spec.budget.trials = trials;
        study.spec.fidelity.epochs = m_options.epochs;
        if (source) {
            study.spec.warmStart = { { "in memory", source->spec.name } };
            if (const auto taken = search::takeOver(study.spec, std::span(source, 1)); !taken)
                die(taken.error());
        }
        train::EvaluatorOptions options;
        options.device = "cpu";
        options.measureLatency = false;
        const auto evaluator = train::trainingEvaluator(m_space, m_catalog.operations(), task, options);
        if (!evaluator)
            die(evaluator.error());
        const auto decisions = space::DecisionSpace::compile(m_space);
        search::StrategyDriver::World world;
        world.admissible = [&](const space::Genotype& genotype) { return (*evaluator)->precheck(genotype).has_value(); };
        const auto driver = search::StrategyDriver::create(m_catalog.strategies(), study.spec, *decisions, std::move(world));
        if (!driver)
            die(driver.error());
        train::PauseGate gate;
        for (std::int64_t i = 0; i < trials; ++i) {
            auto trial = (*driver)->ask();
            if (!trial)
                break;
            const std::uint64_t trialSeed = Rng::mixed({ seed, static_cast<std::uint64_t>(trial->id.value()) });
            train::EvaluationRequest request;
            request.id = trial->id;
            request.genotype = trial->genotype;
            request.fidelity = trial->fidelity;
            request.seed = trialSeed;
            auto result = (*evaluator)->evaluate(request, [](const auto&) {}, gate, {});
            trial->state = result.state;
            trial->metrics = std::move(result.metrics);
            trial->message = std::move(result.message);
            (*driver)->tell(*trial);
            study.trials.push_back(std::move(*trial));
        }
        return study;
    }

    Options m_options;
    catalog::Catalog m_catalog;
    space::SearchSpace m_space;
    std::shared_ptr<const data::Task> m_source;
    std::shared_ptr<const data::Task> m_target;
    std::mutex m_printing;
};

} // namespace

int main(int argc, char** argv)
{
    Options options;
    CLI::App app("Whether what was learnt on half of a task's classes helps on the other half", "archscope-bench-transfer");
    app.add_option("--task", options.task, "As archscope-cli takes it")->capture_default_str();
    app.add_option("--samples", options.samples, "Of each split at most; 0: all")->capture_default_str();
    app.add_option("--space", options.space, "A preset's name")->capture_default_str();
    app.add_option("--strategy", options.strategy, "Of all three studies")->capture_default_str();
    app.add_option("--seeds", options.seeds, "How often")->capture_default_str()->check(CLI::PositiveNumber);
    app.add_option("--source-trials", options.sourceTrials, "Of the study of the first half")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    app.add_option("--trials", options.trials, "Of the cold and the warm study of the second half")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    app.add_option("--epochs", options.epochs, "Of each trial")->capture_default_str()->check(CLI::PositiveNumber);
    CLI11_PARSE(app, argc, argv);
    Bench(options).measureAll();
}
