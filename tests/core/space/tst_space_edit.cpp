// Edits and checks: what the editor does to a space, and what it tells about one.
#include "core/catalog/catalog.h"
#include "core/space/space_check.h"
#include "core/space/space_edit.h"

#include <QtTest>
#include <rapidcheck.h>

using namespace archscope;
using namespace archscope::space;

namespace {
const catalog::Catalog& builtins()
{
    static const catalog::Catalog catalog;
    return catalog;
}

NodeId idOf(const Block& block, const std::string& name)
{
    for (const Node& node : block.nodes) {
        if (node.name == name)
            return node.id;
    }
    return {};
}

/// A random edit that may or may not apply.
SpaceEdit randomEdit(const SearchSpace& space, Rng& rng)
{
    const Block& block = space.root;
    const auto any = [&] { return block.nodes[rng.below(block.nodes.size())].id; };
    switch (rng.below(6)) {
    case 0: {
        Node node;
        node.id = space.freshId();
        node.name = freeName(block, "extra");
        node.body = Operation{"identity", {}};
        return {AddNode{NodeId{}, node, rng.below(block.nodes.size() + 1), {{any(), node.id, 0}}}, "add"};
    }
    case 1:
        return {RemoveNode{any()}, "remove"};
    case 2:
        return {AddEdge{NodeId{}, {any(), any(), static_cast<int>(rng.below(3))}}, "connect"};
    case 3:
        return {RemoveEdge{NodeId{}, block.edges.empty() ? Edge{} : block.edges[rng.below(block.edges.size())]}, "disconnect"};
    case 4: {
        Node node = *space.find(any());
        node.optional = !node.optional;
        node.name = freeName(block, "renamed");
        return {ReplaceNode{node.id, node}, "replace"};
    }
    default:
        return {SetVariables{NodeId{}, {{"v" + std::to_string(rng.below(3)), Literal{std::int64_t{3}}}}}, "variables"};
    }
}
} // namespace

class TestSpaceEdit : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void inverseRestores()
    {
        const bool holds = rc::check("edit then inverse restores the space", [] {
            Rng rng(*rc::gen::arbitrary<std::uint64_t>());
            SearchSpace space = *builtins().preset("resnet-like");
            const SearchSpace original = space;
            std::vector<SpaceEdit> undo;
            for (int i = 0; i < 12; ++i) {
                const SearchSpace before = space;
                auto inverse = apply(space, randomEdit(space, rng));
                if (inverse)
                    undo.push_back(*inverse);
                else
                    RC_ASSERT(space == before);
            }
            for (auto it = undo.rbegin(); it != undo.rend(); ++it)
                RC_ASSERT(apply(space, *it).has_value());
            RC_ASSERT(space == original);
            RC_ASSERT(semanticHash(space) == semanticHash(original));
        });
        QVERIFY(holds);
    }

    void compoundIsAllOrNothing()
    {
        SearchSpace space = *builtins().preset("mlp");
        const SearchSpace before = space;
        const NodeId flatten = idOf(space.root, "flatten");
        const Compound compound{{{MoveNodes{{{flatten, {9, 9}}}}, ""}, {RemoveNode{idOf(space.root, "input")}, ""}}};
        QVERIFY(!apply(space, {compound, "both"}));
        QVERIFY(space == before);
    }

    void positionsHaveNoMeaning()
    {
        SearchSpace space = *builtins().preset("mlp");
        const std::string hash = semanticHash(space);
        QVERIFY(apply(space, {MoveNodes{{{idOf(space.root, "flatten"), {50, 60}}}}, "move"}));
        QCOMPARE(semanticHash(space), hash);
    }

    void refusals()
    {
        SearchSpace space = *builtins().preset("mlp");
        const NodeId flatten = idOf(space.root, "flatten");
        const NodeId classifier = idOf(space.root, "classifier");
        const auto cycle = apply(space, {AddEdge{NodeId{}, {classifier, flatten, 1}}, ""});
        QVERIFY(!cycle);
        QCOMPARE(cycle.error().message, std::string("connecting 'classifier' to 'flatten' would make a cycle"));
        const auto taken = apply(space, {AddEdge{NodeId{}, {idOf(space.root, "input"), flatten, 0}}, ""});
        QVERIFY(!taken);
        QCOMPARE(taken.error().message, std::string("input port 0 of 'flatten' is connected already"));
    }

    void jsonRoundTrips()
    {
        for (const auto& preset : builtins().presets()) {
            const SearchSpace space = *builtins().preset(preset.name);
            const auto back = spaceFromText(spaceToJson(space).dump());
            QVERIFY(back);
            QVERIFY(*back == space);
        }
    }

    void presetsAreSound()
    {
        QVERIFY(!builtins().presets().empty());
        for (const auto& preset : builtins().presets()) {
            const auto issues = check(*builtins().preset(preset.name), builtins().operations());
            QVERIFY2(issues.empty(), issues.empty() ? "" : (preset.name + ": " + issues.front().path + ": " + issues.front().message).c_str());
        }
    }

    void badSpaces_data()
    {
        QTest::addColumn<QString>("graph");
        QTest::addColumn<QString>("reason");
        const QString ends = R"({"name":"in","input":{}},{"name":"out","output":{}})";
        const auto graph = [&](const QString& nodes, const QString& edges) {
            return QStringLiteral(R"({"nodes":[%1%2],"edges":[%3]})").arg(ends, nodes.isEmpty() ? "" : "," + nodes, edges);
        };
        QTest::newRow("cycle") << graph(R"({"name":"a","op":"add"},{"name":"b","op":"add"})", R"(["in","a"],["a","b"],["b","a",1],["b","out"])")
                               << "cycle: a → b → a";
        QTest::newRow("dangling") << graph("", R"(["in","nowhere"])") << "there is no node 'nowhere'";
        QTest::newRow("unknown operation") << graph(R"({"name":"a","op":"convv"})", R"(["in","a"],["a","out"])") << "did you mean 'conv'";
        QTest::newRow("unknown parameter") << graph(R"({"name":"a","op":"dropout","parameters":{"p":1}})", R"(["in","a"],["a","out"])") << "has no parameter 'p'";
        QTest::newRow("out of range") << graph(R"({"name":"a","op":"dropout","parameters":{"rate":2}})", R"(["in","a"],["a","out"])") << "between 0 and";
        QTest::newRow("empty domain") << graph(R"({"name":"a","op":"dropout","parameters":{"rate":{"values":[]}}})", R"(["in","a"],["a","out"])") << "the domain is empty";
        QTest::newRow("empty choice") << graph(R"({"name":"a","choice":[]})", R"(["in","a"],["a","out"])") << "the choice is empty";
        QTest::newRow("not connected") << graph("", "") << "nothing is connected";
        QTest::newRow("unknown variable") << graph(R"({"name":"a","op":"linear","parameters":{"features":{"expr":"2*w"}}})", R"(["in","a"],["a","out"])") << "variable 'w'";
        QTest::newRow("no body") << graph(R"({"name":"a"})", "") << "exactly one of";
        QTest::newRow("typing error") << graph(R"({"name":"a","op":"identity","optinal":true})", "") << "did you mean 'optional'";
        QTest::newRow("name twice") << graph(R"({"name":"in","op":"identity"})", "") << "stands twice";
    }
    void badSpaces()
    {
        QFETCH(QString, graph);
        QFETCH(QString, reason);
        const QString text = R"({"format":"archscope.space","version":1,"name":"bad","graph":)" + graph + "}";
        const auto space = spaceFromText(text.toStdString());
        const auto sound = space ? requireSound(*space, builtins().operations()) : Result<void>(fail(space.error()));
        QVERIFY(!sound);
        QVERIFY2(QString::fromStdString(sound.error().text()).contains(reason), sound.error().text().c_str());
        QVERIFY(!sound.error().context.empty());
    }

    void newerVersionsAreRefused()
    {
        const auto space = spaceFromText(R"({"format":"archscope.space","version":99,"name":"x","graph":{}})");
        QVERIFY(!space);
        QVERIFY(space.error().message.find("a newer Archscope is needed") != std::string::npos);
    }

    void deepNestingIsRefused()
    {
        const auto space = spaceFromText(std::string(100'000, '['));
        QVERIFY(!space);
        QVERIFY(space.error().message.find("nested deeper") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestSpaceEdit)
#include "tst_space_edit.moc"
