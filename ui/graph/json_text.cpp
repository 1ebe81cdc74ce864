#include "ui/graph/json_text.h"

#include "ui/graph/canvas_colours.h"

#include <QFontDatabase>
#include <QPainter>
#include <QRegularExpression>
#include <QTextBlock>
#include <algorithm>
#include <string>

namespace archscope::ui {

namespace {

/// Walks over JSON text without understanding more than where values begin and end.
class Scanner {
public:
    explicit Scanner(std::string_view text)
        : m_text(text)
    {
    }

    std::size_t at() const { return m_at; }

    /// From the beginning of a value into its member; false when it has none of that name.
    bool enter(const std::string& key)
    {
        skipSpace();
        if (peek() != '{' && peek() != '[')
            return false;
        const bool isObject = peek() == '{';
        ++m_at;
        for (std::size_t index = 0;; ++index) {
            skipSpace();
            if (m_at >= m_text.size() || peek() == '}' || peek() == ']')
                return false;
            std::string name = std::to_string(index);
            if (isObject) {
                name = readString();
                skipSpace();
                if (peek() != ':')
                    return false;
                ++m_at;
                skipSpace();
            }
            if (name == key)
                return true;
            skipValue();
            skipSpace();
            if (peek() != ',')
                return false;
            ++m_at;
        }
    }

private:
    char peek() const { return m_at < m_text.size() ? m_text[m_at] : '\0'; }
    void skipSpace()
    {
        while (m_at < m_text.size() && std::string_view(" \t\r\n").find(m_text[m_at]) != std::string_view::npos)
            ++m_at;
    }
    std::string readString()
    {
        std::string read;
        if (peek() != '"')
            return read;
        for (++m_at; m_at < m_text.size() && m_text[m_at] != '"'; ++m_at) {
            if (m_text[m_at] == '\\' && m_at + 1 < m_text.size())
                ++m_at;
            read += m_text[m_at];
        }
        ++m_at;
        return read;
    }
    void skipValue()
    {
        int depth = 0;
        for (; m_at < m_text.size(); ++m_at) {
            const char c = m_text[m_at];
            if (c == '"') {
                readString();
                --m_at;
            } else if (c == '{' || c == '[') {
                ++depth;
            } else if (c == '}' || c == ']') {
                if (depth-- == 0)
                    return;
            } else if (c == ',' && depth == 0) {
                return;
            }
        }
    }

    std::string_view m_text;
    std::size_t m_at = 0;
};

class Gutter : public QWidget {
public:
    explicit Gutter(JsonEdit* edit)
        : QWidget(edit)
        , m_edit(edit)
    {
    }
    QSize sizeHint() const override { return { m_edit->gutterWidth(), 0 }; }

protected:
    void paintEvent(QPaintEvent* event) override { m_edit->paintGutter(event); }

private:
    JsonEdit* m_edit;
};

} // namespace

int lineOfPointer(std::string_view text, std::string_view pointer)
{
    Scanner scanner(text);
    std::size_t place = 0;
    while (!pointer.empty() && pointer.front() == '/') {
        pointer.remove_prefix(1);
        const auto end = std::min(pointer.find('/'), pointer.size());
        std::string key;
        for (std::size_t i = 0; i < end; ++i) {
            if (pointer[i] == '~' && i + 1 < end)
                key += pointer[++i] == '1' ? '/' : '~';
            else
                key += pointer[i];
        }
        if (!scanner.enter(key))
            break;
        place = scanner.at();
        pointer.remove_prefix(end);
    }
    return 1 + static_cast<int>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(place), '\n'));
}

JsonHighlighter::JsonHighlighter(QTextDocument* document)
    : QSyntaxHighlighter(document)
{
    if (Theme::instance())
        connect(Theme::instance(), &Theme::changed, this, &QSyntaxHighlighter::rehighlight);
}

void JsonHighlighter::highlightBlock(const QString& text)
{
    // A string that a colon follows is a key.
    static const QRegularExpression token(
        QStringLiteral(R"(("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|\b(true|false|null)\b)"));
    const ThemeColours& colours = canvasColours();
    for (auto match = token.globalMatch(text); match.hasNext();) {
        const QRegularExpressionMatch found = match.next();
        QTextCharFormat format;
        if (found.capturedLength(1) > 0)
            format.setForeground(found.capturedLength(2) > 0 ? colours.accent : colours.success);
        else
            format.setForeground(colours.warning);
        const int group = found.capturedLength(1) > 0 ? 1 : 0;
        setFormat(static_cast<int>(found.capturedStart(group)), static_cast<int>(found.capturedLength(group)), format);
    }
}

JsonEdit::JsonEdit(QWidget* parent)
    : QPlainTextEdit(parent)
{
    setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    setLineWrapMode(NoWrap);
    setFrameShape(NoFrame);
    setTabChangesFocus(true);
    m_gutter = new Gutter(this);
    new JsonHighlighter(document());
    connect(this, &QPlainTextEdit::blockCountChanged, this, [this] { setViewportMargins(gutterWidth(), 0, 0, 0); });
    connect(this, &QPlainTextEdit::updateRequest, this, [this](const QRect& rect, int scrolled) {
        if (scrolled != 0)
            m_gutter->scroll(0, scrolled);
        else
            m_gutter->update(0, rect.y(), m_gutter->width(), rect.height());
    });
    setViewportMargins(gutterWidth(), 0, 0, 0);
}

int JsonEdit::gutterWidth() const
{
    const auto digits = std::max<qsizetype>(QString::number(blockCount()).size(), 3);
    return static_cast<int>(digits) * fontMetrics().horizontalAdvance(QLatin1Char('9')) + 14;
}

void JsonEdit::resizeEvent(QResizeEvent* event)
{
    QPlainTextEdit::resizeEvent(event);
    m_gutter->setGeometry(contentsRect().left(), contentsRect().top(), gutterWidth(), contentsRect().height());
}

void JsonEdit::paintGutter(QPaintEvent* event)
{
    QPainter painter(m_gutter);
    painter.fillRect(event->rect(), canvasColours().surface);
    painter.setPen(canvasColours().textMuted);
    painter.setFont(font());
    m_gutter->resize(gutterWidth(), m_gutter->height());
    QTextBlock block = firstVisibleBlock();
    double top = blockBoundingGeometry(block).translated(contentOffset()).top();
    while (block.isValid() && top <= event->rect().bottom()) {
        const double height = blockBoundingRect(block).height();
        painter.drawText(QRectF(0, top, m_gutter->width() - 7, height), Qt::AlignRight | Qt::AlignVCenter,
            QString::number(block.blockNumber() + 1));
        top += height;
        block = block.next();
    }
}

void JsonEdit::showText(const QString& text)
{
    const QString old = toPlainText();
    if (old == text)
        return;
    const qsizetype shorter = std::min(old.size(), text.size());
    qsizetype before = 0;
    while (before < shorter && old[before] == text[before])
        ++before;
    qsizetype after = 0;
    while (after < shorter - before && old[old.size() - 1 - after] == text[text.size() - 1 - after])
        ++after;
    QTextCursor cursor(document());
    cursor.beginEditBlock();
    cursor.setPosition(static_cast<int>(before));
    cursor.setPosition(static_cast<int>(old.size() - after), QTextCursor::KeepAnchor);
    cursor.insertText(text.mid(before, text.size() - before - after));
    cursor.endEditBlock();
}

void JsonEdit::markLine(int line)
{
    QList<QTextEdit::ExtraSelection> marks;
    if (const QTextBlock block = document()->findBlockByNumber(line - 1); line > 0 && block.isValid()) {
        QColor ground = canvasColours().error;
        ground.setAlpha(60);
        QTextEdit::ExtraSelection mark;
        mark.format.setBackground(ground);
        mark.format.setProperty(QTextFormat::FullWidthSelection, true);
        mark.cursor = QTextCursor(block);
        marks << mark;
    }
    setExtraSelections(marks);
}

void JsonEdit::goToLine(int line)
{
    setTextCursor(QTextCursor(document()->findBlockByNumber(line - 1)));
    centerCursor();
    setFocus();
}

} // namespace archscope::ui
