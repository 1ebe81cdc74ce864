// The inspector: every edit goes through the document, is checked in place and can be undone.
#include "inspector_bench.h"

#include <QSignalSpy>

#include "ui/graph/parameter_text.h"
#include "ui/graph/space_text.h"

#include <QPlainTextEdit>

using namespace archscope;
using namespace archscope::ui;

class TestNodeInspector : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void fixedValueBecomesAList();
    void rangeIsCheckedInPlace();
    void enumerationTogglesValues();
    void formulaNeedsKnownVariables();
    void renamingAndOptional();
    void operationChangeKeepsSharedSettings();
    void alternatives();
    void aDoubleClickLeadsToChoicesInChoices();
    void repeatCountAndSharing();
    void spaceTitleAndVariables();
    void growingNodesMakeRoom();
    void parsing_data();
    void parsing();
    void counts_data();
    void counts();
};

void TestNodeInspector::fixedValueBecomesAList()
{
    InspectorBench bench;
    bench.editor.addEntry(QStringLiteral("operation:conv"));
    const std::string before = bench.hash();
    QVERIFY(!bench.parameter("conv", "kernel"));
    bench.chooseMode("param.kernel", "List");
    bench.enter("param.kernel.list", QStringLiteral("3, 5 7"));
    const auto* kernel = bench.parameter("conv", "kernel");
    QVERIFY(kernel);
    QCOMPARE(valueText(*kernel), QStringLiteral("3·5·7"));
    QVERIFY(bench.scene->node(bench.named("conv").id)->toolTip().contains(QStringLiteral("3·5·7")));
    // Typing goes on where it was.
    QCOMPARE(QApplication::focusWidget() ? QApplication::focusWidget()->objectName() : QString(),
        QStringLiteral("param.kernel.list"));
    QTest::mouseClick(bench.field<QToolButton>("param.kernel.reset"), Qt::LeftButton);
    QVERIFY(!bench.parameter("conv", "kernel"));
    while (bench.document.undoStack()->index() > 1)
        bench.document.undoStack()->undo();
    QCOMPARE(bench.hash(), before);
}

void TestNodeInspector::rangeIsCheckedInPlace()
{
    InspectorBench bench;
    bench.editor.addEntry(QStringLiteral("operation:conv"));
    bench.chooseMode("param.channels", "Range");
    bench.enter("param.channels.low", QStringLiteral("8"));
    bench.enter("param.channels.high", QStringLiteral("64"));
    QCOMPARE(valueText(*bench.parameter("conv", "channels")), QStringLiteral("8…64"));
    const std::string before = bench.hash();
    bench.enter("param.channels.low", QStringLiteral("100"));
    QVERIFY(bench.problem("param.channels").contains(QStringLiteral("64")));
    bench.enter("param.channels.low", QStringLiteral("0"));
    QVERIFY(!bench.problem("param.channels").isEmpty());
    bench.enter("param.channels.low", QStringLiteral("many"));
    QVERIFY(!bench.problem("param.channels").isEmpty());
    QCOMPARE(bench.hash(), before);
    bench.enter("param.channels.low", QStringLiteral("16"));
    QVERIFY(bench.problem("param.channels").isEmpty());
    QCOMPARE(valueText(*bench.parameter("conv", "channels")), QStringLiteral("16…64"));
}

void TestNodeInspector::enumerationTogglesValues()
{
    InspectorBench bench;
    bench.editor.addEntry(QStringLiteral("operation:activation"));
    const auto* traits = testOperations()->find("activation");
    const space::ParameterDescriptor& kind = traits->descriptor().parameters.front();
    QCOMPARE(kind.type, space::ParameterDescriptor::Type::Enumeration);
    const std::string prefix = "param." + kind.name;
    bench.chooseMode(prefix.c_str(), "List");
    const auto* value = bench.parameter("activation", kind.name);
    QVERIFY(value);
    QCOMPARE(std::get<space::Domain>(*value).values.size(), 1U);
    const std::string& first = std::get<std::string>(std::get<space::Domain>(*value).values.front());
    const std::string other = kind.options.front() == first ? kind.options.back() : kind.options.front();
    QTest::mouseClick(bench.field<QToolButton>((prefix + ".option." + first).c_str()), Qt::LeftButton);
    QVERIFY2(!bench.problem(prefix.c_str()).isEmpty(), "the last one cannot be taken out");
    QTest::mouseClick(bench.field<QToolButton>((prefix + ".option." + other).c_str()), Qt::LeftButton);
    QCOMPARE(std::get<space::Domain>(*bench.parameter("activation", kind.name)).values.size(), 2U);
}

void TestNodeInspector::formulaNeedsKnownVariables()
{
    InspectorBench bench;
    bench.editor.addEntry(QStringLiteral("operation:conv"));
    bench.editor.select({});
    QTest::mouseClick(bench.field<QPushButton>("addVariable"), Qt::LeftButton);
    QCOMPARE(bench.document.space().root.variables.size(), 1U);
    bench.editor.select({ bench.named("conv").id });
    bench.chooseMode("param.channels", "Formula");
    bench.enter("param.channels.formula", QStringLiteral("2*widht"));
    QVERIFY(bench.problem("param.channels").contains(QStringLiteral("width")));
    bench.enter("param.channels.formula", QStringLiteral("2*width"));
    QCOMPARE(valueText(*bench.parameter("conv", "channels")), QStringLiteral("2*width"));
    QVERIFY(!bench.document.hasErrors());
}

void TestNodeInspector::renamingAndOptional()
{
    InspectorBench bench;
    bench.editor.addEntry(QStringLiteral("operation:activation"));
    bench.enter("nodeName", QStringLiteral("output"));
    const auto* problem = bench.field<QLabel>("nodeNameProblem");
    QVERIFY(problem->isVisible());
    QVERIFY(bench.has("activation"));
    bench.enter("nodeName", QStringLiteral("squash"));
    QVERIFY(bench.has("squash"));
    QTest::mouseClick(bench.field<QCheckBox>("nodeOptional"), Qt::LeftButton, {}, QPoint(8, 8));
    QVERIFY(bench.named("squash").optional);
    // Undo is shown, not overwritten by what stood in the field.
    bench.document.undoStack()->undo();
    bench.document.undoStack()->undo();
    QCOMPARE(bench.field<QLineEdit>("nodeName")->text(), QStringLiteral("activation"));
    QVERIFY(bench.has("activation"));
}

void TestNodeInspector::operationChangeKeepsSharedSettings()
{
    InspectorBench bench;
    bench.editor.addEntry(QStringLiteral("operation:conv"));
    bench.enter("param.kernel.value", QStringLiteral("5"));
    auto* type = bench.field<QComboBox>("operationType");
    const int wanted = type->findData(QStringLiteral("separable-conv"));
    QVERIFY(wanted >= 0);
    type->setCurrentIndex(wanted);
    Q_EMIT type->activated(wanted);
    const auto& operation = std::get<space::Operation>(bench.named("conv").body);
    QCOMPARE(operation.type, std::string("separable-conv"));
    QCOMPARE(valueText(*bench.parameter("conv", "kernel")), QStringLiteral("5"));
}

void TestNodeInspector::alternatives()
{
    InspectorBench bench;
    bench.editor.addEntry(QStringLiteral("structure:choice"));
    const auto choice = [&bench]() -> const space::Choice& { return std::get<space::Choice>(bench.named("choice").body); };
    QCOMPARE(choice().alternatives.size(), 1U);
    QTest::mouseClick(bench.field<QPushButton>("addAlternative"), Qt::LeftButton);
    QTRY_VERIFY(QApplication::activePopupWidget());
    auto* search = QApplication::activePopupWidget()->findChild<QLineEdit*>();
    QTest::keyClicks(search, QStringLiteral("max pooling"));
    QTest::keyClick(search, Qt::Key_Return);
    QCOMPARE(choice().alternatives.size(), 2U);
    QCOMPARE(choice().alternatives.back().name, std::string("max-pool"));
    // The new one is unfolded: its parameters are at hand.
    bench.chooseMode("alternative.max-pool.param.kernel", "List");
    bench.enter("alternative.max-pool.param.kernel.list", QStringLiteral("2,3"));
    QCOMPARE(valueText(std::get<space::Operation>(choice().alternatives.back().body).parameters.at("kernel")),
        QStringLiteral("2·3"));
    QTest::mouseClick(bench.field<QToolButton>("alternative.identity.remove"), Qt::LeftButton);
    QCOMPARE(choice().alternatives.size(), 1U);
    // A click on a row of the node unfolds that alternative.
    QTRY_VERIFY(bench.atRest());
    bench.document.undoStack()->undo();
    QTRY_VERIFY(bench.atRest());
    const NodeItem* item = bench.scene->node(bench.named("choice").id);
    bench.click(bench.inView(
        item->sceneBox().topLeft() + QPointF(40, node_metrics::headerHeight + 4 + node_metrics::rowHeight / 2)));
    QVERIFY(bench.field<QLineEdit>("alternative.identity.name"));
}

void TestNodeInspector::aDoubleClickLeadsToChoicesInChoices()
{
    InspectorBench bench;
    bench.editor.addEntry(QStringLiteral("structure:choice"));
    space::Node choice = bench.named("choice");
    std::get<space::Choice>(choice.body)
        .alternatives.push_back(makeNode(bench.document.space().freshId(), "inner", space::Choice{}));
    QVERIFY(bench.document.push({ space::ReplaceNode{ choice.id, choice }, "change" }));
    QTRY_VERIFY(bench.atRest());
    const NodeItem* item = bench.scene->node(choice.id);
    QVERIFY(item->toolTip().contains(QStringLiteral("Double-click")));
    QSignalSpy attention(&bench.inspector, &NodeInspector::attentionWished);
    constexpr int row = 1;
    const QPoint at = bench.inView(
        item->sceneBox().topLeft() + QPointF(40, node_metrics::headerHeight + 4 + node_metrics::rowHeight * (row + 0.5)));
    QTest::mouseDClick(bench.view->viewport(), Qt::LeftButton, {}, at);
    QCOMPARE(attention.count(), 1);
    auto* add = bench.field<QPushButton>("alternative.inner.addAlternative");
    QVERIFY(add && add->isVisible());
    const auto* frame = bench.field<QWidget>("alternative.inner");
    QVERIFY(frame && frame->isAncestorOf(bench.inspector.focusWidget()));
}

void TestNodeInspector::repeatCountAndSharing()
{
    InspectorBench bench;
    bench.editor.addEntry(QStringLiteral("structure:repeat"));
    bench.enter("repeatCount.high", QStringLiteral("6"));
    const auto repeat = [&bench]() -> const space::Repeat& { return std::get<space::Repeat>(bench.named("repeat").body); };
    QCOMPARE(std::get<space::Domain>(repeat().count).high, 6);
    QTest::mouseClick(bench.field<QCheckBox>("repeatShared"), Qt::LeftButton, {}, QPoint(8, 8));
    QVERIFY(repeat().shared);
    QTest::mouseClick(bench.field<QPushButton>("openBlock"), Qt::LeftButton);
    QCOMPARE(bench.editor.block(), bench.document.space().root.nodes.back().id);
}

void TestNodeInspector::spaceTitleAndVariables()
{
    InspectorBench bench;
    bench.editor.select({});
    bench.enter("spaceName", QStringLiteral("my cells"));
    QCOMPARE(bench.document.space().name, std::string("my cells"));
    auto* description = bench.field<QPlainTextEdit>("spaceDescription");
    bench.inspector.activateWindow();
    description->setFocus();
    QTRY_VERIFY(description->hasFocus());
    QTest::keyClicks(description, QStringLiteral("two stages"));
    QTest::keyClick(description, Qt::Key_Tab);
    QCOMPARE(bench.document.space().description, std::string("two stages"));
    QTest::mouseClick(bench.field<QPushButton>("addVariable"), Qt::LeftButton);
    bench.enter("variable.width.name", QStringLiteral("2wide"));
    QCOMPARE(bench.document.space().root.variables.front().name, std::string("width"));
    bench.enter("variable.width.name", QStringLiteral("base"));
    QCOMPARE(bench.document.space().root.variables.front().name, std::string("base"));
    bench.chooseMode("variable.base", "Fixed");
    bench.enter("variable.base.value", QStringLiteral("24"));
    QCOMPARE(valueText(bench.document.space().root.variables.front().value), QStringLiteral("24"));
    QTRY_COMPARE(bench.field<QLabel>("spaceSize")->text(), QStringLiteral("1 architecture"));
    QTest::mouseClick(bench.field<QToolButton>("variable.base.remove"), Qt::LeftButton);
    QVERIFY(bench.document.space().root.variables.empty());
}

void TestNodeInspector::growingNodesMakeRoom()
{
    InspectorBench bench;
    bench.editor.addEntry(QStringLiteral("operation:conv"));
    QTRY_VERIFY(bench.atRest());
    bench.drag(bench.header("output"), bench.header("output") + QPoint(10, 0)); // now all are placed by hand
    bench.editor.select({ bench.named("conv").id });
    for (const char* prefix : { "param.kernel", "param.channels", "param.stride", "param.dilation" })
        bench.chooseMode(prefix, "List");
    for (const char* name : { "param.kernel.list", "param.channels.list", "param.stride.list", "param.dilation.list" })
        bench.enter(name, QStringLiteral("1,2"));
    QTRY_VERIFY(bench.atRest());
    const Boxes boxes = bench.scene->boxes();
    QVERIFY(boxes.at(bench.named("conv").id).bottom() + 20 < boxes.at(bench.named("output").id).top());
}

void TestNodeInspector::parsing_data()
{
    QTest::addColumn<QString>("mode");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("expected"); ///< empty: refused
    QTest::newRow("fixed") << "fixed"
                           << " 5 "
                           << "5";
    QTest::newRow("fixed out of range") << "fixed"
                                        << "200"
                                        << "";
    QTest::newRow("fixed no number") << "fixed"
                                     << "five"
                                     << "";
    QTest::newRow("fixed empty") << "fixed"
                                 << ""
                                 << "";
    QTest::newRow("list") << "list"
                          << "3,5,7"
                          << "3·5·7";
    QTest::newRow("list with spaces") << "list"
                                      << "3 5  7"
                                      << "3·5·7";
    QTest::newRow("list as shown") << "list"
                                   << "3·5"
                                   << "3·5";
    QTest::newRow("list twice the same") << "list"
                                         << "3,3"
                                         << "";
    QTest::newRow("list empty") << "list"
                                << " , "
                                << "";
    QTest::newRow("list out of range") << "list"
                                       << "3,200"
                                       << "";
    QTest::newRow("range") << "range"
                           << "1|9|"
                           << "1…9";
    QTest::newRow("range by step") << "range"
                                   << "8|64|8"
                                   << "8…64";
    QTest::newRow("range doubling") << "range"
                                    << "8|64|×2"
                                    << "8·16·32·64";
    QTest::newRow("range of one") << "range"
                                  << "8|8|1"
                                  << "8";
    QTest::newRow("range reversed") << "range"
                                    << "9|1|"
                                    << "";
    QTest::newRow("range bad step") << "range"
                                    << "1|9|0"
                                    << "";
    QTest::newRow("range out of range") << "range"
                                        << "1|200|"
                                        << "";
    QTest::newRow("formula") << "formula"
                             << "2*width + 1"
                             << "2*width + 1";
    QTest::newRow("formula unknown") << "formula"
                                     << "2*height"
                                     << "";
    QTest::newRow("formula broken") << "formula"
                                    << "2*(width"
                                    << "";
}

void TestNodeInspector::parsing()
{
    QFETCH(const QString, mode);
    QFETCH(const QString, text);
    QFETCH(const QString, expected);
    const auto descriptor = space::ParameterDescriptor::integer("size", 3, 1, 100, "A size.");
    const QStringList parts = text.split(QLatin1Char('|'));
    const Result<space::ParameterValue> value = mode == "fixed" ? parseFixed(text, descriptor)
        : mode == "list"                                        ? parseList(text, descriptor)
        : mode == "range"                                       ? parseRange(parts[0], parts[1], parts[2], descriptor)
                                                                : parseFormula(text, { "width" });
    QCOMPARE(value ? valueText(*value) : QString(), expected);
    if (!value)
        QVERIFY(!value.error().message.empty());
}

void TestNodeInspector::counts_data()
{
    QTest::addColumn<QString>("decimal");
    QTest::addColumn<QString>("expected");
    QTest::newRow("one") << "1"
                         << "1";
    QTest::newRow("grouped") << "15625"
                             << "15,625";
    QTest::newRow("seven digits") << "1234567"
                                  << "1,234,567";
    QTest::newRow("scientific") << "123456789"
                                << "1.2 × 10⁸";
    QTest::newRow("rounds up") << "99600000"
                               << "1.0 × 10⁸";
    QTest::newRow("huge") << "1076764000000000000"
                          << "1.1 × 10¹⁸";
}

void TestNodeInspector::counts()
{
    QFETCH(const QString, decimal);
    QTEST(countText(decimal.toStdString()), "expected");
}

QTEST_MAIN(TestNodeInspector)
#include "tst_node_inspector.moc"
