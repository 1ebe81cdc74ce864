#include "tests/support/sample_study.h"
#include "ui/models/architecture_text.h"
#include "ui/models/trial_filter_model.h"
#include "ui/models/trial_table_model.h"
#include "ui/theme/theme.h"

#include <QAbstractItemModelTester>
#include <QElapsedTimer>
#include <QIcon>
#include <QSignalSpy>
#include <QTest>
#include <cmath>
#include <numeric>
#include <rapidcheck.h>

using namespace archscope;
using namespace archscope::ui;
using train::TrialId;
using Model = TrialTableModel;

class TestTrialTableModel : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void insertsWhatIsAppended();
    void updatesInPlace();
    void resetsOnlyForAnotherStudy();
    void showsTextsAndNumbers();
    void runningTrialShowsItsCurve();
    void marksBestFrontAndSelection();
    void outlivesItsSession();
    void sortsWithAbsentValuesLast_data();
    void sortsWithAbsentValuesLast();
    void filters();
    void wrongFilterKeepsTheLast();
    void filterFollowsNewTrials();
    void manyTrialsAreSortedInTime();
    void paretoTrackerEqualsParetoFront();
    void architectureTexts();
    void selectionIsOneForAll();

private:
    std::shared_ptr<const catalog::Catalog> m_catalog;
    space::DecisionSpace m_decisions;
    std::unique_ptr<Theme> m_theme;
    std::unique_ptr<StudySession> m_session;
    std::unique_ptr<TrialSelection> m_selection;
    std::unique_ptr<Model> m_model;

    void open(int trials)
    {
        QSignalSpy spy(m_session.get(), &StudySession::opened);
        m_session->openLoaded(test::sampleStudy(trials));
        QVERIFY(spy.wait());
    }
    QString text(int row, int column) const { return m_model->index(row, column).data().toString(); }
};

void TestTrialTableModel::initTestCase()
{
    m_catalog = std::make_shared<catalog::Catalog>();
    m_decisions = space::DecisionSpace::compile(test::sampleSpace()).value();
    m_theme = std::make_unique<Theme>();
}

void TestTrialTableModel::init()
{
    m_session = std::make_unique<StudySession>(m_catalog);
    m_selection = std::make_unique<TrialSelection>();
    m_model = std::make_unique<Model>(m_theme.get(), m_selection.get());
    new QAbstractItemModelTester(m_model.get(), QAbstractItemModelTester::FailureReportingMode::QtTest, m_model.get());
    m_model->setSession(m_session.get());
}

void TestTrialTableModel::cleanup()
{
    m_model.reset();
    m_selection.reset();
    m_session.reset();
}

void TestTrialTableModel::insertsWhatIsAppended()
{
    open(5);
    QCOMPARE(m_model->rowCount(), 5);
    QSignalSpy inserted(m_model.get(), &Model::rowsInserted);
    QSignalSpy reset(m_model.get(), &Model::modelReset);
    const auto sink = m_session->sink();
    for (std::int64_t id = 6; id <= 105; ++id)
        sink(search::TrialEnded{test::sampleTrial(m_decisions, id)});
    QTRY_COMPARE(m_model->rowCount(), 105);
    QVERIFY(inserted.count() < 20); // ranges, not rows
    QCOMPARE(inserted.first().at(1).toInt(), 5);
    QCOMPARE(inserted.last().at(2).toInt(), 104);
    QVERIFY(reset.isEmpty());
    QCOMPARE(m_model->idAt(50), TrialId(51));
    QCOMPARE(m_model->rowOf(TrialId(51)), 50);
    QCOMPARE(m_model->rowOf(TrialId(500)), -1);
}

void TestTrialTableModel::updatesInPlace()
{
    open(3);
    const auto sink = m_session->sink();
    const auto trial = test::sampleTrial(m_decisions, 4);
    sink(search::TrialStarted{test::runningTrial(trial, 0)});
    QTRY_COMPARE(m_model->rowCount(), 4);
    QCOMPARE(text(3, Model::StateColumn), QStringLiteral("Running"));
    QSignalSpy changed(m_model.get(), &Model::dataChanged);
    sink(search::TrialEnded{trial});
    QTRY_COMPARE(text(3, Model::StateColumn), QStringLiteral("Completed"));
    QVERIFY(changed.count() >= 1);
    QCOMPARE(changed.first().at(0).toModelIndex().row(), 3);
    QCOMPARE(m_model->rowCount(), 4);
    auto duplicate = trial;
    duplicate.id = TrialId(5);
    duplicate.duplicateOf = trial.id;
    sink(search::TrialEnded{duplicate});
    QTRY_COMPARE(m_model->rowCount(), 5);
    QCOMPARE(text(4, Model::StateColumn), QStringLiteral("Completed, as 4"));
    QVERIFY(m_model->index(4, Model::StateColumn).data(Qt::ToolTipRole).toString().contains(QStringLiteral("same network as trial 4")));
}

void TestTrialTableModel::resetsOnlyForAnotherStudy()
{
    QSignalSpy reset(m_model.get(), &Model::modelReset);
    open(5);
    QCOMPARE(reset.count(), 1);
    open(2);
    QCOMPARE(reset.count(), 2);
    QCOMPARE(m_model->rowCount(), 2);
    m_model->setSession(m_session.get());
    QCOMPARE(reset.count(), 2);
    m_model->setSession(nullptr);
    QCOMPARE(m_model->rowCount(), 0);
}

void TestTrialTableModel::showsTextsAndNumbers()
{
    auto study = test::sampleStudy(12);
    study.trials[0].metrics = {{"val_accuracy", 0.98721}, {"parameters", 1'531'546}, {"latency_ms", 0.41}, {"seconds", 12}};
    study.trials[11].parents = {TrialId(3), TrialId(7)};
    QSignalSpy spy(m_session.get(), &StudySession::opened);
    m_session->openLoaded(study);
    QVERIFY(spy.wait());
    QCOMPARE(text(0, Model::IdColumn), QStringLiteral("1"));
    QCOMPARE(text(0, Model::ValidationColumn), QStringLiteral("98.72 %"));
    QCOMPARE(text(0, Model::ParametersColumn), QStringLiteral("1.53 M"));
    QCOMPARE(text(0, Model::LatencyColumn), QStringLiteral("0.41 ms"));
    QCOMPARE(text(0, Model::TrainingColumn), QString()); // absent is empty, not a number
    QCOMPARE(text(11, Model::ParentsColumn), QStringLiteral("3, 7"));
    QCOMPARE(text(0, Model::ArchitectureColumn), architectureText(m_decisions, study.trials[0].genotype));
    QCOMPARE(m_model->index(0, Model::ParametersColumn).data(Qt::ToolTipRole).toString(), QStringLiteral("1,531,546"));
    const auto alignment = [this](int column) {
        return Qt::Alignment(m_model->index(0, column).data(Qt::TextAlignmentRole).toInt());
    };
    QVERIFY(alignment(Model::ValidationColumn) & Qt::AlignRight);
    QVERIFY(alignment(Model::ArchitectureColumn) & Qt::AlignLeft);
    for (int column = 0; column < Model::ColumnCount; ++column) {
        QVERIFY(!m_model->headerData(column, Qt::Horizontal).toString().isEmpty());
        QVERIFY(!m_model->headerData(column, Qt::Horizontal, Qt::ToolTipRole).toString().isEmpty());
    }
    QCOMPARE(m_model->index(0, Model::ValidationColumn).data(Model::SortRole).toDouble(), 0.98721);
    QVERIFY(!m_model->index(0, Model::TrainingColumn).data(Model::SortRole).isValid());
    QCOMPARE(m_model->index(4, 0).data(Model::TrialIdRole).toLongLong(), 5);
}

void TestTrialTableModel::runningTrialShowsItsCurve()
{
    open(0);
    const auto trial = test::sampleTrial(m_decisions, 1);
    const auto sink = m_session->sink();
    sink(search::TrialStarted{test::runningTrial(trial, 0)});
    search::TrialProgressed event;
    event.progress = {trial.id, 2, 8, 0.25, trial.curve[1]};
    sink(event);
    QTRY_COMPARE(text(0, Model::StateColumn), QStringLiteral("Running, epoch 2 of 8"));
    QCOMPARE(m_model->sortNumber(0, Model::ValidationColumn), trial.curve[1].validationAccuracy);
    QVERIFY(text(0, Model::ValidationColumn).endsWith('%'));
}

void TestTrialTableModel::marksBestFrontAndSelection()
{
    open(60);
    const int best = m_session->bestIndex();
    QVERIFY(m_model->index(best, 0).data(Model::BestRole).toBool());
    const auto chip = [this](int row) {
        return m_model->index(row, Model::StateColumn).data(Qt::DecorationRole).value<QIcon>().pixmap(36).toImage();
    };
    QVERIFY(chip(best) != chip(22)); // 23 failed: nothing to mark

    auto objectives = m_session->spec().objectives;
    objectives.push_back({"latency_ms", false});
    std::vector<bool> onFront(60, false);
    for (const std::size_t index : search::paretoFront(m_session->trials(), objectives, {}))
        onFront[index] = true;
    for (int row = 0; row < 60; ++row)
        QCOMPARE(m_model->index(row, 0).data(Model::ParetoRole).toBool(), bool(onFront[std::size_t(row)]));

    QSignalSpy changed(m_model.get(), &Model::dataChanged);
    m_selection->select(TrialId(7));
    QCOMPARE(changed.count(), 1);
    QCOMPARE(changed.first().at(0).toModelIndex().row(), 6);
    QVERIFY(m_model->index(6, 0).data(Model::SelectedRole).toBool());
    m_selection->select(TrialId(8));
    QVERIFY(!m_model->index(6, 0).data(Model::SelectedRole).toBool());
}

void TestTrialTableModel::outlivesItsSession()
{
    open(4);
    m_session.reset();
    QCOMPARE(m_model->rowCount(), 0);
    m_selection->select(TrialId(1));
}

void TestTrialTableModel::sortsWithAbsentValuesLast_data()
{
    QTest::addColumn<int>("column");
    QTest::newRow("id") << int(Model::IdColumn);
    QTest::newRow("validation accuracy") << int(Model::ValidationColumn);
    QTest::newRow("parameters") << int(Model::ParametersColumn);
    QTest::newRow("parents") << int(Model::ParentsColumn);
    QTest::newRow("state") << int(Model::StateColumn);
    QTest::newRow("architecture") << int(Model::ArchitectureColumn);
}

void TestTrialTableModel::sortsWithAbsentValuesLast()
{
    QFETCH(int, column);
    open(80); // 23, 46 and 69 failed without metrics
    TrialFilterModel sorted;
    sorted.setTrials(m_model.get());
    for (const auto order : {Qt::AscendingOrder, Qt::DescendingOrder}) {
        sorted.sort(column, order);
        QCOMPARE(sorted.rowCount(), 80);
        bool sawAbsent = false;
        for (int row = 0; row < 80; ++row) {
            const QVariant value = sorted.index(row, column).data(Model::SortRole);
            sawAbsent |= !value.isValid();
            QCOMPARE(!value.isValid(), sawAbsent); // once absent, absent to the end
            if (row == 0 || sawAbsent)
                continue;
            const QVariant before = sorted.index(row - 1, column).data(Model::SortRole);
            const bool isText = value.typeId() == QMetaType::QString;
            const int comparison = isText ? before.toString().compare(value.toString(), Qt::CaseInsensitive)
                                          : (before.toDouble() > value.toDouble()) - (before.toDouble() < value.toDouble());
            QVERIFY(order == Qt::AscendingOrder ? comparison <= 0 : comparison >= 0);
        }
    }
}

void TestTrialTableModel::filters()
{
    open(80);
    TrialFilterModel filtered;
    filtered.setTrials(m_model.get());
    filtered.setFilterText("state = failed");
    QCOMPARE(filtered.rowCount(), 3);
    QCOMPARE(filtered.idAt(0), TrialId(23));
    QCOMPARE(filtered.rowOf(TrialId(46)), 1);
    QCOMPARE(filtered.rowOf(TrialId(1)), -1);
    filtered.setFilterText("val_accuracy > 0.9 and parameters < 100k");
    int expected = 0;
    for (const auto& trial : m_session->trials())
        expected += trial.metric("val_accuracy") > 0.9 && trial.metric("parameters") < 1e5;
    QVERIFY(expected > 0 && expected < 80);
    QCOMPARE(filtered.rowCount(), expected);
    filtered.setFilterText({});
    QCOMPARE(filtered.rowCount(), 80);
}

void TestTrialTableModel::wrongFilterKeepsTheLast()
{
    open(80);
    TrialFilterModel filtered;
    filtered.setTrials(m_model.get());
    QSignalSpy problems(&filtered, &TrialFilterModel::problemChanged);
    filtered.setFilterText("state = failed");
    QVERIFY(problems.isEmpty());
    filtered.setFilterText("stat = failed");
    QCOMPARE(problems.count(), 1);
    QVERIFY2(filtered.problem().contains("did you mean 'state'"), qPrintable(filtered.problem()));
    QCOMPARE(filtered.rowCount(), 3);
    filtered.setFilterText("state = failed");
    QCOMPARE(problems.count(), 2);
    QVERIFY(filtered.problem().isEmpty());
}

void TestTrialTableModel::filterFollowsNewTrials()
{
    open(20);
    TrialFilterModel filtered;
    filtered.setTrials(m_model.get());
    filtered.setFilterText("state = failed");
    QCOMPARE(filtered.rowCount(), 0);
    const auto sink = m_session->sink();
    for (std::int64_t id = 21; id <= 25; ++id)
        sink(search::TrialStarted{test::runningTrial(test::sampleTrial(m_decisions, id), 0)});
    QTRY_COMPARE(m_model->rowCount(), 25);
    QCOMPARE(filtered.rowCount(), 0);
    for (std::int64_t id = 21; id <= 25; ++id)
        sink(search::TrialEnded{test::sampleTrial(m_decisions, id)});
    QTRY_COMPARE(filtered.rowCount(), 1);
    QCOMPARE(filtered.idAt(0), TrialId(23));
}

void TestTrialTableModel::manyTrialsAreSortedInTime()
{
    QElapsedTimer time;
    auto study = test::sampleStudy(100'000, 1);
    QSignalSpy spy(m_session.get(), &StudySession::opened);
    time.start();
    m_session->openLoaded(std::move(study));
    QVERIFY(spy.wait(20'000));
    const qint64 openedMs = time.restart();
    TrialFilterModel sorted;
    sorted.setTrials(m_model.get());
    sorted.sort(Model::ValidationColumn, Qt::DescendingOrder);
    QCOMPARE(sorted.rowCount(), 100'000);
    const qint64 sortedMs = time.restart();
    sorted.setFilterText("val_accuracy > 0.95 and parameters < 1M");
    const int shown = sorted.rowCount(); // asking makes it filter
    const qint64 filteredMs = time.restart();
    qInfo("100,000 trials: opened in %lld ms, sorted in %lld ms, filtered in %lld ms", static_cast<long long>(openedMs),
          static_cast<long long>(sortedMs), static_cast<long long>(filteredMs));
    QVERIFY(shown > 0);
    QVERIFY(sortedMs < 5'000); // a wide margin; budgets are measured by tests/bench
}

void TestTrialTableModel::paretoTrackerEqualsParetoFront()
{
    const bool holds = rc::check("the tracked front is the front of all", [] {
        const auto values = *rc::gen::container<std::vector<std::pair<int, int>>>(
            rc::gen::pair(rc::gen::inRange(0, 12), rc::gen::inRange(0, 12))); // few values: many ties
        const auto chunk = *rc::gen::inRange(1, 9);
        std::vector<train::Trial> trials;
        for (const auto& [accuracy, latency] : values) {
            train::Trial& trial = trials.emplace_back();
            trial.id = TrialId(std::int64_t(trials.size()));
            trial.state = (accuracy + latency) % 7 == 0 ? train::TrialState::Failed : train::TrialState::Completed;
            trial.metrics = {{"val_accuracy", accuracy / 12.0}, {"latency_ms", double(latency)}};
        }
        const std::vector<search::Objective> objectives = {{"val_accuracy", true}, {"latency_ms", false}};
        const std::vector<search::Constraint> constraints = {{"latency_ms", search::Constraint::Relation::AtMost, 10}};
        ParetoTracker tracker(objectives, constraints);
        std::vector<int> before;
        for (std::size_t first = 0; first < trials.size(); first += std::size_t(chunk)) {
            std::vector<int> indices(std::min(std::size_t(chunk), trials.size() - first));
            std::iota(indices.begin(), indices.end(), int(first));
            const bool changed = tracker.add(trials, indices);
            RC_ASSERT(changed == (tracker.front() != before));
            before = tracker.front();
        }
        std::vector<int> expected;
        for (const std::size_t index : search::paretoFront(trials, objectives, constraints))
            expected.push_back(int(index));
        RC_ASSERT(tracker.front() == expected);
        for (int i = 0; i < int(trials.size()); ++i)
            RC_ASSERT(tracker.contains(i) == (std::find(expected.begin(), expected.end(), i) != expected.end()));
    });
    QVERIFY(holds);
}

void TestTrialTableModel::architectureTexts()
{
    const auto genotype = m_decisions
                              .fromJson(Json::parse(R"({"layers#count": 2, "layers/0/op": "conv", "layers/0/op/conv.channels": 32,
                                  "layers/0/op/conv.kernel": 5, "layers/1/op": "pool", "dropout#present": true})"))
                              .value();
    QCOMPARE(architectureText(m_decisions, genotype),
             QStringLiteral("layers ×2: conv channels 32 kernel 5 | pool · dropout"));
    QVERIFY(architectureDetails(m_decisions, genotype).split('\n').contains("layers/0/op/conv.kernel = 5"));
    QCOMPARE(architectureText(m_decisions, space::Genotype(3)), QString()); // of another space
}

void TestTrialTableModel::selectionIsOneForAll()
{
    TrialSelection selection;
    QSignalSpy changed(&selection, &TrialSelection::changed);
    selection.select(TrialId(3));
    selection.select(TrialId(3)); // no news
    QCOMPARE(changed.count(), 1);
    selection.toggle(TrialId(1));
    QCOMPARE(selection.selected(), (std::vector{TrialId(1), TrialId(3)}));
    QCOMPARE(selection.current(), TrialId(1));
    selection.toggle(TrialId(1));
    QCOMPARE(selection.current(), TrialId(3));
    selection.selectMany({TrialId(9), TrialId(4), TrialId(9)}, TrialId(77));
    QCOMPARE(selection.selected(), (std::vector{TrialId(4), TrialId(9)}));
    QCOMPARE(selection.current(), TrialId(9)); // the first that was given
    QVERIFY(selection.isSelected(TrialId(4)));
    QVERIFY(!selection.isSelected(TrialId(3)));
    selection.clear();
    QVERIFY(!selection.current().isValid());
    QVERIFY(selection.selected().empty());
    selection.select(TrialId()); // nothing to select
    QVERIFY(selection.selected().empty());
}

QTEST_MAIN(TestTrialTableModel)
#include "tst_trial_table_model.moc"
