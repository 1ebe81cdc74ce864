#include "core/catalog/catalog.h"
#include "core/layout/network_picture.h"
#include "core/layout/text_width.h"

#include <QFile>
#include <QRegularExpression>
#include <QXmlStreamReader>
#include <QtTest>
#include <cmath>
#include <set>

using namespace archscope;
using namespace archscope::layout;
using space::ParameterDescriptor;

namespace {

/// An operation as a picture sees it: only its descriptor is asked.
class Described : public space::OperationTraits {
public:
    explicit Described(space::OperationDescriptor descriptor)
        : m_descriptor(std::move(descriptor))
    {
    }
    const space::OperationDescriptor& descriptor() const override { return m_descriptor; }
    Result<space::Shape> outputShape(std::span<const space::Shape> inputs, const space::Parameters&) const override
    {
        return inputs.front();
    }
    space::Cost cost(std::span<const space::Shape>, const space::Shape&, const space::Parameters&) const override
    {
        return {};
    }

private:
    space::OperationDescriptor m_descriptor;
};

const space::OperationSet& operations()
{
    static const Described conv({ "conv", "Convolution", "Convolution", "", 1, 1,
        { ParameterDescriptor::integer("channels", 16, 1, 4096, ""), ParameterDescriptor::integer("kernel", 3, 1, 15, ""),
            ParameterDescriptor::integer("stride", 1, 1, 4, ""),
            ParameterDescriptor::enumeration("padding", "same", { "same", "valid" }, ""),
            ParameterDescriptor::boolean("bias", true, "") } });
    static const Described activation({ "activation", "Activation", "Activation", "", 1, 1,
        { ParameterDescriptor::enumeration("kind", "relu", { "relu", "gelu" }, "") } });
    static const Described norm({ "batch-norm", "Batch normalisation", "Normalisation", "", 1, 1,
        { ParameterDescriptor::real("momentum", 0.1, 0, 1, ""), ParameterDescriptor::real("epsilon", 1e-5, 0, 1, "") } });
    static const Described add({ "add", "Add", "Merge", "", 2, space::OperationDescriptor::anyInputs, {} });
    static const Described pool({ "global-pool", "Global pooling", "Pooling", "", 1, 1,
        { ParameterDescriptor::enumeration("kind", "average", { "average", "max" }, "") } });
    static const Described dropout(
        { "dropout", "Dropout", "Regularisation", "", 1, 1, { ParameterDescriptor::real("rate", 0.2, 0, 1, "") } });
    static const Described linear(
        { "linear", "Linear", "Linear", "", 1, 1, { ParameterDescriptor::integer("features", 10, 1, 4096, "") } });
    static const space::OperationSet set({ &conv, &activation, &norm, &add, &pool, &dropout, &linear });
    return set;
}

network::Layer layer(const std::string& name, const std::string& operation, std::vector<int> inputs, space::Shape output,
    std::map<std::string, space::Literal> given = {}, space::Cost cost = {})
{
    space::Parameters parameters(given);
    if (const auto* known = operations().find(operation))
        parameters = space::completed(known->descriptor().parameters, given, name).value();
    return { name, operation, parameters, std::move(inputs), std::move(output), cost, {}, {} };
}

using Int = std::int64_t;

/// A residual block with a head: branches, a skip edge, one and two lines of text.
network::Network residual()
{
    network::Network network;
    network.task = { { 3, 32, 32 }, 10 };
    network.layers = {
        layer("input", "input", {}, { 3, 32, 32 }),
        layer("stem", "conv", { 0 }, { 64, 16, 16 },
            { { "channels", Int{ 64 } }, { "stride", Int{ 2 } }, { "bias", false } }, { 1728, 442368 }),
        layer("stem/norm", "batch-norm", { 1 }, { 64, 16, 16 }, {}, { 128, 0 }),
        layer("stem/act", "activation", { 2 }, { 64, 16, 16 }),
        layer("block/conv1", "conv", { 3 }, { 64, 16, 16 }, { { "channels", Int{ 64 } } }, { 36928, 9437184 }),
        layer("block/act", "activation", { 4 }, { 64, 16, 16 }, { { "kind", std::string("gelu") } }),
        layer("block/conv2", "conv", { 5 }, { 64, 16, 16 }, { { "channels", Int{ 64 } }, { "kernel", Int{ 5 } } },
            { 102464, 26214400 }),
        layer("block/add", "add", { 6, 3 }, { 64, 16, 16 }),
        layer("pool", "global-pool", { 7 }, { 64 }),
        layer("drop", "dropout", { 8 }, { 64 }),
        layer("head", "linear", { 9 }, { 10 }, {}, { 650, 640 }),
    };
    return network;
}

double luminance(const std::string& colour)
{
    double sum = 0;
    const double shares[] = { 0.2126, 0.7152, 0.0722 };
    for (std::size_t i = 0; i < 3; ++i) {
        const double value = std::stoi(colour.substr(1 + 2 * i, 2), nullptr, 16) / 255.0;
        sum += shares[i] * (value <= 0.03928 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4));
    }
    return sum;
}

/// Contrast ratio after WCAG 2.
double contrast(const std::string& a, const std::string& b)
{
    const double first = luminance(a) + 0.05;
    const double second = luminance(b) + 0.05;
    return std::max(first, second) / std::min(first, second);
}

const std::vector<std::string> categories = { "Convolution", "Pooling", "Normalisation", "Activation", "Linear", "Merge",
    "Shape", "Regularisation", "Input/Output", "Structure", "never heard of" };

QString wellFormed(const std::string& svg)
{
    QXmlStreamReader reader(QByteArray::fromStdString(svg));
    while (!reader.atEnd())
        reader.readNext();
    return reader.errorString();
}

} // namespace

class TestNetworkPicture : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void saysWhatMatters_data()
    {
        QTest::addColumn<int>("index");
        QTest::addColumn<QString>("title");
        QTest::addColumn<QString>("subtitle");
        QTest::addColumn<QString>("category");
        QTest::newRow("input") << 0 << "Input" << QStringLiteral("3×32×32") << "Input/Output";
        QTest::newRow("not the defaults") << 1 << "Convolution" << QStringLiteral("3×3, 64 ch, stride 2, no bias")
                                          << "Convolution";
        QTest::newRow("nothing to say") << 2 << "Batch normalisation"
                                        << ""
                                        << "Normalisation";
        QTest::newRow("the kind, even by default") << 3 << "Activation"
                                                   << "relu"
                                                   << "Activation";
        QTest::newRow("kernel") << 6 << "Convolution" << QStringLiteral("5×5, 64 ch") << "Convolution";
        QTest::newRow("merge") << 7 << "Add"
                               << ""
                               << "Merge";
        QTest::newRow("rate, even by default") << 9 << "Dropout"
                                               << "rate 0.2"
                                               << "Regularisation";
        QTest::newRow("features") << 10 << "Linear"
                                  << "10 features"
                                  << "Linear";
    }
    void saysWhatMatters()
    {
        QFETCH(int, index);
        const auto picture = pictureOf(residual(), operations());
        QVERIFY(picture);
        const PictureNode& node = picture->nodes.at(static_cast<std::size_t>(index));
        QCOMPARE(node.layer, index);
        QTEST(QString::fromStdString(node.title), "title");
        QTEST(QString::fromStdString(node.subtitle), "subtitle");
        QTEST(QString::fromStdString(node.category), "category");
    }

    void edgesCarryShapes()
    {
        const auto picture = pictureOf(residual(), operations());
        QVERIFY(picture);
        QCOMPARE(picture->edges.size(), std::size_t{ 11 });
        QCOMPARE(picture->edges.front().label, std::string("3×32×32"));
        QCOMPARE(picture->edges.back().label, std::string("64"));
        for (const PictureEdge& edge : picture->edges)
            QVERIFY(edge.spline.size() >= 4);
    }

    void tooltipTellsAll()
    {
        const auto picture = pictureOf(residual(), operations());
        QVERIFY(picture);
        QCOMPARE(picture->nodes[4].tooltip,
            std::string("block/conv1\nConvolution\nbias: true\nchannels: 64\nkernel: 3\npadding: same\nstride: 1\n"
                        "output: 64×16×16\nparameters: 36,928\nFLOPs: 9,437,184"));
    }

    void textFitsItsBox()
    {
        const auto picture = pictureOf(residual(), operations());
        QVERIFY(picture);
        for (const PictureNode& node : picture->nodes) {
            QVERIFY(
                textWidth(node.title, PictureStyle::titleSize, TextWeight::Bold) + 2 * PictureStyle::padding <= node.width);
            QVERIFY(textWidth(node.subtitle, PictureStyle::subtitleSize) + 2 * PictureStyle::padding <= node.width);
        }
    }

    void textWidthKnowsLetters()
    {
        QVERIFY(textWidth("iiii", 10) < textWidth("mmmm", 10));
        QVERIFY(textWidth("abc", 10) < textWidth("abc", 10, TextWeight::Bold));
        QCOMPARE(textWidth("abc", 20), 2 * textWidth("abc", 10));
        QCOMPARE(textWidth("3×3", 10), textWidth("33", 10) + 8.4);
        QVERIFY(textWidth("畳込", 10) >= 20);
        QCOMPARE(textWidth("", 10), 0.0);
    }

    void unknownOperationIsShown()
    {
        network::Network network = residual();
        network.layers[5].operation = "quantum";
        const auto picture = pictureOf(network, operations());
        QVERIFY(picture);
        QCOMPARE(picture->nodes[5].title, std::string("quantum"));
        QCOMPARE(picture->nodes[5].category, std::string("Unknown"));
    }

    void brokenWiringIsAnError()
    {
        network::Network network = residual();
        network.layers[4].inputs = { 7 };
        const auto picture = pictureOf(network, operations());
        QVERIFY(!picture);
        QVERIFY(picture.error().text().find("block/conv1") != std::string::npos);
    }

    void coloursReadWell()
    {
        std::set<std::string> seen;
        for (const std::string& category : categories) {
            for (const bool dark : { false, true }) {
                const std::string fill = categoryColour(category, dark);
                const std::string place = category + (dark ? " dark " : " light ") + fill;
                QVERIFY2(QRegularExpression("^#[0-9a-f]{6}$").match(QString::fromStdString(fill)).hasMatch(), place.c_str());
                QVERIFY2(contrast(fill, pictureTextColour(dark)) >= 4.5, place.c_str());
                QVERIFY2(seen.insert(fill).second, place.c_str());
            }
        }
    }

    void everyOperationHasAColour()
    {
        const catalog::Catalog catalog;
        for (const space::OperationTraits* operation : catalog.operations().all()) {
            const std::string& category = operation->descriptor().category;
            QVERIFY2(categoryColour(category, false) != categoryColour("never heard of", false),
                (operation->descriptor().name + " is of category " + category).c_str());
        }
    }

    void svgIsWellFormed_data()
    {
        QTest::addColumn<QString>("title");
        QTest::addColumn<bool>("dark");
        QTest::newRow("light") << "Residual" << false;
        QTest::newRow("dark") << "Residual" << true;
        QTest::newRow("nothing to escape forgotten") << QStringLiteral("a < b & \"c\" > 'd' \u0001 ü") << false;
        QTest::newRow("no title") << "" << false;
    }
    void svgIsWellFormed()
    {
        QFETCH(QString, title);
        QFETCH(bool, dark);
        network::Network network = residual();
        network.layers[5].operation = "<script>&";
        network.layers[5].name = "\"x\" & <y>";
        const auto picture = pictureOf(network, operations());
        QVERIFY(picture);
        const std::string svg = toSvg(*picture, title.toStdString(), dark);
        QCOMPARE(wellFormed(svg), QString());
        QVERIFY(svg.find("<script>") == std::string::npos);
        QVERIFY(svg.find("href") == std::string::npos);
    }

    void emptyPictureIsAnSvg() { QCOMPARE(wellFormed(toSvg({}, "")), QString()); }

    void everythingLiesInTheSvg()
    {
        const auto picture = pictureOf(residual(), operations());
        QVERIFY(picture);
        QXmlStreamReader reader(QByteArray::fromStdString(toSvg(*picture, std::string(120, 'W'))));
        QVERIFY(reader.readNextStartElement());
        QVERIFY(reader.attributes().value("width").toDouble() >= textWidth(std::string(120, 'W'), 14, TextWeight::Bold));
        QVERIFY(reader.attributes().value("height").toDouble() > picture->height);
    }

    /// ARCHSCOPE_REBASELINE=1 writes the files anew; look at them before committing.
    void golden_data()
    {
        QTest::addColumn<bool>("dark");
        QTest::addColumn<QString>("name");
        QTest::newRow("light") << false << "residual.svg";
        QTest::newRow("dark") << true << "residual_dark.svg";
    }
    void golden()
    {
        QFETCH(bool, dark);
        QFETCH(QString, name);
        const auto picture = pictureOf(residual(), operations());
        QVERIFY(picture);
        const QByteArray svg = QByteArray::fromStdString(toSvg(*picture, "Residual block", dark));
        QFile file(QStringLiteral(ARCHSCOPE_SOURCE_DIR "/tests/golden/layout/") + name);
        if (qEnvironmentVariableIsSet("ARCHSCOPE_REBASELINE")) {
            QVERIFY(file.open(QIODevice::WriteOnly));
            QCOMPARE(file.write(svg), svg.size());
            QSKIP("rebaselined");
        }
        QVERIFY2(file.open(QIODevice::ReadOnly), qPrintable(file.fileName()));
        QCOMPARE(QString::fromUtf8(svg), QString::fromUtf8(file.readAll()));
    }
};

QTEST_GUILESS_MAIN(TestNetworkPicture)
#include "tst_network_picture.moc"
