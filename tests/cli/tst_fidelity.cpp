// archscope-cli search with a scheduler, a proxy and inherited weights, really training; killed and resumed.
#include "tests/cli/cli_program.h"

#include <QDir>
#include <QJsonArray>
#include <QTemporaryDir>
#include <QtTest>

using namespace archscope::cli::testing;

class TestFidelity : public QObject {
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_folder;

    QString storeUrl(const QString& name) const { return "sqlite:" + m_folder->filePath(name + ".archscope"); }

    static QStringList searching(const QString& url, const QStringList& more)
    {
        return QStringList{ "search", "--space", "mlp", "--task", "digits", "--strategy", "regularized-evolution", "--set", "population=4",
                   "--set", "sample=2", "--trials", "14", "--fidelity", "epochs=4", "--jobs", "1", "--seed", "3", "--device", "cpu", "--store",
                   url, "--study", "a", "--json" }
        + more;
    }

    Answer run(const QStringList& arguments) const { return runProgram(m_folder->path(), arguments); }

    /// Without what a clock decides.
    QList<QJsonObject> trialsOf(const QString& url) const
    {
        QList<QJsonObject> trials = jsonLines(run({ "study", "trials", "--store", url, "--study", "a", "--json" }).output);
        for (QJsonObject& trial : trials) {
            QJsonObject metrics = trial["metrics"].toObject();
            metrics.remove("seconds");
            metrics.remove("latency_ms");
            trial["metrics"] = metrics;
        }
        return trials;
    }

private Q_SLOTS:
    void initTestCase() { QVERIFY2(QFile::exists(programFile()), qPrintable("build archscope-cli first: " + programFile())); }
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        QVERIFY(m_folder->isValid());
    }

    void killedAndResumedIsTheSame_data()
    {
        QTest::addColumn<QStringList>("options");
        const QStringList asha{ "--scheduler", "asha", "--scheduler-set", "eta=2" };
        QTest::newRow("asha") << asha;
        QTest::newRow("asha, proxy, inherited weights")
            << asha + QStringList{ "--inherit-weights", "--proxy", "synflow", "--proxy-set", "warmup=2" };
    }
    void killedAndResumedIsTheSame()
    {
        QFETCH(QStringList, options);
        const Answer whole = run(searching(storeUrl("whole"), options));
        QVERIFY2(whole.exitCode == 0, whole.asText());
        const QList<QJsonObject> expected = trialsOf(storeUrl("whole"));
        QCOMPARE(expected.size(), 14);
        double epochs = 0;
        int continued = 0;
        for (const QJsonObject& trial : expected) {
            epochs += trial["metrics"].toObject()["epochs"].toDouble();
            continued += !trial["continues"].isNull();
            QVERIFY(trial["message"].toString().isEmpty());
        }
        QVERIFY(continued > 2);
        const QJsonObject savings = jsonLines(whole.output).back()["savings"].toObject();
        QCOMPARE(savings["trained_epochs"].toDouble(), epochs);
        QCOMPARE(savings["full_epochs"].toInt(), 4 * (14 - continued));
        QCOMPARE(savings.contains("proxy_scored"), options.contains("--proxy"));

        const QString url = storeUrl("killed");
        for (int kill = 0; kill < 3; ++kill) {
            QProcess process;
            process.start(programFile(), kill == 0 ? searching(url, options) : QStringList{ "study", "resume", "--store", url, "--study", "a", "--json" });
            QVERIFY(process.waitForStarted());
            int ended = 0;
            while (ended < 3 && process.waitForReadyRead(60'000)) {
                while (process.canReadLine())
                    ended += process.readLine().contains("trial_ended");
            }
            process.kill(); // SIGKILL
            process.waitForFinished();
            QVERIFY(trialsOf(url).size() <= 14);
        }
        const Answer resumed = run({ "study", "resume", "--store", url, "--study", "a", "--json" });
        QVERIFY2(resumed.exitCode == 0, resumed.asText());
        const QList<QJsonObject> actual = trialsOf(url);
        QCOMPARE(actual.size(), expected.size());
        for (qsizetype i = 0; i < actual.size(); ++i)
            QCOMPARE(actual[i], expected[i]);
        QVERIFY(QDir(m_folder->filePath("killed.archscope.weights")).exists());
        QCOMPARE(run({ "study", "delete", "--store", url, "--study", "a" }).exitCode, 0);
        QVERIFY(!QDir(m_folder->filePath("killed.archscope.weights")).exists());
    }

    void curveSavesEpochs()
    {
        const Answer answer = run(searching(storeUrl("a"), { "--scheduler", "curve", "--scheduler-set", "min_trials=2" }));
        QVERIFY2(answer.exitCode == 0, answer.asText());
        const QJsonObject shown = jsonLine(run({ "study", "show", "--store", storeUrl("a"), "--study", "a", "--json" }).output);
        QCOMPARE(shown["scheduler"].toObject()["name"].toString(), QStringLiteral("curve"));
        const QJsonObject savings = shown["savings"].toObject();
        QVERIFY(savings["pruned"].toInt() > 0);
        QVERIFY(savings["trained_epochs"].toInt() < savings["full_epochs"].toInt());
        QVERIFY(!QDir(m_folder->filePath("a.archscope.weights")).exists());
    }

    void refuses_data()
    {
        QTest::addColumn<QStringList>("options");
        QTest::addColumn<int>("exitCode");
        QTest::addColumn<QString>("fragment");
        QTest::newRow("unknown scheduler") << QStringList{ "--scheduler", "ahsa" } << 3 << "did you mean 'asha'?";
        QTest::newRow("unknown setting") << QStringList{ "--scheduler", "asha", "--scheduler-set", "etta=2" } << 2 << "did you mean 'eta'?";
        QTest::newRow("out of range") << QStringList{ "--scheduler", "asha", "--scheduler-set", "eta=1" } << 2 << "2";
        QTest::newRow("setting without a scheduler") << QStringList{ "--scheduler-set", "eta=2" } << 2 << "--scheduler NAME";
        QTest::newRow("unknown proxy") << QStringList{ "--proxy", "synflo" } << 3 << "did you mean 'synflow'?";
        QTest::newRow("share above 1") << QStringList{ "--proxy", "synflow", "--proxy-set", "share=2" } << 2 << "share";
        QTest::newRow("setting without a proxy") << QStringList{ "--proxy-set", "share=0.5" } << 2 << "--proxy NAME";
    }
    void refuses()
    {
        QFETCH(QStringList, options);
        QFETCH(int, exitCode);
        QFETCH(QString, fragment);
        const Answer answer = run(searching(storeUrl("none"), options));
        QVERIFY2(answer.exitCode == exitCode, answer.asText());
        QVERIFY2(answer.errors.contains(fragment), answer.asText());
        QVERIFY(!QFile::exists(m_folder->filePath("none.archscope")));
    }
};

QTEST_GUILESS_MAIN(TestFidelity)
#include "tst_fidelity.moc"
