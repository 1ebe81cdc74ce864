// Supernets: what one holds, that under one architecture it is that architecture's network, and why some spaces have none.
#include "core/model/supernet_torch.h"
#include "tests/core/catalog/preset_torch.h"

#include <QtTest>
#include <set>

using namespace archscope;
using namespace archscope::catalog;

namespace {

/// A space that has a choice, a kernel that is a decision, an optional node and edge, a selection, a choice of several, a repeat
/// of open count and an order.
constexpr auto drawn = R"({"format":"archscope.space","version":2,"name":"drawn","graph":{
  "variables":[{"name":"act","value":{"values":["relu","tanh"]}}],
  "nodes":[
  {"name":"input","input":{}},
  {"name":"stem","op":"conv-block","parameters":{"channels":8,"kernel":3}},
  {"name":"op","on_edge":true,"choice":[
    {"name":"conv","op":"conv-block","parameters":{"channels":8,"kernel":{"values":[1,3,5]}}},
    {"name":"pool","op":"max-pool","parameters":{"kernel":3,"stride":1}},
    {"name":"same","op":"identity"}]},
  {"name":"extra","optional":true,"op":"conv-block","parameters":{"channels":8,"kernel":3}},
  {"name":"two","select":{"pick":2}},
  {"name":"some","choice":[
    {"name":"a","op":"conv-block","parameters":{"channels":8,"kernel":1}},
    {"name":"b","op":"conv-block","parameters":{"channels":8,"kernel":3},"optional":true},
    {"name":"c","op":"avg-pool","parameters":{"kernel":3,"stride":1}}],"pick":[1,2],"merge":"mean"},
  {"name":"deep","repeat":{"count":{"int":[0,2]},"graph":{"nodes":[
    {"name":"input","input":{}},
    {"name":"layer","choice":[
      {"name":"x","op":"conv-block","parameters":{"channels":8,"kernel":3}},
      {"name":"y","op":"conv-block","parameters":{"channels":8,"kernel":1}}]},
    {"name":"output","output":{}}],"edges":[["input","layer"],["layer","output"]]}}},
  {"name":"steps","order":[
    {"name":"act","op":"activation","parameters":{"kind":{"expr":"act"}}},
    {"name":"norm","op":"batch-norm"}]},
  {"name":"join","op":"add"},
  {"name":"pool","op":"global-pool"},
  {"name":"classifier","op":"linear","parameters":{"features":{"expr":"classes"}}},
  {"name":"output","output":{}}],
  "edges":[["input","stem"],["stem","op"],["stem","extra"],["op","two"],["extra","two",1],["stem","two",2],["two","some"],
    ["some","deep"],["deep","steps"],["steps","join"],["stem","join",1,"optional"],["join","pool"],["pool","classifier"],
    ["classifier","output"]]}})";

struct Subject {
    space::SearchSpace space;
    space::DecisionSpace decisions;
    network::TaskShape task;
};

Subject subject(const std::string& text, const network::TaskShape& task)
{
    Subject made;
    made.space = orDie(space::spaceFromText(text));
    made.decisions = orDie(space::DecisionSpace::compile(made.space));
    made.task = task;
    return made;
}

Subject presetSubject(const std::string& title)
{
    for (const SmallPreset& small : smallPresets()) {
        if (small.title == title) {
            Preset preset(small.name, small.variables);
            return {std::move(preset.space), std::move(preset.decisions), small.task};
        }
    }
    std::abort();
}

model::MixtureWeights oneHot(const space::DecisionSpace& decisions, const space::Genotype& genotype)
{
    model::MixtureWeights weights;
    for (std::size_t i = 0; i < decisions.size(); ++i) {
        const space::Decision& decision = decisions.decisions()[i];
        const auto width = static_cast<std::int64_t>(network::mixtureWidth(decision));
        if (!genotype.isActive(i)) {
            weights.push_back(at::ones({width}) / static_cast<double>(width)); // no matter which
            continue;
        }
        at::Tensor weight = at::zeros({width});
        for (std::int64_t member = 0; member < width; ++member) {
            const bool taken = decision.domain.kind == space::Domain::Kind::Subset ? (decision.domain.members(genotype[i]) >> member & 1) != 0
                                                                                   : genotype[i] == static_cast<double>(member);
            if (taken)
                weight[member] = 1;
        }
        weights.push_back(weight);
    }
    return weights;
}

double difference(const at::Tensor& a, const at::Tensor& b)
{
    return ((a - b).abs().max() / (1 + b.abs().max())).item<double>();
}

class TestSupernet : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void oneArchitecture_data()
    {
        QTest::addColumn<QString>("name");
        for (const char* name : {"nas-bench-201", "darts", "nas-bench-macro", "darts-rnn, series", "darts-rnn, language", "drawn"})
            QTest::newRow(name) << name;
    }

    void oneArchitecture()
    {
        QFETCH(QString, name);
        const network::TaskShape image{{3, 8, 8}, 10, 0, false};
        const Subject s = name == "drawn" ? subject(drawn, image) : presetSubject(name.toStdString());
        model::Supernet supernet(s.space, s.decisions, builtins().operations(), s.task, {.seed = 3});
        const auto prepared = supernet.prepareMixture();
        QVERIFY2(prepared, prepared ? "" : prepared.error().text().c_str());
        const std::size_t tensors = supernet.tensors().size();
        const at::Generator generator = at::detail::createCPUGenerator(5);
        const at::Tensor input = randomInput(s.task.input, s.task, 3, generator);
        const c10::NoGradGuard noGradients;
        Rng rng(17);
        for (int i = 0; i < 6; ++i) {
            const space::Genotype genotype = s.decisions.sample(rng);
            const auto path = orDie(supernet.path(genotype));
            // With copied weights, the architecture's own network computes the same.
            const auto network = orDie(network::lower(s.space, s.decisions, genotype, builtins().operations(), s.task));
            const auto own = orDie(model::NetworkModule::build(network, builtins().operations(), generator));
            QVERIFY(own->load(path->weights()));
            const at::Tensor expected = own->forward(input, {});
            QVERIFY(expected.abs().max().item<double>() > 0);
            QVERIFY(difference(path->forward(input, {}), expected) < 1e-5);
            // So do the mixture of all, and the gated path, where that architecture's answers have all the weight.
            const model::MixtureWeights weights = oneHot(s.decisions, genotype);
            QVERIFY(difference(supernet.forward(input, weights, {}), expected) < 1e-5);
            QVERIFY(difference(orDie(supernet.forwardGated(genotype, input, weights, {})), expected) < 1e-5);
        }
        QCOMPARE(supernet.tensors().size(), tensors); // the mixture had all weights; a path may add layers that merge, without any
    }

    void weightsReturn()
    {
        const Subject s = subject(drawn, {{3, 8, 8}, 10, 0, false});
        model::Supernet first(s.space, s.decisions, builtins().operations(), s.task, {.seed = 1});
        model::Supernet second(s.space, s.decisions, builtins().operations(), s.task, {.seed = 2});
        QVERIFY(first.prepareMixture());
        // Loaded before any layer is there: taken when it is met.
        QVERIFY(second.load(first.weights()));
        QVERIFY(second.prepareMixture());
        QCOMPARE(second.weights(), first.weights());
        model::Weights less = first.weights();
        less.erase(less.begin());
        QVERIFY(!second.load(less));
    }

    /// Uses of one definition share decisions, not weights.
    void usesHaveTheirOwnWeights()
    {
        const Subject s = presetSubject("nas-bench-201");
        model::Supernet supernet(s.space, s.decisions, builtins().operations(), s.task, {});
        QVERIFY(supernet.prepareMixture());
        std::set<std::string> layers;
        for (const ops::NamedTensor& tensor : supernet.tensors()) {
            if (tensor.name.find("0-1/nor_conv_3x3~") != std::string::npos)
                layers.insert(tensor.name.substr(0, tensor.name.find('~')));
        }
        QCOMPARE(layers.size(), std::size_t{3});
    }

    void mixtureIsTheWeightedSum()
    {
        const Subject s = subject(R"({"format":"archscope.space","version":2,"name":"s","graph":{"nodes":[
            {"name":"input","input":{}},
            {"name":"op","choice":[{"name":"a","op":"linear","parameters":{"features":2}},{"name":"b","op":"linear","parameters":{"features":2}}]},
            {"name":"output","output":{}}],"edges":[["input","op"],["op","output"]]}})",
                                  {{3}, 2, 0, false});
        model::Supernet supernet(s.space, s.decisions, builtins().operations(), s.task, {});
        QVERIFY(supernet.prepareMixture());
        const at::Tensor input = at::ones({4, 3});
        at::Tensor weights = at::empty({2});
        weights[0] = 0.25;
        weights[1] = 0.5;
        weights.set_requires_grad(true);
        const at::Tensor a = orDie(supernet.path(space::Genotype(std::vector<double>{0.0})))->forward(input, {});
        const at::Tensor b = orDie(supernet.path(space::Genotype(std::vector<double>{1.0})))->forward(input, {});
        const at::Tensor mixed = supernet.forward(input, {weights}, {});
        QVERIFY(difference(mixed, a * 0.25 + b * 0.5) < 1e-6);
        mixed.sum().backward();
        QVERIFY(difference(weights.grad()[0], a.sum()) < 1e-5);
        QVERIFY(difference(weights.grad()[1], b.sum()) < 1e-5);
        // A whole-weight decision, and a path with gates that scale it.
        QVERIFY(difference(supernet.forward(input, {at::Tensor()}, {}), a + b) < 1e-6);
        QVERIFY(difference(orDie(supernet.forwardGated(space::Genotype(std::vector<double>{1.0}), input, {weights}, {})), b * 0.5) < 1e-6);
    }

    /// One of K channels passes through the operations, the others by them.
    void partialChannels()
    {
        const Subject s = subject(R"({"format":"archscope.space","version":2,"name":"s","graph":{"nodes":[
            {"name":"input","input":{}},
            {"name":"op","choice":[
              {"name":"a","op":"conv-block","parameters":{"channels":8,"kernel":3,"stride":2}},
              {"name":"b","op":"max-pool","parameters":{"kernel":3,"stride":2}}]},
            {"name":"flat","op":"flatten"},
            {"name":"output","output":{}}],"edges":[["input","op"],["op","flat"],["flat","output"]]}})",
                                  {{8, 4, 4}, 32, 0, false});
        model::Supernet supernet(s.space, s.decisions, builtins().operations(), s.task, {.partialChannels = 4});
        QVERIFY(supernet.prepareMixture());
        for (const ops::NamedTensor& tensor : supernet.tensors()) {
            if (tensor.tensor.dim() == 4)
                QCOMPARE(tensor.tensor.sizes().vec(), (std::vector<std::int64_t>{2, 2, 3, 3}));
        }
        const at::Tensor input = at::empty({2, 8, 4, 4}).normal_(0, 1, at::detail::createCPUGenerator(1));
        at::Tensor none = at::zeros({2});
        const at::Tensor zeros = supernet.forward(input, {none}, {}).view({2, 8, 2, 2});
        // Shuffled by groups of 2: the mixed channels 0 and 1 come to lie at 0 and 4; they are silent here.
        for (const std::int64_t channel : {0, 4})
            QVERIFY(zeros.select(1, channel).abs().max().item<double>() == 0);
        const at::Tensor pooled = at::max_pool2d(input, {2, 2}, {2, 2});
        QVERIFY(difference(zeros.select(1, 1), pooled.select(1, 2)) < 1e-6);
        const auto path = orDie(supernet.path(space::Genotype(std::vector<double>{0.0})));
        at::Tensor first = at::zeros({2});
        first[0] = 1;
        QVERIFY(difference(supernet.forward(input, {first}, {}), path->forward(input, {})) < 1e-6);
    }

    void fixedNormalisations()
    {
        const Subject s = presetSubject("nas-bench-201");
        model::Supernet supernet(s.space, s.decisions, builtins().operations(), s.task, {.affineNorms = false});
        QVERIFY(supernet.prepareMixture());
        int norms = 0;
        for (const ops::NamedTensor& tensor : supernet.tensors()) {
            if (tensor.name.ends_with("norm.weight")) {
                ++norms;
                QVERIFY(!tensor.trainable && !tensor.tensor.requires_grad());
            }
        }
        QVERIFY(norms > 10);
    }

    void statisticsComeBack()
    {
        const Subject s = presetSubject("nas-bench-201");
        model::Supernet supernet(s.space, s.decisions, builtins().operations(), s.task, {});
        QVERIFY(supernet.prepareMixture());
        const c10::NoGradGuard noGradients;
        const at::Generator generator = at::detail::createCPUGenerator(5);
        const at::Tensor input = randomInput(s.task.input, s.task, 8, generator);
        Rng rng(1);
        const auto path = orDie(supernet.path(s.decisions.sample(rng)));
        path->forward(input, {true, generator});
        const model::Weights before = supernet.weights();
        const auto statistics = supernet.statistics();
        QVERIFY(!statistics.empty());
        supernet.resetStatistics();
        QVERIFY(supernet.weights() != before);
        supernet.putBack(statistics);
        QCOMPARE(supernet.weights(), before);
    }

    void obstacles_data()
    {
        QTest::addColumn<QString>("nodes");
        QTest::addColumn<QString>("words");
        QTest::newRow("widths") << R"({"name":"op","op":"conv-block","parameters":{"channels":{"values":[8,16]},"kernel":3}})"
                                << "give different shapes, 8×8×8 and 16×8×8";
        QTest::newRow("continuous") << R"({"name":"op","op":"dropout","parameters":{"rate":{"real":[0,0.5]}}})" << "continuous range";
        QTest::newRow("many") << R"({"name":"op","op":"conv-block","parameters":{"channels":{"int":[1,500]},"kernel":3}})" << "500 answers";
        QTest::newRow("concatenated") << R"({"name":"op","choice":[{"name":"a","op":"identity"},{"name":"b","op":"zero"}],"pick":[1,2],"merge":"concat"})"
                                      << "merged by 'concat'";
        QTest::newRow("nothing open") << R"({"name":"op","op":"identity"})" << "no open decision";
    }

    void obstacles()
    {
        QFETCH(QString, nodes);
        QFETCH(QString, words);
        const QString text = R"({"format":"archscope.space","version":2,"name":"s","graph":{"nodes":[{"name":"input","input":{}},)" + nodes
            + R"(,{"name":"pool","op":"global-pool"},{"name":"classifier","op":"linear","parameters":{"features":{"expr":"classes"}}},
                {"name":"output","output":{}}],"edges":[["input","op"],["op","pool"],["pool","classifier"],["classifier","output"]]}})";
        const Subject s = subject(text.toStdString(), {{3, 8, 8}, 10, 0, false});
        const auto network = network::lowerSupernet(s.space, s.decisions, builtins().operations(), s.task);
        QVERIFY(!network);
        QVERIFY2(network.error().text().find(words.toStdString()) != std::string::npos, network.error().text().c_str());
    }

    void looseEdges()
    {
        const Subject s = presetSubject("enas-rnn, series");
        const auto network = network::lowerSupernet(s.space, s.decisions, builtins().operations(), s.task);
        QVERIFY(!network);
        QVERIFY2(network.error().text().find("loose edges") != std::string::npos, network.error().text().c_str());
        // Single paths are there all the same, with the weights that they share.
        model::Supernet supernet(s.space, s.decisions, builtins().operations(), s.task, {});
        Rng rng(1);
        for (int i = 0; i < 5; ++i)
            QVERIFY(supernet.path(s.decisions.sample(rng)));
        QVERIFY(supernet.variants() > 0);
    }
};

} // namespace

QTEST_GUILESS_MAIN(TestSupernet)
#include "tst_supernet.moc"
