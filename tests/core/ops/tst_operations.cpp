// Every built-in operation on many shapes: what it predicts is what its module does, and its gradient is right.
#include "tests/core/ops/cell_rows.h"
#include "tests/core/ops/image_rows.h"
#include "tests/core/ops/sequence_rows.h"

#include <algorithm>
#include <set>

using namespace archscope;
using namespace archscope::ops;

namespace {

/// All families. A new one is a header with its rows, and a line here.
std::vector<Row> rows()
{
    RowTable table;
    addImageRows(table);
    addCellRows(table);
    addSequenceRows(table);
    return table.rows();
}

void addRows()
{
    QTest::addColumn<Case>("value");
    QTest::addColumn<Shape>("output");
    QTest::addColumn<qint64>("parameters");
    QTest::addColumn<qint64>("flops");
    for (const Row& row : rows())
        QTest::newRow(row.name.c_str()) << row.value << row.output << qint64{row.parameters} << qint64{row.flops};
}

std::vector<at::Tensor> randomInputs(const Case& value, const at::Generator& generator, at::ScalarType type = at::kFloat)
{
    std::vector<at::Tensor> inputs;
    for (const Shape& shape : value.inputs) {
        inputs.push_back(randomBatch(3, shape, generator, type));
        if (value.takesTokens())
            inputs.back().random_(0, value.parameters().integer("vocabulary"), generator);
    }
    return inputs;
}

} // namespace

class TestOperations : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyOperationHasCases()
    {
        std::set<std::string> tested;
        for (const Row& row : rows())
            tested.insert(row.value.operation);
        for (const auto& operation : allOperations())
            QVERIFY2(tested.contains(operation->descriptor().name), operation->descriptor().name.c_str());
        QCOMPARE(tested.size(), allOperations().size()); // and names are unique
    }

    void describedSoundly()
    {
        for (const auto& operation : allOperations()) {
            const OperationDescriptor& descriptor = operation->descriptor();
            QVERIFY(!descriptor.title.empty() && !descriptor.category.empty() && !descriptor.help.empty());
            QVERIFY(descriptor.minInputs >= 1 && descriptor.maxInputs >= descriptor.minInputs);
            for (const ParameterDescriptor& parameter : descriptor.parameters) {
                QVERIFY2(!parameter.problem(parameter.fallback), (descriptor.name + " " + parameter.name).c_str());
                QVERIFY(!parameter.help.empty());
            }
        }
    }

    void predictsShapeAndCost_data() { addRows(); }
    void predictsShapeAndCost()
    {
        QFETCH(Case, value);
        QFETCH(Shape, output);
        const Result<Shape> predicted = value.outputShape();
        QVERIFY2(predicted, predicted ? "" : predicted.error().text().c_str());
        QCOMPARE(*predicted, output);
        QTEST(qint64{value.cost().parameters}, "parameters");
        QTEST(qint64{value.cost().flops}, "flops");

        const at::Generator generator = generatorWith(1);
        const auto module = value.module(generator);
        std::int64_t trainable = 0;
        std::set<std::string> names;
        for (const NamedTensor& named : module->tensors()) {
            QCOMPARE(named.tensor.requires_grad(), named.trainable);
            QVERIFY(names.insert(named.name).second);
            if (named.trainable)
                trainable += named.tensor.numel();
        }
        QCOMPARE(trainable, value.cost().parameters);

        for (const bool training : {false, true}) {
            const at::Tensor real = module->forward(randomInputs(value, generator), {training, generator});
            QCOMPARE(real.size(0), 3);
            QCOMPARE(Shape(real.sizes().begin() + 1, real.sizes().end()), output);
            QVERIFY(at::isfinite(real).all().item<bool>());
        }
    }

    /// Channels-last is a layout, not another result.
    void channelsLastAgrees_data() { addRows(); }
    void channelsLastAgrees()
    {
        QFETCH(Case, value);
        const auto module = value.module(generatorWith(1));
        std::vector<at::Tensor> inputs = randomInputs(value, generatorWith(2));
        const at::Tensor expected = module->forward(inputs, {});
        for (at::Tensor& input : inputs)
            if (input.dim() == 4)
                input = input.contiguous(at::MemoryFormat::ChannelsLast);
        const at::Tensor result = module->forward(inputs, {});
        QVERIFY(at::allclose(result, expected, 1e-4, 1e-5));
        if (result.dim() == 4 && result.size(1) > 1 && result.size(2) * result.size(3) > 1) // else both layouts are one
            QCOMPARE(result.suggest_memory_format(), at::MemoryFormat::ChannelsLast);
    }

    void inputsStayAsTheyAre_data() { addRows(); }
    void inputsStayAsTheyAre()
    {
        QFETCH(Case, value);
        const std::vector<at::Tensor> inputs = randomInputs(value, generatorWith(2));
        std::vector<at::Tensor> copies;
        for (const at::Tensor& input : inputs)
            copies.push_back(input.clone());
        for (const bool training : {false, true})
            value.module(generatorWith(1))->forward(inputs, {training, generatorWith(3)});
        for (std::size_t i = 0; i < inputs.size(); ++i)
            QVERIFY(at::equal(inputs[i], copies[i]));
    }

    /// The gradient by autograd against central differences, in double precision.
    void gradient_data() { addRows(); }
    void gradient()
    {
        QFETCH(Case, value);
        const auto module = value.module(generatorWith(1));
        const std::vector<at::Tensor> inputs = randomInputs(value, generatorWith(2), at::kDouble);
        std::vector<at::Tensor> variables;
        if (!value.takesTokens()) // which have no gradient
            variables = inputs;
        for (NamedTensor& named : module->tensors()) {
            named.tensor = named.tensor.detach().to(at::kDouble).set_requires_grad(named.trainable);
            if (named.trainable)
                variables.push_back(named.tensor);
        }
        for (at::Tensor& variable : variables)
            variable.set_requires_grad(true);

        at::Tensor weighting;
        const auto loss = [&] {
            // The same generator each time: dropout drops the same numbers.
            const at::Tensor output = module->forward(inputs, {true, generatorWith(3)});
            if (!weighting.defined())
                weighting = at::empty(output.sizes(), output.options().requires_grad(false)).normal_(0, 1, generatorWith(4));
            return (output * weighting).sum();
        };
        loss().backward();

        Rng rng(5);
        constexpr double step = 1e-6;
        for (const at::Tensor& variable : variables) {
            // None where the result does not depend on an input, which is there for its size.
            const bool isWeight = std::ranges::any_of(module->tensors(), [&](const NamedTensor& named) { return named.tensor.is_same(variable); });
            QVERIFY(variable.grad().defined() || !isWeight);
            const at::Tensor gradient = variable.grad().defined() ? variable.grad().contiguous() : at::zeros_like(variable);
            double* const numbers = variable.data_ptr<double>();
            for (int sample = 0; sample < 8; ++sample) {
                const auto i = static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(variable.numel())));
                const double before = numbers[i];
                numbers[i] = before + step;
                const double above = loss().item<double>();
                numbers[i] = before - step;
                const double below = loss().item<double>();
                numbers[i] = before;
                const double expected = (above - below) / (2 * step);
                const double actual = gradient.data_ptr<double>()[i];
                QVERIFY2(std::abs(actual - expected) <= 1e-5 * std::max(1.0, std::abs(expected)),
                         qPrintable(QString("%1 instead of %2").arg(actual).arg(expected)));
            }
        }
    }

    void weightsComeFromTheGenerator_data() { addRows(); }
    void weightsComeFromTheGenerator()
    {
        QFETCH(Case, value);
        const auto one = value.module(generatorWith(11));
        const auto same = value.module(generatorWith(11));
        const auto other = value.module(generatorWith(12));
        for (std::size_t i = 0; i < one->tensors().size(); ++i) {
            QVERIFY(at::equal(one->tensors()[i].tensor, same->tensors()[i].tensor));
            const bool drawn = one->tensors()[i].trainable && one->tensors()[i].tensor.std(false).item<double>() > 0;
            QCOMPARE(at::equal(one->tensors()[i].tensor, other->tensors()[i].tensor), !drawn);
        }
    }

    void initialSpread()
    {
        const Case conv{"conv", {{"channels", whole(64)}, {"groups", whole(2)}}, {{64, 8, 8}}};
        const double spread = conv.module(generatorWith(1))->tensors()[0].tensor.std().item<double>();
        QVERIFY(std::abs(spread / std::sqrt(2.0 / (32 * 9)) - 1) < 0.05); // He: √(2/fan-out), within a group
        const Case linear{"linear", {{"features", whole(100)}}, {{64}}};
        const at::Tensor weight = linear.module(generatorWith(1))->tensors()[0].tensor;
        const double largest = weight.abs().max().item<double>();
        QVERIFY(largest <= 0.125 && largest > 0.12); // uniform within 1/√64
    }

    void dropout()
    {
        const Case value{"dropout", {{"rate", 0.3}}, {{10000}}};
        const auto module = value.module(generatorWith(1));
        const std::vector<at::Tensor> ones{at::ones({1, 10000})};
        QVERIFY(at::equal(module->forward(ones, {}), ones[0]));
        const at::Tensor first = module->forward(ones, {true, generatorWith(7)});
        at::manual_seed(99); // has no say
        QVERIFY(at::equal(module->forward(ones, {true, generatorWith(7)}), first));
        QVERIFY(!at::equal(module->forward(ones, {true, generatorWith(8)}), first));
        const double dropped = (first == 0).to(at::kDouble).mean().item<double>();
        QVERIFY(std::abs(dropped - 0.3) < 0.03);
        QVERIFY(at::allclose(first.masked_select(first != 0), at::tensor(1 / 0.7f)));

        const at::Generator stream = generatorWith(7); // one generator draws on
        const at::Tensor a = module->forward(ones, {true, stream});
        QVERIFY(!at::equal(a, module->forward(ones, {true, stream})));
    }

    void batchNormStatistics()
    {
        const Case value{"batch-norm", {}, {{2}}};
        const auto module = value.module(generatorWith(1));
        const std::vector<at::Tensor> batch{at::tensor({0.f, 10.f, 2.f, 10.f}).view({2, 2})};
        module->forward(batch, {true, generatorWith(1)});
        QVERIFY(at::allclose(module->tensors()[2].tensor, at::tensor({0.1f, 1.f})));  // 0.9·0 + 0.1·mean
        QVERIFY(at::allclose(module->tensors()[3].tensor, at::tensor({1.1f, 0.9f}))); // 0.9·1 + 0.1·unbiased variance
        // Evaluation does not touch them; nor does a batch of one, which has no variance.
        const at::Tensor mean = module->tensors()[2].tensor.clone();
        const std::vector<at::Tensor> single{at::ones({1, 2})};
        module->forward(batch, {});
        const at::Tensor result = module->forward(single, {true, generatorWith(1)});
        QVERIFY(at::isfinite(result).all().item<bool>());
        QVERIFY(at::equal(module->tensors()[2].tensor, mean));
    }

    /// A block is the same as its pieces one after the other.
    void blockIsItsPieces()
    {
        const Case block{"conv-block", {{"channels", whole(4)}, {"activation", word("relu")}}, {{3, 5, 5}}};
        const auto fused = block.module(generatorWith(1));
        const Case conv{"conv", {{"channels", whole(4)}}, {{3, 5, 5}}};
        const auto first = conv.module(generatorWith(1));
        const std::vector<at::Tensor> input{randomBatch(6, {3, 5, 5}, generatorWith(2))};
        const at::Tensor convolved = first->forward(input, {});
        const at::Tensor mean = convolved.mean({0, 2, 3}, true);
        const at::Tensor variance = convolved.var({0, 2, 3}, false, true);
        const at::Tensor expected = at::relu((convolved - mean) / at::sqrt(variance + 1e-5));
        QVERIFY(at::allclose(fused->forward(input, {true, generatorWith(3)}), expected, 1e-4, 1e-5));
        QCOMPARE(fused->tensors()[0].name, std::string("conv.weight"));
        QVERIFY(fused->tensors()[0].decayed);
        QVERIFY(!fused->tensors()[1].decayed); // norm.weight
    }

    void misfits_data()
    {
        QTest::addColumn<Case>("value");
        QTest::addColumn<QStringList>("said");
        const auto row = [](const char* name, Case value, QStringList said) { QTest::newRow(name) << value << said; };
        const Shape image{4, 6, 5};
        row("conv on a vector", {"conv", {}, {{64}}}, {"'conv'", "channels×height×width", "64", "flatten"});
        row("depthwise on a vector", {"depthwise-conv", {}, {{64}}}, {"'depthwise-conv'", "64"});
        row("separable on a vector", {"separable-conv", {}, {{64}}}, {"'separable-conv'", "64"});
        row("block on a vector", {"conv-block", {}, {{64}}}, {"'conv-block'", "64"});
        row("pool on a vector", {"max-pool", {}, {{64}}}, {"'max-pool'", "64"});
        row("global pool on a vector", {"global-pool", {}, {{64}}}, {"'global-pool'", "64"});
        row("linear on an image", {"linear", {}, {image}}, {"'linear'", "4×6×5", "flatten", "global-pool"});
        row("input groups", {"conv", {{"groups", whole(3)}, {"channels", whole(6)}}, {image}}, {"'conv'", "4 input", "3 groups"});
        row("output groups", {"conv", {{"groups", whole(4)}, {"channels", whole(6)}}, {image}}, {"'conv'", "6 output", "4 groups"});
        row("norm groups", {"group-norm", {{"groups", whole(3)}}, {image}}, {"'group-norm'", "4", "3 groups"});
        row("norm on four dimensions", {"batch-norm", {}, {{4, 6, 5, 2}}}, {"'batch-norm'", "4×6×5×2"});
        row("valid kernel too large", {"conv", {{"kernel", whole(7)}, {"padding", word("valid")}}, {image}}, {"7×7", "4×6×5", "same"});
        row("valid dilation too large", {"conv", {{"dilation", whole(4)}, {"padding", word("valid")}}, {image}}, {"9×9", "4×6×5"});
        row("valid pool too large", {"avg-pool", {{"kernel", whole(6)}, {"padding", word("valid")}}, {image}}, {"'avg-pool'", "6×6"});
        row("add", {"add", {}, {image, image, {4, 3, 3}}}, {"add", "4×6×5", "4×3×3"});
        row("add of other rank", {"add", {}, {image, {120}}}, {"add", "4×6×5", "120"});
        row("multiply", {"multiply", {}, {{3}, {4}}}, {"multiply", "3", "4"});
        row("concat", {"concat", {}, {image, {4, 6, 4}}}, {"concat", "4×6×5", "4×6×4"});
        row("concat of other rank", {"concat", {}, {image, {4}}}, {"concat", "4×6×5"});
        row("conv too large", {"conv", {{"channels", whole(4096)}}, {{1, 4096, 4096}}}, {"'conv'", "gigabyte"});
        row("concat too large", {"concat", {}, {{1 << 27}, {1 << 27}, {1}}}, {"'concat'", "gigabyte"});
        row("depthwise too large", {"depthwise-conv", {{"multiplier", whole(16)}}, {{1 << 26, 1, 1}}}, {"'depthwise-conv'", "gigabyte"});
        row("linear too large", {"linear", {{"features", whole(1'000'000)}}, {{1 << 20}}}, {"'linear'", "gigabyte"});
    }
    void misfits()
    {
        QFETCH(Case, value);
        QFETCH(QStringList, said);
        verifyMisfit(value, said);
    }
};

QTEST_GUILESS_MAIN(TestOperations)
#include "tst_operations.moc"
