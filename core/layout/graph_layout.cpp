#include "core/layout/graph_layout.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <fmt/format.h>
#include <gvc.h>
#include <limits>
#include <locale.h>
#include <memory>
#include <mutex>

namespace archscope::layout {

namespace {

constexpr double pointsPerInch = 72;
constexpr double largestSize = 100'000;

/// Graphviz keeps its state in globals: one context for the whole process, and one caller at a time.
struct Graphviz {
    std::mutex mutex;
    GVC_t* context = nullptr;
    ~Graphviz()
    {
        if (context)
            gvFreeContext(context);
    }
};
Graphviz& graphviz()
{
    static Graphviz instance;
    return instance;
}

/// Graphviz reads numbers with the C library: "0.5" must mean one half whatever the user's locale is. Only this thread.
class CLocale {
public:
    CLocale()
        : m_locale(newlocale(LC_NUMERIC_MASK, "C", static_cast<locale_t>(nullptr)))
        , m_previous(uselocale(m_locale))
    {
    }
    ~CLocale()
    {
        uselocale(m_previous);
        freelocale(m_locale);
    }
    CLocale(const CLocale&) = delete;
    CLocale& operator=(const CLocale&) = delete;

private:
    locale_t m_locale;
    locale_t m_previous;
};

/// The drawn graph while Graphviz works on it. Cgraph's functions take mutable strings that they only read.
class Drawing {
public:
    explicit Drawing(GVC_t* context)
        : m_context(context)
        , m_graph(agopen(const_cast<char*>("layout"), Agdirected, nullptr))
    {
    }
    ~Drawing()
    {
        if (m_laidOut)
            gvFreeLayout(m_context, m_graph);
        agclose(m_graph);
    }
    Drawing(const Drawing&) = delete;
    Drawing& operator=(const Drawing&) = delete;

    Agsym_t* attribute(int kind, const char* name, const std::string& fallback)
    {
        return agattr(m_graph, kind, const_cast<char*>(name), const_cast<char*>(fallback.c_str()));
    }
    Agnode_t* node() { return agnode(m_graph, nullptr, 1); }
    Agedge_t* edge(Agnode_t* from, Agnode_t* to) { return agedge(m_graph, from, to, nullptr, 1); }
    void set(void* object, Agsym_t* attribute, const std::string& value)
    {
        agxset(object, attribute, const_cast<char*>(value.c_str()));
    }
    /// A label of a given size without text: nothing is measured, so no font is opened.
    void setSpace(void* object, Agsym_t* label, double width, double height)
    {
        const std::string html = fmt::format(
            R"(<TABLE BORDER="0" CELLBORDER="0" CELLPADDING="0" CELLSPACING="0"><TR><TD FIXEDSIZE="TRUE" WIDTH="{:.0f}" HEIGHT="{:.0f}"></TD></TR></TABLE>)",
            std::ceil(width), std::ceil(height));
        char* const text = agstrdup_html(m_graph, const_cast<char*>(html.c_str()));
        agxset(object, label, text);
        agstrfree(m_graph, text);
    }
    bool run()
    {
        m_laidOut = gvLayout(m_context, m_graph, "dot") == 0;
        return m_laidOut;
    }

private:
    GVC_t* m_context;
    Agraph_t* m_graph;
    bool m_laidOut = false;
};

std::string inches(double points)
{
    return fmt::format("{:.6f}", points / pointsPerInch);
}

Result<void> checkInput(
    const std::vector<LayoutNode>& nodes, const std::vector<LayoutEdge>& edges, const LayoutOptions& options)
{
    const auto isSize = [](double size) { return size >= 0 && size <= largestSize; }; // false for NaN
    if (!isSize(options.nodeSpacing) || !isSize(options.layerSpacing))
        return fail(ErrorCode::InvalidArgument, fmt::format("spacing must lie between 0 and {:.0f}", largestSize), "layout");
    for (std::size_t i = 0; i < nodes.size(); ++i)
        if (!isSize(nodes[i].width) || !isSize(nodes[i].height))
            return fail(ErrorCode::InvalidArgument, fmt::format("the size must lie between 0 and {:.0f}", largestSize),
                fmt::format("layout: node {}", i));
    const int count = static_cast<int>(nodes.size());
    for (std::size_t i = 0; i < edges.size(); ++i) {
        const LayoutEdge& edge = edges[i];
        const std::string place = fmt::format("layout: edge {}", i);
        if (edge.from < 0 || edge.to < 0 || edge.from >= count || edge.to >= count)
            return fail(ErrorCode::InvalidArgument,
                fmt::format("it connects {} to {}, but there are {} nodes", edge.from, edge.to, count), place);
        if (edge.from == edge.to)
            return fail(ErrorCode::InvalidArgument,
                fmt::format("it connects node {} to itself, which no network can do", edge.from), place);
        if (!isSize(edge.labelWidth) || !isSize(edge.labelHeight))
            return fail(ErrorCode::InvalidArgument,
                fmt::format("the label's size must lie between 0 and {:.0f}", largestSize), place);
    }
    return {};
}

/// The pieces that Graphviz made of an edge as one curve, from the source to the target.
std::vector<Point> curveOf(Agedge_t* edge)
{
    std::vector<Point> curve;
    if (!ED_spl(edge))
        return curve;
    for (int piece = 0; piece < ED_spl(edge)->size; ++piece) {
        const bezier& part = ED_spl(edge)->list[piece];
        for (int i = curve.empty() ? 0 : 1; i < part.size; ++i)
            curve.push_back({ part.list[i].x, part.list[i].y });
    }
    return curve;
}

std::vector<Point> straightLine(Point from, Point to)
{
    const auto between = [&](double t) { return Point{ from.x + t * (to.x - from.x), from.y + t * (to.y - from.y) }; };
    return { from, between(1.0 / 3), between(2.0 / 3), to };
}

double squaredDistance(Point a, Point b)
{
    return (a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y);
}

Point middleOf(const std::vector<Point>& spline)
{
    const std::size_t pieces = (spline.size() - 1) / 3;
    const std::size_t first = 3 * (pieces / 2);
    if (pieces % 2 == 0)
        return spline[first];
    const auto at = [&](auto member) {
        return (spline[first].*member + 3 * spline[first + 1].*member + 3 * spline[first + 2].*member
                   + spline[first + 3].*member)
            / 8;
    };
    return { at(&Point::x), at(&Point::y) };
}

/// Moves everything so that it starts at the origin, turns y downwards and sets the size.
void normalise(GraphLayout& layout, const std::vector<LayoutNode>& nodes, const std::vector<LayoutEdge>& edges)
{
    constexpr double infinity = std::numeric_limits<double>::infinity();
    Point low{ infinity, infinity };
    Point high{ -infinity, -infinity };
    const auto include = [&](Point p, double width, double height) {
        low = { std::min(low.x, p.x - width / 2), std::min(low.y, p.y - height / 2) };
        high = { std::max(high.x, p.x + width / 2), std::max(high.y, p.y + height / 2) };
    };
    for (std::size_t i = 0; i < nodes.size(); ++i)
        include(layout.centres[i], nodes[i].width, nodes[i].height);
    for (std::size_t i = 0; i < edges.size(); ++i) {
        for (const Point& p : layout.splines[i])
            include(p, 0, 0);
        include(layout.labelCentres[i], edges[i].labelWidth, edges[i].labelHeight);
    }
    const auto moved = [&](Point p) { return Point{ p.x - low.x, high.y - p.y }; };
    std::ranges::transform(layout.centres, layout.centres.begin(), moved);
    std::ranges::transform(layout.labelCentres, layout.labelCentres.begin(), moved);
    for (auto& spline : layout.splines)
        std::ranges::transform(spline, spline.begin(), moved);
    layout.width = high.x - low.x;
    layout.height = high.y - low.y;
}

} // namespace

Result<GraphLayout> layoutGraph(
    const std::vector<LayoutNode>& nodes, const std::vector<LayoutEdge>& edges, const LayoutOptions& options)
{
    ARCHSCOPE_TRY(checkInput(nodes, edges, options));
    GraphLayout layout;
    if (nodes.empty())
        return layout;

    Graphviz& shared = graphviz();
    const std::lock_guard lock(shared.mutex);
    const CLocale cLocale;
    agseterr(AGMAX); // keeps messages instead of printing them
    if (!shared.context)
        shared.context = gvContext();

    const bool labelled
        = std::ranges::any_of(edges, [](const LayoutEdge& e) { return e.labelWidth > 0 && e.labelHeight > 0; });
    const bool leftToRight = options.direction == LayoutOptions::Direction::LeftToRight;
    Drawing drawing(shared.context);
    drawing.attribute(AGRAPH, "rankdir", leftToRight ? "LR" : "TB");
    drawing.attribute(AGRAPH, "nodesep", inches(options.nodeSpacing));
    drawing.attribute(AGRAPH, "ranksep", inches(options.layerSpacing));
    if (nodes.size() > 500) {
        // Network simplex to the optimum takes minutes on graphs of thousands; with these bounds 2,000 nodes take a second.
        drawing.attribute(AGRAPH, "nslimit", "0.2");
        drawing.attribute(AGRAPH, "nslimit1", "0.2");
        drawing.attribute(AGRAPH, "mclimit", "0.05");
        drawing.attribute(AGRAPH, "searchsize", "10");
    }
    drawing.attribute(AGNODE, "shape", "box");
    drawing.attribute(AGNODE, "fixedsize", "true");
    drawing.attribute(AGNODE, "label", "");
    Agsym_t* const width = drawing.attribute(AGNODE, "width", "0");
    Agsym_t* const height = drawing.attribute(AGNODE, "height", "0");
    drawing.attribute(AGEDGE, "dir", "none"); // arrowheads are the painter's: the curve ends at the border
    Agsym_t* const label = labelled ? drawing.attribute(AGEDGE, "label", "") : nullptr;

    std::vector<Agnode_t*> drawnNodes;
    drawnNodes.reserve(nodes.size());
    for (const LayoutNode& node : nodes) {
        Agnode_t* const drawn = drawing.node();
        drawing.set(drawn, width, inches(node.width));
        drawing.set(drawn, height, inches(node.height));
        drawnNodes.push_back(drawn);
    }
    std::vector<Agedge_t*> drawnEdges;
    drawnEdges.reserve(edges.size());
    for (const LayoutEdge& edge : edges) {
        Agedge_t* const drawn
            = drawing.edge(drawnNodes[static_cast<std::size_t>(edge.from)], drawnNodes[static_cast<std::size_t>(edge.to)]);
        if (edge.labelWidth > 0 && edge.labelHeight > 0)
            drawing.setSpace(drawn, label, edge.labelWidth, edge.labelHeight);
        drawnEdges.push_back(drawn);
    }

    if (!drawing.run()) {
        const std::unique_ptr<char, decltype(&std::free)> reason(aglasterr(), &std::free);
        return fail(ErrorCode::Internal,
            fmt::format("Graphviz could not lay out {} nodes and {} edges ({}); check that its dot plugin is installed",
                nodes.size(), edges.size(), reason ? reason.get() : "no reason given"),
            "layout");
    }

    for (Agnode_t* drawn : drawnNodes)
        layout.centres.push_back({ ND_coord(drawn).x, ND_coord(drawn).y });
    for (std::size_t i = 0; i < edges.size(); ++i) {
        const Point from = layout.centres[static_cast<std::size_t>(edges[i].from)];
        const Point to = layout.centres[static_cast<std::size_t>(edges[i].to)];
        std::vector<Point> curve = curveOf(drawnEdges[i]);
        if (curve.size() < 4) // Graphviz gives up on curves where there is no room at all
            curve = straightLine(from, to);
        else if (squaredDistance(curve.front(), to) + squaredDistance(curve.back(), from)
            < squaredDistance(curve.front(), from) + squaredDistance(curve.back(), to))
            std::ranges::reverse(curve);
        const textlabel_t* const placed = ED_label(drawnEdges[i]);
        layout.labelCentres.push_back(placed && placed->set ? Point{ placed->pos.x, placed->pos.y } : middleOf(curve));
        layout.splines.push_back(std::move(curve));
    }
    normalise(layout, nodes, edges);
    return layout;
}

} // namespace archscope::layout
