// Colours, spacing and icons of the explorer: light, dark or as the system has it. Widgets ask here, nowhere else.
#pragma once

#include <QColor>
#include <QIcon>
#include <QObject>
#include <QString>

class QWidget;

namespace archscope::ui {

enum class ThemeMode { System, Light, Dark };

struct ThemeColours {
    QColor window, surface, surfaceRaised, border, text, textMuted, textDisabled;
    QColor accent;      ///< the one accent colour
    QColor accentText;  ///< on the accent
    QColor selected;    ///< the one colour for "selected" in every view
    QColor best;        ///< the one colour for "best" in every view
    QColor error, warning, success;
    QColor grid;        ///< plot grids and canvas dots
};

/// How a field or a sentence reads: as usual, or in the colour of errors.
enum class Mark { None, Problem };
void setMark(QWidget* widget, Mark mark);

/// One a program, made by main() after QApplication and handed to windows; lives on the GUI thread.
class Theme : public QObject {
    Q_OBJECT
public:
    explicit Theme(QObject* parent = nullptr);
    void setMode(ThemeMode mode); ///< applies palette and style sheet to the application
    ThemeMode mode() const { return m_mode; }
    bool isDark() const { return m_dark; }
    const ThemeColours& colours() const { return m_colours; }

    QColor category(const QString& operationCategory) const; ///< layout::categoryColour
    QColor series(int index) const;   ///< Okabe-Ito, readable on the current background; wraps
    QColor viridis(double position) const; ///< 0 to 1

    /// A symbolic icon from resources/icons by name ("play"), in the text colour; crisp at any scale.
    QIcon icon(const QString& name) const;

    static Theme* instance(); ///< the application's theme (child of qApp); null in tests that make none

Q_SIGNALS:
    void changed();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void apply();

    ThemeMode m_mode = ThemeMode::System;
    bool m_dark = false;
    ThemeColours m_colours;
};

} // namespace archscope::ui
