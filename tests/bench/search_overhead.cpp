// What searching costs beside evaluating. Prints one JSON line a figure:
//   ask_tell_per_s    regularised evolution alone, no store, with the paper's population and sample
//   bare_python_per_s the same as a bare Python loop (bare_loop.py), in the same run, and bare_python_ratio: ours to it
//   durable_per_s     the whole engine with one worker, each trial on disk in SQLite, a constant evaluator
//   load_100k_s       opening and reading a study of 100,000 trials; list_100k_s: listing it
#include "core/search/study_engine.h"
#include "core/store/stores.h"
#include "tests/core/search/search_test_support.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>

using namespace archscope;
using namespace archscope::search;

namespace {

double secondsOf(const std::function<void()>& work)
{
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

void print(const char* figure, double value)
{
    std::printf("{\"figure\":\"%s\",\"value\":%.6g}\n", figure, value);
    std::fflush(stdout);
}

[[noreturn]] void die(const Error& error)
{
    std::fprintf(stderr, "%s\n", error.text().c_str());
    std::exit(4);
}

constexpr int decisionCount = 6;
constexpr int valueCount = 5;

double askTellRate(std::int64_t population, std::int64_t sample)
{
    constexpr int count = 500'000;
    const space::DecisionSpace decisions = *space::DecisionSpace::compile(testing::chainSpace(decisionCount, valueCount));
    StrategyContext context;
    context.decisions = &decisions;
    const StrategyDescriptor descriptor = regularizedEvolution();
    auto strategy = *descriptor.make(context,
        *space::completed(descriptor.settings, { { "population", population }, { "sample", sample } }, descriptor.name));
    const double seconds = secondsOf([&] {
        for (int i = 1; i <= count; ++i) {
            const auto proposal = strategy->ask();
            Observation observation;
            observation.id = train::TrialId(i);
            observation.genotype = &proposal->genotype;
            observation.values = { testing::additiveScore(proposal->genotype) };
            strategy->tell(observation);
        }
    });
    return count / seconds;
}

/// 0 where there is no Python.
double bareLoopRate(std::int64_t population, std::int64_t sample)
{
    const std::string command = fmt::format("python3 '{}/tests/bench/bare_loop.py' {} {} {} {} 2>/dev/null",
        ARCHSCOPE_SOURCE_DIR, population, sample, decisionCount, valueCount);
    double rate = 0;
    if (FILE* output = ::popen(command.c_str(), "r")) {
        if (std::fscanf(output, "%lf", &rate) != 1)
            rate = 0;
        ::pclose(output);
    }
    return rate;
}

void askTell()
{
    constexpr std::int64_t population = 100;
    constexpr std::int64_t sample = 25;
    const double rate = askTellRate(population, sample);
    print("ask_tell_per_s", rate);
    if (const double bare = bareLoopRate(population, sample); bare > 0) {
        print("bare_python_per_s", bare);
        print("bare_python_ratio", rate / bare);
    }
}

void durable(const std::string& url, std::int64_t trials)
{
    auto store = store::openStore(url, store::OpenMode::CreateIfAbsent);
    if (!store)
        die(store.error());
    if (const auto created = (*store)->create(testing::testSpec("bench", trials)); !created)
        die(created.error());
    auto evaluator = std::make_shared<testing::ComputedEvaluator>();
    evaluator->epochs = 0;
    const StrategySet strategies({ regularizedEvolution() });
    StudyEngine engine(*store, "bench", strategies, testing::factoryFor(evaluator), {});
    const double seconds = secondsOf([&] {
        engine.start();
        engine.wait();
    });
    if (engine.state() != StudyState::Finished)
        die({ ErrorCode::Internal, engine.failure(), {} });
    print("durable_per_s", static_cast<double>(trials) / seconds);
}

void load(const std::string& url)
{
    // The study above, with curves of eight epochs as trainings have them.
    auto store = store::openStore(url, store::OpenMode::ReadWrite);
    if (!store)
        die(store.error());
    auto stored = (*store)->load("bench");
    if (!stored)
        die(stored.error());
    for (train::Trial& trial : stored->trials) {
        for (int epoch = 1; epoch <= 8; ++epoch)
            trial.curve.push_back(
                { epoch, 1.0 / epoch, 0.91 + 0.01 / epoch, 1.1 / epoch, 0.9 + 0.013 / epoch, 1e-3, 0.123 * epoch });
    }
    StudyChanges changes;
    changes.trials = std::move(stored->trials);
    if (const auto committed = (*store)->commit("bench", changes); !committed)
        die(committed.error());
    store->reset();
    std::size_t count = 0;
    const double seconds = secondsOf([&] {
        auto reader = store::openStore(url, store::OpenMode::ReadOnly);
        count = (*reader)->load("bench")->trials.size();
    });
    print("trials_loaded", static_cast<double>(count));
    print("load_100k_s", seconds);
    auto reader = *store::openStore(url, store::OpenMode::ReadOnly);
    print("list_100k_s", secondsOf([&] { static_cast<void>(reader->list()); }));
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 2) {
        std::fprintf(stderr, "usage: archscope-bench-search FOLDER (on the disk to measure)\n");
        return 2;
    }
    const std::filesystem::path file = std::filesystem::path(argv[1]) / "bench-search.archscope";
    std::filesystem::remove(file);
    askTell();
    durable("sqlite:" + file.string(), 100'000);
    load("sqlite:" + file.string());
    std::filesystem::remove(file);
}
