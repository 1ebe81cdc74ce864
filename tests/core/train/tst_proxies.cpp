#include "core/train/device_torch.h"
#include "core/train/proxies.h"
#include "core/train/proxies_torch.h"
#include "core/train/trainer_torch.h"
#include "tiny_task.h"

#include <QTest>
#include <cmath>

using namespace archscope;
using namespace archscope::train;
using namespace archscope::train::test;

class TestProxies : public QObject {
    Q_OBJECT

    Operations m_operations;

    /// linear `width`, then an activation where one is named, then linear 3: without biases.
    network::Network perceptron(std::int64_t width, const std::string& activation, int depth = 1) const
    {
        network::Network network;
        network.task = { { 4 }, 3 };
        network::Layer input;
        input.name = "in";
        input.operation = "input";
        input.output = { 4 };
        network.layers.push_back(input);
        const auto add = [&](const std::string& name, const std::string& operation, std::map<std::string, space::Literal> given) {
            const space::OperationTraits& traits = *m_operations.set.find(operation);
            network::Layer layer;
            layer.name = name;
            layer.operation = operation;
            layer.parameters = valueOf(space::completed(traits.descriptor().parameters, given, operation));
            layer.inputs = { static_cast<int>(network.layers.size()) - 1 };
            const std::vector<space::Shape> shapes{ network.layers.back().output };
            layer.output = valueOf(traits.outputShape(shapes, layer.parameters));
            layer.cost = traits.cost(shapes, layer.output, layer.parameters);
            network.layers.push_back(layer);
        };
        for (int i = 0; i < depth; ++i) {
            add("hidden" + std::to_string(i), "linear", { { "features", width }, { "bias", false } });
            if (!activation.empty())
                add("activation" + std::to_string(i), "activation", { { "kind", activation } });
        }
        add("out", "linear", { { "features", std::int64_t{ 3 } }, { "bias", false } });
        return network;
    }

    static Batch batch()
    {
        const at::Generator generator = seededGenerator(at::kCPU, 5);
        return { at::randn({ 32, 4 }, generator, at::TensorOptions(at::kFloat)), at::arange(32, at::TensorOptions(at::kLong)).remainder(3) };
    }

    Result<double> score(const std::string& proxy, const network::Network& network, std::uint64_t seed = 1) const
    {
        return proxyScore(proxy, network, m_operations.set, batch(), seed, at::kCPU);
    }

private Q_SLOTS:
    void everyProxyHasAScore_data()
    {
        QTest::addColumn<QString>("name");
        for (const std::string& name : proxyNames())
            QTest::newRow(name.c_str()) << QString::fromStdString(name);
    }
    void everyProxyHasAScore()
    {
        QFETCH(QString, name);
        const network::Network network = perceptron(16, "relu");
        const double first = valueOf(score(name.toStdString(), network));
        QVERIFY(std::isfinite(first));
        QCOMPARE(valueOf(score(name.toStdString(), network)), first); // nothing is left behind
        const bool drawsWeights = name != QLatin1String("parameters") && name != QLatin1String("flops");
        QCOMPARE(valueOf(score(name.toStdString(), network, 2)) != first, drawsWeights);
        QVERIFY(!findProxy(name.toStdString())->source.empty());
    }

    void costsAreTheNetworks()
    {
        const network::Network network = perceptron(16, "relu");
        QCOMPARE(valueOf(score("parameters", network)), 4.0 * 16 + 16 * 3);
        QCOMPARE(valueOf(score("flops", network)), 4.0 * 16 + 16 * 3);
    }

    /// Tanaka 2020, theorem 1: the flow through each layer is the same, the whole network's R. So the sum is layers × R.
    void synapticFlowIsConserved()
    {
        const network::Network network = perceptron(8, "", 2);
        const auto module = valueOf(builtModule(network, m_operations.set, 3, at::kCPU));
        at::Tensor flow = at::ones({ 1, 4 }, at::TensorOptions(at::kDouble));
        for (const at::Tensor& weight : module->trainable())
            flow = at::matmul(flow, weight.detach().to(at::kDouble).abs().t());
        const double whole = flow.sum().item<double>();
        QVERIFY(std::abs(valueOf(score("synflow", network, 3)) - std::log(3 * whole)) < 1e-6);
    }

    void sensitivityIsThatOfTheLoss()
    {
        // |w · dL/dw| by finite differences.
        const network::Network network = perceptron(3, "tanh");
        const Batch data = batch();
        const auto module = valueOf(builtModule(network, m_operations.set, 4, at::kCPU));
        const auto loss = [&] { return at::cross_entropy_loss(module->forward(data.input, {}), data.target).item<double>(); };
        double expected = 0;
        for (const at::Tensor& weight : module->trainable()) {
            at::Tensor flat = weight.detach().view({ -1 });
            for (std::int64_t i = 0; i < flat.size(0); ++i) {
                const float value = flat[i].item<float>();
                flat[i] = value + 1e-2F;
                const double up = loss();
                flat[i] = value - 1e-2F;
                const double down = loss();
                flat[i] = value;
                expected += std::abs(value * (up - down) / 2e-2);
            }
        }
        const double found = valueOf(score("snip", network, 4));
        QVERIFY2(std::abs(found - expected) < 0.01 * expected, qPrintable(QString("%1 %2").arg(found).arg(expected)));
    }

    void activationsThatTellSamplesApartScoreHigher()
    {
        QVERIFY(valueOf(score("naswot", perceptron(64, "relu"))) > valueOf(score("naswot", perceptron(4, "relu"))));
        const auto none = score("naswot", perceptron(4, ""));
        QVERIFY(!none);
        QVERIFY(none.error().text().find("activation") != std::string::npos);
    }

    void unknownProxyIsNamed()
    {
        const auto unknown = score("synflwo", perceptron(4, "relu"));
        QVERIFY(!unknown);
        QVERIFY2(unknown.error().text().find("synflow") != std::string::npos, unknown.error().text().c_str());
    }
};

QTEST_GUILESS_MAIN(TestProxies)
#include "tst_proxies.moc"
