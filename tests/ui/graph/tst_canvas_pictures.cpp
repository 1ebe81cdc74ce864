// The design workspace's widgets with each preset, light and dark, small and large: painted, not blank, and saved where
// ARCHSCOPE_PICTURES names a folder, for people to look at.
#include "editor_bench.h"

#include "ui/graph/network_view.h"
#include "ui/graph/operation_palette.h"
#include "ui/graph/space_panel.h"
#include "ui/theme/theme.h"

#include <QDir>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QListWidget>
#include <QScrollArea>
#include <QToolButton>

using namespace archscope;
using namespace archscope::ui;

class TestCanvasPictures : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void pictures_data();
    void pictures();
};

void TestCanvasPictures::pictures_data()
{
    QTest::addColumn<QString>("scene");
    QTest::addColumn<bool>("dark");
    QTest::addColumn<QSize>("size");
    for (const char* scene :
        { "chain-cnn", "chain-body", "resnet-like", "resnet-body", "mlp", "errors", "dragging", "network", "tools", "refused" })
        for (const bool dark : { false, true })
            for (const QSize size : { QSize(1440, 900), QSize(2560, 1440) })
                QTest::addRow("%s-%s-%d", scene, dark ? "dark" : "light", size.width())
                    << QString::fromLatin1(scene) << dark << size;
}

void TestCanvasPictures::pictures()
{
    QFETCH(const QString, scene);
    QFETCH(const bool, dark);
    QFETCH(const QSize, size);
    Theme theme(qApp);
    theme.setMode(dark ? ThemeMode::Dark : ThemeMode::Light);
    const catalog::Catalog catalog;
    const auto operations = testOperations();
    QWidget window;
    auto* layout = new QHBoxLayout(&window);
    layout->setContentsMargins(0, 0, 0, 0);
    SpaceDocument document(operations);
    const char* preset = scene == "mlp" ? "mlp" : scene.startsWith(QLatin1String("resnet")) ? "resnet-like" : "chain-cnn";
    document.setSpace(catalog.preset(preset).value());
    auto* palette = new OperationPalette(operations);
    palette->setFixedWidth(230);
    layout->addWidget(palette);
    auto* editor = new SpaceEditor(&document);
    auto* network = new NetworkView(operations);
    layout->addWidget(editor, 2);
    layout->addWidget(network, 1);
    network->setVisible(scene == "network");
    if (scene == "tools") {
        auto* panel = new SpacePanel(std::shared_ptr<const catalog::Catalog>(std::shared_ptr<void>(), &catalog), &document);
        panel->setFixedWidth(300);
        layout->addWidget(panel);
    }
    auto* inspector = new NodeInspector(&document);
    inspector->setFixedWidth(300);
    inspector->follow(editor);
    layout->addWidget(inspector);
    window.resize(size);
    window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&window));
    auto* items = editor->findChild<SpaceScene*>();
    auto* view = editor->findChild<SpaceView*>();
    QTRY_VERIFY(!items->needsPlacing());
    QTRY_VERIFY(!document.isSurveying());
    const auto named = [&](const char* name) {
        return std::ranges::find(items->block().nodes, std::string(name), &space::Node::name)->id;
    };
    if (scene == "chain-body" || scene == "errors" || scene == "dragging") {
        editor->openBlock(named("layers"));
        QTRY_VERIFY(!items->needsPlacing());
    }
    if (scene == "resnet-body") {
        editor->openBlock(named("stage1"));
        const auto repeat = std::ranges::find_if(
            items->block().nodes, [](const space::Node& node) { return std::holds_alternative<space::Repeat>(node.body); });
        QVERIFY(repeat != items->block().nodes.end());
        editor->openBlock(repeat->id);
        QTRY_VERIFY(!items->needsPlacing());
    }
    if (scene == "chain-body") {
        editor->select({ named("op") });
        QTRY_VERIFY(inspector->findChild<QWidget*>(QStringLiteral("alternative.conv.fold")));
        QTest::mouseClick(inspector->findChild<QToolButton*>(QStringLiteral("alternative.conv.fold")), Qt::LeftButton);
    }
    if (scene == "errors") {
        editor->select({ named("dropout") });
        space::Node node = *document.space().find(named("dropout"));
        std::get<space::Operation>(node.body).parameters["rate"] = space::Literal{ 1.5 };
        QVERIFY(document.push(space::SpaceEdit{ space::ReplaceNode{ node.id, node }, "break" }));
        QTRY_VERIFY(document.hasErrors());
    }
    if (scene == "dragging") {
        editor->addEntry(QStringLiteral("operation:add"));
        const auto port = [&](const char* name, Port::Side side) {
            return view->mapFromScene(items->node(named(name))->portPosition({ named(name), side, 0 }));
        };
        QTest::mousePress(view->viewport(), Qt::LeftButton, {}, port("dropout", Port::Side::Output));
        QTest::mouseMove(view->viewport(), port("op", Port::Side::Input) + QPoint(2, 12));
    }
    if (scene == "tools") {
        editor->findChild<QAction*>(QStringLiteral("spaceTextView"))->trigger();
        editor->select({ named("layers") });
        editor->findChild<QAction*>(QStringLiteral("spaceExpand"))->trigger();
        QTRY_VERIFY(items->node(named("layers"))->look().inside);
        editor->findChild<QAction*>(QStringLiteral("spaceFind"))->trigger();
        QTest::keyClicks(editor->findChild<QLineEdit*>(QStringLiteral("findWords")), QStringLiteral("conv"));
        editor->openBlock({});
        QTRY_VERIFY(!items->needsPlacing());
        auto* samples = window.findChild<QListWidget*>(QStringLiteral("spaceSamples"));
        QTRY_VERIFY(samples->count() > 0);
        // What is expanded has made room for itself.
        const auto bottom = [&](const char* name) { return items->node(named(name))->sceneBox().bottom(); };
        QTRY_VERIFY(bottom("layers") < items->node(named("head"))->sceneBox().top());
    }
    if (scene == "refused") {
        editor->addEntry(QStringLiteral("operation:linear"));
        QTRY_VERIFY(!document.isSurveying());
        const auto port = [&](const char* name, Port::Side side) {
            return view->mapFromScene(items->node(named(name))->portPosition({ named(name), side, 0 }));
        };
        QTest::mousePress(view->viewport(), Qt::LeftButton, {}, port("layers", Port::Side::Output));
        QTest::mouseMove(view->viewport(), port("linear", Port::Side::Input) + QPoint(2, 4));
    }
    if (scene == "network") {
        QVERIFY(!document.survey().examples.empty());
        network->setNetwork(document.survey().examples.back());
        network->setHighlights({ 2, 3 }, theme.colours().warning);
        QTRY_VERIFY(!network->picture().nodes.empty());
        network->selectLayer(1);
    }
    QTRY_VERIFY(std::ranges::all_of(items->boxes(),
        [items](const auto& entry) { return items->node(entry.first)->sceneBox().topLeft() == entry.second.topLeft(); }));
    QCoreApplication::processEvents(); // the inspector makes its form
    const auto* scroll = inspector->findChild<QScrollArea*>();
    QVERIFY2(scroll->widget()->minimumSizeHint().width() <= scroll->viewport()->width(),
        "the inspector's form is cut at the right");
    const auto* map = editor->findChild<QWidget*>(QStringLiteral("miniMap"));
    const QRect corner = map->geometry();
    QVERIFY2(map->isVisible() && view->rect().contains(corner),
        qPrintable(QStringLiteral("%1 %2 %3×%4").arg(corner.x()).arg(corner.y()).arg(corner.width()).arg(corner.height())));
    const QImage image = window.grab().toImage();
    const QString folder = qEnvironmentVariable("ARCHSCOPE_PICTURES");
    if (!folder.isEmpty())
        QVERIFY(image.save(QDir(folder).filePath(QString::fromLatin1(QTest::currentDataTag()) + QStringLiteral(".png"))));
    if (scene == "dragging" || scene == "refused")
        QTest::mouseRelease(view->viewport(), Qt::LeftButton, {}, QPoint(4, 4));
    std::set<QRgb> colours;
    for (int y = 0; y < image.height(); y += 7)
        for (int x = 0; x < image.width(); x += 7)
            colours.insert(image.pixel(x, y));
    QVERIFY2(colours.size() > 16, "the window is blank");
}

QTEST_MAIN(TestCanvasPictures)
#include "tst_canvas_pictures.moc"
