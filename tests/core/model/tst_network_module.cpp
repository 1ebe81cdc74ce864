// Networks as modules: hand-made ones, run forward and backward, with their weights out and in again.
#include "core/model/network_module_torch.h"
#include "core/ops/builtin.h"

#include <ATen/CPUGeneratorImpl.h>
#include <QtTest>
#include <c10/core/GradMode.h>
#include <set>

using namespace archscope;
using namespace archscope::model;

namespace {

using Given = std::map<std::string, space::Literal>;

space::Literal whole(std::int64_t value) { return value; }

const space::OperationSet& operations()
{
    static const auto owned = ops::builtinOperations();
    static const space::OperationSet set = [] {
        std::vector<const space::OperationTraits*> all;
        for (const auto& operation : owned)
            all.push_back(operation.get());
        return space::OperationSet(all);
    }();
    return set;
}

/// Puts a network together layer by layer; shapes and costs come from the operations.
class Builder {
public:
    explicit Builder(network::TaskShape task)
    {
        m_network.task = task;
        network::Layer input;
        input.name = "input";
        input.operation = "input";
        input.output = task.input;
        m_network.layers.push_back(input);
    }

    /// Returns the index of the new layer.
    int add(const std::string& name, const std::string& operation, Given given, std::vector<int> inputs)
    {
        const space::OperationTraits& traits = *operations().find(operation);
        network::Layer layer;
        layer.name = name;
        layer.operation = operation;
        layer.parameters = *space::completed(traits.descriptor().parameters, given, name);
        std::vector<space::Shape> shapes;
        for (const int input : inputs)
            shapes.push_back(m_network.layers[static_cast<std::size_t>(input)].output);
        layer.inputs = std::move(inputs);
        layer.output = *traits.outputShape(shapes, layer.parameters);
        layer.cost = traits.cost(shapes, layer.output, layer.parameters);
        m_network.layers.push_back(std::move(layer));
        return static_cast<int>(m_network.layers.size()) - 1;
    }

    const network::Network& network() const { return m_network; }

private:
    network::Network m_network;
};

network::Network chain()
{
    Builder builder({{3, 8, 8}, 5});
    int last = builder.add("stem", "conv-block", {{"channels", whole(6)}}, {0});
    last = builder.add("layers/0/sep", "separable-conv", {{"channels", whole(8)}, {"stride", whole(2)}}, {last});
    last = builder.add("drop", "dropout", {}, {last});
    last = builder.add("pool", "global-pool", {}, {last});
    builder.add("head", "linear", {{"features", whole(5)}}, {last});
    return builder.network();
}

/// Two branches over a skip connection that is read twice, long after it was made.
network::Network residual()
{
    Builder builder({{3, 8, 8}, 5});
    const int stem = builder.add("stem", "conv-block", {{"channels", whole(6)}}, {0});
    const int a = builder.add("a", "conv-block", {{"channels", whole(6)}}, {stem});
    const int b = builder.add("b", "conv", {{"channels", whole(6)}, {"bias", true}}, {a});
    const int sum = builder.add("sum", "add", {}, {b, stem});
    const int active = builder.add("relu", "activation", {}, {sum});
    const int both = builder.add("both", "concat", {}, {active, stem});
    const int flat = builder.add("flat", "flatten", {}, {both});
    builder.add("head", "linear", {{"features", whole(5)}}, {flat});
    return builder.network();
}

at::Generator generatorWith(std::uint64_t seed) { return at::detail::createCPUGenerator(seed); }

std::unique_ptr<NetworkModule> built(const network::Network& network, std::uint64_t seed)
{
    auto module = NetworkModule::build(network, operations(), generatorWith(seed));
    if (!module)
        qFatal("%s", module.error().text().c_str());
    return *std::move(module);
}

at::Tensor batch(std::int64_t samples = 4)
{
    return at::empty({samples, 3, 8, 8}).normal_(0, 1, generatorWith(9));
}

void addNetworks()
{
    QTest::addColumn<network::Network>("net");
    QTest::newRow("chain") << chain();
    QTest::newRow("residual") << residual();
}

using Tracked = c10::weak_intrusive_ptr<at::TensorImpl>;

/// Copies its input, and throws when more of the copies made so far is alive than that input.
class Witness final : public ops::Operation {
public:
    explicit Witness(std::vector<Tracked>& tensors) : m_tensors(&tensors) {}

    const space::OperationDescriptor& descriptor() const override
    {
        static const space::OperationDescriptor descriptor{"witness", "Witness", "Test", "Copies.", 1, 1, {}};
        return descriptor;
    }
    Result<space::Shape> outputShape(std::span<const space::Shape> inputs, const space::Parameters&) const override { return inputs.front(); }
    space::Cost cost(std::span<const space::Shape>, const space::Shape&, const space::Parameters&) const override { return {}; }
    std::unique_ptr<ops::Module> module(std::span<const space::Shape>, const space::Parameters&, const at::Generator&) const override
    {
        struct Copy final : ops::Module {
            explicit Copy(std::vector<Tracked>* tensors) : m_seen(tensors) {}
            at::Tensor forward(std::span<const at::Tensor> inputs, const ops::ForwardContext&) override
            {
                std::size_t alive = 0;
                for (const auto& tensor : *m_seen)
                    alive += tensor.expired() ? 0 : 1;
                if (alive > 1)
                    throw std::runtime_error("an intermediate outlived its last use");
                at::Tensor copy = inputs.front().clone();
                m_seen->emplace_back(Tracked(copy.getIntrusivePtr()));
                return copy;
            }
            std::vector<Tracked>* m_seen;
        };
        return std::make_unique<Copy>(m_tensors);
    }
    std::string emitOnnx(ops::OnnxEmitter&, const std::vector<std::string>& inputs, std::span<const space::Shape>, const space::Parameters&) const override
    {
        return inputs.front();
    }

private:
    std::vector<Tracked>* m_tensors;
};

} // namespace

Q_DECLARE_METATYPE(archscope::network::Network)

class TestNetworkModule : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void forwardAndBackward_data() { addNetworks(); }
    void forwardAndBackward()
    {
        QFETCH(network::Network, net);
        const auto module = built(net, 1);
        const at::Tensor logits = module->forward(batch(), {true, generatorWith(2)});
        QCOMPARE(logits.sizes().vec(), (std::vector<std::int64_t>{4, 5}));
        logits.square().sum().backward();
        std::int64_t parameters = 0;
        for (const at::Tensor& tensor : module->trainable()) {
            parameters += tensor.numel();
            QVERIFY(tensor.grad().defined());
            QVERIFY(at::isfinite(tensor.grad()).all().item<bool>());
        }
        QCOMPARE(parameters, net.cost().parameters);
    }

    void residualIsWhatItSays()
    {
        const auto module = built(residual(), 1);
        const c10::NoGradGuard noGradients;
        std::map<std::string, at::Tensor> tensor;
        for (const ops::NamedTensor& named : module->tensors())
            tensor[named.name] = named.tensor;
        const auto block = [&tensor](const std::string& name, const at::Tensor& x) {
            const at::Tensor y = at::conv2d(x, tensor.at(name + ".conv.weight"), {}, 1, 1);
            return at::relu(at::batch_norm(y, tensor.at(name + ".norm.weight"), tensor.at(name + ".norm.bias"), tensor.at(name + ".norm.running_mean"),
                                           tensor.at(name + ".norm.running_var"), false, 0.1, 1e-5, false));
        };
        const at::Tensor stem = block("stem", batch());
        const at::Tensor b = at::conv2d(block("a", stem), tensor.at("b.weight"), tensor.at("b.bias"), 1, 1);
        const at::Tensor both = at::cat({at::relu(b + stem), stem}, 1);
        const at::Tensor expected = at::linear(both.flatten(1), tensor.at("head.weight"), tensor.at("head.bias"));
        QVERIFY(at::allclose(module->forward(batch(), {}), expected, 1e-4, 1e-5));
    }

    void seedDecidesTheWeights_data() { addNetworks(); }
    void seedDecidesTheWeights()
    {
        QFETCH(network::Network, net);
        QVERIFY(built(net, 3)->weights() == built(net, 3)->weights());
        QVERIFY(built(net, 3)->weights() != built(net, 4)->weights());
        const auto logits = [&net](std::uint64_t seed) { return built(net, 3)->forward(batch(), {true, generatorWith(seed)}); };
        QVERIFY(at::equal(logits(5), logits(5)));
    }

    void tensorsAreNamedAndOrdered()
    {
        std::vector<std::string> names;
        for (const ops::NamedTensor& named : built(chain(), 1)->tensors())
            names.push_back(named.name);
        QCOMPARE(names.front(), std::string("stem.conv.weight"));
        QCOMPARE(names.back(), std::string("head.bias"));
        QVERIFY(std::find(names.begin(), names.end(), "layers/0/sep.depthwise.weight") != names.end());
        QCOMPARE(std::set<std::string>(names.begin(), names.end()).size(), names.size());
    }

    void weightsRoundTrip_data() { addNetworks(); }
    void weightsRoundTrip()
    {
        QFETCH(network::Network, net);
        const auto trained = built(net, 1);
        trained->forward(batch(), {true, generatorWith(2)}); // moves the running statistics
        const auto other = built(net, 2);
        other->toChannelsLast();
        QVERIFY(!at::allclose(other->forward(batch(), {}), trained->forward(batch(), {})));
        const auto read = fromSafetensors(toSafetensors(trained->weights()));
        QVERIFY(read);
        QVERIFY(other->load(*read));
        QVERIFY(other->weights() == trained->weights());
        QVERIFY(at::allclose(other->forward(batch(), {}), trained->forward(batch(), {}), 1e-4, 1e-5));
        for (const ops::NamedTensor& named : other->tensors())
            QCOMPARE(named.tensor.requires_grad(), named.trainable);
    }

    void channelsLast()
    {
        const auto module = built(residual(), 1);
        const at::Tensor expected = module->forward(batch(), {});
        const Weights before = module->weights();
        module->toChannelsLast();
        module->to(at::kCPU);
        for (const ops::NamedTensor& named : module->tensors()) {
            QCOMPARE(named.tensor.requires_grad(), named.trainable);
            QVERIFY(named.tensor.is_leaf());
            if (named.tensor.dim() == 4)
                QVERIFY(named.tensor.is_contiguous(at::MemoryFormat::ChannelsLast));
        }
        QVERIFY(module->weights() == before); // values stay in row-major order
        QVERIFY(at::allclose(module->forward(batch().contiguous(at::MemoryFormat::ChannelsLast), {}), expected, 1e-4, 1e-5));
        module->forward(batch(), {true, generatorWith(1)}).sum().backward();
        QVERIFY(module->trainable().front().grad().defined());
    }

    void misfittingWeights_data()
    {
        QTest::addColumn<QString>("fault");
        QTest::addColumn<QString>("said");
        QTest::newRow("missing") << "missing" << "needs";
        QTest::newRow("extra") << "extra" << "needs";
        QTest::newRow("renamed") << "renamed" << "head.bias: the weights lack";
        QTest::newRow("shape") << "shape" << "head.bias: the weights have shape 1×5";
        QTest::newRow("values") << "values" << "head.bias: the weights have more or fewer values";
    }
    void misfittingWeights()
    {
        QFETCH(QString, fault);
        QFETCH(QString, said);
        const auto module = built(chain(), 1);
        const Weights before = module->weights();
        Weights weights = built(chain(), 2)->weights();
        if (fault == "missing" || fault == "renamed")
            weights.erase("head.bias");
        if (fault == "extra" || fault == "renamed")
            weights["stranger"] = {{1}, {1}};
        if (fault == "shape")
            weights["head.bias"].shape = {1, 5};
        if (fault == "values")
            weights["head.bias"].values.pop_back();
        const Result<void> loaded = module->load(weights);
        QVERIFY(!loaded);
        QCOMPARE(loaded.error().code, ErrorCode::InvalidInput);
        QVERIFY2(QString::fromStdString(loaded.error().text()).contains(said), loaded.error().text().c_str());
        QVERIFY(module->weights() == before); // all or nothing
    }

    void unknownOperation()
    {
        network::Network net = chain();
        net.layers[2].operation = "teleport";
        const auto module = NetworkModule::build(net, operations(), generatorWith(1));
        QVERIFY(!module);
        QCOMPARE(module.error().code, ErrorCode::Unsupported);
        QCOMPARE(module.error().text(), std::string("layers/0/sep: the operation 'teleport' cannot be trained"));
    }

    void intermediatesAreFreed()
    {
        std::vector<Tracked> tensors;
        const Witness witness(tensors);
        const std::vector<const space::OperationTraits*> list{&witness};
        const space::OperationSet set(list);
        network::Network net;
        net.task = {{3, 8, 8}, 5};
        for (int i = 0; i < 6; ++i) {
            network::Layer layer;
            layer.name = "layer " + std::to_string(i);
            layer.operation = i == 0 ? "input" : "witness";
            layer.output = {3, 8, 8};
            if (i > 0)
                layer.inputs = {i - 1};
            net.layers.push_back(layer);
        }
        const auto module = NetworkModule::build(net, set, generatorWith(1));
        QVERIFY(module);
        const c10::NoGradGuard noGradients;
        QVERIFY(at::equal((*module)->forward(batch(), {}), batch()));
        QCOMPARE(tensors.size(), 5u);
    }
};

QTEST_GUILESS_MAIN(TestNetworkModule)
#include "tst_network_module.moc"
