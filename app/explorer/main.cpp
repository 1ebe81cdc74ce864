// archscope [FILE]: the explorer, optionally on a store of studies or a space.
#include "core/catalog/catalog.h"
#include "ui/mainwindow/main_window.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QIcon>
#include <QSettings>

int main(int argc, char** argv)
{
    QApplication application(argc, argv);
    QApplication::setApplicationName("archscope");
    QApplication::setApplicationDisplayName("Archscope");
    QApplication::setOrganizationName("archscope");
    QApplication::setApplicationVersion(ARCHSCOPE_VERSION);
    QApplication::setWindowIcon(QIcon(":/archscope/archscope.svg"));
    QGuiApplication::setDesktopFileName("archscope");
    QCommandLineParser parser;
    parser.setApplicationDescription(QApplication::translate("main", "Explorer for neural architecture search"));
    parser.addHelpOption();
    parser.addVersionOption();
    parser.addPositionalArgument("file", QApplication::translate("main", "A store of studies (.archscope) or a space (.space.json)"), "[FILE]");
    parser.process(application);

    using namespace archscope;
    auto* theme = new ui::Theme(&application);
    theme->setMode(static_cast<ui::ThemeMode>(QSettings().value("theme", 0).toInt()));
    const auto catalog = std::make_shared<const catalog::Catalog>();
    ui::MainWindow window(catalog, theme);
    window.show();
    if (!parser.positionalArguments().isEmpty())
        window.openFile(parser.positionalArguments().front());
    return QApplication::exec();
}
