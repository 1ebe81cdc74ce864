#include "core/base/rng.h"
#include "core/data/dataset.h"
#include "tests/core/data/data_files.h"

#include <QTest>
#include <cmath>
#include <rapidcheck.h>
#include <set>

using namespace archscope;
using namespace archscope::data;

namespace {
/// Classes of the given sizes, one feature; after them `test` samples as a test set.
Dataset datasetOf(const std::vector<int>& sizes, int test = 0)
{
    Dataset dataset;
    for (std::size_t label = 0; label < sizes.size(); ++label) {
        dataset.classes.push_back("c" + std::to_string(label));
        dataset.labels.insert(dataset.labels.end(), static_cast<std::size_t>(sizes[label]), static_cast<std::int64_t>(label));
    }
    dataset.testBegin = static_cast<std::int64_t>(dataset.labels.size());
    dataset.labels.insert(dataset.labels.end(), static_cast<std::size_t>(test), 0);
    dataset.samples.shape = {1};
    dataset.samples.values = std::vector<float>(dataset.labels.size(), 1.0f);
    return dataset;
}

std::int64_t countOf(const Dataset& dataset, const std::vector<std::int64_t>& split, std::int64_t label)
{
    return std::count_if(split.begin(), split.end(), [&](std::int64_t i) { return dataset.labels[static_cast<std::size_t>(i)] == label; });
}
} // namespace

class DatasetTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void splitsAreStratified()
    {
        QVERIFY(rc::check("disjoint, complete, right to one sample in each class and in total", [] {
            const auto sizes = *rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(5, 60)));
            const int test = *rc::gen::elementOf(std::vector{0, 7});
            const Dataset dataset = datasetOf(sizes, test);
            SplitOptions options;
            options.validationFraction = *rc::gen::elementOf(std::vector{0.2, 0.25, 1.0 / 3});
            options.testFraction = *rc::gen::elementOf(std::vector{0.2, 0.3});
            options.seed = *rc::gen::arbitrary<std::uint64_t>();
            const auto splits = stratifiedSplits(dataset, options);
            RC_ASSERT(splits.has_value());
            std::set<std::int64_t> all;
            for (const auto* split : {&splits->train, &splits->validation, &splits->test})
                all.insert(split->begin(), split->end());
            RC_ASSERT(all.size() == splits->train.size() + splits->validation.size() + splits->test.size());
            RC_ASSERT(static_cast<std::int64_t>(all.size()) == dataset.samples.count());
            RC_ASSERT(*all.begin() == 0 && *all.rbegin() == dataset.samples.count() - 1);
            const double testFraction = test > 0 ? 0 : options.testFraction;
            for (std::size_t label = 0; label < sizes.size(); ++label) {
                const auto c = static_cast<std::int64_t>(label);
                RC_ASSERT(std::abs(countOf(dataset, splits->validation, c) - options.validationFraction * sizes[label]) < 1);
                RC_ASSERT(std::abs(countOf(dataset, splits->train, c) - (1 - options.validationFraction - testFraction) * sizes[label]) < 1);
                if (test == 0)
                    RC_ASSERT(std::abs(countOf(dataset, splits->test, c) - testFraction * sizes[label]) < 1);
            }
            const auto total = static_cast<double>(dataset.testBegin);
            RC_ASSERT(std::abs(static_cast<double>(splits->validation.size()) - options.validationFraction * total) < 3);
        }));
    }

    void splitsRepeat()
    {
        const Dataset dataset = datasetOf({30, 40, 50});
        SplitOptions options;
        const auto first = stratifiedSplits(dataset, options);
        VERIFY_OK(first);
        QVERIFY(*first == *stratifiedSplits(dataset, options));
        options.seed = 1;
        QVERIFY(!(*first == *stratifiedSplits(dataset, options)));
        // Fixed for good: studies that are resumed rely on it.
        const QList<qint64> begin(first->validation.begin(), first->validation.begin() + 5);
        QCOMPARE(begin, (QList<qint64>{86, 97, 10, 18, 105}));
    }

    void testSetKeepsItsOrder()
    {
        const auto splits = stratifiedSplits(datasetOf({10, 10}, 3), {});
        VERIFY_OK(splits);
        QVERIFY((splits->test == std::vector<std::int64_t>{20, 21, 22}));
        QCOMPARE(splits->validation.size(), std::size_t{4});
    }

    void smallestClassesStandEverywhere()
    {
        const Dataset dataset = datasetOf({3, 100});
        const auto splits = stratifiedSplits(dataset, {});
        VERIFY_OK(splits);
        for (const auto* split : {&splits->train, &splits->validation, &splits->test})
            QCOMPARE(countOf(dataset, *split, 0), 1);
    }

    void refuses_data()
    {
        QTest::addColumn<double>("validation");
        QTest::addColumn<double>("test");
        QTest::addColumn<int>("samples");
        QTest::addColumn<int>("testSet");
        QTest::addColumn<QString>("part");
        QTest::newRow("two samples") << 0.2 << 0.2 << 2 << 0 << "class 'c1' has 2 samples, too few";
        QTest::newRow("no samples") << 0.2 << 0.2 << 0 << 0 << "class 'c1' has 0 samples";
        QTest::newRow("one beside a test set") << 0.2 << 0.2 << 1 << 5 << "class 'c1' has 1 sample, too few to stand in training and";
        QTest::newRow("no validation") << 0.0 << 0.2 << 9 << 0 << "the validation fraction is 0";
        QTest::newRow("NaN") << std::nan("") << 0.2 << 9 << 0 << "the validation fraction is nan";
        QTest::newRow("no test") << 0.2 << 0.0 << 9 << 0 << "the test fraction is 0";
        QTest::newRow("nothing left") << 0.5 << 0.5 << 9 << 0 << "leave nothing to train on";
    }
    void refuses()
    {
        QFETCH(double, validation);
        QFETCH(double, test);
        QFETCH(int, samples);
        QFETCH(int, testSet);
        QFETCH(QString, part);
        const auto splits = stratifiedSplits(datasetOf({20, samples}, testSet), {validation, test, 0});
        QVERIFY2(!splits, "an error was expected");
        QVERIFY2(splits.error().text().find(part.toStdString()) != std::string::npos, splits.error().text().c_str());
    }

    void normalisesFeatures()
    {
        Dataset dataset;
        dataset.samples.shape = {3};
        dataset.samples.values = std::vector<float>{1, 0.1f, 1e7f, 3, 0.1f, 1e7f + 1, 100, 100, 100};
        dataset.labels = {0, 1, 0};
        const std::vector<std::int64_t> training = {0, 1}; // the third sample must not count
        const Normalisation found = normalisationOf(dataset, training);
        QVERIFY((found.mean == std::vector<float>{2, 0.1f, 1e7f}) || (found.mean == std::vector<float>{2, 0.1f, 1e7f + 1}));
        QCOMPARE(found.deviation[0], 1.0f);
        QCOMPARE(found.deviation[1], 1.0f); // constant
        QCOMPARE(found.deviation[2], 0.5f);
    }

    void normalisesChannels()
    {
        Dataset dataset;
        dataset.samples.shape = {2, 1, 2};
        dataset.samples.values = std::vector<std::uint8_t>{0, 10, 7, 7, 20, 30, 7, 7};
        const std::vector<std::int64_t> training = {0, 1};
        const Normalisation found = normalisationOf(dataset, training);
        QVERIFY((found.mean == std::vector<float>{15, 7}));
        QCOMPARE(found.deviation[0], std::sqrt(125.0f));
        QCOMPARE(found.deviation[1], 1.0f);
    }
};

QTEST_GUILESS_MAIN(DatasetTest)
#include "tst_dataset.moc"
