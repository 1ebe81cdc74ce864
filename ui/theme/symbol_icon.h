// An icon from an SVG file of one colour, drawn in the theme's colours of the moment at whatever resolution is asked for.
#pragma once

#include <QByteArray>
#include <QIconEngine>
#include <QPointer>

namespace archscope::ui {

class Theme;

class SymbolIconEngine : public QIconEngine {
public:
    /// `svg` draws in #000, which is replaced.
    SymbolIconEngine(const Theme* theme, QByteArray svg);
    void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State state) override;
    QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override;
    QIconEngine* clone() const override;
    bool isNull() override { return m_svg.isEmpty(); }

private:
    QPointer<const Theme> m_theme;
    QByteArray m_svg;
};

} // namespace archscope::ui
