// Offers to mend what is wrong: each applies, and the first of them mends.
#include "space_fixtures.h"

#include "core/network/shape_survey.h"
#include "ui/commands/repairs.h"

#include <QTest>

using namespace archscope;
using namespace archscope::ui;
using namespace archscope::space;

namespace {

std::vector<Issue> issuesOf(const SearchSpace& space, const network::TaskShape& task)
{
    const OperationSet& operations = testCatalog().operations();
    std::vector<Issue> issues = check(space, operations);
    if (std::ranges::none_of(issues, [](const Issue& issue) { return issue.severity == Issue::Severity::Error; }))
        std::ranges::copy(network::surveyShapes(space, operations, task).issues, std::back_inserter(issues));
    return issues;
}

SearchSpace imageSpace(const std::string& broken)
{
    SpaceMaker maker;
    const NodeId input = maker.add("input", Input{});
    const NodeId output = maker.add("output", Output{});
    const auto number = [](std::int64_t value) { return ParameterValue{ Literal{ value } }; };
    const NodeId conv = maker.operation("conv", broken == "type" ? "conw" : "conv", { { "channels", number(16) } });
    maker.connect(input, conv);
    auto& settings = std::get<Operation>(maker.space.root.nodes.back().body).parameters;
    if (broken == "parameter name")
        settings = { { "chanels", number(16) } };
    if (broken == "value")
        settings["kernel"] = number(-3);
    if (broken == "domain")
        settings["channels"] = Domain::integers(-8, 16, 8);
    if (broken == "variable")
        settings["channels"] = Expression{ "2*width" };
    NodeId last = conv;
    if (broken == "channels") {
        const NodeId wide = maker.operation("wide", "conv", { { "channels", number(32) } });
        const NodeId add = maker.operation("add", "add");
        maker.connect(input, wide);
        maker.connect(conv, add, 0);
        maker.connect(wide, add, 1);
        last = add;
    }
    if (broken == "dangling") {
        const NodeId other = maker.operation("other", "conv", { { "channels", number(16) } });
        maker.connect(input, other);
    }
    if (broken == "choice") {
        const NodeId choice = maker.add("choice", Choice{});
        maker.connect(conv, choice);
        last = choice;
    }
    if (broken == "gap") {
        const NodeId add = maker.operation("add", "add");
        maker.connect(conv, add, 0);
        maker.connect(conv, add, 2);
        last = add;
    }
    if (broken == "too many inputs")
        maker.connect(input, conv, 1);
    if (broken != "end" && broken != "image into linear") {
        const NodeId pool = maker.operation("pool", "global-pool");
        if (broken != "missing input")
            maker.connect(last, pool);
        last = pool;
    }
    if (broken != "end") {
        const NodeId head = maker.operation("head", "linear", { { "features", Expression{ "classes" } } });
        maker.connect(last, head);
        last = head;
    }
    maker.connect(last, output);
    return maker.space;
}

} // namespace

class TestRepairs : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theFirstOfferMends_data();
    void theFirstOfferMends();
    void everyOfferApplies();
    void nothingIsOfferedWhereNothingIsWrong();
    void shapesAreTracedPastErrors();
    void flagsMayBeFormulas();
};

void TestRepairs::theFirstOfferMends_data()
{
    QTest::addColumn<QString>("broken");
    QTest::addColumn<QString>("offer");
    QTest::newRow("type") << "type"
                          << "Change to conv";
    QTest::newRow("parameter name") << "parameter name"
                                    << "Rename chanels to channels";
    QTest::newRow("value") << "value"
                           << "Set kernel to 1";
    QTest::newRow("domain") << "domain"
                            << "Set channels to";
    QTest::newRow("variable") << "variable"
                              << "Define the variable width as 16";
    QTest::newRow("channels") << "channels"
                              << "Insert a 1×1 convolution to 32 channels after conv";
    QTest::newRow("dangling") << "dangling"
                              << "Delete other";
    QTest::newRow("choice") << "choice"
                            << "Add an identity";
    QTest::newRow("gap") << "gap"
                         << "Close the gap";
    QTest::newRow("too many inputs") << "too many inputs"
                                     << "Remove the connection from input";
    QTest::newRow("missing input") << "missing input"
                                   << "Connect conv to pool";
    QTest::newRow("image into linear") << "image into linear"
                                       << "Insert a flatten after conv";
    QTest::newRow("end") << "end"
                         << "End with a flatten and a linear layer";
}

void TestRepairs::theFirstOfferMends()
{
    QFETCH(const QString, broken);
    QFETCH(const QString, offer);
    const network::TaskShape task{ { 3, 8, 8 }, 10 };
    SearchSpace space = imageSpace(broken.toStdString());
    const std::vector<Issue> issues = issuesOf(space, task);
    QVERIFY2(!issues.empty(), "nothing is wrong");
    const OperationSet& operations = testCatalog().operations();
    const std::vector<Repair> repairs
        = repairsOf(issues.front(), space, operations, traceShapes(space, operations, task), task);
    QVERIFY2(!repairs.empty(), issues.front().message.c_str());
    QVERIFY2(repairs.front().title.startsWith(offer), qPrintable(repairs.front().title));
    QCOMPARE(QString::fromStdString(repairs.front().edit.title), repairs.front().title);
    QVERIFY(apply(space, repairs.front().edit));
    const std::vector<Issue> after = issuesOf(space, task);
    QVERIFY2(after.empty(), after.empty() ? "" : after.front().message.c_str());
}

void TestRepairs::everyOfferApplies()
{
    const network::TaskShape task{ { 3, 8, 8 }, 10 };
    const OperationSet& operations = testCatalog().operations();
    int offers = 0;
    for (const char* broken : { "type", "parameter name", "value", "domain", "variable", "channels", "dangling", "choice",
             "gap", "too many inputs", "missing input", "image into linear", "end" }) {
        const SearchSpace space = imageSpace(broken);
        for (const Issue& issue : issuesOf(space, task))
            for (const Repair& repair : repairsOf(issue, space, operations, traceShapes(space, operations, task), task)) {
                SearchSpace mended = space;
                const auto inverse = apply(mended, repair.edit);
                QVERIFY2(inverse, qPrintable(repair.title));
                QVERIFY(semanticHash(mended) != semanticHash(space));
                QVERIFY(apply(mended, *inverse));
                QVERIFY(mended == space);
                ++offers;
            }
    }
    QVERIFY(offers > 20);
}

void TestRepairs::nothingIsOfferedWhereNothingIsWrong()
{
    const network::TaskShape task{ { 1, 8, 8 }, 10 };
    const OperationSet& operations = testCatalog().operations();
    const SearchSpace space = *testCatalog().preset("chain-cnn");
    const ShapeTrace trace = traceShapes(space, operations, task);
    for (const Node& node : space.root.nodes) {
        Issue issue;
        issue.node = node.id;
        for (const Repair& repair : repairsOf(issue, space, operations, trace, task))
            QFAIL(qPrintable(repair.title));
    }
}

void TestRepairs::shapesAreTracedPastErrors()
{
    const network::TaskShape task{ { 3, 8, 8 }, 10 };
    const SearchSpace space = imageSpace("channels");
    const ShapeTrace trace = traceShapes(space, testCatalog().operations(), task);
    const auto shapes = [&](const char* name) {
        return trace.outputsOf(std::ranges::find(space.root.nodes, std::string(name), &Node::name)->id);
    };
    QCOMPARE(shapes("wide"), (std::vector<Shape>{ { 32, 8, 8 } }));
    QVERIFY(shapes("add").empty());
    const auto& add = trace.visits.at(std::ranges::find(space.root.nodes, std::string("add"), &Node::name)->id);
    QVERIFY(!add.front().problem.empty());
}

void TestRepairs::flagsMayBeFormulas()
{
    // Whether the task wants each step decides whether a second direction stands beside the first.
    SpaceMaker maker;
    const NodeId input = maker.add("input", Input{});
    const NodeId lstm = maker.operation("lstm", "lstm",
        { { "hidden", Literal{ std::int64_t{ 8 } } }, { "bidirectional", Expression{ "1 - each_step" } } });
    maker.connect(input, lstm);
    maker.connect(lstm, maker.add("output", Output{}));
    network::TaskShape task{ { 12, 4 }, 3 };
    QCOMPARE(traceShapes(maker.space, testCatalog().operations(), task).outputsOf(lstm), (std::vector<Shape>{ { 12, 16 } }));
    task.eachStep = true;
    QCOMPARE(traceShapes(maker.space, testCatalog().operations(), task).outputsOf(lstm), (std::vector<Shape>{ { 12, 8 } }));
}

QTEST_GUILESS_MAIN(TestRepairs)
#include "tst_repairs.moc"
