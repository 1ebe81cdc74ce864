#include "ui/graph/shape_flow.h"

#include "core/space/space_check.h"
#include "ui/commands/space_edits.h"

#include <set>

namespace archscope::ui {

using namespace space;

namespace {

using Shapes = std::set<Shape>;

class Flow {
public:
    explicit Flow(std::map<NodeId, network::ShapeRange>& outputs)
        : m_outputs(outputs)
    {
    }

    /// What comes out of a block that is given these shapes.
    Shapes through(const Block& block, const Shapes& given)
    {
        const auto order = topologicalOrder(block);
        Shapes out;
        if (!order)
            return out;
        std::map<NodeId, Shapes> at;
        for (const NodeId id : *order) {
            const Node& node = *nodeIn(block, id);
            const auto into = edgesInto(block, id);
            const Shapes first = into.empty() ? Shapes() : at[into.front().from];
            Shapes shapes = std::holds_alternative<Input>(node.body) ? given : outputOf(node, first);
            if (std::holds_alternative<Output>(node.body)) {
                shapes = first;
                out = first;
            }
            if (node.optional)
                shapes.insert(first.begin(), first.end()); // left out, its first input passes through
            at[id] = shapes;
            if (!shapes.empty())
                m_outputs[id].seen.assign(shapes.begin(), shapes.end());
        }
        return out;
    }

private:
    Shapes outputOf(const Node& node, const Shapes& given)
    {
        Shapes shapes;
        if (const auto* choice = std::get_if<Choice>(&node.body)) {
            for (const Node& alternative : choice->alternatives)
                shapes.merge(outputOf(alternative, given));
        } else if (const auto* repeat = std::get_if<Repeat>(&node.body)) {
            // Later rounds are given what earlier ones made.
            Shapes rounds = given;
            shapes = through(repeat->body, given);
            rounds.insert(shapes.begin(), shapes.end());
            shapes = through(repeat->body, rounds);
            const auto* domain = std::get_if<Domain>(&repeat->count);
            if (domain && domain->low == 0)
                shapes.insert(given.begin(), given.end());
        } else if (const auto* nested = std::get_if<Nested>(&node.body)) {
            shapes = through(nested->body, given);
        } else if (const auto found = m_outputs.find(node.id); found != m_outputs.end()) {
            shapes.insert(found->second.seen.begin(), found->second.seen.end());
        }
        return shapes;
    }

    std::map<NodeId, network::ShapeRange>& m_outputs;
};

} // namespace

void completeShapes(const SearchSpace& space, network::ShapeSurvey& survey)
{
    if (survey.fitting == 0)
        return;
    Shapes given;
    for (const Node& node : space.root.nodes)
        if (const auto found = survey.outputs.find(node.id);
            std::holds_alternative<Input>(node.body) && found != survey.outputs.end())
            given.insert(found->second.seen.begin(), found->second.seen.end());
    Flow(survey.outputs).through(space.root, given);
}

} // namespace archscope::ui
