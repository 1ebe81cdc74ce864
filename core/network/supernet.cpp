// All answers at once: the walk of lowering, forked at each open decision and joined again by a layer `mixture`.
#include "core/network/supernet.h"

#include "core/base/text.h"
#include "core/network/lowering_walk.h"

#include <charconv>
#include <unordered_map>

namespace archscope::network {

namespace {
constexpr std::int64_t maxAnswers = 100; ///< of one decision: each is computed

bool isSubset(const Decision& decision)
{
    return decision.domain.kind == Domain::Kind::Subset;
}

/// Whether an expression inside says `part` or `parts`, which depend on the edges that are there.
bool mentionsParts(const ParameterValue& value)
{
    const auto* expression = std::get_if<Expression>(&value);
    if (!expression)
        return false;
    const auto names = variablesOf(*expression);
    return names && std::any_of(names->begin(), names->end(), [](const std::string& name) { return name == "part" || name == "parts"; });
}

bool mentionsParts(const Node& node);

bool mentionsParts(const Block& block)
{
    return std::any_of(block.variables.begin(), block.variables.end(), [](const Variable& v) { return mentionsParts(v.value); })
        || std::any_of(block.nodes.begin(), block.nodes.end(), [](const Node& n) { return mentionsParts(n); });
}

bool mentionsParts(const Node& node)
{
    const auto anyOf = [](const std::map<std::string, ParameterValue>& values) {
        return std::any_of(values.begin(), values.end(), [](const auto& value) { return mentionsParts(value.second); });
    };
    if (const auto* operation = std::get_if<Operation>(&node.body))
        return anyOf(operation->parameters);
    if (const auto* use = std::get_if<Use>(&node.body))
        return anyOf(use->arguments);
    if (const auto* repeat = std::get_if<Repeat>(&node.body); repeat && mentionsParts(repeat->count))
        return true;
    if (const auto* parts = partsOf(node))
        return std::any_of(parts->begin(), parts->end(), [](const Node& part) { return mentionsParts(part); });
    const Block* body = bodyOf(node);
    return body && mentionsParts(*body);
}

class SupernetLowering final : public Lowering {
public:
    SupernetLowering(const SearchSpace& space, const DecisionSpace& decisions, const OperationSet& operations, const TaskShape& task,
                     const SupernetOptions& options)
        : Lowering(space, decisions, Genotype(decisions.size()), operations, task), m_options(options)
    {
    }

private:
    using Walk = std::function<Result<int>()>;

    Result<double> answered(std::size_t decision) override
    {
        if (m_genotype.isActive(decision))
            return m_genotype[decision];
        m_missing = decision; // the nearest `inside` takes each answer in turn
        return fail(ErrorCode::InvalidInput, "this decision is open", keyOf(decision));
    }

    Result<int> root() override
    {
        auto result = Lowering::root();
        if (result || !m_missing)
            return result;
        return fork(*std::exchange(m_missing, std::nullopt), NodeId{}, m_space.name, [this] { return root(); });
    }

    Result<int> inside(const Node& node, const std::string& key, const std::string& name, const Scope& scope, std::vector<int> inputs) override
    {
        auto result = Lowering::inside(node, key, name, scope, inputs);
        if (result || !m_missing)
            return result;
        const std::size_t decision = *std::exchange(m_missing, std::nullopt);
        const auto forked = [&](const std::vector<int>& from) {
            return fork(decision, node.id, name, [&] { return inside(node, key, name, scope, from); });
        };
        const bool chooses = std::holds_alternative<Choice>(node.body) && keyOf(decision) == key;
        if (!chooses || inputs.size() != 1 || m_options.partialChannels < 2 || m_isPartial)
            return forked(inputs);
        const Shape whole = shapeOf(inputs.front());
        if (whole.size() != 3 || whole[0] % m_options.partialChannels != 0)
            return forked(inputs);
        return partial(node, name, inputs, whole, forked);
    }

    /// Each answer in turn, and a mixture of what they give.
    Result<int> fork(std::size_t decision, NodeId node, const std::string& name, const Walk& walk)
    {
        const Domain& domain = m_decisions.decisions()[decision].domain;
        const std::int64_t answers = domain.size().value_or(0);
        if (answers < 1 || answers > maxAnswers)
            return fail(ErrorCode::Unsupported, fmt::format("'{}' has too many answers to compute them all", keyOf(decision)), name);
        std::vector<std::size_t> entries;
        std::vector<int> outputs;
        for (std::int64_t i = 0; i < answers; ++i) {
            const auto answer = static_cast<double>(i);
            if (m_options.path && (*m_options.path)[decision] != answer)
                continue;
            m_genotype[decision] = answer;
            const Result<int> output = walk();
            m_genotype[decision] = Genotype::inactive;
            if (!output)
                return output;
            entries.push_back(static_cast<std::size_t>(i));
            outputs.push_back(*output);
        }
        if (outputs.empty())
            return fail(ErrorCode::InvalidArgument, "the genotype does not answer this decision", keyOf(decision));
        if (answers == 1 || (outputs.size() > 1 && std::count(outputs.begin(), outputs.end(), outputs.front()) == answers))
            return outputs.front(); // nothing depends on it
        return mix(decision, std::move(entries), std::move(outputs), node, name);
    }

    Result<int> mix(std::size_t decision, std::vector<std::size_t> entries, std::vector<int> outputs, NodeId node, const std::string& name,
                    bool mean = false)
    {
        for (const int output : outputs) {
            if (output == absent)
                return fail(ErrorCode::Unsupported, fmt::format("by an answer to '{}' nothing would be left here, which cannot be mixed", keyOf(decision)), name);
            if (shapeOf(output) != shapeOf(outputs.front()))
                return fail(ErrorCode::Unsupported,
                            fmt::format("the answers to '{}' give different shapes, {} and {}, which cannot be mixed: fix it, or give them one shape",
                                        keyOf(decision), shapeText(shapeOf(outputs.front())), shapeText(shapeOf(output))),
                            name);
        }
        std::vector<std::string> texts;
        for (const std::size_t entry : entries)
            texts.push_back(std::to_string(entry));
        Layer layer;
        layer.name = name + "/" + std::string(mixtureOperation);
        layer.operation = mixtureOperation;
        layer.parameters = Parameters({{"decision", static_cast<std::int64_t>(decision)}, {"entries", joined(texts, ",")}, {"mean", mean}});
        layer.output = shapeOf(outputs.front());
        layer.inputs = std::move(outputs);
        layer.origin = node;
        return push(std::move(layer));
    }

    /// Alternatives on a K-th of the channels (Xu 2020, section 3.2).
    Result<int> partial(const Node& node, const std::string& name, const std::vector<int>& inputs, const Shape& whole,
                        const std::function<Result<int>(const std::vector<int>&)>& forked)
    {
        const std::int64_t k = m_options.partialChannels;
        const std::int64_t part = whole[0] / k;
        const auto add = [&](const std::string& type, std::map<std::string, ParameterValue> values, const std::string& step, std::vector<int> from) {
            return operation(Operation{type, std::move(values)}, node.id, {}, name + "/" + step, {}, std::move(from));
        };
        ARCHSCOPE_ASSIGN(const int computed, add("truncate", {{"channels", Literal{part}}}, "partial", inputs));
        m_isPartial = true;
        const Result<int> mixed = forked({computed});
        m_isPartial = false;
        if (!mixed)
            return mixed;
        const Shape mixedShape = shapeOf(*mixed);
        if (mixedShape.size() != 3 || mixedShape[0] != part)
            return forked(inputs); // it changes the number of channels: no others may pass by
        ARCHSCOPE_ASSIGN(int passing, add("slice", {{"dimension", Literal{std::int64_t{0}}}, {"start", Literal{part}}, {"length", Literal{whole[0] - part}}}, "passing", inputs));
        if (shapeOf(passing)[1] != mixedShape[1] || shapeOf(passing)[2] != mixedShape[2]) {
            ARCHSCOPE_ASSIGN(passing, add("max-pool", {{"kernel", Literal{std::int64_t{2}}}, {"stride", Literal{std::int64_t{2}}}}, "passing-pool", {passing}));
        }
        if (shapeOf(passing)[1] != mixedShape[1] || shapeOf(passing)[2] != mixedShape[2])
            return fail(ErrorCode::Unsupported, fmt::format("the channels that pass by come as {}, the others as {}: use even image sizes", shapeText(shapeOf(passing)), shapeText(mixedShape)), name);
        ARCHSCOPE_ASSIGN(const int both, add("concat", {}, "all-channels", {*mixed, passing}));
        return add("channel-shuffle", {{"groups", Literal{k}}}, "shuffled", {both});
    }

    Result<void> adjust(Layer& layer) override
    {
        const auto channels = layer.parameters.values().find("channels");
        if (!m_isPartial || channels == layer.parameters.values().end())
            return {};
        const std::int64_t count = std::get<std::int64_t>(channels->second);
        if (count % m_options.partialChannels != 0)
            return fail(ErrorCode::Unsupported, fmt::format("{} channels cannot be split into {} parts", count, m_options.partialChannels), layer.name);
        layer.parameters.set("channels", count / m_options.partialChannels);
        return {};
    }

    Result<void> takePart(Part& part, const std::string& keys, const std::map<NodeId, Part>& parts) override
    {
        const Node& node = *part.node;
        if (std::any_of(part.edges.begin(), part.edges.end(), [](const Edge* edge) { return edge->loose; }))
            return fail(ErrorCode::Unsupported, "which loose edges are there depends on other edges, which cannot be mixed", keys + node.name);
        if (m_options.path) {
            // The walk of this one architecture: `lower` looks at its answers alone.
            const Genotype answers = std::exchange(m_genotype, *m_options.path);
            const auto taken = Lowering::takePart(part, keys, parts);
            m_genotype = answers;
            return taken;
        }
        part.picked = ~std::uint64_t{0};
        return {};
    }

    Result<int> through(const Part& part, const Edge&, const std::string& key, int source, const std::string& names) override
    {
        const auto* operation = std::get_if<Operation>(&part.node->body);
        const bool staysWithout = std::any_of(part.edges.begin(), part.edges.end(), [](const Edge* edge) { return !edge->optional; });
        if (!m_options.path && (!operation || operation->type != "add" || !staysWithout))
            return fail(ErrorCode::Unsupported, "an optional edge can be mixed only where it ends in 'add' beside an edge that is always there", key);
        return mix(*m_decisions.indexOf(key), {1}, {source}, part.node->id, names + part.node->name);
    }

    Result<int> optional(const Part& part, const std::string& key, const std::string& name, int first, int output) override
    {
        const std::size_t decision = *m_decisions.indexOf(key + "#present");
        if (m_options.path)
            return mix(decision, {part.leftOut ? 0U : 1U}, {output}, part.node->id, name);
        return mix(decision, {0, 1}, {first, output}, part.node->id, name);
    }

    Result<int> selected(const Part& part, const std::string& keys, const std::string& names, std::vector<int> sources) override
    {
        const Node& node = *part.node;
        const auto decision = m_decisions.indexOf(keys + node.name);
        if (!decision)
            return Lowering::selected(part, keys, names, std::move(sources));
        const auto& select = std::get<Select>(node.body);
        return mixMembers(*decision, select.pickLow, select.pickHigh, select.merge, part.picked, part.ports, std::move(sources), node, names + node.name);
    }

    Result<int> subset(const Choice& choice, const Node& node, const std::string& key, const std::string& name, const Scope& scope,
                       const std::vector<int>& inputs) override
    {
        const auto decision = m_decisions.indexOf(key);
        if (!decision)
            return Lowering::subset(choice, node, key, name, scope, inputs);
        std::uint64_t taken = ~std::uint64_t{0};
        if (m_options.path) {
            if (!m_options.path->isActive(*decision))
                return fail(ErrorCode::InvalidArgument, "the genotype does not answer this decision", key);
            taken = m_decisions.decisions()[*decision].domain.members((*m_options.path)[*decision]);
        }
        std::vector<int> outputs;
        for (std::size_t i = 0; i < choice.alternatives.size(); ++i) {
            if (taken >> i & 1) {
                ARCHSCOPE_ASSIGN(const int output, part(choice.alternatives[i], key, name, scope, inputs));
                outputs.push_back(output);
            }
        }
        return mixMembers(*decision, choice.pickLow, choice.pickHigh, choice.merge, taken, choice.alternatives.size(), std::move(outputs), node, name);
    }

    /// What is taken of `members`, weighted: sums of subsets are sums of members.
    Result<int> mixMembers(std::size_t decision, int low, int high, const std::string& merge, std::uint64_t taken, std::size_t members,
                           std::vector<int> outputs, const Node& node, const std::string& name)
    {
        const bool one = low == 1 && high == 1;
        if (!one && merge != "add" && merge != "mean")
            return fail(ErrorCode::Unsupported, fmt::format("what '{}' picks is merged by '{}'; only 'add' and 'mean' can be mixed", keyOf(decision), merge), name);
        std::vector<std::size_t> entries;
        for (std::size_t i = 0; i < members; ++i) {
            if (taken >> i & 1)
                entries.push_back(i);
        }
        if (entries.size() != outputs.size() || entries.empty())
            return fail(ErrorCode::Unsupported, "inputs that may be missing cannot be picked among in a mixture", name);
        return mix(decision, std::move(entries), std::move(outputs), node.id, name, !one && merge == "mean");
    }

    Result<std::map<NodeId, Share>> shares(const Block& block, const std::vector<NodeId>& order, const std::map<NodeId, Part>& parts) const override
    {
        auto shares = Lowering::shares(block, order, parts);
        const bool open = std::any_of(block.edges.begin(), block.edges.end(), [](const Edge& edge) { return edge.optional; })
            || std::any_of(block.nodes.begin(), block.nodes.end(), [](const Node& node) { return std::holds_alternative<Select>(node.body); });
        if (shares && !shares->empty() && open && mentionsParts(block))
            return fail(ErrorCode::Unsupported, "the widths behind a concatenation depend on which edges are taken, which cannot be mixed", m_space.name);
        return shares;
    }

    /// Layers that are the same under several answers are there once.
    int push(Layer layer) override
    {
        const std::size_t hash = std::hash<std::string>()(layer.name);
        const auto [begin, end] = m_known.equal_range(hash);
        for (auto it = begin; it != end; ++it) {
            // Of another cell's network it may be: equal all the same, or not.
            const auto place = static_cast<std::size_t>(it->second);
            if (place < m_network.layers.size() && m_network.layers[place] == layer)
                return it->second;
        }
        const int place = Lowering::push(std::move(layer));
        m_known.emplace(hash, place);
        return place;
    }

    const Shape& shapeOf(int layer) const { return m_network.layers[static_cast<std::size_t>(layer)].output; }
    const std::string& keyOf(std::size_t decision) const { return m_decisions.decisions()[decision].key; }

    SupernetOptions m_options;
    std::optional<std::size_t> m_missing; ///< the open decision that the walk has just met
    bool m_isPartial = false; ///< inside alternatives that compute on a part of the channels
    std::unordered_multimap<std::size_t, int> m_known; ///< layers by hash of their names
};
} // namespace

Mixture mixtureOf(const Layer& layer)
{
    Mixture mixture;
    mixture.decision = static_cast<std::size_t>(layer.parameters.integer("decision"));
    mixture.mean = layer.parameters.boolean("mean");
    const std::string& text = layer.parameters.text("entries");
    for (const char* at = text.data(); at < text.data() + text.size();) {
        std::size_t entry = 0;
        at = std::from_chars(at, text.data() + text.size(), entry).ptr + 1;
        mixture.entries.push_back(entry);
    }
    return mixture;
}

std::size_t mixtureWidth(const Decision& decision)
{
    return isSubset(decision) ? decision.domain.values.size() : static_cast<std::size_t>(decision.domain.size().value_or(0));
}

std::optional<std::string> mixtureObstacle(const DecisionSpace& decisions)
{
    if (decisions.size() == 0)
        return "the space has no open decision";
    for (const Decision& decision : decisions.decisions()) {
        const auto answers = decision.domain.size();
        if (!answers)
            return fmt::format("'{}' has a continuous range, whose values cannot all be computed: give it a list of values", decision.key);
        if (isSubset(decision) ? mixtureWidth(decision) > maxAnswers : *answers > maxAnswers)
            return fmt::format("'{}' has {} answers; at most {} can be computed side by side", decision.key, groupDigits(*answers), maxAnswers);
    }
    return {};
}

Result<Network> lowerSupernet(const SearchSpace& space, const DecisionSpace& decisions, const OperationSet& operations, const TaskShape& task,
                              const SupernetOptions& options)
{
    if (const auto obstacle = mixtureObstacle(decisions))
        return fail(ErrorCode::Unsupported, *obstacle, space.name);
    if (options.path && !decisions.isValid(*options.path))
        return fail(ErrorCode::InvalidArgument, "the genotype does not belong to this space", space.name);
    ARCHSCOPE_ASSIGN(Network network, SupernetLowering(space, decisions, operations, task, options).run());
    if (network.outputShape() != task.output())
        return fail(ErrorCode::InvalidInput,
                    fmt::format("the network ends in {}, the task needs {}", shapeText(network.outputShape()), shapeText(task.output())),
                    network.layers.back().name);
    return network;
}

} // namespace archscope::network
