// Searches of tables and warm starts on the command line, against the real program.
#include "tests/cli/cli_program.h"

#include <QDir>
#include <QJsonArray>
#include <QTemporaryDir>
#include <QtTest>
#include <cmath>
#include <memory>

using namespace archscope::cli::testing;

namespace {

/// All of NAS-Bench-Macro's 6,561 architectures with made-up numbers: 1 point a layer's alternative, test 2 points less, and
/// seconds.
QByteArray macroTable(int skipEvery = 0)
{
    QByteArray bytes = "arch,valid,test,cost,params\n";
    for (int code = 0; code < 6561; ++code) {
        if (skipEvery > 0 && code % skipEvery == 0)
            continue;
        QByteArray arch;
        double sum = 0;
        for (int layer = 0, rest = code; layer < 8; ++layer, rest /= 3) {
            arch.append(static_cast<char>('0' + rest % 3));
            sum += rest % 3 + 0.01 * layer * (rest % 3);
        }
        bytes += arch + ',' + QByteArray::number(80 + sum / 2) + ',' + QByteArray::number(78 + sum / 2) + ','
            + QByteArray::number(10 + sum) + ',' + QByteArray::number(1000 * sum) + '\n';
    }
    return bytes;
}

} // namespace

class TestTableSearch : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        QVERIFY(m_folder->isValid());
        QVERIFY(writeFile(m_folder->filePath("t.csv"), macroTable()));
    }

    void printsWhatItFound()
    {
        const Answer answer = search({ "--trials", "300", "--test", "test", "--json" });
        QVERIFY2(answer.exitCode == 0, answer.asText());
        const QList<QJsonObject> lines = jsonLines(answer.output);
        const QJsonObject finished = lines.back();
        QCOMPARE(finished.keys(),
            (QStringList{ "best_test", "best_trial", "best_value", "elapsed_s", "event", "simulated_s", "trials" }));
        QCOMPARE(finished["event"].toString(), QString("finished"));
        QCOMPARE(finished["trials"].toInt(), 300);
        QVERIFY(finished["best_trial"].toInt() >= 1 && finished["best_trial"].toInt() <= 300);
        QVERIFY2(finished["best_value"].toDouble() > 85, answer.asText());
        QVERIFY(std::abs(finished["best_test"].toDouble() - (finished["best_value"].toDouble() - 2)) < 1e-4);
        QVERIFY(finished["simulated_s"].isNull());
        const QJsonObject oracle = lines[lines.size() - 2];
        QCOMPARE(oracle["arch"].toString(), QString("22222222"));
        QCOMPARE(oracle["test"].toDouble(), oracle["value"].toDouble() - 2);
        // Nothing is kept.
        QCOMPARE(QDir(m_folder->path()).entryList(QDir::Files), QStringList{ "t.csv" });
        // The same seed finds the same, another seed something else.
        const auto without = [](QJsonObject line) {
            line.remove("elapsed_s");
            return line;
        };
        QCOMPARE(
            without(jsonLines(search({ "--trials", "300", "--test", "test", "--json" }).output).back()), without(finished));
        const Answer forPeople = search({ "--trials", "300", "--test", "test" });
        QVERIFY2(forPeople.output.contains("oracle") && forPeople.output.contains("test")
                && forPeople.output.contains("22222222"),
            forPeople.asText());
    }

    void simulatedBudgetEndsIt()
    {
        const Answer answer = search({ "--cost", "cost", "--cost-budget", "1h", "--json" });
        QVERIFY2(answer.exitCode == 0, answer.asText());
        const QJsonObject finished = jsonLines(answer.output).back();
        const double simulated = finished["simulated_s"].toDouble();
        QVERIFY2(simulated <= 3600 && simulated > 3600 - 30, answer.asText());
        QVERIFY(finished["best_test"].isNull());
    }

    void storedOrNotIsTheSameSearch()
    {
        const QStringList budget{ "--trials", "400", "--cost", "cost", "--cost-budget", "5000", "--test", "test", "--json" };
        const QJsonObject memory = jsonLines(search(budget).output).back();
        const Answer stored = search(budget + QStringList{ "--jobs", "1", "--store", "sqlite:s.archscope", "--study", "a" });
        QVERIFY2(stored.exitCode == 0, stored.asText());
        const QJsonObject finished = jsonLines(stored.output).back();
        for (const char* key : { "event", "trials", "best_trial", "best_value", "best_test" })
            QCOMPARE(finished[key], memory[key]);
        QVERIFY(std::abs(finished["simulated_s"].toDouble() - memory["simulated_s"].toDouble()) < 1e-6);

        const Answer listed = run({ "study", "trials", "--store", "sqlite:s.archscope", "--study", "a", "--json" });
        QVERIFY2(listed.exitCode == 0, listed.asText());
        int ended = 0;
        for (const QJsonObject& trial : jsonLines(listed.output)) {
            if (trial["state"].toString() != "completed")
                continue;
            ++ended;
            QVERIFY(trial["metrics"].toObject().contains("simulated_s"));
            QCOMPARE(trial["arch"].toString().size(), 8);
        }
        QCOMPARE(ended, finished["trials"].toInt());
        const Answer shown = run({ "study", "show", "--store", "sqlite:s.archscope", "--study", "a", "--json" });
        const QJsonObject table = jsonLine(shown.output)["table"].toObject();
        QVERIFY2(QDir::isAbsolutePath(table["file"].toString()) && table["metric"].toString() == "valid", shown.asText());
        QVERIFY(!jsonLine(shown.output).contains("task"));
        const Answer list = run({ "study", "list", "--store", "sqlite:s.archscope" });
        QVERIFY2(list.output.contains("t.csv"), list.asText());

        // A larger simulated budget goes on where that one ended.
        const Answer resumed
            = run({ "study", "resume", "--store", "sqlite:s.archscope", "--study", "a", "--cost-budget", "6000", "--json" });
        QVERIFY2(resumed.exitCode == 0, resumed.asText());
        const QJsonObject more = jsonLines(resumed.output).back();
        QVERIFY2(
            more["simulated_s"].toDouble() <= 6000 && more["trials"].toInt() > finished["trials"].toInt(), resumed.asText());

        // There is no data to train with.
        const Answer retrain = run({ "retrain", "--store", "sqlite:s.archscope", "--study", "a" });
        QVERIFY2(retrain.exitCode == 3 && retrain.errors.contains("table"), retrain.asText());
    }

    void repeats()
    {
        const Answer answer = search({ "--trials", "50", "--test", "test", "--repeat", "20", "--seed", "7", "--json" });
        QVERIFY2(answer.exitCode == 0, answer.asText());
        const QList<QJsonObject> lines = jsonLines(answer.output);
        QCOMPARE(lines.size(), 22); // and the oracle
        double sum = 0;
        for (int i = 0; i < 20; ++i) {
            QCOMPARE(lines[i]["event"].toString(), QString("run"));
            QCOMPARE(lines[i]["seed"].toInt(), 7 + i);
            sum += lines[i]["best_value"].toDouble();
        }
        const QJsonObject finished = lines.back();
        QCOMPARE(finished["runs"].toInt(), 20);
        QCOMPARE(finished["trials"].toInt(), 1000);
        QVERIFY(std::abs(finished["best_value"].toDouble() - sum / 20) < 1e-9);
        QVERIFY(finished["best_value_std"].toDouble() > 0);
        // A run is the search with its seed.
        const Answer third = search({ "--trials", "50", "--test", "test", "--seed", "9", "--json" });
        QCOMPARE(jsonLines(third.output).back()["best_value"], lines[2]["best_value"]);
    }

    void missingArchitecturesAreFailedTrials()
    {
        QVERIFY(writeFile(m_folder->filePath("t.csv"), macroTable(2)));
        const Answer answer = search({ "--trials", "100", "--json", "--store", "sqlite:s.archscope", "--study", "a" });
        QVERIFY2(answer.exitCode == 0, answer.asText());
        int failed = 0;
        for (const QJsonObject& line : jsonLines(answer.output)) {
            if (line["state"].toString() == "failed") {
                ++failed;
                QVERIFY2(line["message"].toString().contains("the table has no architecture"), answer.asText());
            }
        }
        QVERIFY(failed > 0);
        const Answer inMemory = search({ "--trials", "100" });
        QVERIFY2(inMemory.exitCode == 0 && inMemory.errors.contains("failed"), inMemory.asText());
    }

    void boundsAColumn()
    {
        const Answer answer = search({ "--trials", "200", "--column", "parameters=params", "--constraint", "params<=4000",
            "--json", "--store", "sqlite:s.archscope", "--study", "a" });
        QVERIFY2(answer.exitCode == 0, answer.asText());
        for (const QJsonObject& line : jsonLines(answer.output)) {
            if (line["event"].toString() == "trial_ended")
                QVERIFY(line["metrics"].toObject()["parameters"].toDouble() <= 4000);
        }
    }

    void refuses_data()
    {
        QTest::addColumn<QString>("more"); // separated by blanks; {} starts from nothing but the space and the strategy
        QTest::addColumn<int>("exitCode");
        QTest::addColumn<QStringList>("fragments");
        QTest::newRow("no budget") << "" << 2 << QStringList{ "--trials", "--cost-budget" };
        QTest::newRow("no key") << "{} --trials 9 --table t.csv --metric valid" << 2 << QStringList{ "--key COL" };
        QTest::newRow("no metric") << "{} --trials 9 --table t.csv --key arch" << 2 << QStringList{ "--metric COL" };
        QTest::newRow("no table") << "{} --trials 9 --task digits --key arch" << 2 << QStringList{ "--table F" };
        QTest::newRow("neither table nor task") << "{} --trials 9" << 2 << QStringList{ "--task is required" };
        QTest::newRow("no store, and no table")
            << "{} --trials 9 --task digits" << 2 << QStringList{ "--store and --study are required" };
        QTest::newRow("store without a study")
            << "--trials 9 --store sqlite:s.archscope" << 2 << QStringList{ "belong together" };
        QTest::newRow("cost budget without cost") << "--cost-budget 100" << 2 << QStringList{ "--cost COL" };
        QTest::newRow("cost budget in words")
            << "--cost cost --cost-budget much" << 2 << QStringList{ "--cost-budget", "'much'" };
        QTest::newRow("repeat into a store")
            << "--trials 9 --repeat 2 --store sqlite:s.archscope --study a" << 2 << QStringList{ "--repeat" };
        QTest::newRow("column of nothing") << "--trials 9 --column params" << 2 << QStringList{ "--column", "key=value" };
        QTest::newRow("column of an unknown metric")
            << "--trials 9 --column paramters=params" << 2 << QStringList{ "did you mean 'parameters'" };
        QTest::newRow("two columns of one metric")
            << "--trials 9 --column val_accuracy=test" << 3 << QStringList{ "two columns", "val_accuracy" };
        QTest::newRow("objective without a column")
            << "--trials 9 --objective val_accuracy,flops" << 3 << QStringList{ "'flops'", "--column" };
        QTest::newRow("constraint without a column")
            << "--trials 9 --constraint params<=9" << 3 << QStringList{ "'parameters'", "--column" };
        QTest::newRow("no such file") << "{} --trials 9 --table none.csv --key arch --metric valid" << 3
                                      << QStringList{ "none.csv" };
        QTest::newRow("empty file") << "{} --trials 9 --table empty.csv --key arch --metric valid" << 3
                                    << QStringList{ "empty.csv", "empty" };
        QTest::newRow("no such key column") << "{} --trials 9 --table t.csv --key key --metric valid" << 3
                                            << QStringList{ "t.csv", "line 1", "'key'", "arch" };
        QTest::newRow("key of another space")
            << "{} --trials 9 --table bad-key.csv --key arch --metric valid" << 3
            << QStringList{ "bad-key.csv", "line 3, column 1", "'22232220'", "position 4" };
        QTest::newRow("key twice") << "{} --trials 9 --table twice.csv --key arch --metric valid" << 3
                                   << QStringList{ "twice.csv", "line 3", "line 2" };
        QTest::newRow("metric in words") << "{} --trials 9 --table words.csv --key arch --metric valid" << 3
                                         << QStringList{ "words.csv", "line 2, column 2", "'good'" };
        QTest::newRow("warm start without a study")
            << "--trials 9 --warm-start sqlite:s.archscope" << 2 << QStringList{ "--warm-start", "#" };
        QTest::newRow("warm start from nowhere")
            << "--trials 9 --warm-start sqlite:none.archscope#a" << 3 << QStringList{ "none.archscope" };
    }
    void refuses()
    {
        QFETCH(QString, more);
        QFETCH(int, exitCode);
        QFETCH(QStringList, fragments);
        for (const auto& [name, bytes] : std::initializer_list<std::pair<const char*, const char*>>{ { "empty.csv", "" },
                 { "bad-key.csv", "arch,valid\n22212220,1\n22232220,1\n" },
                 { "twice.csv", "arch,valid\n22212220,1\n22212220,1\n" }, { "words.csv", "arch,valid\n22212220,good\n" } })
            QVERIFY(writeFile(m_folder->filePath(name), bytes));
        QStringList arguments = more.split(' ', Qt::SkipEmptyParts);
        const bool bare = arguments.removeAll("{}") > 0;
        const Answer answer = bare
            ? run(QStringList{ "search", "--space", "nas-bench-macro", "--strategy", "random" } + arguments)
            : search(arguments);
        QVERIFY2(answer.exitCode == exitCode, answer.asText());
        QVERIFY2(answer.output.isEmpty(), answer.asText());
        for (const QString& fragment : fragments)
            QVERIFY2(answer.errors.contains(fragment), (fragment + " is missing: ").toUtf8() + answer.asText());
        QVERIFY2(!QFile::exists(m_folder->filePath("s.archscope")), "a store was made");
    }

    void startsFromAnEarlierStudy()
    {
        const auto stored = [](const QString& study) {
            return QStringList{ "--jobs", "1", "--store", "sqlite:s.archscope", "--study", study };
        };
        QVERIFY(search(QStringList{ "--trials", "300", "--test", "test" } + stored("first")).exitCode == 0);
        // On a column of its own: another task, as it were, on another scale.
        const QStringList other{ "search", "--space", "nas-bench-macro", "--strategy", "random", "--table", "t.csv", "--key",
            "arch", "--metric", "params", "--trials", "40", "--json" };
        const Answer warm = run(other + stored("warm") + QStringList{ "--warm-start", "sqlite:s.archscope#first" });
        QVERIFY2(warm.exitCode == 0, warm.asText());
        QVERIFY2(warm.errors.contains("took over") && warm.errors.contains("'first'"), warm.asText());

        const auto show = [this](const QString& study) {
            return jsonLine(run({ "study", "show", "--store", "sqlite:s.archscope", "--study", study, "--json" }).output);
        };
        QJsonArray report = show("warm")["warm_start_report"].toArray();
        QCOMPARE(report.size(), 2);
        QVERIFY2(report[1].toString().contains("no cold study"), qPrintable(report[1].toString()));
        QVERIFY(show("warm")["prior"].toInt() > 100);

        // What is best here was best there: the warm one begins with what random search does not find.
        const Answer cold = run(other + stored("cold"));
        QVERIFY2(cold.exitCode == 0, cold.asText());
        QVERIFY(
            jsonLines(warm.output).back()["best_value"].toDouble() > jsonLines(cold.output).back()["best_value"].toDouble());
        QVERIFY(jsonLines(warm.output).back()["best_trial"].toInt() <= 10);
        report = show("warm")["warm_start_report"].toArray();
        QVERIFY2(report[1].toString().contains("the cold study 'cold' reached")
                && report[1].toString().contains("this one after"),
            qPrintable(report[1].toString()));

        // The source may go; the study does not need it.
        QVERIFY(run({ "study", "delete", "--store", "sqlite:s.archscope", "--study", "first" }).exitCode == 0);
        const Answer resumed
            = run({ "study", "resume", "--store", "sqlite:s.archscope", "--study", "warm", "--trials", "60", "--json" });
        QVERIFY2(resumed.exitCode == 0, resumed.asText());
        QCOMPARE(jsonLines(resumed.output).back()["trials"].toInt(), 60);
    }

    void refusesToStartFromAnotherSpace()
    {
        QVERIFY(search({ "--trials", "20", "--store", "sqlite:s.archscope", "--study", "first" }).exitCode == 0);
        const Answer answer = run({ "search", "--space", "mlp", "--task", "digits", "--strategy", "random", "--trials", "2",
            "--store", "sqlite:other.archscope", "--study", "a", "--warm-start", "sqlite:s.archscope#first" });
        QVERIFY2(answer.exitCode == 3, answer.asText());
        QVERIFY2(
            answer.errors.contains("no decision in common") && answer.errors.contains("s.archscope#first"), answer.asText());
        QVERIFY(!QFile::exists(m_folder->filePath("other.archscope")));
    }

private:
    Answer run(const QStringList& arguments) const { return runProgram(m_folder->path(), arguments); }
    Answer search(const QStringList& more) const
    {
        return run(QStringList{ "search", "--space", "nas-bench-macro", "--strategy", "regularized-evolution", "--table",
                       "t.csv", "--key", "arch", "--metric", "valid" }
            + more);
    }

    std::unique_ptr<QTemporaryDir> m_folder;
};

QTEST_GUILESS_MAIN(TestTableSearch)
#include "tst_table_search.moc"
