// The space editor as a person uses it: real mouse and key events on the canvas.
#include "editor_bench.h"

#include "ui/graph/operation_palette.h"

#include <QClipboard>
#include <QLineEdit>
#include <QListWidget>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QToolButton>
#include <QTreeWidget>
#include <QWheelEvent>

using namespace archscope;
using namespace archscope::ui;

class TestSpaceEditor : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void quickAddByNameGoesBetweenInputAndOutput();
    void paletteDoubleClickBuildsAChain();
    void dropOnCanvasAndConnectPortToPort();
    void dropOnEdgeSplitsIt();
    void draggedNodeSplitsAnEdge();
    void cycleIsRefusedWithAReason();
    void liftingAnEdgeDisconnects();
    void portsOfOpenNodesCloseUp();
    void connectionDroppedOnNothingOffersANode();
    void movingSnapsAndIsUndone();
    void escapeCancelsADrag();
    void changesFromElsewhereEndADrag();
    void copyPasteAndDuplicate();
    void pasteOfOtherTextIsRefused();
    void deleteAndDissolve();
    void rubberBandSelects();
    void repeatBodyOpensAndIsLeft();
    void issueBarLeadsToTheNode();
    void shapesAndSizeAppear();
    void arrangeIsOneUndoStep();
    void wheelZoomsAroundTheCursor();
    void readOnlyRefusesEdits();
    void undoingAllRestoresTheSpace();
    void savesAndLoads();
    void presetsAreShown_data();
    void presetsAreShown();
};

namespace {

void typeInQuickAdd(const QString& words)
{
    QTRY_VERIFY(QApplication::activePopupWidget());
    auto* search = QApplication::activePopupWidget()->findChild<QLineEdit*>(QStringLiteral("quickAddSearch"));
    QVERIFY(search);
    QTest::keyClicks(search, words);
    QTest::keyClick(search, Qt::Key_Return);
}

} // namespace

void TestSpaceEditor::quickAddByNameGoesBetweenInputAndOutput()
{
    EditorBench bench;
    QTRY_VERIFY(bench.atRest());
    QSignalSpy replaced(&bench.document, &SpaceDocument::changed);
    bench.click(bench.inView({ 300, 300 }));
    QTest::keyClick(bench.view, Qt::Key_A);
    typeInQuickAdd(QStringLiteral("flatten"));
    QCOMPARE(replaced.count(), 1);
    QVERIFY(bench.has("flatten"));
    QCOMPARE(bench.editor.selectedNodes(), std::vector{ bench.named("flatten").id });
    // Tab opens the same popup; Escape closes it without a change.
    QTest::keyClick(bench.view, Qt::Key_Tab);
    QTRY_VERIFY(QApplication::activePopupWidget());
    QTest::keyClick(QApplication::activePopupWidget()->findChild<QLineEdit*>(), Qt::Key_Escape);
    QTRY_VERIFY(!QApplication::activePopupWidget());
    QCOMPARE(replaced.count(), 1);
}

void TestSpaceEditor::paletteDoubleClickBuildsAChain()
{
    EditorBench bench;
    OperationPalette palette(testOperations());
    QObject::connect(&palette, &OperationPalette::activated, &bench.editor, &SpaceEditor::addEntry);
    palette.resize(260, 600);
    palette.show();
    QVERIFY(QTest::qWaitForWindowExposed(&palette));
    QTRY_VERIFY(bench.atRest());
    auto* search = palette.findChild<QLineEdit*>(QStringLiteral("paletteSearch"));
    auto* tree = palette.findChild<QTreeWidget*>(QStringLiteral("paletteTree"));
    for (const QString& word : { QStringLiteral("flatten"), QStringLiteral("linear") }) {
        search->clear();
        QTest::keyClicks(search, word);
        QTreeWidgetItem* item = tree->currentItem();
        QVERIFY(item);
        const QPoint at = tree->visualItemRect(item).center();
        QTest::mouseClick(tree->viewport(), Qt::LeftButton, {}, at);
        QTest::mouseDClick(tree->viewport(), Qt::LeftButton, {}, at);
    }
    QVERIFY(bench.connected("input", "flatten"));
    QVERIFY(bench.connected("flatten", "linear"));
    QVERIFY(bench.connected("linear", "output"));
    // Nobody has placed a node: the automatic layout keeps the chain in order.
    QTRY_VERIFY(bench.atRest());
    const Boxes boxes = bench.scene->boxes();
    QVERIFY(boxes.at(bench.named("flatten").id).bottom() < boxes.at(bench.named("linear").id).top());
}

void TestSpaceEditor::dropOnCanvasAndConnectPortToPort()
{
    EditorBench bench;
    QTRY_VERIFY(bench.atRest());
    bench.drop(QStringLiteral("operation:relu"), QPoint(150, 300)); // no such operation: nothing happens
    QCOMPARE(bench.scene->nodes().size(), 2U);
    bench.drop(QStringLiteral("operation:activation"), QPoint(150, 300));
    QCOMPARE(bench.scene->nodes().size(), 3U);
    QTRY_VERIFY(bench.atRest());
    const space::Node& added = bench.named("activation");
    QVERIFY(added.placed);
    bench.drag(bench.output("input"), bench.input("activation"));
    QVERIFY(bench.connected("input", "activation"));
    // Near is near enough: the end snaps. The output's one port was taken: the new edge takes its place.
    bench.drag(bench.output("activation"), bench.input("output") + QPoint(8, -10));
    QVERIFY(bench.connected("activation", "output"));
    QVERIFY(!bench.connected("input", "output"));
    QVERIFY(!bench.document.hasErrors());
}

void TestSpaceEditor::dropOnEdgeSplitsIt()
{
    EditorBench bench;
    QTRY_VERIFY(bench.atRest());
    const EdgeItem* edge = bench.scene->edge(bench.scene->block().edges.front());
    bench.drop(QStringLiteral("operation:activation"), bench.inView(edge->path().pointAtPercent(0.5)));
    QVERIFY(bench.connected("input", "activation"));
    QVERIFY(bench.connected("activation", "output"));
    QVERIFY(!bench.connected("input", "output"));
    bench.document.undoStack()->undo();
    QVERIFY(bench.connected("input", "output"));
}

void TestSpaceEditor::draggedNodeSplitsAnEdge()
{
    EditorBench bench;
    QTRY_VERIFY(bench.atRest());
    bench.drop(QStringLiteral("operation:activation"), QPoint(150, 300));
    QTRY_VERIFY(bench.atRest());
    const EdgeItem* edge = bench.scene->edge({ bench.named("input").id, bench.named("output").id, 0 });
    const QPoint middle = bench.inView(edge->path().pointAtPercent(0.5));
    const QRectF box = bench.scene->node(bench.named("activation").id)->sceneBox();
    const QPoint grab = bench.inView(box.center());
    bench.drag(grab, middle);
    QVERIFY(bench.connected("input", "activation"));
    QVERIFY(bench.connected("activation", "output"));
    // There was no room for it: what stands below has moved down, in the same undo step.
    QTRY_VERIFY(bench.atRest());
    const Boxes boxes = bench.scene->boxes();
    QVERIFY(boxes.at(bench.named("activation").id).bottom() < boxes.at(bench.named("output").id).top());
    QCOMPARE(bench.document.undoStack()->count(), 2);
}

void TestSpaceEditor::cycleIsRefusedWithAReason()
{
    EditorBench bench;
    bench.editor.addEntry(QStringLiteral("operation:add"));
    bench.editor.addEntry(QStringLiteral("operation:activation"));
    QTRY_VERIFY(bench.atRest());
    const std::string before = bench.hash();
    // add → activation; back again it would be a cycle.
    bench.drag(bench.output("activation"), bench.input("add", 1));
    QCOMPARE(bench.hash(), before);
    QVERIFY2(bench.message().contains(QStringLiteral("cycle")), qPrintable(bench.message()));
    QVERIFY(bench.message().contains(QStringLiteral("add")));
    // The next press takes the message away.
    bench.click(QPoint(5, 5));
    QVERIFY(bench.message().isEmpty());
}

void TestSpaceEditor::liftingAnEdgeDisconnects()
{
    EditorBench bench;
    QTRY_VERIFY(bench.atRest());
    bench.drag(bench.input("output"), QPoint(60, 60));
    QVERIFY(bench.scene->block().edges.empty());
    QVERIFY(bench.document.hasErrors());
    bench.document.undoStack()->undo();
    QVERIFY(!bench.document.hasErrors());
}

void TestSpaceEditor::portsOfOpenNodesCloseUp()
{
    EditorBench bench;
    bench.editor.addEntry(QStringLiteral("operation:add"));
    QTRY_VERIFY(bench.atRest());
    bench.drag(bench.output("input"), bench.input("add", 1));
    QVERIFY(bench.connected("input", "add", 0));
    QVERIFY(bench.connected("input", "add", 1));
    bench.drag(bench.input("add", 0), QPoint(60, 60)); // lifted off and dropped on nothing
    QVERIFY(bench.connected("input", "add", 0));
    QVERIFY(!bench.connected("input", "add", 1));
}

void TestSpaceEditor::connectionDroppedOnNothingOffersANode()
{
    EditorBench bench;
    QTRY_VERIFY(bench.atRest());
    bench.drag(bench.output("input"), QPoint(120, 500));
    typeInQuickAdd(QStringLiteral("flatten"));
    QVERIFY(bench.connected("input", "flatten"));
}

void TestSpaceEditor::movingSnapsAndIsUndone()
{
    EditorBench bench;
    QTRY_VERIFY(bench.atRest());
    const space::NodeId id = bench.named("input").id;
    const QPointF before = bench.scene->node(id)->pos();
    bench.drag(bench.header("input"), bench.header("input") + QPoint(-203, 17));
    const QPointF after = bench.scene->node(id)->pos();
    QVERIFY(after != before);
    QCOMPARE(after, snapped(after));
    QVERIFY(bench.named("input").placed);
    QVERIFY2(bench.named("output").placed, "moving one pins the others where they stand");
    bench.document.undoStack()->undo();
    QTRY_VERIFY(bench.atRest());
    QCOMPARE(bench.scene->node(id)->pos(), before);
}

void TestSpaceEditor::escapeCancelsADrag()
{
    EditorBench bench;
    QTRY_VERIFY(bench.atRest());
    const QPointF before = bench.scene->node(bench.named("input").id)->pos();
    const QPoint from = bench.header("input");
    QTest::mousePress(bench.view->viewport(), Qt::LeftButton, {}, from);
    QTest::mouseMove(bench.view->viewport(), from + QPoint(-80, 60));
    QVERIFY(bench.scene->node(bench.named("input").id)->pos() != before);
    QTest::keyClick(bench.view, Qt::Key_Escape);
    QTest::mouseRelease(bench.view->viewport(), Qt::LeftButton, {}, from + QPoint(-80, 60));
    QCOMPARE(bench.scene->node(bench.named("input").id)->pos(), before);
    QCOMPARE(bench.document.undoStack()->count(), 0);
}

void TestSpaceEditor::changesFromElsewhereEndADrag()
{
    EditorBench bench;
    bench.editor.addEntry(QStringLiteral("operation:activation"));
    QTRY_VERIFY(bench.atRest());
    // Everything is replaced, or the dragged node is taken away, while the mouse button is down.
    QTest::mousePress(bench.view->viewport(), Qt::LeftButton, {}, bench.output("activation"));
    QTest::mouseMove(bench.view->viewport(), QPoint(100, 100));
    bench.document.undoStack()->undo();
    QTest::mouseMove(bench.view->viewport(), QPoint(120, 120));
    QTest::mouseRelease(bench.view->viewport(), Qt::LeftButton, {}, QPoint(120, 120));
    QTest::mousePress(bench.view->viewport(), Qt::LeftButton, {}, bench.output("input"));
    QTest::mouseMove(bench.view->viewport(), QPoint(100, 100));
    bench.document.setSpace(SpaceDocument::emptySpace());
    QTest::mouseRelease(bench.view->viewport(), Qt::LeftButton, {}, QPoint(120, 120));
    QVERIFY(!QApplication::activePopupWidget());
    QTRY_VERIFY(bench.atRest());
    {
        EditorBench closing;
        QTRY_VERIFY(closing.atRest());
        QTest::mousePress(closing.view->viewport(), Qt::LeftButton, {}, closing.output("input"));
        QTest::mouseMove(closing.view->viewport(), QPoint(100, 100));
    }
    QCOMPARE(bench.scene->nodes().size(), 2U);
}

void TestSpaceEditor::copyPasteAndDuplicate()
{
    EditorBench bench;
    bench.editor.addEntry(QStringLiteral("structure:repeat"));
    bench.editor.addEntry(QStringLiteral("operation:activation"));
    QTRY_VERIFY(bench.atRest());
    bench.editor.select({ bench.named("repeat").id, bench.named("activation").id });
    QTest::keyClick(bench.view, Qt::Key_C, Qt::ControlModifier);
    QVERIFY(QApplication::clipboard()->text().contains(QStringLiteral("\"repeat\"")));
    QTest::keyClick(bench.view, Qt::Key_V, Qt::ControlModifier);
    QCOMPARE(bench.editor.selectedNodes().size(), 2U);
    QVERIFY(bench.connected("repeat2", "activation2"));
    QVERIFY(!bench.connected("activation", "repeat2"));
    QTest::keyClick(bench.view, Qt::Key_D, Qt::ControlModifier);
    QVERIFY(bench.connected("repeat3", "activation3"));
    // All ids of the space differ, those inside the copies too.
    std::set<space::NodeId> ids;
    for (const space::Node& node : bench.scene->block().nodes) {
        QVERIFY(ids.insert(node.id).second);
        if (const auto* repeat = std::get_if<space::Repeat>(&node.body))
            for (const space::Node& inner : repeat->body.nodes)
                QVERIFY(ids.insert(inner.id).second);
    }
    QTest::keyClick(bench.view, Qt::Key_X, Qt::ControlModifier);
    QVERIFY(!bench.has("repeat3"));
    QVERIFY(bench.has("repeat2"));
}

void TestSpaceEditor::pasteOfOtherTextIsRefused()
{
    EditorBench bench;
    QTRY_VERIFY(bench.atRest());
    QApplication::clipboard()->setText(QStringLiteral("{\"hello\": 1}"));
    QTest::keyClick(bench.view, Qt::Key_V, Qt::ControlModifier);
    QVERIFY(bench.message().contains(QStringLiteral("no nodes")));
    QCOMPARE(bench.document.undoStack()->count(), 0);
}

void TestSpaceEditor::deleteAndDissolve()
{
    EditorBench bench;
    bench.editor.addEntry(QStringLiteral("operation:activation"));
    QTRY_VERIFY(bench.atRest());
    bench.click(bench.header("activation"));
    QTest::keyClick(bench.view, Qt::Key_Delete, Qt::ControlModifier);
    QVERIFY(bench.connected("input", "output"));
    bench.document.undoStack()->undo();
    QTRY_VERIFY(bench.atRest());
    bench.click(bench.header("activation"));
    QTest::keyClick(bench.view, Qt::Key_Delete);
    QVERIFY(!bench.has("activation"));
    QVERIFY(!bench.connected("input", "output"));
    bench.click(bench.header("input"));
    QTest::keyClick(bench.view, Qt::Key_Delete);
    QVERIFY(bench.has("input"));
    QVERIFY(!bench.message().isEmpty());
}

void TestSpaceEditor::rubberBandSelects()
{
    EditorBench bench;
    QTRY_VERIFY(bench.atRest());
    const QRectF content = bench.scene->contentRect().adjusted(-40, -40, 40, 40);
    bench.drag(bench.inView(content.topLeft()), bench.inView(content.bottomRight()));
    QCOMPARE(bench.editor.selectedNodes().size(), 2U);
    bench.click(QPoint(5, 5));
    QVERIFY(bench.editor.selectedNodes().empty());
    QTest::keyClick(bench.view, Qt::Key_A, Qt::ControlModifier);
    QCOMPARE(bench.editor.selectedNodes().size(), 2U);
    // Arrows walk.
    bench.click(bench.header("input"));
    QTest::keyClick(bench.view, Qt::Key_Down);
    QCOMPARE(bench.editor.selectedNodes(), std::vector{ bench.named("output").id });
}

void TestSpaceEditor::repeatBodyOpensAndIsLeft()
{
    EditorBench bench;
    bench.editor.addEntry(QStringLiteral("structure:repeat"));
    QTRY_VERIFY(bench.atRest());
    const space::NodeId repeat = bench.named("repeat").id;
    QTest::mouseDClick(bench.view->viewport(), Qt::LeftButton, {}, bench.header("repeat"));
    QCOMPARE(bench.editor.block(), repeat);
    QTRY_VERIFY(bench.atRest());
    bench.editor.addEntry(QStringLiteral("operation:activation"));
    QVERIFY(bench.connected("input", "activation"));
    QTest::keyClick(bench.view, Qt::Key_Escape); // first takes the selection back
    QTest::keyClick(bench.view, Qt::Key_Escape);
    QVERIFY(!bench.editor.block().isValid());
    QCOMPARE(bench.editor.selectedNodes(), std::vector{ repeat });
    QTest::keyClick(bench.view, Qt::Key_Return);
    QCOMPARE(bench.editor.block(), repeat);
    auto* root = bench.editor.findChild<QToolButton*>(QStringLiteral("breadcrumb0"));
    QVERIFY(root);
    QTest::mouseClick(root, Qt::LeftButton);
    QVERIFY(!bench.editor.block().isValid());
    // Undone to before the repeat while its inside is shown: the editor goes where there is something to show.
    bench.editor.openBlock(repeat);
    bench.document.undoStack()->setIndex(0);
    QVERIFY(!bench.editor.block().isValid());
    QVERIFY(!bench.has("repeat"));
}

void TestSpaceEditor::issueBarLeadsToTheNode()
{
    EditorBench bench;
    bench.editor.addEntry(QStringLiteral("structure:repeat"));
    const space::NodeId repeat = bench.named("repeat").id;
    bench.editor.openBlock(repeat);
    bench.editor.addEntry(QStringLiteral("operation:activation"));
    const space::NodeId activation = bench.named("activation").id;
    space::Node broken = bench.named("activation");
    std::get<space::Operation>(broken.body).type = "activatoin";
    QVERIFY(bench.document.push(space::SpaceEdit{ space::ReplaceNode{ activation, broken }, "break" }));
    bench.editor.openBlock({});
    auto* list = bench.editor.findChild<QListWidget*>(QStringLiteral("issueList"));
    QVERIFY(list->isVisible());
    QVERIFY(list->count() >= 1);
    QListWidgetItem* item = list->item(0);
    QVERIFY2(item->text().contains(QStringLiteral("activatoin")), qPrintable(item->text()));
    // From outside, the repeat shows that something inside it is wrong.
    QVERIFY(bench.scene->node(repeat)->toolTip().contains(QStringLiteral("activatoin")));
    QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, list->visualItemRect(item).center());
    QCOMPARE(bench.editor.block(), repeat);
    QCOMPARE(bench.editor.selectedNodes(), std::vector{ activation });
    bench.document.undoStack()->undo();
    QVERIFY(!bench.document.hasErrors());
    QTRY_VERIFY(!list->isVisible() || list->count() > 0);
}

void TestSpaceEditor::shapesAndSizeAppear()
{
    EditorBench bench;
    bench.document.setTaskShape({ { 1, 8, 8 }, 10 });
    bench.editor.addEntry(QStringLiteral("operation:flatten"));
    bench.editor.addEntry(QStringLiteral("structure:block"));
    bench.editor.openBlock(bench.named("block").id);
    bench.editor.addEntry(QStringLiteral("operation:linear"));
    space::Node linear = bench.named("linear");
    std::get<space::Operation>(linear.body).parameters["features"] = space::Expression{ "classes" };
    QVERIFY(bench.document.push(space::SpaceEdit{ space::ReplaceNode{ linear.id, linear }, "classes" }));
    QTRY_VERIFY(!bench.document.isSurveying());
    const auto labelAfter = [&bench](const std::string& name) {
        return bench.scene->edge(edgesOutOf(bench.scene->block(), bench.named(name).id).front())->label();
    };
    QCOMPARE(labelAfter("input"), QStringLiteral("64"));
    QCOMPARE(labelAfter("linear"), QStringLiteral("10"));
    bench.editor.openBlock({});
    QCOMPARE(labelAfter("input"), QStringLiteral("1×8×8"));
    QCOMPARE(labelAfter("flatten"), QStringLiteral("64"));
    QCOMPARE(labelAfter("block"), QStringLiteral("10"));
    auto* status = bench.editor.findChild<QLabel*>(QStringLiteral("spaceStatus"));
    QVERIFY2(status->text().contains(QStringLiteral("1 architecture")), qPrintable(status->text()));
}

void TestSpaceEditor::arrangeIsOneUndoStep()
{
    EditorBench bench;
    bench.editor.addEntry(QStringLiteral("operation:activation"));
    QTRY_VERIFY(bench.atRest());
    bench.drag(bench.header("activation"), bench.header("activation") + QPoint(300, 10));
    const int steps = bench.document.undoStack()->count();
    QTest::keyClick(bench.view, Qt::Key_L);
    QTRY_COMPARE(bench.document.undoStack()->count(), steps + 1);
    QTRY_VERIFY(bench.atRest());
    const Boxes boxes = bench.scene->boxes();
    QVERIFY(
        std::abs(boxes.at(bench.named("activation").id).center().x() - boxes.at(bench.named("input").id).center().x()) < 2);
}

void TestSpaceEditor::wheelZoomsAroundTheCursor()
{
    EditorBench bench;
    QTRY_VERIFY(bench.atRest());
    const QPoint at(700, 200);
    const QPointF before = bench.view->mapToScene(at);
    const double zoom = bench.view->zoom();
    QWheelEvent wheel(
        at, bench.view->viewport()->mapToGlobal(at), {}, { 0, 240 }, Qt::NoButton, {}, Qt::NoScrollPhase, false);
    QApplication::sendEvent(bench.view->viewport(), &wheel);
    QVERIFY(bench.view->zoom() > zoom * 1.2);
    QVERIFY(QLineF(bench.view->mapToScene(at), before).length() < 2);
    QTest::keyClick(bench.view, Qt::Key_F);
    QVERIFY(bench.view->zoom() <= 1.0);
    // Space and drag pans; nothing is selected or moved.
    const QPointF corner = bench.view->mapToScene(0, 0);
    QTest::keyPress(bench.view, Qt::Key_Space);
    bench.drag(bench.header("input"), bench.header("input") + QPoint(50, 40));
    QTest::keyRelease(bench.view, Qt::Key_Space);
    QVERIFY(QLineF(bench.view->mapToScene(0, 0), corner).length() > 30);
    QCOMPARE(bench.document.undoStack()->count(), 0);
}

void TestSpaceEditor::readOnlyRefusesEdits()
{
    EditorBench bench;
    bench.editor.addEntry(QStringLiteral("operation:activation"));
    QTRY_VERIFY(bench.atRest());
    bench.editor.setAccess(SpaceEditor::Access::ReadOnly);
    const space::SearchSpace before = bench.document.space();
    bench.click(bench.header("activation"));
    QCOMPARE(bench.editor.selectedNodes().size(), 1U);
    QTest::keyClick(bench.view, Qt::Key_Delete);
    QTest::keyClick(bench.view, Qt::Key_A);
    QVERIFY(!QApplication::activePopupWidget());
    bench.drag(bench.header("activation"), bench.header("activation") + QPoint(100, 100));
    bench.drag(bench.input("output"), QPoint(60, 60));
    bench.drop(QStringLiteral("operation:activation"), QPoint(200, 200));
    bench.editor.addEntry(QStringLiteral("operation:activation"));
    QVERIFY(bench.document.space() == before);
}

void TestSpaceEditor::undoingAllRestoresTheSpace()
{
    EditorBench bench;
    QTRY_VERIFY(bench.atRest());
    const std::string before = bench.hash();
    bench.editor.addEntry(QStringLiteral("structure:choice"));
    bench.editor.addEntry(QStringLiteral("operation:add"));
    QTRY_VERIFY(bench.atRest());
    bench.drag(bench.output("input"), bench.input("add", 1));
    bench.drop(QStringLiteral("structure:repeat"), QPoint(100, 100));
    bench.editor.select({ bench.named("add").id });
    QTest::keyClick(bench.view, Qt::Key_D, Qt::ControlModifier);
    QTest::keyClick(bench.view, Qt::Key_O);
    QTest::keyClick(bench.view, Qt::Key_Delete);
    const std::string after = bench.hash();
    QVERIFY(after != before);
    QUndoStack* history = bench.document.undoStack();
    QVERIFY(history->count() >= 7);
    while (history->canUndo())
        history->undo();
    QCOMPARE(bench.hash(), before);
    QVERIFY(!bench.document.isModified());
    while (history->canRedo())
        history->redo();
    QCOMPARE(bench.hash(), after);
}

void TestSpaceEditor::savesAndLoads()
{
    QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("mine.space.json"));
    EditorBench bench;
    bench.editor.addEntry(QStringLiteral("operation:activation"));
    QVERIFY(bench.document.isModified());
    QSignalSpy saved(&bench.document, &SpaceDocument::saved);
    bench.document.save(path);
    QTRY_COMPARE(saved.count(), 1);
    QVERIFY(!bench.document.isModified());
    QCOMPARE(bench.document.title(), QStringLiteral("mine.space.json"));
    EditorBench other;
    QSignalSpy loaded(&other.document, &SpaceDocument::loaded);
    other.document.load(path);
    QTRY_COMPARE(loaded.count(), 1);
    QCOMPARE(other.hash(), bench.hash());
    QTRY_VERIFY(other.atRest());
    // What cannot be read or written is said, and changes nothing.
    QSignalSpy failed(&other.document, &SpaceDocument::fileFailed);
    other.document.load(folder.filePath(QStringLiteral("absent.space.json")));
    QTRY_COMPARE(failed.count(), 1);
    QVERIFY(failed.front().front().toString().contains(QStringLiteral("absent.space.json")));
    other.document.save(folder.filePath(QStringLiteral("no/such/folder.space.json")));
    QTRY_COMPARE(failed.count(), 2);
    QCOMPARE(other.hash(), bench.hash());
}

void TestSpaceEditor::presetsAreShown_data()
{
    QTest::addColumn<QString>("preset");
    for (const char* name : { "chain-cnn", "resnet-like", "mlp" })
        QTest::newRow(name) << QString::fromLatin1(name);
}

void TestSpaceEditor::presetsAreShown()
{
    QFETCH(const QString, preset);
    const catalog::Catalog catalog;
    EditorBench bench;
    auto space = catalog.preset(preset.toStdString());
    QVERIFY2(space, space ? "" : space.error().text().c_str());
    bench.document.setSpace(std::move(*space));
    QTRY_VERIFY(bench.atRest());
    QVERIFY(!bench.document.hasErrors());
    QTRY_VERIFY(!bench.document.isSurveying());
    QVERIFY(!bench.document.sizeText().isEmpty());
    QVERIFY(bench.document.survey().fitting > 0);
    // No two boxes stand on one another.
    const Boxes boxes = bench.scene->boxes();
    for (const auto& [id, box] : boxes)
        for (const auto& [otherId, other] : boxes)
            QVERIFY(id == otherId || !box.intersects(other));
}

QTEST_MAIN(TestSpaceEditor)
#include "tst_space_editor.moc"
