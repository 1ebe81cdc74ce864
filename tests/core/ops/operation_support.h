// Built-in operations by name, with parameters filled in.
#pragma once

#include "core/ops/builtin.h"
#include "core/ops/module_torch.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <QtTest>
#include <map>
#include <string>
#include <vector>

namespace archscope::ops {

using Given = std::map<std::string, space::Literal>;
using Shapes = std::vector<Shape>;

inline space::Literal whole(std::int64_t value) { return value; }
inline space::Literal word(const char* value) { return std::string(value); }

inline const std::vector<std::unique_ptr<Operation>>& allOperations()
{
    static const std::vector<std::unique_ptr<Operation>> operations = builtinOperations();
    return operations;
}

inline const Operation& operationNamed(const std::string& name)
{
    for (const auto& operation : allOperations())
        if (operation->descriptor().name == name)
            return *operation;
    qFatal("no operation %s", name.c_str());
}

/// An operation with parameters and input shapes.
struct Case {
    std::string operation;
    Given given;
    Shapes inputs;

    const Operation& rule() const { return operationNamed(operation); }
    bool takesTokens() const { return operation == "embedding"; }
    Parameters parameters() const
    {
        auto result = space::completed(rule().descriptor().parameters, given, operation);
        if (!result)
            qFatal("%s", result.error().text().c_str());
        return *result;
    }
    Result<Shape> outputShape() const { return rule().outputShape(inputs, parameters()); }
    Cost cost() const { return rule().cost(inputs, *outputShape(), parameters()); }
    std::unique_ptr<Module> module(const at::Generator& generator) const { return rule().module(inputs, parameters(), generator); }
};

/// A case with its shape, trainable parameters and multiply-adds as counted by hand.
struct Row {
    std::string name;
    Case value;
    Shape output;
    std::int64_t parameters = 0;
    std::int64_t flops = 0;
};

class RowTable {
public:
    void add(const std::string& name, const std::string& operation, Given given, Shapes inputs, Shape output, std::int64_t parameters = 0,
             std::int64_t flops = 0)
    {
        m_rows.push_back({operation + " " + name, {operation, std::move(given), std::move(inputs)}, std::move(output), parameters, flops});
    }
    const std::vector<Row>& rows() const { return m_rows; }

private:
    std::vector<Row> m_rows;
};

inline at::Generator generatorWith(std::uint64_t seed) { return at::detail::createCPUGenerator(seed); }

/// Standard normal, {batch, …shape}.
inline at::Tensor randomBatch(std::int64_t batch, const Shape& shape, at::Generator generator, at::ScalarType type = at::kFloat)
{
    std::vector<std::int64_t> sizes{batch};
    sizes.insert(sizes.end(), shape.begin(), shape.end());
    return at::empty(sizes, at::TensorOptions(type)).normal_(0, 1, std::move(generator));
}

/// The case does not fit, and the sentence says all of this.
inline void verifyMisfit(const Case& value, const QStringList& said)
{
    const Result<Shape> output = value.outputShape();
    QVERIFY(!output);
    QCOMPARE(output.error().code, ErrorCode::InvalidInput);
    for (const QString& part : said)
        QVERIFY2(QString::fromStdString(output.error().message).contains(part), output.error().message.c_str());
}

} // namespace archscope::ops

Q_DECLARE_METATYPE(archscope::ops::Case)
