#include "core/store/sqlite_schema.h"
#include "core/store/stores.h"
#include "tests/core/search/child_process.h"
#include "tests/core/search/search_test_support.h"

#include <QCoreApplication>
#include <QFile>
#include <QProcess>
#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>
#include <QTemporaryDir>
#include <QtTest>
#include <csignal>
#include <cstdio>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace archscope;
using namespace archscope::search;
using namespace archscope::store;
using search::testing::essence;
using search::testing::testSpec;

namespace {

constexpr const char* hostileName = "a'); DROP TABLE study; -- \"ü\"";

std::vector<train::Trial> someTrials(std::int64_t first, std::int64_t last, int points = 3)
{
    const space::DecisionSpace decisions = *space::DecisionSpace::compile(search::testing::chainSpace());
    std::vector<train::Trial> trials;
    for (std::int64_t id = first; id <= last; ++id) {
        Rng rng = Rng::derived({ 9, static_cast<std::uint64_t>(id) });
        train::Trial trial;
        trial.id = train::TrialId(id);
        trial.genotype = decisions.sample(rng);
        if (id > 1)
            trial.parents = { train::TrialId(id - 1) };
        trial.fidelity.epochs = static_cast<int>(id % 3);
        trial.state = id % 7 == 0 ? train::TrialState::Failed : train::TrialState::Completed;
        trial.metrics
            = { { "val_accuracy", rng.uniform() }, { "parameters", 1234 }, { "latency_ms", 0.25 }, { "seconds", 1.5 } };
        for (int e = 1; e <= points; ++e)
            trial.curve.push_back({ e, rng.uniform(), rng.uniform(), rng.uniform(), rng.uniform(), 1e-3, 0.1 * e });
        trial.message = trial.state == train::TrialState::Failed ? "NaN after 3 steps: \"ü\"" : "";
        trial.networkHash = "0123456789abcdef";
        if (id % 5 == 0)
            trial.duplicateOf = train::TrialId(id - 4);
        trial.askedAfter = id - 1;
        trial.toldAs = id - 1;
        trial.startedAt = 1.7e9 + static_cast<double>(id);
        trial.endedAt = trial.startedAt + 0.5;
        trials.push_back(std::move(trial));
    }
    return trials;
}

std::string wholeText(const train::Trial& trial)
{
    return essence(trial) + Json{ trial.startedAt, trial.endedAt, trial.fidelity.epochs, trial.curve.size() }.dump();
}

/// A connection of the test's own, to look at files and to spoil them.
class RawDatabase {
public:
    explicit RawDatabase(const QString& file)
    {
        m_database = QSqlDatabase::addDatabase("QSQLITE", "raw");
        m_database.setDatabaseName(file);
        if (!m_database.open())
            qFatal("%s", qPrintable(m_database.lastError().text()));
    }
    ~RawDatabase()
    {
        m_database.close();
        m_database = {};
        QSqlDatabase::removeDatabase("raw");
    }
    void run(const QString& statement)
    {
        QSqlQuery query(m_database);
        if (!query.exec(statement))
            qFatal("%s: %s", qPrintable(statement), qPrintable(query.lastError().text()));
    }
    QVariantList row(const QString& statement)
    {
        QSqlQuery query(m_database);
        QVariantList values;
        if (query.exec(statement) && query.next()) {
            for (int i = 0; query.value(i).isValid(); ++i)
                values << query.value(i);
        }
        return values;
    }

private:
    QSqlDatabase m_database;
};

/// As another user than root, where the tests run as root: permissions count then.
class WithoutPrivileges {
public:
    WithoutPrivileges()
    {
        if (::geteuid() == 0)
            m_lowered = ::setegid(65534) == 0 && ::seteuid(65534) == 0;
    }
    ~WithoutPrivileges()
    {
        if (m_lowered && (::seteuid(0) != 0 || ::setegid(0) != 0))
            qFatal("cannot get the privileges back");
    }

private:
    bool m_lowered = false;
};

int commitForeverAsChild(const char* url)
{
    auto store = openStore(url, OpenMode::CreateIfAbsent);
    if (!store)
        return 1;
    for (std::int64_t id = 1;; ++id) {
        StudyChanges changes;
        changes.trials = someTrials(id, id);
        if (!(*store)->commit("first", changes))
            return 2;
        std::printf("%lld\n", static_cast<long long>(id));
        std::fflush(stdout);
    }
}

int holdStudyAsChild(const char* url)
{
    auto store = openStore(url, OpenMode::ReadWrite);
    std::printf("%s\n", store && (*store)->acquire("first") ? "held" : "refused");
    std::fflush(stdout);
    ::pause();
    return 0;
}

} // namespace

class TestSqliteStore : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    int m_files = 0;

    QString freshFile() { return m_folder.filePath(QString("%1.archscope").arg(++m_files)); }
    static std::string urlOf(const QString& file) { return "sqlite:" + file.toStdString(); }
    static std::shared_ptr<StudyStore> opened(const QString& file, OpenMode mode = OpenMode::CreateIfAbsent)
    {
        auto store = openStore(urlOf(file), mode);
        if (!store)
            qFatal("%s", store.error().text().c_str());
        return *store;
    }
    /// A store with the study "first" and so many trials in it.
    static std::shared_ptr<StudyStore> filled(const QString& file, std::int64_t trials = 0)
    {
        auto store = opened(file);
        StudyChanges changes;
        changes.trials = someTrials(1, trials);
        if (!store->create(testSpec()) || !store->commit("first", changes))
            qFatal("the store cannot be filled");
        return store;
    }
    static QString refusal(const QString& file, OpenMode mode)
    {
        const auto store = openStore(urlOf(file), mode);
        return store ? QString() : QString::fromStdString(store.error().text());
    }

private Q_SLOTS:
    void roundTrip()
    {
        const QString file = freshFile();
        StudySpec spec = testSpec(hostileName, 50, 77);
        spec.objectives = *parseObjectives("latency_ms:min,val_accuracy");
        const auto trials = someTrials(1, 30);
        {
            auto store = opened(file);
            QVERIFY(store->list()->empty());
            QVERIFY(store->create(spec));
            QVERIFY(store->create(testSpec("second")));
            StudyChanges changes;
            changes.trials = trials;
            changes.strategyState = "{\"x\":1}";
            changes.statedAfter = 29;
            changes.statedAsks = 31;
            changes.measurements = "{\"milliseconds\":{\"conv(…)[16×8×8]\":0.1}}";
            changes.searchedSeconds = 12.5;
            QVERIFY(store->commit(hostileName, changes));
            StudyChanges more; // what is not given stays
            more.finished = true;
            QVERIFY(store->commit(hostileName, more));
        }
        auto store = opened(file, OpenMode::ReadOnly);
        const StoredStudy stored = *store->load(hostileName);
        QCOMPARE(studyToJson(stored.spec).dump(), studyToJson(spec).dump());
        QCOMPARE(*stored.strategyState, std::string("{\"x\":1}"));
        QCOMPARE(stored.statedAfter, 29);
        QCOMPARE(stored.statedAsks, 31);
        QCOMPARE(*stored.measurements, std::string("{\"milliseconds\":{\"conv(…)[16×8×8]\":0.1}}"));
        QCOMPARE(stored.searchedSeconds, 12.5);
        QVERIFY(stored.finished);
        QCOMPARE(stored.trials.size(), trials.size());
        for (std::size_t i = 0; i < trials.size(); ++i)
            QCOMPARE(wholeText(stored.trials[i]), wholeText(trials[i]));
        const StoredStudy empty = *store->load("second");
        QVERIFY(empty.trials.empty() && !empty.strategyState && !empty.measurements && !empty.finished);
    }

    void continuationIsStored()
    {
        auto store = filled(freshFile());
        StudyChanges changes;
        changes.trials = someTrials(1, 4);
        changes.trials[3].continues = train::TrialId(2);
        QVERIFY(store->commit("first", changes));
        QCOMPARE(store->load("first")->trials[3].continues.value(), 2);
        QVERIFY(!store->load("first")->trials[2].continues.isValid());
        changes.trials[3].continues = {};
        QVERIFY(store->commit("first", changes));
        QVERIFY(!store->load("first")->trials[3].continues.isValid());
    }

    void trialsAreReplacedById()
    {
        auto store = filled(freshFile());
        StudyChanges changes;
        changes.trials = someTrials(1, 3);
        changes.trials[2].state = train::TrialState::Running;
        QVERIFY(store->commit("first", changes));
        QCOMPARE(store->list()->front().trials, 2);
        changes.trials = someTrials(3, 4);
        QVERIFY(store->commit("first", changes));
        QCOMPARE(store->load("first")->trials.size(), std::size_t{ 4 });
        QCOMPARE(store->list()->front().trials, 4);
    }

    void lists()
    {
        const QString file = freshFile();
        auto store = opened(file);
        StudySpec spec = testSpec("b");
        spec.constraints = { *parseConstraint("params<=2000") };
        QVERIFY(store->create(spec));
        StudySpec fastest = testSpec("a");
        fastest.objectives = *parseObjectives("latency_ms");
        QVERIFY(store->create(fastest));
        StudyChanges changes;
        changes.trials = someTrials(1, 20);
        changes.trials[4].metrics["val_accuracy"] = 2; // best, but infeasible
        changes.trials[4].metrics["parameters"] = 3000;
        changes.trials[6].metrics["val_accuracy"] = 3; // better, but failed
        changes.trials[9].metrics["val_accuracy"] = 1.5;
        changes.trials[11].metrics["latency_ms"] = 0.125;
        changes.searchedSeconds = 3;
        QVERIFY(store->commit("b", changes));
        QVERIFY(store->commit("a", changes));
        const auto list = *store->list(); // in the order of creation
        QCOMPARE(list.size(), std::size_t{ 2 });
        QCOMPARE(list[0].name, std::string("b"));
        QCOMPARE(list[0].strategy, std::string("regularized-evolution"));
        QCOMPARE(list[0].space, std::string("test-chain"));
        QCOMPARE(list[0].task, std::string("digits"));
        QCOMPARE(list[0].trials, 20);
        QCOMPARE(list[0].completed, 18);
        QCOMPARE(list[0].bestMetric, std::string("val_accuracy"));
        QCOMPARE(*list[0].best, 1.5);
        QCOMPARE(list[0].searchedSeconds, 3.0);
        QVERIFY(list[0].createdAt > 1.7e9);
        QCOMPARE(list[1].bestMetric, std::string("latency_ms"));
        QCOMPARE(*list[1].best, 0.125);
    }

    void readableByHand()
    {
        const QString file = freshFile();
        filled(file, 2).reset();
        RawDatabase raw(file);
        QCOMPARE(raw.row("SELECT count(*), min(decision) FROM answer WHERE study = 'first' AND trial = 2"),
            (QVariantList{ 6, "layer0.features" }));
        QCOMPARE(raw.row("SELECT typeof(state), state, json_extract(metrics, '$.parameters') FROM trial WHERE id = 1"),
            (QVariantList{ "text", "completed", 1234 }));
    }

    void refusals()
    {
        auto store = filled(freshFile());
        const auto says = [&](const auto& result, const char* what) {
            return !result && result.error().text().find(what) != std::string::npos
                && result.error().text().find("sqlite:") == 0;
        };
        QVERIFY(says(store->create(testSpec()), "already"));
        QVERIFY(says(store->create(testSpec("")), "needs a name"));
        QVERIFY(says(store->load("frist"), "did you mean 'first'"));
        QVERIFY(says(store->commit("frist", {}), "unknown study"));
        QVERIFY(says(store->remove("frist"), "unknown study"));
        QVERIFY(says(store->acquire("frist"), "unknown study"));
        QVERIFY(says(store->retrains("frist"), "unknown study"));
        StudySpec broken = testSpec("broken");
        broken.space.root.nodes[1].name = broken.space.root.nodes[2].name; // the same key twice
        QVERIFY(!store->create(broken));
    }

    void removes()
    {
        auto store = opened(freshFile());
        QVERIFY(store->create(testSpec("first")));
        QVERIFY(store->create(testSpec("second")));
        StudyChanges changes;
        changes.trials = someTrials(1, 5);
        QVERIFY(store->commit("first", changes));
        QVERIFY(store->commit("second", changes));
        QVERIFY(store->saveRetrain("first", train::TrialId(1), Json{ { "x", 1 } }));
        QVERIFY(store->acquire("first"));
        QVERIFY(!store->remove("first")); // it may be running
        store->release("first");
        QVERIFY(store->remove("first"));
        QVERIFY(!store->load("first"));
        QCOMPARE(store->load("second")->trials.size(), std::size_t{ 5 });
        const auto gone = store->commit("first", changes);
        QVERIFY(!gone);
        QVERIFY(store->create(testSpec("first"))); // nothing of the old one comes back
        QVERIFY(store->load("first")->trials.empty());
        QVERIFY(store->retrains("first")->empty());
    }

    void commitsToAStudyThatAnotherRemovedFail()
    {
        const QString file = freshFile();
        auto one = filled(file);
        StudyChanges changes;
        changes.trials = someTrials(1, 2);
        QVERIFY(one->commit("first", changes));
        auto two = opened(file);
        QVERIFY(two->remove("first"));
        QVERIFY(two->create(testSpec()));
        const auto refused = one->commit("first", changes);
        QVERIFY(!refused);
        QVERIFY2(refused.error().text().find("deleted") != std::string::npos, refused.error().text().c_str());
    }

    void keepsRetrains()
    {
        const QString file = freshFile();
        const Json result = { { "test_accuracy_mean", 0.99 }, { "seeds", { 1, 2 } } };
        {
            auto store = opened(file);
            QVERIFY(store->create(testSpec()));
            QVERIFY(store->saveRetrain("first", train::TrialId(3), Json{ { "old", true } }));
            QVERIFY(store->saveRetrain("first", train::TrialId(3), result));
        }
        const auto kept = *opened(file, OpenMode::ReadOnly)->retrains("first");
        QCOMPARE(kept.size(), std::size_t{ 1 });
        QCOMPARE(kept.at(train::TrialId(3)), result);
    }

    void openErrors_data()
    {
        QTest::addColumn<QString>("url");
        QTest::addColumn<QString>("says");
        QTest::newRow("postgresql") << "postgresql://host/db"
                                    << "come with a later release";
        QTest::newRow("other scheme") << "mysql:x"
                                      << "write 'sqlite:FILE'";
        QTest::newRow("plain path") << "x.archscope"
                                    << "write 'sqlite:FILE'";
        QTest::newRow("no file") << "sqlite:"
                                 << "the file is missing";
        QTest::newRow("no folder") << "sqlite:/nowhere-at-all/x.archscope"
                                   << "does not exist: create it first";
        QTest::newRow("a folder") << "sqlite:/usr"
                                  << "it is a folder";
        QTest::newRow("a device") << "sqlite:/dev/null"
                                  << "no ordinary file";
    }
    void openErrors()
    {
        QFETCH(QString, url);
        QFETCH(QString, says);
        const auto store = openStore(url.toStdString(), OpenMode::CreateIfAbsent);
        QVERIFY(!store);
        const QString text = QString::fromStdString(store.error().text());
        QVERIFY2(text.contains(says) && text.contains(url), qPrintable(text));
    }

    void otherFiles_data()
    {
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<QString>("says");
        QTest::newRow("text") << QByteArray("hello, this is no store at all") << "another kind of file";
        QTest::newRow("short") << QByteArray("hi") << "another kind of file";
        QTest::newRow("header alone") << QByteArray("SQLite format 3\0", 16) << "damaged";
        QTest::newRow("header and rubbish") << QByteArray("SQLite format 3\0", 16) + QByteArray(5000, 'x') << "damaged";
    }
    void otherFiles()
    {
        QFETCH(QByteArray, content);
        QFETCH(QString, says);
        const QString name = freshFile();
        {
            QFile file(name);
            QVERIFY(file.open(QIODevice::WriteOnly));
            file.write(content);
        }
        for (const OpenMode mode : { OpenMode::ReadOnly, OpenMode::ReadWrite, OpenMode::CreateIfAbsent })
            QVERIFY2(refusal(name, mode).contains(says), qPrintable(refusal(name, mode)));
        QFile file(name);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll(), content); // left as it was
    }

    void missingAndEmptyFiles()
    {
        const QString file = freshFile();
        QVERIFY(refusal(file, OpenMode::ReadOnly).contains("no such file"));
        QVERIFY(refusal(file, OpenMode::ReadWrite).contains("no such file"));
        QVERIFY(!QFile::exists(file));
        QFile empty(file);
        QVERIFY(empty.open(QIODevice::WriteOnly));
        QVERIFY(refusal(file, OpenMode::ReadOnly).contains("empty"));
        QVERIFY(refusal(file, OpenMode::ReadWrite).contains("empty"));
        QVERIFY(opened(file)->create(testSpec()));
    }

    void otherDatabasesAndNewerOnes()
    {
        const QString other = freshFile();
        {
            RawDatabase raw(other);
            raw.run("CREATE TABLE books (title TEXT)");
        }
        QVERIFY(refusal(other, OpenMode::CreateIfAbsent).contains("database of another program"));
        const QString newer = freshFile();
        opened(newer).reset();
        {
            RawDatabase raw(newer);
            raw.run("PRAGMA user_version = 99");
        }
        for (const OpenMode mode : { OpenMode::ReadOnly, OpenMode::CreateIfAbsent })
            QVERIFY2(refusal(newer, mode).contains("version 99"), qPrintable(refusal(newer, mode)));
    }

    void schemaIsMarked()
    {
        const QString file = freshFile();
        opened(file).reset();
        RawDatabase raw(file);
        QCOMPARE(raw.row("PRAGMA application_id"), QVariantList{ applicationId });
        QCOMPARE(raw.row("PRAGMA user_version"), QVariantList{ newestSchema });
        QCOMPARE(raw.row("PRAGMA journal_mode"), QVariantList{ "wal" });
        for (int version = 1; version <= newestSchema; ++version)
            QVERIFY(!migrationTo(version).empty());
    }

    /// A store as an earlier release made it: opens, is whole, and can be gone on with, for ever.
    void earlierSchemaStillOpens_data()
    {
        QTest::addColumn<int>("version");
        for (int version = 1; version < newestSchema; ++version)
            QTest::addRow("version %d", version) << version;
    }
    void earlierSchemaStillOpens()
    {
        QFETCH(int, version);
        const QString file = freshFile();
        QFile golden(QStringLiteral(ARCHSCOPE_SOURCE_DIR "/tests/golden/store/schema-%1.sql").arg(version));
        QVERIFY2(golden.open(QIODevice::ReadOnly), qPrintable(golden.fileName()));
        {
            RawDatabase raw(file);
            for (const QString& statement : QString::fromUtf8(golden.readAll()).split("\n-- next\n"))
                raw.run(statement);
        }
        auto store = opened(file, OpenMode::ReadWrite);
        const StoredStudy stored = *store->load("golden");
        QCOMPARE(stored.trials.size(), std::size_t{ 3 });
        auto expected = someTrials(1, 3);
        if (version >= 2)
            expected[2].duplicateOf = train::TrialId(1);
        QVERIFY(!stored.measurements);
        for (std::size_t i = 0; i < 3; ++i) {
            if (version == 1)
                expected[i].networkHash.clear(); // another rule made it: it says nothing any more
            QCOMPARE(wholeText(stored.trials[i]), wholeText(expected[i]));
        }
        StudyChanges changes;
        changes.trials = someTrials(4, 5);
        changes.measurements = "{}";
        QVERIFY(store->commit("golden", changes));
        QCOMPARE(store->load("golden")->measurements.value(), std::string("{}"));
        QCOMPARE(store->list()->front().trials, 5);
        QCOMPARE(store->load("golden")->trials[4].duplicateOf.value(), 1);
    }

    void lockedByAnother()
    {
        const QString file = freshFile();
        auto store = filled(file);
        RawDatabase raw(file);
        raw.run("BEGIN IMMEDIATE");
        StudyChanges changes;
        changes.trials = someTrials(1, 1);
        const auto refused = store->commit("first", changes);
        QVERIFY(!refused);
        QVERIFY2(
            refused.error().text().find("locked by another program") != std::string::npos, refused.error().text().c_str());
        QVERIFY(store->load("first")); // readers do not wait
        raw.run("COMMIT");
        QVERIFY(store->commit("first", changes));
    }

    void readOnlyChangesNothing()
    {
        const QString file = freshFile();
        filled(file).reset();
        QFile content(file);
        QVERIFY(content.open(QIODevice::ReadOnly));
        const QByteArray before = content.readAll();
        {
            auto store = opened(file, OpenMode::ReadOnly);
            QVERIFY(store->load("first"));
            for (const auto& refused : { store->create(testSpec("x")), store->commit("first", {}), store->remove("first"),
                     store->acquire("first"), store->saveRetrain("first", train::TrialId(1), Json()) }) {
                QVERIFY(!refused);
                QVERIFY2(refused.error().text().find("reading only") != std::string::npos, refused.error().text().c_str());
            }
        }
        content.seek(0);
        QCOMPARE(content.readAll(), before);
        for (const char* suffix : { "-wal", "-shm", "-lock" })
            QVERIFY2(!QFile::exists(file + suffix), suffix);
    }

    void readOnlyFilesAndFolders()
    {
        const QString folder = m_folder.filePath("locked");
        QVERIFY(QDir().mkdir(folder));
        const QString file = folder + "/a.archscope";
        filled(file).reset();
        QCOMPARE(::chmod(m_folder.path().toLocal8Bit(), 0755), 0);
        QCOMPARE(::chmod(file.toLocal8Bit(), 0444), 0);
        QCOMPARE(::chmod(folder.toLocal8Bit(), 0555), 0);
        {
            const WithoutPrivileges lowered;
            QVERIFY2(
                refusal(file, OpenMode::ReadWrite).contains("read-only"), qPrintable(refusal(file, OpenMode::ReadWrite)));
            QVERIFY(refusal(folder + "/b.archscope", OpenMode::CreateIfAbsent).contains("is read-only"));
            auto store = opened(file, OpenMode::ReadOnly);
            const auto stored = store->load("first");
            QVERIFY2(stored.has_value(), stored ? "" : stored.error().text().c_str());
        }
        QCOMPARE(::chmod(folder.toLocal8Bit(), 0755), 0);
        QCOMPARE(::chmod(file.toLocal8Bit(), 0000), 0);
        {
            const WithoutPrivileges lowered;
            QVERIFY2(
                refusal(file, OpenMode::ReadOnly).contains("cannot be read"), qPrintable(refusal(file, OpenMode::ReadOnly)));
        }
    }

    void damagedIsSaid()
    {
        const QString file = freshFile();
        filled(file, 500).reset();
        QFile content(file);
        QVERIFY(content.open(QIODevice::ReadWrite));
        const qint64 size = content.size();
        QVERIFY(size > 100'000);
        content.seek(5 * 4096);
        content.write(QByteArray(static_cast<qsizetype>(size - 6 * 4096), '\xa5'));
        content.close();
        auto store = openStore(urlOf(file), OpenMode::ReadOnly);
        const auto stored = store ? (*store)->load("first") : Result<StoredStudy>(fail(store.error()));
        QVERIFY(!stored);
        QVERIFY2(stored.error().text().find("damaged") != std::string::npos, stored.error().text().c_str());
    }

    void unreadableTrialsAreNamed()
    {
        const QString file = freshFile();
        auto store = filled(file);
        StudyChanges changes;
        changes.trials = someTrials(1, 3);
        QVERIFY(store->commit("first", changes));
        RawDatabase raw(file);
        for (const char* spoil :
            { "metrics = '{'", "curve = '[[1]]'", "answers = '[1]'", "state = 'odd'", "parents = 'x'", "fidelity = '7'" }) {
            QVERIFY(store->commit("first", changes));
            raw.run(QString("UPDATE trial SET %1 WHERE id = 2").arg(spoil));
            const auto stored = store->load("first");
            QVERIFY2(!stored, spoil);
            QVERIFY2(
                stored.error().text().find("study 'first': trial 2") != std::string::npos, stored.error().text().c_str());
        }
    }

    void fullDiskIsSaidAndNothingIsLost()
    {
        const QString file = freshFile();
        auto store = filled(file);
        StudyChanges small;
        small.trials = someTrials(1, 10);
        QVERIFY(store->commit("first", small));
        std::signal(SIGXFSZ, SIG_IGN);
        rlimit before{};
        getrlimit(RLIMIT_FSIZE, &before);
        rlimit limit = before;
        limit.rlim_cur = 256 * 1024;
        setrlimit(RLIMIT_FSIZE, &limit);
        StudyChanges large;
        large.trials = someTrials(11, 2000);
        const auto refused = store->commit("first", large);
        setrlimit(RLIMIT_FSIZE, &before);
        QVERIFY(!refused);
        QVERIFY2(refused.error().text().find("free") != std::string::npos, refused.error().text().c_str());
        QCOMPARE(store->load("first")->trials.size(), std::size_t{ 10 });
        QVERIFY(store->commit("first", large));
        QCOMPARE(store->load("first")->trials.size(), std::size_t{ 2000 });
    }

    void committedSurvivesKill()
    {
        const QString file = freshFile();
        QVERIFY(opened(file)->create(testSpec()));
        const qint64 told = search::testing::lastNumberBeforeKill({ "--commit", QString::fromStdString(urlOf(file)) }, 100);
        QVERIFY(told >= 100);
        const auto trials = opened(file, OpenMode::ReadOnly)->load("first")->trials;
        QVERIFY(static_cast<qint64>(trials.size()) >= told);
        const auto expected = someTrials(1, told);
        for (std::size_t i = 0; i < expected.size(); ++i)
            QCOMPARE(wholeText(trials[i]), wholeText(expected[i]));
    }

    void rightToRunDiesWithTheProcess()
    {
        const QString file = freshFile();
        auto store = opened(file);
        QVERIFY(store->create(testSpec("first")));
        QVERIFY(store->create(testSpec("second")));
        QProcess child;
        child.start(QCoreApplication::applicationFilePath(), { "--hold", QString::fromStdString(urlOf(file)) });
        QVERIFY(child.waitForReadyRead(10'000));
        QCOMPARE(child.readLine().trimmed(), QByteArray("held"));
        const auto refused = store->acquire("first");
        QVERIFY(!refused);
        QVERIFY2(refused.error().text().find("process " + std::to_string(child.processId())) != std::string::npos,
            refused.error().text().c_str());
        QVERIFY(store->acquire("second")); // another study is free
        store->release("second");
        child.kill();
        child.waitForFinished();
        QVERIFY(store->acquire("first"));
        QVERIFY(!store->acquire("first")); // not twice
        auto sameProcess = opened(file);
        QVERIFY(!sameProcess->acquire("first"));
        store->release("first");
        QVERIFY(sameProcess->acquire("first"));
        sameProcess->release("first");
        QVERIFY(!QFile::exists(file + "-lock"));
    }

    void readersWorkWhileOneWrites()
    {
        const QString file = freshFile();
        auto writer = filled(file);
        std::atomic<bool> done = false;
        std::atomic<int> wrong = 0;
        std::atomic<int> reads = 0;
        std::vector<std::jthread> readers;
        for (int i = 0; i < 2; ++i) {
            readers.emplace_back([&] {
                auto store = openStore(urlOf(file), OpenMode::ReadOnly);
                std::size_t before = 0;
                while (!done) {
                    const auto stored = store ? (*store)->load("first") : Result<StoredStudy>(fail(store.error()));
                    if (!stored || stored->trials.size() < before || stored->trials.size() % 5 != 0) // whole transactions
                        ++wrong;
                    else
                        before = stored->trials.size();
                    ++reads;
                }
            });
        }
        for (std::int64_t id = 1; id <= 500 || reads < 4; id += 5) {
            StudyChanges changes;
            changes.trials = someTrials(id, id + 4);
            QVERIFY(writer->commit("first", changes));
        }
        done = true;
        readers.clear();
        QCOMPARE(wrong.load(), 0);
    }

    void anyThreadMayUseIt()
    {
        auto store = filled(freshFile());
        std::atomic<int> failed = 0;
        std::vector<std::jthread> threads;
        for (std::int64_t t = 0; t < 4; ++t) {
            threads.emplace_back([&, t] {
                for (std::int64_t i = 0; i < 10; ++i) {
                    StudyChanges changes;
                    changes.trials = someTrials(1 + t * 10 + i, 1 + t * 10 + i);
                    failed += !store->commit("first", changes) || !store->list();
                }
            });
        }
        threads.clear();
        QCOMPARE(failed.load(), 0);
        QCOMPARE(store->load("first")->trials.size(), std::size_t{ 40 });
    }
};

int main(int argc, char** argv)
{
    if (argc == 3 && std::string_view(argv[1]) == "--commit")
        return commitForeverAsChild(argv[2]);
    if (argc == 3 && std::string_view(argv[1]) == "--hold")
        return holdStudyAsChild(argv[2]);
    QCoreApplication application(argc, argv);
    TestSqliteStore test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_sqlite_store.moc"
