#include "core/store/trial_text.h"

#include <QtTest>
#include <cmath>
#include <limits>
#include <rapidcheck.h>

using namespace archscope;
using namespace archscope::store;

namespace {

/// Any double, the special ones often. NaN is kept as such, whichever its bits.
rc::Gen<double> anyNumber()
{
    const double infinity = std::numeric_limits<double>::infinity();
    return rc::gen::oneOf(rc::gen::arbitrary<double>(),
        rc::gen::map(rc::gen::inRange(-1000, 1000), [](int i) { return i / 8.0; }),
        rc::gen::element(std::nan(""), infinity, -infinity, 0.0, 1e-308, 1e308, 0.1));
}

bool same(double a, double b)
{
    return (std::isnan(a) && std::isnan(b)) || a == b;
}

} // namespace

class TestTrialText : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void written()
    {
        QCOMPARE(answersText(space::Genotype({ 3, 0.25, -1 })), std::string("[3,0.25,null]"));
        QCOMPARE(parentsText({ train::TrialId(12), train::TrialId(7) }), std::string("[12,7]"));
        QCOMPARE(parentsText({}), std::string("[]"));
        QCOMPARE(metricsText({ { "val_accuracy", 0.5 }, { "gap", std::nan("") } }),
            std::string(R"({"gap":"nan","val_accuracy":0.5})"));
        QCOMPARE(curveText({ { 1, 2.5, 0.25, 2, 0.5, 0.001, 3 } }), std::string("[[1,2.5,0.25,2,0.5,0.001,3]]"));
    }

    void roundTrip()
    {
        QVERIFY(rc::check("answers", [] {
            std::vector<double> answers;
            for (const double number : *rc::gen::container<std::vector<double>>(anyNumber()))
                answers.push_back(std::isfinite(number) && number >= 0 ? number : -1);
            RC_ASSERT(answersFromText(answersText(space::Genotype(answers)))->answers() == answers);
        }));
        QVERIFY(rc::check("metrics", [] {
            train::Metrics metrics;
            for (const double number : *rc::gen::container<std::vector<double>>(anyNumber()))
                metrics[*rc::gen::string<std::string>().as("name") + "\"\\\n"] = number;
            for (auto it = metrics.begin(); it != metrics.end();) // names are UTF-8
                it = std::ranges::any_of(it->first, [](char c) { return (c & 0x80) != 0; }) ? metrics.erase(it)
                                                                                            : std::next(it);
            const auto again = metricsFromText(metricsText(metrics));
            RC_ASSERT(again.has_value() && again->size() == metrics.size());
            for (const auto& [name, value] : metrics)
                RC_ASSERT(same(again->at(name), value));
        }));
        QVERIFY(rc::check("curve", [] {
            std::vector<train::CurvePoint> curve;
            const auto numbers = *rc::gen::container<std::vector<double>>(anyNumber());
            for (std::size_t i = 0; i + 6 <= numbers.size(); i += 6)
                curve.push_back({ static_cast<int>(i), numbers[i], numbers[i + 1], numbers[i + 2], numbers[i + 3],
                    numbers[i + 4], numbers[i + 5] });
            const auto again = curveFromText(curveText(curve));
            RC_ASSERT(again.has_value() && again->size() == curve.size());
            for (std::size_t i = 0; i < curve.size(); ++i) {
                RC_ASSERT(again->at(i).epoch == curve[i].epoch);
                RC_ASSERT(same(again->at(i).trainLoss, curve[i].trainLoss));
                RC_ASSERT(same(again->at(i).seconds, curve[i].seconds));
            }
        }));
    }

    void malformed_data()
    {
        QTest::addColumn<QString>("text");
        for (const char* text : { "", "[", "[1", "[1,]", "1", "[1]x", "[[1,2]]", "[[1,2,3,4,5,6,7,8]]", "{\"a\"}",
                 "{\"a\":}", "{\"a:1}", "[\"x\"]", "[1e999]", "[-1]", "[0.5", "{\"a\\", "[\"\\u12\"]" })
            QTest::newRow(text) << QString(text);
    }
    void malformed()
    {
        QFETCH(QString, text);
        const std::string bytes = text.toStdString();
        QVERIFY(!curveFromText(bytes));
        QVERIFY(!metricsFromText(bytes));
        QVERIFY(!parentsFromText(bytes) || !answersFromText(bytes) || text == "[-1]");
    }

    void nothingCrashesIt()
    {
        QVERIFY(rc::check("any bytes", [](const std::string& bytes) {
            static_cast<void>(curveFromText(bytes));
            static_cast<void>(metricsFromText("{" + bytes));
            static_cast<void>(parentsFromText("[" + bytes));
            static_cast<void>(answersFromText("[" + bytes));
        }));
    }
};

QTEST_GUILESS_MAIN(TestTrialText)
#include "tst_trial_text.moc"
