#include "ui/mainwindow/message_bar.h"

#include "ui/theme/theme.h"

#include <QAction>
#include <QFrame>
#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>
#include <algorithm>

namespace archscope::ui {

MessageBar::MessageBar(Theme* theme, QWidget* parent) : QToolBar(tr("Messages"), parent)
{
    setObjectName("messageBar");
    setMovable(false);
    toggleViewAction()->setVisible(false); // it comes and goes by itself
    auto* frame = new QFrame(this);
    frame->setProperty("messageBar", true);
    frame->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    auto* row = new QHBoxLayout(frame);
    row->setContentsMargins(8, 4, 4, 4);
    m_icon = new QLabel(frame);
    row->addWidget(m_icon);
    m_text = new QLabel(frame);
    m_text->setObjectName("messageText");
    m_text->setAccessibleName(tr("Message"));
    m_text->setTextFormat(Qt::PlainText);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_text->setWordWrap(true);
    row->addWidget(m_text, 1);
    auto* close = new QToolButton(frame);
    close->setObjectName("closeMessage");
    close->setText(tr("Dismiss"));
    close->setToolTip(tr("Hide this message; it also stands among the events"));
    connect(close, &QToolButton::clicked, this, [this] { tell({}); });
    row->addWidget(close, 0, Qt::AlignTop);
    addWidget(frame);
    const auto paint = [this, theme] { m_icon->setPixmap(theme->icon("error").pixmap(18)); };
    paint();
    connect(theme, &Theme::changed, this, paint);
    hide();
}

void MessageBar::tell(const QString& message)
{
    m_text->setText(message);
    m_text->setToolTip(message);
    fitHeight();
    setVisible(!message.isEmpty());
}

void MessageBar::fitHeight()
{
    // A label that wraps asks for the height of a narrow one; here it has the width of the window.
    constexpr int besideText = 160;
    m_text->setFixedHeight(std::max(0, m_text->heightForWidth(std::max(200, window()->width() - besideText))));
}

void MessageBar::resizeEvent(QResizeEvent* event)
{
    QToolBar::resizeEvent(event);
    fitHeight();
}

QString MessageBar::message() const
{
    return m_text->text();
}

} // namespace archscope::ui
