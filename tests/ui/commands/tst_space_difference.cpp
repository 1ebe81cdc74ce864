// From one space to another as one edit.
#include "space_fixtures.h"

#include "core/space/space_check.h"
#include "ui/commands/space_difference.h"

#include <QTest>
#include <rapidcheck.h>

using namespace archscope;
using namespace archscope::ui;
using namespace archscope::space;

class TestSpaceDifference : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void leadsFromAnySpaceToAnyOther();
    void presetsBecomeOneAnother();
    void nothingDiffersInReadAgainText();
    void whatStaysKeepsItsId();
    void aCycleIsRefused();
};

void TestSpaceDifference::leadsFromAnySpaceToAnyOther()
{
    QVERIFY(rc::check("the edit leads from one to the other and back", [] {
        Rng rng(*rc::gen::arbitrary<std::uint64_t>());
        const SearchSpace from = randomSpace(rng);
        SearchSpace to = randomSpace(rng);
        to.name = "other";
        // As text: ids are new.
        const auto read = spaceFromJson(spaceToJson(to));
        RC_ASSERT(read.has_value());
        SearchSpace changed = from;
        const auto inverse = apply(changed, differenceEdit(from, *read, "edit"));
        RC_ASSERT(inverse.has_value());
        RC_ASSERT(semanticHash(changed) == semanticHash(to));
        RC_ASSERT(changed.name == to.name);
        RC_ASSERT(apply(changed, *inverse).has_value());
        RC_ASSERT(changed == from);
    }));
}

void TestSpaceDifference::presetsBecomeOneAnother()
{
    for (const auto& first : testCatalog().presets())
        for (const auto& second : testCatalog().presets()) {
            const SearchSpace from = *testCatalog().preset(first.name);
            const SearchSpace to = *testCatalog().preset(second.name);
            SearchSpace changed = from;
            const auto inverse = apply(changed, differenceEdit(from, to, "edit"));
            QVERIFY2(inverse, inverse ? "" : inverse.error().text().c_str());
            QCOMPARE(semanticHash(changed), semanticHash(to));
            QCOMPARE(changed.description, to.description);
            QVERIFY(apply(changed, *inverse));
            QVERIFY(changed == from);
        }
}

void TestSpaceDifference::nothingDiffersInReadAgainText()
{
    for (const auto& preset : testCatalog().presets()) {
        const SearchSpace space = *testCatalog().preset(preset.name);
        const auto again = spaceFromJson(spaceToJson(space));
        QVERIFY(again);
        const SpaceEdit edit = differenceEdit(space, *again, "edit");
        QVERIFY2(std::get<Compound>(edit.what).edits.empty(), preset.name.c_str());
    }
}

void TestSpaceDifference::whatStaysKeepsItsId()
{
    SearchSpace space = *testCatalog().preset("chain-cnn");
    const auto layers
        = std::ranges::find_if(space.root.nodes, [](const Node& node) { return std::holds_alternative<Repeat>(node.body); });
    QVERIFY(layers != space.root.nodes.end());
    const NodeId repeat = layers->id;
    Json json = spaceToJson(space);
    for (Json& node : json["graph"]["nodes"])
        if (node.contains("repeat"))
            node["repeat"]["count"] = 2;
    const auto edited = spaceFromJson(json);
    QVERIFY(edited);
    std::vector<NodeId> before;
    for (const Node& node : std::get<Repeat>(layers->body).body.nodes)
        before.push_back(node.id);
    QVERIFY(apply(space, differenceEdit(space, *edited, "edit")));
    const Node* after = space.find(repeat);
    QVERIFY(after);
    QVERIFY((std::get<Repeat>(after->body).count == ParameterValue{ Literal{ std::int64_t{ 2 } } }));
    std::vector<NodeId> then;
    for (const Node& node : std::get<Repeat>(after->body).body.nodes)
        then.push_back(node.id);
    QCOMPARE(then, before);
}

void TestSpaceDifference::aCycleIsRefused()
{
    const char* text = R"({"format":"archscope.space","version":1,"name":"x","graph":{"nodes":[{"name":"input","input":{}},
        {"name":"a","op":"add"},{"name":"b","op":"activation"},{"name":"output","output":{}}],
        "edges":[["input","a"],["a","b"],["b","a",1],["b","output"]]}})";
    const auto to = spaceFromText(text);
    QVERIFY2(to, to ? "" : to.error().text().c_str());
    SearchSpace space;
    std::int64_t next = 0;
    space.root = wireBlock(next);
    const SearchSpace before = space;
    const auto done = apply(space, differenceEdit(space, *to, "edit"));
    QVERIFY(!done);
    QVERIFY(QString::fromStdString(done.error().message).contains(QStringLiteral("cycle")));
    QVERIFY(space == before);
}

QTEST_GUILESS_MAIN(TestSpaceDifference)
#include "tst_space_difference.moc"
