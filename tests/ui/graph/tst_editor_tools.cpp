// The tools of the space editor beyond drawing: arranging, finding, grouping, mending, values in place, text, pictures.
#include "editor_bench.h"

#include "ui/graph/canvas_export.h"
#include "ui/graph/json_text.h"
#include "ui/graph/mini_map.h"
#include "ui/graph/network_view.h"
#include "ui/graph/space_find.h"
#include "ui/graph/space_panel.h"

#include <QClipboard>
#include <QLineEdit>
#include <QListWidget>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QThread>
#include <QToolButton>
#include <atomic>

using namespace archscope;
using namespace archscope::ui;

class TestEditorTools : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void alignsAndDistributes_data();
    void alignsAndDistributes();
    void alignmentIsOneUndoStep();
    void invertsTheSelection();
    void findsNodesOfAllBlocks();
    void findMatchesNamesOperationsAndValues();
    void miniMapMovesTheView();
    void groupsAndTakesApart();
    void groupingIsRefusedWithAReason();
    void blocksExpandInPlace();
    void aButtonMendsAnIssue();
    void shapesThatDoNotFitAreRefused();
    void takingAPortSaysWhatGoes();
    void shapesShowWhileErrorsStand();
    void valuesAreEditedOnTheNode();
    void enterOnANodeEditsAllItsValues();
    void textFollowsTheCanvasAndBack();
    void textErrorsNameLineAndPointer();
    void pointersHaveLines_data();
    void pointersHaveLines();
    void clipboardHoldsJsonForOtherSpaces();
    void picturesAreWritten_data();
    void picturesAreWritten();
    void panelShowsTheSpaceAtAGlance();
    void latencyIsPredictedInTheBackground();
    void actionsAreComplete();
};

namespace {

QAction* actionOf(const EditorBench& bench, const char* name)
{
    auto* action = bench.editor.findChild<QAction*>(QString::fromLatin1(name));
    if (!action)
        qFatal("there is no action %s", name);
    return action;
}

void addChain(EditorBench& bench, std::initializer_list<const char*> operations)
{
    for (const char* operation : operations)
        bench.editor.addEntry(QStringLiteral("operation:") + QString::fromLatin1(operation));
}

/// A repeat around a dropout, seen from outside.
std::pair<space::NodeId, space::NodeId> addRepeatOfDropout(EditorBench& bench)
{
    bench.editor.addEntry(QStringLiteral("structure:repeat"));
    const space::NodeId repeat = bench.named("repeat").id;
    bench.editor.openBlock(repeat);
    addChain(bench, { "dropout" });
    const space::NodeId dropout = bench.named("dropout").id;
    bench.editor.openBlock({});
    return { repeat, dropout };
}

void setParameter(EditorBench& bench, const std::string& node, const std::string& parameter, space::ParameterValue value)
{
    space::Node changed = bench.named(node);
    std::get<space::Operation>(changed.body).parameters[parameter] = std::move(value);
    const auto done = bench.document.push({ space::ReplaceNode{ changed.id, changed }, "set" });
    QVERIFY(done);
}

} // namespace

void TestEditorTools::alignsAndDistributes_data()
{
    QTest::addColumn<int>("alignment");
    QTest::newRow("left") << int(Alignment::Left);
    QTest::newRow("centre") << int(Alignment::Centre);
    QTest::newRow("right") << int(Alignment::Right);
    QTest::newRow("top") << int(Alignment::Top);
    QTest::newRow("middle") << int(Alignment::Middle);
    QTest::newRow("bottom") << int(Alignment::Bottom);
}

void TestEditorTools::alignsAndDistributes()
{
    QFETCH(const int, alignment);
    const Boxes boxes{ { space::NodeId(1), QRectF(0, 0, 100, 30) }, { space::NodeId(2), QRectF(150, 80, 140, 50) },
        { space::NodeId(3), QRectF(-60, 300, 80, 30) } };
    const Positions positions = aligned(boxes, static_cast<Alignment>(alignment));
    const auto edge = [&](space::NodeId id) {
        QRectF box = boxes.at(id);
        box.moveCenter({ positions.at(id).x(), box.center().y() });
        box.moveTop(positions.at(id).y());
        switch (static_cast<Alignment>(alignment)) {
        case Alignment::Left:
            return box.left();
        case Alignment::Centre:
            return box.center().x();
        case Alignment::Right:
            return box.right();
        case Alignment::Top:
            return box.top();
        case Alignment::Middle:
            return box.center().y();
        case Alignment::Bottom:
            return box.bottom();
        }
        return 0.0;
    };
    QVERIFY(std::abs(edge(space::NodeId(1)) - edge(space::NodeId(2))) <= 0.5);
    QVERIFY(std::abs(edge(space::NodeId(1)) - edge(space::NodeId(3))) <= 0.5);

    const Positions spread = distributed(boxes, Axis::Vertical);
    const double first = spread.at(space::NodeId(2)).y() - 30;
    const double second = spread.at(space::NodeId(3)).y() - (spread.at(space::NodeId(2)).y() + 50);
    QVERIFY(std::abs(first - second) <= 1);
    QCOMPARE(spread.at(space::NodeId(1)).y(), 0.0);
    QCOMPARE(spread.at(space::NodeId(3)).y(), 300.0);
}

void TestEditorTools::alignmentIsOneUndoStep()
{
    EditorBench bench;
    bench.drop(QStringLiteral("operation:activation"), QPoint(150, 300));
    bench.drop(QStringLiteral("operation:dropout"), QPoint(320, 420));
    QTRY_VERIFY(bench.atRest());
    bench.editor.select({ bench.named("activation").id });
    QVERIFY(!actionOf(bench, "spaceAlignLeft")->isEnabled());
    bench.editor.select({ bench.named("activation").id, bench.named("dropout").id });
    const Boxes before = bench.scene->boxes();
    QTest::keyClick(bench.view, Qt::Key_Left, Qt::ControlModifier | Qt::ShiftModifier);
    QTRY_VERIFY(bench.atRest());
    const Boxes after = bench.scene->boxes();
    QCOMPARE(after.at(bench.named("dropout").id).left(), after.at(bench.named("activation").id).left());
    bench.document.undoStack()->undo();
    QTRY_VERIFY(bench.atRest());
    QCOMPARE(bench.scene->boxes(), before);
}

void TestEditorTools::invertsTheSelection()
{
    EditorBench bench;
    addChain(bench, { "activation" });
    QTRY_VERIFY(bench.atRest());
    QCOMPARE(bench.editor.selectedNodes().size(), 1U);
    QTest::keyClick(bench.view, Qt::Key_I, Qt::ControlModifier);
    QCOMPARE(bench.editor.selectedNodes().size(), 2U);
    const auto selected = bench.editor.selectedNodes();
    QVERIFY(std::ranges::find(selected, bench.named("activation").id) == selected.end());
}

void TestEditorTools::findsNodesOfAllBlocks()
{
    EditorBench bench;
    const auto [repeat, dropout] = addRepeatOfDropout(bench);
    QTRY_VERIFY(bench.atRest());
    QTest::keyClick(bench.view, Qt::Key_F, Qt::ControlModifier);
    auto* words = bench.editor.findChild<QLineEdit*>(QStringLiteral("findWords"));
    QVERIFY(words->isVisible());
    QTest::keyClicks(words, QStringLiteral("repeat/dro"));
    // The match is inside: the block is opened, the node selected and marked; typing goes on.
    QCOMPARE(bench.editor.block(), repeat);
    QCOMPARE(bench.editor.selectedNodes(), std::vector{ dropout });
    QVERIFY(bench.scene->node(dropout)->isFound());
    QVERIFY(words->hasFocus());
    auto* count = bench.editor.findChild<QLabel*>(QStringLiteral("findCount"));
    QCOMPARE(count->text(), QStringLiteral("1 of 1"));
    words->clear();
    QTest::keyClicks(words, QStringLiteral("put"));
    const QString first = count->text();
    QVERIFY2(first.endsWith(QStringLiteral(" of 4")), qPrintable(first));
    const space::NodeId at = bench.editor.selectedNodes().front();
    QTest::keyClick(words, Qt::Key_Return);
    QVERIFY(bench.editor.selectedNodes().front() != at);
    QTest::keyClick(words, Qt::Key_Return, Qt::ShiftModifier);
    QCOMPARE(bench.editor.selectedNodes().front(), at);
    words->clear();
    QTest::keyClicks(words, QStringLiteral("nosuchnode"));
    QCOMPARE(count->text(), QStringLiteral("Nothing found"));
    QTest::keyClick(words, Qt::Key_Escape);
    QVERIFY(!words->isVisible());
    QVERIFY(bench.view->hasFocus());
}

void TestEditorTools::findMatchesNamesOperationsAndValues()
{
    const catalog::Catalog catalog;
    const space::SearchSpace space = *catalog.preset("chain-cnn");
    const auto names = [&](const char* words) {
        std::set<std::string> found;
        for (const space::NodeId id : findNodes(space, catalog.operations(), QString::fromLatin1(words)))
            found.insert(space.find(id)->name);
        return found;
    };
    QVERIFY(names("").empty());
    QVERIFY(names("   ").empty());
    QVERIFY(names("CONV").contains("conv"));
    QVERIFY(names("kernel").contains("conv"));
    QVERIFY(names("layers conv kernel").contains("conv"));
    QVERIFY(names("layers nonsense").empty());
}

void TestEditorTools::miniMapMovesTheView()
{
    EditorBench bench;
    const catalog::Catalog catalog;
    bench.document.setSpace(*catalog.preset("chain-cnn"));
    QTRY_VERIFY(bench.atRest());
    auto* map = bench.editor.findChild<MiniMap*>();
    QVERIFY(map->isVisible());
    bench.view->setZoom(2);
    const QRectF content = bench.scene->contentRect();
    // The map has the block's picture a moment after the change.
    QTRY_VERIFY(QRectF(map->rect()).contains(map->onMap(content.bottomRight()))
        && map->onMap(content.topLeft()) != map->onMap(content.bottomRight()));
    QTRY_VERIFY((map->onMap(content.center()) - QRectF(map->rect()).center()).manhattanLength() < 3);
    const QPointF target(content.center().x(), content.bottom());
    QTest::mousePress(map, Qt::LeftButton, {}, map->onMap({ content.center().x(), content.top() }).toPoint());
    const double above = bench.view->mapToScene(bench.view->viewport()->rect().center()).y();
    QTest::mouseMove(map, map->onMap(target).toPoint());
    QTest::mouseRelease(map, Qt::LeftButton, {}, map->onMap(target).toPoint());
    const double below = bench.view->mapToScene(bench.view->viewport()->rect().center()).y();
    QVERIFY(below > above + 50);
    QTest::keyClick(bench.view, Qt::Key_M);
    QVERIFY(!map->isVisible());
    QTest::keyClick(bench.view, Qt::Key_M);
    QVERIFY(map->isVisible());
}

void TestEditorTools::groupsAndTakesApart()
{
    EditorBench bench;
    addChain(bench, { "activation", "dropout" });
    QTRY_VERIFY(bench.atRest());
    const std::string before = bench.hash();
    const space::NodeId activation = bench.named("activation").id;
    bench.editor.select({ activation, bench.named("dropout").id });
    QTest::keyClick(bench.view, Qt::Key_G, Qt::ControlModifier);
    QVERIFY(bench.has("block"));
    QVERIFY(bench.connected("input", "block"));
    QVERIFY(bench.connected("block", "output"));
    QTRY_VERIFY(bench.atRest());
    QCOMPARE(bench.editor.selectedNodes(), std::vector{ bench.named("block").id });
    QVERIFY(!bench.document.hasErrors());
    QTest::keyClick(bench.view, Qt::Key_Return);
    QVERIFY(bench.connected("activation", "dropout"));
    QTest::keyClick(bench.view, Qt::Key_Escape);
    QTest::keyClick(bench.view, Qt::Key_G, Qt::ControlModifier | Qt::ShiftModifier);
    QCOMPARE(bench.hash(), before);
    QCOMPARE(bench.editor.selectedNodes().size(), 2U);
    QCOMPARE(bench.named("activation").id, activation);
    bench.document.undoStack()->undo();
    QVERIFY(bench.has("block"));
    bench.document.undoStack()->undo();
    QCOMPARE(bench.hash(), before);
}

void TestEditorTools::groupingIsRefusedWithAReason()
{
    EditorBench bench;
    addChain(bench, { "activation", "dropout", "identity" });
    QTRY_VERIFY(bench.atRest());
    const std::string before = bench.hash();
    bench.editor.select({ bench.named("activation").id, bench.named("identity").id });
    QTest::keyClick(bench.view, Qt::Key_G, Qt::ControlModifier);
    QVERIFY2(bench.message().contains(QStringLiteral("dropout")), qPrintable(bench.message()));
    QCOMPARE(bench.hash(), before);
}

void TestEditorTools::blocksExpandInPlace()
{
    EditorBench bench;
    const auto [repeat, dropout] = addRepeatOfDropout(bench);
    QTRY_VERIFY(bench.atRest());
    bench.editor.select({ repeat });
    const QSizeF collapsed = bench.scene->node(repeat)->look().size;
    QTest::keyClick(bench.view, Qt::Key_X);
    const NodeItem* item = bench.scene->node(repeat);
    QTRY_VERIFY(item->look().inside);
    QCOMPARE(item->look().inside->boxes.size(), 3U);
    QVERIFY(item->look().size.height() > collapsed.height() + 60);
    QTRY_VERIFY(item->sceneBox().bottom() < bench.scene->node(bench.named("output").id)->sceneBox().top());
    QCOMPARE(bench.document.undoStack()->count(), 2); // a way of looking, no edit
    const auto box = std::ranges::find(item->look().inside->boxes, dropout, &BlockPreview::Box::node);
    const QPointF inner = item->sceneBox().topLeft() + item->look().insideAt + box->rect.center();
    QTest::mouseDClick(bench.view->viewport(), Qt::LeftButton, {}, bench.inView(inner));
    QCOMPARE(bench.editor.block(), repeat);
    QCOMPARE(bench.editor.selectedNodes(), std::vector{ dropout });
    addChain(bench, { "activation" });
    bench.editor.openBlock({});
    QTRY_COMPARE(bench.scene->node(repeat)->look().inside->boxes.size(), 4U);
    bench.editor.select({ repeat });
    QTest::keyClick(bench.view, Qt::Key_X);
    QVERIFY(!bench.scene->node(repeat)->look().inside);
}

void TestEditorTools::aButtonMendsAnIssue()
{
    EditorBench bench;
    bench.document.setTaskShape({ { 3, 8, 8 }, 10 });
    addChain(bench, { "conv", "linear" });
    setParameter(bench, "linear", "features", space::Expression{ "classes" });
    QTRY_VERIFY(!bench.document.isSurveying());
    QTRY_VERIFY(bench.document.hasErrors());
    const auto button = [&bench] { return bench.editor.findChild<QPushButton*>(QStringLiteral("repair0")); };
    QTRY_VERIFY(button() && button()->isVisible());
    QPushButton* mend = button();
    QVERIFY2(mend->toolTip().contains(QStringLiteral("flatten")), qPrintable(mend->toolTip()));
    // Titles are read whole, however little room there is.
    for (const int width : { 900, 520 }) {
        bench.editor.resize(width, 800);
        QCoreApplication::processEvents();
        int shown = 0;
        while (const auto* offer = bench.editor.findChild<QPushButton*>(QStringLiteral("repair%1").arg(shown))) {
            QVERIFY(mend->parentWidget()->rect().contains(offer->geometry()));
            QVERIFY2(offer->width() >= offer->sizeHint().width(), qPrintable(offer->text()));
            QVERIFY(offer->toolTip().startsWith(offer->text()));
            ++shown;
        }
        QVERIFY(shown >= 2);
    }
    QTest::mouseClick(mend, Qt::LeftButton);
    QVERIFY(bench.connected("conv", "flatten"));
    QVERIFY(bench.connected("flatten", "linear"));
    QTRY_VERIFY(!bench.document.isSurveying());
    QVERIFY(!bench.document.hasErrors());
    QVERIFY(bench.document.undoStack()->undoText().contains(QStringLiteral("flatten")));
    QTRY_VERIFY(bench.atRest());
    bench.document.undoStack()->undo();
    // Who only looks is offered nothing.
    bench.editor.setAccess(SpaceEditor::Access::ReadOnly);
    QTRY_VERIFY(bench.document.hasErrors());
    QVERIFY(!bench.editor.findChild<QWidget*>(QStringLiteral("repairs"))->isVisible());
}

void TestEditorTools::shapesThatDoNotFitAreRefused()
{
    EditorBench bench;
    bench.document.setTaskShape({ { 3, 8, 8 }, 10 });
    QTRY_VERIFY(bench.atRest());
    bench.drop(QStringLiteral("operation:linear"), QPoint(150, 300));
    QTRY_VERIFY(bench.atRest());
    const space::NodeId source = bench.named("input").id;
    QTRY_VERIFY(bench.document.shapesAt(source) && bench.document.shapesAt(source)->text() == "3×8×8");
    bench.drag(bench.output("input"), bench.input("linear"));
    QVERIFY(!bench.connected("input", "linear"));
    QVERIFY2(bench.message().contains(QStringLiteral("3×8×8")) && bench.message().contains(QStringLiteral("Shift")),
        qPrintable(bench.message()));
    // One may mean it: what is missing in between comes later.
    QTest::mousePress(bench.view->viewport(), Qt::LeftButton, Qt::ShiftModifier, bench.output("input"));
    QMouseEvent move(QEvent::MouseMove, bench.input("linear"), bench.view->viewport()->mapToGlobal(bench.input("linear")),
        Qt::NoButton, Qt::LeftButton, Qt::ShiftModifier);
    QApplication::sendEvent(bench.view->viewport(), &move);
    QTest::mouseRelease(bench.view->viewport(), Qt::LeftButton, Qt::ShiftModifier, bench.input("linear"));
    QVERIFY(bench.connected("input", "linear"));
}

void TestEditorTools::takingAPortSaysWhatGoes()
{
    EditorBench bench;
    bench.drop(QStringLiteral("operation:activation"), QPoint(150, 300));
    QTRY_VERIFY(bench.atRest());
    QTest::mousePress(bench.view->viewport(), Qt::LeftButton, {}, bench.output("activation"));
    QTest::mouseMove(bench.view->viewport(), bench.input("output") + QPoint(3, -3));
    QVERIFY2(bench.message().contains(QStringLiteral("place of the connection from input")), qPrintable(bench.message()));
    QTest::mouseRelease(bench.view->viewport(), Qt::LeftButton, {}, bench.input("output"));
    QVERIFY(bench.connected("activation", "output"));
    QVERIFY(bench.message().isEmpty());
}

void TestEditorTools::shapesShowWhileErrorsStand()
{
    EditorBench bench;
    bench.document.setTaskShape({ { 3, 8, 8 }, 10 });
    addChain(bench, { "conv" });
    QTRY_VERIFY(bench.atRest());
    bench.drag(bench.input("output"), QPoint(60, 60)); // nothing reaches the output
    QVERIFY(bench.document.hasErrors());
    QTRY_COMPARE(
        bench.scene->edge({ bench.named("input").id, bench.named("conv").id, 0 })->label(), QStringLiteral("3×8×8"));
}

void TestEditorTools::valuesAreEditedOnTheNode()
{
    EditorBench bench;
    addChain(bench, { "conv" });
    setParameter(bench, "conv", "kernel", space::Domain::categories({ std::int64_t{ 3 }, std::int64_t{ 5 } }));
    setParameter(bench, "conv", "channels", space::Literal{ std::int64_t{ 24 } });
    QTRY_VERIFY(bench.atRest());
    const NodeItem* item = bench.scene->node(bench.named("conv").id);
    const QPoint row = bench.inView(item->rowRect(QStringLiteral("kernel")).center());
    QTest::mouseDClick(bench.view->viewport(), Qt::LeftButton, {}, row);
    QTRY_VERIFY(QApplication::activePopupWidget());
    auto* list = QApplication::activePopupWidget()->findChild<QLineEdit*>(QStringLiteral("value.kernel.list"));
    QVERIFY(list && list->hasFocus());
    QVERIFY(!QApplication::activePopupWidget()->findChild<QWidget*>(QStringLiteral("value.channels")));
    list->selectAll();
    QTest::keyClicks(list, QStringLiteral("3, x"));
    QTest::keyClick(list, Qt::Key_Return);
    QVERIFY(QApplication::activePopupWidget()); // it says what is wrong
    list->selectAll();
    QTest::keyClicks(list, QStringLiteral("1, 3, 7"));
    QTest::keyClick(list, Qt::Key_Return);
    QTRY_VERIFY(!QApplication::activePopupWidget());
    const auto& parameters = std::get<space::Operation>(bench.named("conv").body).parameters;
    QCOMPARE(std::get<space::Domain>(parameters.at("kernel")).values.size(), 3U);
    // A fixed value in the line of fixed ones.
    QTRY_VERIFY(bench.atRest());
    const QRectF note = item->rowRect(QStringLiteral("channels"));
    QTest::mouseDClick(bench.view->viewport(), Qt::LeftButton, {}, bench.inView({ note.left() + 20, note.center().y() }));
    QTRY_VERIFY(QApplication::activePopupWidget());
    auto* value = QApplication::activePopupWidget()->findChild<QLineEdit*>(QStringLiteral("value.channels.value"));
    QVERIFY(value);
    value->selectAll();
    QTest::keyClicks(value, QStringLiteral("32"));
    QTest::keyClick(value, Qt::Key_Return);
    QTRY_VERIFY(!QApplication::activePopupWidget());
    QVERIFY((std::get<space::Operation>(bench.named("conv").body).parameters.at("channels")
        == space::ParameterValue{ space::Literal{ std::int64_t{ 32 } } }));
}

void TestEditorTools::enterOnANodeEditsAllItsValues()
{
    EditorBench bench;
    addChain(bench, { "conv" });
    QTRY_VERIFY(bench.atRest());
    QTest::keyClick(bench.view, Qt::Key_F2);
    QTRY_VERIFY(QApplication::activePopupWidget());
    QVERIFY(QApplication::activePopupWidget()->findChild<QWidget*>(QStringLiteral("value.channels")));
    QVERIFY(QApplication::activePopupWidget()->findChild<QWidget*>(QStringLiteral("value.kernel")));
    QTest::keyClick(QApplication::activePopupWidget(), Qt::Key_Escape);
    QTRY_VERIFY(!QApplication::activePopupWidget());
    bench.editor.setAccess(SpaceEditor::Access::ReadOnly);
    QVERIFY(!actionOf(bench, "spaceEditValue")->isEnabled());
}

void TestEditorTools::textFollowsTheCanvasAndBack()
{
    EditorBench bench;
    QTRY_VERIFY(bench.atRest());
    QTest::keyClick(bench.view, Qt::Key_J, Qt::ControlModifier);
    auto* text = bench.editor.findChild<QPlainTextEdit*>(QStringLiteral("spaceText"));
    QVERIFY(text->isVisible());
    QVERIFY(!text->toPlainText().contains(QStringLiteral("dropout")));
    addChain(bench, { "dropout" });
    const space::NodeId dropout = bench.named("dropout").id;
    QVERIFY(text->toPlainText().contains(QStringLiteral("\"op\": \"dropout\"")));
    // Typed: the node's name, once where it stands and once in each edge. In between the text is unsound, and nothing
    // happens.
    const int steps = bench.document.undoStack()->count();
    QString changed = text->toPlainText();
    changed.replace(
        QStringLiteral("\"op\": \"dropout\""), QStringLiteral("\"op\": \"dropout\",\n\"parameters\": {\"rate\": 0.5}"));
    text->selectAll();
    text->insertPlainText(changed);
    QTRY_COMPARE(bench.document.undoStack()->count(), steps + 1);
    QCOMPARE(bench.named("dropout").id, dropout);
    QCOMPARE(std::get<space::Operation>(bench.named("dropout").body).parameters.size(), 1U);
    QCOMPARE(text->toPlainText(), changed); // as it was written
    bench.document.undoStack()->undo();
    QVERIFY(!text->toPlainText().contains(QStringLiteral("rate")));
    bench.editor.setAccess(SpaceEditor::Access::ReadOnly);
    QVERIFY(text->isReadOnly());
}

void TestEditorTools::textErrorsNameLineAndPointer()
{
    EditorBench bench;
    addChain(bench, { "dropout" });
    QTRY_VERIFY(bench.atRest());
    actionOf(bench, "spaceTextView")->trigger();
    auto* text = bench.editor.findChild<QPlainTextEdit*>(QStringLiteral("spaceText"));
    auto* problem = bench.editor.findChild<QToolButton*>(QStringLiteral("spaceTextProblem"));
    const QString sound = text->toPlainText();
    const std::string before = bench.hash();
    QString broken = sound;
    text->selectAll();
    text->insertPlainText(broken.replace(QStringLiteral("\"op\": \"dropout\""), QStringLiteral("\"op\": 3")));
    QTRY_VERIFY(problem->isVisible());
    QVERIFY2(problem->text().startsWith(QStringLiteral("Line ")), qPrintable(problem->text()));
    QVERIFY2(problem->text().contains(QStringLiteral("/graph/nodes/")), qPrintable(problem->text()));
    QCOMPARE(bench.hash(), before);
    QTest::mouseClick(problem, Qt::LeftButton);
    QVERIFY(text->textCursor().block().text().contains(QStringLiteral("\"op\": 3")));
    text->selectAll();
    text->insertPlainText(sound.chopped(4));
    QTRY_VERIFY(problem->text().contains(QStringLiteral("line")));
    text->selectAll();
    text->insertPlainText(sound);
    QTRY_VERIFY(!problem->isVisible());
    QCOMPARE(bench.hash(), before);
}

void TestEditorTools::pointersHaveLines_data()
{
    QTest::addColumn<QString>("pointer");
    QTest::addColumn<int>("line");
    QTest::newRow("root") << "" << 1;
    QTest::newRow("member") << "/a" << 2;
    QTest::newRow("element") << "/b/1" << 5;
    QTest::newRow("inside") << "/b/1/c" << 5;
    QTest::newRow("after strings with braces") << "/d" << 7;
    QTest::newRow("escaped") << "/e~1f" << 8;
    QTest::newRow("absent: as deep as it goes") << "/b/7/x" << 3;
}

void TestEditorTools::pointersHaveLines()
{
    QFETCH(const QString, pointer);
    QFETCH(const int, line);
    const char* text = "{\n \"a\": \"}\\\"{\",\n \"b\": [\n  1,\n  {\"c\": 2}\n ],\n \"d\": 3,\n \"e/f\": 4\n}";
    QCOMPARE(lineOfPointer(text, pointer.toStdString()), line);
    for (int cut = 0; cut < static_cast<int>(std::strlen(text)); ++cut) // half-typed text is no harm
        QVERIFY(lineOfPointer(std::string_view(text, static_cast<std::size_t>(cut)), pointer.toStdString()) >= 1);
}

void TestEditorTools::clipboardHoldsJsonForOtherSpaces()
{
    EditorBench from;
    addChain(from, { "conv", "dropout" });
    QTRY_VERIFY(from.atRest());
    from.editor.select({ from.named("conv").id, from.named("dropout").id });
    actionOf(from, "spaceCopy")->trigger();
    const QMimeData* data = QApplication::clipboard()->mimeData();
    QVERIFY(data->hasFormat(QStringLiteral("application/json")));
    QCOMPARE(data->text().toUtf8(), data->data(QStringLiteral("application/json")));
    EditorBench to;
    QTRY_VERIFY(to.atRest());
    actionOf(to, "spacePaste")->trigger();
    QVERIFY(to.connected("conv", "dropout"));
    // A whole space as text.
    const catalog::Catalog catalog;
    QApplication::clipboard()->setText(QString::fromStdString(space::spaceToJson(*catalog.preset("mlp")).dump()));
    const auto before = to.scene->nodes().size();
    actionOf(to, "spacePaste")->trigger();
    QCOMPARE(to.scene->nodes().size(), before + catalog.preset("mlp")->root.nodes.size() - 2);
}

void TestEditorTools::picturesAreWritten_data()
{
    QTest::addColumn<QString>("ending");
    QTest::addColumn<QByteArray>("beginning");
    QTest::newRow("svg") << "svg" << QByteArray("<?xml");
    QTest::newRow("png") << "png" << QByteArray("\x89PNG");
    QTest::newRow("pdf") << "pdf" << QByteArray("%PDF");
}

void TestEditorTools::picturesAreWritten()
{
    QFETCH(const QString, ending);
    QFETCH(const QByteArray, beginning);
    EditorBench bench;
    addChain(bench, { "conv" });
    QTRY_VERIFY(bench.atRest());
    const auto selected = bench.editor.selectedNodes();
    QTemporaryDir folder;
    const QString file = folder.filePath(QStringLiteral("space.") + ending);
    QSignalSpy written(&bench.editor, &SpaceEditor::pictureWritten);
    QSignalSpy selection(&bench.editor, &SpaceEditor::selectionChanged);
    bench.editor.exportPicture(file);
    QTRY_COMPARE(written.count(), 1);
    QCOMPARE(written.front().at(1).toString(), QString());
    QFile read(file);
    QVERIFY(read.open(QIODevice::ReadOnly));
    const QByteArray content = read.readAll();
    QVERIFY(content.startsWith(beginning));
    QVERIFY(content.size() > 500);
    if (ending == QStringLiteral("svg"))
        QVERIFY(content.contains("Convolution"));
    QCOMPARE(selection.count(), 0); // what is selected is left alone
    QCOMPARE(bench.editor.selectedNodes(), selected);
    bench.editor.exportPicture(folder.filePath(QStringLiteral("no/such/") + ending));
    QTRY_COMPARE(written.count(), 2);
    QVERIFY(!written.back().at(1).toString().isEmpty());
}

void TestEditorTools::panelShowsTheSpaceAtAGlance()
{
    const auto catalog = std::make_shared<const catalog::Catalog>();
    SpaceDocument document(std::shared_ptr<const space::OperationSet>(catalog, &catalog->operations()));
    document.setSpace(*catalog->preset("chain-cnn"));
    SpacePanel panel(catalog, &document);
    panel.show();
    QTRY_VERIFY(!document.isSurveying());
    const auto text = [&panel](const char* name) { return panel.findChild<QLabel*>(QString::fromLatin1(name))->text(); };
    QVERIFY(text("spaceSize") != QStringLiteral("–"));
    QVERIFY(text("spaceParameters") != QStringLiteral("–"));
    QVERIFY(text("spaceFitting").contains(QStringLiteral("sampled")));
    auto* samples = panel.findChild<QListWidget*>(QStringLiteral("spaceSamples"));
    QTRY_VERIFY(samples->count() > 0);
    QVERIFY(!samples->item(0)->icon().isNull());
    auto* strategies = panel.findChild<QListWidget*>(QStringLiteral("spaceStrategies"));
    QCOMPARE(strategies->count(), static_cast<int>(catalog->strategies().all().size()));
    samples->setCurrentRow(0);
    QTest::keyClick(samples, Qt::Key_Return);
    auto* network = panel.findChild<NetworkView*>(QStringLiteral("sampledNetwork"));
    QVERIFY(network && network->isVisible());
    QTRY_VERIFY(!network->picture().nodes.empty());
    space::SearchSpace broken = document.space();
    broken.root.edges.clear();
    document.setSpace(std::move(broken));
    QTRY_VERIFY(strategies->count() > 0 && strategies->item(0)->text().contains(QStringLiteral("errors")));
    QCOMPARE(samples->count(), 0);
}

void TestEditorTools::latencyIsPredictedInTheBackground()
{
    const auto catalog = std::make_shared<const catalog::Catalog>();
    SpaceDocument document(std::shared_ptr<const space::OperationSet>(catalog, &catalog->operations()));
    document.setSpace(*catalog->preset("mlp"));
    SpacePanel panel(catalog, &document);
    const auto* label = panel.findChild<QLabel*>(QStringLiteral("spaceLatency"));
    QTRY_VERIFY(!document.isSurveying());
    QCOMPARE(label->text(), QStringLiteral("–")); // nobody predicts
    std::atomic<int> onThisThread = 0;
    document.setLatencyPredictor([&onThisThread](const network::Network& network) -> Result<double> {
        onThisThread += QThread::currentThread() == qApp->thread();
        return static_cast<double>(network.layers.size());
    });
    QTRY_VERIFY(document.latency() && !document.isPredicting());
    const network::ShapeSurvey survey = document.survey();
    QCOMPARE(document.latency()->low, static_cast<double>(survey.layers.low + 1));
    QCOMPARE(document.latency()->high, static_cast<double>(survey.layers.high + 1));
    QCOMPARE(label->text(), QStringLiteral("%1 to %2 ms").arg(survey.layers.low + 1).arg(survey.layers.high + 1));
    // A budget of the space keeps what is sampled below it.
    space::SearchSpace bounded = document.space();
    const auto most = static_cast<double>(survey.layers.median);
    bounded.constraints.push_back(space::Budget { space::Budget::Metric::Latency, {}, most });
    document.setSpace(bounded);
    QTRY_VERIFY(!document.isSurveying());
    QTRY_VERIFY(document.latency() && document.latency()->high <= most);
    QCOMPARE(document.survey().fitting, document.survey().sampled);
    QCOMPARE(onThisThread, 0);
    bounded.root.edges.clear();
    document.setSpace(std::move(bounded));
    QVERIFY(!document.latency());
}

void TestEditorTools::actionsAreComplete()
{
    EditorBench bench;
    std::set<QString> names;
    std::map<QString, QString> shortcuts;
    for (const QAction* action : bench.view->actions()) {
        QVERIFY(names.insert(action->objectName()).second);
        QVERIFY(!action->toolTip().isEmpty());

        for (const QKeySequence& keys : action->shortcuts())
            QVERIFY2(shortcuts.emplace(keys.toString(), action->objectName()).second, qPrintable(keys.toString()));
    }
    QVERIFY(names.size() > 30);
    for (const QAction* action : bench.editor.editorActions())
        QVERIFY(action->isSeparator() || action->menu() || names.contains(action->objectName()));
}

QTEST_MAIN(TestEditorTools)
#include "tst_editor_tools.moc"
