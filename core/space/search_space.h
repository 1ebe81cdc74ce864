// The drawn graph with its open decisions: a value.
//
// A space is a block: nodes, edges between their ports, and variables. A node is an operation, the block's input or output,
// a choice among alternatives, a selection of inputs, steps in an order that is open, a repeat of a block, a nested block, a
// use of a block that is defined once, or a block unrolled over time. Any parameter can be a fixed value, a domain (a
// decision) or an expression over variables (a tie). Constraints say which architectures do not count.
//
// Names are unique within a block and are what decisions are called by (see decision_space.h), so they are stable keys in
// stores; ids are unique within the whole space and are what the editor and its undo stack hold on to.
#pragma once

#include "core/base/strong_id.h"
#include "core/space/constraint.h"
#include "core/space/domain.h"
#include "core/space/expression.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace archscope::space {

using NodeId = StrongId<struct NodeTag>; ///< the invalid id stands for the root block's owner

using ParameterValue = std::variant<Literal, Domain, Expression>;

struct Node;

/// From output port 0 of a node to input port `toPort` of another node of the same block. Every node has one output; an
/// operation that takes any number of inputs (add, concat) takes them in the order of their ports.
struct Edge {
    NodeId from;
    NodeId to;
    int toPort = 0;
    bool optional = false; ///< may be left out: a decision
    bool loose = false; ///< is there only where no other edge that leaves its node is taken, as in cells that gather loose ends
    auto operator<=>(const Edge&) const = default;
};

/// A named value that expressions of this block and of blocks inside it may use. Besides, there are `classes` (the task's
/// outputs), `vocabulary` (its number of tokens), `each_step` (1 where it wants an answer for each step, else 0) and, inside a
/// repeat, `round` (from 0). In a block with a `concat` its nodes also know `parts`, how many inputs that has in this
/// architecture, and `part`, the first of them that the node leads to: `C/parts + (part < C%parts)` splits C channels evenly.
struct Variable {
    std::string name;
    ParameterValue value;
    bool operator==(const Variable&) const = default;
};

struct Block {
    std::vector<Variable> variables;
    std::vector<Node> nodes; ///< exactly one Output, and one Input (blocks inside the space may have several: their ports, in order)
    std::vector<Edge> edges;
    bool operator==(const Block&) const;
};

struct Input {
    bool operator==(const Input&) const = default;
};
struct Output {
    bool operator==(const Output&) const = default;
};
struct Operation {
    std::string type; ///< a name from the catalog; unknown ones are kept and reported
    std::map<std::string, ParameterValue> parameters; ///< what is absent has the operation's default
    bool operator==(const Operation&) const = default;
};
/// Some of n, one unless said otherwise: a decision over the alternatives' names. Alternatives are nodes without edges of their
/// own; all take the inputs of the choice. Of several chosen ones the outputs are merged.
struct Choice {
    std::vector<Node> alternatives;
    int pickLow = 1;           ///< inclusive
    int pickHigh = 1;          ///< inclusive
    std::string merge = "add"; ///< an operation that takes any number of inputs; one alone passes
    bool operator==(const Choice&) const;
};
/// Picks some of its connected inputs and merges them, as in NAS-Net cells. What leads only to an input that is not picked has
/// no active decisions. Values of the decision are port numbers: "0,2".
struct Select {
    int pickLow = 1;  ///< inclusive
    int pickHigh = 1; ///< inclusive
    std::string merge = "add";
    bool operator==(const Select&) const = default;
};
/// Steps one after the other in an order that is a decision. Steps are nodes with one input, without edges of their own.
struct Order {
    std::vector<Node> steps;
    bool operator==(const Order&) const;
};
/// The body, count times in a row. With several inputs, each round drops the first and appends the output of the round
/// before: a body of two inputs sees the two latest outputs, as cells of NAS-Net and DARTS do.
struct Repeat {
    ParameterValue count = Literal{std::int64_t{1}}; ///< whole numbers ≥ 0
    bool shared = false; ///< one set of decisions for all rounds, or one set a round
    Block body;
    bool operator==(const Repeat&) const = default;
};
struct Nested {
    Block body;
    bool operator==(const Nested&) const = default;
};
/// Stands for a defined block. Arguments replace the values of the block's variables; they see the variables here.
struct Use {
    std::string definition;
    std::map<std::string, ParameterValue> arguments;
    bool operator==(const Use&) const = default;
};
/// A cell unrolled over time: its body has two inputs, a step's features and the state, and gives the next state. The node
/// takes a sequence {length, features} and gives all states {length, hidden}, or the last {hidden}. It starts from zeros.
struct Recurrent {
    ParameterValue hidden = Literal{std::int64_t{64}};
    bool lastOnly = false;
    Block body;
    bool operator==(const Recurrent&) const = default;
};

using NodeBody = std::variant<Input, Output, Operation, Choice, Select, Order, Repeat, Nested, Use, Recurrent>;

struct Point {
    double x = 0;
    double y = 0;
    bool operator==(const Point&) const = default;
};

struct Node {
    NodeId id;
    std::string name;
    NodeBody body;
    /// May be left out: a decision. Left out, its first input passes through.
    bool optional = false;
    /// Drawn as a label on the edge it lies on: for operations and choices with one input, as in cells whose edges are operations.
    bool onEdge = false;
    Point position; ///< scene units; no part of the semantic hash
    bool placed = false; ///< false: never laid out by hand, automatic layout places it
    bool operator==(const Node&) const = default;
};

inline bool Block::operator==(const Block& other) const
{
    return variables == other.variables && nodes == other.nodes && edges == other.edges;
}
inline bool Choice::operator==(const Choice& other) const
{
    return alternatives == other.alternatives && pickLow == other.pickLow && pickHigh == other.pickHigh && merge == other.merge;
}
inline bool Order::operator==(const Order& other) const
{
    return steps == other.steps;
}

/// The block inside a repeat, nested or recurrent node; null for others.
const Block* bodyOf(const Node& node);
Block* bodyOf(Node& node);
/// The nodes without edges inside a node: a choice's alternatives, an order's steps; null for others.
const std::vector<Node>* partsOf(const Node& node);
std::vector<Node>* partsOf(Node& node);

/// A block that is drawn once and used many times.
struct Definition {
    NodeId id; ///< from the same numbers as the nodes': `findBlock` knows it
    std::string name; ///< unique among the definitions
    bool shared = true; ///< one set of decisions for all uses, or one set a use
    Block body; ///< sees the root's variables and its own
    bool operator==(const Definition&) const = default;
};

struct SearchSpace {
    std::string name;
    std::string description;
    Block root;
    std::vector<Definition> definitions;
    std::vector<Constraint> constraints;
    std::string notation; ///< how its literature writes an architecture: a name from catalog/notation.h; empty: none
    bool countsBiases = false; ///< FLOPs include the biases of layers that have a parameter `bias`, as some benchmarks count

    /// An id that no node of the space has.
    NodeId freshId() const;
    /// Pointers into this space; valid until it changes. Null when absent. `findBlock(invalid id)` is the root block,
    /// otherwise the body of the node or definition with that id.
    const Node* find(NodeId id) const;
    Node* find(NodeId id);
    const Block* findBlock(NodeId owner) const;
    Block* findBlock(NodeId owner);
    const Definition* findDefinition(std::string_view name) const;
    /// The owner of the block that directly holds the node (or, for a part, that holds its choice or order).
    NodeId ownerOf(NodeId id) const;
    /// "layers/op/conv", "@cell/op": the node's name inside its owners' names; definitions have an @.
    std::string pathOf(NodeId id) const;

    bool operator==(const SearchSpace&) const = default;
};

/// Hash of all that has meaning: not positions, not ids, not name and description. 32 hexadecimal digits.
std::string semanticHash(const SearchSpace& space);

/// Whether a node, definition or variable may be called so: sentences say what is not allowed.
std::optional<std::string> problemOfNodeName(std::string_view name);
std::optional<std::string> problemOfVariableName(std::string_view name);

inline constexpr int spaceFormatVersion = 2; // 1: without definitions, constraints, selections, orders, recurrent blocks
Json spaceToJson(const SearchSpace& space);
/// Structure only: unknown operations are kept, `issues` (space_check.h) says what is wrong with the meaning.
Result<SearchSpace> spaceFromJson(const Json& document);
Result<SearchSpace> spaceFromText(std::string_view text);

/// One node and nodes with the edges among them (a `Block`) as JSON, for the clipboard.
Json blockToJson(const Block& block);
/// Ids are given out from `nextId` upwards, which is advanced.
Result<Block> blockFromJson(const JsonReader& reader, std::int64_t& nextId);

} // namespace archscope::space
