#include "core/base/text.h"
#include "core/train/table_evaluator.h"

#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>

using namespace archscope;
using namespace archscope::train;

namespace {

/// Three layers with three widths each: 27 architectures.
space::SearchSpace threeLayers()
{
    space::SearchSpace space;
    space.name = "three-layers";
    std::int64_t id = 0;
    const auto add = [&](std::string name, space::NodeBody body) {
        space::Node node;
        node.id = space::NodeId(id++);
        node.name = std::move(name);
        node.body = std::move(body);
        if (!space.root.nodes.empty())
            space.root.edges.push_back({ space.root.nodes.back().id, node.id, 0 });
        space.root.nodes.push_back(std::move(node));
    };
    add("input", space::Input{});
    for (int i = 0; i < 3; ++i) {
        space::Operation operation;
        operation.type = "linear";
        operation.parameters["features"] = space::Domain::integers(1, 3);
        add("layer" + std::to_string(i), std::move(operation));
    }
    add("output", space::Output{});
    return space;
}

/// "120", blanks between the digits allowed. With two written, the last layer is left open: three genotypes a key.
ArchitectureCodec digits(std::size_t written = 3)
{
    const auto read = [written](std::string_view text) -> Result<space::Genotype> {
        space::Genotype genotype(3);
        genotype[2] = 0;
        std::size_t layer = 0;
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] == ' ')
                continue;
            if (layer == written || text[i] < '0' || text[i] > '2')
                return fail(ErrorCode::InvalidInput, "this is no architecture", "position " + std::to_string(i + 1));
            genotype[layer++] = text[i] - '0';
        }
        if (layer < written)
            return fail(ErrorCode::InvalidInput, "the architecture is too short");
        return genotype;
    };
    const auto write = [written](const space::Genotype& genotype) {
        std::string text;
        for (std::size_t i = 0; i < written; ++i)
            text += static_cast<char>('0' + genotype.index(i));
        return text;
    };
    return { read, write };
}

const TableColumns allColumns{ "arch",
    { { "val_accuracy", "valid" }, { "test_accuracy", "test" }, { "simulated_s", "cost" } } };

space::Genotype genotypeOf(double a, double b, double c)
{
    return space::Genotype(std::vector<double>{ a, b, c });
}

EvaluationResult evaluated(TableEvaluator& evaluator, const space::Genotype& genotype)
{
    PauseGate gate;
    return evaluator.evaluate({ TrialId(1), genotype, {}, 0 }, [](const EvaluationProgress&) {}, gate, {});
}

} // namespace

class TestTableEvaluator : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void looksUp_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::newRow("commas") << QByteArray("arch,valid,test,cost\n012,91.5,90.25,10\n210,0.5,0.25,1e1\n");
        QTest::newRow("other columns between")
            << QByteArray("id,cost,arch,note,test,valid\n1,10,012,x,90.25,91.5\n2,10,210,\"a,b\",0.25,0.5\n");
        QTest::newRow("semicolons") << QByteArray("arch;valid;test;cost\n012;91.5;90.25;10\n210;0.5;0.25;10\n");
        QTest::newRow("tabs") << QByteArray("arch\tvalid\ttest\tcost\n012\t91.5\t90.25\t10\n210\t0.5\t0.25\t10\n");
        QTest::newRow("lines of Windows, byte order mark")
            << QByteArray("\xEF\xBB\xBF"
                          "arch,valid,test,cost\r\n012,91.5,90.25,10\r\n210,0.5,0.25,10\r\n");
        QTest::newRow("blanks") << QByteArray(" arch , valid,test ,cost\n 0 1 2 , 91.5 ,90.25,10\n\n2 10,0.5,0.25, 10");
        QTest::newRow("quoted keys") << QByteArray("arch,valid,test,cost\n\"012\",91.5,90.25,10\n\"210\",\"0.5\",0.25,10\n");
    }
    void looksUp()
    {
        QFETCH(QByteArray, bytes);
        const auto table = ArchitectureTable::read("t.csv", bytes.toStdString(), allColumns, digits());
        QVERIFY2(table.has_value(), table ? "" : table.error().text().c_str());
        QCOMPARE((*table)->size(), std::size_t(2));
        TableEvaluator evaluator(*table);
        const EvaluationResult first = evaluated(evaluator, genotypeOf(0, 1, 2));
        QCOMPARE(first.state, TrialState::Completed);
        // As the file has them: per cent stay per cent.
        QCOMPARE(first.metrics, (Metrics{ { "simulated_s", 10 }, { "test_accuracy", 90.25 }, { "val_accuracy", 91.5 } }));
        QCOMPARE(evaluated(evaluator, genotypeOf(2, 1, 0)).metrics.at("val_accuracy"), 0.5);
    }

    void missingArchitectureFailsTheTrial()
    {
        const auto table = ArchitectureTable::read("t.csv", "arch,valid,test,cost\n012,1,2,3\n", allColumns, digits());
        TableEvaluator evaluator(*table);
        const EvaluationResult result = evaluated(evaluator, genotypeOf(1, 1, 1));
        QCOMPARE(result.state, TrialState::Failed);
        QVERIFY(result.metrics.empty());
        QVERIFY2(result.message.find("'111'") != std::string::npos, result.message.c_str());
        // It is proposed like any other, under its own key.
        const auto known = evaluator.precheck(genotypeOf(1, 1, 1));
        QVERIFY(known.has_value());
        QCOMPARE(known->networkHash, std::string("111"));
    }

    void tellsBeforehandWhatADrawingTells()
    {
        TableColumns columns = allColumns;
        columns.metrics["parameters"] = "params";
        const auto table
            = ArchitectureTable::read("t.csv", "arch,valid,test,cost,params\n012,1,2,3,400\n", columns, digits());
        const auto known = TableEvaluator(*table).precheck(genotypeOf(0, 1, 2));
        QVERIFY(known.has_value());
        QCOMPARE(known->networkHash, std::string("012"));
        // Not how good it is: constraints on that decide only afterwards.
        QCOMPARE(known->metrics, (Metrics{ { "parameters", 400 }, { "simulated_s", 3 } }));
    }

    void severalGenotypesHaveOneKey()
    {
        const TableColumns columns{ "arch", { { "val_accuracy", "valid" } } };
        const auto table = ArchitectureTable::read("t.csv", "arch,valid\n01,5\n20,6\n", columns, digits(2));
        QVERIFY2(table.has_value(), table ? "" : table.error().text().c_str());
        TableEvaluator evaluator(*table);
        for (const double last : { 0., 1., 2. }) {
            QCOMPARE(evaluated(evaluator, genotypeOf(2, 0, last)).metrics.at("val_accuracy"), 6.0);
            QCOMPARE(evaluator.precheck(genotypeOf(2, 0, last))->networkHash, std::string("20"));
        }
    }

    void everyArchitectureIsFound()
    {
        const space::DecisionSpace decisions = *space::DecisionSpace::compile(threeLayers());
        std::string bytes = "arch,valid,test,cost\n";
        std::vector<space::Genotype> all;
        decisions.forEach([&](const space::Genotype& genotype) {
            bytes += digits().write(genotype) + "," + std::to_string(all.size()) + ",0,0\n";
            all.push_back(genotype);
            return true;
        });
        QCOMPARE(all.size(), std::size_t(27));
        const auto table = ArchitectureTable::read("t.csv", bytes, allColumns, digits());
        for (std::size_t i = 0; i < all.size(); ++i) {
            QCOMPARE((*table)->rowOf(all[i]), i);
            QCOMPARE((*table)->value(i, (*table)->metricIndex("val_accuracy")), static_cast<double>(i));
        }
    }

    void stopsWhenAsked()
    {
        const auto table = ArchitectureTable::read("t.csv", "arch,valid,test,cost\n012,1,2,3\n", allColumns, digits());
        TableEvaluator evaluator(*table);
        std::stop_source stop;
        stop.request_stop();
        PauseGate gate;
        const auto result = evaluator.evaluate(
            { TrialId(1), genotypeOf(0, 1, 2), {}, 0 }, [](const EvaluationProgress&) {}, gate, stop.get_token());
        QCOMPARE(result.state, TrialState::Cancelled);
    }

    void refuses_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QStringList>("fragments");
        const QByteArray header = "arch,valid,test,cost\n";
        QTest::newRow("empty file") << QByteArray() << QStringList{ "empty" };
        QTest::newRow("blank lines") << QByteArray("\n \n\n") << QStringList{ "empty" };
        QTest::newRow("no row") << header << QStringList{ "no architecture" };
        QTest::newRow("no key column") << QByteArray("architecture,valid,test,cost\n012,1,2,3\n")
                                       << QStringList{ "line 1", "column 'arch'", "architecture" };
        QTest::newRow("no metric column") << QByteArray("arch,validation,test,cost\n012,1,2,3\n")
                                          << QStringList{ "line 1", "'valid'", "validation" };
        QTest::newRow("no test column") << QByteArray("arch,valid,cost\n012,1,3\n") << QStringList{ "line 1", "'test'" };
        QTest::newRow("no cost column") << QByteArray("arch,valid,test\n012,1,3\n") << QStringList{ "line 1", "'cost'" };
        QTest::newRow("column twice") << QByteArray("arch,valid,valid,test,cost\n012,1,1,2,3\n")
                                      << QStringList{ "line 1", "two columns", "'valid'" };
        QTest::newRow("key twice") << header + "012,1,2,3\n111,1,2,3\n0 12,4,5,6\n"
                                   << QStringList{ "line 4, column 1", "'012'", "line 2" };
        QTest::newRow("key that cannot be read") << header
                + "012,1,2,3\n013,1,2,3\n" << QStringList{ "line 3, column 1", "'013'", "no architecture", "position 3" };
        QTest::newRow("empty key") << header + ",1,2,3\n" << QStringList{ "line 2, column 1", "too short" };
        QTest::newRow("empty metric") << header + "012,,2,3\n" << QStringList{ "line 2, column 2", "'valid'", "empty" };
        QTest::newRow("metric in words") << header + "012,good,2,3\n"
                                         << QStringList{ "line 2, column 2", "'good'", "not a finite number" };
        QTest::newRow("metric NaN") << header + "012,nan,2,3\n" << QStringList{ "line 2, column 2", "'nan'" };
        QTest::newRow("metric infinite") << header + "012,1,inf,3\n" << QStringList{ "line 2, column 3", "'inf'" };
        QTest::newRow("decimal comma") << header + "012,\"91,5\",2,3\n" << QStringList{ "line 2, column 2", "'91,5'" };
        QTest::newRow("negative cost") << header + "012,1,2,-3\n" << QStringList{ "line 2, column 4", "negative" };
        QTest::newRow("too few cells") << header + "012,1,2\n" << QStringList{ "line 2", "3 cells", "header 4" };
        QTest::newRow("too many cells") << header + "012,1,2,3,4\n" << QStringList{ "line 2", "5 cells" };
        QTest::newRow("open quote") << header + "\"012,1,2,3\n" << QStringList{ "line 2, column 1", "never closed" };
    }
    void refuses()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QStringList, fragments);
        const auto table = ArchitectureTable::read("folder/t.csv", bytes.toStdString(), allColumns, digits());
        QVERIFY(!table.has_value());
        const QString error = QString::fromStdString(table.error().text());
        QVERIFY2(error.startsWith("folder/t.csv: "), qPrintable(error));
        for (const QString& fragment : fragments)
            QVERIFY2(error.contains(fragment), qPrintable(error));
    }

    void readsFiles()
    {
        QTemporaryDir folder;
        const std::string file = folder.filePath("t.csv").toStdString();
        const auto none = ArchitectureTable::load(file, allColumns, digits());
        QVERIFY(!none.has_value());
        QVERIFY2(none.error().text().find("t.csv") != std::string::npos, none.error().text().c_str());
        QFile out(QString::fromStdString(file));
        QVERIFY(out.open(QIODevice::WriteOnly));
        out.write("arch,valid,test,cost\n012,1,2,3\n");
        out.close();
        const auto table = ArchitectureTable::load(file, allColumns, digits());
        QVERIFY2(table.has_value(), table ? "" : table.error().text().c_str());
        QCOMPARE((*table)->file(), file);
    }

    void mutatedBytesNeverCrash()
    {
        const std::string sound = "arch,valid,test,cost\n012,91.5,90,10\n\"210\",1,2,3\n111,4,5,6\n";
        Rng rng(7);
        for (int round = 0; round < 3000; ++round) {
            std::string bytes = sound;
            for (std::uint64_t i = rng.below(4); i < 4; ++i) {
                const std::size_t at = rng.below(bytes.size());
                if (rng.below(3) == 0)
                    bytes.erase(at, 1);
                else
                    bytes[at] = static_cast<char>(rng.below(256));
            }
            const auto table = ArchitectureTable::read("t.csv", bytes, allColumns, digits());
            if (!table)
                QVERIFY(table.error().text().starts_with("t.csv: "));
            else
                QVERIFY((*table)->size() > 0);
        }
    }

    void percentAndSharesAreBothShownAsPercent()
    {
        const MetricDescriptor* accuracy = findMetric("val_accuracy");
        QCOMPARE(metricText(*accuracy, 0.931), std::string("93.10 %"));
        QCOMPARE(metricText(*accuracy, 93.1), std::string("93.10 %"));
        QCOMPARE(metricText(*accuracy, 1.0), std::string("100.00 %"));
    }
};

QTEST_GUILESS_MAIN(TestTableEvaluator)
#include "tst_table_evaluator.moc"
