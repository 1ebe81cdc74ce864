#include "core/base/rng.h"
#include "core/data/format.h"
#include "tests/core/data/data_files.h"

#include <QTest>
#include <functional>
#include <rapidcheck.h>

using namespace archscope;
using namespace archscope::data;
using testing::counted;
using testing::Folder;
using testing::idxBytes;

namespace {
Result<Dataset> readIdx(const std::string& path, std::map<std::string, std::string> options = {})
{
    return idxFormat()->read({"idx", path, std::move(options)});
}
std::vector<std::uint8_t> bytesOf(const Dataset& dataset)
{
    return std::get<std::vector<std::uint8_t>>(dataset.samples.values);
}
} // namespace

class IdxFormatTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void readsFolder_data()
    {
        QTest::addColumn<QString>("prefix");
        QTest::addColumn<QString>("test");
        QTest::addColumn<QString>("mark");
        QTest::addColumn<bool>("isGzip");
        QTest::newRow("as published") << "train" << "t10k" << "-" << true;
        QTest::newRow("unpacked") << "train" << "t10k" << "-" << false;
        QTest::newRow("with dots") << "train" << "t10k" << "." << false;
        QTest::newRow("a relative's names") << "emnist-letters-train" << "emnist-letters-test" << "-" << true;
    }
    void readsFolder()
    {
        QFETCH(QString, prefix);
        QFETCH(QString, test);
        QFETCH(QString, mark);
        QFETCH(bool, isGzip);
        const Folder folder;
        const auto put = [&](const QString& part, const char* what, const std::string& bytes) {
            const std::string name = (part + "-" + QString(what).replace("IDX", mark + "idx") + "-ubyte").toStdString();
            isGzip ? folder.writeGzip(name + ".gz", bytes) : folder.write(name, bytes);
        };
        put(prefix, "imagesIDX3", idxBytes({3, 2, 2}, counted(12)));
        put(prefix, "labelsIDX1", idxBytes({3}, {5, 2, 5}));
        put(test, "imagesIDX3", idxBytes({1, 2, 2}, {9, 9, 9, 8}));
        put(test, "labelsIDX1", idxBytes({1}, {2}));
        QVERIFY(idxFormat()->recognises(folder.path()));
        const auto dataset = readIdx(folder.path());
        VERIFY_OK(dataset);
        QVERIFY(testing::isConsistent(*dataset));
        QVERIFY((dataset->samples.shape == std::vector<std::int64_t>{1, 2, 2}));
        QCOMPARE(dataset->samples.count(), 4);
        QCOMPARE(dataset->testBegin, 3);
        QVERIFY((dataset->classes == std::vector<std::string>{"2", "5"}));
        QVERIFY((dataset->labels == std::vector<std::int64_t>{1, 0, 1, 0}));
        QCOMPARE(dataset->samples.at(1, 2), 6.0f);
        QCOMPARE(dataset->samples.at(3, 3), 8.0f);
    }

    void readsShapes_data()
    {
        using Sizes = QList<int>;
        QTest::addColumn<Sizes>("sizes");
        QTest::addColumn<Sizes>("shape");
        QTest::addColumn<int>("secondValue");
        QTest::newRow("vectors") << Sizes{2, 12} << Sizes{12} << 1;
        QTest::newRow("grey") << Sizes{2, 3, 4} << Sizes{1, 3, 4} << 1;
        QTest::newRow("colour, channels last") << Sizes{2, 2, 2, 3} << Sizes{3, 2, 2} << 3;
        QTest::newRow("colour, channels second") << Sizes{2, 3, 2, 2} << Sizes{3, 2, 2} << 1;
    }
    void readsShapes()
    {
        QFETCH(QList<int>, sizes);
        QFETCH(QList<int>, shape);
        QFETCH(int, secondValue);
        const Folder folder;
        const std::vector<std::uint32_t> dimensions(sizes.begin(), sizes.end());
        const std::string images = folder.write("x", idxBytes(dimensions, counted(24)));
        const std::string labels = folder.write("y", idxBytes({2}, {0, 1}));
        const auto dataset = readIdx(images + "," + labels);
        VERIFY_OK(dataset);
        QVERIFY(testing::isConsistent(*dataset));
        QCOMPARE(QList<int>(dataset->samples.shape.begin(), dataset->samples.shape.end()), shape);
        QCOMPARE(int(bytesOf(*dataset)[1]), secondValue);
        QCOMPARE(dataset->testBegin, 2);
    }

    void namesClasses()
    {
        const Folder folder;
        const std::string pair = folder.write("x", idxBytes({2, 2}, counted(4))) + "," + folder.write("y", idxBytes({2}, {0, 7}));
        const auto dataset = readIdx(pair, {{"classes", "shirt,bag"}});
        VERIFY_OK(dataset);
        QVERIFY((dataset->classes == std::vector<std::string>{"shirt", "bag"}));
        COMPARE_ERROR(readIdx(pair, {{"classes", "shirt"}}), ErrorCode::InvalidArgument, "names 1 classes, the data has 2");
        COMPARE_ERROR(readIdx(pair, {{"classes", "bag,bag"}}), ErrorCode::InvalidArgument, "'bag' twice");
    }

    void findsLabelsBesideImages()
    {
        const Folder folder;
        const std::string images = folder.write("train-images-idx3-ubyte", idxBytes({2, 1, 2}, counted(4)));
        QVERIFY(idxFormat()->recognises(images));
        COMPARE_ERROR(readIdx(images), ErrorCode::InvalidInput, "write idx:IMAGES,LABELS");
        folder.write("train-labels-idx1-ubyte", idxBytes({2}, {0, 1}));
        const auto dataset = readIdx(images);
        VERIFY_OK(dataset);
        QCOMPARE(dataset->samples.count(), 2);
    }

    void recognisesByContent()
    {
        const Folder folder;
        const auto format = idxFormat();
        QVERIFY(format->recognises(folder.write("mystery", idxBytes({2, 1, 2}, counted(4)))));
        QVERIFY(!format->recognises(folder.write("labels", idxBytes({2}, {0, 1}))));
        QVERIFY(!format->recognises(folder.write("text", "a,b\n1,2\n")));
        QVERIFY(!format->recognises(folder.path("nothing")));
        QVERIFY(!format->recognises(folder.path())); // nothing in it has an IDX name
    }

    void refuses_data()
    {
        QTest::addColumn<QByteArray>("images");
        QTest::addColumn<QByteArray>("labels");
        QTest::addColumn<QString>("part");
        QTest::addColumn<int>("code");
        const auto row = [](const char* name, const std::string& images, const std::string& labels, const char* part,
                            ErrorCode code = ErrorCode::InvalidInput) {
            QTest::newRow(name) << QByteArray::fromStdString(images) << QByteArray::fromStdString(labels) << QString(part) << int(code);
        };
        const std::string images = idxBytes({2, 2, 2}, counted(8));
        const std::string labels = idxBytes({2}, {0, 1});
        row("empty", "", labels, "images: the file is empty");
        row("three bytes", images.substr(0, 3), labels, "images: the file ends after 3 bytes");
        row("header cut", images.substr(0, 10), labels, "images: the file ends after 10 bytes, within the IDX header");
        row("values cut", images.substr(0, images.size() - 1), labels, "announces 2×2×2 values, 7 follow: the file is truncated");
        row("labels cut", images, labels.substr(0, 9), "labels: the header announces 2 values, 1 follow");
        row("too long", images + "x", labels, "the file is too long");
        row("wrong magic", "\x89PNG" + images, labels, "this is no IDX file: it begins with 89 50 4e 47");
        row("unknown type", idxBytes({2, 2}, counted(4), 7), labels, "this is no IDX file");
        row("floats", idxBytes({2, 2}, counted(16), 0x0d), labels, "32-bit floating-point", ErrorCode::Unsupported);
        row("five dimensions", idxBytes({2, 1, 1, 1, 1}, counted(2)), labels, "5 dimensions", ErrorCode::Unsupported);
        row("dimension of zero", idxBytes({2, 0, 2}, {}), labels, "dimension 2 is 0");
        row("absurd claim", idxBytes({0xffffffff, 0xffffffff, 0xffffffff}, counted(8)), labels, "truncated");
        row("claim that wraps to 0", idxBytes({0x80000000, 0x80000000, 4}, counted(8)), labels, "truncated");
        row("counts differ", images, idxBytes({3}, {0, 1, 0}), "there are 3 labels for the 2 images");
        row("labels as images", labels, labels, "images are expected here");
        row("images as labels", images, images, "labels are expected here");
        row("five channels", idxBytes({2, 2, 2, 5}, counted(40)), labels, "number of colour channels", ErrorCode::Unsupported);
        row("broken gzip", "\x1f\x8b\x08 nothing", labels, "gzip stream is");
    }
    void refuses()
    {
        QFETCH(QByteArray, images);
        QFETCH(QByteArray, labels);
        QFETCH(QString, part);
        QFETCH(int, code);
        const Folder folder;
        const std::string pair = folder.write("images", images.toStdString()) + "," + folder.write("labels", labels.toStdString());
        COMPARE_ERROR(readIdx(pair), ErrorCode(code), part.toStdString());
    }

    void refusesFolders()
    {
        const Folder folder;
        COMPARE_ERROR(readIdx(folder.path()), ErrorCode::InvalidInput, "holds no IDX files");
        folder.write("train-images-idx3-ubyte", idxBytes({2, 1, 2}, counted(4)));
        COMPARE_ERROR(readIdx(folder.path()), ErrorCode::InvalidInput, "the training labels are missing");
        folder.write("train-labels-idx1-ubyte", idxBytes({2}, {0, 1}));
        folder.write("t10k-images-idx3-ubyte", idxBytes({1, 2, 2}, counted(4)));
        COMPARE_ERROR(readIdx(folder.path()), ErrorCode::InvalidInput, "the test labels are missing");
        folder.write("t10k-labels-idx1-ubyte", idxBytes({1}, {1}));
        COMPARE_ERROR(readIdx(folder.path()), ErrorCode::InvalidInput, "the test images are 1×2×2, the training images 1×1×2");
        folder.write("other-train-images-idx3-ubyte", "");
        COMPARE_ERROR(readIdx(folder.path()), ErrorCode::InvalidInput, "2 sets of IDX files");
    }

    void survivesMutations()
    {
        const Folder folder;
        const std::string images = idxBytes({3, 2, 2}, counted(12));
        const std::string labels = idxBytes({3}, {0, 1, 1});
        QVERIFY(rc::check("mutated IDX gives a consistent dataset or an error", [&] {
            std::string bytes = images + labels;
            const int changes = *rc::gen::inRange(1, 5);
            for (int i = 0; i < changes; ++i) {
                const auto place = *rc::gen::inRange<std::size_t>(0, bytes.size());
                bytes[place] = *rc::gen::elementOf(std::string("\x00\x01\x02\x03\x04\x08\x7f\x80\xff", 9));
            }
            const auto cut = *rc::gen::inRange<std::size_t>(0, bytes.size() + 1);
            const std::string pair = folder.write("x", bytes.substr(0, std::min(cut, images.size()))) + ","
                + folder.write("y", bytes.substr(images.size()));
            const auto dataset = readIdx(pair);
            RC_ASSERT((dataset ? testing::isConsistent(*dataset) : !dataset.error().context.empty()));
        }));
    }

    void readsFashionMnist()
    {
        const std::string path = testing::sharedData("fashion-mnist");
        if (!std::filesystem::exists(path))
            QSKIP("the shared data is not on this machine");
        const auto dataset = readIdx(path);
        VERIFY_OK(dataset);
        QCOMPARE(dataset->samples.count(), 70'000);
        QCOMPARE(dataset->testBegin, 60'000);
        QVERIFY((dataset->samples.shape == std::vector<std::int64_t>{1, 28, 28}));
        QVERIFY(testing::classCounts(*dataset, 0, 60'000) == std::vector<std::int64_t>(10, 6'000));
        QVERIFY(testing::classCounts(*dataset, 60'000, 70'000) == std::vector<std::int64_t>(10, 1'000));
        QCOMPARE(dataset->classes.front(), std::string("0"));
        SplitOptions options;
        const auto splits = stratifiedSplits(*dataset, options);
        VERIFY_OK(splits);
        QCOMPARE(splits->train.size(), std::size_t{48'000});
        QCOMPARE(splits->validation.size(), std::size_t{12'000});
        QCOMPARE(splits->test.size(), std::size_t{10'000});
        // What everybody who trains on it uses: 0.2860 and 0.3530 of 255, over all 60,000.
        const Normalisation normalisation = normalisationOf(*dataset, splits->train);
        QVERIFY(std::abs(normalisation.mean[0] / 255 - 0.2860f) < 0.002f);
        QVERIFY(std::abs(normalisation.deviation[0] / 255 - 0.3530f) < 0.002f);
    }
};

QTEST_GUILESS_MAIN(IdxFormatTest)
#include "tst_idx_format.moc"
