// What each way to make trials cheaper saves: epochs until a search has found what the same search of the same seed finds without it.
// Really trains: digits, chain-cnn, regularised evolution, one trial at a time. Prints one JSON line a saving and seed, then one a
// saving with the means. Arguments: seeds (5), trials of the plain search (24), epochs of a full training (8), names of savings.
#include "core/catalog/catalog.h"
#include "core/data/task.h"
#include "core/search/savings.h"
#include "core/store/stores.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <unistd.h>

using namespace archscope;

namespace {

struct Saving {
    std::string name;
    std::optional<search::Component> scheduler = {};
    std::optional<search::Component> proxy = {};
    bool inheritWeights = false;
    int moreTrials = 1; ///< than the plain search: a trial of a scheduler may be short
};

const std::vector<Saving>& savings()
{
    static const std::vector<Saving> all{
        { .name = "successive-halving", .scheduler = search::Component{ "successive-halving", {} }, .moreTrials = 4 },
        { .name = "hyperband", .scheduler = search::Component{ "hyperband", { { "eta", std::int64_t{ 2 } } } }, .moreTrials = 3 },
        { .name = "asha", .scheduler = search::Component{ "asha", { { "eta", std::int64_t{ 2 } } } }, .moreTrials = 4 },
        { .name = "curve", .scheduler = search::Component{ "curve", {} }, .moreTrials = 2 },
        { .name = "synflow", .proxy = search::Component{ "synflow", {} } },
        { .name = "naswot", .proxy = search::Component{ "naswot", {} } },
        { .name = "inherited weights", .inheritWeights = true },
    };
    return all;
}

template <class T> T valueOf(Result<T> result)
{
    if (!result) {
        std::fprintf(stderr, "%s\n", result.error().text().c_str());
        std::exit(1);
    }
    return std::move(*result);
}

class Bench {
public:
    Bench(std::int64_t trials, int epochs)
        : m_trials(trials)
        , m_epochs(epochs)
        , m_task(valueOf(data::loadTask(valueOf(data::resolveTask("digits", m_catalog.formats())), m_catalog.formats())))
        , m_folder(std::filesystem::temp_directory_path() / fmt::format("archscope-savings-{}", ::getpid()))
    {
        std::filesystem::create_directories(m_folder);
    }
    ~Bench()
    {
        std::error_code ignored;
        std::filesystem::remove_all(m_folder, ignored);
    }

    search::StoredStudy run(const Saving& saving, std::uint64_t seed)
    {
        search::StudySpec spec;
        spec.name = fmt::format("{} {}", saving.name, seed);
        spec.space = valueOf(m_catalog.preset("chain-cnn"));
        spec.task = m_task->spec;
        spec.fidelity.epochs = m_epochs;
        spec.settings = { { "population", std::int64_t{ 8 } }, { "sample", std::int64_t{ 4 } } };
        spec.scheduler = saving.scheduler;
        spec.proxy = saving.proxy;
        spec.inheritWeights = saving.inheritWeights;
        spec.budget.trials = m_trials * saving.moreTrials;
        spec.seed = seed;
        spec.device = "cpu";
        spec.jobs = 1;
        const auto store = valueOf(store::openStore("sqlite:" + (m_folder / "s.archscope").string(), store::OpenMode::CreateIfAbsent));
        if (const auto created = store->create(spec); !created) {
            std::fprintf(stderr, "%s\n", created.error().text().c_str());
            std::exit(1);
        }
        search::StudyEngine engine(store, spec.name, m_catalog.strategies(), m_catalog.evaluatorFactory(m_task), {});
        engine.start();
        if (engine.wait() != search::StudyState::Finished) {
            std::fprintf(stderr, "%s\n", engine.failure().c_str());
            std::exit(1);
        }
        return valueOf(store->load(spec.name));
    }

private:
    catalog::Catalog m_catalog;
    std::int64_t m_trials;
    int m_epochs;
    std::shared_ptr<const data::Task> m_task;
    std::filesystem::path m_folder;
};

struct Reached {
    double best = 0;
    std::optional<double> epochs; ///< trained until a trial was as good as the target
};

Reached reached(const std::vector<train::Trial>& trials, double target)
{
    Reached result;
    double epochs = 0;
    for (const train::Trial& trial : trials) {
        if (trial.metrics.contains("epochs"))
            epochs += trial.metric("epochs");
        if (trial.state != train::TrialState::Completed)
            continue;
        result.best = std::max(result.best, trial.metric("val_accuracy"));
        if (!result.epochs && result.best >= target)
            result.epochs = epochs;
    }
    return result;
}

} // namespace

int main(int argc, char** argv)
{
    const int seeds = argc > 1 ? std::atoi(argv[1]) : 5;
    const int trials = argc > 2 ? std::atoi(argv[2]) : 24;
    const int epochs = argc > 3 ? std::atoi(argv[3]) : 8;
    const std::vector<std::string> wanted(argv + std::min(argc, 4), argv + argc);
    Bench bench(trials, epochs);
    struct Sum {
        int reached = 0;
        double with = 0;
        double without = 0; ///< of the same seeds
    };
    std::map<std::string, Sum> sums;
    for (int seed = 1; seed <= seeds; ++seed) {
        const auto plain = bench.run({ .name = "plain" }, static_cast<std::uint64_t>(seed));
        const double target = reached(plain.trials, 2).best;
        const double without = *reached(plain.trials, target).epochs;
        for (const Saving& saving : savings()) {
            if (!wanted.empty() && std::ranges::find(wanted, saving.name) == wanted.end())
                continue;
            const Reached with = reached(bench.run(saving, static_cast<std::uint64_t>(seed)).trials, target);
            Json line{ { "figure", "savings" }, { "saving", saving.name }, { "seed", seed }, { "target", target }, { "best", with.best },
                { "epochs_without", without }, { "epochs_with", with.epochs ? Json(*with.epochs) : Json(nullptr) } };
            if (with.epochs) {
                Sum& sum = sums[saving.name];
                ++sum.reached;
                sum.with += *with.epochs;
                sum.without += without;
                line["saved"] = 1 - *with.epochs / without;
            }
            std::printf("%s\n", line.dump().c_str());
            std::fflush(stdout);
        }
    }
    for (const auto& [name, sum] : sums) {
        const Json line{ { "figure", "savings_mean" }, { "saving", name }, { "seeds", seeds }, { "reached", sum.reached },
            { "epochs_without", sum.without / sum.reached }, { "epochs_with", sum.with / sum.reached }, { "saved", 1 - sum.with / sum.without } };
        std::printf("%s\n", line.dump().c_str());
    }
    return 0;
}
