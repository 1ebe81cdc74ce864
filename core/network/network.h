// A genotype lowered to a concrete DAG of operations with shapes: the one form from which modules, costs, exports and
// pictures are made. A value; layers are in topological order, the first is the input, the last is the output.
#pragma once

#include "core/space/decision_space.h"
#include "core/space/operation_traits.h"
#include "core/space/search_space.h"

#include <functional>
#include <string>
#include <vector>

namespace archscope::network {

using space::Cost;
using space::Parameters;
using space::Shape;

/// What a task fixes of every network for it.
struct TaskShape {
    Shape input;              ///< without batch: {channels, height, width}, {features}, {length, features} or {length} tokens
    std::int64_t outputs = 1; ///< `classes` in expressions: classes, or 1 for regression
    std::int64_t vocabulary = 0; ///< `vocabulary` in expressions: number of tokens, 0 where the input is none
    bool eachStep = false;    ///< an answer for each step of a sequence (language models), or one for the whole

    Shape output() const { return eachStep && !input.empty() ? Shape{input.front(), outputs} : Shape{outputs}; }
    bool operator==(const TaskShape&) const = default;
};

struct Network;

struct Layer {
    std::string name;        ///< unique: path of the node, rounds by number: "layers/0/op/conv"
    std::string operation;   ///< "input" for the first layer, else a name from the catalog
    Parameters parameters;   ///< all of them, concrete
    std::vector<int> inputs; ///< indices of earlier layers, in port order
    Shape output;
    Cost cost;
    space::NodeId origin;    ///< the node of the space it came from
    /// Of a layer `recurrent` the cell that is unrolled over time; else empty. The cell has two inputs, a step's features and the
    /// state, and gives the next state. The layer's parameters are `hidden` (features of the state) and `last` (only the last state).
    std::vector<Network> cell;
    bool operator==(const Layer&) const;
};

struct Network {
    TaskShape task;
    std::vector<Layer> layers; ///< first the inputs: one, and two in a recurrent cell
    bool countsBiases = false; ///< as its space: the layers' FLOPs include the biases of those that have a parameter `bias`

    const Shape& outputShape() const { return layers.back().output; }
    Cost cost() const; ///< sum over the layers
    bool operator==(const Network&) const = default;
};

/// Of a layer whose parameters and output are known, in a network that counts biases or not.
Cost costOf(const space::OperationTraits& traits, std::span<const Shape> inputs, const Layer& layer, bool countsBiases);

/// What a task gives to the expressions of a space: classes, vocabulary, each_step.
space::Scope givenVariables(const TaskShape& task);

/// Milliseconds that a network takes for one sample; train/operation_timings.h makes one. Says the same each time, so that an
/// architecture that was admitted stays so.
using LatencyPredictor = std::function<Result<double>(const Network&)>;

/// Whether the space has a budget on latency: then it takes a predictor to tell which architectures count.
bool boundsLatency(const space::SearchSpace& space);

/// Lowers an architecture. Layers that the output does not depend on are dropped; optional nodes that are left out pass their
/// first input through; where an optional edge is left out its target has an input less, and what has none left is left out too.
/// An error names the node and the shapes that do not fit, or the budget or shape constraint that is broken.
/// `decisions` must be compiled from `space`; the genotype must be valid in it. Without a predictor budgets on latency are not
/// looked at: for architectures that have been admitted, and for looking at a space on another machine.
Result<Network> lower(const space::SearchSpace& space, const space::DecisionSpace& decisions,
                      const space::Genotype& genotype, const space::OperationSet& operations, const TaskShape& task,
                      const LatencyPredictor& latency = {});

/// Makes `decisions` sample and vary only architectures that keep the space's budgets and shape constraints, which need
/// lowering, and those on latency a predictor: without one they are not looked at. Does nothing where there are none.
/// `operations` must outlive `decisions`.
void bindBudgets(space::DecisionSpace& decisions, const space::SearchSpace& space, const space::OperationSet& operations,
                 const TaskShape& task, LatencyPredictor latency = {});

inline constexpr int networkFormatVersion = 1;
Json networkToJson(const Network& network);
Result<Network> networkFromJson(const Json& document, const space::OperationSet& operations);

} // namespace archscope::network
