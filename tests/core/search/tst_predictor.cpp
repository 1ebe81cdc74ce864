#include <QtTest> // first: moc of Qt 6.4 stumbles over <concepts> before it

#include "core/search/path_encoding.h"
#include "core/search/predictor.h"
#include "tests/core/search/search_test_support.h"

#include <QFile>
#include <algorithm>
#include <cmath>
#include <set>

using namespace archscope;
using namespace archscope::search;

namespace {

constexpr std::size_t inputs = 20;

PredictorSettings fewLayers()
{
    PredictorSettings settings;
    settings.layers = 3;
    return settings;
}

/// Five decisions of four values each, one-hot; the target is additive in them.
std::vector<PredictorSample> additiveSamples(std::size_t count, std::uint64_t seed, std::uint64_t values = 4)
{
    Rng rng(seed);
    std::vector<PredictorSample> samples;
    for (std::size_t i = 0; i < count; ++i) {
        PredictorSample sample{ std::vector<float>(inputs, 0.0F), 0, 1 };
        for (std::size_t decision = 0; decision < 5; ++decision) {
            const auto value = static_cast<std::size_t>(rng.below(values));
            sample.features[4 * decision + value] = 1;
            sample.target += static_cast<float>(value) * static_cast<float>(decision + 1) / 20;
        }
        samples.push_back(std::move(sample));
    }
    return samples;
}

double meanError(const EnsemblePredictor& predictor, const std::vector<PredictorSample>& samples)
{
    double sum = 0;
    for (const PredictorSample& sample : samples)
        sum += std::abs(predictor.predict(sample.features).mean - sample.target);
    return sum / static_cast<double>(samples.size());
}

double meanDeviation(const EnsemblePredictor& predictor, const std::vector<PredictorSample>& samples)
{
    double sum = 0;
    for (const PredictorSample& sample : samples)
        sum += predictor.predict(sample.features).deviation;
    return sum / static_cast<double>(samples.size());
}

space::SearchSpace preset(const QString& name)
{
    QFile file(QStringLiteral(ARCHSCOPE_SOURCE_DIR "/resources/spaces/%1.space.json").arg(name));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    return *space::spaceFromText(file.readAll().toStdString());
}

} // namespace

class TestPredictor : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void learnsWhatIsAdditive_data()
    {
        QTest::addColumn<int>("layers");
        QTest::newRow("one hidden layer") << 1;
        QTest::newRow("three") << 3;
        QTest::newRow("ten, as in the paper") << 10;
    }
    void learnsWhatIsAdditive()
    {
        QFETCH(int, layers);
        PredictorSettings settings;
        settings.layers = layers;
        EnsemblePredictor predictor(inputs, settings, 1);
        predictor.train(additiveSamples(200, 2));
        const auto others = additiveSamples(200, 3);
        // Targets spread over 0 to 2.25 with a mean absolute deviation of about 0.4.
        QVERIFY2(meanError(predictor, others) < 0.15, qPrintable(QString::number(meanError(predictor, others))));
    }

    void sameSeedSameEnsemble()
    {
        const auto samples = additiveSamples(50, 2);
        const auto probe = additiveSamples(1, 9).front().features;
        const auto predicted = [&](std::uint64_t seed) {
            EnsemblePredictor predictor(inputs, fewLayers(), seed);
            predictor.train(samples);
            return predictor.predict(probe).mean;
        };
        QCOMPARE(predicted(4), predicted(4));
        QVERIFY(predicted(4) != predicted(5));
    }

    void spreadIsLargerAwayFromTheData()
    {
        EnsemblePredictor predictor(inputs, fewLayers(), 1);
        predictor.train(additiveSamples(100, 2, 2)); // two of the four values are never seen
        auto away = additiveSamples(100, 3, 2);
        for (PredictorSample& sample : away) { // the values that are never seen
            for (std::size_t decision = 0; decision < 5; ++decision)
                std::rotate(
                    &sample.features[4 * decision], &sample.features[4 * decision + 2], &sample.features[4 * decision] + 4);
        }
        const double near = meanDeviation(predictor, additiveSamples(100, 3, 2));
        const double far = meanDeviation(predictor, away);
        QVERIFY2(far > 3 * near, qPrintable(QString("%1 %2").arg(near).arg(far)));
    }

    void heavySamplesCountMore()
    {
        // The same features with two targets: of absolute errors, the heavier one wins altogether.
        const std::vector<float> features(inputs, 0.5F);
        EnsemblePredictor predictor(inputs, fewLayers(), 1);
        std::vector<PredictorSample> samples;
        for (int i = 0; i < 10; ++i) {
            samples.push_back({ features, 1, 1 });
            samples.push_back({ features, 0, 0.2F });
        }
        predictor.train(samples);
        QVERIFY(std::abs(predictor.predict(features).mean - 1) < 0.2);
    }

    void trainedBeforeItNeedsFewer()
    {
        const auto few = additiveSamples(8, 5);
        const auto others = additiveSamples(200, 6);
        EnsemblePredictor cold(inputs, fewLayers(), 1);
        cold.train(few);
        EnsemblePredictor warm(inputs, fewLayers(), 1);
        warm.train(additiveSamples(200, 2));
        warm.train(few);
        QVERIFY2(meanError(warm, others) < 0.6 * meanError(cold, others),
            qPrintable(QString("%1 %2").arg(meanError(warm, others)).arg(meanError(cold, others))));
    }

    void nothingToLearnIsNoError()
    {
        EnsemblePredictor untrained(inputs, fewLayers(), 1);
        untrained.train({});
        QVERIFY(std::isfinite(untrained.predict(std::vector<float>(inputs, 1.0F)).mean));
        EnsemblePredictor blind(0, fewLayers(), 1); // no features: the mean of the targets' middle
        const std::vector<PredictorSample> samples{ { {}, 2, 1 }, { {}, 2, 1 } };
        blind.train(samples);
        QVERIFY2(
            blind.predict({}).mean > 1 && blind.predict({}).mean < 3, qPrintable(QString::number(blind.predict({}).mean)));
    }

    void thompsonSampleDrawsEach()
    {
        const std::vector<Prediction> predictions{ { 0, 1 }, { 0.5, 0 }, { -100, 1 } };
        Rng rng(3);
        int uncertainFirst = 0;
        for (int i = 0; i < 4000; ++i) {
            const auto order = thompsonSample(predictions, 2, rng);
            QCOMPARE(order.size(), std::size_t{ 2 });
            QVERIFY(order[0] != 2 && order[1] != 2);
            uncertainFirst += order[0] == 0;
        }
        QVERIFY2(
            std::abs(uncertainFirst / 4000.0 - 0.3085) < 0.04, qPrintable(QString::number(uncertainFirst))); // P(N > 0.5)
        QCOMPARE(thompsonSample(predictions, 10, rng).size(), std::size_t{ 3 });
        QVERIFY(thompsonSample({}, 10, rng).empty());
    }

    void pathsOfACellOfNasBench201()
    {
        // |nor_conv_3x3~0|+|skip_connect~0|nor_conv_1x1~1|+|avg_pool_3x3~0|none~1|skip_connect~2|
        const space::SearchSpace space = preset("nas-bench-201");
        const auto decisions = space::DecisionSpace::compile(space);
        QVERIFY(decisions.has_value());
        const auto genotype = decisions->fromJson(
            { { "@cell/0-1", "nor_conv_3x3" }, { "@cell/0-2", "skip_connect" }, { "@cell/1-2", "nor_conv_1x1" },
                { "@cell/0-3", "avg_pool_3x3" }, { "@cell/1-3", "none" }, { "@cell/2-3", "skip_connect" } });
        QVERIFY(genotype.has_value());
        const std::vector<std::string> expected{ "@cell/: avg_pool_3x3", "@cell/: nor_conv_3x3 > none",
            "@cell/: nor_conv_3x3 > nor_conv_1x1 > skip_connect", "@cell/: skip_connect > skip_connect" };
        QCOMPARE(PathFinder(space, *decisions).paths(*genotype), expected);

        // Of the paper's 5 + 25 + 125 paths nearly all are frequent enough to have a column.
        const Encoding encoding = Encoding::automatic(&space, *decisions);
        QCOMPARE(encoding.kind(), Encoding::Kind::Paths);
        QVERIFY(encoding.size() > 130 && encoding.size() <= 155);
        QVERIFY(encoding.coverage() > 0.95);
        const auto features = encoding.features(*genotype);
        QCOMPARE(features.size(), encoding.size());
        QCOMPARE(std::ranges::count(features, 1.0F) + std::ranges::count(features, 0.0F), std::ssize(features));
        QVERIFY(std::ranges::count(features, 1.0F) >= 3);
    }

    void samePathsSameFeatures()
    {
        // 0-1 and 0-2 read alike from where nothing tells them apart: node 1 and 2 swap when the edge between them is cut.
        const space::SearchSpace space = preset("nas-bench-201");
        const auto decisions = *space::DecisionSpace::compile(space);
        const auto cell = [&](const char* first, const char* second) {
            return *decisions.fromJson({ { "@cell/0-1", first }, { "@cell/0-2", second }, { "@cell/1-2", "none" },
                { "@cell/0-3", "none" }, { "@cell/1-3", first }, { "@cell/2-3", second } });
        };
        PathFinder finder(space, decisions);
        auto one = finder.paths(cell("skip_connect", "skip_connect"));
        QCOMPARE(one.size(), std::size_t{ 3 }); // none; skip > skip twice is once; skip > none > skip
        QVERIFY(finder.paths(cell("nor_conv_3x3", "skip_connect")) != one);
    }

    void everyPresetHasPaths_data()
    {
        QTest::addColumn<QString>("name");
        for (const char* name : { "chain-cnn", "darts", "darts-rnn", "enas-rnn", "lstm-gru", "mlp", "mobilenet-like",
                 "nas-bench-101", "nas-bench-201", "nas-bench-macro", "resnet-like", "temporal-cnn", "transformer-encoder" })
            QTest::newRow(name) << name;
    }
    void everyPresetHasPaths()
    {
        QFETCH(QString, name);
        const space::SearchSpace space = preset(name);
        const auto decisions = space::DecisionSpace::compile(space);
        QVERIFY(decisions.has_value());
        const PathFinder finder(space, *decisions);
        const Encoding encoding = Encoding::ofPaths(space, *decisions);
        const Encoding answers = Encoding::ofAnswers(*decisions);
        QVERIFY(encoding.size() > 0);
        std::set<std::vector<float>> byPaths;
        std::set<std::vector<float>> byAnswers;
        Rng rng(5);
        for (int i = 0; i < 50; ++i) {
            space::Genotype genotype(decisions->size());
            decisions->repair(genotype, rng);
            const auto paths = finder.paths(genotype);
            QVERIFY(!paths.empty() || name == QLatin1String("nas-bench-101")); // whose cell may lead straight through
            QVERIFY(std::ranges::is_sorted(paths));
            byPaths.insert(encoding.features(genotype));
            byAnswers.insert(answers.features(genotype));
        }
        QVERIFY(byPaths.size() > 10);
        QVERIFY(byAnswers.size() > 25);
    }

    void chainsAreTakenByTheirAnswers()
    {
        const space::SearchSpace chain = search::testing::chainSpace(8, 5);
        const auto decisions = *space::DecisionSpace::compile(chain);
        const Encoding encoding = Encoding::automatic(&chain, decisions);
        QCOMPARE(encoding.kind(), Encoding::Kind::Answers);
        QCOMPARE(encoding.size(), std::size_t{ 40 });
        const std::vector<float> features
            = encoding.features(space::Genotype(std::vector<double>{ 0, 1, 2, 3, 4, 0, 1, 2 }));
        QCOMPARE(std::ranges::count(features, 1.0F), 8);
        QCOMPARE(features[0], 1.0F);
        QCOMPARE(features[6], 1.0F);
        QCOMPARE(Encoding::automatic(nullptr, decisions).kind(), Encoding::Kind::Answers);
    }

    void largeSpacesShareColumns()
    {
        const auto decisions = *space::DecisionSpace::compile(search::testing::chainSpace(200, 16));
        const Encoding encoding = Encoding::ofAnswers(decisions);
        QCOMPARE(encoding.size(), Encoding::maxColumns);
        Rng rng(1);
        const auto features = encoding.features(decisions.sample(rng));
        QVERIFY(std::ranges::count(features, 1.0F) > 100);
    }
};

QTEST_GUILESS_MAIN(TestPredictor)
#include "tst_predictor.moc"
