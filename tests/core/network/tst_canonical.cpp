// Which networks are one: the rules of simplification one by one, the hash against Boost's isomorphism, and speed on
// networks that are large or very symmetric.
#include "core/base/rng.h"
#include "core/catalog/catalog.h"
#include "core/network/canonical.h"

#include <QtTest>
#include <array>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/vf2_sub_graph_iso.hpp>
#include <map>
#include <numeric>
#include <rapidcheck.h>
#include <set>
#include <sstream>

using namespace archscope;
using namespace archscope::network;

namespace {

const space::OperationSet& operations()
{
    static const catalog::Catalog catalog;
    return catalog.operations();
}

const Shape imageShape{4, 6, 6};

class Builder {
public:
    explicit Builder(Shape input = imageShape)
    {
        network.task = {std::move(input), 1};
        Layer layer;
        layer.name = "in";
        layer.operation = "input";
        layer.output = network.task.input;
        network.layers.push_back(std::move(layer));
    }

    int add(const std::string& operation, std::vector<int> inputs, const std::map<std::string, std::string>& given = {},
            std::string name = {})
    {
        const space::OperationTraits* traits = operations().find(operation);
        if (!traits)
            qFatal("there is no operation '%s'", operation.c_str());
        std::map<std::string, space::Literal> values;
        for (const space::ParameterDescriptor& parameter : traits->descriptor().parameters) {
            if (const auto found = given.find(parameter.name); found != given.end())
                values[parameter.name] = *parameter.parse(found->second);
        }
        Layer layer;
        layer.name = name.empty() ? "layer" + std::to_string(network.layers.size()) : std::move(name);
        layer.operation = operation;
        layer.parameters = *space::completed(traits->descriptor().parameters, values, layer.name);
        std::vector<Shape> shapes;
        for (const int input : inputs)
            shapes.push_back(network.layers[static_cast<std::size_t>(input)].output);
        const auto output = traits->outputShape(shapes, layer.parameters);
        if (!output)
            qFatal("%s", output.error().text().c_str());
        layer.output = *output;
        layer.cost = traits->cost(shapes, layer.output, layer.parameters);
        layer.inputs = std::move(inputs);
        network.layers.push_back(std::move(layer));
        return static_cast<int>(network.layers.size()) - 1;
    }
    int conv(int input) { return add("conv", {input}, {{"channels", "4"}}); }

    Network network;
};

/// "a conv in channels=4; s add a in": name, operation, inputs by name, parameters; the last is the output.
Network written(const QString& text, const Shape& input = imageShape)
{
    Builder builder(input);
    std::map<std::string, int> known = {{"in", 0}};
    for (const QString& line : text.split(';', Qt::SkipEmptyParts)) {
        std::istringstream words(line.toStdString());
        std::string name, operation;
        words >> name >> operation;
        std::vector<int> inputs;
        std::map<std::string, std::string> given;
        for (std::string word; words >> word;) {
            if (const auto equals = word.find('='); equals != std::string::npos)
                given[word.substr(0, equals)] = word.substr(equals + 1);
            else
                inputs.push_back(known.at(word));
        }
        if (operation.find("conv") != std::string::npos)
            given.try_emplace("channels", "4");
        known[name] = builder.add(operation, inputs, given, name);
    }
    return builder.network;
}

// What Boost says.

struct Label {
    std::string text;
};
using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::bidirectionalS, Label, Label>;

Graph graphOf(const Network& network)
{
    Graph graph(network.layers.size());
    for (std::size_t i = 0; i < network.layers.size(); ++i) {
        const Layer& layer = network.layers[i];
        Json label = {layer.operation};
        for (const auto& [name, value] : layer.parameters.values())
            label.push_back({name, space::literalToJson(value)});
        if (layer.inputs.empty())
            label.push_back(layer.output);
        graph[i].text = label.dump();
        const bool commutes = layer.operation == "add" || layer.operation == "multiply";
        std::map<int, std::string> ports; // one edge for all between two layers
        for (std::size_t port = 0; port < layer.inputs.size(); ++port)
            ports[layer.inputs[port]] += commutes ? "x" : std::to_string(port) + ",";
        for (const auto& [from, label2] : ports)
            boost::add_edge(static_cast<std::size_t>(from), i, Label{label2}, graph);
    }
    return graph;
}

bool isomorphic(const Network& a, const Network& b)
{
    const Graph first = graphOf(a);
    const Graph second = graphOf(b);
    if (boost::num_vertices(first) != boost::num_vertices(second) || boost::num_edges(first) != boost::num_edges(second))
        return false;
    return boost::vf2_graph_iso(
        first, second, [](const auto&, const auto&) { return false; }, boost::vertex_order_by_mult(first),
        boost::edges_equivalent([&](const auto& x, const auto& y) { return first[x].text == second[y].text; })
            .vertices_equivalent([&](const auto& x, const auto& y) { return first[x].text == second[y].text; }));
}

// Random networks and what may be done to them without changing what they compute.

int pick(Rng& rng, int count) { return static_cast<int>(rng.below(static_cast<std::uint64_t>(count))); }

Network randomNetwork(Rng& rng, int layers)
{
    static const std::vector<std::pair<std::string, std::map<std::string, std::string>>> kinds = {
        {"conv", {{"channels", "4"}}}, {"conv", {{"channels", "4"}, {"bias", "yes"}}}, {"max-pool", {{"stride", "1"}, {"kernel", "3"}}},
        {"activation", {{"kind", "relu"}}}, {"activation", {{"kind", "sigmoid"}}}, {"batch-norm", {}}, {"identity", {}}, {"zero", {}},
        {"dropout", {{"rate", "0"}}}, {"dropout", {{"rate", "0.5"}}}};
    Builder builder;
    for (int i = 0; i < layers; ++i) {
        // Recent layers more often, so that networks are deep as well as wide.
        const auto input = [&] { return std::max(pick(rng, i + 1), pick(rng, i + 1)); };
        const int kind = pick(rng, 2 * static_cast<int>(kinds.size()));
        if (kind < static_cast<int>(kinds.size())) {
            builder.add(kinds[static_cast<std::size_t>(kind)].first, {input()}, kinds[static_cast<std::size_t>(kind)].second);
        } else if (kind % 4 == 3) {
            builder.add("multiply", {input(), input()});
        } else {
            std::vector<int> inputs(1 + static_cast<std::size_t>(pick(rng, 3)));
            for (int& from : inputs)
                from = input();
            builder.add("add", inputs);
        }
    }
    return builder.network;
}

/// The same layers under other names in another topological order; inputs of sums and products in another order.
Network disguised(const Network& network, Rng& rng)
{
    const std::size_t count = network.layers.size();
    std::vector<std::size_t> order = {0};
    std::vector<bool> placed(count, false);
    placed[0] = true;
    while (order.size() < count) {
        std::vector<std::size_t> ready;
        for (std::size_t i = 0; i < count; ++i) {
            const auto& inputs = network.layers[i].inputs;
            if (!placed[i] && (i + 1 < count || order.size() + 1 == count)
                && std::ranges::all_of(inputs, [&](int from) { return placed[static_cast<std::size_t>(from)]; }))
                ready.push_back(i);
        }
        const std::size_t next = ready[rng.below(ready.size())];
        placed[next] = true;
        order.push_back(next);
    }
    std::vector<int> place(count);
    for (std::size_t i = 0; i < count; ++i)
        place[order[i]] = static_cast<int>(i);
    Network result;
    result.task = network.task;
    for (const std::size_t from : order) {
        Layer layer = network.layers[from];
        layer.name = "n" + std::to_string(rng.below(1'000'000)) + "/" + std::to_string(from);
        layer.origin = space::NodeId(static_cast<std::int64_t>(rng.below(1000)));
        for (int& input : layer.inputs)
            input = place[static_cast<std::size_t>(input)];
        if (layer.operation == "add" || layer.operation == "multiply")
            rng.shuffle(std::span(layer.inputs));
        result.layers.push_back(std::move(layer));
    }
    return result;
}

/// One layer more, of no effect: on the way between two layers, in front of the output, or beside everything.
Network decorated(const Network& network, Rng& rng)
{
    const int at = 1 + pick(rng, static_cast<int>(network.layers.size()));
    const auto position = static_cast<std::size_t>(at);
    Builder builder;
    builder.network.task = network.task;
    builder.network.layers.assign(network.layers.begin(), network.layers.begin() + at);
    const int from = pick(rng, at);
    const bool last = position == network.layers.size();
    int replacement = last ? at - 1 : from;
    const int choice = last ? pick(rng, 4) : pick(rng, 5);
    if (choice == 0)
        replacement = builder.add("identity", {replacement});
    else if (choice == 1)
        replacement = builder.add("add", {replacement});
    else if (choice == 2)
        replacement = builder.add("dropout", {replacement}, {{"rate", "0"}});
    else if (choice == 3)
        replacement = builder.add("add", {builder.add("zero", {from}), replacement});
    else
        builder.add("conv", {from}, {{"channels", "4"}}); // nobody reads it
    const int more = static_cast<int>(builder.network.layers.size()) - at;
    const std::size_t changed = last ? 0 : position + rng.below(network.layers.size() - position);
    for (std::size_t i = position; i < network.layers.size(); ++i) {
        Layer layer = network.layers[i];
        for (int& input : layer.inputs) {
            if (input >= at)
                input += more;
            else if (i == changed && input == from)
                input = replacement;
        }
        builder.network.layers.push_back(std::move(layer));
    }
    return builder.network;
}

/// Products of neighbours in rings of convolutions: by their neighbours alone, one ring of six looks like two of three.
Network rings(const std::vector<int>& sizes)
{
    Builder builder;
    std::vector<int> products;
    for (const int size : sizes) {
        std::vector<int> convs;
        for (int i = 0; i < size; ++i)
            convs.push_back(builder.conv(0));
        for (int i = 0; i < size; ++i)
            products.push_back(builder.add("multiply", {convs[static_cast<std::size_t>(i)], convs[static_cast<std::size_t>((i + 1) % size)]}));
    }
    for (int& product : products)
        product = builder.conv(product);
    builder.add("add", products);
    return builder.network;
}

enum class Join { All, AllButOwn };

/// Layers of convolutions, each fed by the sum of all (or all others) of the layer before.
Network dense(int width, int depth, Join join)
{
    Builder builder;
    std::vector<int> row(static_cast<std::size_t>(width));
    for (int& conv : row)
        conv = builder.conv(0);
    for (int level = 0; level < depth; ++level) {
        std::vector<int> next;
        for (std::size_t i = 0; i < row.size(); ++i) {
            std::vector<int> inputs = row;
            if (join == Join::AllButOwn)
                inputs.erase(inputs.begin() + static_cast<std::ptrdiff_t>(i));
            next.push_back(builder.conv(builder.add("add", inputs)));
        }
        row = std::move(next);
    }
    builder.add("add", row);
    return builder.network;
}

/// So many equal branches in parallel, each of which splits into as many again.
int branches(Builder& builder, int from, int width, int depth)
{
    if (depth == 0)
        return builder.conv(from);
    std::vector<int> ends;
    for (int i = 0; i < width; ++i)
        ends.push_back(builder.conv(branches(builder, builder.conv(from), width, depth - 1)));
    return builder.add("add", ends);
}

} // namespace

class TestCanonical : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void rules_data()
    {
        QTest::addColumn<QString>("one");
        QTest::addColumn<QString>("other");
        QTest::addColumn<bool>("same");
        const auto row = [](const char* name, const char* one, const char* other, bool same) {
            QTest::newRow(name) << QString(one) << QString(other) << same;
        };
        row("identity", "a conv in; i identity a; b conv i", "a conv in; b conv a", true);
        row("identity alone", "i identity in", "", true);
        row("dropout of nothing", "a conv in; d dropout a rate=0", "a conv in", true);
        row("dropout stays", "a conv in; d dropout a rate=0.1", "a conv in", false);
        row("sum of one", "a conv in; s add a", "a conv in", true);
        row("product of one", "a conv in; s multiply a", "a conv in", true);
        row("concatenation of one", "a conv in; s concat a", "a conv in", true);
        row("dead branch", "a conv in; d conv in kernel=5; e activation d; b conv a", "a conv in; b conv a", true);
        row("zero term", "a conv in; z zero in; s add a z; b activation s", "a conv in; b activation a", true);
        row("zero term of three", "a conv in; z zero a; s add a z in", "a conv in; s add in a", true);
        row("what a zero reads is dead", "a conv in; x conv in; z zero x; s add a z in", "a conv in; s add a in", true);
        row("sum of zeros is a zero", "z zero in; y zero in; s add z y; a conv in; t add a s", "a conv in", true);
        row("zero through what maps it to itself",
            "z zero in; p max-pool z kernel=3 stride=1; q avg-pool p kernel=3 stride=1; d dropout q; r activation d kind=gelu;"
            "c conv r bias=no; a conv in; t add a c", "a conv in", true);
        row("zero does not pass a bias", "z zero in; c conv z bias=yes; a conv in; t add a c", "a conv in", false);
        row("what a norm shifts it to carries no data", "z zero in; c batch-norm z; a conv in; t add a c", "a conv in", true);
        row("not unless it is a term of a sum", "z zero in; c batch-norm z; a conv in; t multiply a c", "a conv in", false);
        row("nor what a product makes of it", "z zero in; c batch-norm z; a conv in; m multiply a c; t add m c", "a conv in; z zero in; c batch-norm z; t multiply a c", true);
        row("nor does a block with a norm", "z zero in; c conv-block z; d conv-block c; a conv in; t add a d", "a conv in", true);
        row("zero does not pass a sigmoid", "z zero in; c activation z kind=sigmoid; a conv in; t add a c", "a conv in", false);
        row("what lies behind a bias after a zero does not count", "x conv in; z zero x; c conv z bias=yes; t add in c",
            "z zero in; c conv z bias=yes; t add c in", true);
        row("zero that gets smaller", "z zero in; p max-pool z kernel=2 stride=2; c conv in stride=2; s add c p", "c conv in stride=2", true);
        row("shapes of zeros count", "z zero in; b conv z bias=yes", "p max-pool in kernel=2 stride=2; z zero p; b conv z bias=yes", false);
        row("zero in a concatenation stays", "z zero in; c concat in z; a conv c", "c concat in in; a conv c", false);
        row("in its place", "z zero in; c concat in z; a conv c", "z zero in; c concat z in; a conv c", false);
        row("but not what it reads", "x conv in; z zero x; c concat in z; a conv c", "z zero in; c concat in z; a conv c", true);
        row("concatenation of zeros is a zero", "z zero in; y zero in; c concat z y; a conv c bias=no; s add in a", "", true);
        row("product with a zero is a zero", "a conv in; z zero in; m multiply a z; s add in m", "", true);
        row("nothing but a zero", "a conv in; z zero a", "p max-pool in kernel=3 stride=1; z zero p", true);
        row("a zero is no input", "z zero in", "", false);
        row("nested sum", "a conv in; b activation in; s add a b; t add s in", "a conv in; b activation in; t add in a b", true);
        row("nested deeper, in another order", "a conv in; b activation in; s add b in; i identity s; t add a i; u add t",
            "a conv in; b activation in; s add a b; t add in s", true);
        row("nested product", "a conv in; s multiply a in; t multiply s in", "a conv in; t multiply in a in", true);
        row("nested concatenation keeps the order", "a conv in; s concat a in; t concat in s; e conv t", "a conv in; t concat in a in; e conv t", true);
        row("and no other", "a conv in; s concat a in; t concat s in; e conv t", "a conv in; t concat in in a; e conv t", false);
        row("a sum within a product", "a conv in; s add a in; t multiply s in", "a conv in; t add a in in", false);
        row("a sum that is read elsewhere too", "a conv in; s add a in; t add s a; r activation s; m multiply t r",
            "a conv in; s add a in; t add a in a; r activation s; m multiply t r", false);
        row("unless nobody counts who reads it", "a conv in; s add a in; t add s a; r activation s; z zero r; m add t z",
            "a conv in; m add a in a", true);
        row("two convolutions or one read twice", "a conv in; b conv in; s add a b", "a conv in; s add a a", false);
        row("the same further down", "a conv in; b conv in; c activation a; d activation b; s add c d", "a conv in; c activation a; d activation a; s add c d",
            false);
        row("parameters", "a conv in kernel=3", "a conv in kernel=5", false);
        row("operations", "a max-pool in kernel=3 stride=1", "a avg-pool in kernel=3 stride=1", false);
        row("order of a concatenation", "a conv in; b activation in; c concat a b; d conv c", "b activation in; a conv in; c concat b a; d conv c", false);
        row("order of a sum", "a conv in; b activation in; c add a b", "b activation in; a conv in; c add b a", true);
        row("how often a term is added", "s add in in", "s add in in in", false);
    }
    void rules()
    {
        QFETCH(QString, one);
        QFETCH(QString, other);
        QFETCH(bool, same);
        const Network a = written(one);
        const Network b = written(other);
        QCOMPARE(canonicalHash(a) == canonicalHash(b), same);
        QCOMPARE(isomorphic(simplified(a), simplified(b)), same);
        QCOMPARE(canonicalHash(a).size(), std::size_t(32));
    }

    void inputShapesCount()
    {
        QVERIFY(canonicalHash(written("a activation in", {4, 6, 6})) != canonicalHash(written("a activation in", {4, 6, 5})));
    }

    void literalsOfOneValueAreOne()
    {
        Network whole = written("d dropout in rate=0.5");
        Network real = whole;
        whole.layers[1].parameters.set("rate", std::int64_t{1});
        real.layers[1].parameters.set("rate", 1.0);
        QCOMPARE(canonicalHash(whole), canonicalHash(real));
    }

    void stableAcrossRuns()
    {
        // Stores keep these: whoever changes them makes old trials strangers.
        const Network network = written("a activation in; b activation in; s add a b in; d dropout s rate=0.25");
        QCOMPARE(QString::fromStdString(canonicalHash(network)), QString("29b119b73ea123333725598916b115ae"));
    }

    void simplifiedKeepsWhatStays()
    {
        const Network network = written("a conv in; i identity a; x conv in kernel=5; z zero x; s add i z; t add s in; f flatten t; e linear f features=3");
        const Network small = simplified(network);
        QCOMPARE(small.layers.size(), std::size_t(5));
        const std::vector<std::pair<std::size_t, std::vector<int>>> expected = {{0, {}}, {1, {0}}, {6, {1, 0}}, {7, {2}}, {8, {3}}};
        for (std::size_t i = 0; i < expected.size(); ++i) {
            Layer layer = network.layers[expected[i].first];
            layer.inputs = expected[i].second;
            QVERIFY(small.layers[i] == layer);
        }
        QCOMPARE(small.task, network.task);
        QCOMPARE(small.cost().parameters, network.layers[1].cost.parameters + network.layers[8].cost.parameters);
    }

    void zerosThatStayHaveNoInputs()
    {
        const Network small = simplified(written("x conv in; p max-pool x kernel=2 stride=2; z zero p; c conv z bias=yes; y zero p; d conv y bias=yes; s add c d"));
        QCOMPARE(small.layers.size(), std::size_t(5)); // input, zero, two convolutions, sum
        QCOMPARE(small.layers[1].operation, std::string("zero"));
        QCOMPARE(small.layers[1].output, (Shape{4, 3, 3}));
        QVERIFY(small.layers[1].inputs.empty());
        QCOMPARE(small.layers[2].inputs, std::vector<int>{1});
        QCOMPARE(small.layers[3].inputs, std::vector<int>{1});
    }

    void twoInputsAreTwo()
    {
        // As in a recurrent cell: the step's features, and the state.
        const auto cell = [](const QString& text, int output) {
            Network network = written(text);
            Layer state = network.layers[0];
            state.name = "state";
            for (Layer& layer : network.layers) {
                for (int& input : layer.inputs)
                    input += input > 0 || output == 1;
            }
            network.layers.insert(network.layers.begin() + 1, state);
            return network;
        };
        QVERIFY(canonicalHash(cell("a conv in", 0)) != canonicalHash(cell("a conv in", 1)));
        const Network first = cell("a identity in", 0);
        const Network second = cell("a identity in", 1);
        QVERIFY(canonicalHash(first) != canonicalHash(second));
        QCOMPARE(simplified(first).layers.size(), std::size_t(3));
        QCOMPARE(simplified(first).layers.back().inputs, std::vector<int>{0});
        QVERIFY(simplified(simplified(first)) == simplified(first));
        QCOMPARE(simplified(second).layers.size(), std::size_t(2));
    }

    void shapesStayRight()
    {
        int checked = 0;
        const bool holds = rc::check("a simplified network is one", [&] {
            Rng rng(*rc::gen::arbitrary<std::uint64_t>());
            const Network network = randomNetwork(rng, 1 + pick(rng, 25));
            const Network small = simplified(network);
            RC_ASSERT(small.outputShape() == network.outputShape());
            RC_ASSERT(small.layers.size() <= network.layers.size());
            RC_ASSERT(simplified(small) == small);
            RC_ASSERT(canonicalHash(small) == canonicalHash(network));
            bool constants = false;
            std::set<std::string> names;
            for (const Layer& layer : small.layers) {
                constants |= layer.operation == "zero";
                RC_ASSERT(names.insert(layer.name).second);
            }
            if (constants)
                return;
            ++checked;
            const auto back = networkFromJson(networkToJson(small), operations()); // infers shapes and costs anew
            RC_ASSERT(back.has_value());
            for (std::size_t i = 0; i < small.layers.size(); ++i) {
                RC_ASSERT(back->layers[i].output == small.layers[i].output);
                RC_ASSERT(back->layers[i].cost == small.layers[i].cost);
            }
        });
        QVERIFY(holds);
        QVERIFY(checked > 20);
    }

    void invariant()
    {
        const bool holds = rc::check("under new names, another order and layers without effect", [] {
            Rng rng(*rc::gen::arbitrary<std::uint64_t>());
            Network network = randomNetwork(rng, 1 + pick(rng, 30));
            const std::string hash = canonicalHash(network);
            for (int i = 0; i < 8; ++i) {
                network = rng.below(2) ? disguised(network, rng) : decorated(network, rng);
                RC_ASSERT(canonicalHash(network) == hash);
            }
        });
        QVERIFY(holds);
    }

    void equalExactlyWhenIsomorphic()
    {
        int same = 0;
        int different = 0;
        const bool holds = rc::check("as Boost says", [&] {
            Rng rng(*rc::gen::arbitrary<std::uint64_t>());
            const int layers = 2 + pick(rng, 4);
            std::map<std::string, std::vector<Network>> byHash;
            for (int i = 0; i < 25; ++i) {
                const Network network = randomNetwork(rng, layers);
                byHash[canonicalHash(network)].push_back(simplified(network));
            }
            for (auto one = byHash.begin(); one != byHash.end(); ++one) {
                for (std::size_t i = 1; i < one->second.size(); ++i, ++same)
                    RC_ASSERT(isomorphic(one->second.front(), one->second[i]));
                for (auto other = std::next(one); other != byHash.end(); ++other, ++different)
                    RC_ASSERT(!isomorphic(one->second.front(), other->second.front()));
            }
        });
        QVERIFY(holds);
        QVERIFY2(same > 100 && different > 1000, qPrintable(QString("%1 same, %2 different").arg(same).arg(different)));
    }

    void symmetric_data()
    {
        QTest::addColumn<int>("which");
        const char* names[] = {"ring of six", "two rings of three", "ring of twelve", "rings of many sizes", "all to all", "all to all others",
                               "forty branches", "branches of branches"};
        for (int i = 0; i < 8; ++i)
            QTest::newRow(names[i]) << i;
    }
    void symmetric()
    {
        QFETCH(int, which);
        const auto make = [](int number) {
            Builder builder;
            switch (number) {
            case 0:
                return rings({6});
            case 1:
                return rings({3, 3});
            case 2:
                return rings({12});
            case 3:
                return rings({3, 4, 5, 3, 4});
            case 4:
                return dense(12, 4, Join::All);
            case 5:
                return dense(12, 4, Join::AllButOwn);
            case 6:
                branches(builder, 0, 40, 1);
                return builder.network;
            default:
                branches(builder, 0, 4, 4);
                return builder.network;
            }
        };
        const Network network = make(which);
        const std::string hash = canonicalHash(network);
        Rng rng(3);
        for (int i = 0; i < 5; ++i)
            QCOMPARE(canonicalHash(disguised(network, rng)), hash);
        for (int other = 0; other < 8; ++other)
            QCOMPARE(canonicalHash(make(other)) == hash, other == which);
    }

    void largeNetworks()
    {
        Builder builder;
        int last = 0;
        for (int i = 0; i < 1500; ++i)
            last = builder.add("add", {builder.conv(last), last});
        Rng rng(1);
        QCOMPARE(canonicalHash(disguised(builder.network, rng)), canonicalHash(builder.network));
    }

    void searchIsBounded()
    {
        // Points and lines of a projective plane: any four points in general position look like any other four.
        constexpr int order = 5;
        std::vector<std::array<int, 3>> points;
        for (int x = 0; x < order; ++x) {
            for (int y = 0; y < order; ++y)
                points.push_back({1, x, y});
            points.push_back({0, 1, x});
        }
        points.push_back({0, 0, 1});
        Builder builder;
        std::vector<int> convs, lines;
        for (std::size_t i = 0; i < points.size(); ++i)
            convs.push_back(builder.conv(0));
        for (const auto& line : points) {
            std::vector<int> inputs;
            for (std::size_t i = 0; i < points.size(); ++i) {
                if ((line[0] * points[i][0] + line[1] * points[i][1] + line[2] * points[i][2]) % order == 0)
                    inputs.push_back(convs[i]);
            }
            QCOMPARE(inputs.size(), std::size_t(order + 1));
            lines.push_back(builder.conv(builder.add("multiply", inputs)));
        }
        builder.add("add", lines);
        // Without its bound the search would outlast the test's time limit.
        QCOMPARE(canonicalHash(builder.network).size(), std::size_t(32));
        const Network ring = rings({400}); // each round of refinement carries a difference one step further
        QCOMPARE(canonicalHash(ring).size(), std::size_t(32));
    }

    /// All 15,625 cells of NAS-Bench-201 (Dong and Yang 2020), alone between input and output.
    void nasBench201()
    {
        const char* names[] = {"none", "skip", "conv1", "conv3", "pool"};
        std::set<std::string> byBenchmark;
        std::set<std::string> byHash;
        for (int code = 0; code < 15625; ++code) {
            int rest = code;
            Builder builder;
            std::vector<std::string> strings = {"0"};
            std::vector<int> nodes = {0};
            for (int node = 1; node < 4; ++node) {
                std::vector<std::string> terms;
                std::vector<int> inputs;
                for (int from = 0; from < node; ++from, rest /= 5) {
                    const int operation = rest % 5;
                    const std::string& source = strings[static_cast<std::size_t>(from)];
                    // The benchmark's own rule (Structure.to_unique_str with zeros considered).
                    terms.push_back(operation == 0 || source == "#" ? "#" : operation == 1 ? source : "(" + source + ")@" + names[operation]);
                    int input = nodes[static_cast<std::size_t>(from)];
                    if (operation == 0)
                        input = builder.add("zero", {input});
                    else if (operation == 1)
                        input = builder.add("identity", {input});
                    else if (operation == 4)
                        input = builder.add("avg-pool", {input}, {{"kernel", "3"}, {"stride", "1"}});
                    else
                        input = builder.add("conv", {input}, {{"channels", "4"}, {"kernel", operation == 2 ? "1" : "3"}});
                    inputs.push_back(input);
                }
                nodes.push_back(builder.add("add", inputs));
                std::ranges::sort(terms);
                strings.push_back(std::accumulate(std::next(terms.begin()), terms.end(), terms.front(),
                                                  [](const std::string& all, const std::string& term) { return all + "+" + term; }));
            }
            byBenchmark.insert(strings.back());
            byHash.insert(canonicalHash(builder.network));
        }
        QCOMPARE(byBenchmark.size(), std::size_t(6466));
        qInfo("NAS-Bench-201: 15,625 cells, %zu by the benchmark's rule, %zu by canonical hash", byBenchmark.size(), byHash.size());
        QVERIFY(byHash.size() >= 4930 && byHash.size() <= 5773);
    }
};

QTEST_GUILESS_MAIN(TestCanonical)
#include "tst_canonical.moc"
