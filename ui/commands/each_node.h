// Every node of a space, in blocks, choices, orders and definitions alike.
#pragma once

#include "core/space/search_space.h"

#include <vector>

namespace archscope::ui {

/// `Nodes`: std::vector<space::Node>, const or not. Outer nodes come before what is in them.
template <class Nodes, class Visit> void eachNodeIn(Nodes& nodes, const Visit& visit)
{
    for (auto& node : nodes) {
        visit(node);
        if (auto* parts = space::partsOf(node))
            eachNodeIn(*parts, visit);
        if (auto* body = space::bodyOf(node))
            eachNodeIn(body->nodes, visit);
    }
}

/// `Space`: space::SearchSpace, const or not.
template <class Space, class Visit> void eachNode(Space& space, const Visit& visit)
{
    eachNodeIn(space.root.nodes, visit);
    for (auto& definition : space.definitions)
        eachNodeIn(definition.body.nodes, visit);
}

} // namespace archscope::ui
