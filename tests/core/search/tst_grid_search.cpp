#include "tests/core/search/strategy_test_support.h"
#include "tests/support/primitive_spaces.h"

#include <QFile>
#include <QtTest>
#include <set>

using namespace archscope;
using namespace archscope::search;

namespace {

space::DecisionSpace preset(const char* name)
{
    QFile file(QStringLiteral(ARCHSCOPE_SOURCE_DIR "/resources/spaces/%1.space.json").arg(name));
    if (!file.open(QIODevice::ReadOnly))
        qFatal("the preset is missing");
    return *space::DecisionSpace::compile(*space::spaceFromText(file.readAll().toStdString()));
}

space::DecisionSpace compiled(const char* text)
{
    return *space::DecisionSpace::compile(*space::spaceFromText(text));
}

std::vector<std::vector<double>> allOf(Strategy& grid)
{
    std::vector<std::vector<double>> all;
    while (const auto proposal = grid.ask())
        all.push_back(proposal->genotype.answers());
    return all;
}

} // namespace

class TestGridSearch : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void eachArchitectureOnceInOrder_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<int>("count");
        QTest::newRow("NAS-Bench-201") << "nas-bench-201" << 15'625;
        QTest::newRow("NAS-Bench-Macro") << "nas-bench-macro" << 6'561;
    }
    void eachArchitectureOnceInOrder()
    {
        QFETCH(QString, name);
        QFETCH(int, count);
        const space::DecisionSpace decisions = preset(name.toUtf8().constData());
        StrategyContext context;
        context.decisions = &decisions;
        const auto grid = testing::made(gridSearch(), context);
        const auto all = allOf(*grid);
        QCOMPARE(static_cast<int>(all.size()), count);
        QVERIFY(std::ranges::is_sorted(all));
        QCOMPARE(static_cast<int>(std::set(all.begin(), all.end()).size()), count);
        QVERIFY(!grid->ask()); // and it stays at its end
        QVERIFY(!grid->awaitsTell());
    }

    void primitivesAndConstraints_data()
    {
        QTest::addColumn<QString>("text");
        QTest::newRow("primitives") << test::allPrimitives;
        QTest::newRow("recurrent cell") << test::recurrentCell;
    }
    void primitivesAndConstraints()
    {
        QFETCH(QString, text);
        const space::DecisionSpace decisions = compiled(text.toUtf8().constData());
        StrategyContext context;
        context.decisions = &decisions;
        const auto all = allOf(*testing::made(gridSearch(), context));
        std::vector<std::vector<double>> expected;
        decisions.forEach([&](const space::Genotype& genotype) {
            expected.push_back(genotype.answers());
            return true;
        });
        QVERIFY(all == expected);
        QCOMPARE(std::to_string(all.size()), *decisions.count());
    }

    void jumpsToWhereItStood()
    {
        // Astronomically many: going through them from the start would never end.
        const space::DecisionSpace decisions = *space::DecisionSpace::compile(search::testing::chainSpace(60, 5));
        StrategyContext context;
        context.decisions = &decisions;
        const auto grid = testing::made(gridSearch(), context);
        std::vector<double> late(60, 4);
        late.front() = 3;
        late.back() = 2;
        QVERIFY(grid->restore(Json{ { "next", late } }).has_value());
        QCOMPARE(grid->ask()->genotype.answers(), late);
        late.back() = 3;
        QCOMPARE(grid->ask()->genotype.answers(), late);
        QVERIFY(grid->state().dump().size() < 1000);
    }

    void onlyAdmissible()
    {
        const space::DecisionSpace decisions = *space::DecisionSpace::compile(search::testing::chainSpace(3, 4));
        StrategyContext context;
        context.decisions = &decisions;
        context.admissible = [](const space::Genotype& genotype) { return genotype[0] == genotype[2]; };
        QCOMPARE(allOf(*testing::made(gridSearch(), context)).size(), std::size_t{ 16 });
    }

    void realDomainsAreRefusedByName()
    {
        const auto obstacle = gridSearch().obstacle(compiled(test::realDomains));
        QVERIFY(obstacle);
        QVERIFY2(obstacle->find("rate'") != std::string::npos, obstacle->c_str());
        QVERIFY(!gridSearch().obstacle(compiled(test::allPrimitives)));
    }
};

QTEST_GUILESS_MAIN(TestGridSearch)
#include "tst_grid_search.moc"
