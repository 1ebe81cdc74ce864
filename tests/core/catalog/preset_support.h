// The presets, and tasks for which small versions of them are quick to run.
#pragma once

#include "core/catalog/catalog.h"
#include "core/network/network.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace archscope::catalog {

inline const Catalog& builtins()
{
    static const Catalog catalog;
    return catalog;
}

template <class T>
T orDie(Result<T> result)
{
    if (!result) {
        std::fprintf(stderr, "%s\n", result.error().text().c_str());
        std::abort();
    }
    return std::move(*result);
}

struct Preset {
    explicit Preset(const std::string& name, const std::vector<std::pair<std::string, std::int64_t>>& variables = {})
        : space(orDie(builtins().preset(name)))
    {
        for (const auto& [variable, value] : variables) {
            const auto it = std::find_if(space.root.variables.begin(), space.root.variables.end(), [&, &wanted = variable](const auto& v) { return v.name == wanted; });
            if (it == space.root.variables.end()) {
                std::fprintf(stderr, "%s has no variable %s\n", name.c_str(), variable.c_str());
                std::abort();
            }
            it->value = space::Literal{value};
        }
        decisions = orDie(space::DecisionSpace::compile(space));
    }

    Result<network::Network> lower(const space::Genotype& genotype, const network::TaskShape& task) const
    {
        return network::lower(space, decisions, genotype, builtins().operations(), task);
    }

    space::SearchSpace space;
    space::DecisionSpace decisions;
};

/// A preset shrunk to what runs in milliseconds, on one kind of data.
struct SmallPreset {
    std::string title;
    std::string name;
    std::vector<std::pair<std::string, std::int64_t>> variables;
    network::TaskShape task;
};

inline std::vector<SmallPreset> smallPresets()
{
    const network::TaskShape image{{3, 8, 8}, 10, 0, false};
    const network::TaskShape text{{6}, 11, 11, true};
    const network::TaskShape documents{{7}, 3, 11, false};
    const network::TaskShape series{{9, 2}, 4, 0, false};
    std::vector<SmallPreset> all = {
        {"chain-cnn", "chain-cnn", {}, image},
        {"resnet-like", "resnet-like", {}, image},
        {"mlp", "mlp", {}, {{12}, 1, 0, false}},
        {"nas-bench-201", "nas-bench-201", {{"C", 4}, {"N", 1}}, image},
        {"nas-bench-101", "nas-bench-101", {{"C", 8}, {"N", 1}}, image},
        {"nas-bench-macro", "nas-bench-macro", {{"C", 4}}, image},
        {"darts", "darts", {{"C", 4}, {"N", 1}}, image},
        {"mobilenet-like", "mobilenet-like", {{"C", 2}}, image},
    };
    for (const auto& [name, variable] : {std::pair("lstm-gru", "W"), {"temporal-cnn", "W"}, {"transformer-encoder", "W"}, {"enas-rnn", "H"}, {"darts-rnn", "H"}}) {
        all.push_back({std::string(name) + ", series", name, {{variable, 8}}, series});
        all.push_back({std::string(name) + ", documents", name, {{variable, 8}}, documents});
        all.push_back({std::string(name) + ", language", name, {{variable, 8}}, text});
    }
    return all;
}

} // namespace archscope::catalog
