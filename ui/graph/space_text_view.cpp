#include "ui/graph/space_text_view.h"

#include "ui/commands/space_difference.h"
#include "ui/graph/canvas_colours.h"
#include "ui/graph/json_text.h"

#include <QRegularExpression>
#include <QScopedValueRollback>
#include <QTimer>
#include <QToolButton>
#include <QVBoxLayout>

namespace archscope::ui {

namespace {

/// The line that an error of reading names: in words for syntax, by its pointer for structure; 0: none.
int lineOf(const Error& error, const std::string& text)
{
    static const QRegularExpression words(QStringLiteral("line (\\d+)"));
    const QRegularExpressionMatch match = words.match(QString::fromStdString(error.context));
    if (match.hasMatch())
        return match.captured(1).toInt();
    return error.context.starts_with('/') ? lineOfPointer(text, error.context) : 0;
}

} // namespace

SpaceTextView::SpaceTextView(SpaceDocument* document, QWidget* parent)
    : QWidget(parent)
    , m_document(document)
{
    setObjectName(QStringLiteral("spaceTextView"));
    m_edit = new JsonEdit(this);
    m_edit->setObjectName(QStringLiteral("spaceText"));
    m_edit->setAccessibleName(tr("The space as JSON"));
    m_problem = new QToolButton(this);
    m_problem->setObjectName(QStringLiteral("spaceTextProblem"));
    m_problem->setAutoRaise(true);
    m_problem->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_problem->setIcon(canvasIcon(QStringLiteral("error")));
    m_problem->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    m_problem->hide();
    constexpr int readableWidth = 280;
    setMinimumWidth(readableWidth);
    m_typed = new QTimer(this);
    m_typed->setSingleShot(true);
    constexpr int pauseMs = 400; // of typing
    m_typed->setInterval(pauseMs);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_edit, 1);
    layout->addWidget(m_problem);
    connect(m_typed, &QTimer::timeout, this, &SpaceTextView::apply);
    connect(m_edit, &QPlainTextEdit::textChanged, this, [this] {
        if (!m_showing)
            m_typed->start();
    });
    connect(m_problem, &QToolButton::clicked, this, [this] {
        if (m_problemLine > 0)
            m_edit->goToLine(m_problemLine);
    });
    connect(document, &SpaceDocument::changed, this, [this] {
        if (!m_applying && isVisible())
            showSpace();
    });
}

void SpaceTextView::setReadOnly(bool readOnly)
{
    m_edit->setReadOnly(readOnly);
}

void SpaceTextView::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    showSpace();
}

void SpaceTextView::showSpace()
{
    m_typed->stop();
    const QScopedValueRollback showing(m_showing, true);
    m_edit->showText(QString::fromStdString(space::spaceToJson(m_document->space()).dump(2)));
    showProblem({}, 0);
}

void SpaceTextView::apply()
{
    m_typed->stop();
    const std::string text = m_edit->toPlainText().toStdString();
    const auto space = space::spaceFromText(text);
    if (!space) {
        const int line = lineOf(space.error(), text);
        QString sentence = QString::fromStdString(space.error().text());
        if (line > 0 && !space.error().context.starts_with("line"))
            sentence = tr("Line %1, %2").arg(line).arg(sentence);
        showProblem(sentence, line);
        return;
    }
    const space::SpaceEdit edit = differenceEdit(m_document->space(), *space, tr("Edit the text").toStdString());
    if (std::get<space::Compound>(edit.what).edits.empty()) {
        showProblem({}, 0);
        return;
    }
    const QScopedValueRollback applying(m_applying, true);
    const auto done = m_document->push(edit);
    showProblem(done ? QString() : QString::fromStdString(done.error().message), 0);
}

void SpaceTextView::showProblem(const QString& sentence, int line)
{
    m_problemLine = line;
    m_edit->markLine(line);
    m_problem->setText(sentence);
    m_problem->setToolTip(line > 0 ? tr("%1\nClick to go to line %2.").arg(sentence).arg(line) : sentence);
    m_problem->setVisible(!sentence.isEmpty());
}

} // namespace archscope::ui
