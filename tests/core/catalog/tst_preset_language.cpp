// What the presets needed beyond choices and repeats: shares of a concatenation, loose edges, ports of blocks with optional edges,
// biases that count, and repeats that run once or never.
#include <QtTest> // first: moc stumbles over <concepts> at the head of others

#include "core/space/space_check.h"
#include "tests/core/catalog/preset_support.h"

using namespace archscope;
using namespace archscope::catalog;

namespace {
struct Drawn {
    explicit Drawn(const std::string& graph, const std::string& rest = {})
        : space(orDie(space::spaceFromText(R"({"format":"archscope.space","version":2,"name":"test","graph":)" + graph + rest + "}")))
        , decisions(orDie(space::DecisionSpace::compile(space)))
    {
    }
    network::Network lowered(const Json& answers, const network::TaskShape& task) const
    {
        return orDie(network::lower(space, decisions, orDie(decisions.fromJson(answers)), builtins().operations(), task));
    }
    space::SearchSpace space;
    space::DecisionSpace decisions;
};

std::string shapeOf(const network::Network& network, const std::string& layer)
{
    const auto it = std::find_if(network.layers.begin(), network.layers.end(), [&](const network::Layer& l) { return l.name == layer; });
    return it == network.layers.end() ? "absent" : space::shapeText(it->output);
}

/// Three linear layers, the second reads the first; which of them reach the concatenation is open.
const char* const shares = R"({"nodes":[{"name":"in","input":{}},
  {"name":"a","op":"linear","parameters":{"features":{"expr":"(part < 10%parts) + 10/parts"}}},
  {"name":"b","op":"linear","parameters":{"features":{"expr":"(part < 10%parts) + 10/parts"}}},
  {"name":"c","op":"linear","parameters":{"features":{"expr":"(part < 10%parts) + 10/parts"}}},
  {"name":"all","op":"concat"},{"name":"out","output":{}}],
  "edges":[["in","a"],["a","b"],["in","c"],["a","all",0,"optional"],["b","all",1,"optional"],["c","all",2,"optional"],["all","out"]]})";

const char* const loose = R"({"nodes":[{"name":"in","input":{}},{"name":"a","op":"linear","parameters":{"features":3}},
  {"name":"b","op":"linear","parameters":{"features":3}},{"name":"pick","select":{}},{"name":"c","op":"linear","parameters":{"features":3}},
  {"name":"mean","op":"mean"},{"name":"out","output":{}}],
  "edges":[["in","a"],["in","b"],["a","pick"],["b","pick",1],["pick","c"],["a","mean",0,"loose"],["b","mean",1,"loose"],["c","mean",2,"loose"],["mean","out"]]})";

/// The block's second input is optional: the third must not move to its place.
const char* const ports = R"({"nodes":[{"name":"in","input":{}},{"name":"narrow","op":"linear","parameters":{"features":2}},
  {"name":"wide","op":"linear","parameters":{"features":7}},
  {"name":"block","block":{"nodes":[{"name":"x","input":{}},{"name":"y","input":{}},{"name":"z","input":{}},
     {"name":"sum","op":"add"},{"name":"wider","op":"linear","parameters":{"features":7}},{"name":"out","output":{}}],
     "edges":[["x","wider"],["wider","sum"],["y","sum",1],["z","sum",2],["sum","out"]]}},{"name":"out","output":{}}],
  "edges":[["in","narrow"],["in","wide"],["narrow","block"],["wide","block",1,"optional"],["wide","block",2],["block","out"]]})";
} // namespace

class TestPresetLanguage : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void sharesOfAConcatenation()
    {
        const Drawn drawn(shares);
        const network::TaskShape task{{4}, 10};
        const auto all = drawn.lowered({{"a>all:0#present", true}, {"b>all:1#present", true}, {"c>all:2#present", true}}, task);
        QCOMPARE(shapeOf(all, "a"), std::string("4"));
        QCOMPARE(shapeOf(all, "b"), std::string("3"));
        QCOMPARE(shapeOf(all, "c"), std::string("3"));
        const auto two = drawn.lowered({{"a>all:0#present", false}, {"b>all:1#present", true}, {"c>all:2#present", true}}, task);
        QCOMPARE(shapeOf(two, "a"), std::string("5")); // as b, which it leads to
        QCOMPARE(shapeOf(two, "b"), std::string("5"));
        const auto one = drawn.lowered({{"a>all:0#present", true}, {"b>all:1#present", false}, {"c>all:2#present", false}}, task);
        QCOMPARE(shapeOf(one, "a"), std::string("10"));
        QCOMPARE(shapeOf(one, "b"), std::string("absent"));
    }

    void looseEdges()
    {
        const Drawn drawn(loose);
        const auto back = space::spaceFromJson(space::spaceToJson(drawn.space));
        QVERIFY(back);
        QVERIFY(*back == drawn.space);
        const auto network = drawn.lowered({{"pick", "1"}}, {{4}, 3});
        QCOMPARE(network.layers.back().inputs.size(), std::size_t(2)); // b is taken by c
        QCOMPARE(network.layers[static_cast<std::size_t>(network.layers.back().inputs.front())].name, std::string("a"));
    }

    void portsOfBlocksStay()
    {
        const Drawn drawn(ports);
        const auto without = drawn.lowered({{"wide>block:1#present", false}}, {{4}, 7});
        QCOMPARE(without.layers.back().inputs.size(), std::size_t(2));
        const auto with = drawn.lowered({{"wide>block:1#present", true}}, {{4}, 7});
        QCOMPARE(with.layers.back().inputs.size(), std::size_t(3));
    }

    void biasesCountWhereAsked()
    {
        const char* const graph = R"({"nodes":[{"name":"in","input":{}},{"name":"dense","op":"linear","parameters":{"features":{"expr":"classes"}}},
          {"name":"out","output":{}}],"edges":[["in","dense"],["dense","out"]]})";
        const auto plain = Drawn(graph).lowered(Json::object(), {{4}, 3});
        QCOMPARE(plain.cost().flops, std::int64_t(12));
        const Drawn drawn(graph, R"(,"count_biases":true)");
        QVERIFY(space::semanticHash(drawn.space) != space::semanticHash(Drawn(graph).space));
        const auto counted = drawn.lowered(Json::object(), {{4}, 3});
        QCOMPARE(counted.cost().flops, std::int64_t(15));
        const auto back = network::networkFromJson(network::networkToJson(counted), builtins().operations());
        QVERIFY(back);
        QCOMPARE(network::networkToJson(*back), network::networkToJson(counted));
        QCOMPARE(back->cost().flops, std::int64_t(15));
    }

    void onceOrNever()
    {
        const Drawn drawn(R"({"nodes":[{"name":"in","input":{}},{"name":"last","repeat":{"count":{"expr":"1 - each_step"},"shared":true,"graph":{
          "nodes":[{"name":"x","input":{}},{"name":"pool","op":"time-pool"},{"name":"y","output":{}}],"edges":[["x","pool"],["pool","y"]]}}},
          {"name":"out","output":{}}],"edges":[["in","last"],["last","out"]]})");
        QCOMPARE(drawn.lowered(Json::object(), {{5, 3}, 3, 0, true}).layers.size(), std::size_t(1));
        QCOMPARE(drawn.lowered(Json::object(), {{5, 3}, 3, 0, false}).layers.size(), std::size_t(2));
    }

    void builtInNamesAreReserved()
    {
        for (const char* name : {"part", "parts", "each_step"})
            QVERIFY(space::problemOfVariableName(name));
    }
};

QTEST_GUILESS_MAIN(TestPresetLanguage)
#include "tst_preset_language.moc"
