#include "ui/theme/palettes.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QDirIterator>
#include <QPixmap>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QTest>
#include <cmath>

using namespace archscope::ui;

class TestTheme : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void contrastOfText_data();
    void contrastOfText();
    void seriesAreVisibleOnTheSurface();
    void marksAreVisibleOnTheSurface();
    void contrastRatioIsThatOfWcag();
    void readableOnKeepsWhatIsReadable();
    void viridisRunsFromPurpleToYellow();
    void viridisTakesAnyNumber();
    void modeSetsThePaletteAndTellsOnce();
    void systemFollowsTheDesktop();
    void iconsAreDrawnInTheTextColour();
    void everyIconIsThere_data();
    void everyIconIsThere();
    void iconsAreCrispAtAnyScale();
    void unknownIconIsNull();
    void styleSheetHasNoNamesLeft();
    void instanceIsTheApplicationsChild();
};

void TestTheme::contrastOfText_data()
{
    QTest::addColumn<QColor>("foreground");
    QTest::addColumn<QColor>("background");
    QTest::addColumn<double>("ratio");
    for (const auto background : {Background::Light, Background::Dark}) {
        const ThemeColours c = themeColours(background);
        const QByteArray name = background == Background::Light ? "light" : "dark";
        const std::pair<const char*, QColor> grounds[] = {
            {"window", c.window}, {"surface", c.surface}, {"raised", c.surfaceRaised}};
        const std::pair<const char*, QColor> texts[] = {{"text", c.text},       {"muted", c.textMuted}, {"accent", c.accent},
                                                        {"error", c.error},     {"warning", c.warning}, {"success", c.success},
                                                        {"selected", c.selected}};
        for (const auto& [groundName, ground] : grounds)
            for (const auto& [textName, text] : texts)
                QTest::addRow("%s: %s on %s", name.constData(), textName, groundName) << text << ground << 4.5;
        QTest::addRow("%s: text on accent", name.constData()) << c.accentText << c.accent << 4.5;
        QTest::addRow("%s: best on surface", name.constData()) << c.best << c.surface << 4.5;
    }
}

void TestTheme::contrastOfText()
{
    QFETCH(QColor, foreground);
    QFETCH(QColor, background);
    QFETCH(double, ratio);
    const double found = contrastRatio(foreground, background);
    QVERIFY2(found >= ratio, qPrintable(QString::number(found)));
}

void TestTheme::seriesAreVisibleOnTheSurface()
{
    Theme theme;
    for (const auto mode : {ThemeMode::Light, ThemeMode::Dark}) {
        theme.setMode(mode);
        for (int i = 0; i < 8; ++i)
            QVERIFY2(contrastRatio(theme.series(i), theme.colours().surface) >= 3.0, qPrintable(QString::number(i)));
        QCOMPARE(theme.series(8), theme.series(0));
        QCOMPARE(theme.series(-1), theme.series(7));
    }
}

void TestTheme::marksAreVisibleOnTheSurface()
{
    for (const auto background : {Background::Light, Background::Dark}) {
        const ThemeColours c = themeColours(background);
        QVERIFY(contrastRatio(c.selected, c.surface) >= 3.0);
        // Told apart by more than hue: they never mean the same, whoever looks.
        QVERIFY(c.selected.hslHue() != c.best.hslHue());
        QVERIFY(std::abs(c.selected.hslHue() - c.best.hslHue()) > 90);
    }
}

void TestTheme::contrastRatioIsThatOfWcag()
{
    QCOMPARE(contrastRatio(Qt::black, Qt::white), 21.0);
    QCOMPARE(contrastRatio(Qt::white, Qt::black), 21.0);
    QCOMPARE(contrastRatio(Qt::red, Qt::red), 1.0);
    QVERIFY(std::abs(contrastRatio(QColor(0x77, 0x77, 0x77), Qt::white) - 4.48) < 0.01);
}

void TestTheme::readableOnKeepsWhatIsReadable()
{
    QCOMPARE(readableOn(Qt::black, Qt::white, 4.5), QColor(Qt::black));
    const QColor darkened = readableOn(QColor(0xf0, 0xe4, 0x42), Qt::white, 3.0);
    QVERIFY(contrastRatio(darkened, Qt::white) >= 3.0);
    QVERIFY(darkened != QColor(Qt::black));
}

void TestTheme::viridisRunsFromPurpleToYellow()
{
    QCOMPARE(viridisColour(0).name(), QStringLiteral("#440154"));
    QCOMPARE(viridisColour(1).name(), QStringLiteral("#fde725"));
    // The published middle is #21918c; the table has an even number of stops, so the middle is between two.
    const QColor middle = viridisColour(0.5);
    QVERIFY(std::abs(middle.red() - 0x21) <= 4 && std::abs(middle.green() - 0x91) <= 4 && std::abs(middle.blue() - 0x8c) <= 4);
    double before = -1;
    for (int i = 0; i <= 100; ++i) { // lighter with every step, which is what the map is for
        const double contrast = contrastRatio(viridisColour(i / 100.0), Qt::black);
        QVERIFY2(contrast > before, qPrintable(QString::number(i)));
        before = contrast;
    }
}

void TestTheme::viridisTakesAnyNumber()
{
    QCOMPARE(viridisColour(-3), viridisColour(0));
    QCOMPARE(viridisColour(7), viridisColour(1));
    QCOMPARE(viridisColour(std::nan("")), viridisColour(0));
}

void TestTheme::modeSetsThePaletteAndTellsOnce()
{
    Theme theme;
    QSignalSpy changed(&theme, &Theme::changed);
    theme.setMode(ThemeMode::Dark);
    QCOMPARE(changed.count(), 1);
    QVERIFY(theme.isDark());
    QCOMPARE(QApplication::palette().color(QPalette::Window), theme.colours().window);
    theme.setMode(ThemeMode::Light);
    QCOMPARE(changed.count(), 2);
    QVERIFY(!theme.isDark());
    QCOMPARE(QApplication::palette().color(QPalette::Base), theme.colours().surface);
    QCOMPARE(theme.mode(), ThemeMode::Light);
}

void TestTheme::systemFollowsTheDesktop()
{
    Theme theme;
    theme.setMode(ThemeMode::Dark);
    theme.setMode(ThemeMode::System);
    // What was ours before must not be taken for the desktop's: the offscreen platform is light.
    QVERIFY(!theme.isDark());
}

static QImage drawn(const QIcon& icon, int side, QIcon::Mode mode = QIcon::Normal)
{
    return icon.pixmap(QSize(side, side), 1.0, mode).toImage().convertToFormat(QImage::Format_ARGB32);
}

static QSet<QRgb> opaqueColours(const QImage& image)
{
    QSet<QRgb> colours;
    for (int y = 0; y < image.height(); ++y)
        for (int x = 0; x < image.width(); ++x)
            if (qAlpha(image.pixel(x, y)) == 255)
                colours.insert(image.pixel(x, y) & 0xffffff);
    return colours;
}

void TestTheme::iconsAreDrawnInTheTextColour()
{
    Theme theme;
    theme.setMode(ThemeMode::Light);
    const QIcon icon = theme.icon(QStringLiteral("stop"));
    QVERIFY(opaqueColours(drawn(icon, 32)).contains(theme.colours().text.rgb() & 0xffffff));
    QVERIFY(opaqueColours(drawn(icon, 32, QIcon::Disabled)).contains(theme.colours().textDisabled.rgb() & 0xffffff));
    const QRgb before = theme.colours().text.rgb() & 0xffffff;
    theme.setMode(ThemeMode::Dark); // the icon made before follows
    QVERIFY(opaqueColours(drawn(icon, 32)).contains(theme.colours().text.rgb() & 0xffffff));
    QVERIFY(!opaqueColours(drawn(icon, 32)).contains(before));
}

void TestTheme::everyIconIsThere_data()
{
    QTest::addColumn<QString>("name");
    for (const char* name :
         {"play",     "pause",  "step",  "stop",    "add",     "remove", "undo",  "redo",  "zoom-fit", "zoom-in",
          "zoom-out", "layout", "open",  "save",    "export",  "compare", "star", "search", "settings", "light",
          "dark",     "image",  "table", "graph",   "plot",    "task",   "folder", "file", "warning",  "error",
          "info",     "check",  "copy",  "paste",   "cut",     "duplicate", "arrow-left", "chevron", "more", "reset"})
        QTest::newRow(name) << QString::fromLatin1(name);
}

void TestTheme::everyIconIsThere()
{
    QFETCH(QString, name);
    Theme theme;
    const QIcon icon = theme.icon(name);
    QVERIFY(!icon.isNull());
    const QImage image = drawn(icon, 24);
    int inked = 0;
    for (int y = 0; y < image.height(); ++y)
        for (int x = 0; x < image.width(); ++x)
            inked += qAlpha(image.pixel(x, y)) > 128;
    QVERIFY(inked > 10);
    QVERIFY(inked < 24 * 24 * 2 / 3);
}

void TestTheme::iconsAreCrispAtAnyScale()
{
    Theme theme;
    const QIcon icon = theme.icon(QStringLiteral("search"));
    for (const double scale : {1.0, 1.5, 2.0, 3.0}) {
        const QPixmap pixmap = icon.pixmap(QSize(16, 16), scale);
        QCOMPARE(pixmap.width(), static_cast<int>(16 * scale)); // drawn with so many pixels, not blown up
        QCOMPARE(pixmap.devicePixelRatio(), scale);
    }
}

void TestTheme::unknownIconIsNull()
{
    Theme theme;
    QTest::ignoreMessage(QtWarningMsg, "there is no icon named unicorn");
    QVERIFY(theme.icon(QStringLiteral("unicorn")).isNull());
}

void TestTheme::styleSheetHasNoNamesLeft()
{
    Theme theme;
    theme.setMode(ThemeMode::Light);
    QVERIFY(!qApp->styleSheet().isEmpty());
    QVERIFY(!qApp->styleSheet().contains(QLatin1Char('@')));
    // Every picture the sheet names is built in.
    const QRegularExpression url(QStringLiteral("url\\(([^)]*)\\)"));
    for (const auto mode : {ThemeMode::Light, ThemeMode::Dark}) {
        theme.setMode(mode);
        int found = 0;
        for (auto matches = url.globalMatch(qApp->styleSheet()); matches.hasNext(); ++found) {
            const QString path = matches.next().captured(1);
            QVERIFY2(QFile::exists(path), qPrintable(path));
        }
        QVERIFY(found > 5);
    }
}

void TestTheme::instanceIsTheApplicationsChild()
{
    QVERIFY(!Theme::instance());
    Theme elsewhere;
    QVERIFY(!Theme::instance());
    auto* theme = new Theme(qApp);
    QCOMPARE(Theme::instance(), theme);
    delete theme;
    QVERIFY(!Theme::instance());
}

QTEST_MAIN(TestTheme)
#include "tst_theme.moc"
