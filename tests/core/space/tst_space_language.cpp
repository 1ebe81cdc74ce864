// The primitives of the space language beyond chains and choices: counting, activity, sampling, JSON, checks.
#include "core/catalog/catalog.h"
#include "core/network/network.h"
#include "core/space/decision_space.h"
#include "core/space/space_check.h"
#include "core/space/space_edit.h"

#include <QtTest>
#include <rapidcheck.h>
#include <set>

using namespace archscope;
using namespace archscope::space;

namespace {
const catalog::Catalog& builtins()
{
    static const catalog::Catalog catalog;
    return catalog;
}

SearchSpace read(const std::string& graph, const std::string& rest = {})
{
    const auto space = spaceFromText(R"({"format":"archscope.space","version":2,"name":"test","graph":)" + graph + rest + "}");
    if (!space)
        qFatal("%s", space.error().text().c_str());
    return *space;
}

DecisionSpace compiled(const SearchSpace& space)
{
    auto decisions = DecisionSpace::compile(space);
    if (!decisions)
        qFatal("%s", decisions.error().text().c_str());
    return *decisions;
}

network::Network lowered(const SearchSpace& space, const Json& answers, network::TaskShape task = {{4}, 4})
{
    const DecisionSpace decisions = compiled(space);
    const auto genotype = decisions.fromJson(answers);
    if (!genotype)
        qFatal("%s", genotype.error().text().c_str());
    const auto network = network::lower(space, decisions, *genotype, builtins().operations(), task);
    if (!network)
        qFatal("%s", network.error().text().c_str());
    return *network;
}

std::vector<std::string> layerNames(const network::Network& network)
{
    std::vector<std::string> names;
    for (const network::Layer& layer : network.layers)
        names.push_back(layer.name);
    return names;
}

using Names = std::vector<std::string>;

/// Two of three: relu, tanh and a linear layer whose features are open; their sum.
const char* const twoOfThree = R"({"nodes":[{"name":"in","input":{}},
  {"name":"pick","choice":[{"name":"relu","op":"activation","parameters":{"kind":"relu"}},{"name":"tanh","op":"activation","parameters":{"kind":"tanh"}},
     {"name":"dense","op":"linear","parameters":{"features":4,"bias":{"values":[true,false]}}}],"pick":2},
  {"name":"out","output":{}}],"edges":[["in","pick"],["pick","out"]]})";

/// A cell as in NAS-Net: the sum of two of its three inputs, an operation on each of the edges.
const char* const selecting = R"({"nodes":[{"name":"in","input":{}},{"name":"a","op":"activation","parameters":{"kind":"relu"}},
  {"name":"e0","on_edge":true,"choice":[{"name":"relu","op":"activation","parameters":{"kind":"relu"}},{"name":"tanh","op":"activation","parameters":{"kind":"tanh"}}]},
  {"name":"e1","on_edge":true,"choice":[{"name":"relu","op":"activation","parameters":{"kind":"relu"}},{"name":"tanh","op":"activation","parameters":{"kind":"tanh"}},{"name":"id","op":"identity"}]},
  {"name":"e2","on_edge":true,"op":"dropout","parameters":{"rate":{"values":[0.1,0.2,0.3,0.4]}}},
  {"name":"sum","select":{"pick":2}},{"name":"out","output":{}}],
  "edges":[["in","a"],["in","e0"],["a","e1"],["a","e2"],["e0","sum"],["e1","sum",1],["e2","sum",2],["sum","out"]]})";

const char* const ordering = R"({"nodes":[{"name":"in","input":{}},
  {"name":"steps","order":[{"name":"relu","op":"activation","parameters":{"kind":"relu"}},{"name":"dense","op":"linear","parameters":{"features":4}},
     {"name":"drop","op":"dropout","parameters":{"rate":{"values":[0.1,0.2]}}}]},
  {"name":"out","output":{}}],"edges":[["in","steps"],["steps","out"]]})";

/// A residual edge that may be left out, and an operation that hangs on another such edge.
const char* const optionalEdges = R"({"nodes":[{"name":"in","input":{}},{"name":"dense","op":"linear","parameters":{"features":4}},
  {"name":"side","choice":[{"name":"relu","op":"activation","parameters":{"kind":"relu"}},{"name":"tanh","op":"activation","parameters":{"kind":"tanh"}}]},
  {"name":"sum","op":"add"},{"name":"out","output":{}}],
  "edges":[["in","dense"],["in","side"],["dense","sum"],["side","sum",1,"optional"],["in","sum",2,"optional"],["sum","out"]]})";

const char* const uses = R"({"variables":[{"name":"width","value":4}],"nodes":[{"name":"in","input":{}},
  {"name":"first","use":"cell","arguments":{"features":{"expr":"2*width"}}},
  {"name":"second","use":"cell"},{"name":"out","output":{}}],
  "edges":[["in","first"],["first","second"],["second","out"]]})";
const char* const cellOfUses = R"(,"definitions":[{"name":"cell","shared":SHARED,"graph":{"variables":[{"name":"features","value":{"expr":"width"}}],
  "nodes":[{"name":"x","input":{}},{"name":"dense","op":"linear","parameters":{"features":{"expr":"features"}}},
    {"name":"act","choice":[{"name":"relu","op":"activation","parameters":{"kind":"relu"}},{"name":"tanh","op":"activation","parameters":{"kind":"tanh"}},{"name":"id","op":"identity"}]},{"name":"y","output":{}}],
  "edges":[["x","dense"],["dense","act"],["act","y"]]}}])";

std::string sharedCells(bool shared)
{
    std::string text = cellOfUses;
    text.replace(text.find("SHARED"), 6, shared ? "true" : "false");
    return text;
}

const char* const edgesOfFive = R"({"nodes":[{"name":"in","input":{}},{"name":"a","op":"add"},{"name":"b","op":"add"},{"name":"c","op":"add"},{"name":"out","output":{}}],
  "edges":[["in","a"],["in","b",0,"optional"],["a","b",1,"optional"],["in","c",0,"optional"],["a","c",1,"optional"],["b","c",2,"optional"],["c","out"]]})";
} // namespace

class TestSpaceLanguage : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void counts_data()
    {
        QTest::addColumn<QString>("graph");
        QTest::addColumn<QString>("rest");
        QTest::addColumn<QString>("expected");
        // {relu, tanh}: 1; {relu, dense}, {tanh, dense}: 2 each.
        QTest::newRow("two of three") << twoOfThree << "" << "5";
        // Pairs of edges: e0·e1, e0·e2, e1·e2 with 2, 3 and 4 answers.
        QTest::newRow("selection") << selecting << "" << QString::number(2 * 3 + 2 * 4 + 3 * 4);
        QTest::newRow("order") << ordering << "" << "12";
        // side>sum present with two operations, or absent; in>sum present or absent.
        QTest::newRow("optional edges") << optionalEdges << "" << "6";
        QTest::newRow("shared definition") << uses << QString::fromStdString(sharedCells(true)) << "3";
        QTest::newRow("independent definition") << uses << QString::fromStdString(sharedCells(false)) << "9";
        // Two edges into b count only while b leads to c: (4 + 1) times 4.
        QTest::newRow("five edges") << edgesOfFive << "" << "20";
        // Without b>c: 4; with it at most one of the four others: 5.
        QTest::newRow("at most two edges") << edgesOfFive << R"(,"constraints":[{"count":"*#present","value":true,"max":2}])" << "9";
        QTest::newRow("exactly two edges") << edgesOfFive << R"(,"constraints":[{"count":"*#present","value":true,"min":2,"max":2}])" << "5";
        QTest::newRow("forbidden pair") << edgesOfFive << R"(,"constraints":[{"forbid":{"in>b:0#present":[true],"a>b:1#present":[true]}}])" << "16";
        QTest::newRow("forbidden order") << ordering << R"(,"constraints":[{"forbid":{"steps":["relu>dense>drop"],"steps/drop.rate":[0.1]}}])" << "11";
        QTest::newRow("unsatisfiable") << edgesOfFive << R"(,"constraints":[{"count":"*#present","value":true,"min":3},{"count":"*#present","value":false,"min":3}])" << "0";
    }
    /// The count is exact: every architecture is met by going through all, and by sampling; each once, each valid and allowed.
    void counts()
    {
        QFETCH(QString, graph);
        QFETCH(QString, rest);
        QFETCH(QString, expected);
        const SearchSpace space = read(graph.toStdString(), rest.toStdString());
        for (const Issue& issue : check(space, builtins().operations()))
            QVERIFY2(issue.severity != Issue::Severity::Error, (issue.path + ": " + issue.message).c_str());
        const DecisionSpace decisions = compiled(space);
        QCOMPARE(QString::fromStdString(decisions.count().value()), expected);
        std::set<std::vector<double>> all;
        decisions.forEach([&](const Genotype& genotype) {
            if (!decisions.isValid(genotype) || !decisions.isAllowed(genotype) || !all.insert(genotype.answers()).second)
                qFatal("a genotype that is invalid, forbidden or met before");
            return true;
        });
        QCOMPARE(QString::number(all.size()), expected);
        QCOMPARE(decisions.requireSatisfiable().has_value(), expected != "0");
        if (expected == "0")
            return;
        std::set<std::vector<double>> sampled;
        std::set<std::vector<double>> mutated;
        std::set<std::vector<double>> crossed;
        Rng rng(3);
        Genotype walking = decisions.sample(rng);
        for (int i = 0; i < 3000; ++i) {
            const Genotype genotype = decisions.sample(rng);
            QVERIFY(decisions.isValid(genotype) && decisions.isAllowed(genotype));
            sampled.insert(genotype.answers());
            decisions.mutate(walking, rng);
            QVERIFY(decisions.isValid(walking) && decisions.isAllowed(walking));
            mutated.insert(walking.answers());
            const Genotype child = decisions.crossover(genotype, walking, rng);
            QVERIFY(decisions.isValid(child) && decisions.isAllowed(child));
            crossed.insert(child.answers());
            QCOMPARE(*decisions.fromJson(decisions.toJson(genotype)), genotype);
        }
        QCOMPARE(sampled.size(), all.size());
        QCOMPARE(crossed.size(), all.size());
        // One step at a time, constraints can cut a space in two: "exactly two" has no neighbour that differs in one answer.
        QVERIFY(mutated.size() == all.size() || rest.contains("\"min\":2"));
    }

    void semantics_data()
    {
        QTest::addColumn<QString>("graph");
        QTest::addColumn<QString>("rest");
        QTest::addColumn<QString>("answers");
        QTest::addColumn<QString>("layers");
        QTest::newRow("k of n merges") << twoOfThree << "" << R"({"pick":"relu,tanh"})" << "in pick/relu pick/tanh pick/add";
        QTest::newRow("k of n with a parameter") << twoOfThree << "" << R"({"pick":"relu,dense","pick/dense.bias":true})" << "in pick/relu pick/dense pick/add";
        QTest::newRow("selection takes two") << selecting << "" << R"({"sum":"0,1","e0":"relu","e1":"tanh"})" << "in a e0/relu e1/tanh sum/add";
        QTest::newRow("what is not picked is not built") << selecting << "" << R"({"sum":"1,2","e1":"id","e2.rate":0.2})" << "in a e1/id e2 sum/add";
        QTest::newRow("order") << ordering << "" << R"({"steps":"drop>dense>relu","steps/drop.rate":0.2})" << "in steps/drop steps/dense steps/relu";
        QTest::newRow("edges left out") << optionalEdges << "" << R"({"side>sum:1#present":false,"in>sum:2#present":false})" << "in dense sum";
        QTest::newRow("edges there") << optionalEdges << "" << R"({"side>sum:1#present":true,"side":"tanh","in>sum:2#present":false})" << "in dense side/tanh sum";
        QTest::newRow("shared") << uses << QString::fromStdString(sharedCells(true)) << R"({"@cell/act":"relu"})"
                                << "in first/dense first/act/relu second/dense second/act/relu";
        QTest::newRow("independent") << uses << QString::fromStdString(sharedCells(false)) << R"({"first/act":"relu","second/act":"tanh"})"
                                     << "in first/dense first/act/relu second/dense second/act/tanh";
    }
    void semantics()
    {
        QFETCH(QString, graph);
        QFETCH(QString, rest);
        QFETCH(QString, answers);
        QFETCH(QString, layers);
        const SearchSpace space = read(graph.toStdString(), rest.toStdString());
        const network::Network network = lowered(space, *parseJson(answers.toStdString()));
        QStringList names;
        for (const std::string& name : layerNames(network))
            names << QString::fromStdString(name);
        QCOMPARE(names.join(' '), layers);
    }

    void argumentsReachTheBody()
    {
        const auto network = lowered(read(uses, sharedCells(true)), {{"@cell/act", "id"}});
        QCOMPARE(network.layers[1].output, network::Shape{8}); // 2*width
        QCOMPARE(network.outputShape(), network::Shape{4});    // its own default
    }

    /// A body of two inputs sees the two latest outputs: cells stacked as in NAS-Net.
    void repeatSlidesOverItsInputs()
    {
        const SearchSpace space = read(R"({"nodes":[{"name":"in","input":{}},{"name":"stem","op":"activation","parameters":{"kind":"relu"}},
          {"name":"cells","repeat":{"count":3,"graph":{"nodes":[{"name":"before","input":{}},{"name":"last","input":{}},
             {"name":"sum","op":"add"},{"name":"y","output":{}}],"edges":[["before","sum"],["last","sum",1],["sum","y"]]}}},
          {"name":"out","output":{}}],"edges":[["in","stem"],["in","cells"],["stem","cells",1],["cells","out"]]})");
        const auto network = lowered(space, Json::object());
        QCOMPARE(layerNames(network), (Names{"in", "stem", "cells/0/sum", "cells/1/sum", "cells/2/sum"}));
        QCOMPARE(network.layers[2].inputs, (std::vector<int>{0, 1}));
        QCOMPARE(network.layers[3].inputs, (std::vector<int>{1, 2}));
        QCOMPARE(network.layers[4].inputs, (std::vector<int>{2, 3}));
    }

    void roundsAndTies()
    {
        const SearchSpace space = read(R"({"variables":[{"name":"depth","value":3},{"name":"act","value":{"values":["relu","tanh"]}}],
          "nodes":[{"name":"in","input":{}},{"name":"stages","repeat":{"count":{"expr":"depth"},"graph":{"nodes":[{"name":"x","input":{}},
             {"name":"dense","op":"linear","parameters":{"features":{"expr":"4*2^round"},"bias":{"expr":"round==0"}}},
             {"name":"y","output":{}}],"edges":[["x","dense"],["dense","y"]]}}},
          {"name":"head","op":"linear","parameters":{"features":{"expr":"classes"}}},{"name":"out","output":{}}],
          "edges":[["in","stages"],["stages","head"],["head","out"]]})");
        const auto network = lowered(space, {{"$act", "tanh"}});
        QCOMPARE(network.layers[1].output, network::Shape{4});
        QCOMPARE(network.layers[3].output, network::Shape{16});
        QVERIFY(network.layers[1].parameters.boolean("bias"));
        QVERIFY(!network.layers[2].parameters.boolean("bias"));
    }

    void recurrentCells()
    {
        const SearchSpace space = read(R"({"nodes":[{"name":"in","input":{}},
          {"name":"rnn","recurrent":{"hidden":{"values":[6,8]},"last":true,"graph":{"nodes":[{"name":"x","input":{}},{"name":"h","input":{}},
             {"name":"wx","op":"linear","parameters":{"features":{"values":[6,8]}}},{"name":"wh","op":"linear","parameters":{"features":8}},
             {"name":"sum","op":"add"},{"name":"act","choice":[{"name":"tanh","op":"activation","parameters":{"kind":"tanh"}},{"name":"relu","op":"activation","parameters":{"kind":"relu"}}]},{"name":"y","output":{}}],
             "edges":[["x","wx"],["h","wh"],["wx","sum"],["wh","sum",1],["sum","act"],["act","y"]]}}},
          {"name":"head","op":"linear","parameters":{"features":{"expr":"classes"}}},{"name":"out","output":{}}],
          "edges":[["in","rnn"],["rnn","head"],["head","out"]]})");
        const auto network = lowered(space, {{"rnn.hidden", 8}, {"rnn/wx.features", 8}, {"rnn/act", "tanh"}}, {{5, 3}, 4});
        QCOMPARE(network.layers[1].operation, std::string("recurrent"));
        QCOMPARE(network.layers[1].output, network::Shape{8});
        QCOMPARE(network.layers[1].cost.parameters, std::int64_t(3 * 8 + 8 + 8 * 8 + 8));
        QCOMPARE(network.layers[1].cost.flops, std::int64_t(5 * (3 * 8 + 8 * 8)));
        const auto back = network::networkFromJson(network::networkToJson(network), builtins().operations());
        QVERIFY2(back, back ? "" : back.error().text().c_str());
        QCOMPARE(network::networkToJson(*back).dump(), network::networkToJson(network).dump());
        // A cell whose output is not its state is refused with both numbers.
        const DecisionSpace decisions = compiled(space);
        const auto wrong = network::lower(space, decisions, *decisions.fromJson({{"rnn.hidden", 6}, {"rnn/wx.features", 8}, {"rnn/act", "tanh"}}),
                                          builtins().operations(), {{5, 3}, 4});
        QVERIFY(!wrong);
        QVERIFY2(wrong.error().message.find("gives 8, its state has 6") != std::string::npos, wrong.error().text().c_str());
    }

    void aCellDoesNotPassItsStepOn()
    {
        const SearchSpace space = read(R"({"nodes":[{"name":"in","input":{}},
          {"name":"rnn","recurrent":{"hidden":4,"graph":{"nodes":[{"name":"x","input":{}},{"name":"h","input":{}},{"name":"y","output":{}}],"edges":[["x","y"]]}}},
          {"name":"pool","op":"time-pool"},{"name":"out","output":{}}],"edges":[["in","rnn"],["rnn","pool"],["pool","out"]]})");
        const DecisionSpace decisions = compiled(space);
        Rng rng(1);
        const auto network = network::lower(space, decisions, decisions.sample(rng), builtins().operations(), {{5, 4}, 4});
        QVERIFY(!network);
        QVERIFY2(network.error().message.find("gives out its step itself") != std::string::npos, network.error().text().c_str());
    }

    void refusesTextsOfSubsetsAndOrders_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<bool>("order");
        for (const char* text : {"a", "a,b,c", "b,a", "a,a", "a,x", "", ",a", "a,", "a>b"})
            QTest::addRow("subset '%s'", text) << QString(text) << false;
        for (const char* text : {"a>b", "a>b>b", "a>b>x", "a,b,c", "", "a>b>c>a"})
            QTest::addRow("order '%s'", text) << QString(text) << true;
    }
    void refusesTextsOfSubsetsAndOrders()
    {
        QFETCH(QString, text);
        QFETCH(bool, order);
        const Domain domain = order ? Domain::permutation({"a", "b", "c"}) : Domain::subset({"a", "b", "c"}, 2, 2);
        QVERIFY(!domain.answerFor(Literal{text.toStdString()}));
        QVERIFY(!domain.answerFor(Literal{std::int64_t{1}}));
    }

    void budgetsSteerSampling()
    {
        SearchSpace space = *builtins().preset("mlp");
        space.constraints.push_back(Budget{Budget::Metric::Parameters, {}, 3000.0});
        DecisionSpace decisions = compiled(space);
        const network::TaskShape task{{1, 8, 8}, 10};
        network::bindBudgets(decisions, space, builtins().operations(), task);
        Rng rng(5);
        for (int i = 0; i < 50; ++i) {
            const auto network = network::lower(space, decisions, decisions.sample(rng), builtins().operations(), task);
            QVERIFY2(network, network ? "" : network.error().text().c_str());
            QVERIFY(network->cost().parameters <= 3000);
        }
        space.constraints = {Budget{Budget::Metric::Parameters, {}, 10.0}};
        DecisionSpace none = compiled(space);
        network::bindBudgets(none, space, builtins().operations(), task);
        const auto satisfiable = none.requireSatisfiable();
        QVERIFY(!satisfiable);
        QVERIFY(satisfiable.error().message.find("no architecture was found") != std::string::npos);
    }

    void priorsSteerSampling()
    {
        const SearchSpace space = read(R"({"nodes":[{"name":"in","input":{}},
          {"name":"drop","op":"dropout","parameters":{"rate":{"values":[0.1,0.2,0.3],"weights":[8,0,2]}}},{"name":"out","output":{}}],
          "edges":[["in","drop"],["drop","out"]]})");
        const DecisionSpace decisions = compiled(space);
        QCOMPARE(decisions.count().value(), std::string("3"));
        Rng rng(9);
        std::array<int, 3> seen{};
        for (int i = 0; i < 4000; ++i)
            ++seen[decisions.sample(rng).index(0)];
        QCOMPARE(seen[1], 0);
        QVERIFY(seen[0] > 3000 && seen[0] < 3400);
    }

    void jsonRoundTrips_data()
    {
        QTest::addColumn<QString>("graph");
        QTest::addColumn<QString>("rest");
        QTest::newRow("two of three") << twoOfThree << "";
        QTest::newRow("selection") << selecting << "";
        QTest::newRow("order") << ordering << "";
        QTest::newRow("edges") << optionalEdges << R"(,"constraints":[{"count":"*#present","value":true,"max":1},{"budget":"flops","min":10,"max":1e6},{"shape":"sum","dimension":0,"min":2},{"forbid":{"side":["relu"]}}])";
        QTest::newRow("uses") << uses << QString::fromStdString(sharedCells(false));
    }
    void jsonRoundTrips()
    {
        QFETCH(QString, graph);
        QFETCH(QString, rest);
        const SearchSpace space = read(graph.toStdString(), rest.toStdString());
        const auto back = spaceFromJson(spaceToJson(space));
        QVERIFY2(back, back ? "" : back.error().text().c_str());
        QCOMPARE(spaceToJson(*back).dump(), spaceToJson(space).dump());
        QCOMPARE(semanticHash(*back), semanticHash(space));
        SearchSpace renamed = space;
        renamed.name = "another";
        QCOMPARE(semanticHash(renamed), semanticHash(space));
    }

    void meaningIsInTheHash()
    {
        const SearchSpace space = read(uses, sharedCells(true));
        QVERIFY(semanticHash(space) != semanticHash(read(uses, sharedCells(false))));
        SearchSpace bounded = space;
        bounded.constraints.push_back(Budget{Budget::Metric::Flops, {}, 1e6});
        QVERIFY(semanticHash(bounded) != semanticHash(space));
    }

    void subsetsAndOrders()
    {
        rc::check("every answer of a subset or an order stands for one value and back", [] {
            const int n = *rc::gen::inRange(1, 9);
            std::vector<std::string> members;
            for (int i = 0; i < n; ++i)
                members.push_back("m" + std::to_string(i));
            const int low = *rc::gen::inRange(0, n + 1);
            const int high = *rc::gen::inRange(low, n + 1);
            for (const Domain& domain : {Domain::subset(members, low, high), Domain::permutation({members.begin(), members.begin() + std::min(n, 5)})}) {
                RC_ASSERT(!domain.problem());
                std::set<std::string> texts;
                for (std::int64_t answer = 0; answer < *domain.size(); ++answer) {
                    const Literal value = domain.at(static_cast<double>(answer));
                    RC_ASSERT(texts.insert(std::get<std::string>(value)).second);
                    RC_ASSERT(*domain.answerFor(value) == static_cast<double>(answer));
                }
            }
        });
    }

    void refuses_data()
    {
        QTest::addColumn<QString>("graph");
        QTest::addColumn<QString>("rest");
        QTest::addColumn<QString>("sentence");
        const QString plain = R"({"nodes":[{"name":"in","input":{}},NODE,{"name":"out","output":{}}],"edges":[["in","n"],["n","out"]]})";
        const auto with = [&](const char* node) { return QString(plain).replace("NODE", node); };
        QTest::newRow("too many picked") << with(R"({"name":"n","choice":[{"name":"a","op":"activation","parameters":{"kind":"relu"}},{"name":"b","op":"activation","parameters":{"kind":"tanh"}}],"pick":3})") << "" << "3 to 3 of 2 cannot be picked";
        QTest::newRow("selection of too many") << with(R"({"name":"n","select":{"pick":2}})") << "" << "2 to 2 of 1 cannot be picked";
        QTest::newRow("unknown merge") << with(R"({"name":"n","choice":[{"name":"a","op":"activation","parameters":{"kind":"relu"}},{"name":"b","op":"activation","parameters":{"kind":"tanh"}}],"pick":2,"merge":"mix"})") << "" << "no operation 'mix' to merge with";
        QTest::newRow("merge of one") << with(R"({"name":"n","choice":[{"name":"a","op":"activation","parameters":{"kind":"relu"}},{"name":"b","op":"activation","parameters":{"kind":"tanh"}}],"pick":2,"merge":"activation"})") << "" << "'activation' cannot merge";
        QTest::newRow("unknown definition") << with(R"({"name":"n","use":"cel"})") << QString::fromStdString(sharedCells(true)).replace("\"width\"", "\"3\"") << "did you mean 'cell'?";
        QTest::newRow("unknown argument") << with(R"({"name":"n","use":"cell","arguments":{"wide":3}})") << QString::fromStdString(sharedCells(true)).replace("\"width\"", "\"3\"") << "has no variable 'wide'";
        QTest::newRow("recursion") << with(R"({"name":"n","use":"a"})")
                                   << R"(,"definitions":[{"name":"a","graph":{"nodes":[{"name":"x","input":{}},{"name":"u","use":"b"},{"name":"y","output":{}}],"edges":[["x","u"],["u","y"]]}},
                                      {"name":"b","graph":{"nodes":[{"name":"x","input":{}},{"name":"u","use":"a"},{"name":"y","output":{}}],"edges":[["x","u"],["u","y"]]}}])"
                                   << "uses itself";
        QTest::newRow("cell with one input") << with(R"({"name":"n","recurrent":{"hidden":4,"graph":{"nodes":[{"name":"x","input":{}},{"name":"y","output":{}}],"edges":[["x","y"]]}}})") << "" << "has two inputs";
        QTest::newRow("empty order") << with(R"({"name":"n","order":[]})") << "" << "nothing to put in order";
        QTest::newRow("weights") << with(R"({"name":"n","op":"dropout","parameters":{"rate":{"values":[0.1,0.2],"weights":[1]}}})") << "" << "has 1 weights";
    }
    void refuses()
    {
        QFETCH(QString, graph);
        QFETCH(QString, rest);
        QFETCH(QString, sentence);
        const SearchSpace space = read(graph.toStdString(), rest.toStdString());
        QStringList all;
        for (const Issue& issue : check(space, builtins().operations())) {
            if (issue.severity == Issue::Severity::Error)
                all << QString::fromStdString(issue.message);
        }
        QVERIFY2(all.join('\n').contains(sentence), qPrintable(all.join('\n')));
    }

    void refusesConstraints_data()
    {
        QTest::addColumn<QString>("constraint");
        QTest::addColumn<QString>("sentence");
        QTest::newRow("unknown key") << R"({"forbid":{"sid":["relu"]}})" << "did you mean 'side'?";
        QTest::newRow("unknown value") << R"({"forbid":{"side":["gelu"]}})" << "gelu is not one of";
        QTest::newRow("nothing to count") << R"({"count":"*#present","value":"maybe","max":1})" << "matches no decision";
    }
    void refusesConstraints()
    {
        QFETCH(QString, constraint);
        QFETCH(QString, sentence);
        const SearchSpace space = read(optionalEdges, ",\"constraints\":[" + constraint.toStdString() + "]");
        const auto decisions = DecisionSpace::compile(space);
        QVERIFY(!decisions);
        QVERIFY2(QString::fromStdString(decisions.error().text()).contains(sentence), decisions.error().text().c_str());
        QCOMPARE(decisions.error().context, std::string("/constraints/0"));
    }

    /// Each issue tells where in the file it stands: following the pointer from the root leads to what it is about.
    void issuesPointIntoTheFile_data()
    {
        QTest::addColumn<QString>("node");
        QTest::addColumn<QString>("pointer");
        QTest::addColumn<QString>("path");
        QTest::newRow("parameter") << R"({"name":"n","op":"conv","parameters":{"kernl":3}})" << "/graph/nodes/1/parameters/kernl" << "n";
        QTest::newRow("operation") << R"({"name":"n","op":"convv"})" << "/graph/nodes/1" << "n";
        QTest::newRow("alternative") << R"({"name":"n","choice":[{"name":"a","op":"identity"},{"name":"b","op":"nope"}]})" << "/graph/nodes/1/choice/1" << "n/b";
        QTest::newRow("step") << R"({"name":"n","order":[{"name":"a","op":"nope"}]})" << "/graph/nodes/1/order/0" << "n/a";
        QTest::newRow("in a block") << R"({"name":"n","block":{"nodes":[{"name":"x","input":{}},{"name":"z","op":"nope"},{"name":"y","output":{}}],"edges":[["x","z"],["z","y"]]}})"
                                    << "/graph/nodes/1/block/nodes/1" << "n/z";
        QTest::newRow("rounds") << R"({"name":"n","repeat":{"count":{"values":["a"]},"graph":{"nodes":[{"name":"x","input":{}},{"name":"y","output":{}}],"edges":[["x","y"]]}}})"
                                << "/graph/nodes/1/repeat/count" << "n";
        QTest::newRow("argument") << R"({"name":"n","use":"bad","arguments":{"wide":3}})" << "/graph/nodes/1/arguments/wide" << "n";
        QTest::newRow("in a definition") << R"({"name":"n","use":"bad"})" << "/definitions/0/graph/nodes/1" << "@bad/z";
    }
    void issuesPointIntoTheFile()
    {
        QFETCH(QString, node);
        QFETCH(QString, pointer);
        QFETCH(QString, path);
        const SearchSpace space = read(R"({"nodes":[{"name":"in","input":{}},)" + node.toStdString() + R"(,{"name":"out","output":{}}],"edges":[["in","n"],["n","out"]]})",
            R"(,"definitions":[{"name":"bad","graph":{"nodes":[{"name":"x","input":{}},{"name":"z","op":"nope"},{"name":"y","output":{}}],"edges":[["x","z"],["z","y"]]}}])");
        QStringList places;
        for (const Issue& issue : check(space, builtins().operations())) {
            places << QString::fromStdString(pointerOf(space, issue) + " " + issue.path);
            QVERIFY2(spaceToJson(space).contains(Json::json_pointer(pointerOf(space, issue))), qPrintable(places.back()));
        }
        QVERIFY2(places.contains(pointer + ' ' + path), qPrintable(places.join('\n')));
    }

    void shapesOfNodesThatAreNotThere()
    {
        const auto issuesWith = [](const char* path) {
            return check(read(uses, sharedCells(true) + R"(,"constraints":[{"shape":")" + path + R"(","min":1}])"), builtins().operations());
        };
        for (const char* path : {"first", "@cell/act", "@cell/act/relu"})
            QVERIFY2(issuesWith(path).empty(), path);
        for (const char* path : {"", "frist", "first/act", "@cell", "@cel/act", "@cell/act/relu/more"}) {
            const auto issues = issuesWith(path);
            QVERIFY2(issues.size() == 1, path);
            QCOMPARE(issues.front().path, std::string("/constraints/0"));
            QVERIFY(issues.front().message.find("no node of this space") != std::string::npos);
        }
    }

    /// Small as files, astronomical unfolded: refused with a sentence, in no time.
    void refusesAstronomicalSpaces()
    {
        Json definitions = Json::array();
        for (int level = 0; level < 60; ++level) {
            Json a = level == 0 ? Json{{"op", "activation"}} : Json{{"use", "d" + std::to_string(level - 1)}};
            Json b = a;
            a["name"] = "a";
            b["name"] = "b";
            const Json graph = {{"nodes", {{{"name", "x"}, {"input", Json::object()}}, a, b, {{"name", "y"}, {"output", Json::object()}}}},
                                {"edges", Json::array({Json::array({"x", "a"}), Json::array({"a", "b"}), Json::array({"b", "y"})})}};
            definitions.push_back({{"name", "d" + std::to_string(level)}, {"shared", false}, {"graph", graph}});
        }
        const SearchSpace space = read(R"({"nodes":[{"name":"in","input":{}},{"name":"n","use":"d59"},{"name":"out","output":{}}],"edges":[["in","n"],["n","out"]]})",
                                       ",\"definitions\":" + definitions.dump());
        const auto decisions = DecisionSpace::compile(space);
        QVERIFY(!decisions);
        QVERIFY2(decisions.error().message.find("more than 1,000,000 nodes") != std::string::npos, decisions.error().text().c_str());
    }

    void definitionsAndConstraintsAreEdits()
    {
        SearchSpace space = read(uses, sharedCells(true));
        const SearchSpace before = space;
        std::vector<Definition> definitions = space.definitions;
        definitions.front().shared = false;
        const auto undone = apply(space, {SetDefinitions{definitions}, "Let uses decide"});
        QVERIFY(undone);
        QCOMPARE(compiled(space).count().value(), std::string("9"));
        QVERIFY(apply(space, *undone));
        QVERIFY(space == before);
        const auto bounded = apply(space, {SetConstraints{{Budget{Budget::Metric::Flops, {}, 10.0}}}, "Bound"});
        QVERIFY(bounded && space.constraints.size() == 1);
        QVERIFY(apply(space, *bounded));
        QVERIFY(space == before);
        definitions.push_back(definitions.front());
        QVERIFY(!apply(space, {SetDefinitions{definitions}, "Twice"}));
        QVERIFY(space == before);
    }
};

QTEST_GUILESS_MAIN(TestSpaceLanguage)
#include "tst_space_language.moc"
