// JSON as text to edit: colours, and where in it a JSON pointer is.
#pragma once

#include <QPlainTextEdit>
#include <QSyntaxHighlighter>
#include <string_view>

namespace archscope::ui {

/// The line, from 1, of the value that a JSON pointer names; of the deepest part of it that is there. The text need not be
/// sound beyond that.
int lineOfPointer(std::string_view text, std::string_view pointer);

class JsonHighlighter : public QSyntaxHighlighter {
    Q_OBJECT
public:
    explicit JsonHighlighter(QTextDocument* document);

protected:
    void highlightBlock(const QString& text) override;
};

/// Monospaced, with line numbers; one line can be marked as wrong.
class JsonEdit : public QPlainTextEdit {
    Q_OBJECT
public:
    explicit JsonEdit(QWidget* parent = nullptr);

    /// Only what differs is replaced: cursor, scroll position and colours of the rest stay.
    void showText(const QString& text);
    void markLine(int line); ///< from 1; 0: none
    void goToLine(int line);

    int gutterWidth() const;
    void paintGutter(QPaintEvent* event);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    QWidget* m_gutter = nullptr;
};

} // namespace archscope::ui
