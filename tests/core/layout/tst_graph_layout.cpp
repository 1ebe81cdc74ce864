#include "core/base/rng.h"
#include "core/layout/graph_layout.h"

#include <QElapsedTimer>
#include <QProcess>
#include <QTemporaryDir>
#include <QTemporaryFile>
#include <QtTest>
#include <clocale>
#include <cmath>
#include <cstdio>
#include <limits>
#include <rapidcheck.h>
#include <thread>
#include <unistd.h>

using namespace archscope::layout;

namespace {

struct Drawn {
    std::vector<LayoutNode> nodes;
    std::vector<LayoutEdge> edges;
};

bool overlap(const Drawn& drawn, const GraphLayout& layout, std::size_t a, std::size_t b)
{
    constexpr double tolerance = 1; // Graphviz works in whole points
    return std::abs(layout.centres[a].x - layout.centres[b].x)
        < (drawn.nodes[a].width + drawn.nodes[b].width) / 2 - tolerance
        && std::abs(layout.centres[a].y - layout.centres[b].y)
        < (drawn.nodes[a].height + drawn.nodes[b].height) / 2 - tolerance;
}

double distanceToBorder(const LayoutNode& node, Point centre, Point p)
{
    const double dx = std::abs(p.x - centre.x) - node.width / 2;
    const double dy = std::abs(p.y - centre.y) - node.height / 2;
    return std::abs(std::max(dx, dy));
}

/// All that the header promises of any layout; empty when it holds.
std::string brokenPromise(const Drawn& drawn, const GraphLayout& layout)
{
    const auto inside = [&](Point p, double width, double height) {
        return p.x - width / 2 >= -1e-6 && p.y - height / 2 >= -1e-6 && p.x + width / 2 <= layout.width + 1e-6
            && p.y + height / 2 <= layout.height + 1e-6;
    };
    if (layout.centres.size() != drawn.nodes.size() || layout.splines.size() != drawn.edges.size()
        || layout.labelCentres.size() != drawn.edges.size())
        return "sizes";
    for (std::size_t i = 0; i < drawn.nodes.size(); ++i) {
        if (!inside(layout.centres[i], drawn.nodes[i].width, drawn.nodes[i].height))
            return "node " + std::to_string(i) + " is outside";
        for (std::size_t k = 0; k < i; ++k)
            if (overlap(drawn, layout, i, k))
                return "nodes " + std::to_string(i) + " and " + std::to_string(k) + " overlap";
    }
    for (std::size_t i = 0; i < drawn.edges.size(); ++i) {
        const auto& spline = layout.splines[i];
        const std::string name = "edge " + std::to_string(i);
        if (spline.size() < 4 || spline.size() % 3 != 1)
            return name + " has " + std::to_string(spline.size()) + " points";
        for (const Point& p : spline)
            if (!inside(p, 0, 0))
                return name + " leaves the picture";
        const auto from = static_cast<std::size_t>(drawn.edges[i].from);
        const auto to = static_cast<std::size_t>(drawn.edges[i].to);
        if (distanceToBorder(drawn.nodes[from], layout.centres[from], spline.front()) > 2
            || distanceToBorder(drawn.nodes[to], layout.centres[to], spline.back()) > 2)
            return name + " does not end at the borders";
        if (!inside(layout.labelCentres[i], drawn.edges[i].labelWidth, drawn.edges[i].labelHeight))
            return "the label of " + name + " is outside";
    }
    return {};
}

Drawn chain(int count)
{
    Drawn drawn;
    for (int i = 0; i < count; ++i) {
        drawn.nodes.push_back({ 100, 40 });
        if (i > 0)
            drawn.edges.push_back({ i - 1, i });
    }
    return drawn;
}

/// A locale with a decimal comma while it lives: an installed one, or one that is made for it.
class CommaLocale {
public:
    CommaLocale()
    {
        for (const char* name : { "de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "fr_FR.utf8" })
            if ((m_set = setlocale(LC_ALL, name) != nullptr))
                return;
        QProcess::execute("localedef", { "-i", "de_DE", "-f", "UTF-8", "--no-archive", m_folder.filePath("de_DE.UTF-8") });
        qputenv("LOCPATH", m_folder.path().toUtf8());
        m_set = setlocale(LC_ALL, "de_DE.UTF-8") != nullptr;
    }
    ~CommaLocale()
    {
        setlocale(LC_ALL, "C");
        qunsetenv("LOCPATH");
    }
    bool isSet() const { return m_set; }

private:
    QTemporaryDir m_folder;
    bool m_set = false;
};

} // namespace

class TestGraphLayout : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void keepsItsPromises_data()
    {
        QTest::addColumn<std::vector<LayoutNode>>("nodes");
        QTest::addColumn<std::vector<LayoutEdge>>("edges");
        using Nodes = std::vector<LayoutNode>;
        using Edges = std::vector<LayoutEdge>;
        QTest::newRow("empty") << Nodes{} << Edges{};
        QTest::newRow("single") << Nodes{ { 80, 30 } } << Edges{};
        QTest::newRow("no size") << Nodes{ { 0, 0 }, { 0, 0 } } << Edges{ { 0, 1 } };
        QTest::newRow("two apart") << Nodes{ { 80, 30 }, { 60, 90 } } << Edges{};
        QTest::newRow("fractions") << Nodes{ { 80.5, 30.25 }, { 60.75, 33.3 } } << Edges{ { 0, 1 } };
        QTest::newRow("parallel edges") << Nodes{ { 80, 30 }, { 80, 30 } } << Edges{ { 0, 1 }, { 0, 1 }, { 0, 1 } };
        QTest::newRow("cycle") << Nodes{ { 80, 30 }, { 80, 30 }, { 80, 30 } } << Edges{ { 0, 1 }, { 1, 2 }, { 2, 0 } };
        QTest::newRow("both ways") << Nodes{ { 80, 30 }, { 80, 30 } } << Edges{ { 0, 1 }, { 1, 0 } };
        QTest::newRow("diamond with labels") << Nodes{ { 80, 30 }, { 80, 30 }, { 80, 30 },
            { 80, 30 } } << Edges{ { 0, 1, 50, 14 }, { 0, 2, 70, 14 }, { 1, 3, 50, 14 }, { 2, 3, 50, 14 } };
        QTest::newRow("some labels") << Nodes{ { 80, 30 }, { 80, 30 }, { 80, 30 } }
                                     << Edges{ { 0, 1, 50, 14 }, { 0, 2 }, { 1, 2 } };
    }
    void keepsItsPromises()
    {
        QFETCH(std::vector<LayoutNode>, nodes);
        QFETCH(std::vector<LayoutEdge>, edges);
        for (const auto direction : { LayoutOptions::Direction::TopToBottom, LayoutOptions::Direction::LeftToRight }) {
            const auto layout = layoutGraph(nodes, edges, { .direction = direction });
            QVERIFY2(layout, layout ? "" : layout.error().text().c_str());
            const std::string broken = brokenPromise({ nodes, edges }, *layout);
            QVERIFY2(broken.empty(), broken.c_str());
        }
    }

    void emptyGraphHasNoSize()
    {
        const auto layout = layoutGraph({}, {});
        QVERIFY(layout);
        QCOMPARE(layout->width, 0.0);
        QCOMPARE(layout->height, 0.0);
    }

    void flowsDownwards()
    {
        const Drawn drawn = chain(5);
        const auto layout = layoutGraph(drawn.nodes, drawn.edges, { .layerSpacing = 30 });
        QVERIFY(layout);
        for (std::size_t i = 1; i < drawn.nodes.size(); ++i) {
            QVERIFY(std::abs(layout->centres[i].y - layout->centres[i - 1].y - 70) <= 1); // height + spacing
            QVERIFY(layout->splines[i - 1].front().y < layout->splines[i - 1].back().y);
        }
    }

    void flowsToTheRight()
    {
        const Drawn drawn = chain(4);
        const auto layout = layoutGraph(
            drawn.nodes, drawn.edges, { .direction = LayoutOptions::Direction::LeftToRight, .layerSpacing = 30 });
        QVERIFY(layout);
        for (std::size_t i = 1; i < drawn.nodes.size(); ++i)
            QVERIFY(std::abs(layout->centres[i].x - layout->centres[i - 1].x - 130) <= 1);
    }

    void labelsMeetNoNode()
    {
        Drawn drawn = chain(4);
        for (int i = 0; i < 3; ++i)
            drawn.edges.push_back({ 0, 3 });
        for (LayoutEdge& edge : drawn.edges) {
            edge.labelWidth = 60;
            edge.labelHeight = 14;
        }
        const auto layout = layoutGraph(drawn.nodes, drawn.edges);
        QVERIFY(layout);
        Drawn boxes = drawn;
        GraphLayout places = *layout;
        for (std::size_t i = 0; i < drawn.edges.size(); ++i) {
            boxes.nodes.push_back({ drawn.edges[i].labelWidth, drawn.edges[i].labelHeight });
            places.centres.push_back(layout->labelCentres[i]);
        }
        for (std::size_t a = 0; a < boxes.nodes.size(); ++a)
            for (std::size_t b = 0; b < a; ++b)
                QVERIFY2(!overlap(boxes, places, a, b), qPrintable(QStringLiteral("%1 and %2").arg(a).arg(b)));
    }

    void refuses_data()
    {
        QTest::addColumn<std::vector<LayoutNode>>("nodes");
        QTest::addColumn<std::vector<LayoutEdge>>("edges");
        QTest::addColumn<QString>("said");
        using Nodes = std::vector<LayoutNode>;
        using Edges = std::vector<LayoutEdge>;
        const Nodes two{ { 10, 10 }, { 10, 10 } };
        QTest::newRow("self-loop") << two << Edges{ { 0, 1 }, { 1, 1 } } << "edge 1: it connects node 1 to itself";
        QTest::newRow("index too large") << two << Edges{ { 0, 2 } } << "edge 0: it connects 0 to 2";
        QTest::newRow("negative index") << two << Edges{ { -1, 1 } } << "edge 0";
        QTest::newRow("NaN size") << Nodes{ { std::numeric_limits<double>::quiet_NaN(), 10 } } << Edges{}
                                  << "node 0: the size";
        QTest::newRow("negative size") << Nodes{ { 10, 10 }, { 10, -1 } } << Edges{} << "node 1: the size";
        QTest::newRow("huge size") << Nodes{ { 1e9, 10 } } << Edges{} << "node 0: the size";
        QTest::newRow("huge label") << two << Edges{ { 0, 1, 1e9, 10 } } << "edge 0: the label";
    }
    void refuses()
    {
        QFETCH(std::vector<LayoutNode>, nodes);
        QFETCH(std::vector<LayoutEdge>, edges);
        QFETCH(QString, said);
        const auto layout = layoutGraph(nodes, edges);
        QVERIFY(!layout);
        QVERIFY2(QString::fromStdString(layout.error().text()).contains(said), layout.error().text().c_str());
    }

    void randomGraphsKeepThePromises()
    {
        QVERIFY(rc::check("any directed graph", [](std::uint32_t seed) {
            archscope::Rng rng(seed);
            Drawn drawn;
            const auto count = 1 + rng.below(14);
            for (std::uint64_t i = 0; i < count; ++i)
                drawn.nodes.push_back({ 10 + 90 * rng.uniform(), 10 + 40 * rng.uniform() });
            for (std::uint64_t i = rng.below(20); count > 1 && i > 0; --i) {
                const auto from = rng.below(count);
                const auto to = (from + 1 + rng.below(count - 1)) % count;
                const bool labelled = rng.below(3) == 0;
                drawn.edges.push_back(
                    { static_cast<int>(from), static_cast<int>(to), labelled ? 40.0 : 0, labelled ? 12.0 : 0 });
            }
            const auto layout = layoutGraph(drawn.nodes, drawn.edges);
            RC_ASSERT(layout.has_value());
            RC_ASSERT(brokenPromise(drawn, *layout) == std::string());
        }));
    }

    void localeDoesNotMatter()
    {
        const Drawn drawn{ { { 80.5, 30.5 }, { 60.5, 30.5 }, { 90.5, 20 } }, { { 0, 1 }, { 0, 2 }, { 1, 2 } } };
        const auto before = layoutGraph(drawn.nodes, drawn.edges, { .nodeSpacing = 24.5, .layerSpacing = 36.5 });
        const CommaLocale locale;
        if (!locale.isSet())
            QSKIP("no locale with a decimal comma is installed, and localedef could not make one");
        QCOMPARE(QString::fromLatin1(localeconv()->decimal_point), QStringLiteral(","));
        const auto after = layoutGraph(drawn.nodes, drawn.edges, { .nodeSpacing = 24.5, .layerSpacing = 36.5 });
        QCOMPARE(QString::fromLatin1(localeconv()->decimal_point), QStringLiteral(",")); // it is left as it was
        QVERIFY(before && after);
        QCOMPARE(after->width, before->width);
        QCOMPARE(after->height, before->height);
        for (std::size_t i = 0; i < drawn.nodes.size(); ++i)
            QCOMPARE(after->centres[i].x, before->centres[i].x);
    }

    void saysNothingOnStderr()
    {
        QTemporaryFile captured;
        QVERIFY(captured.open());
        std::fflush(stderr);
        const int original = dup(STDERR_FILENO);
        dup2(captured.handle(), STDERR_FILENO);
        const auto tight = layoutGraph({ { 100, 100 }, { 0, 0 }, { 1, 90000 } },
            { { 0, 1 }, { 1, 0 }, { 0, 2 }, { 0, 2 }, { 2, 1 } }, { .nodeSpacing = 0, .layerSpacing = 0 });
        const auto labelled = layoutGraph({ { 10, 10 }, { 10, 10 } }, { { 0, 1, 20, 10 }, { 1, 0, 20, 10 } });
        std::fflush(stderr);
        dup2(original, STDERR_FILENO);
        close(original);
        QVERIFY(tight && labelled);
        captured.seek(0);
        QCOMPARE(captured.readAll(), QByteArray());
    }

    void manyThreadsTakeTurns()
    {
        const Drawn drawn = chain(12);
        const auto expected = layoutGraph(drawn.nodes, drawn.edges);
        QVERIFY(expected);
        std::vector<int> differing(4);
        {
            std::vector<std::jthread> threads;
            for (int& count : differing)
                threads.emplace_back([&drawn, &expected, &count] {
                    for (int i = 0; i < 10; ++i) {
                        const auto layout = layoutGraph(drawn.nodes, drawn.edges);
                        count += !layout || layout->centres.back().y != expected->centres.back().y;
                    }
                });
        }
        QCOMPARE(differing, std::vector<int>(4));
    }

    void twoThousandNodesAreQuick()
    {
        archscope::Rng rng(1);
        Drawn drawn;
        for (int i = 0; i < 2000; ++i) {
            drawn.nodes.push_back({ 80 + 80 * rng.uniform(), 36 });
            if (i > 0)
                drawn.edges.push_back(
                    { i - 1 - static_cast<int>(rng.below(static_cast<std::uint64_t>(std::min(i, 10)))), i });
            if (i > 20 && rng.below(2) == 0)
                drawn.edges.push_back({ i - 1 - static_cast<int>(rng.below(20)), i });
        }
        QElapsedTimer timer;
        timer.start();
        const auto layout = layoutGraph(drawn.nodes, drawn.edges);
        const qint64 elapsedMs = timer.elapsed();
        QVERIFY(layout);
        qInfo("2,000 nodes and %zu edges: %lld ms", drawn.edges.size(), static_cast<long long>(elapsedMs));
        QVERIFY(elapsedMs < 20'000); // the budget of one second is a benchmark's; this catches minutes
    }
};

QTEST_GUILESS_MAIN(TestGraphLayout)
#include "tst_graph_layout.moc"
