// How fluent the editor is with a space of 2,000 nodes. Prints one JSON line a figure: `value` in milliseconds of this
// thread's processor time, `wall` in milliseconds that passed, each the 95th percentile where it is measured often.
//   open, layout               the space put into the editor; its automatic layout (off the GUI thread)
//   pan_all, pan, zoom         one frame with all nodes visible, at 100 %, and while zooming from one to the other
//   edit_value, edit_insert, undo   an edit until everything on the GUI thread has followed it
//   shapes                     shapes inferred anew after an edit (off the GUI thread)
//   shapes_shown               what the background found, put on the canvas
//   edit                       the worst edit with its shapes inferred and shown
#include "tests/ui/graph/inspector_bench.h"
#include "tests/ui/graph/large_space.h"

#include "ui/commands/shape_trace.h"
#include "ui/graph/space_layout.h"

#include <QImage>
#include <cmath>
#include <cstdio>
#include <cstdlib>

using namespace archscope;
using namespace archscope::ui;

namespace {

constexpr int nodeCount = 2000;
constexpr int columns = 20; ///< so that all nodes can be seen at once
int repetitions = 60;

void print(const char* figure, const Milliseconds& time)
{
    std::printf("{\"figure\":\"%s\",\"value\":%.3f,\"wall\":%.3f,\"unit\":\"ms\",\"nodes\":%d}\n", figure, time.processor,
        time.wall, nodeCount);
    std::fflush(stdout);
}

template <class Work> Milliseconds often(Work work)
{
    std::vector<Milliseconds> times;
    for (int i = 0; i < repetitions; ++i)
        times.push_back(timeOf([&] { work(i); }));
    return high(times);
}

void require(bool holds, const char* what)
{
    if (holds)
        return;
    std::fprintf(stderr, "%s\n", what);
    std::exit(4);
}

bool settle(const InspectorBench& bench)
{
    return QTest::qWaitFor([&bench] { return bench.atRest() && !bench.document.isSurveying(); }, 120'000);
}

void measureFrames(InspectorBench& bench)
{
    QImage image(bench.view->viewport()->size(), QImage::Format_ARGB32_Premultiplied);
    const QPointF centre = bench.scene->contentRect().center();
    const auto pan = [&](int i) {
        bench.view->centerOn(centre + QPointF(3.0 * i, 5.0 * i));
        bench.view->viewport()->render(&image);
    };
    bench.editor.fitToView();
    const QRectF visible = bench.view->mapToScene(bench.view->viewport()->rect()).boundingRect();
    require(visible.contains(bench.scene->contentRect().adjusted(1, 1, -1, -1)), "not all nodes can be seen at once");
    const double smallest = bench.view->transform().m11();
    print("pan_all", often(pan));
    bench.view->setZoom(1);
    print("pan", often(pan));
    bench.view->centerOn(centre);
    print("zoom", often([&](int i) {
        const double part = i / static_cast<double>(repetitions - 1);
        bench.view->setZoom(std::pow(smallest, 1 - part));
        bench.view->viewport()->render(&image);
    }));
    bench.view->setZoom(1);
}

/// Repeatedly an edit, each with all that follows it on the GUI thread, but not what the background sends later.
template <class Edit> Milliseconds measureEdits(InspectorBench& bench, Edit edit)
{
    std::vector<Milliseconds> times;
    for (int i = 0; i < repetitions; ++i) {
        times.push_back(timeOf([&] {
            edit(i);
            QCoreApplication::sendPostedEvents(&bench.inspector, QEvent::MetaCall); // not what the background sends
        }));
        require(settle(bench), "the editor does not come to rest after an edit");
    }
    return high(times);
}

} // namespace

int main(int argc, char** argv)
{
    if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication application(argc, argv);
    if (argc > 2 || (argc == 2 && (repetitions = std::atoi(argv[1])) < 2)) {
        std::fprintf(stderr, "usage: archscope-bench-canvas [REPETITIONS]\n");
        return 2;
    }
    InspectorBench bench;
    const network::TaskShape task{ { 8 }, 8 };
    bench.document.setTaskShape(task);
    print("open", timeOf([&] { bench.document.setSpace(ladder(nodeCount, columns)); }));
    require(settle(bench), "the editor does not come to rest after opening");
    const LayoutJob job = layoutJob(bench.scene->block(), bench.scene->boxes());
    print("layout", timeOf([&job] { (void)arranged(job); }));
    measureFrames(bench);

    space::Node changed = bench.named("drop3");
    bench.editor.select({ changed.id });
    const auto push
        = [&bench](const space::SpaceEdit& edit) { require(bench.document.push(edit).has_value(), "the edit was refused"); };
    const Milliseconds value = measureEdits(bench, [&](int i) {
        std::get<space::Operation>(changed.body).parameters["rate"] = space::Literal{ 0.1 + 0.01 * i };
        push({ space::ReplaceNode{ changed.id, changed }, "edit" });
    });
    print("edit_value", value);
    const Milliseconds insert = measureEdits(bench, [&](int i) {
        const space::NodeId id = bench.document.space().freshId();
        const std::string name = "more" + std::to_string(i);
        const space::Edge edge = edgesInto(bench.document.space().root, bench.named("add500").id).front();
        push(addNodeEdit({}, makeNode(id, name, space::Operation{ "identity", {} }), edge, {}, {}));
    });
    print("edit_insert", insert);
    const Milliseconds undo = measureEdits(bench, [&](int) { bench.document.undoStack()->undo(); });
    print("undo", undo);

    const Milliseconds shapes = often([&](int) {
        const ShapeTrace trace = traceShapes(bench.document.space(), bench.document.operations(), task, 1);
        require(!trace.visits.empty(), "no shapes were found");
    });
    print("shapes", shapes);
    const Milliseconds shown = often([&](int) { Q_EMIT bench.document.surveyChanged(); });
    print("shapes_shown", shown);
    const double worst = std::max({ value.processor, insert.processor, undo.processor });
    const double worstWall = std::max({ value.wall, insert.wall, undo.wall });
    print("edit", { worst + shapes.processor + shown.processor, worstWall + shapes.wall + shown.wall });
    return 0;
}
