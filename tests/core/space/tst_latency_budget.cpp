// Budgets on latency: how they read, and what they keep out. The predictor is the test's own: no machine is measured.
#include "core/catalog/catalog.h"
#include "core/network/shape_survey.h"

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

const network::TaskShape digits{{1, 8, 8}, 10};

/// A machine of a million multiply-adds a millisecond.
Result<double> byFlops(const network::Network& network)
{
    return 1e-6 * static_cast<double>(network.cost().flops);
}

SearchSpace bounded(const char* preset, std::optional<double> min, std::optional<double> max)
{
    SearchSpace space = *builtins().preset(preset);
    space.constraints = {Budget{Budget::Metric::Latency, min, max}};
    return space;
}
} // namespace

class TestLatencyBudget : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void readsAndIsWritten_data()
    {
        QTest::addColumn<QString>("json");
        QTest::addColumn<QString>("text");
        QTest::newRow("most") << R"({"budget":"latency_ms","max":2.0})" << "latency ≤ 2 ms";
        QTest::newRow("least") << R"({"budget":"latency_ms","min":0.25})" << "latency ≥ 0.25 ms";
        QTest::newRow("both") << R"({"budget":"latency_ms","max":1.5,"min":0.125})" << "0.125 ms ≤ latency ≤ 1.5 ms";
    }
    void readsAndIsWritten()
    {
        QFETCH(QString, json);
        QFETCH(QString, text);
        const Json document = *parseJson(json.toStdString());
        const auto constraint = constraintFromJson(JsonReader(document));
        QVERIFY2(constraint, constraint ? "" : constraint.error().text().c_str());
        QCOMPARE(QString::fromStdString(constraintText(*constraint)), text);
        QCOMPARE(QString::fromStdString(constraintToJson(*constraint).dump()), json);
    }

    void refusesWhatIsNoBudget_data()
    {
        QTest::addColumn<QString>("json");
        QTest::addColumn<QString>("reason");
        QTest::newRow("unknown") << R"({"budget":"latency","max":2.0})" << "latency_ms";
        QTest::newRow("no bound") << R"({"budget":"latency_ms"})" << "'min' or 'max'";
        QTest::newRow("text") << R"({"budget":"latency_ms","max":"2 ms"})" << "/max";
        QTest::newRow("crossed") << R"({"budget":"latency_ms","min":3,"max":2})" << "above";
    }
    void refusesWhatIsNoBudget()
    {
        QFETCH(QString, json);
        QFETCH(QString, reason);
        const Json document = *parseJson(json.toStdString());
        const auto constraint = constraintFromJson(JsonReader(document));
        QVERIFY(!constraint);
        QVERIFY2(constraint.error().text().find(reason.toStdString()) != std::string::npos, constraint.error().text().c_str());
    }

    void keepsWhatIsSampledAndVariedUnderTheBound()
    {
        const SearchSpace free = *builtins().preset("chain-cnn");
        const auto survey = network::surveyShapes(free, builtins().operations(), digits, {.latency = byFlops});
        rc::check("sampling, mutation and crossover", [&] {
            const double most = *rc::gen::element(survey.latency->median, 2 * survey.latency->median, survey.latency->high);
            const SearchSpace space = bounded("chain-cnn", {}, most);
            DecisionSpace decisions = *DecisionSpace::compile(space);
            network::bindBudgets(decisions, space, builtins().operations(), digits, byFlops);
            Rng rng(*rc::gen::arbitrary<std::uint32_t>());
            const auto keeps = [&](const Genotype& genotype) {
                const auto network = network::lower(free, decisions, genotype, builtins().operations(), digits);
                RC_ASSERT(network.has_value());
                RC_ASSERT(*byFlops(*network) <= most);
            };
            Genotype first = decisions.sample(rng);
            const Genotype second = decisions.sample(rng);
            keeps(first);
            keeps(second);
            keeps(decisions.crossover(first, second, rng));
            if (decisions.mutate(first, rng))
                keeps(first);
        });
    }

    void lowersWithinTheBoundsOnly()
    {
        const SearchSpace free = *builtins().preset("mlp");
        const DecisionSpace decisions = *DecisionSpace::compile(free);
        Rng rng(3);
        const Genotype genotype = decisions.sample(rng);
        const auto network = network::lower(free, decisions, genotype, builtins().operations(), digits);
        QVERIFY(network.has_value());
        const double latency = *byFlops(*network);
        const auto lowered = [&](std::optional<double> min, std::optional<double> max, const network::LatencyPredictor& predictor) {
            return network::lower(bounded("mlp", min, max), decisions, genotype, builtins().operations(), digits, predictor);
        };
        QVERIFY(lowered({}, latency, byFlops)); // the bound itself is within
        QVERIFY(lowered(latency, {}, byFlops));
        for (const auto& broken : {lowered({}, 0.9 * latency, byFlops), lowered(1.1 * latency, {}, byFlops)}) {
            QVERIFY(!broken);
            QVERIFY2(broken.error().message.find("ms are predicted") != std::string::npos, broken.error().message.c_str());
        }
        // Who cannot predict does not look at it.
        QVERIFY(lowered({}, 0.9 * latency, {}));
        QVERIFY(network::boundsLatency(bounded("mlp", 1, {})) && !network::boundsLatency(free));
        // What cannot be predicted is not admitted.
        const auto unknown = lowered({}, latency, [](const network::Network&) -> Result<double> { return fail(ErrorCode::Unsupported, "no machine"); });
        QVERIFY(!unknown);
        QCOMPARE(unknown.error().message, std::string("no machine"));
    }

    void predictsOnlyWhatTheOtherBudgetsLeave()
    {
        SearchSpace space = bounded("mlp", {}, 1e9);
        space.constraints.push_back(Budget{Budget::Metric::Parameters, {}, 1});
        DecisionSpace decisions = *DecisionSpace::compile(space);
        int predictions = 0;
        const auto counting = [&](const network::Network& network) {
            ++predictions;
            return byFlops(network);
        };
        Rng rng(3);
        QVERIFY(!network::lower(space, decisions, decisions.sample(rng), builtins().operations(), digits, counting));
        QCOMPARE(predictions, 0);
    }

    void nothingBelowTheBoundIsSaid()
    {
        const SearchSpace space = bounded("mlp", {}, 1e-9);
        DecisionSpace decisions = *DecisionSpace::compile(space);
        network::bindBudgets(decisions, space, builtins().operations(), digits);
        QVERIFY(decisions.requireSatisfiable()); // nobody predicts
        network::bindBudgets(decisions, space, builtins().operations(), digits, byFlops);
        QVERIFY(!decisions.requireSatisfiable());
        const auto survey = network::surveyShapes(space, builtins().operations(), digits, {.latency = byFlops});
        QCOMPARE(survey.fitting, 0);
        QVERIFY(!survey.issues.empty());
        QVERIFY2(survey.issues.front().message.find("latency ≤ 1e-09 ms") != std::string::npos, survey.issues.front().message.c_str());
    }

    void surveysLatencyWherePredicted()
    {
        const SearchSpace space = *builtins().preset("resnet-like");
        const auto without = network::surveyShapes(space, builtins().operations(), digits);
        QVERIFY(!without.latency);
        QVERIFY(without.layers.low > 0 && without.layers.low < without.layers.high);
        const auto with = network::surveyShapes(space, builtins().operations(), digits, {.samples = 30, .keep = 3, .seed = 5, .latency = byFlops});
        QCOMPARE(with.sampled, 30);
        QCOMPARE(with.examples.size(), std::size_t(3));
        QCOMPARE(with.latency->low, 1e-6 * static_cast<double>(with.flops.low));
        QCOMPARE(with.latency->median, 1e-6 * static_cast<double>(with.flops.median));
        QCOMPARE(with.latency->high, 1e-6 * static_cast<double>(with.flops.high));
        const auto unknown = network::surveyShapes(
            space, builtins().operations(), digits,
            {.samples = 4, .latency = [](const network::Network&) -> Result<double> { return fail(ErrorCode::Unsupported, "no machine"); }});
        QVERIFY(!unknown.latency);
        QCOMPARE(unknown.fitting, unknown.sampled);
        QCOMPARE(unknown.issues.size(), std::size_t(1));
        QVERIFY(unknown.issues.front().severity == Issue::Severity::Warning);
        QVERIFY2(unknown.issues.front().message.find("no machine") != std::string::npos, unknown.issues.front().message.c_str());
    }
};

QTEST_GUILESS_MAIN(TestLatencyBudget)
#include "tst_latency_budget.moc"
