#include "core/data/dataset.h"

#include "core/base/rng.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <fmt/format.h>
#include <functional>
#include <numeric>

namespace archscope::data {

std::int64_t Samples::sampleSize() const
{
    return std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
}

std::int64_t Samples::count() const
{
    const std::int64_t size = sampleSize();
    const auto total = std::visit([](const auto& all) { return static_cast<std::int64_t>(all.size()); }, values);
    return size > 0 ? total / size : 0;
}

float Samples::at(std::int64_t sample, std::int64_t feature) const
{
    const auto index = static_cast<std::size_t>(sample * sampleSize() + feature);
    return std::visit([&](const auto& all) { return static_cast<float>(all[index]); }, values);
}

namespace {
constexpr std::size_t partCount = 3; // training, validation, test
using Counts = std::array<std::int64_t, partCount>;
using Fractions = std::array<double, partCount>;

// What randomness is drawn for: a generator of its own for each.
constexpr std::uint64_t dealing = 1;
constexpr std::uint64_t ordering = 2;

/// Deals classes to splits: each class exactly to one sample, and the sums over the classes too.
class Dealer {
public:
    explicit Dealer(const Fractions& fractions) : m_fractions(fractions) {}

    Counts next(std::int64_t count)
    {
        constexpr double rounding = 1e-9; // 0.6 × 5 is 3.0000000000000004
        Counts counts{};
        std::array<bool, partCount> mayGrow{};
        for (std::size_t part = 0; part < partCount; ++part) {
            const double quota = m_fractions[part] * static_cast<double>(count);
            counts[part] = static_cast<std::int64_t>(std::floor(quota + rounding));
            mayGrow[part] = quota - static_cast<double>(counts[part]) > rounding;
            m_owed[part] += quota;
        }
        // The samples that are left go where most is owed: over all classes, not to the same split each time.
        for (std::int64_t left = count - std::accumulate(counts.begin(), counts.end(), std::int64_t{0}); left > 0; --left) {
            std::size_t best = 0;
            double bestOwed = -1e300;
            for (std::size_t part = 0; part < partCount; ++part) {
                const double owed = m_owed[part] - static_cast<double>(counts[part]);
                if (mayGrow[part] && owed > bestOwed) {
                    best = part;
                    bestOwed = owed;
                }
            }
            ++counts[best];
            mayGrow[best] = false;
        }
        for (std::size_t part = 0; part < partCount; ++part) {
            if (m_fractions[part] > 0 && counts[part] == 0) {
                --*std::max_element(counts.begin(), counts.end());
                counts[part] = 1;
            }
        }
        for (std::size_t part = 0; part < partCount; ++part)
            m_owed[part] -= static_cast<double>(counts[part]);
        return counts;
    }

private:
    Fractions m_fractions;
    Fractions m_owed{}; ///< what earlier classes left undone, in samples
};
} // namespace

Result<Splits> stratifiedSplits(const Dataset& dataset, const SplitOptions& options)
{
    const std::int64_t count = dataset.samples.count();
    assert(static_cast<std::int64_t>(dataset.labels.size()) == count && dataset.testBegin <= count);
    const bool hasTest = dataset.testBegin < count;
    const double testFraction = hasTest ? 0.0 : options.testFraction;
    if (!(options.validationFraction > 0 && options.validationFraction < 1))
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("the validation fraction is {}; it must lie between 0 and 1", options.validationFraction));
    if (!hasTest && !(testFraction > 0 && testFraction < 1))
        return fail(ErrorCode::InvalidArgument, fmt::format("the test fraction is {}; it must lie between 0 and 1", testFraction));
    if (options.validationFraction + testFraction >= 1)
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("the validation and test fractions, {} and {}, leave nothing to train on",
                                options.validationFraction, testFraction));

    std::vector<std::vector<std::int64_t>> byClass(dataset.classes.size());
    for (std::int64_t sample = 0; sample < dataset.testBegin; ++sample)
        byClass[static_cast<std::size_t>(dataset.labels[static_cast<std::size_t>(sample)])].push_back(sample);

    Splits splits;
    Dealer dealer({1 - options.validationFraction - testFraction, options.validationFraction, testFraction});
    const std::size_t needed = hasTest ? 2 : 3;
    for (std::size_t label = 0; label < byClass.size(); ++label) {
        std::vector<std::int64_t>& samples = byClass[label];
        if (samples.size() < needed)
            return fail(ErrorCode::InvalidInput,
                        fmt::format("class '{}' has {} sample{}, too few to stand in {}: add samples or leave the class out",
                                    dataset.classes[label], samples.size(), samples.size() == 1 ? "" : "s",
                                    hasTest ? "training and validation" : "training, validation and test"));
        Rng rng = Rng::derived({options.seed, dealing, label});
        rng.shuffle(std::span(samples));
        const Counts counts = dealer.next(static_cast<std::int64_t>(samples.size()));
        const auto validationBegin = samples.begin() + counts[0];
        const auto testBegin = validationBegin + counts[1];
        splits.train.insert(splits.train.end(), samples.begin(), validationBegin);
        splits.validation.insert(splits.validation.end(), validationBegin, testBegin);
        splits.test.insert(splits.test.end(), testBegin, samples.end());
    }
    Rng rng = Rng::derived({options.seed, ordering});
    rng.shuffle(std::span(splits.train));
    rng.shuffle(std::span(splits.validation));
    rng.shuffle(std::span(splits.test));
    if (hasTest) {
        splits.test.resize(static_cast<std::size_t>(count - dataset.testBegin));
        std::iota(splits.test.begin(), splits.test.end(), dataset.testBegin);
    }
    return splits;
}

Normalisation normalisationOf(const Dataset& dataset, std::span<const std::int64_t> samples)
{
    const auto size = static_cast<std::size_t>(dataset.samples.sampleSize());
    const std::size_t groups = dataset.isImage() ? static_cast<std::size_t>(dataset.samples.shape[0]) : size;
    Normalisation normalisation{std::vector<float>(groups, 0.0f), std::vector<float>(groups, 1.0f)};
    if (samples.empty() || size == 0)
        return normalisation;
    const std::size_t run = size / groups; // the neighbours that share a mean: a channel's pixels, or one feature
    const double number = static_cast<double>(samples.size()) * static_cast<double>(run);

    std::visit(
        [&](const auto& values) {
            using Value = typename std::decay_t<decltype(values)>::value_type;
            const auto forEachRun = [&](auto&& visit) {
                for (const std::int64_t sample : samples) {
                    const Value* value = values.data() + static_cast<std::size_t>(sample) * size;
                    for (std::size_t group = 0; group < groups; ++group, value += run)
                        visit(group, std::span(value, run));
                }
            };
            // Two passes: the difference of sums of squares loses all digits where the mean is large.
            std::vector<double> mean(groups, 0.0);
            std::vector<double> squares(groups, 0.0);
            std::vector<bool> isConstant(groups, true);
            const Value* first = values.data() + static_cast<std::size_t>(samples.front()) * size;
            forEachRun([&](std::size_t group, std::span<const Value> pixels) {
                double sum = 0;
                bool same = true;
                for (const Value pixel : pixels) {
                    sum += pixel;
                    same = same && pixel == first[group * run];
                }
                mean[group] += sum;
                if (!same)
                    isConstant[group] = false;
            });
            for (double& value : mean)
                value /= number;
            forEachRun([&](std::size_t group, std::span<const Value> pixels) {
                double sum = 0;
                for (const Value pixel : pixels)
                    sum += (pixel - mean[group]) * (pixel - mean[group]);
                squares[group] += sum;
            });
            for (std::size_t group = 0; group < groups; ++group) {
                normalisation.mean[group] = static_cast<float>(mean[group]);
                const auto deviation = static_cast<float>(std::sqrt(squares[group] / number));
                if (!isConstant[group] && deviation > 0)
                    normalisation.deviation[group] = deviation;
            }
        },
        dataset.samples.values);
    return normalisation;
}

} // namespace archscope::data
