#include "ui/graph/find_bar.h"

#include "ui/graph/canvas_colours.h"
#include "ui/graph/space_find.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QToolButton>
#include <algorithm>

namespace archscope::ui {

FindBar::FindBar(SpaceDocument* document, QWidget* parent)
    : QWidget(parent)
    , m_document(document)
{
    setObjectName(QStringLiteral("findBar"));
    m_words = new QLineEdit(this);
    m_words->setObjectName(QStringLiteral("findWords"));
    m_words->setAccessibleName(tr("Find nodes"));
    m_words->setPlaceholderText(tr("Name, operation or parameter"));
    m_words->setClearButtonEnabled(true);
    m_words->installEventFilter(this);
    m_count = new QLabel(this);
    m_count->setObjectName(QStringLiteral("findCount"));
    const auto button = [this](const char* name, const QString& text, const QString& tip) {
        auto* made = new QToolButton(this);
        made->setObjectName(QString::fromLatin1(name));
        made->setText(text);
        made->setAccessibleName(tip);
        made->setToolTip(tip);
        made->setAutoRaise(true);
        return made;
    };
    auto* previousButton = button("findPrevious", QStringLiteral("↑"), tr("Previous match (Shift+F3)"));
    auto* nextButton = button("findNext", QStringLiteral("↓"), tr("Next match (F3)"));
    auto* closeButton = button("findClose", QStringLiteral("×"), tr("Close (Esc)"));
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(6, 2, 6, 2);
    layout->addWidget(m_words, 1);
    layout->addWidget(m_count);
    layout->addWidget(previousButton);
    layout->addWidget(nextButton);
    layout->addWidget(closeButton);
    connect(m_words, &QLineEdit::textEdited, this, [this] { search(Reveal::Yes); });
    connect(m_words, &QLineEdit::textChanged, this, [this](const QString& text) {
        if (text.isEmpty())
            search(Reveal::No);
    });
    connect(previousButton, &QToolButton::clicked, this, &FindBar::previous);
    connect(nextButton, &QToolButton::clicked, this, &FindBar::next);
    connect(closeButton, &QToolButton::clicked, this, &FindBar::dismiss);
    connect(document, &SpaceDocument::changed, this, [this] {
        if (isVisible())
            search(Reveal::No);
    });
    hide();
}

void FindBar::open()
{
    show();
    m_words->setFocus(Qt::ShortcutFocusReason);
    m_words->selectAll();
    search(Reveal::No);
}

void FindBar::dismiss()
{
    hide();
    m_found.clear();
    m_current = -1;
    Q_EMIT foundChanged({});
    Q_EMIT dismissed();
}

void FindBar::search(Reveal reveal)
{
    const space::NodeId before = m_current < 0 ? space::NodeId() : m_found[static_cast<std::size_t>(m_current)];
    m_found = findNodes(m_document->space(), m_document->operations(), m_words->text());
    const auto same = std::ranges::find(m_found, before);
    m_current = same == m_found.end() ? -1 : static_cast<int>(same - m_found.begin());
    Q_EMIT foundChanged(m_found);
    if (reveal == Reveal::Yes && m_current < 0 && !m_found.empty())
        step(1);
    showCount();
}

void FindBar::step(int by)
{
    if (!isVisible()) {
        open();
        return;
    }
    const auto count = static_cast<int>(m_found.size());
    if (count == 0)
        return;
    m_current = m_current < 0 ? (by > 0 ? 0 : count - 1) : (m_current + by + count) % count;
    showCount();
    const bool typing = m_words->hasFocus();
    Q_EMIT revealWished(m_found[static_cast<std::size_t>(m_current)]);
    if (typing)
        m_words->setFocus();
}

void FindBar::showCount()
{
    const bool none = m_found.empty() && !m_words->text().trimmed().isEmpty();
    m_count->setText(none ? tr("Nothing found")
            : m_found.empty()
            ? QString()
            : tr("%1 of %2").arg(m_current < 0 ? QStringLiteral("–") : QString::number(m_current + 1)).arg(m_found.size()));
    QPalette palette = m_count->palette();
    palette.setColor(QPalette::WindowText, none ? canvasColours().error : canvasColours().textMuted);
    m_count->setPalette(palette);
}

bool FindBar::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_words && (event->type() == QEvent::KeyPress || event->type() == QEvent::ShortcutOverride)) {
        const auto* key = static_cast<QKeyEvent*>(event);
        const bool isReturn = key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter;
        if (isReturn || key->key() == Qt::Key_Escape) {
            event->accept();
            if (event->type() == QEvent::ShortcutOverride)
                return true;
            if (!isReturn)
                dismiss();
            else
                step(key->modifiers() & Qt::ShiftModifier ? -1 : 1);
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace archscope::ui
