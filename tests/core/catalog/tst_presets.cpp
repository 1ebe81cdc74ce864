// Every preset: as large as it should be, sound, its samples lower, build, run forward and backward.
#include <QtTest> // first: moc stumbles over <concepts> at the head of others

#include "core/network/shape_survey.h"
#include "core/space/space_check.h"
#include "tests/core/catalog/preset_torch.h"


using namespace archscope;
using namespace archscope::catalog;

class TestPresets : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void areAllBuiltIn()
    {
        std::vector<std::string> names;
        for (const PresetInfo& preset : builtins().presets())
            names.push_back(preset.name);
        const std::vector<std::string> expected = {"chain-cnn", "resnet-like", "mlp", "nas-bench-201", "nas-bench-101", "nas-bench-macro", "darts",
            "mobilenet-like", "lstm-gru", "temporal-cnn", "transformer-encoder", "enas-rnn", "darts-rnn"};
        QCOMPARE(names, expected);
    }

    void counts_data()
    {
        QTest::addColumn<QString>("expected");
        QTest::newRow("nas-bench-201") << "15625";
        QTest::newRow("nas-bench-macro") << "6561";
        QTest::newRow("darts") << "1076746950455072400"; // 1,037,664,180 twice
        QTest::newRow("darts-rnn") << "2642411520"; // 8! · 4⁸
        QTest::newRow("enas-rnn") << "669692775628800"; // 11! · 4¹²
    }
    void counts()
    {
        QFETCH(QString, expected);
        const Preset preset(QTest::currentDataTag());
        QCOMPARE(QString::fromStdString(preset.decisions.count().value_or("infinite")), expected);
    }

    void samplesLower_data()
    {
        QTest::addColumn<QString>("name");
        for (const PresetInfo& preset : builtins().presets())
            QTest::newRow(preset.name.c_str()) << QString::fromStdString(preset.name);
    }
    void samplesLower()
    {
        QFETCH(QString, name);
        const Preset preset(name.toStdString());
        const auto issues = space::check(preset.space, builtins().operations());
        QVERIFY2(issues.empty(), issues.empty() ? "" : (issues.front().path + ": " + issues.front().message).c_str());
        QVERIFY(!preset.space.description.empty());
        const auto info = std::find_if(builtins().presets().begin(), builtins().presets().end(), [&](const PresetInfo& p) { return p.name == name.toStdString(); });
        const auto back = space::spaceFromJson(space::spaceToJson(preset.space));
        QVERIFY(back);
        QVERIFY(*back == preset.space);
        const auto survey = network::surveyShapes(preset.space, builtins().operations(), info->example);
        QVERIFY2(survey.issues.empty(), survey.issues.empty() ? "" : survey.issues.front().message.c_str());
        QVERIFY(survey.parameters.low > 0 && survey.flops.low > 0);
        Rng rng(17);
        for (int i = 0; i < 1000; ++i) {
            const space::Genotype genotype = preset.decisions.sample(rng);
            QVERIFY(preset.decisions.isValid(genotype));
            QVERIFY(preset.decisions.isAllowed(genotype));
            const auto network = preset.lower(genotype, info->example);
            QVERIFY2(network, network ? "" : (network.error().text() + preset.decisions.toJson(genotype).dump()).c_str());
        }
    }

    void samplesRun_data()
    {
        QTest::addColumn<int>("index");
        int index = 0;
        for (const SmallPreset& small : smallPresets())
            QTest::newRow(small.title.c_str()) << index++;
    }
    void samplesRun()
    {
        QFETCH(int, index);
        const SmallPreset small = smallPresets()[static_cast<std::size_t>(index)];
        const Preset preset(small.name, small.variables);
        Rng rng(5);
        for (std::uint64_t i = 0; i < 20; ++i) {
            const space::Genotype genotype = preset.decisions.sample(rng);
            const auto network = preset.lower(genotype, small.task);
            QVERIFY2(network, network ? "" : network.error().text().c_str());
            const std::string problem = moduleProblem(*network, i);
            QVERIFY2(problem.empty(), (problem + " in " + preset.decisions.toJson(genotype).dump()).c_str());
            if (i < 3) {
                const std::string ofLayer = layerProblem(*network, at::detail::createCPUGenerator(i));
                QVERIFY2(ofLayer.empty(), ofLayer.c_str());
            }
        }
    }
};

QTEST_GUILESS_MAIN(TestPresets)
#include "tst_presets.moc"
