// What core/network takes for granted of operations, checked with their modules: for what is said wrongly there, different
// networks would pass for one.
#include "core/catalog/catalog.h"
#include "core/model/network_module_torch.h"
#include "core/network/canonical.h"
#include "core/network/operation_algebra.h"

#include <ATen/CPUGeneratorImpl.h>
#include <QtTest>
#include <c10/core/GradMode.h>
#include <set>

using namespace archscope;
using namespace archscope::network;

namespace {

const space::OperationSet& operations()
{
    static const catalog::Catalog catalog;
    return catalog.operations();
}

at::Generator generatorWith(std::uint64_t seed) { return at::detail::createCPUGenerator(seed); }

/// Parameters drawn at random, small where they are numbers.
std::map<std::string, space::Literal> drawn(const space::OperationDescriptor& descriptor, Rng& rng)
{
    std::map<std::string, space::Literal> values;
    for (const space::ParameterDescriptor& parameter : descriptor.parameters) {
        if (rng.below(3) == 0)
            continue; // the default
        switch (parameter.type) {
        case space::ParameterDescriptor::Type::Boolean:
            values[parameter.name] = rng.below(2) == 0;
            break;
        case space::ParameterDescriptor::Type::Enumeration:
            values[parameter.name] = parameter.options[rng.below(parameter.options.size())];
            break;
        case space::ParameterDescriptor::Type::Integer:
            values[parameter.name]
                = std::min(static_cast<std::int64_t>(parameter.low) + static_cast<std::int64_t>(rng.below(4)), static_cast<std::int64_t>(parameter.high));
            break;
        case space::ParameterDescriptor::Type::Real:
            values[parameter.name] = parameter.low;
            break;
        case space::ParameterDescriptor::Type::Text:
            break;
        }
    }
    return values;
}

/// A layer on inputs of such shapes, with a module whose weights are as if trained.
struct Sample {
    Layer layer;
    std::vector<Shape> shapes;
    std::unique_ptr<ops::Module> module;

    at::Tensor run(const std::vector<at::Tensor>& inputs, bool training) const
    {
        const c10::NoGradGuard guard;
        return module->forward(inputs, {training, generatorWith(5)});
    }
    std::vector<at::Tensor> inputs(double value) const
    {
        std::vector<at::Tensor> all;
        for (const Shape& shape : shapes) {
            std::vector<std::int64_t> sizes = {3};
            sizes.insert(sizes.end(), shape.begin(), shape.end());
            all.push_back(at::empty(sizes).normal_(0, 1, generatorWith(all.size() + 1)) * value);
        }
        return all;
    }
};

std::optional<Sample> sampled(const ops::Operation& operation, const std::vector<Shape>& shapes, Rng& rng)
{
    Sample sample{{}, shapes, nullptr};
    sample.layer.operation = operation.descriptor().name;
    const auto parameters = space::completed(operation.descriptor().parameters, drawn(operation.descriptor(), rng), "sample");
    if (!parameters)
        return {};
    sample.layer.parameters = *parameters;
    const auto output = operation.outputShape(shapes, sample.layer.parameters);
    if (!output)
        return {};
    sample.layer.output = *output;
    for (std::size_t i = 0; i < shapes.size(); ++i)
        sample.layer.inputs.push_back(static_cast<int>(i));
    sample.module = operation.module(shapes, sample.layer.parameters, generatorWith(1));
    const c10::NoGradGuard guard;
    for (ops::NamedTensor& named : sample.module->tensors()) {
        if (named.trainable)
            named.tensor.normal_(0, 1, generatorWith(7));
    }
    return sample;
}

bool same(const at::Tensor& one, const at::Tensor& other)
{
    return one.sizes() == other.sizes() && at::allclose(one, other, 1e-5, 1e-6);
}

} // namespace

class TestOperationAlgebra : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void holds_data()
    {
        QTest::addColumn<QString>("name");
        for (const space::OperationTraits* traits : operations().all())
            QTest::newRow(traits->descriptor().name.c_str()) << QString::fromStdString(traits->descriptor().name);
    }
    void holds()
    {
        QFETCH(QString, name);
        const auto& operation = dynamic_cast<const ops::Operation&>(*operations().find(name.toStdString()));
        const std::vector<Shape> kinds = {{4, 6, 6}, {6, 4}, {8}};
        Rng rng(11);
        int samples = 0;
        for (int i = 0; i < 80; ++i) {
            const int least = operation.descriptor().minInputs;
            const int most = std::min(operation.descriptor().maxInputs, 3);
            const auto count = static_cast<std::size_t>(least) + rng.below(static_cast<std::uint64_t>(most - least + 1));
            const auto sample = sampled(operation, std::vector<Shape>(count, kinds[rng.below(kinds.size())]), rng);
            if (!sample)
                continue;
            ++samples;
            const Layer& layer = sample->layer;
            for (const bool training : {false, true}) {
                const at::Tensor some = sample->run(sample->inputs(1), training);
                if (count == 1 && isIdentity(layer, sample->shapes.front()))
                    QVERIFY(same(some, sample->inputs(1).front()));
                if (network::isZero(layer))
                    QVERIFY(same(some, at::zeros_like(some)));
                if (isCommutative(layer)) {
                    auto inputs = sample->inputs(1);
                    std::reverse(inputs.begin(), inputs.end());
                    QVERIFY(same(sample->run(inputs, training), some));
                }
                if (isAssociative(layer) && count == 3) {
                    const auto inputs = sample->inputs(1);
                    QVERIFY(same(sample->run({inputs[0], sample->run({inputs[1], inputs[2]}, training)}, training), some));
                }
                if (isProduct(layer) && count > 1) {
                    auto inputs = sample->inputs(1);
                    inputs.front() = inputs.front() * 0;
                    QVERIFY(same(sample->run(inputs, training), at::zeros_like(some)));
                }
                if (mapsZeroToZero(layer, sample->shapes.front())) {
                    const at::Tensor nothing = sample->run(sample->inputs(0), training);
                    QVERIFY(same(nothing, at::zeros_like(nothing)));
                }
            }
        }
        QVERIFY(samples > 0 || name == QLatin1String("embedding")); // takes tokens; nothing is claimed of it
    }

    void simplifiedComputesTheSame()
    {
        // Every rule once, ending in a vector.
        Network network;
        network.task = {{4, 6, 6}, 3};
        Layer input;
        input.name = "in";
        input.operation = "input";
        input.output = network.task.input;
        network.layers.push_back(input);
        std::map<std::string, int> known = {{"in", 0}};
        const auto add = [&](const std::string& name, const std::string& operation, const std::vector<std::string>& from,
                             const std::map<std::string, space::Literal>& given = {}) {
            const space::OperationTraits& traits = *operations().find(operation);
            Layer layer;
            layer.name = name;
            layer.operation = operation;
            layer.parameters = *space::completed(traits.descriptor().parameters, given, name);
            std::vector<Shape> shapes;
            for (const std::string& source : from) {
                layer.inputs.push_back(known.at(source));
                shapes.push_back(network.layers[static_cast<std::size_t>(known.at(source))].output);
            }
            layer.output = *traits.outputShape(shapes, layer.parameters);
            layer.cost = traits.cost(shapes, layer.output, layer.parameters);
            known[name] = static_cast<int>(network.layers.size());
            network.layers.push_back(std::move(layer));
        };
        const std::map<std::string, space::Literal> four = {{"channels", std::int64_t{4}}};
        add("a", "conv", {"in"}, four);
        add("dead", "conv", {"a"}, four);
        add("z", "zero", {"dead"});
        add("b", "conv", {"z"}, four);
        add("relu", "activation", {"b"});
        add("s", "add", {"a", "relu", "in"});
        add("i", "identity", {"s"});
        add("m", "multiply", {"dead", "z"});
        add("t", "add", {"in", "i", "m"});
        add("c", "concat", {"t", "a"});
        add("d", "concat", {"c", "in"});
        add("n", "batch-norm", {"d"});
        add("r", "dropout", {"n"}, {{"rate", 0.0}});
        add("p", "global-pool", {"r"});
        add("f", "flatten", {"p"});
        add("l", "linear", {"f"}, {{"features", std::int64_t{3}}});
        const Network small = simplified(network);
        std::set<std::string> names;
        for (const Layer& layer : small.layers)
            names.insert(layer.name);
        QCOMPARE(names, (std::set<std::string>{"in", "a", "t", "d", "n", "p", "l"}));

        const auto whole = model::NetworkModule::build(network, operations(), generatorWith(1));
        const auto part = model::NetworkModule::build(small, operations(), generatorWith(2));
        QVERIFY(whole && part);
        model::Weights weights = (*whole)->weights();
        const model::Weights wanted = (*part)->weights();
        std::erase_if(weights, [&](const auto& entry) { return !wanted.contains(entry.first); });
        QVERIFY((*part)->load(weights));
        const c10::NoGradGuard guard;
        const at::Tensor images = at::empty({5, 4, 6, 6}).normal_(0, 1, generatorWith(3));
        for (const bool training : {true, false})
            QVERIFY(same((*whole)->forward(images, {training, generatorWith(4)}), (*part)->forward(images, {training, generatorWith(4)})));
    }
};

QTEST_GUILESS_MAIN(TestOperationAlgebra)
#include "tst_operation_algebra.moc"
