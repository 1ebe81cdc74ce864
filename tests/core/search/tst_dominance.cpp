#include "core/base/rng.h"
#include "core/search/dominance.h"
#include "core/search/hypervolume.h"

#include <QtTest>
#include <cmath>
#include <limits>
#include <rapidcheck.h>

using namespace archscope;
using namespace archscope::search;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

std::vector<Point> somePoints(int most, int dimensions, int levels)
{
    std::vector<Point> points;
    const auto count = *rc::gen::inRange(0, most);
    for (int i = 0; i < count; ++i) {
        Point point;
        for (int d = 0; d < dimensions; ++d)
            point.push_back(*rc::gen::inRange(0, levels));
        points.push_back(std::move(point));
    }
    return points;
}

} // namespace

class TestDominance : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void domination()
    {
        QVERIFY(dominates(Point{ 2, 1 }, Point{ 1, 1 }));
        QVERIFY(!dominates(Point{ 1, 1 }, Point{ 1, 1 }));
        QVERIFY(!dominates(Point{ 2, 0 }, Point{ 1, 1 }));
    }

    void constrainedDomination_data()
    {
        QTest::addColumn<double>("a");
        QTest::addColumn<double>("b");
        QTest::addColumn<bool>("better");
        QTest::addColumn<bool>("worse");
        // a is {0, 0}, b is {1, 1}: b dominates where constraints do not decide.
        QTest::newRow("both feasible: by the objectives") << 0.0 << 0.0 << false << true;
        QTest::newRow("the feasible one") << 0.0 << 0.1 << true << false;
        QTest::newRow("the less infeasible one") << 0.1 << 0.2 << true << false;
        QTest::newRow("equally infeasible") << 0.1 << 0.1 << false << false;
        QTest::newRow("without a measure") << 0.1 << infinity << true << false;
        QTest::newRow("both without") << infinity << infinity << false << false;
    }
    void constrainedDomination()
    {
        QFETCH(double, a);
        QFETCH(double, b);
        QTEST(dominates(Point{ 0, 0 }, a, Point{ 1, 1 }, b), "better");
        QTEST(dominates(Point{ 1, 1 }, b, Point{ 0, 0 }, a), "worse");
    }

    void nonDominatedIsThatOfTheDefinition()
    {
        const bool holds = rc::check("any number of objectives", [] {
            const auto dimensions = *rc::gen::inRange(1, 6);
            // Many points of few levels have ties everywhere; enough of them go through the dividing, too.
            const auto points = somePoints(*rc::gen::element(8, 60, 400), dimensions, *rc::gen::element(2, 5, 1000));
            std::vector<std::size_t> expected;
            for (std::size_t a = 0; a < points.size(); ++a) {
                bool beaten = false;
                for (std::size_t b = 0; b < points.size(); ++b)
                    beaten |= dominates(points[b], points[a]) || (b < a && points[a] == points[b]);
                if (!beaten)
                    expected.push_back(a);
            }
            std::ranges::sort(expected, [&](std::size_t a, std::size_t b) { return points[a] > points[b]; });
            RC_ASSERT(nonDominated(points) == expected);
        });
        QVERIFY(holds);
    }

    void frontsPeelOff()
    {
        const bool holds = rc::check("each front is the best of the rest", [] {
            auto points = somePoints(40, *rc::gen::inRange(1, 4), 6);
            const auto fronts = nonDominatedFronts(points, std::vector<double>(points.size(), 0));
            std::vector<std::size_t> left(points.size());
            for (std::size_t i = 0; i < left.size(); ++i)
                left[i] = i;
            for (const std::vector<std::size_t>& front : fronts) {
                std::vector<std::size_t> best;
                std::ranges::copy_if(left, std::back_inserter(best), [&](std::size_t a) {
                    return std::ranges::none_of(left, [&](std::size_t b) { return dominates(points[b], points[a]); });
                });
                RC_ASSERT(front == best);
                std::erase_if(left, [&](std::size_t i) { return std::ranges::find(front, i) != front.end(); });
            }
            RC_ASSERT(left.empty());
        });
        QVERIFY(holds);
    }

    void infeasibleFrontsComeLast()
    {
        const std::vector<Point> points = { { 9, 9 }, { 0, 0 }, { 5, 5 }, { 1, 0 } };
        const auto fronts = nonDominatedFronts(points, std::vector<double>{ 2, 0, 1, 0 });
        QVERIFY((fronts == std::vector<std::vector<std::size_t>>{ { 3 }, { 1 }, { 2 }, { 0 } }));
    }

    void crowdingOfKnownPoints()
    {
        // By hand: between neighbours (4 of 10 and 6 of 10), (6 of 10 and 4 of 10).
        const std::vector<Point> front = { { 0, 10 }, { 2, 6 }, { 4, 4 }, { 10, 0 } };
        const std::vector<double> distances = crowdingDistances(front);
        QCOMPARE(distances[0], infinity);
        QCOMPARE(distances[1], 0.4 + 0.6);
        QCOMPARE(distances[2], 0.8 + 0.6);
        QCOMPARE(distances[3], infinity);
        // An objective in which all are equal, or whose range is infinite, says nothing.
        const std::vector<Point> flat = { { 0, 1, -infinity }, { 1, 1, 0 }, { 4, 1, infinity } };
        QCOMPARE(crowdingDistances(flat)[1], 1.0);
        QVERIFY(crowdingDistances({}).empty());
    }

    void hundredThousandPointsWithThreeObjectives()
    {
        // On a sphere nobody dominates anybody; in a cube few are left. Comparing all pairs of the former would take
        // minutes.
        Rng rng(1);
        std::vector<Point> sphere;
        std::vector<Point> cube;
        for (int i = 0; i < 100'000; ++i) {
            Point point = { std::abs(rng.normal()), std::abs(rng.normal()), std::abs(rng.normal()) };
            cube.push_back({ rng.uniform(), rng.uniform(), rng.uniform() });
            const double length = std::hypot(point[0], point[1], point[2]);
            for (double& value : point)
                value /= length;
            sphere.push_back(std::move(point));
        }
        // Rounding may let a few touch.
        QVERIFY(nonDominated(sphere).size() > 99'900);
        const std::size_t few = nonDominated(cube).size();
        QVERIFY(few > 10 && few < 1000);
    }

    void hypervolumeOfKnownPoints_data()
    {
        QTest::addColumn<QVector<QVector<double>>>("points");
        QTest::addColumn<QVector<double>>("reference");
        QTest::addColumn<double>("volume");
        using Points = QVector<QVector<double>>;
        using Values = QVector<double>;
        QTest::newRow("nothing") << Points{} << Values{ 0, 0 } << 0.0;
        QTest::newRow("one objective") << Points{ { 3 }, { 5 }, { 4 } } << Values{ 1 } << 4.0;
        QTest::newRow("one point") << Points{ { 3, 4 } } << Values{ 1, 1 } << 6.0;
        QTest::newRow("stairs") << Points{ { 1, 3 }, { 2, 2 }, { 3, 1 } } << Values{ 0, 0 } << 6.0;
        QTest::newRow("dominated and equal ones")
            << Points{ { 1, 3 }, { 1, 1 }, { 2, 2 }, { 2, 2 }, { 3, 1 } } << Values{ 0, 0 } << 6.0;
        QTest::newRow("not beyond the reference") << Points{ { 1, 3 }, { 0, 9 }, { 9, -1 } } << Values{ 0, 0 } << 3.0;
        QTest::newRow("three objectives, one point") << Points{ { 1, 2, 3 } } << Values{ 0, 0, 0 } << 6.0;
        // 1 + 1 + 1 for the tips, 1 for the cube they share: 3 boxes of 2, less 3 pairs of 1, and 1 again.
        QTest::newRow("three objectives, a corner")
            << Points{ { 2, 1, 1 }, { 1, 2, 1 }, { 1, 1, 2 } } << Values{ 0, 0, 0 } << 4.0;
        QTest::newRow("four objectives") << Points{ { 2, 1, 1, 1 }, { 1, 1, 1, 2 } } << Values{ 0, 0, 0, 0 } << 3.0;
    }
    void hypervolumeOfKnownPoints()
    {
        QFETCH(QVector<QVector<double>>, points);
        QFETCH(QVector<double>, reference);
        std::vector<Point> all;
        for (const QVector<double>& point : points)
            all.emplace_back(point.begin(), point.end());
        QTEST(hypervolume(all, Point(reference.begin(), reference.end())), "volume");
    }

    void hypervolumeCountsCells()
    {
        const bool holds = rc::check("whole numbers: as many as there are dominated cells, all at once and one by one", [] {
            const auto dimensions = *rc::gen::inRange(1, 5);
            const auto points = somePoints(12, dimensions, 6);
            const Point reference(static_cast<std::size_t>(dimensions), 0);
            int cells = 0;
            std::vector<int> cell(static_cast<std::size_t>(dimensions), 0);
            for (bool more = true; more;) {
                cells += std::ranges::any_of(points, [&](const Point& point) {
                    for (std::size_t d = 0; d < cell.size(); ++d) {
                        if (point[d] <= cell[d])
                            return false;
                    }
                    return true;
                });
                more = false;
                for (std::size_t d = 0; d < cell.size() && !more; ++d) {
                    more = ++cell[d] < 6;
                    if (!more)
                        cell[d] = 0;
                }
            }
            RC_ASSERT(hypervolume(points, reference) == cells);
            GrowingHypervolume growing(reference);
            double before = 0;
            for (std::size_t i = 0; i < points.size(); ++i) {
                const double volume = growing.add(points[i]);
                RC_ASSERT(volume >= before);
                RC_ASSERT(volume == hypervolume(std::span(points).first(i + 1), reference));
                before = volume;
            }
        });
        QVERIFY(holds);
    }

    void referenceLiesATenthBeyondTheWorst()
    {
        const std::vector<Point> points = { { 1, 10, 7, 0 }, { 2, 30, 7, 0 }, { 0.5, infinity, 7, 0 } };
        const Point reference = referencePoint(points);
        QCOMPARE(reference, (Point{ 1 - 0.1, 10 - 2.0, 7 - 0.1 * 7, -0.1 }));
        QVERIFY(referencePoint({}).empty());
    }

    void historyOfTrials()
    {
        const std::vector<Objective> objectives = *parseObjectives("val_accuracy,latency_ms");
        const std::vector<Constraint> constraints = { *parseConstraint("latency_ms<=100") };
        std::vector<train::Trial> trials(6);
        const auto set
            = [&](std::size_t i, double accuracy, double latency, train::TrialState state = train::TrialState::Completed) {
                  trials[i].id = train::TrialId(static_cast<std::int64_t>(i) + 1);
                  trials[i].state = state;
                  trials[i].metrics = { { "val_accuracy", accuracy }, { "latency_ms", latency } };
              };
        set(0, 0.9, 1, train::TrialState::Failed);
        set(1, 0.5, 20);
        set(2, 0.9, 200); // breaks the constraint
        set(3, 0.4, 20); // dominated
        set(4, 0.8, 30);
        set(5, 0.6, 10);
        const HypervolumeHistory history = hypervolumeHistory(trials, objectives, constraints);
        const auto near = [](double a, double b) { return std::abs(a - b) < 1e-9; };
        QVERIFY(near(history.reference[0], 0.36) && near(history.reference[1], -32));
        const std::vector<double> expected
            = { 0, 0.14 * 12, 0.14 * 12, 0.14 * 12, 0.14 * 12 + 0.3 * 2, 0.24 * 22 + 0.2 * 2 };
        for (std::size_t i = 0; i < expected.size(); ++i)
            QVERIFY2(near(history.volumes[i], expected[i]), qPrintable(QString("%1: %2").arg(i).arg(history.volumes[i])));
        QVERIFY(near(history.box, 0.44 * 22));
        QVERIFY(hypervolumeHistory({}, objectives, constraints).reference.empty());
        QCOMPARE(hypervolumeHistory(std::span(trials).first(1), objectives, constraints).volumes, std::vector<double>{ 0 });
    }
};

QTEST_GUILESS_MAIN(TestDominance)
#include "tst_dominance.moc"
