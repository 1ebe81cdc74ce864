// Safetensors: what is written is read back, and what is off is refused with a reason.
#include "core/base/json.h"
#include "core/model/weights.h"

#include <QtTest>
#include <cmath>
#include <cstring>
#include <limits>
#include <rapidcheck.h>

using namespace archscope;
using namespace archscope::model;

namespace {

Weights example()
{
    return {{"layers/0/conv.weight", {{2, 1, 1, 2}, {1, -2, 0.5f, 3e-30f}}}, {"layers/0/conv.bias", {{2}, {7, 8}}}, {"scalar", {{}, {5}}}, {"empty", {{0, 3}, {}}}};
}

/// A file with this header text and that many zero bytes of data.
std::string fileWith(const std::string& header, std::size_t dataBytes, std::int64_t headerLength = -1)
{
    const auto length = headerLength < 0 ? static_cast<std::uint64_t>(header.size()) : static_cast<std::uint64_t>(headerLength);
    std::string bytes(sizeof length, '\0');
    std::memcpy(bytes.data(), &length, sizeof length);
    return bytes + header + std::string(dataBytes, '\0');
}

} // namespace

class TestWeights : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void roundTrip()
    {
        const auto back = fromSafetensors(toSafetensors(example()));
        QVERIFY2(back, back ? "" : back.error().text().c_str());
        QVERIFY(*back == example());
        QVERIFY(fromSafetensors(toSafetensors({}))->empty());
    }

    void specialNumbersSurvive()
    {
        const float infinity = std::numeric_limits<float>::infinity();
        const auto back = fromSafetensors(toSafetensors({{"w", {{3}, {infinity, -0.0f, std::nanf("")}}}}));
        const auto& values = back->at("w").values;
        QVERIFY(values[0] == infinity && std::signbit(values[1]) && std::isnan(values[2]));
    }

    /// The layout that other readers expect.
    void layout()
    {
        const std::string bytes = toSafetensors(example());
        std::uint64_t length = 0;
        std::memcpy(&length, bytes.data(), sizeof length);
        QCOMPARE(length % 8, 0u);
        const Json header = *parseJson(std::string_view(bytes).substr(8, length));
        const Json& bias = header.at("layers/0/conv.bias");
        QCOMPARE(bias.at("dtype").get<std::string>(), std::string("F32"));
        QCOMPARE(bias.at("shape").dump(), std::string("[2]"));
        const auto begin = bias.at("data_offsets")[0].get<std::size_t>();
        QCOMPARE(bias.at("data_offsets")[1].get<std::size_t>(), begin + 8);
        float first = 0;
        std::memcpy(&first, bytes.data() + 8 + length + begin, sizeof first);
        QCOMPARE(first, 7.f);
    }

    void metadataIsPassedOver()
    {
        const auto weights = fromSafetensors(fileWith(R"({"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 4));
        QVERIFY(weights);
        QCOMPARE(weights->size(), 1u);
    }

    void corrupt_data()
    {
        QTest::addColumn<QByteArray>("file");
        QTest::addColumn<QString>("said");
        const auto row = [](const char* name, const std::string& bytes, const char* said) {
            QTest::newRow(name) << QByteArray(bytes.data(), static_cast<qsizetype>(bytes.size())) << QString(said);
        };
        const auto tensor = [](const std::string& entry) { return R"({"w":)" + entry + "}"; };
        const std::string good = tensor(R"({"dtype":"F32","shape":[2],"data_offsets":[0,8]})");
        const std::string whole = fileWith(good, 8);
        QVERIFY(fromSafetensors(whole));

        row("empty", "", "shorter than 8 bytes");
        row("seven bytes", "1234567", "shorter than 8 bytes");
        row("header longer than file", fileWith(good, 0, 1000), "truncated");
        row("header length overflows", fileWith(good, 8, std::numeric_limits<std::int64_t>::max()), "header");
        row("header is no JSON", fileWith("{\"w\":", 0), "");
        row("header is a list", fileWith("[]", 0), "object");
        row("header is too deep", fileWith(std::string(100000, '['), 0), "nested");
        row("data cut", whole.substr(0, whole.size() - 1), "'w'");
        row("data too long", whole + "x", "no tensor");
        row("entry is a number", fileWith(tensor("3"), 0), "");
        row("no type", fileWith(tensor(R"({"shape":[2],"data_offsets":[0,8]})"), 8), "dtype");
        row("other type", fileWith(tensor(R"({"dtype":"F16","shape":[4],"data_offsets":[0,8]})"), 8), "F16");
        row("no shape", fileWith(tensor(R"({"dtype":"F32","data_offsets":[0,8]})"), 8), "shape");
        row("negative size", fileWith(tensor(R"({"dtype":"F32","shape":[-2],"data_offsets":[0,8]})"), 8), "impossible size");
        row("size overflows", fileWith(tensor(R"({"dtype":"F32","shape":[4294967296,4294967296,4],"data_offsets":[0,8]})"), 8), "impossible size");
        row("huge size", fileWith(tensor(R"({"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,8]})"), 8), "size of its shape");
        row("fractional size", fileWith(tensor(R"({"dtype":"F32","shape":[1.5],"data_offsets":[0,8]})"), 8), "");
        row("size and data differ", fileWith(tensor(R"({"dtype":"F32","shape":[3],"data_offsets":[0,8]})"), 8), "size of its shape");
        row("no offsets", fileWith(tensor(R"({"dtype":"F32","shape":[2]})"), 8), "data_offsets");
        row("one offset", fileWith(tensor(R"({"dtype":"F32","shape":[2],"data_offsets":[0]})"), 8), "");
        row("three offsets", fileWith(tensor(R"({"dtype":"F32","shape":[2],"data_offsets":[0,8,8]})"), 8), "data_offsets");
        row("offsets reversed", fileWith(tensor(R"({"dtype":"F32","shape":[2],"data_offsets":[8,0]})"), 8), "'w'");
        row("offsets negative", fileWith(tensor(R"({"dtype":"F32","shape":[2],"data_offsets":[-8,0]})"), 8), "'w'");
        row("gap in front", fileWith(tensor(R"({"dtype":"F32","shape":[2],"data_offsets":[4,12]})"), 12), "gaps");
        const auto two = [](const char* first, const char* second) {
            return std::string(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":)") + first + R"(},"b":{"dtype":"F32","shape":[2],"data_offsets":)" + second + "}}";
        };
        row("overlap", fileWith(two("[0,8]", "[4,12]"), 12), "overlap");
        row("gap", fileWith(two("[0,8]", "[12,20]"), 20), "gaps");
        row("the same data twice", fileWith(two("[0,8]", "[0,8]"), 8), "overlap");
    }
    void corrupt()
    {
        QFETCH(QByteArray, file);
        QFETCH(QString, said);
        const auto weights = fromSafetensors({file.data(), static_cast<std::size_t>(file.size())});
        QVERIFY(!weights);
        QCOMPARE(weights.error().code, ErrorCode::InvalidInput);
        QVERIFY2(QString::fromStdString(weights.error().text()).contains(said), weights.error().text().c_str());
    }

    void mutatedFilesNeverCrash()
    {
        const std::string good = toSafetensors(example());
        QVERIFY(rc::check([&good] {
            std::string bytes = good;
            const int edits = *rc::gen::inRange(1, 6);
            for (int i = 0; i < edits; ++i)
                bytes[*rc::gen::inRange<std::size_t>(0, bytes.size())] = *rc::gen::arbitrary<char>();
            bytes.resize(*rc::gen::inRange<std::size_t>(0, bytes.size() + 1));
            if (const auto weights = fromSafetensors(bytes)) {
                for (const auto& [name, tensor] : *weights) {
                    std::int64_t count = 1;
                    for (const std::int64_t size : tensor.shape)
                        count *= size;
                    RC_ASSERT(count == static_cast<std::int64_t>(tensor.values.size()));
                }
            }
        }));
    }
};

QTEST_GUILESS_MAIN(TestWeights)
#include "tst_weights.moc"
