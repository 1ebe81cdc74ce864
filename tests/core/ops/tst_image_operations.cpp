// What image operations compute, on numbers that can be followed by hand.
#include "tests/core/ops/operation_support.h"

#include <c10/core/GradMode.h>

using namespace archscope;
using namespace archscope::ops;

namespace {

at::Tensor run(const Case& value, const std::vector<at::Tensor>& inputs)
{
    return value.module(generatorWith(1))->forward(inputs, {});
}

/// 0, 1, 2, … as one image.
at::Tensor counted(const Shape& shape)
{
    return at::arange(shape[0] * shape[1] * shape[2], at::kFloat).view({1, shape[0], shape[1], shape[2]});
}

void fill(Module& module, const std::string& name, double number)
{
    const c10::NoGradGuard noGradients;
    for (NamedTensor& named : module.tensors())
        if (named.name == name)
            named.tensor.fill_(number);
}

bool sameNumbers(const at::Tensor& one, const at::Tensor& other)
{
    return one.sizes() == other.sizes() && at::allclose(one, other, 1e-4, 1e-5);
}

} // namespace

class TestImageOperations : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void orderOfABlock()
    {
        const Shape shape{3, 5, 5};
        const std::vector<at::Tensor> input{randomBatch(2, shape, generatorWith(2))};
        const Given bare{{"channels", whole(4)}, {"bias", false}};
        const Given block{{"channels", whole(4)}, {"affine", false}, {"order", word("act-conv-norm")}};
        const at::Tensor expected = run({"conv", bare, {shape}}, {at::relu(input[0])}) / std::sqrt(1 + 1e-5);
        QVERIFY(sameNumbers(run({"conv-block", block, {shape}}, input), expected));
        Given normFirst = block;
        normFirst["order"] = word("norm-act-conv");
        QVERIFY(sameNumbers(run({"conv-block", normFirst, {shape}}, input), expected)); // one factor before or after ReLU
        Given usual = block;
        usual["order"] = word("conv-norm-act");
        QVERIFY(sameNumbers(run({"conv-block", usual, {shape}}, input),
                            at::relu(run({"conv", bare, {shape}}, input)) / std::sqrt(1 + 1e-5)));
    }

    void reductionSeesOtherPixels()
    {
        for (const std::int64_t size : {4, 5}) {
            const Case value{"factorized-reduce", {{"channels", whole(2)}, {"affine", false}}, {{1, size, size}}};
            const auto module = value.module(generatorWith(1));
            fill(*module, "conv_1.weight", 1);
            fill(*module, "conv_2.weight", 1);
            const at::Tensor image = counted({1, size, size});
            const std::vector<at::Tensor> inputs{image};
            const at::Tensor result = module->forward(inputs, {}) * std::sqrt(1 + 1e-5);
            QVERIFY(sameNumbers(result.narrow(1, 0, 1), image.slice(2, 0, size, 2).slice(3, 0, size, 2)));
            const at::Tensor padded = at::constant_pad_nd(image, {0, 1, 0, 1}); // as NAS-Bench-201 pads odd sizes
            const at::Tensor shifted = padded.slice(2, 1, size + 1, 2).slice(3, 1, size + 1, 2);
            QVERIFY(sameNumbers(result.narrow(1, 1, 1), shifted));
        }
    }

    void cellInputTakesTheSizeOnly()
    {
        const Shape shape{3, 6, 6};
        const Case value{"cell-input", {{"channels", whole(4)}}, {shape, {2, 3, 3}}};
        const at::Tensor image = randomBatch(2, shape, generatorWith(2));
        const at::Tensor result = run(value, {image, randomBatch(2, {2, 3, 3}, generatorWith(3))});
        QVERIFY(at::equal(result, run(value, {image, at::zeros({2, 2, 3, 3})})));
        QVERIFY(at::equal(result, run({"factorized-reduce", {{"channels", whole(4)}}, {shape}}, {image})));
        const Given projection{{"channels", whole(4)}, {"kernel", whole(1)}, {"order", word("act-conv-norm")}};
        QVERIFY(at::equal(run({"cell-input", {{"channels", whole(4)}}, {shape, shape}}, {image, image}),
                          run({"conv-block", projection, {shape}}, {image})));
    }

    void shortcutOfABottleneck()
    {
        const at::Tensor image = randomBatch(2, {4, 5, 5}, generatorWith(2));
        const std::vector<at::Tensor> inputs{image};
        const auto silenced = [&](const Given& given) {
            const auto module = Case{"mbconv", given, {{4, 5, 5}}}.module(generatorWith(1));
            fill(*module, "project.norm.weight", 0);
            return module->forward(inputs, {});
        };
        QVERIFY(at::equal(silenced({}), image));
        QVERIFY(at::equal(silenced({{"residual", false}}), at::zeros_like(image)));
        QCOMPARE(silenced({{"channels", whole(5)}}).abs().max().item<double>(), 0.0);
        QCOMPARE(silenced({{"stride", whole(2)}}).abs().max().item<double>(), 0.0);
    }

    void squeezeExciteScalesChannels()
    {
        const at::Tensor image = randomBatch(2, {4, 5, 5}, generatorWith(2));
        const std::vector<at::Tensor> inputs{image};
        for (const auto& [gate, scale] : std::map<std::string, double>{{"sigmoid", 1 / (1 + std::exp(-2.0))}, {"hard-sigmoid", 5.0 / 6}}) {
            const auto module = Case{"squeeze-excite", {{"gate", gate}}, {{4, 5, 5}}}.module(generatorWith(1));
            fill(*module, "expand.weight", 0);
            fill(*module, "expand.bias", 2);
            QVERIFY(sameNumbers(module->forward(inputs, {}), image * scale));
        }
    }

    /// ⟨conv(x), y⟩ = ⟨x, transposed(y)⟩ with the same weights.
    void transposedIsTheAdjoint_data()
    {
        QTest::addColumn<int>("kernel");
        QTest::addColumn<int>("stride");
        QTest::newRow("3, 1") << 3 << 1;
        QTest::newRow("3, 2") << 3 << 2;
        QTest::newRow("5, 2") << 5 << 2;
    }
    void transposedIsTheAdjoint()
    {
        QFETCH(int, kernel);
        QFETCH(int, stride);
        const Given shared{{"kernel", whole(kernel)}, {"stride", whole(stride)}, {"bias", false}};
        Given forward = shared;
        forward["channels"] = whole(3);
        Given backward = shared;
        backward["channels"] = whole(4);
        const Shape large{4, 8, 6};
        const Shape small{3, 8 / stride, 6 / stride};
        const auto conv = Case{"conv", forward, {large}}.module(generatorWith(1));
        const auto transposed = Case{"transposed-conv", backward, {small}}.module(generatorWith(2));
        transposed->tensors()[0].tensor = conv->tensors()[0].tensor;
        const std::vector<at::Tensor> x{randomBatch(2, large, generatorWith(3))};
        const std::vector<at::Tensor> y{randomBatch(2, small, generatorWith(4))};
        const double one = (conv->forward(x, {}) * y[0]).sum().item<double>();
        const double other = (x[0] * transposed->forward(y, {})).sum().item<double>();
        QVERIFY2(std::abs(one - other) < 1e-3 * (1 + std::abs(one)), qPrintable(QString("%1 and %2").arg(one).arg(other)));
    }

    void factorisedGoesAlongOneAxisAtATime()
    {
        const Case value{"factorized-conv", {{"channels", whole(1)}, {"kernel", whole(3)}, {"norm", word("none")}, {"activation", word("none")}}, {{1, 3, 3}}};
        const auto module = value.module(generatorWith(1));
        fill(*module, "rows.weight", 1);
        fill(*module, "columns.weight", 1);
        at::Tensor dot = at::zeros({1, 1, 3, 3});
        dot.narrow(2, 1, 1).narrow(3, 1, 1).fill_(1);
        const std::vector<at::Tensor> inputs{dot};
        QVERIFY(sameNumbers(module->forward(inputs, {}), at::ones({1, 1, 3, 3})));
        QCOMPARE(module->tensors()[0].tensor.sizes(), at::IntArrayRef({1, 1, 1, 3}));
    }

    void pooling()
    {
        const at::Tensor image = counted({1, 3, 3}); // 0 1 2 / 3 4 5 / 6 7 8
        const auto pool = [&](const char* kind, Given given) { return run({kind, std::move(given), {{1, 3, 3}}}, {image}).flatten(); };
        const Given up{{"padding", word("valid")}, {"ceil_mode", true}};
        QVERIFY(sameNumbers(pool("max-pool", up), at::tensor({4.f, 5.f, 7.f, 8.f})));
        QVERIFY(sameNumbers(pool("avg-pool", up), at::tensor({2.f, 3.5f, 6.5f, 8.f}))); // what lies beyond does not count
        QVERIFY(sameNumbers(pool("avg-pool", {{"padding", word("valid")}}), at::tensor({2.f})));
        const Given counting{{"kernel", whole(3)}, {"count_include_pad", true}};
        QVERIFY(sameNumbers(pool("avg-pool", counting), at::tensor({8.f, 12.f, 20.f, 24.f}) / 9));
        QVERIFY(sameNumbers(pool("avg-pool", {{"kernel", whole(3)}}), at::tensor({2.f, 3.f, 5.f, 6.f})));
        QVERIFY(sameNumbers(pool("avg-pool", {{"count_include_pad", true}}), at::tensor({8.f, 7.f, 13.f, 8.f}) / 4));
    }

    void upsampling()
    {
        const at::Tensor image = at::tensor({1.f, 2.f, 3.f, 5.f}).view({1, 1, 2, 2});
        QVERIFY(sameNumbers(run({"upsample", {}, {{1, 2, 2}}}, {image}).flatten(),
                            at::tensor({1.f, 1.f, 2.f, 2.f, 1.f, 1.f, 2.f, 2.f, 3.f, 3.f, 5.f, 5.f, 3.f, 3.f, 5.f, 5.f})));
        const at::Tensor blended = run({"upsample", {{"mode", word("bilinear")}}, {{1, 2, 2}}}, {image});
        QVERIFY(sameNumbers(blended.narrow(2, 0, 1).flatten(), at::tensor({1.f, 1.25f, 1.75f, 2.f}))); // corners stay, quarters between
    }

    void channels()
    {
        const at::Tensor image = at::tensor({0.f, 1.f, 2.f, 3.f, 4.f, 5.f}).view({1, 6, 1, 1});
        QVERIFY(sameNumbers(run({"channel-shuffle", {}, {{6, 1, 1}}}, {image}).flatten(), at::tensor({0.f, 3.f, 1.f, 4.f, 2.f, 5.f})));
        QVERIFY(sameNumbers(run({"truncate", {{"channels", whole(2)}}, {{6, 1, 1}}}, {image}).flatten(), at::tensor({0.f, 1.f})));
        const at::Tensor numbers = at::tensor({-1.f, 0.5f, 6.f, 7.f}).view({1, 4});
        QVERIFY(sameNumbers(run({"activation", {{"kind", word("relu6")}}, {{4}}}, {numbers}).flatten(), at::tensor({0.f, 0.5f, 6.f, 6.f})));
    }

    void dropPathDropsSamples()
    {
        const Case value{"drop-path", {{"probability", 0.3}}, {{2, 3, 3}}};
        const auto module = value.module(generatorWith(1));
        const std::vector<at::Tensor> ones{at::ones({4000, 2, 3, 3})};
        QVERIFY(at::equal(module->forward(ones, {}), ones[0]));
        const at::Tensor first = module->forward(ones, {true, generatorWith(7)});
        at::manual_seed(99); // has no say
        QVERIFY(at::equal(module->forward(ones, {true, generatorWith(7)}), first));
        QVERIFY(!at::equal(module->forward(ones, {true, generatorWith(8)}), first));
        const at::Tensor samples = first.flatten(1);
        QVERIFY(at::equal(samples.amin(1), samples.amax(1))); // a sample as a whole
        const double dropped = (samples.amax(1) == 0).to(at::kDouble).mean().item<double>();
        QVERIFY(std::abs(dropped - 0.3) < 0.04);
        QVERIFY(sameNumbers(first.max().view(1), at::tensor({1 / 0.7f})));
    }

    void misfits_data()
    {
        QTest::addColumn<Case>("value");
        QTest::addColumn<QStringList>("said");
        const auto row = [](const char* name, Case value, QStringList said) { QTest::newRow(name) << value << said; };
        const Shape image{4, 6, 5};
        for (const char* name : {"factorized-conv", "transposed-conv", "factorized-reduce", "mbconv", "squeeze-excite", "channel-shuffle", "upsample"})
            row(name, {name, {}, {{64}}}, {QString("'%1'").arg(name), "channels×height×width", "64"});
        row("stride on a vector", {"skip-connect", {{"stride", whole(2)}}, {{64}}}, {"'skip-connect'", "64"});
        row("channels of a sequence", {"skip-connect", {{"channels", whole(8)}}, {{6, 4}}}, {"'skip-connect'", "6×4"});
        row("zeros of a smaller vector", {"zero", {{"stride", whole(2)}}, {{64}}}, {"'zero'", "64"});
        row("pool of a vector with norm", {"avg-pool", {{"norm", word("batch")}, {"channels", whole(3)}}, {{64}}}, {"'avg-pool'", "64"});
        row("valid, rounded up, too large", {"max-pool", {{"kernel", whole(9)}, {"padding", word("valid")}, {"ceil_mode", true}}, {image}}, {"'max-pool'", "9×9", "4×6×5"});
        row("cell input of other sizes", {"cell-input", {}, {image, {4, 2, 2}}}, {"'cell-input'", "4×6×5", "4×2×2", "twice"});
        row("cell input smaller", {"cell-input", {}, {{4, 3, 3}, image}}, {"'cell-input'", "4×3×3", "4×6×5"});
        row("cell input for a vector", {"cell-input", {}, {image, {64}}}, {"'cell-input'", "64"});
        row("truncate to more", {"truncate", {{"channels", whole(5)}}, {image}}, {"'truncate'", "5", "4×6×5", "1×1"});
        row("truncate a sequence", {"truncate", {{"channels", whole(2)}}, {{6, 4}}}, {"'truncate'", "6×4"});
        row("shuffled groups", {"channel-shuffle", {{"groups", whole(3)}}, {image}}, {"'channel-shuffle'", "3 groups"});
        row("transposed input groups", {"transposed-conv", {{"channels", whole(6)}, {"groups", whole(3)}}, {image}}, {"'transposed-conv'", "4 input"});
        row("transposed output groups", {"transposed-conv", {{"channels", whole(6)}, {"groups", whole(4)}}, {image}}, {"'transposed-conv'", "6 output"});
        row("upsampled too large", {"upsample", {{"factor", whole(8)}}, {{1, 4096, 4096}}}, {"'upsample'", "gigabyte"});
        row("spread too large", {"transposed-conv", {{"channels", whole(4096)}}, {{1, 512, 512}}}, {"'transposed-conv'", "gigabyte"});
        row("expanded too large", {"mbconv", {{"expansion", whole(10)}}, {{64, 2048, 1024}}}, {"'mbconv'", "gigabyte"});
        row("factorised too large", {"factorized-conv", {{"channels", whole(4096)}}, {{1, 1024, 1024}}}, {"'factorized-conv'", "gigabyte"});
    }
    void misfits()
    {
        QFETCH(Case, value);
        QFETCH(QStringList, said);
        verifyMisfit(value, said);
    }
};

QTEST_GUILESS_MAIN(TestImageOperations)
#include "tst_image_operations.moc"
