#include "core/train/task_tensors_torch.h"
#include "core/train/training_evaluator.h"
#include "tiny_task.h"

#include <ATen/CPUGeneratorImpl.h>
#include <QTest>
#include <cmath>

using namespace archscope;
using namespace archscope::train;
using namespace archscope::train::test;

class TestTaskTensors : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void batchIsNormalisedWithTrainingStatistics();
    void normalisedSamplesAreTheBatches();
    void planIsAPermutation();
    void planFollowsItsGenerator();
    void vectorsAreNeverAugmented();
    void shiftMovesAndFillsWithZeros_data();
    void shiftMovesAndFillsWithZeros();
    void shiftKeepsSumsOfWhatStaysInside();
    void shiftIsEachImagesOwn();
    void flipMirrorsOnlyTheChosen();
    void trainingBatchIsAugmentedBeforeNormalisation();
};

void TestTaskTensors::batchIsNormalisedWithTrainingStatistics()
{
    const data::Task task = separableTask();
    const TaskTensors tensors(task, at::kCPU);
    const at::Tensor train = tensors.batch(tensors.indices(task.splits.train)).input;
    QVERIFY(train.mean(0).abs().max().item<float>() < 1e-4F);
    QVERIFY((train.std(0, false) - 1).abs().max().item<float>() < 1e-3F);

    const std::vector<std::int64_t> one{ task.splits.test.front() };
    const Batch batch = tensors.batch(tensors.indices(one));
    QCOMPARE(batch.size(), 1);
    QCOMPARE(batch.target[0].item<std::int64_t>(), task.dataset.labels[static_cast<std::size_t>(one[0])]);
    for (int i = 0; i < 2; ++i) {
        const auto channel = static_cast<std::size_t>(i);
        const float expected = (task.dataset.samples.at(one[0], i) - task.normalisation.mean[channel])
            / task.normalisation.deviation[channel];
        QVERIFY(std::abs(batch.input[0][i].item<float>() - expected) < 1e-5F);
    }
}

void TestTaskTensors::normalisedSamplesAreTheBatches()
{
    const data::Task task = barsTask();
    const TaskTensors tensors(task, at::kCPU);
    const at::Tensor input = tensors.batch(tensors.indices(task.splits.test)).input.contiguous();
    const std::vector<float> values = normalisedSamples(task, task.splits.test);
    QCOMPARE(static_cast<std::int64_t>(values.size()), input.numel());
    QVERIFY(std::equal(values.begin(), values.end(), input.const_data_ptr<float>()));
    QVERIFY(normalisedSamples(task, {}).empty());
}

void TestTaskTensors::planIsAPermutation()
{
    const data::Task task = separableTask();
    const TaskTensors tensors(task, at::kCPU);
    const at::Tensor samples = tensors.indices(task.splits.train);
    const EpochPlan plan = tensors.plan(samples, {}, at::detail::createCPUGenerator(3));
    QVERIFY(!plan.order.equal(samples));
    QVERIFY(std::get<0>(plan.order.sort()).equal(std::get<0>(samples.sort())));
}

void TestTaskTensors::planFollowsItsGenerator()
{
    const data::Task task = barsTask();
    const TaskTensors tensors(task, at::kCPU);
    const at::Tensor samples = tensors.indices(task.splits.train);
    data::Recipe recipe;
    recipe.shiftPixels = 2;
    recipe.horizontalFlip = true;
    const auto planWith
        = [&](std::uint64_t seed) { return tensors.plan(samples, recipe, at::detail::createCPUGenerator(seed)); };
    const EpochPlan a = planWith(1);
    const EpochPlan b = planWith(1);
    const EpochPlan c = planWith(2);
    QVERIFY(a.order.equal(b.order) && a.shiftX.equal(b.shiftX) && a.shiftY.equal(b.shiftY) && a.flip.equal(b.flip));
    QVERIFY(!a.order.equal(c.order));
    QCOMPARE(a.shiftX.min().item<std::int64_t>(), 0);
    QCOMPARE(a.shiftX.max().item<std::int64_t>(), 4);
    QVERIFY(!a.shiftX.equal(a.shiftY));
    const auto flips = a.flip.sum().item<std::int64_t>();
    QVERIFY(flips > a.size() / 4 && flips < a.size() * 3 / 4);
}

void TestTaskTensors::vectorsAreNeverAugmented()
{
    const data::Task task = separableTask();
    const TaskTensors tensors(task, at::kCPU);
    data::Recipe recipe;
    recipe.shiftPixels = 2;
    recipe.horizontalFlip = true;
    const EpochPlan plan = tensors.plan(tensors.indices(task.splits.train), recipe, at::detail::createCPUGenerator(3));
    QVERIFY(!plan.shiftX.defined());
    QVERIFY(!plan.flip.defined());
    QVERIFY(tensors.trainingBatch(plan, 3, 9).input.equal(tensors.batch(plan.order.slice(0, 3, 9)).input));
}

void TestTaskTensors::shiftMovesAndFillsWithZeros_data()
{
    QTest::addColumn<int>("originY");
    QTest::addColumn<int>("originX");
    QTest::newRow("stays") << 1 << 1;
    QTest::newRow("down") << 0 << 1;
    QTest::newRow("up and left") << 2 << 2;
    QTest::newRow("right") << 1 << 0;
}

void TestTaskTensors::shiftMovesAndFillsWithZeros()
{
    QFETCH(int, originY);
    QFETCH(int, originX);
    const at::Tensor image = at::arange(1, 13, at::kFloat).view({ 1, 1, 3, 4 });
    const at::Tensor moved
        = shifted(image, 1, at::tensor({ std::int64_t{ originY } }), at::tensor({ std::int64_t{ originX } }));
    QVERIFY(moved.sizes() == image.sizes());
    for (int y = 0; y < 3; ++y) {
        for (int x = 0; x < 4; ++x) {
            const int fromY = y + originY - 1;
            const int fromX = x + originX - 1;
            const bool inside = fromY >= 0 && fromY < 3 && fromX >= 0 && fromX < 4;
            QCOMPARE(moved[0][0][y][x].item<float>(), inside ? image[0][0][fromY][fromX].item<float>() : 0.0F);
        }
    }
}

void TestTaskTensors::shiftKeepsSumsOfWhatStaysInside()
{
    // A border of zeros as wide as the shift: nothing is pushed out.
    const at::Generator generator = at::detail::createCPUGenerator(5);
    const at::Tensor images = at::constant_pad_nd(
        at::randint(1, 200, { 16, 3, 4, 4 }, generator, at::TensorOptions(at::kByte)), { 2, 2, 2, 2 }, 0);
    const at::Tensor originY = at::randint(5, { 16 }, generator, at::TensorOptions(at::kLong));
    const at::Tensor originX = at::randint(5, { 16 }, generator, at::TensorOptions(at::kLong));
    const at::Tensor moved = shifted(images, 2, originY, originX);
    QVERIFY(moved.scalar_type() == at::kByte);
    QVERIFY(!moved.equal(images));
    QVERIFY(moved.sum({ 1, 2, 3 }).equal(images.sum({ 1, 2, 3 })));
}

void TestTaskTensors::shiftIsEachImagesOwn()
{
    const at::Tensor images = at::eye(4).view({ 1, 1, 4, 4 }).repeat({ 2, 1, 1, 1 });
    const at::Tensor origins = at::tensor({ std::int64_t{ 1 }, std::int64_t{ 0 } });
    const at::Tensor moved = shifted(images, 1, origins, origins);
    QVERIFY(moved[0].equal(images[0]));
    QVERIFY(!moved[1].equal(images[1]));
}

void TestTaskTensors::flipMirrorsOnlyTheChosen()
{
    const at::Tensor images = at::arange(2 * 3 * 2 * 4).view({ 2, 3, 2, 4 });
    const at::Tensor flip = at::tensor({ std::int64_t{ 0 }, std::int64_t{ 1 } }).to(at::kBool);
    const at::Tensor result = flipped(images, flip);
    QVERIFY(result[0].equal(images[0]));
    for (int x = 0; x < 4; ++x)
        QVERIFY(result[1].select(2, x).equal(images[1].select(2, 3 - x)));
}

void TestTaskTensors::trainingBatchIsAugmentedBeforeNormalisation()
{
    const data::Task task = barsTask();
    const TaskTensors tensors(task, at::kCPU);
    EpochPlan plan;
    plan.order = tensors.indices(task.splits.train);
    plan.shiftPixels = 8;
    plan.shiftY = at::zeros({ plan.size() }, at::TensorOptions(at::kLong)); // pushed out altogether: black
    plan.shiftX = plan.shiftY;
    const at::Tensor input = tensors.trainingBatch(plan, 0, 4).input;
    QVERIFY(input.is_contiguous(at::MemoryFormat::ChannelsLast));
    const float black = -task.normalisation.mean[0] / task.normalisation.deviation[0];
    QVERIFY((input - black).abs().max().item<float>() < 1e-5F);
}

QTEST_GUILESS_MAIN(TestTaskTensors)
#include "tst_task_tensors.moc"
