// Samples in memory, as values: what readers make and training takes.
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace archscope::data {

/// Row-major features of all samples, one after the other. Images stay bytes until they are on the device.
struct Samples {
    std::vector<std::int64_t> shape; ///< of one sample: {channels, height, width} or {features}
    std::variant<std::vector<std::uint8_t>, std::vector<float>> values; ///< size = count × product(shape)
    std::int64_t count() const;
    std::int64_t sampleSize() const; ///< product of the shape
    float at(std::int64_t sample, std::int64_t feature) const;
};

struct Dataset {
    std::string format;  ///< of the reader: "idx", "csv"
    Samples samples;
    std::vector<std::int64_t> labels; ///< class indices, one a sample
    std::vector<std::string> classes; ///< names, in the order of the indices
    /// Where the data came with a test set of its own: the samples from here on are it. Otherwise = count.
    std::int64_t testBegin = 0;
    /// What the reader decided, in words, for the user to see: "delimiter ';'", "label: last column".
    std::vector<std::string> notes;
    bool isImage() const { return samples.shape.size() == 3; }
};

/// Indices into a dataset; disjoint.
struct Splits {
    std::vector<std::int64_t> train;
    std::vector<std::int64_t> validation;
    std::vector<std::int64_t> test;
    bool operator==(const Splits&) const = default;
};

struct SplitOptions {
    double validationFraction = 0.2; ///< of the training part where the data has a test set, else of all
    double testFraction = 0.2;       ///< not used where the data has a test set
    std::uint64_t seed = 0;
    bool operator==(const SplitOptions&) const = default;
};

/// Stratified by class: each split has each class in the same proportion (to one sample, and at least one). The same data
/// and options give the same splits everywhere. Training and validation come in random order, so that any first part of
/// them is a fair sample; a test set of the data's own keeps its order. Fails, naming the class, when a class has too few
/// samples to stand in every split.
Result<Splits> stratifiedSplits(const Dataset& dataset, const SplitOptions& options);

/// Mean and standard deviation a channel (images) or a feature (vectors), over the given samples alone. Constant features
/// have deviation 1.
struct Normalisation {
    std::vector<float> mean;
    std::vector<float> deviation;
};
Normalisation normalisationOf(const Dataset& dataset, std::span<const std::int64_t> samples);

} // namespace archscope::data
