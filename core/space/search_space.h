// The drawn graph with its open decisions: a value.
//
// A space is a block: nodes, edges between their ports, and variables. A node is an operation, the block's input or output,
// a choice of one among alternatives, a repeat of a block, or a nested block. Any parameter can be a fixed value, a domain
// (a decision) or an expression over variables (a tie).
//
// Names are unique within a block and are what decisions are called by (see decision_space.h), so they are stable keys in
// stores; ids are unique within the whole space and are what the editor and its undo stack hold on to.
#pragma once

#include "core/base/strong_id.h"
#include "core/space/domain.h"
#include "core/space/expression.h"

#include <map>
#include <string>
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
    auto operator<=>(const Edge&) const = default;
};

/// A named value that expressions of this block and of blocks inside it may use.
struct Variable {
    std::string name;
    ParameterValue value;
    bool operator==(const Variable&) const = default;
};

struct Block {
    std::vector<Variable> variables;
    std::vector<Node> nodes; ///< exactly one Input and one Output
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
/// One of n: a decision whose values are the alternatives' names. Alternatives are nodes without edges of their own; all
/// take the inputs of the choice.
struct Choice {
    std::vector<Node> alternatives;
    bool operator==(const Choice&) const;
};
/// The body, count times in a row.
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

using NodeBody = std::variant<Input, Output, Operation, Choice, Repeat, Nested>;

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
    return alternatives == other.alternatives;
}

struct SearchSpace {
    std::string name;
    std::string description;
    Block root;

    /// An id that no node of the space has.
    NodeId freshId() const;
    /// Pointers into this space; valid until it changes. Null when absent. `findBlock(invalid id)` is the root block,
    /// otherwise the body of the repeat or nested block with that id.
    const Node* find(NodeId id) const;
    Node* find(NodeId id);
    const Block* findBlock(NodeId owner) const;
    Block* findBlock(NodeId owner);
    /// The owner of the block that directly holds the node (or, for an alternative, that holds its choice).
    NodeId ownerOf(NodeId id) const;
    /// "layers/op/conv": the node's name inside its owners' names.
    std::string pathOf(NodeId id) const;

    bool operator==(const SearchSpace&) const = default;
};

/// Hash of all that has meaning: not positions, not ids, not name and description. 32 hexadecimal digits.
std::string semanticHash(const SearchSpace& space);

inline constexpr int spaceFormatVersion = 1;
Json spaceToJson(const SearchSpace& space);
/// Structure only: unknown operations are kept, `issues` (space_check.h) says what is wrong with the meaning.
Result<SearchSpace> spaceFromJson(const Json& document);
Result<SearchSpace> spaceFromText(std::string_view text);

/// One node and nodes with the edges among them (a `Block`) as JSON, for the clipboard.
Json blockToJson(const Block& block);
/// Ids are given out from `nextId` upwards, which is advanced.
Result<Block> blockFromJson(const JsonReader& reader, std::int64_t& nextId);

} // namespace archscope::space
