// Renaming: constraints, formulas and arguments go along in one step, and mean what they meant.
#include "space_fixtures.h"

#include "core/space/decision_space.h"
#include "ui/commands/rename_edits.h"

#include <QTest>

using namespace archscope;
using namespace archscope::space;
using namespace archscope::ui;

namespace {

/// Nodes of every kind, one inside the other, and a definition with shared decisions, one with a set for each use.
constexpr const char* text = R"({
  "format": "archscope.space", "version": 2, "name": "names",
  "graph": {
    "variables": [{"name": "width", "value": {"values": [4, 8]}}],
    "nodes": [
      {"name": "input", "input": true},
      {"name": "a", "choice": [{"name": "id", "op": "identity"}, {"name": "drop", "op": "dropout", "parameters": {"rate": {"values": [0.1, 0.2]}}}]},
      {"name": "b", "choice": [{"name": "id", "op": "identity"}, {"name": "drop", "op": "dropout"}, {"name": "act", "op": "activation"}], "pick": [1, 2]},
      {"name": "stages", "repeat": {"count": {"int": [1, 2]}, "graph": {
        "nodes": [{"name": "in", "input": true}, {"name": "op", "choice": [{"name": "id", "op": "identity"}, {"name": "act", "op": "activation"}]},
                  {"name": "out", "output": true}],
        "edges": [["in", "op"], ["op", "out"]]}}},
      {"name": "steps", "order": [{"name": "one", "op": "identity"}, {"name": "two", "op": "activation"}]},
      {"name": "alike1", "use": "alike"},
      {"name": "alike2", "use": "alike"},
      {"name": "own1", "use": "own", "arguments": {"rate": {"values": [0.1, 0.3]}}},
      {"name": "own2", "use": "own"},
      {"name": "wide", "op": "linear", "optional": true, "parameters": {"features": {"expr": "2*width"}}},
      {"name": "sum", "op": "linear", "parameters": {"features": {"expr": "classes"}}},
      {"name": "output", "output": true}],
    "edges": [["input", "a"], ["a", "b"], ["b", "stages"], ["stages", "steps"], ["steps", "alike1"], ["alike1", "alike2"],
              ["alike2", "own1"], ["own1", "own2"], ["own2", "wide"], ["wide", "sum"], ["sum", "output"]]},
  "definitions": [
    {"name": "alike", "graph": {
      "nodes": [{"name": "in", "input": true}, {"name": "op", "choice": [{"name": "id", "op": "identity"}, {"name": "act", "op": "activation"}]},
                {"name": "out", "output": true}],
      "edges": [["in", "op"], ["op", "out"]]}},
    {"name": "own", "shared": false, "graph": {
      "variables": [{"name": "rate", "value": 0.1}],
      "nodes": [{"name": "in", "input": true}, {"name": "op", "choice": [{"name": "id", "op": "identity"}, {"name": "drop", "op": "dropout", "parameters": {"rate": {"expr": "rate"}}}]},
                {"name": "out", "output": true}],
      "edges": [["in", "op"], ["op", "out"]]}}]
})";

Constraint constraintFrom(const std::string& constraint)
{
    const Json json = Json::parse(constraint);
    auto read = constraintFromJson(JsonReader(json));
    if (!read)
        qFatal("%s", read.error().text().c_str());
    return std::move(*read);
}

SearchSpace drawnWith(const std::string& constraint)
{
    auto made = spaceFromText(text);
    if (!made)
        qFatal("%s", made.error().text().c_str());
    made->constraints.push_back(constraintFrom(constraint));
    return std::move(*made);
}

NodeId idAt(const SearchSpace& space, const std::string& path)
{
    for (std::int64_t id = 0; id < space.freshId().value(); ++id)
        if (space.find(NodeId(id)) && space.pathOf(NodeId(id)) == path)
            return NodeId(id);
    qFatal("there is no node %s", path.c_str());
}

std::string countOf(const SearchSpace& space)
{
    const auto decisions = DecisionSpace::compile(space);
    return decisions ? decisions->count().value_or("uncountable") : decisions.error().text();
}

} // namespace

class TestRenameEdits : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void constraintsFollowNodes_data();
    void constraintsFollowNodes();
    void optionalEdgesAreNamedByTheirEnds();
    void followsInASpaceWithErrors();
    void refuses_data();
    void refuses();
    void variablesTakeFormulasAndArgumentsAlong();
    void definitionsTakeUsesAlong();
};

void TestRenameEdits::constraintsFollowNodes_data()
{
    QTest::addColumn<QString>("path");
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("before");
    QTest::addColumn<QString>("after");
    const auto row = [](const char* title, const char* path, const char* name, const char* before, const char* after) {
        QTest::newRow(title) << path << name << before << after;
    };
    row("choice", "a", "first", R"({"forbid":{"a":["drop"],"b":["act"]}})", R"({"forbid":{"first":["drop"],"b":["act"]}})");
    row("parameter of an alternative", "a/drop", "out", R"({"forbid":{"a/drop.rate":[0.1]}})",
        R"({"forbid":{"a/out.rate":[0.1]}})");
    row("answer", "a/drop", "out", R"({"forbid":{"a":["drop"]}})", R"({"forbid":{"a":["out"]}})");
    row("answer of several", "b/drop", "out", R"({"forbid":{"b":["id,drop","drop"]}})",
        R"({"forbid":{"b":["id,out","out"]}})");
    row("counted answer", "a/drop", "out", R"({"count":"a","value":"drop","max":0})", R"({"count":"a","value":"out","max":0})");
    row("step", "steps/two", "second", R"({"forbid":{"steps":["two>one"]}})", R"({"forbid":{"steps":["second>one"]}})");
    row("order", "steps", "order", R"({"forbid":{"steps":["two>one"]}})", R"({"forbid":{"order":["two>one"]}})");
    row("number of rounds", "stages", "deep", R"({"forbid":{"stages#count":[2]}})", R"({"forbid":{"deep#count":[2]}})");
    row("in a repeat", "stages/op", "do", R"({"forbid":{"stages/0/op":["act"]}})", R"({"forbid":{"stages/0/do":["act"]}})");
    row("in all rounds", "stages/op", "do", R"({"count":"stages/*/op","value":"act","max":1})",
        R"({"count":"stages/*/do","value":"act","max":1})");
    row("answer in all rounds", "stages/op/act", "relu", R"({"count":"stages/*/op","value":"act","max":1})",
        R"({"count":"stages/*/op","value":"relu","max":1})");
    row("in a shared definition", "@alike/op", "do", R"({"forbid":{"@alike/op":["act"]}})", R"({"forbid":{"@alike/do":["act"]}})");
    row("in an own one", "@own/op", "do", R"({"forbid":{"own1/op":["drop"]}})", R"({"forbid":{"own1/do":["drop"]}})");
    row("answer in an own one", "@own/op/drop", "out", R"({"forbid":{"own1/op":["drop"]}})", R"({"forbid":{"own1/op":["out"]}})");
    row("use", "own2", "last", R"({"forbid":{"own2/op":["drop"]}})", R"({"forbid":{"last/op":["drop"]}})");
    row("argument", "own1", "first", R"({"forbid":{"own1.$rate":[0.3]}})", R"({"forbid":{"first.$rate":[0.3]}})");
    row("optional node", "wide", "broad", R"({"forbid":{"wide#present":[true]}})", R"({"forbid":{"broad#present":[true]}})");
    row("plain node's shape", "sum", "head", R"({"shape":"sum","min":1})", R"({"shape":"head","min":1})");
    row("shape in a repeat", "stages/op", "do", R"({"shape":"stages/op","min":1})", R"({"shape":"stages/do","min":1})");
    row("shape in a definition", "@own/op", "do", R"({"shape":"@own/op","min":1})", R"({"shape":"@own/do","min":1})");
    row("another of that name", "@alike/op", "do", R"({"forbid":{"stages/0/op":["act"]}})",
        R"({"forbid":{"stages/0/op":["act"]}})");
    row("one of several that a star means", "a", "first", R"({"count":"*","value":"drop","max":1})",
        R"({"count":"*","value":"drop","max":1})");
    row("budgets name none", "a", "first", R"({"budget":"parameters","max":100})", R"({"budget":"parameters","max":100})");
}

void TestRenameEdits::constraintsFollowNodes()
{
    QFETCH(const QString, path);
    QFETCH(const QString, name);
    QFETCH(const QString, before);
    QFETCH(const QString, after);
    const SearchSpace drawn = drawnWith(before.toStdString());
    const NodeId id = idAt(drawn, path.toStdString());
    const SearchSpace renamed = applied(drawn, renameNodeEdit(drawn, id, name.toStdString()));
    QCOMPARE(renamed.find(id)->name, name.toStdString());
    QCOMPARE(QString::fromStdString(constraintToJson(renamed.constraints.front()).dump()),
        QString::fromStdString(constraintToJson(constraintFrom(after.toStdString())).dump()));
    QCOMPARE(countOf(renamed), countOf(drawn));
    QVERIFY2(countOf(drawn).find_first_not_of("0123456789") == std::string::npos, countOf(drawn).c_str());
}

void TestRenameEdits::optionalEdgesAreNamedByTheirEnds()
{
    SpaceMaker maker;
    const NodeId input = maker.add("input", Input{});
    const NodeId sum = maker.operation("sum", "add");
    const NodeId act = maker.operation("act", "activation");
    maker.connect(input, act);
    maker.connect(input, sum);
    maker.space.root.edges.push_back({ act, sum, 1, true });
    maker.connect(sum, maker.add("output", Output{}));
    maker.space.constraints = { Forbid{ { { "act>sum:1#present", { Literal{ true } } } } } };
    const SearchSpace first = applied(maker.space, renameNodeEdit(maker.space, act, "relu"));
    const SearchSpace both = applied(first, renameNodeEdit(first, sum, "plus"));
    QCOMPARE(std::get<Forbid>(both.constraints.front()).all.front().key, std::string("relu>plus:1#present"));
    QCOMPARE(countOf(both), std::string("1"));
}

void TestRenameEdits::followsInASpaceWithErrors()
{
    SearchSpace drawn = drawnWith(R"({"forbid":{"a":["drop"]}})");
    std::get<Choice>(drawn.find(idAt(drawn, "b"))->body).alternatives.clear();
    QVERIFY(!isSound(drawn));
    const SearchSpace renamed = applied(drawn, renameNodeEdit(drawn, idAt(drawn, "a"), "first"));
    QCOMPARE(std::get<Forbid>(renamed.constraints.front()).all.front().key, std::string("first"));
}

void TestRenameEdits::refuses_data()
{
    QTest::addColumn<QString>("path");
    QTest::addColumn<QString>("name");
    QTest::newRow("no name") << "a" << "";
    QTest::newRow("a path") << "a" << "x/y";
    QTest::newRow("taken in the block") << "a" << "b";
    QTest::newRow("taken in a definition") << "@own/op" << "in";
    QTest::newRow("taken in the choice") << "a/drop" << "id";
}

void TestRenameEdits::refuses()
{
    QFETCH(const QString, path);
    QFETCH(const QString, name);
    const SearchSpace drawn = drawnWith(R"({"budget":"parameters","max":100})");
    const auto refused = renameNodeEdit(drawn, idAt(drawn, path.toStdString()), name.toStdString());
    QVERIFY(!refused);
    QVERIFY(!refused.error().message.empty());
}

void TestRenameEdits::variablesTakeFormulasAndArgumentsAlong()
{
    const SearchSpace drawn = drawnWith(R"({"forbid":{"$width":[8],"own1.$rate":[0.3]}})");
    const SearchSpace wider = applied(drawn, renameVariableEdit(drawn, {}, "width", "w"));
    QCOMPARE(wider.root.variables.front().name, std::string("w"));
    const auto& linear = std::get<Operation>(wider.find(idAt(wider, "wide"))->body);
    QCOMPARE(linear.parameters.at("features"), (ParameterValue{ Expression{ "2*w" } }));
    QCOMPARE(std::get<Forbid>(wider.constraints.front()).all.front().key, std::string("$w"));
    QCOMPARE(countOf(wider), countOf(drawn));

    const NodeId own = drawn.findDefinition("own")->id;
    const SearchSpace named = applied(drawn, renameVariableEdit(drawn, own, "rate", "p"));
    QVERIFY(std::get<Use>(named.find(idAt(named, "own1"))->body).arguments.contains("p"));
    const auto& dropout = std::get<Operation>(named.find(idAt(named, "@own/op/drop"))->body);
    QCOMPARE(dropout.parameters.at("rate"), (ParameterValue{ Expression{ "p" } }));
    QCOMPARE(std::get<Forbid>(named.constraints.front()).all.back().key, std::string("own1.$p"));
    QCOMPARE(countOf(named), countOf(drawn));
    QVERIFY(isSound(named));
    QVERIFY(!renameVariableEdit(drawn, own, "rate", "1x"));
    QVERIFY(!renameVariableEdit(drawn, own, "width", "w"));
}

void TestRenameEdits::definitionsTakeUsesAlong()
{
    const SearchSpace drawn = drawnWith(R"({"forbid":{"@alike/op":["act"]}})");
    const SearchSpace renamed = applied(drawn, renameDefinitionEdit(drawn, "alike", "unit"));
    QCOMPARE(std::get<Use>(renamed.find(idAt(renamed, "alike2"))->body).definition, std::string("unit"));
    QCOMPARE(std::get<Forbid>(renamed.constraints.front()).all.front().key, std::string("@unit/op"));
    QVERIFY(isSound(renamed));
    QCOMPARE(countOf(renamed), countOf(drawn));
    for (const char* name : { "own", "a/b", "" })
        QVERIFY(!renameDefinitionEdit(drawn, "alike", name));
}

QTEST_GUILESS_MAIN(TestRenameEdits)
#include "tst_rename_edits.moc"
