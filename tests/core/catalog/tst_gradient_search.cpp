// Search by gradients: the gradients themselves, what each strategy does with a batch, its state, its alarms, and a few steps of each
// on several spaces.
#include "core/train/training_evaluator.h"
#include "core/search/gradient_search_torch.h"
#include "tests/core/catalog/preset_support.h"
#include "tests/core/train/tiny_task.h"

#include <QtTest>
#include <c10/core/GradMode.h>
#include <set>

using namespace archscope;
using namespace archscope::catalog;
using namespace archscope::search;

namespace {

using Settings = std::map<std::string, space::Literal>;

/// Three ways from two features to four, then a classifier: no normalisation and no noise, so that losses are smooth.
constexpr auto linearSpace = R"({"format":"archscope.space","version":2,"name":"linear","graph":{"nodes":[
    {"name":"input","input":{}},
    {"name":"op","choice":[
      {"name":"a","op":"linear","parameters":{"features":4}},
      {"name":"b","op":"linear","parameters":{"features":4,"bias":false}}]},
    {"name":"mid","op":"activation","parameters":{"kind":{"values":["tanh","sigmoid","relu"]}}},
    {"name":"classifier","op":"linear","parameters":{"features":{"expr":"classes"}}},
    {"name":"output","output":{}}],"edges":[["input","op"],["op","mid"],["mid","classifier"],["classifier","output"]]}})";

/// As a user may draw one: a choice, a kernel, an optional node, a selection.
constexpr auto drawnSpace = R"({"format":"archscope.space","version":2,"name":"drawn","graph":{"nodes":[
    {"name":"input","input":{}},
    {"name":"stem","op":"conv-block","parameters":{"channels":4,"kernel":3}},
    {"name":"op","choice":[
      {"name":"conv","op":"conv-block","parameters":{"channels":4,"kernel":{"values":[1,3]}}},
      {"name":"same","op":"identity"}]},
    {"name":"extra","optional":true,"op":"conv-block","parameters":{"channels":4,"kernel":3}},
    {"name":"one","select":{"pick":1}},
    {"name":"pool","op":"global-pool"},
    {"name":"classifier","op":"linear","parameters":{"features":{"expr":"classes"}}},
    {"name":"output","output":{}}],
    "edges":[["input","stem"],["stem","op"],["stem","extra"],["op","one"],["extra","one",1],["one","pool"],["pool","classifier"],["classifier","output"]]}})";

data::Task seriesTask()
{
    Rng rng(3);
    data::Samples samples;
    samples.shape = {5, 2};
    std::vector<float> values;
    std::vector<std::int64_t> labels;
    for (int i = 0; i < 60; ++i) {
        labels.push_back(i % 2);
        for (int j = 0; j < 10; ++j)
            values.push_back(static_cast<float>(rng.normal() + (i % 2 ? 1 : -1)));
    }
    samples.values = std::move(values);
    data::Task task = train::test::taskOf(std::move(samples), std::move(labels), 2);
    task.normalisation.mean = {0, 0}; // by feature, as sequences need it
    task.normalisation.deviation = {1, 1};
    return task;
}

/// All that a strategy works in, on a small task.
struct World {
    World(space::SearchSpace drawn, data::Task given)
        : space(std::move(drawn))
        , decisions(orDie(space::DecisionSpace::compile(space)))
    {
        given.spec.recipe.batchSize = 8;
        task = std::make_shared<data::Task>(std::move(given));
        context.space = &space;
        context.decisions = &decisions;
        context.operations = builtins().operations();
        context.task = task;
        context.seed = 5;
    }

    std::unique_ptr<SupernetStrategy> make(const StrategyDescriptor& descriptor, const Settings& settings) const
    {
        return orDie(descriptor.makeSupernet(context, orDie(space::completed(descriptor.settings, settings, descriptor.name))));
    }

    space::SearchSpace space;
    space::DecisionSpace decisions;
    std::shared_ptr<data::Task> task;
    SupernetContext context;
};

std::unique_ptr<World> worldOf(const std::string& name)
{
    if (name == "linear")
        return std::make_unique<World>(orDie(space::spaceFromText(linearSpace)), train::test::separableTask(80));
    if (name == "drawn")
        return std::make_unique<World>(orDie(space::spaceFromText(drawnSpace)), train::test::barsTask(60));
    if (name == "darts-rnn")
        return std::make_unique<World>(Preset(name, {{"H", 6}}).space, seriesTask());
    return std::make_unique<World>(Preset(name, {{"C", 4}, {"N", 1}}).space, train::test::barsTask(40));
}

StrategyDescriptor strategyOf(const std::string& name)
{
    for (StrategyDescriptor descriptor : {darts(), dartsSecondOrder(), pcDarts(), gdas()}) {
        if (descriptor.name == name)
            return descriptor;
    }
    std::abort();
}

double at(const at::Tensor& tensor, std::int64_t i)
{
    return tensor[i].item<double>();
}

SupernetReport withoutSeconds(SupernetReport report)
{
    report.seconds = 0;
    return report;
}

class TestGradientSearch : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void alphaGradientIsNumeric()
    {
        const auto world = worldOf("linear");
        const auto made = world->make(darts(), {});
        auto& search = dynamic_cast<GradientSearch&>(*made);
        const c10::AutoGradMode gradients(true);
        const train::Batch batch = search.data().tensors.batch(search.data().architecture);
        GradientSearch::Pass passed;
        const at::Tensor gradient = search.architectureGradient(batch, batch, 0.1, passed);
        QCOMPARE(gradient.numel(), std::int64_t{5});
        const double step = 0.02;
        for (std::int64_t i = 0; i < gradient.numel(); ++i) {
            const auto loss = [&](double change) {
                at::Tensor alpha = search.alpha().detach().clone();
                alpha[i] += change;
                return search.pass(batch, alpha).loss.item<double>();
            };
            const double numeric = (loss(step) - loss(-step)) / (2 * step);
            QVERIFY2(std::abs(at(gradient, i) - numeric) < 1e-4 + 0.02 * std::abs(numeric), qPrintable(QString("%1 %2 %3").arg(i).arg(at(gradient, i)).arg(numeric)));
        }
    }

    /// The loss after one step of the weights, as a function of α.
    void secondOrderIsNumeric()
    {
        const auto world = worldOf("linear");
        const auto made = world->make(dartsSecondOrder(), {{"momentum", 0.0}, {"weight_decay", 0.01}});
        auto& search = dynamic_cast<GradientSearch&>(*made);
        const c10::AutoGradMode gradients(true);
        const train::Batch trained = search.data().tensors.batch(search.data().weights);
        const train::Batch validated = search.data().tensors.batch(search.data().architecture);
        const double rate = 2; // large, so that the second term counts
        const at::Tensor weights = search.optimizer().weights();
        const at::Tensor before = weights.clone();
        GradientSearch::Pass passed;
        const at::Tensor gradient = search.architectureGradient(trained, validated, rate, passed);
        QVERIFY(weights.equal(before)); // put back
        const at::Tensor firstOrder = search.GradientSearch::architectureGradient(trained, validated, rate, passed);
        QVERIFY((gradient - firstOrder).abs().max().item<double>() > 0.1 * firstOrder.abs().max().item<double>());
        const auto place = [&](const at::Tensor& values) {
            const c10::NoGradGuard noGradients;
            weights.copy_(values);
        };
        const double step = 0.02;
        for (std::int64_t i = 0; i < gradient.numel(); ++i) {
            const auto loss = [&](double change) {
                at::Tensor alpha = search.alpha().detach().clone();
                alpha[i] += change;
                search.optimizer().zeroGradients();
                search.pass(trained, alpha).loss.backward();
                place(before - rate * (search.optimizer().gradients() + before * 0.01));
                const double value = search.pass(validated, alpha).loss.item<double>();
                place(before);
                return value;
            };
            const double numeric = (loss(step) - loss(-step)) / (2 * step);
            QVERIFY2(std::abs(at(gradient, i) - numeric) < 5e-4 + 0.05 * std::abs(numeric), qPrintable(QString("%1 %2 %3").arg(i).arg(at(gradient, i)).arg(numeric)));
        }
    }

    void gdasTakesOnePath()
    {
        const auto world = worldOf("nas-bench-201");
        const auto made = world->make(gdas(), {{"epochs", std::int64_t{3}}});
        auto& search = dynamic_cast<GradientSearch&>(*made);
        QVERIFY(made->step({}));
        const c10::AutoGradMode gradients(true);
        const train::Batch batch = search.data().tensors.batch(search.data().weights.slice(0, 0, 8));
        search.optimizer().zeroGradients();
        at::Tensor alpha = search.alpha();
        alpha.mutable_grad().reset();
        search.pass(batch, alpha).loss.backward();
        // Of each edge at most one operation has gradients in each cell.
        std::map<std::string, std::set<std::string>> touched;
        for (const ops::NamedTensor& tensor : search.supernet().tensors()) {
            const std::size_t at = tensor.name.find("/nor_conv_");
            if (at != std::string::npos && tensor.trainable && tensor.tensor.grad().abs().max().item<double>() > 0)
                touched[tensor.name.substr(0, at)].insert(tensor.name.substr(at, 14));
        }
        QVERIFY(!touched.empty());
        for (const auto& [edge, operations] : touched)
            QCOMPARE(operations.size(), std::size_t{1});
        // Yet all five numbers of an edge on the path are moved, by the softmax.
        int moved = 0;
        for (std::int64_t edge = 0; edge < 6; ++edge) {
            const at::Tensor own = alpha.grad().slice(0, 5 * edge, 5 * edge + 5);
            const auto count = own.ne(0).sum().item<std::int64_t>();
            QVERIFY(count == 0 || count == 5);
            moved += count > 0 ? 1 : 0;
        }
        QVERIFY(moved > 0);
    }

    void steps_data()
    {
        QTest::addColumn<QString>("strategy");
        QTest::addColumn<QString>("space");
        for (const char* strategy : {"darts", "darts-2nd", "pc-darts", "gdas"}) {
            for (const char* space : {"nas-bench-201", "darts", "drawn"})
                QTest::addRow("%s, %s", strategy, space) << strategy << space;
        }
        QTest::newRow("darts, darts-rnn") << "darts" << "darts-rnn";
        QTest::newRow("gdas, darts-rnn") << "gdas" << "darts-rnn";
    }

    void steps()
    {
        QFETCH(QString, strategy);
        QFETCH(QString, space);
        const auto world = worldOf(space.toStdString());
        const StrategyDescriptor descriptor = strategyOf(strategy.toStdString());
        QVERIFY(!descriptor.obstacle(world->decisions));
        Settings settings = {{"epochs", std::int64_t{2}}, {"warmup_epochs", std::int64_t{0}}};
        if (strategy != "gdas")
            settings["sharpness_every"] = std::int64_t{2};
        const auto made = world->make(descriptor, settings);
        auto& search = dynamic_cast<GradientSearch&>(*made);
        const at::Tensor before = search.alpha().detach().clone();
        for (int epoch = 1; epoch <= 2; ++epoch) {
            const auto report = made->step({});
            QVERIFY2(report, report ? "" : report.error().text().c_str());
            QCOMPARE(report->epoch, epoch);
            QVERIFY(report->trainLoss > 0 && report->architectureLoss.value_or(0) > 0);
            QVERIFY(report->sharedAccuracy && *report->sharedAccuracy >= 0 && *report->sharedAccuracy <= 1);
            QVERIFY(report->entropy > 0);
            QVERIFY(!report->entropySeries.empty());
            QCOMPARE(report->sharpness.has_value(), strategy != "gdas" && epoch == 2);
            QCOMPARE(report->beliefs.size(), world->decisions.size());
            QVERIFY(world->decisions.isValid(report->derived));
            QVERIFY(network::lower(world->space, world->decisions, report->derived, builtins().operations(), train::taskShape(*world->task)));
            const Json document = parseJson(reportToJson(*report).dump()).value();
            QCOMPARE(orDie(reportFromJson(JsonReader(document), world->decisions)), *report);
        }
        QVERIFY(made->isTrained());
        QVERIFY(!search.alpha().equal(before));
        const auto candidates = orDie(made->derive(3, {}));
        QCOMPARE(candidates.size(), std::size_t{3});
        QCOMPARE(candidates.front().genotype, search.beliefs().derived(std::span(search.alpha().data_ptr<float>(), search.beliefs().size())));
        QVERIFY(candidates[1].genotype != candidates[2].genotype && candidates[0].genotype != candidates[1].genotype);
        QVERIFY(*candidates[1].sharedAccuracy >= *candidates[2].sharedAccuracy);
    }

    void warmUpLeavesAlpha()
    {
        const auto world = worldOf("drawn");
        const auto made = world->make(pcDarts(), {{"epochs", std::int64_t{2}}, {"warmup_epochs", std::int64_t{1}}});
        auto& search = dynamic_cast<GradientSearch&>(*made);
        const at::Tensor before = search.alpha().detach().clone();
        const auto first = orDie(made->step({}));
        QVERIFY(search.alpha().equal(before));
        QVERIFY(!first.architectureLoss && !first.sharpness);
        QVERIFY(made->step({}));
        QVERIFY(!search.alpha().equal(before));
    }

    void stateContinues_data()
    {
        QTest::addColumn<QString>("strategy");
        for (const char* strategy : {"darts", "darts-2nd", "pc-darts", "gdas"})
            QTest::newRow(strategy) << strategy;
    }

    void stateContinues()
    {
        QFETCH(QString, strategy);
        const auto world = worldOf("drawn");
        const StrategyDescriptor descriptor = strategyOf(strategy.toStdString());
        const Settings settings = {{"epochs", std::int64_t{3}}, {"warmup_epochs", std::int64_t{0}}};
        const auto whole = world->make(descriptor, settings);
        QVERIFY(whole->step({}));
        const SupernetState state = whole->state();
        const auto second = orDie(whole->step({}));
        const auto third = orDie(whole->step({}));

        const auto resumed = world->make(descriptor, settings);
        const SupernetState stored{parseJson(state.state.dump()).value(), orDie(model::fromSafetensors(model::toSafetensors(state.weights)))};
        QVERIFY(resumed->restore(stored));
        QCOMPARE(resumed->epoch(), 1);
        QCOMPARE(withoutSeconds(orDie(resumed->step({}))), withoutSeconds(second));
        QVERIFY(resumed->derive(2, {})); // changes nothing
        QCOMPARE(withoutSeconds(orDie(resumed->step({}))), withoutSeconds(third));
        QCOMPARE(resumed->state().weights, whole->state().weights);
        QCOMPARE(resumed->state().state, whole->state().state);
        QCOMPARE(orDie(resumed->derive(3, {})), orDie(whole->derive(3, {})));

        SupernetState broken = stored;
        broken.weights.erase("alpha");
        QVERIFY(!resumed->restore(broken));
        broken = stored;
        broken.state.erase("epoch");
        QVERIFY(!resumed->restore(broken));
    }

    void stops()
    {
        const auto world = worldOf("drawn");
        const auto made = world->make(darts(), {});
        std::stop_source source;
        source.request_stop();
        const auto report = made->step({.stop = source.get_token()});
        QVERIFY(!report);
        QCOMPARE(report.error().code, ErrorCode::Cancelled);
    }

    /// Two strongest inputs of each node by their best operation, `none` left aside.
    void derivesDartsCells()
    {
        const auto world = worldOf("darts");
        const ArchitectureBeliefs beliefs(world->space, world->decisions, ArchitectureBeliefs::EdgeSelections::Whole, {});
        std::vector<float> alpha(beliefs.size(), 0.0F);
        const auto slotOf = [&](const std::string& key) -> const ArchitectureBeliefs::Slot& { return beliefs.slots()[*world->decisions.indexOf(key)]; };
        const auto& selection = slotOf("@normal/4");
        QCOMPARE(selection.rule, ArchitectureBeliefs::Rule::Edges);
        QCOMPARE(selection.numbers, std::size_t{0});
        QCOMPARE(slotOf("@normal/1-4").numbers, std::size_t{8}); // seven operations and none
        alpha[slotOf("@normal/1-4").offset + 3] = 2;
        alpha[slotOf("@normal/3-4").offset + 0] = 1;
        alpha[slotOf("@normal/2-4").offset + 7] = 5; // none is strongest: the edge is weak
        const space::Genotype derived = beliefs.derived(alpha);
        QVERIFY(world->decisions.isValid(derived));
        const Json answers = world->decisions.toJson(derived);
        QCOMPARE(answers["@normal/4"].get<std::string>(), std::string("1,3"));
        QCOMPARE(answers["@normal/1-4"].get<std::string>(), std::string("sep_conv_3x3"));
        QCOMPARE(answers["@normal/3-4"].get<std::string>(), std::string("max_pool_3x3"));
        QVERIFY(!answers.contains("@normal/2-4"));
    }

    void alarms()
    {
        const auto world = worldOf("nas-bench-201");
        const auto made = world->make(darts(), {});
        const ArchitectureBeliefs& beliefs = dynamic_cast<GradientSearch&>(*made).beliefs();
        const auto alarmOf = [&](const char* favourite) {
            std::vector<float> alpha(beliefs.size(), 0.0F);
            for (const ArchitectureBeliefs::Slot& slot : beliefs.slots()) {
                const auto answer = world->decisions.decisions()[slot.decision].domain.answerFor(space::Literal(std::string(favourite)));
                alpha[slot.offset + static_cast<std::size_t>(*answer)] = 3;
            }
            return beliefs.parameterFreeAlarm(beliefs.derived(alpha));
        };
        const auto collapsed = alarmOf("skip_connect");
        QVERIFY(collapsed);
        QCOMPARE(collapsed->kind, CollapseAlarm::Kind::ParameterFree);
        QVERIFY2(collapsed->message.find("6 of 6") != std::string::npos && collapsed->message.find("6 skip_connect") != std::string::npos, collapsed->message.c_str());
        QVERIFY(alarmOf("none"));
        QVERIFY(alarmOf("avg_pool_3x3"));
        QVERIFY(!alarmOf("nor_conv_3x3"));

        QVERIFY(!sharpnessAlarm({}));
        QVERIFY(!sharpnessAlarm(std::vector<double>{0.1, 0.3, 0.9}));
        QVERIFY(!sharpnessAlarm(std::vector<double>(20, 0.3)));
        QVERIFY(sharpnessAlarm(std::vector<double>{0.1, 0.1, 0.1, 0.1, 0.1, 0.2, 0.2, 0.2, 0.2, 0.2}));
        QVERIFY(!sharpnessAlarm(std::vector<double>{0.2, 0.2, 0.2, 0.2, 0.2, 0.1, 0.1, 0.1, 0.1, 0.1}));
        QVERIFY(sharpnessAlarm(std::vector<double>{0.1, 0.1, 0.2, 0.2}));
    }

    /// What a mixture cannot be made of is said before anything is trained.
    void refusesInWords()
    {
        const World world(orDie(builtins().preset("nas-bench-101")), train::test::barsTask(40));
        const auto made = darts().makeSupernet(world.context, orDie(space::completed(darts().settings, {}, "darts")));
        QVERIFY(!made);
        QVERIFY(!made.error().message.empty());
    }
};

} // namespace

QTEST_GUILESS_MAIN(TestGradientSearch)
#include "tst_gradient_search.moc"
