#include "core/data/task.h"
#include "tests/core/data/data_files.h"

#include <QTest>
#include <rapidcheck.h>

using namespace archscope;
using namespace archscope::data;
using testing::Folder;

class TaskTest : public QObject {
    Q_OBJECT

    std::unique_ptr<DataFormat> m_idx = idxFormat();
    std::unique_ptr<DataFormat> m_csv = csvFormat();
    std::unique_ptr<DataFormat> m_digits = digitsFormat(testing::digitsBytes());
    FormatSet m_formats{{m_idx.get(), m_csv.get(), m_digits.get()}};

    /// JSON written with ' for ": moc loses its way in raw strings.
    static std::string json(std::string text)
    {
        std::replace(text.begin(), text.end(), '\'', '"');
        return text;
    }

    static std::string table()
    {
        std::string text = "x,y,kind\n";
        for (int i = 0; i < 30; ++i)
            text += std::to_string(i) + ",1," + (i % 2 ? "a" : "b") + "\n";
        return text;
    }

private Q_SLOTS:
    void loadsDigits()
    {
        const auto spec = resolveTask("digits", m_formats);
        VERIFY_OK(spec);
        QCOMPARE(spec->name, std::string("digits"));
        const auto task = loadTask(*spec, m_formats);
        VERIFY_OK(task);
        QCOMPARE((*task)->classCount(), 10);
        const Splits& splits = (*task)->splits;
        QCOMPARE(splits.train.size() + splits.validation.size() + splits.test.size(), std::size_t{1797});
        QVERIFY(std::abs(double(splits.validation.size()) - 0.2 * 1797) < 2);
        QVERIFY(std::abs(double(splits.test.size()) - 0.2 * 1797) < 2);
        const Recipe& recipe = (*task)->spec.recipe;
        QVERIFY(recipe == defaultRecipe((*task)->dataset));
        QVERIFY(!(recipe == Recipe{}));
        QVERIFY((*task)->spec.isRecipeChosen());
        QCOMPARE((*task)->normalisation.mean.size(), std::size_t{1});
        // Loading what was loaded changes nothing.
        const auto again = loadTask((*task)->spec, m_formats);
        VERIFY_OK(again);
        QVERIFY((*again)->spec == (*task)->spec);
        QVERIFY((*again)->splits == splits);
    }

    void keepsChosenRecipes()
    {
        auto spec = resolveTask("digits", m_formats).value();
        spec.recipe.epochs = 3;
        QVERIFY((*loadTask(spec, m_formats))->spec.recipe == spec.recipe);
        spec.recipe = {};
        spec.recipeOrigin = RecipeOrigin::Chosen;
        QVERIFY((*loadTask(spec, m_formats))->spec.recipe == Recipe{});
        spec.recipe.shiftPixels = 8;
        COMPARE_ERROR(loadTask(spec, m_formats), ErrorCode::InvalidArgument, "images of 8 pixels");
        spec.recipe.shiftPixels = 0;
        spec.recipe.epochs = 0;
        COMPARE_ERROR(loadTask(spec, m_formats), ErrorCode::InvalidArgument, "epochs is 0; it must be from 1");
    }

    void resolvesPaths()
    {
        const Folder folder;
        const std::string path = folder.write("plants.v2.csv.gz", table());
        const auto spec = resolveTask("csv:" + folder.path() + "/./plants.v2.csv.gz#label=kind", m_formats);
        VERIFY_OK(spec);
        QCOMPARE(spec->name, std::string("plants.v2"));
        QCOMPARE(spec->source.path, path);
        QCOMPARE(spec->source.options.at("label"), std::string("kind"));
        const auto task = loadTask(*spec, m_formats);
        VERIFY_OK(task);
        QCOMPARE((*task)->normalisation.deviation[1], 1.0f);
        QVERIFY(std::filesystem::path(resolveTask("idx:some/folder/", m_formats)->source.path).is_absolute());
        QCOMPARE(resolveTask("idx:some/folder/", m_formats)->name, std::string("folder"));
        QCOMPARE(resolveTask("idx:/d/images,/d/labels", m_formats)->source.path, std::string("/d/images,/d/labels"));
    }

    void resolvesTaskFiles()
    {
        const Folder folder;
        folder.write("plants.csv", table());
        const std::string file = folder.write("plants.task.json", json("{'format': 'archscope.task', 'version': 1, 'name': 'plants', "
            "'source': 'csv:plants.csv#label=kind', 'split': {'seed': 18446744073709551615}, 'recipe': {'epochs': 4}}"));
        for (const auto& spec : {resolveTask(file, m_formats), taskForPath(file, m_formats)}) {
            VERIFY_OK(spec);
            QCOMPARE(spec->source.path, folder.path("plants.csv"));
            QCOMPARE(spec->split.seed, std::uint64_t{18446744073709551615u});
            QCOMPARE(spec->recipe.epochs, 4);
            VERIFY_OK(loadTask(*spec, m_formats));
        }
    }

    void opensPaths()
    {
        const Folder folder;
        const auto table = taskForPath(folder.write("t, 2#.csv", TaskTest::table()), m_formats);
        VERIFY_OK(table);
        QCOMPARE(table->source.kind, std::string("csv"));
        QCOMPARE(table->name, std::string("t, 2#"));
        VERIFY_OK(loadTask(*table, m_formats));
        VERIFY_OK(loadTask(taskFromJson(taskToJson(*table)).value(), m_formats));
        COMPARE_ERROR(taskForPath(folder.write("x.png", "x"), m_formats), ErrorCode::Unsupported, "IDX images, CSV table");
        COMPARE_ERROR(taskForPath(folder.path("none.csv"), m_formats), ErrorCode::NotFound, "none.csv");
        folder.write("train-images-idx3-ubyte", testing::idxBytes({1, 1, 1}, {1}));
        QCOMPARE(taskForPath(folder.path(), m_formats)->source.kind, std::string("idx"));
    }

    void refusesNames_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("part");
        QTest::newRow("built-in, misspelt") << "digit" << "unknown task 'digit'; did you mean 'digits'?";
        QTest::newRow("kind, misspelt") << "cvs:t.csv" << "unknown kind of data 'cvs'; did you mean 'csv'?";
        QTest::newRow("option, misspelt") << "csv:t.csv#labell=x" << "unknown option 'labell'; did you mean 'label'?";
        QTest::newRow("path of built-in data") << "digits:x" << "'digits' is built in and takes no path";
        QTest::newRow("no path") << "csv:" << "a path is missing: write csv:path";
        QTest::newRow("no path, no colon") << "idx" << "a path is missing";
        QTest::newRow("a path alone") << ARCHSCOPE_SOURCE_DIR "/resources/data/digits.csv.gz" << "is a path: write csv:";
        QTest::newRow("nothing") << "" << "unknown task ''";
    }
    void refusesNames()
    {
        QFETCH(QString, text);
        QFETCH(QString, part);
        COMPARE_ERROR(resolveTask(text.toStdString(), m_formats), ErrorCode::InvalidArgument, part.toStdString());
    }

    void refusesTaskFiles_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("part");
        QTest::addColumn<int>("code");
        const auto row = [](const char* name, const QString& members, const char* part, ErrorCode code = ErrorCode::InvalidInput) {
            QTest::newRow(name) << "{'format': 'archscope.task', 'name': 't', " + members + "}" << part << int(code);
        };
        QTest::newRow("no JSON") << "{" << "t.task.json: line 1" << int(ErrorCode::InvalidInput);
        QTest::newRow("another format") << "{'format': 'archscope.space', 'version': 1}" << "expected 'archscope.task'"
                                        << int(ErrorCode::InvalidInput);
        row("newer", "'version': 2, 'source': 'digits'", "a newer Archscope is needed", ErrorCode::Unsupported);
        row("no source", "'version': 1", "'source' is missing");
        row("bad source", "'version': 1, 'source': 'a/b'", "/source");
        row("unknown kind", "'version': 1, 'source': 'cvs:x'", "did you mean 'csv'?");
        row("unknown member", "'version': 1, 'source': 'digits', 'recipes': {}", "did you mean 'recipe'?");
        row("fraction", "'version': 1, 'source': 'digits', 'split': {'test_fraction': 1.5}", "/split: 'test_fraction' is 1.5");
        row("seed", "'version': 1, 'source': 'digits', 'split': {'seed': -1}", "/split/seed");
        row("recipe", "'version': 1, 'source': 'digits', 'recipe': {'epochs': 0, 'batch_size': 1}",
            "/recipe: epochs is 0; it must be from 1 to 100,000; batch_size is 1");
        row("recipe type", "'version': 1, 'source': 'digits', 'recipe': {'epochs': 'many'}", "/recipe/epochs");
        row("too large", "'version': 1, 'source': 'digits', 'recipe': {'epochs': 5000000000}", "'epochs' is out of range");
    }
    void refusesTaskFiles()
    {
        QFETCH(QString, text);
        QFETCH(QString, part);
        QFETCH(int, code);
        const Folder folder;
        COMPARE_ERROR(resolveTask(folder.write("t.task.json", json(text.toStdString())), m_formats), ErrorCode(code), part.toStdString());
    }

    void missingTaskFile()
    {
        COMPARE_ERROR(resolveTask("/nowhere/t.task.json", m_formats), ErrorCode::NotFound, "/nowhere/t.task.json");
    }

    void jsonAndBack()
    {
        QVERIFY(rc::check("taskFromJson(taskToJson(spec)) is spec", [] {
            TaskSpec spec;
            spec.name = "n";
            spec.source = {"csv", "/a,b#c/t.csv", {{"ignore", "x,y"}, {"label", "a=b"}}};
            spec.split = {0.25, 0.1, *rc::gen::arbitrary<std::uint64_t>()};
            spec.recipe.epochs = *rc::gen::inRange(1, 100);
            spec.recipe.learningRate = *rc::gen::elementOf(std::vector{1e-3, 0.1, 1.0 / 3});
            spec.recipe.horizontalFlip = *rc::gen::arbitrary<bool>();
            spec.recipeOrigin = *rc::gen::element(RecipeOrigin::FromData, RecipeOrigin::Chosen);
            const auto back = taskFromJson(parseJson(taskToJson(spec).dump()).value());
            RC_ASSERT(back.has_value());
            RC_ASSERT(*back == spec);
        }));
        TaskSpec open;
        open.source.kind = "digits";
        QVERIFY(!taskToJson(open).contains("recipe"));
        QVERIFY(taskFromJson(taskToJson(open)).value() == open);
    }

    void recipeNamesAllProblems()
    {
        Recipe recipe;
        QVERIFY(recipe.validate().empty());
        recipe = {0, 1, 0, -1, 1, 1, -1, -1, false};
        QCOMPARE(recipe.validate().size(), std::size_t{8});
        recipe = {};
        recipe.learningRate = std::nan("");
        recipe.gradientClip = INFINITY;
        QCOMPARE(recipe.validate().size(), std::size_t{2});
    }

    // What the defaults promise, not the numbers that measurements may still improve.
    void recipesFitTheData_data()
    {
        QTest::addColumn<QList<int>>("shape");
        QTest::addColumn<int>("samples");
        QTest::addColumn<int>("shift"); // -1: not promised
        QTest::addColumn<bool>("flips");
        QTest::newRow("digits") << QList{1, 8, 8} << 1797 << -1 << false;
        QTest::newRow("Fashion-MNIST") << QList{1, 28, 28} << 60'000 << -1 << false;
        QTest::newRow("CIFAR") << QList{3, 32, 32} << 50'000 << 2 << true;
        QTest::newRow("tiny images") << QList{1, 2, 2} << 50 << 0 << false;
        QTest::newRow("iris") << QList{4} << 150 << 0 << false;
        QTest::newRow("large table") << QList{50} << 100'000 << 0 << false;
    }
    void recipesFitTheData()
    {
        QFETCH(QList<int>, shape);
        QFETCH(int, samples);
        QFETCH(int, shift);
        QFETCH(bool, flips);
        Dataset dataset;
        dataset.samples.shape.assign(shape.begin(), shape.end());
        dataset.testBegin = samples;
        const Recipe found = defaultRecipe(dataset);
        QVERIFY(found.validate().empty());
        QCOMPARE(found.horizontalFlip, flips);
        if (shift >= 0)
            QCOMPARE(found.shiftPixels, shift);
    }

    void smallDataGetsMoreEpochsAndSmallerBatches()
    {
        Dataset small;
        small.samples.shape = {4};
        small.testBegin = 150;
        Dataset large = small;
        large.testBegin = 100'000;
        QVERIFY(defaultRecipe(small).epochs > defaultRecipe(large).epochs);
        QVERIFY(defaultRecipe(small).batchSize < defaultRecipe(large).batchSize);
    }
};

QTEST_GUILESS_MAIN(TaskTest)
#include "tst_task.moc"
