// The main path as a person takes it: the sample, an edit of the drawn space, a search, its candidates.
#include "core/base/files.h"
#include "core/export/onnx_file.h"
#include "ui/graph/space_document.h"
#include "ui/graph/space_editor.h"
#include "ui/graph/space_scene.h"
#include "ui/mainwindow/main_window.h"
#include "ui/panels/task_panel.h"
#include "ui/theme/theme.h"

#include <QAction>
#include <QCheckBox>
#include <QDockWidget>
#include <QDoubleSpinBox>
#include <QDragEnterEvent>
#include <QGraphicsView>
#include <QLabel>
#include <QLineEdit>
#include <QMimeData>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScopeGuard>
#include <QSettings>
#include <QSpinBox>
#include <QTableView>
#include <QTemporaryDir>
#include <QTreeWidget>
#include <QtTest>
#include <csignal>
#include <sys/resource.h>
#include <unistd.h>

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
        QTRY_VERIFY(window.session());
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
        QVERIFY(message->property("problem").toBool());
        QCOMPARE(task->task(), before);
    }

    void recipeIsWhatIsTrainedWith()
    {
        MainWindow window(std::make_shared<const catalog::Catalog>(), Theme::instance());
        window.show();
        window.startWithSample();
        auto* task = window.findChild<TaskPanel*>("taskPanel");
        QTRY_VERIFY(task->isLoaded());
        const data::Recipe fitting = task->task()->spec.recipe;
        auto* fit = window.findChild<QPushButton*>("recipeFit");
        QVERIFY(!fit->isEnabled());
        window.findChild<QSpinBox*>("recipeEpochs")->setValue(3);
        window.findChild<QSpinBox*>("recipeBatch")->setValue(16);
        window.findChild<QDoubleSpinBox*>("recipeRate")->setValue(0.02);
        window.findChild<QDoubleSpinBox*>("recipeDecay")->setValue(0.001);
        window.findChild<QDoubleSpinBox*>("recipeSmoothing")->setValue(0.1);
        window.findChild<QDoubleSpinBox*>("recipeWarmup")->setValue(0.05);
        window.findChild<QDoubleSpinBox*>("recipeClip")->setValue(0);
        auto* shift = window.findChild<QSpinBox*>("recipeShift");
        shift->setValue(100); // digits have 8 pixels a side
        QCOMPARE(shift->value(), 7);
        window.findChild<QCheckBox*>("recipeFlip")->setChecked(true);
        const data::Recipe expected{.epochs = 3, .batchSize = 16, .learningRate = 0.02, .weightDecay = 0.001, .labelSmoothing = 0.1,
                                    .warmupFraction = 0.05, .gradientClip = 0, .shiftPixels = 7, .horizontalFlip = true};
        QVERIFY(task->task()->spec.recipe == expected);
        QVERIFY(expected.validate().empty());
        QCOMPARE(task->task()->spec.recipeOrigin, data::RecipeOrigin::Chosen);
        QVERIFY(fit->isEnabled());
        fit->click();
        QVERIFY(task->task()->spec.recipe == fitting);
        QCOMPARE(window.findChild<QSpinBox*>("recipeBatch")->value(), fitting.batchSize);
    }

    void stopsAfterTheRunningTrials()
    {
        const QTemporaryDir folder;
        MainWindow window(std::make_shared<const catalog::Catalog>(), Theme::instance());
        window.show();
        const QString file = folder.filePath("stop.archscope");
        startSearch(window, file, 500);
        QTRY_VERIFY_WITH_TIMEOUT(!window.session()->trials().empty(), 60'000);
        auto* stopAfter = window.findChild<QAction*>("stopAfterAction");
        QVERIFY(stopAfter->isEnabled());
        stopAfter->trigger();
        QTRY_COMPARE_WITH_TIMEOUT(window.session()->state(), search::StudyState::Stopped, 60'000);
        QVERIFY(window.session()->trials().size() < 500);
        for (const train::Trial& trial : window.session()->trials())
            QCOMPARE(trial.state, train::TrialState::Completed); // none was given up
        QVERIFY(!stopAfter->isEnabled());

        // Another window opens what is stored, and starts nothing.
        MainWindow second(std::make_shared<const catalog::Catalog>(), Theme::instance());
        second.show();
        second.openFile(file);
        QTRY_VERIFY(second.session());
        QCOMPARE(second.session()->trials().size(), window.session()->trials().size());
        QCOMPARE(second.session()->state(), search::StudyState::Stopped);
        QTRY_VERIFY(second.findChild<TaskPanel*>("taskPanel")->isLoaded()); // its data is read too
    }

    void storeFailuresStayInSight_data()
    {
        QTest::addColumn<QString>("kind");
        QTest::addColumn<QString>("expected");
        QTest::newRow("no such folder") << "folder" << "does not exist";
        QTest::newRow("no store") << "text" << "not an Archscope store";
        QTest::newRow("read-only folder") << "read-only" << "read-only";
        QTest::newRow("locked by another process") << "locked" << "is being run by process";
        QTest::newRow("full disk") << "full" << "free space";
    }
    void storeFailuresStayInSight()
    {
        QFETCH(QString, kind);
        QFETCH(QString, expected);
        const QTemporaryDir folder;
        QString file = folder.filePath("a.archscope");
        rlimit before{};
        getrlimit(RLIMIT_FSIZE, &before);
        const auto restore = qScopeGuard([&] { setrlimit(RLIMIT_FSIZE, &before); });
        if (kind == "folder") {
            file = folder.filePath("missing/a.archscope");
        } else if (kind == "text") {
            QFile text(file);
            QVERIFY(text.open(QIODevice::WriteOnly));
            text.write("a letter\n");
        } else if (kind == "read-only") {
            if (geteuid() == 0)
                QSKIP("nothing is read-only for root");
            QVERIFY(QFile::setPermissions(folder.path(), QFileDevice::ReadOwner | QFileDevice::ExeOwner));
        } else if (kind == "full") {
            signal(SIGXFSZ, SIG_IGN);
        }
        MainWindow window(std::make_shared<const catalog::Catalog>(), Theme::instance());
        window.show();
        auto* message = window.findChild<QLabel*>("messageText");
        QVERIFY(!message->isVisible());
        MainWindow other(std::make_shared<const catalog::Catalog>(), Theme::instance());
        if (kind == "locked") {
            // Somebody else runs the study that is opened here.
            startSearch(other, file, 500);
            QTRY_VERIFY_WITH_TIMEOUT(other.session() && !other.session()->trials().empty(), 60'000);
            window.openFile(file);
            QTRY_VERIFY(window.session());
            window.findChild<QAction*>("startAction")->trigger();
        } else if (kind == "full") {
            startSearch(window, file, 50);
            QTRY_VERIFY_WITH_TIMEOUT(window.session() && window.session()->trials().size() >= 2, 60'000);
            rlimit limit = before;
            limit.rlim_cur = static_cast<rlim_t>(QFileInfo(file + "-wal").size());
            setrlimit(RLIMIT_FSIZE, &limit);
        } else {
            startSearch(window, file, 1);
        }
        QTRY_VERIFY_WITH_TIMEOUT(message->isVisible(), 60'000);
        QVERIFY2(message->text().contains(expected), qPrintable(message->text()));
        QVERIFY2(message->text().contains(file.section('/', -1)) || message->text().contains(folder.path()), qPrintable(message->text()));
        QTest::mouseClick(window.findChild<QAbstractButton*>("closeMessage"), Qt::LeftButton);
        QVERIFY(!message->isVisible());
        if (kind == "read-only")
            QFile::setPermissions(folder.path(), QFileDevice::ReadOwner | QFileDevice::WriteOwner | QFileDevice::ExeOwner);
    }

    void opensWhatTheCommandLineNames_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<QString>("problem");
        QTest::newRow("no such file") << "missing.archscope" << QByteArray() << "no such file";
        QTest::newRow("no such space") << "missing.space.json" << QByteArray() << "missing.space.json";
        QTest::newRow("broken space") << "broken.space.json" << QByteArray("{\"format\":") << "broken.space.json";
        QTest::newRow("broken model") << "broken.onnx" << QByteArray("text") << "broken.onnx";
        QTest::newRow("another file") << "other.archscope" << QByteArray("text") << "not an Archscope store";
    }
    void opensWhatTheCommandLineNames()
    {
        QFETCH(QString, name);
        QFETCH(QByteArray, content);
        QFETCH(QString, problem);
        const QTemporaryDir folder;
        if (!content.isEmpty()) {
            QFile file(folder.filePath(name));
            QVERIFY(file.open(QIODevice::WriteOnly));
            file.write(content);
        }
        MainWindow window(std::make_shared<const catalog::Catalog>(), Theme::instance());
        window.show();
        window.openFile(folder.filePath(name));
        auto* message = window.findChild<QLabel*>("messageText");
        QTRY_VERIFY(message->isVisible());
        QVERIFY2(message->text().contains(problem), qPrintable(message->text()));
        QVERIFY(!window.session());
    }

    void opensASpace()
    {
        const QTemporaryDir folder;
        const auto catalog = std::make_shared<const catalog::Catalog>();
        SpaceDocument document(std::shared_ptr<const space::OperationSet>(catalog, &catalog->operations()));
        document.setSpace(catalog->preset("mlp").value());
        QSignalSpy saved(&document, &SpaceDocument::saved);
        document.save(folder.filePath("mine.space.json"));
        QVERIFY(saved.wait());
        MainWindow window(catalog, Theme::instance());
        window.show();
        window.openFile(folder.filePath("mine.space.json"));
        QTRY_COMPARE(window.document()->space().name, std::string("mlp"));
        QTRY_VERIFY(window.findChild<SpaceEditor*>()->isVisible());
    }

    void importsAModel()
    {
        const QTemporaryDir folder;
        const auto catalog = std::make_shared<const catalog::Catalog>();
        const space::SearchSpace empty = SpaceDocument::emptySpace();
        const auto decisions = space::DecisionSpace::compile(empty);
        QVERIFY(decisions);
        Rng rng(1);
        const auto network = network::lower(empty, *decisions, decisions->sample(rng), catalog->operations(), {{4}, 4, 0, false});
        QVERIFY(network);
        const auto bytes = exporting::writeOnnx(*network, catalog->operations(), {}, {});
        QVERIFY(bytes);
        for (const char* name : {"first.onnx", "second.onnx"})
            QVERIFY(writeFileAtomically(folder.filePath(name).toStdString(), *bytes));

        MainWindow window(catalog, Theme::instance());
        window.show();
        QVERIFY(window.findChild<QAction*>("importOnnxAction"));
        window.openFile(folder.filePath("first.onnx"));
        QTRY_COMPARE(window.document()->space().name, std::string("first"));
        QTRY_VERIFY(window.findChild<SpaceEditor*>()->isVisible());
        QVERIFY(window.findChild<QPlainTextEdit*>("events")->toPlainText().contains("The model is for 4 and 4 classes"));

        QMimeData files;
        files.setUrls({QUrl::fromLocalFile(folder.filePath("second.onnx"))});
        QDragEnterEvent enter(QPoint(5, 5), Qt::CopyAction, &files, Qt::LeftButton, Qt::NoModifier);
        QCoreApplication::sendEvent(&window, &enter);
        QVERIFY(enter.isAccepted());
        QDropEvent drop(QPointF(5, 5), Qt::CopyAction, &files, Qt::LeftButton, Qt::NoModifier);
        QCoreApplication::sendEvent(&window, &drop);
        QTRY_COMPARE(window.document()->space().name, std::string("second"));
    }

    void layoutsAreKept()
    {
        QSettings().clear();
        const auto catalog = std::make_shared<const catalog::Catalog>();
        const auto areaOf = [](MainWindow& window, const char* dock) { return window.dockWidgetArea(window.findChild<QDockWidget*>(dock)); };
        {
            MainWindow window(catalog, Theme::instance());
            window.show();
            window.findChild<QAction*>("workspace2")->trigger();
            QVERIFY(window.findChild<QDockWidget*>("candidateDock")->isVisible());
            // The user moves one panel and closes another.
            window.addDockWidget(Qt::LeftDockWidgetArea, window.findChild<QDockWidget*>("candidateDock"));
            window.findChild<QDockWidget*>("paretoDock")->close();
            window.findChild<QAction*>("workspace3")->trigger();
            QCOMPARE(areaOf(window, "candidateDock"), Qt::RightDockWidgetArea); // other workspaces are as they were
            QVERIFY(window.findChild<QDockWidget*>("paretoDock")->isVisible());
            window.findChild<QAction*>("workspace2")->trigger();
            QCOMPARE(areaOf(window, "candidateDock"), Qt::LeftDockWidgetArea);
            QVERIFY(window.close());
        }
        MainWindow window(catalog, Theme::instance());
        window.show();
        window.findChild<QAction*>("workspace2")->trigger();
        QCOMPARE(areaOf(window, "candidateDock"), Qt::LeftDockWidgetArea);
        QVERIFY(!window.findChild<QDockWidget*>("paretoDock")->isVisible());
        window.findChild<QAction*>("resetLayoutAction")->trigger();
        QCOMPARE(areaOf(window, "candidateDock"), Qt::RightDockWidgetArea);
        QVERIFY(window.findChild<QDockWidget*>("paretoDock")->isVisible());
    }

private:
    /// From the first page to a search of so many trials of one epoch, stored in that file.
    static void startSearch(MainWindow& window, const QString& file, int trials)
    {
        window.startWithSample();
        auto* start = window.findChild<QPushButton*>("startSearch");
        window.findChild<QSpinBox*>("budgetTrials")->setValue(trials);
        window.findChild<QSpinBox*>("fidelityEpochs")->setValue(1);
        window.findChild<QLineEdit*>("storeFile")->setText(file);
        QTRY_VERIFY(start->isEnabled());
        start->click();
        QTRY_VERIFY(window.session() || window.findChild<QLabel*>("messageText")->isVisible());
    }
};

QTEST_MAIN(TestMainWindow)
#include "tst_main_window.moc"
