// Small spaces for the tests of edits.
#pragma once

#include "core/base/rng.h"
#include "core/catalog/catalog.h"
#include "core/network/network.h"
#include "core/space/space_check.h"
#include "ui/commands/space_edits.h"

#include <QtGlobal>
#include <algorithm>
#include <string>

namespace archscope::ui {

inline const catalog::Catalog& testCatalog()
{
    static const catalog::Catalog catalog;
    return catalog;
}

/// input → linear → output of the classes, for vectors; `middle` nodes come between, `edges` join names.
struct SpaceMaker {
    space::SearchSpace space;
    std::int64_t next = 0;

    space::NodeId add(const std::string& name, space::NodeBody body, bool optional = false)
    {
        space::Node node = makeNode(space::NodeId(next++), name, std::move(body));
        node.optional = optional;
        space.root.nodes.push_back(std::move(node));
        return space.root.nodes.back().id;
    }
    space::NodeId operation(const std::string& name, const std::string& type,
        std::map<std::string, space::ParameterValue> parameters = {})
    {
        return add(name, space::Operation{ type, std::move(parameters) });
    }
    void connect(space::NodeId from, space::NodeId to, int port = 0) { space.root.edges.push_back({ from, to, port }); }
    space::NodeId id(const std::string& name) const
    {
        const auto found = std::ranges::find(space.root.nodes, name, &space::Node::name);
        return found == space.root.nodes.end() ? space::NodeId() : found->id;
    }
};

/// A random acyclic space whose operations keep the shape of a vector of eight, with decisions of every kind.
inline space::SearchSpace randomSpace(Rng& rng)
{
    using namespace space;
    SpaceMaker maker;
    std::vector<NodeId> sources{ maker.add("input", Input{}) };
    const std::size_t count = 3 + rng.below(6);
    const Domain rate = Domain::categories({ Literal{ 0.1 }, Literal{ 0.2 } });
    for (std::size_t i = 0; i < count; ++i) {
        const std::string name = "n" + std::to_string(i);
        NodeId id;
        int inputs = 1;
        switch (rng.below(5)) {
        case 0:
            id = maker.operation(name, "dropout", { { "rate", rate } });
            break;
        case 1:
            id = maker.operation(name, "add");
            inputs = 1 + static_cast<int>(rng.below(3));
            break;
        case 2: {
            Choice choice;
            choice.alternatives.push_back(makeNode(NodeId(maker.next++), "identity", Operation{ "identity", {} }));
            choice.alternatives.push_back(makeNode(NodeId(maker.next++), "activation", Operation{ "activation", {} }));
            id = maker.add(name, std::move(choice), rng.below(2) == 0);
            break;
        }
        case 3: {
            Block body = wireBlock(maker.next);
            const NodeId inner(maker.next++);
            body.nodes.push_back(makeNode(inner, "inner", Operation{ "dropout", { { "rate", rate } } }));
            body.edges = { { body.nodes[0].id, inner, 0 }, { inner, body.nodes[1].id, 0 } };
            if (rng.below(2) == 0)
                id = maker.add(name, Repeat{ Domain::integers(1, 2), rng.below(2) == 0, std::move(body) });
            else
                id = maker.add(name, Nested{ std::move(body) });
            break;
        }
        default:
            id = maker.operation(name, "activation");
            break;
        }
        for (int port = 0; port < inputs; ++port)
            maker.connect(sources[rng.below(sources.size())], id, port);
        sources.push_back(id);
    }
    const NodeId join = maker.operation("join", "add");
    int port = 0;
    for (const NodeId source : sources)
        if (edgesOutOf(maker.space.root, source).empty())
            maker.connect(source, join, port++);
    if (port == 0)
        maker.connect(sources.back(), join, port);
    const NodeId head = maker.operation("head", "linear", { { "features", Expression{ "classes" } } });
    maker.connect(join, head);
    maker.connect(head, maker.add("output", Output{}));
    maker.space.name = "random";
    return maker.space;
}

/// Applies, and checks that the inverse restores the very same space.
inline space::SearchSpace applied(const space::SearchSpace& space, const Result<space::SpaceEdit>& edit)
{
    if (!edit)
        qFatal("%s", edit.error().message.c_str());
    space::SearchSpace changed = space;
    const auto inverse = apply(changed, *edit);
    if (!inverse)
        qFatal("%s", inverse.error().message.c_str());
    space::SearchSpace back = changed;
    const auto again = apply(back, *inverse);
    if (!again || back != space)
        qFatal("the inverse does not restore the space");
    return changed;
}

inline bool isSound(const space::SearchSpace& space)
{
    return std::ranges::none_of(check(space, testCatalog().operations()),
        [](const space::Issue& issue) { return issue.severity == space::Issue::Severity::Error; });
}

inline network::TaskShape vectorTask()
{
    return { { 8 }, 3 };
}

} // namespace archscope::ui
