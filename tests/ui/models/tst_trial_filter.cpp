#include "ui/models/trial_filter.h"

#include <QTest>
#include <rapidcheck.h>

using namespace archscope;
using namespace archscope::ui;

class TestTrialFilter : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void matches_data();
    void matches();
    void refuses_data();
    void refuses();
    void emptyMatchesAll();
    void anyTextIsReadOrRefused();
};

static train::Trial trialUnderTest()
{
    train::Trial trial;
    trial.id = train::TrialId(42);
    trial.state = train::TrialState::Completed;
    trial.fidelity.epochs = 8;
    trial.metrics = {{"val_accuracy", 0.95}, {"parameters", 250'000}, {"gap", 0.01}};
    trial.message = "Retried smaller";
    return trial;
}

static const std::string architecture = "layers ×2: conv kernel 5 | Pool";

void TestTrialFilter::matches_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<bool>("expected");
    QTest::newRow("greater") << "val_accuracy > 0.9" << true;
    QTest::newRow("not greater") << "val_accuracy > 0.95" << false;
    QTest::newRow("at least") << "val_accuracy >= 0.95" << true;
    QTest::newRow("without spaces") << "val_accuracy>0.9" << true;
    QTest::newRow("percent") << "val_accuracy > 94%" << true;
    QTest::newRow("kilo") << "parameters < 251k" << true;
    QTest::newRow("mega") << "parameters < 0.1M" << false;
    QTest::newRow("exponent") << "parameters < 1e6" << true;
    QTest::newRow("short name") << "params = 250000" << true;
    QTest::newRow("whole example") << "val_accuracy > 0.9 and parameters < 1e6 and state = completed" << true;
    QTest::newRow("and, one wrong") << "val_accuracy > 0.9 and parameters > 1e6" << false;
    QTest::newRow("or") << "val_accuracy < 0.9 or parameters < 1e6" << true;
    QTest::newRow("and binds closer") << "id = 42 or id = 1 and id = 2" << true;
    QTest::newRow("parentheses") << "(id = 42 or id = 1) and id = 2" << false;
    QTest::newRow("not") << "not id = 42" << false;
    QTest::newRow("not binds closest") << "not id = 1 and id = 42" << true;
    QTest::newRow("upper case words") << "ID = 42 AND NOT state = failed" << true;
    QTest::newRow("unequal") << "id != 41" << true;
    QTest::newRow("double equal") << "id == 42" << true;
    QTest::newRow("epochs") << "epochs = 8" << true;
    QTest::newRow("absent metric, less") << "latency_ms < 5" << false;
    QTest::newRow("absent metric, unequal") << "latency_ms != 5" << false;
    QTest::newRow("absent metric, negated") << "not latency_ms < 5" << true;
    QTest::newRow("state unequal") << "state != failed" << true;
    QTest::newRow("architecture contains") << "arch ~ conv" << true;
    QTest::newRow("architecture contains quoted") << "arch ~ \"KERNEL 5\"" << true;
    QTest::newRow("architecture contains not") << "arch ~ dropout" << false;
    QTest::newRow("message") << "message ~ retried" << true;
    QTest::newRow("negative number") << "gap > -1" << true;
    QTest::newRow("word in architecture") << "conv" << true;
    QTest::newRow("words anywhere") << "pool 42 completed" << true;
    QTest::newRow("word that is nowhere") << "conv dropout" << false;
    QTest::newRow("several spaces") << "  conv   pool  " << true;
}

void TestTrialFilter::matches()
{
    QFETCH(QString, text);
    QFETCH(bool, expected);
    const auto filter = TrialFilter::parse(text.toStdString());
    QVERIFY2(filter, filter ? "" : filter.error().text().c_str());
    QCOMPARE(filter->matches(trialUnderTest(), [] { return architecture; }), expected);
}

void TestTrialFilter::refuses_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("says");
    QTest::newRow("unknown field") << "val_acuracy > 0.9" << "did you mean 'val_accuracy'";
    QTest::newRow("unknown state") << "state = complete" << "did you mean 'completed'";
    QTest::newRow("no value") << "id >" << "a value after '>' but found the end in column 5";
    QTest::newRow("no field") << "> 3" << "expected a field but found '>' in column 1";
    QTest::newRow("no number") << "id > many" << "a number after '>' but found 'many' in column 6";
    QTest::newRow("no comparison") << "id 3 and id = 4" << "column 4";
    QTest::newRow("half of an and") << "id = 3 and" << "a field but found the end";
    QTest::newRow("two in a row") << "id = 3 id = 4" << "'and', 'or' or the end but found 'id' in column 8";
    QTest::newRow("open parenthesis") << "(id = 3" << "expected ')' but found the end";
    QTest::newRow("closing parenthesis") << "id = 3)" << "found ')' in column 7";
    QTest::newRow("open quotation") << "arch ~ \"conv" << "column 8 is not closed";
    QTest::newRow("order of text") << "state < failed" << "is text";
    QTest::newRow("contains in a number") << "id ~ 3" << "is a number";
    QTest::newRow("deep nesting") << QString(5'000, '(') + "id = 1" << "nested more than";
    QTest::newRow("many nots") << QStringLiteral("not ").repeated(5'000) + "id = 1" << "nested more than";
}

void TestTrialFilter::refuses()
{
    QFETCH(QString, text);
    QFETCH(QString, says);
    const auto filter = TrialFilter::parse(text.toStdString());
    QVERIFY(!filter);
    const QString message = QString::fromStdString(filter.error().text());
    QVERIFY2(message.contains(says), qPrintable(message));
}

void TestTrialFilter::emptyMatchesAll()
{
    for (const char* text : {"", "   "}) {
        const auto filter = TrialFilter::parse(text);
        QVERIFY(filter);
        QVERIFY(filter->isEmpty());
        QVERIFY(filter->matches(trialUnderTest(), [] { return architecture; }));
    }
}

void TestTrialFilter::anyTextIsReadOrRefused()
{
    const bool holds = rc::check("any text is read or refused with a sentence", [] {
        const auto pieces = *rc::gen::container<std::vector<std::string>>(
            rc::gen::element<std::string>("id", "state", "arch", "=", "<", "!=", "!", "~", "(", ")", "and", "or", "not", "3", "1e999",
                                          "%", "\"", "\"a b\"", "failed", "\t", "é", "\x01"));
        std::string text;
        for (const auto& piece : pieces)
            text += piece + ' ';
        const auto filter = TrialFilter::parse(text);
        if (filter)
            filter->matches(trialUnderTest(), [] { return architecture; });
        else
            RC_ASSERT(!filter.error().message.empty());
    });
    QVERIFY(holds);
}

QTEST_GUILESS_MAIN(TestTrialFilter)
#include "tst_trial_filter.moc"
