// Networks of the papers from the operations here: their parameters and multiply-adds, to the last one.
#include "tests/core/ops/operation_support.h"

using namespace archscope;
using namespace archscope::ops;

namespace {

/// Sums up what layers cost, while shapes go through them.
class Network {
public:
    Shape layer(const std::string& operation, Given given, Shapes inputs)
    {
        const Case value{operation, std::move(given), std::move(inputs)};
        const Result<Shape> output = value.outputShape();
        if (!output)
            qFatal("%s", output.error().text().c_str());
        m_cost += value.cost();
        return *output;
    }
    const Cost& cost() const { return m_cost; }

private:
    Cost m_cost;
};

// NAS-Bench-201: cells of one operation on all six edges.

Shape residualBlock201(Network& network, const Shape& x, std::int64_t channels)
{
    const Given block{{"channels", whole(channels)}, {"order", word("act-conv-norm")}};
    Given halving = block;
    halving["stride"] = whole(2);
    const Shape main = network.layer("conv-block", block, {network.layer("conv-block", halving, {x})});
    const Shape pooled = network.layer("avg-pool", {{"padding", word("valid")}}, {x});
    return network.layer("add", {}, {main, network.layer("conv", {{"channels", whole(channels)}, {"kernel", whole(1)}}, {pooled})});
}

Cost nasBench201(const std::string& operation, Given given)
{
    Network network;
    Shape x = network.layer("conv-block", {{"channels", whole(16)}, {"activation", word("none")}}, {{3, 32, 32}});
    for (const std::int64_t channels : {16, 32, 64}) {
        if (channels > 16)
            x = residualBlock201(network, x, channels);
        if (operation == "conv-block")
            given["channels"] = whole(channels);
        for (int edge = 0; edge < 5 * 6; ++edge)
            x = network.layer(operation, given, {x});
    }
    x = network.layer("activation", {}, {network.layer("batch-norm", {}, {x})});
    network.layer("linear", {{"features", whole(10)}}, {network.layer("global-pool", {}, {x})});
    return network.cost();
}

// NAS-Bench-Macro: eight layers in stages of 2, 3 and 3; each stage halves the image and doubles the channels.

Cost nasBenchMacro(const std::string& architecture)
{
    Network network;
    std::int64_t channels = 32;
    Shape x = network.layer("conv-block", {{"channels", whole(channels)}}, {{3, 32, 32}});
    for (std::size_t i = 0; i < architecture.size(); ++i) {
        const bool first = i == 0 || i == 2 || i == 5;
        if (first)
            channels *= 2;
        const std::int64_t stride = first ? 2 : 1;
        if (architecture[i] != '0') {
            const bool small = architecture[i] == '1';
            x = network.layer("mbconv",
                              {{"channels", whole(channels)}, {"stride", whole(stride)}, {"kernel", whole(small ? 3 : 5)},
                               {"expansion", whole(small ? 3 : 6)}, {"activation", word("relu")}},
                              {x});
        } else if (first) {
            x = network.layer("conv-block", {{"channels", whole(channels)}, {"kernel", whole(1)}, {"stride", whole(2)}, {"activation", word("none")}}, {x});
        }
    }
    x = network.layer("conv-block", {{"channels", whole(1280)}, {"kernel", whole(1)}}, {x});
    network.layer("linear", {{"features", whole(10)}}, {network.layer("global-pool", {}, {x})});
    return network.cost();
}

// DARTS: an edge is an operation and the state it reads; two edges are summed to a new state.

using Edges = std::vector<std::pair<std::string, std::size_t>>;

Shape dartsEdge(Network& network, const std::string& name, const Shape& x, std::int64_t stride)
{
    Given given{{"stride", whole(stride)}};
    if (name == "skip_connect")
        return network.layer("skip-connect", given, {x});
    given["kernel"] = whole(3);
    if (name == "max_pool_3x3")
        return network.layer("max-pool", given, {x});
    given["channels"] = whole(x[0]);
    given["order"] = word("act-conv-norm");
    if (name == "sep_conv_3x3")
        given["repeats"] = whole(2);
    else
        given["dilation"] = whole(2);
    return network.layer("separable-conv", given, {x});
}

Cost darts(const Edges& normal, const Edges& reduction, std::int64_t channels, int cells)
{
    Network network;
    const Shape stem = network.layer("conv-block", {{"channels", whole(3 * channels)}, {"activation", word("none")}}, {{3, 32, 32}});
    Shape before = stem;
    Shape last = stem;
    for (int cell = 0; cell < cells; ++cell) {
        const bool reduces = cell == cells / 3 || cell == 2 * cells / 3;
        if (reduces)
            channels *= 2;
        const Edges& edges = reduces ? reduction : normal;
        Shapes states{network.layer("cell-input", {{"channels", whole(channels)}}, {before, last}),
                      network.layer("cell-input", {{"channels", whole(channels)}}, {last, last})};
        for (std::size_t i = 0; i < edges.size(); i += 2) {
            Shapes summed;
            for (const auto& [name, from] : {edges[i], edges[i + 1]})
                summed.push_back(dartsEdge(network, name, states[from], reduces && from < 2 ? 2 : 1));
            states.push_back(network.layer("add", {}, summed));
        }
        before = last;
        last = network.layer("concat", {}, Shapes(states.begin() + 2, states.end()));
    }
    network.layer("linear", {{"features", whole(10)}}, {network.layer("global-pool", {}, {last})});
    return network.cost();
}

} // namespace

class TestPublishedCounts : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void nasBench201Networks()
    {
        // The benchmark's figure, 220.12 million, has the convolutions and the classifier.
        const Cost convolutions = nasBench201("conv-block", {{"kernel", whole(3)}, {"order", word("act-conv-norm")}});
        QCOMPARE(convolutions.parameters, 1'531'546);
        QCOMPARE(convolutions.flops, 220'119'680);
        for (const auto& [operation, given] : std::map<std::string, Given>{
                 {"skip-connect", {}}, {"zero", {}}, {"avg-pool", {{"kernel", whole(3)}, {"stride", whole(1)}}}}) {
            const Cost bare = nasBench201(operation, given);
            QCOMPARE(bare.parameters, 73'306);
            QCOMPARE(bare.flops, 7'783'040);
        }
    }

    /// Rows of the published table.
    void nasBenchMacroNetworks_data()
    {
        QTest::addColumn<qint64>("parameters");
        QTest::addColumn<qint64>("flops");
        QTest::newRow("00000000") << qint64{387882} << qint64{7713280};
        QTest::newRow("00000001") << qint64{791594} << qint64{14115328};
        QTest::newRow("11111111") << qint64{1588874} << qint64{53246464};
        QTest::newRow("22222222") << qint64{2932586} << qint64{105660928};
        QTest::newRow("22212220") << qint64{1985514} << qint64{85164544};
        QTest::newRow("01201201") << qint64{1283434} << qint64{46109184};
        QTest::newRow("20010210") << qint64{1201514} << qint64{39989760};
    }
    void nasBenchMacroNetworks()
    {
        const Cost cost = nasBenchMacro(QTest::currentDataTag());
        QTEST(qint64{cost.parameters}, "parameters");
        QTEST(qint64{cost.flops}, "flops");
    }

    /// DARTS's second-order network for CIFAR-10: its authors' code prints "param size = 3.349342MB".
    void dartsNetwork()
    {
        const Edges normal{{"sep_conv_3x3", 0}, {"sep_conv_3x3", 1}, {"sep_conv_3x3", 0}, {"sep_conv_3x3", 1},
                           {"sep_conv_3x3", 1}, {"skip_connect", 0}, {"skip_connect", 0}, {"dil_conv_3x3", 2}};
        const Edges reduction{{"max_pool_3x3", 0}, {"max_pool_3x3", 1}, {"skip_connect", 2}, {"max_pool_3x3", 1},
                              {"max_pool_3x3", 0}, {"skip_connect", 2}, {"skip_connect", 2}, {"max_pool_3x3", 1}};
        QCOMPARE(darts(normal, reduction, 36, 20).parameters, 3'349'342);
    }
};

QTEST_GUILESS_MAIN(TestPublishedCounts)
#include "tst_published_counts.moc"
