// Edits of primitives: each applies wholly, means what it says, and is taken back by its inverse.
#include "space_fixtures.h"

#include "core/space/decision_space.h"
#include "ui/commands/primitive_edits.h"

#include <QTest>

using namespace archscope;
using namespace archscope::space;
using namespace archscope::ui;

namespace {

/// input → block (identity or dropout, `width` wide) → output, the block of some kind.
SearchSpace spaceWith(const std::string& kind)
{
    SpaceMaker maker;
    const NodeId input = maker.add("input", Input{});
    Block body = wireBlock(maker.next);
    Choice choice;
    for (const char* name : { "identity", "dropout" })
        choice.alternatives.push_back(makeNode(NodeId(maker.next++), name, Operation{ name, {} }));
    body.nodes.push_back(makeNode(NodeId(maker.next++), "op", std::move(choice)));
    const NodeId op = body.nodes.back().id;
    body.edges = { { body.nodes[0].id, op, 0 }, { op, body.nodes[1].id, 0 } };
    body.variables = { { "width", Literal{ std::int64_t{ 8 } } } };
    NodeBody outer = Nested{ body };
    if (kind == "repeat")
        outer = Repeat{ Literal{ std::int64_t{ 2 } }, false, body };
    const NodeId block = maker.add("block", std::move(outer));
    const NodeId output = maker.add("output", Output{});
    maker.connect(input, block);
    maker.connect(block, output);
    return maker.space;
}

NodeId idOf(const SearchSpace& space, const std::string& name)
{
    return std::ranges::find(space.root.nodes, name, &Node::name)->id;
}

std::string countOf(const SearchSpace& space)
{
    const auto decisions = DecisionSpace::compile(space);
    return decisions ? decisions->count().value_or("uncountable") : decisions.error().message;
}

} // namespace

class TestPrimitiveEdits : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void makesReusable_data();
    void makesReusable();
    void refusesNamesThatAreTaken();
    void detachesWithArguments();
    void removesOnlyWhatIsNotUsed();
    void typedEdgeTakesThePort();
    void edgesOfACellAreAlike();
    void edgesBecomeOptionalLooseAndBack();
    void partsOfALooseEdgeStayLoose();
};

void TestPrimitiveEdits::makesReusable_data()
{
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QString>("count"); ///< as before
    QTest::newRow("nested") << "nested"
                            << "2";
    QTest::newRow("repeat") << "repeat"
                            << "4";
}

void TestPrimitiveEdits::makesReusable()
{
    QFETCH(const QString, kind);
    const SearchSpace space = spaceWith(kind.toStdString());
    const SearchSpace changed = applied(space, makeReusableEdit(space, idOf(space, "block"), "cell"));
    QCOMPARE(changed.definitions.size(), 1U);
    QCOMPARE(changed.definitions.front().body, *bodyOf(*space.find(idOf(space, "block"))));
    QCOMPARE(usesOf(changed, "cell"), 1);
    QVERIFY(isSound(changed));
    QFETCH(const QString, count);
    QCOMPARE(QString::fromStdString(countOf(space)), count);
    QCOMPARE(QString::fromStdString(countOf(changed)), count);
    QVERIFY(!makeReusableEdit(space, idOf(space, "input"), "cell"));
}

void TestPrimitiveEdits::refusesNamesThatAreTaken()
{
    const SearchSpace space = spaceWith("nested");
    const SearchSpace changed = applied(space, makeReusableEdit(space, idOf(space, "block"), "cell"));
    QVERIFY(!makeReusableEdit(space, idOf(space, "block"), "@cell"));
    QCOMPARE(freeDefinitionName(changed, "cell"), std::string("cell2"));
}

void TestPrimitiveEdits::detachesWithArguments()
{
    const SearchSpace space = spaceWith("nested");
    SearchSpace changed = applied(space, makeReusableEdit(space, idOf(space, "block"), "cell"));
    std::get<Use>(changed.find(idOf(changed, "block"))->body).arguments["width"] = Literal{ std::int64_t{ 24 } };
    const SearchSpace detached = applied(changed, detachEdit(changed, idOf(changed, "block")));
    const Block* body = bodyOf(*detached.find(idOf(detached, "block")));
    QVERIFY(body);
    QCOMPARE(body->variables.front().value, (ParameterValue{ Literal{ std::int64_t{ 24 } } }));
    QCOMPARE(detached.definitions.size(), 1U);
    QVERIFY(isSound(detached));
    QVERIFY(!detachEdit(space, idOf(space, "block")));
}

void TestPrimitiveEdits::removesOnlyWhatIsNotUsed()
{
    const SearchSpace space = spaceWith("nested");
    const SearchSpace changed = applied(space, makeReusableEdit(space, idOf(space, "block"), "cell"));
    const auto refused = removeDefinitionEdit(changed, "cell");
    QVERIFY(!refused && refused.error().message.find("used") != std::string::npos);
    const SearchSpace detached = applied(changed, detachEdit(changed, idOf(changed, "block")));
    QVERIFY(applied(detached, removeDefinitionEdit(detached, "cell")).definitions.empty());
    const SearchSpace apart = applied(changed, shareDefinitionEdit(changed, "cell", Sharing::Independent));
    QVERIFY(!apart.definitions.front().shared);
}

void TestPrimitiveEdits::typedEdgeTakesThePort()
{
    const SearchSpace space = spaceWith("nested");
    Node choice = makeNode(space.freshId(), "edge", Choice{});
    choice.onEdge = true;
    const NodeId output = idOf(space, "output");
    const SearchSpace changed = applied(space, typedEdgeEdit(space, {}, { idOf(space, "input"), output, 0 }, choice, {}));
    const auto into = edgesInto(changed.root, output);
    QCOMPARE(into.size(), 1U);
    QCOMPARE(into.front().from, choice.id);
    QCOMPARE(edgesInto(changed.root, choice.id).front().from, idOf(space, "input"));
}

void TestPrimitiveEdits::edgesOfACellAreAlike()
{
    SearchSpace space = spaceWith("nested");
    Node model = makeNode(
        space.freshId(), "edge", Choice{ { makeNode(NodeId(200), "zero", Operation{ "zero", {} }) }, 0, 1, "concat" });
    model.onEdge = true;
    space.root.nodes.push_back(model);
    Node fresh = makeNode(NodeId(300), "edge2", Choice{});
    fresh.onEdge = true;
    std::int64_t next = 301;
    adoptAlternatives(fresh, space.root, next);
    const auto& choice = std::get<Choice>(fresh.body);
    QCOMPARE(choice.alternatives.size(), 1U);
    QCOMPARE(choice.alternatives.front().id, NodeId(301));
    QCOMPARE(choice.merge, std::string("concat"));
    Node box = makeNode(NodeId(400), "choice", Choice{});
    adoptAlternatives(box, space.root, next);
    QVERIFY(std::get<Choice>(box.body).alternatives.empty());
}

void TestPrimitiveEdits::edgesBecomeOptionalLooseAndBack()
{
    const SearchSpace space = spaceWith("nested");
    const SearchSpace optional = applied(space, edgePresenceEdit(space, {}, space.root.edges, Presence::Optional));
    QVERIFY(std::ranges::all_of(optional.root.edges, &Edge::optional));
    const SearchSpace loose = applied(optional, edgePresenceEdit(optional, {}, optional.root.edges, Presence::Loose));
    QVERIFY(std::ranges::all_of(loose.root.edges, &Edge::loose));
    QVERIFY(std::ranges::none_of(loose.root.edges, &Edge::optional));
    QCOMPARE(presenceOf(loose.root.edges.front()), Presence::Loose);
    const SearchSpace back = applied(loose, edgePresenceEdit(loose, {}, loose.root.edges, Presence::Required));
    QCOMPARE(back.root, space.root);
    const SpaceEdit nothing = edgePresenceEdit(optional, {}, optional.root.edges, Presence::Optional);
    QVERIFY(std::get<Compound>(nothing.what).edits.empty());
}

void TestPrimitiveEdits::partsOfALooseEdgeStayLoose()
{
    SearchSpace space = spaceWith("nested");
    space.root.edges.back().loose = true; // block → output
    const Edge edge = space.root.edges.back();
    const Node node = makeNode(space.freshId(), "identity", Operation{ "identity", {} });
    const SearchSpace inserted = applied(space, addNodeEdit({}, node, edge, {}, {}));
    QVERIFY(edgesInto(inserted.root, node.id).front().loose);
    SearchSpace with = space;
    with.root.nodes.push_back(node);
    const SearchSpace split = applied(with, splitEdgeEdit(with, {}, node.id, edge, {}));
    QVERIFY(edgesInto(split.root, node.id).front().loose);
    std::vector<NodeId> added;
    Block fragment;
    fragment.nodes = { makeNode(NodeId(0), "a", Operation{ "identity", {} }), makeNode(NodeId(1), "b", Operation{ "add", {} }) };
    fragment.edges = { { NodeId(0), NodeId(1), 0, false, true } };
    const SearchSpace pasted = applied(space, pasteEdit(space, {}, fragment, {}, added));
    QVERIFY(edgesInto(pasted.root, added.back()).front().loose);
}

QTEST_GUILESS_MAIN(TestPrimitiveEdits)
#include "tst_primitive_edits.moc"
