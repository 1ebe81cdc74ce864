// Every primitive of spaces drawn as a person draws it: palette, mouse, keys and forms.
#include "inspector_bench.h"

#include "core/space/decision_space.h"
#include "ui/graph/prior_bars.h"
#include "ui/graph/space_text.h"

#include "ui/theme/theme.h"

#include <QComboBox>
#include <QDir>
#include <QListWidget>
#include <QPainter>
#include <QRadioButton>

using namespace archscope;
using namespace archscope::ui;

namespace {

/// Types into a line without leaving it.
void typeInto(QLineEdit* line, const QString& text)
{
    QVERIFY(line);
    line->setFocus();
    QTest::keyClicks(line, text);
}

class PrimitiveBench : public InspectorBench {
public:
    PrimitiveBench()
        : palette(testOperations())
    {
        palette.follow(&document);
        QObject::connect(&palette, &OperationPalette::activated, &editor, &SpaceEditor::addEntry);
        palette.resize(260, 600);
        palette.show();
        (void)QTest::qWaitForWindowExposed(&palette);
        editor.activateWindow();
        (void)QTest::qWaitForWindowActive(&editor);
        view->setFocus();
    }

    /// By typing in the palette and double-clicking what it found.
    void addFromPalette(const QString& words)
    {
        auto* search = palette.findChild<QLineEdit*>(QStringLiteral("paletteSearch"));
        auto* tree = palette.findChild<QTreeWidget*>(QStringLiteral("paletteTree"));
        search->clear();
        QTest::keyClicks(search, words);
        QVERIFY2(tree->currentItem(), qPrintable(words));
        tree->scrollToItem(tree->currentItem());
        const QPoint at = tree->visualItemRect(tree->currentItem()).center();
        QTest::mouseClick(tree->viewport(), Qt::LeftButton, {}, at);
        QTest::mouseDClick(tree->viewport(), Qt::LeftButton, {}, at);
        search->clear();
    }
    void key(int key, Qt::KeyboardModifiers modifiers = {})
    {
        editor.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&editor));
        view->setFocus();
        QTest::keyClick(view, static_cast<Qt::Key>(key), modifiers);
    }
    /// Where it stands; again when the layout has moved it meanwhile.
    void clickNode(const std::string& name)
    {
        QTRY_VERIFY((click(header(name)), editor.selectedNodes() == std::vector{ named(name).id }));
    }
    void clickButton(const char* name)
    {
        auto* button = field<QAbstractButton>(name);
        QVERIFY2(button, name);
        QVERIFY2(button->isEnabled(), name);
        QTest::mouseClick(button, Qt::LeftButton, {}, QPoint(8, button->height() / 2));
    }
    void setNumber(const char* name, int value)
    {
        auto* box = field<QSpinBox>(name);
        QVERIFY2(box, name);
        inspector.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&inspector));
        box->setFocus();
        box->selectAll();
        QTest::keyClicks(box, QString::number(value));
        QTest::keyClick(box, Qt::Key_Return);
        QCoreApplication::processEvents();
    }
    /// A connection with a choice on it.
    void altDrag(QPoint from, QPoint to) const
    {
        QTest::mousePress(view->viewport(), Qt::LeftButton, Qt::AltModifier, from);
        constexpr int steps = 5;
        for (int i = 1; i <= steps; ++i)
            QTest::mouseMove(view->viewport(), from + (to - from) * i / steps);
        QTest::mouseRelease(view->viewport(), Qt::LeftButton, Qt::AltModifier, to);
    }
    /// The middle of the connection between these, on the canvas.
    QPoint onEdge(const std::string& from, const std::string& to) const
    {
        for (const space::Edge& edge : scene->block().edges)
            if (edge.from == named(from).id && edge.to == named(to).id)
                return inView(scene->edge(edge)->path().pointAtPercent(0.5));
        qFatal("no such edge");
    }
    const space::Edge* edge(const std::string& from, const std::string& to) const
    {
        for (const space::Edge& edge : scene->block().edges)
            if (edge.from == named(from).id && edge.to == named(to).id)
                return &edge;
        return nullptr;
    }
    void menuOn(const char* action, QPoint at)
    {
        QContextMenuEvent event(QContextMenuEvent::Mouse, at, view->viewport()->mapToGlobal(at));
        QApplication::sendEvent(view->viewport(), &event);
        QTRY_VERIFY(editor.findChild<QMenu*>(QStringLiteral("spaceMenu")));
        auto* menu = editor.findChild<QMenu*>(QStringLiteral("spaceMenu"));
        QAction* found = nullptr;
        for (QAction* each : menu->actions())
            if (each->objectName() == QLatin1String(action))
                found = each;
        QVERIFY2(found && found->isEnabled(), action);
        QTest::mouseClick(menu, Qt::LeftButton, {}, menu->actionGeometry(found).center());
        QTRY_VERIFY(!editor.findChild<QMenu*>(QStringLiteral("spaceMenu")));
    }
    /// Without errors of structure; shapes are found out later.
    bool isSound() const
    {
        return std::ranges::none_of(space::check(document.space(), document.operations()),
            [](const space::Issue& issue) { return issue.severity == space::Issue::Severity::Error; });
    }
    template <class Body> const Body& body(const std::string& name) const { return std::get<Body>(named(name).body); }
    void undoAll()
    {
        while (document.undoStack()->canUndo())
            document.undoStack()->undo();
    }
    /// Palette, canvas and inspector side by side, as in the window.
    void savePicture(const QString& name)
    {
        const QString folder = qEnvironmentVariable("ARCHSCOPE_PICTURES");
        if (folder.isEmpty())
            return;
        QCoreApplication::processEvents();
        const QList<QWidget*> widgets{ &palette, &editor, &inspector };
        QImage image(palette.width() + editor.width() + inspector.width(), editor.height(), QImage::Format_RGB32);
        QPainter painter(&image);
        int x = 0;
        for (QWidget* widget : widgets) {
            painter.drawPixmap(x, 0, widget->grab());
            x += widget->width();
        }
        painter.end();
        QVERIFY(image.save(QDir(folder).filePath(name + QStringLiteral(".png"))));
    }

    OperationPalette palette;
};

} // namespace

class TestPrimitives : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyEntryIsAddedAndUndone_data();
    void everyEntryIsAddedAndUndone();
    void choiceOfSeveral();
    void alternativesFromAChecklist();
    void alternativesMoveAndDuplicate();
    void selectionOfInputs();
    void orderOfSteps();
    void recurrentCell();
    void furtherInputGivesAPort();
    void altDragDrawsAChoice();
    void edgeMenuInsertsAndMakesOptional();
    void labelsFollowTheirEdge();
    void boxBecomesALabel();
    void blockBecomesReusable();
    void definitionIsRenamedSharedAndRemoved();
    void argumentsOfAUse();
    void useIsDetached();
    void priorOfADomain();
    void variablesOfEveryType();
    void forbidACombination();
    void boundsOfAConstraint();
    void constraintsThatCannotHold();
    void eachPrimitiveHasItsSign_data();
    void eachPrimitiveHasItsSign();
    void nasBench201FromAnEmptyCanvas_data();
    void nasBench201FromAnEmptyCanvas();
};

void TestPrimitives::everyEntryIsAddedAndUndone_data()
{
    QTest::addColumn<QString>("words");
    QTest::addColumn<QString>("name");
    QTest::newRow("choice") << "choice"
                            << "choice";
    QTest::newRow("choice on an edge") << "choice on an edge"
                                       << "edge";
    QTest::newRow("selection") << "selection of"
                               << "selection";
    QTest::newRow("order") << "order"
                           << "order";
    QTest::newRow("repeat") << "repeat"
                            << "repeat";
    QTest::newRow("block") << "nested"
                           << "block";
    QTest::newRow("recurrent") << "recurrent cell"
                               << "recurrent";
}

void TestPrimitives::everyEntryIsAddedAndUndone()
{
    QFETCH(const QString, words);
    QFETCH(const QString, name);
    PrimitiveBench bench;
    QTRY_VERIFY(bench.atRest());
    const std::string before = bench.hash();
    bench.addFromPalette(words);
    QVERIFY(bench.has(name.toStdString()));
    QVERIFY(bench.connected("input", name.toStdString()));
    QVERIFY2(bench.isSound(), "a new node is sound");
    QTRY_VERIFY(bench.atRest());
    QVERIFY(bench.field<QLineEdit>("nodeName"));
    bench.key(Qt::Key_Z, Qt::ControlModifier);
    QCOMPARE(bench.hash(), before);
}

void TestPrimitives::alternativesFromAChecklist()
{
    PrimitiveBench bench;
    bench.addFromPalette(QStringLiteral("choice"));
    bench.clickButton("addSeveral");
    QTRY_VERIFY(QApplication::activePopupWidget());
    auto* popup = QApplication::activePopupWidget();
    auto* search = popup->findChild<QLineEdit*>(QStringLiteral("checklistSearch"));
    // Typed with commas, the last one by Enter, one more by the mouse.
    typeInto(search, QStringLiteral("conv, max pool, zer"));
    QTest::keyClick(search, Qt::Key_Return);
    auto* list = popup->findChild<QListWidget*>(QStringLiteral("checklistList"));
    const auto drop = list->findItems(QStringLiteral("Dropout"), Qt::MatchExactly);
    QCOMPARE(drop.size(), 1);
    list->scrollToItem(drop.front());
    const QRect row = list->visualItemRect(drop.front());
    QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, QPoint(row.left() + 10, row.center().y()));
    QCOMPARE(drop.front()->checkState(), Qt::Checked);
    QTest::mouseClick(popup->findChild<QPushButton*>(QStringLiteral("checklistAdd")), Qt::LeftButton);
    std::vector<std::string> names;
    for (const space::Node& alternative : bench.body<space::Choice>("choice").alternatives)
        names.push_back(alternative.name);
    QCOMPARE(names, (std::vector<std::string>{ "identity", "conv", "max-pool", "zero", "dropout" }));
    QCOMPARE(bench.scene->node(bench.named("choice").id)->look().title, QStringLiteral("One of 5"));
    bench.document.undoStack()->undo();
    QCOMPARE(bench.body<space::Choice>("choice").alternatives.size(), 1U);
}

void TestPrimitives::choiceOfSeveral()
{
    PrimitiveBench bench;
    bench.addFromPalette(QStringLiteral("choice"));
    bench.clickButton("addSeveral");
    QTRY_VERIFY(QApplication::activePopupWidget());
    auto* search = QApplication::activePopupWidget()->findChild<QLineEdit*>(QStringLiteral("checklistSearch"));
    typeInto(search, QStringLiteral("dropout, activation,"));
    QTest::keyClick(search, Qt::Key_Return);
    QCOMPARE(bench.body<space::Choice>("choice").alternatives.size(), 3U);
    bench.setNumber("pickHigh", 2);
    QCOMPARE(bench.body<space::Choice>("choice").pickHigh, 2);
    bench.setNumber("pickLow", 2);
    QCOMPARE(bench.body<space::Choice>("choice").pickLow, 2);
    QTRY_COMPARE(bench.scene->node(bench.named("choice").id)->look().title, QStringLiteral("2 of 3"));
    auto* merge = bench.field<QComboBox>("merge");
    QVERIFY(merge);
    const int concat = merge->findData(QStringLiteral("concat"));
    QVERIFY(concat >= 0);
    QVERIFY2(merge->findData(QStringLiteral("conv")) < 0, "only what takes any number of inputs merges");
    merge->setFocus();
    merge->setCurrentIndex(concat);
    Q_EMIT merge->activated(concat);
    QCOMPARE(bench.body<space::Choice>("choice").merge, std::string("concat"));
    // Picking fewer than the least pulls the least along.
    bench.setNumber("pickHigh", 1);
    QCOMPARE(bench.body<space::Choice>("choice").pickLow, 1);
    QTRY_COMPARE(bench.document.count().value_or(""), std::string("3"));
}

void TestPrimitives::alternativesMoveAndDuplicate()
{
    PrimitiveBench bench;
    bench.addFromPalette(QStringLiteral("choice"));
    bench.clickButton("addAlternative");
    QTRY_VERIFY(QApplication::activePopupWidget());
    auto* search = QApplication::activePopupWidget()->findChild<QLineEdit*>();
    QTest::keyClicks(search, QStringLiteral("dropout"));
    QTest::keyClick(search, Qt::Key_Return);
    const auto names = [&bench] {
        std::vector<std::string> all;
        for (const space::Node& alternative : bench.body<space::Choice>("choice").alternatives)
            all.push_back(alternative.name);
        return all;
    };
    const auto trigger = [&bench](const char* row, const char* action) {
        auto* more = bench.field<QToolButton>((std::string(row) + ".more").c_str());
        QVERIFY2(more, row);
        auto* entry = more->menu()->findChild<QAction*>(QString::fromLatin1(row) + QLatin1Char('.') + QLatin1String(action));
        QVERIFY(entry && entry->isEnabled());
        entry->trigger();
    };
    trigger("alternative.dropout", "up");
    QCOMPARE(names(), (std::vector<std::string>{ "dropout", "identity" }));
    trigger("alternative.dropout", "duplicate");
    QCOMPARE(names(), (std::vector<std::string>{ "dropout", "dropout2", "identity" }));
    bench.enter("alternative.dropout2.name", QStringLiteral("a/b"));
    QVERIFY(bench.field<QLabel>("alternative.dropout2.nameProblem")->isVisible());
    bench.enter("alternative.dropout2.name", QStringLiteral("more"));
    QCOMPARE(names()[1], std::string("more"));
}

void TestPrimitives::selectionOfInputs()
{
    PrimitiveBench bench;
    bench.addFromPalette(QStringLiteral("selection of"));
    QTRY_VERIFY(bench.atRest());
    bench.drop(QStringLiteral("operation:activation"), QPoint(120, 300));
    QTRY_VERIFY(bench.atRest());
    bench.drag(bench.output("input"), bench.input("activation"));
    bench.drag(bench.output("activation"), bench.input("selection", 1));
    QVERIFY(bench.connected("activation", "selection", 1));
    bench.clickNode("selection");
    bench.setNumber("pickHigh", 2);
    QCOMPARE(bench.body<space::Select>("selection").pickHigh, 2);
    QTRY_COMPARE(bench.scene->node(bench.named("selection").id)->look().title, QStringLiteral("1…2 of 2 inputs"));
    QVERIFY(bench.field<QComboBox>("merge"));
    QTRY_COMPARE(bench.document.count().value_or(""), std::string("3"));
}

void TestPrimitives::orderOfSteps()
{
    PrimitiveBench bench;
    bench.addFromPalette(QStringLiteral("order"));
    QCOMPARE(bench.body<space::Order>("order").steps.size(), 2U);
    bench.clickButton("addStep");
    QTRY_VERIFY(QApplication::activePopupWidget());
    auto* search = QApplication::activePopupWidget()->findChild<QLineEdit*>();
    QTest::keyClicks(search, QStringLiteral("identity"));
    QTest::keyClick(search, Qt::Key_Return);
    QCOMPARE(bench.body<space::Order>("order").steps.size(), 3U);
    QTRY_COMPARE(bench.document.count().value_or(""), std::string("6"));
    QCOMPARE(bench.scene->node(bench.named("order").id)->look().rows.size(), 3U);
    bench.clickButton("step.activation.remove");
    QTRY_COMPARE(bench.document.count().value_or(""), std::string("2"));
}

void TestPrimitives::recurrentCell()
{
    PrimitiveBench bench;
    bench.document.setTaskShape({ { 12, 3 }, 4 });
    bench.addFromPalette(QStringLiteral("recurrent cell"));
    QVERIFY(bench.isSound());
    bench.clickButton("lastOnly");
    QVERIFY(bench.body<space::Recurrent>("recurrent").lastOnly);
    bench.chooseMode("hidden", "List");
    bench.enter("hidden.list", QStringLiteral("32, 64"));
    QCOMPARE(valueText(bench.body<space::Recurrent>("recurrent").hidden), QStringLiteral("32·64"));
    QTRY_VERIFY(bench.atRest());
    QTest::mouseDClick(bench.view->viewport(), Qt::LeftButton, {}, bench.header("recurrent"));
    QVERIFY(bench.has("features"));
    QVERIFY(bench.has("state"));
}

void TestPrimitives::furtherInputGivesAPort()
{
    PrimitiveBench bench;
    bench.addFromPalette(QStringLiteral("nested"));
    QTRY_VERIFY(bench.atRest());
    QTest::mouseDClick(bench.view->viewport(), Qt::LeftButton, {}, bench.header("block"));
    QTRY_VERIFY(bench.atRest());
    bench.addFromPalette(QStringLiteral("further input"));
    QVERIFY(bench.has("input2"));
    bench.enter("nodeName", QStringLiteral("skip"));
    QVERIFY(bench.has("skip"));
    bench.key(Qt::Key_Escape);
    bench.key(Qt::Key_Escape);
    QTRY_COMPARE(bench.scene->node(bench.named("block").id)->look().inputs, 2);
    // The space itself has one input: more are refused, in words.
    bench.key(Qt::Key_Escape);
    bench.addFromPalette(QStringLiteral("further input"));
    QVERIFY2(bench.message().contains(QStringLiteral("only one input")), qPrintable(bench.message()));
}

void TestPrimitives::altDragDrawsAChoice()
{
    PrimitiveBench bench;
    QTRY_VERIFY(bench.atRest());
    bench.drop(QStringLiteral("operation:add"), QPoint(250, 400));
    QTRY_VERIFY(bench.atRest());
    const int before = bench.document.undoStack()->index();
    bench.altDrag(bench.output("input"), bench.input("add"));
    QVERIFY(bench.has("edge"));
    QVERIFY(bench.named("edge").onEdge);
    QVERIFY(bench.connected("input", "edge"));
    QVERIFY(bench.connected("edge", "add"));
    QCOMPARE(bench.document.undoStack()->index(), before + 1);
    const NodeItem* label = bench.scene->node(bench.named("edge").id);
    QCOMPARE(label->look().shape, NodeLook::Shape::Label);
    QVERIFY(label->look().size.height() < node_metrics::headerHeight);
    QVERIFY2(label->toolTip().contains(QStringLiteral("Identity")), "hovering tells the alternatives");
    QCOMPARE(bench.editor.selectedNodes(), std::vector{ bench.named("edge").id });
    QVERIFY2(bench.field<QPushButton>("addSeveral"), "it can be inspected at once");
    // The next one has the same alternatives.
    bench.clickButton("addSeveral");
    QTRY_VERIFY(QApplication::activePopupWidget());
    auto* search = QApplication::activePopupWidget()->findChild<QLineEdit*>(QStringLiteral("checklistSearch"));
    typeInto(search, QStringLiteral("zero,"));
    QTest::keyClick(search, Qt::Key_Return);
    QTRY_VERIFY(bench.atRest());
    bench.altDrag(bench.output("input"), bench.input("add", 1));
    QVERIFY(bench.has("edge2"));
    QCOMPARE(bench.body<space::Choice>("edge2").alternatives.size(), 2U);
    QTRY_VERIFY(bench.atRest());
    QVERIFY2(!bench.scene->boxes().at(bench.named("edge").id).intersects(bench.scene->boxes().at(bench.named("edge2").id)),
        "labels do not lie on each other");
    // A click selects it.
    bench.click(QPoint(5, 5));
    bench.click(bench.inView(bench.scene->boxes().at(bench.named("edge").id).center()));
    QCOMPARE(bench.editor.selectedNodes(), std::vector{ bench.named("edge").id });
    // A choice that was started on nothing can be connected later.
    bench.drag(bench.output("input"), QPoint(100, 650));
    QTRY_VERIFY(QApplication::activePopupWidget());
    auto* quick = QApplication::activePopupWidget()->findChild<QLineEdit*>(QStringLiteral("quickAddSearch"));
    QTest::keyClicks(quick, QStringLiteral("choice on an edge"));
    QTest::keyClick(quick, Qt::Key_Return);
    QVERIFY(bench.connected("input", "edge3"));
    QTRY_VERIFY(bench.atRest());
    QVERIFY(bench.scene->node(bench.named("edge3").id)->look().output);
    bench.drag(bench.output("edge3"), bench.input("add", 2));
    QVERIFY(bench.connected("edge3", "add", 2));
    QVERIFY(!bench.scene->node(bench.named("edge3").id)->look().output);
}

void TestPrimitives::edgeMenuInsertsAndMakesOptional()
{
    PrimitiveBench bench;
    bench.editor.addEntry(QStringLiteral("operation:add"));
    bench.editor.addEntry(QStringLiteral("operation:activation"));
    QTRY_VERIFY(bench.atRest());
    bench.click(bench.onEdge("input", "add"));
    QCOMPARE(bench.editor.selectedEdges().size(), 1U);
    QVERIFY(bench.field<QWidget>("edgeForm"));
    bench.menuOn("edgeOptional", bench.onEdge("input", "add"));
    QVERIFY(bench.edge("input", "add")->optional);
    QVERIFY2(bench.editor.selectedEdges().size() == 1, "it stays selected");
    QVERIFY(bench.field<QRadioButton>("edgeOptional")->isChecked());
    bench.clickButton("edgeRequired");
    QVERIFY(!bench.edge("input", "add")->optional);
    bench.key(Qt::Key_O);
    QVERIFY(bench.edge("input", "add")->optional);
    bench.document.undoStack()->undo();
    QVERIFY(!bench.edge("input", "add")->optional);

    bench.menuOn("spaceEdgeLoose", bench.onEdge("input", "add"));
    QVERIFY(bench.edge("input", "add")->loose);
    QVERIFY(bench.scene->edge(*bench.edge("input", "add"))->toolTip().contains(QStringLiteral("Loose")));
    QVERIFY2(bench.editor.selectedEdges().size() == 1, "it stays selected");
    QTRY_VERIFY(bench.field<QRadioButton>("edgeLoose")->isChecked());
    QVERIFY(bench.editor.findChild<QAction*>(QStringLiteral("spaceEdgeLoose"))->isChecked());
    bench.document.undoStack()->undo();
    QVERIFY(!bench.edge("input", "add")->loose);
    bench.clickButton("edgeLoose");
    QVERIFY(bench.edge("input", "add")->loose);
    bench.key(Qt::Key_O, Qt::ShiftModifier);
    QVERIFY(!bench.edge("input", "add")->loose);

    QTRY_VERIFY(bench.atRest());
    bench.menuOn("spaceEdgeChoice", bench.onEdge("add", "activation"));
    QVERIFY(bench.connected("add", "edge"));
    QVERIFY(bench.connected("edge", "activation"));
    QVERIFY(bench.named("edge").onEdge);
    QVERIFY2(bench.editor.selectedNodes() == std::vector{ bench.named("edge").id }, "one goes on with what was inserted");
    QTRY_VERIFY(bench.atRest());
    bench.click(bench.onEdge("activation", "output"));
    bench.clickButton("edgeForm.spaceEdgeOperation");
    QTRY_VERIFY(QApplication::activePopupWidget());
    auto* quick = QApplication::activePopupWidget()->findChild<QLineEdit*>(QStringLiteral("quickAddSearch"));
    QTest::keyClicks(quick, QStringLiteral("dropout"));
    QTest::keyClick(quick, Qt::Key_Return);
    QVERIFY(bench.named("dropout").onEdge);
    QVERIFY(bench.connected("activation", "dropout"));
    QVERIFY(bench.connected("dropout", "output"));
}

void TestPrimitives::labelsFollowTheirEdge()
{
    PrimitiveBench bench;
    QTRY_VERIFY(bench.atRest());
    bench.drop(QStringLiteral("operation:add"), QPoint(250, 400));
    bench.altDrag(bench.output("input"), bench.input("add"));
    QTRY_VERIFY(bench.atRest());
    const auto place = [&bench](const char* name) { return bench.scene->node(bench.named(name).id)->pos(); };
    const QPointF label = place("edge");
    const QPointF node = place("add");
    const std::string before = bench.hash();
    bench.drag(bench.header("add"), bench.header("add") + QPoint(-100, 60));
    QTRY_VERIFY(bench.atRest());
    const QPointF moved = place("add") - node;
    QVERIFY(moved.manhattanLength() > 50);
    QCOMPARE(place("edge"), label + moved / 2);
    // By itself it can be moved, too; and one undo takes both back.
    bench.document.undoStack()->undo();
    QTRY_VERIFY(bench.atRest());
    QCOMPARE(place("edge"), label);
    const QPoint grab = bench.inView(bench.scene->boxes().at(bench.named("edge").id).center());
    bench.drag(grab, grab + QPoint(60, 0));
    QTRY_VERIFY(bench.atRest());
    QVERIFY(place("edge").x() > label.x() + 20);
    QCOMPARE(place("add"), node);
    QCOMPARE(bench.hash(), before);
}

void TestPrimitives::boxBecomesALabel()
{
    PrimitiveBench bench;
    bench.editor.addEntry(QStringLiteral("operation:activation"));
    QTRY_VERIFY(bench.atRest());
    bench.menuOn("spaceOnEdge", bench.header("activation"));
    QVERIFY(bench.named("activation").onEdge);
    QCOMPARE(bench.scene->node(bench.named("activation").id)->look().shape, NodeLook::Shape::Label);
    QTRY_VERIFY(bench.atRest());
    bench.menuOn("spaceOnEdge", bench.inView(bench.scene->boxes().at(bench.named("activation").id).center()));
    QVERIFY(!bench.named("activation").onEdge);
}

void TestPrimitives::blockBecomesReusable()
{
    PrimitiveBench bench;
    bench.addFromPalette(QStringLiteral("nested"));
    QTRY_VERIFY(bench.atRest());
    const std::string before = bench.hash();
    bench.menuOn("spaceMakeReusable", bench.header("block"));
    QCOMPARE(bench.document.space().definitions.size(), 1U);
    QCOMPARE(bench.body<space::Use>("block").definition, std::string("block"));
    QVERIFY(bench.isSound());
    bench.document.undoStack()->undo();
    QCOMPARE(bench.hash(), before);
    bench.document.undoStack()->redo();
    QTRY_VERIFY(bench.atRest());
    // The palette has it now, and the look says what it is.
    bench.addFromPalette(QStringLiteral("use of block"));
    QVERIFY(bench.has("block2"));
    QVERIFY(bench.connected("block", "block2"));
    QCOMPARE(bench.scene->node(bench.named("block2").id)->look().glyph, Glyph::Link);
    QCOMPARE(bench.scene->node(bench.named("block2").id)->look().inputs, 1);
    // Opening a use opens the definition: the breadcrumb says so.
    QTRY_VERIFY(bench.atRest());
    QTest::mouseDClick(bench.view->viewport(), Qt::LeftButton, {}, bench.header("block"));
    QCOMPARE(bench.editor.block(), bench.document.space().definitions.front().id);
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    auto* crumb = bench.editor.findChild<QToolButton*>(QStringLiteral("breadcrumb1"));
    QVERIFY(crumb);
    QCOMPARE(crumb->text(), QStringLiteral("@block"));
    bench.key(Qt::Key_Escape);
    bench.key(Qt::Key_Escape);
    QVERIFY(!bench.editor.block().isValid());
}

void TestPrimitives::definitionIsRenamedSharedAndRemoved()
{
    PrimitiveBench bench;
    bench.addFromPalette(QStringLiteral("nested"));
    bench.clickButton("makeReusable");
    bench.clickButton("openDefinition");
    QTRY_VERIFY(bench.field<QLineEdit>("definitionName"));
    bench.enter("definitionName", QStringLiteral("a/b"));
    QVERIFY(bench.field<QLabel>("definitionNameProblem")->isVisible());
    bench.enter("definitionName", QStringLiteral("cell"));
    QCOMPARE(bench.document.space().definitions.front().name, std::string("cell"));
    QCOMPARE(std::get<space::Use>(bench.document.space().root.nodes.back().body).definition, std::string("cell"));
    bench.clickButton("definitionShared");
    QVERIFY(!bench.document.space().definitions.front().shared);
    bench.editor.openBlock({});
    bench.clickButton("definition.cell.remove");
    QVERIFY2(bench.document.space().definitions.size() == 1, "it is used");
    QVERIFY(bench.field<QLabel>("definitionsProblem")->text().contains(QStringLiteral("used")));
    bench.clickNode("block");
    bench.key(Qt::Key_Delete);
    bench.clickButton("definition.cell.remove");
    QVERIFY(bench.document.space().definitions.empty());
    bench.document.undoStack()->undo();
    QCOMPARE(bench.document.space().definitions.size(), 1U);
}

void TestPrimitives::argumentsOfAUse()
{
    PrimitiveBench bench;
    bench.addFromPalette(QStringLiteral("nested"));
    bench.clickButton("makeReusable");
    bench.clickButton("openDefinition");
    bench.clickButton("addVariable");
    bench.chooseMode("variable.width", "Fixed");
    bench.editor.openBlock({});
    QTRY_VERIFY(bench.atRest());
    bench.clickNode("block");
    bench.enter("argument.width.value", QStringLiteral("24"));
    const auto argument = [&bench] { return valueText(bench.body<space::Use>("block").arguments.at("width")); };
    QCOMPARE(argument(), QStringLiteral("24"));
    bench.chooseMode("argument.width", "List");
    bench.enter("argument.width.list", QStringLiteral("16, 32"));
    QCOMPARE(argument(), QStringLiteral("16·32"));
    bench.chooseMode("argument.width", "Formula");
    bench.enter("argument.width.formula", QStringLiteral("2*classes"));
    QCOMPARE(argument(), QStringLiteral("2*classes"));
    bench.clickButton("argument.width.reset");
    QVERIFY(bench.body<space::Use>("block").arguments.empty());
    QVERIFY(bench.isSound());
}

void TestPrimitives::useIsDetached()
{
    PrimitiveBench bench;
    bench.addFromPalette(QStringLiteral("nested"));
    bench.key(Qt::Key_R);
    QVERIFY(std::holds_alternative<space::Use>(bench.named("block").body));
    QTRY_VERIFY(bench.atRest());
    bench.menuOn("spaceDetach", bench.header("block"));
    QVERIFY(std::holds_alternative<space::Nested>(bench.named("block").body));
    QCOMPARE(bench.document.space().definitions.size(), 1U);
}

void TestPrimitives::priorOfADomain()
{
    PrimitiveBench bench;
    bench.editor.addEntry(QStringLiteral("operation:dropout"));
    bench.chooseMode("param.rate", "List");
    bench.enter("param.rate.list", QStringLiteral("0.1, 0.2, 0.3"));
    const auto weights = [&bench] { return std::get<space::Domain>(*bench.parameter("dropout", "rate")).weights; };
    QVERIFY(weights().empty());
    bench.clickButton("param.rate.prior");
    auto* bars = bench.field<PriorBars>("param.rate.weights");
    QVERIFY(bars && bars->isVisible());
    // The second bar to its full height by the mouse, the third to nothing by keys.
    QTest::mousePress(bars, Qt::LeftButton, {}, QPoint(bars->width() / 2, 30));
    QTest::mouseMove(bars, QPoint(bars->width() / 2, 2));
    QTest::mouseRelease(bars, Qt::LeftButton, {}, QPoint(bars->width() / 2, 2));
    QCOMPARE(weights(), (std::vector<double>{ 1, 10, 1 }));
    bars = bench.field<PriorBars>("param.rate.weights");
    bars->setFocus();
    QTest::keyClick(bars, Qt::Key_Left);
    QTest::keyClick(bars, Qt::Key_0);
    QCOMPARE(weights(), (std::vector<double>{ 1, 10, 0 }));
    // What stays in the list keeps its weight.
    bench.enter("param.rate.list", QStringLiteral("0.2, 0.5"));
    QCOMPARE(weights(), (std::vector<double>{ 10, 1 }));
    bench.clickButton("param.rate.prior");
    QVERIFY(weights().empty());
}

void TestPrimitives::variablesOfEveryType()
{
    PrimitiveBench bench;
    bench.clickButton("addVariable");
    const auto choose = [&bench](const char* name, int index) {
        auto* type = bench.field<QComboBox>(name);
        QVERIFY2(type, name);
        type->setCurrentIndex(index);
        Q_EMIT type->activated(index);
    };
    const auto value
        = [&bench]() -> const space::ParameterValue& { return bench.document.space().root.variables.front().value; };
    choose("variable.width.type", 3);
    bench.enter("variable.width.value", QStringLiteral("gelu"));
    QCOMPARE(valueText(value()), QStringLiteral("gelu"));
    choose("variable.width.type", 1);
    bench.chooseMode("variable.width", "Range");
    bench.enter("variable.width.high", QStringLiteral("0.5"));
    QCOMPARE(std::get<space::Domain>(value()).kind, space::Domain::Kind::Real);
    choose("variable.width.type", 2);
    QCOMPARE(valueText(value()), QStringLiteral("true"));
    bench.enter("variable.width.name", QStringLiteral("round"));
    QVERIFY2(bench.document.space().root.variables.front().name == "width", "that name has a meaning of its own");
}

void TestPrimitives::forbidACombination()
{
    PrimitiveBench bench;
    bench.editor.addEntry(QStringLiteral("operation:dropout"));
    bench.chooseMode("param.rate", "List");
    bench.enter("param.rate.list", QStringLiteral("0.1, 0.2"));
    bench.editor.addEntry(QStringLiteral("operation:activation"));
    bench.clickButton("nodeOptional");
    bench.editor.select({});
    QTRY_COMPARE(bench.document.count().value_or(""), std::string("4"));
    auto* add = bench.field<QPushButton>("addConstraint");
    add->menu()->findChild<QAction*>(QStringLiteral("addConstraint.forbid"))->trigger();
    auto* tree = bench.field<QTreeWidget>("decisionTree");
    QVERIFY(tree);
    QTRY_COMPARE(tree->topLevelItemCount(), 2);
    QVERIFY2(!bench.field<QPushButton>("constraintSave")->isEnabled(), "nothing is ticked yet");
    typeInto(bench.field<QLineEdit>("decisionSearch"), QStringLiteral("rate"));
    const auto tick = [tree](const QString& key, const QString& value) {
        for (QTreeWidgetItem* item : tree->findItems(value, Qt::MatchExactly | Qt::MatchRecursive))
            if (item->parent() && item->parent()->text(0) == key)
                item->setCheckState(0, Qt::Checked);
    };
    tick(QStringLiteral("dropout.rate"), QStringLiteral("0.2"));
    tick(QStringLiteral("activation#present"), QStringLiteral("false"));
    QTRY_VERIFY(bench.field<QPushButton>("constraintSave")->isEnabled());
    bench.clickButton("constraintSave");
    QCOMPARE(bench.document.space().constraints.size(), 1U);
    QTRY_COMPARE(bench.document.count().value_or(""), std::string("3"));
    QVERIFY(bench.field<QLabel>("constraint.0.text")->text().contains(QStringLiteral("dropout.rate")));
    bench.clickButton("constraint.0.remove");
    QVERIFY(bench.document.space().constraints.empty());
    bench.document.undoStack()->undo();
    QCOMPARE(bench.document.space().constraints.size(), 1U);
}

void TestPrimitives::boundsOfAConstraint()
{
    PrimitiveBench bench;
    auto* add = bench.field<QPushButton>("addConstraint");
    add->menu()->findChild<QAction*>(QStringLiteral("addConstraint.budget"))->trigger();
    const auto problem = [&bench] { return bench.field<QLabel>("constraintProblem")->text(); };
    QVERIFY(problem().contains(QStringLiteral("number")));
    typeInto(bench.field<QLineEdit>("constraintMax"), QStringLiteral("many"));
    QVERIFY(problem().contains(QStringLiteral("many")));
    QVERIFY(!bench.field<QPushButton>("constraintSave")->isEnabled());
    bench.field<QLineEdit>("constraintMax")->clear();
    typeInto(bench.field<QLineEdit>("constraintMax"), QStringLiteral("1e6"));
    QTRY_VERIFY(bench.field<QPushButton>("constraintSave")->isEnabled());
    bench.clickButton("constraintSave");
    QCOMPARE(bench.document.space().constraints.size(), 1U);
    const auto& budget = std::get<space::Budget>(bench.document.space().constraints.front());
    QCOMPARE(budget.max.value_or(0), 1e6);
    bench.clickButton("constraint.0.edit");
    QTRY_VERIFY(bench.field<QLineEdit>("constraintMin"));
    QCOMPARE(bench.field<QLineEdit>("constraintMax")->text(), QStringLiteral("1000000"));
    typeInto(bench.field<QLineEdit>("constraintMin"), QStringLiteral("2,000,000"));
    QVERIFY2(!bench.field<QPushButton>("constraintSave")->isEnabled(), "the bounds cross");
    bench.clickButton("constraintCancel");
    QCOMPARE(bench.document.space().constraints.size(), 1U);
    bench.clickButton("constraint.0.edit");
    QTRY_VERIFY(bench.field<QComboBox>("constraintMetric"));
    auto* metric = bench.field<QComboBox>("constraintMetric");
    metric->setCurrentIndex(metric->findText(QStringLiteral("Latency"), Qt::MatchStartsWith));
    bench.field<QLineEdit>("constraintMax")->clear();
    typeInto(bench.field<QLineEdit>("constraintMax"), QStringLiteral("2.5"));
    QTRY_VERIFY(bench.field<QPushButton>("constraintSave")->isEnabled());
    bench.clickButton("constraintSave");
    QVERIFY(bench.document.space().constraints.front() == space::Constraint(space::Budget { space::Budget::Metric::Latency, {}, 2.5 }));
    QCOMPARE(bench.field<QLabel>("constraint.0.text")->text(), QStringLiteral("latency ≤ 2.5 ms"));
}

void TestPrimitives::constraintsThatCannotHold()
{
    PrimitiveBench bench;
    bench.editor.addEntry(QStringLiteral("operation:activation"));
    bench.clickButton("nodeOptional");
    bench.editor.select({});
    auto* add = bench.field<QPushButton>("addConstraint");
    add->menu()->findChild<QAction*>(QStringLiteral("addConstraint.count"))->trigger();
    typeInto(bench.field<QLineEdit>("constraintKey"), QStringLiteral("nothing#present"));
    typeInto(bench.field<QLineEdit>("constraintValue"), QStringLiteral("true"));
    typeInto(bench.field<QLineEdit>("constraintMin"), QStringLiteral("1"));
    QTRY_VERIFY2(bench.field<QLabel>("constraintProblem")->text().contains(QStringLiteral("nothing#present")),
        qPrintable(bench.field<QLabel>("constraintProblem")->text()));
    QVERIFY(!bench.field<QPushButton>("constraintSave")->isEnabled());
    // Choosing in the list fills key and value; two of one decision cannot be.
    auto* tree = bench.field<QTreeWidget>("decisionTree");
    QTRY_COMPARE(tree->topLevelItemCount(), 1);
    tree->setCurrentItem(tree->topLevelItem(0)->child(1));
    QCOMPARE(bench.field<QLineEdit>("constraintKey")->text(), QStringLiteral("activation#present"));
    bench.field<QLineEdit>("constraintMin")->clear();
    typeInto(bench.field<QLineEdit>("constraintMin"), QStringLiteral("2"));
    QTRY_VERIFY(!bench.field<QLabel>("constraintProblem")->text().isEmpty());
    bench.field<QLineEdit>("constraintMin")->clear();
    typeInto(bench.field<QLineEdit>("constraintMin"), QStringLiteral("1"));
    QTRY_VERIFY(bench.field<QPushButton>("constraintSave")->isEnabled());
    bench.clickButton("constraintSave");
    QTRY_COMPARE(bench.document.count().value_or(""), std::string("1"));
}

void TestPrimitives::eachPrimitiveHasItsSign_data()
{
    QTest::addColumn<bool>("dark");
    QTest::newRow("light") << false;
    QTest::newRow("dark") << true;
}

void TestPrimitives::eachPrimitiveHasItsSign()
{
    QFETCH(const bool, dark);
    Theme theme(qApp);
    theme.setMode(dark ? ThemeMode::Dark : ThemeMode::Light);
    PrimitiveBench bench;
    const std::vector<std::pair<const char*, Glyph>> entries{ { "choice", Glyph::Choice },
        { "edge-choice", Glyph::EdgeChoice }, { "selection", Glyph::Selection }, { "order", Glyph::Order },
        { "repeat", Glyph::Repeat }, { "block", Glyph::Block }, { "recurrent", Glyph::Recurrent } };
    for (const auto& [entry, glyph] : entries) {
        bench.editor.addEntry(QStringLiteral("structure:") + QString::fromLatin1(entry));
        QCOMPARE(bench.scene->node(bench.editor.selectedNodes().front())->look().glyph, glyph);
    }
    bench.clickNode("block");
    bench.key(Qt::Key_R);
    QTRY_COMPARE(bench.scene->node(bench.named("block").id)->look().glyph, Glyph::Link);
    bench.clickNode("choice");
    bench.clickButton("addSeveral");
    QTRY_VERIFY(QApplication::activePopupWidget());
    auto* search = QApplication::activePopupWidget()->findChild<QLineEdit*>(QStringLiteral("checklistSearch"));
    typeInto(search, QStringLiteral("dropout, layer norm, activation,"));
    QTest::keyClick(search, Qt::Key_Return);
    bench.setNumber("pickHigh", 2);
    QTRY_VERIFY(bench.atRest());
    bench.drag(bench.output("choice"), bench.input("selection", 1));
    for (const space::Edge& edge : edgesInto(bench.scene->block(), bench.named("order").id))
        bench.scene->edge(edge)->setSelected(true);
    bench.scene->node(bench.named("choice").id)->setSelected(false);
    bench.key(Qt::Key_O);
    QTRY_VERIFY(bench.atRest());
    bench.editor.fitToView();
    bench.savePicture(QStringLiteral("%1-primitives").arg(QLatin1String(QTest::currentDataTag())));
}

void TestPrimitives::nasBench201FromAnEmptyCanvas_data()
{
    QTest::addColumn<bool>("dark");
    QTest::newRow("light") << false;
    QTest::newRow("dark") << true;
}

/// The steps of docs/drawing.md, whose pictures it makes where ARCHSCOPE_PICTURES names a folder.
void TestPrimitives::nasBench201FromAnEmptyCanvas()
{
    QFETCH(const bool, dark);
    Theme theme(qApp);
    theme.setMode(dark ? ThemeMode::Dark : ThemeMode::Light);
    PrimitiveBench bench;
    constexpr int height = 640;
    bench.palette.resize(210, height);
    bench.editor.resize(760, height);
    bench.inspector.resize(320, height);
    QTRY_VERIFY(bench.atRest());
    const auto picture = [&bench](const char* step) {
        QTRY_VERIFY(bench.atRest());
        QTRY_VERIFY(!bench.document.isSurveying());
        bench.savePicture(QStringLiteral("%1-%2").arg(QLatin1String(QTest::currentDataTag()), QLatin1String(step)));
    };
    bench.editor.fitToView();
    // A stem, and a block, opened: the cell. Its nodes are sums.
    bench.addFromPalette(QStringLiteral("convolution block"));
    bench.addFromPalette(QStringLiteral("nested"));
    picture("1-block");
    QTest::mouseDClick(bench.view->viewport(), Qt::LeftButton, {}, bench.header("block"));
    QTRY_VERIFY(bench.atRest());
    bench.clickButton("addVariable");
    bench.chooseMode("variable.width", "Fixed");
    bench.enter("variable.width.value", QStringLiteral("16"));
    picture("2-variable");
    for (int i = 0; i < 3; ++i)
        bench.drop(QStringLiteral("operation:add"), QPoint(120 + 20 * i, 150 + 150 * i));
    QTRY_VERIFY(bench.atRest());
    // The first edge and its five operations.
    bench.altDrag(bench.output("input"), bench.input("add"));
    bench.clickButton("addSeveral");
    QTRY_VERIFY(QApplication::activePopupWidget());
    auto* search = QApplication::activePopupWidget()->findChild<QLineEdit*>(QStringLiteral("checklistSearch"));
    typeInto(search, QStringLiteral("zero, average pooling, convolution block,"));
    QTest::keyClick(search, Qt::Key_Return);
    QCOMPARE(bench.body<space::Choice>("edge").alternatives.size(), 4U);
    bench.clickButton("alternative.avg-pool.fold");
    bench.enter("alternative.avg-pool.param.kernel.value", QStringLiteral("3"));
    bench.enter("alternative.avg-pool.param.stride.value", QStringLiteral("1"));
    bench.clickButton("alternative.conv-block.fold");
    bench.chooseMode("alternative.conv-block.param.channels", "Formula");
    bench.enter("alternative.conv-block.param.channels.formula", QStringLiteral("width"));
    auto* more = bench.field<QToolButton>("alternative.conv-block.more");
    more->menu()->findChild<QAction*>(QStringLiteral("alternative.conv-block.duplicate"))->trigger();
    bench.enter("alternative.conv-block2.param.kernel.value", QStringLiteral("1"));
    bench.enter("alternative.conv-block2.name", QStringLiteral("nor_conv_1x1"));
    QCOMPARE(bench.body<space::Choice>("edge").alternatives.size(), 5U);
    picture("3-edge");
    // The other edges are like it.
    bench.altDrag(bench.output("input"), bench.input("add2"));
    bench.altDrag(bench.output("add"), bench.input("add2", 1));
    bench.altDrag(bench.output("input"), bench.input("add3"));
    bench.altDrag(bench.output("add"), bench.input("add3", 1));
    bench.altDrag(bench.output("add2"), bench.input("add3", 2));
    bench.drag(bench.output("add3"), bench.input("output"));
    bench.key(Qt::Key_L);
    QTRY_COMPARE(bench.document.undoStack()->undoText(), QStringLiteral("Arrange"));
    QTRY_VERIFY(bench.atRest());
    QVERIFY(bench.isSound());
    bench.key(Qt::Key_Escape);
    picture("4-cell");
    bench.key(Qt::Key_Escape);
    QTRY_VERIFY(bench.atRest());
    // It becomes reusable, and is used in three stages of 16, 32 and 64 channels.
    bench.clickNode("block");
    bench.key(Qt::Key_R);
    bench.clickButton("openDefinition");
    QTRY_VERIFY(bench.field<QLineEdit>("definitionName"));
    bench.enter("definitionName", QStringLiteral("cell"));
    picture("5-reusable");
    bench.key(Qt::Key_Escape);
    QVERIFY(!bench.editor.block().isValid());
    QTRY_VERIFY(bench.atRest());
    bench.clickNode("block");
    bench.enter("argument.width.value", QStringLiteral("16"));
    bench.enter("nodeName", QStringLiteral("stage1"));
    QTRY_VERIFY(bench.atRest());
    QVERIFY(bench.connected("conv-block", "stage1"));
    bench.clickNode("stage1");
    int channels = 16;
    for (const char* stage : { "stage2", "stage3" }) {
        channels *= 2;
        bench.addFromPalette(QStringLiteral("convolution block"));
        bench.enter("param.channels.value", QString::number(channels));
        bench.enter("param.stride.value", QStringLiteral("2"));
        bench.addFromPalette(QStringLiteral("use of cell"));
        bench.enter("nodeName", QString::fromLatin1(stage));
        bench.enter("argument.width.value", QString::number(channels));
    }
    bench.editor.fitToView();
    picture("6-stages");
    bench.addFromPalette(QStringLiteral("global pooling"));
    bench.addFromPalette(QStringLiteral("linear"));
    bench.chooseMode("param.features", "Formula");
    bench.enter("param.features.formula", QStringLiteral("classes"));
    QTRY_VERIFY(!bench.document.isSurveying());
    QCOMPARE(bench.document.count().value_or(""), std::string("15625"));
    QCOMPARE(bench.document.decisions(), std::size_t{ 6 });
    QVERIFY2(!bench.document.hasErrors(), bench.document.hasErrors() ? bench.document.issues().front().message.c_str() : "");
    QCOMPARE(bench.document.survey().fitting, bench.document.survey().sampled);
    QVERIFY(bench.document.survey().fitting > 0);
    bench.key(Qt::Key_Escape);
    bench.editor.fitToView();
    picture("7-space");
    // And all of it can be undone.
    bench.undoAll();
    QCOMPARE(bench.hash(), space::semanticHash(SpaceDocument::emptySpace()));
}

QTEST_MAIN(TestPrimitives)
#include "tst_primitives.moc"
