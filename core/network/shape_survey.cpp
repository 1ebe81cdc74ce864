#include "core/network/shape_survey.h"

#include "core/base/text.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace archscope::network {

using namespace archscope::space;

std::string ShapeRange::text() const
{
    if (seen.empty())
        return {};
    if (seen.size() == 1)
        return shapeText(seen.front());
    const std::size_t rank = seen.front().size();
    if (std::any_of(seen.begin(), seen.end(), [&](const Shape& s) { return s.size() != rank; }))
        return fmt::format("{} shapes", seen.size());
    std::string out;
    for (std::size_t d = 0; d < rank; ++d) {
        std::int64_t low = seen.front()[d];
        std::int64_t high = low;
        for (const Shape& shape : seen) {
            low = std::min(low, shape[d]);
            high = std::max(high, shape[d]);
        }
        out += (d == 0 ? "" : "×") + (low == high ? std::to_string(low) : fmt::format("{}…{}", low, high));
    }
    return out;
}

namespace {
/// The architecture with the first or the last answer to each decision.
Genotype extreme(const DecisionSpace& decisions, bool largest)
{
    Genotype genotype(decisions.size());
    for (std::size_t i = 0; i < decisions.size(); ++i) {
        if (decisions.activeUnder(genotype, i)) {
            const auto size = decisions.decisions()[i].domain.size();
            genotype[i] = !largest ? 0 : size ? static_cast<double>(*size - 1) : 1;
        }
    }
    return genotype;
}

template <class T> Range<T> rangeOf(std::vector<T> values)
{
    if (values.empty())
        return {};
    std::sort(values.begin(), values.end());
    return {values.front(), values[values.size() / 2], values.back()};
}

/// Where the shapes of the layers that did not make it into the network are lost, lowering tells only the failing node.
NodeId nodeByLayerName(const SearchSpace& space, const std::string& name)
{
    NodeId found;
    const std::vector<Node>* candidates = &space.root.nodes;
    for (const std::string& part : split(name, '/')) {
        const auto it = std::find_if(candidates->begin(), candidates->end(), [&](const Node& n) { return n.name == part; });
        if (it == candidates->end())
            continue; // a round's number
        found = it->id;
        const auto* use = std::get_if<Use>(&it->body);
        const Definition* definition = use ? space.findDefinition(use->definition) : nullptr;
        if (const auto* parts = partsOf(*it))
            candidates = parts;
        else if (const Block* body = definition ? &definition->body : bodyOf(*it))
            candidates = &body->nodes;
    }
    return found;
}
} // namespace

ShapeSurvey surveyShapes(const SearchSpace& space, const OperationSet& operations, const TaskShape& task,
                         const SurveyOptions& options)
{
    ShapeSurvey survey;
    auto compiled = DecisionSpace::compile(space);
    if (!compiled) {
        survey.issues.push_back({Issue::Severity::Error, NodeId{}, compiled.error().context, compiled.error().message, {}});
        return survey;
    }
    if (const auto satisfiable = compiled->requireSatisfiable(); !satisfiable) {
        survey.issues.push_back({Issue::Severity::Error, NodeId{}, satisfiable.error().context, satisfiable.error().message, {}});
        return survey;
    }
    DecisionSpace bound = *compiled;
    bindBudgets(bound, space, operations, task, options.latency);
    // Where nothing keeps the budgets, the smallest and the largest say which one it is, and by how much.
    const bool satisfiable = bound.requireSatisfiable().has_value();
    const DecisionSpace& decisions = satisfiable ? bound : *compiled;
    const int samples = satisfiable ? options.samples : std::min(options.samples, 2);
    std::map<NodeId, std::set<Shape>> shapes;
    std::map<std::pair<std::string, std::string>, int> failures;
    std::vector<std::int64_t> parameters;
    std::vector<std::int64_t> flops;
    std::vector<std::int64_t> layers;
    std::vector<double> latencies;
    std::optional<Error> unpredictable;
    Rng rng(options.seed);
    for (int i = 0; i < samples; ++i) {
        Genotype genotype = i < 2 ? extreme(decisions, i == 1) : decisions.sample(rng);
        if (i < 2 && !decisions.isAllowed(genotype))
            genotype = decisions.sample(rng);
        ++survey.sampled;
        auto network = lower(space, decisions, genotype, operations, task, options.latency);
        if (!network) {
            ++failures[{network.error().context, network.error().message}];
            continue;
        }
        ++survey.fitting;
        for (const Layer& layer : network->layers) {
            // An operation's output is also the output of the choices, repeats and blocks that end in it; the editor asks
            // for those by the edges' sources, so they get the shape too when the layer is their last.
            if (layer.origin.isValid())
                shapes[layer.origin].insert(layer.output);
        }
        const Cost cost = network->cost();
        parameters.push_back(cost.parameters);
        flops.push_back(cost.flops);
        layers.push_back(static_cast<std::int64_t>(network->layers.size()) - 1);
        if (options.latency) {
            if (const auto predicted = options.latency(*network))
                latencies.push_back(*predicted);
            else
                unpredictable = predicted.error();
        }
        if (static_cast<int>(survey.examples.size()) < options.keep)
            survey.examples.push_back(std::move(*network));
    }
    for (auto& [node, seen] : shapes)
        survey.outputs[node].seen.assign(seen.begin(), seen.end());
    for (const auto& [what, count] : failures) {
        const auto& [where, message] = what;
        const auto severity = survey.fitting == 0 ? Issue::Severity::Error : Issue::Severity::Warning;
        const std::string share = survey.fitting == 0 ? "" : fmt::format(" ({} of {} sampled architectures)", count, survey.sampled);
        survey.issues.push_back({severity, nodeByLayerName(space, where), where, message + share, {}});
    }
    if (unpredictable)
        survey.issues.push_back({Issue::Severity::Warning, nodeByLayerName(space, unpredictable->context), unpredictable->context,
                                 "the latency cannot be predicted: " + unpredictable->message, {}});
    if (!latencies.empty())
        survey.latency = rangeOf(std::move(latencies));
    survey.layers = rangeOf(std::move(layers));
    survey.parameters = rangeOf(std::move(parameters));
    survey.flops = rangeOf(std::move(flops));
    return survey;
}

} // namespace archscope::network
