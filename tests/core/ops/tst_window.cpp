// The arithmetic of windows, and convolutions and pooling against loops that follow it literally.
#include "core/base/rng.h"
#include "core/ops/window.h"
#include "tests/core/ops/operation_support.h"

#include <limits>
#include <rapidcheck.h>

using namespace archscope;
using namespace archscope::ops;

namespace {

/// Applies `gather` to the pixels of each window that lie inside the image.
template <class Gather>
at::Tensor byLoops(const Window& window, const Shape& shape, const Gather& gather)
{
    const auto [height, width] = windowAxes(window, shape);
    at::Tensor output = at::zeros({height.output, width.output}, at::kDouble);
    for (std::int64_t row = 0; row < height.output; ++row) {
        for (std::int64_t column = 0; column < width.output; ++column) {
            std::vector<std::array<std::int64_t, 4>> pixels; // y and x in the image, y and x in the kernel
            for (std::int64_t i = 0; i < window.kernel; ++i) {
                for (std::int64_t j = 0; j < window.kernel; ++j) {
                    const std::int64_t y = row * window.stride + i * window.dilation - height.before;
                    const std::int64_t x = column * window.stride + j * window.dilation - width.before;
                    if (y >= 0 && y < shape[1] && x >= 0 && x < shape[2])
                        pixels.push_back({y, x, i, j});
                }
            }
            output[row][column] = gather(pixels);
        }
    }
    return output;
}

} // namespace

class TestWindow : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void axis_data()
    {
        QTest::addColumn<int>("kernel");
        QTest::addColumn<int>("stride");
        QTest::addColumn<int>("dilation");
        QTest::addColumn<int>("size");
        QTest::addColumn<int>("output");
        QTest::addColumn<int>("before");
        QTest::addColumn<int>("after");
        QTest::newRow("3, as PyTorch pads") << 3 << 1 << 1 << 8 << 8 << 1 << 1;
        QTest::newRow("3 stride 2, even size") << 3 << 2 << 1 << 8 << 4 << 1 << 0;
        QTest::newRow("3 stride 2, odd size") << 3 << 2 << 1 << 7 << 4 << 1 << 1;
        QTest::newRow("2 stride 2 is aligned") << 2 << 2 << 1 << 8 << 4 << 0 << 0;
        QTest::newRow("2 stride 2, odd size") << 2 << 2 << 1 << 7 << 4 << 0 << 1;
        QTest::newRow("2 stride 1") << 2 << 1 << 1 << 8 << 8 << 0 << 1;
        QTest::newRow("3 stride 3 is aligned") << 3 << 3 << 1 << 9 << 3 << 0 << 0;
        QTest::newRow("3 dilation 2") << 3 << 1 << 2 << 8 << 8 << 2 << 2;
        QTest::newRow("7 stride 4 on one pixel") << 7 << 4 << 1 << 1 << 1 << 3 << 3;
        QTest::newRow("1 stride 2") << 1 << 2 << 1 << 5 << 3 << 0 << 0;
    }
    void axis()
    {
        QFETCH(int, kernel);
        QFETCH(int, stride);
        QFETCH(int, dilation);
        QFETCH(int, size);
        const WindowAxis axis = windowAxis({kernel, stride, dilation, Padding::Same}, size);
        QTEST(static_cast<int>(axis.output), "output");
        QTEST(static_cast<int>(axis.before), "before");
        QTEST(static_cast<int>(axis.after), "after");
    }

    /// Every window sees a pixel, the last one ends where the padding does, and the size is ⌈size/stride⌉.
    void sameCoversTheImage()
    {
        QVERIFY(rc::check([] {
            const Window window{*rc::gen::inRange(1, 16), *rc::gen::inRange(1, 5), *rc::gen::inRange(1, 9), Padding::Same};
            const std::int64_t size = *rc::gen::inRange(1, 40);
            const WindowAxis axis = windowAxis(window, size);
            RC_ASSERT(axis.output == (size + window.stride - 1) / window.stride);
            RC_ASSERT(axis.before >= 0 && axis.after >= 0);
            const std::int64_t padded = size + axis.before + axis.after;
            RC_ASSERT(padded >= window.extent());
            RC_ASSERT((padded - window.extent()) / window.stride + 1 == axis.output);
        }));
    }

    void modulesFollow()
    {
        QVERIFY(rc::check([] {
            const std::int64_t kernel = *rc::gen::inRange(1, 7);
            const std::int64_t stride = *rc::gen::inRange(1, 5);
            const std::int64_t dilation = *rc::gen::inRange(1, 4);
            const bool valid = *rc::gen::arbitrary<bool>();
            const Shape shape{1, *rc::gen::inRange(1, 12), *rc::gen::inRange(1, 12)};
            Given given{{"kernel", kernel}, {"stride", stride}, {"padding", word(valid ? "valid" : "same")}};
            const at::Tensor image = randomBatch(1, shape, generatorWith(static_cast<std::uint64_t>(kernel + stride)), at::kDouble);
            const auto at = [&](std::int64_t y, std::int64_t x) { return image[0][0][y][x].item<double>(); };
            const auto agrees = [&](const Case& value, const auto& gather) {
                if (!value.outputShape()) {
                    RC_ASSERT(valid);
                    return;
                }
                const auto module = value.module(generatorWith(1));
                for (NamedTensor& named : module->tensors())
                    named.tensor = at::arange(1, named.tensor.numel() + 1, at::kDouble).view(named.tensor.sizes());
                const std::vector<at::Tensor> inputs{image};
                const at::Tensor output = module->forward(inputs, {})[0][0];
                RC_ASSERT(at::allclose(output, byLoops(Window::from(value.parameters()), shape, gather)));
            };
            agrees({"max-pool", given, {shape}}, [&](const auto& pixels) {
                double largest = -std::numeric_limits<double>::infinity();
                for (const auto& pixel : pixels)
                    largest = std::max(largest, at(pixel[0], pixel[1]));
                return largest;
            });
            agrees({"avg-pool", given, {shape}}, [&](const auto& pixels) {
                double sum = 0;
                for (const auto& pixel : pixels)
                    sum += at(pixel[0], pixel[1]);
                return sum / static_cast<double>(pixels.size());
            });
            given["dilation"] = dilation;
            given["channels"] = whole(1);
            agrees({"conv", given, {shape}}, [&](const auto& pixels) {
                double sum = 0;
                for (const auto& pixel : pixels)
                    sum += at(pixel[0], pixel[1]) * static_cast<double>(pixel[2] * kernel + pixel[3] + 1);
                return sum;
            });
        }));
    }
};

QTEST_GUILESS_MAIN(TestWindow)
#include "tst_window.moc"
