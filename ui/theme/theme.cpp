#include "ui/theme/theme.h"

#include "core/layout/network_picture.h"
#include "ui/theme/palettes.h"
#include "ui/theme/symbol_icon.h"

#include <QApplication>
#include <QEvent>
#include <QFile>
#include <QPalette>
#include <QStyle>
#include <QStyleFactory>
#include <QWidget>

// The resources of a static library are linked in only when somebody names them, from outside any namespace.
static void initialiseThemeResources()
{
    Q_INIT_RESOURCE(archscope_theme);
}

namespace archscope::ui {
namespace {

QPalette paletteOf(const ThemeColours& c)
{
    QPalette palette;
    palette.setColor(QPalette::Window, c.window);
    palette.setColor(QPalette::WindowText, c.text);
    palette.setColor(QPalette::Base, c.surface);
    palette.setColor(QPalette::AlternateBase, c.surfaceRaised);
    palette.setColor(QPalette::Text, c.text);
    palette.setColor(QPalette::Button, c.surfaceRaised);
    palette.setColor(QPalette::ButtonText, c.text);
    palette.setColor(QPalette::BrightText, c.error);
    palette.setColor(QPalette::ToolTipBase, c.surfaceRaised);
    palette.setColor(QPalette::ToolTipText, c.text);
    palette.setColor(QPalette::PlaceholderText, c.textMuted);
    palette.setColor(QPalette::Highlight, c.accent);
    palette.setColor(QPalette::HighlightedText, c.accentText);
    palette.setColor(QPalette::Link, c.accent);
    palette.setColor(QPalette::LinkVisited, c.accent);
    palette.setColor(QPalette::Light, c.surfaceRaised);
    palette.setColor(QPalette::Midlight, c.surfaceRaised);
    palette.setColor(QPalette::Mid, c.border);
    palette.setColor(QPalette::Dark, c.border);
    palette.setColor(QPalette::Shadow, c.border);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText, QPalette::HighlightedText})
        palette.setColor(QPalette::Disabled, role, c.textDisabled);
    palette.setColor(QPalette::Disabled, QPalette::Highlight, c.border);
    return palette;
}

/// theme.qss with @names replaced by colours.
QString styleSheetOf(const ThemeColours& c, bool dark)
{
    QFile file(QStringLiteral(":/archscope/theme.qss"));
    if (!file.open(QIODevice::ReadOnly))
        qFatal("theme.qss is not built in");
    QString sheet = QString::fromUtf8(file.readAll());
    const std::pair<const char*, QString> values[] = {
        {"@window@", c.window.name()},          {"@surface@", c.surface.name()},
        {"@raised@", c.surfaceRaised.name()},   {"@border@", c.border.name()},
        {"@text@", c.text.name()},              {"@muted@", c.textMuted.name()},
        {"@disabled@", c.textDisabled.name()},  {"@accent@", c.accent.name()},
        {"@error@", c.error.name()},
        {"@accentText@", c.accentText.name()},  {"@hover@", dark ? QStringLiteral("#333942") : QStringLiteral("#e8ebef")},
        {"@pressed@", dark ? QStringLiteral("#3d444e") : QStringLiteral("#d9dee4")},
        {"@mode@", dark ? QStringLiteral("dark") : QStringLiteral("light")},
        {"@tick@", dark ? QStringLiteral("onaccent-dark") : QStringLiteral("onaccent-light")},
    };
    for (const auto& [name, value] : values)
        sheet.replace(QLatin1String(name), value);
    return sheet;
}

/// What the desktop has, asked for without our own palette in the way.
bool systemIsDark()
{
    QApplication::setPalette(QPalette());
    return QApplication::palette().color(QPalette::Window).lightness() < 128;
}

} // namespace

void setMark(QWidget* widget, Mark mark)
{
    const bool isProblem = mark == Mark::Problem;
    if (widget->property("problem").toBool() == isProblem)
        return;
    widget->setProperty("problem", isProblem);
    // The style sheet looks at properties only when the widget is polished.
    widget->style()->unpolish(widget);
    widget->style()->polish(widget);
}

Theme::Theme(QObject* parent)
    : QObject(parent)
{
    initialiseThemeResources();
    m_colours = themeColours(Background::Light);
}

void Theme::setMode(ThemeMode mode)
{
    m_mode = mode;
    qApp->removeEventFilter(this);
    if (mode == ThemeMode::System)
        qApp->installEventFilter(this);
    apply();
}

void Theme::apply()
{
    // Fusion draws the same on every desktop; whichever style was there before is replaced once.
    if (QApplication::style()->name() != QLatin1String("fusion") && qApp->styleSheet().isEmpty())
        QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
    m_dark = m_mode == ThemeMode::Dark || (m_mode == ThemeMode::System && systemIsDark());
    m_colours = themeColours(m_dark ? Background::Dark : Background::Light);
    QApplication::setPalette(paletteOf(m_colours));
    qApp->setStyleSheet(styleSheetOf(m_colours, m_dark));
    Q_EMIT changed();
}

bool Theme::eventFilter(QObject* watched, QEvent* event)
{
    // Windows are told when the desktop's theme changes; asking the palette again answers with which one it is now.
    if (event->type() == QEvent::ThemeChange && watched->isWindowType())
        QMetaObject::invokeMethod(this, [this] {
            if (m_mode == ThemeMode::System)
                apply();
        }, Qt::QueuedConnection);
    return QObject::eventFilter(watched, event);
}

QColor Theme::category(const QString& operationCategory) const
{
    return QColor(QString::fromStdString(layout::categoryColour(operationCategory.toStdString(), m_dark)));
}

QColor Theme::series(int index) const
{
    constexpr double graphicsContrast = 3.0; // WCAG's for graphical objects
    return readableOn(okabeItoColour(index), m_colours.surface, graphicsContrast);
}

QColor Theme::viridis(double position) const
{
    return viridisColour(position);
}

QIcon Theme::icon(const QString& name) const
{
    QFile file(QStringLiteral(":/archscope/icons/%1.svg").arg(name));
    if (!file.open(QIODevice::ReadOnly)) {
        qWarning("there is no icon named %s", qPrintable(name));
        return {};
    }
    return QIcon(new SymbolIconEngine(this, file.readAll()));
}

Theme* Theme::instance()
{
    return qApp ? qApp->findChild<Theme*>(QString(), Qt::FindDirectChildrenOnly) : nullptr;
}

} // namespace archscope::ui
