// Pictures of the whole window with a real study, for people to look at: ARCHSCOPE_PICTURES=DIR saves them
// (packaging/screenshots.sh). Without it, one size and theme is drawn, and must show something everywhere.
#include "ui/bridge/study_session.h"
#include "ui/graph/network_view.h"
#include "ui/graph/space_document.h"
#include "ui/mainwindow/main_window.h"
#include "ui/models/trial_selection.h"
#include "ui/panels/task_panel.h"
#include "ui/theme/theme.h"

#include <QAbstractButton>
#include <QAction>
#include <QDir>
#include <QDockWidget>
#include <QItemSelectionModel>
#include <QLineEdit>
#include <QPushButton>
#include <QSettings>
#include <QSpinBox>
#include <QTableView>
#include <QTemporaryDir>
#include <QtTest>
#include <set>

using namespace archscope;
using namespace archscope::ui;

class TestWindowPictures : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        QStandardPaths::setTestModeEnabled(true);
        QCoreApplication::setOrganizationName("archscope-test");
        QCoreApplication::setApplicationName("archscope-pictures");
        QSettings().clear(); // nothing of an earlier run's window
        new Theme(qApp);
    }

    void pictures_data()
    {
        QTest::addColumn<int>("mode");
        QTest::addColumn<QSize>("size");
        QTest::newRow("light-1440x900") << int(ThemeMode::Light) << QSize(1440, 900);
        if (qEnvironmentVariableIsSet("ARCHSCOPE_PICTURES")) {
            QTest::newRow("dark-1440x900") << int(ThemeMode::Dark) << QSize(1440, 900);
            QTest::newRow("light-2560x1440") << int(ThemeMode::Light) << QSize(2560, 1440);
            QTest::newRow("dark-2560x1440") << int(ThemeMode::Dark) << QSize(2560, 1440);
        }
    }
    void pictures()
    {
        QFETCH(int, mode);
        QFETCH(QSize, size);
        Theme::instance()->setMode(static_cast<ThemeMode>(mode));
        const QTemporaryDir folder;
        MainWindow window(std::make_shared<const catalog::Catalog>(), Theme::instance());
        window.resize(size);
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window));
        save(window, "welcome");

        QTest::mouseClick(window.findChild<QAbstractButton*>("startSample"), Qt::LeftButton);
        auto* start = window.findChild<QPushButton*>("startSearch");
        QTRY_VERIFY(window.findChild<TaskPanel*>("taskPanel")->task() && start->isEnabled());
        window.findChild<QSpinBox*>("budgetTrials")->setValue(24);
        window.findChild<QSpinBox*>("fidelityEpochs")->setValue(3);
        window.findChild<QLineEdit*>("storeFile")->setText(folder.filePath("pictures.archscope"));
        QTest::mouseClick(start, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(window.session() && window.session()->trials().size() >= 8, 60'000);
        save(window, "search-running");
        QTRY_VERIFY_WITH_TIMEOUT(window.session()->state() == search::StudyState::Finished, 120'000);

        auto* table = window.findChild<QTableView*>("candidateTable");
        QTRY_COMPARE(table->model()->rowCount(), 24);
        table->sortByColumn(2, Qt::DescendingOrder);
        table->selectRow(0);
        auto* network = window.findChild<NetworkView*>("candidateNetwork");
        QTRY_VERIFY(!network->picture().nodes.empty());
        for (const int workspace : {1, 2, 3}) {
            window.findChild<QAction*>(QStringLiteral("workspace%1").arg(workspace))->trigger();
            static const char* const names[] = {"design", "search", "explore"};
            save(window, names[workspace - 1]);
        }
        window.findChild<QDockWidget*>("taskDock")->raise();
        window.findChild<QAction*>("workspace4")->trigger();
        table->selectionModel()->select(QItemSelection(table->model()->index(1, 0), table->model()->index(1, 0)),
                                        QItemSelectionModel::Select | QItemSelectionModel::Rows);
        QTRY_VERIFY(!window.findChild<NetworkView*>("compareRight")->picture().nodes.empty());
        save(window, "compare");
        window.findChild<QAction*>("workspace2")->trigger();
        window.findChild<QDockWidget*>("taskDock")->raise();
        save(window, "task");
    }

private:
    static void save(QWidget& window, const QString& name)
    {
        // Queued layout, replots and pictures of networks: until two grabs are alike.
        QImage image;
        const auto settles = [&] {
            const QImage next = window.grab().toImage();
            const bool settled = next == image;
            image = next;
            return settled;
        };
        if (name != "search-running")
            QTRY_VERIFY_WITH_TIMEOUT(settles(), 10'000);
        else
            settles(); // it moves
        std::set<QRgb> colours;
        for (int y = 0; y < image.height(); y += 3) {
            for (int x = 0; x < image.width(); x += 3)
                colours.insert(image.pixel(x, y));
        }
        QVERIFY2(colours.size() > 20, qPrintable(name + " is empty"));
        QFETCH(QSize, size);
        QCOMPARE(image.deviceIndependentSize().toSize(), size); // no workspace needs more room than the window has
        if (qEnvironmentVariableIsSet("ARCHSCOPE_PICTURES"))
            QVERIFY(image.save(QDir(qEnvironmentVariable("ARCHSCOPE_PICTURES")).filePath(QStringLiteral("%1-%2.png").arg(name, QTest::currentDataTag()))));
    }
};

QTEST_MAIN(TestWindowPictures)
#include "tst_window_pictures.moc"
