// A drawn space of 2,000 nodes: what changes is all that is touched. Times are printed, not judged.
#include "editor_bench.h"

#include <QElapsedTimer>
#include <QImage>

using namespace archscope;
using namespace archscope::ui;

class TestLargeSpace : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void anEditTouchesWhatItChanges();
};

namespace {

/// Columns of residual pairs: as many edges as real spaces have.
space::SearchSpace ladder(int nodes)
{
    using namespace space;
    SearchSpace made;
    made.name = "ladder";
    std::int64_t next = 0;
    const auto add = [&](const std::string& name, NodeBody body) {
        made.root.nodes.push_back(makeNode(NodeId(next++), name, std::move(body)));
        return made.root.nodes.back().id;
    };
    NodeId last = add("input", Input{});
    for (int i = 0; static_cast<int>(made.root.nodes.size()) < nodes - 2; ++i) {
        const std::string number = std::to_string(i);
        const NodeId drop = add("drop" + number,
            Operation{ "dropout", { { "rate", Domain::categories({ Literal{ 0.1 }, Literal{ 0.2 } }) } } });
        const NodeId sum = add("add" + number, Operation{ "add", {} });
        made.root.edges.push_back({ last, drop, 0 });
        made.root.edges.push_back({ drop, sum, 0 });
        made.root.edges.push_back({ last, sum, 1 });
        last = sum;
    }
    made.root.edges.push_back({ last, add("output", Output{}), 0 });
    return made;
}

template <class Work>
double milliseconds(Work work)
{
    QElapsedTimer timer;
    timer.start();
    work();
    return static_cast<double>(timer.nsecsElapsed()) / 1e6;
}

} // namespace

void TestLargeSpace::anEditTouchesWhatItChanges()
{
    EditorBench bench;
    bench.document.setTaskShape({ { 8 }, 8 });
    const double opened = milliseconds([&] { bench.document.setSpace(ladder(2000)); });
    QTRY_VERIFY_WITH_TIMEOUT(bench.atRest(), 60'000);
    QCOMPARE(bench.scene->nodes().size(), bench.document.space().root.nodes.size());

    const space::Edge far = { bench.named("drop900").id, bench.named("add900").id, 0 };
    const QPainterPath route = bench.scene->edge(far)->path();
    space::Node changed = bench.named("drop3");
    std::get<space::Operation>(changed.body).parameters["rate"] = space::Literal{ 0.3 };
    const double edited = milliseconds([&] {
        const auto done = bench.document.push({ space::ReplaceNode{ changed.id, changed }, "edit" });
        QVERIFY(done);
    });
    QCOMPARE(bench.scene->edge(far)->path(), route);
    QVERIFY(bench.scene->node(changed.id)->look().rows.empty());
    QTRY_VERIFY_WITH_TIMEOUT(bench.atRest(), 60'000);

    const auto frame = [&bench] {
        QImage image(bench.view->viewport()->size(), QImage::Format_ARGB32_Premultiplied);
        return milliseconds([&] { bench.view->viewport()->render(&image); });
    };
    bench.editor.fitToView();
    const double all = frame();
    bench.view->setZoom(1);
    const double near = frame();
    qInfo("2,000 nodes: opened in %.1f ms, an edit %.1f ms, a frame with all %.1f ms, at 100 %% %.1f ms", opened, edited,
        all, near);
}

QTEST_MAIN(TestLargeSpace)
#include "tst_large_space.moc"
