// The main path as a person takes it: the sample, an edit of the drawn space, a search, its candidates.
#include "ui/graph/space_document.h"
#include "ui/graph/space_editor.h"
#include "ui/graph/space_scene.h"
#include "ui/mainwindow/main_window.h"
#include "ui/panels/task_panel.h"
#include "ui/theme/theme.h"

#include <QAction>
#include <QGraphicsView>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QTableView>
#include <QTemporaryDir>
#include <QTreeWidget>
#include <QtTest>

using namespace archscope;
using namespace archscope::ui;

class TestMainWindow : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        QStandardPaths::setTestModeEnabled(true);
        QCoreApplication::setOrganizationName("archscope-test");
        QCoreApplication::setApplicationName("archscope-test");
        new Theme(qApp);
        Theme::instance()->setMode(ThemeMode::Light);
    }

    void editedSpaceIsWhatIsSearched()
    {
        const QTemporaryDir folder;
        const auto catalog = std::make_shared<const catalog::Catalog>();
        MainWindow window(catalog, Theme::instance());
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window));

        // First click: the sample. The task loads in the background and the search can be started.
        auto* sample = window.findChild<QAbstractButton*>("startSample");
        QVERIFY(sample);
        QTest::mouseClick(sample, Qt::LeftButton);
        auto* task = window.findChild<TaskPanel*>("taskPanel");
        QTRY_VERIFY(task->task());
        auto* start = window.findChild<QPushButton*>("startSearch");
        QTRY_VERIFY(start->isEnabled());

        // An optional dropout after the layers: they are clicked on the canvas, it is double-clicked in the palette.
        window.findChild<QAction*>("workspace1")->trigger();
        auto* editor = window.findChild<SpaceEditor*>();
        auto* view = editor->findChild<QGraphicsView*>();
        auto* scene = qobject_cast<SpaceScene*>(view->scene());
        QVERIFY(scene);
        const auto named = [&](const std::string& name) -> const space::Node* {
            for (const space::Node& node : window.document()->space().root.nodes) {
                if (node.name == name)
                    return &node;
            }
            return nullptr;
        };
        const auto layersId = named("layers")->id;
        QTRY_VERIFY(scene->boxes().contains(layersId) && view->viewport()->rect().contains(view->mapFromScene(scene->boxes().at(layersId).center())));
        QTRY_VERIFY(([&] {
            QTest::mouseClick(view->viewport(), Qt::LeftButton, {}, view->mapFromScene(scene->boxes().at(layersId).center()));
            return editor->selectedNodes() == std::vector{layersId};
        }()));
        auto* search = window.findChild<QLineEdit*>("paletteSearch");
        auto* tree = window.findChild<QTreeWidget*>("paletteTree");
        QTRY_VERIFY(tree->isVisible());
        QTest::keyClicks(search, "dropout");
        QVERIFY(tree->currentItem());
        const QPoint entry = tree->visualItemRect(tree->currentItem()).center();
        QTest::mouseClick(tree->viewport(), Qt::LeftButton, {}, entry);
        QTest::mouseDClick(tree->viewport(), Qt::LeftButton, {}, entry);
        QTRY_VERIFY(named("dropout"));
        QCOMPARE(editor->selectedNodes(), std::vector{named("dropout")->id});
        window.findChild<QAction*>("spaceToggleOptional")->trigger();
        QVERIFY(named("dropout")->optional);
        QTRY_VERIFY(!window.document()->hasErrors());

        window.findChild<QSpinBox*>("budgetTrials")->setValue(6);
        window.findChild<QSpinBox*>("fidelityEpochs")->setValue(1);
        window.findChild<QLineEdit*>("storeFile")->setText(folder.filePath("test.archscope"));
        QTRY_VERIFY(start->isEnabled());
        QTest::mouseClick(start, Qt::LeftButton);
        QVERIFY(window.session());
        QTRY_VERIFY_WITH_TIMEOUT(window.session()->state() == search::StudyState::Finished, 120'000);

        const auto edited = space::DecisionSpace::compile(window.document()->space());
        QVERIFY(edited);
        const auto presence = edited->indexOf("dropout#present");
        QVERIFY(presence);
        QTRY_COMPARE(window.session()->trials().size(), std::size_t(6));
        for (const train::Trial& trial : window.session()->trials()) {
            QVERIFY(edited->isValid(trial.genotype));
            QVERIFY(trial.genotype.isActive(*presence));
            QCOMPARE(trial.state, train::TrialState::Completed);
        }

        // The table lists them; selecting one shows its facts.
        auto* table = window.findChild<QTableView*>("candidateTable");
        QTRY_COMPARE(table->model()->rowCount(), 6);
        QTRY_VERIFY(table->isVisible());
        QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, table->visualRect(table->model()->index(1, 0)).center());
        QTRY_VERIFY(window.findChild<QLabel*>("candidateFacts")->text().contains("<b>Trial "));
        QVERIFY(window.findChild<QAction*>("exportAction")->isEnabled());
    }

    void errorsStandInTheWay()
    {
        const auto catalog = std::make_shared<const catalog::Catalog>();
        MainWindow window(catalog, Theme::instance());
        window.show();
        auto* start = window.findChild<QPushButton*>("startSearch");
        auto* obstacle = window.findChild<QLabel*>("searchObstacle");
        QVERIFY(!start->isEnabled());
        QCOMPARE(obstacle->text(), QString("Choose a task first."));
        window.startWithSample();
        auto* task = window.findChild<TaskPanel*>("taskPanel");
        QTRY_VERIFY(task->task());
        QTRY_VERIFY(start->isEnabled());
        // A setting out of range, and no budget at all, are told beside the button.
        auto* population = window.findChild<QLineEdit*>("setting.population");
        population->setText("-3");
        QVERIFY(!start->isEnabled());
        QVERIFY2(obstacle->text().contains("population"), qPrintable(obstacle->text()));
        population->clear();
        QVERIFY(start->isEnabled());
        window.findChild<QSpinBox*>("budgetTrials")->setValue(0);
        QVERIFY(!start->isEnabled() && obstacle->text().contains("budget"));
        window.findChild<QSpinBox*>("budgetTrials")->setValue(5);
        QVERIFY(start->isEnabled());
        // Data that cannot be read is told in place and does not replace what was open.
        const QTemporaryDir folder;
        QFile broken(folder.filePath("broken.csv"));
        QVERIFY(broken.open(QIODevice::WriteOnly));
        broken.write("a,b,label\n1,2,x\n3,y\n");
        broken.close();
        const auto before = task->task();
        task->openPath(broken.fileName());
        auto* message = window.findChild<QLabel*>("taskMessage");
        QTRY_VERIFY2(message->text().contains("broken.csv") && message->text().contains("3"), qPrintable(message->text()));
        QCOMPARE(task->task(), before);
    }
};

QTEST_MAIN(TestMainWindow)
#include "tst_main_window.moc"
