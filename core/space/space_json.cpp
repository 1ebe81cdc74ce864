// Spaces as JSON, and the hash of what has meaning in them.
#include "core/space/search_space.h"

#include "core/base/hash.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>

namespace archscope::space {

namespace {
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

Json nodeJson(const Node& node, Positions positions);

void writeParameters(Json& json, const char* key, const std::map<std::string, ParameterValue>& parameters)
{
    for (const auto& [name, value] : parameters)
        json[key][name] = parameterToJson(value);
}

void writePick(Json& json, int low, int high, const std::string& merge)
{
    if (low != high)
        json["pick"] = {low, high};
    else if (low != 1)
        json["pick"] = low;
    if (merge != "add")
        json["merge"] = merge;
}

Json partsJson(const std::vector<Node>& parts, Positions positions)
{
    Json json = Json::array();
    for (const Node& part : parts)
        json.push_back(nodeJson(part, positions));
    return json;
}

void writeBody(Json& json, const Input&, Positions)
{
    json["input"] = Json::object();
}
void writeBody(Json& json, const Output&, Positions)
{
    json["output"] = Json::object();
}
void writeBody(Json& json, const Operation& operation, Positions)
{
    json["op"] = operation.type;
    writeParameters(json, "parameters", operation.parameters);
}
void writeBody(Json& json, const Choice& choice, Positions positions)
{
    json["choice"] = partsJson(choice.alternatives, positions);
    writePick(json, choice.pickLow, choice.pickHigh, choice.merge);
}
void writeBody(Json& json, const Select& select, Positions)
{
    json["select"] = Json::object();
    writePick(json["select"], select.pickLow, select.pickHigh, select.merge);
}
void writeBody(Json& json, const Order& order, Positions positions)
{
    json["order"] = partsJson(order.steps, positions);
}
void writeBody(Json& json, const Repeat& repeat, Positions positions)
{
    json["repeat"]["count"] = parameterToJson(repeat.count);
    if (repeat.shared)
        json["repeat"]["shared"] = true;
    json["repeat"]["graph"] = blockJson(repeat.body, positions);
}
void writeBody(Json& json, const Nested& nested, Positions positions)
{
    json["block"] = blockJson(nested.body, positions);
}
void writeBody(Json& json, const Use& use, Positions)
{
    json["use"] = use.definition;
    writeParameters(json, "arguments", use.arguments);
}
void writeBody(Json& json, const Recurrent& recurrent, Positions positions)
{
    json["recurrent"]["hidden"] = parameterToJson(recurrent.hidden);
    if (recurrent.lastOnly)
        json["recurrent"]["last"] = true;
    json["recurrent"]["graph"] = blockJson(recurrent.body, positions);
}

Json nodeJson(const Node& node, Positions positions)
{
    Json json;
    json["name"] = node.name;
    if (node.optional)
        json["optional"] = true;
    if (node.onEdge)
        json["on_edge"] = true;
    if (node.placed && positions == Positions::Keep)
        json["at"] = {node.position.x, node.position.y};
    std::visit([&](const auto& body) { writeBody(json, body, positions); }, node.body);
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
        if (edge.optional)
            ends.push_back("optional");
        if (edge.loose)
            ends.push_back("loose");
        json["edges"].push_back(std::move(ends));
    }
    for (const Variable& variable : block.variables)
        json["variables"].push_back({{"name", variable.name}, {"value", parameterToJson(variable.value)}});
    return json;
}

Result<std::map<std::string, ParameterValue>> parametersFromJson(const JsonReader& reader, const char* key)
{
    std::map<std::string, ParameterValue> parameters;
    if (!reader.has(key))
        return parameters;
    ARCHSCOPE_ASSIGN(const JsonReader object, reader.member(key));
    ARCHSCOPE_TRY(object.expectObject());
    for (const auto& [name, value] : object.value().items()) {
        ARCHSCOPE_ASSIGN(const JsonReader member, object.member(name));
        ARCHSCOPE_ASSIGN(ParameterValue parameter, parameterFromJson(member));
        parameters.emplace(name, std::move(parameter));
    }
    return parameters;
}

Result<Node> nodeFromJson(const JsonReader& reader, std::int64_t& nextId);

/// "pick": 2 or [1, 3], and "merge".
Result<void> readPick(const JsonReader& reader, int& low, int& high, std::string& merge)
{
    ARCHSCOPE_ASSIGN(merge, reader.stringOr("merge", "add"));
    if (!reader.has("pick"))
        return {};
    ARCHSCOPE_ASSIGN(const JsonReader pick, reader.member("pick"));
    std::array<std::int64_t, 2> bounds{};
    if (pick.value().is_array()) {
        if (pick.size() != 2)
            return pick.fail("expected how many are picked: a number or [fewest, most]");
        for (std::size_t i = 0; i < 2; ++i) {
            ARCHSCOPE_ASSIGN(const JsonReader bound, pick.element(i));
            ARCHSCOPE_ASSIGN(bounds[i], bound.integer());
        }
    } else {
        ARCHSCOPE_ASSIGN(bounds[0], pick.integer());
        bounds[1] = bounds[0];
    }
    if (bounds[0] < 0 || bounds[0] > bounds[1] || bounds[1] > 1000)
        return pick.fail(fmt::format("{} to {} cannot be picked", bounds[0], bounds[1]));
    low = static_cast<int>(bounds[0]);
    high = static_cast<int>(bounds[1]);
    return {};
}

Result<std::vector<Node>> partsFromJson(const JsonReader& reader, const char* key, std::int64_t& nextId)
{
    std::vector<Node> parts;
    ARCHSCOPE_ASSIGN(const JsonReader list, reader.member(key));
    ARCHSCOPE_TRY(list.expectArray());
    for (std::size_t i = 0; i < list.size(); ++i) {
        ARCHSCOPE_ASSIGN(const JsonReader element, list.element(i));
        ARCHSCOPE_ASSIGN(Node part, nodeFromJson(element, nextId));
        parts.push_back(std::move(part));
    }
    return parts;
}

Result<NodeBody> bodyFromJson(const JsonReader& reader, std::int64_t& nextId)
{
    if (reader.has("input"))
        return NodeBody{Input{}};
    if (reader.has("output"))
        return NodeBody{Output{}};
    if (reader.has("op")) {
        Operation operation;
        ARCHSCOPE_ASSIGN(operation.type, reader.string("op"));
        ARCHSCOPE_ASSIGN(operation.parameters, parametersFromJson(reader, "parameters"));
        return NodeBody{std::move(operation)};
    }
    if (reader.has("choice")) {
        Choice choice;
        ARCHSCOPE_ASSIGN(choice.alternatives, partsFromJson(reader, "choice", nextId));
        ARCHSCOPE_TRY(readPick(reader, choice.pickLow, choice.pickHigh, choice.merge));
        return NodeBody{std::move(choice)};
    }
    if (reader.has("select")) {
        Select select;
        ARCHSCOPE_ASSIGN(const JsonReader body, reader.member("select"));
        ARCHSCOPE_TRY(body.expectOnly({"pick", "merge"}));
        ARCHSCOPE_TRY(readPick(body, select.pickLow, select.pickHigh, select.merge));
        return NodeBody{std::move(select)};
    }
    if (reader.has("order")) {
        Order order;
        ARCHSCOPE_ASSIGN(order.steps, partsFromJson(reader, "order", nextId));
        return NodeBody{std::move(order)};
    }
    if (reader.has("repeat")) {
        Repeat repeat;
        ARCHSCOPE_ASSIGN(const JsonReader body, reader.member("repeat"));
        ARCHSCOPE_TRY(body.expectOnly({"count", "shared", "graph"}));
        ARCHSCOPE_ASSIGN(const JsonReader count, body.member("count"));
        ARCHSCOPE_ASSIGN(repeat.count, parameterFromJson(count));
        ARCHSCOPE_ASSIGN(repeat.shared, body.booleanOr("shared", false));
        ARCHSCOPE_ASSIGN(const JsonReader graph, body.member("graph"));
        ARCHSCOPE_ASSIGN(repeat.body, blockFromJson(graph, nextId));
        return NodeBody{std::move(repeat)};
    }
    if (reader.has("use")) {
        Use use;
        ARCHSCOPE_ASSIGN(use.definition, reader.string("use"));
        ARCHSCOPE_ASSIGN(use.arguments, parametersFromJson(reader, "arguments"));
        return NodeBody{std::move(use)};
    }
    if (reader.has("recurrent")) {
        Recurrent recurrent;
        ARCHSCOPE_ASSIGN(const JsonReader body, reader.member("recurrent"));
        ARCHSCOPE_TRY(body.expectOnly({"hidden", "last", "graph"}));
        ARCHSCOPE_ASSIGN(const JsonReader hidden, body.member("hidden"));
        ARCHSCOPE_ASSIGN(recurrent.hidden, parameterFromJson(hidden));
        ARCHSCOPE_ASSIGN(recurrent.lastOnly, body.booleanOr("last", false));
        ARCHSCOPE_ASSIGN(const JsonReader graph, body.member("graph"));
        ARCHSCOPE_ASSIGN(recurrent.body, blockFromJson(graph, nextId));
        return NodeBody{std::move(recurrent)};
    }
    Nested nested;
    ARCHSCOPE_ASSIGN(const JsonReader graph, reader.member("block"));
    ARCHSCOPE_ASSIGN(nested.body, blockFromJson(graph, nextId));
    return NodeBody{std::move(nested)};
}

Result<Node> nodeFromJson(const JsonReader& reader, std::int64_t& nextId)
{
    static constexpr std::array<std::string_view, 10> bodies = {"input", "output", "op",  "choice", "select",
                                                                "order", "repeat", "use", "block",  "recurrent"};
    ARCHSCOPE_TRY(reader.expectOnly({"name", "optional", "on_edge", "at", "input", "output", "op", "parameters", "choice", "pick", "merge",
                                     "select", "order", "repeat", "use", "arguments", "block", "recurrent"}));
    Node node;
    node.id = NodeId(nextId++);
    ARCHSCOPE_ASSIGN(node.name, reader.string("name"));
    if (const auto problem = problemOfNodeName(node.name))
        return reader.fail(*problem);
    ARCHSCOPE_ASSIGN(node.optional, reader.booleanOr("optional", false));
    ARCHSCOPE_ASSIGN(node.onEdge, reader.booleanOr("on_edge", false));
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
        return reader.fail(fmt::format("node '{}' must have exactly one of {}", node.name, fmt::join(bodies, ", ")));
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> belongings = {
        {{"parameters", "op"}, {"pick", "choice"}, {"merge", "choice"}, {"arguments", "use"}}};
    for (const auto& [key, body] : belongings) {
        if (reader.has(key) && !reader.has(body))
            return reader.fail(fmt::format("node '{}' has '{}' but no '{}'", node.name, key, body));
    }
    ARCHSCOPE_ASSIGN(node.body, bodyFromJson(reader, nextId));
    return node;
}

/// What a space has beside its root block.
void writeRest(Json& json, const SearchSpace& space, Positions positions)
{
    for (const Definition& definition : space.definitions) {
        Json entry = {{"name", definition.name}, {"graph", blockJson(definition.body, positions)}};
        if (!definition.shared)
            entry["shared"] = false;
        json["definitions"].push_back(std::move(entry));
    }
    for (const Constraint& constraint : space.constraints)
        json["constraints"].push_back(constraintToJson(constraint));
    if (space.countsBiases)
        json["count_biases"] = true;
}
} // namespace

std::string semanticHash(const SearchSpace& space)
{
    // Edges are a set: their order has no meaning. The order of nodes is kept: it orders the decisions.
    SearchSpace sorted = space;
    const auto sortEdges = [](auto&& self, Block& block) -> void {
        std::map<NodeId, std::string> names;
        const auto sortInside = [&self](auto&& again, std::vector<Node>& nodes) -> void {
            for (Node& node : nodes) {
                if (Block* body = bodyOf(node))
                    self(self, *body);
                if (auto* parts = partsOf(node))
                    again(again, *parts);
            }
        };
        sortInside(sortInside, block.nodes);
        for (const Node& node : block.nodes)
            names[node.id] = node.name;
        std::sort(block.edges.begin(), block.edges.end(), [&](const Edge& a, const Edge& b) {
            return std::tie(names[a.from], names[a.to], a.toPort) < std::tie(names[b.from], names[b.to], b.toPort);
        });
    };
    sortEdges(sortEdges, sorted.root);
    for (Definition& definition : sorted.definitions)
        sortEdges(sortEdges, definition.body);
    Json meaning = blockJson(sorted.root, Positions::Drop);
    writeRest(meaning, sorted, Positions::Drop);
    return hashHex(meaning.dump());
}

Json spaceToJson(const SearchSpace& space)
{
    Json json = {{"format", "archscope.space"},
                 {"version", spaceFormatVersion},
                 {"name", space.name},
                 {"description", space.description},
                 {"graph", blockJson(space.root, Positions::Keep)}};
    writeRest(json, space, Positions::Keep);
    if (!space.notation.empty())
        json["notation"] = space.notation;
    return json;
}

Result<SearchSpace> spaceFromJson(const Json& document)
{
    ARCHSCOPE_TRY(checkFormat(document, "archscope.space", spaceFormatVersion));
    const JsonReader reader(document);
    ARCHSCOPE_TRY(reader.expectOnly({"format", "version", "name", "description", "notation", "graph", "definitions", "constraints", "count_biases"}));
    SearchSpace space;
    ARCHSCOPE_ASSIGN(space.name, reader.string("name"));
    ARCHSCOPE_ASSIGN(space.description, reader.stringOr("description", {}));
    ARCHSCOPE_ASSIGN(space.notation, reader.stringOr("notation", {}));
    ARCHSCOPE_ASSIGN(space.countsBiases, reader.booleanOr("count_biases", false));
    ARCHSCOPE_ASSIGN(const JsonReader graph, reader.member("graph"));
    std::int64_t nextId = 0;
    ARCHSCOPE_ASSIGN(space.root, blockFromJson(graph, nextId));
    if (reader.has("definitions")) {
        ARCHSCOPE_ASSIGN(const JsonReader definitions, reader.member("definitions"));
        ARCHSCOPE_TRY(definitions.expectArray());
        if (definitions.size() > 1000)
            return definitions.fail(fmt::format("{} definitions are too many: a space may have 1000", definitions.size()));
        for (std::size_t i = 0; i < definitions.size(); ++i) {
            ARCHSCOPE_ASSIGN(const JsonReader element, definitions.element(i));
            ARCHSCOPE_TRY(element.expectOnly({"name", "shared", "graph"}));
            Definition definition;
            definition.id = NodeId(nextId++);
            ARCHSCOPE_ASSIGN(definition.name, element.string("name"));
            if (const auto problem = problemOfNodeName(definition.name))
                return element.fail(*problem);
            if (space.findDefinition(definition.name))
                return element.fail(fmt::format("the definition '{}' stands twice", definition.name));
            ARCHSCOPE_ASSIGN(definition.shared, element.booleanOr("shared", true));
            ARCHSCOPE_ASSIGN(const JsonReader body, element.member("graph"));
            ARCHSCOPE_ASSIGN(definition.body, blockFromJson(body, nextId));
            space.definitions.push_back(std::move(definition));
        }
    }
    if (reader.has("constraints")) {
        ARCHSCOPE_ASSIGN(const JsonReader constraints, reader.member("constraints"));
        ARCHSCOPE_TRY(constraints.expectArray());
        for (std::size_t i = 0; i < constraints.size(); ++i) {
            ARCHSCOPE_ASSIGN(const JsonReader element, constraints.element(i));
            ARCHSCOPE_ASSIGN(Constraint constraint, constraintFromJson(element));
            space.constraints.push_back(std::move(constraint));
        }
    }
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
        Edge edge;
        std::size_t length = ends.size();
        if (length > 2 && (ends.value().back() == "optional" || ends.value().back() == "loose")) {
            edge.optional = ends.value().back() == "optional";
            edge.loose = !edge.optional;
            --length;
        }
        if (length != 2 && length != 3)
            return ends.fail("an edge is [from, to] or [from, to, port], and may end in \"optional\" or \"loose\"");
        for (std::size_t end = 0; end < 2; ++end) {
            ARCHSCOPE_ASSIGN(const JsonReader element, ends.element(end));
            ARCHSCOPE_ASSIGN(const std::string name, element.string());
            const auto it = ids.find(name);
            if (it == ids.end())
                return element.fail(fmt::format("the edge dangles: there is no node '{}' in this block", name));
            (end == 0 ? edge.from : edge.to) = it->second;
        }
        if (length == 3) {
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
