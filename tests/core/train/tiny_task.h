// Small tasks, spaces and networks for the tests of core/train.
#pragma once

#include "core/base/rng.h"
#include "core/data/task.h"
#include "core/network/network.h"
#include "core/ops/operation.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <vector>

namespace archscope::train::test {

/// The value, or the end of the test program with the reason.
template <class T> T valueOf(Result<T> result)
{
    if (!result) {
        std::cerr << result.error().text() << std::endl;
        std::abort();
    }
    return std::move(*result);
}

struct Operations {
    std::vector<std::unique_ptr<ops::Operation>> owned = ops::builtinOperations();
    space::OperationSet set;
    Operations()
    {
        std::vector<const space::OperationTraits*> pointers;
        for (const auto& operation : owned)
            pointers.push_back(operation.get());
        set = space::OperationSet(pointers);
    }
};

inline data::Task taskOf(data::Samples samples, std::vector<std::int64_t> labels, int classes)
{
    data::Task task;
    task.spec.name = "tiny";
    task.dataset.samples = std::move(samples);
    task.dataset.labels = std::move(labels);
    for (int i = 0; i < classes; ++i)
        task.dataset.classes.push_back(std::string(1, static_cast<char>('a' + i)));
    const std::int64_t count = task.dataset.samples.count();
    task.dataset.testBegin = count;
    for (std::int64_t i = 0; i < count; ++i)
        (i % 5 < 3 ? task.splits.train : i % 5 == 3 ? task.splits.validation : task.splits.test).push_back(i);
    task.normalisation = data::normalisationOf(task.dataset, task.splits.train);
    return task;
}

/// Two features, two classes on either side of a line with a margin: any network learns it.
inline data::Task separableTask(std::int64_t count = 200)
{
    Rng rng(7);
    data::Samples samples;
    samples.shape = { 2 };
    std::vector<float> values;
    std::vector<std::int64_t> labels;
    for (std::int64_t i = 0; i < count; ++i) {
        const std::int64_t label = i % 2;
        const double along = rng.normal();
        const double across = (label ? 1 : -1) * (1 + rng.uniform());
        values.push_back(static_cast<float>(along + across));
        values.push_back(static_cast<float>(along - across));
        labels.push_back(label);
    }
    samples.values = std::move(values);
    return taskOf(std::move(samples), std::move(labels), 2);
}

/// One-channel byte images 8×8, three classes: a bright bar in the left, middle or right third, with noise.
inline data::Task barsTask(std::int64_t count = 150)
{
    Rng rng(11);
    data::Samples samples;
    samples.shape = { 1, 8, 8 };
    std::vector<std::uint8_t> values;
    std::vector<std::int64_t> labels;
    for (std::int64_t i = 0; i < count; ++i) {
        const std::int64_t label = i % 3;
        for (int y = 0; y < 8; ++y) {
            for (int x = 0; x < 8; ++x) {
                const bool bar = y > 0 && y < 7 && (x == 1 + 2 * label || x == 2 + 2 * label);
                values.push_back(static_cast<std::uint8_t>((bar ? 160 : 0) + rng.below(60)));
            }
        }
        labels.push_back(label);
    }
    samples.values = std::move(values);
    return taskOf(std::move(samples), std::move(labels), 3);
}

} // namespace archscope::train::test
