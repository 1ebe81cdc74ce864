#include "core/data/format.h"
#include "tests/core/data/data_files.h"

#include <QTest>
#include <rapidcheck.h>

using namespace archscope;
using namespace archscope::data;

using Options = std::map<std::string, std::string>;
Q_DECLARE_METATYPE(Options)

class SourceSpecTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void parses_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("kind");
        QTest::addColumn<QString>("path");
        QTest::addColumn<Options>("options");
        QTest::newRow("embedded") << "digits" << "digits" << "" << Options{};
        QTest::newRow("path") << "idx:../data/fashion" << "idx" << "../data/fashion" << Options{};
        QTest::newRow("colon in path") << "csv:a:b.csv" << "csv" << "a:b.csv" << Options{};
        QTest::newRow("one option") << "csv:t.csv#label=last" << "csv" << "t.csv" << Options{{"label", "last"}};
        QTest::newRow("by comma") << "csv:t.csv#label=x,header=none" << "csv" << "t.csv" << Options{{"label", "x"}, {"header", "none"}};
        QTest::newRow("by ampersand") << "csv:t.csv#label=x&header=none" << "csv" << "t.csv"
                                      << Options{{"label", "x"}, {"header", "none"}};
        QTest::newRow("list value") << "csv:t.csv#ignore=a,b,label=c" << "csv" << "t.csv" << Options{{"ignore", "a,b"}, {"label", "c"}};
        QTest::newRow("percent code") << "csv:t.csv#label=a%3Db%2" << "csv" << "t.csv" << Options{{"label", "a=b%2"}};
        QTest::newRow("hash in path") << "csv:c#/t.csv#" << "csv" << "c#/t.csv" << Options{};
        QTest::newRow("hash and option") << "csv:c#/t.csv#label=1" << "csv" << "c#/t.csv" << Options{{"label", "1"}};
        QTest::newRow("pair of files") << "idx:a,b" << "idx" << "a,b" << Options{};
    }
    void parses()
    {
        QFETCH(QString, text);
        QFETCH(QString, kind);
        QFETCH(QString, path);
        QFETCH(Options, options);
        const auto spec = SourceSpec::parse(text.toStdString());
        VERIFY_OK(spec);
        QCOMPARE(QString::fromStdString(spec->kind), kind);
        QCOMPARE(QString::fromStdString(spec->path), path);
        QVERIFY(spec->options == options);
    }

    void refuses_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("part");
        QTest::newRow("empty") << "" << "kind:path";
        QTest::newRow("a path alone") << "dir/t.csv" << "kind:path";
        QTest::newRow("no value") << "csv:t.csv#label" << "'label' after '#' is no option";
        QTest::newRow("no key") << "csv:t.csv#=x" << "is no option";
        QTest::newRow("twice") << "csv:t.csv#label=1,label=2" << "'label' is given twice";
    }
    void refuses()
    {
        QFETCH(QString, text);
        QFETCH(QString, part);
        COMPARE_ERROR(SourceSpec::parse(text.toStdString()), ErrorCode::InvalidArgument, part.toStdString());
    }

    void textAndBack()
    {
        QVERIFY(rc::check("parse(text(spec)) is spec", [] {
            const auto word = rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::elementOf(std::string("abcXYZ019-_"))));
            const auto any = rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab/.:,#&=%3D \xc3\xa4")));
            SourceSpec spec;
            spec.kind = *word;
            spec.path = *any;
            spec.options = *rc::gen::container<std::map<std::string, std::string>>(word, any);
            const auto back = SourceSpec::parse(spec.text());
            RC_ASSERT(back.has_value());
            RC_ASSERT(*back == spec);
        }));
    }

    void locatesPaths()
    {
        const testing::Folder folder;
        folder.write("a,b", "x");
        const std::filesystem::path root = folder.path();
        QVERIFY((sourcePaths("a,b", root) == std::vector{root / "a,b"}));
        QVERIFY((sourcePaths("c,d/", root) == std::vector{root / "c", root / "d"}));
        QVERIFY((sourcePaths("/x/../y/", root) == std::vector<std::filesystem::path>{"/y"}));
        QVERIFY(sourcePaths("relative").front().is_absolute());
        QVERIFY(sourcePaths("").empty());
    }

    void setRefusesWhatNoFormatKnows()
    {
        const auto idx = idxFormat();
        const auto csv = csvFormat();
        const auto digits = digitsFormat(testing::digitsBytes());
        const FormatSet formats({idx.get(), csv.get(), digits.get()});
        COMPARE_ERROR(formats.read({"cvs", "x", {}}), ErrorCode::InvalidArgument, "did you mean 'csv'?");
        COMPARE_ERROR(formats.read({"csv", "x", {{"labl", "1"}}}), ErrorCode::InvalidArgument, "did you mean 'label'?");
        COMPARE_ERROR(formats.read({"csv", "", {}}), ErrorCode::InvalidArgument, "a path is missing");
        COMPARE_ERROR(formats.read({"digits", "x", {}}), ErrorCode::InvalidArgument, "takes no path");
        COMPARE_ERROR(formats.read({"csv", "/nowhere/x.csv", {}}), ErrorCode::NotFound, "/nowhere/x.csv");
        COMPARE_ERROR(formats.read({"idx", "/nowhere", {}}), ErrorCode::NotFound, "/nowhere");
        QVERIFY(formats.find("idx") == idx.get());
        QVERIFY(!formats.find("x"));
        QVERIFY((formats.names() == std::vector<std::string>{"idx", "csv", "digits"}));
    }
};

QTEST_GUILESS_MAIN(SourceSpecTest)
#include "tst_source_spec.moc"
