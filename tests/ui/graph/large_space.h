// A drawn space as large as the editor must bear, and clocks for what it takes.
#pragma once

#include "core/space/search_space.h"
#include "ui/commands/space_edits.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <string>
#include <vector>

namespace archscope::ui {

/// Columns of residual pairs beside each other, summed at the end: as many edges as real spaces have. Vectors fit.
inline space::SearchSpace ladder(int nodes, int columns = 1)
{
    using namespace space;
    SearchSpace made;
    made.name = "ladder";
    std::int64_t next = 0;
    const auto add = [&](const std::string& name, NodeBody body) {
        made.root.nodes.push_back(makeNode(NodeId(next++), name, std::move(body)));
        return made.root.nodes.back().id;
    };
    const NodeId input = add("input", Input{});
    std::vector<NodeId> ends(static_cast<std::size_t>(columns), input);
    for (std::size_t i = 0; static_cast<int>(made.root.nodes.size()) < nodes - 3; ++i) {
        const std::string number = std::to_string(i);
        NodeId& last = ends[i % ends.size()];
        const NodeId drop = add(
            "drop" + number, Operation{ "dropout", { { "rate", Domain::categories({ Literal{ 0.1 }, Literal{ 0.2 } }) } } });
        const NodeId sum = add("add" + number, Operation{ "add", {} });
        made.root.edges.push_back({ last, drop, 0 });
        made.root.edges.push_back({ drop, sum, 0 });
        made.root.edges.push_back({ last, sum, 1 });
        last = sum;
    }
    const NodeId sum = add("sum", Operation{ "add", {} });
    for (std::size_t i = 0; i < ends.size(); ++i)
        made.root.edges.push_back({ ends[i], sum, static_cast<int>(i) });
    made.root.edges.push_back({ sum, add("output", Output{}), 0 });
    return made;
}

struct Milliseconds {
    double processor = 0; ///< of this thread: the machine's other work does not count
    double wall = 0;
};

template <class Work> Milliseconds timeOf(Work work)
{
    const auto processor = [] {
        timespec now{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
        return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
    };
    const double before = processor();
    const auto begin = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double, std::milli> wall = std::chrono::steady_clock::now() - begin;
    return { processor() - before, wall.count() };
}

/// The 95th percentile of each.
inline Milliseconds high(const std::vector<Milliseconds>& times)
{
    const auto of = [&times](double Milliseconds::*part) {
        std::vector<double> values;
        for (const Milliseconds& each : times)
            values.push_back(each.*part);
        std::ranges::sort(values);
        return values[(values.size() * 95 + 99) / 100 - 1];
    };
    return { of(&Milliseconds::processor), of(&Milliseconds::wall) };
}

} // namespace archscope::ui
