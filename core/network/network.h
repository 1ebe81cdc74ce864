// A genotype lowered to a concrete DAG of operations with shapes: the one form from which modules, costs, exports and
// pictures are made. A value; layers are in topological order, the first is the input, the last is the output.
#pragma once

#include "core/space/decision_space.h"
#include "core/space/operation_traits.h"
#include "core/space/search_space.h"

#include <string>
#include <vector>

namespace archscope::network {

using space::Cost;
using space::Parameters;
using space::Shape;

/// What a task fixes of every network for it.
struct TaskShape {
    Shape input;              ///< without batch: {channels, height, width} or {features}
    std::int64_t outputs = 1; ///< `classes` in expressions: classes, or 1 for regression
    bool operator==(const TaskShape&) const = default;
};

struct Layer {
    std::string name;        ///< unique: path of the node, rounds by number: "layers/0/op/conv"
    std::string operation;   ///< "input" for the first layer, else a name from the catalog
    Parameters parameters;   ///< all of them, concrete
    std::vector<int> inputs; ///< indices of earlier layers, in port order
    Shape output;
    Cost cost;
    space::NodeId origin;    ///< the node of the space it came from
    bool operator==(const Layer&) const = default;
};

struct Network {
    TaskShape task;
    std::vector<Layer> layers;

    const Shape& outputShape() const { return layers.back().output; }
    Cost cost() const; ///< sum over the layers
    bool operator==(const Network&) const = default;
};

/// Lowers an architecture. Layers that the output does not depend on are dropped; optional nodes that are left out pass their
/// first input through. An error names the node and the shapes that do not fit.
/// `decisions` must be compiled from `space`; the genotype must be valid in it.
Result<Network> lower(const space::SearchSpace& space, const space::DecisionSpace& decisions,
                      const space::Genotype& genotype, const space::OperationSet& operations, const TaskShape& task);

/// 32 hexadecimal digits: equal for networks with the same operations, parameters and wiring, whatever the layers are called
/// (each layer hashed with its inputs' hashes; the order of inputs does not count for `add` and `multiply`).
std::string structuralHash(const Network& network);

inline constexpr int networkFormatVersion = 1;
Json networkToJson(const Network& network);
Result<Network> networkFromJson(const Json& document, const space::OperationSet& operations);

} // namespace archscope::network
