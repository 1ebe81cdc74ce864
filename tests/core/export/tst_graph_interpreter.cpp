#include "core/export/graph_interpreter.h"

#include <QtTest>
#include <cmath>

using namespace archscope;
using namespace archscope::exporting;

namespace {

using Integers = std::vector<std::int64_t>;
using Floats = std::vector<float>;

/// A graph of one node that reads "x", then the given constants.
OnnxGraph graphOf(const std::string& type, Integers inputShape, std::vector<OnnxTensor> constants = {},
    decltype(OnnxNode::attributes) attributes = {})
{
    OnnxGraph graph{ "x", std::move(inputShape), "y", {}, {}, {} };
    OnnxNode node{ "node", type, { "x" }, "y", std::move(attributes) };
    for (std::size_t i = 0; i < constants.size(); ++i) {
        node.inputs.push_back("c" + std::to_string(i));
        graph.initializers[node.inputs.back()] = std::move(constants[i]);
    }
    graph.nodes.push_back(std::move(node));
    return graph;
}

OnnxTensor floats(Integers shape, Floats values)
{
    return { std::move(shape), std::move(values) };
}
OnnxTensor integers(Integers values)
{
    return { { static_cast<std::int64_t>(values.size()) }, std::move(values) };
}

float sigmoidOf(float x)
{
    return 1 / (1 + std::exp(-x));
}

const Floats nine{ 1, 2, 3, 4, 5, 6, 7, 8, 9 };
const Integers image{ 1, 3, 3 };

} // namespace

class TestGraphInterpreter : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// Expected values worked out by hand from ONNX's specification.
    void evaluates_data()
    {
        QTest::addColumn<OnnxGraph>("graph");
        QTest::addColumn<Floats>("inputs");
        QTest::addColumn<Floats>("expected");
        const OnnxTensor ones = floats({ 1, 1, 2, 2 }, { 1, 1, 1, 1 });
        QTest::newRow("Conv") << graphOf("Conv", image, { ones }) << nine << Floats{ 12, 16, 24, 28 };
        QTest::newRow("Conv with bias") << graphOf("Conv", image, { ones, floats({ 1 }, { 0.5F }) }) << nine
                                        << Floats{ 12.5F, 16.5F, 24.5F, 28.5F };
        QTest::newRow("Conv padded at the end")
            << graphOf("Conv", image, { ones }, { { "pads", Integers{ 0, 0, 1, 1 } }, { "strides", Integers{ 2, 2 } } })
            << nine << Floats{ 12, 9, 15, 9 };
        QTest::newRow("Conv dilated") << graphOf("Conv", image, { ones }, { { "dilations", Integers{ 2, 2 } } }) << nine
                                      << Floats{ 20 };
        QTest::newRow("Conv in groups") << graphOf(
            "Conv", { 2, 1, 1 }, { floats({ 2, 1, 1, 1 }, { 10, 100 }) }, { { "group", std::int64_t{ 2 } } })
                                        << Floats{ 1, 2 } << Floats{ 10, 200 };
        QTest::newRow("MaxPool ignores padding") << graphOf("MaxPool", image, {},
            { { "kernel_shape", Integers{ 2, 2 } }, { "strides", Integers{ 2, 2 } }, { "pads", Integers{ 0, 0, 1, 1 } } })
                                                 << Floats{ -1, -2, -3, -4, -5, -6, -7, -8, -9 } << Floats{ -1, -3, -7, -9 };
        const decltype(OnnxNode::attributes) halves{ { "kernel_shape", Integers{ 2, 2 } }, { "strides", Integers{ 2, 2 } },
            { "pads", Integers{ 0, 0, 1, 1 } } };
        QTest::newRow("AveragePool without padding")
            << graphOf("AveragePool", image, {}, halves) << nine << Floats{ 3, 4.5F, 7.5F, 9 };
        auto counted = halves;
        counted["count_include_pad"] = std::int64_t{ 1 };
        QTest::newRow("AveragePool with padding")
            << graphOf("AveragePool", image, {}, counted) << nine << Floats{ 3, 2.25F, 3.75F, 2.25F };
        QTest::newRow("GlobalAveragePool") << graphOf("GlobalAveragePool", image) << nine << Floats{ 5 };
        QTest::newRow("GlobalMaxPool") << graphOf("GlobalMaxPool", image) << nine << Floats{ 9 };
        QTest::newRow("BatchNormalization") << graphOf("BatchNormalization", { 2 },
            { floats({ 2 }, { 2, 3 }), floats({ 2 }, { 1, 0 }), floats({ 2 }, { 5, 5 }), floats({ 2 }, { 4, 9 }) },
            { { "epsilon", 0.0F } }) << Floats{ 7, 8 }
                                            << Floats{ 3, 3 };
        QTest::newRow("LayerNormalization")
            << graphOf("LayerNormalization", { 2 }, { floats({ 2 }, { 1, 10 }) }, { { "epsilon", 0.0F } })
            << Floats{ 3, 7, 5, 1 } << Floats{ -1, 10, 1, -10 };
        QTest::newRow("InstanceNormalization") << graphOf(
            "InstanceNormalization", { 2, 2 }, { floats({ 2 }, { 1, 2 }), floats({ 2 }, { 0, 1 }) }, { { "epsilon", 0.0F } })
                                               << Floats{ 3, 7, 5, 1 } << Floats{ -1, 1, 3, -1 };
        QTest::newRow("Gemm") << graphOf(
            "Gemm", { 2 }, { floats({ 1, 2 }, { 3, 4 }), floats({ 1 }, { 1 }) }, { { "transB", std::int64_t{ 1 } } })
                              << Floats{ 1, 2, 0, 1 } << Floats{ 12, 5 };
        QTest::newRow("MatMul") << graphOf("MatMul", { 2 }, { floats({ 2, 1 }, { 3, 4 }) }) << Floats{ 1, 2 }
                                << Floats{ 11 };
        QTest::newRow("Flatten") << graphOf("Flatten", image) << nine << nine;
        QTest::newRow("Reshape keeps the batch")
            << graphOf("Reshape", { 4 }, { integers({ 0, 2, -1 }) }) << Floats{ 1, 2, 3, 4 } << Floats{ 1, 2, 3, 4 };
        QTest::newRow("Transpose") << graphOf("Transpose", { 2, 2 }, {}, { { "perm", Integers{ 0, 2, 1 } } })
                                   << Floats{ 1, 2, 3, 4 } << Floats{ 1, 3, 2, 4 };
        QTest::newRow("Expand") << graphOf("Expand", { 1 }, { integers({ 1, 3 }) }) << Floats{ 7 } << Floats{ 7, 7, 7 };
        QTest::newRow("Add broadcasts") << graphOf("Add", { 2 }, { floats({}, { 1 }) }) << Floats{ 1, 2 } << Floats{ 2, 3 };
        QTest::newRow("Mul") << graphOf("Mul", { 2 }, { floats({ 2 }, { 3, 4 }) }) << Floats{ 1, 2 } << Floats{ 3, 8 };
        QTest::newRow("Concat") << graphOf("Concat", { 2 }, { floats({ 1, 1 }, { 9 }) }, { { "axis", std::int64_t{ 1 } } })
                                << Floats{ 1, 2 } << Floats{ 1, 2, 9 };
        QTest::newRow("Softmax") << graphOf("Softmax", { 2 }) << Floats{ 0, 0, 100, 100 }
                                 << Floats{ 0.5F, 0.5F, 0.5F, 0.5F };
        QTest::newRow("Relu") << graphOf("Relu", { 2 }) << Floats{ -1, 2 } << Floats{ 0, 2 };
        QTest::newRow("LeakyRelu") << graphOf("LeakyRelu", { 2 }, {}, { { "alpha", 0.5F } }) << Floats{ -1, 2 }
                                   << Floats{ -0.5F, 2 };
        QTest::newRow("Elu") << graphOf("Elu", { 2 }) << Floats{ -1, 2 } << Floats{ std::exp(-1.0F) - 1, 2 };
        QTest::newRow("Sigmoid") << graphOf("Sigmoid", { 2 }) << Floats{ -1, 2 } << Floats{ sigmoidOf(-1), sigmoidOf(2) };
        QTest::newRow("Tanh") << graphOf("Tanh", { 2 }) << Floats{ -1, 2 } << Floats{ std::tanh(-1.0F), std::tanh(2.0F) };
        QTest::newRow("Erf") << graphOf("Erf", { 2 }) << Floats{ -1, 2 } << Floats{ std::erf(-1.0F), std::erf(2.0F) };
        QTest::newRow("HardSigmoid") << graphOf("HardSigmoid", { 4 }, {}, { { "alpha", 0.25F }, { "beta", 0.5F } })
                                     << Floats{ -4, 0, 1, 3 } << Floats{ 0, 0.5F, 0.75F, 1 };
        QTest::newRow("Clip") << graphOf("Clip", { 3 }, { floats({}, { 0 }), floats({}, { 6 }) }) << Floats{ -1, 2, 7 }
                              << Floats{ 0, 2, 6 };
        const Floats four{ 1, 2, 3, 4 };
        const OnnxTensor corner = floats({ 1, 1, 2, 2 }, { 1, 10, 100, 1000 });
        QTest::newRow("ConvTranspose") << graphOf("ConvTranspose", { 1, 1, 2 }, { corner }) << Floats{ 1, 2 }
                                       << Floats{ 1, 12, 20, 100, 1200, 2000 };
        QTest::newRow("ConvTranspose cut and added to")
            << graphOf("ConvTranspose", { 1, 1, 2 }, { corner },
                   { { "strides", Integers{ 2, 2 } }, { "pads", Integers{ 1, 0, 0, 1 } }, { "output_padding", Integers{ 0, 1 } } })
            << Floats{ 1, 2 } << Floats{ 100, 1000, 200, 2000 };
        QTest::newRow("Slice") << graphOf("Slice", { 5 }, { integers({ 1 }), integers({ -1 }), integers({ 1 }), integers({ 2 }) })
                               << Floats{ 1, 2, 3, 4, 5 } << Floats{ 2, 4 };
        QTest::newRow("Pad, and cut off") << graphOf("Pad", { 1, 2, 2 }, { integers({ 0, 0, -1, 0, 0, 0, 1, 1 }) }) << four
                                          << Floats{ 3, 4, 0, 0, 0, 0 };
        const OnnxTensor none = floats({ 0 }, {});
        const OnnxTensor twice = floats({ 4 }, { 1, 1, 1, 2 });
        const auto resized = [&](decltype(OnnxNode::attributes) attributes) {
            OnnxGraph graph = graphOf("Resize", { 1, 1, 2 }, { none, twice }, std::move(attributes));
            graph.nodes[0].inputs[1].clear();
            return graph;
        };
        QTest::newRow("Resize by repeating")
            << resized({ { "mode", std::string("nearest") }, { "coordinate_transformation_mode", std::string("asymmetric") },
                   { "nearest_mode", std::string("floor") } })
            << Floats{ 1, 2 } << Floats{ 1, 1, 2, 2 };
        QTest::newRow("Resize by blending")
            << resized({ { "mode", std::string("linear") }, { "coordinate_transformation_mode", std::string("half_pixel") } })
            << Floats{ 1, 2 } << Floats{ 1, 1.25F, 1.75F, 2 };
        QTest::newRow("HardSwish") << graphOf("HardSwish", { 4 }) << Floats{ -4, 0, 3, 1 } << Floats{ 0, 0, 3, 4.0F / 6 };
        QTest::newRow("Conv along a line") << graphOf("Conv", { 1, 3 }, { floats({ 1, 1, 2 }, { 1, 10 }) },
            { { "pads", Integers{ 1, 0 } }, { "strides", Integers{ 2 } } })
                                           << Floats{ 1, 2, 3 } << Floats{ 10, 32 };
        QTest::newRow("MaxPool along a line")
            << graphOf("MaxPool", { 1, 3 }, {}, { { "kernel_shape", Integers{ 2 } }, { "pads", Integers{ 0, 1 } } })
            << Floats{ -1, -2, -3 } << Floats{ -1, -2, -3 };
        QTest::newRow("AveragePool along a line")
            << graphOf("AveragePool", { 1, 3 }, {}, { { "kernel_shape", Integers{ 2 } }, { "pads", Integers{ 0, 1 } } })
            << Floats{ 1, 2, 3 } << Floats{ 1.5F, 2.5F, 3 };
        QTest::newRow("Gather") << graphOf("Gather", { 3 }, { integers({ 2, -3 }) }, { { "axis", std::int64_t{ 1 } } })
                                << Floats{ 5, 6, 7 } << Floats{ 7, 5 };
        QTest::newRow("Max") << graphOf("Max", { 2 }, { floats({ 1 }, { 1.5F }) }) << Floats{ 1, 2 } << Floats{ 1.5F, 2 };
        QTest::newRow("Min") << graphOf("Min", { 2 }, { floats({ 1 }, { 1.5F }) }) << Floats{ 1, 2 } << Floats{ 1, 1.5F };
        QTest::newRow("ReduceMean") << graphOf(
            "ReduceMean", { 2, 2 }, {}, { { "axes", Integers{ 1 } }, { "keepdims", std::int64_t{ 0 } } })
                                    << Floats{ 1, 2, 3, 4 } << Floats{ 2, 3 };
        QTest::newRow("ReduceMax") << graphOf("ReduceMax", { 2, 2 }, {}, { { "axes", Integers{ 2 } } })
                                   << Floats{ 1, 2, 3, 4 } << Floats{ 2, 4 };
        QTest::newRow("Trilu, lower") << graphOf("Trilu", { 2, 2 }, {}, { { "upper", std::int64_t{ 0 } } })
                                      << Floats{ 1, 2, 3, 4 } << Floats{ 1, 0, 3, 4 };
        QTest::newRow("Trilu, upper") << graphOf("Trilu", { 2, 2 }) << Floats{ 1, 2, 3, 4 } << Floats{ 1, 2, 0, 4 };
        // Recurrent operators have time first: two steps are two samples of the graph, of a batch of one.
        const Integers line{ 1, 1 };
        QTest::newRow("RNN") << graphOf("RNN", line, { floats({ 1, 1, 1 }, { 2 }), floats({ 1, 1, 1 }, { 3 }), floats({ 1, 2 }, { 0.5F, 0.25F }) },
            { { "activations", std::vector<std::string>{ "Relu" } } })
                             << Floats{ 1, 2 } << Floats{ 2.75F, 13 };
        QTest::newRow("RNN, both ways") << graphOf("RNN", line, { floats({ 2, 1, 1 }, { 1, 1 }), floats({ 2, 1, 1 }, { 10, 10 }) },
            { { "direction", std::string("bidirectional") }, { "activations", std::vector<std::string>{ "Relu", "Relu" } } })
                                        << Floats{ 1, 2 } << Floats{ 1, 21, 12, 2 };
        const auto tanh = [](float x) { return std::tanh(x); };
        // Gates i, o, f, c with different weights, so that no two can be confused.
        const float memory = sigmoidOf(1) * tanh(4);
        const float state = sigmoidOf(2) * tanh(memory);
        const float memory2 = sigmoidOf(3 + 0.3F * state) * memory + sigmoidOf(1 + 0.1F * state) * tanh(4 + 0.4F * state);
        QTest::newRow("LSTM") << graphOf("LSTM", line, { floats({ 1, 4, 1 }, { 1, 2, 3, 4 }), floats({ 1, 4, 1 }, { 0.1F, 0.2F, 0.3F, 0.4F }) })
                              << Floats{ 1, 1 } << Floats{ state, sigmoidOf(2 + 0.2F * state) * tanh(memory2) };
        // Gates z, r, h.
        const float first = (1 - sigmoidOf(1)) * tanh(3 + sigmoidOf(2) * 0.5F);
        const float update = sigmoidOf(1 + 0.1F * first);
        const float reset = sigmoidOf(2 + 0.2F * first);
        const std::vector<OnnxTensor> gru{ floats({ 1, 3, 1 }, { 1, 2, 3 }), floats({ 1, 3, 1 }, { 0.1F, 0.2F, 0.3F }),
            floats({ 1, 6 }, { 0, 0, 0, 0, 0, 0.5F }) };
        QTest::newRow("GRU, linear before reset") << graphOf("GRU", line, gru, { { "linear_before_reset", std::int64_t{ 1 } } })
                                                  << Floats{ 1, 1 }
                                                  << Floats{ first, (1 - update) * tanh(3 + reset * (0.3F * first + 0.5F)) + update * first };
    }
    void evaluates()
    {
        QFETCH(OnnxGraph, graph);
        QFETCH(Floats, inputs);
        QFETCH(Floats, expected);
        const auto outputs = evaluateGraph(graph, inputs, {});
        QVERIFY2(outputs, outputs ? "" : outputs.error().text().c_str());
        QCOMPARE(outputs->size(), expected.size());
        for (std::size_t i = 0; i < expected.size(); ++i)
            QVERIFY2(std::abs(outputs->at(i) - expected[i]) < 1e-5F,
                qPrintable(QStringLiteral("%1: %2").arg(i).arg(outputs->at(i))));
    }

    void refusesWhatItDoesNotKnow_data()
    {
        QTest::addColumn<OnnxGraph>("graph");
        QTest::addColumn<QString>("said");
        QTest::newRow("operator") << graphOf("Einsum", { 2 }) << "'Einsum' is not known";
        QTest::newRow("attribute") << graphOf("Relu", { 2 }, {}, { { "strength", 1.0F } }) << "'strength' is not known";
        QTest::newRow("attribute's type") << graphOf("Elu", { 2 }, {}, { { "alpha", std::int64_t{ 1 } } })
                                          << "'alpha' has the wrong type";
        QTest::newRow("rounding up") << graphOf(
            "MaxPool", image, {}, { { "kernel_shape", Integers{ 2, 2 } }, { "ceil_mode", std::int64_t{ 1 } } })
                                     << "'ceil_mode'";
        QTest::newRow("automatic padding")
            << graphOf("Conv", image, { floats({ 1, 1, 1, 1 }, { 1 }) }, { { "auto_pad", std::string("SAME_UPPER") } })
            << "padding must be given";
        QTest::newRow("mirrored padding")
            << graphOf("Pad", { 2 }, { integers({ 0, 1, 0, 1 }) }, { { "mode", std::string("reflect") } }) << "constant padding";
        QTest::newRow("cubic resizing") << graphOf("Resize", { 2 }, {}, { { "mode", std::string("cubic") } }) << "'nearest'";
        QTest::newRow("backward slice")
            << graphOf("Slice", { 2 }, { integers({ 1 }), integers({ 0 }), integers({ 1 }), integers({ -1 }) })
            << "forward steps";
        QTest::newRow("missing input") << graphOf("Add", { 2 }) << "input 1 is missing";
        OnnxGraph dangling = graphOf("Relu", { 2 });
        dangling.nodes[0].inputs = { "nowhere" };
        QTest::newRow("dangling input") << dangling << "'nowhere'";
        OnnxGraph unfinished = graphOf("Relu", { 2 });
        unfinished.output = "z";
        QTest::newRow("no output") << unfinished << "'z'";
        QTest::newRow("shapes that do not fit") << graphOf("MatMul", { 2 }, { floats({ 3, 1 }, { 1, 2, 3 }) }) << "";
    }
    void refusesWhatItDoesNotKnow()
    {
        QFETCH(OnnxGraph, graph);
        QFETCH(QString, said);
        const auto outputs = evaluateGraph(graph, graph.inputShape == image ? nine : Floats{ 1, 2 }, {});
        QVERIFY(!outputs);
        QVERIFY2(QString::fromStdString(outputs.error().text()).contains(said), outputs.error().text().c_str());
    }

    void evaluatesManyBatches()
    {
        Floats inputs(1000);
        for (std::size_t i = 0; i < inputs.size(); ++i)
            inputs[i] = static_cast<float>(i);
        const auto outputs = evaluateGraph(graphOf("Identity", { 1 }), inputs, {});
        QVERIFY(outputs);
        QCOMPARE(*outputs, inputs);
    }

    void stops()
    {
        std::stop_source source;
        source.request_stop();
        const auto outputs = evaluateGraph(graphOf("Identity", { 1 }), Floats{ 1 }, source.get_token());
        QVERIFY(!outputs);
        QCOMPARE(outputs.error().code, ErrorCode::Cancelled);
    }
};

QTEST_GUILESS_MAIN(TestGraphInterpreter)
#include "tst_graph_interpreter.moc"
