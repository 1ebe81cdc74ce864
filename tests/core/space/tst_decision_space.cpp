// Domains, decisions, genotypes: what strategies see of a space.
#include "core/catalog/catalog.h"
#include "core/space/decision_space.h"

#include <QtTest>
#include <cmath>
#include <rapidcheck.h>
#include <set>

using namespace archscope;
using namespace archscope::space;

namespace {
/// layers: one to three rounds of a choice between a convolution (kernel 3, 5 or 7) and nothing; an optional dropout.
constexpr const char* smallSpace = R"({"format":"archscope.space","version":1,"name":"small","graph":{
  "nodes":[{"name":"input","input":{}},
    {"name":"layers","repeat":{"count":{"int":[1,3]},"graph":{
      "nodes":[{"name":"input","input":{}},
        {"name":"op","choice":[{"name":"conv","op":"conv","parameters":{"kernel":{"values":[3,5,7]}}},{"name":"skip","op":"identity"}]},
        {"name":"output","output":{}}],
      "edges":[["input","op"],["op","output"]]}}},
    {"name":"drop","op":"dropout","optional":true,"parameters":{"rate":{"values":[0.1,0.5]}}},
    {"name":"output","output":{}}],
  "edges":[["input","layers"],["layers","drop"],["drop","output"]]}})";

DecisionSpace compiled(const char* text)
{
    const auto space = spaceFromText(text);
    if (!space)
        qFatal("%s", space.error().text().c_str());
    auto decisions = DecisionSpace::compile(*space);
    if (!decisions)
        qFatal("%s", decisions.error().text().c_str());
    return *decisions;
}
} // namespace

class TestDecisionSpace : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void countsExactly()
    {
        // A layer has 3 + 1 answers; (4 + 16 + 64) chains times (absent, or two rates).
        QCOMPARE(compiled(smallSpace).count().value(), std::string("252"));
    }

    void countEqualsEnumeration()
    {
        const DecisionSpace decisions = compiled(smallSpace);
        std::set<std::vector<double>> seen;
        Rng rng(1);
        for (int i = 0; i < 20'000; ++i)
            seen.insert(decisions.sample(rng).answers());
        QCOMPARE(seen.size(), std::size_t(252));
    }

    void mutationReachesEverything()
    {
        const DecisionSpace decisions = compiled(smallSpace);
        std::set<std::vector<double>> seen;
        Rng rng(2);
        Genotype genotype = decisions.sample(rng);
        for (int i = 0; i < 60'000; ++i) {
            const Genotype before = genotype;
            const auto changed = decisions.mutate(genotype, rng);
            QVERIFY(changed);
            QVERIFY(genotype != before);
            QVERIFY(decisions.isValid(genotype));
            seen.insert(genotype.answers());
        }
        QCOMPARE(seen.size(), std::size_t(252));
    }

    void keysAreStable()
    {
        const DecisionSpace decisions = compiled(smallSpace);
        std::vector<std::string> keys;
        for (const Decision& decision : decisions.decisions())
            keys.push_back(decision.key);
        const std::vector<std::string> expected = {"layers#count",          "layers/0/op", "layers/0/op/conv.kernel",
                                                   "layers/1/op",           "layers/1/op/conv.kernel",
                                                   "layers/2/op",           "layers/2/op/conv.kernel",
                                                   "drop#present",          "drop.rate"};
        QCOMPARE(keys, expected);
    }

    void jsonRoundTrips()
    {
        const catalog::Catalog catalog;
        for (const auto& preset : catalog.presets()) {
            const auto decisions = DecisionSpace::compile(*catalog.preset(preset.name));
            QVERIFY(decisions);
            const bool holds = rc::check(preset.name, [&] {
                Rng rng(*rc::gen::arbitrary<std::uint64_t>());
                const Genotype genotype = decisions->sample(rng);
                const auto back = decisions->fromJson(decisions->toJson(genotype));
                RC_ASSERT(back.has_value());
                RC_ASSERT(*back == genotype);
            });
            QVERIFY(holds);
        }
    }

    void badGenotypes_data()
    {
        QTest::addColumn<QString>("answers");
        QTest::addColumn<QString>("reason");
        QTest::newRow("missing") << R"({"layers#count":1,"layers/0/op":"skip"})" << "'drop#present' is missing";
        QTest::newRow("not in the domain") << R"({"layers#count":1,"layers/0/op":"pool","drop#present":false})" << "pool is not one of conv, skip";
        QTest::newRow("inactive") << R"({"layers#count":1,"layers/0/op":"skip","drop#present":false,"drop.rate":0.1})" << "not active";
        QTest::newRow("unknown") << R"({"layers#count":1,"layers/0/op":"skip","drop#present":false,"layer#count":1})" << "did you mean 'layers#count'";
        QTest::newRow("no object") << "[]" << "expected an object";
    }
    void badGenotypes()
    {
        QFETCH(QString, answers);
        QFETCH(QString, reason);
        const auto genotype = compiled(smallSpace).fromJson(*parseJson(answers.toStdString()));
        QVERIFY(!genotype);
        QVERIFY2(QString::fromStdString(genotype.error().text()).contains(reason), genotype.error().text().c_str());
    }

    void chainCnnIsLarge()
    {
        const catalog::Catalog catalog;
        const auto decisions = DecisionSpace::compile(*catalog.preset("chain-cnn"));
        QVERIFY(decisions);
        QVERIFY(decisions->count().value().size() >= 9); // at least 10^8
    }

    void domains_data()
    {
        QTest::addColumn<QString>("json");
        QTest::addColumn<int>("size");
        QTest::addColumn<QString>("last");
        QTest::newRow("integers") << R"({"int":[1,6]})" << 6 << "6";
        QTest::newRow("step") << R"({"int":[8,64],"step":8})" << 8 << "64";
        QTest::newRow("uneven step") << R"({"int":[1,10],"step":4})" << 3 << "9";
        QTest::newRow("doubling") << R"({"int":[8,64],"log":true})" << 4 << "64";
        QTest::newRow("values") << R"({"values":[3,"x",true,0.5]})" << 4 << "0.5";
    }
    void domains()
    {
        QFETCH(QString, json);
        QFETCH(int, size);
        QFETCH(QString, last);
        const Json value = *parseJson(json.toStdString());
        const auto domain = domainFromJson(JsonReader(value));
        QVERIFY(domain);
        QVERIFY(!domain->problem());
        QCOMPARE(*domain->size(), std::int64_t(size));
        QCOMPARE(QString::fromStdString(literalText(domain->at(size - 1))), last);
        QCOMPARE(domainToJson(*domain), value);
        for (int i = 0; i < size; ++i)
            QCOMPARE(*domain->answerFor(domain->at(i)), double(i));
    }

    void realDomains()
    {
        const Domain domain = Domain::reals(1e-4, 1e-1, true);
        QVERIFY(!domain.size());
        QCOMPARE(std::get<double>(domain.at(0)), 1e-4);
        QCOMPARE(std::get<double>(domain.at(1)), 1e-1);
        QVERIFY(std::abs(std::get<double>(domain.at(2.0 / 3)) - 1e-2) < 1e-6);
        QVERIFY(domain.answerFor(0.5).error().message.find("0.0001 to 0.1") != std::string::npos);
    }

    void emptyDomains_data()
    {
        QTest::addColumn<QString>("json");
        QTest::newRow("reversed") << R"({"int":[6,1]})";
        QTest::newRow("no values") << R"({"values":[]})";
        QTest::newRow("twice") << R"({"values":[3,3]})";
        QTest::newRow("log from zero") << R"({"real":[0,1],"log":true})";
        QTest::newRow("step zero") << R"({"int":[1,6],"step":0})";
    }
    void emptyDomains()
    {
        QFETCH(QString, json);
        const Json value = *parseJson(json.toStdString());
        QVERIFY(domainFromJson(JsonReader(value))->problem());
    }

    void expressions_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("result");
        QTest::newRow("product") << "2*width" << "32";
        QTest::newRow("precedence") << "1 + 2*3 - 8/4" << "5";
        QTest::newRow("parentheses") << "(width+4)/5" << "4";
        QTest::newRow("unknown name") << "height" << "there is no variable 'height' here";
        QTest::newRow("division by zero") << "width/(width-16)" << "division by zero";
        QTest::newRow("overflow") << "9223372036854775807*2" << "too large";
        QTest::newRow("rest") << "2 3" << "unexpected '3'";
        QTest::newRow("end") << "2*" << "a value is missing";
    }
    void expressions()
    {
        QFETCH(QString, text);
        QFETCH(QString, result);
        const auto value = evaluate({text.toStdString()}, [](const std::string& name) {
            return name == "width" ? std::optional<std::int64_t>(16) : std::nullopt;
        });
        const QString found = value ? QString::number(*value) : QString::fromStdString(value.error().message);
        QVERIFY2(found.contains(result), qPrintable(found));
    }
};

QTEST_GUILESS_MAIN(TestDecisionSpace)
#include "tst_decision_space.moc"
