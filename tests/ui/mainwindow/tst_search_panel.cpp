// The search panel's forms, worked with real events: what is chosen there is what the study is created with.
#include "ui/panels/search_panel.h"

#include "core/train/proxies.h"
#include "ui/panels/goal_lists.h"
#include "ui/panels/table_form.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>

using namespace archscope;
using namespace archscope::ui;

class TestSearchPanel : public QObject {
    Q_OBJECT

    std::shared_ptr<const catalog::Catalog> m_catalog = std::make_shared<const catalog::Catalog>();
    std::unique_ptr<SearchPanel> m_panel;

    template <class T> T* part(const char* name) const
    {
        T* found = m_panel->findChild<T*>(name);
        if (!found)
            qFatal("no %s in the panel", name);
        return found;
    }
    void open(const char* section) const
    {
        auto* button = part<QToolButton>(QByteArray(section).append(".fold").constData());
        if (!button->isChecked())
            QTest::mouseClick(button, Qt::LeftButton);
        QVERIFY(button->isChecked());
    }
    void choose(const char* box, const char* value) const
    {
        auto* combo = part<QComboBox>(box);
        const int index = combo->findData(QString::fromLatin1(value));
        QVERIFY2(index >= 0, value);
        combo->setCurrentIndex(index);
    }
    /// ARCHSCOPE_PICTURES=DIR keeps what the panel looks like.
    void picture(const char* name) const
    {
        const QString folder = qEnvironmentVariable("ARCHSCOPE_PICTURES");
        if (!folder.isEmpty())
            m_panel->grab().save(folder + "/search-panel-" + name + ".png");
    }

private Q_SLOTS:
    void initTestCase() { new Theme(qApp); }
    void init()
    {
        m_panel = std::make_unique<SearchPanel>(m_catalog);
        m_panel->resize(300, 1100);
        m_panel->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_panel.get()));
        part<QLineEdit>("storeFile")->setText("/tmp/x.archscope");
        QCOMPARE(m_panel->problem(), QString());
    }

    void asItComes()
    {
        const search::StudySpec spec = m_panel->spec();
        QCOMPARE(spec.strategy, std::string("regularized-evolution"));
        QVERIFY(spec.objectives == (std::vector<search::Objective>{{"val_accuracy", true}}));
        QVERIFY(spec.constraints.empty() && !spec.scheduler && !spec.proxy && !spec.inheritWeights && !spec.table && spec.warmStart.empty());
        QVERIFY(!m_panel->usesTable());
    }

    void everyStrategyHasItsForm_data()
    {
        QTest::addColumn<QString>("name");
        for (const auto& strategy : m_catalog->strategies().all())
            QTest::newRow(strategy.name.c_str()) << QString::fromStdString(strategy.name);
    }
    void everyStrategyHasItsForm()
    {
        QFETCH(QString, name);
        choose("strategy", name.toLatin1().constData());
        const auto& settings = m_catalog->strategies().find(name.toStdString())->settings;
        for (const auto& setting : settings) {
            auto* field = m_panel->findChild<QWidget*>("setting." + QString::fromStdString(setting.name));
            QVERIFY2(field, setting.name.c_str());
            QVERIFY(!field->toolTip().isEmpty());
        }
        QCOMPARE(m_panel->problem(), QString());
        QVERIFY(m_panel->spec().settings.empty()); // nothing was changed: all defaults
        QCOMPARE(m_panel->spec().strategy, name.toStdString());
        picture(name.toLatin1().constData());
    }

    void goals()
    {
        open("goals");
        QTest::mouseClick(part<QToolButton>("objectives.add"), Qt::LeftButton);
        QTest::mouseClick(part<QToolButton>("constraints.add"), Qt::LeftButton);
        QVERIFY(!m_panel->problem().isEmpty()); // a constraint without a bound
        auto* bound = part<QLineEdit>("constraint.bound");
        QTest::keyClicks(bound, "1e5x");
        QVERIFY(!m_panel->problem().isEmpty());
        bound->clear();
        QTest::keyClicks(bound, "1e5");
        QCOMPARE(m_panel->problem(), QString());
        const search::StudySpec spec = m_panel->spec();
        QCOMPARE(spec.objectives.size(), std::size_t(2));
        QCOMPARE(spec.objectives[1].metric, std::string("latency_ms"));
        QVERIFY(!spec.objectives[1].maximise && !spec.objectives[1].productTerm);
        const auto targets = m_panel->findChildren<QLineEdit*>("objective.target");
        QTRY_VERIFY(!targets[0]->isVisible() && targets[1]->isVisible()); // the first is what the others are weighed against
        QTest::keyClicks(targets[1], "fast");
        QVERIFY(!m_panel->problem().isEmpty());
        targets[1]->clear();
        QTest::keyClicks(targets[1], "2^-0.1");
        QCOMPARE(m_panel->problem(), QString());
        QCOMPARE(m_panel->spec().objectives[1].productTerm->target, 2.0);
        QCOMPARE(m_panel->spec().objectives[1].productTerm->exponentMissed, -0.1);
        QCOMPARE(spec.constraints.size(), std::size_t(1));
        QCOMPARE(search::constraintText(spec.constraints[0]), std::string("parameters<=100000"));
        picture("goals");
        // Folded, the section still says what is in it.
        QTest::mouseClick(part<QToolButton>("goals.fold"), Qt::LeftButton);
        QVERIFY(part<QLabel>("goals.summary")->isVisible());
        QVERIFY2(part<QLabel>("goals.summary")->text().contains("parameters ≤ 1e5"), qPrintable(part<QLabel>("goals.summary")->text()));
        // The same metric twice is no pair of objectives.
        open("goals");
        const auto metrics = m_panel->findChildren<QComboBox*>("objective.metric");
        metrics[1]->setCurrentIndex(metrics[1]->findData("val_accuracy"));
        QVERIFY(m_panel->problem().contains("twice"));
        QTest::mouseClick(m_panel->findChildren<QToolButton*>("objectives.remove").last(), Qt::LeftButton);
        QCOMPARE(m_panel->problem(), QString());
        QCOMPARE(m_panel->spec().objectives.size(), std::size_t(1));
    }

    void cheaperTrials()
    {
        open("savings");
        choose("scheduler", "asha");
        choose("proxy", "synflow");
        QTest::mouseClick(part<QCheckBox>("inheritWeights"), Qt::LeftButton, {}, QPoint(8, part<QCheckBox>("inheritWeights")->height() / 2));
        const auto& settings = m_catalog->strategies().findScheduler("asha")->settings;
        QVERIFY(!settings.empty());
        auto* field = m_panel->findChild<QLineEdit*>("scheduler." + QString::fromStdString(settings.front().name));
        QVERIFY(field);
        QTest::keyClicks(field, "-1");
        QVERIFY2(m_panel->problem().contains(QString::fromStdString(settings.front().name)), qPrintable(m_panel->problem()));
        field->clear();
        QTest::keyClicks(field, "3");
        QCOMPARE(m_panel->problem(), QString());
        const search::StudySpec spec = m_panel->spec();
        QVERIFY(spec.scheduler && spec.scheduler->name == "asha");
        QVERIFY(spec.scheduler->settings.contains(settings.front().name));
        QVERIFY(spec.proxy && spec.proxy->name == "synflow");
        QVERIFY(spec.inheritWeights);
        picture("savings");
    }

    void learningFromEarlierStudies()
    {
        m_panel->addWarmStart({"sqlite:/tmp/a.archscope", "first"});
        m_panel->addWarmStart({"sqlite:/tmp/a.archscope", "first"}); // once is enough
        m_panel->addWarmStart({"sqlite:/tmp/b.archscope", "second"});
        QCOMPARE(m_panel->spec().warmStart.size(), std::size_t(2));
        QTest::mouseClick(m_panel->findChildren<QToolButton*>("warmStart.remove").first(), Qt::LeftButton);
        QCOMPARE(m_panel->spec().warmStart.size(), std::size_t(1));
        QCOMPARE(m_panel->spec().warmStart.front().study, std::string("second"));
    }

    void table()
    {
        const QTemporaryDir folder;
        QFile file(folder.filePath("table.csv"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("arch,val_acc,test_acc,cost_seconds\n22212220,90,89,12\n");
        file.close();
        open("evaluation");
        part<TableForm>("tableForm")->setFile(file.fileName());
        QTRY_VERIFY(!m_panel->spec().table->key.empty());
        const search::TableSpec table = *m_panel->spec().table;
        QCOMPARE(table.key, std::string("arch"));
        QCOMPARE(table.metric, std::string("val_acc"));
        QCOMPARE(table.test, std::string("test_acc"));
        QCOMPARE(table.cost, std::string("cost_seconds"));
        QVERIFY(m_panel->usesTable());
        auto* budget = part<QLineEdit>("table.budget");
        QTest::keyClicks(budget, "soon");
        QVERIFY(!m_panel->problem().isEmpty());
        budget->clear();
        QTest::keyClicks(budget, "2h");
        QCOMPARE(m_panel->problem(), QString());
        QCOMPARE(m_panel->spec().budget.simulatedSeconds, 7200.0);
        choose("table.cost", "");
        QVERIFY(m_panel->problem().contains("column")); // the bound has nothing to count
        picture("table");
        // What is no table says so in place, and training again is one deletion away.
        part<TableForm>("tableForm")->setFile(folder.filePath("absent.csv"));
        QTRY_VERIFY(m_panel->problem().contains("absent.csv"));
        part<TableForm>("tableForm")->setFile({});
        QCOMPARE(m_panel->problem(), QString());
        QVERIFY(!m_panel->spec().table);
    }
};

QTEST_MAIN(TestSearchPanel)
#include "tst_search_panel.moc"
