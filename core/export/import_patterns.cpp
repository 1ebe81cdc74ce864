// Operators that exporters write for one operation of the catalog.
#include "core/export/import_graph.h"

#include <cmath>
#include <limits>
#include <numbers>

namespace archscope::exporting {

namespace {

constexpr double closeEnough = 1e-4; ///< of a constant in a formula, as floats are written

bool isNear(std::optional<double> value, double wanted)
{
    return value && std::abs(*value - wanted) < closeEnough;
}

class Recogniser {
public:
    explicit Recogniser(ImportGraph& graph)
        : m_graph(graph)
    {
    }

    void run()
    {
        ++m_reads[m_graph.output];
        for (const ImportNode& node : m_graph.nodes)
            for (const std::string& input : node.inputs)
                ++m_reads[input];
        for (ImportNode& node : m_graph.nodes) {
            if (node.type == "Mul" && node.inputs.size() == 2) {
                if (const std::vector<std::string> inputs = node.inputs; !product(node, inputs[0], inputs[1]))
                    product(node, inputs[1], inputs[0]);
            } else if (node.type == "Add" && node.inputs.size() == 2) {
                if (const std::vector<std::string> inputs = node.inputs; !bias(node, inputs[0], inputs[1]))
                    bias(node, inputs[1], inputs[0]);
            } else if (node.type == "MatMul" && node.inputs.size() == 2) {
                linear(node);
            } else if (node.type == "Transpose") {
                if (!turnedNorm(node, "LayerNormalization", { 0, 2, 3, 1 }, { 0, 3, 1, 2 }))
                    turnedNorm(node, "BatchNormalization", { 0, 2, 1 }, { 0, 2, 1 });
            }
            if (node.outputs.size() == 1)
                m_producers[node.outputs.front()] = &node;
        }
    }

private:
    /// The node that makes a value, if it is of that type and not yet part of something else.
    const ImportNode* madeBy(const std::string& value, const char* type) const
    {
        const auto found = m_producers.find(value);
        if (found == m_producers.end() || !found->second->operation.empty() || found->second->type != type)
            return nullptr;
        const std::string_view name = type;
        const bool takesTwo = name == "Add" || name == "Mul" || name == "Div";
        return !takesTwo || found->second->inputs.size() == 2 ? found->second : nullptr;
    }

    std::optional<double> scalar(const std::string& value) const
    {
        const ImportConstant* constant = m_graph.constant(value);
        return constant ? constant->scalar() : std::nullopt;
    }

    static bool mark(ImportNode& node, std::string operation, std::vector<std::string> inputs, std::map<std::string, space::Literal> parameters)
    {
        node.operation = std::move(operation);
        node.inputs = std::move(inputs);
        node.parameters = std::move(parameters);
        return true;
    }

    static bool markActivation(ImportNode& node, const std::string& input, const char* kind)
    {
        return mark(node, "activation", { input }, { { "kind", std::string(kind) } });
    }

    bool product(ImportNode& node, const std::string& x, const std::string& factor)
    {
        const ImportNode* sigmoid = madeBy(factor, "Sigmoid");
        const ImportNode* hard = madeBy(factor, "HardSigmoid");
        const bool isHard = hard && isNear(hard->real("alpha", 0.2), 1.0 / 6) && isNear(hard->real("beta", 0.5), 0.5);
        if (sigmoid && sigmoid->inputs.front() == x)
            return markActivation(node, x, "silu");
        if (isHard && hard->inputs.front() == x)
            return markActivation(node, x, "hard-swish");
        if (sigmoid || isHard)
            return squeezeExcite(node, x, sigmoid ? *sigmoid : *hard);
        if (isNear(scalar(factor), 0.5) && gelu(node, x))
            return true;
        if (const auto value = scalar(factor))
            return mean(node, x, *value);
        return false;
    }

    /// x·(erf(x / √2) + 1), of which `node` is the half.
    bool gelu(ImportNode& node, const std::string& product)
    {
        const ImportNode* twice = madeBy(product, "Mul");
        for (std::size_t i = 0; twice && i < 2; ++i) {
            const ImportNode* shifted = madeBy(twice->inputs[i], "Add");
            const std::string& x = twice->inputs[1 - i];
            for (std::size_t j = 0; shifted && j < 2; ++j) {
                const ImportNode* erf = madeBy(shifted->inputs[j], "Erf");
                if (!erf || !isNear(scalar(shifted->inputs[1 - j]), 1))
                    continue;
                const ImportNode* multiplied = madeBy(erf->inputs.front(), "Mul");
                const ImportNode* divided = madeBy(erf->inputs.front(), "Div");
                const ImportNode* scaled = multiplied ? multiplied : divided;
                const double wanted = multiplied ? 1 / std::numbers::sqrt2 : std::numbers::sqrt2;
                if (scaled && scaled->inputs[0] == x && isNear(scalar(scaled->inputs[1]), wanted))
                    return markActivation(node, x, "gelu");
            }
        }
        return false;
    }

    /// A sum of n, times 1 / n.
    bool mean(ImportNode& node, const std::string& sum, double factor)
    {
        const double count = std::round(1 / factor);
        if (!(count >= 2 && count <= 64) || std::abs(factor * count - 1) > closeEnough)
            return false;
        std::vector<std::string> terms;
        std::string first = sum;
        for (double left = count; left > 1; --left) {
            const ImportNode* add = madeBy(first, "Add");
            if (!add || m_reads[first] != 1 || m_graph.constant(add->inputs[0]) || m_graph.constant(add->inputs[1]))
                return false;
            terms.insert(terms.begin(), add->inputs[1]);
            first = add->inputs[0];
        }
        terms.insert(terms.begin(), first);
        return mark(node, "mean", std::move(terms), {});
    }

    bool squeezeExcite(ImportNode& node, const std::string& x, const ImportNode& gate)
    {
        const ImportNode* expand = madeBy(gate.inputs.front(), "Conv");
        const auto found = expand ? m_producers.find(expand->inputs.front()) : m_producers.end();
        if (found == m_producers.end())
            return false;
        const ImportNode& active = *found->second;
        const std::optional<std::string> kind = active.operation == "activation" ? std::get<std::string>(active.parameters.at("kind"))
            : active.operation.empty()                                          ? activationKindOf(active, m_graph)
                                                                                : std::nullopt;
        const ImportNode* reduce = kind ? madeBy(active.inputs.front(), "Conv") : nullptr;
        const ImportNode* means = reduce ? madeBy(reduce->inputs.front(), "GlobalAveragePool") : nullptr;
        if (!means || means->inputs.front() != x || !reduce->has(2) || !expand->has(2))
            return false;
        const ImportConstant* weight = m_graph.constant(reduce->inputs[1]);
        if (!weight || weight->shape.size() != 4 || weight->shape[1] < 1 || weight->shape[2] != 1)
            return false;
        const auto squeezed = static_cast<double>(weight->shape[0]);
        const auto channels = static_cast<double>(weight->shape[1]);
        double ratio = squeezed / channels;
        if (std::floor(channels * ratio) < squeezed) // the share is rounded down
            ratio = std::nextafter(ratio, 2);
        return mark(node, "squeeze-excite", { x },
            { { "ratio", ratio }, { "activation", *kind }, { "gate", std::string(gate.type == "Sigmoid" ? "sigmoid" : "hard-sigmoid") } });
    }

    void linear(ImportNode& node)
    {
        const ImportConstant* matrix = m_graph.constant(node.inputs[1]);
        if (matrix && matrix->known && matrix->shape.size() == 2)
            mark(node, "linear", { node.inputs[0] }, { { "features", matrix->shape[1] }, { "bias", false } });
    }

    /// Of a product with a matrix that nothing else reads.
    bool bias(ImportNode& node, const std::string& value, const std::string& shift)
    {
        const auto found = m_producers.find(value);
        const ImportConstant* vector = m_graph.constant(shift);
        if (found == m_producers.end() || !vector || vector->shape.size() != 1 || m_reads[value] != 1)
            return false;
        const ImportNode& product = *found->second;
        if (product.operation != "linear" || product.type != "MatMul" || product.parameters.at("features") != space::Literal(vector->shape[0]))
            return false;
        return mark(node, "linear", product.inputs, { { "features", vector->shape[0] }, { "bias", true } });
    }

    using Order = std::vector<std::int64_t>;

    /// Norms of what has its features on the other side, turned to and fro.
    bool turnedNorm(ImportNode& node, const char* type, const Order& there, const Order& back)
    {
        const ImportNode* norm = node.integers("perm") == back ? madeBy(node.inputs.front(), type) : nullptr;
        const ImportNode* before = norm ? madeBy(norm->inputs.front(), "Transpose") : nullptr;
        if (!before || before->integers("perm") != there)
            return false;
        ImportNode turned = *norm;
        turned.type += turnedSuffix;
        turned.inputs.front() = before->inputs.front();
        turned.outputs = node.outputs;
        node = std::move(turned);
        return true;
    }

    ImportGraph& m_graph;
    std::map<std::string, const ImportNode*> m_producers;
    std::map<std::string, int> m_reads;
};

} // namespace

std::optional<std::string> activationKindOf(const ImportNode& node, const ImportGraph& graph)
{
    const auto bound = [&](std::size_t i, const char* attribute) {
        const double none = std::numeric_limits<double>::quiet_NaN();
        const ImportConstant* given = node.has(i) ? graph.constant(node.inputs[i]) : nullptr;
        return given ? given->scalar().value_or(none) : node.real(attribute, none);
    };
    if (node.type == "Relu")
        return "relu";
    if (node.type == "Tanh")
        return "tanh";
    if (node.type == "Sigmoid")
        return "sigmoid";
    if (node.type == "HardSwish")
        return "hard-swish";
    if (node.type == "Gelu" && node.text("approximate", "none") == "none")
        return "gelu";
    if (node.type == "LeakyRelu" && node.real("alpha", 0.01) == 0.01)
        return "leaky-relu";
    if (node.type == "Elu" && node.real("alpha", 1) == 1)
        return "elu";
    if (node.type == "Clip" && bound(1, "min") == 0 && bound(2, "max") == 6)
        return "relu6";
    return std::nullopt;
}

void recognisePatterns(ImportGraph& graph)
{
    Recogniser(graph).run();
}

} // namespace archscope::exporting
