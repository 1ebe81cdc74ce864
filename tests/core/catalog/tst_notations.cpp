// Architectures as the literature writes them: round trips, what published ones mean, what is refused and where.
#include <QtTest> // first: moc stumbles over <concepts> at the head of others

#include "core/catalog/notation.h"
#include "tests/core/catalog/preset_support.h"


using namespace archscope;
using namespace archscope::catalog;

class TestNotations : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void roundTrip_data()
    {
        QTest::addColumn<QString>("name");
        for (const PresetInfo& preset : builtins().presets())
            QTest::newRow(preset.name.c_str()) << QString::fromStdString(preset.name);
    }
    void roundTrip()
    {
        QFETCH(QString, name);
        const Preset preset(name.toStdString());
        Rng rng(3);
        for (int i = 0; i < 200; ++i) {
            const space::Genotype genotype = preset.decisions.sample(rng);
            const std::string text = architectureText(preset.space, preset.decisions, genotype);
            const auto back = architectureFromText(preset.space, preset.decisions, text);
            QVERIFY2(back, back ? "" : (back.error().text() + ": " + text).c_str());
            QCOMPARE(architectureText(preset.space, preset.decisions, *back), text);
            // One cell of NAS-Bench-101 has many genotypes: vertices that lead nowhere.
            if (preset.space.notation != "nas-bench-101")
                QVERIFY(*back == genotype);
            const auto fromJson = architectureFromText(preset.space, preset.decisions, preset.decisions.toJson(genotype).dump());
            QVERIFY(fromJson);
            QVERIFY(*fromJson == genotype);
        }
    }

    void examples()
    {
        std::size_t named = 0;
        for (const PresetInfo& info : builtins().presets()) {
            const Preset preset(info.name);
            if (preset.space.notation.empty())
                continue;
            ++named;
            const Notation* notation = findNotation(preset.space.notation);
            QVERIFY(notation);
            const auto genotype = notation->read(preset.decisions, notation->example());
            QVERIFY2(genotype, genotype ? "" : genotype.error().text().c_str());
            QVERIFY(notation->write(preset.decisions, *genotype));
        }
        QCOMPARE(named, notations().size());
        QCOMPARE(findNotation("nas-bench-301"), nullptr);
    }

    void means()
    {
        const Preset macro("nas-bench-macro");
        const auto genotype = architectureFromText(macro.space, macro.decisions, "22212220");
        QVERIFY(genotype);
        const Json answers = macro.decisions.toJson(*genotype);
        QCOMPARE(answers["layer1/op"].get<std::string>(), std::string("mb6_k5"));
        QCOMPARE(answers["layer4/op"].get<std::string>(), std::string("mb3_k3"));
        QCOMPARE(answers["layer8/op"].get<std::string>(), std::string("identity"));

        const Preset cell("nas-bench-201");
        const auto written = architectureFromText(cell.space, cell.decisions, "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|nor_conv_1x1~1|avg_pool_3x3~2|");
        QVERIFY(written);
        QCOMPARE(cell.decisions.toJson(*written)["@cell/1-2"].get<std::string>(), std::string("skip_connect"));
        QCOMPARE(cell.decisions.toJson(*written)["@cell/2-3"].get<std::string>(), std::string("avg_pool_3x3"));
    }

    void refuses_data()
    {
        QTest::addColumn<QString>("preset");
        QTest::addColumn<QString>("text");
        QTest::addColumn<QStringList>("parts");
        QTest::newRow("unknown operation") << "nas-bench-201" << "|nor_conv_5x5~0|+|none~0|none~1|+|none~0|none~1|none~2|" << QStringList{"position 2", "nor_conv_5x5", "nor_conv_3x3"};
        QTest::newRow("wrong node") << "nas-bench-201" << "|none~1|" << QStringList{"position 6", "~0|"};
        QTest::newRow("cut short") << "nas-bench-201" << "|none~0|+|none~0|none~1|" << QStringList{"ends here", "+|"};
        QTest::newRow("something after") << "nas-bench-201" << "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|x" << QStringList{"expected the end"};
        QTest::newRow("nothing") << "nas-bench-201" << "" << QStringList{"expected '|'"};
        QTest::newRow("too few digits") << "nas-bench-macro" << "2222" << QStringList{"4 digits", "8 layers"};
        QTest::newRow("digit too large") << "nas-bench-macro" << "22232222" << QStringList{"position 4", "0 to 2"};
        QTest::newRow("no genotype") << "darts" << "Genotyp()" << QStringList{"Genotype("};
        QTest::newRow("one cell") << "darts" << "Genotype(normal=[], normal_concat=range(2,6))" << QStringList{"8 edges", "0"};
        QTest::newRow("none in a cell")
            << "darts" << "Genotype(normal=[('none', 0), ('none', 1), ('none', 0), ('none', 1), ('none', 0), ('none', 1), ('none', 0), ('none', 1)])" << QStringList{"none is not one of"};
        QTest::newRow("one input twice")
            << "darts" << "Genotype(normal=[('skip_connect', 0), ('skip_connect', 0), ('none', 0), ('none', 1), ('none', 0), ('none', 1), ('none', 0), ('none', 1)])"
            << QStringList{"node 2 takes node 0 twice"};
        QTest::newRow("a later node") << "darts-rnn" << "Genotype(recurrent=[('tanh', 1), ('tanh', 0), ('tanh', 0), ('tanh', 0), ('tanh', 0), ('tanh', 0), ('tanh', 0), ('tanh', 0)])"
                                      << QStringList{"node 1 cannot take node 1"};
        QTest::newRow("other nodes gathered") << "darts-rnn"
            << "Genotype(recurrent=[('tanh', 0), ('tanh', 0), ('tanh', 0), ('tanh', 0), ('tanh', 0), ('tanh', 0), ('tanh', 0), ('tanh', 0)], concat=range(2, 9))" << QStringList{"1 to 8"};
        QTest::newRow("unknown activation") << "enas-rnn" << "7" << QStringList{"no activation 7", "position 1"};
        QTest::newRow("too short") << "enas-rnn" << "0 0 0" << QStringList{"node 2", "ends here"};
        QTest::newRow("no matrix") << "nas-bench-101" << R"({"operations":["input","output"]})" << QStringList{"adjacency"};
        QTest::newRow("no path") << "nas-bench-101" << R"({"matrix":[[0,0],[0,0]],"ops":["input","output"]})" << QStringList{"no path"};
        QTest::newRow("edge backwards") << "nas-bench-101" << R"({"matrix":[[0,1],[1,0]],"ops":["input","output"]})" << QStringList{"/matrix/1/0", "upper triangular"};
        QTest::newRow("eight vertices") << "nas-bench-101" << R"({"matrix":[],"ops":["input","a","a","a","a","a","a","output"]})" << QStringList{"2 to 7"};
        QTest::newRow("ragged") << "nas-bench-101" << R"({"matrix":[[0,1],[0]],"ops":["input","output"]})" << QStringList{"row 1"};
        QTest::newRow("ten edges") << "nas-bench-101"
            << R"({"matrix":[[0,1,1,1,1],[0,0,1,1,1],[0,0,0,1,1],[0,0,0,0,1],[0,0,0,0,0]],"ops":["input","maxpool3x3","maxpool3x3","maxpool3x3","output"]})" << QStringList{"≤ 9"};
        QTest::newRow("without notation") << "mlp" << "22212220" << QStringList{"object"};
    }
    void refuses()
    {
        QFETCH(QString, preset);
        QFETCH(QString, text);
        QFETCH(QStringList, parts);
        const Preset used(preset.toStdString());
        const auto genotype = architectureFromText(used.space, used.decisions, text.toStdString());
        QVERIFY(!genotype);
        const QString error = QString::fromStdString(genotype.error().text());
        for (const QString& part : parts)
            QVERIFY2(error.contains(part), qPrintable(error));
    }

    /// A space that was edited away from its notation is written as JSON.
    void fallsBackToJson()
    {
        Preset preset("nas-bench-201");
        preset.space.definitions.front().body.nodes[1].name = "first";
        const auto decisions = orDie(space::DecisionSpace::compile(preset.space));
        Rng rng(1);
        const space::Genotype genotype = decisions.sample(rng);
        const std::string text = architectureText(preset.space, decisions, genotype);
        QVERIFY(text.starts_with("{"));
        const auto back = architectureFromText(preset.space, decisions, text);
        QVERIFY(back);
        QVERIFY(*back == genotype);
    }
};

QTEST_GUILESS_MAIN(TestNotations)
#include "tst_notations.moc"
