// A thousand samples of each preset, shrunk: built, run forward and backward, compared with what was predicted.
// Prints one JSON line a preset: seconds, and how many were as predicted. Arguments: samples, then titles of presets.
#include "tests/core/catalog/preset_torch.h"

#include <chrono>

using namespace archscope;
using namespace archscope::catalog;

int main(int argc, char** argv)
{
    const int samples = argc > 1 ? std::atoi(argv[1]) : 1000;
    const std::vector<std::string> wanted(argv + std::min(argc, 2), argv + argc);
    int failures = 0;
    for (const SmallPreset& small : smallPresets()) {
        if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), small.title) == wanted.end())
            continue;
        const Preset preset(small.name, small.variables);
        const auto begin = std::chrono::steady_clock::now();
        Rng rng(11);
        int right = 0;
        for (int i = 0; i < samples; ++i) {
            const space::Genotype genotype = preset.decisions.sample(rng);
            const auto network = preset.lower(genotype, small.task);
            const std::string problem = network ? moduleProblem(*network, static_cast<std::uint64_t>(i)) : network.error().text();
            if (problem.empty())
                ++right;
            else
                std::fprintf(stderr, "%s: %s in %s\n", small.title.c_str(), problem.c_str(), preset.decisions.toJson(genotype).dump().c_str());
        }
        failures += samples - right;
        const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        std::printf("{\"figure\":\"preset_runs\",\"preset\":\"%s\",\"samples\":%d,\"as_predicted\":%d,\"seconds\":%.3g}\n", small.title.c_str(),
                    samples, right, seconds);
        std::fflush(stdout);
    }
    return failures == 0 ? 0 : 1;
}
