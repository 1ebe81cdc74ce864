#include "core/space/search_space.h"

#include "core/base/hash.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <set>

namespace archscope::space {

namespace {
/// The blocks and nodes directly inside a node: a repeat's or nested block's body, a choice's alternatives.
template <class NodeType>
auto* bodyOf(NodeType& node)
{
    using BlockType = std::conditional_t<std::is_const_v<NodeType>, const Block, Block>;
    if (auto* repeat = std::get_if<Repeat>(&node.body))
        return static_cast<BlockType*>(&repeat->body);
    if (auto* nested = std::get_if<Nested>(&node.body))
        return static_cast<BlockType*>(&nested->body);
    return static_cast<BlockType*>(nullptr);
}

template <class NodeType>
NodeType* findIn(NodeType& node, NodeId id);

template <class BlockType, class NodeType = std::conditional_t<std::is_const_v<BlockType>, const Node, Node>>
NodeType* findInBlock(BlockType& block, NodeId id)
{
    for (auto& node : block.nodes) {
        if (NodeType* found = findIn<NodeType>(node, id))
            return found;
    }
    return nullptr;
}

template <class NodeType>
NodeType* findIn(NodeType& node, NodeId id)
{
    if (node.id == id)
        return &node;
    if (auto* choice = std::get_if<Choice>(&node.body)) {
        for (auto& alternative : choice->alternatives) {
            if (NodeType* found = findIn<NodeType>(alternative, id))
                return found;
        }
    }
    if (auto* body = bodyOf(node))
        return findInBlock(*body, id);
    return nullptr;
}

void largestId(const Node& node, std::int64_t& largest)
{
    largest = std::max(largest, node.id.value());
    if (const auto* choice = std::get_if<Choice>(&node.body)) {
        for (const Node& alternative : choice->alternatives)
            largestId(alternative, largest);
    }
    if (const Block* body = bodyOf(node)) {
        for (const Node& inner : body->nodes)
            largestId(inner, largest);
    }
}

/// Owner and path of a node; false when it is not below `node`.
bool locate(const Node& node, NodeId id, NodeId owner, const std::string& prefix, NodeId& foundOwner, std::string& path)
{
    const std::string here = prefix.empty() ? node.name : prefix + "/" + node.name;
    if (node.id == id) {
        foundOwner = owner;
        path = here;
        return true;
    }
    if (const auto* choice = std::get_if<Choice>(&node.body)) {
        for (const Node& alternative : choice->alternatives) {
            if (locate(alternative, id, owner, here, foundOwner, path))
                return true;
        }
    }
    if (const Block* body = bodyOf(node)) {
        for (const Node& inner : body->nodes) {
            if (locate(inner, id, node.id, here, foundOwner, path))
                return true;
        }
    }
    return false;
}

Json parameterToJson(const ParameterValue& value)
{
    if (const auto* literal = std::get_if<Literal>(&value))
        return literalToJson(*literal);
    if (const auto* domain = std::get_if<Domain>(&value))
        return domainToJson(*domain);
    return {{"expr", std::get<Expression>(value).text}};
}

Result<ParameterValue> parameterFromJson(const JsonReader& reader)
{
    if (!reader.value().is_object()) {
        ARCHSCOPE_ASSIGN(Literal literal, literalFromJson(reader));
        return ParameterValue{std::move(literal)};
    }
    if (reader.has("expr")) {
        ARCHSCOPE_TRY(reader.expectOnly({"expr"}));
        ARCHSCOPE_ASSIGN(std::string text, reader.string("expr"));
        return ParameterValue{Expression{std::move(text)}};
    }
    ARCHSCOPE_ASSIGN(Domain domain, domainFromJson(reader));
    return ParameterValue{std::move(domain)};
}

enum class Positions { Keep, Drop };

Json blockJson(const Block& block, Positions positions);

Json nodeJson(const Node& node, Positions positions)
{
    Json json;
    json["name"] = node.name;
    if (node.optional)
        json["optional"] = true;
    if (node.placed && positions == Positions::Keep)
        json["at"] = {node.position.x, node.position.y};
    if (std::holds_alternative<Input>(node.body)) {
        json["input"] = Json::object();
    } else if (std::holds_alternative<Output>(node.body)) {
        json["output"] = Json::object();
    } else if (const auto* operation = std::get_if<Operation>(&node.body)) {
        json["op"] = operation->type;
        for (const auto& [name, value] : operation->parameters)
            json["parameters"][name] = parameterToJson(value);
    } else if (const auto* choice = std::get_if<Choice>(&node.body)) {
        json["choice"] = Json::array();
        for (const Node& alternative : choice->alternatives)
            json["choice"].push_back(nodeJson(alternative, positions));
    } else if (const auto* repeat = std::get_if<Repeat>(&node.body)) {
        json["repeat"]["count"] = parameterToJson(repeat->count);
        if (repeat->shared)
            json["repeat"]["shared"] = true;
        json["repeat"]["graph"] = blockJson(repeat->body, positions);
    } else if (const auto* nested = std::get_if<Nested>(&node.body)) {
        json["block"] = blockJson(nested->body, positions);
    }
    return json;
}

Json blockJson(const Block& block, Positions positions)
{
    Json json;
    json["nodes"] = Json::array();
    json["edges"] = Json::array();
    std::map<NodeId, std::string> names;
    for (const Node& node : block.nodes) {
        json["nodes"].push_back(nodeJson(node, positions));
        names[node.id] = node.name;
    }
    for (const Edge& edge : block.edges) {
        Json ends = {names[edge.from], names[edge.to]};
        if (edge.toPort != 0)
            ends.push_back(edge.toPort);
        json["edges"].push_back(std::move(ends));
    }
    for (const Variable& variable : block.variables)
        json["variables"].push_back({{"name", variable.name}, {"value", parameterToJson(variable.value)}});
    return json;
}

bool isGoodName(const std::string& name)
{
    return !name.empty() && name.size() <= 200 && name.find_first_of("/.#$") == std::string::npos;
}

Result<Node> nodeFromJson(const JsonReader& reader, std::int64_t& nextId)
{
    static constexpr std::array<std::string_view, 6> bodies = {"input", "output", "op", "choice", "repeat", "block"};
    ARCHSCOPE_TRY(reader.expectOnly({"name", "optional", "at", "input", "output", "op", "parameters", "choice", "repeat", "block"}));
    Node node;
    node.id = NodeId(nextId++);
    ARCHSCOPE_ASSIGN(node.name, reader.string("name"));
    if (!isGoodName(node.name))
        return reader.fail(fmt::format("'{}' cannot be a node's name: it must not be empty or contain / . # $", node.name));
    ARCHSCOPE_ASSIGN(node.optional, reader.booleanOr("optional", false));
    if (reader.has("at")) {
        ARCHSCOPE_ASSIGN(const JsonReader at, reader.member("at"));
        ARCHSCOPE_ASSIGN(const JsonReader x, at.element(0));
        ARCHSCOPE_ASSIGN(const JsonReader y, at.element(1));
        ARCHSCOPE_ASSIGN(node.position.x, x.number());
        ARCHSCOPE_ASSIGN(node.position.y, y.number());
        node.placed = true;
    }
    const auto kinds = std::count_if(bodies.begin(), bodies.end(), [&](std::string_view key) { return reader.has(key); });
    if (kinds != 1)
        return reader.fail(fmt::format("node '{}' must have exactly one of input, output, op, choice, repeat, block", node.name));
    if (reader.has("parameters") && !reader.has("op"))
        return reader.fail(fmt::format("node '{}' has parameters but no op", node.name));
    if (reader.has("input")) {
        node.body = Input{};
    } else if (reader.has("output")) {
        node.body = Output{};
    } else if (reader.has("op")) {
        Operation operation;
        ARCHSCOPE_ASSIGN(operation.type, reader.string("op"));
        if (reader.has("parameters")) {
            ARCHSCOPE_ASSIGN(const JsonReader parameters, reader.member("parameters"));
            ARCHSCOPE_TRY(parameters.expectObject());
            for (const auto& [name, value] : parameters.value().items()) {
                ARCHSCOPE_ASSIGN(const JsonReader member, parameters.member(name));
                ARCHSCOPE_ASSIGN(ParameterValue parameter, parameterFromJson(member));
                operation.parameters.emplace(name, std::move(parameter));
            }
        }
        node.body = std::move(operation);
    } else if (reader.has("choice")) {
        Choice choice;
        ARCHSCOPE_ASSIGN(const JsonReader alternatives, reader.member("choice"));
        ARCHSCOPE_TRY(alternatives.expectArray());
        for (std::size_t i = 0; i < alternatives.size(); ++i) {
            ARCHSCOPE_ASSIGN(const JsonReader element, alternatives.element(i));
            ARCHSCOPE_ASSIGN(Node alternative, nodeFromJson(element, nextId));
            choice.alternatives.push_back(std::move(alternative));
        }
        node.body = std::move(choice);
    } else if (reader.has("repeat")) {
        Repeat repeat;
        ARCHSCOPE_ASSIGN(const JsonReader body, reader.member("repeat"));
        ARCHSCOPE_TRY(body.expectOnly({"count", "shared", "graph"}));
        ARCHSCOPE_ASSIGN(const JsonReader count, body.member("count"));
        ARCHSCOPE_ASSIGN(repeat.count, parameterFromJson(count));
        ARCHSCOPE_ASSIGN(repeat.shared, body.booleanOr("shared", false));
        ARCHSCOPE_ASSIGN(const JsonReader graph, body.member("graph"));
        ARCHSCOPE_ASSIGN(repeat.body, blockFromJson(graph, nextId));
        node.body = std::move(repeat);
    } else {
        Nested nested;
        ARCHSCOPE_ASSIGN(const JsonReader graph, reader.member("block"));
        ARCHSCOPE_ASSIGN(nested.body, blockFromJson(graph, nextId));
        node.body = std::move(nested);
    }
    return node;
}
} // namespace

NodeId SearchSpace::freshId() const
{
    std::int64_t largest = -1;
    for (const Node& node : root.nodes)
        largestId(node, largest);
    return NodeId(largest + 1);
}

const Node* SearchSpace::find(NodeId id) const
{
    return id.isValid() ? findInBlock(root, id) : nullptr;
}

Node* SearchSpace::find(NodeId id)
{
    return id.isValid() ? findInBlock(root, id) : nullptr;
}

const Block* SearchSpace::findBlock(NodeId owner) const
{
    if (!owner.isValid())
        return &root;
    const Node* node = find(owner);
    return node ? bodyOf(*node) : nullptr;
}

Block* SearchSpace::findBlock(NodeId owner)
{
    if (!owner.isValid())
        return &root;
    Node* node = find(owner);
    return node ? bodyOf(*node) : nullptr;
}

NodeId SearchSpace::ownerOf(NodeId id) const
{
    NodeId owner;
    std::string path;
    for (const Node& node : root.nodes) {
        if (locate(node, id, NodeId{}, {}, owner, path))
            break;
    }
    return owner;
}

std::string SearchSpace::pathOf(NodeId id) const
{
    NodeId owner;
    std::string path;
    for (const Node& node : root.nodes) {
        if (locate(node, id, NodeId{}, {}, owner, path))
            return path;
    }
    return {};
}

std::string semanticHash(const SearchSpace& space)
{
    // Edges are a set: their order has no meaning. The order of nodes is kept: it orders the decisions.
    Block sorted = space.root;
    const auto sortEdges = [](auto&& self, Block& block) -> void {
        std::map<NodeId, std::string> names;
        for (Node& node : block.nodes) {
            names[node.id] = node.name;
            if (Block* body = bodyOf(node))
                self(self, *body);
            if (auto* choice = std::get_if<Choice>(&node.body)) {
                for (Node& alternative : choice->alternatives) {
                    if (Block* inner = bodyOf(alternative))
                        self(self, *inner);
                }
            }
        }
        std::sort(block.edges.begin(), block.edges.end(), [&](const Edge& a, const Edge& b) {
            return std::tie(names[a.from], names[a.to], a.toPort) < std::tie(names[b.from], names[b.to], b.toPort);
        });
    };
    sortEdges(sortEdges, sorted);
    return hashHex(blockJson(sorted, Positions::Drop).dump());
}

Json spaceToJson(const SearchSpace& space)
{
    return {{"format", "archscope.space"},
            {"version", spaceFormatVersion},
            {"name", space.name},
            {"description", space.description},
            {"graph", blockJson(space.root, Positions::Keep)}};
}

Result<SearchSpace> spaceFromJson(const Json& document)
{
    ARCHSCOPE_TRY(checkFormat(document, "archscope.space", spaceFormatVersion));
    const JsonReader reader(document);
    ARCHSCOPE_TRY(reader.expectOnly({"format", "version", "name", "description", "graph"}));
    SearchSpace space;
    ARCHSCOPE_ASSIGN(space.name, reader.string("name"));
    ARCHSCOPE_ASSIGN(space.description, reader.stringOr("description", {}));
    ARCHSCOPE_ASSIGN(const JsonReader graph, reader.member("graph"));
    std::int64_t nextId = 0;
    ARCHSCOPE_ASSIGN(space.root, blockFromJson(graph, nextId));
    return space;
}

Result<SearchSpace> spaceFromText(std::string_view text)
{
    ARCHSCOPE_ASSIGN(const Json document, parseJson(text));
    return spaceFromJson(document);
}

Json blockToJson(const Block& block)
{
    return blockJson(block, Positions::Keep);
}

Result<Block> blockFromJson(const JsonReader& reader, std::int64_t& nextId)
{
    ARCHSCOPE_TRY(reader.expectOnly({"nodes", "edges", "variables"}));
    Block block;
    std::map<std::string, NodeId> ids;
    ARCHSCOPE_ASSIGN(const JsonReader nodes, reader.member("nodes"));
    ARCHSCOPE_TRY(nodes.expectArray());
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        ARCHSCOPE_ASSIGN(const JsonReader element, nodes.element(i));
        ARCHSCOPE_ASSIGN(Node node, nodeFromJson(element, nextId));
        if (!ids.emplace(node.name, node.id).second)
            return element.fail(fmt::format("the name '{}' stands twice in one block", node.name));
        block.nodes.push_back(std::move(node));
    }
    ARCHSCOPE_ASSIGN(const JsonReader edges, reader.member("edges"));
    ARCHSCOPE_TRY(edges.expectArray());
    std::set<Edge> seen;
    for (std::size_t i = 0; i < edges.size(); ++i) {
        ARCHSCOPE_ASSIGN(const JsonReader ends, edges.element(i));
        ARCHSCOPE_TRY(ends.expectArray());
        if (ends.size() != 2 && ends.size() != 3)
            return ends.fail("an edge is [from, to] or [from, to, port]");
        Edge edge;
        for (std::size_t end = 0; end < 2; ++end) {
            ARCHSCOPE_ASSIGN(const JsonReader element, ends.element(end));
            ARCHSCOPE_ASSIGN(const std::string name, element.string());
            const auto it = ids.find(name);
            if (it == ids.end())
                return element.fail(fmt::format("the edge dangles: there is no node '{}' in this block", name));
            (end == 0 ? edge.from : edge.to) = it->second;
        }
        if (ends.size() == 3) {
            ARCHSCOPE_ASSIGN(const JsonReader element, ends.element(2));
            ARCHSCOPE_ASSIGN(const std::int64_t port, element.integer());
            if (port < 0 || port > 10'000)
                return element.fail("a port is a number from 0 to 10000");
            edge.toPort = static_cast<int>(port);
        }
        if (!seen.insert(edge).second)
            return ends.fail("this edge stands twice");
        block.edges.push_back(edge);
    }
    if (reader.has("variables")) {
        ARCHSCOPE_ASSIGN(const JsonReader variables, reader.member("variables"));
        ARCHSCOPE_TRY(variables.expectArray());
        for (std::size_t i = 0; i < variables.size(); ++i) {
            ARCHSCOPE_ASSIGN(const JsonReader element, variables.element(i));
            ARCHSCOPE_TRY(element.expectOnly({"name", "value"}));
            Variable variable;
            ARCHSCOPE_ASSIGN(variable.name, element.string("name"));
            ARCHSCOPE_ASSIGN(const JsonReader value, element.member("value"));
            ARCHSCOPE_ASSIGN(variable.value, parameterFromJson(value));
            block.variables.push_back(std::move(variable));
        }
    }
    return block;
}

} // namespace archscope::space
