#include "ui/commands/shape_trace.h"

#include "core/base/rng.h"
#include "core/space/space_check.h"

#include <algorithm>
#include <set>
#include <utility>

namespace archscope::ui {

using namespace space;

namespace {

/// How decisions are answered on one walk.
class Answers {
public:
    enum class Kind { First, Last, Random };
    Answers(Kind kind, std::uint64_t seed)
        : m_kind(kind)
        , m_rng(seed)
    {
    }
    std::size_t among(std::size_t n)
    {
        if (n <= 1 || m_kind == Kind::First)
            return 0;
        return m_kind == Kind::Last ? n - 1 : static_cast<std::size_t>(m_rng.below(n));
    }
    Literal value(const Domain& domain)
    {
        const auto size = domain.size();
        if (size)
            return domain.at(static_cast<double>(among(static_cast<std::size_t>(*size))));
        return domain.at(m_kind == Kind::First ? 0 : m_kind == Kind::Last ? 1 : m_rng.uniform());
    }
    /// Optional nodes are there on the ordered walks: what they would do is to be seen.
    bool isPresent() { return m_kind != Kind::Random || m_rng.below(2) == 1; }

private:
    Kind m_kind;
    Rng m_rng;
};

using Known = std::optional<Shape>;

class Walk {
public:
    Walk(const SearchSpace& space, const OperationSet& operations, Answers answers, ShapeTrace& trace)
        : m_space(space)
        , m_operations(operations)
        , m_answers(std::move(answers))
        , m_trace(trace)
    {
    }

    Known block(const Block& block, const std::vector<Known>& given, Scope scope)
    {
        constexpr int deepest = 64; // a definition that uses itself
        if (m_depth >= deepest)
            return std::nullopt;
        ++m_depth;
        const Known result = walk(block, given, std::move(scope));
        --m_depth;
        return result;
    }

private:
    Known walk(const Block& block, const std::vector<Known>& given, Scope scope)
    {
        for (const Variable& variable : block.variables)
            if (auto value = isBound(scope, variable.name) ? std::nullopt : resolved(variable.value, scope))
                scope.emplace_back(variable.name, std::move(*value));
        const auto order = topologicalOrder(block);
        if (!order)
            return std::nullopt;
        std::map<NodeId, const Node*> nodes;
        for (const Node& node : block.nodes)
            nodes[node.id] = &node;
        std::map<NodeId, std::map<int, NodeId>> sources;
        for (const Edge& edge : block.edges)
            sources[edge.to][edge.toPort] = edge.from;
        std::map<NodeId, Known> inputs;
        for (const Node& node : block.nodes)
            if (std::holds_alternative<Input>(node.body))
                inputs[node.id] = inputs.size() < given.size() ? given[inputs.size()] : std::nullopt;
        std::map<NodeId, Known> at;
        Known result;
        for (const NodeId id : *order) {
            const Node& node = *nodes.at(id);
            ShapeTrace::Visit visit;
            for (const auto& [port, source] : sources[id])
                visit.inputs.push_back(at[source]);
            if (std::holds_alternative<Input>(node.body)) {
                visit.output = inputs[id];
            } else if (std::holds_alternative<Output>(node.body)) {
                visit.output = visit.inputs.empty() ? std::nullopt : visit.inputs.front();
                result = visit.output;
            } else {
                run(node, visit, scope);
                if (node.optional && !visit.inputs.empty() && !m_answers.isPresent())
                    visit.output = visit.inputs.front();
            }
            at[id] = visit.output;
            keep(id, std::move(visit));
        }
        return result;
    }

    static bool isBound(const Scope& scope, const std::string& name)
    {
        return std::ranges::find(scope, name, &Scope::value_type::first) != scope.end();
    }

    void keep(NodeId id, ShapeTrace::Visit visit)
    {
        constexpr std::size_t most = 24; // enough to tell; a repeat of a thousand rounds must not fill the memory
        std::vector<ShapeTrace::Visit>& visits = m_trace.visits[id];
        if (visits.size() < most && std::ranges::find(visits, visit) == visits.end())
            visits.push_back(std::move(visit));
    }

    void run(const Node& node, ShapeTrace::Visit& visit, const Scope& scope)
    {
        const Known first = visit.inputs.empty() ? std::nullopt : visit.inputs.front();
        if (const auto* operation = std::get_if<Operation>(&node.body)) {
            this->operation(*operation, visit, scope);
        } else if (const auto* choice = std::get_if<Choice>(&node.body)) {
            std::vector<Known> outputs;
            for (const Node& alternative : choice->alternatives) {
                ShapeTrace::Visit tried{ visit.inputs, {}, {} };
                run(alternative, tried, scope);
                outputs.push_back(tried.output);
                keep(alternative.id, std::move(tried));
            }
            visit.output = picked(outputs, choice->pickLow, choice->pickHigh, choice->merge);
        } else if (const auto* select = std::get_if<Select>(&node.body)) {
            visit.output = picked(visit.inputs, select->pickLow, select->pickHigh, select->merge);
        } else if (const auto* order = std::get_if<Order>(&node.body)) {
            visit.output = first;
            for (const Node& step : order->steps) {
                ShapeTrace::Visit tried{ { visit.output }, {}, {} };
                run(step, tried, scope);
                visit.output = tried.output;
                keep(step.id, std::move(tried));
            }
        } else if (const auto* repeat = std::get_if<Repeat>(&node.body)) {
            this->repeat(*repeat, visit, scope);
        } else if (const auto* nested = std::get_if<Nested>(&node.body)) {
            visit.output = block(nested->body, visit.inputs, scope);
        } else if (const auto* use = std::get_if<Use>(&node.body)) {
            const Definition* definition = m_space.findDefinition(use->definition);
            Scope inner = scope;
            for (const auto& [name, value] : use->arguments)
                if (auto literal = resolved(value, scope))
                    inner.emplace_back(name, std::move(*literal));
            if (definition)
                visit.output = block(definition->body, visit.inputs, std::move(inner));
        } else if (const auto* recurrent = std::get_if<Recurrent>(&node.body)) {
            const auto hidden = resolved(recurrent->hidden, scope);
            const auto* features = hidden ? std::get_if<std::int64_t>(&*hidden) : nullptr;
            if (!features || !first || first->size() != 2)
                return;
            block(recurrent->body, { Shape{ (*first)[1] }, Shape{ *features } }, scope);
            visit.output = recurrent->lastOnly ? Shape{ *features } : Shape{ (*first)[0], *features };
        }
    }

    void repeat(const Repeat& repeat, ShapeTrace::Visit& visit, const Scope& scope)
    {
        const auto count = resolved(repeat.count, scope);
        const auto* rounds = count ? std::get_if<std::int64_t>(&*count) : nullptr;
        std::vector<Known> window = visit.inputs;
        if (rounds && *rounds == 0 && !window.empty())
            visit.output = window.back(); // its inside is walked through all the same: it is to have labels
        constexpr std::int64_t most = 32; // pooling has ended all images by then
        const std::int64_t walked = rounds ? std::clamp<std::int64_t>(*rounds, 1, most) : 1;
        Known last;
        for (std::int64_t round = 0; round < walked; ++round) {
            Scope inner = scope;
            inner.emplace_back("round", round);
            last = block(repeat.body, window, std::move(inner));
            if (!window.empty())
                window.erase(window.begin());
            window.push_back(last);
        }
        if (rounds && *rounds > 0)
            visit.output = last;
    }

    /// The outputs of some of them, merged.
    Known picked(const std::vector<Known>& values, int low, int high, const std::string& merge)
    {
        if (values.empty())
            return std::nullopt;
        const auto size = static_cast<std::int64_t>(values.size());
        const std::int64_t least = std::clamp<std::int64_t>(low, 1, size);
        const std::int64_t most = std::clamp<std::int64_t>(high, least, size);
        const auto count = static_cast<std::size_t>(least) + m_answers.among(static_cast<std::size_t>(most - least + 1));
        const std::size_t from = m_answers.among(values.size() - count + 1);
        if (count == 1)
            return values[from];
        std::vector<Shape> shapes;
        for (std::size_t i = 0; i < count; ++i) {
            if (!values[from + i])
                return std::nullopt;
            shapes.push_back(*values[from + i]);
        }
        const OperationTraits* traits = m_operations.find(merge);
        const auto parameters = traits ? completed(traits->descriptor().parameters, {}, merge) : Result<Parameters>();
        if (!traits || !parameters)
            return std::nullopt;
        const auto shape = traits->outputShape(shapes, *parameters);
        return shape ? Known(*shape) : std::nullopt;
    }

    void operation(const Operation& operation, ShapeTrace::Visit& visit, const Scope& scope)
    {
        const OperationTraits* traits = m_operations.find(operation.type);
        if (!traits)
            return;
        std::map<std::string, Literal> given;
        for (const auto& [name, value] : operation.parameters) {
            auto literal = resolved(value, scope);
            if (!literal)
                return;
            given[name] = std::holds_alternative<Expression>(value)
                ? asComputed(std::move(*literal), traits->descriptor().parameters, name)
                : std::move(*literal);
        }
        const auto parameters = completed(traits->descriptor().parameters, given, operation.type);
        const auto inputs = static_cast<int>(visit.inputs.size());
        if (!parameters || inputs < traits->descriptor().minInputs || inputs > traits->descriptor().maxInputs)
            return; // the structural check says so
        std::vector<Shape> shapes;
        for (const Known& input : visit.inputs) {
            if (!input)
                return;
            shapes.push_back(*input);
        }
        auto output = traits->outputShape(shapes, *parameters);
        if (output)
            visit.output = std::move(*output);
        else
            visit.problem = output.error().message;
    }

    std::optional<Literal> resolved(const ParameterValue& value, const Scope& scope)
    {
        if (const auto* literal = std::get_if<Literal>(&value))
            return *literal;
        if (const auto* domain = std::get_if<Domain>(&value))
            return domain->problem() ? std::nullopt : std::optional(m_answers.value(*domain));
        const auto literal = evaluateLiteral(std::get<Expression>(value), scope);
        return literal ? std::optional(*literal) : std::nullopt;
    }

    const SearchSpace& m_space;
    const OperationSet& m_operations;
    Answers m_answers;
    ShapeTrace& m_trace;
    int m_depth = 0;
};

} // namespace

std::vector<Shape> ShapeTrace::outputsOf(NodeId node) const
{
    std::set<Shape> shapes;
    if (const auto found = visits.find(node); found != visits.end())
        for (const Visit& visit : found->second)
            if (visit.output)
                shapes.insert(*visit.output);
    return { shapes.begin(), shapes.end() };
}

ShapeTrace traceShapes(const SearchSpace& space, const OperationSet& operations, const network::TaskShape& task, int walks)
{
    ShapeTrace trace;
    for (int i = 0; i < walks; ++i) {
        const auto kind = i == 0 ? Answers::Kind::First : i == 1 ? Answers::Kind::Last : Answers::Kind::Random;
        Walk(space, operations, Answers(kind, static_cast<std::uint64_t>(i)), trace)
            .block(space.root, { task.input }, network::givenVariables(task));
    }
    return trace;
}

std::string inputProblem(const NodeBody& body, const std::vector<Shape>& inputs, const OperationSet& operations)
{
    if (const auto* choice = std::get_if<Choice>(&body)) {
        std::string first;
        for (const Node& alternative : choice->alternatives) {
            const std::string problem = inputProblem(alternative.body, inputs, operations);
            if (problem.empty())
                return {};
            if (first.empty())
                first = problem;
        }
        return first;
    }
    const auto* operation = std::get_if<Operation>(&body);
    const OperationTraits* traits = operation ? operations.find(operation->type) : nullptr;
    const auto count = static_cast<int>(inputs.size());
    if (!traits || count < traits->descriptor().minInputs || count > traits->descriptor().maxInputs)
        return {};
    std::string first;
    for (const bool largest : { false, true }) {
        std::map<std::string, Literal> given;
        for (const auto& [name, value] : operation->parameters) {
            if (std::holds_alternative<Expression>(value))
                return {};
            if (const auto* domain = std::get_if<Domain>(&value)) {
                if (domain->problem())
                    return {};
                const auto size = domain->size();
                given[name] = domain->at(!largest ? 0 : size ? static_cast<double>(*size - 1) : 1);
            } else {
                given[name] = std::get<Literal>(value);
            }
        }
        const auto parameters = completed(traits->descriptor().parameters, given, operation->type);
        if (!parameters)
            return {};
        const auto output = traits->outputShape(inputs, *parameters);
        if (output)
            return {};
        if (first.empty())
            first = output.error().message;
    }
    return first;
}

} // namespace archscope::ui
