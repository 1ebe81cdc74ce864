#include "core/train/torch_guard.h"

#include <ATen/ATen.h>
#include <QTest>
#include <new>
#include <stdexcept>

using namespace archscope;
using namespace archscope::train;

class TestTorchGuard : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void valuesAndErrorsPass();
    void exceptionsBecomeErrors_data();
    void exceptionsBecomeErrors();
    void outOfMemoryIsRetriedOnce();
    void otherFailuresAreNotRetried();
    void secondOutOfMemoryIsCensored();
};

void TestTorchGuard::valuesAndErrorsPass()
{
    QCOMPARE(guarded([]() -> Result<int> { return 3; }).value(), 3);
    const auto failed = guarded([]() -> Result<int> { return fail(ErrorCode::Io, "no disk"); });
    QVERIFY(!failed && failed.error().code == ErrorCode::Io);
}

void TestTorchGuard::exceptionsBecomeErrors_data()
{
    QTest::addColumn<int>("which");
    QTest::addColumn<ErrorCode>("code");
    QTest::newRow("more than LibTorch's allocator has") << 0 << ErrorCode::OutOfMemory;
    QTest::newRow("a device's out of memory") << 1 << ErrorCode::OutOfMemory;
    QTest::newRow("bad_alloc") << 2 << ErrorCode::OutOfMemory;
    QTest::newRow("LibTorch") << 3 << ErrorCode::Internal;
    QTest::newRow("standard") << 4 << ErrorCode::Internal;
    QTest::newRow("anything") << 5 << ErrorCode::Internal;
}

void TestTorchGuard::exceptionsBecomeErrors()
{
    QFETCH(int, which);
    QFETCH(ErrorCode, code);
    const auto result = guarded([&]() -> Result<void> {
        switch (which) {
        case 0:
            at::empty({ std::int64_t{ 1 } << 50 });
            break;
        case 1:
            TORCH_CHECK_WITH(OutOfMemoryError, false, "CUDA: no");
            break;
        case 2:
            throw std::bad_alloc();
        case 3:
            at::zeros({ 2, 3 }).matmul(at::zeros({ 2, 3 }));
            break;
        case 4:
            throw std::runtime_error("first line\nsecond line");
        default:
            throw 5;
        }
        return {};
    });
    QVERIFY(!result);
    QVERIFY2(result.error().code == code, result.error().message.c_str());
    QVERIFY(!result.error().message.empty());
    QVERIFY(result.error().message.find('\n') == std::string::npos);
}

void TestTorchGuard::outOfMemoryIsRetriedOnce()
{
    std::vector<int> parts;
    const auto result = retriedSmaller([&](int part) -> Result<int> {
        parts.push_back(part);
        if (part == 1)
            throw std::bad_alloc();
        return part;
    });
    QCOMPARE(result.value(), 2);
    QVERIFY(parts == std::vector<int>({ 1, 2 }));
}

void TestTorchGuard::otherFailuresAreNotRetried()
{
    int runs = 0;
    const auto result = retriedSmaller([&](int) -> Result<void> {
        ++runs;
        return fail(ErrorCode::NumericalFailure, "NaN");
    });
    QVERIFY(!result);
    QCOMPARE(runs, 1);
}

void TestTorchGuard::secondOutOfMemoryIsCensored()
{
    int runs = 0;
    const auto result = retriedSmaller([&](int) -> Result<void> {
        ++runs;
        throw std::bad_alloc();
    });
    QVERIFY(!result);
    QCOMPARE(runs, 2);
    QVERIFY(result.error().code == ErrorCode::OutOfMemory);
    QVERIFY(result.error().message.find("censored") != std::string::npos);
}

QTEST_GUILESS_MAIN(TestTorchGuard)
#include "tst_torch_guard.moc"
