#include "core/data/csv_reader.h"
#include "core/data/csv_table.h"
#include "core/data/format.h"
#include "tests/core/data/data_files.h"

#include <QTest>
#include <rapidcheck.h>

using namespace archscope;
using namespace archscope::data;
using testing::Folder;

namespace {
using Names = std::vector<std::string>;

Result<Dataset> readCsv(const std::string& path, std::map<std::string, std::string> options = {})
{
    return csvFormat()->read({"csv", path, std::move(options)});
}

/// The cells of all records, joined by '|', the records by '/'.
Result<std::string> allRecords(std::string_view bytes)
{
    CsvReader reader(bytes, ',');
    std::vector<std::string_view> cells;
    std::string out;
    for (bool isFirst = true;; isFirst = false) {
        ARCHSCOPE_ASSIGN(const bool found, reader.next(cells));
        if (!found)
            return out;
        if (!isFirst)
            out += '/';
        for (std::size_t i = 0; i < cells.size(); ++i)
            out += (i ? "|" : "") + std::string(cells[i]);
    }
}
} // namespace

class CsvFormatTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void parts_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("records");
        QTest::newRow("plain") << "a,b\nc,d\n" << "a|b/c|d";
        QTest::newRow("no last newline") << "a,b\nc,d" << "a|b/c|d";
        QTest::newRow("CRLF") << "a,b\r\nc,d\r\n" << "a|b/c|d";
        QTest::newRow("CR") << "a,b\rc,d\r" << "a|b/c|d";
        QTest::newRow("blank lines") << "\na,b\n  \n\nc,d\n\n" << "a|b/c|d";
        QTest::newRow("empty cells") << ",\n,,\n" << "|/||";
        QTest::newRow("quoted") << "\"a,b\",c\n" << "a,b|c";
        QTest::newRow("doubled quotes") << "\"say \"\"hi\"\"\",\"\"\"\",\"\"\n" << "say \"hi\"|\"|";
        QTest::newRow("newline in quotes") << "\"a\nb\",c\n" << "a\nb|c";
        QTest::newRow("quote inside") << "12\" disk,b\n" << "12\" disk|b";
        QTest::newRow("quoted empty line") << "\"\"\na\n" << "/a";
        QTest::newRow("nothing") << "" << "";
    }
    void parts()
    {
        QFETCH(QString, text);
        QFETCH(QString, records);
        const auto found = allRecords(text.toStdString());
        VERIFY_OK(found);
        QCOMPARE(QString::fromStdString(*found), records);
    }

    void partsWithPlaces()
    {
        COMPARE_ERROR(allRecords("a,b\nc,\"d\ne,f\n"), ErrorCode::InvalidInput, "line 2, column 2: the quote that opens here");
        COMPARE_ERROR(allRecords("\"a\nb\",\"c\"d\n"), ErrorCode::InvalidInput, "line 2, column 2: text follows the closing quote");
    }

    void undoesQuotes()
    {
        QVERIFY(rc::check("a quoted cell comes back", [](const std::vector<std::string>& texts) {
            std::string line;
            for (const std::string& text : texts) {
                line += line.empty() ? "\"" : ",\"";
                for (const char c : text)
                    line += c == '"' ? std::string("\"\"") : std::string(1, c);
                line += '"';
            }
            CsvReader reader(line, ',');
            std::vector<std::string_view> cells;
            const auto found = reader.next(cells);
            RC_ASSERT(found.has_value());
            RC_ASSERT(*found == !texts.empty());
            if (*found)
                RC_ASSERT(std::equal(cells.begin(), cells.end(), texts.begin(), texts.end()));
        }));
    }

    void readsTables_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("options"); // as after '#'
        QTest::addColumn<QString>("values");
        QTest::addColumn<QString>("labels");
        QTest::addColumn<QString>("classes");
        QTest::newRow("bare") << "1,2,0\n3,4,1\n" << "" << "1 2 3 4" << "0 1" << "0 1";
        QTest::newRow("names") << "x,y,kind\n1,2,b\n3,4,a\n" << "" << "1 2 3 4" << "1 0" << "a b";
        QTest::newRow("numeric names") << "0,1,kind\n1,2,5\n3,4,6\n" << "" << "1 2 3 4" << "0 1" << "5 6";
        QTest::newRow("words without header") << "1,2,b\n3,4,a\n" << "" << "1 2 3 4" << "1 0" << "a b";
        QTest::newRow("counts") << "3,1,cat,dog\n7,1\n8,0\n9,1\n" << "" << "7 8 9" << "1 0 1" << "cat dog";
        QTest::newRow("counts, as wide") << "2,3,cat,dog\n1,2,3,1\n4,5,6,0\n" << "" << "1 2 3 4 5 6" << "1 0" << "cat dog";
        QTest::newRow("words that resemble counts") << "5,3,red,u\n7,2,blue,v\n" << "ignore=3" << "5 3 7 2" << "0 1" << "u v";
        QTest::newRow("semicolon") << "1;2;0\n3;4;1\n" << "" << "1 2 3 4" << "0 1" << "0 1";
        QTest::newRow("tab") << "1\t2\t0\n3\t4\t1\n" << "" << "1 2 3 4" << "0 1" << "0 1";
        QTest::newRow("semicolon, commas in words") << "1;2;\"a,b\"\n3;4;c\n" << "" << "1 2 3 4" << "0 1" << "a,b c";
        QTest::newRow("numbers sort as numbers") << "1,10\n2,9\n3,-1\n" << "" << "1 2 3" << "2 1 0" << "-1 9 10";
        QTest::newRow("one number, two spellings") << "1,1\n2,1.0\n3,2\n" << "" << "1 2 3" << "0 0 1" << "1 2";
        QTest::newRow("label first") << "a,1\nb,2\n" << "label=first" << "1 2" << "0 1" << "a b";
        QTest::newRow("label by name") << "x,what,y\n1,a,2\n3,b,4\n" << "label=what" << "1 2 3 4" << "0 1" << "a b";
        QTest::newRow("label by number") << "1,a,2\n3,b,4\n" << "label=2" << "1 2 3 4" << "0 1" << "a b";
        QTest::newRow("label by its usual name") << "Class,x,y\na,1,2\nb,3,4\n" << "" << "1 2 3 4" << "0 1" << "a b";
        QTest::newRow("last all the same") << "class,x,y\n5,1,2\n6,3,4\n" << "label=last" << "5 1 6 3" << "0 1" << "2 4";
        QTest::newRow("ignore") << "id,x,name,k\nq,1,joe,a\nr,2,ann,b\n" << "ignore=id,name" << "1 2" << "0 1" << "a b";
        QTest::newRow("ignore the last") << "x,k,note\n1,a,u\n2,b,v\n" << "ignore=3" << "1 2" << "0 1" << "a b";
        QTest::newRow("ignore a name with comma") << "\"a, b\",x,k\nu,1,a\nv,2,b\n" << "ignore=a, b" << "1 2" << "0 1" << "a b";
        QTest::newRow("header none") << "1,2\n2,3\n" << "header=none" << "1 2" << "0 1" << "2 3";
        QTest::newRow("header names") << "1,2\n2,3\n3,4\n" << "header=names" << "2 3" << "0 1" << "3 4";
        QTest::newRow("byte order mark") << QString(QChar(0xfeff)) + "x,k\n1,a\n2,b\n" << "ignore=" << "1 2" << "0 1" << "a b";
        QTest::newRow("spaces, signs, exponents") << " +1 , 2e-1,a\r\n-3, .5 , b\r\n" << "" << "1 0.2 -3 0.5" << "0 1" << "a b";
    }
    void readsTables()
    {
        QFETCH(QString, text);
        QFETCH(QString, options);
        QFETCH(QString, values);
        QFETCH(QString, labels);
        QFETCH(QString, classes);
        const Folder folder;
        const auto source = SourceSpec::parse("csv:" + folder.write("t.csv", text.toStdString()) + "#" + options.toStdString());
        VERIFY_OK(source);
        const auto dataset = csvFormat()->read(*source);
        VERIFY_OK(dataset);
        QVERIFY(testing::isConsistent(*dataset));
        QStringList foundValues;
        for (const float value : std::get<std::vector<float>>(dataset->samples.values))
            foundValues << QString::number(value);
        QStringList foundLabels;
        for (const std::int64_t label : dataset->labels)
            foundLabels << QString::number(label);
        QStringList foundClasses;
        for (const std::string& name : dataset->classes)
            foundClasses << QString::fromStdString(name);
        QCOMPARE(foundValues.join(' '), values);
        QCOMPARE(foundLabels.join(' '), labels);
        QCOMPARE(foundClasses.join(' '), classes);
        QVERIFY(dataset->notes.size() >= 3);
    }

    void refuses_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("options");
        QTest::addColumn<QString>("part");
        QTest::addColumn<int>("code");
        const auto row = [](const char* name, const QByteArray& text, const char* options, const char* part,
                            ErrorCode code = ErrorCode::InvalidInput) {
            QTest::newRow(name) << text << QString(options) << QString(part) << int(code);
        };
        row("empty", "", "", "t.csv: the file is empty");
        row("blank", "\n \n", "", "t.csv: the file is empty");
        row("header alone", "a,b,c\n", "header=names", "line 1: no rows follow the header");
        row("one column", "1\n2\n", "", "no column besides the label");
        row("ragged: short", "1,2,a\n3,b\n", "", "line 2, column 2: the row has 2 cells, 3 were expected");
        row("ragged: long", "x,y,k\n1,2,a\n3,4,b,5\n", "", "line 3, column 4: the row has 4 cells, 3 were expected");
        row("word", "1,2,a\n3,x4,b\n", "", "line 2, column 2: 'x4' is not a number");
        row("decimal comma", "1,5;2;a\n3,5;4;b\n", "", "line 1, column 1: '1,5' is not a number");
        row("word names the column", "x,y,k\n1,2,a\n3,?!,b\n", "", "ignore=y");
        row("NaN", "1,2,a\nNaN,4,b\n", "", "line 2, column 1: a value is missing ('NaN')");
        row("empty value", "1,2,a\n3,,b\n", "", "line 2, column 2: a value is missing");
        row("infinity", "1,2,a\n3,inf,b\n", "", "line 2, column 2: 'inf' is too large");
        row("beyond float", "1,2,a\n3,1e39,b\n", "", "line 2, column 2: '1e39' is too large");
        row("label missing", "1,2,a\n3,4,\n", "", "line 2, column 3: the label is missing");
        row("duplicate names", "x,x,k\n1,2,a\n3,4,b\n", "", "line 1, column 2: the name 'x' stands in column 1 too");
        row("no such label", "petal,kind\n1,a\n2,b\n", "label=pedal", "line 1: unknown column 'pedal'; did you mean 'petal'?");
        row("label beyond", "1,2\n3,4\n", "label=3", "line 1: there is no column '3'");
        row("no such ignored", "x,y,k\n1,2,a\n3,4,b\n", "ignore=z9", "option ignore");
        row("label ignored", "x,y,k\n1,2,a\n3,4,b\n", "ignore=k,label=k", "the label column 'k' is also ignored");
        row("all ignored", "1,2\n3,4\n", "ignore=1,2", "all columns are ignored");
        row("bad header option", "1,2\n3,4\n", "header=nmes", "did you mean 'names'?", ErrorCode::InvalidArgument);
        row("counts differ", "4,2,u,v\n1,2,0\n3,4,1\n", "", "announces 4 rows, 2 follow");
        row("counts: features", "2,3,u,v\n1,2,0\n3,4,1\n", "header=counts", "announces 3 features, the rows have 2");
        row("counts: label beyond", "2,2,u,v\n1,2,0\n3,4,2\n", "", "line 3, column 3: the label '2' is none of 0 to 1");
        row("counts: none there", "x,y\n1,2\n", "header=counts", "a header of counts is expected");
        row("one class", "1,2,a\n3,4,a\n", "", "all rows have the label 'a'");
        row("UTF-16", QByteArray("\xff\xfe" "1\0,\0", 6), "", "UTF-16", ErrorCode::Unsupported);
        row("label not UTF-8", "1,2,a\n3,4,\xff\xfe\n", "", "line 2, column 3: the label is not UTF-8");
        row("binary", QByteArray("\x89PNG\r\n\x1a\n\0\0\0\rIHDR,\n", 18), "", "t.csv: ");
        row("regression", "1,0.5\n2,0.7\n3,0.9\n4,1.1\n", "", "looks like regression", ErrorCode::Unsupported);
        row("open quote", "1,2,a\n3,\"4,b\n", "", "line 2, column 2: the quote that opens here is never closed");
    }
    void refuses()
    {
        QFETCH(QByteArray, text);
        QFETCH(QString, options);
        QFETCH(QString, part);
        QFETCH(int, code);
        const Folder folder;
        const auto source = SourceSpec::parse("csv:" + folder.write("t.csv", text.toStdString()) + "#" + options.toStdString());
        VERIFY_OK(source);
        COMPARE_ERROR(csvFormat()->read(*source), ErrorCode(code), part.toStdString());
    }

    void readsGzip()
    {
        const Folder folder;
        const auto dataset = readCsv(folder.writeGzip("t.csv.gz", "1,a\n2,b\n"));
        VERIFY_OK(dataset);
        QCOMPARE(dataset->samples.count(), 2);
    }

    void recognises()
    {
        const Folder folder;
        const auto format = csvFormat();
        QVERIFY(format->recognises(folder.write("t.csv", "")));
        QVERIFY(format->recognises(folder.write("t.tsv", "")));
        QVERIFY(format->recognises(folder.write("t.csv.gz", "")));
        QVERIFY(!format->recognises(folder.write("t.png", "")));
        QVERIFY(!format->recognises(folder.path("missing.csv")));
    }

    void survivesMutations()
    {
        const std::string valid = "x,\"y \"\"z\"\"\",kind\r\n1.5,2e3,\"a,b\"\r\n-3,4,c\r\n5,6,c\r\n";
        QVERIFY(rc::check("mutated CSV gives a consistent dataset or an error", [&] {
            std::string bytes = valid;
            const int changes = *rc::gen::inRange(1, 6);
            for (int i = 0; i < changes; ++i) {
                const auto place = *rc::gen::inRange<std::size_t>(0, bytes.size());
                const char byte = *rc::gen::elementOf(std::string("\0\",;\t\r\n19.e-ax\xff", 16));
                *rc::gen::arbitrary<bool>() ? void(bytes[place] = byte) : void(bytes.insert(place, 1, byte));
            }
            bytes.resize(*rc::gen::inRange<std::size_t>(0, bytes.size() + 1));
            const CsvOptions options{*rc::gen::elementOf(Names{"", "first", "kind", "2"}),
                                     *rc::gen::elementOf(std::vector{CsvHeader::Auto, CsvHeader::None, CsvHeader::Names, CsvHeader::Counts}),
                                     *rc::gen::elementOf(Names{"", "1"})};
            const auto dataset = readCsvTable(bytes, options);
            RC_ASSERT((dataset ? testing::isConsistent(*dataset) : !dataset.error().message.empty()));
        }));
    }

    void readsPublishedTables()
    {
        if (!std::filesystem::exists(testing::sharedData("tabular")))
            QSKIP("the shared data is not on this machine");
        const auto iris = readCsv(testing::sharedData("tabular/iris.csv"));
        VERIFY_OK(iris);
        QCOMPARE(iris->samples.count(), 150);
        QCOMPARE(iris->samples.sampleSize(), 4);
        QVERIFY((iris->classes == Names{"setosa", "versicolor", "virginica"}));
        QVERIFY((testing::classCounts(*iris, 0, 150) == std::vector<std::int64_t>{50, 50, 50}));
        const auto cancer = readCsv(testing::sharedData("tabular/breast_cancer.csv"), {{"label", "last"}});
        VERIFY_OK(cancer);
        QCOMPARE(cancer->samples.count(), 569);
        QCOMPARE(cancer->samples.sampleSize(), 30);
        QVERIFY((cancer->classes == Names{"malignant", "benign"}));
        QVERIFY((testing::classCounts(*cancer, 0, 569) == std::vector<std::int64_t>{212, 357}));
        const std::string cars = testing::sharedData("tabular/autompg.csv.gz");
        COMPARE_ERROR(readCsv(cars), ErrorCode::InvalidInput, "line 1, column 8: 'chevrolet chevelle malibu' is not a number");
        COMPARE_ERROR(readCsv(cars, {{"ignore", "8"}}), ErrorCode::Unsupported, "looks like regression");
    }

    void readsDigits()
    {
        const auto digits = digitsFormat(testing::digitsBytes())->read({"digits", "", {}});
        VERIFY_OK(digits);
        QVERIFY((digits->samples.shape == std::vector<std::int64_t>{1, 8, 8}));
        QVERIFY((testing::classCounts(*digits, 0, digits->samples.count())
                 == std::vector<std::int64_t>{178, 182, 177, 183, 181, 182, 181, 179, 174, 180}));
        const auto& pixels = std::get<std::vector<std::uint8_t>>(digits->samples.values);
        QCOMPARE(int(*std::max_element(pixels.begin(), pixels.end())), 16);
        QCOMPARE(digits->samples.at(0, 2), 5.0f);
        COMPARE_ERROR(digitsFormat("1,2,3\n4,5,6\n")->read({"digits", "", {}}), ErrorCode::InvalidInput, "built-in digits");
    }
};

QTEST_GUILESS_MAIN(CsvFormatTest)
#include "tst_csv_format.moc"
