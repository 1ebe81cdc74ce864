// What operations on sequences promise besides shapes and gradients: who sees whom, and what is refused.
#include "tests/core/ops/operation_support.h"

#include <cmath>

using namespace archscope;
using namespace archscope::ops;

namespace {

at::Tensor run(const Case& value, const std::vector<at::Tensor>& inputs, const ForwardContext& context = {})
{
    return value.module(generatorWith(1))->forward(inputs, context);
}

} // namespace

class TestSequences : public QObject {
    Q_OBJECT
private Q_SLOTS:
    /// Changing a step changes nothing before it, and something from it on.
    void causal_data()
    {
        QTest::addColumn<Case>("value");
        QTest::addColumn<bool>("causal");
        const Shape sequence{8, 4};
        const auto row = [](const char* name, Case value, bool causal) { QTest::newRow(name) << value << causal; };
        row("conv1d", {"conv1d", {{"padding", word("causal")}, {"dilation", whole(2)}}, {sequence}}, true);
        row("conv1d, same", {"conv1d", {}, {sequence}}, false);
        row("separable", {"separable-conv1d", {{"padding", word("causal")}, {"norm", word("layer")}}, {sequence}}, true);
        row("max-pool1d", {"max-pool1d", {{"padding", word("causal")}, {"stride", whole(1)}}, {sequence}}, true);
        row("avg-pool1d", {"avg-pool1d", {{"padding", word("causal")}, {"stride", whole(1)}}, {sequence}}, true);
        row("attention", {"attention", {{"causal", true}}, {sequence}}, true);
        row("attention, both ways", {"attention", {}, {sequence}}, false);
        row("gru", {"gru", {}, {sequence}}, true);
        row("lstm", {"lstm", {{"layers", whole(2)}}, {sequence}}, true);
        row("bidirectional", {"lstm", {{"bidirectional", true}}, {sequence}}, false);
        row("attention-merge", {"attention-merge", {}, {sequence, sequence}}, true);
        row("feed-forward", {"feed-forward", {}, {sequence}}, true);
    }
    void causal()
    {
        QFETCH(Case, value);
        QFETCH(bool, causal);
        std::vector<at::Tensor> before;
        std::vector<at::Tensor> after;
        for (const Shape& shape : value.inputs) {
            before.push_back(randomBatch(2, shape, generatorWith(2)));
            after.push_back(before.back().clone());
            after.back().select(1, 5) += 5;
        }
        const at::Tensor difference = (run(value, before) - run(value, after)).abs().amax({0, 2});
        QCOMPARE(difference.slice(0, 0, 5).max().item<double>() < 1e-6, causal);
        QVERIFY(difference[5].item<double>() > 1e-4);
    }

    /// With dropout of the attention, another path computes it: without dropping, it must give the same.
    void attentionPathsAgree()
    {
        const std::vector<at::Tensor> input{randomBatch(2, {7, 8}, generatorWith(2))};
        for (const bool isCausal : {false, true}) {
            const Case fused{"attention", {{"causal", isCausal}}, {{7, 8}}};
            const Case plain{"attention", {{"causal", isCausal}, {"dropout", 1e-9}}, {{7, 8}}};
            QVERIFY(at::allclose(run(fused, input), run(plain, input, {true, generatorWith(3)}), 1e-4, 1e-6));
        }
    }

    void dropoutComesFromTheGenerator_data()
    {
        QTest::addColumn<Case>("value");
        const Shape sequence{8, 4};
        QTest::newRow("lstm") << Case{"lstm", {{"layers", whole(2)}, {"dropout", 0.5}}, {sequence}};
        QTest::newRow("attention") << Case{"attention", {{"dropout", 0.5}}, {sequence}};
        QTest::newRow("feed-forward") << Case{"feed-forward", {{"dropout", 0.5}}, {sequence}};
        QTest::newRow("positional-encoding") << Case{"positional-encoding", {{"dropout", 0.5}}, {sequence}};
    }
    void dropoutComesFromTheGenerator()
    {
        QFETCH(Case, value);
        const std::vector<at::Tensor> input{randomBatch(2, value.inputs.front(), generatorWith(2))};
        const at::Tensor first = run(value, input, {true, generatorWith(3)});
        at::manual_seed(99); // has no say
        QVERIFY(at::equal(run(value, input, {true, generatorWith(3)}), first));
        QVERIFY(!at::equal(run(value, input, {true, generatorWith(4)}), first));
        QVERIFY(at::equal(run(value, input), run(value, input)));
        QVERIFY(!at::equal(run(value, input), first));
    }

    void tokensOutsideTheVocabulary()
    {
        const Case value{"embedding", {{"vocabulary", whole(3)}, {"dimension", whole(4)}}, {{5}}};
        const auto module = value.module(generatorWith(1));
        const std::vector<at::Tensor> tokens{at::tensor({0.f, 2.f, 3.f, 1e9f, -1.f}).view({1, 5})};
        const at::Tensor result = module->forward(tokens, {})[0];
        const at::Tensor& weight = module->tensors()[0].tensor;
        const std::int64_t expected[] = {0, 2, 2, 2, 0};
        for (std::int64_t i = 0; i < 5; ++i)
            QVERIFY(at::equal(result[i], weight[expected[i]]));
    }

    void sinusoids()
    {
        const Case value{"positional-encoding", {}, {{3, 4}}};
        const std::vector<at::Tensor> zeros{at::zeros({1, 3, 4})};
        const at::Tensor table = run(value, zeros)[0];
        for (int t = 0; t < 3; ++t) { // wavelengths 2π and 2π · 10000^(2/4)
            const double expected[] = {std::sin(t), std::cos(t), std::sin(t / 100.0), std::cos(t / 100.0)};
            for (int i = 0; i < 4; ++i)
                QVERIFY(std::abs(table[t][i].item<double>() - expected[i]) < 1e-6);
        }
    }

    void lastStateOfBothDirections()
    {
        const Shape sequence{5, 3};
        const Case all{"gru", {{"hidden", whole(4)}, {"bidirectional", true}}, {sequence}};
        const Case last{"gru", {{"hidden", whole(4)}, {"bidirectional", true}, {"output", word("last")}}, {sequence}};
        const std::vector<at::Tensor> input{randomBatch(2, sequence, generatorWith(2))};
        const at::Tensor states = run(all, input);
        const at::Tensor expected = at::cat({states.select(1, 4).slice(1, 0, 4), states.select(1, 0).slice(1, 4)}, 1);
        QVERIFY(at::allclose(run(last, input), expected));
    }

    void gateMixes()
    {
        const std::vector<at::Tensor> inputs{at::tensor({0.f, 100.f, -100.f}).view({1, 3}), at::full({1, 3}, 2.0), at::full({1, 3}, 4.0)};
        QVERIFY(at::allclose(run({"gate", {}, {{3}, {3}, {3}}}, inputs), at::tensor({3.f, 2.f, 4.f}).view({1, 3})));
        const std::vector<at::Tensor> two(inputs.begin(), inputs.begin() + 2);
        QVERIFY(at::allclose(run({"gate", {}, {{3}, {3}}}, two), at::tensor({1.f, 2.f, 0.f}).view({1, 3})));
    }

    /// Shares of equal inputs sum to one: the merge of the same thing is that thing.
    void attentionMergeIsAnAverage()
    {
        for (const Shape& shape : {Shape{4, 5, 6}, Shape{5, 4}, Shape{4}}) {
            const at::Tensor x = randomBatch(2, shape, generatorWith(2));
            const std::vector<at::Tensor> same{x, x, x};
            QVERIFY(at::allclose(run({"attention-merge", {}, {shape, shape, shape}}, same), x, 1e-4, 1e-6));
        }
    }

    /// A sequence becomes an image of its features and back.
    void sequencesAndImages()
    {
        const std::vector<at::Tensor> sequence{randomBatch(2, {6, 4}, generatorWith(2))};
        const std::vector<at::Tensor> turned{run({"transpose", {}, {{6, 4}}}, sequence)};
        const std::vector<at::Tensor> image{run({"reshape", {{"shape", word("4,2,3")}}, {{4, 6}}}, turned)};
        QVERIFY(at::equal(image[0].flatten(2), turned[0]));
        const std::vector<at::Tensor> flat{run({"reshape", {{"shape", word("4,-1")}}, {{4, 2, 3}}}, image)};
        QVERIFY(at::equal(run({"transpose", {}, {{4, 6}}}, flat), sequence[0]));
    }

    void misfits_data()
    {
        QTest::addColumn<Case>("value");
        QTest::addColumn<QStringList>("said");
        const auto row = [](const char* name, Case value, QStringList said) { QTest::newRow(name) << value << said; };
        const Shape image{4, 6, 5};
        const Shape sequence{6, 4};
        for (const char* operation : {"lstm", "gru", "rnn", "attention", "conv1d", "depthwise-conv1d", "separable-conv1d", "max-pool1d",
                                      "avg-pool1d", "time-pool", "positional-encoding"}) {
            row((std::string(operation) + " on an image").c_str(), {operation, {}, {image}}, {QString("'%1'").arg(operation), "length×features", "4×6×5"});
            row((std::string(operation) + " on a vector").c_str(), {operation, {}, {{4}}}, {QString("'%1'").arg(operation), "length×features"});
        }
        row("unknown vocabulary", {"embedding", {}, {{6}}}, {"'embedding'", "'vocabulary'"});
        row("embedding of a sequence", {"embedding", {{"vocabulary", whole(3)}}, {sequence}}, {"'embedding'", "6×4"});
        row("embedding too large", {"embedding", {{"vocabulary", whole(10'000'000)}, {"dimension", whole(65536)}}, {{6}}}, {"gigabyte"});
        row("heads", {"attention", {{"heads", whole(3)}}, {sequence}}, {"'attention'", "dimension of 4", "3 heads"});
        row("attention too long", {"attention", {}, {{100'000, 4}}}, {"'attention'", "gigabyte"});
        row("lstm too large", {"lstm", {{"hidden", whole(16384)}}, {{10, 1'000'000}}}, {"'lstm'", "gigabyte"});
        row("linear on an image", {"feed-forward", {}, {image}}, {"'feed-forward'", "4×6×5"});
        row("groups", {"conv1d", {{"groups", whole(3)}, {"channels", whole(6)}}, {sequence}}, {"'conv1d'", "4 input", "3 groups"});
        row("valid too long", {"conv1d", {{"kernel", whole(7)}, {"padding", word("valid")}}, {sequence}}, {"7 steps", "6×4", "causal"});
        row("valid pool too long", {"max-pool1d", {{"kernel", whole(7)}, {"padding", word("valid")}}, {sequence}}, {"7 steps", "6×4"});
        row("odd features", {"glu", {}, {{6, 5}}}, {"'glu'", "6×5", "even"});
        row("gate of two shapes", {"gate", {}, {sequence, {6, 3}}}, {"'gate'", "6×4", "6×3"});
        row("merge of two shapes", {"attention-merge", {}, {sequence, {5, 4}}}, {"'attention-merge'", "6×4", "5×4"});
        row("concat of two lengths", {"concat", {}, {sequence, {5, 4}}}, {"concat", "features", "6×4", "5×4"});
        row("reshape to other count", {"reshape", {{"shape", word("5,5")}}, {sequence}}, {"'reshape'", "5,5", "24 numbers"});
        row("reshape does not divide", {"reshape", {{"shape", word("5,-1")}}, {sequence}}, {"'reshape'", "5,-1"});
        for (const char* shape : {"", "a,b", "-1,-1", "0,24", "-2,3", "24,", "1,1,1,1,1,1,24", "9223372036854775808"})
            row((std::string("reshape '") + shape + "'").c_str(), {"reshape", {{"shape", word(shape)}}, {sequence}}, {"'reshape' cannot read"});
        for (const char* order : {"", "0", "0,0", "1,2", "0,1,2", "x"})
            row((std::string("transpose '") + order + "'").c_str(), {"transpose", {{"order", word(order)}}, {sequence}}, {"'transpose'", "6×4", "from 0 to 1"});
        row("slice of no dimension", {"slice", {{"dimension", whole(2)}}, {sequence}}, {"'slice'", "no dimension 2", "6×4"});
        row("slice before the start", {"slice", {{"start", whole(-7)}}, {sequence}}, {"'slice'", "outside"});
        row("slice beyond the end", {"slice", {{"start", whole(4)}, {"length", whole(3)}}, {sequence}}, {"'slice'", "outside", "6"});
        row("slice of nothing", {"slice", {{"start", whole(6)}, {"length", whole(0)}}, {sequence}}, {"'slice'", "outside"});
    }
    void misfits()
    {
        QFETCH(Case, value);
        QFETCH(QStringList, said);
        verifyMisfit(value, said);
    }
};

QTEST_GUILESS_MAIN(TestSequences)
#include "tst_sequences.moc"
