// From genotype to network: shapes, costs, ties, optional nodes, and what does not fit.
#include "core/catalog/catalog.h"
#include "core/network/canonical.h"
#include "core/network/shape_survey.h"

#include <QtTest>

using namespace archscope;
using namespace archscope::network;

namespace {
const catalog::Catalog& builtins()
{
    static const catalog::Catalog catalog;
    return catalog;
}
} // namespace

class TestLowering : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void presetsLower_data()
    {
        QTest::addColumn<QString>("preset");
        QTest::addColumn<int>("channels");
        QTest::addColumn<int>("size");
        for (const auto& preset : builtins().presets()) {
            if (preset.example.input.size() != 3)
                continue; // tests/core/catalog has those on sequences
            QTest::addRow("%s digits", preset.name.c_str()) << QString::fromStdString(preset.name) << 1 << 8;
            QTest::addRow("%s colour", preset.name.c_str()) << QString::fromStdString(preset.name) << 3 << 32;
        }
    }
    void presetsLower()
    {
        QFETCH(QString, preset);
        QFETCH(int, channels);
        QFETCH(int, size);
        const auto space = *builtins().preset(preset.toStdString());
        const auto decisions = *space::DecisionSpace::compile(space);
        Rng rng(7);
        const TaskShape task{{channels, size, size}, 10};
        for (int i = 0; i < 200; ++i) {
            const auto network = lower(space, decisions, decisions.sample(rng), builtins().operations(), task);
            QVERIFY2(network, network ? "" : network.error().text().c_str());
            QCOMPARE(network->outputShape(), Shape{10});
            QVERIFY(network->cost().parameters > 0);
            // The JSON form is read back to the very same network (but for where it came from).
            auto back = networkFromJson(networkToJson(*network), builtins().operations());
            QVERIFY2(back, back ? "" : back.error().text().c_str());
            for (std::size_t k = 0; k < back->layers.size(); ++k)
                back->layers[k].origin = network->layers[k].origin;
            QVERIFY(*back == *network);
            QCOMPARE(canonicalHash(*back), canonicalHash(*network));
        }
    }

    void costsByHand()
    {
        // 8×8 digits: flatten 64, linear 32, relu, classifier 10.
        const auto space = *builtins().preset("mlp");
        const auto decisions = *space::DecisionSpace::compile(space);
        const auto genotype = decisions.fromJson({{"layers#count", 1},
                                                  {"layers/0/linear.features", 32},
                                                  {"layers/0/norm#present", false},
                                                  {"layers/0/activation.kind", "relu"},
                                                  {"layers/0/dropout.rate", 0.0}});
        QVERIFY2(genotype, genotype ? "" : genotype.error().text().c_str());
        const auto network = lower(space, decisions, *genotype, builtins().operations(), {{1, 8, 8}, 10});
        QVERIFY(network);
        QCOMPARE(network->cost().parameters, std::int64_t(64 * 32 + 32 + 32 * 10 + 10));
        QCOMPARE(network->cost().flops, std::int64_t(64 * 32 + 32 * 10));
    }

    void mismatchNamesBothShapes()
    {
        const auto space = space::spaceFromText(R"({"format":"archscope.space","version":1,"name":"bad","graph":{
            "nodes":[{"name":"in","input":{}},{"name":"a","op":"conv","parameters":{"channels":4}},{"name":"b","op":"conv","parameters":{"channels":6}},
                     {"name":"sum","op":"add"},{"name":"out","output":{}}],
            "edges":[["in","a"],["in","b"],["a","sum"],["b","sum",1],["sum","out"]]}})");
        QVERIFY(space);
        const auto survey = surveyShapes(*space, builtins().operations(), {{1, 8, 8}, 10});
        QCOMPARE(survey.fitting, 0);
        QCOMPARE(survey.issues.size(), std::size_t(1));
        const QString message = QString::fromStdString(survey.issues.front().message);
        QVERIFY2(message.contains("4×8×8") && message.contains("6×8×8"), qPrintable(message));
        QCOMPARE(space->find(survey.issues.front().node)->name, std::string("sum"));
    }

    void surveyKnowsRanges()
    {
        const auto space = *builtins().preset("resnet-like");
        const auto survey = surveyShapes(space, builtins().operations(), {{3, 32, 32}, 10});
        QCOMPARE(survey.fitting, survey.sampled);
        QVERIFY(survey.issues.empty());
        QVERIFY(survey.parameters.low < survey.parameters.median && survey.parameters.median < survey.parameters.high);
        QCOMPARE(survey.examples.size(), std::size_t(20));
        ShapeRange range{{{8, 16, 16}, {24, 16, 16}}};
        QCOMPARE(range.text(), std::string("8…24×16×16"));
    }

    void wrongEndIsExplained()
    {
        const auto space = space::spaceFromText(R"({"format":"archscope.space","version":1,"name":"bad","graph":{
            "nodes":[{"name":"in","input":{}},{"name":"out","output":{}}],"edges":[["in","out"]]}})");
        const auto decisions = *space::DecisionSpace::compile(*space);
        const auto network = lower(*space, decisions, space::Genotype(0), builtins().operations(), {{1, 8, 8}, 10});
        QVERIFY(!network);
        QVERIFY(network.error().message.find("the network ends in 1×8×8, the task needs 10") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestLowering)
#include "tst_lowering.moc"
