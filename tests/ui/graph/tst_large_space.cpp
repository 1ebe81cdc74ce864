// A drawn space of 2,000 nodes: what changes is all that is touched. Times are printed, not judged.
#include "editor_bench.h"

#include <QImage>
#include <ctime>

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

/// Of this thread: the machine's other work does not count.
double processorMilliseconds()
{
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

template <class Work>
double milliseconds(Work work)
{
    const double before = processorMilliseconds();
    work();
    return processorMilliseconds() - before;
}

/// The 95th percentile.
double high(std::vector<double> values)
{
    std::ranges::sort(values);
    return values[values.size() * 95 / 100];
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
    const auto edit = [&bench](const space::Node& node) {
        return milliseconds([&] {
            const auto done = bench.document.push({ space::ReplaceNode{ node.id, node }, "edit" });
            QVERIFY(done);
        });
    };
    std::vector<double> edits{ edit(changed) };
    QCOMPARE(bench.scene->edge(far)->path(), route);
    QVERIFY(bench.scene->node(changed.id)->look().rows.empty());
    QTRY_VERIFY_WITH_TIMEOUT(bench.atRest(), 60'000);

    constexpr int repetitions = 20;
    for (int i = 0; i < repetitions; ++i) {
        std::get<space::Operation>(changed.body).parameters["rate"] = space::Literal{ 0.1 + 0.01 * i };
        edits.push_back(edit(changed));
    }
    QImage image(bench.view->viewport()->size(), QImage::Format_ARGB32_Premultiplied);
    const auto pan = [&] {
        std::vector<double> frames;
        for (int i = 0; i < repetitions; ++i)
            frames.push_back(milliseconds([&] {
                bench.view->centerOn(bench.scene->contentRect().center() + QPointF(3.0 * i, 50.0 * i));
                bench.view->viewport()->render(&image);
            }));
        return high(std::move(frames));
    };
    bench.editor.fitToView();
    const double all = pan();
    bench.view->setZoom(1);
    const double near = pan();
    qInfo("2,000 nodes: opened in %.1f ms; 95 of 100 edits in %.1f ms, frames with all in %.1f ms, at 100 %% in %.1f ms", opened,
        high(std::move(edits)), all, near);
}

QTEST_MAIN(TestLargeSpace)
#include "tst_large_space.moc"
