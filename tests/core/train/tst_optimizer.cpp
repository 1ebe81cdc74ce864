#include "core/train/optimizer_torch.h"

#include <QTest>
#include <c10/core/GradMode.h>
#include <cmath>
#include <optional>

using namespace archscope;
using namespace archscope::train;

namespace {

ops::NamedTensor weight(std::vector<float> values, bool decayed)
{
    return { "w", at::tensor(values).set_requires_grad(true), true, decayed };
}

float valueOf(const ops::NamedTensor& tensor, std::int64_t i = 0)
{
    return tensor.tensor.detach().reshape({ -1 })[i].item<float>();
}

/// loss = Σ gradient·w, so the gradient is known.
void accumulate(const ops::NamedTensor& tensor, double gradient)
{
    (tensor.tensor * gradient).sum().backward();
}

/// AdamW by the paper's formulas, for one number.
struct Reference {
    double weight = 0;
    double mean = 0;
    double variance = 0;
    int steps = 0;
    void step(double gradient, double learningRate, double decay)
    {
        ++steps;
        mean = 0.9 * mean + 0.1 * gradient;
        variance = 0.999 * variance + 0.001 * gradient * gradient;
        const double meanHat = mean / (1 - std::pow(0.9, steps));
        const double varianceHat = variance / (1 - std::pow(0.999, steps));
        weight = weight * (1 - learningRate * decay) - learningRate * meanHat / (std::sqrt(varianceHat) + 1e-8);
    }
};

} // namespace

class TestOptimizer : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void scheduleRisesThenFalls();
    void scheduleAtItsEdges_data();
    void scheduleAtItsEdges();
    void stepsFollowThePaper_data();
    void stepsFollowThePaper();
    void normsAndBiasesDoNotDecay();
    void buffersAreLeftAlone();
    void clippingBoundsTheGlobalNorm();
    void gradientsAccumulateUntilZeroed();
    void shapesAndStridesStay();
    void nothingToTrainIsFine();
};

void TestOptimizer::scheduleRisesThenFalls()
{
    constexpr int steps = 100;
    double before = 0;
    for (int step = 0; step < 20; ++step) {
        const double rate = learningRateAt(step, steps, 0.1, 0.2);
        QVERIFY(rate > before);
        before = rate;
    }
    QCOMPARE(before, 0.1);
    QCOMPARE(learningRateAt(20, steps, 0.1, 0.2), 0.1);
    for (int step = 21; step < steps; ++step) {
        const double rate = learningRateAt(step, steps, 0.1, 0.2);
        QVERIFY(rate < before);
        QVERIFY(rate > 0);
        before = rate;
    }
    QVERIFY(before < 0.001);
    QVERIFY(std::abs(learningRateAt(60, steps, 0.1, 0.2) - 0.05) < 1e-12);
}

void TestOptimizer::scheduleAtItsEdges_data()
{
    QTest::addColumn<int>("step");
    QTest::addColumn<int>("steps");
    QTest::addColumn<double>("warmup");
    QTest::addColumn<double>("rate");
    QTest::newRow("no warm-up") << 0 << 10 << 0.0 << 1.0;
    QTest::newRow("one step") << 0 << 1 << 0.0 << 1.0;
    QTest::newRow("one step, rounded warm-up") << 0 << 1 << 0.2 << 1.0;
    QTest::newRow("warm-up alone") << 4 << 10 << 1.0 << 0.5;
}

void TestOptimizer::scheduleAtItsEdges()
{
    QFETCH(int, step);
    QFETCH(int, steps);
    QFETCH(double, warmup);
    QFETCH(double, rate);
    QCOMPARE(learningRateAt(step, steps, 1.0, warmup), rate);
}

void TestOptimizer::stepsFollowThePaper_data()
{
    QTest::addColumn<double>("gradient");
    QTest::addColumn<double>("decay");
    QTest::newRow("positive gradient") << 0.5 << 0.0;
    QTest::newRow("negative gradient, decay") << -2.0 << 0.1;
    QTest::newRow("no gradient, decay") << 0.0 << 0.1;
}

void TestOptimizer::stepsFollowThePaper()
{
    QFETCH(double, gradient);
    QFETCH(double, decay);
    const std::vector tensors{ weight({ 1.5F, 1.5F, 1.5F }, true) };
    AdamW optimizer(tensors, { .weightDecay = decay });
    Reference reference{ .weight = 1.5 };
    for (int i = 1; i <= 5; ++i) {
        optimizer.zeroGradients();
        accumulate(tensors[0], gradient * i);
        optimizer.step(0.01);
        reference.step(gradient * i, 0.01, decay);
        QVERIFY2(std::abs(valueOf(tensors[0], 2) - reference.weight) < 1e-6,
            qPrintable(QStringLiteral("%1 %2").arg(valueOf(tensors[0], 2)).arg(reference.weight)));
    }
}

void TestOptimizer::normsAndBiasesDoNotDecay()
{
    const std::vector tensors{ weight({ 2 }, false), weight({ 2 }, true) };
    AdamW optimizer(tensors, { .weightDecay = 0.5 });
    for (const ops::NamedTensor& tensor : tensors)
        accumulate(tensor, 0);
    optimizer.step(0.1);
    QCOMPARE(valueOf(tensors[0]), 2.0F);
    QCOMPARE(valueOf(tensors[1]), 1.9F);
}

void TestOptimizer::buffersAreLeftAlone()
{
    const std::vector<ops::NamedTensor> tensors{ weight({ 1 }, true),
        { "running_mean", at::tensor({ 7.0F }), false, false } };
    AdamW optimizer(tensors, {});
    accumulate(tensors[0], 1);
    optimizer.step(0.1);
    QCOMPARE(valueOf(tensors[1]), 7.0F);
    QVERIFY(!tensors[1].tensor.grad().defined());
}

void TestOptimizer::clippingBoundsTheGlobalNorm()
{
    // Gradients 3 and 4: norm 5, clipped to 1 they are 0.6 and 0.8. AdamW's first step does not see the scale, the second
    // does: after a small gradient the mean is what the first, clipped one left.
    const auto run = [](double clip, double first) {
        const std::vector tensors{ weight({ 0 }, true), weight({ 0 }, false) };
        AdamW optimizer(tensors, { .weightDecay = 0, .gradientClip = clip });
        for (const double scale : { first, 0.1 }) {
            optimizer.zeroGradients();
            accumulate(tensors[0], 3 * scale);
            accumulate(tensors[1], 4 * scale);
            optimizer.step(0.01);
        }
        return std::pair(valueOf(tensors[0]), valueOf(tensors[1]));
    };
    const auto clipped = run(1, 1);
    const auto scaled = run(0, 0.2);
    const auto unclipped = run(0, 1);
    QVERIFY(std::abs(clipped.first - scaled.first) < 1e-6F);
    QVERIFY(std::abs(clipped.second - scaled.second) < 1e-6F);
    QVERIFY(std::abs(clipped.first - unclipped.first) > 1e-4F);
}

void TestOptimizer::gradientsAccumulateUntilZeroed()
{
    const std::vector tensors{ weight({ 0, 0 }, true) };
    AdamW optimizer(tensors, {});
    accumulate(tensors[0], 1);
    accumulate(tensors[0], 2);
    QCOMPARE(tensors[0].tensor.grad()[1].item<float>(), 3.0F);
    optimizer.zeroGradients();
    QCOMPARE(tensors[0].tensor.grad()[1].item<float>(), 0.0F);
}

void TestOptimizer::shapesAndStridesStay()
{
    at::Tensor convolution
        = at::arange(2 * 3 * 2 * 2, at::kFloat).view({ 2, 3, 2, 2 }).contiguous(at::MemoryFormat::ChannelsLast);
    const at::Tensor copy = convolution.clone();
    const std::vector<std::int64_t> strides = convolution.strides().vec();
    const std::vector<ops::NamedTensor> tensors{ { "conv", convolution.set_requires_grad(true) },
        weight({ 1, 2, 3 }, false) };
    const at::Tensor held = tensors[0].tensor; // as a module holds it
    AdamW optimizer(tensors, {});
    QVERIFY(held.detach().equal(copy));
    QVERIFY(held.strides().vec() == strides);
    QVERIFY(held.is_contiguous(at::MemoryFormat::ChannelsLast));
    accumulate(tensors[0], 1);
    optimizer.step(0.1);
    QVERIFY(!held.detach().equal(copy));
    QVERIFY(held.requires_grad());
}

void TestOptimizer::nothingToTrainIsFine()
{
    AdamW optimizer({}, { .gradientClip = 1 });
    optimizer.zeroGradients();
    optimizer.step(0.1);
}

QTEST_GUILESS_MAIN(TestOptimizer)
#include "tst_optimizer.moc"
