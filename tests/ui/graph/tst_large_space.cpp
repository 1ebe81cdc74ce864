// A drawn space of 2,000 nodes: what changes is all that is touched. tests/bench/canvas_speed.cpp measures how long it takes.
#include "editor_bench.h"
#include "large_space.h"

using namespace archscope;
using namespace archscope::ui;

class TestLargeSpace : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void anEditTouchesWhatItChanges();
};

void TestLargeSpace::anEditTouchesWhatItChanges()
{
    EditorBench bench;
    bench.document.setTaskShape({ { 8 }, 8 });
    bench.document.setSpace(ladder(2000));
    QTRY_VERIFY_WITH_TIMEOUT(bench.atRest(), 60'000);
    QCOMPARE(bench.scene->nodes().size(), bench.document.space().root.nodes.size());

    const space::Edge far = { bench.named("drop900").id, bench.named("add900").id, 0 };
    const QPainterPath route = bench.scene->edge(far)->path();
    space::Node changed = bench.named("drop3");
    std::get<space::Operation>(changed.body).parameters["rate"] = space::Literal{ 0.3 };
    QVERIFY(bench.document.push({ space::ReplaceNode{ changed.id, changed }, "edit" }));
    QCOMPARE(bench.scene->edge(far)->path(), route);
    QVERIFY(bench.scene->node(changed.id)->look().rows.empty());
    QTRY_VERIFY_WITH_TIMEOUT(bench.atRest(), 60'000);
}

QTEST_MAIN(TestLargeSpace)
#include "tst_large_space.moc"
