// The benchmarks' own numbers: parameters, FLOPs and how many architectures are really different.
#include <QtTest> // first: moc stumbles over <concepts> at the head of others

#include "core/catalog/notation.h"
#include "core/network/canonical.h"
#include "tests/core/catalog/preset_support.h"

#include <QFile>
#include <array>
#include <bit>
#include <mutex>
#include <numeric>
#include <set>
#include <thread>

using namespace archscope;
using namespace archscope::catalog;

namespace {
const network::TaskShape cifar10{{3, 32, 32}, 10, 0, false};

network::Cost costOf(const Preset& preset, std::string_view architecture, const network::TaskShape& task = cifar10)
{
    return orDie(preset.lower(orDie(architectureFromText(preset.space, preset.decisions, architecture)), task)).cost();
}

/// `work(i)` for all i below `count`, on all cores.
template <class Work>
void forAll(std::size_t count, const Work& work)
{
    const std::size_t workers = std::max(1U, std::thread::hardware_concurrency());
    std::vector<std::jthread> threads;
    for (std::size_t worker = 0; worker < workers; ++worker) {
        threads.emplace_back([&, worker] {
            for (std::size_t i = worker; i < count; i += workers)
                work(i);
        });
    }
}

std::vector<space::Genotype> allOf(const space::DecisionSpace& decisions)
{
    std::vector<space::Genotype> all;
    decisions.forEach([&](const space::Genotype& genotype) {
        all.push_back(genotype);
        return true;
    });
    return all;
}

using Cell201 = std::array<std::string, 6>; ///< by edge: 0-1, 0-2, 1-2, 0-3, 1-3, 2-3

Cell201 cellOf(const Preset& preset, const space::Genotype& genotype)
{
    const Json answers = preset.decisions.toJson(genotype);
    Cell201 cell;
    std::size_t edge = 0;
    for (int to = 1; to <= 3; ++to) {
        for (int from = 0; from < to; ++from)
            cell[edge++] = answers["@cell/" + std::to_string(from) + "-" + std::to_string(to)].get<std::string>();
    }
    return cell;
}

/// NAS-Bench-201's rule for what is one and the same: each node is the sorted sum of its edges' strings; an edge `none`, or one
/// from a node that is just '#', is '#'; `skip_connect` passes the node's string on.
std::string uniqueString(const Cell201& cell)
{
    std::vector<std::string> nodes = {"0"};
    std::size_t edge = 0;
    for (std::size_t to = 1; to <= 3; ++to) {
        std::vector<std::string> terms;
        for (std::size_t from = 0; from < to; ++from, ++edge) {
            if (cell[edge] == "none" || nodes[from] == "#")
                terms.emplace_back("#");
            else if (cell[edge] == "skip_connect")
                terms.push_back(nodes[from]);
            else
                terms.push_back("(" + nodes[from] + ")@" + cell[edge]);
        }
        std::sort(terms.begin(), terms.end());
        std::string sum;
        for (const std::string& term : terms)
            sum += (sum.empty() ? "" : "+") + term;
        nodes.push_back(std::move(sum));
    }
    return nodes.back();
}

enum class OfZero { Zero, Itself };

/// The cell as an expression: no identities, no zero terms, sums of sums flat. `convolution`: what one of zero is (its norm has
/// a shift); pooling of zero is zero. Expressions do not tell whether two equal terms are one branch or two.
std::string expression(const Cell201& cell, OfZero convolution)
{
    std::vector<std::vector<std::string>> nodes = {{"x"}};
    std::size_t edge = 0;
    for (std::size_t to = 1; to <= 3; ++to) {
        std::vector<std::string> terms;
        for (std::size_t from = 0; from < to; ++from, ++edge) {
            if (cell[edge] == "none")
                continue;
            if (cell[edge] == "skip_connect") {
                terms.insert(terms.end(), nodes[from].begin(), nodes[from].end());
                continue;
            }
            if (nodes[from].empty() && (cell[edge] == "avg_pool_3x3" || convolution == OfZero::Zero))
                continue;
            std::string sum;
            for (const std::string& term : nodes[from])
                sum += term + "+";
            terms.push_back(cell[edge] + "(" + sum + ")");
        }
        std::sort(terms.begin(), terms.end());
        nodes.push_back(std::move(terms));
    }
    std::string sum;
    for (const std::string& term : nodes.back())
        sum += term + "+";
    return sum;
}

/// The adjacency of a directed graph on at most seven vertices, a bit an edge.
using Adjacency = std::uint64_t;

Adjacency bitOf(int from, int to)
{
    return Adjacency{1} << (from * 7 + to);
}

/// Every vertex lies on a path from the first to the last.
bool isFull(Adjacency graph, int vertices)
{
    for (int v = 0; v < vertices; ++v) {
        bool enters = v == 0, leaves = v == vertices - 1;
        for (int other = 0; other < vertices; ++other) {
            enters = enters || (other < v && (graph & bitOf(other, v)) != 0);
            leaves = leaves || (other > v && (graph & bitOf(v, other)) != 0);
        }
        if (!enters || !leaves)
            return false;
    }
    return true;
}

Adjacency permuted(Adjacency graph, const std::array<int, 7>& to)
{
    Adjacency result = 0;
    for (Adjacency rest = graph; rest != 0; rest &= rest - 1) {
        const int bit = std::countr_zero(rest);
        result |= bitOf(to[static_cast<std::size_t>(bit / 7)], to[static_cast<std::size_t>(bit % 7)]);
    }
    return result;
}

/// All orders of the vertices between the first and the last.
std::vector<std::array<int, 7>> innerPermutations(int vertices)
{
    std::vector<std::array<int, 7>> all;
    std::array<int, 7> to{};
    std::iota(to.begin(), to.end(), 0);
    do
        all.push_back(to);
    while (std::next_permutation(to.begin() + 1, to.begin() + vertices - 1));
    return all;
}

int cyclesOf(const std::array<int, 7>& permutation, int vertices)
{
    int cycles = 0;
    std::array<bool, 7> seen{};
    for (int v = 1; v < vertices - 1; ++v) {
        cycles += !seen[static_cast<std::size_t>(v)];
        for (int at = v; !seen[static_cast<std::size_t>(at)]; at = permutation[static_cast<std::size_t>(at)])
            seen[static_cast<std::size_t>(at)] = true;
    }
    return cycles;
}

/// The graphs of NAS-Bench-101's cells without operations, one of each class of isomorphic ones.
std::vector<std::pair<int, Adjacency>> cells101(int vertices, int maxEdges)
{
    std::vector<std::pair<int, int>> places;
    for (int to = 1; to < vertices; ++to) {
        for (int from = 0; from < to; ++from)
            places.emplace_back(from, to);
    }
    const auto permutations = innerPermutations(vertices);
    std::set<Adjacency> classes;
    std::vector<std::pair<int, Adjacency>> cells;
    for (std::uint64_t mask = 0; mask < std::uint64_t{1} << places.size(); ++mask) {
        if (std::popcount(mask) > maxEdges)
            continue;
        Adjacency graph = 0;
        for (std::uint64_t rest = mask; rest != 0; rest &= rest - 1) {
            const auto& [from, to] = places[static_cast<std::size_t>(std::countr_zero(rest))];
            graph |= bitOf(from, to);
        }
        if (!isFull(graph, vertices))
            continue;
        Adjacency least = graph;
        for (const auto& permutation : permutations)
            least = std::min(least, permuted(graph, permutation));
        if (classes.insert(least).second)
            cells.emplace_back(vertices, graph);
    }
    return cells;
}

/// In how many ways operations can be given to the vertices, isomorphic ones once (Burnside).
std::int64_t labellings(int vertices, Adjacency graph, std::int64_t operations)
{
    std::int64_t fixed = 0, automorphisms = 0;
    for (const auto& permutation : innerPermutations(vertices)) {
        if (permuted(graph, permutation) != graph)
            continue;
        ++automorphisms;
        std::int64_t kept = 1;
        for (int cycle = cyclesOf(permutation, vertices); cycle > 0; --cycle)
            kept *= operations;
        fixed += kept;
    }
    return fixed / automorphisms;
}
} // namespace

class TestBenchmarks : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void published_data()
    {
        QTest::addColumn<QString>("preset");
        QTest::addColumn<QString>("architecture");
        QTest::addColumn<qint64>("parameters");
        QTest::addColumn<qint64>("flops"); // 0: not published
        // The benchmark says 1.531546 M and 220.11969 M.
        QTest::newRow("NAS-Bench-201, 3×3 everywhere") << "nas-bench-201"
            << "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|nor_conv_3x3~0|nor_conv_3x3~1|nor_conv_3x3~2|" << qint64(1531546) << qint64(220119690);
        QTest::newRow("NAS-Bench-Macro's best") << "nas-bench-macro" << "22212220" << qint64(1985514) << qint64(85164544);
        QTest::newRow("DARTS, second order") << "darts" << QString::fromUtf8(findNotation("darts")->example().data()) << qint64(3349342) << qint64(0);
        // Of nasbench's own examples.
        QTest::newRow("NAS-Bench-101, five vertices") << "nas-bench-101" << QString::fromUtf8(findNotation("nas-bench-101")->example().data()) << qint64(8555530) << qint64(0);
        QTest::newRow("NAS-Bench-101, Inception-like") << "nas-bench-101"
            << R"({"matrix":[[0,1,1,1,0,1,0],[0,0,0,0,0,0,1],[0,0,0,0,0,0,1],[0,0,0,0,1,0,0],[0,0,0,0,0,0,1],[0,0,0,0,0,0,1],[0,0,0,0,0,0,0]],)"
               R"("ops":["input","conv1x1-bn-relu","conv3x3-bn-relu","conv3x3-bn-relu","conv3x3-bn-relu","maxpool3x3","output"]})" << qint64(2694282) << qint64(0);
    }
    void published()
    {
        QFETCH(QString, preset);
        QFETCH(QString, architecture);
        QFETCH(qint64, parameters);
        QFETCH(qint64, flops);
        const network::Cost cost = costOf(Preset(preset.toStdString()), architecture.toStdString());
        QCOMPARE(qint64(cost.parameters), parameters);
        if (flops > 0)
            QCOMPARE(qint64(cost.flops), flops);
    }

    void everyCellOfNasBench201()
    {
        const Preset preset("nas-bench-201");
        const auto genotypes = allOf(preset.decisions);
        QCOMPARE(genotypes.size(), std::size_t(15625));
        std::atomic<int> wrong = 0;
        forAll(genotypes.size(), [&](std::size_t i) {
            const Cell201 cell = cellOf(preset, genotypes[i]);
            const auto wide = std::count(cell.begin(), cell.end(), "nor_conv_3x3");
            const auto narrow = std::count(cell.begin(), cell.end(), "nor_conv_1x1");
            // A convolution with its norm, five times a stage; then what all networks have.
            network::Cost expected{73306, 7783050};
            for (const std::int64_t channels : {16, 32, 64}) {
                expected.parameters += 5 * (wide * (9 * channels * channels + 2 * channels) + narrow * (channels * channels + 2 * channels));
                expected.flops += 5 * (9 * wide + narrow) * 16 * 16 * 32 * 32; // as many in each stage
            }
            const auto network = preset.lower(genotypes[i], cifar10);
            if (!network || network->cost() != expected)
                ++wrong;
        });
        QCOMPARE(wrong.load(), 0);
    }

    void differentCellsOfNasBench201()
    {
        const Preset preset("nas-bench-201", {{"N", 1}});
        const auto genotypes = allOf(preset.decisions);
        std::set<std::string> byRule, byCanonicalForm, asExpressions, withDeadConvolutions;
        std::mutex mutex;
        forAll(genotypes.size(), [&](std::size_t i) {
            const Cell201 cell = cellOf(preset, genotypes[i]);
            const std::string hash = network::canonicalHash(orDie(preset.lower(genotypes[i], cifar10)));
            const std::scoped_lock lock(mutex);
            byRule.insert(uniqueString(cell));
            byCanonicalForm.insert(hash);
            asExpressions.insert(expression(cell, OfZero::Itself));
            withDeadConvolutions.insert(expression(cell, OfZero::Zero));
        });
        qInfo("NAS-Bench-201: %zu different by the benchmark's strings, %zu in canonical form, %zu and %zu as expressions", byRule.size(),
              byCanonicalForm.size(), asExpressions.size(), withDeadConvolutions.size());
        QCOMPARE(byRule.size(), std::size_t(6466));
        QCOMPARE(asExpressions.size(), std::size_t(5545));
        QCOMPARE(withDeadConvolutions.size(), std::size_t(4930));
        // The canonical form follows the same rules, but one branch that is read twice is not two branches with weights of their own.
        QCOMPARE(byCanonicalForm.size(), std::size_t(5448));
    }

    void everyNetworkOfNasBenchMacro()
    {
        QFile table(QStringLiteral(ARCHSCOPE_SOURCE_DIR "/../shared/data/tables/nas_bench_macro.csv"));
        if (!table.open(QIODevice::ReadOnly))
            QSKIP("the benchmark's table is not beside the sources");
        const Preset preset("nas-bench-macro");
        int rows = 0;
        const QStringList header = QString::fromUtf8(table.readLine()).trimmed().split(',');
        const auto parameters = header.indexOf("params");
        const auto flops = header.indexOf("flops");
        QVERIFY(parameters > 0 && flops > 0);
        while (!table.atEnd()) {
            const QStringList row = QString::fromUtf8(table.readLine()).trimmed().split(',');
            const network::Cost cost = costOf(preset, row[0].toStdString());
            QVERIFY2(cost.parameters == row[parameters].toLongLong() && cost.flops == row[flops].toLongLong(), qPrintable(row.join(',')));
            ++rows;
        }
        QCOMPARE(rows, 6561);
    }

    void cellsOfNasBench101()
    {
        std::vector<std::pair<int, Adjacency>> cells;
        for (int vertices = 2; vertices <= 7; ++vertices) {
            const auto more = cells101(vertices, 9);
            cells.insert(cells.end(), more.begin(), more.end());
        }
        std::int64_t labelled = 0;
        for (const auto& [vertices, graph] : cells)
            labelled += labellings(vertices, graph, 3);
        QCOMPARE(labelled, std::int64_t(423624));

        // Each of these graphs, with some operations, is in the space and comes back out of it.
        const Preset preset("nas-bench-101", {{"C", 16}, {"N", 1}});
        const std::array<const char*, 3> operations = {"conv3x3-bn-relu", "conv1x1-bn-relu", "maxpool3x3"};
        Rng rng(9);
        for (std::size_t i = 0; i < cells.size(); ++i) {
            const auto& [vertices, graph] = cells[i];
            Json matrix = Json::array(), names = {"input"};
            for (int from = 0; from < vertices; ++from) {
                matrix.push_back(Json::array());
                for (int to = 0; to < vertices; ++to)
                    matrix.back().push_back((graph & bitOf(from, to)) != 0 ? 1 : 0);
                if (from > 0 && from < vertices - 1)
                    names.push_back(operations[rng.below(3)]);
            }
            names.push_back("output");
            const Json cell = {{"adjacency", matrix}, {"operations", names}};
            const auto genotype = architectureFromText(preset.space, preset.decisions, cell.dump());
            QVERIFY2(genotype, genotype ? "" : (genotype.error().text() + cell.dump()).c_str());
            QCOMPARE(architectureText(preset.space, preset.decisions, *genotype), cell.dump());
            if (i % 10 == 0) {
                const auto network = preset.lower(*genotype, {{3, 8, 8}, 10});
                QVERIFY2(network, network ? "" : (network.error().text() + cell.dump()).c_str());
            }
        }
    }

    void recurrentCells()
    {
        // Of the cell alone: first node (step and state to gate and candidate), then two square matrices a node.
        const std::int64_t h = 20;
        const network::TaskShape task{{6}, 11, 11, true};
        for (const auto& [name, nodes] : {std::pair("darts-rnn", 8), {"enas-rnn", 11}}) {
            const Preset preset(name, {{"H", h}});
            Rng rng(2);
            const auto network = orDie(preset.lower(preset.decisions.sample(rng), task));
            const auto cell = std::find_if(network.layers.begin(), network.layers.end(), [](const network::Layer& layer) { return layer.operation == "recurrent"; });
            QVERIFY(cell != network.layers.end());
            QCOMPARE(cell->cost.parameters, 4 * h * h + nodes * 2 * h * h);
            QCOMPARE(cell->cost.flops, 6 * cell->cost.parameters);
            QCOMPARE(network.cost().parameters, cell->cost.parameters + 11 * h + h * 11 + 11);
        }
    }

    /// ENAS's state is the mean of the nodes that nobody takes.
    void looseEnds()
    {
        const Preset preset("enas-rnn", {{"H", 4}});
        const auto network = orDie(preset.lower(orDie(architectureFromText(preset.space, preset.decisions, findNotation("enas-rnn")->example())), {{6}, 11, 11, true}));
        const auto layer = std::find_if(network.layers.begin(), network.layers.end(), [](const network::Layer& l) { return l.operation == "recurrent"; });
        QVERIFY(layer != network.layers.end());
        const network::Layer& mean = layer->cell.front().layers.back();
        QCOMPARE(mean.operation, std::string("mean"));
        std::vector<std::string> ends;
        for (const int input : mean.inputs)
            ends.push_back(layer->cell.front().layers[static_cast<std::size_t>(input)].name);
        // 0 0 0 | 1 1 | 2 1 | 2 0 | 2 0 | 5 1 | 1 0 | 6 1 | 8 1 | 8 1 | 8 1: nobody takes 3, 4, 7, 9, 10 and 11.
        const std::vector<std::string> expected = {"cell/3/highway", "cell/4/highway", "cell/7/highway", "cell/9/highway", "cell/10/highway", "cell/11/highway"};
        QCOMPARE(ends, expected);
    }
};

QTEST_GUILESS_MAIN(TestBenchmarks)
#include "tst_benchmarks.moc"
