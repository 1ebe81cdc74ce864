// The command line's contract, against the real program: exit codes, sentences on stderr, JSON lines on stdout.
#include "tests/cli/cli_program.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <QSet>
#include <QTemporaryDir>
#include <QtTest>
#include <memory>

using namespace archscope::cli::testing;

namespace {

/// Sound but for the cycle sum → echo → sum.
const char cyclicSpace[] = R"({
    "format": "archscope.space", "version": 1, "name": "loop",
    "graph": {
        "nodes": [{"name": "input", "input": {}}, {"name": "sum", "op": "add"}, {"name": "echo", "op": "identity"},
                  {"name": "output", "output": {}}],
        "edges": [["input", "sum"], ["echo", "sum", 1], ["sum", "echo"], ["sum", "output"]]
    }
})";

} // namespace

class TestCli : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void init();

    void refusesBadInput_data();
    void refusesBadInput();
    void doesNotCreateAStoreWhenRefusing_data();
    void doesNotCreateAStoreWhenRefusing();
    void helpAndVersionSucceed();

    void countsExactly();
    void listsThePresets();
    void costsWhatItSampled_data();
    void costsWhatItSampled();
    void envelopesOfSamples();
    void latencyBudgetsAreKept();
    void readsNotations();
    void samplesRepeatWithTheirSeed();
    void showsTheDigits();
    void countsTheClassesOfATable();

    void searchesAndStores();
    void resumesWithALargerBudget();
    void deletesAStudy();

private:
    Answer run(const QStringList& arguments) const;
    Answer search(const QStringList& more = {}) const;
    Answer study(const QString& command, const QStringList& more = {}) const;
    QString storeUrl() const { return "sqlite:" + m_folder->filePath("search.archscope"); }
    void write(const QString& name, const QByteArray& bytes) const;

    std::unique_ptr<QTemporaryDir> m_folder;
};

Answer TestCli::run(const QStringList& arguments) const
{
    return runProgram(m_folder->path(), arguments);
}

Answer TestCli::search(const QStringList& more) const
{
    return run(
        QStringList{ "search", "--space", "mlp", "--task", "digits", "--strategy", "random", "--trials", "3", "--fidelity",
            "epochs=1", "--jobs", "1", "--seed", "1", "--device", "cpu", "--store", storeUrl(), "--study", "tiny" }
        + more);
}

Answer TestCli::study(const QString& command, const QStringList& more) const
{
    return run(QStringList{ "study", command, "--store", storeUrl(), "--study", "tiny" } + more);
}

void TestCli::write(const QString& name, const QByteArray& bytes) const
{
    QVERIFY(writeFile(m_folder->filePath(name), bytes));
}

void TestCli::initTestCase()
{
    QVERIFY2(QFile::exists(programFile()), qPrintable("build archscope-cli first, or name it in ARCHSCOPE_CLI: " + programFile()));
}

void TestCli::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    QVERIFY(m_folder->isValid());
}

void TestCli::refusesBadInput_data()
{
    QTest::addColumn<QString>("arguments"); // separated by blanks
    QTest::addColumn<int>("exitCode");
    QTest::addColumn<QStringList>("fragments"); // of stderr, any letter case

    const QString search = "search --task digits --store sqlite:s.archscope --study a ";
    const QString random = search + "--space mlp --strategy random ";
    const QString budgeted = random + "--trials 1 ";

    QTest::newRow("no command") << "" << 2 << QStringList{ "a command is missing", "space, task, search" };
    QTest::newRow("unknown command") << "serach" << 2 << QStringList{ "'serach'", "did you mean 'search'?" };
    QTest::newRow("unknown command after a flag") << "--json serach" << 2 << QStringList{ "did you mean 'search'?" };
    QTest::newRow("no study command") << "study" << 2 << QStringList{ "a study command is missing", "pareto" };
    QTest::newRow("unknown study command")
        << "study tirals --store sqlite:s.archscope --study a" << 2 << QStringList{ "did you mean 'trials'?" };
    QTest::newRow("command of a later release") << "study importance --store sqlite:s.archscope --study a" << 2
                                                << QStringList{ "unknown study command 'importance'" };
    QTest::newRow("misspelt option") << random + "--trails 3" << 2 << QStringList{ "did you mean '--trials'?" };
    QTest::newRow("unexpected argument") << "space count mlp twice" << 2 << QStringList{ "unexpected argument 'twice'" };
    QTest::newRow("unknown option") << budgeted + "--parallel 3" << 2 << QStringList{ "--parallel" };
    QTest::newRow("required option missing")
        << "search --space mlp --task digits --trials 1" << 2 << QStringList{ "required" };
    QTest::newRow("no budget") << random << 2 << QStringList{ "--trials", "--time" };
    QTest::newRow("budget of no trials") << random + "--trials 0" << 2 << QStringList{ "--trials" };
    QTest::newRow("negative seed") << budgeted + "--seed -1" << 2 << QStringList{ "--seed", "'-1'" };
    QTest::newRow("seed beyond 64 bits") << budgeted + "--seed 18446744073709551616" << 2 << QStringList{ "--seed", "2^64" };
    QTest::newRow("trials in words") << random + "--trials many" << 2 << QStringList{ "--trials" };
    QTest::newRow("time without sense") << random + "--time soon" << 2 << QStringList{ "--time", "soon" };
    QTest::newRow("unknown objective") << budgeted + "--objective val_acuracy:max" << 2
                                       << QStringList{ "--objective", "val_accuracy" };
    QTest::newRow("constraint without a bound")
        << budgeted + "--constraint params" << 2 << QStringList{ "--constraint", "params" };
    QTest::newRow("unknown fidelity") << budgeted + "--fidelity width=2" << 2
                                      << QStringList{ "--fidelity", "width", "epochs" };
    QTest::newRow("no epochs") << budgeted + "--fidelity epochs=0" << 2 << QStringList{ "--fidelity", "epochs" };
    QTest::newRow("setting without a value") << budgeted + "--set population" << 2 << QStringList{ "--set", "key=value" };
    QTest::newRow("unknown setting") << search + "--space mlp --trials 1 --strategy regularized-evolution --set populaton=9"
                                     << 2 << QStringList{ "--set", "populaton" };
    QTest::newRow("setting in words") << search
            + "--space mlp --trials 1 --strategy regularized-evolution --set population=big"
                                      << 2 << QStringList{ "--set", "big" };
    QTest::newRow("unknown device") << budgeted + "--device tpu" << 2 << QStringList{ "--device", "tpu", "cpu" };

    QTest::newRow("unknown preset") << "space count chain-cn" << 3 << QStringList{ "chain-cn", "did you mean 'chain-cnn'" };
    QTest::newRow("unknown preset to search")
        << search + "--strategy random --trials 1 --space mpl" << 3 << QStringList{ "mpl", "mlp" };
    QTest::newRow("unknown strategy") << search + "--space mlp --trials 1 --strategy randm" << 3
                                      << QStringList{ "randm", "did you mean 'random'" };
    QTest::newRow("unknown task") << "task show digts" << 3 << QStringList{ "digts", "digits" };
    QTest::newRow("missing data") << "task show csv:none.csv" << 3 << QStringList{ "none.csv" };
    QTest::newRow("unknown data option") << "task show csv:none.csv#lable=last" << 3 << QStringList{ "lable", "label" };
    QTest::newRow("missing space file") << "space check none.space.json" << 3 << QStringList{ "none.space.json" };
    QTest::newRow("space file that is no JSON")
        << "space check broken.space.json" << 3 << QStringList{ "broken.space.json" };
    QTest::newRow("import of what is no model") << "space import broken.space.json --out made.space.json" << 3
                                                << QStringList{ "broken.space.json", "no ONNX model" };
    QTest::newRow("cycle, checked") << "space check loop.space.json" << 3
                                    << QStringList{ "loop.space.json", "cycle", "sum", "echo" };
    QTest::newRow("cycle, counted") << "space count loop.space.json" << 3 << QStringList{ "loop.space.json", "cycle" };
    QTest::newRow("architecture that is no JSON") << "space cost mlp --arch nonsense" << 2 << QStringList{ "--arch" };
    QTest::newRow("architecture without answers")
        << "space cost mlp --arch {}" << 3 << QStringList{ "--arch", "layers#count" };

    QTest::newRow("missing store") << "study list --store sqlite:none.archscope" << 3 << QStringList{ "none.archscope" };
    QTest::newRow("store that is none") << "study list --store sqlite:broken.space.json" << 3
                                        << QStringList{ "broken.space.json" };
    QTest::newRow("store without a scheme") << "study list --store none.archscope" << 3 << QStringList{ "sqlite:FILE" };
    QTest::newRow("trial that cannot be")
        << "latency --trial -3 --store sqlite:none.archscope --study a" << 2 << QStringList{ "--trial", "'-3'" };
    QTest::newRow("table and JSON at once")
        << "study list --csv --json --store sqlite:none.archscope" << 2 << QStringList{ "--csv", "--json" };
    QTest::newRow("unknown device to retrain on")
        << "retrain --device tpu --store sqlite:none.archscope --study a" << 2 << QStringList{ "--device", "tpu" };
    QTest::newRow("unknown export format") << "export --format onx --out a --store sqlite:none.archscope --study a" << 2
                                           << QStringList{ "--format", "onx", "onnx" };
}

void TestCli::refusesBadInput()
{
    QFETCH(const QString, arguments);
    QFETCH(const int, exitCode);
    QFETCH(const QStringList, fragments);
    write("loop.space.json", cyclicSpace);
    write("broken.space.json", R"({"format": "archscope.space", "version": 1, "graph": )");

    const Answer answer = run(arguments.split(' ', Qt::SkipEmptyParts));
    QVERIFY2(answer.exitCode == exitCode, answer.asText());
    QVERIFY2(answer.output.isEmpty(), answer.asText());
    for (const QString& fragment : fragments)
        QVERIFY2(
            answer.errors.contains(fragment, Qt::CaseInsensitive), (fragment + " is missing: ").toUtf8() + answer.asText());
}

void TestCli::doesNotCreateAStoreWhenRefusing_data()
{
    QTest::addColumn<QStringList>("more");
    QTest::newRow("space") << QStringList{ "--space", "none.space.json" };
    QTest::newRow("task") << QStringList{ "--task", "csv:none.csv" };
    QTest::newRow("setting") << QStringList{ "--set", "nonsense=1" };
}

void TestCli::doesNotCreateAStoreWhenRefusing()
{
    QFETCH(const QStringList, more);
    QStringList arguments{ "search", "--strategy", "random", "--trials", "1", "--store", storeUrl(), "--study", "tiny" };
    if (!more.contains("--space"))
        arguments << "--space"
                  << "mlp";
    if (!more.contains("--task"))
        arguments << "--task"
                  << "digits";
    const Answer answer = run(arguments + more);
    QVERIFY2(answer.exitCode == 2 || answer.exitCode == 3, answer.asText());
    QCOMPARE(QDir(m_folder->path()).entryList(QDir::AllEntries | QDir::NoDotAndDotDot), QStringList());
}

void TestCli::helpAndVersionSucceed()
{
    const Answer help = run({ "--help" });
    QVERIFY2(help.exitCode == 0, help.asText());
    for (const char* command : { "space", "task", "search", "study", "retrain", "latency", "export" })
        QVERIFY2(help.output.contains(command), help.asText());
    const Answer version = run({ "--version" });
    QVERIFY2(version.exitCode == 0 && version.output.startsWith("archscope-cli "), version.asText());
}

void TestCli::countsExactly()
{
    const Answer answer = run({ "space", "count", "chain-cnn", "--json" });
    QVERIFY2(answer.exitCode == 0, answer.asText());
    const QJsonObject line = jsonLine(answer.output);
    QCOMPARE(line.keys(), QStringList{ "count" });
    static const QRegularExpression manyDigits("^[1-9][0-9]{8,}$");
    QVERIFY2(manyDigits.match(line["count"].toString()).hasMatch(), answer.asText());

    // A perceptron of n layers has (5 widths × norm or not × 5 activations × 4 rates)ⁿ forms.
    qint64 perceptrons = 0;
    for (qint64 layers = 1, ofOneDepth = 200; layers <= 4; ++layers, ofOneDepth *= 200)
        perceptrons += ofOneDepth;
    QCOMPARE(jsonLine(run({ "space", "count", "mlp", "--json" }).output)["count"].toString(), QString::number(perceptrons));
}

void TestCli::listsThePresets()
{
    const Answer answer = run({ "space", "list", "--json" });
    QVERIFY2(answer.exitCode == 0, answer.asText());
    QStringList names;
    for (const QJsonObject& line : jsonLines(answer.output)) {
        names << line["name"].toString();
        QCOMPARE(jsonLine(run({ "space", "count", names.back(), "--json" }).output)["count"].toString(),
            line["count"].toString());
    }
    QCOMPARE(names.mid(0, 3), QStringList({ "chain-cnn", "resnet-like", "mlp" }));
    QVERIFY(names.contains("nas-bench-201"));
}

void TestCli::costsWhatItSampled_data()
{
    QTest::addColumn<QString>("space");
    QTest::addColumn<QJsonArray>("input"); // of the task that the preset is meant for
    QTest::addColumn<QJsonArray>("output");
    for (const char* space : { "chain-cnn", "resnet-like", "mlp" })
        QTest::newRow(space) << space << QJsonArray{ 1, 8, 8 } << QJsonArray{ 10 };
    for (const char* space : { "nas-bench-201", "nas-bench-101" })
        QTest::newRow(space) << space << QJsonArray{ 3, 32, 32 } << QJsonArray{ 10 };
    QTest::newRow("lstm-gru") << "lstm-gru" << QJsonArray{ 150, 1 } << QJsonArray{ 2 };
    QTest::newRow("darts-rnn") << "darts-rnn" << QJsonArray{ 64 } << QJsonArray{ 64, 65 };
}

void TestCli::costsWhatItSampled()
{
    QFETCH(const QString, space);
    QFETCH(const QJsonArray, input);
    QFETCH(const QJsonArray, output);
    const Answer sampled = run({ "space", "sample", space, "-n", "3", "--seed", "5" });
    QVERIFY2(sampled.exitCode == 0, sampled.asText());
    const QStringList architectures = sampled.output.split('\n', Qt::SkipEmptyParts);
    QCOMPARE(architectures.size(), 3);
    for (const QString& architecture : architectures) {
        const Answer cost = run({ "space", "cost", space, "--arch", architecture, "--json" });
        QVERIFY2(cost.exitCode == 0, cost.asText());
        const QJsonObject line = jsonLine(cost.output);
        const QJsonArray layers = line["layers"].toArray();
        qint64 parameters = 0;
        qint64 flops = 0;
        for (const auto& layer : layers) {
            parameters += layer.toObject()["parameters"].toInteger();
            flops += layer.toObject()["flops"].toInteger();
        }
        QVERIFY2(parameters > 0 && flops > 0, cost.asText());
        QCOMPARE(line["parameters"].toInteger(), parameters);
        QCOMPARE(line["flops"].toInteger(), flops);
        QCOMPARE(layers.first().toObject()["output"].toArray(), input);
        QCOMPARE(layers.last().toObject()["output"].toArray(), output);
    }
}

void TestCli::envelopesOfSamples()
{
    const Answer answer = run({ "space", "envelope", "mlp", "--samples", "12", "--json" });
    QVERIFY2(answer.exitCode == 0, answer.asText());
    const QJsonObject line = jsonLine(answer.output);
    QCOMPARE(line["samples"].toInt(), 12);
    QCOMPARE(line["fitting"].toInt(), 12);
    for (const char* what : { "parameters", "flops", "layers", "latency_ms" }) {
        const QJsonObject range = line[what].toObject();
        QVERIFY2(range["low"].toDouble() > 0 && range["low"].toDouble() <= range["median"].toDouble()
                && range["median"].toDouble() <= range["high"].toDouble(),
            answer.asText());
    }
    QVERIFY2(line["latency_ms"]["operations"].toInt() > 0 && line["latency_ms"]["error"].isDouble(), answer.asText());
    const Answer table = run({ "space", "envelope", "mlp", "--samples", "3", "--seed", "4" });
    QVERIFY2(table.output.contains("latency, ms") && table.output.contains("measured operations"), table.asText());
}

void TestCli::latencyBudgetsAreKept()
{
    const auto bounded = [this](const char* name, double most) {
        QJsonObject space = jsonLine(run({ "space", "show", "mlp", "--json" }).output);
        space["constraints"] = QJsonArray { QJsonObject { { "budget", "latency_ms" }, { "max", most } } };
        return writeFile(m_folder->filePath(name), QJsonDocument(space).toJson());
    };
    QVERIFY(bounded("wide.space.json", 1e6) && bounded("none.space.json", 1e-9));
    const auto search = [this](const QString& space, const QString& study) {
        return run({ "search", "--space", space, "--task", "digits", "--strategy", "random", "--trials", "2", "--fidelity", "epochs=1",
            "--device", "cpu", "--store", "sqlite:latency.archscope", "--study", study });
    };
    const Answer found = search("wide.space.json", "wide");
    QVERIFY2(found.exitCode == 0, found.asText());
    const Answer resumed = run({ "study", "resume", "--store", "sqlite:latency.archscope", "--study", "wide", "--trials", "3" });
    QVERIFY2(resumed.exitCode == 0 && !resumed.errors.contains("measured anew"), resumed.asText());
    const Answer refused = search("none.space.json", "none");
    QVERIFY2(refused.exitCode == 3 && refused.errors.contains("no architecture was found"), refused.asText());
    QVERIFY2(run({ "space", "check", "none.space.json" }).errors.contains("latency"), "which budget it is");
    QCOMPARE(run({ "space", "count", "none.space.json" }).exitCode, 0); // it counts without looking at budgets
}

void TestCli::readsNotations()
{
    const auto cost = [&](const QStringList& more) {
        const Answer answer = run(QStringList{ "space", "cost", "nas-bench-201", "--json", "--arch" } + more);
        return answer.exitCode == 0 ? jsonLine(answer.output) : QJsonObject{ { "problem", answer.errors } };
    };
    // As the benchmark publishes it: the preset's own task is CIFAR-10.
    const QJsonObject all = cost({ "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|nor_conv_3x3~0|nor_conv_3x3~1|nor_conv_3x3~2|" });
    QCOMPARE(all["parameters"].toInteger(), qint64(1531546));
    QCOMPARE(all["flops"].toInteger(), qint64(220119690));
    // Its only wide convolution leads nowhere.
    const QString dead = "|nor_conv_3x3~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|";
    QCOMPARE(cost({ dead })["parameters"].toInteger(), qint64(73306 + 243040));
    QCOMPARE(cost({ dead, "--effective" })["parameters"].toInteger(), qint64(73306));
    const Answer distinct = run({ "space", "count", "temporal-cnn", "--distinct", "--json" });
    QVERIFY2(distinct.exitCode == 0, distinct.asText());
    QCOMPARE(jsonLine(distinct.output)["count"].toString(), QString("240"));
    QCOMPARE(jsonLine(distinct.output)["distinct"].toString(), QString("240"));
    const Answer wrong = run({ "space", "cost", "nas-bench-201", "--arch", "|nor_conv_5x5~0|" });
    QCOMPARE(wrong.exitCode, 3);
    QVERIFY2(wrong.errors.contains("position 2"), wrong.asText());
}

void TestCli::samplesRepeatWithTheirSeed()
{
    const auto sampled = [this](const char* seed) {
        return run({ "space", "sample", "chain-cnn", "-n", "4", "--seed", seed }).output;
    };
    const QString first = sampled("1");
    QCOMPARE(first.count('\n'), 4);
    QCOMPARE(sampled("1"), first);
    QVERIFY(sampled("2") != first);
}

void TestCli::showsTheDigits()
{
    const Answer answer = run({ "task", "show", "digits", "--json" });
    QVERIFY2(answer.exitCode == 0, answer.asText());
    const QJsonObject line = jsonLine(answer.output);
    QCOMPARE(line["task"].toString(), QString("digits"));
    QCOMPARE(line["classes"].toArray().size(), 10);
    QCOMPARE(line["shape"].toArray(), (QJsonArray{ 1, 8, 8 }));
    for (const char* part : { "train", "validation", "test" })
        QVERIFY2(line[part].toInt() > 0, answer.asText());
    QCOMPARE(line["train"].toInt() + line["validation"].toInt() + line["test"].toInt(), 1797);
}

void TestCli::countsTheClassesOfATable()
{
    QByteArray table = "width,height,kind\n";
    for (int i = 0; i < 20; ++i)
        table += QByteArray::number(i) + ",1.5,round\n" + QByteArray::number(i) + ",2.5,square\n";
    write("shapes.csv", table);
    const Answer answer = run({ "task", "show", "csv:shapes.csv#label=kind", "--json" });
    QVERIFY2(answer.exitCode == 0, answer.asText());
    const QJsonObject line = jsonLine(answer.output);
    QCOMPARE(line["kind"].toString(), QString("csv"));
    QCOMPARE(line["classes"].toArray(), (QJsonArray{ "round", "square" }));
    QCOMPARE(line["shape"].toArray(), (QJsonArray{ 2 }));
    QCOMPARE(line["train"].toInt() + line["validation"].toInt() + line["test"].toInt(), 40);
    QCOMPARE(line["detected"].toArray(),
        (QJsonArray{ "delimiter: ','", "header: column names (detected)", "label: column 'kind' (as asked)" }));
    QCOMPARE(line["recipe"].toObject()["batch_size"].toInt(), 16);
}

void TestCli::searchesAndStores()
{
    const Answer searched = search({ "--json" });
    QVERIFY2(searched.exitCode == 0, searched.asText());
    const QList<QJsonObject> events = jsonLines(searched.output);
    QVERIFY2(!events.isEmpty(), searched.asText());
    QSet<int> endedTrials;
    for (const QJsonObject& event : events) {
        if (event["event"].toString() == "trial_ended")
            endedTrials.insert(event["trial"].toInt());
    }
    QCOMPARE(endedTrials, QSet<int>({ 1, 2, 3 }));
    const QJsonObject finished = events.back();
    QCOMPARE(finished["event"].toString(), QString("finished"));
    QCOMPARE(finished["trials"].toInt(), 3);
    QVERIFY2(finished["elapsed_s"].toDouble() > 0, searched.asText());

    const Answer listed = study("trials", { "--json" });
    QVERIFY2(listed.exitCode == 0, listed.asText());
    const QList<QJsonObject> trials = jsonLines(listed.output);
    QCOMPARE(trials.size(), 3);
    double best = 0;
    int bestTrial = 0;
    for (qsizetype i = 0; i < trials.size(); ++i) {
        const QJsonObject& trial = trials[i];
        QCOMPARE(trial["trial"].toInt(), static_cast<int>(i + 1));
        QCOMPARE(trial["state"].toString(), QString("completed"));
        QVERIFY(trial["parent"].isNull());
        QVERIFY(trial.contains("duplicate_of"));
        QCOMPARE(trial["fidelity"].toObject()["epochs"].toInt(), 1);
        QVERIFY2(trial["genotype"].toObject().contains("layers#count"), listed.asText());
        QCOMPARE(QJsonDocument::fromJson(trial["arch"].toString().toUtf8()).object(), trial["genotype"].toObject());
        const QJsonObject metrics = trial["metrics"].toObject();
        for (const char* metric : { "val_accuracy", "train_accuracy", "parameters", "flops", "latency_ms", "seconds" })
            QVERIFY2(metrics[metric].isDouble(), (QString(metric) + " is missing: ").toUtf8() + listed.asText());
        QVERIFY2(!metrics.contains("test_accuracy"), "a search must not look at the test split");
        if (metrics["val_accuracy"].toDouble() > best) {
            best = metrics["val_accuracy"].toDouble();
            bestTrial = trial["trial"].toInt();
        }
    }
    QCOMPARE(finished["best_trial"].toInt(), bestTrial);
    QCOMPARE(finished["best_value"].toDouble(), best);

    const Answer table = study("trials", { "--csv" });
    QVERIFY2(table.exitCode == 0, table.asText());
    QCOMPARE(table.output.count('\n'), 4);
    QVERIFY2(table.output.startsWith("trial,state,parent,"), table.asText());

    const Answer front = study("pareto", { "--json" });
    QVERIFY2(front.exitCode == 0, front.asText());
    QCOMPARE(jsonLines(front.output).value(0)["metrics"].toObject()["val_accuracy"].toDouble(), best);

    const Answer again = search();
    QVERIFY2(again.exitCode == 3, again.asText());
    QVERIFY2(again.errors.contains("tiny"), again.asText());
}

void TestCli::resumesWithALargerBudget()
{
    QCOMPARE(search().exitCode, 0);
    const QString before = study("trials", { "--json" }).output;
    const Answer resumed = study("resume", { "--trials", "4", "--json" });
    QVERIFY2(resumed.exitCode == 0, resumed.asText());
    const QList<QJsonObject> events = jsonLines(resumed.output);
    QVERIFY2(!events.isEmpty(), resumed.asText());
    QCOMPARE(events.back()["event"].toString(), QString("finished"));
    QCOMPARE(events.back()["trials"].toInt(), 4);
    const QString after = study("trials", { "--json" }).output;
    QCOMPARE(jsonLine(study("show", { "--json" }).output)["budget"].toObject()["trials"].toInt(), 4);
    QCOMPARE(after.count('\n'), 4);
    QVERIFY2(after.startsWith(before), qPrintable(before + "became\n" + after));
}

void TestCli::deletesAStudy()
{
    QCOMPARE(search().exitCode, 0);
    const auto studies = [this] { return run({ "study", "list", "--store", storeUrl(), "--json" }); };
    QCOMPARE(jsonLine(studies().output)["study"].toString(), QString("tiny"));

    const Answer deleted = study("delete", { "--json" });
    QVERIFY2(deleted.exitCode == 0, deleted.asText());
    QCOMPARE(jsonLine(deleted.output)["deleted"].toString(), QString("tiny"));
    const Answer left = studies();
    QVERIFY2(left.exitCode == 0 && left.output.isEmpty(), left.asText());

    for (const char* command : { "show", "trials", "delete", "resume" }) {
        const Answer answer = study(command);
        QVERIFY2(answer.exitCode == 3, QByteArray(command) + ": " + answer.asText());
        QVERIFY2(answer.errors.contains("tiny"), answer.asText());
    }
}

QTEST_GUILESS_MAIN(TestCli)
#include "tst_cli.moc"
