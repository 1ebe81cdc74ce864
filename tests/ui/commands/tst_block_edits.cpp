// Grouping a selection and taking a block apart: the space's networks stay what they are, and undo restores the very space.
#include "space_fixtures.h"

#include "core/network/canonical.h"
#include "core/space/space_check.h"
#include "ui/commands/block_edits.h"

#include <QTest>
#include <rapidcheck.h>

using namespace archscope;
using namespace archscope::ui;
using namespace archscope::space;

namespace {

/// The same answers under the keys of a space in which the nodes named are inside a block of that name.
Json renamed(const Json& answers, const std::set<std::string>& names, const std::string& block, bool into)
{
    Json moved = Json::object();
    for (const auto& [key, value] : answers.items()) {
        std::string rest = key;
        if (!into && rest.starts_with(block + "/"))
            rest = rest.substr(block.size() + 1);
        const std::string first = rest.substr(0, rest.find_first_of("/.#"));
        moved[into && names.contains(first) ? block + "/" + rest : rest] = value;
    }
    return moved;
}

struct Lowered {
    std::string hash;
    Cost cost;
    bool operator==(const Lowered&) const = default;
};

Lowered lowered(const SearchSpace& space, const DecisionSpace& decisions, const Genotype& genotype)
{
    const auto network = network::lower(space, decisions, genotype, testCatalog().operations(), vectorTask());
    if (!network)
        return { network.error().text(), {} };
    return { network::canonicalHash(*network), network->cost() };
}

void requireSameNetworks(const SearchSpace& before, const SearchSpace& after, const std::set<std::string>& names,
    const std::string& block, bool into, Rng& rng)
{
    const auto decisions = DecisionSpace::compile(before);
    const auto moved = DecisionSpace::compile(after);
    RC_ASSERT(decisions.has_value());
    RC_ASSERT(moved.has_value());
    RC_ASSERT(decisions->count() == moved->count());
    for (int i = 0; i < 6; ++i) {
        const Genotype genotype = decisions->sample(rng);
        const auto same = moved->fromJson(renamed(decisions->toJson(genotype), names, block, into));
        RC_ASSERT(same.has_value());
        const Lowered expected = lowered(before, *decisions, genotype);
        RC_ASSERT(expected.hash.size() == 32U);
        RC_ASSERT(lowered(after, *moved, *same) == expected);
    }
}

} // namespace

class TestBlockEdits : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void groupingAndTakingApartKeepAllNetworks();
    void refusalsSayWhatToDo();
    void refusalsToTakeApart_data();
    void refusalsToTakeApart();
    void namesThatAreTakenGetANumber();
    void variablesComeOutWithTheBlock();
};

void TestBlockEdits::groupingAndTakingApartKeepAllNetworks()
{
    int grouped = 0;
    const bool ok = rc::check("promote and inline keep the networks", [&grouped] {
        Rng rng(*rc::gen::arbitrary<std::uint64_t>());
        const SearchSpace before = randomSpace(rng);
        RC_ASSERT(space::requireSound(before, testCatalog().operations()).has_value());
        // A run of neighbours in the order of drawing is groupable often enough.
        std::vector<NodeId> nodes;
        std::set<std::string> names;
        const std::size_t first = rng.below(before.root.nodes.size());
        const std::size_t last = std::min(first + 1 + rng.below(4), before.root.nodes.size());
        for (std::size_t i = first; i < last; ++i) {
            nodes.push_back(before.root.nodes[i].id);
            names.insert(before.root.nodes[i].name);
        }
        SearchSpace space = before;
        NodeId made;
        const auto edit = promoteEdit(space, {}, nodes, std::nullopt, made);
        if (!edit)
            return; // why not is another test's
        ++grouped;
        const auto inverse = apply(space, *edit);
        RC_ASSERT(inverse.has_value());
        RC_ASSERT(space::requireSound(space, testCatalog().operations()).has_value());
        requireSameNetworks(before, space, names, "block", true, rng);

        SearchSpace apart = space;
        std::vector<NodeId> released;
        const auto inlined = inlineEdit(apart, made, {}, released);
        RC_ASSERT(inlined.has_value());
        RC_ASSERT(apply(apart, *inlined).has_value());
        requireSameNetworks(space, apart, names, "block", false, rng);
        for (const NodeId id : released)
            RC_ASSERT(before.find(id) != nullptr); // ids are what selections and undo hold on to

        RC_ASSERT(apply(space, *inverse).has_value());
        RC_ASSERT(space == before);
    });
    QVERIFY(ok);
    QVERIFY2(grouped > 20, "hardly any selection could be grouped");
}

void TestBlockEdits::refusalsSayWhatToDo()
{
    SpaceMaker maker;
    const NodeId input = maker.add("input", Input{});
    const NodeId left = maker.operation("left", "activation");
    const NodeId middle = maker.operation("middle", "activation");
    const NodeId right = maker.operation("right", "activation");
    const NodeId join = maker.operation("join", "add");
    const NodeId output = maker.add("output", Output{});
    maker.connect(input, left);
    maker.connect(left, middle);
    maker.connect(middle, right);
    maker.connect(right, join, 0);
    maker.connect(left, join, 1);
    maker.connect(join, output);
    NodeId made;
    const auto why = [&](const std::vector<NodeId>& nodes) {
        const auto edit = promoteEdit(maker.space, {}, nodes, std::nullopt, made);
        return edit ? QString() : QString::fromStdString(edit.error().message);
    };
    QVERIFY(why({ input, output }).contains(QStringLiteral("Select the nodes")));
    QVERIFY(why({ left, right }).contains(QStringLiteral("middle")));
    const QString two = why({ left, middle });
    QVERIFY2(two.contains(QStringLiteral("left")) && two.contains(QStringLiteral("middle")), qPrintable(two));
    QVERIFY2(why({ join }).isEmpty(), "a block may have several inputs");
    QVERIFY(why({ middle, right }).isEmpty());
    QVERIFY(why({ left, middle, right, join }).isEmpty());
}

void TestBlockEdits::refusalsToTakeApart_data()
{
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QString>("reason");
    QTest::newRow("operation") << "operation"
                               << "no inside";
    QTest::newRow("repeat") << "repeat"
                            << "single round";
    QTest::newRow("optional") << "optional"
                              << "make it required";
    QTest::newRow("variable") << "variable"
                              << "exists inside and outside";
}

void TestBlockEdits::refusalsToTakeApart()
{
    QFETCH(const QString, kind);
    QFETCH(const QString, reason);
    SpaceMaker maker;
    const NodeId input = maker.add("input", Input{});
    Block body = wireBlock(maker.next);
    NodeId node;
    if (kind == QStringLiteral("operation")) {
        node = maker.operation("node", "activation");
    } else if (kind == QStringLiteral("repeat")) {
        node = maker.add("node", Repeat{ Literal{ std::int64_t{ 3 } }, false, std::move(body) });
    } else {
        if (kind == QStringLiteral("variable")) {
            body.variables.push_back({ "width", Literal{ std::int64_t{ 3 } } });
            maker.space.root.variables.push_back({ "width", Literal{ std::int64_t{ 4 } } });
        }
        node = maker.add("node", Nested{ std::move(body) }, kind == QStringLiteral("optional"));
    }
    maker.connect(input, node);
    maker.connect(node, maker.add("output", Output{}));
    std::vector<NodeId> released;
    const auto edit = inlineEdit(maker.space, node, {}, released);
    QVERIFY(!edit);
    QVERIFY2(QString::fromStdString(edit.error().message).contains(reason), edit.error().message.c_str());
}

void TestBlockEdits::namesThatAreTakenGetANumber()
{
    SpaceMaker maker;
    const NodeId input = maker.add("input", Input{});
    const NodeId outer = maker.operation("activation", "activation");
    Block body = wireBlock(maker.next);
    const NodeId inner(maker.next++);
    body.nodes.push_back(makeNode(inner, "activation", Operation{ "activation", {} }));
    body.edges = { { body.nodes[0].id, inner, 0 }, { inner, body.nodes[1].id, 0 } };
    const NodeId block = maker.add("block", Nested{ std::move(body) });
    const NodeId output = maker.add("output", Output{});
    maker.connect(input, outer);
    maker.connect(outer, block);
    maker.connect(block, output);
    std::vector<NodeId> released;
    const auto edit = inlineEdit(maker.space, block, {}, released);
    QVERIFY(edit);
    QVERIFY(apply(maker.space, *edit));
    QCOMPARE(released, std::vector{ inner });
    QCOMPARE(maker.space.find(inner)->name, std::string("activation2"));
    QCOMPARE(edgesInto(maker.space.root, inner).front().from, outer);
    QCOMPARE(edgesInto(maker.space.root, output).front().from, inner);
}

void TestBlockEdits::variablesComeOutWithTheBlock()
{
    SpaceMaker maker;
    const NodeId input = maker.add("input", Input{});
    Block body = wireBlock(maker.next);
    body.variables.push_back({ "width", Domain::integers(4, 8, 4) });
    const NodeId block = maker.add("block", Nested{ std::move(body) });
    maker.connect(input, block);
    const NodeId output = maker.add("output", Output{});
    maker.connect(block, output);
    std::vector<NodeId> released;
    const auto edit = inlineEdit(maker.space, block, {}, released);
    QVERIFY(edit);
    QVERIFY(apply(maker.space, *edit));
    QCOMPARE(maker.space.root.variables.size(), 1U);
    QVERIFY2(edgesInto(maker.space.root, output).front().from == input, "what passed straight through still does");
}

QTEST_GUILESS_MAIN(TestBlockEdits)
#include "tst_block_edits.moc"
