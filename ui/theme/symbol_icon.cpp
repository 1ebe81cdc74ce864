#include "ui/theme/symbol_icon.h"

#include "ui/theme/theme.h"

#include <QPainter>
#include <QPixmap>
#include <QSvgRenderer>

namespace archscope::ui {

SymbolIconEngine::SymbolIconEngine(const Theme* theme, QByteArray svg)
    : m_theme(theme)
    , m_svg(std::move(svg))
{
}

void SymbolIconEngine::paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State)
{
    // Coloured when drawn, not when made: icons that buttons already hold follow a change of theme.
    QColor colour = Qt::black;
    if (m_theme)
        colour = mode == QIcon::Disabled ? m_theme->colours().textDisabled : m_theme->colours().text;
    QByteArray coloured = m_svg;
    coloured.replace("\"#000\"", '"' + colour.name().toLatin1() + '"');
    QSvgRenderer renderer(coloured);
    const int side = qMin(rect.width(), rect.height());
    QRectF square(0, 0, side, side);
    square.moveCenter(QRectF(rect).center());
    renderer.render(painter, square);
}

QPixmap SymbolIconEngine::pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state)
{
    QPixmap result(size);
    result.fill(Qt::transparent);
    QPainter painter(&result);
    painter.setRenderHint(QPainter::Antialiasing);
    paint(&painter, QRect(QPoint(), size), mode, state);
    return result;
}

QIconEngine* SymbolIconEngine::clone() const
{
    return new SymbolIconEngine(*this);
}

} // namespace archscope::ui
