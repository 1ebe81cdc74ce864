#include "core/base/text.h"
#include "tests/core/search/search_test_support.h"
#include "tests/support/primitive_spaces.h"

#include <QFile>
#include <QtTest>
#include <fmt/format.h>
#include <limits>
#include <rapidcheck.h>
#include <set>

using namespace archscope;
using namespace archscope::search;
using search::testing::additiveScore;

namespace {

const StrategySet& strategies()
{
    static const StrategySet set({ randomSearch(), gridSearch(), localSearch(), regularizedEvolution(), nsga2() });
    return set;
}

std::unique_ptr<Strategy> make(
    const std::string& name, StrategyContext context, const std::map<std::string, space::Literal>& settings = {})
{
    const StrategyDescriptor* descriptor = strategies().find(name);
    auto made = descriptor->make(context, *space::completed(descriptor->settings, settings, name));
    return made ? std::move(*made) : nullptr;
}

std::map<std::string, space::Literal> evolution(std::int64_t population, std::int64_t sample)
{
    return { { "population", population }, { "sample", sample } };
}

void tell(Strategy& strategy, std::int64_t id, const space::Genotype& genotype, double value,
    train::TrialState state = train::TrialState::Completed, bool feasible = true)
{
    Observation observation;
    observation.id = train::TrialId(id);
    observation.genotype = &genotype;
    observation.state = state;
    if (state == train::TrialState::Completed)
        observation.values = { value };
    observation.feasible = feasible && state == train::TrialState::Completed;
    strategy.tell(observation);
}

int differences(const space::Genotype& a, const space::Genotype& b)
{
    int count = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        count += a[i] != b[i];
    return count;
}

/// How a run stands between two calls.
struct Run {
    Rng order{ 7 };
    std::size_t width = 3; ///< trials running at most
    std::vector<std::pair<std::int64_t, space::Genotype>> running = {};
    std::int64_t nextId = 1;
    bool waits = false; ///< the last ask gave nothing
};

/// Tells one of the running trials, that `order` draws: most completed, some failed, pruned, cancelled or infeasible.
void tellOne(Strategy& strategy, Run& run)
{
    const std::size_t which = run.order.below(run.running.size());
    const auto [id, genotype] = run.running[which];
    run.running.erase(run.running.begin() + static_cast<std::ptrdiff_t>(which));
    Observation observation;
    observation.id = train::TrialId(id);
    observation.genotype = &genotype;
    switch (run.order.below(16)) {
    case 0:
        observation.state = train::TrialState::Failed;
        break;
    case 1:
        observation.state = train::TrialState::Pruned;
        break;
    case 2:
        observation.state = train::TrialState::Cancelled;
        break;
    default:
        observation.values = { additiveScore(genotype) };
        observation.violation = run.order.below(8) == 0 ? 0.5 : 0;
    }
    const bool completed = observation.state == train::TrialState::Completed;
    observation.feasible = completed && observation.violation == 0;
    if (!completed)
        observation.violation = std::numeric_limits<double>::infinity();
    strategy.tell(observation);
    run.waits = false;
}

/// Asks and tells, and returns what was proposed.
std::vector<Proposal> drive(Strategy& strategy, Run& run, int steps)
{
    std::vector<Proposal> proposals;
    for (int i = 0; i < steps; ++i) {
        if (run.running.size() < run.width && !run.waits) {
            auto proposal = strategy.ask();
            run.waits = !proposal;
            if (!proposal)
                continue;
            run.running.emplace_back(run.nextId++, proposal->genotype);
            proposals.push_back(std::move(*proposal));
        } else if (!run.running.empty()) {
            tellOne(strategy, run);
        } else {
            break; // it has no more
        }
    }
    return proposals;
}

std::vector<space::Genotype> genotypesOf(const std::vector<Proposal>& proposals)
{
    std::vector<space::Genotype> genotypes;
    for (const Proposal& proposal : proposals)
        genotypes.push_back(proposal.genotype);
    return genotypes;
}

space::DecisionSpace compiled(const char* text)
{
    return *space::DecisionSpace::compile(*space::spaceFromText(text));
}

QString readText(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

std::string settingsRow(const space::ParameterDescriptor& setting)
{
    using Type = space::ParameterDescriptor::Type;
    std::string range;
    if (setting.type == Type::Enumeration)
        range = joined(setting.options, ", ");
    else if (setting.type == Type::Integer || setting.type == Type::Real)
        range = fmt::format("{} to {}", setting.low, setting.high);
    return fmt::format("| `{}` | {} | {} | {} |", setting.name, space::literalText(setting.fallback), range, setting.help);
}

} // namespace

class TestStrategy : public QObject {
    Q_OBJECT

    space::DecisionSpace m_decisions;

    StrategyContext context(std::uint64_t seed = 1) const
    {
        StrategyContext made;
        made.decisions = &m_decisions;
        made.seed = seed;
        return made;
    }

private Q_SLOTS:
    void initTestCase() { m_decisions = *space::DecisionSpace::compile(search::testing::chainSpace(8, 5)); }

    void all_data()
    {
        QTest::addColumn<QString>("name");
        for (const StrategyDescriptor& descriptor : strategies().all())
            QTest::newRow(descriptor.name.c_str()) << QString::fromStdString(descriptor.name);
    }

    void sameSeedSameRun_data() { all_data(); }
    void sameSeedSameRun()
    {
        QFETCH(QString, name);
        const auto proposals = [&](std::uint64_t seed) {
            auto strategy = make(name.toStdString(), context(seed));
            Run run;
            return genotypesOf(drive(*strategy, run, 600));
        };
        QVERIFY(proposals(1) == proposals(1));
        if (name != "grid") // draws nothing
            QVERIFY(proposals(1) != proposals(2));
    }

    void stateContinuesExactly_data() { all_data(); }
    void stateContinuesExactly()
    {
        QFETCH(QString, name);
        const bool holds = rc::check("saved and restored anywhere", [&] {
            const auto before = *rc::gen::inRange(0, 150);
            StrategyContext where = context(*rc::gen::inRange<std::uint64_t>(0, 1000));
            where.budgetTrials = 60;
            auto one = make(name.toStdString(), where);
            Run run;
            run.width = static_cast<std::size_t>(*rc::gen::inRange(1, 6));
            drive(*one, run, before);
            // Through text, and into a strategy of another seed and budget: the state is all there is.
            where.seed += 1;
            where.budgetTrials = 4000;
            auto two = make(name.toStdString(), where);
            RC_ASSERT(two->restore(*parseJson(one->state().dump())).has_value());
            Run runTwo = run;
            RC_ASSERT(genotypesOf(drive(*one, run, 80)) == genotypesOf(drive(*two, runTwo, 80)));
            RC_ASSERT(one->state() == two->state());
        });
        QVERIFY(holds);
    }

    void walksEveryPrimitive_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("text");
        for (const StrategyDescriptor& descriptor : strategies().all()) {
            const QString name = QString::fromStdString(descriptor.name);
            QTest::addRow("%s, primitives", descriptor.name.c_str()) << name << test::allPrimitives;
            QTest::addRow("%s, recurrent cell", descriptor.name.c_str()) << name << test::recurrentCell;
            QTest::addRow("%s, real domains", descriptor.name.c_str()) << name << test::realDomains;
        }
    }
    void walksEveryPrimitive()
    {
        QFETCH(QString, name);
        QFETCH(QString, text);
        const space::DecisionSpace decisions = compiled(text.toUtf8().constData());
        if (const auto obstacle = strategies().find(name.toStdString())->obstacle(decisions)) {
            // A reason, with the decision's key.
            QVERIFY(std::ranges::any_of(decisions.decisions(), [&](const space::Decision& decision) {
                return obstacle->find("'" + decision.key + "'") != std::string::npos;
            }));
            return;
        }
        const auto isAdmissible = [](const space::Genotype& genotype) { return genotype.hash() % 4 != 0; };
        for (std::uint64_t seed = 0; seed < 5; ++seed) {
            StrategyContext where;
            where.decisions = &decisions;
            where.seed = seed;
            where.budgetTrials = 50;
            where.admissible = isAdmissible;
            auto strategy = make(name.toStdString(), where);
            Run run;
            run.width = 1 + seed;
            const std::vector<Proposal> proposals = drive(*strategy, run, 400);
            QVERIFY(!proposals.empty());
            std::int64_t id = 0;
            for (const Proposal& proposal : proposals) {
                ++id;
                QVERIFY(decisions.isValid(proposal.genotype));
                QVERIFY(decisions.isAllowed(proposal.genotype));
                QVERIFY(isAdmissible(proposal.genotype));
                for (const train::TrialId parent : proposal.parents)
                    QVERIFY(parent.value() >= 1 && parent.value() < id);
            }
        }
    }

    void anAskInVainChangesNothing_data() { all_data(); }
    void anAskInVainChangesNothing()
    {
        QFETCH(QString, name);
        StrategyContext where = context();
        where.budgetTrials = 60;
        auto strategy = make(name.toStdString(), where);
        Run run;
        run.width = 1000;
        QVERIFY(!strategy->awaitsTell());
        for (int i = 0; i < 300; ++i) {
            drive(*strategy, run, 1);
            if (!run.waits)
                continue;
            QVERIFY(strategy->awaitsTell());
            const Json state = strategy->state();
            QVERIFY(!strategy->ask());
            QVERIFY(strategy->state() == state);
            while (!run.running.empty() && strategy->awaitsTell())
                tellOne(*strategy, run);
            QVERIFY(!strategy->awaitsTell());
        }
    }

    void eachHasAPage_data() { all_data(); }
    void eachHasAPage()
    {
        QFETCH(QString, name);
        const StrategyDescriptor& descriptor = *strategies().find(name.toStdString());
        const QString page = readText(QStringLiteral(ARCHSCOPE_SOURCE_DIR "/docs/strategies/%1.md").arg(name));
        QVERIFY2(page.startsWith("# " + QString::fromStdString(descriptor.title) + "\n"),
            "the page is missing, or its title is another");
        QVERIFY2(page.contains(QString::fromStdString(descriptor.source)), descriptor.source.c_str());
        for (const space::ParameterDescriptor& setting : descriptor.settings) {
            const std::string row = settingsRow(setting);
            QVERIFY2(page.contains(QString::fromStdString(row)), ("the page lacks this row:\n" + row).c_str());
        }
    }

    void badStateIsRefused_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("state");
        QTest::newRow("random, nothing") << "random"
                                         << "{}";
        QTest::newRow("random, short") << "random"
                                       << R"({"rng":[1,2,3]})";
        QTest::newRow("random, negative") << "random"
                                          << R"({"rng":[1,2,3,-4]})";
        QTest::newRow("grid, nothing") << "grid"
                                       << "{}";
        QTest::newRow("grid, other space") << "grid"
                                           << R"({"next":[1,2]})";
        QTest::newRow("local search, nothing") << "local-search"
                                               << "{}";
        QTest::newRow("local search, unknown centre")
            << "local-search"
            << R"({"rng":[1,2,3,4],"order_seed":1,"move_to_first":true,"offered":null,"best_offer":[0,0],"known":[],)"
               R"("climbs":[{"centre":[0,0,0,0,0,0,0,0],"asked":0}]})";
        QTest::newRow("local search, half a memory")
            << "local-search"
            << R"({"rng":[1,2,3,4],"order_seed":1,"move_to_first":true,"offered":null,"best_offer":[0,0],"known":[[1]],"climbs":[]})";
        QTest::newRow("nsga2, nothing") << "nsga2"
                                        << "{}";
        QTest::newRow("nsga2, two values")
            << "nsga2"
            << R"({"rng":[1,2,3,4],"population":4,"crossover":0.9,"changes":1,"children":[],"generation":[],"running":[],)"
               R"("members":[{"id":1,"answers":[0,0,0,0,0,0,0,0],"values":[1,2],"violation":0}]})";
        QTest::newRow("evolution, no members") << "regularized-evolution"
                                               << R"({"rng":[1,2,3,4],"asked":1,"population":5,"sample":2})";
        QTest::newRow("evolution, other space")
            << "regularized-evolution"
            << R"({"rng":[1,2,3,4],"asked":1,"population":5,"sample":2,"members":[{"id":1,"fitness":0.5,"answers":[1,2]}]})";
        QTest::newRow("evolution, no population") << "regularized-evolution"
                                                  << R"({"rng":[1,2,3,4],"asked":1,"population":0,"sample":2,"members":[]})";
    }
    void badStateIsRefused()
    {
        QFETCH(QString, name);
        QFETCH(QString, state);
        QVERIFY(!make(name.toStdString(), context())->restore(*parseJson(state.toStdString())));
    }

    void onlyAdmissibleIsProposed_data() { all_data(); }
    void onlyAdmissibleIsProposed()
    {
        QFETCH(QString, name);
        StrategyContext where = context();
        where.admissible = [](const space::Genotype& g) { return g[0] == 2 && g[1] >= 1; };
        where.budgetTrials = 40;
        auto strategy = make(name.toStdString(), where);
        for (int i = 1; i <= 100; ++i) {
            const auto proposal = strategy->ask();
            QVERIFY(proposal.has_value());
            QVERIFY(where.admissible(proposal->genotype));
            QVERIFY(m_decisions.isValid(proposal->genotype));
            tell(*strategy, i, proposal->genotype, additiveScore(proposal->genotype));
        }
        where.admissible = [](const space::Genotype&) { return false; };
        QVERIFY(!make(name.toStdString(), where)->ask());
    }

    void evolutionBeginsAtRandomByTrialsAsked()
    {
        auto strategy = make("regularized-evolution", context(), evolution(10, 10));
        std::vector<space::Genotype> asked;
        for (int i = 0; i < 10; ++i) { // nothing told in between
            const auto proposal = strategy->ask();
            QVERIFY(proposal->parents.empty());
            asked.push_back(proposal->genotype);
        }
        QVERIFY(strategy->ask()->parents.empty()); // nobody lives yet
        for (int i = 0; i < 3; ++i)
            tell(*strategy, i + 1, asked[static_cast<std::size_t>(i)], i);
        const auto child = strategy->ask();
        QCOMPARE(child->parents.size(), std::size_t{ 1 });
        const auto parent = asked[static_cast<std::size_t>(child->parents[0].value() - 1)];
        QCOMPARE(differences(child->genotype, parent), 1);
    }

    void theOldestDiesHoweverGood()
    {
        auto strategy = make("regularized-evolution", context(), evolution(5, 5));
        std::vector<space::Genotype> born;
        for (int i = 0; i < 5; ++i) {
            born.push_back(strategy->ask()->genotype);
            tell(*strategy, i + 1, born.back(), i == 0 ? 1000 : i); // the first is the best by far
        }
        std::set<std::int64_t> parents;
        for (int i = 0; i < 100; ++i)
            parents.insert(strategy->ask()->parents[0].value());
        QVERIFY(parents.contains(1));
        tell(*strategy, 6, born[0], 0.5); // a sixth is born: the first dies
        parents.clear();
        for (int i = 0; i < 300; ++i)
            parents.insert(strategy->ask()->parents[0].value());
        QVERIFY(!parents.contains(1));
        QVERIFY(parents.contains(5));
    }

    void theFitterWinsTheTournament()
    {
        // With samples as large as the population, the best is nearly always drawn; with samples of one, all are alike.
        const auto shareOfBest = [this](std::int64_t sample) {
            auto strategy = make("regularized-evolution", context(), evolution(20, sample));
            for (int i = 0; i < 20; ++i) {
                const auto proposal = strategy->ask();
                tell(*strategy, i + 1, proposal->genotype, i);
            }
            int best = 0;
            for (int i = 0; i < 1000; ++i)
                best += strategy->ask()->parents[0].value() == 20;
            return best / 1000.0;
        };
        QVERIFY(shareOfBest(1) < 0.15); // expected 0.05
        QVERIFY(shareOfBest(20) > 0.5); // expected 1 - (19/20)^20 = 0.64
    }

    void failedAndInfeasibleAreNoParents()
    {
        auto strategy = make("regularized-evolution", context(), evolution(6, 3));
        for (int i = 1; i <= 6; ++i) {
            const auto proposal = strategy->ask();
            if (i == 2)
                tell(*strategy, i, proposal->genotype, 0, train::TrialState::Failed);
            else if (i == 3)
                tell(*strategy, i, proposal->genotype, 100, train::TrialState::Completed, false);
            else if (i == 4)
                tell(*strategy, i, proposal->genotype, std::numeric_limits<double>::quiet_NaN());
            else
                tell(*strategy, i, proposal->genotype, i);
        }
        std::set<std::int64_t> parents;
        for (int i = 0; i < 300; ++i)
            parents.insert(strategy->ask()->parents[0].value());
        QCOMPARE(parents, (std::set<std::int64_t>{ 1, 5, 6 }));
    }

    void allFailedGoesOnAtRandom()
    {
        auto strategy = make("regularized-evolution", context(), evolution(3, 2));
        for (int i = 1; i <= 50; ++i) {
            const auto proposal = strategy->ask();
            QVERIFY(proposal && proposal->parents.empty());
            tell(*strategy, i, proposal->genotype, 0, train::TrialState::Failed);
        }
    }

    void populationChoosesItself_data()
    {
        QTest::addColumn<int>("budget");
        QTest::addColumn<int>("population");
        QTest::addColumn<int>("sample");
        QTest::newRow("no bound: the paper's") << 0 << 100 << 25;
        QTest::newRow("large: the paper's") << 5000 << 100 << 25;
        QTest::newRow("small") << 40 << 10 << 3;
        QTest::newRow("tiny") << 5 << 10 << 3;
        QTest::newRow("middle") << 200 << 50 << 13;
    }
    void populationChoosesItself()
    {
        QFETCH(int, budget);
        QFETCH(int, population);
        QFETCH(int, sample);
        StrategyContext where = context();
        where.budgetTrials = budget;
        const Json state = make("regularized-evolution", where)->state();
        QCOMPARE(state.at("population").get<int>(), population);
        QCOMPARE(state.at("sample").get<int>(), sample);
    }

    void badSettingsAreNamed()
    {
        const StrategyDescriptor descriptor = regularizedEvolution();
        const auto tooLarge
            = descriptor.make(context(), *space::completed(descriptor.settings, evolution(10, 11), descriptor.name));
        QVERIFY(!tooLarge);
        QVERIFY(tooLarge.error().text().find("at most the population of 10") != std::string::npos);
        const auto unknown = space::completed(descriptor.settings, { { "popluation", std::int64_t{ 3 } } }, descriptor.name);
        QVERIFY(!unknown);
        QVERIFY(unknown.error().text().find("population") != std::string::npos);
    }

    void learningBeatsRandom_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<double>("least"); // mean of the best of 200 trials
        QTest::newRow("regularized-evolution") << "regularized-evolution" << 0.97;
        QTest::newRow("local-search") << "local-search" << 0.97;
        QTest::newRow("nsga2") << "nsga2" << 0.92; // its generations are made for more objectives
    }
    void learningBeatsRandom()
    {
        QFETCH(QString, name);
        QFETCH(double, least);
        const auto meanBest = [this](const std::string& searcher) {
            double sum = 0;
            for (std::uint64_t seed = 0; seed < 20; ++seed) {
                StrategyContext where = context(seed);
                where.budgetTrials = 200;
                auto strategy = make(searcher, where);
                double best = 0;
                for (int i = 1; i <= 200; ++i) {
                    const auto proposal = strategy->ask();
                    const double value = additiveScore(proposal->genotype);
                    best = std::max(best, value);
                    tell(*strategy, i, proposal->genotype, value);
                }
                sum += best;
            }
            return sum / 20;
        };
        const double random = meanBest("random");
        const double learned = meanBest(name.toStdString());
        QVERIFY2(learned > least && random < 0.88, qPrintable(QString("%1 %2").arg(learned).arg(random)));
    }
};

QTEST_GUILESS_MAIN(TestStrategy)
#include "tst_strategy.moc"
